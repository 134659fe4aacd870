"""Maps from files: find the layer, the field of names, the encoding and the regions wanted."""

from __future__ import annotations

import difflib
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from hclustkit.errors import fault
from hclustkit.space.maps import check_geometries, in_degrees, list_names, require
from hclustkit.tables.layout import text_of
from hclustkit.tree.neighbours import match_names

ENCODINGS = ("utf-8", "cp1251", "cp1252", "cp1250", "cp1254", "cp866")
"""Tried where names are not ASCII, and taken if the map then has the names asked for."""

_MAPS = (".shp", ".geojson", ".json", ".topojson", ".gpkg", ".kml", ".fgb")


def read_map(
    path: str | Path,
    label: str | None = None,
    *,
    repair: bool = False,
    labels: Iterable[object] | None = None,
) -> Any:
    """Read the polygons of regions.

    Needs the extra ``geo`` (`pip install hclustkit[geo]`).

    Parameters
    ----------
    path : path
        GeoJSON, GeoPackage, Shapefile (also zipped), TopoJSON or another format that GDAL reads.
    label : str, optional
        The field with the names of the regions. By default the one that has ``labels``, or the
        only one whose values are texts that all differ. Several shapes of one name are one region.
    repair : bool
        Whether invalid polygons are repaired; otherwise they are refused.
    labels : iterable, optional
        The regions that are wanted. By them the layer, the field and the encoding are chosen;
        others are left out, and named in ``attrs["others"]``. Those of several shapes are named
        in ``attrs["merged"]``.

    Returns
    -------
    GeoSeries
        The polygons in degrees (WGS 84), index the names as text. A map without a coordinate
        system is taken as degrees where all its numbers can be degrees; otherwise as a plane
        of an unknown unit, and the series has no coordinate system. Regions across the date
        line are in one piece, with longitudes beyond 180.

    Raises
    ------
    InputError
        The file is missing or cannot be read, has no such field, lacks a name, a shape or one
        of ``labels``, mixes coordinate systems, or has an invalid polygon.

    Examples
    --------
    >>> regions = read_map("regions.geojson", "name")  # doctest: +SKIP
    """
    geopandas, shapely = require("geopandas"), require("shapely")
    file = Path(path).name
    if not Path(path).is_file():
        raise fault(file, "the file is missing", "missing-file", str(path))
    wanted = None if labels is None else [plain_name(one) for one in labels]
    frame = _frame(path, label, wanted or [], file, repair)
    if not len(frame) or "geometry" not in frame:
        raise fault(file, "has no regions", "no-regions")
    names = _names(frame, _label_field(frame, label, wanted or [], file))
    others: list[str] = []
    if wanted is not None:
        if not set(wanted) <= set(names):
            match_names(wanted, names.dropna().unique(), "table", "map")
        inside = names.isin(wanted)
        others = [str(one) for one in names[~inside].dropna().unique()]
        frame, names = frame[inside], names[inside]
    if names.isna().any():
        row = int(np.argmax(names.isna())) + 1
        raise fault(file, f"region {row} has no name", "missing-label", row)
    shapes = geopandas.GeoSeries(frame.geometry.to_numpy(), index=list(names), crs=frame.crs)
    shapes = in_degrees(shapes, file)
    if repair:
        shapes = geopandas.GeoSeries(
            [_repair(one) for one in shapes], index=shapes.index, crs=shapes.crs
        )
    check_geometries(shapes, file)
    repeated = list(shapes.index[shapes.index.duplicated()].unique())
    if repeated:
        order = shapes.index.unique()
        merged = [shapely.union_all(np.asarray(shapes[shapes.index == one])) for one in order]
        shapes = geopandas.GeoSeries(merged, index=order, crs=shapes.crs)
    shapes.attrs |= {"others": others, "merged": repeated}
    return shapes


def plain_name(name: object) -> str:
    """Return a name as the labels of a table are read, with accents composed."""
    return unicodedata.normalize(
        "NFC", text_of(float(name) if isinstance(name, float) else str(name))
    )


def _names(frame: Any, field: str) -> Any:
    return frame[field].astype(object).map(plain_name, na_action="ignore")


def _fields(frame: Any) -> list[str]:
    return [str(column) for column in frame.columns if column != "geometry"]


def _hits(frame: Any, wanted: list[str]) -> dict[str, int]:
    """Count, for each field, the names that are wanted."""
    return {field: len(set(wanted) & set(_names(frame, field))) for field in _fields(frame)}


