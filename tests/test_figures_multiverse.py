"""Figures of the multiverse: every value once, shares as they are."""

from __future__ import annotations

import re

import figure_cases
import numpy as np
import pandas as pd
import pytest
from figure_cases import LABELS, multiverse_tables, strings
from hclustkit.draw import style
from hclustkit.errors import InputError

from kzclusters import figures
from kzclusters.figures import multiverse_figures

z = figure_cases.z
tree = figure_cases.tree
clusters = figure_cases.clusters
order = figure_cases.order
published = figure_cases.published
schedule = figure_cases.schedule
content = figure_cases.content
drawn = figure_cases.drawn


def test_bins_hold_every_value_once():
    table = multiverse_figures.bin_counts([0.0, 0.1, 0.25, 1.0], [0, 0.25, 0.5, 1], group="ward")
    assert table.columns.tolist() == ["group", "left", "right", "count"]
    assert table["count"].tolist() == [2, 1, 1]
    with pytest.raises(InputError, match="outside"):
        multiverse_figures.bin_counts([2.0], [0, 1])
    with pytest.raises(InputError, match="rise"):
        multiverse_figures.bin_counts([0.5], [0, 0])


def test_thinning_keeps_counts_order_and_shares(published):
    tables = multiverse_tables(published)
    curve, shares = tables["curve"], tables["shares"]
    assert curve["specifications"].sum() == 3000 and len(curve) == 40
    assert (curve["high"].to_numpy()[:-1] <= curve["low"].to_numpy()[1:]).all()
    total = shares.groupby(["dimension", "bin"])["share"].sum()
    np.testing.assert_allclose(total, 1)
    overall = shares.drop_duplicates(["dimension", "option"]).set_index(["dimension", "option"])
    assert overall.loc[("year", "2012"), "overall"] == (tables["choices"]["year"] == 2012).mean()
    weighted = (shares["share"] * 75).groupby([shares["dimension"], shares["option"]]).sum()
    np.testing.assert_allclose(weighted, overall["overall"].sort_index() * 3000)
    assert curve["baseline"].sum() == 1
    row = curve[curve["baseline"]].iloc[0]
    assert row["low"] <= tables["agreement"][5] <= row["high"]
    _, fewer = multiverse_figures.specification_bins(
        tables["agreement"], tables["choices"], omit=("absent",)
    )
    assert "absent" not in set(fewer["option"])


def test_thinning_makes_no_pattern_of_the_order_of_ties():
    """With all specifications tied, every bin has the composition of the whole grid."""
    agreement = pd.Series([0.5] * 60 + [0.9] * 20)
    choices = pd.DataFrame({"year": [2010] * 30 + [2011] * 30 + [2010] * 5 + [2011] * 15})
    curve, shares = multiverse_figures.specification_bins(agreement, choices, bins=8, baseline=0)
    of_2010 = shares[shares["option"] == "2010"].set_index("bin")["share"]
    np.testing.assert_allclose(of_2010, [0.5] * 6 + [0.25] * 2)
    assert curve["specifications"].tolist() == [10] * 8
    assert curve.index[curve["baseline"]].tolist() == [2]  # the middle of the bins 0 to 5


def test_agreement_distribution_shares_and_baseline(drawn, published):
    histogram = multiverse_tables(published)["histogram"]
    axes = drawn["agreement_distribution"].axes
    assert len([a for a in axes if a.patches]) == 2
    part = histogram[histogram["group"] == "ward"]
    heights = [patch.get_height() for patch in axes[0].patches]
    np.testing.assert_allclose(heights, part["count"] / part["count"].sum())
    assert any("baseline 0.50" in text for text in strings(drawn["agreement_distribution"]))


def test_specification_curve_has_a_row_for_every_option(drawn):
    lower = drawn["specification_curve"].axes[1]
    labels = [label.get_text() for label in lower.get_yticklabels()]
    assert labels[:2] == ["year: 2010", "year: 2011"] and len(labels) == 6 + 2 + 3
    assert "3,000 specifications in 40 bins" in lower.get_xlabel()


def test_coassociation_is_ordered_by_the_published_clusters(published):
    matrix = pd.DataFrame(0.25, LABELS, LABELS)
    shuffled = published.sample(frac=1, random_state=1)
    figure = figures.coassociation_pair(matrix, shuffled)
    left, right = figure.axes[:2]
    block = left.collections[0].get_array().reshape(16, 16)
    expected = np.kron(np.eye(8), np.ones((2, 2)))
    off = ~np.eye(16, dtype=bool)
    np.testing.assert_array_equal(block[off], expected[off])
    assert sum(text.get_text() == "25" for text in right.texts) == 16 * 15


def test_recovery_prints_shares_without_rounding_to_nothing(published):
    numerals = sorted(published.unique(), key=style.from_roman)
    table = pd.DataFrame(
        {
            "cluster": numerals,
            "linkage": "ward",
            "share": [0, 0.0001, 0.5, 0.9999, 1, 0.1, 0.2, 0.3],
        }
    )
    found = strings(figures.recovery_bars(table, published))
    assert {"0%", "under 0.1%", "50.0%", "over 99.9%", "100%"} <= set(found)
    assert not re.search(r"\d\s%", " ".join(found)), "English has no space before the sign"
    with pytest.raises(InputError):
        figures.recovery_bars(table.iloc[1:], published)


def test_null_shares_mark_what_cannot_hold_the_real_grouping(published):
    tables = multiverse_tables(published)
    figure = figures.null_shares(tables["sets"], tables["surrogates"], 0.8)
    found = strings(figure)
    assert {"all", "every cluster in one piece \N{DAGGER}", "4,996", "real: 0.800"} <= set(found)
    rows = figure.axes[0]
    assert [len(line.get_xdata()) for line in rows.lines] == [2, 2] and rows.get_xscale() == "log"


def test_missing_columns_are_named(published, clusters):
    tables = multiverse_tables(published)
    leave = tables["leave"].drop(columns="kind")
    variance = tables["variance"].drop(columns="shapley")
    histogram = tables["histogram"].drop(columns="count")
    for call, column in (
        (lambda: figures.leave_out_plot(leave, 0.5), "kind"),
        (lambda: figures.variance_share_bars(variance), "shapley"),
        (lambda: figures.agreement_distribution(histogram), "count"),
        (lambda: figures.noise_survival_plot(pd.DataFrame({"level": [0.1]}), clusters), "cluster"),
        (lambda: figures.scree(pd.DataFrame({"stage": [1]})), "coefficient"),
    ):
        with pytest.raises(InputError, match=repr(column)):
            call()
