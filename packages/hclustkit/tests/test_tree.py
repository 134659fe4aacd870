"""Ward's tree and its relatives: against R, against exact arithmetic, against their theory."""

from __future__ import annotations

import itertools
import json
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.cluster.hierarchy as sch
from hclustkit import Tree, cut, linkage, standardize
from hclustkit.distances import proximity_matrix
from hclustkit.errors import InputError
from hclustkit.programs import identify
from hclustkit.scaling import scaling_name
from hclustkit.tables import treat_missing
from hclustkit.tree.exports import from_hclust
from hclustkit.tree.geometry import AXES, dendrogram_geometry, leaf_order
from hclustkit.tree.linkage import LINKAGES, linkage_name
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused
from scale import scale
from scipy.spatial.distance import pdist, squareform

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


def schedule_of(table: pd.DataFrame, method: str = "ward") -> pd.DataFrame:
    return Tree.from_table(table, method).schedule()


def membership_of(table: pd.DataFrame, ks: object = range(2, 11), method: str = "ward"):
    return Tree.from_table(table, method).membership(ks)


def cophenetic_correlation_of(table: pd.DataFrame, method: str = "ward") -> float:
    return Tree.from_table(table, method).cophenetic_correlation()


def agglomerative_coefficient_of(table: pd.DataFrame, method: str = "ward") -> float:
    return Tree.from_table(table, method).agglomerative_coefficient()


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


@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("dataset", SETS)
def test_merges_and_heights_are_those_of_hclust(dataset: str, method: str) -> None:
    Z = linkage(used(dataset), method)
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
    np.testing.assert_allclose(np.sort(linkage(used(dataset))[:, 2]), np.sort(expected), rtol=1e-12)


@pytest.mark.parametrize("dataset", SETS)
def test_schedule_is_the_one_spss_prints(dataset: str) -> None:
    table = used(dataset)
    ours = schedule_of(table)
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
    Z = linkage(table)
    for measure in ("cumulative", "increment"):
        drawn = dendrogram_geometry(Z, table.index, measure).links["y_2"]
        np.testing.assert_allclose(drawn, expected[f"rescaled25_{measure}"], rtol=1e-11)


@pytest.mark.parametrize("dataset", SETS)
def test_coefficients_are_those_of_lmomrfa(dataset: str) -> None:
    expected = reference("lmomRFA_cluagg_ward", dataset=dataset)
    ours = schedule_of(used(dataset))
    np.testing.assert_allclose(ours["coefficient"], expected["wgss"], rtol=1e-12)


@pytest.mark.parametrize("method", ["ward", "average", "complete"])
@pytest.mark.parametrize("dataset", SETS)
def test_membership_is_that_of_cutree(dataset: str, method: str) -> None:
    ours = membership_of(used(dataset), method=method)
    expected = reference("cutree", dataset=dataset, method=IN_R[method])
    assert list(ours) == list(range(2, 11)) == expected["k"].tolist()
    for k, labels in zip(expected["k"], expected["labels"], strict=True):
        assert ours[k].tolist() == [int(c) for c in labels.split()]


@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("dataset", SETS)
def test_leaf_order_is_that_of_hclust(dataset: str, method: str) -> None:
    table = used(dataset)
    drawn = dendrogram_geometry(linkage(table, method), table.index, method=method)
    expected = reference("hclust_order", dataset=dataset, method=IN_R[method])["order"][0]
    assert (drawn.order + 1).tolist() == [int(c) for c in expected.split()]
    assert drawn.labels == [table.index[c] for c in drawn.order]


@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("dataset", SETS)
def test_cophenetic_correlation_and_agglomerative_coefficient(dataset: str, method: str) -> None:
    expected = reference("cophenetic", dataset=dataset, method=IN_R[method]).iloc[0]
    table = used(dataset)
    assert cophenetic_correlation_of(table, method) == pytest.approx(
        expected["cophenetic_r"], rel=1e-12
    )
    assert agglomerative_coefficient_of(table, method) == pytest.approx(
        expected["coef_hclust"], rel=1e-12, nan_ok=True
    )


