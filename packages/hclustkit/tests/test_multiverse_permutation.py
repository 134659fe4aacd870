"""The permutation test where the answer is known, and the sampler of contiguous groups."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hclustkit.multiverse import contiguous, contiguous_partitions, permutation_test, run
from hclustkit.multiverse.permutation import agreement_with_draws
from multiverse_cases import LABELS, grid_of, long_frame, planted_frame, reference
from refusals import refused
from scale import scale
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import chisquare, kstest
from sklearn.metrics import adjusted_rand_score

GRID = [
    (f"object {i:02d}", f"object {j:02d}")
    for i in range(16)
    for j in (i + 1, i + 4)
    if j < 16 and (j == i + 4 or j % 4)
]
LATTICE = pd.DataFrame(GRID, columns=["from", "to"])
"""Sixteen labels as a 4 x 4 lattice."""


@pytest.fixture(scope="module")
def result():
    frame = long_frame(seed=11, years=(2002, 2003))
    return run(grid_of(frame), frame, reference())


@pytest.mark.parametrize("block", [2**24, 40])
def test_agreement_with_draws_against_sklearn(block, monkeypatch):
    monkeypatch.setattr("hclustkit.multiverse.permutation.BLOCK", block)
    rng = np.random.default_rng(0)
    partitions = np.array(
        [pd.factorize(rng.integers(0, k, size=9))[0] for k in (1, 2, 3, 4, 5, 9) * 3]
        + [np.arange(9), np.zeros(9, dtype=int)]
    )
    weights = rng.integers(1, 50, size=len(partitions))
    target = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3])
    draws = rng.permuted(np.tile(target, (6, 1)), axis=1)
    largest, mean = agreement_with_draws(partitions, weights, draws)
    table = np.array([[adjusted_rand_score(d, p) for p in partitions] for d in draws])
    np.testing.assert_allclose(largest, table.max(axis=1), atol=1e-12)
    np.testing.assert_allclose(mean, table @ weights / weights.sum(), atol=1e-12)


@pytest.mark.parametrize("target", [np.zeros(6, dtype=int), np.arange(6)])
def test_agreement_of_trivial_partitions(target):
    partitions = np.array([np.zeros(6, dtype=int), np.arange(6), [0, 0, 1, 1, 2, 2]])
    largest, mean = agreement_with_draws(partitions, np.array([1, 1, 1]), target[None, :])
    scores = [adjusted_rand_score(target, row) for row in partitions]
    assert (largest[0], mean[0]) == (max(scores), pytest.approx(np.mean(scores)))


def test_observed_values_are_those_of_the_grid(result):
    test = permutation_test(result, draws=50, seed=1)
    assert test.observed_max == pytest.approx(result.specifications["ari"].max(), abs=1e-12)
    assert test.observed_mean == pytest.approx(result.specifications["ari"].mean(), abs=1e-12)
    only = result.specifications["linkage"] == "ward"
    part = permutation_test(result, draws=50, seed=1, where=only)
    assert part.specifications == only.sum()
    assert part.observed_mean == pytest.approx(
        result.specifications.loc[only, "ari"].mean(), abs=1e-12
    )
    assert (part.null_max <= test.null_max).all()


def test_null_is_the_search_with_relabelled_references(result):
    """The first draws, searched again from the start."""
    test = permutation_test(result, draws=4, seed=7)
    rng = np.random.default_rng(7)
    draws = rng.permuted(np.tile(result.reference, (4, 1)), axis=1)
    frame = long_frame(seed=11, years=(2002, 2003))
    for draw, largest, mean in zip(draws, test.null_max, test.null_mean, strict=True):
        again = run(result.grid, frame, pd.Series(draw, index=list(result.labels)))
        assert largest == pytest.approx(again.specifications["ari"].max(), abs=1e-12)
        assert mean == pytest.approx(again.specifications["ari"].mean(), abs=1e-12)


def test_p_values_count_draws_that_reach_the_observed(result):
    test = permutation_test(result, draws=99, seed=2)
    assert test.p_max == (1 + (test.null_max >= test.observed_max).sum()) / 100
    summary = test.summary()
    assert summary["max"]["p"] == test.p_max
    assert summary["mean"]["observed"] == test.observed_mean
    assert summary["max"]["null_largest"] == sorted(test.null_max)[-1] > test.null_max.min()
    # a reference that is its own only permutation always reaches itself
    frame = long_frame(seed=11, years=(2002,))
    alone = run(grid_of(frame), frame, pd.Series(LABELS, index=LABELS))
    certain = permutation_test(alone, draws=20, seed=0)
    assert (certain.p_max, certain.p_mean) == (1.0, 1.0)


def test_planted_partition_is_not_luck():
    target = reference()
    frame = planted_frame(target)
    result = run(grid_of(frame), frame, target)
    for null, neighbours in (("relabel", None), ("contiguous", LATTICE)):
        test = permutation_test(result, draws=500, seed=3, null=null, neighbours=neighbours)
        assert test.p_max <= 3 / 501
        assert test.p_mean == 1 / 501


def test_every_contiguous_partition_is_taken_and_p_is_a_share(result):
    test = permutation_test(result, seed=1, null="contiguous", neighbours=LATTICE, sampler="every")
    sizes = np.bincount(result.reference)
    every = contiguous.every_contiguous_partition(LATTICE, result.labels, sizes)
    drawn = permutation_test(result, draws=50, seed=1, null="contiguous", neighbours=LATTICE)
    assert test.draws == len(every) == len(test.null_mean) and test.sampler == "every one"
    assert test.p_mean == (test.null_mean >= test.observed_mean - 1e-12).sum() / len(every)
    assert set(drawn.null_mean.round(9)) <= set(test.null_mean.round(9))


def test_noise_gives_uniform_p_values():
    """Small searches of noise: p uniform for the mean, never too small for the maximum."""
    labels = LABELS[:10]
    target = reference((3, 3, 2, 1, 1), labels)
    p_mean, p_max = [], []
    searches = scale(70, 200)
    for seed in range(searches):
        frame = long_frame(seed=1000 + seed, years=(2002,), indicators=5, labels=labels)
        grid = grid_of(
            frame, scalings=["zscore"], linkages=["ward"], min_indicators=3, k=5, consensus_ks=[2]
        )
        test = permutation_test(run(grid, frame, target, n_jobs=1), draws=199, seed=seed)
        p_mean.append(test.p_mean)
        p_max.append(test.p_max)
    # a p-value of 199 draws takes the values 1/200, 2/200, ..., so its steps are evened out
    evened = np.array(p_mean) - np.random.default_rng(0).random(searches) / 200
    assert kstest(evened, "uniform").pvalue > 0.05
    # maxima coincide often, which can only raise p; a one-sided test of being too small
    assert kstest(p_max, "uniform", alternative="greater").pvalue > 0.05
    assert np.mean(p_max) < 0.75


def test_same_seed_same_test(result):
    for null in ("relabel", "contiguous"):
        one, other, third = (
            permutation_test(result, draws=30, seed=seed, null=null, neighbours=LATTICE)
            for seed in (5, 5, 6)
        )
        np.testing.assert_array_equal(one.null_max, other.null_max)
        np.testing.assert_array_equal(one.null_mean, other.null_mean)
        assert not np.array_equal(one.null_mean, third.null_mean)


def is_contiguous(labels, edges, places):
    """Every group connected by edges inside it."""
    for group in np.unique(labels):
        members = np.flatnonzero(labels == group)
        inside = [
            (places[a], places[b])
            for a, b in edges
            if labels[places[a]] == labels[places[b]] == group
        ]
        rows, columns = zip(*inside, strict=True) if inside else ((), ())
        graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(labels),) * 2)
        parts = connected_components(graph, directed=False)[1][members]
        if len(set(parts)) > 1:
            return False
    return True


@pytest.mark.parametrize("method", ["exact", "growth"])
def test_groups_are_contiguous_and_of_the_sizes(method):
    sizes = [3, 3, 2, 2, 2, 2, 1, 1]
    draws, used = contiguous_partitions(LATTICE, LABELS, sizes, 100, 1, sampler=method)
    places = {label: place for place, label in enumerate(LABELS)}
    assert used == method
    for draw in draws:
        assert sorted(np.bincount(draw), reverse=True) == sizes
        assert is_contiguous(draw, GRID, places)
    again, _ = contiguous_partitions(LATTICE, LABELS, sizes, 100, 1, sampler=method)
    np.testing.assert_array_equal(draws, again)


def all_contiguous(edges, labels, sizes):
    """Every partition into contiguous groups of these sizes, by trying all assignments."""
    places = {label: place for place, label in enumerate(labels)}
    found = set()
    names = np.repeat(np.arange(len(sizes)), sizes)
    for assignment in set(itertools.permutations(names.tolist())):
        labelling = np.array(assignment)
        groups = frozenset(frozenset(np.flatnonzero(labelling == g)) for g in set(assignment))
        if groups not in found and is_contiguous(labelling, edges, places):
            found.add(groups)
    return found


@pytest.mark.parametrize(
    ("edges", "sizes"),
    [
        ([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "a")], [2, 2, 1, 1]),
        (
            [("a", "b"), ("b", "c"), ("d", "e"), ("e", "f"), ("a", "d"), ("b", "e"), ("c", "f")],
            [3, 2, 1],
        ),
        ([("a", "b"), ("a", "c"), ("a", "d"), ("a", "e"), ("a", "f")], [3, 1, 1, 1]),
        ([("a", "b"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "c")], [2, 2, 2]),
    ],
)
def test_exact_sampler_is_uniform_over_all_partitions(edges, sizes):
    labels = list("abcdef")
    expected = all_contiguous(edges, labels, sizes)
    draws, used = contiguous_partitions(pd.DataFrame(edges), labels, sizes, scale(1000, 3000), 0)
    assert used == "exact"
    counts = dict.fromkeys(expected, 0)
    for draw in draws:
        counts[frozenset(frozenset(np.flatnonzero(draw == g)) for g in set(draw.tolist()))] += 1
    assert min(counts.values()) > 0
    assert chisquare(list(counts.values())).pvalue > 0.001


@pytest.mark.parametrize("density", [0.3, 0.6, 1.0])
def test_connected_sets_are_listed_once_each(density):
    rng = np.random.default_rng(5)
    labels = list(range(8))
    edges = [pair for pair in itertools.combinations(labels, 2) if rng.random() < density]
    near = [sum(1 << (b if a == v else a) for a, b in edges if v in (a, b)) for v in labels]
    allowed = 0b11101111
    for size in range(1, 6):
        expected = {
            sum(1 << vertex for vertex in group)
            for group in itertools.combinations([v for v in labels if allowed >> v & 1], size)
            if 2 in group
            and is_contiguous(
                np.array([int(v in group) or -1 - v for v in labels]), edges, range(len(labels))
            )
        }
        found = list(contiguous.connected_sets(2, size, allowed, near))
        assert len(found) == len(set(found))
        assert set(found) == expected


def test_exact_count_of_dominoes():
    """The 4 x 4 lattice has 36 tilings by dominoes (Kasteleyn 1961)."""
    near = [
        sum(1 << other for other in others) for others in contiguous.neighbours_of(LATTICE, LABELS)
    ]
    assert contiguous._Exact(near).count(2**16 - 1, (2,) * 8) == 36


def test_growth_where_counting_takes_too_long(monkeypatch):
    monkeypatch.setattr("hclustkit.multiverse.contiguous.MAX_STEPS", 50)
    arguments = (LATTICE, LABELS, [8, 8], 3, 1)
    assert contiguous_partitions(*arguments)[1] == "growth"
    with refused("too-many-partitions", place="neighbours"):
        contiguous_partitions(*arguments, sampler="exact")


STAR = pd.DataFrame([("a", "b"), ("a", "c"), ("a", "d")])


@pytest.mark.parametrize("method", ["auto", "growth"])
def test_impossible_sizes(method, monkeypatch):
    monkeypatch.setattr("hclustkit.multiverse.contiguous.MAX_ATTEMPTS", 50)
    with refused("no-partition", place="sizes"):
        contiguous_partitions(STAR, list("abcd"), [2, 2], 1, 0, sampler=method)


@pytest.mark.parametrize(
    ("edges", "sizes", "rule", "place"),
    [
        (STAR, [2, 1], "sizes-total", "sizes"),
        (STAR.replace("d", "z"), [2, 2], "unknown-label", "neighbours, row 3"),
        (STAR.replace("d", "a"), [2, 2], "own-neighbour", "neighbours, row 3"),
        (STAR[[0]], [2, 2], "table-type", "neighbours"),
    ],
)
def test_bad_neighbours(edges, sizes, rule, place):
    with refused(rule, place=place):
        contiguous_partitions(edges, list("abcd"), sizes, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "rule", "place"),
    [
        ({"null": "other"}, "unknown-name", "null"),
        ({"draws": 0}, "range", "draws"),
        ({"seed": 1.5}, "whole-number", "seed"),
        ({"null": "contiguous"}, "missing", "neighbours"),
        (
            {"null": "contiguous", "neighbours": LATTICE, "sampler": "best"},
            "unknown-name",
            "sampler",
        ),
    ],
)
def test_bad_arguments(result, arguments, rule, place):
    with refused(rule, place=place):
        permutation_test(result, **{"seed": 0, **arguments})
    with refused("no-specification", place="where"):
        permutation_test(result, seed=0, where=result.specifications["ari"] > 2)
