"""Check that the paper is the one that the findings give."""

from __future__ import annotations

from hclustkit.errors import InputError

from kzclusters.publish.paper import production
from kzclusters.publish.paper.checks import check_values, values_in_html
from kzclusters.publish.paper.project import Project


def check(project: Project | None = None) -> None:
    """Refuse a paper that the present findings, figures and text do not give.

    The PDFs are needed; HTML and DOCX, which are not committed, are checked where they are.

    Raises
    ------
    InputError
        Naming the first thing that differs.
    """
    project = project or Project()
    text = production.manuscript(project)
    for page in (project.paper / name for name in production.OUTPUTS if name.endswith("html")):
        if page.is_file():
            html = page.read_text(encoding="utf-8")
            check_values(values_in_html(html), text.results, project.from_root(page))
    for name in (name for name in production.OUTPUTS if name.endswith("pdf")):
        if not (project.paper / name).is_file():
            raise _stale(f"paper/{name}", "the file is missing")
    for name, content in production.render(project, text).items():
        path = project.paper / name
        if path.is_file() and path.read_bytes() != content:
            raise _stale(project.from_root(path), "it is not what findings, figures and text give")


def _stale(place: str, message: str) -> InputError:
    return InputError(f"{place}: {message}; run `make paper`", place=place, rule="stale-paper")
