"""A published partition: by brute force, by other libraries, and what is refused."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hclustkit.draw import pair_picture
from hclustkit.errors import InputError
from hclustkit.multiverse.contiguous import every_contiguous_partition
from hclustkit.published import (
    companions,
    count_partitions,
    every_partition,
    map_components,
    pair_table,
    spectral_surrogates,
)
from hclustkit.published.chance import index_by_pair
from hclustkit.published.enumeration import cluster_sums, tally_partitions
from scale import scale
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

EDGES = pd.DataFrame(
    [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "g"), ("b", "e")],
    columns=["one", "other"],
)
LABELS = list("abcdefg")
PUBLISHED = pd.Series(list("IIJJKKL"), index=LABELS)


def partitions(objects: list, sizes: list[int]):
    """Yield every partition of objects into clusters of given sizes, written plainly."""
    if not objects:
        yield []
        return
    first, rest = objects[0], objects[1:]
    for size in sorted(set(sizes)):
        left = list(sizes)
        left.remove(size)
        for chosen in combinations(rest, size - 1):
            others = [o for o in rest if o not in chosen]
            for more in partitions(others, left):
                yield [{first, *chosen}, *more]


def labelled(clusters: list[set], objects: list) -> list[int]:
    return [next(n for n, cluster in enumerate(clusters) if o in cluster) for o in objects]


@pytest.mark.parametrize(
    "sizes", [[1], [5], [1, 1, 1], [3, 2, 2, 1], [4, 3, 1, 1], [2, 2, 2, 2, 1], [7, 1, 1]]
)
def test_every_partition_is_tallied_once_with_its_scores(sizes: list[int]) -> None:
    n = sum(sizes)
    rng = np.random.default_rng(n)
    pairs = rng.normal(size=(2, n * (n - 1) // 2))
    scores, keys = cluster_sums(pairs, n), rng.integers(0, 3, 1 << n)
    targets = [0.2, 1.0]
    wanted: dict[int, list[int]] = {}
    for clusters in partitions(list(range(n)), sizes):
        masks = [sum(1 << o for o in cluster) for cluster in clusters]
        row = wanted.setdefault(int(keys[masks].sum()), [0, 0, 0])
        row[0] += 1
        for m, target in enumerate(targets):
            row[m + 1] += bool(scores[m, masks].sum() >= target)
    found = tally_partitions(sizes, scores, targets, keys)
    assert {key: row.tolist() for key, row in enumerate(found) if row[0]} == wanted
    assert found[:, 0].sum() == count_partitions(sizes)


def test_cluster_sums_are_sums_over_the_pairs() -> None:
    pairs = np.arange(10.0)[None, :]
    found = cluster_sums(pairs, 5)[0]
    places = {pair: at for at, pair in enumerate(combinations(range(5), 2))}
    for mask in range(32):
        inside = [o for o in range(5) if mask >> o & 1]
        assert found[mask] == sum(pairs[0, places[pair]] for pair in combinations(inside, 2))


def test_shares_and_properties_equal_brute_force() -> None:
    rng = np.random.default_rng(3)
    compared, weights = rng.integers(0, 3, (5, 7)), np.array([1, 4, 2, 1, 3])
    found = every_partition(
        PUBLISHED, {"x": (compared, weights)}, neighbours=EDGES, alone=["g", "a"]
    )

    def mean(labels: list) -> float:
        each = [adjusted_rand_score(row, labels) for row in compared]
        return float(np.average(each, weights=weights))

    place = {label: number for number, label in enumerate(LABELS)}
    edges = [(place[a], place[b]) for a, b in EDGES.itertuples(index=False)]

    def describe(labels: list) -> tuple[int, int, int]:
        inner = [(a, b) for a, b in edges if labels[a] == labels[b]]
        rows, columns = zip(*inner, strict=True) if inner else ((), ())
        graph = csr_array((np.ones(len(inner)), (rows, columns)), shape=(7, 7))
        pieces = connected_components(graph, directed=False)[0]
        return pieces, len(inner), sum(labels.count(labels[place[o]]) == 1 for o in "ga")

    real = mean(PUBLISHED.tolist())
    rows = [labelled(p, LABELS) for p in partitions(LABELS, [2, 2, 2, 1])]
    table = pd.DataFrame([(*describe(r), mean(r) >= real - 1e-12) for r in rows])
    assert found.observed["x"] == pytest.approx(real, abs=1e-12)
    assert tuple(found.published.values()) == describe(list(PUBLISHED))
    assert (found.among().n, found.among().reached["x"]) == (len(table), int(table[3].sum()))
    for pieces in range(4, 8):
        part = table[table[0] == pieces]
        got = found.among(pieces=pieces)
        assert (got.n, got.reached["x"]) == (len(part), int(part[3].sum()))
    for near, alone in product(range(4), range(3)):
        part = table[(table[1] == near) & (table[2] == alone)]
        assert found.among(neighbours=near, alone=alone).n == len(part)
    assert found.among(pieces=found.published["pieces"]).published
    assert np.isnan(found.among(pieces=1).share["x"])


def test_drawn_partitions_are_tallied_like_all_of_them() -> None:
    """All partitions, handed in as draws, and the published one once more; then relabellings."""
    compared = {"x": (np.random.default_rng(3).integers(0, 3, (5, 7)), [1, 4, 2, 1, 3])}
    given = {"neighbours": EDGES, "alone": ["g", "a"]}
    every = every_partition(PUBLISHED, compared, **given)
    rows = [labelled(p, LABELS) for p in partitions(LABELS, [2, 2, 2, 1])]
    drawn = every_partition(PUBLISHED, compared, **given, draws=rows)
    assert drawn.published == every.published and drawn.observed == pytest.approx(every.observed)
    for properties in ({}, {"pieces": 5}, {"neighbours": 2, "alone": 1}, {"pieces": 4, "alone": 2}):
        whole, sample = every.among(**properties), drawn.among(**properties)
        assert sample.n == whole.n + whole.published
        assert sample.reached["x"] == whole.reached["x"] + whole.published
    many = scale(4000, 400_000)
    relabelled = every_partition(PUBLISHED, compared, draws=many, seed=1)
    assert relabelled.among().n == many + 1
    share = every.among().share["x"]
    assert relabelled.among().share["x"] == pytest.approx(share, abs=4 * (share / many) ** 0.5)
    assert np.array_equal(
        relabelled.table, every_partition(PUBLISHED, compared, draws=many, seed=1).table
    )


def test_the_index_is_a_sum_over_pairs() -> None:
    rng = np.random.default_rng(8)
    compared = np.vstack([rng.integers(0, 3, (4, 7)), np.arange(7), np.zeros(7, dtype=int)])
    weights = [1, 2, 3, 1, 1, 2]
    line, constant = index_by_pair(compared, weights, 3)
    labels = PUBLISHED.tolist()
    together = [a == b for a, b in combinations(labels, 2)]
    each = [adjusted_rand_score(row, labels) for row in compared]
    wanted = np.average(each, weights=weights)
    assert line[together].sum() + constant == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"published": pd.Series(range(21))}, "too-many-objects"),
        ({"published": pd.Series(list("abcde") * 4)}, "too-many-partitions"),
        ({"alone": ["z"]}, "unknown-label"),
        ({"partitions": {"x": ([[0, 1]], [1])}}, "partitions-shape"),
        ({"draws": [[0, 0, 0, 1, 1, 1, 2]]}, "partitions-shape"),
        ({"draws": [[0, 0, 1]]}, "partitions-shape"),
        ({"draws": 10}, "whole-number"),
        ({"draws": 0, "seed": 1}, "range"),
    ],
)  # fmt: skip
def test_what_cannot_be_gone_through_is_refused(change: dict, rule: str) -> None:
    given = {"published": PUBLISHED, "partitions": {"x": ([[0, 0, 1, 1, 2, 2, 3]], [1])}, **change}
    with pytest.raises(InputError) as error:
        every_partition(**given)
    assert error.value.rule == rule


def test_a_property_that_was_not_counted_is_refused() -> None:
    found = every_partition(PUBLISHED, {"x": ([[0, 0, 1, 1, 2, 2, 3]], [1])})
    with pytest.raises(InputError) as error:
        found.among(pieces=4)
    assert (error.value.rule, error.value.value) == ("unknown-property", "pieces")


def test_contiguous_partitions_are_those_whose_clusters_hang_together() -> None:
    ends = [[LABELS.index(x) for x in EDGES[column]] for column in EDGES]
    adjacent = csr_array((np.ones(len(EDGES)), ends), shape=(7, 7))

    def whole(cluster: set[int]) -> bool:
        rows = sorted(cluster)
        return connected_components(adjacent[rows][:, rows], directed=False)[0] == 1

    every = {
        frozenset(frozenset(c) for c in p)
        for p in partitions(list(range(7)), [3, 2, 2])
        if all(whole(cluster) for cluster in p)
    }
    rows = every_contiguous_partition(EDGES, LABELS, [3, 2, 2])
    found = [
        frozenset(frozenset(np.flatnonzero(row == g).tolist()) for g in set(row)) for row in rows
    ]
    assert len(found) == len(set(found)) and set(found) == every
    with pytest.raises(InputError):
        every_contiguous_partition(EDGES, LABELS, [3, 3])


# --- surrogates -------------------------------------------------------------------------------
def test_components_are_orthonormal_and_add_up_to_zero() -> None:
    found = map_components(EDGES, LABELS)
    assert found.T @ found == pytest.approx(np.eye(6), abs=1e-12)
    assert found.sum(axis=0) == pytest.approx(np.zeros(6), abs=1e-12)


def test_surrogates_keep_correlations_and_moran_and_equal_scipy() -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame(rng.normal(size=(7, 3)), index=LABELS)
    found = spectral_surrogates({"t": table}, PUBLISHED, EDGES, k=4)["t"]
    components = map_components(EDGES, LABELS)
    adjacent = np.zeros((7, 7))
    for a, b in EDGES.itertuples(index=False):
        adjacent[LABELS.index(a), LABELS.index(b)] = adjacent[LABELS.index(b), LABELS.index(a)] = 1
    z = table.to_numpy()
    centred = z - z.mean(axis=0)
    wanted = []
    for signs in product([1, -1], repeat=6):
        other = z.mean(axis=0) + components @ (np.array(signs)[:, None] * (components.T @ centred))
        assert np.cov(other.T) == pytest.approx(np.cov(z.T), abs=1e-10)
        moved = other - other.mean(axis=0)
        moran = np.einsum("ip,ij,jp->p", moved, adjacent, moved)
        assert moran == pytest.approx(np.einsum("ip,ij,jp->p", centred, adjacent, centred))
        labels = fcluster(linkage(other, "ward"), 4, "maxclust")
        wanted.append(adjusted_rand_score(PUBLISHED, labels))
    assert len(found) * 2 == len(wanted)
    assert sorted([*found, *found]) == pytest.approx(sorted(wanted), abs=1e-12)
    assert found[0] == pytest.approx(wanted[0], abs=1e-12)


def test_a_map_with_twins_determines_no_components() -> None:
    star = pd.DataFrame({"a": ["p"] * 4, "b": list("qrst")})
    with pytest.raises(InputError) as error:
        map_components(star, list("pqrst"))
    assert error.value.rule == "repeated-eigenvalue"


def test_components_that_the_map_does_not_tell_apart_are_flipped_together() -> None:
    """A square: the two components of one eigenvalue turn with the order of the objects."""
    labels = list("pqrs")
    square = pd.DataFrame({"a": labels, "b": list("qrsp")})
    table = pd.DataFrame(np.random.default_rng(2).normal(size=(4, 2)), index=labels)
    published = pd.Series([1, 1, 2, 2], index=labels)
    found = spectral_surrogates({"t": table}, published, square, k=2)["t"]
    turned = labels[1:] + labels[:1]
    other = spectral_surrogates({"t": table.loc[turned]}, published.loc[turned], square, k=2)["t"]
    assert len(found) == 2  # two eigenvalues, the first of two components
    assert found.tolist() == pytest.approx(other.tolist())


def test_flips_are_drawn_where_there_are_too_many() -> None:
    rng = np.random.default_rng(4)
    labels = [str(at) for at in range(24)]
    line = pd.DataFrame({"a": labels[:-1], "b": labels[1:]})
    table = pd.DataFrame(rng.normal(size=(24, 2)), index=labels)
    published = pd.Series(np.repeat([1, 2, 3, 4], 6), index=labels)
    given = {"tables": {"t": table}, "published": published, "neighbours": line, "k": 4}
    with pytest.raises(InputError) as error:
        spectral_surrogates(**given)
    assert error.value.rule == "number-of-objects"
    found = spectral_surrogates(**given, draws=50, seed=3)["t"]
    assert len(found) == 51 and found.equals(spectral_surrogates(**given, draws=50, seed=3)["t"])
    real = fcluster(linkage(table, "ward"), 4, "maxclust")
    assert found[0] == pytest.approx(adjusted_rand_score(published, real))
    with pytest.raises(InputError):
        spectral_surrogates(**given, draws=50)


@pytest.mark.parametrize(
    ("table", "rule"), [(pd.DataFrame({"x": range(7)}, index=LABELS[::-1]), "labels-differ")]
)
def test_tables_of_other_labels_are_refused(table: pd.DataFrame, rule: str) -> None:
    with pytest.raises(InputError) as error:
        spectral_surrogates({"t": table.astype(float)}, PUBLISHED, EDGES, k=3)
    assert error.value.rule == rule


# --- pairs ------------------------------------------------------------------------------------
def test_pairs_and_companions_by_hand() -> None:
    found = pd.DataFrame({"x": [1, 1, 2, 2, 3, 4, 5], "y": [1, 1, 1, 1, 2, 3, 3]}, index=LABELS)
    pairs = pair_table(PUBLISHED, found.sample(frac=1, random_state=1))
    assert pairs["x"].tolist() == [True, True, False]
    assert pairs.index.tolist() == [("I", "a", "b"), ("J", "c", "d"), ("K", "e", "f")]
    cases = companions(PUBLISHED, found)
    assert cases["x"].tolist() == ["same"] * 4 + ["fewer"] * 2 + ["same"]
    assert cases["y"].tolist() == ["more"] * 4 + ["fewer", "other", "more"]


@pytest.mark.parametrize(
    ("partitions", "rule"),
    [
        (pd.DataFrame({"x": [1] * 7}, index=list("abcdefz")), "labels-differ"),
        (pd.DataFrame(index=LABELS), "partitions-type"),
        (pd.Series(1, index=LABELS), "partitions-type"),
    ],
)
def test_other_partitions_are_refused(partitions: pd.DataFrame, rule: str) -> None:
    for compute in (pair_table, companions):
        with pytest.raises(InputError) as error:
            compute(PUBLISHED, partitions)
        assert error.value.rule == rule


def test_the_picture_has_a_cell_for_every_pair_and_object_and_counts_them() -> None:
    rng = np.random.default_rng(2)
    columns = pd.MultiIndex.from_product([[1, 2], ["x", "y"]])
    found = pd.DataFrame(rng.integers(0, 3, (7, 4)), index=LABELS, columns=columns)
    pairs, cases = pair_table(PUBLISHED, found), companions(PUBLISHED, found)
    upper, lower = pair_picture(pairs, cases, published=PUBLISHED).axes
    assert (len(upper.patches), len(lower.patches)) == (3 * 4, 7 * 4)
    dark = [patch.get_facecolor()[:3] != (1, 1, 1) for patch in upper.patches]
    assert dark == pairs.to_numpy().ravel().tolist()
    assert [text.get_text() for text in upper.texts[1:4]] == [str(n) for n in pairs.sum(axis=1)]
    marks = {line.get_marker(): len(line.get_xdata()) for line in lower.lines}
    cells = cases.to_numpy()
    for mark, case in (("+", "more"), ("_", "fewer"), ("x", "other")):
        assert marks[mark] == (cells == case).sum()
    with pytest.raises(InputError) as error:
        pair_picture(pairs, cases.replace("other", "else"))
    assert error.value.rule == "unknown-case"


@pytest.mark.long("published", "every partition of the sizes of a published grouping of sixteen")
def test_a_large_case_is_gone_through_whole() -> None:
    sizes = scale([3, 2, 2, 2, 1, 1], [3, 3, 2, 2, 2, 2, 1, 1])
    n = sum(sizes)
    zero = np.zeros((1, 1 << n))
    found = tally_partitions(sizes, zero, [0.0], np.zeros(1 << n, dtype=np.int64))
    assert found.tolist() == [[count_partitions(sizes)] * 2]
