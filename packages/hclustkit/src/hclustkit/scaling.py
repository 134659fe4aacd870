"""Scaling of many tables at once, as `hclustkit.tree.ward.standardize` scales one."""

from __future__ import annotations

import numpy as np

from hclustkit.errors import InputError
from hclustkit.tree.ward import SCALINGS


def check_scaling(scaling: str) -> str:
    """Return ``scaling`` if it is known, else raise `InputError`."""
    if scaling not in SCALINGS:
        raise InputError(f"unknown scaling {scaling!r}; known: {', '.join(SCALINGS)}")
    return scaling


def scale(values: np.ndarray, scaling: str) -> np.ndarray:
    """Scale every column of every table.

    Parameters
    ----------
    values : float64 array, shape (..., n objects, p variables)
        No column is constant, and none below or at zero for ``log-zscore``: the caller has
        put the table through `hclustkit.tree.ward.standardize`.
    scaling : str
        See `hclustkit.tree.ward.standardize`, which this follows up to rounding.

    Returns
    -------
    float64 array of the same shape; without unit, except for ``none``.
    """
    check_scaling(scaling)
    if scaling == "none":
        return values.copy()
    if scaling == "rank":
        # scipy.stats takes longer to import than the rest of the package together
        from scipy.stats import rankdata

        return rankdata(values, method="average", axis=-2)
    if scaling == "range":
        low = values.min(axis=-2, keepdims=True)
        return (values - low) / (values.max(axis=-2, keepdims=True) - low)
    x = np.log(values) if scaling == "log-zscore" else values
    centred = x - x.mean(axis=-2, keepdims=True)
    variance = (centred**2).sum(axis=-2, keepdims=True) / (x.shape[-2] - 1)
    return centred / np.sqrt(variance)


def squared_differences(scaled: np.ndarray) -> np.ndarray:
    """Squared difference of each pair of objects in each column.

    Parameters
    ----------
    scaled : float64 array, shape (..., n, p)

    Returns
    -------
    float64 array, shape (..., p, n (n - 1) / 2)
        Pairs in the order (0, 1), (0, 2), ..., (n - 2, n - 1). The squared Euclidean
        distance over any set of columns is the sum of their rows.
    """
    n = scaled.shape[-2]
    first, second = np.triu_indices(n, 1)
    columns = np.swapaxes(scaled, -1, -2)
    return np.ascontiguousarray((columns[..., first] - columns[..., second]) ** 2)
