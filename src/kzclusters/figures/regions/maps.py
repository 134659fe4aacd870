"""Tile maps of the regions: clusters or values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    check_labels,
    cluster_patch,
    compact,
    names_of,
    wrap,
)
from hclustkit.draw.style import (
    ClusterStyle,
    aligned_styles,
    cluster_numbers,
    cluster_styles,
    roman,
    styled,
)
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kzclusters.figures.marks import Look, box, note, sheet, stacked_text

TILE_ASPECT = 0.86
"""Height of a map tile by its width: the country is wider than it is high."""

SMALL_TILE_ASPECT = 1.02
"""The same where two maps share the width and the names need the height."""


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
        text = names_of([region], names)[0]
        lines = wrap(text, tiles.width * 0.88, size)[:2] if text != str(region) else []
        rows = [(_code(region), "bold"), *((line, "normal") for line in lines)]
        step = (size * 1.22) / (tiles.width * tiles.aspect)
        middle = y + head + (side - head) / 2
        stacked_text(axes, place["column"], middle, step, rows, fontsize=size)


@styled
def tile_map_pair(
    grid: pd.DataFrame,
    left: pd.Series,
    right: pd.Series,
    *,
    titles: tuple[str, str],
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the published clusters and ours on two labelled tile grids side by side.

    The clusters at the left get the looks of those at the right that they match: equal colour
    means matched clusters, not equal numbers.

    Parameters
    ----------
    grid : DataFrame, one row per region
        Columns ``region``, ``row`` (from north), ``column`` (from west).
    left, right : Series, index the regions
        Cluster numbers, or Roman numerals; printed as Roman numerals at the left.
    titles : printed above the maps
    names : region -> printed name, optional; the code is always printed

    Raises
    ------
    InputError
        Two regions on one tile, or regions that differ between grid and memberships.
    """
    left, right = cluster_numbers(left), cluster_numbers(right)
    gap = 0.25
    tiles = _tiles(grid, left.index, (style.WIDTH - gap - 0.12) / 2, SMALL_TILE_ASPECT)
    check_labels("right membership", right.index, left.index)
    spaces = {"wspace": gap / style.WIDTH}
    figure, panels = sheet(style.WIDTH, tiles.height() + 0.42, 1, 2, spaces=spaces)
    looks = (cluster_styles(left, aligned_styles(right, left)), cluster_styles(right))
    numerals: tuple[Callable[[int], str], ...] = (roman, str)
    maps = zip(panels, (left, right), looks, numerals, titles, strict=True)
    for axes, member, look, numeral, title in maps:
        _draw_clusters(axes, tiles, member, look, names, numeral)
        axes.set_title(title)
    return figure


@styled
def tile_value_map(
    grid: pd.DataFrame,
    values: pd.DataFrame,
    *,
    units: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw values on the tile grid, one small map per column.

    Parameters
    ----------
    grid : as in `tile_map_pair`
    values : DataFrame, regions × columns
    units : column -> its unit
    titles : column -> printed name
    """
    across = min(3, values.shape[1])
    down = math.ceil(values.shape[1] / across)
    tiles = _tiles(grid, values.index, (style.WIDTH - 0.2) / across - 0.12)
    figure, panels = sheet(style.WIDTH, down * (tiles.height() + 0.46) + 0.1, down, across)
    for axes, column in zip(panels, values.columns, strict=False):
        _draw_values(axes, tiles, values[column].astype(float))
        axes.set_title(str((titles or {}).get(column, column)), fontsize=7.5, pad=12)
        note(axes, units.get(column, ""), (0, 1), (0, 3), xycoords="axes fraction", fontsize=7)
    for axes in panels[values.shape[1] :]:
        axes.set_axis_off()
    return figure


def _draw_values(axes: Axes, tiles: _Tiles, values: pd.Series) -> None:
    """Draw tiles coloured by value, with code and value."""
    tiles.prepare(axes)
    norm = Normalize(float(values.min()), float(values.max()))
    step = SMALLEST * 1.2 / (tiles.width * tiles.aspect)
    for region, place in tiles.places.iterrows():
        value = values[region]
        fill = "white" if np.isnan(value) else style.SEQUENTIAL(norm(value))
        hatch = style.NO_DATA_HATCH if np.isnan(value) else ""
        tile: Look = {"facecolor": fill, "hatch": hatch, "hatchcolor": style.FAINT}
        corner = (place["column"] - 0.47, place["row"] - 0.47)
        box(axes, *corner, 0.94, 0.94, edgecolor=style.MUTED, linewidth=0.5, **tile)
        value_text = "no data" if np.isnan(value) else compact(float(value))
        lines = [(_code(region), "bold"), (value_text, "normal")]
        look = {"fontsize": SMALLEST, "color": style.text_on(fill)}
        stacked_text(axes, place["column"], place["row"], step, lines, **look)
