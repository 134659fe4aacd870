"""The index of the notebooks, made from the pipeline, and the glossary."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kzclusters import paths, pipeline
from kzclusters.evidence.text_tables import read_columns, text_column

START = "00_start_here"
"""The index itself, which lists the others."""

GLOSSARY = {
    "term_en": text_column(once=True),
    "term_ru": text_column(),
    "term_kk": text_column(optional=True),
    "meaning_en": text_column(),
}
"""Columns of the glossary."""


def index() -> str:
    """Write the notebooks as a Markdown table, seen from the folder of the notebooks."""
    lines = ["| notebook | reads | writes | takes |", "| --- | --- | --- | --- |"]
    for name, step in pipeline.notebooks().items():
        if name != START:
            reads, writes = step.words
            lines.append(f"| [{step.title}]({name}.ipynb) | {reads} | {writes} | {step.takes} |")
    return "\n".join(lines) + "\n"


def glossary(folder: Path | None = None) -> pd.DataFrame:
    """Read terms in English, Russian and Kazakh with their meaning, in the order of the file.

    Returns
    -------
    DataFrame
        Columns ``term_en, term_ru, term_kk, meaning_en``; an empty Kazakh cell is "".

    Raises
    ------
    InputError
        The file is missing, or a cell breaks the rule of its column.
    """
    return read_columns((folder or paths.RAW) / "glossary.csv", GLOSSARY)
