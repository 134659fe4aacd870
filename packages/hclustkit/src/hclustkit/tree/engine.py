"""The compiled search for the merges of a hierarchical clustering.

`agglomerate` is the plain statement: at every stage the lowest of the pairs that count as
nearest is merged. Each cluster keeps a lower bound of the distance to its nearest neighbour
among the later ones, which is looked at again only when it comes into question (Muellner 2013).
`follow_chain` is quicker for linkages under which a new cluster is never nearer to a third
than both its parts were: it follows nearest neighbours until two clusters are each other's
(Murtagh 1983). It does not know the rule for ties; its result is used only if each merged
cluster was the other's one nearest neighbour, for then no rule can lead to another tree.
`span` does the same for single linkage by a spanning tree (Prim), without a matrix.

Conventions: cases are numbered from 0 and a cluster is named by its lowest case, so stage s
joins ``merge_b[s]`` into ``merge_a[s] < merge_b[s]``. Ward, centroid and median work on squared
Euclidean distances and give square roots out. The arithmetic is the same everywhere: fixed
order of additions, no fused operations.

References
----------
Lance, G. N., Williams, W. T. (1967), A general theory of classificatory sorting strategies.
Computer Journal 9, 373-380.
Muellner, D. (2013), fastcluster: fast hierarchical, agglomerative clustering routines for R
and Python. Journal of Statistical Software 53(9).
Murtagh, F. (1983), A survey of recent advances in hierarchical clustering algorithms.
Computer Journal 26, 354-359.
"""

from __future__ import annotations

import numpy as np

from hclustkit.arrays import Bools, Floats, Ints
from hclustkit.compiled import compiled

Merges = tuple[Ints, Ints, Floats, Bools]
"""What `agglomerate` writes: merge_a, merge_b, height, tied."""

LINKAGES = ("ward", "average", "complete", "single", "weighted", "centroid", "median")
"""The linkages. R's names: ward.D2, average, complete, single, mcquitty, and centroid and
median on squared distances. The place in this list is the code of the compiled loops."""

WARD, AVERAGE, COMPLETE, SINGLE, WEIGHTED, CENTROID, MEDIAN = range(7)

SQUARED = frozenset({"ward", "centroid", "median"})
"""Linkages defined through squared Euclidean distances."""

TIE_TOLERANCE = 1e-10
"""Relative difference below which two distances are equal: far above rounding (1e-15 to
1e-13 after many merges), far below what separates measured values."""

CHAIN_ROWS = 24
"""Above this many rows the chain is quicker than the search by the rule."""

EPS = float(np.finfo(np.float64).eps)


@compiled
def tie_limit(value, squared, noise):
    """Return the largest value that still counts as equal to ``value``.

    ``noise`` is the absolute rounding of a distance; with ``squared`` both values are squares.
    """
    if squared:
        root = np.sqrt(max(value, 0.0)) * (1 + TIE_TOLERANCE) + noise
        return root * root
    return value * (1 + TIE_TOLERANCE) + noise


@compiled
def is_squared(method):
    """Tell whether a linkage works on squared distances."""
    return method == WARD or method >= CENTROID


@compiled
def to_distances(method, d):
    """Turn squared Euclidean distances into what the linkage takes, in place."""
    if not is_squared(method):
        for at in range(d.shape[0]):
            d[at] = np.sqrt(d[at])


@compiled
def lance_williams(method, p, q):
    """Return the coefficients by which the distances of a merged cluster follow.

    Lance and Williams (1967): the distance to a third cluster of size r is
    ((c_a + w r) a + (c_b + w r) b + (c_h - w r) h) / (c + w r), where a and b are its distances to
    the two clusters, of sizes p and q, and h is the distance at which they merge.
    """
    if method == WARD:
        return p, q, 0.0, p + q, 1.0
    if method == AVERAGE:
        return p, q, 0.0, p + q, 0.0
    if method == CENTROID:
        return p, q, -p * q / (p + q), p + q, 0.0
    if method == MEDIAN:
        return 1.0, 1.0, -0.5, 2.0, 0.0
    return 1.0, 1.0, 0.0, 2.0, 0.0


