"""The share of space as one more choice of every specification of a grid.

For a linkage other than Ward's the mixture is the root of the mixed squares, taken as a distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import check_seed
from hclustkit.arrays import Floats, Ints, as_numbers, check_squares
from hclustkit.compare.partitions import check_reference
from hclustkit.errors import refusal
from hclustkit.multiverse.engine import CHUNK, Task, tasks_of
from hclustkit.multiverse.gather import choice_columns
from hclustkit.multiverse.grid import Grid, prepare
from hclustkit.multiverse.parallel import Arrays, compute
from hclustkit.space.soft import ALPHAS
from hclustkit.tree.engine import LINKAGES
from hclustkit.tree.given_distances import distances_between
from hclustkit.tree.mixed_loops import mixtures_of_sums


@dataclass(frozen=True, eq=False)
class _MixedTask:
    """A chunk of specifications with the shares of space."""

    task: Task
    space: Floats
    alphas: Floats
    reference: Ints
    seed: tuple[int, int] | None

    def orders(self, count: int) -> Ints:
        """Deal the rows to the labels: as they are, or at random for each specification."""
        places = np.arange(self.task.n)[None]
        if self.seed is None:
            return places
        rng = np.random.default_rng(self.seed)
        return rng.permuted(np.repeat(places, max(count, 1), axis=0), axis=1)


@dataclass(frozen=True, eq=False)
class MixedGrid:
    """What every share of space does to every specification.

    Attributes
    ----------
    specifications : DataFrame
        ``year``, ``scaling``, ``linkage``, ``choice`` as in `hclustkit.multiverse.Result`, and
        ``alpha``, the share that `hclustkit.space.choose_alpha` chooses.
    index : DataFrame, one column a share
        The adjusted Rand index of each specification with the reference.
    """

    specifications: pd.DataFrame
    index: pd.DataFrame

    def at_rule(self) -> pd.Series:
        """Return the index of each specification at the share that the rule chooses."""
        place = self.index.columns.get_indexer(pd.Index(self.specifications["alpha"]))
        return pd.Series(self.index.to_numpy()[np.arange(len(place)), place])

    def by_alpha(self) -> pd.DataFrame:
        """Return the mean index by share, one column a linkage and ``all``."""
        means = self.index.groupby(self.specifications["linkage"], observed=True).mean().T
        return means.assign(all=self.index.mean()).rename_axis("alpha").rename_axis(None, axis=1)


def _compute_chunk(mixed: _MixedTask) -> Arrays:
    """Mix space into each specification of one chunk, and compare with the reference."""
    task = mixed.task
    choices, addends = task.specifications()
    index = np.empty((len(choices), len(mixed.alphas)))
    chosen = np.zeros(len(choices), dtype=np.int64)
    mixtures_of_sums(
        task.part.squares,
        addends,
        mixed.orders(len(choices)),
        mixed.space,
        mixed.alphas,
        LINKAGES.index(task.linkage),
        task.k,
        mixed.reference,
        index,
        chosen,
    )
    return {"choices": choices, "index": index, "chosen": chosen}


def run_mixed(
    grid: Grid,
    frame: pd.DataFrame,
    reference: pd.Series,
    space: pd.DataFrame,
    *,
    alphas: Sequence[float] = ALPHAS,
    seed: int | None = None,
    label: str | None = None,
    n_jobs: int | None = None,
    cache: str | Path | None = None,
    progress: bool | None = None,
) -> MixedGrid:
    """Mix space into every specification of a grid, both scaled to the same inertia.

    Parameters
    ----------
    grid : Grid
    frame : DataFrame
    reference : Series
        As for `hclustkit.multiverse.run`.
    space : DataFrame, square
        Dissimilarities in space, the labels on both sides.
    alphas : sequence of float
        Shares of space, rising from 0 to 1.
    seed : int, optional
        Deal the rows to the labels at random, again for each specification, to show what the
        dissimilarities in space contribute by themselves.
    label : str, optional
    n_jobs : int, optional
    cache : str or Path, optional
    progress : bool, optional
        As for `hclustkit.multiverse.run`.

    Returns
    -------
    MixedGrid
        Agreement of every specification with the reference at each share.

    Raises
    ------
    InputError
        As `hclustkit.multiverse.run`; the shares do not rise from 0 to 1, or ``space`` has
        other labels or is zero everywhere.

    Examples
    --------
    >>> from hclustkit.multiverse import Grid
    >>> frame = pd.DataFrame({"label": list("abc"), "year": 1, "indicator": "x",
    ...     "variant": "", "value": [0.0, 1.0, 5.0]})
    >>> grid = Grid.from_data(frame, k=2, scalings=["zscore"], linkages=["ward"])
    >>> far = pd.DataFrame([[0, 2, 1], [2, 0, 1], [1, 1, 0]], list("abc"), list("abc"))
    >>> found = run_mixed(grid, frame, pd.Series([1, 1, 2], list("abc")), far, alphas=[0, 1])
    >>> found.by_alpha()["all"].round(9).tolist()
    [1.0, -0.5]
    """
    shares = as_numbers(alphas, "alphas")
    if len(shares) < 2 or shares[0] != 0 or shares[-1] != 1 or (np.diff(shares) <= 0).any():
        raise refusal("the shares of space must rise from 0 to 1", "alphas", "range", alphas)
    seed = None if seed is None else check_seed(seed)
    design = prepare(grid, frame, label=label)
    numbers, _ = check_reference(reference, list(design.labels))
    between = _condense(space, design.labels)
    tasks = tasks_of(design, CHUNK, check_order=False)
    chunks, _ = compute(
        _compute_chunk,
        [
            _MixedTask(task, between**2, shares, numbers, None if seed is None else (seed, at))
            for at, task in enumerate(tasks)
        ],
        weights=[(task.high - task.low) * len(shares) for task in tasks],
        cache=cache,
        n_jobs=n_jobs,
        progress=progress,
    )
    specifications = pd.DataFrame(choice_columns(grid, tasks, chunks))
    specifications["alpha"] = shares[np.concatenate([chunk["chosen"] for chunk in chunks])]
    index = np.concatenate([chunk["index"] for chunk in chunks])
    return MixedGrid(specifications, pd.DataFrame(index, columns=list(alphas)))


def _condense(space: pd.DataFrame, labels: Sequence[Any]) -> Floats:
    """Return the dissimilarities in the order of the labels, condensed."""
    order = list(labels)
    if set(space.index) != set(order) or set(space.columns) != set(order):
        raise refusal("space: the labels are not those of the data", "space", "same-labels")
    d: Floats = distances_between(space.loc[order, order], "average", "precomputed")[0]
    if not d.any():
        raise refusal("space: all dissimilarities are zero", "space", "all-zero", 0.0)
    return check_squares(d)
