"""Read an answer as it is typed: what a notebook would evaluate, or names without quotation marks.

The page of exercises reads in the same way (``publish/exercises/typed.js``): numbers, text in
quotation marks, True, False, None, lists, tuples and sets of these, and arithmetic. Whatever else
is typed is taken as words, one item between commas, semicolons or the word "and".
"""

from __future__ import annotations

import math
import re
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<name>True|False|None|\.\.\.)(?!\w)"
    r"|(?P<sign>\*\*|[-+*/^(),\[\]{}]))"
)
NAMES = {"True": True, "False": False, "None": None, "...": ...}
LARGEST = 2.0**53
"""Whole numbers beyond it are not kept exactly."""


class _NoExpressionError(Exception):
    """The text is not an expression."""


def read_typed(text: str) -> Any:
    """Read a typed answer.

    Parameters
    ----------
    text : what was typed; a long minus is a minus

    Returns
    -------
    object
        None if nothing was typed.

    Examples
    --------
    >>> read_typed("2 ** 3"), read_typed("0,44"), read_typed("Astana and Mangystau")
    (8, (0, 44), ['Astana', 'Mangystau'])
    """
    text = text.replace("\N{MINUS SIGN}", "-").strip()
    if not text:
        return None
    try:
        return _Reader(text).whole()
    except _NoExpressionError:
        pass
    parts = re.split(r"\s*;\s*" if ";" in text else r"\s*,\s*|\s+and\s+", text.strip("[](){}"))
    words = [_word(part) for part in parts if part.strip()]
    return words[0] if len(words) == 1 else words


def _word(part: str) -> Any:
    try:
        return _Reader(part).whole()
    except _NoExpressionError:
        return part.strip().strip("\"'")


class _Reader:
    """A reader of expressions, one method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if not found or not found.lastgroup:
                raise _NoExpressionError
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.tokens.append(("end", ""))

    def take(self, *signs: str) -> str:
        """Take the next token if it is one of these signs; else "" ."""
        kind, text = self.tokens[0]
        return self.tokens.pop(0)[1] if kind == "sign" and text in signs else ""

    def whole(self) -> Any:
        """Read all; several items with commas between them are a tuple."""
        value = self.items("end", "")
        if self.tokens[0][0] != "end":
            raise _NoExpressionError
        return value

    def items(self, kind: str, end: str) -> Any:
        """Read items up to a token that stays: one by itself, or a tuple."""
        found, commas = [], 0
        while self.tokens[0] != (kind, end):
            found.append(self.exclusive())
            if not self.take(","):
                break
            commas += 1
        if not found:
            raise _NoExpressionError
        return tuple(found) if commas else found[0]

    def exclusive(self) -> Any:
        """Read ``^``, the exclusive or of whole numbers."""
        value = self.sum()
        while self.take("^"):
            other = self.sum()
            if not all(type(v) is int and 0 <= v < 2**31 for v in (value, other)):
                raise _NoExpressionError
            value ^= other
        return value

    def sum(self) -> Any:
        """Read sums and differences."""
        value = self.product()
        while sign := self.take("+", "-"):
            value = _number(value) + (1 if sign == "+" else -1) * _number(self.product())
        return value

    def product(self) -> Any:
        """Read products and quotients; a division by zero is not a number."""
        value = self.signed()
        while sign := self.take("*", "/"):
            other = _number(self.signed())
            value = _number(value) * other if sign == "*" else _quotient(_number(value), other)
        return value

    def signed(self) -> Any:
        """Read a sign, which binds less than a power."""
        if sign := self.take("+", "-"):
            return (1 if sign == "+" else -1) * _number(self.signed())
        value = self.single()
        return _power(_number(value), _number(self.signed())) if self.take("**") else value

    def single(self) -> Any:
        """Read a number, a text, a name or brackets."""
        kind, text = self.tokens.pop(0)
        if kind == "number":
            return int(text) if text.isdigit() and float(text) < LARGEST else float(text)
        if kind == "text":
            return text[1:-1]
        if kind == "name":
            return NAMES[text]
        close = {"(": ")", "[": "]", "{": "}"}.get(text)
        if close is None:
            raise _NoExpressionError
        if text != "{" and self.take(close):
            return [] if text == "[" else ()
        found = self.items("sign", close)
        if not self.take(close):
            raise _NoExpressionError
        return self._bracketed(text, found)

    def _bracketed(self, bracket: str, found: Any) -> Any:
        if bracket == "(":
            return found
        items = list(found) if isinstance(found, tuple) else [found]
        if bracket == "[":
            return items
        if any(isinstance(item, (list, tuple, set)) for item in items):
            raise _NoExpressionError
        return set(items)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _NoExpressionError
    return value


def _quotient(value: float, other: float) -> float:
    return float(value) / other if other else math.nan


def _power(base: float, exponent: float) -> int | float:
    try:
        value = float(base) ** float(exponent)
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.nan
    if isinstance(value, complex):
        return math.nan
    whole = type(base) is int and type(exponent) is int and exponent >= 0 and value < LARGEST
    return int(value) if whole else value
