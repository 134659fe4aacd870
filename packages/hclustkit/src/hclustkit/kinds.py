"""Errors in one line where a function failed because an argument is of the wrong kind."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from hclustkit.errors import InputError, refusal

_ANY = "biufcmMOSU"
_ARRAYS = {"Floats": "biuf", "Ints": "biu", "Bools": "b", "np.ndarray": _ANY, "AnyArray": _ANY}
"""What arrays are called in annotations, and the kinds of numbers that they hold."""


def explain_type_errors(functions: dict[str, Any], names: Iterable[str]) -> None:
    """Make functions of a module name the argument of the wrong kind that made them fail.

    Nothing but a bool is checked while they succeed; a failure with arguments that fit stays as
    it is.

    Examples
    --------
    >>> def half(k: int) -> float:
    ...     return k / 2
    >>> found = {"half": half}
    >>> explain_type_errors(found, ["half"])
    >>> try:
    ...     found["half"]("a")
    ... except InputError as error:
    ...     print(error)
    k must be int, got the text 'a'
    """
    for name in names:
        found = functions[name]
        if _is_plain_function(found):
            functions[name] = _explain(found)
            # and at home, where pickle looks for it
            setattr(sys.modules[found.__module__], name, functions[name])
        if not inspect.isclass(found):
            continue
        for method, made in list(vars(found).items()):
            inner = getattr(made, "__func__", made)  # of a class method or static method
            if method[0] != "_" and _is_plain_function(inner):
                call = _explain(inner)
                setattr(found, method, call if inner is made else type(made)(call))


def _is_plain_function(found: object) -> bool:
    """Tell whether this is a function, and not yet one that `_explain` made."""
    return inspect.isfunction(found) and found.__globals__ is not globals()


def _explain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function so that an error names the argument of the wrong kind that caused it."""
    named = inspect.signature(function).parameters.items()
    flags = [name for name, each in named if each.annotation in ("bool", "bool | None")]

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        for name in flags:
            value = options.get(name)
            # those of Python come first: to look for numpy's would load pandas
            if not (value is None or isinstance(value, bool) or _is(value, "bool")):
                text = f"{name} must be True or False, got {value!r}"
                raise refusal(text, name, "argument-type", value)
        try:
            return function(*args, **options)
        except Exception as error:  # whatever a library makes of it
            for name, kind, value in _misfits(function, args, options):
                # what a text for a list is refused for is one of its letters
                letters = isinstance(value, str) and kind.startswith(("Iterable", "Sequence"))
                if isinstance(error, InputError) and not letters:
                    raise
                got = f"the text {value!r}" if isinstance(value, str) else type(value).__name__
                text = f"{name} must be {kind}, got {got}"
                raise refusal(text, name, "argument-type", value) from error
            raise

    return call


def _misfits(
    function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]
) -> Iterator[tuple[str, str, Any]]:
    """Yield the parameters whose argument is of another kind: name, kind, argument."""
    parameters = inspect.signature(function).parameters
    given = dict(zip(parameters, args, strict=False)) | dict(options)
    for name, value in given.items():
        kind = parameters[name].annotation if name in parameters else "Any"
        if not isinstance(kind, str) or _fits(value, ast.parse(kind, mode="eval").body):
            continue
        outer = kind
        while "[" in outer:
            outer = re.sub(r"\[[^][]*\]", "", outer)
        if _fits(value, ast.parse(outer, mode="eval").body):
            outer = kind  # what it holds does not fit
        yield name, re.sub(r"\b(pd|np|npt)\.", "", outer.replace(" | ", " or ")), value


def _fits(value: Any, kind: ast.expr) -> bool:
    """Tell whether a value is of the kind that an annotation names, and so are its items."""
    if isinstance(kind, ast.BinOp):
        return _fits(value, kind.left) or _fits(value, kind.right)
    outer, inner = (kind.value, kind.slice) if isinstance(kind, ast.Subscript) else (kind, None)
    if not _is(value, ast.unparse(outer)):
        return False
    held = not isinstance(value, (str, Mapping, Iterator)) and hasattr(value, "__iter__")
    if inner is None or isinstance(inner, ast.Tuple) or not held or hasattr(value, "columns"):
        return True
    return all(_fits(each, inner) for each in value)


def _is(value: Any, name: str) -> bool:
    """Tell whether a value is what a name in an annotation stands for, by default a class."""
    # imported here so that clustering an array does not load pandas
    import numpy as np
    import pandas as pd

    if name in ("Any", "object", "np.float64", "ClusterStyle", "npt.ArrayLike"):
        return True
    rows = (Sequence, np.ndarray, pd.Series, pd.Index)
    if name in _ARRAYS:
        try:
            array = np.asarray(value)
        except ValueError:
            return False
        held = isinstance(value, (pd.DataFrame, *rows)) and not isinstance(value, str)
        return held and array.ndim > 0 and array.dtype.kind in _ARRAYS[name]
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return name == "Hashable"
    if name in ("Labels", "pd.Series"):
        kind = rows if name == "Labels" else pd.Series
        held = isinstance(value, kind) and not isinstance(value, str)
        return held and all(isinstance(each, Hashable) for each in value)
    known: dict[str, Any] = {
        "Hashable": Hashable,
        "Names": Mapping,
        "None": type(None),
        "bool": (bool, np.bool_),
        "int": Integral,
        "float": Real,
        "Mapping": Mapping,
        "Sequence": rows,
        "Iterable": Iterable,
        "Collection": (set, frozenset, *rows),
        **dict.fromkeys(("Callable", "Clusterer", "Say"), Callable),
    }
    if name not in known:
        return name.split(".")[-1] in {each.__name__ for each in type(value).__mro__}
    # a text is a sequence only where nothing else is said
    return isinstance(value, known[name]) and (name == "Hashable" or not isinstance(value, str))
