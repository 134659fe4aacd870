"""A published partition beside every other partition with clusters of the same sizes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hclustkit.arguments import check_seed, check_whole
from hclustkit.arrays import FloatArray, IntArray
from hclustkit.compare.partitions import check_reference, together
from hclustkit.errors import InputError
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


@dataclass(frozen=True)
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
                raise InputError(
                    f"no property {name!r} was counted, only {', '.join(self.published) or 'none'}",
                    place="properties",
                    rule="unknown-property",
                    value=name,
                )
            rows = rows[rows[name] == value]
        return Among(
            n=int(rows["partitions"].sum()),
            published=all(self.published[name] == value for name, value in properties.items()),
            reached={name: int(rows[name].sum()) for name in self.observed},
        )


def index_by_pair(
    partitions: npt.ArrayLike, weights: npt.ArrayLike, published_pairs: int
) -> tuple[FloatArray, float]:
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


def pieces_of(near: Sequence[Sequence[int]]) -> IntArray:
    """Count the connected parts of every subset of the objects, by its bits."""
    n = len(near)
    masks = [sum(1 << other for other in others) for others in near]
    pieces = np.zeros(1 << n, dtype=np.int64)
    for subset in range(1, 1 << n):
        part = grown = subset & -subset
        while grown:
            reached = 0
            while grown:
                lowest = grown & -grown
                reached |= masks[lowest.bit_length() - 1]
                grown ^= lowest
            grown = reached & subset & ~part
            part |= grown
        pieces[subset] = pieces[subset ^ part] + 1
    return pieces


def _properties(
    objects: list[Hashable], neighbours: pd.DataFrame | None, alone: Sequence[Hashable]
) -> dict[str, IntArray]:
    """Give what each subset of the objects adds to each property, by its bits."""
    n = len(objects)
    found = {}
    if neighbours is not None:
        near = neighbours_of(neighbours, objects)
        found["pieces"] = pieces_of(near)
        edge = [j in near[i] for i in range(n) for j in range(i + 1, n)]
        found["neighbours"] = cluster_sums(np.array([edge], dtype=np.int64), n)[0]
    if alone:
        single = np.zeros(1 << n, dtype=np.int64)
        single[[1 << objects.index(label) for label in alone]] = 1
        found["alone"] = single
    return found


def _drawn(
    rows: IntArray, objects: list[Hashable], edges: pd.DataFrame | None, alone: Sequence[Hashable]
) -> dict[str, IntArray]:
    """Give the properties of each of some partitions; see `_properties`."""
    n = len(objects)
    found = {}
    if edges is not None:
        near = neighbours_of(edges, objects)
        pairs = [(i, j) for i in range(n) for j in near[i] if i < j]
        same = [rows[:, i] == rows[:, j] for i, j in pairs]
        root, before = np.tile(np.arange(n), (len(rows), 1)), None
        while before is None or (root != before).any():
            before = root.copy()
            for (i, j), inside in zip(pairs, same, strict=True):
                low = np.minimum(root[:, i], root[:, j])
                root[:, i], root[:, j] = (np.where(inside, low, root[:, at]) for at in (i, j))
        found["pieces"] = (root == np.arange(n)).sum(axis=1)
        found["neighbours"] = np.sum(same, axis=0, dtype=np.int64)
    if len(alone):
        single = [(rows == rows[:, [objects.index(label)]]).sum(axis=1) == 1 for label in alone]
        found["alone"] = np.sum(single, axis=0, dtype=np.int64)
    return found


def _draw(published: IntArray, draws: Any, seed: int | None) -> IntArray:
    """Give the published partition, then those that are drawn."""
    if np.ndim(draws) == 0:
        rng = np.random.default_rng(check_seed(seed))
        drawn = np.tile(published, (check_whole(draws, "draws", 1), 1))
        return np.vstack([published, rng.permuted(drawn, axis=1)])
    drawn = np.asarray(draws)
    sizes = np.sort(np.bincount(published))
    shape = drawn.ndim == 2 and drawn.shape[1] == len(published)
    if not shape or any(
        not np.array_equal(np.sort(np.unique(row, return_counts=True)[1]), sizes) for row in drawn
    ):
        raise InputError(
            f"draws: expected partitions of {len(published)} objects into clusters of the "
            "published sizes, one a row",
            place="draws",
            rule="partitions-shape",
            value=drawn.shape,
        )
    return np.vstack([published, drawn])


def _among_drawn(
    rows: IntArray, lines: Mapping[str, tuple[FloatArray, float]], properties: dict[str, IntArray]
) -> EveryPartition:
    """Tally drawn partitions, the published one first, by their properties."""
    table = pd.DataFrame(properties | {"partitions": np.ones(len(rows), dtype=np.int64)})
    observed = {}
    step = max(1, BLOCK // (rows.shape[1] ** 2))
    blocks = [rows[low : low + step] for low in range(0, len(rows), step)]
    for name, (line, constant) in lines.items():
        score = np.concatenate([together(block) @ line for block in blocks])
        table[name] = (score >= score[0] - ROUNDING).astype(np.int64)
        observed[name] = float(score[0] + constant)
    published = {name: int(values[0]) for name, values in properties.items()}
    by = [table[name] for name in published] or [np.zeros(len(rows), dtype=np.int64)]
    tally = table.drop(columns=list(published)).groupby(by).sum().reset_index()
    return EveryPartition(tally, published, observed)


def _together_once(published: IntArray, values: Any) -> Any:
    """Add up what the clusters of the published partition contribute, given by their bits."""
    masks = [
        int(sum(1 << int(i) for i in np.flatnonzero(published == cluster)))
        for cluster in np.unique(published)
    ]
    return sum(values[mask] for mask in masks)


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
        One row a pair of neighbours, in its first two columns. Then the partitions are told
        apart by ``pieces``, the connected parts of their clusters, and ``neighbours``, how many
        pairs of neighbours are together.
    alone : sequence of labels, optional
        Then they are told apart by how many of these are clusters of their own.
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
            raise InputError(
                f"alone: {label!r} is not a label of the published partition",
                place="alone",
                rule="unknown-label",
                value=label,
            )
    pairs = int(together(numbers[None, :]).sum())
    lines = {}
    for name, (rows, weights) in partitions.items():
        given = np.asarray(rows)
        if given.ndim != 2 or given.shape[1] != n or len(given) == 0:
            raise InputError(
                f"{name}: expected partitions of {n} objects, one a row, got {given.shape}",
                place=name,
                rule="partitions-shape",
                value=given.shape,
            )
        lines[name] = index_by_pair(given, weights, pairs)
    if draws is not None:
        rows = _draw(numbers, draws, seed)
        return _among_drawn(rows, lines, _drawn(rows, objects, neighbours, alone))
    scores = cluster_sums(np.array([line for line, _ in lines.values()]), n)
    reached = np.array([_together_once(numbers, row) for row in scores])
    properties = _properties(objects, neighbours, alone)
    radix = [int(values.max()) * len(sizes) + 1 for values in properties.values()]
    steps = np.concatenate([[1], np.cumprod(radix)]).astype(np.int64)
    keys = np.zeros(1 << n, dtype=np.int64)
    for step, values in zip(steps, properties.values(), strict=False):
        keys += step * values
    tally = tally_partitions(sizes, scores, reached - ROUNDING, keys)
    kept = np.flatnonzero(tally[:, 0])
    columns: dict[str, Any] = {
        name: kept // step % size
        for name, step, size in zip(properties, steps, radix, strict=False)
    }
    columns["partitions"] = tally[kept, 0]
    columns |= {name: tally[kept, m + 1] for m, name in enumerate(lines)}
    return EveryPartition(
        table=pd.DataFrame(columns),
        published={name: int(_together_once(numbers, v)) for name, v in properties.items()},
        observed={
            name: float(value + constant)
            for (name, (_, constant)), value in zip(lines.items(), reached, strict=True)
        },
    )
