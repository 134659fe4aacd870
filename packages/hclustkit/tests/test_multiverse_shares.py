"""Shares of variance where they are known, and from their definitions."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hclustkit.multiverse import run, variance_shares
from hclustkit.multiverse.shares import explained_variance, shapley
from multiverse_cases import grid_of, long_frame, reference
from refusals import refused


@pytest.fixture(scope="module")
def result():
    frame = long_frame(seed=8, years=(2001, 2002), indicators=4)
    return run(grid_of(frame, years=[2001, 2002], min_indicators=2), frame, reference())


def with_values(result, values):
    """The result with another agreement for each specification."""
    return replace(result, specifications=result.specifications.assign(ari=values))


def conditional_variance(frame, factors, values):
    """Variance of the conditional mean given factors, each row with equal weight."""
    if not factors:
        return 0.0
    return values.groupby([frame[name] for name in factors]).transform("mean").var(ddof=0)


def test_shares_from_their_definitions(result):
    """Every order in which the factors can come, on an unbalanced grid."""
    only = result.specifications["linkage"] == "ward"
    shares = variance_shares(result, where=only)
    rows = result.specifications[only]
    described = result.describe(rows)
    names = ["year", "scaling", *result.grid.indicators]
    values = rows["ari"]
    total = values.var(ddof=0)
    worth = {
        frozenset(subset): conditional_variance(described, list(subset), values) / total
        for size in range(len(names) + 1)
        for subset in itertools.combinations(names, size)
    }
    expected = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        for place, name in enumerate(order):
            before = frozenset(order[:place])
            expected[name] += (worth[before | {name}] - worth[before]) / math.factorial(len(names))
    for name in names:
        assert shares.loc[name, "first_order"] == pytest.approx(worth[frozenset([name])])
        assert shares.loc[name, "shapley"] == pytest.approx(expected[name])
        assert shares.loc[name, "total"] == pytest.approx(1 - worth[frozenset(names) - {name}])
    assert shares["shapley"].sum() == pytest.approx(1)
    assert tuple(shares.loc["linkage", ["levels", "first_order", "shapley"]]) == (1, 0, 0)
    for name in result.grid.indicators:
        presence = described[name] == "absent"
        share = values.groupby(presence).transform("mean").var(ddof=0) / total
        assert shares.loc[name, "presence"] == pytest.approx(share)
        row = shares.loc[name]
        assert row["presence"] + row["variant"] == pytest.approx(row["first_order"])
    assert shares.loc["I1", "variant"] == 0
    assert shares.loc["I2", "variant"] > 0


def test_known_shares_on_a_balanced_grid(result):
    """Main effects and an interaction, all else fixed: shares by analysis of variance."""
    table = result.specifications
    one = table["choice"] == table["choice"].iloc[0]
    assert one.sum() == 2 * 4 * 3
    year = (table["year"] == 2002).to_numpy(dtype=float) - 0.5
    scaling = table["scaling"].cat.codes.to_numpy() - 1.5
    linkage = table["linkage"].cat.codes.to_numpy() - 1.0
    values = 3 * year + scaling + 2 * year * linkage
    shares = variance_shares(with_values(result, values), where=one)
    parts = {"year": 9 / 4, "scaling": 5 / 4, "both": 4 * (1 / 4) * (2 / 3)}
    total = sum(parts.values())
    assert shares.loc["year", "first_order"] == pytest.approx(parts["year"] / total)
    assert shares.loc["scaling", "first_order"] == pytest.approx(parts["scaling"] / total)
    assert shares.loc["linkage", "first_order"] == pytest.approx(0, abs=1e-12)
    # an interaction is split evenly between those who take part in it
    half = parts["both"] / 2
    assert shares.loc["year", "shapley"] == pytest.approx((parts["year"] + half) / total)
    assert shares.loc["linkage", "shapley"] == pytest.approx(half / total)
    assert shares.loc["scaling", "shapley"] == pytest.approx(parts["scaling"] / total)
    assert shares.loc["year", "total"] == pytest.approx((parts["year"] + parts["both"]) / total)
    assert shares.loc["linkage", "total"] == pytest.approx(parts["both"] / total)
    assert shares.loc[list(result.grid.indicators), "shapley"].eq(0).all()


def test_one_factor_alone(result):
    values = (result.specifications["scaling"] == "rank").to_numpy(dtype=float)
    shares = variance_shares(with_values(result, values))
    assert shares.loc["scaling", "first_order"] == pytest.approx(1)
    assert shares.loc["scaling", "shapley"] == pytest.approx(1, abs=0.01)
    others = shares.drop(index="scaling")
    assert (others["first_order"].abs() < 1e-9).all()
    assert (others["total"].abs() < 1e-9).all()


def test_effect_of_a_variant_is_separate_from_that_of_presence(result):
    words = result.describe()["I2"]
    shares = variance_shares(with_values(result, (words != "absent").to_numpy(dtype=float)))
    assert shares.loc["I2", "presence"] == pytest.approx(1)
    assert shares.loc["I2", "variant"] == pytest.approx(0, abs=1e-9)
    # two variants, equally frequent, on either side of the absent
    values = words.map({"absent": 0, "main": 1, "other": -1}).to_numpy(dtype=float)
    shares = variance_shares(with_values(result, values))
    assert shares.loc["I2", "variant"] == pytest.approx(1)
    assert shares.loc["I2", "presence"] == pytest.approx(0, abs=1e-9)


def test_explained_by_every_set_of_factors():
    rng = np.random.default_rng(3)
    levels = [2, 3, 4]
    codes = np.column_stack([rng.integers(0, count, size=60) for count in levels])
    values = rng.normal(size=60)
    frame = pd.DataFrame(codes, columns=list("abc"))
    worth = explained_variance(codes, levels, values)
    for bits in range(8):
        names = [name for place, name in enumerate("abc") if bits >> place & 1]
        expected = 60 * conditional_variance(frame, names, pd.Series(values))
        assert worth[bits] == pytest.approx(expected, abs=1e-12)


def test_shapley_of_the_glove_game():
    """One left glove, two right ones: 2/3, 1/6, 1/6."""
    worth = np.array([float(c & 1 and c & 6 != 0) for c in range(8)])
    assert shapley(worth) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_deterministic_and_other_value(result):
    one, other = variance_shares(result, value="vi"), variance_shares(result, value="vi")
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert one["shapley"].sum() == pytest.approx(1)
    with refused("unknown-name", place="value"):
        variance_shares(result, value="size")
    with refused("constant-value", place="value"):
        variance_shares(with_values(result, 0.5))
