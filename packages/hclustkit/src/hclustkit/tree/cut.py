"""Cutting a tree into clusters."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import Floats, Ints, check_between, check_clusters
from hclustkit.errors import InputError


def check_linkage_matrix(Z: Any) -> Floats:
    """Return ``Z`` as an array of float64 if it is a linkage matrix.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        In scipy's form; n = 1 gives shape (0, 4).

    Raises
    ------
    InputError
        With rule ``linkage-shape``, or ``linkage-matrix`` where a cluster is not merged
        once, after it was made.
    """
    array = np.asarray(Z, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 4:
        raise InputError(
            f"Z: expected the shape (n - 1, 4), got {array.shape}",
            place="Z",
            rule="linkage-shape",
            value=array.shape,
        )
    nodes = array[:, :2]
    n = len(array) + 1
    if not (
        np.isfinite(array).all()
        and np.array_equal(np.sort(nodes, axis=None), np.arange(2 * n - 2))
        and (nodes < np.arange(n, 2 * n - 1)[:, None]).all()
    ):
        raise InputError(
            "Z is not a linkage matrix: each cluster must be merged once, after it was made",
            place="Z",
            rule="linkage-matrix",
        )
    return array


def cut(Z: Any, k: int | None = None, *, height: float | None = None) -> Ints:
    """Cut a tree into clusters, by their number or at a height.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        In scipy's form.
    k : int, 1..n
        The last k - 1 merges are undone, which gives exactly k clusters whatever the
        heights: inversions and ties included.
    height : float
        The merges at heights up to and including this one (<=) are kept. A tree whose
        heights fall somewhere has no such cut and is refused.

    Returns
    -------
    array of int64, shape (n,)
        The cluster of each row, 1..k by first appearance.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix, k is outside 1..n, the tree is inverted (for a
        cut by height), or not exactly one of ``k`` and ``height`` is given.

    Examples
    --------
    >>> Z = [[0, 1, 1.0, 2], [2, 3, 4.0, 3]]
    >>> cut(Z, 2).tolist(), cut(Z, height=4).tolist()
    ([1, 1, 2], [1, 1, 1])
    """
    array = check_linkage_matrix(Z)
    n = len(array) + 1
    if (k is None) == (height is None):
        raise InputError(
            "give either a number of clusters k or a height", place="k", rule="k-or-height"
        )
    if height is None:
        return labels_of_cut(array, check_clusters(k, n))
    level = check_between(height, "height", -np.inf, np.inf)
    if (np.diff(array[:, 2]) < 0).any():
        stage = int(np.argmax(np.diff(array[:, 2]) < 0)) + 2
        raise InputError(
            f"the tree is inverted (merge {stage} is below the one before it), so a cut by "
            "height is not defined: cut by k",
            place=f"Z, merge {stage}",
            rule="inverted-tree",
            value=float(array[stage - 1, 2]),
        )
    return labels_of_cut(array, n - int(np.searchsorted(array[:, 2], level, side="right")))


def labels_of_cut(Z: Floats, k: int) -> Ints:
    """Number the clusters that are left after n - k merges; nothing is checked."""
    n = len(Z) + 1
    top = list(range(2 * n - 1))
    pairs = Z[: n - k, :2].astype(np.int64).tolist()
    for t in range(n - k - 1, -1, -1):
        a, b = pairs[t]
        top[a] = top[b] = top[n + t]
    number: dict[int, int] = {}
    return np.array([number.setdefault(c, len(number) + 1) for c in top[:n]], dtype=np.int64)


def inherited_numbers(Z: Floats, k: int) -> Ints:
    """Number k clusters so that the larger part keeps its number whenever one is divided.

    The smaller part of the cluster that is divided to make j clusters of j - 1 gets the number
    j; of two equal parts the one with the lower case keeps the old one. A number so stands for
    the same branch at every k at which it occurs. Nothing is checked.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    k : int, 1..n

    Returns
    -------
    array of int64, shape (n,)

    Examples
    --------
    >>> Z = np.array([[1, 2, 1.0, 2], [0, 3, 4.0, 3]])
    >>> inherited_numbers(Z, 2).tolist(), inherited_numbers(Z, 3).tolist()
    ([2, 1, 1], [2, 1, 3])
    """
    n = len(Z) + 1
    pairs = Z[:, :2].astype(np.int64).tolist()
    size, lowest = [1] * n, list(range(n))
    for a, b in pairs:
        size.append(size[a] + size[b])
        lowest.append(min(lowest[a], lowest[b]))
    number = [1] * (2 * n - 1)
    for t in range(n - 2, -1, -1):
        large, small = sorted(pairs[t], key=lambda node: (-size[node], lowest[node]))
        number[large] = number[n + t]
        number[small] = n - t if n - t <= k else number[n + t]
    return np.array(number[:n], dtype=np.int64)
