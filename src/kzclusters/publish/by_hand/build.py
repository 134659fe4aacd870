"""Write the page on which a reader does Ward's method by hand: draggable points, step by step.

The page computes with the explorer's ``compute.js``; only the presets are computed here.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hclustkit.files import write_text
from hclustkit.report import cluster_looks, inline_page, read_part
from hclustkit.report.page import every_noscript

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.command import page_program
from kzclusters.evidence import indicators, sources
from kzclusters.publish import texts

OUT = "site/by_hand.html"
HERE = Path(__file__).parent
FROM_EXPLORER = ("compute.js", "markup.js", "texts.js", "page.js")
SCRIPTS = ("steps.js", "pictures.js", "tables.js", "by_hand.js")

WIDE, TALL = (0.0, 100.0), (0.0, 10.0)
"""Ranges of the two axes: their units differ, so scaling matters."""
LANGUAGES = texts.LANGUAGES
NOISE = 24
"""Points of the preset of uniform noise."""

Preset = dict[str, Any]


def _preset(name: str, points: Any, **given: Any) -> Preset:
    """Make a preset; points are pairs of numbers in the ranges of the axes."""
    rounded = np.round(np.asarray(points, dtype=float), 2).tolist()
    usual = {"x": WIDE, "y": TALL, "scaling": "range", "linkage": "ward", "names": None}
    return {"id": name, "points": rounded, **usual, **given}


def _circle(centre: tuple[float, float], radius: float, count: int) -> np.ndarray:
    """Place points evenly on a circle, in units of ten on the first axis and one on the second."""
    angle = 2 * np.pi * np.arange(count) / count
    x, y = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
    return np.column_stack([10 * x, y])


def presets(seed: int) -> list[Preset]:
    """List the presets of points, named by what they teach.

    Parameters
    ----------
    seed : of the uniform noise
    """
    rng = np.random.default_rng(seed)
    low, high = (WIDE[0], TALL[0]), (WIDE[1], TALL[1])
    large = np.column_stack([np.tile(np.arange(8, 61, 13), 4), np.repeat([1.2, 3.5, 5.8, 8.1], 5)])
    small = [(84, 4), (84, 5.2), (92, 4.6)]
    along = np.linspace(8, 92, 9)
    chain = [*zip(along, np.full(9, 3.0), strict=True), (50, 8.6), (56, 8.2)]
    axis = [(x, y) for x in (10, 20, 80, 90) for y in (1 + x / 100, 9 - x / 100)]
    axis = [(x + 3 if y > 5 else x, y) for x, y in axis]
    ones = np.full(8, 2.0)
    return [
        _preset("groups", [(18, 2), (24, 3), (15, 3.4), (70, 7), (78, 7.6), (74, 8.4), (66, 8)]),
        _preset("sizes", [(10, 5), (12, 6), (10, 7), (12, 5.5), (40, 6), (74, 6)], scaling="none"),
        _preset("axis", axis, scaling="none"),
        _preset("outlier", [(30, 4), (36, 5), (28, 5.4), (42, 4.4), (37, 3.4), (96, 9.6)]),
        _preset("tie", [(30, 3), (70, 3), (30, 7), (70, 7)]),
        _preset("chain", chain, linkage="single"),
        _preset("rings", np.vstack([_circle((5, 5), 1.2, 8), _circle((5, 5), 4.4, 20)])),
        _preset("noise", rng.uniform(low, high, (NOISE, 2))),
        _preset("unequal", np.vstack([large, small])),
        _preset("twice", [(v, v / 10) for v in (8, 14, 20, 47, 55, 82, 90)], scaling="zscore"),
        _preset("dummy", [*zip(along[:8], ones, strict=True), (95, 9)], scaling="zscore"),
    ]


def _regions(values: Path) -> Preset:
    """Make a preset of the regions and indicators of the lesson."""
    study = studies.parameters()
    codes, columns = study["lesson_regions"], study["lesson_indicators"]
    long = pd.read_csv(values, encoding="utf-8").fillna({"variant": ""})
    long = long[(long["year"] == study["year"]) & (long["variant"] == "")]
    table = long.pivot(index="region", columns="indicator", values="value").loc[codes, columns]
    table_of_names = sources.regions()
    names = {
        language: texts.short_names(language, table_of_names[f"name_{language}"])
        for language in LANGUAGES
    }
    registry = indicators.registry()
    words = texts.words()
    room = {axis: _around(table[c]) for axis, c in zip("xy", columns, strict=True)}
    return _preset(
        "regions",
        table.to_numpy(),
        **room,
        scaling="zscore",
        names={language: [names[language][c]["short"] for c in codes] for language in LANGUAGES},
        axes={
            language: [f"{c}, {_said(words, registry[c].name, language)}" for c in columns]
            for language in LANGUAGES
        },
    )


def _said(words: Mapping[str, Mapping[str, str]], word: str, language: str) -> str:
    return words.get(word, {}).get(language, word)


def _around(column: pd.Series) -> tuple[float, float]:
    """Give a range with room around the values of a column."""
    room = 0.15 * (column.max() - column.min())
    return float(np.floor(column.min() - room)), float(np.ceil(column.max() + room))


def page(values: Path | None = None, languages: Mapping[str, Any] | None = None) -> str:
    """Write the page.

    Parameters
    ----------
    values : path of the long table of indicators; ``data/processed/indicators.csv`` if None
    languages : texts by language, the first that of the file itself; those of the project if None
    """
    spoken = languages or texts.section("by_hand")
    first = next(iter(spoken.values()))
    values = values or paths.PROCESSED / "indicators.csv"
    data = {
        "presets": [*presets(studies.parameters()["seed"]), _regions(values)],
        "looks": cluster_looks(),
        "texts": spoken,
    }
    return inline_page(
        (HERE / "template.html").read_text(encoding="utf-8"),
        [(HERE / "by_hand.css").read_text(encoding="utf-8")],
        [
            *map(read_part, FROM_EXPLORER),
            *((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
        ],
        data,
        {key: html.escape(str(text)) for key, text in first.items()}
        | {"noscript": every_noscript(spoken)},
    )


def build(out: str | Path = OUT, values: Path | None = None) -> Path:
    """Write the page to ``out`` (seen from the root of the project) and return its path."""
    return write_text(paths.resolve(out), page(values))


main = page_program("kzclusters.publish.by_hand.build", "Write Ward's method by hand.", OUT, build)
"""``python -m kzclusters.publish.by_hand.build [--out FILE]``."""

if __name__ == "__main__":
    sys.exit(main())
