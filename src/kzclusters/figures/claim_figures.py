"""Figures of an audit of claims: verdicts by year, and where the members of each claim are."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    canvas,
    check_labels,
    join_names,
    names_of,
    text_width,
    with_minus,
    wrap,
)
from hclustkit.draw.style import ClusterStyle, cluster_style, from_roman, styled
from hclustkit.errors import refusal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from kzclusters.figures.marks import Look, box, dots, dots_key

WANTED = "#DCEBF5"
"""Ground of the range in which a test expects the members."""
DARK, MIDDLE = style.OKABE_ITO["blue"], style.OKABE_ITO["sky blue"]
VERDICT_LOOKS: dict[str, Look] = {
    "supported": {"marker": "o", "markerfacecolor": DARK, "markeredgecolor": DARK},
    "partly": {
        "marker": "o",
        "fillstyle": "left",
        "markerfacecolor": MIDDLE,
        "markerfacecoloralt": "white",
        "markeredgecolor": DARK,
    },
    "not supported": {"marker": "o", "markerfacecolor": "white", "markeredgecolor": DARK},
    "untestable": {"marker": "_", "markeredgecolor": style.MUTED},
}
"""How a verdict is drawn: full, half, empty, or a dash. The fill distinguishes them in grey."""

TYPE = 7.0
LINE = 0.128
"""Height of a line of `TYPE`, inches."""
AIR = 0.012
"""Room between two claims, inches."""
ROW = 0.125
"""Height of a row of a small chart, inches."""
SIDE = 0.12
ACROSS = 4
"""Small charts side by side."""
LABELS = 0.5
"""Width kept for the labels of the rows of a small chart, inches."""


def _look(verdict: str) -> Look:
    if verdict not in VERDICT_LOOKS:
        text = f"the verdict {verdict!r} is not one of {', '.join(VERDICT_LOOKS)}"
        raise refusal(text, "verdicts", "unknown-verdict", verdict)
    return {"linestyle": "none", "markeredgewidth": 1.0, **VERDICT_LOOKS[verdict]}


CENTRED: Look = {"va": "center_baseline"}
KEY: Look = {"borderpad": 0, "borderaxespad": 0, "columnspacing": 1.4, "loc": "lower left"}


def _verdict_key(figure: Figure, verdicts: Sequence[str], place: tuple[float, float]) -> None:
    """Draw the legend of the verdicts that occur."""
    handles = [
        Line2D([], [], markersize=6, label=verdict, **_look(verdict))
        for verdict in VERDICT_LOOKS
        if verdict in set(verdicts)
    ]
    options: Look = {"bbox_to_anchor": place, "ncols": len(handles), "handletextpad": 0.1}
    figure.legend(handles=handles, **options, **KEY)


@styled
def claim_matrix(
    verdicts: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    baseline: Hashable = None,
    members: Mapping[str, Sequence[str]] | None = None,
) -> Figure:
    """Draw the verdict on every claim in every year, claims by cluster.

    Parameters
    ----------
    verdicts : DataFrame, index the claims, one column per year
        Cells are keys of `VERDICT_LOOKS`.
    claims : DataFrame, same index
        Columns ``cluster`` (Roman numeral) and ``claim`` (a sentence). Claims of a cluster are
        together, in the order given; clusters in the order of their first claim.
    baseline : the column that is marked, optional
    members : cluster -> printed names of its members, optional

    Raises
    ------
    InputError
        Labels that do not fit, an unknown verdict, a baseline that is not a column.
    """
    check_columns("claims", claims, ["cluster", "claim"])
    check_labels("claims", claims.index, verdicts.index)
    if baseline is not None and baseline not in verdicts.columns:
        text = f"the baseline {baseline!r} is not a column of the verdicts"
        raise refusal(text, "baseline", "unknown-column", baseline)
    years = list(verdicts.columns)
    step, code = 0.36, 0.42
    sentence = style.WIDTH - 2 * SIDE - code - step * len(years) - 0.1
    blocks = [(cluster, rows.index) for cluster, rows in claims.groupby("cluster", sort=False)]
    lines = {at: wrap(str(claims.at[at, "claim"]), 72 * sentence, TYPE) for at in claims.index}
    head, foot, gap = 0.3, 0.3, 0.21
    tall = {at: LINE * len(lines[at]) + AIR for at in claims.index}
    height = math.fsum([head, foot, gap * len(blocks), *tall.values()])
    figure, axes = canvas(style.WIDTH, height, (0, style.WIDTH), (height, 0))
    left = style.WIDTH - SIDE - step * len(years)
    at_year = {year: left + step * (i + 0.5) for i, year in enumerate(years)}
    if baseline is not None:
        band = (step, height - head - foot + 0.2)
        ground: Look = {"color": style.PALE, "linewidth": 0}
        box(axes, at_year[baseline] - step / 2, head - 0.2, *band, **ground)
    for year, x in at_year.items():
        weight = "bold" if year == baseline else "normal"
        place: Look = {"ha": "center", "fontsize": 7.5, "fontweight": weight}
        axes.text(x, head - 0.1, str(year), **place, **CENTRED)
    y = head
    for cluster, rows in blocks:
        names = join_names(list(members[cluster])) if members and cluster in members else ""
        _cluster_head(axes, y + gap - 0.1, str(cluster), names, SIDE + code)
        axes.plot((SIDE, style.WIDTH - SIDE), (y + 0.01,) * 2, color=style.FAINT, linewidth=0.6)
        y += gap
        for at in rows:
            middle = y + LINE / 2
            axes.text(SIDE, middle, str(at), fontsize=TYPE, color=style.MUTED, **CENTRED)
            for i, line in enumerate(lines[at]):
                axes.text(SIDE + code, y + LINE * (i + 0.5), line, fontsize=TYPE, **CENTRED)
            for year, x in at_year.items():
                axes.plot(x, middle, markersize=5.6, **_look(verdicts.at[at, year]))
            y += tall[at]
    _verdict_key(figure, verdicts.to_numpy().ravel().tolist(), (SIDE / style.WIDTH, 0.07 / height))
    return figure


def _cluster_head(axes: Axes, y: float, cluster: str, names: str, x: float) -> None:
    """Print the number of a cluster and the names of its members."""
    badge(axes, SIDE + 0.12, y, cluster)
    if names:
        axes.text(x, y, names, fontsize=7.5, fontweight="bold", **CENTRED)


@dataclass(frozen=True)
class _Chart:
    """A claim as it is drawn: its rows, the lines of its sentence, and the reason for no chart."""

    places: pd.DataFrame
    rows: list[str]
    sentence: list[str]
    reason: list[str]
    in_short: str

    @property
    def text_height(self) -> float:
        """Height of what is above the chart, inches."""
        return LINE * (1.2 + len(self.sentence) + bool(self.in_short))

    @property
    def chart_height(self) -> float:
        """Height of the chart, or of the reason in its place, inches."""
        return ROW * len(self.rows) + 0.2 if self.rows else LINE * len(self.reason)


def _measure(claim: pd.Series, places: pd.DataFrame, width: float) -> _Chart:
    """Break the texts of a claim into lines of a width in inches."""
    rows = list(dict.fromkeys(places["row"]))
    sentence = wrap(str(claim["claim"]), 72 * width, TYPE)
    reason = [] if rows else wrap(str(claim["reason"]), 72 * width, TYPE, slant="italic")
    return _Chart(places, rows, sentence, reason, str(claim["in_short"]))


@styled
def claim_strips(
    claims: pd.DataFrame, places: pd.DataFrame, *, row_names: Mapping[str, str] | None = None
) -> Figure:
    """Draw a small chart for every claim: where its members are among the regions.

    Parameters
    ----------
    claims : DataFrame, index the claims in the order drawn
        Columns ``cluster`` (Roman numeral), ``claim`` (a sentence), ``verdict`` (a key of
        `VERDICT_LOOKS`), ``in_short`` (the number that decided), ``reason`` (printed where a
        claim has no chart).
    places : DataFrame, tidy
        Columns ``claim``, ``row``, ``kind`` ("member", "other", else the reference), ``z``,
        ``low``, ``high`` (bounds, NaN where open). Rows of a chart in order of appearance; a
        claim without rows gets its reason in words.
    row_names : row -> printed name, optional
    """
    check_columns("claims", claims, ["cluster", "claim", "verdict", "in_short", "reason"])
    check_columns("places", places, ["claim", "row", "kind", "z", "low", "high"])
    width = (style.WIDTH - SIDE * (ACROSS + 1)) / ACROSS
    low, high = float(places["z"].min()), float(places["z"].max())
    limits = (low - 0.05 * (high - low), high + 0.05 * (high - low))
    charts = {
        at: _measure(claim, places[places["claim"] == at], width) for at, claim in claims.iterrows()
    }
    bands = [list(claims.index[i : i + ACROSS]) for i in range(0, len(claims), ACROSS)]
    tops = [max(charts[at].text_height for at in band) + 0.06 for band in bands]
    heights = [
        top + max(charts[at].chart_height for at in band) + 0.14
        for top, band in zip(tops, bands, strict=True)
    ]
    head, foot = 0.1, 0.5
    total = math.fsum([head, foot, *heights])
    figure, sheet = canvas(style.WIDTH, total, (0, style.WIDTH), (total, 0))
    y = head
    for band, top, height in zip(bands, tops, heights, strict=True):
        for place, at in enumerate(band):
            x = SIDE + place * (width + SIDE)
            claim, chart = claims.loc[at], charts[at]
            sheet.plot((x, x + width), (y - 0.04,) * 2, color=style.FAINT, linewidth=0.6)
            _heading(sheet, x, y, str(at), claim, chart.sentence)
            for i, line in enumerate(chart.reason):
                italic: Look = {"fontsize": TYPE, "style": "italic", "color": style.MUTED}
                sheet.text(x, y + top + LINE * (i + 0.5), line, **italic, **CENTRED)
            if chart.rows:
                look = cluster_style(from_roman(str(claim["cluster"])))
                names = names_of(chart.rows, row_names)
                axes = _chart_axes(figure, x, y + top, width, names, total)
                _strip(axes, chart, names, limits, look)
        y += height
    _strip_key(figure, claims, places, total)
    at = (style.WIDTH - SIDE, total - 0.13)
    measure = "Standard deviations from the mean of the regions"
    sheet.text(*at, measure, fontsize=SMALLEST, ha="right", **CENTRED)
    return figure


def _chart_axes(
    figure: Figure, x: float, y: float, width: float, names: Sequence[str], total: float
) -> Axes:
    """Add the axes of one chart, with room for the names of its rows; all in inches."""
    wanted = max(text_width(name, SMALLEST) for name in names) / 72 + 0.05
    edge = max(LABELS, wanted)
    tall = ROW * len(names)
    corner = ((x + edge) / style.WIDTH, 1 - (y + tall) / total)
    return figure.add_axes((*corner, (width - edge) / style.WIDTH, tall / total))


def _heading(
    axes: Axes, x: float, y: float, code: str, claim: pd.Series, sentence: Sequence[str]
) -> None:
    """Print code, cluster, verdict, what is claimed, and the number that decided."""
    middle = y + 0.6 * LINE
    head = f"{code} \N{MIDDLE DOT} {claim['cluster']}"
    axes.text(x, middle, head, fontsize=TYPE, fontweight="bold", va="center_baseline")
    after = x + text_width(head, TYPE, "bold") / 72 + 0.12
    axes.plot(after, middle - 0.01, markersize=5.4, **_look(claim["verdict"]))
    axes.text(after + 0.07, middle, claim["verdict"], fontsize=TYPE, va="center_baseline")
    number = re.sub(r"-(?=\d)", "\N{MINUS SIGN}", str(claim["in_short"]))
    lines = [(line, style.INK) for line in sentence] + ([(number, style.MUTED)] if number else [])
    for i, (line, color) in enumerate(lines):
        axes.text(x, y + LINE * (1.7 + i), line, fontsize=TYPE, va="center_baseline", color=color)


def _strip(
    axes: Axes, chart: _Chart, names: Sequence[str], limits: tuple[float, float], look: ClusterStyle
) -> None:
    """Draw a row per indicator: all regions as ticks, the members and the reference on top."""
    for y, row in enumerate(chart.rows):
        _strip_row(axes, y, chart.places[chart.places["row"] == row], limits, look)
    axes.axvline(0, color=style.FAINT, linewidth=0.6, zorder=1)
    axes.set_xlim(limits)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names, fontsize=SMALLEST)
    ticks = [tick for tick in range(-10, 11, 2) if limits[0] <= tick <= limits[1]]
    axes.set_xticks(ticks, [with_minus(tick, 0) for tick in ticks], fontsize=SMALLEST)
    axes.tick_params(axis="y", length=0, pad=2)
    axes.tick_params(axis="x", length=2, pad=1)
    axes.spines["left"].set_visible(False)


REFERENCE: Look = {"markeredgewidth": 1.6, "color": style.OKABE_ITO["vermillion"]}


def _strip_row(
    axes: Axes, y: int, part: pd.DataFrame, limits: tuple[float, float], look: ClusterStyle
) -> None:
    """Draw one row of a chart: the wanted range, the other regions, the reference, the members."""
    low, high = part[["low", "high"]].iloc[0]
    if not (pd.isna(low) and pd.isna(high)):
        start = limits[0] if pd.isna(low) else low
        end = limits[1] if pd.isna(high) else high
        box(axes, start, y - 0.5, end - start, 1, color=WANTED, linewidth=0, zorder=0)
    by_kind = {kind: group["z"].to_numpy() for kind, group in part.groupby("kind", sort=False)}
    others, inside = by_kind.pop("other", []), by_kind.pop("member", [])
    thin = {"markeredgewidth": 0.7, "color": style.MUTED, "zorder": 2}
    dots(axes, others, [y] * len(others), "|", 4.5, **thin)
    if len(inside) > 1:
        axes.plot((min(inside), max(inside)), (y, y), color=style.INK, linewidth=0.8, zorder=3)
    for reference in by_kind.values():
        dots(axes, reference, [y] * len(reference), "|", 8.5, zorder=4, **REFERENCE)
    fill = {"markerfacecolor": look.color, "markeredgecolor": style.INK, "markeredgewidth": 0.6}
    dots(axes, inside, [y] * len(inside), look.marker, 4.6, zorder=5, **fill)


def _strip_key(figure: Figure, claims: pd.DataFrame, places: pd.DataFrame, total: float) -> None:
    """Explain the marks under the charts."""
    references = [kind for kind in dict.fromkeys(places["kind"]) if kind not in ("member", "other")]
    white: Look = {"markerfacecolor": "white", "markeredgecolor": style.INK}
    handles = [
        dots_key("members of the cluster", "o", 5, **white),
        dots_key("other regions", "|", 6, color=style.MUTED),
        dots_key(" or ".join(references), "|", 8.5, **REFERENCE),
        Rectangle((0, 0), 1, 1, color=WANTED, label="where the test expects them"),
    ]
    place: Look = {"ncols": len(handles), "bbox_to_anchor": (SIDE / style.WIDTH, 0.28 / total)}
    figure.legend(handles=handles, handletextpad=0.4, handlelength=1.2, **place, **KEY)
    _verdict_key(figure, claims["verdict"].tolist(), (SIDE / style.WIDTH, 0.08 / total))
