"""Could columns that nobody has seen give a partition? Found, proved impossible, or open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.arguments import as_table, check_seed, check_whole
from hclustkit.arrays import Bools, Floats, as_numbers
from hclustkit.compare.partitions import compare
from hclustkit.errors import refusal
from hclustkit.scaling import standardize
from hclustkit.sensitivity.columns import partitions_with, wanted_partition
from hclustkit.sensitivity.forcing import descend
from hclustkit.sensitivity.separation import Separation, separation

_CODES = {"zscore": 0, "log-zscore": 0, "range": 1, "rank": 2}
_STEP, _SPREAD = 0.3, 0.1
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class FreeColumns:
    """Whether free columns beside a table can give a partition.

    Attributes
    ----------
    status : {"reachable", "impossible", "open"}
        For one column: values were found; it is proved that there are none; or neither.
    separation : Separation
        The proof, or what it lacks.
    excess : float
        The smallest summed excess cost of forcing the partition with one column; 0 if reachable.
    n_least : int
        The smallest number of columns that is not proved impossible.
    columns : DataFrame or None
        Unscaled values of the fewest columns for which some were found.
    """

    status: str
    separation: Separation
    excess: float
    n_least: int
    columns: pd.DataFrame | None


def free_columns(
    table: pd.DataFrame,
    partition: pd.Series,
    *,
    seed: int,
    scaling: str = "zscore",
    most: int = 3,
    starts: int = 40,
    moves: int = 4000,
) -> FreeColumns:
    """Find the fewest columns beside a table with which Ward's method gives a partition.

    Parameters
    ----------
    table : DataFrame, shape (n, p), unscaled
    partition : Series, label -> cluster
    seed : int
    scaling : {"zscore", "range", "rank", "log-zscore"}
        Scaling of the table and of the free columns.
    most : int
        Largest number of columns tried.
    starts, moves : int
        Searches for each number of columns, and random moves in each.

    Returns
    -------
    FreeColumns

    Raises
    ------
    InputError
        A bad table, seed or number, a row without a cluster, a scaling that sets no limits.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.5]})
    >>> found = free_columns(table, pd.Series([0, 1, 0, 1]), seed=1)
    >>> found.status, found.columns.shape
    ('reachable', (4, 1))
    """
    table = as_table(table, min_rows=2)
    wanted = wanted_partition(partition, table)
    seed, most = check_seed(seed), check_whole(most, "most", 1)
    starts, moves = check_whole(starts, "starts", 1), check_whole(moves, "moves", 1)
    z = standardize(table, scaling).to_numpy()
    apart = separation(z, wanted, scaling)
    # rounded, since the search would go another way for another last bit
    squares = squareform(pdist(z, "sqeuclidean")).round(_DECIMALS)
    centres = apart.means.round(_DECIMALS)
    spread = max(round(float(centres.std()), _DECIMALS), 1e-9)
    k, n = int(wanted.max()) + 1, len(table)
    least = 2 if apart.impossible else 1
    while apart.without_order > least * apart.most_squares * (1 + 1e-9):
        least += 1
    excess, columns = np.inf, None
    for q in range(1, most + 1):
        # where there can be none, some searches still show how near one comes
        for start in range(starts if q >= least else max(1, starts // 10)):
            rng = np.random.default_rng([seed, q, start])
            means = rng.standard_normal((q, k))
            if start == 0:
                means[0] = centres / spread + 0.01 * means[0]
            first = means[:, wanted] + _SPREAD * rng.standard_normal((q, n))
            tried = rng.standard_normal((moves, q, n))
            cost, found = descend(squares, first, tried, wanted, _CODES[scaling], _STEP)
            excess = min(excess, cost) if q == 1 else excess
            if cost <= 0.0:
                columns = _unscale(table, found, scaling)
                if (
                    partitions_with(table, columns.to_numpy()[None], k=k, scaling=scaling) == wanted
                ).all():
                    break
                columns = None
        if columns is not None:
            break
    status = "impossible" if apart.impossible else "open"
    if columns is not None and columns.shape[1] == 1:
        status = "reachable"
    return FreeColumns(status, apart, float(excess), least, columns)


def _unscale(table: pd.DataFrame, found: Floats, scaling: str) -> pd.DataFrame:
    """Return columns that the scaling turns into those found."""
    values = np.exp(found) if scaling == "log-zscore" else found
    return pd.DataFrame(values.T, index=table.index)


def best_agreement(
    table: pd.DataFrame,
    partition: pd.Series,
    *,
    seed: int,
    start: Floats | None = None,
    accept: Callable[[Floats], Bools] | None = None,
    scaling: str = "zscore",
    method: str = "ward",
    rounds: int = 30,
    size: int = 400,
) -> tuple[float, Floats]:
    """Search for one further column with which a clustering agrees best with a partition.

    Parameters
    ----------
    table : DataFrame, shape (n, p), unscaled
    partition : Series, label -> cluster
    seed : int
    start : array, shape (n,), optional
        A column to begin from; its logarithm is varied. Without it columns are drawn at random.
    accept : callable, optional
        Takes columns, shape (B, n), and says which of them count.
    scaling, method : str
    rounds, size : int
        Rounds of variation, and columns in each.

    Returns
    -------
    index : float
        The largest adjusted Rand index found, not the largest there is; -inf where no column
        counted.
    column : array, shape (n,)
        Positive values that give it.

    Raises
    ------
    InputError
        A bad table, seed, scaling or linkage, a row without a cluster, a start that is not
        positive.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.5]})
    >>> best_agreement(table, pd.Series([0, 1, 0, 1]), seed=1)[0]
    1.0
    """
    table = as_table(table, min_rows=2)
    wanted = wanted_partition(partition, table)
    rng = np.random.default_rng(check_seed(seed))
    size, rounds = check_whole(size, "size", 1), check_whole(rounds, "rounds", 1)
    start = np.ones(len(table)) if start is None else as_numbers(start, "start", "positive")
    if start.shape != (len(table),) or not ((start > 0) & np.isfinite(start)).all():
        text = f"start: {len(table)} positive values are needed"
        raise refusal(text, "start", "positive", start.shape)
    centre = np.log(start)
    unit = float(centre.std()) or 1.0
    k = int(wanted.max()) + 1
    parents = centre + unit * rng.standard_normal((size, len(table)))
    best, column = -np.inf, np.exp(centre)
    for at in range(rounds):
        values = np.exp(parents)
        score = np.full(len(values), -np.inf)
        kept = np.ones(len(values), dtype=bool) if accept is None else accept(values)
        if kept.any():
            tried = values[kept][:, :, None]
            labels = partitions_with(table, tried, k=k, scaling=scaling, method=method)
            score[kept] = compare(labels, wanted)[0]
        order = np.argsort(-score, kind="stable")[: max(1, size // 10)]
        if score[order[0]] > best:
            best, column = float(score[order[0]]), values[order[0]]
        chosen = parents[order[rng.integers(len(order), size=size)]]
        step = unit * 0.9**at
        parents = np.concatenate(
            [parents[order], chosen + step * rng.standard_normal(chosen.shape)]
        )
    return best, column
