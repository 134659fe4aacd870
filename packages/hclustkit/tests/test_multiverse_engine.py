"""Every specification against scipy, scikit-learn and plain definitions."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, standardize
from hclustkit.compare.partitions import compare, flags, unique_rows
from hclustkit.multiverse import run
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import merges
from multiverse_cases import LABELS, grid_of, long_frame, planted_frame, reference
from refusals import refused
from scale import scale
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import rankdata, zscore
from sklearn.metrics import adjusted_rand_score


def scaled(x, scaling):
    """The definitions, from other libraries than the package uses."""
    if scaling == "zscore":
        return zscore(x, axis=0, ddof=1)
    if scaling == "log-zscore":
        return zscore(np.log(x), axis=0, ddof=1)
    if scaling == "rank":
        return rankdata(x, axis=0)
    return (x - x.min(axis=0)) / np.ptp(x, axis=0)


def variation_of_information(one, other):
    """H(one) + H(other) - 2 I(one, other), from the probabilities, in nats."""
    (a, one), (b, other) = (np.unique(x, return_inverse=True) for x in (one, other))
    joint = np.zeros((len(a), len(b)))
    np.add.at(joint, (one, other), 1 / len(one))
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    inside = joint > 0
    information = (joint[inside] * np.log(joint[inside] / np.outer(p, q)[inside])).sum()
    return -(p * np.log(p)).sum() - (q * np.log(q)).sum() - 2 * information


def blocks(labels):
    """A partition as a set of sets."""
    labels = np.asarray(labels)
    return {frozenset(np.flatnonzero(labels == name)) for name in np.unique(labels)}


def tables_of(result, frame, rows):
    """Row, description and unscaled table of specifications, by what they are said to be."""
    columns = {
        key: part.set_index("region")["value"].loc[list(result.labels)].to_numpy(dtype=float)
        for key, part in frame.groupby(["year", "indicator", "variant"])
    }
    described = result.describe(result.specifications.iloc[rows]).to_dict("records")
    for row, words in zip(rows, described, strict=True):
        table = {
            name: columns[words["year"], name, words[name].replace("main", "")]
            for name in result.grid.indicators
            if words[name] != "absent"
        }
        yield row, words, pd.DataFrame(table, index=list(result.labels))


def check_sample(result, frame, target, size, seed):
    """Compare specifications drawn at random; return how many had no ties."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(result.specifications), size=size, replace=False)
    target = target.loc[list(result.labels)]
    clusters = {name: frozenset(np.flatnonzero(target == name)) for name in target.unique()}
    untied = 0
    for row, described, table in tables_of(result, frame, rows.tolist()):
        assert described["n_indicators"] == table.shape[1]
        membership = result.membership(row)
        x = scaled(table.to_numpy(), described["scaling"])
        # the project's own single analysis, which decides ties by the same rule
        own = standardize(table, described["scaling"])
        tree, tied = merges(own.to_numpy(), described["linkage"])
        assert blocks(cut(tree, result.grid.k)) == blocks(membership)
        assert described["ari"] == pytest.approx(adjusted_rand_score(target, membership), abs=1e-12)
        assert described["vi"] == pytest.approx(
            variation_of_information(target, membership), abs=1e-12
        )
        found = {name for name, members in clusters.items() if members in blocks(membership)}
        assert set(filter(None, described["recovered"].split("; "))) == set(map(str, found))
        if tied.any():
            continue
        untied += 1
        assert not described["order_dependent"]
        theirs = fcluster(linkage(x, described["linkage"]), result.grid.k, "maxclust")
        assert blocks(theirs) == blocks(membership)
    return untied


@pytest.fixture(scope="module")
def case():
    frame = long_frame(seed=3)
    target = reference()
    return run(grid_of(frame), frame, target), frame, target


def test_sample_against_scipy_and_sklearn(case):
    result, frame, target = case
    assert check_sample(result, frame, target, scale(90, 300), seed=1) > scale(60, 200)


