"""A claim over many possible tables: the verdict in each, by the tests of this package."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from kzclusters.analysis.claims.groups import all_groups
from kzclusters.analysis.claims.levels import BY_INDICATOR, Level, combine, verdict_of
from kzclusters.analysis.claims.rules import Limits


def verdicts_over(
    test: str, values: np.ndarray, national: np.ndarray, members: Sequence[int], limits: Limits
) -> np.ndarray:
    """Decide one claim in each of many tables.

    Parameters
    ----------
    test : ``close_values`` or a name of `BY_INDICATOR`
    values : array, shape (B, n, q)
        Tables of q indicators, in units.
    national : array, shape (B, q)
        The national figures.
    members : rows of the regions that the claim is about
    limits : limits of the tests

    Returns
    -------
    array of str, shape (B,)
    """
    z = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, ddof=1, keepdims=True)
    members = list(members)
    if test == "close_values":
        tight = tightness(z, members)
        return np.array([verdict_of(p <= limits.tight, p <= limits.partly_tight) for p in tight])
    spread = values.std(axis=1, ddof=1)
    found = []
    for b in range(len(values)):
        by_indicator = [
            BY_INDICATOR[test](
                Level(
                    values[b, members, c],
                    z[b, members, c],
                    float(national[b, c]),
                    float(spread[b, c]),
                    limits.margin,
                )
            )[1]
            for c in range(values.shape[2])
        ]
        found.append(combine(by_indicator, limits.majority))
    return np.array(found)


def tightness(z: np.ndarray, members: Sequence[int]) -> np.ndarray:
    """Return the p of `exact_group_test` for each of many tables.

    Parameters
    ----------
    z : array, shape (B, n, q)
        Tables of z-scores.
    members : rows of the group

    Returns
    -------
    array, shape (B,)
    """
    squared = ((z[:, :, None] - z[:, None]) ** 2).sum(axis=3)
    groups = all_groups(z.shape[1], len(members))
    pairs = list(combinations(range(len(members)), 2))
    total = sum(squared[:, groups[:, a], groups[:, b]] for a, b in pairs)
    own = sum(squared[:, members[a], members[b]] for a, b in pairs)
    tolerance = 1e-9 * (own + squared.mean(axis=(1, 2)))
    return (total <= (own + tolerance)[:, None]).mean(axis=1)
