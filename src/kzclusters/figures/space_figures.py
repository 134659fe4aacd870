"""Figures of where the regions lie: association, shares of space, maps in either form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from hclustkit.arguments import check_choice
from hclustkit.draw import cluster_maps, style, value_maps
from hclustkit.draw.layout import blank
from hclustkit.draw.style import aligned_styles, cluster_numbers, styled
from hclustkit.space.maps import Outlines, class_breaks
from matplotlib.figure import Figure

from kzclusters.figures.marks import Look, coded_names, dots, dots_key, rows_axis
from kzclusters.figures.regions import tile_map_pair, tile_value_map
from kzclusters.wording import listing

MAPS = ("outlines", "tiles")
"""How the regions can be drawn."""


def region_map_pair(
    outlines: Outlines,
    left: pd.Series,
    right: pd.Series,
    *,
    titles: tuple[str, str],
    names: Mapping[str, str],
    cities: list[str],
    width: float = 5.2,
) -> Figure:
    """Draw the published clusters above ours, on the map of the country.

    Parameters as `kzclusters.figures.tile_map_pair`; ``cities`` are drawn again below each map,
    ``width`` is in inches.
    """
    left, right = cluster_numbers(left), cluster_numbers(right)
    return cluster_maps(
        outlines,
        dict(zip(titles, (left, right), strict=True)),
        names=names,
        numerals=["roman", "arabic"],
        styles=[aligned_styles(right, left), None],
        enlarge=cities,
        width=width,
    )


@dataclass(frozen=True)
class Country:
    """The map of the regions, as outlines or as tiles.

    Attributes
    ----------
    outlines : Outlines
    grid : DataFrame
        The tiles: columns ``region``, ``row``, ``column``.
    names : region -> printed name
    cities : regions to be drawn again below a map of outlines
    maps : "outlines" or "tiles"
    """

    outlines: Outlines
    grid: pd.DataFrame
    names: Mapping[str, str]
    cities: list[str]
    maps: str = "outlines"

    def __post_init__(self) -> None:
        check_choice(self.maps, MAPS, "maps")

    def cluster_pair(self, left: pd.Series, right: pd.Series, titles: tuple[str, str]) -> Figure:
        """Draw the published clusters and ours."""
        names = dict(self.names)
        if self.maps == "tiles":
            return tile_map_pair(
                self.grid, cluster_numbers(left), right, titles=titles, names=names
            )
        return region_map_pair(
            self.outlines, left, right, titles=titles, names=names, cities=self.cities
        )

    def indicators(
        self,
        values: pd.DataFrame,
        *,
        classes: int,
        units: Mapping[str, str],
        titles: Mapping[str, str],
    ) -> Figure:
        """Draw every indicator on a small map."""
        if self.maps == "tiles":
            return tile_value_map(self.grid, values, units=units, titles=titles)
        return indicator_maps(
            self.outlines,
            values,
            classes=classes,
            units=units,
            titles=titles,
            cities={city: self.names[city] for city in self.cities},
        )


def contiguous_maps(
    outlines: Outlines,
    ours: pd.Series,
    found: Mapping[str, pd.Series],
    *,
    names: Mapping[str, str],
    cities: list[str],
) -> Figure:
    """Draw contiguous clusters in the looks of those of ``ours`` that they match."""
    return cluster_maps(
        outlines,
        found,
        names=names,
        styles=[aligned_styles(ours, partition) for partition in found.values()],
        enlarge=cities,
    )


def indicator_maps(
    outlines: Outlines,
    values: pd.DataFrame,
    *,
    classes: int,
    units: Mapping[str, str],
    titles: Mapping[str, str],
    cities: Mapping[str, str],
) -> Figure:
    """Draw every indicator on a small map, in classes of equally many regions."""
    return value_maps(
        outlines,
        values,
        {column: class_breaks(values[column], classes) for column in values},
        rule=f"At most {classes} classes of equally many regions, as far as equal values allow; "
        "a value at a limit belongs to the\nclass below it."
        + (f" Squares: {listing([*cities.values()])}." if cities else ""),
        units=units,
        titles=titles,
        enlarge=list(cities),
    )


@styled
def association_plot(moran: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw Moran's I of each indicator with the value that chance reaches once in twenty times.

    Parameters
    ----------
    moran : DataFrame
        As `hclustkit.space.moran_table`; all regions are drawn.
    names : indicator -> printed name
    """
    shown = moran[moran["objects"] == "all"]
    kinds = {kind: part.set_index("column") for kind, part in shown.groupby("weights")}
    order = list(kinds["binary"].sort_values("value", ascending=False, kind="stable").index)
    figure = blank(style.WIDTH, 0.7 + 0.24 * len(order))
    axes = figure.subplots()
    look: dict[str, tuple[str, dict[str, Any]]] = {
        "binary": ("o", {"color": style.OKABE_ITO["blue"]}),
        "standardized": (
            "D",
            {"markerfacecolor": "white", "markeredgecolor": style.OKABE_ITO["vermillion"]},
        ),
    }
    rows = list(range(len(order)))
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    for shift, (kind, (marker, colors)) in zip((-0.13, 0.13), look.items(), strict=True):
        part = kinds[kind].loc[order]
        dots(axes, part["critical"], [row + shift for row in rows], "|", 8, color=style.MUTED)
        dots(axes, part["value"], [row + shift for row in rows], marker, 5, **colors)
    rows_axis(axes, len(order), coded_names(order, names))
    axes.set_xlabel("Moran's I")
    words = {"binary": "each border counts the same", "standardized": "each region counts the same"}
    keys = [dots_key(words[kind], marker, 5, **colors) for kind, (marker, colors) in look.items()]
    keys.append(dots_key("reached by one random order in twenty", "|", 8, color=style.MUTED))
    figure.legend(handles=keys, loc="outside upper center", ncols=3)
    return figure


