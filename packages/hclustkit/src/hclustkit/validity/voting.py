"""Which number of clusters each index would choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from hclustkit.arguments import check_between, check_columns
from hclustkit.errors import refusal
from hclustkit.validity.index_table import (
    AT_LEAST,
    AT_MOST,
    BEFORE_ONE,
    GAP_RULE,
    GRAPH,
    INDICES,
    LARGEST_SECOND,
    LARGEST_STEP,
    NOT_REJECTED,
    RULES,
    SMALLEST,
    SMALLEST_SECOND,
)

ALPHA_BEALE = 0.10
"""Level of Beale's test, as in NbClust."""


class Vote(NamedTuple):
    """A choice (``best_k``, ``value``) or the reason why there is none."""

    best_k: int | None = None
    value: float = np.nan
    status: str = "vote"
    reason: str = ""


def _abstain(k: int, reason: str) -> Vote:
    """Make the abstention of an index that is undefined at a k that it must look at."""
    return Vote(status="undefined", reason=f"k = {k}: {reason}")


def _levels(rows: pd.DataFrame) -> Iterator[tuple[int, float, float, str]]:
    """Yield k, value, critical value and reason of each row."""
    columns = (rows[name].tolist() for name in ("k", "value", "critical", "reason"))
    return zip(*columns, strict=True)


def _extreme(rows: pd.DataFrame, rule: str) -> Vote:
    for at, _, _, reason in _levels(rows):
        if reason:
            return _abstain(at, reason)
    k, value = rows["k"].to_numpy(), rows["value"].to_numpy()
    if rule == LARGEST_STEP:
        k, value = k[1:], np.abs(np.diff(value))
    elif rule in (LARGEST_SECOND, SMALLEST_SECOND):
        k, value = k[1:-1], np.diff(value, 2)
    if len(k) == 0:
        few = f"too few numbers of clusters to compare: {len(rows)}"
        return Vote(status="no choice", reason=few)
    # argmax and argmin take the smallest of equally good k
    at = int(value.argmin() if rule in (SMALLEST, SMALLEST_SECOND) else value.argmax())
    return Vote(int(k[at]), float(value[at]))


def _threshold(rows: pd.DataFrame, rule: str, alpha: float) -> Vote:
    for k, value, critical, reason in _levels(rows):
        if reason:
            return _abstain(k, reason)
        met = {
            AT_LEAST: value >= critical,
            AT_MOST: value <= critical,
            NOT_REJECTED: critical >= alpha,
            GAP_RULE: critical >= 0,
        }[rule]
        if met:
            return Vote(k, value)
    return Vote(status="no choice", reason="no number of clusters meets the rule")


def _before_one(rows: pd.DataFrame) -> Vote:
    """Choose by Frey's rule: the k before the first ratio below 1, perhaps below the range."""
    before = np.nan
    for k, value, _, reason in _levels(rows):
        if reason:
            return _abstain(k, reason)
        if value < 1:
            return Vote(k - 1, before)
        before = value
    return Vote(status="no choice", reason="the ratio never falls below 1")


def cast_votes(index_table: pd.DataFrame, *, alpha: float = ALPHA_BEALE) -> pd.DataFrame:
    """Let every index of a table choose a number of clusters.

    Parameters
    ----------
    index_table : DataFrame
        From `hclustkit.validity.indices`, for successive numbers of clusters.
    alpha : float
        Level of Beale's test.

    Returns
    -------
    DataFrame
        One row an index: ``index``; ``best_k`` (Int64, missing without a vote); ``value``, the
        index at best_k (for the rules on steps and second differences, that difference; NaN
        for frey when best_k is below the range); ``rule`` in words (ties go to the smallest
        k); ``status``: ``vote``, ``undefined`` (the index has no value at a k the rule must
        look at), ``no choice`` (the rule picks none) or ``graphical`` (hubert, dindex: read
        from a plot); ``reason``, why there is no vote.

    Raises
    ------
    InputError
        The numbers of clusters do not follow each other; alpha outside 0..1.

    Notes
    -----
    Steps and second differences are taken within the range only, so the first k has no step
    and the first and last no second difference; an index with a rule of this kind or that
    compares all k must be defined at each of them to vote.

    Examples
    --------
    >>> from hclustkit.validity import indices
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 20.0, 21.0, 40.0, 41.5]})
    >>> votes = cast_votes(indices(table, [2, 3, 4], only=["silhouette", "dunn"]))
    >>> votes[["index", "best_k"]].values.tolist()
    [['silhouette', 3], ['dunn', 3]]
    """
    check_between(alpha, "alpha", 0, 1, open_top=True)
    ballots = []
    check_columns("index_table", index_table, ("index", "k", "value"))
    present = set(index_table["index"])
    for name in INDICES:
        if name not in present:
            continue
        rows = index_table.loc[index_table["index"] == name]
        if (np.diff(rows["k"].to_numpy()) != 1).any():
            text = (
                f"votes: the numbers of clusters must follow each other, got {rows['k'].tolist()}"
            )
            raise refusal(text, "index table, k", "k-not-successive", rows["k"].tolist())
        rule = RULES[name]
        if rule == GRAPH:
            vote = Vote(status="graphical", reason="a knee in a plot, no rule")
        elif rule == BEFORE_ONE:
            vote = _before_one(rows)
        elif rule in (AT_LEAST, AT_MOST, NOT_REJECTED, GAP_RULE):
            vote = _threshold(rows, rule, alpha)
        else:
            vote = _extreme(rows, rule)
        ballots.append((name, vote.best_k, vote.value, rule, vote.status, vote.reason))
    columns = ["index", "best_k", "value", "rule", "status", "reason"]
    return pd.DataFrame(ballots, columns=columns).astype({"best_k": "Int64"})


def vote_table(votes: pd.DataFrame) -> pd.Series[int]:
    """Count the votes for each number of clusters that got one, ascending by k.

    Parameters
    ----------
    votes : DataFrame
        From `cast_votes`; rows without a vote are not counted.

    Returns
    -------
    Series of int
        Named ``votes``, index ``k``.

    Examples
    --------
    >>> votes = pd.DataFrame({"best_k": [3, 3, None], "status": ["vote", "vote", "undefined"]})
    >>> vote_table(votes).to_dict()
    {3: 2}
    """
    check_columns("votes", votes, ("status", "best_k"))
    cast = votes.loc[votes["status"] == "vote", "best_k"].astype(int)
    return cast.value_counts().sort_index().rename_axis("k").rename("votes")
