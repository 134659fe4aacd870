"""The partition with the least sum of squares within its clusters, proven, for few objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table
from hclustkit.arrays import Floats, Ints, check_k
from hclustkit.compiled import compiled
from hclustkit.distances import squared_differences
from hclustkit.errors import refusal
from hclustkit.published.enumeration import cluster_sums

MOST_OBJECTS = 18
"""Objects at most: work and memory grow threefold and twofold with each more."""


@compiled
def _divide(cost: Floats, sizes: Ints, best: Floats, part: Ints) -> None:
    """Fill the least cost of each subset in j clusters, and the cluster of its lowest object.

    Only of subsets that are left when the lowest object of all that are left was put into a
    cluster, again and again: before the last j + 1 clusters at least k - j - 1 objects are gone.
    """
    k = best.shape[0]
    spare = sizes[-1] - k
    for mask in range(1, cost.shape[0]):
        best[0, mask] = cost[mask]
        part[0, mask] = mask
    for j in range(1, k):
        first = 1 << (k - 1 - j) if j < k - 1 else cost.shape[0] - 1
        for mask in range(first, cost.shape[0], first):
            if not j < sizes[mask] <= spare + j + 1:  # no clusters for it, or none for the rest
                continue
            lowest = mask & -mask
            others = mask ^ lowest
            inside = others
            # every cluster that holds the lowest object and leaves something to divide
            while inside:
                inside = (inside - 1) & others
                found = cost[inside | lowest] + best[j - 1, others ^ inside]
                if found < best[j, mask]:
                    best[j, mask] = found
                    part[j, mask] = inside | lowest


def least_squares(table: Any, k: int) -> pd.Series[Any]:
    """Find the partition into k clusters with the least sum of squares within them.

    By dynamic programming over all subsets of the objects: no partition has less, up to rounding,
    which searches such as k-means cannot promise.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Scaled already; at most `MOST_OBJECTS` objects.
    k : int
        Number of clusters, at most n.

    Returns
    -------
    Series of int, index the labels
        Clusters 1..k, numbered by first case.

    Raises
    ------
    InputError
        Too many objects, a bad table or number of clusters.

    References
    ----------
    Jensen, R. E. (1969). A dynamic programming algorithm for cluster analysis. Operations
    Research 17, 1034-1057.

    Examples
    --------
    >>> least_squares([[0.0], [1.0], [10.0], [11.0], [30.0]], 3).tolist()
    [1, 1, 2, 2, 3]
    """
    frame = as_table(table)
    n = len(frame)
    if n > MOST_OBJECTS:
        text = f"{n} objects: at most {MOST_OBJECTS} can be divided in every way"
        raise refusal(text, "table", "too-many-objects", n)
    k = check_k(k, n)
    squares = squared_differences(frame.to_numpy()).sum(axis=0)[None, :]
    sizes = np.array([mask.bit_count() for mask in range(1 << n)], dtype=np.int64)
    cost = cluster_sums(squares, n)[0] / np.maximum(sizes, 1)
    best, part = np.full((k, 1 << n), np.inf), np.zeros((k, 1 << n), dtype=np.int64)
    _divide(cost, sizes, best, part)
    labels, left = np.zeros(n, dtype=np.int64), (1 << n) - 1
    for number, j in enumerate(reversed(range(k)), start=1):
        cluster = int(part[j, left])
        labels[[i for i in range(n) if cluster >> i & 1]] = number
        left ^= cluster
    return pd.Series(labels, index=frame.index, name="cluster")
