"""Claims whose verdict depends on how their test is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from kzclusters.analysis.claims import Limits, decide
from kzclusters.analysis.setting_findings import Hanging

Scale = Callable[[pd.Series, np.ndarray], np.ndarray]
"""Puts values on another scale, given all values of the column."""


def _as_is(_: pd.Series, at: np.ndarray) -> np.ndarray:
    return at


def _logs(values: pd.Series, at: np.ndarray) -> np.ndarray:
    return np.log(at) if (values > 0).all() else at


def _ranks(values: pd.Series, at: np.ndarray) -> np.ndarray:
    """Give each value its mean rank among the regions; one between two is between their ranks."""
    ordered = np.sort(values.to_numpy())
    below, upto = np.searchsorted(ordered, at, "left"), np.searchsorted(ordered, at, "right")
    return np.asarray((below + upto + 1) / 2)


def _reread(
    table: pd.DataFrame, national: pd.Series, scale: Scale
) -> tuple[pd.DataFrame, pd.Series]:
    """Put regions and yardsticks on another scale that keeps the order of the values."""
    reference = national.reindex(table.columns).fillna(table.mean())
    values, yardsticks = {}, {}
    for name, column in table.items():
        values[name] = scale(column, column.to_numpy())
        yardsticks[name] = float(scale(column, np.array([reference[name]]))[0])
    return pd.DataFrame(values, index=table.index), pd.Series(yardsticks)


def find_hanging(
    stated: pd.DataFrame,
    tables: Mapping[int, pd.DataFrame],
    national: Mapping[int, pd.Series],
    published: pd.Series,
    baseline_year: int,
    limits: Limits,
    neighbours: pd.DataFrame,
    *,
    margin: float,
) -> dict[str, Hanging]:
    """Decide every claim by other readings of the tests, and keep the claims that change.

    The readings: ``n`` divides by n in the standard deviation; ``margin`` has another margin;
    ``log`` and ``rank`` take logarithms or ranks of the values.

    Parameters
    ----------
    stated : the claims
    tables : indicators and auxiliary quantities by year, one row a region
    national : the national figures by year, where there are any
    published : clusters of the regions in Figure 3
    baseline_year : the year whose verdicts are compared
    limits : limits of the tests
    neighbours : pairs of regions that share a border
    margin : the other margin
    """
    complete = {year: t.loc[published.index].dropna(axis=1) for year, t in tables.items()}
    n = len(published)
    # z with n in place of n - 1 is larger by this factor, so the margin is smaller by it
    smaller = limits.margin * np.sqrt((n - 1) / n)
    readings: Mapping[str, tuple[Scale, float]] = {
        "usual": (_as_is, limits.margin),
        "n": (_as_is, smaller),
        "margin": (_as_is, margin),
        "log": (_logs, limits.margin),
        "rank": (_ranks, limits.margin),
    }
    verdicts = {}
    for name, (scale, reading_margin) in readings.items():
        read = {year: _reread(table, national[year], scale) for year, table in complete.items()}
        verdicts[name] = decide(
            stated,
            {year: values for year, (values, _) in read.items()},
            {year: reference for year, (_, reference) in read.items()},
            published,
            baseline_year,
            replace(limits, margin=reading_margin),
            neighbours=neighbours,
            years=[baseline_year],
        ).summary.set_index("claim")["verdict"]
    usual = verdicts.pop("usual")
    found = {}
    for claim, verdict in usual.items():
        others = {name: read[claim] for name, read in verdicts.items() if read[claim] != verdict}
        if others:
            found[str(claim)] = Hanging(verdict, others)
    return found
