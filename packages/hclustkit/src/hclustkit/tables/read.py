"""Read a user's table, whatever program wrote it, without ever guessing a number."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from hclustkit.errors import refusal
from hclustkit.tables.cells import Cell, read_cells
from hclustkit.tables.checks import check_table, column_notes
from hclustkit.tables.labels import labels_of, refuse_unclear_labels
from hclustkit.tables.layout import Grid, is_year, lay_out, text_of, transpose_rows, year_of
from hclustkit.tables.missing import check_policy, gaps_of, treat_missing
from hclustkit.tables.numerals import (
    find_decimal,
    is_missing,
    is_number,
    number,
    parse,
    thousands_mark,
    unit_of,
)
from hclustkit.tables.offices import doubts, drop_values, fill_down, melt_years, split_dimensions
from hclustkit.tables.reading import Reading, Whole
from hclustkit.tables.shape import (
    DOUBTFUL,
    Roles,
    find_damaged_number,
    find_roles,
    is_code,
    is_text,
    leading_codes,
    number_with_word,
    refuse_mixed_units,
    tells_apart,
    years_of,
)
from hclustkit.tables.totals import refuse_totals, total_notes

Rows: TypeAlias = Callable[[str, str], str]
"""How a message names the row of a label and a column."""


def read_table(
    path: str | Path | pd.DataFrame,
    *,
    label: str | None = None,
    sheet: str | int | None = None,
    year: int | str | None = None,
    columns: str | Iterable[str] | None = None,
    drop: str | Iterable[str] | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    missing: str = "error",
    transpose: bool = False,
    categories: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Read a table to cluster: CSV, TSV, Excel, ODS, Parquet or a DataFrame.

    Separator, decimal and thousands mark, encoding, titles, footnotes, a row of units, blank
    rows and columns are recognised where the file leaves no doubt, and refused where two
    readings are possible. A *wide* table has a row per object. A *panel* has a row per object
    and year. A *long* table has a row per object, variable and perhaps year; names in a
    column ``variant`` are added to the variable's after a colon.

    Parameters
    ----------
    path : path or DataFrame
        The file, or a DataFrame as it comes (its index is used unless it counts the rows).
    label : str, optional
        The column of names; by default the first text column whose values all differ.
    sheet : str or int, optional
        Name or number (from 1) of a workbook's sheet; needed where several hold something. Digits
        as text are a name where a sheet is called so.
    year : int, optional
        The year to take from a long table or a panel that has several.
    columns : str or iterable of str, optional
        Columns (of a long table: variables) to take. By default every column of numbers. "all"
        is more lenient with long tables: variables without a value for every label in that
        year, and variants, are left out and named.
    drop : str or iterable of str, optional
        Labels of rows, or names of columns, to leave out, such as "Total"; or all rows with a
        value in a column, such as "sex=Total".
    sep, decimal, encoding : str, optional
        Where the file leaves a doubt.
    missing : str
        What to do with missing cells, see `treat_missing`; ``error`` names them all.
    transpose : bool
        Take the columns of the file as rows; places in messages then count columns.
    categories : str or iterable of str, optional
        Columns of text to keep beside the numbers, in ``attrs["categories"]`` (column to label
        to text), for `hclustkit.tables.gower_distances`.

    Returns
    -------
    DataFrame of float64, shape (n objects, p variables)
        Labels as index; the record of its reading, a `Reading`, in ``attrs["reading"]``, and a
        wide table with all its columns in ``attrs["whole"]``.

    Raises
    ------
    InputError
        With the file, row and column (``place``), the ``rule`` and the ``value``.

    Examples
    --------
    >>> from io import StringIO
    >>> frame = pd.DataFrame({"Region": ["North", "South"], "GDP": ["1 200,5", "900,0"]})
    >>> table = read_table(frame)
    >>> table["GDP"].tolist()
    [1200.5, 900.0]
    >>> table.attrs["reading"].decimal
    ','
    """
    check_policy(missing)
    if decimal not in (None, ".", ","):
        raise refusal(f'decimal must be "." or ",", got {decimal!r}', "decimal", "decimal", decimal)
    source = path if isinstance(path, pd.DataFrame) else Path(path)
    rows, reading = read_cells(source, sheet=sheet, sep=sep, encoding=encoding)
    reading.missing = missing
    if transpose:
        rows = transpose_rows(rows)
        reading.notes.append("the table was transposed: the columns of the file are its rows")
    grid = lay_out(rows, reading)
    if len(grid.rows) < 2:
        count = f"{len(grid.rows)} rows" if grid.rows else "there is no row"
        text = f"{count} below the heading, at least 2 are needed"
        raise grid.fault(text, "too-few-rows", value=len(grid.rows))
    split_dimensions(grid, reading)
    dropped = drop_values(grid, _names(drop), reading)
    melt_years(grid, label, reading)
    if transpose and label is None:
        label = next(iter(grid.columns))
    roles = find_roles(grid, label, reading)
    every = Grid(grid.name, grid.rows, dict(grid.columns))
    dropped = _drop_rows(grid, roles, dropped, reading)
    _take_year(grid, roles, year, reading)
    if reading.year is not None and roles.time is not None:
        years = set(grid.columns[roles.time])
        every.keep([cell in years for cell in every.columns[roles.time]])
    whole = Whole(labels_of(every, roles), roles.label, every.columns)
    for name in dropped if roles.variable is None else ():
        if name != roles.label:
            del grid.columns[name]  # what it holds decides nothing any more
            reading.left_out[name] = "asked for"
    reading.decimal = decimal
    kept = _categories(grid, roles, categories, reading)
    if roles.variable is None:
        table, rows_of = _from_wide(grid, roles, columns, reading)
    else:
        table, rows_of = _from_long(grid, roles, columns, dropped, reading)
    refuse_totals(table, grid.name)
    table = _finish(table, grid, rows_of, reading)
    if roles.variable is None:
        table.attrs["whole"] = whole
    if kept:
        table.attrs["categories"] = kept
    return table


def _categories(
    grid: Grid, roles: Roles, wanted: str | Iterable[str] | None, reading: Reading
) -> dict[str, dict[str, str]]:
    """Take columns of text out of the grid; column to label to text."""
    others = [name for name in grid.columns if name != roles.label]
    names = _chosen(grid, others, wanted, "categories", reading) or []
    labels = labels_of(grid, roles)
    found = {}
    for name in names:
        if roles.variable is not None:
            raise grid.fault("only a wide table has categories", "no-category", "categories", name)
        cells = grid.columns.pop(name)
        found[name] = {at: text_of(cell) for at, cell in zip(labels, cells, strict=True)}
        reading.left_out[name] = "holds categories, for Gower's distance"
    return found


def _finish(table: pd.DataFrame, grid: Grid, rows: Rows, reading: Reading) -> pd.DataFrame:
    """Treat missing cells, check the table and attach the record."""
    reading.gaps = gaps_of(table)
    if reading.gaps and reading.missing == "error":
        places = [f"{rows(*gap)}, column {gap[1]!r}" for gap in reading.gaps]
        cells = "the cell is" if len(places) == 1 else f"{len(places)} cells are"
        text = f"{cells} empty; choose with missing= what to do"
        raise grid.fault(text, "missing-value", "; ".join(places), reading.gaps)
    blank = [str(label) for label in table.index[table.isna().all(axis=1)]]
    if blank and reading.missing not in ("error", "listwise", "gower"):
        text = (
            f"row {blank[0]!r} has no value at all, as a heading within the table: leave it out "
            f"with drop={'; '.join(blank)!r}"
        )
        raise grid.fault(text, "empty-row", rows(blank[0], str(table.columns[0])), blank)
    treated, note = treat_missing(table, reading.missing)
    reading.notes += [note] if note else []
    if reading.missing.startswith("impute"):
        reading.filled = list(reading.gaps)
    for label in table.index.difference(treated.index, sort=False):
        reading.dropped[str(label)] = "a cell is missing"
    for column in table.columns.difference(treated.columns, sort=False):
        reading.left_out[str(column)] = "a cell is missing"
    table = check_table(treated, name=grid.name, gaps=reading.missing == "gower")
    x = table.to_numpy()
    if x.shape[0] == x.shape[1] > 2 and (np.diag(x) == 1).all() and np.allclose(x, x.T):
        reading.notes.append(
            "the table is symmetric with ones on its diagonal: if these are correlations r, take "
            "1 - r as distances, read as precomputed ones"
        )
    reading.notes += [note.message for note in column_notes(table)] + total_notes(table)
    table.attrs["reading"] = reading
    return table


# ----------------------------------------------------------------------------- rows, years


def _take_year(grid: Grid, roles: Roles, year: int | str | None, reading: Reading) -> None:
    """Keep the rows of one year."""
    if year is not None and (isinstance(year, bool) or not str(year).strip().isdecimal()):
        raise refusal(f"the year must be a whole number, got {year!r}", "year", "year-type", year)
    if roles.time is None:
        if year is not None:
            hint = f"; take that of the heading with columns='{year}'" * (str(year) in grid.columns)
            message = f"year {year} is asked for, but no column holds years{hint}"
            raise grid.fault(message, "year-without-years", "year", year)
        return
    dated = all(year_of(cell) is not None for cell in grid.columns[roles.time])
    if not dated and year is None:
        days = [parse(cell, ".") or 0 for cell in grid.columns[roles.time]]
        if all(10_000 < day < 80_000 and day % 1 == 0 for day in days):
            reading.left_out[roles.time] = "holds dates, as a spreadsheet counts days"
        return
    years = years_of(grid, roles.time)
    known = sorted(set(years))
    wanted = int(year) if year is not None else known[0]
    listed = f"{known[0]} to {known[-1]}" if len(known) > 2 else " and ".join(map(str, known))
    labels = [] if roles.label is None else list(map(text_of, grid.columns[roles.label]))
    repeated = roles.variable is not None or len(set(labels)) < len(labels)
    if year is None and len(known) > 1:
        if repeated:
            message = f"column {roles.time!r} has {listed}: say which year with year="
            raise grid.fault(message, "choose-year", "year", known)
        reading.left_out[roles.time] = "holds years, each label once"
        return
    if wanted not in known:
        message = f"column {roles.time!r} has no {wanted}; it has {listed}"
        raise grid.fault(message, "unknown-year", "year", wanted)
    reading.year = wanted
    reading.left_out[roles.time] = f"holds the year, {wanted} is taken"
    if len(known) > 1:
        reading.shape = "panel"
    for name, lost in ((roles.label, reading.dropped), (roles.variable, reading.left_out)):
        texts = [text_of(cell) for cell in grid.columns[name]] if name is not None else []
        here = {text for text, at in zip(texts, years, strict=False) if at == wanted}
        lost.update({text: f"has no row in {wanted}" for text in texts if text not in here})
    grid.keep([at == wanted for at in years])


