"""Reading ``data/raw``: the data package that describes it, regions, series, partial series."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypedDict, cast, get_args, get_origin, get_type_hints, is_typeddict

import pandas as pd
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence.rules import rule_error

DESCRIPTOR = "datapackage.json"
NATION = "KZ"
"""The code of the whole country in the series that print a national row."""


class Licence(TypedDict):
    """Terms of reuse of one file."""

    name: str
    title: str


class SecondCopy(TypedDict):
    """A recorded comparison with another official copy; it cannot be run again from here."""

    copy: str
    compared: int
    agree: int
    within: str
    remark: str


class _Field(TypedDict):
    name: str
    type: Literal["integer", "number", "string"]


class Field(_Field, total=False):
    """A column of a table, and what its cells may hold."""

    constraints: dict[str, Any]


class _Schema(TypedDict):
    fields: list[Field]


class Schema(_Schema, total=False):
    """The columns of a table, and those that are its key."""

    primaryKey: list[str]


class _Resource(TypedDict):
    name: str
    path: str
    role: Literal["series", "partial", "article", "reference"]
    title: str
    publisher: str
    official_table: str
    read_from: str
    licenses: list[Licence]


class Resource(_Resource, total=False):
    """One file of ``data/raw`` as ``datapackage.json`` describes it."""

    type: str
    description: str
    unit: str
    national_row: bool
    absent: bool
    present: bool
    covers: list[str]
    checks_made: list[str]
    second_copy: SecondCopy
    schema: Schema
    hash: str
    bytes: int
    rows: int
    years: str


class Package(TypedDict):
    """The content of ``datapackage.json`` as far as the code reads it."""

    licenses: list[Licence]
    resources: list[Resource]


def raw_folder(folder: Path | None = None) -> Path:
    """Return ``folder``, or the project's own ``data/raw`` where it is None."""
    return paths.RAW if folder is None else Path(folder)


