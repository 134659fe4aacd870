"""Maps of regions: clusters, and values in classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from hclustkit.arrays import Floats
from hclustkit.draw import style
from hclustkit.draw.layout import (
    Names,
    badge,
    blank,
    check_labels,
    cluster_patch,
    compact,
    headline,
    names_of,
    note,
    text_width,
    wrap,
)
from hclustkit.draw.style import ClusterStyle, cluster_numbers, cluster_styles, roman, styled
from hclustkit.space.maps import Outlines
from hclustkit.space.simplify import simplify

NUMERALS: dict[str, Callable[[int], str]] = {"arabic": str, "roman": roman}

TALLEST = 5.5
"""Greatest height of a map, inches."""

FINE = 0.1 / 25.4 * 72
"""A tenth of a millimetre in print, in points: borders are drawn no finer."""

BORDER: dict[str, Any] = {"edgecolor": style.CLASS_BORDER, "linewidth": 0.5}

_HALO = [withStroke(linewidth=2.0, foreground="white")]
_STRIP = 0.34
"""Height of the strip below a map that holds its enlarged regions, by that of the map."""


def _path(parts: Sequence[Sequence[Floats]]) -> Path:
    """Make one path of polygons with holes: the holes run the other way."""
    rings: list[Floats] = []
    for part in parts:
        for number, ring in enumerate(part):
            x, y = ring.T
            turns_left = (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0
            rings.append(ring if turns_left == (number == 0) else ring[::-1])
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _regions(
    axes: Axes,
    outlines: Outlines,
    looks: Mapping[Hashable, Mapping[str, Any]],
    window: Bbox | None = None,
) -> None:
    """Draw the regions, or those that reach into a window."""
    # the smallest last: a city lies in a hole, or on top of the region around it
    for label, _ in sorted(outlines.areas().items(), key=lambda item: -item[1]):
        path = _path(outlines.shapes[label])
        if window is None or path.intersects_bbox(window):
            axes.add_patch(PathPatch(path, joinstyle="round", **looks[label]))


def _frame(axes: Axes, outlines: Outlines, strip: bool) -> None:
    """Set the limits of a map, with room for a strip below it where there is one."""
    x, y, right, top = outlines.bounds()
    pad = 0.01 * max(right - x, top - y)
    low = y - (_STRIP * (top - y) if strip else 0.09 * (top - y))
    axes.set_xlim(x - pad, right + pad)
    axes.set_ylim(low - pad, top + pad)
    axes.set_aspect("equal")
    axes.set_axis_off()
    if outlines.in_km:
        _scale_bar(axes, x, low, right - x)


def _scale_bar(axes: Axes, x: float, y: float, width: float) -> None:
    """Draw a bar of a round number of kilometres, at most a quarter of the map wide."""
    length = 10 ** math.floor(math.log10(width / 4))
    length *= max(step for step in (1, 2, 5) if step * length <= width / 4)
    line: dict[str, Any] = {"color": style.INK, "linewidth": 0.8, "solid_capstyle": "butt"}
    ends = [x, x, x + length, x + length]
    axes.plot(ends, np.array([0.012, 0, 0, 0.012]) * width + y, **line)
    axes.text(x + length / 2, y + 0.014 * width, f"{length:,.4g} km", fontsize=7, ha="center")


def _enlarge(
    axes: Axes,
    outlines: Outlines,
    labels: Sequence[Hashable],
    looks: Mapping[Hashable, Mapping[str, Any]],
    texts: Mapping[Hashable, tuple[str, str]],
) -> None:
    """Mark small regions by their names, and draw each again in a strip below the map."""
    x, y, right, top = outlines.bounds()
    side = 0.8 * _STRIP * (top - y)
    centres = outlines.centres()
    for place, label in enumerate(sorted(labels, key=lambda one: centres[one][0])):
        left = right - (len(labels) - place) * 2.1 * side + 0.4 * side
        low = y - _STRIP * (top - y)
        inset = axes.inset_axes((left, low, side, side), transform=axes.transData, zorder=8)
        x1, y1, x2, y2 = outlines.of(label).bounds()
        half = 0.85 * max(x2 - x1, y2 - y1)
        window = Bbox.from_extents(
            (x1 + x2) / 2 - half, (y1 + y2) / 2 - half, (x1 + x2) / 2 + half, (y1 + y2) / 2 + half
        )
        inset.set_xlim(window.intervalx)
        inset.set_ylim(window.intervaly)
        inset.set_xticks([])
        inset.set_yticks([])
        inset.spines[:].set_visible(True)
        _regions(inset, outlines, looks, window)
        number, name = texts[label]
        badge(inset, (x1 + x2) / 2, (y1 + y2) / 2, number)
        inset.set_title(name, fontsize=7.5, fontweight="normal", loc="center", pad=2)
        at = centres[label]
        _square(axes, at, "white", 4.5, 0.9)
        note(axes, name, at, (4, -3), fontsize=7, va="top", path_effects=_HALO, zorder=9)


def _square(
    axes: Axes, at: tuple[float, float], fill: Any, size: float, edge: float, **look: Any
) -> None:
    """Mark the place of a region that is too small to be seen."""
    look |= {"markeredgecolor": style.INK, "markeredgewidth": edge}
    axes.plot(*at, "s", markersize=size, markerfacecolor=fill, zorder=9, **look)


@styled
def cluster_maps(
    outlines: Outlines,
    memberships: Mapping[str, pd.Series[Any]],
    *,
    names: Names | None = None,
    styles: Sequence[Mapping[int, ClusterStyle] | None] | None = None,
    numerals: Sequence[str] | None = None,
    enlarge: Sequence[Hashable] = (),
    width: float = 5.2,
    title: str | None = None,
) -> Figure:
    """Draw one map of clusters, or several below each other.

    Parameters
    ----------
    outlines : Outlines
    memberships : mapping of str to Series
        Printed title of each map to its cluster numbers, index the labels; one map may have
        the title "".
    names : mapping, optional
        Label to printed name.
    styles : sequence of mapping, optional
        For each map, cluster number to look.
    numerals : sequence of {"arabic", "roman"}, optional
        For each map.
    enlarge : sequence of labels
        Regions too small to see, which are drawn again below each map.
    width : float
        Inches.
    title : str, optional

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    InputError
        The labels of a membership are not those of the outlines.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    >>> placed = Outlines({"a": [[square]], "b": [[square + [1, 0]]]}, in_km=False)
    >>> figure = cluster_maps(placed, {"Two towns": pd.Series({"a": 1, "b": 2})})
    >>> len(figure.axes[0].patches)
    2
    """
    count = len(memberships)
    x, y, right, top = outlines.bounds()
    ratio = (top - y) * (1 + (_STRIP if enlarge else 0.09)) / (right - x)
    height = count * (min((width - 0.12) * ratio, TALLEST) + 0.3) + (0.3 if title else 0.05)
    figure = blank(width, height)
    headline(figure, title)
    panels = figure.subplots(count, 1, squeeze=False).ravel()
    centres = outlines.centres()
    per_unit = 72 * min(width - 0.12, TALLEST / ratio) / (right - x)
    drawn = simplify(outlines, FINE / per_unit)
    for at, (axes, (heading, given)) in enumerate(zip(panels, memberships.items(), strict=True)):
        membership = cluster_numbers(given)
        check_labels("membership", membership.index, outlines.shapes)
        looks = cluster_styles(membership, styles[at] if styles else None)
        number = NUMERALS[numerals[at] if numerals else "arabic"]
        patches = {
            label: cluster_patch(looks[int(one)], linewidth=0.8)
            for label, one in membership.items()
        }
        _frame(axes, outlines, bool(enlarge))
        _regions(axes, drawn, patches)
        texts = {
            label: (number(int(one)), names_of([label], names)[0])
            for label, one in membership.items()
        }
        _enlarge(axes, outlines, enlarge, patches, texts)
        for label in outlines.shapes:
            if label not in enlarge:
                west, _, east, _ = outlines.of(label).bounds()
                marks = [per_unit * np.subtract(centres[one], centres[label]) for one in enlarge]
                _label(axes, centres[label], *texts[label], (east - west) * per_unit, marks)
        if heading:
            axes.set_title(heading)
    return figure


def _label(
    axes: Axes, at: tuple[float, float], number: str, name: str, room: float, marks: Sequence[Any]
) -> None:
    """Write the number of a cluster and below it the name of the region, where there is room.

    ``marks`` are the small regions in points from here; the name ends before one on its right.
    """
    if room < 14:
        return
    badge(axes, *at, number, size=7.5)
    lines = wrap(name, max(room * 0.95, 48), 7)[:3]
    half = max(text_width(line, 7) for line in lines) / 2
    if 2 * half > 1.15 * room:
        return
    covered = [x - 4 - half for x, y in marks if 0 < x < half and -8 - 7 * len(lines) < y < -5]
    look = {"ha": "center", "va": "top", "linespacing": 1.0, "path_effects": _HALO}
    aside = min(covered, default=0)
    note(axes, "\n".join(lines), at, (aside, -8), fontsize=7, zorder=5, **look)


@styled
def value_maps(
    outlines: Outlines,
    values: pd.DataFrame,
    breaks: Mapping[Any, Sequence[float]],
    *,
    rule: str,
    units: Mapping[Any, str] | None = None,
    titles: Mapping[Any, str] | None = None,
    enlarge: Sequence[Hashable] = (),
    across: int = 3,
    width: float = style.WIDTH,
    title: str | None = None,
) -> Figure:
    """Draw the values of each column on a small map, in classes.

    Parameters
    ----------
    outlines : Outlines
    values : DataFrame, index the labels
        An empty cell is drawn hatched, "no data".
    breaks : mapping
        Column to the limits of its classes, from the lowest to the highest value; a value at a
        limit belongs to the class below it. See `hclustkit.space.maps.class_breaks`.
    rule : str
        How the classes were made, for the legend.
    units, titles : mapping, optional
        Column to its unit and its printed name.
    enlarge : sequence of labels
        Regions too small to see, which are drawn as squares.
    across : int
        Maps in a row.
    width : float
        Inches.
    title : str, optional

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    InputError
        The labels of the values are not those of the outlines.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    >>> placed = Outlines({"a": [[square]], "b": [[square + [1, 0]]]}, in_km=False)
    >>> values = pd.DataFrame({"x": [1.0, 5.0]}, index=["a", "b"])
    >>> figure = value_maps(placed, values, {"x": [1, 3, 5]}, rule="Below 3 and above.")
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['1.00 to 3.00', '3.00 to 5.00']
    """
    check_labels("values", values.index, outlines.shapes)
    across = min(across, values.shape[1])
    down = math.ceil(values.shape[1] / across)
    x, y, right, top = outlines.bounds()
    tall = (width / across - 0.1) * (top - y) * 1.09 / (right - x)
    drawn = simplify(outlines, FINE / (72 * (width / across - 0.1) / (right - x)))
    classes = max(len(edges) - 1 for edges in breaks.values())
    figure = blank(width, down * (tall + 0.42 + 0.12 * classes) + 0.3 + (0.3 if title else 0))
    headline(figure, title)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes, column in zip(panels, values.columns, strict=False):
        _value_map(
            axes, drawn, values[column], list(breaks[column]), (units or {}).get(column), enlarge
        )
        axes.set_title(
            "\n".join(wrap(names_of([column], titles)[0], 72 * width / across - 8, 7.5, "bold")),
            fontsize=7.5,
        )
    for axes in panels[values.shape[1] :]:
        axes.set_axis_off()
    figure.supxlabel(rule, fontsize=7.5, x=0.01, ha="left")
    return figure


def _value_map(
    axes: Axes,
    outlines: Outlines,
    values: pd.Series[Any],
    edges: list[float],
    unit: str | None,
    enlarge: Sequence[Hashable],
) -> None:
    """Draw one map of classes and the key of its classes below it."""
    count = len(edges) - 1
    fills = style.class_fills(count)
    place = np.clip(np.searchsorted(edges, values.to_numpy(float), side="left") - 1, 0, count - 1)
    empty = {
        "facecolor": "white",
        "hatch": style.NO_DATA_HATCH,
        "hatchcolor": style.FAINT,
        **BORDER,
    }
    looks: dict[Hashable, Mapping[str, Any]] = {
        label: empty if math.isnan(value) else {"facecolor": fills[at], **BORDER}
        for label, value, at in zip(values.index, values.to_numpy(float), place, strict=True)
    }
    _frame(axes, outlines, strip=False)
    _regions(axes, outlines, looks)
    centres = outlines.centres()
    for label in enlarge:
        halo = [withStroke(linewidth=2.2, foreground="white")]
        _square(axes, centres[label], looks[label]["facecolor"], 5, 0.6, path_effects=halo)
    keys: list[tuple[str, Mapping[str, Any]]] = [
        (f"{compact(edges[i])} to {compact(edges[i + 1])}", {"facecolor": fills[i], **BORDER})
        for i in range(count)
    ]
    if values.isna().any():
        keys.append(("no data", empty))
    handles = [Rectangle((0, 0), 1, 1, **look) for _, look in keys]
    axes.legend(
        handles,
        [text for text, _ in keys],
        title=unit or None,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        ncols=1,
        fontsize=7,
        title_fontsize=7,
        handlelength=1.2,
        handleheight=0.8,
        labelspacing=0.25,
        borderpad=0,
        borderaxespad=0.2,
        alignment="left",
    )
