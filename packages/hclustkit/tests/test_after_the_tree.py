"""What people need after the tree: profiles, members, numbers that stay, new rows.

The need that a test answers is named by its number in the list of needs of issue 17.
"""

from __future__ import annotations

import itertools
import statistics

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, cut, linkage, standardize
from hclustkit.compare import (
    bakers_gamma,
    cophenetic_correlation_between,
    crossings,
    entanglement,
    fowlkes_mallows_bk,
    untangle,
)
from hclustkit.distances import proximity_matrix
from hclustkit.draw import dendrogram
from hclustkit.profiles import profile
from hclustkit.tree.exports import from_hclust
from hclustkit.tree.linkage import LINKAGES
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused
from scale import scale
from scipy.spatial.distance import cdist, pdist, squareform


def table_of(n: int, p: int = 3, seed: int = 1) -> pd.DataFrame:
    x = np.random.default_rng(seed).normal(size=(n, p))
    return pd.DataFrame(x, index=[f"r{i}" for i in range(n)], columns=[f"v{j}" for j in range(p)])


# ------------------------------------------------------------------- profile (need 22)

TOWNS = pd.DataFrame(
    {"income": [10.0, 12.0, 20.0, 22.0, 36.0], "age": [30.0, 30.0, 30.0, 30.0, 30.0]},
    index=["a", "b", "c", "d", "e"],
)


def test_profile_of_five_rows_worked_by_hand() -> None:
    found = profile(TOWNS, [2, 2, 1, 1, 3])
    assert found.sizes.to_dict() == {1: 2, 2: 2, 3: 1}
    assert found.members == {1: ["c", "d"], 2: ["a", "b"], 3: ["e"]}
    assert found.means["income"].tolist() == [21.0, 11.0, 36.0]
    # squares about the mean 20: 100 + 64 + 0 + 4 + 256 = 424
    sd = (424 / 4) ** 0.5
    np.testing.assert_allclose(found.differences["income"], np.array([1, -9, 16]) / sd, rtol=1e-14)
    np.testing.assert_allclose(found.shares["income"], [2 / 424, 162 / 424, 256 / 424], rtol=1e-14)
    assert found.between()["income"] == pytest.approx(420 / 424, rel=1e-14)
    assert found.deviations["income"].tolist()[:2] == [2**0.5, 2**0.5]
    assert np.isnan(found.deviations.loc[3, "income"])
    assert found.differences["age"].isna().all() and found.shares["age"].isna().all()
    assert found.overall.loc["income"].tolist() == [20.0, sd]
    apart = found.distinguishing(2)
    assert apart[["cluster", "variable", "direction"]].to_numpy().tolist() == [
        [1, "income", "above"],
        [2, "income", "below"],
        [3, "income", "above"],
    ]
    assert len(found.table()) == 6 and found.table()["sd"].notna().sum() == 4


def test_profile_follows_labels_not_places_and_has_no_p_values() -> None:
    table = table_of(30, 4)
    clusters = Tree.from_table(table).membership([3])[3]
    one, two = profile(table, clusters), profile(table, clusters.iloc[::-1])
    pd.testing.assert_frame_equal(one.differences, two.differences, check_exact=True)
    shuffled = profile(table.iloc[::-1], clusters)
    # to the last digit, whatever the order of the rows
    for name in ("means", "deviations", "differences", "shares", "overall"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(shuffled, name), check_exact=True)
    words = " ".join(one.table().columns) + " ".join(one.distinguishing().columns)
    assert "p" not in words.split() and "p_value" not in words and "significan" not in words
    for cluster, variable in itertools.product((1, 2, 3), table):
        mine = table.loc[clusters == cluster, variable].tolist()
        assert one.means.loc[cluster, variable] == pytest.approx(statistics.fmean(mine))
        assert one.deviations.loc[cluster, variable] == pytest.approx(statistics.stdev(mine))


