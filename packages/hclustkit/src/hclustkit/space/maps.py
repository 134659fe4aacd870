"""Maps: polygons read and checked, and laid on a plane.

`hclustkit.space.read_map` needs the extra ``geo`` (geopandas); what draws a map takes
`Outlines`, which need nothing.

References
----------
Snyder, J. P. (1987), Map projections: a working manual. U.S. Geological Survey Professional
Paper 1395, 98-103.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from hclustkit.arrays import Bools, Floats, as_numbers
from hclustkit.errors import fault, refusal

EARTH_KM = 6371.0072
"""Radius of the sphere that has the area of the ellipsoid WGS 84."""

Label = TypeVar("Label", bound=Hashable)
Polygon = list[Floats]
"""An outer ring and its holes, each closed, shape (points, 2)."""


@dataclass(frozen=True, eq=False)
class Outlines:
    """Regions on a plane, ready to be drawn.

    Attributes
    ----------
    shapes : dict
        The polygons of each label, in kilometres or in the units of the map.
    in_km : bool
        Whether the units are known to be kilometres, so that a scale bar can be drawn.
    """

    shapes: Mapping[Hashable, Sequence[Polygon]]
    in_km: bool

    def bounds(self) -> tuple[float, float, float, float]:
        """Return the least x and y and the largest x and y."""
        rings = np.concatenate(rings_of(self.shapes))
        (x, y), (right, top) = rings.min(axis=0), rings.max(axis=0)
        return float(x), float(y), float(right), float(top)

    def of(self, label: Hashable) -> Outlines:
        """Return one of the regions alone."""
        return Outlines({label: self.shapes[label]}, self.in_km)

    def areas(self) -> dict[Hashable, float]:
        """Return the area of each region, holes taken out."""
        return {label: float(sum(map(_net_area, parts))) for label, parts in self.shapes.items()}

    def centres(self) -> dict[Hashable, tuple[float, float]]:
        """Return a place well inside the largest polygon of each region, for its label."""
        return {
            label: _inside(max(parts, key=lambda part: abs(_area(part[0]))))
            for label, parts in self.shapes.items()
        }


def rings_of(shapes: Mapping[Label, Sequence[Polygon]]) -> list[Floats]:
    """List the rings of regions, one after the other."""
    return [ring for parts in shapes.values() for part in parts for ring in part]


def with_rings(
    shapes: Mapping[Label, Sequence[Polygon]], rings: Iterable[Floats]
) -> dict[Hashable, list[Polygon]]:
    """Put other rings in the places of those of regions."""
    new = iter(rings)
    return {label: [[next(new) for _ in part] for part in parts] for label, parts in shapes.items()}


def _area(ring: Floats) -> float:
    """Compute the area of a closed ring; negative where it runs clockwise."""
    x, y = (ring - ring[0]).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _net_area(part: Polygon) -> float:
    return abs(_area(part[0])) - sum(abs(_area(hole)) for hole in part[1:])


def _inside(part: Polygon, lines: int = 41) -> tuple[float, float]:
    """Find the middle of the widest stretch across a polygon, not too near to its rim."""
    low, high = part[0][:, 1].min(), part[0][:, 1].max()
    best, place = -1.0, (float(part[0][:, 0].mean()), float(part[0][:, 1].mean()))
    for y in np.linspace(low, high, lines + 2)[1:-1]:
        cuts = []
        for ring in part:
            (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
            meets = (y1 > y) != (y2 > y)
            cuts += (x1 + (y - y1) / np.where(meets, y2 - y1, 1) * (x2 - x1))[meets].tolist()
        cuts.sort()
        for left, right in zip(cuts[::2], cuts[1::2], strict=False):
            room = min((right - left) / 2, y - low, high - y)
            if room > best * (1 + 1e-9):
                best, place = room, ((left + right) / 2, float(y))
    return place


def unwrap(longitude: Floats, joined: Bools | None = None) -> Floats:
    """Let a map begin behind the widest gap around the earth.

    Parameters
    ----------
    longitude : array of float, shape (n,)
        Degrees of every point.
    joined : array of bool, shape (n - 1,), optional
        Whether a line leads from each point to the next. A gap is where no line crosses; a
        line of more than half the earth's circumference is one across the date line.

    Returns
    -------
    array of float
        The same degrees, 360 added to those before the beginning, so that regions across the
        date line are in one piece; unchanged where there is no gap.

    Examples
    --------
    >>> unwrap(np.array([179.0, -179.0, 170.0])).tolist()
    [179.0, 181.0, 170.0]
    """
    values = np.where(longitude > 180, longitude - 360, longitude)
    ordered, places = np.unique(values, return_inverse=True)
    gaps = np.diff(np.append(ordered, ordered[:1] + 360))
    if joined is not None:
        ends = np.sort(np.column_stack([places[:-1], places[1:]])[joined], axis=1)
        around = np.abs(np.diff(values)[joined])
        across = (around > 180) & (around < 359.99)
        change = np.zeros(len(ordered) + 1)
        np.add.at(change, ends[:, 0], np.where(across, -1, 1))
        np.add.at(change, ends[:, 1], np.where(across, 1, -1))
        gaps[np.cumsum(change)[:-1] + across.sum() > 0] = 0
    start = ordered[(int(np.argmax(gaps)) + 1) % len(ordered)]
    whole = not (values < start).any() and not (longitude > 180).any()
    if whole or (joined is not None and not gaps.any()):
        return longitude
    return np.where(values < start, values + 360, values)


def _mark_joins(lengths: Sequence[int]) -> Bools:
    """Mark, of the points of several rings in a row, which are joined to the next."""
    joined = np.ones(sum(lengths), dtype=bool)
    joined[np.cumsum(lengths) - 1] = False
    return joined[:-1]


def conic(shapes: Mapping[Label, Sequence[Polygon]]) -> Outlines:
    """Lay regions on a plane by Albers' conic projection, which keeps areas.

    Parameters
    ----------
    shapes : mapping
        Polygons in degrees of longitude and latitude. The two parallels without distortion
        lie one sixth of the map's height from its lower and upper rim.

    Returns
    -------
    Outlines
        In kilometres, on a sphere of the earth's area, around the middle of the map.

    Examples
    --------
    >>> square = np.array([[60.0, 40], [61, 40], [61, 41], [60, 41], [60, 40]])
    >>> round(conic({"a": [[square]]}).areas()["a"])
    9402
    """
    rings = rings_of(shapes)
    lengths = [len(ring) for ring in rings]
    points = np.concatenate(rings)
    longitude = np.radians(unwrap(points[:, 0], _mark_joins(lengths)))
    latitude = np.radians(points[:, 1])
    low, high = latitude.min(), latitude.max()
    one, two = low + (high - low) / 6, high - (high - low) / 6
    middle = (longitude.min() + longitude.max()) / 2
    cone = (np.sin(one) + np.sin(two)) / 2
    if abs(cone) < 1e-3:  # around the equator the cone is a cylinder
        x, y = (longitude - middle) * np.cos(one), np.sin(latitude) / np.cos(one)
    else:
        base = np.cos(one) ** 2 + 2 * cone * np.sin(one)
        away = np.sqrt(np.maximum(base - 2 * cone * np.sin(latitude), 0)) / cone
        origin = np.sqrt(max(base - 2 * cone * np.sin((low + high) / 2), 0)) / cone
        angle = cone * (longitude - middle)
        x, y = away * np.sin(angle), origin - away * np.cos(angle)
    placed = np.split(np.column_stack([x, y]) * EARTH_KM, np.cumsum(lengths)[:-1])
    return Outlines(with_rings(shapes, placed), in_km=True)


def class_breaks(values: Any, classes: int) -> list[float]:
    """Divide values into classes of equally many regions, as far as equal values allow.

    Parameters
    ----------
    values : array-like
        Missing values are left out.
    classes : int
        The largest number of classes.

    Returns
    -------
    list of float
        The limits, from the lowest to the highest value; each lies on a value.

    Examples
    --------
    >>> class_breaks([1, 2, 3, 4, 10, 30], 3)
    [1.0, 2.0, 4.0, 30.0]
    """
    x = np.sort(as_numbers(values, "values"))
    x = x[np.isfinite(x)]
    if not len(x):
        return [0.0, 0.0]
    last = [math.ceil(len(x) * step / classes) - 1 for step in range(1, classes + 1)]
    limits = sorted({float(x[at]) for at in last if at >= 0} - {float(x[0])})
    return [float(x[0]), *(limits or [float(x[0])])]


# --- files -----------------------------------------------------------------------------------
def require(module: str) -> Any:
    """Import a module of the extra ``geo``.

    Raises
    ------
    InputError
        With rule ``extra-missing``: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        text = f"maps need {module}: pip install 'hclustkit[geo]'"
        raise refusal(text, module, "extra-missing", "geo") from None


