"""Figure 3 of the article beside our clusters, region by region."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import (
    badge,
    check_labels,
    cluster_patch,
    join_names,
    names_of,
    text_width,
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
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from scipy.optimize import isotonic_regression

from kzclusters.figures.article_figures.text import LEADING, point_sheet, print_lines
from kzclusters.figures.marks import Look, box
from kzclusters.wording import listing

ABBREVIATIONS = {
    "FEZ": "free economic zone",
    "JSC": "joint-stock company",
    "LLP": "limited liability partnership",
    "NC": "National Company",
    "RSE": "republican state enterprise",
    "SEC": "Social Entrepreneurial Corporation",
    "SEZ": "special economic zone",
}
"""Short forms in the names of organisations; those that occur are explained under the figure."""

MOST_NAMED = 4
"""Figure 3 names the regions that a cluster is merged with up to this number, then counts them."""

GAPS = (0, (3, 1.6))
"""Dashes of a line between clusters that are not the same."""

SIZE, SMALL = 7.0, 6.5
"""Type sizes of regions and of explanations, points."""

STEP, LINE = SIZE * LEADING, SMALL * LEADING
"""Line heights of the two."""

MARGIN, PAD, GAP = 5.0, 4.0, 4.0
CHIP, LINKS, RIGHT = 24.0, 52.0, 106.0
"""Widths of a cluster's number, of the lines between the columns, and of our clusters, points."""

HEAD = 20.0
"""Height of the headings, points."""

PAGE = 72 * style.WIDTH
LEFT_WIDTHS = (92.0, 104.0, 116.0, 128.0)
"""Widths tried for the column of the published regions, points."""

EXACT = [("Recovered", "exactly")]
TITLES = ("Published clusters", "Innovation infrastructure as the article lists it", "Our clusters")

FRAME = {"facecolor": "white", "edgecolor": style.INK, "linewidth": 0.6}


@dataclass
class _Row:
    """One published cluster, measured: what is printed left and in the middle, and how tall."""

    number: int
    regions: list[str]
    names: list[str]
    exact: bool
    verdict: list[tuple[str, str]]
    lists: list[tuple[str, str]]
    height: float
    top: float = 0.0

    @property
    def center(self) -> float:
        """The middle of the row, points from below."""
        return self.top - self.height / 2


@dataclass
class _Box:
    """One of our clusters: its regions, and where it is drawn."""

    number: int
    regions: list[str]
    wish: float = 0.0
    top: float = 0.0

    @property
    def height(self) -> float:
        """The height of the box, points."""
        return len(self.regions) * STEP + 2 * PAD

    def line(self, region: str) -> float:
        """Give the middle of the line of a region, points from below."""
        return self.top - PAD - STEP * (self.regions.index(region) + 0.5)


def _organisation(row: Mapping[str, Any]) -> str:
    """Print an organisation with its number and typographic quotation marks."""
    count, text = row.get("count"), str(row["organisation"]).strip()
    text = re.sub(
        r'"([^"]*)"', "\N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}", text
    )
    return text if count is None or pd.isna(count) else f"{int(count)} {text}"


