"""Everything a report says, computed once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hclustkit.arrays import Ints
from hclustkit.compare import adjusted_rand_index
from hclustkit.errors import InputError, one
from hclustkit.profiles import Profile, profile
from hclustkit.progress import progress_bar
from hclustkit.report.beside import Agreement, compare_with
from hclustkit.report.budget import Budget, budget
from hclustkit.report.choices import Choices, settle
from hclustkit.report.clusters import Prepared, prepare
from hclustkit.report.firmness import (
    LINKAGES_TRIED,
    SCALINGS_TRIED,
    Sensitivity,
    bootstrap,
    sensitivity,
)
from hclustkit.report.number import Number, choose_number
from hclustkit.stability import DISSOLVED
from hclustkit.tables import Reading, column_notes
from hclustkit.tables.totals import total_notes
from hclustkit.tree.neighbours import Neighbours
from hclustkit.tree.tree import Tree

if TYPE_CHECKING:
    from hclustkit.report.places import Places

Say = Callable[[str], object]
WARM_UP = 2_001
"""Rows that are clustered first: as many as Ward's method takes for a large table."""
TIED_ROWS = 1_000
"""Rows up to which all choices among ties are followed."""
SLOW = 5.0
"""Seconds above which an estimate is given first."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """What a report on a table says; `analyse` makes it."""

    prepared: Prepared
    reading: Reading
    plan: Budget
    tree: Tree
    labels: Ints
    number: Number
    profile: Profile | None
    stability: pd.DataFrame | None
    sensitivity: Sensitivity | None
    agreement: Agreement | None
    imputed: pd.DataFrame
    ties: str
    warnings: list[str]
    places: Places | None = None

    @property
    def table(self) -> pd.DataFrame:
        """The table as it was read."""
        return self.prepared.table

    @property
    def clusters(self) -> pd.Series[int]:
        """Cluster of each row, by label."""
        return pd.Series(self.labels, index=self.table.index, name="cluster")

    @property
    def k(self) -> int:
        """Number of clusters."""
        return int(self.labels.max())


def analyse(
    table: pd.DataFrame,
    choices: Choices | None = None,
    *,
    compare: pd.Series[str] | None = None,
    neighbours: Neighbours | None = None,
    say: Say = lambda _: None,
) -> Analysis:
    """Cluster a table and find out what the clusters are and how firm they are.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        As `hclustkit.read_table` gives it.
    choices : Choices, optional
        z-scores, Euclidean distances, Ward's method, and the number of clusters with the
        largest mean silhouette.
    compare : Series, index labels, optional
        Another partition.
    neighbours : Neighbours, optional
        Which rows are neighbours, for the comparison with the other partition.
    say : callable
        Called with a sentence before each part.

    Returns
    -------
    Analysis

    Raises
    ------
    InputError
        Choices that have no meaning, together or for this table.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [0.0, 1, 9, 10], "y": [1.0, 0, 5, 6]}, index=list("abcd"))
    >>> analyse(x, Choices(k=2)).clusters.tolist()
    [1, 1, 2, 2]
    """
    choices = settle(choices or Choices())
    reading = table.attrs.get("reading") or Reading("DataFrame", "frame")
    prepared = prepare(table, choices)
    plan = budget(prepared.n, table.shape[1], thorough=choices.thorough)
    say(f"clustering {prepared.n:,} rows")
    prepared.tree(np.arange(min(prepared.n, WARM_UP)))  # compiles, which is not to be timed
    started = time.perf_counter()
    tree = prepared.tree()
    seconds = _estimate(prepared, plan, time.perf_counter() - started)
    if seconds > SLOW:
        say(f"about {seconds:,.0f} s for this table")
    say("choosing the number of clusters")
    number = choose_number(prepared, tree, plan)
    labels = tree.cut(number.k)
    clusters = pd.Series(labels, index=table.index)
    say("resampling" if plan.draws else "no resampling: too many rows")
    stability = bootstrap(prepared, labels, plan)
    other = None
    if plan.draws:
        with progress_bar(_trees(prepared, plan), "trees") as step:
            say("trying other choices")
            other = sensitivity(prepared, labels, plan, step)
    agreement = None
    if compare is not None:
        agreement = compare_with(
            clusters,
            compare,
            other,
            neighbours,
            scaled=prepared.scaled if prepared.distances is None else None,
            linkage=str(choices.linkage),
            seed=choices.seed,
            say=say,
        )
    found = Analysis(
        prepared=prepared,
        reading=reading,
        plan=plan,
        tree=tree,
        labels=labels,
        number=number,
        profile=_profile(table, clusters, choices),
        stability=stability,
        sensitivity=other,
        agreement=agreement,
        imputed=_cluster_without_filled(prepared, reading, labels),
        ties=_verdict(prepared, tree, number.k),
        warnings=[],
    )
    found.warnings.extend(_warnings(found))
    return found


def _verdict(prepared: Prepared, tree: Tree, k: int) -> str:
    """Say whether ties allow other partitions; nothing where the tree does not know its ties."""
    n = prepared.n
    if tree.ties is None:
        return ""
    if not tree.ties[: n - k].any():
        return one(f"The partition into {k} clusters is unique: no merge before the cut is tied.")
    if n > TIED_ROWS:
        return (
            f"Merges before the cut are tied; what they allow is followed up to {TIED_ROWS:,} "
            "rows only."
        )
    from hclustkit.ties import uniqueness

    given = prepared.scaled if prepared.distances is None else prepared.distances
    metric = "euclidean" if prepared.distances is None else "precomputed"
    choices = prepared.choices
    return uniqueness(given, k, str(choices.linkage), metric=metric, seed=choices.seed).sentence()


def _trees(prepared: Prepared, plan: Budget) -> int:
    """Count the clusterings of the sensitivity, roughly."""
    grid = len(SCALINGS_TRIED) * (len(LINKAGES_TRIED) if plan.linkages else 1)
    columns = min(len(prepared.table.columns), plan.columns_left_out)
    return grid * (1 + columns * plan.crossed) + columns + plan.rows_left_out


def _estimate(prepared: Prepared, plan: Budget, once: float) -> float:
    """Estimate the seconds of the whole report from those of its first tree."""
    if not plan.draws:
        return 4.0 + 4 * once
    n, drawn = prepared.n, 0.63 * plan.drawn_rows
    draw = (drawn / n) ** 2 if n <= plan.drawn_rows else (plan.drawn_rows / n) ** 2
    trees = _trees(prepared, plan) + plan.draws * draw + 2 * plan.references
    pairs = min(n, plan.silhouette_rows) ** 2
    return 8.0 + once * trees + 1e-7 * pairs * len(plan.indices) + 0.002 * _trees(prepared, plan)


def _profile(table: pd.DataFrame, clusters: pd.Series[int], choices: Choices) -> Profile | None:
    """Describe the clusters by the columns without gaps."""
    whole = table.dropna(axis=1)
    if choices.distance == "precomputed" or whole.shape[1] == 0:
        return None
    return profile(whole, clusters)


def _cluster_without_filled(prepared: Prepared, reading: Reading, labels: Ints) -> pd.DataFrame:
    """Cluster again without the rows whose cells were filled."""
    columns = ["rows_filled", "ari_without_them"]
    rows = {label for label, _ in reading.filled}
    kept = np.array([str(label) not in rows for label in prepared.table.index])
    if not rows or kept.sum() < 3:
        return pd.DataFrame(columns=columns)
    rest = np.unique(labels[kept], return_inverse=True)[1].ravel() + 1
    try:
        tree = prepare(prepared.table[kept], prepared.choices).tree()
    except InputError:
        return pd.DataFrame(columns=columns)
    ari = adjusted_rand_index(rest, tree.cut(int(rest.max())))
    return pd.DataFrame([(len(rows), ari)], columns=columns)


def _warnings(found: Analysis) -> list[str]:
    """Say what a reader of the results should know."""
    prepared, n = found.prepared, found.prepared.n
    said: list[str] = []
    if prepared.choices.distance != "precomputed":
        said += dict.fromkeys(found.reading.notes)
        notes = [note.message for note in column_notes(found.table)] + total_notes(found.table)
        said += [note for note in notes if note not in said]
    if prepared.constant:
        said.append(f"Left out since they do not vary: {', '.join(prepared.constant)}.")
    if found.plan.draws and prepared.distinct < n:
        said.append(
            f"{n - prepared.distinct} rows repeat another: {prepared.distinct} of {n} differ. "
            "Equal rows are always in one cluster unless there are more clusters than "
            "different rows."
        )
    if found.ties and " is unique" not in found.ties:
        said.append(f"{found.ties} Another order of the rows may give other clusters.")
    if (np.diff(found.tree.Z[:, 2]) < 0).any():
        said.append("The tree is inverted: a merge lies below an earlier one.")
    if n < 10:
        said.append(f"{n} rows are few: indices, bootstrap and sensitivity say little.")
    if found.table.isna().to_numpy().any():
        said.append("Columns with gaps are left out of the means of the clusters.")
    if found.imputed.shape[0]:
        ari = float(found.imputed["ari_without_them"].iloc[0])
        said.append(
            f"Without the rows whose cells were filled the adjusted Rand index is {ari:.2f}."
        )
    if found.stability is not None:
        dissolved = found.stability["jaccard_mean"] <= DISSOLVED
        if dissolved.any():
            named = ", ".join(map(str, found.stability["cluster"][dissolved]))
            said.append(
                f"Not found again in resampled rows (mean Jaccard similarity at most "
                f"{DISSOLVED}): {named}."
            )
    return said


def to_terminal(text: str) -> None:
    """Say what is being done, on standard error."""
    print(f"  {text} ...", file=sys.stderr, flush=True)
