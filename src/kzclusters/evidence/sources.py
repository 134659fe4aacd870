"""The official series in ``data/raw``: check them, then read them.

``datapackage.json`` says what each file is, what its cells may hold, its SHA-256, and which
sums must come out. `check` looks at all of it before anything is computed and stops at the
first broken rule with one message that names file, row, column, rule and value.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from frictionless import Package
from frictionless import errors as frictionless_errors
from hclustkit.errors import InputError
from hclustkit.files import sha256, write_json

from kzclusters import paths
from kzclusters.command import command
from kzclusters.evidence.rules import broken, validate, wrong

DESCRIPTOR = "datapackage.json"
NATION = "KZ"
"""The code of the whole country in the series that print a national row."""

# A wrong cell also changes the file's hash and size: the cell is what the reader must hear of.
_WHOLE_FILE_ERRORS = (
    frictionless_errors.HashCountError.type,
    frictionless_errors.ByteCountError.type,
    frictionless_errors.RowCountError.type,
)

# A header that is not that of the schema.
_LABEL_ERRORS = (
    frictionless_errors.ExtraLabelError.type,
    frictionless_errors.IncorrectLabelError.type,
    frictionless_errors.MissingLabelError.type,
    frictionless_errors.BlankLabelError.type,
)


def descriptor(folder: Path | None = None) -> dict[str, Any]:
    """The content of ``datapackage.json``.

    Raises
    ------
    InputError
        The file is missing or is not JSON.
    """
    path = (folder or paths.RAW) / DESCRIPTOR
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{paths.shown(path)}: the file is missing") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{paths.shown(path)}: row {error.lineno}: not JSON: {error.msg}"
        ) from None


def resources(folder: Path | None = None) -> list[dict[str, Any]]:
    """All resources of the package in their order; ``present`` says whether the file is there."""
    folder = folder or paths.RAW
    return [
        {**resource, "present": (folder / resource["path"]).is_file()}
        for resource in descriptor(folder)["resources"]
    ]


def _check_package(
    folder: Path, package: dict[str, Any], chosen: list[dict[str, Any]]
) -> InputError | None:
    """Schema and constraints of the chosen resources, by frictionless.

    A file that is not the sealed one is returned, not raised: whoever finds the wrong cell in
    it first has more to say.
    """
    plain = copy.deepcopy(package)
    plain["resources"] = []
    for resource in chosen:
        if (folder / resource["path"]).is_file():
            # what is not said is guessed: semicolons would pass, and not be understood later
            dialect = {"dialect": {"delimiter": ","}} if resource["path"].endswith(".csv") else {}
            plain["resources"].append({**copy.deepcopy(resource), **dialect})
        elif not resource.get("absent"):
            raise broken(folder / resource["path"], "the file is there", more="it is missing")
    report = Package(plain, basepath=str(folder)).validate()
    if report.errors:
        raise InputError(f"{paths.shown(folder / DESCRIPTOR)}: {report.errors[0].message}")
    by_name = {resource["name"]: resource for resource in plain["resources"]}
    changed = None
    for task in report.tasks:
        found = sorted(task.errors, key=lambda error: error.type in _WHOLE_FILE_ERRORS)
        if not found:
            continue
        error, resource = found[0], by_name[task.name]
        path = folder / resource["path"]
        if error.type in _WHOLE_FILE_ERRORS:
            more = f"{error.note}; after a deliberate change of the data run `make seal`"
            changed = changed or broken(path, error.title.lower(), more=more)
            continue
        raise _told(path, error, resource.get("schema", {}))
    return changed


def _told(path: Path, error: frictionless_errors.Error, schema: dict[str, Any]) -> InputError:
    """What frictionless found in the file, in words that name the place and the cell."""
    row = getattr(error, "row_number", None)
    column = getattr(error, "field_name", None) or getattr(error, "label", None)
    fields = [field["name"] for field in schema.get("fields", [])]
    first = re.search(r"the same as in the row at position (\d+)$", error.note)
    if first:  # a key of one column is told as one of several is
        names = [column] if column else schema["primaryKey"]
        key = ", ".join(f"{name} {error.cells[fields.index(name)]}" for name in names)
        return wrong(path, f"{key} stands twice (rows {first[1]} and {row})")
    if error.type in _LABEL_ERRORS:
        if len(error.labels) == 1 < len(fields):
            text = f"it is one cell {error.labels[0]!r}: separate the cells by commas"
        else:
            there = error.field_number <= len(error.labels)
            found = repr(error.label) if there else "missing"
            wanted = repr(error.field_name) if error.field_name else "none"
            text = f"column {error.field_number} is {found}, {wanted} is expected"
        return wrong(path, text, row=1)
    cell = getattr(error, "cell", None)
    if error.type == "missing-cell" or error.note.startswith('constraint "required"'):
        return wrong(path, "the cell is empty", row=row, column=column)
    value = cell or getattr(error, "label", None)
    return broken(path, error.title.lower(), value, more=error.note, row=row, column=column)


def _frame(folder: Path, resource: dict[str, Any]) -> pd.DataFrame:
    # a wrong code may look like a number
    return pd.read_csv(folder / resource["path"], encoding="utf-8", dtype={"region": str})


def _series_schema(resource: dict[str, Any], regions: list[str]) -> pa.DataFrameSchema:
    """What frictionless cannot say: which regions, once a year each, finite numbers."""
    allowed = regions + ([NATION] if resource.get("national_row") else [])
    numbers = [
        field["name"]
        for field in resource["schema"]["fields"]
        if field["name"] not in ("region", "year")
    ]
    columns = {
        "region": pa.Column(
            str, pa.Check.isin(allowed, error="region is one of the 16 codes of regions.csv")
        )
    }
    for name in numbers:
        columns[name] = pa.Column(
            checks=[
                pa.Check(np.isfinite, error="the number is finite"),
                pa.Check.ge(0, error="no negative amounts"),
            ]
        )
    return pa.DataFrameSchema(columns)


def _check_frame(folder: Path, resource: dict[str, Any], regions: list[str]) -> None:
    frame = _frame(folder, resource)
    if frame.empty:
        raise broken(folder / resource["path"], "there is at least one row")
    validate(folder / resource["path"], _series_schema(resource, regions), frame)
    by_year = frame.groupby("year") if "year" in frame else [(None, frame)]
    for year, group in by_year:
        missing = [region for region in regions if region not in set(group["region"])]
        if missing:
            raise broken(
                folder / resource["path"],
                "the 16 regions are present once per year",
                column="region",
                value=missing[0],
                more=f"it is missing{f' in {year}' if year is not None else ''}",
            )


def _row_number(frame: pd.DataFrame, region: str, year: int) -> int:
    return int(np.flatnonzero((frame["region"] == region) & (frame["year"] == year))[0]) + 2


def _check_rule(folder: Path, rule: dict[str, Any], by_name: dict[str, dict[str, Any]]) -> None:
    """One rule of the package's ``rules``: sums that must come out."""
    kind = rule["rule"]

    def wide(name: str) -> pd.DataFrame:
        frame = _frame(folder, by_name[name])
        table = frame.pivot(index="region", columns="year", values="value")
        # as the file has them, the nation last: a wrong region is named before its sum
        return table.reindex(frame["region"].unique())

    def stop(name: str, region: str, year: int, text: str, more: str) -> InputError:
        frame = _frame(folder, by_name[name])
        row = _row_number(frame, region, year)
        return broken(
            folder / by_name[name]["path"],
            text,
            row=row,
            column="value",
            value=frame["value"].iloc[row - 2].item(),
            more=f"{region}, {year}: {more}",
        )

    if kind == "regions_sum_to_national":
        name, tolerance = rule["series"], rule["tolerance"]
        table = wide(name)
        if NATION not in table.index:
            raise broken(
                folder / by_name[name]["path"],
                "the national row is there",
                column="region",
                value=NATION,
                more="it is missing",
            )
        total = table.loc[NATION].dropna()
        difference = table.drop(index=NATION).sum()[total.index] - total
        for year, gap in difference.items():
            if str(year) not in rule.get("exceptions", {}) and abs(gap) > tolerance + 1e-6:
                raise stop(
                    name,
                    NATION,
                    year,
                    f"regions sum to the national row within {tolerance:g}",
                    f"the regions differ from it by {gap:.6g}",
                )
    elif kind == "parts_sum_to_total":
        total, tolerance = wide(rule["total"]), rule["tolerance"]
        difference = sum(wide(part) for part in rule["parts"]) - total
        for (region, year), gap in difference.stack().items():
            if abs(gap) > tolerance + 1e-6:
                raise stop(
                    rule["total"],
                    region,
                    year,
                    f"{' + '.join(rule['parts'])} sum to {rule['total']} within {tolerance:g}",
                    f"the sum differs by {gap:.6g}",
                )
    elif kind == "not_below":
        difference = wide(rule["series"]) - wide(rule["floor"])
        for (region, year), gap in difference.stack().items():
            if gap < 0:
                raise stop(
                    rule["series"],
                    region,
                    year,
                    f"{rule['series']} is not below {rule['floor']}",
                    f"it is lower by {-gap:.6g}",
                )
    else:
        raise InputError(f"{paths.shown(folder / DESCRIPTOR)}: unknown rule {kind!r}")


