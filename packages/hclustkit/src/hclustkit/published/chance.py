"""A published partition beside every other partition with clusters of the same sizes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hclustkit.arguments import check_whole
from hclustkit.arrays import FloatArray, IntArray
from hclustkit.compare.partitions import check_reference, together
from hclustkit.errors import InputError
from hclustkit.multiverse.contiguous import neighbours_of
from hclustkit.published.enumeration import check_sizes, cluster_sums, tally_partitions

ROUNDING = 1e-12
"""Means this close are equal: they are sums in another order."""


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
        unknown = [label for label in alone if label not in objects]
        if unknown:
            raise InputError(
                f"alone: {unknown[0]!r} is not a label of the published partition",
                place="alone",
                rule="unknown-label",
                value=unknown[0],
            )
        single = np.zeros(1 << n, dtype=np.int64)
        single[[1 << objects.index(label) for label in alone]] = 1
        found["alone"] = single
    return found


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
) -> EveryPartition:
    """Set a published partition beside every partition with clusters of its sizes.

    Nothing is drawn: all of them are gone through, and those with a mean adjusted Rand index at
    least as high as the published one's are counted. A share of them is the p-value of the test
    that relabels the objects; it says how special the published grouping is, not which of the
    compared partitions is right.

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

    Returns
    -------
    EveryPartition

    Raises
    ------
    InputError
        More than 20 objects or two thousand million partitions; a bad list of neighbours; a label
        that the published partition does not have; partitions of other objects.

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
    check_sizes(sizes)
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
