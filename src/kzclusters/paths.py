"""Where things lie. The only module that knows the folders of the project."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("KZCLUSTERS_ROOT") or Path(__file__).resolve().parents[2])
"""The checkout. Another one can be named by the environment variable KZCLUSTERS_ROOT."""

RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
FIGURES = ROOT / "figures"
NOTEBOOKS = ROOT / "notebooks"
PAPER = ROOT / "paper"
RUNS = ROOT / "runs"
BUILD = ROOT / "build"
STUDY = ROOT / "study.yml"
REGISTRY = Path(__file__).parent / "evidence" / "indicators.yml"


def resolve(path: str | Path) -> Path:
    """``path`` itself when absolute, else seen from the root of the project."""
    path = Path(path)
    return path if path.is_absolute() else ROOT / path


def shown(path: str | Path) -> str:
    """``path`` as a reader should see it: from the root of the project where it lies there.

    Outputs and messages must not carry the path of one machine.
    """
    path = Path(path)
    try:
        return path.resolve().relative_to(ROOT.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
