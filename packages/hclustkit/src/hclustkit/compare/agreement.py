"""How far two partitions, or two trees, of the same objects agree.

A partition is a sequence with one cluster label per object; the labels are names, not numbers.
Two Series are matched by their index, anything else by position. Formulas use the table of
counts n_ij (objects in cluster i of a and j of b), its margins a_i and b_j, and the number of
pairs of objects together in both partitions (N11), in a only (N10), in b only (N01), in
neither (N00).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cophenet
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.stats import rankdata
from sklearn import metrics

from hclustkit.errors import InputError
from hclustkit.tables import check_k
from hclustkit.tree.ward import TIE_TOLERANCE, cut, leaf_order, pearson

Partition = Sequence | np.ndarray | pd.Series


# ---------------------------------------------------------------------------- two partitions


def rand_index(a: Partition, b: Partition) -> float:
    """Share of pairs on which the partitions agree, (N11 + N00) / N: Rand (1971), JASA 66.

    1 if there is no pair. Symmetric; 0..1; not corrected for chance.
    """
    return float(metrics.rand_score(*_codes(a, b)[:2]))


def adjusted_rand_index(a: Partition, b: Partition) -> float:
    """Rand index corrected for chance: Hubert and Arabie (1985), J. Classification 2, eq. 5.

    1 for equal partitions, 0 on average when the labels of one are shuffled; can be negative.
    """
    return float(metrics.adjusted_rand_score(*_codes(a, b)[:2]))


def adjusted_mutual_information(a: Partition, b: Partition) -> float:
    """Mutual information corrected for chance, over the mean of the two entropies.

    Vinh, Epps, Bailey (2010), JMLR 11, 2837-2854 (AMI with the arithmetic mean).
    """
    return float(metrics.adjusted_mutual_info_score(*_codes(a, b)[:2]))


def fowlkes_mallows(a: Partition, b: Partition) -> float:
    """N11 / sqrt((N11 + N10) (N11 + N01)): Fowlkes and Mallows (1983), JASA 78.

    If one partition has no two objects together the quotient is not defined: 1 is returned
    when both have none (they are equal), otherwise 0.
    """
    n11, n10, n01, _ = _pair_counts(_contingency(a, b))
    return _over(n11, math.sqrt(n11 + n10) * math.sqrt(n11 + n01), n10 == n01 == 0)


def variation_of_information(a: Partition, b: Partition) -> float:
    """H(a) + H(b) - 2 I(a, b) in nats: Meila (2007), J. Multivariate Analysis 98. A metric.

    Between 0 and log n. Divide by log 2 for bits.
    """
    h_a, h_b, h_ab = _entropies(_contingency(a, b))
    return max(2 * h_ab - h_a - h_b, 0.0)


def agreement_table(a: Partition, b: Partition) -> pd.Series:
    """All measures of agreement of two partitions.

    Returns
    -------
    Series of float, named ``agreement``; Notes has its entries.

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
    """
    counts = _contingency(a, b)
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
        "chi_squared": ((counts - expected) ** 2 / expected).sum(),
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


def best_match(reference: Partition, other: Partition) -> pd.DataFrame:
    """What became of each cluster of ``reference`` in ``other``.

    Returns
    -------
    DataFrame, one row a cluster of ``reference`` (the index), in order of first member:

    ``members``
        List of its objects: index labels if ``reference`` is a Series, else positions from 0.
    ``size``
        Their number.
    ``jaccard``
        |A and B| / |A or B| with the most similar cluster B of ``other``: Hennig (2007),
        Computational Statistics & Data Analysis 52, 258-271.
    ``match``
        The label of B; of equally similar ones the cluster with the earliest member.
    ``recovered_exactly``
        Whether ``other`` has the very same cluster.
    ``relation``
        ``recovered``; ``split`` (it is a union of several clusters of ``other``); ``merged``
        (it lies within one larger cluster); ``split and merged`` (it is spread over several
        clusters, at least one of which holds other objects).
    ``parts``
        List of the clusters of ``other`` that hold its members, in order of first member.
    ``joined_by``
        List of the objects outside it that share one of these clusters.
    """
    a, b, objects, names_a, names_b = _codes(reference, other)
    counts = _count(a, b)
    size_a, size_b = counts.sum(axis=1), counts.sum(axis=0)
    jaccard = counts / (size_a[:, None] + size_b - counts)
    rows = []
    for i in range(len(names_a)):
        parts = np.flatnonzero(counts[i])
        split, merged = len(parts) > 1, bool((counts[i, parts] < size_b[parts]).any())
        relation = " and ".join(
            word for word, holds in (("split", split), ("merged", merged)) if holds
        )
        match = int(jaccard[i].argmax())
        rows.append(
            {
                "members": [objects[place] for place in np.flatnonzero(a == i)],
                "size": int(size_a[i]),
                "jaccard": float(jaccard[i, match]),
                "match": names_b[match],
                "recovered_exactly": not relation,
                "relation": relation or "recovered",
                "parts": [names_b[j] for j in parts],
                "joined_by": [
                    objects[place] for place in np.flatnonzero(np.isin(b, parts) & (a != i))
                ],
            }
        )
    return pd.DataFrame(rows, index=pd.Index(names_a, name="cluster"))


def minimum_moves(a: Partition, b: Partition) -> int:
    """The fewest objects that must change cluster to turn partition ``a`` into ``b``.

    n minus the largest total of a one-to-one matching of clusters: Gusfield (2002),
    Information Processing Letters 82, 159-164 (partition distance). Symmetric, a metric.
    """
    counts = _contingency(a, b)
    return int(counts.sum()) - _best_total(counts)


def moves(a: Partition, b: Partition) -> list:
    """Which objects change cluster when ``a`` is turned into ``b`` with the fewest moves.

    The clusters are matched by `matching`; another matching may leave other objects to move,
    though never fewer.

    Returns
    -------
    list
        The objects that move, in their order: index labels if ``a`` is a Series, else
        positions from 0. Its length is `minimum_moves`.
    """
    code_a, code_b, objects, *_ = _codes(a, b)
    partner = _first_best_matching(_count(code_a, code_b))
    return [objects[place] for place in np.flatnonzero(partner[code_a] != code_b)]


def matching(a: Partition, b: Partition) -> dict:
    """Which cluster of ``b`` each cluster of ``a`` corresponds to.

    Clusters are matched one to one so that the fewest objects leave theirs. If several
    matchings do that, the clusters of ``a`` are taken in order of their first object and each
    gets the earliest cluster of ``b`` (by first object) that still allows the fewest moves.

    Returns
    -------
    dict
        Cluster of ``a`` to cluster of ``b``, in order of first object; a cluster of ``a`` that
        is left over, or shares no object with its partner, is absent.
    """
    code_a, code_b, _, names_a, names_b = _codes(a, b)
    partner = _first_best_matching(_count(code_a, code_b))
    return {name: names_b[at] for name, at in zip(names_a, partner, strict=True) if at >= 0}


def _best_total(counts: np.ndarray) -> int:
    """Largest number of objects that a one-to-one matching of clusters leaves in place."""
    return int(counts[linear_sum_assignment(counts, maximize=True)].sum())


def _first_best_matching(counts: np.ndarray) -> np.ndarray:
    """For each row its column in the first of the best matchings, -1 for none."""
    rows, columns = counts.shape
    left = counts.copy()  # rows and columns already decided are set to 0
    fixed = 0
    total = _best_total(counts)
    partner = np.full(rows, -1)
    for i in range(rows):
        for j in np.flatnonzero(left[i]):
            rest = left.copy()
            rest[i] = rest[:, j] = 0
            if fixed + left[i, j] + _best_total(rest) == total:
                partner[i], fixed, left = j, fixed + left[i, j], rest
                break
        else:
            left[i] = 0
    return partner


# --------------------------------------------------------------------------------- two trees


def bakers_gamma(Z1: np.ndarray, Z2: np.ndarray) -> float:
    """Rank correlation of the stages at which pairs of cases meet in two trees.

    Baker (1974), JASA 69, 440-445. For each pair the largest k at which both cases are in one
    cluster; Spearman's correlation over all pairs. NaN where all pairs meet at once (two
    cases).

    Merges of equal height have no order of their own, yet each needs its k. As in R's
    dendextend they are ranked by where they stand in the drawn tree: reading it from the root,
    left branch first, what is met later is taken as merged earlier. (Trees whose heights
    invert keep the order of their merges.)
    """
    return pearson(*(rankdata(_meeting_stages(Z)) for Z in _same_size(Z1, Z2)))


def cophenetic_correlation_between(Z1: np.ndarray, Z2: np.ndarray) -> float:
    """Pearson correlation of the cophenetic distances of two trees of the same cases.

    Sokal and Rohlf (1962), Taxon 11, 33-40. NaN where one tree has a single height.
    """
    return pearson(*(cophenet(Z) for Z in _same_size(Z1, Z2)))


def entanglement(order1: Sequence, order2: Sequence, L: float = 1.5) -> float:
    """How tangled two dendrograms are when drawn face to face: 0 not at all, 1 reversed.

    Parameters
    ----------
    order1, order2 : sequence
        The same leaves, each in the order of its tree.
    L : float, >= 0
        Sum over the leaves of |place in 1 - place in 2|^L, divided by the same sum for a
        reversed order; with L = 0 each leaf counts that stands elsewhere. Definition of
        Galili (2015), Bioinformatics 31, 3718-3720. With L = 0 and an odd number of leaves
        it can exceed 1, because the middle leaf of a reversed order stays.

    Raises
    ------
    InputError
        The two do not hold the same leaves once each, fewer than two leaves, L negative.
    """
    one, two = list(order1), list(order2)
    n = len(one)
    if n < 2:
        raise InputError(f"{n} leaf or leaves: entanglement needs at least 2")
    place = {leaf: at for at, leaf in enumerate(two)}
    if len(place) != n or len(two) != n or set(one) != set(place):
        raise InputError("the two orders must hold the same leaves, each once")
    if not (isinstance(L, (int, float)) and math.isfinite(L) and L >= 0):
        raise InputError(f"L must be a number of at least 0, got {L!r}")
    at = np.arange(n)
    apart = np.abs(at - np.array([place[leaf] for leaf in one])).astype(np.float64)
    worst = np.abs(at - at[::-1]).astype(np.float64)
    if L == 0:
        return float(np.count_nonzero(apart) / np.count_nonzero(worst))
    return float((apart**L).sum() / (worst**L).sum())


def fowlkes_mallows_bk(
    Z1: np.ndarray, Z2: np.ndarray, ks: Iterable[int] = range(2, 11)
) -> pd.DataFrame:
    """Fowlkes and Mallows' B_k of two trees, with what chance alone would give.

    Fowlkes, Mallows (1983), JASA 78, 553-569, section 2: B_k, and its mean and variance when
    the cases of one tree are shuffled (both trees cut into k clusters).

    Returns
    -------
    DataFrame, index k, columns ``bk``, ``expected``, ``variance``. NaN where there is nothing
    to divide by: no two cases together, and for the variance fewer than four cases.
    """
    Z1, Z2 = _same_size(Z1, Z2)
    n = len(Z1) + 1
    rows = {}
    for k in ks:
        check_k(k, n)
        counts = _contingency(cut(Z1, k), cut(Z2, k))
        m1, m2 = counts.sum(axis=1), counts.sum(axis=0)
        # ordered pairs, and ordered triples, within the clusters of each partition
        p, q = (float((m * (m - 1)).sum()) for m in (m1, m2))
        p3, q3 = (float((m * (m - 1) * (m - 2)).sum()) for m in (m1, m2))
        t = float((counts * (counts - 1)).sum())
        bk = expected = variance = math.nan
        if p and q:
            bk, expected = t / math.sqrt(p * q), math.sqrt(p * q) / (n * (n - 1))
            if n > 3:
                variance = (
                    2 / (n * (n - 1))
                    + 4 * p3 * q3 / (n * (n - 1) * (n - 2) * p * q)
                    + (p - 2 - 4 * p3 / p)
                    * (q - 2 - 4 * q3 / q)
                    / (n * (n - 1) * (n - 2) * (n - 3))
                    - p * q / (n * (n - 1)) ** 2
                )
        rows[k] = (bk, expected, variance)
    if not rows:
        raise InputError("ks is empty: give at least one number of clusters")
    return pd.DataFrame.from_dict(rows, orient="index", columns=["bk", "expected", "variance"])


def _same_size(Z1: np.ndarray, Z2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both linkage matrices, checked."""
    Z1, Z2 = np.asarray(Z1, dtype=np.float64), np.asarray(Z2, dtype=np.float64)
    for Z in (Z1, Z2):
        cut(Z, 1)  # raises unless this is a linkage matrix
    if len(Z1) != len(Z2):
        raise InputError(f"the trees have {len(Z1) + 1} and {len(Z2) + 1} cases")
    return Z1, Z2


