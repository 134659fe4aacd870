"""The earlier home of the tree's functions, until every caller has moved to the new ones."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from hclustkit.distances import proximity_matrix
from hclustkit.scaling import SCALINGS, standardize
from hclustkit.tree.cophenetic import pearson
from hclustkit.tree.cut import cut
from hclustkit.tree.geometry import AXES, AXIS_END, Dendrogram, dendrogram_geometry, leaf_order
from hclustkit.tree.linkage import LINKAGES, TIE_TOLERANCE, linkage
from hclustkit.tree.linkage import merges as merge_tree
from hclustkit.tree.tree import Tree

__all__ = [
    "AXES",
    "AXIS_END",
    "Dendrogram",
    "LINKAGES",
    "SCALINGS",
    "TIE_TOLERANCE",
    "cut",
    "dendrogram_geometry",
    "leaf_order",
    "linkage",
    "merge_tree",
    "pearson",
    "proximity_matrix",
    "standardize",
]


def agglomeration_schedule(table: pd.DataFrame, method: str = "ward") -> pd.DataFrame:
    """See `Tree.schedule`."""
    return Tree.from_table(table, method).schedule()


def cluster_membership(
    table: pd.DataFrame, ks: Iterable[int] = range(2, 11), method: str = "ward"
) -> pd.DataFrame:
    """See `Tree.membership`."""
    return Tree.from_table(table, method).membership(ks)


def cophenetic_correlation(table: pd.DataFrame, method: str = "ward") -> float:
    """See `Tree.cophenetic_correlation`."""
    return Tree.from_table(table, method).cophenetic_correlation()


def agglomerative_coefficient(table: pd.DataFrame, method: str = "ward") -> float:
    """See `Tree.agglomerative_coefficient`."""
    return Tree.from_table(table, method).agglomerative_coefficient()
