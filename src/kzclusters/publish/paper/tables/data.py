"""Tables of the data and their provenance."""

from __future__ import annotations

import re

from hclustkit.errors import InputError

from kzclusters.evidence import article, indicators, sources
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import Table, significant, tabulate


def _has_data(on: Material, variant: indicators.Variant) -> bool:
    present = {entry["name"] for entry in sources.resources(on.project.raw) if entry["present"]}
    return set(variant.series) <= present


def indicator_table(on: Material) -> Table:
    """Tabulate the indicators, as defined and as built."""
    rows = []
    for item in indicators.registry().values():
        has = _has_data(on, item.main)
        remark = item.main.differs if has else item.missing
        rows.append(
            (
                item.code,
                item.definition,
                f"{item.main.label} ({item.main.unit})" if has else "—",
                (item.main.status if has else "missing") + (f": {remark}" if remark else ""),
            )
        )
    return tabulate(
        "Code | As the article defines it | Built here (unit) | Status, and what differs",
        rows,
        "llll",
        (0.06, 0.28, 0.29, 0.37),
    )


def formula_table(on: Material) -> Table:
    """Tabulate the formulas."""
    titles = {entry["name"]: entry["title"] for entry in sources.resources(on.project.raw)}
    rows = []
    for item in [*indicators.registry().values(), *indicators.auxiliary().values()]:
        for variant in item.variants:
            code = item.code if item.group else item.name.lower()
            name = code if not variant.name else f"{code}, {variant.name.replace('_', ' ')}"
            # a series' name may break after its underscores
            formula = variant.formula.replace("_", "_\u200b")
            series = "; ".join(titles.get(series, series) for series in variant.series)
            rows.append((name, formula, series))
    return tabulate(
        "Indicator | Formula as evaluated | Series by title", rows, "lll", (0.14, 0.4, 0.46)
    )


def series_table(on: Material) -> Table:
    """Tabulate the official series."""
    serves: dict[str, list[str]] = {}
    for item in [*indicators.registry().values(), *indicators.auxiliary().values()]:
        for variant in item.variants:
            for name in variant.series:
                code = item.code if item.group else item.name.lower()
                if code not in serves.setdefault(name, []):
                    serves[name].append(code)
    rows = []
    for entry in sources.resources(on.project.raw):
        if entry["role"] != "series" or not entry["present"]:
            continue
        publisher = entry["publisher"].partition(" (until")[0]
        rows.append(
            (
                f"{entry['title']}, {entry['unit']}",
                entry.get("years", "").replace("-", "–") or "once",
                f"{publisher}: {entry['official_table']}",
                entry["read_from"].replace("/", "/\u200b").replace("_", "_\u200b"),
                ", ".join(serves.get(entry["name"], [])),
            )
        )
    return tabulate(
        "Series, unit | Years | Publisher and official table | Read from | Serves",
        rows,
        "lllll",
        (0.24, 0.09, 0.31, 0.24, 0.12),
    )


def licence_table(on: Material) -> Table:
    """Tabulate the copies that were read, their terms, and what comes from each."""
    copies: dict[tuple[str, str], list[str]] = {}
    for entry in sources.resources(on.project.raw):
        if entry["role"] in ("series", "partial") and entry["present"]:
            terms = "; ".join(licence["title"] for licence in entry["licenses"])
            repository = re.split(r" @| \(|, Data|; ", entry["read_from"])[0]
            copies.setdefault((repository, terms), []).append(entry["title"])
    rows = [
        (repository.replace("/", "/\u200b"), terms, "; ".join(titles))
        for (repository, terms), titles in copies.items()
    ]
    return tabulate("Copy | Terms | Series", rows, "lll", (0.27, 0.27, 0.46))


def missing_table(on: Material) -> Table:
    """Tabulate the missing series."""
    by_name = {entry["name"]: entry for entry in sources.resources(on.project.raw)}
    rows = []
    for item in indicators.registry().values():
        for name in item.main.series:
            entry = by_name[name]
            if not entry["present"]:
                rows.append(
                    (
                        item.code,
                        entry["path"].replace("_", "_\u200b"),
                        entry["official_table"],
                        entry["description"],
                    )
                )
    if not rows:
        rows = [("none", "", "", "every indicator has data")]
    return tabulate(
        "Code | File to add | Where it may be found | Note", rows, "llll", (0.06, 0.2, 0.29, 0.45)
    )


def checks_table(on: Material) -> Table:
    """Tabulate what was checked in each series."""
    rows = [
        (
            entry["title"],
            " ".join(f"{check}." for check in entry["checks_made"]),
            entry.get("description", ""),
        )
        for entry in sources.resources(on.project.raw)
        if entry["role"] == "series" and entry["present"]
    ]
    return tabulate("Series | Checked | Remark", rows, "lll", (0.24, 0.42, 0.34))


def region_table(on: Material) -> Table:
    """Tabulate the regions."""
    regions = sources.regions(on.project.raw)
    published = article.published_clusters(on.project.raw)
    ours = {name: key for key, entry in on.found.clusters.items() for name in entry.members}
    rows = [
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
    return tabulate(
        "Case | Code | Region | In Russian | In Kazakh | Published | Ours", rows, "rllllcc"
    )


def value_table(on: Material) -> Table:
    """Tabulate the indicators in their units."""
    values = on.values()
    named = on.names
    rows = [
        (named[code], *(significant(cell, 4) for cell in row))
        for code, row in zip(values.index, values.to_numpy(), strict=True)
    ]
    return Table(("Region", *values.columns), rows, "l" + "r" * values.shape[1], None, "tiny")


def software_table(on: Material) -> Table:
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
        "typst": "the PDF",
    }
    rows = []
    for name, use in wanted.items():
        match = re.search(rf"^{re.escape(name)}==([^\s;\\]+)", lock, re.MULTILINE)
        if match is None:
            raise InputError(
                f"requirements.lock: {name} is not pinned",
                place="requirements.lock",
                rule="pinned",
                value=name,
            )
        rows.append((name, match[1], use))
    return tabulate("Package | Version | Use", rows, "lll")
