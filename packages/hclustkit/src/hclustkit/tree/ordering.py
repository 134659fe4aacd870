"""Compiled steps before and after the search: scaling a table, sorting merges, heights."""

from __future__ import annotations

import math

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.engine import CENTROID, EPS, tie_limit


@compiled
def scaled_columns(x):
    """Transpose a table and bring it into -1..1 by a power of two.

    That is exact, and squares neither overflow nor vanish.

    Parameters
    ----------
    x : float64 array, shape (n, p)

    Returns
    -------
    columns : float64 array, shape (p, n)
    noise : float
        How well a distance is known, since not better than the coordinates it comes from;
        NaN if a value is not finite.
    exponent : int
        The power.
    """
    n, p = x.shape
    columns = np.empty((p, n))
    largest = 0.0
    for i in range(n):
        for v in range(p):
            value = abs(x[i, v])
            if not value < np.inf:
                return columns, np.nan, 0
            largest = max(largest, value)
    mantissa, exponent = math.frexp(largest)
    half = exponent // 2
    # in two steps, since one factor could overflow
    one = math.ldexp(1.0, -half)
    two = math.ldexp(1.0, half - exponent)
    for v in range(p):
        for i in range(n):
            columns[v, i] = x[i, v] * one * two
    return columns, 4 * EPS * mantissa * np.sqrt(p), exponent


@compiled
def put_in_order(order, merge_a, merge_b, height, made, noise, found_a, found_b, found, tied):
    """Sort merges found in any order by height, those of equal height by their cases.

    Parameters
    ----------
    order : int64 array, shape (n - 1,)
        The merges by ascending height; put in the final order.
    merge_a, merge_b, height, made
        See `follow_chain`.
    noise : float
    found_a, found_b, found, tied
        Written: the sorted merges, as by `agglomerate`.

    Returns
    -------
    bool
        ``False`` if merges of equal height depend on each other, or are equal only step by
        step: then the rule has to decide one by one.
    """
    stages = height.shape[0]
    group = np.empty(stages, dtype=np.int64)
    first = 0
    lowest = last = height[order[0]]
    for t in range(stages):
        new = order[t]
        h = height[new]
        if h > tie_limit(lowest, False, noise):
            if h <= tie_limit(last, False, noise):
                return False
            first = t
            lowest = h
        last = h
        group[new] = first
        tied[t] = False
        if t > first:
            tied[t - 1] = True
        # insert among the merges of the same height
        at = t
        while at > first:
            old = order[at - 1]
            if merge_a[old] < merge_a[new] or (
                merge_a[old] == merge_a[new] and merge_b[old] < merge_b[new]
            ):
                break
            order[at] = old
            at -= 1
        order[at] = new
    for t in range(stages):
        new = order[t]
        found_a[t] = merge_a[new]
        found_b[t] = merge_b[new]
        found[t] = height[new]
        for side in range(2):
            if made[t, side] >= 0 and group[made[t, side]] == group[t]:
                return False
    return True


@compiled
def merge_edges(order, ends, length, noise, merge_a, merge_b, height, tied):
    """Turn a spanning tree into the merges of single linkage; ``False`` if there are ties.

    Parameters
    ----------
    order : int64 array, shape (n - 1,)
        The edges by ascending length.
    ends, length
        See `span`.
    noise, merge_a, merge_b, height, tied
        As for `agglomerate`.
    """
    stages = length.shape[0]
    lowest = np.empty(stages + 1, dtype=np.int64)
    for case in range(stages + 1):
        lowest[case] = case
    for stage in range(stages):
        edge = order[stage]
        h = length[edge]
        if stage > 0 and h <= tie_limit(height[stage - 1], False, noise):
            return False
        a = lowest_case(lowest, ends[edge, 0])
        b = lowest_case(lowest, ends[edge, 1])
        if a > b:
            a, b = b, a
        lowest[b] = a
        merge_a[stage] = a
        merge_b[stage] = b
        height[stage] = h
        tied[stage] = False
    return True


@compiled
def lowest_case(lowest, case):
    """Follow a case to the lowest of its cluster, shortening the way."""
    root = case
    while lowest[root] != root:
        root = lowest[root]
    while lowest[case] != root:
        following = lowest[case]
        lowest[case] = root
        case = following
    return root


@compiled
def linkage_matrix(merge_a, merge_b, height, Z):
    """Write merges named by lowest cases as scipy's linkage matrix, shape (n - 1, 4)."""
    n = merge_a.shape[0] + 1
    node = np.empty(n, dtype=np.int64)
    size = np.empty(n)
    for i in range(n):
        node[i] = i
        size[i] = 1.0
    for t in range(n - 1):
        a = merge_a[t]
        b = merge_b[t]
        Z[t, 0] = min(node[a], node[b])
        Z[t, 1] = max(node[a], node[b])
        Z[t, 2] = height[t]
        size[a] += size[b]
        Z[t, 3] = size[a]
        node[a] = n + t


@compiled
def settle_heights(method, noise, exponent, height):
    """Take from heights what is rounding, and bring them back to the unit of the table.

    Heights below the noise are 0. Those of a linkage that cannot invert never fall, which
    removes the last rounding and the width of the tolerance.
    """
    half = exponent // 2
    highest = 0.0
    for t in range(height.shape[0]):
        if height[t] <= noise:
            height[t] = 0.0
        if method < CENTROID:
            highest = max(highest, height[t])
            height[t] = highest
        height[t] = height[t] * math.ldexp(1.0, half) * math.ldexp(1.0, exponent - half)
