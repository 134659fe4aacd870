"""Exercises 15 to 22: what programs and choices do to the clusters, and what these mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import compare, cut, linkage, standardize
from sklearn.cluster import KMeans

from kzclusters.lesson import answers
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises.exercise import SHARE, Exercise, Texts

ALIKE = 0.9
"""Correlation from which two indicators count as one piece of evidence."""

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
    r = data.z_whole.corr().abs().to_numpy()
    i, j = np.unravel_index(np.argmax(np.triu(r, 1)), r.shape)
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


def _ask_moves(name: str, data: LessonData, other: pd.Series, **filled: Any) -> Exercise:
    """Ask how many regions move from Ward's clusters to other ones."""
    texts, ours = Texts(name), data.clusters
    right = compare.minimum_moves(ours, other)
    ari = compare.adjusted_rand_index(ours, other)
    slips = [
        ("cluster numbers", int((ours.to_numpy() != other.to_numpy()).sum())),
        ("stayed", len(ours) - right),
        ("clusters", data.n_clusters),
        *([("none", 0)] if right else []),
    ]
    near = texts.nearly("index", [ari]) if ari < 1 else ()
    find = answers.judge_count(right, texts.mistakes(slips), near=near)
    return texts.exercise(find, find.known, k=data.n_clusters, **filled)


def counted_twice(data: LessonData) -> Exercise:
    """Ask what leaving out one of two equal indicators changes."""
    one, two, r = most_correlated(data)
    filled = {"one": one, "two": two, "r": f"{r:.2f}"}
    return _ask_moves("counted_twice", data, clusters_without(data, two), **filled)


def k_means(data: LessonData) -> Exercise:
    """Ask what k-means changes in Ward's clusters."""
    return _ask_moves("k_means", data, clusters_by_k_means(data))


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


def largest_cluster(data: LessonData) -> tuple[list[str], pd.Series]:
    """Give the members of the largest cluster and their mean z-scores, the most unusual first."""
    sizes = data.clusters.value_counts()
    number = min(sizes.index[sizes == sizes.max()])
    members = list(data.clusters.index[data.clusters == number])
    means = data.z_whole.loc[members].mean()
    return members, means.reindex(means.abs().sort_values(ascending=False, kind="stable").index)


def _options(
    name: str,
    right: set[str],
    known: Mapping[str, set[str]],
    options: Mapping[str, str],
    **filled: Any,
) -> Exercise:
    """Ask which of several statements hold; answers are their letters."""
    texts = Texts(name)
    mistakes = [texts.mistake(key, frozenset(value)) for key, value in known.items()]
    for key in sorted(set(options) - right):
        if key in texts.own["mistakes"]:
            mistakes.append(texts.mistake(key, frozenset(right | {key})))
            mistakes += [texts.mistake(key, frozenset({one, key})) for one in sorted(right)]
    find = answers.judge_labels(
        [frozenset(right)],
        mistakes,
        {key: key for key in options},
        list(options),
        example='["a", "b"]',
        one="an option",
        many="options",
        fewest=1,
        unknown=texts.own["unknown"],
    )
    listed = "\n\n".join(f"{key}) {text}" for key, text in options.items())
    return texts.exercise(find, mistakes, options=listed, **filled)


def profile(data: LessonData) -> Exercise:
    """Ask which names the profile of a cluster supports."""
    members, means = largest_cluster(data)
    own = Texts("profile").own["options"]

    def said(column: str, sign: float) -> str:
        side = own["above" if sign > 0 else "below"]
        return side.format(variable=data.variables[column], column=column)

    # indicators that say the same would be one piece of evidence shown twice
    alike = data.z_whole.corr().abs()[means.index[0]]
    first, second, third = [c for c in means.index if c == means.index[0] or alike[c] < ALIKE][:3]
    options = {
        "a": said(first, means[first]),
        PEOPLE: own["people"].format(variable=data.variables[first], column=first),
        "c": said(second, means[second]),
        REVERSED: said(third, -means[third]),
        CAUSE: own["cause"].format(one=data.variables[first], other=data.variables[second]),
    }
    names = data.list_names(members)
    return _options("profile", {"a", "c"}, {}, options, members=names)


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


def broken_schedule(data: LessonData) -> tuple[pd.DataFrame, int]:
    """Give the whole schedule with one coefficient that cannot be, and its stage."""
    schedule = data.schedule(data.z_whole)[["label_1", "label_2", "coefficient"]]
    stage = len(schedule) // 2 + 1
    schedule.loc[stage, "coefficient"] = 0.8 * schedule.loc[stage - 1, "coefficient"]
    return schedule, stage


def mend(data: LessonData) -> Exercise:
    """Ask which row of a schedule cannot be right."""
    texts = Texts("mend")
    schedule, right = broken_schedule(data)
    slips = [("before", right - 1), ("after", right + 1), ("last", len(schedule))]
    return texts.count(right, texts.mistakes(slips))


def when_not(data: LessonData) -> Exercise:
    """Ask what it means that a criterion chooses one cluster for a few cases."""
    options = Texts("when_not").own["options"]
    return _options("when_not", {"b", "c"}, {}, options, n=len(data.whole))
