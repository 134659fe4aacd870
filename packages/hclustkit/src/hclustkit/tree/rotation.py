"""The order of the leaves: close to a wanted one, or with similar cases side by side."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from hclustkit.arrays import Floats, Ints, as_numbers
from hclustkit.compiled import compiled
from hclustkit.errors import refusal
from hclustkit.tree.cophenetic import check_condensed
from hclustkit.tree.cut import check_linkage_matrix
from hclustkit.tree.geometry import leaf_order, walk

OPTIMAL_ROWS = 2_000
"""The best order is sought up to this many rows: the work grows with their cube."""


def rotate(Z: Any, rank: Any) -> Ints:
    """Order the leaves of a tree as close to a wanted order as the tree allows.

    No order that the tree allows has fewer pairs of leaves out of order: every merge is turned
    by itself, since a turn changes the order of the pairs that meet there and of no others.
    Where both ways are equally good the order of the drawing is kept.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    rank : array, shape (n,)
        The wanted ranks of the cases, ascending; NaN for a leaf that may be anywhere.

    Returns
    -------
    array of int64, shape (n,)
        The cases (from 0) from left to right.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix, or there are not n ranks.

    Examples
    --------
    >>> rotate([[0, 1, 1.0, 2], [2, 3, 4.0, 3]], [2.0, 1.0, 3.0]).tolist()
    [1, 0, 2]
    """
    Z = check_linkage_matrix(Z)
    n = len(Z) + 1
    wish = as_numbers(rank, "rank")
    if wish.shape != (n,):
        text = f"{wish.shape} ranks for a tree of {n} cases"
        raise refusal(text, "rank", "rank-shape", wish.shape)
    # equal wishes share a number, from 1; 0 for none
    found = np.unique(wish[~np.isnan(wish)])
    number = np.where(np.isnan(wish), 0, np.searchsorted(found, wish) + 1)
    order = leaf_order(Z)
    pairs = np.sort(Z[:, :2].astype(np.int64), axis=1)
    counts = np.zeros((n - 1, 2), dtype=np.int64)
    _count_pairs(pairs, number[order], np.argsort(order), len(found), counts)
    turned = counts[:, 0] > counts[:, 1]
    pairs[turned] = pairs[turned, ::-1]
    return walk(pairs)


def ranks(labels: pd.Index, wish: Iterable[Hashable]) -> Floats:
    """Return the place of each label in a wanted order; NaN for a label that is not in it.

    Raises
    ------
    InputError
        If the wish names an unknown label, or one twice.
    """
    rank = np.full(len(labels), np.nan)
    for place, label in enumerate(wish):
        if label not in labels:
            raise refusal(f"label {label!r} is not in the tree", "wish", "unknown-label", label)
        at = labels.get_loc(label)
        if not np.isnan(rank[at]):
            raise refusal(f"label {label!r} is named twice", "wish", "duplicate-label", label)
        rank[at] = place
    return rank


@compiled
def _count_pairs(pairs: Any, number: Any, place: Any, most: int, counts: Any) -> None:
    """Count at each merge the pairs across it whose left (right) leaf has the higher number.

    A Fenwick tree is filled along each path that follows the larger branch, from its leaf
    upwards; every leaf is added once for each path above it, so at most log2 n times.

    Parameters
    ----------
    pairs : int64 array, shape (n - 1, 2)
        The left and the right branch of each merge.
    number : int64 array, shape (n,)
        What the leaves are ordered by, 1..most, in the order of the drawing; 0 for none.
    place : int64 array, shape (n,)
        The place of each case in the drawing.
    most : int
    counts : int64 array, shape (n - 1, 2)
        Written.
    """
    n = number.shape[0]
    size = np.ones(2 * n - 1, dtype=np.int64)
    first = np.empty(2 * n - 1, dtype=np.int64)
    parent = np.full(2 * n - 1, -1, dtype=np.int64)
    first[:n] = place
    for t in range(n - 1):
        left = pairs[t, 0]
        right = pairs[t, 1]
        size[n + t] = size[left] + size[right]
        first[n + t] = first[left]
        parent[left] = n + t
        parent[right] = n + t
    sums = np.zeros(most + 1, dtype=np.int64)
    for leaf in range(n):
        # follow the path of larger branches up from a leaf
        held = 0
        low = place[leaf]
        high = low + 1
        if number[low] > 0:
            held = _add(sums, number[low], 1)
        node = leaf
        while parent[node] >= 0:
            t = parent[node] - n
            other = pairs[t, 0] + pairs[t, 1] - node
            if size[other] > size[node] or (size[other] == size[node] and other < node):
                break
            for at in range(first[other], first[other] + size[other]):
                if number[at] > 0:
                    below = _total(sums, number[at] - 1)
                    above = held - _total(sums, number[at])
                    if other == pairs[t, 0]:
                        counts[t, 0] += below
                        counts[t, 1] += above
                    else:
                        counts[t, 0] += above
                        counts[t, 1] += below
            for at in range(first[other], first[other] + size[other]):
                if number[at] > 0:
                    held += _add(sums, number[at], 1)
            node = n + t
            low = first[node]
            high = low + size[node]
        for at in range(low, high):
            if number[at] > 0:
                _add(sums, number[at], -1)


@compiled
def _add(sums: Any, at: int, what: int) -> int:
    """Add to a Fenwick tree at a place, from 1; return the one leaf that was counted."""
    while at < sums.shape[0]:
        sums[at] += what
        at += at & -at
    return 1


@compiled
def _total(sums: Any, at: int) -> int:
    """Sum a Fenwick tree up to and including a place, from 1."""
    total = 0
    while at > 0:
        total += sums[at]
        at -= at & -at
    return total


def optimal_leaf_order(Z: Any, distances: Any) -> tuple[Ints, float]:
    """Order the leaves of a tree so that the path along them is shortest.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    distances : array, shape (n (n - 1) / 2,)
        Condensed, between the cases.

    Returns
    -------
    order : array of int64, shape (n,)
        The cases (from 0) from left to right: of all orders that the tree allows one with the
        least sum of the distances of neighbours.
    length : float
        That sum.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix, the distances are not those of n cases, or there are
        more than 2,000.

    References
    ----------
    Bar-Joseph, Z., Gifford, D. K., Jaakkola, T. S. (2001), Fast optimal leaf ordering for
    hierarchical clustering. Bioinformatics 17, S22-S29.

    Examples
    --------
    >>> Z = [[0, 1, 1.0, 2], [2, 3, 4.0, 3]]
    >>> order, length = optimal_leaf_order(Z, [1.0, 4.0, 3.0])
    >>> order.tolist(), length
    ([2, 1, 0], 4.0)
    """
    Z = check_linkage_matrix(Z)
    n = len(Z) + 1
    condensed = check_condensed(distances, n)
    if n > OPTIMAL_ROWS:
        text = f"{n:,} cases: the best order is sought for at most {OPTIMAL_ROWS:,}"
        raise refusal(text, "Z", "too-many-rows", n)
    if n == 1:
        return np.zeros(1, dtype=np.int64), 0.0
    d = squareform(condensed)
    pairs = np.sort(Z[:, :2].astype(np.int64), axis=1).tolist()
    leaves = [np.array([case]) for case in range(n)]
    best = np.zeros((n, n))  # the shortest path below the merge of two cases that ends in both
    for a, b in pairs:
        one, two = leaves[a], leaves[b]
        steps = _least_sum(_ends(best, pairs, leaves, a), d[np.ix_(one, two)])
        path = _least_sum(steps, _ends(best, pairs, leaves, b))
        best[np.ix_(one, two)], best[np.ix_(two, one)] = path, path.T
        leaves.append(np.concatenate([one, two]))
    top = best[np.ix_(leaves[pairs[-1][0]], leaves[pairs[-1][1]])]
    i, j = np.unravel_index(int(top.argmin()), top.shape)
    order = _follow(best, d, pairs, leaves, leaves[pairs[-1][0]][i], leaves[pairs[-1][1]][j])
    return order, float(top[i, j])


def _ends(best: Floats, pairs: list[list[int]], leaves: list[Ints], node: int) -> Floats:
    """Return the shortest paths through a branch, by first and last leaf; inf where none is."""
    count = len(leaves[node])
    if count == 1:
        return np.zeros((1, 1))
    found = np.full((count, count), np.inf)
    a, b = pairs[node - len(best)]
    split = len(leaves[a])
    path = best[np.ix_(leaves[a], leaves[b])]
    found[:split, split:], found[split:, :split] = path, path.T
    return found


def _least_sum(a: Floats, b: Floats) -> Floats:
    """Return the least a[i, m] + b[m, j] over m for each i and j."""
    found = np.full((a.shape[0], b.shape[1]), np.inf)
    for m in range(len(b)):
        np.minimum(found, a[:, m, None] + b[m], out=found)
    return found


def _follow(
    best: Floats, d: Floats, pairs: list[list[int]], leaves: list[Ints], first: int, last: int
) -> Ints:
    """Recover the path whose length is known, branch by branch."""
    n = len(best)
    found: list[int] = []
    waiting = [(2 * n - 2, int(first), int(last))]
    while waiting:
        node, first, last = waiting.pop()
        if node < n:
            found.append(node)
            continue
        a, b = pairs[node - n]
        if first not in leaves[a]:
            a, b = b, a
        one, two = leaves[a], leaves[b]
        into = _ends(best, pairs, leaves, a)[int(np.flatnonzero(one == first)[0])]
        out = _ends(best, pairs, leaves, b)[:, int(np.flatnonzero(two == last)[0])]
        total = into[:, None] + d[np.ix_(one, two)] + out
        i, j = np.unravel_index(int(total.argmin()), total.shape)
        waiting += [(b, int(two[j]), last), (a, first, int(one[i]))]
    return np.array(found, dtype=np.int64)
