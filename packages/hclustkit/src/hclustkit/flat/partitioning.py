"""k-means from many starts, and k-medoids by trying every set of medoids."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist, squareform

from hclustkit.arguments import as_table, check_seed, check_whole
from hclustkit.arrays import Floats, Ints, check_k, check_squares
from hclustkit.compare.partitions import canonical, check_reference
from hclustkit.errors import refusal
from hclustkit.tree.given_distances import distances_between
from hclustkit.validity.sums import within_ss

DIFFERENT = "k (equal objects count once)"
MOST_SETS = 2_000_000
"""Sets of medoids at most."""
MOST_STEPS = 1000
"""Steps of k-means from a start; a handful is enough."""
TOLERANCE = 1e-9
"""Sums of squares this close, relatively, are equal."""
NOISE = 1e-13
"""How well squared distances from the centres are known, relative to the largest from the mean."""


@dataclass(frozen=True, eq=False)
class KMeans:
    """What `k_means` found.

    Attributes
    ----------
    clusters : Series, label -> cluster 1..k, numbered by first case
        The clusters of the start that ended lowest.
    sum_of_squares : float
        Within its clusters.
    ends : float64 array, shape (starts,)
        The sum of squares at the end of each start.
    """

    clusters: pd.Series[Any]
    sum_of_squares: float
    ends: Floats

    @property
    def reached(self) -> int:
        """How many starts end as low as the lowest, up to rounding."""
        least = max(self.sum_of_squares, self.ends.min())  # that of equal rows may be rounding
        return int((self.ends <= least * (1 + TOLERANCE)).sum())


def _settle(x: Floats, labels: Ints, k: int) -> tuple[Ints, Floats]:
    """Move the centres of many starts until they settle; return labels and sums of squares."""
    square = (x**2).sum(axis=1)
    for _ in range(MOST_STEPS):
        inside = (labels[:, :, None] == np.arange(k)).astype(np.float64)
        size = inside.sum(axis=1)
        centre = np.einsum("sik,ip->skp", inside, x) / np.maximum(size, 1)[:, :, None]
        far = square[None, :, None] - 2 * np.einsum("ip,skp->sik", x, centre)
        far += (centre**2).sum(axis=2)[:, None, :]
        far = np.where(size[:, None, :] > 0, far, np.inf)  # a cluster that emptied stays empty
        # an object stays where it is unless another centre is nearer by more than rounding
        own = np.take_along_axis(far, labels[:, :, None], axis=2)[:, :, 0]
        moves = far.min(axis=2) < own * (1 - TOLERANCE) - NOISE * square.max()
        if not moves.any():
            break
        labels = np.where(moves, far.argmin(axis=2), labels)
    near = np.take_along_axis(centre, labels[:, :, None], axis=1)
    return labels, ((x - near) ** 2).sum(axis=(1, 2))


def k_means(
    table: Any, k: int, *, starts: int = 2000, seed: int = 0, start: pd.Series[Any] | None = None
) -> KMeans:
    """Divide a table into k clusters by k-means.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Scaled already.
    k : int
    starts : int
        Random starts: each from k different rows as centres.
    seed : int
    start : Series, label -> cluster, optional
        In place of random starts: one from this partition into k clusters.

    Returns
    -------
    KMeans

    Raises
    ------
    InputError
        A bad table, number of clusters (at most that of different rows) or of starts, seed or
        start.

    References
    ----------
    Lloyd, S. P. (1982). IEEE Transactions on Information Theory 28, 129-137.

    Examples
    --------
    >>> found = k_means([[0.0], [1.0], [10.0], [11.0]], 2, starts=20, seed=1)
    >>> found.clusters.tolist(), found.sum_of_squares
    ([1, 1, 2, 2], 1.0)
    """
    frame = as_table(table)
    k = check_k(k, len(frame.drop_duplicates()), DIFFERENT)
    x = check_squares(frame.to_numpy())
    x = x - x.mean(axis=0)
    if start is not None:
        labels, names = check_reference(start, list(frame.index))
        if len(names) != k:
            text = f"start: it has {len(names)} clusters, not {k}"
            raise refusal(text, "start", "number-of-clusters", len(names))
        first = labels[None, :]
    else:
        rng = np.random.default_rng(check_seed(seed))
        count = check_whole(starts, "starts", 1)
        chosen = rng.permuted(np.tile(np.arange(len(x)), (count, 1)), axis=1)[:, :k]
        first = cdist(x, x, "sqeuclidean")[chosen].argmin(axis=1)
    labels, ends = _settle(x, first, k)
    best = int(ends.argmin())
    # the first of those that tie up to rounding, whatever the last digit says
    best = int(np.flatnonzero(ends <= ends[best] * (1 + TOLERANCE))[0])
    clusters = pd.Series(canonical(labels[best]) + 1, index=frame.index, name="cluster")
    return KMeans(clusters, within_ss(frame, clusters), ends)


def k_medoids(distances: pd.DataFrame, k: int) -> pd.Series[Any]:
    """Divide objects into k clusters around medoids, with the least sum of distances to them.

    Every set of k objects is tried, so that none is better. Of equal sets the first counts.

    Parameters
    ----------
    distances : DataFrame, shape (n, n)
        Distances, not squared, labelled on both sides.
    k : int

    Returns
    -------
    Series of int, index the labels
        Clusters 1..k, numbered by first case.

    Raises
    ------
    InputError
        No distances, fewer different objects than clusters, or more than two million sets.

    References
    ----------
    Kaufman, L. and Rousseeuw, P. J. (1990). Finding Groups in Data. Wiley, chapter 2.

    Examples
    --------
    >>> line = pd.DataFrame([[0.0, 1, 9], [1, 0, 8], [9, 8, 0]])
    >>> k_medoids(line, 2).tolist()
    [1, 1, 2]
    """
    d = squareform(distances_between(distances, "average", "precomputed")[0])
    k = check_k(k, len(d))
    sets = math.comb(len(d), k)
    if sets > MOST_SETS:
        text = f"{sets:,} sets of {k} medoids: at most {MOST_SETS:,} can be tried"
        raise refusal(text, "k", "too-many-sets", sets)
    check_k(k, len(set((d == 0).argmax(axis=1))), DIFFERENT)
    every = np.array(list(combinations(range(len(d)), k)), dtype=np.int64)
    sums = np.concatenate([d[rows].min(axis=1).sum(axis=1) for rows in _blocks(every, len(d))])
    best = every[np.flatnonzero(sums <= sums.min() * (1 + TOLERANCE))[0]]
    labels = canonical(d[best].argmin(axis=0)) + 1
    index = distances.index if isinstance(distances, pd.DataFrame) else None
    return pd.Series(labels, index=index, name="cluster")


def _blocks(rows: Ints, n: int) -> list[Ints]:
    """Split sets so that the distances of one block stay within some megabytes."""
    return np.array_split(rows, max(1, rows.size * n // 2**21))
