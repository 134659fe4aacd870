"""A published partition pair by pair and object by object, over many partitions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from hclustkit.draw import style
from hclustkit.draw.layout import Names, blank, headline, note, space
from hclustkit.draw.style import styled
from hclustkit.errors import refusal

CASE_NAMES = {
    "same": "the published companions",
    "more": "these and others",
    "fewer": "some or none of these, no others",
    "other": "others, not all of these",
}
"""What the legend calls each case."""

_DARK, _LIGHT = style.OKABE_ITO["blue"], style.OKABE_ITO["sky blue"]
_FILLS = {"same": _DARK, "more": _LIGHT, "fewer": style.PALE, "other": "white", "": "white"}
_MARKS = {"same": "", "more": "+", "fewer": "_", "other": "x"}
_ROW = 0.17
"""Height of a row, inches."""


def _cells(axes: Axes, values: pd.DataFrame) -> None:
    """Draw a cell for every row and column: a fill for its case, and a mark on it."""
    for i, row in enumerate(values.to_numpy()):
        for j, case in enumerate(row):
            look: dict[str, Any] = {"facecolor": _FILLS[case], "edgecolor": style.FAINT}
            axes.add_patch(Rectangle((j - 0.44, i - 0.42), 0.88, 0.84, linewidth=0.5, **look))
    for case, mark in _MARKS.items():
        if mark:
            y, x = np.nonzero((values == case).to_numpy())
            axes.plot(x, y, mark, color=style.INK, markersize=4, markeredgewidth=0.9)


def _frame(
    axes: Axes, values: pd.DataFrame, labels: Sequence[str], counted: pd.Series[Any]
) -> None:
    """Set the rows of a panel, their names, and the counts at the right edge."""
    rows, columns = values.shape
    axes.set_xlim(-0.6, columns - 0.4)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_yticks(range(rows), labels)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.spines[:].set_visible(False)
    at = axes.get_yaxis_transform()
    above = f"of {columns}"
    axes.text(1.01, -1, above, transform=at, va="center_baseline", fontsize=7, color=style.MUTED)
    for i, count in enumerate(counted):
        axes.text(1.01, i, f"{count}", transform=at, va="center_baseline", fontsize=7)


def _columns(axes: Axes, columns: pd.Index, names: Names) -> None:
    """Name the columns above a panel; groups of them are parted by lines."""
    inner = columns.get_level_values(1 if columns.nlevels > 1 else 0)
    axes.set_xticks(range(len(columns)), [str(names.get(c, c)) for c in inner], rotation=90)
    if columns.nlevels > 1:
        outer = columns.get_level_values(0)
        starts = _starts(columns)
        for start, stop in zip(starts, [*starts[1:], len(outer)], strict=True):
            name = str(names.get(outer[start], outer[start]))
            at = ((start + stop - 1) / 2, 1)
            look = {"ha": "center", "fontsize": 7.5, "fontweight": "bold"}
            across = axes.get_xaxis_transform()
            note(axes, name, at, (0, 50), xycoords=across, annotation_clip=False, **look)
    axes.tick_params(axis="x", top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.tick_params(axis="x", labelsize=6.5, length=0)


def _starts(columns: pd.Index) -> list[int]:
    """List where the groups of columns begin."""
    outer = columns.get_level_values(0)
    return [i for i, group in enumerate(outer) if i == 0 or outer[i - 1] != group]


@styled
def pair_picture(
    pairs: pd.DataFrame,
    cases: pd.DataFrame,
    *,
    published: pd.Series[Any] | None = None,
    names: Mapping[Hashable, str] | None = None,
    column_names: Mapping[Hashable, str] | None = None,
    noun: str = "object",
    title: str | None = None,
) -> Figure:
    """Draw where each pair of a published partition is together, and each object's companions.

    Parameters
    ----------
    pairs : DataFrame of bool
        As `hclustkit.published.pair_table` returns it.
    cases : DataFrame of str
        As `hclustkit.published.companions` returns it, with the same columns.
    published : Series, label -> cluster, optional
        Its clusters are written before the names of the objects.
    names, column_names : mapping, optional
        Printed names of labels, and of columns on either level.
    noun : str
        What the headings call an object.
    title : str, optional

    Returns
    -------
    Figure
        Above, a filled cell where a pair is together; below, the case of each object. At the
        right edge the number of partitions with the pair, or with the published companions.

    Raises
    ------
    InputError
        No pair, other columns, or an unknown case.

    Examples
    --------
    >>> from hclustkit.published import companions, pair_table
    >>> published = pd.Series(["I", "I", "II"], index=["a", "b", "c"])
    >>> found = pd.DataFrame({"x": [1, 1, 2], "y": [1, 2, 2]}, list("abc"))
    >>> figure = pair_picture(pair_table(published, found), companions(published, found))
    >>> len(figure.axes)
    2
    """
    unknown = set(np.unique(cases.to_numpy().astype(str))) - set(CASE_NAMES)
    if unknown:
        text = f"{min(unknown)!r} is not a case; the cases are {', '.join(CASE_NAMES)}"
        raise refusal(text, "pairs, cases", "unknown-case", min(unknown))
    if len(pairs) == 0 or list(pairs.columns) != list(cases.columns):
        text = "a pair and the same columns in both tables are needed"
        raise refusal(text, "pairs, cases", "pairs-and-cases", len(pairs))
    printed, heads = names or {}, column_names or {}
    rows = [len(pairs), len(cases)]
    figure = blank(style.WIDTH, 1.75 + _ROW * sum(rows))
    space(figure, hspace=0.02)
    headline(figure, title)
    upper, lower = figure.subplots(2, 1, height_ratios=rows)
    together = pd.DataFrame(np.where(pairs, "same", ""), pairs.index, pairs.columns)
    labels = [f"{c}  {printed.get(a, a)} – {printed.get(b, b)}" for c, a, b in pairs.index]
    _cells(upper, together)
    _frame(upper, pairs, labels, pairs.sum(axis=1))
    _columns(upper, pairs.columns, heads)
    _cells(lower, cases)
    before = published.reindex(cases.index).astype(str) + "  " if published is not None else None
    objects = [f"{'' if before is None else before[o]}{printed.get(o, o)}" for o in cases.index]
    _frame(lower, cases, objects, (cases == "same").sum(axis=1))
    upper.set_title("Pairs that the published partition puts together", fontsize=8, pad=62)
    lower.set_title(f"Companions of each {noun}", fontsize=8)
    if pairs.columns.nlevels > 1:
        for axes in (upper, lower):
            for start in _starts(pairs.columns)[1:]:
                axes.axvline(start - 0.5, color=style.MUTED, linewidth=0.9)
    _key(figure)
    return figure


def _key(figure: Figure) -> None:
    """Explain the cells below the panels."""
    marks = {"more": "+  ", "fewer": "\N{MINUS SIGN}  ", "other": "\N{MULTIPLICATION SIGN}  "}
    look: dict[str, Any] = {"linestyle": "none", "marker": "s", "markersize": 8}
    look |= {"markeredgecolor": style.MUTED}
    handles = [
        Line2D([], [], label=marks.get(case, "") + label, markerfacecolor=_FILLS[case], **look)
        for case, label in CASE_NAMES.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=7)
