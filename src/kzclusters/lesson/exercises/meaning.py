"""Exercises 15 to 21 and 25 to 27: what choices do to the clusters, and what these mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import Tree, cut, linkage, standardize
from sklearn.cluster import KMeans

from kzclusters.lesson import answers, prose
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises.exercise import SHARE, Exercise, Texts, moves_asked

ALIKE = 0.9
"""Correlation from which two indicators count as one piece of evidence."""

SIDES = ("low", "high")

PEOPLE, CAUSE, REVERSED = "b", "e", "d"
"""Options of the exercise on a profile that it does not support."""


def n_or_n_less_one(data: LessonData) -> Exercise:
    """Ask what dividing by n does to the heights."""
    texts = Texts("n_or_n_less_one")
    n = len(data.whole)
    slips = [
        ("squared", n / (n - 1)),
        ("inverse", math.sqrt((n - 1) / n)),
        ("none", 1.0),
        ("less two", math.sqrt((n - 1) / (n - 2))),
    ]
    return texts.number(math.sqrt(n / (n - 1)), texts.mistakes(slips), SHARE, n=n)


# ------------------------------------------------------------------- one choice changed


def most_correlated(data: LessonData) -> tuple[str, str, float]:
    """Find the two indicators that say most nearly the same, and their correlation."""
    r = data.z_whole.corr().to_numpy()
    i, j = np.unravel_index(np.argmax(np.triu(abs(r), 1)), r.shape)
    return str(data.whole.columns[i]), str(data.whole.columns[j]), float(r[i, j])


def clusters_without(data: LessonData, column: str) -> pd.Series:
    """Cut the tree of all other indicators into as many clusters."""
    tree = linkage(standardize(data.whole.drop(columns=column)))
    labels = cut(tree, data.n_clusters)
    return pd.Series(labels, index=data.whole.index, name=f"without {column}")


def clusters_by_k_means(data: LessonData) -> pd.Series:
    """Let k-means go on from Ward's clusters."""
    start = data.z_whole.groupby(data.clusters).mean().to_numpy()
    found = KMeans(n_clusters=data.n_clusters, init=start, n_init=1).fit(data.z_whole.to_numpy())
    return pd.Series(found.labels_ + 1, index=data.whole.index, name="k-means")


def counted_twice(data: LessonData) -> Exercise:
    """Ask what leaving out one of two equal indicators changes."""
    one, two, r = most_correlated(data)
    other = clusters_without(data, two)
    return moves_asked("counted_twice", data, other, one=one, two=two, r=prose.format_number(r, 4))


def k_means(data: LessonData) -> Exercise:
    """Ask what k-means changes in Ward's clusters."""
    return moves_asked("k_means", data, clusters_by_k_means(data))


def one_case(data: LessonData) -> Exercise:
    """Ask how much of an indicator is one region."""
    texts = Texts("one_case")
    n = len(data.whole)
    squares = data.z_whole**2
    region, column = squares.stack().idxmax()
    z = float(data.z_whole.at[region, column])
    right = z**2 / (n - 1)
    x = data.whole[column]
    slips = [
        ("z-score", abs(z)),
        ("square", z**2),
        ("n", z**2 / n),
        ("complement", 1 - right),
        ("percent", 100 * right),
        ("share of values", float(x[region] / x.sum())),
    ]
    filled = {"region": data.names[region], "column": column, "variable": data.variables[column]}
    return texts.number(right, texts.mistakes(slips), SHARE, **filled, n=n)


# ------------------------------------------------------------------- what clusters mean


def largest_cluster(data: LessonData, place: int = 0) -> tuple[list[str], pd.Series]:
    """Give the members of the largest cluster and their mean z-scores, the most unusual first.

    ``place`` 1 is the second largest, and so on; of equals the first comes first.
    """
    sizes = data.clusters.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    number = sizes.index[min(place, len(sizes) - 1)]
    members = list(data.clusters.index[data.clusters == number])
    means = data.z_whole.loc[members].mean()
    return members, means.reindex(means.abs().sort_values(ascending=False, kind="stable").index)


def _options(name: str, right: set[str], options: Mapping[str, str], **filled: Any) -> Exercise:
    """Ask which of several statements hold; answers are their letters."""
    texts = Texts(name)
    some = [frozenset(part) for size in range(1, len(right)) for part in combinations(right, size)]
    alone = tuple(texts.mistakes((key, key) for key in sorted(set(options) - right)))
    spelled = {text: key for key in options for text in (key, f"{key})")}
    find = answers.judge_labels(
        [frozenset(right)],
        texts.mistakes(("missing", part) for part in some),
        spelled,
        list(options),
        example='["a", "b"]',
        one="an option",
        many="options",
        fewest=1,
        unknown=texts.own["unknown"],
        alone=alone,
    )
    listed = "\n\n".join(f"{key}) {text}" for key, text in options.items())
    return texts.exercise(find, find.known, options=listed, **filled)


