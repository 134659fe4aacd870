"""The exact permutation test of a claim equals plain enumeration."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
import pytest
from claim_cases import REGIONS, brute_force, make_table
from hclustkit.errors import InputError
from hypothesis import given, settings
from hypothesis import strategies as st

from kzclusters.analysis import claims


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
