"""Agreement of partitions and trees: against R, against counting by hand, against theory."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import compare as agreement
from hclustkit import cut, linkage
from hclustkit.compare import adjusted_rand_index, minimum_moves, renumber
from hclustkit.draw import aligned_styles
from hclustkit.draw.style import cluster_style
from hclustkit.tree.geometry import dendrogram_geometry
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused

REFERENCE = Path(__file__).parent / "reference"
SETS = ("usarrests", "mtcars", "ruspini", "states16x14")
LN2 = math.log(2)

# what R's programs call it: our name, and our value in their unit
IN_R = {
    "fpc_corrected.rand": ("adjusted_rand", 1),
    "mclust_ARI": ("adjusted_rand", 1),
    "mclustcomp_adjrand": ("adjusted_rand", 1),
    "fpc_vi_nats": ("variation_of_info", 1),
    "mclustcomp_vi": ("variation_of_info", 1 / LN2),
    "mclustcomp_mi": ("mutual_info", 1 / LN2),
    "mclustcomp_jent": ("joint_entropy", 1 / LN2),
    "mclustcomp_nvi": ("normalized_vi", 1),
    "mclustcomp_nmi1": ("nmi_sqrt", 1),
    "mclustcomp_nmi2": ("nmi_mean", 1),
    "mclustcomp_rand": ("rand", 1),
    "mclustcomp_smc": ("rand", 1),
    "mclustcomp_jaccard": ("jaccard", 1),
    "mclustcomp_tanimoto": ("jaccard", 1),
    "mclustcomp_tversky": ("jaccard", 1),
    "mclustcomp_sdc": ("sorensen_dice", 1),
    "mclustcomp_fmi": ("fowlkes_mallows", 1),
    "mclustcomp_overlap": ("overlap", 1),
    "mclustcomp_wallace1": ("wallace_a", 1),
    "mclustcomp_wallace2": ("wallace_b", 1),
    "mclustcomp_mirkin": ("mirkin", 1),
    "mclustcomp_chisq": ("chi_squared", 1),
    "mclustcomp_vdm": ("van_dongen", 1),
    "mclustcomp_mhm": ("meila_heckerman", 1),
}
# f exceeds 1 for equal partitions; mmm matches several clusters to one; pd is N00
NOT_TAKEN = {"mclustcomp_f", "mclustcomp_mmm", "mclustcomp_pd"}

labels = st.integers(1, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
    )
)


def reference(name: str, **where: object) -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / f"{name}.csv")
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame)
    return frame


def partitions(dataset: str, k: int) -> list[np.ndarray]:
    """Ward's and the average linkage partition, as R cut them."""
    return [
        np.array(
            reference("cutree", dataset=dataset, method=method, k=k)["labels"].iloc[0].split(),
            dtype=int,
        )
        for method in ("ward.D2", "average")
    ]


def trees(dataset: str) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    table = pd.read_csv(REFERENCE / "data" / f"{dataset}_used.csv", index_col=0)
    return table.index, linkage(table), linkage(table, "average")


def canonical(partition: object) -> list[int]:
    number: dict = {}
    return [number.setdefault(c, len(number)) for c in partition]


# ------------------------------------------------------------------------------ against R


@pytest.mark.parametrize("k", range(2, 7))
@pytest.mark.parametrize("dataset", SETS)
def test_measures_are_those_of_three_r_packages(dataset: str, k: int) -> None:
    expected = reference("partition_agreement", dataset=dataset, k=k)
    ours = agreement.agreement_table(*partitions(dataset, k))
    assert set(expected["stat"]) == set(IN_R) | NOT_TAKEN
    for stat, value in zip(expected["stat"], expected["value"], strict=True):
        if stat not in NOT_TAKEN:
            name, factor = IN_R[stat]
            # for equal partitions H(a, b) = I(a, b), yet mclustcomp's differ by 2e-12
            digits = 1e-11 if stat == "mclustcomp_jent" else 1e-12
            assert ours[name] * factor == pytest.approx(value, rel=digits, abs=1e-12), stat


