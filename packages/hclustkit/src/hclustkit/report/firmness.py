"""How firm the clusters are: resampled rows, other choices, one column or row left out."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

from hclustkit.arrays import Bools, Ints
from hclustkit.compare.labels import contingency
from hclustkit.compare.partitions import compare
from hclustkit.errors import InputError
from hclustkit.report.budget import Budget
from hclustkit.report.choices import Choices
from hclustkit.report.clusters import Prepared, prepare
from hclustkit.scaling import standardize
from hclustkit.stability import (
    cluster_stability,
    jaccard_ceiling,
    stability_from_resamples,
    stability_summary,
)
from hclustkit.stability.schemes import boot_draws, subset_draws
from hclustkit.tree.cut import cut

SCALINGS_TRIED = ("zscore", "range", "rank", "log-zscore", "robust")
LINKAGES_TRIED = ("ward", "average", "complete")

Step = Callable[[int], object]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What other choices give.

    Attributes
    ----------
    specifications : DataFrame
        One row a specification: ``scaling``, ``linkage``, ``left_out`` (a column, or empty),
        ``ari`` (adjusted Rand index with the chosen partition), ``same``.
    refused : DataFrame
        Specifications that are impossible, with the ``reason``.
    clusters : DataFrame
        Per cluster: ``found`` (mean largest Jaccard similarity) and ``exact`` (share of the
        specifications with this very cluster).
    rows : Series
        Per row: share of the specifications in which it stays with its cluster.
    always : Series
        Per row the number of its group: rows that are together in every specification.
    partitions : array of int, shape (specifications, n)
        Clusters from 1 in every specification.
    left_out_rows : DataFrame
        Per row left out in the chosen specification: ``left_out``, ``ari``, ``moved`` (how
        many other rows change their cluster).
    """

    specifications: pd.DataFrame
    refused: pd.DataFrame
    clusters: pd.DataFrame
    rows: pd.Series[float]
    always: pd.Series[int]
    partitions: Ints
    left_out_rows: pd.DataFrame

    def pairs(self) -> pd.DataFrame:
        """Return the share of the specifications in which each pair of rows is together."""
        together = (self.partitions[:, :, None] == self.partitions[:, None, :]).mean(axis=0)
        return pd.DataFrame(together, columns=[str(label) for label in self.rows.index])


def bootstrap(prepared: Prepared, labels: Ints, plan: Budget) -> pd.DataFrame | None:
    """Find each cluster again in resampled rows.

    Parameters
    ----------
    prepared : Prepared
    labels : array of int, shape (n,)
        Clusters from 1.
    plan : Budget

    Returns
    -------
    DataFrame or None
        As `hclustkit.stability.stability_summary`; None where nothing is drawn.
    """
    n, k, seed = prepared.n, int(labels.max()), prepared.choices.seed
    if not plan.draws or k < 2:
        return None
    method = str(prepared.choices.linkage)
    whole = plan.drawn_rows == n
    if whole and prepared.distances is None:
        return cluster_stability(prepared.scaled, k, "boot", plan.draws, seed=seed, method=method)
    generator = np.random.default_rng(seed)
    if whole:
        drawn = boot_draws(n, plan.draws, generator)
    else:
        drawn = subset_draws(n, plan.draws, plan.drawn_rows, generator)

    def clustered(kept: Ints) -> Ints | None:
        return None if len(kept) < max(k, 2) else cut(prepared.tree(kept).Z, k)

    samples = [np.flatnonzero(row).tolist() for row in drawn]
    jaccards = stability_from_resamples(labels, samples, clustered)
    share = plan.drawn_rows / n
    ceilings = [
        jaccard_ceiling(size, n, "boot" if whole else "subset", k=k, subset_share=share)
        for size in np.bincount(labels)[1:].tolist()
    ]
    return stability_summary(jaccards, labels, ceilings)


def _specifications(prepared: Prepared, plan: Budget) -> Iterator[tuple[Choices, str]]:
    """List what is tried: the chosen specification first."""
    chosen = prepared.choices
    scalings, linkages = [str(chosen.scaling)], [str(chosen.linkage)]
    if chosen.distance not in ("gower", "precomputed"):
        scalings += [name for name in SCALINGS_TRIED if name not in scalings]
    if plan.linkages:
        allowed = LINKAGES_TRIED if chosen.euclidean else ("average", "complete", "weighted")
        linkages += [name for name in allowed if name not in linkages]
    columns = [] if prepared.scaled is None else list(prepared.scaled.columns)
    if len(columns) < 2:
        columns = []
    if len(columns) > plan.columns_left_out:
        generator = np.random.default_rng(chosen.seed)
        picked = generator.choice(len(columns), plan.columns_left_out, replace=False)
        columns = [columns[at] for at in sorted(picked)]
    for scaling, linkage in itertools.product(scalings, linkages):
        first = (scaling, linkage) == (chosen.scaling, chosen.linkage)
        other = dataclasses.replace(chosen, scaling=scaling, linkage=linkage)
        for left in ["", *(columns if plan.crossed or first else [])]:
            yield other, str(left)


