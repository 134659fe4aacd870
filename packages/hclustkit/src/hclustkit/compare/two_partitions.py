"""Compare two partitions of the same objects.

A partition is a sequence with one cluster label per object; the labels are names, not numbers.
Two Series are matched by their index, anything else by position. Formulas use the table of
counts n_ij (objects in cluster i of a and j of b), its margins a_i and b_j, and the number of
pairs of objects together in both partitions (N11), in a only (N10), in b only (N01), in
neither (N00).
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from hclustkit.arrays import Ints, Labels
from hclustkit.compare.labels import code_partitions, contingency


def rand_index(a: Labels, b: Labels) -> float:
    """Compute the share of pairs on which two partitions agree.

    (N11 + N00) / N, with N the number of pairs; 1 if there is no pair. Symmetric, in 0..1,
    not corrected for chance.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    float
        In 0..1.

    References
    ----------
    Rand, W. M. (1971). J. Am. Stat. Assoc. 66, 846-850.

    Examples
    --------
    >>> rand_index([1, 1, 2], [1, 2, 2])
    0.3333333333333333
    """
    n11, n10, n01, n00 = _pair_counts(contingency_table(a, b))
    total = n11 + n10 + n01 + n00
    return (n11 + n00) / total if total else 1.0


def adjusted_rand_index(a: Labels, b: Labels) -> float:
    """Compute the Rand index corrected for chance.

    1 for equal partitions, 0 on average when the labels of one are shuffled; can be negative.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    float
        At most 1.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). J. Classification 2, 193-218, equation 5.

    Examples
    --------
    >>> adjusted_rand_index([1, 1, 2, 2], ["x", "x", "y", "y"])
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(*code_partitions(a, b)[:2]))


