"""What is missing, and what it could change: bounds, draws, proofs and verdicts."""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import standardize
from hclustkit.errors import InputError
from hclustkit.published import every_partition, spectral_surrogates
from missing_cases import (
    PUBLISHED,
    REGIONS,
    SCALINGS,
    SETS,
    STUDY,
    found,
    known,
    raw,
    settings,
    tables,
    ward,
)
from scale import scale
from scipy.stats import spearmanr, zscore
from sklearn.metrics import adjusted_rand_score

from kzclusters import paths
from kzclusters.analysis.claims import Limits
from kzclusters.analysis.missing import collect, counts, dates, ranges
from kzclusters.evidence import article


def test_a_year_without_inhabitants_is_left_out_or_refused() -> None:
    """In 2016 they are not known: their mean would need those of 1 January 2017."""
    assert counts.read([2015, 2016], year=2015).years == [2015]
    with pytest.raises(InputError) as caught:
        counts.read([2015, 2016], year=2016)
    assert (caught.value.rule, caught.value.value) == ("no-bounds", 2016)


# --- readings and bounds ---------------------------------------------------------------------


def test_a_reading_takes_its_own_count_and_nothing_else() -> None:
    for row in raw("readings").itertuples():
        for measure in counts.MEASURES:
            series = raw(f"partial_{getattr(row, measure)}")
            table = known().known[row.reading][measure]
            assert table.notna().sum().sum() == series["year"].isin(STUDY.years).sum()
            for cell in series[series["year"].isin(STUDY.years)].itertuples():
                assert table.loc[cell.region, cell.year] == cell.value
    assert [name for name, r in known().readings.iterrows() if r["main"] == "yes"] == ["legal"]


def test_the_two_counts_are_compared_where_both_exist() -> None:
    first, second = raw("partial_registered_legal_entities"), raw("partial_registered_smes")
    both = first.merge(second, on=["region", "year"]).query("year == 2013")
    people = raw("population_1_january").pivot(index="region", columns="year", values="value")
    people = people.loc[both["region"], [2013, 2014]].mean(axis=1).to_numpy()
    row = next(
        row
        for row in counts.both_counts(known())
        if (row.year, row.measure) == (2013, "registered")
    )
    expected = spearmanr(both["value_x"] / people, both["value_y"] / people).statistic
    assert (row.n, row.per_inhabitant) == (len(both), pytest.approx(expected))
    ratio = both["value_x"] / both["value_y"]
    assert (row.ratio_low, row.ratio_high) == (ratio.min(), ratio.max())


@pytest.mark.cases(4)
@pytest.mark.parametrize(("reading", "year"), list(product(("legal", "sme"), STUDY.years)))
def test_sets_are_nested_and_draws_lie_inside(reading: str, year: int) -> None:
    wider = None
    for values in SETS:
        table = counts.bounds(known(), reading, year, values).table
        if wider is not None:
            for column in ("operating", "registered", "share"):
                assert (table[f"{column}_low"] >= wider[f"{column}_low"] * (1 - 1e-12)).all()
                assert (table[f"{column}_high"] <= wider[f"{column}_high"] * (1 + 1e-12)).all()
        wider = table
        for corners in (False, True):
            rng = np.random.default_rng(1)
            drawn = counts.bounds(known(), reading, year, values).draw(rng, 50, corners=corners)
            slack = 1 + 1e-9
            assert (drawn[..., 0] <= drawn[..., 1] * slack).all()
            for at, measure in enumerate(counts.MEASURES):
                assert (drawn[..., at] >= table[f"{measure}_low"].to_numpy() / slack).all()
                assert (drawn[..., at] <= table[f"{measure}_high"].to_numpy() * slack).all()


def test_bounds_by_the_other_count_are_the_ratios_seen() -> None:
    table = counts.bounds(known(), "legal", 2013, "half").table
    pair = raw("partial_operating_legal_entities").merge(
        raw("partial_active_smes"), on=["region", "year"]
    )
    pair = pair[pair["year"] == 2013]
    ratio = pair["value_x"] / pair["value_y"]
    other = raw("partial_active_smes").query("region == 'KZ-ATY' and year == 2013")["value"].item()
    row = table.loc["KZ-ATY"]
    assert row["operating_low"] == pytest.approx(other * ratio.min() / 1.5)
    assert row["operating_high"] == pytest.approx(other * ratio.max() * 1.5)
    assert table["basis"].to_dict() == {
        "KZ-ALM": "inhabitants", "KZ-ATY": "other count", "KZ-MAN": "other count",
        "KZ-YUZ": "other count", "KZ-AST": "inhabitants",
    }  # fmt: skip


