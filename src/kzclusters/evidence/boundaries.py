"""The boundaries of the regions before 2018: read as polygons, and checked.

Checked in plain arithmetic: rings are closed and do not cross themselves, holes lie inside,
every region is there once, regions that share border points are the pairs of
``neighbours.csv``, and the areas on the sphere are those of ``land_area.csv`` as far as a map
of this scale can show them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from hclustkit.space.maps import require

from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import raw_folder, regions

FILE = "boundaries.geojson"
EARTH_KM = 6371.0072
"""Radius of the sphere that has the area of the ellipsoid WGS 84."""

WITHIN = 3.2
"""Areas differ from ``land_area.csv`` by at most this percentage."""
EXCEPTIONS = {
    "KZ-ATY": (5.6, "the coast of the Caspian Sea, whose water level changes"),
    "KZ-AST": (13.1, "drawn with 20 points, 618 km² for the official 710"),
    "KZ-ALA": (34.8, "drawn as it was before September 2012"),
}

Ring = np.ndarray
"""Points of a closed line, shape (n, 2): longitude and latitude in degrees."""


def polygons(folder: Path | None = None) -> dict[str, list[list[Ring]]]:
    """Read the polygons of each region.

    Returns
    -------
    dict of list of list of array
        By region in the order of the file: polygons, each an outer ring and its holes.

    Raises
    ------
    InputError
        The file is missing or is not GeoJSON with one feature for each region.
    """
    folder = raw_folder(folder)
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        features = [(feature["id"], feature["geometry"]) for feature in content["features"]]
        found = []
        for region, geometry in features:
            parts = geometry["coordinates"]
            parts = [parts] if geometry["type"] == "Polygon" else parts
            rings = [[np.array(ring, dtype=float) for ring in part] for part in parts]
            if not all(ring.ndim == 2 and ring.shape[1] == 2 for part in rings for ring in part):
                raise ValueError("a point has a longitude and a latitude")
            found.append((region, rings))
    except FileNotFoundError:
        raise rule_error(path, "file-present", "the file is there", more="it is missing") from None
    except (ValueError, KeyError, TypeError) as error:
        says = "the file is a GeoJSON collection of polygons"
        raise rule_error(path, "geojson", says, more=str(error)) from None
    codes = list(regions(folder).index)
    given = [region for region, _ in found]
    for region in [*codes, *given]:
        if given.count(region) != 1 or region not in codes:
            says = "each of the 16 regions has one feature"
            raise rule_error(
                path, "all-regions", says, region, more=f"it has {given.count(region)}"
            )
    return dict(found)


def area(rings: list[Ring]) -> float:
    """Return the area of a polygon on the sphere in km², holes taken out.

    Sides are straight in longitude and the sine of latitude, the projection of equal areas.
    """

    def enclosed(ring: Ring) -> float:
        x, y = np.radians(ring[:, 0]), np.sin(np.radians(ring[:, 1]))
        return abs(math.fsum((x[1:] - x[:-1]) * (y[1:] + y[:-1]))) / 2 * EARTH_KM**2

    return enclosed(rings[0]) - math.fsum(enclosed(ring) for ring in rings[1:])


def _faults(parts: list[list[Ring]]) -> Iterator[tuple[str, str]]:
    """Yield the rules that the rings of one region break, each as a short name and in words."""
    shapely = require("shapely")
    for rings in parts:
        for ring in rings:
            if len(ring) < 4 or not np.array_equal(ring[0], ring[-1]):
                yield "closed-ring", "a ring has four points or more and ends where it begins"
            elif not np.isfinite(ring).all() or not (
                (ring > (46, 40)).all() and (ring < (88, 56)).all()
            ):
                yield "within-country", "points lie at 46 to 88 degrees east and 40 to 56 north"
            elif not shapely.LinearRing(ring).is_simple:
                yield "simple-ring", "a ring does not cross or touch itself"
        for hole in rings[1:]:
            if not shapely.Polygon(rings[0]).covers(shapely.Polygon(hole)):
                yield "hole-inside", "a hole lies inside its polygon"


def neighbours(found: dict[str, list[list[Ring]]]) -> set[frozenset[str]]:
    """Return the pairs of regions that have two border points or more in common."""
    points = {
        region: {tuple(point) for rings in parts for ring in rings for point in ring.tolist()}
        for region, parts in found.items()
    }
    return {
        frozenset((one, two))
        for one, two in combinations(points, 2)
        if len(points[one] & points[two]) > 1
    }


def check(folder: Path | None = None) -> str:
    """Check the boundaries; return a line that says so.

    Raises
    ------
    InputError
        The first broken rule, with the region.
    """
    folder = raw_folder(folder)
    path = folder / FILE
    found = polygons(folder)
    for region, parts in found.items():
        for rule, says in _faults(parts):
            raise rule_error(path, rule, says, region)
    given = pd.read_csv(folder / "neighbours.csv", encoding="utf-8")
    listed = {frozenset(pair) for pair in given.itertuples(index=False, name=None)}
    if len(listed) < len(given):
        says = "a pair of neighbours is given once, in one of its two orders"
        raise rule_error(folder / "neighbours.csv", "once", says)
    for pair in sorted(map(sorted, neighbours(found) ^ listed)):
        says = "regions with a common border are the pairs of neighbours.csv"
        there = "there only" if frozenset(pair) in listed else "in the boundaries only"
        raise rule_error(path, "neighbours", says, " and ".join(pair), more=there)
    land = pd.read_csv(folder / "land_area.csv", encoding="utf-8")
    land = land[land["year"] == 2013].set_index("region")["value"]
    for region, parts in found.items():
        bound = EXCEPTIONS.get(region, (WITHIN, ""))[0]
        gap = (math.fsum(map(area, parts)) / land[region] - 1) * 100
        if abs(gap) > bound:
            says = f"the area is that of land_area.csv within {bound}%"
            raise rule_error(path, "area", says, region, more=f"it differs by {gap:.1f}%")
    return f"boundaries of {len(found)} regions: valid, borders and areas as in the tables"
