"""What surrounds the numbers of a table: titles, heading, units, footnotes, blank columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hclustkit.errors import InputError, one, refusal
from hclustkit.tables.cells import Cell, Row
from hclustkit.tables.numerals import is_missing, is_number
from hclustkit.tables.reading import Reading
from hclustkit.tables.words import WORDS

_FOOTNOTE = re.compile(
    rf"({'|'.join(WORDS['beginnings of footnotes'])}|[*(\[\u00b9\u00b2\u00b3\u2020]|[0-9]\))",
    re.IGNORECASE,
)
_NOTES = re.compile(r".*SeqID|(foot)?notes?:", re.IGNORECASE)
_YEAR = re.compile(
    r"(?:FY ?)?((?:1[5-9]|2[01])[0-9]{2})(?:\.0)?"
    r"(?: ?(?:г|ж|год|жыл|year|yil|年|년)\.?)?(?: \[YR\d{4}\])?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2}.*)?|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}.*|"
    r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}([ ,T].*)?|(0[1-9]|1[0-2])[./](19|20)[0-9]{2}|"
    r"(19|20)[0-9]{2}\.(0[1-9]|1[0-2])|[0-9]{4}[- ]?[QMSW][0-9]{1,2}|Q[1-4][- /][0-9]{4}"
)


@dataclass
class Grid:
    """The columns of a table by name, and the number of each row in the file.

    ``melted`` is a column of numbers that the file has in several, and that of their headings.
    """

    name: str
    rows: list[int]
    columns: dict[str, list[Cell]]
    melted: tuple[str, str] = ("", "")

    def place(self, at: int, column: str | None = None, label: str = "") -> str:
        """Name a cell as a message does."""
        row = f"row {self.rows[at]}" + (f" ({label})" if label else "")
        if column and column == self.melted[0]:
            column = text_of(self.columns[self.melted[1]][at])
        return row if column is None else f"{row}, column {column!r}"

    def fault(self, message: str, rule: str, place: str = "", value: object = None) -> InputError:
        """Make an error at a place of the file."""
        where = f"{self.name}, {place}" if place else self.name
        text = f"{self.name}: {place}: {message}" if place else f"{self.name}: {message}"
        return InputError(text, place=where, rule=rule, value=value)

    def keep(self, chosen: Sequence[bool]) -> None:
        """Keep some of the rows."""
        at = [i for i, keep in enumerate(chosen) if keep]
        if not at:
            raise self.fault("no row is left", "too-few-rows", value=0)
        self.rows = [self.rows[i] for i in at]
        self.columns = {name: [cells[i] for i in at] for name, cells in self.columns.items()}


def is_year(cell: Cell) -> bool:
    """Tell whether a cell is a year from 1500 to 2199."""
    return bool(_YEAR.fullmatch(text_of(cell)))


def year_of(cell: Cell) -> int | None:
    """Return the year that a cell holds alone or in a date."""
    text = text_of(cell)
    found = _YEAR.fullmatch(text)
    if found is None and is_date(cell):
        found = re.search(r"(?<![0-9])((?:1[5-9]|2[01])[0-9]{2})(?![0-9])", text)
    return int(found[1]) if found else None


def is_date(cell: Cell) -> bool:
    """Tell whether a cell is a date or a year and a month."""
    return isinstance(cell, str) and bool(_DATE.fullmatch(cell.strip()))


def text_of(cell: Cell) -> str:
    """Return a cell as text; whole numbers without a fraction."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return " ".join(cell.split()).strip("\u200b\u200e\u200f\u202a\u202c\u2060\ufeff")


def transpose_rows(rows: list[Row]) -> list[Row]:
    """Exchange rows and columns."""
    width = max((len(cells) for _, cells in rows), default=0)
    whole = [[*cells, *[""] * (width - len(cells))] for _, cells in rows]
    turned = ([cells[at] for cells in whole] for at in range(width))
    return [(at, cells) for at, cells in enumerate(turned, 1) if any(map(text_of, cells))]


