"""Pages made from the data: indicators, series, glossary, list of files."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hclustkit.errors import refusal

from kzclusters import paths
from kzclusters.evidence import indicators, sources
from kzclusters.publish.metadata import notebook_index, readme


def plain(text: Any) -> str:
    """Escape a text so that no character is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", " ".join(str(text).split()))


def indicator_page() -> str:
    """Write the registry: what each indicator is, how it is computed, from which series."""
    by_name = {resource["name"]: resource for resource in sources.resources()}
    intro = (
        "The article names fourteen indicators. This is the registry from which they are computed: "
        "the formula shown is the one evaluated. The first form of each enters the baseline; the "
        "others are variants of the [robustness analysis](../notebooks/04_robustness.ipynb)."
    )
    parts = ["# Indicators", "", intro, "", add_heading(readme.indicator_table())]
    for group, codes in indicators.groups().items():
        parts += [f"## {plain(group[:1].upper() + group[1:])}", ""]
        for code in codes:
            parts += _indicator(indicators.registry()[code], by_name)
    intro = "Quantities that claims of the article mention. They take no part in the clustering."
    parts += ["## Beside the fourteen", "", intro, ""]
    for item in indicators.auxiliary().values():
        parts += _indicator(item, by_name)
    return "\n".join(parts) + "\n"


def _indicator(item: indicators.Indicator, by_name: Mapping[str, Any]) -> list[str]:
    """Write the part about one indicator; ``by_name`` are the resources of the data package."""
    lines = [f"(indicator-{item.code.lower()})=", f"### {item.code} · {plain(item.name)}", ""]
    lines += [f"Defined as: {plain(item.definition)}.", ""]
    for variant in item.variants:
        label = f"{variant.name}: {variant.label}" if variant.name else variant.label
        series = ", ".join(
            f"[{plain(by_name[one]['title'])}](series.md#{anchor(one)})" for one in variant.series
        )
        absent = not all(by_name[one]["present"] for one in variant.series)
        status = "missing" if absent else variant.status
        differs = f": {plain(variant.differs)}" if variant.differs and not absent else ""
        code = item.code + (f":{variant.name}" if variant.name else "")
        lines += [
            f"**{plain(label)}** · unit: {plain(variant.unit)} · {status}{differs}",
            "",
            f"```text\n{code} = {variant.formula}\n```",
            "",
            f"From: {series}.",
            "",
        ]
    if item.missing:
        lines += [f"Missing: {plain(item.missing)}.", ""]
    return lines


def anchor(name: str) -> str:
    """Name the place of a series in the data dictionary."""
    return f"series-{name.replace('_', '-')}"


def series_page() -> str:
    """Write a chapter for every file of ``data/raw`` with its columns and rules."""
    intro = (
        "Every file of `data/raw` as its [data package](raw/datapackage.json) describes it. "
        "The rules are checked before anything is computed."
    )
    parts = ["# Files, columns and rules", "", intro, ""]
    for r in sources.resources():
        present = r["present"]
        parts += [f"({anchor(r['name'])})=", f"## {plain(r['title'])}", ""]
        file = f"`{r['path']}`"
        file = f"[{file}](raw/{r['path']})" if present else f"{file} (not there yet)"
        rows = [("file", file)]
        rows += [(key, plain(r[key])) for key in ("unit", "years", "rows") if r.get(key)]
        rows += [
            ("publisher", plain(r["publisher"])),
            ("table", plain(r["official_table"])),
            ("read from", plain(r["read_from"])),
            ("rights", plain("; ".join(one["title"] for one in r["licenses"]))),
        ]
        if r.get("hash"):
            rows.append(("SHA-256", f"`{r['hash'].removeprefix('sha256:')}`"))
        parts += [table(("about the file", "value"), rows, "facts"), ""]
        if r.get("description"):
            parts += [plain(r["description"]), ""]
        fields = r.get("schema", {}).get("fields", [])
        columns = [
            (
                f"`{one['name']}`",
                one.get("type", ""),
                plain(one.get("title") or one.get("description") or ""),
                _rules(one, r["schema"]),
            )
            for one in fields
        ]
        if columns:
            parts += [table(("column", "type", "meaning", "rules"), columns), ""]
        if r.get("checks_made"):
            parts += ["Checked when it was read:", ""]
            parts += [f"* {plain(check)}" for check in r["checks_made"]] + [""]
    return "\n".join(parts) + "\n"


PROMISES = {"required": "never empty", "unique": "no value twice"}
LIMITS = {"enum": "one of", "minimum": "at least", "maximum": "at most"}
"""Constraints of a column in words: those that hold or not, and those with a value."""


