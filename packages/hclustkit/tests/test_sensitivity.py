"""What missing columns could change, against scipy, scikit-learn and plain enumeration."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.scaling import standardize
from hclustkit.sensitivity import (
    best_agreement,
    column_effect,
    free_columns,
    keeps_partition,
    partitions_with,
    separation,
)
from hclustkit.sensitivity.forcing import excess, scale_column
from hclustkit.sensitivity.separation import scaling_limits
from scale import scale
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linprog, minimize
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata, zscore
from sklearn.metrics import adjusted_rand_score

SCALED = {
    "zscore": lambda x: zscore(x, ddof=1),
    "log-zscore": lambda x: zscore(np.log(x), ddof=1),
    "range": lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    "rank": lambda x: rankdata(x, axis=0),
}


def ward(values, scaling, k):
    """One partition by scipy, numbered from 0 by first case."""
    z = SCALED[scaling](np.asarray(values, dtype=float))
    return pd.factorize(fcluster(linkage(z, "ward"), k, "maxclust"))[0]


def table_of(seed, n=10, p=3):
    return pd.DataFrame(
        np.random.default_rng(seed).lognormal(size=(n, p)), index=list("abcdefghij"[:n])
    )


# --- many possible columns -------------------------------------------------------------------
@pytest.mark.parametrize("scaling", list(SCALED))
def test_each_point_is_one_clustering(scaling):
    table = table_of(1)
    drawn = np.random.default_rng(2).lognormal(size=(30, 10, 2))
    expected = [ward(np.hstack([table, x]), scaling, 4) for x in drawn]
    labels = partitions_with(table, drawn, k=4, scaling=scaling)
    assert labels.tolist() == [list(row) for row in expected]
    found = column_effect(table, drawn, k=4, scaling=scaling, counted=20)
    base = ward(table, scaling, 4)
    assert found.without.tolist() == list(base)
    assert found.unchanged == np.mean([(row == base).all() for row in expected[:20]])
    assert found.counts.sum() == 20 and (np.diff(found.counts) <= 0).all()
    assert {tuple(row) for row in found.partitions} == {tuple(row) for row in expected}


def test_changes_at_every_point_and_at_some_points_are_kept_apart():
    table = pd.DataFrame({"x": [0.0, 1.0, 10.0, 11.0]})
    drawn = np.array([[[0.0], [30.0], [0.0], [30.0]], [[0.0], [30.0], [30.0], [0.0]]])
    found = column_effect(table, drawn, k=2, scaling="none")
    always, sometimes = found.changed_pairs()
    assert found.without.tolist() == [0, 0, 1, 1] and found.unchanged == 0
    assert set(zip(*np.nonzero(np.triu(always)), strict=True)) == {(0, 1), (2, 3)}
    assert set(zip(*np.nonzero(np.triu(sometimes)), strict=True)) == {
        (0, 2), (0, 3), (1, 2), (1, 3),
    }  # fmt: skip


@pytest.mark.parametrize("scaling", ["zscore", "range", "rank"])
@pytest.mark.parametrize("n", [7, 8])
def test_scaled_columns_reach_their_limits(n, scaling):
    ends = [-1.0, *[0.0] * (n - 2), 1.0]
    halves = [0.0] * (n // 2) + [1.0] * (n - n // 2)
    scaled = [np.ravel(standardize(np.array([x]).T, scaling)) for x in (ends, halves, range(n))]
    squares = max(n * column.var() for column in scaled)
    extent = max(np.ptp(column) for column in scaled)
    assert scaling_limits(n, scaling) == pytest.approx((squares, extent), rel=1e-12)


# --- proofs over bounds ----------------------------------------------------------------------
@pytest.mark.long("proofs over bounds", "random tables, every proof against points and corners")
@pytest.mark.parametrize("scaling", [*SCALED, "none"])
def test_what_is_proved_holds_at_every_point(scaling):
    proved = 0
    for seed in range(scale(12, 60)):
        rng = np.random.default_rng(seed)
        table = table_of(seed, n=8)
        low = rng.lognormal(size=(8, 2))
        width = np.zeros((8, 2))
        width[rng.integers(8, size=2), [0, 1]] = rng.choice([0.02, 0.3, 3.0], size=2)
        high = low + width
        base = partitions_with(table, low[None], k=3, scaling=scaling)[0]
        wanted = pd.Series(base, table.index)
        points = low + rng.random((200, 8, 2)) * width
        corners = np.where(rng.random((50, 8, 2)) < 0.5, low, high)
        labels = partitions_with(table, np.concatenate([points, corners]), k=3, scaling=scaling)
        same = bool((labels == base).all())
        found = keeps_partition(table, low, high, wanted, scaling=scaling, max_boxes=32)
        assert same or not found
        proved += found
    assert proved >= 3


def test_known_values_need_no_bounds():
    table = table_of(3)
    column = np.arange(1.0, 11.0)[:, None]
    wanted = pd.Series(partitions_with(table, column[None], k=4)[0], table.index)
    assert keeps_partition(table, column, column, wanted)
    other = wanted.iloc[::-1].set_axis(table.index)
    assert not keeps_partition(table, column, column, other)
    none = np.empty((10, 0))
    alone = pd.Series(partitions_with(table, none[None], k=4)[0], table.index)
    assert keeps_partition(table, none, none, alone)
    assert not keeps_partition(table, none, none, other)


@pytest.mark.parametrize(
    ("low", "high", "scaling", "rule"),
    [
        (np.ones((10, 1)), np.ones((9, 1)), "zscore", "shape"),
        (np.full((10, 1), 2.0), np.ones((10, 1)), "zscore", "bounds"),
        (np.zeros((10, 1)), np.ones((10, 1)), "log-zscore", "positive"),
        (np.ones((10, 1)), np.full((10, 1), np.inf), "rank", "bounds"),
    ],
)
def test_bounds_that_are_none(low, high, scaling, rule):
    wanted = pd.Series(range(10), table_of(1).index)
    with pytest.raises(InputError) as caught:
        keeps_partition(table_of(1), low, high, wanted, scaling=scaling)
    assert caught.value.rule == rule


# --- no column can do it ---------------------------------------------------------------------
def by_orders(found, sizes):
    """Smallest sum of squares and extent over all orders on the line, by scipy's solvers."""
    k = len(sizes)
    squares, extent = np.inf, np.inf
    for order in permutations(range(k)):
        if order[0] > order[-1]:
            continue
        rows = [(order[a], order[b]) for a, b in combinations(range(k), 2)]
        rows = [(i, j) for i, j in rows if found.gaps[i, j] > 0]
        matrix = np.zeros((len(rows), k))
        for at, (i, j) in enumerate(rows):
            matrix[at, [i, j]] = -1, 1
        gaps = np.array([found.gaps[pair] for pair in rows])
        held = {"type": "ineq", "fun": lambda m, a=matrix, g=gaps: a @ m - g}
        solved = minimize(
            lambda m: sizes @ m**2,
            np.argsort(order) * 3.0,
            jac=lambda m: 2 * sizes * m,
            constraints=[held] if rows else [],
            options={"maxiter": 300},
        )
        squares = min(squares, solved.fun) if solved.success else squares
        # variables: the means, the lowest and the highest
        ends = np.zeros((2 * k, k + 2))
        for i in range(k):
            ends[i, [i, k]] = -1, 1
            ends[k + i, [i, k + 1]] = 1, -1
        above = np.vstack([np.hstack([-matrix, np.zeros((len(rows), 2))]), ends])
        cost = np.zeros(k + 2)
        cost[k:] = -1, 1
        limits = np.concatenate([-gaps, np.zeros(2 * k)])
        extent = min(extent, linprog(cost, above, limits, bounds=(None, None)).fun)
    return squares, extent


