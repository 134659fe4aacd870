"""Where the paper finds what it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kzclusters import paths


@dataclass(frozen=True)
class Project:
    """A checkout, or a copy of one: the folders that the paper reads and writes."""

    root: Path = field(default_factory=lambda: paths.ROOT)

    @property
    def raw(self) -> Path:
        """The folder of raw data."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """The folder of the tables and findings."""
        return self.root / "data" / "processed"

    @property
    def figures(self) -> Path:
        """The folder of the figures."""
        return self.root / "figures"

    @property
    def paper(self) -> Path:
        """The folder of the paper."""
        return self.root / "paper"

    def citation(self) -> dict[str, Any]:
        """Read version and authors from ``CITATION.cff``."""
        content = paths.read_yaml(self.root / "CITATION.cff")
        authors = [author["name"] for author in content["authors"]]
        return {"version": str(content["version"]), "authors": authors}

    def from_root(self, path: Path) -> str:
        """``path`` seen from the root."""
        return path.relative_to(self.root).as_posix()
