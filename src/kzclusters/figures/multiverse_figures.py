"""Figures of the whole grid of specifications. They draw tables, and compute no agreement.

`bin_counts` and `specification_bins` thin a long result to what a page can show; their
tables are what the figures draw and what stands beside them as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    blank,
    check_columns,
    check_labels,
    cluster_patch,
    headline,
    heat_cells,
    percent,
    runs,
    shown,
    unbroken,
    wrap,
)
from hclustkit.draw.style import ClusterStyle, cluster_styles, numbered, roman, styled
from hclustkit.errors import InputError
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

BLUE, RED = style.OKABE_ITO["blue"], style.OKABE_ITO["vermillion"]
LINKAGE_LOOKS = (
    (style.OKABE_ITO["blue"], "", "o"),
    (style.OKABE_ITO["orange"], "////", "s"),
    (style.OKABE_ITO["bluish green"], "....", "^"),
    (style.OKABE_ITO["reddish purple"], "xxxx", "D"),
    (style.OKABE_ITO["sky blue"], "----", "v"),
    (style.OKABE_ITO["yellow"], "\\\\\\\\", "P"),
    (style.OKABE_ITO["grey"], "++++", "X"),
)


def bin_counts(values: Sequence[float], edges: Sequence[float], **labels: object) -> pd.DataFrame:
    """Counts of values between edges, as a table to draw and to keep.

    Parameters
    ----------
    values : floats
    edges : rising bin edges; a bin holds its left edge, the last one also its right
    labels : constant columns put in front, e.g. ``group="ward"``

    Returns
    -------
    DataFrame with the labels, ``left``, ``right``, ``count``.
    """
    values = np.asarray(values, dtype=float)
    edges = np.asarray(edges, dtype=float)
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise InputError("bin edges must rise, and there must be two at least")
    if len(values) and not (np.nanmin(values) >= edges[0] and np.nanmax(values) <= edges[-1]):
        raise InputError(f"a value lies outside the bins {edges[0]:g} to {edges[-1]:g}")
    count, _ = np.histogram(values, edges)
    table = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": count})
    for place, (name, value) in enumerate(labels.items()):
        table.insert(place, name, value)
    return table


def specification_bins(
    agreement: pd.Series,
    choices: pd.DataFrame,
    *,
    bins: int = 60,
    baseline: object = None,
    omit: Sequence[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Thin a specification curve to bins of equally many specifications.

    Agreement takes few values, so many specifications are tied and their order means nothing.
    A bin that holds a part of tied specifications counts all of them, each for that part: no
    pattern comes from the order of the grid.

    Parameters
    ----------
    agreement : Series, one value a specification
    choices : DataFrame, same index
        One column a dimension ("year", "scaling", "P3" …), cells the option taken.
    bins : int
    baseline : index label of the baseline specification, optional; its bin is marked (of the
        bins over which its ties spread, the middle one)
    omit : options that get no row, e.g. ``("absent",)``

    Returns
    -------
    curve : DataFrame ``bin, low, median, high, specifications, baseline``
    shares : DataFrame ``dimension, option, bin, share, overall``
        As `specification_curve` takes them. Options are in sorted order.
    """
    if not agreement.index.equals(choices.index):
        raise InputError("agreement and choices do not hold the same specifications")
    n = len(agreement)
    if n == 0 or bins < 1:
        raise InputError(f"{n} specifications cannot be put into {bins} bins")
    bins = min(bins, n)
    edges = np.arange(bins + 1) * n // bins
    size = np.diff(edges)
    ordered = np.sort(agreement.to_numpy(dtype=float))
    parts = np.split(ordered, edges[1:-1])
    curve = pd.DataFrame(
        {
            "bin": np.arange(bins),
            "low": [part[0] for part in parts],
            "median": [float(np.median(part)) for part in parts],
            "high": [part[-1] for part in parts],
            "specifications": size,
            "baseline": False,
        }
    )
    group, values = pd.factorize(agreement.to_numpy(dtype=float), sort=True)
    many = np.bincount(group, minlength=len(values))
    last = np.cumsum(many)
    first = last - many
    # the part of every group of ties that lies in every bin
    inside = np.minimum(edges[1:, None], last) - np.maximum(edges[:-1, None], first)
    part_of = np.clip(inside, 0, None) / many
    if baseline is not None:
        tied = group[agreement.index.get_loc(baseline)]
        middle = (first[tied] + last[tied] - 1) // 2
        curve.loc[np.searchsorted(edges, middle, side="right") - 1, "baseline"] = True
    tables = []
    for dimension in choices.columns:
        codes, options = pd.factorize(choices[dimension], sort=True)
        counts = np.zeros((len(values), len(options)))
        np.add.at(counts, (group, codes), 1)
        share = part_of @ counts / size[:, None]
        for j, option in enumerate(options):
            if str(option) in omit:
                continue
            tables.append(
                pd.DataFrame(
                    {
                        "dimension": str(dimension),
                        "option": str(option),
                        "bin": np.arange(bins),
                        "share": share[:, j],
                        "overall": counts[:, j].sum() / n,
                    }
                )
            )
    return curve, pd.concat(tables, ignore_index=True)


