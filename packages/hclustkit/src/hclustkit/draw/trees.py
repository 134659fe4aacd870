"""Figures of a clustering: dendrogram, icicle, proximity heat map, scree, silhouettes, tanglegram.

They draw a linkage matrix in scipy's form, a membership and tables that others computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    blank,
    check_columns,
    check_labels,
    cluster_patch,
    headline,
    heat_cells,
    row_height,
    runs,
    shown,
    signed,
    strip,
    text_width,
)
from hclustkit.draw.style import ClusterStyle, cluster_styles, styled
from hclustkit.errors import InputError
from hclustkit.tree import ward

AXIS_END = 25
"""SPSS rescales the axis of its dendrogram to 0–25."""

SCALE_LABELS = {
    "cumulative": "Within-cluster sum of squares after the merge, rescaled",
    "increment": "Increase of the within-cluster sum of squares, rescaled",
    "height": "Distance of the clusters merged, rescaled",
}


@dataclass(frozen=True)
class _Tree:
    """A tree laid out.

    ``order``: leaves from above; ``children``: the two nodes of each merge. Per node (leaves
    first, then merges): ``place`` along the leaves, ``height``, and ``first`` and ``last``, the
    stretch of leaves below it.
    """

    order: list[int]
    children: np.ndarray
    place: np.ndarray
    height: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def n(self) -> int:
        return len(self.order)


def _lay_out(
    linkage: np.ndarray,
    labels: Sequence[object],
    scale: str,
    method: str,
    order: Sequence[object] | None = None,
) -> _Tree:
    labels = list(labels)
    if len(set(labels)) != len(labels):
        raise InputError("a label of the tree stands more than once")
    geometry = ward.dendrogram_geometry(linkage, labels, scale=scale, method=method)
    n = len(labels)
    merges = np.asarray(linkage)[:, :2].astype(int)
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
            raise InputError("the leaf order does not fit the tree: branches would cross")
        first[n + step], last[n + step] = first[above], last[below]
        place[n + step] = (place[a] + place[b]) / 2
    return _Tree(leaves, merges, place, height, first, last)


def _clusters_of_nodes(tree: _Tree, numbers: np.ndarray) -> np.ndarray:
    """Cluster number of every node whose leaves are all of one cluster, else 0."""
    result = np.zeros(2 * tree.n - 1, dtype=int)
    result[: tree.n] = numbers
    for step, (a, b) in enumerate(tree.children):
        if result[a] == result[b]:
            result[tree.n + step] = result[a]
    return result


def _cut_between(tree: _Tree, clusters: np.ndarray, k: int) -> float | None:
    """The middle of the gap that a cut into these clusters runs through, if it is such a cut."""
    if not 1 < k < tree.n:
        return None
    merged = tree.n - k
    if (clusters[tree.n : tree.n + merged] == 0).any():
        return None
    low = tree.height[: tree.n + merged].max()
    high = tree.height[tree.n + merged :].min()
    return float((low + high) / 2) if high > low else None


def _draw_tree(
    axes: Axes,
    tree: _Tree,
    clusters: np.ndarray | None,
    looks: Mapping[int, ClusterStyle],
    marker_size: float = 5.0,
) -> None:
    """Branches by height and place; coloured where all leaves below are of one cluster."""
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
            axes.plot(
                np.zeros(len(mine)),
                tree.place[mine],
                linestyle="none",
                marker=look.marker,
                markersize=marker_size,
                color=look.color,
                markeredgecolor=style.INK,
                markeredgewidth=0.7,
                clip_on=False,
                zorder=6,
            )


def _numbers(membership: pd.Series, labels: Sequence[object]) -> np.ndarray:
    check_labels("membership", membership.index, labels)
    return membership.reindex(labels).to_numpy(dtype=int)


def _axis_label(scale: str, method: str) -> str:
    if scale == "cumulative" and method != "ward":
        scale = "height"
    return f"{SCALE_LABELS[scale]} 0–{AXIS_END}"


@styled
def dendrogram(
    linkage: np.ndarray,
    labels: Sequence[str],
    membership: pd.Series | None = None,
    *,
    scale: str = "cumulative",
    method: str = "ward",
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Horizontal dendrogram with the axis rescaled to 0–25, as SPSS prints it.

    Parameters
    ----------
    linkage : array, shape (n - 1, 4)
        Linkage matrix in scipy's form.
    labels : sequence of n labels, in row order
    membership : Series of int, index the labels, optional
        Cluster numbers. A branch takes the colour of a cluster where all its leaves are of that
        cluster; the leaves carry its marker, a strip its number and hatch. Where the membership
        is a cut of this tree, a line shows it.
    scale, method : passed to `hclustkit.tree.ward.dendrogram_geometry`
    names : label -> printed name, optional
    styles : cluster number -> look, optional
    title : str, optional

    Raises
    ------
    InputError
        Labels that do not fit the tree or the membership.
    """
    labels = list(labels)
    tree = _lay_out(linkage, labels, scale, method)
    n = tree.n
    looks: Mapping[int, ClusterStyle] = {}
    clusters = None
    if membership is not None:
        clusters = _clusters_of_nodes(tree, _numbers(membership, labels))
        looks = cluster_styles(membership, styles)
    row, size = row_height(n, 0.235)
    figure = blank(style.WIDTH, 0.95 + row * n)
    headline(figure, title)
    axes = figure.subplots()
    axes.set_xlim(0, AXIS_END)
    axes.set_ylim(n - 0.4, -0.6)
    axes.grid(axis="x")
    _draw_tree(axes, tree, clusters, looks, marker_size=5.0 if size else 0)
    ordered = [labels[i] for i in tree.order]
    if size:
        axes.set_yticks(range(n), shown(ordered, names))
    else:
        axes.set_yticks([])
    axes.tick_params(axis="y", length=0, pad=8 if membership is None else 30, labelsize=size or 8)
    axes.spines["left"].set_visible(False)
    axes.set_xticks(range(0, AXIS_END + 1, 5))
    axes.set_xlabel(_axis_label(scale, method))
    if clusters is not None:
        strip(axes, membership, ordered, looks, at=-0.052, width=0.034)
        cut = _cut_between(tree, clusters, len(looks))
        if cut is not None:
            axes.axvline(cut, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=1)
            left = cut < AXIS_END / 2
            axes.annotate(
                f"cut: {len(looks)} clusters",
                (cut, -0.6),
                xytext=(3 if left else -3, 2),
                textcoords="offset points",
                ha="left" if left else "right",
                va="bottom",
                fontsize=7.5,
                annotation_clip=False,
            )
    return figure


