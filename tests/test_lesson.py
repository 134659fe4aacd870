"""The lesson: right answers are called right, typical slips are recognised, nothing is given away.

What is right, and what a slip leads to, is worked out here with numpy, scipy and scikit-learn
alone, from the table that notebook 1 wrote.
"""

from __future__ import annotations

import base64
import html
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from numbers import Real
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.tables import read_table
from IPython.display import Image
from scale import scale
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from typed_answers import read_typed

from kzclusters import paths, study
from kzclusters.lesson import answers, prose, session, steps
from kzclusters.lesson.data import CRITERIA, LessonData, comparable_tables
from kzclusters.lesson.exercises import EXERCISES, exercise
from kzclusters.lesson.faded import FADED
from kzclusters.lesson.session import Lesson
from kzclusters.notebook import small
from kzclusters.publish.metadata import notebook_index
from kzclusters.run import execution

STUDY = study.parameters()
TABLE = paths.PROCESSED / "indicators.csv"
REGIONS, INDICATORS = STUDY["lesson_regions"], STUDY["lesson_indicators"]
K = STUDY["n_clusters"]
YEARS = [2011, 2013, 2014]
WORKED = 14
"""Exercises worked here; tests/test_lesson_meaning.py has the others."""
GIVEN = {
    "year": STUDY["year"],
    "years": STUDY["years"],
    "regions": REGIONS,
    "indicators": INDICATORS,
    "n_clusters": K,
}
"""What the lesson of the study is made from."""
LESSON = "05_ward_by_hand"
SOLUTIONS = "solutions/05_solutions"


def make(year: int, regions: list[str] = REGIONS, columns: list[str] = INDICATORS) -> Lesson:
    given = {"year": year, "regions": regions, "indicators": columns}
    return Lesson(LessonData.read(TABLE, **{**GIVEN, **given}))


@pytest.fixture(scope="module", params=YEARS)
def made(request: pytest.FixtureRequest) -> Lesson:
    return make(request.param)


@pytest.fixture(scope="module")
def baseline() -> Lesson:
    return make(STUDY["year"])


class Worked:
    """The exercises worked from the table, by other means than the package's."""

    def __init__(self, year: int, other_year: int) -> None:
        frame = pd.read_csv(TABLE, keep_default_na=False, na_values={"value": [""]})
        frame = frame[frame["variant"] == ""]
        order = list(dict.fromkeys(frame["region"]))

        def wide(at: int) -> pd.DataFrame:
            found = frame[frame["year"] == at].pivot(
                index="region", columns="indicator", values="value"
            )
            return found.loc[order].dropna(axis="columns")

        self.whole = wide(year)
        self.other = wide(other_year)[self.whole.columns]
        self.raw = self.whole.loc[REGIONS, INDICATORS].to_numpy()
        self.country = self.whole[INDICATORS]
        self.z = self.scaled(1)

    def scaled(self, ddof: int) -> np.ndarray:
        return (self.raw - self.raw.mean(axis=0)) / self.raw.std(axis=0, ddof=ddof)

    def by_country(self) -> np.ndarray:
        return (self.raw - self.country.mean().to_numpy()) / self.country.std().to_numpy()

    @staticmethod
    def whole_z(table: pd.DataFrame) -> np.ndarray:
        x = table.to_numpy()
        return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)

    @staticmethod
    def pairs(x: np.ndarray) -> dict[tuple[int, int], float]:
        return {
            (i, j): float(((x[i] - x[j]) ** 2).sum()) for i, j in combinations(range(len(x)), 2)
        }

    def nearest(self, x: np.ndarray) -> tuple[int, int]:
        found = self.pairs(x)
        return min(found, key=found.__getitem__)

    def farthest(self, x: np.ndarray) -> tuple[int, int]:
        found = self.pairs(x)
        return max(found, key=found.__getitem__)

    def from_first_pair(self) -> list[int]:
        """The other regions, the nearest to the centroid of the first pair first."""
        i, j = self.nearest(self.z)
        middle = (self.z[i] + self.z[j]) / 2
        return sorted(
            (k for k in range(len(self.z)) if k not in (i, j)),
            key=lambda k: ((self.z[k] - middle) ** 2).sum(),
        )

    def third(self) -> int:
        """The region that exercise 5 asks for."""
        return self.from_first_pair()[-1]

    def gap(self, x: np.ndarray) -> float:
        """Squared distance of the first pair's centroid to the third region."""
        i, j = self.nearest(self.z)
        return float((((x[i] + x[j]) / 2 - x[self.third()]) ** 2).sum())

    def increases(self, x: np.ndarray) -> list[float]:
        return (scipy_linkage(x, "ward")[:, 2] ** 2 / 2).tolist()

    def coefficients(self, x: np.ndarray) -> list[float]:
        return np.cumsum(self.increases(x)).tolist()

    def second(self) -> list[int]:
        tree = scipy_linkage(self.z, "ward")
        n = len(self.z)
        clusters = [[i] for i in range(n)]
        for a, b in tree[:2, :2].astype(int):
            clusters.append(clusters[a] + clusters[b])
        return clusters[-1]

    def cut(self, x: np.ndarray, k: int = K, method: str = "ward") -> np.ndarray:
        return fcluster(scipy_linkage(x, method), k, "maxclust")

    def explained(self, k: int) -> float:
        z = self.whole_z(self.whole)
        labels = self.cut(z, k)
        within = sum(
            ((z[labels == c] - z[labels == c].mean(axis=0)) ** 2).sum() for c in np.unique(labels)
        )
        return float(1 - within / (z**2).sum())

    def lone(self, method: str) -> int:
        return int((np.bincount(self.cut(self.whole_z(self.whole), method=method)) == 1).sum())

    def silhouettes(self, x: np.ndarray) -> dict[int, float]:
        return {k: float(silhouette_score(x, self.cut(x, k))) for k in range(2, 11)}

    def both_years(self) -> tuple[np.ndarray, np.ndarray]:
        return self.cut(self.whole_z(self.whole)), self.cut(self.whole_z(self.other))

    def moves(self) -> int:
        counts = pd.crosstab(*self.both_years()).to_numpy()
        rows, columns = linear_sum_assignment(-counts)
        return int(counts.sum() - counts[rows, columns].sum())

    def right(self) -> list[Any]:
        n, p = self.whole.shape
        silhouettes = self.silhouettes(self.whole_z(self.whole))
        return [
            float(self.z[-1, -1]),
            float(((self.z[-2] - self.z[-1]) ** 2).sum()),
            tuple(REGIONS[i] for i in self.nearest(self.z)),
            self.increases(self.z)[0],
            2 / 3 * self.gap(self.z),
            [REGIONS[i] for i in self.second()],
            self.coefficients(self.z),
            p * (n - 1),
            self.explained(K),
            self.lone("single"),
            max(silhouettes, key=silhouettes.__getitem__),
            self.moves(),
            2 ** (n - 1),
            2,
        ]


