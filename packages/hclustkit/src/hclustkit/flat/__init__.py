"""Clusters without a tree, to compare a cut with: k-means, k-medoids, the least sum of squares."""

from hclustkit.flat.optimum import least_squares
from hclustkit.flat.partitioning import KMeans, k_means, k_medoids
from hclustkit.kinds import explain_type_errors

__all__ = ["KMeans", "k_means", "k_medoids", "least_squares"]

explain_type_errors(globals(), __all__)
