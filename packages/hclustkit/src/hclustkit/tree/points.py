"""Ward's method for large tables: clusters as centres and sizes, memory in proportion to n p.

All distances of a cluster are screened in single precision, as lower bounds; what a bound
leaves in doubt is computed again from the differences of the coordinates. Where the doubts
are many (tight groups far apart) the screening changes to double precision. The searches are
those of `hclustkit.tree.engine`, and stop now and then so that progress can be shown.

The compiled loops share a tuple of arrays, ``places``:

screen : float32 or float64, shape (p + 1, n)
    Coordinates of the centres, and below them their squared lengths; inf where no cluster is.
half : the same, shape (n,)
    1 / (2 size).
doubt : the same, a number
    How far a squared distance of the screening can be off.
eps : float
    The rounding of the screening.
centre : float64, shape (n, p)
    Coordinates of the centres.
inverse : float64, shape (n,)
    1 / size.
out, least : as screen, shape (n,)
    Lower bounds of distances, and the smallest of each `_BLOCK` of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hclustkit.arrays import Floats
from hclustkit.compiled import compiled
from hclustkit.progress import progress_bar
from hclustkit.tree.engine import Merges, tie_limit
from hclustkit.tree.linkage import empty_merges, in_order

_BLOCK = 2048
_DONE, _TIED, _DOUBTFUL, _PAUSED = range(4)
_STAGE, _WIDTH, _LENGTH, _DOUBTS = range(4)  # places in `counts`


@compiled(fastmath={"contract", "nnan", "nsz"})
def _screen(places, i, low, high):
    """Write lower bounds of the distances of place i to the places ``low``..``high`` - 1."""
    screen, half, doubt, _, _, _, out, least = places
    p = screen.shape[0] - 1
    two = out.dtype.type(2)
    own = screen[p, i] - doubt
    half_i = half[i]
    for block in range((high - low + _BLOCK - 1) // _BLOCK):
        start = low + block * _BLOCK
        stop = min(start + _BLOCK, high)
        # slices, because loops from 0 run in lanes
        bounds = out[start:stop]
        lengths = screen[p, start:stop]
        halves = half[start:stop]
        width = stop - start
        for j in range(width):
            bounds[j] = lengths[j] + own
        # four coordinates at a time, so that the bounds are read and written less often
        v = 0
        while v + 3 < p:
            a = two * screen[v, i]
            b = two * screen[v + 1, i]
            c = two * screen[v + 2, i]
            d = two * screen[v + 3, i]
            one = screen[v, start:stop]
            second = screen[v + 1, start:stop]
            third = screen[v + 2, start:stop]
            fourth = screen[v + 3, start:stop]
            for j in range(width):
                bounds[j] -= (a * one[j] + b * second[j]) + (c * third[j] + d * fourth[j])
            v += 4
        while v < p:
            a = two * screen[v, i]
            one = screen[v, start:stop]
            for j in range(width):
                bounds[j] -= a * one[j]
            v += 1
        for j in range(width):
            bounds[j] /= halves[j] + half_i
        if start <= i < stop:
            out[i] = np.inf
        best = bounds[0]
        for j in range(width):
            best = min(best, bounds[j])
        least[block] = best


@compiled
def _exact(places, i, j):
    """Compute Ward's squared distance of two places from their centres."""
    centre = places[4]
    inverse = places[5]
    square = 0.0
    for v in range(centre.shape[1]):
        difference = centre[i, v] - centre[j, v]
        square += difference * difference
    return 2 * square / (inverse[i] + inverse[j])


@compiled
def _search(places, i, low, high, noise, counts):
    """Find the nearest of the places ``low``..``high`` - 1 to place i.

    Returns
    -------
    best : float
        The squared distance; inf without any place.
    nearest : int
        The place it belongs to.
    first, count : int
        The first place within the tie limit of it, and how many there are.
    """
    out = places[6]
    least = places[7]
    if low >= high:
        return np.inf, -1, -1, 0
    _screen(places, i, low, high)
    blocks = (high - low + _BLOCK - 1) // _BLOCK
    # what a bound is off by beyond the doubt is its own last bits
    slack = 1 + 16 * places[3]
    block = 0
    for other in range(1, blocks):
        if least[other] < least[block]:
            block = other
    if not least[block] < np.inf:
        return np.inf, -1, -1, 0
    at = low + block * _BLOCK
    while out[at] > least[block]:
        at += 1
    best = _exact(places, i, at)
    for block in range(blocks):
        if least[block] <= best * slack:
            start = low + block * _BLOCK
            for j in range(start, min(start + _BLOCK, high)):
                if out[j] <= best * slack:
                    counts[_DOUBTS] += 1
                    value = _exact(places, i, j)
                    if value < best:
                        best = value
                        at = j
    first = -1
    count = 0
    limit = tie_limit(best, True, noise)
    for block in range(blocks):
        if least[block] <= limit * slack:
            start = low + block * _BLOCK
            for j in range(start, min(start + _BLOCK, high)):
                if out[j] <= limit * slack and _exact(places, i, j) <= limit:
                    count += 1
                    if first < 0:
                        first = j
    return best, at, first, count


