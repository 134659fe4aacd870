"""All findings on what is missing, from the choices of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kzclusters.analysis.claims import Limits
from kzclusters.analysis.missing import concentration, counts, dates, patents, proxies, ranges
from kzclusters.analysis.missing.findings import ClaimRange, Missing, Patents
from kzclusters.analysis.missing.given import Given
from kzclusters.evidence import sources
from kzclusters.evidence.indicators import inputs


def tables(
    long: pd.DataFrame, years: Sequence[int], order: Sequence[str]
) -> dict[int, pd.DataFrame]:
    """Return the main indicators that have data in every region, by year, in case order."""
    main = long[long["variant"].fillna("") == ""]
    codes = list(dict.fromkeys(main["indicator"]))
    found = {}
    for year in years:
        rows = main[main["year"] == year]
        wide = rows.pivot(index="region", columns="indicator", values="value")
        found[year] = wide.loc[list(order), codes].dropna(axis="columns")
    return found


def patents_of(by_year: Mapping[int, pd.DataFrame], given: Given) -> Patents:
    """Find what P1 could do; regional R&D is total expenditure, not expenditure per inhabitant."""
    frame = inputs(sources.series(), [given.year]).xs(given.year, level="year")
    frame = frame.loc[list(given.published.index)]
    research = frame["rnd_expenditure_share_of_grp"] / 100 * frame["grp"]
    return patents.findings(by_year, research, frame["pop"], given)


def claims_of(
    found: counts.Counts, claims: pd.DataFrame, limits: Limits, given: Given
) -> tuple[ClaimRange, ...]:
    """Judge the claims on business concentration over all values of P10 and P11."""
    return concentration.claim_ranges(
        found,
        claims,
        given.published,
        given.years,
        given.year,
        limits,
        seed=given.seed,
        points=given.choices.claim_points,
        corners=given.choices.claim_corners,
    )


@dataclass(frozen=True)
class Parts:
    """What notebook 6 computes, from which `findings` reads the numbers."""

    counts: counts.Counts
    explored: ranges.Explored
    patents: Patents
    proxy_pairs: pd.DataFrame
    claims: tuple[ClaimRange, ...]


def findings(parts: Parts, by_year: Mapping[int, pd.DataFrame], given: Given) -> Missing:
    """Collect every number of notebook 6."""
    cells, table = parts.explored.cells, by_year[given.year]
    date = dates.article_date(dates.read(), given.years)
    admissible = ranges.summaries([cell for cell in cells if cell.year in date.admissible])
    decided = [cell.status for cell in parts.patents.cells if cell.year in date.admissible]
    readings = counts.describe_readings(parts.counts, given.year)
    main = next(reading.name for reading in readings.values() if reading.main)
    choices = given.choices
    headline = (main, *choices.headline)
    tests = proxies.by_indicator(parts.proxy_pairs, choices.without, choices.pooled)
    return Missing(
        readings=readings,
        value_sets=counts.describe_sets(parts.counts),
        both_counts=counts.both_counts(parts.counts),
        outside_cities=ranges.outside_cities(parts.counts, table, given),
        summaries=ranges.summaries(cells),
        admissible=admissible,
        baseline=tuple(ranges.select(cells, year=given.year, scaling=given.scaling)),
        headline=next(
            each for each in admissible if (each.reading, each.values, each.columns) == headline
        ),
        patents=parts.patents,
        patents_admissible={kind: decided.count(kind) for kind in patents.STATUSES},
        proxies=tests,
        proxy_errors=proxies.errors(table, tests, given),
        claims=parts.claims,
        date=date,
    )
