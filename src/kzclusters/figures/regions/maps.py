"""Tile maps of the regions: clusters or values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import SMALLEST, badge, check_labels, cluster_patch, compact, shown, wrap
from hclustkit.draw.style import (
    ClusterStyle,
    aligned_styles,
    cluster_styles,
    numbered,
    roman,
    styled,
)
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kzclusters.figures.marks import box, color_bar, note, plain_number, sheet, stacked_text

TILE_ASPECT = 0.86
"""Height of a map tile by its width: the country is wider than it is high."""

SMALL_TILE_ASPECT = 1.02
"""The same where two maps share the width and the names need the height."""

NUMERALS: dict[str, Callable[[int], str]] = {"arabic": str, "roman": roman}


@dataclass(frozen=True)
class _Tiles:
    """Where the regions are on a map.

    Attributes
    ----------
    places : DataFrame, index the regions, columns ``row`` and ``column``
    width : of a tile, points
    aspect : height of a tile by its width
    """

    places: pd.DataFrame
    width: float
    aspect: float = TILE_ASPECT

    def prepare(self, axes: Axes) -> None:
        """Set the limits of an axes to the tiles."""
        axes.set_xlim(self.places["column"].min() - 0.5, self.places["column"].max() + 0.5)
        axes.set_ylim(self.places["row"].max() + 0.5, self.places["row"].min() - 0.5)
        axes.set_aspect(self.aspect)
        axes.set_axis_off()

    def height(self) -> float:
        """Compute the height of the whole map, inches."""
        return _span(self.places["row"]) * self.width * self.aspect / 72


def _span(values: pd.Series) -> int:
    return int(values.max() - values.min() + 1)


def _tiles(
    grid: pd.DataFrame, regions: Sequence[object], width: float, aspect: float = TILE_ASPECT
) -> _Tiles:
    """Check a grid, and lay it out in a width in inches."""
    check_columns("tile grid", grid, ["region", "row", "column"])
    taken = grid[grid.duplicated(["row", "column"])]
    if len(taken):
        region = taken["region"].iloc[0]
        text = f"tile grid: the tile of {region!r} is already taken"
        raise refusal(text, "tile grid", "one-region-per-tile", region)
    check_labels("tile grid", grid["region"], regions)
    places = grid.set_index("region")[["row", "column"]].astype(int)
    return _Tiles(places, 72 * width / _span(places["column"]), aspect)


def _code(region: object) -> str:
    """Give the part of an ISO 3166-2 code after the country, or the label itself."""
    return str(region).rpartition("-")[2]


def _draw_clusters(
    axes: Axes,
    tiles: _Tiles,
    membership: pd.Series,
    looks: Mapping[int, ClusterStyle],
    names: Mapping[str, str] | None,
    numeral: Callable[[int], str],
) -> None:
    """Draw tiles: a coloured, hatched head with the cluster number, code and name on white."""
    tiles.prepare(axes)
    margin, head = 0.04, 0.34
    side = 1 - 2 * margin
    size = max(SMALLEST, min(8.0, tiles.width / 9.0))
    for region, place in tiles.places.iterrows():
        number = int(membership[region])
        look = looks[number]
        x, y = place["column"] - 0.5 + margin, place["row"] - 0.5 + margin
        edge = look.color if style.luminance(look.color) < 0.6 else style.MUTED
        box(axes, x, y, side, side, facecolor="white", edgecolor="none")
        box(axes, x, y, side, head, **cluster_patch(look, edgecolor="none"))
        box(axes, x, y, side, side, fill=False, edgecolor=edge, linewidth=1.6)
        box(axes, x, y, side, side, fill=False, edgecolor=style.INK, linewidth=0.5)
        badge(axes, place["column"], y + head / 2, numeral(number), size=size + 1.0)
        text = shown([region], names)[0]
        lines = wrap(text, tiles.width * 0.88, size)[:2] if text != str(region) else []
        rows = [(_code(region), "bold"), *((line, "normal") for line in lines)]
        step = (size * 1.22) / (tiles.width * tiles.aspect)
        middle = y + head + (side - head) / 2
        stacked_text(axes, place["column"], middle, step, rows, fontsize=size)


@styled
def tile_map(
    grid: pd.DataFrame,
    membership: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    numerals: str = "arabic",
) -> Figure:
    """Draw a labelled tile grid of the regions, coloured by cluster.

    Parameters
    ----------
    grid : DataFrame, one row per region
        Columns ``region``, ``row`` (from north), ``column`` (from west).
    membership : Series, index the regions
        Cluster numbers, or Roman numerals.
    names : region -> printed name, optional; the code is always printed
    styles : cluster number -> look, optional
    numerals : "arabic" or "roman"

    Raises
    ------
    InputError
        Two regions on one tile, or regions that differ between grid and membership.
    """
    membership = numbered(membership)
    width = 5.2
    tiles = _tiles(grid, membership.index, width - 0.12)
    figure, (axes,) = sheet(width, tiles.height() + 0.12)
    looks = cluster_styles(membership, styles)
    _draw_clusters(axes, tiles, membership, looks, names, NUMERALS[numerals])
    return figure


@styled
def tile_map_pair(
    grid: pd.DataFrame,
    left: pd.Series,
    right: pd.Series,
    *,
    titles: tuple[str, str],
    numerals: tuple[str, str] = ("roman", "arabic"),
    names: Mapping[str, str] | None = None,
    left_styles: Mapping[int, ClusterStyle] | None = None,
    right_styles: Mapping[int, ClusterStyle] | None = None,
) -> Figure:
    """Draw two tile maps side by side, e.g. the published clusters and ours.

    By default the clusters on the right have the looks of their own numbers, as in every other
    figure, and those on the left the looks of the ones that they match (`style.aligned_styles`):
    equal colour means matched clusters, not equal numbers. Parameters as in `tile_map`;
    ``titles`` are printed above the maps.
    """
    left, right = numbered(left), numbered(right)
    gap = 0.25
    tiles = _tiles(grid, left.index, (style.WIDTH - gap - 0.12) / 2, SMALL_TILE_ASPECT)
    check_labels("right membership", right.index, left.index)
    spaces = {"wspace": gap / style.WIDTH}
    figure, panels = sheet(style.WIDTH, tiles.height() + 0.42, 1, 2, spaces=spaces)
    looks = (
        cluster_styles(left, left_styles or aligned_styles(right, left)),
        cluster_styles(right, right_styles),
    )
    maps = zip(panels, (left, right), looks, numerals, titles, strict=True)
    for axes, member, look, numeral, title in maps:
        _draw_clusters(axes, tiles, member, look, names, NUMERALS[numeral])
        axes.set_title(title)
    return figure


@styled
def tile_value_map(
    grid: pd.DataFrame,
    values: pd.Series | pd.DataFrame,
    *,
    units: str | Mapping[str, str],
    names: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw values on the tile grid: one indicator, or one small map per column.

    Parameters
    ----------
    grid : DataFrame with columns ``region``, ``row``, ``column``
    values : Series by region, or DataFrame regions × indicators; in units
        An empty cell is drawn hatched, "no data".
    units : unit, or column -> unit
    names : region -> printed name (printed on a single map only)
    titles : column -> printed name
    """
    single = isinstance(values, pd.Series)
    table = values.to_frame(values.name or "value") if single else values
    across = 1 if single else min(3, table.shape[1])
    down = math.ceil(table.shape[1] / across)
    width = 5.6 if single else style.WIDTH
    tiles = _tiles(grid, table.index, (width - 0.2) / across - (0.75 if single else 0.12))
    height = down * (tiles.height() + (0.15 if single else 0.46)) + 0.1
    figure, panels = sheet(width, height, down, across)
    for axes, column in zip(panels, table.columns, strict=False):
        series = table[column].astype(float)
        norm = Normalize(float(series.min()), float(series.max()))
        _draw_values(
            axes, tiles, series, norm, names if single else None, 7.5 if single else SMALLEST
        )
        unit = units if isinstance(units, str) else units.get(column, "")
        name = str((titles or {}).get(column, column))
        if single:
            scalar = ScalarMappable(norm, style.SEQUENTIAL)
            label = f"{name}, {unit}" if unit else name
            bar = color_bar(figure, scalar, axes, label, shrink=0.7, aspect=22, pad=0.02)
            bar.yaxis.set_major_formatter(plain_number)
        else:
            axes.set_title(name, fontsize=7.5, pad=12)
            note(axes, unit, (0, 1), (0, 3), xycoords="axes fraction", fontsize=7)
    for axes in panels[table.shape[1] :]:
        axes.set_axis_off()
    return figure


