"""What NbClust 3.0 computes where it departs from the published definitions.

For comparison with results of that program, and to see what such a departure does to a vote.
Each function says what differs from the index of the same name in the other modules. These are
facts about the program, established from what it prints and from its public source; Charrad et
al. (2014), J. Stat. Softw. 61(6), give the formulas it is meant to follow.

The gap statistic is in `oracles.nbclust_gap`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from hclustkit.validity import index_table
from hclustkit.validity.centres import near, scattering, variance_norms
from hclustkit.validity.index_table import PUBLISHED, Rule, _alone, _split
from hclustkit.validity.pairs import centroid_pairs, comparison_gap
from hclustkit.validity.partition import Levels, Partition
from hclustkit.validity.scatter import ccc_from, expected_r2, no_inverse
from hclustkit.validity.silhouettes import widths
from hclustkit.validity.split import Split, duda_of, f_ratio, pseudo_t2_of
from hclustkit.validity.values import (
    NO_SPREAD,
    NO_WITHIN,
    ONE_CLUSTER,
    IndexValue,
    beyond,
    no_value,
)

from oracles import nbclust_gap


def _raw_scatter(this: Partition) -> np.ndarray:
    """X'X about zero, not about the mean; the same for standardised data."""
    return this.space.x.T @ this.space.x


def silhouette(this: Partition) -> IndexValue:
    """An object alone in its cluster scores 1 instead of 0."""
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    width, _ = widths(this)
    width[this.sizes[this.codes] == 1] = 1.0
    return IndexValue(float(width.mean()))


def cubic_clustering_criterion(this: Partition) -> IndexValue:
    """p* from one step instead of a search; scatter about zero.

    The cluster edge is taken over all p dimensions first, p* is the number of standard
    deviations not below it (at most q - 1), and the edge is taken again over those.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if this.scatter is None:
        return no_inverse(this)
    raw = _raw_scatter(this)
    s = np.sqrt(np.linalg.eigvalsh(raw / (this.n - 1))[::-1])
    edge = (s.prod() / this.k) ** (1 / this.p)
    dimensions = min(int((s / edge >= 1).sum()), this.k - 1)
    if 0 < dimensions < this.p:
        edge = (s[:dimensions].prod() / this.k) ** (1 / dimensions)
    else:
        dimensions = this.p
    expected = expected_r2(s / edge, this.n, this.k, dimensions)
    return ccc_from(1 - this.within / float(raw.trace()), expected, this.n, dimensions)


def scott(this: Partition) -> IndexValue:
    """Scatter about zero."""
    if this.scatter is None:
        return no_inverse(this)
    _, log_total = np.linalg.slogdet(_raw_scatter(this))
    log_within = 2 * np.log(this.scatter.determinant_roots).sum()
    return IndexValue(float(this.n * (log_total - log_within)))


def friedman(this: Partition) -> IndexValue:
    """Sum of (W^-1)_jj B_jj instead of the trace of the product; scatter about zero."""
    if this.scatter is None:
        return no_inverse(this)
    between = _raw_scatter(this).diagonal() - this.within_by_column
    inverse = np.linalg.inv(this.residuals.T @ this.residuals)
    return IndexValue(float((inverse.diagonal() * between).sum()))


def rubin(this: Partition) -> IndexValue:
    """tr T / tr W instead of |T| / |W|; scatter about zero."""
    if this.scatter is None:
        return no_inverse(this)
    return IndexValue(float(_raw_scatter(this).trace()) / this.within)


def c_index(this: Partition) -> IndexValue:
    """Extremes N_w d_min and N_w d_max instead of sums of the N_w smallest and largest.

    d_min and d_max are the extremes of the within-cluster distances; a singleton enters both
    with 1, and a cluster holding two identical objects enters d_min with 0.
    """
    if reason := comparison_gap(this):
        return no_value(reason)
    largest, smallest = [], []
    distances = this.space.distances
    for code in range(this.k):
        rows = np.flatnonzero(this.codes == code)
        own = distances[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
        largest.append(own.max(initial=0.0) if len(own) else 1.0)
        smallest.append(own.min() if len(own) else 1.0)
    low, high, count = min(smallest), max(largest), len(this.inside)
    if low == high:
        return no_value("division by zero: the largest and smallest distance are equal")
    return IndexValue(float((this.inside.sum() - count * low) / (count * (high - low))))


def g_plus(this: Partition) -> IndexValue:
    """2 s- / (n (n - 1)), the number of objects in place of the number of pairs."""
    if reason := comparison_gap(this):
        return no_value(reason)
    return IndexValue(2 * this.discordance[1] / (this.n * (this.n - 1)))


def tau(this: Partition) -> IndexValue:
    """(s+ - s-) / sqrt(N_t (N_t - t)), t the ties of a within with a between distance."""
    if reason := comparison_gap(this):
        return no_value(reason)
    agree, disagree = this.discordance
    total = len(this.space.d)
    ties = len(this.inside) * len(this.outside) - agree - disagree
    if ties >= total:
        return no_value(f"{ties} ties among {total} distances leave no comparison")
    return IndexValue((agree - disagree) / math.sqrt(total * (total - ties)))


def mcclain(this: Partition) -> IndexValue:
    """(S_w / N_w^2) / (S_b / N_b^2), each mean divided once more by its number of pairs."""
    if reason := comparison_gap(this):
        return no_value(reason)
    between = this.outside.mean() / len(this.outside)
    if between == 0:
        return no_value("division by zero: all distances between the clusters are zero")
    return IndexValue(float(this.inside.mean() / len(this.inside) / between))


def hubert(this: Partition) -> IndexValue:
    """Centred products over the norms of the column variances of the full matrices.

    Means and variances are taken over the full matrices of distances and of centroid
    distances, zero diagonals included.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    p, q = this.space.d, centroid_pairs(this)
    n, pairs = this.n, len(p)
    centroid_matrix = this.centroid_distances[np.ix_(this.codes, this.codes)]
    norm_p = np.linalg.norm(this.space.distances.var(axis=0))
    norm_q = np.linalg.norm(centroid_matrix.var(axis=0))
    if norm_p == 0 or norm_q == 0:
        return no_value("division by zero: all distances are equal")
    mean_p, mean_q = 2 * p.sum() / n**2, 2 * q.sum() / n**2
    covered = ((p - mean_p) * (q - mean_q)).sum()
    return IndexValue(float(covered / (pairs * norm_p * norm_q)))


