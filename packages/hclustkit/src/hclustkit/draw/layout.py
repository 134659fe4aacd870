"""What several figures share: a blank figure, measured text, number badges, cluster blocks."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Transform
from scipy.optimize import isotonic_regression

from hclustkit.arguments import LARGEST_WHOLE
from hclustkit.arrays import as_numbers
from hclustkit.draw import style
from hclustkit.draw.style import ClusterStyle
from hclustkit.errors import refusal

SMALLEST = 6.5
"""The smallest type of any figure, points."""

ONE_LINE = 150.0
"""Widest name at the left of a plot that is not broken into lines, points."""
MOST_NAME = 250.0
"""Widest name that leaves room for the plot, points."""

Names = Mapping[Any, str]
"""Label to printed name. Labels are of any type: a mapping of str is not a mapping of Hashable."""

Slant = Literal["normal", "italic", "oblique"]


def blank(width: float, height: float, *, constrained: bool = True) -> Figure:
    """Make an empty figure of a size in inches, with its own canvas."""
    figure = Figure(figsize=(width, height), layout="constrained" if constrained else None)
    FigureCanvasAgg(figure)
    if constrained:
        space(figure, w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.03)
    return figure


def space(figure: Figure, **spaces: Any) -> None:
    """Set spaces of a figure's constrained layout: ``w_pad``, ``h_pad``, ``wspace``, ``hspace``."""
    cast(ConstrainedLayoutEngine, figure.get_layout_engine()).set(**spaces)


