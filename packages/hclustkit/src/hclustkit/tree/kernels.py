"""Compiled loops for many small dendrograms: one agglomeration, its cuts, its clusters.

A single dendrogram is built elsewhere with a library. These loops are for the tens of
thousands of a bootstrap or of a comparison of many analyses, where a library call costs
ten times the work it does.

Conventions
-----------
- Cases are numbered from 0. A cluster is named by its lowest case, so stage ``s`` joins
  cluster ``merge_b[s]`` into cluster ``merge_a[s]`` with ``merge_a[s] < merge_b[s]``.
- Stages stand in the order in which they happen. For Ward, average, complete, single and
  weighted linkage the heights never fall; for centroid and median linkage they may.
- Of several pairs at the same smallest distance the one with the lowest ``a``, then the
  lowest ``b``, is joined. Distances that are equal on paper can differ in the last digit
  after an update; `agglomerate` takes a tolerance for such ties. Without one they are
  decided by the arithmetic, which is the same everywhere (fixed order of additions, no fused
  operations).
- Heights are those of `scipy.cluster.hierarchy.linkage`: Ward, centroid and median take
  squared Euclidean distances in and give square roots out.

All compiled code stands in this one file on purpose: numba's cache watches the file of the
function called, not the files of the functions it calls in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from hclustkit.errors import InputError

WARD, AVERAGE, COMPLETE, SINGLE, WEIGHTED, CENTROID, MEDIAN = range(7)
METHOD_CODES = {
    "ward": WARD,
    "average": AVERAGE,
    "complete": COMPLETE,
    "single": SINGLE,
    "weighted": WEIGHTED,
    "centroid": CENTROID,
    "median": MEDIAN,
}
SQUARED_METHODS = frozenset({"ward", "centroid", "median"})
"""Methods whose distances go in squared."""


def method_code(method: str) -> int:
    """The number by which the compiled loops know ``method``."""
    try:
        return METHOD_CODES[method]
    except (KeyError, TypeError):
        known = ", ".join(METHOD_CODES)
        raise InputError(f"unknown linkage method {method!r}; known: {known}") from None


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` compiled without the interpreter lock, cached on disk where possible."""
    options = {"nogil": True, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # no writable place for the cache: compile anew in each process
        return numba.njit(**options)(function)


@compiled
def agglomerate(d, method, tolerance, merge_a, merge_b, height, tied):
    """Agglomerate n cases by the Lance-Williams recurrence, with nearest neighbours kept.

    Parameters
    ----------
    d : float64 array, shape (n, n)
        Full symmetric matrix: squared Euclidean distances for `WARD`, `CENTROID`,
        `MEDIAN`, plain distances otherwise. Destroyed.
    method : int
        One of the codes of this module.
    tolerance : float
        Distances (not their squares) that differ by no more than this share are equal; of
        the pairs as near as the nearest the one with the lowest ``a``, then ``b``, is joined.
    merge_a, merge_b : int64 arrays, shape (n - 1,)
        Written: the two clusters joined at each stage, by their lowest cases.
    height : float64 array, shape (n - 1,)
        Written: the distance at which they were joined. It may fall by as much as the
        tolerance.
    tied : bool array, shape (n - 1,) or (0,)
        Written unless empty: another pair was as near, so the rule decided.

    References
    ----------
    Lance, G. N., & Williams, W. T. (1967). A general theory of classificatory sorting
    strategies 1. The Computer Journal 9, 373-380. The coefficients as in table 1 of
    Murtagh, F., & Contreras, P. (2012). Algorithms for hierarchical clustering: an
    overview. WIREs Data Mining and Knowledge Discovery 2, 86-97.
    """
    n = d.shape[0]
    squared = method == WARD or method >= CENTROID
    factor = (1 + tolerance) * (1 + tolerance) if squared else 1 + tolerance
    report = tied.shape[0] > 0
    active = np.arange(n)
    size = np.ones(n)
    neighbour = np.zeros(n, dtype=np.int64)
    nearest = np.full(n, np.inf)
    for i in range(n - 1):
        best = np.inf
        at = i + 1
        for j in range(i + 1, n):
            if d[i, j] < best:
                best = d[i, j]
                at = j
        nearest[i] = best
        neighbour[i] = at
    left = n
    for stage in range(n - 1):
        # the closest pair: `active` is ascending, so strict < keeps the lowest a
        place = 0
        least = nearest[active[0]]
        for position in range(1, left - 1):
            if nearest[active[position]] < least:
                least = nearest[active[position]]
                place = position
        if tolerance > 0.0:
            limit = least * factor
            place = 0
            while nearest[active[place]] > limit:
                place += 1
            a = active[place]
            later = place + 1
            while d[a, active[later]] > limit:
                later += 1
            b = active[later]
            least = d[a, b]
        else:
            limit = least
            a = active[place]
            b = neighbour[a]
        if report:
            tied[stage] = False
            for position in range(place, left - 1):
                i = active[position]
                if nearest[i] <= limit:
                    for later in range(position + 1, left):
                        if d[i, active[later]] <= limit and (i != a or active[later] != b):
                            tied[stage] = True
        merge_a[stage] = a
        merge_b[stage] = b
        if squared:
            height[stage] = np.sqrt(max(least, 0.0))
        else:
            height[stage] = least

        gone = place + 1
        while active[gone] != b:
            gone += 1
        left -= 1
        for position in range(gone, left):
            active[position] = active[position + 1]

        na = size[a]
        nb = size[b]
        both = na + nb
        for position in range(left):
            k = active[position]
            if k == a:
                continue
            if method == WARD:
                nk = size[k]
                new = ((na + nk) * d[a, k] + (nb + nk) * d[b, k] - nk * least) / (both + nk)
            elif method == AVERAGE:
                new = (na * d[a, k] + nb * d[b, k]) / both
            elif method == COMPLETE:
                new = max(d[a, k], d[b, k])
            elif method == SINGLE:
                new = min(d[a, k], d[b, k])
            elif method == WEIGHTED:
                new = 0.5 * (d[a, k] + d[b, k])
            elif method == CENTROID:
                new = (na * d[a, k] + nb * d[b, k] - na * nb * least / both) / both
            else:
                new = 0.5 * (d[a, k] + d[b, k]) - 0.25 * least
            if method < CENTROID and new < least:
                # never true on paper for these methods; keeps rounding from
                # letting a height fall
                new = least
            d[a, k] = new
            d[k, a] = new
        size[a] = both

        # rows whose nearest neighbour was a or b look again; the others only meet the new a
        for position in range(left - 1):
            i = active[position]
            if i > b:
                break
            if i == a or neighbour[i] == a or neighbour[i] == b:
                best = np.inf
                at = active[position + 1]
                for later in range(position + 1, left):
                    j = active[later]
                    if d[i, j] < best:
                        best = d[i, j]
                        at = j
                nearest[i] = best
                neighbour[i] = at
            elif i < a and (d[i, a] < nearest[i] or (d[i, a] == nearest[i] and a < neighbour[i])):
                nearest[i] = d[i, a]
                neighbour[i] = a
        # the last active row has no later partner
        nearest[active[left - 1]] = np.inf


@compiled
def lance_williams_tree(d, method, merge_a, merge_b, height):
    """`agglomerate` where only equal floats tie, without a report of ties."""
    agglomerate(d, method, 0.0, merge_a, merge_b, height, np.empty(0, dtype=np.bool_))


@compiled
def cut_labels(merge_a, merge_b, k, labels):
    """Cluster membership after the first n - k stages, numbered from 0 by first case.

    Parameters
    ----------
    merge_a, merge_b : int64 arrays, shape (n - 1,)
        As written by `lance_williams_tree`.
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
            # the target has a lower number, so its final label stands already
            labels[i] = labels[-2 - labels[i]]


@compiled
def squared_distances(columns, weights, d):
    """Weighted squared Euclidean distances between cases, summed in the order of columns.

    Parameters
    ----------
    columns : float64 array, shape (p, n)
        The table transposed, so that one variable is contiguous.
    weights : float64 array, shape (p,)
        How often each variable counts; 0 leaves it out.
    d : float64 array, shape (n, n)
        Written: full and exactly symmetric, zero on the diagonal.
    """
    p, n = columns.shape
    for i in range(n):
        for j in range(n):
            d[i, j] = 0.0
    for v in range(p):
        w = weights[v]
        if w == 0.0:
            continue
        column = columns[v]
        for i in range(n):
            here = column[i]
            for j in range(n):
                difference = column[j] - here
                d[i, j] += w * (difference * difference)


@compiled
def trees_of_distances(matrices, method, merge_a, merge_b, height):
    """`lance_williams_tree` for each of B matrices.

    Parameters
    ----------
    matrices : float64 array, shape (B, n, n)
        Left as they are.
    method : int
    merge_a, merge_b : int64 arrays, shape (B, n - 1)
        Written.
    height : float64 array, shape (B, n - 1)
        Written.
    """
    n = matrices.shape[1]
    d = np.empty((n, n))
    for b in range(matrices.shape[0]):
        d[:, :] = matrices[b]
        lance_williams_tree(d, method, merge_a[b], merge_b[b], height[b])


@compiled
def cuts_of_trees(merge_a, merge_b, ks, labels):
    """`cut_labels` of B trees at K numbers of clusters.

    Parameters
    ----------
    merge_a, merge_b : int64 arrays, shape (B, n - 1)
    ks : int64 array, shape (K,)
    labels : integer array, shape (B, K, n)
        Written.
    """
    for b in range(merge_a.shape[0]):
        for which in range(ks.shape[0]):
            cut_labels(merge_a[b], merge_b[b], ks[which], labels[b, which])


@compiled
def as_input_of(method, d):
    """Turn squared distances into what ``method`` takes, in place."""
    if method != WARD and method < CENTROID:
        for i in range(d.shape[0]):
            for j in range(d.shape[1]):
                d[i, j] = np.sqrt(d[i, j])


@compiled
def labels_of_draws(d2, draws, sizes, method, tolerance, k, labels):
    """Cluster B resamples of the cases and cut each into k clusters.

    Parameters
    ----------
    d2 : float64 array, shape (n, n)
        Squared Euclidean distances between all cases.
    draws : int64 array, shape (B, m)
        Row b begins with the ``sizes[b]`` cases drawn.
    sizes : int64 array, shape (B,)
        A resample smaller than k is left alone.
    method, k : int
    tolerance : float
        See `agglomerate`.
    labels : int64 array, shape (B, m)
        Written where a case was drawn: its cluster, from 0; the rest is left alone.
    """
    unreported = np.empty(0, dtype=np.bool_)
    for b in range(draws.shape[0]):
        size = sizes[b]
        if size < k:
            continue
        d = np.empty((size, size))
        for i in range(size):
            for j in range(size):
                d[i, j] = d2[draws[b, i], draws[b, j]]
        as_input_of(method, d)
        merge_a = np.empty(size - 1, dtype=np.int64)
        merge_b = np.empty(size - 1, dtype=np.int64)
        height = np.empty(size - 1)
        agglomerate(d, method, tolerance, merge_a, merge_b, height, unreported)
        cut_labels(merge_a, merge_b, k, labels[b, :size])


@compiled
def labels_of_tables(columns, method, tolerance, k, labels):
    """Cluster each of B tables of n cases and cut it into k clusters.

    Parameters
    ----------
    columns : float64 array, shape (B, p, n)
        The tables, transposed.
    method, k : int
    tolerance : float
        See `agglomerate`.
    labels : int64 array, shape (B, n)
        Written, from 0.
    """
    count, p, n = columns.shape
    weights = np.ones(p)
    d = np.empty((n, n))
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    unreported = np.empty(0, dtype=np.bool_)
    for b in range(count):
        squared_distances(columns[b], weights, d)
        as_input_of(method, d)
        agglomerate(d, method, tolerance, merge_a, merge_b, height, unreported)
        cut_labels(merge_a, merge_b, k, labels[b])


@compiled
def count_clusters(
    columns, draws, method, tolerance, place, first, last, by_first, by_last, counts
):
    """How often each cluster of a given tree returns when the variables are resampled.

    The leaves of the given tree are numbered in the order of its dendrogram, so that each
    of its clusters is an interval of places. A cluster of another tree is the same set if
    its places fill exactly that interval, which takes a constant number of steps to see.

    Parameters
    ----------
    columns : float64 array, shape (p, n)
        The table transposed.
    draws : int64 array, shape (B, m)
        The variables drawn, one row a resample.
    method : int
    tolerance : float
        See `agglomerate`.
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
    weights = np.empty(p)
    d = np.empty((n, n))
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    unreported = np.empty(0, dtype=np.bool_)
    low = np.empty(n, dtype=np.int64)
    high = np.empty(n, dtype=np.int64)
    size = np.empty(n, dtype=np.int64)
    for b in range(draws.shape[0]):
        for v in range(p):
            weights[v] = 0.0
        for draw in range(draws.shape[1]):
            weights[draws[b, draw]] += 1.0
        squared_distances(columns, weights, d)
        as_input_of(method, d)
        agglomerate(d, method, tolerance, merge_a, merge_b, height, unreported)
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
def trees_of_sums(
    squares, addends, method, k, tolerance, check_order, labels, order_dependent, joined
):
    """Trees on sums of columns' squared differences, each cut once and its joins counted.

    The sum of a tree is taken anew, in the order of its columns, so that a result does not
    depend on which trees stand before it.

    Parameters
    ----------
    squares : float64 array, shape (columns, n (n - 1) / 2)
        Squared difference of each pair of cases in each column, pairs in the order (0, 1),
        (0, 2), ..., (n - 2, n - 1).
    addends : int32 array, shape (B, p)
        Rows of ``squares`` to add up for each tree; a negative entry adds nothing.
    method : int
    k : int
        Number of clusters of ``labels``.
    tolerance : float
        See `agglomerate`.
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
    trees, p = addends.shape
    n = labels.shape[1]
    pairs = squares.shape[1]
    most = joined.shape[1] - 1
    squared = method == WARD or method >= CENTROID
    total = np.empty(pairs)
    d = np.empty((n, n))
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    tied = np.empty(n - 1 if check_order else 0, dtype=np.bool_)
    unreported = np.empty(0, dtype=np.bool_)
    cut = np.empty(n, dtype=np.int64)
    partner = np.empty(n, dtype=np.int64)
    start = np.empty(n, dtype=np.int64)
    for i in range(n):
        # pair (i, j) with i < j stands at start[i] + j
        start[i] = i * (2 * n - i - 1) // 2 - i - 1
    following = np.empty(n, dtype=np.int64)
    last = np.empty(n, dtype=np.int64)
    for b in range(trees):
        total[:] = 0.0
        for column in range(p):
            row = addends[b, column]
            if row >= 0:
                for pair in range(pairs):
                    total[pair] += squares[row, pair]
        if not squared:
            for pair in range(pairs):
                total[pair] = np.sqrt(total[pair])
        for i in range(n):
            d[i, i] = 0.0
            for j in range(i + 1, n):
                d[i, j] = total[start[i] + j]
                d[j, i] = total[start[i] + j]
        agglomerate(d, method, tolerance, merge_a, merge_b, height, tied)
        cut_labels(merge_a, merge_b, k, cut)
        for i in range(n):
            labels[b, i] = cut[i]

        # members of a cluster as a chain from its lowest case
        for i in range(n):
            following[i] = -1
            last[i] = i
        for stage in range(n - 1):
            level = min(n - 1 - stage, most)
            a = merge_a[stage]
            c = merge_b[stage]
            i = a
            while i >= 0:
                j = c
                while j >= 0:
                    if i < j:
                        joined[start[i] + j, level] += 1
                    else:
                        joined[start[j] + i, level] += 1
                    j = following[j]
                i = following[i]
            following[last[a]] = c
            last[a] = last[c]

        if not check_order:
            continue
        order_dependent[b] = False
        if tied[: n - k].any():
            for i in range(n):
                d[n - 1 - i, n - 1 - i] = 0.0
                for j in range(i + 1, n):
                    d[n - 1 - i, n - 1 - j] = total[start[i] + j]
                    d[n - 1 - j, n - 1 - i] = total[start[i] + j]
            agglomerate(d, method, tolerance, merge_a, merge_b, height, unreported)
            cut_labels(merge_a, merge_b, k, cut)
            # both have k clusters, so they are equal if no cluster of one meets two of the other
            partner[:] = -1
            for i in range(n):
                here = np.int64(labels[b, i])
                if partner[here] < 0:
                    partner[here] = cut[n - 1 - i]
                elif partner[here] != cut[n - 1 - i]:
                    order_dependent[b] = True