@pytest.mark.parametrize("dataset", SETS)
def test_trees_compare_as_in_dendextend(dataset: str) -> None:
    names, Z1, Z2 = trees(dataset)
    frame = reference("tree_comparison_ward_vs_average", dataset=dataset)
    expected = dict(zip(frame["stat"], frame["value"], strict=True))
    ours = {
        "cor_cophenetic": agreement.cophenetic_correlation_between(Z1, Z2),
        "cor_bakers_gamma": agreement.bakers_gamma(Z1, Z2),
    }
    orders = [dendrogram_geometry(Z, names).labels for Z in (Z1, Z2)]
    for L in (0, 1, 1.5, 2):
        ours[f"entanglement_L{L}"] = agreement.entanglement(*orders, L)
    bk = agreement.fowlkes_mallows_bk(Z1, Z2, range(2, 7))
    for stat, column in (("FM", "bk"), ("FM_E", "expected"), ("FM_V", "variance")):
        ours |= {f"{stat}_k{k}": bk.loc[k, column] for k in bk.index}
    assert ours == pytest.approx(expected, rel=1e-12)


def test_pac_is_that_of_the_reference() -> None:
    summary = reference("consensus_summary")
    for row in summary.itertuples():
        pairs = reference("consensus_matrix", dataset=row.dataset, k=row.k)
        matrix = np.eye(pairs["i"].max())
        matrix[pairs["i"] - 1, pairs["j"] - 1] = matrix[pairs["j"] - 1, pairs["i"] - 1] = pairs[
            "consensus"
        ]
        assert agreement.pac(matrix) == pytest.approx(
            summary.loc[row.Index, "PAC_0.1_0.9"], rel=1e-12
        )


# ---------------------------------------------------------------------- counting by hand


def by_pairs(a: list, b: list) -> tuple[int, int, int, int]:
    counts = [0, 0, 0, 0]
    for i, j in itertools.combinations(range(len(a)), 2):
        counts[2 * (a[i] != a[j]) + (b[i] != b[j])] += 1
    return tuple(counts)


@given(labels)
@settings(max_examples=150, deadline=None)
def test_pair_measures_against_counting(two: tuple) -> None:
    a, b = two
    n11, n10, n01, n00 = by_pairs(a, b)
    same = canonical(a) == canonical(b)
    table = agreement.agreement_table(a, b)

    def over(part: float, whole: float) -> float:
        return part / whole if whole else float(same)

    total = n11 + n10 + n01 + n00
    expected = {
        "rand": (n11 + n00) / total if total else 1.0,
        "jaccard": over(n11, n11 + n10 + n01),
        "sorensen_dice": over(2 * n11, 2 * n11 + n10 + n01),
        "wallace_a": over(n11, n11 + n10),
        "wallace_b": over(n11, n11 + n01),
        "fowlkes_mallows": over(n11, math.sqrt((n11 + n10) * (n11 + n01))),
        "overlap": over(n11, min(n11 + n10, n11 + n01)),
        "mirkin": 2 * (n10 + n01),
    }
    # Hubert and Arabie: (index - expected) / (maximum - expected)
    if total:
        mean = (n11 + n10) * (n11 + n01) / total
        top = (2 * n11 + n10 + n01) / 2
        expected["adjusted_rand"] = (n11 - mean) / (top - mean) if top != mean else 1.0
    assert table[list(expected)].to_dict() == pytest.approx(expected, abs=1e-12)
    assert table["adjusted_rand"] == agreement.adjusted_rand_index(a, b)
    assert table["rand"] == agreement.rand_index(a, b)
    assert table["variation_of_info"] == agreement.variation_of_information(a, b)
    assert table["adjusted_mutual_info"] == agreement.adjusted_mutual_information(a, b)
    assert (table["adjusted_rand"] == 1) == same


@given(labels)
@settings(max_examples=60, deadline=None)
def test_symmetric_bounded_and_blind_to_names(two: tuple) -> None:
    a, b = two
    renamed = [f"cluster {9 - c}" for c in a]
    for measure, low, high in (
        (agreement.rand_index, 0, 1),
        (agreement.adjusted_rand_index, -1, 1),
        (agreement.adjusted_mutual_information, -1, 1),
        (agreement.fowlkes_mallows, 0, 1),
        (agreement.variation_of_information, 0, math.log(len(a))),
        (agreement.minimum_moves, 0, len(a)),
    ):
        value = measure(a, b)
        assert low - 1e-9 <= value <= high + 1e-9
        assert measure(b, a) == pytest.approx(value, abs=1e-12)
        assert measure(renamed, b) == pytest.approx(value, abs=1e-12)
        assert measure(a, renamed) == pytest.approx(measure(a, a), abs=1e-12)
    assert agreement.adjusted_rand_index(a, a) == 1
    assert agreement.variation_of_information(a, a) == pytest.approx(0, abs=1e-15)


def test_adjusted_for_chance_means_zero_on_average() -> None:
    a, b = [0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 2, 2]
    shuffles = list(itertools.permutations(b))
    for measure in (agreement.adjusted_rand_index, agreement.adjusted_mutual_information):
        assert np.mean([measure(a, s) for s in shuffles]) == pytest.approx(0, abs=1e-12)


