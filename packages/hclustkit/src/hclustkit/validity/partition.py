"""One table split into clusters: the sums and distances every index is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_cluster_list
from hclustkit.arrays import AnyArray, Bools, Floats, Ints, Labels, check_squares
from hclustkit.errors import refusal
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import linkage
from hclustkit.validity import exact

_EPS = float(np.finfo(np.float64).eps)


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
        self.x = check_squares(table.to_numpy(dtype=np.float64))
        self.n, self.p = self.x.shape

    @cached_property
    def d(self) -> Floats:
        """Euclidean distances of all pairs, as from `scipy.spatial.distance.pdist`."""
        return exact.distances(self.x)

    @cached_property
    def distances(self) -> Floats:
        """The same distances as a square matrix, shape (n, n)."""
        return exact.square(self.d)

    @cached_property
    def mean(self) -> Floats:
        """Mean of each variable, shape (p,)."""
        return np.asarray(self.x.mean(axis=0))

    @cached_property
    def centred(self) -> Floats:
        """Coordinates less the means; what is only rounding is zero."""
        return self.less(np.broadcast_to(self.mean, self.x.shape))

    @cached_property
    def total_by_column(self) -> Floats:
        """Total sum of squares of each variable, shape (p,)."""
        return np.asarray((self.centred**2).sum(axis=0))

    @cached_property
    def total(self) -> float:
        """Total sum of squares."""
        return float(self.total_by_column.sum())

    @cached_property
    def spread(self) -> Floats:
        """Standard deviations along the principal axes, falling."""
        return np.asarray(exact.principal_axes(self.centred)[0] / np.sqrt(self.n - 1))

    @cached_property
    def triangle(self) -> Floats:
        """R of the centred columns, each scaled to length 1."""
        return exact.triangle(self.centred / np.sqrt(self.total_by_column))

    def less(self, centres: Floats) -> Floats:
        """Subtract ``centres``; differences that are only rounding become zero.

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

    def __init__(self, space: Space, codes: Ints, names: Sequence[Any] | AnyArray) -> None:
        self.space = space
        self.codes = codes
        self.names = np.asarray(names)
        self.n, self.p, self.k = space.n, space.p, len(names)
        self.sizes: Ints = np.bincount(codes, minlength=self.k)

    @classmethod
    def from_labels(cls, table: Any, labels: Labels) -> Partition:
        """Check a table and its cluster labels and bring them together.

        Parameters
        ----------
        table : DataFrame or array, shape (n objects, p variables)
        labels : sequence of length n, or Series with the table's index in the table's order
            The cluster of each object; any values that can be compared for equality.

        Raises
        ------
        InputError
            The table is unusable, ``labels`` has another length, another index or an empty
            cell.
        """
        table = as_table(table, min_rows=2)
        values = _label_values(table, labels)
        if values.isna().any():
            object_ = table.index[int(np.flatnonzero(values.isna())[0])]
            text = f"partition: the cluster of {object_!r} is empty"
            raise refusal(text, f"partition, {object_}", "missing-cluster", object_)
        try:
            codes, names = pd.factorize(values, sort=True)
        except TypeError:
            text = "partition: cluster names of different kinds cannot be compared"
            raise refusal(text, "partition", "labels-type") from None
        return cls(Space(table), codes.astype(np.int64), np.asarray(names))

    def sums_by_cluster(self, values: Floats) -> Floats:
        """Add up the rows of ``values`` by cluster, in the order of the objects."""
        sums = np.zeros((self.k, *values.shape[1:]))
        np.add.at(sums, self.codes, values)
        return sums

    @cached_property
    def centroids(self) -> Floats:
        """Means of the clusters, shape (k, p)."""
        return self.sums_by_cluster(self.space.x) / self.sizes[:, None]

    @cached_property
    def residuals(self) -> Floats:
        """Objects less their centroids, shape (n, p)."""
        return self.space.less(self.centroids[self.codes])

    @cached_property
    def within_by_column(self) -> Floats:
        """Within sum of squares of each variable, shape (p,)."""
        return np.asarray((self.residuals**2).sum(axis=0))

    @cached_property
    def within_by_cluster(self) -> Floats:
        """Within sum of squares of each cluster, shape (k,)."""
        return self.sums_by_cluster((self.residuals**2).sum(axis=1))

    @cached_property
    def within(self) -> float:
        """tr W, the pooled within-cluster sum of squares."""
        return float(self.within_by_column.sum())

    @cached_property
    def centre_offsets(self) -> Floats:
        """sqrt(n_r) (c_r - mean), shape (k, p): its cross product is B."""
        return np.asarray(np.sqrt(self.sizes)[:, None] * (self.centroids - self.space.mean))

    @cached_property
    def centroid_distances(self) -> Floats:
        """Euclidean distances of the centroids, shape (k, k); 0 where only rounding parts two."""
        apart = exact.square(exact.distances(self.centroids))
        size = np.abs(self.centroids).max(initial=0.0) * np.sqrt(self.p)
        return np.where(apart <= 8 * _EPS * size, 0.0, apart)

    @cached_property
    def to_centroid(self) -> Floats:
        """Distance of each object from the centroid of its cluster, shape (n,)."""
        return np.asarray(np.sqrt((self.residuals**2).sum(axis=1)))

    @cached_property
    def same(self) -> Bools:
        """True for the pairs inside one cluster, in the order of ``space.d``."""
        i, j = np.triu_indices(self.n, 1)
        return np.asarray(self.codes[i] == self.codes[j])

    @cached_property
    def inside(self) -> Floats:
        """The within-cluster distances, ascending."""
        return np.sort(self.space.d[self.same])

    @cached_property
    def outside(self) -> Floats:
        """The between-cluster distances, ascending."""
        return np.sort(self.space.d[~self.same])

    @cached_property
    def distance_sums(self) -> Floats:
        """Sum of the distances of each object to the members of each cluster, shape (n, k)."""
        return np.asarray(self.sums_by_cluster(self.space.distances).T)

    @cached_property
    def mean_to_clusters(self) -> Floats:
        """Mean distance of each object to the members of each cluster, shape (n, k).

        For the object's own cluster the object itself is left out (0 for a singleton).
        """
        counts = self.sizes - (self.codes[:, None] == np.arange(self.k))
        sums = self.distance_sums
        means: Floats = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
        return means

    @cached_property
    def mean_between_clusters(self) -> Floats:
        """Mean distance of the pairs of two clusters, shape (k, k); own pairs on the diagonal.

        The diagonal is NaN for a singleton, which has no pair.
        """
        sums = self.sums_by_cluster(self.distance_sums)
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
        scaled = self.residuals / length
        s = np.linalg.svd(scaled, compute_uv=False)
        if s[-1] ** 2 <= _EPS * s[0] ** 2:
            return None
        return Scatter(length, exact.triangle(scaled))


