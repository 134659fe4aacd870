"""What surrounds the numbers of a table: titles, heading, units, footnotes, blank columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hclustkit.errors import InputError
from hclustkit.tables.cells import Cell, Row
from hclustkit.tables.numerals import is_missing, is_number
from hclustkit.tables.reading import Reading

_FOOTNOTE = re.compile(
    r"(sources?|notes?|data|quelle|hinweis|anmerkung|fuente|nota|\u0438\u0441\u0442\u043e\u0447\u043d\u0438\u043a"
    r"|\u043f\u0440\u0438\u043c\u0435\u0447\u0430\u043d\u0438\u0435|https?|\u00a9|[*(\[\u00b9\u00b2\u00b3\u2020]|\d\))",
    re.IGNORECASE,
)
_UNIT_LABELS = (
    "",
    "unit",
    "units",
    "\u0435\u0434\u0438\u043d\u0438\u0446\u0430",
    "\u0435\u0434. \u0438\u0437\u043c.",
    "einheit",
)
_YEAR = re.compile(r"(1[5-9]|2[01])[0-9]{2}(\.0)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2}.*)?|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}")


@dataclass
class Grid:
    """The columns of a table by name, and the number of each row in the file."""

    name: str
    rows: list[int]
    columns: dict[str, list[Cell]]

    def place(self, at: int, column: str | None = None, label: str = "") -> str:
        """Name a cell as a message does."""
        row = f"row {self.rows[at]}" + (f" ({label})" if label else "")
        return row if column is None else f"{row}, column {column!r}"

    def fault(self, message: str, rule: str, place: str = "", value: object = None) -> InputError:
        """Make an error at a place of the file."""
        where = f"{self.name}, {place}" if place else self.name
        text = f"{self.name}: {place}: {message}" if place else f"{self.name}: {message}"
        return InputError(text, place=where, rule=rule, value=value)

    def keep(self, chosen: Sequence[bool]) -> None:
        """Keep some of the rows."""
        at = [i for i, keep in enumerate(chosen) if keep]
        self.rows = [self.rows[i] for i in at]
        self.columns = {name: [cells[i] for i in at] for name, cells in self.columns.items()}


def is_year(cell: Cell) -> bool:
    """Whether a cell is a year from 1500 to 2199."""
    return bool(_YEAR.fullmatch(text_of(cell)))


def is_date(cell: Cell) -> bool:
    """Whether a cell is a date or a year and a month."""
    return isinstance(cell, str) and bool(_DATE.fullmatch(cell.strip()))


def text_of(cell: Cell) -> str:
    """Return a cell as text; whole numbers without a fraction."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return " ".join(cell.split())


def lay_out(rows: list[Row], reading: Reading) -> Grid:
    """Separate titles, heading, units and footnotes from the body of a table."""
    name = reading.source
    rows = [(number, list(cells)) for number, cells in rows]
    widest = max(_filled(cells) for _, cells in rows)
    while len(rows) > 1 and _filled(rows[0][1]) == 1 < widest:
        if widest == 2 and text_of(rows[0][1][0]) == "":
            break  # labels without a heading beside one column
        reading.titles.append(_only(rows.pop(0)[1]))
    at, heading = rows[0]
    body = rows[1:]
    _take_footnotes(body, len(heading), reading)
    width = max([i + 1 for i, cell in enumerate(heading) if cell != ""], default=0)
    for number, cells in body:
        extra = cells[max(width, len(heading)) :]
        filled_beyond = any(cell != "" for cell in extra)
        if filled_beyond or len(cells) < width:
            raise InputError(
                f"{name}: row {number} has {len(cells)} cell(s), the heading has {width}"
                + ("; are decimal commas unquoted?" if reading.separator == "," else ""),
                place=f"{name}, row {number}",
                rule="ragged-row",
                value=len(cells),
            )
    grid = Grid(name, [number for number, _ in body], {})
    _check_heading(heading, at, body, grid)
    reading.header_row = at
    blank = 0
    for i in range(len(heading)):
        cells = [row[i] if i < len(row) else "" for _, row in body]
        title = text_of(heading[i])
        if not title and all(cell == "" or text_of(cell) == "" for cell in cells):
            blank += 1
            continue
        if not title and i > 0 and grid.columns:
            raise grid.fault(f"column {i + 1} has no name", "empty-column-name", f"row {at}", i + 1)
        if title in grid.columns:
            raise grid.fault(
                f"column {title!r} appears more than once", "duplicate-column", f"row {at}", title
            )
        grid.columns[title] = cells
    if blank:
        reading.notes.append(f"{blank} blank column(s) were left out")
    _take_units(grid, reading)
    return grid


def _filled(cells: Sequence[Cell]) -> int:
    return sum(text_of(cell) != "" for cell in cells)


def _only(cells: Sequence[Cell]) -> str:
    return next(text_of(cell) for cell in cells if text_of(cell))


def _take_footnotes(body: list[Row], width: int, reading: Reading) -> None:
    """Move text below the table from its rows to the record."""
    while len(body) > 1 and _filled(body[-1][1]) == 1:
        number, cells = body[-1]
        text = text_of(cells[0]) if cells else ""
        gap = reading.kind == "workbook" and number - body[-2][0] > 1
        if not text or is_number(text):
            return
        if not (len(cells) < width or gap or len(text) > 60 or _FOOTNOTE.match(text)):
            return
        reading.footnotes.insert(0, text)
        body.pop()


def _check_heading(heading: Sequence[Cell], at: int, body: Sequence[Row], grid: Grid) -> None:
    """Refuse a table without a heading, or with one in two rows."""
    rest = [cell for cell in heading[1:] if text_of(cell)] or list(heading[:1])
    numbers = [cell for cell in rest if is_number(cell)]
    years = [cell for cell in rest if is_year(cell)]
    if numbers and (len(years) < len(numbers) or len(set(map(text_of, years))) < len(years)):
        raise grid.fault(
            f"{text_of(numbers[0])!r} is a number where the name of a column is needed: "
            "add a heading above the first row",
            "no-header",
            f"row {at}",
            numbers[0],
        )
    if len(body) < 2:
        return
    second = body[0][1]
    empty = sum(text_of(cell) == "" for cell in heading[1:])
    words = [cell for cell in second[1:] if text_of(cell) and not is_number(cell)]
    below = [cell for cell in body[1][1][1:] if is_number(cell)]
    spread = _filled(heading) > 1 and _filled(second) > _filled(heading)
    if empty and spread and below and len(words) + sum(map(is_year, second[1:])) >= empty + 1:
        raise grid.fault(
            "the heading has two rows with merged cells: keep one row with a name for each column",
            "merged-heading",
            f"row {at}",
        )


def _take_units(grid: Grid, reading: Reading) -> None:
    """Move a row of units below the heading to the record."""
    if len(grid.rows) < 3:
        return
    names = list(grid.columns)
    label, rest = grid.columns[names[0]], [grid.columns[name] for name in names[1:]]
    first = [cells[0] for cells in rest]
    words = [cell for cell in first if not is_missing(cell)]
    numeric = [sum(map(is_number, cells[1:])) * 2 > len(cells) - 1 for cells in rest]
    named = text_of(label[0]).lower().rstrip(":") in _UNIT_LABELS
    if not (named and words and any(numeric)) or any(is_number(cell) for cell in words):
        return
    reading.units.update(
        {name: text_of(cell) for name, cell in zip(names[1:], first, strict=True) if text_of(cell)}
    )
    reading.dropped[f"row {grid.rows[0]}"] = "units"
    grid.keep([False] + [True] * (len(grid.rows) - 1))
