"""The map of Figure 3 in the other languages: tracked figures are English, these the site draws."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from hclustkit.draw.save import settle, svg_bytes
from hclustkit.files import read_csv, write_bytes
from hclustkit.space.maps import conic
from matplotlib.figure import Figure
from matplotlib.text import Text

from kzclusters import paths, study
from kzclusters.evidence import boundaries, series
from kzclusters.figures import region_map_pair
from kzclusters.publish import texts

NAME = "cluster_maps"
WIDTH = 6.6
"""Inches: the names are longer than the English ones."""


def draw(language: str, said: Mapping[str, str]) -> Figure:
    """Draw the published clusters and ours with the names and words of one language.

    Parameters
    ----------
    language : of the column of names in ``regions.csv``
    said : texts of the section ``map``
    """
    regions = series.regions()
    clusters = read_csv(paths.FIGURES / f"{NAME}.csv", index_col="region")
    names = texts.without_kind(regions[f"name_{language}"], said)
    figure = region_map_pair(
        conic(boundaries.polygons()),
        clusters["published"],
        clusters["ours"],
        titles=(said["published"], said["ours"].format(year=study.parameters()["year"])),
        # a long name of two parts may be broken after its hyphen
        names=names.str.strip().str.replace("-", "- ", regex=False).to_dict(),
        cities=list(regions.index[regions["kind"] == "city"]),
        width=WIDTH,
    )
    for text in figure.findobj(Text):
        words = text.get_text().replace("- ", "-")
        text.set_text(re.sub(r" km$", f" {said['km']}", words))
    return figure


def build(folder: Path, languages: Mapping[str, Mapping[str, str]] | None = None) -> list[Path]:
    """Write one drawing for each language but the first, that of the tracked figure.

    Parameters
    ----------
    folder : of the figures of the site
    languages : texts by language; those of the project by default
    """
    spoken = texts.section("map") if languages is None else languages
    written = []
    for language, said in list(spoken.items())[1:]:
        figure = draw(language, said)
        settle(figure)
        drawn = svg_bytes(figure, f"{NAME}-{language}", said["title"], said["alt"])
        written.append(write_bytes(folder / f"{NAME}.{language}.svg", drawn))
    return written
