"""Tables of the data and their provenance."""

from __future__ import annotations

import re

from hclustkit.errors import refusal

from kzclusters.evidence import article, indicators, provenance, sources
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import Rows, Table, by_region, significant


def break_path(text: str) -> str:
    """Let a path or name break after its strokes and underscores."""
    return text.replace("/", "/\u200b").replace("_", "_\u200b")


def _has_data(on: Material, variant: indicators.Variant) -> bool:
    """Tell whether every series behind a variant is present."""
    present = {entry["name"] for entry in sources.resources(on.project.raw) if entry["present"]}
    return set(variant.series) <= present


def _code(item: indicators.Indicator) -> str:
    """Return the code of an indicator, or the name of an auxiliary quantity."""
    return item.code if item.group else item.name.lower()


def indicator_table(on: Material) -> Rows:
    """Tabulate the indicators, as defined and as built."""
    rows = []
    for item in indicators.registry().values():
        main = item.main
        built, status, remark = "—", "missing", item.missing
        if _has_data(on, main):
            built = main.label if main.unit in main.label else f"{main.label} ({main.unit})"
            status, remark = main.status, main.differs
        status = f"{status}: {remark}" if remark else status
        rows.append((item.code, item.definition, built, status))
    return rows


def formula_table(on: Material) -> Rows:
    """Tabulate the formulas."""
    titles = {entry["name"]: entry["title"] for entry in sources.resources(on.project.raw)}
    rows = []
    for item in [*indicators.registry().values(), *indicators.auxiliary().values()]:
        for variant in item.variants:
            code = _code(item)
            name = code if not variant.name else f"{code}, {variant.name.replace('_', ' ')}"
            formula = break_path(variant.formula)
            series = "; ".join(titles.get(series, series) for series in variant.series)
            rows.append((name, formula, series))
    return rows


def series_table(on: Material) -> Rows:
    """Tabulate the official series."""
    serves = indicators.serves(lambda item, _: _code(item))
    rows = []
    for entry in sources.resources(on.project.raw):
        if entry["role"] != "series" or not entry["present"]:
            continue
        title = f"{entry['title']}, {entry['unit']}"
        years = entry.get("years", "").replace("-", "–") or "once"
        publisher = entry["publisher"].partition(" (until")[0]
        source = f"{publisher}: {entry['official_table']}"
        served = ", ".join(serves.get(entry["name"], []))
        rows.append((title, years, source, break_path(entry["read_from"]), served))
    return rows


def licence_table(on: Material) -> Rows:
    """Tabulate the copies that were read, their terms, and what comes from each."""
    copies: dict[tuple[str, str], list[str]] = {}
    for entry in sources.resources(on.project.raw):
        if entry["role"] in ("series", "partial") and entry["present"]:
            terms = "; ".join(licence["title"] for licence in entry["licenses"])
            repository = re.split(r" @| \(|, Data|; ", entry["read_from"])[0]
            copies.setdefault((repository, terms), []).append(entry["title"])
    return [
        (break_path(repository), terms, "; ".join(titles))
        for (repository, terms), titles in copies.items()
    ]


def provenance_table(on: Material) -> Rows:
    """Tabulate the script of each series, and what its recorded file must yield."""
    titles = {entry["name"]: entry["title"] for entry in sources.resources(on.project.raw)}
    return [
        (
            titles[name],
            break_path(origin.file.partition(": ")[2]) or f"no script: {origin.by_hand}",
            break_path(origin.layout),
            break_path(origin.recorded),
            origin.sha256[:16],
        )
        for name, origin in provenance.origins().items()
    ]


def missing_table(on: Material) -> Rows:
    """Tabulate the missing series."""
    by_name = {entry["name"]: entry for entry in sources.resources(on.project.raw)}
    rows = []
    for item in indicators.registry().values():
        for name in item.main.series:
            entry = by_name[name]
            if not entry["present"]:
                path, table = break_path(entry["path"]), entry["official_table"]
                rows.append((item.code, path, table, entry["description"]))
    return rows or [("none", "", "", "every indicator has data")]


def checks_table(on: Material) -> Rows:
    """Tabulate what was checked in each series."""
    return [
        (
            entry["title"],
            " ".join(f"{check}." for check in entry["checks_made"]),
            entry.get("description", ""),
        )
        for entry in sources.resources(on.project.raw)
        if entry["role"] == "series" and entry["present"]
    ]


def region_table(on: Material) -> Rows:
    """Tabulate the regions."""
    regions = sources.regions(on.project.raw)
    published = article.published_clusters(on.project.raw)
    ours = {name: key for key, entry in on.found.clusters.items() for name in entry.members}
    return [
        (
            str(case),
            code,
            row["name_en"],
            ("ru", row["name_ru"]),
            ("kk", row["name_kk"]),
            published[code],
            ours[row["name_en"]],
        )
        for case, (code, row) in enumerate(regions.iterrows(), start=1)
    ]


def value_table(on: Material) -> Table:
    """Tabulate the indicators in their units."""
    values = on.values().rename(index=on.names)
    return by_region(values, lambda cell: significant(cell, 4), "tiny")


def software_table(on: Material) -> Rows:
    """Tabulate the packages used."""
    lock = (on.project.root / "requirements.lock").read_text(encoding="utf-8")
    wanted = {
        "numpy": "arrays",
        "pandas": "tables",
        "scipy": "distances",
        "scikit-learn": "measures of agreement and validity",
        "numba": "compiled linkages and loops of the grid",
        "matplotlib": "figures",
        "frictionless": "checks of the raw files",
        "papermill": "execution of the notebooks",
        "pypandoc-binary": "pandoc, for this text",
        "typst": "the PDF (version of the Python package; the compiler has its own)",
    }
    rows = []
    for name, use in wanted.items():
        match = re.search(rf"^{re.escape(name)}==([^\s;\\]+)", lock, re.MULTILINE)
        if match is None:
            text = f"requirements.lock: {name} is not pinned"
            raise refusal(text, "requirements.lock", "pinned", name)
        rows.append((name, match[1], use))
    return rows
