"""Checks of a table and of a number of clusters, and what its columns do to a clustering."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arrays import Floats
from hclustkit.errors import InputError, one

SKEWNESS = 2.0
"""Columns that are more skewed are noted."""

MOST_PAIRED = 1_000
"""Columns up to which all pairs are correlated."""

RULING_SHARE = 0.9
"""A column with a larger share of the variance rules the distance."""


_NOT_NUMBERS = {
    "b": "true/false",
    "c": "complex numbers",
    "C": "categories",
    "M": "dates",
    "m": "lengths of time",
}


def check_table(
    table: pd.DataFrame, *, min_rows: int = 2, name: str = "table", gaps: bool = False
) -> pd.DataFrame:
    """Return ``table`` as floats, or say what is wrong with it.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
        The index holds the labels.
    min_rows : int
        The fewest rows the caller can work with.
    name : str
        How a message names the table (a file name where there is one).
    gaps : bool
        Accept missing cells.

    Returns
    -------
    DataFrame of float64
        The same labels and columns.

    Raises
    ------
    InputError
        Not a DataFrame, no rows or columns, fewer rows than ``min_rows``, labels or column
        names that are repeated or have several levels, a cell that is empty, infinite or not
        a number. The message names the row, the column and the value.

    Warns
    -----
    UserWarning
        A column of single precision whose differences are mostly rounding.

    Examples
    --------
    >>> check_table(pd.DataFrame({"a": [1, 2]}, index=["x", "y"]))["a"].tolist()
    [1.0, 2.0]
    """
    check_frame(table, min_rows, name)
    numbers = table
    if not all(kind == np.float64 for kind in table.dtypes):
        columns = {at: _as_floats(table.iloc[:, at], name) for at in range(table.shape[1])}
        numbers = pd.DataFrame(columns).set_axis(table.index, axis=0)
        numbers.columns = table.columns
        numbers.attrs = table.attrs
        _warn_of_lost_digits(table, numbers, name)
    infinite = np.argwhere(np.isinf(numbers.to_numpy()))
    if len(infinite):
        row, column = numbers.index[infinite[0][0]], numbers.columns[infinite[0][1]]
        place = f"row {row!r}, column {column!r}"
        raise _fault(name, f"{place}: the number is infinite", "not-finite", place)
    empty = np.argwhere(numbers.isna().to_numpy())
    if len(empty) and not gaps:
        place = f"row {numbers.index[empty[0][0]]!r}, column {numbers.columns[empty[0][1]]!r}"
        raise _fault(name, f"{place}: the cell is empty (NaN)", "missing-value", place, len(empty))
    return numbers


def check_frame(table: pd.DataFrame, min_rows: int = 1, name: str = "table") -> None:
    """Raise unless it is a DataFrame with rows, columns and clear labels; see `check_table`."""
    if not isinstance(table, pd.DataFrame):
        kind = type(table).__name__
        raise _fault(name, f"expected a DataFrame, got {kind}", "table-type", value=kind)
    if table.shape[1] == 0:
        raise _fault(name, "there is no column of numbers", "no-column")
    if len(table) < min_rows:
        text = f"{len(table)} rows, at least {min_rows} are needed"
        raise _fault(name, text, "too-few-rows", value=len(table))
    for what, labels in (("label", table.index), ("column", table.columns)):
        if labels.nlevels > 1:
            text = f"the {what}s have {labels.nlevels} levels, one is needed"
            raise _fault(name, text, f"several-{what}-levels", f"{what}s", labels.nlevels)
        if labels.isna().any():
            at = int(np.flatnonzero(labels.isna())[0]) + 1
            raise _fault(name, f"{what} {at} is empty", f"empty-{what}", f"{what} {at}")
        repeated = labels[labels.duplicated()]
        if len(repeated):
            text = f"{what} {repeated[0]!r} appears more than once"
            raise _fault(name, text, f"duplicate-{what}", f"{what} {repeated[0]}", repeated[0])


def _warn_of_lost_digits(table: pd.DataFrame, numbers: pd.DataFrame, name: str) -> None:
    """Warn of columns whose differences single precision has lost already."""
    for at, kind in enumerate(table.dtypes):
        if kind not in (np.float32, np.float16):
            continue
        values = numbers.iloc[:, at].to_numpy()
        step = float(np.finfo(kind).eps) * float(np.abs(values).max(initial=0.0))
        spread = float(values.max(initial=-np.inf) - values.min(initial=np.inf))
        if spread < 100 * step and (spread > 0 or step > 0.5):
            warnings.warn(
                f"{name}: column {table.columns[at]!r} was given as {kind}, in which its values "
                f"are known to {step:.2g}, and differ by {spread:.2g}: give it as float64",
                stacklevel=3,
            )


def _fault(name: str, text: str, rule: str, place: str = "", value: object = None) -> InputError:
    where = f"{name}, {place}" if place else name
    return InputError(f"{name}: {text}", place=where, rule=rule, value=value)


def _as_floats(given: pd.Series[Any], name: str) -> Floats:
    """Return one column as numbers."""
    column = given.name
    kind = "C" if isinstance(given.dtype, pd.CategoricalDtype) else given.dtype.kind
    if kind in _NOT_NUMBERS:
        text = f"column {column!r} holds {_NOT_NUMBERS[kind]}, not numbers"
        raise _fault(name, text, "not-a-number", f"column {column!r}", str(given.dtype))
    numbers = to_numbers(given)
    wrong = np.flatnonzero((numbers.isna() & given.notna()).to_numpy())
    if len(wrong):
        value = given.iloc[wrong[0]]
        place = f"row {given.index[wrong[0]]!r}, column {column!r}"
        raise _fault(name, f"{place}: {value!r} is not a number", "not-a-number", place, value)
    floats: Floats = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    return floats


def to_numbers(given: pd.Series[Any]) -> pd.Series[Any]:
    """Read cells as numbers, text to its last bit, which some pandas miss; others become NaN."""
    numbers = pd.to_numeric(given, errors="coerce")
    if not pd.api.types.is_numeric_dtype(given.dtype):
        text = (numbers.notna() & given.map(lambda cell: isinstance(cell, str))).to_numpy(bool)
        if text.any():
            numbers = numbers.astype(np.float64)
            numbers[text] = [float(cell) for cell in given[text]]
    return numbers


@dataclass(frozen=True)
class ColumnNote:
    """What one or two columns do to a clustering.

    Attributes
    ----------
    rule : str
        ``constant-column``, ``correlated-columns``, ``skewed-column`` or ``ruling-column``.
    columns : tuple of str
    message : str
    """

    rule: str
    columns: tuple[str, ...]
    message: str


@np.errstate(over="ignore")
def _code_notes(table: pd.DataFrame) -> list[ColumnNote]:
    """Note columns of which one value, all nines, lies farther off than the others reach."""
    notes = []
    for name, column in table.items():
        values = np.unique(column.dropna().to_numpy())
        for value, others in ((values[0], values[1:]), (values[-1], values[:-1])):
            apart = np.abs(others - value).min() > others[-1] - others[0]
            if len(others) > 2 and apart and re.fullmatch(r"-?99+\.[09]+", repr(float(value))):
                rows = one(f"in {int((column == value).sum())} rows")
                text = (
                    f"{name!r} has the value {value:.12g}, far from all others, {rows}: where it "
                    "stands for a missing value, leave the cell empty and choose with missing= "
                    "what to do"
                )
                notes.append(ColumnNote("code-for-missing", (str(name),), text))
    return notes


def column_notes(table: pd.DataFrame) -> list[ColumnNote]:
    """List the columns that do something to a clustering that its user should know.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
        Not scaled yet.

    Returns
    -------
    list of ColumnNote
        Constant columns; values that look like a code for a missing one; pairs, of up to 1,000
        columns, with a correlation of 1 or -1; columns with a skewness above 2; a column with
        over nine tenths of the variance.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 4], "b": [2.0, 4, 8], "c": [5.0, 5, 5]})
    >>> [(note.rule, note.columns) for note in column_notes(table)]
    [('constant-column', ('c',)), ('correlated-columns', ('a', 'b'))]
    """
    table = check_table(table, gaps=True)
    spread = table.max() - table.min()
    constant = [str(name) for name in table.columns[spread == 0]]
    notes = [
        ColumnNote(
            "constant-column",
            (name,),
            f"{name!r} has the same value in every row: it adds nothing to any distance and "
            "cannot be scaled to unit spread",
        )
        for name in constant
    ]
    varied = table.loc[:, spread > 0]
    names = [str(name) for name in varied.columns]
    unit = varied / varied.abs().max()  # squares of very large numbers are not numbers
    doubled = np.empty((0, 2), dtype=np.int64)
    if len(table) > 2 and len(names) <= MOST_PAIRED:
        doubled = np.argwhere(np.triu(np.abs(unit.corr().to_numpy()) > 1 - 1e-12, 1))
    for i, j in doubled:
        text = f"{names[i]!r} and {names[j]!r} are perfectly correlated: they count twice"
        notes.append(ColumnNote("correlated-columns", (names[i], names[j]), text))
    notes += _code_notes(varied)
    if len(table) >= 8:
        for name, skewness in zip(names, unit.skew(), strict=True):
            if abs(skewness) > SKEWNESS:
                text = (
                    f"{name!r} is skewed ({skewness:.1f}): a few rows decide its distances; "
                    "consider logarithms or ranks"
                )
                notes.append(ColumnNote("skewed-column", (name,), text))
    variance = (varied / varied.abs().max().max()).var().to_numpy()
    if len(names) > 1 and variance.max() > RULING_SHARE * variance.sum():
        name = names[int(variance.argmax())]
        text = (
            f"{name!r} has more than {RULING_SHARE:.0%} of the variance: without scaling it alone "
            "rules the distance"
        )
        notes.append(ColumnNote("ruling-column", (name,), text))
    return notes
