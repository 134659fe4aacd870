"""Fill the generated sections of README.md, data/README.md and REPRODUCING.md.

A section is between ``<!-- generated: NAME -->`` and ``<!-- end: NAME -->``. Its text is made from
the pipeline, the data package, the registry, the figure manifest and the results, so that no table
and no number is kept twice. A test renders them again and compares.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from hclustkit.errors import InputError, refusal
from hclustkit.files import write_text

from kzclusters import paths, pipeline
from kzclusters.analysis import results
from kzclusters.command import command
from kzclusters.evidence import indicators, sources
from kzclusters.publish.metadata import reproducing


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Write a Markdown table; ``|`` in a cell is escaped, line ends become spaces."""

    def line(cells: Iterable[Any]) -> str:
        plain = (" ".join(str(cell).split()).replace("|", "\\|") for cell in cells)
        return "| " + " | ".join(plain) + " |"

    header = list(header)
    return "\n".join([line(header), line("---" for _ in header), *map(line, rows)]) + "\n"


def findings() -> str:
    """Write the result in a few lines, every number from the results."""
    return results.headline(results.load())


def figure_table() -> str:
    """List figures: what each shows, its notebook, its data."""
    rows = (
        (
            f"[{entry.name}](figures/{entry.name}.png)",
            entry.title,
            f"[{entry.notebook}](notebooks/{entry.notebook}.ipynb)",
            f"[{entry.data}](figures/{entry.data})",
        )
        for entry in reproducing.fill_manifest().values()
    )
    return markdown_table(("figure", "what it shows", "made in", "data drawn"), rows)


def figure(name: str) -> str:
    """Show a figure with its caption and alternative text."""
    entry = reproducing.fill_manifest()[name]
    alt = " ".join(entry.alt.split()).replace("[", "(").replace("]", ")")
    return f"![{alt}](figures/{name}.png)\n\n*{' '.join(entry.caption.split())}*\n"


def in_short() -> str:
    """Write the result in two sentences, for the first screen of the site."""
    return results.in_short(results.load())


def indicator_table() -> str:
    """List the fourteen indicators: what the article defines, what is built."""
    rows = []
    for _, row in indicators.describe().iterrows():
        name = row["indicator"] + (f" ({row['variant']})" if row["variant"] else "")
        built = _with_unit(row["built here"], row["unit"])
        status = row["status"] + (f": {row['differs']}" if row["differs"] else "")
        if _absent(row["indicator"]):
            built, status = "—", f"missing: {row['missing']}"
        rows.append((name, row["article"], built, status))
    return markdown_table(("", "as the article defines it", "built here", "status"), rows)


def _with_unit(label: str, unit: str) -> str:
    """Return the label with its unit, unless the label names it already."""
    return label if unit in label else f"{label}, {unit}"


def _absent(code: str) -> bool:
    """Tell whether a series behind the main variant of an indicator is absent."""
    present = {entry["name"] for entry in sources.resources() if entry["present"]}
    return not set(indicators.registry()[code].main.series) <= present


def series_table() -> str:
    """List every file of data/raw: source, years, rights, what it serves."""
    serves = indicators.serves(
        lambda item, variant: item.code + (f" ({variant.name})" if variant.name else "")
    )
    source = ("publisher and table", "read from", "rights")
    header = ("file", "what", "unit", "years", *source, "serves", "provided")
    rows = (
        (
            f"`{entry['path']}`",
            entry["title"],
            entry.get("unit", ""),
            entry.get("years", ""),
            f"{entry['publisher']}: {entry['official_table']}",
            entry["read_from"],
            "; ".join(licence["title"] for licence in entry["licenses"]),
            ", ".join(serves.get(entry["name"], [])) or entry["role"],
            "yes" if entry["present"] else "no",
        )
        for entry in sources.resources()
    )
    return markdown_table(header, rows)