@dataclass(frozen=True, eq=False)
class Scatter:
    """W = L R' R L, with L = diag(length) and R upper triangular."""

    length: Floats
    r: Floats

    @property
    def determinant_roots(self) -> Floats:
        """Numbers whose squared product is the determinant of W."""
        return np.asarray(np.abs(self.length * self.r.diagonal()))

    def trace_of_ratio(self, root: Floats) -> float:
        """Compute tr(W^-1 A) for A = root' root."""
        return float((exact.solve_transposed(self.r, (root / self.length).T) ** 2).sum())


def _label_values(table: pd.DataFrame, labels: Labels) -> pd.Series[Any]:
    """Return the labels as a Series, one for each row of the table."""
    series = labels if isinstance(labels, pd.Series) else None
    try:
        one_each = not isinstance(labels, (pd.DataFrame, str, bytes)) and np.ndim(labels) == 1
    except ValueError:  # rows of different lengths
        one_each = False
    if not one_each:
        text = f"partition: expected one value per object, got {type(labels).__name__}"
        raise refusal(text, "partition", "labels-type", type(labels).__name__)
    values = pd.Series(series.array if series is not None else list(labels))
    if len(values) != len(table):
        text = f"partition: {len(values)} for {len(table)} objects, one each is needed"
        raise refusal(text, "partition", "object-count", len(values))
    if series is not None and not series.index.equals(table.index):
        pairs = zip(table.index, series.index, strict=True)
        row, (ours, theirs) = next((i, p) for i, p in enumerate(pairs) if p[0] != p[1])
        text = (
            f"partition: not aligned with the table: row {row + 1} is {ours!r} "
            f"in the table and {theirs!r} in the labels"
        )
        raise refusal(text, f"partition, row {row + 1}", "labels-not-aligned", theirs)
    return values


class Levels:
    """All partitions one dendrogram gives, each cut when first asked for.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
    ks : iterable of int
        The numbers of clusters under comparison.
    method : str
        Linkage, as in `hclustkit.linkage`.
    """

    def __init__(self, table: Any, ks: Iterable[int] | None, method: str) -> None:
        self.table = as_table(table, min_rows=2)
        self.space = Space(self.table)
        self.ks = check_ks(ks, self.space.n)
        self.method = method
        self._tree = linkage(self.table, method)
        self._cuts: dict[int, Partition] = {}

    def at(self, k: int) -> Partition:
        """Return the partition into k clusters, 1..n."""
        if k not in self._cuts:
            codes = np.asarray(cut(self._tree, k), dtype=np.int64) - 1
            self._cuts[k] = Partition(self.space, codes, np.arange(1, k + 1))
        return self._cuts[k]

    def find(self, k: int) -> Partition | None:
        """Return the partition into k clusters, or None where k lies outside 1..n."""
        return self.at(k) if 1 <= k <= self.space.n else None


def check_ks(ks: Iterable[int] | int | None, n: int) -> list[int]:
    """Return ``ks`` as an ascending list of different ints in 1..n, or raise `InputError`."""
    return sorted(check_cluster_list([ks] if isinstance(ks, (int, np.integer)) else ks, n))