def d_index(this: Partition) -> IndexValue:
    """Mean over the objects of the distance to the centroid, clusters weighing by size."""
    return IndexValue(float(this.to_centroid.mean()))


def _as_split(this: Partition, after: Partition) -> Split:
    """The split NbClust sees, with two departures.

    The second part is looked for by comparing cluster sizes from the last number down, so
    another cluster of the same size can be taken for it. And a part of one object is not
    given the sum of squares 0, but that of its p coordinates about their own mean.
    """
    sizes, later = this.sizes.tolist(), after.sizes.tolist()
    first = next(i for i in range(this.k) if sizes[i] != later[i])
    second = after.k - 1
    while second > 0 and sizes[second - 1] == later[second]:
        second -= 1

    def part(code: int) -> float:
        if after.sizes[code] == 1:
            row = this.space.x[after.codes == code][0]
            return float(((row - row.mean()) ** 2).sum())
        return float(after.within_by_cluster[code])

    return Split(
        whole=float(this.within_by_cluster[first]),
        parts=part(first) + part(second),
        size=sizes[first],
        part_size=later[first] + later[second],
        p=this.p,
    )


def duda(this: Partition, after: Partition | None) -> IndexValue:
    """See `_as_split`."""
    return beyond(this.k + 1, this.n) if after is None else duda_of(_as_split(this, after))


def pseudo_t2(this: Partition, after: Partition | None) -> IndexValue:
    """See `_as_split`; 0 where no degree of freedom is left."""
    if after is None:
        return beyond(this.k + 1, this.n)
    split = _as_split(this, after)
    if split.part_size == 2:
        return IndexValue(0.0, critical=0.0)
    return pseudo_t2_of(split)


def beale(this: Partition, after: Partition | None) -> IndexValue:
    """See `_as_split`; (n_m - 1)/(n_m - 2) multiplies 2^(2/p) - 1; 0 without freedom."""
    if after is None:
        return beyond(this.k + 1, this.n)
    split = _as_split(this, after)
    if split.size == 2:
        return IndexValue(0.0)
    if split.parts == 0:
        return no_value(NO_WITHIN)
    expected = (split.size - 1) / (split.size - 2) * (2 ** (2 / split.p) - 1)
    return f_ratio(split, (split.whole - split.parts) / split.parts / expected)


def hartigan(this: Partition, after: Partition | None) -> IndexValue:
    """The factor n - q instead of n - q - 1."""
    if after is None:
        return beyond(this.k + 1, this.n)
    if after.within == 0:
        return no_value(NO_WITHIN)
    return IndexValue((this.within / after.within - 1) * (this.n - this.k))


def s_dbw(this: Partition) -> IndexValue:
    """The density at a centroid counts the objects of its own cluster only."""
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    if this.space.total == 0:
        return no_value(NO_SPREAD)
    x, codes = this.space.x, this.codes
    reach = math.sqrt(variance_norms(this)[0].sum()) / this.k
    density = 0.0
    for i in range(this.k):
        for j in range(i + 1, this.k):
            middle = (this.centroids[i] + this.centroids[j]) / 2
            between = near(x[(codes == i) | (codes == j)], middle, reach)
            ends = [near(x[codes == c], this.centroids[c], reach) for c in (i, j)]
            if between and max(ends):
                density += 2 * between / max(ends)
    return IndexValue(scattering(this) + density / (this.k * (this.k - 1)))


NBCLUST: dict[str, Rule] = {
    "hartigan": _split(hartigan),
    "ccc": _alone(cubic_clustering_criterion),
    "scott": _alone(scott),
    "friedman": _alone(friedman),
    "rubin": _alone(rubin),
    "cindex": _alone(c_index),
    "silhouette": _alone(silhouette),
    "duda": _split(duda),
    "pseudot2": _split(pseudo_t2),
    "beale": _split(beale),
    "mcclain": _alone(mcclain),
    "gplus": _alone(g_plus),
    "tau": _alone(tau),
    "hubert": _alone(hubert),
    "dindex": _alone(d_index),
    "sdbw": _alone(s_dbw),
}
"""The indices for which NbClust computes something else."""
LACKING: frozenset[str] = frozenset()
"""The indices that NbClust does not have."""


def indices(table: pd.DataFrame, ks: Iterable[int], method: str = "ward") -> pd.DataFrame:
    """What NbClust 3.0 prints, in the form of `hclustkit.validity.indices`."""
    levels = Levels(table, ks, method)
    own = {name: rule for name, (rule, _) in PUBLISHED.items() if name not in LACKING}
    return index_table.tabulate(own | NBCLUST, levels, nbclust_gap.gap_values(levels))
