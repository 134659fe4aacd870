"""Regions are neighbours where their borders meet."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import check_choice
from hclustkit.space.maps import check_geometries, require
from hclustkit.tree.neighbours import Neighbours, as_labels, from_places

POLYGON_RULES = ("queen", "rook")


def neighbours_from_polygons(polygons: Any, rule: str = "queen") -> Neighbours:
    """Call regions neighbours whose borders meet.

    Needs the extra ``geo`` (`pip install hclustkit[geo]`).

    Parameters
    ----------
    polygons : GeoSeries, GeoDataFrame or Series of shapely geometries
        The labels in the index. They should share their border points, as maps of
        administrative regions do.
    rule : {"queen", "rook"}
        Whether one common point is enough, or a line of some length is needed.

    Returns
    -------
    Neighbours

    Raises
    ------
    InputError
        A polygon is missing, empty or invalid, or the rule is unknown.

    Examples
    --------
    >>> near = neighbours_from_polygons(read_map("regions.gpkg"), "rook")  # doctest: +SKIP
    """
    check_choice(rule, POLYGON_RULES, "rule")
    shapely = require("shapely")
    shapes = getattr(polygons, "geometry", polygons)
    as_labels(shapes.index)
    check_geometries(shapes)
    array = np.asarray(shapes, dtype=object)
    one, two = shapely.STRtree(array).query(array, predicate="intersects")
    one, two = one[one < two], two[one < two]
    if rule == "rook":
        line = shapely.length(shapely.intersection(array[one], array[two])) > 0
        one, two = one[line], two[line]
    return from_places(np.column_stack([one, two]), shapes.index, rule)
