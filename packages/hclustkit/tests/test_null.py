"""The null for the choice of k: matched tables, a valid p, and an honest "one cluster".

Need: "how many clusters; may the answer be one?" (CLASS-L, May 2004; scikit-learn #8881).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hclustkit import cut, linkage, standardize
from hclustkit.validity import gap_statistic, indices, mean_silhouette, references
from hclustkit.validity.null import (
    REFERENCES,
    NullTest,
    null_for_k,
    null_tables,
    plant_clusters,
    power_table,
    rejection_rates,
)
from hclustkit.validity.recipe import Recipe
from refusals import refused
from scale import long_form, scale
from scipy.spatial.distance import pdist

RNG = np.random.default_rng(11)
TABLE = RNG.normal(size=(12, 4)) @ np.array(
    [[1, 0.8, 0, 0], [0, 1, 0, 0], [0, 0, 3, 1], [0, 0, 0, 2]]
)


# --- the recipe computes what the public functions compute ---------------------------------------
@pytest.mark.parametrize("scaling", ["zscore", "range", "none"])
@pytest.mark.parametrize("method", ["ward", "average", "centroid"])
def test_silhouettes_of_a_recipe(scaling: str, method: str) -> None:
    recipe = Recipe(scaling, method).for_rows(12)
    scaled = pd.DataFrame(standardize(TABLE, scaling))
    tree = linkage(scaled, method)
    expected = [mean_silhouette(scaled, cut(tree, k)) for k in recipe.ks or ()]
    assert recipe.values(TABLE[None])[0] == pytest.approx(expected, abs=1e-12)


def test_other_metrics_and_indices_of_a_recipe() -> None:
    scaled = standardize(TABLE)
    d = pdist(scaled, "cityblock")
    tree = linkage(d, "complete", metric="precomputed")
    found = Recipe(method="complete", metric="cityblock", ks=(2, 3)).values(TABLE[None])[0]
    square = np.zeros((12, 12))
    square[np.triu_indices(12, 1)] = d
    from sklearn.metrics import silhouette_score

    expected = [
        silhouette_score(square + square.T, cut(tree, k), metric="precomputed") for k in (2, 3)
    ]
    assert found == pytest.approx(expected, abs=1e-12)
    dunn = indices(pd.DataFrame(scaled), [2, 3], only=["dunn"])["value"]
    assert Recipe(index="dunn", ks=(2, 3)).values(TABLE[None])[0].tolist() == dunn.tolist()
    smaller = indices(pd.DataFrame(scaled), [2, 3], only=["db"])["value"]
    assert Recipe(index="db", ks=(2, 3)).values(TABLE[None])[0].tolist() == (-smaller).tolist()


def test_gaps_of_a_recipe() -> None:
    recipe = Recipe(index="gap", draws=20, seed=4).for_rows(12)
    table = pd.DataFrame(standardize(TABLE))
    expected = gap_statistic(table, recipe.ks or (), 20, seed=4)["gap"]
    assert recipe.values(TABLE[None])[0] == pytest.approx(expected.to_numpy(), abs=1e-12)
    assert recipe.has_one and not Recipe().has_one


# --- what each reference keeps -----------------------------------------------------------------
def test_what_is_kept_are_the_correlations_not_the_variances() -> None:
    scores = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]])
    apart = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
    assert references._kept(scores, np.stack([scores, scores])) == 1.0
    assert references._kept(scores, apart[None]) == 0.0
    assert references._kept(scores, np.stack([scores, apart])) == 0.5


def test_references_keep_what_they_say() -> None:
    drawn = {name: null_tables(TABLE, name, 600, 2, "none") for name in REFERENCES}
    assert (np.sort(drawn["independent"], axis=1) == np.sort(TABLE, axis=0)).all()
    shares = (0.1, 0.5, 0.9)
    middle = np.quantile(drawn["margins"].reshape(-1, 4), shares, axis=0)
    assert np.abs(middle - np.quantile(TABLE, shares, axis=0)).max() < 0.3 * TABLE.std(axis=0).max()
    answers = RNG.integers(1, 6, (30, 3))
    assert set(null_tables(answers, "margins", 5, 1, "none").ravel()) <= set(answers.ravel())
    covariance = np.cov(TABLE.T)
    of_draws = {name: np.mean([np.cov(x.T) for x in drawn[name]], axis=0) for name in drawn}
    scale_ = np.sqrt(np.outer(covariance.diagonal(), covariance.diagonal()))
    assert np.abs((of_draws["gaussian"] - covariance) / scale_).max() < 0.1
    apart = of_draws["independent"] - np.diag(covariance.diagonal())
    assert np.abs(apart / scale_).max() < 0.05
    order = np.argsort(np.argsort(np.concatenate([TABLE[None], drawn["margins"]]), axis=1), axis=1)
    ranks, *kept = (np.corrcoef(x[:, 0], x[:, 1])[0, 1] for x in order)
    assert abs(np.mean(kept) - ranks) < 0.1 and abs(ranks) > 0.4
    assert np.abs((of_draws["uniform"] - covariance) / scale_).max() < 0.1
    _, values, axes = np.linalg.svd(TABLE - TABLE.mean(axis=0), full_matrices=False)
    turned = (drawn["uniform"] - TABLE.mean(axis=0)) @ axes.T
    edges = values / np.sqrt(len(TABLE) - 1) * np.sqrt(12)
    assert np.ptp(turned, axis=(0, 1)) == pytest.approx(edges, rel=0.01)


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_same_seed_gives_the_same_tables(reference: str) -> None:
    first = null_tables(TABLE, reference, 3, 5)
    assert (first == null_tables(TABLE, reference, 3, 5)).all()
    assert (first != null_tables(TABLE, reference, 3, 6)).any()


# --- what is tested and said -------------------------------------------------------------------
def test_p_counts_the_best_values_that_reach_the_observed() -> None:
    found = null_for_k(TABLE, draws=49, seed=3, separations=())
    assert found.observed == found.values.max() and found.chosen_k == found.values.idxmax()
    assert (found.null == found.null_values.max(axis=1)).all()
    assert found.p == (1 + (found.null >= found.observed).sum()) / 50
    fixed = found.null_values[:, list(found.values.index).index(3)]
    assert found.p_at(3) == (1 + (fixed >= found.values[3]).sum()) / 50
    assert found.also_chose == (found.null_k == found.chosen_k).mean()
    with refused("unknown-k", value=99):
        found.p_at(99)


def test_clear_clusters_are_told_apart_and_none_are_not() -> None:
    clear = null_for_k(plant_clusters(16, 3, 3, 12.0)(np.random.default_rng(1)), draws=99, seed=1)
    assert (clear.chosen_k, clear.p, clear.told_apart) == (3, 0.01, True)
    assert clear.power.empty
    none = null_for_k(RNG.normal(size=(16, 3)), draws=99, seed=1, power_tables=5)
    assert not none.told_apart
    assert "Not told apart" in none.sentence() and "5 planted" not in none.sentence()
    assert "2 planted clusters" in none.sentence() and "no value at k = 1" in none.sentence()
    assert none.power["distance"].tolist() == [2.0, 4.0, 6.0]


def test_a_recipe_of_ones_own_sees_tables_in_their_units() -> None:
    table = pd.DataFrame(TABLE * [1, 10, 100, 1000] + 5000, columns=list("wxyz"))
    seen: list[pd.DataFrame] = []

    def own(frame: pd.DataFrame) -> tuple[int, float]:
        seen.append(frame)
        return 4, float(frame["z"].max())

    found = null_for_k(table, own, reference="independent", draws=9, seed=1)
    assert isinstance(found, NullTest) and len(seen) == 10
    assert (found.chosen_k, found.p) == (4, 1.0)  # a permutation has the same maximum
    assert np.sort(seen[3]["z"]) == pytest.approx(np.sort(table["z"]))
    assert list(seen[5].columns) == list("wxyz")


def test_an_undefined_index_is_refused_or_counts_against_the_data() -> None:
    with refused("undefined-index"):
        null_for_k(np.repeat(np.eye(2), 3, axis=0), Recipe(index="dunn", scaling="none", ks=(2,)),
                   draws=5, seed=1)  # fmt: skip
    with refused("undefined-index"), np.errstate(all="raise"):
        null_for_k(np.ones((6, 2)), Recipe(index="gap", scaling="none"), draws=5, seed=1)


@pytest.mark.parametrize(
    ("recipe", "rule"),
    [
        (Recipe(index="hartigan"), "no-best-value"),
        (Recipe(index="magic"), "unknown-name"),
        (Recipe(scaling="magic"), "unknown-name"),
        (Recipe(metric="cityblock"), "euclidean-only"),
        (Recipe(ks=(1, 2)), "k-range"),
        (Recipe(ks=(2, 12)), "k-range"),
    ],
)
def test_recipes_that_cannot_be(recipe: Recipe, rule: str) -> None:
    with refused(rule):
        null_for_k(TABLE, recipe, draws=5, seed=1)
    with refused("unknown-name", value="flat"):
        null_for_k(TABLE, reference="flat", draws=5, seed=1)


# --- is p valid? -------------------------------------------------------------------------------
RELATED = np.tril(np.ones((4, 4)))
KINDS: dict[str, tuple[str, Callable[[np.random.Generator], np.ndarray]]] = {
    "independent": ("independent", lambda rng: rng.normal(size=(16, 4))),
    "gaussian": ("gaussian", lambda rng: rng.normal(size=(16, 4)) @ RELATED),
    "uniform": ("uniform", lambda rng: rng.random((16, 4)) * [4, 3, 2, 1]),
    # several edges of one length: the axes found mix them
    "uniform, turned": (
        "uniform",
        lambda rng: rng.random((24, 5)) * [4, 1, 1, 1, 1] @ (np.eye(5) - 0.4),
    ),
    "margins": ("margins", lambda rng: np.exp(rng.normal(size=(16, 4)) @ RELATED)),
    # normal columns are related ones with margins too: their chance gaps must not count twice
    "margins, normal": ("margins", lambda rng: rng.normal(size=(16, 4)) @ RELATED),
}
"""Tables without clusters, each drawn from the reference that is named."""


@pytest.mark.long("null", "error of the null for the choice of k, on tables without clusters")
@pytest.mark.parametrize("kind", KINDS)
def test_p_is_valid_under_the_null_in_use(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    reference, make = KINDS[kind]
    rates = rejection_rates(
        make,
        reference=reference,
        tables=scale(80, 2000),
        draws=scale(19, 99),
        alphas=(0.05, 0.1) if not long_form() else (0.01, 0.05, 0.1),
        seed=20,
    )
    for row in rates.itertuples():
        allowed = np.sqrt(row.alpha * (1 - row.alpha) / scale(80, 2000))
        assert row.rate <= row.alpha + 2 * allowed, rates
    text = ", ".join(f"{r.rate:.3f} at {r.alpha}" for r in rates.itertuples())
    record_property("result", f"{kind}: {text}")


def test_power_grows_with_the_distance() -> None:
    power = power_table(
        16, 2, [0.0, 9.0], reference="gaussian", tables=scale(12, 100), draws=19, seed=4
    )["power"]
    assert power[0] <= 0.35 and power[1] >= 0.75
    x = plant_clusters(40, 5, 3, 7.0)(np.random.default_rng(0))
    member = np.arange(40) * 3 // 40
    centres = np.array([x[member == g].mean(axis=0) for g in range(3)])
    assert pdist(centres) == pytest.approx([7.0] * 3, abs=1.0)
