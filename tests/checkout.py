"""The files of the project as git knows them, which a downloaded archive cannot say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def listed(*options: str, root: Path = ROOT) -> list[str]:
    """List the files under version control; skip the test where git or its folder is missing."""
    if not (root / ".git").exists():
        pytest.skip("a copy without .git does not say which files belong to the project")
    command = ["git", "ls-files", "-z", *options]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    return [name for name in done.stdout.split("\0") if name]
