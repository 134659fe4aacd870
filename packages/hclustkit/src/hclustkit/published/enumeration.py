"""Compiled loop over every partition of a few objects into clusters of given sizes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

from hclustkit.arguments import check_whole
from hclustkit.arrays import Floats, Ints
from hclustkit.compiled import compiled
from hclustkit.errors import refusal

MOST_OBJECTS = 20
"""Objects at most: every subset of them has an entry in a table."""
MOST_PARTITIONS = 2 * 10**9
"""Partitions at most: half a minute to a minute."""

TAIL = 6
"""Objects left from which on all their partitions are kept ready."""


def count_partitions(sizes: Sequence[int]) -> int:
    """Count the partitions of distinct objects into clusters of given sizes.

    Parameters
    ----------
    sizes : sequence of int
        Size of each cluster, at least 1.

    Returns
    -------
    int

    Examples
    --------
    >>> count_partitions([2, 2]), count_partitions([3, 3, 2, 2, 2, 2, 1, 1])
    (3, 378378000)
    """
    sizes = [check_whole(size, "size of a cluster", 1, 10**4) for size in sizes]
    ways = math.factorial(sum(sizes))
    for size, times in Counter(sizes).items():
        ways //= math.factorial(size) ** times * math.factorial(times)
    return ways


@compiled
def _subsets(n: int, by_first: Ints, start: Ints) -> Ints:
    """List all subsets, as bits, by their first object and then by size."""
    places = np.zeros_like(start)
    for mask in range(1, 1 << n):
        first = 0
        while not mask >> first & 1:
            first += 1
        size = 0
        for i in range(n):
            size += mask >> i & 1
        if by_first.shape[0]:
            by_first[start[first, size] + places[first, size]] = mask
        places[first, size] += 1
    return places


@compiled
def _fill_tail(
    masks: Ints,
    r: int,
    patterns: Ints,
    scores: Floats,
    keys: Ints,
    tail_scores: Floats,
    tail_keys: Ints,
    at: int,
) -> int:
    """Add up the clusters of every pattern, placed on every set of r objects.

    A pattern is a partition of r places, its clusters as bits, 0 beyond the last.
    """
    inside = np.zeros(1 << r, dtype=np.int64)
    for mask in masks:
        half = 1
        rest = mask
        while rest:
            bit = rest & -rest
            rest ^= bit
            for below in range(half):
                inside[half + below] = inside[below] | bit
            half *= 2
        for pattern in patterns:
            tail_keys[at] = 0
            for m in range(scores.shape[0]):
                tail_scores[at, m] = 0.0
            for cluster in pattern:
                if cluster == 0:
                    break
                tail_keys[at] += keys[inside[cluster]]
                for m in range(scores.shape[0]):
                    tail_scores[at, m] += scores[m, inside[cluster]]
            at += 1
    return at


@compiled
def _next_free(
    depth: int,
    sizes: Ints,
    left: Ints,
    by_first: Ints,
    start: Ints,
    count: Ints,
    taken: Ints,
    kind: Ints,
    at: Ints,
    first: Ints,
) -> int:
    """Go on to the next free subset, of this size or the next one; -1 if there is none."""
    while kind[depth] < sizes.shape[0]:
        if left[kind[depth]]:
            size = sizes[kind[depth]]
            low = start[first[depth], size]
            at[depth] += 1
            while at[depth] < count[first[depth], size]:
                mask = by_first[low + at[depth]]
                if mask & taken[depth] == 0:
                    return int(mask)
                at[depth] += 1
        kind[depth] += 1
        at[depth] = -1
    return -1


@compiled
def _walk(
    n: int,
    sizes: Ints,
    left: Ints,
    scores: Floats,
    keys: Ints,
    by_first: Ints,
    start: Ints,
    count: Ints,
    tail: tuple[Any, ...],
    targets: Floats,
    tally: Ints,
) -> None:
    """Add up the scores of the clusters of every partition, and tally it by its key.

    Depth first, without recursion: at each depth the cluster of the lowest object that is left,
    until so few objects are left that all their partitions are in the table.

    ``tail``: the step of each size in the number of what is left; by that number the first entry
    and the number of partitions, -1 elsewhere; the rank of each set of objects among
    those of its size; scores and keys of the entries.
    """
    step, base, each, rank, tail_scores, tail_keys = tail
    depths = left.sum() + 1
    full = (1 << n) - 1
    taken = np.zeros(depths, dtype=np.int64)
    kind = np.zeros(depths, dtype=np.int64)
    at = np.full(depths, -1, dtype=np.int64)
    key = np.zeros(depths, dtype=np.int64)
    state = np.zeros(depths, dtype=np.int64)
    state[0] = (step * left).sum()
    scored = scores.shape[0]
    total = np.zeros((depths, scored))
    first = np.zeros(depths, dtype=np.int64)
    depth = 0
    while depth >= 0:
        low = base[state[depth]]
        if low >= 0:
            many = each[state[depth]]
            low += rank[full ^ taken[depth]] * many
            for entry in range(low, low + many):
                place = key[depth] + tail_keys[entry]
                tally[place, 0] += 1
                for m in range(scored):
                    tally[place, m + 1] += total[depth, m] + tail_scores[entry, m] >= targets[m]
            depth -= 1
            if depth >= 0:
                left[kind[depth]] += 1
            continue
        found = _next_free(depth, sizes, left, by_first, start, count, taken, kind, at, first)
        if found < 0:
            depth -= 1
            if depth >= 0:
                left[kind[depth]] += 1
            continue
        new = depth + 1
        for m in range(scored):
            total[new, m] = total[depth, m] + scores[m, found]
        key[new] = key[depth] + keys[found]
        taken[new] = taken[depth] | found
        state[new] = state[depth] - step[kind[depth]]
        left[kind[depth]] -= 1
        kind[new] = 0
        at[new] = -1
        lowest = first[depth]
        while taken[new] >> lowest & 1:
            lowest += 1
        first[new] = lowest
        depth = new


def _patterns(free: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every partition of the objects in ``free`` into clusters of ``sizes``, as bits."""
    if not free:
        yield ()
        return
    lowest = free & -free
    others = [1 << i for i in range(free.bit_length()) if free >> i & 1 and 1 << i != lowest]
    for size in sorted(set(sizes), reverse=True):
        rest = list(sizes)
        rest.remove(size)
        for chosen in combinations(others, size - 1):
            cluster = lowest | sum(chosen)
            for more in _patterns(free ^ cluster, tuple(rest)):
                yield (cluster, *more)


