"""Chunks of work through joblib: threads here, or a Dask cluster where one is named.

The compiled loops release the interpreter lock, so threads use every core without copies.
With the environment variable ``DASK_SCHEDULER_ADDRESS`` set, the same calls go to the
cluster behind that address; a chunk lost with its worker is computed again elsewhere.
Finished chunks are kept by `joblib.Memory`, in a folder that the workers must share.
"""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache as once
from functools import reduce
from pathlib import Path
from typing import Any

import joblib
import numba
import numpy as np

from hclustkit.arguments import check_whole
from hclustkit.errors import refusal
from hclustkit.progress import progress_bar

ADDRESS = "DASK_SCHEDULER_ADDRESS"

Arrays = dict[str, np.ndarray]


def total(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """Add the arrays, of which there is at least one."""
    return reduce(np.add, arrays)


@contextmanager
def backend(n_jobs: int | None) -> Iterator[None]:
    """Choose joblib's backend for the calls inside: threads, or Dask where an address is set."""
    address = os.environ.get(ADDRESS)
    if not address:
        with joblib.parallel_config(backend="threading", n_jobs=n_jobs or joblib.cpu_count()):
            yield
        return
    from distributed import Client

    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        text = f"{ADDRESS}: no Dask scheduler at {address!r}: {error}"
        raise refusal(text, ADDRESS, "scheduler", address) from None
    with client, joblib.parallel_config(backend="dask", client=client, n_jobs=-1):
        yield


@once
def code_version() -> str:
    """Digest the package's sources and the versions of what computes: kept chunks depend on it."""
    digest = hashlib.sha256(f"numpy {np.__version__} numba {numba.__version__}".encode())
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _compute_named(name: str, function: Callable[[Any], Arrays], task: Any) -> tuple[str, Arrays]:
    """Compute a task and return its name as well, which identifies the chunk."""
    return name, function(task)


class _CachedFunction:
    """A function that reads finished chunks from a folder and writes new ones there.

    It takes tasks with their names, which are digests of them and all that joblib looks at: a task
    holds the whole table. A file that holds the chunk of another task is not used.
    """

    def __init__(self, function: Callable[[Any], Arrays], folder: Path) -> None:
        # compressed, because that carries a checksum
        memory = joblib.Memory(folder, verbose=0, compress=1)
        self.calls: Any = memory.cache(_compute_named, ignore=["function", "task"])
        # a damaged chunk changes no result; joblib would write it to the error stream
        self.calls.warn = logging.getLogger("hclustkit").info
        self.function = function

    def holds(self, name: str) -> bool:
        """Tell whether there is a chunk of this name."""
        return bool(self.calls.check_call_in_cache(name, self.function, None))

    def __call__(self, named: tuple[str, Any]) -> Arrays:
        name, task = named
        found = self.calls(name, self.function, task)
        if not (isinstance(found, tuple) and found[:1] == (name,)):
            again = self.calls.call(name, self.function, task)
            found = again if again[0] == name else again[0]  # since joblib 1.5 with what it noted
        result: Arrays = found[1]
        return result


def _run_numbered(function: Callable[[Any], Arrays], number: int, task: Any) -> tuple[int, Arrays]:
    with warnings.catch_warnings():
        # on a busy machine joblib's store warns that it is slow; that changes no result
        warnings.filterwarnings("ignore", "Persisting input arguments took", UserWarning)
        return number, function(task)


def compute(
    function: Callable[[Any], Arrays],
    tasks: Sequence[Any],
    *,
    weights: Sequence[int],
    cache: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
) -> tuple[list[Arrays], int]:
    """Compute a function of each task, in the order of the tasks.

    Parameters
    ----------
    function : importable function of one task, returning arrays by name
    tasks : sequence
        Objects that carry their arrays as attributes. (Bare arrays as arguments would be
        scattered by joblib to one worker, and lost with it.)
    weights : sequence of int
        Size of each task, for the progress bar.
    cache : path, optional
        Where finished chunks are kept and looked for. Other tasks, data or code never meet
        them, and a damaged one is computed again.
    n_jobs : int, optional
        Threads; by default as many as there are cores. Dask uses all its workers.
    progress : bool, optional
        See `hclustkit.progress.shows_progress`.

    Returns
    -------
    results : list, one for each task
    resumed : int
        How many came from the cache.
    """
    if n_jobs is not None:
        n_jobs = check_whole(n_jobs, "n_jobs", 1)
    call, given, resumed = function, list(tasks), 0
    if cache is not None:
        call = cached = _CachedFunction(function, Path(cache) / code_version())
        given = [(str(joblib.hash((function.__qualname__, task))), task) for task in tasks]
        resumed = sum(cached.holds(name) for name, _ in given)
    results: list[Arrays] = [{}] * len(tasks)
    with progress_bar(sum(weights), "clusterings", progress) as advance, backend(n_jobs):
        finished = joblib.Parallel(return_as="generator_unordered")(
            joblib.delayed(_run_numbered)(call, number, task) for number, task in enumerate(given)
        )
        for number, result in finished:
            results[number] = result
            advance(weights[number])
    return results, resumed
