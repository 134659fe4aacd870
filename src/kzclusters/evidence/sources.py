"""The raw data in ``data/raw``: read them, check them, seal them.

``datapackage.json`` says what each file is, what its cells may hold and its SHA-256;
``content_rules.yml`` says which identities hold between the series. `check` looks at all of it
before anything is computed and stops at the first broken rule with one message that names
file, row, column, rule and value.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from hclustkit.errors import InputError
from hclustkit.files import sha256, write_json

from kzclusters import paths
from kzclusters.command import command
from kzclusters.evidence import article, boundaries, content, control_sums, schema, sealed
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import (
    DESCRIPTOR,
    NATION,
    descriptor,
    partial_series,
    raw_folder,
    read_frame,
    regions,
    resources,
    series,
    unknown_resource,
)

__all__ = [
    "DESCRIPTOR",
    "NATION",
    "check",
    "descriptor",
    "partial_series",
    "regions",
    "resources",
    "rules_table",
    "seal",
    "series",
]

rules_table = content.table


def check(folder: Path | None = None, only: str | None = None) -> list[str]:
    """Check everything in the raw folder; return one line for each thing checked.

    Parameters
    ----------
    folder : Path, optional
        The raw folder; the project's own by default.
    only : str, optional
        Name of one resource, to check a file just added, with the rules that it takes part in.

    Raises
    ------
    InputError
        The first broken rule, with file, row, column, rule and value; or the file of ``only``
        is not there.
    """
    folder = raw_folder(folder)
    lines, changed = _check(folder, only)
    if changed is not None:
        raise changed
    return lines


def _check(
    folder: Path, only: str | None, accepted: Iterable[str] | None = None
) -> tuple[list[str], InputError | None]:
    """Check all but the seal; return the error of a file that is not the sealed one."""
    every = descriptor(folder)["resources"]
    by_name = {resource["name"]: resource for resource in every}
    if only is not None and only not in by_name:
        raise unknown_resource(folder, only)
    chosen = [resource for resource in every if only in (None, resource["name"])]
    described = {DESCRIPTOR, *(resource["path"] for resource in every)}
    for path in sorted(folder.glob("[!.~]*.*")):
        if path.suffix in (".csv", ".yml", ".geojson") and path.name not in described:
            raise rule_error(path, "described", f"every file is described in {DESCRIPTOR}")
    if "regions" not in by_name:
        raise unknown_resource(folder, "regions")
    path = folder / chosen[0]["path"]
    if only is not None and chosen[0].get("absent") and not path.is_file():
        says = "the file is there"
        raise rule_error(path, "file-present", says, more=f"{path.name} is declared absent")
    changed = schema.check_package(folder, chosen)
    present = [resource for resource in chosen if (folder / resource["path"]).is_file()]
    codes = list(read_frame(folder, by_name["regions"])["region"])
    if len(codes) != 16:
        raise rule_error(folder / "regions.csv", "16-regions", "there are 16 regions", len(codes))
    lines = [f"{len(present)} files: schema, constraints, SHA-256"]
    for role, what in (
        ("series", "series: the 16 regions once per year, finite, no negative amounts"),
        ("partial", "partial series: the regions they cover once per year"),
    ):
        mine = [resource for resource in present if resource["role"] == role]
        for resource in mine:
            schema.check_frame(folder, resource, codes)
        if mine:
            lines.append(f"{len(mine)} {what}")
    for resource in present:
        if resource["role"] == "reference" and resource["path"].endswith(".csv"):
            schema.check_codes(folder, resource, codes)
    lines += content.check(folder, only, accepted)
    if only in (None, "boundaries", "neighbours", "land_area"):
        lines.append(boundaries.check(folder))
    if only is None:
        for read in (article.errata, article.infrastructure, article.content):  # and what they need
            read(folder)
    return lines, changed


def seal(folder: Path | None = None, accept: Iterable[str] = ()) -> list[str]:
    """Write the present files' SHA-256, bytes, rows and years into ``datapackage.json``.

    For a deliberate change of the data only: the seal is what tells an accident from it. The
    files pass the same checks as in `check` first.

    Parameters
    ----------
    folder : Path, optional
        The raw folder; the project's own by default.
    accept : iterable of str
        Series whose changed values have been compared with the source: their control sums are
        recorded anew. Those of a new series and of an added year are recorded in any case.

    Returns
    -------
    list of str
        What changed since the last seal, cell by cell.

    Raises
    ------
    InputError
        A rule is broken, or ``accept`` names no series; nothing is written.
    """
    folder = raw_folder(folder)
    accept = set(accept)
    package = descriptor(folder)
    names = {resource["name"] for resource in package["resources"]}
    for name in sorted(accept - names):
        raise unknown_resource(folder, name)
    explained = sealed.changes(folder, package)
    _check(folder, None, accept)
    here = [r for r in package["resources"] if (folder / r["path"]).is_file()]
    known = control_sums.read_recorded(folder)
    new = [
        resource
        for resource in here
        if control_sums.has_sums(resource)
        and not resource.get("absent")
        and (
            resource["name"] in accept
            or resource["name"] not in known
            or control_sums.suspect(control_sums.cells(folder, resource), known[resource["name"]])
        )
    ]
    if new:
        control_sums.record(folder, new)
    for resource in here:
        path = folder / resource["path"]
        if resource.get("absent"):
            continue
        resource["hash"] = f"sha256:{sha256(path)}"
        resource["bytes"] = path.stat().st_size
        if path.suffix == ".csv":
            frame = pd.read_csv(path, encoding="utf-8")
            resource["rows"] = len(frame)
            if "year" in frame:
                resource["years"] = f"{frame['year'].min()}-{frame['year'].max()}"
    write_json(folder / DESCRIPTOR, package)
    return explained


@command
def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m kzclusters.evidence.sources check|seal``."""
    parser = argparse.ArgumentParser(
        prog="kzclusters.evidence.sources", description="Check or seal the raw data."
    )
    parser.add_argument("command", choices=("check", "seal"))
    parser.add_argument("--only", metavar="NAME", help="check one resource, say a file just added")
    parser.add_argument(
        "--accept",
        metavar="NAME",
        action="append",
        default=[],
        help="seal: a series whose changed values have been compared with the source",
    )
    given = parser.parse_args(arguments)
    if given.command == "seal":
        for line in sealed.changes(paths.RAW, descriptor()):
            print(line)
        seal(accept=given.accept)
        return 0
    for line in check(only=given.only):
        print(f"raw data checked: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
