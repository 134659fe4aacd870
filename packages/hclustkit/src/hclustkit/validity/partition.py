"""One table split into clusters: the sums and distances every index is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.errors import InputError
from hclustkit.tables import check_k, check_table
from hclustkit.tree.ward import cut, linkage

_EPS = np.finfo(np.float64).eps


class Space:
    """The objects without any clusters: coordinates, distances, total scatter.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)

    Attributes
    ----------
    x : array, shape (n, p)
    d : array, shape (n (n - 1) / 2,)
        Euclidean distances of all pairs, in the order of `scipy.spatial.distance.pdist`.
    distances : array, shape (n, n)
    centred : array, shape (n, p)
        ``x`` less the column means; what is zero but for rounding is exactly zero.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.labels = table.index
        self.columns = table.columns
        self.x = table.to_numpy()
        self.n, self.p = self.x.shape

    @cached_property
    def d(self) -> np.ndarray:
        return pdist(self.x)

    @cached_property
    def distances(self) -> np.ndarray:
        return squareform(self.d)

    @cached_property
    def centred(self) -> np.ndarray:
        return self.less(np.broadcast_to(self.x.mean(axis=0), self.x.shape))

    @cached_property
    def total_by_column(self) -> np.ndarray:
        return (self.centred**2).sum(axis=0)

    @cached_property
    def total(self) -> float:
        return float(self.total_by_column.sum())

    def less(self, centres: np.ndarray) -> np.ndarray:
        """``x - centres`` with differences that are only rounding set to zero.

        Identical objects have a mean that may differ from them in the last digit; without
        this a cluster of duplicates would have a within sum of squares of 1e-32, not 0.
        """
        difference = self.x - centres
        size = np.maximum(np.abs(self.x), np.abs(centres))
        return np.where(np.abs(difference) <= 8 * _EPS * size, 0.0, difference)


class Partition:
    """A table and the cluster of every object.

    Parameters
    ----------
    space : Space
    codes : array of int, shape (n,)
        Cluster of each object, 0..k-1, every number used.
    names : sequence, length k
        The clusters as the caller named them.
    """

    def __init__(self, space: Space, codes: np.ndarray, names: Sequence[Any]) -> None:
        self.space = space
        self.codes = codes
        self.names = np.asarray(names)
        self.n, self.p, self.k = space.n, space.p, len(names)
        self.sizes = np.bincount(codes, minlength=self.k)

    @cached_property
    def indicator(self) -> np.ndarray:
        """1.0 where the object (row) is in the cluster (column); shape (n, k)."""
        return (self.codes[:, None] == np.arange(self.k)).astype(np.float64)

    @cached_property
    def centroids(self) -> np.ndarray:
        return (self.indicator.T @ self.space.x) / self.sizes[:, None]

    @cached_property
    def residuals(self) -> np.ndarray:
        """Objects less their centroids, shape (n, p)."""
        return self.space.less(self.centroids[self.codes])

    @cached_property
    def within_by_column(self) -> np.ndarray:
        return (self.residuals**2).sum(axis=0)

    @cached_property
    def within_by_cluster(self) -> np.ndarray:
        """Within sum of squares of each cluster, shape (k,)."""
        return self.indicator.T @ (self.residuals**2).sum(axis=1)

    @cached_property
    def within(self) -> float:
        """tr W, the pooled within-cluster sum of squares."""
        return float(self.within_by_column.sum())

    @cached_property
    def centre_offsets(self) -> np.ndarray:
        """sqrt(n_r) (c_r - mean), shape (k, p): its cross product is B."""
        offsets = self.centroids - self.space.x.mean(axis=0)
        return np.sqrt(self.sizes)[:, None] * offsets

    @cached_property
    def centroid_distances(self) -> np.ndarray:
        """Euclidean distances of the centroids, shape (k, k); 0 where only rounding parts two."""
        apart = squareform(pdist(self.centroids))
        size = np.abs(self.centroids).max(initial=0.0) * np.sqrt(self.p)
        return np.where(apart <= 8 * _EPS * size, 0.0, apart)

    @cached_property
    def to_centroid(self) -> np.ndarray:
        """Distance of each object from the centroid of its cluster, shape (n,)."""
        return np.sqrt((self.residuals**2).sum(axis=1))

    @cached_property
    def same(self) -> np.ndarray:
        """True for the pairs inside one cluster, in the order of ``space.d``."""
        i, j = np.triu_indices(self.n, 1)
        return self.codes[i] == self.codes[j]

    @cached_property
    def inside(self) -> np.ndarray:
        """The within-cluster distances, ascending."""
        return np.sort(self.space.d[self.same])

    @cached_property
    def outside(self) -> np.ndarray:
        """The between-cluster distances, ascending."""
        return np.sort(self.space.d[~self.same])

    @cached_property
    def mean_to_clusters(self) -> np.ndarray:
        """Mean distance of each object to the members of each cluster, shape (n, k).

        For the object's own cluster the object itself is left out (0 for a singleton).
        """
        sums = self.space.distances @ self.indicator
        counts = self.sizes - self.indicator
        return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)

    @cached_property
    def mean_between_clusters(self) -> np.ndarray:
        """Mean distance of the pairs of two clusters, shape (k, k); own pairs on the diagonal.

        The diagonal is NaN for a singleton, which has no pair.
        """
        sums = self.indicator.T @ self.space.distances @ self.indicator
        counts = np.outer(self.sizes, self.sizes) - np.diag(self.sizes)
        return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)

    @cached_property
    def discordance(self) -> tuple[int, int]:
        """(s+, s-): comparisons of one within and one between distance.

        s+ counts those in which the within distance is the smaller, s- those in which it
        is the larger; equal distances count in neither.
        """
        smaller = np.searchsorted(self.outside, self.inside, side="left")
        not_larger = np.searchsorted(self.outside, self.inside, side="right")
        return int((len(self.outside) - not_larger).sum()), int(smaller.sum())

    @cached_property
    def scatter(self) -> Scatter | None:
        """W in factored form, or None where W is singular.

        The columns of the residuals are first scaled to length 1, so the verdict does not
        depend on the units of the variables. W counts as singular when the ratio of its
        smallest to its largest eigenvalue is below the precision of double floats.
        """
        length = np.sqrt(self.within_by_column)
        if self.n - self.k < self.p or (length == 0).any():
            return None
        _, s, vt = np.linalg.svd(self.residuals / length, full_matrices=False)
        if s[-1] ** 2 <= _EPS * s[0] ** 2:
            return None
        return Scatter(length, s, vt.T)


