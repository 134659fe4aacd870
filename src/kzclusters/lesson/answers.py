"""Judge what a learner answers: right, or what is wrong, without giving the answer away.

A judge knows the right value and the values that typical mistakes lead to. It never raises for
what a learner writes, and no message of its own holds the right value.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

UNANSWERED, RIGHT, WRONG = "unanswered", "right", "wrong"

_WORDS = {UNANSWERED: "not answered yet.", RIGHT: "right.", WRONG: "not yet."}

ABSOLUTE, RELATIVE = 0.015, 0.01
"""A number counts as equal within the sum of the two: more than rounding to two decimals on the
way changes, and less than any mistake that is recognised."""

NEAR = 0.05
"""Relative difference up to which a wrong number may be a matter of rounding."""

SAME = 0.1
"""A mistake nearer to the right value than this share of the tolerance counts as right."""

COMMA = (
    "Python reads the comma as a separator. Use a point for decimals and nothing between thousands."
)
UNKNOWN = "Not right, and none of the common slips. Open the first hint."
NOT_WHOLE = "The answer is a count: a whole number."


@dataclass(frozen=True)
class Verdict:
    """The judgement of an answer.

    Attributes
    ----------
    exercise : number of the exercise
    state : ``UNANSWERED``, ``RIGHT`` or ``WRONG``
    diagnosis : short name of the mistake, empty where none was recognised
    message : what the learner reads
    """

    exercise: int
    state: str
    diagnosis: str
    message: str

    @property
    def text(self) -> str:
        """The message after the number of the exercise and the state."""
        return f"Exercise {self.exercise}: {_WORDS[self.state]} {self.message}".strip()

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        sign = {UNANSWERED: "○", RIGHT: "✓", WRONG: "✗"}[self.state]
        return f"**Exercise {self.exercise}: {sign} {_WORDS[self.state]}** {self.message}".strip()


@dataclass(frozen=True)
class Mistake:
    """A mistake, the value that it leads to, and what to say about it."""

    diagnosis: str
    value: Any
    message: str


Finding = tuple[str, str] | None
"""Diagnosis and message of a wrong answer; None for a right one."""

Judge = Callable[[Any], Finding]


def give_verdict(exercise: int, answer: Any, find: Judge, praise: str = "") -> Verdict:
    """Give the verdict on an answer; None is an answer not given yet."""
    if answer is None or answer is ...:
        return Verdict(exercise, UNANSWERED, "", "")
    wrong = find(answer)
    if wrong is None:
        return Verdict(exercise, RIGHT, "", praise)
    return Verdict(exercise, WRONG, *wrong)


# ------------------------------------------------------------------------------- numbers


def _kind(answer: Any) -> str:
    if answer is None or answer is pd.NA or answer is pd.NaT:
        return "still empty"
    if callable(answer):
        return "a function that was not called"
    return f"of type {type(answer).__name__}"


def _whole(item: Any) -> bool:
    return isinstance(item, numbers.Integral) and not isinstance(item, (bool, np.bool_))


def _with_commas(answer: Any) -> bool:
    """Whether this is a number that the commas in it have broken apart: 0,44 or 1,234.5."""
    if not isinstance(answer, tuple) or len(answer) < 2:
        return False
    last = answer[-1]
    return all(map(_whole, answer[:-1])) and (_whole(last) or isinstance(last, float))


def _text_finding(answer: str) -> Finding:
    try:
        float(answer.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return "type", "A number is expected here, and this is text."
    return "type", "A number is expected. Write it without quotation marks, with a decimal point."


def as_number(answer: Any) -> tuple[float | None, Finding]:
    """Read the number in an answer, or say what is wrong with it."""
    if isinstance(answer, (np.ndarray, pd.Series, pd.Index)) and answer.ndim == 0:
        answer = answer.item()
    if isinstance(answer, str):
        return None, _text_finding(answer)
    if isinstance(answer, (bool, np.bool_)):
        return None, ("type", "A number is expected here, not True or False.")
    if isinstance(answer, numbers.Real):
        try:
            value = float(answer)
        except (OverflowError, ValueError, TypeError):
            return None, ("type", "This number is too large.")
        if not math.isfinite(value):
            return None, ("type", "A finite number is expected; look for a division by zero.")
        return value, None
    if _with_commas(answer):
        return None, ("comma", COMMA)
    if isinstance(
        answer, (list, tuple, set, frozenset, dict, np.ndarray, pd.Series, pd.Index, pd.DataFrame)
    ):
        return None, (
            "type",
            "One number is expected here, and these are several numbers (a list or table).",
        )
    return None, ("type", f"A number is expected here, and this is {_kind(answer)}.")


def close(a: float, b: float, absolute: float = ABSOLUTE, relative: float = RELATIVE) -> bool:
    """Decide whether two numbers are equal up to the rounding that a learner may do."""
    return abs(a - b) <= absolute + relative * abs(b)


def judge_number(
    right: float,
    mistakes: Iterable[Mistake],
    *,
    absolute: float = ABSOLUTE,
    relative: float = RELATIVE,
) -> Judge:
    """Make a judge of one number.

    A value nearer to a mistake than to ``right`` is that mistake, even within the tolerance of
    ``right``. The nearest mistake is named, the first of equals.
    """
    same = SAME * (absolute + relative * abs(right))
    known = [m for m in mistakes if math.isfinite(m.value) and abs(m.value - right) > same]

    def fits(value: float, mistake: Mistake) -> bool:
        # a mistake with a value near zero must not match every small number
        room = min(absolute, abs(mistake.value) / 2)
        return close(value, mistake.value, room, max(relative, RELATIVE))

    def find(answer: Any) -> Finding:
        value, wrong = as_number(answer)
        if value is None:
            return wrong
        off = abs(value - right)
        nearest = min(known, key=lambda m: abs(value - m.value), default=None)
        if nearest is not None and abs(value - nearest.value) >= off:
            nearest = None  # the right value is nearer than any mistake
        if close(value, right, absolute, relative):
            return None if nearest is None else (nearest.diagnosis, nearest.message)
        if off <= NEAR * abs(right):
            if nearest is not None:
                return nearest.diagnosis, nearest.message
            return "rounding", (
                "Close, but not within rounding. Carry at least three decimals on the way and "
                "round at the end; if you did, look for a slip in one of the terms."
            )
        fitting = [m for m in known if fits(value, m)]
        if fitting:
            best = min(fitting, key=lambda m: abs(value - m.value))
            return best.diagnosis, best.message
        if right != 0 and close(value, -right, absolute, relative):
            return "sign", "The size is right, the sign is not."
        return "", UNKNOWN

    return find


def judge_count(right: int, mistakes: Iterable[Mistake], not_whole: str = NOT_WHOLE) -> Judge:
    """Make a judge of a count; only the number itself is right.

    ``not_whole`` answers a fraction that is not a known mistake.
    """
    known = list(mistakes)

    def find(answer: Any) -> Finding:
        value, wrong = as_number(answer)
        if value is None:
            return wrong
        if abs(value - right) < 1e-6 * max(1, abs(right)):
            return None
        for mistake in known:
            if abs(value - mistake.value) < 1e-6 * max(1, abs(mistake.value)):
                return mistake.diagnosis, mistake.message
        if abs(value - round(value)) > 1e-6:
            return "not whole", not_whole
        return "", UNKNOWN

    return find


def _items(answer: Any) -> list[Any] | None:
    if isinstance(answer, (str, bytes)):
        return None
    if isinstance(answer, Mapping):
        return list(answer.values())
    if isinstance(answer, (list, tuple, set, frozenset, pd.Series, pd.Index, range)):
        return list(answer)
    if isinstance(answer, np.ndarray):
        return list(answer.ravel())
    return None


def judge_list(
    right: Sequence[float],
    mistakes: Iterable[Mistake],
    length: Callable[[int], str],
    *,
    absolute: float = ABSOLUTE,
    relative: float = RELATIVE,
) -> Judge:
    """Make a judge of several numbers in order.

    A list nearer to a mistake than to ``right`` is that mistake, as in `judge_number`.

    Parameters
    ----------
    right : the numbers
    mistakes : whose ``value`` is a sequence; it may be longer or shorter than ``right``
    length : what to say about a list of another length, given that length
    """
    known = list(mistakes)

    def same(a: Sequence[float], b: Sequence[float]) -> bool:
        return len(a) == len(b) and all(
            close(x, y, absolute, relative) for x, y in zip(a, b, strict=True)
        )

    def apart(a: Sequence[float], b: Sequence[float]) -> float:
        if len(a) != len(b):
            return math.inf
        return max((abs(x - y) for x, y in zip(a, b, strict=True)), default=0.0)

    room = SAME * (absolute + relative * max(map(abs, right), default=0.0))
    known = [m for m in known if apart(list(m.value), right) > room]

    def find(answer: Any) -> Finding:
        if isinstance(answer, (set, frozenset)):
            return "type", "A set has no order. Write the numbers in square brackets."
        items = _items(answer)
        if items is None:
            return "type", "A list of numbers is expected: write them in square brackets."
        if len(items) == 2 * len(right) and all(map(_whole, items)):
            return "comma", COMMA
        values: list[float] = []
        for place, item in enumerate(items, start=1):
            value, wrong = as_number(item)
            if value is None:
                return "type", f"Item {place} of the list: {wrong[1] if wrong else ''}"
            values.append(value)
        nearest = min(known, key=lambda m: apart(values, list(m.value)), default=None)
        nearer = nearest is not None and apart(values, list(nearest.value)) < apart(values, right)
        if same(values, right) and not nearer:
            return None
        if nearest and nearer and (same(values, right) or same(values, list(nearest.value))):
            return nearest.diagnosis, nearest.message
        if len(values) != len(right):
            return "length", length(len(values))
        first = next(
            place
            for place, (x, y) in enumerate(zip(values, right, strict=True), start=1)
            if not close(x, y, absolute, relative)
        )
        if first == 1:
            return "from the start", "The first number is already off: go back to it."
        return "from a stage", f"Number {first} of the list is the first that is off."

    return find


# -------------------------------------------------------------------------------- labels


def judge_labels(
    right: Iterable[frozenset],
    mistakes: Iterable[Mistake],
    resolve: Mapping[str, Any],
    shown: Sequence[str],
    *,
    size: int | None = None,
    example: str,
) -> Judge:
    """Make a judge of a set of labels, in any order.

    Parameters
    ----------
    right : the sets that are right (more than one where there are ties)
    mistakes : whose ``value`` is a frozenset of labels
    resolve : what a learner may write, in lower case → label
    shown : the readable names, for the message on an unknown one
    size : how many labels are expected, if that may be said
    example : how to write an answer
    """
    accepted = list(right)
    known = list(mistakes)

    def find(answer: Any) -> Finding:
        items = _items(answer)
        if items is None:
            return "type", f"Several names in brackets are expected, like {example}."
        found = []
        for item in items:
            if not isinstance(item, str):
                return "type", f"Names are expected, in quotation marks, like {example}."
            label = resolve.get(" ".join(item.split()).casefold())
            if label is None:
                return "unknown name", (
                    f"{item!r} is not a region of the table. The regions are {', '.join(shown)}."
                )
            found.append(label)
        if len(set(found)) < len(found):
            return "repeated", "A region is repeated."
        chosen = frozenset(found)
        if chosen in accepted:
            return None
        if size is not None and len(chosen) != size:
            return "count", f"The question asks for {size} regions, and you name {len(chosen)}."
        for mistake in known:
            if chosen == mistake.value:
                return mistake.diagnosis, mistake.message
        if size is None and len(chosen) < 2:
            return "count", "A merge joins at least two regions."
        return "", "Not these. For every candidate work out the number that decides, and compare."

    return find
