"""Are neighbours alike? Moran's I, its local form, and the joins of a partition.

References
----------
Moran, P. A. P. (1950), Notes on continuous stochastic phenomena. Biometrika 37, 17-23.
Cliff, A. D., Ord, J. K. (1981), Spatial Processes.
Anselin, L. (1995), Local indicators of spatial association. Geographical Analysis 27, 93-115.
Benjamini, Y., Hochberg, Y. (1995), Controlling the false discovery rate. Journal of the Royal
Statistical Society B 57, 289-300.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from hclustkit.arguments import as_table, check_seed, check_whole
from hclustkit.arrays import Floats, Labels, as_numbers
from hclustkit.compare.labels import codes_of
from hclustkit.errors import InputError, refusal
from hclustkit.tree.neighbours import Neighbours, by_label

MOST_SETS = 10_000
"""Up to this many sets of neighbours a local test goes through all of them."""

_ROUNDING = 1e-12
_CHUNK = 200_000
"""Values drawn at a time."""
_DENSE = 64


@dataclass(frozen=True)
class Moran:
    """Moran's I of one variable.

    Attributes
    ----------
    value : float
        About 0 where neighbours are no more alike than others, 1 where they are very alike.
    expected : float
        Its mean over all orders of the values: -1 / (n - 1).
    p : float
        Share of the random orders, the observed one added, with a value as large or larger.
    critical : float
        The value that one random order in twenty reaches: the least that could be called
        association at the level 0.05 with so few objects.
    draws, n : int
    """

    value: float
    expected: float
    p: float
    critical: float
    draws: int
    n: int


def _deviations(values: Any, neighbours: Neighbours) -> Floats:
    x = as_numbers(by_label(values, neighbours.labels, "values"), "values")
    if x.shape != (neighbours.n,):
        text = f"{neighbours.n} numbers are needed, one for each object"
        raise refusal(text, "values", "values", x.shape)
    for label in neighbours.labels[~np.isfinite(x)]:
        text = f"the value of {label!r} is missing or infinite"
        raise refusal(text, f"values, {label}", "not-finite")
    z: Floats = x - x.mean() if len(x) else x
    if not len(neighbours.pairs) or np.abs(z).max() <= 64 * np.finfo(float).eps * np.abs(x).max():
        rule = "constant" if len(neighbours.pairs) else "no-neighbours"
        text = "Moran's I needs values that differ and objects that are neighbours"
        raise refusal(text, "values", rule)
    # a power of two changes no digit of a ratio and keeps squares in range
    scaled: Floats = np.ldexp(z, -np.frexp(np.abs(z).max())[1])
    return scaled


def _orders(n: int, draws: int, seed: int) -> Iterator[Any]:
    """Yield random orders of n places in chunks, the same for the same seed."""
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK // n)
    for start in range(0, draws, step):
        block = np.tile(np.arange(n), (min(step, draws - start), 1))
        yield rng.permuted(block, axis=1)


def moran(
    values: Any, neighbours: Neighbours, *, draws: int, seed: int, standardize: bool = False
) -> Moran:
    """Compute Moran's I and test it against random orders of the values.

    Parameters
    ----------
    values : Series matched by label, or array-like, shape (n,), in the order of the neighbours
    neighbours : Neighbours
    draws : int
    seed : int
    standardize : bool
        Whether the weights of each object add up to 1; otherwise each pair counts the same.
        With few objects of one neighbour the two can differ in sign.

    Returns
    -------
    Moran

    Raises
    ------
    InputError
        The values are constant or not n numbers, or there are no neighbours.

    Examples
    --------
    >>> from hclustkit.space import neighbours_from_pairs
    >>> path = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4))
    >>> round(moran([0, 0, 1, 1], path, draws=99, seed=1).value, 4)
    0.3333
    """
    z = _deviations(values, neighbours)
    check_whole(draws, "draws", 1)
    rows, columns = neighbours.both_ways()
    weights = 1 / neighbours.counts()[rows] if standardize else np.ones(len(rows))
    factor = len(z) / (math.fsum(weights) * math.fsum(z**2))
    value = factor * math.fsum(weights * z[rows] * z[columns])
    matrix = neighbours.matrix(standardize=standardize)
    if len(z) <= _DENSE:
        matrix = matrix.toarray()
    orders = _orders(len(z), draws, check_seed(seed))
    found = [factor * ((matrix @ z[order].T).T * z[order]).sum(axis=1) for order in orders]
    drawn = np.concatenate(found)
    reached = int((drawn >= value - _ROUNDING).sum())
    p, critical = (1 + reached) / (1 + draws), float(np.quantile(drawn, 0.95))
    return Moran(value, -1 / (len(z) - 1), p, critical, draws, len(z))


def without_ends(neighbours: Neighbours) -> Neighbours:
    """Leave out the objects that have fewer than two neighbours."""
    keep = np.flatnonzero(neighbours.counts() > 1)
    where = np.full(neighbours.n, -1)
    where[keep] = np.arange(len(keep))
    pairs = where[neighbours.pairs]
    return Neighbours(
        neighbours.labels[keep], pairs[(pairs >= 0).all(axis=1)], f"{neighbours.rule}, two or more"
    )


def moran_table(table: Any, neighbours: Neighbours, *, draws: int, seed: int) -> pd.DataFrame:
    """Compute Moran's I of every column in four ways.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        Its index holds the labels of the neighbours, in any order.
    neighbours : Neighbours
        Which rows of the table are neighbours.
    draws, seed : int
        Random orders for each test, and their seed.

    Returns
    -------
    DataFrame
        One row a column, kind of ``weights`` ("binary" or "standardized") and choice of
        ``objects`` ("all", or "two or more" neighbours): the fields of `Moran`. A column that
        is constant has no row.

    Examples
    --------
    >>> from hclustkit.space import neighbours_from_pairs
    >>> path = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4))
    >>> table = pd.DataFrame({"x": [1.0, 2, 3, 5]})
    >>> moran_table(table, path, draws=99, seed=1)["objects"].tolist()
    ['all', 'all', 'two or more', 'two or more']
    """
    checked = as_table(table)
    near = neighbours.take(checked.index)
    rows = []
    for objects, graph in (("all", near), ("two or more", without_ends(near))):
        for standardize in (False, True):
            for column in checked.columns:
                values = checked.loc[graph.labels, column]
                try:
                    found = moran(values, graph, draws=draws, seed=seed, standardize=standardize)
                except InputError as error:
                    if error.rule not in ("constant", "no-neighbours"):
                        raise
                    continue
                kind = "standardized" if standardize else "binary"
                which = {"column": column, "weights": kind, "objects": objects}
                rows.append(which | asdict(found))
    return pd.DataFrame(rows)


def local_moran(values: Any, neighbours: Neighbours, *, draws: int, seed: int) -> pd.DataFrame:
    """Test for each object whether its neighbours' values are unusual, its own held fixed.

    Parameters
    ----------
    values : array-like, shape (n,)
        In the order of the neighbours' labels.
    neighbours : Neighbours
        Who is next to whom.
    draws, seed : int
        For objects with more than 10,000 possible sets of neighbours; else all are gone through.

    Returns
    -------
    DataFrame, index the labels
        ``value``: (n - 1) z_i (mean of the neighbours' z) / (sum of z^2); ``p``: two-sided, from
        the sets of as many other objects; ``exact``: whether all sets were gone through;
        ``p_adjusted``: after Benjamini and Hochberg, over all objects with neighbours; ``kind``:
        "high-high", "low-low", "high-low" or "low-high". An object without neighbours has NaN.

    Raises
    ------
    InputError
        As `moran`.

    Examples
    --------
    >>> from hclustkit.space import neighbours_from_pairs
    >>> path = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4))
    >>> local_moran([0, 0, 1, 1], path, draws=99, seed=1)["value"].tolist()
    [0.75, 0.0, 0.0, 0.75]
    """
    z = _deviations(values, neighbours)
    n = len(z)
    check_whole(draws, "draws", 1)
    rng = np.random.default_rng(check_seed(seed))
    weights = neighbours.matrix()
    rows = []
    for i in range(n):
        near = weights.indices[weights.indptr[i] : weights.indptr[i + 1]]
        if not len(near):
            rows.append((math.nan, math.nan, False, ""))
            continue
        others = np.delete(z, i)
        lag = math.fsum(z[near]) / len(near)
        exact = math.comb(n - 1, len(near)) <= MOST_SETS
        if exact:
            sets = np.array(list(combinations(range(n - 1), len(near))))
        else:
            sets = _random_sets(rng, n - 1, len(near), draws)
        drawn = others[sets].mean(axis=1)
        rounding = _ROUNDING * float(np.abs(z).max())
        above = int((drawn >= lag - rounding).sum())
        below = int((drawn <= lag + rounding).sum())
        added = 0 if exact else 1
        p = min(1.0, 2 * (min(above, below) + added) / (len(drawn) + added))
        kind = f"{'high' if z[i] > 0 else 'low'}-{'high' if lag > 0 else 'low'}"
        rows.append(((n - 1) * z[i] * lag / math.fsum(z**2) + 0.0, p, exact, kind))
    found = pd.DataFrame(rows, index=neighbours.labels, columns=["value", "p", "exact", "kind"])
    tested = found["p"].notna()
    found.loc[tested, "p_adjusted"] = false_discovery_control(found.loc[tested, "p"])
    return found[["value", "p", "p_adjusted", "exact", "kind"]]


def _random_sets(rng: np.random.Generator, n: int, size: int, draws: int) -> Any:
    """Draw sets of different places, one a row."""
    if n <= 4 * size or n <= 64:
        return rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)[:, :size]
    sets = rng.integers(n, size=(draws, size))
    again = np.arange(draws)
    while len(again):
        sets[again] = rng.integers(n, size=(len(again), size))
        ordered = np.sort(sets[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
    return sets


@dataclass(frozen=True)
class JoinCounts:
    """The pairs of neighbours that a partition keeps together.

    Attributes
    ----------
    same : int
        Pairs of neighbours in one cluster.
    pairs : int
        Pairs of neighbours.
    expected : float
        Mean of ``same`` over all orders of the objects.
    p : float
        Share of the random orders, the observed one added, with as many or more.
    pieces : dict
        Connected pieces of each cluster; 1 for a contiguous one.
    """

    same: int
    pairs: int
    expected: float
    p: float
    pieces: dict[Any, int]


def join_counts(partition: Labels, neighbours: Neighbours, *, draws: int, seed: int) -> JoinCounts:
    """Count the neighbours in one cluster, and compare with random orders of the objects.

    Parameters
    ----------
    partition : array-like, shape (n,)
        The cluster of each object, in the order of the neighbours' labels.
    neighbours : Neighbours
        Who is next to whom.
    draws, seed : int
        Random orders and their seed.

    Returns
    -------
    JoinCounts

    Raises
    ------
    InputError
        The partition has another length.

    Examples
    --------
    >>> from hclustkit.space import neighbours_from_pairs
    >>> path = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4))
    >>> found = join_counts([1, 1, 2, 2], path, draws=99, seed=1)
    >>> found.same, found.expected, found.pieces
    (2, 1.0, {1: 1, 2: 1})
    """
    cluster = codes_of(by_label(partition, neighbours.labels, "partition"))
    n = neighbours.n
    if cluster.shape != (n,):
        text = f"the partition has {len(cluster)} objects, the neighbours {n}"
        raise refusal(text, "partition", "same-objects", len(cluster))
    check_whole(draws, "draws", 1)
    one, two = neighbours.pairs.T
    same = int((cluster[one] == cluster[two]).sum())
    sizes = np.bincount(cluster)
    chance = float((sizes * (sizes - 1)).sum()) / max(n * (n - 1), 1)
    reached = 0
    for order in _orders(n, draws, check_seed(seed)):
        drawn = cluster[order]
        reached += int(((drawn[:, one] == drawn[:, two]).sum(axis=1) >= same).sum())
    pieces = {key: int(count) for key, count in neighbours.piece_count(partition).items()}
    p = (1 + reached) / (1 + draws)
    return JoinCounts(same, len(one), len(one) * chance, p, pieces)
