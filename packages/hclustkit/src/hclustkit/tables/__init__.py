"""A labelled table of numbers: read it, and check it before anything is computed.

Every method module takes such a table: one row an object, one column a variable, the
index the labels. It may come from anywhere.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hclustkit.errors import InputError

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
                    f"{name}: row {row!r}, column {column!r}: {given[row]!r} is not a number"
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


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file, header first, each with its number in an editor.

    Blank lines are left out; every other row is as wide as the header.
    """
    if path.is_dir():
        raise InputError(f"{path.name or path}: this is a folder, a file is needed")
    if not path.is_file():
        raise InputError(f"{path}: the file is missing")
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
    reader = csv.reader(io.StringIO(text), strict=True)
    rows, last = [], 0
    try:
        for row in reader:
            if row:
                rows.append((last + 1, row))
            last = reader.line_num  # a quoted cell may run over several lines
    except csv.Error as error:
        raise InputError(f"{path.name}: not a CSV file: {error}") from None
    if not rows:
        raise InputError(f"{path.name}: the file is empty")
    at, header = rows[0]
    other = re.search(r"[;\t|]", header[0])
    if len(header) == 1 and other:
        cells = header[0].split(other[0])
        shown = other[0].join(cells if len(cells) < 3 else [*cells[:2], "…"])
        raise InputError(
            f"{path.name}: row {at} is one cell {shown!r}: separate the cells by commas"
        )
    for number, row in rows:
        if len(row) != len(header):
            raise InputError(
                f"{path.name}: row {number} has {len(row)} cell(s), the header has {len(header)}"
            )
    return rows


def _check_header(path: Path, at: int, header: Sequence[str]) -> None:
    """Every column but the first, that of the labels, has a name of its own."""
    seen = set()
    for place, name in enumerate(header, start=1):
        if place > 1 and not name.strip():
            raise InputError(f"{path.name}: row {at}: column {place} has no name")
        if name in seen:
            raise InputError(f"{path.name}: row {at}: column {name!r} stands more than once")
        seen.add(name)


def _check_labels(path: Path, labels: Mapping[int, str], *, once: bool) -> None:
    """No label is empty and, with ``once``, none repeated; ``labels`` by row number."""
    seen: dict[str, int] = {}
    for number, label in labels.items():
        if not label.strip():
            raise InputError(f"{path.name}: row {number}: the label is empty")
        first = seen.setdefault(label, number)
        if once and first != number:
            raise InputError(
                f"{path.name}: rows {first} and {number}: label {label!r} stands more than once"
            )


def _number(cell: str) -> float:
    """The number in a cell; the error says what the cell is instead."""
    if not cell:
        raise ValueError("the cell is empty")
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise ValueError(f"{cell!r} is not a number")
    if math.isinf(number):
        raise ValueError(f"{cell!r} is not a finite number")
    return number


def _numbers(path: Path, frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Columns of ``frame``, whose first holds the labels, as floats; a bad cell is named."""
    label = frame.columns[0]
    found: dict[str, list[float]] = {}
    for column in columns:
        cells = found[column] = []
        for number, name, cell in zip(frame.index, frame[label], frame[column], strict=True):
            try:
                cells.append(_number(cell.strip()))
            except ValueError as error:
                raise InputError(
                    f"{path.name}: row {number} ({name}), column {column!r}: {error}"
                ) from None
    return pd.DataFrame(found, index=pd.Index(frame[label], name=label), dtype=np.float64)


def _long_to_wide(frame: pd.DataFrame, path: Path, year: int | None) -> pd.DataFrame:
    """Objects × indicators of one year; a variant's column is named ``indicator:variant``."""
    label = frame.columns[0]
    for number, cell in frame["year"].items():
        if not re.fullmatch(r"-?[0-9]+", cell):
            raise InputError(
                f"{path.name}: row {number}, column 'year': {cell!r} is not a whole number"
            )
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
            f"{path.name}: row {at}, column 'value': {rows['value'][at]!r} is not a number"
        )
    keys = pd.MultiIndex.from_arrays([rows[label], column])
    if keys.has_duplicates:
        at = rows.index[np.flatnonzero(keys.duplicated())[0]]
        raise InputError(f"{path.name}: row {at}: {keys[keys.duplicated()][0]} stands twice")
    wide = pd.Series(values.to_numpy(), index=keys).unstack()
    return wide.loc[list(dict.fromkeys(rows[label])), list(dict.fromkeys(column))]


def read_table(
    path: str | Path, *, year: int | None = None, columns: str | Iterable[str] = "all"
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
        "all" takes every column of a wide table; of a long one the main variants that have a
        value for every label in that year, since a long table says itself what it lacks.

    Returns
    -------
    DataFrame of float64, shape (n objects, p variables), checked by `check_table`.

    Raises
    ------
    InputError
        Names the file, and row, column and value where there is one. An empty cell in a
        column that is taken is such an error: no column is dropped for it, no value filled in.
    """
    path = Path(path)
    (at, header), *body = _rows(path)
    _check_header(path, at, header)
    # rows keep their numbers in the file, which the messages name
    frame = pd.DataFrame(
        [row for _, row in body], columns=header, index=[number for number, _ in body], dtype=str
    )
    long = {"year", "indicator", "value"} <= set(header)
    _check_labels(path, frame[header[0]].to_dict(), once=not long)
    wide = _long_to_wide(frame, path, year) if long else frame.iloc[:, 1:]
    if isinstance(columns, str) and columns == "all":
        chosen = list(wide.columns)
        if long:
            chosen = [name for name in chosen if ":" not in name and wide[name].notna().all()]
        if not chosen:
            text = (
                f"no column has a number in every row of {year}"
                if long
                else (f"row {at}: there is no column of numbers beside the labels")
            )
            raise InputError(f"{path.name}: {text}")
    else:
        chosen = [columns] if isinstance(columns, str) else list(columns)
        unknown = [name for name in chosen if name not in wide.columns]
        if unknown:
            raise InputError(
                f"{path.name}: there is no column {unknown[0]!r}; "
                f"there are {', '.join(map(str, wide.columns))}"
            )
    return check_table(wide[chosen] if long else _numbers(path, frame, chosen), name=path.name)


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
    (at, header), *body = _rows(path)
    if len(header) < 2:
        raise InputError(f"{path.name}: row {at}: a column of names is needed beside the labels")
    column = header.index("name_en") if "name_en" in header else 1
    known = {row[0]: row[column] for _, row in body}
    return {label: known.get(label, label) for label in labels}
