"""Every partition into k clusters that ties allow, found exactly up to a bound.

Merges at the same height come in a batch. Where no merge makes a third pair nearer (all linkages
but centroid and median), clusters that equally near pairs connect are decided apart from all
others, and what follows depends only on how each such group ends: the order of merges is not walked
through. A state that was met before is not met again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from scipy.sparse.csgraph import connected_components

from hclustkit.arrays import Bools, Floats, Ints
from hclustkit.ties.canonical import Canonical
from hclustkit.ties.connected import connected_divisions
from hclustkit.tree.engine import (
    AVERAGE,
    CENTROID,
    COMPLETE,
    MEDIAN,
    SINGLE,
    WEIGHTED,
    is_squared,
    lance_williams,
    tie_limit,
)

Steps = tuple[tuple[int, int], ...]
"""Merges one after the other, each as places in a state; the second place is given up."""

PASSES = 5
"""How often each cell of the distances is looked at in a state."""
STEP_WORK = 4_000
"""What looking at one state costs, as cells of distances that are looked at."""
CHILD_WORK = 10
"""What naming one state to come costs, for each of its clusters."""
VERTEX_WORK = 10
"""What one step of dividing a graph costs, for each of its vertices."""
WORK = 2 * 10**7
"""Where the search for up to 1,000 partitions is given up: some tenths of a second."""
FEW, MORE = 50, 5
"""Tables of at most this number of rows get this multiple of the work: their count may end."""


class _LimitError(Exception):
    """More partitions than the bound, or more work than allowed."""


@dataclass(eq=False)
class _State:
    """Clusters on the way: their distances (inf on the diagonal) and who they are.

    ``members`` are bits of rows; ``shapes`` tell apart what further distances depend on, which
    is the history under linkages that do not know sizes.
    """

    d: Floats
    size: Floats
    members: list[int]
    shapes: list[Hashable]

    def merge(self, i: int, j: int, code: int) -> None:
        """Join place j into place i; place j stays behind, infinitely far away."""
        row, h = self.d[i], self.d[i, j]
        a, b = self.size[i], self.size[j]
        if code == COMPLETE:
            new = np.maximum(row, self.d[j])
        elif code == SINGLE:
            new = np.minimum(row, self.d[j])
        else:
            c_a, c_b, c_h, c, w = lance_williams(code, a, b)
            r = w * self.size
            near = np.isfinite(row) & np.isfinite(self.d[j])
            one, two = np.where(near, row, 0.0), np.where(near, self.d[j], 0.0)
            new = ((c_a + r) * one + (c_b + r) * two + (c_h - r) * h) / (c + r)
            new[~near] = np.inf
        self.d[i] = self.d[:, i] = new
        self.d[i, i] = np.inf
        self.d[j] = self.d[:, j] = np.inf
        self.size[i] = a + b
        self.shapes[i] = self.shape_after(i, j, code)
        self.members[i] |= self.members[j]
        self.members[j] = 0

    def shape_after(self, i: int, j: int, code: int) -> Hashable:
        """Tell what two clusters become together."""
        if code in (WEIGHTED, MEDIAN):
            return frozenset((self.shapes[i], self.shapes[j]))
        return self.members[i] | self.members[j]

    def key_after(self, i: int, j: int, code: int) -> frozenset[Hashable]:
        """Name the state after one merge."""
        one, two = self.shapes[i], self.shapes[j]
        return frozenset(self.shapes) - {one, two} | {self.shape_after(i, j, code)}

    def after(self, steps: Steps, code: int) -> _State:
        """Make the state after some merges, without the places given up."""
        new = _State(self.d.copy(), self.size.copy(), [*self.members], [*self.shapes])
        for i, j in steps:
            new.merge(i, j, code)
        kept = [place for place, bits in enumerate(new.members) if bits]
        return _State(
            new.d[np.ix_(kept, kept)],
            new.size[kept],
            [new.members[place] for place in kept],
            [new.shapes[place] for place in kept],
        )

    def partition_after(self, steps: Steps) -> frozenset[int]:
        """Name the clusters after some merges, as bits of rows."""
        members = [*self.members]
        for i, j in steps:
            members[i] |= members[j]
            members[j] = 0
        return frozenset(bits for bits in members if bits)


@dataclass
class _Search:
    rows: Canonical
    k: int
    bound: int
    found: dict[frozenset[int], None] = field(default_factory=dict)
    work: float = 0.0

    def spend(self, cells: int, step: int = STEP_WORK) -> None:
        self.work += PASSES * cells + step
        more = MORE if self.rows.n <= FEW else 1
        if self.work > WORK * more * max(1.0, self.bound / 1000):
            raise _LimitError

    def run(self) -> bool:
        """Search; return whether every partition was found."""
        n, code = self.rows.n, self.rows.code
        bits = [1 << place for place in range(n)]
        start = _State(self.rows.square(), np.ones(n), bits, list(bits))
        seen: set[frozenset[Hashable]] = set()
        waiting: list[Iterator[_State]] = [iter([start])]
        advance = self._one_merge if code >= CENTROID else self._batch
        try:
            while waiting:
                state = next(waiting[-1], None)
                if state is None:
                    waiting.pop()
                    continue
                key = frozenset(state.shapes)
                if key not in seen:
                    seen.add(key)
                    self.spend(state.d.size)
                    waiting.append(advance(state))
        except _LimitError:
            return False
        return True

    def _add(self, partition: frozenset[int]) -> None:
        self.found[partition] = None
        if len(self.found) > self.bound:
            raise _LimitError

    def _limit(self, value: float) -> float:
        """Return the largest value that still counts as equal."""
        return float(tie_limit(value, is_squared(self.rows.code), self.rows.noise))

    def _one_merge(self, state: _State) -> Iterator[_State]:
        """Return the states one merge on, whichever of the nearest pairs it joins."""
        tied = state.d <= self._limit(float(state.d.min()))
        last = len(state.members) - 1 == self.k
        for i, j in np.argwhere(np.triu(tied)).tolist():
            if last:
                self._add(state.partition_after(((i, j),)))
            else:
                yield state.after(((i, j),), self.rows.code)

    def _batch(self, state: _State) -> Iterator[_State]:
        """Return the states after all merges at the lowest height; keep cuts on the way."""
        left = len(state.members) - self.k
        limit = self._limit(float(state.d.min()))
        tied = state.d <= limit
        if self.rows.code == SINGLE:
            yield from self._components(state, tied)
            return
        ends: list[list[Steps]] = []
        ways: list[list[Steps]] = []
        for group in _groups(tied):
            terminal, passed = self._endings(state, group, limit, left)
            ends.append(terminal)
            ways.append(passed)
        most = [max(map(len, passed)) for passed in ways]
        if sum(most) >= left:
            for steps in _exactly(ways, most, left):
                self._add(state.partition_after(steps))
        for chosen in product(*ends):
            steps = tuple(step for part in chosen for step in part)
            if len(steps) < left:
                yield state.after(steps, self.rows.code)

    def _components(self, state: _State, tied: Bools) -> Iterator[_State]:
        """Return the state after all merges at the lowest height of single linkage, or the cuts."""
        groups = _groups(tied)
        if sum(len(group) - 1 for group in groups) < len(state.members) - self.k:
            steps = tuple((int(group[0]), int(place)) for group in groups for place in group[1:])
            yield state.after(steps, SINGLE)
            return
        near = [sum(1 << place for place in np.flatnonzero(row).tolist()) for row in tied]
        for parts in connected_divisions(near, self.k):
            if parts is None:
                self.spend(0, VERTEX_WORK * len(near))
                continue
            places = [[at for at in range(part.bit_length()) if part >> at & 1] for part in parts]
            self._add(frozenset(sum(state.members[at] for at in each) for each in places))

    def _endings(
        self, state: _State, group: Ints, limit: float, left: int
    ) -> tuple[list[Steps], list[Steps]]:
        """List how the merges within a group can end, and all they can come through.

        Both by the merges that lead there; what the second list holds is complete up to
        ``left`` merges, or is its longest only where the cut cannot lie inside.
        """
        places = group.tolist()
        if len(places) == 2:
            pair: Steps = ((places[0], places[1]),)
            return [pair], [(), pair]
        local = state.d[np.ix_(group, group)]
        if left >= len(places) and self._joins_wholly(local, limit):
            whole: Steps = tuple((places[0], place) for place in places[1:])
            # then a cut inside the batch has room for the whole group only
            if left >= sum(len(each) - 1 for each in _groups(state.d <= limit)):
                return [whole], [whole]
        return self._walk(state, group, limit, left)

    def _joins_wholly(self, local: Floats, limit: float) -> bool:
        """Tell whether a group becomes one cluster in every case."""
        code = self.rows.code
        clique = bool((local[np.triu_indices(len(local), 1)] <= limit).all())
        return clique and (code in (AVERAGE, COMPLETE, WEIGHTED) or limit <= self._limit(0.0))

    def _walk(
        self, state: _State, group: Ints, limit: float, left: int
    ) -> tuple[list[Steps], list[Steps]]:
        """Walk through the merges within a group one by one, each state once."""
        places = group.tolist()
        code = self.rows.code
        start = _State(
            state.d[np.ix_(group, group)],
            state.size[group],
            [1 << place for place in range(len(places))],
            [1 << place for place in range(len(places))],
        )
        # a state is made from the one before it only when its turn comes
        waiting: list[tuple[_State, Steps, Steps]] = [(start, (), ())]
        seen = {frozenset(start.shapes)}
        terminal: list[Steps] = []
        passed: list[Steps] = []
        while waiting:
            before, merge, steps = waiting.pop()
            at = before.after(merge, code)
            self.spend(at.d.size)
            passed.append(steps)
            if len(steps) == left:  # a cut at once, which may be one more than is counted
                self._add(state.partition_after(steps))
            pairs = np.argwhere(np.triu(at.d <= limit)).tolist()
            if not pairs:
                terminal.append(steps)
            elif len(steps) < left:
                self.work += CHILD_WORK * len(pairs) * len(at.members)
                for i, j in reversed(pairs):
                    key = at.key_after(i, j, code)
                    if key not in seen:
                        seen.add(key)
                        # names of places in the whole state: the lowest of each cluster
                        low, high = (places[_lowest(at.members[each])] for each in (i, j))
                        waiting.append((at, ((i, j),), (*steps, (low, high))))
        return terminal, passed


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _groups(tied: Bools) -> list[Ints]:
    """Collect the places that tied pairs connect, each group ascending."""
    parts = connected_components(tied, directed=False)[1]
    groups = [np.flatnonzero(parts == part) for part in dict.fromkeys(parts.tolist())]
    return [group for group in groups if len(group) > 1]


def _exactly(ways: list[list[Steps]], most: list[int], left: int) -> Iterator[Steps]:
    """Combine one way of each group so that the merges are ``left`` together."""
    if not ways:
        if left == 0:
            yield ()
        return
    rest = sum(most[1:])
    for steps in ways[0]:
        if 0 <= left - len(steps) <= rest:
            for others in _exactly(ways[1:], most[1:], left - len(steps)):
                yield (*steps, *others)


def find_partitions(rows: Canonical, k: int, bound: int) -> tuple[Ints, bool]:
    """Find the partitions into k clusters that ties allow, up to a bound.

    Parameters
    ----------
    rows : Canonical
    k : int, 1..n
    bound : int

    Returns
    -------
    labels : array of int64, shape (m, n)
        Different partitions of the rows in their canonical order, numbered from 0.
    complete : bool
        Whether these are all; otherwise there are more than ``bound``, or the work for the
        proof was too much.
    """
    n = rows.n
    if k == n:
        return np.arange(n)[None, :], True
    search = _Search(rows, k, bound)
    complete = search.run()
    labels = np.empty((len(search.found), n), dtype=np.int64)
    for row, partition in enumerate(search.found):
        for number, bits in enumerate(sorted(partition, key=_lowest)):
            inside = np.array(list(reversed(bin(bits)[2:]))) == "1"  # the lowest bit first
            labels[row, : len(inside)][inside] = number
    return labels, complete
