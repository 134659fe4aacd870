"""The runner: what it refuses, where it stops, what it leaves behind."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hclustkit.errors import InputError

from kzclusters import paths, pipeline, study
from kzclusters.evidence import sources
from kzclusters.run import __main__ as front
from kzclusters.run import build, choices, environment, execution, own, tasks


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


# --- what is refused before anything is executed -----------------------------------------------
@pytest.mark.cases(5)
@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("year=abc", "year"),
        ("year=1999", "year"),
        ("years=[soon]", "years"),
        ("scaling=zscor", "scaling"),
        ("linkage=wards", "linkage"),
        ("n_clusters=two", "n_clusters"),
        ("n_clusters=1", "n_clusters"),
        ("n_clusters=16", "n_clusters"),
        ("scaling=none", "scaling"),
        ("noise_draws=-1", "noise_draws"),
        ("draws=0", "draws"),
        ("seed=-1", "seed"),
        ("years=[2013, 2013]", "years"),
        ("null_level=.nan", "null_level"),
        ("noise_levels=[-1]", "noise_levels"),
        ("thresholds={}", "parameters: thresholds"),
        ("thresholds=5", "parameters: thresholds"),
        ("space={scale: odd}", "parameters: space"),
        ("own_setting={}", "parameters: own_setting"),
        ("out_dir=x", "parameters"),
        ("figures_dir=x", "parameters"),
        ("year=[1", "year"),
        ("table_path=no/such.csv", "no/such.csv"),
        ("table_path=notebooks", "notebooks"),
        ("names_path=data/raw/regions.csv", "names_path"),
        ("lesson_regions=[KZ-ALX]", "lesson_regions"),
        ("maps=outline", "maps"),
    ],
)
def test_a_parameter_is_refused_before_anything_is_executed(
    asked: dict, capsys: pytest.CaptureFixture[str], given: str, place: str
) -> None:
    with pytest.raises(InputError) as caught:
        own.run_study(own.assignments([given]))
    assert caught.value.place == place and caught.value.rule
    assert asked == {} and not paths.RUNS.exists()
    assert front.main(["study", "--set", given]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "place"), [("names_path=no.csv", "no.csv"), ("resamples=many", "resamples")]
)
def test_a_parameter_beside_a_table_is_refused_before_the_report(
    asked: dict,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
    place: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    own_table(tmp_path / "own.csv")
    assert front.main(["table", "--set", given, "--", "~/own.csv"]) == 1
    error = capsys.readouterr().err
    assert place in error and error.count("\n") == 1
    assert asked == {} and not paths.RUNS.exists()


@pytest.mark.cases(2)
@pytest.mark.parametrize("given", ["P2 P99", "P8:none", "P2,P2", ""])
def test_indicators_that_do_not_exist_are_refused(asked: dict, given: str) -> None:
    with pytest.raises(InputError):
        own.run_study(own.assignments([f"indicators={given}"]))
    assert asked == {} and not paths.RUNS.exists()


def test_an_indicator_without_data_in_the_year_is_refused(asked: dict) -> None:
    """P8 begins in 2013; a year earlier it is known and yet cannot be asked for."""
    with pytest.raises(InputError, match="P8"):
        own.run_study({"year": 2012, "indicators": ["P2", "P8"]})
    assert asked == {}
    own.run_study({"year": 2013, "indicators": ["P2", "P8"]})
    assert len(asked) == len(pipeline.notebooks())


def test_the_raw_data_are_checked_first(asked: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    def check() -> list[str]:
        raise InputError("grp.csv: a cell is wrong", place="grp.csv", rule="cell")

    monkeypatch.setattr(sources, "check", check)
    with pytest.raises(InputError) as caught:
        own.run_study({"year": 2014})
    assert caught.value.place == "grp.csv" and asked == {}


@pytest.mark.parametrize(
    ("change", "given", "text"),
    [
        ((",64,", ",,"), {}, "R08"),
        ((",income,", ",income;"), {}, "row 2"),
        (("R03,", " ,"), {}, "row 4"),
        (("R03,", "R02,"), {}, "R02"),
        (("", ""), {"n_clusters": 8}, "2 to 7"),
        (("", ""), {"indicators": ["jobs", "rain"]}, "rain"),
        (("", ""), {"draws": 5}, "draws has no effect"),
        (("", ""), {"names_path": "no.csv"}, "no.csv"),
        (("", ""), {"year": "x"}, "whole number"),
        (("R01,1,", "R01,0,"), {"scaling": "log-zscore"}, "R01"),
    ],
)
def test_your_own_table_is_checked_first(
    asked: dict, tmp_path: Path, change: tuple[str, str], given: dict, text: str
) -> None:
    path = own_table(tmp_path / "mine.csv")
    path.write_text(path.read_text().replace("R08,8,2,", "R08,8,64,").replace(*change))
    with pytest.raises(InputError, match=re.escape(text)):
        own.run_study({"table_path": str(path), "n_clusters": 4, **given})
    assert asked == {} and not paths.RUNS.exists()


def test_a_constant_column_is_reported_with_the_file(asked: dict, tmp_path: Path) -> None:
    path = tmp_path / "const.csv"
    path.write_text("town,area,jobs\na,7,1\nb,7,2\nc,7,4\n")
    changed = {"table_path": str(path), "n_clusters": 2}
    with pytest.raises(InputError, match="area") as caught:
        own.run_study(changed)
    assert caught.value.place == "const.csv" and asked == {}
    own.run_study({**changed, "scaling": "none"})
    assert list(asked) == ["02_ward_clustering"]


def test_a_table_too_short_to_cluster(asked: dict, tmp_path: Path) -> None:
    path = own_table(tmp_path / "two.csv", objects=2)
    with pytest.raises(InputError) as caught:
        own.run_study({"table_path": str(path), "n_clusters": 2})
    assert (caught.value.place, caught.value.rule, caught.value.value) == ("two.csv", "rows", 2)


def test_the_year_of_your_own_table_is_its_own(asked: dict, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("town,year,indicator,value\n" + "")
    with path.open("a") as stream:
        stream.writelines(f"t{i},{year},a,{i}\n" for year in (1999, 2000) for i in range(4))
    changed = {"table_path": str(path), "n_clusters": 2}
    own.run_study({**changed, "year": 1999})
    assert asked["02_ward_clustering"]["year"] == 1999
    with pytest.raises(InputError, match="1999"):
        own.run_study(changed)


# --- the report on a table of your own ----------------------------------------------------------
@pytest.fixture
def quick(asked: dict, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Nothing executed, next to nothing drawn or resampled."""
    from hclustkit.report import analysis, write
    from hclustkit.report.budget import Budget

    def few(n: int, *_: object, **__: object) -> Budget:
        return Budget(5, n, n, ("silhouette",), 0, 1, 1, crossed=False, linkages=False)

    monkeypatch.setattr(analysis, "budget", few)
    monkeypatch.setattr(write, "pictures", lambda _: iter(()))
    return asked


