"""Dendrograms side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hclustkit.draw import nodes, style
from hclustkit.draw.layout import SMALLEST, cluster_series, names_of, row_height, strip
from hclustkit.draw.style import ClusterStyle, aligned_styles, cluster_styles, styled
from hclustkit.errors import InputError
from hclustkit.tree.geometry import AXIS_END
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kzclusters import wording
from kzclusters.figures.marks import DASHES, sheet

COEFFICIENT_AXIS = "Within-cluster sum of squares after the merge, rescaled to 0–25"
"""The axis of Ward's trees side by side."""


@dataclass(frozen=True)
class TreePanel:
    """One tree among others.

    Attributes
    ----------
    title : printed above it
    Z : array, shape (n - 1, 4)
    labels : sequence of n labels, in row order
    method : the linkage that made it
    partition : Series of int, the clusters to colour, optional
    styles : cluster number → look, optional
    order : the labels from above, optional; the tree's own order otherwise
    names : label → printed name, optional
    """

    title: str
    Z: np.ndarray
    labels: Sequence[str]
    method: str = "ward"
    partition: pd.Series | None = None
    styles: Mapping[int, ClusterStyle] | None = None
    order: Sequence[str] | None = None
    names: Mapping[str, str] | None = None


@styled
def dendrogram_panels(panels: Sequence[TreePanel], *, axis_label: str | None = None) -> Figure:
    """Draw dendrograms two a row, each on an axis of 0–25.

    Parameters
    ----------
    panels : the trees
    axis_label : below all of them, optional
    """
    if not panels:
        raise InputError("dendrogram_panels: there is no tree", place="panels", rule="not-empty")
    rows = -(-len(panels) // 2)
    most = max(len(panel.labels) for panel in panels)
    row, size = row_height(most, 0.15, 8.0)
    height = rows * (row * most + 0.55) + (0.3 if axis_label else 0.1)
    figure, places = sheet(style.WIDTH, height, rows, 2)
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    for axes, panel in zip(places, panels, strict=False):
        _draw_panel(axes, panel, size)
    if axis_label:
        figure.supxlabel(axis_label, fontsize=8)
    return figure


def _draw_panel(axes: Axes, panel: TreePanel, size: float) -> None:
    """Draw one tree; names are printed where ``size`` is not 0."""
    labels = list(panel.labels)
    tree = nodes.lay_out(panel.Z, labels, "cumulative", panel.method, panel.order)
    clusters, looks = None, {}
    if panel.partition is not None:
        partition = cluster_series(panel.partition, labels)
        clusters = nodes.clusters_of_nodes(tree, nodes.numbers_of(partition, labels))
        looks = cluster_styles(partition, panel.styles)
    axes.set_xlim(0, AXIS_END)
    axes.set_ylim(tree.n - 0.4, -0.6)
    axes.grid(axis="x")
    axes.set_title(panel.title)
    nodes.draw_tree(axes, tree, clusters, looks, marker_size=3.6 if size else 0)
    ordered = [labels[i] for i in tree.order]
    axes.set_yticks(range(tree.n) if size else [], names_of(ordered, panel.names) if size else [])
    pad = 6 if clusters is None else 21
    axes.tick_params(axis="y", length=0, pad=pad, labelsize=min(7.0, size or 7.0))
    axes.spines["left"].set_visible(False)
    axes.set_xticks(range(0, AXIS_END + 1, 5))
    if clusters is not None:
        strip(axes, panel.partition, ordered, looks, at=-0.105, width=0.06, size=SMALLEST)
        cut = nodes.cut_between(tree, clusters, len(looks))
        if cut is not None:
            axes.axvline(cut, color=style.INK, linewidth=0.9, linestyle=DASHES, zorder=1)


def linkage_panels(
    linkages: Mapping[str, np.ndarray],
    cuts: Mapping[str, pd.Series],
    *,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the trees of several linkages side by side, clusters coloured as in the first.

    Parameters
    ----------
    linkages : name of a linkage → array, shape (n - 1, 4)
    cuts : name of a linkage → Series of int, the clusters; the index is the labels in row order
    names : label → printed name, optional
    """
    first = next(iter(cuts.values()))
    panels = []
    for method, linkage in linkages.items():
        name = wording.linkage(method)
        panel = TreePanel(
            name[:1].upper() + name[1:],
            linkage,
            list(first.index),
            method=method,
            partition=cuts[method],
            styles=aligned_styles(first, cuts[method]),
            names=names,
        )
        panels.append(panel)
    label = "Coefficient of the merge, rescaled to 0–25 in each tree; dashed: the cut"
    return dendrogram_panels(panels, axis_label=label)