def worked(made: Lesson) -> Worked:
    return Worked(made.data.year, made.data.other_year)


# ------------------------------------------------------------------------------ right answers


def test_worked_answers_are_right(made: Lesson) -> None:
    found = worked(made).right()
    assert len(found) == WORKED
    for number, answer in enumerate(found, start=1):
        verdict = made.check(number, answer)
        assert verdict.state == answers.RIGHT, (number, answer, verdict)
        assert verdict.message and verdict.diagnosis == ""


def test_rounding_to_two_decimals_on_paper_is_enough(made: Lesson) -> None:
    """z-scores with two decimals, and everything else from them, as on paper."""
    w = worked(made)
    w.z = w.z.round(2)
    found = w.right()
    for number in range(1, 8):
        answer = found[number - 1]
        answer = np.round(answer, 2).tolist() if number not in (3, 6) else answer
        assert made.check(number, answer).state == answers.RIGHT, (number, answer)


def test_answers_may_be_written_in_many_ways(baseline: Lesson) -> None:
    found = worked(baseline).right()
    z, pair, coefficients, last = found[0], found[2], found[6], found[7]
    for one in (z, np.float64(z), np.array(z), np.float32(z), Decimal(z), Fraction(z)):
        assert baseline.check(1, one).state == answers.RIGHT
    english = [baseline.data.names[code] for code in pair]
    russian, kazakh = ([baseline.data.spellings[code][i] for code in pair] for i in (1, 2))
    assert russian != english != kazakh
    for two in (
        pair,
        pair[::-1],
        list(pair),
        set(pair),
        np.array(pair),
        pd.Series(pair),
        pd.Index(pair),
        english,
        [name.upper() for name in english],
        [f"  {name} " for name in english],
        russian,
        kazakh,
        [name.removesuffix(" облысы").removesuffix(" қаласы") for name in kazakh],
    ):
        assert baseline.check(3, two).state == answers.RIGHT, two
    for many in (
        coefficients,
        tuple(coefficients),
        np.array(coefficients),
        pd.Series(coefficients),
        dict(enumerate(coefficients)),
    ):
        assert baseline.check(7, many).state == answers.RIGHT
    for whole in (last, float(last), np.int64(last)):
        assert baseline.check(8, whole).state == answers.RIGHT


# ------------------------------------------------------------------------------ wrong answers


