"""From a file of the publisher to a series of ``data/raw``.

``provenance.yml`` says for each series which file it came from and how that is laid out; a file of
the same layout gives the series again::

    python -m kzclusters.evidence.provenance employed "Dynamic table Employed_population.xlsx"

prints the CSV and says on the error stream whether it is the one that is sealed in ``data/raw``.
Three layouts occur in one file: years across and regions down (`years_across`), regions across and
branches down with a block for each year (`blocks_by_year`), and one row a value (`long_table`). A
series that comes from several files is read from their folder, see `kzclusters.evidence.books`.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import InputError
from python_calamine import CalamineError

from kzclusters import paths
from kzclusters.command import command
from kzclusters.evidence import books
from kzclusters.evidence.series import NATION, regions

TABLE = Path(__file__).with_name("provenance.yml")
Cell = tuple[str, int, float]
"""Name of a region as printed, year, value."""


@dataclass(frozen=True)
class Origin:
    """How one series is read from its file.

    Attributes
    ----------
    name : the series
    file : the file in the copy that was read
    years : first and last year taken
    layout : one of `LAYOUTS` or `FOLDERS`
    options : what the layout needs to know
    recorded : a small file, or folder, of the same layout, kept with the tests
    sha256 : of the CSV that the recorded file gives
    factor : the printed unit in units of the series
    decimals : digits kept, where sums or stored binary fractions would show more
    by_hand : why there is no script, for the series that have none
    """

    name: str
    file: str = ""
    years: tuple[int, int] = (0, 0)
    layout: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    recorded: str = ""
    sha256: str = ""
    factor: float = 1.0
    decimals: int | None = None
    by_hand: str = ""


@cache
def _table() -> dict[str, Any]:
    return paths.read_yaml(TABLE)


def origins() -> dict[str, Origin]:
    """Return the origin of every series, by name."""
    return {
        name: Origin(name, **{**entry, "years": tuple(entry.get("years", (0, 0)))})
        for name, entry in _table()["series"].items()
    }


def _number(cell: Any) -> float | None:
    """Read a number; None for any other cell."""
    try:
        return None if pd.isna(cell) or isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError):
        return None  # a dash, a blank or a remark


def _sheet(file: Path, options: Mapping[str, Any]) -> list[list[Any]]:
    """Read all cells of the sheet that holds a series."""
    try:
        frame = pd.read_excel(
            file, sheet_name=options["sheet"], header=None, dtype=object, engine="calamine"
        )
    except (OSError, ValueError, zipfile.BadZipFile, CalamineError) as error:
        raise books.unread(file, str(error)) from None
    return frame.to_numpy(dtype=object).tolist()


def years_across(file: Path, options: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield the values of a sheet with years across and regions down.

    ``part`` names the column of a year's block that holds the year as a whole.
    """
    rows = _sheet(file, options)
    head = rows[options["head"] - 1]
    parts = rows[options["head"]] if "part" in options else None
    year = None
    columns: dict[int, int] = {}
    for at, cell in enumerate(head):
        found = re.fullmatch(r"(\d{4})(\.0| год| year)?", str(cell).strip())
        year = int(found[1]) if found else (year if parts else None)
        if year and (parts is None or str(parts[at]).strip().startswith(options["part"])):
            columns[at] = year
    for row in rows[options["head"] :]:
        for at, column_year in columns.items():
            if (value := _number(row[at])) is not None:
                yield str(row[0]), column_year, value


