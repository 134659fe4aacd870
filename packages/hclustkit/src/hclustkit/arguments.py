"""Checks of what callers pass: tables, names, whole numbers, shares, seeds."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from hclustkit.arrays import Floats, check_k, fill_masked, refuse_distances
from hclustkit.errors import refusal

if TYPE_CHECKING:
    import pandas as pd


LARGEST_WHOLE = 10**9
"""The largest whole number that counts something."""


def check_choice(value: object, allowed: Collection[str], what: str) -> str:
    """Return ``value`` if it is one of ``allowed``.

    Raises
    ------
    InputError
        With rule ``unknown-name``; ``what`` says what was to be chosen.
    """
    if not isinstance(value, str) or value not in allowed:
        text = f"unknown {what} {value!r}: choose one of {', '.join(allowed)}"
        raise refusal(text, what, "unknown-name", value)
    return value


def check_whole(value: object, what: str, least: int = 0, most: float = LARGEST_WHOLE) -> int:
    """Return ``value`` as an int if it is a whole number in ``least``..``most``.

    Raises
    ------
    InputError
        With rule ``whole-number`` for another kind of value, ``range`` for one outside.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise refusal(f"{what} must be a whole number, got {value!r}", what, "whole-number", value)
    number = int(value)
    if not least <= number <= most:
        limits = f"at least {least}" if most >= LARGEST_WHOLE > number else f"{least} to {most}"
        raise refusal(f"{what} must be {limits}, got {value}", what, "range", value)
    return number


def check_between(
    value: object, what: str, low: float, high: float, *, open_top: bool = False
) -> float:
    """Return ``value`` as a float if ``low`` < value <= ``high`` (< with ``open_top``).

    Raises
    ------
    InputError
        With rule ``number`` for another kind of value, ``range`` for one outside.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise refusal(f"{what} must be a number, got {value!r}", what, "number", value)
    number = float(value)
    if not (math.isfinite(number) and low < number <= high) or (open_top and number == high):
        top = f" and {'below' if open_top else 'at most'} {high:g}"
        text = f"{what} must be greater than {low:g}{top if high < math.inf else ''}, got {value}"
        raise refusal(text, what, "range", value)
    return number


def check_seed(seed: object) -> int:
    """Return ``seed`` if it is a whole number from 0."""
    return check_whole(seed, "seed", most=math.inf)


def check_cluster_list(ks: object, n: int) -> list[int]:
    """Return several numbers of clusters, each within 1..n and given once.

    None stands for 2 to 10, but at most the number of cases.
    """
    if ks is None:
        return list(range(min(2, n), min(10, n) + 1))
    if not np.iterable(ks):
        raise refusal(f"ks must list numbers of clusters, got {ks!r}", "ks", "list", ks)
    wanted = [check_k(k, n, "ks") for k in ks]
    if not wanted:
        raise refusal("ks is empty: give at least one number of clusters", "ks", "empty-list")
    if len(set(wanted)) < len(wanted):
        text = f"ks names a number of clusters more than once: {wanted}"
        raise refusal(text, "ks", "repeated", wanted)
    return wanted


def check_columns(what: str, frame: pd.DataFrame, needed: Sequence[str]) -> None:
    """Raise unless a table has rows and the columns needed."""
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise refusal(f"{what}: column {absent[0]!r} is missing", what, "missing-column", absent[0])
    if frame.empty:
        raise refusal(f"{what}: there are no rows", what, "empty-table")


def as_table(X: Any, *, min_rows: int = 1, distances: bool = False) -> pd.DataFrame:
    """Return a DataFrame or a two-dimensional array as a checked DataFrame of float64.

    The rows and columns of an array are labelled from 0. What looks like a matrix of distances
    is refused unless ``distances``.

    Raises
    ------
    InputError
        As `hclustkit.tables.check_table`; an array that has not two dimensions; distances.
    """
    from hclustkit.tables import check_table

    table = check_table(as_frame(X), min_rows=min_rows)
    if not distances:
        refuse_distances(table.to_numpy())
    return table


def as_frame(X: Any) -> pd.DataFrame:
    """Return a DataFrame or a two-dimensional array as a DataFrame; its cells are not checked."""
    # imported here so that clustering an array does not load pandas
    import pandas as pd

    if not isinstance(X, pd.DataFrame):
        try:
            array = np.asarray(fill_masked(X))
        except ValueError as error:
            raise refusal(f"the table is not an array: {error}", "X", "array") from None
        if array.ndim == 0:
            text = f"expected a table of numbers, got {type(X).__name__}"
            raise refusal(text, "X", "two-dimensions", 0)
        if array.ndim != 2:
            text = (
                f"expected a table with rows and columns, got an array of {array.ndim} "
                "dimensions; condensed distances need metric='precomputed'"
            )
            raise refusal(text, "X", "two-dimensions", array.ndim)
        return pd.DataFrame(array)
    return X


def as_array(X: Any) -> Floats:
    """Return the numbers of a table, checked as by `as_table`: float64, shape (n, p)."""
    if (
        type(X) is np.ndarray
        and X.dtype == np.float64
        and X.ndim == 2
        and X.size > 0
        and np.isfinite(X).all()
    ):
        refuse_distances(X)
        return X
    numbers: Floats = as_table(X).to_numpy()
    return numbers
