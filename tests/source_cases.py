"""A copy of the raw data to break, and the error that the check then gives."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence import sources

RESOURCES = {r["name"]: r for r in sources.resources()}
SERIES = [n for n, r in RESOURCES.items() if r["role"] == "series" and r["present"]]
PARTIAL = [n for n, r in RESOURCES.items() if r["role"] == "partial"]
TABLES = [n for n, r in RESOURCES.items() if r["present"] and r["path"].endswith(".csv")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(paths.RAW, tmp_path / "raw"))


def rows_of(folder: Path, name: str) -> list[list[str]]:
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def write_rows(folder: Path, name: str, rows: list[list[str]]) -> None:
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def broken(folder: Path, name: str | None) -> InputError:
    """The error of the check; its message is one line that names the file."""
    with pytest.raises(InputError) as caught:
        sources.check(folder, only=name)
    error = caught.value
    assert "\n" not in str(error) and error.rule
    if name is not None:
        assert error.place is not None and f"{name}.csv" in error.place
    return error


def place(error: InputError) -> str:
    """Row and column of an error."""
    assert error.place is not None
    return error.place.partition(".csv")[2].lstrip(", ")
