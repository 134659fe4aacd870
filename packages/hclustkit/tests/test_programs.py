"""Why two programs differ (needs 5 and 17): against R's stored trees and the peers themselves."""

from __future__ import annotations

from pathlib import Path

import fastcluster
import numpy as np
import pandas as pd
import pytest
import scipy.cluster.hierarchy as sch
from hclustkit import standardize
from hclustkit.programs import PROGRAMS, identify, program_tree, why_differ
from hclustkit.tree.exports import from_hclust
from refusals import refused
from scipy.spatial.distance import pdist, squareform
from scipy.stats import zscore
from sklearn.cluster import AgglomerativeClustering
from sklearn.preprocessing import StandardScaler

REFERENCE = Path(__file__).parent / "reference"
STORED = pd.read_csv(REFERENCE / "hclust_merge_height.csv")
IN_R = {
    "R.ward.D2": "ward.D2",
    "R.agnes.ward": "agnes_ward",
    "R.average": "average",
    "R.complete": "complete",
    "R.single": "single",
    "R.mcquitty": "mcquitty",
    "SPSS.centroid": "centroid_sq",
    "SPSS.median": "median_sq",
}
FOUR = [[0.0], [1.0], [7.0], [15.0]]
X = np.random.default_rng(3).normal(size=(14, 3))


def used(dataset: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / f"{dataset}_used.csv", index_col=0)


@pytest.mark.parametrize("program", IN_R)
@pytest.mark.parametrize("dataset", ["usarrests", "ruspini"])
def test_heights_are_those_that_r_printed(program: str, dataset: str) -> None:
    rows = STORED[(STORED["dataset"] == dataset) & (STORED["method"] == IN_R[program])]
    found = program_tree(used(dataset), program)
    np.testing.assert_allclose(np.sort(found.Z[:, 2]), np.sort(rows["height"]), rtol=1e-11)
    if program != "R.agnes.ward":
        theirs = from_hclust(rows[["merge1", "merge2"]].to_numpy(), rows["height"].to_numpy())
        # the tree that R gave is recognised, whichever way it broke its ties
        assert program in identify(used(dataset), theirs).name


def test_ward_d_against_ward_d2_by_hand() -> None:
    d, d2 = program_tree(FOUR, "R.ward.D"), program_tree(FOUR, "R.ward.D2")
    np.testing.assert_allclose(d.Z[:, 2], [1, 8, 16.5], rtol=1e-12)
    np.testing.assert_allclose(d2.Z[:, 2], [1, 7.5056, 15.1052], atol=5e-5)
    found = why_differ(FOUR, "R.ward.D", "R.ward.D2")
    assert (found.first, found.causes, found.same_clusters) == (2, ("squared",), False)
    assert found.one_joins == ([2], [3]) and found.other_joins == ([0, 1], [2])
    # half the squares of ward.D2's heights add up to SPSS's coefficients: 0, 1, 3
    spss = program_tree([[0.0], [1.0], [3.0]], "SPSS.ward").Z[:, 2]
    np.testing.assert_allclose(spss, [0.5, 14 / 3], rtol=1e-12)


PEERS = {
    "scipy": lambda x, method: sch.linkage(x, method),
    "fastcluster": lambda x, method: fastcluster.linkage(x, method),
}


@pytest.mark.parametrize("program", [p for p in PROGRAMS if p.split(".")[0] in PEERS])
def test_the_python_programs_give_these_trees(program: str) -> None:
    name, method = program.split(".", 1)
    theirs = PEERS[name](X, method)
    np.testing.assert_allclose(program_tree(X, program).Z, theirs, rtol=1e-9)
    assert why_differ(X, program, theirs).causes == ()
    scaled = program_tree(X, program, standardized=True)
    np.testing.assert_allclose(scaled.Z[:, 2], PEERS[name](zscore(X), method)[:, 2], rtol=1e-9)


@pytest.mark.parametrize("method", ["ward", "average", "complete", "single"])
def test_scikit_learn_gives_these_trees(method: str) -> None:
    x = StandardScaler().fit_transform(X)
    theirs = AgglomerativeClustering(None, linkage=method, distance_threshold=0).fit(x)
    ours = program_tree(X, f"scikit-learn.{method}", standardized=True)
    np.testing.assert_allclose(ours.Z[:, 2], theirs.distances_, rtol=1e-9)
    # R divides by n - 1: the same merges, lower by a factor
    found = why_differ(
        X, f"R.{'ward.D2' if method == 'ward' else method}", ours.Z, standardized=True
    )
    assert found.other.data == "standardized, n" and found.causes == ("n-or-n-1",)
    assert found.first is None and "n - 1" in found.text
    np.testing.assert_allclose(found.one.Z[:, 2], ours.Z[:, 2] * np.sqrt(13 / 14), rtol=1e-9)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_convention_is_recognised_from_its_tree(program: str) -> None:
    for data in (X, FOUR):
        tree = program_tree(data, program)
        found = identify(data, tree.Z)
        assert found.convention == PROGRAMS[program] or np.allclose(
            program_tree(data, found.name.split(" = ")[0]).Z, tree.Z
        )
        assert found.data == "as given" and found.follows == len(tree.Z)


