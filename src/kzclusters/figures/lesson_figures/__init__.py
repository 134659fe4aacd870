"""Figures of the lesson: scaling, the merges one by one, trees side by side, criteria, years."""

from kzclusters.figures.lesson_figures.charts import criterion_panels, membership_by_year
from kzclusters.figures.lesson_figures.growth import growing_dendrogram, merge_stages
from kzclusters.figures.lesson_figures.joints import numbered_joints
from kzclusters.figures.lesson_figures.panels import (
    COEFFICIENT_AXIS,
    TreePanel,
    dendrogram_panels,
    linkage_panels,
)
from kzclusters.figures.lesson_figures.points import scaling_pair

__all__ = [
    "COEFFICIENT_AXIS",
    "TreePanel",
    "criterion_panels",
    "dendrogram_panels",
    "growing_dendrogram",
    "linkage_panels",
    "membership_by_year",
    "merge_stages",
    "numbered_joints",
    "scaling_pair",
]
