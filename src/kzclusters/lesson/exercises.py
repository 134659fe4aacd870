"""The exercises of the lesson: question, right answer, and what every typical slip leads to.

Nothing is stored: all of it is computed from the tables of the lesson.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hclustkit import validity
from hclustkit.compare import agreement
from hclustkit.tree import ward

from kzclusters.lesson import answers
from kzclusters.lesson.answers import Judge, Mistake

if TYPE_CHECKING:
    from kzclusters.lesson.lesson import Lesson

UNSCALED = (
    "This is what the numbers in their own units give. Scale them first, as in the first exercise."
)
DDOF = (
    "You divided by n in the standard deviation. The z-scores of this project divide by n − 1: "
    "`ddof=1` in NumPy, whose own default is 0."
)
COUNT_AGAIN = "Or count the blocks again, if you read them off the figure."
OTHER_SAMPLE = (
    "You scaled with the mean and the standard deviation of all regions of the country. Here only "
    "the regions of the small table count."
)


@dataclass(frozen=True)
class Exercise:
    """A question, how to judge an answer, and what a right answer is told."""

    question: str
    find: Judge
    praise: str
    mistakes: tuple[Mistake, ...] = ()
    tolerance: tuple[float, float] = (0.0, 0.0)
    """Absolute and relative, of a number; a count has none."""


BY_HAND = (answers.ABSOLUTE, answers.RELATIVE)
Z_SCORE = (0.01, 0.0)
"""Two decimals: the z-scores of a table may differ by little more."""
SHARE = (0.001, 0.002)
"""Three decimals."""


def _number(
    question: str,
    right: float,
    mistakes: Sequence[Mistake],
    praise: str,
    tolerance: tuple[float, float] = BY_HAND,
) -> Exercise:
    """An exercise whose answer is one number."""
    absolute, relative = tolerance
    find = answers.number(right, mistakes, absolute=absolute, relative=relative)
    return Exercise(question, find, praise, tuple(mistakes), tolerance)


def _zscores(table: pd.DataFrame, by: pd.DataFrame | None = None, ddof: int = 1) -> pd.DataFrame:
    """z-scores with mean and standard deviation of ``by``; for the mistakes."""
    by = table if by is None else by
    return (table - by.mean()) / by.std(ddof=ddof)


def _within(table: pd.DataFrame) -> float:
    """Sum of the squared distances of the rows to their mean."""
    return float(((table - table.mean()) ** 2).to_numpy().sum())


def _other_scales(lesson: Lesson, quantity: Callable[[pd.DataFrame], Any]) -> list[Mistake]:
    """What ``quantity`` is on a table of the small regions that was scaled wrongly."""
    found = [
        Mistake("unscaled", quantity(lesson.small), UNSCALED),
        Mistake("ddof", quantity(_zscores(lesson.small, ddof=0)), DDOF),
    ]
    if lesson.small_in_country is not None:
        elsewhere = _zscores(lesson.small, lesson.small_in_country)
        found.append(Mistake("other sample", quantity(elsewhere), OTHER_SAMPLE))
    return found


def z_score(lesson: Lesson) -> Exercise:
    """A value scaled by hand."""
    region, column = lesson.small.index[-1], lesson.small.columns[-1]
    x, value = lesson.small[column], float(lesson.small.loc[region, column])
    mean, s = float(x.mean()), float(x.std())
    elsewhere = [
        m
        for m in _other_scales(lesson, lambda t: float(t.loc[region, column]))
        if m.diagnosis != "unscaled"
    ]
    mistakes = [
        Mistake("unscaled", value, "This is the value itself, not yet scaled."),
        Mistake(
            "mean",
            mean,
            "This is the mean of the column. How far from it is the value, in standard deviations?",
        ),
        *(
            Mistake(
                "standard deviation",
                float(x.std(ddof=ddof)),
                "This is the standard deviation of the column. Take the mean off the value, and "
                "divide by it.",
            )
            for ddof in (1, 0)
        ),
        *elsewhere,
        Mistake(
            "not divided",
            value - mean,
            "The mean is taken off. Now divide by the standard deviation.",
        ),
        Mistake(
            "not centred",
            value / s,
            "You divided by the standard deviation. Take the mean off first.",
        ),
        Mistake(
            "variance",
            (value - mean) / s**2,
            "You divided by the variance: its square root is the standard deviation.",
        ),
        Mistake("sign", (mean - value) / s, "The size is right. Is the value above the mean?"),
        Mistake(
            "range",
            (value - x.min()) / (x.max() - x.min()),
            "This brings the value between 0 and 1. A z-score subtracts the mean and "
            "divides by the standard deviation.",
        ),
        *(
            Mistake(
                "other cell",
                float(lesson.z.loc[row, name]),
                "This is a z-score of the table, but of another cell.",
            )
            for row in lesson.z.index
            for name in lesson.z.columns
            if (row, name) != (region, column)
        ),
    ]
    return _number(
        f"Scale one value by hand: what is the z-score of **{lesson.name(region)}** in "
        f"**{lesson.variables[column]}** ({column}), among the regions of the small table? "
        "Two decimals are enough.",
        float(lesson.z.loc[region, column]),
        mistakes,
        "A z-score has no unit: it counts standard deviations from the mean.",
        Z_SCORE,
    )


def squared_distance(lesson: Lesson) -> Exercise:
    """The squared distance of two regions."""
    a, b = lesson.asked_pair

    def squared(table: pd.DataFrame) -> float:
        return float(((table.loc[a] - table.loc[b]) ** 2).sum())

    gap = lesson.z.loc[a] - lesson.z.loc[b]
    right = squared(lesson.z)
    mistakes = [
        Mistake(
            "square",
            math.sqrt(right),
            "This is the distance. The squared distance is asked for, with which Ward's "
            "method works: do not take the root.",
        ),
        *_other_scales(lesson, squared),
        Mistake(
            "unscaled root",
            math.sqrt(squared(lesson.small)),
            "Two things: this is the distance, not its square, and it is that of the numbers in "
            "their own units. Take the z-scores, and no root.",
        ),
        Mistake(
            "absolute", float(gap.abs().sum()), "You added the differences without squaring them."
        ),
        Mistake(
            "sum squared",
            float(gap.sum()) ** 2,
            "You squared the sum of the differences. Square each difference, then add.",
        ),
        Mistake("mean", right / 2, "You took the mean over the indicators. Add them up."),
        Mistake(
            "sums for differences",
            float(((lesson.z.loc[a] + lesson.z.loc[b]) ** 2).sum()),
            "You added the two z-scores where they are to be subtracted; mind the signs.",
        ),
        *(
            Mistake(
                "one indicator",
                float(gap[column] ** 2),
                f"This is the part of {column} alone. The other indicator counts too.",
            )
            for column in lesson.small.columns
        ),
        *(
            Mistake(
                "other pair",
                float(value),
                "This is a squared distance of the table, but of another pair.",
            )
            for pair, value in lesson.pairs.items()
            if set(pair) != {a, b}
        ),
    ]
    return _number(
        f"What is the squared Euclidean distance between **{lesson.name(a)}** and "
        f"**{lesson.name(b)}**, scaled?",
        right,
        mistakes,
        "Both differences enter squared, so a large one in one indicator outweighs many small ones.",
    )


def nearest_pair(lesson: Lesson) -> Exercise:
    """The first merge."""
    nearest, nearest_unscaled = lesson.pairs.min(), lesson.pairs_unscaled.idxmin()
    right = [
        frozenset(pair)
        for pair, value in lesson.pairs.items()
        if math.isclose(value, nearest, rel_tol=ward.TIE_TOLERANCE)
    ]
    mistakes = [
        Mistake(
            "unscaled",
            frozenset(nearest_unscaled),
            "This is the nearest pair as long as nothing is scaled. Which pair is it with "
            "z-scores?",
        ),
        Mistake(
            "farthest",
            frozenset(lesson.pairs.idxmax()),
            "This is the pair farthest apart. Small distances mean alike.",
        ),
        *(
            Mistake(
                "wrong pair",
                frozenset(pair),
                "There is a nearer pair. Work out the squared distance of every pair.",
            )
            for pair in lesson.pairs.index
        ),
    ]
    return Exercise(
        "Which two regions of the small table, scaled, are nearest to each other? They merge first.",
        answers.labels(
            right,
            mistakes,
            lesson.spelled(lesson.small.index),
            [lesson.name(label) for label in lesson.small.index],
            size=2,
            example='("region A", "region B")',
        ),
        "Two single regions always merge by their distance: only from the second merge on do "
        "linkages differ.",
        tuple(mistakes),
    )


def _first_pair(lesson: Lesson) -> list[Any]:
    """The two regions of the first merge, in the order of the table."""
    return sorted(lesson.stages[0][0] | lesson.stages[0][1], key=list(lesson.z.index).index)


def first_increase(lesson: Lesson) -> Exercise:
    """What the first merge adds to the sum of squares."""
    pair = _first_pair(lesson)

    def increase(table: pd.DataFrame) -> float:
        return _within(table.loc[pair])

    right = increase(lesson.z)
    mistakes = [
        Mistake(
            "factor",
            2 * right,
            "This is the squared distance of the two. By how much of it does the sum of "
            "squares grow? Look at the factor in Ward's formula.",
        ),
        Mistake(
            "square",
            math.sqrt(2 * right),
            "This is the distance itself. The formula has its square, and a factor.",
        ),
        Mistake(
            "square",
            math.sqrt(2 * right) / 2,
            "The factor is right, but it multiplies the distance, not yet its square.",
        ),
        Mistake(
            "mean",
            right / 2,
            "You took a mean of squares. A sum of squares adds them up and does not divide "
            "by the number of members.",
        ),
        Mistake("variance", right / 4, "Sums are asked for, not means: do not divide."),
        *_other_scales(lesson, increase),
        *(
            Mistake(
                "other pair",
                float(value) / 2,
                "The formula is right, but these are not the two that merge first.",
            )
            for other, value in lesson.pairs.items()
            if set(other) != set(pair)
        ),
    ]
    return _number(
        "By how much does the within-cluster sum of squares grow when the pair of exercise 3 "
        "merges? This is the first coefficient of the schedule.",
        right,
        mistakes,
        "Before the merge the sum of squares was nothing: a single region lies on its own centroid.",
    )


def cost_with_third(lesson: Lesson) -> Exercise:
    """What it would cost to join the first pair with a third region."""
    pair, third = _first_pair(lesson), lesson.joining

    def gap(table: pd.DataFrame) -> float:
        return float(((table.loc[pair].mean() - table.loc[third]) ** 2).sum())

    def increase(table: pd.DataFrame) -> float:
        return 2 / 3 * gap(table)

    squared, right = gap(lesson.z), increase(lesson.z)
    summed = lesson.z.loc[pair].sum() - lesson.z.loc[third]
    each = ((lesson.z.loc[pair] - lesson.z.loc[third]) ** 2).sum(axis=1)
    three = _within(lesson.z.loc[[*pair, third]])
    mistakes = [
        Mistake(
            "factor",
            squared,
            "This is the squared distance of the centroids. The factor "
            "n_a n_b / (n_a + n_b) is missing.",
        ),
        Mistake(
            "sizes",
            squared / 2,
            "You used the factor of two single regions. One of these clusters has two members.",
        ),
        Mistake(
            "factor inverted",
            3 / 2 * squared,
            "The factor stands upside down: the product of the sizes over their sum.",
        ),
        Mistake(
            "square",
            2 / 3 * math.sqrt(squared),
            "The factor is right, but the distance of the centroids is to be squared.",
        ),
        Mistake(
            "square",
            math.sqrt(squared),
            "This is the distance of the centroids: square it, and mind the factor.",
        ),
        Mistake(
            "total",
            three,
            "This is the sum of squares after the merge. The increase is asked for: take "
            "off what was there before.",
        ),
        Mistake(
            "mean",
            three / 3,
            "This is a mean of squares. Sums are asked for, and of them the increase.",
        ),
        *_by_members(
            "average linkage",
            float(each.mean()),
            "the mean of the squared distances to the two members",
        ),
        *_by_members(
            "nearest member",
            float(each.min()),
            "the squared distance to the nearer of the two members",
        ),
        *_by_members(
            "farthest member",
            float(each.max()),
            "the squared distance to the farther of the two members",
        ),
        Mistake(
            "sums for means",
            2 / 3 * float((summed**2).sum()),
            "The centroid is the mean of the members, and you took their sum.",
        ),
        *(
            Mistake(
                "other region",
                2 / 3 * float(((lesson.z.loc[pair].mean() - lesson.z.loc[label]) ** 2).sum()),
                "The way is right, but this is what another region would cost.",
            )
            for label in lesson.z.index
            if label not in pair and label != third
        ),
        *_other_scales(lesson, increase),
    ]
    return _number(
        f"The pair of exercise 3 is now one cluster. By how much would the within-cluster sum of "
        f"squares grow if **{lesson.name(third)}** joined it?",
        right,
        mistakes,
        "The factor grows with the sizes: large clusters are costly to join.",
    )


def _by_members(diagnosis: str, distance: float, what: str) -> list[Mistake]:
    """A distance to members taken for that to the centroid: as it is, and with either factor."""
    instead = "Ward's method takes the squared distance to their centroid"
    return [
        Mistake(diagnosis, distance, f"This is {what}. {instead}, and multiplies it by a factor."),
        Mistake(
            diagnosis,
            2 / 3 * distance,
            f"The factor is right, but it multiplies {what}. {instead}.",
        ),
        Mistake(
            diagnosis,
            1 / 2 * distance,
            f"Two things: this is {what}, with the factor of two single regions. {instead}; and "
            "one of the clusters has two members.",
        ),
    ]


def second_merge(lesson: Lesson) -> Exercise:
    """The second merge, where sizes count."""
    one, two = lesson.stages[1]
    first = frozenset(_first_pair(lesson))
    clusters = [first, *(frozenset([label]) for label in lesson.z.index if label not in first)]

    def best(cost: Callable[[frozenset, frozenset], float]) -> frozenset:
        return frozenset.union(*min(combinations(clusters, 2), key=lambda c: cost(*c)))

    def gap(a: frozenset, b: frozenset) -> float:
        return float(((lesson.z.loc[list(a)].mean() - lesson.z.loc[list(b)].mean()) ** 2).sum())

    def members(a: frozenset, b: frozenset) -> list[float]:
        return [float(((lesson.z.loc[i] - lesson.z.loc[j]) ** 2).sum()) for i in a for j in b]

    spelled = lesson.spelled(lesson.small.index)
    mistakes = [
        Mistake(
            "first merge",
            first,
            "These two merged at the first stage already. They stay together; what is next?",
        ),
        Mistake(
            "sizes",
            best(gap),
            "These have the nearest centroids. Near is not yet cheap: the factor "
            "n_a n_b / (n_a + n_b) also counts.",
        ),
        Mistake(
            "single linkage",
            best(lambda a, b: min(members(a, b))),
            "These have the nearest members. Ward's method asks what the merge adds to the "
            "sum of squares.",
        ),
        Mistake("everything", frozenset(lesson.z.index), "This would be the last merge."),
        *(
            Mistake(
                "part of a cluster",
                frozenset([label, *others]),
                "Part of the first cluster cannot merge without the rest of it.",
            )
            for label in first
            for size in range(1, len(clusters))
            for others in combinations([rest for rest in lesson.z.index if rest not in first], size)
        ),
    ]
    return Exercise(
        "The second merge: which regions make up the new cluster? Name all its members.",
        answers.labels(
            [one | two],
            mistakes,
            spelled,
            [lesson.name(label) for label in lesson.small.index],
            example='["region A", "region B"]',
        ),
        "Ward's method takes the cheapest merge, which need not be the nearest.",
        tuple(mistakes),
    )


def coefficients(lesson: Lesson) -> Exercise:
    """The coefficients of the small schedule."""
    n = len(lesson.small)

    def coefficients(table: pd.DataFrame) -> list[float]:
        return ward.agglomeration_schedule(table)["coefficient"].tolist()

    right = coefficients(lesson.z)
    steps = np.diff([0.0, *right])
    mistakes = [
        Mistake(
            "increments",
            steps.tolist(),
            "These are the increases. A coefficient is the total so far: add them up.",
        ),
        Mistake(
            "height",
            np.sqrt(2 * steps).tolist(),
            "These are the heights that scipy's `linkage` gives, the root of twice the "
            "increase. The schedule has the sum of squares so far.",
        ),
        Mistake(
            "factor",
            (2 * np.array(right)).tolist(),
            "Everything is twice too large: the factor n_a n_b / (n_a + n_b) of two single "
            "regions is a half.",
        ),
        Mistake(
            "mean",
            (np.array(right) / n).tolist(),
            "You divided by the number of regions. The coefficients are sums.",
        ),
        Mistake(
            "square",
            np.sqrt(right).tolist(),
            "These are square roots of the coefficients. Leave them squared.",
        ),
        *_other_scales(lesson, coefficients),
    ]

    def length(found: int) -> str:
        text = "There is one coefficient a merge, and one merge fewer than regions."
        return text + (" Leave out the start, before any merge." if found == n else "")

    return Exercise(
        "Fill in the column *coefficient* of the agglomeration schedule: the within-cluster sum of "
        "squares after each merge, in order, as a list in square brackets.",
        answers.numbers_in_order(right, mistakes, length),
        "The last one is the sum of squares of the whole small table, which you could have told "
        "without any merging.",
        tuple(mistakes),
        BY_HAND,
    )


def last_coefficient(lesson: Lesson) -> Exercise:
    """The last coefficient of the whole schedule, without a merge."""
    n, p = lesson.whole.shape
    mistakes = [
        Mistake(
            "ddof",
            n * p,
            "One column adds up to n only if s divides by n; here it divides by n − 1.",
        ),
        Mistake(
            "mean",
            p,
            "This is the sum of the variances. A sum of squares is not divided by anything.",
        ),
        Mistake("one indicator", n - 1, "This is one indicator. The others count as much."),
        Mistake(
            "one indicator",
            n,
            "A z-score's squares add up to n − 1, not n, and every indicator counts.",
        ),
        Mistake(
            "one less in all",
            n * p - 1,
            "One is lost for every indicator, not one in all: each has a mean of its own.",
        ),
        Mistake(
            "swapped",
            n * (p - 1),
            "Each indicator loses one of its regions to its mean, not the other way round.",
        ),
        Mistake(
            "pairs",
            n * p * (n - 1),
            "This is the sum over all squared distances between pairs, each pair once. "
            "The distances to the mean are asked for.",
        ),
    ]
    return Exercise(
        f"Now all {n} regions and {p} indicators as z-scores. Before anything is merged: what will "
        "the **last** coefficient of the schedule be? No distance is needed.",
        answers.whole_number(
            p * (n - 1), mistakes, "The exact value is a whole number; you rounded on the way."
        ),
        "The last merge leaves one cluster, whose sum of squares is that of the whole table.",
        tuple(mistakes),
    )


def explained(lesson: Lesson) -> Exercise:
    """The share of the sum of squares between the clusters."""
    coefficients = ward.agglomeration_schedule(lesson.z_whole)["coefficient"].to_numpy()
    n, k, total = len(lesson.whole), lesson.n_clusters, float(coefficients[-1])
    within = {m: 0.0 if m == n else float(coefficients[n - m - 1]) for m in range(1, n + 1)}
    right = 1 - within[k] / total
    off = (
        "This is the share at another stage, with another number of clusters. After stage s there "
        "are n − s clusters."
    )
    others = [m for m in range(2, n) if m != k]
    mistakes = [
        *(Mistake("cluster count", 1 - within[m] / total, off) for m in others),
        Mistake(
            "complement",
            within[k] / total,
            "This share stays within the clusters. The clusters explain the rest.",
        ),
        Mistake("percent", 100 * right, "This is a percentage. Give the share, between 0 and 1."),
        Mistake(
            "percent",
            100 * within[k] / total,
            "A share between 0 and 1 is asked for, and of the part that lies between clusters.",
        ),
        Mistake(
            "sum for share",
            within[k],
            "This is the sum of squares within the clusters. Put it in relation to the total.",
        ),
        Mistake(
            "sum for share",
            total - within[k],
            "This is the sum of squares between the clusters. Divide it by the total.",
        ),
        *(
            Mistake(
                "cluster count",
                within[m] / total,
                "Two things: it is the share that stays within the clusters, and of another "
                "number of clusters.",
            )
            for m in others
        ),
    ]
    return _number(
        f"Which share of the total sum of squares do **{k} clusters** explain, that is, lies "
        "*between* them? Take two numbers from the schedule; give a share between 0 and 1 with "
        "three decimals.",
        right,
        mistakes,
        "This share can only grow with the number of clusters, so it cannot choose that number.",
        SHARE,
    )


def lone_regions(lesson: Lesson) -> Exercise:
    """What single linkage leaves over."""

    def lone(method: str, table: pd.DataFrame | None = None) -> int:
        used = lesson.z_whole if table is None else table
        sizes = np.bincount(ward.cut(ward.linkage(used, method), lesson.n_clusters))
        return int((sizes == 1).sum())

    k = lesson.n_clusters
    sizes = np.bincount(ward.cut(ward.linkage(lesson.z_whole, "single"), k))
    every = "This is the number of all clusters" + (
        ", and also the size of the largest. " if sizes.max() == k else ". "
    )
    mistakes = [
        Mistake("other linkage", lone("ward"), "This is the count for Ward's method."),
        Mistake("unscaled", lone("single", lesson.whole), f"{UNSCALED} {COUNT_AGAIN}"),
        Mistake("cluster count", k, every + "Count those of size 1."),
        Mistake(
            "largest",
            int(sizes.max()),
            "This is the size of the largest cluster. Count the clusters of size 1.",
        ),
        Mistake(
            "complement",
            int((sizes[1:] > 1).sum()),
            "This counts the clusters of more than one region. The others are asked for.",
        ),
        *(
            Mistake("other linkage", lone(method), f"This is the count for {method} linkage.")
            for method in ("complete", "average")
        ),
        *(
            Mistake(
                "miscounted",
                lone("single") + step,
                "Nearly. Count the blocks of one line again, or let `value_counts` count.",
            )
            for step in (-1, 1)
        ),
    ]
    return Exercise(
        f"Cut the tree of **single** linkage into **{k} clusters**. How many of them hold one region "
        "only?",
        answers.whole_number(lone("single"), mistakes),
        "Single linkage looks at the nearest members alone, so a region without a near neighbour "
        "stays by itself. Whether the others have grown into a chain, region by region, this count "
        "does not tell: that is seen in the tree.",
        tuple(mistakes),
    )


def best_silhouette(lesson: Lesson) -> Exercise:
    """The favourite number of clusters of the mean silhouette."""

    def widths(table: pd.DataFrame) -> dict[int, float]:
        tree = ward.linkage(table)
        return {
            k: validity.mean_silhouette(table, pd.Series(ward.cut(tree, k), index=table.index))
            for k in lesson.ks
        }

    found = widths(lesson.z_whole)
    right = max(found, key=found.__getitem__)
    steps = np.diff([0.0, *ward.agglomeration_schedule(lesson.z_whole)["coefficient"]])
    n = len(lesson.whole)
    jump = max(lesson.ks, key=lambda k: steps[n - k])
    unscaled = widths(lesson.whole)
    place = "This looks like a position in a list. Which number of clusters stands there?"
    mistakes = [
        Mistake(
            "smallest",
            min(found, key=found.__getitem__),
            "Here the mean silhouette is smallest. Large is good.",
        ),
        Mistake("jump", jump, "This is where the coefficient jumps most, another criterion."),
        Mistake("position", right - lesson.ks[0], place),
        Mistake("position", right - lesson.ks[0] + 1, place),
        Mistake("unscaled", max(unscaled, key=unscaled.__getitem__), UNSCALED),
        Mistake(
            "article",
            lesson.n_clusters,
            "This is where the article cuts. The mean silhouette has another favourite.",
        ),
    ]
    find = answers.whole_number(right, mistakes)

    def with_range(answer: Any) -> answers.Finding:
        value, _ = answers.as_number(answer)
        wrong = find(answer)
        if value is None or wrong is None or wrong[0] == "position":
            return wrong
        if value != int(value):
            if any(math.isclose(value, width, abs_tol=5e-3) for width in found.values()):
                return "silhouette", "This is a mean silhouette. Give the number of clusters."
        elif not lesson.ks[0] <= value <= lesson.ks[-1]:
            return "range", f"Try {lesson.ks[0]} to {lesson.ks[-1]} clusters."
        return wrong

    return Exercise(
        f"For which number of clusters from {lesson.ks[0]} to {lesson.ks[-1]} is the **mean "
        "silhouette** of Ward's clusters largest?",
        with_range,
        "Another honest criterion may choose otherwise, as the criteria in the lesson show.",
        tuple(mistakes),
    )


def moves(lesson: Lesson) -> Exercise:
    """How many regions another year moves."""
    a, b = lesson.clusters, lesson.other_clusters
    mates_a = {label: frozenset(a.index[a == a[label]]) for label in a.index}
    mates_b = {label: frozenset(b.index[b == b[label]]) for label in b.index}
    changed = sum(mates_a[label] != mates_b[label] for label in a.index)
    right = agreement.minimum_moves(a, b)
    ari = agreement.adjusted_rand_index(a, b)
    stay = len(a) - right
    joins = "But when one region joins a cluster, the others there have not moved."
    mistakes = [
        *(
            [
                Mistake(
                    "companions or stayed",
                    stay,
                    f"So many regions have other companions than before. {joins} And so many stay, "
                    "if the clusters are matched at their best. How many move?",
                )
            ]
            if changed == stay
            else []
        ),
        Mistake(
            "cluster numbers",
            int((a != b).sum()),
            "Either you compared the cluster numbers, which are only names, or another matching "
            "leaves fewer to move.",
        ),
        Mistake("companions", changed, f"These regions have other companions than before. {joins}"),
        Mistake("stayed", stay, "So many regions stay. How many move?"),
    ]
    find = answers.whole_number(right, mistakes)

    def with_index(answer: Any) -> answers.Finding:
        value, _ = answers.as_number(answer)
        if value is not None and value != int(value) and math.isclose(value, ari, abs_tol=5e-3):
            return "index", "This is the adjusted Rand index. A number of regions is asked for."
        return find(answer)

    return Exercise(
        f"Cluster {lesson.other_year} in the same way, into {lesson.n_clusters} clusters. At least how "
        f"many regions have to move to turn the clusters of {lesson.year} into those of "
        f"{lesson.other_year}?",
        with_index,
        "The same regions, the same indicators, the same method: only the year is another.",
        tuple(mistakes),
    )


def orders(lesson: Lesson) -> Exercise:
    """How many leaf orders one tree has."""
    n = len(lesson.whole)
    mistakes = [
        Mistake(
            "all orders",
            math.factorial(n),
            "So many orders are there of all. In most of them branches would cross.",
        ),
        Mistake(
            "leaves for joints",
            2**n,
            "Each joint can be turned, not each region. How many joints are there?",
        ),
        Mistake(
            "sum for product",
            2 * (n - 1),
            "Two ways for each joint, but every choice goes with every other: multiply.",
        ),
        Mistake(
            "exclusive or",
            2 ^ (n - 1),
            "In Python a power is `**`; `^` works on the bits of a number.",
        ),
        Mistake(
            "pairs",
            n * (n - 1),
            "So many ordered pairs of regions are there. Count the joints instead, and two ways "
            "for each: multiply.",
        ),
        Mistake(
            "pairs",
            n * (n - 1) // 2,
            "So many pairs of regions are there. Count the joints instead, and two ways for "
            "each: multiply.",
        ),
        Mistake("joints", n - 1, "This is the number of joints. Each can be turned in two ways."),
        Mistake(
            "small table",
            2 ** (len(lesson.small) - 1),
            "This is right for the small table. Here all regions are meant.",
        ),
        Mistake(
            "mirror", 2 ** (n - 2), "You counted a drawing and its mirror image once. Count both."
        ),
    ]
    return Exercise(
        f"Every joint of a dendrogram can be turned round like a mobile. In how many orders can the "
        f"{n} regions stand without branches crossing, all of them the same tree?",
        answers.whole_number(2 ** (n - 1), mistakes),
        "So nothing follows from two regions standing side by side.",
        tuple(mistakes),
    )


EXERCISES: tuple[Callable[[Lesson], Exercise], ...] = (
    z_score,
    squared_distance,
    nearest_pair,
    first_increase,
    cost_with_third,
    second_merge,
    coefficients,
    last_coefficient,
    explained,
    lone_regions,
    best_silhouette,
    moves,
    orders,
)
"""In the order of the lesson."""
