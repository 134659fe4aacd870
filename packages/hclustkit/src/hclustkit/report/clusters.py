"""From a table to its tree and clusters, as chosen."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from hclustkit.arrays import Floats, Ints, refuse_distances
from hclustkit.distances import pairwise
from hclustkit.errors import refusal
from hclustkit.report.choices import Choices, column_weights
from hclustkit.scaling import is_flat, standardize
from hclustkit.tables.checks import check_table
from hclustkit.tables.missing import gower_distances
from hclustkit.tree.given_distances import check_square
from hclustkit.tree.linkage import check_memory
from hclustkit.tree.tree import Tree
from hclustkit.validity.silhouettes import widths_from


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table made ready for clustering.

    Attributes
    ----------
    table : DataFrame
        As read; for given distances the square matrix.
    scaled : DataFrame or None
        Scaled, without constant columns, each column times the root of its weight where the
        distance is Euclidean; None where there are distances only.
    distances : array, shape (n (n - 1) / 2,), or None
        None where the distance is Euclidean.
    constant : list
        Columns left out since they do not vary.
    choices : Choices
    """

    table: pd.DataFrame
    scaled: pd.DataFrame | None
    distances: Floats | None
    constant: list[Any]
    choices: Choices

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.table)

    def tree(self, kept: Ints | None = None) -> Tree:
        """Cluster all rows, or those kept."""
        method = str(self.choices.linkage)
        if self.distances is None:
            assert self.scaled is not None
            return Tree.from_table(self.scaled if kept is None else self.scaled.iloc[kept], method)
        given = self.distances
        labels = self.table.index
        if kept is not None:
            given = squareform(squareform(given)[np.ix_(kept, kept)])
            labels = labels[kept]
        found = Tree.from_table(given, method, metric="precomputed")
        return dataclasses.replace(found, labels=labels)

    def between(self, kept: Ints | None = None) -> Floats:
        """Return the distances of the rows kept, square."""
        if self.distances is not None:
            square: Floats = squareform(self.distances)
            return square if kept is None else square[np.ix_(kept, kept)]
        assert self.scaled is not None
        rows = self.scaled if kept is None else self.scaled.iloc[kept]
        found: Floats = squareform(pairwise(rows, "euclidean"))
        return found

    @property
    def distinct(self) -> int:
        """Number of rows that differ."""
        if self.scaled is not None:
            return len(self.scaled.drop_duplicates())
        return len(np.unique(self.between(), axis=0))


def prepare(
    table: pd.DataFrame, choices: Choices, *, scaled: pd.DataFrame | None = None
) -> Prepared:
    """Scale a table and compute its distances, as chosen.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        As `hclustkit.read_table` gives it, or distances, square, with
        ``distance="precomputed"``.
    choices : Choices
        As `settle` returns them.
    scaled : DataFrame, optional
        The table, and perhaps further columns, scaled already.

    Returns
    -------
    Prepared

    Raises
    ------
    InputError
        Every column is constant, fewer than two rows, or a scaling or a distance is
        impossible.
    """
    table = check_table(table, gaps=True)
    if choices.distance == "precomputed":
        return Prepared(table, None, check_square(table), [], choices)
    refuse_distances(table.to_numpy())
    gaps = bool(table.isna().to_numpy().any())
    flat = (table.max() == table.min()).to_numpy() if gaps else is_flat(table.to_numpy())
    constant = list(table.columns[flat])
    varied = table.loc[:, ~flat]
    if varied.shape[1] == 0:
        text = "every column has the same value in every row: there is nothing to tell rows apart"
        raise refusal(text, "table", "constant-table", constant)
    if choices.distance == "gower":
        return _prepare_gower(table, varied, constant, choices)
    weights = column_weights(choices, list(map(str, table.columns)))
    if weights is not None:
        weights = weights[~flat]
    on_table = choices.euclidean and (choices.distance == "euclidean" or choices.linkage == "ward")
    if not on_table:
        check_memory(len(table), f"{choices.distance} {choices.linkage}")
    scaling = str(choices.scaling)
    used = standardize(varied, scaling) if scaled is None else scaled[list(varied.columns)]
    if on_table:
        root = 1.0 if weights is None else np.sqrt(weights)
        return Prepared(table, used * root, None, constant, choices)
    return Prepared(table, used, pairwise(used, choices.distance, weights), constant, choices)


def with_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Add the columns of categories that `hclustkit.read_table` kept in ``attrs``."""
    kept: dict[str, dict[str, str]] = table.attrs.get("categories", {})
    found = table.copy()
    for name, cells in kept.items():
        found[name] = [cells[str(label)] for label in table.index]
    return found


def _prepare_gower(
    table: pd.DataFrame, varied: pd.DataFrame, constant: list[Any], choices: Choices
) -> Prepared:
    """Compute Gower's distances over the columns that vary, those of categories included."""
    mixed = with_categories(varied)
    names = [*table.columns, *(name for name in mixed.columns if name not in table.columns)]
    weights = column_weights(choices, list(map(str, names)))
    check_memory(len(table), f"gower {choices.linkage}")
    by_name = None
    if weights is not None:
        pairs = zip(names, weights.tolist(), strict=True)
        by_name = {name: weight for name, weight in pairs if name in mixed.columns}
    matrix = gower_distances(mixed, variable_weights=by_name).to_numpy()
    numbers = mixed.loc[:, [name in table.columns for name in mixed.columns]]
    scaled = None if numbers.isna().to_numpy().any() else numbers
    return Prepared(table, scaled, squareform(matrix, checks=False), constant, choices)


def silhouette_widths(between: Floats, labels: Ints) -> Floats:
    """Compute the silhouette of each row from any distances.

    Parameters
    ----------
    between : array, shape (n, n)
    labels : array of int, shape (n,)
        Clusters from 1.

    Returns
    -------
    array, shape (n,)
        0 for a cluster of one, by definition.

    Examples
    --------
    >>> between = np.array([[0.0, 1, 9], [1, 0, 9], [9, 9, 0]])
    >>> silhouette_widths(between, np.array([1, 1, 2])).round(3).tolist()
    [0.889, 0.889, 0.0]
    """
    own = labels - labels.min()
    sizes = np.bincount(own)
    members = np.eye(len(sizes))[own]
    means = between @ members / np.maximum(sizes - members, 1)
    return widths_from(means, own, sizes)[0]
