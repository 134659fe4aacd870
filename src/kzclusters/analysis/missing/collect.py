"""All findings on what is missing, from the choices of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kzclusters.analysis.claims import Limits
from kzclusters.analysis.missing import concentration, counts, dates, patents, proxies, ranges
from kzclusters.analysis.missing.findings import ClaimRange, Missing, Patents
from kzclusters.evidence import sources
from kzclusters.evidence.indicators import inputs
from kzclusters.study import MissingChoices


@dataclass(frozen=True)
class Study:
    """What the study hands to this analysis.

    Attributes
    ----------
    published : region -> published cluster, in case order
    cities : codes of the two cities
    years, scalings : of the study and of the grid
    year, scaling, linkage, k : of the baseline
    seed : of every draw
    choices : draws and limits
    """

    published: pd.Series
    cities: Sequence[str]
    years: Sequence[int]
    scalings: Sequence[str]
    year: int
    scaling: str
    linkage: str
    k: int
    seed: int
    choices: MissingChoices

    def ranges(self) -> ranges.Setting:
        """Return the settings of `ranges.explore`."""
        return ranges.Setting(
            published=self.published,
            cities=self.cities,
            scalings=self.scalings,
            k=self.k,
            linkage=self.linkage,
            seed=self.seed,
            points=self.choices.points,
            corners=self.choices.corners,
            boxes=self.choices.boxes,
        )

    def patents(self) -> patents.Setting:
        """Return the settings of `patents.findings`."""
        return patents.Setting(
            published=self.published,
            k=self.k,
            linkage=self.linkage,
            seed=self.seed,
            scalings=self.scalings,
            year=self.year,
            scaling=self.scaling,
            starts=self.choices.starts,
            moves=self.choices.moves,
            most_columns=self.choices.most_columns,
            prior_draws=self.choices.prior_draws,
            concentration=self.choices.concentration,
            cities=self.cities,
            city_share=self.choices.city_share,
            least_correlation=self.choices.least_correlation,
        )

    def proxies(self) -> proxies.Setting:
        """Return the settings of `proxies.errors`."""
        return proxies.Setting(
            published=self.published,
            k=self.k,
            scaling=self.scaling,
            linkage=self.linkage,
            seed=self.seed,
            proxy_draws=self.choices.proxy_draws,
        )


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


def patents_of(by_year: Mapping[int, pd.DataFrame], study: Study) -> Patents:
    """Find what P1 could do; regional R&D is total expenditure, not expenditure per inhabitant."""
    frame = inputs(sources.series(), [study.year]).xs(study.year, level="year")
    frame = frame.loc[list(study.published.index)]
    research = frame["rnd_expenditure_share_of_grp"] / 100 * frame["grp"]
    return patents.findings(by_year, research, frame["pop"], study.patents())


def claims_of(
    found: counts.Counts, claims: pd.DataFrame, limits: Limits, study: Study
) -> tuple[ClaimRange, ...]:
    """Judge the claims on business concentration over all values of P10 and P11."""
    return concentration.claim_ranges(
        found,
        claims,
        study.published,
        study.years,
        study.year,
        limits,
        seed=study.seed,
        points=study.choices.claim_points,
        corners=study.choices.claim_corners,
    )


@dataclass(frozen=True)
class Parts:
    """What notebook 6 computes, from which `findings` reads the numbers."""

    counts: counts.Counts
    explored: ranges.Explored
    patents: Patents
    proxy_pairs: pd.DataFrame
    claims: tuple[ClaimRange, ...]


def findings(parts: Parts, by_year: Mapping[int, pd.DataFrame], study: Study) -> Missing:
    """Collect every number of notebook 6."""
    cells, table = parts.explored.cells, by_year[study.year]
    date = dates.article_date(dates.read(), study.years)
    admissible = ranges.summaries([cell for cell in cells if cell.year in date.admissible])
    decided = [cell.status for cell in parts.patents.cells if cell.year in date.admissible]
    readings = counts.describe_readings(parts.counts, study.year)
    main = next(reading.name for reading in readings.values() if reading.main)
    choices = study.choices
    headline = (main, *choices.headline)
    tests = proxies.by_indicator(parts.proxy_pairs, choices.without, choices.pooled)
    return Missing(
        readings=readings,
        value_sets=counts.describe_sets(parts.counts),
        both_counts=counts.both_counts(parts.counts),
        outside_cities=ranges.outside_cities(parts.counts, table, study.year, study.ranges()),
        summaries=ranges.summaries(cells),
        admissible=admissible,
        baseline=tuple(ranges.select(cells, year=study.year, scaling=study.scaling)),
        headline=next(
            each for each in admissible if (each.reading, each.values, each.columns) == headline
        ),
        patents=parts.patents,
        patents_admissible={kind: decided.count(kind) for kind in patents.STATUSES},
        proxies=tests,
        proxy_errors=proxies.errors(table, tests, study.year, study.proxies()),
        claims=parts.claims,
        date=date,
    )