def test_distances_taken_for_data() -> None:
    square = squareform([1.0, 2.0, 3.0, 1.5, 2.7, 0.15])
    with pytest.warns(sch.ClusterWarning):
        mistaken = sch.linkage(square, "complete")
    np.testing.assert_allclose(mistaken[:, 2], [1.53, 1.58, 4.93], atol=5e-3)
    found = why_differ(square, "scipy.complete", mistaken, metric="precomputed")
    assert found.one.Z[:, 2].tolist() == [0.15, 1.0, 3.0]
    assert found.causes == ("distances-taken-for-data",)
    assert found.other.data == "distances taken for data" and "observations" in found.text


def test_standardized_or_not_and_another_linkage() -> None:
    x = X * [1.0, 30.0, 900.0]
    found = why_differ(x, "scipy.average", sch.linkage(standardize(x), "average"))
    assert found.causes == ("standardized",) and found.other.data == "standardized, n - 1"
    assert why_differ(X, "SPSS.average", "scipy.average").causes == ("squared",)
    assert "linkage" in why_differ(X, "SPSS.average", "scipy.single").causes
    # a square root keeps the order: nothing but the heights can differ
    for method in ("single", "complete"):
        assert why_differ(X, f"SPSS.{method}", f"scipy.{method}").causes == ("heights",)


def test_under_ties_the_choice_of_a_program_is_not_known() -> None:
    x = [[0.0], [1.0], [2.0]]
    other = np.array([[1, 2, 1.0, 2], [0, 3, np.sqrt(3.0), 3]])
    found = why_differ(x, "scipy.ward", other)
    assert (found.first, found.causes) == (1, ("tie",)) and "not known" in found.text
    assert "not known" in why_differ(x, "scipy.ward", "R.ward.D2").text
    assert "not known" not in why_differ(FOUR, "scipy.ward", "R.ward.D2").text
    # one last digit is a tie too
    y = [[0.1], [0.2], [0.3]]
    assert why_differ(y, "scipy.single", sch.linkage(y, "single")).causes in ((), ("tie",))
    assert why_differ(y, "scipy.single", "R.single").one.tied.tolist() == [True, False]


def test_a_tree_that_no_convention_explains_is_said_to_be_unknown() -> None:
    Z = program_tree(FOUR, "scipy.ward").Z.copy()
    Z[1, 2] += 0.5
    found = why_differ(FOUR, "scipy.ward", Z)
    assert found.causes == ("unknown",) and found.other.convention is None
    assert found.other.follows == 1 and "first 1 merges" in found.text


def test_small_tables_and_bad_names() -> None:
    for program in PROGRAMS:
        assert program_tree([[1.0]], program).Z.shape == (0, 4)
        assert why_differ([[1.0], [1.0]], program, "scipy.ward").first is None
    with refused("unknown-name", place="program", value="R.ward"):
        program_tree(FOUR, "R.ward")
    with refused("unknown-name", place="metric"):
        why_differ(FOUR, "R.single", "R.single", metric="cosine")
    with refused("tree-sizes-differ", place="Z", value=3):
        identify(FOUR, program_tree(FOUR[:3], "scipy.ward").Z)
    for call in (program_tree, lambda d, name, **o: why_differ(d, name, "R.single", **o)):
        for program in ("R.ward.D2", "R.ward.D", "SPSS.centroid"):
            with refused("euclidean-only", place="precomputed", value=pytest.approx(-16)):
                call([1.0, 1.0, 10.0], program, metric="precomputed")
    asked = program_tree([1, 1, 10], "scipy.ward", metric="precomputed", non_euclidean=True)
    np.testing.assert_allclose(asked.Z, sch.linkage([1.0, 1.0, 10.0], "ward"), rtol=1e-12)
    with refused("constant-column"):
        program_tree([[1.0, 2.0], [1.0, 3.0]], "R.single", standardized=True)
    tree = program_tree(pd.DataFrame(squareform(pdist(X))), "R.ward.D", metric="precomputed")
    np.testing.assert_allclose(tree.Z, program_tree(X, "R.ward.D").Z, rtol=1e-12)
