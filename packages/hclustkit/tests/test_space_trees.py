"""Trees in which only neighbours merge: against slow definitions and scikit-learn."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pandas as pd
import pytest
from hclustkit import HierarchicalClustering, Tree, cut, linkage
from hclustkit.space import (
    Neighbours,
    largest_agreement,
    neighbours_from_pairs,
    neighbours_from_points,
)
from hclustkit.space.reach import keep_pattern
from hclustkit.tree.cut import inversions
from hclustkit.tree.linkage import LINKAGES, TIE_TOLERANCE, merges
from refusals import refused
from scale import scale
from scipy import sparse
from scipy.spatial import Delaunay
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import ward_tree
from sklearn.feature_extraction.image import grid_to_graph


def triangulated(n: int, seed: int) -> np.ndarray:
    """Return the edges of a triangulation of random points, a few of them left out."""
    rng = np.random.default_rng(seed)
    corners = Delaunay(rng.random((n, 2))).simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    return edges[rng.random(len(edges)) < 0.8]


def matrix(n: int, edges: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(n, n))


class Slow:
    """The definition: every pair of clusters that touch, compared at every stage."""

    def __init__(self, x: np.ndarray, method: str, weights: np.ndarray) -> None:
        self.d = squareform(pdist(x))
        self.x, self.method, self.w = x, method, weights
        self.halves: dict[frozenset, tuple[frozenset, frozenset]] = {}

    def middle(self, a: frozenset) -> np.ndarray:
        if self.method == "median" and a in self.halves:
            one, two = self.halves[a]
            return (self.middle(one) + self.middle(two)) / 2
        rows = sorted(a)
        return np.average(self.x[rows], axis=0, weights=self.w[rows])

    def between(self, a: frozenset, b: frozenset) -> float:
        block = self.d[np.ix_(sorted(a), sorted(b))]
        if self.method == "ward":
            p, q = self.w[sorted(a)].sum(), self.w[sorted(b)].sum()
            gap = self.middle(a) - self.middle(b)
            return float(np.sqrt(2 * p * q / (p + q) * (gap @ gap)))
        if self.method in ("centroid", "median"):
            return float(np.linalg.norm(self.middle(a) - self.middle(b)))
        if self.method == "average":
            weights = np.outer(self.w[sorted(a)], self.w[sorted(b)])
            return float((block * weights).sum() / weights.sum())
        if self.method == "weighted":
            for whole, other in ((a, b), (b, a)):
                if whole in self.halves:
                    one, two = self.halves[whole]
                    return (self.between(one, other) + self.between(two, other)) / 2
        return float(block.max() if self.method == "complete" else block.min())

    def tree(self, edges: np.ndarray) -> list[tuple[int, int, float]]:
        """Return the merges, each as the lowest cases of the two clusters and the height."""
        n = len(self.x)
        near = {frozenset(edge) for edge in edges.tolist()}
        clusters = [frozenset([i]) for i in range(n)]
        found = []
        while True:
            pairs = [
                (self.between(a, b), min(a), min(b), a, b)
                for a, b in itertools.combinations(sorted(clusters, key=min), 2)
                if any(frozenset((i, j)) in near for i in a for j in b)
            ]
            if not pairs:
                return found
            least = min(pairs)[0]
            tied = [pair for pair in pairs if pair[0] <= least * (1 + TIE_TOLERANCE) + 1e-13]
            h, i, j, a, b = min(tied, key=lambda pair: pair[1:3])
            found.append((i, j, h))
            self.halves[a | b] = (a, b)
            clusters = [c for c in clusters if c not in (a, b)] + [a | b]


def lowest_cases(Z: np.ndarray) -> list[tuple[int, int]]:
    low = list(range(len(Z) + 1))
    found = []
    for a, b in Z[:, :2].astype(int).tolist():
        i, j = sorted((low[a], low[b]))
        found.append((i, j))
        low.append(i)
    return found


@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("kind", ["distinct", "ties", "weights"])
def test_neighbours_merge_as_the_slow_definition_says(method: str, kind: str) -> None:
    for seed in range(scale(3, 60)):
        rng = np.random.default_rng(seed)
        n = 14
        x = rng.normal(size=(n, 3))
        if kind == "ties":
            x = rng.integers(0, 2, size=(n, 3)) * 0.1
        edges = triangulated(n, seed)
        weights = rng.integers(1, 4, n).astype(float) if kind == "weights" else np.ones(n)
        if kind == "weights" and method in ("weighted", "median"):
            continue  # which know no weights
        given = {"weights": weights} if kind == "weights" else {}
        Z, tied = merges(x, method, connectivity=matrix(n, edges), **given)
        wanted = Slow(x, method, weights).tree(edges)
        made = len(wanted)
        assert lowest_cases(Z)[:made] == [(i, j) for i, j, _ in wanted]
        np.testing.assert_allclose(Z[:made, 2], [h for *_, h in wanted], rtol=1e-9, atol=1e-12)
        assert np.isinf(Z[made:, 2]).all()
        assert tied.any() or kind == "distinct" or kind == "weights"
        assert Z[-1, 3] == n


@pytest.mark.parametrize("data", ["grid", "sparse", "long", "wide", "whole", "path", "dense"])
def test_ward_is_scikit_learns_constrained_ward(data: str) -> None:
    rng = np.random.default_rng(5)
    n = scale(150, 2500)
    edges = triangulated(n, 1)
    x = rng.normal(size=(n, {"long": 1, "wide": 40}.get(data, 4)))
    graph: object = matrix(n, edges)
    if data == "grid":
        side = int(n**0.5)
        n, graph = side * side, grid_to_graph(side, side)
        x = x[:n].cumsum(axis=0)
    elif data == "sparse":
        graph = neighbours_from_points(rng.random((n, 2)), k=9).matrix()
    elif data == "whole":
        graph = np.ones((n, n))
    elif data == "path":
        graph = matrix(n, np.column_stack([np.arange(n - 1), np.arange(1, n)]))
    elif data == "dense":
        graph = matrix(n, np.argwhere(rng.random((n, n)) < 0.1))
    if graph is not None and data in ("long", "wide"):
        graph = matrix(n, np.concatenate([edges, np.column_stack([np.arange(n - 1)] * 2) + [0, 1]]))
    symmetric = sparse.csr_array(graph) + sparse.csr_array(graph).T
    children, _, _, _, height = ward_tree(x, connectivity=symmetric, return_distance=True)
    Z = linkage(x, connectivity=graph)
    np.testing.assert_array_equal(np.sort(children, axis=1), Z[:, :2])
    np.testing.assert_allclose(Z[:, 2], height, rtol=1e-9)
    model = HierarchicalClustering(5, connectivity=graph).fit(x)
    assert (model.labels_ + 1 == cut(Z, 5)).all()


def test_a_complete_graph_gives_the_plain_tree() -> None:
    x = np.random.default_rng(2).normal(size=(40, 3))
    for method in LINKAGES:
        np.testing.assert_allclose(
            linkage(x, method, connectivity=np.ones((40, 40))), linkage(x, method), rtol=1e-9
        )
    d = pdist(x, "cityblock")
    np.testing.assert_allclose(
        linkage(d, "average", metric="precomputed", connectivity=np.ones((40, 40))),
        linkage(x, "average", metric="cityblock"),
        rtol=1e-9,
    )


def test_every_cluster_is_connected_and_a_repeated_row_is_a_weight() -> None:
    n = 60
    x = np.random.default_rng(3).normal(size=(n, 2))
    near = Neighbours(pd.RangeIndex(n), triangulated(n, 3), "made up")
    for method in LINKAGES:
        Z = linkage(x, method, connectivity=near)
        for k in range(len(near.components()), n + 1):
            partition = cut(Z, k)
            assert partition.max() == k
            assert (near.piece_count(partition) == 1).all()
    copies = np.repeat(np.arange(n), 2)
    edges = [(i, j) for i, j in itertools.product(range(2 * n), repeat=2) if i < j]
    pairs = {tuple(pair) for pair in near.pairs.tolist()}
    edges = [
        (i, j) for i, j in edges
        if copies[i] == copies[j] or (int(copies[i]), int(copies[j])) in pairs
    ]  # fmt: skip
    double = linkage(x[copies], connectivity=matrix(2 * n, np.array(edges)))
    heavy = linkage(x, connectivity=near, weights=np.full(n, 2.0))
    np.testing.assert_allclose(double[n:, 2], heavy[:, 2], rtol=1e-9)
    assert (cut(double, 9)[::2] == cut(heavy, 9)).all()


def test_ward_on_distances_is_ward_on_the_table() -> None:
    x = np.random.default_rng(4).normal(size=(50, 3))
    graph = matrix(50, triangulated(50, 4))
    weights = np.random.default_rng(4).integers(1, 5, 50)
    np.testing.assert_allclose(
        linkage(pdist(x), metric="precomputed", connectivity=graph, weights=weights),
        linkage(x, connectivity=graph, weights=weights),
        rtol=1e-8,
    )


# --- forests ---------------------------------------------------------------------------------
ISLANDS = [("a", "b"), ("b", "c"), ("d", "e")]
TABLE = pd.DataFrame(
    {"x": [0.0, 1.0, 3.0, 9.0, 8.0, 50.0, 51.0]}, index=["a", "b", "c", "d", "e", "far", "away"]
)


def test_parts_without_a_border_form_a_forest_whose_islands_are_named() -> None:
    near = neighbours_from_pairs(ISLANDS, TABLE.index)
    assert near.islands() == ["far", "away"]
    assert near.components() == [["a", "b", "c"], ["d", "e"], ["far"], ["away"]]
    tree = Tree.from_table(TABLE, connectivity=near)
    assert tree.neighbours is near
    assert tree.cut(4).tolist() == [1, 1, 1, 2, 2, 3, 4]
    assert tree.cut(5).tolist() == [1, 1, 2, 3, 3, 4, 5]
    assert tree.membership([4, 5])[5].tolist() == tree.cut(5).tolist()
    with refused("components", place="k", value=4) as caught:
        tree.cut(3)
    assert "far" in str(caught.value) and "away" in str(caught.value)
    for ask in (tree.schedule, tree.newick, tree.to_hclust, tree.to_json, tree.geometry, tree.draw,
                tree.cophenetic_correlation, tree.agglomerative_coefficient):  # fmt: skip
        with refused("forest", value=4):
            ask()
    assert np.isinf(tree.cophenetic()).sum() == 21 - 3 - 1
    assert cut(tree.Z, height=1.0).tolist() == [1, 1, 2, 3, 3, 4, 5]


def test_parts_are_joined_when_asked_by_the_linkage_and_last() -> None:
    named = {"a": ["b"], "b": ["c"], "c": [], "d": ["e"], "e": [], "far": [], "away": []}
    apart = Tree.from_table(TABLE, connectivity=named)
    for method in LINKAGES:
        joined = Tree.from_table(
            TABLE, method, connectivity=pd.DataFrame(ISLANDS), join_components=True
        )
        assert joined.cut(4).tolist() == apart.cut(4).tolist()
        assert joined.cut(3).tolist() == [1, 1, 1, 2, 2, 3, 3]
        assert joined.cut(2).tolist() == [1, 1, 1, 1, 1, 2, 2]
        assert len(joined.schedule()) == 6 and joined.newick().count("(") == 6
    ward = linkage(TABLE, connectivity=apart.neighbours, join_components=True)
    gap = 50.5 - TABLE["x"][:5].mean()
    assert ward[-1, 2] == pytest.approx(np.sqrt(2 * 5 * 2 / 7 * gap**2))
    with refused("connectivity-missing"):
        linkage(TABLE, join_components=True)


def test_inversions_are_listed_and_cuts_go_by_the_order_of_merges() -> None:
    # the ends of a path are far alike, its middle is apart
    x = np.array([[0.0], [10.0], [0.5]])
    Z = linkage(x, connectivity=neighbours_from_pairs([(0, 1), (1, 2)], range(3)))
    assert inversions(Z).tolist() == [1] and Z[1, 2] < Z[0, 2]
    assert cut(Z, 2).tolist() == [1, 2, 2]
    with refused("inverted-tree"):
        cut(Z, height=20.0)
    tree = Tree.from_table(x, connectivity=[[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert tree.inversions().tolist() == [1]
    assert Tree.from_table(x).inversions().tolist() == []


# --- a least size ----------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(4))
def test_a_cut_of_least_size_undoes_the_last_merges_that_may_be_undone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    x = rng.normal(size=(n, 2))
    totals = rng.integers(1, 9, n).astype(float)
    near = Neighbours(pd.RangeIndex(n), triangulated(n, seed), "made up")
    size = {"minimum": 12.0, "totals": totals}
    tree = Tree.from_table(x, connectivity=near, join_components=True, **size)
    most = 0
    for k in range(1, n + 1):
        try:
            found = tree.cut(k, **size)
        except Exception as error:
            assert getattr(error, "rule", "") == "minimum"
            assert error.value == most
            break
        most = k
        assert found.max() == k
        assert pd.Series(totals).groupby(found).sum().min() >= 12
        assert set(map(frozenset, pd.Series(range(n)).groupby(found).groups.values())) <= {
            frozenset(tree.members(node)) for node in range(2 * n - 1)
        }
    assert most > 3
    assert (tree.cut(most, **size) == tree.cut(most)).all()
    plain = Tree.from_table(x, connectivity=near, join_components=True)
    assert (plain.cut(9, minimum=1) == plain.cut(9)).all()


@pytest.mark.parametrize("seed", range(scale(3, 40)))
def test_clusters_below_the_least_size_merge_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 25
    x, totals = rng.normal(size=(n, 2)), rng.integers(1, 9, n).astype(float)
    edges = triangulated(n, seed)
    Z = linkage(x, connectivity=matrix(n, edges), minimum=9, totals=totals)
    slow, near = Slow(x, "ward", np.ones(n)), {frozenset(edge) for edge in edges.tolist()}
    clusters = [frozenset([i]) for i in range(n)]
    for i, j in lowest_cases(Z)[: np.isfinite(Z[:, 2]).sum()]:  # a forest joins its trees last
        pairs = [
            (slow.between(a, b), min(a), min(b), a, b, min(totals[[*a]].sum(), totals[[*b]].sum()))
            for a, b in itertools.combinations(sorted(clusters, key=min), 2)
            if any(frozenset((p, q)) in near for p in a for q in b)
        ]
        small = [pair for pair in pairs if pair[-1] < 9]
        _, low, high, a, b, _ = min(small or pairs)
        assert (i, j) == (low, high)
        clusters = [c for c in clusters if c not in (a, b)] + [a | b]


def test_a_least_size_that_a_part_cannot_reach_is_refused() -> None:
    tree = Tree.from_table(TABLE, connectivity=neighbours_from_pairs(ISLANDS, TABLE.index))
    with refused("minimum", value=0):
        tree.cut(4, minimum=2)
    with refused("k-or-height"):
        tree.cut(height=1.0, minimum=2)
    with refused("totals"):
        tree.cut(4, minimum=2, totals=[1])


# --- refused ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("graph", "rule"),
    [
        (np.ones((3, 3)), "connectivity-shape"),
        (np.full((7, 7), -1.0), "connectivity-value"),
        (np.full((7, 7), np.nan), "connectivity-value"),
        ("queen", "connectivity-kind"),
        (pd.DataFrame([("a", "a")]), "own-neighbour"),
        (pd.DataFrame([("a", "zz")]), "unmatched-names"),
        ({"a": ["b"]}, "unmatched-names"),
        (neighbours_from_pairs([], "abcdefh"), "unmatched-names"),
    ],
)
def test_neighbours_that_do_not_fit_are_refused(graph: object, rule: str) -> None:
    with refused(rule):
        linkage(TABLE, connectivity=graph)


@pytest.mark.parametrize(
    ("objects", "n", "rule"), [(3, 4, "same-objects"), (5, 4, "same-objects"), (25, 25, "too-many")]
)
def test_agreement_is_sought_for_the_same_and_not_too_many_objects(objects, n, rule) -> None:
    path = neighbours_from_pairs(list(itertools.pairwise(range(n))), range(n))
    with refused(rule, place="partition", value=objects):
        largest_agreement([1] * objects, path, 2)


def test_every_set_of_signs_of_a_pattern_is_drawn() -> None:
    """Three of four eigenvectors of a path are not constant: 8 tables, which have one mean."""
    path, rng = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4)), np.random.default_rng(1)
    made = np.array([keep_pattern([[1.0], [2.0], [4.0], [9.0]], path, rng) for _ in range(200)])
    different = np.unique(made.round(9), axis=0)
    assert len(different) == 8
    np.testing.assert_allclose(different.mean(axis=0), 4)


def test_labels_are_matched_in_any_order_and_misspelled_ones_shown_both_ways() -> None:
    near = neighbours_from_pairs(ISLANDS, TABLE.index[::-1])
    assert (
        linkage(TABLE, connectivity=near)
        == linkage(TABLE, connectivity=neighbours_from_pairs(ISLANDS, TABLE.index))
    ).all()
    with refused("unmatched-names") as caught:
        near.take(["a", "b", "c", "d", "e", "Far", "awai"])
    assert caught.value.value == {
        "table": {"Far": "far", "awai": "away"},
        "neighbours": {"far": "Far", "away": "awai"},
    }


@pytest.mark.long("constrained Ward", "half of scikit-learn's time at 3,025 and 50,176 cells")
def test_constrained_ward_takes_half_of_scikit_learns_time() -> None:
    for side in scale((55,), (55, 224)):
        x = np.random.default_rng(1).normal(size=(side * side, 14))
        graph = grid_to_graph(side, side)
        linkage(x[:100], connectivity=grid_to_graph(10, 10))
        seconds = {}
        for name, run in (
            ("ours", lambda x=x, graph=graph: linkage(x, connectivity=graph)),
            ("peer", lambda x=x, graph=graph: ward_tree(x, connectivity=graph)),
        ):
            start = time.process_time()
            run()
            seconds[name] = time.process_time() - start
        assert seconds["ours"] < seconds["peer"] / 2, seconds