def lay_out(rows: list[Row], reading: Reading) -> Grid:
    """Separate titles, heading, units and footnotes from the body of a table."""
    name = reading.source
    rows = [(number, list(cells)) for number, cells in rows]
    widest = max(_count_filled(cells) for _, cells in rows)
    while len(rows) > 1 and _count_filled(rows[0][1]) == 1 < widest:
        if widest == 2 and text_of(rows[0][1][0]) == "":
            break  # labels without a heading beside one column
        reading.titles += filter(None, map(text_of, rows.pop(0)[1]))
    for _, cells in _preamble(rows):
        reading.titles.append(" ".join(text_of(cell) for cell in cells if text_of(cell)))
        rows.pop(0)
    at, heading = rows[0]
    body = [row for row in rows[1:] if row[1] != heading and not all(map(_is_rule, row[1]))]
    if len(body) < len(rows) - 1:
        reading.notes.append(
            one(f"{len(rows) - 1 - len(body)} rows were left out: the heading again, or a line")
        )
    _take_footnotes(body, len(heading), reading)
    width = max([i + 1 for i, cell in enumerate(heading) if cell != ""], default=0)
    for number, cells in body:
        if len(cells) < width or any(cell != "" for cell in cells[max(width, len(heading)) :]):
            message = (
                f"{name}: row {number} has {len(cells)} cells, the heading has {width}"
                + ("; are decimal commas unquoted?" if reading.separator == "," else "")
                + "; make them equal"
            )
            raise refusal(message, f"{name}, row {number}", "ragged-row", len(cells))
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
        if not title and grid.columns and not any(map(is_number, cells)):
            title = f"column {i + 1}"
        if not title and i > 0 and grid.columns:
            text = (
                f"column {i + 1} has no name: give it one, or leave out what is above the heading"
            )
            raise grid.fault(text, "empty-column-name", f"row {at}", i + 1)
        if title in grid.columns:
            text = f"column {title!r} appears more than once: give each a name of its own"
            raise grid.fault(text, "duplicate-column", f"row {at}", title)
        grid.columns[title] = cells
    if blank:
        reading.notes.append(one(f"{blank} blank columns were left out"))
    _take_units(grid, reading)
    _take_numbering(grid, reading)
    return grid


def _preamble(rows: Sequence[Row]) -> Sequence[Row]:
    """Find rows of text above the heading that have several cells, such as ``Updated, 1 May``.

    The heading is the first row as full as most, of words throughout; what is above it must be
    shorter and begin at the left, which the upper row of a merged heading does not.
    """
    filled = [_count_filled(cells) for _, cells in rows]
    usual, often = Counter(filled).most_common(1)[0]
    at = next((at for at, count in enumerate(filled) if count >= usual), 0)
    if not at or 2 * often < len(rows) - at or at + 1 >= len(rows):
        return []
    heading, below = rows[at][1], rows[at + 1][1]
    if text_of(heading[0]) == "" or any(is_number(c) and not is_year(c) for c in heading):
        return []
    if not any(map(is_number, below)):
        return []
    packed = all(
        text_of(cell) for (_, cells), n in zip(rows, filled, strict=True) for cell in cells[:n]
    )
    short = max(filled[:at]) < usual - 1 or all(len(cells) < usual for _, cells in rows[:at])
    return rows[:at] if short and (packed or len(rows[0][1]) < usual) else []


def _is_rule(cell: Cell) -> bool:
    return re.fullmatch(r"(:?[-=_]{3,}:?)?", text_of(cell)) is not None


def _count_filled(cells: Sequence[Cell]) -> int:
    return sum(text_of(cell) != "" for cell in cells)


def _take_footnotes(body: list[Row], width: int, reading: Reading) -> None:
    """Move text below the table from its rows to the record."""
    # the United Nations and Statistics Canada give footnotes a separate heading
    heads = (_NOTES.fullmatch(text_of(row[1][0])) for row in body)
    end = next((i for i, found in enumerate(heads) if found), len(body))
    reading.footnotes += [" ".join(map(text_of, cells)).strip() for _, cells in body[end:]]
    del body[end:]
    left = min((_first(cells) for _, cells in body), default=0)
    while len(body) > 1:
        number, cells = body[-1]
        words = [text_of(cell) for cell in cells if text_of(cell)]
        text = " ".join(words)
        source = ":" in words[0] and len(cells) < width and _FOOTNOTE.match(text)
        numbers = any(map(is_number, words)) and not source
        if numbers or _first(cells) > left or any(map(is_missing, words)):
            return
        alone = len(words) == 1 and (number - _last(body[-2]) > 1 or len(text) > 60)
        note = len(cells) < width or alone or _FOOTNOTE.match(text)
        if not note or len(words) == width > 1:
            return
        reading.footnotes.insert(0, text)
        body.pop()


