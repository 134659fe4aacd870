"""The steps of Ward's method, and what a tree and a partition can be compared with."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from hclustkit import Tree, linkage
from hclustkit.distances import proximity_matrix
from hclustkit.tables import check_table
from hclustkit.tree.geometry import leaf_order

Cluster = frozenset[Hashable]
"""A cluster as the set of its labels."""


def merges(table: pd.DataFrame, method: str = "ward") -> list[tuple[Cluster, Cluster]]:
    """List the two clusters merged at each stage.

    Parameters
    ----------
    table : DataFrame, shape (n, p), scaled
    method : name of a linkage

    Returns
    -------
    list of n - 1 pairs of sets of labels
    """
    clusters = [frozenset([label]) for label in table.index]
    pairs = []
    for a, b in linkage(table, method)[:, :2].astype(int).tolist():
        pairs.append((clusters[a], clusters[b]))
        clusters.append(clusters[a] | clusters[b])
    return pairs


def merge_costs(table: pd.DataFrame) -> pd.DataFrame:
    """List every possible merge at every stage of Ward's method with its cost.

    Parameters
    ----------
    table : DataFrame, shape (n, p), scaled

    Returns
    -------
    DataFrame
        ``stage``; ``cluster_a``, ``cluster_b`` (tuples of labels); ``n_a``, ``n_b``;
        ``squared_distance`` of the centroids; ``factor`` n_a n_b / (n_a + n_b); ``increase`` of
        the within-cluster sum of squares, their product (Ward 1963); ``made``, whether the tree
        makes this merge.
    """
    table = check_table(table)
    place = {label: i for i, label in enumerate(table.index)}
    clusters: list[tuple[Hashable, ...]] = [(label,) for label in table.index]
    rows = []
    for stage, (one, two) in enumerate(merges(table), start=1):
        for a, b in combinations(clusters, 2):
            gap = table.loc[list(a)].mean() - table.loc[list(b)].mean()
            squared, factor = float((gap**2).sum()), len(a) * len(b) / (len(a) + len(b))
            made = {frozenset(a), frozenset(b)} == {one, two}
            rows.append((stage, a, b, len(a), len(b), squared, factor, factor * squared, made))
        rest = [c for c in clusters if frozenset(c) not in (one, two)]
        joined = tuple(sorted(one | two, key=place.__getitem__))
        clusters = sorted([*rest, joined], key=lambda c: place[c[0]])
    columns = "stage cluster_a cluster_b n_a n_b squared_distance factor increase made"
    return pd.DataFrame(rows, columns=columns.split())


def schedule(table: pd.DataFrame) -> pd.DataFrame:
    """Compute the agglomeration schedule of a scaled table by Ward's method."""
    return Tree.from_table(table).schedule()


def leaf_labels(tree: np.ndarray, labels: Sequence[Hashable]) -> list[Hashable]:
    """Give the labels of a tree in the order in which its leaves are drawn, from above."""
    return [labels[i] for i in leaf_order(tree)]


def rotate_last_joint(tree: np.ndarray, labels: Sequence[Hashable]) -> list[Hashable]:
    """Give the leaf order after turning the last joint: the same tree, drawn differently."""
    n = len(labels)
    order = leaf_labels(tree, labels)
    left = int(min(tree[-1, :2]))
    size = 1 if left < n else int(tree[left - n, 3])
    return order[size:] + order[:size]


def shuffle_columns(table: pd.DataFrame, seed: int | np.random.Generator) -> pd.DataFrame:
    """Shuffle every column on its own: the same values, but no relation between the columns.

    The rows are no longer objects and are called "row 1", "row 2", ...
    """
    rng = np.random.default_rng(seed)
    values = {column: rng.permutation(table[column].to_numpy()) for column in table.columns}
    return pd.DataFrame(values, index=[f"row {i}" for i in range(1, len(table) + 1)])


def explained_share(tree: np.ndarray, k: int) -> float:
    """Give the share of the sum of squares between the k clusters of a tree of Ward's method."""
    increases = np.asarray(tree)[:, 2] ** 2 / 2
    return float(1 - increases[: len(increases) + 1 - k].sum() / increases.sum())


def shuffled_shares(table: pd.DataFrame, k: int, seed: int, draws: int = 1000) -> np.ndarray:
    """Compute `explained_share` of shuffled tables.

    Returns
    -------
    ndarray, shape (draws,)
        The first is that of ``shuffle_columns(table, seed)``.
    """
    rng = np.random.default_rng(seed)
    trees = (linkage(shuffle_columns(table, rng)) for _ in range(draws))
    return np.array([explained_share(tree, k) for tree in trees])


def blocks(clusters: pd.Series) -> set[Cluster]:
    """Give a partition as a set of sets, without its cluster numbers."""
    return {frozenset(labels) for labels in clusters.groupby(clusters).groups.values()}


def equal_partitions(cuts: Mapping[str, pd.Series]) -> list[list[str]]:
    """Group the names of partitions that differ only in their cluster numbers."""
    groups: dict[frozenset[Cluster], list[str]] = {}
    for name, clusters in cuts.items():
        groups.setdefault(frozenset(blocks(clusters)), []).append(name)
    return list(groups.values())


def pair_distances(table: pd.DataFrame) -> pd.Series:
    """Compute the squared distances of all pairs of rows; the index is the pairs in row order."""
    proximity = proximity_matrix(table)
    pairs = list(combinations(table.index, 2))
    values = [float(proximity.loc[a, b]) for a, b in pairs]
    return pd.Series(values, index=pd.Index(pairs, tupleize_cols=False))
