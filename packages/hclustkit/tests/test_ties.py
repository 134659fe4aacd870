"""Ties: the verdict against brute force, and the same for every order of the rows.

Need: "the order of the rows changes the clusters" (IBM support page 418347; scipy #6788).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb

import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, uniqueness
from hclustkit.ties import Uniqueness, uniqueness_table
from hclustkit.ties.canonical import canonical
from hclustkit.ties.verdict import _sample
from hclustkit.tree.cut import cut_in_tie
from hclustkit.tree.linkage import LINKAGES
from refusals import refused
from scale import scale

Table = np.ndarray
SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


# --- brute force: every choice among equal costs, by the definitions ---------------------------
def _cost(x: Table, method: str) -> Callable[[object, object], float]:
    """Cost of joining two clusters, each a row number or a pair of clusters."""
    squares = ((x[:, None] - x) ** 2).sum(axis=2)

    @cache
    def rows(cluster: object) -> tuple[int, ...]:
        return (cluster,) if isinstance(cluster, int) else rows(cluster[0]) + rows(cluster[1])

    @cache
    def midpoint(cluster: object) -> tuple[float, ...]:
        if isinstance(cluster, int):
            return tuple(x[cluster])
        return tuple((np.array(midpoint(cluster[0])) + midpoint(cluster[1])) / 2)

    @cache
    def weighted(a: object, b: object) -> float:
        if isinstance(a, int) and isinstance(b, int):
            return float(np.sqrt(squares[a, b]))
        if isinstance(a, int):
            a, b = b, a
        return (weighted(a[0], b) + weighted(a[1], b)) / 2

    @cache
    def cost(a: object, b: object) -> float:
        i, j = list(rows(a)), list(rows(b))
        between = squares[np.ix_(i, j)]
        if method == "weighted":
            return weighted(a, b)
        if method == "median":
            return float(((np.array(midpoint(a)) - midpoint(b)) ** 2).sum())
        if method in ("ward", "centroid"):
            apart = float(((x[i].mean(axis=0) - x[j].mean(axis=0)) ** 2).sum())
            return apart * (len(i) * len(j) / (len(i) + len(j)) if method == "ward" else 1)
        pick = {"average": np.mean, "complete": np.max, "single": np.min}[method]
        return float(pick(np.sqrt(between)))

    return cost


def brute_force(x: Table, k: int, method: str) -> set[frozenset[frozenset[int]]]:
    """All partitions into k clusters that some choice among equal costs leads to."""
    cost = _cost(x, method)

    def leaves(cluster: object) -> frozenset[int]:
        if isinstance(cluster, int):
            return frozenset([cluster])
        return leaves(cluster[0]) | leaves(cluster[1])

    states = {frozenset(range(len(x)))}
    for _ in range(len(x) - k):
        following = set()
        for state in states:
            order = sorted(state, key=str)
            pairs = [(a, b) for at, a in enumerate(order) for b in order[at + 1 :]]
            least = min(cost(a, b) for a, b in pairs)
            for a, b in pairs:
                if cost(a, b) <= least * (1 + 1e-9) + 1e-12:
                    following.add(state - {a, b} | {(a, b)})
        states = following
    return {frozenset(map(leaves, state)) for state in states}


def as_sets(found: Uniqueness) -> set[frozenset[frozenset[int]]]:
    """The partitions found, as sets of sets of row numbers."""
    return {
        frozenset(frozenset(np.flatnonzero(row == c).tolist()) for c in set(row.tolist()))
        for row in found.partitions
    }


@pytest.mark.parametrize("method", LINKAGES)
def test_the_unit_square_has_two_answers_and_single_linkage_six(method: str) -> None:
    two, three = uniqueness(SQUARE, 2, method), uniqueness(SQUARE, 3, method)
    assert (two.verdict, two.count) == ("exactly", 6 if method == "single" else 2)
    assert (three.verdict, three.count) == ("exactly", 4)
    assert uniqueness(SQUARE, 1, method).unique
    assert uniqueness(SQUARE, 4, method).unique


@pytest.mark.long("ties", "all partitions that ties allow, against brute force")
@pytest.mark.parametrize("method", LINKAGES)
def test_all_partitions_that_ties_allow(
    method: str, record_property: Callable[[str, object], None]
) -> None:
    rng = np.random.default_rng(17)
    several, tables = 0, scale(8, 150)
    for _ in range(tables):
        n, p = int(rng.integers(2, 8)), int(rng.integers(1, 4))
        x = rng.integers(0, rng.integers(2, 5), (n, p)).astype(float)
        x *= [1.0, 0.1, 3.7e6][int(rng.integers(3))]
        for k in range(1, n + 1):
            found = uniqueness(x, k, method)
            assert as_sets(found) == brute_force(x / x.max() if x.any() else x, k, method), (x, k)
            assert found.unique == (found.count == 1)
            several += found.count > 1
    assert several >= tables // 2
    record_property("result", f"{tables} tables and linkage, {several} cuts not unique")


@pytest.mark.parametrize("n", [16, scale(30, 100)])
def test_equal_steps_have_as_many_single_linkage_cuts_as_gaps_to_choose(n: int) -> None:
    for k in (2, 3):
        found = uniqueness(np.arange(float(n))[:, None], k, "single", bound=10_000)
        assert (found.verdict, found.count) == ("exactly", comb(n - 1, k - 1))


@pytest.mark.parametrize(("side", "count"), [(2, 6), (3, 53), (4, 627)])
def test_a_lattice_falls_into_two_connected_parts(side: int, count: int) -> None:
    # OEIS A068416
    lattice = np.argwhere(np.ones((side, side)))
    found = uniqueness(lattice, 2, "single")
    assert (found.verdict, found.count) == ("exactly", count)


def test_what_is_not_counted_is_never_called_unique() -> None:
    lattice = np.argwhere(np.ones((5, 5)))
    found = uniqueness(lattice, 2, "single", bound=100, draws=50)  # of 16,213
    assert (found.verdict, found.count, found.sampled) == ("more than", 100, 50)
    assert "more than 100" in found.sentence() and "50 trees" in found.sentence()


# --- the statement is the same whatever the order ------------------------------------------------
def _statement(found: Uniqueness) -> object:
    labels = [str(label) for label in found.labels]
    partitions = {
        frozenset(
            frozenset(label for label, c in zip(labels, row, strict=True) if c == number)
            for number in set(row)
        )
        for row in found.partitions.tolist()
    }
    pairs = {
        (*sorted([row.label_1, row.label_2]), row.together, row.share)
        for row in found.pairs().itertuples()
    }
    return found.verdict, found.count, partitions, pairs, found.margin, found.blame


@pytest.mark.parametrize("method", ["ward", "average", "complete", "single", "median"])
def test_the_verdict_does_not_depend_on_the_order_of_the_rows(method: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(1, 4, (14, 3)) * 0.1
    table = pd.DataFrame(values, index=[f"r{i:02}" for i in range(14)])
    options = {"bound": 20, "draws": 40}
    first = uniqueness(table, 4, method, **options)
    assert first.count > 1
    for _ in range(4):
        again = uniqueness(table.iloc[rng.permutation(14)], 4, method, **options)
        assert _statement(again) == _statement(first)


def test_given_distances_are_ordered_by_label() -> None:
    d = pd.DataFrame(1.0 - np.eye(6), index=list("abcdef"), columns=list("abcdef"))
    d.loc["a", "b"] = d.loc["b", "a"] = d.loc["e", "f"] = d.loc["f", "e"] = 0.5
    first = uniqueness(d, 3, "average", metric="precomputed")
    assert (first.verdict, first.count) == ("exactly", 6)
    mixed = d.loc[list("fbdace"), list("fbdace")]
    assert _statement(uniqueness(mixed, 3, "average", metric="precomputed")) == _statement(first)


@pytest.mark.parametrize("method", LINKAGES)
def test_a_tie_is_a_tie_to_the_last_bit_or_not(method: str) -> None:
    tenths = uniqueness([[0.1], [0.2], [0.3]], 2, method)
    ones = uniqueness([[1.0], [2.0], [3.0]], 2, method)
    assert (tenths.verdict, tenths.count) == (ones.verdict, ones.count) == ("exactly", 2)
    assert tenths.partitions.tolist() == ones.partitions.tolist()
    assert tenths.margin == ones.margin == 0


def test_rows_equal_but_for_rounding_keep_their_order() -> None:
    exact = np.array([[3, 0], [3, 1], [3, 2], [1, 0], [1, 2]])
    rounded = np.array([[0.1 + 0.2, 0], [0.3, 1], [0.1 + 0.2, 2], [0.1, 0], [0.1, 2]])
    rounded[:, 1] *= 0.1
    for k in (2, 3):
        one, two = uniqueness(exact, k), uniqueness(rounded, k)
        assert _statement(one)[:4] == _statement(two)[:4]
        assert one.margin == pytest.approx(two.margin)


# --- what is said --------------------------------------------------------------------------------
def test_pairs_together_in_every_some_and_no_partition() -> None:
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 10.0]}, index=list("abcd"))
    found = uniqueness(table, 3, "complete")
    words = {row.label_1 + row.label_2: row.together for row in found.pairs().itertuples()}
    assert words == {"ab": "some", "ac": "no", "ad": "no", "bc": "some", "bd": "no", "cd": "no"}
    assert found.together[0].tolist() == [1.0, 0.5, 0.0, 0.0]
    assert uniqueness(table, 2, "complete").pairs().query("together == 'every'").shape[0] == 3
    assert found.agreement[0] == 1 and found.agreement[1] < 1


def test_the_merge_to_blame() -> None:
    table = pd.DataFrame({"x": [0.0, 1.0, 10.0, 12.0, 14.0]}, index=list("abcde"))
    found = uniqueness(table, 3, "average")
    assert found.blame is not None
    assert (found.blame.stage, found.blame.height, found.blame.cost) == (2, 2.0, 2.0)
    assert found.blame.merged == (["c"], ["d"])
    assert found.blame.other == (["d"], ["e"])


def test_what_ties_leave_alone_is_unique_in_spite_of_ties() -> None:
    found = uniqueness([[0.0], [1.0], [2.0], [50.0], [51.0], [52.0]], 2)
    assert found.unique and found.margin > 0.9
    # equidistant rows: the first merges are free, the last is not
    assert uniqueness(np.eye(5), 1, "ward").unique
    assert uniqueness(np.repeat([[0.0], [7.0]], 40, axis=0), 2, "average").unique


@pytest.mark.parametrize("method", ["ward", "average", "single"])
def test_the_margin_is_where_the_partition_changes(method: str) -> None:
    rng = np.random.default_rng(8)
    for _ in range(scale(4, 60)):
        x = rng.normal(size=(7, 2))
        k = int(rng.integers(2, 6))
        found = uniqueness(x, k, method)
        assert found.unique and found.margin_exact
        assert found.margin == pytest.approx(_margin_by_force(x, k, method), rel=1e-9)


def _margin_by_force(x: Table, k: int, method: str) -> float:
    """Put each other merge in place of each merge, and see whether the partition changes."""
    cost = _cost(x, method)

    def height(value: float) -> float:
        return float(np.sqrt(2 * value)) if method == "ward" else value

    def pairs(state: list[object]) -> list[tuple[object, object]]:
        return [(a, b) for at, a in enumerate(state) for b in state[at + 1 :]]

    def run(state: list[object]) -> tuple[set[frozenset[int]], list[list[object]]]:
        states = []
        while len(state) > k:
            states.append(state)
            a, b = min(pairs(state), key=lambda pair: cost(*pair))
            state = [c for c in state if c not in (a, b)] + [(a, b)]
        flat = {
            frozenset(map(int, str(c).replace("(", "").replace(")", "").split(", "))) for c in state
        }
        return flat, states

    partition, states = run(list(range(len(x))))
    least = np.inf
    for state in states:
        best = min(cost(*pair) for pair in pairs(state))
        for a, b in pairs(state):
            if cost(a, b) > best:
                changed, _ = run([c for c in state if c not in (a, b)] + [(a, b)])
                if changed != partition:
                    least = min(least, 1 - height(best) / height(cost(a, b)))
    return float(least)


# --- more than can be counted ----------------------------------------------------------------
def test_survey_answers_have_more_partitions_than_the_bound() -> None:
    x = np.random.default_rng(5).integers(1, 6, (60, 5)).astype(float)
    found = uniqueness(x, 4, bound=10, draws=200, seed=1)
    assert (found.verdict, found.count, found.sampled) == ("more than", 10, 200)
    assert len(found.partitions) > 10
    assert set(found.pairs()["together"]) <= {"every", "some", "no"}
    assert found.margin == 0 and found.blame is not None
    assert "more than 10" in found.sentence() and "200 trees" in found.sentence()
    other = uniqueness(x, 4, bound=10, draws=200, seed=2)
    assert (other.verdict, other.count) == (found.verdict, found.count)
    assert (other.together != found.together).any()


def test_small_lattices_are_counted_to_the_end() -> None:
    lattice = np.array([[i, j] for i in range(3) for j in range(3)], dtype=float)
    for k in scale((5,), (3, 4, 5)):
        found = uniqueness(lattice, k)
        assert found.verdict == "exactly" and as_sets(found) == brute_force(lattice, k, "ward")
    line = np.arange(12.0)[:, None]
    assert uniqueness(line, 3).verdict == uniqueness(line, 3, "average").verdict == "exactly"
    # all alike: every partition is allowed, 9,330 of ten rows into three clusters
    alike = uniqueness(1 - np.eye(10), 3, "average", metric="precomputed")
    assert (alike.verdict, alike.count) == ("more than", 1000)


@pytest.mark.parametrize("method", LINKAGES)
def test_every_sampled_tree_is_one_that_ties_allow(method: str) -> None:
    rng = np.random.default_rng(6)
    for _ in range(scale(3, 40)):
        x = rng.integers(0, 3, (7, 2)).astype(float)
        rows = canonical(x, method)
        for k in (2, 4):
            allowed = brute_force(x[rows.order], k, method)
            for labels in _sample(rows, k, 60, 1).tolist():
                sets = [[i for i in range(7) if labels[i] == c] for c in set(labels)]
                assert frozenset(map(frozenset, sets)) in allowed


def test_one_partition_met_is_not_called_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hclustkit.ties.search.WORK", 0)
    found = uniqueness([[0.0], [1.0], [2.0], [50.0]], 2, draws=5)
    assert (found.verdict, found.count, found.unique) == ("more than", 0, False)
    assert "not decided" in found.sentence()


def test_a_table_of_verdicts_and_the_tie_at_a_cut() -> None:
    table = uniqueness_table(SQUARE, [2, 3, 4])
    assert table["verdict"].tolist() == ["exactly", "exactly", "unique"]
    assert table["partitions"].tolist() == [2, 4, 1]
    tree = Tree.from_table(SQUARE)
    assert [cut_in_tie(tree.Z, k) for k in (1, 2, 3, 4)] == [False, False, True, False]
    assert tree.schedule()["tie"].tolist() == [True, False, False]


def test_drawings_mark_a_cut_inside_a_tie() -> None:
    from hclustkit.draw import dendrogram, icicle

    tree = Tree.from_table(SQUARE, "single")
    for k, said in ((2, True), (4, False)):
        clusters = pd.Series(tree.cut(k), index=list("abcd"))
        figure = dendrogram(tree.Z, list("abcd"), clusters, method="single")
        words = [text.get_text() for text in figure.axes[0].texts]
        assert any("inside a tie" in text for text in words) is said
        if k == 2:
            assert "2: inside a tie" in icicle(tree.Z, list("abcd"), clusters).axes[0].get_ylabel()


def test_reports_state_the_verdict() -> None:
    from hclustkit.report import Choices, analyse
    from hclustkit.report.words import method_sentences

    table = pd.DataFrame(SQUARE, index=list("abcd"), columns=["x", "y"])
    tied = analyse(table, Choices(k=3, scaling="none"))
    assert "exactly 4 partitions" in method_sentences(tied)
    assert any("exactly 4 partitions" in text for text in tied.warnings)
    shifted = table + np.array([[0, 0], [0, 0.1], [0.3, 0], [0.7, 0]])
    free = analyse(shifted, Choices(k=3, scaling="none"))
    assert "is unique" in method_sentences(free)
    assert not any("unique" in text for text in free.warnings)


def test_small_and_degenerate_tables() -> None:
    assert uniqueness([[1.0, 2.0]], 1).unique
    assert uniqueness([[1.0], [1.0]], 1).unique
    assert uniqueness([[1.0], [1.0], [1.0]], 2).count == 3
    assert np.isinf(uniqueness([[1.0], [4.0]], 1).margin)


def test_refusals() -> None:
    with refused("k-range", value=5):
        uniqueness(SQUARE, 5)
    with refused("unknown-name", value="warp"):
        uniqueness(SQUARE, 2, "warp")
    with refused("range", place="bound"):
        uniqueness(SQUARE, 2, bound=0)
    with refused("whole-number", place="seed"):
        uniqueness(SQUARE, 2, seed=0.5)
