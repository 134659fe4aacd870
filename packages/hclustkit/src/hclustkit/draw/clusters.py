"""What the clusters are, and the evidence for their number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hclustkit.draw import style
from hclustkit.draw.layout import (
    SMALLEST,
    badge,
    blank,
    cluster_patch,
    fit_rows,
    headline,
    heat_cells,
    with_minus,
)
from hclustkit.draw.style import ClusterStyle, cluster_style, styled

MOST_PRINTED = 40
"""Most rows of a heat map whose values are printed."""


@styled
def profile_heatmap(
    differences: pd.DataFrame,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw what each cluster is: its means in standard deviations from the overall mean.

    Parameters
    ----------
    differences : DataFrame, shape (k clusters, p variables)
        Standardized differences; the index holds the numbers of the clusters. Values are
        printed up to 40 variables.
    names : dict, optional
        Variable to printed name.
    styles, title : optional
        As in `hclustkit.draw.dendrogram`.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> figure = profile_heatmap(pd.DataFrame({"x": [-0.7, 1.1]}, index=[1, 2]))
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['x']
    """
    values = differences.T.to_numpy(dtype=float)
    p, k = values.shape
    printed, row, size = fit_rows(list(differences.columns), names, 0.2)
    figure = blank(style.WIDTH, 1.1 + row * p)
    headline(figure, title)
    axes = figure.subplots()
    end = float(np.nanmax(np.abs(values), initial=1.0))
    room = 72 * 4.0 / k
    texts = None
    if p <= MOST_PRINTED and room >= 22:
        texts = [["" if np.isnan(v) else with_minus(float(v)) for v in line] for line in values]
    mesh = heat_cells(axes, values, style.DIVERGING, TwoSlopeNorm(0, -end, end), texts=texts)
    axes.set_yticks(range(p) if size else [], printed if size else [])
    axes.tick_params(axis="y", labelsize=size or 8)
    axes.set_xticks([])
    _heads(axes, differences.index.tolist(), styles or {}, 72 * row, room)
    bar = figure.colorbar(mesh, ax=axes, orientation="horizontal", fraction=0.05, pad=0.02)
    bar.outline.set_linewidth(0.5)
    bar.set_label("Mean of the cluster, in standard deviations from the mean of all")
    return figure


def _heads(
    axes: Axes, numbers: list[int], styles: Mapping[int, ClusterStyle], row: float, room: float
) -> None:
    """Draw above each column a block in the look of its cluster, with its number."""
    high = 12 / row
    for place, number in enumerate(numbers):
        look = styles.get(number, cluster_style(number))
        patch = cluster_patch(look, clip_on=False, zorder=3)
        axes.add_patch(Rectangle((place - 0.5, -0.6 - high), 1, high, **patch))
        if room >= 16:
            badge(axes, place, -0.6 - high / 2, str(number), size=SMALLEST)
    axes.set_ylim(axes.get_ylim()[0], -0.7 - high)


@styled
def number_plot(
    evidence: pd.DataFrame, ballot: pd.Series[int], k: int, *, title: str | None = None
) -> Figure:
    """Draw the evidence for each number of clusters: mean silhouettes, and votes of indices.

    Parameters
    ----------
    evidence : DataFrame
        Columns ``k`` and ``silhouette``.
    ballot : Series of int
        Votes, index the number of clusters; may be empty.
    k : int
        The chosen number, marked.
    title : str, optional
        Above the figure.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> evidence = pd.DataFrame({"k": [2, 3], "silhouette": [0.4, 0.6]})
    >>> len(number_plot(evidence, pd.Series({3: 5}), 3).axes)
    2
    """
    voted = len(ballot) > 0
    figure = blank(style.WIDTH, 3.6 if voted else 2.2)
    headline(figure, title)
    panels = figure.subplots(1 + voted, 1, sharex=True, squeeze=False)[:, 0]
    ks = evidence["k"].to_numpy()
    blue = style.OKABE_ITO["blue"]
    panels[0].plot(ks, evidence["silhouette"], color=blue, marker="o", markersize=4)
    panels[0].set_ylabel("Mean silhouette")
    panels[0].grid(axis="y")
    if voted:
        counts = [int(ballot.get(number, 0)) for number in ks.tolist()]
        panels[1].bar(ks, counts, width=0.6, color=style.OKABE_ITO["sky blue"])
        panels[1].set_ylabel("Votes of indices")
        panels[1].yaxis.get_major_locator().set_params(integer=True)
    for panel in panels:
        if k in ks:
            panel.axvline(k, **style.DASHED, zorder=0)
    panels[-1].set_xticks(ks)
    panels[-1].set_xlabel("Number of clusters")
    return figure
