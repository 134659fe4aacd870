"""One tree: its merges, its labels, and what is read off them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_choice, check_cluster_list, check_whole
from hclustkit.arrays import Bools, Floats, Ints
from hclustkit.errors import InputError, refusal
from hclustkit.tree import cophenetic, exports, geometry, rotation, schedule, truncate
from hclustkit.tree.assign import Assignment, Source, assign
from hclustkit.tree.cut import (
    check_linkage_matrix,
    cut,
    inherited_numbers,
    inversions,
    labels_of_cut,
    parts_of,
)
from hclustkit.tree.given_distances import distances_between
from hclustkit.tree.linkage import LINKAGES, merges
from hclustkit.tree.neighbours import as_labels, as_neighbours, by_label, name_parts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hclustkit.tree.neighbours import Neighbours

NUMBERINGS = {"first": labels_of_cut, "inherited": inherited_numbers}
"""How clusters are numbered: by first row, or so that the larger part keeps its number."""


def _copy(numbers: Any) -> Floats | None:
    """Copy numbers, so that what their owner does to them later does not change a tree."""
    return None if numbers is None else np.array(numbers, np.float64)


@dataclass(frozen=True, eq=False)
class Tree:
    """A hierarchical clustering of labelled objects.

    Make one with `from_table` or `from_linkage`.

    Attributes
    ----------
    Z : array of float64, shape (n - 1, 4)
        The merges, in scipy's form.
    labels : Index, length n
        The labels of the rows.
    ties : array of bool, shape (n - 1,), or None
        True where another pair was equally near and the rule of
        `hclustkit.tree.linkage` decided; None for a tree that was made elsewhere.
    method : str or None
        The linkage; None where it is not known.
    source : hclustkit.tree.assign.Source or None
        What the tree was made from; None for a tree that was made elsewhere.
    neighbours : Neighbours or None
        Who could merge with whom, and by which rule; None where all could.

    Examples
    --------
    >>> tree = Tree.from_table([[0.0], [1.0], [5.0]], "average")
    >>> tree.cut(2).tolist(), tree.members(3)
    ([1, 1, 2], [0, 1])
    """

    Z: Floats
    labels: pd.Index
    ties: Bools | None = None
    method: str | None = None
    source: Source | None = None
    neighbours: Neighbours | None = None

    @classmethod
    def from_table(
        cls,
        table: Any,
        method: str = "ward",
        *,
        metric: str = "euclidean",
        weights: Any = None,
        variable_weights: Any = None,
        non_euclidean: bool = False,
        connectivity: Any = None,
        **constraint: Any,
    ) -> Self:
        """Cluster the rows of a table.

        Parameters
        ----------
        table : DataFrame or array, shape (n, p)
            Taken as it is: standardize it first. The index holds the labels. With
            ``metric="precomputed"`` distances, square or condensed.
        method : str, one of `hclustkit.tree.linkage.LINKAGES`
        metric, weights, variable_weights, connectivity, non_euclidean, **constraint
            See `hclustkit.linkage`.

        Returns
        -------
        Tree

        Raises
        ------
        InputError
            As `hclustkit.linkage`.
        """
        check_choice(method, LINKAGES, "linkage")
        named = isinstance(table, pd.DataFrame)
        if named:
            weights = by_label(weights, table.index, "weights")
            variable_weights = by_label(variable_weights, table.columns, "variable_weights")
            constraint["totals"] = by_label(constraint.get("totals"), table.index, "totals")
        frame = d = None
        if metric == "euclidean":
            frame = data = as_table(table)
            labels = frame.index
            options = {"weights": weights, "variable_weights": variable_weights}
        else:
            d, n = distances_between(
                table, method, metric, variable_weights, non_euclidean=non_euclidean
            )
            frame = None if metric == "precomputed" else as_table(table)
            data, labels = d, table.index if named else pd.RangeIndex(n)
            options = {"weights": weights, "metric": "precomputed", "non_euclidean": True}
        near = None
        if connectivity is not None:
            near = as_neighbours(connectivity, len(labels), labels if named else None)
            data = np.asarray(data)  # the neighbours are in its order, so its labels can go
        Z, ties = merges(data, method, connectivity=near, **options, **constraint)
        columns = None if frame is None else frame.columns
        source = Source(
            metric, _copy(frame), columns, _copy(d), _copy(weights), _copy(variable_weights)
        )
        return cls(Z, labels, ties, method, source, near)

    @classmethod
    def from_linkage(
        cls, Z: Any, labels: Sequence[Hashable] | pd.Index | None = None, method: str | None = None
    ) -> Self:
        """Take a tree that was made elsewhere.

        Parameters
        ----------
        Z : array, shape (n - 1, 4)
            In scipy's form.
        labels : sequence, length n, optional
            By default 0..n-1.
        method : str, optional
            The linkage that made it, if it is known: the coefficients of a Ward tree are
            sums of squares.

        Returns
        -------
        Tree

        Raises
        ------
        InputError
            If ``Z`` is not a linkage matrix, or the labels are not n different ones.
        """
        array = check_linkage_matrix(Z).copy()
        n = len(array) + 1
        index = pd.RangeIndex(n) if labels is None else as_labels(labels)
        if len(index) != n:
            text = f"{len(index)} labels for a tree of {n} cases"
            raise refusal(text, "labels", "label-count", len(index))
        if method is not None:
            check_choice(method, LINKAGES, "linkage")
        return cls(array, index, None, method)

    @classmethod
    def from_newick(cls, text: str, *, half: bool = True) -> Self:
        """Read a tree in Newick format; see `hclustkit.tree.exports.from_newick`."""
        return cls.from_linkage(*exports.from_newick(text, half=half))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a tree that `to_json` wrote; see `hclustkit.tree.exports.from_json`."""
        return cls.from_linkage(*exports.from_json(text))

    @property
    def n(self) -> int:
        """The number of cases."""
        return len(self.labels)

    def schedule(self) -> pd.DataFrame:
        """List the merges stage by stage, as SPSS prints them.

        Returns
        -------
        DataFrame, n - 1 rows:

        ``stage``
            1..n-1.
        ``cluster_1``, ``cluster_2``
            The clusters merged, each named by its lowest case (1..n in row order);
            ``cluster_1 < cluster_2``, and the new cluster is called ``cluster_1``.
        ``coefficient``
            Ward: the total within-cluster sum of squares after the merge. Other linkages:
            the height of the merge.
        ``first_appears_1``, ``first_appears_2``
            The stage that made the cluster, 0 for a single case.
        ``next_stage``
            The stage at which the new cluster is merged, 0 for the last.
        ``label_1``, ``label_2``
            The labels of the cases ``cluster_1`` and ``cluster_2``.
        ``tie``
            True where another pair was equally near and the rule decided.

        Raises
        ------
        InputError
            If a sum of squares is too large for a float.
        """
        return schedule.schedule(self.Z, self.ties, self.labels, self.method)

    def cut(self, k: int | None = None, *, height: float | None = None, **how: Any) -> Ints:
        """Cut the tree by the number, the height or the sizes of clusters; see `hclustkit.cut`."""
        how["totals"] = by_label(how.get("totals"), self.labels, "totals")
        try:
            return cut(self.Z, k, height=height, **how)
        except InputError as error:
            if error.rule != "components" or self.neighbours is None:
                raise
            text = f"{error} ({name_parts(self.neighbours)})"
            raise refusal(text, error.place, error.rule, error.value) from None

    def inversions(self) -> Ints:
        """List the merges below a cluster they join; see `hclustkit.tree.cut.inversions`."""
        return inversions(self.Z)

    def membership(
        self, ks: Iterable[int] | None = None, *, numbering: str = "first"
    ) -> pd.DataFrame:
        """Tabulate the cluster of each case for several numbers of clusters.

        Parameters
        ----------
        ks : iterable of int, optional
            Numbers of clusters, each within 1..n and given once; by default 2 to 10.
        numbering : {"first", "inherited"}
            By first row, as `cut` does; or so that the larger part keeps its number from k to
            k + 1 (`hclustkit.tree.cut.inherited_numbers`), and with it its colour in drawings.

        Returns
        -------
        DataFrame of int, shape (n, len(ks))
            The index holds the labels, the columns the k.

        Raises
        ------
        InputError
            If a k is outside 1..n or repeated, or there is none, or the numbering is unknown.
        """
        number = NUMBERINGS[check_choice(numbering, NUMBERINGS, "numbering")]
        wanted = check_cluster_list(ks, self.n)
        if min(wanted) < parts_of(self.Z):
            self.cut(min(wanted))  # says which parts there are
        return pd.DataFrame({k: number(self.Z, k) for k in wanted}, index=self.labels)

    def leaf_table(
        self, k: int | None = None, *, height: float | None = None, numbering: str = "first"
    ) -> pd.DataFrame:
        """Tabulate for each case its cluster and its place in the dendrogram.

        Parameters
        ----------
        k, height
            As `hclustkit.cut`.
        numbering : {"first", "inherited"}
            As `membership`.

        Returns
        -------
        DataFrame of int, n rows in row order, index the labels
            ``row`` (from 1), ``cluster``, ``leaf``: the place (from 1) in the dendrogram, from
            left to right, or from above where it lies on its side. The cases of a cluster have
            successive places.
        """
        clusters = self.cut(k, height=height)
        count = clusters.max(initial=1)
        place = np.empty(self.n, dtype=np.int64)
        place[geometry.leaf_order(self.Z)] = np.arange(1, self.n + 1)
        return pd.DataFrame(
            {
                "row": np.arange(1, self.n + 1),
                "cluster": self.membership([count], numbering=numbering)[count].to_numpy(),
                "leaf": place,
            },
            index=self.labels,
        )

    def assign(self, new: Any, k: int | None = None, *, height: float | None = None) -> Assignment:
        """Assign new rows to the clusters of a cut, by the distances the tree was built on.

        A row goes to the cluster with which the linkage would merge it lowest. The clusters
        stay as they are, whatever is assigned.

        Parameters
        ----------
        new : DataFrame or array, shape (m, p)
            With the columns of the table of the tree, scaled by the same means and standard
            deviations. For a tree made from given distances: shape (m, n), the distances to
            the rows of the tree.
        k, height
            As `hclustkit.cut`.

        Returns
        -------
        hclustkit.tree.assign.Assignment
            With it the number of rows of the tree that return to their own cluster. (They need
            not: a row at the edge can be nearer to a cluster that was formed later.)

        Raises
        ------
        InputError
            If the tree was made elsewhere, or the columns differ from those of its table.

        Examples
        --------
        >>> tree = Tree.from_table([[0.0], [1.0], [8.0], [9.0]])
        >>> tree.assign([[2.0], [7.0]], 2).rows["cluster"].tolist()
        [1, 2]
        """
        if self.source is None or self.method is None:
            text = "the tree does not know the table it was made from: make it with from_table"
            raise refusal(text, "tree", "source-missing")
        clusters = self.cut(k, height=height)
        return assign(self.source, self.Z, self.method, self.labels, clusters, new)

    def members(self, node: int) -> list[Any]:
        """List the labels below a node, in row order.

        Parameters
        ----------
        node : int
            0..n-1 a case, n + t the cluster of merge t (from 0).

        Raises
        ------
        InputError
            If the tree has no such node.
        """
        n = self.n
        waiting, found = [check_whole(node, "node", 0, 2 * n - 2)], []
        while waiting:
            at = waiting.pop()
            if at < n:
                found.append(at)
            else:
                waiting += self.Z[at - n, :2].astype(np.int64).tolist()
        members: list[Any] = self.labels.take(sorted(found)).tolist()
        return members

    def cophenetic(self) -> Floats:
        """Compute the height at which each pair of cases meets, condensed in scipy's order."""
        return cophenetic.cophenetic(self.Z)

    def cophenetic_correlation(self, distances: Floats | None = None) -> float:
        """Correlate the heights at which pairs of cases meet with their distances.

        Parameters
        ----------
        distances : array, shape (n (n - 1) / 2,), optional
            Condensed; needed for a tree that was not made from a table.

        Returns
        -------
        float
            See `hclustkit.tree.cophenetic.cophenetic_correlation`.
        """
        Z = self.Z
        if distances is None:
            distances, exponent = self._known_distances()
            Z = Z.copy()
            Z[:, 2] = np.ldexp(Z[:, 2], -exponent)
        return cophenetic.cophenetic_correlation(Z, distances, self.method)

    def agglomerative_coefficient(self) -> float:
        """Average 1 - (first height of a case) / (last height) over the cases.

        See `hclustkit.tree.schedule.agglomerative_coefficient`.
        """
        return schedule.agglomerative_coefficient(self.Z, self.method)

    def leaf_order(self, wish: Iterable[Hashable] | None = None) -> list[Any]:
        """List the labels from left to right as the dendrogram shows them.

        Parameters
        ----------
        wish : iterable of labels, optional
            The order to approach as far as the tree allows, with the fewest pairs out of order
            (`hclustkit.tree.rotation.rotate`). Labels that are left out may be anywhere.

        Returns
        -------
        list

        Raises
        ------
        InputError
            If the wish names an unknown label, or one twice.
        """
        if wish is None:
            return self._named(geometry.leaf_order(self.Z))
        return self._named(rotation.rotate(self.Z, rotation.ranks(self.labels, wish)))

    def optimal_leaf_order(self, distances: Floats | None = None) -> tuple[list[Any], float]:
        """Order the labels so that the path along neighbouring leaves is shortest.

        Parameters
        ----------
        distances : array, shape (n (n - 1) / 2,), optional
            Condensed; needed for a tree that was not made from a table.

        Returns
        -------
        order : list of labels
        length : float
        """
        given, exponent = (distances, 0) if distances is not None else self._known_distances()
        order, length = rotation.optimal_leaf_order(self.Z, given)
        return self._named(order), float(np.ldexp(length, exponent))

    def _named(self, order: Ints) -> list[Any]:
        names: list[Any] = self.labels.take(order).tolist()
        return names

    def _known_distances(self) -> tuple[Floats, int]:
        """Return the distances between the cases and the power of two they are divided by."""
        known = None if self.source is None else self.source.distances()
        if known is None:
            text = "the tree does not know the distances it was made from: give them"
            raise refusal(text, "distances", "distances-missing")
        return known

    def geometry(self, scale: str = "cumulative") -> geometry.Dendrogram:
        """Place leaves and links; see `hclustkit.tree.geometry.dendrogram_geometry`."""
        if self.method is None and scale == "cumulative":
            scale = "height"
        return geometry.dendrogram_geometry(self.Z, self.labels, scale, self.method or "single")

    def draw(self, ax: Axes | None = None, *, leaves: int = 200) -> Axes:
        """Draw a dendrogram with the merges at their heights.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            By default new ones.
        leaves : int
            The most leaves that are drawn. Those of a larger tree are the clusters of the
            last merges, each named by its first case and the number of the others.

        Returns
        -------
        matplotlib Axes
        """
        return truncate.sketch(self.Z, [str(label) for label in self.labels], ax, leaves)

    def newick(self, *, half: bool = True) -> str:
        """Write the tree in Newick format; see `hclustkit.tree.exports.newick`."""
        return exports.newick(self.Z, self.labels, half=half)

    def to_hclust(self) -> exports.Hclust:
        """Write the tree as R's hclust holds it; see `hclustkit.tree.exports.to_hclust`."""
        return exports.to_hclust(self.Z)

    def to_json(self) -> str:
        """Write the tree as JSON; see `hclustkit.tree.exports.to_json`."""
        return exports.to_json(self.Z, self.labels, self.method)