def wrong_answers(w: Worked) -> Iterator[tuple[int, Any, str]]:
    """Exercise, answer after a typical slip, and what the slip is called."""
    x, z, n = w.raw, w.z, len(w.raw)
    by_n, elsewhere = w.scaled(0), w.by_country()
    mean, s = x[:, -1].mean(), x[:, -1].std(ddof=1)
    yield 1, by_n[-1, -1], "ddof"
    yield 1, elsewhere[-1, -1], "other sample"
    yield 1, x[-1, -1], "unscaled"
    yield 1, x[-1, -1] - mean, "not divided"
    yield 1, x[-1, -1] / s, "not centred"
    yield 1, (mean - x[-1, -1]) / s, "sign"
    yield 1, mean, "mean"
    yield 1, s, "standard deviation"
    yield 1, x[:, -1].std(), "standard deviation"
    yield 1, (x[-1, -1] - mean) / s**2, "variance"
    yield 1, (x[-1, -1] - x[:, -1].min()) / np.ptp(x[:, -1]), "range"
    yield 1, z[-1, 0], "other cell"
    yield 1, round(z[1, 0], 2), "other cell"
    yield 1, (0, 44), "comma"

    def squared(t: np.ndarray) -> float:
        return float(((t[-2] - t[-1]) ** 2).sum())

    gap = z[-2] - z[-1]
    yield 2, math.sqrt(squared(z)), "square"
    yield 2, squared(x), "unscaled"
    yield 2, math.sqrt(squared(x)), "unscaled root"
    yield 2, (3, 957), "comma"
    yield 2, squared(by_n), "ddof"
    yield 2, squared(elsewhere), "other sample"
    yield 2, np.abs(gap).sum(), "absolute"
    yield 2, gap[0] ** 2, "one indicator"
    yield 2, squared(z) / 2, "mean"
    yield 2, float(((z[0] - z[1]) ** 2).sum()), "other pair"

    i, j = w.nearest(z)
    yield 3, [REGIONS[at] for at in w.nearest(x)], "unscaled"
    yield 3, [REGIONS[at] for at in w.farthest(z)], "farthest"
    other = set(w.pairs(z)) - {w.nearest(z), w.nearest(x), w.farthest(z)}
    yield 3, [REGIONS[at] for at in min(other)], "wrong pair"
    yield 3, [REGIONS[i]], "count"
    yield 3, [REGIONS[i], REGIONS[i]], "repeated"
    yield 3, [REGIONS[i], "Atlantis"], "unknown name"
    yield 3, REGIONS[i], "type"

    first = w.pairs(z)[i, j]
    yield 4, first, "factor"
    yield 4, math.sqrt(first), "square"
    yield 4, first / 4, "mean"
    yield 4, w.pairs(by_n)[i, j] / 2, "ddof"
    yield 4, w.pairs(x)[i, j] / 2, "unscaled"
    yield 4, w.pairs(z)[w.farthest(z)] / 2, "other pair"

    joined = z[[i, j, w.third()]]
    after = ((joined - joined.mean(axis=0)) ** 2).sum()
    yield 5, w.gap(z), "factor"
    yield 5, w.gap(z) / 2, "sizes"
    yield 5, 1.5 * w.gap(z), "factor inverted"
    yield 5, 2 / 3 * math.sqrt(w.gap(z)), "square"
    yield 5, after, "total"
    yield 5, 2 / 3 * w.gap(x), "unscaled"
    yield 5, 2 / 3 * w.gap(by_n), "ddof"
    members = [((z[at] - z[w.third()]) ** 2).sum() for at in (i, j)]
    for factor in (1, 2 / 3, 1 / 2):
        yield 5, factor * float(np.mean(members)), "average linkage"
        yield 5, factor * min(members), "nearest member"
        yield 5, factor * max(members), "farthest member"
    middle, near = (z[i] + z[j]) / 2, w.from_first_pair()[0]
    yield 5, 2 / 3 * ((middle - z[near]) ** 2).sum(), "other region"

    yield 6, [REGIONS[at] for at in (i, j)], "first merge"
    yield 6, [REGIONS[at] for at in (i, j, near)], "sizes"
    yield 6, list(REGIONS), "everything"
    rest = [at for at in range(n) if at not in (i, j)]
    for one in (i, j):
        for size in range(1, len(rest) + 1):
            for others in combinations(rest, size):
                yield 6, [REGIONS[at] for at in (one, *others)], "part of a cluster"
    yield 6, [REGIONS[i], "Atlantis"], "unknown name"

    coefficients, steps = w.coefficients(z), w.increases(z)
    yield 7, steps, "increments"
    yield 7, np.sqrt(2 * np.array(steps)), "height"
    yield 7, (2 * np.array(coefficients)).tolist(), "factor"
    yield 7, (np.array(coefficients) / n).tolist(), "mean"
    yield 7, w.coefficients(by_n), "ddof"
    yield 7, w.coefficients(x), "unscaled"
    yield 7, coefficients[:-1], "length"
    yield 7, [0.0, *coefficients], "length"
    yield 7, [coefficients[0], *(c + 1 for c in coefficients[1:])], "from a stage"
    yield 7, [c + 1 for c in coefficients], "from the start"
    yield 7, set(coefficients), "type"

    rows, p = w.whole.shape
    yield 8, rows * p, "ddof"
    yield 8, p, "mean"
    yield 8, rows - 1, "one indicator"
    yield 8, rows * p - 1, "one less in all"
    yield 8, rows * p * (rows - 1), "pairs"
    yield 8, p * (rows - 1) - 0.1, "not whole"

    for k in range(2, rows):
        if k != K:
            yield 9, w.explained(k), "cluster count"
    yield 9, 0.95, "cluster count"
    yield 9, 0.87, "cluster count"
    yield 9, 1 - w.explained(K), "complement"
    yield 9, 100 * w.explained(K), "percent"
    total = p * (rows - 1)
    yield 9, total * (1 - w.explained(K)), "sum for share"

    yield 10, w.lone("ward"), "other linkage"
    sizes = np.bincount(w.cut(w.whole_z(w.whole), method="single"))
    yield 10, int(sizes.max()), "cluster count"
    yield 10, w.lone("single") + 1, "miscounted"

    silhouettes = w.silhouettes(w.whole_z(w.whole))
    best = max(silhouettes, key=silhouettes.__getitem__)
    yield 11, silhouettes[best], "silhouette"
    yield 11, silhouettes[best] + 0.0045, "silhouette"
    yield 11, int(np.argmax(list(silhouettes.values()))), "position"
    yield 11, 2, "jump"
    yield 11, min(silhouettes, key=silhouettes.__getitem__), "smallest"
    yield 11, 40, "range"

    one, two = w.both_years()
    together = [(one == one[i], two == two[i]) for i in range(rows)]
    yield 12, sum((a != b).any() for a, b in together), "companions or stayed"
    yield 12, adjusted_rand_score(*w.both_years()), "index"

    yield 13, math.factorial(rows), "all orders"
    yield 13, 2**rows, "leaves for joints"
    yield 13, 2 * (rows - 1), "sum for product"
    yield 13, rows - 1, "joints"
    yield 13, 2 ^ (rows - 1), "exclusive or"
    yield 13, rows * (rows - 1), "pairs"
    yield 13, 2 ** (n - 1), "small table"

    yield 14, 4, "first merges"
    yield 14, 6, "single linkage"
    yield 14, 1, "one program"
    yield 14, 3, "diagonals"
    yield 14, 7, "all partitions"


def test_each_typical_slip_is_recognised(baseline: Lesson) -> None:
    seen = set()
    for number, answer, diagnosis in wrong_answers(worked(baseline)):
        verdict = baseline.check(number, answer)
        assert verdict.state == answers.WRONG, (number, answer, diagnosis)
        assert verdict.diagnosis == diagnosis, (number, answer, verdict)
        seen.add(number)
    assert seen == set(range(1, WORKED + 1))


def test_no_slip_lies_within_the_tolerance_of_the_right_answer(baseline: Lesson) -> None:
    """Otherwise a wrong idea would be praised. A slip that leads to the right number is none."""
    named = 0
    for number, correct in enumerate(worked(baseline).right(), start=1):
        made = baseline.exercise(number)
        assert made.mistakes, number
        for mistake in made.mistakes:
            if number in (3, 6):
                if mistake.value == {*correct}:
                    continue
                assert baseline.check(number, list(mistake.value)).state == answers.WRONG
                named += 1
                continue
            ours, theirs = (np.ravel(np.asarray(v, dtype=float)) for v in (correct, mistake.value))
            if ours.shape == theirs.shape:
                if np.allclose(ours, theirs, rtol=1e-9, atol=0):
                    assert number in (10,), (number, mistake)
                    continue
                absolute, relative = made.tolerance
                off = np.abs(ours - theirs) > absolute + relative * np.abs(ours)
                assert off.any(), (number, mistake)
            verdict = baseline.check(number, mistake.value)
            assert verdict.state == answers.WRONG and verdict.diagnosis, (number, mistake, verdict)
            named += 1
    assert named > 120