def test_variation_of_information_by_hand() -> None:
    # halves against quarters: H(a) = log 2, H(b) = H(a, b) = log 4
    assert agreement.variation_of_information([0, 0, 1, 1], list("wxyz")) == pytest.approx(LN2)


@given(labels)
@settings(max_examples=150, deadline=None)
def test_moves_against_trying_every_renaming(two: tuple) -> None:
    a, b = two
    names_a, names_b = list(dict.fromkeys(a)), list(dict.fromkeys(b))
    none = [("none", i) for i in range(len(names_a))]
    best: list[tuple] = []
    for chosen in itertools.permutations([*names_b, *none], len(names_a)):
        partner = dict(zip(names_a, chosen, strict=True))
        moved = [i for i in range(len(a)) if partner[a[i]] != b[i]]
        # a match that keeps nobody does not count
        rank = [
            names_b.index(partner[c])
            if any(x == c and y == partner[c] for x, y in zip(a, b, strict=True))
            else 99
            for c in names_a
        ]
        best.append((len(moved), rank, moved))
    fewest, _, expected = min(best)
    assert agreement.minimum_moves(a, b) == fewest
    assert agreement.moves(a, b) == expected


def test_moving_them_gives_the_other_partition() -> None:
    rng = np.random.default_rng(4)
    for _ in range(30):
        a, b = rng.integers(0, 5, 40), rng.integers(0, 4, 40)
        stay = np.setdiff1d(np.arange(40), agreement.moves(a, b))
        assert 40 - len(stay) == agreement.minimum_moves(a, b)
        assert canonical(a[stay]) == canonical(b[stay])


def test_matching_pairs_clusters_by_name_and_leaves_out_the_rest() -> None:
    a = pd.Series(["I", "I", "II", "III", "III"], index=list("pqrst"))
    b = pd.Series([7, 8, 8, 9, 9], index=list("pqrst"))
    # I could go with 7 or with 8, II with 8 only: I takes 7
    assert agreement.matching(a, b) == {"I": 7, "II": 8, "III": 9}
    assert agreement.matching(a, pd.Series(1, index=list("pqrst"))) == {"I": 1}
    stay = [at for at in a.index if agreement.matching(a, b)[a[at]] == b[at]]
    assert sorted([*stay, *agreement.moves(a, b)]) == list(a.index)


def test_moves_names_the_objects() -> None:
    a = pd.Series([1, 1, 2, 2, 2], index=list("pqrst"))
    b = pd.Series(["x", "y", "y", "x", "x"], index=list("tsrqp"))
    assert agreement.moves(a, b) == ["t"]
    assert agreement.minimum_moves(a, b) == 1
    # both ways cost two: the first cluster of a keeps the earliest of b
    assert agreement.moves([1, 1, 2, 2], [1, 2, 1, 2]) == [1, 2]


@given(labels)
@settings(max_examples=100, deadline=None)
def test_best_match_against_sets(two: tuple) -> None:
    a, b = two
    found = agreement.best_match(a, b)
    of_a = {c: {i for i, x in enumerate(a) if x == c} for c in dict.fromkeys(a)}
    of_b = {c: {i for i, x in enumerate(b) if x == c} for c in dict.fromkeys(b)}
    assert list(found.index) == list(of_a)
    for c, row in found.iterrows():
        inside = of_a[c]
        scores = {d: len(inside & other) / len(inside | other) for d, other in of_b.items()}
        assert set(row["members"]) == inside and row["size"] == len(inside)
        assert row["jaccard"] == pytest.approx(max(scores.values()))
        assert row["match"] == max(scores, key=scores.get)
        assert row["recovered_exactly"] == (inside in of_b.values())
        touched = [other for other in of_b.values() if other & inside]
        assert row["parts"] == [d for d, other in of_b.items() if other & inside]
        assert set(row["joined_by"]) == set().union(*touched) - inside
        assert (
            row["relation"]
            == {
                (1, False): "recovered",
                (1, True): "merged",
                (2, False): "split",
                (2, True): "split and merged",
            }[min(len(touched), 2), set().union(*touched) != inside]
        )


