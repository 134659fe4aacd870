"""The compiled trees against scipy, against R, and against the rule for ties."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.tree import kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

REFERENCE = Path(__file__).parent / "reference"
MONOTONE = ("ward", "average", "complete", "single", "weighted")


def tree(d, method):
    """Merges and heights of the compiled loop for a matrix of plain distances."""
    n = len(d)
    merge_a, merge_b = np.empty(n - 1, dtype=np.int64), np.empty(n - 1, dtype=np.int64)
    height = np.empty(n - 1)
    given_d = d**2 if method in kernels.SQUARED_METHODS else d.copy()
    kernels.lance_williams_tree(given_d, kernels.method_code(method), merge_a, merge_b, height)
    return merge_a, merge_b, height


def sets_of_scipy(z):
    clusters = [frozenset([case]) for case in range(len(z) + 1)]
    for left, right in z[:, :2].astype(int):
        clusters.append(clusters[left] | clusters[right])
    return clusters[len(z) + 1 :]


def sets_of_merges(merge_a, merge_b):
    clusters = {case: frozenset([case]) for case in range(len(merge_a) + 1)}
    found = []
    for a, b in zip(merge_a.tolist(), merge_b.tolist(), strict=True):
        assert a == min(clusters[a]) < b == min(clusters[b])
        clusters[a] |= clusters.pop(b)
        found.append(clusters[a])
    return found


def in_order_of_first_case(labels):
    return pd.factorize(np.asarray(labels))[0]


@pytest.mark.parametrize("method", kernels.METHOD_CODES)
@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.integers(1, 6), st.integers(0, 10**6))
def test_tree_is_that_of_scipy(method, n, p, seed):
    values = np.random.default_rng(seed).normal(size=(n, p))
    z = linkage(values, method)
    merge_a, merge_b, height = tree(squareform(pdist(values)), method)
    np.testing.assert_allclose(height, z[:, 2], rtol=1e-9, atol=1e-12)
    assert sets_of_merges(merge_a, merge_b) == sets_of_scipy(z)


@pytest.mark.parametrize("method", MONOTONE)
def test_cuts_are_those_of_scipy(method):
    values = np.random.default_rng(4).normal(size=(25, 3))
    merge_a, merge_b, _ = tree(squareform(pdist(values)), method)
    z = linkage(values, method)
    ks = np.arange(1, 26)
    labels = np.empty((1, 25, 25), dtype=np.int64)
    kernels.cuts_of_trees(merge_a[None], merge_b[None], ks, labels)
    for k in ks:
        expected = in_order_of_first_case(fcluster(z, k, "maxclust"))
        assert expected.max() == k - 1
        assert (labels[0, k - 1] == expected).all()


@pytest.mark.parametrize(
    ("method", "name"),
    [("ward", "ward.D2"), ("average", "average"), ("complete", "complete"), ("single", "single")],
)
@pytest.mark.parametrize("dataset", ["states16x14", "usarrests", "mtcars", "ruspini"])
def test_heights_are_those_of_r(dataset, method, name):
    table = pd.read_csv(REFERENCE / "data" / f"{dataset}_used.csv", index_col=0)
    merges = pd.read_csv(REFERENCE / "hclust_merge_height.csv")
    rows = merges[(merges["dataset"] == dataset) & (merges["method"] == name)]
    assert len(rows) == len(table) - 1
    _, _, height = tree(squareform(pdist(table.to_numpy())), method)
    np.testing.assert_allclose(height, rows["height"], rtol=1e-11, atol=1e-12)


def slow_tree(d, method):
    """All pairs looked at anew at every stage; the lowest pair wins a tie."""
    points = {case: [case] for case in range(len(d))}
    between = {"average": np.mean, "complete": np.max, "single": np.min}[method]
    merges = []
    while len(points) > 1:
        pairs = [
            (between(d[np.ix_(points[a], points[b])]), a, b)
            for a in points
            for b in points
            if a < b
        ]
        height, a, b = min(pairs)
        points[a] += points.pop(b)
        merges.append((a, b, height))
    return merges


@pytest.mark.parametrize("method", ["complete", "single", "average"])
@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.integers(1, 4), st.integers(0, 10**6))
def test_ties_go_to_the_lowest_pair(method, n, high, seed):
    # distances 1..high tie everywhere; complete and single linkage compute nothing, and
    # averages of these small whole numbers are compared exactly only where they are exact
    upper = np.random.default_rng(seed).integers(1, high + 1, size=(n, n)).astype(float)
    d = np.triu(upper, 1) + np.triu(upper, 1).T
    if method == "average":
        d[:] = 1.0
        np.fill_diagonal(d, 0.0)
    merge_a, merge_b, height = tree(d, method)
    assert list(zip(merge_a, merge_b, height, strict=True)) == slow_tree(d, method)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MONOTONE), st.integers(2, 30), st.integers(0, 10**6))
def test_heights_never_fall_even_with_duplicates(method, n, seed):
    values = np.random.default_rng(seed).integers(0, 3, size=(n, 2)) / 3
    _, _, height = tree(squareform(pdist(values)), method)
    assert (np.diff(height) >= 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(0, 10**6))
def test_single_linkage_heights_do_not_depend_on_ties(n, seed):
    values = np.random.default_rng(seed).integers(0, 4, size=(n, 2)) / 3
    _, _, height = tree(squareform(pdist(values)), "single")
    assert (height == linkage(pdist(values), "single")[:, 2]).all()


def test_many_trees_at_once_leave_their_matrices():
    rng = np.random.default_rng(8)
    matrices = np.array([squareform(pdist(rng.normal(size=(10, 3))) ** 2) for _ in range(5)])
    before = matrices.copy()
    merge_a, merge_b = np.empty((5, 9), dtype=np.int64), np.empty((5, 9), dtype=np.int64)
    height = np.empty((5, 9))
    kernels.trees_of_distances(matrices, kernels.WARD, merge_a, merge_b, height)
    assert (matrices == before).all()
    for b in range(5):
        one_a, one_b, one_height = tree(np.sqrt(before[b]), "ward")
        assert (merge_a[b] == one_a).all() and (merge_b[b] == one_b).all()
        np.testing.assert_allclose(height[b], one_height, rtol=1e-12)


def test_weighted_distances_are_those_of_repeated_variables():
    values = np.random.default_rng(2).normal(size=(7, 4))
    weights = np.array([2.0, 0.0, 1.0, 3.0])
    d = np.empty((7, 7))
    kernels.squared_distances(np.ascontiguousarray(values.T), weights, d)
    repeated = values[:, [0, 0, 2, 3, 3, 3]]
    np.testing.assert_allclose(d, squareform(pdist(repeated, "sqeuclidean")), rtol=1e-12)
    assert (d == d.T).all() and (np.diag(d) == 0).all()


def test_unknown_method_is_named():
    with pytest.raises(InputError, match="'wards'; known: ward, average"):
        kernels.method_code("wards")


def test_without_a_place_for_the_cache_it_compiles_all_the_same(monkeypatch):
    real = numba.njit

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(kernels.numba, "njit", njit)
    assert kernels.compiled(lambda x: x + 1)(2) == 3
