"""Exercises 15 to 22: right answers by other means than the package's, and their slips."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from kzclusters import study as studies
from kzclusters.lesson import answers
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import meaning
from kzclusters.lesson.session import Lesson

STUDY = studies.parameters()
K = STUDY["n_clusters"]


@pytest.fixture(scope="module", params=[2013, 2014])
def lesson(request: pytest.FixtureRequest) -> Lesson:
    data = LessonData.read(
        "data/processed/indicators.csv",
        year=request.param,
        years=STUDY["years"],
        regions=STUDY["lesson_regions"],
        indicators=STUDY["lesson_indicators"],
        n_clusters=K,
    )
    return Lesson(data)


def scaled(table: pd.DataFrame) -> pd.DataFrame:
    return (table - table.mean()) / table.std()


def by_scipy(table: pd.DataFrame) -> np.ndarray:
    return fcluster(scipy_linkage(scaled(table), "ward"), K, "maxclust")


def moves(one: Any, other: Any) -> int:
    counts = pd.crosstab(np.asarray(one), np.asarray(other)).to_numpy()
    rows, columns = linear_sum_assignment(-counts)
    return int(counts.sum() - counts[rows, columns].sum())


def twin(data: LessonData) -> str:
    """The second of the two most correlated columns."""
    r = np.corrcoef(data.whole.to_numpy().T)
    pairs = [(abs(r[i, j]), j) for i in range(len(r)) for j in range(i + 1, len(r))]
    return str(data.whole.columns[max(pairs, key=lambda p: p[0])[1]])


def worked(data: LessonData) -> list[Any]:
    z, ward = scaled(data.whole), by_scipy(data.whole)
    n = len(z)
    heights = [
        scipy_linkage(x, "ward")[-1, 2] for x in (StandardScaler().fit_transform(data.whole), z)
    ]
    start = z.groupby(ward).mean().to_numpy()
    largest = pd.Series(ward).groupby(ward).transform("size").to_numpy() == np.bincount(ward).max()
    first = ward[np.flatnonzero(largest)[0]]
    inside = np.flatnonzero(ward == first)
    named = z.iloc[inside].mean().abs().idxmax()
    again = by_scipy(data.whole.drop(columns=named))[inside]
    coefficients = meaning.broken_schedule(data)[0]["coefficient"]
    falls = [
        stage for stage in coefficients.index[1:] if coefficients[stage] < coefficients[stage - 1]
    ]
    return [
        heights[0] / heights[1],
        moves(ward, by_scipy(data.whole.drop(columns=twin(data)))),
        float((z**2).to_numpy().max() / (n - 1)),
        moves(ward, KMeans(K, init=start, n_init=1).fit(z.to_numpy()).labels_),
        ["a", "c"],
        int(np.bincount(again).max()),
        falls[0],
        ("c", "B"),
    ]


def test_worked_answers_are_right(lesson: Lesson) -> None:
    found = worked(lesson.data)
    assert len(found) == lesson.n_exercises - 14
    for number, answer in enumerate(found, start=15):
        assert lesson.check(number, answer).state == answers.RIGHT, (number, answer)


def test_slips_are_recognised_and_give_nothing_away(lesson: Lesson) -> None:
    n = len(lesson.data.whole)
    right = worked(lesson.data)
    for number, answer, diagnosis in [
        (15, n / (n - 1), "squared"),
        (15, 1, "none"),
        (15, math.sqrt((n - 1) / n), "inverse"),
        (16, n - right[1], "stayed"),
        (17, right[2] * (n - 1), "square"),
        (17, math.sqrt(right[2] * (n - 1)), "z-score"),
        (17, 1 - right[2], "complement"),
        (18, n - right[3], "stayed"),
        (19, ["a", "b", "c"], "b"),
        (19, ["a", "c", "d"], "d"),
        (19, ["a", "f"], "unknown name"),
        (19, ["a", "c", "e"], "e"),
        (19, ["b"], ""),
        (21, right[6] - 1, "before"),
        (22, ["a", "b", "c"], "a"),
        (22, "b", "type"),
    ]:
        verdict = lesson.check(number, answer)
        assert (verdict.state, verdict.diagnosis) == (answers.WRONG, diagnosis), (number, answer)
        assert verdict.message
        if isinstance(right[number - 15], float):
            assert f"{right[number - 15]:.3f}" not in verdict.message


def test_the_statements_on_the_profile_are_as_the_data_say(lesson: Lesson) -> None:
    members, means = meaning.largest_cluster(lesson.data)
    z = scaled(lesson.data.whole).loc[members].mean()
    question = lesson.exercise(19).question
    for letter, true in (("a", True), ("c", True), ("d", False)):
        line = next(line for line in question.split("\n") if line.startswith(f"{letter})"))
        column = line[line.rindex("(") + 1 : line.rindex(")")]
        assert (("above" in line) == (z[column] > 0)) == true
    assert list(means.abs()) == pytest.approx(sorted(z.abs(), reverse=True))


def test_only_one_row_of_the_broken_schedule_is_wrong(lesson: Lesson) -> None:
    schedule, stage = meaning.broken_schedule(lesson.data)
    assert list(schedule.index[schedule["coefficient"].diff() < 0]) == [stage]
