"""A table of the paper, and how its cells are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from hclustkit.errors import InputError

from kzclusters.publish.paper.values import write_value

Cell = str | tuple[str, str]
"""Text, or (language, text)."""

Rows = Sequence[Sequence[Cell]]
"""The cells of a table whose heads are in ``layout.yml``."""


@dataclass(frozen=True)
class Table:
    """What a table shows.

    Attributes
    ----------
    header : one text a column
    rows : as long as the header each
    align : one letter a column: l, r or c
    widths : shares of the text width; None fits the columns to their content
    size : of the type, "normal", "small" or "tiny"
    """

    header: Sequence[str]
    rows: Rows
    align: str
    widths: Sequence[float] | None = None
    size: str = "normal"

    @property
    def crowded(self) -> bool:
        """Whether Word, whose type runs wide, needs its smallest for that many columns."""
        return len(self.header) > 14

    def __post_init__(self) -> None:
        n = len(self.header)
        if len(self.align) != n or (self.widths is not None and len(self.widths) != n):
            raise InputError(f"table {self.header!r}: alignment or widths do not fit the header")
        if not self.rows or any(len(row) != n for row in self.rows):
            raise InputError(f"table {self.header!r}: no rows, or one of another length")


def tabulate(
    heads: str, rows: Rows, align: str, widths: Sequence[float] | None = None, size: str = "small"
) -> Table:
    """Make a table with the heads of its columns in one text: ``"Region | Value"``."""
    return Table(heads.split(" | "), rows, align, widths, size)


def by_region(frame: pd.DataFrame, write: Callable[[Any], str], size: str) -> Table:
    """Make a table of the regions, whose names are the index, with a way to write the cells."""
    cells = zip(frame.index, frame.to_numpy(), strict=True)
    rows = [(name, *map(write, row)) for name, row in cells]
    return Table(("Region", *frame.columns), rows, "l" + "r" * frame.shape[1], None, size)


def number(value: Any, digits: int = 2) -> str:
    """Write a number with ``digits`` decimals and a true minus; empty where there is none."""
    return "" if pd.isna(value) else write_value(float(value), f"n:{digits}")


def significant(value: Any, digits: int = 3) -> str:
    """Write ``digits`` significant digits, or all digits before the point."""
    if pd.isna(value):
        return ""
    before = len(str(int(abs(float(value)))))
    return number(value, max(0, digits - before))


def percent(value: Any, digits: int = 1) -> str:
    """Write a share as a percentage."""
    return write_value(float(value), f"percent:{digits}")
