"""Freeze the code of a registered plan, and say what has changed since.

``python tools/freeze.py`` writes ``registration/frozen.json``: the commit and git's own hash of
each part of the analysis. ``python tools/freeze.py --check`` compares with the working copy's last
commit and returns 1 where a part differs. A later change is allowed, but it shows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "registration" / "frozen.json"
PARTS = (
    "study.yml",
    "src/kzclusters/evidence",
    "src/kzclusters/analysis",
    "packages/hclustkit/src/hclustkit",
    "registration/plan.md",
    "registration/coding_claims.csv",
    "registration/coding_helix.csv",
)
"""What decides the outcome of the next stage."""


def git(*arguments: str) -> str:
    """Return what git prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout.strip()


def hashes(commit: str) -> dict[str, str]:
    """Return git's hash of each part as it is in a commit."""
    return {part: git("rev-parse", f"{commit}:{part}") for part in PARTS}


def freeze() -> dict[str, object]:
    """Write the record for the last commit; refuse with changes that are not committed."""
    if dirty := git("status", "--porcelain", "--", *PARTS):
        raise SystemExit(f"not frozen: commit first\n{dirty}")
    commit = git("rev-parse", "HEAD")
    record: dict[str, object] = {"commit": commit, "parts": hashes(commit)}
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def changed(record: dict[str, object], commit: str = "HEAD") -> list[str]:
    """List the parts that differ between the record and a commit."""
    now = hashes(commit)
    return [part for part, digest in record["parts"].items() if now.get(part) != digest]  # type: ignore[attr-defined]


def main(arguments: list[str] | None = None) -> int:
    """Freeze, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args(arguments).check:
        print(f"frozen at {freeze()['commit']}")
        return 0
    parts = changed(json.loads(RECORD.read_text(encoding="utf-8")))
    print("\n".join(f"changed since: {part}" for part in parts) or "as frozen")
    return 1 if parts else 0


if __name__ == "__main__":
    sys.exit(main())