def test_a_value_nearer_to_a_slip_is_that_slip() -> None:
    slip = answers.Mistake("slip", 4.0, "a slip")
    find = answers.judge_number(3.96, [slip])
    assert find(3.96) is None and find(3.975) is None and find(3.90) is not None
    for value in (3.99, 4.0, 4.03, 4.10):
        assert find(value) == ("slip", "a slip"), value
    assert find(3.80)[0] == "rounding"
    # a slip that cannot be distinguished from the truth is not reported
    assert answers.judge_number(3.96, [answers.Mistake("same", 3.9601, "")])(3.9601) is None

    listed = answers.judge_list(
        [1.0, 3.96], [answers.Mistake("slip", [1.0, 4.0], "a slip")], "length"
    )
    assert listed([1.0, 3.97]) is None
    assert listed([1.0, 3.99]) == listed([1.0, 4.0]) == ("slip", "a slip")


def test_the_right_value_with_two_decimals_is_right_beside_any_slip() -> None:
    """As in a small table where two cells of a column differ in the third decimal."""
    find = answers.judge_number(-0.702952, [answers.Mistake("slip", -0.6995, "another cell")])
    assert find(-0.70) is None and find(-0.699)[0] == "slip"
    # where three decimals are asked for, two are not enough
    fine = answers.judge_number(0.9928, [], absolute=0.0006, relative=0)
    assert fine(0.99)[0] == "rounding"
    listed = answers.judge_list([0.0249, 2.0], [answers.Mistake("slip", [0.019, 2.0], "")], "")
    assert listed([0.02, 2.0]) is None and listed([0.0191, 2.0])[0] == "slip"


def test_small_values_are_not_taken_for_a_slip(baseline: Lesson) -> None:
    for zero in (0, 0.0):
        assert baseline.check(1, zero).diagnosis == ""
    assert baseline.check(1, round(float(baseline.data.z.iloc[1, 0]), 2)).state == answers.WRONG


def test_exercise_5_asks_where_slips_are_far_from_the_truth(baseline: Lesson) -> None:
    w = worked(baseline)
    assert baseline.data.names[REGIONS[w.third()]] in baseline.ask(5).data
    near = w.from_first_pair()[0]
    i, j = w.nearest(w.z)
    for k, clear in ((near, False), (w.third(), True)):
        right = 2 / 3 * (((w.z[i] + w.z[j]) / 2 - w.z[k]) ** 2).sum()
        single = min(((w.z[at] - w.z[k]) ** 2).sum() for at in (i, j))
        assert answers.close(single, right) is not clear


@pytest.mark.parametrize("value", [(0, 44), (-1, 16), (1, 234.5), (1, 234, 567)])
def test_a_decimal_comma_is_recognised(baseline: Lesson, value: tuple) -> None:
    for number in (1, 2, 4, 5, 8, 9, 10, 11, 12, 13, 14):
        verdict = baseline.check(number, value)
        assert verdict.diagnosis == "comma" and "a point for decimals" in verdict.message
    assert baseline.check(7, [0, 31, 2, 29, 6, 0]).diagnosis == "comma"
    for other in ((0.44, 1), (True, 1), [0, 44], (1.234, 5), read_typed("1 234,5")):
        assert baseline.check(1, other).diagnosis == "type"
    assert "thousands" in baseline.check(1, read_typed("1.234,5")).message


def test_messages_say_what_went_wrong(baseline: Lesson) -> None:
    n, p = baseline.data.whole.shape
    for number, answer, words in (
        (4, math.sqrt(baseline.data.pairs.min()), "the distance itself"),
        (8, n * p, "divides by n − 1"),
        (8, p * (n - 1) + 0.2, "rounded on the way"),
        (8, 0.5, "If yours is near it"),
        (10, K, "the number of all clusters"),
        (10, 5, "count the blocks again"),
        (
            12,
            int((baseline.data.clusters != baseline.data.other_clusters).sum()),
            "another matching",
        ),
        (12, n - worked(baseline).moves(), "the number of regions that stay"),
        (13, 2 ^ (n - 1), "a power is `**`"),
        (1, [1.0], "by itself, not in a list"),
        (7, [None, 1, 2], "still empty"),
        (2, 1234.5, "Not right, and none of the common slips. Open the first hint."),
    ):
        assert words in baseline.check(number, answer).message, (number, answer)


def test_in_other_years_slips_are_still_wrong(made: Lesson) -> None:
    """Another year can make a slip harmless; where it changes the answer it must not pass."""
    w = worked(made)
    right = w.right()
    wrong = 0
    for number, answer, _ in wrong_answers(w):
        correct = right[number - 1]
        if isinstance(answer, Real) and isinstance(correct, Real):
            if answers.close(float(answer), float(correct), 0.0015, 0.001):
                continue
        elif number in (3, 6) and not isinstance(answer, str) and set(answer) == set(correct):
            continue
        if number == 9 and answer in (0.87, 0.95) or number == 11 and answer == correct:
            continue  # of the baseline's year
        wrong += 1
        assert made.check(number, answer).state == answers.WRONG, (number, answer)
    assert wrong > 60


def test_the_numbers_of_clusters_are_names(baseline: Lesson) -> None:
    a, b = baseline.data.clusters, baseline.data.other_clusters
    compared = int((a != b).sum())
    assert compared != worked(baseline).moves()
    assert baseline.check(12, compared).diagnosis == "cluster numbers"


# ---------------------------------------------------------------------------- giving away


def numbers_in(text: str) -> list[float]:
    text = re.sub(r"(?:exercises?|Hint) \d+", "", text.replace(",", ""))
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def test_no_message_gives_the_answer_away(made: Lesson) -> None:
    w = worked(made)
    right = w.right()
    strange = [0, 1, -1, 1e9, 0.5, "x", [], [1], ["x", "y"], list(REGIONS[:2]), list(REGIONS[1:3])]
    given = [(n, a) for n, a, _ in wrong_answers(w)]
    given += [(n, a) for n in range(1, WORKED + 1) for a in strange]
    checked = 0
    for number, answer in given:
        verdict = made.check(number, answer)
        if verdict.state == answers.RIGHT:
            continue
        checked += 1
        correct = right[number - 1]
        if number in (3, 6):
            if verdict.diagnosis == "unknown name":
                continue  # lists every region of the table
            named = [code for code in correct if made.data.names[code] in verdict.message]
            assert not named, (number, answer, verdict)
            continue
        values = correct if isinstance(correct, list) else [correct]
        for value in values:
            for found in numbers_in(verdict.message):
                if number in (8, 10, 11, 12, 13, 14):
                    named = found == value and f"{found:.0f} to" not in verdict.message
                else:
                    named = abs(found - abs(value)) < 0.006 and found not in (0.0, 1.0)
                assert not named, (number, answer, verdict)
    assert checked > 150


