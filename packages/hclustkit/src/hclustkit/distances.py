"""Distances between the rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.arguments import Floats, as_table
from hclustkit.errors import InputError


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
        If a distance is too large for a float, or the table breaks a rule.

    Examples
    --------
    >>> proximity_matrix([[0.0, 0.0], [3.0, 4.0]]).to_numpy().tolist()
    [[0.0, 25.0], [25.0, 0.0]]
    """
    table = as_table(table)
    squares = squareform(pdist(table.to_numpy(), "sqeuclidean")) if len(table) > 1 else [[0.0]]
    if not np.isfinite(squares).all():
        raise InputError(
            "a squared distance exceeds 1.8e308: standardize the table first",
            place="table",
            rule="overflow",
        )
    return pd.DataFrame(squares, index=table.index, columns=table.index)


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
    columns = np.swapaxes(scaled, -1, -2)
    return np.ascontiguousarray((columns[..., first] - columns[..., second]) ** 2)
