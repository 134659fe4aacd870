"""``python -m kzclusters.publish.site [--out FOLDER]``: write the site."""

from __future__ import annotations

import argparse
import sys

from kzclusters import paths
from kzclusters.command import command
from kzclusters.publish.site.builder import OUT, build


@command
def main(arguments: list[str] | None = None) -> int:
    """Build, and say where the site lies."""
    parser = argparse.ArgumentParser(prog="kzclusters.publish.site", description="Write the site.")
    parser.add_argument("--out", default=OUT, help=f"the folder to write (default {OUT})")
    given = parser.parse_args(arguments)
    folder = build(given.out)
    pages = sum(1 for _ in folder.rglob("*.html"))
    print(f"{paths.from_root(folder)}: {pages} pages; open {paths.from_root(folder)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
