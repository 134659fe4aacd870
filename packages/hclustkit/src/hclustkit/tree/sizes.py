"""Clusters that are branches of a tree and have given sizes."""

from __future__ import annotations

import heapq

import numpy as np

from hclustkit.arguments import check_whole
from hclustkit.arrays import Floats, Ints
from hclustkit.errors import refusal


def check_sizes(min_size: int | None, max_size: int | None, n: int) -> tuple[int, int]:
    """Return the least and the most rows of a cluster, checked."""
    least = 1 if min_size is None else check_whole(min_size, "min_size", 1)
    most = n if max_size is None else check_whole(max_size, "max_size", 1)
    if least > min(most, n):
        text = f"no cluster of {n} rows has at least {least} and at most {min(most, n)}"
        raise refusal(text, "min_size", "impossible-sizes", (least, most))
    return least, most


def tops(Z: Floats, labels: Ints) -> list[int]:
    """List the nodes whose rows are the clusters of a cut."""
    n = len(Z) + 1
    cluster = labels.tolist()
    top = {c: row for row, c in enumerate(cluster)}
    for t, (a, b) in enumerate(Z[:, :2].astype(np.int64).tolist()):
        cluster.append(cluster[a] if cluster[a] == cluster[b] else 0)
        if cluster[-1]:
            top[cluster[-1]] = n + t
    return list(top.values())


def nodes_of_sizes(
    Z: Floats, start: list[int], k: int | None, least: int, most: int, *, finest: bool
) -> list[int]:
    """List the nodes that `cut` makes of those it starts from."""
    n = len(Z) + 1
    pairs = Z[:, :2].astype(np.int64).tolist()
    size = [1] * n + Z[:, 3].astype(np.int64).tolist()
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
        text = f"the tree has {len(nodes)} clusters of {least} to {most} rows"
        text += "" if k is None else f", not {k}"
        place = "min_size" if k is None or len(nodes) < k else "max_size"
        raise refusal(text, place, "impossible-sizes", len(nodes))
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


def labels_of_nodes(Z: Floats, nodes: list[int]) -> Ints:
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