def adjusted_mutual_information(a: Labels, b: Labels) -> float:
    """Compute mutual information corrected for chance, over the mean of the two entropies.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    float
        At most 1; 0 on average for shuffled labels.

    References
    ----------
    Vinh, N. X., Epps, J. and Bailey, J. (2010). J. Mach. Learn. Res. 11, 2837-2854.

    Examples
    --------
    >>> adjusted_mutual_information([1, 1, 2, 2], [2, 2, 1, 1])
    1.0
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(*code_partitions(a, b)[:2]))


def fowlkes_mallows(a: Labels, b: Labels) -> float:
    """Compute the index of Fowlkes and Mallows, N11 / sqrt((N11 + N10) (N11 + N01)).

    If one partition has no two objects together the quotient is undefined: 1 is returned
    when both have none (they are equal), otherwise 0.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    float
        In 0..1.

    References
    ----------
    Fowlkes, E. B. and Mallows, C. L. (1983). J. Am. Stat. Assoc. 78, 553-569.

    Examples
    --------
    >>> round(fowlkes_mallows([1, 1, 1], [1, 1, 2]), 4)
    0.5774
    """
    n11, n10, n01, _ = _pair_counts(contingency_table(a, b))
    return _over(n11, math.sqrt(n11 + n10) * math.sqrt(n11 + n01), n10 == n01 == 0)


def variation_of_information(a: Labels, b: Labels) -> float:
    """Compute the variation of information, H(a) + H(b) - 2 I(a, b).

    A metric, between 0 and log n.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    float
        In nats; divide by log 2 for bits.

    References
    ----------
    Meila, M. (2007). J. Multivariate Analysis 98, 873-895.

    Examples
    --------
    >>> round(variation_of_information([1, 1, 2, 2], [1, 2, 1, 2]), 4)
    1.3863
    """
    h_a, h_b, h_ab = _entropies(contingency_table(a, b))
    return max(2 * h_ab - h_a - h_b, 0.0)


def agreement_table(a: Labels, b: Labels) -> pd.Series[float]:
    """Compute every measure of agreement of two partitions.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    Series of float
        Named ``agreement``; Notes explains its entries.

    Notes
    -----
    ======================= ==========================================================
    entry                   what it is
    ======================= ==========================================================
    rand                    `rand_index`
    adjusted_rand           `adjusted_rand_index`
    adjusted_mutual_info    `adjusted_mutual_information`
    fowlkes_mallows         `fowlkes_mallows`
    jaccard                 N11 / (N11 + N10 + N01)
    sorensen_dice           2 N11 / (2 N11 + N10 + N01)
    wallace_a, wallace_b    N11 / (N11 + N10), N11 / (N11 + N01): of the pairs together in
                            a (in b), the share together in the other; Wallace (1983)
    overlap                 N11 / min(N11 + N10, N11 + N01)
    mirkin                  2 (N10 + N01): ordered pairs on which they differ
    chi_squared             sum of (n_ij - e_ij)^2 / e_ij with e_ij = a_i b_j / n
    van_dongen              2n - sum_i max_j n_ij - sum_j max_i n_ij; van Dongen (2000)
    meila_heckerman         sum_i max_j n_ij / n (not symmetric; in a mapped to b)
    moved                   `minimum_moves`
    maximum_match           1 - moved / n
    mutual_info             I(a, b) in nats
    joint_entropy           H(a, b) in nats
    variation_of_info       `variation_of_information`, nats
    normalized_vi           mean of 1 - I / H(a) and 1 - I / H(b)
    nmi_sqrt, nmi_mean      I / sqrt(H(a) H(b)), 2 I / (H(a) + H(b)); Strehl, Ghosh (2002)
    ======================= ==========================================================

    A quotient without pairs (or entropies) to divide by is 1 where the partitions are equal
    and 0 where they are not (`normalized_vi`: 0 and 1).

    Examples
    --------
    >>> table = agreement_table([1, 1, 2], [1, 2, 2])
    >>> int(table["moved"]), round(float(table["jaccard"]), 3)
    (1, 0.0)
    """
    counts = contingency_table(a, b)
    n = int(counts.sum())
    n11, n10, n01, _ = _pair_counts(counts)
    h_a, h_b, h_ab = _entropies(counts)
    info = max(h_a + h_b - h_ab, 0.0)
    same = n10 == n01 == 0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    moved = n - _best_total(counts)
    values = {
        "rand": rand_index(a, b),
        "adjusted_rand": adjusted_rand_index(a, b),
        "adjusted_mutual_info": adjusted_mutual_information(a, b),
        "fowlkes_mallows": fowlkes_mallows(a, b),
        "jaccard": _over(n11, n11 + n10 + n01, same),
        "sorensen_dice": _over(2 * n11, 2 * n11 + n10 + n01, same),
        "wallace_a": _over(n11, n11 + n10, same),
        "wallace_b": _over(n11, n11 + n01, same),
        "overlap": _over(n11, n11 + min(n10, n01), same),
        "mirkin": 2 * (n10 + n01),
        "chi_squared": math.fsum(((counts - expected) ** 2 / expected).ravel().tolist()),
        "van_dongen": 2 * n - counts.max(axis=1).sum() - counts.max(axis=0).sum(),
        "meila_heckerman": counts.max(axis=1).sum() / n,
        "moved": moved,
        "maximum_match": 1 - moved / n,
        "mutual_info": info,
        "joint_entropy": h_ab,
        "variation_of_info": max(2 * h_ab - h_a - h_b, 0.0),
        "normalized_vi": 1 - (_over(info, h_a, same) + _over(info, h_b, same)) / 2,
        "nmi_sqrt": _over(info, math.sqrt(h_a * h_b), same),
        "nmi_mean": _over(2 * info, h_a + h_b, same),
    }
    return pd.Series(values, dtype=np.float64, name="agreement")


def best_match(reference: Labels, other: Labels) -> pd.DataFrame:
    """Find the most similar cluster of ``other`` for each cluster of ``reference``.

    Parameters
    ----------
    reference, other : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    DataFrame
        One row a cluster of ``reference`` (the index), in order of first member:
        ``members``, a list of its objects (index labels if ``reference`` is a Series, else
        positions from 0); ``size``, their number; ``jaccard``, ``|A and B| / |A or B|`` with the
        most similar cluster B of ``other``; ``match``, the label of B (of equally similar
        ones the cluster with the earliest member); ``recovered_exactly``, whether ``other``
        has the very same cluster; ``relation``: ``recovered``, ``split`` (a union of several
        clusters of ``other``), ``merged`` (part of one larger cluster) or ``split and
        merged`` (spread over several clusters, at least one of which holds other objects);
        ``parts``, a list of the clusters of ``other`` that hold its members, in order of
        first member; ``joined_by``, a list of the objects outside it that share one of these.

    References
    ----------
    Hennig, C. (2007). Computational Statistics & Data Analysis 52, 258-271.

    Examples
    --------
    >>> best_match([1, 1, 2, 2], [1, 1, 1, 2])[["size", "relation"]]
             size          relation
    cluster
    1           2            merged
    2           2  split and merged
    """
    a, b, objects, names_a, names_b = code_partitions(reference, other)
    counts = contingency(a, b)
    size_a, size_b = counts.sum(axis=1), counts.sum(axis=0)
    jaccard = counts / (size_a[:, None] + size_b - counts)
    rows = []
    for i in range(len(names_a)):
        parts = np.flatnonzero(counts[i])
        relations = ["split"] if len(parts) > 1 else []
        if (counts[i, parts] < size_b[parts]).any():
            relations.append("merged")
        match = int(jaccard[i].argmax())
        rows.append(
            {
                "members": [objects[place] for place in np.flatnonzero(a == i)],
                "size": int(size_a[i]),
                "jaccard": float(jaccard[i, match]),
                "match": names_b[match],
                "recovered_exactly": not relations,
                "relation": " and ".join(relations) or "recovered",
                "parts": [names_b[j] for j in parts],
                "joined_by": [
                    objects[place] for place in np.flatnonzero(np.isin(b, parts) & (a != i))
                ],
            }
        )
    return pd.DataFrame(rows, index=pd.Index(names_a, name="cluster", tupleize_cols=False))


def minimum_moves(a: Labels, b: Labels) -> int:
    """Count the fewest objects that must change cluster to turn ``a`` into ``b``.

    n minus the largest total of a one-to-one matching of clusters. Symmetric, a metric.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    int
        In 0..n - 1.

    References
    ----------
    Gusfield, D. (2002). Information Processing Letters 82, 159-164 (partition distance).

    Examples
    --------
    >>> minimum_moves([1, 1, 2, 2], ["x", "x", "x", "y"])
    1
    """
    counts = contingency_table(a, b)
    return int(counts.sum()) - _best_total(counts)


def moves(a: Labels, b: Labels) -> list[Hashable]:
    """List the objects that change cluster when ``a`` is turned into ``b`` with fewest moves.

    The clusters are matched by `matching`; another matching may leave other objects to move,
    though never fewer.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    list
        In the order of the objects: index labels if ``a`` is a Series, else positions from 0.
        Its length is `minimum_moves`.

    Examples
    --------
    >>> moves([1, 1, 2, 2], ["x", "x", "x", "y"])
    [2]
    """
    code_a, code_b, objects, *_ = code_partitions(a, b)
    partner = _first_best_matching(contingency(code_a, code_b))
    return [objects[place] for place in np.flatnonzero(partner[code_a] != code_b)]


def matching(a: Labels, b: Labels) -> dict[Any, Any]:
    """Match the clusters of ``a`` with those of ``b``, one to one.

    Clusters are matched so that the fewest objects leave theirs. If several matchings do
    that, the clusters of ``a`` are taken in order of their first object and each gets the
    earliest cluster of ``b`` (by first object) that still allows the fewest moves.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    dict
        Cluster of ``a`` to cluster of ``b``, in order of first object; a cluster of ``a`` that
        is left over, or shares no object with its partner, is absent.

    Examples
    --------
    >>> matching([1, 1, 2, 2], ["x", "x", "x", "y"])
    {1: 'x', 2: 'y'}
    """
    code_a, code_b, _, names_a, names_b = code_partitions(a, b)
    partner = _first_best_matching(contingency(code_a, code_b))
    return {name: names_b[at] for name, at in zip(names_a, partner, strict=True) if at >= 0}


def renumber(reference: pd.Series[Any], other: pd.Series[Any]) -> pd.Series[int]:
    """Number the clusters of a partition after those of another that they match.

    Parameters
    ----------
    reference, other : Series of int, index the labels
        Clusters numbered from 1. A cluster of ``other`` without a partner (see `matching`) gets
        a number that ``reference`` does not have.

    Returns
    -------
    Series of int
        The clusters of ``other``, renumbered.

    Raises
    ------
    InputError
        The labels differ.

    Examples
    --------
    >>> one = pd.Series([1, 1, 2, 2], index=list("abcd"))
    >>> renumber(one, pd.Series([2, 2, 3, 1], index=list("abcd"))).tolist()
    [1, 1, 2, 3]
    """
    partner = {one: int(two) for one, two in matching(other, reference).items()}
    left = [number for number in sorted(other.unique()) if number not in partner]
    partner |= {number: int(reference.max()) + at for at, number in enumerate(left, start=1)}
    return other.map(partner)


def contingency_table(a: Labels, b: Labels) -> Ints:
    """Count the objects in each pair of clusters.

    Parameters
    ----------
    a, b : sequence of n labels, or Series matched by index
        The two partitions.

    Returns
    -------
    ndarray of int64, shape (clusters of a, clusters of b)
        Clusters in order of first object.

    Examples
    --------
    >>> contingency_table([1, 1, 2], ["x", "y", "y"])
    array([[1, 1],
           [0, 1]])
    """
    code_a, code_b, *_ = code_partitions(a, b)
    return contingency(code_a, code_b)


def _pair_counts(counts: Ints) -> tuple[int, int, int, int]:
    """Count the pairs of objects together in both, in a only, in b only, in neither."""

    def pairs(m: Ints) -> int:
        return int((m * (m - 1) // 2).sum())

    n11 = pairs(counts)
    n10, n01 = pairs(counts.sum(axis=1)) - n11, pairs(counts.sum(axis=0)) - n11
    return n11, n10, n01, pairs(counts.sum(keepdims=True)) - n11 - n10 - n01


def _entropies(counts: Ints) -> tuple[float, float, float]:
    """Compute H(a), H(b) and H(a, b) in nats."""

    def entropy(m: Ints) -> float:
        share = m[m > 0] / counts.sum()
        return -math.fsum((share * np.log(share)).tolist()) + 0.0

    return entropy(counts.sum(axis=1)), entropy(counts.sum(axis=0)), entropy(counts)


def _over(part: float, whole: float, equal: bool) -> float:
    """Divide; with nothing to divide by, return 1 for equal partitions and 0 for others."""
    return part / whole if whole > 0 else float(equal)


def _best_total(counts: Ints) -> int:
    """Count the most objects that a one-to-one matching of clusters leaves in place."""
    return int(counts[linear_sum_assignment(counts, maximize=True)].sum())


def _first_best_matching(counts: Ints) -> Ints:
    """Find the partner of each row in the first of the best matchings; -1 for none."""
    left = counts.copy()  # rows and columns already decided are set to 0
    fixed = 0
    total = _best_total(counts)
    partner = np.full(len(counts), -1)
    for i in range(len(counts)):
        for j in np.flatnonzero(left[i]):
            rest = left.copy()
            rest[i] = rest[:, j] = 0
            if fixed + left[i, j] + _best_total(rest) == total:
                partner[i], fixed, left = j, fixed + left[i, j], rest
                break
        else:
            left[i] = 0
    return partner