@dataclass(frozen=True)
class Scatter:
    """W = L V S^2 V' L, with L = diag(length), S = diag(s)."""

    length: np.ndarray
    s: np.ndarray
    v: np.ndarray

    @property
    def log_determinant(self) -> float:
        return float(2 * (np.log(self.s).sum() + np.log(self.length).sum()))

    def trace_of_ratio(self, root: np.ndarray) -> float:
        """tr(W^-1 A) for A = root' root."""
        return float((((root / self.length) @ self.v / self.s) ** 2).sum())

    @property
    def inverse_diagonal(self) -> np.ndarray:
        """The diagonal of W^-1."""
        return ((self.v / self.s) ** 2).sum(axis=1) / self.length**2


def partition(table: pd.DataFrame, labels: Sequence[Any] | pd.Series) -> Partition:
    """Check a table and its cluster labels and bring them together.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
    labels : sequence of length n, or Series with the table's index in the table's order
        The cluster of each object; any values that can be compared for equality.

    Raises
    ------
    InputError
        The table is unusable, ``labels`` has another length, another index or an empty cell.
    """
    table = check_table(table)
    if isinstance(labels, (pd.DataFrame, str, bytes)) or np.ndim(labels) > 1:
        raise InputError(f"labels: expected one value per object, got {type(labels).__name__}")
    series = labels if isinstance(labels, pd.Series) else None
    try:
        values = pd.Series(series.array if series is not None else list(labels))
    except TypeError:
        raise InputError(
            f"labels: expected one value per object, got {type(labels).__name__}"
        ) from None
    if len(values) != len(table):
        raise InputError(f"labels: {len(values)} for {len(table)} objects, one each is needed")
    if series is not None and not series.index.equals(table.index):
        place = next(i for i, (a, b) in enumerate(zip(table.index, series.index)) if a != b)
        raise InputError(
            f"labels: not aligned with the table: row {place + 1} is {table.index[place]!r} "
            f"in the table and {series.index[place]!r} in the labels"
        )
    if values.isna().any():
        place = int(np.flatnonzero(values.isna())[0])
        raise InputError(f"labels: the cluster of {table.index[place]!r} is empty")
    try:
        codes, names = pd.factorize(values, sort=True)
    except TypeError:
        raise InputError("labels: cluster names of different kinds cannot be compared") from None
    return Partition(Space(table), codes, np.asarray(names))


class Levels:
    """All partitions one dendrogram gives, each cut when first asked for.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
    ks : iterable of int
        The numbers of clusters under comparison.
    method : str
        Linkage, as in `hclustkit.tree.ward.linkage`.
    """

    def __init__(self, table: pd.DataFrame, ks: Iterable[int], method: str) -> None:
        self.table = check_table(table)
        self.space = Space(self.table)
        self.ks = check_ks(ks, self.space.n)
        self.method = method
        self._tree = linkage(self.table, method)
        self._cuts: dict[int, Partition] = {}

    def at(self, k: int) -> Partition | None:
        """The partition into k clusters, or None where k lies outside 1..n."""
        if not 1 <= k <= self.space.n:
            return None
        if k not in self._cuts:
            codes = np.asarray(cut(self._tree, k), dtype=np.int64) - 1
            self._cuts[k] = Partition(self.space, codes, np.arange(1, k + 1))
        return self._cuts[k]


def check_ks(ks: Iterable[int], n: int) -> list[int]:
    """Return ``ks`` as an ascending list of different ints in 1..n, or raise `InputError`."""
    if isinstance(ks, (int, np.integer)) and not isinstance(ks, bool):
        ks = [ks]
    try:
        numbers = [check_k(k, n) for k in ks]
    except TypeError:
        raise InputError(f"the numbers of clusters must be whole numbers, got {ks!r}") from None
    if not numbers:
        raise InputError("no number of clusters is given")
    if len(set(numbers)) < len(numbers):
        raise InputError(f"a number of clusters is given more than once: {numbers}")
    return sorted(numbers)
