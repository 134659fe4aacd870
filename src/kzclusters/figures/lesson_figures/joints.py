"""A dendrogram whose joints are numbered, drawn at the coefficients that it is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hclustkit.draw import style
from hclustkit.draw.style import styled
from hclustkit.tree.geometry import leaf_order
from matplotlib.figure import Figure

from kzclusters.figures.marks import sheet


@styled
def numbered_joints(Z: np.ndarray, names: Sequence[str], coefficients: Sequence[float]) -> Figure:
    """Draw every joint with the number of its stage, at a height that may be impossible.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    names : of the n objects, in row order
    coefficients : where each joint is drawn, on an axis with a root scale
    """
    n = len(names)
    order = leaf_order(Z)
    place = {case: float(at) for at, case in enumerate(order)}
    level = dict.fromkeys(order, 0.0)
    figure, (axes,) = sheet(style.WIDTH, 0.24 * n + 0.6)
    for step, (a, b) in enumerate(np.asarray(Z)[:, :2].astype(int).tolist()):
        x = float(np.sqrt(coefficients[step]))
        ends = [level[a], x, x, level[b]], [place[a], place[a], place[b], place[b]]
        axes.plot(*ends, color=style.INK, linewidth=1.2, solid_joinstyle="miter")
        place[n + step], level[n + step] = (place[a] + place[b]) / 2, x
        box = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": style.INK}
        middle = {"ha": "center", "va": "center", "bbox": {**box, "linewidth": 0.6}}
        axes.text(x, place[n + step], str(step + 1), fontsize=7.5, zorder=5, **middle)
    axes.set_ylim(n - 0.4, -0.6)
    axes.set_xlim(0, float(np.sqrt(max(coefficients))) * 1.03)
    axes.set_yticks(range(n), [names[case] for case in order], fontsize=8)
    ticks = [t for t in (1, 5, 10, 25, 50, 100, 150, 200) if t <= max(coefficients)]
    axes.set_xticks(np.sqrt(ticks), list(map(str, ticks)))
    axes.set_xlabel("coefficient, on a root scale", fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return figure
