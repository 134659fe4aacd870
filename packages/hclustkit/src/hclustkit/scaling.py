"""Scaling: bring the columns of a table, or of many tables, to a common scale."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_choice
from hclustkit.arrays import Bools, Floats
from hclustkit.errors import refusal
from hclustkit.kinds import explain_type_errors

SCALING_NAMES = {
    "zscore": "z-scores",
    "range": "range 0 to 1",
    "rank": "ranks",
    "log-zscore": "z-scores of logarithms",
    "none": "no scaling",
    "zscore-population": "z-scores with n in the denominator",
    "robust": "medians and median absolute deviations",
}
"""What titles and sentences call each scaling."""

ALL_SCALINGS = tuple(SCALING_NAMES)
"""The scalings that `standardize` offers."""

SCALINGS = ALL_SCALINGS[:5]
"""Those that a grid and the explorer vary."""

MAD_FACTOR = 1.482602218505602
"""Makes the median absolute deviation of normal data their standard deviation."""

_EPS = float(np.finfo(np.float64).eps)


def scaling_name(scaling: str) -> str:
    """Name a scaling in words.

    Examples
    --------
    >>> scaling_name("log-zscore")
    'z-scores of logarithms'
    """
    return SCALING_NAMES.get(scaling, scaling)


def standardize(table: Any, method: str = "zscore") -> Any:
    """Bring the columns of one table, or of each of many, to a common scale.

    Parameters
    ----------
    table : DataFrame of shape (n, p), or array of shape (..., n, p)
        The last two axes of an array are the rows and the columns of a table.
    method : {"zscore", "range", "rank", "log-zscore", "none", "zscore-population", "robust"}
        - ``zscore``: (x - mean) / s, with s over n - 1. No unit.
        - ``range``: (x - min) / (max - min), within 0..1.
        - ``rank``: the rank 1..n, equal values sharing the mean of their ranks. Ranks are
          not standardized again, so a column with many equal values varies less.
        - ``log-zscore``: ``zscore`` of the natural logarithm.
        - ``none``: the numbers as they are.
        - ``zscore-population``: ``zscore`` with s over n.
        - ``robust``: (x - median) / (1.4826 MAD), the MAD being the median of the absolute
          deviations from the median: a few extreme values change nothing.

    Returns
    -------
    DataFrame or array of float64, like ``table``
        With the same labels and columns. The values of a row do not depend on the order of
        the rows, to the last digit.

    Raises
    ------
    InputError
        If a column is constant (up to rounding), over half of it is one value (``robust``),
        a value has no logarithm, the method is unknown, or the table breaks a rule of
        `hclustkit.tables.check_table`.

    Examples
    --------
    >>> standardize([[1.0], [2.0], [4.0]], "range").ravel().round(3).tolist()
    [0.0, 0.333, 1.0]
    """
    check_choice(method, ALL_SCALINGS, "scaling")
    if isinstance(table, np.ndarray) and table.ndim > 2:
        rows, columns = table.shape[-2:]
        flat = as_table(table.reshape(-1, columns))
        x, index = flat.to_numpy(copy=True).reshape(table.shape), pd.RangeIndex(rows)
    else:
        flat = as_table(table)
        x, index = flat.to_numpy(copy=True), flat.index
    if method != "none":
        x = _scale(x, method, index, flat.columns)
    if isinstance(table, pd.DataFrame):
        return pd.DataFrame(x, index=table.index, columns=table.columns)
    return x


def _scale(x: Floats, method: str, index: pd.Index, columns: pd.Index) -> Floats:
    if method == "log-zscore" and (x <= 0).any():
        place = np.argwhere(x <= 0)[0]
        i, j, value = place[-2], place[-1], float(x[tuple(place)])
        text = (
            f"row {index[i]!r}, column {columns[j]!r}: {value!r} has no logarithm "
            "(log-zscore needs values above 0)"
        )
        raise refusal(text, f"row {index[i]!r}, column {columns[j]!r}", "positive", value)
    low, high = _check_varies(x, method, columns)
    if method == "rank":
        # scipy.stats takes longer to import than the rest of the package together
        from scipy.stats import rankdata

        ranks: Floats = rankdata(x, method="average", axis=-2)
        return ranks
    if method == "log-zscore":
        x = np.log(x)
        low, high = _check_varies(x, method, columns)
    # a power of two changes no digit and keeps squares and differences in range
    exponent = np.frexp(np.maximum(np.abs(low), np.abs(high)))[1]
    x = np.ldexp(x, -exponent)
    if method == "range":
        low, high = np.ldexp(low, -exponent), np.ldexp(high, -exponent)
        x = (x - low) / (high - low)
        return x
    if method == "robust":
        return _robust(x, columns)
    n = x.shape[-2]
    centred = x - exact_sums(x) / n
    scaled: Floats = centred / np.sqrt(
        exact_sums(centred**2) / (n - (method != "zscore-population"))
    )
    return scaled


def _robust(x: Floats, columns: pd.Index) -> Floats:
    centred = x - np.median(x, axis=-2, keepdims=True)
    spread = MAD_FACTOR * np.median(np.abs(centred), axis=-2, keepdims=True)
    if (spread == 0).any():
        column = columns[np.argwhere(spread == 0)[0][-1]]
        text = (
            f"column {column!r}: over half of its values are the same, so its median absolute "
            "deviation is 0: choose another scaling"
        )
        raise refusal(text, f"column {column!r}", "zero-deviation", 0.0)
    return centred / spread


def exact_sums(x: Floats) -> Floats:
    """Sum each column exactly, so that the order of the rows cannot show."""
    columns = np.swapaxes(x, -1, -2).reshape(-1, x.shape[-2]).tolist()
    return np.array([math.fsum(column) for column in columns]).reshape(
        *x.shape[:-2], 1, x.shape[-1]
    )


def is_flat(x: Floats) -> Bools:
    """Tell which columns are constant up to rounding; x of shape (..., n, p)."""
    low, high = x.min(axis=-2), x.max(axis=-2)
    # halves: the difference of two huge values must not overflow
    flat: Bools = high / 2 - low / 2 <= 2 * _EPS * np.maximum(np.abs(low), np.abs(high))
    return flat


def _check_varies(x: Floats, method: str, columns: pd.Index) -> tuple[Floats, Floats]:
    """Return the extremes of each column; raise unless they differ by more than rounding."""
    low, high = x.min(axis=-2, keepdims=True), x.max(axis=-2, keepdims=True)
    flat = is_flat(x)[..., None, :]
    if flat.any():
        place = np.argwhere(flat)[0]
        column, value = columns[place[-1]], float(x[tuple(place)])
        text = (
            f"column {column!r} is constant ({value!r} in every row): "
            f"{method} needs values that differ"
        )
        raise refusal(text, f"column {column!r}", "constant-column", value)
    return low, high


explain_type_errors(globals(), ["scaling_name"])
