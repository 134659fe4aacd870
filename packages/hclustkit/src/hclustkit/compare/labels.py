"""Cluster labels of two partitions, aligned and numbered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arrays import Ints, Labels
from hclustkit.errors import refusal


def align(a: Labels, b: Labels) -> tuple[Labels, Labels]:
    """Bring two partitions into the order of the first: by label if both are Series."""
    for which, partition in (("first", a), ("second", b)):
        if isinstance(partition, (str, bytes)) or not np.iterable(partition):
            text = f"the {which} partition: expected a sequence of labels, got {partition!r}"
            raise refusal(text, f"{which} partition", "labels-type", partition)
        if isinstance(partition, pd.Series) and partition.index.has_duplicates:
            twice = partition.index[partition.index.duplicated()][0]
            text = f"the {which} partition: object {twice!r} appears more than once"
            raise refusal(text, f"{which} partition", "duplicate-label", twice)
    if isinstance(a, pd.Series) and isinstance(b, pd.Series):
        for which, there, here in (("second", a.index, b.index), ("first", b.index, a.index)):
            missing = there.difference(here, sort=False)
            if len(missing):
                text = f"object {missing[0]!r} is missing in the {which} partition"
                raise refusal(text, f"{which} partition", "missing-object", missing[0])
        b = b.reindex(a.index)
    if len(a) != len(b) or len(a) == 0:
        text = (
            f"the partitions have {len(a)} and {len(b)} objects: "
            "they need the same number, at least 1"
        )
        raise refusal(text, "partitions", "object-count", (len(a), len(b)))
    return a, b


def factorize(labels: pd.Series[Any]) -> tuple[Ints, list[Any]]:
    """Number the clusters from 0 in order of first object; also return their names."""
    if labels.isna().any():
        at = labels.index[np.flatnonzero(labels.isna())[0]]
        raise refusal(f"object {at!r} has no cluster", str(at), "missing-cluster", at)
    codes, names = pd.factorize(labels)
    return codes.astype(np.int64), list(names)


def codes_of(partition: Labels, which: str = "the") -> Ints:
    """Number the clusters of one partition from 0 in order of first object."""
    given = partition if isinstance(partition, pd.Series) else _series(partition, which)
    return factorize(given)[0]


def code_partitions(
    a: Labels, b: Labels
) -> tuple[Ints, Ints, list[Hashable], list[Any], list[Any]]:
    """Number the clusters of two partitions from 0 by first object.

    Returns
    -------
    code_a, code_b : arrays of int64, shape (n,)
    objects : list, length n
        Labels in the order of ``a``, or positions from 0.
    names_a, names_b : list
        The clusters as the caller named them.
    """
    a, b = align(a, b)
    objects = list(a.index) if isinstance(a, pd.Series) else list(range(len(a)))
    code_a, names_a = factorize(a if isinstance(a, pd.Series) else _series(a, "first"))
    code_b, names_b = factorize(b if isinstance(b, pd.Series) else _series(b, "second"))
    return code_a, code_b, objects, names_a, names_b


def _series(partition: Labels, which: str) -> pd.Series[Any]:
    shape = np.asarray(partition, dtype=object).shape
    if len(shape) != 1:
        text = f"{which} partition: expected labels in one dimension, got the shape {shape}"
        raise refusal(text, f"{which} partition", "labels-shape", shape)
    return pd.Series(partition)


def contingency(a: Ints, b: Ints) -> Ints:
    """Count the objects in each pair of clusters."""
    table = np.zeros((a.max() + 1, b.max() + 1), dtype=np.int64)
    np.add.at(table, (a, b), 1)
    return table
