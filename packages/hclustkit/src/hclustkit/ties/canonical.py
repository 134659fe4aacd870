"""A table's distances with the rows in a canonical order, whatever order they were given in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_choice
from hclustkit.arrays import Floats, Ints
from hclustkit.compare.partitions import square
from hclustkit.tree.engine import LINKAGES, TIE_TOLERANCE, condensed_distances
from hclustkit.tree.given_distances import distances_between
from hclustkit.tree.linkage import check_memory, scaled_distances
from hclustkit.tree.ordering import scaled_columns

WORK, MATRICES = "the search for ties", 4
"""What is said where the memory is too small, and how many numbers each pair of rows takes."""


@dataclass(frozen=True, eq=False)
class Canonical:
    """What the search for ties works on.

    Attributes
    ----------
    d : array of float64, shape (n (n - 1) / 2,)
        Distances, or their squares, as `hclustkit.tree.engine.agglomerate` takes them, scaled
        by a power of two; the rows in the order ``order``.
    code : int
        The place of the linkage in `hclustkit.tree.engine.LINKAGES`.
    noise : float
        See `hclustkit.tree.engine.tie_limit`.
    exponent : int
        A height times 2 ** exponent is in the unit of the table.
    order : array of int64, shape (n,)
        The row of the table at each place.
    labels : Index, length n
        In the order of the table.
    """

    d: Floats
    code: int
    noise: float
    exponent: int
    order: Ints
    labels: pd.Index

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.labels)

    def square(self) -> Floats:
        """Lay the distances out as a matrix, infinite on the diagonal."""
        return square(self.d, np.inf)


def canonical(table: Any, method: str, metric: str = "euclidean") -> Canonical:
    """Put the rows in order and compute their distances.

    Rows are ordered by their values, column after column, where values that differ by less
    than `TIE_TOLERANCE` of the largest of their column count as equal; equal rows and the rows
    of given distances by label.

    Raises
    ------
    InputError
        As `hclustkit.linkage`.
    """
    code = LINKAGES.index(check_choice(method, LINKAGES, "linkage"))
    if metric == "precomputed":
        given, n = distances_between(table, method, metric)
        check_memory(n, method, work=WORK, matrices=MATRICES)
        labels = table.index if isinstance(table, pd.DataFrame) else pd.RangeIndex(n)
        order = np.lexsort([_label_ranks(labels)])
        return _of_distances(given, order, code, labels)
    frame = as_table(table)
    check_memory(len(frame), method, work=WORK, matrices=MATRICES)
    order = _order(frame)
    if metric != "euclidean":
        d, _ = distances_between(frame.iloc[order], method, metric)
        return _of_distances(d, np.arange(len(order)), code, frame.index, order)
    x = np.ascontiguousarray(frame.to_numpy()[order])
    columns, noise, exponent = scaled_columns(x)
    d = condensed_distances(columns, code)
    return Canonical(d, code, noise, int(exponent), order, frame.index)


def _of_distances(
    d: Floats, places: Ints, code: int, labels: pd.Index, order: Ints | None = None
) -> Canonical:
    n = len(places)
    if len(d):
        i, j = (places[each] for each in np.triu_indices(n, 1))
        low, high = np.minimum(i, j), np.maximum(i, j)
        d = d[low * (2 * n - low - 1) // 2 + high - low - 1]
    d, noise, exponent = scaled_distances(d, code)
    return Canonical(d, code, noise, exponent, places if order is None else order, labels)


def _label_ranks(labels: pd.Index) -> Ints:
    """Rank labels: as they compare, or else by their texts."""
    try:
        sorted_labels = sorted(labels)
    except TypeError:
        labels = pd.Index([f"{type(label).__name__} {label}" for label in labels])
        sorted_labels = sorted(labels)
    place = {label: rank for rank, label in enumerate(sorted_labels)}
    return np.array([place[label] for label in labels], dtype=np.int64)


def _order(frame: pd.DataFrame) -> Ints:
    keys = [_label_ranks(frame.index)]
    for column in frame.to_numpy().T[::-1]:
        by_value = np.argsort(column, kind="stable")
        rises = np.diff(column[by_value]) > TIE_TOLERANCE * np.abs(column).max(initial=0.0)
        ranks = np.empty(len(column), dtype=np.int64)
        ranks[by_value] = np.concatenate([[0], np.cumsum(rises)]) if len(column) else by_value
        keys.append(ranks)
    return np.lexsort(keys)
