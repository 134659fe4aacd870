"""The pictures of exercises, the same in the notebook of the lesson and on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hclustkit.draw import cluster_maps
from hclustkit.draw.style import aligned_styles, cluster_numbers
from hclustkit.space.maps import conic
from IPython.display import Image

from kzclusters.evidence import boundaries, sources
from kzclusters.figures import lesson_figures
from kzclusters.lesson import prose
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import meaning
from kzclusters.notebook import sketch


def map_of_clusters(data: LessonData) -> Image:
    """Draw the clusters of Figure 3 on the map, in the looks of those of the data."""
    kinds, published = sources.regions()["kind"], cluster_numbers(data.published)
    figure = cluster_maps(
        conic(boundaries.polygons()),
        {"Figure 3 of the article": published},
        names=data.names,
        numerals=["roman"],
        styles=[aligned_styles(data.clusters, published)],
        enlarge=list(kinds.index[kinds == "city"]),
        width=5.6,
    )
    return sketch(figure, prose.describe_map(data))


def tree_to_mend(data: LessonData) -> Image:
    """Draw the dendrogram with one joint at an impossible height."""
    coefficients = meaning.broken_tree(data)[0]
    names = [data.names[label] for label in data.whole.index]
    figure = lesson_figures.numbered_joints(data.tree_whole, names, coefficients.tolist())
    return sketch(figure, prose.describe_joints(data, coefficients))


PICTURES: Mapping[str, Callable[[LessonData], Image]] = {
    "neighbours": map_of_clusters,
    "mend": tree_to_mend,
}
"""By the name of the exercise."""