def _tails(n: int, sizes: Ints, left: Ints, scores: Floats, keys: Ints) -> tuple[Any, ...]:
    """Work out all partitions of the few objects that are left last; see `_walk`."""
    few = min(n, TAIL if n <= 16 else TAIL - 1)
    step = np.concatenate([[1], np.cumprod(left + 1)[:-1]]).astype(np.int64)
    by_size: list[list[int]] = [[] for _ in range(n + 1)]
    rank = np.zeros(1 << n, dtype=np.int64)
    for mask in range(1 << n):
        masks = by_size[mask.bit_count()]
        rank[mask] = len(masks)
        masks.append(mask)
    base = np.full(int(np.prod(left + 1)), -1, dtype=np.int64)
    each = np.zeros(len(base), dtype=np.int64)
    known: list[tuple[int, Ints]] = []
    entries = 0
    for times in product(*(range(number + 1) for number in left)):
        r = int(np.dot(times, sizes))
        if not few - int(sizes[0]) < r <= few:
            continue
        chosen = tuple(np.repeat(sizes, times).tolist())
        found = list(_patterns((1 << r) - 1, chosen))
        rows = np.zeros((len(found), few), dtype=np.int64)
        for row, clusters in zip(rows, found, strict=True):
            row[: len(clusters)] = clusters
        state = int(np.dot(step, times))
        base[state], each[state] = entries, len(rows)
        entries += len(rows) * len(by_size[r])
        known.append((r, rows))
    tail_scores = np.zeros((entries, len(scores)))
    tail_keys = np.zeros(entries, dtype=np.int64)
    at = 0
    for r, rows in known:
        sets = np.array(by_size[r], dtype=np.int64)
        at = _fill_tail(sets, r, rows, scores, keys, tail_scores, tail_keys, at)
    return step, base, each, rank, tail_scores, tail_keys