@styled
def agreement_distribution(
    histogram: pd.DataFrame,
    baseline: float | None = None,
    *,
    below: float | None = None,
    measure: str = "Adjusted Rand index with the published clusters",
    title: str | None = None,
) -> Figure:
    """Distribution of agreement over all specifications, the baseline marked.

    Parameters
    ----------
    histogram : DataFrame, as `bin_counts` makes it
        Columns ``left``, ``right``, ``count`` and, optionally, ``group`` (e.g. the linkage): one
        panel a group, in order of appearance.
    baseline : agreement of the baseline, optional
    below : share of specifications that agree less than the baseline, printed, optional
    measure : name of the horizontal axis
    """
    check_columns("histogram", histogram, ["left", "right", "count"])
    grouped = "group" in histogram
    groups = list(dict.fromkeys(histogram["group"])) if grouped else [None]
    figure = blank(style.WIDTH, 0.95 + (1.15 if len(groups) > 1 else 2.0) * len(groups))
    headline(figure, title)
    panels = figure.subplots(len(groups), 1, sharex=True, sharey=True, squeeze=False).ravel()
    for i, (axes, group) in enumerate(zip(panels, groups, strict=True)):
        part = histogram[histogram["group"] == group] if grouped else histogram
        color, hatch, _ = LINKAGE_LOOKS[i % len(LINKAGE_LOOKS)]
        total = part["count"].sum()
        axes.bar(
            part["left"],
            part["count"] / total,
            width=part["right"] - part["left"],
            align="edge",
            color=color,
            edgecolor="white",
            linewidth=0.4,
            hatch=hatch,
            hatchcolor="white",
        )
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol="\N{NO-BREAK SPACE}%"))
        axes.grid(axis="y")
        label = f"{total:,} specifications"
        axes.set_title(f"{group}: {label}" if group is not None else label, fontsize=8)
        if baseline is not None:
            axes.axvline(baseline, color=style.INK, linewidth=1.3, linestyle=(0, (4, 2.5)))
            if i == 0:
                text = f"baseline {baseline:.2f}"
                if below is not None:
                    text += f",\nabove {percent(below)} of all"
                axes.annotate(
                    text,
                    (baseline, 1),
                    xycoords=("data", "axes fraction"),
                    xytext=(4, -2),
                    textcoords="offset points",
                    va="top",
                    fontsize=7.5,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                )
    low, high = float(histogram["left"].min()), float(histogram["right"].max())
    panels[-1].set_xlim(low, high)
    panels[-1].set_xlabel(measure)
    figure.supylabel("Share of specifications", fontsize=8)
    return figure


