"""How rare agreement of the real size is, beside groupings and tables that know nothing of it."""

from __future__ import annotations

import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.style import styled
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kzclusters.figures.marks import (
    dots,
    note,
    note_at_edge,
    plain_number,
    rows_axis,
    share_bars,
    sheet,
)
from kzclusters.figures.multiverse_figures.looks import RED, group_look


@styled
def null_shares(shares: pd.DataFrame, bins: pd.DataFrame, observed: float) -> Figure:
    """Draw the share of each null that agrees as well as the real grouping, and one null whole.

    Parameters
    ----------
    shares : DataFrame
        Columns ``null`` (printed), ``n``, ``holds_real`` (whether the real one is among them),
        ``over`` (printed: over what the mean is taken), ``share``.
    bins : DataFrame
        ``left``, ``right``, ``count``: the means of the last null.
    observed : the real mean
    """
    check_columns("shares", shares, ["null", "n", "holds_real", "over", "share"])
    check_columns("bins", bins, ["left", "right", "count"])
    kinds = shares.drop_duplicates("null")
    height = 1.1 + 0.24 * len(kinds)
    figure, (rows, whole) = sheet(style.WIDTH, height + 1.45, 2, 1, height_ratios=[height, 1.45])
    _draw_shares(rows, shares, kinds)
    share_bars(whole, bins["left"], bins["right"], bins["count"], group_look(0))
    whole.axvline(observed, color=RED, linewidth=1.6)
    place = {"xycoords": ("data", "axes fraction"), "va": "top", "fontsize": 7.5}
    note(whole, f"real: {observed:.3f}", (observed, 0.98), (4, 0), **place)
    whole.set_xlabel(f"Mean adjusted Rand index ({kinds['null'].iloc[-1]})")
    whole.set_ylabel("Share")
    return figure


def _draw_shares(axes: Axes, shares: pd.DataFrame, kinds: pd.DataFrame) -> None:
    """Draw a row for every null with a marker for every set of specifications."""
    place = {null: at for at, null in enumerate(kinds["null"])}
    for at, (over, part) in enumerate(shares.groupby("over", sort=False)):
        color, _, marker = group_look(at)
        edge = {"markeredgecolor": style.INK, "markeredgewidth": 0.5, "zorder": 4}
        y = part["null"].map(place)
        dots(axes, part["share"], y, marker, 6 if at == 0 else 4.5, color=color, label=over, **edge)
    labels = [
        str(row.null) if row.holds_real else f"{row.null} \N{DAGGER}" for row in kinds.itertuples()
    ]
    rows_axis(axes, len(kinds), labels)
    for y, n in enumerate(kinds["n"]):
        note_at_edge(axes, plain_number(n), y, (58, 0), va="center_baseline", fontsize=7)
    note_at_edge(axes, "how many", -0.75, (58, 0), va="bottom", fontsize=7)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{plain_number(100 * x)}%")
    axes.set_xlabel("Share that agrees as well")
    axes.grid(axis="both")
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2)