def test_questions_do_not_hold_their_answers(made: Lesson) -> None:
    right = worked(made).right()
    for number in (3, 6):
        question = made.ask(number).data
        assert not [code for code in right[number - 1] if made.data.names[code] in question]
        for answer in ("x", 1, [1, 2]):  # the examples in the messages on types
            message = made.check(number, answer).message
            assert not [code for code in right[number - 1] if made.data.names[code] in message]


# -------------------------------------------------------------------------- odd answers


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
def test_several_letters_in_one_text_are_told_how_to_be_written(
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


# ------------------------------------------------------------------------ changed data


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


# ----------------------------------------------------------------------- what is shown


def test_merge_costs_are_differences_of_sums_of_squares(made: Lesson) -> None:
    z = made.data.z
    costs = steps.merge_costs(z)

    def ss(labels: tuple) -> float:
        return float(((z.loc[list(labels)] - z.loc[list(labels)].mean()) ** 2).to_numpy().sum())

    for _, row in costs.iterrows():
        grown = (
            ss(row["cluster_a"] + row["cluster_b"]) - ss(row["cluster_a"]) - ss(row["cluster_b"])
        )
        assert math.isclose(row["increase"], grown, rel_tol=1e-9)
    taken = costs[costs["made"]]
    assert list(taken["stage"]) == [1, 2, 3]
    assert (
        taken["increase"].to_numpy() == costs.groupby("stage")["increase"].min().to_numpy()
    ).all()
    assert np.allclose(taken["increase"], scipy_linkage(z, "ward")[:, 2] ** 2 / 2)
    assert list(costs.groupby("stage").size()) == [6, 3, 1]


def test_the_small_table_teaches_what_the_lesson_says(baseline: Lesson) -> None:
    """Scaling changes the first merge, and near is not the same as cheap."""
    assert set(baseline.data.pairs.idxmin()) != set(baseline.data.pairs_unscaled.idxmin())
    second = steps.merge_costs(baseline.data.z).query("stage == 2")
    assert second["increase"].idxmin() != second["squared_distance"].idxmin()
    shares = ((baseline.data.small - baseline.data.small.mean()) ** 2).sum()
    assert shares.max() / shares.sum() > 0.95
    assert set(baseline.data.example_pair) not in (
        set(baseline.data.asked_pair),
        set(baseline.data.pairs.idxmin()),
    )


def test_in_million_tenge_the_other_column_decides(baseline: Lesson) -> None:
    """As the lesson says of a column of GRP."""
    assert baseline.data.small.columns[0] == "P14"
    shares = ((baseline.data.small - baseline.data.small.mean()) ** 2).sum()
    assert shares.idxmax() == "P14"
    assert (shares * [1e-6, 1]).idxmax() == "P12"
    text = prose.deciding_indicator(baseline.data)
    assert "comes from P14" in text and "hardly a say" in text
    equal = LessonData(
        baseline.data.z,
        baseline.data.whole,
        baseline.data.others,
        year=2013,
        n_clusters=K,
        variables=baseline.data.variables,
    )
    assert "hardly" not in prose.deciding_indicator(equal)


def test_the_tables_shown_say_what_the_numbers_say(baseline: Lesson) -> None:
    w = worked(baseline)

    def called(pair: tuple[int, int]) -> str:
        return " and ".join(baseline.data.names[REGIONS[i]] for i in pair)

    first = baseline.data.first_merges()["nearest pair"]
    assert first["unscaled"] == called(w.nearest(w.raw))
    assert first["scaled"] == called(w.nearest(w.z))
    second = baseline.data.near_and_cheap()
    (i, j), near = w.nearest(w.z), w.from_first_pair()[0]
    gap = (w.z[i] + w.z[j]) / 2 - w.z[near]
    assert np.isclose(second.loc["nearest centroids", "squared distance"], gap @ gap)
    assert np.isclose(second.loc["smallest increase", "increase"], w.increases(w.z)[1])
    assert (baseline.data.costs()[""] != "").sum() == 3
    assert np.allclose(baseline.data.schedule(baseline.data.z)["coefficient"], w.coefficients(w.z))


SUM = re.compile(
    r"(?<![\d.,])(−?[\d,]+(?:\.\d+)?) ([+−×/]) (−?[\d,]+(?:\.\d+)?) = \**(−?[\d,]+(?:\.\d+)?)"
)


def check_sums(text: str) -> int:
    """Every printed "a + b = c" adds up to the last digit printed; how many there are."""
    found = [
        match.groups()
        for match in SUM.finditer(text)
        if text[: match.start()].rstrip()[-1:] not in ("+", "−", "×", "/")
    ]
    for a, sign, b, c in found:
        one, two, three = (float(x.replace(",", "").replace("−", "-")) for x in (a, b, c))
        value = {"+": one + two, "−": one - two, "×": one * two, "/": one / two}[sign]
        digits = len(c.partition(".")[2])
        assert abs(value - three) < 0.5 * 10**-digits + 1e-9, (a, sign, b, c)
    return len(found)


def test_worked_examples_add_up_as_printed(made: Lesson) -> None:
    w = worked(made)
    assert f"{w.z[0, 0]:.2f}".replace("-", "\N{MINUS SIGN}") in FADED["z_score"](made.data).worked
    a, b = (REGIONS.index(code) for code in made.data.example_pair)
    one, two = np.round(w.z[a], 2), np.round(w.z[b], 2)
    steps = np.round((one - two) ** 2, 4)
    text = FADED["squared_distance"](made.data).worked
    for gap, square in zip(one - two, steps, strict=True):
        assert f"{gap:.2f} in ".replace("-", "\N{MINUS SIGN}") in text and f"{square:.4f}" in text
    assert f"sum, {steps.sum():.4f}, or {steps.sum():.2f}." in text
    assert f"{w.pairs(w.z)[a, b]:.2f}; the checks allow" in text
    assert abs(steps.sum() - w.pairs(w.z)[a, b]) < answers.ABSOLUTE + answers.RELATIVE * steps.sum()
    text = FADED["first_increase"](made.data).worked
    assert check_sums(text) == 1 and f"0.5 × {steps.sum():.4f}" in text
    apart, together = re.search(r"it are (.*), together ([\d.]+)\.", text).groups()
    assert math.isclose(sum(map(float, apart.split(" and "))), float(together), abs_tol=1e-9)
    assert abs(float(together) - steps.sum() / 2) < 3e-4


def test_printed_sums_in_the_notebooks_add_up() -> None:
    lines = {name: "\n".join(map(shown, cells(name))) for name in (LESSON, SOLUTIONS)}
    assert check_sums(lines[LESSON]) >= 1
    assert check_sums(lines[SOLUTIONS]) >= 5
    with pytest.raises(AssertionError):
        check_sums("0.5 × 0.621 = 0.310; 2.649 − 0.310 = 2.338")


def test_criteria_are_the_known_ones(baseline: Lesson) -> None:
    z = Worked.whole_z(worked(baseline).whole)
    found = baseline.data.criteria()
    assert list(found.columns) == list(CRITERIA) and list(found.index) == list(range(2, 11))
    heights = scipy_linkage(z, "ward")[:, 2]
    for k in found.index:
        labels = fcluster(scipy_linkage(z, "ward"), k, "maxclust")
        assert np.allclose(
            found.loc[k],
            [
                heights[len(z) - k] ** 2 / 2,
                silhouette_score(z, labels),
                calinski_harabasz_score(z, labels),
                davies_bouldin_score(z, labels),
            ],
        )


def test_years_are_compared_as_groupings(baseline: Lesson) -> None:
    assert list(baseline.data.by_year) == [2013, 2014, 2015]
    moved = baseline.data.moves_by_year()
    assert not moved[2013].any()
    assert moved[2014].sum() == worked(baseline).moves()


def test_turning_a_joint_keeps_the_tree(baseline: Lesson) -> None:
    labels = list(baseline.data.whole.index)
    usual, other = (
        steps.leaf_labels(baseline.data.tree_whole, labels),
        steps.rotate_last_joint(baseline.data.tree_whole, labels),
    )
    assert sorted(usual) == sorted(other) and usual != other
    clusters = [{label} for label in labels]
    for a, b in baseline.data.tree_whole[:, :2].astype(int):
        clusters.append(clusters[a] | clusters[b])
    for members in clusters:
        places = sorted(other.index(label) for label in members)
        assert places == list(range(places[0], places[0] + len(members))), "branches cross"


def test_shuffling_keeps_columns_and_breaks_rows(baseline: Lesson) -> None:
    mixed = steps.shuffle_columns(baseline.data.z_whole, 5)
    for column in mixed.columns:
        assert sorted(mixed[column]) == sorted(baseline.data.z_whole[column])
    assert mixed.equals(steps.shuffle_columns(baseline.data.z_whole, 5))
    assert not mixed.equals(steps.shuffle_columns(baseline.data.z_whole, 6))
    rows = {tuple(row) for row in baseline.data.z_whole.to_numpy()}
    assert not any(tuple(row) in rows for row in mixed.to_numpy())


def test_linkages_differ_in_their_second_merge(baseline: Lesson) -> None:
    z = worked(baseline).z

    def second(method: str) -> set[int]:
        clusters = [{i} for i in range(len(z))]
        for a, b in scipy_linkage(z, method)[:2, :2].astype(int):
            clusters.append(clusters[a] | clusters[b])
        return clusters[-1]

    methods = ["single", "complete", "average", "centroid"]
    same = [m for m in methods if second(m) == second("ward")]
    assert same == ["complete"]
    assert prose.compare_second_merges(baseline.data) == (
        "Single, average and centroid linkage would not join the same clusters as Ward's method "
        "here; complete linkage would."
    )


def test_groupings_are_counted_without_their_numbers(baseline: Lesson) -> None:
    labels = list(baseline.data.whole.index)
    z = Worked.whole_z(worked(baseline).whole)
    cuts = {
        m: pd.Series(fcluster(scipy_linkage(z, m), K, "maxclust"), index=labels)
        for m in ("ward", "single", "complete", "average")
    }
    equal = {(a, b): adjusted_rand_score(cuts[a], cuts[b]) == 1 for a, b in combinations(cuts, 2)}
    assert [pair for pair, same in equal.items() if same] == [
        ("ward", "complete"),
        ("single", "average"),
    ]
    assert steps.equal_partitions(cuts) == [["ward", "complete"], ["single", "average"]]
    text = prose.compare_linkages(baseline.data, cuts)
    assert text.startswith(
        f"At {K} clusters the 4 trees give 2 groupings: Ward's method and complete"
    )
    assert "single linkage and average linkage give the same." in text and "lowest" in text
    two = {m: cuts[m] for m in ("ward", "single")}
    assert "give 2 groupings. Ward" in prose.compare_linkages(baseline.data, two)
    same = dict.fromkeys(cuts, cuts["ward"])
    assert "trees give one grouping: Ward's" in prose.compare_linkages(baseline.data, same)


def test_years_are_compared_in_words(baseline: Lesson) -> None:
    tables = {
        at: worked(baseline).cut(Worked.whole_z(t))
        for at, t in {2013: baseline.data.whole, **baseline.data.others}.items()
    }
    blocks = {
        at: {frozenset(np.flatnonzero(found == c)) for c in found} for at, found in tables.items()
    }
    held = set.intersection(*blocks.values())
    assert len(held) == 4 and all(len(cluster) == 1 for cluster in held)
    assert blocks[2014] == blocks[2015] != blocks[2013]
    labels = list(baseline.data.whole.index)
    text = " ".join(prose.compare_years(baseline.data))
    lone = sorted(labels.index(baseline.data.whole.index[i]) for cluster in held for i in cluster)
    alone = baseline.data.list_names(labels[i] for i in lone)
    assert f"Only the 4 clusters of one region hold in every year: {alone}." in text
    assert "Kyzylorda and Pavlodar change sides." in text
    assert "Almaty region and Zhambyl, the closest pair of all, move together." in text
    assert "The clusters of 2014 and 2015 are the same." in text
    z = Worked.whole_z(baseline.data.whole)
    first = scipy_linkage(z, "ward")[0, :2].astype(int)
    assert {baseline.data.names[labels[i]] for i in first} == {"Almaty region", "Zhambyl"}


def test_the_matching_adds_up(made: Lesson) -> None:
    found = made.data.matching()
    assert len(found) == made.data.n_clusters
    assert len(made.data.whole) - found["stay"].sum() == worked(made).moves()
    partners = [names for names in found.iloc[:, 1] if names]
    assert len(partners) == len(set(partners)), "a cluster is matched once"


def test_a_row_is_read_aloud_without_the_last_coefficient(made: Lesson) -> None:
    text = prose.read_row_aloud(made.data)
    schedule = steps.schedule(made.data.z_whole)
    made_before = schedule[["first_appears_1", "first_appears_2"]].max(axis=1)
    row = schedule[made_before > 0].iloc[0]
    assert f"At stage {row['stage']}" in text and f"{row['coefficient']:.3f}" in text
    assert f"case {row['cluster_1']} ({made.data.names[row['label_1']]})" in text
    assert f"merged again at stage {row['next_stage']}" in text
    assert f"{schedule['coefficient'].iloc[-1]:.0f}" not in text


def test_shuffled_tables_explain_less_than_the_regions(baseline: Lesson) -> None:
    w = worked(baseline)
    shares = steps.shuffled_shares(baseline.data.z_whole, K, 5, draws=40)
    assert np.array_equal(shares, steps.shuffled_shares(baseline.data.z_whole, K, 5, draws=40))
    assert len(set(shares)) == 40 and shares.max() < w.explained(K)
    assert math.isclose(steps.explained_share(baseline.data.tree_whole, K), w.explained(K))
    first = scipy_linkage(steps.shuffle_columns(baseline.data.z_whole, 5), "ward")[:, 2] ** 2
    assert math.isclose(shares[0], 1 - first[: len(baseline.data.whole) - K].sum() / first.sum())
    text = prose.compare_with_shuffles(baseline.data, 5, draws=40)
    assert f"In 40 shuffled tables the share is mostly {np.quantile(shares, 0.025):.0%} to" in text
    assert "none of them reaches" in text and "are related" in text
    chance = steps.shuffle_columns(baseline.data.z_whole, 99).set_axis(baseline.data.whole.index)
    other = LessonData(baseline.data.small, chance, {2014: chance}, year=2013, n_clusters=K)
    assert "does not tell the real table from shuffled ones" in prose.compare_with_shuffles(
        other, 5, draws=40
    )


def test_votes_are_counted(baseline: Lesson) -> None:
    text = prose.count_votes(baseline.data, STUDY["seed"])
    votes = [int(v) for v in re.findall(r"k = \d+ \((\d+)\)", text)]
    assert f" {sum(votes)} of them vote" in text
    assert f"For k = {K}, the number of this lesson: none." in text


def test_a_changed_lesson_draws_elsewhere(tmp_path: Path) -> None:
    given = {name: STUDY[name] for name in ("year", "lesson_regions", "seed")}
    usual = STUDY["figures_dir"]
    assert session.figures_folder(usual, given) == usual
    assert session.figures_folder(str(paths.FIGURES), given) == str(paths.FIGURES)
    changed = given | {"lesson_regions": REGIONS[::-1]}
    for folder in (usual, str(paths.FIGURES)):
        assert session.figures_folder(folder, changed) == "build/lesson"
    assert session.figures_folder(str(tmp_path), changed) == str(tmp_path)


def test_a_folded_figure_keeps_picture_text_and_sentences() -> None:
    picture = (paths.FIGURES / "lesson_years.png").read_bytes()
    image = Image(data=picture, format="png", width=300, alt='a "picture" & more')
    data, about = session.Folded(image, "Open <later>", "One & two.")._repr_mimebundle_()
    assert about == {"image/png": {"alt": 'a "picture" & more', "width": 300}}
    assert base64.b64decode(data["image/png"]) == picture
    assert data["text/html"].startswith("<details><summary>Open &lt;later&gt;</summary>")
    assert 'alt="a &quot;picture&quot; &amp; more"' in data["text/html"]
    assert data["image/png"] in data["text/html"] and "<p>One &amp; two.</p>" in data["text/html"]
    assert "<em>" not in data["text/html"]
    image.caption = "What it shows"
    folded, _ = session.Folded(image, "Open")._repr_mimebundle_()
    assert "<p><em>What it shows</em></p>" in folded["text/html"]


def test_comparable_years_have_the_same_indicators() -> None:
    found = comparable_tables(TABLE, 2013, STUDY["years"])
    assert list(found) == [2013, 2014, 2015]
    assert list(found[2014].columns) == list(found[2013].columns)
    assert list(comparable_tables(TABLE, 2010, STUDY["years"])) == STUDY["years"]
    assert make(2015).data.other_year == make(2013).data.other_year == 2014


# -------------------------------------------------------------------------- the notebooks


def cells(name: str) -> list:
    return nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells


def shown(cell: Any) -> str:
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/markdown", "")
        for output in cell.get("outputs", [])
    )