@styled
def specification_curve(
    curve: pd.DataFrame,
    choices: pd.DataFrame,
    *,
    baseline: float | None = None,
    option_names: Mapping[str, str] | None = None,
    measure: str = "Adjusted Rand index",
    title: str | None = None,
) -> Figure:
    """Specification curve: sorted agreement above, the choices behind it below.

    After Simonsohn, Simmons and Nelson (2020), thinned to bins of specifications: a cell says
    how much more often (brown) or less often (blue) the bin takes an option than the whole
    grid does.

    Parameters
    ----------
    curve : DataFrame, one row a bin in rising order of agreement
        Columns ``bin``, ``low``, ``median``, ``high``, ``specifications``; optional bool
        ``baseline``.
    choices : DataFrame, tidy
        Columns ``dimension``, ``option``, ``bin``, ``share`` (of the specifications of the bin
        that take the option), ``overall`` (share in the whole grid). Rows are drawn in order of
        appearance. `specification_bins` makes both tables.
    baseline : agreement of the baseline, a line, optional
    option_names : dimension or option -> printed name, optional; a dimension with one row goes by
        its own name
    """
    check_columns("curve", curve, ["bin", "low", "median", "high", "specifications"])
    check_columns("choices", choices, ["dimension", "option", "bin", "share", "overall"])
    curve = curve.sort_values("bin")
    bins = curve["bin"].to_numpy()
    rows = choices[["dimension", "option", "overall"]].drop_duplicates(["dimension", "option"])
    printed = option_names or {}
    wide = choices.pivot(index=["dimension", "option"], columns="bin", values="share")
    wide = wide.reindex(index=pd.MultiIndex.from_frame(rows[["dimension", "option"]]), columns=bins)
    overall = rows["overall"].to_numpy()[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.clip(np.log2(wide.to_numpy(dtype=float) / overall), -2, 2)
    # a small gap between dimensions
    places, place, previous = [], 0.0, None
    for dimension in rows["dimension"]:
        if previous is not None and dimension != previous:
            place += 0.45
        places.append(place)
        place += 1
        previous = dimension
    figure = blank(style.WIDTH, 2.35 + 0.142 * place + (0.25 if title else 0))
    headline(figure, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.45, 0.142 * place))
    x = np.arange(len(bins))
    upper.fill_between(
        x,
        curve["low"],
        curve["high"],
        step="mid",
        color="#9CC9E6",
        linewidth=0,
        label="range in the bin",
    )
    upper.plot(
        x,
        curve["median"],
        color=BLUE,
        linewidth=1.4,
        drawstyle="steps-mid",
        label="median of the bin",
    )
    upper.grid(axis="y")
    upper.set_ylabel(measure)
    upper.set_xlim(-0.5, len(bins) - 0.5)
    if baseline is not None:
        upper.axhline(
            baseline,
            color=style.INK,
            linewidth=1.0,
            linestyle=(0, (4, 2.5)),
            label=f"baseline: {baseline:.2f}",
        )
    if "baseline" in curve and curve["baseline"].any():
        at = int(np.flatnonzero(curve["baseline"].to_numpy())[0])
        upper.plot(
            at,
            baseline if baseline is not None else curve["median"].iloc[at],
            marker="D",
            markersize=6.5,
            color=RED,
            markeredgecolor=style.INK,
            zorder=5,
            linestyle="none",
            label="bin of the baseline",
        )
    upper.legend(loc="upper left", ncols=2)
    upper.margins(y=0.12)
    norm = Normalize(-2, 2)
    mesh = None
    for i, y in enumerate(places):
        mesh = lower.pcolormesh(
            np.arange(len(bins) + 1) - 0.5,
            (y - 0.44, y + 0.44),
            np.ma.masked_invalid(lift[i : i + 1]),
            cmap=style.DIVERGING,
            norm=norm,
            linewidth=0,
        )
    options = rows["dimension"].value_counts()
    labels = [
        f"{printed.get(d, d)}: {printed.get(o, o)}" if options[d] > 1 else str(printed.get(d, d))
        for d, o in zip(rows["dimension"], rows["option"], strict=True)
    ]
    lower.set_ylim(place - 0.4, -0.6)
    lower.set_yticks(places, labels, fontsize=SMALLEST)
    for y, share in zip(places, rows["overall"], strict=True):
        lower.annotate(
            percent(share),
            (1, y),
            xycoords=lower.get_yaxis_transform(),
            xytext=(22, 0),
            textcoords="offset points",
            ha="right",
            va="center_baseline",
            fontsize=SMALLEST,
            annotation_clip=False,
        )
    lower.annotate(
        "in all",
        (1, -0.6),
        xycoords=lower.get_yaxis_transform(),
        xytext=(22, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=SMALLEST,
        annotation_clip=False,
    )
    lower.tick_params(length=0)
    lower.set_xticks([])
    for spine in lower.spines.values():
        spine.set_visible(False)
    total = int(curve["specifications"].sum())
    lower.set_xlabel(f"{total:,} specifications in {len(bins)} bins, agreement rising to the right")
    bar = figure.colorbar(mesh, ax=lower, orientation="horizontal", shrink=0.5, aspect=40, pad=0.01)
    bar.outline.set_linewidth(0.5)
    bar.set_ticks(
        [-2, -1, 0, 1, 2],
        labels=["a quarter\nor less", "half", "as often", "twice", "four times\nor more"],
    )
    bar.ax.tick_params(labelsize=SMALLEST)
    bar.set_label("How often the bin takes the option, beside the whole grid", fontsize=7)
    return figure


@styled
def coassociation_pair(
    coassociation: pd.DataFrame,
    published: pd.Series,
    *,
    titles: tuple[str, str] = ("Published clusters", "All specifications"),
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    measure: str = "Share of specifications with both in one cluster",
    title: str | None = None,
) -> Figure:
    """How often each pair is together, in the order of the published clusters, beside these.

    Parameters
    ----------
    coassociation : DataFrame, shape (n, n), shares 0–1, labels on both sides
    published : Series, index the labels
        Published clusters, Roman numerals or numbers; rows are ordered by them.
    titles : headings of the two panels
    """
    published = numbered(published)
    check_labels("published clusters", published.index, coassociation.index)
    check_labels("columns of the co-association matrix", coassociation.columns, coassociation.index)
    order = list(published.sort_values(kind="stable").index)
    looks = cluster_styles(published, styles)
    n = len(order)
    numbers = published[order].to_numpy()
    block = (numbers[:, None] == numbers[None, :]).astype(float)
    found = coassociation.loc[order, order].to_numpy(dtype=float).copy()
    texts = None
    if n <= 20:
        texts = [
            ["" if i == j or found[i, j] < 0.005 else f"{100 * found[i, j]:.0f}" for j in range(n)]
            for i in range(n)
        ]
    np.fill_diagonal(found, np.nan)
    np.fill_diagonal(block, np.nan)
    figure = blank(style.WIDTH, 4.7 + (0.25 if title else 0))
    headline(figure, title)
    panels = figure.subplots(1, 2, sharey=True)
    norm = Normalize(0, 1)
    mesh = None
    for axes, values, text, head in zip(panels, (block, found), (None, texts), titles, strict=True):
        axes.set_facecolor("#D9D9D9")
        mesh = heat_cells(axes, values, style.SEQUENTIAL, norm, texts=text, size=SMALLEST)
        axes.set_aspect("equal")
        axes.set_title(head, pad=4)
        axes.set_xticks(range(n), shown(order, names), rotation=90)
        axes.tick_params(axis="both", labelsize=7)
        for number, first, last in runs(published, order):
            axes.add_patch(
                Rectangle(
                    (first - 0.5, first - 0.5),
                    last - first + 1,
                    last - first + 1,
                    fill=False,
                    edgecolor=RED,
                    linewidth=1.6,
                    zorder=5,
                    clip_on=False,
                )
            )
    panels[0].set_yticks(range(n), shown(order, names))
    panels[0].tick_params(axis="y", pad=22)
    panels[1].tick_params(axis="y", labelleft=False)
    for number, first, last in runs(published, order):
        transform = panels[0].get_yaxis_transform()
        panels[0].add_patch(
            Rectangle(
                (-0.095, first - 0.5),
                0.08,
                last - first + 1,
                zorder=3,
                transform=transform,
                clip_on=False,
                **cluster_patch(looks[number]),
            )
        )
        badge(
            panels[0], -0.055, (first + last) / 2, roman(number), size=SMALLEST, transform=transform
        )
    bar = figure.colorbar(
        mesh, ax=list(panels), orientation="horizontal", shrink=0.5, aspect=45, pad=0.01
    )
    bar.outline.set_linewidth(0.5)
    bar.ax.xaxis.set_major_formatter(PercentFormatter(1, symbol="\N{NO-BREAK SPACE}%"))
    bar.set_label(f"{measure} (numbers: %)")
    return figure


@styled
def recovery_bars(
    recovery: pd.DataFrame,
    published: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """How often each published cluster is recovered exactly, by linkage.

    Parameters
    ----------
    recovery : DataFrame
        Columns ``cluster`` (as in ``published``), ``linkage``, ``share`` (0–1). Linkages are drawn
        in order of appearance.
    published : Series, index the labels
        Published clusters, Roman numerals or numbers.
    """
    check_columns("recovery", recovery, ["cluster", "linkage", "share"])
    published = numbered(published)
    table = recovery.assign(cluster=numbered(recovery["cluster"]))
    looks = cluster_styles(published, styles)
    check_labels("recovery", sorted(table["cluster"].unique()), list(looks))
    linkages = list(dict.fromkeys(table["linkage"]))
    wide = table.pivot(index="cluster", columns="linkage", values="share")[linkages]
    figure = blank(style.WIDTH, 0.85 + len(looks) * (0.16 + 0.145 * len(linkages)))
    headline(figure, title)
    axes = figure.subplots()
    height = 0.8 / len(linkages)
    for i, linkage in enumerate(linkages):
        color, hatch, _ = LINKAGE_LOOKS[i % len(LINKAGE_LOOKS)]
        y = np.arange(len(looks)) + (i - (len(linkages) - 1) / 2) * height
        part = wide[linkage].to_numpy(dtype=float)
        axes.barh(
            y,
            part,
            height=height * 0.9,
            color=color,
            hatch=hatch,
            hatchcolor="white",
            edgecolor=style.INK,
            linewidth=0.5,
            label=str(linkage),
        )
        for value, at in zip(part, y, strict=True):
            axes.annotate(
                _fine_percent(value),
                (value, at),
                xytext=(3, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=SMALLEST,
            )
    labels = []
    for number in looks:
        members = shown(published.index[published == number], names)
        labels.append("\n".join(wrap(unbroken(members), 120, 7.5)))
    axes.set_yticks(range(len(looks)), labels)
    axes.tick_params(axis="y", length=0, pad=30, labelsize=7.5)
    for i, (number, look) in enumerate(looks.items()):
        axes.add_patch(
            Rectangle(
                (-0.05, i - 0.4),
                0.038,
                0.8,
                clip_on=False,
                transform=axes.get_yaxis_transform(),
                **cluster_patch(look),
            )
        )
        badge(axes, -0.031, i, roman(number), transform=axes.get_yaxis_transform(), size=7)
    axes.set_ylim(len(looks) - 0.45, -0.55)
    axes.set_xlim(0, min(1.12, max(0.1, float(np.nanmax(wide.to_numpy())) * 1.14)))
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol="\N{NO-BREAK SPACE}%"))
    axes.set_xlabel("Share of specifications that recover the cluster exactly")
    if len(linkages) > 1:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(linkages))
    return figure


