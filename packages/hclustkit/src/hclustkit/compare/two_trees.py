"""Compare two trees of the same cases, and the orders in which they are drawn."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cophenet
from scipy.stats import rankdata

from hclustkit.arguments import check_cluster_list
from hclustkit.arrays import FloatArray, IntArray
from hclustkit.compare.two_partitions import contingency_table
from hclustkit.errors import InputError
from hclustkit.tree.cophenetic import pearson
from hclustkit.tree.cut import check_linkage_matrix, cut
from hclustkit.tree.geometry import leaf_order
from hclustkit.tree.linkage import TIE_TOLERANCE


def bakers_gamma(Z1: FloatArray, Z2: FloatArray) -> float:
    """Correlate the ranks of the merges at which pairs of cases meet in two trees.

    For each pair the largest k at which both cases are in one cluster; Spearman's correlation
    over all pairs.

    Parameters
    ----------
    Z1, Z2 : array, shape (n - 1, 4)
        Linkage matrices in scipy's form.

    Returns
    -------
    float
        In -1..1; NaN where all pairs meet at once (two cases).

    Notes
    -----
    Merges of equal height have no order of their own, yet each needs its k. As in R's
    dendextend they are ranked by their place in the drawn tree: reading it from the root,
    left branch first, what is met later counts as merged earlier. (Trees whose heights
    invert keep the order of their merges.)

    References
    ----------
    Baker, F. B. (1974). J. Am. Stat. Assoc. 69, 440-445.

    Examples
    --------
    >>> from scipy.cluster.hierarchy import linkage
    >>> x = [[0.0], [1.0], [3.0], [7.0]]
    >>> bakers_gamma(linkage(x, "single"), linkage(x, "ward"))
    1.0
    """
    one, two = (rankdata(_meeting_stages(Z)) for Z in _same_size(Z1, Z2))
    return float(pearson(one, two))


def cophenetic_correlation_between(Z1: FloatArray, Z2: FloatArray) -> float:
    """Correlate the cophenetic distances of two trees of the same cases.

    Parameters
    ----------
    Z1, Z2 : array, shape (n - 1, 4)
        Linkage matrices in scipy's form.

    Returns
    -------
    float
        Pearson's correlation; NaN where one tree has a single height.

    References
    ----------
    Sokal, R. R. and Rohlf, F. J. (1962). Taxon 11, 33-40.

    Examples
    --------
    >>> from scipy.cluster.hierarchy import linkage
    >>> x = [[0.0], [1.0], [3.0], [7.0]]
    >>> round(cophenetic_correlation_between(linkage(x, "single"), linkage(x, "average")), 4)
    0.9999
    """
    one, two = (cophenet(Z) for Z in _same_size(Z1, Z2))
    return float(pearson(one, two))


def entanglement(
    order1: Sequence[Hashable],
    order2: Sequence[Hashable],
    L: float = 1.5,  # noqa: N803
) -> float:
    """Measure how tangled two dendrograms are when drawn face to face.

    The sum over the leaves of ``|place in 1 - place in 2|^L``, divided by the same sum for a
    reversed order; with L = 0 each leaf counts whose place differs.

    Parameters
    ----------
    order1, order2 : sequence
        The same leaves, each in the order of its tree.
    L : float
        Exponent, at least 0.

    Returns
    -------
    float
        0 for equal orders, 1 for reversed ones. With L = 0 and an odd number of leaves it
        can exceed 1, because the middle leaf of a reversed order keeps its place.

    Raises
    ------
    InputError
        The two do not hold the same leaves once each, fewer than two leaves, L negative.

    References
    ----------
    Galili, T. (2015). Bioinformatics 31, 3718-3720.

    Examples
    --------
    >>> entanglement("abc", "abc"), entanglement("abc", "cba")
    (0.0, 1.0)
    """
    one, two = list(order1), list(order2)
    n = len(one)
    if n < 2:
        raise InputError(
            f"{n} leaf or leaves: entanglement needs at least 2",
            place="order1",
            rule="too-few-leaves",
            value=n,
        )
    place = {leaf: at for at, leaf in enumerate(two)}
    if len(place) != n or len(two) != n or set(one) != set(place):
        raise InputError(
            "the two orders must hold the same leaves, each once",
            place="order2",
            rule="leaves-differ",
        )
    if not (isinstance(L, (int, float)) and math.isfinite(L) and L >= 0):
        raise InputError(
            f"L must be a number of at least 0, got {L!r}", place="L", rule="exponent", value=L
        )
    at = np.arange(n)
    apart = np.abs(at - np.array([place[leaf] for leaf in one])).astype(np.float64)
    worst = np.abs(at - at[::-1]).astype(np.float64)
    if L == 0:
        return float(np.count_nonzero(apart) / np.count_nonzero(worst))
    return math.fsum((apart**L).tolist()) / math.fsum((worst**L).tolist())


def fowlkes_mallows_bk(
    Z1: FloatArray, Z2: FloatArray, ks: Iterable[int] = range(2, 11)
) -> pd.DataFrame:
    """Compute the B_k of Fowlkes and Mallows for two trees, with what chance alone gives.

    Parameters
    ----------
    Z1, Z2 : array, shape (n - 1, 4)
        Linkage matrices in scipy's form.
    ks : iterable of int
        Numbers of clusters, 1..n; both trees are cut into k clusters.

    Returns
    -------
    DataFrame
        Index k, columns ``bk``, ``expected``, ``variance``: the index, and its mean and
        variance when the cases of one tree are shuffled. NaN where there is nothing to divide
        by: no two cases together, and for the variance fewer than four cases.

    References
    ----------
    Fowlkes, E. B. and Mallows, C. L. (1983). J. Am. Stat. Assoc. 78, 553-569, section 2.

    Examples
    --------
    >>> from scipy.cluster.hierarchy import linkage
    >>> x = [[0.0], [1.0], [3.0], [7.0]]
    >>> fowlkes_mallows_bk(linkage(x, "single"), linkage(x, "ward"), [2])["bk"].tolist()
    [1.0]
    """
    Z1, Z2 = _same_size(Z1, Z2)
    n = len(Z1) + 1
    rows = {k: _bk(contingency_table(cut(Z1, k), cut(Z2, k)), n) for k in check_cluster_list(ks, n)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["bk", "expected", "variance"])


def _bk(counts: IntArray, n: int) -> tuple[float, float, float]:
    """B_k, its expectation and its variance from a contingency table of n cases."""
    m1, m2 = counts.sum(axis=1), counts.sum(axis=0)
    # ordered pairs, and ordered triples, within the clusters of each partition
    p, q = (float((m * (m - 1)).sum()) for m in (m1, m2))
    p3, q3 = (float((m * (m - 1) * (m - 2)).sum()) for m in (m1, m2))
    if not (p and q):
        return math.nan, math.nan, math.nan
    bk = float((counts * (counts - 1)).sum()) / math.sqrt(p * q)
    expected, variance = math.sqrt(p * q) / (n * (n - 1)), math.nan
    if n > 3:
        variance = (
            2 / (n * (n - 1))
            + 4 * p3 * q3 / (n * (n - 1) * (n - 2) * p * q)
            + (p - 2 - 4 * p3 / p) * (q - 2 - 4 * q3 / q) / (n * (n - 1) * (n - 2) * (n - 3))
            - p * q / (n * (n - 1)) ** 2
        )
    return bk, expected, variance


def _same_size(Z1: FloatArray, Z2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both linkage matrices, checked."""
    Z1, Z2 = check_linkage_matrix(Z1), check_linkage_matrix(Z2)
    if len(Z1) != len(Z2):
        raise InputError(
            f"the trees have {len(Z1) + 1} and {len(Z2) + 1} cases",
            place="Z2",
            rule="tree-sizes-differ",
            value=(len(Z1) + 1, len(Z2) + 1),
        )
    return Z1, Z2


def _meeting_stages(Z: FloatArray) -> FloatArray:
    """For each pair of cases the rank of the merge that brings them together, condensed."""
    h = Z[:, 2]
    rank = np.arange(len(Z))
    higher = np.diff(h) > TIE_TOLERANCE * h[:-1]
    if not (higher.all() or (np.diff(h) < -TIE_TOLERANCE * h[:-1]).any()):
        level = np.concatenate([[0], np.cumsum(higher)])
        met = np.empty(len(Z), dtype=np.intp)
        nodes = leaf_order(Z, inner=True)
        n = len(Z) + 1
        met[nodes[nodes >= n] - n] = np.arange(len(Z))
        rank[np.lexsort((-met, level))] = np.arange(len(Z))
    stages = Z.copy()
    stages[:, 2] = rank + 1
    return np.asarray(cophenet(stages), dtype=np.float64)
