"""Figures of the clusters and of the indicators, drawn once more from their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hclustkit.draw.style import ClusterStyle, cluster_numbers
from matplotlib.figure import Figure

from kzclusters import figures, wording
from kzclusters.analysis import baseline
from kzclusters.publish.site.redrawn import Material


def _looks(given: Material) -> dict[int, ClusterStyle]:
    """Give the published clusters the looks of ours that they match."""
    published, ours = (given.groupings[name] for name in ("published", "ours"))
    return figures.aligned_styles(ours, cluster_numbers(published))


def _coassociation(given: Material) -> Figure:
    together, published = given.data("coassociation"), given.groupings["published"]
    return figures.coassociation_pair(together, published, names=given.names, styles=_looks(given))


def _icicle(given: Material) -> Figure:
    ours = given.groupings["ours"]
    return figures.icicle(given.tree.Z, list(ours.index), ours, names=given.names)


def _profiles(given: Material) -> Figure:
    long, ours = given.data("cluster_profiles").reset_index(), given.groupings["ours"]
    means = long.pivot(index="cluster", columns="indicator", values="z")
    means = means[long["indicator"].unique()]
    zscores = given.data("indicator_heatmap").reindex(ours.index)[list(means)]
    named = {code: baseline.indicator_name(code) for code in means}
    look: dict[str, Any] = {"indicator_names": named, "names": given.short}
    return figures.cluster_profiles(zscores, ours, means, **look)


def _correlations(given: Material) -> Figure:
    correlation = given.data("indicator_correlations")
    return figures.correlation_heatmap(correlation, indicator_names=given.indicator_names)


def _status(given: Material) -> Figure:
    status = given.data("indicator_status")
    return figures.missingness_grid(status, indicator_names=given.indicator_names)


def _recovery(given: Material) -> Figure:
    bars, published = given.table("cluster_recovery"), given.groupings["published"]
    bars["linkage"] = bars["linkage"].map(wording.linkage)
    return figures.recovery_bars(bars, published, names=given.names, styles=_looks(given))


FIGURES: dict[str, Callable[[Material], Figure]] = {
    "coassociation": _coassociation,
    "icicle": _icicle,
    "cluster_profiles": _profiles,
    "indicator_correlations": _correlations,
    "indicator_status": _status,
    "cluster_recovery": _recovery,
}
"""Those of them that can be drawn in other languages."""
