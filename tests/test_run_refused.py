"""The runner: what it refuses before it executes anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import run_cases
from hclustkit.errors import InputError
from run_cases import own_table

from kzclusters import paths, pipeline
from kzclusters.evidence import sources
from kzclusters.run import __main__ as front
from kzclusters.run import own

same_environment = run_cases.same_environment
asked = run_cases.asked


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
