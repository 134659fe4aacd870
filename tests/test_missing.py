"""What is missing, and what it could change: bounds, draws, proofs and verdicts."""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import replace
from functools import cache
from itertools import pairwise, permutations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import standardize
from hclustkit.errors import InputError
from hclustkit.published import every_partition, spectral_surrogates
from scale import scale
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import rankdata, spearmanr, zscore
from sklearn.metrics import adjusted_rand_score

from kzclusters import paths, study
from kzclusters.analysis import store
from kzclusters.analysis.claims import Limits, exact_group_test
from kzclusters.analysis.claims.draws import tightness, verdicts_over
from kzclusters.analysis.missing import (
    collect,
    concentration,
    counts,
    dates,
    patents,
    proxies,
    ranges,
    text,
)
from kzclusters.analysis.missing.findings import Missing
from kzclusters.analysis.missing.given import Given
from kzclusters.evidence import article, sources

STUDY = study.read()
REGIONS = sources.regions()
PUBLISHED = article.published_clusters().reindex(REGIONS.index)
SETS = ("logical", "double", "half", "seen")
SCALINGS = ("zscore", "range", "rank", "log-zscore")
SCALED = {
    "zscore": lambda x: zscore(x, ddof=1),
    "log-zscore": lambda x: zscore(np.log(x), ddof=1),
    "range": lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    "rank": lambda x: rankdata(x, axis=0),
}


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(paths.RAW / f"{name}.csv")


@cache
def known() -> counts.Counts:
    return counts.read(STUDY.years)


def test_a_year_without_inhabitants_is_left_out_or_refused() -> None:
    """In 2016 they are not known: their mean would need those of 1 January 2017."""
    assert counts.read([2015, 2016], year=2015).years == [2015]
    with pytest.raises(InputError) as caught:
        counts.read([2015, 2016], year=2016)
    assert (caught.value.rule, caught.value.value) == ("no-bounds", 2016)


@cache
def tables() -> dict[int, pd.DataFrame]:
    """Straight from the long table, not through the functions under test."""
    long = pd.read_csv(paths.PROCESSED / "indicators.csv")
    main = long[long["variant"].isna()]
    return {
        int(year): rows.pivot(index="region", columns="indicator", values="value")
        .loc[REGIONS.index]
        .dropna(axis=1)
        for year, rows in main.groupby("year")
    }


@cache
def found() -> Missing:
    content = store.read_json(paths.PROCESSED, "missing.json")
    return store.from_mapping(Missing, content, "missing.json")


def ward(values: np.ndarray, scaling: str, k: int = 8) -> np.ndarray:
    tree = linkage(SCALED[scaling](values), "ward")
    return pd.factorize(fcluster(tree, k, "maxclust"))[0]


def settings(**changed: object) -> Given:
    usual = {
        "published": PUBLISHED,
        "cities": ["KZ-AST", "KZ-ALA"],
        "years": STUDY.years,
        "scalings": STUDY.grid["scalings"],
        "year": STUDY.year,
        "scaling": STUDY.scaling,
        "linkage": STUDY.linkage,
        "k": STUDY.n_clusters,
        "seed": STUDY.seed,
        "choices": study.MissingChoices(**STUDY.missing),
    }
    return Given(**{**usual, **changed})


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