@compiled
def nearest_later(d, start, active, position, left):
    """Find the nearest cluster behind a position of ``active``: distance and name."""
    row = start[active[position]]
    at = active[position + 1]
    best = d[row + at]
    for later in range(position + 2, left):
        value = d[row + active[later]]
        if value < best:
            best = value
            at = active[later]
    return best, at


@compiled
def start_search(d, n):
    """Set up a search: positions, names, nearest neighbours and whether these are exact."""
    start = np.empty(n, dtype=np.int64)
    active = np.empty(n, dtype=np.int64)
    neighbour = np.empty(n, dtype=np.int64)
    nearest = np.empty(n)  # a lower bound, exact where fresh
    fresh = np.empty(n, dtype=np.bool_)
    for i in range(n):
        active[i] = i
        fresh[i] = True
        # the distance of i < j is at start[i] + j
        start[i] = i * (2 * n - i - 1) // 2 - i - 1
    nearest[n - 1] = np.inf
    for i in range(n - 1):
        nearest[i], neighbour[i] = nearest_later(d, start, active, i, n)
    return start, active, neighbour, nearest, fresh


@compiled(inline="always")  # a call at every stage costs time on small tables
def update_search(d, size, method, start, active, nearest, neighbour, fresh, left, a, b):
    """Compute the distances of b joined into a, b no longer active, and update the bounds."""
    row = start[a]
    row_b = start[b]
    h = d[row + b]
    c_a, c_b, c_h, c, w = lance_williams(method, size[a], size[b])
    size[a] += size[b]
    best = np.inf
    at = b
    for position in range(left):
        k = active[position]
        if k < a:
            here = start[k] + a
            there = start[k] + b
        elif k == a:
            continue
        else:
            here = row + k
            there = start[k] + b if k < b else row_b + k
        r = w * size[k]
        new = ((c_a + r) * d[here] + (c_b + r) * d[there] + (c_h - r) * h) / (c + r)
        if method == COMPLETE:
            new = max(d[here], d[there])
        elif method == SINGLE:
            new = min(d[here], d[there])
        d[here] = new
        if k < a:
            if new < nearest[k]:
                nearest[k] = new
                neighbour[k] = a
                fresh[k] = True
            elif neighbour[k] == a or neighbour[k] == b:
                fresh[k] = False
        else:
            if new < best:
                best = new
                at = k
            if k < b and neighbour[k] == b:
                fresh[k] = False
    nearest[a] = best
    neighbour[a] = at
    fresh[a] = True
    # the last active row has no later partner
    nearest[active[left - 1]] = np.inf
    fresh[active[left - 1]] = True


