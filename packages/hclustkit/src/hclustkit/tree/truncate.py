"""The upper part of a tree: its last merges, with what is below them as leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hclustkit.arguments import Floats, Ints, check_clusters
from hclustkit.tree.cut import check_linkage_matrix, labels_of_cut


@dataclass(frozen=True, eq=False)
class TopOfTree:
    """The last merges of a tree.

    Attributes
    ----------
    Z : array, shape (p - 1, 4)
        The last merges with p leaves; sizes count the cases below.
    leaf_of : array of int, shape (n,)
        The leaf (from 0) that holds each case.
    sizes : array of int, shape (p,)
        Cases of each leaf.
    first : array of int, shape (p,)
        The first case of each leaf.
    """

    Z: Floats
    leaf_of: Ints
    sizes: Ints
    first: Ints


def top_of_tree(Z: Floats, p: int) -> TopOfTree:
    """Keep the last p - 1 merges of a tree.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    p : int
        Leaves to keep, 1..n; they are the clusters of the cut into p.

    Returns
    -------
    TopOfTree

    Raises
    ------
    InputError
        ``Z`` is not a linkage matrix, or p is outside 1..n.

    Examples
    --------
    >>> top = top_of_tree(np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]]), 2)
    >>> top.Z.tolist(), top.sizes.tolist()
    ([[0.0, 1.0, 4.0, 3.0]], [2, 1])
    """
    Z = check_linkage_matrix(Z)
    n = len(Z) + 1
    p = check_clusters(p, n, "p")
    leaf_of = labels_of_cut(Z, p) - 1
    first = np.unique(leaf_of, return_index=True)[1].astype(np.int64)
    merged = n - p
    # a node of the lower part is known by the leaf that holds its first case
    case = list(range(n))
    for a, b in Z[:merged, :2].astype(np.int64).tolist():
        case.append(min(case[a], case[b]))
    upper = Z[merged:].copy()
    for row in upper:
        ends = [
            int(leaf_of[case[int(node)]]) if node < n + merged else int(node) - n - merged + p
            for node in row[:2]
        ]
        row[:2] = sorted(ends)
    return TopOfTree(upper, leaf_of, np.bincount(leaf_of, minlength=p), first)
