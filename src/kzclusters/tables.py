"""A labelled table of numbers: read it, and check it before anything is computed.

Every method module takes such a table: one row an object, one column a variable, the
index the labels. It may come from anywhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from kzclusters.errors import InputError

MAX_BYTES = 50 * 1024 * 1024
"""Larger files are refused: a table to cluster is small, a larger one is likely a mistake."""


def check_table(table: pd.DataFrame, *, min_rows: int = 2, name: str = "table") -> pd.DataFrame:
    """Return ``table`` as floats, or say what is wrong with it.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
        The index holds the labels.
    min_rows : int
        The fewest rows the caller can work with.
    name : str
        How a message names the table (a file name where there is one).

    Returns
    -------
    DataFrame of float64, the same labels and columns.

    Raises
    ------
    InputError
        Not a DataFrame, no rows or columns, fewer rows than ``min_rows``, repeated labels
        or column names, a cell that is empty, infinite or no number. The message names the
        row, the column and the value.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{name}: expected a DataFrame, got {type(table).__name__}")
    if table.shape[1] == 0:
        raise InputError(f"{name}: there is no column of numbers")
    if len(table) < min_rows:
        raise InputError(f"{name}: {len(table)} row(s), at least {min_rows} are needed")
    for what, labels in (("label", table.index), ("column", table.columns)):
        if labels.isna().any():
            place = int(np.flatnonzero(labels.isna())[0]) + 1
            raise InputError(f"{name}: {what} {place} is empty")
        repeated = labels[labels.duplicated()]
        if len(repeated):
            raise InputError(f"{name}: {what} {repeated[0]!r} stands more than once")
    if all(kind == np.float64 for kind in table.dtypes):
        numbers = table
    else:
        columns = {}
        for column in table.columns:
            given = table[column]
            if pd.api.types.is_bool_dtype(given):
                raise InputError(f"{name}: column {column!r} holds true/false, not numbers")
            as_numbers = pd.to_numeric(given, errors="coerce")
            wrong = as_numbers.isna() & given.notna()
            if wrong.any():
                row = given.index[np.flatnonzero(wrong)[0]]
                raise InputError(
                    f"{name}: row {row!r}, column {column!r}: "
                    f"{given[row]!r} is not a number"
                )
            columns[column] = as_numbers.astype(np.float64)
        numbers = pd.DataFrame(columns, index=table.index)
        numbers.columns = table.columns
    values = numbers.to_numpy()
    bad = ~np.isfinite(values)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        what = "is empty" if np.isnan(values[i, j]) else f"is infinite ({values[i, j]})"
        raise InputError(
            f"{name}: row {numbers.index[i]!r}, column {numbers.columns[j]!r}: the cell {what}"
        )
    return numbers


def check_k(k: int, n: int) -> int:
    """Return ``k`` as an int if n objects can form k clusters, else raise `InputError`."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
        raise InputError(f"the number of clusters must be a whole number, got {k!r}")
    if not 1 <= k <= n:
        raise InputError(f"{n} objects cannot form {k} clusters: k must lie in 1..{n}")
    return int(k)


def _rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file, header first; every row as wide as the header."""
    if not path.is_file():
        raise InputError(f"{path.name}: the file is missing")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"{path.name}: {size / 2**20:.0f} MiB is more than the {MAX_BYTES / 2**20:.0f} MiB "
            "that a table may have; read it with pandas and call the functions of the package"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path.name}: row {row}: the file is not UTF-8 text") from None
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise InputError(f"{path.name}: not a CSV file: {error}") from None
    if not rows:
        raise InputError(f"{path.name}: the file is empty")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]) and row:
            raise InputError(
                f"{path.name}: row {number} has {len(row)} cell(s), the header has {len(rows[0])}"
            )
    return [row for row in rows if row]


