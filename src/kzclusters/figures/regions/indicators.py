"""Indicators by themselves: which exist, how they are distributed, what scaling does to them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from hclustkit.draw import style
from hclustkit.draw.layout import SMALLEST, names_of, percent, text_width, wrap
from hclustkit.draw.style import styled
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from kzclusters.figures.marks import (
    DASHES,
    Look,
    box,
    coded_names,
    dots_key,
    hide_spines,
    median_look,
    note,
    plain_number,
    sheet,
)

AS_DEFINED, PROXY, MISSING = "as defined", "proxy", "missing"

STATUS_LOOKS: dict[str, tuple[str, str, str, str]] = {
    AS_DEFINED: (style.OKABE_ITO["blue"], "", "\N{BLACK CIRCLE}", "white"),
    PROXY: (style.OKABE_ITO["orange"], "", "\N{CIRCLE WITH LEFT HALF BLACK}", "black"),
    MISSING: ("white", "////", "\N{MULTIPLICATION SIGN}", "black"),
}
"""Per status: fill, hatch, symbol, colour of the symbol."""

BOX = "#D6E9F5"
"""The fill of box plots."""


@styled
def missingness_grid(
    status: pd.DataFrame, *, indicator_names: Mapping[str, str] | None = None
) -> Figure:
    """Draw which indicator exists in which year, and how near it is to the article's definition.

    Parameters
    ----------
    status : DataFrame, indicators × years
        Cells "as defined", "proxy" or "missing".
    """
    present = set(map(str, status.to_numpy().ravel()))
    unknown = sorted(present - set(STATUS_LOOKS))
    if unknown:
        text = f"the status {unknown[0]!r} is not one of {', '.join(STATUS_LOOKS)}"
        raise refusal(text, "status", "unknown-status", unknown[0])
    rows, columns = status.shape
    figure, (axes,) = sheet(min(style.WIDTH, 2.6 + 0.62 * columns), 0.85 + 0.235 * rows)
    for i in range(rows):
        for j in range(columns):
            fill, hatch, sign, ink = STATUS_LOOKS[str(status.iat[i, j])]
            look = {"facecolor": fill, "hatch": hatch, "hatchcolor": style.FAINT}
            box(axes, j - 0.5, i - 0.5, 1, 1, edgecolor="white", linewidth=1.0, **look)
            axes.text(j, i, sign, ha="center", va="center_baseline", fontsize=8, color=ink)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks(range(rows), coded_names(status.index, indicator_names))
    axes.xaxis.tick_top()
    axes.set_xticks(range(columns), [str(column) for column in status.columns])
    axes.tick_params(length=0)
    hide_spines(axes)
    edge: Look = {"edgecolor": style.MUTED, "hatchcolor": style.FAINT, "linewidth": 0.5}
    handles = [
        Patch(facecolor=fill, hatch=hatch, label=f"{sign} {name}", **edge)
        for name, (fill, hatch, sign, _) in STATUS_LOOKS.items()
        if name in present
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
) -> Figure:
    """Draw every indicator in its own unit: box, all regions as dots, the two extremes named.

    Parameters
    ----------
    values : DataFrame, regions × indicators, in units
    units : indicator -> unit
    """
    across = min(3, values.shape[1])
    down = math.ceil(values.shape[1] / across)
    height = 0.2 + 1.08 * down
    spaces = {"wspace": 0.06, "hspace": 0.06}
    figure, panels = sheet(style.WIDTH, height, down, across, spaces=spaces)
    labels = coded_names(values.columns, indicator_names)
    for axes, column, label in zip(panels, values.columns, labels, strict=False):
        series = values[column].dropna().astype(float)
        for other in panels:  # seaborn draws the whole figure for each swarm: only this panel then
            other.set_visible(other is axes)
        _draw_distribution(axes, series)
        _name_extremes(axes, series, names, 72 * (style.WIDTH / across - 0.3))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(plain_number)
        axes.tick_params(axis="x", labelsize=7)
        axes.set_title(label, fontsize=7.5, pad=3)
        axes.set_xlabel(units.get(column, ""), fontsize=7, labelpad=1)
    for axes in panels:
        axes.set_visible(True)
    for axes in panels[values.shape[1] :]:
        axes.set_axis_off()
    if len(panels) > values.shape[1]:
        box_label = "middle half of the regions;\nwhiskers to 1.5 times its width"
        handles = [
            dots_key("a region", "o", 4, color=style.OKABE_ITO["blue"]),
            Line2D([], [], label="median", **median_look()),
            Patch(facecolor=BOX, edgecolor=style.MUTED, label=box_label),
        ]
        panels[-1].legend(handles=handles, loc="center")
    return figure


def _draw_distribution(axes: Axes, series: pd.Series) -> None:
    """Draw a box plot with all values as dots."""
    thin = {"color": style.MUTED, "linewidth": 0.7}
    axes.boxplot(
        series.to_numpy(),
        orientation="horizontal",
        positions=[0],
        widths=0.5,
        showfliers=False,
        patch_artist=True,
        manage_ticks=False,
        boxprops={"facecolor": BOX, "edgecolor": style.MUTED, "linewidth": 0.7},
        medianprops=median_look(),
        whiskerprops=thin,
        capprops=thin,
    )
    # in the low panels a dense spot may pile up at the edge of its band: no reason to warn
    import seaborn  # used here alone, and slow to import

    dot: Look = {"color": style.OKABE_ITO["blue"], "edgecolor": "white", "linewidth": 0.4}
    seaborn.swarmplot(x=series.to_numpy(), ax=axes, size=3.4, zorder=3, warn_thresh=1, **dot)
    span = float(series.max() - series.min()) or 1.0
    axes.set_xlim(series.min() - 0.06 * span, series.max() + 0.06 * span)
    axes.set_ylim(-0.55, 0.95)


def _name_extremes(
    axes: Axes, series: pd.Series, names: Mapping[str, str] | None, room: float
) -> None:
    """Name the regions at both ends, shortened where they need more than ``room`` points."""
    ends = [(float(series.min()), "left"), (float(series.max()), "right")]
    texts = [_holders(series, value, names) for value, _ in ends]
    if sum(text_width(text, SMALLEST) for text in texts) > room:
        texts = [_holders(series, value, names, count=True) for value, _ in ends]
    for (value, side), text in zip(ends, texts, strict=True):
        shift = (-3 if side == "left" else 3, 0)
        place = {"ha": side, "va": "center", "fontsize": SMALLEST, "annotation_clip": False}
        note(axes, text, (value, 0.62), shift, **place)
        axes.plot((value, value), (0.22, 0.5), color=style.MUTED, linewidth=0.5)


def _holders(
    series: pd.Series, value: float, names: Mapping[str, str] | None, *, count: bool = False
) -> str:
    """Name who has the extreme value: all names, or the first and how many more."""
    found = names_of(series.index[np.isclose(series, value, rtol=1e-9, atol=0)], names)
    if count and len(found) > 1:
        return f"{found[0]} and {len(found) - 1} more"
    return ", ".join(found)


@styled
def scaling_comparison(
    shares: pd.DataFrame, *, indicator_names: Mapping[str, str] | None = None
) -> Figure:
    """Draw what each scaling makes of the distance: the part of every indicator in it.

    Parameters
    ----------
    shares : DataFrame, indicators × scalings
        Share of the sum of all squared distances due to the indicator; columns sum to 1. The
        line marks an equal part for all.
    """
    total = shares.sum()
    wrong = total[(total - 1).abs() > 1e-6]
    if len(wrong):
        column, found = wrong.index[0], float(wrong.iloc[0])
        text = f"shares of {column!r} sum to {found:.6g}, not to 1"
        raise refusal(text, f"shares, column {column}", "shares-sum-to-one", found)
    p, m = shares.shape
    figure, panels = sheet(style.WIDTH, 0.75 + 0.17 * p, 1, m, sharey=True)
    labels = coded_names(shares.index, indicator_names)
    reach = float(shares.to_numpy().max())
    for axes, column in zip(panels, shares.columns, strict=True):
        _draw_shares(axes, shares[column].to_numpy(dtype=float))
        axes.set_xlim(0, reach * (1 + 0.42 * m / 5))
        axes.set_ylim(p - 0.4, -0.6)
        axes.set_yticks(np.arange(p), labels)
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


def _draw_shares(axes: Axes, part: np.ndarray) -> None:
    """Draw shares as bars with their percentages, and a line at an equal part for all."""
    p = len(part)
    line: Look = {"color": style.OKABE_ITO["vermillion"], "linewidth": 1.0, "linestyle": DASHES}
    axes.axvline(1 / p, zorder=1, **line)
    look: Look = {"color": style.OKABE_ITO["sky blue"], "edgecolor": style.INK, "linewidth": 0.5}
    axes.barh(np.arange(p), part, height=0.7, zorder=2, **look)
    for i, value in enumerate(part):
        text = "under " + percent(0.001, 1) if 0 < value < 0.0005 else percent(value, 1)
        place = {"va": "center_baseline", "fontsize": SMALLEST}
        note(axes, text, (max(value, 1 / p), i), (4, 0), **place)
