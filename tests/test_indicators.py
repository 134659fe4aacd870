"""Indicators: values worked by hand from raw cells, the registry, and arriving data."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hclustkit import standardize
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence import indicators, sources

YEARS = range(2010, 2016)

# Pavlodar, 2013. Every number on the right is a cell of a raw file, typed off it.
POP = (749201 + 752914) / 2
BY_HAND = {
    ("P2", ""): 0.019071361759502338 / 100 * 2341.3 * 1000,
    ("P3", ""): 439 * POP / 1_000_000 / (417.976 * 1000) * 1000,
    ("P3", "per_million"): 439,
    ("P4", ""): 417976 / POP * 1000,
    ("P5", ""): 440000 / POP * 1000,
    ("P6", ""): (173458.876 + 75665.545) * 1e6 / POP / 1000,
    ("P6", "total"): 276246 * 1e6 / POP / 1000,
    ("P7", ""): 27121.531 * 1e6 / POP / 1000,
    ("P8", ""): 134037.376 * 1e6 / POP / 1000,
    ("P9", ""): (438 + 1394) / 1318,
    ("P12", ""): 93.125 / 417.976 * 1000,
    ("P12", "manufacturing"): 13.6 / 100 * 1000,
    ("P13", ""): 203.781 / 417.976 * 1000,
    ("P14", ""): 2341.3,
}


@pytest.fixture(scope="module")
def long() -> pd.DataFrame:
    return indicators.build(sources.series(), YEARS)


def cell(long: pd.DataFrame, region: str, year: int, code: str, variant: str = "") -> float:
    chosen = long[
        (long["region"] == region)
        & (long["year"] == year)
        & (long["indicator"] == code)
        & (long["variant"] == variant)
    ]
    assert len(chosen) == 1
    return chosen["value"].iloc[0]


@pytest.mark.parametrize(("code", "variant"), BY_HAND)
def test_values_worked_by_hand(long: pd.DataFrame, code: str, variant: str) -> None:
    assert cell(long, "KZ-PAV", 2013, code, variant) == pytest.approx(
        BY_HAND[code, variant], rel=1e-12
    )


def test_every_variant_with_data_is_worked_by_hand(long: pd.DataFrame) -> None:
    with_data = long.dropna(subset="value")
    assert set(zip(with_data["indicator"], with_data["variant"], strict=True)) == set(BY_HAND)


def test_a_second_region_and_year_by_hand(long: pd.DataFrame) -> None:
    population = (524185 + 545789) / 2
    assert cell(long, "KZ-MAN", 2011, "P4") == pytest.approx(227800 / population * 1000)
    assert cell(long, "KZ-MAN", 2011, "P6") == pytest.approx(
        (231233.479 + 86377.206) * 1000 / population
    )
    assert cell(long, "KZ-AST", 2011, "P9") == 1


def test_the_long_table_is_complete_and_ordered(long: pd.DataFrame) -> None:
    variants = sum(len(item.variants) for item in indicators.registry().values())
    assert list(long.columns) == indicators.COLUMNS
    assert len(long) == 16 * len(YEARS) * variants
    assert not long.duplicated(["region", "year", "indicator", "variant"]).any()
    assert list(long["region"].iloc[:16]) == list(sources.regions().index)
    assert ((long["status"] == "missing") == long["value"].isna()).all()


def test_what_is_available(long: pd.DataFrame) -> None:
    ten = ["P2", "P3", "P4", "P5", "P6", "P7", "P9", "P12", "P13", "P14"]
    for year in YEARS:
        expected = ten if year < 2013 else [*ten[:6], "P8", *ten[6:]]
        assert indicators.available(long, year) == expected, year


def test_the_committed_table_is_the_computed_one(long: pd.DataFrame) -> None:
    committed = pd.read_csv(
        paths.PROCESSED / "indicators.csv", keep_default_na=False, na_values={"value": [""]}
    )
    pd.testing.assert_frame_equal(committed, long, rtol=1e-11, check_dtype=False)


def test_registry_is_complete() -> None:
    registry = indicators.registry()
    assert list(registry) == [f"P{number}" for number in range(1, 15)]
    assert list(indicators.groups()) == [
        "innovative activity",
        "human capital",
        "private capital",
        "social capital",
        "regional accessibility",
        "regional business concentration",
        "welfare",
    ]
    known = {r["name"] for r in sources.resources()}
    for item in [*registry.values(), *indicators.auxiliary().values()]:
        for variant in item.variants:
            assert variant.unit and variant.label and variant.formula
    indicators.check_series(known)
    with pytest.raises(InputError) as caught:
        indicators.check_series(known - {"employed"})
    assert (caught.value.rule, caught.value.value) == ("known-series", "employed")
    absent = {r["name"] for r in sources.resources() if not r["present"]}
    for item in registry.values():
        if set(item.main.series) & absent:
            assert item.missing, f"{item.code} must say why it is missing"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"status": "guessed"}, "known-status"),
        ({"status": "proxy", "differs": ""}, "proxy-differs"),
        ({"formula": "grp_per_capita +"}, "variant"),
        ({"name": "other"}, "variant-names"),
        ({"colour": "red"}, "variant"),
    ],
)
def test_a_broken_registry_is_reported(tmp_path: Path, change: dict, rule: str) -> None:
    content = yaml.safe_load(paths.REGISTRY.read_text(encoding="utf-8"))
    content["indicators"]["P14"]["variants"][0] |= change
    broken = tmp_path / "indicators.yml"
    broken.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        indicators.registry(broken)
    assert caught.value.place.endswith("indicators.yml, indicator P14")
    assert caught.value.rule == rule


def test_an_indicator_without_a_group_is_reported(tmp_path: Path) -> None:
    content = yaml.safe_load(paths.REGISTRY.read_text(encoding="utf-8"))
    content["groups"]["welfare"] = []
    broken = tmp_path / "indicators.yml"
    broken.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        indicators.registry(broken)
    assert caught.value.rule == "same-codes"


def test_an_unknown_variant_is_reported() -> None:
    with pytest.raises(InputError) as caught:
        indicators.registry()["P12"].variant("nothing")
    assert (caught.value.rule, caught.value.value) == ("known-variant", "nothing")
    assert "'manufacturing'" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "code", "raw", "expected"),
    [
        ("patents", "P1", 6.25, 6.25),
        ("active_businesses", "P10", 2496, 2496 / 124800 * 1000),
        ("registered_businesses", "P11", 3000, 3000 / POP * 100_000),
    ],
)
def test_an_arriving_file_makes_its_indicator(
    tmp_path: Path, name: str, code: str, raw: float, expected: float
) -> None:
    folder = Path(shutil.copytree(paths.RAW, tmp_path / "raw"))
    codes = sources.regions(folder).index
    frame = pd.DataFrame({"region": codes, "year": 2013, "value": raw})
    frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    sources.check(folder, only=name)
    long = indicators.build(sources.series(folder), YEARS)
    assert code in indicators.available(long, 2013)
    assert code not in indicators.available(long, 2014)
    assert cell(long, "KZ-PAV", 2013, code) == pytest.approx(expected)
    assert set(long.loc[(long["indicator"] == code) & (long["year"] == 2013), "status"]) == {
        "as defined"
    }


def test_worked_example_ends_at_the_value(long: pd.DataFrame) -> None:
    series = sources.series()
    for code in indicators.registry():
        steps = indicators.worked_example(series, code, "KZ-PAV", 2013)
        value = cell(long, "KZ-PAV", 2013, code)
        assert steps["value"].iloc[-1] == value or np.isnan(value)
    steps = indicators.worked_example(series, "P4", "KZ-PAV", 2013)
    assert steps["value"].tolist()[:3] == [417.976, 749201, 752914]


def test_national_values_follow_the_same_formulas() -> None:
    national = indicators.national(sources.series(), YEARS)
    assert national.loc[2013, "P14"] == 2113.2
    population = (16910246 + 17160855) / 2
    assert national.loc[2013, "P4"] == pytest.approx(8570.6 * 1e6 / population, rel=1e-4)
    assert national["P9"].isna().all()


def test_distance_shares_against_all_pairs() -> None:
    table = pd.DataFrame({"a": [1.0, 5, 2, 9], "b": [100.0, 400, 250, 90]})
    shares = indicators.distance_shares(table)
    pairs = {
        column: sum((x - y) ** 2 for x in table[column] for y in table[column]) for column in table
    }
    for column in table:
        assert shares[column] == pytest.approx(pairs[column] / sum(pairs.values()))
    equal = indicators.distance_shares(standardize(table, "zscore"))
    assert equal.tolist() == pytest.approx([0.5, 0.5])


def test_what_claims_speak_of_is_there() -> None:
    series = sources.series()
    values = indicators.auxiliary_values(series, YEARS)
    assert values.loc[("KZ-PAV", 2013), "density"] == pytest.approx(POP / 124800)
    assert values.groupby("year")["grp_share"].sum().tolist() == pytest.approx([100] * 6)
    agriculture = series["employed_agriculture"].loc["KZ-PAV", 2013]
    assert values.loc[("KZ-PAV", 2013), "agriculture"] == pytest.approx(
        agriculture / 417.976 * 1000
    )
    national = indicators.national(series, YEARS)
    assert national["grp_share"].isna().all()
    area = series["land_area"][2013].sum()
    assert national.loc[2013, "density"] == pytest.approx((16910246 + 17160855) / 2 / area)


def test_a_year_outside_the_study_is_reported() -> None:
    assert indicators.check_year(2013, YEARS) == 2013
    with pytest.raises(InputError) as caught:
        indicators.check_year(1999, YEARS)
    assert (caught.value.rule, caught.value.value) == ("study-year", 1999)
