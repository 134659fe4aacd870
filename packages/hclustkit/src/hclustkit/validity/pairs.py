"""Indices made of the distances of all pairs of objects.

S_w and S_b are the sums of the within-cluster and between-cluster distances, N_w and N_b
their numbers, N_t = N_w + N_b. Formulas follow Charrad et al. (2014), J. Stat. Softw. 61(6),
section 2.1, and the papers named there. All distances are Euclidean.
"""

from __future__ import annotations

import math

import numpy as np

from hclustkit.arrays import Floats
from hclustkit.validity.partition import Partition
from hclustkit.validity.values import (
    EQUAL_DISTANCES,
    NO_DISTANCE,
    NO_PAIR,
    ONE_CLUSTER,
    IndexValue,
    beyond,
    no_value,
)


def comparison_gap(this: Partition) -> str:
    """Say why within and between distances cannot be compared; empty where they can."""
    if this.k < 2:
        return ONE_CLUSTER
    return "" if len(this.inside) else NO_PAIR


def c_index(this: Partition) -> IndexValue:
    """(S_w - S_min) / (S_max - S_min), with the sums of the N_w smallest and largest distances.

    Hubert and Levin (1976), Psychol. Bull. 83, 1072-1080. In 0..1, small is good.
    """
    if reason := comparison_gap(this):
        return no_value(reason)
    ordered, count = np.sort(this.space.d), len(this.inside)
    least, most = ordered[:count].sum(), ordered[-count:].sum()
    if most == least:
        return no_value(EQUAL_DISTANCES)
    return IndexValue(float((this.inside.sum() - least) / (most - least)))


def point_biserial(this: Partition) -> IndexValue:
    """(S_b/N_b - S_w/N_w) sqrt(N_w N_b / N_t^2) / s_d, s_d the standard deviation (N_t - 1).

    Milligan (1981), Psychometrika 46, 187-199.
    """
    if reason := comparison_gap(this):
        return no_value(reason)
    if np.ptp(this.space.d) == 0:
        return no_value(EQUAL_DISTANCES)
    within, between, total = len(this.inside), len(this.outside), len(this.space.d)
    share = math.sqrt(within * between) / total
    apart = this.outside.mean() - this.inside.mean()
    return IndexValue(float(apart * share / this.space.d.std(ddof=1)))


def mcclain(this: Partition) -> IndexValue:
    """(S_w / N_w) / (S_b / N_b). McClain and Rao (1975), J. Mark. Res. 12, 456-460."""
    if reason := comparison_gap(this):
        return no_value(reason)
    between = this.outside.mean()
    if between == 0:
        return no_value("division by zero: all distances between the clusters are zero")
    return IndexValue(float(this.inside.mean() / between))


def gamma(this: Partition) -> IndexValue:
    """(s+ - s-) / (s+ + s-). Baker and Hubert (1975), J. Am. Stat. Assoc. 70, 31-38."""
    if reason := comparison_gap(this):
        return no_value(reason)
    agree, disagree = this.discordance
    if agree + disagree == 0:
        return no_value(EQUAL_DISTANCES)
    return IndexValue((agree - disagree) / (agree + disagree))


def g_plus(this: Partition) -> IndexValue:
    """2 s- / (N_t (N_t - 1)). Rohlf (1974), Annu. Rev. Ecol. Syst. 5, 101-113."""
    if reason := comparison_gap(this):
        return no_value(reason)
    total = len(this.space.d)
    return IndexValue(2 * this.discordance[1] / (total * (total - 1)))


def tau(this: Partition) -> IndexValue:
    """(s+ - s-) / sqrt(v (v - t)), v = N_t (N_t - 1) / 2.

    t counts the comparisons of two within or of two between distances, so v - t = N_w N_b.
    Rohlf (1974), Annu. Rev. Ecol. Syst. 5, 101-113; Milligan (1981).
    """
    if reason := comparison_gap(this):
        return no_value(reason)
    agree, disagree = this.discordance
    total = len(this.space.d)
    comparisons = len(this.inside) * len(this.outside)
    return IndexValue((agree - disagree) / math.sqrt(comparisons * (total * (total - 1) / 2)))


def dunn(this: Partition) -> IndexValue:
    """Smallest between-cluster distance over the largest within. Dunn (1974), J. Cybern. 4."""
    if reason := comparison_gap(this):
        return no_value(reason)
    if this.inside[-1] == 0:
        return no_value(NO_DISTANCE)
    return IndexValue(float(this.outside[0] / this.inside[-1]))


def frey(this: Partition, after: Partition | None) -> IndexValue:
    """Step of the mean between distance over the step of the mean within, from q to q + 1.

    Frey and Van Groenewoud (1972), J. Ecol. 60, 873-886.
    """
    if after is None:
        return beyond(this.k + 1, this.n)
    if reason := comparison_gap(this) or comparison_gap(after):
        return no_value(reason)
    step = float(after.inside.mean() - this.inside.mean())
    if step == 0:
        return no_value("division by zero: the mean within-cluster distance does not change")
    return IndexValue(float((after.outside.mean() - this.outside.mean()) / step))


def centroid_pairs(this: Partition) -> Floats:
    """Compute for every pair of objects the distance of the centroids of their clusters."""
    i, j = np.triu_indices(this.n, 1)
    return np.asarray(this.centroid_distances[this.codes[i], this.codes[j]])


def hubert(this: Partition) -> IndexValue:
    """Mean over the pairs of distance x distance of the centroids: modified Hubert statistic.

    Hubert and Arabie (1985), J. Classif. 2, 193-218; Halkidi, Batistakis and Vazirgiannis
    (2001), J. Intell. Inf. Syst. 17, 107-145. Read from a plot; it casts no vote.
    """
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    return IndexValue(float((this.space.d * centroid_pairs(this)).mean()))
