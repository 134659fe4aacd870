"""Notebooks, small projects and tables for the tests of the runner."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kzclusters import paths, pipeline
from kzclusters.evidence import sources
from kzclusters.run import own


def notebook(path: Path, *cells: str, parameters: str = "year = 2013\nindicators = 'all'") -> Path:
    made = nbformat.v4.new_notebook()
    made.cells = [
        nbformat.v4.new_code_cell(text, id=f"c{i}") for i, text in enumerate((parameters, *cells))
    ]
    made.cells[0].metadata["tags"] = ["parameters"]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def outputs(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


ONE = "year = 2013\nout_dir = 'data/processed'"
TWO = "year = 2013\ntable_path = 'data/processed/indicators.csv'\nnames_path = 'n.csv'"


@pytest.fixture(autouse=True)
def same_environment() -> Iterator[None]:
    """The program sets variables for its kernels; the next test starts without them."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project of two notebooks, with the study file of the real one."""
    text = paths.STUDY.read_text(encoding="utf-8")
    for name, folder in {
        "ROOT": "",
        "NOTEBOOKS": "notebooks",
        "RUNS": "runs",
        "PROCESSED": "data/processed",
        "FIGURES": "figures",
        "STUDY": "study.yml",
    }.items():
        monkeypatch.setattr(paths, name, tmp_path / folder)
    steps = {
        name: pipeline.Step(name, name, ("kzclusters.run.execution", name), (), (), notebook=True)
        for name in ("01_one", "02_two")
    }
    monkeypatch.setattr(pipeline, "notebooks", lambda: steps)
    notebook(
        tmp_path / "notebooks" / "01_one.ipynb",
        "import pathlib; f = pathlib.Path(out_dir); f.mkdir(parents=True, exist_ok=True)\n"
        "_ = (f / 'year.txt').write_text(str(year))",
        parameters=ONE,
    )
    notebook(
        tmp_path / "notebooks" / "02_two.ipynb",
        "print(table_path, year, names_path)",
        parameters=TWO,
    )
    paths.STUDY.write_text(text.replace("data/raw/regions.csv", "n.csv"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The real study with nothing executed: the parameters of each notebook that would be.

    The runs go to a folder of the test. The seal of the raw data has tests of its own.
    """
    executed: dict[str, dict[str, Any]] = {}

    def execute(notebook: Path, target: Path, given: dict[str, Any]) -> None:
        executed[notebook.stem] = dict(given)

    monkeypatch.setattr(own, "execute", execute)
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(sources, "check", lambda: [])
    return executed


def own_table(path: Path, objects: int = 8) -> Path:
    lines = [f"R{i:02d},{i},{(i * i) % 7 + 1},{100 - i * i}" for i in range(1, objects + 1)]
    path.write_text("\n".join(["town,income,jobs,area", *lines]) + "\n")
    return path
