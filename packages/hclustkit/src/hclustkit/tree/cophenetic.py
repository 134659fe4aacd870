"""How well a tree preserves the distances it was built on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import cophenet

from hclustkit.arrays import Floats, as_numbers, check_pairs
from hclustkit.errors import refusal
from hclustkit.tree.cut import check_linkage_matrix, check_whole_tree


def cophenetic(Z: Floats) -> Floats:
    """Compute the height at which each pair of cases meets.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)

    Returns
    -------
    array of float64, shape (n (n - 1) / 2,)
        Pairs in the order (0, 1), (0, 2), ..., (n - 2, n - 1).

    Examples
    --------
    >>> cophenetic(np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])).tolist()
    [1.0, 4.0, 4.0]
    """
    Z = check_linkage_matrix(Z)
    check_pairs(len(Z) + 1, "the heights at which pairs meet")
    return cophenet(Z) if len(Z) else np.empty(0)


def check_condensed(distances: Any, n: int) -> Floats:
    """Return finite condensed distances between n cases, or raise `InputError`."""
    condensed = as_numbers(distances, "distances")
    if condensed.shape != (n * (n - 1) // 2,) or not np.isfinite(condensed).all():
        text = f"expected {n * (n - 1) // 2} finite distances between {n} cases"
        raise refusal(text, "distances", "condensed-length", condensed.shape)
    return condensed


def pearson(a: Floats, b: Floats) -> float:
    """Compute the Pearson correlation; NaN if either side is constant up to rounding."""
    for side in (a, b):
        if len(side) < 2 or np.ptp(side) <= 64 * np.finfo(float).eps * np.abs(side).max():
            return math.nan
    return float(np.corrcoef(_in_range(a), _in_range(b))[0, 1])


def _in_range(side: Floats) -> Floats:
    """Divide by a power of two, which changes no digit and keeps squares in range."""
    scaled: Floats = np.ldexp(side, -np.frexp(np.abs(side).max(initial=0.0))[1])
    return scaled


def cophenetic_correlation(Z: Floats, distances: Floats, method: str | None = None) -> float:
    """Correlate the heights at which pairs of cases meet with their distances.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    distances : array, shape (n (n - 1) / 2,)
        Condensed, in the order of `cophenetic`.
    method : str, optional
        For ``centroid`` and ``median``, which are defined through squares, both sides are
        squared.

    Returns
    -------
    float
        NaN where it is not defined (two cases, or all distances equal).

    References
    ----------
    Sokal, R. R., Rohlf, F. J. (1962), The comparison of dendrograms by objective methods.
    Taxon 11, 33-40.
    """
    Z = check_linkage_matrix(Z)
    check_whole_tree(Z, "the cophenetic correlation")
    distances = check_condensed(distances, len(Z) + 1)
    meet = cophenetic(Z)
    if method in ("centroid", "median"):
        distances, meet = _in_range(distances) ** 2, _in_range(meet) ** 2
    return pearson(distances, meet)
