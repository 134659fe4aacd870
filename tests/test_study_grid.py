"""The grid of the study: its size by counting, a sample of it by other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hclustkit.multiverse import prepare, run
from multiverse_cases import grid_of, reference
from scale import scale
from test_multiverse_engine import check_sample
from test_multiverse_grid import choices, complete_variants, enumerated

from kzclusters import paths

YEARS = range(2010, 2016)
HAVE_DATA = {"P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P12", "P13", "P14"}


@pytest.fixture(scope="module")
def indicators() -> pd.DataFrame:
    frame = pd.read_csv(paths.PROCESSED / "indicators.csv", keep_default_na=False)
    return frame.assign(value=pd.to_numeric(frame["value"]))


def test_sample_of_the_grid(indicators: pd.DataFrame) -> None:
    target = reference(labels=list(dict.fromkeys(indicators["region"])))
    result = run(grid_of(indicators, years=YEARS), indicators, target)
    assert check_sample(result, indicators, target, scale(120, 500), seed=2) > scale(80, 350)


def test_size_of_the_grid(indicators: pd.DataFrame) -> None:
    design = prepare(grid_of(indicators, years=YEARS), indicators)
    expected, before_merging = 0, 0
    for year in YEARS:
        variants = complete_variants(indicators, year)
        for picked in choices(variants, 5):
            expected += 12
            # an earlier count took each variant of an absent indicator for another analysis
            before_merging += 4 * np.prod(
                [len(some) for name, some in variants.items() if name not in picked]
            )
    assert design.size == expected == len(enumerated(design))
    assert design.counts["specifications"].sum() == expected
    if set(indicators.loc[indicators["value"].notna(), "indicator"]) == HAVE_DATA:
        assert before_merging == 203_904