@styled
def mixing_curves(
    mixture: pd.DataFrame, chosen: float, agreement: pd.DataFrame, dealt: pd.Series, baseline: str
) -> Figure:
    """Draw what a share of space costs and brings, and the agreement with Figure 3 beside it.

    Parameters
    ----------
    mixture : DataFrame
        As ``hclustkit.space.mixing_table(...).table``.
    chosen : float
        The share that the rule chooses.
    agreement : DataFrame
        Index the shares, one column a year and scaling.
    dealt : Series
        The mean agreement where the rows are dealt to the regions at random.
    baseline : str
        The column of the baseline.
    """
    figure = blank(style.WIDTH, 2.9)
    left, right = figure.subplots(1, 2)
    kinds = (("features_kept", "indicators", "blue", "o"), ("space_kept", "space", "orange", "s"))
    for column, text, color, marker in kinds:
        look: Look = {"marker": marker, "markersize": 3.5, "color": style.OKABE_ITO[color]}
        left.plot(mixture["alpha"], mixture[column], label=text, **look)
    left.set_title("Inertia explained (one side alone = 1)")
    left.set_ylabel("Ratio")
    left.legend(loc="lower center")
    right.plot(agreement.index, agreement, color=style.FAINT, linewidth=0.7)
    for values, label, color, line in (
        (agreement.mean(axis=1), "mean", style.INK, "-"),
        (agreement[baseline], "baseline", style.OKABE_ITO["vermillion"], "--"),
        (dealt, "values dealt at random", style.OKABE_ITO["blue"], ":"),
    ):
        right.plot(values.index, values, color=color, linestyle=line, label=label)
    right.set_title("Agreement with Figure 3")
    right.set_ylabel("Adjusted Rand index")
    right.margins(y=0.15)  # room for the legend below the curves
    right.legend(loc="best")
    for axes in (left, right):
        axes.axvline(chosen, color=style.MUTED, linestyle=":", linewidth=1)
        axes.set_xlabel("Share of space")
    return figure


def agreement_map(
    outlines: Outlines, share: pd.Series, *, classes: int, cities: Mapping[str, str]
) -> Figure:
    """Draw for each region how often its pairs are as in Figure 3, over the grid."""
    return value_maps(
        outlines,
        share.to_frame("share"),
        {"share": class_breaks(share, classes)},
        rule=f"At most {classes} classes of equally many regions."
        + (f" Squares: {listing([*cities.values()])}." if cities else ""),
        enlarge=list(cities),
        titles={"share": "Pairs as in Figure 3"},
        units={"share": "share of specifications"},
        width=5.2,
    )
