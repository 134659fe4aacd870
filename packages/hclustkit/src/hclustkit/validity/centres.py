"""Indices made of centroids and of the scatter around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import davies_bouldin_score

from hclustkit.errors import InputError
from hclustkit.validity.partition import Partition, partition
from hclustkit.validity.values import NO_SPREAD, ONE_CLUSTER, SAME_CENTROID, IndexValue, undefined


def davies_bouldin(table: pd.DataFrame, labels: Sequence[Any] | pd.Series) -> float:
    """Davies-Bouldin index with mean distances to the centroid, as scikit-learn computes it.

    The index `db` of the table of indices takes root mean square distances instead (q = 2 in
    the paper's notation, as in NbClust), so the two differ.

    Raises
    ------
    InputError
        One cluster, as many clusters as objects, or two clusters with the same centroid.

    References
    ----------
    Davies and Bouldin (1979), IEEE Trans. Pattern Anal. Mach. Intell. 1, 224-227.
    """
    this = partition(table, labels)
    if not 2 <= this.k < this.n:
        raise InputError(
            f"Davies-Bouldin: {this.k} clusters of {this.n} objects, "
            f"the number must lie in 2..{this.n - 1}"
        )
    if _coincide(this):
        raise InputError(f"Davies-Bouldin: {SAME_CENTROID}")
    return float(davies_bouldin_score(this.space.x, this.codes))


def _coincide(this: Partition) -> bool:
    apart = this.centroid_distances[np.triu_indices(this.k, 1)]
    return bool((apart == 0).any())


def db(this: Partition) -> IndexValue:
    """Mean over clusters of the worst (s_i + s_j) / d(c_i, c_j), s the root mean square radius.

    Davies and Bouldin (1979), with p = q = 2.
    """
    if this.k < 2:
        return undefined(ONE_CLUSTER)
    if _coincide(this):
        return undefined(SAME_CENTROID)
    radius = np.sqrt(this.within_by_cluster / this.sizes)
    apart = this.centroid_distances.copy()
    np.fill_diagonal(apart, np.inf)
    return IndexValue(float(((radius[:, None] + radius) / apart).max(axis=1).mean()))


def _variance_norms(this: Partition) -> tuple[np.ndarray, float]:
    """Norms of the variance vectors (divisor: number of objects) of clusters and of all."""
    variances = (this.indicator.T @ this.residuals**2) / this.sizes[:, None]
    return np.linalg.norm(variances, axis=1), float(
        np.linalg.norm(this.space.total_by_column / this.n)
    )


def _scattering(this: Partition) -> float:
    within, total = _variance_norms(this)
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
        return undefined(ONE_CLUSTER)
    if this.space.total == 0:
        return undefined(NO_SPREAD)
    if _coincide(this) or _coincide(finest):
        return undefined(SAME_CENTROID)
    return IndexValue(_separation(finest) * _scattering(this) + _separation(this))


def s_dbw(this: Partition, *, own_cluster_only: bool = False) -> IndexValue:
    """Scat + Dens_bw. Halkidi and Vazirgiannis (2001), ICDM, 187-194.

    The density at a point is the number of objects of the two clusters within stdev of it,
    stdev = sqrt(sum of the norms of the cluster variances) / q. A pair with no object near
    the midpoint of its centroids adds nothing.

    Parameters
    ----------
    this : Partition
    own_cluster_only : bool
        Count near a centroid only the objects of its own cluster, as NbClust does.
    """
    if this.k < 2:
        return undefined(ONE_CLUSTER)
    if this.space.total == 0:
        return undefined(NO_SPREAD)
    norms, _ = _variance_norms(this)
    reach = np.sqrt(norms.sum()) / this.k
    density = 0.0
    for i in range(this.k):
        for j in range(i + 1, this.k):
            middle = (this.centroids[i] + this.centroids[j]) / 2
            both = (this.codes == i) | (this.codes == j)
            between = _near(this, middle, both, reach)
            if between == 0:
                continue
            ends = [
                _near(this, this.centroids[c], this.codes == c if own_cluster_only else both, reach)
                for c in (i, j)
            ]
            if max(ends) > 0:
                density += 2 * between / max(ends)
            elif not own_cluster_only:
                return undefined("division by zero: two clusters have no object near a centroid")
    return IndexValue(_scattering(this) + density / (this.k * (this.k - 1)))


def _near(this: Partition, point: np.ndarray, rows: np.ndarray, reach: float) -> int:
    distance = np.sqrt(((this.space.x[rows] - point) ** 2).sum(axis=1))
    return int((distance <= reach).sum())


def d_index(this: Partition) -> IndexValue:
    """Mean over clusters of the mean distance to the centroid.

    Lebart, Morineau and Piron (2000), Statistique exploratoire multidimensionnelle. Read from
    a plot; it casts no vote.
    """
    return IndexValue(float((this.indicator.T @ this.to_centroid / this.sizes).mean()))
