"""An exercise on ties: four points whose tree depends on who is asked first."""

from __future__ import annotations

import numpy as np
from hclustkit import uniqueness
from scipy.spatial.distance import pdist

from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises.exercise import Exercise, Texts

SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
"""The corners of a square: four pairs are equally near."""


def tied_partitions(data: LessonData) -> Exercise:  # noqa: ARG001 - the square is always the same
    """Ask how many partitions into two clusters ties allow on a square."""
    texts = Texts("tied_partitions")
    sides = int((pdist(SQUARE) == pdist(SQUARE).min()).sum())
    n = len(SQUARE)
    slips = [
        ("first merges", sides),
        ("single linkage", uniqueness(SQUARE, 2, "single").count),
        ("one program", 1),
        ("diagonals", n - 1),  # the ways to make two pairs of four points
        ("all partitions", 2 ** (n - 1) - 1),
    ]
    right = uniqueness(SQUARE, 2).count
    return texts.count(right, texts.mistakes(slips), n=n, sides=sides)
