"""Clusters without a tree: against brute force and scikit-learn."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hclustkit.compare import adjusted_rand_index
from hclustkit.errors import InputError
from hclustkit.flat import k_means, k_medoids, least_squares
from hclustkit.multiverse import noise_survival
from hclustkit.multiverse.noise import partition_of
from hclustkit.validity import within_ss
from hclustkit.validity.gap_power import gap_power
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import KMeans
from test_published import labelled

TABLE = pd.DataFrame(np.random.default_rng(4).normal(size=(8, 2)), index=list("stuvwxyz"))


def groupings(objects: list):
    """Yield every partition of objects."""
    if not objects:
        yield []
        return
    first, rest = objects[0], objects[1:]
    for size in range(len(rest) + 1):
        for chosen in combinations(rest, size):
            for more in groupings([o for o in rest if o not in chosen]):
                yield [{first, *chosen}, *more]


@pytest.mark.cases(2)
@pytest.mark.parametrize("k", [1, 2, 3, 5, 8])
def test_no_partition_has_less_than_the_optimum(k: int) -> None:
    labels = list(TABLE.index)
    every = [labelled(p, labels) for p in groupings(labels) if len(p) == k]
    best = min(within_ss(TABLE, clusters) for clusters in every)
    found = least_squares(TABLE, k)
    assert within_ss(TABLE, found) == pytest.approx(best, rel=1e-12)
    assert found.nunique() == k and found.iloc[0] == 1


def test_k_means_ends_where_scikit_learn_does() -> None:
    found = k_means(TABLE, 3, starts=200, seed=1)
    other = KMeans(3, n_init=50, random_state=0).fit(TABLE.to_numpy())
    assert found.sum_of_squares == pytest.approx(other.inertia_, rel=1e-9)
    assert adjusted_rand_index(found.clusters, pd.Series(other.labels_, TABLE.index)) == 1
    assert found.sum_of_squares == pytest.approx(within_ss(TABLE, least_squares(TABLE, 3)))
    assert 0 < found.reached <= 200 and found.ends.min() >= found.sum_of_squares * (1 - 1e-9)
    start = pd.Series([1, 1, 1, 2, 2, 2, 3, 3], index=TABLE.index)
    centres = TABLE.groupby(start.to_numpy()).mean().to_numpy()
    other = KMeans(3, init=centres, n_init=1).fit(TABLE.to_numpy())
    assert k_means(TABLE, 3, start=start).sum_of_squares == pytest.approx(other.inertia_, rel=1e-9)


@pytest.mark.parametrize("power", [-500, -30, -10, 40, 500])
def test_k_means_does_not_depend_on_the_unit(power: int) -> None:
    table = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 3)))
    one, other = (k_means(x, 4, starts=50, seed=1) for x in (table, table * 2.0**power))
    assert one.clusters.equals(other.clusters)
    assert other.sum_of_squares == one.sum_of_squares * 4.0**power
    assert (other.ends == one.ends * 4.0**power).all()


def test_starts_are_counted_where_clusters_are_tight() -> None:
    """Twice -2..2 units around the mean: 10 units squared each, far below those in between."""
    unit = 1e-7
    table = np.concatenate([np.arange(5) * unit, 10 + np.arange(5) * unit])[:, None]
    found = k_means(table, 2, starts=20, seed=1)
    assert found.ends == pytest.approx(20 * unit**2, rel=1e-6) and found.reached == 20
    # three that differ by the last digit: 0 for `within_ss`, 2e-33 at the end of each start
    found = k_means([[0.1 + 0.2], [0.3], [0.3], [0.5]], 2, starts=20, seed=1)
    assert found.reached == np.count_nonzero(found.ends < 1e-30) > 0


@pytest.mark.parametrize("k", [1, 3, 7])
def test_no_set_of_medoids_is_better(k: int) -> None:
    d = pd.DataFrame(squareform(pdist(TABLE)), index=TABLE.index, columns=TABLE.index)
    found = k_medoids(d, k)
    every = combinations(range(8), k)
    best = min(every, key=lambda chosen: round(d.to_numpy()[list(chosen)].min(axis=0).sum(), 9))
    wanted = pd.Series(d.to_numpy()[list(best)].argmin(axis=0), index=TABLE.index)
    assert adjusted_rand_index(found, wanted) == 1


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: least_squares(pd.DataFrame(np.eye(19)), 2), "too-many-objects"),
        (lambda: k_medoids(pd.DataFrame(np.zeros((30, 30))), 12), "too-many-sets"),
        (lambda: k_medoids(pd.DataFrame(np.zeros((3, 2))), 2), "distance-shape"),
        # equal rows have the same centre, so that there would be fewer clusters
        (lambda: k_medoids(pd.DataFrame(np.zeros((3, 3))), 2), "k-range"),
        (lambda: k_means([[0.0], [0.0], [1.0], [-0.0]], 3), "k-range"),
        (lambda: k_means(TABLE, 3, start=pd.Series(1, TABLE.index)), "number-of-clusters"),
        (lambda: noise_survival(TABLE, k=2, seed=1, exact=["none"]), "unknown-column"),
        (lambda: gap_power(TABLE, range(8), seed=1), "clusters-of-the-table"),
    ],
)
def test_what_cannot_be_done_is_refused(call, rule: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert error.value.rule == rule


# --- errors in standard deviations --------------------------------------------------------------
def test_errors_in_standard_deviations_are_those_drawn_by_hand() -> None:
    table = pd.DataFrame({"a": TABLE[0] + 9, "b": TABLE[1] + 90, "c": TABLE[1] * 3})
    found = noise_survival(
        table, k=3, seed=7, levels=[0.3], draws=20, unit="sd", exact=["a"], alike=[("b", "c")]
    )
    z = np.random.default_rng([7, 1]).standard_normal((20, 8))
    base = partition_of(table, "zscore", "ward", 3)
    unchanged = 0
    for draw in z:
        moved = table.copy()
        for column in "bc":
            moved[column] += 0.3 * table[column].std() * draw
        unchanged += bool((partition_of(moved, "zscore", "ward", 3) == base).all())
    assert found.partitions["unchanged"].iloc[0] == unchanged / 20
    assert 0 < unchanged < 20


def test_no_error_changes_nothing() -> None:
    found = noise_survival(TABLE + 9, k=3, seed=7, levels=[0.5], draws=5, exact=list(TABLE))
    assert found.partitions["unchanged"].tolist() == [1.0]


# --- the gap's power ------------------------------------------------------------------------------
def test_the_gap_sees_few_far_clusters_and_not_many_small_ones() -> None:
    rng = np.random.default_rng(6)
    table = pd.DataFrame(rng.normal(size=(24, 2)))
    three = np.repeat([0, 1, 2], 8)
    table += 9 * np.array([[0, 0], [1, 0], [0, 1]])[three]
    found = gap_power(table, three, factors=[1.0, 0.01], tables=6, draws=20, seed=2)
    found = found.summary()
    assert found.loc[1.0].tolist() == [1.0, 1.0, 1.0]
    assert found.loc[0.01, "right"] < 0.5 and found.loc[0.01, "recovered"] < 0.5