@pytest.mark.parametrize("seed", range(3))
def test_least_squares_and_extent_are_those_over_all_orders(seed):
    z = standardize(table_of(seed, n=8)).to_numpy()
    wanted = np.random.default_rng(seed).permutation([0, 0, 0, 1, 1, 2, 2, 3])
    wanted = pd.factorize(wanted)[0]
    found = separation(z, wanted, "zscore")
    sizes = np.bincount(wanted).astype(float)
    squares, extent = by_orders(found, sizes)
    assert found.least_squares == pytest.approx(squares, rel=1e-4)
    assert found.least_extent == pytest.approx(extent, rel=1e-6)
    assert found.without_order <= found.least_squares * (1 + 1e-9)
    assert sizes @ found.means**2 == pytest.approx(found.least_squares)


@pytest.mark.long("proofs that no column does", "random tables, every proof against random columns")
@pytest.mark.parametrize("scaling", list(SCALED))
def test_a_column_that_does_it_is_never_called_impossible(scaling):
    reached = impossible = 0
    for seed in range(scale(25, 200)):
        rng = np.random.default_rng([7, seed])
        table = table_of([7, seed], n=7, p=int(rng.integers(1, 5)))
        drawn = rng.lognormal(sigma=2, size=(400, 7, 1))
        wanted = pd.factorize(rng.permutation([0, 0, 1, 1, 2, 2, 2]))[0]
        labels = partitions_with(table, drawn, k=3, scaling=scaling)
        hit = (labels == wanted).all(axis=1)
        found = separation(standardize(table, scaling).to_numpy(), wanted, scaling)
        impossible += found.impossible
        if hit.any():
            reached += 1
            assert not found.impossible
            x = standardize(drawn[hit.argmax()], scaling)[:, 0]
            means = np.array([x[wanted == g].mean() for g in range(3)])
            assert (np.abs(means[:, None] - means) >= found.gaps - 1e-9).all()
    assert reached and impossible


