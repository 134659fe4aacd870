"""Cuts of the trees of many small tables, each a sum of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import Floats, check_choice
from hclustkit.arrays import AnyArray
from hclustkit.tree.batch import trees_of_sums
from hclustkit.tree.engine import LINKAGES


def label_type(k: int) -> type[np.uint8] | type[np.uint16]:
    """The smallest unsigned type that can number k clusters."""
    return np.uint8 if k <= 256 else np.uint16


def cuts_of_sums(
    squares: Floats, largest: Any, addends: AnyArray, linkage: str, k: int, n: int
) -> AnyArray:
    """Cut the trees on sums of rows of squared differences into k clusters.

    Parameters
    ----------
    squares : array of float64, shape (rows, n (n - 1) / 2)
    largest : array of float64, shape (rows,)
        The largest value of the column behind each row.
    addends : array of int32, shape (B, most rows of a sum)
        The rows of each sum; -1 adds nothing.
    linkage : str
        One of `LINKAGES`.
    k, n : int
        Clusters and objects.

    Returns
    -------
    array of `label_type`, shape (B, n)
        Numbered from 0 by first object.
    """
    labels = np.empty((len(addends), n), dtype=label_type(k))
    trees_of_sums(
        squares,
        largest,
        addends,
        LINKAGES.index(check_choice(linkage, LINKAGES, "linkage")),
        k,
        False,
        labels,
        np.zeros(len(addends), dtype=bool),
        np.zeros((squares.shape[1], 2), dtype=np.int64),
    )
    return labels
