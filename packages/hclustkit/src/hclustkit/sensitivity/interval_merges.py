"""Compiled: every order of merges of Ward's method when a column is not known exactly."""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled


@compiled
def advance(states, squares, low, high, widest, narrowest, wanted):
    """Find what each state of clusters can become by one merge inside the wanted clusters.

    Parameters
    ----------
    states : int64 array, shape (S, n)
        The lowest case of each case's cluster.
    squares : float64 array, shape (n, n)
        Squared distances in the columns that are known.
    low, high : float64 arrays, shape (q, n)
        Bounds of the columns that are not, before division by their spread.
    widest, narrowest : float64 arrays, shape (q,)
        Bounds of the spread.
    wanted : int64 array, shape (n,)

    Returns
    -------
    held : bool
        Whether in every state some wanted merge costs less than every unwanted one, whatever
        the values are.
    found : int64 array, shape (F, n)
        The states that may follow, with repetitions.
    """
    count, n = states.shape
    q = low.shape[0]
    found = np.empty((count * n * (n - 1) // 2, n), dtype=np.int64)
    filled = 0
    size = np.empty(n)
    between = np.empty((n, n))
    below, above = np.empty((q, n)), np.empty((q, n))
    least = np.empty((n, n))
    for s in range(count):
        state = states[s]
        size[:] = 0.0
        between[:] = 0.0
        below[:] = 0.0
        above[:] = 0.0
        for i in range(n):
            size[state[i]] += 1.0
            for c in range(q):
                below[c, state[i]] += low[c, i]
                above[c, state[i]] += high[c, i]
            for j in range(n):
                between[state[i], state[j]] += squares[i, j]
        surest, outside = np.inf, np.inf
        for a in range(n):
            for b in range(a + 1, n):
                if size[a] == 0.0 or size[b] == 0.0:
                    continue
                p, r = size[a], size[b]
                known = (
                    between[a, b] / (p * r)
                    - between[a, a] / (2 * p * p)
                    - between[b, b] / (2 * r * r)
                )
                lowest, highest = known, known
                for c in range(q):
                    # bounds of the difference of the two means
                    under = below[c, a] / p - above[c, b] / r
                    over = above[c, a] / p - below[c, b] / r
                    most = max(abs(under), abs(over))
                    highest += (most / narrowest[c]) ** 2
                    if under > 0.0 or over < 0.0:
                        lowest += (min(abs(under), abs(over)) / widest[c]) ** 2
                weight = p * r / (p + r)
                least[a, b] = weight * lowest
                if wanted[a] == wanted[b]:
                    surest = min(surest, weight * highest)
                else:
                    outside = min(outside, weight * lowest)
        # more than rounding and the tolerance for ties
        if not surest * (1 + 1e-9) < outside:
            return False, found[:0]
        for a in range(n):
            for b in range(a + 1, n):
                if size[a] == 0.0 or size[b] == 0.0 or wanted[a] != wanted[b]:
                    continue
                if least[a, b] <= surest:
                    for i in range(n):
                        found[filled, i] = a if state[i] == b else state[i]
                    filled += 1
    return True, found[:filled]
