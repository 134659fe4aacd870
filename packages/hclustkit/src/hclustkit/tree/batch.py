"""Compiled loops that build, cut and compare many small trees."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.engine import EPS, agglomerate, condensed_distances, to_distances


@compiled
def cut_labels(merge_a, merge_b, k, labels):
    """Number the clusters after the first n - k merges, from 0 by first case.

    Parameters
    ----------
    merge_a, merge_b : int64 arrays, shape (n - 1,)
        See `hclustkit.tree.engine.agglomerate`.
    k : int
        Number of clusters, 1..n.
    labels : integer array, shape (n,)
        Written.
    """
    n = labels.shape[0]
    for i in range(n):
        labels[i] = -1
    for stage in range(n - k):
        # for now, what case b was joined to, as a number below -1
        labels[merge_b[stage]] = -2 - merge_a[stage]
    found = 0
    for i in range(n):
        if labels[i] == -1:
            labels[i] = found
            found += 1
        else:
            # the target has a lower number, so its label is final
            labels[i] = labels[-2 - labels[i]]


@compiled
def coordinate_noise(largest, p):
    """Return the rounding of a Euclidean distance over p coordinates up to ``largest``."""
    return 4 * EPS * largest * np.sqrt(p)


@compiled
def table_noise(columns):
    """Return the rounding of the distances of a table, shape (p, n)."""
    largest = 0.0
    for v in range(columns.shape[0]):
        for i in range(columns.shape[1]):
            largest = max(largest, abs(columns[v, i]))
    return coordinate_noise(largest, columns.shape[0])


@compiled
def labels_of_draws(d2, draws, sizes, method, noise, k, labels):
    """Cluster B resamples of the cases and cut each into k clusters.

    Parameters
    ----------
    d2 : float64 array, shape (n (n - 1) / 2,)
        Squared Euclidean distances between all cases, condensed.
    draws : int64 array, shape (B, m)
        Row b begins with the ``sizes[b]`` cases drawn, ascending.
    sizes : int64 array, shape (B,)
        A resample smaller than k is left alone.
    method, noise : int, float
        See `hclustkit.tree.engine.agglomerate`.
    k : int
    labels : int64 array, shape (B, m)
        Written where a case was drawn: its cluster, from 0; the rest is left alone.
    """
    # n (n - 1) / 2 pairs
    n = int((1 + np.sqrt(1.0 + 8 * d2.shape[0])) // 2)
    unreported = np.empty(0, dtype=np.bool_)
    for b in range(draws.shape[0]):
        size = sizes[b]
        if size < k:
            continue
        d = np.empty(size * (size - 1) // 2)
        at = 0
        for i in range(size):
            case = draws[b, i]
            start = case * (2 * n - case - 1) // 2 - case - 1
            for j in range(i + 1, size):
                d[at] = d2[start + draws[b, j]]
                at += 1
        to_distances(method, d)
        merge_a = np.empty(size - 1, dtype=np.int64)
        merge_b = np.empty(size - 1, dtype=np.int64)
        agglomerate(
            d, np.ones(size), method, noise, merge_a, merge_b, np.empty(size - 1), unreported
        )
        cut_labels(merge_a, merge_b, k, labels[b, :size])


@compiled
def labels_of_tables(columns, method, noise, k, labels):
    """Cluster each of B tables of n cases and cut it into k clusters.

    Parameters
    ----------
    columns : float64 array, shape (B, p, n)
        The tables, transposed.
    method, noise, k : int, float, int
    labels : int64 array, shape (B, n)
        Written, from 0.
    """
    n = columns.shape[2]
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    unreported = np.empty(0, dtype=np.bool_)
    for b in range(columns.shape[0]):
        d = condensed_distances(columns[b], method)
        agglomerate(d, np.ones(n), method, noise, merge_a, merge_b, height, unreported)
        cut_labels(merge_a, merge_b, k, labels[b])


@compiled
def count_clusters(columns, draws, method, noise, place, first, last, by_first, by_last, counts):
    """Count how often each cluster of a tree returns when the variables are resampled.

    The leaves of the given tree are numbered in the order of its dendrogram, so that each
    of its clusters is an interval of places. A cluster of another tree is the same set if
    its places fill exactly that interval, which takes a constant number of steps to see.

    Parameters
    ----------
    columns : float64 array, shape (p, n)
        The table transposed.
    draws : int64 array, shape (B, m)
        The variables drawn, one row a resample.
    method, noise : int, float
    place : int64 array, shape (n,)
        The place of each case in the given tree, 0..n - 1.
    first, last : int64 arrays, shape (n - 1,)
        The interval of each cluster of the given tree.
    by_first : int64 array, shape (n,)
        The cluster that is a right branch and begins at a place; -1 where there is none.
        Among clusters with the same first place at most one is a right branch.
    by_last : int64 array, shape (n,)
        The same for left branches (the whole tree counts as one) and their last place.
    counts : int64 array, shape (n - 1,)
        Added to.

    References
    ----------
    Day, W. H. E. (1985). Optimal algorithms for comparing trees with labeled leaves.
    Journal of Classification 2, 7-28.
    """
    p, n = columns.shape
    squares = np.empty((p, n * (n - 1) // 2))
    for v in range(p):
        of_one = condensed_distances(columns[v : v + 1], 0)
        for pair in range(of_one.shape[0]):
            squares[v, pair] = of_one[pair]
    weights = np.empty(p)
    d = np.empty(squares.shape[1])
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    unreported = np.empty(0, dtype=np.bool_)
    low = np.empty(n, dtype=np.int64)
    high = np.empty(n, dtype=np.int64)
    size = np.empty(n, dtype=np.int64)
    for b in range(draws.shape[0]):
        weights[:] = 0.0
        for draw in range(draws.shape[1]):
            weights[draws[b, draw]] += 1.0
        d[:] = 0.0
        for v in range(p):
            w = weights[v]
            if w > 0.0:
                for pair in range(d.shape[0]):
                    d[pair] += w * squares[v, pair]
        to_distances(method, d)
        agglomerate(d, np.ones(n), method, noise, merge_a, merge_b, height, unreported)
        for i in range(n):
            low[i] = place[i]
            high[i] = place[i]
            size[i] = 1
        for stage in range(n - 1):
            i = merge_a[stage]
            j = merge_b[stage]
            low[i] = min(low[i], low[j])
            high[i] = max(high[i], high[j])
            size[i] += size[j]
            if high[i] - low[i] + 1 == size[i]:
                left = by_last[high[i]]
                right = by_first[low[i]]
                if left >= 0 and first[left] == low[i]:
                    counts[left] += 1
                elif right >= 0 and last[right] == high[i]:
                    counts[right] += 1


@compiled
def _count_joins(merge_a, merge_b, start, following, last, joined):
    """Count, for each pair of cases, the most clusters at which it is together."""
    n = following.shape[0]
    most = joined.shape[1] - 1
    # the members of a cluster are a chain from its lowest case
    for i in range(n):
        following[i] = -1
        last[i] = i
    for stage in range(n - 1):
        level = min(n - 1 - stage, most)
        a = merge_a[stage]
        b = merge_b[stage]
        i = a
        while i >= 0:
            j = b
            while j >= 0:
                if i < j:
                    joined[start[i] + j, level] += 1
                else:
                    joined[start[j] + i, level] += 1
                j = following[j]
            i = following[i]
        following[last[a]] = b
        last[a] = last[b]


@compiled
def trees_of_sums(
    squares, largest, addends, method, k, check_order, labels, order_dependent, joined
):
    """Build trees on sums of columns' squared differences, cut each once, count its joins.

    The sum of a tree is taken again, in the order of its columns, so that a result does not
    depend on which trees were built before it.

    Parameters
    ----------
    squares : float64 array, shape (columns, n (n - 1) / 2)
        Squared difference of each pair of cases in each column, condensed.
    largest : float64 array, shape (columns,)
        The largest absolute value of each column.
    addends : int32 array, shape (B, p)
        Rows of ``squares`` to add up for each tree; a negative entry adds nothing.
    method : int
    k : int
        Number of clusters of ``labels``.
    check_order : bool
        Whether to write ``order_dependent``.
    labels : unsigned integer array, shape (B, n)
        Written: cluster membership at k clusters, numbered from 0 by first case.
    order_dependent : bool array, shape (B,)
        Written: pairs tied before the cut, and with the cases in reverse order, so that the
        last pairs go first, the partition into k clusters is another one.
    joined : int64 array, shape (n (n - 1) / 2, most + 1)
        Added to: ``joined[pair, m]`` counts the trees in which m clusters are the most at
        which the pair is together; more than ``most`` counts as ``most``.
    """
    n = labels.shape[1]
    total = np.empty(squares.shape[1])
    d = np.empty(squares.shape[1])
    size = np.empty(n)
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    tied = np.empty(n - 1 if check_order else 0, dtype=np.bool_)
    unreported = np.empty(0, dtype=np.bool_)
    cut = np.empty(n, dtype=np.int64)
    partner = np.empty(n, dtype=np.int64)
    following = np.empty(n, dtype=np.int64)
    last = np.empty(n, dtype=np.int64)
    start = np.empty(n, dtype=np.int64)
    for i in range(n):
        start[i] = i * (2 * n - i - 1) // 2 - i - 1
    for b in range(addends.shape[0]):
        total[:] = 0.0
        used = 0
        top = 0.0
        for column in range(addends.shape[1]):
            row = addends[b, column]
            if row >= 0:
                used += 1
                top = max(top, largest[row])
                for pair in range(total.shape[0]):
                    total[pair] += squares[row, pair]
        noise = coordinate_noise(top, used)
        to_distances(method, total)
        for pair in range(total.shape[0]):
            d[pair] = total[pair]
        size[:] = 1.0
        agglomerate(d, size, method, noise, merge_a, merge_b, height, tied)
        cut_labels(merge_a, merge_b, k, cut)
        for i in range(n):
            labels[b, i] = cut[i]
        _count_joins(merge_a, merge_b, start, following, last, joined)
        if not check_order:
            continue
        order_dependent[b] = False
        if tied[: n - k].any():
            # condensed distances of the cases in reverse order
            for i in range(n):
                for j in range(i + 1, n):
                    d[start[n - 1 - j] + n - 1 - i] = total[start[i] + j]
            size[:] = 1.0
            agglomerate(d, size, method, noise, merge_a, merge_b, height, unreported)
            cut_labels(merge_a, merge_b, k, cut)
            # both have k clusters, so they are equal if no cluster of one meets two of the other
            partner[:] = -1
            for i in range(n):
                here = np.int64(labels[b, i])
                if partner[here] < 0:
                    partner[here] = cut[n - 1 - i]
                elif partner[here] != cut[n - 1 - i]:
                    order_dependent[b] = True
