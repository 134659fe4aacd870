"""Answers to claims: missing data, their form, their pictures, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from claim_cases import LIMITS, PUBLISHED, claim, column, decide, make_table
from hclustkit.errors import InputError

from kzclusters.analysis import claims
from kzclusters.evidence import article

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