def _omit(choices: Choices, table: pd.DataFrame, column: str) -> tuple[Choices, pd.DataFrame]:
    """Leave a column out of the table, its weight and its group."""
    smaller = table.loc[:, [str(name) != column for name in table.columns]]
    weights = {name: value for name, value in choices.weights.items() if name != column}
    groups = {
        name: [member for member in members if member != column]
        for name, members in choices.groups.items()
    }
    kept = {name: members for name, members in groups.items() if members}
    weights = {name: value for name, value in weights.items() if name not in groups or name in kept}
    return dataclasses.replace(choices, weights=weights, groups=kept), smaller


def _stays(labels: Ints, other: Ints) -> Bools:
    """Tell of each row whether it is in the cluster most like its own."""
    both = contingency(labels - 1, other - 1)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    stays: Bools = (both / either).argmax(axis=1)[labels - 1] == other - 1
    return stays


def sensitivity(
    prepared: Prepared, labels: Ints, plan: Budget, step: Step = lambda _: None
) -> Sensitivity | None:
    """Cluster again under every other reasonable choice.

    Parameters
    ----------
    prepared : Prepared
    labels : array of int, shape (n,)
        The chosen partition, from 1.
    plan : Budget
    step : callable
        Called with 1 after each clustering.

    Returns
    -------
    Sensitivity or None
        None where the budget allows none, or there are fewer than two clusters.
    """
    k = int(labels.max())
    if not plan.draws or k < 2:
        return None
    index = prepared.table.index
    found, refused, partitions = [], [], []
    stays = np.zeros(prepared.n)
    varied = prepared.table.loc[:, [c not in prepared.constant for c in prepared.table.columns]]
    on_columns = prepared.choices.distance not in ("gower", "precomputed")
    scaled = cache(partial(_scale_columns, varied))
    for choices, column in _specifications(prepared, plan):
        spec = (choices.scaling, choices.linkage, column)
        try:
            used, table = _omit(choices, varied, column) if column else (choices, varied)
            whole = scaled(str(choices.scaling)) if on_columns else None
            other = cut(prepare(table, used, scaled=whole).tree().Z, k)
        except InputError as error:
            refused.append((*spec, str(error)))
            continue
        finally:
            step(1)
        stays += _stays(labels, other)
        partitions.append(other)
        found.append(spec)
    clusters = np.array(partitions)
    ari, _, _, matrix = compare(clusters - 1, labels - 1)
    names = ["scaling", "linkage", "left_out"]
    always = np.unique(clusters.T, axis=0, return_inverse=True)[1].ravel()
    specifications = pd.DataFrame(found, columns=names)
    return Sensitivity(
        specifications=specifications.assign(ari=ari, same=(matrix == 1).all(axis=1)),
        refused=pd.DataFrame(refused, columns=[*names, "reason"]),
        clusters=pd.DataFrame(
            {
                "cluster": range(1, k + 1),
                "found": matrix.mean(axis=0),
                "exact": (matrix == 1).mean(axis=0),
            }
        ),
        rows=pd.Series(stays / len(found), index=index, name="stays"),
        always=pd.Series(pd.factorize(always)[0] + 1, index=index, name="always_together"),
        partitions=clusters,
        left_out_rows=_leave_rows_out(prepared, labels, plan, step),
    )


def _scale_columns(table: pd.DataFrame, scaling: str) -> pd.DataFrame | None:
    """Scale once for all columns left out; None where one column makes that impossible."""
    try:
        found: pd.DataFrame = standardize(table, scaling)
    except InputError:
        return None
    return found


def _leave_rows_out(prepared: Prepared, labels: Ints, plan: Budget, step: Step) -> pd.DataFrame:
    """Leave rows out, one at a time, in the chosen specification."""
    n = prepared.n
    places = np.arange(n)
    if plan.rows_left_out < n:
        generator = np.random.default_rng(prepared.choices.seed)
        places = np.sort(generator.choice(n, plan.rows_left_out, replace=False))
    rows: list[tuple[str, float, int]] = []
    for at in places.tolist() if n > 3 else []:
        kept = np.delete(np.arange(n), at)
        rest = np.unique(labels[kept], return_inverse=True)[1].ravel() + 1
        try:
            if prepared.choices.distance == "precomputed":
                tree = prepared.tree(kept)
            else:
                tree = prepare(prepared.table.iloc[kept], prepared.choices).tree()
        except InputError:
            continue
        finally:
            step(1)
        other = cut(tree.Z, int(rest.max()))
        ari = float(compare(other[None, :] - 1, rest - 1)[0][0])
        moved = int((~_stays(rest, other)).sum())
        rows.append((str(prepared.table.index[at]), ari, moved))
    return pd.DataFrame(rows, columns=["left_out", "ari", "moved"])
