"""SHA-256 of every computed file that is committed, in one list.

``python -m kzclusters.publish.metadata.checksums write`` writes ``checksums.sha256``, which ``sha256sum -c`` reads
from the root of the project; ``check`` names every file that differs, is missing or is new.

Four generated files are not in the list, because they are made from it: ``checksums.sha256``
itself, ``REPRODUCING.md``, which prints its hashes, ``ro-crate-metadata.json``, which holds the
hashes of everything, and ``.zenodo.json``, which is written together with that. They follow from
the listed files and CITATION.cff without a choice, tests make them again and compare, and
`kzclusters.publish.metadata.verify` holds them against the commit.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hclustkit.errors import InputError
from hclustkit.files import sha256, write_text

from kzclusters import paths
from kzclusters.command import command, fail

NAME = "checksums.sha256"

COMPUTED = (
    "data/processed/*",
    "figures/*.svg",
    "figures/*.png",
    "figures/*.csv",
    "figures/*.json",
    "notebooks/**/*.ipynb",
    "README.md",
    "data/README.md",
    "paper/paper.pdf",
    "paper/paper.html",
    "paper/paper.docx",
    "paper/record.json",
)
"""Patterns, seen from the root, of what is computed and committed."""

EXCLUDED = (NAME, "REPRODUCING.md", "ro-crate-metadata.json", ".zenodo.json")
"""Generated from the list, so not in it."""

_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<path>.+)")
_PASSING = ("*.tmp", ".*")  # written in part, or of an editor or of Jupyter


@dataclass(frozen=True)
class Difference:
    """A file that is not as listed; ``what`` is "differs", "missing" or "new"."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.what}: {self.path}"


def files(root: Path | None = None) -> list[str]:
    """Computed, committed files from the root, sorted by name as bytes."""
    root = root or paths.ROOT
    found = {
        path.relative_to(root)
        for pattern in COMPUTED
        for path in root.glob(pattern)
        if path.is_file()
    }
    return sorted(
        path.as_posix()
        for path in found
        if not any(Path(part).match(passing) for part in path.parts for passing in _PASSING)
    )


def compute(root: Path | None = None) -> dict[str, str]:
    """path → SHA-256 of every computed file.

    Raises
    ------
    InputError
        There is none: nothing has been computed.
    """
    root = root or paths.ROOT
    found = {name: sha256(root / name) for name in files(root)}
    if not found:
        raise InputError(f"{paths.shown(root)}: there is no computed file; run `make`")
    return found


def text(digests: Mapping[str, str]) -> str:
    """The list in the form of ``sha256sum``, sorted by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def parse(content: str, name: str = NAME) -> dict[str, str]:
    """path → SHA-256 from a list in the form of ``sha256sum``.

    Raises
    ------
    InputError
        A line has another form, or a path stands twice.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if not match:
            raise InputError(f"{name}: line {number}: not '<64 hex digits>  <path>': {line!r}")
        if match["path"] in found:
            raise InputError(f"{name}: line {number}: {match['path']} stands twice")
        found[match["path"]] = match["digest"]
    return found


def read(root: Path | None = None) -> dict[str, str]:
    """The committed list; `InputError` when it is missing or malformed."""
    path = (root or paths.ROOT) / NAME
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing; run `make`")
    return parse(path.read_text(encoding="utf-8"), paths.shown(path))


def compare(listed: Mapping[str, str], found: Mapping[str, str]) -> list[Difference]:
    """What differs from the list, sorted by path."""
    differences = []
    for path in sorted({*listed, *found}):
        if path not in found:
            differences.append(Difference(path, "missing"))
        elif path not in listed:
            differences.append(Difference(path, "new"))
        elif listed[path] != found[path]:
            differences.append(Difference(path, "differs"))
    return differences


def tell(differences: Sequence[Difference], expected: str) -> int:
    """Print each difference, and how many files are not ``expected``; the exit code."""
    for difference in differences:
        print(difference)
    return fail(f"{len(differences)} files are not {expected}") if differences else 0


@command
def main(arguments: list[str] | None = None) -> int:
    """``write`` or ``check [--root DIR]``; 1 with one message when something is wrong."""
    parser = argparse.ArgumentParser(
        "kzclusters.publish.metadata.checksums", description=__doc__.split("\n")[0]
    )
    parser.add_argument("action", choices=("write", "check"))
    parser.add_argument("--root", type=Path, default=None, help="another checkout than this one")
    given = parser.parse_args(arguments)
    root = (given.root or paths.ROOT).resolve()
    if given.action == "write":
        found = compute(root)
        write_text(root / NAME, text(found))
        print(f"{NAME}: {len(found)} files")
        return 0
    listed = read(root)
    if tell(compare(listed, compute(root)), f"as {NAME} lists them"):
        return 1
    print(f"all {len(listed)} files are as {NAME} lists them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
