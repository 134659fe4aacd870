"""Agreement over the whole grid: its distribution and the specification curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from hclustkit.arguments import check_columns
from hclustkit.draw import style
from hclustkit.draw.layout import SMALLEST, percent
from hclustkit.draw.style import styled
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kzclusters.figures.marks import (
    DASHES,
    GROUND,
    Look,
    dots,
    hide_spines,
    note,
    note_at_edge,
    share_bars,
    sheet,
)
from kzclusters.figures.multiverse_figures.looks import BLUE, RED, group_look


@styled
def agreement_distribution(
    histogram: pd.DataFrame, baseline: float | None = None, *, below: float | None = None
) -> Figure:
    """Draw the distribution of agreement over all specifications, the baseline marked.

    Parameters
    ----------
    histogram : DataFrame, as `bin_counts` makes it
        Columns ``left``, ``right``, ``count`` and, optionally, ``group`` (e.g. the linkage): one
        panel per group, in order of appearance.
    baseline : agreement of the baseline, optional
    below : share of specifications that agree less than the baseline, printed, optional
    """
    check_columns("histogram", histogram, ["left", "right", "count"])
    grouped = "group" in histogram
    groups = list(dict.fromkeys(histogram["group"])) if grouped else [None]
    height = 0.95 + (1.15 if len(groups) > 1 else 2.0) * len(groups)
    figure, panels = sheet(style.WIDTH, height, len(groups), sharex=True, sharey=True)
    for i, (axes, group) in enumerate(zip(panels, groups, strict=True)):
        part = histogram[histogram["group"] == group] if grouped else histogram
        share_bars(axes, part["left"], part["right"], part["count"], group_look(i))
        label = f"{part['count'].sum():,} specifications"
        axes.set_title(f"{group}: {label}" if group is not None else label, fontsize=8)
        if baseline is not None:
            axes.axvline(baseline, color=style.INK, linewidth=1.3, linestyle=DASHES)
    if baseline is not None:
        text = f"baseline {baseline:.2f}"
        text += f",\nabove {percent(below)} of all" if below is not None else ""
        place = {"xycoords": ("data", "axes fraction"), "va": "top", "fontsize": 7.5}
        note(panels[0], text, (baseline, 1), (4, -2), bbox={**GROUND, "pad": 1}, **place)
    panels[-1].set_xlim(float(histogram["left"].min()), float(histogram["right"].max()))
    panels[-1].set_xlabel("Adjusted Rand index with the published clusters")
    figure.supylabel("Share of specifications", fontsize=8)
    return figure


@styled
def specification_curve(
    curve: pd.DataFrame,
    choices: pd.DataFrame,
    *,
    baseline: float | None = None,
    option_names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a specification curve: sorted agreement above, the choices behind it below.

    After Simonsohn, Simmons and Nelson (2020), thinned to bins of specifications: a cell says
    how much more often (brown) or less often (blue) the bin takes an option than the whole
    grid does.

    Parameters
    ----------
    curve : DataFrame, one row per bin in rising order of agreement
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
    rows = choices[["dimension", "option", "overall"]].drop_duplicates(["dimension", "option"])
    # a small gap between dimensions
    changes = rows["dimension"].ne(rows["dimension"].shift()).to_numpy()
    places, place = [], 0.0
    for i, change in enumerate(changes):
        if change and i:
            place += 0.45
        places.append(place)
        place += 1
    depth = 0.142 * place
    height = 2.35 + depth
    ratios = (1.45, depth)
    figure, (upper, lower) = sheet(style.WIDTH, height, 2, sharex=True, height_ratios=ratios)
    _draw_curve(upper, curve, baseline)
    upper.set_ylabel("Adjusted Rand index")
    mesh = _draw_lifts(lower, rows, choices, curve["bin"].to_numpy(), places)
    _label_options(lower, rows, places, option_names or {})
    lower.set_ylim(place - 0.4, -0.6)
    total = int(curve["specifications"].sum())
    lower.set_xlabel(
        f"{total:,} specifications in {len(curve)} bins, agreement rising to the right"
    )
    look: Look = {"orientation": "horizontal", "shrink": 0.5, "aspect": 40, "pad": 0.01}
    bar = figure.colorbar(mesh, ax=lower, **look)
    bar.outline.set_linewidth(0.5)
    words = ["a quarter\nor less", "half", "as often", "twice", "four times\nor more"]
    bar.set_ticks([-2, -1, 0, 1, 2], labels=words)
    bar.ax.tick_params(labelsize=SMALLEST)
    bar.set_label("How often the bin takes the option, compared with the whole grid", fontsize=7)
    return figure


def _draw_curve(axes: Axes, curve: pd.DataFrame, baseline: float | None) -> None:
    """Draw range and median of every bin, and the baseline."""
    x = np.arange(len(curve))
    band: Look = {"step": "mid", "color": "#9CC9E6", "linewidth": 0, "label": "range in the bin"}
    axes.fill_between(x, curve["low"], curve["high"], **band)
    line: Look = {"drawstyle": "steps-mid", "label": "median of the bin"}
    axes.plot(x, curve["median"], color=BLUE, linewidth=1.4, **line)
    axes.grid(axis="y")
    axes.set_xlim(-0.5, len(curve) - 0.5)
    if baseline is not None:
        label = f"baseline: {baseline:.2f}"
        axes.axhline(baseline, color=style.INK, linewidth=1.0, linestyle=DASHES, label=label)
    if "baseline" in curve and curve["baseline"].any():
        at = int(np.flatnonzero(curve["baseline"].to_numpy())[0])
        height = baseline if baseline is not None else curve["median"].iloc[at]
        look: Look = {"color": RED, "markeredgecolor": style.INK, "zorder": 5}
        dots(axes, at, height, "D", 6.5, label="bin of the baseline", **look)
    axes.legend(loc="upper left", ncols=2)
    axes.margins(y=0.12)


def _draw_lifts(
    axes: Axes, rows: pd.DataFrame, choices: pd.DataFrame, bins: np.ndarray, places: list[float]
) -> QuadMesh:
    """Colour every option and bin by how much more often than in the grid the bin takes it."""
    index = pd.MultiIndex.from_frame(rows[["dimension", "option"]])
    wide = choices.pivot(index=["dimension", "option"], columns="bin", values="share")
    wide = wide.reindex(index=index, columns=bins)
    overall = rows["overall"].to_numpy()[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.clip(np.log2(wide.to_numpy(dtype=float) / overall), -2, 2)
    edges = np.arange(len(bins) + 1) - 0.5
    colors: Look = {"cmap": style.DIVERGING, "norm": Normalize(-2, 2)}
    meshes = []
    for i, y in enumerate(places):
        cells = np.ma.masked_invalid(lift[i : i + 1])
        rows_at = (y - 0.44, y + 0.44)
        meshes.append(axes.pcolormesh(edges, rows_at, cells, linewidth=0, **colors))
    return meshes[-1]


def _label_options(
    axes: Axes, rows: pd.DataFrame, places: list[float], printed: Mapping[str, str]
) -> None:
    """Name the options on the left and print on the right how often the whole grid takes them."""
    options = rows["dimension"].value_counts()
    labels = [
        f"{printed.get(d, d)}: {printed.get(o, o)}" if options[d] > 1 else str(printed.get(d, d))
        for d, o in zip(rows["dimension"], rows["option"], strict=True)
    ]
    axes.set_yticks(places, labels, fontsize=SMALLEST)
    for y, share in zip(places, rows["overall"], strict=True):
        note_at_edge(axes, percent(share), y, (22, 0), va="center_baseline", fontsize=SMALLEST)
    note_at_edge(axes, "in all", -0.6, (22, 2), va="bottom", fontsize=SMALLEST)
    axes.tick_params(length=0)
    axes.set_xticks([])
    hide_spines(axes)