def test_units_that_could_be_read_are_a_floor_under_the_reading_that_counts_them() -> None:
    read = raw("partial_legal_entities_lower_bounds").set_index(["region", "measure"])
    for values in SETS:
        table = counts.bounds(known(), "legal", 2013, values).table
        for (region, measure), row in read.iterrows():
            assert table.loc[region, f"{measure}_low"] >= row["lower_bound"]
    assert counts.bounds(known(), "sme", 2013, "logical").table.loc["KZ-ALM", "operating_low"] == 1


@pytest.mark.parametrize("measure", counts.MEASURES)
def test_a_region_with_one_count_keeps_it(measure: str) -> None:
    table = known().known["legal"][measure].copy()
    table.loc["KZ-AST", 2013] = 20_000.0
    given = {**known().known["legal"], measure: table}
    changed = replace(known(), known={**known().known, "legal": given})
    assert "KZ-AST" in changed.regions_without("legal", 2013)
    for values in SETS:
        bounds = counts.bounds(changed, "legal", 2013, values)
        drawn = bounds.draw(np.random.default_rng(1), 40)[:, -1]
        assert drawn[:, counts.MEASURES.index(measure)] == pytest.approx(20_000)
        assert (drawn[:, 0] <= drawn[:, 1] * (1 + 1e-9)).all()
        assert drawn[:, 1 - counts.MEASURES.index(measure)].std() > 0


def test_a_reading_that_is_whole_leaves_nothing_to_draw() -> None:
    whole = {m: t.fillna(30_000.0) for m, t in known().known["legal"].items()}
    complete = replace(known(), known={**known().known, "legal": whole})
    setting = settings(scalings=["zscore"])
    cells = ranges.explore(complete, {2013: tables()[2013]}, setting, ["seen"]).cells
    for cell in ranges.select(cells, reading="legal"):
        assert cell.n_partitions == 1 and cell.proved


def test_known_values_are_the_same_at_every_point() -> None:
    drawn = counts.bounds(known(), "legal", 2013, "half").draw(np.random.default_rng(1), 5)
    columns = counts.columns_of(known(), "legal", 2013, drawn)
    at = list(REGIONS.index).index("KZ-KAR")
    area = raw("land_area").query("region == 'KZ-KAR' and year == 2013")["value"].item()
    assert columns[:, at, 0] == pytest.approx(15454 / area * 1000)
    unknown = [list(REGIONS.index).index(code) for code in known().regions_without("legal", 2013)]
    changing = np.flatnonzero(np.ptp(columns[..., 1], axis=0))
    assert changing.tolist() == unknown


# --- what they change ------------------------------------------------------------------------


@pytest.mark.long("missing values", "points of our own, clustered by scipy")
def test_cells_are_recomputed_by_other_libraries() -> None:
    """Points of our own, clustered by scipy: shares agree, and what is proved holds."""
    table = tables()[STUDY.year]
    cells = {
        (cell.reading, cell.columns): cell for cell in found().baseline if cell.values == "half"
    }
    base = ward(table.to_numpy(), STUDY.scaling)
    n = scale(80, 2000)
    for reading in ("legal", "sme"):
        bounds = counts.bounds(known(), reading, STUDY.year, "half")
        drawn = counts.columns_of(
            known(), reading, STUDY.year, bounds.draw(np.random.default_rng(99), n)
        )
        for columns, at in (("P10", [0]), ("P11", [1]), ("P10 P11", [0, 1])):
            cell = cells[reading, columns]
            parts = [ward(np.hstack([table, x[:, at]]), STUDY.scaling) for x in drawn]
            share = np.mean([(part == base).all() for part in parts])
            sd = math.sqrt(0.25 / n + 0.25 / cell.n_points)
            assert abs(share - cell.unchanged) < 4 * sd, (reading, columns)
            scores = [adjusted_rand_score(PUBLISHED, part) for part in parts]
            assert abs(np.mean(scores) - cell.figure3_mean) < 0.05
            if cell.verdict == "insensitive":
                assert share == 1


def test_the_stored_cells_come_out_again() -> None:
    setting = settings(scalings=[STUDY.scaling])
    again = ranges.explore(known(), {STUDY.year: tables()[STUDY.year]}, setting, ["seen"])
    stored = [cell for cell in found().baseline if cell.values == "seen"]
    for ours, theirs in zip(again.cells, stored, strict=True):
        for name, value in vars(ours).items():
            expected = getattr(theirs, name)
            assert value == (pytest.approx(expected) if isinstance(value, float) else expected)
    rows = again.partitions
    assert rows.groupby(ranges.KEYS)["share"].sum().to_numpy() == pytest.approx(1)


