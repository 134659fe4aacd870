"""Figures drawn once more from their data, with other names of the regions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from hclustkit import Tree, multiverse
from hclustkit.draw import cluster_maps
from hclustkit.files import read_csv
from hclustkit.space.maps import Outlines, conic
from matplotlib.figure import Figure

from kzclusters import figures, paths, study
from kzclusters.analysis import baseline, robustness_text, store
from kzclusters.evidence import boundaries, indicators, series


@dataclass(frozen=True)
class Material:
    """What the figures are drawn from.

    Attributes
    ----------
    names : region -> printed name
    facts : the results by dotted name
    width : of maps with names, inches
    tight : region -> name where two have to stand beside each other; else that of ``names``
    """

    names: dict[Any, str]
    facts: dict[str, Any]
    width: float = 5.2
    tight: dict[Any, str] = field(default_factory=dict)

    @cached_property
    def choices(self) -> dict[str, Any]:
        """The parameters of the study."""
        return study.parameters()

    @property
    def breakable(self) -> dict[str, str]:
        """The names with a space after a hyphen, where a map may break them."""
        return {code: name.replace("-", "- ") for code, name in self.names.items()}

    @cached_property
    def outlines(self) -> Outlines:
        """The borders, projected."""
        return conic(boundaries.polygons())

    @cached_property
    def cities(self) -> list[str]:
        """The regions that are cities."""
        kinds = series.regions()["kind"]
        return list(kinds.index[kinds == "city"])

    @cached_property
    def z(self) -> pd.DataFrame:
        """The scaled values of the baseline."""
        return read_csv(paths.PROCESSED / "standardized.csv", index_col="region")

    @cached_property
    def tree(self) -> Tree:
        """The tree of the baseline."""
        return Tree.from_table(self.z, self.choices["linkage"])

    @cached_property
    def clusters(self) -> pd.Series:
        """The clusters of the baseline."""
        return self.data("cluster_maps")["ours"].rename("cluster")

    @cached_property
    def published(self) -> pd.Series:
        """The published clusters."""
        return self.data("cluster_maps")["published"]

    def data(self, name: str) -> pd.DataFrame:
        """Read the data of a figure, by region."""
        return read_csv(paths.FIGURES / f"{name}.csv", index_col=0)

    def indicator_names(self) -> dict[str, str]:
        """Name the indicators."""
        return {code: item.name for code, item in indicators.registry().items()}


def _dendrogram(given: Material) -> Figure:
    method, labels = given.choices["linkage"], list(given.z.index)
    return figures.dendrogram(
        given.tree.Z, labels, given.clusters, method=method, names=given.names
    )


def _proximity(given: Material) -> Figure:
    order = list(given.tree.leaf_order())
    proximity = given.data("proximity_matrix")
    return figures.proximity_heatmap(proximity, order, given.clusters, names=given.names)


def _scree(given: Material) -> Figure:
    return figures.scree(given.data("scree").reset_index(), given.choices["n_clusters"])


def _silhouettes(given: Material) -> Figure:
    widths = given.data("silhouettes")["width"]
    return figures.silhouette_plot(
        widths, given.clusters, mean=float(widths.mean()), names=given.names
    )


def _indicator_maps(given: Material) -> Figure:
    values = given.data("indicator_maps")
    return figures.indicator_maps(
        given.outlines,
        values,
        classes=given.choices["space"]["classes"],
        units={code: indicators.registry()[code].main.unit for code in values},
        titles=given.indicator_names(),
        cities={city: given.names[city] for city in given.cities},
    )


def _contiguous(given: Material) -> Figure:
    found = dict(given.data("contiguous_maps").items())
    return cluster_maps(
        given.outlines,
        found,
        names=given.breakable,
        styles=[figures.aligned_styles(given.clusters, partition) for partition in found.values()],
        enlarge=given.cities,
        width=given.width,
    )


def _agreement_map(given: Material) -> Figure:
    return figures.agreement_map(
        given.outlines,
        given.data("agreement_map")["share"],
        classes=given.choices["space"]["classes"],
        cities={city: given.names[city] for city in given.cities},
    )


def _cluster_maps(given: Material) -> Figure:
    base = given.facts["baseline"]
    ours = f"Rebuilt: {base['year']}, {base['scaling_text']}, {base['linkage_text']}"
    return figures.region_map_pair(
        given.outlines,
        given.published,
        given.clusters,
        titles=("Figure 3 as published", ours),
        names=given.breakable,
        cities=given.cities,
        width=given.width,
    )


def _heatmap(given: Material) -> Figure:
    values, names = given.data("indicator_heatmap"), given.indicator_names()
    return figures.indicator_heatmap(
        values,
        list(values.index),
        given.clusters,
        indicator_names=names,
        names=given.names,
        columns=sorted(names, key=baseline.place),
    )


def _pairs(given: Material) -> Figure:
    long = read_csv(paths.FIGURES / "setting_pairs.csv", keep_default_na=False)
    keys = ["year", "scaling"]
    wide = long.set_index(["kind", "name", *keys])["value"].unstack(keys, sort=False)
    cases, pairs = wide.loc["region"], wide.loc["pair"] == "together"
    pairs.index = pd.MultiIndex.from_tuples(
        [(given.published[pair.split()[0]], *pair.split()) for pair in pairs.index]
    )
    short: dict[Any, str] = {"log-zscore": "log z-scores", "range": "0 to 1"}
    short |= {"zscore": "z-scores", "rank": "ranks"}
    return figures.pair_picture(
        pairs,
        cases,
        published=given.published,
        names=given.names | given.tight,
        column_names=short,
        noun="region",
    )


def _curve(given: Material) -> Figure:
    stored = store.read_json(paths.FIGURES, "specification_curve.json")
    long = read_csv(
        paths.PROCESSED / "indicators.csv", keep_default_na=False, na_values={"value": [""]}
    )
    declared = multiverse.Grid.from_mapping(given.choices["grid"], long)
    return figures.specification_curve(
        pd.DataFrame(stored["curve"]),
        pd.DataFrame(stored["choices"]),
        baseline=given.facts["agreement"]["adjusted_rand_index"],
        option_names=robustness_text.option_names(declared),
    )


FIGURES: dict[str, Callable[[Material], Figure]] = {
    "cluster_maps": _cluster_maps,
    "dendrogram": _dendrogram,
    "proximity_matrix": _proximity,
    "indicator_maps": _indicator_maps,
    "indicator_heatmap": _heatmap,
    "scree": _scree,
    "silhouettes": _silhouettes,
    "setting_pairs": _pairs,
    "specification_curve": _curve,
    "contiguous_maps": _contiguous,
    "agreement_map": _agreement_map,
}
"""The figures that can be drawn in other languages."""