@compiled
def agglomerate(d, size, method, noise, merge_a, merge_b, height, tied):
    """Agglomerate n cases, every tie decided by the rule.

    Parameters
    ----------
    d : float64 array, shape (n (n - 1) / 2,)
        Condensed: squared Euclidean distances for `WARD`, `CENTROID` and `MEDIAN`, plain
        distances otherwise. Destroyed.
    size : float64 array, shape (n,)
        What each case weighs. Destroyed.
    method : int
    noise : float
        See `tie_limit`.
    merge_a, merge_b : int64 arrays, shape (stages,)
        Written: the two clusters joined at each stage, of at most n - 1.
    height : float64 array, shape (stages,)
        Written: the distance at which they were joined; it may fall by as much as the
        tolerance.
    tied : bool array, shape (stages,) or (0,)
        Written unless empty: another pair was as near, so the rule decided.
    """
    n = size.shape[0]
    squared = is_squared(method)
    report = tied.shape[0] > 0
    start, active, neighbour, nearest, fresh = start_search(d, n)
    left = n
    for stage in range(merge_a.shape[0]):
        while True:
            place = 0
            least = nearest[active[0]]
            for position in range(1, left - 1):
                if nearest[active[position]] < least:
                    least = nearest[active[position]]
                    place = position
            i = active[place]
            if fresh[i]:
                break
            nearest[i], neighbour[i] = nearest_later(d, start, active, place, left)
            fresh[i] = True
        # the first row with a pair within the limit, and whether there is another one
        limit = tie_limit(least, squared, noise)
        a = -1
        again = False
        for position in range(left - 1):
            i = active[position]
            if nearest[i] <= limit:
                if not fresh[i]:
                    nearest[i], neighbour[i] = nearest_later(d, start, active, position, left)
                    fresh[i] = True
                if nearest[i] <= limit:
                    if a >= 0:
                        again = True
                        break
                    a = i
                    place = position
                    if not report:
                        break
        row = start[a]
        gone = place + 1
        while d[row + active[gone]] > limit:
            gone += 1
        b = active[gone]
        if report:
            for later in range(gone + 1, left):
                if again:
                    break
                again = d[row + active[later]] <= limit
            tied[stage] = again
        h = d[row + b]
        merge_a[stage] = a
        merge_b[stage] = b
        height[stage] = np.sqrt(max(h, 0.0)) if squared else h
        left -= 1
        for position in range(gone, left):
            active[position] = active[position + 1]
        update_search(d, size, method, start, active, nearest, neighbour, fresh, left, a, b)


@compiled(fastmath={"nnan", "nsz"})
def _least(row, stop):
    """Find the smallest of the first values; the flags let the loop run in lanes."""
    best = row[0]
    for at in range(1, stop):
        best = min(best, row[at])
    return best


@compiled
def square_matrix(columns, method):
    """Compute all distances that a linkage takes.

    Parameters
    ----------
    columns : float64 array, shape (p, n)

    Returns
    -------
    float64 array, shape (n, n), with inf on the diagonal
    """
    p, n = columns.shape
    d = np.zeros((n, n))
    for i in range(n):
        row = d[i]
        for v in range(p):
            here = columns[v, i]
            for j in range(n):
                difference = columns[v, j] - here
                row[j] += difference * difference
        to_distances(method, row)
        row[i] = np.inf
    return d


