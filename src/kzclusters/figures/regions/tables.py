"""Tables of regions and indicators as pictures: heat maps, profiles of clusters, correlations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from hclustkit.draw import style
from hclustkit.draw.layout import (
    check_labels,
    cluster_lines,
    cluster_patch,
    heat_cells,
    join_names,
    names_of,
    strip,
    with_minus,
    wrap,
)
from hclustkit.draw.style import ClusterStyle, cluster_styles, styled
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure

from kzclusters.figures.marks import (
    GROUND,
    Look,
    box,
    coded_names,
    color_bar,
    dots,
    note,
    rows_axis,
    sheet,
)


@styled
def indicator_heatmap(
    z: pd.DataFrame,
    order: Sequence[str],
    membership: pd.Series | None = None,
    *,
    columns: Sequence[str] | None = None,
    indicator_names: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
) -> Figure:
    """Draw a standardised table in the order of the tree: regions down, indicators across.

    Parameters
    ----------
    z : DataFrame, regions × indicators
        The colours; also printed in the cells.
    order : the regions from top to bottom, e.g. as in the dendrogram
    membership : Series of int by region, optional; lines separate the clusters
    columns : all indicators to show, optional; those not in ``z`` are hatched, "no data"
    indicator_names : indicator -> printed name
    """
    order = list(order)
    check_labels("order", order, z.index)
    wanted = list(columns) if columns is not None else list(z.columns)
    lost = [column for column in z.columns if column not in wanted]
    if lost:
        text = f"columns: the column {lost[0]!r} of the table is missing"
        raise refusal(text, "columns", "missing-label", lost[0])
    numbers = z.reindex(index=order, columns=wanted).to_numpy(dtype=float)
    texts = [[with_minus(v) if np.isfinite(v) else "" for v in row] for row in numbers]
    figure, (axes,) = sheet(style.WIDTH, 2.2 + 0.245 * len(order))
    reach = float(np.nanmax(np.abs(numbers)))
    mesh = heat_cells(axes, numbers, style.DIVERGING, TwoSlopeNorm(0.0, -reach, reach), texts=texts)
    for j, column in enumerate(wanted):
        if column not in z.columns:
            _empty_column(axes, j, len(order))
    _column_heads(axes, wanted, indicator_names or {})
    axes.set_yticks(range(len(order)), names_of(order, names))
    axes.tick_params(axis="y", labelsize=8, pad=4 if membership is None else 24)
    if membership is not None:
        check_labels("membership", membership.index, order)
        width = 15 / (72 * (style.WIDTH - 2.15) / len(wanted) * len(wanted))
        looks = cluster_styles(membership, styles)
        strip(axes, membership, order, looks, at=-1.35 * width, width=width)
        cluster_lines(axes, membership, order, (-0.5, len(wanted) - 0.5))
    bar = {"orientation": "horizontal", "shrink": 0.45, "aspect": 38, "pad": 0.015}
    color_bar(figure, mesh, axes, "z-score (0 = mean of the regions)", **bar)
    return figure


def _empty_column(axes: Axes, j: int, rows: int) -> None:
    """Hatch a column of a heat map that has no data."""
    hatched: Look = {"facecolor": "white", "hatch": "////", "hatchcolor": style.FAINT}
    box(axes, j - 0.46, -0.5, 0.92, rows, edgecolor=style.FAINT, linewidth=0.5, **hatched)
    place: Look = {"rotation": 90, "ha": "center", "va": "center"}
    axes.text(j, (rows - 1) / 2, "no data", fontsize=7.5, bbox={**GROUND, "pad": 2}, **place)


def _column_heads(axes: Axes, columns: Sequence[str], names: Mapping[str, str]) -> None:
    """Print codes and names above the columns of a heat map, turned where they are long."""
    printed = coded_names(columns, names)
    axes.xaxis.tick_top()
    turned: Look = {"rotation": 60, "ha": "left", "rotation_mode": "anchor", "linespacing": 1.0}
    long = any(len(text) > 6 for text in printed)
    axes.set_xticks(range(len(columns)), printed, **(turned if long else {}))
    axes.tick_params(axis="x", labelsize=6.5 if len(columns) > 11 else 7.0, pad=2)


@styled
def cluster_profiles(
    z: pd.DataFrame,
    membership: pd.Series,
    means: pd.DataFrame,
    *,
    indicator_names: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
) -> Figure:
    """Draw the profile of each cluster in a panel: its mean and its members by indicator.

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
    heads = []
    for number in looks:
        members = names_of([r for r in z.index if membership[r] == number], names)
        heads.append(wrap(join_names(members), 72 * (style.WIDTH - 1.3) / across - 24, 7))
    lines = max(map(len, heads))
    panel = 0.155 * z.shape[1] + 0.25 + 0.125 * lines
    height = 0.55 + down * panel
    figure, panels = sheet(style.WIDTH, height, down, across, sharex=True, sharey=True)
    reach = float(np.nanmax(np.abs(z.to_numpy()))) * 1.08
    labels = coded_names(z.columns, indicator_names)
    for axes, (number, look), head in zip(panels, looks.items(), heads, strict=False):
        mean = means.loc[number, list(z.columns)].to_numpy(dtype=float)
        inside = z[membership.reindex(z.index) == number]
        _draw_profile(axes, mean, inside, look)
        axes.axvline(0, color=style.INK, linewidth=0.8, zorder=3)
        axes.grid(axis="x")
        axes.set_xlim(-reach, reach)
        rows_axis(axes, z.shape[1], labels, labelsize=7)
        _profile_head(axes, str(number), look, head + [""] * (lines - len(head)))
    for axes in panels[len(looks) :]:
        axes.set_axis_off()
    figure.supxlabel("z-score: bar = mean of the cluster, dots = its members", fontsize=8)
    return figure


