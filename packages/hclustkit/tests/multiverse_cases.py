"""Synthetic long tables for the tests of the multiverse."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hclustkit.multiverse import Grid

LABELS = [f"object {number:02d}" for number in range(16)]
SIZES = (3, 3, 2, 2, 2, 2, 1, 1)


def reference(sizes=SIZES, labels=LABELS) -> pd.Series:
    """Labels in groups of these sizes, named A, B, ..."""
    names = np.repeat([chr(ord("A") + group) for group in range(len(sizes))], sizes)
    return pd.Series(names, index=labels)


def long_frame(seed=0, years=(2001, 2002, 2003), indicators=7, labels=LABELS) -> pd.DataFrame:
    """Positive values; I2 and I4 have a variant, the last indicator lacks the first year."""
    rng = np.random.default_rng(seed)
    rows = []
    for year in years:
        for number in range(1, indicators + 1):
            for variant in ("", "other") if number in (2, 4) else ("",):
                values = rng.lognormal(size=len(labels)) * 10
                if number == indicators and year == years[0]:
                    values[3] = np.nan
                rows += [
                    (label, year, f"I{number}", variant, value)
                    for label, value in zip(labels, values, strict=True)
                ]
    return pd.DataFrame(rows, columns=["region", "year", "indicator", "variant", "value"])


def planted_frame(target: pd.Series, seed=0, years=(2001, 2002), indicators=6, spread=0.01):
    """Every indicator has one level a cluster of ``target``, far apart, and little noise."""
    rng = np.random.default_rng(seed)
    rows = []
    for year in years:
        for number in range(1, indicators + 1):
            level = {
                name: value
                for name, value in zip(
                    target.unique(), rng.permutation(target.nunique()) + 1, strict=True
                )
            }
            rows += [
                (label, year, f"I{number}", "", level[name] * np.exp(rng.normal(0, spread)))
                for label, name in target.items()
            ]
    return pd.DataFrame(rows, columns=["region", "year", "indicator", "variant", "value"])


def grid_of(frame: pd.DataFrame, **settings) -> Grid:
    """The grid of everything the data hold, with settings that most tests share."""
    return Grid.from_data(
        frame, **{"k": 8, "min_indicators": 5, "consensus_ks": range(2, 11), **settings}
    )
