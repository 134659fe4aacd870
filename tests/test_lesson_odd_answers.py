"""The lesson: whatever is typed as an answer gets a message and raises nothing."""

from __future__ import annotations

from typing import Any

import lesson_cases
import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError
from lesson_cases import WORKED, worked

from kzclusters.lesson import answers
from kzclusters.lesson.exercises import exercise
from kzclusters.lesson.session import Lesson

baseline = lesson_cases.baseline


@pytest.mark.parametrize("number", range(1, WORKED + 1))
def test_no_answer_yet(baseline: Lesson, number: int) -> None:
    for nothing in (None, ...):
        verdict = baseline.check(number, nothing)
        assert (verdict.state, verdict.diagnosis, verdict.message) == (answers.UNANSWERED, "", "")
        assert (
            "not answered yet" in repr(verdict) and "not answered yet" in verdict._repr_markdown_()
        )


@pytest.mark.parametrize("number", range(1, WORKED + 1))
@pytest.mark.parametrize(
    "odd",
    [
        "",
        "three",
        "3,5",
        "2.5",
        True,
        np.True_,
        float("nan"),
        float("inf"),
        10**400,
        1 + 2j,
        [],
        {},
        set(),
        [None],
        [[1, 2], [3]],
        ["a", 1],
        b"bytes",
        object(),
        len,
        int,
        pd.DataFrame({"a": [1]}),
        pd.Series(dtype=float),
        np.array([1.0, 2.0]),
        np.array([["a"]]),
        pd.NA,
        pd.NaT,
        {"a": "b"},
        ("Astana",),
        range(2),
        [float("nan")] * 3,
        iter([1]),
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_odd_answers_get_a_message_and_raise_nothing(
    baseline: Lesson, number: int, odd: Any
) -> None:
    verdict = baseline.check(number, odd)
    assert verdict.state == answers.WRONG and verdict.message, (odd, verdict)


def test_text_instead_of_a_number_says_how_to_write_it(baseline: Lesson) -> None:
    assert "quotation marks" in baseline.check(1, "0,44").message
    assert "quotation marks" in baseline.check(8, "165").message
    assert "without words" in baseline.check(1, "many").message
    assert "True or False" in baseline.check(1, True).message
    assert "by itself, not in a list" in baseline.check(1, [0.44]).message
    for text in ("91%", "0.91 of all", "32 768"):
        assert "percent signs or spaces" in baseline.check(9, text).message
    assert "not called" in baseline.check(1, len).message
    assert "still empty" in baseline.check(18, np.ma.masked).message


@pytest.mark.parametrize("text", ["a, c", "a;c", "a and c"])
def test_several_letters_in_one_text_are_shown_how_to_be_written(
    baseline: Lesson, text: str
) -> None:
    """Each of them is an option, so the message does not call the text an unknown one."""
    verdict = baseline.check(19, text)
    assert verdict.diagnosis == "type" and "in brackets" in verdict.message


def test_close_numbers_are_called_close(baseline: Lesson) -> None:
    right = worked(baseline).right()[1]
    verdict = baseline.check(2, right * 1.03)
    assert verdict.diagnosis == "rounding" and verdict.state == answers.WRONG


@pytest.mark.parametrize(
    ("name", "key", "place"),
    [
        ("no_such", None, "texts.yml"),
        ("moves", "ground", "texts.yml: moves"),
        ("moves", "no slip", "texts.yml: moves: mistakes"),
    ],
)
def test_a_text_that_an_exercise_lacks_is_named(
    name: str, key: str | None, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = exercise.Given("texts.yml", exercise.read_texts())
    every["moves"] = {k: text for k, text in every["moves"].items() if k != "ground"}
    monkeypatch.setattr(exercise, "read_texts", lambda: every)
    with pytest.raises(InputError) as caught:
        texts = exercise.Texts(name)
        texts.mistakes([(key, 1)]) if key == "no slip" else texts.count(
            1, [], k=8, year=2013, other_year=2014
        )
    assert (caught.value.place, caught.value.rule) == (place, "missing-text")
    assert caught.value.value == (key or name)


def test_an_exercise_that_is_not_there(baseline: Lesson) -> None:
    for number in (0, baseline.n_exercises + 1, -1, True, "1", 1.0, None):
        with pytest.raises(InputError) as caught:
            baseline.check(number, 1)
        assert (caught.value.rule, caught.value.value) == ("exercise-number", number)


def test_progress_counts(baseline: Lesson) -> None:
    right = worked(baseline).right()
    n = baseline.n_exercises
    assert baseline.progress(*right).data.startswith(f"**{WORKED} of {n} right**")
    mixed = [right[0], None, 5, *right[3:5]]
    text = baseline.progress(*mixed).data
    assert text.startswith(f"**3 of {n} right**, 1 to look at again, ")
    assert text.endswith("Look again at 3.")


def test_short_forms_of_one_region_are_accepted(baseline: Lesson) -> None:
    data = baseline.data
    known = data.spelled(data.whole.index)
    assert known["астана"] == known["г. астана"] == "KZ-AST"
    assert known["алматинская"] == "KZ-ALM" and known["западно-казахстанская"] == "KZ-ZAP"
    assert known["актобе"] == known["ақтөбе"] == known["актюбинская область"] == "KZ-AKT"
    assert not known.keys() & {"алматы", "almaty", ""}, "a region and a city"
    assert data.spelled(["KZ-ALM", "KZ-AST"])["алматы"] == "KZ-ALM"
