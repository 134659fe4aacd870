"""The runner: one notebook, and a run of your own that leaves everything else alone."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import run_cases
from hclustkit.errors import InputError
from run_cases import ONE, TWO, notebook, outputs

from kzclusters import paths
from kzclusters.run import __main__ as front
from kzclusters.run import environment, execution, own

same_environment = run_cases.same_environment
project = run_cases.project


# --- one notebook ------------------------------------------------------------------------------
def test_declared_parameters_are_read(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "1")
    assert execution.declared_parameters(path) == {"year": 2013, "indicators": "all"}


def test_a_notebook_without_parameters_is_refused(tmp_path: Path) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    nbformat.write(made, tmp_path / "x.ipynb")
    notebook(tmp_path / "y.ipynb", parameters="import os")
    for name in ("x.ipynb", "y.ipynb"):
        with pytest.raises(InputError) as caught:
            execution.declared_parameters(tmp_path / name)
        assert (caught.value.place, caught.value.rule) == (name, "parameters-cell")


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"yaer": 2014}, "unknown-parameter"),
        ({"year": "soon"}, "parameter-kind"),
        ({"year": True}, "parameter-kind"),
        ({"year": 2013.0}, "parameter-kind"),
        ({"indicators": 3}, "parameter-kind"),
        ({"indicators": ["P1", 2]}, "parameter-kind"),
    ],
)
def test_undeclared_and_unfitting_parameters_are_refused(
    tmp_path: Path, given: dict, rule: str
) -> None:
    path = notebook(tmp_path / "x.ipynb", "1")
    target = tmp_path / "out.ipynb"
    with pytest.raises(InputError) as caught:
        execution.execute(path, target, given)
    assert caught.value.rule == rule and caught.value.value in (*given, *given.values())
    assert not target.exists()
    execution.refuse_undeclared(path, {"year": 2014, "indicators": ["P1", "P2"]})


def test_the_nearest_parameter_is_named(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "1")
    with pytest.raises(InputError, match="'year'"):
        execution.refuse_undeclared(path, {"yaer": 2014})


def test_an_execution_keeps_outputs_and_no_trace_of_the_run(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "print('seen', year)")
    first = execution.execute(path, tmp_path / "out.ipynb", {"year": 2014}).read_bytes()
    assert outputs(tmp_path / "out.ipynb") == "seen 2014\n"
    # executed again in place: the injected cell is replaced, a default injects nothing
    path.write_bytes(first)
    assert execution.execute(path, path, {"year": 2014}).read_bytes() == first
    text = first.decode()
    assert "papermill" not in text and str(tmp_path) not in text and '"version"' not in text
    execution.execute(path, path, {"year": 2013})
    assert "injected-parameters" not in path.read_text() and outputs(path) == "seen 2013\n"


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("1 / 0", "cell-failed"),
        ("import sys; _ = sys.stderr.write('building the font cache')", "error-stream"),
        ("import warnings; warnings.warn('old')", "error-stream"),
    ],
)
def test_a_failing_or_complaining_cell_leaves_the_notebook(
    tmp_path: Path, cell: str, rule: str
) -> None:
    path = notebook(tmp_path / "x.ipynb", cell, "open('after.txt', 'w')")
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        execution.execute(path, path, {})
    assert caught.value.rule == rule and caught.value.place.startswith("x.ipynb")
    assert path.read_bytes() == before
    (paths.ROOT / "after.txt").unlink(missing_ok=True)
    assert [item.name for item in tmp_path.iterdir()] == ["x.ipynb"]


def test_an_edit_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    notebook(path, f"f = open({str(path)!r}, 'a'); _ = f.write(' '); f.close()")
    with pytest.raises(InputError) as caught:
        execution.execute(path, path, {})
    assert caught.value.rule == "edited-meanwhile" and path.read_text().endswith(" ")


# --- a run of your own -------------------------------------------------------------------------
def test_your_own_run_leaves_the_baseline_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_check_table", lambda *_, **__: None)
    folder = own.run_study({"year": 2014})
    assert folder == project / "runs" / "year-2014"
    assert (folder / "processed" / "year.txt").read_text() == "2014"
    assert not (project / "data").exists()
    assert outputs(folder / "notebooks" / "02_two.ipynb") == (
        "runs/year-2014/processed/indicators.csv 2014 n.csv\n"
    )


def test_your_own_table_runs_what_reads_tables(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_check_table", lambda *_, **__: None)
    folder = own.run_study({"table_path": "/somewhere/mine.csv"}, "mine")
    assert [path.name for path in (folder / "notebooks").iterdir()] == ["02_two.ipynb"]
    assert outputs(folder / "notebooks" / "02_two.ipynb") == "/somewhere/mine.csv None \n"


def test_unknown_parameters_and_notebooks_are_refused(project: Path) -> None:
    with pytest.raises(InputError) as caught:
        own.run_study({"yaer": 2014})
    assert caught.value.rule == "unknown-parameter"
    assert not (project / "runs").exists()
    with pytest.raises(InputError) as caught:
        execution.execute_in_place("09_x")
    assert caught.value.rule == "unknown-notebook"


def test_the_command_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert front.main(["study", "--set", "yaer=1"]) == 1
    assert front.main(["study", "--set", "year"]) == 1
    assert capsys.readouterr().err.count("\n") == 2, "one line each"
    assert front.main(["execute", "01_one"]) == 0
    assert (project / "data/processed/year.txt").read_text() == "2013"
    notebook(project / "notebooks" / "01_one.ipynb", "1 / 0", parameters=ONE)
    assert front.main(["execute", "01_one"]) == 1
    said = capsys.readouterr().err
    assert "1 / 0" in said and said.splitlines()[-1].startswith("error: 01_one.ipynb: ")


def test_python_runs_in_the_environment_of_a_step(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import os, sys; print(os.environ['MPLCONFIGDIR'], sys.argv[1:]); sys.exit(3)"
    assert front.main(["do", "-c", code, "--root", "-m"]) == 3
    assert capfd.readouterr().out == f"{paths.BUILD / 'matplotlib'} ['--root', '-m']\n"


def test_what_a_user_has_set_changes_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Settings of Python, Jupyter and matplotlib stay outside; the rest of the variables stays."""
    for name in ("PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "JUPYTER_PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("MATPLOTLIBRC", "MPLCONFIGDIR", "IPYTHONDIR", "PYTHONINSPECT"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("OWN_VARIABLE", "kept")
    found = environment.environment()
    assert str(tmp_path) not in found.values() and found["OWN_VARIABLE"] == "kept"
    code = "import os; print(os.environ.get('MATPLOTLIBRC'), os.environ['OWN_VARIABLE'])"
    assert front.main(["do", "-c", code]) == 0
    assert capfd.readouterr().out == "None kept\n"


def test_a_kernel_that_dies_is_one_line(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.ipynb", "import os; os._exit(3)")
    with pytest.raises(InputError, match="died"):
        execution.execute(path, tmp_path / "out.ipynb", {})


def test_an_error_of_the_input_in_a_cell_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook(
        project / "notebooks" / "02_two.ipynb",
        "from hclustkit.errors import InputError\nraise InputError('mine.csv: row 3 is odd')",
        parameters=TWO,
    )
    assert front.main(["execute", "02_two"]) == 1
    assert capsys.readouterr().err == "error: mine.csv: row 3 is odd\n"


def test_a_notebook_executed_by_hand_writes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    baseline = (paths.PROCESSED, paths.FIGURES)
    monkeypatch.setenv("KZCLUSTERS_OUTPUT", "baseline")
    assert paths.output_folders("data/processed", "figures") == baseline
    assert capsys.readouterr().out == ""
    monkeypatch.delenv("KZCLUSTERS_OUTPUT")
    tables, figures = paths.output_folders("data/processed", "figures")
    assert (tables, figures) == tuple(
        tmp_path / "runs" / "by-hand" / n for n in ("processed", "figures")
    )
    assert capsys.readouterr().out.count("\n") == 1
    copied = tables / "indicators.csv"
    assert copied.read_bytes() == (paths.PROCESSED / "indicators.csv").read_bytes()
    copied.write_text("mine")
    paths.output_folders("data/processed", "figures")
    assert copied.read_text() == "mine", "what was written by hand since is kept"
    assert paths.output_folders("runs/x/processed", "runs/x/figures")[0] == paths.resolve(
        "runs/x/processed"
    )
