"""The grid: what enters, what does not and why, and how many specifications there are."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.multiverse import Grid, count_choices, prepare
from hclustkit.multiverse.engine import tasks_of
from multiverse_cases import LABELS, grid_of, long_frame
from refusals import refused


def complete_variants(frame, year):
    """For each indicator, its variants that every label has a value for; from the frame."""
    of_year = frame[frame["year"] == year]
    found = {}
    for (indicator, variant), rows in of_year.groupby(["indicator", "variant"], sort=False):
        if rows["value"].notna().all() and set(rows["region"]) == set(frame["region"]):
            found.setdefault(indicator, []).append(variant)
    return found


def choices(variants, minimum):
    """Every choice of variants with at least that number of indicators, one by one."""
    names = list(variants)
    for chosen in itertools.product(*[[None, *variants[name]] for name in names]):
        picked = {name: v for name, v in zip(names, chosen, strict=True) if v is not None}
        if len(picked) >= minimum:
            yield picked


def enumerated(design):
    """(year, scaling, linkage, choice) of every specification, as the chunks make them."""
    return [
        (task.part.year, task.part.scaling, task.linkage, int(choice))
        for task in tasks_of(design, chunk_size=50)
        for choice in task.specifications()[0]
    ]


@pytest.mark.parametrize("minimum", [1, 3, 5])
def test_size_by_counting_one_by_one(minimum):
    frame = long_frame()
    grid = grid_of(frame, min_indicators=minimum)
    design = prepare(grid, frame)
    expected = {
        (year, scaling, linkage, grid.encode(picked))
        for year in grid.years
        for picked in choices(complete_variants(frame, year), minimum)
        for scaling in grid.scalings
        for linkage in grid.linkages
    }
    found = enumerated(design)
    assert len(found) == len(set(found)) == design.size
    assert set(found) == expected


@pytest.mark.parametrize(
    ("variants", "minimum"), [([1] * 10, 5), ([1, 2, 3, 2], 0), ([2, 2], 3), ([], 0), ([4], 1)]
)
def test_generating_polynomial(variants, minimum):
    named = {str(number): range(count) for number, count in enumerate(variants)}
    assert count_choices(variants, minimum) == sum(1 for _ in choices(named, minimum))


def test_what_a_user_adds_enters_by_itself():
    frame = long_frame(years=(2002, 2003))
    before = grid_of(frame)
    extra = frame[frame["indicator"] == "I1"].assign(indicator="I99")
    variant = frame[frame["indicator"] == "I1"].assign(variant="mine")
    after = grid_of(pd.concat([frame, extra, variant]))
    assert after.indicators == {**before.indicators, "I1": ("", "mine"), "I99": ("",)}


def test_cells_as_text_are_read_as_numbers(tmp_path):
    frame = long_frame()
    frame.to_csv(tmp_path / "long.csv", index=False)
    text = pd.read_csv(tmp_path / "long.csv", dtype=str, keep_default_na=False)
    grid = grid_of(frame)
    assert grid_of(text) == grid
    for one, other in zip(prepare(grid, text).slices, prepare(grid, frame).slices, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    numbers = pd.read_csv(tmp_path / "long.csv")
    assert grid_of(numbers) == grid
    without = numbers[numbers["variant"].isna()].drop(columns="variant")
    assert grid_of(without).indicators == dict.fromkeys(grid.indicators, ("",))


def test_incomplete_columns_do_not_enter():
    frame = long_frame()
    design = prepare(grid_of(frame), frame)
    columns = design.columns.set_index(["year", "scaling", "indicator", "variant"])
    row = columns.loc[(2001, "zscore", "I7", "")]
    assert (row["status"], row["reason"]) == ("missing", "1 of 16 labels have no value")
    assert columns.loc[(2002, "zscore", "I7", ""), "status"] == "used"
    assert design.excluded.empty
    assert (design.counts["excluded"] == 0).all()


def test_year_without_enough_indicators_is_left_out():
    frame = long_frame(indicators=6)
    assert grid_of(frame, min_indicators=6).years == (2002, 2003)
    # declared all the same, it is there with no specification
    design = prepare(grid_of(frame, min_indicators=6, years=[2001, 2002]), frame)
    counts = design.counts.groupby("year")["specifications"].sum()
    assert counts[2001] == 0 < counts[2002]


@pytest.mark.parametrize("zero", [0.0, -3.5])
def test_no_logarithm_leaves_the_column_out_and_says_so(zero):
    frame = long_frame(years=(2002, 2003))
    place = frame.query("year == 2002 and indicator == 'I2' and variant == 'other'").index[4]
    frame.loc[place, "value"] = zero
    grid = grid_of(frame)
    design = prepare(grid, frame)
    excluded = design.excluded
    assert len(excluded) == 1
    row = excluded.iloc[0]
    assert (row["year"], row["scaling"], row["indicator"], row["variant"]) == (
        2002,
        "log-zscore",
        "I2",
        "other",
    )
    assert "logarithm" in row["reason"]
    assert LABELS[4] in row["reason"]
    # lost: exactly the specifications with that variant, under logarithms, in that year
    lost = sum(picked.get("I2") == "other" for picked in choices(complete_variants(frame, 2002), 5))
    here = (design.counts["year"] == 2002) & (design.counts["scaling"] == "log-zscore")
    assert (design.counts.loc[here, "excluded"] == lost).all()
    assert design.counts["excluded"].sum() == lost * len(grid.linkages)
    chosen = [grid.digits(np.array([choice]))[0] for *_, choice in enumerated(design)]
    whole = prepare(grid_of(long_frame(years=(2002, 2003))), long_frame(years=(2002, 2003)))
    assert len(chosen) == design.size == whole.size - lost * len(grid.linkages)


def test_constant_column_is_left_out_under_every_scaling():
    frame = long_frame(years=(2002,))
    frame.loc[frame["indicator"] == "I3", "value"] = 7.0
    design = prepare(grid_of(frame), frame)
    assert list(design.excluded) == list(design.columns)
    assert set(design.excluded["scaling"]) == set(design.grid.scalings)
    assert set(design.excluded["indicator"]) == {"I3"}
    assert design.excluded["reason"].str.contains("constant").all()
    assert (design.counts["excluded"] > 0).all()


def test_settings_from_a_file(tmp_path):
    frame = long_frame()
    path = tmp_path / "grid.yml"
    path.write_text(
        "years: [2002, 2003]\nindicators: {I1: [''], I2: ['', other], I3: [null]}\n"
        "scalings: [rank]\nlinkages: [ward]\nmin_indicators: 2\nk: 4\nconsensus_ks: [2, 3]\n"
    )
    grid = Grid.from_yaml(path, frame)
    assert grid == Grid(
        years=(2002, 2003),
        indicators={"I1": ("",), "I2": ("", "other"), "I3": ("",)},
        scalings=("rank",),
        linkages=("ward",),
        min_indicators=2,
        k=4,
        consensus_ks=(2, 3),
    )
    assert Grid.from_mapping(grid.to_mapping(), frame) == grid
    path.write_text("k: 3")
    assert Grid.from_yaml(path, frame) == Grid.from_data(frame, k=3)
    path.write_text("")
    with pytest.raises(InputError) as caught:
        Grid.from_yaml(path, frame)
    assert caught.value.place == "grid: k"


def test_indicators_by_name_take_every_variant():
    frame = long_frame()
    grid = grid_of(frame, indicators=["I2", "I1"], min_indicators=1)
    assert grid.indicators == {"I2": ("", "other"), "I1": ("",)}


def test_choice_numbers_and_digits():
    grid = Grid(years=(1,), indicators={"a": ("", "x"), "b": ("",), "c": ("", "x", "y")}, k=2)
    for picked in choices(grid.indicators, 0):
        number = grid.encode(picked)
        digits = grid.digits(np.array([number]))[0]
        back = {
            name: variants[digit - 1]
            for (name, variants), digit in zip(grid.indicators.items(), digits, strict=True)
            if digit
        }
        assert back == picked
    assert grid.encode({"a": "x", "b": "", "c": "y"}) == 3 * 2 * 4 - 1


@pytest.mark.parametrize(
    ("settings", "rule", "place"),
    [
        ({"years": []}, "empty-list", "grid: years"),
        ({"years": "2002"}, "list", "grid: years"),
        ({"years": [1999]}, "unknown-year", "grid: years"),
        ({"years": [2002, 2002]}, "repeated", "grid: years"),
        ({"scalings": ["zscore", "none of these"]}, "unknown-name", "scaling"),
        ({"linkages": ["wards"]}, "unknown-name", "linkage"),
        ({"min_indicators": 0}, "range", "grid: min_indicators"),
        ({"min_indicators": "five"}, "whole-number", "grid: min_indicators"),
        ({"min_indicators": 9}, "no-complete-year", "data"),
        ({"k": 2.5}, "whole-number", "grid: k"),
        ({"k": 0}, "range", "grid: k"),
        ({"consensus_ks": [2, True]}, "whole-number", "grid: consensus_ks"),
        ({"indicators": ["I1", "I77"]}, "incomplete-indicator", "grid: indicators"),
        ({"indicators": {"I1": ["none"]}}, "unknown-indicator", "grid: indicators"),
        ({"indicators": {}}, "mapping", "grid: indicators"),
        ({"k": 17}, "k-range", "grid: k"),
        ({"consensus_ks": [17]}, "k-range", "grid: consensus_ks"),
        ({"colour": "red"}, "unknown-name", "grid"),
    ],
)
def test_bad_settings(settings, rule, place):
    frame = long_frame()
    with refused(rule, place=place):
        prepare(grid_of(frame, **settings), frame)


def broken(change):
    frame = long_frame().astype({"value": object, "year": object})
    return change(frame)


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        (lambda f: f.drop(columns="year"), "missing-column", "data"),
        (lambda f: f.drop(columns="indicator"), "missing-column", "data"),
        (lambda f: f.head(0), "empty-table", "data"),
        (lambda f: pd.concat([f, f.head(1)]), "repeated", "data, row 433"),
        (lambda f: f.assign(value=["ten", *f["value"][1:]]), "not-a-number", "data, row 1"),
        (lambda f: f.assign(value=[np.inf, *f["value"][1:]]), "not-finite", "data, row 1"),
        (lambda f: f.assign(year=[2001.5, *f["year"][1:]]), "whole-number", "data, row 1"),
        (
            lambda f: f.assign(indicator=["", *f["indicator"][1:-1], ""]),
            "empty-cell",
            "data, row 1",
        ),
        (lambda f: f.assign(region=[None, *f["region"][1:]]), "empty-cell", "data, row 1"),
        (lambda f: f[f["region"] == LABELS[0]], "too-few-rows", "data"),
        (lambda f: f["value"], "table-type", "data"),
    ],
)
def test_bad_data(change, rule, place):
    frame = long_frame()
    grid = grid_of(frame)
    with refused(rule, place=place):
        prepare(grid, broken(change))


def test_no_specification_left():
    frame = long_frame(years=(2002,))
    grid = grid_of(frame)
    frame.loc[frame["indicator"].isin(["I1", "I2", "I3"]), "value"] = 1.0
    with refused("no-specification", place="grid: min_indicators"):
        prepare(grid, frame)


@pytest.mark.parametrize(
    ("text", "rule", "place"), [("years: [2002", "yaml", "grid.yml"), ("- 1", "mapping", "grid")]
)
def test_bad_file(tmp_path, text, rule, place):
    path = tmp_path / "grid.yml"
    path.write_text(text)
    with refused(rule, place=place):
        Grid.from_yaml(path, long_frame())
    with refused("file-missing", place="absent.yml"):
        Grid.from_yaml(tmp_path / "absent.yml", long_frame())