def _fine_percent(share: float) -> str:
    """A percentage that does not round something to nothing or less than all to all."""
    if share == 0 or share == 1:
        return percent(share)
    if share < 0.001:
        return "under " + percent(0.001, 1)
    if share > 0.999:
        return "over " + percent(0.999, 1)
    return percent(share, 1)


@styled
def variance_share_bars(
    shares: pd.DataFrame,
    *,
    factor_names: Mapping[str, str] | None = None,
    measure: str = "adjusted Rand index",
    title: str | None = None,
) -> Figure:
    """Which choices matter: the share of the variance of agreement due to each.

    Parameters
    ----------
    shares : DataFrame, index the factors
        ``shapley`` (bars; they add up to one), optional ``first_order`` and ``total`` (markers);
        other columns are ignored. Drawn in falling order of ``shapley``.
    factor_names : factor -> printed name, optional
    measure : whose variance it is
    """
    check_columns("variance shares", shares, ["shapley"])
    table = shares.sort_values("shapley", ascending=False, kind="stable")
    figure = blank(style.WIDTH, 0.85 + 0.215 * len(table))
    headline(figure, title)
    axes = figure.subplots()
    y = np.arange(len(table))
    axes.barh(
        y,
        table["shapley"],
        height=0.7,
        color=style.OKABE_ITO["sky blue"],
        edgecolor=style.INK,
        linewidth=0.5,
        label="Shapley share (all add up to 100 %)",
    )
    far = float(table["shapley"].max())
    for column, marker, label, color in (
        ("first_order", "D", "alone (first order)", BLUE),
        ("total", "o", "with all interactions (total)", RED),
    ):
        if column in table:
            axes.plot(
                table[column],
                y,
                linestyle="none",
                marker=marker,
                markersize=5,
                color=color if marker == "D" else "white",
                markeredgecolor=color,
                markeredgewidth=1.3,
                label=label,
                zorder=4,
                clip_on=False,
            )
            far = max(far, float(table[column].max()))
    # in a column of their own: beside a marker a share would be taken for the marker's value
    for value, at in zip(table["shapley"], y, strict=True):
        axes.annotate(
            _fine_percent(float(value)),
            (1, at),
            xycoords=axes.get_yaxis_transform(),
            xytext=(40, 0),
            textcoords="offset points",
            ha="right",
            va="center_baseline",
            fontsize=7,
            annotation_clip=False,
        )
    axes.annotate(
        "Shapley\nshare",
        (1, -0.6),
        xycoords=axes.get_yaxis_transform(),
        xytext=(40, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7,
        annotation_clip=False,
    )
    labels = [
        f"{factor} {(factor_names or {})[factor]}" if factor in (factor_names or {}) else factor
        for factor in map(str, table.index)
    ]
    axes.set_yticks(y, labels)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlim(0, far * 1.04)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol="\N{NO-BREAK SPACE}%"))
    axes.set_xlabel(f"Share of the variance of the {measure}")
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3)
    return figure