def test_many_objects_and_clusters():
    """More labels than fit one machine word."""
    labels = [f"r{number}" for number in range(31)]
    frame = long_frame(seed=5, years=(2002,), labels=labels)
    target = reference((7, 6, 5, 4, 3, 2, 1, 1, 1, 1), labels)
    result = run(grid_of(frame, k=20, consensus_ks=[3, 25]), frame, target)
    assert check_sample(result, frame, target, 60, seed=1) > 40


def test_pair_counts_by_cutting_every_tree(case):
    result, frame, _ = case
    target = reference()
    grid = grid_of(frame, years=[2002], scalings=["zscore"], k=5, consensus_ks=[2, 7, 10])
    result = run(grid, frame, target)
    counts = {
        (name, k): np.zeros((16, 16), dtype=int) for name in grid.linkages for k in (2, 5, 7, 10)
    }
    for _, described, table in tables_of(result, frame, range(len(result.specifications))):
        tree = linkage(scaled(table.to_numpy(), "zscore"), described["linkage"])
        for k in (2, 5, 7, 10):
            cut = fcluster(tree, k, "maxclust")
            counts[described["linkage"], k] += cut[:, None] == cut[None, :]
    for (name, k), expected in counts.items():
        np.testing.assert_array_equal(result.pair_counts(k, name).to_numpy(), expected)
    everything = {k: sum(counts[name, k] for name in grid.linkages) for k in (2, 5, 7, 10)}
    np.testing.assert_array_equal(result.pair_counts().to_numpy(), everything[5])
    total = len(result.specifications)
    np.testing.assert_allclose(
        result.consensus().to_numpy(),
        (everything[2] + everything[7] + everything[10]) / (3 * total),
    )
    only = result.specifications["linkage"] == "complete"
    np.testing.assert_allclose(
        result.consensus("complete").to_numpy(),
        sum(counts["complete", k] for k in grid.consensus_ks) / (3 * only.sum()),
    )
    np.testing.assert_allclose(
        result.coassociation(only).to_numpy(), counts["complete", 5] / only.sum()
    )
    np.testing.assert_allclose(result.coassociation().to_numpy(), everything[5] / total)
    assert list(result.consensus().index) == list(result.labels)


def test_planted_partition_is_found_exactly():
    target = reference().sample(frac=1, random_state=4)
    frame = planted_frame(target)
    result = run(grid_of(frame), frame, target)
    # levels may coincide in few indicators, but not in all
    full = result.locate(2001, "zscore", "ward", {f"I{i}": "" for i in range(1, 7)})
    exact = result.exact()
    assert full in exact.index
    assert (exact["ari"] == 1).all()
    assert (exact["vi"] == 0).all()
    assert set(exact["recovered"]) == {"; ".join(map(str, target.unique()))}
    others = result.specifications.drop(index=exact.index)
    assert (others["vi"] > 0).all()
    recovery = result.recovery()
    assert list(recovery.index) == list(target.unique())
    assert set(recovery.loc["A", "members"].split("; ")) == set(LABELS[:3])
    assert (recovery["recovered"] >= len(exact)).all()


def test_recovery_counts_flags(case):
    result, _, target = case
    only = result.specifications["scaling"] == "range"
    recovery = result.recovery(only)
    for number, name in enumerate(target.unique()):
        expected = (result.specifications.loc[only, "recovered"].to_numpy() >> number & 1).sum()
        assert recovery.loc[name, "recovered"] == expected
    assert (recovery["share"] == recovery["recovered"] / only.sum()).all()
    one = result.specifications["recovered"] > 0
    alone = result.recovery(one & (one.cumsum() == 1))
    assert alone["share"].any() and (alone["share"] == alone["recovered"]).all()
    assert (result.recovery(one & ~one)["share"] == 0).all()


