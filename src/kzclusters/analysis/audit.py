"""What the article says and what the evidence holds: claims, lists, errata, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.files import round_significant

from kzclusters.analysis import claims as deciding
from kzclusters.analysis.baseline import place
from kzclusters.analysis.findings import Claims, Errata, Helix, Infrastructure, Regions, Sources
from kzclusters.evidence import article, content, indicators, sources

PUBLISHER = "kazstat/"
"""Part of the place of a series that was read from the publisher's own repository."""


def yearly_tables(
    long: pd.DataFrame, auxiliary: pd.DataFrame, regions: pd.Index
) -> dict[int, pd.DataFrame]:
    """Return one table a year, regions by main indicators and auxiliary quantities.

    Parameters
    ----------
    long : the table of indicators
    auxiliary : as `kzclusters.evidence.indicators.auxiliary_values` returns it
    regions : the rows, in case order

    Returns
    -------
    dict, year -> DataFrame
        Complete columns only: a rank among a part of the regions says little.
    """
    tables = {}
    for year, rows in long[long["variant"] == ""].groupby("year"):
        wide = rows.pivot(index="region", columns="indicator", values="value").loc[regions]
        wide = wide.join(auxiliary.xs(year, level="year"))
        tables[int(year)] = wide.dropna(axis="columns", how="any")
    return tables


def claim_summary(audit: deciding.Audit, stated: pd.DataFrame) -> pd.DataFrame:
    """Join the verdicts with the wording of the claims.

    Parameters
    ----------
    audit : as `kzclusters.analysis.claims.decide` returns it
    stated : as `kzclusters.evidence.article.claims` returns it
    """
    columns = ["id", "claim", "indicators", "where"]
    return audit.summary.rename(columns={"claim": "id"}).merge(stated[columns], on="id")


def claims(summary: pd.DataFrame, evidence: pd.DataFrame, limits: deciding.Limits) -> Claims:
    """Count the verdicts, by year and by test.

    Parameters
    ----------
    summary : as `claim_summary` returns it
    evidence : the evidence of the audit
    limits : the limits that the tests were decided by
    """
    verdict, years = summary["verdict"], summary["years_tested"]
    counts = verdict.value_counts().reindex(deciding.VERDICTS, fill_value=0)
    testable = verdict != deciding.UNTESTABLE
    same = testable & (summary["years_agreeing"] == years)
    close = verdict[testable & (summary["test"] == "close_values")]
    by_year = evidence[evidence["level"] == "claim"].groupby("year")["verdict"].value_counts()
    by_year = by_year.unstack(fill_value=0).reindex(columns=deciding.VERDICTS, fill_value=0)
    supported = verdict == deciding.SUPPORTED
    lacking = summary.loc[summary["testable"] != "fully", "missing"]
    codes = {code for cell in lacking for code in re.findall(r"P\d+", cell)}
    return Claims(
        n=len(summary),
        n_years=len(by_year),
        counts={key: int(number) for key, number in counts.items()},
        verdicts=dict(zip(summary["id"], verdict, strict=True)),
        years_of={row.id: int(row.years_agreeing) for row in summary.itertuples()},
        n_testable=int(testable.sum()),
        n_every_year=int(same.sum()),
        n_steady=int((supported & same).sum()),
        supported_share=int(supported.sum()) / max(1, int(testable.sum())),
        supported_lowest=int(by_year[deciding.SUPPORTED].min()),
        supported_highest=int(by_year[deciding.SUPPORTED].max()),
        not_lowest=int(by_year[deciding.NOT_SUPPORTED].min()),
        not_highest=int(by_year[deciding.NOT_SUPPORTED].max()),
        n_supported_partly_tested=int((supported & (summary["testable"] == "partly")).sum()),
        n_close=len(close),
        close_supported=int((close == deciding.SUPPORTED).sum()),
        close_partly=int((close == deciding.PARTLY).sum()),
        close_not=int((close == deciding.NOT_SUPPORTED).sum()),
        chance=round_significant(limits.tight * len(close)),
        p_supported=limits.tight,
        p_partly=limits.partly_tight,
        z_margin=limits.margin,
        majority=limits.majority,
        needs_missing=tuple(sorted(codes, key=place)),
        n_waiting=int((~testable & summary["missing"].str.match(r"P\d")).sum()),
    )


def infrastructure(entries: pd.DataFrame) -> Infrastructure:
    """Count the article's entries of organisations by where they are printed."""
    readings = entries["reading"].value_counts()
    return Infrastructure(
        n_entries=len(entries),
        n_both=int(readings.get("both", 0)),
        n_figure=int(readings.get("figure", 0)),
        n_text=int(readings.get("text", 0)),
    )


def helix(counts: pd.DataFrame, rule: str) -> Helix:
    """Count the entries by actor of the triple helix, in the reading of the text.

    Parameters
    ----------
    counts : as `kzclusters.evidence.article.helix_counts` returns it
    rule : how organisations are coded
    """
    text = counts[counts["reading"] == "text"]
    totals = text.groupby("helix")["entries"].sum()
    business = text[text["helix"] == "business"].set_index("cluster")["entries"]
    without = tuple(business.index[business == 0])
    return Helix(
        total={actor: int(totals[actor]) for actor in article.HELIX},
        no_business=without,
        n_no_business=len(without),
        rule=" ".join(rule.split()),
    )


