"""Series put together from one workbook for each region, and distances from a tariff guide.

The books of the regional statistics departments have years across and indicators down, on one
sheet for the region or on one for each of its districts; no two have the rows in one order, so
that a row is known by its label. `partial_series` and `rail_distances` return the lines of a CSV.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from hclustkit.errors import InputError
from python_calamine import CalamineError, CalamineWorkbook
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

Cells = dict[tuple[str, int, str], list[float]]
"""The values of a region, year and column: one for each sheet that has one."""

COUNT = re.compile(r"(\d{1,3}(?:[ \xa0]\d{3})+|\d+)(?:\d{1,2}\))?")
"""A whole number as text, with spaces between thousands and perhaps a footnote mark."""


def unread(file: Path, reason: str) -> InputError:
    """Return the refusal of a file that cannot be read."""
    return InputError(f"{file.name}: cannot be read: {reason}", place=file.name, rule="unreadable")


def _found(folder: Path, pattern: str) -> Path:
    """Return the one file that a pattern names."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise unread(folder, f"there is no file {pattern}")
    return found[0]


def _value(cell: Any) -> float | None:
    """Read a count; a dash is zero, and a blank or another sign gives None."""
    if not isinstance(cell, str):
        return float(cell) if isinstance(cell, int | float) else None
    if cell.strip() in ("-", "\N{EN DASH}"):
        return 0.0
    found = COUNT.fullmatch(cell.strip())
    return float(re.sub(r"\D", "", found[1])) if found else None


def _rows(sheet: list[list[Any]]) -> Iterator[tuple[str, dict[int, Any]]]:
    """Yield the label of each row below the years, with the heading over it, and its cells by year.

    The heading is the label of the last row that has no cells.
    """
    years: dict[int, int] = {}
    heading = ""
    for row in sheet:
        if not years:
            found = {at: re.match(r"(?:19|20)\d\d", str(cell)) for at, cell in enumerate(row)}
            given = {int(year[0]): at for at, year in found.items() if year}
            years = given if len(given) > 5 else {}
            continue
        label = next((c.strip() for c in row[:2] if isinstance(c, str) and c.strip()), "")
        cells = {year: row[at] for year, at in years.items() if at < len(row)}
        if any(cell != "" for cell in cells.values()):
            yield f"{heading} / {label}", cells
        else:
            heading = label


def _read(folder: Path, options: Mapping[str, Any], years: tuple[int, int]) -> Cells:
    """Read every book of a series."""
    found: Cells = {}
    skipped = re.compile(options.get("skip", r"(?!)"))
    for region, books in options["books"].items():
        for book in books:
            path = _found(folder, f"{book}.xls*")
            try:
                workbook = CalamineWorkbook.from_path(path)
                sheets = {
                    name: workbook.get_sheet_by_name(name).to_python()
                    for name in workbook.sheet_names
                    if not skipped.search(name)
                }
            except (OSError, CalamineError) as error:
                raise unread(path, str(error)) from None
            for sheet in sheets.values():
                for label, cells in _rows(sheet):
                    for column, pattern in options["rows"].items():
                        if re.search(pattern, label):
                            for year, cell in cells.items():
                                value = _value(cell)
                                if value is not None and years[0] <= year <= years[1]:
                                    found.setdefault((region, year, column), []).append(value)
    return found


def partial_series(folder: Path, options: Mapping[str, Any], years: tuple[int, int]) -> list[str]:
    """Return the lines of a partial series, regions in the order of their codes.

    Parameters
    ----------
    folder : with the books
    options : ``books``, region -> names of books; ``rows``, column -> pattern of the label;
        ``skip``, pattern of the sheets that repeat others; ``notes``, region -> note, where the
        series is one of lower bounds
    years : first and last year
    """
    found = _read(folder, options, years)
    if not found:
        raise unread(folder, "no row has the label of this series")
    keys = sorted({(region, year) for region, year, _ in found})
    if "notes" in options:
        lines = ["region,year,measure,lower_bound,units,note"]
        wanted = product(options["notes"], options["rows"], range(years[0], years[1] + 1))
        for region, measure, year in wanted:
            values = [value for value in found.get((region, year, measure), []) if value]
            bound = f"{sum(values):.0f},{len(values)}"
            lines.append(f"{region},{year},{measure},{bound},{options['notes'][region]}")
        return lines
    columns = list(options["rows"])
    lines = [f"region,year,{','.join(columns)}"]
    for region, year in keys:
        sheets = [found.get((region, year, column)) for column in columns]
        cells = ["" if values is None else f"{sum(values):.0f}" for values in sheets]
        lines.append(",".join([region, str(year), *cells]))
    return lines


def _sections(file: Path) -> Iterator[tuple[str, str, int]]:
    """Yield neighbouring stations of every section of line, with the way between them in km."""
    before: tuple[str, int] | None = None
    for row in csv.reader(file.read_text("utf-8").splitlines()):
        found = re.fullmatch(r"(\d+)\s*км", row[3].strip()) if len(row) > 3 else None
        if found is None:
            before = None
            continue
        at = row[2].strip(), int(found[1])
        if before:
            yield before[0], at[0], at[1] - before[1]
        before = at


def _matrix(file: Path) -> Iterator[tuple[str, str, int]]:
    """Yield pairs of transit points with their tariff distance in km."""
    rows = list(csv.reader(file.read_text("utf-8").splitlines()))
    places = [row for row in rows if len(row) > 2 and row[0].isdigit()]
    names = [row[1].strip() for row in places]
    for name, row in zip(names, places, strict=True):
        for other, cell in zip(names, row[2:], strict=False):
            yield name, other, int(cell)


def rail_distances(folder: Path, options: Mapping[str, Any]) -> list[str]:
    """Return the shortest tariff distance of each region's station to the wanted ones.

    Parameters
    ----------
    folder : with the guide's two tables
    options : ``sections`` and ``matrix``, patterns of their files; ``stations``, region ->
        station; ``to``, column -> station
    """
    files = [_found(folder, options[name]) for name in ("sections", "matrix")]
    try:
        ways = [*_sections(files[0]), *_matrix(files[1])]
    except (OSError, ValueError) as error:
        raise unread(folder, str(error)) from None
    names = list(dict.fromkeys(name for first, second, _ in ways for name in (first, second)))
    place = {name: at for at, name in enumerate(names)}
    wanted = [*options["to"].values(), *options["stations"].values()]
    if absent := [name for name in wanted if name not in place]:
        raise unread(folder, f"there is no station {absent[0]}")
    best: dict[tuple[int, int], int] = {}
    for first, second, km in ways:
        # a station and its border point may share a place: no way is shorter than a metre here
        for pair in ((place[first], place[second]), (place[second], place[first])):
            best[pair] = min(best.get(pair, km), km)
    ends = np.array([pair for pair in best if pair[0] != pair[1]])
    lengths = np.array([max(best[first, second], 1e-9) for first, second in ends.tolist()])
    graph = coo_array((lengths, ends.T), shape=(len(names), len(names)))
    distances = dijkstra(graph, indices=[place[name] for name in options["to"].values()])
    lines = [f"region,{','.join(options['to'])}"]
    for region, name in options["stations"].items():
        cells = [f"{row[place[name]]:.0f}" for row in distances]
        lines.append(",".join([region, *cells]))
    return lines