def test_profile_keeps_huge_numbers_and_names() -> None:
    found = profile([[1e300], [-1e300], [3e300]], ["b", "b", "a"])
    assert found.means.index.tolist() == ["b", "a"] and found.means[0].tolist() == [0.0, 3e300]
    assert np.isfinite(found.differences.to_numpy()).all()
    assert profile([[5.0]], [1]).differences.isna().all(axis=None)
    with refused("object-count"):
        profile(TOWNS, [1, 2])
    with refused("missing-cluster"):
        profile(TOWNS, [1, 2, None, 1, 1])
    with refused("missing-object"):
        profile(TOWNS, pd.Series([1, 1, 1, 1, 1], index=list("abcdx")))
    with refused("range", place="most"):
        profile(TOWNS, [1, 1, 1, 2, 2]).distinguishing(0)


# -------------------------------------------- rows, clusters, leaves, numbers (needs 7, 8)


@pytest.mark.parametrize("method", LINKAGES)
def test_the_leaf_table_is_the_drawing(method: str) -> None:
    table = table_of(25)
    tree = Tree.from_table(table, method)
    for k in (1, 4, 25):
        leaves = tree.leaf_table(k)
        assert leaves.index.tolist() == table.index.tolist()
        assert leaves["row"].tolist() == list(range(1, 26))
        assert leaves["cluster"].tolist() == tree.cut(k).tolist()
        printed = tree.leaf_order()
        if method in scale(("ward", "centroid"), LINKAGES) and k == 4:
            drawn = dendrogram(
                tree.Z, tree.labels, leaves["cluster"], method=method, scale="height"
            )
            printed = [text.get_text() for text in drawn.axes[0].get_yticklabels()]
        assert leaves.sort_values("leaf").index.tolist() == printed
        for _, part in leaves.groupby("cluster"):
            assert np.ptp(part["leaf"]) == len(part) - 1
    node_members = {frozenset(tree.members(node)) for node in range(2 * tree.n - 1)}
    for _, part in tree.leaf_table(4).groupby("cluster"):
        assert frozenset(part.index) in node_members


@given(st.integers(1, 30), st.integers(0, 1000), st.sampled_from(LINKAGES))
@settings(max_examples=scale(12, 200), deadline=None)
def test_the_larger_part_keeps_its_number(n: int, seed: int, method: str) -> None:
    x = np.random.default_rng(seed).integers(0, 4, size=(n, 2)).astype(float)
    tree = Tree.from_table(x, method)
    numbers = tree.membership(range(1, n + 1), numbering="inherited")
    plain = tree.membership(range(1, n + 1))
    for k in range(1, n + 1):
        pairs = set(zip(numbers[k], plain[k], strict=True))
        assert len(pairs) == k == numbers[k].max()  # the same partition
        if k == 1:
            continue
        changed = numbers[k] != numbers[k - 1]
        assert (numbers.loc[changed, k] == k).all()
        (divided,) = set(numbers.loc[changed, k - 1])
        parts = [changed.sum(), (numbers[k] == divided).sum()]
        assert parts[0] <= parts[1]
        if parts[0] == parts[1]:
            assert numbers.index[changed].min() > numbers.index[numbers[k] == divided].min()


def test_colours_stay_from_k_to_the_next() -> None:
    tree = Tree.from_table(table_of(20))
    numbers = tree.membership(range(2, scale(5, 8)), numbering="inherited")

    def looks(k: int) -> dict[str, tuple]:
        axes = dendrogram(tree.Z, tree.labels, numbers[k]).axes[0]
        order = [text.get_text() for text in axes.get_yticklabels()]
        marks = [line for line in axes.lines if line.get_linestyle() == "None"]
        return {
            order[round(place)]: (line.get_color(), line.get_marker())
            for line in marks
            for place in line.get_ydata()
        }

    for k in range(2, scale(4, 7)):
        before, after = looks(k), looks(k + 1)
        changed = {label for label in before if before[label] != after[label]}
        assert changed == set(numbers.index[numbers[k] != numbers[k + 1]])
    plt.close("all")


