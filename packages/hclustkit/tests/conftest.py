"""What several tests of the package share."""

from __future__ import annotations

import warnings

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Know the marks also where the package is tested alone."""
    config.addinivalue_line("markers", "cases(n): short runs of the repository draw n of them")
    config.addinivalue_line("markers", "long(name, what, only=False): has a full form")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


@pytest.fixture
def geo() -> object:
    geopandas = pytest.importorskip("geopandas")
    warnings.filterwarnings("ignore", module="pyogrio|geopandas")
    return geopandas