def _check_heading(heading: Sequence[Cell], at: int, body: Sequence[Row], grid: Grid) -> None:
    """Refuse a table without a heading, or with one in two rows."""
    if len(body) > 1:
        _refuse_merged(heading, at, body, grid)
    rest = [cell for cell in heading[1:] if text_of(cell)] or list(heading[:1])
    numbers = [cell for cell in rest if is_number(cell)]
    years = [cell for cell in rest if is_year(cell) or is_date(cell)]
    if numbers and (len(years) < len(numbers) or len(set(map(text_of, years))) < len(years)):
        text = (
            f"{text_of(numbers[0])!r} is a number where the name of a column is needed: "
            "add a heading above the first row, or a word to each number in the heading"
        )
        raise grid.fault(text, "no-header", f"row {at}", numbers[0])
    names = list(map(text_of, heading))
    rows = [(at, list(heading)), *body]
    for above, (number, cells), (_, below) in zip(rows, rows[1:], rows[2:], strict=False):
        if number - _last(above) == 1 and not text_of(cells[0]) == names[0] != "":
            continue
        words = [text_of(cell) for cell in cells if text_of(cell)]
        plain = all(any(map(str.isalpha, word)) and not is_missing(word, True) for word in words)
        full = len(words) > 1 and 2 * len(words) >= len(names)
        over = any(text_of(a) and is_number(b) for a, b in zip(cells, below, strict=False))
        if full and plain and over:
            text = (
                f"a second heading ({', '.join(words)}) begins another table: keep one table in "
                "the file or the sheet"
            )
            raise grid.fault(text, "several-tables", f"row {number}", words)


def _refuse_merged(heading: Sequence[Cell], at: int, body: Sequence[Row], grid: Grid) -> None:
    names, second = list(map(text_of, heading)), list(map(text_of, body[0][1]))
    lacking = [i for i in range(1, len(names)) if names[i] in ("", *names[1:i])]
    named = [i for i in lacking if i < len(second) and not is_missing(second[i], True)]
    words = all(not is_number(cell) or is_year(cell) for cell in second[1:])
    below = any(is_number(cell) for _, cells in body[1:3] for cell in cells[1:])
    if _count_filled(heading) > 1 and named and words and below:
        text = (
            "the heading has two rows with merged cells: keep one row with a name for each column"
        )
        raise grid.fault(text, "merged-heading", f"row {at}")


def _last(row: Row) -> int:
    """Return the last line of a row, of which a cell may hold several."""
    return row[0] + sum(str(cell).count("\n") for cell in row[1])


def _first(cells: Sequence[Cell]) -> int:
    return next(at for at, cell in enumerate(cells) if text_of(cell))


def _take_numbering(grid: Grid, reading: Reading) -> None:
    """Leave out a row below the heading that numbers the columns, as statistical offices print."""
    if len(grid.rows) < 3 or len(grid.columns) < 3:
        return
    first = [text_of(cells[0]) for cells in grid.columns.values()]
    numbers, labels = first[1:], [text_of(cell) for cell in next(iter(grid.columns.values()))]
    counted = numbers in ([str(i + start) for i in range(len(numbers))] for start in (1, 2))
    mark = first[0] in ("", "0", "1") or (len(first[0]) == 1 and first[0].isalpha())
    if counted and mark and sum(len(label) < 2 for label in labels) == 1:
        reading.dropped[f"row {grid.rows[0]}"] = "numbers the columns"
        grid.keep([False] + [True] * (len(grid.rows) - 1))


def _take_units(grid: Grid, reading: Reading) -> None:
    """Move a row of units below the heading to the record."""
    if len(grid.rows) < 3:
        return
    names = list(grid.columns)
    label, rest = grid.columns[names[0]], [grid.columns[name] for name in names[1:]]
    first = [cells[0] for cells in rest]
    words = [cell for cell in first if not is_missing(cell)]
    if not words or any(map(is_number, words)):
        return
    named = text_of(label[0]).lower().rstrip(":") in WORDS["labels of a row of units"]
    numeric = [
        n for n in names[1:] if 2 * sum(map(is_number, grid.columns[n][1:])) >= len(grid.rows)
    ]
    above = [grid.columns[name][0] for name in numeric]
    # the American census repeats its headings in longer words
    texts = {text_of(cell) for cell in above if not is_missing(cell, among_numbers=True)}
    longer = len(texts) == len(above) > 1 and sum(map(len, texts)) > sum(map(len, numeric))
    named |= longer and not any(re.match(r"\W*\d", text) for text in texts)
    if not named or not above:
        return
    reading.units.update(
        {name: text_of(cell) for name, cell in zip(names[1:], first, strict=True) if text_of(cell)}
    )
    reading.dropped[f"row {grid.rows[0]}"] = "units"
    grid.keep([False] + [True] * (len(grid.rows) - 1))
