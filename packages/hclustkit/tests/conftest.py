"""What several tests of the package share."""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture
def geo() -> object:
    geopandas = pytest.importorskip("geopandas")
    warnings.filterwarnings("ignore", module="pyogrio|geopandas")
    return geopandas
