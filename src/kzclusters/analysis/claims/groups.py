"""Exact permutation test of how close a group of objects is, and nearest distances."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import chain, combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hclustkit.distances import proximity_matrix
from hclustkit.errors import refusal
from hclustkit.tables import check_table

MAX_GROUPS = 5_000_000
"""Largest number of groups that is enumerated."""


class GroupTest(NamedTuple):
    """Outcome of `exact_group_test`."""

    statistic: float
    p: float
    at_least_as_tight: int
    groups: int


def all_groups(n: int, m: int) -> np.ndarray:
    """List all groups of m of n objects.

    Returns
    -------
    array of int, shape (C(n, m), m)
        Row numbers of the members, rising; groups in lexicographic order.

    Raises
    ------
    InputError
        There are more than `MAX_GROUPS`.
    """
    count = math.comb(n, m)
    if count > MAX_GROUPS:
        text = f"{n} objects form {count} groups of {m}; more than {MAX_GROUPS} are not enumerated"
        raise refusal(text, "group", "too-many-groups", count)
    flat = np.fromiter(chain.from_iterable(combinations(range(n), m)), dtype=np.int64)
    return flat.reshape(count, m)


def _positions(index: pd.Index, members: Sequence[Any]) -> list[int]:
    """Return the row number of each member; refuse one that is unknown or repeated."""
    strange = [member for member in members if member not in index]
    if strange:
        text = f"group: {strange[0]!r} is not a row of the table"
        raise refusal(text, "group", "unknown-label", strange[0])
    if len(set(members)) < len(members):
        raise refusal("group: a member is given more than once", "group", "duplicate-label")
    return [index.get_loc(member) for member in members]


def exact_group_test(scores: pd.DataFrame, members: Sequence[Any]) -> GroupTest:
    """Compare the spread of ``members`` with that of every group of their size.

    Parameters
    ----------
    scores : DataFrame, shape (n, p)
        Standardised values, one row an object.
    members : sequence of labels, length m, 2 <= m <= n

    Returns
    -------
    GroupTest
        ``statistic``: the mean over members and columns of the squared deviation from the
        group's mean; ``p``: the share of all C(n, m) groups, the given one included, whose
        statistic is not larger; the two counts.

    Raises
    ------
    InputError
        Unknown or repeated members, fewer than two, or too many groups to enumerate.

    Notes
    -----
    The sum of squares about the mean is the sum of squared distances over the pairs, divided
    by m (Huygens' theorem), so all groups need one proximity matrix only. Groups that differ
    by rounding alone count as equal.
    """
    scores = check_table(scores, name="scores")
    chosen = _positions(scores.index, members)
    m = len(chosen)
    if m < 2:
        text = f"group: {m} members have no spread, at least 2 are needed"
        raise refusal(text, "group", "group-size", m)
    squared = proximity_matrix(scores).to_numpy()
    groups = all_groups(len(scores), m)
    total = np.zeros(len(groups))
    own = 0.0
    for a, b in combinations(range(m), 2):
        total += squared[groups[:, a], groups[:, b]]
        own += squared[chosen[a], chosen[b]]
    tolerance = 1e-9 * (own + float(squared.mean()))
    tight = int(np.count_nonzero(total <= own + tolerance))
    return GroupTest(own / (m * m * scores.shape[1]), tight / len(groups), tight, len(groups))


def nearest_distances(scores: pd.DataFrame) -> pd.Series:
    """Return the distance of each object to its nearest other, divided by the root of p.

    Parameters
    ----------
    scores : DataFrame, shape (n, p)
        Standardised values.

    Returns
    -------
    Series, length n, index as that of ``scores``
    """
    squared = proximity_matrix(scores).to_numpy().copy()
    np.fill_diagonal(squared, np.inf)
    return pd.Series(np.sqrt(squared.min(axis=1) / scores.shape[1]), index=scores.index)


def is_connected(members: Sequence[Any], borders: Collection[frozenset[Any]]) -> bool:
    """Tell whether the members are one piece, passing from one to another by shared borders.

    Examples
    --------
    >>> is_connected(["a", "b", "c"], {frozenset("ab"), frozenset("bc")})
    True
    >>> is_connected(["a", "c"], {frozenset("ab"), frozenset("bc")})
    False
    """
    reached, waiting = {members[0]}, [members[0]]
    while waiting:
        here = waiting.pop()
        beside = {other for other in members if frozenset((here, other)) in borders} - reached
        reached |= beside
        waiting += beside
    return reached == set(members)
