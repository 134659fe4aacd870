"""Who is next to whom: from pairs, from points, from polygons."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import KDTree

from hclustkit.arguments import as_table, check_between, check_whole
from hclustkit.arrays import Floats, Ints, check_squares
from hclustkit.errors import fault, refusal


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs of neighbours among labelled objects.

    Attributes
    ----------
    labels : Index, length n
    pairs : array of int64, shape (m, 2)
        Each pair once, the lower place first, sorted.
    rule : str
        What makes two objects neighbours, such as "queen".

    Examples
    --------
    >>> near = neighbours_from_pairs([("a", "b")], ["a", "b", "c"])
    >>> near.islands(), near.components()
    (['c'], [['a', 'b'], ['c']])
    """

    labels: pd.Index
    pairs: Ints
    rule: str

    @property
    def n(self) -> int:
        """The number of objects."""
        return len(self.labels)

    @cached_property
    def _both(self) -> tuple[Ints, Ints]:
        edges = np.concatenate([self.pairs, self.pairs[:, ::-1]]).astype(np.int64)
        order = np.lexsort((edges[:, 1], edges[:, 0]))
        return edges[order, 0], edges[order, 1]

    def both_ways(self) -> tuple[Ints, Ints]:
        """Return the pairs in both directions, sorted: two arrays of places."""
        return self._both[0].copy(), self._both[1].copy()

    def matrix(self, *, standardize: bool = False) -> sparse.csr_array:
        """Return the weights, n by n: 1 for neighbours, or 1 / (number of neighbours).

        Parameters
        ----------
        standardize : bool
            Whether the weights of an object that has neighbours add up to 1.

        Returns
        -------
        sparse array of float64
        """
        # older scipy walks graphs with 32-bit indices only
        rows, columns = (index.astype(np.int32) for index in self.both_ways())
        counts = self.counts()
        values = 1 / counts[rows] if standardize else np.ones(len(rows))
        return sparse.csr_array((values, (rows, columns)), shape=(self.n, self.n))

    @cached_property
    def eigenvectors(self) -> Floats:
        """The eigenvectors of the centred matrix, one a column, the constant one among them."""
        centre = np.eye(self.n) - 1 / self.n
        # the constant vector has the value n and is no longer mixed with others of value 0
        return np.linalg.eigh(centre @ self.matrix().toarray() @ centre + 1)[1]

    def counts(self) -> Ints:
        """Count the neighbours of each object."""
        return np.bincount(self.pairs.ravel(), minlength=self.n)

    def steps(self) -> Floats:
        """Count the borders to cross from each object to each other one.

        Returns
        -------
        array of float64, shape (n, n)
            Between parts of the graph, one more than the longest way within a part.
        """
        steps: Floats = shortest_path(self.matrix(), unweighted=True, directed=False)
        reached = np.isfinite(steps)
        return np.where(reached, steps, steps[reached].max(initial=0) + 1)

    def parts(self) -> Ints:
        """Number the connected parts of the graph by first appearance, from 0; shape (n,)."""
        labels = connected_components(self.matrix(), directed=False)[1]
        numbers: Ints = pd.factorize(labels)[0].astype(np.int64)
        return numbers

    def components(self) -> list[list[Any]]:
        """List the labels of each connected part, by first appearance."""
        parts = self.parts()
        return [self.labels[parts == part].tolist() for part in range(parts.max(initial=-1) + 1)]

    def islands(self) -> list[Any]:
        """List the objects without a neighbour."""
        alone: list[Any] = self.labels[self.counts() == 0].tolist()
        return alone

    def take(self, labels: Iterable[Hashable]) -> Neighbours:
        """Return the same neighbours with the objects in another order.

        Raises
        ------
        InputError
            The labels are not the same ones.
        """
        wanted = pd.Index(list(labels))
        match_names(wanted, self.labels, "table", "neighbours")
        return from_places(
            wanted.get_indexer(self.labels)[self.pairs].reshape(-1, 2), wanted, self.rule
        )

    def piece_count(self, partition: Any) -> pd.Series:
        """Count the connected pieces of each cluster of a partition.

        Parameters
        ----------
        partition : array-like, shape (n,)
            The cluster of each object, in the order of ``labels``; a Series in any.

        Returns
        -------
        Series of int
            By cluster, sorted; 1 for a contiguous one.
        """
        cluster = np.asarray(by_label(partition, self.labels, "partition"))
        inside = self.pairs[cluster[self.pairs[:, 0]] == cluster[self.pairs[:, 1]]]
        parts = Neighbours(self.labels, inside, self.rule).parts()
        return pd.Series(parts).groupby(cluster).nunique().rename("pieces")


def _closest(name: Hashable, among: Iterable[Hashable]) -> Hashable:
    """Return the name with the closest spelling, or None."""
    spelled = {str(one).casefold(): one for one in among}
    near = difflib.get_close_matches(str(name).casefold(), spelled, 1)
    return spelled[near[0]] if near else None


