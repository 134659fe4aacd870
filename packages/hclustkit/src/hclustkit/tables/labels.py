"""The labels of a table: checked, and read with their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from hclustkit.tables.cells import Cell, check_file, decode, text_rows
from hclustkit.tables.layout import Grid, lay_out, text_of
from hclustkit.tables.reading import Reading
from hclustkit.tables.shape import Roles, tells_apart

_LOOKALIKE = str.maketrans("авекмнорстухіјёαεικνορτυχ‐–—−’‘ʻʼ", "abekmhopctyxijeaeiknoptyx----''''")
"""Cyrillic and Greek letters and marks that look like others, in upper or lower case; ё and е."""


def labels_of(grid: Grid, roles: Roles) -> list[str]:
    """Return the trimmed labels; row numbers where no column holds them."""
    if roles.label is None:
        return [str(at) for at in range(1, len(grid.rows) + 1)]
    return [text_of(cell) for cell in grid.columns[roles.label]]


def refuse_unclear_labels(grid: Grid, labels: Sequence[str], raw: Sequence[Cell]) -> None:
    """Refuse labels that are empty, repeated, or differ by blanks, case or nothing visible."""
    seen: dict[str, int] = {}
    for at, label in enumerate(labels):
        if not label:
            text = "the label is empty: fill it in, or name another column with label="
            raise grid.fault(text, "empty-label", grid.place(at), "")
        seen_as = unicodedata.normalize("NFKC", label)
        key = "".join(c for c in seen_as if unicodedata.category(c) != "Cf")
        first = seen.setdefault(key.casefold().translate(_LOOKALIKE), at)
        if first == at:
            continue
        place = f"rows {grid.rows[first]} and {grid.rows[at]}"
        if raw[first] == raw[at]:
            text, rule = f"label {label!r} appears more than once", "duplicate-label"
        else:
            text = f"labels {raw[first]!r} and {raw[at]!r} differ by blanks, case or look only"
            rule = "similar-label"
        name = next((n for n, cells in grid.columns.items() if cells is raw), "")
        apart = tells_apart(grid, name, label)
        other = f"rename one or leave them out with drop={label!r}"
        text += f"; {apart or other}, or name another column with label="
        raise grid.fault(text, rule, place, label)


def read_names(path: str | Path, labels: Iterable[str]) -> dict[str, str]:
    """Read readable names of labels from a CSV file.

    Parameters
    ----------
    path : path
        The first column holds labels; names come from a column ``name_en``, or the second.
    labels : iterable of str

    Returns
    -------
    dict
        Label to name; labels that the file does not list keep their own name.

    Raises
    ------
    InputError
        The file is missing, empty or ragged.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "names.csv"
    >>> _ = path.write_text("code,name_en\\nx,The X\\n")
    >>> read_names(path, ["x", "y"])
    {'x': 'The X', 'y': 'y'}
    """
    path = Path(path)
    check_file(path)
    text, encoding = decode(path.read_bytes(), path.name, None)
    rows, separator = text_rows(text, path.name, None, None)
    reading = Reading(path.name, "text", encoding=encoding, separator=separator)
    grid = lay_out(rows, reading)
    names = list(grid.columns)
    if len(names) < 2:
        raise grid.fault("a column of names is needed beside the labels", "no-column")
    column = "name_en" if "name_en" in names else names[1]
    pairs = zip(grid.columns[names[0]], grid.columns[column], strict=True)
    known = {text_of(label): text_of(name) for label, name in pairs}
    return {label: known.get(label, label) for label in labels}
