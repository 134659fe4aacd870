"""The search for the merges of a hierarchical clustering, with a rule for ties.

`hclustkit.tree.ward` says what is wanted; here it is computed. Ward's method is run by an engine
that does not know the rule, and the result is kept only if no cluster had two nearest
neighbours when it was merged, for then no rule can lead to another tree. Up to `SMALL` rows
the engine is fastcluster and every merge is checked afterwards, above that it is a
nearest-neighbour chain, in which the check costs nothing. Neither holds an n x n matrix.
Otherwise the merges are searched again, one by one, by the rule.

References
----------
Lance, G. N., Williams, W. T. (1967), A general theory of classificatory sorting strategies.
Computer Journal 9, 373-380.
Muellner, D. (2013), fastcluster: fast hierarchical, agglomerative clustering routines for R
and Python. Journal of Statistical Software 53(9).
Murtagh, F. (1983), A survey of recent advances in hierarchical clustering algorithms.
Computer Journal 26, 354-359 (the nearest-neighbour chain).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import fastcluster
import numpy as np
from scipy.spatial.distance import pdist, squareform

from hclustkit.errors import InputError

LINKAGES = ("ward", "average", "complete", "single", "weighted", "centroid", "median")
"""The linkages. R's names: ward.D2, average, complete, single, mcquitty, and centroid and
median on squared distances."""

TIE_TOLERANCE = 1e-10
"""Relative difference below which two distances are equal: far above rounding (1e-15 to
1e-13 after many merges), far below what separates measured values."""

SMALL = 2000
"""Up to this many rows fastcluster and a check are quicker than the chain."""

_TINY = 256
"""Up to this many rows looking at all pairs is quicker than keeping nearest neighbours."""

_POINTS = 1000
"""Above this many rows a matrix of all distances is avoided where it can be."""

_MATRIX_ROWS = 20_000
"""The linkages that need all distances at once are refused above this (3 GiB)."""

_SQUARED = ("ward", "centroid", "median")
"""Linkages defined through squared Euclidean distances."""

_BLOCK = 256
"""Rows of a product of matrices taken at a time, so that it stays in the cache."""

_FAR = 1e30
"""The squared distance of a place where no cluster stands any more: finite, so that products
of matrices stay free of NaN, and above every distance of data rescaled to -1..1."""

_EPS = np.finfo(np.float64).eps

_Merges = tuple[list[int], list[int], list[float], list[bool]]
"""Stage by stage: first place, second place, distance, whether the rule decided."""


def merge_tree(x: np.ndarray, method: str = "ward") -> tuple[np.ndarray, np.ndarray]:
    """`linkage` of an array that is known to be finite, and where ties were decided.

    Parameters
    ----------
    x : ndarray of float64, shape (n, p), n >= 2, not checked
        For callers that build many trees from one checked table.
    method : str, one of `LINKAGES`

    Returns
    -------
    Z : ndarray, shape (n - 1, 4), as `linkage` gives it.
    tie : ndarray of bool, shape (n - 1,)
        True where another pair was equally near and the rule decided.
    """
    x = np.ascontiguousarray(x, dtype=np.float64)
    # into -1..1 by a power of two, which is exact: squares neither overflow nor vanish
    largest, exponent = math.frexp(float(np.abs(x).max()))
    x = np.ldexp(x, -exponent)
    n, p = x.shape
    # a distance is not known better than the coordinates it comes from
    noise = 4 * _EPS * largest * math.sqrt(p)

    found = None
    if method == "ward":
        found = _ward_by_fastcluster(x, noise) if n <= SMALL else _ward_by_chain(x, noise)
    elif method == "single":
        found = _single_by_fastcluster(x, noise)
    Z, tie = found or _by_rule(x, method, noise)
    h = Z[:, 2]
    h[h <= noise] = 0.0
    if method not in ("centroid", "median"):
        # cannot fall, by theory; removes the last rounding and the width of the tolerance
        np.maximum.accumulate(h, out=h)
    with np.errstate(over="ignore"):
        np.ldexp(h, exponent, out=h)
    if not np.isfinite(h).all():
        raise InputError("a distance exceeds 1.8e308: standardise the table first")
    return Z, tie


def _limit(h: float | np.ndarray, noise: float) -> float | np.ndarray:
    """The largest distance that still counts as equal to ``h``."""
    return h * (1 + TIE_TOLERANCE) + noise


def _ward_by_fastcluster(x: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Ward's tree, or None if a cluster had two nearest neighbours when it was merged.

    Only then can a tie lead to another tree: Ward's distances to a new cluster are never
    below both old ones, so of two tied merges that share no cluster neither hinders the other.
    """
    Z = fastcluster.linkage_vector(x, method="ward")
    n = len(x)
    pairs = Z[:, :2].astype(np.intp)
    limit = _limit(Z[:, 2], noise) ** 2
    size = np.ones(2 * n - 1)
    size[n:] = Z[:, 3]
    total = np.empty((2 * n - 1, x.shape[1]))
    np.subtract(x, x.mean(axis=0), out=total[:n])
    for t, (i, j) in enumerate(pairs.tolist(), start=n):
        np.add(total[i], total[j], out=total[t])
    # two at a time in the order they are merged: the two of stage t stand at 2t and 2t + 1
    nodes = pairs.ravel()
    centre = total[nodes] / size[nodes, None]
    inverse = 1 / size[nodes]
    since = nodes - n + 1  # the stage before which it was there
    norm = np.einsum("ij,ij->i", centre, centre)
    # |a|^2 + |b|^2 - 2ab is quick and off by this much at most; what it leaves in doubt is
    # computed again from the differences
    doubt = _doubt(norm, x.shape[1])
    # the same as  square <= limit / 2 * (1/a + 1/b) + doubt,  as one product of matrices
    half = np.repeat(limit / 2, 2)
    left, right = np.ones((2, 2 * n - 2, x.shape[1] + 3))
    np.multiply(centre, -2, out=left[:, 3:])
    right[:, 3:] = centre
    left[:, 1], right[:, 1] = half, -inverse
    left[:, 2] = norm - half * inverse
    right[:, 0] = norm
    for start in range(0, 2 * n - 2, _BLOCK):
        rows, later = slice(start, start + _BLOCK), slice(start + 2, None)
        near = left[rows] @ right[later].T <= doubt
        stage = np.arange(start, min(start + _BLOCK, 2 * n - 2)) // 2
        near &= since[later] <= stage[:, None]
        if near.any():
            i, j = np.nonzero(near)
            i, j = i + start, j + start + 2
            # only those merged at a later stage: not itself, not its partner, none before
            i, j = i[j // 2 > i // 2], j[j // 2 > i // 2]
            d = centre[i] - centre[j]
            exact = 2 * np.einsum("ij,ij->i", d, d) / (inverse[i] + inverse[j])
            if (exact <= limit[i // 2]).any():
                return None
    return _ordered(pairs, Z[:, 2], noise)


def _doubt(norm: np.ndarray, p: int, eps: float = _EPS) -> float:
    """How far |a|^2 + |b|^2 - 2ab can be off for points of these squared lengths.

    Rounding the coordinates and p + 2 sums gives at most (2p + 12) eps; this is above twice
    that.
    """
    return 4 * (p + 8) * eps * float(norm.max(initial=0.0))


def _ward_by_chain(x: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray] | None:
    """The same by a nearest-neighbour chain.

    Follow nearest neighbours until two clusters are each other's nearest; merge them; go on
    (Murtagh 1983). When each was the other's only nearest neighbour, no order of merging
    gives another tree. Every step looks at all clusters once: time n^2 p, memory n p.
    """
    n = len(x)
    points = _Points(x, "ward")
    name = list(range(n))  # which cluster stands in a place
    place = list(range(2 * n - 1))  # and the other way round
    pairs = np.empty((n - 1, 2), dtype=np.intp)
    heights = np.empty(n - 1)
    chain: list[int] = []
    sole: list[bool] = []  # whether the next in the chain is the only nearest neighbour
    for made in range(n - 1):
        m = n - made
        if not chain:
            chain.append(name[0])
        while True:
            i = place[chain[-1]]
            near = points.quick(i, 0, m)
            near[i] = _FAR
            j = int(near.argmin())
            best = float(near[j])
            near[j] = _FAR
            second = float(near[near.argmin()])
            # all that can be nearest, or count as equally near, once computed exactly
            bound = best + 2 * points.slack(i, best)
            bound += 4 * (TIE_TOLERANCE * abs(bound) + noise * (noise + math.sqrt(abs(bound))))
            alone = second > bound
            if not alone:
                near[j] = best
                others = np.flatnonzero(near <= bound)
                values = points.exact(i, others)
                limit = _limit(math.sqrt(values.min()), noise) ** 2
                others = others[values <= limit].tolist()
                alone = len(others) == 1
                j = others[0]
                # going back whenever one can is what ends the chain
                if len(chain) > 1 and place[chain[-2]] in others:
                    j = place[chain[-2]]
            if len(chain) > 1 and name[j] == chain[-2]:
                break
            chain.append(name[j])
            sole.append(alone)
        if not (alone and sole[-1]):
            return None
        pairs[made] = name[i], name[j]
        heights[made] = math.sqrt(points.exact(i, np.array([j]))[0])
        # one link for each merged cluster, and the link that led to the pair
        del chain[-2:], sole[-2:]
        i, j = min(i, j), max(i, j)
        points.join(i, j)
        name[i] = n + made
        place[n + made] = i
        if j != m - 1:
            points.move(m - 1, j)
            name[j] = name[m - 1]
            place[name[j]] = j
    return _ordered(pairs, heights, noise)


def _ordered(
    pairs: np.ndarray, heights: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """The linkage matrix of merges found in any order, and where equal heights were ordered.

    ``pairs[t]`` made cluster n + t. Merges of equal height go by their lowest cases; None if
    one of them needs another, so that they were no independent ties.
    """
    n = len(heights) + 1
    order = np.argsort(heights, kind="stable")
    h = heights[order]
    tie = np.zeros(n - 1, dtype=bool)
    if n > 2:
        tie[:-1] = h[1:] <= _limit(h[:-1], noise)
    if tie.any():
        lowest = list(range(n))
        for i, j in pairs.tolist():
            lowest.append(min(lowest[i], lowest[j]))
        group = np.concatenate([[0], np.cumsum(~tie[:-1])])
        group_of = np.full(2 * n - 1, -1)
        group_of[n + order] = group
        if (group_of[pairs] == group_of[n:, None]).any():
            return None
        names = np.sort(np.array(lowest)[pairs], axis=1)
        order = order[np.lexsort((names[order, 1], names[order, 0], group))]
        h = heights[order]
    rename = np.arange(2 * n - 1)
    rename[n + order] = np.arange(n, 2 * n - 1)
    Z = np.empty((n - 1, 4))
    Z[:, :2] = np.sort(rename[pairs[order]], axis=1)
    Z[:, 2] = h
    Z[:, 3] = _sizes(Z)
    return Z, tie


def _sizes(Z: np.ndarray) -> list[int]:
    """Number of cases in each new cluster."""
    n = len(Z) + 1
    size = [1] * n
    for i, j in Z[:, :2].astype(int).tolist():
        size.append(size[i] + size[j])
    return size[n:]


def _single_by_fastcluster(x: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Single linkage, or None if ties: there a tied stage is followed by an equal height."""
    Z = fastcluster.linkage_vector(x, method="single")
    h = Z[:, 2]
    if (h[1:] <= _limit(h[:-1], noise)).any():
        return None
    Z[:, :2].sort(axis=1)
    return Z, np.zeros(len(Z), dtype=bool)


# ------------------------------------------------------------ the merges, one by one, by rule


def _by_rule(x: np.ndarray, method: str, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """The tree with every tie decided by the rule, and where it decided."""
    n = len(x)
    squared = method in _SQUARED

    def limit(nearest: float) -> float:
        if squared:
            return _limit(math.sqrt(max(nearest, 0.0)), noise) ** 2
        return _limit(nearest, noise)

    if n <= _TINY:
        i, j, value, tie = _search_all(_Matrix(x, method), limit)
    else:
        if squared and n > _POINTS:
            rows = _Points(x, method)
        else:
            if n > _MATRIX_ROWS:
                raise InputError(
                    f"{n} rows: {method} linkage needs all distances at once and is limited "
                    f"to {_MATRIX_ROWS} rows (ward, centroid and median are not)"
                )
            rows = _Matrix(x, method)
        i, j, value, tie = _search_rows(rows, limit)
    # a cluster stands where its lowest case stood
    name = list(range(n))
    Z = np.empty((n - 1, 4))
    for t, (a, b) in enumerate(zip(i, j, strict=True)):
        Z[t, :2] = sorted((name[a], name[b]))
        name[a] = n + t
    h = np.maximum(np.array(value), 0.0)
    Z[:, 2] = np.sqrt(h) if squared else h
    Z[:, 3] = _sizes(Z)
    return Z, np.array(tie, dtype=bool)


class _Matrix:
    """All distances between clusters, updated by the formula of Lance and Williams (1967).

    A cluster keeps the place of its lowest case; a place given up is `_FAR` from all.
    """

    def __init__(self, x: np.ndarray, method: str) -> None:
        self.method = method
        kind = "sqeuclidean" if method in _SQUARED else "euclidean"
        self.d = squareform(pdist(x, kind))
        np.fill_diagonal(self.d, _FAR)
        self.size = np.ones(len(x))

    def __len__(self) -> int:
        return len(self.d)

    def after(self, i: int) -> np.ndarray:
        """Distances from i to the places behind it."""
        return self.d[i, i + 1 :]

    def slack(self, i: int, value: float | np.ndarray) -> float | np.ndarray:
        """The most that `after` can be off for i where it gives ``value``."""
        return 0.0

    def exact(self, i: int, others: np.ndarray) -> np.ndarray:
        """Distances from i to ``others``."""
        return self.d[i, others]

    def merge(self, i: int, j: int) -> np.ndarray:
        """Put j into i < j; return the distances from the new cluster to all places."""
        a, b, h = self.d[i], self.d[j], self.d[i, j]
        p, q, r = self.size[i], self.size[j], self.size
        new = np.full(len(a), _FAR)
        there = (a < _FAR) & (b < _FAR)
        a, b, r = a[there], b[there], r[there]
        match self.method:
            case "ward":
                value = ((p + r) * a + (q + r) * b - r * h) / (p + q + r)
            case "average":
                value = (p * a + q * b) / (p + q)
            case "complete":
                value = np.maximum(a, b)
            case "single":
                value = np.minimum(a, b)
            case "weighted":
                value = (a + b) / 2
            case "centroid":
                value = (p * a + q * b - p * q * h / (p + q)) / (p + q)
            case "median":
                value = (a + b) / 2 - h / 4
        new[there] = value
        self.d[i] = self.d[:, i] = new
        self.d[j] = self.d[:, j] = _FAR
        self.size[i] += self.size[j]
        return new

    def keep(self, places: np.ndarray) -> None:
        """Forget all other places."""
        self.d = self.d[np.ix_(places, places)]
        self.size = self.size[places]


class _Points:
    """Squared distances between clusters that a centre and a size describe; memory n p.

    A product of matrices in single precision gives all distances of a cluster at once
    (`quick`), known within `slack`; what that leaves in doubt, `exact` computes from the
    differences of the coordinates. Where the doubts are many (tight groups far apart) the
    products change to double precision.
    """

    def __init__(self, x: np.ndarray, method: str) -> None:
        self.method = method
        self.centre = np.ascontiguousarray((x - x.mean(axis=0)).T)  # one column a cluster
        self.inverse = np.ones(len(x))  # 1 / size
        self._gone = np.zeros(len(x), dtype=bool)
        self._longest = np.einsum("ij,ij->j", self.centre, self.centre).max(keepdims=True)
        self._doubtful = 0
        self._use(np.float32)

    def __len__(self) -> int:
        return len(self.inverse)

    def _use(self, kind: type) -> None:
        """Set up the products in this precision."""
        p, n = self.centre.shape
        self.kind = kind
        self.screen = np.empty((p + 1, n), dtype=kind)  # the centres, below their squared length
        self.screen[:p] = self.centre
        self.screen[p] = np.einsum("ij,ij->j", self.centre, self.centre)
        self.screen[p, self._gone] = _FAR
        self.half = (self.inverse / 2).astype(kind)
        self._eps = float(np.finfo(kind).eps)
        self._doubt = _doubt(self._longest, p, self._eps)
        self._query = np.ones(p + 1, dtype=kind)
        self._store, self._weight = np.empty(n, dtype=kind), np.empty(n, dtype=kind)

    def quick(self, i: int, start: int, stop: int) -> np.ndarray:
        """Distances from i to the places start..stop-1, in a store that the next call reuses."""
        m = stop - start
        np.multiply(self.screen[:-1, i], -2, out=self._query[:-1])
        square = np.matmul(self._query, self.screen[:, start:stop], out=self._store[:m])
        square += self.screen[-1, i]
        if self.method == "ward":
            # over (1/a + 1/b) / 2
            square /= np.add(self.half[start:stop], self.half[i], out=self._weight[:m])
        return square

    def slack(self, i: int, value: float | np.ndarray) -> float | np.ndarray:
        """The most that `quick` can be off for i where it gives ``value``."""
        weight = 2 / float(self.inverse[i]) if self.method == "ward" else 1.0
        return self._doubt * weight + 8 * self._eps * abs(value)

    def exact(self, i: int, others: np.ndarray) -> np.ndarray:
        """Distances from i to ``others``."""
        self._doubtful += len(others)
        if self.kind is np.float32 and self._doubtful > 64 * len(self):
            self._use(np.float64)
        d = self.centre[:, others] - self.centre[:, i, None]
        square = np.einsum("ij,ij->j", d, d)
        if self.method == "ward":
            square *= 2 / (self.inverse[i] + self.inverse[others])
        return square

    def after(self, i: int) -> np.ndarray:
        return self.quick(i, i + 1, len(self))

    def join(self, i: int, j: int) -> None:
        """Put j into i."""
        p, q = 1 / self.inverse[i], 1 / self.inverse[j]
        if self.method == "median":
            new = (self.centre[:, i] + self.centre[:, j]) / 2
        else:
            new = (p * self.centre[:, i] + q * self.centre[:, j]) / (p + q)
        self.centre[:, i] = self.screen[:-1, i] = new
        self.screen[-1, i] = new @ new
        self.inverse[i] = 1 / (p + q)
        self.half[i] = self.inverse[i] / 2
        self.screen[-1, j] = _FAR
        self._gone[j] = True

    def move(self, i: int, j: int) -> None:
        """Let what stands at i stand at j."""
        for array in (self.centre, self.screen):
            array[:, j] = array[:, i]
        for array in (self.inverse, self.half, self._gone):
            array[j] = array[i]

    def merge(self, i: int, j: int) -> np.ndarray:
        """Put j into i < j; return the distances from the new cluster to all places."""
        self.join(i, j)
        new = self.quick(i, 0, len(self))
        new[i] = _FAR
        return new

    def keep(self, places: np.ndarray) -> None:
        """Forget all other places."""
        self.centre = np.ascontiguousarray(self.centre[:, places])
        self.inverse, self._gone = self.inverse[places], self._gone[places]
        self._use(self.kind)


def _search_all(rows: _Matrix, limit: Callable[[float], float]) -> _Merges:
    """Look at all pairs at every stage: time n^3, and the plainest statement of the rule."""
    n = len(rows)
    first, second, value, tie = [], [], [], []
    d = rows.d
    for _ in range(n - 1):
        equal = d <= limit(d.min())
        # in row order the first of the equal pairs is the one with the lowest cases
        i, j = divmod(int(equal.argmax()), n)
        first.append(i)
        second.append(j)
        value.append(d[i, j])
        tie.append(np.count_nonzero(equal) > 2)
        rows.merge(i, j)
    return first, second, value, tie


def _search_rows(rows: _Matrix | _Points, limit: Callable[[float], float]) -> _Merges:
    """The same choices from each place's nearest neighbour behind it: time near n^2.

    ``nearest`` is a lower bound that is exact where ``fresh``; a bound is looked at again
    only when it comes into question (Muellner 2013, generic algorithm).
    """
    n = len(rows)
    place = np.arange(n)  # what the present places were at the start
    nearest = np.full(n, _FAR)
    target = np.full(n, -1)
    fresh = np.ones(n, dtype=bool)
    there = np.ones(n, dtype=bool)

    def within(r: int, bound: float | None) -> tuple[np.ndarray, np.ndarray]:
        """The places behind r within ``bound`` (None: near the nearest), and how far."""
        behind = rows.after(r)
        if bound is None:
            bound = float(behind.min(initial=_FAR))
            bound += rows.slack(r, bound)
        if bound >= _FAR:
            return np.empty(0, dtype=np.intp), np.empty(0)
        others = r + 1 + np.flatnonzero(behind <= bound + rows.slack(r, bound))
        return others, rows.exact(r, others)

    def look(r: int) -> None:
        others, values = within(r, None)
        if len(others):
            at = int(values.argmin())
            nearest[r], target[r] = values[at], others[at]
        else:
            nearest[r] = _FAR
        fresh[r] = True

    for r in range(n - 1):
        look(r)
    first, second, value, tie = [], [], [], []
    for made in range(n - 1):
        while True:
            r = int(nearest.argmin())
            if fresh[r]:
                break
            look(r)
        bound = limit(nearest[r])
        candidates = np.flatnonzero(nearest <= bound)
        for r in candidates[~fresh[candidates]].tolist():
            look(r)
        candidates = candidates[nearest[candidates] <= bound]
        i = int(candidates[0])
        others, values = within(i, bound)
        equal = np.flatnonzero(values <= bound)
        j = int(others[equal[0]])
        first.append(int(place[i]))
        second.append(int(place[j]))
        value.append(float(values[equal[0]]))
        tie.append(len(candidates) > 1 or len(equal) > 1)

        new = rows.merge(i, j)
        stale = target[:j] == j
        stale |= target[:j] == i
        fresh[:j][stale] = False
        if made < n - 2:
            # a linkage can bring the new cluster nearer than its parts were
            lower = new[:i] - rows.slack(i, new[:i])
            nearer = np.flatnonzero(lower < nearest[:i])
            nearest[nearer] = lower[nearer]
            fresh[nearer] = False
        nearest[j] = _FAR
        fresh[j] = True
        there[j] = False
        behind = float(new[i + 1 :].min(initial=_FAR))
        nearest[i] = behind - rows.slack(i, behind) if behind < _FAR else _FAR
        fresh[i] = behind >= _FAR
        left = n - made - 1
        if left > 64 and 2 * left <= len(place):
            keep = np.flatnonzero(there)
            where = np.full(len(place), -1)
            where[keep] = np.arange(len(keep))
            rows.keep(keep)
            # who pointed at a place that is gone was no longer fresh
            target = where[target[keep]]
            place, nearest, fresh = place[keep], nearest[keep], fresh[keep]
            there = there[keep]
    return first, second, value, tie
