"""When the article can have been written, by dated facts that it names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kzclusters import paths
from kzclusters.analysis.missing.findings import ArticleDate
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.text_tables import check_all, read_columns, text_column

BOUNDS = ("not before", "not after")


def read(folder: Path | None = None) -> pd.DataFrame:
    """Read the dated facts, one a row.

    ``read`` is where the fact was read; it is empty for a fact from memory.

    Raises
    ------
    InputError
        A cell breaks the rule of its column, a date is not in the calendar, no firm fact bounds
        one of the two sides, or the bounds exclude each other.
    """
    path = (folder or paths.RAW) / "dated_facts.csv"
    names = ("fact", "bound", "date", "strength", "where", "source")
    facts = read_columns(
        path,
        {
            "id": text_column(once=True),
            **dict.fromkeys(names, text_column()),
            "bound": text_column(BOUNDS),
            "date": text_column(form=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
            "strength": text_column(("firm", "indicative")),
            "read": text_column(optional=True),
        },
    )
    facts["read"] = facts["read"].where(facts["read"] != "")
    for row, date in enumerate(facts["date"], start=2):
        if pd.isna(pd.to_datetime(date, errors="coerce")):
            raise rule_error(
                path, "date", "the date is in the calendar", date, row=row, column="date"
            )
    firm = facts.loc[facts["strength"] == "firm", "bound"]
    says = "firm facts bound the date from both sides"
    check_all(path, "bound", firm, BOUNDS, says)
    (earliest, _), (latest, _), _ = _bounds(facts)
    if earliest > latest:
        says = "the facts leave a date for the article"
        raise rule_error(path, "bounds", says, f"not before {earliest}, not after {latest}")
    return facts


def article_date(facts: pd.DataFrame, years: Sequence[int]) -> ArticleDate:
    """Bound the date of the article, and say which years of data lie before it.

    Parameters
    ----------
    facts : as `read` returns it
    years : years of the study
    """
    (earliest, earliest_by), (latest, latest_by), (latest_firm, latest_firm_by) = _bounds(facts)
    unread = facts["read"].isna()
    return ArticleDate(
        earliest=earliest,
        earliest_by=earliest_by,
        latest=latest,
        latest_by=latest_by,
        latest_firm=latest_firm,
        latest_firm_by=latest_firm_by,
        n_facts=len(facts),
        admissible=tuple(year for year in years if f"{year}-12-31" < latest),
        certain=tuple(year for year in years if f"{year}-12-31" < earliest),
        unread=tuple(facts.loc[unread, "fact"]),
        same_without_unread=_bounds(facts[~unread]) == _bounds(facts),
    )


def _bounds(facts: pd.DataFrame) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
    """Return the earliest date by firm facts, the latest by all facts, and the latest by firm ones.

    Each with the fact behind it.
    """
    firm = facts[facts["strength"] == "firm"]
    return _bound(firm, "not before"), _bound(facts, "not after"), _bound(firm, "not after")


def _bound(facts: pd.DataFrame, bound: str) -> tuple[str, str]:
    """Return the sharpest date of a bound, and the fact behind it."""
    rows = facts[facts["bound"] == bound].sort_values("date", kind="stable")
    row = rows.iloc[0 if bound == "not after" else -1]
    return str(row["date"]), str(row["fact"])
