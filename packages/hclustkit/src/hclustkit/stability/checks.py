"""Checks of the parameters that all resampling functions share."""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np

from hclustkit.errors import InputError


def check_count(name: str, value: object, least: int = 1) -> int:
    """Return ``value`` as an int of at least ``least``, or raise `InputError`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise InputError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise InputError(f"{name} must be at least {least}, got {value}")
    return int(value)


def check_between(name: str, value: object, low: float, high: float) -> float:
    """Return ``value`` as a float with ``low`` < value <= ``high``, or raise `InputError`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise InputError(f"{name} must be a number, got {value!r}")
    if not (math.isfinite(value) and low < value <= high):
        limit = f" and at most {high:g}" if math.isfinite(high) else ""
        raise InputError(f"{name} must be greater than {low:g}{limit}, got {value}")
    return float(value)
