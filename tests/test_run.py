"""The runner: what it refuses, where it stops, what it leaves behind."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from hclustkit.errors import InputError
from papermill.exceptions import PapermillExecutionError

from kzclusters import paths, run
from kzclusters.evidence import sources


def notebook(path: Path, *cells: str, parameters: str = "year = 2013\nwords = 'all'") -> Path:
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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: two notebooks, a study file."""
    for name, folder in {
        "ROOT": "",
        "NOTEBOOKS": "notebooks",
        "RUNS": "runs",
        "PROCESSED": "data/processed",
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
        tmp_path / "notebooks" / "02_two.ipynb",
        "print(table_path, year, names_path)",
        parameters="year = 2013\ntable_path = 'data/processed/t.csv'\nnames_path = 'n.csv'",
    )
    (tmp_path / "study.yml").write_text(
        yaml.safe_dump(
            {
                "parameters": {
                    "year": 2013,
                    "out_dir": "data/processed",
                    "table_path": "data/processed/t.csv",
                    "names_path": "n.csv",
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


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The real study with nothing executed: the parameters of each notebook that would be.

    The runs go to a folder of the test. The seal of the raw data has tests of its own.
    """
    executed: dict[str, dict[str, Any]] = {}

    def execute(notebook: Path, target: Path, given: dict[str, Any]) -> None:
        executed[notebook.stem] = dict(given)

    monkeypatch.setattr(run, "execute", execute)
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(sources, "check", lambda: [])
    return executed


def table_of_ones_own(path: Path, objects: int = 8) -> Path:
    lines = [f"R{i:02d},{i},{(i * i) % 7 + 1},{100 - i * i}" for i in range(1, objects + 1)]
    path.write_text("\n".join(["town,income,jobs,area", *lines]) + "\n")
    return path


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
        ({"year": "soon"}, "year must be a whole number, got 'soon'"),
        ({"year": True}, "year must be a whole number, got True"),
        ({"year": 2013.0}, "year must be a whole number, got 2013.0"),
        ({"words": 3}, "words must be 'all' or a list of names, got 3"),
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
    notebook(
        project / "notebooks" / "01_one.ipynb",
        "1 / 0",
        parameters="year = 2013\nout_dir = 'data/processed'",
    )
    assert run.main(["baseline", "01_one"]) == 1
    said = capsys.readouterr().err
    assert "1 / 0" in said and said.endswith(
        "error: a cell failed: ZeroDivisionError: division by zero\n"
    )


def test_an_error_of_the_input_in_a_cell_is_told_in_a_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook(
        project / "notebooks" / "02_two.ipynb",
        "from hclustkit.errors import InputError\nraise InputError('mine.csv: row 3 is odd')",
        parameters="year = 2013\ntable_path = 'data/processed/t.csv'\nnames_path = 'n.csv'",
    )
    assert run.main(["study", "--set", "year=2014"]) == 1
    assert capsys.readouterr().err == "01_one ...\n02_two ...\nerror: mine.csv: row 3 is odd\n"
    assert list((project / "runs").iterdir()) == []


# --- what is refused before anything is executed -----------------------------------------------
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("year=abc", "year must be a whole number, got 'abc'"),
        ("year=1999", "year 1999 is none of the years of the study: 2010, .*(study.yml: years)"),
        ("years=[soon]", "years must list whole numbers, got ['soon']"),
        ("years=[2013]", "grid: years: the data have no year 2010"),
        ("scaling=zscor", "scaling must be one of zscore, range, .*, got 'zscor'"),
        ("linkage=wards", "linkage must be one of ward, average, .*, got 'wards'"),
        ("n_clusters=two", "n_clusters must be a whole number, got 'two'"),
        ("n_clusters=1", "n_clusters must lie in 2..15, got 1: indicators.csv has 16 objects"),
        ("n_clusters=16", "n_clusters must lie in 2..15, got 16: indicators.csv has 16 objects"),
        ("noise_draws=-1", "noise_draws must be 0 or more, got -1"),
        ("draws=0", "draws must be 1 or more, got 0"),
        ("seed=-1", "seed must be 0 or more, got -1"),
        ("indicators=P2 P99", "indicators: there is no 'P99'; there are P1, P2, P3, P3:per"),
        ("indicators=P8:none", "indicators: there is no 'P8:none'"),
        ("indicators=P2,P2", "indicators: 'P2' stands more than once"),
        ("indicators=", "indicators: at least one is needed"),
        ("out_dir=x", "out_dir: the folder of a run is chosen by --name"),
        ("figures_dir=x", "figures_dir: the folder of a run is chosen by --name"),
        ("year=[1", "--set year: '[1' cannot be read as YAML"),
        ("table_path=no/such.csv", "no/such.csv: the file is missing; a relative path starts at"),
        ("table_path=notebooks", "notebooks: this is a folder, a file is needed"),
    ],
)
def test_a_parameter_is_refused_before_anything_is_executed(
    asked: dict, capsys: pytest.CaptureFixture[str], given: str, text: str
) -> None:
    assert run.main(["study", "--set", given]) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(f"error: {re.escape(text).replace(re.escape('.*'), '.*')}.*\n", said), said
    assert asked == {} and not paths.RUNS.exists()


def test_an_indicator_without_data_in_the_year_is_refused(asked: dict) -> None:
    """P8 begins in 2013; a year earlier it is known and yet cannot be asked for."""
    with pytest.raises(InputError, match="P8 has no value for every region in 2012; these have"):
        run.run_study({"year": 2012, "indicators": ["P2", "P8"]})
    assert asked == {}
    run.run_study({"year": 2013, "indicators": ["P2", "P8"]})
    assert len(asked) == len(run.study()["notebooks"])


def test_the_raw_data_are_checked_first(asked: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    def check() -> list[str]:
        raise InputError("grp.csv: a cell is wrong")

    monkeypatch.setattr(sources, "check", check)
    with pytest.raises(InputError, match="grp.csv"):
        run.run_study({"year": 2014})
    assert asked == {}


@pytest.mark.parametrize(
    ("change", "given", "text"),
    [
        ((",64,", ",,"), {}, "mine.csv: row 9 (R08), column 'jobs': the cell is empty"),
        ((",income,", ",income;"), {}, "mine.csv: row 2 has 4 cell(s), the header has 3"),
        (("R03,", " ,"), {}, "mine.csv: row 4: the label is empty"),
        (("R03,", "R02,"), {}, "mine.csv: rows 3 and 4: label 'R02' stands more than once"),
        ((",", ";"), {}, "mine.csv: row 1 is one cell 'town;income;…'"),
        (("", ""), {"n_clusters": 8}, "n_clusters must lie in 2..7, got 8: mine.csv has 8 objects"),
        (("", ""), {"indicators": ["jobs", "rain"]}, "mine.csv: there is no column 'rain'; there"),
        (("", ""), {"draws": 5}, "draws has no effect with a table_path: only 02_ward_clustering"),
        (("", ""), {"names_path": "no.csv"}, "no.csv: the file is missing; a relative path"),
        (("", ""), {"year": "x"}, "year must be a whole number, got 'x'"),
        (
            ("R01,1,", "R01,0,"),
            {"scaling": "log-zscore"},
            "mine.csv: row 'R01', column 'income': 0.0 has no logarithm",
        ),
    ],
)
def test_a_table_of_ones_own_is_checked_first(
    asked: dict, tmp_path: Path, change: tuple[str, str], given: dict, text: str
) -> None:
    path = table_of_ones_own(tmp_path / "mine.csv")
    path.write_text(path.read_text().replace("R08,8,2,", "R08,8,64,").replace(*change))
    with pytest.raises(InputError, match=re.escape(text)):
        run.run_study({"table_path": str(path), "n_clusters": 4, **given})
    assert asked == {} and not paths.RUNS.exists()


def test_a_constant_column_is_told_with_the_file(asked: dict, tmp_path: Path) -> None:
    path = tmp_path / "const.csv"
    path.write_text("town,area,jobs\na,7,1\nb,7,2\nc,7,4\n")
    changed = {"table_path": str(path), "n_clusters": 2}
    with pytest.raises(
        InputError,
        match="const.csv: column 'area' is constant .7.0 in every row.:"
        " zscore needs values that differ",
    ):
        run.run_study(changed)
    assert asked == {}
    run.run_study({**changed, "scaling": "none"})
    assert list(asked) == ["02_ward_clustering"]


def test_a_table_too_short_to_cluster(asked: dict, tmp_path: Path) -> None:
    path = table_of_ones_own(tmp_path / "two.csv", objects=2)
    with pytest.raises(InputError, match="two.csv: 2 objects are too few to cluster"):
        run.run_study({"table_path": str(path), "n_clusters": 2})


def test_the_year_of_a_table_of_ones_own_is_its_own(asked: dict, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("town,year,indicator,value\n" + "".join(f"t{i},1999,a,{i}\n" for i in range(4)))
    changed = {"table_path": str(path), "n_clusters": 2}
    run.run_study({**changed, "year": 1999})
    assert asked["02_ward_clustering"]["year"] == 1999
    with pytest.raises(InputError, match="long.csv: column 'year' has no 2013; it has 1999"):
        run.run_study(changed)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".", "..", ".hidden", "a\\b", "x" * 201])
def test_a_name_that_leads_elsewhere_is_refused(
    asked: dict, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run.main(["study", "--set", "year=2014", "--name", name]) == 1
    assert f"--name {name!r}: the name of a folder under runs/" in capsys.readouterr().err
    assert asked == {} and not paths.RUNS.exists()
    assert run.run_study({"year": 2014}, "my run 2").name == "my run 2"


def test_assignments() -> None:
    assert run._assignments(["year=2014", "indicators=P2, P12:manufacturing", "scaling=none"]) == {
        "year": 2014,
        "indicators": ["P2", "P12:manufacturing"],
        "scaling": "none",
    }
    assert run._assignment("indicators=all") == ("indicators", "all")
    assert run._assignment("indicators=[per head, 2010]") == ("indicators", ["per head", "2010"])
    assert run._assignment("indicators=2010") == ("indicators", ["2010"])
    assert run._assignment("table_path=my #1: data.csv") == ("table_path", "my #1: data.csv")
    with pytest.raises(InputError, match="--set year is given more than once"):
        run._assignments(["year=2013", "year=2014"])


def test_the_help_names_the_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["study", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    content = run.study()
    for name in {name for names in content["notebooks"].values() for name in names}:
        assert (f" {name}" in said) == (name not in ("out_dir", "figures_dir")), name
    assert "may be repeated" in said and "table_path or names_path starts at the root" in said


def test_the_examples_of_the_readme_pass_the_check(asked: dict, tmp_path: Path) -> None:
    """Every `make NAME=VALUE ...` of the README, translated as the Makefile does it."""
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    option = dict(re.findall(r"call given,(\w+)\),--set '?(\w+)=", makefile))
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^\s*make (?=[A-Z_]+=)(.+)$", readme, re.MULTILINE)
    assert len(examples) >= 3
    used = set()
    for example in examples:
        asked.clear()
        arguments = []
        for word in shlex.split(example, comments=True):
            name, _, value = word.partition("=")
            if name == "TABLE":
                value = str(table_of_ones_own(tmp_path / value))
            arguments += ["--set", f"{option[name]}={value}"]
            used.add(name)
        assert run.main(["study", *arguments]) == 0, example
        changed = run._assignments(arguments[1::2])
        assert asked and all(
            any(given.get(name) == value for given in asked.values())
            for name, value in changed.items()
        ), example
    assert {"YEAR", "SCALING", "INDICATORS", "K", "TABLE"} <= used


# --- whole or not at all ------------------------------------------------------------------------
def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def writes(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A run of the small project whose notebooks only write a file; ``then`` may raise."""

    def started(text: str, then: Callable[[], object] = lambda: None) -> Path:
        def execute(notebook: Path, target: Path, given: dict[str, Any]) -> None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            if notebook.stem == "01_one":
                (target.parent / f"{text}.txt").write_text(text)
            else:
                then()

        monkeypatch.setattr(run, "execute", execute)
        return run.run_study({"year": 2014}, "mine")

    return started


def fails(error: BaseException) -> Callable[[], None]:
    def then() -> None:
        raise error

    return then


@pytest.mark.parametrize("error", [RuntimeError("full"), InputError("odd"), KeyboardInterrupt()])
def test_a_failed_run_leaves_nothing(
    project: Path, writes: Callable[..., Path], error: BaseException
) -> None:
    with pytest.raises(type(error)):
        writes("bad", fails(error))
    assert list((project / "runs").iterdir()) == []
    whole = files(writes("good"))
    with pytest.raises(type(error)):
        writes("bad", fails(error))
    assert [path.name for path in (project / "runs").iterdir()] == ["mine"]
    assert files(project / "runs" / "mine") == whole


def test_a_run_replaces_an_earlier_one_whole(project: Path, writes: Callable[..., Path]) -> None:
    writes("first")
    assert set(files(writes("second")).values()) == {"second"}
    assert [path.name for path in (project / "runs").iterdir()] == ["mine"]


def test_what_a_killed_run_left_is_undone(project: Path, writes: Callable[..., Path]) -> None:
    folder = writes("first")
    whole = files(folder)
    hidden = []

    def killed() -> None:
        hidden.extend(path for path in folder.parent.iterdir() if path != folder)

    writes("second", killed)
    assert len(hidden) == 1 and hidden[0].name.startswith(".")
    # as if the second had been killed in the midst of it, over the first and over nothing
    for before in (whole, {}):
        hidden[0].mkdir()
        for name, text in before.items():
            (hidden[0] / name).parent.mkdir(exist_ok=True)
            (hidden[0] / name).write_text(text)
        with pytest.raises(RuntimeError):
            writes("third", fails(RuntimeError()))
        assert (files(folder) if folder.exists() else {}) == before
        assert not hidden[0].exists()


def test_two_runs_of_one_name_do_not_meet(project: Path, writes: Callable[..., Path]) -> None:
    def again() -> None:
        with pytest.raises(InputError, match="another run of the same name is under way"):
            run.run_study({"year": 2014}, "mine")

    for text in ("first", "second"):
        assert set(files(writes(text, again)).values()) == {text}


def test_an_interrupt_is_told_in_a_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "execute", lambda *_: fails(KeyboardInterrupt())())
    assert run.main(["study", "--set", "year=2014"]) == 130
    assert capsys.readouterr().err == "01_one ...\nerror: interrupted\n"


def test_a_run_that_is_told_to_end_leaves_nothing(project: Path) -> None:
    seen = project / "seen"
    notebook(
        project / "notebooks" / "01_one.ipynb",
        f"import pathlib, time; pathlib.Path({str(seen)!r}).touch(); time.sleep(600)",
        parameters="year = 2013\nout_dir = 'data/processed'",
    )
    begun = subprocess.Popen(
        [sys.executable, "-m", "kzclusters.run", "study", "--set", "year=2014"],
        env={**os.environ, "KZCLUSTERS_ROOT": str(project)},
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not seen.exists() and begun.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    assert seen.exists() and [*(project / "runs").iterdir()] != []
    begun.send_signal(signal.SIGTERM)
    assert begun.wait(60) != 0
    assert list((project / "runs").iterdir()) == []


def test_is_study() -> None:
    usual = run.study()["parameters"]
    assert run.is_study() and run.is_study(**usual)
    assert run.is_study(year=usual["year"], scaling=usual["scaling"])
    for name, other in {"year": usual["year"] + 1, "scaling": "rank", "indicators": ["P2"]}.items():
        assert not run.is_study(**{**usual, name: other}), name
    with pytest.raises(InputError, match="study.yml sets no parameter 'yaer'"):
        run.is_study(yaer=2013)


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
