"""Join the chunks of a grid: which specification is which, and which partitions there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hclustkit.compare.partitions import unique_rows
from hclustkit.multiverse.grid import Grid
from hclustkit.multiverse.parallel import Arrays

if TYPE_CHECKING:
    from hclustkit.multiverse.engine import Task


def choice_columns(grid: Grid, tasks: Sequence[Task], chunks: Sequence[Arrays]) -> dict[str, Any]:
    """List year, scaling, linkage and choice of every specification.

    Parameters
    ----------
    grid : Grid
    tasks : sequence of Task
    chunks : sequence of mapping
        What was computed for each task; ``choices`` is read.

    Returns
    -------
    dict of str to array or Categorical
        ``year``, ``scaling``, ``linkage``, ``choice``, in the order of the tasks.
    """
    lengths = [len(chunk["choices"]) for chunk in chunks]

    def each(names: list[str], known: tuple[str, ...]) -> pd.Categorical:
        """Repeat the name of each chunk for its specifications."""
        codes = np.repeat([known.index(name) for name in names], lengths)
        return pd.Categorical.from_codes(codes, categories=list(known))

    return {
        "year": np.repeat([task.part.year for task in tasks], lengths).astype(np.int32),
        "scaling": each([task.part.scaling for task in tasks], grid.scalings),
        "linkage": each([task.linkage for task in tasks], grid.linkages),
        "choice": np.concatenate([chunk["choices"] for chunk in chunks]),
    }


def rank_partitions(chunks: Sequence[Arrays]) -> tuple[np.ndarray, np.ndarray]:
    """Number the different partitions of all chunks, the most frequent first.

    Equally frequent ones are in lexicographic order.

    Parameters
    ----------
    chunks : sequence of mapping
        ``partitions`` are the different ones of the chunk, ``partition`` their rows.

    Returns
    -------
    partitions : unsigned integer array, shape (U, n)
    partition : int32 array, shape (specifications,)
        The row of each specification in ``partitions``.
    """
    rows, of_row = unique_rows(np.concatenate([chunk["partitions"] for chunk in chunks]))
    starts = np.cumsum([0, *(len(chunk["partitions"]) for chunk in chunks)])
    pairs = zip(starts[:-1], chunks, strict=True)
    partition = np.concatenate([of_row[start + chunk["partition"]] for start, chunk in pairs])
    frequency = np.bincount(partition)
    order = np.argsort(-frequency, kind="stable")
    number = np.empty(len(rows), dtype=np.int32)
    number[order] = np.arange(len(rows))
    return rows[order], number[partition]
