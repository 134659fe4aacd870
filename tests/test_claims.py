"""The audit of the claims: known answers, by each test that a claim may have."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from claim_cases import (
    LIMITS,
    PUBLISHED,
    REGIONS,
    YEARS,
    brute_force,
    claim,
    column,
    decide,
    make_table,
    verdict,
)
from hclustkit.errors import InputError

from kzclusters.analysis import claims

# --- close values --------------------------------------------------------------------------


def test_a_planted_tight_cluster_is_found():
    assert verdict(claim("A", "close_values", "P1 P2"), make_table()) == claims.SUPPORTED


def test_a_spread_cluster_is_not():
    table = make_table()
    table.loc[["r03", "r04"], "P4"] = [-6.0, 6.0]
    assert verdict(claim("B", "close_values", "P4"), table) == claims.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (6, claims.SUPPORTED),  # 6 of the 120 pairs: p = 0.05
        (7, claims.PARTLY),
        (30, claims.PARTLY),  # p = 0.25
        (31, claims.NOT_SUPPORTED),
    ],
)
def test_the_thresholds(rank, expected):
    table = pd.DataFrame({"P1": np.random.default_rng(8).normal(size=16)}, index=REGIONS)
    pairs = sorted(
        combinations(REGIONS, 2), key=lambda pair: abs(table["P1"][pair[0]] - table["P1"][pair[1]])
    )
    published = pd.Series("Z", index=REGIONS)
    published[list(pairs[rank - 1])] = "Y"
    audit = claims.decide(
        claim("Y", "close_values", "P1"), {2013: table}, {}, published, 2013, LIMITS
    )
    row = audit.evidence[audit.evidence["level"] == "claim"].iloc[0]
    assert row["p"] == rank / 120
    assert audit.summary["verdict"].item() == expected


def test_close_values_is_decided_jointly():
    audit = decide(claim("A", "close_values", "P1 P2"), make_table())
    rows = audit.evidence[audit.evidence["year"] == 2013]
    z = (make_table()[["P1", "P2"]] - make_table()[["P1", "P2"]].mean()) / make_table()[
        ["P1", "P2"]
    ].std(ddof=1)
    joint = rows[rows["level"] == "claim"].iloc[0]
    own, tight, groups = brute_force(z, REGIONS[:3])
    assert joint["statistic"] == pytest.approx(own)
    assert joint["p"] == pytest.approx(tight / groups)
    assert (rows.loc[rows["level"] == "indicator", "p"] <= 0.2).all()


def test_units_change_nothing():
    table = make_table()
    scaled = table * [1000.0, 0.01, 3.0, 7.0] + [5.0, 0.0, -2.0, 100.0]
    asked = claim("A", "close_values", "P1 P2 P4")
    one = decide(asked, table).evidence
    other = decide(asked, scaled).evidence
    pd.testing.assert_series_equal(one["p"], other["p"])
    np.testing.assert_allclose(one["statistic"], other["statistic"], equal_nan=True)


def test_a_cluster_of_one_has_no_spread():
    audit = decide(claim("S", "close_values", "P1"), make_table())
    row = audit.summary.iloc[0]
    assert (row["verdict"], row["testable"]) == (claims.UNTESTABLE, "no")
    assert "no spread" in row["evidence"]


# --- high, low, average, above, below ------------------------------------------------------


def test_planted_high_and_low():
    table = make_table()
    assert verdict(claim("B", "high", "P3"), table, {"P3": 0.0}) == claims.SUPPORTED
    assert verdict(claim("B", "low", "P3"), table, {"P3": 0.0}) == claims.NOT_SUPPORTED
    assert verdict(claim("C", "low", "P3"), table, {"P3": 0.0}) == claims.SUPPORTED
    assert verdict(claim("C", "high", "P3"), table, {"P3": 0.0}) == claims.NOT_SUPPORTED


def test_one_of_two_conditions_is_partly():
    # both members far above the mean, one of them below the national figure
    table = column({"r03": 10.0, "r04": 4.0, "r07": 10.0, "r08": 10.0})
    assert verdict(claim("B", "high", "P1"), table, {"P1": 5.0}) == claims.PARTLY
    assert verdict(claim("B", "high", "P1"), table, {"P1": 3.0}) == claims.SUPPORTED
    assert verdict(claim("B", "low", "P1"), -table, {"P1": -5.0}) == claims.PARTLY
    assert verdict(claim("B", "low", "P1"), -table, {"P1": -3.0}) == claims.SUPPORTED
    # both above the national figure, but near the mean of the regions
    far = {"r07": 9.0, "r08": 9.0, "r09": -9.0, "r10": -9.0}
    table = column({"r03": 0.1, "r04": 0.1, **far})
    assert verdict(claim("B", "high", "P1"), table, {"P1": 0.05}) == claims.PARTLY
    assert verdict(claim("B", "high", "P1"), table, {"P1": 0.5}) == claims.NOT_SUPPORTED
    # mirrored
    assert verdict(claim("B", "low", "P1"), -table, {"P1": -0.05}) == claims.PARTLY
    assert verdict(claim("B", "low", "P1"), -table, {"P1": -0.5}) == claims.NOT_SUPPORTED


def test_a_claim_that_no_group_could_meet_is_untestable():
    # the single regions S and T draw the mean away from all others
    table = column({"r14": 90.0, "r15": 80.0, "r03": 3.0, "r04": 3.0})
    row = decide(claim("B", "high", "P1"), table, {"P1": 1.0}).summary.iloc[0]
    assert (row["verdict"], row["missing"]) == (claims.UNTESTABLE, "a yardstick within reach")
    assert verdict(claim("B", "low", "P1"), -table, {"P1": -1.0}) == claims.UNTESTABLE
    assert verdict(claim("S", "high", "P1"), table, {"P1": 1.0}) == claims.SUPPORTED
    # two others could: the members themselves need not
    table = column({"r03": 3.0, "r04": 3.0, "r07": 90.0, "r08": 80.0})
    assert verdict(claim("B", "high", "P1"), table, {"P1": 1.0}) == claims.PARTLY


def test_a_year_in_which_no_group_meets_a_claim_is_a_finding_where_another_can():
    beyond = column({"r14": 90.0, "r15": 80.0, "r03": 3.0, "r04": 3.0})
    near = column({"r03": 3.0, "r04": 3.0, "r07": 90.0, "r08": 80.0})
    asked, national = claim("B", "high", "P1"), {2013: pd.Series({"P1": 5.0})}

    def verdicts(tables, **more):
        found = claims.decide(asked, tables, national, PUBLISHED, 2013, LIMITS, **more)
        rows = found.evidence[found.evidence["level"] == "claim"]
        return dict(zip(rows["year"], rows["verdict"], strict=True))

    assert verdicts({2013: beyond}) == {2013: claims.UNTESTABLE}
    both = verdicts({2013: beyond, 2014: near})
    assert both[2013] == claims.NOT_SUPPORTED and claims.UNTESTABLE not in both.values()
    # a year that only says what could be met is not decided
    assert verdicts({2013: beyond, 2014: near}, years=[2013]) == {2013: claims.NOT_SUPPORTED}


def test_the_margin_is_half_a_standard_deviation():
    rest = np.tile([-1.0, 1.0], 7)
    for wanted, expected in ((0.51, claims.SUPPORTED), (0.49, claims.PARTLY)):
        # B at t, a counterweight keeps the mean at 0: solve for z = t / sd
        t = wanted
        for _ in range(60):
            values = np.concatenate([[t, -t], rest])
            t = wanted * values.std(ddof=1)
        published = pd.Series("Z", index=REGIONS)
        published.iloc[0] = "Y"
        table = pd.DataFrame({"P1": np.concatenate([[t, -t], rest])}, index=REGIONS)
        national = {2013: pd.Series({"P1": -9.0})}
        audit = claims.decide(
            claim("Y", "high", "P1"), {2013: table}, national, published, 2013, LIMITS
        )
        assert audit.summary["verdict"].item() == expected
        row = audit.evidence[audit.evidence["level"] == "indicator"].iloc[0]
        assert row["statistic"] == pytest.approx(wanted)


def test_average():
    table = column({"r03": 0.1, "r04": -0.1, "r14": 9.0, "r15": -9.0})
    spread = table["P1"].std(ddof=1)
    asked = claim("B", "average", "P1")
    assert verdict(asked, table, {"P1": 0.0}) == claims.SUPPORTED
    # near the mean of the regions, far from the national figure
    assert verdict(asked, table, {"P1": spread}) == claims.PARTLY
    far = column({"r03": 9.0, "r04": -9.0, "r14": 1.0})
    assert verdict(asked, far, {"P1": 0.0}) == claims.NOT_SUPPORTED
    # one region far off is enough, the other at the mean or not
    one = column({"r03": 0.0, "r04": 9.0, "r14": -9.0})
    assert verdict(asked, one, {"P1": 0.0}) == claims.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("national", "above", "below"),
    [
        (0.0, claims.SUPPORTED, claims.NOT_SUPPORTED),
        (2.0, claims.PARTLY, claims.PARTLY),
        (4.0, claims.NOT_SUPPORTED, claims.SUPPORTED),
    ],
)
def test_above_and_below_the_national_figure(national, above, below):
    table = column({"r03": 1.0, "r04": 3.0})
    assert verdict(claim("B", "above_average", "P1"), table, {"P1": national}) == above
    assert verdict(claim("B", "below_average", "P1"), table, {"P1": national}) == below


def test_the_mean_of_the_regions_replaces_the_nation():
    table = column({"r03": 1.0, "r04": 3.0})
    audit = decide(claim("B", "above_average", "P1"), table)
    row = audit.evidence[audit.evidence["level"] == "member"].iloc[0]
    assert row["reference_is"] == "mean of regions"
    assert row["reference"] == pytest.approx(table["P1"].mean())
    audit = decide(claim("B", "above_average", "P1"), table, {"P1": np.nan})
    assert set(audit.evidence["reference_is"]) == {"", "mean of regions"}


def test_a_minus_turns_the_direction():
    table = make_table()
    assert verdict(claim("C", "high", "-P3"), table, {"P3": 0.0}) == claims.SUPPORTED
    assert verdict(claim("B", "high", "-P3"), table, {"P3": 0.0}) == claims.NOT_SUPPORTED
    # the national figure is turned too: C, at -4.0 and -4.4, is not below -4.2 as a whole
    assert verdict(claim("C", "above_average", "-P3"), table, {"P3": -4.2}) == claims.PARTLY
    assert verdict(claim("C", "above_average", "-P3"), table, {"P3": -3.9}) == claims.SUPPORTED
    member = decide(claim("C", "high", "-P3"), table).evidence.iloc[0]
    # shown as measured, not turned
    assert member["value"] == table.loc[member["region"], "P3"]
    assert member["reversed"]
    assert member["z"] < 0


def test_ranks_and_z_are_those_of_the_whole_year():
    table = make_table()
    rows = decide(claim("B", "high", "P3"), table).evidence
    rows = rows[(rows["level"] == "member") & (rows["year"] == 2013)].set_index("region")
    z = (table["P3"] - table["P3"].mean()) / table["P3"].std(ddof=1)
    for region in ("r03", "r04"):
        assert rows.loc[region, "z"] == pytest.approx(z[region])
        assert rows.loc[region, "rank"] == (table["P3"] >= table.loc[region, "P3"]).sum()


def test_several_indicators_are_combined_by_the_rule():
    s, p, n = claims.SUPPORTED, claims.PARTLY, claims.NOT_SUPPORTED
    assert claims.combine([s, s, s], LIMITS.majority) == s
    assert claims.combine([s, s, p], LIMITS.majority) == p
    assert claims.combine([s, n], LIMITS.majority) == p
    assert claims.combine([p], LIMITS.majority) == p
    assert claims.combine([p, n], LIMITS.majority) == n
    assert claims.combine([s, n, n], LIMITS.majority) == n


# --- isolated, contiguous ------------------------------------------------------------------


def test_a_far_off_region_is_isolated():
    table = make_table()
    assert verdict(claim("S", "isolated", "P1 P2 P4"), table) == claims.SUPPORTED
    middle = table.copy()
    middle.loc["r15"] = middle.loc["r05"] + 0.01
    assert verdict(claim("T", "isolated", "P1 P2 P4"), middle) == claims.NOT_SUPPORTED
    with pytest.raises(InputError, match="a cluster of one region"):
        decide(claim("A", "isolated", "P1"), table)


def test_isolated_are_as_many_regions_as_are_clusters_of_their_own():
    """One here: the second farthest is not, though two clusters have two regions."""
    one = PUBLISHED.replace("T", "D")
    tables = dict.fromkeys(YEARS, column({"r14": 5.0, "r15": 11.0}))
    asked = claim("S", "isolated", "P1")
    found = claims.decide(asked, tables, {}, one, 2013, LIMITS)
    assert found.summary["verdict"].item() == claims.PARTLY
    assert verdict(asked, tables[2013]) == claims.SUPPORTED  # two of their own


def test_nearest_distances_equal_brute_force():
    scores = make_table(3)
    found = claims.nearest_distances(scores)
    for region in REGIONS:
        others = scores.drop(region)
        expected = np.sqrt(((others - scores.loc[region]) ** 2).mean(axis=1).min())
        assert found[region] == pytest.approx(expected)


def test_borders():
    asked = claim("A", "contiguous", "", needs="shared borders")
    table = make_table()
    ring = [("r00", "r01"), ("r01", "r02"), ("r02", "r00"), ("r05", "r06")]
    assert verdict(asked, table, neighbours=ring) == claims.SUPPORTED
    assert verdict(asked, table, neighbours=ring[:2]) == claims.PARTLY
    assert verdict(asked, table, neighbours=[*ring[:1], ("r02", "r09")]) == claims.NOT_SUPPORTED
    frame = pd.DataFrame(ring, columns=["region_a", "region_b"])
    row = decide(asked, table, neighbours=frame).evidence.iloc[0]
    assert (row["statistic"], row["p"]) == (1.0, 1 / 560)
    without = decide(asked, table).summary.iloc[0]
    assert (without["verdict"], without["missing"]) == (claims.UNTESTABLE, "shared borders")
    with pytest.raises(InputError, match="neighbours"):
        decide(asked, table, neighbours=[("r00", "moon")])
