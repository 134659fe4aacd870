"""Which indicators exist in which year, and the baseline year that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kzclusters.analysis.baseline import indicator_name, strongest_correlations
from kzclusters.evidence import indicators

MISSING = "missing"


@dataclass(frozen=True)
class BaselineYear:
    """The baseline year by the rule.

    Attributes
    ----------
    year : the first year in which every indicator with data is complete; None if there is none
    complete : all years in which this is so
    with_data : indicators that have data in some year
    set_by : indicators that no earlier year has
    """

    year: int | None
    complete: tuple[int, ...]
    with_data: tuple[str, ...]
    set_by: tuple[str, ...]


def baseline_year(status: pd.DataFrame) -> BaselineYear:
    """Find the first year in which every indicator that has data at all is complete.

    Parameters
    ----------
    status : DataFrame, rows the indicators, columns the years
        As `kzclusters.evidence.indicators.coverage` returns it.

    Examples
    --------
    >>> status = pd.DataFrame({2012: ["proxy", "missing"], 2013: ["proxy", "exact"]}, ["P1", "P2"])
    >>> baseline_year(status)
    BaselineYear(year=2013, complete=(2013,), with_data=('P1', 'P2'), set_by=('P2',))
    """
    present = status != MISSING
    present = present[present.any(axis=1)]
    complete = [int(year) for year in status.columns if present[year].all()]
    first = complete[0] if complete else None
    earlier = [year for year in status.columns if first is not None and year < first]
    late = present.index[~present[earlier].any(axis=1)] if earlier else present.index[:0]
    return BaselineYear(first, tuple(complete), tuple(present.index), tuple(late))


def baseline_year_text(found: BaselineYear, year: int) -> str:
    """Say which year the rule names, and which one a run takes."""
    start = f"{len(found.with_data)} indicators have data in some year; "
    if found.year is None:
        return (
            f"{start}in no year are all of them complete, so the rule names none; this run takes "
            f"**{year}**."
        )
    text = (
        f"{start}all of them are complete in {', '.join(map(str, found.complete))}. **Baseline "
        f"year by the rule: {found.year}.**"
    )
    if found.set_by:
        text += f" It is set by {', '.join(found.set_by)}, which no earlier year has."
    return text if found.year == year else f"{text} This run takes **{year}**."


def missing_table(status: pd.DataFrame) -> pd.DataFrame:
    """Tabulate the years in which an indicator is missing, and why."""
    registry = indicators.registry()
    rows = []
    for code, cells in status.iterrows():
        years = [str(year) for year in status.columns if cells[year] == MISSING]
        if years:
            why = registry[str(code)].missing
            rows.append({"indicator": code, "missing in": ", ".join(years), "why": why})
    return pd.DataFrame(rows)


def values_of_year(long: pd.DataFrame, year: int, regions: pd.Index) -> pd.DataFrame:
    """Return the main indicators of one year, regions by codes in the order of the article."""
    rows = long[(long["year"] == year) & (long["variant"] == "")]
    wide = rows.pivot(index="region", columns="indicator", values="value")
    return wide.loc[regions, list(indicators.registry())]


def check_by_hand(long: pd.DataFrame, steps: Mapping[str, pd.DataFrame], region: str) -> None:
    """Compare the values of one region with those followed cell by cell.

    Raises
    ------
    AssertionError
        A value differs.
    """
    values = long[long["region"] == region].set_index("indicator")["value"]
    for code, frame in steps.items():
        value, by_hand = values[code], frame["value"].iloc[-1]
        assert value == by_hand or (pd.isna(value) and pd.isna(by_hand)), code


def size_text(long: pd.DataFrame, wide: pd.DataFrame, available: list[str], year: int) -> str:
    """Say how large the table of indicators is, and which are complete in a year."""
    return (
        f"The table has {len(long):,} rows. In {year}, **{len(available)} of {wide.shape[1]}** "
        f"indicators have a value in every region: {', '.join(available)}."
    )


def correlation_text(table: pd.DataFrame) -> str:
    """Say which indicators are most strongly correlated."""
    pairs = "; ".join(
        f"{b} and {a} ({indicator_name(b)}, {indicator_name(a)}) r = {r:.4f}"
        for a, b, r in strongest_correlations(table)
    )
    return f"The strongest pairs: {pairs}."


def scaling_text(shares: pd.Series, units: Mapping[str, str]) -> str:
    """Say which indicator rules the unscaled distance.

    Parameters
    ----------
    shares : share of each indicator in all squared distances
    units : unit by indicator
    """
    top = str(shares.idxmax())
    return (
        f"Unscaled, {top} ({indicator_name(top)}) alone makes up {shares.max():.1%} of the sum "
        f"of all squared distances, because it is given in {units[top]}: in another unit it might "
        "make up next to nothing."
    )
