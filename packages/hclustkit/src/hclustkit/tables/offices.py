"""Layouts of statistical offices and banks, brought to those that anybody else writes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from hclustkit.errors import one
from hclustkit.tables.cells import Cell
from hclustkit.tables.layout import Grid, is_year, text_of
from hclustkit.tables.numerals import is_missing, is_number, parse
from hclustkit.tables.reading import Reading
from hclustkit.tables.words import WORDS

_FLAGGED = re.compile(r"(?P<value>:|[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s+(?P<flag>[a-z]{1,4})")
_POSITIONS = frozenset(WORDS["headings of positions"])
YEARS = "TIME_PERIOD"
VALUES = "OBS_VALUE"
"""What years and values are called from the heading; the SDMX standard's words."""


def split_dimensions(grid: Grid, reading: Reading) -> None:
    r"""Part a first column such as ``unit,geo\TIME_PERIOD``, and flags from numbers (Eurostat)."""
    first = next(iter(grid.columns))
    names = first.split("\\")[0].split(",")
    parts = [text_of(cell).split(",") for cell in grid.columns[first]]
    if "\\" not in first or {len(part) for part in parts} != {len(names)}:
        return
    flags: list[str] = []

    def plain(cell: Cell) -> Cell:
        found = _FLAGGED.fullmatch(text_of(cell))
        flags.extend([found["flag"]] if found and found["value"] != ":" else [])
        return found["value"] if found else cell

    rest = {n: list(map(plain, cells)) for n, cells in grid.columns.items() if n != first}
    dimensions: dict[str, list[Cell]] = {
        name.strip(): [part[at] for part in parts] for at, name in enumerate(names)
    }
    grid.columns = {**dimensions, **rest}
    if flags:
        which = ", ".join(sorted(set(flags)))
        reading.notes.append(one(f"{len(flags)} numbers have a flag ({which}), which is left out"))


def melt_years(grid: Grid, label: str | None, reading: Reading) -> None:
    """Bring years from the heading to rows, where a label has several rows (World Bank)."""
    years = [name for name in grid.columns if is_year(name)]
    texts = [name for name in grid.columns if name not in years]
    if not years or not texts or label in years:
        return
    keys = list(zip(*(map(text_of, grid.columns[name]) for name in texts), strict=True))
    alone = [label] if label else texts
    unique = any(len(set(map(text_of, grid.columns[name]))) == len(keys) for name in alone)
    named = any(name.lower() in WORDS["headings of variables"] for name in texts)
    if (len(set(keys)) < len(keys) and not named) or unique:
        return
    known = [[c for c in grid.columns[n] if not (is_year(c) or is_missing(c))] for n in texts]
    if any(all(map(is_number, cells)) for cells in known if cells):
        return
    n = len(keys)
    columns = {name: grid.columns[name] * len(years) for name in texts}
    columns[YEARS] = [year for year in years for _ in range(n)]
    columns[VALUES] = [cell for year in years for cell in grid.columns[year]]
    grid.columns, grid.rows, grid.melted = columns, grid.rows * len(years), (VALUES, YEARS)
    reading.notes.append("the columns are years of several variables, read as a long table")


def drop_values(grid: Grid, drop: Sequence[str], reading: Reading) -> list[str]:
    """Leave out the rows with a value in a column, as ``sex=Total``; return the other names."""
    left = []
    for name in drop:
        column, equals, value = (part.strip() for part in name.rpartition("="))
        same = [text_of(cell) == value for cell in grid.columns.get(column, [])]
        if equals and any(same) and name not in grid.columns:
            grid.keep([not found for found in same])
            reading.dropped[one(f"{sum(same)} rows of {name}")] = "asked for"
        else:
            left.append(name)
    return left


def fill_down(labels: Sequence[str], others: Sequence[str], reading: Reading) -> list[str]:
    """Repeat labels that only their first row has (pivot tables)."""
    filled = list(labels)
    for at, label in enumerate(filled[1:], 1):
        filled[at] = label or filled[at - 1]
    keys = list(zip(filled, others, strict=True))
    if not filled[0] or "" not in labels or len(set(keys)) < len(keys):
        return list(labels)
    reading.notes.append("only the first row of each label has it; it is repeated")
    return filled


def doubts(name: str, cells: Sequence[Cell]) -> str:
    """Say why a column of numbers may not be one to cluster by; empty where nothing does."""
    numbers = [value for cell in cells if (value := parse(cell, ".")) is not None]
    whole = len(numbers) == len(cells) > 4 and all(number.is_integer() for number in numbers)
    rising = all(one < two for one, two in itertools.pairwise(numbers))
    if name.strip().lower() in _POSITIONS:
        return (
            f"{name!r} says where rows lie: leave it out with drop={name!r} unless that is to count"
        )
    if whole and (rising or sorted(numbers) == list(range(1, len(cells) + 1))):
        how = "rises from row to row" if rising else "has each number once"
        return (
            f"{name!r} {how}: where it numbers or ranks the rows, leave it out with drop={name!r}"
        )
    return ""
