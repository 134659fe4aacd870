"""The upper part of a tree: its last merges, with what is below them as leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hclustkit.arguments import check_whole
from hclustkit.arrays import Floats, Ints, check_k
from hclustkit.tree.cut import check_linkage_matrix, labels_of_cut
from hclustkit.tree.geometry import AXIS_END, dendrogram_geometry

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class TopOfTree:
    """The last merges of a tree.

    Attributes
    ----------
    Z : array, shape (p - 1, 4)
        The last merges with p leaves; sizes count the leaves.
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

    def names(self, labels: Sequence[object]) -> list[str]:
        """Name each leaf by its first case and the number of the others."""
        pairs = zip(self.first.tolist(), self.sizes.tolist(), strict=True)
        return [f"{labels[i]} +{size - 1:,}" if size > 1 else f"{labels[i]}" for i, size in pairs]


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
    ([[0.0, 1.0, 4.0, 2.0]], [2, 1])
    """
    Z = check_linkage_matrix(Z)
    n = len(Z) + 1
    p = check_k(p, n, "p")
    leaf_of = labels_of_cut(Z, p) - 1
    first = np.unique(leaf_of, return_index=True)[1].astype(np.int64)
    merged = n - p
    # the new number of each node: in the lower part the leaf that holds its first case
    case = list(range(n))
    for a, b in Z[:merged, :2].astype(np.int64).tolist():
        case.append(min(case[a], case[b]))
    number = leaf_of[case].tolist()
    upper, leaves = Z[merged:].copy(), [1] * p
    for t, (one, two) in enumerate(upper[:, :2].astype(np.int64).tolist()):
        a, b = sorted((number[one], number[two]))
        number.append(p + t)
        leaves.append(leaves[a] + leaves[b])
        upper[t, 0], upper[t, 1], upper[t, 3] = a, b, leaves[-1]
    return TopOfTree(upper, leaf_of, np.bincount(leaf_of, minlength=p), first)


def sketch(Z: Floats, labels: Sequence[str], ax: Axes | None, leaves: int) -> Axes:
    """Draw a dendrogram with the merges at their heights; see `hclustkit.Tree.draw`."""
    if len(labels) > check_whole(leaves, "leaves", 1):
        top = top_of_tree(Z, leaves)
        Z, labels = top.Z, top.names(labels)
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1]
    placed = dendrogram_geometry(Z, labels, "height")
    highest = placed.links["value"].max() if len(Z) else 0.0
    for _, link in placed.links.iterrows():
        y = [link[f"y_{i}"] * highest / AXIS_END for i in (1, 2, 3, 4)]
        ax.plot([link[f"x_{i}"] for i in (1, 2, 3, 4)], y, color="black", linewidth=1)
    names = [label.replace("$", r"\$") for label in placed.labels]
    ax.set_xticks(range(1, len(names) + 1), names, rotation=90 if len(names) > 8 else 0)
    ax.set_ylabel("height")
    ax.set_ylim(bottom=0)
    return ax