# --- P1 --------------------------------------------------------------------------------------
def needed(z: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    """Lower bounds over all orders on a line, from the definition and by plain enumeration.

    A pair of clusters lacks what separates it from the cheapest last merge inside a cluster;
    in a given order, gaps add up along chains, and the sum of squares is at least the sum over
    pairs of n_i n_j d_ij² / n with the longest chains as d_ij.
    """

    def cost(a: np.ndarray, b: np.ndarray) -> float:
        apart = z[a].mean(axis=0) - z[b].mean(axis=0)
        return len(a) * len(b) / (len(a) + len(b)) * float(apart @ apart)

    groups = [np.flatnonzero(wanted == g) for g in range(wanted.max() + 1)]
    last = [0.0]
    for rows in groups:
        splits = [np.array(s) for s in product([0, 1], repeat=len(rows)) if 0 < sum(s) < len(rows)]
        last += [min(cost(rows[s == 0], rows[s == 1]) for s in splits)] if splits else []
    k, sizes = len(groups), np.array([len(rows) for rows in groups], dtype=float)
    gaps = np.zeros((k, k))
    for i, j in product(range(k), repeat=2):
        if i != j:
            lack = max(last) - cost(groups[i], groups[j])
            gaps[i, j] = math.sqrt(max(0.0, lack) * (1 / sizes[i] + 1 / sizes[j]))
    orders = np.array([o for o in permutations(range(k)) if o[0] < o[-1]])
    chains = np.zeros((k, k, len(orders)))
    squares = np.zeros(len(orders))
    for width in range(1, k):
        for a in range(k - width):
            b = a + width
            steps = [chains[a, c] + chains[c, b] for c in range(a + 1, b)]
            chains[a, b] = np.max([gaps[orders[:, a], orders[:, b]], *steps], axis=0)
            squares += sizes[orders[:, a]] * sizes[orders[:, b]] * chains[a, b] ** 2
    return float(squares.min() / sizes.sum()), float(chains[0, k - 1].min())


@pytest.mark.long("impossible columns", "every proof again, over all orders on a line")
def test_impossible_columns_are_proved_again_by_enumeration() -> None:
    wanted = pd.factorize(PUBLISHED)[0]
    impossible = [cell for cell in found().patents.cells if cell.status == "impossible"]
    assert impossible
    for cell in impossible[:: scale(4, 1)]:
        z = SCALED[cell.scaling](tables()[cell.year].to_numpy())
        squares, extent = needed(z, wanted)
        assert squares <= cell.needed_squares * (1 + 1e-9)
        assert extent == pytest.approx(cell.needed_extent)
        assert squares > cell.granted_squares or extent > cell.granted_extent


def test_what_a_scaling_grants_is_what_a_column_has() -> None:
    x = np.random.default_rng(1).lognormal(size=(16, 1))
    for cell in found().patents.cells[:4]:
        z = SCALED[cell.scaling](x)[:, 0]
        assert ((z - z.mean()) ** 2).sum() <= cell.granted_squares * (1 + 1e-12)
        assert np.ptp(z) <= cell.granted_extent * (1 + 1e-12)


def test_printed_columns_give_figure_3() -> None:
    reachable = [cell for cell in found().patents.cells if cell.status == "reachable"]
    assert reachable and all(cell.column is not None for cell in reachable)
    for cell in reachable:
        shares = np.array([cell.column[code] for code in REGIONS.index])
        assert shares.min() > 0 and shares.sum() == pytest.approx(100, abs=0.01)
        labels = ward(np.hstack([tables()[cell.year], shares[:, None]]), cell.scaling)
        assert adjusted_rand_score(PUBLISHED, labels) == 1


def test_a_column_gives_figure_3_whatever_a_run_cuts_into() -> None:
    cell = next(cell for cell in found().patents.cells if cell.status == "reachable")
    setting = settings(k=6)
    made = patents.free_column(tables()[cell.year], cell.year, cell.scaling, setting)
    assert (made.status, made.column) == (cell.status, cell.column)


def test_shares_change_no_scaled_value() -> None:
    values = pd.Series([-1.0, 0.5, 3.0, 2.0])
    for scaling, column in product(SCALINGS, (values, np.exp(values))):
        if scaling == "log-zscore" and column.min() <= 0:
            continue
        shares = patents.as_shares(column, scaling)
        assert shares.sum() == pytest.approx(100, abs=1e-3) and (shares > 0).all()
        expected = SCALED[scaling](column.to_numpy()[:, None])
        np.testing.assert_allclose(SCALED[scaling](shares.to_numpy()[:, None]), expected, atol=1e-4)


def test_priors_have_their_means_and_counts_add_up() -> None:
    unknown = found().patents
    assert unknown.n_reachable + unknown.n_impossible + unknown.n_open == unknown.n_cells == 24
    assert sum(sum(kinds.values()) for kinds in unknown.by_scaling.values()) == 24
    research, people = (
        pd.Series(x, REGIONS.index) for x in np.random.default_rng(1).random((2, 16)) + 0.1
    )
    means = patents.prior_means(research, people, settings())
    assert {name: series.sum() for name, series in means.items()} == pytest.approx(
        dict.fromkeys(patents.TITLES, 1)
    )
    assert means["cities"][["KZ-AST", "KZ-ALA"]].sum() == pytest.approx(STUDY.missing["city_share"])


def test_the_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(2)
    columns, other = rng.integers(0, 5, size=(3, 9)).astype(float), pd.Series(rng.random(9))
    expected = [spearmanr(column, other).statistic for column in columns]
    np.testing.assert_allclose(patents.rank_correlation(columns, other), expected)


# --- proxies, claims, dates ------------------------------------------------------------------
def test_proxies_are_compared_in_the_same_unit() -> None:
    rows = proxies.pairs(STUDY.years)
    holders = raw("partial_rd_degree_holders").set_index(["region", "year"]).loc["KZ-ALA", 2013]
    employed = raw("employed").query("region == 'KZ-ALA' and year == 2013")["value"].item()
    row = rows.query("indicator == 'P3' and region == 'KZ-ALA' and year == 2013").iloc[0]
    assert row["words"] == pytest.approx(holders.drop("rd_personnel").sum() / employed)
    assert row["proxy"] == pytest.approx(tables()[2013].loc["KZ-ALA", "P3"])
    test = next(t for t in found().proxies if (t.indicator, t.year) == ("P3", 2013))
    part = rows.query("indicator == 'P3' and year == 2013")
    assert test.pearson == pytest.approx(np.corrcoef(part["proxy"], part["words"])[0, 1])
    rest = part[part["region"] != "KZ-ALA"]
    expected = spearmanr(rest["proxy"], rest["words"]).statistic
    assert test.spearman_without == pytest.approx(expected)
    assert [t.n for t in found().proxies if t.year is None] == [8, 8]


def test_an_exact_proxy_changes_nothing() -> None:
    setting = settings()
    same = proxies.error_of(tables()[2013], {"P3": (1.0, 1.0)}, setting)
    assert (same.unchanged, same.n_partitions, same.own_mean) == (1, 1, 1)
    wide = proxies.error_of(tables()[2013], {"P3": (0.01, 100.0)}, setting)
    assert wide.unchanged < 1 < wide.n_partitions


def test_claims_over_draws_are_those_of_single_tables() -> None:
    rng = np.random.default_rng(3)
    values = rng.lognormal(size=(20, 16, 2))
    z = np.array([zscore(table, ddof=1) for table in values])
    p = [exact_group_test(pd.DataFrame(table), [1, 4, 9]).p for table in z]
    np.testing.assert_allclose(tightness(z, [1, 4, 9]), p)
    limits = Limits(tight=0.05, partly_tight=0.25, margin=0.5, majority=0.5)
    own = replace(limits, tight=p[0] / 2, partly_tight=tightness(z, [1, 4, 9])[0])
    given = verdicts_over("close_values", values, values[:, 0], [1, 4, 9], own)
    assert given[0] == "partly"  # the limit itself is within
    national = np.ones((20, 2))
    given = verdicts_over("above_average", values, national, [1, 4], limits)
    for table, verdict in zip(values, given, strict=True):
        score = [float((table[[1, 4], c] > 1).mean()) for c in (0, 1)]
        scores = [1.0 if s == 1 else 0.5 if s > 0 else 0.0 for s in score]
        expected = "supported" if min(scores) == 1 else "partly"
        assert verdict == (expected if np.mean(scores) >= 0.5 else "not supported")


CLAIMS = concentration.concerned_claims(article.claims())


def test_claims_that_rest_on_the_two_counts_alone_are_concerned() -> None:
    asked = pd.DataFrame({"id": [*"abc"], "indicators": ["P10", "P10 P11", "P1 P2"]})
    assert concentration.concerned_claims(asked) == ("b",)


def test_a_claim_is_decided_only_where_all_points_agree() -> None:
    for claim in found().claims:
        assert sum(claim.shares.values()) == pytest.approx(1)
        assert claim.verdict == claim.by_year[str(STUDY.year)]
        if claim.verdict != concentration.UNDECIDED:
            assert list(claim.shares) == [claim.verdict]
        assert list(claim.by_year) == [str(year) for year in STUDY.years]
    keys = {(claim.claim, claim.reading, claim.values) for claim in found().claims}
    assert keys == set(product(CLAIMS, ("legal", "sme"), SETS))


def test_what_occurs_in_a_set_occurs_in_those_around_it() -> None:
    cells = pd.read_csv(paths.PROCESSED / "missing_ranges.csv")
    keys = ["reading", "year", "scaling", "columns"]
    by_set = {values: rows.set_index(keys) for values, rows in cells.groupby("values")}
    for wide, narrow in pairwise(SETS):
        outer, inner = by_set[wide], by_set[narrow].loc[by_set[wide].index]
        assert (outer["n_partitions"] >= inner["n_partitions"]).all()
        assert (outer["figure3_low"] <= inner["figure3_low"]).all()
        assert (outer["figure3_high"] >= inner["figure3_high"]).all()
        proved = outer["proved"] & (outer["n_partitions"] == 1)
        assert (inner.loc[proved, "n_partitions"] == 1).all()
    verdicts = {(c.claim, c.reading, c.values): c.verdict for c in found().claims}
    for claim, reading, (wide, narrow) in product(CLAIMS, ("legal", "sme"), pairwise(SETS)):
        outer = verdicts[claim, reading, wide]
        assert outer in (concentration.UNDECIDED, verdicts[claim, reading, narrow])


def test_dated_facts_bound_the_article() -> None:
    facts = pd.DataFrame(
        [
            ("a", "not before", "2011-11-29", "firm", "act"),
            ("b", "not before", "2013-05-01", "indicative", "report"),
            ("c", "not after", "2014-06-01", "indicative", "report"),
            ("d", "not after", "2018-06-19", "firm", "act"),
            ("e", "not before", "2010-01-01", "firm", None),
        ],
        columns=["fact", "bound", "date", "strength", "read"],
    )
    date = dates.article_date(facts, [2010, 2011, 2013, 2014])
    assert (date.earliest, date.earliest_by) == ("2011-11-29", "a")
    assert (date.latest, date.latest_firm) == ("2014-06-01", "2018-06-19")
    assert (date.admissible, date.certain) == ((2010, 2011, 2013), (2010,))
    assert (date.unread, date.same_without_unread) == (("e",), True)
    from_memory = dates.article_date(facts.assign(read=["act", "x", None, "y", "z"]), [2010])
    assert (from_memory.unread, from_memory.same_without_unread) == (("c",), False)
    assert found().date == dates.article_date(dates.read(), STUDY.years)
    assert found().date.same_without_unread  # nothing of the result rests on memory
    admissible = found().date.admissible
    assert STUDY.year in admissible
    for each in found().admissible:
        assert each.n_cells == len(admissible) * len(SCALINGS)
    assert sum(found().patents_admissible.values()) == len(admissible) * len(SCALINGS)


def test_sentences_say_what_the_findings_hold() -> None:
    missing = found()
    assert f"{missing.headline.unchanged_mean:.0%}" in text.headline_text(missing)
    assert f"in {missing.patents.n_reachable}, cannot in" in text.patents_text(missing)
    assert "after 29 November 2011 (" in text.date_text(missing.date)
    assert "less than 0.1% in P10" in text.cities_text(missing, "zscore")
    cell = missing.baseline[0]
    cells = [replace(cell, verdict=verdict) for verdict in ("depends", "no change seen")]
    said = text.cells_table(cells)["verdict"].tolist()
    assert said == ["depends", f"no change seen in {cell.n_points} points"]
    frame = text.columns_frame(missing.patents)
    assert len(frame) == missing.patents.n_reachable and list(frame)[2:] == list(REGIONS.index)


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