def _rule_names(rule: dict[str, Any]) -> set[str]:
    """Series that a rule looks at."""
    single = [rule[key] for key in ("series", "total", "floor") if key in rule]
    return {*single, *rule.get("parts", [])}


def check(folder: Path | None = None, only: str | None = None) -> list[str]:
    """Check everything in the raw folder; return one line for each thing checked.

    Parameters
    ----------
    folder : the raw folder; the project's own by default.
    only : name of one resource, to check a file just added, with the sums it takes part in.

    Raises
    ------
    InputError
        The first broken rule, with file, row, column, rule and value; or the file of ``only``
        is not there.
    """
    folder = folder or paths.RAW
    package = descriptor(folder)
    by_name = {resource["name"]: resource for resource in package["resources"]}
    if only is not None and only not in by_name:
        raise InputError(f"{paths.shown(folder / DESCRIPTOR)}: there is no resource {only!r}")
    chosen = [r for r in package["resources"] if only in (None, r["name"])]
    if only is not None and chosen[0].get("absent") and not (folder / chosen[0]["path"]).is_file():
        path = paths.shown(folder / chosen[0]["path"])
        raise InputError(f"{path} is not there (declared absent)")
    changed = _check_package(folder, package, chosen)
    present = [r for r in chosen if (folder / r["path"]).is_file()]
    codes = list(_frame(folder, by_name["regions"])["region"])
    if len(codes) != 16:
        raise broken(folder / by_name["regions"]["path"], "there are 16 regions", len(codes))
    done = [f"{len(present)} files: schema, constraints, SHA-256"]
    series = [resource for resource in present if resource["role"] == "series"]
    for resource in series:
        _check_frame(folder, resource, codes)
    if changed is not None:
        raise changed
    done.append(f"{len(series)} series: the 16 regions once per year, finite, no negative amounts")
    rules = [rule for rule in package["rules"] if only is None or only in _rule_names(rule)]
    for rule in rules:
        _check_rule(folder, rule, by_name)
    done.append(f"{len(rules)} sums and bounds between rows and series")
    return done


def regions(folder: Path | None = None) -> pd.DataFrame:
    """The 16 regions in case order: index the code; names, kind, centre."""
    return pd.read_csv((folder or paths.RAW) / "regions.csv", index_col="region", encoding="utf-8")


def series(folder: Path | None = None) -> dict[str, pd.DataFrame]:
    """Every series that is present, by name.

    Returns
    -------
    dict of DataFrame
        Rows the regions in case order, then ``KZ`` where the source prints it. Columns the
        years, or the columns of the file for a series without years.
    """
    folder = folder or paths.RAW
    order = [*regions(folder).index, NATION]
    found = {}
    for resource in resources(folder):
        if resource["role"] != "series" or not resource["present"]:
            continue
        frame = _frame(folder, resource)
        if "year" in frame:
            frame = frame.pivot(index="region", columns="year", values="value")
        else:
            frame = frame.set_index("region")
        found[resource["name"]] = frame.loc[[code for code in order if code in frame.index]]
    return found


def seal(folder: Path | None = None) -> None:
    """Write the present files' SHA-256, bytes, rows and years into ``datapackage.json``.

    For a deliberate change of the data only: the seal is what tells an accident from it.
    """
    folder = folder or paths.RAW
    package = descriptor(folder)
    for resource in package["resources"]:
        path = folder / resource["path"]
        if resource.get("absent") or not path.is_file():
            continue
        resource["hash"] = f"sha256:{sha256(path)}"
        resource["bytes"] = path.stat().st_size
        if resource["path"].endswith(".csv"):
            frame = _frame(folder, resource)
            resource["rows"] = len(frame)
            if "year" in frame:
                resource["years"] = f"{frame['year'].min()}-{frame['year'].max()}"
    write_json(folder / DESCRIPTOR, package)


@command
def main(arguments: list[str] | None = None) -> int:
    """``python -m kzclusters.evidence.sources check|seal``."""
    parser = argparse.ArgumentParser(
        prog="kzclusters.evidence.sources", description=__doc__.split("\n")[0]
    )
    parser.add_argument("command", choices=("check", "seal"))
    parser.add_argument("--only", metavar="NAME", help="check one resource, say a file just added")
    given = parser.parse_args(arguments)
    if given.command == "seal":
        seal()
        return 0
    for line in check(only=given.only):
        print(f"raw data checked: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
