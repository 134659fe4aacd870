"""Figures of regions and indicators: tile maps, heat maps, profiles, distributions, gaps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn
from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    blank,
    check_columns,
    check_labels,
    cluster_lines,
    cluster_patch,
    compact,
    headline,
    heat_cells,
    percent,
    shown,
    signed,
    strip,
    text_width,
    unbroken,
    wrap,
)
from hclustkit.draw.style import (
    ClusterStyle,
    aligned_styles,
    cluster_styles,
    numbered,
    roman,
    styled,
)
from hclustkit.errors import InputError
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

TILE_ASPECT = 0.86
"""Height of a map tile by its width: the country is wider than high."""

SMALL_TILE_ASPECT = 1.02
"""The same where two maps share the width and the names need the height."""

NUMERALS: dict[str, Callable[[int], str]] = {"arabic": str, "roman": roman}

AS_DEFINED, PROXY, MISSING = "as defined", "proxy", "missing"

STATUS_LOOKS: dict[str, tuple[str, str, str, str]] = {
    AS_DEFINED: (style.OKABE_ITO["blue"], "", "\N{BLACK CIRCLE}", "white"),
    PROXY: (style.OKABE_ITO["orange"], "", "\N{CIRCLE WITH LEFT HALF BLACK}", "black"),
    MISSING: ("white", "////", "\N{MULTIPLICATION SIGN}", "black"),
}
"""Per status: fill, hatch, symbol, colour of the symbol."""


def _check_grid(grid: pd.DataFrame, regions: Sequence[object]) -> pd.DataFrame:
    check_columns("tile grid", grid, ["region", "row", "column"])
    taken = grid[grid.duplicated(["row", "column"])]
    if len(taken):
        raise InputError(f"tile grid: the tile of {taken['region'].iloc[0]!r} is already taken")
    check_labels("tile grid", grid["region"], regions)
    return grid.set_index("region")[["row", "column"]].astype(int)


def _grid_size(grid: pd.DataFrame) -> tuple[int, int]:
    return (
        int(grid["row"].max() - grid["row"].min() + 1),
        int(grid["column"].max() - grid["column"].min() + 1),
    )


def _code(region: object) -> str:
    """The part of an ISO 3166-2 code after the country, or the label itself."""
    return str(region).rpartition("-")[2]


def _map_axes(axes: Axes, grid: pd.DataFrame, aspect: float = TILE_ASPECT) -> None:
    axes.set_xlim(grid["column"].min() - 0.5, grid["column"].max() + 0.5)
    axes.set_ylim(grid["row"].max() + 0.5, grid["row"].min() - 0.5)
    axes.set_aspect(aspect)
    axes.set_axis_off()


def _draw_clusters(
    axes: Axes,
    grid: pd.DataFrame,
    membership: pd.Series,
    looks: Mapping[int, ClusterStyle],
    names: Mapping[str, str] | None,
    numeral: Callable[[int], str],
    tile_points: float,
    aspect: float,
) -> None:
    """Tiles: a coloured, hatched head with the cluster number, code and name below on white."""
    _map_axes(axes, grid, aspect)
    margin, head = 0.04, 0.34
    size = max(SMALLEST, min(8.0, tile_points / 9.0))
    for region, place in grid.iterrows():
        number = int(membership[region])
        look = looks[number]
        x, y = place["column"] - 0.5 + margin, place["row"] - 0.5 + margin
        side = 1 - 2 * margin
        axes.add_patch(Rectangle((x, y), side, side, facecolor="white", edgecolor="none"))
        axes.add_patch(Rectangle((x, y), side, head, **cluster_patch(look, edgecolor="none")))
        axes.add_patch(
            Rectangle(
                (x, y),
                side,
                side,
                fill=False,
                edgecolor=look.color if style.luminance(look.color) < 0.6 else style.MUTED,
                linewidth=1.6,
            )
        )
        axes.add_patch(
            Rectangle((x, y), side, side, fill=False, edgecolor=style.INK, linewidth=0.5)
        )
        badge(axes, place["column"], y + head / 2, numeral(number), size=size + 1.0)
        text = shown([region], names)[0]
        code = _code(region)
        lines = wrap(text, tile_points * 0.88, size)[:2] if text != str(region) else []
        middle = y + head + (side - head) / 2
        step = (size * 1.22) / (tile_points * aspect)
        rows = [(code, "bold"), *((line, "normal") for line in lines)]
        for i, (line, weight) in enumerate(rows):
            axes.text(
                place["column"],
                middle + (i - (len(rows) - 1) / 2) * step,
                line,
                ha="center",
                va="center_baseline",
                fontsize=size,
                fontweight=weight,
            )


def _tile_points(width: float, columns: int) -> float:
    """Width of one tile, points, in a map of ``width`` inches."""
    return 72 * width / columns


@styled
def tile_map(
    grid: pd.DataFrame,
    membership: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    numerals: str = "arabic",
    title: str | None = None,
) -> Figure:
    """Labelled tile grid of the regions, coloured by cluster.

    Parameters
    ----------
    grid : DataFrame, one row a region
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
    places = _check_grid(grid, membership.index)
    rows, columns = _grid_size(places)
    width = 5.2
    tile = _tile_points(width - 0.12, columns)
    figure = blank(width, rows * tile * TILE_ASPECT / 72 + 0.12 + (0.3 if title else 0))
    headline(figure, title)
    axes = figure.subplots()
    _draw_clusters(
        axes,
        places,
        membership,
        cluster_styles(membership, styles),
        names,
        NUMERALS[numerals],
        tile,
        TILE_ASPECT,
    )
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
    """Two tile maps side by side, e.g. the published clusters and ours.

    Unless told otherwise the clusters on the right have the looks of their own numbers, as in
    every other figure, and those on the left the looks of the ones that they match
    (`style.aligned_styles`): equal colour means matched clusters, not equal numbers.
    Parameters as in `tile_map`; ``titles`` are printed above the maps.
    """
    left, right = numbered(left), numbered(right)
    places = _check_grid(grid, left.index)
    check_labels("right membership", right.index, left.index)
    rows, columns = _grid_size(places)
    gap = 0.25
    width = (style.WIDTH - gap - 0.12) / 2
    tile = _tile_points(width, columns)
    figure = blank(style.WIDTH, rows * tile * SMALL_TILE_ASPECT / 72 + 0.42)
    figure.get_layout_engine().set(wspace=gap / style.WIDTH)
    panels = figure.subplots(1, 2)
    looks = (
        cluster_styles(left, left_styles or aligned_styles(right, left)),
        cluster_styles(right, right_styles),
    )
    for axes, member, look, numeral, title in zip(
        panels, (left, right), looks, numerals, titles, strict=True
    ):
        _draw_clusters(
            axes, places, member, look, names, NUMERALS[numeral], tile, SMALL_TILE_ASPECT
        )
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
    title: str | None = None,
) -> Figure:
    """Values on the tile grid: one indicator, or one small map per column.

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
    places = _check_grid(grid, table.index)
    rows, columns = _grid_size(places)
    across = 1 if single else min(3, table.shape[1])
    down = math.ceil(table.shape[1] / across)
    width = 5.6 if single else style.WIDTH
    inner = (width - 0.2) / across - (0.75 if single else 0.12)
    tile = _tile_points(inner, columns)
    figure = blank(
        width,
        down * (rows * tile * TILE_ASPECT / 72 + (0.15 if single else 0.46))
        + (0.35 if title else 0.1),
    )
    headline(figure, title)
    panels = np.atleast_1d(figure.subplots(down, across)).ravel()
    size = SMALLEST if not single else 7.5
    for axes, column in zip(panels, table.columns, strict=False):
        series = table[column].astype(float)
        _map_axes(axes, places)
        norm = Normalize(float(series.min()), float(series.max()))
        for region, place in places.iterrows():
            value = series[region]
            fill = "white" if np.isnan(value) else style.SEQUENTIAL(norm(value))
            ink = style.text_on(fill)
            x, y = place["column"] - 0.47, place["row"] - 0.47
            axes.add_patch(
                Rectangle(
                    (x, y),
                    0.94,
                    0.94,
                    facecolor=fill,
                    edgecolor=style.MUTED,
                    linewidth=0.5,
                    hatchcolor=style.FAINT,
                    hatch=style.NO_DATA_HATCH if np.isnan(value) else "",
                )
            )
            lines = [(_code(region), "bold")]
            if single and names and str(names.get(region, region)) != str(region):
                lines += [(line, "normal") for line in wrap(names[region], tile * 0.86, size)[:2]]
            lines.append(("no data" if np.isnan(value) else compact(float(value)), "normal"))
            step = size * 1.2 / (tile * TILE_ASPECT)
            for i, (line, weight) in enumerate(lines):
                axes.text(
                    place["column"],
                    place["row"] + (i - (len(lines) - 1) / 2) * step,
                    line,
                    ha="center",
                    va="center_baseline",
                    fontsize=size,
                    fontweight=weight,
                    color=ink,
                )
        unit = units if isinstance(units, str) else units.get(column, "")
        name = str((titles or {}).get(column, column))
        if single:
            scalar = figure.colorbar(
                ScalarMappable(norm, style.SEQUENTIAL), ax=axes, shrink=0.7, aspect=22, pad=0.02
            )
            scalar.outline.set_linewidth(0.5)
            scalar.set_label(f"{name}, {unit}" if unit else name)
            scalar.ax.yaxis.set_major_formatter(_plain_numbers)
        else:
            axes.set_title(name, fontsize=7.5, pad=12)
            axes.annotate(
                unit,
                (0, 1),
                xycoords="axes fraction",
                xytext=(0, 3),
                textcoords="offset points",
                fontsize=7,
            )
    for axes in panels[table.shape[1] :]:
        axes.set_axis_off()
    return figure


def _plain_numbers(value: float, _: object) -> str:
    """Tick labels: thousands separated, no needless digits, a typographic minus."""
    return f"{value:,.10g}".replace("-", "\N{MINUS SIGN}")


@styled
def indicator_heatmap(
    z: pd.DataFrame,
    order: Sequence[str],
    membership: pd.Series | None = None,
    *,
    values: pd.DataFrame | None = None,
    columns: Sequence[str] | None = None,
    indicator_names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    measure: str = "z-score",
    title: str | None = None,
) -> Figure:
    """Standardised table in the order of the tree: regions down, indicators across.

    Parameters
    ----------
    z : DataFrame, regions × indicators
        The colours; also printed in the cells unless ``values`` are given.
    order : the regions from top to bottom, e.g. as in the dendrogram
    membership : Series of int by region, optional; lines separate the clusters
    values : DataFrame like ``z`` in units, printed in the cells instead, optional
    columns : all indicators to show, optional; those not in ``z`` are hatched, "no data"
    indicator_names, units : indicator -> printed name, unit; the unit is printed with ``values``
    measure : what ``z`` holds, printed at the colour bar
    """
    order = list(order)
    check_labels("order", order, z.index)
    wanted = list(columns) if columns is not None else list(z.columns)
    lost = [column for column in z.columns if column not in wanted]
    if lost:
        raise InputError(f"columns: {lost[0]!r} of the table is not among them")
    full = z.reindex(index=order, columns=wanted)
    numbers = full.to_numpy(dtype=float)
    if values is not None:
        cells = values.reindex(index=order, columns=wanted).to_numpy(dtype=float)
        texts = [[compact(v) for v in row] for row in cells]
    else:
        texts = [[signed(v) if np.isfinite(v) else "" for v in row] for row in numbers]
    header_size = 6.5 if len(wanted) > 11 else 7.0
    column_points = 72 * (style.WIDTH - 2.15) / len(wanted)
    figure = blank(style.WIDTH, 2.2 + 0.245 * len(order))
    headline(figure, title)
    axes = figure.subplots()
    reach = float(np.nanmax(np.abs(numbers)))
    norm = TwoSlopeNorm(0.0, -reach, reach)
    mesh = heat_cells(axes, numbers, style.DIVERGING, norm, texts=texts)
    for j, column in enumerate(wanted):
        if column not in z.columns:
            axes.add_patch(
                Rectangle(
                    (j - 0.46, -0.5),
                    0.92,
                    len(order),
                    facecolor="white",
                    edgecolor=style.FAINT,
                    hatch="////",
                    linewidth=0.5,
                    hatchcolor=style.FAINT,
                )
            )
            axes.text(
                j,
                (len(order) - 1) / 2,
                "no data",
                rotation=90,
                ha="center",
                va="center",
                fontsize=7.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
            )
    printed = []
    for column in wanted:
        name = str((indicator_names or {}).get(column, ""))
        text = f"{column} {name}".strip() if name != str(column) else name
        unit = (units or {}).get(column, "")
        printed.append(f"{text}\n{unit}" if unit and values is not None else text)
    axes.xaxis.tick_top()
    if any(len(text) > 6 for text in printed):
        axes.set_xticks(
            range(len(wanted)),
            printed,
            rotation=60,
            ha="left",
            rotation_mode="anchor",
            linespacing=1.0,
        )
    else:
        axes.set_xticks(range(len(wanted)), printed)
    axes.tick_params(axis="x", labelsize=header_size, pad=2)
    axes.set_yticks(range(len(order)), shown(order, names))
    axes.tick_params(axis="y", labelsize=8, pad=4 if membership is None else 24)
    if membership is not None:
        check_labels("membership", membership.index, order)
        looks = cluster_styles(membership, styles)
        width = 15 / (column_points * len(wanted))
        strip(axes, membership, order, looks, at=-1.35 * width, width=width)
        cluster_lines(axes, membership, order, (-0.5, len(wanted) - 0.5))
    bar = figure.colorbar(
        mesh, ax=axes, orientation="horizontal", shrink=0.45, aspect=38, pad=0.015
    )
    bar.outline.set_linewidth(0.5)
    bar.set_label(f"{measure} (0 = mean of the regions)")
    return figure


@styled
def cluster_profiles(
    z: pd.DataFrame,
    membership: pd.Series,
    means: pd.DataFrame,
    *,
    indicator_names: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    measure: str = "z-score",
    title: str | None = None,
) -> Figure:
    """Profile of each cluster: one panel a cluster, its mean and its members by indicator.

    Parameters
    ----------
    z : DataFrame, regions × indicators
    membership : Series of int by region
    means : DataFrame, clusters (by number) × the same indicators
        As the caller computed them; large marks, joined to zero by a bar.
    """
    check_labels("membership", membership.index, z.index)
    check_labels("columns of the means", means.columns, z.columns)
    check_labels("rows of the means", means.index, sorted(membership.unique()))
    looks = cluster_styles(membership, styles)
    across = min(4, len(looks))
    down = math.ceil(len(looks) / across)
    head = []
    for number in looks:
        members = shown([r for r in z.index if membership[r] == number], names)
        head.append(wrap(unbroken(members), 72 * (style.WIDTH - 1.3) / across - 24, 7))
    lines = max(len(h) for h in head)
    figure = blank(
        style.WIDTH,
        0.55 + down * (0.155 * z.shape[1] + 0.25 + 0.125 * lines) + (0.3 if title else 0),
    )
    headline(figure, title)
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    reach = float(np.nanmax(np.abs(z.to_numpy()))) * 1.08
    labels = [f"{column} {(indicator_names or {}).get(column, '')}".strip() for column in z.columns]
    y = np.arange(z.shape[1])
    for axes, (number, look), text in zip(panels, looks.items(), head, strict=False):
        mean = means.loc[number, list(z.columns)].to_numpy(dtype=float)
        axes.barh(y, mean, height=0.62, **cluster_patch(look, linewidth=0.5))
        inside = z[membership.reindex(z.index) == number]
        if len(inside) > 1:
            for _, row in inside.iterrows():
                axes.plot(
                    row.to_numpy(dtype=float),
                    y,
                    linestyle="none",
                    marker="o",
                    markersize=2.6,
                    markerfacecolor="white",
                    markeredgecolor=style.INK,
                    markeredgewidth=0.6,
                    zorder=4,
                )
        axes.axvline(0, color=style.INK, linewidth=0.8, zorder=3)
        axes.grid(axis="x")
        axes.set_xlim(-reach, reach)
        axes.set_ylim(len(y) - 0.4, -0.6)
        axes.set_yticks(y, labels)
        axes.tick_params(axis="y", length=0, labelsize=7)
        axes.spines["left"].set_visible(False)
        axes.set_title(
            "\n".join(text + [""] * (lines - len(text))),
            fontsize=7,
            fontweight="normal",
            loc="left",
            x=0.14,
            pad=3,
        )
        axes.annotate(
            str(number),
            (0, 1),
            xycoords="axes fraction",
            fontsize=8,
            fontweight="bold",
            xytext=(6, 4 + 8.4 * (lines - 1)),
            textcoords="offset points",
            ha="center",
            bbox={
                "boxstyle": "round,pad=0.22,rounding_size=0.55",
                "facecolor": look.color,
                "edgecolor": style.INK,
                "linewidth": 0.6,
            },
            color=look.text_color,
            annotation_clip=False,
        )
    for axes in panels[len(looks) :]:
        axes.set_axis_off()
    figure.supxlabel(f"{measure}: bar = mean of the cluster, dots = its members", fontsize=8)
    return figure


@styled
def missingness_grid(
    status: pd.DataFrame,
    *,
    indicator_names: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Which indicator exists in which year, and how near it is to the article's definition.

    Parameters
    ----------
    status : DataFrame, indicators × years
        Cells "as defined", "proxy" or "missing".
    """
    unknown = sorted(set(map(str, status.to_numpy().ravel())) - set(STATUS_LOOKS))
    if unknown:
        raise InputError(f"status {unknown[0]!r} is none of {', '.join(STATUS_LOOKS)}")
    rows, columns = status.shape
    figure = blank(min(style.WIDTH, 2.6 + 0.62 * columns), 0.85 + 0.235 * rows)
    headline(figure, title)
    axes = figure.subplots()
    for i in range(rows):
        for j in range(columns):
            fill, hatch, sign, ink = STATUS_LOOKS[str(status.iat[i, j])]
            axes.add_patch(
                Rectangle(
                    (j - 0.5, i - 0.5),
                    1,
                    1,
                    facecolor=fill,
                    hatch=hatch,
                    hatchcolor=style.FAINT,
                    edgecolor="white",
                    linewidth=1.0,
                )
            )
            axes.text(j, i, sign, ha="center", va="center_baseline", fontsize=8, color=ink)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    labels = [f"{i} {(indicator_names or {}).get(i, '')}".strip() for i in status.index]
    axes.set_yticks(range(rows), labels)
    axes.xaxis.tick_top()
    axes.set_xticks(range(columns), [str(column) for column in status.columns])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    handles = [
        Patch(
            facecolor=fill,
            hatch=hatch,
            hatchcolor=style.FAINT,
            edgecolor=style.MUTED,
            linewidth=0.5,
            label=f"{sign} {name}",
        )
        for name, (fill, hatch, sign, _) in STATUS_LOOKS.items()
        if name in set(map(str, status.to_numpy().ravel()))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


@styled
def distributions(
    values: pd.DataFrame,
    *,
    units: Mapping[str, str],
    indicator_names: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Every indicator in its own unit: box, all regions as dots, the two extremes named.

    Parameters
    ----------
    values : DataFrame, regions × indicators, in units
    units : indicator -> unit
    """
    across = min(3, values.shape[1])
    down = math.ceil(values.shape[1] / across)
    figure = blank(style.WIDTH, 0.2 + 1.08 * down + (0.3 if title else 0))
    figure.get_layout_engine().set(wspace=0.06, hspace=0.06)
    headline(figure, title)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes, column in zip(panels, values.columns, strict=False):
        series = values[column].dropna().astype(float)
        axes.boxplot(
            series.to_numpy(),
            orientation="horizontal",
            positions=[0],
            widths=0.5,
            showfliers=False,
            patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": "#D6E9F5", "edgecolor": style.MUTED, "linewidth": 0.7},
            medianprops={"color": style.OKABE_ITO["vermillion"], "linewidth": 1.6},
            whiskerprops={"color": style.MUTED, "linewidth": 0.7},
            capprops={"color": style.MUTED, "linewidth": 0.7},
        )
        # in the low panels a dense spot may pile up at the edge of its band: no reason to warn
        seaborn.swarmplot(
            x=series.to_numpy(),
            ax=axes,
            size=3.4,
            color=style.OKABE_ITO["blue"],
            edgecolor="white",
            linewidth=0.4,
            zorder=3,
            warn_thresh=1,
        )
        span = float(series.max() - series.min()) or 1.0
        axes.set_xlim(series.min() - 0.06 * span, series.max() + 0.06 * span)
        axes.set_ylim(-0.55, 0.95)
        ends = [(float(series.min()), "left"), (float(series.max()), "right")]
        texts = [_holders(series, value, names) for value, _ in ends]
        room = 72 * (style.WIDTH / across - 0.3)
        if sum(text_width(text, SMALLEST) for text in texts) > room:
            texts = [_holders(series, value, names, count=True) for value, _ in ends]
        for (value, side), text in zip(ends, texts, strict=True):
            axes.annotate(
                text,
                (value, 0.62),
                ha=side,
                va="center",
                fontsize=SMALLEST,
                xytext=(-3 if side == "left" else 3, 0),
                textcoords="offset points",
                annotation_clip=False,
            )
            axes.plot((value, value), (0.22, 0.5), color=style.MUTED, linewidth=0.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(_plain_numbers)
        axes.tick_params(axis="x", labelsize=7)
        axes.set_title(
            f"{column} {(indicator_names or {}).get(column, '')}".strip(), fontsize=7.5, pad=3
        )
        axes.set_xlabel(units.get(column, ""), fontsize=7, labelpad=1)
    for axes in panels[values.shape[1] :]:
        axes.set_axis_off()
    if len(panels) > values.shape[1]:
        handles = [
            Line2D(
                [],
                [],
                linestyle="none",
                marker="o",
                markersize=4,
                color=style.OKABE_ITO["blue"],
                label="a region",
            ),
            Line2D([], [], color=style.OKABE_ITO["vermillion"], linewidth=1.6, label="median"),
            Patch(
                facecolor="#D6E9F5",
                edgecolor=style.MUTED,
                label="middle half of the regions;\nwhiskers to 1.5 times its width",
            ),
        ]
        panels[-1].legend(handles=handles, loc="center")
    return figure


def _holders(
    series: pd.Series, value: float, names: Mapping[str, str] | None, *, count: bool = False
) -> str:
    """Who has the extreme value: all names, or the first and how many more."""
    found = shown(series.index[np.isclose(series, value, rtol=1e-9, atol=0)], names)
    if count and len(found) > 1:
        return f"{found[0]} and {len(found) - 1} more"
    return ", ".join(found)


@styled
def correlation_heatmap(
    correlation: pd.DataFrame,
    *,
    indicator_names: Mapping[str, str] | None = None,
    coefficient: str = "Pearson correlation",
    title: str | None = None,
) -> Figure:
    """Lower triangle of a correlation matrix, values printed.

    Parameters
    ----------
    correlation : DataFrame, indicators × indicators, values in −1 … 1
    coefficient : its name, printed at the colour bar
    """
    columns = list(correlation.columns)
    check_labels("rows of the correlation matrix", correlation.index, columns)
    p = len(columns)
    values = correlation.loc[columns, columns].to_numpy(dtype=float)[1:, :-1].copy()
    values[np.triu_indices(p - 1, 1)] = np.nan
    texts = [["" if np.isnan(v) else signed(v, 2) for v in row] for row in values]
    figure = blank(6.3, 0.9 + 0.36 * p)
    headline(figure, title)
    axes = figure.subplots()
    mesh = heat_cells(axes, values, style.DIVERGING, Normalize(-1, 1), texts=texts, size=7)
    labels = [f"{c} {(indicator_names or {}).get(c, '')}".strip() for c in columns]
    axes.set_yticks(range(p - 1), labels[1:])
    axes.set_xticks(range(p - 1), labels[:-1], rotation=45, ha="right", rotation_mode="anchor")
    bar = figure.colorbar(mesh, ax=axes, shrink=0.6, aspect=26, pad=0.01)
    bar.outline.set_linewidth(0.5)
    bar.set_label(coefficient)
    return figure


@styled
def scaling_comparison(
    shares: pd.DataFrame,
    *,
    indicator_names: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """What each scaling makes of the distance: the part of every indicator in it.

    Parameters
    ----------
    shares : DataFrame, indicators × scalings
        Share of the sum of all squared distances due to the indicator; columns sum to 1. The
        line marks an equal part for all.
    """
    total = shares.sum()
    wrong = total[(total - 1).abs() > 1e-6]
    if len(wrong):
        raise InputError(f"shares of {wrong.index[0]!r} sum to {wrong.iloc[0]:.6g}, not to 1")
    p, m = shares.shape
    figure = blank(style.WIDTH, 0.75 + 0.17 * p)
    headline(figure, title)
    panels = figure.subplots(1, m, sharey=True, squeeze=False).ravel()
    labels = [f"{c} {(indicator_names or {}).get(c, '')}".strip() for c in shares.index]
    y = np.arange(p)
    reach = float(shares.to_numpy().max())
    for axes, column in zip(panels, shares.columns, strict=True):
        part = shares[column].to_numpy(dtype=float)
        axes.axvline(
            1 / p,
            color=style.OKABE_ITO["vermillion"],
            linewidth=1.0,
            linestyle=(0, (4, 2.5)),
            zorder=1,
        )
        axes.barh(
            y,
            part,
            height=0.7,
            color=style.OKABE_ITO["sky blue"],
            edgecolor=style.INK,
            linewidth=0.5,
            zorder=2,
        )
        for i, value in enumerate(part):
            text = percent(value, 1)
            if 0 < value < 0.0005:
                text = "under " + percent(0.001, 1)
            axes.annotate(
                text,
                (max(value, 1 / p), i),
                xytext=(4, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=SMALLEST,
            )
        axes.set_xlim(0, reach * (1 + 0.42 * m / 5))
        axes.set_ylim(p - 0.4, -0.6)
        axes.set_yticks(y, labels)
        axes.tick_params(axis="y", length=0)
        axes.set_xticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.axvline(0, color=style.MUTED, linewidth=0.8)
        heading = wrap(str(column), 72 * 0.7 * style.WIDTH / m, 8, "bold")
        axes.set_title("\n".join(heading), fontsize=8)
    figure.supxlabel(
        "Share of the sum of all squared distances; dashed line: an equal part for "
        f"all ({percent(1 / p, 1)})",
        fontsize=7.5,
    )
    return figure
