"""Marks that many figures share: sheets of panels, boxes, notes, keys, axes of percentages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from hclustkit.draw import style
from hclustkit.draw.layout import Names, badge, blank, cluster_patch, percent, space
from hclustkit.draw.style import ClusterStyle
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

Look = dict[str, Any]
"""Settings of what matplotlib draws, by their names there."""

DASHES = (0, (4, 2.5))
"""The dashes of reference lines."""

GROUND: Look = {"facecolor": "white", "edgecolor": "none"}
"""White behind text that crosses lines."""


def sheet(
    width: float,
    height: float,
    rows: int = 1,
    columns: int = 1,
    *,
    spaces: Mapping[str, float] | None = None,
    **options: Any,
) -> tuple[Figure, np.ndarray]:
    """Make a figure with panels.

    Parameters
    ----------
    width, height : of the figure, inches
    rows, columns : of panels
    spaces : settings of the layout engine, optional
    options : passed to ``Figure.subplots``

    Returns
    -------
    figure : Figure
    panels : ndarray of Axes, shape (rows * columns,)
    """
    figure = blank(width, height)
    if spaces:
        space(figure, **spaces)
    return figure, figure.subplots(rows, columns, squeeze=False, **options).ravel()


def box(axes: Axes, x: float, y: float, width: float, height: float, **look: Any) -> None:
    """Draw a rectangle."""
    axes.add_patch(Rectangle((x, y), width, height, **look))


def note(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **options: Any
) -> None:
    """Write text at a place, shifted by points."""
    axes.annotate(text, at, xytext=shift, textcoords="offset points", **options)


def note_at_edge(
    axes: Axes, text: str, y: float, shift: tuple[float, float], **options: Any
) -> None:
    """Write text beside the right edge of the axes, flush right, at a height in data units."""
    options = {"xycoords": axes.get_yaxis_transform(), "ha": "right", **options}
    note(axes, text, (1, y), shift, annotation_clip=False, **options)


def dots(axes: Axes, x: Any, y: Any, marker: str, size: float, **look: Any) -> None:
    """Draw markers without a line."""
    axes.plot(x, y, linestyle="none", marker=marker, markersize=size, **look)


def dots_key(label: str, marker: str, size: float, **look: Any) -> Line2D:
    """Make the entry of a legend for `dots`."""
    return Line2D([], [], linestyle="none", marker=marker, markersize=size, label=label, **look)


def percent_ticks(axis: Axis) -> None:
    """Write shares on an axis as percentages."""
    axis.set_major_formatter(PercentFormatter(1))


def share_bars(axes: Axes, left: Any, right: Any, count: Any, look: tuple[str, str, str]) -> None:
    """Draw a histogram as shares of its total."""
    color, hatch, _ = look
    fill: Look = {"color": color, "hatch": hatch, "hatchcolor": "white"}
    edge: Look = {"align": "edge", "edgecolor": "white", "linewidth": 0.4}
    axes.bar(left, count / count.sum(), width=right - left, **edge, **fill)
    percent_ticks(axes.yaxis)
    axes.grid(axis="y")


def rows_axis(axes: Axes, n: int, labels: Sequence[str], margin: float = 0.4, **ticks: Any) -> None:
    """Label n rows from above and hide the axis line beside them."""
    axes.set_yticks(range(n), labels)
    axes.tick_params(axis="y", length=0, **ticks)
    axes.set_ylim(n - margin, margin - 1)
    axes.spines["left"].set_visible(False)


def hide_spines(axes: Axes) -> None:
    """Hide all four axis lines."""
    for spine in axes.spines.values():
        spine.set_visible(False)


def cluster_block(
    axes: Axes,
    look: ClusterStyle,
    text: str,
    place: tuple[float, float],
    extent: tuple[float, float],
    at: tuple[float, float],
    size: float,
    **options: Any,
) -> None:
    """Draw the block of a cluster left of the axes, its number on it.

    ``place``, ``extent`` and ``at`` (of the number) are axes fractions across and data units down.
    """
    (x, y), (width, height) = place, extent
    transform = axes.get_yaxis_transform()
    look_of_patch = cluster_patch(look)
    box(axes, x, y, width, height, transform=transform, clip_on=False, **options, **look_of_patch)
    badge(axes, *at, text, size=size, transform=transform)


def color_bar(figure: Figure, mesh: Any, axes: Any, label: str, **options: Any) -> Axes:
    """Add a colour bar with a label; return its axes."""
    bar = figure.colorbar(mesh, ax=axes, **options)
    bar.outline.set_linewidth(0.5)
    bar.set_label(label)
    return bar.ax


def coded_names(codes: Iterable[object], names: Names | None) -> list[str]:
    """Write codes with their names behind them, "P1 Industry"; without a name the code alone."""
    given = names or {}
    return [f"{code} {given.get(code, '')}".strip() for code in codes]


def fine_percent(share: float) -> str:
    """Write a percentage that rounds neither something to nothing nor less than all to all."""
    if share in (0, 1):
        return percent(share)
    if share < 0.001:
        return "under " + percent(0.001, 1)
    if share > 0.999:
        return "over " + percent(0.999, 1)
    return percent(share, 1)


def plain_number(value: float, _: object = None) -> str:
    """Write a tick label: thousands separated, no needless digits, a typographic minus."""
    return f"{value:,.10g}".replace("-", "\N{MINUS SIGN}")


def stacked_text(
    axes: Axes,
    x: float,
    middle: float,
    step: float,
    rows: Sequence[tuple[str, str]],
    **options: Any,
) -> None:
    """Write centred lines (text, weight) below each other around a place."""
    for i, (line, weight) in enumerate(rows):
        y = middle + (i - (len(rows) - 1) / 2) * step
        place: Look = {"ha": "center", "va": "center_baseline"}
        axes.text(x, y, line, fontweight=weight, **place, **options)


def median_look() -> Look:
    """Give the look of a median."""
    return {"color": style.OKABE_ITO["vermillion"], "linewidth": 1.6}
