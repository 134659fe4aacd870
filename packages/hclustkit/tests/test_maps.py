"""Drawn maps: fewer points with shared borders kept, any piece of the earth, colours in print."""

from __future__ import annotations

import itertools
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.draw import cluster_maps, style, value_maps
from hclustkit.draw.save import svg_bytes
from hclustkit.report.outlines import MOST, page_map
from hclustkit.space import neighbours_from_polygons, read_map
from hclustkit.space.maps import Outlines, outlines, unwrap
from hclustkit.space.simplify import simplify
from matplotlib.colors import to_rgb
from refusals import refused
from scale import scale


def fractal(one: np.ndarray, two: np.ndarray, rng: np.random.Generator, depth: int) -> np.ndarray:
    """A rough line between two points, both ends in it."""
    line = np.array([one, two], dtype=float)
    for _ in range(depth):
        step = np.diff(line, axis=0)
        middle = line[:-1] + step / 2 + 0.12 * rng.normal(size=(len(step), 1)) * step[:, ::-1]
        line = np.insert(line, np.arange(1, len(line)), middle, axis=0)
    return line


def rough_grid(side: int, seed: int = 1, depth: int = 6) -> Outlines:
    """Squares with rough borders, which neighbours share; one with a hole that a region fills."""
    rng = np.random.default_rng(seed)
    lines = {}
    for i, j in itertools.product(range(side + 1), repeat=2):
        for k, m in ((i + 1, j), (i, j + 1)):
            if max(k, m) <= side:
                ends = np.array([i, j]) * 100, np.array([k, m]) * 100
                lines[i, j, k, m] = fractal(*ends, rng, depth)
    shapes = {}
    for i, j in itertools.product(range(side), repeat=2):
        up, right = lines[i, j, i, j + 1], lines[i, j + 1, i + 1, j + 1]
        down, left = lines[i + 1, j, i + 1, j + 1][::-1], lines[i, j, i + 1, j][::-1]
        shapes[f"{i}{j}"] = [[np.concatenate([up, right[1:], down[1:], left[1:]])]]
    angle = np.linspace(0, 2 * np.pi, 101)[:-1]
    circle = 50 + 9 * np.column_stack([np.cos(angle), np.sin(angle)])
    circle = np.append(circle, circle[:1], axis=0)
    shapes["00"][0].append(circle)
    shapes["inside"] = [[np.roll(circle[:-1], 17, axis=0)[::-1]]]
    shapes["inside"][0][0] = np.append(shapes["inside"][0][0], shapes["inside"][0][0][:1], axis=0)
    return Outlines(shapes, in_km=False)


def edges(placed: Outlines) -> dict[frozenset, int]:
    """How many regions draw each edge."""
    counts: dict[frozenset, int] = {}
    for ring in (ring for parts in placed.shapes.values() for part in parts for ring in part):
        for a, b in itertools.pairwise(map(tuple, ring.tolist())):
            counts[frozenset((a, b))] = counts.get(frozenset((a, b)), 0) + 1
    return counts


def points(placed: Outlines) -> int:
    return sum(len(r) for parts in placed.shapes.values() for part in parts for r in part)


@pytest.mark.parametrize("tolerance", [0.2, 2.0])
def test_a_simplified_border_is_the_same_on_both_sides(tolerance: float) -> None:
    whole = rough_grid(scale(3, 8))
    drawn = simplify(whole, tolerance)
    assert points(drawn) < points(whole) / (1.6 if tolerance < 1 else 6)
    for label, parts in drawn.shapes.items():
        for ring, before in zip(parts[0], whole.shapes[label][0], strict=True):
            assert (ring[0] == ring[-1]).all() and len(ring) >= 4
            assert {tuple(p) for p in ring.tolist()} <= {tuple(p) for p in before.tolist()}
            # no point of the border lies farther away than the tolerance
            start, along = ring[:-1, None], np.diff(ring, axis=0)[:, None]
            length = (along**2).sum(axis=2)
            share = np.clip(((before - start) * along).sum(axis=2) / length, 0, 1)
            far = np.sqrt(((before - start - share[..., None] * along) ** 2).sum(axis=2))
            assert far.min(axis=0).max() <= tolerance + 1e-9
    # an edge inside the map belongs to two regions, as before; so no gap can be
    side = scale(3, 8)
    inner = sum(count == 2 for count in edges(drawn).values())
    outer = sum(count == 1 for count in edges(drawn).values())
    assert inner + outer == len(edges(drawn)) and inner > 2 * side * (side - 1)
    for label, area in drawn.areas().items():
        assert area == pytest.approx(whole.areas()[label], abs=tolerance * 500)


def test_small_regions_keep_a_triangle_and_any_units_will_do() -> None:
    whole = rough_grid(2)
    crude = simplify(whole, 40)
    assert all(len(parts[0][0]) >= 4 for parts in crude.shapes.values())
    assert crude.areas()["inside"] > 0
    for unit in (1e-200, 1e250):
        scaled = Outlines(
            {k: [[r * unit for r in part] for part in v] for k, v in whole.shapes.items()}, False
        )
        assert points(simplify(scaled, 2 * unit)) == points(simplify(whole, 2))
    assert points(simplify(whole, 0)) == points(whole)


