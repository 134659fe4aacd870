"""Distances that are not those of a table in Euclidean space: checked, and condensed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from hclustkit.arguments import as_table
from hclustkit.arrays import ROUNDING, Floats, as_numbers, check_squares, check_weights
from hclustkit.distances import pairwise
from hclustkit.errors import refusal
from hclustkit.tree.engine import SQUARED
from hclustkit.tree.linkage import check_memory


def distances_between(
    X: Any, method: str, metric: str, variable_weights: Any = None, *, non_euclidean: bool = False
) -> tuple[Floats, int]:
    """Compute or check the distances that a linkage is to work on.

    Parameters
    ----------
    X : table of shape (n, p), or for "precomputed" distances, square or condensed
    method : str
    metric : str
        "precomputed", or a metric of `scipy.spatial.distance.pdist`.
    variable_weights : array, shape (p,), optional
    non_euclidean : bool
        Let ``ward``, ``centroid`` and ``median`` take distances that no points have.

    Returns
    -------
    d : array of float64, shape (n (n - 1) / 2,)
    n : int

    Raises
    ------
    InputError
        If the metric is unknown or not for this linkage, or the distances break a rule.
    """
    if metric == "precomputed":
        if variable_weights is not None:
            raise refusal("distances have no variables to weigh", "variable_weights", "precomputed")
        return _condense_given(X, method, check=not non_euclidean)
    if method in SQUARED and not non_euclidean and metric != "euclidean":
        text = f"{method} linkage is defined for Euclidean distances only, not for {metric!r}"
        raise refusal(text, "metric", "euclidean-only", metric)
    table = as_table(X)
    check_memory(len(table), method)
    if len(table) < 2:
        return np.empty(0), len(table)
    if metric == "correlation":
        return pairwise(table, metric, variable_weights), len(table)
    weighing = {}
    if variable_weights is not None:
        weighing["w"] = check_weights(variable_weights, table.shape[1], "variable_weights")
    x = table.to_numpy() if metric == "cityblock" else check_squares(table.to_numpy())
    try:
        d = pdist(x, metric, **weighing)
    except (ValueError, TypeError, AttributeError, np.linalg.LinAlgError) as error:
        raise refusal(f"metric {metric!r}: {error}", "metric", "metric", metric) from None
    return _check_distances(d, metric), len(table)


def _check_distances(d: Floats, place: str) -> Floats:
    """Return the distances if they are finite and not negative."""
    bad = ~(np.isfinite(d) & (d >= 0))
    if bad.any():
        at = int(np.argmax(bad))
        text = f"{place}: distance {at + 1} is {d[at]}: distances must be finite and not negative"
        raise refusal(text, f"{place}, distance {at + 1}", "distance", float(d[at]))
    return d


@np.errstate(invalid="ignore")  # infinite less infinite
def _condense_given(X: Any, method: str, *, check: bool) -> tuple[Floats, int]:
    """Return given distances condensed, and the number of rows; ``check`` if they are Euclidean."""
    place = "precomputed distances"
    if isinstance(X, pd.DataFrame):
        if set(X.columns) == set(X.index):
            X = X.loc[:, X.index]
        elif not isinstance(X.columns, pd.RangeIndex) and set(X.columns) & set(X.index):
            text = f"{place}: only some of the names of the rows and of the columns are the same"
            raise refusal(text, place, "same-labels", X.shape)
        d = as_table(X, distances=True).to_numpy()
    else:
        d = as_numbers(X, place)
    if d.ndim == 1:
        n = int((1 + np.sqrt(1 + 8 * len(d))) / 2)
        if n * (n - 1) // 2 != len(d):
            text = f"{place}: {len(d)} is not a number of pairs n (n - 1) / 2"
            raise refusal(text, place, "condensed-length", len(d))
        check_memory(n, method)
        d = _check_distances(d, place)
    elif d.ndim == 2 and d.shape[0] == d.shape[1] > 0:
        n = len(d)
        check_memory(n, method)
        first, second = np.triu_indices(n, 1)
        upper, lower = d[first, second], d[second, first]
        slack = ROUNDING * float(np.abs(d).max(initial=0.0))
        upper, lower = (np.where((x < 0) & (x >= -slack), 0.0, x) for x in (upper, lower))
        larger = np.maximum(np.abs(upper), np.abs(lower))
        uneven = (upper != lower) & ~(np.abs(upper - lower) <= ROUNDING * larger)
        filled, places = ~(np.abs(np.diag(d)) <= slack), np.arange(n)
        for broken, rows, columns, what, rule in (
            (filled, places, places, "the diagonal is not zero", "zero-diagonal"),
            (uneven, first, second, "the matrix is not symmetric", "symmetric"),
        ):
            if broken.any():
                at = int(np.argmax(broken))
                i, j = int(rows[at]), int(columns[at])
                text = f"{place}: {what} (row {i}, column {j})"
                raise refusal(text, f"{place}, row {i}, column {j}", rule, float(d[i, j]))
        d = _check_distances(upper, place)
    else:
        text = f"{place}: expected a square matrix or condensed distances, got the shape {d.shape}"
        raise refusal(text, place, "distance-shape", d.shape)
    if check and method in SQUARED and n > 2:
        _check_euclidean(d, method)
    return d, n


def check_square(table: pd.DataFrame) -> Floats:
    """Return a labelled square matrix of distances condensed, or say what is wrong with it.

    Examples
    --------
    >>> square = pd.DataFrame([[0.0, 2.0], [2.0, 0.0]], index=list("ab"), columns=list("ab"))
    >>> check_square(square).tolist()
    [2.0]
    """
    if [str(name) for name in table.columns] != [str(label) for label in table.index]:
        text = (
            "a table of distances needs the same names, in the same order, in its first column "
            "and in its heading"
        )
        raise refusal(text, "precomputed distances", "same-labels", table.shape)
    return _condense_given(table, "average", check=False)[0]


def _check_euclidean(d: Floats, method: str) -> None:
    """Raise unless points in some space have these distances (Gower 1966)."""
    from scipy.linalg import eigvalsh
    from scipy.spatial.distance import squareform

    squares = squareform(check_squares(d)) ** 2
    mean = squares.mean(axis=0)
    centred = -0.5 * (squares - mean - mean[:, None] + mean.mean())
    smallest = float(eigvalsh(centred, subset_by_index=[0, 0])[0])
    if smallest < -ROUNDING * float(np.trace(centred)):
        text = (
            f"{method} linkage is defined for Euclidean distances only; these are not: the "
            f"smallest eigenvalue of the centred matrix is {smallest:.6g}. "
            "non_euclidean=True takes them all the same"
        )
        raise refusal(text, "precomputed distances", "euclidean-only", smallest)