def test_a_table_of_your_own_gives_the_report_and_the_notebook(
    quick: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_table(tmp_path / "область.csv")
    assert front.main(["table", "--", str(path), "-k3", "--drop=R08"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    page = paths.ROOT / first if not Path(first).is_absolute() else Path(first)
    assert page.is_file() and page.parent.name.startswith("область-")
    assert "article" not in page.read_text(encoding="utf-8")
    given = quick["02_ward_clustering"]
    assert given["n_clusters"] == 3 and given["table_path"].endswith(
        f"{page.parent.name}/table.csv"
    )
    assert len((page.parent / "table.csv").read_text().splitlines()) == 8
    assert front.main(["table", "--", str(path), "-k3", "--drop=R08"]) == 1
    assert front.main(["table", "--overwrite", "--", str(path), "-k3", "--drop=R08"]) == 0


def test_what_the_notebook_does_not_know_leaves_the_report(
    quick: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_table(tmp_path / "mine.csv")
    assert front.main(["table", "--name=m", "--", str(path), "-k3", "--distance=manhattan"]) == 0
    assert quick == {} and "notebook" in capsys.readouterr().err
    assert (paths.RUNS / "m" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--lable=x"], "--label"), (["-kmany"], "k is"), (["--linkage=wards"], "'ward'")],
)
def test_a_wrong_option_of_your_own_table_writes_nothing(
    quick: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    path = own_table(tmp_path / "mine.csv")
    assert front.main(["table", "--", str(path), *words]) == 1
    assert said in capsys.readouterr().err and not paths.RUNS.exists() and quick == {}


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/b", "", "\udcff", ".", "..", ".hidden", "a\\b", "a\nb", "x" * 201, "Қ" * 150],
)
def test_a_name_that_leads_elsewhere_is_refused(asked: dict, name: str) -> None:
    with pytest.raises(InputError) as caught:
        own.run_study({"year": 2014}, name)
    assert (caught.value.rule, caught.value.value) == ("run-name", name)
    assert asked == {} and not paths.RUNS.exists()


@pytest.mark.cases(2)
@pytest.mark.parametrize("name", ["my run 2", "область", "it's", "$(touch x)", "`a`;b"])
def test_a_name_is_taken_as_it_is(asked: dict, name: str) -> None:
    assert own.run_study({"year": 2014}, name).name == name
    assert (paths.RUNS / name / own.RECORD).is_file()


def test_assignments() -> None:
    read = own.assignments
    assert read(["year=2014", "indicators=P2, P12:manufacturing", "scaling=none"]) == {
        "year": 2014,
        "indicators": ["P2", "P12:manufacturing"],
        "scaling": "none",
    }
    assert read(["indicators=all"]) == {"indicators": "all"}
    assert read(["indicators=[per head, 2010]"]) == {"indicators": ["per head", "2010"]}
    assert read(["indicators=2010"]) == {"indicators": ["2010"]}
    assert read(["table_path=my #1: data.csv"]) == {"table_path": "my #1: data.csv"}
    # numbers to YAML only: 10, 8, 16 and 63
    for text in ("1_0", "010", "0x10", "1:3"):
        assert read([f"seed={text}"]) == {"seed": text}
    with pytest.raises(InputError) as caught:
        read(["year=2013", "year=2014"])
    assert (caught.value.place, caught.value.rule) == ("year", "duplicate")


def test_run_names() -> None:
    assert own.run_name({"year": 2014, "scaling": "rank"}) == "scaling-rank_year-2014"
    named = [
        own.run_name({"table_path": path, "n_clusters": 4})
        for path in ("a/область.csv", "b/область.csv", "a/область 1.csv")
    ]
    assert len(set(named)) == 3 and all("область" in name for name in named)
    assert own.run_name({"indicators": ["P2", "P12:x"]}) != own.run_name(
        {"indicators": ["P2", "P12", "x"]}
    )
    assert all(re.fullmatch(r"[\w.-]{1,90}", name) for name in named)


# --- nobody's work is lost ---------------------------------------------------------------------
def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def shown(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    return tmp_path / "runs"


def write(
    folder: Path, text: str, then: Callable[[], object] = lambda: None, *, overwrite: bool = True
) -> Path:
    with own.whole(folder, overwrite=overwrite):
        for name in ("a.txt", "b.txt"):
            (folder / name).write_text(text)
        then()
    return folder


def fails(error: BaseException) -> Callable[[], None]:
    def then() -> None:
        raise error

    return then


@pytest.mark.parametrize("error", [RuntimeError("full"), InputError("odd"), KeyboardInterrupt()])
def test_a_failed_run_leaves_nothing(runs: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        write(runs / "mine", "bad", fails(error))
    assert shown(runs) == []
    whole = files(write(runs / "mine", "good"))
    with pytest.raises(type(error)):
        write(runs / "mine", "bad", fails(error))
    assert shown(runs) == ["mine"] and files(runs / "mine") == whole


def test_an_earlier_result_is_replaced_only_when_asked(runs: Path) -> None:
    whole = files(write(runs / "mine", "first", overwrite=False))
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "second", overwrite=False)
    assert caught.value.rule == "earlier-result" and files(runs / "mine") == whole
    assert files(write(runs / "mine", "second"))["a.txt"] == "second"
    assert shown(runs) == ["mine"]


@pytest.mark.parametrize("what", ["added", "edited", "foreign"])
def test_what_no_run_wrote_is_never_removed(runs: Path, what: str) -> None:
    folder = runs / "mine"
    if what == "foreign":
        folder.mkdir(parents=True)
        (folder / "thesis.docx").write_text("mine")
    else:
        write(folder, "first")
        (folder / ("notes.txt" if what == "added" else "a.txt")).write_text("my notes")
    before = files(folder)
    with pytest.raises(InputError) as caught:
        write(folder, "second")
    assert caught.value.rule == "folder-in-use" and files(folder) == before


@pytest.mark.parametrize("what", ["runs", "folder"])
def test_a_symbolic_link_is_refused(runs: Path, tmp_path: Path, what: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if what == "runs":
        runs.symlink_to(elsewhere)
    else:
        runs.mkdir()
        (runs / "mine").symlink_to(elsewhere)
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "x")
    assert caught.value.rule == "link" and list(elsewhere.iterdir()) == []


def test_a_file_in_the_place_of_a_run_is_kept(runs: Path) -> None:
    runs.mkdir()
    (runs / "mine").write_text("precious")
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "x", overwrite=True)
    assert caught.value.rule == "link" and (runs / "mine").read_text() == "precious"


@pytest.mark.parametrize("what", ["broken link", "link to a folder", "record"])
def test_what_no_run_wrote_is_kept(runs: Path, tmp_path: Path, what: str) -> None:
    write(runs / "mine", "x")
    if what == "record":
        (runs / "mine" / own.RECORD).write_text('{"files": [1]}')
    else:
        (runs / "mine" / "link").symlink_to(tmp_path if "folder" in what else tmp_path / "gone")
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "y", overwrite=True)
    assert caught.value.rule == "folder-in-use" and shown(runs) != []


def test_what_a_killed_run_left_is_put_aside(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = runs / "mine"
    for earlier in ({}, {"a.txt": "first"}):
        if earlier:
            write(folder, "first")
        code = (
            "import os\nfrom pathlib import Path\nfrom kzclusters import paths\n"
            "from kzclusters.run import own\n"
            f"paths.RUNS = Path({str(runs)!r})\n"
            f"with own.whole(Path({str(folder)!r}), overwrite=True):\n"
            f"    Path({str(folder / 'half.txt')!r}).write_text('half')\n"
            "    os.kill(os.getpid(), 9)\n"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode
        assert (folder / "half.txt").exists()
        (folder / "notes.txt").write_text("mine")
        with pytest.raises(RuntimeError):
            write(folder, "third", fails(RuntimeError()))
        found = files(folder) if folder.exists() else {}
        assert {name: found.get(name) for name in earlier} == earlier and "half.txt" not in found
        (aside,) = [name for name in shown(runs) if name != "mine"]
        assert f"runs/{aside}" in capsys.readouterr().err
        left = {own.UNFINISHED: "", "half.txt": "half", "notes.txt": "mine"}
        assert files(runs / aside) == left
        assert shown(runs) == sorted([aside, *(["mine"] if earlier else [])])
        shutil.rmtree(runs / aside)


def test_two_runs_of_one_name_do_not_meet(runs: Path) -> None:
    def again() -> None:
        with pytest.raises(InputError) as caught:
            write(runs / "mine", "again")
        assert caught.value.rule == "busy"

    for text in ("first", "second"):
        assert files(write(runs / "mine", text, again))["a.txt"] == text


def test_an_interrupt_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own, "_check_table", lambda *_, **__: None)
    monkeypatch.setattr(own, "execute", lambda *_: fails(KeyboardInterrupt())())
    assert front.main(["study", "--set", "year=2014"]) == 130
    assert capsys.readouterr().err == "01_one ...\nerror: interrupted\n"
    assert shown(project / "runs") == []


def test_an_ended_run_leaves_nothing(runs: Path) -> None:
    folder = runs / "mine"
    code = (
        "import signal, sys, time\nfrom pathlib import Path\nfrom kzclusters import paths\n"
        "from kzclusters.run import __main__ as front, own\n"
        "signal.signal(signal.SIGTERM, front._end)\n"
        f"paths.RUNS = Path({str(runs)!r})\n"
        f"with own.whole(Path({str(folder)!r})):\n    time.sleep(600)\n"
    )
    begun = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
    until = time.monotonic() + 120
    while not (folder / own.UNFINISHED).exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert begun.poll() is None and folder.exists()
    begun.send_signal(signal.SIGTERM)
    assert begun.wait(60) != 0 and shown(runs) == []


# --- the study file ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("parameters:", "parametres:"), "study-file"),
        (("  year: 2013", "  year: soon"), "parameter-kind"),
        (("  year: 2013", "  year: true"), "parameter-kind"),
        (("  years: [2010,", "  years: [soon,"), "parameter-kind"),
        (("  resamples:", "  resample:"), "missing-parameter"),
        (("  draws: 10000", "  draws: 10000\n  drwas: 3"), "unknown-parameter"),
        (("    stable: 0.75", "    stable: high"), "parameter-kind"),
        (("    solid:", "    firm:"), "missing-parameter"),
        (("parameters:", "parameters: [1"), "study-file"),
        (("  year: 2013", "  year: 2013\n  year: 2014"), "study-file"),
        (("    stable: 0.75", "    stable: 0.75\n    stable: 0.9"), "study-file"),
        (("null_level: 0.05", "null_level: .nan"), "range"),
        (("null_level: 0.05", "null_level: 7"), "range"),
        (("    solid: 0.5", "    solid: .inf"), "range"),
        (("    fragile: 0.05", "    fragile: -1"), "range"),
        (("resamples: 1000", "resamples: 0"), "range"),
        (("draws: 10000", "draws: 1" + "0" * 400), "range"),
        (("noise_levels: [0.01, 0.05, 0.1]", "noise_levels: []"), "range"),
        (("  years: [2010,", "  years: [2010, 2010,"), "range"),
        (("    error_of_one:", "    eror_of_one:"), "missing-parameter"),
        (("    kmeans_starts: 2000", "    kmeans_starts: many"), "parameter-kind"),
        (("  own_setting:", "  own_setting: 5\n  odd:"), "parameter-kind"),
    ],
)
def test_bad_study_files(tmp_path: Path, change: tuple[str, str], rule: str) -> None:
    text = paths.STUDY.read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "study.yml"
    path.write_text(text.replace(*change, 1))
    with pytest.raises(InputError) as caught:
        study.read(path)
    assert caught.value.rule == rule
    with pytest.raises(InputError) as caught:
        study.read(tmp_path / "gone.yml")
    assert caught.value.rule == "missing-file"


@pytest.mark.cases(6)
@pytest.mark.parametrize(
    ("before", "after", "name", "value"),
    [
        ("scaling: zscore", "scaling: zscores", "scaling", "zscores"),
        ("linkage: ward", "linkage: Ward", "linkage", "Ward"),
        ("year: 2013", "year: 2031", "year", 2031),
        ("indicators: all", "indicators: [P2, P99]", "indicators", "P99"),
        ("scalings: [zscore", "scalings: [zscor", "scalings", "zscor"),
        ("maps: outlines", "maps: outline", "maps", "outline"),
        ("scale: inertia", "scale: inertai", "scale", "inertai"),
        ("location: P9", "location: P99", "location", "P99"),
        ("lesson_regions: [KZ-ALM", "lesson_regions: [KZ-ALX", "lesson_regions", "KZ-ALX"),
        ("lesson_indicators: [P14", "lesson_indicators: [P1", "lesson_indicators", "P1"),
        ("cities: [KZ-AST", "cities: [KZ-ATS", "cities", "KZ-ATS"),
        ("alike: [[P4, P5]", "alike: [[P4, P55]", "alike", "P55"),
        ("exact: [P9]", "exact: [P0]", "exact", "P0"),
        ("components: [3, 4, 5]", "components: [3, 4, 12]", "components", 12),
        ("pooled: [P6", "pooled: [P66", "pooled", "P66"),
        ("without: KZ-ALA", "without: KZ-ALB", "without", "KZ-ALB"),
        ("headline: [half,", "headline: [halb,", "headline", ["halb", "P10 P11"]),
        ("fragile: 0.05", "fragile: 0.6", "fragile", 0.6),
        ("claim_tight: 0.05", "claim_tight: 0.3", "claim_tight", 0.3),
        ("n_clusters: 8", "n_clusters: 16", "n_clusters", 16),
        ("    k: 8", "    k: 80", "grid: k", 80),
        ("consensus_ks: [2,", "consensus_ks: [17,", "grid: consensus_ks", 17),
        ("min_indicators: 5", "min_indicators: 50", "grid: min_indicators", 50),
        ("exact: [P9]", "exact: ['P12:manufacturing']", "exact", "P12:manufacturing"),
        ("alike: [[P4, P5]", "alike: [[P4]", "alike", [["P4"], ["P2", "P3"]]),
        ("alike: [[P4, P5]", "alike: [[P4, P4]", "alike", [["P4", "P4"], ["P2", "P3"]]),
        ("alike: [[P4, P5]", "alike: [[P2, P5]", "alike", [["P2", "P5"], ["P2", "P3"]]),
    ],
)
def test_a_name_that_does_not_exist_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, name: str, value: Any
) -> None:
    text = paths.STUDY.read_text(encoding="utf-8")
    assert before in text
    monkeypatch.setattr(paths, "STUDY", tmp_path / "study.yml")
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    monkeypatch.setattr(build, "_execute", lambda _: pytest.fail("something was executed"))
    paths.STUDY.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError, match=f"study.yml: .*{name}") as caught:
        build.build()
    assert (caught.value.place, caught.value.value) == (name, value)
    assert caught.value.rule in ("unknown-choice", "order", "pairs", "k-range", "no-specification")


