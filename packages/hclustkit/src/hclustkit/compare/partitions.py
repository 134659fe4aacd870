"""Partitions as rows of small integers: make them unique, compare them with one another.

A partition of n objects is a row of n labels, numbered from 0 by first case, so equal
partitions are equal rows.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from hclustkit.errors import InputError
from hclustkit.compiled import compiled

MAX_FLAGGED = 63
"""Most clusters a reference may have: one bit of an int64 for each."""


def label_type(k: int) -> type:
    """The smallest unsigned type that can number k clusters."""
    return np.uint8 if k <= 256 else np.uint16


def canonical(labels: pd.Series | np.ndarray) -> np.ndarray:
    """``labels`` renumbered from 0 by first case, int64."""
    return pd.factorize(np.asarray(labels, dtype=object))[0].astype(np.int64)


def check_reference(
    reference: pd.Series, objects: list[Hashable]
) -> tuple[np.ndarray, tuple[Hashable, ...]]:
    """The reference partition as numbers.

    Returns
    -------
    numbers : int64 array, shape (n,)
        In the order of ``objects``; clusters numbered from 0 in the order of the reference.
    names : tuple
        The name of each cluster as the reference has it.

    Raises
    ------
    InputError
        No Series; a label twice; an object without a cluster or a label unknown to the
        data; more than `MAX_FLAGGED` clusters.
    """
    if not isinstance(reference, pd.Series):
        raise InputError(
            f"reference: expected a Series label -> cluster, got {type(reference).__name__}"
        )
    repeated = reference.index[reference.index.duplicated()]
    if len(repeated):
        raise InputError(f"reference: label {repeated[0]!r} stands more than once")
    for label in objects:
        if label not in reference.index or pd.isna(reference[label]):
            raise InputError(f"reference: label {label!r} has no cluster")
    known = set(objects)
    for label in reference.index:
        if label not in known:
            raise InputError(f"reference: label {label!r} is not in the data")
    names = list(dict.fromkeys(reference))
    if len(names) > MAX_FLAGGED:
        raise InputError(f"reference: {len(names)} clusters, at most {MAX_FLAGGED} can be followed")
    place = {name: number for number, name in enumerate(names)}
    numbers = np.array([place[reference[label]] for label in objects], dtype=np.int64)
    return numbers, tuple(names)


def unique_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unique rows in lexicographic order, and for each row the number of its equal.

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
        # a row fits one machine word: 16 objects in up to 16 clusters, for one
        codes = np.zeros(count, dtype=np.uint64)
        for column in range(n):
            codes <<= np.uint64(bits)
            codes |= rows[:, column].astype(np.uint64)
    else:
        # bytes compare as the numbers do when the high byte stands first
        big_endian = np.ascontiguousarray(rows, dtype=rows.dtype.newbyteorder(">"))
        codes = big_endian.view(np.dtype((np.void, big_endian.dtype.itemsize * n)))[:, 0]
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return rows[first], inverse.astype(np.int32).reshape(-1)


@compiled
def _compare(labels, reference, ari, vi, recovered, jaccard):
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


def compare(
    labels: np.ndarray, reference: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Agreement of each of B partitions with one reference, or each with its own.

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
    ari = np.empty(rows)
    vi = np.empty(rows)
    recovered = np.empty(rows, dtype=np.int64)
    clusters = int(reference.max()) + 1 if reference.size else 1
    jaccard = np.empty((rows, clusters))
    _compare(labels, np.atleast_2d(reference), ari, vi, recovered, jaccard)
    return ari, vi, recovered, jaccard


def flags(recovered: np.ndarray, clusters: int) -> np.ndarray:
    """Bit mask as booleans, shape (B, clusters)."""
    return (recovered[:, None] >> np.arange(clusters)) & 1 == 1


def together(labels: np.ndarray) -> np.ndarray:
    """Whether each pair of objects shares a cluster: bool array, (B, n (n - 1) / 2).

    Pairs in the order (0, 1), (0, 2), ..., (n - 2, n - 1).
    """
    first, second = np.triu_indices(labels.shape[1], 1)
    return labels[:, first] == labels[:, second]


def square(pairs: np.ndarray, n: int, diagonal: float) -> np.ndarray:
    """Symmetric n x n matrix of one value for each pair, ``diagonal`` on the diagonal."""
    first, second = np.triu_indices(n, 1)
    matrix = np.zeros((n, n), dtype=pairs.dtype)
    matrix[first, second] = pairs
    matrix += matrix.T
    np.fill_diagonal(matrix, diagonal)
    return matrix
