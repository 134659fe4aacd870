"""Figures of an audit of claims: verdicts by year, and where the members of each claim stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd
from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    canvas,
    check_columns,
    check_labels,
    headline,
    shown,
    signed,
    text_width,
    unbroken,
    wrap,
)
from hclustkit.draw.style import ClusterStyle, cluster_style, from_roman, styled
from hclustkit.errors import InputError
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

WANTED = "#DCEBF5"
"""Ground of the range that a test asks for."""
DARK, MIDDLE = style.OKABE_ITO["blue"], style.OKABE_ITO["sky blue"]
VERDICT_LOOKS: dict[str, dict[str, object]] = {
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
"""How a verdict is drawn: full, half, empty, or a dash. The fill tells them apart in grey."""

TYPE = 7.0
LINE = 0.128
"""Height of a line of `TYPE`, inches."""
AIR = 0.03
"""Room between two claims, inches."""
ROW = 0.125
"""Height of a row of a small chart, inches."""
SIDE = 0.12
LABELS = 0.5
"""Width kept for the labels of the rows of a small chart, inches."""


def _look(verdict: str) -> dict[str, object]:
    if verdict not in VERDICT_LOOKS:
        raise InputError(f"verdict {verdict!r} is none of {', '.join(VERDICT_LOOKS)}")
    return {"linestyle": "none", "markeredgewidth": 1.0, **VERDICT_LOOKS[verdict]}


def _verdict_key(figure: Figure, verdicts: Sequence[str], place: tuple[float, float]) -> None:
    """The legend of the verdicts that occur."""
    handles = [
        Line2D([], [], markersize=6, label=verdict, **_look(verdict))
        for verdict in VERDICT_LOOKS
        if verdict in set(verdicts)
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=place,
        ncols=len(handles),
        handletextpad=0.1,
        columnspacing=1.4,
        borderpad=0,
        borderaxespad=0,
    )


@styled
def claim_matrix(
    verdicts: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    baseline: object = None,
    members: Mapping[str, Sequence[str]] | None = None,
    title: str | None = None,
) -> Figure:
    """Verdict on every claim in every year, claims by cluster.

    Parameters
    ----------
    verdicts : DataFrame, index the claims, one column a year
        Cells are keys of `VERDICT_LOOKS`.
    claims : DataFrame, same index
        Columns ``cluster`` (Roman numeral) and ``claim`` (a sentence). Claims of a cluster stand
        together, in the order given; clusters in the order of their first claim.
    baseline : the column that is marked, optional
    members : cluster -> printed names of its members, optional

    Raises
    ------
    InputError
        Labels that do not fit, an unknown verdict, a baseline that is no column.
    """
    check_columns("claims", claims, ["cluster", "claim"])
    check_labels("claims", claims.index, verdicts.index)
    if baseline is not None and baseline not in verdicts.columns:
        raise InputError(f"baseline {baseline!r} is no column of the verdicts")
    years = list(verdicts.columns)
    step, code = 0.36, 0.42
    sentence = style.WIDTH - 2 * SIDE - code - step * len(years) - 0.1
    blocks = [
        (cluster, list(rows.index)) for cluster, rows in claims.groupby("cluster", sort=False)
    ]
    lines = {at: wrap(str(claims.at[at, "claim"]), 72 * sentence, TYPE) for at in claims.index}
    head, foot, gap = (0.55 if title else 0.3), 0.32, 0.25
    height = (
        head
        + foot
        + sum(gap + sum(LINE * len(lines[at]) + AIR for at in rows) for _, rows in blocks)
    )
    figure, axes = canvas(style.WIDTH, height, (0, style.WIDTH), (height, 0))
    headline(figure, title)
    left = style.WIDTH - SIDE - step * len(years)
    at_year = {year: left + step * (i + 0.5) for i, year in enumerate(years)}
    y = head
    if baseline is not None:
        axes.add_patch(
            Rectangle(
                (at_year[baseline] - step / 2, head - 0.2),
                step,
                height - head - foot + 0.2,
                color=style.PALE,
                linewidth=0,
            )
        )
    for year, x in at_year.items():
        axes.text(
            x,
            head - 0.1,
            str(year),
            ha="center",
            va="center_baseline",
            fontsize=7.5,
            fontweight="bold" if year == baseline else "normal",
        )
    for cluster, rows in blocks:
        badge(axes, SIDE + 0.12, y + gap - 0.1, str(cluster))
        if members and cluster in members:
            axes.text(
                SIDE + code,
                y + gap - 0.1,
                unbroken(list(members[cluster])),
                va="center_baseline",
                fontsize=7.5,
                fontweight="bold",
            )
        axes.plot((SIDE, style.WIDTH - SIDE), (y + 0.06,) * 2, color=style.FAINT, linewidth=0.6)
        y += gap
        for at in rows:
            extent = LINE * len(lines[at]) + AIR
            axes.text(
                SIDE, y + LINE / 2, str(at), va="center_baseline", fontsize=TYPE, color=style.MUTED
            )
            for i, line in enumerate(lines[at]):
                axes.text(
                    SIDE + code, y + LINE * (i + 0.5), line, va="center_baseline", fontsize=TYPE
                )
            for year, x in at_year.items():
                axes.plot(x, y + LINE / 2, markersize=5.6, **_look(verdicts.at[at, year]))
            y += extent
    _verdict_key(figure, verdicts.to_numpy().ravel().tolist(), (SIDE / style.WIDTH, 0.07 / height))
    return figure


@styled
def claim_strips(
    claims: pd.DataFrame,
    places: pd.DataFrame,
    *,
    row_names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    columns: int = 4,
    measure: str = "Standard deviations from the mean of the regions",
    title: str | None = None,
) -> Figure:
    """A small chart for every claim: where its members stand among the regions.

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
    styles : looks of the clusters by number, optional
    columns : charts side by side
    measure : name of the horizontal axis, printed once
    """
    check_columns("claims", claims, ["cluster", "claim", "verdict", "in_short", "reason"])
    check_columns("places", places, ["claim", "row", "kind", "z", "low", "high"])
    printed = dict(row_names or {})
    width = (style.WIDTH - SIDE * (columns + 1)) / columns
    spread = float(places["z"].max() - places["z"].min())
    limits = (places["z"].min() - 0.05 * spread, places["z"].max() + 0.05 * spread)
    charts = {}
    for at, claim in claims.iterrows():
        own = places[places["claim"] == at]
        rows = list(dict.fromkeys(own["row"]))
        reason = [] if rows else wrap(str(claim["reason"]), 72 * width, TYPE, slant="italic")
        charts[at] = (own, rows, wrap(str(claim["claim"]), 72 * width, TYPE), reason)
    bands = [list(claims.index[i : i + columns]) for i in range(0, len(claims), columns)]

    def text_height(at: object) -> float:
        return LINE * (1.2 + len(charts[at][2]) + bool(claims.at[at, "in_short"]))

    def chart_height(at: object) -> float:
        return ROW * len(charts[at][1]) + 0.2 if charts[at][1] else LINE * len(charts[at][3])

    tops = [max(map(text_height, band)) + 0.06 for band in bands]
    heights = [
        top + max(map(chart_height, band)) + 0.14 for top, band in zip(tops, bands, strict=True)
    ]
    head, foot = (0.38 if title else 0.1), 0.5
    total = head + foot + sum(heights)
    figure, sheet = canvas(style.WIDTH, total, (0, style.WIDTH), (total, 0))
    headline(figure, title)
    y = head
    for band, top, height in zip(bands, tops, heights, strict=True):
        for place, at in enumerate(band):
            x = SIDE + place * (width + SIDE)
            claim, (own, rows, sentence, reason) = claims.loc[at], charts[at]
            sheet.plot((x, x + width), (y - 0.04,) * 2, color=style.FAINT, linewidth=0.6)
            _heading(sheet, x, y, str(at), claim, sentence)
            for i, line in enumerate(reason):
                sheet.text(
                    x,
                    y + top + LINE * (i + 0.5),
                    line,
                    fontsize=TYPE,
                    style="italic",
                    color=style.MUTED,
                    va="center_baseline",
                )
            if rows:
                names = shown(rows, printed)
                wanted = max(text_width(name, SMALLEST) for name in names) / 72 + 0.05
                edge = max(LABELS, wanted)
                chart = figure.add_axes(
                    (
                        (x + edge) / style.WIDTH,
                        1 - (y + top + ROW * len(rows)) / total,
                        (width - edge) / style.WIDTH,
                        ROW * len(rows) / total,
                    )
                )
                number = from_roman(str(claim["cluster"]))
                _strip(
                    chart,
                    own,
                    rows,
                    names,
                    limits,
                    (styles or {}).get(number, cluster_style(number)),
                )
        y += height
    _strip_key(figure, sheet, claims, places, measure, total)
    return figure


def _heading(
    axes: Axes, x: float, y: float, code: str, claim: pd.Series, sentence: Sequence[str]
) -> None:
    """Code, cluster, verdict, what is claimed, and the number that decided."""
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
    axes: Axes,
    places: pd.DataFrame,
    rows: Sequence[str],
    names: Sequence[str],
    limits: tuple[float, float],
    look: ClusterStyle,
) -> None:
    """One chart: a row an indicator, all regions as ticks, the members and the reference on top."""
    for y, row in enumerate(rows):
        part = places[places["row"] == row]
        low, high = part[["low", "high"]].iloc[0]
        if not (pd.isna(low) and pd.isna(high)):
            start = limits[0] if pd.isna(low) else low
            end = limits[1] if pd.isna(high) else high
            axes.add_patch(
                Rectangle((start, y - 0.5), end - start, 1, color=WANTED, linewidth=0, zorder=0)
            )
        by_kind = {kind: group["z"].to_numpy() for kind, group in part.groupby("kind", sort=False)}
        others = by_kind.pop("other", [])
        axes.plot(
            others,
            [y] * len(others),
            linestyle="none",
            marker="|",
            markersize=4.5,
            markeredgewidth=0.7,
            color=style.MUTED,
            zorder=2,
        )
        inside = by_kind.pop("member", [])
        if len(inside) > 1:
            axes.plot((min(inside), max(inside)), (y, y), color=style.INK, linewidth=0.8, zorder=3)
        for reference in by_kind.values():
            axes.plot(
                reference,
                [y] * len(reference),
                linestyle="none",
                marker="|",
                markersize=8.5,
                markeredgewidth=1.6,
                color=style.OKABE_ITO["vermillion"],
                zorder=4,
            )
        axes.plot(
            inside,
            [y] * len(inside),
            linestyle="none",
            marker=look.marker,
            markersize=4.6,
            markerfacecolor=look.color,
            markeredgecolor=style.INK,
            markeredgewidth=0.6,
            zorder=5,
        )
    axes.axvline(0, color=style.FAINT, linewidth=0.6, zorder=1)
    axes.set_xlim(limits)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), names, fontsize=SMALLEST)
    ticks = [tick for tick in range(-10, 11, 2) if limits[0] <= tick <= limits[1]]
    axes.set_xticks(ticks, [signed(tick, 0) for tick in ticks], fontsize=SMALLEST)
    axes.tick_params(axis="y", length=0, pad=2)
    axes.tick_params(axis="x", length=2, pad=1)
    axes.spines["left"].set_visible(False)


def _strip_key(
    figure: Figure,
    sheet: Axes,
    claims: pd.DataFrame,
    places: pd.DataFrame,
    measure: str,
    total: float,
) -> None:
    """What the marks mean, under the charts."""
    references = [kind for kind in dict.fromkeys(places["kind"]) if kind not in ("member", "other")]
    tick = {"linestyle": "none", "marker": "|"}
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker="o",
            markersize=5,
            markerfacecolor="white",
            markeredgecolor=style.INK,
            label="members of the cluster",
        ),
        Line2D([], [], markersize=6, color=style.MUTED, label="other regions", **tick),
        Line2D(
            [],
            [],
            markersize=8.5,
            markeredgewidth=1.6,
            color=style.OKABE_ITO["vermillion"],
            label=" or ".join(references),
            **tick,
        ),
        Rectangle((0, 0), 1, 1, color=WANTED, label="where the test asks them to be"),
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        ncols=len(handles),
        bbox_to_anchor=(SIDE / style.WIDTH, 0.28 / total),
        handletextpad=0.4,
        columnspacing=1.4,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.2,
    )
    _verdict_key(figure, claims["verdict"].tolist(), (SIDE / style.WIDTH, 0.08 / total))
    sheet.text(
        style.WIDTH - SIDE,
        total - 0.13,
        measure,
        fontsize=SMALLEST,
        ha="right",
        va="center_baseline",
    )