def test_the_error_of_a_step_is_said_once_after_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    check = ("kzclusters.evidence.sources", "check", "--only", "weather")
    with pytest.raises(InputError, match=r"^looked: (?!error)\S") as caught:
        build._execute([pipeline.Step("looked", "", check, (), ("build/looked",))])
    assert (caught.value.place, caught.value.rule) == ("looked", "step-failed")


def test_the_study_is_typed() -> None:
    found, plain = study.read(), study.parameters()
    for name, value in plain.items():
        if name != "thresholds":
            assert getattr(found, name) == value
    assert found.thresholds.stable == plain["thresholds"]["stable"]
    assert list(study.kinds()) == list(plain), "in the order of the file"


def test_is_baseline() -> None:
    usual = study.parameters()
    assert study.is_baseline() and study.is_baseline(**usual)
    for name, other in {"year": usual["year"] + 1, "scaling": "rank", "indicators": ["P2"]}.items():
        assert not study.is_baseline(**{**usual, name: other}), name
    with pytest.raises(InputError):
        study.is_baseline(yaer=2013)


def test_the_notebooks_declare_what_the_study_sets() -> None:
    """The defaults in the committed notebooks are the study's values: one truth, two readers."""
    values = study.parameters()
    for name in pipeline.notebooks():
        assert execution.declared_parameters(
            paths.NOTEBOOKS / f"{name}.ipynb"
        ) == execution.study_parameters(name), name
        assert set(execution.study_parameters(name)) <= set(values)


