"""The habits of the code: its size and docstrings, and how long forms are recorded."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import checks_page
import pytest
import shape

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [ROOT / "src/kzclusters", ROOT / "packages/hclustkit/src/hclustkit"]
MODULES = sorted(path for folder in SOURCES for path in folder.rglob("*.py"))

MOST_LINES = 38_500
"""What both sources may have; raised only by a commit that says for what.

CONTRIBUTING.md says what makes it up.
"""
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_FILE = 500


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- size ------------------------------------------------------------------------------------
EXAMPLE = '''"""A module."""

import math  # a comment


@cache
def area(radius):
    """Return the area.

    Of a circle.
    """
    def square(x):
        return x * x

    # constant first
    return (
        math.pi
        * square(radius)
    )


TEXT = """not
a docstring"""
'''


def test_code_lines_leave_out_blanks_comments_and_docstrings() -> None:
    assert shape.code_lines(EXAMPLE) == 11
    assert shape.code_lines("") == 0
    assert shape.code_lines('"""Only a docstring."""\n') == 0


def test_the_length_of_a_function_leaves_out_its_docstring() -> None:
    assert {f.name: (f.line, f.lines) for f in shape.functions(EXAMPLE)} == {
        "area": (7, 9),
        "square": (12, 2),
    }


@pytest.mark.slow
def test_both_sources_together_do_not_grow() -> None:
    assert sum(shape.count(folder).total() for folder in SOURCES) <= MOST_LINES


def test_every_function_is_short() -> None:
    long = [
        f"{_name(path)}:{function.line} {function.name}: {function.lines} lines"
        for path in MODULES
        for function in shape.functions(path.read_text(encoding="utf-8"))
        if function.lines > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_every_file_is_short() -> None:
    scripts = [path for folder in SOURCES for path in folder.rglob("*.js")]
    long = [
        f"{_name(path)}: {lines} lines"
        for path in [*MODULES, *scripts]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES_OF_A_FILE
    ]
    assert not long, "\n".join(long)


# --- docstrings ------------------------------------------------------------------------------
def _undocumented(path: Path) -> list[str]:
    """List public modules, classes, functions and methods without a docstring."""
    found = []

    def visit(node: ast.AST, name: str) -> None:
        if not ast.get_docstring(node):
            found.append(f"{_name(path)}: {name}")
        for child in getattr(node, "body", []):
            public = isinstance(child, ast.ClassDef | ast.FunctionDef) and child.name[0] != "_"
            if public and not isinstance(node, ast.FunctionDef):
                visit(child, child.name)

    source = path.read_text(encoding="utf-8")
    if source.strip():
        visit(shape.parse(source), "module")
    return found


def test_everything_public_has_a_docstring() -> None:
    missing = [line for path in MODULES for line in _undocumented(path)]
    assert not missing, "\n".join(missing)


# --- long forms and the browser --------------------------------------------------------------
PAGE = """# Checks
<!-- long forms -->
| Check | What it shows | Last result |
|---|---|---|
| old | kept | passed |
| trees | equal | 1 of 2 failed |
<!-- end -->
"""


def test_a_long_run_updates_its_own_rows_only() -> None:
    outcomes = {
        ("trees", "equal trees"): [("passed", "3,000 tables, 0 differ"), ("passed", "")],
        ("new", "a new check"): [("passed", ""), ("failed", "1 differs")],
    }
    page = checks_page.record(PAGE, outcomes)
    assert page.splitlines() == [
        "# Checks",
        "<!-- long forms -->",
        "| Check | What it shows | Last result |",
        "|---|---|---|",
        "| new | a new check | 1 of 2 failed: 1 differs |",
        "| old | kept | passed |",
        "| trees | equal trees | passed: 3,000 tables, 0 differ |",
        "<!-- end -->",
    ]


def _run_pytest(folder: Path, test: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one test file in a folder with a copy of this project's conftest."""
    (folder / "docs").mkdir()
    (folder / "docs/checks.md").write_text(PAGE, encoding="utf-8")
    (folder / "conftest.py").write_bytes((ROOT / "conftest.py").read_bytes())
    for helper in ("tests/checks_page.py", "tools/browser.py", "packages/hclustkit/tests/scale.py"):
        (folder / Path(helper).name).write_bytes((ROOT / helper).read_bytes())
    (folder / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n    long\n    browser\n", encoding="utf-8"
    )
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header"]
    return subprocess.run(
        command,
        cwd=folder,
        env={
            "PATH": str(folder),
            "PLAYWRIGHT_BROWSERS_PATH": str(folder),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


LONG = """
import pytest
from scale import scale

@pytest.mark.long("trees", "equal trees")
def test_small_or_full(record_property):
    record_property("result", f"{scale(5, 500)} tables")

@pytest.mark.long("both doors", "equal builds", only=True)
def test_full_only():
    pass
"""


@pytest.mark.slow
def test_the_small_form_runs_always_and_leaves_no_record(tmp_path: Path) -> None:
    done = _run_pytest(tmp_path, LONG)
    assert "1 passed, 1 deselected" in done.stdout
    assert (tmp_path / "docs/checks.md").read_text(encoding="utf-8") == PAGE


@pytest.mark.slow
def test_the_full_form_is_recorded(tmp_path: Path) -> None:
    done = _run_pytest(tmp_path, LONG, LONG_FORMS="1")
    assert "2 passed" in done.stdout
    page = (tmp_path / "docs/checks.md").read_text(encoding="utf-8")
    assert "| trees | equal trees | passed: 500 tables |" in page
    assert "| both doors | equal builds | passed |" in page


BROWSER = "def test_a(browser): pass\ndef test_b(browser): pass\n"


@pytest.mark.slow
def test_without_a_browser_the_summary_counts_what_was_left_out(tmp_path: Path) -> None:
    done = _run_pytest(tmp_path, BROWSER)
    assert done.returncode == 0
    assert "2 browser tests were left out" in done.stdout
    assert "python run.py browser" in done.stdout


@pytest.mark.slow
def test_without_a_browser_continuous_integration_fails(tmp_path: Path) -> None:
    assert _run_pytest(tmp_path, BROWSER, CI="true").returncode == 1


@pytest.mark.slow
def test_of_two_files_that_differ_the_first_byte_is_shown_and_no_more(tmp_path: Path) -> None:
    done = _run_pytest(tmp_path, "def test_it():\n    assert b'a' * 9 == b'ab' * 9\n", CI="true")
    assert done.returncode == 1
    assert "At index 1 diff" in done.stdout and "Full diff" not in done.stdout
