"""How near contiguous clusters can come to a given partition, and tables that keep its pattern.

References
----------
Wagner, H. H., Dray, S. (2015), Generating spatially constrained null models for irregularly
spaced data using Moran spectral randomization methods. Methods in Ecology and Evolution 6,
1169-1178.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_array
from hclustkit.arrays import Floats, Labels, check_k
from hclustkit.compare.labels import codes_of
from hclustkit.errors import refusal
from hclustkit.multiverse.contiguous import connected_sets
from hclustkit.tree.neighbours import Neighbours, by_label

MOST_OBJECTS = 24
"""Above this many objects the search for the best contiguous partition is refused."""


def largest_agreement(partition: Labels, neighbours: Neighbours, k: int) -> float:
    """Find the largest adjusted Rand index that k contiguous clusters can reach.

    Every partition into k connected clusters is considered: the index depends on the pairs that
    are together in both and the pairs together in the clusters, and both add up over clusters.

    Parameters
    ----------
    partition : array-like, shape (n,)
        The partition to be reached, in the order of the neighbours' labels; n at most 24.
    neighbours : Neighbours
    k : int

    Returns
    -------
    float
        NaN if no k connected clusters exist.

    Raises
    ------
    InputError
        There are too many objects, or k is out of range.

    Examples
    --------
    >>> from hclustkit.space import neighbours_from_pairs
    >>> path = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4))
    >>> largest_agreement([1, 1, 2, 2], path, 2)
    1.0
    >>> round(largest_agreement([1, 2, 1, 2], path, 2), 3)
    0.0
    """
    cluster = codes_of(by_label(partition, neighbours.labels, "partition"))
    n = neighbours.n
    check_k(k, n)
    if n > MOST_OBJECTS or len(cluster) != n:
        text = f"a partition of {n} objects, at most {MOST_OBJECTS}, is needed"
        rule = "same-objects" if len(cluster) != n else "too-many"
        raise refusal(text, "partition", rule, len(cluster))
    near = [0] * n
    for a, b in neighbours.pairs.tolist():
        near[a] |= 1 << b
        near[b] |= 1 << a
    masks = [sum(1 << int(i) for i in np.flatnonzero(cluster == c)) for c in np.unique(cluster)]

    @cache
    def pairs_of(group: int) -> tuple[int, int]:
        size = group.bit_count()
        both = sum(math.comb((group & mask).bit_count(), 2) for mask in masks)
        return both, math.comb(size, 2)

    @cache
    def reachable(left: int, count: int) -> frozenset[tuple[int, int]]:
        """Return the sums of pairs, in both and in the clusters, of all ways to divide."""
        if count == 0 or left == 0:
            return frozenset([(0, 0)] if count == 0 and left == 0 else [])
        start = (left & -left).bit_length() - 1
        found = set()
        for size in range(1, left.bit_count() - count + 2):
            for group in connected_sets(start, size, left, near):
                both, own = pairs_of(group)
                rest = reachable(left ^ group, count - 1)
                found |= {(both + one, own + two) for one, two in rest}
        return frozenset(found)

    pairs = math.comb(n, 2)
    given = sum(math.comb(mask.bit_count(), 2) for mask in masks)

    def index(both: int, own: int) -> float:
        chance, most = given * own / max(pairs, 1), (given + own) / 2
        return (both - chance) / (most - chance) if most != chance else 1.0

    sums = reachable((1 << n) - 1, k)
    return max((index(*one) for one in sums), default=math.nan)


def keep_pattern(table: Any, neighbours: Neighbours, rng: np.random.Generator) -> Floats:
    """Make a table with the same spatial pattern in other places.

    The columns are written in the eigenvectors of the centred neighbour matrix, and the signs of
    their coefficients drawn at random, the same for all columns. Every column keeps its mean,
    its variance and Moran's I (binary weights), and every two their correlation.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        In the order of the neighbours' labels.
    neighbours : Neighbours
    rng : numpy Generator

    Returns
    -------
    array of float64, shape (n, p)

    Examples
    --------
    >>> from hclustkit.space import neighbours_from_pairs
    >>> path = neighbours_from_pairs([(0, 1), (1, 2), (2, 3)], range(4))
    >>> made = keep_pattern([[1.0], [2.0], [4.0], [9.0]], path, np.random.default_rng(1))
    >>> round(float(made.mean()), 9), round(float(made.var()), 9)
    (4.0, 9.5)
    """
    x = as_array(table)
    if isinstance(table, pd.DataFrame):
        neighbours = neighbours.take(table.index)
    basis = neighbours.eigenvectors
    if len(x) != neighbours.n:
        text = f"the table has {len(x)} rows, the neighbours {neighbours.n} objects"
        raise refusal(text, "table", "same-objects", len(x))
    means = x.mean(axis=0)
    signs = np.where(rng.random(len(x)) < 0.5, -1.0, 1.0)
    made: Floats = means + basis @ (signs[:, None] * (basis.T @ (x - means)))
    return made
