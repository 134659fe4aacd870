"""Random partitions into contiguous groups of given sizes on a neighbour graph."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import check_choice, check_seed, check_whole
from hclustkit.errors import fault

SAMPLERS = ("auto", "exact", "growth")
MAX_STEPS = 1_000_000
"""Groups that the exact sampler may list before it gives up: seconds of work."""
MAX_ATTEMPTS = 20_000
"""Growths from the start in a row, all blocked, before the sampler by growth gives up."""


class _TooLargeError(Exception):
    """The exact sampler would take too long."""


def neighbours_of(edges: pd.DataFrame, labels: Sequence[Hashable] | pd.Index) -> list[list[int]]:
    """List the neighbours of each label by place, from an edge list.

    Parameters
    ----------
    edges : DataFrame
        One row a pair of neighbours, in either order, in the first two columns.
    labels : sequence of n labels

    Raises
    ------
    InputError
        Fewer than two columns, a label that is not in the data, a label beside itself.
    """
    if not isinstance(edges, pd.DataFrame) or edges.shape[1] < 2:
        raise fault("neighbours", "expected a DataFrame of two columns of labels", "table-type")
    place = {label: number for number, label in enumerate(labels)}
    found: list[set[int]] = [set() for _ in labels]
    pairs = zip(edges.iloc[:, 0], edges.iloc[:, 1], strict=True)
    for row, (first, second) in enumerate(pairs, start=1):
        for label in (first, second):
            if label not in place:
                text = f"label {label!r} is not in the data"
                raise fault(f"neighbours, row {row}", text, "unknown-label", label)
        if first == second:
            text = f"{first!r} is its own neighbour"
            raise fault(f"neighbours, row {row}", text, "own-neighbour", first)
        found[place[first]].add(place[second])
        found[place[second]].add(place[first])
    return [sorted(others) for others in found]


def connected_sets(start: int, size: int, allowed: int, near: Sequence[int]) -> Iterator[int]:
    """Yield, as bits, all connected sets of ``size`` within ``allowed`` that hold ``start``.

    Each once: a vertex passed over on one branch is barred from the branches after it.
    """

    def extend(group: int, border: int, barred: int, missing: int) -> Iterator[int]:
        if missing == 0:
            yield group
            return
        while border:
            vertex = border & -border
            border ^= vertex
            barred |= vertex
            fresh = near[vertex.bit_length() - 1] & allowed & ~barred & ~border & ~group
            yield from extend(group | vertex, border | fresh, barred, missing - 1)

    first = 1 << start
    yield from extend(first, near[start] & allowed & ~first, first, size - 1)


class _Exact:
    """Counts the partitions of what is left, and draws one of them uniformly.

    A state is the set of vertices left and the sizes left. The lowest vertex left must lie
    in one of the groups to come, so listing the connected sets around it lists every
    partition once; the number of ways to go on from each is counted once and kept.
    """

    def __init__(self, near: Sequence[int]) -> None:
        self.near = near
        self.steps = 0
        self.ways: dict[tuple[int, tuple[int, ...]], int] = {}
        self.moves: dict[tuple[int, tuple[int, ...]], tuple[list[int], list[Any], list[float]]] = {}

    def count(self, left: int, sizes: tuple[int, ...]) -> int:
        """Count the partitions of ``left`` into connected groups of ``sizes`` (sorted)."""
        if not left:
            return 1
        state = (left, sizes)
        if state in self.ways:
            return self.ways[state]
        start = (left & -left).bit_length() - 1
        groups, following, ways = [], [], []
        for place, size in enumerate(sizes):
            if place and size == sizes[place - 1]:
                continue
            rest = sizes[:place] + sizes[place + 1 :]
            for group in connected_sets(start, size, left, self.near):
                self.steps += 1
                if self.steps > MAX_STEPS:
                    raise _TooLargeError
                number = self.count(left ^ group, rest)
                if number:
                    groups.append(group)
                    following.append((left ^ group, rest))
                    ways.append(number)
        total = sum(ways)
        self.ways[state] = total
        # shares of the running total; the last is exactly 1
        self.moves[state] = (groups, following, [part / total for part in accumulate(ways)])
        return total

    def draw(self, left: int, sizes: tuple[int, ...], chances: Sequence[float]) -> list[int]:
        """Draw the groups of one partition; ``chances`` are uniform on [0, 1), one a group."""
        state = (left, sizes)
        out = []
        for chance in chances:
            groups, following, running = self.moves[state]
            chosen = bisect_right(running, chance)
            out.append(groups[chosen])
            state = following[chosen]
        return out


def every_contiguous_partition(
    edges: pd.DataFrame, labels: Sequence[Hashable] | pd.Index, sizes: Sequence[int] | np.ndarray
) -> np.ndarray:
    """List every partition whose groups are connected on the graph.

    Parameters
    ----------
    edges : DataFrame, see `neighbours_of`
    labels : sequence of labels
    sizes : sequence of int
        Size of each group; they add up to the number of labels.

    Returns
    -------
    int64 array, shape (number of partitions, number of labels)
        Groups numbered from 0 in the order in which they are listed.

    Raises
    ------
    InputError
        A bad graph or sizes, or more than `MAX_STEPS` groups to go through.

    Examples
    --------
    >>> line = pd.DataFrame({"a": ["p", "q"], "b": ["q", "r"]})
    >>> every_contiguous_partition(line, list("pqr"), [2, 1]).tolist()
    [[0, 0, 1], [0, 1, 1]]
    """
    near = neighbours_of(edges, labels)
    given = _check_sizes(sizes, len(near))
    masks = [sum(1 << other for other in others) for others in near]
    exact = _Exact(masks)
    state = ((1 << len(near)) - 1, tuple(given))
    try:
        number = exact.count(*state)
    except (_TooLargeError, RecursionError):
        text = f"too many contiguous partitions of {len(near)} labels to list them all"
        raise fault("sizes", text, "too-many-partitions", given) from None
    found = np.empty((number, len(near)), dtype=np.int64)
    rows = iter(found)

    def descend(state: tuple[int, tuple[int, ...]], groups: list[int]) -> None:
        if not state[0]:
            next(rows)[:] = _numbers(groups, len(near))
            return
        for group, after, _ in zip(*exact.moves[state], strict=True):
            descend(after, [*groups, group])

    if number:
        descend(state, [])
    return found


def _numbers(groups: Sequence[int], n: int) -> list[int]:
    """Return the number of the group, as bits, that each place is in."""
    return [next(g for g, group in enumerate(groups) if group >> at & 1) for at in range(n)]


def _check_sizes(sizes: Sequence[int] | np.ndarray, n: int) -> list[int]:
    """Return the sizes, largest first, if they add up to n."""
    found = sorted((check_whole(size, "sizes") for size in sizes), reverse=True)
    if not found or found[-1] < 1 or sum(found) != n:
        raise fault("sizes", f"{found} do not add up to {n} labels", "sizes-total", found)
    return found


def _grow(
    near: list[list[int]], sizes: Sequence[int] | np.ndarray, rng: np.random.Generator
) -> np.ndarray | None:
    """Try once to grow groups in the order of ``sizes``; None if one is blocked."""
    labels = np.full(len(near), -1)
    for number, size in enumerate(sizes):
        free = np.flatnonzero(labels < 0)
        border = {int(rng.choice(free))}
        for _ in range(size):
            if not border:
                return None
            vertex = sorted(border)[int(rng.integers(len(border)))]
            labels[vertex] = number
            border.discard(vertex)
            border.update(other for other in near[vertex] if labels[other] < 0)
    return labels


def contiguous_partitions(
    edges: pd.DataFrame,
    labels: Sequence[Hashable] | pd.Index,
    sizes: Sequence[int] | np.ndarray,
    draws: int,
    seed: int,
    *,
    sampler: str = "auto",
) -> tuple[np.ndarray, str]:
    """Draw partitions whose every group is connected on the graph.

    Parameters
    ----------
    edges : DataFrame, see `neighbours_of`
    labels : sequence of labels
    sizes : sequence of int
        Size of each group; they add up to the number of labels.
    draws : int
        Number of draws.
    seed : int
    sampler : str
        ``exact``: every partition into connected groups of these sizes is equally likely
        (all of them are counted, by dynamic programming over the vertices left).
        ``growth``: the sizes in random order, each group grown from a random free vertex by
        random free neighbours, all begun again when one is blocked. It is not uniform: it
        favours partitions that many growths lead to, compact groups among them.
        ``auto``: exact where counting stays within `MAX_STEPS`, else growth. Sixteen labels
        in groups of up to three take a fraction of a second.

    Returns
    -------
    partitions : int64 array, shape (draws, number of labels)
    sampler : str, the one that was used

    Raises
    ------
    InputError
        A bad graph, sizes, number or seed, no partition of these sizes, or, for growth, none found.

    Examples
    --------
    >>> chain = pd.DataFrame([("A", "B"), ("B", "C"), ("C", "D")])
    >>> partitions, sampler = contiguous_partitions(chain, list("ABCD"), [2, 2], 1, seed=1)
    >>> partitions.tolist(), sampler
    ([[0, 0, 1, 1]], 'exact')
    """
    check_choice(sampler, SAMPLERS, "sampler")
    draws = check_whole(draws, "draws", 1)
    near = neighbours_of(edges, labels)
    sizes = _check_sizes(sizes, len(near))
    rng = np.random.default_rng(check_seed(seed))
    shown = f"partition into contiguous groups of sizes {', '.join(map(str, sizes))}"
    if sampler != "growth":
        masks = [sum(1 << other for other in others) for others in near]
        exact = _Exact(masks)
        state = ((1 << len(near)) - 1, tuple(sizes))
        try:
            ways = exact.count(*state)
        except (_TooLargeError, RecursionError):
            if sampler == "exact":
                message = (
                    f"too many contiguous partitions of {len(near)} labels to count them all; "
                    "use sampler 'growth'"
                )
                raise fault("neighbours", message, "too-many-partitions", len(near)) from None
        else:
            if ways == 0:
                text = f"the neighbour graph has no {shown}"
                raise fault("sizes", text, "no-partition", list(sizes))
            partitions = np.empty((draws, len(near)), dtype=np.int64)
            for draw, chances in zip(
                partitions, rng.random((draws, len(sizes))).tolist(), strict=True
            ):
                draw[:] = _numbers(exact.draw(*state, chances), len(near))
            return partitions, "exact"
    partitions = np.empty((draws, len(near)), dtype=np.int64)
    for draw in partitions:
        for _ in range(MAX_ATTEMPTS):
            grown = _grow(near, rng.permutation(sizes), rng)
            if grown is not None:
                draw[:] = grown
                break
        else:
            message = (
                f"no {shown} found in "
                f"{MAX_ATTEMPTS} attempts: the neighbour graph has none, or hardly any"
            )
            raise fault("sizes", message, "no-partition", list(sizes))
    return partitions, "growth"