@styled
def icicle(
    linkage: np.ndarray,
    labels: Sequence[str],
    membership: pd.Series | None = None,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Vertical icicle plot: cases across, number of clusters down, as SPSS prints it.

    Two neighbouring cases are joined by a bar in every row in which they are in one cluster.
    With a ``membership`` that is a cut of the tree, the rows from its number of clusters on
    take the colours of the clusters. Parameters as in `dendrogram`.
    """
    labels = list(labels)
    tree = _lay_out(linkage, labels, "height", "ward")
    n = tree.n
    ordered = [labels[i] for i in tree.order]
    looks: Mapping[int, ClusterStyle] = {}
    numbers = np.zeros(n, dtype=int)
    first_colored = n
    if membership is not None:
        numbers = _numbers(membership, ordered)
        looks = cluster_styles(membership, styles)
        first_colored = len(looks)
    # last row (number of clusters) in which leaf i and leaf i + 1 of the order are together:
    # the row that the merge between them reaches
    together = np.zeros(n - 1, dtype=int)
    for step, (a, b) in enumerate(tree.children):
        together[min(tree.last[a], tree.last[b])] = n - step - 1
    row, size = row_height(n - 1, 0.2, 8.0)
    column_size = min(8.0, 72 * (style.WIDTH - 0.8) / n / 1.15)
    figure = blank(style.WIDTH, 1.5 + row * (n - 1))
    headline(figure, title)
    axes = figure.subplots()
    half = 0.3

    def bar(low: float, high: float, first: int, last: int, number: int) -> None:
        """A bar from row ``first`` to row ``last``, grey or in the colour of a cluster."""
        if last < first:
            return
        setting = {"facecolor": "#C9C9C9", "edgecolor": "none"}
        if number:
            setting = cluster_patch(looks[number], edgecolor="none", linewidth=0)
        axes.add_patch(
            Rectangle((low, first - 0.5), high - low, last - first + 1, zorder=2, **setting)
        )

    for place, number in enumerate(numbers):
        bar(place - half, place + half, 1, min(first_colored - 1, n - 1), 0)
        bar(place - half, place + half, first_colored, n - 1, number)
    edges = []
    for gap, last in enumerate(together):
        low, high = gap + half, gap + 1 - half
        same = numbers[gap] if numbers[gap] == numbers[gap + 1] else 0
        bar(low, high, 1, min(last, first_colored - 1), 0)
        bar(low, high, first_colored, last, same)
        edges.append([(low, n - 0.5), (low, last + 0.5), (high, last + 0.5), (high, n - 0.5)])
    axes.add_collection(
        LineCollection(edges, colors=style.INK, linewidths=0.6, zorder=4, clip_on=False)
    )
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(n - 0.5, 0.5)
    axes.set_yticks(range(1, n) if size else [row for row in (1, len(looks), n - 1) if row])
    axes.set_ylabel("Number of clusters")
    axes.xaxis.tick_top()
    if column_size >= SMALLEST:
        axes.set_xticks(
            range(n), shown(ordered, names), rotation=60, ha="left", rotation_mode="anchor"
        )
    else:
        axes.set_xticks([])
    axes.tick_params(axis="both", length=0)
    axes.tick_params(axis="x", pad=1, labelsize=min(7.5, column_size))
    for spine in axes.spines.values():
        spine.set_visible(False)
    if 1 < len(looks) < n:
        axes.axhline(
            first_colored - 0.5, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=5
        )
        for place, text in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True):
            if place == first_colored:
                text.set_fontweight("bold")
    if looks:
        for number, first, last in runs(membership, ordered):
            # where all members are together: further down a gap may be in the middle
            badge(axes, (first + last) / 2, first_colored + (0.1 if size else 0), str(number))
    return figure


@styled
def proximity_heatmap(
    proximity: pd.DataFrame,
    order: Sequence[str],
    membership: pd.Series | None = None,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    measure: str = "Squared Euclidean distance",
    title: str | None = None,
) -> Figure:
    """Proximity matrix in the order of the tree, the clusters outlined, values in the cells.

    Parameters
    ----------
    proximity : DataFrame, shape (n, n)
        Symmetric, labels on both sides.
    order : the n labels, e.g. ``hclustkit.tree.ward.dendrogram_geometry(...).labels``
    membership : Series of int, index the labels, optional
    measure : what the values are, printed at the colour bar
    """
    order = list(order)
    check_labels("order", order, proximity.index)
    check_labels("columns of the proximity matrix", proximity.columns, proximity.index)
    n = len(order)
    values = proximity.loc[order, order].to_numpy(dtype=float).copy()
    np.fill_diagonal(values, np.nan)
    largest = float(np.nanmax(values)) if n > 1 else 0.0
    digits = 1 if largest < 100 else 0
    texts = None
    if n <= 20:
        texts = [
            ["" if i == j else f"{values[i, j]:.{digits}f}" for j in range(n)] for i in range(n)
        ]
    figure = blank(style.WIDTH, 6.6)
    headline(figure, title)
    axes = figure.subplots()
    axes.set_facecolor("#D9D9D9")
    # near is dark: alike objects stand out; the root spreads the small values, which matter most
    norm = PowerNorm(0.5, 0, largest or 1.0)
    mesh = heat_cells(axes, values, style.SEQUENTIAL.reversed(), norm, texts=texts)
    printed = shown(order, names)
    side = 8 if membership is None else 22
    label_size = min(7.5, 72 * 5.3 / n / 1.1)
    if label_size >= SMALLEST:
        axes.set_yticks(range(n), printed)
        axes.set_xticks(range(n), printed, rotation=60, ha="right", rotation_mode="anchor")
    else:
        axes.set_xticks([])
        axes.set_yticks([])
    axes.tick_params(axis="both", labelsize=label_size)
    axes.tick_params(axis="y", pad=side - 4)
    axes.tick_params(axis="x", pad=side - 2)
    axes.set_aspect("equal")
    if membership is not None:
        check_labels("membership", membership.index, order)
        looks = cluster_styles(membership, styles)
        strip(axes, membership, order, looks, at=-0.045, width=0.035)
        strip(axes, membership, order, looks, at=-0.045, width=0.035, vertical=False)
        for _, first, last in runs(membership, order):
            axes.add_patch(
                Rectangle(
                    (first - 0.5, first - 0.5),
                    last - first + 1,
                    last - first + 1,
                    fill=False,
                    edgecolor=style.OKABE_ITO["vermillion"],
                    linewidth=2.0,
                    zorder=5,
                    clip_on=False,
                )
            )
    bar = figure.colorbar(mesh, ax=axes, shrink=0.6, aspect=28, pad=0.015)
    bar.outline.set_linewidth(0.5)
    bar.set_label(f"{measure} (dark: alike)")
    return figure


@styled
def scree(
    schedule: pd.DataFrame,
    n_clusters: int | None = None,
    *,
    measure: str = "Coefficient (within-cluster sum of squares)",
    title: str | None = None,
) -> Figure:
    """Coefficients of the agglomeration schedule and their jumps, by number of clusters.

    Parameters
    ----------
    schedule : DataFrame, n - 1 rows
        Columns ``stage`` (1 … n − 1) and ``coefficient``; others are ignored.
    n_clusters : the chosen number, marked, optional
    """
    check_columns("agglomeration schedule", schedule, ["stage", "coefficient"])
    table = schedule.sort_values("stage")
    n = len(table) + 1
    clusters = n - table["stage"].to_numpy()
    coefficient = table["coefficient"].to_numpy(dtype=float)
    # the merge at stage s goes from n - s + 1 clusters to n - s
    jumps = np.diff(coefficient, prepend=0.0)
    figure = blank(style.WIDTH, 4.3)
    headline(figure, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    blue, red = style.OKABE_ITO["blue"], style.OKABE_ITO["vermillion"]
    upper.plot(clusters, coefficient, color=blue, marker="o", markersize=4, clip_on=False)
    upper.set_ylabel("\n".join(measure.replace(" (", "\n(").split("\n")))
    upper.set_ylim(bottom=0)
    upper.grid(axis="y")
    chosen = n_clusters is not None
    bars = lower.bar(
        clusters,
        jumps,
        width=0.62,
        color=style.OKABE_ITO["sky blue"],
        edgecolor=style.INK,
        linewidth=0.5,
    )
    for bar, jump in zip(bars, jumps, strict=True):
        lower.annotate(
            f"{jump:.1f}" if jumps.max() < 1000 else f"{jump:.0f}",
            (bar.get_x() + bar.get_width() / 2, jump),
            xytext=(0, 1.5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALLEST,
        )
    lower.set_ylabel("Increase when\nthis number is reached")
    lower.set_xlabel("Number of clusters")
    lower.set_ylim(min(0.0, jumps.min() * 1.14), jumps.max() * 1.14)
    lower.set_xticks(range(1, n, 1 if n <= 31 else max(1, n // 20)))
    lower.set_xlim(n - 0.4, 0.4)
    if chosen:
        if not 1 <= n_clusters <= n - 1:
            raise InputError(f"the schedule of {n} objects has no stage with {n_clusters} clusters")
        at = int(np.flatnonzero(clusters == n_clusters)[0])
        upper.axvline(n_clusters, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=0)
        upper.plot(
            n_clusters,
            coefficient[at],
            marker="D",
            markersize=7,
            color=red,
            markeredgecolor=style.INK,
            zorder=5,
        )
        upper.annotate(
            f"k = {n_clusters}",
            (n_clusters, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            fontweight="bold",
        )
        bars[at].set(
            facecolor=red,
            hatch="////",
            hatchcolor="#7A3500",
            label=f"last merge made ({n_clusters + 1} to {n_clusters})",
        )
        after = np.flatnonzero(clusters == n_clusters - 1)
        if len(after):
            bars[int(after[0])].set(
                facecolor="#F2C49B",
                hatch="....",
                hatchcolor="#7A3500",
                label=f"first merge refused ({n_clusters} to {n_clusters - 1})",
            )
        lower.legend(
            handles=[bars[int(i)] for i in (at, *after)],
            loc="lower left",
            ncols=2,
            bbox_to_anchor=(0, 1),
            borderaxespad=0.2,
        )
    return figure


@styled
def silhouette_plot(
    silhouettes: pd.Series,
    membership: pd.Series,
    *,
    mean: float | None = None,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Silhouette of every object, widest first within its cluster.

    Parameters
    ----------
    silhouettes : Series of float in −1 … 1, index the labels
    membership : Series of int, index the same labels
    mean : mean silhouette as the caller computed it, drawn as a line, optional
    """
    check_labels("membership", membership.index, silhouettes.index)
    looks = cluster_styles(membership, styles)
    row, size = row_height(len(silhouettes), 0.2)
    figure = blank(style.WIDTH, 0.9 + row * (len(silhouettes) + 0.5 * len(looks)))
    headline(figure, title)
    axes = figure.subplots()
    y, ticks, printed = 0.0, [], []
    low = min(-0.05, float(silhouettes.min()) - 0.09)
    for number, look in looks.items():
        group = silhouettes[membership.reindex(silhouettes.index) == number]
        group = group.sort_values(ascending=False, kind="stable")
        start = y
        for label, value in group.items():
            axes.barh(y, value, height=0.82, **cluster_patch(look))
            if len(group) == 1:
                axes.annotate(
                    "single member: 0 by definition" if value == 0 else "single member",
                    (max(value, 0), y),
                    xytext=(5, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=7,
                    color=style.MUTED,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
                )
            elif size:
                axes.annotate(
                    signed(value, 2),
                    (value, y),
                    xytext=(3 if value >= 0 else -3, 0),
                    textcoords="offset points",
                    va="center",
                    ha="left" if value >= 0 else "right",
                    fontsize=SMALLEST,
                )
            ticks.append(y)
            printed.append(label)
            y += 1
        badge(
            axes,
            1.03,
            (start + y - 1) / 2,
            str(number),
            transform=axes.get_yaxis_transform(),
            size=8,
        )
        if len(group) > 1:
            axes.plot(
                (1.008, 1.008),
                (start - 0.35, y - 1 + 0.35),
                color=style.INK,
                linewidth=0.8,
                transform=axes.get_yaxis_transform(),
                clip_on=False,
            )
        y += 0.55
    axes.set_yticks(ticks if size else [], shown(printed, names) if size else [])
    axes.tick_params(axis="y", length=0, labelsize=min(7.5, size or 7.5))
    axes.set_ylim(y - 0.9, -0.75)
    axes.set_xlim(low, max(1.0, float(silhouettes.max()) * 1.1))
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_xlabel("Silhouette width")
    if mean is not None:
        axes.axvline(mean, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=0)
        axes.annotate(
            f"mean {signed(mean, 2)}",
            (mean, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, 1),
            textcoords="offset points",
            va="bottom",
            fontsize=7.5,
        )
    return figure


@styled
def tanglegram(
    left: np.ndarray,
    right: np.ndarray,
    labels: Sequence[str],
    membership: pd.Series,
    *,
    left_title: str,
    right_title: str,
    left_order: Sequence[str] | None = None,
    right_order: Sequence[str] | None = None,
    scale: str = "height",
    methods: tuple[str, str] = ("ward", "ward"),
    entanglement: float | None = None,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Two trees of the same labels face to face, equal leaves joined by lines.

    Parameters
    ----------
    left, right : arrays, shape (n - 1, 4)
        Linkage matrices over the same rows.
    labels : the n labels, in row order
    membership : Series of int, index the labels
        Clusters (of the left tree): colour of branches and lines.
    left_order, right_order : leaf orders from top to bottom, optional
        Any order that the tree allows, e.g. one that untangles the two.
    scale, methods : as in `dendrogram`, one method a tree
    entanglement : printed when given; it has to belong to the orders drawn
    """
    labels = list(labels)
    numbers = _numbers(membership, labels)
    looks = cluster_styles(membership, styles)
    one = _lay_out(left, labels, scale, methods[0], left_order)
    two = _lay_out(right, labels, scale, methods[1], right_order)
    n = one.n
    row, size = row_height(n, 0.225)
    figure = blank(style.WIDTH, 0.9 + row * n)
    figure.get_layout_engine().set(wspace=0.0)
    parts = [title] if title else []
    if entanglement is not None:
        parts.append(f"entanglement {entanglement:.2f}")
    headline(figure, " \N{EN DASH} ".join(parts) or None)
    axes = figure.subplots(1, 3, width_ratios=(0.75, 1.8, 0.75))
    for side, tree, name in ((axes[0], one, left_title), (axes[2], two, right_title)):
        side.set_ylim(n - 0.4, -0.6)
        side.set_title(name, loc="center")
        side.set_yticks([])
        side.spines["left"].set_visible(False)
        side.set_xticks(range(0, AXIS_END + 1, 5))
        side.grid(axis="x")
        _draw_tree(side, tree, _clusters_of_nodes(tree, numbers), looks, 5.0 if size else 0)
    axes[0].set_xlim(AXIS_END, 0)
    axes[2].set_xlim(0, AXIS_END)
    axes[1].set_xlabel(_axis_label(scale, methods[0]))
    middle = axes[1]
    middle.set_xlim(0, 1)
    middle.set_ylim(n - 0.4, -0.6)
    middle.set_xticks([])
    middle.set_yticks([])
    for spine in middle.spines.values():
        spine.set_visible(False)
    longest = max(text_width(text, 7) for text in shown(labels, names))
    middle_width = 72 * style.WIDTH * 1.8 / 3.3 * 0.96
    edge = 0.05 + longest / middle_width
    for i, label in enumerate(labels):
        number = int(numbers[i])
        y = (float(one.place[i]), float(two.place[i]))
        xs = (edge + 0.05, 1 - edge - 0.05)
        middle.plot(xs, y, color=style.INK, linewidth=2.4, solid_capstyle="butt")
        middle.plot(xs, y, color=looks[number].color, linewidth=1.5, solid_capstyle="butt")
        if not size:
            continue
        printed = shown([label], names)[0]
        middle.text(0.03, y[0], printed, ha="left", va="center_baseline", fontsize=min(7, size))
        middle.text(0.97, y[1], printed, ha="right", va="center_baseline", fontsize=min(7, size))
        badge(middle, edge + 0.025, y[0], str(number), size=SMALLEST)
        badge(middle, 1 - edge - 0.025, y[1], str(number), size=SMALLEST)
    return figure
