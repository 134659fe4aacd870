"""The index: what each notebook reads and writes, how long it takes, and the glossary.

What a notebook reads and writes stands in its own first cell, and nowhere else; how long it
takes stands in the study file under ``index``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import yaml
from hclustkit.errors import InputError
from IPython.display import Image

from kzclusters import paths, run
from kzclusters.figures import manifest

START = "00_start_here"
"""The index itself, which lists the others."""

GLOSSARY_COLUMNS = ["term_en", "term_ru", "term_kk", "meaning_en"]

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_PARAGRAPH = re.compile(
    r"^\*\*Reads\*\*\s+(?P<reads>.+?)\s+·\s+\*\*writes\*\*\s+(?P<writes>.+?)"
    r"(?:\s+·\s+\*\*next\*\*\s+.+?)?\s*(?:\n\s*\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


def first_cell(notebook: Path) -> dict[str, str]:
    """Title, ``reads`` and ``writes`` of a notebook, from its first cell.

    Raises
    ------
    InputError
        The notebook is missing, or its first cell is not Markdown with a title and a paragraph
        "**Reads** ... · **writes** ...".
    """
    if not notebook.is_file():
        raise InputError(f"{paths.shown(notebook)}: the file is missing")
    cells = nbformat.read(notebook, as_version=4).cells
    text = cells[0].source if cells and cells[0].cell_type == "markdown" else ""
    title, paragraph = _TITLE.search(text), _PARAGRAPH.search(text)
    if not title or not paragraph:
        raise InputError(
            f"{notebook.name}: the first cell needs a title and '**Reads** ... · **writes** ...'"
        )
    return {
        "title": title[1].strip(),
        **{key: " ".join(paragraph[key].split()).rstrip(".") for key in ("reads", "writes")},
    }


def notebooks() -> list[dict[str, str]]:
    """The notebooks of the study but the index, in order: file, title, reads, writes, takes.

    Raises
    ------
    InputError
        A notebook has no such first cell, or the study file's ``index`` does not name it or
        names another.
    """
    content = yaml.safe_load(paths.STUDY.read_text(encoding="utf-8"))
    takes = content.get("index") or {}
    listed = [name for name in run.study()["notebooks"] if name != START]
    for name in [*listed, *takes]:
        if name not in takes or name not in listed:
            raise InputError(f"{paths.STUDY.name}: 'index' and 'notebooks' differ in {name!r}")
    return [
        {
            "file": f"{name}.ipynb",
            **first_cell(paths.NOTEBOOKS / f"{name}.ipynb"),
            "takes": takes[name],
        }
        for name in listed
    ]


def index() -> str:
    """The notebooks as a Markdown table, seen from the folder of the notebooks."""
    lines = ["| notebook | reads | writes | takes |", "| --- | --- | --- | --- |"]
    lines += [
        f"| [{row['title']}]({row['file']}) | {row['reads']} | {row['writes']} | {row['takes']} |"
        for row in notebooks()
    ]
    return "\n".join(lines) + "\n"


def glossary(folder: Path | None = None) -> pd.DataFrame:
    """Terms in English, Russian and Kazakh with their meaning, in the order of the file.

    Returns
    -------
    DataFrame
        Columns ``term_en, term_ru, term_kk, meaning_en``; an empty Kazakh cell is "".
    """
    path = (folder or paths.RAW) / "glossary.csv"
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing")
    found = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    if list(found.columns) != GLOSSARY_COLUMNS:
        raise InputError(f"{path.name}: the columns must be {', '.join(GLOSSARY_COLUMNS)}")
    return found


def figure(name: str, folder: str | Path, facts: Mapping[str, Any]) -> Image:
    """A figure that another notebook has drawn, with its alternative text, for display.

    Raises
    ------
    InputError
        The figure is not there or not in the manifest, or the facts do not fill its text.
    """
    entries = manifest.read(paths.FIGURES / "manifest.yml")
    path = paths.resolve(folder) / f"{name}.png"
    if name not in entries or not path.is_file():
        raise InputError(f"{paths.shown(path)}: there is no such figure; run `make`")
    entry = manifest.fill({name: entries[name]}, facts)[name]
    return Image(data=path.read_bytes(), format="png", width=700, alt=entry.alt)
