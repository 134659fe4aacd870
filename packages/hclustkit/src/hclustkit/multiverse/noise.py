"""Measurement error: which clusters survive when every value is a little off.

A value x becomes ``x |1 + level z|`` with z standard normal, drawn again for each object and
column: a relative error with standard deviation ``level``. (The factor would fall below zero
only at 1 / level standard deviations; it is reflected there, so that a positive value stays
positive.) The same z serve every level, scaling and set of indicators, so that differences
between these are not differences between draws.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_between, check_choice, check_seed, check_whole
from hclustkit.arrays import check_k
from hclustkit.compare.partitions import check_reference, compare, flags
from hclustkit.distances import squared_differences
from hclustkit.errors import InputError, refusal
from hclustkit.multiverse.engine import Task, tasks_of, trees
from hclustkit.multiverse.gather import choice_columns
from hclustkit.multiverse.grid import Design, Grid, prepare
from hclustkit.multiverse.parallel import Arrays, compute
from hclustkit.scaling import standardize
from hclustkit.tree.sums import trees_on_sums

NOISE_CHUNK = 2_000
"""Combinations of indicators in a chunk: a second of work with a hundred draws."""
UNITS = ("relative", "sd")
"""What `noise_survival` measures an error in."""
BLOCK = 2**21
"""Squared differences held at a time: 16 MiB."""


def check_level(level: object) -> float:
    """Return an error level between 0 and 1."""
    return check_between(level, "level", 0, 1, open_top=True)


def perturbed_squares(
    values: np.ndarray,
    scaling: str,
    level: float | np.ndarray,
    draws: int,
    streams: Sequence[np.random.Generator],
    unit: str = "relative",
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each draw the squared differences of the scaled columns.

    Parameters
    ----------
    values : float64 array, shape (n objects, p columns), unscaled
    scaling : str
    level : float, or array of one a column
    draws : int
    streams : one random generator for each column
    unit : see `noise_survival`

    Yields
    ------
    squares : float64 array, shape (p, n (n - 1) / 2)
    largest : float64 array, shape (p,)
    """
    objects, columns = values.shape
    if unit == "sd" and scaling == "log-zscore":
        values, scaling = np.log(values), "zscore"
    per_block = max(1, min(draws, BLOCK // max(1, columns * objects * (objects - 1) // 2)))
    for low in range(0, draws, per_block):
        count = min(per_block, draws - low)
        z = np.stack([stream.standard_normal((count, objects)) for stream in streams], axis=-1)
        if unit == "sd":
            disturbed = values + level * values.std(axis=0, ddof=1) * z
        else:
            disturbed = values * np.abs(1 + level * z)
        scaled = standardize(disturbed, scaling)
        yield from zip(squared_differences(scaled), np.abs(scaled).max(axis=1), strict=True)


def labels_of(squares: np.ndarray, largest: np.ndarray, n: int, method: str, k: int) -> np.ndarray:
    """Cut the tree on the sum of all rows of ``squares`` into k clusters: int64, shape (n,)."""
    rows = np.arange(len(squares), dtype=np.int32)[None, :]
    labels, _, _ = trees_on_sums(squares, largest, rows, method, k, n)
    return np.asarray(labels[0], dtype=np.int64)


def partition_of(table: pd.DataFrame, scaling: str, method: str, k: int) -> np.ndarray:
    """Cut the tree of an unscaled table into k clusters: int64, shape (n,), by first case."""
    scaled = standardize(table, scaling).to_numpy()
    largest = np.abs(scaled).max(axis=0)
    k = check_k(k, len(table))
    return labels_of(squared_differences(scaled), largest, len(table), method, k)


@dataclass(frozen=True, eq=False)
class NoiseSurvival:
    """What `noise_survival` found.

    Attributes
    ----------
    baseline : Series, label -> cluster 1..k
    clusters : DataFrame, one row a level and baseline cluster
        ``level``, ``cluster``, ``members``, ``size``, ``survived`` (share of draws in which it
        is a cluster again, exactly), ``jaccard`` (mean of the largest Jaccard coefficient
        with a cluster of the draw).
    partitions : DataFrame, one row a level
        ``level``, ``n``, ``unchanged`` (share of draws with the same partition), ``ari_mean``,
        ``ari_05``, ``ari_95`` (adjusted Rand index to the baseline: mean, 5% and 95%
        quantiles).
    """

    baseline: pd.Series
    clusters: pd.DataFrame
    partitions: pd.DataFrame


def _survival_rows(
    labels: np.ndarray, base: np.ndarray, members: list[str], level: float
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Compare the partitions of all draws of a level with the baseline: see `NoiseSurvival`."""
    k = len(members)
    ari, _, recovered, jaccard = compare(labels, base)
    clusters = pd.DataFrame(
        {
            "level": level,
            "cluster": np.arange(1, k + 1),
            "members": members,
            "size": np.bincount(base, minlength=k),
            "survived": np.array([(recovered >> number & 1).mean() for number in range(k)]),
            "jaccard": jaccard.mean(axis=0),
        }
    )
    return clusters, {
        "level": level,
        "n": len(labels),
        "unchanged": float((labels == base).all(axis=1).mean()),
        "ari_mean": float(ari.mean()),
        "ari_05": float(np.quantile(ari, 0.05)),
        "ari_95": float(np.quantile(ari, 0.95)),
    }


def _errors_of(
    columns: list[Hashable], exact: Collection[Hashable], alike: Collection[Collection[Hashable]]
) -> tuple[list[int], np.ndarray]:
    """Number the random stream of each column, and mark the columns that carry an error."""
    for column in [*exact, *(column for group in alike for column in group)]:
        if column not in columns:
            text = f"the table has no column {column!r}"
            raise refusal(text, "exact, alike", "unknown-column", column)
    first = {column: columns.index(next(iter(group))) for group in alike for column in group}
    places = [first.get(column, place) for place, column in enumerate(columns)]
    return places, np.array([float(column not in exact) for column in columns])


def noise_survival(
    table: pd.DataFrame,
    *,
    k: int,
    seed: int,
    levels: Sequence[float] = (0.01, 0.05, 0.10),
    draws: int = 1000,
    scaling: str = "zscore",
    method: str = "ward",
    unit: str = "relative",
    exact: Collection[Hashable] = (),
    alike: Collection[Collection[Hashable]] = (),
) -> NoiseSurvival:
    """Estimate how often each cluster of a table survives measurement error.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables), unscaled
    k : int
    seed : int
    levels : sequence of float
        Standard deviations of the error, in its unit; see the module.
    draws : int
        Number of draws at each level.
    scaling, method : str
    unit : {"relative", "sd"}
        ``relative``: the error is a share of the value, so it weighs most in the variables that
        differ least from object to object. ``sd``: x becomes x + level s z, with s the standard
        deviation of the variable, so it weighs the same in all; under ``log-zscore`` the
        logarithms take it, since no error is to make a value negative.
    exact : columns that carry no error
    alike : groups of columns that are nearly the same and take the same z

    Returns
    -------
    NoiseSurvival

    Raises
    ------
    InputError
        A bad table, level, unit, number of draws or of clusters, seed, scaling or linkage; an
        unknown column.

    Examples
    --------
    >>> table = pd.DataFrame({"p": [1, 2, 8, 9], "q": [1, 3, 7, 9]}, index=list("ABCD"))
    >>> noise_survival(table, k=2, seed=1, levels=[0.01], draws=20).clusters["survived"].tolist()
    [1.0, 1.0]
    """
    table = as_table(table, min_rows=2)
    check_choice(unit, UNITS, "unit")
    places, disturbed = _errors_of(list(table.columns), exact, alike)
    objects = len(table)
    k = check_k(k, objects)
    draws = check_whole(draws, "draws", 1)
    seed = check_seed(seed)
    levels = [check_level(level) for level in levels]
    if not levels:
        raise InputError("no error level is given", place="levels", rule="empty-list")
    values = table.to_numpy()
    base = partition_of(table, scaling, method, k)
    members = [
        "; ".join(str(label) for label, c in zip(table.index, base, strict=True) if c == number)
        for number in range(k)
    ]
    clusters, partitions = [], []
    for level in levels:
        streams = [np.random.default_rng([seed, place]) for place in places]
        disturbed_tables = perturbed_squares(
            values, scaling, level * disturbed, draws, streams, unit
        )
        labels = np.array(
            [
                labels_of(squares, largest, objects, method, k)
                for squares, largest in disturbed_tables
            ]
        )
        of_clusters, of_partition = _survival_rows(labels, base, members, level)
        clusters.append(of_clusters)
        partitions.append(of_partition)
    return NoiseSurvival(
        baseline=pd.Series(base + 1, index=table.index, name="cluster"),
        clusters=pd.concat(clusters, ignore_index=True),
        partitions=pd.DataFrame(partitions),
    )


@dataclass(frozen=True, eq=False)
class NoiseTask:
    """Noise draws for one chunk of specifications."""

    task: Task
    reference: np.ndarray
    level: float
    draws: int
    seed: int
    streams: tuple[int, ...]

    def generators(self) -> list[np.random.Generator]:
        """Make a stream for each column, by year and place in the grid, whatever the scaling."""
        year = self.task.part.year % 2**32
        return [np.random.default_rng([self.seed, year, stream]) for stream in self.streams]


def compute_noise_chunk(noisy: NoiseTask) -> Arrays:
    """Compute the survival of each specification of one chunk, summed over its draws."""
    task = noisy.task
    choices, addends = task.specifications()
    base, _, _ = trees(task, task.part.squares, task.part.largest, addends)
    unchanged = np.zeros(len(choices), dtype=np.int64)
    kept = np.zeros(len(choices), dtype=np.int64)
    own = np.zeros(len(choices))
    agreement = np.zeros(len(choices))
    clusters = int(noisy.reference.max()) + 1
    found = np.zeros((len(choices), clusters), dtype=np.int64)
    if len(choices):
        for squares, largest in perturbed_squares(
            task.part.values, task.part.scaling, noisy.level, noisy.draws, noisy.generators()
        ):
            labels, _, _ = trees(task, squares, largest, addends)
            same = (labels == base).all(axis=1)
            ari, _, _, jaccard = compare(labels, base)
            unchanged += same
            kept += (jaccard == 1.0).sum(axis=1)
            own += ari
            ari, _, recovered, _ = compare(labels, noisy.reference)
            agreement += ari
            found += flags(recovered, clusters)
    return {
        "choices": choices,
        "unchanged": unchanged,
        "kept": kept,
        "ari_baseline": own,
        "ari_reference": agreement,
        "found": found,
    }


def noise_tasks(
    design: Design, reference: np.ndarray, level: float, draws: int, seed: int, chunk_size: int
) -> list[NoiseTask]:
    """List the chunks of `run_noise`, in the order of the specifications."""
    grid = design.grid
    number: dict[tuple[str, int], int] = {}
    for indicator, variants in grid.indicators.items():
        for digit in range(1, len(variants) + 1):
            number[indicator, digit] = len(number)
    out = []
    for task in tasks_of(design, chunk_size, check_order=False):
        streams = tuple(
            number[indicator, digit]
            for indicator, options in zip(grid.indicators, task.part.options, strict=True)
            for digit in options
        )
        out.append(NoiseTask(task, reference, level, draws, seed, streams))
    return out


def run_noise(
    grid: Grid,
    frame: pd.DataFrame,
    reference: pd.Series,
    *,
    level: float,
    draws: int,
    seed: int,
    label: str | None = None,
    n_jobs: int | None = None,
    chunk_size: int = NOISE_CHUNK,
    cache: str | Path | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Add measurement error to every specification of a grid, and cluster again.

    ``draws`` trees for each specification: see `hclustkit.multiverse.plan.plan` for what that
    costs. Chunks, cache and Dask as in `hclustkit.multiverse.engine.run`.

    Parameters
    ----------
    grid : Grid
    frame : DataFrame
    reference : Series, label -> cluster
    level : float
        Standard deviation of the error, as a share of the value.
    draws : int
        Number of draws.
    seed : int
    label : str, optional
    n_jobs : int or None
    chunk_size : int
    cache : path or None
    progress : bool or None
        The rest as for `hclustkit.multiverse.run`.

    Returns
    -------
    DataFrame, one row a specification, in the order of `Result.specifications`:
    ``year``, ``scaling``, ``linkage``, ``choice``; ``unchanged``, the share of draws with the
    partition of the unperturbed data; ``kept``, the mean share of its k clusters that
    are clusters again; ``ari_baseline``, mean adjusted Rand index to it;
    ``ari_reference``, mean adjusted Rand index to the reference; and
    ``recovered_<cluster>`` for each reference cluster, the share of draws in which it is a
    cluster.

    Raises
    ------
    InputError
        See `hclustkit.multiverse.engine.run`; a bad level, number of draws or seed.

    Examples
    --------
    >>> from hclustkit.multiverse import Grid
    >>> data = pd.DataFrame({"region": [*"ABCD"] * 2, "year": 2001, "variant": ""})
    >>> data = data.assign(indicator=[*"ppppqqqq"], value=[1, 2, 8, 9, 1, 3, 7, 9])
    >>> reference = pd.Series([1, 1, 2, 2], index=[*"ABCD"])
    >>> grid = Grid.from_data(data, k=2, min_indicators=1)
    >>> found = run_noise(grid, data, reference, level=0.01, draws=5, seed=1, progress=False)
    >>> float(found["unchanged"].min())
    0.4
    """
    level = check_level(level)
    draws = check_whole(draws, "draws", 1)
    seed = check_seed(seed)
    design = prepare(grid, frame, label=label)
    numbers, names = check_reference(reference, list(design.labels))
    tasks = noise_tasks(design, numbers, level, draws, seed, chunk_size)
    chunks, _ = compute(
        compute_noise_chunk,
        tasks,
        weights=[(noisy.task.high - noisy.task.low) * draws for noisy in tasks],
        cache=cache,
        n_jobs=n_jobs,
        progress=progress,
    )

    def joined(name: str) -> np.ndarray:
        return np.concatenate([chunk[name] for chunk in chunks])

    out = pd.DataFrame(
        choice_columns(grid, [noisy.task for noisy in tasks], chunks)
        | {
            "unchanged": joined("unchanged") / draws,
            "kept": joined("kept") / (draws * grid.k),
            "ari_baseline": joined("ari_baseline") / draws,
            "ari_reference": joined("ari_reference") / draws,
        }
    )
    found = joined("found") / draws
    for g, name in enumerate(names):
        out[f"recovered_{name}"] = found[:, g]
    return out
