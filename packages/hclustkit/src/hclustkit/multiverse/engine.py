"""Every specification of a grid: its partition, and its agreement with a reference."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hclustkit.arguments import check_whole
from hclustkit.compare.partitions import (
    check_reference,
    compare,
    flags,
    square,
    together,
    unique_rows,
)
from hclustkit.errors import refusal
from hclustkit.multiverse.gather import choice_columns, rank_partitions
from hclustkit.multiverse.grid import Design, Grid, Slice, prepare
from hclustkit.multiverse.long_table import column_name
from hclustkit.multiverse.parallel import Arrays, compute, total
from hclustkit.tree.sums import trees_on_sums

CHUNK = 20_000
"""Combinations of indicators in a chunk: tens of milliseconds of work."""


@dataclass(frozen=True)
class Task:
    """One chunk of specifications: all choices in a range, of one slice and one linkage."""

    part: Slice
    linkage: str
    low: int
    high: int
    minimum: int
    weights: tuple[int, ...]
    n: int
    k: int
    most: int
    check_order: bool

    def specifications(self) -> tuple[np.ndarray, np.ndarray]:
        """List the choices of the chunk and the rows they add up; see `Slice.enumerate`."""
        return self.part.enumerate(self.low, self.high, self.minimum, self.weights)


def trees(
    task: Task, squares: np.ndarray, largest: np.ndarray, addends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut the trees of a task, built on given squared differences.

    Returns
    -------
    labels : unsigned integer array, shape (B, n)
    order_dependent : bool array, shape (B,)
    joined : int64 array, shape (n (n - 1) / 2, most + 1)
        See `hclustkit.tree.batch.trees_of_sums`.
    """
    k, n, check_order = task.k, task.n, task.check_order
    return trees_on_sums(
        squares, largest, addends, task.linkage, k, n, most=task.most, check_order=check_order
    )


def compute_chunk(task: Task) -> Arrays:
    """Compute the choices, partitions and pair counts of one task."""
    choices, addends = task.specifications()
    labels, order_dependent, joined = trees(task, task.part.squares, task.part.largest, addends)
    partitions, partition = unique_rows(labels)
    return {
        "choices": choices,
        "partition": partition,
        "partitions": partitions,
        "order_dependent": order_dependent,
        "joined": joined,
    }


def tasks_of(design: Design, chunk_size: int, check_order: bool = True) -> list[Task]:
    """Divide a design into chunks, in the order of its specifications."""
    chunk_size = check_whole(chunk_size, "chunk_size", 1)
    grid = design.grid
    return [
        Task(
            part=part,
            linkage=linkage,
            low=low,
            high=high,
            minimum=grid.min_indicators,
            weights=grid.weights,
            n=len(design.labels),
            k=grid.k,
            most=max(grid.k, *grid.consensus_ks),
            check_order=check_order,
        )
        for part, linkage, low, high in design.ranges(chunk_size)
    ]


