"""Judge what a learner answers: right, or what is wrong, without giving the answer away.

A judge knows the right value and the values that typical mistakes lead to. It never raises for
what a learner writes, and no message of its own holds the right value.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pandas as pd

UNANSWERED, RIGHT, WRONG = "unanswered", "right", "wrong"

_WORDS = {UNANSWERED: "not answered yet.", RIGHT: "right.", WRONG: "not yet."}

ABSOLUTE, RELATIVE = 0.015, 0.01
"""A number counts as equal within the sum of the two: more than rounding to two decimals on the
way changes, and less than any mistake that is recognised."""

NEAR = 0.05
"""Relative difference up to which a wrong number may be a matter of rounding."""

NEAR_FRACTION = 5e-3
"""Within which a fraction is a known one where a count is asked for."""

EXACT = 1e-9
"""Within which a number is one that was written with two decimals."""

SAME = 0.1
"""A mistake nearer to the right value than this share of the tolerance counts as right."""

SAYS = {
    "comma": (
        "A comma separates numbers here. Use a point for decimals and nothing between thousands."
    ),
    "unknown": "Not right, and none of the common slips. Open the first hint.",
    "not whole": "The answer is a count: a whole number.",
    "text": "A number is expected here, without words, units, percent signs or spaces.",
    "quoted": "A number is expected. Write it without quotation marks, with a decimal point.",
    "truth": "A number is expected here, not True or False.",
    "large": "This number is too large.",
    "finite": "A finite number is expected; look for a division by zero.",
    "several": "One number by itself, not in a list: a point for decimals, none for thousands.",
    "kind": "A number is expected here, and this is {kind}.",
    "empty": "still empty",
    "rounding": (
        "Close, but not within rounding. Carry at least three decimals on the way and round at "
        "the end; if you did, look for a slip in one of the terms."
    ),
    "sign": "The size is right, the sign is not.",
    "set": "A set has no order. Write the numbers in square brackets.",
    "list": "A list of numbers is expected: write them in square brackets.",
    "item": "Item {place} of the list: {message}",
    "first": "The first number is already off: go back to it.",
    "stage": "Number {place} of the list is the first that is off.",
    "names": "Several names in brackets are expected, like {example}.",
    "quotes": "Names are expected, in quotation marks, like {example}.",
    "unknown name": "“{item}” is not {one} here. {These} are {shown}.",
    "repeated": "{One} is repeated.",
    "size": "The question asks for {size} {many}, and you name {found}.",
    "few": "A merge joins at least two {many}.",
    "none named": "Nothing is named yet.",
    "not these": "Not these. For every candidate work out the number that decides, and compare.",
}
"""What is said about an answer, whatever the exercise; the page of exercises says the same."""

CYRILLIC = str.maketrans("aceopxykmt", "асеорхукмт")
"""Latin letters to Cyrillic ones that look alike, so that a learner sees no difference."""

SEVERAL = re.compile(r"[,;]|\sand\s")
"""What separates names that were written as one text."""

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


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
    if answer is None or answer is ... or answer is pd.NA or answer is pd.NaT:
        return SAYS["empty"]
    if callable(answer):
        return "a function that was not called"
    return f"of type {type(answer).__name__}"


def _whole(item: Any) -> bool:
    return isinstance(item, numbers.Integral) and not isinstance(item, (bool, np.bool_))


def _with_commas(answer: Any) -> bool:
    """Tell whether this is a number that its commas have broken apart, as 0,44 or 1,234.5."""
    if not isinstance(answer, tuple) or len(answer) < 2:
        return False
    last = answer[-1]
    return all(map(_whole, answer[:-1])) and (_whole(last) or isinstance(last, float))


def as_number(answer: Any) -> tuple[float | None, Finding]:
    """Read the number in an answer, or say what is wrong with it."""
    if answer is np.ma.masked:
        answer = None
    if isinstance(answer, (np.ndarray, pd.Series, pd.Index)) and answer.ndim == 0:
        answer = answer.item()
    if isinstance(answer, str):
        plain = answer.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
        return None, ("type", SAYS["quoted" if NUMBER.fullmatch(plain) else "text"])
    if isinstance(answer, (bool, np.bool_)):
        return None, ("type", SAYS["truth"])
    if isinstance(answer, (numbers.Real, Decimal)):
        try:
            value = float(answer)
        except (OverflowError, ValueError, TypeError):
            return None, ("type", SAYS["large"])
        return (value, None) if math.isfinite(value) else (None, ("type", SAYS["finite"]))
    if _with_commas(answer):
        return None, ("comma", SAYS["comma"])
    if isinstance(
        answer, (list, tuple, set, frozenset, dict, np.ndarray, pd.Series, pd.Index, pd.DataFrame)
    ):
        return None, ("type", SAYS["several"])
    return None, ("type", SAYS["kind"].format(kind=_kind(answer)))


def close(a: float, b: float, absolute: float = ABSOLUTE, relative: float = RELATIVE) -> bool:
    """Decide whether two numbers are equal up to the rounding that a learner may do."""
    return abs(a - b) <= absolute + relative * abs(b)


def _rounded(value: float, right: float) -> bool:
    """Decide whether a number is the right one with two decimals, which are enough on paper."""
    return abs(value - round(right, 2)) < EXACT


@dataclass(frozen=True)
class NumberJudge:
    """Judges one number.

    A value nearer to a mistake than to ``right`` is that mistake, even within the tolerance of
    ``right``, unless it is ``right`` with two decimals. The nearest mistake is
    named, the first of equals.
    """

    right: float
    known: tuple[Mistake, ...]
    absolute: float = ABSOLUTE
    relative: float = RELATIVE
    kind: ClassVar[str] = "number"

    def __call__(self, answer: Any) -> Finding:
        """Find what is wrong; the cases are tried in the order in which they are certain."""
        value, wrong = as_number(answer)
        if value is None:
            return wrong
        right, off = self.right, abs(value - self.right)
        nearest = min(self.known, key=lambda m: abs(value - m.value), default=None)
        if nearest is not None and abs(value - nearest.value) >= off:
            nearest = None  # the right value is nearer than any mistake
        named = (nearest.diagnosis, nearest.message) if nearest else None
        if close(value, right, self.absolute, self.relative):
            return None if self.absolute > 0.005 and _rounded(value, right) else named
        if off <= NEAR * abs(right):
            return named or ("rounding", SAYS["rounding"])
        fitting = [mistake for mistake in self.known if self._fits(value, mistake)]
        if fitting:
            best = min(fitting, key=lambda mistake: abs(value - mistake.value))
            return best.diagnosis, best.message
        if right != 0 and close(value, -right, self.absolute, self.relative):
            return "sign", SAYS["sign"]
        return "", SAYS["unknown"]

    def _fits(self, value: float, mistake: Mistake) -> bool:
        # a mistake with a value near zero must not match every small number
        room = min(self.absolute, abs(mistake.value) / 2)
        return close(value, mistake.value, room, max(self.relative, RELATIVE))


def judge_number(
    right: float,
    mistakes: Iterable[Mistake],
    *,
    absolute: float = ABSOLUTE,
    relative: float = RELATIVE,
) -> NumberJudge:
    """Make a judge of one number; a mistake that is as good as right is left out."""
    same = SAME * (absolute + relative * abs(right))
    known = (m for m in mistakes if math.isfinite(m.value) and abs(m.value - right) > same)
    return NumberJudge(right, tuple(known), absolute, relative)


@dataclass(frozen=True)
class CountJudge:
    """Judges a count; only the number itself is right.

    ``near`` are mistakes whose value is a fraction, taken within `NEAR_FRACTION`; ``low`` and
    ``high`` are the counts that come into question, with what to say about others.
    """

    right: int
    known: tuple[Mistake, ...]
    not_whole: str = SAYS["not whole"]
    near: tuple[Mistake, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    outside: str = ""
    kind: ClassVar[str] = "count"

    def __call__(self, answer: Any) -> Finding:
        """Find what is wrong."""
        value, wrong = as_number(answer)
        if value is None:
            return wrong
        if _same_count(value, self.right):
            return None
        for mistake in self.known:
            if _same_count(value, mistake.value):
                return mistake.diagnosis, mistake.message
        if not _same_count(value, round(value)):
            for mistake in self.near:
                if abs(value - mistake.value) <= NEAR_FRACTION:
                    return mistake.diagnosis, mistake.message
            return "not whole", self.not_whole
        if not self.low <= value <= self.high:
            return "range", self.outside
        return "", SAYS["unknown"]


def _same_count(value: float, count: float) -> bool:
    return abs(value - count) < 1e-6 * max(1, abs(count))


def judge_count(
    right: int, mistakes: Iterable[Mistake], not_whole: str = SAYS["not whole"], **more: Any
) -> CountJudge:
    """Make a judge of a count; ``not_whole`` answers a fraction that is not a known mistake."""
    return CountJudge(right, tuple(mistakes), not_whole, **more)


def _items(answer: Any) -> list[Any] | None:
    """List the items of an answer that is a collection; None for any other."""
    if isinstance(answer, (str, bytes)):
        return None
    if isinstance(answer, Mapping):
        return list(answer.values())
    if isinstance(answer, (list, tuple, set, frozenset, pd.Series, pd.Index, range)):
        return list(answer)
    if isinstance(answer, np.ndarray):
        return list(answer.ravel())
    return None


@dataclass(frozen=True)
class ListJudge:
    """Judges several numbers in order.

    A list nearer to a mistake than to ``right`` is that mistake, as in `NumberJudge`. ``length``
    is what to say about a list of another length, ``lengths`` about particular ones.
    """

    right: tuple[float, ...]
    known: tuple[Mistake, ...]
    length: str
    lengths: Mapping[int, str] = field(default_factory=dict)
    absolute: float = ABSOLUTE
    relative: float = RELATIVE
    kind: ClassVar[str] = "list"

    def __call__(self, answer: Any) -> Finding:
        """Find what is wrong."""
        if isinstance(answer, (set, frozenset)):
            return "type", SAYS["set"]
        items = _items(answer)
        if items is None:
            return "type", SAYS["list"]
        if len(items) == 2 * len(self.right) and all(map(_whole, items)):
            return "comma", SAYS["comma"]
        values: list[float] = []
        for place, item in enumerate(items, start=1):
            value, wrong = as_number(item)
            if value is None:
                message = wrong[1] if wrong else ""
                return "type", SAYS["item"].format(place=place, message=message)
            values.append(value)
        return self._compare(values)

    def _compare(self, values: list[float]) -> Finding:
        """Find what is wrong with a list of numbers."""
        right = self.right
        nearest = min(self.known, key=lambda m: _apart(values, m.value), default=None)
        nearer = nearest is not None and _apart(values, nearest.value) < _apart(values, right)
        if self._same(values, right) and (not nearer or all(map(_rounded, values, right))):
            return None
        if nearest and nearer and (self._same(values, right) or self._same(values, nearest.value)):
            return nearest.diagnosis, nearest.message
        if len(values) != len(right):
            return "length", self.lengths.get(len(values), self.length)
        pairs = enumerate(zip(values, right, strict=True), start=1)
        first = next(at for at, (x, y) in pairs if not close(x, y, self.absolute, self.relative))
        if first == 1:
            return "from the start", SAYS["first"]
        return "from a stage", SAYS["stage"].format(place=first)

    def _same(self, a: Sequence[float], b: Sequence[float]) -> bool:
        return len(a) == len(b) and all(
            close(x, y, self.absolute, self.relative) for x, y in zip(a, b, strict=True)
        )


def _apart(a: Sequence[float], b: Sequence[float]) -> float:
    if len(a) != len(b):
        return math.inf
    return max((abs(x - y) for x, y in zip(a, b, strict=True)), default=0.0)


def judge_list(
    right: Sequence[float],
    mistakes: Iterable[Mistake],
    length: str,
    lengths: Mapping[int, str] | None = None,
) -> ListJudge:
    """Make a judge of several numbers in order; see `ListJudge`.

    The value of a mistake is a sequence; it may be longer or shorter than ``right``.
    """
    room = SAME * (ABSOLUTE + RELATIVE * max(map(abs, right), default=0.0))
    known = tuple(m for m in mistakes if _apart(list(m.value), right) > room)
    return ListJudge(tuple(right), known, length, lengths or {})


# -------------------------------------------------------------------------------- labels


@dataclass(frozen=True)
class LabelsJudge:
    """Judges a set of labels, in any order.

    Attributes
    ----------
    right : the sets that are right (more than one where there are ties)
    known : whose ``value`` is a frozenset of labels
    resolve : what a learner may write, in lower case -> label
    shown : the readable names, for the message on an unknown one
    size : how many labels are expected, if that may be said
    example : how to write an answer
    one, many : what the labels are: "a region", "regions"
    fewest : how many there are at least; where one is enough, it needs no brackets
    unknown : what to say to a set that is neither
    alone : mistakes whose ``value`` is a label that is wrong whatever else is named
    some : whether any choice of the labels of a right set will do
    """

    right: tuple[frozenset, ...]
    known: tuple[Mistake, ...]
    resolve: Mapping[str, Any]
    shown: tuple[str, ...]
    size: int | None = None
    example: str = ""
    one: str = "a region"
    many: str = "regions"
    fewest: int = 2
    unknown: str = SAYS["not these"]
    alone: tuple[Mistake, ...] = ()
    some: bool = False
    kind: ClassVar[str] = "labels"

    def __call__(self, answer: Any) -> Finding:
        """Find what is wrong."""
        one = isinstance(answer, str) and answer.strip() and self.fewest == 1
        items = [answer] if one else _items(answer)
        if items is None:
            return "type", SAYS["names"].format(example=self.example)
        found = []
        for item in items:
            if not isinstance(item, str):
                return "type", SAYS["quotes"].format(example=self.example)
            label = self.resolve.get(" ".join(item.split()).casefold())
            if label is None and SEVERAL.search(item):
                return "type", SAYS["names"].format(example=self.example)
            if label is None:
                these, shown = f"The {self.many}", ", ".join(self.shown)
                filled = {"item": item, "one": self.one, "These": these, "shown": shown}
                return "unknown name", SAYS["unknown name"].format(**filled)
            found.append(label)
        if len(set(found)) < len(found):
            return "repeated", SAYS["repeated"].format(One=self.one.capitalize())
        return self._compare(frozenset(found))

    def _compare(self, chosen: frozenset) -> Finding:
        """Find what is wrong with a set of labels."""
        if not chosen:
            return "count", SAYS["none named"]
        if chosen in self.right or (self.some and any(chosen <= right for right in self.right)):
            return None
        if self.size is not None and len(chosen) != self.size:
            filled = {"size": self.size, "many": self.many, "found": len(chosen)}
            return "count", SAYS["size"].format(**filled)
        for mistake in self.known:
            if chosen == mistake.value:
                return mistake.diagnosis, mistake.message
        for mistake in self.alone:
            if mistake.value in chosen:
                return mistake.diagnosis, mistake.message
        if self.size is None and len(chosen) < self.fewest:
            return "count", SAYS["few"].format(many=self.many)
        return "", self.unknown


def judge_labels(
    right: Iterable[frozenset],
    mistakes: Iterable[Mistake],
    resolve: Mapping[str, Any],
    shown: Sequence[str],
    **more: Any,
) -> LabelsJudge:
    """Make a judge of a set of labels; ``more`` are the other attributes of `LabelsJudge`."""
    alike = {text[:1].translate(CYRILLIC) + text[1:]: label for text, label in resolve.items()}
    resolve = {**alike, **resolve}
    return LabelsJudge(tuple(right), tuple(mistakes), resolve, tuple(shown), **more)
