"""An estimator of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import validate_data

from hclustkit import cut, linkage
from hclustkit.arguments import as_table
from hclustkit.arrays import Floats, Ints
from hclustkit.errors import refusal


class HierarchicalClustering(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Cluster the rows of an array hierarchically, for pipelines of scikit-learn.

    Input is checked by scikit-learn's own functions, so its errors are raised here and not
    `hclustkit.InputError`. There is no ``predict``: `hclustkit.Tree.assign` assigns new rows to
    the clusters, and tells how many of the old ones would return to their own.

    Parameters
    ----------
    n_clusters : int or None
        Number of clusters; None where ``distance_threshold`` is given.
    method : str
        Linkage, as in `hclustkit.linkage`.
    metric : str
        As in `hclustkit.linkage`.
    distance_threshold : float, optional
        Height up to which clusters are joined (<=), in place of ``n_clusters``.
    connectivity, join_components
        As in `hclustkit.linkage`: who is next to whom, so that only neighbours merge.

    Attributes
    ----------
    labels_ : array of int, shape (n,)
        Cluster of each row, from 0 by first appearance.
    children_ : array of int, shape (n - 1, 2)
        The nodes of each merge, in merge order; below n a row, n + i the i-th merge.
    distances_ : array of float, shape (n - 1,)
        Heights of the merges.
    n_clusters_, n_leaves_, n_features_in_ : int

    Examples
    --------
    >>> HierarchicalClustering(2).fit_predict([[0.0], [1.0], [9.0]]).tolist()
    [0, 0, 1]
    """

    labels_: Ints
    children_: Ints
    distances_: Floats

    def __init__(
        self,
        n_clusters: int | None = 2,
        *,
        method: str = "ward",
        metric: str = "euclidean",
        distance_threshold: float | None = None,
        connectivity: Any = None,
        join_components: bool = False,
    ) -> None:
        self.n_clusters = n_clusters
        self.method = method
        self.metric = metric
        self.distance_threshold = distance_threshold
        self.connectivity = connectivity
        self.join_components = join_components

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags

    def fit(self, X: Any, y: object = None) -> HierarchicalClustering:  # noqa: ARG002
        """Cluster the rows of ``X``.

        Parameters
        ----------
        X : array, shape (n, p), n >= 2
        y : ignored

        Returns
        -------
        self
        """
        if (self.n_clusters is None) == (self.distance_threshold is None):
            text = "give exactly one of n_clusters and distance_threshold"
            raise refusal(text, "n_clusters", "k-or-height", self.n_clusters)
        x = validate_data(self, X, dtype=np.float64, ensure_min_samples=2, ensure_all_finite=False)
        if not np.isfinite(x).all():
            as_table(X, distances=True)  # names the cell
        tree = linkage(
            x,
            self.method,
            metric=self.metric,
            connectivity=self.connectivity,
            join_components=self.join_components,
        )
        self.children_ = tree[:, :2].astype(np.int64)
        self.distances_ = tree[:, 2].copy()
        self.n_leaves_ = len(x)
        self.labels_ = cut(tree, self.n_clusters, height=self.distance_threshold) - 1
        self.n_clusters_ = int(self.labels_.max()) + 1
        return self
