"""Chunks through joblib: threads here, or a Dask cluster where one is named.

The compiled loops release the interpreter lock, so threads use every core without copies.
With the environment variable ``DASK_SCHEDULER_ADDRESS`` set, the same calls go to the
cluster behind that address. A chunk lost with its worker is computed again elsewhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import joblib
from tqdm import tqdm

from hclustkit.errors import InputError
from hclustkit.multiverse.checks import check_whole
from hclustkit.multiverse.store import Arrays, ChunkStore

ADDRESS = "DASK_SCHEDULER_ADDRESS"
PROGRESS = "KZCLUSTERS_PROGRESS"


def shows_progress(wanted: bool | None = None) -> bool:
    """Whether to draw a progress bar: as ``wanted``, else as the environment variable
    ``KZCLUSTERS_PROGRESS`` says (0 or 1), else where standard error is a terminal."""
    if wanted is not None:
        return wanted
    given = os.environ.get(PROGRESS)
    return given != "0" if given else sys.stderr.isatty()


@contextmanager
def backend(n_jobs: int | None) -> Iterator[None]:
    """joblib's backend for the calls inside: threads, or Dask where an address is set."""
    address = os.environ.get(ADDRESS)
    if not address:
        with joblib.parallel_config(backend="threading", n_jobs=n_jobs or joblib.cpu_count()):
            yield
        return
    from distributed import Client

    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{ADDRESS}: no Dask scheduler at {address!r}: {error}") from None
    with client, joblib.parallel_config(backend="dask", client=client, n_jobs=-1):
        yield


def _numbered(function: Callable[[Any], Arrays], number: int, task: Any) -> tuple[int, Arrays]:
    return number, function(task)


def compute(
    function: Callable[[Any], Arrays],
    tasks: Sequence[Any],
    *,
    weights: Sequence[int],
    store: ChunkStore | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    unit: str = "clusterings",
) -> tuple[list[Arrays], int]:
    """``function`` of each task, in the order of the tasks.

    Parameters
    ----------
    function : importable function of one task, returning arrays by name
    tasks : sequence
        Objects that carry their arrays as attributes. (Bare arrays as arguments would be
        scattered by joblib to one worker, and lost with it.)
    weights : sequence of int
        Size of each task, for the progress bar.
    store : ChunkStore or None
        Where finished chunks are kept and looked for.
    n_jobs : int or None
        Threads; None takes as many as there are cores. No matter for Dask.
    progress : bool or None
        See `shows_progress`.
    unit : str

    Returns
    -------
    results : list, one for each task
    resumed : how many came from the store
    """
    if n_jobs is not None:
        n_jobs = check_whole(n_jobs, "n_jobs", 1)
    results: list[Arrays | None] = [None] * len(tasks)
    if store is not None:
        results = [store.load(number) for number in range(len(tasks))]
    open_ = [number for number, result in enumerate(results) if result is None]
    done = sum(weights) - sum(weights[number] for number in open_)
    with tqdm(
        total=sum(weights),
        initial=done,
        unit=f" {unit}",
        unit_scale=True,
        file=sys.stderr,
        disable=not shows_progress(progress),
    ) as bar:
        if open_:
            with backend(n_jobs):
                finished = joblib.Parallel(return_as="generator_unordered")(
                    joblib.delayed(_numbered)(function, number, tasks[number]) for number in open_
                )
                for number, result in finished:
                    if store is not None:
                        store.save(number, result)
                    results[number] = result
                    bar.update(weights[number])
    return results, len(tasks) - len(open_)