def _meeting_stages(Z: np.ndarray) -> np.ndarray:
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
    return cophenet(stages)


# --------------------------------------------------------------------------- many partitions


def coassociation(
    partitions: Sequence[Partition] | np.ndarray, sampled: np.ndarray | None = None
) -> np.ndarray | pd.DataFrame:
    """How often each two objects share a cluster: the consensus matrix.

    Monti, Tamayo, Mesirov, Golub (2003), Machine Learning 52, 91-118, eq. 3.

    Parameters
    ----------
    partitions : m partitions of n objects; array, shape (m, n), or a list of Series
        Series are matched by index.
    sampled : ndarray of bool, shape (m, n), optional
        Which objects took part in each partition; labels of the others are ignored (they may
        be missing). Without it all did.

    Returns
    -------
    ndarray, shape (n, n); a DataFrame with the labels of the first partition if that is a
    Series. Of the partitions in which both took part, the share with both in one cluster;
    NaN for two objects that never took part together.
    """
    if isinstance(partitions, pd.DataFrame):
        raise InputError("give the partitions as a list of Series or as an array (m, n)")
    rows = list(partitions)
    if not rows:
        raise InputError("there is no partition")
    labelled = rows[0].index if isinstance(rows[0], pd.Series) else None
    if labelled is not None:
        rows = [_aligned(rows[0], row)[1] for row in rows]
    n = np.size(rows[0])
    for at, row in enumerate(rows):
        if np.ndim(row) != 1 or len(row) != n:
            raise InputError(
                f"partition {at}: expected {n} labels in one dimension, "
                f"got the shape {np.shape(row)}"
            )
    if sampled is None:
        taken = np.ones((len(rows), n), dtype=bool)
    else:
        taken = np.asarray(sampled)
        if taken.dtype != bool or taken.shape != (len(rows), n):
            raise InputError(
                f"sampled: expected true/false of the shape {(len(rows), n)}, "
                f"got {taken.dtype} of {taken.shape}"
            )
    # one row an object, one column a cluster of a partition, 1 where it belongs
    object_, cluster, found = [], [], 0
    for row, present in zip(rows, taken, strict=True):
        where = np.flatnonzero(present)
        codes, names = _factorize(pd.Series(np.asarray(row)[where]))
        object_.append(where)
        cluster.append(codes + found)
        found += len(names)
    object_, cluster = np.concatenate(object_), np.concatenate(cluster)
    belongs = csr_array((np.ones(len(object_)), (object_, cluster)), shape=(n, found))
    together = (belongs @ belongs.T).toarray()
    both = taken.T.astype(np.float64) @ taken
    share = np.full((n, n), np.nan)
    np.divide(together, both, out=share, where=both > 0)
    if labelled is not None:
        return pd.DataFrame(share, index=labelled, columns=labelled)
    return share