@compiled
def condensed_distances(columns, method):
    """Compute the distances that a linkage takes as `agglomerate` wants them."""
    p, n = columns.shape
    d = np.zeros(n * (n - 1) // 2)
    start = 0
    for i in range(n - 1):
        row = d[start : start + n - 1 - i]
        for v in range(p):
            here = columns[v, i]
            for j in range(n - 1 - i):
                difference = columns[v, i + 1 + j] - here
                row[j] += difference * difference
        start += n - 1 - i
    to_distances(method, d)
    return d


@compiled
def follow_chain(d, method, noise, merge_a, merge_b, height, made):
    """Agglomerate by a nearest-neighbour chain; ``False`` if ties could change the tree.

    The merges come in the order of the chain: `put_in_order` sorts them.

    Parameters
    ----------
    d : float64 array, shape (n, n)
        Symmetric, inf on the diagonal. Destroyed.
    method : int
        `WARD`, `AVERAGE`, `COMPLETE` or `WEIGHTED`.
    noise, merge_a, merge_b, height
        As for `agglomerate`.
    made : int64 array, shape (n - 1, 2)
        Written: the merges that made the two clusters of each; -1 for a case.
    """
    n = d.shape[0]
    squared = is_squared(method)
    width = n
    name = np.empty(n, dtype=np.int64)  # the lowest case of the cluster in a place
    maker = np.empty(n, dtype=np.int64)  # the merge that made it
    size = np.empty(n)
    alive = np.empty(n, dtype=np.bool_)
    chain = np.empty(n, dtype=np.int64)
    sole = np.empty(n, dtype=np.bool_)  # whether the next in the chain is the one nearest
    for i in range(n):
        name[i] = i
        maker[i] = -1
        size[i] = 1.0
        alive[i] = True
    length = 0
    for stage in range(n - 1):
        left = n - stage
        if left > 32 and 2 * left <= width:
            _pack(d, name, size, maker, alive, chain, length, width)
            width = left
        if length == 0:
            chain[0] = 0
            while not alive[chain[0]]:
                chain[0] += 1
            length = 1
        while True:
            i = chain[length - 1]
            row = d[i]
            limit = tie_limit(_least(row, width), squared, noise)
            count = 0
            for k in range(width):
                count += row[k] <= limit
            j = 0
            while row[j] > limit:
                j += 1
            if length > 1 and row[chain[length - 2]] <= limit:
                # going back whenever one can is what ends the chain
                j = chain[length - 2]
                break
            chain[length] = j
            sole[length - 1] = count == 1
            length += 1
        if count > 1 or not sole[length - 2]:
            return False
        length -= 2
        if i > j:
            i, j = j, i
        h = d[i, j]
        merge_a[stage] = name[i]
        merge_b[stage] = name[j]
        height[stage] = np.sqrt(h) if squared else h
        made[stage, 0] = maker[i]
        made[stage, 1] = maker[j]
        maker[i] = stage
        _join(d, method, i, j, width, size, alive)
    return True


@compiled
def _pack(d, name, size, maker, alive, chain, length, width):
    """Close the gaps that merged clusters left in a square matrix, in order."""
    keep = np.empty(width, dtype=np.int64)
    where = np.empty(width, dtype=np.int64)
    left = 0
    for i in range(width):
        if alive[i]:
            keep[left] = i
            where[i] = left
            left += 1
    for i in range(left):
        for j in range(left):
            d[i, j] = d[keep[i], keep[j]]
        name[i] = name[keep[i]]
        size[i] = size[keep[i]]
        maker[i] = maker[keep[i]]
        alive[i] = True
    for link in range(length):
        chain[link] = where[chain[link]]


@compiled
def _join(d, method, i, j, width, size, alive):
    """Put the cluster in place j into that in place i of a square matrix."""
    h = d[i, j]
    one = d[i]
    two = d[j]
    if method == COMPLETE:
        for k in range(width):
            one[k] = max(one[k], two[k])
    else:
        c_a, c_b, c_h, c, w = lance_williams(method, size[i], size[j])
        for k in range(width):
            r = w * size[k]
            one[k] = ((c_a + r) * one[k] + (c_b + r) * two[k] + (c_h - r) * h) / (c + r)
    size[i] += size[j]
    alive[j] = False
    for k in range(width):
        if alive[k]:
            d[k, i] = one[k]
            d[k, j] = np.inf
    one[i] = np.inf
    one[j] = np.inf


@compiled
def span(columns, ends, length):
    """Find a spanning tree of least total length by Prim's algorithm, without a matrix.

    Parameters
    ----------
    columns : float64 array, shape (p, n)
        Destroyed: the columns of the cases left are kept together.
    ends : int64 array, shape (n - 1, 2)
        Written: the two cases of each edge.
    length : float64 array, shape (n - 1,)
        Written: Euclidean distances.
    """
    p, n = columns.shape
    name = np.empty(n, dtype=np.int64)
    near = np.empty(n)
    near_to = np.empty(n, dtype=np.int64)
    square = np.empty(n)
    for i in range(n):
        name[i] = i
        near[i] = np.inf
    at = 0
    for edge in range(n - 1):
        left = n - 1 - edge
        case = name[at]
        # the case joins the tree; the last of those left takes its place
        square[:left] = 0.0
        for v in range(p):
            column = columns[v]
            here = column[at]
            column[at] = column[left]
            for k in range(left):
                difference = column[k] - here
                square[k] += difference * difference
        name[at] = name[left]
        near[at] = near[left]
        near_to[at] = near_to[left]
        for k in range(left):
            if square[k] < near[k]:
                near[k] = square[k]
                near_to[k] = case
        best = _least(near, left)
        at = 0
        while near[at] > best:
            at += 1
        length[edge] = np.sqrt(best)
        ends[edge, 0] = near_to[at]
        ends[edge, 1] = name[at]
