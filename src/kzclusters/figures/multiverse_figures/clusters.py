"""What becomes of clusters over the grid: pairs together, exact recovery, survival of errors."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    check_labels,
    heat_cells,
    join_names,
    names_of,
    percent,
    runs,
    wrap,
)
from hclustkit.draw.style import ClusterStyle, cluster_numbers, cluster_styles, roman, styled
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kzclusters.figures.marks import (
    Look,
    box,
    cluster_block,
    color_bar,
    dots,
    dots_key,
    fine_percent,
    note,
    percent_ticks,
    rows_axis,
    sheet,
)
from kzclusters.figures.multiverse_figures.looks import RED, group_look


def _member_lists(
    membership: pd.Series,
    looks: Mapping[int, ClusterStyle],
    names: Mapping[str, str] | None,
    width: float,
) -> list[str]:
    """List the members of each cluster in lines of at most ``width`` points."""
    lists = [names_of(membership.index[membership == number], names) for number in looks]
    return ["\n".join(wrap(join_names(members), width, 7.5)) for members in lists]


@styled
def coassociation_pair(
    coassociation: pd.DataFrame,
    published: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
) -> Figure:
    """Draw how often each pair is together beside the published clusters, in their order.

    Parameters
    ----------
    coassociation : DataFrame, shape (n, n), shares 0–1, labels on both sides
    published : Series, index the labels
        Published clusters, Roman numerals or numbers; rows are ordered by them.
    """
    published = cluster_numbers(published)
    check_labels("published clusters", published.index, coassociation.index)
    check_labels("columns of the co-association matrix", coassociation.columns, coassociation.index)
    order = list(published.sort_values(kind="stable").index)
    looks = cluster_styles(published, styles)
    n, numbers = len(order), published[order].to_numpy()
    block = (numbers[:, None] == numbers[None, :]).astype(float)
    found = coassociation.loc[order, order].to_numpy(dtype=float).copy()
    texts = _pair_texts(found) if n <= 20 else None
    np.fill_diagonal(found, np.nan)
    np.fill_diagonal(block, np.nan)
    figure, panels = sheet(style.WIDTH, 4.7, 1, 2, sharey=True)
    stretches, mesh = runs(published, order), None
    titles = ("Published clusters", "All specifications")
    matrices = zip(panels, (block, found), (None, texts), titles, strict=True)
    for axes, values, text, head in matrices:
        axes.set_facecolor("#D9D9D9")
        norm = Normalize(0, 1)
        mesh = heat_cells(axes, values, style.SEQUENTIAL, norm, texts=text, size=SMALLEST)
        axes.set_aspect("equal")
        axes.set_title(head, pad=4)
        axes.set_xticks(range(n), names_of(order, names), rotation=90)
        axes.tick_params(axis="both", labelsize=7)
        frame: Look = {"fill": False, "edgecolor": RED, "linewidth": 1.6, "clip_on": False}
        for _, first, last in stretches:
            side = last - first + 1
            box(axes, first - 0.5, first - 0.5, side, side, zorder=5, **frame)
    panels[0].set_yticks(range(n), names_of(order, names))
    panels[0].tick_params(axis="y", pad=22)
    panels[1].tick_params(axis="y", labelleft=False)
    for number, first, last in stretches:
        place, extent = (-0.095, first - 0.5), (0.08, last - first + 1)
        at = (-0.055, (first + last) / 2)
        look = looks[number]
        cluster_block(panels[0], look, roman(number), place, extent, at, SMALLEST, zorder=3)
    bar = {"orientation": "horizontal", "shrink": 0.5, "aspect": 45, "pad": 0.01}
    label = "Share of specifications with both in one cluster (numbers: %)"
    percent_ticks(color_bar(figure, mesh, list(panels), label, **bar).xaxis)
    return figure


def _pair_texts(shares: np.ndarray) -> list[list[str]]:
    """Write shares as whole percentages; nothing on the diagonal and below half a percent."""
    return [
        ["" if i == j or share < 0.005 else f"{100 * share:.0f}" for j, share in enumerate(row)]
        for i, row in enumerate(shares)
    ]


@styled
def recovery_bars(
    recovery: pd.DataFrame,
    published: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
) -> Figure:
    """Draw how often each published cluster is recovered exactly, by linkage.

    Parameters
    ----------
    recovery : DataFrame
        Columns ``cluster`` (as in ``published``), ``linkage``, ``share`` (0–1). Linkages are drawn
        in order of appearance.
    published : Series, index the labels
        Published clusters, Roman numerals or numbers.
    """
    check_columns("recovery", recovery, ["cluster", "linkage", "share"])
    published = cluster_numbers(published)
    table = recovery.assign(cluster=cluster_numbers(recovery["cluster"]))
    looks = cluster_styles(published, styles)
    check_labels("recovery", sorted(table["cluster"].unique()), list(looks))
    linkages = list(dict.fromkeys(table["linkage"]))
    wide = table.pivot(index="cluster", columns="linkage", values="share")[linkages]
    height = 0.85 + len(looks) * (0.16 + 0.145 * len(linkages))
    figure, (axes,) = sheet(style.WIDTH, height)
    _draw_recovery(axes, wide)
    labels = _member_lists(published, looks, names, 120)
    rows_axis(axes, len(looks), labels, 0.45, pad=30, labelsize=7.5)
    for i, (number, look) in enumerate(looks.items()):
        place, extent, at = (-0.05, i - 0.4), (0.038, 0.8), (-0.031, i)
        cluster_block(axes, look, roman(number), place, extent, at, 7)
    axes.set_xlim(0, min(1.12, max(0.1, float(np.nanmax(wide.to_numpy())) * 1.14)))
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    axes.grid(axis="x")
    percent_ticks(axes.xaxis)
    axes.set_xlabel("Share of specifications that recover the cluster exactly")
    if len(linkages) > 1:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(linkages))
    return figure


def _draw_recovery(axes: Axes, shares: pd.DataFrame) -> None:
    """Draw a bar for every cluster (row) and linkage (column), with its percentage."""
    height = 0.8 / shares.shape[1]
    for i, linkage in enumerate(shares.columns):
        color, hatch, _ = group_look(i)
        y = np.arange(len(shares)) + (i - (shares.shape[1] - 1) / 2) * height
        part = shares[linkage].to_numpy(dtype=float)
        look: Look = {"color": color, "hatch": hatch, "hatchcolor": "white", "edgecolor": style.INK}
        axes.barh(y, part, height=height * 0.9, linewidth=0.5, label=str(linkage), **look)
        for value, at in zip(part, y, strict=True):
            place = {"va": "center_baseline", "fontsize": SMALLEST}
            note(axes, fine_percent(value), (value, at), (3, 0), **place)


_MARKERS, _SHADES = "osD^vPX", [0.95, 0.6, 0.3, 0.45, 0.75, 0.2, 0.85]


def _level_look(j: int) -> Look:
    """Give the fill and edge of the j-th level of error."""
    shade = style.SEQUENTIAL(_SHADES[j % len(_SHADES)])
    return {"color": shade, "markeredgecolor": style.INK, "markeredgewidth": 0.7}


@styled
def noise_survival_plot(
    survival: pd.DataFrame, membership: pd.Series, *, names: Mapping[str, str] | None = None
) -> Figure:
    """Draw how often each cluster comes back exactly when every value carries an error.

    Parameters
    ----------
    survival : DataFrame
        Columns ``level`` (relative standard deviation of the error: 0.05 is 5%), ``cluster``,
        ``survived`` (share of draws, 0–1); optional ``jaccard`` (mean of the largest Jaccard
        coefficient), a second panel.
    membership : Series of int, index the labels
        The clusters of the undisturbed table.
    """
    check_columns("noise survival", survival, ["level", "cluster", "survived"])
    looks = cluster_styles(membership)
    check_labels("noise survival", sorted(survival["cluster"].unique()), list(looks))
    measures = {"survived": "Share of draws in which the\ncluster comes back exactly"}
    if "jaccard" in survival:
        measures["jaccard"] = "Mean Jaccard coefficient with\nthe most similar cluster"
    labels = _member_lists(membership, looks, names, 118)
    lines = math.fsum(max(1.6, label.count("\n") + 1) for label in labels)
    height = 0.95 + 0.135 * lines + 0.1 * len(looks)
    figure, panels = sheet(style.WIDTH, height, 1, len(measures), sharey=True)
    for axes, (column, label) in zip(panels, measures.items(), strict=True):
        wide = survival.pivot(index="cluster", columns="level", values=column).loc[list(looks)]
        _draw_survival(axes, wide)
        axes.set_xlim(0, 1)
        axes.grid(axis="both")
        axes.set_xlabel(label)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    percent_ticks(panels[0].xaxis)
    rows_axis(panels[0], len(looks), labels, pad=28, labelsize=7.5)
    width = 0.045 * len(measures) + 0.01
    for i, (number, look) in enumerate(looks.items()):
        place, extent, at = (-1.35 * width, i - 0.36), (width, 0.72), (-0.85 * width, i)
        cluster_block(panels[0], look, str(number), place, extent, at, 7)
    levels = sorted(survival["level"].unique())
    handles = [
        dots_key(percent(float(level)), _MARKERS[j % len(_MARKERS)], 5.5, **_level_look(j))
        for j, level in enumerate(levels)
    ]
    heading = "Relative error of every value (standard deviation)"
    figure.legend(handles=handles, loc="outside upper center", ncols=len(levels), title=heading)
    return figure


def _draw_survival(axes: Axes, shares: pd.DataFrame) -> None:
    """Draw a row for every cluster with a marker for every level of error (column)."""
    for i in range(len(shares)):
        y = np.full(shares.shape[1], i)
        axes.plot(shares.iloc[i], y, color=style.MUTED, linewidth=0.9, zorder=2)
    for j, level in enumerate(shares.columns):
        look: Look = {**_level_look(j), "clip_on": False, "zorder": 6 - j * 0.1}
        marker, size = _MARKERS[j % len(_MARKERS)], 6.0 - 0.3 * j
        dots(axes, shares[level], np.arange(len(shares)), marker, size, **look)
