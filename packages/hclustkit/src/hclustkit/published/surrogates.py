"""Tables with the map pattern of a table: signs of its spatial components flipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_seed, check_whole
from hclustkit.arrays import Bools, Floats, check_k, check_squares
from hclustkit.compare.partitions import check_reference, compare
from hclustkit.distances import squared_differences
from hclustkit.errors import refusal
from hclustkit.multiverse.contiguous import neighbours_of
from hclustkit.tree.sums import trees_on_sums

MOST_OBJECTS = 20
"""Objects at most: all flips of 19 components are half a million tables."""
APART = 1e-9
"""Eigenvalues closer than this count as one, whose eigenvectors are not determined."""
BLOCK = 2**12
"""Tables that are clustered at a time."""


def _spectrum(neighbours: pd.DataFrame, labels: Sequence[Any]) -> tuple[Floats, Bools]:
    """Compute the components of a map, and mark those with another eigenvalue than the last."""
    near = neighbours_of(neighbours, labels)
    n = len(near)
    adjacent = np.zeros((n, n))
    for place, others in enumerate(near):
        adjacent[place, others] = 1.0
    # an orthonormal basis of what adds up to zero (Helmert), so that no eigenvalue is that
    # of the constant
    basis = np.zeros((n, n - 1))
    for j in range(1, n):
        basis[:j, j - 1] = 1 / np.sqrt(j * (j + 1))
        basis[j, j - 1] = -j / np.sqrt(j * (j + 1))
    values, vectors = np.linalg.eigh(basis.T @ adjacent @ basis)
    fresh = np.diff(values[::-1], prepend=np.inf) < -APART
    return np.ascontiguousarray((basis @ vectors)[:, ::-1]), fresh


def map_components(neighbours: pd.DataFrame, labels: Sequence[Any] | pd.Index) -> Floats:
    """Compute the eigenvectors of the centred neighbour matrix, constant left out.

    Parameters
    ----------
    neighbours : DataFrame
        One row a pair of neighbours, in its first two columns.
    labels : sequence of n labels

    Returns
    -------
    float64 array, shape (n, n - 1)
        Orthonormal columns that add up to zero, by falling eigenvalue, which is proportional to
        Moran's I of the column.

    Raises
    ------
    InputError
        A bad list of neighbours, or two equal eigenvalues: then the components are not
        determined by the map, as with two objects that have the same neighbours.

    References
    ----------
    Griffith, D. A. (2000). Linear Algebra and its Applications 321, 95-112.

    Examples
    --------
    >>> line = pd.DataFrame({"a": ["p", "q", "r"], "b": ["q", "r", "s"]})
    >>> map_components(line, list("pqrs")).shape
    (4, 3)
    """
    components, fresh = _spectrum(neighbours, labels)
    if not fresh.all():
        text = (
            "neighbours: an eigenvalue of their centred matrix occurs more than once, so the "
            "components of the map are not determined"
        )
        raise refusal(text, "neighbours", "repeated-eigenvalue", int(np.flatnonzero(~fresh)[0]))
    return components


def _flips(fresh: Bools, draws: int | None, seed: int | None) -> Floats:
    """List all signs of the spaces up to a flip of all of them, or draw some: no flip first."""
    spaces = np.cumsum(fresh) - 1
    number = int(spaces[-1]) + 1
    if draws is None:
        bits = np.arange(1 << max(number - 1, 0))[:, None] >> np.arange(number) & 1
    else:
        rng, rows = np.random.default_rng(check_seed(seed)), check_whole(draws, "draws", 1) + 1
        bits = rng.integers(0, 2, (rows, number))
        bits[0] = 0
    return np.where(bits, -1.0, 1.0)[:, spaces]


def _squared_distances(z: Floats, components: Floats, signs: Floats) -> Floats:
    """Compute the squared distances of the surrogates of a table, (B, n (n - 1) / 2)."""
    part = components.T @ (z - z.mean(axis=0))
    inner = part @ part.T
    gram = components @ (signs[:, :, None] * inner * signs[:, None, :]) @ components.T
    first, second = np.triu_indices(len(z), 1)
    square = np.diagonal(gram, axis1=1, axis2=2)
    found = square[:, first] + square[:, second] - 2 * gram[:, first, second]
    return np.ascontiguousarray(np.maximum(found, 0.0))


def spectral_surrogates(
    tables: Mapping[Any, pd.DataFrame],
    published: pd.Series[Any],
    neighbours: pd.DataFrame,
    *,
    k: int,
    method: str = "ward",
    draws: int | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """Compare a published partition with the clusters of surrogate tables.

    A column is a sum of map components. Where the signs of some components are flipped, the same
    ones in all columns and tables, the columns keep their means, variances, correlations with each
    other and spatial autocorrelation (Moran's I); which objects have the high values changes. All
    flips are taken, unless some are to be drawn. Components that the map does not distinguish, as
    where two objects have the same neighbours, are flipped together. What is not kept: the
    distribution of each column (its outliers are spread over other objects), its range, and where
    its values are on the map.

    Parameters
    ----------
    tables : mapping, key -> DataFrame of shape (n, p)
        Scaled already. The labels in the order of ``published``.
    published : Series, label -> cluster
    neighbours : DataFrame
        One row a pair of neighbours, in its first two columns.
    k : int
        Number of clusters.
    method : str
    draws : int, optional
        Flips to draw with ``seed``, for more than 20 objects.
    seed : int, optional

    Returns
    -------
    DataFrame, one row a set of flips, one column a table
        Adjusted Rand index with the published partition. A flip of every component mirrors the
        table and changes no distance, so only one of each two opposite sets is listed:
        2^(n - 2) rows, each for two, or as many as are drawn, and one. The first row is the
        table itself.

    Raises
    ------
    InputError
        More than 20 objects and no draws, a bad list of neighbours, labels that differ, a bad
        table, linkage, seed or number of clusters.

    References
    ----------
    Wagner, H. H. and Dray, S. (2015). Methods in Ecology and Evolution 6, 1169-1178 (Moran
    spectral randomization, in its form that keeps Moran's I exactly).

    Examples
    --------
    >>> line = pd.DataFrame({"a": ["p", "q", "r"], "b": ["q", "r", "s"]})
    >>> table = pd.DataFrame({"x": [1.0, 2.0, 8.0, 9.0]}, index=list("pqrs"))
    >>> published = pd.Series(list("AABB"), index=list("pqrs"))
    >>> found = spectral_surrogates({"x": table}, published, line, k=2)
    >>> found.shape, float(found["x"].iloc[0])
    ((4, 1), 1.0)
    """
    objects = list(published.index)
    numbers, _ = check_reference(published, objects)
    n = len(objects)
    if n < 3 or (draws is None and n > MOST_OBJECTS):
        text = (
            f"{n} objects: 3 to {MOST_OBJECTS} are needed to take every set of flips; "
            "draws and a seed draw some"
        )
        raise refusal(text, "published", "number-of-objects", n)
    k = check_k(k, n)
    components, fresh = _spectrum(neighbours, objects)
    flips = _flips(fresh, draws, seed)
    found = {}
    for key, table in tables.items():
        frame = as_table(table)
        if list(frame.index) != objects:
            text = (
                f"table {key!r}: its labels are not those of the published partition, in its order"
            )
            raise refusal(text, f"table {key!r}", "labels-differ")
        z = check_squares(frame.to_numpy())
        largest = float(np.abs(z).max()) * np.sqrt(z.shape[1])
        index = np.empty(len(flips))
        for low in range(0, len(flips), BLOCK):
            squares = _squared_distances(z, components, flips[low : low + BLOCK])
            if low == 0:  # without rounding, for where distances of the table tie
                squares[0] = squared_differences(z).sum(axis=0)
            rows = np.arange(len(squares), dtype=np.int32)[:, None]
            most = np.full(len(squares), largest)
            labels, _, _ = trees_on_sums(squares, most, rows, method, k, n)
            index[low : low + BLOCK] = compare(labels.astype(np.int64), numbers)[0]
        found[key] = index
    return pd.DataFrame(found)