def _frame(path: str | Path, label: str | None, wanted: list[str], file: str, repair: bool) -> Any:
    """Read the layer, in the encoding, that has the names wanted."""
    read = require("geopandas").read_file
    frames: list[Any] = []
    layers: list[str | None] = []
    failure: Exception | None = None
    source = _source(path)
    invalid = {"on_invalid": "fix"} if repair else {}
    try:
        layers = _layers(source, label, bool(wanted), file)
        for encoding in (None, *ENCODINGS):
            for layer in layers:
                try:
                    with warnings.catch_warnings(action="ignore"):  # what is invalid is refused
                        frame = read(source, layer=layer, encoding=encoding, **invalid)
                except Exception as error:
                    failure = failure or error
                    continue
                if not wanted or max(_hits(frame, wanted).values(), default=0) == len(set(wanted)):
                    return frame
                frames.append(frame)
            texts = [str(text) for one in frames for f in _fields(one) for text in one[f]]
            if not wanted or (frames and all(map(str.isascii, texts))):
                break
    except (OSError, RuntimeError) as error:  # pyogrio has several kinds
        failure = error
    if len(frames) > 1 and len(layers) > 1:
        message = (
            f"several layers with polygons: {list_names(layers)}; write one to a file of its own"
        )
        raise fault(file, message, "several-layers", layers)
    if frames:
        return frames[0]
    reason = " ".join(str(failure).split(";")[0].replace(str(path), file).split())
    if Path(path).suffix.lower() == ".shp":
        reason += " (the files .shp, .shx, .dbf and .prj of a Shapefile belong together)"
    hint = "; repair closes its rings" if "LinearRing" in reason and not repair else ""
    raise fault(file, f"cannot be read as a map: {reason}{hint}", "map-format") from None


def _source(path: str | Path) -> str:
    """Return what GDAL opens: the map in a folder of an archive, or the file itself."""
    if not zipfile.is_zipfile(path) or Path(path).suffix.lower() != ".zip":
        return str(path)
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.lower().endswith(_MAPS)]
    inside = [name for name in inside if not name.startswith("__MACOSX")]
    return f"/vsizip/{Path(path).resolve()}/{inside[0]}" if len(inside) == 1 else str(path)


def _layers(source: str, label: str | None, several: bool, file: str) -> list[str | None]:
    """List the layers with polygons, and with the field of names where there are several."""
    pyogrio = require("pyogrio")
    found = [
        str(name)
        for name, kind in pyogrio.list_layers(source)
        if kind is not None and ("Polygon" in kind or kind in ("Unknown", "Geometry"))
    ]
    if len(found) > 1 and label:
        found = [name for name in found if label in pyogrio.read_info(source, layer=name)["fields"]]
    if len(found) > 1 and not several:
        message = (
            f"several layers with polygons: {list_names(found)}; write one to a file of its own"
        )
        raise fault(file, message, "several-layers", found)
    return [*found] or [None]


def _repair(shape: Any) -> Any:
    """Make a shape valid and keep its areas; a shape that is missing or has none stays so."""
    if shape is None or (shape.is_valid and shape.geom_type.endswith("Polygon")):
        return shape
    shapely = require("shapely")
    parts = shapely.get_parts(shapely.make_valid(shape))
    areas = [one for one in parts if one.geom_type.endswith("Polygon")]
    return shapely.union_all(areas) if areas or shape.geom_type.endswith("Polygon") else shape


def _label_field(frame: Any, label: str | None, wanted: list[str], file: str) -> str:
    fields = _fields(frame)
    if label is not None:
        if label in fields:
            return label
        near = [field for field in fields if field.lower() == label.lower()]
        near = near or difflib.get_close_matches(label, fields, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        message = f"no field {label!r}; it has {list_names(fields, 30)}{hint}"
        raise fault(file, message, "unknown-field", label)
    hits = _hits(frame, wanted)
    if fields and 2 * max(hits.values()) > len(wanted) > 0:
        return max(fields, key=lambda field: hits[field])
    texts = [
        field
        for field in fields
        if all(isinstance(value, str) for value in frame[field]) and frame[field].is_unique
    ]
    if len(texts) == 1:
        return texts[0]
    message = f"say which field holds the names: {list_names(fields, 30) or 'there is none'}"
    raise fault(file, message, "map-label", texts or fields)