def canvas(
    width: float, height: float, xlim: tuple[float, float], ylim: tuple[float, float]
) -> tuple[Figure, Axes]:
    """Make a figure of a size in inches, filled by one axes, for drawing by place."""
    figure = blank(width, height, constrained=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(xlim)
    axes.set_ylim(ylim)
    axes.set_axis_off()
    return figure, axes


def row_height(n: int, normal: float, limit: float = 16.0) -> tuple[float, float]:
    """Compute the height of one of n rows, inches, and the type size that fits it, else 0.

    ``normal`` as long as all rows stay within ``limit``, less above that.
    """
    height = min(normal, limit / max(1, n))
    size = min(8.0, 72 * height / 1.25)
    return height, size if size >= SMALLEST else 0.0


@functools.cache
def _drawable() -> frozenset[int]:
    """List the characters that the font has and that are written one by one from left to right."""
    font = get_font([findfont("DejaVu Sans")])
    joined = ("ARABIC", "DEVANAGARI", "THAI", "HEBREW", "SYRIAC", "NKO", "COMBINING")
    return frozenset(
        code
        for code in font.get_charmap()
        if unicodedata.bidirectional(chr(code)) not in ("R", "AL")
        and not unicodedata.name(chr(code), "").startswith(joined)
    )


def drawable(texts: Iterable[str]) -> bool:
    """Tell whether the figures' font draws every letter as it is written."""
    return all(ord(letter) in _drawable() or letter == "\n" for text in texts for letter in text)


def fit_rows(
    labels: Sequence[Hashable], names: Names | None, normal: float, limit: float = 16.0
) -> tuple[list[str], float, float]:
    """Fit names beside rows: whole, broken into lines, or as row numbers.

    Parameters
    ----------
    labels : sequence of n labels
    names : dict, optional
    normal, limit : float
        As in `row_height`.

    Returns
    -------
    printed : list of str
        Numbers of the rows, from 1 in the order of ``labels``, where the names do not fit or
        the font lacks a letter.
    height : float
        Of a row, inches.
    size : float
        Of the type, points; 0 where none fits.
    """
    printed = names_of(labels, names)
    height, size = row_height(len(printed), normal, limit)
    numbers = [str(place) for place in range(1, len(printed) + 1)]
    if not size:
        return printed, height, size
    if not drawable(printed):
        return numbers, height, size
    widest = max((text_width(text, size) for text in printed), default=0.0)
    if widest <= ONE_LINE:
        return printed, height, size
    for width, points in ((ONE_LINE, size), (MOST_NAME, SMALLEST)):
        broken = [wrap(text, width, points) or [""] for text in printed]
        high = max(normal, 1.3 * points * max(map(len, broken)) / 72)
        if high * len(printed) <= limit:
            return ["\n".join(lines) for lines in broken], high, points
    return (printed if widest <= MOST_NAME else numbers), height, size


def fit_columns(
    labels: Sequence[Hashable],
    names: Names | None,
    room: float,
    size: float,
    most_wide: float = MOST_NAME,
) -> tuple[list[str], float]:
    """Fit names along an upright axis, ``room`` points apart; return them and their rotation."""
    printed = names_of(labels, names)
    numbers = [str(place) for place in range(1, len(printed) + 1)]
    if not drawable(printed):
        return numbers, 90
    if max((text_width(text, size) for text in printed), default=0.0) <= ONE_LINE:
        return printed, 60
    most = max(1, int(room / (1.2 * size)))
    width = ONE_LINE
    while width <= most_wide:
        broken = [wrap(text, width, size) for text in printed]
        if max(map(len, broken)) <= most:
            return ["\n".join(lines) for lines in broken], 90
        width += 20
    return numbers, 90


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move rising places apart to at least ``gap``, as little as possible (least squares)."""
    steps = gap * np.arange(len(places))
    moved: list[float] = (isotonic_regression(np.asarray(places) - steps).x + steps).tolist()
    return moved


def headline(figure: Figure, title: str | None) -> None:
    """Write the title, flush left, if there is one."""
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=9.5, fontweight="bold")


@functools.lru_cache(maxsize=20_000)
def text_width(text: str, size: float, weight: str = "normal", slant: Slant = "normal") -> float:
    """Measure the width of one line of text, points."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight, style=slant)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0])


def wrap(
    text: str, width: float, size: float, weight: str = "normal", slant: Slant = "normal"
) -> list[str]:
    """Break ``text`` at spaces into lines of at most ``width`` points, as the font measures.

    A word wider than a line is broken between letters; a no-break space keeps words together.
    """
    lines: list[str] = []
    line = ""
    for word in text.replace("\n", " ").split(" "):
        if not word:
            continue
        candidate = f"{line} {word}" if line else word
        if text_width(candidate, size, weight, slant) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        while text_width(word, size, weight, slant) > width and len(word) > 1:
            end = len(word) - 1
            while end > 1 and text_width(word[:end] + "-", size, weight, slant) > width:
                end -= 1
            lines.append(word[:end] + "-")
            word = word[end:]
        line = word
    if line:
        lines.append(line)
    return lines


def names_of(labels: Iterable[Hashable], names: Names | None) -> list[str]:
    """List the printed names of labels."""
    given = names or {}
    return [str(given.get(label, label)) for label in labels]


def check_labels(what: str, labels: Iterable[object], expected: Iterable[object]) -> None:
    """Raise unless both hold the same labels, each once; name one that does not fit."""
    labels, expected = list(labels), list(expected)
    given, wanted = set(labels), set(expected)
    missing = [label for label in expected if label not in given]
    extra = [label for label in labels if label not in wanted]
    if missing:
        raise refusal(f"{what}: {missing[0]!r} is missing", what, "missing-label", missing[0])
    if extra:
        text = f"{what}: {extra[0]!r} is not among the objects drawn"
        raise refusal(text, what, "unknown-label", extra[0])
    if len(labels) != len(given):
        raise refusal(f"{what}: a label appears more than once", what, "duplicate-label")


def cluster_series(membership: Any, labels: Iterable[object]) -> pd.Series[int]:
    """Return cluster numbers by label; those of an array are in the order of ``labels``."""
    if isinstance(membership, pd.Series):
        check_labels("partition", membership.index, labels)
        index = membership.index
    else:
        index = pd.Index(list(labels))
    numbers = as_numbers(membership, "partition", "whole-number")
    if numbers.shape != (len(index),):
        text = f"partition: one cluster number for each of {len(index)} objects is needed"
        raise refusal(text, "partition", "partition-length", numbers.shape)
    if not (np.abs(numbers) < LARGEST_WHOLE).all() or (numbers % 1).any():
        text = "partition must hold whole numbers, those of the clusters"
        raise refusal(text, "partition", "whole-number", np.unique(numbers).tolist())
    return pd.Series(numbers.astype(np.int64), index=index)


def runs(membership: pd.Series, order: Sequence[object]) -> list[tuple[int, int, int]]:
    """List the stretches of one cluster along an order: (cluster, first place, last place)."""
    numbers = [int(membership[label]) for label in order]
    result, place = [], 0
    for number, group in groupby(numbers):
        length = len(list(group))
        result.append((number, place, place + length - 1))
        place += length
    return result


def cluster_patch(look: ClusterStyle, **where: object) -> dict[str, Any]:
    """Return the patch settings of a cluster: fill, hatch, thin dark edge."""
    return {
        "facecolor": look.color,
        "hatch": look.hatch,
        "hatchcolor": look.hatch_color,
        "edgecolor": style.INK,
        "linewidth": 0.6,
        **where,
    }


def badge(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 7.5,
    transform: Transform | None = None,
    zorder: float = 6,
) -> Text:
    """Write a cluster number: bold, dark on white, in a rounded frame."""
    return axes.text(
        x,
        y,
        text,
        fontsize=size,
        fontweight="bold",
        color="black",
        ha="center",
        va="center_baseline",
        bbox={
            "boxstyle": "round,pad=0.22,rounding_size=0.55",
            "facecolor": "white",
            "edgecolor": style.INK,
            "linewidth": 0.6,
        },
        transform=transform or axes.transData,
        zorder=zorder,
        clip_on=False,
    )


def note(
    axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], **look: Any
) -> None:
    """Write a text some points away from a place."""
    axes.annotate(text, at, offset, textcoords="offset points", **look)


