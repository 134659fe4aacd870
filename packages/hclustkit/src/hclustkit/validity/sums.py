"""Sums of squares: total = within + between."""

from __future__ import annotations

from typing import Any

from hclustkit.arguments import as_table
from hclustkit.arrays import Labels
from hclustkit.validity.partition import Partition, Space


def total_ss(table: Any) -> float:
    """Compute the sum of squared distances of all objects from their mean.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)

    Returns
    -------
    float
        In squared table units; p (n - 1) for z-scores.

    Examples
    --------
    >>> total_ss([[0.0], [2.0], [10.0], [12.0]])
    104.0
    """
    return Space(as_table(table, min_rows=2)).total


def within_ss(table: Any, partition: Labels) -> float:
    """Compute the sum of squared distances of the objects from their clusters' centroids.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
    partition : sequence of length n or Series aligned with the table

    Returns
    -------
    float
        In squared table units.

    Examples
    --------
    >>> within_ss([[0.0], [2.0], [10.0], [12.0]], [1, 1, 2, 2])
    4.0
    """
    return Partition.from_labels(table, partition).within


def between_ss(table: Any, partition: Labels) -> float:
    """Compute the sum over clusters of size x squared distance of centroid and overall mean.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
    partition : sequence of length n or Series aligned with the table

    Returns
    -------
    float
        In squared table units.

    Examples
    --------
    >>> round(between_ss([[0.0], [2.0], [10.0], [12.0]], [1, 1, 2, 2]), 9)
    100.0
    """
    return float((Partition.from_labels(table, partition).centre_offsets ** 2).sum())
