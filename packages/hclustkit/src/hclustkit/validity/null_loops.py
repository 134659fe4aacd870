"""Compiled loops that compute an index for the cuts of many small tables' trees."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.batch import cut_labels, table_noise
from hclustkit.tree.engine import agglomerate, condensed_distances, is_squared


@compiled
def _tree(squares, method, noise, euclidean, merge_a, merge_b):
    """Build a tree on squared distances and return the distances, condensed."""
    n = merge_a.shape[0] + 1
    plain = np.sqrt(squares)
    d = squares.copy() if is_squared(method) else plain.copy()
    if not euclidean:
        noise = 0.0
    agglomerate(
        d, np.ones(n), method, noise, merge_a, merge_b, np.empty(n - 1), np.empty(0, dtype=np.bool_)
    )
    return plain


@compiled
def _mean_silhouette(plain, labels, k, sums, sizes):
    """Average the silhouette widths of one cut; see `hclustkit.validity.silhouettes`."""
    n = labels.shape[0]
    sums[:] = 0.0
    sizes[:] = 0.0
    at = 0
    for i in range(n):
        sizes[labels[i]] += 1
        for j in range(i + 1, n):
            sums[i, labels[j]] += plain[at]
            sums[j, labels[i]] += plain[at]
            at += 1
    total = 0.0
    for i in range(n):
        own = labels[i]
        if sizes[own] == 1:
            continue
        inside = sums[i, own] / (sizes[own] - 1)
        nearest = np.inf
        for c in range(k):
            if c != own:
                nearest = min(nearest, sums[i, c] / sizes[c])
        larger = max(inside, nearest)
        if larger > 0:
            total += (nearest - inside) / larger
    return total / n


@compiled
def silhouettes_of_tables(columns, method, ks, values):
    """Compute the mean silhouette width of each cut of each table's tree.

    Parameters
    ----------
    columns : float64 array, shape (B, p, n)
        The tables, transposed.
    method : int
    ks : int64 array, shape (K,), at least 2
    values : float64 array, shape (B, K)
        Written.
    """
    n = columns.shape[2]
    for b in range(columns.shape[0]):
        noise = table_noise(columns[b])
        silhouettes_of_squares(
            condensed_distances(columns[b], 0), n, method, noise, True, ks, values[b]
        )


@compiled
def silhouettes_of_squares(squares, n, method, noise, euclidean, ks, values):
    """Do the same for one set of squared distances, condensed; writes shape (K,)."""
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    labels = np.empty(n, dtype=np.int64)
    most = 0
    for at in range(ks.shape[0]):
        most = max(most, ks[at])
    sums = np.empty((n, most))
    sizes = np.empty(most)
    plain = _tree(squares, method, noise, euclidean, merge_a, merge_b)
    for at in range(ks.shape[0]):
        cut_labels(merge_a, merge_b, ks[at], labels)
        values[at] = _mean_silhouette(plain, labels, ks[at], sums, sizes)


@compiled
def log_spreads_of_boxes(draws, widths, method, ks, power, values):
    """Compute log W of each cut, averaged over uniform draws in a box.

    Parameters
    ----------
    draws : float64 array, shape (G, p, n)
        Uniform in 0..1.
    widths : float64 array, shape (p,)
        Widths of the box.
    method : int
    ks : int64 array, shape (K,)
    power : float
        Power of the distances in W; see `hclustkit.validity.gap.gap_statistic`.
    values : float64 array, shape (K,)
        Written.
    """
    total = np.zeros(ks.shape[0])
    one = np.empty(ks.shape[0])
    columns = np.empty(draws.shape[1:])
    for g in range(draws.shape[0]):
        for v in range(columns.shape[0]):
            for i in range(columns.shape[1]):
                columns[v, i] = draws[g, v, i] * widths[v]
        log_spreads(columns, method, ks, power, one)
        for at in range(ks.shape[0]):
            total[at] += one[at]
    for at in range(ks.shape[0]):
        values[at] = total[at] / draws.shape[0]


@compiled
def log_spreads(columns, method, ks, power, values):
    """Compute log W of each cut of one table, shape (p, n); -inf where W is 0."""
    n = columns.shape[1]
    merge_a = np.empty(n - 1, dtype=np.int64)
    merge_b = np.empty(n - 1, dtype=np.int64)
    labels = np.empty(n, dtype=np.int64)
    noise = table_noise(columns)
    plain = _tree(condensed_distances(columns, 0), method, noise, True, merge_a, merge_b)
    if power != 1.0:
        plain = plain**power
    sums = np.empty(n)
    sizes = np.empty(n)
    for at in range(ks.shape[0]):
        cut_labels(merge_a, merge_b, ks[at], labels)
        sums[:] = 0.0
        sizes[:] = 0.0
        pair = 0
        for i in range(n):
            sizes[labels[i]] += 1
            for j in range(i + 1, n):
                if labels[i] == labels[j]:
                    sums[labels[i]] += plain[pair]
                pair += 1
        spread = 0.0
        for c in range(ks[at]):
            spread += sums[c] / (2 * sizes[c])
        values[at] = np.log(spread)
