"""What belongs to a tree: proximities, scree plot, silhouettes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hclustkit.arguments import check_columns
from hclustkit.arrays import Floats, Ints
from hclustkit.draw import style
from hclustkit.draw.layout import (
    ONE_LINE,
    SMALLEST,
    Names,
    badge,
    blank,
    check_labels,
    cluster_patch,
    cluster_series,
    drawable,
    fit_columns,
    fit_rows,
    headline,
    heat_cells,
    names_of,
    note,
    runs,
    strip,
    text_width,
    with_minus,
)
from hclustkit.draw.style import ClusterStyle, cluster_styles, styled
from hclustkit.errors import refusal

AREA = 6.0
"""Height of silhouettes without names, inches."""
MOST_VALUES = 30
"""Most bars of a scree plot whose values are printed."""


@styled
def proximity_heatmap(
    proximity: pd.DataFrame,
    order: Sequence[Hashable] | pd.Index,
    partition: pd.Series[int] | Ints | None = None,
    *,
    names: Names | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    measure: str = "Squared Euclidean distance",
    title: str | None = None,
) -> Figure:
    """Draw a proximity matrix in the order of the tree, the clusters outlined.

    Parameters
    ----------
    proximity : DataFrame, shape (n, n)
        Symmetric, labels on both sides; the values are printed up to n = 20.
    order : sequence of n labels
        Such as ``Tree.leaf_order()``.
    partition : Series or array of int, optional
        Cluster numbers, index the labels, or in the order of the matrix.
    measure : str
        What the values are, printed at the colour bar.
    names, styles, title : optional
        As in `hclustkit.draw.dendrogram`.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import pandas as pd
    >>> matrix = pd.DataFrame([[0.0, 4.0], [4.0, 0.0]], index=list("ab"), columns=list("ab"))
    >>> figure = proximity_heatmap(matrix, ["b", "a"])
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['b', 'a']
    """
    order = list(order)
    check_labels("order", order, proximity.index)
    check_labels("columns of the proximity matrix", proximity.columns, proximity.index)
    n = len(order)
    values = proximity.loc[order, order].to_numpy(dtype=float).copy()
    np.fill_diagonal(values, np.nan)
    largest = float(np.nanmax(values)) if n > 1 else 0.0
    figure = blank(style.WIDTH, 6.6)
    headline(figure, title)
    axes = figure.subplots()
    axes.set_facecolor("#D9D9D9")
    # near is dark: alike objects stand out; the root spreads the small values, which matter most
    norm = PowerNorm(0.5, 0, largest or 1.0)
    digits = 1 if largest < 100 else 0
    texts = _cell_texts(values, digits) if n <= 20 else None
    mesh = heat_cells(axes, values, style.SEQUENTIAL.reversed(), norm, texts=texts)
    side = 8 if partition is None else 22
    printed = names_of(order, names)  # numbers take the place of names that the font lacks
    longest = max(text_width(text, 7.5) for text in printed) if drawable(printed) else 0.0
    # names take their room from the cells
    room = (72 * 5.3 - max(0.0, min(longest, ONE_LINE) - 90)) / n
    label_size = min(7.5, room / 1.1)
    if label_size >= SMALLEST:
        fitted, rotation = fit_columns(list(proximity.index), names, room, label_size, ONE_LINE)
        place = {label: i for i, label in enumerate(proximity.index)}
        ticks = [fitted[place[label]] for label in order]
        turned: dict[str, Any] = {"ha": "right", "rotation_mode": "anchor"}
        if rotation == 90:
            turned = {"ha": "center", "va": "top"}
        axes.set_yticks(range(n), ticks)
        axes.set_xticks(range(n), ticks, rotation=rotation, **turned)
    else:
        axes.set_xticks([])
        axes.set_yticks([])
    axes.tick_params(axis="both", labelsize=label_size)
    axes.tick_params(axis="y", pad=side - 4)
    axes.tick_params(axis="x", pad=side - 2)
    axes.set_aspect("equal")
    if partition is not None:
        partition = cluster_series(partition, proximity.index)
        _outline(axes, partition, order, cluster_styles(partition, styles))
    bar = figure.colorbar(mesh, ax=axes, shrink=0.6, aspect=28, pad=0.015)
    bar.outline.set_linewidth(0.5)
    bar.set_label(f"{measure} (dark: alike)")
    return figure


def _cell_texts(values: Floats, digits: int) -> list[list[str]]:
    """Write the values as text, none on the diagonal."""
    n = len(values)
    return [["" if i == j else f"{values[i, j]:.{digits}f}" for j in range(n)] for i in range(n)]


def _outline(
    axes: Axes,
    membership: pd.Series[int],
    order: Sequence[Hashable] | pd.Index,
    looks: Mapping[int, ClusterStyle],
) -> None:
    """Draw strips of the clusters on two sides, and a frame around each cluster."""
    gap = 13 * len(order) / (72 * 5.0)
    strip(axes, membership, order, looks, at=-0.045, width=0.035, gap=gap)
    strip(axes, membership, order, looks, at=-0.045, width=0.035, vertical=False, gap=gap)
    frame: dict[str, Any] = {"edgecolor": style.OKABE_ITO["vermillion"], "linewidth": 2.0}
    frame |= {"fill": False, "zorder": 5, "clip_on": False}
    for _, first, last in runs(membership, order):
        side = last - first + 1
        axes.add_patch(Rectangle((first - 0.5, first - 0.5), side, side, **frame))


@styled
def scree(
    schedule: pd.DataFrame,
    k: int | None = None,
    *,
    measure: str = "Coefficient (within-cluster sum of squares)",
    last: int | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the coefficients of the agglomeration schedule and their jumps.

    Parameters
    ----------
    schedule : DataFrame, n - 1 rows
        Columns ``stage`` (1 to n - 1) and ``coefficient``; others are ignored.
    k : int, optional
        The chosen number, marked.
    measure : str
        What the coefficients are.
    last : int, optional
        Draw this many of the last merges only.
    title : str, optional
        Above the figure.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    InputError
        Missing columns, or a number of clusters outside 1..n - 1.

    Examples
    --------
    >>> import pandas as pd
    >>> figure = scree(pd.DataFrame({"stage": [1, 2], "coefficient": [0.5, 40.0]}), 2)
    >>> figure.axes[1].get_xlabel()
    'Number of clusters'
    """
    check_columns("agglomeration schedule", schedule, ["stage", "coefficient"])
    table = schedule.sort_values("stage")
    n = len(table) + 1
    if k is not None and not 1 <= k <= n - 1:
        text = f"the schedule of {n} objects has no stage with {k} clusters"
        raise refusal(text, "k", "k-range", k)
    coefficient = table["coefficient"].to_numpy(dtype=float)
    # the merge at stage s goes from n - s + 1 clusters to n - s
    jumps = np.diff(coefficient, prepend=0.0)
    drawn = slice(max(0, n - 1 - last) if last else 0, None)
    clusters, coefficient, jumps = (
        values[drawn] for values in (n - table["stage"].to_numpy(), coefficient, jumps)
    )
    n = len(jumps) + 1
    figure = blank(style.WIDTH, 4.3)
    headline(figure, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    blue = style.OKABE_ITO["blue"]
    upper.plot(clusters, coefficient, color=blue, marker="o", markersize=4, clip_on=False)
    upper.set_ylabel("\n".join(measure.replace(" (", "\n(").split("\n")))
    upper.set_ylim(bottom=0)
    upper.grid(axis="y")
    bars = _jump_bars(lower, clusters, jumps)
    lower.set_ylabel("Increase when\nthis number is reached")
    lower.set_xlabel("Number of clusters")
    lower.set_ylim(min(0.0, jumps.min() * 1.14), jumps.max() * 1.14 if jumps.any() else 1.0)
    lower.set_xticks(range(1, n, 1 if n <= 31 else max(1, n // 20)))
    lower.set_xlim(n - 0.4, 0.4)
    if k is not None:
        _mark_number(upper, k, coefficient[clusters == k][0])
        _mark_jumps(lower, bars, clusters, k)
    return figure


def _jump_bars(axes: Axes, clusters: Ints, jumps: Floats) -> BarContainer:
    """Draw a bar for each jump, with its value above it where there is room."""
    edge: dict[str, Any] = {"edgecolor": style.INK, "linewidth": 0.5}
    bars = axes.bar(clusters, jumps, width=0.62, color=style.OKABE_ITO["sky blue"], **edge)
    texts = [f"{jump:.1f}" if jumps.max() < 1000 else f"{jump:.0f}" for jump in jumps]
    room = 72 * (style.WIDTH - 1.0) / max(len(jumps), 1)
    if len(jumps) > MOST_VALUES or max(text_width(text, SMALLEST) for text in texts) > room:
        return bars
    for bar, jump, text in zip(bars, jumps, texts, strict=True):
        at = (bar.get_x() + bar.get_width() / 2, jump)
        note(axes, text, at, (0, 1.5), ha="center", va="bottom", fontsize=SMALLEST)
    return bars


def _mark_number(axes: Axes, k: int, coefficient: float) -> None:
    """Mark the chosen number in the panel of the coefficients."""
    axes.axvline(k, **style.DASHED, zorder=0)
    mark: dict[str, Any] = {"marker": "D", "markersize": 7, "markeredgecolor": style.INK}
    axes.plot(k, coefficient, color=style.OKABE_ITO["vermillion"], zorder=5, **mark)
    look = {"xycoords": ("data", "axes fraction"), "va": "top", "fontweight": "bold"}
    note(axes, f"k = {k}", (k, 1), (4, -2), **look)


def _mark_jumps(axes: Axes, bars: BarContainer, clusters: Ints, k: int) -> None:
    """Mark the last merge made and the first one refused, with a legend."""
    looks = (
        (k, style.OKABE_ITO["vermillion"], "////", "last merge made"),
        (k - 1, "#F2C49B", "....", "first merge refused"),
    )
    handles = []
    for reached, color, hatch, text in looks:
        for at in np.flatnonzero(clusters == reached):
            bar = bars[int(at)]
            label = f"{text} ({reached + 1} to {reached})"
            bar.set(facecolor=color, hatch=hatch, hatchcolor="#7A3500", label=label)
            handles.append(bar)
    axes.legend(
        handles=handles, loc="lower left", ncols=2, bbox_to_anchor=(0, 1), borderaxespad=0.2
    )


@styled
def silhouette_plot(
    silhouettes: pd.Series[float],
    partition: pd.Series[int] | Ints,
    *,
    mean: float | None = None,
    names: Names | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the silhouette of every object, widest first within its cluster.

    Parameters
    ----------
    silhouettes : Series of float
        Widths in -1..1, index the labels.
    partition : Series or array of int
        Cluster numbers, index the same labels, or in their order.
    mean : float, optional
        Mean silhouette as the caller computed it, drawn as a line.
    names, styles, title : optional
        As in `hclustkit.draw.dendrogram`.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import pandas as pd
    >>> widths = pd.Series([0.9, 0.8, 0.0], index=list("abc"))
    >>> figure = silhouette_plot(widths, pd.Series([1, 1, 2], index=list("abc")), mean=0.57)
    >>> figure.axes[0].get_xlabel()
    'Silhouette width'
    """
    partition = cluster_series(partition, silhouettes.index)
    looks = cluster_styles(partition, styles)
    names_printed, row, size = fit_rows(list(silhouettes.index), names, 0.2)
    name_of = dict(zip(silhouettes.index, names_printed, strict=True))
    # where rows have no names, every cluster is at least as high as its number
    row = row if size else AREA / len(silhouettes)
    least = 0 if size else 12 / (72 * row)
    sizes = partition.value_counts()
    rows = sum(max(least, float(sizes[number])) for number in looks)
    figure = blank(style.WIDTH, 0.9 + row * (rows + 0.5 * len(looks)))
    headline(figure, title)
    axes = figure.subplots()
    y, ticks, printed = 0.0, [], []
    lines = [line for text in names_printed for line in text.split("\n")] if size else []
    # beside wide names a value needs more of the narrow plot
    needed = 0.2 if any(text_width(line, size) > ONE_LINE + 1 for line in lines) else 0.09
    low = min(-0.05, float(silhouettes.min()) - needed)
    for number, look in looks.items():
        group = silhouettes[partition.reindex(silhouettes.index) == number]
        group = group.sort_values(ascending=False, kind="stable")
        if size:
            _silhouette_block(axes, group, look, number, y)
        else:
            _silhouette_area(axes, group, look, number, y, max(least, len(group)))
        ticks += [y + i for i in range(len(group))]
        printed += [name_of[label] for label in group.index]
        y += max(least, len(group)) + 0.55
    axes.set_yticks(ticks if size else [], printed if size else [])
    axes.tick_params(axis="y", length=0, labelsize=min(7.5, size or 7.5))
    axes.set_ylim(y - 0.9, -0.75)
    axes.set_xlim(low, max(1.0, float(silhouettes.max()) * 1.1))
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_xlabel("Silhouette width")
    if mean is not None:
        axes.axvline(mean, **style.DASHED, zorder=0)
        above = {"xycoords": ("data", "axes fraction"), "va": "bottom", "fontsize": 7.5}
        note(axes, f"mean {with_minus(mean, 2)}", (mean, 1), (3, 1), **above)
    return figure


def _silhouette_block(
    axes: Axes, group: pd.Series[float], look: ClusterStyle, number: int, start: float
) -> None:
    """Draw the bars of one cluster from ``start`` down, their values and its number."""
    for y, value in enumerate(group.tolist(), start=0):
        at = start + y
        axes.barh(at, value, height=0.82, **cluster_patch(look))
        if len(group) == 1:
            text = "single member: 0 by definition" if value == 0 else "single member"
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
            muted = {"fontsize": 7, "color": style.MUTED, "bbox": box}
            note(axes, text, (max(value, 0), at), (5, 0), va="center", **muted)
        else:
            side, ha = (3, "left") if value >= 0 else (-3, "right")
            small = {"va": "center", "ha": ha, "fontsize": SMALLEST}
            note(axes, with_minus(value, 2), (value, at), (side, 0), **small)
    end = start + len(group) - 1
    across = axes.get_yaxis_transform()
    badge(axes, 1.03, (start + end) / 2, str(number), transform=across, size=8)
    if len(group) > 1:
        line: dict[str, Any] = {"color": style.INK, "linewidth": 0.8, "clip_on": False}
        axes.plot((1.008, 1.008), (start - 0.35, end + 0.35), transform=across, **line)


def _silhouette_area(
    axes: Axes,
    group: pd.Series[float],
    look: ClusterStyle,
    number: int,
    start: float,
    height: float,
) -> None:
    """Draw the bars of one large cluster as one area ``height`` high, and its number."""
    edges = start - 0.5 + np.linspace(0, height, len(group) + 1)
    values = group.to_numpy(dtype=float)
    axes.fill_betweenx(
        edges, np.append(values, values[-1]), 0, step="post", color=look.color, linewidth=0
    )
    middle = start - 0.5 + height / 2
    badge(axes, 1.03, middle, str(number), transform=axes.get_yaxis_transform(), size=8)
