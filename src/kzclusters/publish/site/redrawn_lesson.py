"""Figures of the lesson and of Moran's I, drawn once more from their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from hclustkit import Tree, compare
from hclustkit.draw.style import aligned_styles
from matplotlib.figure import Figure

from kzclusters import figures
from kzclusters.analysis import baseline
from kzclusters.evidence import indicators
from kzclusters.figures import lesson_figures
from kzclusters.figures.lesson_figures import TreePanel
from kzclusters.lesson import steps
from kzclusters.lesson.data import CRITERIA
from kzclusters.publish.site.redrawn import Material


def _small(given: Material) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the few regions of the lesson, in their units and as z-scores."""
    both, codes = given.data("lesson_scaling"), given.choices["lesson_indicators"]
    return both[codes], both[[f"{code}_z" for code in codes]].set_axis(codes, axis=1)


def _scaling(given: Material) -> Figure:
    (raw, scaled), registry = _small(given), indicators.registry()
    axis_labels = [f"{registry[c].name} ({c})\n{registry[c].main.unit}" for c in raw]
    look: dict[str, Any] = {"axis_labels": axis_labels, "names": given.names}
    return lesson_figures.scaling_pair(raw, scaled, steps.pair_distances(raw).idxmin(), **look)


def _merges(given: Material) -> Figure:
    _, scaled = _small(given)
    return lesson_figures.merge_stages(scaled, Tree.from_table(scaled).Z, names=given.short)


def _growth(given: Material) -> Figure:
    tree = given.tree
    return lesson_figures.growing_dendrogram(tree.Z, list(tree.labels), names=given.short)


def _linkages(given: Material) -> Figure:
    cuts = dict(given.data("lesson_linkages").items())
    trees = {method: Tree.from_table(given.zscores, method).Z for method in cuts}
    return lesson_figures.linkage_panels(trees, cuts, names=given.short)


def _criteria(given: Material) -> Figure:
    curves, k = given.data("lesson_criteria"), given.choices["n_clusters"]
    return lesson_figures.criterion_panels(curves, CRITERIA, n_clusters=k)


def _years(given: Material) -> Figure:
    found, order = given.data("lesson_years"), list(given.tree.leaf_order())
    here = found[str(given.choices["year"])]
    moved = {at: found.index.isin(compare.moves(here, found[at])) for at in found}
    look: dict[str, Any] = {
        "styles": {at: aligned_styles(here, found[at]) for at in found},
        "moved": pd.DataFrame(moved, index=found.index),
    }
    return lesson_figures.membership_by_year(found, order, names=given.names, **look)


def _draw_beside(given: Material, titles: tuple[str, str], other: Tree, **look: Any) -> Figure:
    """Draw a tree at the right of that of the baseline."""
    trees = [(given.tree, {"names": given.short}), (other, look)]
    panels = [
        TreePanel(title, tree.Z, list(tree.labels), **own)
        for title, (tree, own) in zip(titles, trees, strict=True)
    ]
    return lesson_figures.dendrogram_panels(panels, axis_label=lesson_figures.COEFFICIENT_AXIS)


def _rotation(given: Material) -> Figure:
    look = {"names": given.short, "order": list(given.table("lesson_rotation")["turned"])}
    return _draw_beside(
        given, ("As it is usually drawn", "The last joint turned"), given.tree, **look
    )


def _draw_shuffled(given: Material) -> Figure:
    mixed = Tree.from_table(given.data("lesson_shuffled"))
    return _draw_beside(given, ("The regions", "Every column shuffled"), mixed)


def _moran(given: Material) -> Figure:
    table = given.table("moran")
    return figures.association_plot(table, {c: baseline.indicator_name(c) for c in table["column"]})


FIGURES: dict[str, Callable[[Material], Figure]] = {
    "lesson_scaling": _scaling,
    "lesson_merges": _merges,
    "lesson_growth": _growth,
    "lesson_linkages": _linkages,
    "lesson_criteria": _criteria,
    "lesson_years": _years,
    "lesson_rotation": _rotation,
    "lesson_shuffled": _draw_shuffled,
    "moran": _moran,
}
"""Those of the lesson and of Moran's I."""
