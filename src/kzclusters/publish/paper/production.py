"""Build the paper: fill, check, insert, number, write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hclustkit.errors import fault, refusal
from hclustkit.files import write_bytes

from kzclusters.analysis import store
from kzclusters.figures import manifest
from kzclusters.figures.manifest import FigureEntry
from kzclusters.publish.paper import checks, formats, tables
from kzclusters.publish.paper.document import PREFIXES, Node, insert, list_placed, number, parse
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.template import fill

FORMS = ("pdf", "html", "docx")
OUTPUTS = tuple(f"{name}.{form}" for form in FORMS for name in PREFIXES)
"""Only the PDFs are committed."""


@dataclass(frozen=True)
class Manuscript:
    """Paper and supplement before they are written in a format."""

    documents: dict[str, Node]
    """By file name without its ending: filled, with figures and tables, numbered."""
    figures: dict[str, FigureEntry]
    tables: dict[str, tables.Table]
    results: dict[str, Any]
    broken: list[str]
    """What the texts say and the findings no longer bear out."""


def manuscript(project: Project, *, strict: bool = True) -> Manuscript:
    """Fill the sources from the findings, check them, put figures and tables in their places.

    Parameters
    ----------
    project : the checkout
    strict : whether a wording that the findings no longer bear out is an error, not a notice

    Raises
    ------
    InputError
        A number is typed; a placeholder, work, figure, table or reference does not exist; a
        figure is stale; or the findings no longer bear a wording out.
    """
    material = Material.of(project)
    found = {**store.as_mapping(material.found), "study": project.citation()}
    broken: list[str] = []
    parsed: dict[str, Node] = {}
    for name in PREFIXES:
        source = project.paper / f"{name}.md"
        if not source.is_file():
            raise fault(project.from_root(source), "the file is missing", "missing-file")
        text = source.read_text(encoding="utf-8")
        filled = fill(text, found, source.name, broken=None if strict else broken)
        parsed[name] = parse(filled, name)
        checks.check_text(parsed[name], source.name)
        checks.check_values(checks.values_in(parsed[name]), found, source.name)
    checks.check_citations(parsed, project)
    order = [place for document in parsed.values() for place in list_placed(document)]
    chosen = _figures([name for kind, name in order if kind == "fig"], project, found)
    made = tables.build(material, [name for kind, name in order if kind == "tbl"])
    folder = project.from_root(project.figures)
    documents = {
        name: insert(document, chosen, made, folder, name) for name, document in parsed.items()
    }
    return Manuscript(number(documents), chosen, made, found, broken)


def _figures(wanted: list[str], project: Project, found: dict[str, Any]) -> dict[str, FigureEntry]:
    """Return the manifest entries of the wanted figures, filled in and checked."""
    entries = manifest.read(project.figures / "manifest.yml")
    unknown = [name for name in wanted if name not in entries]
    if unknown:
        text = f"paper.md: figures/manifest.yml has no figure {unknown[0]!r}"
        raise refusal(text, "paper.md", "unknown-figure", unknown[0])
    chosen = manifest.fill({name: entries[name] for name in wanted}, found)
    checks.check_figures(chosen, project)
    return chosen


def build(project: Project | None = None) -> tuple[list[Path], list[str]]:
    """Write paper and supplement in their formats.

    New data must not stop the build of a whole project: where they no longer bear a wording out,
    the text says so in its place. `kzclusters.publish.paper.verify.check` does not let that pass.

    Returns
    -------
    files : list of Path
        Those whose content would not change are not touched.
    broken : list of str
        What the texts say and the findings no longer bear out.

    Raises
    ------
    InputError
        As `manuscript` when it is not strict; or pandoc or typst refuses the document.
    """
    project = project or Project()
    text = manuscript(project, strict=False)
    # all are made before the first is written: a failure leaves the old paper whole
    made = render(project, text)
    files = [write_bytes(project.paper / name, content) for name, content in made.items()]
    return files, text.broken


def render(project: Project, text: Manuscript) -> dict[str, bytes]:
    """Make paper and supplement in their formats, by file name."""
    jobs = [(form, name) for form in FORMS for name in text.documents]
    writers = {"pdf": formats.pdf, "html": formats.html, "docx": formats.docx}

    def write(job: tuple[str, str]) -> bytes:
        form, name = job
        return writers[form](text.documents[name], project, name)

    with formats.fixed_time(), ThreadPoolExecutor(2) as pool:
        contents = pool.map(write, jobs)
        return {
            f"{name}.{form}": content for (form, name), content in zip(jobs, contents, strict=True)
        }