# ------------------------------------------------------------------ row weights (need 23)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=7),
    st.sampled_from(LINKAGES),
)
@settings(max_examples=scale(30, 300), deadline=None)
def test_whole_weights_are_repeated_rows_ties_included(rows: list, method: str) -> None:
    x = np.array([[value, value**2] for value, _ in rows]) * 0.1 + 1000.0
    weights = np.array([weight for _, weight in rows])
    ours = linkage(x, method, weights=weights)
    theirs = linkage(np.repeat(x, weights, axis=0), method)
    positive = theirs[theirs[:, 2] > 0, 2]
    np.testing.assert_allclose(ours[ours[:, 2] > 0, 2], positive, rtol=1e-7)
    for k in range(1, len(positive) + 2):
        np.testing.assert_array_equal(np.repeat(cut(ours, k), weights), cut(theirs, k))
    tree = Tree.from_table(x, method, weights=weights)
    np.testing.assert_array_equal(tree.Z, ours)


def test_weights_that_are_none_name_their_rule() -> None:
    for weights in ([1, 0], [1, -1], ["a", "b"], [1], [1, np.nan], [[1, 1]]):
        for metric in ("euclidean", "cityblock"):
            with refused("weights", place="weights"):
                linkage([[0.0], [1.0]], "single", metric=metric, weights=weights)


# ---------------------------------------------------------------------- new rows (need 24)


def merged_height(x: np.ndarray, members: list, new: np.ndarray, method: str) -> float:
    """The height at which a linkage joins one row with a cluster, from its definition."""
    d = cdist(x[members], new[None])[:, 0]
    match method:
        case "ward":
            n = len(members)
            return float(np.sqrt(2 * n / (n + 1)) * np.linalg.norm(x[members].mean(axis=0) - new))
        case "centroid":
            return float(np.linalg.norm(x[members].mean(axis=0) - new))
        case "average":
            return float(d.mean())
        case "complete":
            return float(d.max())
        case "single":
            return float(d.min())
    raise AssertionError(method)


