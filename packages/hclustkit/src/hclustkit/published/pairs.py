"""A published partition pair by pair and object by object, beside many partitions."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.compare.partitions import check_reference
from hclustkit.errors import refusal

CASES = ("same", "more", "fewer", "other")
"""Companions of an object: the published ones; these and others; some of these; else."""


def _align_partitions(published: pd.Series[Any], partitions: pd.DataFrame) -> pd.DataFrame:
    """Check both and return the partitions in the order of the published one."""
    check_reference(published, list(published.index))
    if not isinstance(partitions, pd.DataFrame) or partitions.shape[1] == 0:
        text = "partitions: a DataFrame with one column a partition is needed"
        raise refusal(text, "partitions", "partitions-type", type(partitions).__name__)
    different = set(partitions.index).symmetric_difference(published.index)
    if different or len(partitions) != len(published):
        text = f"partitions: {len(different)} labels are not in both them and the published one"
        raise refusal(text, "partitions", "labels-differ", sorted(map(str, different))[:1])
    return partitions.loc[published.index]


def pair_table(published: pd.Series[Any], partitions: pd.DataFrame) -> pd.DataFrame:
    """Tell for each pair of a published partition in which partitions it is together.

    Parameters
    ----------
    published : Series, label -> cluster
    partitions : DataFrame, index the labels, one column a partition
        Equal values in a column are one cluster.

    Returns
    -------
    DataFrame of bool, one row a pair, one column a partition
        Index levels ``cluster``, ``first``, ``second``; by cluster in the order of the published
        partition, then by label in its order.

    Raises
    ------
    InputError
        A bad published partition, or partitions of other labels.

    Examples
    --------
    >>> published = pd.Series(["I", "I", "II"], index=["a", "b", "c"])
    >>> found = pair_table(published, pd.DataFrame({"x": [1, 1, 2], "y": [1, 2, 2]}, list("abc")))
    >>> found.loc[("I", "a", "b")].tolist()
    [True, False]
    """
    found = _align_partitions(published, partitions)
    pairs = [
        (cluster, *pair)
        for cluster in dict.fromkeys(published)
        for pair in combinations(published.index[published == cluster], 2)
    ]
    labels = dict(zip(found.index, found.to_numpy(), strict=True))
    same = [labels[first] == labels[second] for _, first, second in pairs]
    index = pd.MultiIndex.from_tuples(pairs, names=["cluster", "first", "second"])
    return pd.DataFrame(
        np.array(same).reshape(len(pairs), found.shape[1]), index=index, columns=found.columns
    )


def companions(published: pd.Series[Any], partitions: pd.DataFrame) -> pd.DataFrame:
    """Compare the companions of each object in each partition with the published ones.

    Parameters
    ----------
    published : Series, label -> cluster
    partitions : DataFrame, index the labels, one column a partition

    Returns
    -------
    DataFrame of str, index the labels, one column a partition
        ``same``: the same companions, or none in both; ``more``: these and others; ``fewer``:
        some or none of these and no other; ``other``: others, and not all of these.

    Raises
    ------
    InputError
        As `pair_table`.

    Examples
    --------
    >>> published = pd.Series(["I", "I", "II"], index=["a", "b", "c"])
    >>> found = pd.DataFrame({"x": [1, 1, 2], "y": [1, 2, 2]}, list("abc"))
    >>> companions(published, found)["y"].tolist()
    ['fewer', 'other', 'more']
    """
    found = _align_partitions(published, partitions)
    own = published.to_numpy()
    before = own[:, None] == own[None, :]
    columns = {}
    for name in found:
        labels = found[name].to_numpy()
        now = labels[:, None] == labels[None, :]
        gained, lost = (now & ~before).any(axis=1), (before & ~now).any(axis=1)
        columns[name] = np.select([gained & lost, gained, lost], ["other", "more", "fewer"], "same")
    return pd.DataFrame(columns, index=found.index)
