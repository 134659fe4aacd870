"""Regions as points in the plane of two indicators."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from hclustkit.draw import style
from hclustkit.draw.layout import check_labels, names_of, text_width
from hclustkit.draw.style import styled
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kzclusters.figures.marks import Look, plain_number, sheet

NEW = style.OKABE_ITO["vermillion"]
"""The colour of what has just happened."""

SHIFTS = (0, 0.25, -0.25, 0.5, -0.5)
"""How far a name above or below its point may be moved aside, as a share of its width."""


def place_names(
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
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in at]
    for line in lines:
        ends = axes.transData.transform(line) / scale
        steps = max(2, int(np.hypot(*(ends[1] - ends[0])) / 2))
        taken += [(x - 4, y - 4, x + 4, y + 4) for x, y in np.linspace(ends[0], ends[1], steps)]
    frame = tuple(edge / scale for edge in axes.get_window_extent().extents)
    for (x, y), text in zip(at, texts, strict=True):
        offsets, boxes = _candidates(x, y, text_width(text, size), size)
        best = int(np.argmin([_crossing(box, taken, frame) for box in boxes]))
        taken.append(boxes[best])
        point = tuple(axes.transData.inverted().transform((x * scale, y * scale)))
        place: Look = {"textcoords": "offset points", "ha": "left", "va": "bottom"}
        place |= {"xytext": offsets[best], "annotation_clip": False}
        axes.annotate(text, point, fontsize=size, **place).set_in_layout(False)


def _candidates(x: float, y: float, width: float, size: float) -> tuple[list, list]:
    """List places for a name around a point: offsets, and the boxes that the name would fill."""
    height, gap = size * 1.15, 6.0
    rises = (gap, -gap - height, gap + height, -gap - 2 * height)
    offsets = [
        (gap, -height / 2),
        (-gap - width, -height / 2),
        # nearly above or below its own point, rather than half-way to another
        *((shift * width - width / 2, rise) for rise in rises for shift in SHIFTS),
    ]
    return offsets, [(x + dx, y + dy, x + dx + width, y + dy + height) for dx, dy in offsets]


def _crossing(
    box: tuple[float, ...], taken: Sequence[tuple[float, ...]], frame: tuple[float, ...]
) -> float:
    """Measure how much of a box is already taken, and how far it leaves the frame."""
    covered = math.fsum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in taken
    )
    edges = zip(frame[:2], box[:2], box[2:], frame[2:], strict=True)
    outside = math.fsum(
        max(0.0, low - start) + max(0.0, end - high) for low, start, end, high in edges
    )
    return covered + 20 * outside


def square_limits(axes: Axes, points: np.ndarray, room: float) -> None:
    """Set the same span on both axes, so that a distance on paper is a distance in the data."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    half = float(np.ptp(points, axis=0).max()) * (0.5 + room) or 1.0
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal")


def two_columns(what: str, table: pd.DataFrame) -> np.ndarray:
    """Give a table of two columns as an array, or raise an `InputError`."""
    if table.shape[1] != 2:
        text = f"{what}: two columns are drawn, got {table.shape[1]}"
        raise refusal(text, what, "column-count", table.shape[1])
    return table.to_numpy(dtype=float)


@styled
def scaling_pair(
    raw: pd.DataFrame,
    scaled: pd.DataFrame,
    nearest: Sequence[Hashable],
    *,
    axis_labels: Sequence[str],
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw two indicators unscaled and scaled, one unit equally long on both axes.

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
        message = f"nearest pair: two different labels of the table are needed, got {pair}"
        raise refusal(message, "nearest", "pair-of-labels", pair)
    figure, panels = sheet(style.WIDTH, 3.6, 1, 2)
    tables = (raw, scaled.loc[raw.index])
    headings = ("Unscaled, in their own units", "Scaled, as z-scores")
    for axes, table, heading in zip(panels, tables, headings, strict=True):
        points = two_columns("scaling_pair", table)
        square_limits(axes, points, 0.16)
        axes.grid(True)
        axes.set_title(heading)
        line = {"linewidth": 2.2, "zorder": 2, "label": "nearest pair before scaling"}
        axes.plot(*table.loc[pair].to_numpy().T, color=NEW, **line)
        look = {"color": style.OKABE_ITO["blue"], "edgecolor": style.INK, "linewidth": 0.7}
        axes.scatter(*points.T, s=34, zorder=4, **look)
    panels[0].legend(loc="lower left", handlelength=1.4)
    x_label, y_label = axis_labels
    panels[0].set(xlabel=x_label, ylabel=y_label)
    for axis in (panels[0].xaxis, panels[0].yaxis):
        axis.set_major_formatter(plain_number)
    panels[1].set(xlabel=f"{raw.columns[0]}, z-score", ylabel=f"{raw.columns[1]}, z-score")
    figure.draw_without_rendering()
    for axes, table in zip(panels, tables, strict=True):
        lines = [table.loc[pair].to_numpy(dtype=float)]
        place_names(axes, table.to_numpy(dtype=float), names_of(table.index, names), 7.5, lines)
    return figure
