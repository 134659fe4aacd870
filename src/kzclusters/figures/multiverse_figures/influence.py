"""What the result depends on: choices, luck, single indicators and regions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import names_of
from hclustkit.draw.style import styled
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kzclusters.figures.marks import (
    DASHES,
    Look,
    dots,
    dots_key,
    fine_percent,
    note_at_edge,
    percent_ticks,
    rows_axis,
    sheet,
)
from kzclusters.figures.multiverse_figures.looks import BLUE, RED


@styled
def variance_share_bars(
    shares: pd.DataFrame, *, factor_names: Mapping[str, str] | None = None
) -> Figure:
    """Draw which choices matter: the share of the variance of agreement due to each.

    Parameters
    ----------
    shares : DataFrame, index the factors
        ``shapley`` (bars; they add up to one), optional ``first_order`` and ``total`` (markers);
        other columns are ignored. Drawn in falling order of ``shapley``.
    factor_names : factor -> printed name, optional
    """
    check_columns("variance shares", shares, ["shapley"])
    table = shares.sort_values("shapley", ascending=False, kind="stable")
    figure, (axes,) = sheet(style.WIDTH, 0.85 + 0.215 * len(table))
    _draw_variance_shares(axes, table)
    # in a column of their own: beside a marker a share would be taken for the marker's value
    for y, value in enumerate(table["shapley"]):
        place = {"va": "center_baseline", "fontsize": 7}
        note_at_edge(axes, fine_percent(float(value)), y, (40, 0), **place)
    note_at_edge(axes, "Shapley\nshare", -0.6, (40, 3), va="bottom", fontsize=7)
    names = factor_names or {}
    labels = [f"{f} {names[f]}" if f in names else f for f in map(str, table.index)]
    rows_axis(axes, len(table), labels, pad=8)
    drawn = [column for column in ("shapley", "first_order", "total") if column in table]
    axes.set_xlim(0, float(table[drawn].max().max()) * 1.04)
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    axes.grid(axis="x")
    percent_ticks(axes.xaxis)
    axes.set_xlabel("Share of the variance of the adjusted Rand index")
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3)
    return figure


def _draw_variance_shares(axes: Axes, table: pd.DataFrame) -> None:
    """Draw a bar for the Shapley share and markers for the other shares of every factor."""
    y = np.arange(len(table))
    look: Look = {"color": style.OKABE_ITO["sky blue"], "edgecolor": style.INK, "linewidth": 0.5}
    label = "Shapley share (all add up to 100%)"
    axes.barh(y, table["shapley"], height=0.7, label=label, **look)
    for column, marker, label, color, fill in (
        ("first_order", "D", "alone (first order)", BLUE, BLUE),
        ("total", "o", "with all interactions (total)", RED, "white"),
    ):
        if column in table:
            edge: Look = {"markeredgecolor": color, "markeredgewidth": 1.3, "zorder": 4}
            look = {"color": fill, "label": label, "clip_on": False, **edge}
            dots(axes, table[column], y, marker, 5, **look)


_REFERENCE: Look = {"color": RED, "markeredgecolor": style.INK}
_BASELINE: Look = {"color": "white", "markeredgecolor": BLUE, "markeredgewidth": 1.4}
_LINE: Look = {"color": style.INK, "linewidth": 1.0, "linestyle": DASHES}


@styled
def leave_out_plot(
    table: pd.DataFrame, baseline: float, *, names: Mapping[str, str] | None = None
) -> Figure:
    """Draw what the result owes to one indicator, one group of indicators or one region.

    Parameters
    ----------
    table : DataFrame, one row per omission
        Columns ``kind`` (e.g. "indicator", "group", "object"), ``left_out``, ``ari_reference``
        (agreement with the published clusters), ``ari_baseline`` (with the baseline).
    baseline : agreement of the baseline itself with the published clusters, a line
    names : left out -> printed name, optional
    """
    check_columns("leave-out table", table, ["kind", "left_out", "ari_reference", "ari_baseline"])
    parts = dict(list(table.groupby("kind", sort=False)))
    height = 1.0 + 0.165 * len(table) + 0.3 * len(parts)
    ratios = [len(part) + 0.6 for part in parts.values()]
    figure, panels = sheet(style.WIDTH, height, len(parts), sharex=True, height_ratios=ratios)
    for axes, (kind, part) in zip(panels, parts.items(), strict=True):
        y = np.arange(len(part))
        pair = (part["ari_reference"], part["ari_baseline"])
        axes.hlines(y, *pair, color=style.FAINT, linewidth=1.0, zorder=1)
        axes.axvline(baseline, zorder=0, **_LINE)
        reference: Look = {**_REFERENCE, "markeredgewidth": 0.6, "clip_on": False}
        dots(axes, pair[0], y, "D", 5, zorder=4, **reference)
        dots(axes, pair[1], y, "o", 5, zorder=3, clip_on=False, **_BASELINE)
        rows_axis(axes, len(part), names_of(part["left_out"], names), labelsize=7.5)
        axes.set_title(f"Without the {'region' if kind == 'object' else kind}", fontsize=8)
        axes.grid(axis="both")
    low = float(min(table[["ari_reference", "ari_baseline"]].min().min(), baseline, 0.0))
    panels[-1].set_xlim(low - 0.02 if low < 0 else 0, 1)
    panels[-1].set_xlabel("Adjusted Rand index")
    label = f"baseline with the published clusters: {baseline:.2f}"
    handles = [
        dots_key("with the published clusters", "D", 5, **_REFERENCE),
        dots_key("with the baseline", "o", 5, **_BASELINE),
        Line2D([], [], label=label, **_LINE),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure
