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

DOUBTFUL = NAMES | frozenset(WORDS["headings of codes that may be variables"])
UNITS = frozenset(WORDS["headings of units"])
TURNED = frozenset(WORDS["headings that make a table turned"])
"""Headings over names of variables: each row is one, in a table without a column of values."""


_WORD = re.compile(
    r"(?P<before>(?:[A-Z]{3}|[A-Z]{0,2}[$\u20ac\u00a3\u00a5])?)\s?"
    r"(?P<number>[-+\u2212]?[0-9](?:[0-9.,'\u2019\s]*[0-9])?)\s*"
    r"(?P<after>(?:[^\d\s.,][^\d\s]*(?: [^\d\s]+){0,2})?[\u00b2\u00b3.23)\]]?)"
)


@dataclass
class Roles:
    """What the columns of a grid are; None where there is none."""

    label: str | None = None
    time: str | None = None
    variable: str | None = None
    value: str | None = None


def is_text(cells: Sequence[Cell]) -> bool:
    """Tell whether a column holds words: under half its cells are numbers; dates are words.

    One word beside several numbers, such as ``withheld``, does not make a text.
    """
    numbers = sum(is_number(cell) and not is_date(cell) for cell in cells)
    known = [cell for cell in cells if not is_missing(cell, among_numbers=numbers > 1)]
    few = numbers > 1 and len({cell for cell in known if not is_number(cell)}) == 1
    return 2 * numbers < len(known) and not few


def number_with_word(cells: Sequence[Cell]) -> tuple[int, str] | None:
    """Return the first number with a word, as in ``12 km``, and the word, where a column has such.

    The words are few, as letters of quality are, or the numbers have a point or comma; both
    together are most of what the column holds.
    """
    known = [at for at, cell in enumerate(cells) if not is_missing(cell, among_numbers=True)]
    tried = {at: _WORD.fullmatch(text_of(cells[at])) for at in known if not is_number(cells[at])}
    found = {at: one for at, one in tried.items() if one and is_number(one["number"])}
    words = [one["after"] or one["before"] for one in found.values()]
    few = len({*words}) <= min(5, len(known) / 2)
    few |= any(re.search("[.,]", one[2]) for one in found.values())
    many = found and 2 * (len(tried) - len(found)) < len(known)
    return (next(iter(found)), words[0]) if few and many else None


def find_damaged_number(cells: Sequence[Cell]) -> int | None:
    """Return the first cell that has digits and no letter and yet is not a number or a date."""
    for at, cell in enumerate(cells):
        if isinstance(cell, str) and not (is_missing(cell) or is_number(cell) or is_date(cell)):
            letters = any(letter.isalpha() for letter in cell)
            if not letters and any(letter.isdigit() for letter in cell):
                return at
    return None


def is_code(name: str, cells: Sequence[Cell]) -> bool:
    """Tell whether a column holds identifiers that look like numbers."""
    texts = [text_of(cell).removesuffix(".0").rstrip(".") for cell in cells]
    if not all(re.fullmatch("[0-9]+(E[0-9]+)?", text) for text in texts):
        return False
    low = name.strip().lower()
    parts = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    known = NAMES if len(set(texts)) < len(texts) else CODES | NAMES | {""}
    # a heading with a unit, such as COD (mg/l), is not one of codes
    named = low in known or bool("(" not in name and CODE_WORDS & {*parts[:1], *parts[-1:]})
    zeros = any(text[0] == "0" and len(text) > 1 for text in texts)
    return named or zeros


def leading_codes(grid: Grid, label: str | None) -> list[str]:
    """List columns of rising whole numbers before the column of labels: these are identifiers."""
    found = []
    for name, cells in grid.columns.items():
        if name == label or label is None:
            break
        texts = [text_of(cell).rstrip(".") for cell in cells]
        whole = len(texts) > 2 and all(map(str.isdecimal, texts))
        if whole and all(int(one) < int(two) for one, two in itertools.pairwise(texts)):
            found.append(name)
    return found


