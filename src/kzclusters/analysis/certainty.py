"""Two doubts about a cut: other partitions that ties allow, and tables without clusters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from hclustkit import ties
from hclustkit.validity.null import REFERENCES, null_for_k
from hclustkit.validity.recipe import Recipe

from kzclusters.analysis.findings import NullOfK, Uniqueness
from kzclusters.wording import listing, literal

Names = Mapping[Any, str]
BETWEEN = " | "
"""Between the members of a cluster, in the tables."""


def uniqueness_table(z: pd.DataFrame, ks: Iterable[int], linkage: str, seed: int) -> pd.DataFrame:
    """Tabulate, for each number of clusters, what ties allow and which merge is nearest to change.

    Returns
    -------
    DataFrame
        ``k``, ``verdict``, ``partitions``, ``margin``, ``margin_exact``; ``stage``, and the
        clusters merged there (``one``, ``two``) and by the other merge (``other_one``,
        ``other_two``), as labels joined by `BETWEEN`.
    """
    rows = []
    for k in ks:
        found = ties.uniqueness(z, k, linkage, seed=seed)
        row: dict[str, Any] = {
            "k": k,
            "verdict": found.verdict,
            "partitions": found.count,
            "margin": found.margin,
            "margin_exact": found.margin_exact,
            "stage": found.blame.stage if found.blame else 0,
        }
        clusters = [*found.blame.merged, *found.blame.other] if found.blame else [[]] * 4
        for column, members in zip(("one", "two", "other_one", "other_two"), clusters, strict=True):
            row[column] = BETWEEN.join(map(str, members))
        rows.append(row)
    return pd.DataFrame(rows)


def uniqueness(table: pd.DataFrame, n_clusters: int, names: Names) -> Uniqueness:
    """Read the row of `uniqueness_table` for the cut in use."""
    row = table.set_index("k").loc[n_clusters]

    def members(column: str) -> str:
        labels = str(row[column]).split(BETWEEN)
        return listing([str(names.get(label, label)) for label in labels])

    blamed = int(row["stage"]) > 0
    margin = float(row["margin"])
    return Uniqueness(
        verdict=str(row["verdict"]),
        n_partitions=int(row["partitions"]),
        margin=None if math.isinf(margin) else margin,
        stage=int(row["stage"]),
        merged=(members("one"), members("two")) if blamed else (),
        other=(members("other_one"), members("other_two")) if blamed else (),
    )


def uniqueness_text(found: Uniqueness, n_clusters: int) -> str:
    """Say whether the cut is the only one that the data allow."""
    into = f"The partition into {n_clusters} clusters"
    if found.verdict == "exactly":
        return f"{into} is one of exactly {found.n_partitions} that ties allow."
    if found.verdict != "unique":
        return f"{into} is one of more than {found.n_partitions} that ties allow."
    text = f"{into} is unique: no tie leads to another."
    if found.margin is None:
        return f"{text} Nor does any change of a single merge."
    merged = " with ".join(map(literal, found.merged))
    other = " with ".join(map(literal, found.other))
    return (
        f"{text} Its margin is {found.margin:.1%}: stage {found.stage} merges {merged}; to "
        f"come first and change the partition, the merge of {other} would have to be lower by this "
        "share of its height."
    )


def null_table(
    raw: pd.DataFrame,
    ks: Iterable[int],
    n_clusters: int,
    *,
    scaling: str,
    linkage: str,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Compare the mean silhouette with that of tables without clusters, of each kind.

    Returns
    -------
    DataFrame, one row a kind
        ``reference``, ``keeps``, ``draws``; ``chosen_k`` with the largest ``silhouette`` and its
        ``p``; ``k`` as given, with its own ``silhouette_k`` and ``p_k``; ``same_k``, the
        share of the tables for which the rule chose the same number.
    """
    recipe = Recipe(scaling, linkage, ks=tuple(k for k in ks if k < len(raw)))
    rows = []
    for reference, keeps in REFERENCES.items():
        test = null_for_k(raw, recipe, reference=reference, draws=draws, seed=seed, separations=())
        rows.append(
            {
                "reference": reference,
                "keeps": keeps,
                "draws": draws,
                "chosen_k": test.chosen_k,
                "silhouette": test.observed,
                "p": test.p,
                "k": n_clusters,
                "silhouette_k": float(test.values[n_clusters]),
                "p_k": test.p_at(n_clusters),
                "same_k": test.also_chose,
            }
        )
    return pd.DataFrame(rows)


def null_of_k(table: pd.DataFrame) -> NullOfK:
    """Read `null_table`: the number chosen and the number given, each beside the nulls."""
    rows = table.set_index("reference")
    return NullOfK(
        draws=int(rows["draws"].iloc[0]),
        chosen=int(rows["chosen_k"].iloc[0]),
        silhouette=float(rows["silhouette"].iloc[0]),
        p={str(name): float(p) for name, p in rows["p"].items()},
        fixed=int(rows["k"].iloc[0]),
        silhouette_fixed=float(rows["silhouette_k"].iloc[0]),
        p_fixed={str(name): float(p) for name, p in rows["p_k"].items()},
    )


def null_text(found: NullOfK, level: float) -> str:
    """Say from which tables without clusters the cut is told apart, at a level of p."""

    def line(k: int, silhouette: float, p: Mapping[str, float]) -> str:
        ps = ", ".join(f"{name} p = {value:.3f}" for name, value in p.items())
        apart = [name for name, value in p.items() if value < level]
        which = f"{listing(apart)} only"
        if len(apart) in (0, len(p)):
            which = "all of these" if apart else "none of these"
        return (
            f"k = {k} (mean silhouette {silhouette:.3f}): told apart from {which} at the level "
            f"{level:g} ({ps})"
        )

    same = "also the one" if found.fixed == found.chosen else "not the one"
    return (
        f"* {line(found.chosen, found.silhouette, found.p)}. It is the number that the silhouette "
        "chooses, and the choice is part of each comparison.\n"
        f"* {line(found.fixed, found.silhouette_fixed, found.p_fixed)}. It was given, and is "
        f"{same} that this index chooses.\n"
        "* The silhouette has no value at one cluster, so it cannot choose one. Not told apart "
        "does not mean that there are no clusters."
    )