def descriptor(folder: Path | None = None) -> Package:
    """Read ``datapackage.json``.

    Raises
    ------
    InputError
        The file is missing, is not JSON, or has no list of resources.
    """
    path = raw_folder(folder) / DESCRIPTOR
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except FileNotFoundError:
        raise rule_error(path, "file-present", "the file is there", more="it is missing") from None
    except UnicodeDecodeError as error:
        raise rule_error(path, "utf-8", "the file is UTF-8", f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        says = "the file is JSON"
        raise rule_error(
            path, "json", says, more=f"not JSON: {error.msg}", row=error.lineno
        ) from None
    except (ValueError, RecursionError) as error:
        raise rule_error(path, "json", "the file is JSON", more=str(error)) from None
    wrong = _misfit(found, Package, "the data package")
    seen: set[str] = set()
    for resource in [] if wrong else found["resources"]:
        again = seen & {resource["name"], resource["path"]}
        summed = resource["role"] in ("series", "partial")
        if again or (summed and "primaryKey" not in resource.get("schema", {})):
            wrong = f"{resource['name']} {'is described twice' if again else 'lacks primaryKey'}"
        seen |= {resource["name"], resource["path"]}
    if wrong:
        raise rule_error(path, "data-package", "the file describes each resource", more=wrong)
    return cast(Package, found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object; refuse a key that is given twice, since one value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{max(names, key=names.count)!r} is given twice")
    return found


def _no_number(text: str) -> None:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{text} is not a number")


_hints = cache(get_type_hints)  # of one of the kinds above


def _misfit(value: Any, kind: Any, place: str) -> str:
    """Say where a JSON value differs from its type, one of those above; empty where it fits."""
    plain, inner = get_origin(kind) or kind, get_args(kind)
    if is_typeddict(kind) and isinstance(value, dict):
        hints = _hints(kind)
        lost = sorted(kind.__required_keys__ - value.keys())
        if lost:
            return f"{value.get('name', place)} lacks {lost[0]}"
        at = value.get("name", place)
        parts = [(one, hints[key], f"{at}: {key}") for key, one in value.items() if key in hints]
    elif plain is list and isinstance(value, list):
        parts = [(one, inner[0], f"{place} {number}") for number, one in enumerate(value, 1)]
    else:
        fits = value in inner if plain is Literal else type(value) is plain
        return "" if fits else f"{place} is {value!r}"
    return next(filter(None, (_misfit(*part) for part in parts)), "")


def resources(folder: Path | None = None) -> list[Resource]:
    """List the files of the package in their order.

    ``present`` says whether the file is there; a recorded comparison with a second copy is
    added to ``checks_made`` as a sentence.
    """
    folder = raw_folder(folder)
    found = []
    for given in descriptor(folder)["resources"]:
        resource = given.copy()
        resource["present"] = (folder / given["path"]).is_file()
        if "second_copy" in given:
            sentence = second_copy_sentence(given["second_copy"])
            resource["checks_made"] = [*given["checks_made"], sentence]
        found.append(resource)
    return found


def second_copy_sentence(known: SecondCopy) -> str:
    """Say how far a second official copy agrees with ours, without a full stop."""
    agree, compared = known["agree"], known["compared"]
    sentence = (
        f"{known['copy'][:1].upper()}{known['copy'][1:]} agree {known['within']} in {agree} of "
        f"{compared} region-years"
    )
    return f"{sentence}; {known['remark']}" if known["remark"] else sentence


def read_frame(folder: Path, resource: Resource) -> pd.DataFrame:
    """Read one CSV file of the package as it is.

    Raises
    ------
    InputError
        The file cannot be read as a table.
    """
    path = folder / resource["path"]
    try:
        # a wrong code may look like a number
        frame = pd.read_csv(path, encoding="utf-8", dtype={"region": str, "note": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        says = "the file is a table of cells separated by commas"
        raise rule_error(path, "readable-table", says, more=str(error).strip()) from None
    if frame.empty:
        raise rule_error(path, "any-row", "there is at least one row")
    return frame


def regions(folder: Path | None = None) -> pd.DataFrame:
    """Return the 16 regions in case order: index the code; names, kind, centre."""
    path = raw_folder(folder) / "regions.csv"
    try:
        return pd.read_csv(path, index_col="region", encoding="utf-8")
    except FileNotFoundError:
        raise rule_error(path, "file-present", "the file is there", more="it is missing") from None
    except (ValueError, KeyError) as error:
        says = "the file is a table with a column region"
        raise rule_error(path, "readable-table", says, more=str(error)) from None


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the regions down, and the years or the columns of the file across."""
    if "year" in frame:
        return frame.pivot(index="region", columns="year", values="value")
    return frame.set_index("region")


def series(folder: Path | None = None) -> dict[str, pd.DataFrame]:
    """Return every complete series that is present, by name.

    Returns
    -------
    dict of DataFrame
        Rows the regions in case order, then ``KZ`` where the source prints it. Columns the
        years, or the columns of the file for a series without years.
    """
    folder = raw_folder(folder)
    order = [*regions(folder).index, NATION]
    found = {}
    for resource in resources(folder):
        if resource["role"] == "series" and resource["present"]:
            frame = _wide(read_frame(folder, resource))
            found[resource["name"]] = frame.loc[[code for code in order if code in frame.index]]
    return found


def partial_series(folder: Path | None = None) -> dict[str, pd.DataFrame]:
    """Return the series that cover some regions only, by name without ``partial_``.

    They never enter an indicator: `series` does not return them and no formula can name them.

    Returns
    -------
    dict of DataFrame
        As in the file: region, year, then one column for each quantity; an empty cell is one
        that the source leaves blank.
    """
    folder = raw_folder(folder)
    return {
        resource["name"].removeprefix("partial_"): read_frame(folder, resource)
        for resource in resources(folder)
        if resource["role"] == "partial" and resource["present"]
    }


def unknown_resource(folder: Path, name: str) -> InputError:
    """Build the error for a name that the package does not have."""
    path = folder / DESCRIPTOR
    says = "the resource is one of the package's"
    return rule_error(path, "known-resource", says, name, more=f"there is no resource {name!r}")