@pytest.mark.parametrize("method", ["ward", "centroid", "average", "complete", "single"])
def test_new_rows_go_where_the_linkage_is_lowest(method: str) -> None:
    table, new = table_of(20), table_of(15, seed=2)
    tree = Tree.from_table(table, method)
    x, clusters = table.to_numpy(), tree.cut(4)
    heights = np.array(
        [
            [
                merged_height(x, list(np.flatnonzero(clusters == c)), row, method)
                for c in (1, 2, 3, 4)
            ]
            for row in np.vstack([new.to_numpy(), x])
        ]
    )
    found = tree.assign(new, 4)
    mine = heights[:15]
    assert found.rows["cluster"].tolist() == (mine.argmin(axis=1) + 1).tolist()
    np.testing.assert_allclose(found.rows["distance"], mine.min(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.rows["next_distance"], np.sort(mine)[:, 1], rtol=1e-12)
    assert found.rows["next_cluster"].tolist() == (mine.argsort(axis=1)[:, 1] + 1).tolist()
    back = heights[15:].argmin(axis=1) + 1
    assert found.strays == table.index[back != clusters].tolist()
    assert found.returned == 20 - len(found.strays) == (back == clusters).sum()
    # the same by distances, and in another unit
    given = Tree.from_table(
        pd.DataFrame(squareform(pdist(x)), table.index, table.index), method, metric="precomputed"
    )
    far = pd.DataFrame(cdist(new, x), index=new.index, columns=table.index)
    for other in (
        given.assign(far, 4),
        given.assign(far[far.columns[::-1]], 4),
        Tree.from_table(table * 2.0**600, method).assign(new * 2.0**600, 4),
    ):
        assert other.rows["cluster"].tolist() == found.rows["cluster"].tolist()
        assert other.strays == found.strays
    np.testing.assert_allclose(given.assign(far, 4).rows["distance"], mine.min(axis=1), rtol=1e-9)


@pytest.mark.parametrize("method", ["weighted", "median"])
def test_new_rows_by_the_linkages_that_remember_their_merges(method: str) -> None:
    # 0 and 1 merge, then 3: the row 3 counts half, the others a quarter each
    tree = Tree.from_table([[0.0], [1.0], [3.0], [100.0]], method)
    assert tree.cut(2).tolist() == [1, 1, 1, 2]
    distance = tree.assign([[10.0]], 2).rows["distance"].tolist()
    assert distance == [pytest.approx(7 / 2 + 10 / 4 + 9 / 4)]


def test_new_rows_by_weights_and_other_metrics() -> None:
    table, new = table_of(12), table_of(9, seed=3)
    weights, stretch = np.arange(1, 13), np.array([4.0, 1.0, 0.25])
    repeated = Tree.from_table(np.repeat(table.to_numpy(), weights, axis=0))
    ours = Tree.from_table(table, weights=weights).assign(new, 3)
    theirs = repeated.assign(new.to_numpy(), 3)
    np.testing.assert_allclose(ours.rows["distance"], theirs.rows["distance"], rtol=1e-10)
    assert ours.rows["cluster"].tolist() == theirs.rows["cluster"].tolist()
    for method, metric, factor in (
        ("average", "euclidean", np.sqrt(stretch)),
        ("complete", "cityblock", stretch),
    ):
        tree = Tree.from_table(table, method, metric=metric, variable_weights=stretch)
        plain = Tree.from_table(table * factor, method, metric=metric)
        np.testing.assert_allclose(tree.Z, plain.Z, rtol=1e-12)
        assert tree.cophenetic_correlation() == pytest.approx(plain.cophenetic_correlation())
        a, b = tree.assign(new, 3).rows, plain.assign(new * factor, 3).rows
        pd.testing.assert_frame_equal(a, b)
    for metric in ("seuclidean", "mahalanobis", "correlation"):
        tree = Tree.from_table(table, "average", metric=metric)
        for k in (1, 12):
            # a row that is in the tree is at distance 0 of itself
            assert tree.assign(table, k).strays == []
    assert tree.assign(table, 1).rows["next_cluster"].isna().all()


def test_ties_go_to_the_lower_number_and_are_marked() -> None:
    found = Tree.from_table([[0.1], [0.3], [0.5]], "single").assign([[0.2], [0.4], [0.6]], 3).rows
    assert found["cluster"].tolist() == [1, 2, 3] and found["tied"].tolist() == [True, True, False]


def test_new_rows_that_do_not_fit_name_their_rule() -> None:
    table = table_of(6)
    tree = Tree.from_table(table)
    swapped = tree.assign(table[["v2", "v0", "v1"]], 2)
    pd.testing.assert_frame_equal(swapped.rows, tree.assign(table, 2).rows)
    with refused("columns-differ", place="v1", value="v1"):
        tree.assign(table[["v0", "v2"]], 2)
    with refused("columns-differ", place="odd", value="odd"):
        tree.assign(table.assign(odd=1.0), 2)
    with refused("columns-differ", value=2):
        tree.assign([[1.0, 2.0]], 2)
    with refused("missing-value"):
        tree.assign(table.where(table != table.iloc[2, 1]), 2)
    with refused("source-missing"):
        Tree.from_linkage(tree.Z, method="ward").assign(table, 2)
    with refused("k-range"):
        tree.assign(table, 7)
    near = Tree.from_table([1.0, 2.0, 3.0], "single", metric="precomputed")
    with refused("distance", value=-1.0):
        near.assign([[1.0, -1.0, 2.0]], 2)


def test_a_standardized_table_keeps_its_rows() -> None:
    # two groups far apart: every row comes back
    table = table_of(40)
    table.iloc[:20] += 50
    found = Tree.from_table(standardize(table)).assign(standardize(table), 2)
    assert found.returned == 40 and found.strays == []


# ------------------------------------------------------------- the order of leaves (need 19)


def orders(Z: np.ndarray) -> list[tuple[int, ...]]:
    """Every order of the leaves that the tree allows."""
    ways: list[list[tuple[int, ...]]] = [[(i,)] for i in range(len(Z) + 1)]
    for a, b in Z[:, :2].astype(int):
        pairs = list(itertools.product(ways[a], ways[b]))
        ways.append([x + y for x, y in pairs] + [y + x for x, y in pairs])
    return ways[-1]


def out_of_order(order: tuple[int, ...], rank: list) -> int:
    return sum(
        rank[one] is not None and rank[two] is not None and rank[one] > rank[two]
        for one, two in itertools.combinations(order, 2)
    )


@given(st.integers(1, 8), st.integers(0, 500), st.data())
@settings(max_examples=scale(20, 300), deadline=None)
def test_a_wish_is_met_as_far_as_the_tree_allows(n: int, seed: int, data: st.DataObject) -> None:
    tree = Tree.from_table(table_of(n, 2, seed), "average")
    wish = data.draw(st.permutations(range(n)))[: data.draw(st.integers(0, n))]
    rank = [wish.index(case) if case in wish else None for case in range(n)]
    found = tree.leaf_order([tree.labels[case] for case in wish])
    ours = tuple(tree.labels.get_indexer(found).tolist())
    allowed = orders(tree.Z)
    assert ours in allowed
    assert out_of_order(ours, rank) == min(out_of_order(order, rank) for order in allowed)
    if not wish:
        assert found == tree.leaf_order()


@given(st.integers(1, 8), st.integers(0, 500), st.sampled_from(LINKAGES))
@settings(max_examples=scale(15, 200), deadline=None)
def test_the_best_order_is_that_of_brute_force(n: int, seed: int, method: str) -> None:
    tree = Tree.from_table(table_of(n, 2, seed), method)
    d = squareform(pdist(table_of(n, 2, seed))) if n > 1 else np.zeros((1, 1))
    order, length = tree.optimal_leaf_order()
    ours = tuple(tree.labels.get_indexer(order).tolist())
    allowed = orders(tree.Z)
    lengths = [sum(d[i, j] for i, j in itertools.pairwise(way)) for way in allowed]
    assert ours in allowed and length == pytest.approx(min(lengths), rel=1e-12)
    assert sum(d[i, j] for i, j in itertools.pairwise(ours)) == pytest.approx(length, rel=1e-12)


def test_the_best_order_where_scipy_misses_it() -> None:
    d = [0.46680166, 0.7747411, 0.79942054, 0.28626558, 0.68441929, 0.74692541]
    _, length = Tree.from_table(d, "complete", metric="precomputed").optimal_leaf_order()
    assert length == pytest.approx(1.49999, abs=5e-6)


def test_wishes_that_cannot_be_read_name_their_rule() -> None:
    tree = Tree.from_table(table_of(5))
    with refused("unknown-label", place="wish", value="r9"):
        tree.leaf_order(["r0", "r9"])
    with refused("duplicate-label", place="wish", value="r0"):
        tree.leaf_order(["r0", "r1", "r0"])
    with refused("condensed-length", place="distances"):
        tree.optimal_leaf_order([1.0])
    with refused("distances-missing"):
        Tree.from_linkage(tree.Z).optimal_leaf_order()


# ------------------------------------------------------------------ two trees (need 21)


@given(st.integers(1, 6), st.integers(0, 300))
@settings(max_examples=scale(12, 200), deadline=None)
def test_untangling_loses_nothing_and_counts_right(n: int, seed: int) -> None:
    one = Tree.from_table(table_of(n, 2, seed), "average")
    two = Tree.from_table(table_of(n, 2, seed + 1), "single")

    def cross(a: tuple, b: tuple) -> int:
        return out_of_order(a, [b.index(case) for case in range(n)])

    found = untangle(one.Z, two.Z)
    a, b = tuple(found.order1.tolist()), tuple(found.order2.tolist())
    first, second = orders(one.Z), orders(two.Z)
    assert a in first and b in second
    assert found.crossings_after == cross(a, b) == crossings(a, b) <= found.crossings_before
    assert found.crossings_before == cross(
        tuple(one.labels.get_indexer(one.leaf_order())),
        tuple(two.labels.get_indexer(two.leaf_order())),
    )
    # neither tree alone can be turned to do better
    assert found.crossings_after == min(cross(a, other) for other in second)
    assert found.crossings_after == min(cross(other, b) for other in first)
    if n > 1:
        assert found.entanglement_after == entanglement(a, b)
    same = untangle(one.Z, one.Z)
    assert same.crossings_after == 0


def test_two_trees_of_five_rows_by_hand() -> None:
    # ((a b) c) and ((a c) b): merged at stages 1 and 2 of 2
    one = Tree.from_linkage([[0, 1, 1.0, 2], [2, 3, 2.0, 3]], list("abc")).Z
    two = Tree.from_linkage([[0, 2, 1.0, 2], [1, 3, 2.0, 3]], list("abc")).Z
    # pairs ab, ac, bc meet at heights 1 2 2 and 2 1 2: correlation -1/2 both ways
    assert cophenetic_correlation_between(one, two) == pytest.approx(-0.5)
    assert bakers_gamma(one, two) == pytest.approx(-0.5)
    assert fowlkes_mallows_bk(one, two, [2])["bk"].tolist() == [0.0]
    assert crossings("abc", "acb") == 1 and crossings("abcd", "dcba") == 6
    with refused("leaves-differ"):
        crossings([*"abc"], [*"abd"])


# ---------------------------------------------------------------------- exports (need 20)


def as_sets(tree: Tree) -> list[tuple[frozenset, float]]:
    return sorted(
        (
            (frozenset(map(str, tree.members(tree.n + t))), pytest.approx(h, rel=1e-9, abs=1e-9))
            for t, h in enumerate(tree.Z[:, 2].tolist())
        ),
        key=lambda found: sorted(found[0]),
    )


NAMES = ["plain", "two words", "it's", "a(b)", "x_y", "1.5", "[q]", "ünï", "a,b;c:d", "''", " "]


@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("half", [True, False])
def test_newick_there_and_back(method: str, half: bool) -> None:
    x = np.random.default_rng(11).normal(size=(11, 2))
    for n in (1, 2, 3, 11):
        tree = Tree.from_table(pd.DataFrame(x[:n], index=NAMES[:n]), method)
        again = Tree.from_newick(tree.newick(half=half), half=half)
        assert sorted(again.labels) == sorted(tree.labels) and as_sets(again) == as_sets(tree)
        assert again.labels.tolist() == tree.leaf_order()


@pytest.mark.parametrize("method", LINKAGES)
def test_json_and_hclust_there_and_back(method: str) -> None:
    for n in (1, 2, 11):
        x = np.random.default_rng(12).normal(size=(n, 2))
        tree = Tree.from_table(pd.DataFrame(x, index=NAMES[:n]), method)
        again = Tree.from_json(tree.to_json())
        assert again.labels.tolist() == tree.labels.tolist() and again.method == method
        np.testing.assert_allclose(again.Z, tree.Z, rtol=1e-11)
        hclust = tree.to_hclust()
        np.testing.assert_array_equal(from_hclust(hclust["merge"], hclust["height"]), tree.Z)
        assert tree.labels[hclust["order"] - 1].tolist() == tree.leaf_order()


def test_a_newick_tree_of_another_program_is_read() -> None:
    tree = Tree.from_newick(" ( (a_b:1.5, 'c d':1.5)inner[&note]:0.5 ,\n e:2e0 )root ; ")
    assert tree.labels.tolist() == ["a b", "c d", "e"]
    assert tree.Z.tolist() == [[0, 1, 3, 2], [2, 3, 4, 3]]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "newick"),
        ("(a:1,b:1)", "newick"),
        ("(a:1,b:1,c:1);", "newick"),
        ("(a:1);", "newick"),
        ("(a:1,b);", "newick"),
        ("(a:1,b:x);", "newick"),
        ("(a:1,b:inf);", "newick"),
        ("((a:1,b:1):1;", "newick"),
        ("(a:1,b:1));", "newick"),
        ("(a:1,b:1);(c:1,d:1);", "newick"),
        ("(,b:1);", "newick"),
        ("(a:1,'b:1);", "newick"),
        ("(a:1,b:2);", "not-ultrametric"),
        ("(a:1,a:1);", "duplicate-label"),
    ],
)
def test_malformed_newick_is_refused(text: str, rule: str) -> None:
    with refused(rule):
        Tree.from_newick(text)


