"""Build the paper: fill, check, insert, number, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hclustkit.errors import InputError
from hclustkit.files import write_bytes

from kzclusters.analysis import store
from kzclusters.figures import manifest
from kzclusters.figures.manifest import FigureEntry
from kzclusters.publish.paper import checks, formats, tables
from kzclusters.publish.paper.document import Node, insert, number, parse, placed
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.template import fill

OUTPUTS = ("paper.pdf", "paper.html", "paper.docx")
"""Only the PDF is committed."""


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
    """Write the paper in its formats.

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
    # all are made before the first is written: a failure leaves the old paper whole
    made = render(project, text)
    return [
        write_bytes(project.paper / name, content) for name, content in made.items()
    ], text.broken


def render(project: Project, text: Manuscript) -> dict[str, bytes]:
    """Make the paper in its formats, by file name."""
    sizes = ["tiny" if table.crowded else table.size for table in text.tables.values()]
    return {
        "paper.pdf": formats.pdf(text.document, project),
        "paper.html": formats.html(text.document, project).encode("utf-8"),
        "paper.docx": formats.docx(text.document, project, sizes),
    }
