"""Ward's tree and its relatives: against R, against exact arithmetic, against their theory."""

from __future__ import annotations

import itertools
import tracemalloc
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.cluster.hierarchy as sch
from hclustkit.errors import InputError
from hclustkit.tree import merges, ward
from hypothesis import given, settings
from hypothesis import strategies as st

REFERENCE = Path(__file__).parent / "reference"
SETS = ("usarrests", "mtcars", "ruspini", "states16x14")
IN_R = {
    "ward": "ward.D2",
    "average": "average",
    "complete": "complete",
    "single": "single",
    "weighted": "mcquitty",
    "centroid": "centroid_sq",
    "median": "median_sq",
}
SQUARED_IN_R = ("centroid", "median")
ENGINES = {
    "as it comes": {},
    "chain, points": {"SMALL": 1, "_TINY": 1, "_POINTS": 1},
    "rows of a matrix": {"_TINY": 1},
}


def reference(name: str, **where: object) -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / f"{name}.csv")
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame)
    return frame.reset_index(drop=True)


def used(dataset: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / f"{dataset}_used.csv", index_col=0)


def frame(values: object) -> pd.DataFrame:
    x = np.asarray(values, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    return pd.DataFrame(
        x, index=[f"r{i}" for i in range(len(x))], columns=[f"v{j}" for j in range(x.shape[1])]
    )


def normal(n: int, p: int, seed: int) -> pd.DataFrame:
    return frame(np.random.default_rng(seed).normal(size=(n, p)))


def clusters_of(Z: np.ndarray) -> list[frozenset]:
    """The set of cases each merge makes."""
    sets = [frozenset([case]) for case in range(len(Z) + 1)]
    for a, b in Z[:, :2].astype(int):
        sets.append(sets[a] | sets[b])
    return sets[len(Z) + 1 :]


def within_ss(x: np.ndarray, labels: np.ndarray) -> float:
    return sum(
        ((part - part.mean(axis=0)) ** 2).sum()
        for part in (x[labels == c] for c in np.unique(labels))
    )


# ---------------------------------------------------------------------------- against R


@pytest.mark.parametrize("method", ward.LINKAGES)
@pytest.mark.parametrize("dataset", SETS)
def test_merges_and_heights_are_those_of_hclust(dataset: str, method: str) -> None:
    Z = ward.linkage(used(dataset), method)
    expected = reference("hclust_merge_height", dataset=dataset, method=IN_R[method])
    n = len(Z) + 1
    nodes = expected[["merge1", "merge2"]].to_numpy()
    nodes = np.sort(np.where(nodes < 0, -nodes - 1, nodes + n - 1), axis=1)
    np.testing.assert_array_equal(Z[:, :2], nodes)
    heights = Z[:, 2] ** 2 if method in SQUARED_IN_R else Z[:, 2]
    np.testing.assert_allclose(heights, expected["height"], rtol=1e-12)
    assert Z[:, 3].tolist() == [len(c) for c in clusters_of(Z)]


@pytest.mark.parametrize("dataset", SETS)
def test_ward_agrees_with_agnes(dataset: str) -> None:
    # another program, other code; it lists the heights in another order
    expected = reference("hclust_merge_height", dataset=dataset, method="agnes_ward")["height"]
    np.testing.assert_allclose(
        np.sort(ward.linkage(used(dataset))[:, 2]), np.sort(expected), rtol=1e-12
    )


@pytest.mark.parametrize("dataset", SETS)
def test_schedule_is_the_one_spss_prints(dataset: str) -> None:
    table = used(dataset)
    ours = ward.agglomeration_schedule(table)
    expected = reference("spss_shaped_ward_schedule", dataset=dataset)
    for column, theirs in {
        "stage": "stage",
        "cluster_1": "cluster1",
        "cluster_2": "cluster2",
        "first_appears_1": "first1",
        "first_appears_2": "first2",
        "next_stage": "next_stage",
    }.items():
        assert ours[column].tolist() == expected[theirs].tolist(), column
    np.testing.assert_allclose(ours["coefficient"], expected["coefficient"], rtol=1e-12)
    assert ours["label_1"].tolist() == [table.index[c - 1] for c in ours["cluster_1"]]
    assert ours["label_2"].tolist() == [table.index[c - 1] for c in ours["cluster_2"]]
    Z = ward.linkage(table)
    for scale in ("cumulative", "increment"):
        drawn = ward.dendrogram_geometry(Z, table.index, scale).links["y_2"]
        np.testing.assert_allclose(drawn, expected[f"rescaled25_{scale}"], rtol=1e-11)


@pytest.mark.parametrize("dataset", SETS)
def test_coefficients_are_those_of_lmomrfa(dataset: str) -> None:
    expected = reference("lmomRFA_cluagg_ward", dataset=dataset)
    ours = ward.agglomeration_schedule(used(dataset))
    np.testing.assert_allclose(ours["coefficient"], expected["wgss"], rtol=1e-12)


@pytest.mark.parametrize("method", ["ward", "average", "complete"])
@pytest.mark.parametrize("dataset", SETS)
def test_membership_is_that_of_cutree(dataset: str, method: str) -> None:
    ours = ward.cluster_membership(used(dataset), method=method)
    expected = reference("cutree", dataset=dataset, method=IN_R[method])
    assert list(ours) == list(range(2, 11)) == expected["k"].tolist()
    for k, labels in zip(expected["k"], expected["labels"], strict=True):
        assert ours[k].tolist() == [int(c) for c in labels.split()]


@pytest.mark.parametrize("method", ward.LINKAGES)
@pytest.mark.parametrize("dataset", SETS)
def test_leaf_order_is_that_of_hclust(dataset: str, method: str) -> None:
    table = used(dataset)
    drawn = ward.dendrogram_geometry(ward.linkage(table, method), table.index, method=method)
    expected = reference("hclust_order", dataset=dataset, method=IN_R[method])["order"][0]
    assert (drawn.order + 1).tolist() == [int(c) for c in expected.split()]
    assert drawn.labels == [table.index[c] for c in drawn.order]


@pytest.mark.parametrize("method", ward.LINKAGES)
@pytest.mark.parametrize("dataset", SETS)
def test_cophenetic_correlation_and_agglomerative_coefficient(dataset: str, method: str) -> None:
    expected = reference("cophenetic", dataset=dataset, method=IN_R[method]).iloc[0]
    table = used(dataset)
    assert ward.cophenetic_correlation(table, method) == pytest.approx(
        expected["cophenetic_r"], rel=1e-12
    )
    assert ward.agglomerative_coefficient(table, method) == pytest.approx(
        expected["coef_hclust"], rel=1e-12, nan_ok=True
    )


def test_agnes_prints_the_same_coefficient() -> None:
    for dataset in SETS:
        expected = reference("cophenetic", dataset=dataset, method="agnes_ward")["agnes_ac"][0]
        assert ward.agglomerative_coefficient(used(dataset)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dataset", ["usarrests", "mtcars", "states16x14"])
def test_zscores_are_those_of_scale(dataset: str) -> None:
    raw = pd.read_csv(REFERENCE / "data" / f"{dataset}.csv", index_col=0)
    np.testing.assert_allclose(ward.standardize(raw), used(dataset), rtol=1e-12, atol=1e-14)


# ---------------------------------------------------------------------------- the scalings


def test_scalings_by_hand() -> None:
    table = frame([[1.0, 10], [3, 100], [2, 10], [6, 1000]])
    root = np.sqrt(14 / 3)
    np.testing.assert_allclose(ward.standardize(table)["v0"], np.array([-2, 0, -1, 3]) / root)
    assert ward.standardize(table, "range")["v0"].tolist() == [0, 0.4, 0.2, 1]
    assert ward.standardize(table, "rank")["v1"].tolist() == [1.5, 3, 1.5, 4]
    logs = ward.standardize(table, "log-zscore")["v1"]
    np.testing.assert_allclose(logs, np.array([-3, 1, -3, 5]) / np.sqrt(44 / 3), rtol=1e-14)
    pd.testing.assert_frame_equal(ward.standardize(table, "none"), table)
    assert ward.standardize(table, "none") is not table


@pytest.mark.parametrize("method", ["zscore", "range", "rank", "log-zscore"])
@pytest.mark.parametrize("value", [0.1, 1e300, 5e-324, 1 / 3])
def test_a_column_that_varies_only_by_rounding_is_constant(method: str, value: float) -> None:
    table = frame([[1.0, value]] * 6 + [[2.0, np.nextafter(value, 0) or value]])
    with pytest.raises(InputError, match=f"column 'v1' is constant .*{method} needs"):
        ward.standardize(table, method)


@pytest.mark.parametrize("value", [0.0, -2.5])
def test_log_needs_positive_values(value: float) -> None:
    with pytest.raises(InputError, match=f"row 'r1', column 'v1': {value} has no logarithm"):
        ward.standardize(frame([[1, 2], [2, value], [3, 4]]), "log-zscore")


@pytest.mark.parametrize("method", ["zscore", "range"])
@pytest.mark.parametrize("factor", [2.0**1000, 2.0**-1000, -(2.0**900)])
def test_scaling_neither_overflows_nor_vanishes(method: str, factor: float) -> None:
    table = frame([[1.5], [-3.25], [7.0], [0.5]])
    plain, scaled = ward.standardize(table, method), ward.standardize(table * factor, method)
    if factor < 0:
        plain = -plain if method == "zscore" else 1 - plain
    np.testing.assert_allclose(scaled, plain, rtol=1e-15, atol=1e-15)


@given(st.integers(0, 10_000), st.sampled_from(["zscore", "range", "rank", "log-zscore"]))
@settings(max_examples=40, deadline=None)
def test_scaling_does_not_depend_on_the_order_of_rows_at_all(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    table = np.exp(normal(int(rng.integers(3, 40)), 3, seed))
    shuffled = table.iloc[rng.permutation(len(table))]
    pd.testing.assert_frame_equal(
        ward.standardize(shuffled, method).loc[table.index],
        ward.standardize(table, method),
        check_exact=True,
    )


# ---------------------------------------------------------------------------- the distances


def test_proximity_matrix() -> None:
    table = normal(20, 5, 1)
    ours = ward.proximity_matrix(table)
    x = table.to_numpy()
    np.testing.assert_allclose(ours, ((x[:, None] - x) ** 2).sum(axis=2), rtol=1e-13)
    assert (np.diag(ours) == 0).all() and (ours == ours.T).all(axis=None)
    assert list(ours.index) == list(ours.columns) == list(table.index)
    with pytest.raises(InputError, match="a squared distance exceeds"):
        ward.proximity_matrix(frame([1e200, -1e200]))


# ------------------------------------------------- against exact arithmetic, ties and all


def exact_tree(x: np.ndarray, method: str) -> tuple[list, list, list]:
    """Merges, heights and ties by the definition of each linkage, for whole numbers.

    Squares are exact fractions; sums of roots have 60 digits, and count as equal when they
    agree to 40.
    """
    n = len(x)
    x = [[Fraction(int(v)) for v in row] for row in x]

    def square(a: list, b: list) -> Fraction:
        return sum(((u - v) ** 2 for u, v in zip(a, b, strict=True)), Fraction(0))

    def root(value: Fraction) -> Decimal:
        return (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()

    with localcontext() as context:
        context.prec = 60
        between = {(a, b): square(x[a], x[b]) for a in range(n) for b in range(n)}
        roots = {pair: root(value) for pair, value in between.items()}
        members = {i: [i] for i in range(n)}
        middle = dict(enumerate(x))
        recursive = {frozenset(pair): value for pair, value in roots.items() if len(set(pair)) > 1}

        def mean(cases: list) -> list:
            return [
                sum(column, Fraction(0)) / len(cases)
                for column in zip(*(x[c] for c in cases), strict=True)
            ]

        def distance(a: int, b: int) -> Fraction | Decimal:
            p, q = members[a], members[b]
            pairs = list(itertools.product(p, q))
            match method:
                case "ward":
                    return 2 * Fraction(len(p) * len(q), len(p) + len(q)) * square(mean(p), mean(q))
                case "centroid":
                    return square(mean(p), mean(q))
                case "median":
                    return square(middle[a], middle[b])
                case "single":
                    return min(between[pair] for pair in pairs)
                case "complete":
                    return max(between[pair] for pair in pairs)
                case "average":
                    return sum((roots[pair] for pair in pairs), Decimal(0)) / len(pairs)
                case "weighted":
                    return recursive[frozenset((a, b))]

        merged, heights, ties = [], [], []
        while len(members) > 1:
            all_pairs = {
                (a, b): distance(a, b) for a, b in itertools.combinations(sorted(members), 2)
            }
            least = min(all_pairs.values())
            slack = Decimal(10) ** -40 if isinstance(least, Decimal) else 0
            equal = sorted(pair for pair, value in all_pairs.items() if value - least <= slack)
            a, b = equal[0]
            merged.append((a + 1, b + 1))
            ties.append(len(equal) > 1)
            heights.append(float(least if isinstance(least, Decimal) else root(least)))
            for c in members:
                if c not in (a, b):
                    recursive[frozenset((a, c))] = (
                        recursive[frozenset((a, c))] + recursive[frozenset((b, c))]
                    ) / 2
            middle[a] = [(u + v) / 2 for u, v in zip(middle[a], middle[b], strict=True)]
            members[a] = members[a] + members.pop(b)
    return merged, heights, ties


whole_tables = st.integers(1, 3).flatmap(
    lambda p: st.lists(st.lists(st.integers(-3, 3), min_size=p, max_size=p), min_size=2, max_size=9)
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ward.LINKAGES)
@given(values=whole_tables)
@settings(max_examples=40, deadline=None)
def test_ties_go_to_the_lowest_cases(engine: str, method: str, values: list) -> None:
    x = np.array(values)
    merged, heights, ties = exact_tree(x, method)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENGINES[engine].items():
            patch.setattr(merges, name, value)
        # tenths are not exact in binary, and a large offset costs digits: ties all the same
        for factor, offset in ((1.0, 0.0), (0.1, 0.0), (0.1, 1000.0)):
            table = frame(x * factor + offset)
            schedule = ward.agglomeration_schedule(table, method)
            pairs = zip(schedule["cluster_1"], schedule["cluster_2"], strict=True)
            assert list(pairs) == merged
            assert schedule["tie"].tolist() == ties
            ours = ward.linkage(table, method)[:, 2]
            np.testing.assert_allclose(ours, np.array(heights) * factor, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", ward.LINKAGES)
def test_near_is_not_equal(method: str) -> None:
    # the later pair is nearer by a relative 1e-8: no tie, and it goes first
    schedule = ward.agglomeration_schedule(frame([0.0, 1.0, 10.0, 11.0 - 1e-8]), method)
    assert schedule.loc[0, ["cluster_1", "cluster_2"]].tolist() == [3, 4]
    assert not schedule["tie"].any()
    schedule = ward.agglomeration_schedule(frame([0.0, 1.0, 10.0, 11.0 - 1e-12]), method)
    assert schedule.loc[0, ["cluster_1", "cluster_2"]].tolist() == [1, 2]
    assert schedule["tie"].tolist() == [True, False, False]


def test_a_tie_may_change_the_tree_and_is_marked() -> None:
    # 0, 1, 2: the middle one could go either way
    schedule = ward.agglomeration_schedule(frame([0.0, 1.0, 2.0]))
    assert schedule["tie"].tolist() == [True, False]
    assert schedule[["cluster_1", "cluster_2"]].to_numpy().tolist() == [[1, 2], [1, 3]]
    swapped = ward.agglomeration_schedule(frame([2.0, 1.0, 0.0]))
    assert swapped[["cluster_1", "cluster_2"]].to_numpy().tolist() == [[1, 2], [1, 3]]


def test_identical_rows_merge_first_at_exactly_zero() -> None:
    x = np.random.default_rng(3).normal(size=(6, 9))[[0, 1, 2, 0, 3, 0, 4, 1, 5, 0]]
    for method in ward.LINKAGES:
        schedule = ward.agglomeration_schedule(frame(x), method)
        first = schedule.loc[:3, ["cluster_1", "cluster_2"]].to_numpy().tolist()
        assert first == [[1, 4], [1, 6], [1, 10], [2, 8]]
        assert (schedule.loc[:3, "coefficient"] == 0).all() and schedule.loc[4, "coefficient"] > 0
        assert schedule["tie"].tolist() == [True, True, True] + [False] * 6


def test_all_rows_identical() -> None:
    table = frame(np.full((5, 3), 0.1))
    schedule = ward.agglomeration_schedule(table)
    assert schedule["cluster_2"].tolist() == [2, 3, 4, 5]
    assert (schedule["coefficient"] == 0).all()
    drawn = ward.dendrogram_geometry(ward.linkage(table), table.index)
    assert (drawn.links["y_2"] == 0).all()
    assert np.isnan(ward.cophenetic_correlation(table))
    assert np.isnan(ward.agglomerative_coefficient(table))


# ------------------------------------------------------------ the engines against each other


@pytest.mark.parametrize("decimals", [None, 1, 0])
@pytest.mark.parametrize("method", ["ward", "centroid", "median"])
def test_large_tables_follow_the_same_rule(method: str, decimals: int | None) -> None:
    x = np.random.default_rng(7).normal(size=(merges.SMALL + 100, 2))
    x = x if decimals is None else x.round(decimals)
    noise = 1e-14
    Z, tie = merges.merge_tree(x, method)
    rows = merges._search_rows(
        merges._Matrix(x, method), lambda h: merges._limit(np.sqrt(h), noise) ** 2
    )
    schedule = ward.agglomeration_schedule(frame(x), method)
    assert (schedule["cluster_1"] - 1).tolist() == rows[0]
    assert (schedule["cluster_2"] - 1).tolist() == rows[1]
    assert tie.tolist() == rows[3]
    assert tie.any() == (decimals is not None)
    np.testing.assert_allclose(Z[:, 2] ** 2, rows[2], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1e-4])
def test_the_chain_gives_the_tree_of_scipy(scale: float) -> None:
    # tight groups far apart: the quick formula is off by more than the distances differ
    rng = np.random.default_rng(11)
    n = merges.SMALL + 200
    x = rng.normal(size=(n, 6)) * scale + rng.integers(0, 3, size=(n, 1)) * 100.0
    Z, tie = merges.merge_tree(x)
    expected = sch.linkage(x, "ward")
    assert clusters_of(Z) == clusters_of(expected)
    np.testing.assert_allclose(Z[:, 2], expected[:, 2], rtol=1e-7)
    assert not tie.any()


@pytest.mark.parametrize("method", ["average", "complete", "single", "weighted"])
def test_other_linkages_give_the_tree_of_scipy(method: str) -> None:
    x = np.random.default_rng(5).normal(size=(300, 4))
    Z, expected = ward.linkage(frame(x), method), sch.linkage(x, method)
    np.testing.assert_array_equal(Z[:, [0, 1, 3]], expected[:, [0, 1, 3]])
    np.testing.assert_allclose(Z[:, 2], expected[:, 2], rtol=1e-12)


def test_ward_holds_no_matrix_of_all_distances() -> None:
    n = merges.SMALL + 500
    for x in (
        np.random.default_rng(2).normal(size=(n, 14)),
        np.random.default_rng(2).normal(size=(n, 2)).round(1),
    ):
        tracemalloc.start()
        ward.agglomeration_schedule(frame(x))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < n * n * 8 / 10


def test_a_matrix_that_would_not_fit_is_refused() -> None:
    table = frame(np.arange(merges._MATRIX_ROWS + 1.0) ** 1.5)
    with pytest.raises(InputError, match="20001 rows: average linkage needs all distances"):
        ward.linkage(table, "average")


# ------------------------------------------------------------------------- what theory says


@given(st.integers(0, 10_000), st.sampled_from(ward.LINKAGES))
@settings(max_examples=80, deadline=None)
def test_row_order_changes_nothing_but_the_last_rounding(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    table = normal(int(rng.integers(2, 60)), int(rng.integers(1, 6)), seed)
    order = rng.permutation(len(table))
    Z, shuffled = ward.linkage(table, method), ward.linkage(table.iloc[order], method)
    back = [frozenset(int(order[c]) for c in cluster) for cluster in clusters_of(shuffled)]
    assert back == clusters_of(Z)
    np.testing.assert_allclose(shuffled[:, 2], Z[:, 2], rtol=1e-11)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_coefficients_are_sums_of_squares_of_the_cuts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(2, 40)), int(rng.integers(1, 6))
    table = ward.standardize(normal(n, p, seed))
    coefficients = ward.agglomeration_schedule(table)["coefficient"]
    memberships = ward.cluster_membership(table, range(1, n + 1))
    for stage, coefficient in enumerate(coefficients, start=1):
        assert coefficient == pytest.approx(
            within_ss(table.to_numpy(), memberships[n - stage].to_numpy()), rel=1e-11
        )
    assert coefficients.iloc[-1] == pytest.approx(p * (n - 1), rel=1e-12)


@given(st.integers(0, 10_000), st.integers(-40, 40))
@settings(max_examples=40, deadline=None)
def test_zscores_forget_units(seed: int, power: int) -> None:
    table = normal(20, 4, seed)
    # a power of two, so that not even the rounding differs
    changed = table * np.array([2.0**power, 1.0, -(2.0**power), 1.0])
    np.testing.assert_array_equal(
        ward.linkage(ward.standardize(changed)), ward.linkage(ward.standardize(table))
    )


@pytest.mark.parametrize("method", ward.LINKAGES)
@pytest.mark.parametrize("factor", [2.0**600, 2.0**-600])
def test_heights_follow_the_unit_even_where_squares_do_not_fit(method: str, factor: float) -> None:
    table = normal(12, 3, 4)
    Z, scaled = ward.linkage(table, method), ward.linkage(table * factor, method)
    np.testing.assert_array_equal(scaled[:, [0, 1, 3]], Z[:, [0, 1, 3]])
    np.testing.assert_allclose(scaled[:, 2], Z[:, 2] * factor, rtol=1e-12)


def test_sums_of_squares_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="a sum of squares exceeds"):
        ward.agglomeration_schedule(normal(5, 2, 1) * 1e200)
    with pytest.raises(InputError, match="a distance exceeds"):
        ward.linkage(frame([1.7e308, -1.7e308, 0]))


@given(values=whole_tables, method=st.sampled_from(ward.LINKAGES[:5]))
@settings(max_examples=60, deadline=None)
def test_heights_never_fall(values: list, method: str) -> None:
    assert (np.diff(ward.linkage(frame(np.array(values) * 0.1), method)[:, 2]) >= 0).all()


def test_centroid_and_median_can_invert() -> None:
    # an almost equilateral triangle
    table = frame([[0, 0], [1, 0], [0.5, 0.9]])
    for method in ("centroid", "median"):
        Z = ward.linkage(table, method)
        np.testing.assert_allclose(Z[:, 2], [1.0, 0.9], rtol=1e-14)
        assert np.isnan(ward.agglomerative_coefficient(table, method))
        assert sorted(set(ward.cut(Z, 2))) == [1, 2]


@given(values=whole_tables, method=st.sampled_from(ward.LINKAGES))
@settings(max_examples=80, deadline=None)
def test_cuts_nest_and_have_exactly_k_clusters(values: list, method: str) -> None:
    Z = ward.linkage(frame(values), method)
    n = len(values)
    finer = np.arange(n) + 1
    for k in range(n, 0, -1):
        labels = ward.cut(Z, k)
        firsts = [int(np.flatnonzero(labels == c)[0]) for c in range(1, k + 1)]
        assert set(labels) == set(range(1, k + 1)) and firsts == sorted(firsts)
        # every cluster of the finer cut lies in one of this one
        assert len(set(zip(finer.tolist(), labels.tolist(), strict=True))) == len(set(finer))
        finer = labels


def test_schedule_refers_to_itself_correctly() -> None:
    for method in ward.LINKAGES:
        s = ward.agglomeration_schedule(normal(40, 3, 8), method).set_index("stage")
        assert (s["cluster_1"] < s["cluster_2"]).all()
        assert s["next_stage"].iloc[-1] == 0 and (s["next_stage"].iloc[:-1] > s.index[:-1]).all()
        for stage, row in s.iterrows():
            for k in (1, 2):
                made = row[f"first_appears_{k}"]
                if made:
                    assert s.loc[made, "cluster_1"] == row[f"cluster_{k}"]
                    assert s.loc[made, "next_stage"] == stage
        heights = ward.linkage(normal(40, 3, 8), method)[:, 2]
        if method != "ward":
            assert s["coefficient"].tolist() == heights.tolist()


@pytest.mark.parametrize("method", ward.LINKAGES)
def test_two_rows_and_one_column(method: str) -> None:
    table = frame([3.0, 7.0])
    schedule = ward.agglomeration_schedule(table, method)
    assert schedule.drop(columns=["coefficient"]).to_numpy().tolist() == [
        [1, 1, 2, 0, 0, 0, "r0", "r1", False]
    ]
    assert schedule["coefficient"].tolist() == [8.0 if method == "ward" else 4.0]
    assert ward.cluster_membership(table, [1, 2], method).to_numpy().tolist() == [[1, 1], [1, 2]]
    assert np.isnan(ward.cophenetic_correlation(table, method))
    drawn = ward.dendrogram_geometry(ward.linkage(table, method), ["a", "b"], method=method)
    assert drawn.labels == ["a", "b"]
    links = drawn.links[[f"{c}_{i}" for c in "xy" for i in (1, 2, 3, 4)]].iloc[0].tolist()
    assert links == [1, 1, 2, 2, 0, 25, 25, 0]


# ---------------------------------------------------------------------------- the drawing


@pytest.mark.parametrize("scale", ward.AXES)
def test_links_meet_their_branches(scale: str) -> None:
    table = normal(30, 3, 9)
    Z = ward.linkage(table)
    drawn = ward.dendrogram_geometry(Z, table.index, scale)
    at = {int(case): (place, 0.0) for place, case in enumerate(drawn.order, start=1)}
    for t, link in drawn.links.iterrows():
        assert at[link["left"]] == (link["x_1"], link["y_1"]) and link["x_2"] == link["x_1"]
        assert at[link["right"]] == (link["x_4"], link["y_4"]) and link["x_3"] == link["x_4"]
        assert link["x_1"] < link["x_4"] and link["y_2"] == link["y_3"] > max(
            link["y_1"], link["y_4"]
        )
        at[len(table) + t] = ((link["x_1"] + link["x_4"]) / 2, link["y_2"])
    assert drawn.links["y_2"].max() == 25 and drawn.scale == scale
    values = {
        "height": Z[:, 2],
        "increment": Z[:, 2] ** 2 / 2,
        "cumulative": ward.agglomeration_schedule(table)["coefficient"],
    }[scale]
    assert drawn.links["value"].tolist() == list(values)
    np.testing.assert_allclose(drawn.links["y_2"], 25 * values / np.max(values), rtol=1e-14)


def test_inner_nodes_come_before_their_branches() -> None:
    Z = ward.linkage(frame([0.0, 10.0, 1.0]))
    assert ward.leaf_order(Z).tolist() == [1, 0, 2]
    assert ward.leaf_order(Z, inner=True).tolist() == [4, 1, 3, 0, 2]


# --------------------------------------------------------------------------------- bad input

CALLS = {
    "standardize": ward.standardize,
    "proximity_matrix": ward.proximity_matrix,
    "linkage": ward.linkage,
    "agglomeration_schedule": ward.agglomeration_schedule,
    "cluster_membership": lambda table: ward.cluster_membership(table, [1]),
    "cophenetic_correlation": ward.cophenetic_correlation,
    "agglomerative_coefficient": ward.agglomerative_coefficient,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("table", "text"),
    [
        ([1.0, 2.0], "expected a table with rows and columns"),
        (pd.DataFrame(index=["x", "y"]), "no column"),
        (
            pd.DataFrame({"a": [1, "two"]}, index=["x", "y"]),
            "row 'y', column 'a': 'two' is not a number",
        ),
        (pd.DataFrame({"a": [1, np.nan]}, index=["x", "y"]), "row 'y', column 'a': .* is empty"),
        (pd.DataFrame({"a": [-np.inf, 1]}, index=["x", "y"]), "row 'x', column 'a': .*infinite"),
        (pd.DataFrame({"a": [1, 2]}, index=["x", "x"]), "label 'x' stands more than once"),
    ],
)
def test_bad_tables_are_named(call: str, table: object, text: str) -> None:
    with pytest.raises(InputError, match=text):
        CALLS[call](table)


def test_unknown_names_and_numbers_are_named() -> None:
    table = normal(5, 2, 1)
    Z = ward.linkage(table)
    for call, text in (
        (lambda: ward.standardize(table, "z"), "unknown scaling 'z': choose one of zscore, range"),
        (lambda: ward.linkage(table, "ward.D"), "unknown linkage 'ward.D': choose one of ward"),
        (lambda: ward.agglomeration_schedule(table, "x"), "unknown linkage 'x'"),
        (lambda: ward.cluster_membership(table, [2], "x"), "unknown linkage 'x'"),
        (lambda: ward.cophenetic_correlation(table, "x"), "unknown linkage 'x'"),
        (lambda: ward.agglomerative_coefficient(table, "x"), "unknown linkage 'x'"),
        (lambda: ward.cluster_membership(table), "5 objects cannot form 6 clusters"),
        (lambda: ward.cluster_membership(table, [2, 2]), "more than once: .2, 2."),
        (lambda: ward.cluster_membership(table, []), "ks is empty"),
        (lambda: ward.cluster_membership(table, 3), "ks must list numbers of clusters, got 3"),
        (lambda: ward.cut(Z, 0), "5 objects cannot form 0 clusters"),
        (lambda: ward.cut(Z, 2.0), "must be a whole number, got 2.0"),
        (lambda: ward.cut(Z[:, :2], 2), r"Z: expected the shape \(n - 1, 4\), got \(4, 2\)"),
        (lambda: ward.cut(Z[::-1], 2), "Z is not a linkage matrix"),
        (lambda: ward.cut(np.where(Z == Z[0, 2], np.nan, Z), 2), "Z is not a linkage matrix"),
        (lambda: ward.dendrogram_geometry(Z, ["a"]), "1 labels for a tree of 5 cases"),
        (lambda: ward.dendrogram_geometry(Z, table.index, "log"), "unknown scale 'log'"),
        (lambda: ward.dendrogram_geometry(Z, table.index, method="x"), "unknown linkage 'x'"),
        (
            lambda: ward.dendrogram_geometry(Z, table.index, "increment", "average"),
            "'increment' is defined for ward linkage only, not 'average'",
        ),
    ):
        with pytest.raises(InputError, match=text):
            call()


def test_the_table_is_left_alone() -> None:
    table = normal(10, 3, 2)
    before = table.copy()
    for call in CALLS.values():
        call(table)
    pd.testing.assert_frame_equal(table, before, check_exact=True)