def test_agnes_prints_the_same_coefficient() -> None:
    for dataset in SETS:
        expected = reference("cophenetic", dataset=dataset, method="agnes_ward")["agnes_ac"][0]
        assert agglomerative_coefficient_of(used(dataset)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dataset", ["usarrests", "mtcars", "states16x14"])
def test_zscores_are_those_of_scale(dataset: str) -> None:
    raw = pd.read_csv(REFERENCE / "data" / f"{dataset}.csv", index_col=0)
    np.testing.assert_allclose(standardize(raw), used(dataset), rtol=1e-12, atol=1e-14)


# ---------------------------------------------------------------------------- the scalings


def test_scalings_by_hand() -> None:
    table = frame([[1.0, 10], [3, 100], [2, 10], [6, 1000]])
    root = np.sqrt(14 / 3)
    np.testing.assert_allclose(standardize(table)["v0"], np.array([-2, 0, -1, 3]) / root)
    assert standardize(table, "range")["v0"].tolist() == [0, 0.4, 0.2, 1]
    assert standardize(table, "rank")["v1"].tolist() == [1.5, 3, 1.5, 4]
    logs = standardize(table, "log-zscore")["v1"]
    np.testing.assert_allclose(logs, np.array([-3, 1, -3, 5]) / np.sqrt(44 / 3), rtol=1e-14)
    pd.testing.assert_frame_equal(standardize(table, "none"), table)
    assert standardize(table, "none") is not table


@pytest.mark.parametrize("method", ["zscore", "range", "rank", "log-zscore"])
@pytest.mark.parametrize("value", [0.1, 1e300, 5e-324, 1 / 3])
def test_a_column_that_varies_only_by_rounding_is_constant(method: str, value: float) -> None:
    table = frame([[1.0, value]] * 6 + [[2.0, np.nextafter(value, 0) or value]])
    with pytest.raises(InputError) as caught:
        standardize(table, method)
    assert caught.value.rule == "constant-column" and caught.value.place == "column 'v1'"


@pytest.mark.parametrize("value", [0.0, -2.5])
def test_log_needs_positive_values(value: float) -> None:
    with pytest.raises(InputError) as caught:
        standardize(frame([[1, 2], [2, value], [3, 4]]), "log-zscore")
    assert caught.value.rule == "positive" and caught.value.place == "row 'r1', column 'v1'"


@pytest.mark.parametrize("method", ["zscore", "range"])
@pytest.mark.parametrize("factor", [2.0**1000, 2.0**-1000, -(2.0**900)])
def test_scaling_neither_overflows_nor_vanishes(method: str, factor: float) -> None:
    table = frame([[1.5], [-3.25], [7.0], [0.5]])
    plain, scaled = standardize(table, method), standardize(table * factor, method)
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
        standardize(shuffled, method).loc[table.index], standardize(table, method), check_exact=True
    )


# ---------------------------------------------------------------------------- the distances


def test_proximity_matrix() -> None:
    table = normal(20, 5, 1)
    ours = proximity_matrix(table)
    x = table.to_numpy()
    np.testing.assert_allclose(ours, ((x[:, None] - x) ** 2).sum(axis=2), rtol=1e-13)
    assert (np.diag(ours) == 0).all() and (ours == ours.T).all(axis=None)
    assert list(ours.index) == list(ours.columns) == list(table.index)
    with pytest.raises(InputError) as caught:
        proximity_matrix(frame([1e200, -1e200]))
    assert caught.value.rule == "overflow"


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


whole_tables = (
    st.integers(1, 3)
    .flatmap(
        lambda p: st.lists(
            st.lists(st.integers(-3, 3), min_size=p, max_size=p), min_size=2, max_size=9
        )
    )
    .filter(lambda rows: len(rows) != len(rows[0]))
)  # a square one could pass for distances


