"""One message for every broken rule of a file: the file, the place in it, the rule, the value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from hclustkit.errors import InputError

from kzclusters import paths


def wrong(path: Path, text: str, **place: Any) -> InputError:
    """The error to raise; ``place`` says where in the file, as ``row=7, column="value"``.

    Parts of the place that are None are left out.
    """
    parts = [paths.shown(path)]
    parts += [f"{what} {where}" for what, where in place.items() if where is not None]
    return InputError(f"{', '.join(parts)}: {text}")


def broken(path: Path, rule: str, value: Any = None, *, more: str = "", **place: Any) -> InputError:
    """The error to raise where a rule has a name; a value that is None is left out."""
    by = "" if value is None else f" by {value!r}"
    tail = f" ({more})" if more else ""
    return wrong(path, f"rule '{rule}' is broken{by}{tail}", **place)


def validate(path: Path, schema: pa.DataFrameSchema, frame: pd.DataFrame) -> pd.DataFrame:
    """``frame``, read from ``path``, checked; the first row that breaks a rule is named.

    Raises
    ------
    InputError
        Row numbers count the header as row 1, as editors and spreadsheets do.
    """
    try:
        return schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        case = errors.failure_cases.sort_values("index", kind="stable").iloc[0]
        raise broken(
            path,
            case["check"],
            case["failure_case"],
            row=int(case["index"]) + 2,
            column=case["column"],
        ) from None
