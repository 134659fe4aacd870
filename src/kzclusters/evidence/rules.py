"""One error for every broken rule of a file: the place, then the rule, then the value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from hclustkit.errors import InputError

from kzclusters import paths


def rule_error(
    path: Path,
    rule: str,
    says: str,
    value: object = None,
    *,
    more: str = "",
    **where: int | str | None,
) -> InputError:
    """Build the error for a broken rule of a file.

    Parameters
    ----------
    path : Path
    rule : str
        Short name of the rule, such as ``"duplicate-key"``.
    says : str
        The rule in words.
    value : object, optional
        What was found instead; left out of the message where it is None.
    more : str, optional
        What else helps to find the fault.
    **where : int or str
        The place in the file, as ``row=7, column="value"``; parts that are None are left out.

    Returns
    -------
    InputError
        To be raised by the caller.
    """
    parts = [f"{what} {at}" for what, at in where.items() if at is not None]
    place = ", ".join([paths.from_root(path), *parts])
    found = "" if value is None else f" by {value!r}"
    tail = f" ({more})" if more else ""
    message = f"{place}: rule '{says}' is broken{found}{tail}"
    return InputError(message, place=place, rule=rule, value=value)


def check(
    rule: str,
    says: str,
    *,
    isin: Sequence[str] | None = None,
    matches: str | None = None,
    holds: Callable[[pd.Series], Any] | None = None,
) -> pa.Check:
    """Build a check of a column by one of three conditions.

    The name of the rule and its words travel with the check into the error of `validate`.

    Parameters
    ----------
    rule, says : as for `rule_error`
    isin : the values that a cell may have
    matches : a pattern that each cell matches
    holds : a function of the column that marks the cells that are right
    """
    if isin is not None:
        return pa.Check.isin(isin, name=rule, error=says)
    if matches is not None:
        return pa.Check.str_matches(matches, name=rule, error=says)
    return pa.Check(holds, name=rule, error=says)


def validate(path: Path, schema: pa.DataFrameSchema, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame``, read from ``path``, once it obeys the schema.

    Raises
    ------
    InputError
        The first row that breaks a rule; the header counts as row 1, as in a spreadsheet.
    """
    try:
        return schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        failures = [
            (case.index, error, case.failure_case)
            for error in errors.schema_errors
            for case in error.failure_cases.itertuples(index=False)
        ]
    index, error, value = min(failures, key=lambda found: -1 if pd.isna(found[0]) else found[0])
    rule = getattr(error.check, "name", None) or "column-type"
    says = getattr(error.check, "error", None) or "the column holds what its schema says"
    row = None if pd.isna(index) else int(index) + 2
    value = value.item() if hasattr(value, "item") else value
    raise rule_error(path, rule, says, value, row=row, column=error.schema.name)
