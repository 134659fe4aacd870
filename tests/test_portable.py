"""The lesson to take away runs with five packages and nothing of the project."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
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


OWN_TABLES = [
    ("n;a;b\n" + "\n".join(f"r{i};{i * i};{7 - i}" for i in range(6)), "columns none"),
    ("n,a,w\n" + "\n".join(f"r{i},{i * i},x{i}" for i in range(6)), "columns ['w']"),
    ("n,a,e\n" + "\n".join(f"r{i},{i * i}," for i in range(6)), "columns ['e']"),
    ("n,a,c\nq,1,0\nr,3,0\ns,4,0\nt,9,0\nu,,7\n", "columns ['c'] and rows ['u']"),
    ("n;a\nx;0,5\ny;1,5\nz;2,5\n", "too little is left"),
]
"""Tables of a reader, and what is said of them."""

EACH = """
for number in range({count}):
    try:
        exec(CODE.replace('"regions.csv", 4', f'"mine_{{number}}.csv", 2'))
    except AssertionError as refused:
        print(refused)
CODE = CODE.replace('engine="python"', 'engine="python", decimal=","')
exec(CODE.replace('"regions.csv", 4', f'"mine_{{number}}.csv", 2'))
"""


def test_your_own_table_may_be_written_in_several_ways(folder: Path) -> None:
    for number, (text, _) in enumerate(OWN_TABLES):
        (folder / f"mine_{number}.csv").write_text(text, encoding="utf-8")
    done = run(folder, f"CODE = {last_part(folder)!r}\n" + EACH.format(count=len(OWN_TABLES)))
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said.pop() == "left out: columns none and rows none"  # decimal commas, as the text says
    said = [line for line in said if "columns ['a'] and" not in line]
    for (_, expected), line in zip(OWN_TABLES, said, strict=True):
        assert expected in line


def last_part(folder: Path) -> str:
    """What the imports and the part on the reader's own table do."""
    code = source(folder)
    return code[: code.index("table = pd.read_csv")] + code[code.index("my_file, my_k") :]


def interpreter(version: str) -> str:
    """Find a Python of a version, on the path or where pyenv keeps them."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for name in [f"python{version}", *map(str, kept)]:
        command = [name, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.stdout.strip() == version:
            return name
    pytest.skip(f"there is no Python {version} here")


VERSIONS = """
import importlib.metadata, platform, sys
print("Python", platform.python_version(), "with", ", ".join(
    f"{name} {importlib.metadata.version(name)}" for name in sys.argv[1:]))
"""


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.long(
    "portable lesson",
    "it runs in an empty environment, on the oldest and newest versions",
    only=True,
)
def test_it_runs_in_an_empty_environment(
    folder: Path, tmp_path: Path, python: str, record_property: Callable[[str, object], None]
) -> None:
    """Nothing but the five packages is installed, and no path leads to the project."""
    subprocess.run([interpreter(python), "-m", "venv", tmp_path / "empty"], check=True)
    own = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = [f"{n}=={v}.*" if python == "3.11" else n for n, v in portable.OLDEST.items()]
    install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    if subprocess.run(install, check=False, env={**os.environ, "PYTHONPATH": ""}).returncode:
        pytest.skip("the packages cannot be had here")
    for name in (portable.NOTEBOOK, portable.TABLE):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "lesson.py").write_text(source(folder), encoding="utf-8")
    environment = {"HOME": str(tmp_path), "MPLBACKEND": "agg", "PATH": os.environ["PATH"]}
    command = [own, "-I", "lesson.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "16 regions, 11 indicators" in done.stdout
    shown = [own, "-I", "-c", VERSIONS, *portable.OLDEST]
    found = subprocess.run(shown, env=environment, capture_output=True, text=True, check=True)
    record_property("result", found.stdout.strip())


def test_the_notebook_names_the_oldest_versions(folder: Path) -> None:
    first = nbformat.read(folder / portable.NOTEBOOK, as_version=4).cells[0].source
    words = " ".join(first.split())
    assert all(f"{name} {version}" in words for name, version in portable.OLDEST.items())
