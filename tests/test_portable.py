"""The lesson to take away runs with five packages and nothing of the project."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hclustkit.files import write_csv

from kzclusters import study as studies
from kzclusters.evidence import indicators, sources
from kzclusters.publish import portable

ALLOWED = {"itertools", "matplotlib", "numpy", "pandas", "scipy", "sklearn"}

# what is not among the packages allowed cannot be imported
BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("hclustkit", "kzclusters", "seaborn", "yaml", "numba"):
            raise ImportError(name)
sys.meta_path.insert(0, Block())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portable")
    year = studies.parameters()["year"]
    values = write_csv(path / "indicators.csv", indicators.build(sources.series(), [year]))
    return portable.build(path / "out", values)


def source(folder: Path) -> str:
    cells = nbformat.read(folder / portable.NOTEBOOK, as_version=4).cells
    assert not any(cell.get("outputs") for cell in cells)
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "lesson.py").write_text(BLOCKED + code, encoding="utf-8")
    environment = {**os.environ, "MPLBACKEND": "agg"}
    command = [sys.executable, "-W", "error", "lesson.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_it_imports_only_what_every_student_has(folder: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(source(folder))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    assert names == ALLOWED


def test_it_runs_without_the_project_and_on_another_table(folder: Path) -> None:
    """The notebook's own assertions say that loop, scipy and scikit-learn agree."""
    done = run(folder, source(folder))
    assert done.returncode == 0, done.stderr
    assert "16 regions, 11 indicators" in done.stdout
    own = pd.DataFrame({"a": [1, 2, 3, 9, 8.5], "b": [2.0, 2, 2, 2, 2], "c": [0, 1, 0, 5, None]})
    own.to_csv(folder / "mine.csv")
    code = source(folder).replace('"regions.csv", 4', '"mine.csv", 2')
    done = run(folder, code)
    assert done.returncode == 0, done.stderr
    assert "left out: columns ['b'] and rows [4]" in done.stdout


def test_the_archive_holds_both_and_depends_on_their_content_alone(folder: Path) -> None:
    first = (folder / portable.ARCHIVE).read_bytes()
    with zipfile.ZipFile(folder / portable.ARCHIVE) as archive:
        assert archive.namelist() == [portable.NOTEBOOK, portable.TABLE]
    values = folder.parent / "indicators.csv"
    assert (portable.build(folder, values) / portable.ARCHIVE).read_bytes() == first
    expected = portable.table(values)
    found = pd.read_csv(folder / portable.TABLE, index_col=0)
    pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-9, check_names=False)
