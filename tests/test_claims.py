"""The audit of the claims: known answers, brute force, missing data, messages."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError
from hypothesis import given, settings
from hypothesis import strategies as st

from kzclusters.analysis import claims
from kzclusters.evidence import article

REGIONS = [f"r{number:02d}" for number in range(16)]
PUBLISHED = pd.Series(
    ["A"] * 3 + ["B"] * 2 + ["C"] * 2 + ["D"] * 7 + ["S"] + ["T"], index=REGIONS, name="cluster"
)
YEARS = (2012, 2013, 2014)
LIMITS = claims.Limits(tight=0.05, partly_tight=0.25, margin=0.5, majority=0.5)


def make_table(seed: int = 0) -> pd.DataFrame:
    """Noise, with a tight cluster A, a high B, a low C and a far-off S planted in it."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(16, 4)), index=REGIONS, columns=["P1", "P2", "P3", "P4"])
    table.iloc[0:3, 0:2] = rng.normal([0.2, -0.3], 0.01, size=(3, 2))
    table.loc[PUBLISHED == "B", "P3"] = [4.0, 4.4]
    table.loc[PUBLISHED == "C", "P3"] = [-4.0, -4.4]
    table.loc["r14"] = [9.0, -9.0, 0.0, 9.0]
    return table


def claim(cluster: str, test: str, indicators: str, name: str = "C01", **more) -> pd.DataFrame:
    row = {"id": name, "cluster": cluster, "indicators": indicators, "test": test, **more}
    return pd.DataFrame([row])


def decide(asked: pd.DataFrame, table: pd.DataFrame, national: dict | None = None, **more):
    figures = {} if national is None else {year: pd.Series(national) for year in YEARS}
    return claims.decide(
        asked, dict.fromkeys(YEARS, table), figures, PUBLISHED, 2013, LIMITS, **more
    )


def verdict(*arguments, **more) -> str:
    return decide(*arguments, **more).summary["verdict"].item()


def column(values: dict[str, float], others: float = 0.0) -> pd.DataFrame:
    """One indicator ``P1`` with the given values; the rest alternate about ``others``."""
    table = pd.DataFrame({"P1": others + 0.01 * (-1.0) ** np.arange(16)}, index=REGIONS)
    for region, value in values.items():
        table.loc[region, "P1"] = value
    return table


# --- the exact permutation test ------------------------------------------------------------


def brute_force(scores: pd.DataFrame, members: list[str]) -> tuple[float, int, int]:
    def spread(group) -> float:
        part = scores.loc[list(group)].to_numpy()
        return float(((part - part.mean(axis=0)) ** 2).mean())

    own = spread(members)
    groups = list(combinations(scores.index, len(members)))
    tight = sum(spread(group) <= own + 1e-9 * (1 + own) for group in groups)
    return own, tight, len(groups)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(3, 9),
    p=st.integers(1, 4),
    m=st.integers(2, 5),
    seed=st.integers(0, 10**6),
    rounded=st.booleans(),
)
def test_permutation_equals_brute_force(n, p, m, seed, rounded):
    m = min(m, n)
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p))
    if rounded:  # whole numbers make tied groups
        values = values.round()
    scores = pd.DataFrame(values, index=[f"o{i}" for i in range(n)]).rename(columns=str)
    members = list(rng.choice(scores.index, size=m, replace=False))
    found = claims.exact_group_test(scores, members)
    own, tight, groups = brute_force(scores, members)
    assert found.statistic == pytest.approx(own, rel=1e-9, abs=1e-12)
    assert (found.at_least_as_tight, found.groups) == (tight, groups)
    assert found.groups == comb(n, m)
    assert found.p == tight / groups


def test_the_tightest_group_has_the_smallest_p():
    table = make_table()[["P1", "P2"]]
    found = claims.exact_group_test(table, REGIONS[:3])
    assert found.p == 1 / 560


def test_all_objects_are_one_group():
    assert claims.exact_group_test(make_table(), REGIONS).p == 1.0


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (["r00"], "at least 2"),
        (["r00", "r99", "r98"], "'r99' is not a row"),
        (["r00", "r00"], "more than once"),
    ],
)
def test_impossible_groups_are_refused(members, said):
    with pytest.raises(InputError, match=said):
        claims.exact_group_test(make_table(), members)


def test_too_many_groups_are_refused():
    many = pd.DataFrame({"P1": np.arange(60.0)})
    with pytest.raises(InputError, match="groups of 8"):
        claims.exact_group_test(many, list(range(8)))


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


# --- missing data --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["absent", "empty", "one cell empty"])
def test_an_indicator_that_arrives_makes_a_claim_testable(how):
    asked = claim("B", "high", "P10 P11")
    table = make_table()
    if how != "absent":
        table["P10"] = np.nan if how == "empty" else [np.nan, *range(15)]
    before = decide(asked, table).summary.iloc[0]
    assert (before["verdict"], before["testable"]) == (claims.UNTESTABLE, "no")
    assert before["missing"] == "P10; P11"
    assert (before["years_agreeing"], before["years_tested"]) == (0, 0)
    assert "P10 and P11" in before["evidence"]

    table["P10"] = make_table()["P3"]
    half = decide(asked, table).summary.iloc[0]
    assert (half["verdict"], half["testable"], half["missing"]) == (
        claims.SUPPORTED,
        "partly",
        "P11",
    )
    assert half["evidence"].endswith("No data for P11.")

    table["P11"] = make_table()["P3"]
    after = decide(asked, table).summary.iloc[0]
    assert (after["verdict"], after["testable"], after["missing"]) == (
        claims.SUPPORTED,
        "fully",
        "",
    )