def test_the_committed_lesson_asks_and_does_not_answer(baseline: Lesson) -> None:
    asked, checked, hints = [], [], []
    for cell in cells(LESSON):
        if found := re.search(r"^lesson\.ask\((\d+)\)", cell.source, re.MULTILINE):
            asked.append(int(found[1]))
        if found := re.search(r"^lesson\.check\((\d+), answer_(\d+)\)", cell.source, re.MULTILINE):
            number = int(found[1])
            assert found[1] == found[2]
            assert re.search(rf"^answer_{number} = None\b", cell.source, re.MULTILINE)
            assert "not answered yet" in shown(cell)
            checked.append(number)
        if cell.cell_type == "markdown" and "<summary>Hint 1" in cell.source:
            assert [cell.source.count(f"<summary>Hint {i}</summary>") for i in (1, 2, 3)] == [
                1,
                1,
                1,
            ]
            hints.append(len(asked))
    every = list(range(1, baseline.n_exercises + 1))
    assert asked == checked == hints == every


def unfolded(text: str) -> str:
    """What is seen before anything is opened; folds may lie in folds."""
    innermost = re.compile(r"<details>(?:(?!<details>).)*?</details>", re.DOTALL)
    while innermost.search(text):
        text = innermost.sub("", text)
    return text


