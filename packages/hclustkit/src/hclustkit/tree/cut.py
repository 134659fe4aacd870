"""Cutting a tree into clusters."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from hclustkit.arguments import (
    Floats,
    Ints,
    check_between,
    check_choice,
    check_clusters,
    check_whole,
)
from hclustkit.errors import InputError


def check_linkage_matrix(Z: Any) -> Floats:
    """Return ``Z`` as an array of float64 if it is a linkage matrix.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        In scipy's form; n = 1 gives shape (0, 4).

    Raises
    ------
    InputError
        With rule ``linkage-shape``, or ``linkage-matrix`` where a cluster is not merged
        once, after it was made.
    """
    array = np.asarray(Z, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 4:
        raise InputError(
            f"Z: expected the shape (n - 1, 4), got {array.shape}",
            place="Z",
            rule="linkage-shape",
            value=array.shape,
        )
    nodes = array[:, :2]
    n = len(array) + 1
    if not (
        np.isfinite(array).all()
        and np.array_equal(np.sort(nodes, axis=None), np.arange(2 * n - 2))
        and (nodes < np.arange(n, 2 * n - 1)[:, None]).all()
    ):
        raise InputError(
            "Z is not a linkage matrix: each cluster must be merged once, after it was made",
            place="Z",
            rule="linkage-matrix",
        )
    return array


def cut(
    Z: Any,
    k: int | None = None,
    *,
    height: float | None = None,
    min_size: int | None = None,
    max_size: int | None = None,
    inversions: str = "refuse",
) -> Ints:
    """Cut a tree into clusters, by their number, at a height, or by their sizes.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        In scipy's form.
    k : int, 1..n
        The last k - 1 merges are undone, which gives exactly k clusters whatever the
        heights: inversions and ties included.
    height : float
        The merges at heights up to and including this one (<=) are kept.
    min_size, max_size : int, optional
        The fewest and the most rows of a cluster. Clusters are whole branches of the tree
        always; Notes says which.
    inversions : {"refuse", "all", "last"}
        What a cut by height means in a tree whose heights fall somewhere: ``all`` merges of
        a cluster are at or below the height, or its ``last`` one is.

    Returns
    -------
    array of int64, shape (n,)
        The cluster of each row, 1..k by first appearance; 0 for a row that stays unassigned,
        which only ``min_size`` together with k, a height or ``max_size`` can cause.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix, k is outside 1..n, the tree is inverted (for a
        cut by height), there is nothing to cut by or k and a height, or no clusters of the
        tree have these sizes.

    Notes
    -----
    With ``min_size`` alone: the most clusters that hold all rows and have at least that many
    each. With ``max_size`` alone: the fewest that have at most that many each. With both, or
    with a height: clusters that are too large are divided as little as needed, and the rows
    of those that are then too small stay unassigned. With k and ``min_size`` the merges are
    undone from the last one on until k clusters are large enough, and the rows of smaller
    ones stay unassigned; a merge is kept if neither part is large enough without the other.

    Examples
    --------
    >>> Z = [[0, 1, 1.0, 2], [2, 3, 4.0, 3]]
    >>> cut(Z, 2).tolist(), cut(Z, height=4).tolist()
    ([1, 1, 2], [1, 1, 1])
    >>> cut(Z, max_size=2).tolist(), cut(Z, min_size=2, max_size=2).tolist()
    ([1, 1, 2], [1, 1, 0])
    """
    array = check_linkage_matrix(Z)
    n = len(array) + 1
    sized = min_size is not None or max_size is not None
    if (k is not None and height is not None) or (k is None and height is None and not sized):
        raise InputError(
            "give either a number of clusters k or a height", place="k", rule="k-or-height"
        )
    if k is not None:
        k = check_clusters(k, n)
    if height is not None:
        labels = _labels_at_height(array, height, inversions)
        if not sized:
            return labels
        start = _tops(array, labels)
    elif not sized:
        return labels_of_cut(array, k or 1)
    else:
        start = [2 * n - 2]
    least, most = _check_sizes(min_size, max_size, n)
    finest = k is None and height is None and max_size is None
    nodes = _nodes_of_sizes(array, start, k, least, most, finest=finest)
    return _labels_of_nodes(array, nodes)


def _labels_at_height(Z: Floats, height: float, inversions: str) -> Ints:
    level = check_between(height, "height", -np.inf, np.inf)
    check_choice(inversions, ("refuse", "all", "last"), "inversions")
    n = len(Z) + 1
    fall = np.diff(Z[:, 2]) < 0
    if not fall.any():
        return labels_of_cut(Z, n - int(np.searchsorted(Z[:, 2], level, side="right")))
    if inversions == "refuse":
        stage = int(np.argmax(fall)) + 2
        raise InputError(
            f"the tree is inverted (merge {stage} is below the one before it), so a cut by "
            "height is not defined: cut by k, or say what is meant by inversions='all' or 'last'",
            place=f"Z, merge {stage}",
            rule="inverted-tree",
            value=float(Z[stage - 1, 2]),
        )
    pairs = Z[:, :2].astype(np.int64).tolist()
    reach = [-np.inf] * n
    for (a, b), h in zip(pairs, Z[:, 2].tolist(), strict=True):
        reach.append(max(h, reach[a], reach[b]) if inversions == "all" else h)
    nodes, waiting = [], [2 * n - 2]
    while waiting:
        node = waiting.pop()
        if reach[node] <= level:
            nodes.append(node)
        else:
            waiting += pairs[node - n]
    return _labels_of_nodes(Z, nodes)


def _check_sizes(min_size: int | None, max_size: int | None, n: int) -> tuple[int, int]:
    least = 1 if min_size is None else check_whole(min_size, "min_size", 1)
    most = n if max_size is None else check_whole(max_size, "max_size", 1)
    if least > min(most, n):
        raise InputError(
            f"no cluster of {n} rows has at least {least} and at most {min(most, n)}",
            place="min_size",
            rule="impossible-sizes",
            value=(least, most),
        )
    return least, most


def _tops(Z: Floats, labels: Ints) -> list[int]:
    """List the nodes whose rows are the clusters of a cut."""
    n = len(Z) + 1
    cluster = labels.tolist()
    top = {c: row for row, c in enumerate(cluster)}
    for t, (a, b) in enumerate(Z[:, :2].astype(np.int64).tolist()):
        cluster.append(cluster[a] if cluster[a] == cluster[b] else 0)
        if cluster[-1]:
            top[cluster[-1]] = n + t
    return list(top.values())


def _nodes_of_sizes(
    Z: Floats, start: list[int], k: int | None, least: int, most: int, *, finest: bool
) -> list[int]:
    """List the nodes that `cut` makes of those it starts from."""
    n = len(Z) + 1
    pairs = Z[:, :2].astype(np.int64).tolist()
    size = [1] * n
    for a, b in pairs:
        size.append(size[a] + size[b])
    nodes, waiting = [], start
    while waiting:
        node = waiting.pop()
        if size[node] > most or (
            finest and node >= n and min(size[part] for part in pairs[node - n]) >= least
        ):
            waiting += pairs[node - n]
        elif size[node] >= least:
            nodes.append(node)
    if k is not None:
        nodes = _divide(pairs, size, nodes, k, least)
    if not nodes or (k is not None and len(nodes) != k):
        raise InputError(
            f"the tree has {len(nodes)} clusters of {least} to {most} rows"
            + ("" if k is None else f", not {k}"),
            place="min_size" if k is None or len(nodes) < k else "max_size",
            rule="impossible-sizes",
            value=len(nodes),
        )
    return nodes


def _divide(
    pairs: list[list[int]], size: list[int], nodes: list[int], k: int, least: int
) -> list[int]:
    """Undo merges from the last one on until k clusters are large enough."""
    n = len(pairs) + 1
    last = [-node for node in nodes]
    heapq.heapify(last)
    single: list[int] = []
    while last and len(last) + len(single) < k:
        node = -heapq.heappop(last)
        parts = [] if node < n else [part for part in pairs[node - n] if size[part] >= least]
        if not parts:
            single.append(node)
        for part in parts:
            heapq.heappush(last, -part)
    return single + [-node for node in last]


def _labels_of_nodes(Z: Floats, nodes: list[int]) -> Ints:
    """Number the rows below given nodes by first appearance, and the others 0."""
    n = len(Z) + 1
    top = [-1] * (2 * n - 1)
    for node in nodes:
        top[node] = node
    pairs = Z[:, :2].astype(np.int64).tolist()
    for t in range(n - 2, -1, -1):
        if top[n + t] >= 0:
            a, b = pairs[t]
            top[a] = top[b] = top[n + t]
    number: dict[int, int] = {-1: 0}
    return np.array([number.setdefault(c, len(number)) for c in top[:n]], dtype=np.int64)


def labels_of_cut(Z: Floats, k: int) -> Ints:
    """Number the clusters that are left after n - k merges; nothing is checked."""
    n = len(Z) + 1
    top = list(range(2 * n - 1))
    pairs = Z[: n - k, :2].astype(np.int64).tolist()
    for t in range(n - k - 1, -1, -1):
        a, b = pairs[t]
        top[a] = top[b] = top[n + t]
    number: dict[int, int] = {}
    return np.array([number.setdefault(c, len(number) + 1) for c in top[:n]], dtype=np.int64)


def inherited_numbers(Z: Floats, k: int) -> Ints:
    """Number k clusters so that the larger part keeps its number whenever one is divided.

    The smaller part of the cluster that is divided to make j clusters of j - 1 gets the number
    j; of two equal parts the one with the lower case keeps the old one. A number so stands for
    the same branch at every k at which it occurs. Nothing is checked.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    k : int, 1..n

    Returns
    -------
    array of int64, shape (n,)

    Examples
    --------
    >>> Z = np.array([[1, 2, 1.0, 2], [0, 3, 4.0, 3]])
    >>> inherited_numbers(Z, 2).tolist(), inherited_numbers(Z, 3).tolist()
    ([2, 1, 1], [2, 1, 3])
    """
    n = len(Z) + 1
    pairs = Z[:, :2].astype(np.int64).tolist()
    size, lowest = [1] * n, list(range(n))
    for a, b in pairs:
        size.append(size[a] + size[b])
        lowest.append(min(lowest[a], lowest[b]))
    number = [1] * (2 * n - 1)
    for t in range(n - 2, -1, -1):
        large, small = sorted(pairs[t], key=lambda node: (-size[node], lowest[node]))
        number[large] = number[n + t]
        number[small] = n - t if n - t <= k else number[n + t]
    return np.array(number[:n], dtype=np.int64)
