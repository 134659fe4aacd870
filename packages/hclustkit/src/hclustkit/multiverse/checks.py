"""Checks of plain arguments that several modules take."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.errors import InputError


def check_whole(value: Any, what: str, least: int) -> int:
    """Return ``value`` if it is a whole number from ``least``, else raise `InputError`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{what} must be a whole number from {least}, got {value!r}")
    return int(value)


def check_draws(n: Any) -> int:
    """A number of draws, from 1."""
    return check_whole(n, "the number of draws", 1)


def check_seed(seed: Any) -> int:
    """A seed, from 0."""
    return check_whole(seed, "the seed", 0)


def check_level(level: Any) -> float:
    """An error level between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
        raise InputError(f"an error level must lie between 0 and 1, got {level!r}")
    return float(level)