def find_roles(grid: Grid, label: str | None, reading: Reading) -> Roles:
    """Find the columns of labels, years, variable names and values."""
    if label is not None and label not in grid.columns:
        text = f"there is no column {label!r}; there are {', '.join(map(repr, grid.columns))}"
        raise grid.fault(text, "unknown-column", "label", label)
    low = {name.strip().lower(): name for name in grid.columns}
    roles = Roles(label)
    roles.time = next((low[n] for n in low if n in TIMES and low[n] != label), None)
    variable = next((low[name] for name in low if name in VARIABLES), None)
    value = next((low[name] for name in low if name in VALUES), None)
    if variable and value:
        roles.variable, roles.value = variable, value
    taken = {roles.time, roles.variable, roles.value}
    texts = [name for name, cells in grid.columns.items() if name not in taken and is_text(cells)]
    texts = [n for n in texts if not all(is_date(c) or is_year(c) for c in grid.columns[n])]
    keys = texts if label is None else [label]
    if roles.time is None and not any(_unique(grid, [name]) for name in keys):
        roles.time = _hidden_time(grid, texts, label)
    if roles.variable is None:
        _find_long(grid, texts, roles, value, reading)
    if roles.label is None:
        others = [name for name in texts if name != roles.variable]
        roles.label = _find_label(grid, others, roles)
    turned = str(roles.label).strip().lower() in TURNED
    if label is None and roles.variable is None and turned:
        _refuse_transposed(grid, str(roles.label), "names of variables")
    if roles.label is None and roles.time is not None and roles.variable is None:
        _refuse_transposed(grid, roles.time)
    if roles.label is None:
        first = next(iter(grid.columns))
        if sum(map(is_date, grid.columns[first])) * 2 > len(grid.rows):
            _refuse_transposed(grid, first)
        reading.notes.append("no column holds names: rows are named by their number")
    return roles


def _keys(grid: Grid, names: Sequence[str | None]) -> list[tuple[str, ...]]:
    columns = [grid.columns[name] for name in names if name is not None]
    return [tuple(text_of(cell) for cell in cells) for cells in zip(*columns, strict=True)]


def _unique(grid: Grid, names: Sequence[str | None]) -> bool:
    return _count(grid, *names) == len(grid.rows)


def _hidden_time(grid: Grid, texts: Sequence[str], label: str | None) -> str | None:
    """Find a column of years that, with the labels, makes every row unique."""
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


def _count(grid: Grid, *names: str | None) -> int:
    return len(set(_keys(grid, names)))


def _find_long(
    grid: Grid, texts: Sequence[str], roles: Roles, value: str | None, reading: Reading
) -> None:
    """Recognise a long table with other names: two columns of names and one of numbers.

    Columns that say the same, as codes and names do, count once; so do, beside a column of
    values that is called so, those of one value or of a key of each row.
    """
    numbers = [name for name in grid.columns if name not in texts and name != roles.time]
    if value in numbers and roles.time:
        numbers = [str(value)]
    if len(numbers) != 1:
        return
    same: dict[str, list[str]] = {}
    for name in texts:
        count = _count(grid, name)
        if count > 1 and not (value and roles.time and _unique(grid, [name])):
            twins = (one for one in same if _count(grid, one) == _count(grid, one, name) == count)
            same.setdefault(next(twins, name), []).append(name)
    names = list(same)
    if any(_unique(grid, [name, roles.time]) for name in names):
        return
    pairs = [
        pair for pair in itertools.combinations(names, 2) if _unique(grid, [*pair, roles.time])
    ]
    if len(pairs) != 1:
        return
    names = list(pairs[0])
    times = _count(grid, roles.time) if roles.time else 1
    full = _count(grid, names[0]) * _count(grid, names[1]) * times
    if 2 * len(grid.rows) >= full:
        objects = next((n for n in names if roles.label in same[n]), None)
        called = [n for n in names if NAMES & {one.strip().lower() for one in same[n]}]
        objects = objects or (called or names)[0]
        label = roles.label or objects
        variables = same[names[1] if objects == names[0] else names[0]]
        named = list(itertools.takewhile(lambda n: n.lower() not in UNITS, variables)) or variables
        roles.variable = max(named, key=lambda n: sum(map(len, map(text_of, grid.columns[n]))))
        roles.label, roles.value = label, numbers[0]
        reading.notes.append(
            f"a long table: {label!r} holds the objects, {roles.variable!r} the variables; "
            "label= exchanges them"
        )


