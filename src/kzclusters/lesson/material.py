"""What a learner needs before an exercise: tables, open or folded until another is solved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
from hclustkit import validity
from hclustkit.distances import proximity_matrix

from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import meaning, territory


@dataclass(frozen=True)
class Shown:
    """A table with its title; ``after`` is the exercise that it would give away, 0 for none."""

    title: str
    table: pd.DataFrame
    digits: int = 2
    after: int = 0


def _proximity(data: LessonData) -> pd.DataFrame:
    named = data.with_names(data.z)
    return pd.DataFrame(proximity_matrix(data.z).to_numpy(), index=named.index, columns=named.index)


def _two_years(data: LessonData) -> pd.DataFrame:
    return data.with_names(data.by_year[[data.year, data.other_year]])


def _silhouettes(data: LessonData) -> pd.DataFrame:
    widths = data.by_k(validity.mean_silhouette).rename("mean silhouette")
    return widths.to_frame().rename_axis("clusters")


def _single(data: LessonData) -> pd.DataFrame:
    return data.with_names(data.cut("single").to_frame())


def _beside(data: LessonData, other: pd.Series) -> pd.DataFrame:
    return data.with_names(pd.DataFrame({"Ward": data.clusters, other.name: other}))


def _without_twin(data: LessonData) -> pd.DataFrame:
    return _beside(data, meaning.clusters_without(data, meaning.most_correlated(data)[1]))


def _without_naming(data: LessonData) -> pd.DataFrame:
    column = str(meaning.largest_cluster(data)[1].index[0])
    return _beside(data, meaning.clusters_without(data, column))


def _one_column(data: LessonData) -> pd.DataFrame:
    column = (data.z_whole**2).max().idxmax()
    return data.with_names(data.z_whole[[column]])


def _profile(data: LessonData, place: int = 0) -> pd.DataFrame:
    means = meaning.largest_cluster(data, place)[1].rename("mean z-score")
    return means.rename(index=lambda c: f"{c}, {data.variables[c]}").to_frame()


def _borders(data: LessonData) -> pd.DataFrame:
    near = {label: data.list_names(data.borders_on(label)) for label in data.whole.index}
    return data.with_names(pd.DataFrame({"Figure 3": data.published, "neighbours": near}))


MATERIAL: Mapping[str, Callable[[LessonData], Shown]] = {
    "z_score": lambda data: Shown("The small table", data.with_names(data.small), data.digits),
    "squared_distance": lambda data: Shown("All z-scores", data.with_names(data.z), 2, 1),
    "first_increase": lambda data: Shown("The proximity matrix", _proximity(data), 2, 3),
    "coefficients": lambda data: Shown("Every possible merge at every stage", data.costs(), 3, 6),
    "explained": lambda data: Shown("The whole schedule", data.schedule(data.z_whole), 3, 8),
    "lone_regions": lambda data: Shown("Clusters by single linkage", _single(data)),
    "best_silhouette": lambda data: Shown(
        "The mean silhouette of every cut", _silhouettes(data), 3
    ),
    "counted_twice": lambda data: Shown("Both groupings", _without_twin(data)),
    "one_case": lambda data: Shown("The z-scores of the column", _one_column(data)),
    "k_means": lambda data: Shown(
        "Both groupings", _beside(data, meaning.clusters_by_k_means(data))
    ),
    "profile": lambda data: Shown("The profile of the cluster", _profile(data)),
    "naming": lambda data: Shown("The profile of the cluster", _profile(data, 1)),
    "left_out": lambda data: Shown("Both groupings", _without_naming(data)),
    "pieces": lambda data: Shown("Who borders on whom", _borders(data), 0, 22),
    "only_neighbours": lambda data: Shown(
        "Both groupings", _beside(data, territory.clusters_of_neighbours(data))
    ),
    "moves": lambda data: Shown("The clusters of two years", _two_years(data)),
}
"""By the name of the exercise."""
