"""Claims whose verdict hangs on how their test is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from kzclusters.analysis.claims import Limits, decide
from kzclusters.analysis.setting_findings import Hanging


def _logs(values: pd.Series, at: np.ndarray) -> np.ndarray:
    return np.log(at) if (values > 0).all() else at


def _ranks(values: pd.Series, at: np.ndarray) -> np.ndarray:
    """Give each value its mean rank among the regions; one between two is between their ranks."""
    ordered = np.sort(values.to_numpy())
    below, upto = np.searchsorted(ordered, at, "left"), np.searchsorted(ordered, at, "right")
    return np.asarray((below + upto + 1) / 2)


def _reread(
    table: pd.DataFrame, national: pd.Series, by: Callable[[pd.Series, np.ndarray], np.ndarray]
) -> tuple[pd.DataFrame, pd.Series]:
    """Put regions and yardsticks on another scale that keeps the order of the values."""
    reference = national.reindex(table.columns).fillna(table.mean())
    values = {c: by(table[c], table[c].to_numpy()) for c in table}
    yardstick = {c: float(by(table[c], np.array([reference[c]]))[0]) for c in table}
    return pd.DataFrame(values, index=table.index), pd.Series(yardstick)


def hanging(
    stated: pd.DataFrame,
    table: pd.DataFrame,
    national: pd.Series,
    published: pd.Series,
    limits: Limits,
    neighbours: pd.DataFrame,
    *,
    margin: float,
) -> dict[str, Hanging]:
    """Decide every claim by other readings of the tests, and keep those that change.

    The readings: ``n`` divides by n in the standard deviation; ``margin`` has another margin;
    ``log`` and ``rank`` take logarithms or ranks of the values.

    Parameters
    ----------
    stated : the claims
    table : indicators and auxiliary quantities of the baseline year, one row a region
    national : the national figures, where there are any
    published : clusters of the regions in Figure 3
    limits : limits of the tests
    neighbours : pairs of regions that share a border
    margin : the other margin
    """
    complete = table.loc[published.index].dropna(axis=1)
    national = national.reindex(complete.columns)
    n = len(complete)
    logs, ranks = _reread(complete, national, _logs), _reread(complete, national, _ranks)
    readings: Mapping[str, tuple[pd.DataFrame, pd.Series, float]] = {
        "": (complete, national, limits.margin),
        # z with n in place of n - 1 is larger by this factor, so the margin is smaller by it
        "n": (complete, national, limits.margin * np.sqrt((n - 1) / n)),
        "margin": (complete, national, margin),
        "log": (*logs, limits.margin),
        "rank": (*ranks, limits.margin),
    }
    verdicts = {
        name: decide(
            stated,
            {0: values},
            {0: reference},
            published,
            0,
            replace(limits, margin=at),
            neighbours=neighbours,
        ).summary.set_index("claim")["verdict"]
        for name, (values, reference, at) in readings.items()
    }
    usual = verdicts.pop("")
    found = {}
    for claim, verdict in usual.items():
        others = {name: v[claim] for name, v in verdicts.items() if v[claim] != verdict}
        if others:
            found[str(claim)] = Hanging(verdict, others)
    return found