@styled
def permutation_plot(
    null: pd.DataFrame,
    observed: pd.DataFrame,
    *,
    null_names: Mapping[str, str] | None = None,
    measure: str = "adjusted Rand index",
    title: str | None = None,
) -> Figure:
    """Is it luck? The search repeated with random references, beside the real one.

    Parameters
    ----------
    null : DataFrame
        Columns ``null`` (e.g. "relabel", "contiguous"), ``statistic`` ("max", "mean"), ``left``,
        ``right``, ``count``: histograms of the random references (`bin_counts`).
    observed : DataFrame
        Columns ``null``, ``statistic``, ``value``, ``p_value``: the real reference.
    null_names : null -> printed name, optional
    """
    check_columns("null distributions", null, ["null", "statistic", "left", "right", "count"])
    check_columns("observed values", observed, ["null", "statistic", "value", "p_value"])
    kinds = list(dict.fromkeys(null["null"]))
    statistics = list(dict.fromkeys(null["statistic"]))
    figure = blank(style.WIDTH, 0.7 + 1.55 * len(kinds))
    figure.get_layout_engine().set(wspace=0.06, hspace=0.06)
    headline(figure, title)
    panels = figure.subplots(len(kinds), len(statistics), squeeze=False, sharex="col")
    words = {"max": "Largest", "mean": "Mean"}
    for i, kind in enumerate(kinds):
        for j, statistic in enumerate(statistics):
            axes = panels[i, j]
            part = null[(null["null"] == kind) & (null["statistic"] == statistic)]
            real = observed[(observed["null"] == kind) & (observed["statistic"] == statistic)]
            if part.empty or len(real) != 1:
                raise InputError(
                    f"null {kind!r}, statistic {statistic!r}: one histogram and one "
                    f"observed value are needed, got {len(part)} bins and "
                    f"{len(real)} values"
                )
            value = float(real["value"].iloc[0])
            p_value = float(real["p_value"].iloc[0])
            total = part["count"].sum()
            color, hatch, _ = LINKAGE_LOOKS[i % len(LINKAGE_LOOKS)]
            axes.bar(
                part["left"],
                part["count"] / total,
                width=part["right"] - part["left"],
                align="edge",
                color=color,
                edgecolor="white",
                linewidth=0.4,
                hatch=hatch,
                hatchcolor="white",
            )
            axes.axvline(value, color=RED, linewidth=1.6)
            right_half = value > (part["left"].min() + part["right"].max()) / 2
            axes.annotate(
                f"real: {value:.3f}\np {_p_text(p_value)}",
                (value, 1),
                xycoords=("data", "axes fraction"),
                xytext=(-4 if right_half else 4, -2),
                textcoords="offset points",
                ha="right" if right_half else "left",
                va="top",
                fontsize=7.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.9},
            )
            axes.yaxis.set_major_formatter(PercentFormatter(1, symbol="\N{NO-BREAK SPACE}%"))
            axes.grid(axis="y")
            name = str((null_names or {}).get(kind, kind))
            axes.set_title(f"{name} ({total:,} draws)" if j == 0 else "", fontsize=8)
            if i == len(kinds) - 1:
                axes.set_xlabel(f"{words.get(statistic, statistic)} {measure} over the grid")
    figure.supylabel("Share of random references", fontsize=8)
    return figure


