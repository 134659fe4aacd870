"""Tables of text: every cell read as text, checked column by column and row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from kzclusters.evidence import rules
from kzclusters.evidence.rules import rule_error


def read_text(path: Path) -> str:
    """Read a file as UTF-8.

    Raises
    ------
    InputError
        The file is missing or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise rule_error(path, "file-present", "the file is there") from None
    except UnicodeDecodeError as error:
        raise rule_error(path, "utf-8", "the file is UTF-8", f"byte {error.start}") from None


def read_rows(path: Path, text: str) -> list[list[str]]:
    """Return the cells of a CSV text, the header among them; ``path`` is for the error."""
    try:
        return list(csv.reader(text.splitlines(keepends=True), strict=True))
    except csv.Error as error:
        says = "the file is a table of cells separated by commas"
        raise rule_error(path, "readable-table", says, more=str(error)) from None


def _cells(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read all cells as text; check the header and the length of every row."""
    lines = read_rows(path, read_text(path))
    header = lines[0] if lines else []
    if header != list(columns):
        says = f"the columns are {', '.join(columns)}"
        raise rule_error(path, "header", says, ", ".join(header), row=1)
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(columns):
            says = f"a row has {len(columns)} cells"
            raise rule_error(path, "row-length", says, len(line), row=number)
    if len(lines) == 1:
        raise rule_error(path, "any-row", "there is at least one row")
    return pd.DataFrame(lines[1:], columns=list(columns), dtype=str)


def text_column(
    known: Iterable[str] = (), *, optional: bool = False, once: bool = False, form: str = ""
) -> pa.Column:
    """Build a column of text: tidy cells, filled unless optional, of known values or a form."""
    allowed = list(known)
    checks = [
        rules.check("tidy", "no space at the ends of a cell", holds=lambda x: x == x.str.strip())
    ]
    if allowed:
        says = f"the cell is one of {', '.join(filter(None, allowed))}"
        checks.insert(0, rules.check("known-value", says, isin=allowed))
    if form:
        checks.append(rules.check("form", f"the cell has the form {form}", matches=form))
    if not optional:
        checks.append(
            rules.check("filled", "the cell is not empty", holds=lambda x: x.str.strip() != "")
        )
    if once:
        checks.append(
            rules.check("once", "every value is given once", holds=lambda x: ~x.duplicated())
        )
    return pa.Column(str, checks)


def read_columns(path: Path, columns: Mapping[str, pa.Column]) -> pd.DataFrame:
    """Read a CSV file and check every column."""
    return rules.validate(path, pa.DataFrameSchema(dict(columns)), _cells(path, tuple(columns)))


RowRule = tuple[str, str, str, Callable[[dict[str, str]], bool]]
"""Column, short name, words, and whether a row obeys."""


def check_rows(path: Path, frame: pd.DataFrame, row_rules: Iterable[RowRule]) -> None:
    """Stop at the first row that breaks a rule, rule by rule."""
    rows = frame.to_dict("records")
    for column, rule, says, holds in row_rules:
        for number, row in enumerate(rows, start=2):
            if not holds(row):
                raise rule_error(path, rule, says, row[column], row=number, column=column)


def check_all(
    path: Path, column: str, given: Iterable[str], wanted: Iterable[str], says: str
) -> None:
    """Stop at the first wanted value that is not given."""
    there = set(given)
    for value in wanted:
        if value not in there:
            raise rule_error(path, "complete", says, value, more="it is missing", column=column)
