"""Figures of the lesson: scaling, the merges one by one, trees side by side, criteria, years."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hclustkit.draw import style, trees
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    blank,
    check_columns,
    check_labels,
    cluster_patch,
    headline,
    row_height,
    shown,
    strip,
    text_width,
)
from hclustkit.draw.style import ClusterStyle, cluster_style, cluster_styles, styled
from hclustkit.errors import InputError
from hclustkit.tree import ward
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kzclusters import wording

NEW = style.OKABE_ITO["vermillion"]
"""The colour of what has just happened."""

BETTER = ("largest", "smallest")

MOST_STAGES = 15
"""The most stages that are drawn one by one."""

COEFFICIENT_AXIS = "Within-cluster sum of squares after the merge, rescaled to 0–25"
"""The axis of Ward's trees side by side."""

SHIFTS = (0, 0.25, -0.25, 0.5, -0.5)
"""How far a name above or below its point may be moved aside, as a share of its width."""


# ------------------------------------------------------------------------- scatter plots


def _place_names(
    axes: Axes,
    points: np.ndarray,
    texts: Sequence[str],
    size: float,
    lines: Sequence[np.ndarray] = (),
) -> None:
    """Write a name beside each point where it covers no point, no line and no other name.

    To be called when everything else is drawn; ``lines`` are pairs of end points.
    """
    scale = axes.figure.dpi / 72
    at = axes.transData.transform(points) / scale
    frame = axes.get_window_extent()
    low, high = np.array([frame.x0, frame.y0]) / scale, np.array([frame.x1, frame.y1]) / scale
    height, gap = size * 1.15, 6.0
    rises = (gap, -gap - height, gap + height, -gap - 2 * height)
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in at]
    for line in lines:
        ends = axes.transData.transform(line) / scale
        steps = max(2, int(np.hypot(*(ends[1] - ends[0])) / 2))
        taken += [(x - 4, y - 4, x + 4, y + 4) for x, y in np.linspace(*ends, steps)]

    def crossing(box: tuple[float, ...]) -> float:
        covered = sum(
            max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
            * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
            for other in taken
        )
        outside = sum(max(0.0, low[i] - box[i]) + max(0.0, box[i + 2] - high[i]) for i in (0, 1))
        return covered + 20 * outside

    for (x, y), text in zip(at, texts, strict=True):
        width = text_width(text, size)
        offsets = [
            (gap, -height / 2),
            (-gap - width, -height / 2),
            # nearly above or below its own point, rather than half-way to another
            *((shift * width - width / 2, rise) for rise in rises for shift in SHIFTS),
        ]
        boxes = [(x + dx, y + dy, x + dx + width, y + dy + height) for dx, dy in offsets]
        costs = [crossing(box) for box in boxes]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        axes.annotate(
            text,
            axes.transData.inverted().transform((x * scale, y * scale)),
            xytext=offsets[best],
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontsize=size,
            annotation_clip=False,
        ).set_in_layout(False)


def _square_limits(axes: Axes, points: np.ndarray, room: float) -> None:
    """The same span on both axes, so that a distance on paper is a distance in the data."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    half = float(np.ptp(points, axis=0).max()) * (0.5 + room) or 1.0
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal")


def _two_columns(what: str, table: pd.DataFrame) -> np.ndarray:
    if table.shape[1] != 2:
        raise InputError(f"{what}: two columns are drawn, got {table.shape[1]}")
    return table.to_numpy(dtype=float)


@styled
def scaling_pair(
    raw: pd.DataFrame,
    scaled: pd.DataFrame,
    nearest: Sequence[Hashable],
    *,
    axis_labels: Sequence[str],
    names: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Two indicators unscaled and scaled, both with the same length for a unit on both axes.

    Parameters
    ----------
    raw, scaled : DataFrame, shape (n, 2), the same labels
    nearest : two labels
        Joined by a line in both panels: the nearest pair of ``raw``.
    axis_labels : of the two columns, for the left panel
    names : label → printed name, optional
    """
    check_labels("scaled table", scaled.index, raw.index)
    pair = list(nearest)
    if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(raw.index):
        raise InputError(f"nearest pair: two different labels of the table are needed, got {pair}")
    figure = blank(style.WIDTH, 3.6)
    headline(figure, title)
    panels = figure.subplots(1, 2)
    tables = (raw, scaled.loc[raw.index])
    headings = ("Unscaled, in their own units", "Scaled, as z-scores")
    for axes, table, heading in zip(panels, tables, headings, strict=True):
        points = _two_columns("scaling_pair", table)
        _square_limits(axes, points, 0.16)
        axes.grid(True)
        axes.set_title(heading)
        axes.plot(
            *table.loc[pair].to_numpy().T,
            color=NEW,
            linewidth=2.2,
            zorder=2,
            label="nearest pair before scaling",
        )
        axes.scatter(
            *points.T,
            s=34,
            color=style.OKABE_ITO["blue"],
            edgecolor=style.INK,
            linewidth=0.7,
            zorder=4,
        )
    panels[0].legend(loc="lower left", handlelength=1.4)
    for axis, text, column in zip(("x", "y"), axis_labels, raw.columns, strict=True):
        panels[0].set(**{f"{axis}label": text})
        panels[1].set(**{f"{axis}label": f"{column}, z-score"})
    figure.draw_without_rendering()
    for axes, table in zip(panels, tables, strict=True):
        _place_names(
            axes,
            table.to_numpy(dtype=float),
            shown(table.index, names),
            7.5,
            [table.loc[pair].to_numpy(dtype=float)],
        )
    return figure


