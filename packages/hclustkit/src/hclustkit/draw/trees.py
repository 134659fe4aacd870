"""A tree drawn: dendrogram, icicle, and two trees face to face."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hclustkit.arrays import Floats, Ints
from hclustkit.draw import style
from hclustkit.draw.layout import (
    ONE_LINE,
    SMALLEST,
    Names,
    badge,
    blank,
    cluster_patch,
    cluster_series,
    drawable,
    fit_columns,
    fit_rows,
    headline,
    names_of,
    note,
    row_height,
    runs,
    space,
    strip,
    text_width,
    wrap,
)
from hclustkit.draw.nodes import (
    PlacedTree,
    axis_label,
    clusters_of_nodes,
    cut_between,
    draw_tree,
    lay_out,
    numbers_of,
)
from hclustkit.draw.style import ClusterStyle, cluster_styles, styled
from hclustkit.tree.cut import cut_in_tie
from hclustkit.tree.geometry import AXIS_END

NAME_WIDTH = 78.0
"""Widest line of a name between the trees, points: two names leave half of the room."""


@styled
def dendrogram(
    Z: Floats,
    labels: Sequence[Hashable] | pd.Index,
    partition: pd.Series[int] | Ints | None = None,
    *,
    scale: str = "cumulative",
    method: str = "ward",
    names: Names | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw a horizontal dendrogram with the axis rescaled to 0-25, as SPSS prints it.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        Linkage matrix in scipy's form.
    labels : sequence of n labels
        In row order.
    partition : Series or array of int, optional
        Cluster numbers, index the labels, or in row order. A branch takes the colour of a cluster
        where all its leaves are of that cluster; the leaves carry its marker, a strip its number
        and hatch. Where the membership is a cut of this tree, a line shows it, and says if the
        cut lies inside a tie.
    scale, method : str
        As in `hclustkit.tree.geometry.dendrogram_geometry`.
    names : dict, optional
        Label to printed name.
    styles : dict, optional
        Cluster number to look.
    title : str, optional
        Above the figure.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    InputError
        Labels that do not fit the tree or the membership.

    Examples
    --------
    >>> from hclustkit import linkage
    >>> figure = dendrogram(linkage([[0.0], [1.0], [9.0]]), ["a", "b", "c"])
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['c', 'a', 'b']
    """
    labels = list(labels)
    tree = lay_out(Z, labels, scale, method)
    n = tree.n
    looks: Mapping[int, ClusterStyle] = {}
    clusters = None
    if partition is not None:
        partition = cluster_series(partition, labels)
        clusters = clusters_of_nodes(tree, numbers_of(partition, labels))
        looks = cluster_styles(partition, styles)
    printed, row, size = fit_rows(labels, names, 0.235)
    figure = blank(style.WIDTH, 0.95 + row * n)
    headline(figure, title)
    axes = figure.subplots()
    axes.set_xlim(0, AXIS_END)
    axes.set_ylim(n - 0.4, -0.6)
    axes.grid(axis="x")
    draw_tree(axes, tree, clusters, looks, marker_size=5.0 if size else 0)
    ordered = [labels[i] for i in tree.order]
    axes.set_yticks(range(n) if size else [], [printed[i] for i in tree.order] if size else [])
    axes.tick_params(axis="y", length=0, pad=8 if partition is None else 30, labelsize=size or 8)
    axes.spines["left"].set_visible(False)
    axes.set_xticks(range(0, AXIS_END + 1, 5))
    lines = [line for text in printed for line in text.split("\n")] if size else []
    wide = any(text_width(line, size) > ONE_LINE + 1 for line in lines)
    # a narrow plot leaves room for its label below the names only
    axes.set_xlabel(axis_label(scale, method), loc="right" if wide else "center")
    if partition is not None and clusters is not None:
        strip(axes, partition, ordered, looks, at=-0.052, width=0.034, gap=11 / (72 * row))
        cut = cut_between(tree, clusters, len(looks))
        if cut is not None:
            _mark_cut(axes, cut, len(looks), in_tie=cut_in_tie(Z, len(looks)))
    return figure


def _mark_cut(axes: Axes, at: float, k: int, *, in_tie: bool = False) -> None:
    """Draw a dashed line where the tree is cut, with its number of clusters."""
    axes.axvline(at, **style.DASHED, zorder=1)
    side, ha = (3, "left") if at < AXIS_END / 2 else (-3, "right")
    text = f"cut: {k} clusters{', inside a tie' if in_tie else ''}"
    look = {"ha": ha, "va": "bottom", "fontsize": 7.5, "annotation_clip": False}
    note(axes, text, (at, -0.6), (side, 2), **look)