def series_notes() -> str:
    """List notes and checks of every series."""
    parts = []
    for entry in sources.resources():
        if entry["role"] not in ("series", "partial"):
            continue
        notes = [entry["description"]] if entry.get("description") else []
        notes += [f"Checked: {check}." for check in entry["checks_made"]]
        parts.append(f"* **{entry['name']}**: {entry['title']}. " + " ".join(notes))
    return "\n".join(parts) + "\n"


def missing_table() -> str:
    """List what has no series yet, where it may be found, what must not be used."""
    by_name = {entry["name"]: entry for entry in sources.resources()}
    rows = []
    for code, item in indicators.registry().items():
        for name in item.main.series:
            entry = by_name[name]
            if entry.get("absent") and not entry["present"]:
                file, table = f"`{entry['path']}`", entry["official_table"]
                rows.append((code, file, item.missing, table, entry["description"]))
    header = ("", "file to add", "why it is missing", "where it may be found", "mind")
    return markdown_table(header, rows)


def outputs_table() -> str:
    """List the files of data/processed and what they hold."""
    rows = ((f"`data/processed/{name}`", text) for name, text in pipeline.OUTPUTS.items())
    return markdown_table(("file", "what"), rows)


def content_rules() -> str:
    """Return what the raw data must say: rule, tolerance, exceptions, what it protects."""
    table = sources.rules_table()
    return markdown_table(tuple(table), table.itertuples(index=False, name=None))


def reproducing_table(make: Callable[[], reproducing.Table]) -> str:
    """Write one of the tables of `kzclusters.publish.metadata.reproducing`."""
    header, rows = make()
    return markdown_table(header, rows)


SECTIONS: Mapping[str, Callable[[], str]] = {
    "findings": findings,
    "figure3": functools.partial(figure, "figure3"),
    "cluster-maps": functools.partial(figure, "cluster_maps"),
    "in-short": in_short,
    "figures": figure_table,
    "indicators": indicator_table,
    "series": series_table,
    "series-notes": series_notes,
    "missing": missing_table,
    "content-rules": content_rules,
    "outputs": outputs_table,
    "reproducing-figures": functools.partial(reproducing_table, reproducing.figures),
    "reproducing-tables": functools.partial(reproducing_table, reproducing.tables),
    "software": functools.partial(reproducing_table, reproducing.software),
    "seeds": functools.partial(reproducing_table, reproducing.seeds),
    "machines": functools.partial(reproducing_table, reproducing.machines),
    "runtime": functools.partial(reproducing_table, reproducing.runtime),
    "rights": functools.partial(reproducing_table, reproducing.rights),
}
"""What writes each generated section, by its name."""


def render(text: str, name: str = "text") -> str:
    """Return ``text`` with every generated section filled.

    Raises
    ------
    InputError
        A section is not known, lacks its first or its last mark, or there is none.
    """

    def fill(match: re.Match[str]) -> str:
        section = match["name"]
        if section not in SECTIONS:
            text = f"{name}: no generated section is called {section!r}"
            raise refusal(text, name, "unknown-section", section)
        return f"{match[1]}{SECTIONS[section]()}{match[3]}"

    whole = len(pipeline.SECTION.findall(text))
    if not whole:
        raise InputError(f"{name}: there is no generated section", place=name, rule="no-section")
    for mark in ("<!-- generated:", "<!-- end:"):
        if text.count(mark) != whole:
            message = f"{name}: each generated section needs a first and a last mark of its name"
            raise refusal(message, name, "broken-section", mark)
    return pipeline.SECTION.sub(fill, text)


def fill_file(path: Path) -> None:
    """Fill the generated sections of a file in place."""
    text = path.read_text(encoding="utf-8")
    write_text(path, render(text, paths.from_root(path)))


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.publish.metadata.readme FILE ...``: fill the sections in place."""
    for name in sys.argv[1:] if arguments is None else arguments:
        fill_file(Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
