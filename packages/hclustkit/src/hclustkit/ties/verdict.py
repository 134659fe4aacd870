"""Whether the data allow other partitions into k clusters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import joblib
import numpy as np
import pandas as pd

from hclustkit.arguments import check_cluster_list, check_seed, check_whole
from hclustkit.arrays import Floats, Ints, check_k
from hclustkit.ties.canonical import Canonical, canonical
from hclustkit.ties.draws import draw_partitions
from hclustkit.ties.margin import Pair, follow, nearest_alternative
from hclustkit.ties.search import find_partitions

BOUND = 1000
"""Up to this many partitions are counted."""
DRAWS = 1200
"""Trees in a sample, fewer where there are more than 300 rows."""


@dataclass(frozen=True)
class TiedMerge:
    """The merge that decides, and the one that would lead to another partition.

    Attributes
    ----------
    stage : int
        From 1, in the tree of the rows in canonical order.
    height, cost : float
        Heights of the two merges; equal, but for rounding, in a tie.
    merged, other : tuple of two lists of labels
        The clusters that the merge joins, and those that the other would; labels in the
        canonical order of the rows.
    """

    stage: int
    height: float
    cost: float
    merged: tuple[list[Any], list[Any]]
    other: tuple[list[Any], list[Any]]


@dataclass(frozen=True, eq=False)
class Uniqueness:
    """Whether ties allow other partitions into k clusters, and which.

    Attributes
    ----------
    k, method : int, str
    verdict : {"unique", "exactly", "more than"}
        ``unique``: proved to be the only one. ``exactly``: ties allow ``count`` partitions, all
        of them found. ``more than``: at least one more than ``count``; not all were found.
    count : int
    partitions : array of int64, shape (found, n)
        Those found, different from each other: rows in the order of the table, clusters from 1
        by first appearance. The first is that of the rule for ties on the rows in canonical
        order.
    sampled : int
        Trees in the sample, 0 where all partitions were found.
    seed : int
        Seed of the sample.
    together : array of float64, shape (n, n)
        Share of the partitions (of the sampled trees, where there is a sample) in which two
        rows are together.
    margin : float
        The smallest share by which the height of another merge would have to fall for the
        partition to change: 0 where it is not unique, inf where no single merge changes it.
    margin_exact : bool
        False where the search was stopped: then no alternative below the margin changes it.
    blame : TiedMerge or None
        The merge at which that happens. In a tie the first at which another choice, the rule
        deciding all later ones, leads to another partition; the first tied merge where no
        single choice does.
    labels : Index, length n
    """

    k: int
    method: str
    verdict: str
    count: int
    partitions: Ints
    sampled: int
    seed: int
    together: Floats
    margin: float
    margin_exact: bool
    blame: TiedMerge | None
    labels: pd.Index

    @property
    def unique(self) -> bool:
        """Whether the partition is proved to be the only one."""
        return self.verdict == "unique"

    @cached_property
    def agreement(self) -> Floats:
        """Adjusted Rand index of each partition found with the first one, shape (found,)."""
        from hclustkit.compare.partitions import compare

        return compare(self.partitions - 1, self.partitions[0] - 1)[0]

    def pairs(self) -> pd.DataFrame:
        """List the pairs of rows: together in every, some or no partition.

        Returns
        -------
        DataFrame, n (n - 1) / 2 rows
            ``label_1``, ``label_2``, ``together`` ("every", "some" or "no") and ``share``. With
            a sample this speaks of the sampled partitions, not of all.
        """
        i, j = np.triu_indices(len(self.labels), 1)
        share = self.together[i, j]
        words = np.where(share == 1, "every", np.where(share > 0, "some", "no"))
        return pd.DataFrame(
            {
                "label_1": self.labels.take(i),
                "label_2": self.labels.take(j),
                "together": words,
                "share": share,
            }
        )

    def sentence(self) -> str:
        """Say the verdict in a sentence."""
        into = f"into {self.k} cluster{'s' if self.k > 1 else ''}"
        if self.unique:
            near = "no change of a single merge leads to another"
            if math.isfinite(self.margin):
                more = "" if self.margin_exact else " or more"
                share = f"{self.margin:.2%}" if self.margin >= 1e-4 else f"{100 * self.margin:.1g}%"
                near = f"another merge would have to be {share}{more} lower to change it"
            return f"The partition {into} is unique: no tie leads to another, and {near}."
        if self.verdict == "exactly":
            return f"Ties allow exactly {self.count:,} partitions {into}."
        drawn = f"{self.sampled:,} trees with random choices among ties"
        if self.count == 0:
            return (
                f"Whether the partition {into} is unique is not decided: the search was stopped, "
                f"and {drawn} gave only one."
            )
        many = "partitions" if self.count > 1 else "partition"
        return (
            f"Ties allow more than {self.count:,} {many} {into}; "
            f"what is said of pairs is said of {drawn}."
        )


def uniqueness(
    table: Any,
    k: int,
    method: str = "ward",
    *,
    metric: str = "euclidean",
    bound: int = BOUND,
    draws: int | None = None,
    seed: int = 0,
) -> Uniqueness:
    """Decide whether ties allow other partitions into k clusters.

    When two pairs of clusters are equally near, the criterion does not say which to merge, and
    programs decide by the order of the rows, in silence. Here every choice is followed. The
    answer is the same for every order of the rows: the search starts from an order by value
    (see `hclustkit.ties.canonical.canonical`). Heights are equal when they differ by less than
    `hclustkit.tree.linkage.TIE_TOLERANCE`, so (0.1, 0.2, 0.3) and (1, 2, 3) are the same data.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Taken as it is: standardize it first. With ``metric="precomputed"`` distances.
    k : int, 1..n
    method, metric : str
        As in `hclustkit.linkage`.
    bound : int
        The most partitions that are counted. A larger one also lets the search go on longer.
    draws : int, optional
        Size of the sample where not all partitions are found: trees in which each choice among
        equally near pairs is random. By default 1,200, fewer above 300 rows.
    seed : int
        Seed of the sample.

    Returns
    -------
    Uniqueness

    Raises
    ------
    InputError
        As `hclustkit.linkage`; k outside 1..n; a bound or a number of draws below 1.

    Examples
    --------
    >>> square = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> found = uniqueness(square, 2)
    >>> found.verdict, found.count, found.partitions.tolist()
    ('exactly', 2, [[1, 1, 2, 2], [1, 2, 1, 2]])
    >>> far = uniqueness([[0.0], [1.0], [5.0]], 2)
    >>> far.unique, round(far.margin, 3)
    (True, 0.75)
    """
    rows = canonical(table, method, metric)
    k = check_k(k, rows.n)
    bound, seed = check_whole(bound, "bound", 1), check_seed(seed)
    if draws is None:
        draws = min(DRAWS, max(100, DRAWS * 300**2 // rows.n**2))
    draws = check_whole(draws, "draws", 1)
    path = follow(rows, k)
    partitions, sample = path.labels[None, :], None
    if path.tied.any():
        found, complete = find_partitions(rows, k, bound)
        if not complete:
            sample = _sample(rows, k, draws, seed)
            found = np.vstack([found, sample])
        partitions = np.unique(np.vstack([partitions, found]), axis=0)
        rule = (partitions == path.labels).all(axis=1)
        partitions = np.vstack([path.labels, partitions[~rule]])
    count = len(partitions)
    if sample is None:
        verdict = "unique" if count == 1 else "exactly"
    else:
        verdict, count = "more than", min(count - 1, bound)
    alternative, margin, exact = nearest_alternative(rows, path, among_ties=len(partitions) > 1)
    blame = None
    if alternative is not None:
        scale = np.ldexp(1.0, rows.exponent)
        blame = TiedMerge(
            stage=alternative.stage,
            height=float(alternative.height * scale),
            cost=float(alternative.cost * scale),
            merged=_labels_of(alternative.merged, rows),
            other=_labels_of(alternative.other, rows),
        )
    return Uniqueness(
        k=k,
        method=method,
        verdict=verdict,
        count=count,
        partitions=_in_table_order(partitions, rows),
        sampled=0 if sample is None else draws,
        seed=seed,
        together=_together(partitions if sample is None else sample, rows),
        margin=margin,
        margin_exact=exact,
        blame=blame,
        labels=rows.labels,
    )


def uniqueness_table(
    table: Any, ks: Iterable[int] | None = None, method: str = "ward", **options: Any
) -> pd.DataFrame:
    """Tabulate verdict and margin for several numbers of clusters.

    Parameters
    ----------
    table : DataFrame or array
    ks : iterable of int, optional
        By default 2 to 10.
    method : str
    **options
        As in `uniqueness`.

    Returns
    -------
    DataFrame
        One row a k: ``k``, ``verdict``, ``partitions`` (found), ``margin``, ``margin_exact``.

    Examples
    --------
    >>> uniqueness_table([[0.0], [1.0], [2.0], [9.0]], [2, 3], "average")["verdict"].tolist()
    ['unique', 'exactly']
    """
    n = canonical(table, method, str(options.get("metric", "euclidean"))).n
    found = [uniqueness(table, k, method, **options) for k in check_cluster_list(ks, n)]
    return pd.DataFrame(
        {
            "k": [each.k for each in found],
            "verdict": [each.verdict for each in found],
            "partitions": [len(each.partitions) for each in found],
            "margin": [each.margin for each in found],
            "margin_exact": [each.margin_exact for each in found],
        }
    )


def _sample(rows: Canonical, k: int, draws: int, seed: int) -> Ints:
    """Cut trees with random choices among ties, one a row, rows in canonical order."""
    picks = np.random.default_rng(seed).random((draws, rows.n - 1))
    labels = np.empty((draws, rows.n), dtype=np.int64)
    square, cores = rows.square(), joblib.cpu_count()
    # each thread writes into its part of the labels, so their number changes nothing
    parts = zip(np.array_split(picks, cores), np.array_split(labels, cores), strict=True)
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(lambda part: draw_partitions(square, rows.code, rows.noise, k, *part), parts))
    return labels


def _labels_of(pair: Pair, rows: Canonical) -> tuple[list[Any], list[Any]]:
    """Return the labels of two clusters."""
    one, two = (rows.labels.take(rows.order[each]).tolist() for each in pair)
    return one, two


def _in_table_order(partitions: Ints, rows: Canonical) -> Ints:
    """Bring rows into the order of the table and number clusters by first appearance."""
    labels = np.empty_like(partitions)
    labels[:, rows.order] = partitions
    for row in labels:
        _, first, codes = np.unique(row, return_index=True, return_inverse=True)
        row[:] = np.argsort(np.argsort(first))[codes] + 1
    return labels


def _together(partitions: Ints, rows: Canonical) -> Floats:
    """Compute the share of partitions in which each pair is together, in the table's order."""
    n = rows.n
    total = np.zeros((n, n), dtype=np.int32)
    for labels in partitions.astype(np.int8 if partitions.max() < 128 else np.int64):
        total += labels[:, None] == labels
    shares = np.empty((n, n))
    shares[np.ix_(rows.order, rows.order)] = total / len(partitions)
    return shares