def check_sizes(sizes: Sequence[int]) -> list[int]:
    """Return the sizes of the clusters if all partitions into them can be gone through.

    Raises
    ------
    InputError
        Sizes below 1, too many objects, or more than `MOST_PARTITIONS` partitions.
    """
    given = [check_whole(size, "size of a cluster", 1) for size in sizes]
    for what, value, most, rule in (
        ("objects", sum(given), MOST_OBJECTS, "too-many-objects"),
        ("partitions", count_partitions(given), MOST_PARTITIONS, "too-many-partitions"),
    ):
        if value > most:
            text = f"{value:,} {what}: at most {most:,} can be gone through one by one"
            raise refusal(text, "sizes", rule, value)
    return given


def tally_partitions(
    sizes: Sequence[int], scores: Floats, targets: npt.ArrayLike, keys: Ints
) -> Ints:
    """Count every partition into clusters of given sizes, by a property and by its scores.

    A score and the property of a partition are sums over its clusters.

    Parameters
    ----------
    sizes : sequence of int
        They add up to n, at most `MOST_OBJECTS`.
    scores : float64 array, shape (M, 2^n)
        What a cluster adds to each score; bit i of the place stands for object i.
    targets : array, shape (M,)
        A score reaches its target when it is at least as large; allow for rounding beforehand.
    keys : int64 array, shape (2^n,)
        What a cluster adds to the property, at least 0.

    Returns
    -------
    int64 array, shape (largest property + 1, M + 1)
        Row p: how many partitions have the property p, then how many of them reach each target.

    Raises
    ------
    InputError
        Sizes below 1, too many objects, or more than `MOST_PARTITIONS` partitions.

    Examples
    --------
    >>> pairs = np.array([[0.0, 0, 0, 1, 0, 0, 0, 0]])  # 1 for the cluster of objects 0 and 1
    >>> tally_partitions([2, 1], pairs, [1.0], np.zeros(8, dtype=np.int64)).tolist()
    [[3, 1]]
    """
    given = check_sizes(sizes)
    n = sum(given)
    start = np.zeros((n, n + 1), dtype=np.int64)
    count = _subsets(n, np.empty(0, dtype=np.int64), start)
    start[:] = (count.ravel().cumsum() - count.ravel()).reshape(start.shape)
    by_first = np.empty(int(count.sum()), dtype=np.int64)
    _subsets(n, by_first, start)
    distinct = np.array(sorted(set(given), reverse=True), dtype=np.int64)
    left = np.array([given.count(int(size)) for size in distinct], dtype=np.int64)
    tally = np.zeros((int(keys.max()) * len(given) + 1, len(scores) + 1), dtype=np.int64)
    goal = np.asarray(targets, dtype=np.float64)
    tail = _tails(n, distinct, left, scores, keys)
    _walk(n, distinct, left, scores, keys, by_first, start, count, tail, goal, tally)
    return tally


def cluster_sums(pairs: Floats, n: int) -> Any:
    """Add up a value of each pair over the pairs of every subset of n objects.

    Parameters
    ----------
    pairs : array, shape (M, n (n - 1) / 2)
        In the order (0, 1), (0, 2), ..., (n - 2, n - 1).
    n : int

    Returns
    -------
    array, shape (M, 2^n), of the type of ``pairs``

    Examples
    --------
    >>> cluster_sums(np.array([[1.0, 10.0, 100.0]]), 3).tolist()
    [[0.0, 0.0, 0.0, 1.0, 0.0, 10.0, 100.0, 111.0]]
    """
    matrix = np.zeros((len(pairs), n, n), dtype=pairs.dtype)
    first, second = np.triu_indices(n, 1)
    matrix[:, first, second] = pairs
    sums = np.zeros((len(pairs), 1 << n), dtype=pairs.dtype)
    for top in range(n):
        # with object ``top``: the subset below it, and its pairs with that subset
        with_top = np.zeros((len(pairs), 1 << top), dtype=pairs.dtype)
        for below in range(top):
            half = 1 << below
            with_top[:, half : 2 * half] = with_top[:, :half] + matrix[:, below, top, None]
        sums[:, 1 << top : 2 << top] = sums[:, : 1 << top] + with_top
    return sums
