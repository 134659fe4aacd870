"""``python -m kzclusters.site [--out FOLDER]``: write the site."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from kzclusters import paths
from kzclusters.errors import InputError
from kzclusters.site.builder import OUT, build


def main(arguments: Iterable[str] | None = None) -> int:
    """Build, and say where the site lies."""
    parser = argparse.ArgumentParser(prog="kzclusters.site", description="Write the site.")
    parser.add_argument("--out", default=OUT, help=f"the folder to write (default {OUT})")
    given = parser.parse_args(None if arguments is None else list(arguments))
    try:
        folder = build(given.out)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    pages = sum(1 for _ in folder.rglob("*.html"))
    print(f"{paths.shown(folder)}: {pages} pages; open {paths.shown(folder)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
