"""How near a tree is to another partition: the least change of a cost that leads to one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hclustkit.arrays import Bools, Floats, Ints
from hclustkit.ties.canonical import Canonical
from hclustkit.ties.steps import continue_merges, costs_beside
from hclustkit.tree.batch import cut_labels
from hclustkit.tree.engine import CENTROID, is_squared, tie_limit

WORK = 2 * 10**7
"""Cells of distances after which the search for the margin stops; some tenths of a second."""

Pair = tuple[list[int], list[int]]
"""Two clusters, each by its rows in canonical order."""


@dataclass(frozen=True, eq=False)
class Path:
    """The merges down to k clusters by the rule for ties, rows in canonical order."""

    pairs: Ints
    height: Floats
    tied: Bools
    labels: Ints


@dataclass(frozen=True)
class Alternative:
    """Another merge in place of one of the path, which changes the partition into k clusters.

    Attributes
    ----------
    stage : int
        From 1, of the path.
    height, cost : float
        Heights of the merge and of the alternative, scaled as `Canonical.d`.
    merged, other : pair of lists of int
        The clusters that the two join.
    """

    stage: int
    height: float
    cost: float
    merged: Pair
    other: Pair


def follow(rows: Canonical, k: int, given: Ints | None = None) -> Path:
    """Agglomerate into k clusters by the rule, perhaps after given merges."""
    n = rows.n
    a, b = np.empty(max(n - 1, 0), dtype=np.int64), np.empty(max(n - 1, 0), dtype=np.int64)
    height, tied = np.empty(len(a)), np.zeros(len(a), dtype=bool)
    labels = np.empty(n, dtype=np.int64)
    nothing = np.empty((0, 2), dtype=np.int64)
    if k < n:
        first = nothing if given is None else given
        continue_merges(rows.d.copy(), rows.code, rows.noise, first, k, a, b, height, tied)
    cut_labels(a, b, k, labels)
    done = n - k
    return Path(np.column_stack([a, b])[:done], height[:done], tied[:done], labels)


def nearest_alternative(
    rows: Canonical, path: Path, *, among_ties: bool = False
) -> tuple[Alternative | None, float, bool]:
    """Find the merge whose cost has to change least for another partition.

    Parameters
    ----------
    rows : Canonical
    path : Path
    among_ties : bool
        The partition is not unique, so the margin is 0: only ties are looked at, and the first
        one is returned where no single one changes the partition.

    Returns
    -------
    alternative : Alternative or None
        None where no single merge changes the partition, or none was found.
    margin : float
        By how much its cost would have to fall, as a share of it: 1 - height / cost, 0 for a
        tie; inf where there is none.
    exact : bool
        Whether it is the least; otherwise no alternative below the margin changes the partition.
    """
    n, done = rows.n, len(path.pairs)
    k = n - done
    if k == 1 or done == 0:
        return None, math.inf, True
    stage, first, second, cost = _costs(rows, path, k)
    height = path.height[stage]
    limit = np.array([tie_limit(h, False, rows.noise) for h in path.height])[stage]
    tie = cost <= limit
    ratio = np.where(tie, 0.0, 1 - np.divide(height, cost, out=np.ones_like(cost), where=~tie))
    # rows of different clusters at the cut: joining them is certain to change it
    certain = path.labels[first] != path.labels[second]
    bound = ratio[certain].min() if certain.any() else math.inf
    kept = np.flatnonzero(tie if among_ties else ratio <= bound)
    order = kept[np.lexsort([each[kept] for each in (second, first, stage, ratio)])]
    chosen: int | None = None
    runs = max(1, WORK // (n * n))
    for tried, at in enumerate(order.tolist()):
        if tried == runs and not certain[at]:
            if not among_ties:
                return None, float(ratio[at]), False
            break
        pair = int(first[at]), int(second[at])
        if certain[at] or _changes(rows, path, int(stage[at]), pair, k):
            chosen = at
            break
    if chosen is None and among_ties and len(order):
        chosen = int(order[0])
    if chosen is None:
        return None, math.inf, True
    s, pair = int(stage[chosen]), (int(first[chosen]), int(second[chosen]))
    clusters = _clusters(path.pairs[:s], n)
    merged, other = ((clusters[a], clusters[b]) for a, b in (path.pairs[s].tolist(), pair))
    found = Alternative(s + 1, float(height[chosen]), float(cost[chosen]), merged, other)
    return found, float(ratio[chosen]), True


def _costs(rows: Canonical, path: Path, k: int) -> tuple[Ints, Ints, Ints, Floats]:
    """List stage, pair and height of each alternative to a merge of the path."""
    n, done = rows.n, len(path.pairs)
    every = rows.code >= CENTROID
    left = np.arange(n, k, -1)
    room = int((left * (left - 1) // 2).sum() if every else (2 * left).sum() + (k + 1) ** 2)
    stage, first, second = (np.empty(room, dtype=np.int64) for _ in range(3))
    cost = np.empty(room)
    given = np.zeros((n - 1, 2), dtype=np.int64)
    given[:done] = path.pairs
    count = costs_beside(rows.d.copy(), rows.code, given, k, stage, first, second, cost)
    if is_squared(rows.code):
        cost = np.sqrt(np.maximum(cost[:count], 0.0))
    return stage[:count], first[:count], second[:count], cost[:count]


def _changes(rows: Canonical, path: Path, stage: int, pair: tuple[int, int], k: int) -> bool:
    given = np.vstack([path.pairs[:stage], np.array([pair], dtype=np.int64)])
    return not np.array_equal(follow(rows, k, given).labels, path.labels)


def _clusters(pairs: Ints, n: int) -> dict[int, list[int]]:
    """Collect the rows of each cluster after some merges, by its lowest row."""
    clusters = {row: [row] for row in range(n)}
    for a, b in pairs.tolist():
        clusters[a] = sorted(clusters[a] + clusters.pop(b))
    return clusters
