"""Exercises 22 to 24: what the clusters are on the map."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import pandas as pd
from hclustkit import Tree

from kzclusters.lesson import answers
from kzclusters.lesson.answers import Mistake
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises.exercise import Exercise, Texts, moves_asked


def asked_region(data: LessonData) -> str:
    """Choose the region of the small table with the most neighbours."""
    return str(max(data.small.index, key=lambda label: len(data.borders_on(label))))


def clusters_of_neighbours(data: LessonData) -> pd.Series:
    """Cut the tree in which only neighbours merge."""
    tree = Tree.from_table(data.z_whole, connectivity=data.neighbours)
    labels = tree.cut(data.n_clusters)
    return pd.Series(labels, index=data.whole.index, name="neighbours only")


def _judge_regions(
    data: LessonData,
    texts: Texts,
    right: Iterable[frozenset],
    known: Iterable[Mistake] = (),
    alone: Iterable[Mistake] = (),
) -> answers.LabelsJudge:
    """Make a judge of a set of regions of the whole table; see `LabelsJudge`."""
    return answers.judge_labels(
        right,
        known,
        data.spelled(data.whole.index),
        list(data.names.values()),
        example='["region A", "region B"]',
        fewest=1,
        unknown=texts.own["unknown"],
        alone=tuple(alone),
    )


def neighbours(data: LessonData) -> Exercise:
    """Ask for the neighbours of a region."""
    texts, region = Texts("neighbours"), asked_region(data)
    near = frozenset(data.borders_on(region))
    slips: list[tuple[str, Hashable]] = [("itself", region)]
    slips += [("farther", label) for label in data.whole.index if label not in near | {region}]
    alone = [texts.mistake(key, label, name=data.names[label]) for key, label in slips]
    find = _judge_regions(data, texts, [near], alone=alone)
    return texts.exercise(find, alone, region=data.names[region])


def pieces(data: LessonData) -> Exercise:
    """Ask which published cluster is not one piece of land."""
    texts, published = Texts("pieces"), data.published
    count = data.neighbours.piece_count(published)
    members = {k: frozenset(published.index[published == k]) for k in count.index}
    whole = texts.mistakes(("one piece", members[k]) for k in count.index[count == 1])
    apart = [members[k] for k in count.index[count > 1]]
    find = _judge_regions(data, texts, apart, known=whole)
    return texts.exercise(find, whole)


def only_neighbours(data: LessonData) -> Exercise:
    """Ask what changes if only neighbours may merge."""
    return moves_asked("only_neighbours", data, clusters_of_neighbours(data))