@styled
def icicle(
    Z: Floats,
    labels: Sequence[Hashable] | pd.Index,
    partition: pd.Series[int] | Ints | None = None,
    *,
    names: Names | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw a vertical icicle plot: cases across, number of clusters down, as SPSS prints it.

    Two neighbouring cases are joined by a bar in every row in which they are in one cluster.
    With a ``partition`` that is a cut of the tree, the rows from its number of clusters on
    take the colours of the clusters.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        Linkage matrix in scipy's form.
    labels : sequence of n labels
        In row order.
    partition : Series or array of int, optional
        As in `dendrogram`.
    names, styles, title : optional
        As in `dendrogram`.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> from hclustkit import linkage
    >>> icicle(linkage([[0.0], [1.0], [9.0]]), ["a", "b", "c"]).axes[0].get_ylabel()
    'Number of clusters'
    """
    labels = list(labels)
    tree = lay_out(Z, labels, "height", "ward")
    n = tree.n
    ordered = [labels[i] for i in tree.order]
    looks: Mapping[int, ClusterStyle] = {}
    numbers = np.zeros(n, dtype=np.int64)
    first_colored = n
    if partition is not None:
        partition = cluster_series(partition, labels)
        numbers = numbers_of(partition, ordered)
        looks = cluster_styles(partition, styles)
        first_colored = len(looks)
    row, size = row_height(n - 1, 0.2, 8.0)
    room = 72 * (style.WIDTH - 0.8) / n
    label_size = min(7.5, room / 1.15)
    printed, rotation = fit_columns(labels, names, room, label_size)
    longest = max(text_width(line, label_size) for text in printed for line in text.split("\n"))
    high = longest if rotation == 90 else 0.87 * longest
    # names longer than usual make the figure higher
    figure = blank(style.WIDTH, 1.5 + max(1.4, row * (n - 1)) + max(0.0, high - 105) / 72)
    headline(figure, title)
    axes = figure.subplots()
    _icicle_bars(axes, tree, numbers, looks, first_colored)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(max(n, 2) - 0.5, 0.5)
    axes.set_yticks(range(1, n) if size else [row for row in (1, len(looks), n - 1) if row])
    axes.set_ylabel("Number of clusters")
    _icicle_labels(axes, [printed[i] for i in tree.order], rotation, label_size)
    axes.spines[:].set_visible(False)
    if partition is not None:
        if 1 < len(looks) < n:
            if cut_in_tie(Z, first_colored):
                axes.set_ylabel(f"Number of clusters (the cut at {first_colored}: inside a tie)")
            axes.axhline(first_colored - 0.5, **style.DASHED, zorder=5)
            for place, text in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True):
                if place == first_colored:
                    text.set_fontweight("bold")
        for number, first, last in runs(partition, ordered):
            # where all members are together: further down a gap may be in the middle
            badge(axes, (first + last) / 2, first_colored + (0.1 if size else 0), str(number))
    return figure


def _icicle_bars(
    axes: Axes,
    tree: PlacedTree,
    numbers: Ints,
    looks: Mapping[int, ClusterStyle],
    first_colored: int,
) -> None:
    """Draw the bars of the cases and of the gaps between them."""
    n, half = tree.n, 0.3
    # last row (number of clusters) in which leaf i and leaf i + 1 of the order are together:
    # the row that the merge between them reaches
    together = np.zeros(n - 1, dtype=np.int64)
    for step, (a, b) in enumerate(tree.children):
        together[min(tree.last[a], tree.last[b])] = n - step - 1

    def bar(low: float, high: float, first: int, last: int, number: int) -> None:
        """Draw a bar from row ``first`` to row ``last``, grey or in the colour of a cluster."""
        if last < first:
            return
        setting: dict[str, Any] = {"facecolor": "#C9C9C9", "edgecolor": "none"}
        if number:
            setting = cluster_patch(looks[number], edgecolor="none", linewidth=0)
        axes.add_patch(
            Rectangle((low, first - 0.5), high - low, last - first + 1, zorder=2, **setting)
        )

    for place, number in enumerate(numbers):
        bar(place - half, place + half, 1, min(first_colored - 1, n - 1), 0)
        bar(place - half, place + half, first_colored, n - 1, number)
    edges = []
    for gap, last in enumerate(together.tolist()):
        low, high = gap + half, gap + 1 - half
        same = int(numbers[gap]) if numbers[gap] == numbers[gap + 1] else 0
        bar(low, high, 1, min(last, first_colored - 1), 0)
        bar(low, high, first_colored, last, same)
        if last < n - 1:
            edges.append([(low, n - 0.5), (low, last + 0.5), (high, last + 0.5), (high, n - 0.5)])
    axes.add_collection(
        LineCollection(edges, colors=style.INK, linewidths=0.6, zorder=4, clip_on=False)
    )


def _icicle_labels(axes: Axes, printed: Sequence[str], rotation: float, size: float) -> None:
    """Write the names above the columns, where there is room."""
    axes.xaxis.tick_top()
    if size >= SMALLEST:
        setting: dict[str, Any] = {"ha": "left", "rotation_mode": "anchor"}
        if rotation == 90:
            setting = {"ha": "center", "va": "bottom"}
        axes.set_xticks(range(len(printed)), printed, rotation=rotation, **setting)
    else:
        axes.set_xticks([])
    axes.tick_params(axis="both", length=0)
    axes.tick_params(axis="x", pad=1, labelsize=size)


@styled
def tanglegram(
    left: Floats,
    right: Floats,
    labels: Sequence[Hashable] | pd.Index,
    partition: pd.Series[int] | Ints,
    *,
    left_title: str,
    right_title: str,
    left_order: Sequence[Hashable] | None = None,
    right_order: Sequence[Hashable] | None = None,
    scale: str = "height",
    methods: tuple[str, str] = ("ward", "ward"),
    entanglement: float | None = None,
    names: Names | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw two trees of the same labels face to face, equal leaves joined by lines.

    Parameters
    ----------
    left, right : array, shape (n - 1, 4)
        Linkage matrices over the same rows.
    labels : sequence of n labels
        In row order. Long names are broken into lines, so that the lines that join the trees
        keep their room.
    partition : Series or array of int
        As in `dendrogram`, clusters of the left tree: colour of branches and lines.
    left_title, right_title : str
        Above the trees.
    left_order, right_order : sequence, optional
        Leaves from top to bottom: any order that the tree allows, e.g. one that untangles
        the two.
    scale : str
        As in `dendrogram`.
    methods : (str, str)
        The linkages of the two trees.
    entanglement : float, optional
        Printed when given; it has to belong to the orders drawn.
    names, styles, title : optional
        As in `dendrogram`.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> from hclustkit import linkage
    >>> import pandas as pd
    >>> x, clusters = [[0.0], [1.0], [9.0]], pd.Series([1, 1, 2], index=list("abc"))
    >>> one, two = linkage(x, "ward"), linkage(x, "single")
    >>> figure = tanglegram(one, two, list("abc"), clusters, left_title="W", right_title="S")
    >>> len(figure.axes)
    3
    """
    labels = list(labels)
    partition = cluster_series(partition, labels)
    numbers = numbers_of(partition, labels)
    looks = cluster_styles(partition, styles)
    one = lay_out(left, labels, scale, methods[0], left_order)
    two = lay_out(right, labels, scale, methods[1], right_order)
    n = one.n
    texts = names_of(labels, names)
    if not drawable(texts):
        texts = [str(place) for place in range(1, n + 1)]
    printed = [wrap(text, NAME_WIDTH, 7) or [""] for text in texts]
    row, size = row_height(n, 0.225 + 0.12 * (max(map(len, printed)) - 1))
    figure = blank(style.WIDTH, 0.9 + row * n)
    space(figure, wspace=0.0)
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
        draw_tree(side, tree, clusters_of_nodes(tree, numbers), looks, 5.0 if size else 0)
    axes[0].set_xlim(AXIS_END, 0)
    axes[2].set_xlim(0, AXIS_END)
    axes[1].set_xlabel(axis_label(scale, methods[0]))
    # a row that holds several lines of a name is high enough for them
    lines = max(map(len, printed))
    fits = size > 0 and 72 * row >= 1.25 * lines * SMALLEST
    _join(axes[1], one, two, numbers, looks, printed, size if fits else 0.0)
    return figure


def _join(
    axes: Axes,
    one: PlacedTree,
    two: PlacedTree,
    numbers: Ints,
    looks: Mapping[int, ClusterStyle],
    printed: Sequence[Sequence[str]],
    size: float,
) -> None:
    """Draw the names and cluster numbers of both sides, and a line between equal leaves."""
    axes.set_xlim(0, 1)
    axes.set_ylim(one.n - 0.4, -0.6)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    longest = max(text_width(line, 7) for lines in printed for line in lines) if size else 0.0
    edge = 0.05 + longest / (72 * style.WIDTH * 1.8 / 3.3 * 0.96)
    for i, number in enumerate(numbers.tolist()):
        y = (float(one.place[i]), float(two.place[i]))
        xs = (edge + 0.05, 1 - edge - 0.05)
        axes.plot(xs, y, color=style.INK, linewidth=2.4, solid_capstyle="butt")
        axes.plot(xs, y, color=looks[number].color, linewidth=1.5, solid_capstyle="butt")
        if not size:
            continue
        text = "\n".join(printed[i])
        va = "center_baseline" if len(printed[i]) == 1 else "center"
        axes.text(0.03, y[0], text, ha="left", va=va, fontsize=min(7, size), linespacing=1.0)
        axes.text(0.97, y[1], text, ha="right", va=va, fontsize=min(7, size), linespacing=1.0)
        badge(axes, edge + 0.025, y[0], str(number), size=SMALLEST)
        badge(axes, 1 - edge - 0.025, y[1], str(number), size=SMALLEST)
