"""Build the paper: fill, check, insert, number, write, record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pypandoc
from hclustkit.errors import InputError
from hclustkit.files import sha256, write_bytes, write_json, write_text

from kzclusters.analysis import store
from kzclusters.figures import manifest
from kzclusters.figures.manifest import FigureEntry
from kzclusters.publish.paper import checks, formats, tables
from kzclusters.publish.paper.document import Node, insert, number, parse, placed
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.template import fill

OUTPUTS = ("paper.pdf", "paper.html", "paper.docx")
RECORD = "record.json"
SOURCES = ("paper.md", "references.bib", "template.typ", "template.html", "paper.css")


@dataclass(frozen=True)
class Manuscript:
    """The paper before it is written in a format."""

    document: Node
    """Filled, with figures and tables, numbered."""
    figures: dict[str, FigureEntry]
    tables: dict[str, tables.Table]
    results: dict[str, Any]
    broken: list[str]
    """What the text says and the findings no longer bear out."""


def manuscript(project: Project, *, strict: bool = True) -> Manuscript:
    """Fill the source from the findings, check it, put figures and tables in their places.

    Parameters
    ----------
    strict : a wording that the findings no longer bear out is an error, not a notice.

    Raises
    ------
    InputError
        A number is typed; a placeholder, work, figure, table or reference does not exist; a
        figure is stale; or the findings no longer bear a wording out.
    """
    material = Material.of(project)
    found = {**store.as_mapping(material.found), "study": project.citation()}
    source = project.paper / "paper.md"
    if not source.is_file():
        raise InputError(f"{project.shown(source)}: the file is missing")
    broken: list[str] = []
    filled = fill(source.read_text(encoding="utf-8"), found, broken=None if strict else broken)
    document = parse(filled)
    checks.check_text(document)
    checks.check_values(checks.values_in(document), found)
    checks.check_citations(document, project)
    order = placed(document)
    entries = manifest.read(project.figures / "manifest.yml")
    wanted = [name for kind, name in order if kind == "fig"]
    unknown = [name for name in wanted if name not in entries]
    if unknown:
        raise InputError(f"paper.md: figures/manifest.yml has no figure {unknown[0]!r}")
    chosen = manifest.fill({name: entries[name] for name in wanted}, found)
    checks.check_figures(chosen, project)
    made = tables.build(material, [name for kind, name in order if kind == "tbl"])
    document = number(insert(document, chosen, made, project.shown(project.figures)))
    return Manuscript(document, chosen, made, found, broken)


def build(project: Project | None = None) -> tuple[list[Path], list[str]]:
    """Write the paper in its formats and the record of what it was made from.

    New data must not stop the build of a whole project: where they no longer bear a wording out,
    the paper says so in its place. `kzclusters.publish.paper.verify.check` does not let that pass.

    Returns
    -------
    files : list of Path
        One whose content would not change is not touched.
    broken : list of str
        What the text says and the findings no longer bear out.

    Raises
    ------
    InputError
        As `manuscript` when it is not strict; or pandoc or typst refuses the document.
    """
    project = project or Project()
    text = manuscript(project, strict=False)
    sizes = ["tiny" if table.crowded else table.size for table in text.tables.values()]
    # all three are made before the first is written: a failure leaves the old paper whole
    pdf = formats.pdf(text.document, project)
    html = formats.html(text.document, project)
    docx = formats.docx(text.document, project, sizes)
    written = [
        write_bytes(project.paper / "paper.pdf", pdf),
        write_text(project.paper / "paper.html", html),
        write_bytes(project.paper / "paper.docx", docx),
    ]
    written.append(write_json(project.paper / RECORD, record(project, text)))
    return written, text.broken


def record(project: Project, text: Manuscript) -> dict[str, Any]:
    """Record what the paper was made from and what was made: SHA-256 by path, tool versions."""
    return {
        "tools": {
            "pandoc": str(pypandoc.get_pandoc_version()),
            "typst": metadata.version("typst"),
            "python-docx": metadata.version("python-docx"),
        },
        "inputs": {
            project.shown(path): sha256(path) for path in inputs(project, list(text.figures))
        },
        "outputs": {
            project.shown(project.paper / name): sha256(project.paper / name) for name in OUTPUTS
        },
    }


def inputs(project: Project, figures: list[str]) -> Iterator[Path]:
    """Yield every file that the paper is made from, except the code."""
    yield from (project.paper / name for name in SOURCES)
    yield from (project.root / name for name in ("CITATION.cff", "requirements.lock", "study.yml"))
    for folder in (project.raw, project.processed):
        yield from sorted(path for path in folder.glob("*.*") if not path.name.startswith("."))
    yield project.figures / "manifest.yml"
    for name in figures:
        yield from sorted(project.figures.glob(f"{name}.*"))


def read_record(project: Project) -> dict[str, Any]:
    """Read the record of the last build."""
    path = project.paper / RECORD
    if not path.is_file():
        raise InputError(f"{project.shown(path)}: the file is missing; run `make paper`")
    return json.loads(path.read_text(encoding="utf-8"))
