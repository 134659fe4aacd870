"""Notebooks of the study as pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat
from hclustkit.errors import refusal

from kzclusters import paths
from kzclusters.publish.site import launch, outputs
from kzclusters.publish.site.links import relink

UNANSWERED = re.compile(r"\*\*Exercise (\d+): ○ not answered yet\.\*\*")
ANSWERED_THERE = r"[Answer exercise \1 here](../site/exercises.html#exercise-\1), with hints."
"""A page takes no answers: the lesson's exercises are answered on a page of their own."""


def level_headings(text: str, above: list[int]) -> str:
    """Make headings go down one level at a time, as screen readers expect.

    Parameters
    ----------
    text : Markdown
    above : levels of the headings above the text; updated
    """
    lines, fenced = text.split("\n"), False
    for i, line in enumerate(lines):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        heading = re.match(r"(#{1,6})(?= )", line)
        if heading and not fenced:
            while above and above[-1] >= len(heading[1]):
                above.pop()
            above.append(len(heading[1]))
            lines[i] = "#" * len(above) + line[len(heading[1]) :]
    return "\n".join(lines)


def write_page(
    name: str,
    folder: Path,
    carried: set[str],
    listed: Iterable[str] = (),
    drawn: Mapping[str, str] | None = None,
) -> None:
    """Write a notebook of the study as a page: links of the site, alternative texts in place.

    Parameters
    ----------
    name : as in the study file
    folder : of the staged sources
    carried : see `relink`
    listed : notebooks to list below this one
    drawn : alternative text of a figure -> its name, for pictures that are part of an HTML output

    Raises
    ------
    InputError
        The notebook is missing or has not been executed; a picture has no alternative text.
    """
    path = paths.NOTEBOOKS / f"{name}.ipynb"
    if not path.is_file():
        message = f"{paths.from_root(path)}: the file is missing"
        raise refusal(message, paths.from_root(path), "missing-file")
    content = nbformat.read(path, as_version=4)
    where = posixpath.dirname(f"notebooks/{name}")
    up = posixpath.relpath("figures", where)
    whole = {alt: f"{up}/{figure}.svg" for alt, figure in (drawn or {}).items()}
    above: list[int] = []
    cells: list[nbformat.NotebookNode] = []
    for number, cell in enumerate(content.cells, start=1):
        if cell.cell_type == "markdown":
            cell.source = relink(level_headings(cell.source, above), where, carried)
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        place = f"{paths.from_root(path)}: cell {number}"
        if cell.source.strip() and cell.execution_count is None:
            raise refusal(f"{place} has not been executed; run `make`", place, "not-executed")
        for part in outputs.split_pictures(cell):
            if not outputs.attach_caption(part):
                message = f"{place}: the picture has no alternative text"
                raise refusal(message, place, "alternative-text")
            for output in part.outputs:  # after the captions, which are known by their Markdown
                data = output.get("data", {})
                if "text/markdown" in data:
                    text = UNANSWERED.sub(ANSWERED_THERE, "".join(data["text/markdown"]))
                    data["text/markdown"] = relink(text, where, carried)
                if "text/html" in data:
                    data["text/html"] = outputs.improve(data["text/html"], whole)
            cells.append(part)
    if text := launch.links(name, launch.repository()):
        cells.insert(1, nbformat.v4.new_markdown_cell(text, id="launch"))
    content.cells = cells
    if listed:
        others = [f"/notebooks/{other}" for other in listed]
        lines = ["```{toctree}", ":hidden:", "", *others, "```"]
        content.cells.append(nbformat.v4.new_markdown_cell("\n".join(lines), id="contents"))
    target = folder / "notebooks" / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, target)