def check_geometries(shapes: Any, file: str = "polygons") -> None:
    """Raise unless every shape is a valid polygon, or several.

    Parameters
    ----------
    shapes : Series of shapely geometries, index the labels
    file : str
        Their name in error messages.

    Raises
    ------
    InputError
        With rule ``missing-geometry``, ``polygons`` or ``invalid-polygon``; the value maps the
        labels to what is wrong.
    """
    shapely = require("shapely")
    array = np.asarray(shapes, dtype=object)
    empty = [
        label for label, one in zip(shapes.index, array, strict=True) if one is None or one.is_empty
    ]
    if empty:
        raise fault(file, f"no shape for {list_names(empty)}", "missing-geometry", empty)
    other = {
        label: one.geom_type
        for label, one in zip(shapes.index, array, strict=True)
        if one.geom_type not in ("Polygon", "MultiPolygon")
    }
    if other:
        kinds = [f"{label} ({kind})" for label, kind in other.items()]
        hint = "take a map of areas, or leave these out"
        if "GeometryCollection" in other.values():
            hint = "repair keeps the areas of a collection"
        raise fault(file, f"not polygons: {list_names(kinds)}; {hint}", "polygons", other)
    valid = shapely.is_valid(array)
    if not valid.all():
        bad = {
            label: shapely.is_valid_reason(one)
            for label, one, good in zip(shapes.index, array, valid, strict=True)
            if not good
        }
        texts = [f"{label} ({reason})" for label, reason in bad.items()]
        message = f"invalid polygons, which are repaired only when asked: {list_names(texts)}"
        raise fault(file, message, "invalid-polygon", bad)


