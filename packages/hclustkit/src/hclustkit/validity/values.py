"""The value of an index, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class IndexValue:
    """One index at one number of clusters.

    Attributes
    ----------
    value : float
        NaN where the index is undefined.
    reason : str
        Why it is undefined; empty where it is defined.
    critical : float
        The number the value is judged by, for the indices that have one: the critical
        value of Duda and of pseudo-t2, the p-value of Beale, the margin of the gap
        statistic. NaN for the others.
    """

    value: float
    reason: str = ""
    critical: float = math.nan


def no_value(reason: str, critical: float = math.nan) -> IndexValue:
    """Return an index without a value."""
    return IndexValue(math.nan, reason, critical)


ONE_CLUSTER = "one cluster: there is nothing to compare it with"
NO_PAIR = "every object is alone: there is no pair inside a cluster"
NO_WITHIN = "division by zero: the clusters hold identical objects only"
NO_SPREAD = "division by zero: all objects are identical"
NO_DISTANCE = "division by zero: all distances inside the clusters are zero"
EQUAL_DISTANCES = "division by zero: all distances are equal"
FLAT = "log W is undefined: the clusters hold identical objects only"
SAME_CENTROID = "division by zero: two clusters have the same centroid"
BEYOND_FLOATS = "a number on the way is too large or too small for a float: scale the table"


def beyond(k: int, n: int) -> IndexValue:
    """Return an index that is undefined because n objects cannot form k clusters."""
    return no_value(f"needs {k} clusters, there are {n} objects")