def blocks_by_year(file: Path, options: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield sums over branches of a sheet with a block of rows for each year, regions across."""
    first, last = options["rows"][0], options["rows"][-1]
    names: list[str | None] = []
    year, inside = 0, False
    for row in _sheet(file, options):
        for cell in row[1:]:
            if found := re.fullmatch(r"(\d{4}) year\S*", str(cell).strip()):
                year, names = int(found[1]), []
        if year and not names and isinstance(row[1], str) and not row[1].startswith(str(year)):
            names = [cell if isinstance(cell, str) else None for cell in row]
        label = str(row[0]).strip()
        inside = inside or label.startswith(first)
        if inside:
            for at, name in enumerate(names):
                # the year as a whole is the last of the five columns of a region
                if name and at + 4 < len(row) and (value := _number(row[at + 4])) is not None:
                    yield name, year, value
        inside = inside and not label.startswith(last)


def long_table(file: Path, options: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield the values of a CSV file with one row a value, of the rows that ``where`` picks."""
    try:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise books.unread(file, str(error)) from None
    needed = {options["year"], options["region"], options["value"], *options.get("where", {})}
    if missing := sorted(needed - set(frame.columns)):
        raise books.unread(file, f"there is no column {missing[0]!r}")
    for column, wanted in options.get("where", {}).items():
        frame = frame[frame[column].str.match(wanted)]
    for _, row in frame.iterrows():
        if (value := _number(row[options["value"]])) is not None:
            yield row[options["region"]], int(row[options["year"]][:4]), value


LAYOUTS: Mapping[str, Callable[[Path, Mapping[str, Any]], Iterator[Cell]]] = {
    "years_across": years_across,
    "blocks_by_year": blocks_by_year,
    "long_table": long_table,
}


FOLDERS: Mapping[str, Callable[[Path, Origin], list[str]]] = {
    "books": lambda folder, origin: books.partial_series(folder, origin.options, origin.years),
    "rail_guide": lambda folder, origin: books.rail_distances(folder, origin.options),
}
"""Layouts of several files: each returns the lines of the CSV."""


def _code(name: str) -> str | None:
    """Return the code of a region by its name as printed, without footnotes."""
    bare = re.sub(r"\s*\d\)?$", "", " ".join(name.replace("_", " ").split()))
    return _table()["regions"].get(bare.replace("г. ", "г.").replace("г ", "г."))


def convert(name: str, file: Path) -> str:
    """Read a series from a file of the publisher.

    Parameters
    ----------
    name : str
        The series, as ``provenance.yml`` calls it.
    file : Path
        A workbook or table of the layout that is recorded for it, or the folder of several.

    Returns
    -------
    str
        The CSV of ``data/raw``: regions in case order, the whole country last, years ascending.
        South Kazakhstan is the sum of its later parts where only these are printed.

    Raises
    ------
    InputError
        The series has no script, or the file is missing or of another layout.
    """
    origin = origins().get(name)
    if origin is None or not origin.layout:
        reason = origin.by_hand if origin else f"known are {', '.join(origins())}"
        raise InputError(f"{name}: no script: {reason}", place=name, rule="no-script", value=name)
    if origin.layout in FOLDERS:
        return "\n".join(FOLDERS[origin.layout](file, origin)) + "\n"
    sums: dict[tuple[str, int], float] = {}
    for printed, year, value in LAYOUTS[origin.layout](file, origin.options):
        code = _code(printed)
        if code and origin.years[0] <= year <= origin.years[1]:
            sums[code, year] = sums.get((code, year), 0.0) + value * origin.factor
    if not sums:
        raise books.unread(file, "no region and year where the table of this series has them")
    order = [*regions().index, NATION]
    lines = [
        f"{code},{year},{_write_value(sums[code, year], origin.decimals)}"
        for code, year in sorted(sums, key=lambda key: (order.index(key[0]), key[1]))
    ]
    return "\n".join(["region,year,value", *lines]) + "\n"


def _write_value(value: float, decimals: int | None) -> str:
    """Write a value as the series have it: whole numbers without a point."""
    rounded = value if decimals is None else round(value, decimals)
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@command
def main(arguments: list[str] | None = None) -> int:
    """Print a series as read from a file; return 1 where it is not the sealed one."""
    parser = argparse.ArgumentParser(prog="kzclusters.evidence.provenance", description=__doc__)
    parser.add_argument("series")
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    text = convert(given.series, given.file)
    print(text, end="")
    same = text == (paths.RAW / f"{given.series}.csv").read_text(encoding="utf-8")
    print(f"This is {'' if same else 'not '}the series of data/raw.", file=sys.stderr)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
