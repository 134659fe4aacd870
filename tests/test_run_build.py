"""The build: a wrong study file or name stops it, damaged files make their steps stale."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest
import run_cases
from hclustkit.errors import InputError

from kzclusters import paths, pipeline, study
from kzclusters.run import __main__ as front
from kzclusters.run import build, choices, execution, tasks

same_environment = run_cases.same_environment
project = run_cases.project


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


# --- damaged files ------------------------------------------------------------------------------
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
