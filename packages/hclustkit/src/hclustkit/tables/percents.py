"""Cells of a workbook that are shown as percent."""

from __future__ import annotations

import functools
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_ODS = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


class Percent(float):
    """A number that a workbook shows with a percent sign: as shown, and not as stored."""


def mark_percents(rows: list[tuple[int, list[Any]]], places: Iterable[tuple[int, int]]) -> None:
    """Replace the numbers of cells that are shown as percent by those that are shown."""
    by_number = dict(rows)
    for number, column in places:
        row = by_number.get(number, [])
        if column < len(row) and isinstance(row[column], float):
            row[column] = Percent(f"{100 * row[column]:.15g}")


def xlsx_percents(path: Path, text: str) -> Iterator[tuple[int, int]]:
    """Find the cells of an xlsx file that are shown as percent: number of the row, place in it."""
    with zipfile.ZipFile(path) as book:
        styles = list(ElementTree.fromstring(book.read("xl/styles.xml")).iter())
    codes = ((x, re.sub(r'"[^"]*"|\\.', "", x.get("formatCode", ""))) for x in styles)
    kinds = {x.get("numFmtId") for x, code in codes if "%" in code} | {"9", "10"}
    listed = next((x for x in styles if x.tag.endswith("}cellXfs")), ())
    marked = {str(at) for at, x in enumerate(listed) if x.get("numFmtId") in kinds}
    for tag in re.findall(r"<c [^>]*", text) if marked else ():
        said = dict(re.findall(r'\b([rs])="(\w+)"', tag))
        name, number = re.findall(r"[A-Z]+|\d+", said.get("r", "")) or ("A", 0)
        if said.get("s") in marked:
            at = functools.reduce(lambda at, letter: 26 * at + ord(letter) - 64, name, 0)
            yield int(number), at - 1


def ods_percents(path: Path, sheet: str) -> Iterator[tuple[int, int]]:
    """Find the cells of an ODS file that are shown as percent, as in `xlsx_percents`."""
    with zipfile.ZipFile(path) as book:
        tables = ElementTree.fromstring(book.read("content.xml")).iter(f"{_ODS}table")
    found = (x.iter(f"{_ODS}table-row") for x in tables if x.get(f"{_ODS}name") == sheet)
    number = 0
    for row in itertools.chain.from_iterable(found):
        column, first = 0, number + 1
        number += int(row.get(f"{_ODS}number-rows-repeated", 1))
        for cell in row:
            begin, column = column, column + int(cell.get(f"{_ODS}number-columns-repeated", 1))
            if "percentage" in cell.attrib.values():
                yield from itertools.product(range(first, number + 1), range(begin, column))
