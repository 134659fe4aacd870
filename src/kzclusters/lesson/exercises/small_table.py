"""Exercises 1 to 7: a few regions and two indicators, on paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
from hclustkit import Tree
from hclustkit.tree.linkage import TIE_TOLERANCE

from kzclusters.lesson import answers
from kzclusters.lesson.answers import Mistake
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises.exercise import BY_HAND, Z_SCORE, Exercise, Texts, scaling_slips
from kzclusters.lesson.steps import Cluster


def _sum_of_squares(table: pd.DataFrame) -> float:
    """Sum the squared distances of the rows to their mean."""
    return float(((table - table.mean()) ** 2).to_numpy().sum())


def z_score(data: LessonData) -> Exercise:
    """Ask for one value, scaled by hand."""
    texts = Texts("z_score")
    region, column = data.small.index[-1], data.small.columns[-1]
    x, value = data.small[column], float(data.small.loc[region, column])
    mean, s = float(x.mean()), float(x.std())
    scaled = scaling_slips(data, lambda table: float(table.loc[region, column]))
    slips = [
        ("unscaled", value),
        ("mean", mean),
        ("standard deviation", s),
        ("standard deviation", float(x.std(ddof=0))),
        *(slip for slip in scaled if slip[0] != "unscaled"),
        ("not divided", value - mean),
        ("not centred", value / s),
        ("variance", (value - mean) / s**2),
        ("sign", (mean - value) / s),
        ("range", (value - x.min()) / (x.max() - x.min())),
        *(
            ("other cell", float(data.z.loc[row, name]))
            for row in data.z.index
            for name in data.z.columns
            if (row, name) != (region, column)
        ),
    ]
    return texts.number(
        float(data.z.loc[region, column]),
        texts.mistakes(slips),
        Z_SCORE,
        region=data.names[region],
        variable=data.variables[column],
        column=column,
    )


def squared_distance(data: LessonData) -> Exercise:
    """Ask for the squared distance of two regions."""
    texts = Texts("squared_distance")
    a, b = data.asked_pair

    def squared(table: pd.DataFrame) -> float:
        return float(((table.loc[a] - table.loc[b]) ** 2).sum())

    gap = data.z.loc[a] - data.z.loc[b]
    right = squared(data.z)
    slips = [
        ("square", math.sqrt(right)),
        *scaling_slips(data, squared),
        ("unscaled root", math.sqrt(squared(data.small))),
        ("absolute", float(gap.abs().sum())),
        ("sum squared", float(gap.sum()) ** 2),
        ("mean", right / 2),
        ("sums for differences", float(((data.z.loc[a] + data.z.loc[b]) ** 2).sum())),
    ]
    mistakes = [
        *texts.mistakes(slips),
        *(
            texts.mistake("one indicator", float(gap[column] ** 2), column=column)
            for column in data.small.columns
        ),
        *texts.mistakes(
            ("other pair", float(value))
            for pair, value in data.pairs.items()
            if set(pair) != {a, b}
        ),
    ]
    return texts.number(right, mistakes, a=data.names[a], b=data.names[b])


def nearest_pair(data: LessonData) -> Exercise:
    """Ask for the first merge."""
    texts = Texts("nearest_pair")
    nearest = data.pairs.min()
    right = [
        frozenset(pair)
        for pair, value in data.pairs.items()
        if math.isclose(value, nearest, rel_tol=TIE_TOLERANCE)
    ]
    slips = [
        ("unscaled", frozenset(data.pairs_unscaled.idxmin())),
        ("farthest", frozenset(data.pairs.idxmax())),
        *(("wrong pair", frozenset(pair)) for pair in data.pairs.index),
    ]
    mistakes = texts.mistakes(slips)
    example = '("region A", "region B")'
    find = _judge_regions(data, right, mistakes, example=example, size=2)
    return texts.exercise(find, mistakes)


def _judge_regions(
    data: LessonData,
    right: list[Cluster],
    mistakes: list[Mistake],
    *,
    example: str,
    size: int | None = None,
) -> answers.Judge:
    """Judge a set of regions of the small table."""
    spelled = data.spelled(data.small.index)
    names = [data.names[label] for label in data.small.index]
    return answers.judge_labels(right, mistakes, spelled, names, size=size, example=example)


def first_increase(data: LessonData) -> Exercise:
    """Ask what the first merge adds to the sum of squares."""
    texts = Texts("first_increase")
    pair = data.first_pair

    def increase(table: pd.DataFrame) -> float:
        return _sum_of_squares(table.loc[pair])

    right = increase(data.z)
    slips = [
        ("factor", 2 * right),
        ("square", math.sqrt(2 * right)),
        ("square/half", math.sqrt(2 * right) / 2),
        ("mean", right / 2),
        ("variance", right / 4),
        *scaling_slips(data, increase),
        *(
            ("other pair", float(value) / 2)
            for other, value in data.pairs.items()
            if set(other) != set(pair)
        ),
    ]
    return texts.number(right, texts.mistakes(slips))


def cost_with_third(data: LessonData) -> Exercise:
    """Ask what it would cost to join the first pair with a third region."""
    texts = Texts("cost_with_third")
    pair, third, z = data.first_pair, data.third, data.z

    def increase(table: pd.DataFrame, region: object = third) -> float:
        return 2 / 3 * float(((table.loc[pair].mean() - table.loc[region]) ** 2).sum())

    right = increase(z)
    squared = float(((z.loc[pair].mean() - z.loc[third]) ** 2).sum())
    three = _sum_of_squares(z.loc[[*pair, third]])
    summed = z.loc[pair].sum() - z.loc[third]
    slips = [
        ("factor", squared),
        ("sizes", squared / 2),
        ("factor inverted", 3 / 2 * squared),
        ("square", 2 / 3 * math.sqrt(squared)),
        ("square/bare", math.sqrt(squared)),
        ("total", three),
        ("mean", three / 3),
    ]
    others = [label for label in z.index if label not in pair and label != third]
    mistakes = [
        *texts.mistakes(slips),
        *_distances_to_members(data, texts),
        texts.mistake("sums for means", 2 / 3 * float((summed**2).sum())),
        *texts.mistakes(("other region", increase(z, label)) for label in others),
        *texts.mistakes(scaling_slips(data, increase)),
    ]
    return texts.number(right, mistakes, third=data.names[third])


def _distances_to_members(data: LessonData, texts: Texts) -> list[Mistake]:
    """Take a distance to the members for that to the centroid: as it is, and with either factor."""
    each = ((data.z.loc[data.first_pair] - data.z.loc[data.third]) ** 2).sum(axis=1)
    values = {
        "average linkage": float(each.mean()),
        "nearest member": float(each.min()),
        "farthest member": float(each.max()),
    }
    factors = {"members": 1.0, "members/factor": 2 / 3, "members/half": 1 / 2}
    found = []
    for diagnosis, value in values.items():
        filled = {"what": texts.own["distances"][diagnosis], "instead": texts.own["instead"]}
        for key, factor in factors.items():
            message = texts.messages[key].format(**filled)
            found.append(Mistake(diagnosis, factor * value, message))
    return found


def second_merge(data: LessonData) -> Exercise:
    """Ask for the second merge, where sizes count."""
    texts = Texts("second_merge")
    first, z = frozenset(data.first_pair), data.z
    rest = [label for label in z.index if label not in first]
    clusters = [first, *(frozenset([label]) for label in rest)]

    def best(cost: Callable[[Cluster, Cluster], float]) -> Cluster:
        one, two = min(combinations(clusters, 2), key=lambda pair: cost(*pair))
        return one | two

    def centroids(a: Cluster, b: Cluster) -> float:
        return float(((z.loc[list(a)].mean() - z.loc[list(b)].mean()) ** 2).sum())

    def nearest(a: Cluster, b: Cluster) -> float:
        return min(float(((z.loc[i] - z.loc[j]) ** 2).sum()) for i in a for j in b)

    slips = [
        ("first merge", first),
        ("sizes", best(centroids)),
        ("single linkage", best(nearest)),
        ("everything", frozenset(z.index)),
        *(
            ("part of a cluster", frozenset([label, *others]))
            for label in first
            for size in range(1, len(clusters))
            for others in combinations(rest, size)
        ),
    ]
    mistakes = texts.mistakes(slips)
    right = [frozenset.union(*data.stages[1])]
    find = _judge_regions(data, right, mistakes, example='["region A", "region B"]')
    return texts.exercise(find, mistakes)


def coefficients(data: LessonData) -> Exercise:
    """Ask for the coefficients of the small schedule."""
    texts = Texts("coefficients")
    n = len(data.small)

    def schedule(table: pd.DataFrame) -> list[float]:
        return Tree.from_table(table).schedule()["coefficient"].tolist()

    right = schedule(data.z)
    steps = np.diff([0.0, *right])
    slips = [
        ("increments", steps.tolist()),
        ("height", np.sqrt(2 * steps).tolist()),
        ("factor", (2 * np.array(right)).tolist()),
        ("mean", (np.array(right) / n).tolist()),
        ("square", np.sqrt(right).tolist()),
        *scaling_slips(data, schedule),
    ]
    mistakes = texts.mistakes(slips)

    start = f"{texts.own['length']} {texts.own['start']}"
    find = answers.judge_list(right, mistakes, texts.own["length"], {n: start})
    return texts.exercise(find, mistakes, BY_HAND)