def list_names(items: Iterable[object], most: int = 10) -> str:
    """List names, the first ones of many."""
    texts = [str(item) for item in items]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if texts[most:] else "")


def in_degrees(shapes: Any, file: str = "map") -> Any:
    """Bring a GeoSeries to degrees of longitude and latitude, across the date line in one piece.

    Raises
    ------
    InputError
        With rule ``mixed-coordinates``: some numbers can only be degrees, others cannot be.
    """
    geopandas, shapely = require("geopandas"), require("shapely")
    there = np.array([one is not None and not one.is_empty for one in shapes])
    bounds = np.abs(shapes[there].bounds.to_numpy())
    if not len(bounds) or not np.isfinite(bounds).all():
        return shapes
    small = (bounds[:, [0, 2]] <= 360).all(axis=1) & (bounds[:, [1, 3]] <= 90).all(axis=1)
    exchanged = (bounds[:, [0, 2]] <= 90).all() and 90 < bounds[:, [1, 3]].max() <= 360
    degrees = shapes.crs.is_geographic if shapes.crs is not None else bool(small.all())
    if exchanged and (degrees or shapes.crs is None):
        message = "latitude comes before longitude, or the unit is not a degree: y goes beyond 90"
        raise fault(file, message, "exchanged-coordinates", float(bounds[:, [1, 3]].max()))
    outside = ~small if degrees else small & (bounds.max() > 10_000)
    if outside.any() and not outside.all():
        wrong = list(shapes.index[there][outside])
        message = f"coordinates of several systems: those of {list_names(wrong)} " + (
            "cannot be degrees" if degrees else "look like degrees among larger numbers"
        )
        raise fault(file, message, "mixed-coordinates", wrong)
    if degrees and outside.any():
        message = "the coordinates are not in degrees: name their system in it, or convert it"
        raise fault(file, message, "mixed-coordinates", list(shapes.index))
    if shapes.crs is None and not degrees:
        return shapes
    turned = _to_degrees(shapes, file)
    array = np.asarray(turned, dtype=object)
    points = shapely.get_coordinates(array)
    rings = shapely.get_rings(array)
    if shapely.get_num_coordinates(rings).sum() != len(points):  # not polygons: refused later
        return turned
    lifted = unwrap(points[:, 0], _mark_joins(shapely.get_num_coordinates(rings).tolist()))
    if (lifted == points[:, 0]).all():
        return turned
    array = shapely.set_coordinates(array.copy(), np.column_stack([lifted, points[:, 1]]))
    return geopandas.GeoSeries(array, index=turned.index, crs=4326)


def _to_degrees(shapes: Any, file: str) -> Any:
    if shapes.crs is None:
        return shapes.set_crs(4326)
    reason = "its points have no place on the earth"
    try:
        turned = shapes.to_crs(4326)
        if np.isfinite(require("shapely").get_coordinates(np.asarray(turned, dtype=object))).all():
            return turned
    except Exception as error:  # pyproj has several kinds, all of them about the system
        reason = " ".join(str(error).split())
    message = f"its coordinate system cannot be turned into degrees: {reason}"
    raise fault(file, message, "coordinate-system", shapes.crs.name) from None


def outlines(shapes: Any) -> Outlines:
    """Lay the polygons of `read_map` on a plane.

    Parameters
    ----------
    shapes : GeoSeries
        With a coordinate system they are degrees, and laid out by `conic`.

    Returns
    -------
    Outlines
    """
    shapely = require("shapely")
    rings: dict[Hashable, list[Polygon]] = {}
    for label, shape in shapes.items():
        rings[label] = [
            [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(shape)
        ]
    return Outlines(rings, in_km=False) if shapes.crs is None else conic(rings)
