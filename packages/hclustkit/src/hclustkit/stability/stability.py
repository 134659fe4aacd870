"""Cluster-wise stability: how well each cluster is found again in resampled data.

For every cluster of the original partition and every resample the largest Jaccard
similarity with a cluster of the resample is taken, over the objects that are in both.
Its mean over resamples is the cluster's stability.

Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics &
Data Analysis 52, 258-271. The conventions (what is counted, what is left out) are those of
the function ``clusterboot`` of the R package fpc with ``multipleboot = FALSE``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import lgamma
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_between, check_choice, check_seed, check_whole
from hclustkit.arrays import Labels, as_numbers, check_k
from hclustkit.compare.labels import codes_of
from hclustkit.errors import refusal
from hclustkit.stability.schemes import (
    SCHEMES,
    boot_draws,
    jitter_tables,
    noise_tables,
    subset_draws,
)
from hclustkit.tree import batch
from hclustkit.tree.cut import cut
from hclustkit.tree.engine import condensed_distances
from hclustkit.tree.linkage import LINKAGES, linkage
from hclustkit.tree.ordering import scaled_columns

DISSOLVED = 0.5
"""A cluster is dissolved in a resample if its Jaccard similarity is not above this."""
RECOVERED = 0.75
"""A cluster is recovered in a resample if its Jaccard similarity is above this."""

_NUMBERS_AT_ONCE = 4_000_000
"""Upper limit of numbers in one block of resampled tables (32 MB)."""

Clusterer = Callable[[np.ndarray], "Sequence[Any] | np.ndarray | None"]


def _jaccards(
    codes: np.ndarray, draws: np.ndarray, labels: np.ndarray, used: np.ndarray, k_new: int
) -> np.ndarray:
    """Compute the largest Jaccard similarity of each cluster with one of the resample.

    Parameters
    ----------
    codes : int array, shape (n,)
        The original partition, from 0.
    draws, labels : int arrays, shape (B, m)
        The objects drawn and the clusters, from 0, they came to; padding has label -1.
    used : bool array, shape (B,)
        Resamples that have a partition; the others get NaN.
    k_new : int
        The largest number of clusters of a resample.

    Returns
    -------
    float array, shape (B, k)
    """
    count, k = len(draws), int(codes.max()) + 1
    b, position = np.nonzero(labels >= 0)
    cell = (b * k + codes[draws[b, position]]) * k_new + labels[b, position]
    both = np.bincount(cell, minlength=count * k * k_new).reshape(count, k, k_new)
    either = both.sum(axis=2, keepdims=True) + both.sum(axis=1, keepdims=True) - both
    # an original cluster of which nothing was drawn scores 0
    similarity: np.ndarray = (both / np.maximum(either, 1)).max(axis=2)
    similarity[~used] = np.nan
    return similarity


def stability_from_resamples(
    partition: Labels,
    samples: Sequence[Sequence[int]],
    partitions: Clusterer | Sequence[Sequence[Any] | None],
) -> pd.DataFrame:
    """Compute Jaccard similarities for given resamples, without random draws.

    Parameters
    ----------
    partition : sequence of n labels
        The original partition.
    samples : sequence of B sequences of int
        The positions, from 0, of the objects in each resample; no object twice.
    partitions : sequence of B sequences of labels, or callable
        The partition of each resample in the order of its objects; or a function that
        takes the positions of a resample and returns it. None where there is none.

    Returns
    -------
    DataFrame of float, shape (B, number of clusters)
        Columns are the labels of ``partition`` in order of first object. NaN in a row
        without a partition.

    Raises
    ------
    InputError
        Lengths that do not fit, positions outside 0..n-1, an object drawn twice.

    Examples
    --------
    >>> found = stability_from_resamples([1, 1, 2], [[0, 1, 2], [1, 2]], [[5, 5, 6], [5, 5]])
    >>> found.to_numpy().tolist()
    [[1.0, 1.0], [0.5, 0.5]]
    """
    original = pd.Series(list(partition))
    n = len(original)
    if n == 0 or original.isna().any():
        raise refusal("partition: every object needs a label", "partition", "missing-cluster")
    codes, clusters = pd.factorize(original)
    given = [] if callable(partitions) else list(partitions)
    if not callable(partitions) and len(given) != len(samples):
        text = f"{len(samples)} samples but {len(given)} partitions: one for each is needed"
        raise refusal(text, "partitions", "partition-count", len(given))
    width = max((len(sample) for sample in samples), default=0)
    draws = np.zeros((len(samples), width), dtype=np.int64)
    labels = np.full((len(samples), width), -1, dtype=np.int64)
    used = np.ones(len(samples), dtype=bool)
    for b, sample in enumerate(samples):
        positions = np.asarray(sample)
        if positions.size and not np.issubdtype(positions.dtype, np.integer):
            text = f"sample {b + 1}: positions must be whole numbers"
            raise refusal(text, f"sample {b + 1}", "whole-number")
        if positions.size and not (positions.min() >= 0 and positions.max() < n):
            text = f"sample {b + 1}: positions must lie in 0..{n - 1}"
            raise refusal(text, f"sample {b + 1}", "range")
        if len(np.unique(positions)) != len(positions):
            text = f"sample {b + 1}: an object is drawn twice; give it once"
            raise refusal(text, f"sample {b + 1}", "repeated")
        found = partitions(positions) if callable(partitions) else given[b]
        if found is None:
            used[b] = False
            continue
        if len(found) != len(positions):
            text = f"sample {b + 1}: {len(positions)} objects but {len(found)} labels"
            raise refusal(text, f"sample {b + 1}", "label-count", len(found))
        draws[b, : len(positions)] = positions
        labels[b, : len(positions)] = codes_of(found, f"sample {b + 1}:")
    k_new = int(labels.max(initial=0)) + 1
    return pd.DataFrame(_jaccards(codes, draws, labels, used, k_new), columns=clusters)


def tree_clusterer(table: Any, k: int, method: str = "ward") -> Clusterer:
    """Make a clusterer for `stability_from_resamples`: hierarchical clustering cut into k.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Used as it is: nothing is standardized again within a resample.
    k : int
    method : str
        See `hclustkit.linkage`.

    Returns
    -------
    callable
        Takes positions (int array), returns labels 1..k, or None if there are fewer than
        k positions.

    Examples
    --------
    >>> tree_clusterer([[0.0], [1.0], [8.0], [9.0]], 2)(np.array([0, 1, 3])).tolist()
    [1, 1, 2]
    """
    table = as_table(table, min_rows=2)
    k = check_k(k, len(table))

    def clusterer(positions: np.ndarray) -> np.ndarray | None:
        if len(positions) < k:
            return None
        if len(positions) == 1:
            return np.ones(1, dtype=np.int64)
        return cut(linkage(table.iloc[positions], method), k)

    return clusterer


def _log_choose(n: int, m: int) -> float:
    return lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)


def _miss_probability(n: int, size: int, drawn: int) -> float:
    """Compute the probability that ``drawn`` of n objects miss all ``size`` members."""
    if drawn > n - size:
        return 0.0
    return float(np.exp(_log_choose(n - size, drawn) - _log_choose(n, drawn)))


def _distinct_probabilities(n: int) -> np.ndarray:
    """Compute the probability of m = 0..n distinct objects in n draws with replacement."""
    distribution = np.zeros(n + 1)
    distribution[0] = 1.0
    m = np.arange(n + 1)
    for _ in range(n):
        another = distribution * (n - m) / n
        distribution = distribution * m / n
        distribution[1:] += another[:-1]
    return distribution


def jaccard_ceiling(
    size: int,
    n: int,
    scheme: str = "boot",
    *,
    k: int = 1,
    subset_share: float = 0.5,
    noise_share: float = 0.05,
) -> float:
    """Compute the highest value the expected Jaccard similarity of a cluster can take.

    In a resample that holds none of its members a cluster scores 0. The ceiling is the
    probability that at least one member is there: 1 - (1 - size/n)^n for ``boot``, which
    is about 0.64 for a single one of 16 objects. Resamples of fewer than k distinct
    objects cannot be cut into k and are left out, so the probability is conditional on
    at least k.

    Parameters
    ----------
    size : int
        Number of members of the cluster.
    n : int
        Number of objects.
    scheme : str
        One of `SCHEMES`.
    k : int
        Number of clusters.
    subset_share, noise_share : float
        See `cluster_stability`.

    Returns
    -------
    float
        Between 0 and 1; NaN if no resample has k distinct objects.

    Examples
    --------
    >>> round(jaccard_ceiling(1, 16), 4)
    0.6439
    """
    n = check_whole(n, "n", 1)
    k = check_k(k, n)
    size = check_whole(size, "size", 1)
    if size > n:
        text = f"a cluster of {size} among {n} objects: size must lie in 1..{n}"
        raise refusal(text, "size", "range", size)
    check_choice(scheme, SCHEMES, "scheme")
    if scheme == "jitter":
        return 1.0
    if scheme == "noise":
        return 1.0 - check_between(noise_share, "noise_share", 0, 1) ** size
    if scheme == "subset":
        drawn = _subset_size(n, subset_share)
        return 1.0 - _miss_probability(n, size, drawn) if drawn >= k else float("nan")
    if k == 1:
        return 1.0 - (1.0 - size / n) ** n
    distinct = _distinct_probabilities(n)[k:]
    if distinct.sum() == 0:
        return float("nan")
    met = 1.0 - np.array([_miss_probability(n, size, drawn) for drawn in range(k, n + 1)])
    return float(met @ distinct / distinct.sum())


def _subset_size(n: int, subset_share: float) -> int:
    size = int(np.floor(n * check_between(subset_share, "subset_share", 0, 1)))
    if size < 1:
        text = f"subset_share {subset_share} of {n} objects leaves no object"
        raise refusal(text, "subset_share", "empty-subset", subset_share)
    return size


def stability_summary(
    jaccards: pd.DataFrame, partition: Labels, ceilings: Sequence[float] | np.ndarray | None = None
) -> pd.DataFrame:
    """Summarize Jaccard similarities cluster by cluster: their mean, and counts.

    Parameters
    ----------
    jaccards : DataFrame, shape (B, number of clusters)
        As from `stability_from_resamples`.
    partition : sequence of n labels
        The original partition.
    ceilings : sequence of float, optional
        See `jaccard_ceiling`; without it the column is NaN.

    Returns
    -------
    DataFrame, one row per cluster in the order of the columns of ``jaccards``
        ``cluster``, ``size``, ``jaccard_mean``, ``jaccard_se`` (standard error of that
        mean), ``recovered`` (resamples with a similarity above 0.75), ``dissolved`` (not
        above 0.5), ``n_used`` (resamples with a partition), ``n_resamples``, ``ceiling``,
        ``note``.

    Examples
    --------
    >>> found = pd.DataFrame({1: [1.0, 0.5], 2: [1.0, 0.5]})
    >>> stability_summary(found, [1, 1, 2])[["size", "jaccard_mean"]].to_numpy().tolist()
    [[2.0, 0.75], [1.0, 0.75]]
    """
    values = as_numbers(jaccards, "jaccards")
    total = len(values)
    values = values[~np.isnan(values).any(axis=1)]
    used = len(values)
    sizes = pd.Series(list(partition)).value_counts()
    nothing = np.full(values.shape[1], np.nan)
    ceilings = nothing if ceilings is None else as_numbers(ceilings, "ceilings")
    unknown = jaccards.columns.difference(sizes.index, sort=False)
    if len(unknown) or ceilings.shape != nothing.shape:
        text = "jaccards, partition and ceilings must be of the same clusters"
        raise refusal(text, "jaccards", "same-clusters", list(unknown))
    size = np.array([int(sizes[cluster]) for cluster in jaccards.columns])
    return pd.DataFrame(
        {
            "cluster": list(jaccards.columns),
            "size": size,
            "jaccard_mean": values.mean(axis=0) if used else nothing,
            "jaccard_se": values.std(axis=0, ddof=1) / np.sqrt(used) if used > 1 else nothing,
            "recovered": (values > RECOVERED).sum(axis=0),
            "dissolved": (values <= DISSOLVED).sum(axis=0),
            "n_used": used,
            "n_resamples": total,
            "ceiling": ceilings,
            "note": [
                _note(one, ceiling, used, total, len(jaccards.columns))
                for one, ceiling in zip(size, ceilings, strict=True)
            ],
        }
    )


def _note(size: int, ceiling: float, used: int, total: int, k: int) -> str:
    notes = []
    if used < total:
        notes.append(
            f"{total - used} of {total} resamples hold fewer than {k} distinct objects "
            f"and cannot form {k} clusters: left out"
        )
    if size == 1 and ceiling < 1:
        notes.append(
            f"single object: present in a share of {ceiling:.3f} of the resamples, "
            f"so no higher mean is to be expected"
        )
    return "; ".join(notes)


def cluster_stability(
    table: Any,
    k: int,
    scheme: str = "boot",
    draws: int = 1000,
    *,
    seed: int,
    method: str = "ward",
    subset_share: float = 0.5,
    noise_share: float = 0.05,
    noise_reach: float = 4.0,
    jitter_quantile: float = 0.05,
) -> pd.DataFrame:
    """Assess the stability of each cluster of a hierarchical clustering cut into k.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
        Used as it is: standardize it first. Nothing is standardized again within a
        resample.
    k : int
        Number of clusters, 1..n.
    scheme : {"boot", "subset", "noise", "jitter"}
        ``boot``: n objects with replacement, each kept once. ``subset``:
        ``floor(subset_share * n)`` objects without replacement. ``noise``: each object is
        replaced with probability ``noise_share`` by uniform noise reaching ``noise_reach``
        standard deviations along each principal direction; compared are the objects not
        replaced. ``jitter``: normal noise is added to all objects; its standard deviation
        along each principal direction is the ``jitter_quantile`` quantile of the gaps
        between neighbouring objects.
    draws : int
    seed : int
        The same seed gives the same result everywhere.
    method : str
        Linkage, see `hclustkit.linkage`.
    subset_share, noise_share, noise_reach, jitter_quantile : float
        The defaults are those of ``fpc::clusterboot``.

    Returns
    -------
    DataFrame, one row per cluster, numbered from 1 in order of first object
        See `stability_summary`. ``n_used`` below ``draws`` and ``note`` say in how
        many resamples k clusters were impossible; ``ceiling`` is the highest mean to be
        expected (`jaccard_ceiling`).

    Raises
    ------
    InputError
        A bad table, k outside 1..n, an unknown scheme or method, a parameter out of range.

    Notes
    -----
    Objects at equal distances (duplicates, coarse scales) make ties, which are resolved as
    in `hclustkit.tree.linkage`: the pair with the lowest cases goes first. Other programs may
    resolve them otherwise.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational
    Statistics & Data Analysis 52, 258-271.

    Examples
    --------
    >>> found = cluster_stability([[0.0], [1.0], [8.0], [9.0]], 2, "jitter", 20, seed=1)
    >>> found["jaccard_mean"].tolist()
    [1.0, 1.0]
    """
    table = as_table(table, min_rows=2)
    n, p = table.shape
    k = check_k(k, n)
    check_choice(scheme, SCHEMES, "scheme")
    draws = check_whole(draws, "draws", 1)
    rng = np.random.default_rng(check_seed(seed))
    code = LINKAGES.index(check_choice(method, LINKAGES, "linkage"))
    check_between(noise_share, "noise_share", 0, 1)
    check_between(noise_reach, "noise_reach", 0, np.inf)
    check_between(jitter_quantile, "jitter_quantile", 0, 1)
    subset_size = _subset_size(n, subset_share)

    partition = cut(linkage(table, method), k)
    codes = np.asarray(partition, dtype=np.int64) - 1
    # a copy: pandas lends read-only views, for which everything would be compiled twice
    values = scaled_columns(table.to_numpy().copy(order="C"))[0].T.copy()
    if scheme in ("boot", "subset"):
        if scheme == "boot":
            drawn = boot_draws(n, draws, rng)
        else:
            drawn = subset_draws(n, draws, subset_size, rng)
        similarity = _similarity_of_draws(values, codes, drawn, code, k)
    else:
        blocks = []
        at_once = max(1, _NUMBERS_AT_ONCE // values.size)
        for start in range(0, draws, at_once):
            count = min(at_once, draws - start)
            kept = np.ones((count, n), dtype=bool)
            if scheme == "noise":
                tables, kept = noise_tables(values, count, noise_share, noise_reach, rng)
            else:
                tables = jitter_tables(values, count, jitter_quantile, rng)
            blocks.append(_similarity_of_tables(tables, kept, codes, code, k))
        similarity = np.concatenate(blocks)
    ceiling_of = {
        size: jaccard_ceiling(
            size, n, scheme, k=k, subset_share=subset_share, noise_share=noise_share
        )
        for size in np.unique(np.bincount(codes)).tolist()
    }
    ceilings = [ceiling_of[size] for size in np.bincount(codes).tolist()]
    jaccards = pd.DataFrame(similarity, columns=range(1, k + 1))
    return stability_summary(jaccards, partition, ceilings)


def _similarity_of_draws(
    values: np.ndarray, codes: np.ndarray, drawn: np.ndarray, method: int, k: int
) -> np.ndarray:
    n, p = values.shape
    distances = condensed_distances(values.T.copy(order="C"), LINKAGES.index("ward"))
    noise = batch.coordinate_noise(float(np.abs(values).max()), p)
    sizes = drawn.sum(axis=1)
    # the objects drawn, in the order of the table, then padding
    draws = np.argsort(~drawn, axis=1, kind="stable")
    labels = np.full(draws.shape, -1, dtype=np.int64)
    batch.labels_of_draws(distances, draws, sizes, method, noise, k, labels)
    return _jaccards(codes, draws, labels, sizes >= k, k)


def _similarity_of_tables(
    tables: np.ndarray, kept: np.ndarray, codes: np.ndarray, method: int, k: int
) -> np.ndarray:
    count, n, p = tables.shape
    labels = np.empty((count, n), dtype=np.int64)
    noise = batch.coordinate_noise(float(np.abs(tables).max()), p)
    batch.labels_of_tables(tables.transpose(0, 2, 1).copy(order="C"), method, noise, k, labels)
    labels[~kept] = -1
    draws = np.broadcast_to(np.arange(n), (count, n))
    return _jaccards(codes, draws, labels, np.ones(count, dtype=bool), k)
