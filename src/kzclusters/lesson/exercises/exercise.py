"""What an exercise is: a question, a judge of the answer, and the mistakes that it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit import compare
from hclustkit.errors import fault

from kzclusters import paths
from kzclusters.lesson import answers
from kzclusters.lesson.answers import Judge, Mistake
from kzclusters.lesson.data import LessonData

BY_HAND = (answers.ABSOLUTE, answers.RELATIVE)
Z_SCORE = (0.01, 0.0)
"""Two decimals: the z-scores of a table may differ by little more."""
SHARE = (0.001, 0.002)
"""Three decimals."""

Slip = tuple[str, Any]
"""The name of a mistake in ``texts.yml``, and the value that it leads to."""


@dataclass(frozen=True)
class Exercise:
    """A question, how to judge an answer, and what to say to a right one."""

    question: str
    find: Judge
    praise: str
    mistakes: tuple[Mistake, ...] = ()
    tolerance: tuple[float, float] = (0.0, 0.0)
    """Absolute and relative, of a number; a count has none."""
    ground: str = ""
    """What has to be known before, where the lesson is not at hand."""


@cache
def read_texts() -> dict[str, Any]:
    """Read the texts of all exercises, by name."""
    return Given("texts.yml", paths.read_yaml(Path(__file__).with_name("texts.yml")))


class Given(dict[Any, Any]):
    """What a file gives by name; what it lacks is refused with ``place``, where it should be."""

    def __init__(self, place: str, given: Mapping[Any, Any]) -> None:
        super().__init__(given)
        self.place = place

    def __missing__(self, key: Any) -> Any:
        raise fault(self.place, f"{key!r} is missing", "missing-text", key)


class Texts:
    """The texts of one exercise.

    Parameters
    ----------
    name : of the exercise in ``texts.yml``
    """

    def __init__(self, name: str) -> None:
        every, place = read_texts(), f"texts.yml: {name}"
        self.own = Given(place, every[name])
        self.messages = Given(f"{place}: mistakes", every["common"] | self.own["mistakes"])

    def mistake(self, key: str, value: Any, **filled: object) -> Mistake:
        """Make a mistake with its message; ``key`` is its diagnosis, perhaps with a variant."""
        return Mistake(key.partition("/")[0], value, self.messages[key].format(**filled))

    def mistakes(self, slips: Iterable[Slip]) -> list[Mistake]:
        """Make mistakes whose messages need nothing filled in."""
        return [self.mistake(key, value) for key, value in slips]

    def nearly(self, key: str, values: Iterable[float]) -> tuple[Mistake, ...]:
        """Make the mistakes of giving one of several fractions where a count is asked for."""
        return tuple(self.mistakes((key, float(value)) for value in values))

    def exercise(
        self,
        find: Judge,
        mistakes: Iterable[Mistake],
        tolerance: tuple[float, float] = (0.0, 0.0),
        **filled: object,
    ) -> Exercise:
        """Make the exercise; ``filled`` are the numbers and names in its question."""
        question, ground = (self.own[key].format(**filled) for key in ("question", "ground"))
        return Exercise(question, find, self.own["praise"], tuple(mistakes), tolerance, ground)

    def number(
        self,
        right: float,
        mistakes: Iterable[Mistake],
        tolerance: tuple[float, float] = BY_HAND,
        **filled: object,
    ) -> Exercise:
        """Make an exercise whose answer is one number."""
        mistakes = list(mistakes)
        find = answers.judge_number(right, mistakes, absolute=tolerance[0], relative=tolerance[1])
        return self.exercise(find, mistakes, tolerance, **filled)

    def count(self, right: int, mistakes: Iterable[Mistake], **filled: Any) -> Exercise:
        """Make an exercise whose answer is a whole number."""
        mistakes = list(mistakes)
        not_whole = self.own.get("not whole", answers.SAYS["not whole"])
        find = answers.judge_count(right, mistakes, not_whole)
        return self.exercise(find, mistakes, **filled)


def scaling_slips(data: LessonData, quantity: Callable[[pd.DataFrame], Any]) -> list[Slip]:
    """Compute ``quantity`` of the small table under each wrong scaling."""
    return [(key, quantity(table)) for key, table in data.small_otherwise_scaled().items()]


def moves_asked(
    name: str, data: LessonData, other: pd.Series, more: Iterable[Slip] = (), **filled: Any
) -> Exercise:
    """Ask how many regions move from Ward's clusters to other ones; ``more`` slips come first."""
    texts, ours = Texts(name), data.clusters
    right, ari = compare.minimum_moves(ours, other), compare.adjusted_rand_index(ours, other)
    slips = [
        *more,
        ("cluster numbers", int((ours.to_numpy() != other.to_numpy()).sum())),
        ("stayed", len(ours) - right),
        ("clusters", data.n_clusters),
        *([("none", 0)] if right else []),
    ]
    near = texts.nearly("index", [ari]) if ari < 1 else ()
    find = answers.judge_count(right, texts.mistakes(slips), near=near)
    return texts.exercise(find, find.known, k=data.n_clusters, **filled)