@pytest.mark.parametrize("method", LINKAGES)
@given(values=whole_tables)
@settings(max_examples=40, deadline=None)
def test_ties_go_to_the_lowest_cases(method: str, values: list) -> None:
    x = np.array(values)
    merged, heights, ties = exact_tree(x, method)
    # tenths are not exact in binary, and a large offset costs digits: ties all the same
    for factor, offset in ((1.0, 0.0), (0.1, 0.0), (0.1, 1000.0)):
        table = frame(x * factor + offset)
        schedule = schedule_of(table, method)
        pairs = zip(schedule["cluster_1"], schedule["cluster_2"], strict=True)
        assert list(pairs) == merged
        assert schedule["tie"].tolist() == ties
        ours = linkage(table, method)[:, 2]
        np.testing.assert_allclose(ours, np.array(heights) * factor, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", LINKAGES)
def test_near_is_not_equal(method: str) -> None:
    # the later pair is nearer by a relative 1e-8: no tie, and it goes first
    schedule = schedule_of(frame([0.0, 1.0, 10.0, 11.0 - 1e-8]), method)
    assert schedule.loc[0, ["cluster_1", "cluster_2"]].tolist() == [3, 4]
    assert not schedule["tie"].any()
    schedule = schedule_of(frame([0.0, 1.0, 10.0, 11.0 - 1e-12]), method)
    assert schedule.loc[0, ["cluster_1", "cluster_2"]].tolist() == [1, 2]
    assert schedule["tie"].tolist() == [True, False, False]


def test_a_tie_may_change_the_tree_and_is_marked() -> None:
    # 0, 1, 2: the middle one could go either way
    schedule = schedule_of(frame([0.0, 1.0, 2.0]))
    assert schedule["tie"].tolist() == [True, False]
    assert schedule[["cluster_1", "cluster_2"]].to_numpy().tolist() == [[1, 2], [1, 3]]
    swapped = schedule_of(frame([2.0, 1.0, 0.0]))
    assert swapped[["cluster_1", "cluster_2"]].to_numpy().tolist() == [[1, 2], [1, 3]]


def test_identical_rows_merge_first_at_exactly_zero() -> None:
    x = np.random.default_rng(3).normal(size=(6, 9))[[0, 1, 2, 0, 3, 0, 4, 1, 5, 0]]
    for method in LINKAGES:
        schedule = schedule_of(frame(x), method)
        first = schedule.loc[:3, ["cluster_1", "cluster_2"]].to_numpy().tolist()
        assert first == [[1, 4], [1, 6], [1, 10], [2, 8]]
        assert (schedule.loc[:3, "coefficient"] == 0).all() and schedule.loc[4, "coefficient"] > 0
        assert schedule["tie"].tolist() == [True, True, True] + [False] * 6


def test_all_rows_identical() -> None:
    table = frame(np.full((5, 3), 0.1))
    schedule = schedule_of(table)
    assert schedule["cluster_2"].tolist() == [2, 3, 4, 5]
    assert (schedule["coefficient"] == 0).all()
    drawn = dendrogram_geometry(linkage(table), table.index)
    assert (drawn.links["y_2"] == 0).all()
    assert np.isnan(cophenetic_correlation_of(table))
    assert np.isnan(agglomerative_coefficient_of(table))


# ------------------------------------------------------------------------- what theory says


@given(st.integers(0, 10_000), st.sampled_from(LINKAGES))
@settings(max_examples=80, deadline=None)
def test_row_order_changes_nothing_but_the_last_rounding(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    table = normal(int(rng.integers(2, 60)), int(rng.integers(1, 6)), seed)
    order = rng.permutation(len(table))
    Z, shuffled = linkage(table, method), linkage(table.iloc[order], method)
    back = [frozenset(int(order[c]) for c in cluster) for cluster in clusters_of(shuffled)]
    assert back == clusters_of(Z)
    np.testing.assert_allclose(shuffled[:, 2], Z[:, 2], rtol=1e-11)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_coefficients_are_sums_of_squares_of_the_cuts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(2, 40)), int(rng.integers(1, 6))
    table = standardize(normal(n, p, seed))
    coefficients = schedule_of(table)["coefficient"]
    memberships = membership_of(table, range(1, n + 1))
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
    np.testing.assert_array_equal(linkage(standardize(changed)), linkage(standardize(table)))


@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("factor", [2.0**600, 2.0**-600])
def test_heights_follow_the_unit_even_where_squares_do_not_fit(method: str, factor: float) -> None:
    table = normal(12, 3, 4)
    Z, scaled = linkage(table, method), linkage(table * factor, method)
    np.testing.assert_array_equal(scaled[:, [0, 1, 3]], Z[:, [0, 1, 3]])
    np.testing.assert_allclose(scaled[:, 2], Z[:, 2] * factor, rtol=1e-12)


def test_sums_of_squares_that_do_not_fit_are_refused() -> None:
    for call in (
        lambda: schedule_of(normal(5, 2, 1) * 1e200),
        lambda: linkage(frame([1.7e308, -1.7e308, 0])),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.rule == "overflow"


@given(values=whole_tables, method=st.sampled_from(LINKAGES[:5]))
@settings(max_examples=60, deadline=None)
def test_heights_never_fall(values: list, method: str) -> None:
    assert (np.diff(linkage(frame(np.array(values) * 0.1), method)[:, 2]) >= 0).all()


def test_centroid_and_median_can_invert() -> None:
    # an almost equilateral triangle
    table = frame([[0, 0], [1, 0], [0.5, 0.9]])
    for method in ("centroid", "median"):
        Z = linkage(table, method)
        np.testing.assert_allclose(Z[:, 2], [1.0, 0.9], rtol=1e-14)
        assert np.isnan(agglomerative_coefficient_of(table, method))
        assert sorted(set(cut(Z, 2))) == [1, 2]


@given(values=whole_tables, method=st.sampled_from(LINKAGES))
@settings(max_examples=80, deadline=None)
def test_cuts_nest_and_have_exactly_k_clusters(values: list, method: str) -> None:
    Z = linkage(frame(values), method)
    n = len(values)
    finer = np.arange(n) + 1
    for k in range(n, 0, -1):
        labels = cut(Z, k)
        firsts = [int(np.flatnonzero(labels == c)[0]) for c in range(1, k + 1)]
        assert set(labels) == set(range(1, k + 1)) and firsts == sorted(firsts)
        # every cluster of the finer cut lies in one of this one
        assert len(set(zip(finer.tolist(), labels.tolist(), strict=True))) == len(set(finer))
        finer = labels


def test_schedule_refers_to_itself_correctly() -> None:
    for method in LINKAGES:
        s = schedule_of(normal(40, 3, 8), method).set_index("stage")
        assert (s["cluster_1"] < s["cluster_2"]).all()
        assert s["next_stage"].iloc[-1] == 0 and (s["next_stage"].iloc[:-1] > s.index[:-1]).all()
        for stage, row in s.iterrows():
            for k in (1, 2):
                made = row[f"first_appears_{k}"]
                if made:
                    assert s.loc[made, "cluster_1"] == row[f"cluster_{k}"]
                    assert s.loc[made, "next_stage"] == stage
        heights = linkage(normal(40, 3, 8), method)[:, 2]
        if method != "ward":
            assert s["coefficient"].tolist() == heights.tolist()


@pytest.mark.parametrize("method", LINKAGES)
def test_two_rows_and_one_column(method: str) -> None:
    table = frame([3.0, 7.0])
    schedule = schedule_of(table, method)
    assert schedule.drop(columns=["coefficient"]).to_numpy().tolist() == [
        [1, 1, 2, 0, 0, 0, "r0", "r1", False]
    ]
    assert schedule["coefficient"].tolist() == [8.0 if method == "ward" else 4.0]
    assert membership_of(table, [1, 2], method).to_numpy().tolist() == [[1, 1], [1, 2]]
    assert np.isnan(cophenetic_correlation_of(table, method))
    drawn = dendrogram_geometry(linkage(table, method), ["a", "b"], method=method)
    assert drawn.labels == ["a", "b"]
    links = drawn.links[[f"{c}_{i}" for c in "xy" for i in (1, 2, 3, 4)]].iloc[0].tolist()
    assert links == [1, 1, 2, 2, 0, 25, 25, 0]


# ---------------------------------------------------------------------------- the drawing


@pytest.mark.parametrize("scale", AXES)
def test_links_meet_their_branches(scale: str) -> None:
    table = normal(30, 3, 9)
    Z = linkage(table)
    drawn = dendrogram_geometry(Z, table.index, scale)
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
        "cumulative": schedule_of(table)["coefficient"],
    }[scale]
    assert drawn.links["value"].tolist() == list(values)
    np.testing.assert_allclose(drawn.links["y_2"], 25 * values / np.max(values), rtol=1e-14)


def test_inner_nodes_come_before_their_branches() -> None:
    Z = linkage(frame([0.0, 10.0, 1.0]))
    assert leaf_order(Z).tolist() == [1, 0, 2]
    assert leaf_order(Z, inner=True).tolist() == [4, 1, 3, 0, 2]


# --------------------------------------------------------------------------------- bad input


CALLS = {
    "standardize": standardize,
    "proximity_matrix": proximity_matrix,
    "linkage": linkage,
    "from_table": Tree.from_table,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "table",
    [
        [1.0, 2.0],
        pd.DataFrame(index=["x", "y"]),
        pd.DataFrame({"a": [1, "two"]}, index=["x", "y"]),
        pd.DataFrame({"a": [1, np.nan]}, index=["x", "y"]),
        np.array([[1.0], [np.inf]]),
        pd.DataFrame({"a": [1, 2]}, index=["x", "x"]),
        [["a"], ["b"]],
        [[1.0], [2.0, 3.0]],
        np.empty((0, 3)),
    ],
)
def test_bad_tables_are_input_errors(call: str, table: object) -> None:
    with pytest.raises(InputError):
        CALLS[call](table)


def test_bad_parameters_name_their_rule() -> None:
    table = normal(5, 2, 1)
    Z, tree = linkage(table), Tree.from_table(table)
    for call, rule in (
        (lambda: standardize(table, "z"), "unknown-name"),
        (lambda: linkage(table, "ward.D"), "unknown-name"),
        (lambda: linkage(table, metric="nearness", method="single"), "metric"),
        (lambda: linkage(table, metric="cityblock"), "euclidean-only"),
        (lambda: linkage(table, connectivity=np.ones((4, 4))), "connectivity-shape"),
        (lambda: linkage(table, variable_weights=[1.0]), "weights"),
        (lambda: linkage(table, variable_weights=[1.0, -1.0]), "weights"),
        (lambda: linkage(table, weights=[1, 1, 1, 1, 0]), "weights"),
        (lambda: tree.membership([6]), "k-range"),
        (lambda: tree.membership([2, 2]), "repeated"),
        (lambda: tree.membership([]), "empty-list"),
        (lambda: tree.membership(3), "list"),
        (lambda: tree.members(9), "range"),
        (lambda: tree.members(1.0), "whole-number"),
        (lambda: cut(Z, 0), "k-range"),
        (lambda: cut(Z, 2.0), "whole-number"),
        (lambda: cut(Z), "k-or-height"),
        (lambda: cut(Z, 2, height=1.0), "k-or-height"),
        (lambda: cut(Z, height="high"), "number"),
        (lambda: cut(Z[:, :2], 2), "linkage-shape"),
        (lambda: cut(Z[::-1], 2), "linkage-matrix"),
        (lambda: cut(np.where(Z[0, 2] == Z, np.nan, Z), 2), "linkage-matrix"),
        (lambda: Tree.from_linkage(Z, ["a"]), "label-count"),
        (lambda: Tree.from_linkage(Z, ["a"] * 5), "duplicate-label"),
        (lambda: Tree.from_linkage(Z).cophenetic_correlation(), "distances-missing"),
        (lambda: dendrogram_geometry(Z, ["a"]), "label-count"),
        (lambda: dendrogram_geometry(Z, table.index, "log"), "unknown-name"),
        (lambda: dendrogram_geometry(Z, table.index, method="x"), "unknown-name"),
        (lambda: dendrogram_geometry(Z, table.index, "increment", "average"), "ward-only"),
        (lambda: from_hclust([[-1, -2]], [1, 2]), "hclust-shape"),
        (lambda: from_hclust([[-1, 5]], [1]), "linkage-matrix"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.rule == rule and caught.value.place


@pytest.mark.parametrize(
    ("at", "row", "said"),
    [
        (2, [0, 2, 3.0, 2], "merge 2 joins 0 and 2"),  # 0 is merged already
        (2, [2, 2, 3.0, 2], "merge 2 joins 2 and 2"),
        (2, [2, 6, 3.0, 3], "merge 2 joins 2 and 6"),  # 6 is made by it
        (2, [2, 1e300, 3.0, 3], "merge 2 joins 2 and 1e+300"),
        (2, [2, 2.5, 3.0, 2], "merge 2 joins 2 and 2.5"),
        (2, [2, 3, -3.0, 2], "merge 2 has the height -3"),
        (2, [2, 3, np.inf, 2], "merge 2 has the height inf"),
        (2, [2, 3, 3.0, 3], "merge 2 has the size 3, but joins 2 rows"),
        (1, [0, 1, 1.0, 9], "merge 1 has the size 9, but joins 2 rows"),
        (2, [2, 3, 3.0, np.nan], "merge 2 has the size nan"),
    ],
)
def test_what_is_not_a_linkage_matrix_is_named(at: int, row: list[float], said: str) -> None:
    Z = np.array([[0, 1, 1.0, 2], [2, 3, 3.0, 2], [5, 6, 2.0, 4], [4, 7, np.inf, 5]])
    assert len(set(cut(Z, 2))) == 2  # an inversion, and parts that stay apart
    Z[at - 1] = row
    with refused("linkage-matrix", place=f"Z, merge {at}") as caught:
        cut(Z, 2)
    assert said in str(caught.value)


def test_the_table_is_left_alone() -> None:
    table = normal(10, 3, 2)
    before = table.copy()
    for call in CALLS.values():
        call(table)
    pd.testing.assert_frame_equal(table, before, check_exact=True)


def test_what_was_made_does_not_change_with_what_it_was_made_from() -> None:
    x = normal(8, 3, 2)
    near = pdist(x)
    new = {1: squareform(near)[:3], 2: x.to_numpy()[:3] + 1.0}
    for source, how in (
        (x.copy(), {"weights": np.arange(1.0, 9)}),
        (x.to_numpy(copy=True), {"variable_weights": np.arange(1.0, 4)}),
        (near.copy(), {"metric": "precomputed", "method": "average"}),
    ):
        tree = Tree.from_table(source, **how)
        seen = []
        for number in (np.nan, 7.0):
            for held in (source, *how.values()):
                if seen and not isinstance(held, str):
                    held[:] = number
            rows = tree.assign(new[source.ndim], 3).rows.astype(float).to_numpy()
            seen.append([rows.tolist(), tree.optimal_leaf_order()])
        assert seen[0] == seen[1]
    Z = linkage(x)
    found = identify(x, Z)
    Z[:] = 0
    assert found.Z[-1, 3] == 8
    kept, _ = treat_missing(x, "error")
    kept.iloc[0, 0] = 99.0
    assert x.iloc[0, 0] != 99


def test_arrays_are_as_good_as_data_frames() -> None:
    table = normal(10, 3, 2)
    for array in (table.to_numpy(), np.asfortranarray(table.to_numpy()), table.to_numpy().tolist()):
        np.testing.assert_array_equal(linkage(array), linkage(table))
        assert (proximity_matrix(array).to_numpy() == proximity_matrix(table).to_numpy()).all()
        assert Tree.from_table(array).labels.tolist() == list(range(10))
    np.testing.assert_array_equal(standardize(table.to_numpy()), standardize(table).to_numpy())
    np.testing.assert_array_equal(
        linkage(np.arange(6).reshape(3, 2)), linkage([[0, 1.0], [2, 3], [4, 5]])
    )


# ------------------------------------------------------------------- one row, weights, distances


@pytest.mark.parametrize("method", LINKAGES)
def test_one_row_is_a_tree_without_merges(method: str) -> None:
    tree = Tree.from_table(pd.DataFrame({"x": [3.0]}, index=["a"]), method)
    assert tree.Z.shape == (0, 4) and tree.Z.dtype == np.float64 and tree.ties.shape == (0,)
    assert tree.cut(1).tolist() == [1] == tree.cut(height=0.0).tolist()
    assert len(tree.schedule()) == 0 and tree.membership([1]).to_numpy().tolist() == [[1]]
    assert tree.members(0) == ["a"] and tree.newick() == "a;" and tree.leaf_order() == ["a"]
    assert tree.cophenetic().shape == (0,) and np.isnan(tree.cophenetic_correlation())
    assert len(tree.geometry().links) == 0
    assert tree.draw().get_xticks().tolist() == [1]


@pytest.mark.parametrize("method", LINKAGES)
def test_weights_are_repeated_rows(method: str) -> None:
    rng = np.random.default_rng(5)
    x, weights = rng.normal(size=(12, 3)), rng.integers(1, 5, size=12)
    repeated = np.repeat(x, weights, axis=0)
    ours, expected = linkage(x, method, weights=weights), linkage(repeated, method)
    zeros = int((weights - 1).sum())
    assert (expected[:zeros, 2] == 0).all()
    np.testing.assert_allclose(ours[:, 2], expected[zeros:, 2], rtol=1e-9)
    for k in range(1, 13):
        np.testing.assert_array_equal(np.repeat(cut(ours, k), weights), cut(expected, k))


def test_variable_weights_stretch_the_columns() -> None:
    x = np.random.default_rng(6).normal(size=(15, 3))
    np.testing.assert_allclose(
        linkage(x, variable_weights=[4, 1, 0]), linkage(x[:, :2] * [2, 1]), rtol=1e-12
    )
    np.testing.assert_allclose(
        linkage(x, "complete", metric="cityblock", variable_weights=[2, 1, 1]),
        linkage(x * [2, 1, 1], "complete", metric="cityblock"),
        rtol=1e-12,
    )


@pytest.mark.parametrize("method", LINKAGES)
def test_precomputed_distances(method: str) -> None:
    x = np.random.default_rng(7).normal(size=(40, 3))
    d = pdist(x)
    expected = linkage(x, method)
    for distances in (d, squareform(d), pd.DataFrame(squareform(d))):
        np.testing.assert_allclose(
            linkage(distances, method, metric="precomputed"), expected, rtol=1e-9
        )


def test_other_metrics_are_those_of_scipy() -> None:
    x = np.random.default_rng(8).normal(size=(30, 4))
    for metric in ("cityblock", "cosine", "chebyshev", "correlation"):
        np.testing.assert_allclose(
            linkage(x, "average", metric=metric),
            sch.linkage(pdist(x, metric), "average"),
            rtol=1e-12,
        )


def test_a_tree_remembers_the_distances_it_was_made_from() -> None:
    x = np.random.default_rng(9).normal(size=(10, 4))
    for metric, data in (("cityblock", x), ("precomputed", pdist(x, "cityblock"))):
        tree = Tree.from_table(data, "average", metric=metric)
        assert tree.labels.tolist() == list(range(10))
        expected = sch.cophenet(
            sch.linkage(pdist(x, "cityblock"), "average"), pdist(x, "cityblock")
        )
        assert tree.cophenetic_correlation() == pytest.approx(expected[0], rel=1e-9)


def test_bad_distances_name_their_rule() -> None:
    square = squareform([1.0, 2, 3, 1.5, 2.7, 0.15])
    lopsided, diagonal = square.copy(), square.copy()
    lopsided[2, 0] = 9
    diagonal[1, 1] = 1
    for distances, method, rule in (
        (lopsided, "single", "symmetric"),
        (diagonal, "single", "zero-diagonal"),
        (square[:2], "single", "distance-shape"),
        ([1.0, 2.0], "single", "condensed-length"),
        ([1.0, 2.0, -1.0], "single", "distance"),
        ([1.0, 2.0, np.nan], "single", "distance"),
        # the triangle rule is broken: no points have these distances
        ([1.0, 1.0, 10.0], "ward", "euclidean-only"),
    ):
        with pytest.raises(InputError) as caught:
            linkage(distances, method, metric="precomputed")
        assert caught.value.rule == rule
    # given as distances, the heights are distances
    assert linkage(square, "complete", metric="precomputed")[:, 2].tolist() == [0.15, 1.0, 3.0]


# ----------------------------------------------------------------------------- cuts and exports


def test_cut_by_height_keeps_merges_up_to_and_including_it() -> None:
    Z = linkage([[0.0], [1.0], [3.0]], "single")
    assert cut(Z, height=2).tolist() == [1, 1, 1] and cut(Z, height=1.99).tolist() == [1, 1, 2]
    assert cut(Z, height=0.5).tolist() == [1, 2, 3]
    inverted = linkage([[0, 0], [1, 0], [0.5, 0.9]], "centroid")
    assert cut(inverted, 2).tolist() == [1, 1, 2]
    with pytest.raises(InputError) as caught:
        cut(inverted, height=0.95)
    assert caught.value.rule == "inverted-tree"


def test_exactly_k_under_inversions_and_ties() -> None:
    for seed in range(200):
        Z = linkage(np.random.default_rng(seed).normal(size=(12, 2)), "centroid")
        assert [cut(Z, k).max() for k in range(1, 13)] == list(range(1, 13))
    square = linkage([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert [cut(square, k).max() for k in range(1, 5)] == [1, 2, 3, 4]


@pytest.mark.long("a long chain", "a tree of 100,000 leaves in one chain is read and written")
def test_a_chain_of_many_leaves() -> None:
    n = scale(20_000, 100_000)
    Z = np.column_stack(
        [np.r_[0, np.arange(n, 2 * n - 2)], np.arange(1, n), np.arange(1.0, n), np.arange(2, n + 1)]
    )
    tree = Tree.from_linkage(Z, method="single")
    assert np.bincount(tree.cut(3)).tolist() == [0, n - 2, 1, 1]
    assert tree.members(2 * n - 2) == list(range(n)) and tree.schedule()["tie"].isna().all()
    assert tree.leaf_order()[:2] == [n - 1, n - 2]
    assert tree.newick().count("(") == n - 1 and len(tree.to_hclust()["merge"]) == n - 1
    assert len(json.loads(tree.to_json())["merges"]) == n - 1


def leaf_depths(text: str) -> dict[str, float]:
    """How far each leaf of a Newick tree is from the root, by a reader of its own."""
    depth: dict[str, float] = {}
    groups: list[list[str]] = [[]]
    last: list[str] = []
    for token in re.findall(r"'(?:[^']|'')*'|[(),;]|:[^,();]+|[^:,();]+", text):
        if token == "(":
            groups.append([])
        elif token == ")":
            last = groups.pop()
            groups[-1] += last
        elif token.startswith(":"):
            for name in last:
                depth[name] = depth.get(name, 0.0) + float(token[1:])
        elif token not in ",;":
            last = [token[1:-1].replace("''", "'") if token[0] == "'" else token]
            groups[-1] += last
    return depth


@pytest.mark.parametrize("half", [True, False])
def test_newick_is_read_back(half: bool) -> None:
    labels = ["plain", "two words", "it's", "a(b)", "x_y", "1.5"]
    tree = Tree.from_table(pd.DataFrame({"x": [0.0, 1, 4, 9, 16, 30]}, index=labels), "average")
    depth = leaf_depths(tree.newick(half=half))
    top = tree.Z[-1, 2] / (2 if half else 1)
    assert depth == {label: pytest.approx(top, rel=1e-11) for label in labels}


@pytest.mark.parametrize("method", LINKAGES)
def test_hclust_goes_there_and_back(method: str) -> None:
    tree = Tree.from_table(used("usarrests"), method)
    hclust = tree.to_hclust()
    expected = reference("hclust_merge_height", dataset="usarrests", method=IN_R[method])
    assert hclust["merge"].tolist() == expected[["merge1", "merge2"]].to_numpy().tolist()
    np.testing.assert_array_equal(from_hclust(hclust["merge"], hclust["height"]), tree.Z)
    order = reference("hclust_order", dataset="usarrests", method=IN_R[method])["order"][0]
    assert hclust["order"].tolist() == [int(c) for c in order.split()]


def test_names_in_words() -> None:
    assert [linkage_name(m) for m in ("ward", "single")] == ["Ward's method", "single linkage"]
    assert scaling_name("zscore") == "z-scores" and scaling_name("own") == "own"
    with pytest.raises(InputError) as caught:
        scaling_name(["zscore"])
    assert (caught.value.place, caught.value.rule) == ("scaling", "argument-type")