@compiled
def _join(places, i, j):
    """Put the cluster in place j into that in place i; place j is left empty."""
    screen, half, _, _, centre, inverse, _, _ = places
    p = centre.shape[1]
    a = 1 / inverse[i]
    b = 1 / inverse[j]
    length = 0.0
    for v in range(p):
        value = (a * centre[i, v] + b * centre[j, v]) / (a + b)
        centre[i, v] = value
        screen[v, i] = value
        length += value * value
    screen[p, i] = length
    screen[p, j] = np.inf
    inverse[i] = 1 / (a + b)
    half[i] = inverse[i] / 2


@compiled
def _move(places, i, j):
    """Move the cluster in place i to place j."""
    screen, half, _, _, centre, inverse, _, _ = places
    for v in range(centre.shape[1]):
        centre[j, v] = centre[i, v]
    for v in range(screen.shape[0]):
        screen[v, j] = screen[v, i]
    inverse[j] = inverse[i]
    half[j] = half[i]


@compiled
def _follow_chain(places, state, noise, counts, steps, merge_a, merge_b, height):
    """Go on with a nearest-neighbour chain for some merges; as `engine.follow_chain`.

    The chain holds lowest cases: the name of a place and, behind the first n entries, the
    place of a name.
    """
    name, made, maker, chain, sole = state
    n = name.shape[0] // 2
    until = min(n - 1, counts[_STAGE] + steps)
    while counts[_STAGE] < until:
        stage = counts[_STAGE]
        width = n - stage
        if counts[_LENGTH] == 0:
            chain[0] = name[0]
            counts[_LENGTH] = 1
        while True:
            if counts[_DOUBTS] > 64 * n:
                return _DOUBTFUL
            length = counts[_LENGTH]
            i = name[n + chain[length - 1]]
            best, _, j, count = _search(places, i, 0, width, noise, counts)
            if length > 1:
                back = name[n + chain[length - 2]]
                if _exact(places, i, back) <= tie_limit(best, True, noise):
                    j = back
                    break
            chain[length] = name[j]
            sole[length - 1] = count == 1
            counts[_LENGTH] = length + 1
        if count > 1 or not sole[length - 2]:
            return _TIED
        counts[_LENGTH] = length - 2
        if name[i] > name[j]:
            i, j = j, i
        merge_a[stage] = name[i]
        merge_b[stage] = name[j]
        height[stage] = np.sqrt(_exact(places, i, j))
        made[stage, 0] = maker[i]
        made[stage, 1] = maker[j]
        maker[i] = stage
        _join(places, i, j)
        last = width - 1
        if j != last:
            _move(places, last, j)
            maker[j] = maker[last]
            name[j] = name[last]
            name[n + name[j]] = j
        counts[_STAGE] = stage + 1
    return _DONE if counts[_STAGE] == n - 1 else _PAUSED


@compiled
def _look(places, state, r, width, noise, counts):
    """Find the nearest place behind r again."""
    _, nearest, target, fresh = state
    nearest[r], target[r], _, _ = _search(places, r, r + 1, width, noise, counts)
    fresh[r] = True


@compiled
def _lowest_pair(places, state, width, noise, counts):
    """Find the pair that the rule merges: its places, the least distance, whether it is a tie."""
    _, nearest, target, fresh = state
    while True:
        r = 0
        for k in range(1, width):
            if nearest[k] < nearest[r]:
                r = k
        if fresh[r]:
            break
        _look(places, state, r, width, noise, counts)
    least = nearest[r]
    limit = tie_limit(least, True, noise)
    i = -1
    again = False
    for r in range(width):
        if nearest[r] <= limit:
            if not fresh[r]:
                _look(places, state, r, width, noise, counts)
            if nearest[r] <= limit:
                if i >= 0:
                    again = True
                    break
                i = r
    _screen(places, i, i + 1, width)
    j = -1
    for k in range(i + 1, width):
        if places[6][k] <= limit * (1 + 16 * places[3]) and _exact(places, i, k) <= limit:
            if j >= 0:
                again = True
                break
            j = k
    return i, j, least, again


@compiled
def _agglomerate(places, state, noise, counts, steps, merge_a, merge_b, height, tied):
    """Go on with the search by the rule for some merges; as `engine.agglomerate`.

    Under Ward's method a new cluster is never nearer to a third than both its parts were, so
    the bounds in ``nearest`` need no update when clusters merge.
    """
    name, nearest, target, fresh = state
    n = height.shape[0] + 1
    if counts[_WIDTH] == 0:
        counts[_WIDTH] = n
        for r in range(n - 1):
            _look(places, state, r, n, noise, counts)
    until = min(n - 1, counts[_STAGE] + steps)
    while counts[_STAGE] < until:
        stage = counts[_STAGE]
        if n - stage > 64 and 2 * (n - stage) <= counts[_WIDTH]:
            counts[_WIDTH] = _pack(places, state, counts[_WIDTH])
        i, j, least, again = _lowest_pair(places, state, counts[_WIDTH], noise, counts)
        merge_a[stage] = name[i]
        merge_b[stage] = name[j]
        height[stage] = np.sqrt(_exact(places, i, j))
        tied[stage] = again
        _join(places, i, j)
        for r in range(j):
            if target[r] == i or target[r] == j:
                fresh[r] = False
        fresh[i] = False
        nearest[i] = least
        nearest[j] = np.inf
        fresh[j] = True
        target[j] = -1
        counts[_STAGE] = stage + 1
    return _DONE if counts[_STAGE] == n - 1 else _PAUSED


