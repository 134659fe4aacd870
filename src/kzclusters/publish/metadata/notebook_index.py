"""The index of the notebooks, made from the pipeline, and the glossary."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hclustkit.errors import refusal

from kzclusters import paths, pipeline

START = "00_start_here"
"""The index itself, which lists the others."""

GLOSSARY_COLUMNS = ["term_en", "term_ru", "term_kk", "meaning_en"]


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
    """
    path = (folder or paths.RAW) / "glossary.csv"
    if not path.is_file():
        text = f"{paths.shown(path)}: the file is missing"
        raise refusal(text, paths.shown(path), "missing-file")
    found = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    if list(found.columns) != GLOSSARY_COLUMNS:
        text = f"{path.name}: the columns must be {', '.join(GLOSSARY_COLUMNS)}"
        raise refusal(text, path.name, "columns", list(found.columns))
    return found