def test_what_cannot_be_written_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(project / "notebooks" / "x"))

    monkeypatch.setattr(execution, "write_text", full)
    for program in (front.main, execution.main):  # the second is what a step of the build runs
        words = ["execute", "01_one"] if program is front.main else ["01_one"]
        assert program(words) == 1
        assert capsys.readouterr().err == "error: notebooks/x: No space left on device\n"


def test_a_folder_of_results_on_another_disk_is_shown_as_the_project_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "data").symlink_to(tmp_path / "disk")
    monkeypatch.setattr(paths, "ROOT", tmp_path / "root")
    assert paths.from_root(tmp_path / "root" / "data" / "x.csv") == "data/x.csv"
    assert paths.from_root(tmp_path / "disk" / "x.csv") == f"{tmp_path}/disk/x.csv"
    (tmp_path / "way").symlink_to(tmp_path / "root")
    assert paths.from_root(tmp_path / "way" / "y.csv") == "y.csv"


# --- executed by hand --------------------------------------------------------------------------
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


@pytest.mark.parametrize(
    "content", [b'lock-version = "1"\n[[ta', b"\xff\xfe\x00", b'lock-version = "99"']
)
def test_a_damaged_state_of_the_build_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    (tmp_path / "pytask.lock").write_bytes(content)
    assert build._execute([]) == 0
    assert not (tmp_path / "pytask.lock").exists()


