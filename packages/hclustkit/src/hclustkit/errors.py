"""The error that is shown to a user in one line."""

from __future__ import annotations

import re

_NUMPY = re.compile(r"\bnp\.\w+\(([^()]*)\)")
"""Numbers and text as numpy writes them; messages show ``3`` for ``np.int64(3)``."""

_ONE = re.compile(
    r"(?<![\w.,/'-])(?<!to )1 "
    r"((?:different|separate|contiguous|more|connected|missing|blank|reference) |)"
    r"(case|cell|choice|cluster|column|core|dimension|distance|label|member|merge|number|object|pair|"
    r"partition|part|region|row|set|sheet|tree|value|variable)s\b"
    r"( are\b| have\b| were\b| leave\b| form\b| lie\b| repeat\b|)"
)
_VERBS = {" are": " is", " have": " has", " were": " was", "": ""}


def one(text: str) -> str:
    """Put the singular where a text counts one.

    Examples
    --------
    >>> one("1 rows are left, 11 rows, 2 to 1 clusters")
    '1 row is left, 11 rows, 2 to 1 clusters'
    """
    return _ONE.sub(lambda at: f"1 {at[1]}{at[2]}{_VERBS.get(at[3], at[3] + 's')}", text)


class InputError(ValueError):
    """Something the user gave (a file, a table, a parameter) breaks a rule.

    Command-line programs print the message alone, without a traceback, and exit with a code
    other than zero.

    Parameters
    ----------
    message : str
        One or two sentences that name the place, the rule and the value.
    place : str, optional
        Where it is: a file, a row and a column, or a parameter.
    rule : str, optional
        A short name of the broken rule, such as ``"duplicate-label"``.
    value : object, optional
        What was found there.

    Examples
    --------
    >>> error = InputError("k must be 1 to 3, got 9", place="k", rule="k-range", value=9)
    >>> error.rule, error.value
    ('k-range', 9)
    """

    def __init__(
        self,
        message: str,
        *,
        place: str | None = None,
        rule: str | None = None,
        value: object = None,
    ) -> None:
        super().__init__(one(_NUMPY.sub(r"\1", message)))
        self.place = None if place is None else _NUMPY.sub(r"\1", place)
        self.rule = rule
        self.value = value


def fault(place: str, text: str, rule: str, value: object = None) -> InputError:
    """Make an `InputError` whose message begins with its place.

    Parameters
    ----------
    place, text, rule : str
    value : object, optional

    Returns
    -------
    InputError

    Examples
    --------
    >>> str(fault("k", "it must be 1 to 3, got 9", "k-range", 9))
    'k: it must be 1 to 3, got 9'
    """
    return refusal(f"{place}: {text}", place, rule, value)


def refusal(text: str, place: str | None, rule: str | None, value: object = None) -> InputError:
    """Make an `InputError` whose message is the text alone.

    Parameters
    ----------
    text : str
    place, rule : str or None
    value : object, optional

    Returns
    -------
    InputError

    Examples
    --------
    >>> refusal("k must be 1 to 3, got 9", "k", "k-range", 9).rule
    'k-range'
    """
    return InputError(text, place=place, rule=rule, value=value)
