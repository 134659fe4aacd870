"""New rows assigned to the clusters of a tree, by the distances that the tree was built on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist, pdist, squareform

from hclustkit.arguments import as_table
from hclustkit.arrays import Floats, Ints, check_pairs, check_squares
from hclustkit.errors import refusal
from hclustkit.tree.engine import SQUARED, TIE_TOLERANCE

CELLS = 2_000_000
"""Distances held in memory at once."""


@dataclass(frozen=True, eq=False)
class Source:
    """What a tree was made from.

    Attributes
    ----------
    metric : str
    x : array, shape (n, p), or None
        The table; None where distances were given.
    columns : Index or None
    d : array, shape (n (n - 1) / 2,), or None
        The condensed distances, unless they are the Euclidean ones of ``x``.
    weights : array, shape (n,), or None
        Weights of the rows.
    variable_weights : array, shape (p,), or None
        Weights of the columns.
    """

    metric: str = "euclidean"
    x: Floats | None = None
    columns: pd.Index | None = None
    d: Floats | None = None
    weights: Floats | None = None
    variable_weights: Floats | None = None

    def stretched(self, x: Floats) -> Floats:
        """Multiply columns by the roots of their weights, for Euclidean distances."""
        return x if self.variable_weights is None else x * np.sqrt(self.variable_weights)

    def distances(self) -> tuple[Floats, int] | None:
        """Return the condensed distances between the rows and a power of two to scale by.

        The distances are those of the table divided by two to that power, since squares of
        huge numbers overflow. None where neither distances nor a table are known.
        """
        if self.d is not None:
            return self.d, 0
        if self.x is None:
            return None
        check_pairs(len(self.x), "the distances")
        x = self.stretched(self.x)
        exponent = int(np.frexp(np.abs(x).max(initial=0.0))[1])
        return pdist(np.ldexp(x, -exponent)), exponent


@dataclass(frozen=True, eq=False)
class Assignment:
    """New rows in the clusters of a tree.

    Attributes
    ----------
    rows : DataFrame, index the labels of the new rows
        ``cluster``; ``distance``, the height at which the linkage would merge the row with
        it; ``next_cluster`` and ``next_distance``, the second nearest (<NA> and NaN where
        there is one cluster); ``tied``, True where the two are equally near, and the lower
        number was taken.
    strays : list
        Labels of the rows of the tree itself that would be assigned to a cluster other than
        their own.
    n : int
        Number of rows of the tree.
    """

    rows: pd.DataFrame
    strays: list[Any]
    n: int

    @property
    def returned(self) -> int:
        """Number of rows of the tree that would be assigned to their own cluster."""
        return self.n - len(self.strays)


def assign(
    source: Source, Z: Floats, method: str, labels: pd.Index, clusters: Ints, new: Any
) -> Assignment:
    """Assign new rows to the nearest of given clusters; see `hclustkit.Tree.assign`.

    Parameters
    ----------
    source : Source
    Z : array, shape (n - 1, 4)
    method : str
    labels : Index, length n
    clusters : array of int, shape (n,)
        Numbered from 1; a cut of ``Z``.
    new : DataFrame or array, shape (m, p), or (m, n) distances

    Returns
    -------
    Assignment
    """
    rows = _new_rows(source, labels, new)
    own = source.x if source.x is not None else squareform(source.d)
    shares = _member_shares(Z, source, method, clusters)
    nearest = _NearestClusters(source, own, method, clusters, shares)
    strays = nearest.find(own)["cluster"].to_numpy() != clusters
    found = nearest.find(rows.to_numpy()).set_axis(rows.index)
    return Assignment(found, labels[strays].tolist(), len(labels))


def _new_rows(source: Source, labels: pd.Index, new: Any) -> pd.DataFrame:
    """Return the new rows with the columns of the table, or as distances to its rows."""
    rows = as_table(new, distances=True)
    expected = labels if source.x is None else source.columns
    assert expected is not None
    by_name = isinstance(new, pd.DataFrame) and set(rows.columns) == set(expected)
    if isinstance(new, pd.DataFrame) and not by_name:
        missing = [name for name in expected if name not in rows.columns]
        odd = missing or [name for name in rows.columns if name not in expected]
        text = f"new rows: column {odd[0]!r} is {'missing' if missing else 'not in the tree'}"
        raise refusal(text, f"new rows, column {odd[0]!r}", "columns-differ", odd[0])
    if rows.shape[1] != len(expected):
        text = f"new rows have {rows.shape[1]} columns, the tree was made from {len(expected)}"
        raise refusal(text, "new rows", "columns-differ", rows.shape[1])
    rows = rows[list(expected)] if by_name else rows
    if source.x is None and (rows.to_numpy() < 0).any():
        i, j = np.argwhere(rows.to_numpy() < 0)[0]
        text = f"new rows: the distance of {rows.index[i]!r} to {labels[j]!r} is negative"
        place = f"new rows, row {rows.index[i]!r}, column {labels[j]!r}"
        raise refusal(text, place, "distance", float(rows.iat[i, j]))
    return rows


def _member_shares(Z: Floats, source: Source, method: str, clusters: Ints) -> Floats:
    """Compute the weight of each row in its cluster: 1 / size, or as the tree merged it."""
    n = len(clusters)
    if method not in ("weighted", "median"):
        weights = np.ones(n) if source.weights is None else source.weights
        return weights / np.bincount(clusters - 1, weights)[clusters - 1]
    share = np.ones(2 * n - 1)
    pairs = Z[: n - clusters.max(), :2].astype(np.int64)
    for t in range(len(pairs) - 1, -1, -1):
        share[pairs[t]] = share[n + t] / 2
    return share[:n]


class _NearestClusters:
    """Finds the nearest clusters of rows, by the heights of a linkage."""

    def __init__(
        self, source: Source, own: Floats, method: str, clusters: Ints, shares: Floats
    ) -> None:
        n = len(clusters)
        self.source, self.own, self.method, self.k = source, own, method, int(clusters.max())
        self.order = np.argsort(clusters, kind="stable")
        self.starts = np.searchsorted(clusters[self.order], np.arange(1, self.k + 1))
        self.mean = csr_array((shares, (clusters - 1, np.arange(n))), shape=(self.k, n))
        weights = np.ones(n) if source.weights is None else source.weights
        total = np.bincount(clusters - 1, weights)
        if source.x is None and method in SQUARED:
            # the mean square of the distances within a cluster, halved
            self.spread = (self.mean @ (self.mean @ check_squares(own) ** 2).T).diagonal() / 2
        self.factor = np.sqrt(2 * total / (total + 1)) if method == "ward" else 1.0

    def find(self, rows: Floats) -> pd.DataFrame:
        """Find for each row the nearest cluster and the next; see `Assignment`."""
        exponent = 0
        own = self.own
        if self.source.metric == "euclidean":
            own, rows = self.source.stretched(own), self.source.stretched(rows)
            largest = max(np.abs(own).max(initial=0.0), np.abs(rows).max(initial=0.0))
            exponent = int(np.frexp(largest)[1])
            own, rows = np.ldexp(own, -exponent), np.ldexp(rows, -exponent)
        by_centre = self.method in SQUARED and self.source.x is not None
        targets = self.mean @ own if by_centre else own
        noise = 4 * np.finfo(float).eps * np.sqrt(own.shape[1]) if exponent else 0.0
        step = max(1, CELLS // len(targets))
        parts = [
            self._two_nearest(self._heights(rows[at : at + step], targets, by_centre), noise)
            for at in range(0, len(rows), step)
        ]
        found = pd.concat(parts, ignore_index=True)
        for name in ("distance", "next_distance"):
            found[name] = np.ldexp(found[name], exponent)
        return found

    def _two_nearest(self, heights: Floats, noise: float) -> pd.DataFrame:
        """Pick the two lowest heights of each row; ``heights`` is overwritten."""
        at = np.arange(len(heights))
        limit = heights.min(axis=1) * (1 + TIE_TOLERANCE) + noise
        near = heights <= limit[:, None]
        # the lowest number of those that are equally near
        first = near.argmax(axis=1)
        least = heights[at, first]
        heights[at, first] = np.inf
        second = heights.argmin(axis=1)
        found = pd.DataFrame({"cluster": first + 1, "distance": least})
        following = second + 1 if self.k > 1 else [pd.NA] * len(at)
        found["next_cluster"] = pd.array(following, dtype="Int64")
        found["next_distance"] = heights[at, second] if self.k > 1 else np.nan
        found["tied"] = near.sum(axis=1) > 1
        return found

    def _heights(self, rows: Floats, targets: Floats, by_centre: bool) -> Floats:
        """Compute the heights at which rows would merge with the clusters, shape (rows, k)."""
        if by_centre:
            centred: Floats = cdist(rows, targets) * self.factor
            return centred
        d = rows if self.source.x is None else self._distances(rows, targets)
        if self.method in SQUARED:
            # the distance to a mean, from the distances to its members (Gower 1968)
            squares = (self.mean @ (check_squares(d) ** 2).T).T - self.spread
            from_mean: Floats = np.sqrt(np.maximum(squares, 0.0)) * self.factor
            return from_mean
        if self.method in ("average", "weighted"):
            means: Floats = np.ascontiguousarray((self.mean @ d.T).T)
            return means
        reduce = np.minimum if self.method == "single" else np.maximum
        extremes: Floats = reduce.reduceat(d[:, self.order], self.starts, axis=1)
        return extremes

    def _distances(self, rows: Floats, targets: Floats) -> Floats:
        """Compute the distances of rows to the rows of the table, by its metric."""
        metric, weights, options = self.source.metric, self.source.variable_weights, {}
        if metric == "seuclidean":
            options["V"] = self.own.var(axis=0, ddof=1)
        elif metric == "mahalanobis":
            options["VI"] = np.linalg.inv(np.cov(self.own.T)).T
        elif weights is not None and metric != "euclidean":
            options["w"] = weights
        d: Floats = cdist(rows, targets, metric, **options)
        return d
