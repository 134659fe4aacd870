"""Wide, long and panel tables: which columns are labels, years, variables and values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hclustkit.tables.cells import Cell
from hclustkit.tables.layout import Grid, is_date, is_year, text_of, year_of
from hclustkit.tables.numerals import is_missing, is_number, parse
from hclustkit.tables.reading import Reading
from hclustkit.tables.words import WORDS

TIMES = frozenset(WORDS["headings of times"])
VARIABLES = frozenset(WORDS["headings of variables"])
VALUES = frozenset(WORDS["headings of values"])
CODES = frozenset(WORDS["headings of codes"])
CODE_WORDS = frozenset(WORDS["first or last word of a heading of codes"])
NAMES = frozenset(WORDS["headings of names"])
"""Headings over the names of objects, even where these are numbers."""

TURNED = frozenset(WORDS["headings that make a table turned"])
"""Headings over names of variables: each row is one, in a table without a column of values."""


@dataclass
class Roles:
    """What the columns of a grid are; None where there is none."""

    label: str | None = None
    time: str | None = None
    variable: str | None = None
    value: str | None = None


def is_text(cells: Sequence[Cell]) -> bool:
    """Whether a column holds words: under half of its cells are numbers, dates count as words."""
    known = [cell for cell in cells if not is_missing(cell)]
    return bool(known) and 2 * sum(map(is_number, known)) < len(known)


def number_with_word(cells: Sequence[Cell]) -> str:
    """Return the word that follows the numbers of a column, as in ``12 km``; empty for others."""
    words = set()
    known = [cell for cell in cells if not is_missing(cell)]
    for cell in known:
        found = re.fullmatch(r"(.*[0-9])\s*([^\W\d_]+\.?)", text_of(cell))
        if is_number(cell):
            continue
        if found is None or not is_number(found[1]):
            return ""
        words.add(found[2])
    return min(words) if words and len(words) <= 3 and 2 * len(words) <= len(known) else ""


def damaged_number(cells: Sequence[Cell]) -> int | None:
    """Return the first cell that has digits and no letter and yet is not a number or a date."""
    for at, cell in enumerate(cells):
        if isinstance(cell, str) and not (is_missing(cell) or is_number(cell) or is_date(cell)):
            letters = any(letter.isalpha() for letter in cell)
            if not letters and any(letter.isdigit() for letter in cell):
                return at
    return None


def is_code(name: str, cells: Sequence[Cell]) -> bool:
    """Whether a column holds identifiers that look like numbers."""
    texts = [text_of(cell).rstrip(".") for cell in cells]
    if len(set(texts)) < len(texts) or not all(text.isdigit() for text in texts):
        return False
    low = name.strip().lower()
    parts = re.findall(r"[^\W_]+", low)
    named = low in CODES | NAMES or bool(parts and CODE_WORDS & {parts[0], parts[-1]})
    zeros = any(text[0] == "0" and len(text) > 1 for text in texts)
    counted = low == "" and [int(text) for text in texts] == list(
        range(int(texts[0]), int(texts[0]) + len(texts))
    )
    return named or zeros or counted


def leading_codes(grid: Grid, label: str | None) -> list[str]:
    """List columns of rising whole numbers before the column of labels: these are identifiers."""
    found = []
    for name, cells in grid.columns.items():
        if name == label or label is None:
            break
        texts = [text_of(cell).rstrip(".") for cell in cells]
        if len(texts) > 2 and all(map(str.isdigit, texts)):
            plain = [int(text) for text in texts]
            if all(one < two for one, two in itertools.pairwise(plain)):
                found.append(name)
    return found


def find_roles(grid: Grid, label: str | None, reading: Reading) -> Roles:
    """Find the columns of labels, years, variable names and values."""
    if label is not None and label not in grid.columns:
        raise grid.fault(
            f"there is no column {label!r}; there are {', '.join(map(repr, grid.columns))}",
            "unknown-column",
            "label",
            label,
        )
    low = {name.strip().lower(): name for name in grid.columns}
    roles = Roles(label)
    roles.time = next((low[name] for name in low if name in TIMES), None)
    variable = next((low[name] for name in low if name in VARIABLES), None)
    value = next((low[name] for name in low if name in VALUES), None)
    if variable and value:
        roles.variable, roles.value = variable, value
    taken = {roles.time, roles.variable, roles.value}
    texts = [name for name, cells in grid.columns.items() if name not in taken and is_text(cells)]
    texts = [n for n in texts if not all(is_date(c) or is_year(c) for c in grid.columns[n])]
    if roles.time is None and not _some_unique(grid, texts if label is None else [label]):
        roles.time = _hidden_time(grid, texts, label)
    if roles.variable is None:
        _find_long(grid, texts, roles, reading)
    if roles.label is None:
        others = [name for name in texts if name != roles.variable]
        roles.label = _find_label(grid, others, roles)
    if label is None and roles.variable is None and str(roles.label).strip().lower() in TURNED:
        _refuse_transposed(grid, str(roles.label), "names of variables")
    if roles.label is None and roles.time is not None and roles.variable is None:
        _refuse_transposed(grid, roles.time)
    if roles.label is None:
        first = next(iter(grid.columns))
        if sum(map(is_date, grid.columns[first])) * 2 > len(grid.rows):
            _refuse_transposed(grid, first)
        reading.notes.append("no column holds names: rows are called by their number")
    return roles


def _keys(grid: Grid, names: Sequence[str | None]) -> list[tuple[str, ...]]:
    columns = [grid.columns[name] for name in names if name is not None]
    return [tuple(text_of(cell) for cell in cells) for cells in zip(*columns, strict=True)]


def _unique(grid: Grid, names: Sequence[str | None]) -> bool:
    keys = _keys(grid, names)
    return len(set(keys)) == len(keys)


def _some_unique(grid: Grid, names: Sequence[str]) -> bool:
    return any(_unique(grid, [name]) for name in names)


def _hidden_time(grid: Grid, texts: Sequence[str], label: str | None) -> str | None:
    """A column of years that, with the labels, makes every row unique."""
    labels = [label] if label is not None else texts
    for name, cells in grid.columns.items():
        if not all(map(is_year, cells)):
            continue
        if any(_unique(grid, [name, text]) for text in labels):
            return name
        few = 2 * len(set(map(text_of, cells))) <= len(cells)
        if few and len(texts) > 1 and _unique(grid, [name, *texts]):
            return name
    return None


def _find_long(grid: Grid, texts: Sequence[str], roles: Roles, reading: Reading) -> None:
    """Recognise a long table with other names: two columns of names and one of numbers."""
    names = [name for name in texts if len(set(map(text_of, grid.columns[name]))) > 1]
    numbers = [name for name in grid.columns if name not in texts and name != roles.time]
    if len(names) != 2 or len(numbers) != 1:
        return
    if any(_unique(grid, [name, roles.time]) for name in names):
        return
    counts = [len(set(map(text_of, grid.columns[name]))) for name in names]
    times = len(set(_keys(grid, [roles.time]))) if roles.time else 1
    full = counts[0] * counts[1] * times
    if _unique(grid, [*names, roles.time]) and 2 * len(grid.rows) >= full:
        label = roles.label or names[0]
        roles.variable = names[1] if label == names[0] else names[0]
        roles.value = numbers[0]
        reading.notes.append(
            f"a long table: {label!r} holds the objects, {roles.variable!r} the variables; "
            "label= exchanges them"
        )


def _find_label(grid: Grid, texts: Sequence[str], roles: Roles) -> str | None:
    """The first text column whose values are all different (in each year, for each variable)."""
    for name in texts:
        if _unique(grid, [name, roles.time, roles.variable]):
            return name
    if roles.variable is not None:
        others = [name for name in grid.columns if name not in vars(roles).values()]
        return next(iter([*texts, *others]), None)
    if texts:
        return max(texts, key=lambda name: len(set(map(text_of, grid.columns[name]))))
    for name, cells in grid.columns.items():
        if is_code(name, cells) or (name.strip().lower() in NAMES and _unique(grid, [name])):
            return name
    return None


def tells_apart(grid: Grid, label: str) -> str:
    """Name a column each of whose values is there for every label; empty where there is none."""
    labels = len(set(map(text_of, grid.columns[label])))
    for name, cells in grid.columns.items():
        full = labels * len(set(map(text_of, cells))) == len(cells)
        if name != label and full and _unique(grid, [label, name]):
            return name
    return ""


def _refuse_transposed(
    grid: Grid, name: str, what: str = "years or dates, and no column holds names"
) -> None:
    raise grid.fault(
        f"it holds {what}: if the other columns are the objects to cluster, read it with "
        "transpose so that each is a row",
        "transposed",
        f"column {name!r}",
    )


def years_of(grid: Grid, time: str) -> list[int]:
    """Return the year of each row, or raise `InputError`."""
    found = []
    for at, cell in enumerate(grid.columns[time]):
        value = year_of(cell)
        if value is None:
            number = parse(cell, ".")
            if number is None or not float(number).is_integer():
                place = grid.place(at, time)
                text = f"{text_of(cell)!r} is not a whole year"
                raise grid.fault(text, "not-a-year", place, cell)
            value = int(number)
        found.append(value)
    return found
