"""Silhouette widths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arrays import Floats, Ints, Labels
from hclustkit.errors import refusal
from hclustkit.validity.partition import Partition
from hclustkit.validity.values import ONE_CLUSTER, IndexValue, no_value


def widths(this: Partition) -> tuple[Floats, Ints]:
    """Compute every object's silhouette width and neighbour cluster (two clusters or more)."""
    return widths_from(this.mean_to_clusters, this.codes, this.sizes)


def widths_from(means: Floats, codes: Ints, sizes: Ints) -> tuple[Floats, Ints]:
    """Compute widths and neighbours from the mean distance of each object to each cluster.

    0 for all objects of the only cluster, and for one alone in its cluster: it is neither well
    nor badly placed.
    """
    rows = np.arange(len(codes))
    away = means.copy()
    own = away[rows, codes]
    away[rows, codes] = np.inf
    # argmin takes the first of equally near clusters
    neighbour = away.argmin(axis=1)
    nearest = away[rows, neighbour]
    larger = np.maximum(own, nearest)
    placed = (larger > 0) & (sizes[codes] > 1) & (len(sizes) > 1)
    width = np.divide(nearest - own, larger, out=np.zeros(len(codes)), where=placed)
    return width, neighbour


def silhouette_index(this: Partition) -> IndexValue:
    """Mean silhouette width of all objects; see `silhouette`."""
    if this.k < 2:
        return no_value(ONE_CLUSTER)
    return IndexValue(float(widths(this)[0].mean()))


def silhouette(table: Any, partition: Labels) -> pd.DataFrame:
    """Compute the silhouette width of every object, on Euclidean distances.

    With a(i) the mean distance of object i to the others of its cluster and b(i) the
    smallest mean distance to another cluster (the neighbour), the width is
    (b - a) / max(a, b), in -1..1. An object alone in its cluster scores 0 by definition;
    programs that score it 1 (NbClust) reward splitting single objects off.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
    partition : sequence of length n or Series aligned with the table
        At least two clusters.

    Returns
    -------
    DataFrame
        The table's index, columns ``cluster``, ``neighbour``, ``width``. Of equally near
        neighbours the first is named. A width is 0 where a = b = 0.

    Raises
    ------
    InputError
        One cluster only, or labels that do not fit the table.

    References
    ----------
    Rousseeuw, P. J. (1987). J. Comput. Appl. Math. 20, 53-65: p. 55-56.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 0.1, 10.0]})
    >>> silhouette(table, ["a", "a", "b"])["width"].round(4).tolist()
    [0.99, 0.9899, 0.0]
    """
    this = Partition.from_labels(table, partition)
    if this.k < 2:
        text = "silhouette: labels name one cluster, at least two are needed"
        raise refusal(text, "labels", "k-range", 1)
    width, neighbour = widths(this)
    return pd.DataFrame(
        {"cluster": this.names[this.codes], "neighbour": this.names[neighbour], "width": width},
        index=this.space.labels,
    )


def mean_silhouette(table: Any, partition: Labels) -> float:
    """Compute the mean of the silhouette widths of all objects; see `silhouette`.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
    partition : sequence of length n or Series aligned with the table
        At least two clusters.

    Returns
    -------
    float
        In -1..1.

    Examples
    --------
    >>> round(mean_silhouette(pd.DataFrame({"x": [0.0, 0.1, 10.0]}), [1, 1, 2]), 4)
    0.66
    """
    return float(silhouette(table, partition)["width"].mean())