def test_where_three_regions_meet_all_keep_the_point() -> None:
    """Also the region for which it lies on an almost straight line."""
    low, meeting, high, far = (0, -6), (0.5, 5), (1, 18), (-10, 30)
    rings = {
        "a": [low, meeting, high, (20, 3)],
        "b": [far, (-9, -6), (9, -40), low, meeting],
        "c": [far, meeting, high, (60, 12), (60, 60)],
    }
    shapes = {name: [[np.array([*ring, ring[0]], float)]] for name, ring in rings.items()}
    for ((ring,),) in simplify(Outlines(shapes, in_km=False), 1).shapes.values():
        assert list(meeting) in ring.tolist()


def test_the_third_point_of_a_small_region_is_the_farthest_from_its_border() -> None:
    """Beside the two ends of the border, and not the farthest from one of them."""
    up = np.array([[0, 0], [-3, 1], [5, 4], [10, 0], [0, 0]], dtype=float)
    down = np.array([[0, 0], [10, 0], [5, -4], [0, 0]], dtype=float)
    drawn = simplify(Outlines({"up": [[up]], "down": [[down]]}, in_km=False), 100)
    assert {tuple(p) for p in drawn.shapes["up"][0][0].tolist()} == {(0, 0), (5, 4), (10, 0)}


def test_the_map_of_the_page_is_small_and_without_gaps() -> None:
    whole = rough_grid(scale(4, 12), depth=scale(8, 11))
    labels = list(whole.shapes)
    found = page_map(whole, labels)
    assert len(json.dumps(found, separators=(",", ":"))) <= MOST * 1.1
    shared: dict[frozenset, int] = {}
    for shape in found["shapes"]:
        assert 0 <= shape["x"] <= found["width"] and 0 <= shape["y"] <= found["height"]
        for ring in shape["rings"]:
            places = np.cumsum(np.array(ring).reshape(-1, 2), axis=0)
            assert (places >= 0).all() and (places <= 2000).all() and len(places) >= 3
            for a, b in itertools.pairwise(map(tuple, [*places.tolist(), places[0].tolist()])):
                shared[frozenset((a, b))] = shared.get(frozenset((a, b)), 0) + 1
    assert max(shared.values()) == 2 and sum(n == 2 for n in shared.values()) > len(shared) / 3


# --- any piece of the earth ------------------------------------------------------------------
def test_a_map_begins_where_no_line_crosses() -> None:
    around = np.arange(-180.0, 181.0, 20)
    lines = np.ones(len(around) - 1, dtype=bool)
    assert (unwrap(around, lines) == around).all()  # the whole earth: no gap
    assert unwrap(np.array([170.0, 179, -179, -170]), np.ones(3, bool)).max() == 190
    # a line crosses the widest gap, so the map begins behind the next one
    given = np.array([-90.0, 85, 170])
    assert unwrap(given).tolist() == [270, 85, 170]
    assert unwrap(given, np.array([True, False])).tolist() == given.tolist()