def _p_text(p_value: float) -> str:
    return f"= {p_value:.4f}" if p_value >= 0.00005 else "< 0.0001"


@styled
def noise_survival_plot(
    survival: pd.DataFrame,
    membership: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """How often each cluster comes back exactly when every value carries an error.

    Parameters
    ----------
    survival : DataFrame
        Columns ``level`` (relative standard deviation of the error: 0.05 is 5 %), ``cluster``,
        ``survived`` (share of draws, 0–1); optional ``jaccard`` (mean of the largest Jaccard
        coefficient), a second panel.
    membership : Series of int, index the labels
        The clusters of the undisturbed table.
    """
    check_columns("noise survival", survival, ["level", "cluster", "survived"])
    looks = cluster_styles(membership, styles)
    check_labels("noise survival", sorted(survival["cluster"].unique()), list(looks))
    levels = sorted(survival["level"].unique())
    measures = [("survived", "Share of draws in which the\ncluster comes back exactly")]
    if "jaccard" in survival:
        measures.append(("jaccard", "Mean Jaccard coefficient with\nthe most similar cluster"))
    markers, shades = "osD^vPX", [0.95, 0.6, 0.3, 0.45, 0.75, 0.2, 0.85]
    labels = [
        "\n".join(wrap(unbroken(shown(membership.index[membership == number], names)), 118, 7.5))
        for number in looks
    ]
    lines = sum(max(1.6, label.count("\n") + 1) for label in labels)
    figure = blank(style.WIDTH, 0.95 + 0.135 * lines + 0.1 * len(looks))
    headline(figure, title)
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False).ravel()
    for axes, (column, label) in zip(panels, measures, strict=True):
        wide = survival.pivot(index="cluster", columns="level", values=column).loc[list(looks)]
        for i in range(len(looks)):
            axes.plot(
                wide.iloc[i], np.full(len(levels), i), color=style.MUTED, linewidth=0.9, zorder=2
            )
        for j, level in enumerate(levels):
            axes.plot(
                wide[level],
                np.arange(len(looks)),
                linestyle="none",
                marker=markers[j % len(markers)],
                markersize=6.0 - 0.3 * j,
                color=style.SEQUENTIAL(shades[j % len(shades)]),
                markeredgecolor=style.INK,
                markeredgewidth=0.7,
                clip_on=False,
                zorder=6 - j * 0.1,
                label=percent(float(level)),
            )
        axes.set_xlim(0, 1)
        axes.grid(axis="both")
        if column == "survived":
            axes.xaxis.set_major_formatter(PercentFormatter(1, symbol="\N{NO-BREAK SPACE}%"))
        axes.set_xlabel(label)
        axes.spines["left"].set_visible(False)
    panels[0].set_yticks(range(len(looks)), labels)
    panels[0].tick_params(axis="y", pad=24, labelsize=7.5)
    for axes in panels:
        axes.tick_params(axis="y", length=0)
    panels[0].set_ylim(len(looks) - 0.4, -0.6)
    width = 0.045 * len(measures) + 0.01
    for i, (number, look) in enumerate(looks.items()):
        panels[0].add_patch(
            Rectangle(
                (-1.35 * width, i - 0.36),
                width,
                0.72,
                clip_on=False,
                transform=panels[0].get_yaxis_transform(),
                **cluster_patch(look),
            )
        )
        badge(
            panels[0],
            -0.85 * width,
            i,
            str(number),
            size=7,
            transform=panels[0].get_yaxis_transform(),
        )
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=markers[j % len(markers)],
            markersize=5.5,
            color=style.SEQUENTIAL(shades[j % len(shades)]),
            markeredgecolor=style.INK,
            markeredgewidth=0.7,
            label=percent(float(level)),
        )
        for j, level in enumerate(levels)
    ]
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(levels),
        title="Relative error of every value (standard deviation)",
    )
    return figure


