"""When the article can have been written, by dated facts that it names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kzclusters import paths
from kzclusters.analysis.missing.findings import ArticleDate


def read(folder: Path | None = None) -> pd.DataFrame:
    """Read the dated facts: ``id``, ``fact``, ``bound``, ``date``, ``strength``, ``where``."""
    return pd.read_csv((folder or paths.RAW) / "dated_facts.csv")


def article_date(facts: pd.DataFrame, years: Sequence[int]) -> ArticleDate:
    """Bound the date of the article, and say which years of data lie before it.

    Parameters
    ----------
    facts : as `read` returns it
    years : years of the study
    """
    firm = facts["strength"] == "firm"
    earliest = _bound(facts[firm], "not before")
    latest, latest_firm = _bound(facts, "not after"), _bound(facts[firm], "not after")
    return ArticleDate(
        *earliest,
        *latest,
        *latest_firm,
        len(facts),
        tuple(year for year in years if f"{year}-12-31" < latest[0]),
        tuple(year for year in years if f"{year}-12-31" < earliest[0]),
    )


def _bound(facts: pd.DataFrame, bound: str) -> tuple[str, str]:
    """Return the sharpest date of a bound, and the fact behind it."""
    rows = facts[facts["bound"] == bound].sort_values("date", kind="stable")
    row = rows.iloc[0 if bound == "not after" else -1]
    return str(row["date"]), str(row["fact"])