# ------------------------------------------------------------------------- growing trees


def _clusters_after(linkage: np.ndarray, stage: int) -> dict[int, list[int]]:
    """Node → its cases, for the clusters there are after ``stage`` merges."""
    n = len(linkage) + 1
    found = {case: [case] for case in range(n)}
    for step, (a, b) in enumerate(np.asarray(linkage)[:stage, :2].astype(int).tolist()):
        found[n + step] = sorted(found.pop(a) + found.pop(b))
    return found


def _grow(axes: Axes, tree: trees._Tree, end: float, stage: int, width: float) -> None:
    """The tree as far as it has grown after ``stage`` merges, the last of them marked."""
    n = tree.n
    height = tree.height * (end / trees.AXIS_END)
    level = float(height[n + stage - 1]) if stage else 0.0
    old, new, open_ends = [], [], []
    for step in range(stage):
        a, b = tree.children[step]
        top = height[n + step]
        link = [
            (height[a], tree.place[a]),
            (top, tree.place[a]),
            (top, tree.place[b]),
            (height[b], tree.place[b]),
        ]
        (new if step == stage - 1 else old).append(link)
    merged = set(tree.children[:stage].ravel().tolist())
    for node in range(n + stage):
        if node not in merged and height[node] < level:
            open_ends.append([(height[node], tree.place[node]), (level, tree.place[node])])
    shape = {"capstyle": "butt", "joinstyle": "miter", "clip_on": False}
    axes.add_collection(
        LineCollection(open_ends, colors=style.FAINT, linewidths=width, zorder=2, **shape)
    )
    axes.add_collection(LineCollection(old, colors=style.INK, linewidths=width, zorder=3, **shape))
    axes.add_collection(LineCollection(new, colors=NEW, linewidths=width + 1.0, zorder=4, **shape))
    axes.plot(
        np.zeros(n),
        np.arange(n),
        linestyle="none",
        marker="o",
        markersize=2.4,
        color=style.INK,
        clip_on=False,
        zorder=5,
    )
    axes.set_xlim(0, end)
    axes.set_ylim(n - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=5)


def _root(values: np.ndarray) -> np.ndarray:
    """Square root; a margin below zero stays where it is drawn."""
    return np.sqrt(np.maximum(values, 0.0))


def _round_down(value: float) -> float:
    """The first significant digit of a number, the rest nought."""
    unit = 10.0 ** np.floor(np.log10(value))
    return float(np.floor(value / unit + 1e-9) * unit)


def _end(linkage: np.ndarray, labels: Sequence[object]) -> float:
    """The last coefficient of the schedule."""
    geometry = ward.dendrogram_geometry(linkage, labels)
    return float(geometry.links["value"].max()) or 1.0


