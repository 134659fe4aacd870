"""Distance-based statistics of a partition, named as in fpc::cluster.stats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage

from hclustkit.arrays import Labels
from hclustkit.validity.exact import distances
from hclustkit.validity.pairs import c_index, dunn, gamma
from hclustkit.validity.partition import Partition
from hclustkit.validity.scatter import calinski_harabasz
from hclustkit.validity.silhouettes import silhouette_index

SEPARATION_SHARE = 0.1
"""Share of the objects nearest to another cluster that make up the separation index."""


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else np.nan


def _largest_gap(this: Partition) -> float:
    """Find the longest edge of the minimum spanning trees of the clusters.

    Single linkage joins along that tree, so the edge is its greatest height.
    """
    largest = 0.0
    for code in np.flatnonzero(this.sizes > 1):
        tree = linkage(distances(this.space.x[this.codes == code]), "single")
        largest = max(largest, float(tree[-1, 2]))
    return largest


def cluster_stats(table: Any, partition: Labels) -> pd.Series[float]:
    """Compute the statistics of a partition that fpc::cluster.stats prints.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
    partition : sequence of length n or Series aligned with the table

    Returns
    -------
    Series of float
        Indexed by the names of fpc::cluster.stats; see Notes. NaN where a statistic is
        undefined: comparisons of clusters when there is one cluster, statistics of pairs inside
        a cluster when every object is alone, ratios whose denominator is zero.

    Raises
    ------
    InputError
        Labels that do not fit the table.

    Notes
    -----
    All distances are Euclidean.

    n, cluster.number, min.cluster.size, noisen
        counts (noisen is 0: no object counts as noise);
    n.within, n.between
        numbers of pairs;
    average.within
        mean of the clusters' average distances, weighted by size, over the clusters of two
        and more objects (a singleton has no distance);
    average.between, wb.ratio
        mean between-cluster distance; average.within / average.between;
    max.diameter, min.separation, dunn
        largest distance in a cluster, smallest between clusters, their ratio;
    dunn2
        smallest average distance between two clusters / largest average within one;
    within.cluster.ss, ch
        pooled within sum of squares; Calinski-Harabasz;
    avg.silwidth, g2, g3
        mean silhouette; Goodman-Kruskal gamma; C-index;
    pearsongamma
        correlation of the distances with 0 (same cluster) and 1 (different clusters);
    entropy
        of the cluster sizes, in nats;
    widestgap
        widest within-cluster gap: the longest edge of any cluster's minimum spanning tree;
    sindex
        mean of the smallest tenth (at least one) of the objects' distances to the nearest
        object of another cluster.

    References
    ----------
    Hennig, C., manual of the R package fpc, cluster.stats; Halkidi, M., Vazirgiannis, M. and
    Hennig, C. (2015), ch. 26 in Handbook of Cluster Analysis.

    Examples
    --------
    >>> stats = cluster_stats(pd.DataFrame({"x": [0.0, 2.0, 10.0, 12.0]}), [1, 1, 2, 2])
    >>> float(stats["dunn"]), float(stats["within.cluster.ss"])
    (4.0, 4.0)
    """
    this = Partition.from_labels(table, partition)
    inside, outside = this.inside, this.outside
    several, paired = this.k > 1, len(inside) > 0
    average = np.diag(this.mean_between_clusters)
    have = this.sizes > 1
    between = this.mean_between_clusters[~np.eye(this.k, dtype=bool)]
    within_mean = float(np.average(average[have], weights=this.sizes[have])) if paired else np.nan
    between_mean = float(outside.mean()) if several else np.nan
    share = this.sizes / this.n
    values = {
        "n": this.n,
        "cluster.number": this.k,
        "min.cluster.size": this.sizes.min(),
        "noisen": 0.0,
        "n.between": len(outside),
        "n.within": len(inside),
        "average.between": between_mean,
        "average.within": within_mean,
        "wb.ratio": _ratio(within_mean, between_mean),
        "max.diameter": inside[-1] if paired else 0.0,
        "min.separation": outside[0] if several else np.nan,
        "dunn": dunn(this).value,
        "dunn2": _ratio(between.min(), np.nanmax(average)) if several and paired else np.nan,
        "within.cluster.ss": this.within,
        "ch": calinski_harabasz(this).value,
        "avg.silwidth": silhouette_index(this).value,
        "g2": gamma(this).value,
        "g3": c_index(this).value,
        "pearsongamma": _pearson_gamma(this) if several and paired else np.nan,
        "entropy": -(share * np.log(share)).sum() + 0.0,
        "widestgap": _largest_gap(this),
        "sindex": _separation(this) if several else np.nan,
    }
    return pd.Series(values, dtype=np.float64, name="value").rename_axis("stat")


def _pearson_gamma(this: Partition) -> float:
    """Correlate distance with being in different clusters; NaN where all distances are equal."""
    d = this.space.d
    return float(np.corrcoef(d, ~this.same)[0, 1]) if np.ptp(d) > 0 else np.nan


def _separation(this: Partition) -> float:
    """Average the smallest tenth of the distances to the nearest object of another cluster."""
    foreign = np.where(this.codes[:, None] == this.codes, np.inf, this.space.distances)
    nearest = np.sort(foreign.min(axis=1))
    return float(nearest[: max(1, int(this.n * SEPARATION_SHARE))].mean())