def _numbers(path: Path, header: Sequence[str], body: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Body cells as floats, empty ones NaN; a cell that is no number is named with its row."""
    columns: dict[str, list[float]] = {}
    for j, column in enumerate(header[1:], start=1):
        cells = []
        for number, row in enumerate(body, start=2):
            cell = row[j].strip()
            try:
                cells.append(float(cell) if cell else np.nan)
            except ValueError:
                raise InputError(
                    f"{path.name}: row {number} ({row[0]}), column {column!r}: "
                    f"{cell!r} is not a number"
                ) from None
        columns[column] = cells
    return pd.DataFrame(columns, index=pd.Index([row[0] for row in body], name=header[0]))


def _long_to_wide(frame: pd.DataFrame, path: Path, year: int | None) -> pd.DataFrame:
    """Objects × indicators of one year; a variant's column is named ``indicator:variant``."""
    label = frame.columns[0]
    years = sorted({int(value) for value in frame["year"]})
    if year is None or str(year) not in set(frame["year"]):
        known = f"{years[0]} to {years[-1]}" if years else "none"
        raise InputError(f"{path.name}: column 'year' has no {year!r}; it has {known}")
    rows = frame[frame["year"] == str(year)]
    variant = rows["variant"] if "variant" in rows else pd.Series("", index=rows.index)
    column = rows["indicator"].where(variant == "", rows["indicator"] + ":" + variant)
    values = pd.to_numeric(rows["value"].replace("", np.nan), errors="coerce")
    wrong = values.isna() & (rows["value"] != "")
    if wrong.any():
        at = rows.index[np.flatnonzero(wrong)[0]]
        raise InputError(
            f"{path.name}: row {at + 2}, column 'value': {rows['value'][at]!r} is not a number"
        )
    keys = pd.MultiIndex.from_arrays([rows[label], column])
    if keys.has_duplicates:
        at = rows.index[np.flatnonzero(keys.duplicated())[0]]
        raise InputError(f"{path.name}: row {at + 2}: {keys[keys.duplicated()][0]} stands twice")
    wide = pd.Series(values.to_numpy(), index=keys).unstack()
    return wide.loc[list(dict.fromkeys(rows[label])), list(dict.fromkeys(column))]


def read_table(
    path: str | Path,
    *,
    year: int | None = None,
    columns: str | Iterable[str] = "all",
) -> pd.DataFrame:
    """Read a table to cluster from a CSV file.

    Two shapes are known. *Wide*: the first column holds the labels, every other column
    numbers. *Long*: columns ``year``, ``indicator``, ``value`` and perhaps ``variant``, the
    first column the labels; one ``year`` is taken, and a variant's column is named
    ``indicator:variant``.

    Parameters
    ----------
    path : path of the file
    year : int, for a long table
    columns : "all" or names
        "all" takes every column without an empty cell; in a long table, main variants only.

    Returns
    -------
    DataFrame of float64, shape (n objects, p variables), checked by `check_table`.

    Raises
    ------
    InputError
        Names the file, and row, column and value where there is one.
    """
    path = Path(path)
    header, *body = _rows(path)
    if {"year", "indicator", "value"} <= set(header):
        frame = pd.DataFrame(body, columns=header, dtype=str)
        wide = _long_to_wide(frame, path, year)
        everything = [name for name in wide.columns if ":" not in name]
    else:
        if len(set(header)) < len(header):
            twice = next(name for name in header if header.count(name) > 1)
            raise InputError(f"{path.name}: row 1: column {twice!r} stands more than once")
        wide = _numbers(path, header, body)
        everything = list(wide.columns)
    if isinstance(columns, str) and columns == "all":
        chosen = [name for name in everything if wide[name].notna().all()]
        if not chosen:
            raise InputError(f"{path.name}: no column has a number in every row")
    else:
        chosen = [columns] if isinstance(columns, str) else list(columns)
        unknown = [name for name in chosen if name not in wide.columns]
        if unknown:
            raise InputError(
                f"{path.name}: there is no column {unknown[0]!r}; "
                f"there are {', '.join(map(str, wide.columns))}"
            )
    return check_table(wide[chosen], name=path.name)


def read_names(path: str | Path, labels: Iterable[str]) -> dict[str, str]:
    """Readable names of the labels: first column of a CSV file to its column ``name_en``.

    Labels that the file does not list keep their own name. Without a column ``name_en`` the
    second column is taken.

    Raises
    ------
    InputError
        The file is missing, empty or ragged.
    """
    path = Path(path)
    header, *body = _rows(path)
    if len(header) < 2:
        raise InputError(f"{path.name}: row 1: a column of names is needed beside the labels")
    column = header.index("name_en") if "name_en" in header else 1
    known = {row[0]: row[column] for row in body}
    return {label: known.get(label, label) for label in labels}
