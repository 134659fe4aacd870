"""The compiled loop over specifications and shares of space."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.batch import cut_labels
from hclustkit.tree.engine import EPS, agglomerate, to_distances


@compiled
def _compare(labels, reference, features, near, start, following, size, last):
    """Sum over pairs within a cluster: both kinds of inertia, and those together in the reference.

    The last three arrays are working space; ``size`` and ``last`` are written by cluster.
    """
    n = labels.shape[0]
    size[:] = 0.0
    for i in range(n):
        cluster = labels[i]
        if size[cluster] > 0.0:
            following[last[cluster]] = i
        last[cluster] = i
        following[i] = -1
        size[cluster] += 1.0
    in_features = 0.0
    in_space = 0.0
    both = 0
    for i in range(n):
        j = following[i]
        while j >= 0:
            pair = start[i] + j
            in_features += features[pair] / size[labels[i]]
            in_space += near[pair] / size[labels[i]]
            both += reference[i] == reference[j]
            j = following[j]
    return in_features * n, in_space * n, both


@compiled
def _deal(d, order, dealt):
    """Write condensed dissimilarities with the cases in another order."""
    n = order.shape[0]
    at = 0
    for i in range(n):
        for j in range(i + 1, n):
            a = min(order[i], order[j])
            dealt[at] = d[a * (2 * n - a - 3) // 2 + max(order[i], order[j]) - 1]
            at += 1


@compiled
def _add(squares, rows, summed):
    """Write the sum of some rows, divided by its own sum; a negative row adds nothing."""
    summed[:] = 0.0
    for row in rows:
        if row >= 0:
            for pair in range(summed.shape[0]):
                summed[pair] += squares[row, pair]
    whole = summed.sum()
    for pair in range(summed.shape[0]):
        summed[pair] /= whole


@compiled
def _mix(features, near, alpha, d):
    """Write the mixture with a share of space, and return its largest value."""
    largest = 0.0
    for pair in range(d.shape[0]):
        d[pair] = (1 - alpha) * features[pair] + alpha * near[pair]
        largest = max(largest, d[pair])
    return largest


@compiled
def mixtures_of_sums(squares, addends, orders, space, alphas, method, k, reference, index, chosen):
    """Cut the trees of mixtures of summed columns with space, and compare each with a reference.

    Both squared dissimilarities are divided by their sum, so that they have the same inertia.

    Parameters
    ----------
    squares : float64 array, shape (columns, n (n - 1) / 2)
        Squared difference of each pair of cases in each column, condensed.
    addends : int32 array, shape (B, p)
        Rows of ``squares`` to add up; a negative entry adds nothing.
    orders : int64 array, shape (B, n), or (1, n) for all
        Which case of the columns is at each place in space.
    space : float64 array, shape (n (n - 1) / 2,)
        Squared dissimilarities in space.
    alphas : float64 array, shape (A,)
        Shares of space; 0 is the first and 1 the last.
    method, k : int
    reference : int64 array, shape (n,)
        Clusters from 0 without gaps.
    index : float64 array, shape (B, A)
        Written: the adjusted Rand index.
    chosen : int64 array, shape (B,)
        Written: the place of the share that `hclustkit.space.choose_alpha` chooses.
    """
    n = reference.shape[0]
    pairs = space.shape[0]
    summed = np.empty(pairs)
    features = np.empty(pairs)
    d = np.empty(pairs)
    near = space / space.sum()
    size = np.empty(n)
    merge_a = np.empty(n - k, dtype=np.int64)
    merge_b = np.empty(n - k, dtype=np.int64)
    height = np.empty(n - k)
    unreported = np.empty(0, dtype=np.bool_)
    labels = np.empty(n, dtype=np.int64)
    following = np.empty(n, dtype=np.int64)
    last = np.empty(n, dtype=np.int64)
    start = np.empty(n, dtype=np.int64)
    kept = np.empty((alphas.shape[0], 2))
    given = 0
    for i in range(n):
        # the pair i < j is at start[i] + j
        start[i] = i * (2 * n - i - 1) // 2 - i - 1
        for j in range(i + 1, n):
            given += reference[i] == reference[j]
    all_near = near.sum()
    for b in range(addends.shape[0]):
        _add(squares, addends[b], summed)
        _deal(summed, orders[b if orders.shape[0] > 1 else 0], features)
        whole = features.sum()
        for a in range(alphas.shape[0]):
            noise = 4 * EPS * np.sqrt(_mix(features, near, alphas[a], d))
            to_distances(method, d)
            size[:] = 1.0
            agglomerate(d, size, method, noise, merge_a, merge_b, height, unreported)
            cut_labels(merge_a, merge_b, k, labels)
            in_features, in_space, both = _compare(
                labels, reference, features, near, start, following, size, last
            )
            kept[a, 0] = 1 - in_features / whole
            kept[a, 1] = 1 - in_space / all_near
            together = 0.0
            for cluster in range(k):
                together += size[cluster] * (size[cluster] - 1) / 2
            chance = given * together / pairs
            most = (given + together) / 2
            index[b, a] = (both - chance) / (most - chance) if most != chance else 1.0
        best = -np.inf
        for a in range(alphas.shape[0]):
            worse = min(kept[a, 0] / kept[0, 0], kept[a, 1] / kept[-1, 1])
            worse = np.floor(worse * 1e9 + 0.5)
            if worse > best:
                best = worse
                chosen[b] = a
