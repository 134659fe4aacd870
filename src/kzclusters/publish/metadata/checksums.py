"""SHA-256 of every computed file that is committed, in one list: ``checksums.sha256``.

``sha256sum -c checksums.sha256`` reads it from the root of the project. It is the only place where
the hash of an output is stated; REPRODUCING.md and the RO-Crate read it. Those of the raw data are
in ``data/raw/datapackage.json``.

The records that are made from the list are not in it: a test makes them again and compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hclustkit.errors import refusal
from hclustkit.files import sha256

from kzclusters import paths, pipeline
from kzclusters.command import fail

NAME = pipeline.CHECKSUMS
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<path>.+)")


@dataclass(frozen=True)
class Difference:
    """A file that is not as listed; ``what`` is "differs", "missing" or "new"."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.what}: {self.path}"


def compute(names: Iterable[str], root: Path | None = None) -> dict[str, str]:
    """Compute the SHA-256 of those files, seen from the root, that are there."""
    root = root or paths.ROOT
    return {name: sha256(root / name) for name in names if (root / name).is_file()}


def text(digests: Mapping[str, str]) -> str:
    """Write the list in the form of ``sha256sum``, sorted by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def parse(content: str, name: str = NAME) -> dict[str, str]:
    """Read path and SHA-256 from a list in the form of ``sha256sum``.

    Raises
    ------
    InputError
        A line has another form, or a path is listed twice.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        place = f"{name}: line {number}"
        if not match:
            text = f"{place}: not '<64 hex digits>  <path>': {line!r}"
            raise refusal(text, place, "checksum-line", line)
        if match["path"] in found:
            text = f"{place}: {match['path']} is listed twice"
            raise refusal(text, place, "duplicate", match["path"])
        found[match["path"]] = match["digest"]
    return found


def read(root: Path | None = None) -> dict[str, str]:
    """Read the committed list.

    Raises
    ------
    InputError
        It is missing or malformed.
    """
    path = (root or paths.ROOT) / NAME
    if not path.is_file():
        raise refusal(
            f"{paths.from_root(path)}: the file is missing; run `make`", NAME, "missing-file"
        )
    return parse(path.read_text(encoding="utf-8"), paths.from_root(path))


def compare(listed: Mapping[str, str], found: Mapping[str, str]) -> list[Difference]:
    """Return what differs from the list, sorted by path."""
    differences = []
    for path in sorted({*listed, *found}):
        if path not in found:
            differences.append(Difference(path, "missing"))
        elif path not in listed:
            differences.append(Difference(path, "new"))
        elif listed[path] != found[path]:
            differences.append(Difference(path, "differs"))
    return differences


def report(differences: Sequence[Difference], expected: str) -> int:
    """Print each difference, and how many files are not ``expected``; return the exit code."""
    for difference in differences:
        print(difference)
    return fail(f"{len(differences)} files are not {expected}") if differences else 0
