"""Compare two trees of the same cases, and the orders in which they are drawn."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hclustkit.arguments import check_between, check_cluster_list
from hclustkit.arrays import Floats, Ints
from hclustkit.compare.two_partitions import contingency_table
from hclustkit.errors import refusal
from hclustkit.tree.cophenetic import cophenetic, pearson
from hclustkit.tree.cut import check_linkage_matrix, cut
from hclustkit.tree.geometry import leaf_order
from hclustkit.tree.linkage import TIE_TOLERANCE
from hclustkit.tree.rotation import rotate


def bakers_gamma(Z1: Floats, Z2: Floats) -> float:
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
    Merges of equal height have no order, yet each needs its k. As in R's dendextend they are
    ranked by their place in the drawn tree: reading it from the root, left branch first, what
    is met later counts as merged earlier. (Trees whose heights invert keep the order of their
    merges.)

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
    from scipy.stats import rankdata

    one, two = (rankdata(_meeting_stages(Z)) for Z in _same_size(Z1, Z2))
    return float(pearson(one, two))


def cophenetic_correlation_between(Z1: Floats, Z2: Floats) -> float:
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
    one, two = (cophenetic(Z) for Z in _same_size(Z1, Z2))
    return float(pearson(one, two))


def entanglement(order1: Sequence[Hashable], order2: Sequence[Hashable], L: float = 1.5) -> float:
    """Measure how tangled two dendrograms are when drawn face to face.

    The sum over the leaves of ``|place in 1 - place in 2|^L``, divided by the same sum for a
    reversed order; with L = 0 each leaf counts whose place differs.

    Parameters
    ----------
    order1, order2 : sequence
        The same leaves, each in the order of its tree.
    L : float
        Exponent, 0 to 100.

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
    place = _places(order1, order2)
    n = len(place)
    if n < 2:
        text = f"{n} leaf or leaves: entanglement needs at least 2"
        raise refusal(text, "order1", "too-few-leaves", n)
    if L != 0:
        L = check_between(L, "L", 0.0, 100.0)
    at = np.arange(n)
    apart = np.abs(at - np.array(place)).astype(np.float64)
    worst = np.abs(at - at[::-1]).astype(np.float64)
    if L == 0:
        return float(np.count_nonzero(apart) / np.count_nonzero(worst))
    return math.fsum((apart**L).tolist()) / math.fsum((worst**L).tolist())


def crossings(order1: Sequence[Hashable], order2: Sequence[Hashable]) -> int:
    """Count the pairs of lines that cross when equal leaves of two drawn trees are joined.

    Parameters
    ----------
    order1, order2 : sequence
        The same leaves, each in the order of its tree.

    Returns
    -------
    int
        0 for equal orders, n (n - 1) / 2 for reversed ones.

    Raises
    ------
    InputError
        The two do not hold the same leaves once each.

    Examples
    --------
    >>> crossings("abc", "abc"), crossings("abc", "bca"), crossings("abc", "cba")
    (0, 2, 3)
    """
    sorted_so_far: list[int] = []
    count = 0
    for done, place in enumerate(_places(order1, order2)):
        at = bisect(sorted_so_far, place)
        count += done - at
        sorted_so_far.insert(at, place)
    return count


@dataclass(frozen=True, eq=False)
class Untangled:
    """Two trees turned towards each other.

    Attributes
    ----------
    order1, order2 : array of int, shape (n,)
        The cases (from 0) from left to right.
    crossings_before, crossings_after : int
        As the trees are drawn by themselves, and in these orders.
    entanglement_before, entanglement_after : float
        See `entanglement`; NaN for one case.
    """

    order1: Ints
    order2: Ints
    crossings_before: int
    crossings_after: int
    entanglement_before: float
    entanglement_after: float


def untangle(Z1: Floats, Z2: Floats) -> Untangled:
    """Turn two trees towards each other, so that few lines between equal leaves cross.

    One tree is turned so that its lines to the other cross least, which has an exact answer
    (`hclustkit.tree.rotation.rotate`), then the other, until nothing is gained; from both
    sides, the better of the two. With both trees free to turn the least number is hard to
    find, and this is not always it.

    Parameters
    ----------
    Z1, Z2 : array, shape (n - 1, 4)
        Linkage matrices over the same cases.

    Returns
    -------
    Untangled

    Examples
    --------
    >>> from scipy.cluster.hierarchy import linkage
    >>> x = [[0.0], [1.0], [3.0], [7.0]]
    >>> found = untangle(linkage(x, "single"), linkage(x, "ward"))
    >>> found.crossings_after, found.entanglement_after
    (0, 0.0)
    """
    trees = _same_size(Z1, Z2)
    plain = [leaf_order(Z) for Z in trees]
    before = crossings(plain[0].tolist(), plain[1].tolist())
    best, orders = before, plain
    for fixed in (0, 1):
        found, least = list(plain), before + 1
        side = 1 - fixed
        while True:
            turned = list(found)
            turned[side] = rotate(trees[side], np.argsort(found[1 - side]))
            count = crossings(turned[0].tolist(), turned[1].tolist())
            if count >= least:
                break
            found, least, side = turned, count, 1 - side
        if least < best:
            best, orders = least, found
    one, two = orders
    tangled = [
        entanglement(a.tolist(), b.tolist()) if len(a) > 1 else math.nan for a, b in (plain, orders)
    ]
    return Untangled(one, two, before, best, tangled[0], tangled[1])


def fowlkes_mallows_bk(Z1: Floats, Z2: Floats, ks: Iterable[int] | None = None) -> pd.DataFrame:
    """Compute the B_k of Fowlkes and Mallows for two trees, with what chance alone gives.

    Parameters
    ----------
    Z1, Z2 : array, shape (n - 1, 4)
        Linkage matrices in scipy's form.
    ks : iterable of int, optional
        Numbers of clusters, 1..n, by default 2 to 10; both trees are cut into k clusters.

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


def _bk(counts: Ints, n: int) -> tuple[float, float, float]:
    """Compute B_k, its expectation and its variance from a contingency table of n cases."""
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


def _places(order1: Sequence[Hashable], order2: Sequence[Hashable]) -> list[int]:
    """Return the place in the second order of each leaf of the first."""
    one, two = list(order1), list(order2)
    place = {leaf: at for at, leaf in enumerate(two)}
    if len(place) != len(one) or len(two) != len(one) or set(one) != set(place):
        text = "the two orders must hold the same leaves, each once"
        raise refusal(text, "order2", "leaves-differ")
    return [place[leaf] for leaf in one]


def _same_size(Z1: Floats, Z2: Floats) -> tuple[Floats, Floats]:
    """Return both linkage matrices if they are valid and of the same number of cases."""
    Z1, Z2 = check_linkage_matrix(Z1), check_linkage_matrix(Z2)
    if len(Z1) != len(Z2):
        text = f"the trees have {len(Z1) + 1} and {len(Z2) + 1} cases"
        raise refusal(text, "Z2", "tree-sizes-differ", (len(Z1) + 1, len(Z2) + 1))
    return Z1, Z2


def _meeting_stages(Z: Floats) -> Floats:
    """Compute for each pair of cases the rank of the merge that joins them, condensed."""
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
    return cophenetic(stages)