@dataclass(frozen=True, eq=False)
class Result:
    """What `run` found.

    Attributes
    ----------
    design : Design
        The grid, the labels, the counts, and what was excluded and why.
    reference : int64 array, shape (n,)
        Reference cluster of each label, numbered from 0 in the order of the reference.
    cluster_names : tuple
        The name of each reference cluster as the caller gave it.
    specifications : DataFrame, one row each, in the order year, scaling, linkage, choice
        ``year``, ``scaling``, ``linkage``; ``indicators``, how many; ``subset``, bit i set
        where indicator i of the grid is present; ``choice``, see `Grid.encode`;
        ``partition``, row of ``partitions``; ``ari`` (adjusted Rand index) and ``vi``
        (variation of information), see `hclustkit.compare.partitions.compare`;
        ``recovered``, bit g set where reference cluster g is a cluster of the partition;
        ``order_dependent``: distances tie (to `hclustkit.tree.linkage.TIE_TOLERANCE`), and when
        the last pairs go first instead of the first ones the partition is another one.
    partitions : unsigned integer array, shape (U, n)
        Unique partitions into k clusters, the most frequent first.
    joined : mapping of linkage to an int64 array
        See `hclustkit.tree.batch.trees_of_sums`.
    resumed : int
        Chunks that came from the cache.
    """

    design: Design
    reference: np.ndarray
    cluster_names: tuple[Hashable, ...]
    specifications: pd.DataFrame
    partitions: np.ndarray
    joined: Mapping[str, np.ndarray]
    resumed: int

    @property
    def grid(self) -> Grid:
        """The grid that was run."""
        return self.design.grid

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The labels of the objects."""
        return self.design.labels

    def _rows(self, where: np.ndarray | pd.Series | None) -> pd.DataFrame:
        """Return the specifications of a boolean mask; all of them without one."""
        if where is None:
            return self.specifications
        mask = np.asarray(where)
        if mask.dtype != bool or mask.shape != (len(self.specifications),):
            text = "where: expected one true or false for each specification"
            raise refusal(text, "where", "mask-shape")
        return self.specifications[mask]

    def describe(self, rows: pd.DataFrame | None = None) -> pd.DataFrame:
        """Describe specifications in words.

        Parameters
        ----------
        rows : rows of ``specifications``, all of them when None

        Returns
        -------
        DataFrame
            With the same index: year, scaling, linkage, n_indicators, ``indicators`` (names
            joined by spaces, ``name:variant`` for a variant), ``ari``, ``vi``, ``recovered``
            (names of the recovered reference clusters, joined by semicolons),
            ``order_dependent``, and one column per indicator: its variant, ``main``, or
            ``absent``.
        """
        rows = self.specifications if rows is None else rows
        # each choice and each set of clusters is put into words once
        choices, choice = np.unique(rows["choice"].to_numpy(), return_inverse=True)
        masks, mask = np.unique(rows["recovered"].to_numpy(), return_inverse=True)
        digits = self.grid.digits(choices)
        items = list(self.grid.indicators.items())
        names = [
            " ".join(
                column_name(name, variants[digit - 1])
                for (name, variants), digit in zip(items, row, strict=True)
                if digit
            )
            for row in digits.tolist()
        ]
        found = [
            "; ".join(str(self.cluster_names[g]) for g in np.flatnonzero(row))
            for row in flags(masks, len(self.cluster_names))
        ]
        out = pd.DataFrame(
            {
                "year": rows["year"].astype(int),
                "scaling": rows["scaling"].astype(str),
                "linkage": rows["linkage"].astype(str),
                "n_indicators": rows["indicators"].astype(int),
            },
            index=rows.index,
        )
        out["indicators"] = np.array(names, dtype=object)[choice]
        out["ari"] = rows["ari"]
        out["vi"] = rows["vi"]
        out["recovered"] = np.array(found, dtype=object)[mask]
        out["order_dependent"] = rows["order_dependent"]
        for place, (name, variants) in enumerate(items):
            words = np.array(["absent", *(v or "main" for v in variants)], dtype=object)
            out[name] = words[digits[choice, place]]
        return out

    def exact(self) -> pd.DataFrame:
        """List the specifications whose partition is the reference, as `describe` shows them."""
        everything = (1 << len(self.cluster_names)) - 1
        return self.describe(self.specifications[self.specifications["recovered"] == everything])

    def locate(self, year: int, scaling: str, linkage: str, chosen: Mapping[str, str]) -> int:
        """Find the row number of one specification.

        Parameters
        ----------
        year, scaling, linkage
        chosen : mapping of each present indicator to its variant (``""``: the main one)

        Raises
        ------
        InputError
            The grid does not hold that specification.
        """
        table = self.specifications
        found = np.flatnonzero(
            (table["year"] == year)
            & (table["scaling"] == scaling)
            & (table["linkage"] == linkage)
            & (table["choice"] == self.grid.encode(chosen))
        )
        if len(found) == 0:
            names = " ".join(column_name(name, variant) for name, variant in chosen.items())
            text = f"the grid has no specification {year} {scaling} {linkage} {names}"
            raise refusal(text, "specification", "unknown-specification", (year, scaling, linkage))
        return int(found[0])

    def membership(self, row: int) -> pd.Series:
        """Return the clusters 1..k of one specification by label, numbered by first case."""
        partition = self.partitions[self.specifications["partition"].iloc[row]]
        return pd.Series(
            partition.astype(int) + 1, index=pd.Index(self.labels, name="label"), name="cluster"
        )

    def recovery(self, where: np.ndarray | pd.Series | None = None) -> pd.DataFrame:
        """Count how often each reference cluster is a cluster of the partition.

        Parameters
        ----------
        where : boolean mask over ``specifications``, None for all

        Returns
        -------
        DataFrame, one row a reference cluster: ``members``, ``specifications``,
        ``recovered`` (how many), ``share``.
        """
        rows = self._rows(where)
        found = flags(rows["recovered"].to_numpy(), len(self.cluster_names)).sum(axis=0)
        members = [
            "; ".join(str(self.labels[place]) for place in np.flatnonzero(self.reference == c))
            for c in range(len(self.cluster_names))
        ]
        out = pd.DataFrame(
            {"members": members, "specifications": len(rows), "recovered": found},
            index=pd.Index(self.cluster_names, name="cluster"),
        )
        out["share"] = out["recovered"] / max(len(rows), 1)
        return out

    def kept_apart(
        self, members: Iterable[Hashable], where: np.ndarray | pd.Series | None = None
    ) -> float:
        """Compute the share of specifications in which no cluster joins ``members`` with others.

        For one member: the share in which it is alone in its cluster.

        Raises
        ------
        InputError
            A member that is not a label, or no member.
        """
        members = list(members)
        inside = np.array([label in members for label in self.labels])
        unknown = [member for member in members if member not in self.labels]
        if unknown:
            text = f"members: {unknown[0]!r} is not a label"
            raise refusal(text, "members", "unknown-label", unknown[0])
        if not inside.any():
            raise refusal("no members", "members", "empty-list")
        rows = self._rows(where)
        weight = np.bincount(rows["partition"], minlength=len(self.partitions))
        mixed = self.partitions[:, inside][:, :, None] == self.partitions[:, ~inside][:, None, :]
        return float(weight[~mixed.any(axis=(1, 2))].sum() / max(len(rows), 1))

    def coassociation(self, where: np.ndarray | pd.Series | None = None) -> pd.DataFrame:
        """Compute the share of specifications in which each pair is together at k clusters.

        Returns
        -------
        DataFrame, shape (n, n), 1 on the diagonal.
        """
        rows = self._rows(where)
        weight = np.bincount(rows["partition"], minlength=len(self.partitions))
        counts = weight @ together(self.partitions)
        return self._matrix(square(counts / max(len(rows), 1), 1.0))

    def _joined(self, linkage: str | None) -> np.ndarray:
        if linkage is None:
            return total(self.joined.values())
        if linkage not in self.joined:
            text = f"the grid has no linkage {linkage!r}"
            raise refusal(text, "linkage", "unknown-name", linkage)
        return self.joined[linkage]

    def _matrix(self, matrix: np.ndarray) -> pd.DataFrame:
        index = pd.Index(self.labels, name="label")
        return pd.DataFrame(matrix, index=index, columns=pd.Index(self.labels))

    def pair_counts(self, k: int | None = None, linkage: str | None = None) -> pd.DataFrame:
        """Count the specifications that put each pair of objects together.

        Parameters
        ----------
        k : int or None
            Number of clusters: that of the comparison (None), or any up to the largest of
            ``consensus_ks``.
        linkage : str or None
            One linkage, or all.

        Returns
        -------
        DataFrame of int64, shape (n, n); the number of specifications on the diagonal.
        """
        k = self.grid.k if k is None else k
        joined = self._joined(linkage)
        if not 1 <= k < joined.shape[1]:
            text = f"pairs were counted for 1 to {joined.shape[1] - 1} clusters, not {k}"
            raise refusal(text, "k", "k-range", k)
        # together at k clusters: first joined when k or more clusters were left
        counts = joined[:, k:].sum(axis=1)
        table = self.specifications
        total = len(table) if linkage is None else int((table["linkage"] == linkage).sum())
        return self._matrix(square(counts, total))

    def consensus(self, linkage: str | None = None) -> pd.DataFrame:
        """Compute the share of specifications and ``consensus_ks`` in which each pair is together.

        Returns
        -------
        DataFrame, shape (n, n), 1 on the diagonal.
        """
        counts = [self.pair_counts(k, linkage) for k in self.grid.consensus_ks]
        total = sum(counts)
        return total / total.iloc[0, 0]


def run(
    grid: Grid,
    frame: pd.DataFrame,
    reference: pd.Series,
    *,
    label: str | None = None,
    n_jobs: int | None = None,
    chunk_size: int = CHUNK,
    cache: str | Path | None = None,
    check_order: bool = True,
    progress: bool | None = None,
) -> Result:
    """Compute every specification of a grid.

    The result does not depend on the number of threads or workers, on the chunks, or on what
    came from the cache.

    Parameters
    ----------
    grid : Grid
    frame : DataFrame
        Long data; see `hclustkit.multiverse.long_table.check_long`.
    reference : Series, label -> cluster
    label : str, optional
        The column of labels in ``frame``; by default the first.
    n_jobs : int or None
        Threads, see `hclustkit.multiverse.parallel.compute`.
    chunk_size : int
        Combinations of indicators in a chunk.
    cache : path or None
        Folder of finished chunks, to resume an interrupted run.
    check_order : bool
        Compute ``order_dependent``; without it, it is false throughout.
    progress : bool or None
        See `hclustkit.progress.shows_progress`.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        See `prepare` and `hclustkit.compare.partitions.check_reference`.

    Examples
    --------
    >>> from hclustkit.multiverse import Grid
    >>> data = pd.DataFrame({"region": [*"ABCD"] * 2, "year": 2001, "variant": ""})
    >>> data = data.assign(indicator=[*"ppppqqqq"], value=[1, 2, 8, 9, 1, 3, 7, 9])
    >>> reference = pd.Series([1, 1, 2, 2], index=[*"ABCD"])
    >>> grid = Grid.from_data(data, k=2, min_indicators=1)
    >>> result = run(grid, data, reference, progress=False)
    >>> len(result.specifications), float(result.specifications["ari"].min())
    (36, 0.0)
    """
    design = prepare(grid, frame, label=label)
    numbers, names = check_reference(reference, list(design.labels))
    tasks = tasks_of(design, chunk_size, check_order)
    chunks, resumed = compute(
        compute_chunk,
        tasks,
        weights=[task.high - task.low for task in tasks],
        cache=cache,
        n_jobs=n_jobs,
        progress=progress,
    )
    return _gather(design, numbers, names, tasks, chunks, resumed)


def _gather(
    design: Design,
    numbers: np.ndarray,
    names: tuple[Hashable, ...],
    tasks: list[Task],
    chunks: list[Arrays],
    resumed: int,
) -> Result:
    """Join chunks, number the unique partitions, compare each of them once."""
    grid = design.grid
    partitions, partition = rank_partitions(chunks)
    known = choice_columns(grid, tasks, chunks)
    present = grid.digits(known["choice"]) > 0
    ari, vi, recovered, _ = compare(partitions, numbers)
    specifications = pd.DataFrame(
        {
            "year": known["year"],
            "scaling": known["scaling"],
            "linkage": known["linkage"],
            "indicators": present.sum(axis=1).astype(np.int8),
            "subset": present @ (1 << np.arange(present.shape[1], dtype=np.int64)),
            "choice": known["choice"],
            "partition": partition,
            "ari": ari[partition],
            "vi": vi[partition],
            "recovered": recovered[partition],
            "order_dependent": np.concatenate([chunk["order_dependent"] for chunk in chunks]),
        }
    )
    by_linkage: dict[str, list[np.ndarray]] = {linkage: [] for linkage in grid.linkages}
    for task, chunk in zip(tasks, chunks, strict=True):
        by_linkage[task.linkage].append(chunk["joined"])
    joined = {linkage: total(counts) for linkage, counts in by_linkage.items()}
    return Result(design, numbers, names, specifications, partitions, joined, resumed)
