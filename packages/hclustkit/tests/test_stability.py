"""Stability and multiscale bootstrap against R, against brute force, and on planted data."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import stability as bootstrap
from hclustkit.stability.schemes import (
    boot_draws,
    jitter_tables,
    noise_tables,
    principal_directions,
    subset_draws,
)
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import LINKAGES
from hclustkit.tree.linkage import linkage as tree_of
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused
from scipy.cluster.hierarchy import linkage

REFERENCE = Path(__file__).parent / "reference"
NUMBERS = ["si", "au", "bp", "se_si", "se_au", "se_bp", "v", "c", "pchi"]
STANDARD_ERRORS = 4.0


def read_table(dataset):
    return pd.read_csv(REFERENCE / "data" / f"{dataset}_used.csv", index_col=0)


def random_table(n, p, seed):
    values = np.random.default_rng(seed).normal(size=(n, p))
    return pd.DataFrame(
        values, index=[f"o{i}" for i in range(n)], columns=[f"v{j}" for j in range(p)]
    )


def binomial_z(count_a, n_a, count_b, n_b):
    """Difference of two shares in standard errors, 0 where both are certain."""
    count_a, count_b = np.asarray(count_a), np.asarray(count_b)
    share = (count_a + count_b) / (n_a + n_b)
    error = np.sqrt(share * (1 - share) * (1 / n_a + 1 / n_b))
    difference = count_a / n_a - count_b / n_b
    assert (difference[error == 0] == 0).all()
    return difference / np.where(error > 0, error, 1)


# ---------------------------------------------------------------- stability: R, exactly


def exact_cases():
    exact = pd.read_csv(REFERENCE / "clusterboot_exact.csv")
    return {key: part for key, part in exact.groupby(["dataset", "k"])}  # noqa: C416 (dict() would take its keys attribute)


@pytest.mark.cases(2)
@pytest.mark.parametrize("case", exact_cases(), ids=str)
def test_given_resamples_give_the_jaccards_of_r(case):
    dataset, k = case
    rows = exact_cases()[case]
    table = read_table(dataset)
    partition = rows["partition"].iloc[0].split()
    assert [str(c) for c in cut(tree_of(table), k)] == partition
    samples = [np.array(text.split(), dtype=int) - 1 for text in rows["sample"]]
    found = bootstrap.stability_from_resamples(
        partition, samples, bootstrap.tree_clusterer(table, k)
    )
    expected = np.array([text.split() for text in rows["jaccard"]], dtype=float)
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-14, atol=0)
    assert list(found.columns) == [str(c) for c in range(1, k + 1)]


def boot_cases():
    cases = pd.read_csv(REFERENCE / "clusterboot_B1000_seed15555.csv")
    return {key: part for key, part in cases.groupby(["dataset", "k", "bootmethod"])}  # noqa: C416 (dict() would take its keys attribute)


@pytest.mark.cases(5)
@pytest.mark.parametrize("case", boot_cases(), ids=str)
def test_stability_agrees_with_r_within_standard_errors(case):
    dataset, k, scheme = case
    rows = boot_cases()[case]
    ours = bootstrap.cluster_stability(read_table(dataset), k, scheme, draws=20_000, seed=1)
    assert ours["size"].tolist() == rows["size"].tolist()
    assert ours["cluster"].tolist() == rows["cluster"].tolist()
    # the spread of a single similarity is ours; R's mean is over 1,000 of them
    spread = ours["jaccard_se"].to_numpy() * np.sqrt(20_000)
    error = spread * np.sqrt(1 / 20_000 + 1 / 1000)
    difference = ours["jaccard_mean"].to_numpy() - rows["jaccard_mean"].to_numpy()
    assert (np.abs(difference) < STANDARD_ERRORS * error).all()
    for name, theirs in (("recovered", "recover"), ("dissolved", "dissolve")):
        z = binomial_z(ours[name], 20_000, rows[theirs], 1000)
        assert np.abs(z).max() < STANDARD_ERRORS


# Means and counts of recovered and dissolved printed by clusterboot of fpc 2.2-10 in
# R 4.2.2: B = 1000, clustermethod = hclustCBI, method = "ward.D2", scaling = FALSE, k = 5,
# seed = 1
NOISE_AND_JITTER = {
    ("states16x14", "noise"): (
        [0.9837742, 0.9466667, 0.8544684, 0.9712009, 0.6446227],
        [974, 946, 576, 920, 544],
        [22, 54, 92, 2, 456],
    ),
    ("states16x14", "jitter"): (
        [1.0, 1.0, 0.9656, 0.9785, 1.0],
        [1000, 1000, 914, 914, 1000],
        [0, 0, 0, 0, 0],
    ),
    ("usarrests", "noise"): (
        [0.9563567, 0.9594257, 0.3115018, 0.7823618, 0.9658649],
        [940, 940, 111, 749, 952],
        [39, 3, 887, 72, 5],
    ),
    ("usarrests", "jitter"): (
        [1.0, 0.9998333, 0.5734601, 0.6788442, 0.9989167],
        [1000, 1000, 376, 376, 1000],
        [0, 0, 624, 439, 0],
    ),
}


@pytest.mark.parametrize("case", NOISE_AND_JITTER, ids=str)
def test_noise_and_jitter_agree_with_r_within_standard_errors(case):
    dataset, scheme = case
    mean, recovered, dissolved = NOISE_AND_JITTER[case]
    ours = bootstrap.cluster_stability(read_table(dataset), 5, scheme, draws=10_000, seed=1)
    error = ours["jaccard_se"].to_numpy() * np.sqrt(10_000) * np.sqrt(1 / 1e4 + 1 / 1e3)
    difference = np.abs(ours["jaccard_mean"].to_numpy() - mean)
    assert (difference <= STANDARD_ERRORS * error + 1e-7).all()
    for name, theirs in (("recovered", recovered), ("dissolved", dissolved)):
        z = binomial_z(ours[name], 10_000, theirs, 1000)
        assert np.abs(z).max() < STANDARD_ERRORS


# ------------------------------------------------------- stability: library, brute force


@pytest.mark.cases(8)
@pytest.mark.parametrize("data", ["measured", "tied"])
@pytest.mark.parametrize("method", LINKAGES)
@pytest.mark.parametrize("scheme", ["boot", "subset"])
def test_fast_trees_give_what_the_library_gives_on_the_same_resamples(scheme, method, data):
    table = random_table(14, 4, seed=11)
    if data == "tied":
        table = table.iloc[:, :2].round()
    rng = np.random.default_rng(5)
    drawn = boot_draws(14, 60, rng) if scheme == "boot" else subset_draws(14, 60, 7, rng)
    samples = [np.flatnonzero(row) for row in drawn]
    partition = cut(tree_of(table, method), 4)
    slow = bootstrap.stability_summary(
        bootstrap.stability_from_resamples(
            partition, samples, bootstrap.tree_clusterer(table, 4, method)
        ),
        partition,
    )
    fast = bootstrap.cluster_stability(table, 4, scheme, draws=60, seed=5, method=method)
    same = ["cluster", "size", "recovered", "dissolved", "n_used", "n_resamples"]
    assert fast[same].to_numpy().tolist() == slow[same].to_numpy().tolist()
    for name in ("jaccard_mean", "jaccard_se"):
        np.testing.assert_allclose(fast[name], slow[name], rtol=1e-13)


def test_a_summary_is_of_the_clusters_of_its_partition():
    jaccards = pd.DataFrame({1: [1.0, 0.5], 2: [0.8, 1.0]})
    assert bootstrap.stability_summary(jaccards, [1, 2, 2])["size"].tolist() == [1, 2]
    for partition, ceilings, rule in (
        ([1, 3, 3], None, "same-clusters"),
        ([1, 2, 2], [0.5], "same-clusters"),
        ([1, 2, 2], ["a", "b"], "not-a-number"),
    ):
        with refused(rule):
            bootstrap.stability_summary(jaccards, partition, ceilings)


def test_jaccard_by_hand():
    partition = ["x", "x", "x", "y", "y", "z"]
    found = bootstrap.stability_from_resamples(
        partition,
        [[0, 1, 2, 3, 4, 5], [5, 0, 3, 1], [0, 3], [4, 2]],
        [[1, 1, 2, 2, 2, 3], [9, 8, 8, 9], None, ["a", "b"]],
    )
    # second resample: x drawn {0, 1}, y {3}, z {5}; clusters {5, 1} and {0, 3}
    expected = [[2 / 3, 2 / 3, 1], [1 / 3, 1 / 2, 1 / 2], [np.nan] * 3, [1, 1, 0]]
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-15)
    summary = bootstrap.stability_summary(found, partition)
    assert summary["n_used"].tolist() == [3, 3, 3]
    assert summary["recovered"].tolist() == [1, 1, 1]
    assert summary["dissolved"].tolist() == [1, 1, 2]
    assert summary["note"][0].startswith("1 of 4 resamples hold fewer than 3 distinct")


def test_a_similarity_at_the_limit_is_not_recovered_and_is_dissolved():
    jaccards = pd.DataFrame({1: [0.75, 0.5, 0.7500001, 0.5000001]})
    summary = bootstrap.stability_summary(jaccards, [1, 1, 1])
    assert summary["recovered"].tolist() == [1]
    assert summary["dissolved"].tolist() == [1]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_ceiling_of_boot_is_that_of_all_possible_draws(size, k):
    draws = [set(draw) for draw in itertools.product(range(4), repeat=4)]
    draws = [draw for draw in draws if len(draw) >= k]
    share = np.mean([bool(draw & set(range(size))) for draw in draws])
    assert bootstrap.jaccard_ceiling(size, 4, "boot", k=k) == pytest.approx(share, rel=1e-12)


def test_ceilings_of_the_other_schemes():
    subsets = list(itertools.combinations(range(7), 3))
    share = np.mean([bool(set(chosen) & {0, 1}) for chosen in subsets])
    assert bootstrap.jaccard_ceiling(2, 7, "subset") == pytest.approx(share, rel=1e-12)
    assert bootstrap.jaccard_ceiling(6, 7, "subset") == 1
    assert np.isnan(bootstrap.jaccard_ceiling(1, 7, "subset", k=4))
    assert bootstrap.jaccard_ceiling(2, 7, "noise") == pytest.approx(1 - 0.05**2)
    assert bootstrap.jaccard_ceiling(1, 7, "jitter") == 1


def test_a_single_object_of_sixteen_is_capped_near_0_64():
    ceiling = bootstrap.jaccard_ceiling(1, 16)
    assert ceiling == pytest.approx(1 - (15 / 16) ** 16, rel=1e-14)
    table = read_table("states16x14")
    found = bootstrap.cluster_stability(table, 5, draws=20_000, seed=2)
    single = found[found["size"] == 1]
    assert len(single) == 2
    assert (single["jaccard_mean"] < ceiling + 4 * single["jaccard_se"]).all()
    assert single["note"].str.contains("present in a share of 0.644").all()
    assert (found.loc[found["size"] > 1, "note"] == "").all()


def test_an_outlier_reaches_the_ceiling():
    table = random_table(12, 3, seed=1)
    table.iloc[4] += 100
    found = bootstrap.cluster_stability(table, 2, draws=20_000, seed=3)
    single = found[found["size"] == 1].iloc[0]
    # when it is not drawn it scores 0; when it is, it stands alone
    assert abs(single["jaccard_mean"] - single["ceiling"]) < 4 * single["jaccard_se"]


def test_impossible_k_is_said_and_left_out():
    table = read_table("states16x14")
    found = bootstrap.cluster_stability(table, 10, draws=1000, seed=1)
    used = found["n_used"].iloc[0]
    drawn = boot_draws(16, 1000, np.random.default_rng(1))
    assert used == (drawn.sum(axis=1) >= 10).sum() < 1000
    assert (
        found["note"]
        .str.startswith(f"{1000 - used} of 1000 resamples hold fewer than 10 distinct objects")
        .all()
    )
    assert found["jaccard_mean"].between(0, 1).all()

    never = bootstrap.cluster_stability(table, 9, "subset", draws=10, seed=1)
    assert (never["n_used"] == 0).all()
    assert never["jaccard_mean"].isna().all() and never["ceiling"].isna().all()
    assert (never["recovered"] == 0).all()


@pytest.mark.parametrize("scheme", bootstrap.SCHEMES)
def test_one_cluster_is_always_found(scheme):
    found = bootstrap.cluster_stability(random_table(6, 2, 0), 1, scheme, 50, seed=0)
    assert found["jaccard_mean"].tolist() == [1]
    assert found["recovered"].tolist() == [50]


@pytest.mark.parametrize("scheme", bootstrap.SCHEMES)
@pytest.mark.parametrize(("n", "p", "k"), [(2, 1, 2), (2, 3, 1), (5, 1, 5), (3, 7, 2)])
def test_smallest_tables(scheme, n, p, k):
    found = bootstrap.cluster_stability(random_table(n, p, 9), k, scheme, 40, seed=4)
    assert found["size"].sum() == n
    assert found["jaccard_mean"].dropna().between(0, 1).all()


@pytest.mark.parametrize("scheme", bootstrap.SCHEMES)
def test_duplicates_and_a_constant_column_pass(scheme):
    table = random_table(8, 2, 3)
    table.iloc[1] = table.iloc[0]
    table["constant"] = 1.0
    found = bootstrap.cluster_stability(table, 3, scheme, 100, seed=4)
    assert found["jaccard_mean"].between(0, 1).all()


@pytest.mark.parametrize("scheme", ["boot", "subset"])
@settings(max_examples=20, deadline=None)
@given(st.integers(5, 18), st.integers(0, 10**6))
def test_separated_groups_are_found_whatever_the_order(scheme, n, seed):
    table = random_table(3 * n, 2, seed) / 50
    table.iloc[:n] += 10
    table.iloc[n : 2 * n, 0] -= 10
    order = np.random.default_rng(seed + 1).permutation(3 * n)
    found = bootstrap.cluster_stability(table.iloc[order], 3, scheme, 100, seed=seed)
    # with five objects a group may be missing from a resample, which scores 0
    assert (found["jaccard_mean"] > 0.9).all()
    assert found["size"].tolist() == [n] * 3


def test_same_seed_same_result_other_seed_other_result():
    table = random_table(12, 3, 5)
    for scheme in bootstrap.SCHEMES:
        one = bootstrap.cluster_stability(table, 3, scheme, 300, seed=1)
        pd.testing.assert_frame_equal(
            one, bootstrap.cluster_stability(table, 3, scheme, 300, seed=1)
        )
        if scheme != "jitter":
            other = bootstrap.cluster_stability(table, 3, scheme, 300, seed=2)
            assert not one["jaccard_mean"].equals(other["jaccard_mean"])


def test_blocks_do_not_change_the_kind_of_result(monkeypatch):
    table = random_table(10, 3, 6)
    monkeypatch.setattr(bootstrap.stability, "_NUMBERS_AT_ONCE", 100)
    found = bootstrap.cluster_stability(table, 3, "noise", 50, seed=1)
    assert (found["n_resamples"] == 50).all() and (found["n_used"] == 50).all()


# --------------------------------------------------------------------- resampling schemes


def test_draws_have_the_right_chances():
    rng = np.random.default_rng(0)
    drawn = boot_draws(16, 20_000, rng)
    share = 1 - (15 / 16) ** 16
    assert np.abs(drawn.mean(axis=0) - share).max() < 4.5 * np.sqrt(share / 20_000)
    chosen = subset_draws(9, 20_000, 4, rng)
    assert (chosen.sum(axis=1) == 4).all()
    assert np.abs(chosen.mean(axis=0) - 4 / 9).max() < 4.5 * np.sqrt(0.25 / 20_000)
    pairs = (chosen[:, 0] & chosen[:, 1]).mean()
    assert abs(pairs - 4 / 9 * 3 / 8) < 4.5 * np.sqrt(0.25 / 20_000)


def test_principal_directions_are_those_of_the_covariance():
    values = random_table(30, 4, 2).to_numpy() * [1, 2, 3, 4]
    variances, directions = principal_directions(values)
    np.testing.assert_allclose(
        directions @ np.diag(variances) @ directions.T, np.cov(values, rowvar=False), atol=1e-12
    )
    largest = np.abs(directions).argmax(axis=0)
    assert (directions[largest, range(4)] > 0).all() and (directions < 0).any()
    flipped, same = principal_directions(-values)
    np.testing.assert_allclose(same, directions, atol=1e-12)
    np.testing.assert_allclose(flipped, variances)


def test_noise_fills_the_box_along_the_principal_directions():
    values = random_table(40, 3, 2).to_numpy() * [1, 5, 20] + [0, 3, -7]
    tables, kept = noise_tables(values, 4000, 0.05, 4.0, np.random.default_rng(1))
    assert abs(kept.mean() - 0.95) < 4 * np.sqrt(0.05 * 0.95 / kept.size)
    same = (tables == values).all(axis=2)
    assert (same == kept).all()
    variances, directions = np.linalg.eigh(np.cov(values, rowvar=False))
    box = (tables[~kept] - values.mean(axis=0)) @ directions / np.sqrt(variances)
    assert np.abs(box).max() < 4 + 1e-9 and np.abs(box).max() > 3.95
    # the standard deviation of a uniform variable on -4..4
    np.testing.assert_allclose(box.std(axis=0), 8 / np.sqrt(12), rtol=0.03)


def test_jitter_has_the_spread_of_close_neighbours():
    values = random_table(25, 2, 8).to_numpy()
    tables = jitter_tables(values, 4000, 0.05, np.random.default_rng(1))
    _, directions = np.linalg.eigh(np.cov(values, rowvar=False))
    noise = (tables - values).reshape(-1, 2) @ directions
    for direction in range(2):
        gaps = np.diff(np.sort(values @ directions[:, direction]))
        assert noise[:, direction].std() == pytest.approx(np.quantile(gaps, 0.05), rel=0.02)


# ------------------------------------------------------------------ multiscale fit: R


def test_fit_is_that_of_r_on_given_counts():
    for row in pd.read_csv(REFERENCE / "msfit_exact.csv").to_dict("records"):
        fit = bootstrap.fit_multiscale(
            [int(x) for x in row["count"].split()],
            row["nboot"],
            [float(x) for x in row["r"].split()],
        ).iloc[0]
        for name in [*NUMBERS, "df", "rss"]:
            expected = row[name.replace("se_", "se.")]
            assert fit[name] == pytest.approx(expected, rel=1e-10, abs=1e-12), name
        assert fit["note"] == ""


@pytest.mark.parametrize("dataset", ["states16x14", "usarrests"])
def test_fit_is_that_of_pvclust_on_its_counts(dataset):
    expected = pd.read_csv(REFERENCE / "pvclust_ward.D2_iseed1.csv")
    expected = expected[expected["dataset"] == dataset].reset_index(drop=True)
    counts = pd.read_csv(REFERENCE / "pvclust_counts.csv")
    counts = counts[counts["dataset"] == dataset]
    wide = counts.pivot(index="edge", columns="scale", values="count")
    r = counts.loc[counts["edge"] == 1, "r"]
    fit = bootstrap.fit_multiscale(wide, expected["nboot"].iloc[0], r)
    for name in NUMBERS:
        np.testing.assert_allclose(
            fit[name], expected[name.replace("se_", "se.")], rtol=1e-10, atol=1e-12
        )


# counts, n_boot, r, then si au bp se.si se.au se.bp v c pchi df rss as printed with 15
# digits by msfit of pvclust 2.2-0 in R 4.2.2
TEN = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4]
R_PRINTED = [
    # shares of 0.001, 0.999, 0 and 1 are not used
    (
        [999, 1, 998, 2, 1000, 0, 500, 999, 1, 997],
        1000,
        TEN,
        "0.980248185058329 0.998717302376915 0.494566840736321 0.0323867557655341 "
        "0.00303883976405821 0.0191023844117314 -1.50095003563634 1.51456936728854 "
        "2.39833981379766e-113 2 518.634677509179",
    ),
    ([999, 999, 999, 999, 999, 999, 998, 999, 999, 999], 1000, TEN, "1 1 1 0 0 0 0 0 0 0 0"),
    # exactly three usable scales
    (
        [1, 1, 1, 1, 1, 2, 3, 4, 1, 0],
        1000,
        TEN,
        "0 0.995216765324278 0.00202571175128878 0 0.0422493596441255 0.0012735100169103 "
        "0.141505946222807 2.73262390876429 0.968207265152932 1 0.00158856722264822",
    ),
    # two usable scales
    (
        [600, 550, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000],
        1000,
        TEN,
        "1 1 1 0 0 0 0 0 0 0 0",
    ),
    ([450, 550, 1000, 1000, 1000, 1000], 1000, [0.5, 1, 1.5, 2, 3, 4], "1 1 1 0 0 0 0 0 0 0 0"),
    (
        [2, 3, 5, 9, 15, 30, 50, 80, 120, 200],
        1000,
        TEN,
        "0.998481734279942 0.999999222222352 0.0389144071859067 0.00104742420533202 "
        "8.6603200817581e-07 0.0024160252026025 -1.52026897153877 3.28369410226176 "
        "0.000162354752966636 8 30.6468415822059",
    ),
    (
        [900, 850, 800, 700, 600, 500, 400, 300, 200, 100],
        1000,
        TEN,
        "0 9.51344226212304e-07 0.45591878892884 0 4.47949208104501e-07 "
        "0.00570497852472558 2.43710773501105 -2.32638671619851 1.10287754305853e-20 8 "
        "112.616557212313",
    ),
    (
        [100, 200, 300, 400, 500, 600, 700, 800, 900, 950],
        1000,
        TEN,
        "0.999985201155282 0.999999873899926 0.649679054983386 5.95938366487863e-06 "
        "6.6650071980686e-08 0.00568893291035623 -2.77025705079756 2.38580292443742 "
        "1.74787651536331e-15 8 87.1642930084772",
    ),
    (
        [11, 9985, 9989, 9990, 9991, 5000, 9, 10, 11, 12],
        10_000,
        TEN,
        "0 2.34086707859295e-07 0.461746845751111 0 2.06472173852865e-07 "
        "0.00477458105060138 2.56747542902262 -2.4714415829496 0 4 5169.227458552",
    ),
    (
        [1, 5, 10, 15, 20, 25, 30, 33, 40, 50],
        50,
        TEN,
        "0.999982887662871 0.999999922007539 0.511949058928289 3.66062991041923e-05 "
        "2.24942982431251e-07 0.0275685369210795 -2.63765375622638 2.607697427488 "
        "0.991291485613162 7 1.1839623182314",
    ),
    ([500] * 10, 1000, TEN, "0 0.5 0.5 0 0.0306188861340326 0.00518795424890046 0 0 1 8 0"),
    (
        [400, 200, 100],
        1000,
        [0.5, 1, 1.5],
        "0 0.0297744954489014 0.194442547970276 0 0.0078057356125037 0.00775060907471942 "
        "1.37287959804491 -0.511238587363915 0.570973771113172 1 0.321055910958551",
    ),
]


@pytest.mark.parametrize(("counts", "n_boot", "r", "printed"), R_PRINTED)
def test_edges_of_the_fit_are_those_of_r(counts, n_boot, r, printed):
    fit = bootstrap.fit_multiscale(counts, n_boot, r).iloc[0]
    for name, expected in zip([*NUMBERS, "df", "rss"], printed.split(), strict=True):
        assert fit[name] == pytest.approx(float(expected), rel=1e-10, abs=1e-12), name


def test_what_is_not_fitted_is_said():
    fit = bootstrap.fit_multiscale([[0, 0, 94, 86], [10, 200, 300, 400]], 1000, TEN[:4])
    assert fit["note"][0] == "no fit, usable scales: 2; 0 by the mean share of 0.045"
    assert fit["note"][1] == ""


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1000), min_size=5, max_size=5), min_size=1, max_size=6))
def test_fitted_values_are_probabilities_whatever_the_counts(counts):
    fit = bootstrap.fit_multiscale(counts, 1000, [0.5, 0.75, 1, 1.25, 1.5])
    for name in ("si", "au", "bp", "pchi"):
        assert fit[name].between(0, 1).all()
    assert (fit["si"] <= fit["au"] + 1e-15).all()
    assert (fit[["se_si", "se_au", "se_bp", "rss"]] >= 0).all().all()


# ------------------------------------------------------------ multiscale bootstrap itself


@pytest.mark.parametrize("dataset", ["states16x14", "usarrests"])
def test_counts_agree_with_pvclust_within_standard_errors(dataset):
    theirs = pd.read_csv(REFERENCE / "pvclust_counts.csv")
    theirs = theirs[theirs["dataset"] == dataset]
    tree = pd.read_csv(REFERENCE / "pvclust_ward.D2_iseed1.csv")
    tree = tree[tree["dataset"] == dataset]
    n_boot = int(tree["nboot"].iloc[0])
    table = read_table(dataset)
    ours = bootstrap.multiscale_counts(table, n_boot, seed=1)
    np.testing.assert_allclose(ours.r, theirs.loc[theirs["edge"] == 1, "r"], rtol=1e-15)
    np.testing.assert_allclose(ours.height, tree["height"], rtol=1e-11)
    clusters = []
    for left, right in tree[["merge1", "merge2"]].to_numpy():
        parts = [{table.index[-x - 1]} if x < 0 else clusters[x - 1] for x in (left, right)]
        clusters.append(parts[0] | parts[1])
    assert [set(members) for members in ours.members] == clusters
    wide = theirs.pivot(index="edge", columns="scale", values="count").to_numpy()
    z = binomial_z(ours.counts, n_boot, wide, n_boot)
    # 150 and 196 comparisons
    assert np.abs(z).max() < 4.5
    assert np.sqrt((z**2).mean()) < 1.3
    # and so the fitted values
    fit = bootstrap.fit_multiscale(ours.counts, n_boot, ours.r)
    if dataset == "states16x14":
        for name in ("au", "bp"):
            error = np.sqrt(2) * np.maximum(fit[f"se_{name}"], 1e-3)
            assert (np.abs(fit[name] - tree[name].to_numpy()) < 4.5 * error).all()


def clusters_of(values, method):
    z = linkage(values, method)
    sets = [frozenset([case]) for case in range(len(z) + 1)]
    for left, right in z[:, :2].astype(int):
        sets.append(sets[left] | sets[right])
    return sets[len(z) + 1 :]


@pytest.mark.parametrize(
    "method", ["ward", "average", "complete", "single", "weighted", "centroid", "median"]
)
@pytest.mark.parametrize("n", [2, 3, 9, 70])
def test_counts_are_those_of_a_plain_loop_on_the_same_draws(method, n):
    table = random_table(n, 5, seed=n)
    found = bootstrap.multiscale_counts(table, 60, (0.6, 1, 1.4), seed=3, method=method)
    values = table.to_numpy()
    rng = np.random.default_rng(3)
    labels = table.index.tolist()
    for column, size in enumerate((3, 5, 7)):
        draws = rng.integers(5, size=(60, size))
        # a tree from one variable alone ties nowhere here, so every method is comparable
        seen = [set(clusters_of(values[:, draw], method)) for draw in draws]
        for row, members in enumerate(found.members):
            cases = frozenset(labels.index(label) for label in members)
            assert found.counts[row, column] == sum(cases in sets for sets in seen)
    assert found.sizes.tolist() == [3, 5, 7]
    assert (found.counts[-1] == 60).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 25), st.integers(3, 8), st.integers(0, 10**6))
def test_row_order_does_not_matter(n, p, seed):
    table = random_table(n, p, seed)
    order = np.random.default_rng(seed).permutation(n)
    one = bootstrap.multiscale_counts(table, 20, seed=seed)
    two = bootstrap.multiscale_counts(table.iloc[order], 20, seed=seed)
    counts = [
        {frozenset(members): row.tolist() for members, row in zip(x.members, x.counts, strict=True)}
        for x in (one, two)
    ]
    assert counts[0] == counts[1]


def test_units_common_to_all_variables_do_not_matter():
    table = random_table(12, 6, 1)
    for power in (10, 508, 1000, -1000):
        many = table * 2.0**power
        one, two = (bootstrap.multiscale_counts(x, 100, seed=2).counts for x in (table, many))
        assert (one == two).all()
        for scheme in bootstrap.SCHEMES:
            one, two = (
                bootstrap.cluster_stability(x, 3, scheme, 50, seed=2) for x in (table, many)
            )
            pd.testing.assert_frame_equal(one, two)


def test_a_planted_cluster_is_near_one():
    table = random_table(15, 12, 7)
    table.iloc[:6] += 8
    found = bootstrap.multiscale_bootstrap(table, 500, seed=1)
    planted = {frozenset(table.index[:6]), frozenset(table.index[6:])}
    rows = found[[frozenset(members) in planted for members in found["members"]]]
    assert len(rows) == 2
    assert (rows["au"] > 0.99).all() and (rows["bp"] > 0.99).all()


def test_pure_noise_is_not_supported():
    found = pd.concat(
        bootstrap.multiscale_bootstrap(random_table(16, 14, seed), 500, seed=1)
        for seed in range(10)
    )
    inner = found[found["size"].between(3, 15)]
    assert len(inner) > 60
    assert inner["bp"].median() < 0.2
    assert (inner["bp"] > 0.95).sum() == 0
    # AU takes the clusters as if they had been named beforehand; SI knows they were found
    assert (inner["si"] > 0.95).mean() < 0.05
    assert (inner["si"] > 0.95).sum() <= (inner["au"] > 0.95).sum()


def test_columns_and_stages():
    table = random_table(6, 8, 0)
    found = bootstrap.multiscale_bootstrap(table, 50, seed=0, method="average")
    assert found["stage"].tolist() == [1, 2, 3, 4, 5]
    assert found["members"].iloc[-1] == tuple(table.index)
    assert found["size"].tolist() == [len(members) for members in found["members"]]
    np.testing.assert_allclose(
        found["height"], linkage(table.to_numpy(), "average")[:, 2], rtol=1e-12
    )
    assert found.loc[4, NUMBERS].tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0]
    again = bootstrap.multiscale_bootstrap(table, 50, seed=0, method="average")
    pd.testing.assert_frame_equal(found, again)


def test_blocks_of_draws_are_all_counted(monkeypatch):
    table = random_table(6, 4, 0)
    monkeypatch.setattr(bootstrap.multiscale, "_DRAWS_AT_ONCE", 7)
    assert (bootstrap.multiscale_counts(table, 50, seed=0).counts[-1] == 50).all()


def test_equal_objects_and_equal_distances_pass():
    table = pd.DataFrame(np.zeros((5, 4)), index=list("abcde"), columns=list("wxyz"))
    found = bootstrap.multiscale_bootstrap(table, 20, seed=0)
    assert found[["si", "au", "bp"]].isin([0, 1]).all().all()


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "rule", "place"),
    [
        ({"k": 0}, "k-range", "k"),
        ({"k": 7}, "k-range", "k"),
        ({"scheme": "bojit"}, "unknown-name", "scheme"),
        ({"draws": 0}, "range", "draws"),
        ({"draws": 10.0}, "whole-number", "draws"),
        ({"seed": -1}, "range", "seed"),
        ({"seed": None}, "whole-number", "seed"),
        ({"method": "wards"}, "unknown-name", "linkage"),
        ({"subset_share": 0.1}, "empty-subset", "subset_share"),
        ({"subset_share": 1.5}, "range", "subset_share"),
        ({"noise_share": 0}, "range", "noise_share"),
        ({"noise_reach": float("nan")}, "range", "noise_reach"),
        ({"jitter_quantile": "a"}, "number", "jitter_quantile"),
    ],
)
def test_bad_parameters_of_stability_are_named(arguments, rule, place):
    given_arguments = {"k": 2, "seed": 0, **arguments}
    with refused(rule, place=place):
        bootstrap.cluster_stability(random_table(6, 2, 0), **given_arguments)


def test_bad_tables_are_named():
    table = random_table(4, 2, 0)
    table.iloc[1, 1] = np.nan
    for function in (
        lambda: bootstrap.cluster_stability(table, 2, seed=0),
        lambda: bootstrap.multiscale_bootstrap(table, seed=0),
        lambda: bootstrap.multiscale_counts(table, seed=0),
        lambda: bootstrap.tree_clusterer(table, 2),
    ):
        with refused("missing-value", place="table, row 'o1', column 'v1'"):
            function()


@pytest.mark.parametrize(
    ("partition", "samples", "partitions", "rule", "place"),
    [
        ([1, 1, 2], [[0, 1]], [], "partition-count", "partitions"),
        ([1, 1, 2], [[0, 3]], [[1, 2]], "range", "sample 1"),
        ([1, 1, 2], [[0, 0]], [[1, 2]], "repeated", "sample 1"),
        ([1, 1, 2], [[0, 1]], [[1]], "label-count", "sample 1"),
        ([1, 1, 2], [[0.0, 1.0]], [[1, 1]], "whole-number", "sample 1"),
        ([1, None, 2], [[0, 1]], [[1, 1]], "missing-cluster", "partition"),
        ([1, 1, 2], [[0, 1]], [[1, None]], "missing-cluster", "1"),
        ([1, 1, 2], [[0, 1]], [[[1], [2]]], "labels-shape", "sample 1"),
    ],
)
def test_bad_resamples_are_named(partition, samples, partitions, rule, place):
    with refused(rule, place=place):
        bootstrap.stability_from_resamples(partition, samples, partitions)


@pytest.mark.parametrize(
    ("p", "arguments", "rule", "place"),
    [
        (2, {}, "too-few-scales", "scales"),
        (1, {}, "no-variable", "scales"),
        (4, {"scales": ()}, "empty-list", "scales"),
        (4, {"scales": (1, -1)}, "range", "scale"),
        (4, {"draws": 0}, "range", "draws"),
        (4, {"seed": 1.5}, "whole-number", "seed"),
        (4, {"method": "wards"}, "unknown-name", "linkage"),
    ],
)
def test_bad_parameters_of_the_multiscale_bootstrap_are_named(p, arguments, rule, place):
    with refused(rule, place=place):
        bootstrap.multiscale_bootstrap(random_table(5, p, 0), **{"seed": 0, **arguments})


@pytest.mark.parametrize(
    ("counts", "n_boot", "r", "rule", "place"),
    [
        ([1, 2, 3], 10, [1, 2], "counts-shape", "counts"),
        ([1, 2, 11], 10, [1, 2, 3], "range", "counts"),
        ([1, np.nan, 3], 10, [1, 2, 3], "range", "counts"),
        ([1, 2, 3], 0, [1, 2, 3], "range", "draws"),
        ([1, 2, 3], [10, 10], [1, 2, 3], "draws-shape", "draws"),
        ([1, 2, 3], 10, [1, 0, 3], "range", "relative sizes"),
        ([1, 2, 3], 10, [1, 1, 1], "one-scale", "row 1"),
    ],
)
def test_bad_counts_are_named(counts, n_boot, r, rule, place):
    with refused(rule, place=place):
        bootstrap.fit_multiscale(counts, n_boot, r)