def pac(matrix: np.ndarray | pd.DataFrame, lower: float = 0.1, upper: float = 0.9) -> float:
    """Proportion of ambiguously clustered pairs: share with lower < consensus < upper.

    Senbabaoglu, Michailidis, Li (2014), Scientific Reports 4, 6207: the share of pairs in the
    open interval, over all pairs of different objects. Low is good. Two objects never drawn
    together (NaN) are left out; NaN if none is left.

    Raises
    ------
    InputError
        The matrix is not square and symmetric, a value lies outside 0..1, or not
        0 <= lower < upper <= 1.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise InputError(f"consensus matrix: expected a square one, got {values.shape}")
    if not np.allclose(values, values.T, rtol=0, atol=1e-12, equal_nan=True):
        raise InputError("consensus matrix: it is not symmetric")
    if (values < 0).any() or (values > 1 + 1e-12).any():
        raise InputError("consensus matrix: a value lies outside 0..1")
    if not 0 <= lower < upper <= 1:
        raise InputError(f"0 <= lower < upper <= 1 does not hold for {lower!r} and {upper!r}")
    pairs = values[np.tril_indices(len(values), -1)]
    pairs = pairs[~np.isnan(pairs)]
    if len(pairs) == 0:
        return math.nan
    return float(((pairs > lower) & (pairs < upper)).mean())


# ----------------------------------------------------------------------------------- helpers


def _codes(a: Partition, b: Partition) -> tuple[np.ndarray, np.ndarray, list, list, list]:
    """Cluster numbers 0.. in order of first object, the objects, and the cluster names."""
    a, b = _aligned(a, b)
    objects = list(a.index) if isinstance(a, pd.Series) else list(range(len(a)))
    code_a, names_a = _factorize(a if isinstance(a, pd.Series) else _series(a, "the first"))
    code_b, names_b = _factorize(b if isinstance(b, pd.Series) else _series(b, "the second"))
    return code_a, code_b, objects, names_a, names_b


def _series(partition: Partition, which: str) -> pd.Series:
    if np.ndim(partition) != 1:
        raise InputError(
            f"{which} partition: expected labels in one dimension, "
            f"got the shape {np.shape(partition)}"
        )
    return pd.Series(partition)


def _aligned(a: Partition, b: Partition) -> tuple[Partition, Partition]:
    """Both in the order of ``a``; by label if both are Series, else by position."""
    for which, partition in (("first", a), ("second", b)):
        if isinstance(partition, (str, bytes)) or not hasattr(partition, "__len__"):
            raise InputError(
                f"the {which} partition: expected a sequence of labels, got {partition!r}"
            )
        if isinstance(partition, pd.Series) and partition.index.has_duplicates:
            twice: Hashable = partition.index[partition.index.duplicated()][0]
            raise InputError(f"the {which} partition: object {twice!r} stands more than once")
    if isinstance(a, pd.Series) and isinstance(b, pd.Series):
        for which, there, here in (("second", a.index, b.index), ("first", b.index, a.index)):
            missing = there.difference(here, sort=False)
            if len(missing):
                raise InputError(f"object {missing[0]!r} is missing in the {which} partition")
        b = b.reindex(a.index)
    if len(a) != len(b):
        raise InputError(f"the partitions have {len(a)} and {len(b)} objects")
    if len(a) == 0:
        raise InputError("the partitions have no objects")
    return a, b


def _factorize(labels: pd.Series) -> tuple[np.ndarray, list]:
    """Cluster numbers in order of first object, and the names of the clusters."""
    if labels.isna().any():
        at = labels.index[np.flatnonzero(labels.isna())[0]]
        raise InputError(f"object {at!r} has no cluster")
    codes, names = pd.factorize(labels)
    return codes, list(names)


def _contingency(a: Partition, b: Partition) -> np.ndarray:
    return _count(*_codes(a, b)[:2])


def _count(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """n_ij as whole numbers."""
    table = np.zeros((a.max() + 1, b.max() + 1), dtype=np.int64)
    np.add.at(table, (a, b), 1)
    return table


def _pair_counts(counts: np.ndarray) -> tuple[int, int, int, int]:
    """Unordered pairs: together in both, in a only, in b only, in neither."""

    def pairs(m: np.ndarray) -> int:
        return int((m * (m - 1) // 2).sum())

    n11 = pairs(counts)
    n10, n01 = pairs(counts.sum(axis=1)) - n11, pairs(counts.sum(axis=0)) - n11
    return n11, n10, n01, pairs(counts.sum(keepdims=True)) - n11 - n10 - n01


def _entropies(counts: np.ndarray) -> tuple[float, float, float]:
    """H(a), H(b) and H(a, b) in nats."""

    def entropy(m: np.ndarray) -> float:
        share = m[m > 0] / counts.sum()
        return float(-(share * np.log(share)).sum()) + 0.0

    return entropy(counts.sum(axis=1)), entropy(counts.sum(axis=0)), entropy(counts)


def _over(part: float, whole: float, equal: bool) -> float:
    """``part / whole``; with nothing to divide by, 1 for equal partitions and 0 for others."""
    return part / whole if whole > 0 else float(equal)