def _find_label(grid: Grid, texts: Sequence[str], roles: Roles) -> str | None:
    """Find the first text column whose values all differ (in each year, for each variable)."""
    for name in texts:
        if _unique(grid, [name, roles.time, roles.variable]):
            return name
    if roles.variable is not None:
        others = [name for name in grid.columns if name not in vars(roles).values()]
        return next(iter([*texts, *others]), None)
    if texts:
        return max(texts, key=lambda name: len(set(map(text_of, grid.columns[name]))))
    for name, cells in grid.columns.items():
        named = is_code(name, cells) or name.strip().lower() in NAMES
        if named and _unique(grid, [name, roles.time]):
            return name
    return None


def tells_apart(grid: Grid, label: str, repeated: str, *others: str | None) -> str:
    """Name a column of which one value should be kept so that a label has one row, if any."""
    at = [i for i, cell in enumerate(grid.columns.get(label, [])) if text_of(cell) == repeated]
    for name, cells in grid.columns.items():
        values = list(dict.fromkeys(map(text_of, cells)))
        here = [text_of(cells[i]) for i in at]
        many = 2 * len(values) > len(cells) or name in (label, *others)
        if many or len(set(here)) < 2 or any(text_of(cell) == "" for cell in cells):
            continue
        if is_text(cells) or len(set(here)) == len(here):
            drop = "; ".join(f"{name}={value}" for value in values[1:6])
            more = "; ..." if values[6:] else ""
            return f"keep the rows of one {name!r}, as with drop={drop + more!r}"
    return ""


def _refuse_transposed(
    grid: Grid, name: str, what: str = "years or dates, and no column holds names"
) -> None:
    text = (
        f"it holds {what}: if the other columns are the objects to cluster, read it with "
        f"transpose so that each is a row; if these are, name the column with label={name!r}"
    )
    raise grid.fault(text, "transposed", f"column {name!r}")


def refuse_mixed_units(grid: Grid, label: str | None, variables: Sequence[str]) -> None:
    """Refuse a column of units, or of their multiples, that differ within one variable."""
    for name, cells in grid.columns.items():
        low = " ".join(re.findall(r"[^\W_]+", name.lower()))
        named = low in UNITS and name != label and (" " in low or is_text(cells))
        first: dict[str, str] = {}
        for at, cell in enumerate(map(text_of, cells) if named else ()):
            of = variables[at]
            if cell and first.setdefault(of, cell) != cell:
                text = (
                    f"{cell!r} is another unit than {first[of]!r} above it, of the same variable: "
                    f"bring all to one, or keep the rows of one, as with drop={f'{name}={cell}'!r}"
                )
                raise grid.fault(text, "mixed-units", grid.place(at, name), cell)


def years_of(grid: Grid, time: str) -> list[int]:
    """Return the year of each row, or raise `InputError`."""
    found = []
    for at, cell in enumerate(grid.columns[time]):
        value = year_of(cell)
        if value is None:
            number = parse(cell, ".")
            if number is None or not float(number).is_integer():
                place = grid.place(at, time)
                text = f"{text_of(cell)!r} is not a whole year: leave year= out and use drop="
                raise grid.fault(text, "not-a-year", place, cell)
            value = int(number)
        found.append(value)
    return found
