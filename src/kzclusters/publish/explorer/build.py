"""Write the explorer: one HTML file with data, style, program and library inside.

The page computes; nothing is computed here. What it needs to know (values, definitions,
sources, names, tile grid, Figure 3, colours, baseline) is read through the package and stands
in the page as JSON. A content security policy that allows only the two inline blocks, by
their hashes, forbids the page any request.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.draw.style import cluster_style
from hclustkit.errors import InputError
from hclustkit.files import write_text

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.command import command
from kzclusters.evidence import article, indicators, sources

HERE = Path(__file__).parent
OUT = "site/explorer.html"
TITLE = "Regional clusters of Kazakhstan: an explorer"
DESCRIPTION = (
    "Hierarchical clustering of the 16 regions of Kazakhstan: choose year, scaling, linkage, "
    "indicators and number of clusters. Works without a network."
)
SCRIPTS = (
    "vendor/ml-hclust.js",
    "compute.js",
    "state.js",
    "model.js",
    "markup.js",
    "words.js",
    "pictures.js",
    "tables.js",
    "saving.js",
    "page.js",
    "address.js",
    "controls.js",
    "tip.js",
    "walk.js",
    "scrolls.js",
    "explorer.js",
)
STYLES = ("explorer.css", "print.css")
LOOKS = 32
"""More looks than two partitions of 16 regions can need."""


def _regions() -> list[dict[str, Any]]:
    """Names, kind, centre and tile of each region, in case order."""
    grid = pd.read_csv(paths.RAW / "tile_grid.csv", index_col="region", encoding="utf-8")
    table = sources.regions()
    without = [code for code in table.index if code not in grid.index]
    if without:
        raise InputError(f"tile_grid.csv: column 'region': {without[0]} is missing")
    return [
        {
            "code": code,
            "en": row["name_en"],
            "ru": row["name_ru"],
            "kk": row["name_kk"],
            "kind": row["kind"],
            "centre": row["centre"],
            "row": int(grid.at[code, "row"]),
            "column": int(grid.at[code, "column"]),
        }
        for code, row in table.iterrows()
    ]


def _published(codes: list[str]) -> dict[str, Any]:
    """Figure 3: its clusters' numerals, and the cluster of each region counted from 1."""
    numerals = list(article.CLUSTERS)
    membership = article.published_clusters()
    return {
        "numerals": numerals,
        "membership": [numerals.index(membership[code]) + 1 for code in codes],
    }


def _values(path: Path) -> pd.DataFrame:
    """The long table of indicators; a missing variant or value is empty."""
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing; `make` builds it")
    long = pd.read_csv(path, encoding="utf-8")
    if list(long.columns) != indicators.COLUMNS:
        raise InputError(
            f"{paths.shown(path)}: row 1: the columns are {', '.join(indicators.COLUMNS)}"
        )
    return long.fillna({"variant": ""})


def _indicators(long: pd.DataFrame, codes: list[str], years: list[int]) -> list[dict[str, Any]]:
    """The registry with the values of each variant, by year, where every region has one."""
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
    """Title, publisher and table of every series of the data package."""
    return {
        resource["name"]: {
            "title": resource["title"],
            "publisher": resource["publisher"],
            "table": resource["official_table"],
        }
        for resource in sources.resources()
        if resource["role"] == "series"
    }


def _looks() -> list[dict[str, str]]:
    """Colours of each look; of its hatch the character, for the page draws its own strokes."""
    looks = [cluster_style(number) for number in range(1, LOOKS + 1)]
    return [
        {
            "color": look.color,
            "hatch": look.hatch[:1],
            "hatchColor": look.hatch_color,
            "text": {"white": "#ffffff", "black": "#000000"}[look.text_color],
        }
        for look in looks
    ]


def payload(values: Path | None = None) -> dict[str, Any]:
    """Everything the page knows, ready for JSON.

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
    return {
        "library": library_version(),
        "baseline": {
            "year": study["year"],
            "scaling": study["scaling"],
            "linkage": study["linkage"],
            "k": study["n_clusters"],
            "indicators": study["indicators"],
        },
        "years": years,
        "regions": regions,
        "published": _published(codes),
        "indicators": _indicators(long, codes, years),
        "series": _series(),
        "looks": _looks(),
    }


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def licence() -> str:
    """The notice that stands at the head of the library."""
    notice = re.match(r"/\*!\s*(.*?)\s*\*/", _read(SCRIPTS[0]), re.DOTALL)
    if not notice:
        raise InputError(f"{SCRIPTS[0]}: the licence notice at its head is missing")
    return notice.group(1)


def library_version() -> str:
    """Version of the library, as its notice says."""
    return licence().split()[1]


def _hash(text: str) -> str:
    """The source expression by which a policy allows this inline block."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def page(content: dict[str, Any]) -> str:
    """The HTML of the page for a `payload`."""
    css = "\n".join(_read(name).rstrip() for name in STYLES) + "\n"
    script = "\n".join(_read(name).rstrip() for name in SCRIPTS) + "\n"
    if "</script" in script.lower() or "</style" in css.lower():
        raise InputError("a script or style of the explorer holds its own end tag")
    # "<" could end the block early; in JSON strings the escape means the same
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(css)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    parts = {
        "policy": policy,
        "title": html.escape(TITLE),
        "description": html.escape(DESCRIPTION),
        "css": css,
        "library_version": library_version(),
        "licence": html.escape(licence()),
        "data": data.replace("<", "\\u003c"),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda field: parts[field.group(1)], _read("template.html"))


def build(out: str | Path = OUT, values: Path | None = None) -> Path:
    """Write the page to ``out`` (seen from the root of the project) and return its path."""
    return write_text(paths.resolve(out), page(payload(values)))


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.publish.explorer.build [--out FILE]``."""
    parser = argparse.ArgumentParser(
        prog="kzclusters.publish.explorer.build", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--out", default=OUT, help=f"the file to write (default {OUT})")
    given = parser.parse_args(arguments)
    path = build(given.out)
    print(f"{paths.shown(path)}: {path.stat().st_size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
