"""Docstrings: every public function is documented, and its example runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import hclustkit
import pytest
from hclustkit.draw.style import use

ROOMS = ("tables", "validity", "compare", "draw", "sensitivity", "space", "published", "flat")
ROOMS += ("stability", "multiverse", "ties", "report")
"""Packages whose ``__all__`` is what users call."""

CHECKS = ["GL08", "SS01", "SS02", "SS03", "SS05", "SS06", "PR01", "PR02", "PR04", "RT01", "EX01"]
"""A docstring; a summary of one line, imperative, with a full stop; every parameter named and
typed; what is returned; an example."""


def public() -> Iterator[str]:
    for room in ROOMS:
        module = importlib.import_module(f"hclustkit.{room}")
        for name in module.__all__:
            if inspect.isfunction(inspect.unwrap(getattr(module, name))):
                yield f"hclustkit.{room}.{name}"


@pytest.mark.parametrize("name", sorted(public()))
def test_docstring(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    faults = [(code, text) for code, text in validate(name)["errors"] if code in CHECKS]
    assert not faults


OTHER_NAMES = {
    "linkage": "method",
    "linkages": "methods",
    **dict.fromkeys(("n_boot", "n_draws", "n_references", "n_resamples", "n_sets"), "draws"),
    **dict.fromkeys(("n_clusters", "n_cluster", "clusters"), "k"),
    "membership": "partition",
    **dict.fromkeys(("random_state", "rng", "generator"), "seed"),
}
"""Arguments that would be a second name of one that the functions have."""

NAMED_OTHERWISE = {
    "space.keep_pattern": {"rng"}  # a step of a chain, which shares its generator
}


def test_one_thing_has_one_name_in_the_arguments():
    found = {}
    for name in public():
        _, room, short = name.split(".")
        function = getattr(importlib.import_module(f"hclustkit.{room}"), short)
        second = OTHER_NAMES.keys() & inspect.signature(function).parameters
        if second - NAMED_OTHERWISE.get(f"{room}.{short}", set()):
            found[name] = {each: OTHER_NAMES[each] for each in second}
    assert not found


def modules() -> list[str]:
    found = pkgutil.walk_packages(hclustkit.__path__, "hclustkit.")
    return ["hclustkit", *(module.name for module in found)]


@pytest.mark.parametrize("name", modules())
def test_examples_run(name):
    module = importlib.import_module(name)
    with use():
        result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize(
    "path", sorted(Path(hclustkit.__path__[0]).rglob("*.py")), ids=lambda path: path.stem
)
def test_every_input_error_names_its_place_and_its_rule(path):
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "InputError"
    ]
    for call in calls:
        assert {"place", "rule"} <= {word.arg for word in call.keywords}, call.lineno
