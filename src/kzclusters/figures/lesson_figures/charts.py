"""Criteria for the number of clusters, and clusters year by year."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import SMALLEST, badge, check_labels, cluster_patch, names_of, row_height
from hclustkit.draw.style import ClusterStyle, styled
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kzclusters.figures.lesson_figures.points import NEW
from kzclusters.figures.marks import DASHES, GROUND, Look, box, dots, hide_spines, note, sheet

BETTER = ("largest", "smallest")


@styled
def criterion_panels(
    curves: pd.DataFrame, better: Mapping[str, str], *, n_clusters: int | None = None
) -> Figure:
    """Draw criteria for the number of clusters, one small chart each, the best value marked.

    Parameters
    ----------
    curves : DataFrame
        Index the numbers of clusters, columns the criteria by their printed names.
    better : column → "largest" or "smallest"
    n_clusters : a number to mark in all of them, optional
    """
    if curves.empty:
        raise refusal("criterion_panels: there is no criterion", "curves", "not-empty")
    for column in curves.columns:
        if better.get(column) not in BETTER:
            text = f"criterion {column!r}: say whether the largest or the smallest is best"
            place = f"better, criterion {column}"
            raise refusal(text, place, "largest-or-smallest", better.get(column))
    figure, panels = sheet(style.WIDTH, 2.45, 1, curves.shape[1])
    for axes, column in zip(panels, curves.columns, strict=True):
        _draw_criterion(axes, curves[column].astype(float), better[column] == "largest")
        if n_clusters is not None and n_clusters in curves.index:
            line: Look = {"color": style.MUTED, "linewidth": 0.9, "linestyle": DASHES, "zorder": 1}
            axes.axvline(n_clusters, **line)
        axes.grid(axis="y")
        axes.set_title(f"{column}\n({better[column]} is best)", fontsize=7.5)
        axes.set_xticks(list(curves.index)[::2])
        axes.set_xlabel("Number of clusters k")
    return figure


def _draw_criterion(axes: Axes, values: pd.Series, above: bool) -> None:
    """Draw a criterion by number of clusters; ``above`` where its largest value is best."""
    line: Look = {"color": style.OKABE_ITO["blue"], "marker": "o", "markersize": 3.2}
    axes.plot(values.index, values, clip_on=False, zorder=3, **line)
    best = values.idxmax() if above else values.idxmin()
    look: Look = {"color": NEW, "markeredgecolor": style.INK, "clip_on": False, "zorder": 4}
    dots(axes, best, values[best], "D", 8, **look)
    low, high = float(values.min()), float(values.max())
    room = (high - low or 1.0) * 0.22
    axes.set_ylim(low - room, high + room)
    right = list(values.index).index(best) > len(values) / 2
    side = {"ha": "right" if right else "left", "va": "bottom" if above else "top"}
    look = {"fontweight": "bold", "annotation_clip": False, "bbox": {**GROUND, "pad": 1.0}}
    shift = (0, 7 if above else -7)
    note(axes, f"k = {best}", (best, values[best]), shift, zorder=5, **side, **look)


@styled
def membership_by_year(
    memberships: pd.DataFrame,
    order: Sequence[str],
    *,
    styles: Mapping[Hashable, Mapping[int, ClusterStyle]],
    moved: pd.DataFrame,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the cluster of every region year by year, as coloured and numbered cells.

    Parameters
    ----------
    memberships : DataFrame of int, index the labels, one column per year
    order : the labels from above
    styles : year → cluster number → look, matched from year to year by the caller
    moved : DataFrame of bool, the same shape: cells to frame
    names : label → printed name, optional
    """
    check_labels("order", order, memberships.index)
    check_labels("moved", moved.index, memberships.index)
    check_columns("moved", moved, list(memberships.columns))
    row, size = row_height(len(order), 0.2)
    years = list(memberships.columns)
    width = min(style.WIDTH, 2.4 + 0.75 * len(years))
    figure, (axes,) = sheet(width, 0.55 + row * len(order))
    cell = (0.88, 0.86)
    frame: Look = {"zorder": 4, "fill": False, "edgecolor": style.INK, "linewidth": 2.4}
    for x, year in enumerate(years):
        for y, label in enumerate(order):
            number, framed = int(memberships.loc[label, year]), bool(moved.loc[label, year])
            corner = (x - 0.44, y - 0.43)
            box(axes, *corner, *cell, zorder=2, **cluster_patch(styles[year][number]))
            if framed:
                box(axes, *corner, *cell, **frame)
            badge(axes, x, y, str(number) + (" \N{BLACK DIAMOND}" if framed else ""), size=SMALLEST)
    axes.set_xlim(-0.5, len(years) - 0.5)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(years)), [str(year) for year in years])
    axes.set_yticks(range(len(order)) if size else [], names_of(order, names) if size else [])
    axes.tick_params(length=0, labelsize=min(8.0, size or 8.0))
    hide_spines(axes)
    return figure
