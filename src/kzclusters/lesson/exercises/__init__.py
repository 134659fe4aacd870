"""The exercises of the lesson: question, right answer, and what every typical slip leads to.

An exercise is data and a judge. Nothing is stored: all numbers are computed from the tables of
the lesson; the texts are in ``texts.yml``.
"""

from collections.abc import Callable

from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import meaning, small_table, territory, ties, whole_table
from kzclusters.lesson.exercises.exercise import Exercise

EXERCISES: tuple[Callable[[LessonData], Exercise], ...] = (
    small_table.z_score,
    small_table.squared_distance,
    small_table.nearest_pair,
    small_table.first_increase,
    small_table.cost_with_third,
    small_table.second_merge,
    small_table.coefficients,
    whole_table.last_coefficient,
    whole_table.explained,
    whole_table.lone_regions,
    whole_table.best_silhouette,
    whole_table.moves,
    whole_table.orders,
    ties.tied_partitions,
    meaning.n_or_n_less_one,
    meaning.counted_twice,
    meaning.one_case,
    meaning.k_means,
    meaning.profile,
    meaning.naming,
    meaning.left_out,
    territory.neighbours,
    territory.pieces,
    territory.only_neighbours,
    meaning.mend,
    meaning.when_not,
    meaning.people,
)
"""In the order of the lesson."""
