"""Cuts that keep their word: sizes, heights, inversions (needs 3 and 18), and given distances."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import scipy.cluster.hierarchy as sch
from hclustkit import Tree, cut, linkage, uniqueness
from hclustkit.compare import fowlkes_mallows_bk
from hclustkit.draw import dendrogram
from hclustkit.programs import program_tree, why_differ
from hclustkit.ties import uniqueness_table
from hclustkit.tree.linkage import LINKAGES
from hclustkit.validity import indices, null_for_k, silhouette
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused
from scale import scale
from scipy.spatial.distance import squareform

trees = st.tuples(st.integers(1, 9), st.integers(0, 500), st.sampled_from(LINKAGES)).map(
    lambda drawn: linkage(np.random.default_rng(drawn[1]).normal(size=(drawn[0], 2)), drawn[2])
)


def below(Z: np.ndarray) -> list[frozenset]:
    """The rows of every node."""
    rows = [frozenset([i]) for i in range(len(Z) + 1)]
    for a, b in Z[:, :2].astype(int):
        rows.append(rows[a] | rows[b])
    return rows


def clusters(labels: np.ndarray) -> set[frozenset]:
    return {frozenset(np.flatnonzero(labels == c).tolist()) for c in set(labels.tolist()) - {0}}


def antichains(Z: np.ndarray) -> list[set[frozenset]]:
    """Every set of nodes that hold each row at most once, by brute force."""
    ways: list[list[set[frozenset]]] = [[set(), {rows}] for rows in below(Z)[: len(Z) + 1]]
    nodes = below(Z)
    for t, (a, b) in enumerate(Z[:, :2].astype(int)):
        joined = [one | two for one, two in itertools.product(ways[a], ways[b])]
        ways.append([*joined, {nodes[len(Z) + 1 + t]}])
    return ways[-1]


@given(trees, st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=scale(40, 500), deadline=None)
def test_sizes_against_every_set_of_branches(Z: np.ndarray, least: int, most: int) -> None:
    n = len(Z) + 1
    fitting = [
        found for found in antichains(Z) if found and all(least <= len(c) <= most for c in found)
    ]
    assigned = max((sum(map(len, found)) for found in fitting), default=0)
    best = [found for found in fitting if sum(map(len, found)) == assigned]
    if not best:
        with refused("impossible-sizes", place="min_size"):
            cut(Z, min_size=least, max_size=most)
    else:
        labels = cut(Z, min_size=least, max_size=most)
        found = clusters(labels)
        assert found in best and (labels > 0).sum() == assigned
        if most < n:
            # as few clusters as possible
            assert len(found) == min(map(len, best))
    whole = [found for found in antichains(Z) if sum(map(len, found)) == n]
    if least <= n:
        large = [found for found in whole if min(map(len, found)) >= least]
        assert len(cut(Z, min_size=least)) == n and (cut(Z, min_size=least) > 0).all()
        assert clusters(cut(Z, min_size=least)) in large
        assert len(clusters(cut(Z, min_size=least))) == max(map(len, large))
    small = [found for found in whole if max(map(len, found)) <= most]
    assert clusters(cut(Z, max_size=most)) in small
    assert len(clusters(cut(Z, max_size=most))) == min(map(len, small))


@given(trees, st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=scale(40, 500), deadline=None)
def test_k_large_clusters_are_those_of_the_coarsest_cut(Z: np.ndarray, k: int, least: int) -> None:
    n = len(Z) + 1
    if k > n:
        return
    possible = max(
        (len(found) for found in antichains(Z) if all(len(c) >= least for c in found)), default=0
    )
    if k > possible:
        with refused("impossible-sizes", place="min_size", value=possible if least <= n else None):
            cut(Z, k, min_size=least)
        return
    labels = cut(Z, k, min_size=least)
    assert set(labels) - {0} == set(range(1, k + 1))
    assert clusters(labels) <= set(below(Z)) and min(map(len, clusters(labels))) >= least
    for j in range(1, n + 1):
        large = {c for c in clusters(cut(Z, j)) if len(c) >= least}
        if len(large) >= k:
            # where a plain cut has k large clusters first, they are these
            assert clusters(labels) == large
            break
    np.testing.assert_array_equal(cut(Z, k, min_size=1, max_size=n), cut(Z, k))


def test_sizes_with_k_and_height_by_hand() -> None:
    # 0 1 | 4 5 6 | 20: an outlier, a pair and three
    Z = linkage([[0.0], [1.0], [4.0], [5.1], [6.3], [20.0]], "single")
    assert cut(Z, 2).tolist() == [1, 1, 1, 1, 1, 2]
    assert cut(Z, 2, min_size=2).tolist() == [1, 1, 2, 2, 2, 0]
    assert cut(Z, height=3.5, min_size=2).tolist() == [1, 1, 1, 1, 1, 0]
    assert cut(Z, height=3.5, max_size=3).tolist() == [1, 1, 2, 2, 2, 3]
    assert cut(Z, 4, max_size=3).tolist() == [1, 1, 2, 2, 3, 4]
    with refused("impossible-sizes", place="max_size", value=3):
        cut(Z, 2, max_size=3)
    with refused("impossible-sizes", place="min_size", value=2):
        cut(Z, 3, min_size=2)
    for sizes in ({"min_size": 4, "max_size": 3}, {"min_size": 7}):
        with refused("impossible-sizes", place="min_size"):
            cut(Z, **sizes)
    for sizes, rule in (({"min_size": 0}, "range"), ({"max_size": 2.0}, "whole-number")):
        with refused(rule):
            cut(Z, **sizes)
    with refused("k-or-height"):
        cut(Z, 2, height=1.0, min_size=1)
    tree = Tree.from_linkage(Z, list("abcdef"))
    assert tree.cut(2, min_size=2).tolist() == [1, 1, 2, 2, 2, 0]


@pytest.mark.parametrize("method", ["centroid", "median"])
def test_a_height_in_an_inverted_tree_means_what_is_said(method: str) -> None:
    Z = linkage([[0, 0], [1, 0], [0.5, 0.9]], method)
    with refused("inverted-tree", place="merge 2", value=Z[1, 2]):
        cut(Z, height=0.95)
    # the second merge is at .9, but the one below it at 1
    assert cut(Z, height=0.95, inverted="all").tolist() == [1, 2, 3]
    assert cut(Z, height=0.95, inverted="last").tolist() == [1, 1, 1]
    assert cut(Z, height=0.5, inverted="last").tolist() == [1, 2, 3]
    assert cut(Z, height=1.0, inverted="all").tolist() == [1, 1, 1]
    with refused("unknown-name", place="inverted"):
        cut(Z, height=1.0, inverted="some")


@given(st.integers(2, 12), st.integers(0, 500), st.sampled_from(LINKAGES))
@settings(max_examples=scale(20, 300), deadline=None)
def test_heights_cut_as_they_say(n: int, seed: int, method: str) -> None:
    x = np.random.default_rng(seed).integers(0, 3, size=(n, 2)).astype(float)
    Z = linkage(x + np.arange(n)[:, None] * [0, 1e-3], method)
    for h in [*Z[:, 2].tolist(), 0.5]:
        merged = {node for t, node in enumerate(below(Z)[n:]) if Z[t, 2] <= h}
        last = clusters(cut(Z, height=h, inverted="last"))
        tops = {c for c in last if len(c) > 1}
        assert tops == {c for c in merged if not any(c < other for other in merged)}
        # in scipy's words: the largest height below each node
        expected = sch.fcluster(Z, h, "monocrit", monocrit=sch.maxdists(Z))
        same = cut(Z, height=h, inverted="all")
        assert clusters(same) == clusters(expected)


@given(st.integers(2, 12), st.integers(0, 500), st.sampled_from(LINKAGES[:5]))
@settings(max_examples=scale(8, 100), deadline=None)
def test_a_cut_by_height_has_the_colours_of_the_drawing(n: int, seed: int, method: str) -> None:
    # at the height of a merge exactly, where scipy's labels and colours part
    x = np.random.default_rng(seed).integers(0, 9, size=(n, 1)).astype(float)
    tree = Tree.from_table(x, method)
    at = tree.Z[(n - 1) // 2, 2]
    labels = pd.Series(tree.cut(height=at), tree.labels)
    figure = dendrogram(tree.Z, tree.labels, labels, scale="height", method=method)
    shown = [line for line in figure.axes[0].lines if line.get_linestyle() == "None"]
    order = [int(t.get_text()) for t in figure.axes[0].get_yticklabels()]
    drawn = {frozenset(order[round(place)] for place in line.get_ydata()) for line in shown}
    assert drawn == clusters(labels.to_numpy())
    colours = {(line.get_color(), line.get_marker()) for line in shown}
    assert len(colours) == labels.max()


def test_two_to_ten_clusters_as_far_as_there_are_rows() -> None:
    for n, expected in ((1, [1]), (2, [2]), (4, [2, 3, 4]), (12, list(range(2, 11)))):
        table = pd.DataFrame({"x": np.arange(float(n)) ** 2})
        tree = Tree.from_table(table)
        assert list(tree.membership()) == expected == uniqueness_table(table)["k"].tolist()
        assert fowlkes_mallows_bk(tree.Z, tree.Z).index.tolist() == expected
    assert set(indices(table.head(4), only=["ch"])["k"]) == {2, 3, 4}


# ------------------------------------------------------- distances taken for data (need 5)

FOUR = squareform([1.0, 2.0, 3.0, 1.5, 2.7, 0.15])


def test_a_matrix_of_distances_given_as_a_table_is_refused_with_both_readings() -> None:
    calls = [
        lambda x: linkage(x, "complete"),
        lambda x: linkage(x, "complete", metric="cityblock"),
        lambda x: linkage(x, variable_weights=[1, 2, 3, 4]),
        lambda x: linkage(x, weights=[1, 2, 3, 4]),
        Tree.from_table,
        lambda x: linkage(pd.DataFrame(x, list("abcd"), list("abcd"))),
        lambda x: linkage(x.tolist()),
        lambda x: uniqueness(x, 2),
        uniqueness_table,
        lambda x: null_for_k(x, draws=9, seed=1),
        lambda x: program_tree(x, "R.ward.D2"),
        lambda x: why_differ(x, "R.ward.D2", "SPSS.ward"),
        lambda x: silhouette(pd.DataFrame(x), [1, 1, 2, 2]),
        lambda x: indices(pd.DataFrame(x), seed=1),
    ]
    for call in calls:
        with refused("distances-or-observations", place="table", value=(4, 4)) as caught:
            call(FOUR)
        assert "precomputed" in str(caught.value) and "observations" in str(caught.value)
    assert linkage(FOUR, "complete", metric="precomputed")[:, 2].tolist() == [0.15, 1.0, 3.0]
    # read as observations, which is what scipy does without a word
    heights = linkage(np.column_stack([FOUR, np.ones(4)]), "complete")[:, 2]
    np.testing.assert_allclose(heights, [1.53, 1.58, 4.93], atol=5e-3)


def test_what_would_not_fit_is_refused_by_arithmetic() -> None:
    x = np.arange(100_000.0)[:, None]
    for call, matrices in (
        (lambda: uniqueness(x, 2), 4),
        (lambda: program_tree(x, "R.ward.D2"), 1),
        (lambda: null_for_k(x, draws=2, seed=1), 1),
    ):
        with refused("memory", place="table", value=8 * 10**10 * matrices):
            call()


def test_other_square_tables_are_taken() -> None:
    for x in (
        np.zeros((3, 3)),
        np.eye(3),
        np.array([[0.0, 1.0], [2.0, 0.0]]),
        np.array([[0.0, -1.0], [-1.0, 0.0]]),
        np.array([[0.0]]),
    ):
        assert linkage(x).shape == (len(x) - 1, 4)


def test_single_precision_that_lost_its_digits_is_warned_of() -> None:
    x = np.array([[0.0], [1.0], [3.0]])
    with pytest.warns(UserWarning, match="float32"):
        linkage((x + 1e8).astype(np.float32))
    with pytest.warns(UserWarning, match="float32"):
        linkage((x + 1e6).astype(np.float32))
    # computed in double precision, and no word where nothing is lost
    np.testing.assert_array_equal(linkage(x.astype(np.float32)), linkage(x))
    assert linkage(np.full((3, 1), 5.0, dtype=np.float32))[:, 2].tolist() == [0, 0]


def test_ward_on_distances_that_no_points_have() -> None:
    for method in ("ward", "centroid", "median"):
        with refused("euclidean-only", place="precomputed") as caught:
            linkage([1.0, 1.0, 10.0], method, metric="precomputed")
        # the centred matrix of 1, 1, 100 has the eigenvalues 50, 0 and -16
        assert caught.value.value == pytest.approx(-16)
        Z = linkage([1.0, 1.0, 10.0], method, metric="precomputed", non_euclidean=True)
        np.testing.assert_allclose(Z, sch.linkage([1.0, 1.0, 10.0], method), rtol=1e-12)
        with refused("euclidean-only", place="metric", value="cityblock"):
            linkage([[0.0], [1.0]], method, metric="cityblock")
    x = np.random.default_rng(2).normal(size=(9, 3))
    tree = Tree.from_table(x, metric="cityblock", non_euclidean=True)
    d = np.abs(x[:, None] - x).sum(axis=2)
    np.testing.assert_allclose(tree.Z, sch.linkage(squareform(d), "ward"), rtol=1e-10)
    assert tree.assign(x, 9).returned == 9
