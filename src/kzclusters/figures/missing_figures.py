"""What missing values could change: shares of points without change, and what P1 can do."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.style import styled
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kzclusters.figures.marks import box, hide_spines, sheet
from kzclusters.wording import SCALINGS

NEEDED = ["reading", "columns", "scaling", "year", "unchanged", "proved", "verdict"]
DARK = to_rgb(style.OKABE_ITO["blue"])
STATUS_LOOKS = {
    "reachable": ("white", "", "can"),
    "open": (style.PALE, "////", "open"),
    "impossible": (style.OKABE_ITO["sky blue"], "", "cannot"),
}
"""Fill, hatch and word of what one free column can do."""


@styled
def missing_ranges(
    cells: pd.DataFrame, free: pd.DataFrame, *, readings: Mapping[str, str] | None = None
) -> Figure:
    """Draw where P10 and P11 leave the partition as it is, and where one column gives Figure 3.

    Parameters
    ----------
    cells : DataFrame
        ``reading``, ``columns``, ``scaling``, ``year``, ``unchanged``, ``proved``, ``verdict``;
        one set of values.
    free : DataFrame
        ``scaling``, ``year``, ``status`` of one free column: a name of `STATUS_LOOKS`.
    readings : reading -> printed name, optional
    """
    check_columns("cells", cells, NEEDED)
    check_columns("free columns", free, ["scaling", "year", "status"])
    unknown = sorted(set(free["status"]) - set(STATUS_LOOKS))
    if unknown:
        text = f"the status {unknown[0]!r} is not one of {', '.join(STATUS_LOOKS)}"
        raise refusal(text, "free columns", "unknown-status", unknown[0])
    kinds = list(dict.fromkeys(cells["reading"]))
    figure, panels = sheet(style.WIDTH, 5.2, 1, len(kinds) + 1, sharey=False)
    for axes, kind in zip(panels, kinds, strict=False):
        rows = cells[cells["reading"] == kind]
        _shares(axes, rows, first=axes is panels[0])
        axes.set_title(textwrap.fill((readings or {}).get(kind, kind), 30), fontsize=8)
    _statuses(panels[-1], free)
    panels[-1].set_title("P1: one free column\ncan give Figure 3", fontsize=8)
    handles = [
        Patch(facecolor="white", edgecolor=style.INK, linewidth=1.4, label="proved for all values"),
        Patch(facecolor=DARK, edgecolor="none", label="every point unchanged"),
        Patch(facecolor="white", edgecolor=style.FAINT, label="none unchanged"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _grid(axes: Axes, rows: Sequence[str], columns: Sequence[str], **turned: Any) -> None:
    """Label rows and columns of a grid of cells; ``turned`` are settings of the column labels."""
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), columns, **turned)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0, labelsize=7)
    hide_spines(axes)


def _shares(axes: Axes, rows: pd.DataFrame, *, first: bool) -> None:
    """Draw the share of the points without change, a cell for each year and scaling."""
    choices = list(dict.fromkeys(rows["columns"]))
    scalings, years = list(dict.fromkeys(rows["scaling"])), sorted(set(rows["year"]))
    lines = [(choice, scaling) for choice in choices for scaling in scalings]
    for row in rows.itertuples():
        i, j = lines.index((row.columns, row.scaling)), years.index(row.year)
        share = float(row.unchanged)
        fill = tuple(1 - share * (1 - part) for part in DARK)
        box(axes, j - 0.5, i - 0.5, 1, 1, facecolor=fill, edgecolor="white", linewidth=1.0)
        ink = "white" if share > 0.55 else style.INK
        text = f"{share * 100:.0f}"
        axes.text(j, i, text, ha="center", va="center_baseline", fontsize=6.8, color=ink)
        if row.proved and row.verdict != "depends":
            look = {"facecolor": "none", "edgecolor": style.INK, "linewidth": 1.2}
            box(axes, j - 0.42, i - 0.42, 0.84, 0.84, **look)
    for at in range(len(scalings), len(lines), len(scalings)):
        axes.axhline(at - 0.5, color=style.INK, linewidth=0.8)
    names = [SCALINGS.get(scaling, scaling) if first else "" for _, scaling in lines]
    _grid(axes, names, list(map(str, years)), rotation=45, ha="right")
    for at, choice in enumerate(choices):
        words = choice.replace(" ", " and ")
        middle = (at + 0.5) * len(scalings) - 0.5
        axes.text(len(years) - 0.4, middle, words, rotation=270, va="center", fontsize=7)


def _statuses(axes: Axes, free: pd.DataFrame) -> None:
    """Draw what one free column can do, a cell for each year and scaling."""
    scalings, years = list(dict.fromkeys(free["scaling"])), sorted(set(free["year"]))
    for row in free.itertuples():
        i, j = years.index(row.year), scalings.index(row.scaling)
        fill, hatch, word = STATUS_LOOKS[row.status]
        look = {"facecolor": fill, "hatch": hatch, "hatchcolor": style.FAINT}
        box(axes, j - 0.5, i - 0.5, 1, 1, edgecolor=style.FAINT, linewidth=0.8, **look)
        axes.text(j, i, word, ha="center", va="center_baseline", fontsize=6.8)
    names = [
        SCALINGS.get(name, name).replace(" of ", "\nof ").replace(" 0", "\n0") for name in scalings
    ]
    _grid(axes, list(map(str, years)), names, rotation=45, ha="right")