def test_what_gives_an_answer_away_is_folded(baseline: Lesson) -> None:
    """Nothing that a reader sees without opening it holds the answer of the exercises before it."""
    right = worked(baseline).right()
    figures = {7: "lesson_merges", 8: "lesson_growth", 11: "lesson_criteria", 12: "lesson_years"}
    folded = {}
    for cell in cells(LESSON):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            page = data.get("text/html", "")
            opened = unfolded(page)
            assert not re.search(rf"\b{right[7]}\b", opened + unfolded(shown(cell))), cell.id
            if "image/png" in data and page.startswith("<details>"):
                number = int(re.search(r"Open after exercise (\d+)", page)[1])
                folded[number] = base64.b64decode(data["image/png"])
                assert "data:image/png" not in opened
    assert set(folded) == set(figures)
    for number, name in figures.items():
        assert folded[number] == small((paths.FIGURES / f"{name}.png").read_bytes())
    text = "\n".join(map(shown, cells(LESSON)))
    for sentence in (
        *prose.compare_years(baseline.data),
        prose.count_votes(baseline.data, STUDY["seed"]),
    ):
        assert sentence not in text


def test_the_committed_sentences_are_the_computed_ones(baseline: Lesson) -> None:
    text = "\n".join(map(shown, cells(LESSON)))
    pages = "\n".join(
        html.unescape(output.get("data", {}).get("text/html", ""))
        for cell in cells(LESSON)
        for output in cell.get("outputs", [])
    )
    for sentence in (
        prose.deciding_indicator(baseline.data),
        prose.compare_second_merges(baseline.data),
        prose.read_row_aloud(baseline.data),
        FADED["squared_distance"](baseline.data).worked,
        prose.compare_with_shuffles(baseline.data, STUDY["seed"]),
    ):
        assert sentence in text, sentence
    for sentence in (
        *prose.compare_years(baseline.data),
        prose.count_votes(baseline.data, STUDY["seed"]),
    ):
        assert sentence in pages, sentence


