"""The form of the raw files: readable text, header, types, keys, all regions in every year.

What a file must look like is written in ``datapackage.json``. frictionless checks it, pandera
checks the frames; their findings are put into plain words with file, row, column, rule and
value.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from hclustkit.errors import InputError

from kzclusters.evidence import rules
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import DESCRIPTOR, NATION, Field, Resource, read_frame
from kzclusters.evidence.text_tables import read_rows, read_text

PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

# A wrong cell also changes the file's hash and size: the cell is what the reader must hear of.
_SEAL_ERRORS = ("hash-count", "byte-count", "row-count")
_HEADER_ERRORS = ("extra-label", "incorrect-label", "missing-label", "blank-label")
_CONSTRAINTS = {
    "minimum": "the number is not below {}",
    "maximum": "the number is not above {}",
    "unique": "no two cells of the column are the same",
    "enum": "the cell is one of {}",
    "pattern": "the cell has the form {}",
}
_TYPES = {"integer": "a whole number", "number": "a number", "string": "text"}


def check_text(path: Path, resource: Resource) -> None:
    """Check that the file is UTF-8 text whose number cells are plain numbers.

    A plain number has digits 0 to 9 and a decimal point. Python and pandas disagree about
    others, such as digits of other scripts or a no-break space before the number.

    Raises
    ------
    InputError
        The first broken rule.
    """
    if not path.read_bytes().strip():
        raise rule_error(path, "not-empty", "the file is not empty")
    text = read_text(path)
    if "\x00" in text:
        at = text.count("\n", 0, text.index("\x00")) + 1
        raise rule_error(path, "utf-8", "the file is UTF-8", "a zero byte", row=at)
    fields = resource.get("schema", {}).get("fields", [])
    numeric = [i for i, field in enumerate(fields) if field["type"] in ("integer", "number")]
    for number, row in enumerate(read_rows(path, text)[1:], start=2):
        for at in numeric if len(row) == len(fields) else []:
            if row[at] and not PLAIN_NUMBER.fullmatch(row[at]):
                says = "a number is written with the digits 0 to 9 and a decimal point"
                column = fields[at]["name"]
                raise rule_error(path, "plain-number", says, row[at], row=number, column=column)


def check_package(folder: Path, chosen: list[Resource]) -> InputError | None:
    """Check schema, constraints and fingerprint of the chosen resources with frictionless.

    Returns
    -------
    InputError or None
        A file that is not the sealed one is returned, not raised: whoever finds the wrong cell
        in it first has more to say.

    Raises
    ------
    InputError
        A file is missing or breaks its schema.
    """
    from frictionless import FrictionlessException, Package  # slow to import, needed here alone

    described: list[dict[str, Any]] = []
    for resource in chosen:
        path = folder / resource["path"]
        if not path.is_file():
            if resource.get("absent"):
                continue
            raise rule_error(path, "file-present", "the file is there", more="it is missing")
        plain: dict[str, Any] = copy.deepcopy({**resource})
        if resource["path"].endswith(".csv"):
            check_text(path, resource)
            # what is not said is guessed: semicolons would pass, and not be understood later
            plain["dialect"] = {"delimiter": ","}
        described.append(plain)
    package = {"profile": "data-package", "name": "raw", "resources": described}
    try:
        report = Package(package, basepath=str(folder)).validate()
        errors = [found.message for found in report.errors]
    except FrictionlessException as invalid:
        errors = [" ".join(str(invalid).split())]
    if errors:
        says = "the data package is valid"
        raise rule_error(folder / DESCRIPTOR, "data-package", says, more=errors[0])
    by_name = {resource["name"]: resource for resource in chosen}
    unsealed = [r for r in chosen if not (r.get("absent") or {"hash", "bytes"} <= r.keys())]
    changed = _unsealed(folder / unsealed[0]["path"]) if unsealed else None
    for task in report.tasks:
        for error in sorted(task.errors, key=lambda error: error.type in _SEAL_ERRORS)[:1]:
            resource = by_name[task.name]
            path = folder / resource["path"]
            if error.type not in _SEAL_ERRORS:
                raise _in_plain_words(path, error, resource)
            changed = changed or _unsealed(path)
    return changed


def _unsealed(path: Path) -> InputError:
    """Build the error for a file that has changed since the last seal."""
    says = "the file has the hash, size and rows of the sealed one"
    more = "after a deliberate change of the data run `make seal`"
    return rule_error(path, "seal", says, more=more)


def _in_plain_words(path: Path, error: Any, resource: Resource) -> InputError:
    """Say in plain words what frictionless found, with the place and the cell."""
    row = getattr(error, "row_number", None)
    column = getattr(error, "field_name", None) or getattr(error, "label", None)
    fields: dict[Any, Field] = {
        field["name"]: field for field in resource.get("schema", {}).get("fields", [])
    }
    cell = getattr(error, "cell", None) or getattr(error, "label", None)
    first = re.search(r"the same as in the row at position (\d+)$", error.note)
    if first:  # a key of one column is reported as one of several is
        names = [column] if column else resource["schema"]["primaryKey"]
        cells = dict(zip(fields, error.cells, strict=False))
        key = ", ".join(f"{name} {cells[name]}" for name in names)
        more = f"it is also in row {first[1]}"
        return rule_error(path, "duplicate-key", "a key is given once", key, more=more, row=row)
    if error.type in _HEADER_ERRORS:
        if len(error.labels) == 1 < len(fields):
            says = "cells are separated by commas"
            return rule_error(path, "separator", says, error.labels[0], row=1)
        there = error.field_number <= len(error.labels)
        wanted = repr(error.field_name) if error.field_name else "not there"
        says = f"column {error.field_number} is {wanted}"
        return rule_error(path, "header", says, error.label if there else "nothing", row=1)
    if error.type == "missing-cell" or error.note.startswith('constraint "required"'):
        return rule_error(path, "empty-cell", "the cell is not empty", row=row, column=column)
    if error.type == "extra-cell":
        says = f"a row has {len(fields)} cells"
        return rule_error(path, "extra-cell", says, len(error.cells), row=row)
    if error.type == "blank-row":
        return rule_error(path, "blank-row", "no row is blank", row=row)
    if error.type == "type-error":
        says = f"the cell is {_TYPES.get(fields[column]['type'], fields[column]['type'])}"
        return rule_error(path, "cell-type", says, cell, row=row, column=column)
    constraint = re.match(r'constraint "(\w+)"', error.note)
    if constraint and constraint[1] in _CONSTRAINTS:
        given = fields[column]["constraints"][constraint[1]]
        given = ", ".join(map(str, given)) if isinstance(given, list) else given
        says = _CONSTRAINTS[constraint[1]].format(given)
        return rule_error(path, constraint[1], says, cell, row=row, column=column)
    says = "the file is a table of cells separated by commas"
    return rule_error(path, "readable-table", says, cell, more=error.note, row=row, column=column)


def _series_schema(resource: Resource, regions: list[str]) -> pa.DataFrameSchema:
    """Build what frictionless cannot check: which regions, finite and positive numbers."""
    allowed = regions + ([NATION] if resource.get("national_row") else [])
    says = "region is one of the 16 codes of regions.csv"
    columns = {"region": pa.Column(str, rules.check("known-region", says, isin=allowed))}
    finite = rules.check("finite", "the number is finite", holds=lambda x: np.isfinite(x))
    amount = rules.check("not-negative", "no negative amounts", holds=lambda x: x >= 0)
    for field in resource["schema"]["fields"]:
        if field["type"] in ("integer", "number") and field["name"] != "year":
            columns[field["name"]] = pa.Column(checks=[finite, amount], nullable=True)
    return pa.DataFrameSchema(columns)


def _lost(frame: pd.DataFrame, regions: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each region that a year lacks, with the words for the year."""
    years = frame.groupby("year") if "year" in frame else [(None, frame)]
    for year, group in years:
        there = set(group["region"])
        for region in regions:
            if region not in there:
                yield region, "" if year is None else f" in {year}"


