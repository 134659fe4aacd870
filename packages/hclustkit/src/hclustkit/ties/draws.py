"""A compiled loop that agglomerates many times with ties decided at random."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.batch import cut_labels
from hclustkit.tree.engine import COMPLETE, SINGLE, is_squared, lance_williams, tie_limit


@compiled
def draw_partitions(square, method, noise, k, picks, labels):
    """Agglomerate B times with random choices among ties, and cut into k clusters.

    Parameters
    ----------
    square : float64 array, shape (n, n)
        Distances as `hclustkit.tree.engine.agglomerate` takes them, infinite on the diagonal.
    method, noise, k : int, float, int
    picks : float64 array, shape (B, n - 1)
        Uniform random numbers in 0..1: which of the pairs within the tie limit is merged, one
        of their clusters and one of its partners.
    labels : int64 array, shape (B, n)
        Written, from 0 by first case.
    """
    n = labels.shape[1]
    squared = is_squared(method)
    first = np.array([square[i].min() for i in range(n)])
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    for draw in range(picks.shape[0]):
        d = square.copy()
        nearest = first.copy()  # a lower bound, exact where fresh
        fresh = np.ones(n, dtype=np.bool_)
        size = np.ones(n)
        name = np.arange(n)
        for stage in range(n - k):
            left = n - stage
            i, j = _pick(d, nearest, fresh, left, squared, noise, picks[draw, stage])
            merge_a[stage] = min(name[i], name[j])
            merge_b[stage] = max(name[i], name[j])
            name[i] = merge_a[stage]
            _merge(d, size, method, nearest, fresh, left, i, j)
            # the last one takes the place that is free
            last = left - 1
            for place in range(left):
                d[j, place] = d[last, place]
            for place in range(last):
                d[place, j] = d[last, place]
            d[j, j] = np.inf
            size[j], name[j] = size[last], name[last]
            nearest[j], fresh[j] = nearest[last], fresh[last]
        cut_labels(merge_a, merge_b, k, labels[draw])


@compiled
def _pick(d, nearest, fresh, left, squared, noise, share):
    """Choose one of the pairs within the tie limit."""
    while True:
        i = nearest[:left].argmin()
        if fresh[i]:
            break
        nearest[i] = d[i, :left].min()
        fresh[i] = True
    limit = tie_limit(nearest[i], squared, noise)
    while True:
        # one of the clusters that may have a pair within the limit, until one has
        rows = 0
        for place in range(left):
            rows += nearest[place] <= limit
        i = _find(nearest, left, limit, int(share * rows))
        if not fresh[i]:
            nearest[i] = d[i, :left].min()
            fresh[i] = True
        if nearest[i] <= limit:
            break
    count = 0
    for place in range(left):
        count += d[i, place] <= limit
    return i, _find(d[i], left, limit, int((share * rows - np.floor(share * rows)) * count))


@compiled
def _find(values, left, limit, wanted):
    """Find the place of the value numbered ``wanted``, from 0, of those within the limit."""
    at = -1
    for place in range(left):
        if values[place] <= limit:
            at = place
            if wanted == 0:
                break
            wanted -= 1
    return at


@compiled
def _merge(d, size, method, nearest, fresh, left, i, j):
    """Compute the distances of the cluster at place j joined into that at place i."""
    h = d[i, j]
    c_a, c_b, c_h, c, w = lance_williams(method, size[i], size[j])
    one, two = d[i], d[j]
    least = np.inf
    for place in range(left):
        if place in (i, j):
            continue
        a, b, r = one[place], two[place], w * size[place]
        if method == COMPLETE:
            new = max(a, b)
        elif method == SINGLE:
            new = min(a, b)
        else:
            new = ((c_a + r) * a + (c_b + r) * b + (c_h - r) * h) / (c + r)
        if new <= nearest[place]:
            nearest[place], fresh[place] = new, True
        elif min(a, b) <= nearest[place]:
            fresh[place] = False
        one[place] = d[place, i] = new
        least = min(least, new)
    one[j] = np.inf
    nearest[i], fresh[i] = least, True
    size[i] += size[j]
