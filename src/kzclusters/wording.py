"""Words and signs that titles, captions, sentences and tables share."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Sequence
from typing import Any

SCALINGS = {
    "zscore": "z-scores",
    "range": "range 0 to 1",
    "rank": "ranks",
    "log-zscore": "z-scores of logarithms",
    "none": "no scaling",
}
"""The scalings of the method by name."""

NULLS = {"relabel": "regions relabelled at random", "contiguous": "all groupings of neighbours"}
"""The random references of `hclustkit.multiverse.permutation_test` by name."""

LINKAGES = {"ward": "Ward's method"}
"""Linkages whose usual name is not the name with "linkage" after it."""

NUMBERS = (
    "none",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
"""Whole numbers that a text writes as words."""

MINUS = "\N{MINUS SIGN}"


def scaling(name: str) -> str:
    """Name a scaling in a text: ``"z-scores"`` for ``"zscore"``, an unknown name as it is."""
    return SCALINGS.get(name, name)


def linkage(name: str) -> str:
    """Name a linkage in a text: ``"Ward's method"``, ``"average linkage"``."""
    return LINKAGES.get(name, f"{name} linkage")


def listing(items: Sequence[Any]) -> str:
    """List things in a sentence: "a, b and c", or "none".

    Examples
    --------
    >>> listing(["I", "VII", "VIII"])
    'I, VII and VIII'
    """
    if not items:
        return "none"
    *others, last = map(str, items)
    return f"{', '.join(others)} and {last}" if others else last


def signed(value: float, decimals: int) -> str:
    """Write a number with its sign: a plus, or a true minus.

    Examples
    --------
    >>> signed(1.26, 1)
    '+1.3'
    """
    text = f"{value:+.{decimals}f}"
    if not re.search("[1-9]", text):
        text = text[1:]  # a rounded zero has no sign
    return text.replace("-", MINUS)


def decimal(value: float, decimals: int) -> str:
    """Write a number with a true minus.

    Examples
    --------
    >>> decimal(2.5, 2)
    '2.50'
    """
    return f"{value:.{decimals}f}".replace("-", MINUS)


def share(value: float, decimals: int = 0) -> str:
    """Write a share as a percentage; 0% and 100% stand for exactly none and all.

    Examples
    --------
    >>> [share(value) for value in (0.5, 0.998, 0.0023, 1)]
    ['50%', '99.8%', '0.2%', '100%']
    """
    text = f"{value:.{decimals}%}"
    rounded = float(text[:-1]) in (0, 100) and value not in (0, 1)
    return share(value, decimals + 1) if rounded else text


def day(date: str) -> str:
    """Write an ISO date in a sentence.

    Examples
    --------
    >>> day("2011-11-29")
    '29 November 2011'
    """
    at = datetime.date.fromisoformat(date)
    return f"{at.day} {at:%B %Y}"


def lower_first(name: str) -> str:
    """Put a name inside a sentence: "Private investment" in lower case, "GRP" as it is."""
    return name if re.match(r"[A-Z&]{2,}|R&D", name) else name[:1].lower() + name[1:]


def literal(text: Any) -> str:
    """Escape text that came from a table, so that Markdown and HTML show it as it is.

    Examples
    --------
    >>> literal("<b>x</b> [a](javascript:b)")
    '&lt;b&gt;x&lt;/b&gt; \\\\[a\\\\](javascript:b)'
    """
    plain = html.escape(" ".join(str(text).split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]#!|$~^])", r"\\\1", plain)
