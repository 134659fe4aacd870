"""Arrays of anything and labels, and checks of arrays of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hclustkit.errors import refusal

if TYPE_CHECKING:
    import pandas as pd

AnyArray: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

Labels: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]"
"""One cluster label per object: the labels are names, not numbers."""

ROUNDING = 1e-8
"""What differs by a smaller share is equal in a matrix of distances."""

MOST_IN_PAIRS = 20_000
"""Most rows for which a number is held for each pair."""

LEAST_SQUARED, MOST_SQUARED = 2.0**-505, 2.0**510
"""Squares of numbers from the first are floats, and the sums of n up to the second over n."""


@np.errstate(invalid="ignore")  # infinite less infinite
def refuse_distances(x: Floats) -> None:
    """Raise if a table looks like a matrix of distances that was given as observations.

    What differs by rounding only is equal, and what is missing on both sides. Two rows are
    observations: nobody clusters two distances, and dummy variables look like this.

    Raises
    ------
    InputError
        With rule ``distances-or-observations``; the value is the shape.
    """
    if not 2 < x.shape[0] == x.shape[1]:
        return
    slack = ROUNDING * float(np.nanmax(np.abs(x), initial=0.0))
    apart = max(np.nanmax(odd, initial=0.0) for odd in (np.abs(np.diag(x)), x - x.T, -x))
    if 0 < slack < np.inf and apart <= slack:
        text = (
            f"the table of {len(x)} rows and as many columns is symmetric with a zero diagonal. "
            "If it holds distances, say metric='precomputed' (in a report distance='precomputed'); "
            "if it holds observations, give its columns in another order, which changes no "
            "distance"
        )
        raise refusal(text, "table", "distances-or-observations", x.shape)


def fill_masked(X: Any) -> Any:
    """Return a masked array with empty cells for what is masked; anything else as it is."""
    return np.ma.filled(X.astype(np.float64), np.nan) if np.ma.isMaskedArray(X) else X


def as_numbers(given: Any, what: str, rule: str = "not-a-number") -> Floats:
    """Return what a caller gave as an array of float64.

    Raises
    ------
    InputError
        With this rule: text, complex numbers, rows of unequal length, other things.
    """
    try:
        array = np.asarray(fill_masked(given))
        texts = array.dtype == object and str in map(type, array.flat)
        if texts or array.dtype.kind in "cmMSU":
            raise TypeError(f"{array.dtype} are not real numbers")
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise refusal(f"{what} must hold numbers: {error}", what, rule) from None


def check_weights(given: Any, n: int, what: str, least: float = 0.0) -> Floats:
    """Return ``given`` as n weights of at least ``least``, or raise `InputError`."""
    weights = as_numbers(given, what, "weights")
    if weights.shape != (n,) or not (np.isfinite(weights) & (weights >= least)).all():
        text = f"{what} must be {n} numbers {'above' if least else 'from'} 0"
        raise refusal(text, what, "weights", given)
    return weights


def check_squares(x: Floats) -> Floats:
    """Return numbers that are to be squared; refuse them where floats cannot hold the squares.

    Raises
    ------
    InputError
        With rule ``overflow``; the value is the largest size.
    """
    largest = float(np.abs(x).max(initial=0.0))
    if 0 < largest < LEAST_SQUARED or largest * x.size > MOST_SQUARED:
        text = f"the square of {largest:.2g} is beyond floats: standardize the table first"
        raise refusal(text, "table", "overflow", largest)
    return x


def check_k(k: object, n: int, what: str = "k") -> int:
    """Return ``k`` as an int if n objects can form k clusters, else raise `InputError`.

    Parameters
    ----------
    k : int
        Number of clusters.
    n : int
        Number of objects.
    what : str
        How a message names ``k``.

    Returns
    -------
    int
        In 1..n.

    Raises
    ------
    InputError
        With rule ``whole-number`` or ``k-range``.

    Examples
    --------
    >>> check_k(3, 10)
    3
    """
    if isinstance(k, (bool, np.bool_)) or not isinstance(k, Integral):
        text = f"the number of clusters must be a whole number, got {k!r}"
        raise refusal(text, what, "whole-number", k)
    number = int(k)
    if not 1 <= number <= n:
        text = f"{n} objects cannot form {k} clusters: {what} must be 1 to {n}"
        raise refusal(text, what, "k-range", k)
    return number


def check_pairs(n: int, what: str) -> None:
    """Refuse what holds a number for each pair of too many rows, before anything is allocated.

    Raises
    ------
    InputError
        With rule ``memory``; the value is the number of bytes.
    """
    if n > MOST_IN_PAIRS:
        size = 4 * n * (n - 1)
        text = (
            f"{n:,} rows: {what} would take {size / 1e9:,.1f} GB; the limit is "
            f"{MOST_IN_PAIRS:,} rows"
        )
        raise refusal(text, "table", "memory", size)