@pytest.mark.long("the build's minute", "enumeration, surrogates, ranges, certificates", only=True)
def test_enumeration_surrogates_ranges_and_certificates_take_a_minute(record_property) -> None:
    """On two cores, and as the notebooks run them: processor time, compiled beforehand."""
    scaled = {(y, s): standardize(t, s) for y, t in tables().items() for s in SCALINGS}
    ours = np.array([ward(tables()[y].to_numpy(), s) for y, s in scaled])
    borders, setting = raw("neighbours"), settings()
    limits = Limits(tight=0.05, partly_tight=0.25, margin=0.5, majority=0.5)
    parts = {
        "enumeration": lambda: every_partition(
            PUBLISHED, {"own": (ours, np.ones(len(ours)))}, neighbours=borders, alone=["KZ-AST"]
        ),
        "surrogates": lambda: spectral_surrogates(scaled, PUBLISHED, borders, k=STUDY.n_clusters),
        "ranges": lambda: ranges.explore(known(), tables(), setting),
        "certificates": lambda: collect.patents_of(tables(), setting),
        "claims": lambda: collect.claims_of(known(), article.claims(), limits, setting),
    }
    for compute in list(parts.values())[:2]:  # compiles
        compute()
    taken = {}
    for name, compute in parts.items():
        start = time.process_time()
        compute()
        taken[name] = time.process_time() - start
    record_property("result", ", ".join(f"{name} {s:.0f} s" for name, s in taken.items()))
    assert sum(taken.values()) < 2 * 60


def test_a_cell_is_insensitive_only_with_a_proof() -> None:
    cells = pd.read_csv(paths.PROCESSED / "missing_ranges.csv")
    one = cells["n_partitions"] == 1
    assert cells.loc[cells["verdict"] == "insensitive", "proved"].all()
    assert not cells.loc[cells["verdict"] == "no change seen", "proved"].any()
    assert ((cells["verdict"] == "depends") == ~one).all()
    assert (cells.loc[cells["verdict"] == "same change", "unchanged"] == 0).all()
    unchanged = cells["verdict"].isin(["insensitive", "no change seen"])
    assert (cells.loc[unchanged, ["unchanged", "own_low"]] == 1).all(axis=None)
    assert len(cells) == 2 * len(STUDY.years) * len(SCALINGS) * len(SETS) * 3


def test_cities_are_single_or_apart() -> None:
    partitions = np.array([[0, 1, 2, 2], [0, 0, 1, 2], [0, 1, 1, 2], [0, 0, 0, 1]])
    single, apart = ranges.cities_of(partitions, [0, 1])
    assert single.tolist() == [True, False, False, False]
    assert apart.tolist() == [True, True, False, False]


def test_the_squared_distance_outside_the_cities() -> None:
    table = tables()[STUDY.year]
    shares = ranges.outside_cities(known(), table, settings())
    z = zscore(table["P2"].to_numpy(), ddof=1)
    outside = ~table.index.isin(["KZ-AST", "KZ-ALA"])
    part = ((z[outside][:, None] - z[outside]) ** 2).sum() / ((z[:, None] - z) ** 2).sum()
    assert shares["zscore"]["P2"] == pytest.approx(part)
    assert shares["zscore"]["P10"] < 0.001 < shares["rank"]["P10"]


# --- assumptions that are wrong ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "before", "after", "rule"),
    [
        ("readings", ",yes,", ",no,", "one-main"),
        ("readings", ",no,", ",yes,", "one-main"),
        ("readings", "active_smes", "active_sme", "known-value"),
        ("value_sets", "half,", "halb,", "known-value"),
        ("value_sets", "double,2,inh", "double,3,inh", "one-factor"),
        ("value_sets", "double,2,inh", "double,,inh", "one-factor"),
        ("dated_facts", "2006-01-01", "2006-13-45", "date"),
        ("dated_facts", "2007-01-01", "2027-01-01", "bounds"),
        ("dated_facts", "not after", "not before", "complete"),
        ("dated_facts", ",indicative,", ",doubtful,", "known-value"),
        ("dated_facts", "D02", "D01", "once"),
        ("dated_facts", "id,fact", "id;fact", "header"),
        ("value_sets", "half,1.5,inhabitants", "half,1.5,any", "complete"),
        ("value_sets", "logical,,", "logical,2,", "one-factor"),
        ("value_sets", ",1.5,", ",0.5,", "form"),
        ("value_sets", "seen,1,inhabitants", "Seen,1,inhabitants", "known-value"),
        ("readings", "sme,no", "sme,perhaps", "known-value"),
        ("dated_facts", ",firm,", ",indicative,", "complete"),
    ],
)
def test_a_wrong_assumption_is_named(
    tmp_path: Path, name: str, before: str, after: str, rule: str
) -> None:
    folder = Path(shutil.copytree(paths.RAW, tmp_path / "raw"))
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        dates.read(folder) if name == "dated_facts" else counts.read([2013], folder)
    assert caught.value.rule == rule and f"{name}.csv" in str(caught.value)