def test_maps_of_every_kind_are_read_or_named(geo: object, tmp_path: Path) -> None:
    from shapely import GeometryCollection, Point, box

    def written(shapes: list, name: str = "map.gpkg", crs: object = 4326, **more: object) -> Path:
        frame = geo.GeoDataFrame(
            {"name": [f"r{i}" for i in range(len(shapes))]}, geometry=shapes, crs=crs
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame.to_file(tmp_path / name, **more)
        return tmp_path / name

    row = [box(10 + i, 50, 11 + i, 51) for i in range(4)]
    earth = [box(-180 + 40 * i, -80 + 40 * j, -140 + 40 * i, -40 + 40 * j)
             for i in range(9) for j in range(4)]  # fmt: skip
    whole = read_map(written(earth, "earth.gpkg"))
    assert (whole.bounds.to_numpy() == geo.GeoSeries(earth).bounds.to_numpy()).all()
    assert outlines(whole).areas()["r5"] > 0
    turned = [box(50, -100 - i, 51, -99 - i) for i in range(3)]
    for crs, name in ((4326, "turned.gpkg"), (None, "turned.shp")):
        with refused("exchanged-coordinates"):
            read_map(written(turned, name, crs))
    with refused("coordinate-system"):
        read_map(written([box(5e8, 5e8, 6e8, 6e8)], "far.gpkg", 32632))
    mixed = GeometryCollection([box(14, 50, 15, 51), Point(14, 50)])
    file = written([*row, mixed], "mixed.gpkg")
    with refused("polygons", value={"r4": "GeometryCollection"}):
        read_map(file)
    assert neighbours_from_polygons(read_map(file, repair=True)).pairs[-1].tolist() == [3, 4]
    file = written(row, "layers.gpkg", layer="regions")
    written([one.centroid for one in row], "layers.gpkg", layer="capitals")
    assert len(read_map(file, "name")) == 4  # the only layer with polygons
    written(row[:2], "layers.gpkg", layer="parts")
    with refused("several-layers", value=["regions", "parts"]):
        read_map(file, "name")
    deep = geo.GeoSeries(row).force_3d(7.0)
    assert len(neighbours_from_polygons(read_map(written(list(deep), "deep.gpkg"))).pairs) == 3


def test_a_ring_that_is_open_is_refused_without_a_warning(geo, tmp_path, recwarn) -> None:
    ring = [[60, 45], [61, 45], [61, 46], [60, 46]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    region = {"type": "Feature", "properties": {"name": "a"}, "geometry": shape}
    file = tmp_path / "map.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [region]}))
    with refused("map-format", place="map.geojson"):
        read_map(file, "name")
    assert len(read_map(file, "name", repair=True)) == 1 and not recwarn.list


def test_topojson_and_names_with_blanks(geo: object, tmp_path: Path) -> None:
    arcs = [
        [[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]],
    ]  # fmt: skip
    shapes = [
        {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": " a "}},
        {"type": "Polygon", "arcs": [[2, -1]], "properties": {"name": "b"}},
    ]
    file = tmp_path / "map.topojson"
    file.write_text(json.dumps({
        "type": "Topology", "transform": {"scale": [1, 1], "translate": [10, 50]}, "arcs": arcs,
        "objects": {"all": {"type": "GeometryCollection", "geometries": shapes}},
    }))  # fmt: skip
    found = neighbours_from_polygons(read_map(file, "name"), "rook")
    assert list(found.labels) == ["a", "b"] and len(found.pairs) == 1


# --- in print --------------------------------------------------------------------------------
DEFECTS = {  # Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}  # fmt: skip


def lightness(color: object, defect: str) -> float:
    """CIE L*, 0 to 100, of a colour as it is seen."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = float(np.clip(np.array(DEFECTS[defect]) @ linear, 0, 1) @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("defect", DEFECTS)
def test_classes_and_clusters_are_told_apart_in_grey_and_by_the_colour_blind(defect: str) -> None:
    for count in range(2, 7):
        seen = [lightness(fill, defect) for fill in style.class_fills(count)]
        assert (-np.diff(seen) >= (12 if count <= 5 else 9)).all(), (count, seen)
        border = lightness(style.CLASS_BORDER, defect)
        assert min(abs(border - seen[0]), abs(border - seen[-1])) > 20
    looks = [style.cluster_style(number) for number in range(1, 10)]
    for one, two in itertools.combinations(looks, 2):
        assert one.hatch != two.hatch  # the second cue; the number is the third
    for look in looks:
        if look.hatch:
            seen = lightness(look.color, defect) - lightness(look.hatch_color, defect)
            assert abs(seen) > 15, look


def test_an_svg_is_drawn_in_short_steps() -> None:
    placed = rough_grid(3)
    values = pd.DataFrame({"v": range(10)}, index=list(placed.shapes), dtype=float)
    figure = value_maps(placed, values, {"v": [0, 4, 9]}, rule="halves", enlarge=["inside"])
    squares = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert len(squares) == 1
    text = svg_bytes(figure, "values").decode()
    numbers = re.findall(r'(?<= d=")[^"]*', text)
    assert all(re.fullmatch(r"[mlqcz\d. -]*", path) for path in numbers)
    # the first path is the page: its corners are where the page ends
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', text).groups())
    steps = [tuple(map(float, step)) for step in re.findall(r"(-?[\d.]+) ?(-?[\d.]+)", numbers[0])]
    corners = np.cumsum(steps, axis=0)
    np.testing.assert_allclose(np.ptp(corners, axis=0), [width, height], atol=0.011)
    clusters = pd.Series([1, 2] * 5, index=list(placed.shapes))
    figure = cluster_maps(placed, {"": clusters}, enlarge=["inside"])
    # in the inset only what it shows is drawn
    assert len(figure.axes[0].child_axes[0].patches) == 2


def test_the_mark_of_a_small_region_covers_no_letter_of_a_name() -> None:
    square = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100], [0, 0]])
    small = square / 50 + [62, 45]
    placed = Outlines({"wide": [[square]], "small": [[small]]}, in_km=False)
    clusters = pd.Series({"wide": 1, "small": 2})
    names = {"wide": "A long name of one region", "small": "s"}
    figure = cluster_maps(placed, {"": clusters}, names=names, enlarge=["small"])
    figure.canvas.draw()
    (axes,) = figure.axes
    (name,) = (text for text in axes.texts if text.get_text() == names["wide"])
    (mark,) = (line for line in axes.lines if line.get_marker() == "s")
    at = axes.transData.transform(np.column_stack(mark.get_data()))[0]
    box = name.get_window_extent()
    assert box.y0 < at[1] < box.y1 and box.x1 < at[0]


def test_islands_that_can_be_seen_are_drawn() -> None:
    """On a map of 100 units, of which the page shows nothing below a hundredth or so."""
    sizes = {"land": 100.0, "island": 20.0, "rock": 0.01}
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    parts = [[corners * size + 100 * at] for at, size in enumerate(sizes.values())]
    (shape,) = page_map(Outlines({"a": parts}, in_km=False), ["a"])["shapes"]
    assert len(shape["rings"]) == 2
