"""The article's own setting: agreement, what survives, chance, errors, other methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from hclustkit import multiverse
from hclustkit.validity.gap_power import gap_power

from kzclusters.analysis.claims import Limits
from kzclusters.analysis.missing import dates
from kzclusters.analysis.setting import breaks, chance, hanging, methods, own
from kzclusters.analysis.setting_findings import Power, Setting
from kzclusters.evidence import article, indicators, sources
from kzclusters.evidence.breaks import breaks as known_breaks


@dataclass(frozen=True)
class Given:
    """What notebook 4 hands to `findings`.

    Attributes
    ----------
    result : the grid, computed
    long : the long table of indicators
    published : clusters of the regions in Figure 3
    names : names of the regions by label
    neighbours : pairs of regions that share a border
    baseline : year and scaling of the baseline
    choices : ``own_setting`` of the study file
    levels : sizes of the errors
    draws : disturbed copies at each level
    seed : of every draw
    limits : limits of the tests of claims
    """

    result: multiverse.Result
    long: pd.DataFrame
    published: pd.Series
    names: Mapping[Any, str]
    neighbours: pd.DataFrame
    baseline: tuple[int, str]
    choices: Mapping[str, Any]
    levels: Sequence[float]
    draws: int
    seed: int
    limits: Limits

    @property
    def tables(self) -> methods.Tables:
        """The tables of the setting."""
        grid = self.result.grid
        return methods.tables(self.long, self.published, grid.years, grid.scalings, self.baseline)


def _hanging(given: Given, at: methods.Tables) -> dict[str, Any]:
    """Decide the claims again by other readings of the tests, in the baseline year."""
    series, years = sources.series(), list(given.result.grid.years)
    national = indicators.national(series, years)
    others = indicators.auxiliary_values(series, years)
    rows = given.published.index
    return hanging.find_hanging(
        article.claims(),
        {year: at.raw[year].join(others.xs(year, level="year").loc[rows]) for year in years},
        {year: national.loc[year] for year in years},
        given.published,
        given.baseline[0],
        given.limits,
        given.neighbours,
        margin=given.choices["other_margin"],
    )


def _power(given: Given, at: methods.Tables) -> Power:
    """Let the gap statistic judge tables that have the baseline's clusters."""
    table, choices = at.scaled[at.baseline], given.choices
    found = gap_power(
        table,
        at.cut(table),
        factors=choices["power_factors"],
        tables=choices["power_tables"],
        draws=choices["power_references"],
        seed=given.seed,
    )
    summary = found.summary().rename(index="{:g}".format)
    by_factor = {name: column.to_dict() for name, column in summary.items()}
    return Power(
        choices["power_tables"], choices["power_references"], found.n_clusters, **by_factor
    )


def findings(given: Given) -> tuple[Setting, pd.DataFrame]:
    """Compute everything about the article's own setting.

    Returns
    -------
    found : Setting
    nulls : DataFrame
        The partitions of Figure 3's cluster sizes by their properties.
    """
    result, choices, at = given.result, given.choices, given.tables
    years, cities = list(result.grid.years), choices["cities"]
    admissible = dates.article_date(dates.read(), years).admissible
    parts = own.parts(result, admissible)
    ours = at.cut(at.scaled[at.baseline]).rename("ours")
    described = own.describe_own(result, parts, at.index(ours), admissible)
    nulls, every = chance.nulls(
        result,
        parts,
        at.scaled,
        given.published,
        given.neighbours,
        cities=cities,
        admissible=admissible,
    )
    groups = {code: group for group, codes in indicators.groups().items() for code in codes}
    found = Setting(
        own=described,
        grid=own.reweigh(result),
        survival={
            name: own.survival(result, where, cities, given.names) for name, where in parts.items()
        },
        plain=own.plain(given.published, ours, own.membership(result, parts["own"]), given.names),
        nulls=nulls,
        errors=methods.errors(
            at,
            given.levels,
            one_level=choices["error_of_one"],
            draws=given.draws,
            seed=given.seed,
            exact=choices["exact"],
            alike=choices["alike"],
        ),
        once=methods.once(at, choices["alike"], choices["exact"]),
        methods=methods.methods(at, groups, choices["components"]),
        kmeans=methods.kmeans(at, choices["kmeans_starts"], given.seed),
        breaks=breaks.breaks(at, described.index, known_breaks(), sources.series()),
        without_year={
            str(year): breaks.without_years(described.index, [year]) for year in described.years
        },
        without_region={
            str(region): breaks.without_regions(at, [region])[0] for region in given.names
        },
        hanging=_hanging(given, at),
        gap_power=_power(given, at),
    )
    return found, every
