"""The compiled search for the merges of neighbours.

Edges between clusters wait in a heap by their distance; an edge one of whose clusters is gone is
dropped when it comes up. A cluster keeps its neighbours in a linked list of cases, which names
them by any of their cases; joining two clusters joins their lists, and going through the new one
removes what occurs twice. Edges that are as near as the nearest wait in a second heap by their
case numbers, so that the rule for ties of `hclustkit.tree.linkage` holds however many there are;
the tolerance counts from the nearest edge of such a group.

Ward's method takes its distances from the centres of the clusters, so memory grows with the
number of edges. Every other linkage holds all distances and updates them for all clusters, so
that a height is the linkage over all pairs of the two clusters, neighbours or not.
"""

from __future__ import annotations

import numpy as np

from hclustkit.compiled import compiled
from hclustkit.tree.engine import COMPLETE, SINGLE, is_squared, lance_williams, tie_limit
from hclustkit.tree.ordering import lowest_case


@compiled
def _push(keys, nodes, count, key, a, b):
    """Add an edge between two nodes to a heap; return the new length."""
    at = count
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        nodes[at, 0] = nodes[above, 0]
        nodes[at, 1] = nodes[above, 1]
        at = above
    keys[at] = key
    nodes[at, 0] = a
    nodes[at, 1] = b
    return count + 1


@compiled
def _sink(keys, nodes, count, at):
    """Let an edge of a heap sink to its place."""
    key = keys[at]
    a = nodes[at, 0]
    b = nodes[at, 1]
    while True:
        below = 2 * at + 1
        if below >= count:
            break
        if below + 1 < count and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        nodes[at, 0] = nodes[below, 0]
        nodes[at, 1] = nodes[below, 1]
        at = below
    keys[at] = key
    nodes[at, 0] = a
    nodes[at, 1] = b


@compiled
def _pop(keys, nodes, count):
    """Remove the first edge of a heap; return the new length."""
    count -= 1
    keys[0] = keys[count]
    nodes[0, 0] = nodes[count, 0]
    nodes[0, 1] = nodes[count, 1]
    _sink(keys, nodes, count, 0)
    return count