def test_a_damaged_output_makes_its_step_stale(tmp_path: Path) -> None:
    made = paths.BUILD / tmp_path.name / "made.csv"
    made.parent.mkdir(parents=True)
    try:
        made.write_text("a,b\n1,2\n")
        file = made.relative_to(paths.ROOT).as_posix()
        step = pipeline.Step("x", "X", ("kzclusters.command",), (), (file,))
        before, state = build._contents([step]), tasks.Node(file).state()
        assert build._contents([step]) == before and state
        for content in ("a,b\n1,", None):
            made.unlink() if content is None else made.write_text(content)
            assert build._contents([step]) != before and tasks.Node(file).state() != state
    finally:
        shutil.rmtree(made.parent)


def test_damaged_data_are_named_before_the_choices_are_held_against_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "RAW", shutil.copytree(paths.RAW, tmp_path / "raw"))
    path = paths.RAW / "grp.csv"
    path.write_text(path.read_text("utf-8").replace("2010,", "2010,x", 1), "utf-8")
    with pytest.raises(InputError, match=r"grp\.csv, row 4, column value: rule "):
        choices.check(study.parameters())


@pytest.mark.parametrize("content", ['{"resources": [', "", "[]", '{"resources": [{}]}'])
def test_a_damaged_description_of_the_data_is_named_by_its_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(paths, "RAW", shutil.copytree(paths.RAW, tmp_path / "raw"))
    (paths.RAW / "datapackage.json").write_text(content, "utf-8")
    assert build._contents(build.needed_steps([])), "what is stale can be asked"
    with pytest.raises(InputError, match=r"datapackage\.json"):
        choices.check(study.parameters())


def test_a_lost_series_makes_its_steps_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytask asks nothing of a file that is gone: the names of all files are compared."""
    step = pipeline.steps()["01_indicators"]
    before = tasks.task_of(step).state()
    assert before == tasks.task_of(step).state() and "data/raw/grp.csv" in before
    found = [name for name in step.sources() if name != "data/raw/grp.csv"]
    monkeypatch.setattr(pipeline.Step, "sources", lambda _: found)
    assert tasks.task_of(step).state() != before
