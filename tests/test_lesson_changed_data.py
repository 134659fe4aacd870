"""The lesson on other regions, indicators, years and numbers of clusters."""

from __future__ import annotations

from typing import Any

import lesson_cases
import numpy as np
import pytest
from hclustkit.errors import InputError
from hclustkit.tables import read_table
from lesson_cases import GIVEN, TABLE, make, worked
from scipy.cluster.hierarchy import linkage as scipy_linkage

from kzclusters.lesson import answers
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.session import Lesson

baseline = lesson_cases.baseline


def test_the_checks_follow_the_data() -> None:
    """An answer that is right in one year is judged by the other year's numbers."""
    one, two = make(2013), make(2014)
    for number in (1, 2, 4, 5, 9):
        answer = worked(one).right()[number - 1]
        other = worked(two).right()[number - 1]
        assert not answers.close(answer, other, 0.001, 0.002), number
        assert one.check(number, answer).state == answers.RIGHT
        assert two.check(number, other).state == answers.RIGHT
    z = worked(one).right()[1]
    assert two.check(2, z).state == answers.WRONG


def test_other_regions_and_indicators(baseline: Lesson) -> None:
    other = make(2013, ["KZ-KAR", "KZ-PAV", "KZ-ATY", "KZ-AKM", "KZ-ZHA"], ["P13", "P9"])
    assert "Zhambyl" in other.ask(1).data and "Remoteness" in other.ask(1).data
    raw = read_table(TABLE, year=2013, columns=["P13", "P9"]).loc[other.data.small.index]
    z = (raw - raw.mean()) / raw.std()
    assert other.check(1, z.iloc[-1, -1]).state == answers.RIGHT
    coefficients = np.cumsum(scipy_linkage(z, "ward")[:, 2] ** 2 / 2)
    assert other.check(7, coefficients).state == answers.RIGHT
    assert other.check(1, baseline.data.z.iloc[-1, -1]).state != answers.RIGHT


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"regions": ["KZ-ALM", "KZ-KZY", "XX"]}, "unknown-region"),
        ({"regions": ["KZ-ALM", "KZ-ALM", "KZ-KZY"]}, "duplicate-label"),
        ({"indicators": ["P14"]}, "column-count"),
        ({"years": [2013]}, "comparable-year"),
        ({"n_clusters": 1}, "k-range"),
        ({"n_clusters": 16}, "k-range"),
    ],
)
def test_bad_lessons_are_refused(changed: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError) as caught:
        LessonData.read(TABLE, **{**GIVEN, **changed})
    assert caught.value.rule == rule and caught.value.place


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "changed",
    [
        {"regions": ["KZ-ALM", "KZ-KZY"]},
        {"indicators": ["P14", "P99"]},
        {"year": 1999},
        {"n_clusters": 17},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_the_tables_do_not_have_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        LessonData.read(TABLE, **{**GIVEN, **changed})


@pytest.mark.parametrize("k", [2, 15])
def test_any_number_of_clusters(k: int) -> None:
    found = Lesson(LessonData.read(TABLE, **{**GIVEN, "n_clusters": k}))
    w = worked(found)
    assert found.check(9, w.explained(k)).state == answers.RIGHT
    for number in range(1, found.n_exercises + 1):
        assert found.check(number, None).state == answers.UNANSWERED
        assert str(k) in found.ask(9).data
