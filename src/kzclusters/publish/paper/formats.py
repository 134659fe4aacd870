"""Write the finished document as PDF, HTML and DOCX, the same bytes every time."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import pypandoc
import typst
from hclustkit.errors import fault

from kzclusters.publish.paper import word
from kzclusters.publish.paper.adapt import for_docx, for_html, for_typst
from kzclusters.publish.paper.document import Node, walk
from kzclusters.publish.paper.project import Project

EPOCH = 1420070400
"""The instant written into the files: 1 January 2015, as everywhere in the project."""


@contextmanager
def fixed_time() -> Iterator[None]:
    """Let pandoc write the instant `EPOCH`, whatever the time."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(EPOCH)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _pandoc(
    document: Node, to: str, project: Project, name: str, *options: str, output: Path | None = None
) -> str:
    """Write ``document`` through pandoc; its warnings, such as an unknown work, are errors."""
    arguments = [
        # seen from the root: Word's document keeps this path
        "--citeproc",
        f"--bibliography={project.from_root(project.paper / 'references.bib')}",
        "--fail-if-warnings",
        "--wrap=none",
        *options,
    ]
    try:
        with fixed_time():
            return pypandoc.convert_text(
                json.dumps(document),
                to,
                format="json",
                extra_args=arguments,
                outputfile=None if output is None else str(output),
                cworkdir=str(project.root),
            )
    except RuntimeError as error:
        raise fault(f"{name}.md", f"pandoc refuses it: {error}", "pandoc") from None


def typst_source(document: Node, project: Project, name: str = "paper") -> str:
    """Write a document as a typst file."""
    adapted = for_typst(document, "/" + project.from_root(project.figures), name)
    template = f"--template={project.paper / 'template.typ'}"
    return _pandoc(adapted, "typst-smart", project, name, "--standalone", template)


def pdf(document: Node, project: Project, name: str = "paper") -> bytes:
    """Write a document as PDF/UA-1.

    Typst refuses a document without title, or a picture without alternative text. Fonts are those
    that typst and matplotlib bring, never the system's.
    """
    source = typst_source(document, project, name)
    place = f"{name}.pdf"
    try:
        # typst's stubs want the root and the fonts in the type of the source, here bytes
        made, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]
            source.encode("utf-8"),
            root=str(project.root),
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=EPOCH,
            ignore_system_fonts=True,
            font_paths=[str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")],
        )
    except typst.TypstError as error:
        message = "; ".join([str(error), *error.hints])
        raise fault(place, f"typst refuses it: {message}", "typst") from None
    if warnings:
        raise fault(place, f"typst warns: {warnings[0].message}", "typst")
    return bytes(made)


def html(document: Node, project: Project, name: str = "paper") -> bytes:
    """Write a document as one HTML file that loads nothing."""
    form = ("--standalone", "--embed-resources", "--mathml", "--section-divs")
    levels = ("--toc", "--toc-depth=3", "--shift-heading-level-by=1")
    look = (f"--template={project.paper / 'template.html'}", f"--css={project.paper / 'paper.css'}")
    page = for_html(document, project.root)
    return _pandoc(page, "html5", project, name, *form, *levels, *look).encode("utf-8")


def docx(document: Node, project: Project, name: str = "paper") -> bytes:
    """Write a document for Word, with headings, captions and tables of Word's own."""
    tables = [node["c"][0][1] for node in walk(document) if node["t"] == "Table"]
    sizes = ["tiny" if "crowded" in classes else classes[0] for classes in tables]
    with tempfile.TemporaryDirectory() as folder:
        reference, made = Path(folder, "reference.docx"), Path(folder, "made.docx")
        reference.write_bytes(word.reference(_reference_of_pandoc()))
        option = f"--reference-doc={reference}"
        _pandoc(for_docx(document), "docx", project, name, option, output=made)
        return word.finish(made, sizes)


def _reference_of_pandoc() -> bytes:
    return subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"],
        check=True,
        capture_output=True,
    ).stdout
