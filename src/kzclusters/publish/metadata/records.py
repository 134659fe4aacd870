"""Write the records of everything that was computed.

``python -m kzclusters.publish.metadata.records`` writes ``checksums.sha256``, the tables of
``REPRODUCING.md`` and ``ro-crate-metadata.json``, in this order, since each reads the one before.
"""

from __future__ import annotations

import sys

from hclustkit.errors import refusal
from hclustkit.files import write_text

from kzclusters import paths, pipeline
from kzclusters.command import command
from kzclusters.publish.metadata import checksums, crate, readme


def write() -> None:
    """Write the three records.

    Raises
    ------
    InputError
        A computed file is missing.
    """
    names = pipeline.tracked_files()
    found = checksums.compute(names)
    missing = [name for name in names if name not in found]
    if missing:
        text = f"{missing[0]}: the file is missing; run `make`"
        raise refusal(text, missing[0], "missing-file", missing[0])
    write_text(paths.ROOT / checksums.NAME, checksums.text(found))
    readme.fill_file(paths.ROOT / "REPRODUCING.md")
    write_text(paths.ROOT / crate.NAME, crate.text(crate.build()))


@command
def main(_arguments: list[str] | None = None) -> int:
    """Write the records; 1 with one message when something is wrong."""
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
