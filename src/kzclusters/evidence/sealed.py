"""What changed since the last seal, cell by cell.

The seal keeps a hash, not the content; the sealed content is looked up in the history of git.
Without it (a copy of the folder alone) only the number of rows and bytes can be compared.
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
from pathlib import Path

from hclustkit.files import sha256

from kzclusters import paths
from kzclusters.evidence.series import Package, Resource

MOST = 40
"""Cells listed for one file; the others are counted."""
DEPTH = 30
"""Commits of a file that are searched for its sealed content."""


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what a git command prints; None where there is no git or it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def sealed_content(folder: Path, resource: Resource) -> bytes | None:
    """Find the content of a file that has its sealed hash; None where git has none."""
    wanted = resource.get("hash", "").removeprefix("sha256:")
    name = resource["path"]
    commits = _git(folder, "log", f"-{DEPTH}", "--format=%H", "--", name)
    for commit in (commits or b"").decode().split():
        content = _git(folder, "show", f"{commit}:./{name}")
        if content is not None and hashlib.sha256(content).hexdigest() == wanted:
            return content
    return None


def _cells(content: bytes, keys: list[str]) -> dict[tuple[str, str], str]:
    """Return the cells of a table by key of the row and column."""
    text = content.decode("utf-8-sig", errors="replace")
    found = {}
    for number, row in enumerate(csv.DictReader(text.splitlines(keepends=True)), start=2):
        key = ", ".join(row.get(name) or "" for name in keys) or f"row {number}"
        for column, cell in row.items():
            if column and column not in keys:
                found[(key, column)] = cell if isinstance(cell, str) else ""
    return found


def _differences(before: bytes, after: bytes, resource: Resource) -> list[str]:
    """Name the cells that differ between two versions of a table."""
    keys = list(resource.get("schema", {}).get("primaryKey", []))
    one, two = _cells(before, keys), _cells(after, keys)
    lines = []
    for at in dict.fromkeys([*one, *two]):
        if one.get(at) != two.get(at):
            was = repr(one[at]) if at in one else "not there"
            now = repr(two[at]) if at in two else "gone"
            lines.append(f"{at[0]}, {at[1]}: {was} -> {now}")
    if len(lines) > MOST:
        lines[MOST:] = [f"and {len(lines) - MOST} more cells"]
    return lines or ["no cell: only the order of rows, line ends or the like"]


def changes(folder: Path, package: Package) -> list[str]:
    """Explain every present file that is not the sealed one, a line for each cell.

    Parameters
    ----------
    folder : Path
        The raw folder.
    package : Package
        Its description, with the hashes of the last seal.

    Returns
    -------
    list of str
        Each line begins with the file; none where nothing changed.
    """
    found = []
    for resource in package["resources"]:
        path = folder / resource["path"]
        shown = paths.from_root(path)
        if not path.is_file() or resource.get("hash") == f"sha256:{sha256(path)}":
            continue
        if "hash" not in resource:
            found.append(f"{shown}: new, not sealed before")
            continue
        before = sealed_content(folder, resource)
        if before is None or path.suffix != ".csv":
            was, now = resource["bytes"], path.stat().st_size
            why = "" if before is not None else "; the sealed content is not in git's history"
            found.append(f"{shown}: {was} bytes -> {now} bytes{why}")
            continue
        found += [f"{shown}: {line}" for line in _differences(before, path.read_bytes(), resource)]
    return found
