"""Tests that decide a claim indicator by indicator, from the members' values and z-scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kzclusters.analysis.claims.rules import NOT_SUPPORTED, PARTLY, SUPPORTED

SCORE = {SUPPORTED: 1.0, PARTLY: 0.5, NOT_SUPPORTED: 0.0}


@dataclass(frozen=True)
class Level:
    """The members of a cluster in one indicator, turned so that more is more.

    Attributes
    ----------
    x, z : values and z-scores of the members
    reference : the national figure
    spread : standard deviation of all regions
    margin : distance from the mean, in standard deviations, that is far
    """

    x: np.ndarray
    z: np.ndarray
    reference: float
    spread: float
    margin: float


def _two(first: bool, second: bool) -> str:
    return (NOT_SUPPORTED, PARTLY, SUPPORTED)[int(first) + int(second)]


def _share(true: np.ndarray) -> tuple[float, str]:
    share = float(true.mean())
    return share, SUPPORTED if share == 1 else PARTLY if share > 0 else NOT_SUPPORTED


def _high(at: Level) -> tuple[float, str]:
    mean = float(at.z.mean())
    return mean, _two(bool((at.x > at.reference).all()), mean >= at.margin)


def _low(at: Level) -> tuple[float, str]:
    mean = float(at.z.mean())
    return mean, _two(bool((at.x < at.reference).all()), mean <= -at.margin)


def _average(at: Level) -> tuple[float, str]:
    near = bool((np.abs(at.x - at.reference) < at.margin * at.spread).all())
    largest = float(np.abs(at.z).max())
    return largest, _two(near, largest < at.margin)


BY_INDICATOR: dict[str, Callable[[Level], tuple[float, str]]] = {
    "high": _high,
    "low": _low,
    "average": _average,
    "above_average": lambda at: _share(at.x > at.reference),
    "below_average": lambda at: _share(at.x < at.reference),
}
"""The tests by name: each returns its statistic and the verdict."""

IN_SHORT = {
    "high": "mean z {:+.3f}",
    "low": "mean z {:+.3f}",
    "average": "largest |z| {:.2f}",
    "above_average": "{:.0%} of members above",
    "below_average": "{:.0%} of members below",
}


def combine(verdicts: Sequence[str], majority: float) -> str:
    """Return the verdict over several indicators; see *Several indicators* in the package."""
    if all(verdict == SUPPORTED for verdict in verdicts):
        return SUPPORTED
    mean = math.fsum(SCORE[verdict] for verdict in verdicts) / len(verdicts)
    return NOT_SUPPORTED if mean < majority else PARTLY
