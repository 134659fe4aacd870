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


def verdict_of(in_full: bool, in_part: bool) -> str:
    """Return the verdict of a test that is met in full, in part or not at all."""
    if in_full:
        return SUPPORTED
    return PARTLY if in_part else NOT_SUPPORTED


def _verdict(met: Sequence[bool] | np.ndarray) -> str:
    """Return the verdict of several conditions, or of one condition for each member."""
    return verdict_of(all(met), any(met))


def _high(at: Level) -> tuple[float, str]:
    mean = float(at.z.mean())
    return mean, _verdict([bool((at.x > at.reference).all()), mean >= at.margin])


def _low(at: Level) -> tuple[float, str]:
    mean = float(at.z.mean())
    return mean, _verdict([bool((at.x < at.reference).all()), mean <= -at.margin])


def _average(at: Level) -> tuple[float, str]:
    near = bool((np.abs(at.x - at.reference) < at.margin * at.spread).all())
    largest = float(np.abs(at.z).max())
    return largest, _verdict([near, largest < at.margin])


def _above(at: Level) -> tuple[float, str]:
    above = at.x > at.reference
    return float(above.mean()), _verdict(above)


def _below(at: Level) -> tuple[float, str]:
    below = at.x < at.reference
    return float(below.mean()), _verdict(below)


BY_INDICATOR: dict[str, Callable[[Level], tuple[float, str]]] = {
    "high": _high,
    "low": _low,
    "average": _average,
    "above_average": _above,
    "below_average": _below,
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
