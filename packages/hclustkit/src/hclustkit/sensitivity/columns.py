"""What a column with unknown values changes: many possible columns, one partition each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_whole
from hclustkit.arrays import Bools, Floats, Ints, as_numbers, check_k
from hclustkit.compare.partitions import canonical, unique_rows
from hclustkit.distances import squared_differences
from hclustkit.errors import refusal
from hclustkit.scaling import standardize
from hclustkit.tree.sums import trees_on_sums


@dataclass(frozen=True, eq=False)
class ColumnEffect:
    """Partitions of a table with further columns, one for each point drawn.

    Attributes
    ----------
    without : int64 array, shape (n,)
        The partition without the columns.
    partitions : array, shape (U, n)
        Those that occur, the commonest first; labels from 0 by first case.
    counts : int64 array, shape (U,)
        Points that count; 0 where only a point beyond them gives the partition.
    """

    without: Ints
    partitions: Ints
    counts: Ints

    @property
    def unchanged(self) -> float:
        """Share of the points with the partition without the columns."""
        same = (self.partitions == self.without).all(axis=1)
        return float(self.counts[same].sum() / self.counts.sum())

    def changed_pairs(self) -> tuple[Bools, Bools]:
        """Compare which pairs of cases are together, with and without the columns.

        Returns
        -------
        always, sometimes : bool arrays, shape (n, n)
            The pairs for which it differs at every point, which the known values bring about
            whatever the unknown ones are; and those for which it differs at some points only.
        """
        before = self.without[:, None] == self.without
        differs = (self.partitions[:, :, None] == self.partitions[:, None, :]) != before
        always = differs.all(axis=0)
        return always, differs.any(axis=0) & ~always


def column_effect(
    table: pd.DataFrame,
    drawn: Floats,
    *,
    k: int,
    counted: int | None = None,
    scaling: str = "zscore",
    method: str = "ward",
) -> ColumnEffect:
    """Cluster a table with each of many possible further columns.

    Parameters
    ----------
    table : DataFrame, shape (n, p), unscaled
        The columns that are known.
    drawn : array, shape (B, n, q), unscaled
        ``B`` possible values of ``q`` further columns; known values are the same in each.
    k : int
        Number of clusters.
    counted : int, optional
        How many of the points shares are taken from, the first ones; all by default. The others,
        such as corners of the bounds, can add partitions only.
    scaling, method : str
        See `hclustkit.standardize` and `hclustkit.linkage`.

    Returns
    -------
    ColumnEffect

    Raises
    ------
    InputError
        A bad table, number of clusters, scaling or linkage; drawn values of another shape; a
        drawn column that is constant or, under ``log-zscore``, not positive.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 5.0, 6.5]})
    >>> drawn = np.array([[[0.0], [1.0], [2.0], [3.0]], [[0.0], [9.0], [0.0], [9.0]]])
    >>> found = column_effect(table, drawn, k=2)
    >>> found.without.tolist(), found.unchanged
    ([0, 0, 1, 1], 0.5)
    """
    labels = partitions_with(table, drawn, k=k, scaling=scaling, method=method)
    none = partitions_with(table, np.empty((1, len(table), 0)), k=k, scaling=scaling, method=method)
    unique, inverse = unique_rows(labels)
    first = check_whole(len(labels) if counted is None else counted, "counted", 1, len(labels))
    counts = np.bincount(inverse[:first], minlength=len(unique))
    order = np.argsort(-counts, kind="stable")
    partitions = np.asarray(unique[order], dtype=np.int64)
    return ColumnEffect(np.asarray(none[0], dtype=np.int64), partitions, counts[order])


def partitions_with(
    table: pd.DataFrame, drawn: Floats, *, k: int, scaling: str = "zscore", method: str = "ward"
) -> Ints:
    """Return the partition with each of many possible further columns.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        As in `column_effect`, like what follows.
    drawn : array, shape (B, n, q)
        May have no column (q = 0).
    k : int
    scaling, method : str

    Returns
    -------
    unsigned integer array, shape (B, n)
        Labels from 0 by first case.

    Raises
    ------
    InputError
        As `column_effect`.

    Examples
    --------
    >>> partitions_with(pd.DataFrame({"x": [0.0, 1.0, 5.0]}), np.empty((1, 3, 0)), k=2).tolist()
    [[0, 0, 1]]
    """
    table = as_table(table, min_rows=2)
    n = len(table)
    drawn = as_numbers(drawn, "drawn")
    if drawn.ndim != 3 or drawn.shape[1] != n or not len(drawn):
        text = f"drawn values: expected (points, {n}, columns), got {drawn.shape}"
        raise refusal(text, "drawn", "shape", drawn.shape)
    k = check_k(k, n)
    fixed = standardize(table, scaling).to_numpy()
    count, _, q = drawn.shape
    rows = squared_differences(fixed).sum(axis=0)[None]
    largest = np.array([np.abs(fixed).max()])
    if q:
        added = standardize(np.ascontiguousarray(drawn, dtype=float), scaling)
        rows = np.concatenate([rows, squared_differences(added).reshape(count * q, -1)])
        largest = np.concatenate([largest, np.abs(added).max(axis=1).ravel()])
    addends = np.zeros((count, 1 + q), dtype=np.int32)
    addends[:, 1:] = 1 + np.arange(count * q).reshape(count, q)
    return trees_on_sums(rows, largest, addends, method, k, n)[0]


def wanted_partition(partition: pd.Series, table: pd.DataFrame) -> Ints:
    """Return a wanted partition as labels from 0 by first case, in the order of a table.

    Raises
    ------
    InputError
        A row of the table has no cluster.
    """
    clusters = partition.reindex(table.index)
    if clusters.isna().any():
        label = clusters.index[clusters.isna()][0]
        text = f"partition: label {label!r} has no cluster"
        raise refusal(text, "partition", "missing-cluster", label)
    return canonical(clusters.to_numpy())