def test_a_claim_without_a_series_says_what_it_needs():
    row = decide(claim("A", "none", "", needs="climate series"), make_table()).summary.iloc[0]
    assert (row["verdict"], row["missing"]) == (claims.UNTESTABLE, "climate series")


def test_empty_cells_of_the_claims_may_be_nan():
    row = decide(claim("A", "none", np.nan, needs=np.nan), make_table()).summary.iloc[0]
    assert row["verdict"] == claims.UNTESTABLE
    assert "nan" not in row["evidence"]


def test_years_are_counted():
    high = column({"r03": 9.0, "r04": 9.5})
    low = column({"r03": -9.0, "r04": -9.5, "r07": 9.0, "r08": 9.0})
    tables = {2010: high.rename(columns={"P1": "P9"}), 2011: low, 2012: high, 2013: high}
    asked = claim("B", "high", "P1")
    row = claims.decide(asked, tables, {}, PUBLISHED, 2013, LIMITS).summary.iloc[0]
    assert (row["verdict"], row["years_agreeing"], row["years_tested"]) == (claims.SUPPORTED, 2, 3)
    row = claims.decide(asked, tables, {}, PUBLISHED, 2011, LIMITS).summary.iloc[0]
    assert (row["verdict"], row["years_agreeing"], row["years_tested"]) == (
        claims.NOT_SUPPORTED,
        1,
        3,
    )
    row = claims.decide(asked, tables, {}, PUBLISHED, 2010, LIMITS).summary.iloc[0]
    assert (row["verdict"], row["years_agreeing"], row["years_tested"]) == (claims.UNTESTABLE, 0, 3)


# --- form of the answer --------------------------------------------------------------------


def test_rows_in_another_order_change_nothing():
    asked = pd.concat(
        [
            claim("A", "close_values", "P1 P2", "C01"),
            claim("B", "high", "P3", "C02"),
            claim("S", "isolated", "P1 P4", "C03"),
        ]
    )
    one = decide(asked, make_table())
    other = decide(asked, make_table().sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(one.summary, other.summary)
    pd.testing.assert_frame_equal(one.evidence, other.evidence)


def test_frames_have_their_columns_and_every_claim_and_year():
    asked = article.claims()
    published = article.published_clusters()
    rng = np.random.default_rng(5)
    codes = [f"P{number}" for number in range(1, 15)] + list(article.AUXILIARY)
    table = pd.DataFrame(rng.normal(size=(16, len(codes))), index=published.index, columns=codes)
    pairs = [("KZ-AKT", "KZ-ZAP")]
    audit = claims.decide(asked, {2013: table}, {}, published, 2013, LIMITS, neighbours=pairs)
    assert list(audit.evidence.columns) == list(claims.EVIDENCE_COLUMNS)
    assert list(audit.summary.columns) == list(claims.SUMMARY_COLUMNS)
    assert list(audit.summary["claim"]) == list(asked["id"])
    assert (audit.evidence["level"] == "claim").sum() == len(asked)
    assert set(audit.summary["verdict"]) <= set(claims.VERDICTS)
    untestable = audit.summary["verdict"] == claims.UNTESTABLE
    # with every series there, only the claims that no series bears on are left
    assert set(audit.summary.loc[untestable, "test"]) == {"none"}
    assert set(audit.summary.loc[~untestable, "testable"]) == {"fully"}


def test_names_are_used_in_sentences():
    sentence = (
        decide(claim("B", "high", "P3"), make_table(), {"P3": 0.5}, names={"r03": "Third"})
        .summary["evidence"]
        .item()
    )
    value, rank = make_table().loc["r03", "P3"], 2
    assert f"Third {value:.2f} (rank {rank} of 16, z +" in sentence
    assert "national 0.50" in sentence


def test_every_test_is_stated():
    table = claims.test_table(LIMITS)
    assert list(table["name"]) == list(claims.deciding_tests(LIMITS))
    assert not (table[["direction", "statement", "rule"]] == "").any().any()


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"test": "guess"}, "unknown test 'guess'"),
        ({"cluster": "Q"}, "no region is in 'Q'"),
        ({"indicators": ""}, "needs at least one"),
        ({"indicators": "P1 -P1"}, "more than once"),
        ({"test": "none"}, "takes none"),
    ],
)
def test_bad_claims_are_refused(change, said):
    asked = claim("B", "high", "P3").assign(**change)
    with pytest.raises(InputError, match=said):
        decide(asked, make_table())


