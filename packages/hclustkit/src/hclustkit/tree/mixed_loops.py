"""The compiled loop over specifications and shares of space."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.batch import cut_labels
from hclustkit.tree.engine import EPS, agglomerate, to_distances


@compiled
def _inertia_between(d, labels, sizes):
    """Give the share of the inertia of squared dissimilarities between the clusters."""
    n = labels.shape[0]
    whole = 0.0
    within = 0.0
    at = 0
    for i in range(n):
        for j in range(i + 1, n):
            whole += d[at]
            if labels[i] == labels[j]:
                within += d[at] / sizes[labels[i]]
            at += 1
    return 1 - within * n / whole


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
    summed = np.empty((n, n))
    features = np.empty(pairs)
    d = np.empty(pairs)
    near = space / space.sum()
    size = np.empty(n)
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    unreported = np.empty(0, dtype=np.bool_)
    labels = np.empty(n, dtype=np.int64)
    kept = np.empty((alphas.shape[0], 2))
    given = 0
    for i in range(n):
        for j in range(i + 1, n):
            given += reference[i] == reference[j]
    for b in range(addends.shape[0]):
        features[:] = 0.0
        for row in addends[b]:
            if row >= 0:
                features += squares[row]
        features /= features.sum()
        at = 0
        for i in range(n):
            for j in range(i + 1, n):
                summed[i, j] = summed[j, i] = features[at]
                at += 1
        order = orders[b if orders.shape[0] > 1 else 0]
        at = 0
        for i in range(n):
            for j in range(i + 1, n):
                features[at] = summed[order[i], order[j]]
                at += 1
        for a in range(alphas.shape[0]):
            d[:] = (1 - alphas[a]) * features + alphas[a] * near
            noise = 4 * EPS * np.sqrt(d.max())
            to_distances(method, d)
            size[:] = 1.0
            agglomerate(d, size, method, noise, merge_a, merge_b, height, unreported)
            cut_labels(merge_a, merge_b, k, labels)
            size[:] = 0.0
            for i in range(n):
                size[labels[i]] += 1
            kept[a, 0] = _inertia_between(features, labels, size)
            kept[a, 1] = _inertia_between(near, labels, size)
            together = (size * (size - 1)).sum() / 2
            both = 0
            for i in range(n):
                for j in range(i + 1, n):
                    both += labels[i] == labels[j] and reference[i] == reference[j]
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