def test_a_scaling_without_limits_has_no_proof():
    with pytest.raises(InputError) as caught:
        separation(np.eye(3), np.array([0, 0, 1]), "none")
    assert (caught.value.rule, caught.value.value) == ("unbounded-scaling", "none")


# --- columns that do it ----------------------------------------------------------------------
def test_the_excess_is_zero_only_where_the_method_gives_the_partition():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(300):
        z = rng.standard_normal((6, 2))
        wanted = pd.factorize(rng.permutation([0, 0, 1, 1, 2, 2]))[0].astype(np.int64)
        squares = squareform(pdist(z[:, :1], "sqeuclidean"))
        cost = excess(squares, z[:, 1:].T.copy(), wanted, 3, np.empty((6, 6)), np.empty(6))
        given = pd.factorize(fcluster(linkage(z, "ward"), 3, "maxclust"))[0]
        assert cost > 0 or (given == wanted).all()
        hits += cost == 0
    assert hits


@pytest.mark.parametrize(("code", "scaling"), list(enumerate(["zscore", "range", "rank"])))
def test_the_compiled_scalings_are_those_of_the_package(code, scaling):
    x = np.array([3.0, 1.0, 1.0, 8.0, 5.5])
    scaled = x.copy()
    scale_column(scaled, code)
    np.testing.assert_allclose(scaled, standardize(x[:, None], scaling)[:, 0], rtol=1e-14)


@pytest.mark.parametrize("scaling", list(SCALED))
def test_columns_that_are_found_give_the_partition(scaling):
    table = table_of(11, n=8, p=2)
    wanted = pd.Series([0, 1, 2, 3, 0, 1, 2, 3], table.index)
    found = free_columns(table, wanted, seed=3, scaling=scaling, starts=20, moves=1000)
    assert found.columns is not None
    assert (found.status == "reachable") == (found.columns.shape[1] == 1)
    assert found.n_least <= found.columns.shape[1]
    assert ward(np.hstack([table, found.columns]), scaling, 4).tolist() == wanted.tolist()
    again = free_columns(table, wanted, seed=3, scaling=scaling, starts=20, moves=1000)
    pd.testing.assert_frame_equal(found.columns, again.columns)


def test_a_row_without_a_cluster_is_named():
    with pytest.raises(InputError) as caught:
        free_columns(table_of(1), pd.Series({"a": 1}), seed=1)
    assert (caught.value.rule, caught.value.value) == ("missing-cluster", "b")


@pytest.mark.parametrize("start", [np.zeros(10), np.ones(9)])
def test_a_start_is_positive_and_has_a_value_for_every_row(start):
    with pytest.raises(InputError) as caught:
        best_agreement(table_of(1), pd.Series(0, table_of(1).index), seed=1, start=start)
    assert caught.value.rule == "positive"


@pytest.mark.parametrize("k", [1, 10])
def test_trivial_partitions_are_reachable(k):
    table = table_of(2)
    wanted = pd.Series(np.arange(10) % k, table.index)
    found = free_columns(table, wanted, seed=1, starts=1, moves=1)
    assert (found.status, found.excess, found.separation.least_squares) == ("reachable", 0, 0)


def test_the_best_agreement_is_that_of_its_column_and_obeys_the_condition():
    table = table_of(4)
    wanted = pd.Series([0, 1, 2, 0, 1, 2, 0, 1, 2, 0], table.index)
    choices = {"seed": 2, "rounds": 6, "size": 100}
    for accept in (None, lambda columns: columns[:, 0] > columns[:, 1]):
        index, column = best_agreement(table, wanted, accept=accept, **choices)
        labels = ward(np.hstack([table, column[:, None]]), "zscore", 3)
        assert index == pytest.approx(adjusted_rand_score(wanted, labels))
        assert accept is None or column[0] > column[1]
    none = best_agreement(table, wanted, accept=lambda columns: columns[:, 0] < 0, **choices)
    assert none[0] == -np.inf


@pytest.mark.parametrize("scaling", ["zscore", "range", "rank", "log-zscore"])
def test_the_search_for_a_column_does_not_hang_on_the_last_bit(scaling):
    """Two orders of the clusters can be equally good, and random moves follow every bit."""
    rng = np.random.default_rng(41)
    x = np.exp(rng.normal(size=(9, 3)))
    wanted = pd.Series([0, 0, 1, 1, 2, 2, 3, 3, 4])
    first = free_columns(pd.DataFrame(x), wanted, seed=3, scaling=scaling, moves=400, starts=3)
    for _ in range(4):
        near = np.nextafter(x, x * rng.choice([0.5, 2.0], size=x.shape))
        again = free_columns(
            pd.DataFrame(near), wanted, seed=3, scaling=scaling, moves=400, starts=3
        )
        assert again.status == first.status and again.excess == first.excess
        assert (again.columns is None) == (first.columns is None)
        if first.columns is not None:
            assert again.columns.equals(first.columns)
