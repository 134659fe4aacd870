"""Distances between the rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.arguments import as_table, check_choice
from hclustkit.arrays import Floats, check_pairs, check_squares, check_weights
from hclustkit.errors import refusal


def proximity_matrix(table: Any) -> pd.DataFrame:
    """Compute the squared Euclidean distances between the rows of a table.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Taken as it is: standardize it first if it is to be.

    Returns
    -------
    DataFrame, shape (n, n)
        Labelled on both sides, symmetric, with exact zeros on the diagonal; in squared
        units of the table.

    Raises
    ------
    InputError
        If the squares of its numbers are beyond floats, or the table breaks a rule.

    Examples
    --------
    >>> proximity_matrix([[0.0, 0.0], [3.0, 4.0]]).to_numpy().tolist()
    [[0.0, 25.0], [25.0, 0.0]]
    """
    table = as_table(table)
    check_pairs(len(table), "the distances")
    x = check_squares(table.to_numpy())
    squares = squareform(pdist(x, "sqeuclidean")) if len(table) > 1 else [[0.0]]
    return pd.DataFrame(squares, index=table.index, columns=table.index)


DISTANCES = {
    "squared-euclidean": "sqeuclidean",
    "euclidean": "euclidean",
    "manhattan": "cityblock",
    "correlation": "correlation",
}
"""Distances of `pairwise`, and what scipy calls them."""


def pairwise(table: Any, distance: str = "euclidean", weights: Any = None) -> Floats:
    """Compute the distances between the rows of a table.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Taken as it is: standardize it first if it is to be.
    distance : {"squared-euclidean", "euclidean", "manhattan", "correlation"}
        ``correlation`` is 1 - r of two rows over their columns: rows of the same shape are
        near, whatever their level.
    weights : array, shape (p,), optional
        How much each column counts: its squared or absolute difference, or its share in r.

    Returns
    -------
    array of float64, shape (n (n - 1) / 2,)
        Pairs in the order (0, 1), (0, 2), ...

    Raises
    ------
    InputError
        An unknown distance; a row without any variation under ``correlation``; a distance
        or its square beyond floats.

    Examples
    --------
    >>> pairwise([[0.0, 0.0], [3.0, 4.0]], "manhattan").tolist()
    [7.0]
    """
    check_choice(distance, DISTANCES, "distance")
    table = as_table(table)
    if len(table) < 2:
        return np.empty(0)
    x = table.to_numpy() if distance == "manhattan" else check_squares(table.to_numpy())
    if distance == "correlation":
        flat = np.ptp(x, axis=1) == 0
        if flat.any():
            label = table.index[int(np.argmax(flat))]
            text = (
                f"row {label!r} has the same value in every column, so it correlates with no other"
            )
            raise refusal(text, f"row {label!r}", "constant-row", float(x[int(np.argmax(flat)), 0]))
    weighing = {} if weights is None else {"w": check_weights(weights, x.shape[1], "weights")}
    found: Floats = pdist(x, DISTANCES[distance], **weighing)
    if not np.isfinite(found).all():
        text = "a distance exceeds 1.8e308: standardize the table first"
        raise refusal(text, "table", "overflow")
    return np.maximum(found, 0.0)


def squared_differences(scaled: Floats) -> Floats:
    """Compute the squared difference of each pair of rows in each column.

    Parameters
    ----------
    scaled : array, shape (..., n, p)

    Returns
    -------
    array of float64, shape (..., p, n (n - 1) / 2)
        Pairs in the order (0, 1), (0, 2), ..., (n - 2, n - 1). The squared Euclidean
        distance over any set of columns is the sum of their rows.

    Examples
    --------
    >>> squared_differences(np.array([[0.0], [1.0], [3.0]])).tolist()
    [[1.0, 9.0, 4.0]]
    """
    first, second = np.triu_indices(scaled.shape[-2], 1)
    columns = np.swapaxes(check_squares(scaled), -1, -2)
    return np.ascontiguousarray((columns[..., first] - columns[..., second]) ** 2)