def test_kept_apart_is_that_of_every_partition(case):
    result, _, _ = case
    rows = result.specifications
    only = (rows["scaling"] == "range").to_numpy()
    for members in (LABELS[:1], LABELS[:2], [LABELS[0], LABELS[-1]], LABELS):
        inside = [label in members for label in result.labels]
        apart = [
            not set(row[inside]) & set(row[np.logical_not(inside)]) for row in result.partitions
        ]
        expected = np.array(apart)[rows["partition"]]
        assert result.kept_apart(members) == expected.mean()
        assert result.kept_apart(iter(members), only) == expected[only].mean()
    with refused("unknown-label", place="members"):
        result.kept_apart(["moon"])
    with refused("empty-list", place="members"):
        result.kept_apart([])


def test_specifications_are_distinct_and_described(case):
    result, _, _ = case
    table = result.specifications
    assert not table.duplicated(["year", "scaling", "linkage", "choice"]).any()
    described = result.describe(table.iloc[[0, 100, len(table) - 1]])
    names = list(result.grid.indicators)
    for row, words in zip(described.index, described.to_dict("records"), strict=True):
        chosen = {
            name: "" if words[name] == "main" else words[name]
            for name in names
            if words[name] != "absent"
        }
        assert result.locate(words["year"], words["scaling"], words["linkage"], chosen) == row
        assert words["indicators"] == " ".join(
            name if variant == "" else f"{name}:{variant}" for name, variant in chosen.items()
        )
        present = [bool(table["subset"].iloc[row] >> place & 1) for place in range(len(names))]
        assert present == [name in chosen for name in names]
    with refused("unknown-specification", place="specification"):
        result.locate(2001, "zscore", "ward", {"I1": ""})
    with refused("unknown-indicator", place="indicators"):
        result.locate(2001, "zscore", "ward", {"I1": "none"})


def test_partitions_by_frequency(case):
    result, _, _ = case
    frequency = np.bincount(result.specifications["partition"])
    assert len(frequency) == len(result.partitions)
    assert (np.diff(frequency) <= 0).all()
    assert (frequency > 0).all()
    assert len({row.tobytes() for row in result.partitions}) == len(result.partitions)
    assert (result.partitions.max(axis=1) == result.grid.k - 1).all()


def test_tied_distances_are_reported():
    """Two equal pairs compete for the one merge that is made."""
    values = {"a": 0.0, "b": 1.0, "c": 5.0, "d": 6.0, "e": 20.0}
    frame = pd.DataFrame(
        [(name, 1, "x", v) for name, v in values.items()]
        + [(name, 1, "y", 2 * v) for name, v in values.items()],
        columns=["region", "year", "indicator", "value"],
    )
    target = pd.Series({"a": 1, "b": 1, "c": 2, "d": 3, "e": 4})
    grid = grid_of(frame, scalings=["zscore"], min_indicators=1, k=4, consensus_ks=[2])
    result = run(grid, frame, target)
    assert result.specifications["order_dependent"].all()
    # the pair with the lowest cases goes first
    assert len(result.exact()) == len(result.specifications)
    three = run(grid_of(frame, **{**grid.to_mapping(), "k": 3}), frame, target)
    assert not three.specifications["order_dependent"].any()
    unchecked = run(grid, frame, target, check_order=False)
    assert not unchecked.specifications["order_dependent"].any()


@pytest.mark.parametrize("n", [2, 5, 16, 23])
def test_compare_with_sklearn_and_definitions(n):
    rng = np.random.default_rng(n)
    rows = np.array(
        [pd.factorize(rng.integers(0, rng.integers(1, n + 1), size=n))[0] for _ in range(40)]
        + [np.zeros(n, dtype=int), np.arange(n)]
    )
    for target in (rows[0], rows[3], np.zeros(n, dtype=int), np.arange(n)):
        ari, vi, recovered, jaccard = compare(rows.astype(np.uint8), target)
        mask = flags(recovered, target.max() + 1)
        for place, row in enumerate(rows):
            assert ari[place] == pytest.approx(adjusted_rand_score(target, row), abs=1e-12)
            assert vi[place] == pytest.approx(variation_of_information(target, row), abs=1e-12)
            own = blocks(row)
            for g in range(target.max() + 1):
                members = frozenset(np.flatnonzero(target == g))
                assert mask[place, g] == (members in own)
                assert jaccard[place, g] == pytest.approx(
                    max(len(members & block) / len(members | block) for block in own)
                )
    each = rng.permutation(rows)
    for together, alone in zip(
        zip(*compare(rows, each)[:3], strict=True), range(len(rows)), strict=True
    ):
        single = compare(rows[[alone]], each[alone])
        assert together == tuple(values[0] for values in single[:3])


