"""The merges stage by stage, and coefficients read off them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from hclustkit.arrays import Bools, Floats
from hclustkit.errors import refusal
from hclustkit.tree.cut import check_whole_tree


def schedule(
    Z: Floats, ties: Bools | None, labels: Sequence[object] | pd.Index, method: str | None
) -> pd.DataFrame:
    """Lay out the merges as SPSS prints them; see `hclustkit.Tree.schedule`."""
    n = len(Z) + 1
    name = list(range(n))
    follows = [0] * (2 * n - 1)
    one, two, made_1, made_2 = [], [], [], []
    for t, (a, b) in enumerate(Z[:, :2].astype(int).tolist()):
        if name[a] > name[b]:
            a, b = b, a
        one.append(name[a])
        two.append(name[b])
        made_1.append(max(a - n + 1, 0))
        made_2.append(max(b - n + 1, 0))
        follows[a] = follows[b] = t + 1
        name.append(name[a])
    index = pd.Index(labels)
    return pd.DataFrame(
        {
            "stage": np.arange(1, n),
            "cluster_1": np.array(one, dtype=np.int64) + 1,
            "cluster_2": np.array(two, dtype=np.int64) + 1,
            "coefficient": coefficients(Z, method),
            "first_appears_1": np.array(made_1, dtype=np.int64),
            "first_appears_2": np.array(made_2, dtype=np.int64),
            "next_stage": np.array(follows[n:], dtype=np.int64),
            "label_1": index.take(one),
            "label_2": index.take(two),
            "tie": pd.array([pd.NA] * (n - 1), dtype="boolean") if ties is None else ties,
        }
    )


def coefficients(Z: Floats, method: str | None) -> Floats:
    """Compute the coefficients of the schedule.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    method : str or None

    Returns
    -------
    array of float64, shape (n - 1,)
        For ``ward`` the within-cluster sum of squares after each merge, in squared units of
        the table; otherwise the heights.

    Raises
    ------
    InputError
        If a sum of squares is too large for a float.
    """
    check_whole_tree(Z, "the schedule")
    if method != "ward":
        return Z[:, 2].copy()
    with np.errstate(over="ignore"):
        total: Floats = np.cumsum(Z[:, 2] ** 2 / 2)
    if not np.isfinite(total).all():
        text = "a sum of squares exceeds 1.8e308: standardize the table first"
        raise refusal(text, "table", "overflow")
    return total


def agglomerative_coefficient(Z: Floats, method: str | None = None) -> float:
    """Average 1 - (height of the first merge of a case) / (last height) over the cases.

    Near 1 there is a clear structure, but the coefficient grows with n. Heights are squared
    for ``centroid`` and ``median``.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    method : str, optional
        The linkage that made ``Z``.

    Returns
    -------
    float
        NaN where heights invert, all are zero, or there is one case.

    References
    ----------
    Kaufman, L., Rousseeuw, P. J. (1990), Finding Groups in Data, ch. 5.

    Examples
    --------
    >>> agglomerative_coefficient(np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]]))
    0.5
    """
    check_whole_tree(Z, "the agglomerative coefficient")
    h = np.ldexp(Z[:, 2], -np.frexp(Z[:, 2].max(initial=0.0))[1])
    h = h**2 if method in ("centroid", "median") else h
    if len(h) == 0 or h[-1] == 0 or (np.diff(h) < 0).any():
        return math.nan
    n = len(Z) + 1
    first = np.empty(n)
    nodes = Z[:, :2].astype(np.int64)
    for side in (0, 1):
        cases = nodes[:, side] < n
        first[nodes[cases, side]] = h[cases]
    return math.fsum(1 - first / h[-1]) / n
