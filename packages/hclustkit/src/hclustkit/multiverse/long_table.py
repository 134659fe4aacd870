"""A long table of values: checked, and as an array of years, columns and labels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hclustkit.errors import fault
from hclustkit.tables.checks import to_numbers

COLUMNS = ("year", "indicator", "variant", "value")


def column_name(indicator: str, variant: str) -> str:
    """Name a column: ``indicator`` for its main variant, else ``indicator:variant``."""
    return f"{indicator}:{variant}" if variant else indicator


def check_long(frame: pd.DataFrame, label: str | None = None) -> pd.DataFrame:
    """Return the columns label, year, indicator, variant, value, or say what is wrong.

    Parameters
    ----------
    frame : DataFrame
        One row for each value; an empty ``value`` is a missing one, an empty ``variant``
        the main one; without the column every indicator has only the main one.
    label : str, optional
        The column of labels; by default the first.

    Raises
    ------
    InputError
        A column that is not there, an empty cell, a year that is not a whole number, a value
        that is not a number or infinite, the same cell twice.
    """
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        raise fault("data", f"expected a DataFrame, got {kind}", "table-type", kind)
    if label is None:
        label = next(iter(frame.columns), "label")
    for column in (label, *COLUMNS):
        if column not in frame.columns and column != "variant":
            raise fault("data", f"there is no column {column!r}", "missing-column", column)
    if frame.empty:
        raise fault("data", "there is no row", "empty-table")
    empty = pd.Series("", index=frame.index)
    variant = frame["variant"] if "variant" in frame.columns else empty
    clean = pd.DataFrame(
        {
            label: frame[label].astype(object),
            "year": pd.to_numeric(frame["year"], errors="coerce"),
            "indicator": frame["indicator"].astype(object),
            "variant": variant.astype(object).where(variant.notna(), "").astype(str),
            "value": to_numbers(frame["value"].replace("", np.nan)),
        }
    ).reset_index(drop=True)
    given = frame["value"].reset_index(drop=True)

    def stop_at(wrong: pd.Series, what: str, rule: str) -> None:
        """Name the first row of ``wrong``, if there is one."""
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            cells = clean.loc[row].to_dict()
            raise fault(f"data, row {row + 1}", what.format(**cells), rule, cells)

    for column in (label, "indicator"):
        empty = clean[column].isna() | (clean[column] == "")
        stop_at(empty, f"column {column!r} is empty", "empty-cell")
    broken = clean["year"].isna() | (clean["year"] % 1 != 0)
    stop_at(broken, "column 'year' is not a whole number", "whole-number")
    other = clean["value"].isna() & given.notna() & (given != "")
    stop_at(other, "column 'value' is not a number", "not-a-number")
    stop_at(np.isinf(clean["value"]), "column 'value' is infinite", "not-finite")
    clean["year"] = clean["year"].astype(int)
    keys = [label, "year", "indicator", "variant"]
    twice = f"{{{label}}}, {{year}}, {{indicator}}, variant {{variant!r}} appears more than once"
    stop_at(clean.duplicated(keys), twice, "repeated")
    return clean


@dataclass(frozen=True, eq=False)
class Cube:
    """A long frame as an array: year x (indicator, variant) x label, NaN where missing."""

    labels: tuple[Hashable, ...]
    years: tuple[int, ...]
    columns: tuple[tuple[str, str], ...]
    values: np.ndarray

    def column(self, year: int, indicator: str, variant: str) -> np.ndarray | None:
        """Return the values of all labels, or None where the frame has no row."""
        if year not in self.years or (indicator, variant) not in self.columns:
            return None
        place = (self.years.index(year), self.columns.index((indicator, variant)))
        values: np.ndarray = self.values[place]
        return values

    def complete(self, year: int, indicator: str, variant: str) -> bool:
        """Tell whether every label has a value."""
        column = self.column(year, indicator, variant)
        return column is not None and not np.isnan(column).any()

    def indicators(self, year: int) -> set[str]:
        """List the indicators with a complete variant."""
        return {name for name, variant in self.columns if self.complete(year, name, variant)}


def cube_of(frame: pd.DataFrame, label: str | None) -> Cube:
    """Check a long frame and lay it out as an array."""
    clean = check_long(frame, label)
    names = clean.iloc[:, 0]
    labels = tuple(dict.fromkeys(names))
    years = tuple(sorted(set(clean["year"])))
    columns = tuple(dict.fromkeys(zip(clean["indicator"], clean["variant"], strict=True)))
    values = np.full((len(years), len(columns), len(labels)), np.nan)
    of_label = {name: place for place, name in enumerate(labels)}
    of_year = {year: place for place, year in enumerate(years)}
    of_column = {name: place for place, name in enumerate(columns)}
    values[
        [of_year[year] for year in clean["year"]],
        [of_column[pair] for pair in zip(clean["indicator"], clean["variant"], strict=True)],
        [of_label[name] for name in names],
    ] = clean["value"]
    return Cube(labels, years, columns, values)
