"""What the tables of the paper are made from: findings, tables of the analysis, raw data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from hclustkit.errors import fault
from hclustkit.files import read_csv

from kzclusters.analysis import store
from kzclusters.analysis.claims import Limits
from kzclusters.analysis.findings import Findings
from kzclusters.analysis.grid_findings import Robustness
from kzclusters.analysis.missing.findings import Missing
from kzclusters.analysis.setting_findings import Setting
from kzclusters.evidence import sources
from kzclusters.publish.paper.project import Project


@dataclass(frozen=True)
class Material:
    """The findings of a project, and its tables."""

    project: Project
    found: Findings

    @classmethod
    def of(cls, project: Project) -> Material:
        """Load the findings of a project.

        Raises
        ------
        InputError
            A file of findings is missing or is not what it should be.
        """
        return cls(project, store.load(project.processed, robustness=True))

    @property
    def robustness(self) -> Robustness:
        """The part of the findings that is about the grid."""
        assert self.found.robustness is not None  # `of` has loaded it
        return self.found.robustness

    @property
    def setting(self) -> Setting:
        """The part of the findings that is about the article's own setting."""
        assert self.found.setting is not None  # `of` has loaded it
        return self.found.setting

    @property
    def missing(self) -> Missing:
        """The part of the findings that is about what is missing."""
        assert self.found.missing is not None  # `of` has loaded it
        return self.found.missing

    @property
    def limits(self) -> Limits:
        """The limits that the claims were decided by."""
        claims = self.found.claims
        return Limits(claims.p_supported, claims.p_partly, claims.z_margin, claims.majority)

    @cached_property
    def names(self) -> dict[str, str]:
        """Code of a region -> its English name, in case order."""
        return sources.regions(self.project.raw)["name_en"].to_dict()

    def frame(self, name: str, **options: Any) -> pd.DataFrame:
        """Read a table of ``data/processed``.

        Raises
        ------
        InputError
            It is missing.
        """
        path = self.project.processed / name
        if not path.is_file():
            shown = self.project.from_root(path)
            raise fault(shown, "the file is missing; run `make`", "missing-file")
        return read_csv(path, **options)

    def values(self) -> pd.DataFrame:
        """Return the table of the baseline, regions by indicators, in their own units."""
        long = self.frame("indicators.csv", keep_default_na=False, na_values={"value": [""]})
        rows = long[long["year"] == self.found.baseline.year]
        variant = rows["variant"]
        column = rows["indicator"].where(variant == "", rows["indicator"] + ":" + variant)
        wide = rows.assign(column=column).pivot(index="region", columns="column", values="value")
        return wide.loc[list(self.names), list(self.found.baseline.indicators)]
