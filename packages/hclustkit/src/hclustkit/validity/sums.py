"""Sums of squares: total = within + between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from hclustkit.tables import check_table
from hclustkit.validity.partition import Space, partition


def total_ss(table: pd.DataFrame) -> float:
    """Sum of squared distances of all objects from their mean, in squared table units."""
    return Space(check_table(table)).total


def within_ss(table: pd.DataFrame, labels: Sequence[Any] | pd.Series) -> float:
    """Sum of squared distances of the objects from the centroids of their clusters."""
    return partition(table, labels).within


def between_ss(table: pd.DataFrame, labels: Sequence[Any] | pd.Series) -> float:
    """Sum over clusters of size x squared distance of the centroid from the overall mean."""
    return float((partition(table, labels).centre_offsets ** 2).sum())