def errata(table: pd.DataFrame) -> Errata:
    """Count the errata by kind; faults of the copy that was read are not the article's."""
    own = table[table["basis"] != article.COPY]
    kinds = {kind: int(n) for kind, n in own["kind"].value_counts().sort_index().items()}
    return Errata(n=len(own), kinds=kinds, n_kinds=len(kinds), n_copy=len(table) - len(own))


def concept_counts(content: Mapping[str, Any]) -> dict[str, int]:
    """Count the entries of each list of the article."""
    return {name: len(entries) for name, entries in content.items() if isinstance(entries, list)}


def group_texts() -> tuple[str, ...]:
    """Name the article's groups of indicators with their codes: "poverty (P4 and P5)"."""

    def text(name: str, codes: list[str]) -> str:
        if len(codes) == 1:
            return f"{name} ({codes[0]})"
        return f"{name} ({codes[0]} {'to' if len(codes) > 2 else 'and'} {codes[-1]})"

    return tuple(text(name, codes) for name, codes in indicators.groups().items())


def series(years: list[int], folder: Path | None = None) -> Sources:
    """Count the series that are here, and those that are declared but absent.

    Parameters
    ----------
    years : the years of the study
    folder : folder of the raw data
    """
    every = [entry for entry in sources.resources(folder) if entry["role"] == "series"]
    present = [entry for entry in every if entry["present"]]
    own = [entry for entry in present if PUBLISHER in entry["read_from"]]
    return Sources(
        first_year=min(years),
        last_year=max(years),
        n_years=len(years),
        n_series=len(present),
        n_absent=len(every) - len(present),
        absent=tuple(f"`{entry['path']}`" for entry in every if not entry["present"]),
        n_sums=content.count(),
        n_from_publisher=len(own),
        n_from_others=len(present) - len(own),
    )


def regions(table: pd.DataFrame, neighbours: pd.DataFrame) -> Regions:
    """Count the regions by kind, and name the borders by short codes.

    Parameters
    ----------
    table : as `kzclusters.evidence.sources.regions` returns it
    neighbours : pairs of regions that share a border, in two columns
    """
    pairs = neighbours.iloc[:, :2].itertuples(index=False, name=None)
    return Regions(
        n_oblasts=int((table["kind"] == "oblast").sum()),
        n_cities=int((table["kind"] == "city").sum()),
        n_borders=len(neighbours),
        borders=tuple(f"{a.removeprefix('KZ-')}–{b.removeprefix('KZ-')}" for a, b in pairs),
    )


# --- tables and sentences of notebook 3 -------------------------------------------------------
def verdict_table(summary: pd.DataFrame) -> pd.DataFrame:
    """Tabulate the verdicts, with the years in which each is the same."""
    years = summary["years_agreeing"].astype(str) + " of " + summary["years_tested"].astype(str)
    columns = ["id", "cluster", "claim", "indicators", "test", "verdict", "testable", "missing"]
    return summary[columns].assign(years=years)


def verdicts_by_year(evidence: pd.DataFrame, order: pd.Index) -> pd.DataFrame:
    """Tabulate the verdict of each claim, down, in each year, across."""
    rows = evidence[evidence["level"] == "claim"]
    return rows.pivot(index="claim", columns="year", values="verdict").loc[order]


def rule_text(limits: deciding.Limits) -> str:
    """Say how verdicts on several indicators are combined."""
    return (
        "`close_values` and `isolated` look at all indicators of a claim at once. The other tests "
        "decide indicator by indicator: supported counts 1, partly ½, not supported 0; the claim "
        "is supported if every indicator is, not supported if the mean is below "
        f"{limits.majority:g}, and partly supported in between. Indicators without data are left "
        "out. Where there is no national figure, the mean of the regions takes its place. The "
        "article formed its clusters from these very indicators, so a tight cluster shows that its "
        "data and ours agree, and no more."
    )


def claims_text(found: Claims, years: list[int]) -> str:
    """Say how many claims are supported, and how steadily."""
    words = {deciding.PARTLY: "partly supported"}
    counts = ", ".join(
        f"**{n}** are {words.get(verdict, verdict)}" for verdict, n in found.counts.items()
    )
    return (
        f"Of {found.n} claims, {counts}. Of those supported, {found.n_steady} are supported in "
        "every year tested (distances and borders do not change with the year). *Years* says in "
        f"how many of the years {years[0]}–{years[-1]} in which the claim can be tested the "
        "verdict is the same as in the baseline year."
    )


def infrastructure_text(found: Infrastructure) -> str:
    """Say where the entries of organisations are printed."""
    return (
        f"{found.n_entries} entries: {found.n_both} are in the figure and in the text, "
        f"{found.n_figure} in the figure alone, {found.n_text} in the text alone."
    )