@styled
def leave_out_plot(
    table: pd.DataFrame,
    baseline: float,
    *,
    names: Mapping[str, str] | None = None,
    kind_names: Mapping[str, str] | None = None,
    measure: str = "Adjusted Rand index",
    title: str | None = None,
) -> Figure:
    """What the result owes to one indicator, one group of indicators or one region.

    Parameters
    ----------
    table : DataFrame, one row an omission
        Columns ``kind`` (e.g. "indicator", "group", "object"), ``left_out``, ``ari_reference``
        (agreement with the published clusters), ``ari_baseline`` (with the baseline).
    baseline : agreement of the baseline itself with the published clusters, a line
    names : left out -> printed name, optional
    kind_names : kind -> heading, optional
    """
    check_columns("leave-out table", table, ["kind", "left_out", "ari_reference", "ari_baseline"])
    printed = kind_names or {
        "indicator": "Without the indicator",
        "group": "Without the group",
        "object": "Without the region",
    }
    kinds = list(dict.fromkeys(table["kind"]))
    sizes = [int((table["kind"] == kind).sum()) for kind in kinds]
    figure = blank(style.WIDTH, 1.0 + 0.165 * sum(sizes) + 0.3 * len(kinds))
    headline(figure, title)
    panels = figure.subplots(
        len(kinds), 1, sharex=True, squeeze=False, height_ratios=[size + 0.6 for size in sizes]
    ).ravel()
    low = float(min(table["ari_reference"].min(), table["ari_baseline"].min(), baseline, 0.0))
    for axes, kind in zip(panels, kinds, strict=True):
        part = table[table["kind"] == kind]
        y = np.arange(len(part))
        axes.hlines(
            y,
            part["ari_reference"],
            part["ari_baseline"],
            color=style.FAINT,
            linewidth=1.0,
            zorder=1,
        )
        axes.axvline(baseline, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=0)
        axes.plot(
            part["ari_reference"],
            y,
            linestyle="none",
            marker="D",
            markersize=5,
            color=RED,
            markeredgecolor=style.INK,
            markeredgewidth=0.6,
            clip_on=False,
            zorder=4,
        )
        axes.plot(
            part["ari_baseline"],
            y,
            linestyle="none",
            marker="o",
            markersize=5,
            color="white",
            markeredgecolor=BLUE,
            markeredgewidth=1.4,
            clip_on=False,
            zorder=3,
        )
        axes.set_yticks(y, shown(part["left_out"], names))
        axes.tick_params(axis="y", length=0, labelsize=7.5)
        axes.set_ylim(len(part) - 0.4, -0.6)
        axes.set_title(str(printed.get(kind, kind)), fontsize=8)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="both")
    panels[-1].set_xlim(low - 0.02 if low < 0 else 0, 1)
    panels[-1].set_xlabel(measure)
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker="D",
            markersize=5,
            color=RED,
            markeredgecolor=style.INK,
            label="with the published clusters",
        ),
        Line2D(
            [],
            [],
            linestyle="none",
            marker="o",
            markersize=5,
            color="white",
            markeredgecolor=BLUE,
            markeredgewidth=1.4,
            label="with the baseline",
        ),
        Line2D(
            [],
            [],
            color=style.INK,
            linewidth=1.0,
            linestyle=(0, (4, 2.5)),
            label=f"baseline with the published clusters: {baseline:.2f}",
        ),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure
