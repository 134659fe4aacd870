"""Numbers as people write them: decimal and thousands marks, percent signs, missing cells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from hclustkit.errors import refusal
from hclustkit.tables.cells import Cell
from hclustkit.tables.percents import Percent
from hclustkit.tables.words import WORDS

MARKERS = frozenset(WORDS["markers of missing cells"])
"""What stands for a missing cell, in lower case."""

WITHHELD = frozenset(WORDS["marks of withheld numbers"])
_FORMS = re.compile(r":\s*[a-z]{0,3}|\[\D{0,20}\]|\([a-z]{1,2}\)|\*+")
"""Markers by their form: Eurostat's, those of British and American offices."""

UNITS = "%\u2030$\u00a2\u00a3\u00a4\u00a5" + "".join(map(chr, range(0x20A0, 0x20C2)))
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2011": "-"})
_PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")


def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"[1-9][0-9]{{0,2}}(?P<mark>[{thousands} '\u2019])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*"
    return re.compile(
        rf"[-+]?(?:{grouped}(?:[{decimal}][0-9]*)?"
        rf"|[0-9]*(?:[{decimal}][0-9]*)?(?<=[0-9{decimal}])(?:[eE][-+]?[0-9]+)?)"
    )


_PATTERNS = {".": _pattern(".", ","), ",": _pattern(",", ".")}


def is_missing(cell: Cell, among_numbers: bool = False) -> bool:
    """Tell whether a cell holds a marker of a missing value; some are one only among numbers."""
    if isinstance(cell, float):
        return False
    text = cell.strip().lower()
    if text in MARKERS or not among_numbers:
        return text in MARKERS
    return text in WITHHELD or (text[0] in ":[(*" and _FORMS.fullmatch(text) is not None)


def unit_of(cell: Cell) -> str:
    """Return the percent or currency sign around a number, or an empty string."""
    if isinstance(cell, Percent):
        return "%"
    text = cell.strip() if isinstance(cell, str) else ""
    return text[-1] if text and text[-1] in UNITS else text[0] if text and text[0] in UNITS else ""


def parse(cell: Cell, decimal: str) -> float | None:
    """Return the number that a cell writes with this decimal mark; None where it writes none."""
    if isinstance(cell, float):
        return cell
    if usual := _PLAIN.fullmatch(cell):  # nearly every cell, and much faster
        sign, whole, part = usual.groups()
        if part is None or decimal == ".":
            return float(cell)
        grouped = len(part) == 3 and len(whole) <= 3 and whole[0] != "0"
        return float(sign + whole + part) if grouped else None
    text = _SPACES.sub(" ", cell.strip().strip(UNITS).strip().translate(_MINUS))
    match = _PATTERNS[decimal].fullmatch(text)
    if match is None or not re.search("[0-9]", text):
        return None
    mark = match["mark"]
    plain = text.replace(mark, "") if mark else text
    return float(plain.replace(",", "."))


def is_number(cell: Cell) -> bool:
    """Tell whether a cell is a number with either decimal mark."""
    return parse(cell, ".") is not None or parse(cell, ",") is not None


def thousands_mark(cell: Cell, decimal: str) -> str:
    """Return the mark that parts the thousands of a cell, or an empty string."""
    if isinstance(cell, float) or (decimal == "." and _PLAIN.fullmatch(cell)):
        return ""
    text = cell.strip().strip(UNITS).strip().translate(_MINUS)
    match = _PATTERNS[decimal].fullmatch(_SPACES.sub(" ", text))
    return (match["mark"] or "") if match else ""


def _decimal_marks(
    cells: Iterable[tuple[str, Cell]],
) -> tuple[dict[str, tuple[str, Cell]], tuple[str, Cell, float, float] | None]:
    """Find the first cell that can be read with one mark only, by mark, and the first in doubt."""
    proof: dict[str, tuple[str, Cell]] = {}
    doubt: tuple[str, Cell, float, float] | None = None
    for place, cell in cells:
        if isinstance(cell, float) or not ("," in cell or "." in cell):
            continue
        point, comma = parse(cell, "."), parse(cell, ",")
        if point is not None and comma is None:
            proof.setdefault(".", (place, cell))
        elif comma is not None and point is None:
            proof.setdefault(",", (place, cell))
        elif point is not None and comma is not None and point != comma:
            doubt = doubt or (place, cell, point, comma)
    return proof, doubt


def find_decimal(
    cells: Iterable[tuple[str, Cell]], name: str, others: Iterable[tuple[str, Cell]] = ()
) -> str:
    """Find the decimal mark of some numbers of a file.

    Parameters
    ----------
    cells : iterable of (place, cell)
    name : str
        Name of the file, for messages.
    others : iterable of (place, cell), optional
        More of the file: they decide where ``cells`` leave a doubt, and break no rule.

    Returns
    -------
    str
        ``"."`` or ``","``.

    Raises
    ------
    InputError
        Cells that prove different marks, or that can be read in two ways with nothing in the
        file to decide.
    """
    proof, doubt = _decimal_marks(cells)
    if len(proof) == 2:
        (one, first), (two, second) = proof["."], proof[","]
        text = (
            f"{name}: {one} has {first!r} and {two} has {second!r}: "
            "a decimal point and a decimal comma in one file; say which with decimal="
        )
        raise refusal(text, f"{name}, {one}", "mixed-decimal", (first, second))
    proof = proof or _decimal_marks(others)[0]
    if doubt is not None and len(proof) != 1:
        place, cell, point, comma = doubt
        text = (
            f'{name}: {place}: {cell!r} may be {point:.12g}, with decimal=".", or {comma:.12g}, '
            'with decimal=",", and no other cell decides: say which'
        )
        raise refusal(text, f"{name}, {place}", "ambiguous-number", cell)
    return next(iter(proof)) if len(proof) == 1 else "."


def number(cell: Cell, decimal: str, place: str, name: str) -> float:
    """Return the number in a cell, or raise `InputError` with its place."""
    value = parse(cell, decimal)
    if value is None:
        text = (
            f"{name}: {place}: {cell!r} is not a number: mend it, or leave its row or column out "
            "with drop="
        )
        raise refusal(text, f"{name}, {place}", "not-a-number", cell)
    if not math.isfinite(value):
        text = f"{name}: {place}: {cell!r} is not a finite number"
        raise refusal(text, f"{name}, {place}", "not-finite", cell)
    return value