def check_frame(folder: Path, resource: Resource, regions: list[str]) -> None:
    """Check a series: known regions, each of them once a year, finite, no negative amounts.

    A partial series has the regions that its description lists under ``covers``; one that
    lists none may have any.

    Raises
    ------
    InputError
        The first broken rule.
    """
    path = folder / resource["path"]
    frame = read_frame(folder, resource)
    rules.validate(path, _series_schema(resource, regions), frame)
    whole = resource["role"] == "series"
    wanted = regions if whole else resource.get("covers", [])
    says = "the 16 regions" if whole else f"the {len(wanted)} regions that the series covers"
    says += " are present once per year"
    for region, when in _lost(frame, wanted):
        more = f"it is missing{when}"
        raise rule_error(path, "all-regions", says, region, more=more, column="region")
    covered = frame["region"].isin(wanted).to_numpy()
    if wanted and not whole and not covered.all():
        at = int(np.flatnonzero(~covered)[0])
        value = frame["region"].iloc[at]
        says = "the region is one that the series covers"
        raise rule_error(path, "covered-region", says, value, row=at + 2, column="region")


def check_codes(folder: Path, resource: Resource, regions: list[str]) -> None:
    """Check that a reference table names known regions only, and each where regions are its key.

    Raises
    ------
    InputError
        A cell that is not one of the 16 codes, or that is read as an empty one; a region that
        is missing, or has the same cells as another.
    """
    path, frame = folder / resource["path"], read_frame(folder, resource)
    says = "region is one of the 16 codes of regions.csv"
    known = pa.Column(str, rules.check("known-region", says, isin=regions))
    columns = {name: known for name in frame if name.startswith("region")}
    rules.validate(path, pa.DataFrameSchema(columns), frame)
    for field in resource["schema"]["fields"]:
        empty = frame[field["name"]].isna().to_numpy()
        if field.get("constraints", {}).get("required") and empty.any():
            says = "the cell is not empty, nor a word such as NA that is read so"
            at = int(np.flatnonzero(empty)[0]) + 2
            raise rule_error(path, "empty-cell", says, row=at, column=field["name"])
    if "region" in frame:
        for region, _ in _lost(frame, regions):
            raise rule_error(path, "all-regions", "the 16 regions are present", region)
        again = frame.drop(columns="region").duplicated().to_numpy()
        if again.any():
            row = int(np.flatnonzero(again)[0])
            says = "no two regions have the same cells"
            raise rule_error(path, "own-cells", says, frame["region"][row], row=row + 2)