def _draw_profile(axes: Axes, mean: np.ndarray, inside: pd.DataFrame, look: ClusterStyle) -> None:
    y = np.arange(len(mean))
    axes.barh(y, mean, height=0.62, **cluster_patch(look, linewidth=0.5))
    if len(inside) > 1:
        edge = {"markeredgecolor": style.INK, "markeredgewidth": 0.6}
        for _, row in inside.iterrows():
            values = row.to_numpy(dtype=float)
            dots(axes, values, y, "o", 2.6, markerfacecolor="white", zorder=4, **edge)


def _profile_head(axes: Axes, number: str, look: ClusterStyle, lines: Sequence[str]) -> None:
    """Print the number of a cluster in its colour, and its members beside it."""
    members = "\n".join(lines)
    axes.set_title(members, fontsize=7, fontweight="normal", loc="left", x=0.14, pad=3)
    shape: Look = {"boxstyle": "round,pad=0.22,rounding_size=0.55", "linewidth": 0.6}
    shape |= {"facecolor": look.color, "edgecolor": style.INK}
    bold: Look = {"fontsize": 8, "fontweight": "bold", "color": look.text_color, "bbox": shape}
    place: Look = {"xycoords": "axes fraction", "ha": "center", "annotation_clip": False}
    note(axes, number, (0, 1), (6, 4 + 8.4 * (len(lines) - 1)), **bold, **place)


@styled
def correlation_heatmap(
    correlation: pd.DataFrame, *, indicator_names: Mapping[str, str] | None = None
) -> Figure:
    """Draw the lower triangle of a correlation matrix, values printed.

    Parameters
    ----------
    correlation : DataFrame, indicators × indicators, values in −1 … 1
    """
    columns = list(correlation.columns)
    check_labels("rows of the correlation matrix", correlation.index, columns)
    p = len(columns)
    values = correlation.loc[columns, columns].to_numpy(dtype=float)[1:, :-1].copy()
    values[np.triu_indices(p - 1, 1)] = np.nan
    texts = [["" if np.isnan(v) else with_minus(v, 2) for v in row] for row in values]
    figure, (axes,) = sheet(6.3, 0.9 + 0.36 * p)
    mesh = heat_cells(axes, values, style.DIVERGING, Normalize(-1, 1), texts=texts, size=7)
    labels = coded_names(columns, indicator_names)
    axes.set_yticks(range(p - 1), labels[1:])
    axes.set_xticks(range(p - 1), labels[:-1], rotation=45, ha="right", rotation_mode="anchor")
    color_bar(figure, mesh, axes, "Pearson correlation", shrink=0.6, aspect=26, pad=0.01)
    return figure