def profile(data: LessonData) -> Exercise:
    """Ask which names the profile of a cluster supports."""
    members, means = largest_cluster(data)
    own = Texts("profile").own["options"]

    def said(column: str, sign: float) -> str:
        side = own["above" if sign > 0 else "below"]
        return side.format(variable=data.variables[column], column=column)

    # indicators that say the same would be one piece of evidence shown twice
    alike = data.z_whole.corr().abs() >= ALIKE
    apart: list[str] = []
    for column in map(str, means.index):
        if not alike.loc[column, apart].any():
            apart.append(column)
    first, second, third = [*apart, *means.index.difference(apart, sort=False)][:3]
    options = {
        "a": said(first, means[first]),
        PEOPLE: own["people"].format(variable=data.variables[first], column=first),
        "c": said(second, means[second]),
        REVERSED: said(third, -means[third]),
        CAUSE: own["cause"].format(one=data.variables[first], other=data.variables[second]),
    }
    names = data.list_names(members)
    return _options("profile", {"a", "c"}, options, members=names)


def supported_claims(data: LessonData, means: pd.Series) -> set[str]:
    """List what a profile supports, such as "P1 high"."""
    margin = min(data.claim_margin, means.abs().max())
    low, high = SIDES
    far = means[means.abs() >= margin]
    return {f"{column} {high if mean > 0 else low}" for column, mean in far.items()}


def naming(data: LessonData) -> Exercise:
    """Ask for a name: claims that the profile of a cluster supports, as many as one likes."""
    texts, margin = Texts("naming"), data.claim_margin
    members, means = largest_cluster(data, 1)
    held = supported_claims(data, means)
    every = {f"{column} {side}": column for column in data.whole.columns for side in SIDES}
    alone = []
    for claim, column in every.items():
        if claim not in held:
            key = "near zero" if abs(means[column]) < margin else "sign"
            alone.append(texts.mistake(key, claim, column=column, margin=margin))
    spelled = {
        text.casefold(): claim
        for claim in every
        for text in (claim, " ".join(claim.split()[::-1]), claim.replace(" ", ": "))
    }
    find = answers.judge_labels(
        [frozenset(held)],
        (),
        spelled,
        list(every),
        example='["P1 high", "P2 low"]',
        one="a claim",
        many="claims",
        fewest=1,
        alone=tuple(alone),
        some=True,
    )
    return texts.exercise(find, alone, members=data.list_names(members), margin=margin)


def left_out(data: LessonData) -> Exercise:
    """Ask whether a cluster holds without the indicator that it is named for."""
    texts = Texts("left_out")
    members, means = largest_cluster(data)
    column, size = str(means.index[0]), len(members)
    together = clusters_without(data, column)[members].value_counts()
    right = int(together.max())
    slips = [
        *([("all", size)] if right < size else []),
        ("clusters", len(together)),
        ("moved", size - right),
        ("cluster size", int((clusters_without(data, column) == together.idxmax()).sum())),
    ]
    filled = {"column": column, "variable": data.variables[column], "size": size}
    return texts.count(right, texts.mistakes(slips), members=data.list_names(members), **filled)


def broken_tree(data: LessonData) -> tuple[pd.Series, int, int]:
    """Move one joint of the whole tree to a height that is impossible.

    Returns
    -------
    coefficients : Series, by stage
    stage : of the wrong joint, whose coefficient is half that of a joint below it
    below : the stage of that joint
    """
    schedule = Tree.from_table(data.z_whole).schedule().set_index("stage")
    below = schedule[["first_appears_1", "first_appears_2"]].max(axis=1)
    late = below.index[(below > 0) & (below.index > len(schedule) / 2)]
    inner = late[:-1] if len(late) > 1 else late
    stage = inner[data.year % len(inner)]  # another one for another year
    coefficients = schedule["coefficient"].copy()
    coefficients[stage] = coefficients[below[stage]] / 2
    return coefficients, int(stage), int(below[stage])


def mend(data: LessonData) -> Exercise:
    """Ask which joint of a dendrogram cannot be right."""
    texts = Texts("mend")
    coefficients, right, below = broken_tree(data)
    slips = [("below", below), ("before", right - 1), ("after", right + 1)]
    return texts.count(right, texts.mistakes([*slips, ("last", len(coefficients))]))


def when_not(data: LessonData) -> Exercise:
    """Ask what it means that a criterion chooses one cluster for a few cases."""
    options = Texts("when_not").own["options"]
    return _options("when_not", {"b", "c"}, options, n=len(data.whole))


def people(data: LessonData) -> Exercise:
    """Ask what a correlation of regions says about the people in them."""
    r = data.z_whole.corr()
    strong = r.abs().where(r.abs() < ALIKE, 0).to_numpy()
    i, j = np.unravel_index(np.argmax(np.triu(strong, 1)), strong.shape)
    one, two = (f"{data.variables[c]} ({c})" for c in data.whole.columns[[i, j]])
    more = "more" if r.iat[i, j] > 0 else "less"
    texts = Texts("people").own["options"]
    options = {letter: text.format(more=more) for letter, text in texts.items()}
    filled = {"n": len(data.whole), "one": one, "two": two, "r": prose.format_number(r.iat[i, j])}
    return _options("people", {"a", "c"}, options, **filled)