@compiled
def _clean(keys, nodes, count, slot):
    """Drop the edges whose clusters are gone from a heap; return the new length."""
    left = 0
    for at in range(count):
        if slot[nodes[at, 0]] >= 0 and slot[nodes[at, 1]] >= 0:
            keys[left] = keys[at]
            nodes[left, 0] = nodes[at, 0]
            nodes[left, 1] = nodes[at, 1]
            left += 1
    for at in range(left // 2 - 1, -1, -1):
        _sink(keys, nodes, left, at)
    return left


@compiled
def _settle(keys, nodes, count, slot):
    """Remove edges from the front of a heap until the first one joins two clusters."""
    while count > 0 and (slot[nodes[0, 0]] < 0 or slot[nodes[0, 1]] < 0):
        count = _pop(keys, nodes, count)
    return count


@compiled
def _between(centre, d, size, a, b):
    """Return the distance of two clusters, squared where the linkage works on squares."""
    n = size.shape[0]
    if d.shape[0] > 0:
        return d[a * (2 * n - a - 3) // 2 + b - 1] if a < b else d[b * (2 * n - b - 3) // 2 + a - 1]
    square = 0.0
    for v in range(centre.shape[1]):
        difference = centre[a, v] - centre[b, v]
        square += difference * difference
    return 2 * square * (size[a] * size[b] / (size[a] + size[b]))


@compiled
def _join(clusters, method, lowest, a, b):
    """Put the cluster of case b into that of case a: centre and size, or all distances."""
    centre, d, size = clusters
    n = size.shape[0]
    if d.shape[0] == 0:
        whole = size[a] + size[b]
        for v in range(centre.shape[1]):
            centre[a, v] += (centre[b, v] - centre[a, v]) * (size[b] / whole)
        size[a] = whole
        return
    h = _between(centre, d, size, a, b)
    c_a, c_b, c_h, c, w = lance_williams(method, size[a], size[b])
    for k in range(n):
        if lowest[k] == k and k != a and k != b:
            one = _between(centre, d, size, a, k)
            two = _between(centre, d, size, b, k)
            r = w * size[k]
            new = ((c_a + r) * one + (c_b + r) * two + (c_h - r) * h) / (c + r)
            if method == COMPLETE:
                new = max(one, two)
            elif method == SINGLE:
                new = min(one, two)
            low = min(a, k)
            d[low * (2 * n - low - 3) // 2 + max(a, k) - 1] = new
    size[a] += size[b]


@compiled
def _lists(n, starts):
    """Chain the edges of each case; return the first, the last, and what comes after each."""
    first = np.full(n, -1)
    last = np.full(n, -1)
    after = np.full(starts.shape[0], -1)
    for e in range(starts.shape[0]):
        i = starts[e]
        if first[i] < 0:
            first[i] = e
        else:
            after[last[i]] = e
        last[i] = e
    return first, last, after


@compiled
def _gather(far, near, counts, limits, slot, clusters, method, noise):
    """Bring the edges that are as near as the nearest into the heap of ties.

    Parameters
    ----------
    far, near : tuple of keys and nodes
        The heap by distance and the heap by case numbers.
    counts : int64 array, shape (2,)
        Their lengths; both are written.
    limits : float64 array, shape (2,)
        The nearest distance of the group of ties and the largest one in it; written.
    slot, clusters, method, noise
        See `merge_neighbours`.
    """
    keys, nodes = far
    low_keys, low_nodes = near
    centre, d, size = clusters
    n = size.shape[0]
    squared = is_squared(method)
    counts[0] = _settle(keys, nodes, counts[0], slot)
    counts[1] = _settle(low_keys, low_nodes, counts[1], slot)
    if counts[0] == 0 and counts[1] == 0:
        return
    if counts[1] == 0:
        limits[0] = keys[0]
        limits[1] = keys[0]
    elif counts[0] > 0 and keys[0] < limits[0]:
        limits[0] = keys[0]
        if limits[1] > tie_limit(limits[0], squared, noise):
            # the merges have made a nearer edge: those of the group wait by distance again
            for at in range(counts[1]):
                a = low_nodes[at, 0]
                b = low_nodes[at, 1]
                if slot[a] >= 0 and slot[b] >= 0:
                    if counts[0] == keys.shape[0]:
                        counts[0] = _clean(keys, nodes, counts[0], slot)
                    value = _between(centre, d, size, slot[a], slot[b])
                    counts[0] = _push(keys, nodes, counts[0], value, a, b)
            counts[1] = 0
            limits[1] = limits[0]
    limit = tie_limit(limits[0], squared, noise)
    while counts[0] > 0 and keys[0] <= limit:
        a = nodes[0, 0]
        b = nodes[0, 1]
        limits[1] = max(limits[1], keys[0])
        counts[0] = _pop(keys, nodes, counts[0])
        if counts[1] == low_keys.shape[0]:
            counts[1] = _clean(low_keys, low_nodes, counts[1], slot)
        i = min(slot[a], slot[b])
        j = max(slot[a], slot[b])
        counts[1] = _push(low_keys, low_nodes, counts[1], i * float(n) + j, a, b)
        counts[0] = _settle(keys, nodes, counts[0], slot)


@compiled
def _renew(lists, lowest, far, counts, slot, node, clusters, total, least, a):
    """Go through the list of a new cluster: drop what occurs twice, push the edges."""
    first, last, after, ends, seen = lists
    keys, nodes = far
    centre, d, size = clusters
    previous = -1
    e = first[a]
    while e >= 0:
        k = lowest_case(lowest, ends[e])
        if k == a or seen[k] == node[a]:
            if previous < 0:
                first[a] = after[e]
            else:
                after[previous] = after[e]
        else:
            seen[k] = node[a]
            ends[e] = k
            previous = e
            if least > 0 and min(total[a], total[k]) >= least:
                e = after[e]
                continue
            if counts[0] == keys.shape[0]:
                counts[0] = _clean(keys, nodes, counts[0], slot)
            value = _between(centre, d, size, a, k)
            counts[0] = _push(keys, nodes, counts[0], value, node[a], node[k])
        e = after[e]
    last[a] = previous


@compiled
def _push_all(far, counts, lists, lowest, node, clusters):
    """Push every edge between two clusters, once."""
    keys, nodes = far
    first, after, ends = lists
    centre, d, size = clusters
    counts[0] = 0
    seen = np.full(first.shape[0], -1)
    for a in range(first.shape[0]):
        e = first[a] if lowest[a] == a else -1
        while e >= 0:
            k = lowest_case(lowest, ends[e])
            if a < k and seen[k] != a:
                seen[k] = a
                value = _between(centre, d, size, a, k)
                counts[0] = _push(keys, nodes, counts[0], value, node[a], node[k])
            e = after[e]


@compiled
def merge_neighbours(
    starts, ends, clusters, method, noise, total, least, merge_a, merge_b, height, tied
):
    """Merge the nearest two neighbours until no cluster has a neighbour.

    As long as a cluster below the least total has a neighbour, one of the two is such a cluster.

    Parameters
    ----------
    starts, ends : int64 arrays, shape (m,)
        The edges, each in both directions.
    clusters : tuple of float64 arrays
        ``centre``, shape (n, p); ``d``, condensed distances or empty, then ``ward`` takes the
        centres; ``size``, shape (n,), what each case weighs. Destroyed.
    method, noise
        As for `hclustkit.tree.engine.agglomerate`.
    total : float64 array, shape (n,)
        What each case adds to the total of its cluster. Destroyed.
    least : float
        The total that clusters are to reach first; 0 for none.
    merge_a, merge_b, height, tied
        Written, as by `hclustkit.tree.engine.agglomerate`; not sorted by height.

    Returns
    -------
    int
        The number of merges: n less the number of connected parts.
    """
    centre, d, size = clusters
    n = size.shape[0]
    m = starts.shape[0]
    squared = is_squared(method)
    node = np.arange(n)  # the cluster that a lowest case stands for
    slot = np.full(2 * n, -1)  # the lowest case of a cluster, -1 when it is gone
    for i in range(n):
        slot[i] = i
    lowest = np.arange(n)
    seen = np.full(n, -1)
    first, last, after = _lists(n, starts)
    far = np.empty(m + n), np.empty((m + n, 2), dtype=np.int64)
    near = np.empty(m + n), np.empty((m + n, 2), dtype=np.int64)
    counts = np.zeros(2, dtype=np.int64)
    limits = np.zeros(2)
    for e in range(m):
        a = starts[e]
        b = ends[e]
        if a < b and (least <= 0 or min(total[a], total[b]) < least):
            counts[0] = _push(far[0], far[1], counts[0], _between(centre, d, size, a, b), a, b)
    for stage in range(n - 1):
        _gather(far, near, counts, limits, slot, clusters, method, noise)
        if counts[1] == 0 and least > 0:
            least = 0.0
            _push_all(far, counts, (first, after, ends), lowest, node, clusters)
            _gather(far, near, counts, limits, slot, clusters, method, noise)
        if counts[1] == 0:
            return stage
        a = slot[near[1][0, 0]]
        b = slot[near[1][0, 1]]
        a, b = min(a, b), max(a, b)
        counts[1] = _settle(near[0], near[1], _pop(near[0], near[1], counts[1]), slot)
        h = _between(centre, d, size, a, b)
        merge_a[stage] = a
        merge_b[stage] = b
        height[stage] = np.sqrt(max(h, 0.0)) if squared else h
        tied[stage] = counts[1] > 0
        _join(clusters, method, lowest, a, b)
        total[a] += total[b]
        lowest[b] = a
        slot[node[a]] = -1
        slot[node[b]] = -1
        node[a] = n + stage
        slot[n + stage] = a
        if first[a] < 0:
            first[a] = first[b]
        else:
            after[last[a]] = first[b]
        lists = first, last, after, ends, seen
        _renew(lists, lowest, far, counts, slot, node, clusters, total, least, a)
    return n - 1
