"""The lesson to take away: one notebook and one table, for any environment with scikit-learn."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
from hclustkit.files import write_bytes
from hclustkit.tables import read_table

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.evidence import indicators, sources

NOTEBOOK, TABLE, ARCHIVE = "ward.ipynb", "regions.csv", "ward.zip"
OLDEST = {
    "numpy": "1.25",
    "pandas": "2.1",
    "scipy": "1.11",
    "scikit-learn": "1.3",
    "matplotlib": "3.8",
}
"""The oldest versions on which it runs, with Python 3.11; the notebook names them."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of the files in the archive: its bytes follow from their content alone."""


def table(values: Path | None = None) -> pd.DataFrame:
    """Give the table of the study's year, regions and indicators by name.

    Parameters
    ----------
    values : path of the long table of indicators; ``data/processed/indicators.csv`` if None
    """
    path = values or paths.PROCESSED / "indicators.csv"
    whole = read_table(path, year=studies.parameters()["year"], columns="all")
    registry = indicators.registry()
    named = {code: f"{registry[code].name} ({code})" for code in whole.columns}
    return whole.rename(index=sources.regions()["name_en"], columns=named).rename_axis("region")


def build(folder: str | Path, values: Path | None = None) -> Path:
    """Write notebook, table and an archive of both into ``folder`` and return its path."""
    folder = paths.resolve(folder)
    content = {
        NOTEBOOK: Path(__file__).with_name(NOTEBOOK).read_bytes(),
        TABLE: table(values).to_csv(float_format="%.10g", lineterminator="\n").encode("utf-8"),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in content.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), text)
    for name, text in {**content, ARCHIVE: buffer.getvalue()}.items():
        write_bytes(folder / name, text)
    return folder
