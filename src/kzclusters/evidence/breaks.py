"""Breaks in the series: which, where, when, and the values before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from kzclusters import paths
from kzclusters.evidence import indicators
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import NATION

FILE = Path(__file__).with_name("breaks.yml")


@dataclass(frozen=True)
class SeriesBreak:
    """A break in a series; see ``breaks.yml``."""

    what: str
    values: str
    regions: tuple[str, ...]
    years: tuple[int, ...]
    leave: tuple[int, ...]


@cache
def breaks(path: Path = FILE) -> dict[str, SeriesBreak]:
    """Read the breaks, by name.

    Raises
    ------
    InputError
        An entry lacks a key, has another one, or a list is empty.
    """
    found = {}
    lists: dict[str, Any]
    for name, entry in paths.read_yaml(path).items():
        lists = {key: tuple(entry.pop(key, ())) for key in ("regions", "years", "leave")}
        try:
            found[name] = SeriesBreak(**entry, **lists)
        except TypeError as error:
            says = "a break has what, values, regions, years and leave"
            raise rule_error(path, "break", says, more=str(error), name=name) from None
        if not all(lists.values()):
            raise rule_error(path, "break", "no list of a break is empty", name=name)
    return found


def values_of(
    entry: SeriesBreak, series: Mapping[str, pd.DataFrame]
) -> dict[str, tuple[float, ...]]:
    """Read the values of a break from the data, by region, in the order of its years.

    Parameters
    ----------
    entry : the break
    series : as `kzclusters.evidence.sources.series` returns it
    """
    if entry.regions == (NATION,):
        table = series[entry.values]
        gap = table.loc[NATION] - table.drop(index=NATION).sum(min_count=1)
        return {NATION: tuple(round(float(gap[year]), 3) for year in entry.years)}
    code, _, variant = entry.values.partition(":")
    if code in indicators.auxiliary():
        found = indicators.auxiliary_values(series, entry.years)[code]
    else:
        form = indicators.registry()[code].variant(variant)
        found = indicators.evaluate(form, indicators.inputs(series, entry.years))
    return {
        region: tuple(float(found[region, year]) for year in entry.years)
        for region in entry.regions
    }


def table(series: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tabulate the breaks: one row a break and region, one column a year."""
    names = pd.read_csv(paths.RAW / "regions.csv", index_col="region")["name_en"]
    rows = [
        {"series": entry.values, "region": names.get(region, "nation less regions")}
        | dict(zip(entry.years, values, strict=True))
        for entry in breaks().values()
        for region, values in values_of(entry, series).items()
    ]
    frame = pd.DataFrame(rows)
    return frame[["series", "region", *sorted(set(frame.columns) - {"series", "region"})]]