@compiled
def _pack(places, state, width):
    """Close the gaps that merged clusters left, in order; return how many places remain."""
    name, nearest, target, fresh = state
    lengths = places[0][places[0].shape[0] - 1]
    where = np.full(width, -1)
    left = 0
    for i in range(width):
        if lengths[i] < np.inf:
            where[i] = left
            if i != left:
                _move(places, i, left)
                name[left] = name[i]
                nearest[left] = nearest[i]
                target[left] = target[i]
                fresh[left] = fresh[i]
            left += 1
    for i in range(left):
        # what pointed at a cluster that is gone is no longer fresh
        target[i] = where[target[i]] if target[i] >= 0 else -1
    return left


class _Places:
    """The arrays of the clusters, in the precision of the screening."""

    def __init__(self, columns: Floats, kind: type) -> None:
        p, n = columns.shape
        self.centre = np.ascontiguousarray((columns - columns.mean(axis=1, keepdims=True)).T)
        self.inverse = np.ones(n)
        self.longest = float(np.einsum("ij,ij->i", self.centre, self.centre).max())
        self.use(kind, n)

    def use(self, kind: type, width: int) -> None:
        """Set up the screening of the first places in this precision."""
        n, p = self.centre.shape
        self.eps = float(np.finfo(kind).eps)
        self.screen = np.full((p + 1, n), np.inf, dtype=kind)
        lengths = np.einsum("ij,ij->i", self.centre[:width], self.centre[:width])
        self.screen[:p, :width] = self.centre[:width].T
        self.screen[p, :width] = lengths
        self.half: npt.NDArray[Any] = (self.inverse / 2).astype(kind)
        # rounding the coordinates and p + 2 sums gives at most (2 p + 12) eps; this is twice that
        self.doubt = kind(4 * (p + 8) * self.eps * self.longest)
        self.out: npt.NDArray[Any] = np.empty(n, dtype=kind)
        self.least = np.empty(n // _BLOCK + 1, dtype=kind)

    def arrays(self) -> tuple[object, ...]:
        """List what the compiled loops call ``places``."""
        screening = (self.screen, self.half, self.doubt, self.eps)
        return *screening, self.centre, self.inverse, self.out, self.least


def ward_of_points(columns: Floats, noise: float) -> Merges:
    """Compute Ward's tree of a large table without a matrix of distances.

    Parameters
    ----------
    columns, noise
        See `hclustkit.tree.engine.scaled_columns`.

    Returns
    -------
    merge_a, merge_b, height, tied
        See `hclustkit.tree.engine.agglomerate`.
    """
    return _by_chain(columns, noise) or _by_rule(columns, noise)


def _by_chain(columns: Floats, noise: float) -> Merges | None:
    n = columns.shape[1]
    places = _Places(columns, np.float32)
    merge_a, merge_b = np.empty(n - 1, dtype=np.int64), np.empty(n - 1, dtype=np.int64)
    height, made = np.empty(n - 1), np.empty((n - 1, 2), dtype=np.int64)
    name, maker = np.concatenate([np.arange(n), np.arange(n)]), np.full(n, -1)
    state = (name, made, maker, np.empty(n, dtype=np.int64), np.empty(n, dtype=bool))
    counts = np.zeros(4, dtype=np.int64)
    ended = _PAUSED
    with progress_bar(n - 1, "merges") as advance:
        while ended == _PAUSED:
            before = int(counts[_STAGE])
            ended = _follow_chain(
                places.arrays(), state, noise, counts, max(1, n // 200), merge_a, merge_b, height
            )
            advance(int(counts[_STAGE]) - before)
            if ended == _DOUBTFUL:
                places.use(np.float64, n - int(counts[_STAGE]))
                counts[_DOUBTS] = -(2**62)
                ended = _PAUSED
    return in_order(merge_a, merge_b, height, made, noise) if ended == _DONE else None


def _by_rule(columns: Floats, noise: float) -> Merges:
    n = columns.shape[1]
    places = _Places(columns, np.float64)
    found = empty_merges(n)
    state = (np.arange(n), np.full(n, np.inf), np.full(n, -1), np.ones(n, dtype=bool))
    counts = np.zeros(4, dtype=np.int64)
    ended = _PAUSED
    with progress_bar(n - 1, "merges, ties decided one by one") as advance:
        while ended == _PAUSED:
            before = int(counts[_STAGE])
            ended = _agglomerate(places.arrays(), state, noise, counts, max(1, n // 200), *found)
            advance(int(counts[_STAGE]) - before)
    return found
