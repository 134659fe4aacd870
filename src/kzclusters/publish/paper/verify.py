"""Check that the paper is the one that the findings give."""

from __future__ import annotations

from hclustkit.errors import InputError

from kzclusters.publish.paper import production
from kzclusters.publish.paper.checks import check_values, values_in_html
from kzclusters.publish.paper.project import Project


def check(project: Project | None = None) -> None:
    """Refuse a paper in ``paper/`` that the present findings, figures and text do not give.

    Raises
    ------
    InputError
        The first thing that is not so.
    """
    project = project or Project()
    text = production.manuscript(project)
    html_path = project.paper / "paper.html"
    for name in production.OUTPUTS:
        if not (project.paper / name).is_file():
            raise InputError(f"paper/{name}: the file is missing; run `make paper`")
    check_values(
        values_in_html(html_path.read_text(encoding="utf-8")),
        text.results,
        project.shown(html_path),
    )
    then, now = production.read_record(project), production.record(project, text)
    for part in ("inputs", "outputs"):
        for path in sorted({*then[part], *now[part]}):
            if then[part].get(path) != now[part].get(path):
                raise InputError(
                    f"{path}: it is not the file that the paper was "
                    f"{'made from' if part == 'inputs' else 'made as'}; run `make paper`"
                )
