"""The figures that the vignette of ClustGeo prints, from the data set it uses.

The 303 municipalities around the estuary of the Gironde are in the R package only (``estuary``,
GPL), so that they are not copied here. Whoever has its file gives its path:

    pip install rdata
    HCLUSTKIT_ESTUARY=estuary.RData pytest packages/hclustkit/tests/test_clustgeo.py
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.space import mixing_table, neighbours_from_polygons
from scipy.spatial.distance import pdist, squareform

ALPHAS = [step / 10 for step in range(11)]
# "Introduction to ClustGeo", 30 September 2021: inertia explained in 5 clusters, features and space
DISTANCES = np.array([
    (0.8134914, 0.4033353), (0.8123718, 0.3586957), (0.7558058, 0.7206956), (0.7603870, 0.6802037),
    (0.7062677, 0.7860465), (0.6588582, 0.8431391), (0.6726921, 0.8377236), (0.6729165, 0.8371600),
    (0.6100119, 0.8514754), (0.5938617, 0.8572188), (0.5016793, 0.8726302),
])  # fmt: skip
# the same by the values at alpha 0 and 1; space is 0 for neighbours and 1 for others
BORDERS = np.array([
    (1.0000000, 0.6009518), (0.9231102, 0.7462157), (0.8935510, 0.8370184), (0.8514257, 0.8698485),
    (0.8272982, 0.8952084), (0.7971311, 0.9320703), (0.7806226, 0.9386452), (0.7255676, 0.9756566),
    (0.6811587, 0.9880916), (0.6427471, 1.0018473),
])  # fmt: skip


@pytest.fixture(scope="module")
def estuary() -> dict:
    rdata = pytest.importorskip("rdata")
    if not os.environ.get("HCLUSTKIT_ESTUARY"):
        pytest.skip("HCLUSTKIT_ESTUARY does not name the file of the data set")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = rdata.parser.parse_file(Path(os.environ["HCLUSTKIT_ESTUARY"]))
        return rdata.conversion.convert(parsed, default_encoding="latin1")["estuary"]


def test_distances_on_the_ground(estuary: dict) -> None:
    features, space = pdist(np.asarray(estuary["dat"])), squareform(np.asarray(estuary["D.geo"]))
    table = mixing_table(features, space, 5, alphas=ALPHAS).table
    np.testing.assert_allclose(table[["features", "space"]], DISTANCES, atol=1e-7)


def test_borders(estuary: dict) -> None:
    shapely = pytest.importorskip("shapely")
    shapes = [
        shapely.make_valid(
            shapely.union_all([shapely.Polygon(np.asarray(part.coords)) for part in one.Polygons])
        )
        for one in estuary["map"].polygons
    ]
    near = neighbours_from_polygons(pd.Series(shapes)).matrix().toarray()
    space = squareform(1 - near - np.eye(len(near)))
    table = mixing_table(pdist(np.asarray(estuary["dat"])), space, 5, alphas=ALPHAS).table[:-1]
    np.testing.assert_allclose(table["features_kept"], BORDERS[:, 0], atol=1e-7)
    # with borders alone nearly every merge is tied, and another rule for ties gives the divisor
    ratio = table["space_kept"] / BORDERS[:, 1]
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-6)
    assert ratio.mean() == pytest.approx(1, abs=0.02)
