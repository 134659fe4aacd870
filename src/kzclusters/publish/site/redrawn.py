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
    tight : region -> shorter name where two are beside each other; else that of ``names``
    say : translates what a figure breaks into lines, and so has to know before it draws
    choices : the parameters of the study
    """

    names: dict[Any, str]
    facts: dict[str, Any]
    width: float = 5.2
    tight: dict[Any, str] = field(default_factory=dict)
    say: Callable[[str], str] = str
    choices: dict[str, Any] = field(default_factory=study.parameters)

    @property
    def breakable(self) -> dict[str, str]:
        """The names with a space after a hyphen, where a map may break them."""
        return {code: name.replace("-", "- ") for code, name in self.names.items()}

    @property
    def short(self) -> dict[str, str]:
        """The names, shorter where there are such."""
        return self.names | self.tight

    @cached_property
    def outlines(self) -> Outlines:
        """The borders, projected."""
        return conic(boundaries.polygons())

    @cached_property
    def cities(self) -> dict[str, str]:
        """The regions that are cities, with their names."""
        kinds = series.regions()["kind"]
        return {city: self.names[city] for city in kinds.index[kinds == "city"]}

    @cached_property
    def zscores(self) -> pd.DataFrame:
        """What the baseline clusters."""
        return read_csv(paths.PROCESSED / "standardized.csv", index_col="region")

    @cached_property
    def tree(self) -> Tree:
        """The tree of the baseline."""
        return Tree.from_table(self.zscores, self.choices["linkage"])

    @cached_property
    def indicator_names(self) -> dict[str, str]:
        """The name of each indicator, without its code."""
        return {code: item.name for code, item in indicators.registry().items()}

    @cached_property
    def groupings(self) -> pd.DataFrame:
        """The clusters, "published" and "ours"."""
        return self.data("cluster_maps")

    def data(self, name: str) -> pd.DataFrame:
        """Read the data of a figure, by region."""
        return read_csv(paths.FIGURES / f"{name}.csv", index_col=0)

    def table(self, name: str) -> pd.DataFrame:
        """Read the data of a figure as they are; only an empty cell is missing."""
        return read_csv(paths.FIGURES / f"{name}.csv", keep_default_na=False, na_values=[""])


def _dendrogram(given: Material) -> Figure:
    ours, method = given.groupings["ours"], given.choices["linkage"]
    return figures.dendrogram(
        given.tree.Z, list(ours.index), ours, method=method, names=given.names
    )


def _proximity(given: Material) -> Figure:
    proximity, order = given.data("proximity_matrix"), list(given.tree.leaf_order())
    return figures.proximity_heatmap(proximity, order, given.groupings["ours"], names=given.names)


def _scree(given: Material) -> Figure:
    return figures.scree(given.data("scree").reset_index(), given.choices["n_clusters"])


def _silhouettes(given: Material) -> Figure:
    widths, ours = given.data("silhouettes")["width"], given.groupings["ours"]
    return figures.silhouette_plot(widths, ours, mean=float(widths.mean()), names=given.names)


def _indicator_maps(given: Material) -> Figure:
    values, registry = given.data("indicator_maps"), indicators.registry()
    return figures.indicator_maps(
        given.outlines,
        values,
        classes=given.choices["space"]["classes"],
        units={code: registry[code].main.unit for code in values},
        titles={code: registry[code].name for code in values},
        cities=given.cities,
    )


def _cluster_maps(given: Material) -> Figure:
    base, groupings = given.facts["baseline"], given.groupings
    rebuilt = f"Rebuilt: {base['year']}, {base['scaling_text']}, {base['linkage_text']}"
    return figures.region_map_pair(
        given.outlines,
        groupings["published"],
        groupings["ours"],
        titles=("Figure 3 as published", rebuilt),
        names=given.breakable,
        cities=list(given.cities),
        width=given.width,
    )


def _contiguous(given: Material) -> Figure:
    found, ours = dict(given.data("contiguous_maps").items()), given.groupings["ours"]
    return cluster_maps(
        given.outlines,
        found,
        names=given.breakable,
        styles=[figures.aligned_styles(ours, partition) for partition in found.values()],
        enlarge=list(given.cities),
        width=given.width,
    )


def _agreement_map(given: Material) -> Figure:
    share, classes = given.data("agreement_map")["share"], given.choices["space"]["classes"]
    return figures.agreement_map(given.outlines, share, classes=classes, cities=given.cities)


def _heatmap(given: Material) -> Figure:
    values, named = given.data("indicator_heatmap"), given.indicator_names
    return figures.indicator_heatmap(
        values,
        list(values.index),
        given.groupings["ours"],
        columns=sorted(named, key=baseline.place),
        indicator_names=named,
        names=given.names,
    )


def _pairs(given: Material) -> Figure:
    long = given.table("setting_pairs")
    keys, published = ["year", "scaling"], given.groupings["published"]
    wide = long.set_index(["kind", "name", *keys])["value"].unstack(keys, sort=False)
    cases, pairs = wide.loc["region"], wide.loc["pair"] == "together"
    pairs.index = pd.MultiIndex.from_tuples(
        [(published[pair.split()[0]], *pair.split()) for pair in pairs.index]
    )
    short = {"zscore": "z-scores", "range": "0 to 1", "rank": "ranks", "log-zscore": "log z-scores"}
    look: dict[str, Any] = {"names": given.short, "column_names": short}
    return figures.pair_picture(pairs, cases, published=published, noun="region", **look)


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
"""Those of the baseline and of the maps, by name."""
