"""A published partition beside every other partition with clusters of the same sizes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hclustkit.arguments import check_seed, check_whole
from hclustkit.arrays import Bools, Floats, Ints, as_numbers
from hclustkit.compare.partitions import check_reference, together
from hclustkit.errors import refusal
from hclustkit.multiverse.contiguous import neighbours_of
from hclustkit.published.enumeration import check_sizes, cluster_sums, tally_partitions

ROUNDING = 1e-12
"""Means this close are equal: they are sums in another order."""
BLOCK = 2**24
"""Numbers in the largest intermediate array."""


@dataclass(frozen=True)
class Among:
    """Partitions with some property, and how many agree at least as well as the published one.

    Attributes
    ----------
    n : int
        How many partitions have the property.
    published : bool
        Whether the published one is among them.
    reached : dict, name -> int
        How many have a mean index at least as high as the published one's, ties included.
    """

    n: int
    published: bool
    reached: dict[str, int]

    @property
    def share(self) -> dict[str, float]:
        """``reached`` as shares of ``n``; not a number where no partition has the property."""
        return {name: count / self.n if self.n else np.nan for name, count in self.reached.items()}


@dataclass(frozen=True, eq=False)
class EveryPartition:
    """What `every_partition` found.

    Attributes
    ----------
    table : DataFrame, one row a combination of properties
        A column for each property, ``partitions`` (how many have it), and for each set of
        partitions, by its name, how many of these reach the published one's mean index.
    published : dict
        The properties of the published partition.
    observed : dict, name -> float
        Its mean adjusted Rand index.
    """

    table: pd.DataFrame
    published: dict[str, int]
    observed: dict[str, float]

    def among(self, **properties: int) -> Among:
        """Count the partitions with given properties; all of them without any.

        Raises
        ------
        InputError
            A property that was not counted.
        """
        rows = self.table
        for name, value in properties.items():
            if name not in self.published:
                text = (
                    f"no property {name!r} was counted, only {', '.join(self.published) or 'none'}"
                )
                raise refusal(text, "properties", "unknown-property", name)
            rows = rows[rows[name] == value]
        return Among(
            n=int(rows["partitions"].sum()),
            published=all(self.published[name] == value for name, value in properties.items()),
            reached={name: int(rows[name].sum()) for name in self.observed},
        )


def index_by_pair(
    partitions: npt.ArrayLike, weights: npt.ArrayLike, published_pairs: int
) -> tuple[Floats, float]:
    """Write the mean adjusted Rand index as a sum over the pairs that are together.

    With the sizes of the clusters fixed, the index of a partition with another one is a straight
    line in the number of pairs that both put together.

    Parameters
    ----------
    partitions : integer array, shape (U, n)
    weights : array, shape (U,)
        How often each counts.
    published_pairs : int
        Pairs together in the partition that is compared.

    Returns
    -------
    by_pair : float64 array, shape (n (n - 1) / 2,)
    constant : float

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Journal of Classification 2, 193-218, equation 5.

    Examples
    --------
    >>> by_pair, constant = index_by_pair([[0, 0, 1, 1]], [1], 2)
    >>> round(float(by_pair[0] + by_pair[5] + constant), 12)
    1.0
    """
    pairs = together(np.asarray(partitions))
    weight = np.asarray(weights, dtype=np.float64)
    size = pairs.sum(axis=1).astype(np.float64)
    expected = size * published_pairs / pairs.shape[1]
    room = (size + published_pairs) / 2 - expected
    fixed = room == 0  # both all singles, or both one cluster
    slope = np.where(fixed, 0.0, weight / np.where(fixed, 1.0, room))
    constant = weight[fixed].sum() - (slope * expected).sum()
    return slope @ pairs / weight.sum(), float(constant / weight.sum())


def _properties(
    rows: Ints,
    inside: Bools,
    objects: list[Hashable],
    neighbours: pd.DataFrame | None,
    alone: Sequence[Hashable],
) -> dict[str, Ints]:
    """Return the properties of partitions, one a row, among the objects that are inside."""
    found, n = {}, len(objects)
    if neighbours is not None:
        near = neighbours_of(neighbours, objects)
        pairs = [(i, j) for i in range(n) for j in near[i] if i < j]
        same = [(rows[:, i] == rows[:, j]) & inside[:, i] & inside[:, j] for i, j in pairs]
        # the first object that each one is connected with
        first = np.tile(np.arange(n, dtype=np.int32), (len(rows), 1))
        before = np.zeros_like(first)
        while (first != before).any():
            before = first.copy()
            for (i, j), joined in zip(pairs, same, strict=True):
                low = np.minimum(first[:, i], first[:, j])
                for place in (i, j):
                    first[:, place] = np.where(joined, low, first[:, place])
        found["pieces"] = ((first == np.arange(n)) & inside).sum(axis=1)
        found["neighbours"] = np.sum(same, axis=0, dtype=np.int64)
    if alone:
        places = [objects.index(label) for label in alone]
        single = [inside[:, x] & ((rows == rows[:, [x]]).sum(axis=1) == 1) for x in places]
        found["alone"] = np.sum(single, axis=0, dtype=np.int64)
    return found


def _draw(published: Ints, draws: Any, seed: int | None) -> Ints:
    """Return the published partition, then those that are drawn."""
    if not np.iterable(draws):
        rng = np.random.default_rng(check_seed(seed))
        drawn = np.tile(published, (check_whole(draws, "draws", 1), 1))
        return np.vstack([published, rng.permuted(drawn, axis=1)])
    given = as_numbers(draws, "draws")
    sizes = np.sort(np.bincount(published))
    fits = given.ndim == 2 and given.shape[1] == len(published) and np.isfinite(given).all()
    if not fits or any(
        not np.array_equal(np.sort(np.unique(row, return_counts=True)[1]), sizes) for row in given
    ):
        text = (
            f"draws: expected partitions of {len(published)} objects into clusters of the "
            "published sizes, one a row"
        )
        raise refusal(text, "draws", "partitions-shape", given.shape)
    return np.vstack([published, given.astype(np.int64)])


def _tally_drawn(
    rows: Ints, lines: Mapping[str, tuple[Floats, float]], properties: dict[str, Ints]
) -> pd.DataFrame:
    """Tally drawn partitions, the published one first, by their properties."""
    counted = {"partitions": np.ones(len(rows), dtype=np.int64)}
    step = max(1, BLOCK // rows.shape[1] ** 2)
    for name, (line, _) in lines.items():
        blocks = [together(rows[low : low + step]) @ line for low in range(0, len(rows), step)]
        score = np.concatenate(blocks)
        counted[name] = (score >= score[0] - ROUNDING).astype(np.int64)
    by: Any = [pd.Series(values, name=name) for name, values in properties.items()]
    if not by:
        by = np.zeros(len(rows), np.int64)
    return pd.DataFrame(counted).groupby(by).sum().reset_index()


def every_partition(
    published: pd.Series[Any],
    partitions: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    *,
    neighbours: pd.DataFrame | None = None,
    alone: Sequence[Hashable] = (),
    draws: int | npt.ArrayLike | None = None,
    seed: int | None = None,
) -> EveryPartition:
    """Set a published partition beside every partition with clusters of its sizes.

    Nothing is drawn unless asked for: all of them are gone through, and those with a mean adjusted
    Rand index at least as high as the published one's are counted. A share of them is the p-value
    of the test that relabels the objects; it says how special the published grouping is, not which
    of the compared partitions is right.

    Parameters
    ----------
    published : Series, label -> cluster
    partitions : mapping, name -> (array of shape (U, n), array of shape (U,))
        Partitions to compare with, the objects in the order of ``published``, and how often
        each counts in the mean.
    neighbours : DataFrame, optional
        One row a pair of neighbours, in its first two columns. Then the partitions are counted
        by ``pieces``, the connected parts of their clusters, and ``neighbours``, how many pairs
        of neighbours are together.
    alone : sequence of labels, optional
        Then they are also counted by how many of these objects are alone in their cluster.
    draws : int, or integer array of shape (R, n), optional
        Where there are too many to go through: how many to draw with ``seed``, the objects
        relabelled, or partitions drawn otherwise, as by
        `hclustkit.multiverse.contiguous_partitions`. The published one counts as one more, so
        that shares are (1 + b) / (1 + R) where it has the property.
    seed : int, optional

    Returns
    -------
    EveryPartition

    Raises
    ------
    InputError
        More than 20 objects or two thousand million partitions, and no draws; a bad list of
        neighbours or seed; a label that the published partition does not have; partitions of other
        objects, or draws of other sizes.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Journal of Classification 2, 193-218.

    Examples
    --------
    >>> published = pd.Series(list("AABC"), index=list("abcd"))
    >>> found = every_partition(published, {"mine": ([[0, 0, 1, 2]], [1])}, alone=["d"])
    >>> found.among().n, found.among().reached, found.among(alone=1).n
    (6, {'mine': 1}, 3)
    """
    objects = list(published.index)
    numbers, _ = check_reference(published, objects)
    n = check_whole(len(objects), "number of published objects", 2)
    sizes = np.bincount(numbers).tolist()
    if draws is None:
        check_sizes(sizes)
    for label in alone:
        if label not in objects:
            text = f"alone: {label!r} is not a label of the published partition"
            raise refusal(text, "alone", "unknown-label", label)
    pairs = int(together(numbers[None, :]).sum())
    lines = {}
    for name, (rows, weights) in partitions.items():
        given = np.asarray(rows)
        if given.ndim != 2 or given.shape[1] != n or len(given) == 0:
            text = f"{name}: expected partitions of {n} objects, one a row, got {given.shape}"
            raise refusal(text, name, "partitions-shape", given.shape)
        lines[name] = index_by_pair(given, weights, pairs)
    rows = numbers[None, :] if draws is None else _draw(numbers, draws, seed)
    own = _properties(rows, np.ones(rows.shape, dtype=bool), objects, neighbours, alone)
    own_pairs = together(rows[:1])[0]
    targets = {name: float(own_pairs @ line) for name, (line, _) in lines.items()}
    if draws is None:
        scores = cluster_sums(np.array([line for line, _ in lines.values()]), n)
        subsets = np.arange(1 << n)[:, None] >> np.arange(n) & 1
        each = _properties(subsets, subsets == 1, objects, neighbours, alone)
        table = _tally_all(sizes, scores, targets, each)
    else:
        table = _tally_drawn(rows, lines, own)
    return EveryPartition(
        table=table,
        published={name: int(values[0]) for name, values in own.items()},
        observed={name: targets[name] + constant for name, (_, constant) in lines.items()},
    )


def _tally_all(
    sizes: list[int], scores: Floats, targets: dict[str, float], properties: dict[str, Ints]
) -> pd.DataFrame:
    """Tally every partition by its properties, the sums of what its clusters have."""
    radix = [int(values.max()) * len(sizes) + 1 for values in properties.values()]
    steps = np.concatenate([[1], np.cumprod(radix)]).astype(np.int64)
    keys = np.zeros(scores.shape[1], dtype=np.int64)
    for step, values in zip(steps, properties.values(), strict=False):
        keys += step * values
    tally = tally_partitions(sizes, scores, np.array(list(targets.values())) - ROUNDING, keys)
    kept = np.flatnonzero(tally[:, 0])
    columns: dict[str, Any] = {
        name: kept // step % size
        for name, step, size in zip(properties, steps, radix, strict=False)
    }
    columns["partitions"] = tally[kept, 0]
    for m, name in enumerate(targets, start=1):
        columns[name] = tally[kept, m]
    return pd.DataFrame(columns)
