"""The number of clusters: given, or chosen by a stated rule, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hclustkit.arrays import Floats, Ints, check_k
from hclustkit.errors import InputError, refusal
from hclustkit.report.budget import Budget
from hclustkit.report.clusters import Prepared, silhouette_widths
from hclustkit.tree.cut import cut
from hclustkit.tree.tree import Tree
from hclustkit.validity import cast_votes, indices, vote_table

MOST_CLUSTERS = 10
"""Largest number of clusters that a rule chooses."""


@dataclass(frozen=True, eq=False)
class Number:
    """A number of clusters and the evidence for it.

    Attributes
    ----------
    k : int
    rule : str
        How it was chosen, in words.
    evidence : DataFrame
        One row a number of clusters: ``k``, ``silhouette`` (mean), ``explained`` (share of the
        sum of squares between clusters; NaN for other distances).
    votes : DataFrame
        As `hclustkit.validity.cast_votes`, without rows where no index is computed.
    ballot : Series
        Votes for each number of clusters.
    note : str
        Why something is missing; empty where nothing is.
    """

    k: int
    rule: str
    evidence: pd.DataFrame
    votes: pd.DataFrame
    ballot: pd.Series[int]
    note: str = ""


def choose_number(prepared: Prepared, tree: Tree, plan: Budget) -> Number:
    """Choose the number of clusters, or take the one given, and collect the evidence.

    Parameters
    ----------
    prepared : Prepared
    tree : Tree
        The tree of all rows.
    plan : Budget

    Returns
    -------
    Number

    Raises
    ------
    InputError
        A number that n rows cannot form, or a rule that makes no choice here.
    """
    choices, n = prepared.choices, prepared.n
    if choices.k is not None:
        check_k(choices.k, n)
    distinct = prepared.distinct if plan.draws else n
    ks = list(range(2, min(MOST_CLUSTERS, distinct - 1, n - 1) + 1))
    evidence = _evidence(prepared, tree, plan, ks)
    votes, note = _votes(prepared, tree, plan, ks)
    ballot = vote_table(votes) if len(votes) else pd.Series(dtype="int64", name="votes")
    if choices.k is not None:
        k, rule = int(choices.k), "given"
    elif not ks:
        k = min(distinct, n)
        rule = f"{distinct} different rows leave nothing to choose: each is a cluster"
    else:
        widths = evidence["silhouette"].to_numpy()
        k, rule = _by_rule(choices.rule, ks, widths, votes, ballot, note)
    return Number(k, rule, evidence, votes, ballot, note)


def _evidence(prepared: Prepared, tree: Tree, plan: Budget, ks: list[int]) -> pd.DataFrame:
    height = np.ldexp(tree.Z[:, 2], -np.frexp(tree.Z[:, 2].max(initial=0.0))[1])
    total = float(np.sum(height**2) / 2)
    on_sums = tree.method == "ward" and prepared.choices.euclidean and total > 0
    drawn: Ints | None = None
    between = None
    if plan.silhouette_rows:
        if plan.silhouette_rows < prepared.n:
            generator = np.random.default_rng(prepared.choices.seed)
            drawn = np.sort(generator.choice(prepared.n, plan.silhouette_rows, replace=False))
        between = prepared.between(drawn)
    rows = []
    for k in ks:
        labels = cut(tree.Z, k)
        width = np.nan
        if between is not None:
            seen = labels if drawn is None else np.unique(labels[drawn], return_inverse=True)[1]
            width = float(np.mean(silhouette_widths(between, seen)))
        within = float(np.sum(height[: prepared.n - k] ** 2) / 2)
        rows.append((k, width, 1 - within / total if on_sums else np.nan))
    return pd.DataFrame(rows, columns=["k", "silhouette", "explained"])


def _votes(prepared: Prepared, tree: Tree, plan: Budget, ks: list[int]) -> tuple[pd.DataFrame, str]:
    """Let the indices vote; none where they are not defined."""
    if not prepared.choices.euclidean or prepared.distances is not None:
        return pd.DataFrame(), "The indices are defined for Euclidean distances only."
    if len(ks) < 2:
        return pd.DataFrame(), "Too few rows for a vote: there is no second number to choose."
    if not plan.indices or len(plan.indices) == 1 or prepared.scaled is None:
        return pd.DataFrame(), "Too many rows for the indices." if plan.silhouette_rows else ""
    try:
        found = indices(
            prepared.scaled,
            ks,
            str(tree.method),
            seed=prepared.choices.seed,
            draws=max(plan.references, 2),
            only=plan.indices,
        )
    except InputError as error:
        return pd.DataFrame(), f"The indices are not computed: {error}"
    return cast_votes(found), ""


def _by_rule(
    rule: str, ks: list[int], widths: Floats, votes: pd.DataFrame, ballot: pd.Series[int], note: str
) -> tuple[int, str]:
    """Choose a number of clusters by a rule, and say how in words."""
    if rule == "silhouette":
        if np.isnan(widths).all():
            text = "silhouettes are not computed for this number of rows: give k"
            raise refusal(text, "k", "no-choice", rule)
        # what differs by rounding only is a tie, and the smaller number goes first
        best = int(np.flatnonzero(widths >= np.nanmax(widths) - 1e-9)[0])
        if len(ks) == 1:
            return ks[0], "the only one between one cluster and a cluster for each row"
        return ks[best], f"the largest mean silhouette among {ks[0]} to {ks[-1]} clusters"
    if rule == "votes" and len(ballot):
        k = int(ballot.idxmax())
        return k, f"the most votes of {len(votes)} indices, for {ks[0]} to {ks[-1]} clusters"
    if len(votes):
        row = votes[(votes["index"] == rule) & (votes["status"] == "vote")]
        if len(row):
            return int(row["best_k"].iloc[0]), f"index {rule}: {row['rule'].iloc[0]}"
    text = f"rule {rule!r} makes no choice for this table: give k, or another rule. {note}"
    raise refusal(text, "rule", "no-choice", rule)
