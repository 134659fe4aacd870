"""Compare many partitions: consensus, and rows of small integers against a reference.

In the compiled part a partition of n objects is a row of n labels, numbered from 0 by first
case, so equal partitions are equal rows.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.spatial.distance import squareform

from hclustkit.arrays import AnyArray, Bools, Floats, Ints, Labels, as_numbers
from hclustkit.compare.labels import align, factorize
from hclustkit.compiled import compiled
from hclustkit.errors import InputError, refusal

MAX_FLAGGED = 63
"""Most clusters a reference may have: one bit of an int64 for each."""


def canonical(labels: Labels) -> Ints:
    """Number labels from 0 by first case; int64."""
    codes: Ints = pd.factorize(np.asarray(labels, dtype=object))[0].astype(np.int64)
    return codes


def check_reference(
    reference: pd.Series[Any], objects: list[Hashable]
) -> tuple[Ints, tuple[Hashable, ...]]:
    """Check a reference partition and return it as numbers.

    Returns
    -------
    numbers : int64 array, shape (n,)
        In the order of ``objects``; clusters numbered from 0 in the order of the reference.
    names : tuple
        The name of each cluster as the reference has it.

    Raises
    ------
    InputError
        Not a Series; a label twice; an object without a cluster or a label unknown to the
        data; more than `MAX_FLAGGED` clusters.
    """
    if not isinstance(reference, pd.Series):
        text = f"reference: expected a Series label -> cluster, got {type(reference).__name__}"
        raise refusal(text, "reference", "reference-type", type(reference).__name__)
    repeated = reference.index[reference.index.duplicated()]
    if len(repeated):
        text = f"reference: label {repeated[0]!r} appears more than once"
        raise refusal(text, "reference", "duplicate-label", repeated[0])
    clusters: dict[Hashable, Any] = reference.to_dict()
    for label in objects:
        if pd.isna(clusters.get(label)):
            text = f"reference: label {label!r} has no cluster"
            raise refusal(text, "reference", "missing-cluster", label)
    known = set(objects)
    for label in reference.index:
        if label not in known:
            text = f"reference: label {label!r} is not in the data"
            raise refusal(text, "reference", "unknown-label", label)
    names = list(dict.fromkeys(reference))
    if len(names) > MAX_FLAGGED:
        text = f"reference: {len(names)} clusters, at most {MAX_FLAGGED} can be followed"
        raise refusal(text, "reference", "too-many-clusters", len(names))
    place: dict[Any, int] = {name: number for number, name in enumerate(names)}
    numbers = np.array([place[clusters[label]] for label in objects], dtype=np.int64)
    return numbers, tuple(names)


def unique_rows(rows: AnyArray) -> tuple[AnyArray, npt.NDArray[np.int32]]:
    """Find the different rows, in lexicographic order, and which of them each row is.

    Parameters
    ----------
    rows : unsigned integer array, shape (B, n)

    Returns
    -------
    unique : array, shape (U, n), the type of ``rows``
    inverse : int32 array, shape (B,)
    """
    count, n = rows.shape
    if count == 0:
        return rows, np.zeros(0, dtype=np.int32)
    bits = max(1, int(rows.max()).bit_length())
    if n * bits <= 64:
        # a row fits into one machine word, as with 16 objects in up to 16 clusters
        codes: AnyArray = np.zeros(count, dtype=np.uint64)
        for column in range(n):
            codes <<= np.uint64(bits)
            codes |= rows[:, column].astype(np.uint64)
    else:
        # bytes compare as the numbers do when the high byte comes first
        big_endian = np.ascontiguousarray(rows, dtype=rows.dtype.newbyteorder(">"))
        codes = big_endian.view(np.dtype((np.void, big_endian.dtype.itemsize * n)))[:, 0]
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return rows[first], inverse.astype(np.int32).reshape(-1)


@compiled
def _compare(
    labels: AnyArray, reference: AnyArray, ari: Floats, vi: Floats, recovered: Ints, jaccard: Floats
) -> None:
    """Fill the measures of each row of ``labels``; see `compare`.

    ``reference`` has one row for all rows of ``labels``, or one for each of them.
    """
    rows, n = labels.shape
    each = reference.shape[0] > 1
    pairs = n * (n - 1) / 2
    most = jaccard.shape[1]
    for b in range(rows):
        for i in range(n):
            most = max(most, np.int64(labels[b, i]) + 1)
    log = np.log(np.arange(n + 1))
    table = np.zeros((most, most), dtype=np.int64)
    size = np.zeros(most, dtype=np.int64)
    target = np.zeros(most, dtype=np.int64)
    for b in range(rows):
        row = b if each else 0
        table[:, :] = 0
        size[:] = 0
        target[:] = 0
        for i in range(n):
            table[labels[b, i], reference[row, i]] += 1
            size[labels[b, i]] += 1
            target[reference[row, i]] += 1
        own_pairs = 0.0
        reference_pairs = 0.0
        shared = 0.0
        distance = 0.0
        found = np.int64(0)
        jaccard[b, :] = 0.0
        for c in range(most):
            own_pairs += size[c] * (size[c] - 1) / 2
            reference_pairs += target[c] * (target[c] - 1) / 2
            if size[c] == 0:
                continue
            for g in range(most):
                m = table[c, g]
                if m == 0:
                    continue
                shared += m * (m - 1) / 2
                if m == size[c] and m == target[g]:
                    found |= np.int64(1) << np.int64(g)
                # 0 exactly where both clusters are equal
                distance += m / n * ((log[size[c]] - log[m]) + (log[target[g]] - log[m]))
                jaccard[b, g] = max(jaccard[b, g], m / (size[c] + target[g] - m))
        expected = own_pairs * reference_pairs / pairs
        largest = (own_pairs + reference_pairs) / 2
        # both all singletons, or both one cluster: equal
        ari[b] = 1.0 if largest == expected else (shared - expected) / (largest - expected)
        vi[b] = distance
        recovered[b] = found


def compare(labels: AnyArray, reference: AnyArray) -> tuple[Floats, Floats, Ints, Floats]:
    """Compare each of B partitions with one reference, or each with its own.

    Parameters
    ----------
    labels : integer array, shape (B, n)
    reference : integer array, shape (n,) or (B, n)
        Clusters numbered from 0 without gaps.

    Returns
    -------
    ari : float64 array, shape (B,)
        Adjusted Rand index, Hubert and Arabie (1985), Journal of Classification 2,
        193-218, equation 5. 1 where both are all singletons or both one cluster.
    vi : float64 array, shape (B,)
        Variation of information in nats, Meila (2007), Journal of Multivariate Analysis
        98, 873-895, equation 15.
    recovered : int64 array, shape (B,)
        Bit g is set where reference cluster g is a cluster of the partition. Of use with at
        most `MAX_FLAGGED` clusters.
    jaccard : float64 array, shape (B, clusters of the reference)
        The largest Jaccard coefficient of a reference cluster with any cluster of the
        partition, Hennig (2007), Computational Statistics & Data Analysis 52, 258-271.
    """
    rows = len(labels)
    ari, vi = np.empty(rows), np.empty(rows)
    recovered = np.empty(rows, dtype=np.int64)
    clusters = int(reference.max()) + 1 if reference.size else 1
    jaccard = np.empty((rows, clusters))
    _compare(labels, np.atleast_2d(reference), ari, vi, recovered, jaccard)
    return ari, vi, recovered, jaccard


def flags(recovered: Ints, clusters: int) -> Bools:
    """Expand bit masks to booleans, shape (B, clusters)."""
    return np.asarray((recovered[:, None] >> np.arange(clusters)) & 1 == 1)


def together(labels: AnyArray) -> Bools:
    """Tell which pairs of objects share a cluster: bool array, shape (B, n (n - 1) / 2).

    Pairs in the order (0, 1), (0, 2), ..., (n - 2, n - 1).
    """
    first, second = np.triu_indices(labels.shape[1], 1)
    return np.asarray(labels[:, first] == labels[:, second])


def square(pairs: AnyArray, diagonal: float) -> AnyArray:
    """Make a symmetric matrix of one value for each pair, with ``diagonal`` on the diagonal."""
    matrix: AnyArray = squareform(pairs)
    np.fill_diagonal(matrix, diagonal)
    return matrix


def coassociation(
    partitions: Sequence[Labels] | AnyArray, sampled: Bools | None = None
) -> Floats | pd.DataFrame:
    """Compute how often each two objects share a cluster: the consensus matrix.

    Parameters
    ----------
    partitions : array, shape (m, n), or list of m Series
        m partitions of n objects; Series are matched by index.
    sampled : ndarray of bool, shape (m, n), optional
        Which objects took part in each partition; labels of the others are ignored (they may
        be missing). Without it all did.

    Returns
    -------
    ndarray or DataFrame, shape (n, n)
        The share of partitions with both objects in one cluster, of those in which both took
        part; NaN for two objects that never took part together. A DataFrame with the labels
        of the first partition if that is a Series.

    Raises
    ------
    InputError
        No partition, partitions of different sizes, ``sampled`` of another shape.

    References
    ----------
    Monti, S., Tamayo, P., Mesirov, J. and Golub, T. (2003). Machine Learning 52, 91-118,
    equation 3.

    Examples
    --------
    >>> coassociation([[1, 1, 2], [1, 2, 2]])
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0.5],
           [0. , 0.5, 1. ]])
    """
    if isinstance(partitions, pd.DataFrame):
        text = "give the partitions as a list of Series or as an array (m, n)"
        raise refusal(text, "partitions", "partitions-type")
    rows = list(partitions)
    if not rows:
        raise InputError("there is no partition", place="partitions", rule="no-partition")
    labelled = rows[0].index if isinstance(rows[0], pd.Series) else None
    if labelled is not None:
        rows = [align(rows[0], row)[1] for row in rows]
    n = np.size(rows[0])
    for at, row in enumerate(rows):
        if np.ndim(row) != 1 or len(row) != n:
            text = (
                f"partition {at}: expected {n} labels in one dimension, "
                f"got the shape {np.shape(row)}"
            )
            raise refusal(text, f"partition {at}", "labels-shape", np.shape(row))
    if sampled is None:
        taken = np.ones((len(rows), n), dtype=bool)
    else:
        taken = np.asarray(sampled)
        if taken.dtype != bool or taken.shape != (len(rows), n):
            text = (
                f"sampled: expected true/false of the shape {(len(rows), n)}, "
                f"got {taken.dtype} of {taken.shape}"
            )
            raise refusal(text, "sampled", "sampled-shape", taken.shape)
    # one row an object, one column a cluster of a partition, 1 where it belongs
    objects, clusters, count = [], [], 0
    for row, present in zip(rows, taken, strict=True):
        where = np.flatnonzero(present)
        codes, names = factorize(pd.Series(np.asarray(row)[where]))
        objects.append(where)
        clusters.append(codes + count)
        count += len(names)
    places = np.concatenate(objects), np.concatenate(clusters)
    belongs = csr_array((np.ones(len(places[0])), places), shape=(n, count))
    together = (belongs @ belongs.T).toarray()
    both = taken.T.astype(np.float64) @ taken
    share = np.full((n, n), np.nan)
    np.divide(together, both, out=share, where=both > 0)
    if labelled is not None:
        return pd.DataFrame(share, index=labelled, columns=labelled)
    return share


def pac(matrix: Floats | pd.DataFrame, lower: float = 0.1, upper: float = 0.9) -> float:
    """Compute the proportion of ambiguously clustered pairs of a consensus matrix.

    The share of pairs of different objects with lower < consensus < upper. Low is good.

    Parameters
    ----------
    matrix : array or DataFrame, shape (n, n)
        From `coassociation`. Two objects never drawn together (NaN) are left out.
    lower, upper : float
        Ends of the open interval, 0 <= lower < upper <= 1.

    Returns
    -------
    float
        In 0..1; NaN if no pair is left.

    Raises
    ------
    InputError
        The matrix is not square and symmetric, a value lies outside 0..1, or not
        0 <= lower < upper <= 1.

    References
    ----------
    Senbabaoglu, Y., Michailidis, G. and Li, J. Z. (2014). Scientific Reports 4, 6207.

    Examples
    --------
    >>> round(pac(coassociation([[1, 1, 2], [1, 2, 2]])), 4)
    0.6667
    """
    values = as_numbers(matrix, "matrix")
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        text = f"consensus matrix: expected a square one, got {values.shape}"
        raise refusal(text, "matrix", "matrix-shape", values.shape)
    if not np.allclose(values, values.T, rtol=0, atol=1e-12, equal_nan=True):
        raise refusal("consensus matrix: it is not symmetric", "matrix", "matrix-symmetry")
    if (values < 0).any() or (values > 1 + 1e-12).any():
        raise refusal("consensus matrix: a value lies outside 0..1", "matrix", "matrix-range")
    if not 0 <= lower < upper <= 1:
        text = f"0 <= lower < upper <= 1 does not hold for {lower!r} and {upper!r}"
        raise refusal(text, "lower, upper", "interval", (lower, upper))
    pairs = values[np.tril_indices(len(values), -1)]
    pairs = pairs[~np.isnan(pairs)]
    if len(pairs) == 0:
        return math.nan
    return float(((pairs > lower) & (pairs < upper)).mean())
