"""Writing files: completely or not at all, and only when the content differs; their fingerprints.

An unchanged file keeps its modification time, so ``make`` does not rebuild what follows
from it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SIGNIFICANT_DIGITS = 12
"""Digits kept in written numbers: what is the same on every processor and library build."""


def sha256(path: Path) -> str:
    """Compute the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` through a temporary file in the same folder."""
    path = Path(path)
    if path.is_file() and path.read_bytes() == content:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        # mkstemp makes private files; results are as readable as any other file of the user
        umask = os.umask(0o077)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def write_text(path: str | Path, text: str) -> Path:
    """Write ``text`` as UTF-8 with ``\\n`` line ends."""
    return write_bytes(path, text.encode("utf-8"))


def round_significant(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """Round a number to ``digits`` significant digits; never ``-0.0``."""
    if not math.isfinite(value):
        return value
    return float(f"{value:.{digits}g}") + 0.0


_LIVE = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet takes for a formula."""


def guard(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    A text that begins with an apostrophe gets another one, so that `unguard` gives it back.

    Examples
    --------
    >>> guard("=1+1"), guard("Alpha"), guard(-1.5)
    ("'=1+1", 'Alpha', -1.5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith((*_LIVE, "'")) else value


def unguard(value: Any) -> Any:
    """Take away the apostrophe that `guard` has put before a text.

    Examples
    --------
    >>> unguard(guard("=1+1"))
    '=1+1'
    """
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith((*_LIVE, "'")):
        return value[1:]
    return value


def _map_texts(frame: pd.DataFrame, change: Callable[[Any], Any]) -> pd.DataFrame:
    """Change the texts of a table: its cells, its index, its headings and their names."""
    changed = frame.copy()
    for position, kind in enumerate(changed.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)):
            changed.isetitem(position, changed.iloc[:, position].map(change).array)
    for axis in (0, 1):
        labels = changed.axes[axis]
        names = [change(name) for name in labels.names]
        if labels.nlevels > 1:
            each = [tuple(map(change, label)) for label in labels]
            labels = pd.MultiIndex.from_tuples(each)
        elif not pd.api.types.is_numeric_dtype(labels.dtype):
            labels = pd.Index(list(map(change, labels)), tupleize_cols=False)
        changed = changed.set_axis(labels.set_names(names), axis=axis)
    return changed


def write_csv(path: str | Path, frame: pd.DataFrame, *, index: bool = False) -> Path:
    """Write ``frame`` as CSV: UTF-8, ``\\n``, floats to `SIGNIFICANT_DIGITS`, missing empty.

    No text in it is a formula to a spreadsheet: see `guard`. `read_csv` reads it back.
    """
    rounded = _map_texts(frame, guard)
    for position, kind in enumerate(rounded.dtypes):
        if pd.api.types.is_float_dtype(kind):
            column = rounded.iloc[:, position].map(round_significant)
            rounded.isetitem(position, column.array)
    return write_text(path, rounded.to_csv(index=index, lineterminator="\n"))


def read_csv(path: str | Path, **options: Any) -> pd.DataFrame:
    """Read what `write_csv` has written; the options are those of `pandas.read_csv`."""
    return _map_texts(pd.read_csv(path, encoding="utf-8", **options), unguard)


def _plain(value: Any) -> Any:
    """Return a value in JSON's types: tables as rows, numbers rounded, None for NaN."""
    if isinstance(value, pd.DataFrame):
        frame = value if has_default_index(value) else value.reset_index()
        return [_plain(row) for row in frame.to_dict("records")]
    if isinstance(value, (pd.Series, Mapping)):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return round_significant(value) if math.isfinite(value) else None
    return value


def has_default_index(frame: pd.DataFrame) -> bool:
    """Tell whether the index of a table only numbers its rows from 0."""
    index = frame.index
    return (
        index.name is None
        and index.nlevels == 1
        and pd.api.types.is_integer_dtype(index)
        and bool(np.array_equal(index.to_numpy(), np.arange(len(index))))
    )


def write_json(path: str | Path, content: Any) -> Path:
    """Write ``content`` as indented JSON in the order given; a table by its rows, NaN as null."""
    text = json.dumps(_plain(content), ensure_ascii=False, indent=2, allow_nan=False)
    return write_text(path, text + "\n")
