"""Compiled: what it costs to force a partition on Ward's method, and columns that cost nothing.

The merges that lead to a given partition are done first, cheapest first; whenever one of them
costs more than a merge that the partition forbids, the difference is added up. The sum is zero
only when Ward's method gives the partition, and unlike an index of agreement it
falls little by little on the way there.
"""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled

MARGIN = 1e-3
"""By how much of its cost a wanted merge must be cheaper, so that rounding changes nothing."""


@compiled
def scale_column(x, scaling):
    """Bring one column to its scale in place: 0 z-scores, 1 range 0 to 1, 2 ranks."""
    n = x.shape[0]
    if scaling == 0:
        mean = 0.0
        for i in range(n):
            mean += x[i]
        mean /= n
        square = 0.0
        for i in range(n):
            x[i] -= mean
            square += x[i] * x[i]
        size = np.sqrt(square / (n - 1))
        for i in range(n):
            x[i] /= size
    elif scaling == 1:
        low, high = x[0], x[0]
        for i in range(n):
            low, high = min(low, x[i]), max(high, x[i])
        for i in range(n):
            x[i] = (x[i] - low) / (high - low)
    else:
        given = x.copy()
        for i in range(n):
            below = 0
            equal = 0
            for j in range(n):
                below += given[j] < given[i]
                equal += given[j] == given[i]
            x[i] = below + (equal + 1) / 2


@compiled
def excess(squares, columns, wanted, merges, d, size):
    """Add up by how much the wanted merges of Ward's method exceed the cheapest unwanted one.

    Parameters
    ----------
    squares : float64 array, shape (n, n)
        Squared distances of the cases in the columns that stay.
    columns : float64 array, shape (q, n)
        Scaled columns to add.
    wanted : int64 array, shape (n,)
        The partition.
    merges : int
        n less the number of its clusters.
    d, size : float64 arrays, shapes (n, n) and (n,)
        Overwritten.
    """
    n = squares.shape[0]
    for i in range(n):
        size[i] = 1.0
        for j in range(n):
            total = squares[i, j]
            for c in range(columns.shape[0]):
                total += (columns[c, i] - columns[c, j]) ** 2
            d[i, j] = total
    found = 0.0
    for _ in range(merges):
        inside, outside = np.inf, np.inf
        a, b = -1, -1
        for i in range(n):
            if size[i] == 0.0:
                continue
            for j in range(i + 1, n):
                if size[j] == 0.0:
                    continue
                if wanted[i] != wanted[j]:
                    outside = min(outside, d[i, j])
                elif d[i, j] < inside:
                    inside = d[i, j]
                    a, b = i, j
        found += max(0.0, inside * (1 + MARGIN) - outside) / 2
        p, q = size[a], size[b]
        for i in range(n):
            if size[i] > 0.0 and i != a and i != b:
                r = size[i]
                new = ((p + r) * d[a, i] + (q + r) * d[b, i] - r * inside) / (p + q + r)
                d[a, i] = new
                d[i, a] = new
        size[a] = p + q
        size[b] = 0.0
    return found


@compiled
def descend(squares, start, moves, wanted, scaling, step):
    """Lower the excess of forcing a partition by random moves of the free columns.

    Parameters
    ----------
    squares : float64 array, shape (n, n)
    start : float64 array, shape (q, n)
    moves : float64 array, shape (T, q, n)
        Standard normal numbers, one row a move that is tried.
    wanted : int64 array, shape (n,)
    scaling : int
        See `scale_column`.
    step : float
        Size of the first move, in units of the start.

    Returns
    -------
    excess : float
    columns : float64 array, shape (q, n), scaled
    """
    q, n = start.shape
    d, size = np.empty((n, n)), np.empty(n)
    at = start.copy()
    scaled = at.copy()
    clusters = 0
    for i in range(n):
        clusters = max(clusters, wanted[i] + 1)
    merges = n - clusters
    for c in range(q):
        scale_column(scaled[c], scaling)
    best = excess(squares, scaled, wanted, merges, d, size)
    first = step
    for t in range(moves.shape[0]):
        if best <= 0.0:
            break
        tried = at + step * moves[t]
        trial = tried.copy()
        for c in range(q):
            scale_column(trial[c], scaling)
        found = excess(squares, trial, wanted, merges, d, size)
        if found <= best:
            # a success asks for larger moves, a failure for smaller ones: one in five is aimed at
            step = min(step * 1.5, 4 * first) if found < best else step
            best, scaled = found, trial
            at = tried if scaling == 2 else trial.copy()
        else:
            step = max(step * 0.9, 1e-4 * first) if t % 200 else first
    return best, scaled
