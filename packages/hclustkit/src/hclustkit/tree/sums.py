"""Cuts of the trees of many small tables, each a sum of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import check_choice
from hclustkit.arrays import AnyArray, Floats
from hclustkit.tree.batch import trees_of_sums
from hclustkit.tree.engine import LINKAGES


def label_type(k: int) -> type[np.uint8] | type[np.uint16]:
    """Return the smallest unsigned type that can number k clusters."""
    return np.uint8 if k <= 256 else np.uint16


def trees_on_sums(
    squares: Floats,
    largest: Any,
    addends: AnyArray,
    method: str,
    k: int,
    n: int,
    *,
    most: int = 1,
    check_order: bool = False,
) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Cut the trees on sums of rows of squared differences into k clusters.

    Parameters
    ----------
    squares : array of float64, shape (rows, n (n - 1) / 2)
    largest : array of float64, shape (rows,)
        The largest value of the column behind each row.
    addends : array of int32, shape (B, most rows of a sum)
        The rows of each sum; -1 adds nothing.
    method : str
        One of `LINKAGES`.
    k, n : int
        Clusters and objects.
    most : int
        Joins are counted at up to this many clusters.
    check_order : bool
        Whether to look for partitions that depend on the order of the objects.

    Returns
    -------
    labels : array of `label_type`, shape (B, n)
        Numbered from 0 by first object.
    order_dependent : bool array, shape (B,)
    joined : int64 array, shape (n (n - 1) / 2, most + 1)
        See `hclustkit.tree.batch.trees_of_sums`.
    """
    code = LINKAGES.index(check_choice(method, LINKAGES, "linkage"))
    labels = np.empty((len(addends), n), dtype=label_type(k))
    order_dependent = np.zeros(len(addends), dtype=bool)
    joined = np.zeros((squares.shape[1], most + 1), dtype=np.int64)
    trees_of_sums(squares, largest, addends, code, k, check_order, labels, order_dependent, joined)
    return labels, order_dependent, joined
