"""What a run will cost, estimated before it starts."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
import pandas as pd

from hclustkit.arguments import check_whole
from hclustkit.compare.partitions import check_reference
from hclustkit.multiverse.engine import CHUNK, compute_chunk, tasks_of
from hclustkit.multiverse.grid import Design, Grid, prepare
from hclustkit.multiverse.noise import BLOCK, NOISE_CHUNK, compute_noise_chunk, noise_tasks

SAMPLED = 12
"""Chunks from which the time is estimated, spread over the grid."""
SAMPLE_SIZE = 1000
"""Combinations of indicators in each of them."""
SAMPLE_DRAWS = 8
"""Noise draws for each sampled specification."""


@dataclass(frozen=True)
class Plan:
    """Estimated cost of a run.

    Attributes
    ----------
    specifications : int
    clusterings : int
        Trees to build: one a specification, or one for each of its noise draws.
    seconds_per_clustering : float
        Processor time of one core, from a sample of the grid.
    cores : int
    chunks : int
    chunk_bytes : int
        Memory that one core needs for its chunk.
    result_bytes : int
        Memory for the joined result, where the run was started.
    """

    specifications: int
    clusterings: int
    seconds_per_clustering: float
    cores: int
    chunks: int
    chunk_bytes: int
    result_bytes: int

    @property
    def core_seconds(self) -> float:
        """Processor time in all."""
        return self.clusterings * self.seconds_per_clustering

    @property
    def seconds(self) -> float:
        """Time on ``cores`` cores, or on as many as there are chunks."""
        return self.core_seconds / min(self.cores, self.chunks)

    @property
    def bytes(self) -> int:
        """Memory in all: a chunk for each core, and the result."""
        return self.chunk_bytes * self.cores + self.result_bytes

    def __str__(self) -> str:
        return (
            f"{self.specifications:,} specifications, {self.clusterings:,} clusterings in "
            f"{self.chunks:,} chunks; about {self.core_seconds:,.0f} core seconds "
            f"({self.seconds_per_clustering * 1e6:.1f} µs each), {self.seconds:,.0f} s on "
            f"{self.cores} cores; {self.chunk_bytes / 2**20:,.0f} MiB a core and "
            f"{self.result_bytes / 2**20:,.0f} MiB for the result"
        )


def _cost(design: Design, tasks: list[Any], draws: int) -> tuple[int, int]:
    """Estimate the bytes of the largest chunk and of the result from their arrays' shapes."""
    n = len(design.labels)
    pairs = n * (n - 1) // 2
    grid = design.grid
    columns = max(part.squares.shape[0] for part in design.slices)
    rows = max(task.high - task.low for task in tasks)
    p = len(grid.indicators)
    # enumeration (addends, choices, digits), labels twice, sorting them, pair counts
    chunk = rows * (4 * p + 64 + 4 * n) + pairs * 8 * (max(grid.k, *grid.consensus_ks) + 1)
    if draws:
        # perturbed values and squares of a block of draws; agreement of each specification
        chunk += 3 * 8 * max(BLOCK, columns * pairs) + rows * 24 * grid.k
    result = design.size * (120 if not draws else 120 + 24 * grid.k)
    return int(chunk), int(result)


def plan(
    grid: Grid,
    frame: pd.DataFrame,
    reference: pd.Series,
    *,
    noise_draws: int = 0,
    levels: int = 1,
    label: str | None = None,
    n_jobs: int | None = None,
    chunk_size: int | None = None,
) -> Plan:
    """Estimate a run before it starts, from a short timed sample.

    Parameters
    ----------
    grid, frame, reference, label
        As for `hclustkit.multiverse.engine.run`.
    chunk_size : int or None
        None: the default of the function planned for.
    noise_draws : int
        0 for `run`; else the draws of `hclustkit.multiverse.noise.run_noise`.
    levels : int
        How many error levels, each a separate run.
    n_jobs : int or None
        Cores, here or in a cluster; None for those here.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        As `run`; a negative number of draws; levels or cores below 1.
    """
    noise_draws = check_whole(noise_draws, "noise_draws", 0)
    levels = check_whole(levels, "levels", 1)
    cores = joblib.cpu_count() if n_jobs is None else check_whole(n_jobs, "n_jobs", 1)
    design = prepare(grid, frame, label=label)
    numbers, _ = check_reference(reference, list(design.labels))
    chunk_size = chunk_size or (NOISE_CHUNK if noise_draws else CHUNK)
    tasks = tasks_of(design, chunk_size)
    per_specification = max(noise_draws * levels, 1)
    chosen = np.unique(np.linspace(0, len(tasks) - 1, SAMPLED).astype(int))
    noisy = noise_tasks(design, numbers, 0.05, SAMPLE_DRAWS, 0, chunk_size) if noise_draws else []

    def sample(place: int, size: int) -> tuple[float, int]:
        """Measure the seconds for part of a chunk, and count its trees."""
        task = tasks[place]
        # codes in the middle of the range have indicators present and absent
        low = max(task.low, (task.low + task.high - size) // 2)
        part = replace(task, low=low, high=min(task.high, low + size))
        # of this thread alone: what else the machine does is not a cost of ours
        start = time.thread_time()
        if noise_draws:
            count = len(compute_noise_chunk(replace(noisy[place], task=part))["choices"])
            # the unperturbed trees come once, the draws in their thousands
            return time.thread_time() - start, count * (SAMPLE_DRAWS + 1)
        count = len(compute_chunk(part)["choices"])
        return time.thread_time() - start, count * per_specification

    # once without a clock: on a first call code is compiled or loaded
    for place in chosen.tolist():
        sample(place, 10)
    spent, count = np.sum([sample(place, SAMPLE_SIZE) for place in chosen.tolist()], axis=0)
    chunk_bytes, result_bytes = _cost(design, tasks, noise_draws)
    return Plan(
        specifications=design.size,
        clusterings=design.size * per_specification,
        seconds_per_clustering=float(spent / max(count, 1)),
        cores=cores,
        chunks=len(tasks) * (levels if noise_draws else 1),
        chunk_bytes=chunk_bytes,
        result_bytes=result_bytes * (levels if noise_draws else 1),
    )
