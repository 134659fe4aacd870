"""The map of Figure 3 in the other languages: tracked figures are English, these the site draws."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from hclustkit.draw import cluster_maps
from hclustkit.draw.save import settle, svg_bytes
from hclustkit.draw.style import aligned_styles, numbered
from hclustkit.files import read_csv, write_bytes
from hclustkit.space.maps import conic
from matplotlib.figure import Figure
from matplotlib.text import Text

from kzclusters import paths, study
from kzclusters.evidence import boundaries, series
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
    names = regions[f"name_{language}"]
    for word in said["left_out"].split("|"):
        names = names.str.replace(word, "", regex=False)
    outlines: dict[Hashable, Any] = dict(boundaries.polygons().items())
    left, right = numbered(clusters["published"]), numbered(clusters["ours"])
    ours = said["ours"].format(year=study.parameters()["year"])
    figure = cluster_maps(
        conic(outlines),
        {said["published"]: left, ours: right},
        # a long name of two parts may be broken after its hyphen
        names=names.str.strip().str.replace("-", "- ", regex=False).to_dict(),
        numerals=["roman", "arabic"],
        styles=[aligned_styles(right, left), None],
        enlarge=list(regions.index[regions["kind"] == "city"]),
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
    for language in list(spoken)[1:]:
        figure = draw(language, spoken[language])
        settle(figure)
        said = spoken[language]
        drawn = svg_bytes(figure, f"{NAME}-{language}", said["title"], said["alt"])
        written.append(write_bytes(folder / f"{NAME}.{language}.svg", drawn))
    return written
