"""Tables without clusters that match a table: what a null for the choice of k compares with."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import as_table, check_choice, check_seed, check_whole
from hclustkit.arrays import Floats
from hclustkit.scaling import standardize
from hclustkit.validity import exact

REFERENCES = {
    "independent": "each column in an order of its own: margins kept, no correlation",
    "gaussian": "normal with the covariance of the table",
    "uniform": "uniform in a box along the principal axes, with the spread of the table",
    "margins": "the distribution of each column, its ranks correlated as those of the table",
}
"""The tables without clusters, and what each keeps of the data."""
STRONGEST = 4.0
"""The largest power of the principal axes that is tried to keep correlations of ranks."""


def null_tables(
    table: Any, reference: str, count: int, seed: int, scaling: str = "zscore"
) -> Floats:
    """Draw tables without clusters that match a table.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
    reference : str, one of `REFERENCES`
    count, seed : int
    scaling : str
        Principal axes and covariance are those of the table so scaled.

    Returns
    -------
    array, shape (count, n, p)
        Scaled as the table was; scaling each again makes it independent of the others.

    Examples
    --------
    >>> drawn = null_tables([[0.0, 5.0], [1.0, 6.0], [9.0, 9.0]], "independent", 2, 1, "none")
    >>> np.sort(drawn, axis=1).tolist()[0]
    [[0.0, 5.0], [1.0, 6.0], [9.0, 9.0]]
    """
    check_choice(reference, REFERENCES, "reference")
    rng = np.random.default_rng(check_seed(seed))
    x = np.asarray(standardize(as_table(table, min_rows=3).to_numpy(), scaling))
    count = check_whole(count, "count", 1)
    if reference == "independent":
        return rng.permuted(np.broadcast_to(x, (count, *x.shape)), axis=1)
    if reference == "margins":
        return _with_margins(x, count, rng)
    return _along_axes(x, count, rng, normal=reference == "gaussian")


def _along_axes(x: Floats, count: int, rng: np.random.Generator, *, normal: bool) -> Floats:
    """Draw independent values along the principal axes, each axis with its own spread.

    The box is as wide as its spread says: between the smallest and the largest value it would be
    too wide along axes that mix several edges, which look more like normal ones.
    """
    n, p = x.shape
    values, axes = exact.principal_axes(x - x.mean(axis=0))
    shape = (count * n, len(values))
    z = rng.standard_normal(shape) if normal else (rng.random(shape) - 0.5) * np.sqrt(12)
    spread = exact.product(z * (values / np.sqrt(n - 1)), axes.T)
    return np.asarray(spread.reshape(count, n, p) + x.mean(axis=0))


def _with_margins(x: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Draw normal scores that are correlated as the ranks are, and give them the margins.

    The values lie between those of a column, and beyond them in a straight line: if only the
    values themselves returned, the chance gaps between them would be taken for a property of
    each column by itself, and the test would reject too often.
    """
    n = len(x)
    grid = _normal_quantile((np.arange(n) + 0.5) / n)
    scores = _normal_quantile((np.asarray(standardize(x, "rank")) - 0.5) / n)
    values, axes = exact.principal_axes(scores)
    z = rng.standard_normal((count, n, len(values)))

    def scored(power: float) -> Floats:
        weights = (values / values[0])[:, None] ** power * axes.T
        weights /= np.sqrt((weights**2).sum(axis=0))
        return exact.product(z.reshape(-1, len(values)), weights).reshape(count, *x.shape)

    # drawing and ranking both weaken a correlation: the leading axes are made up for it
    low, high = (1.0, STRONGEST) if x.shape[1] > 1 else (1.0, 1.0)
    while high - low > 0.1:
        power = (low + high) / 2
        ranks = scored(power).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        low, high = (power, high) if _kept(scores, grid[ranks]) < 1 else (low, power)
    drawn = scored(low)
    for j, column in enumerate(np.sort(x, axis=0).T):
        drawn[:, :, j] = _at_scores(column, grid, drawn[:, :, j])
    return drawn


def _at_scores(column: Floats, grid: Floats, v: Floats) -> Floats:
    """Read a sorted column at normal scores; one of few different values between none of them."""
    if 2 * len(np.unique(column)) < len(column):
        return np.asarray(column[np.searchsorted((grid[1:] + grid[:-1]) / 2, v)])
    found = np.interp(v, grid, column)
    below, above = np.minimum(v - grid[0], 0.0), np.maximum(v - grid[-1], 0.0)
    found += below * (column[1] - column[0]) / (grid[1] - grid[0])
    found += above * (column[-1] - column[-2]) / (grid[-1] - grid[-2])
    return found


def _kept(scores: Floats, drawn: Floats) -> float:
    """Return the share of the correlations of scores that tables of scores have on average."""
    own = exact.product(scores.T, scores)
    other = exact.product(drawn.reshape(-1, scores.shape[1]).T, drawn.reshape(-1, scores.shape[1]))
    np.fill_diagonal(own, 0.0)
    squares = float((own**2).sum())
    return float((own * other).sum()) / len(drawn) / squares if squares else 1.0


def _normal_quantile(share: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(share))
