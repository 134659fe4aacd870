"""When the article can have been written, by dated facts that it names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kzclusters import paths
from kzclusters.analysis.missing.findings import ArticleDate


def read(folder: Path | None = None) -> pd.DataFrame:
    """Read the dated facts, one a row.

    ``read`` is where the fact was read; it is empty for a fact from memory.
    """
    return pd.read_csv((folder or paths.RAW) / "dated_facts.csv")


def article_date(facts: pd.DataFrame, years: Sequence[int]) -> ArticleDate:
    """Bound the date of the article, and say which years of data lie before it.

    Parameters
    ----------
    facts : as `read` returns it
    years : years of the study
    """
    bounds = earliest, latest, latest_firm = _bounds(facts)
    unread = facts["read"].isna()
    return ArticleDate(
        *earliest,
        *latest,
        *latest_firm,
        len(facts),
        tuple(year for year in years if f"{year}-12-31" < latest[0]),
        tuple(year for year in years if f"{year}-12-31" < earliest[0]),
        tuple(facts.loc[unread, "fact"]),
        _bounds(facts[~unread]) == bounds,
    )


def _bounds(facts: pd.DataFrame) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
    """Return the earliest date by firm facts, the latest by all, and the latest by firm ones."""
    firm = facts[facts["strength"] == "firm"]
    return _bound(firm, "not before"), _bound(facts, "not after"), _bound(firm, "not after")


def _bound(facts: pd.DataFrame, bound: str) -> tuple[str, str]:
    """Return the sharpest date of a bound, and the fact behind it."""
    rows = facts[facts["bound"] == bound].sort_values("date", kind="stable")
    row = rows.iloc[0 if bound == "not after" else -1]
    return str(row["date"]), str(row["fact"])
