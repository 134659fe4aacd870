"""The estimator keeps the contract of scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hclustkit import HierarchicalClustering, cut, linkage
from refusals import refused
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score, pairwise_distances
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.metaestimators import _safe_split


@parametrize_with_checks([HierarchicalClustering(), HierarchicalClustering(3, method="average")])
def test_contract_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("method", ["ward", "average", "complete", "single"])
def test_the_tree_is_that_of_linkage_and_of_scikit_learn(method):
    x = np.random.default_rng(4).normal(size=(40, 3))
    ours = HierarchicalClustering(5, method=method).fit(x)
    Z = linkage(x, method)
    np.testing.assert_array_equal(ours.children_, Z[:, :2])
    np.testing.assert_array_equal(ours.distances_, Z[:, 2])
    np.testing.assert_array_equal(ours.labels_, cut(Z, 5) - 1)
    theirs = AgglomerativeClustering(5, linkage=method).fit(x)
    assert adjusted_rand_score(ours.labels_, theirs.labels_) == 1
    at = HierarchicalClustering(None, method=method, distance_threshold=Z[-5, 2]).fit(x)
    np.testing.assert_array_equal(at.labels_, cut(Z, 5) - 1)


def test_one_way_to_cut_is_asked_for():
    for n_clusters, threshold in ((None, None), (2, 1.0)):
        with refused("k-or-height", place="n_clusters"):
            HierarchicalClustering(n_clusters, distance_threshold=threshold).fit([[0.0], [1.0]])


def test_a_cell_without_a_number_is_named():
    table = pd.DataFrame({"x": [0.0, 1.0, 5.0], "y": [1.0, np.nan, 2.0]}, index=list("abc"))
    with refused("missing-value", place="row 'b', column 'y'") as caught:
        HierarchicalClustering(2).fit(table)
    assert "NaN" in str(caught.value)  # as scikit-learn asks
    with refused("not-finite", place="row 1, column 1"):
        HierarchicalClustering(2).fit(table.fillna(np.inf).to_numpy())


def test_given_distances_are_split_on_both_sides():
    points = np.random.default_rng(4).normal(size=(9, 2))
    far = pairwise_distances(points)
    here = HierarchicalClustering(2, method="average", metric="precomputed")
    part, _ = _safe_split(here, far, None, [0, 2, 4, 6])
    alone = HierarchicalClustering(2, method="average").fit_predict(points[[0, 2, 4, 6]])
    np.testing.assert_array_equal(here.fit_predict(part), alone)
    assert _safe_split(HierarchicalClustering(2), far, None, [0, 2])[0].shape == (2, 9)
