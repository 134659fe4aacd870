"""Compiled loops that agglomerate with ties decided by choice, and not by the rule alone."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.batch import cut_labels
from hclustkit.tree.engine import _nearest_later, _start_search, _update, is_squared, tie_limit


@compiled
def continue_merges(d, method, noise, given, k, picks, merge_a, merge_b, height, tied):
    """Agglomerate n cases into k clusters: given merges first, ties by rule or by picks.

    Parameters
    ----------
    d : float64 array, shape (n (n - 1) / 2,)
        As `hclustkit.tree.engine.agglomerate` takes it. Destroyed.
    method, noise : int, float
    given : int64 array, shape (G, 2)
        The first merges, each named by the lowest cases of its two clusters, lower first.
    k : int
    picks : float64 array, shape (n - 1,) or (0,)
        Which of the pairs within the tie limit is merged: one of their first clusters, and one
        of its partners, by the place in 0..1. Empty: the lowest, as by the rule.
    merge_a, merge_b, height, tied : arrays, shape (n - 1,)
        Written for the first n - k merges. ``tied`` is true where another pair was as near.
    """
    n = merge_a.shape[0] + 1
    squared = is_squared(method)
    size = np.ones(n)
    start, active, neighbour, nearest, fresh = _start_search(d, n)
    left = n
    for stage in range(n - k):
        if stage < given.shape[0]:
            a = given[stage, 0]
            b = given[stage, 1]
            again = False
        else:
            a, b, again = _pick(
                d, start, active, neighbour, nearest, fresh, left, squared, noise, picks, stage
            )
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
            _update(d, size, method, start, active, nearest, neighbour, fresh, left, a, b)


@compiled
def _pick(d, start, active, neighbour, nearest, fresh, left, squared, noise, picks, stage):
    """Choose a pair within the tie limit; returns it, and whether there is another."""
    while True:
        place = 0
        for position in range(1, left - 1):
            if nearest[active[position]] < nearest[active[place]]:
                place = position
        i = active[place]
        if fresh[i]:
            break
        nearest[i], neighbour[i] = _nearest_later(d, start, active, place, left)
        fresh[i] = True
    limit = tie_limit(nearest[i], squared, noise)
    by_rule = picks.shape[0] == 0
    share = 0.0 if by_rule else picks[stage]
    while True:
        # one of the rows that may have a pair within the limit, until one has
        rows = 0
        for position in range(left - 1):
            rows += nearest[active[position]] <= limit
        wanted = min(int(share * rows), rows - 1)
        place = -1
        while wanted >= 0:
            place += 1
            wanted -= nearest[active[place]] <= limit
        i = active[place]
        if fresh[i]:
            break
        nearest[i], neighbour[i] = _nearest_later(d, start, active, place, left)
        fresh[i] = True
        if nearest[i] <= limit:
            break
    count = 0
    for later in range(place + 1, left):
        count += d[start[i] + active[later]] <= limit
    wanted = min(int((share * rows - np.floor(share * rows)) * count), count - 1)
    later = place
    while wanted >= 0:
        later += 1
        wanted -= d[start[i] + active[later]] <= limit
    again = count > 1
    if by_rule:
        for position in range(place + 1, left - 1):
            other = active[position]
            if nearest[other] <= limit and not again:
                if not fresh[other]:
                    nearest[other], neighbour[other] = _nearest_later(
                        d, start, active, position, left
                    )
                    fresh[other] = True
                again = nearest[other] <= limit
    return i, active[later], again


@compiled
def draw_partitions(d, method, noise, k, picks, labels):
    """Agglomerate B times with random choices among ties, and cut into k clusters.

    Parameters
    ----------
    d : float64 array, shape (n (n - 1) / 2,)
        Kept as it is.
    method, noise, k : int, float, int
    picks : float64 array, shape (B, n - 1)
        Uniform random numbers in 0..1.
    labels : int64 array, shape (B, n)
        Written, from 0 by first case.
    """
    n = labels.shape[1]
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    tied = np.empty(n - 1, dtype=np.bool_)
    nothing = np.empty((0, 2), dtype=np.int64)
    for draw in range(picks.shape[0]):
        continue_merges(
            d.copy(), method, noise, nothing, k, picks[draw], merge_a, merge_b, height, tied
        )
        cut_labels(merge_a, merge_b, k, labels[draw])


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
    start, active, neighbour, nearest, fresh = _start_search(d, n)
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
            _update(d, size, method, start, active, nearest, neighbour, fresh, left, a, b)
    return written
