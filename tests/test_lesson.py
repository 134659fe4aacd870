"""The lesson: right answers are called right, slips are recognised, nothing is given away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from numbers import Real
from typing import Any

import lesson_cases
import numpy as np
import pandas as pd
import pytest
from lesson_cases import REGIONS, WORKED, K, Worked, numbers_in, worked
from sklearn.metrics import adjusted_rand_score
from typed_answers import read_typed

from kzclusters.lesson import answers
from kzclusters.lesson.session import Lesson

made = lesson_cases.made
baseline = lesson_cases.baseline


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