@pytest.mark.parametrize(("n", "k"), [(4, 3), (16, 8), (16, 16), (17, 16), (40, 7), (30, 300)])
def test_unique_rows(n, k):
    rng = np.random.default_rng(n)
    kind = np.uint8 if k <= 256 else np.uint16
    rows = rng.integers(0, k, size=(50, n)).astype(kind)
    rows = rows[rng.integers(0, 50, size=400)]
    unique, inverse = unique_rows(rows)
    expected = sorted({tuple(row) for row in rows.tolist()})
    assert [tuple(row) for row in unique.tolist()] == expected
    np.testing.assert_array_equal(unique[inverse], rows)


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        (lambda r: r.drop(LABELS[2]), "missing-cluster", "reference"),
        (lambda r: r.replace("B", None), "missing-cluster", "reference"),
        (lambda r: pd.concat([r, pd.Series({"x": "A"})]), "unknown-label", "reference"),
        (lambda r: pd.concat([r, r.head(1)]), "duplicate-label", "reference"),
        (lambda r: r.to_dict(), "reference-type", "reference"),
    ],
)
def test_bad_reference(change, rule, place):
    frame = long_frame()
    with refused(rule, place=place):
        run(grid_of(frame), frame, change(reference().astype(object)))


def test_bad_questions(case):
    result, _, _ = case
    with refused("mask-shape", place="where"):
        result.recovery(np.array([True]))
    with refused("unknown-name", place="linkage"):
        result.pair_counts(3, "single")
    with refused("k-range", place="k"):
        result.pair_counts(11)


def test_order_of_labels_and_of_the_reference():
    """Names and numbers follow the labels wherever these are."""
    frame = long_frame(seed=9, years=(2002,))
    target = reference()
    one = run(grid_of(frame, scalings=["zscore"]), frame, target)
    shuffled = frame.sample(frac=1, random_state=1).sort_values(
        ["indicator", "variant"], kind="stable"
    )
    turned = target.sample(frac=1, random_state=2)
    other = run(grid_of(shuffled, scalings=["zscore"]), shuffled, turned)
    assert one.labels != other.labels
    np.testing.assert_allclose(one.specifications["ari"], other.specifications["ari"])
    for first, second in itertools.combinations(LABELS, 2):
        assert one.pair_counts().loc[first, second] == other.pair_counts().loc[first, second]


def test_order_dependence_is_that_of_the_reversed_rows():
    """On ranks ties abound: compare with two trees built one by one."""
    frame = long_frame(seed=5, years=(2001,), indicators=4, labels=LABELS[:9])
    target = reference((3, 2, 2, 1, 1), LABELS[:9])
    grid = grid_of(frame, scalings=["rank"], min_indicators=2, k=4, consensus_ks=[2])
    result = run(grid, frame, target)
    found, expected = result.specifications["order_dependent"].to_numpy(), []
    wide = frame.pivot_table(
        index="region", columns=["indicator", "variant"], values="value", dropna=False
    )
    for row in result.describe().to_dict("records"):
        names = [name.partition(":") for name in row["indicators"].split()]
        kept = wide[[(name, variant) for name, _, variant in names]]
        ranks = kept.rank().to_numpy()
        there = Tree.from_table(ranks, row["linkage"]).cut(4)
        back = Tree.from_table(ranks[::-1], row["linkage"]).cut(4)[::-1]
        expected.append(len(set(zip(there, back, strict=True))) > 4)
    assert found.tolist() == expected
    assert 0 < sum(expected) < len(expected)