def test_best_match_by_name() -> None:
    a = pd.Series(["A", "A", "A", "B", "B", "C", "D"], index=list("pqrstuv"))
    b = pd.Series([1, 1, 2, 3, 3, 3, 4], index=list("pqrstuv"))
    found = agreement.best_match(a, b)
    assert found["relation"].tolist() == ["split", "merged", "merged", "recovered"]
    assert found["jaccard"].tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1])
    assert found["match"].tolist() == [1, 3, 3, 4]
    assert found.loc["A", "parts"] == [1, 2] and found.loc["A", "joined_by"] == []
    assert found.loc["B", "joined_by"] == ["u"] and found.loc["C", "members"] == ["u"]
    assert agreement.best_match(a, b.iloc[::-1]).equals(found)


# -------------------------------------------------------------------------------- two trees


def test_a_tree_agrees_with_itself() -> None:
    names, Z, _ = trees("mtcars")
    assert agreement.bakers_gamma(Z, Z) == pytest.approx(1)
    assert agreement.cophenetic_correlation_between(Z, Z) == pytest.approx(1)
    assert agreement.fowlkes_mallows_bk(Z, Z)["bk"].tolist() == [1.0] * 9
    order = list(names)
    assert agreement.entanglement(order, order) == 0
    for L in (0, 1, 1.5, 3):
        assert agreement.entanglement(order, order[::-1], L) == 1


def test_bakers_gamma_looks_at_ranks_only() -> None:
    _, Z1, Z2 = trees("usarrests")
    bent = Z2.copy()
    bent[:, 2] = np.exp(bent[:, 2])
    assert agreement.bakers_gamma(Z1, bent) == agreement.bakers_gamma(Z1, Z2)
    assert agreement.cophenetic_correlation_between(Z1, bent) != pytest.approx(
        agreement.cophenetic_correlation_between(Z1, Z2), rel=1e-3
    )


def test_bk_is_fowlkes_mallows_of_the_cuts_and_chance_by_shuffling() -> None:
    table = pd.DataFrame({"x": [0.0, 1, 3, 7, 12, 20], "y": [5.0, 0, 9, 1, 4, 2]})
    Z1, Z2 = linkage(table[["x"]]), linkage(table[["y"]])
    bk = agreement.fowlkes_mallows_bk(Z1, Z2, [2, 3, 4, 6])
    for k in (2, 3, 4):
        a, b = cut(Z1, k), cut(Z2, k)
        assert bk.loc[k, "bk"] == pytest.approx(agreement.fowlkes_mallows(a, b))
        shuffled = [agreement.fowlkes_mallows(a, s) for s in itertools.permutations(b)]
        assert bk.loc[k, "expected"] == pytest.approx(np.mean(shuffled))
        assert bk.loc[k, "variance"] == pytest.approx(np.var(shuffled))
    assert bk.loc[6].isna().all()


def test_two_cases() -> None:
    Z = linkage(pd.DataFrame({"x": [0.0, 1.0]}))
    assert math.isnan(agreement.bakers_gamma(Z, Z))
    assert math.isnan(agreement.cophenetic_correlation_between(Z, Z))
    bk = agreement.fowlkes_mallows_bk(Z, Z, [1, 2])
    assert bk.loc[1, ["bk", "expected"]].tolist() == [1, 1] and math.isnan(bk.loc[1, "variance"])


# -------------------------------------------------------------------------- many partitions


def test_coassociation_by_hand() -> None:
    ours = agreement.coassociation([[1, 1, 2], [5, 6, 6], ["a", "a", "a"], [0, 0, 1]])
    np.testing.assert_array_equal(ours, [[1, 0.75, 0.25], [0.75, 1, 0.5], [0.25, 0.5, 1]])


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_coassociation_with_subsamples_against_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 6)), int(rng.integers(2, 8))
    parts, taken = rng.integers(0, 3, (m, n)), rng.random((m, n)) < 0.6
    parts = np.where(taken, parts.astype(float), np.nan)
    ours = agreement.coassociation(parts, taken)
    for i, j in itertools.product(range(n), repeat=2):
        both = [q for q in range(m) if taken[q, i] and taken[q, j]]
        if both:
            assert ours[i, j] == sum(parts[q, i] == parts[q, j] for q in both) / len(both)
        else:
            assert math.isnan(ours[i, j])


def test_coassociation_of_series_goes_by_label() -> None:
    a = pd.Series([1, 1, 2], index=list("xyz"))
    b = pd.Series([1, 2, 2], index=list("zyx"))
    ours = agreement.coassociation([a, b])
    assert list(ours.index) == list(ours.columns) == list("xyz")
    assert ours.to_numpy().tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_pac_counts_the_open_interval() -> None:
    matrix = np.eye(4)
    values = [0.1, 0.5, 0.9, 0.0, 1.0, 0.2]
    matrix[np.tril_indices(4, -1)] = values
    matrix = np.maximum(matrix, matrix.T)
    assert agreement.pac(matrix) == pytest.approx(2 / 6)
    assert agreement.pac(matrix, 0.05, 0.95) == pytest.approx(4 / 6)
    assert agreement.pac(pd.DataFrame(matrix), 0, 1) == pytest.approx(4 / 6)
    matrix[2, 1] = matrix[1, 2] = np.nan  # the 0.9
    assert agreement.pac(matrix) == pytest.approx(2 / 5)
    assert math.isnan(agreement.pac(np.eye(1)))