def _rules(one: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Say in words what holds for a column."""
    words = []
    for rule, value in one.get("constraints", {}).items():
        if rule in PROMISES:
            words.append(PROMISES[rule] if value else "")
        else:
            what = ", ".join(map(plain, value if isinstance(value, list) else [value]))
            words.append(f"{LIMITS.get(rule, plain(rule))} {what}")
    key = schema.get("primaryKey", [])
    if one["name"] in ([key] if isinstance(key, str) else key):
        words.append("part of the key" if not isinstance(key, str) and len(key) > 1 else "the key")
    return "; ".join(filter(None, words))


def table(header: Iterable[str], rows: Iterable[Iterable[Any]], style: str = "") -> str:
    """Write a Markdown table, perhaps with a class."""
    written = readme.markdown_table(header, rows).replace("\\\\|", "\\|")
    return f"```{{rst-class}} {style}\n```\n\n{written}" if style else written


def add_heading(text: str, name: str = "indicator") -> str:
    """Put ``name`` above the first column of Markdown tables where it has no heading.

    Their other columns hold sentences, which the style sheet gives room.
    """
    marked = f"```{{rst-class}} wordy\n```\n\n| {name} |"
    return re.sub(r"^\|  \|(?=.*\n\| ---)", lambda _: marked, text, flags=re.MULTILINE)


def glossary_page() -> str:
    """Write the glossary: terms in three languages."""
    intro = (
        "Terms of the field in English, Russian and Kazakh, also as a "
        "[table](raw/glossary.csv). A dash means that no settled term was found."
    )
    parts = ["# Glossary", "", intro, "", "```{glossary}"]
    for row in notebook_index.glossary().itertuples():
        others = " · ".join(
            f'{name} <span lang="{code}">{html.escape(term) or "—"}</span>'
            for name, code, term in (("Russian", "ru", row.term_ru), ("Kazakh", "kk", row.term_kk))
        )
        parts += [plain(row.term_en), f"  {others}", "", f"  {plain(row.meaning_en)}", ""]
    return "\n".join([*parts, "```"]) + "\n"


def data_page() -> str:
    """Write ``data/README.md`` with the other pages below it and a narrower list of files."""
    text = add_heading((paths.ROOT / "data" / "README.md").read_text(encoding="utf-8"))
    wide = re.compile(r"<!-- generated: series -->.*?<!-- end: series -->", re.DOTALL)
    if not wide.search(text):
        message = "data/README.md: the section 'series' is missing"
        raise refusal(message, "data/README.md", "missing-section", "series")
    text = wide.sub(lambda _: "\n".join(files()), text)
    head, rest = text.split("\n", 1)
    pages = (
        "\nIn detail: [indicators](indicators.md) · [files, columns and rules](series.md) · "
        "[glossary](glossary.md)\n"
    )
    listed = "\n```{toctree}\n:hidden:\n\nindicators\nseries\nglossary\n```\n"
    return f"{head}\n{pages}{rest}{listed}"


ROLES = {
    "series": "Series",
    "partial": "Partial series",
    "article": "From the article",
    "reference": "Places and words",
}
"""The kinds of files in ``data/raw``, in this order, and their headings."""


def files() -> list[str]:
    """List the files of ``data/raw`` by kind, as narrow tables; the page of series has the rest.

    The publisher of most files of a kind is named once, above its table.
    """

    def link(item: indicators.Indicator, variant: indicators.Variant) -> str:
        code = item.code + (f" ({variant.name})" if variant.name else "")
        return f"[{plain(code)}](indicators.md#indicator-{item.code.lower()})"

    serves = indicators.serves(link)
    intro = "Source, table, rights and rules of each file are given [file by file](series.md)."
    lines = [intro, ""]
    found = sources.resources()
    for role in sorted({r["role"] for r in found}, key=list(ROLES).index):
        mine = [r for r in found if r["role"] == role]
        usual, often = Counter(r["publisher"] for r in mine).most_common(1)[0]
        others = "" if often == len(mine) else ", where no other is named"
        lines += [f"### {ROLES[role]}", "", f"Publisher: {plain(usual)}{others}.", ""]
        rows = []
        for entry in mine:
            holds = [plain(entry[key]) for key in ("unit", "years") if entry.get(key)]
            if not entry["present"]:
                holds.append("not there yet")
            file = " · ".join(filter(None, [f"`{entry['path']}`", ", ".join(holds)]))
            about = [f"[{plain(entry['title'])}](series.md#{anchor(entry['name'])})", file]
            if entry["publisher"] != usual:
                about.append(plain(entry["publisher"]))
            served = ", ".join(serves.get(entry["name"], []))
            last = served if role == "series" else entry.get("rows", "")
            rows.append(("<br>".join(about), last))
        lines += [table(("file", "serves" if role == "series" else "rows"), rows, "files"), ""]
    return lines
