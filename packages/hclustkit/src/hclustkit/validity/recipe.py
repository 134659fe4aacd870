"""A user's whole way from a table to a number of clusters, as one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from hclustkit.arguments import check_choice, check_cluster_list, check_seed, check_whole
from hclustkit.arrays import Floats, Ints
from hclustkit.errors import refusal
from hclustkit.scaling import SCALINGS, standardize
from hclustkit.tree.engine import LINKAGES, SQUARED
from hclustkit.tree.linkage import check_memory
from hclustkit.validity import exact
from hclustkit.validity.index_table import INDICES, LARGEST, RULES, SMALLEST, indices
from hclustkit.validity.null_loops import (
    log_spreads,
    log_spreads_of_boxes,
    silhouettes_of_squares,
    silhouettes_of_tables,
)

OwnRecipe: TypeAlias = Callable[[pd.DataFrame], tuple[int, float]]
"""Your own recipe: table -> chosen number of clusters, and the value tested there."""

MOST = 10
"""The largest k compared by default."""


@dataclass(frozen=True)
class Recipe:
    """Scaling, distance, linkage, and the index whose best value chooses the number of clusters.

    Attributes
    ----------
    scaling : str, one of `hclustkit.scaling.SCALINGS`
    method : str
        Linkage.
    metric : str
        As in `hclustkit.linkage`; another than "euclidean" goes with the silhouette only.
    index : str
        "silhouette", "gap", or another of `hclustkit.validity.INDICES` whose largest or
        smallest value is chosen. The first two are quick. The gap is that of `gap_statistic`
        with its defaults, its largest value chosen.
    ks : tuple of int, optional
        Numbers of clusters compared; by default 2 (the gap: 1) to 10.
    draws, seed : int
        Reference sets of the gap, and the seed of their random numbers.

    Examples
    --------
    >>> import numpy as np
    >>> tables = np.array([[[0.0], [1.0], [8.0], [9.0]]])
    >>> Recipe(ks=(2, 3)).values(tables).round(2).tolist()
    [[0.87, 0.43]]
    """

    scaling: str = "zscore"
    method: str = "ward"
    metric: str = "euclidean"
    index: str = "silhouette"
    ks: tuple[int, ...] | None = None
    draws: int = 100
    seed: int = 0

    def for_rows(self, n: int) -> Recipe:
        """Check the recipe for tables of n rows and settle the numbers of clusters.

        Raises
        ------
        InputError
            Unknown names, a k that n rows or the index do not allow, an index whose choice is
            not its largest or smallest value, another metric with another index.
        """
        check_memory(n, self.method, work=f"the index {self.index}")
        check_choice(self.scaling, SCALINGS, "scaling")
        check_choice(self.method, LINKAGES, "linkage")
        check_choice(self.index, INDICES, "index")
        check_whole(self.draws, "draws", 2)
        check_seed(self.seed)
        if RULES[self.index] not in (LARGEST, SMALLEST) and self.index != "gap":
            text = f"index {self.index!r} does not choose by its largest or smallest value"
            raise refusal(text, "index", "no-best-value", self.index)
        others = self.index != "silhouette" or self.method in SQUARED
        if self.metric != "euclidean" and others:
            text = (
                f"metric {self.metric!r} goes with the silhouette and a linkage that is not "
                "defined by squared distances"
            )
            raise refusal(text, "metric", "euclidean-only", self.metric)
        low = 1 if self.index == "gap" else 2
        ks = range(low, min(MOST, n - 1) + 1) if self.ks is None else self.ks
        found = tuple(sorted(check_cluster_list(ks, n)))
        if found[0] < low or found[-1] >= n:
            raise refusal(f"{self.index}: k must be {low} to {n - 1}", "ks", "k-range", found)
        return replace(self, ks=found)

    @property
    def has_one(self) -> bool:
        """Whether the index has a value at one cluster, so that the rule can choose it."""
        return self.index == "gap"

    def values(self, tables: Floats) -> Floats:
        """Compute the index for each table and k, turned so that larger is better.

        Parameters
        ----------
        tables : array, shape (B, n, p)
            Not scaled yet.

        Returns
        -------
        array, shape (B, K)
            NaN where the index is undefined.
        """
        ready = self.for_rows(tables.shape[1])
        ks = np.array(ready.ks, dtype=np.int64)
        scaled = np.asarray(standardize(np.asarray(tables, dtype=np.float64), self.scaling))
        columns = np.ascontiguousarray(np.swapaxes(scaled, 1, 2))
        code = LINKAGES.index(self.method)
        values = np.empty((len(tables), len(ks)))
        if self.index == "gap":
            ready._gaps(columns, code, ks, values)
        elif self.index != "silhouette":
            sign = 1.0 if RULES[self.index] == LARGEST else -1.0
            for b, table in enumerate(scaled):
                found = indices(pd.DataFrame(table), ks.tolist(), self.method, only=[self.index])
                values[b] = sign * found["value"].to_numpy()
        elif self.metric == "euclidean":
            silhouettes_of_tables(columns, code, ks, values)
        else:
            for b, table in enumerate(scaled):
                squares = pdist(table, self.metric) ** 2
                silhouettes_of_squares(squares, len(table), code, 0.0, False, ks, values[b])
        return values

    @np.errstate(invalid="ignore")  # what has no spread has no logarithm of it
    def _gaps(self, columns: Floats, code: int, ks: Ints, values: Floats) -> None:
        """Compute the gap of each table; the random numbers are the same for all."""
        _, p, n = columns.shape
        draws = np.random.default_rng(self.seed).random((self.draws, n, p))
        expected = np.empty(len(ks))
        for b, table in enumerate(columns):
            centred = table.T - table.mean(axis=1)
            # what a table is turned by changes no distance, so the box stays along its axes
            box = np.ptp(exact.product(centred, exact.principal_axes(centred)[1]), axis=0)
            turned = np.ascontiguousarray(np.swapaxes(draws[:, :, : len(box)], 1, 2))
            log_spreads_of_boxes(turned, box, code, ks, 1.0, expected)
            log_spreads(table, code, ks, 1.0, values[b])
            values[b] = expected - values[b]
        values[~np.isfinite(values)] = np.nan
