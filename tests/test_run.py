"""The runner: what it refuses, where it stops, what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import yaml
from papermill.exceptions import PapermillExecutionError

from kzclusters import paths, run
from kzclusters.errors import InputError


def notebook(path: Path, *cells: str, parameters: str = "year = 2013\nwords = 'all'") -> Path:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(text, id=f"c{i}") for i, text in
                  enumerate((parameters, *cells))]
    made.cells[0].metadata["tags"] = ["parameters"]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def outputs(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "".join(
        output.get("text", "") for cell in cells for output in cell.get("outputs", [])
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: two notebooks, a study file."""
    for name, folder in {
        "ROOT": "", "NOTEBOOKS": "notebooks", "RUNS": "runs", "PROCESSED": "data/processed",
        "FIGURES": "figures",
    }.items():
        monkeypatch.setattr(paths, name, tmp_path / folder)
    monkeypatch.setattr(paths, "STUDY", tmp_path / "study.yml")
    notebook(
        tmp_path / "notebooks" / "01_one.ipynb",
        "import pathlib; f = pathlib.Path(out_dir); f.mkdir(parents=True, exist_ok=True)\n"
        "_ = (f / 'year.txt').write_text(str(year))",
        parameters="year = 2013\nout_dir = 'data/processed'",
    )
    notebook(
        tmp_path / "notebooks" / "02_two.ipynb", "print(table_path, year, names_path)",
        parameters="year = 2013\ntable_path = 'data/processed/t.csv'\nnames_path = 'n.csv'",
    )
    (tmp_path / "study.yml").write_text(
        yaml.safe_dump(
            {
                "parameters": {
                    "year": 2013, "out_dir": "data/processed",
                    "table_path": "data/processed/t.csv", "names_path": "n.csv",
                },
                "notebooks": {
                    "01_one": ["year", "out_dir"],
                    "02_two": ["year", "table_path", "names_path"],
                },
            },
            sort_keys=False,
        )
    )
    return tmp_path


def test_declared_parameters_are_read(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "1")
    assert run.declared(path) == {"year": 2013, "words": "all"}


def test_a_notebook_without_parameters_is_refused(tmp_path: Path) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    nbformat.write(made, tmp_path / "x.ipynb")
    with pytest.raises(InputError, match="one cell tagged 'parameters'"):
        run.declared(tmp_path / "x.ipynb")
    notebook(tmp_path / "y.ipynb", parameters="import os")
    with pytest.raises(InputError, match="more than assignments"):
        run.declared(tmp_path / "y.ipynb")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"yaer": 2014}, "x.ipynb declares no parameter 'yaer'; it declares year, words"),
        ({"year": "soon"}, "year = 'soon' is not of the kind of 2013"),
        ({"year": True}, "year = True is not of the kind"),
        ({"words": 3}, "words = 3 is not of the kind"),
    ],
)
def test_undeclared_and_unfitting_parameters_are_refused(
    tmp_path: Path, given: dict, text: str
) -> None:
    path = notebook(tmp_path / "x.ipynb", "1")
    target = tmp_path / "out.ipynb"
    with pytest.raises(InputError, match=text):
        run.execute(path, target, given)
    assert not target.exists()
    run.refuse_undeclared(path, {"year": 2014, "words": ["P1", "P2"]})


def test_an_execution_keeps_outputs_and_no_trace_of_the_run(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "print('seen', year)")
    first = run.execute(path, tmp_path / "out.ipynb", {"year": 2014}).read_bytes()
    assert outputs(tmp_path / "out.ipynb") == "seen 2014\n"
    again = run.execute(path, tmp_path / "again.ipynb", {"year": 2014}).read_bytes()
    assert first == again
    text = first.decode()
    assert "papermill" not in text and str(tmp_path) not in text and '"version"' not in text


def test_default_values_inject_nothing_and_stale_injections_go(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "print('seen', year)")
    run.execute(path, path, {"year": 2014})
    assert "injected-parameters" in path.read_text()
    run.execute(path, path, {"year": 2013})
    assert "injected-parameters" not in path.read_text() and outputs(path) == "seen 2013\n"


def test_the_first_failing_cell_stops_and_leaves_the_notebook(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "1 / 0", "open('after.txt', 'w')")
    before = path.read_bytes()
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        run.execute(path, path, {})
    assert path.read_bytes() == before and not (tmp_path / "after.txt").exists()
    assert [item.name for item in tmp_path.iterdir()] == ["x.ipynb"]


def test_a_run_of_ones_own_leaves_the_baseline_alone(project: Path) -> None:
    folder = run.run_study({"year": 2014})
    assert folder == project / "runs" / "year-2014"
    assert (folder / "processed" / "year.txt").read_text() == "2014"
    assert not (project / "data").exists()
    assert outputs(folder / "notebooks" / "02_two.ipynb") == (
        "runs/year-2014/processed/t.csv 2014 n.csv\n"
    )


def test_a_table_of_ones_own_runs_what_reads_tables(project: Path) -> None:
    folder = run.run_study({"table_path": "/somewhere/mine.csv"})
    assert folder.name == "table_path-mine"
    assert [path.name for path in (folder / "notebooks").iterdir()] == ["02_two.ipynb"]
    assert outputs(folder / "notebooks" / "02_two.ipynb") == "/somewhere/mine.csv 2013 \n"


def test_unknown_parameters_and_notebooks_are_refused(project: Path) -> None:
    with pytest.raises(InputError, match="no notebook declares a parameter 'yaer'"):
        run.run_study({"yaer": 2014})
    assert not (project / "runs").exists()
    with pytest.raises(InputError, match="lists no notebook '09_x'; it lists 01_one, 02_two"):
        run.baseline("09_x")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[1", "'parameters' and 'notebooks' are needed"),
        ("parameters: {}", "'parameters' and 'notebooks' are needed"),
        ("parameters: {a: 1}\nnotebooks: {n: [b]}", "n takes 'b', which is not set"),
    ],
)
def test_bad_study_files(tmp_path: Path, content: str, text: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(content)
    with pytest.raises(InputError, match=text):
        run.study(path)
    with pytest.raises(InputError, match="gone.yml: the file is missing"):
        run.study(tmp_path / "gone.yml")


def test_the_command_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["study", "--set", "yaer=1"]) == 1
    assert "error: no notebook declares" in capsys.readouterr().err
    assert run.main(["study", "--set", "year"]) == 1
    assert "NAME=VALUE" in capsys.readouterr().err
    assert run.main(["baseline", "01_one"]) == 0
    assert (project / "data/processed/year.txt").read_text() == "2013"
    notebook(project / "notebooks" / "01_one.ipynb", "1 / 0",
             parameters="year = 2013\nout_dir = 'data/processed'")
    assert run.main(["baseline", "01_one"]) == 1
    said = capsys.readouterr().err
    assert "1 / 0" in said and said.endswith(
        "error: a cell failed: ZeroDivisionError: division by zero\n"
    )


def test_run_names() -> None:
    assert run.run_name({"year": 2014, "scaling": "rank"}) == "scaling-rank_year-2014"
    assert run.run_name({"indicators": ["P2", "P12:manufacturing"]}) == (
        "indicators-P2-P12-manufacturing"
    )


def test_the_notebooks_declare_what_the_study_sets() -> None:
    """The defaults in the committed notebooks are the study's values: one truth, two readers."""
    content = run.study()
    for name, taken in content["notebooks"].items():
        defaults = run.declared(paths.NOTEBOOKS / f"{name}.ipynb")
        assert defaults == {key: content["parameters"][key] for key in taken}, name
