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
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SIGNIFICANT_DIGITS = 12
"""Digits kept in written numbers: what is the same on every processor and library build."""


def sha256(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits."""
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
    """``value`` rounded to ``digits`` significant digits; never ``-0.0``."""
    if not math.isfinite(value):
        return value
    return float(f"{value:.{digits}g}") + 0.0


def write_csv(path: str | Path, frame: pd.DataFrame, *, index: bool = False) -> Path:
    """Write ``frame`` as CSV: UTF-8, ``\\n``, floats to `SIGNIFICANT_DIGITS`, missing empty."""
    rounded = frame.copy()
    for position, kind in enumerate(rounded.dtypes):
        if pd.api.types.is_float_dtype(kind):
            column = rounded.iloc[:, position].map(round_significant)
            rounded.isetitem(position, column.array)
    return write_text(path, rounded.to_csv(index=index, lineterminator="\n"))


def _plain(value: Any) -> Any:
    """``value`` as JSON knows it: numpy scalars and arrays, rounding, None for NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return round_significant(value) if math.isfinite(value) else None
    return value


def write_json(path: str | Path, content: Any) -> Path:
    """Write ``content`` as indented JSON in the order given; NaN becomes null."""
    text = json.dumps(_plain(content), ensure_ascii=False, indent=2, allow_nan=False)
    return write_text(path, text + "\n")
