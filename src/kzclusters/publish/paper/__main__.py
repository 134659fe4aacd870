"""``python -m kzclusters.publish.paper build`` and ``python -m kzclusters.publish.paper check``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kzclusters.command import command
from kzclusters.publish.paper.production import build
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.verify import check


@command
def main(arguments: list[str] | None = None) -> int:
    """Build or check the paper; return 1 after one message when something is wrong."""
    parser = argparse.ArgumentParser(prog="kzclusters.publish.paper", description=__doc__)
    parser.add_argument("action", choices=("build", "check"))
    parser.add_argument("--root", type=Path, help="another checkout than this one")
    given = parser.parse_args(arguments)
    project = Project(given.root.resolve()) if given.root else Project()
    if given.action == "build":
        written, broken = build(project)
        for path in written:
            print(f"{project.from_root(path)}: {path.stat().st_size / 1e6:.1f} MB")
        for claim in broken:
            print(
                f"warning: paper.md needs rewriting; this no longer holds: {claim}", file=sys.stderr
            )
    else:
        check(project)
        print("The paper is what the findings, figures and text give.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
