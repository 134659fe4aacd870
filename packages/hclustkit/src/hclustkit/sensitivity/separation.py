"""When no column can give a partition under Ward's method: how far apart it would have to hold it.

When the last merge inside the wanted clusters is done, each pair of finished clusters must cost
at least as much as it did, for the heights of Ward's method never fall. What the other columns
lack of that, the new column must add: it must hold the means of those two clusters apart. One
column has its means on a line, so the smallest sum of squares that does all of it is found over
the orders on the line, and compared with the sum of squares that the scaling grants a column.

The argument uses necessary conditions only. A sum that is too large proves that the partition is
impossible; one that is small enough proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from scipy.optimize import nnls

from hclustkit.arrays import Floats, Ints, as_numbers, check_squares
from hclustkit.compare.labels import codes_of
from hclustkit.errors import refusal

Pair = tuple[int, int]
_TIE = 1e-10
"""Relative: orders that differ by less are equally good, and the first of them counts."""


@dataclass(frozen=True, eq=False)
class Separation:
    """What a new column would have to do to give a partition.

    Attributes
    ----------
    height : float
        The least that the costliest merge inside the wanted clusters can cost, in squared units
        of the other columns.
    gaps : array, shape (k, k)
        How far apart the new column must hold the means of each two clusters; 0 where the other
        columns do it.
    least_squares, least_extent : float
        The smallest centred sum of squares, and the smallest distance between the two outermost
        means, of a column that does so.
    most_squares, most_extent : float
        The largest that the scaling grants.
    without_order : float
        The smallest total sum of squares where any number of columns shares the work.
    means : array, shape (k,)
        The means at the smallest sum of squares.
    """

    height: float
    gaps: Floats
    least_squares: float
    least_extent: float
    most_squares: float
    most_extent: float
    without_order: float
    means: Floats

    @property
    def impossible(self) -> bool:
        """Whether no single column can give the partition."""
        slack = 1 + 1e-9
        return (
            self.least_squares > self.most_squares * slack
            or self.least_extent > self.most_extent * slack
        )


def merge_cost(z: Floats, first: Sequence[int], second: Sequence[int]) -> float:
    """Return by how much merging two groups of rows raises the sum of squares."""
    a, b = len(first), len(second)
    apart = z[list(first)].mean(axis=0) - z[list(second)].mean(axis=0)
    return a * b / (a + b) * math.fsum(apart * apart)


def last_merge(z: Floats, rows: Sequence[int]) -> float:
    """Return the least that the last merge inside one cluster can cost, over all splits in two."""
    n = len(rows)
    if n == 1:
        return 0.0
    first, rest = rows[0], rows[1:]
    return min(
        merge_cost(z, [first, *chosen], [row for row in rest if row not in chosen])
        for size in range(n - 1)
        for chosen in combinations(rest, size)
    )


def scaling_limits(n: int, scaling: str) -> tuple[float, float]:
    """Return the largest sum of squares and the largest extent of a scaled column of n cases.

    Examples
    --------
    >>> scaling_limits(16, "range")
    (4.0, 1.0)
    """
    if scaling in ("zscore", "log-zscore"):
        return float(n - 1), float(np.sqrt(2 * (n - 1)))
    if scaling == "range":
        return n // 2 * (n - n // 2) / n, 1.0
    if scaling == "rank":
        return (n**3 - n) / 12, float(n - 1)
    text = f"a column without a scaling has no largest size: {scaling!r}"
    raise refusal(text, "scaling", "unbounded-scaling", scaling)


def separation(z: Floats, partition: Ints, scaling: str) -> Separation:
    """Find out how far apart a further column would have to hold the clusters of a partition.

    Parameters
    ----------
    z : array, shape (n, p)
        The scaled columns that are there.
    partition : int array, shape (n,)
        The wanted clusters, numbered from 0.
    scaling : {"zscore", "range", "rank", "log-zscore"}
        How the new column will be scaled.

    Returns
    -------
    Separation

    Raises
    ------
    InputError
        The scaling sets no limit to a column.

    References
    ----------
    Lawson, C. L., Hanson, R. J. (1974), Solving Least Squares Problems, chapter 23: least
    distance programming by non-negative least squares.

    Examples
    --------
    >>> z = np.array([[-1.0], [1.0], [0.0]])
    >>> found = separation(z, np.array([0, 0, 1]), "zscore")
    >>> round(found.least_squares, 3), found.most_squares, found.impossible
    (2.0, 2.0, False)
    """
    z, partition = check_squares(as_numbers(z, "z")), codes_of(partition)
    n = len(z)
    if z.ndim != 2 or len(partition) != n or not z.size:
        text = f"z must have a row for each of the {len(partition)} objects, its shape is {z.shape}"
        raise refusal(text, "z", "object-count", z.shape)
    most_squares, most_extent = scaling_limits(n, scaling)
    groups = [np.flatnonzero(partition == g).tolist() for g in np.unique(partition)]
    height = max(last_merge(z, rows) for rows in groups)
    sizes = np.array([len(rows) for rows in groups], dtype=float)
    gaps = np.zeros((len(groups), len(groups)))
    for i, j in combinations(range(len(groups)), 2):
        lack = height - merge_cost(z, groups[i], groups[j])
        if lack > 0:
            weight = sizes[i] * sizes[j] / (sizes[i] + sizes[j])
            gaps[i, j] = gaps[j, i] = np.sqrt(lack / weight)
    pairs = [(i, j) for i, j in combinations(range(len(groups)), 2) if gaps[i, j] > 0]
    pairs.sort(key=lambda pair: (-gaps[pair], pair))

    least, means = _over_orders(pairs, partial(_least_squares, gaps=gaps, sizes=sizes), len(groups))
    reach, _ = _over_orders(pairs, partial(_least_extent, gaps=gaps), len(groups))
    free = float(sum(sizes[i] * sizes[j] * gaps[i, j] ** 2 for i, j in pairs) / n)
    return Separation(height, gaps, least, reach, most_squares, most_extent, free, means)


def _over_orders(
    pairs: list[Pair], measure: Callable[[list[Pair]], tuple[float, Floats]], k: int
) -> tuple[float, Floats]:
    """Minimise over which of each pair comes first; a further pair never lowers the measure."""
    best, where = np.inf, np.zeros(k)
    if not pairs:
        return 0.0, where
    waiting = [[pairs[0]]]
    while waiting:
        chosen = waiting.pop()
        value, means = measure(chosen)
        if value >= best * (1 - _TIE):
            continue
        if len(chosen) == len(pairs):
            best, where = value, means
            continue
        i, j = pairs[len(chosen)]
        # the order that suits the means found so far is looked at first
        nearer = (i, j) if means[i] <= means[j] + _TIE * np.abs(means).max() else (j, i)
        waiting += [[*chosen, nearer[::-1]], [*chosen, nearer]]
    return best, where


def _least_squares(chosen: list[Pair], gaps: Floats, sizes: Floats) -> tuple[float, Floats]:
    """Return the smallest weighted sum of squares with mean j above mean i for each (i, j)."""
    k = len(sizes)
    rows = np.zeros((k + 1, len(chosen)))
    for at, (i, j) in enumerate(chosen):
        rows[i, at], rows[j, at] = -1 / np.sqrt(sizes[i]), 1 / np.sqrt(sizes[j])
        rows[k, at] = gaps[i, j]
    target = np.zeros(k + 1)
    target[k] = 1.0
    found = nnls(rows, target)[0]
    residual = np.array([math.fsum(row * found) for row in rows]) - target
    if residual[k] > -1e-10:
        return np.inf, np.zeros(k)
    y = -residual[:k] / residual[k]
    return math.fsum(y * y), y / np.sqrt(sizes)


def _least_extent(chosen: list[Pair], gaps: Floats) -> tuple[float, Floats]:
    """Return the longest chain of gaps, infinite round a circle."""
    k = len(gaps)
    means = np.zeros(k)
    for _ in range(k + 1):
        before = means.copy()
        for i, j in chosen:
            means[j] = max(means[j], means[i] + gaps[i, j])
        if (means == before).all():
            return float(means.max()), means
    return np.inf, means
