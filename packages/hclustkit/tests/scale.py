"""The two sizes of a check: small in every test run, full in the long one.

Set ``LONG_FORMS=1`` in the environment for the full sizes.
"""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")


def long_form() -> bool:
    """Return whether the checks run in their full size."""
    return os.environ.get("LONG_FORMS") == "1"


def scale(small: T, full: T) -> T:
    """Return ``small``, or ``full`` in the long form.

    Examples
    --------
    >>> scale(25, 3000) in (25, 3000)
    True
    """
    return full if long_form() else small