def test_bad_input_is_refused():
    asked, table = claim("B", "high", "P3"), make_table()
    with pytest.raises(InputError, match="more than once"):
        decide(pd.concat([asked, asked]), table)
    with pytest.raises(InputError, match="'test' is missing"):
        decide(asked.drop(columns="test"), table)
    with pytest.raises(InputError, match="table of 2012: its rows are not the regions"):
        decide(asked, table.iloc[1:])
    with pytest.raises(InputError, match="column 'P3': 'much' is not a number"):
        decide(asked, table.astype(object).assign(P3="much"))
    with pytest.raises(InputError, match="P3"):
        decide(asked, table.assign(P3=1.0))
    with pytest.raises(InputError, match="baseline year 1999"):
        claims.decide(asked, {2013: table}, {}, PUBLISHED, 1999, LIMITS)
    with pytest.raises(InputError, match="exactly one cluster"):
        claims.decide(asked, {2013: table}, {}, PUBLISHED.where(PUBLISHED != "T"), 2013, LIMITS)


# --- what a picture of a claim shows --------------------------------------------------------


def test_places_are_z_scores_members_and_references():
    table = make_table()
    asked = pd.concat(
        [
            claim("A", "close_values", "P1 P2", "C01"),
            claim("B", "high", "P3 -P4", "C02"),
            claim("B", "above_average", "P3", "C03"),
            claim("B", "below_average", "P3", "C04"),
            claim("S", "isolated", "P1 P2 P3", "C05"),
            claim("S", "close_values", "P1", "C06"),
            claim("A", "none", "", "C07"),
            claim("A", "average", "P1 P9", "C08"),
            claim("B", "close_values", "P1", "C09"),
        ]
    )
    found = claims.places(asked, table, pd.Series({"P3": 1.0}), PUBLISHED, 2013, LIMITS)
    assert tuple(found.columns) == claims.PLACE_COLUMNS
    rows = found.groupby("claim", sort=False)["row"].unique()
    assert {at: list(row) for at, row in rows.items()} == {
        "C01": ["P1", "P2"],
        "C02": ["P3", "-P4"],
        "C03": ["P3"],
        "C04": ["P3"],
        "C05": [claims.NEAREST],
        "C08": ["P1"],
        "C09": ["P1"],
    }
    z = (table - table.mean()) / table.std()
    turned = found[(found["claim"] == "C02") & (found["row"] == "-P4")]
    placed = turned[turned["region"] != ""].set_index("region")
    np.testing.assert_allclose(placed["z"], -z.loc[placed.index, "P4"])
    assert set(placed.index[placed["kind"] == "member"]) == set(PUBLISHED.index[PUBLISHED == "B"])
    assert turned.loc[turned["kind"] == "mean of regions", "z"].item() == pytest.approx(0)
    national = found[(found["claim"] == "C02") & (found["kind"] == "national")]["z"].item()
    assert national == pytest.approx((1 - table["P3"].mean()) / table["P3"].std())
    bounds = found.groupby("claim")[["low", "high"]].first()
    assert bounds.loc["C02", "low"] == LIMITS.margin and np.isnan(bounds.loc["C02", "high"])
    assert bounds.loc["C03", "low"] == bounds.loc["C04", "high"] == national
    assert list(bounds.loc["C08"]) == [-LIMITS.margin, LIMITS.margin]
    assert bounds.loc[["C01", "C05"]].isna().all(axis=None)
    nearest = found[found["claim"] == "C05"].set_index("region")["z"]
    pd.testing.assert_series_equal(
        nearest.sort_index(),
        claims.nearest_distances(z[["P1", "P2", "P3"]]).sort_index(),
        check_names=False,
    )


def test_places_of_nothing_have_zero_rows():
    found = claims.places(claim("A", "high", "P9"), make_table(), None, PUBLISHED, 2013, LIMITS)
    assert found.empty and tuple(found.columns) == claims.PLACE_COLUMNS


def test_the_number_that_decided_is_given_in_short():
    table = make_table()
    asked = pd.concat(
        [
            claim("A", "close_values", "P1 P2", "C01"),
            claim("B", "high", "P3", "C02"),
            claim("B", "high", "P3 P4", "C03"),
            claim("S", "isolated", "P1", "C04"),
            claim("B", "above_average", "P3", "C05"),
            claim("A", "none", "", "C06"),
        ]
    )
    audit = decide(asked, table)
    said = audit.summary.set_index("claim")["in_short"]
    rows = audit.evidence[audit.evidence["year"] == 2013].set_index("claim")
    joint = rows[rows["level"] == "claim"]
    assert said["C01"] == f"p = {joint.at['C01', 'p']:.3f}"
    z = (table["P3"] - table["P3"].mean()) / table["P3"].std()
    assert said["C02"] == f"mean z {z[PUBLISHED == 'B'].mean():+.3f}"
    supported = (rows.loc[["C03"]].query("level == 'indicator'")["verdict"] == "supported").sum()
    assert said["C03"] == f"{supported} of 2 supported"
    assert said["C04"] == f"rank {joint.at['C04', 'rank']} of 16"
    assert said["C05"] == "100% of members above" and said["C06"] == ""