def _with_closest(names: Mapping[Hashable, Hashable], most: int = 20) -> str:
    texts = [
        f"{name!r}" if near is None else f"{name!r} (closest: {near!r})"
        for name, near in names.items()
    ]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if texts[most:] else "")


def by_label(given: Any, labels: Iterable[Hashable] | None, what: str) -> Any:
    """Bring a Series into the order of labels; anything else is in it already.

    A Series whose labels are 0, 1, 2, ... is in that order already where the table has others.

    Raises
    ------
    InputError
        With rule ``unmatched-names``: the labels are not the same.
    """
    if labels is None or not hasattr(given, "reindex"):
        return given
    order, own = list(labels), list(given.index)
    if own == order:
        return given
    if len(own) == len(order) and own == list(range(len(own))) and set(own) != set(order):
        return given
    match_names(order, own, "table", what)
    return given.loc[order]


def match_names(
    given: Iterable[Hashable], other: Iterable[Hashable], what: str, where: str
) -> None:
    """Raise unless two lists hold the same names; show what is on one side only.

    Raises
    ------
    InputError
        With rule ``unmatched-names``; the value maps ``what`` and ``where`` to the names that
        only they have, each with the closest spelling on the other side, or None.
    """
    mine, theirs = dict.fromkeys(given), dict.fromkeys(other)
    here = [name for name in mine if name not in theirs]
    there = [name for name in theirs if name not in mine]
    if not here and not there:
        return

    value = {
        what: {name: _closest(name, there) for name in here},
        where: {name: _closest(name, here) for name in there},
    }
    sides = [
        f"only in the {side}: {_with_closest(names)}" for side, names in value.items() if names
    ]
    text = f"the names in the {what} and in the {where} differ; {'; '.join(sides)}"
    raise refusal(text, where, "unmatched-names", value)