def _drop_rows(grid: Grid, roles: Roles, drop: Sequence[str], reading: Reading) -> list[str]:
    """Leave out rows by label; return the names that are columns."""
    labels = labels_of(grid, roles)
    low = [label.lower() for label in labels]
    one = roles.variable
    names = list(grid.columns if one is None else map(text_of, grid.columns[one]))
    left, gone = [], set()
    for name in drop:
        if text_of(name).lower() in low:
            gone.add(text_of(name).lower())
        elif name in names:
            left.append(name)
        else:
            near = difflib.get_close_matches(name, [*labels, *names], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            text = f"there is no row or column {name!r} to leave out{hint}"
            raise grid.fault(text, "unknown-drop", "drop", name)
    reading.dropped |= {a: "asked for" for a, key in zip(labels, low, strict=True) if key in gone}
    grid.keep([key not in gone for key in low])
    return left


# ------------------------------------------------------------------------- wide and long


def _numerals(grid: Grid, names: Iterable[str]) -> Iterable[tuple[str, Cell]]:
    """Yield the cells that may show the decimal mark, with their places."""
    for name in names:
        cells = grid.columns[name]
        if not is_text(cells):
            yield from ((grid.place(at, name), cell) for at, cell in enumerate(cells))


def _names(given: str | Iterable[object] | None) -> list[str]:
    """List the names of rows or columns asked for, which a table may hold as numbers."""
    return [given] if isinstance(given, str) else [] if given is None else list(map(str, given))


def _chosen(
    grid: Grid, known: Sequence[str], columns: str | Iterable[str] | None, what: str, by: Reading
) -> list[str] | None:
    """List the columns asked for by name; None for the default."""
    chosen = list(dict.fromkeys(_names(columns)))
    if columns is None or chosen == ["all"]:
        return None
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            there = name in grid.columns or name in by.left_out
            absent = "this is not one to choose:" if there else "there is no column"
            text = f"{absent} {name!r}; {hint}there are {', '.join(map(repr, known))}"
            raise grid.fault(text, "unknown-column", what, name)
    return chosen


def _column(
    grid: Grid, name: str, labels: Sequence[str], reading: Reading, variables: Sequence[str] = ()
) -> list[float]:
    """Read a column of numbers, of one variable or of several; NaN where a cell is missing."""
    values, marks = [], Counter[str]()
    units: dict[str, dict[str, str]] = {}
    for at, cell in enumerate(grid.columns[name]):
        if is_missing(cell, among_numbers=True):
            marks[str(cell).strip() or "blank"] += 1
            values.append(math.nan)
            continue
        decimal = reading.decimal or "."
        place = grid.place(at, name, labels[at])
        values.append(number(cell, decimal, place, grid.name))
        units.setdefault(variables[at] if variables else name, {}).setdefault(unit_of(cell), place)
        reading.thousands = thousands_mark(cell, decimal) or reading.thousands
    for variable, signs in units.items():
        (unit, place), *others = signs.items()
        if others:
            said = [f"has the sign {sign!r}" if sign else "has no sign" for sign in signs]
            text = f"{variable!r} {said[0]}, and in {others[0][1]} it {said[1]}"
            raise grid.fault(text, "mixed-units", place, sorted(signs))
        if unit:
            reading.units[variable] = unit
    for mark, count in marks.items():
        reading.markers[mark] = reading.markers.get(mark, 0) + count
    return values


def _from_wide(
    grid: Grid, roles: Roles, columns: str | Iterable[str] | None, reading: Reading
) -> tuple[pd.DataFrame, Rows]:
    labels = labels_of(grid, roles)
    raw: Sequence[Cell] = labels if roles.label is None else grid.columns[roles.label]
    refuse_unclear_labels(grid, labels, raw)
    refuse_mixed_units(grid, roles.label, [""] * len(labels))
    reading.label = roles.label
    known = [name for name in grid.columns if name != roles.label]
    chosen = _chosen(grid, known, columns, "columns", reading)
    if chosen is None:
        chosen = [name for name in known if name not in reading.left_out]
        leading = leading_codes(grid, roles.label)
        for name in list(chosen):
            reason = _reason_to_leave(grid, name, labels)
            doubt = "" if reason or name in leading else doubts(name, grid.columns[name])
            reading.notes += [doubt] if doubt else []
            doubtful = name.strip().lower() in DOUBTFUL and reason == "holds identifiers"
            if doubtful or (name in leading and not reason):
                reason = "holds identifiers"
                reading.notes.append(
                    f"{name!r}, {'by its heading' if doubtful else 'which rises before the names'}"
                    ", is taken for identifiers; name it among columns= to use it"
                )
            if reason:
                reading.left_out[name] = reason
                chosen.remove(name)
        if chosen and all(map(is_year, chosen)):
            reading.notes += ["the columns are years of one variable, each is used as a variable"]
    if not chosen:
        text = "there is no column of numbers beside the labels"
        hint = (
            "are columns parted by another mark, which sep= can name?"
            if not known and not reading.left_out
            else ("columns of text count beside one only, with categories= and Gower's distance")
        )
        raise grid.fault(f"{text}; {hint}", "no-column")
    if roles.label == "" and (len(labels) < len(chosen) or all(map(is_year, labels))):
        reading.notes.append(
            f"{len(labels)} rows, called {labels[0]!r} and so on, and {len(chosen)} columns: if "
            "the columns are the objects to cluster, read it with transpose"
        )
    others = _numerals(grid, [name for name in known if name not in chosen])
    reading.decimal = reading.decimal or find_decimal(_numerals(grid, chosen), grid.name, others)
    values = [_column(grid, name, labels, reading) for name in chosen]
    index = pd.Index(labels, name=roles.label or None)
    table = pd.DataFrame(dict(enumerate(values)), index=index, dtype=np.float64)
    places = {label: grid.place(at, label=label) for at, label in enumerate(labels)}
    return table.set_axis(chosen, axis=1), lambda label, _: places[label]


def _reason_to_leave(grid: Grid, name: str, labels: Sequence[str]) -> str:
    """Say why a column that nobody named is not used; empty where it is used."""
    cells = grid.columns[name]
    if is_code(name, cells):
        return "holds identifiers"
    if len(set(map(text_of, cells))) == 1 and not (is_missing(cells[0]) or is_number(cells[0])):
        return "holds one text"
    if (at := find_damaged_number(cells)) is not None:
        number(cells[at], ".", grid.place(at, name, labels[at]), grid.name)
    if all(map(is_missing, cells)):
        return "is empty"
    if found := number_with_word(cells):
        at, word = found
        text = (
            f"{text_of(cells[at])!r} is a number with a word: leave {word!r} to the heading, or "
            f"the column out with drop={name!r}"
        )
        raise grid.fault(text, "number-with-word", grid.place(at, name, labels[at]), word)
    return "holds text or dates" if is_text(cells) else ""


def _from_long(
    grid: Grid,
    roles: Roles,
    columns: str | Iterable[str] | None,
    drop: Sequence[str],
    reading: Reading,
) -> tuple[pd.DataFrame, Rows]:
    assert roles.variable is not None and roles.value is not None
    reading.label, reading.shape = roles.label, "long"
    variables = [text_of(cell) for cell in grid.columns[roles.variable]]
    labels = fill_down(labels_of(grid, roles), variables, reading)
    variant = next((name for name in grid.columns if name.lower() == "variant"), None)
    variants = set()
    if variant is not None:
        extra = [text_of(cell) for cell in grid.columns[variant]]
        variables = [f"{v}:{e}" if e else v for v, e in zip(variables, extra, strict=True)]
        variants = {v for v, e in zip(variables, extra, strict=True) if e}
    chosen = _chosen(grid, list(dict.fromkeys(variables)), columns, "columns", reading)
    known = [v for v in dict.fromkeys(variables if chosen is None else chosen) if v not in drop]
    here = list(map(set(known).__contains__, variables))
    order = list(filter(None, dict.fromkeys(labels)))
    rows = dict(zip(labels[::-1], grid.rows[::-1], strict=True))
    evidence = [] if all(here) else list(_numerals(grid, [roles.value]))
    grid.keep(here)  # what is not asked for breaks no rule
    labels, variables = list(compress(labels, here)), list(compress(variables, here))
    if "" in labels:
        raise grid.fault("the label is empty", "empty-label", grid.place(labels.index("")), "")
    cells = _numerals(grid, [roles.value])
    reading.decimal = reading.decimal or find_decimal(cells, grid.name, evidence)
    refuse_mixed_units(grid, roles.label, variables)
    used = (roles.label, roles.time, roles.variable, roles.value, variant)
    others = [name for name in grid.columns if name not in used]
    reading.left_out |= dict.fromkeys(others, "is not label, year, variable or value")
    keys = list(zip(labels, variables, strict=True))
    seen: dict[tuple[str, str], int] = {}
    for at, key in enumerate(keys):
        if seen.setdefault(key, at) != at:
            place = f"rows {grid.rows[seen[key]]} and {grid.rows[at]}"
            apart = tells_apart(grid, roles.label or "", labels[at], roles.variable)
            text = f"{key[0]!r}, {key[1]!r} appears more than once{apart and '; '}{apart}"
            raise grid.fault(text, "duplicate-row", place, key)
    numbers = _column(grid, roles.value, labels, reading, variables)
    values = dict(zip(keys, numbers, strict=True))
    wide = {v: [values.get((label, v), math.nan) for label in order] for v in known}
    table = pd.DataFrame(wide, index=pd.Index(order, name=roles.label), columns=known)
    refuse_unclear_labels(Grid(grid.name, [rows[label] for label in order], {}), order, order)
    if chosen is None:
        table = _with_values(table, variants if columns == "all" else None, reading)
    reading.left_out |= dict.fromkeys(drop, "asked for")
    if table.empty:
        raise grid.fault("no variable has a number for every label", "no-column")
    places = {key: grid.place(at, label=key[0]) for key, at in seen.items()}
    return table, lambda label, name: places.get((label, name), f"no row of {label!r}")


def _with_values(table: pd.DataFrame, variants: set[str] | None, reading: Reading) -> pd.DataFrame:
    """Leave out variables without any value; where variants are known, also these and gaps."""
    for name, gaps in table.isna().items():
        if gaps.all() or (variants is not None and gaps.any()):
            reading.left_out[str(name)] = f"{int(gaps.sum())} of {len(gaps)} values are missing"
        elif name in (variants or ()):
            reading.left_out[str(name)] = "is a variant"
        else:
            continue
        del table[name]
    return table