def test_hints_are_graded() -> None:
    """The last hint to exercise 11 names the functions and leaves the loop to the reader."""
    (text,) = [c.source for c in cells(LESSON) if "silhouette_score" in c.source]
    last = text.partition("Hint 3")[2]
    assert "silhouette_score" in last and "for k in" not in text and "idxmax" not in text


def test_the_committed_notebooks_have_no_errors() -> None:
    for name in (LESSON, SOLUTIONS, notebook_index.START):
        for cell in cells(name):
            for output in cell.get("outputs", []):
                assert output.output_type != "error", name
                assert output.get("name") != "stderr", (name, output)


def test_hints_do_not_hold_the_answers(baseline: Lesson) -> None:
    right = worked(baseline).right()
    texts = [c.source for c in cells(LESSON) if c.cell_type == "markdown" and "Hint 1" in c.source]
    # the exercises after these ask for names and choices, which hints may mention
    for number, (text, correct) in enumerate(zip(texts, right, strict=False), start=1):
        if number in (3, 6):
            assert not [
                code for code in correct if baseline.data.names[code] in text or code in text
            ]
        elif number not in (11, 12):
            values = correct if isinstance(correct, list) else [correct]
            for value in values:
                assert not [f for f in numbers_in(text) if abs(f - abs(value)) < 0.006], (
                    number,
                    value,
                )


@pytest.mark.slow
@pytest.mark.notebooks
@pytest.mark.long("lesson of another year", "the lesson and its solutions run, every answer right")
@pytest.mark.parametrize("name", scale([SOLUTIONS], [LESSON, SOLUTIONS]))
@pytest.mark.parametrize("year", scale([2015], [2014, 2015]))
def test_the_notebooks_run_for_another_year(tmp_path: Path, name: str, year: int) -> None:
    """Through the runner, from top to bottom; the solutions assert that every answer is right."""
    given = {"year": year}
    if name == LESSON:
        given["figures_dir"] = str(tmp_path / "figures")
    done = execution.execute(paths.NOTEBOOKS / f"{name}.ipynb", tmp_path / "done.ipynb", given)
    found = nbformat.read(done, as_version=4).cells
    text = "\n".join(map(shown, found))
    assert "not yet." not in text
    n = len(EXERCISES)
    if name == SOLUTIONS:
        assert text.count("✓ right") == n and f"**{n} of {n} right**" in text
    else:
        assert text.count("not answered yet.**") == n
        drawn = {path.name for path in (tmp_path / "figures").glob("*.png")}
        assert drawn == {
            f"lesson_{part}.png"
            for part in (
                "scaling",
                "merges",
                "growth",
                "linkages",
                "criteria",
                "years",
                "rotation",
                "shuffled",
            )
        }


@pytest.mark.slow
@pytest.mark.notebooks
def test_the_committed_solutions_are_what_a_run_gives(tmp_path: Path) -> None:
    done = execution.execute(paths.NOTEBOOKS / f"{SOLUTIONS}.ipynb", tmp_path / "done.ipynb", {})
    assert done.read_bytes() == (paths.NOTEBOOKS / f"{SOLUTIONS}.ipynb").read_bytes()


def test_short_forms_of_one_region_are_accepted(baseline: Lesson) -> None:
    data = baseline.data
    known = data.spelled(data.whole.index)
    assert known["астана"] == known["г. астана"] == "KZ-AST"
    assert known["алматинская"] == "KZ-ALM" and known["западно-казахстанская"] == "KZ-ZAP"
    assert known["актобе"] == known["ақтөбе"] == known["актюбинская область"] == "KZ-AKT"
    assert not known.keys() & {"алматы", "almaty", ""}, "a region and a city"
    assert data.spelled(["KZ-ALM", "KZ-AST"])["алматы"] == "KZ-ALM"