def test_malformed_json_is_refused() -> None:
    for text, rule in (
        ("{", "json"),
        ("[]", "json"),
        ('{"labels": ["a"], "merges": "x", "method": null}', "json"),
        ('{"labels": ["a"], "merges": [[0, 1, 1.0, 2]], "method": null}', "label-count"),
        ('{"labels": ["a", "b"], "merges": [[0, 5, 1.0, 2]], "method": null}', "linkage-matrix"),
        ('{"labels": ["a", "b"], "merges": [[0, 1, 1.0, 2]], "method": "no"}', "unknown-name"),
    ):
        with refused(rule):
            Tree.from_json(text)


# ------------------------------------------------------------------- size (needs 4 and 20)


def chain(n: int) -> np.ndarray:
    nodes = np.column_stack([np.r_[0, np.arange(n, 2 * n - 2)], np.arange(1, n)])
    return np.column_stack([np.sort(nodes, axis=1), np.arange(1.0, n), np.arange(2, n + 1)])


def test_a_chain_of_100_000_leaves_goes_through_everything() -> None:
    n = scale(3_000, 100_000)
    tree = Tree.from_linkage(chain(n), method="single")
    again = Tree.from_newick(tree.newick())
    np.testing.assert_allclose(again.Z[:, 2], tree.Z[:, 2], rtol=1e-9)
    np.testing.assert_array_equal(Tree.from_json(tree.to_json()).Z, tree.Z)
    hclust = tree.to_hclust()
    np.testing.assert_array_equal(from_hclust(hclust["merge"], hclust["height"]), tree.Z)
    assert tree.membership([3], numbering="inherited")[3].value_counts().tolist() == [n - 2, 1, 1]
    assert np.bincount(tree.cut(min_size=1000)).tolist() == [0, n]
    assert np.bincount(tree.cut(2, min_size=1, max_size=n - 1)).tolist() == [0, n - 1, 1]
    assert tree.leaf_table(2)["leaf"].tolist()[:2] == [n - 1, n]
    # leaves 0 and 1 merge first: either can be the outermost, the others follow
    assert tree.leaf_order(range(n)) == list(range(n))
    found = untangle(tree.Z, tree.Z)
    assert found.crossings_after == 0
    large = Tree.from_linkage(chain(20_001))
    for call in (large.cophenetic, lambda: bakers_gamma(large.Z, large.Z)):
        with refused("memory", place="table", value=4 * 20_001 * 20_000):
            call()
    with refused("memory"):
        proximity_matrix(np.zeros((20_001, 1)))
    drawn = [text.get_text() for text in tree.draw(leaves=50).get_xticklabels()]
    assert len(drawn) == 50 and f"0 +{n - 50:,}" in drawn and f"{n - 1}" in drawn
    plt.close("all")