def strip(
    axes: Axes,
    membership: pd.Series,
    order: Sequence[object],
    looks: Mapping[int, ClusterStyle],
    *,
    at: float,
    width: float,
    vertical: bool = True,
    size: float = 7.0,
    gap: float = 0.0,
) -> None:
    """Draw a strip of cluster blocks with their numbers beside or above an axes.

    ``at`` and ``width`` are axes fractions across the strip; along it object i covers
    ``i - 0.5`` to ``i + 0.5`` in data units. Numbers are moved apart to at
    least ``gap``; where there is no room for all, none is printed.
    """
    transform = axes.get_yaxis_transform() if vertical else axes.get_xaxis_transform()
    stretches = runs(membership, order)
    middles = [(first + last) / 2 for _, first, last in stretches]
    if gap:
        middles = spread(middles, gap)
    crowded = gap * len(stretches) > len(order)
    for (number, first, last), middle in zip(stretches, middles, strict=True):
        low, length = first - 0.5, last - first + 1
        corner, extent = ((at, low), (width, length)) if vertical else ((low, at), (length, width))
        look = cluster_patch(looks[number], transform=transform, clip_on=False, zorder=3)
        axes.add_patch(Rectangle(corner, *extent, **look))
        if crowded:
            continue
        x, y = (at + width / 2, middle) if vertical else (middle, at + width / 2)
        badge(axes, x, y, str(number), size=size, transform=transform)


def heat_cells(
    axes: Axes,
    values: np.ndarray,
    colors: Colormap,
    norm: Normalize,
    *,
    texts: Sequence[Sequence[str]] | None = None,
    size: float = SMALLEST,
) -> QuadMesh:
    """Draw a matrix as coloured cells, row 0 on top, with ``texts`` printed where not empty.

    Above 10,000 cells the SVG holds a picture of them instead of shapes.
    """
    rows, columns = values.shape
    masked = np.ma.masked_invalid(values)
    many = values.size > 10_000
    look: dict[str, Any] = {} if many else {"edgecolors": "white", "linewidth": 0.4}
    look |= {"antialiased": not many, "rasterized": many}
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    mesh = axes.pcolormesh(*edges, masked, cmap=colors, norm=norm, **look)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    if texts is not None:
        for i in range(rows):
            for j in range(columns):
                if texts[i][j]:
                    color = "black"
                    if np.isfinite(values[i, j]):
                        color = style.text_on(colors(norm(values[i, j])))
                    middle: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
                    axes.text(j, i, texts[i][j], fontsize=size, color=color, **middle)
    return mesh


def cluster_lines(
    axes: Axes, membership: pd.Series, order: Sequence[object], extent: tuple[float, float]
) -> None:
    """Draw horizontal lines between the clusters of a heat map."""
    for _, first, _ in runs(membership, order)[1:]:
        look: dict[str, Any] = {"color": style.INK, "linewidth": 1.1, "solid_capstyle": "butt"}
        axes.plot(extent, (first - 0.5, first - 0.5), clip_on=False, zorder=4, **look)


def compact(value: float) -> str:
    """Write a number for a narrow cell: three significant digits, thousands separated."""
    if not np.isfinite(value):
        return ""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


def with_minus(value: float, digits: int = 1) -> str:
    """Write a number with a typographic minus; no minus before zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def join_names(names: Sequence[str]) -> str:
    """Join names into a row that `wrap` breaks between names only."""
    return ", ".join(name.replace(" ", "\N{NO-BREAK SPACE}") for name in names)


def percent(value: float, digits: int = 0) -> str:
    """Write a share as a percentage."""
    return f"{100 * value:.{digits}f}%"
