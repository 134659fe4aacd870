"""Where the paper finds what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kzclusters import paths


@dataclass(frozen=True)
class Project:
    """A checkout, or a copy of one: the folders that the paper reads and writes."""

    root: Path = paths.ROOT

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        return self.root / "data" / "processed"

    @property
    def figures(self) -> Path:
        return self.root / "figures"

    @property
    def paper(self) -> Path:
        return self.root / "paper"

    def shown(self, path: Path) -> str:
        """``path`` seen from the root."""
        return path.relative_to(self.root).as_posix()