def _draw_values(
    axes: Axes,
    tiles: _Tiles,
    values: pd.Series,
    norm: Normalize,
    names: Mapping[str, str] | None,
    size: float,
) -> None:
    """Draw tiles coloured by value, with code, name (where there are names) and value."""
    tiles.prepare(axes)
    for region, place in tiles.places.iterrows():
        value = values[region]
        fill = "white" if np.isnan(value) else style.SEQUENTIAL(norm(value))
        box(
            axes,
            place["column"] - 0.47,
            place["row"] - 0.47,
            0.94,
            0.94,
            facecolor=fill,
            edgecolor=style.MUTED,
            linewidth=0.5,
            hatchcolor=style.FAINT,
            hatch=style.NO_DATA_HATCH if np.isnan(value) else "",
        )
        lines = [(_code(region), "bold")]
        if names and str(names.get(region, region)) != str(region):
            wrapped = wrap(names[region], tiles.width * 0.86, size)[:2]
            lines += [(line, "normal") for line in wrapped]
        lines.append(("no data" if np.isnan(value) else compact(float(value)), "normal"))
        step = size * 1.2 / (tiles.width * tiles.aspect)
        ink = style.text_on(fill)
        stacked_text(axes, place["column"], place["row"], step, lines, fontsize=size, color=ink)