def _readings(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """List (heading, organisations) for what both readings share, then for each of them alone."""
    reading = rows["reading"] if "reading" in rows else pd.Series("both", index=rows.index)
    headings = {
        "both": "",
        "figure": "Printed in the figure only",
        "text": "Listed in the text only",
    }
    result = []
    for kind, heading in headings.items():
        chosen = rows[reading == kind]
        if len(chosen):
            texts = [_organisation(row) for row in chosen.to_dict("records")]
            result.append((heading, "; ".join(texts)))
    return result


def _verdict(
    number: int, published: pd.Series, membership: pd.Series, names: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    """Say what our clusters make of a published one: (word in bold, explanation)."""
    own = set(published.index[published == number])
    targets = sorted(membership[list(own)].unique())
    company = [
        region
        for target in targets
        for region in published.sort_values(kind="stable").index
        if membership[region] == target and region not in own
    ]
    if len(targets) == 1 and not company:
        return EXACT
    result = []
    if len(targets) > 1:
        result.append(("Split", f"over our {listing(targets)}"))
    if len(company) > MOST_NAMED:
        result.append(("Merged", f"with {len(company)} other regions"))
    elif company:
        result.append(("Merged", f"with {join_names(names_of(company, names))}"))
    return result


def _run_in(bold: str, text: str, width: float) -> list[str]:
    """Break a paragraph that opens with a bold word into lines, measured as if all were bold."""
    return wrap(f"{bold} {text}".strip(), width, SMALL, "bold")


def figure3_data(
    published: pd.Series, infrastructure: pd.DataFrame, clusters: pd.Series
) -> dict[str, Any]:
    """Collect what `figure3` draws, as `hclustkit.draw.save` writes it."""
    return {
        "published": published,
        "ours": clusters,
        "infrastructure": infrastructure[["cluster", "organisation", "reading"]],
    }


@styled
def figure3(
    published: pd.Series,
    infrastructure: pd.DataFrame,
    membership: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    say: Callable[[str], str] = str,
) -> Figure:
    """Draw published clusters with their innovation infrastructure, linked to our clusters.

    Every region is a line from its published cluster to ours: solid where the published cluster
    is recovered exactly, dashed where it is split or merged.

    Parameters
    ----------
    published : Series, index the regions
        The article's clusters: Roman numerals ("I" …) or numbers from 1.
    infrastructure : DataFrame, one row per organisation, in the article's order
        Columns ``cluster`` (as in ``published``) and ``organisation``; optional ``count``
        (printed before the name) and ``reading`` ("both", "figure" or "text": whether the
        article's figure, its text or both list it).
    membership : Series of int, index the regions
        Our clusters.
    names : region -> printed name, optional
    say : translates what is printed of a published cluster and the abbreviations, as they are
        broken into lines

    Raises
    ------
    InputError
        Regions or clusters that differ between the inputs, or a missing column.
    """
    published, membership = cluster_numbers(published), cluster_numbers(membership)
    check_labels("our clusters", membership.index, published.index)
    check_columns("innovation infrastructure", infrastructure, ["cluster", "organisation"])
    table = infrastructure.assign(cluster=cluster_numbers(infrastructure["cluster"]))
    clusters = sorted(published.unique())
    check_labels("innovation infrastructure", sorted(table["cluster"].unique()), clusters)
    ours = cluster_styles(membership)
    looks = cluster_styles(published, aligned_styles(membership, published))

    measured = {
        width: _rows(width, list(looks), published, membership, table, names, say)
        for width in LEFT_WIDTHS
    }
    # the division between regions and organisations that makes the figure least tall
    left = min(measured, key=lambda width: math.fsum(row.height for row in measured[width]))
    rows = measured[left]
    boxes = [
        _Box(number, [r for row in rows for r in row.regions if membership[r] == number])
        for number in ours
    ]
    note = wrap(_abbreviations(table["organisation"], say), PAGE - 2 * MARGIN, SMALL)
    foot = 18.0 + len(note) * LINE + 6
    body = max(_stack_height(rows), _stack_height(boxes))
    height = body + HEAD + foot + 2 * MARGIN
    figure, axes = point_sheet(style.WIDTH, height / 72)
    ceiling = height - MARGIN - HEAD
    _place_rows(rows, ceiling, body)
    _place_boxes(boxes, rows, ceiling, body)

    middle = MARGIN + CHIP + left
    for x, title in zip((MARGIN, middle + PAD, PAGE - MARGIN - RIGHT), TITLES, strict=True):
        place: Look = {"va": "center_baseline", "ha": "left"}
        axes.text(x, ceiling + HEAD / 2 + 2, title, fontsize=8, fontweight="bold", **place)
    for row in rows:
        _draw_row(axes, row, looks[row.number], left)
    for one in boxes:
        _draw_box(axes, one, ours[one.number], names_of(one.regions, names))
    for row in rows:
        _draw_links(axes, row, looks[row.number].color, boxes)
    _draw_key(axes, MARGIN + foot - 8, note)
    return figure


def _middle_width(left: float) -> float:
    """Compute the width that is free for the organisations."""
    return PAGE - 2 * MARGIN - CHIP - LINKS - RIGHT - left


def _rows(
    left: float,
    numbers: Sequence[int],
    published: pd.Series,
    membership: pd.Series,
    table: pd.DataFrame,
    names: Mapping[str, str] | None,
    say: Callable[[str], str],
) -> list[_Row]:
    """Measure the published clusters for a width of the column of their regions."""
    rows = []
    for number in numbers:
        regions = [str(r) for r in published.index[published == number]]
        texts = [wrap(text, left - 2 * PAD, SIZE, "bold") for text in names_of(regions, names)]
        lines = [line for text in texts for line in text]
        found = _verdict(number, published, membership, names)
        verdict = [(say(bold), say(text)) for bold, text in found]
        said = sum(len(_run_in(*part, left - 2 * PAD)) for part in verdict)
        lists = _readings(table[table["cluster"] == number])
        width = _middle_width(left) - 2 * PAD
        listed = sum(len(wrap(text, width, SMALL)) + bool(heading) for heading, text in lists)
        tall = max(len(lines) * STEP + 3 + said * LINE, listed * LINE) + 2 * PAD
        rows.append(_Row(number, regions, lines, found == EXACT, verdict, lists, tall))
    return rows


def _abbreviations(organisations: pd.Series, say: Callable[[str], str]) -> str:
    """Explain the short forms that occur."""
    known = {say(w): say(f"{w}\xa0– {meaning}") for w, meaning in ABBREVIATIONS.items()}
    found = sorted(
        word for word in known if organisations.str.contains(rf"\b{word}\b", regex=True).any()
    )
    return "; ".join(known[word] for word in found)


def _stack_height(parts: Sequence[_Row] | Sequence[_Box]) -> float:
    """Add up heights and the gaps between them."""
    return math.fsum(part.height for part in parts) + GAP * (len(parts) - 1)


def _place_rows(rows: Sequence[_Row], ceiling: float, body: float) -> None:
    """Place the published clusters from above, evenly spaced."""
    spare = (body - _stack_height(rows)) / max(1, len(rows) - 1)
    top = ceiling
    for row in rows:
        row.top = top
        top -= row.height + GAP + spare


def _place_boxes(boxes: Sequence[_Box], rows: Sequence[_Row], ceiling: float, body: float) -> None:
    """Place our clusters without overlap, as near as possible to the published ones."""
    center = {region: row.center for row in rows for region in row.regions}
    for one in boxes:
        one.wish = float(np.mean([center[region] for region in one.regions]))
    order = sorted(boxes, key=lambda one: (-one.wish, one.number))
    # what the boxes above take is subtracted, so that "no overlap" becomes "no increase"
    above = np.cumsum([0.0] + [one.height + GAP for one in order[:-1]])
    wanted = np.array([one.wish + one.height / 2 for one in order]) + above
    settled = isotonic_regression(wanted, increasing=False).x
    lowest = ceiling - body + above[-1] + order[-1].height
    for one, top in zip(order, np.clip(settled, lowest, ceiling) - above, strict=True):
        one.top = float(top)


def _draw_row(axes: Axes, row: _Row, look: ClusterStyle, left: float) -> None:
    """Draw a published cluster: number, regions, verdict and organisations."""
    x, bottom = MARGIN + CHIP, row.top - row.height
    middle = x + left
    box(axes, x, bottom, left + _middle_width(left), row.height, **FRAME)
    box(axes, MARGIN, bottom, CHIP, row.height, **cluster_patch(look))
    axes.plot((middle, middle), (bottom + 3, row.top - 3), color=style.FAINT, linewidth=0.6)
    badge(axes, MARGIN + CHIP / 2, row.center, roman(row.number), size=8)
    y = print_lines(axes, x + PAD, row.top - PAD, row.names, SIZE, weight="bold") - 3
    for bold, text in row.verdict:
        for i, part in enumerate(_run_in(bold, text, left - 2 * PAD)):
            if i == 0:
                _print_run_in(axes, x + PAD, y, bold, part[len(bold) :])
            else:
                print_lines(axes, x + PAD, y, [part], SMALL)
            y -= LINE
    x, y = middle + PAD, row.top - PAD
    for heading, text in row.lists:
        if heading:
            y = print_lines(axes, x, y, [heading + ":"], SMALL, slant="italic", color=style.MUTED)
        y = print_lines(axes, x, y, wrap(text, _middle_width(left) - 2 * PAD, SMALL), SMALL)


def _print_run_in(axes: Axes, x: float, top: float, bold: str, rest: str) -> None:
    """Print one line whose first word is bold."""
    print_lines(axes, x, top, [bold], SMALL, weight="bold")
    if rest.strip():
        shift = text_width(bold, SMALL, "bold") + text_width("\N{NO-BREAK SPACE}", SMALL) + 0.5
        print_lines(axes, x + shift, top, [rest.strip()], SMALL)


def _draw_box(axes: Axes, one: _Box, look: ClusterStyle, names: Sequence[str]) -> None:
    """Draw one of our clusters: its regions and its number."""
    x, bottom = PAGE - MARGIN - RIGHT, one.top - one.height
    box(axes, x, bottom, RIGHT - CHIP, one.height, zorder=4, **FRAME)
    box(axes, x + RIGHT - CHIP, bottom, CHIP, one.height, zorder=4, **cluster_patch(look))
    badge(axes, x + RIGHT - CHIP / 2, (one.top + bottom) / 2, str(one.number), size=8)
    print_lines(axes, x + PAD, one.top - PAD, names, SIZE)


def _draw_links(axes: Axes, row: _Row, color: str, boxes: Sequence[_Box]) -> None:
    """Draw a line from a published cluster to our cluster for each of its regions."""
    end_x = PAGE - MARGIN - RIGHT
    begin_x = end_x - LINKS
    half = LINKS * 0.5
    spread = np.linspace(0.5, -0.5, len(row.regions)) if len(row.regions) > 1 else [0.0]
    ends = sorted(
        (one.line(region) for region in row.regions for one in boxes if region in one.regions),
        reverse=True,
    )
    # white between the dashes: on the dark edge those of a dark cluster would not show
    layers = [(style.INK, 2.8, "solid"), ("white", 1.6, "solid"), (color, 1.6, GAPS)]
    if row.exact:
        layers = [(style.INK, 2.8, "solid"), (color, 1.6, "solid")]
    for offset, end in zip(spread, ends, strict=True):
        begin = row.center + offset * min(row.height * 0.5, 8.0 * len(row.regions))
        corners = [(begin_x, begin), (begin_x + half, begin), (end_x - half, end), (end_x, end)]
        path = Outline(corners, [Outline.MOVETO, Outline.CURVE4, Outline.CURVE4, Outline.CURVE4])
        for ink, width, dashes in layers:
            look = {"edgecolor": ink, "linewidth": width, "linestyle": dashes}
            axes.add_patch(PathPatch(path, fill=False, capstyle="butt", **look))


def _draw_key(axes: Axes, y: float, note: Sequence[str]) -> None:
    """Explain the lines and the abbreviations under the figure."""
    x = MARGIN
    for dashes, text in (
        ("solid", "a region of a cluster recovered exactly"),
        (GAPS, "a region of a cluster split or merged"),
    ):
        for ink, width in ((style.INK, 2.8), ("white", 1.6)):
            axes.plot((x, x + 26), (y - 4,) * 2, color=ink, linewidth=width, solid_capstyle="butt")
        caps: Look = {"solid_capstyle": "butt", "dash_capstyle": "butt"}
        line: Look = {"color": style.OKABE_ITO["sky blue"], "linewidth": 1.6, "linestyle": dashes}
        axes.plot((x, x + 26), (y - 4,) * 2, **line, **caps)
        axes.text(x + 31, y - 4, text, fontsize=SIZE, va="center_baseline")
        x += 210
    print_lines(axes, MARGIN, y - 12, note, SMALL, color=style.MUTED)
