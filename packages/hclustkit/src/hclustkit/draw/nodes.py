"""A tree placed on the page: where its leaves and merges lie, and its branches."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from hclustkit.arrays import Floats, Ints
from hclustkit.draw import style
from hclustkit.draw.layout import check_labels
from hclustkit.draw.style import ClusterStyle
from hclustkit.errors import refusal
from hclustkit.tree.geometry import AXIS_END, dendrogram_geometry

SCALE_LABELS = {
    "cumulative": "Within-cluster sum of squares after the merge, rescaled",
    "increment": "Increase of the within-cluster sum of squares, rescaled",
    "height": "Distance of the clusters merged, rescaled",
}


@dataclass(frozen=True, eq=False)
class PlacedTree:
    """A tree placed on the page.

    ``order``: leaves from above; ``children``: the two nodes of each merge. Per node (leaves
    first, then merges): ``place`` along the leaves, ``height``, and ``first`` and ``last``, the
    stretch of leaves below it.
    """

    order: list[int]
    children: Ints
    place: Floats
    height: Floats
    first: Ints
    last: Ints

    @property
    def n(self) -> int:
        """Number of leaves."""
        return len(self.order)


def lay_out(
    Z: Floats,
    labels: Sequence[Hashable] | pd.Index,
    scale: str,
    method: str,
    order: Sequence[Hashable] | None = None,
) -> PlacedTree:
    """Place a linkage matrix on the page, in an order of leaves that it allows."""
    labels = list(labels)
    if len(set(labels)) != len(labels):
        raise refusal("a label of the tree appears more than once", "labels", "duplicate-label")
    geometry = dendrogram_geometry(Z, labels, scale=scale, method=method)
    n = len(labels)
    merges = np.asarray(Z)[:, :2].astype(int)
    height = np.concatenate([np.zeros(n), geometry.links.sort_values("stage")["y_2"]])
    leaves = [int(i) for i in geometry.order]
    if order is not None:
        check_labels("leaf order", order, labels)
        number = {label: i for i, label in enumerate(labels)}
        leaves = [number[label] for label in order]
    place = np.zeros(2 * n - 1)
    place[leaves] = np.arange(n)
    first, last = place.astype(int), place.astype(int)
    for step, (a, b) in enumerate(merges):
        above, below = (a, b) if first[a] < first[b] else (b, a)
        if last[above] + 1 != first[below]:
            text = "the leaf order does not fit the tree: branches would cross"
            raise refusal(text, "leaf order", "leaf-order")
        first[n + step], last[n + step] = first[above], last[below]
        place[n + step] = (place[a] + place[b]) / 2
    return PlacedTree(leaves, merges, place, height, first, last)


def clusters_of_nodes(tree: PlacedTree, numbers: Ints) -> Ints:
    """Find the cluster number of every node whose leaves are all of one cluster, else 0."""
    result = np.zeros(2 * tree.n - 1, dtype=int)
    result[: tree.n] = numbers
    for step, (a, b) in enumerate(tree.children):
        if result[a] == result[b]:
            result[tree.n + step] = result[a]
    return result


def cut_between(tree: PlacedTree, clusters: Ints, k: int) -> float | None:
    """Find the middle of the gap through which a cut into these clusters runs, if it is a cut."""
    if not 1 < k < tree.n:
        return None
    merged = tree.n - k
    if (clusters[tree.n : tree.n + merged] == 0).any():
        return None
    low = tree.height[: tree.n + merged].max()
    high = tree.height[tree.n + merged :].min()
    return float((low + high) / 2) if high >= low else None


def draw_tree(
    axes: Axes,
    tree: PlacedTree,
    clusters: Ints | None,
    looks: Mapping[int, ClusterStyle],
    marker_size: float = 5.0,
) -> None:
    """Draw branches by height and place; coloured where all leaves below are of one cluster."""
    n = tree.n
    plain: list[list[tuple[float, float]]] = []
    colored: dict[str, list[list[tuple[float, float]]]] = {}
    for step, (a, b) in enumerate(tree.children):
        top = tree.height[n + step]
        own = 0 if clusters is None else clusters[n + step]
        link = [
            (tree.height[a], tree.place[a]),
            (top, tree.place[a]),
            (top, tree.place[b]),
            (tree.height[b], tree.place[b]),
        ]
        if own:
            colored.setdefault(looks[own].color, []).append(link)
            continue
        plain.append(link)
        for child in (a, b):
            # a branch that leaves its cluster keeps the colour up to the merge
            if clusters is not None and clusters[child]:
                line = [(tree.height[child], tree.place[child]), (top, tree.place[child])]
                colored.setdefault(looks[clusters[child]].color, []).append(line)
    shape = {"capstyle": "butt", "joinstyle": "miter", "clip_on": False}
    axes.add_collection(LineCollection(plain, colors=style.INK, linewidths=1.0, zorder=3, **shape))
    for color, lines in colored.items():
        axes.add_collection(
            LineCollection(lines, colors=style.INK, linewidths=2.6, zorder=2, **shape)
        )
        axes.add_collection(LineCollection(lines, colors=color, linewidths=1.5, zorder=4, **shape))
    if clusters is not None and marker_size > 0:
        for number, look in looks.items():
            mine = np.flatnonzero(clusters[:n] == number)
            mark: dict[str, Any] = {"marker": look.marker, "markersize": marker_size}
            mark |= {"markeredgecolor": style.INK, "markeredgewidth": 0.7, "clip_on": False}
            at = np.zeros(len(mine)), tree.place[mine]
            axes.plot(*at, linestyle="none", color=look.color, zorder=6, **mark)


def numbers_of(membership: pd.Series[int], labels: Sequence[Hashable] | pd.Index) -> Ints:
    """Return the numbers of a membership from `cluster_series` in the order of ``labels``."""
    numbers: Ints = membership.reindex(labels).to_numpy(dtype=np.int64)
    return numbers


def axis_label(scale: str, method: str) -> str:
    """Return the text below the axis of a dendrogram."""
    if scale == "cumulative" and method != "ward":
        scale = "height"
    return f"{SCALE_LABELS[scale]} 0–{AXIS_END}"
