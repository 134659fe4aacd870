"""Indices made of centroids and of the scatter around them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hclustkit.arrays import Floats, Labels
from hclustkit.errors import refusal
from hclustkit.validity.partition import Partition
from hclustkit.validity.values import NO_SPREAD, ONE_CLUSTER, SAME_CENTROID, IndexValue, no_value


def davies_bouldin(table: Any, partition: Labels) -> float:
    """Compute the Davies-Bouldin index with mean distances to the centroid.

    The mean over clusters of the worst (s_i + s_j) / d(c_i, c_j), with s the mean distance of
    the members from their centroid, as in scikit-learn but without its cancellation. The index
    `db` of the table of indices takes root mean square distances instead (q = 2 in the paper's
    notation, as in NbClust), so the two differ.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
        As it was clustered.
    partition : sequence of length n or Series aligned with the table
        2 to n - 1 clusters.

    Returns
    -------
    float
        Small is good.

    Raises
    ------
    InputError
        One cluster, as many clusters as objects, or two clusters with the same centroid.

    References
    ----------
    Davies, D. L. and Bouldin, D. W. (1979). IEEE Trans. Pattern Anal. Mach. Intell. 1,
    224-227.

    Examples
    --------
    >>> davies_bouldin([[0.0], [2.0], [10.0], [12.0]], [1, 1, 2, 2])
    0.2
    """
    this = Partition.from_labels(table, partition)
    if not 2 <= this.k < this.n:
        text = (
            f"Davies-Bouldin: {this.k} clusters of {this.n} objects, "
            f"the number must be in 2..{this.n - 1}"
        )
        raise refusal(text, "partition", "k-range", this.k)
    if _coincide(this):
        raise refusal(f"Davies-Bouldin: {SAME_CENTROID}", "partition", "same-centroid")
    return _worst_ratios(this, this.sums_by_cluster(this.to_centroid) / this.sizes)


def _worst_ratios(this: Partition, radius: Floats) -> float:
    """Average over clusters the largest (s_i + s_j) / d(c_i, c_j)."""
    apart = this.centroid_distances.copy()
    np.fill_diagonal(apart, np.inf)
    return float(((radius[:, None] + radius) / apart).max(axis=1).mean())


def _coincide(this: Partition) -> bool:
    apart = this.centroid_distances[np.triu_indices(this.k, 1)]
    return bool((apart == 0).any())


def db(this: Partition) -> IndexValue:
    """Mean over clusters of the worst (s_i + s_j) / d(c_i, c_j), s the root mean square radius.

    Davies and Bouldin (1979), with p = q = 2.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if _coincide(this):
        return no_value(SAME_CENTROID)
    return IndexValue(_worst_ratios(this, np.sqrt(this.within_by_cluster / this.sizes)))


def variance_norms(this: Partition) -> tuple[Floats, float]:
    """Compute the norms of the variances (divisor: number of objects) of clusters and of all."""
    variances = this.sums_by_cluster(this.residuals**2) / this.sizes[:, None]
    overall = this.space.total_by_column / this.n
    return np.sqrt((variances**2).sum(axis=1)), math.sqrt((overall**2).sum())


def scattering(this: Partition) -> float:
    """Compute Scat: mean norm of the clusters' variances over that of all objects."""
    within, total = variance_norms(this)
    return float(within.mean() / total)


def _separation(this: Partition) -> float:
    """Dis: (D_max / D_min) sum over clusters of 1 / (sum of distances to the other centroids)."""
    apart = this.centroid_distances
    pairs = apart[np.triu_indices(this.k, 1)]
    return float(pairs.max() / pairs.min() * (1 / apart.sum(axis=1)).sum())


def sd_index(this: Partition, finest: Partition) -> IndexValue:
    """Dis(q_max) Scat(q) + Dis(q).

    Halkidi, Vazirgiannis and Batistakis (2000), PKDD, LNCS 1910, 265-276.

    Parameters
    ----------
    this : Partition
    finest : Partition
        With the largest number of clusters under comparison: its Dis is the weight, so the
        values depend on the range of numbers compared.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if this.space.total == 0:
        return no_value(NO_SPREAD)
    if _coincide(this) or _coincide(finest):
        return no_value(SAME_CENTROID)
    return IndexValue(_separation(finest) * scattering(this) + _separation(this))


def s_dbw(this: Partition) -> IndexValue:
    """Scat + Dens_bw. Halkidi and Vazirgiannis (2001), ICDM, 187-194.

    The density at a point is the number of objects of the two clusters within stdev of it,
    stdev = sqrt(sum of the norms of the cluster variances) / q. A pair with no object near
    the midpoint of its centroids adds nothing.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if this.space.total == 0:
        return no_value(NO_SPREAD)
    reach = math.sqrt(variance_norms(this)[0].sum()) / this.k
    density = 0.0
    for i in range(this.k):
        for j in range(i + 1, this.k):
            both = this.space.x[(this.codes == i) | (this.codes == j)]
            between = near(both, (this.centroids[i] + this.centroids[j]) / 2, reach)
            if between == 0:
                continue
            densest = max(near(both, this.centroids[c], reach) for c in (i, j))
            if densest == 0:
                return no_value("division by zero: two clusters have no object near a centroid")
            density += 2 * between / densest
    return IndexValue(scattering(this) + density / (this.k * (this.k - 1)))


def near(x: Floats, point: Floats, reach: float) -> int:
    """Count the rows of ``x`` within ``reach`` of a point."""
    return int((np.sqrt(((x - point) ** 2).sum(axis=1)) <= reach).sum())


def d_index(this: Partition) -> IndexValue:
    """Mean over clusters of the mean distance to the centroid.

    Lebart, Morineau and Piron (2000), Statistique exploratoire multidimensionnelle. Read from
    a plot; it casts no vote.
    """
    return IndexValue(float((this.sums_by_cluster(this.to_centroid) / this.sizes).mean()))
