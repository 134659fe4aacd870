"""The boundaries: they agree with areas and neighbours, and faults in them are reported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import source_cases
from hclustkit.errors import InputError
from source_cases import rows_of, write_rows

from kzclusters import paths
from kzclusters.evidence import boundaries, content, sources

folder = source_cases.folder


def test_boundaries_agree_with_the_pairs_of_neighbours() -> None:
    found = boundaries.polygons()
    assert set(found) == set(sources.regions().index)
    listed = pd.read_csv(paths.RAW / "neighbours.csv")
    pairs = {frozenset(pair) for pair in listed.itertuples(index=False, name=None)}
    assert boundaries.neighbours(found) == pairs and len(pairs) == 28


def test_the_area_of_a_square_on_the_sphere() -> None:
    """One degree by one degree at the equator: R² · dλ · (sin 1° - sin 0°)."""
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    expected = boundaries.EARTH_KM**2 * np.radians(1) * np.sin(np.radians(1))
    assert boundaries.area([square]) == pytest.approx(expected, rel=1e-12)
    hole = square / 2 + 0.25
    assert boundaries.area([square, hole]) < boundaries.area([square])


def _open_ring(features: list[dict]) -> None:
    del features[0]["geometry"]["coordinates"][0][-1]


def _crossing(features: list[dict]) -> None:
    ring = features[0]["geometry"]["coordinates"][0]
    ring[40], ring[80] = ring[80], ring[40]


def _elsewhere(features: list[dict]) -> None:
    features[0]["geometry"]["coordinates"][0][3] = [10, 50]


def _hole_outside(features: list[dict]) -> None:
    hole = [[80, 42], [80.1, 42], [80.1, 42.1], [80, 42]]
    features[0]["geometry"]["coordinates"].append(hole)


def _twice(features: list[dict]) -> None:
    features[1]["id"] = features[0]["id"]


def _moved(features: list[dict]) -> None:
    for feature in features:
        if feature["id"] == "KZ-ALA":
            for ring in feature["geometry"]["coordinates"]:
                for point in ring:
                    point[0] -= 0.0001


def _no_polygon(features: list[dict]) -> None:
    features[0]["geometry"]["coordinates"] = [["a"]]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_open_ring, "closed-ring"),
        (_crossing, "simple-ring"),
        (_elsewhere, "within-country"),
        (_hole_outside, "hole-inside"),
        (_twice, "all-regions"),
        (_moved, "neighbours"),
        (_no_polygon, "geojson"),
    ],
)
def test_broken_boundaries_are_reported(folder: Path, change, rule: str) -> None:
    path = folder / boundaries.FILE
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["features"])
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        boundaries.check(folder)
    assert caught.value.rule == rule


def test_a_wrong_area_and_a_wrong_pair_are_reported(folder: Path) -> None:
    rows = rows_of(folder, "neighbours")
    write_rows(folder, "neighbours", rows[:-1])
    with pytest.raises(InputError) as caught:
        boundaries.check(folder)
    assert (caught.value.rule, caught.value.value) == ("neighbours", "KZ-YUZ and KZ-ZHA")
    write_rows(folder, "neighbours", rows)
    land = rows_of(folder, "land_area")
    for row in land:
        if row[:2] == ["KZ-KAR", "2013"]:
            row[2] = "327982"
    write_rows(folder, "land_area", land)
    with pytest.raises(InputError) as caught:
        boundaries.check(folder)
    assert (caught.value.rule, caught.value.value) == ("area", "KZ-KAR")


def test_the_rules_are_counted_for_the_paper() -> None:
    assert content.count() == len(content.read_rules()) > 80
