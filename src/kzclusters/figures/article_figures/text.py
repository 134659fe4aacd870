"""Text printed line by line on a sheet that is measured in points."""

from __future__ import annotations

from collections.abc import Sequence

from hclustkit.draw import style
from hclustkit.draw.layout import Slant, canvas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kzclusters.figures.marks import Look

LEADING = 1.24
"""Line height by type size."""


def point_sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a figure of a size in inches with one axes over all of it, in points from below left."""
    return canvas(width, height, (0, 72 * width), (0, 72 * height))


def print_lines(
    axes: Axes,
    x: float,
    top: float,
    lines: Sequence[str],
    size: float,
    *,
    weight: str = "normal",
    slant: Slant = "normal",
    align: str = "left",
    color: str = style.INK,
) -> float:
    """Print lines downwards from ``top``; return where the next one would start."""
    look: Look = {"fontweight": weight, "fontstyle": slant, "ha": align, "color": color}
    for line in lines:
        middle = top - size * LEADING / 2
        axes.text(x, middle, line, fontsize=size, va="center_baseline", zorder=5, **look)
        top -= size * LEADING
    return top
