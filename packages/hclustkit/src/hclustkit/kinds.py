"""What fails because an argument is of another kind than its parameter, said in one line."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from hclustkit.errors import InputError, refusal


def explained(functions: dict[str, Any], names: Iterable[str]) -> None:
    """Let functions of a module name the argument of the wrong kind that made them fail.

    Nothing is checked while they succeed; a failure with arguments that fit stays as it is.

    Examples
    --------
    >>> def half(k: int) -> float:
    ...     return k / 2
    >>> found = {"half": half}
    >>> explained(found, ["half"])
    >>> try:
    ...     found["half"]("a")
    ... except InputError as error:
    ...     print(error)
    k must be int, got str
    """
    for name in names:
        if inspect.isfunction(function := functions[name]):
            functions[name] = _explained(function)
            # and at home, where pickle looks for it
            setattr(sys.modules[function.__module__], name, functions[name])


def _explained(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except InputError:
            raise
        except (TypeError, ValueError, AttributeError, LookupError) as error:
            for name, kind, value in _misfits(function, args, options):
                text = f"{name} must be {kind}, got {type(value).__name__}"
                raise refusal(text, name, "argument-type", value) from error
            raise

    return call


def _misfits(
    function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]
) -> Iterator[tuple[str, str, Any]]:
    """Yield the arguments that are not of the kind of their parameter, which comes before them."""
    parameters = inspect.signature(function).parameters
    for name, value in {**dict(zip(parameters, args, strict=False)), **options}.items():
        kind = str(parameters[name].annotation) if name in parameters else "Any"
        while kind != (kind := re.sub(r"\[[^][]*\]", "", kind)):
            pass
        known = function.__globals__ | _kinds()
        if not any(_is(value, known.get(part, object)) for part in kind.split(" | ")):
            yield name, kind.replace(" | ", " or ").replace("pd.", ""), value


def _kinds() -> dict[str, Any]:
    """Say what a name in an annotation stands for; other names stand for anything."""
    # imported here so that clustering an array does not load pandas
    import numpy as np
    import pandas as pd

    rows = (Sequence, np.ndarray, pd.Series, pd.Index)
    arrays = dict.fromkeys(("Labels", "FloatArray", "Floats", "np.ndarray"), (pd.DataFrame, *rows))
    return arrays | {
        "Any": object,
        "Names": Mapping,
        "None": type(None),
        "bool": (bool, np.bool_),
        "int": Integral,
        "float": Real,
        "str": str,
        "tuple": tuple,
        "Mapping": Mapping,
        "Sequence": rows,
        "Iterable": Iterable,
        "Collection": (set, frozenset, *rows),
        "pd.DataFrame": pd.DataFrame,
        "pd.Series": pd.Series,
    }


def _is(value: Any, kind: Any) -> bool:
    if not isinstance(kind, (type, tuple)):
        return True
    # a text is a sequence only where nothing else is said
    return kind is object or (isinstance(value, kind) and (kind is str) == isinstance(value, str))
