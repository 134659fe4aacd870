"""Hand the study to the explorer of hclustkit: values, names, maps, Figure 3, baseline."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import InputError
from hclustkit.files import read_csv, write_text
from hclustkit.report import ExplorerTexts, cluster_looks, explorer_page
from hclustkit.report.outlines import page_map
from hclustkit.space.maps import conic

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.command import command
from kzclusters.evidence import article, boundaries, indicators, sources

OUT = "site/explorer.html"

TEXTS = ExplorerTexts(
    title="Regional clusters of Kazakhstan: an explorer",
    description=(
        "Hierarchical clustering of the 16 regions of Kazakhstan: choose year, scaling, linkage, "
        "indicators and number of clusters. Works without a network."
    ),
    case="region",
    cases="regions",
    variable="indicator",
    variables="indicators",
    definition=("In the article", "Built here", "Formula over the series", "Status"),
    whole="Regions of Kazakhstan",
    file="kazakhstan-regions",
    source=(
        "Official statistics of Kazakhstan; sources and definitions in the data package of the "
        "project."
    ),
    about=(
        "The page holds the indicators of the project as built from official series, and computes "
        "scaling, tree, schedule, clusters and agreement by the definitions of the package "
        "hclustkit. Tests compare the two on several thousand random choices."
    ),
    licence=(
        "Colours after Okabe and Ito (2008). Code of the project under the MIT License, text and "
        "figures under CC BY 4.0; the series are official statistics, reused with attribution; "
        "borders: Natural Earth, public domain."
    ),
    credit=("kzclusters, the regional clusters of Kazakhstan rebuilt; text and figures CC BY 4.0."),
    terms=(
        (
            "Figure 3",
            "The grouping of the regions that the article of Turekulova, Mukhambetova and "
            "Chimgentbayeva prints. This project rebuilds it: see the "
            '<a href="paper/paper.html">paper</a> and the '
            '<a href="notebooks/03_results.html">results</a>.',
        ),
        (
            "Cluster analysis, dendrogram, cut",
            "Similar regions are merged step by step; the dendrogram draws the merges, and a cut "
            "through it gives the clusters at that point. The "
            '<a href="by_hand.html">page to play with</a> and the '
            '<a href="notebooks/05_ward_by_hand.html">lesson</a> show how.',
        ),
        (
            "Adjusted Rand index",
            "How far two groupings agree on the pairs of regions: 1 if they are the same, 0 on "
            "average for random ones. All terms: the "
            '<a href="data/glossary.html">glossary</a>.',
        ),
    ),
    reference="Figure 3",
    reference_title="Figure 3 as published",
    reference_full="the published Figure 3",
    adjective="published",
    of_year=" of the year",
    home="index.html",
)


def _regions() -> list[dict[str, Any]]:
    """List names, place and tile of each region, in case order."""
    grid = pd.read_csv(paths.RAW / "tile_grid.csv", index_col="region", encoding="utf-8")
    table = sources.regions()
    without = [code for code in table.index if code not in grid.index]
    if without:
        raise InputError(f"tile_grid.csv: column 'region': {without[0]} is missing")
    return [
        {
            "code": code,
            "en": row["name_en"],
            "shorter": row["name_en"].replace("Kazakhstan", "Kaz."),
            "others": [
                {"lang": "kk", "name": row["name_kk"]},
                {"lang": "ru", "name": row["name_ru"]},
            ],
            "about": (
                "City with the rank of a region"
                if row["kind"] == "city"
                else f"Oblast, centre {row['centre']}"
            ),
            "row": int(grid.at[code, "row"]),
            "column": int(grid.at[code, "column"]),
        }
        for code, row in table.iterrows()
    ]


def _published(codes: list[str]) -> dict[str, Any]:
    """Give the numerals of Figure 3, and the cluster of each region counted from 1."""
    numerals = list(article.CLUSTERS)
    membership = article.published_clusters()
    return {
        "numerals": numerals,
        "membership": [numerals.index(membership[code]) + 1 for code in codes],
    }


def _values(path: Path) -> pd.DataFrame:
    """Read the long table of indicators; a missing variant or value is empty."""
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing; `make` builds it")
    long = read_csv(path)
    if list(long.columns) != indicators.COLUMNS:
        raise InputError(
            f"{paths.shown(path)}: row 1: the columns are {', '.join(indicators.COLUMNS)}"
        )
    return long.fillna({"variant": ""})


def _indicators(long: pd.DataFrame, codes: list[str], years: list[int]) -> list[dict[str, Any]]:
    """List the registry with the values of each variant, by year, where every region has one."""
    cells = long.set_index(["indicator", "variant", "year", "region"])["value"]
    found = []
    for indicator in indicators.registry().values():
        variants = []
        for variant in indicator.variants:
            values: dict[str, list[float]] = {}
            gaps: dict[str, list[str]] = {}
            for year in years:
                keys = [(indicator.code, variant.name, year, code) for code in codes]
                column = cells.reindex(pd.MultiIndex.from_tuples(keys)).to_numpy()
                empty = [code for code, value in zip(codes, column, strict=True) if pd.isna(value)]
                if not empty:
                    values[str(year)] = column.tolist()
                elif len(empty) < len(codes):
                    gaps[str(year)] = empty
            variants.append(
                {
                    "id": indicator.code + (f":{variant.name}" if variant.name else ""),
                    "name": variant.name,
                    "label": variant.label,
                    "short": variant.label if variant.name else indicator.name,
                    "unit": variant.unit,
                    "formula": variant.formula,
                    "status": variant.status,
                    "differs": variant.differs,
                    "series": list(variant.series),
                    "values": values,
                    "gaps": gaps,
                    "anyData": bool(values),
                }
            )
        found.append(
            {
                "code": indicator.code,
                "group": indicator.group,
                "definition": indicator.definition,
                "missing": indicator.missing,
                "variants": variants,
            }
        )
    return found


def _series() -> dict[str, dict[str, str]]:
    """Give title, publisher and table of every series of the data package."""
    return {
        resource["name"]: {
            "title": resource["title"],
            "publisher": resource["publisher"],
            "table": resource["official_table"],
        }
        for resource in sources.resources()
        if resource["role"] == "series"
    }


def _tour(
    study: dict[str, Any], years: list[int], built: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """List five views with what to look at in each; the texts name no number."""
    extra = next(
        variant["id"]
        for entry in built
        for variant in entry["variants"]
        if variant["name"] and str(study["year"]) in variant["values"]
    )
    base = f"year={study['year']}&k={study['n_clusters']}&figure3=1"
    other = next((y for y in years if y > study["year"]), years[0])
    stops = [
        (
            "The baseline",
            "The first year in which every indicator that has data exists. The dendrogram merges "
            "regions whose indicators are alike; the dashed line cuts it. Beside our map is Figure "
            "3 of the article: the same colour means a matched cluster.",
            base,
        ),
        (
            "One more indicator",
            "A variant of one indicator takes part as well, and every other one counts a little "
            "less. The sentence above the pictures says which regions moved; diamonds mark them.",
            f"{base}&indicators=all,{extra}",
        ),
        (
            "Another scaling",
            "Ranks keep only the order of the values. Outliers come closer to the others, and what "
            "was a cluster by itself may find company.",
            f"{base}&scaling=rank",
        ),
        (
            f"The year {other}",
            "The same indicators, the same method, another year. Clusters that come and go say "
            "something about one year only.",
            f"{base.replace(str(study['year']), str(other))}",
        ),
        (
            "All choices at once",
            "Each view so far was one reasonable analysis, and the article does not say which one "
            "it was. Notebook 4, on robustness, counts how often each published cluster comes out "
            "over all of them. Here is average linkage.",
            f"{base}&linkage=average",
        ),
    ]
    return [{"title": title, "text": text, "view": view} for title, text, view in stops]


def payload(values: Path | None = None) -> dict[str, Any]:
    """Collect everything the page knows, ready for JSON.

    Parameters
    ----------
    values : path of the long table of indicators; ``data/processed/indicators.csv`` if None.

    Raises
    ------
    InputError
        A file is missing or breaks a rule, or the study names what the data do not have.
    """
    long = _values(values or paths.PROCESSED / "indicators.csv")
    study = studies.parameters()
    regions = _regions()
    codes = [region["code"] for region in regions]
    years = sorted({int(year) for year in long["year"]})
    if study["year"] not in years:
        raise InputError(f"{paths.shown(paths.STUDY)}: year {study['year']!r} has no data")
    built = _indicators(long, codes, years)
    return {
        "baseline": {
            "year": study["year"],
            "scaling": study["scaling"],
            "linkage": study["linkage"],
            "k": study["n_clusters"],
            "indicators": study["indicators"],
        },
        "years": years,
        "regions": regions,
        "map": page_map(conic(boundaries.polygons()), codes),
        "published": _published(codes),
        "indicators": built,
        "series": _series(),
        "looks": cluster_looks(),
        "tour": _tour(study, years, built),
    }


def build(out: str | Path = OUT, values: Path | None = None) -> Path:
    """Write the page to ``out`` (seen from the root of the project) and return its path."""
    return write_text(paths.resolve(out), explorer_page(payload(values), TEXTS))


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.publish.explorer.build [--out FILE]``."""
    parser = argparse.ArgumentParser(
        prog="kzclusters.publish.explorer.build", description="Write the explorer."
    )
    parser.add_argument("--out", default=OUT, help=f"the file to write (default {OUT})")
    given = parser.parse_args(arguments)
    path = build(given.out)
    print(f"{paths.shown(path)}: {path.stat().st_size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
