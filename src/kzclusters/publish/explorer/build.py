"""Hand the study to the explorer of hclustkit: values, names, maps, Figure 3, baseline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import cut, linkage, standardize
from hclustkit.compare import minimum_moves
from hclustkit.errors import InputError, refusal
from hclustkit.files import read_csv, write_text
from hclustkit.report import cluster_looks, explorer_page
from hclustkit.report.outlines import page_map
from hclustkit.space.maps import conic

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.command import page_program
from kzclusters.evidence import article, boundaries, indicators, sources
from kzclusters.publish import texts

OUT = "site/explorer.html"


def _regions() -> list[dict[str, Any]]:
    """List names, place and tile of each region, in case order."""
    grid = pd.read_csv(paths.RAW / "tile_grid.csv", index_col="region", encoding="utf-8")
    table = sources.regions()
    without = [code for code in table.index if code not in grid.index]
    if without:
        raise InputError(f"tile_grid.csv: column 'region': {without[0]} is missing")
    short = {tag: texts.short_names(tag, table[f"name_{tag}"]) for tag in ("kk", "ru")}
    return [
        {
            "code": code,
            "en": row["name_en"],
            "shorter": row["name_en"].replace("Kazakhstan", "Kaz."),
            "others": [
                {"lang": language, "name": row[f"name_{language}"], **short[language][code]}
                for language in ("kk", "ru")
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
    numbers = [numerals.index(membership[code]) + 1 for code in codes]
    return {"numerals": numerals, "membership": numbers}


def _values(path: Path) -> pd.DataFrame:
    """Read the long table of indicators; a missing variant or value is empty."""
    if not path.is_file():
        raise InputError(f"{paths.from_root(path)}: the file is missing; `make` builds it")
    long = read_csv(path)
    if list(long.columns) != indicators.COLUMNS:
        text = f"{paths.from_root(path)}: row 1: the columns are {', '.join(indicators.COLUMNS)}"
        raise refusal(text, None, None)
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
) -> list[dict[str, Any]]:
    """List the five views of the tour; their texts are in ``publish/texts``."""
    extra = _telling_variant(study, built)
    base = f"k={study['n_clusters']}&figure3=1"
    first = f"year={study['year']}&{base}"
    other = next((y for y in years if y > study["year"]), years[0])
    scalings = study["grid"]["scalings"]
    views = [
        first,
        f"{first}&indicators=all,{extra}",
        f"{first}&scaling=rank",
        f"year={other}&{base}",
        f"year={years[-1]}&{base}&scaling={scalings[-1]}",
    ]
    counted = {
        "years": len(years),
        "scalings": len(scalings),
        "specifications": len(years) * len(scalings),
    }
    return [{"view": view, **counted} for view in views]


def _telling_variant(study: dict[str, Any], built: list[dict[str, Any]]) -> str:
    """Name the variant that moves most regions when it takes part beside the indicators."""
    year = str(study["year"])
    there = [v for entry in built for v in entry["variants"] if year in v["values"]]
    main = pd.DataFrame({v["id"]: v["values"][year] for v in there if not v["name"]})

    def clusters(table: pd.DataFrame) -> np.ndarray:
        return cut(linkage(standardize(table, study["scaling"])), study["n_clusters"])

    usual = clusters(main)
    moves = {
        v["id"]: minimum_moves(usual, clusters(main.assign(extra=v["values"][year])))
        for v in there
        if v["name"]
    }
    return max(moves, key=lambda name: moves[name])


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
        raise InputError(f"{paths.from_root(paths.STUDY)}: year {study['year']!r} has no data")
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
    own, translations, words = texts.explorer()
    content = payload(values) | {"names": words}
    return write_text(paths.resolve(out), explorer_page(content, own, translations))


main = page_program("kzclusters.publish.explorer.build", "Write the explorer.", OUT, build)
"""``python -m kzclusters.publish.explorer.build [--out FILE]``."""

if __name__ == "__main__":
    sys.exit(main())
