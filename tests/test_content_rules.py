"""Every content rule is broken once; damage drawn at random is caught, harmless or reported."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import mutations
import pandas as pd
import pytest
import yaml
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence import content, control_sums, sources

RULES = list(content.read_rules())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(paths.RAW, tmp_path / "raw"))


@pytest.fixture(scope="module")
def data() -> content.Data:
    return content.gather(paths.RAW)


def error_of(folder: Path, name: str) -> InputError:
    mutations.renew(folder, name)
    with pytest.raises(InputError) as caught:
        sources.check(folder, only=name)
    assert "\n" not in str(caught.value)
    return caught.value


def edit(folder: Path, name: str, change: dict[tuple[str, str], float]) -> None:
    """Add to cells given by region and year, or region and column."""
    path = folder / f"{name}.csv"
    rows = mutations.parse(path)
    for row in rows[1:]:
        for (region, where), by in change.items():
            if row[0] == region and where in (row[1], *rows[0]):
                at = rows[0].index(where) if where in rows[0] else len(row) - 1
                row[at] = mutations.as_text(float(row[at]) + by)
    mutations.write(path, rows)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.series}-{rule.about}")
def test_every_rule_holds_and_can_be_broken(data: content.Data, rule: content.Rule) -> None:
    """No rule is empty: it measures something, and the measure moves with the data."""
    assert not list(content.breaches(data, rule))
    measured = content.KINDS[rule.kind](data, rule).dropna()
    assert len(measured)
    if rule.kind == "years":
        cells = dict(data.cells)
        last = max(cell.year for cell in cells[rule.series])
        cells[rule.series] = [cell for cell in cells[rule.series] if cell.year != last]
        changed = content.Data(data.folder, data.resources, cells, data.columns)
        assert {year for _, year, _ in content.breaches(changed, rule)} == {last}
        return
    hit = []
    for name in rule.uses | {n for n in data.columns if n in str(rule.args)}:
        if name in data.columns:
            column = data.columns[name].copy()
            column.iloc[len(column) // 2 :] = column.iloc[len(column) // 2 :] * 20 + 7
            for at in [*column.index[:3], *column.index[-3:]]:
                column[at] = column[at] * 0.01 + 0.5
            changed = content.Data(
                data.folder, data.resources, data.cells, {**data.columns, name: column}
            )
            hit += list(content.breaches(changed, rule))
    assert hit, rule


@pytest.mark.parametrize(
    "name", [rule.series for rule in RULES if rule.kind == "regions-sum"], ids=str
)
def test_a_wrong_sum_over_regions_names_the_cell(folder: Path, name: str) -> None:
    tolerance = next(r.high for r in RULES if (r.kind, r.series) == ("regions-sum", name))
    edit(folder, name, {("KZ-PAV", "2014"): 2 * tolerance + 2})
    error = error_of(folder, name)
    row = _row(folder, name, "KZ-PAV", 2014)
    assert error.place is not None and error.place.endswith(f"row {row}, column value")
    assert error.rule in ("regions-sum", "equal", "regions-mean")


def _row(folder: Path, name: str, region: str, year: int) -> int:
    frame = pd.read_csv(folder / f"{name}.csv")
    return int(frame.index[(frame["region"] == region) & (frame["year"] == year)][0]) + 2


def test_without_control_sums_the_national_row_is_named(folder: Path) -> None:
    (folder / control_sums.FILE).unlink()
    edit(folder, "grp", {("KZ-PAV", "2014"): 100})
    mutations.renew(folder, "grp")
    with pytest.raises(InputError) as caught:
        content.check(folder, only="grp")
    assert caught.value.rule == "regions-sum"
    assert f"row {_row(folder, 'grp', 'KZ', 2014)}," in str(caught.value)


def test_an_exception_is_not_a_blank_cheque(folder: Path) -> None:
    """2015 is excepted for the budgets, with a bound of its own; so are the researchers."""
    edit(folder, "local_budget_expenditure", {("KZ-PAV", "2015"): -5})
    assert error_of(folder, "local_budget_expenditure").rule == "regions-sum"
    edit(folder, "researchers_per_million", {("KZ", "2013"): 4})
    assert error_of(folder, "researchers_per_million").rule == "regions-mean"


@pytest.mark.parametrize(
    ("name", "cells", "rule"),
    [
        # the same shift in a region and in the nation keeps every sum over regions
        ("employed_services", {("KZ-PAV", "2013"): 5, ("KZ", "2013"): 5}, "equal"),
        ("fixed_investment_state", {("KZ-PAV", "2013"): 5, ("KZ", "2013"): 5}, "equal"),
        ("labour_force", {("KZ-PAV", "2013"): -100, ("KZ", "2013"): -100}, "not-below"),
        ("grp_per_capita", {("KZ-PAV", "2013"): 20}, "regions-mean"),
        ("rnd_expenditure_share_of_grp", {("KZ-PAV", "2013"): 0.001}, "regions-mean"),
        ("manufacturing_share_of_employment", {("KZ-PAV", "2013"): 40}, "regions-mean"),
        ("rail_distance", {("KZ-KAR", "km_to_astana"): 3000}, "not-below"),
        ("rail_distance", {("KZ-SEV", "km_to_almaty"): 10}, "equal"),
        ("rail_distance", {("KZ-KAR", "km_to_astana"): 3}, "control-sums"),
        ("land_area", {("KZ-KAR", "2013"): 5000}, "step"),
        ("researchers_per_million", {("KZ-KZY", "2013"): 900}, "step"),
        ("partial_operating_legal_entities", {("KZ-KAR", "2013"): 9000}, "not-below"),
        ("partial_registered_smes", {("KZ-KAR", "2013"): 90000}, "step"),
        ("partial_industry_investment", {("KZ-KAR", "2014"): 900000}, "not-below"),
    ],
)
def test_a_cell_is_caught_by_name(folder: Path, name: str, cells: dict, rule: str) -> None:
    edit(folder, name, cells)
    error = error_of(folder, name)
    assert error.rule == rule and error.place is not None
    (region, where), *_ = cells
    if len(cells) == 1:
        assert f"{name}.csv, row" in error.place
        if where.isdigit():
            assert f"row {_row(folder, name, region, int(where))}," in error.place


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("regions exchanged in a year", "are exchanged in 20"),
        ("regions exchanged", "are exchanged throughout"),
        ("years exchanged", "are exchanged throughout"),
        ("file x 1000", "every value is 1000 times"),
        ("file / 1000", "every value is 0.001 times"),
        ("year x 1.1", "is 1.1 times the recorded one"),
        ("year x 1000", "is 1000 times the recorded one"),
        ("year 0", "is 0 times the recorded one"),
        ("one digit", "by the recorded sums it was"),
    ],
)
@pytest.mark.parametrize("name", ["researchers_per_million", "grp", "fixed_investment_state"])
def test_damage_with_a_pattern_is_named(folder: Path, kind: str, says: str, name: str) -> None:
    path = folder / f"{name}.csv"
    rows = mutations.ROWS[kind](mutations.parse(path), random.Random(4))
    mutations.write(path, rows)
    error = error_of(folder, name)
    assert says in str(error) and f"{name}.csv, row" in str(error.place)


def test_years_and_national_rows_must_stay(folder: Path) -> None:
    for kind in ("year deleted", "national rows deleted", "one national row deleted"):
        path = folder / "local_budget_expenditure.csv"
        before = path.read_bytes()
        mutations.write(path, mutations.ROWS[kind](mutations.parse(path), random.Random(1)))
        error = error_of(folder, "local_budget_expenditure")
        assert error.rule == "years" and error.value in (2013, 2014, 2015, 2016)
        path.write_bytes(before)


def test_the_values_of_another_file_are_named(folder: Path) -> None:
    shutil.copy(folder / "grp.csv", folder / "grp_per_capita.csv")
    error = error_of(folder, "grp_per_capita")
    assert error.rule == "own-values" and "grp.csv" in str(error)


def test_a_broken_table_of_rules_is_reported(tmp_path: Path) -> None:
    given = yaml.safe_load(content.RULES.read_text(encoding="utf-8"))
    path = tmp_path / "rules.yml"
    for change, rule in (
        ({"looks-right": {"says": "", "protects": "", "cases": []}}, "known-kind"),
        ({"step": {**given["step"], "cases": [{"series": "grp", "low": 1}]}}, "whole-case"),
        ({"step": {**given["step"], "cases": [{"low": 1, "high": 2}]}}, "whole-case"),
    ):
        path.write_text(yaml.safe_dump({**given, **change}), encoding="utf-8")
        content.read_rules.cache_clear()
        with pytest.raises(InputError) as caught:
            content.read_rules(path)
        assert caught.value.rule == rule


def test_the_table_of_rules_shows_everything() -> None:
    table = content.table()
    assert {*content.KINDS, "second-copy", "own-values", "control-sums", "boundaries"} == set(
        table["rule"]
    )
    assert (table["rule"] == "second-copy").sum() == 7
    assert (table.drop(columns="exceptions") != "").all(axis=None)
    excused = table.loc[table["holds"] == "weights: pop", "exceptions"]
    assert any("2.83%" in text and "unknown" in text for text in excused)


def test_every_second_copy_is_recorded_as_a_check() -> None:
    for resource in sources.resources():
        if "second_copy" in resource:
            known = resource["second_copy"]
            assert 0 < known["agree"] <= known["compared"]
            assert str(known["compared"]) in resource["checks_made"][-1]


# --- damage drawn at random -----------------------------------------------------------------

HARMLESS = {
    "CRLF": "the same cells with other line ends",
    "byte order mark": "the same cells after a mark that every reader skips",
    "rows exchanged": "the same rows in another order; the order of regions is that of regions.csv",
    "rows shuffled": "the same rows in another order; the order of regions is that of regions.csv",
    "cut": "only the last line end is cut off, or a table that no indicator uses",
    "semicolons": "a file of text, which has no separators",
}
"""Kinds of damage that may pass, and why; the others only in `NO_SERIES` or where nothing moved."""
NO_SERIES = ("reference", "article")
"""Roles of files that hold words, no numbers of an indicator."""


def run(tmp_path: Path, seed: int, draws: int) -> Counter[str]:
    """Draw damage; each must be caught with its place, or pass for a reason."""
    rng = random.Random(seed)
    before = mutations.values(paths.RAW)
    roles = {r["name"]: r["role"] for r in sources.resources()}
    found: Counter[str] = Counter()
    for number in range(draws):
        folder = Path(shutil.copytree(paths.RAW, tmp_path / str(number)))
        original = {path.name: path.read_bytes() for path in folder.iterdir()}
        damage = mutations.draw(folder, rng)
        changed = damage.path.read_bytes() != original[damage.path.name]
        mutations.renew(folder, damage.name)
        result, message = mutations.outcome(folder, damage, before)
        found[result] += 1
        shown = f"{damage.kind} in {damage.name}: {message}"
        assert result in ("caught", "harmless"), shown
        if result == "caught":
            assert "\n" not in message and "rule '" in message, shown
            assert f"{damage.name}." in message or "_" in message, shown
        elif changed:
            assert damage.kind in HARMLESS or roles[damage.name] in NO_SERIES, shown
        shutil.rmtree(folder)
    return found


def test_damage_drawn_at_random_is_caught_or_harmless(tmp_path: Path) -> None:
    found = run(tmp_path, seed=2025, draws=12)
    assert found["caught"] > found["harmless"]


@pytest.mark.long("damage", "200 changes of 47 kinds, three seeds", only=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_changes_are_caught_or_harmless(
    tmp_path: Path, record_property, seed: int
) -> None:
    found = run(tmp_path, seed, draws=200)
    assert found["caught"] > 150
    counted = ", ".join(f"{found[kind]} {kind}" for kind in ("caught", "harmless"))
    record_property("result", f"seed {seed}: {counted}, 0 silent")


@pytest.mark.cases(15)
@pytest.mark.parametrize("kind", [k for k in mutations.KINDS if k not in HARMLESS])
def test_every_kind_of_damage_is_caught_in_a_series(folder: Path, kind: str) -> None:
    """One draw of each kind in a series that has few neighbours to be compared with."""
    path = folder / "researchers_per_million.csv"
    rng, before = random.Random(7), path.read_bytes()
    if kind in mutations.BYTES:
        path.write_bytes(mutations.BYTES[kind](before, rng))
    elif kind == mutations.OTHER:
        shutil.copy(folder / "rnd_expenditure_share_of_grp.csv", path)
    else:
        mutations.write(path, mutations.ROWS[kind](mutations.parse(path), rng))
    assert path.read_bytes() != before
    error = error_of(folder, "researchers_per_million")
    assert error.rule and "researchers_per_million.csv" in str(error.place)
