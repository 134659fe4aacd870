"""What is missing: proxies, claims over draws, dates, and the sentences about them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from missing_cases import REGIONS, SCALINGS, SETS, STUDY, found, raw, settings, tables
from scipy.stats import spearmanr, zscore

from kzclusters import paths
from kzclusters.analysis.claims import Limits, exact_group_test
from kzclusters.analysis.claims.draws import tightness, verdicts_over
from kzclusters.analysis.missing import concentration, dates, proxies, text
from kzclusters.evidence import article


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
