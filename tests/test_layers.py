"""The layers: what may import what, and where each module of the study belongs."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from graphlib import CycleError
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import layers  # noqa: E402


def test_no_import_goes_up() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, shown.getvalue()


def test_the_tests_of_the_method_do_without_the_study() -> None:
    tests = (ROOT / "packages/hclustkit/tests").rglob("*.py")
    line = re.compile(r"^\s*(from|import) kzclusters", re.MULTILINE)
    assert not [path.name for path in tests if line.search(path.read_text(encoding="utf-8"))]


def test_beside_the_folders_are_seven_modules_at_most() -> None:
    study = ROOT / "src/kzclusters"
    loose = {path.stem for path in study.glob("*.py")} - {"__init__", "__main__"}
    assert {"study", "pipeline"} <= loose
    assert len(loose) <= 7, sorted(loose)


def test_modules_do_not_shadow_the_standard_library() -> None:
    """``kzclusters.publish.site`` is imported by its full name only, as a folder of the study."""
    packages = [ROOT / "src/kzclusters", ROOT / "packages/hclustkit/src/hclustkit"]
    names = {
        path.relative_to(package.parent).with_suffix("").as_posix()
        for package in packages
        for path in [*package.rglob("*.py"), *(p.parent for p in package.rglob("__init__.py"))]
    }
    shadows = {name for name in names if name.rsplit("/", 1)[-1] in sys.stdlib_module_names}
    assert shadows - {"kzclusters/publish/site"} == set()


def test_the_picture_of_the_layers_is_current() -> None:
    assert layers.PICTURE.read_text(encoding="utf-8") == layers.picture(), "python tools/layers.py"


def test_the_floors_lie_above_what_they_import() -> None:
    graph = {"a.top": {"a.low", "a.mid"}, "a.mid": {"a.low"}, "a.low": set()}
    assert layers.rows(graph) == [["a.top"], ["a.mid"], ["a.low"]]
    assert layers.direct(graph) == {"a.top": {"a.mid"}, "a.mid": {"a.low"}, "a.low": set()}


def test_rooms_that_import_each_other_are_refused() -> None:
    with pytest.raises(CycleError):
        layers.rows({"a.one": {"a.two"}, "a.two": {"a.one"}})