# -------------------------------------------------------------------------------- bad input

MEASURES = (
    agreement.rand_index,
    agreement.adjusted_rand_index,
    agreement.fowlkes_mallows,
    agreement.adjusted_mutual_information,
    agreement.variation_of_information,
    agreement.agreement_table,
    agreement.best_match,
    agreement.minimum_moves,
    agreement.moves,
)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ([1, 2], [1, 2, 3], "object-count"),
        ([], [], "object-count"),
        ([1, None], [1, 2], "missing-cluster"),
        ([1.0, 2.0], [np.nan, 2.0], "missing-cluster"),
        ([[1, 2]], [1], "labels-shape"),
        (3, [1], "labels-type"),
        ([1, 1], "ab", "labels-type"),
        (
            pd.Series([1, 2], index=["x", "y"]),
            pd.Series([1, 2], index=["x", "z"]),
            "missing-object",
        ),
        (pd.Series([1], index=["x"]), pd.Series([1, 2], index=["x", "z"]), "missing-object"),
        (pd.Series([1, 2], index=["x", "x"]), [1, 2], "duplicate-label"),
    ],
)
def test_bad_partitions_are_named(measure: object, a: object, b: object, rule: str) -> None:
    with refused(rule):
        measure(a, b)


def test_other_bad_input_is_named() -> None:
    _, Z, _ = trees("states16x14")
    short = linkage(pd.DataFrame({"x": [0.0, 1.0, 3.0]}))
    lopsided = np.array([[1, 0.2], [0.3, 1]])
    for call, rule in (
        (lambda: agreement.bakers_gamma(Z, short), "tree-sizes-differ"),
        (lambda: agreement.bakers_gamma(Z, Z[1:]), "linkage-matrix"),
        (lambda: agreement.cophenetic_correlation_between(Z[:, :3], Z), "linkage-shape"),
        (lambda: agreement.fowlkes_mallows_bk(Z, Z, [17]), "k-range"),
        (lambda: agreement.fowlkes_mallows_bk(Z, Z, []), "empty-list"),
        (lambda: agreement.entanglement([*"ab"], [*"ac"]), "leaves-differ"),
        (lambda: agreement.entanglement([*"aab"], [*"abb"]), "leaves-differ"),
        (lambda: agreement.entanglement(["a"], ["a"]), "too-few-leaves"),
        (lambda: agreement.entanglement([*"ab"], [*"ba"], -1), "range"),
        (lambda: agreement.coassociation([]), "no-partition"),
        (lambda: agreement.coassociation([1, 2]), "labels-shape"),
        (lambda: agreement.coassociation([[1, 2], [1]]), "labels-shape"),
        (lambda: agreement.coassociation([[1, None]]), "missing-cluster"),
        (lambda: agreement.coassociation(pd.DataFrame({2: [1, 1]})), "partitions-type"),
        (lambda: agreement.coassociation([[1, 2]], np.ones((1, 2))), "sampled-shape"),
        (lambda: agreement.pac(np.ones((2, 3))), "matrix-shape"),
        (lambda: agreement.pac(lopsided), "matrix-symmetry"),
        (lambda: agreement.pac(np.full((2, 2), 1.5)), "matrix-range"),
        (lambda: agreement.pac(np.eye(3), 0.9, 0.1), "interval"),
    ):
        with refused(rule):
            call()


def test_numbers_follow_those_of_the_matching_clusters() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        one, two = (pd.Series(rng.integers(1, 5, 12)).rename("r{}".format) for _ in range(2))
        two = two.iloc[rng.permutation(12)]
        new = renumber(one, two)
        assert new.index.equals(two.index)
        assert adjusted_rand_index(new, two) == 1.0  # the clusters stay
        assert minimum_moves(one, new) == (one.loc[new.index] != new).sum()
        looks = aligned_styles(one, two)
        assert all(looks[a] == cluster_style(b) for a, b in zip(two, new, strict=True))
        assert aligned_styles(one, new) == {b: cluster_style(b) for b in sorted(set(new))}