def from_places(places: Any, labels: Iterable[Hashable], rule: str) -> Neighbours:
    """Make neighbours of pairs of places: each once, the lower first, none with itself."""
    pairs = np.sort(np.asarray(places, dtype=np.int64).reshape(-1, 2), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return Neighbours(pd.Index(list(labels)), pairs, rule)


def neighbours_from_pairs(
    pairs: Any, labels: Iterable[Hashable], *, rule: str = "pairs", place: str = "connectivity"
) -> Neighbours:
    """Read neighbours from a list of pairs of labels, in either order.

    Parameters
    ----------
    pairs : DataFrame or sequence of pairs
        The first two columns of a DataFrame count. An object that is in no pair is an island.
    labels : sequence
        All objects, in the order of the table.
    rule : str
        Name of the rule.
    place : str
        Name of the pairs in error messages, such as that of a file.

    Returns
    -------
    Neighbours

    Raises
    ------
    InputError
        A row is not a pair, names an unknown label, or an object beside itself; a label is
        there twice.

    Examples
    --------
    >>> neighbours_from_pairs([("b", "a"), ("a", "b")], ["a", "b"]).pairs.tolist()
    [[0, 1]]
    """
    index = as_labels(labels)
    rows = pairs.iloc[:, :2].to_numpy(dtype=object) if isinstance(pairs, pd.DataFrame) else pairs
    try:
        rows = [tuple(row) for row in rows]
        hash(tuple(rows))
    except TypeError as error:
        raise fault(place, f"expected pairs of labels: {error}", "pair") from None
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise fault(place, f"row {number} is not a pair", "pair", row)
    unknown = sorted({one for row in rows for one in row if one not in index}, key=str)
    if unknown:
        close = {one: _closest(one, index) for one in unknown}
        shown = _with_closest(close)
        text = f"labels that are not in the data: {shown}"
        raise fault(place, text, "unmatched-names", close)
    for number, (one, two) in enumerate(rows, start=1):
        if one == two:
            text = f"pair {number}: {one!r} is its own neighbour"
            raise fault(place, text, "own-neighbour", one)
    flat = [label for row in rows for label in row]
    return from_places(
        index.get_indexer(pd.Index(flat, dtype=index.dtype if flat else None)), index, rule
    )


def neighbours_from_points(
    points: Any, *, k: int | None = None, distance: float | None = None
) -> Neighbours:
    """Make neighbours of the nearest points, or of those within a distance.

    Parameters
    ----------
    points : DataFrame or array, shape (n, d)
        Coordinates in a plane or in space, the labels in the index; degrees of longitude and
        latitude do not qualify.
    k : int, optional
        Two points are neighbours if one is among the ``k`` nearest of the other. Where
        several are equally far, the lower rows count.
    distance : float, optional
        Two points are neighbours if they are at most this far apart.

    Returns
    -------
    Neighbours

    Raises
    ------
    InputError
        Not exactly one of ``k`` and ``distance`` is given, or it is out of range.

    Examples
    --------
    >>> neighbours_from_points([[0.0], [1.0], [5.0]], distance=2.0).pairs.tolist()
    [[0, 1]]
    """
    if (k is None) == (distance is None):
        raise fault("k", "give either k or a distance", "k-or-distance", (k, distance))
    table = as_table(points, distances=True)  # two points may be (0, 1) and (1, 0)
    x = check_squares(table.to_numpy())
    n = len(x)
    if distance is not None:
        reach = check_between(distance, "distance", 0.0, np.inf)
        pairs = KDTree(x).query_pairs(reach, output_type="ndarray")
        return from_places(pairs, table.index, f"within {reach:.12g}")
    count = check_whole(k, "k", 1, n - 1)
    found: list[tuple[int, int]] = []
    tree = KDTree(x)
    radius = tree.query(x, count + 1)[0][:, -1]
    for i, within in enumerate(tree.query_ball_point(x, radius * (1 + 1e-12))):
        others = np.sort([j for j in within if j != i])
        far = ((x[others] - x[i]) ** 2).sum(axis=1)
        found += [(i, int(j)) for j in others[np.argsort(far, kind="stable")[:count]]]
    return from_places(found, table.index, f"{count} nearest")


def as_neighbours(connectivity: Any, n: int, labels: pd.Index | None = None) -> Neighbours:
    """Read neighbours from what `hclustkit.linkage` takes as ``connectivity``.

    Parameters
    ----------
    connectivity : Neighbours, sparse matrix, array (n, n), DataFrame, mapping or weights
        A matrix or array has other values than 0 for neighbours; one direction is enough. A
        square DataFrame holds the labels on both sides; another DataFrame is a list of pairs;
        a mapping gives the neighbours of each label. Weights of libpysal are taken by their
        identifiers.
    n : int
    labels : Index, optional
        The labels of the table, which those of ``connectivity`` must be, in any order.

    Returns
    -------
    Neighbours
        In the order of the table.

    Raises
    ------
    InputError
        The shape, a value or a label does not fit.
    """
    index = pd.RangeIndex(n) if labels is None else pd.Index(list(labels))
    given = connectivity
    if isinstance(given, Neighbours):
        if given.n != n:
            text = f"neighbours of {given.n} objects for {n}"
            raise fault("connectivity", text, "connectivity-shape", given.n)
        return given if labels is None or given.labels.equals(index) else given.take(index)
    # weights of libpysal: a Graph has unique_ids, a W has id_order
    identifiers = getattr(given, "unique_ids", getattr(given, "id_order", None))
    if identifiers is not None and hasattr(given, "sparse"):
        found = as_neighbours(given.sparse, len(identifiers))
        named = Neighbours(pd.Index(identifiers), found.pairs, "weights")
        return as_neighbours(named, n, labels)
    if isinstance(given, Mapping):
        match_names(index, given, "table", "connectivity")
        pairs = ((one, two) for one, others in given.items() for two in others if one != two)
        return neighbours_from_pairs(pairs, index, rule="mapping")
    if isinstance(given, pd.DataFrame):
        if given.shape[0] != given.shape[1]:
            return neighbours_from_pairs(given, index)
        match_names(given.index, given.columns, "rows", "columns of connectivity")
        square = given.loc[:, given.index].to_numpy()
        named = Neighbours(given.index, as_neighbours(square, len(square)).pairs, "matrix")
        return as_neighbours(named, n, labels)
    return _from_matrix(given, n, index)


def _from_matrix(given: Any, n: int, index: pd.Index) -> Neighbours:
    try:
        matrix = sparse.coo_array(given, dtype=np.float64)
    except (TypeError, ValueError):
        text = f"expected a matrix, neighbours or a DataFrame of pairs, got {type(given).__name__}"
        raise fault("connectivity", text, "connectivity-kind", type(given).__name__) from None
    if matrix.shape != (n, n):
        text = f"expected the shape ({n}, {n}), got {matrix.shape}"
        raise fault("connectivity", text, "connectivity-shape", matrix.shape)
    if not (np.isfinite(matrix.data) & (matrix.data >= 0)).all():
        raise fault("connectivity", "a weight is negative or not a number", "connectivity-value")
    at = np.flatnonzero(matrix.data)
    return from_places(np.column_stack([matrix.row[at], matrix.col[at]]), index, "matrix")


def as_labels(given: Any) -> pd.Index:
    """Return labels as an Index of one level; raise if one is empty or appears twice."""
    try:
        given = list(given)
        known = set(given)
    except TypeError:
        text = f"expected a sequence of names or numbers, got {given!r}"
        raise fault("labels", text, "labels-type", given) from None
    index = pd.Index(given, tupleize_cols=False)
    if index.hasnans:
        raise fault("labels", "one is empty", "empty-label")
    if len(known) < len(index):
        repeated = index[index.duplicated()][0]
        message = f"label {repeated!r} appears more than once"
        raise fault("labels", message, "duplicate-label", repeated)
    return index


def name_parts(neighbours: Neighbours, shown: int = 5) -> str:
    """Describe the connected parts of a graph in words: how many, and which are islands."""
    islands: Sequence[Any] = neighbours.islands()
    text = f"the neighbours form {len(neighbours.components())} separate parts"
    if islands:
        more = f" and {len(islands) - shown} more" if len(islands) > shown else ""
        text += f"; without a neighbour: {', '.join(map(str, islands[:shown]))}{more}"
    return text
