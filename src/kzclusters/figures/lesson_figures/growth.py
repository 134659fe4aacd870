"""Trees that grow merge by merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from hclustkit.draw import nodes, style
from hclustkit.draw.layout import SMALLEST, names_of, row_height
from hclustkit.draw.style import cluster_style, styled
from hclustkit.errors import refusal
from hclustkit.tree.geometry import AXIS_END, dendrogram_geometry
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from kzclusters.figures.lesson_figures.points import NEW, place_names, square_limits, two_columns
from kzclusters.figures.marks import Look, dots, sheet

MOST_STAGES = 15
"""The most stages that are drawn one by one."""

ACROSS = 5
"""Small drawings in a row."""

MOST_POINTS = 6
"""The most objects whose merges are drawn in the plane."""


def _clusters_after(Z: np.ndarray, stage: int) -> dict[int, list[int]]:
    """Map each node to its cases, for the clusters that exist after ``stage`` merges."""
    n = len(Z) + 1
    found = {case: [case] for case in range(n)}
    for step, (a, b) in enumerate(np.asarray(Z)[:stage, :2].astype(int).tolist()):
        found[n + step] = sorted(found.pop(a) + found.pop(b))
    return found


def _grow(axes: Axes, tree: nodes.PlacedTree, end: float, stage: int, width: float) -> None:
    """Draw the tree as far as it has grown after ``stage`` merges, the last of them marked."""
    n = tree.n
    height = tree.height * (end / AXIS_END)
    level = float(height[n + stage - 1]) if stage else 0.0
    links = []
    for step in range(stage):
        a, b = tree.children[step]
        top = height[n + step]
        corners = [(height[a], a), (top, a), (top, b), (height[b], b)]
        links.append([(x, tree.place[node]) for x, node in corners])
    merged = set(tree.children[:stage].ravel().tolist())
    open_ends = [
        [(height[node], tree.place[node]), (level, tree.place[node])]
        for node in range(n + stage)
        if node not in merged and height[node] < level
    ]
    layers = [
        (open_ends, style.FAINT, width, 2),
        (links[: stage - 1] if stage else [], style.INK, width, 3),
        (links[stage - 1 :] if stage else [], NEW, width + 1.0, 4),
    ]
    shape: Look = {"capstyle": "butt", "joinstyle": "miter", "clip_on": False}
    for lines, color, breadth, order in layers:
        look: Look = {"colors": color, "linewidths": breadth, "zorder": order}
        axes.add_collection(LineCollection(lines, **look, **shape))
    dots(axes, np.zeros(n), np.arange(n), "o", 2.4, color=style.INK, clip_on=False, zorder=5)
    axes.set_xlim(0, end)
    axes.set_ylim(n - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=5)


def _root(values: np.ndarray) -> np.ndarray:
    """Take the square root; a margin below zero stays where it is drawn."""
    return np.sqrt(np.maximum(values, 0.0))


def _round_down(value: float) -> float:
    """Keep the first significant digit of a number."""
    unit = 10.0 ** np.floor(np.log10(value))
    return float(np.floor(value / unit + 1e-9) * unit)


def _end(Z: np.ndarray, labels: Sequence[object]) -> float:
    """Give the last coefficient of the schedule."""
    geometry = dendrogram_geometry(Z, labels)
    return float(geometry.links["value"].max()) or 1.0


@styled
def merge_stages(
    points: pd.DataFrame, Z: np.ndarray, *, names: Mapping[str, str] | None = None
) -> Figure:
    """Draw Ward's merges in the plane of two indicators, and the dendrogram growing with them.

    Parameters
    ----------
    points : DataFrame, shape (n, 2), n at most 6
        Scaled coordinates.
    Z : array, shape (n - 1, 4), Ward's tree of ``points``
    names : label → printed name, optional
    """
    labels = list(points.index)
    n = len(labels)
    if n > MOST_POINTS:
        text = f"merge_stages draws at most {MOST_POINTS} objects, got {n}"
        raise refusal(text, "points", "row-count", n)
    xy = two_columns("merge_stages", points)
    tree = nodes.lay_out(Z, labels, "cumulative", "ward")
    end = _end(Z, labels)
    spaces = {"hspace": 0.0, "h_pad": 0.03}
    ratios = (1.55, 1.0)
    figure, panels = sheet(style.WIDTH, 3.55, 2, n, spaces=spaces, height_ratios=ratios)
    leaves = names_of([labels[i] for i in tree.order], names)
    lines = []
    for stage, (upper, lower) in enumerate(zip(panels[:n], panels[n:], strict=True)):
        _frame_plane(upper, xy)
        upper.set_xlabel(f"{points.columns[0]}, z-score", fontsize=7.5)
        if stage == 0:
            upper.set_ylabel(f"{points.columns[1]}, z-score", fontsize=7.5)
        upper.set_title("Start" if stage == 0 else f"Stage {stage}")
        lines.append(_draw_clusters(upper, xy, Z, stage))
        _grow(lower, tree, end, stage, 1.2)
        lower.set_yticks(range(n), leaves if stage == 0 else [""] * n)
        lower.tick_params(axis="y", labelsize=7)
        lower.set_xticks([0, end], ["0", f"{end:.1f}"])
        coefficient = float(tree.height[n + stage - 1]) * end / AXIS_END if stage else 0.0
        lower.set_xlabel(f"coefficient {coefficient:.2f}")
    figure.draw_without_rendering()
    for upper, spokes in zip(panels[:n], lines, strict=True):
        place_names(upper, xy, names_of(labels, names), 7, spokes)
    return figure


def _frame_plane(axes: Axes, xy: np.ndarray) -> None:
    """Frame a plane of z-scores, with lines at zero and without ticks."""
    square_limits(axes, xy, 0.22)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(style.FAINT)
    axes.axhline(0, color=style.PALE, linewidth=0.8, zorder=0)
    axes.axvline(0, color=style.PALE, linewidth=0.8, zorder=0)


def _draw_clusters(axes: Axes, xy: np.ndarray, Z: np.ndarray, stage: int) -> list[np.ndarray]:
    """Draw the clusters after ``stage`` merges with centroids and spokes; return the spokes."""
    n, drawn = len(xy), []
    for node, cases in _clusters_after(Z, stage).items():
        look = cluster_style(cases[0] + 1)
        fresh = stage > 0 and node == n + stage - 1
        color = NEW if fresh else style.INK
        if len(cases) > 1:
            middle = xy[cases].mean(axis=0)
            spokes = [np.array([middle, xy[case]]) for case in cases]
            drawn += spokes
            width = 1.6 if fresh else 1.0
            axes.add_collection(LineCollection(spokes, colors=color, linewidths=width, zorder=2))
            cross: Look = {"marker": "+", "markersize": 9, "markeredgewidth": 2.0}
            axes.plot(*middle, color=color, zorder=5, **cross)
        edge: Look = {"edgecolor": style.INK, "linewidth": 0.7}
        x, y = xy[cases].T
        axes.scatter(x, y, s=30, marker=look.marker, color=look.color, zorder=4, **edge)
    return drawn


@styled
def growing_dendrogram(
    Z: np.ndarray, labels: Sequence[str], *, names: Mapping[str, str] | None = None
) -> Figure:
    """Draw a dendrogram growing merge by merge, one small drawing per stage.

    The axis is the coefficient of the schedule on a root scale, so that the small early
    merges show. Above 15 stages, 15 of them are drawn, evenly spaced, the last among them.

    Parameters
    ----------
    Z : array, shape (n - 1, 4), of Ward's method
    labels : sequence of n labels, in row order
    names : label → printed name, optional
    """
    labels = list(labels)
    tree = nodes.lay_out(Z, labels, "cumulative", "ward")
    n, end = tree.n, _end(Z, labels)
    stages = np.unique(np.linspace(1, n - 1, min(n - 1, MOST_STAGES)).round().astype(int))
    rows = -(-len(stages) // ACROSS)
    row, size = row_height(n, 0.122, 8.0)
    height = rows * (row * n + 0.42) + 0.3
    figure, panels = sheet(style.WIDTH, height, rows, ACROSS)
    leaves = names_of([labels[i] for i in tree.order], names)
    ticks = [0.0, _round_down(end / 16), _round_down(end / 4), end]
    for axes in panels[len(stages) :]:
        axes.set_visible(False)
    for place, (axes, stage) in enumerate(zip(panels, stages, strict=False)):
        _grow(axes, tree, end, int(stage), 0.9)
        axes.set_xscale("function", functions=(_root, np.square))
        axes.set_title(f"Stage {stage}", fontsize=8, pad=3)
        first = place % ACROSS == 0
        texts = leaves if first else [""] * n
        axes.set_yticks(range(n) if size else [], texts if size else [])
        axes.tick_params(axis="y", labelsize=min(SMALLEST, size or SMALLEST))
        last = place + ACROSS >= len(stages)
        axes.set_xticks(ticks, [f"{tick:.3g}" if last else "" for tick in ticks])
        axes.minorticks_off()
        axes.tick_params(axis="x", labelsize=7)
    figure.supxlabel("Within-cluster sum of squares after the merge (root scale)", fontsize=8)
    return figure