@styled
def merge_stages(
    points: pd.DataFrame,
    linkage: np.ndarray,
    *,
    names: Mapping[str, str] | None = None,
    short: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Ward's merges in the plane of two indicators, and the dendrogram growing with them.

    Parameters
    ----------
    points : DataFrame, shape (n, 2), n at most 6
        Scaled coordinates.
    linkage : array, shape (n - 1, 4), Ward's tree of ``points``
    names : label → printed name at the leaves, optional
    short : label → short name beside the point, optional; ``names`` otherwise
    """
    labels = list(points.index)
    n = len(labels)
    if n > 6:
        raise InputError(f"merge_stages draws at most 6 objects, got {n}")
    xy = _two_columns("merge_stages", points)
    tree = trees._lay_out(linkage, labels, "cumulative", "ward")
    end = _end(linkage, labels)
    figure = blank(style.WIDTH, 3.55)
    figure.get_layout_engine().set(hspace=0.0, h_pad=0.03)
    headline(figure, title)
    grid = figure.subplots(2, n, height_ratios=(1.55, 1.0), squeeze=False)
    lines: list[list[np.ndarray]] = [[] for _ in range(n)]
    for stage in range(n):
        upper, lower = grid[0, stage], grid[1, stage]
        _square_limits(upper, xy, 0.22)
        upper.set_xticks([])
        upper.set_yticks([])
        upper.set_xlabel(f"{points.columns[0]}, z-score", fontsize=7.5)
        if stage == 0:
            upper.set_ylabel(f"{points.columns[1]}, z-score", fontsize=7.5)
        for spine in upper.spines.values():
            spine.set_visible(True)
            spine.set_color(style.FAINT)
        upper.axhline(0, color=style.PALE, linewidth=0.8, zorder=0)
        upper.axvline(0, color=style.PALE, linewidth=0.8, zorder=0)
        upper.set_title("Start" if stage == 0 else f"Stage {stage}")
        for node, cases in _clusters_after(linkage, stage).items():
            look = cluster_style(cases[0] + 1)
            fresh = stage > 0 and node == n + stage - 1
            if len(cases) > 1:
                middle = xy[cases].mean(axis=0)
                spokes = [np.array([middle, xy[case]]) for case in cases]
                lines[stage] += spokes
                upper.add_collection(
                    LineCollection(
                        spokes,
                        colors=NEW if fresh else style.INK,
                        linewidths=1.6 if fresh else 1.0,
                        zorder=2,
                    )
                )
                upper.plot(
                    *middle,
                    marker="+",
                    markersize=9,
                    markeredgewidth=2.0,
                    color=NEW if fresh else style.INK,
                    zorder=5,
                )
            upper.scatter(
                *xy[cases].T,
                s=30,
                marker=look.marker,
                color=look.color,
                edgecolor=style.INK,
                linewidth=0.7,
                zorder=4,
            )
        _grow(lower, tree, end, stage, 1.2)
        ordered = [labels[i] for i in tree.order]
        lower.set_yticks(range(n), shown(ordered, names) if stage == 0 else [""] * n)
        lower.tick_params(axis="y", labelsize=7)
        lower.set_xticks([0, end], ["0", f"{end:.1f}"])
        coefficient = float(tree.height[n + stage - 1]) * end / trees.AXIS_END if stage else 0.0
        lower.set_xlabel(f"coefficient {coefficient:.2f}")
    figure.draw_without_rendering()
    for upper, drawn in zip(grid[0], lines, strict=True):
        _place_names(upper, xy, shown(labels, short or names), 7, drawn)
    return figure


@styled
def growing_dendrogram(
    linkage: np.ndarray,
    labels: Sequence[str],
    *,
    names: Mapping[str, str] | None = None,
    columns: int = 5,
    title: str | None = None,
) -> Figure:
    """A dendrogram growing merge by merge, one small drawing a stage.

    The axis is the coefficient of the schedule, drawn as its root so that the small early
    merges show. Above 15 stages, 15 of them are drawn, evenly spaced, the last among them.

    Parameters
    ----------
    linkage : array, shape (n - 1, 4), of Ward's method
    labels : sequence of n labels, in row order
    names : label → printed name, optional
    columns : drawings in a row
    """
    labels = list(labels)
    tree = trees._lay_out(linkage, labels, "cumulative", "ward")
    n, end = tree.n, _end(linkage, labels)
    stages = np.unique(np.linspace(1, n - 1, min(n - 1, MOST_STAGES)).round().astype(int))
    rows = -(-len(stages) // columns)
    row, size = row_height(n, 0.122, 8.0)
    figure = blank(style.WIDTH, rows * (row * n + 0.42) + 0.3)
    headline(figure, title)
    grid = figure.subplots(rows, columns, squeeze=False)
    ordered = [labels[i] for i in tree.order]
    for place, axes in enumerate(grid.flat):
        if place >= len(stages):
            axes.set_visible(False)
            continue
        stage = int(stages[place])
        _grow(axes, tree, end, stage, 0.9)
        axes.set_xscale("function", functions=(_root, np.square))
        axes.set_title(f"Stage {stage}", fontsize=8, pad=3)
        first = place % columns == 0
        axes.set_yticks(
            range(n) if size else [],
            shown(ordered, names) if first and size else [""] * (n if size else 0),
        )
        axes.tick_params(axis="y", labelsize=min(SMALLEST, size or SMALLEST))
        last = place + columns >= len(stages)
        ticks = [0.0, _round_down(end / 16), _round_down(end / 4), end]
        axes.set_xticks(ticks, [f"{tick:.3g}" if last else "" for tick in ticks])
        axes.minorticks_off()
        axes.tick_params(axis="x", labelsize=7)
    figure.supxlabel("Within-cluster sum of squares after the merge (root scale)", fontsize=8)
    return figure


# -------------------------------------------------------------------- trees side by side


@dataclass(frozen=True)
class TreePanel:
    """One tree among others.

    Attributes
    ----------
    title : what stands above it
    linkage : array, shape (n - 1, 4)
    labels : sequence of n labels, in row order
    method : the linkage it was made with
    membership : Series of int, the clusters to colour, optional
    styles : cluster number → look, optional
    order : the labels from above, optional; the tree's own order otherwise
    names : label → printed name, optional
    """

    title: str
    linkage: np.ndarray
    labels: Sequence[str]
    method: str = "ward"
    membership: pd.Series | None = None
    styles: Mapping[int, ClusterStyle] | None = None
    order: Sequence[str] | None = None
    names: Mapping[str, str] | None = None


@styled
def dendrogram_panels(
    panels: Sequence[TreePanel],
    *,
    columns: int = 2,
    scale: str = "cumulative",
    axis_label: str | None = None,
    title: str | None = None,
) -> Figure:
    """Dendrograms side by side, each on an axis of 0–25.

    Parameters
    ----------
    panels : the trees
    columns : trees in a row
    scale : passed to `hclustkit.tree.ward.dendrogram_geometry`; "cumulative" shows the heights of
        linkages other than Ward's
    axis_label : below all of them, optional
    """
    if not panels:
        raise InputError("dendrogram_panels: there is no tree")
    rows = -(-len(panels) // columns)
    most = max(len(panel.labels) for panel in panels)
    row, size = row_height(most, 0.15, 8.0)
    figure = blank(style.WIDTH, rows * (row * most + 0.55) + (0.3 if axis_label else 0.1))
    headline(figure, title)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        labels = list(panel.labels)
        tree = trees._lay_out(panel.linkage, labels, scale, panel.method, panel.order)
        clusters, looks = None, {}
        if panel.membership is not None:
            numbers = trees._numbers(panel.membership, labels)
            clusters = trees._clusters_of_nodes(tree, numbers)
            looks = cluster_styles(panel.membership, panel.styles)
        axes.set_xlim(0, trees.AXIS_END)
        axes.set_ylim(tree.n - 0.4, -0.6)
        axes.grid(axis="x")
        axes.set_title(panel.title)
        trees._draw_tree(axes, tree, clusters, looks, marker_size=3.6 if size else 0)
        ordered = [labels[i] for i in tree.order]
        if size:
            axes.set_yticks(range(tree.n), shown(ordered, panel.names))
        else:
            axes.set_yticks([])
        axes.tick_params(
            axis="y", length=0, pad=6 if clusters is None else 21, labelsize=min(7.0, size or 7.0)
        )
        axes.spines["left"].set_visible(False)
        axes.set_xticks(range(0, trees.AXIS_END + 1, 5))
        if clusters is not None:
            strip(axes, panel.membership, ordered, looks, at=-0.105, width=0.06, size=SMALLEST)
            cut = trees._cut_between(tree, clusters, len(looks))
            if cut is not None:
                axes.axvline(cut, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2.5)), zorder=1)
    if axis_label:
        figure.supxlabel(axis_label, fontsize=8)
    return figure


def linkage_panels(
    linkages: Mapping[str, np.ndarray],
    cuts: Mapping[str, pd.Series],
    *,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the trees of several linkages side by side, coloured like the first.

    Parameters
    ----------
    linkages : name of a linkage → array, shape (n - 1, 4)
    cuts : name of a linkage → Series of int, the clusters; the index is the labels in row order
    names : label → printed name, optional
    """
    first = next(iter(cuts.values()))
    panels = [
        TreePanel(
            wording.linkage(method)[:1].upper() + wording.linkage(method)[1:],
            linkage,
            list(first.index),
            method=method,
            membership=cuts[method],
            styles=style.aligned_styles(first, cuts[method]),
            names=names,
        )
        for method, linkage in linkages.items()
    ]
    label = "Coefficient of the merge, rescaled to 0–25 in each tree; dashed: the cut"
    return dendrogram_panels(panels, axis_label=label)


# ------------------------------------------------------------------------ criteria, years


@styled
def criterion_panels(
    curves: pd.DataFrame,
    better: Mapping[str, str],
    *,
    n_clusters: int | None = None,
    title: str | None = None,
) -> Figure:
    """Criteria for the number of clusters, one small chart each, its favourite marked.

    Parameters
    ----------
    curves : DataFrame
        Index the numbers of clusters, columns the criteria by their printed names.
    better : column → "largest" or "smallest"
    n_clusters : a number to mark in all of them, optional
    """
    if curves.empty:
        raise InputError("criterion_panels: there is no criterion")
    for column in curves.columns:
        if better.get(column) not in BETTER:
            raise InputError(
                f"criterion {column!r}: say whether the largest or the smallest is best"
            )
    figure = blank(style.WIDTH, 2.45)
    headline(figure, title)
    panels = figure.subplots(1, curves.shape[1], squeeze=False)[0]
    for axes, column in zip(panels, curves.columns, strict=True):
        values = curves[column].astype(float)
        axes.plot(
            values.index,
            values,
            color=style.OKABE_ITO["blue"],
            marker="o",
            markersize=3.2,
            clip_on=False,
            zorder=3,
        )
        best = values.idxmax() if better[column] == "largest" else values.idxmin()
        axes.plot(
            best,
            values[best],
            marker="D",
            markersize=8,
            color=NEW,
            markeredgecolor=style.INK,
            linestyle="none",
            clip_on=False,
            zorder=4,
        )
        low, high = float(values.min()), float(values.max())
        room = (high - low or 1.0) * 0.22
        axes.set_ylim(low - room, high + room)
        right = list(values.index).index(best) > len(values) / 2
        above = better[column] == "largest"
        axes.annotate(
            f"k = {best}",
            (best, values[best]),
            xytext=(0, 7 if above else -7),
            textcoords="offset points",
            ha="right" if right else "left",
            va="bottom" if above else "top",
            fontweight="bold",
            annotation_clip=False,
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
        if n_clusters is not None and n_clusters in values.index:
            axes.axvline(
                n_clusters, color=style.MUTED, linewidth=0.9, linestyle=(0, (4, 2.5)), zorder=1
            )
        axes.grid(axis="y")
        axes.set_title(f"{column}\n({better[column]} is best)", fontsize=7.5)
        axes.set_xticks(list(values.index)[::2])
        axes.set_xlabel("Number of clusters k")
    return figure


@styled
def membership_by_year(
    memberships: pd.DataFrame,
    order: Sequence[str],
    *,
    styles: Mapping[Hashable, Mapping[int, ClusterStyle]],
    moved: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """The cluster of every region year by year, as coloured and numbered cells.

    Parameters
    ----------
    memberships : DataFrame of int, index the labels, one column a year
    order : the labels from above
    styles : year → cluster number → look, matched from year to year by the caller
    moved : DataFrame of bool, the same shape: cells to frame
    names : label → printed name, optional
    """
    check_labels("order", order, memberships.index)
    check_labels("moved", moved.index, memberships.index)
    check_columns("moved", moved, list(memberships.columns))
    row, size = row_height(len(order), 0.2)
    width = min(style.WIDTH, 2.4 + 0.75 * memberships.shape[1])
    figure = blank(width, 0.55 + row * len(order))
    headline(figure, title)
    axes = figure.subplots()
    for x, year in enumerate(memberships.columns):
        for y, label in enumerate(order):
            number = int(memberships.loc[label, year])
            framed = bool(moved.loc[label, year])
            axes.add_patch(
                Rectangle(
                    (x - 0.44, y - 0.43),
                    0.88,
                    0.86,
                    zorder=2,
                    **cluster_patch(styles[year][number]),
                )
            )
            if framed:
                axes.add_patch(
                    Rectangle(
                        (x - 0.44, y - 0.43),
                        0.88,
                        0.86,
                        zorder=4,
                        fill=False,
                        edgecolor=style.INK,
                        linewidth=2.4,
                    )
                )
            badge(axes, x, y, str(number) + (" \N{BLACK DIAMOND}" if framed else ""), size=SMALLEST)
    axes.set_xlim(-0.5, memberships.shape[1] - 0.5)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.set_xticks(range(memberships.shape[1]), [str(year) for year in memberships.columns])
    axes.set_yticks(range(len(order)) if size else [], shown(order, names) if size else [])
    axes.tick_params(length=0, labelsize=min(8.0, size or 8.0))
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
