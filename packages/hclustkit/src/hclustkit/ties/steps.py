"""Compiled loops that go on from given merges, and list what each merge leaves aside."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.engine import is_squared, nearest_later, start_search, tie_limit, update_search


@compiled
def continue_merges(d, method, noise, given, k, merge_a, merge_b, height, tied):
    """Agglomerate n cases into k clusters: given merges first, then ties by the rule.

    Parameters
    ----------
    d : float64 array, shape (n (n - 1) / 2,)
        As `hclustkit.tree.engine.agglomerate` takes it. Destroyed.
    method, noise : int, float
    given : int64 array, shape (G, 2)
        The first merges, each named by the lowest cases of its two clusters, lower first.
    k : int
    merge_a, merge_b, height, tied : arrays, shape (n - 1,)
        Written for the first n - k merges. ``tied`` is true where another pair was as near.
    """
    n = merge_a.shape[0] + 1
    squared = is_squared(method)
    size = np.ones(n)
    start, active, neighbour, nearest, fresh = start_search(d, n)
    left = n
    for stage in range(n - k):
        if stage < given.shape[0]:
            a = given[stage, 0]
            b = given[stage, 1]
            again = False
        else:
            a, b, again = _pick(d, start, active, neighbour, nearest, fresh, left, squared, noise)
        h = d[start[a] + b]
        merge_a[stage] = a
        merge_b[stage] = b
        height[stage] = np.sqrt(max(h, 0.0)) if squared else h
        tied[stage] = again
        gone = 0
        while active[gone] != b:
            gone += 1
        left -= 1
        for position in range(gone, left):
            active[position] = active[position + 1]
        if left > 1:
            update_search(d, size, method, start, active, nearest, neighbour, fresh, left, a, b)


@compiled
def _pick(d, start, active, neighbour, nearest, fresh, left, squared, noise):
    """Choose the first pair within the tie limit; returns it, and whether there is another."""
    while True:
        place = 0
        for position in range(1, left - 1):
            if nearest[active[position]] < nearest[active[place]]:
                place = position
        i = active[place]
        if fresh[i]:
            break
        nearest[i], neighbour[i] = nearest_later(d, start, active, place, left)
        fresh[i] = True
    limit = tie_limit(nearest[i], squared, noise)
    while True:
        # the first row that may have a pair within the limit, until one has
        place = 0
        while nearest[active[place]] > limit:
            place += 1
        i = active[place]
        if fresh[i]:
            break
        nearest[i], neighbour[i] = nearest_later(d, start, active, place, left)
        fresh[i] = True
        if nearest[i] <= limit:
            break
    count = 0
    later = -1
    for behind in range(place + 1, left):
        if d[start[i] + active[behind]] <= limit:
            count += 1
            if later < 0:
                later = behind
    again = count > 1
    for position in range(place + 1, left - 1):
        other = active[position]
        if nearest[other] <= limit and not again:
            if not fresh[other]:
                nearest[other], neighbour[other] = nearest_later(d, start, active, position, left)
                fresh[other] = True
            again = nearest[other] <= limit
    return i, active[later], again


@compiled
def costs_beside(d, method, given, k, stage_of, pair_a, pair_b, cost):
    """List the costs of the pairs that a merge takes away, stage by stage.

    At each of the n - k merges these are the pairs of either of its clusters with a third;
    before the last one, all pairs but the merged. Under linkages that cannot invert, a pair
    costs the same as long as both its clusters are there.

    Parameters
    ----------
    d : float64 array, shape (n (n - 1) / 2,)
        Destroyed.
    method : int
    given : int64 array, shape (n - 1, 2)
        The merges.
    k : int
    stage_of, pair_a, pair_b, cost : arrays, long enough
        Written.

    Returns
    -------
    int
        How many were written.
    """
    n = given.shape[0] + 1
    size = np.ones(n)
    start, active, neighbour, nearest, fresh = start_search(d, n)
    every = method >= 5  # centroid and median: a merge can make any pair nearer
    left = n
    written = 0
    for stage in range(n - k):
        a = given[stage, 0]
        b = given[stage, 1]
        gone = 0
        for position in range(left):
            i = active[position]
            if i == b:
                gone = position
            for later in range(position + 1, left):
                j = active[later]
                touches = i in (a, b) or j in (a, b)
                if (touches or every or stage == n - k - 1) and not (i == a and j == b):
                    stage_of[written] = stage
                    pair_a[written] = i
                    pair_b[written] = j
                    cost[written] = d[start[i] + j]
                    written += 1
        left -= 1
        for position in range(gone, left):
            active[position] = active[position + 1]
        if left > 1:
            update_search(d, size, method, start, active, nearest, neighbour, fresh, left, a, b)
    return written
