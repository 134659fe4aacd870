"""Indices of one split: cluster m of q, divided into k and l when there are q + 1.

W_m, W_k, W_l are sums of squared distances from the centroids, n_m = n_k + n_l. Formulas
follow Charrad et al. (2014), J. Stat. Softw. 61(6), section 2.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from hclustkit.validity.partition import Partition
from hclustkit.validity.values import NO_WITHIN, IndexValue, beyond, no_value

STANDARD_SCORE = 3.20
"""z of the critical value: the best in Milligan and Cooper (1985), Psychometrika 50, p. 164."""


@dataclass(frozen=True)
class Split:
    """Sums of squares and sizes of one split in p dimensions."""

    whole: float
    parts: float
    size: int
    part_size: int
    p: int


def find_split(this: Partition, after: Partition) -> Split:
    """Find the cluster of ``this`` that ``after`` divides."""
    parts = np.zeros((this.k, after.k), dtype=bool)
    parts[this.codes, after.codes] = True
    parent = int(np.flatnonzero(parts.sum(axis=1) == 2)[0])
    children = parts[parent]
    size = int(this.sizes[parent])
    return Split(
        whole=float(this.within_by_cluster[parent]),
        parts=float(after.within_by_cluster[children].sum()),
        size=size,
        part_size=size,
        p=this.p,
    )


def duda_critical(split: Split) -> float:
    """1 - 2/(pi p) - z sqrt(2 (1 - 8/(pi^2 p)) / (n_m p)). Duda and Hart (1973), p. 243."""
    p = split.p
    spread = math.sqrt(2 * (1 - 8 / (math.pi**2 * p)) / (split.size * p))
    return 1 - 2 / (math.pi * p) - STANDARD_SCORE * spread


def duda_of(split: Split) -> IndexValue:
    """(W_k + W_l) / W_m with its critical value."""
    critical = duda_critical(split)
    if split.whole == 0:
        return no_value(NO_WITHIN, critical)
    return IndexValue(split.parts / split.whole, critical=critical)


def pseudo_t2_of(split: Split) -> IndexValue:
    """(W_m - W_k - W_l) / ((W_k + W_l) / (n_m - 2)) with its critical value.

    The critical value is that of Duda turned into this scale, (1 - c)/c (n_m - 2). It loses
    its meaning where c is negative (few objects in few dimensions) and is then never met.
    """
    freedom = split.part_size - 2
    limit = duda_critical(split)
    critical = (1 - limit) / limit * freedom if limit else math.inf
    if freedom == 0:
        return no_value("division by zero: two single objects are split", critical)
    if split.parts == 0:
        return no_value(NO_WITHIN, critical)
    gain = split.whole - split.parts
    return IndexValue(gain / (split.parts / freedom), critical=critical)


def beale_of(split: Split) -> IndexValue:
    """((W_m - W_k - W_l) / (W_k + W_l)) / (((n_m - 1)/(n_m - 2)) 2^(2/p) - 1).

    Beale (1969), Bull. Int. Stat. Inst. 43, 92-94. ``critical`` is the p-value from F with p
    and (n_m - 2) p degrees of freedom.
    """
    freedom = split.size - 2
    if freedom == 0:
        return no_value("division by zero: two single objects are split")
    if split.parts == 0:
        return no_value(NO_WITHIN)
    expected = (freedom + 1) / freedom * 2 ** (2 / split.p) - 1
    return f_ratio(split, (split.whole - split.parts) / split.parts / expected)


def f_ratio(split: Split, value: float) -> IndexValue:
    """Return a value with its p-value from F with p and (n_m - 2) p degrees of freedom."""
    # a negative value lies below all of F
    p_value = float(fdtrc(split.p, (split.size - 2) * split.p, value)) if value > 0 else 1.0
    return IndexValue(value, critical=p_value)


def duda(this: Partition, after: Partition | None) -> IndexValue:
    """Je(2) / Je(1) of Duda and Hart (1973), Pattern Classification and Scene Analysis."""
    return beyond(this.k + 1, this.n) if after is None else duda_of(find_split(this, after))


def pseudo_t2(this: Partition, after: Partition | None) -> IndexValue:
    """Pseudo t-squared of the split; see `pseudo_t2_of`."""
    return beyond(this.k + 1, this.n) if after is None else pseudo_t2_of(find_split(this, after))


def beale(this: Partition, after: Partition | None) -> IndexValue:
    """Beale's pseudo F of the split; see `beale_of`."""
    return beyond(this.k + 1, this.n) if after is None else beale_of(find_split(this, after))
