"""Stability of clusters when the objects or the variables are resampled.

`stability`
    Objects are resampled: cluster-wise Jaccard similarities (Hennig 2007).
`multiscale`
    Variables are resampled at several sizes: AU, BP and SI values of every cluster of the
    dendrogram (Shimodaira 2002, 2004; Suzuki & Shimodaira 2006).
"""

from hclustkit.kinds import explain_type_errors
from hclustkit.stability.multiscale import (
    DEFAULT_SCALES,
    MultiscaleCounts,
    fit_multiscale,
    multiscale_bootstrap,
    multiscale_counts,
)
from hclustkit.stability.schemes import SCHEMES
from hclustkit.stability.stability import (
    DISSOLVED,
    RECOVERED,
    cluster_stability,
    jaccard_ceiling,
    stability_from_resamples,
    stability_summary,
    tree_clusterer,
)

__all__ = [
    "DEFAULT_SCALES",
    "DISSOLVED",
    "MultiscaleCounts",
    "RECOVERED",
    "SCHEMES",
    "cluster_stability",
    "fit_multiscale",
    "jaccard_ceiling",
    "multiscale_bootstrap",
    "multiscale_counts",
    "stability_from_resamples",
    "stability_summary",
    "tree_clusterer",
]

explain_type_errors(globals(), __all__)
