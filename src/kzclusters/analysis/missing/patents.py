"""P1, of which nothing is known: whether a free column gives Figure 3, and plausible ones.

"A share of the total" restricts nothing: z-scores, ranges and ranks of a column do not change
when it is divided by its sum, and any scaled column is that of some shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import sensitivity
from hclustkit.compare.partitions import compare
from scipy.stats import rankdata

from kzclusters.analysis.missing.findings import FreeColumn, Patents, Prior
from kzclusters.analysis.missing.given import Given

DIGITS = 6
"""Significant digits of a printed share; the partition is checked with these."""

STATUSES = ("reachable", "impossible", "open")
"""What one free column can do: give Figure 3, not give it, or neither is shown."""

TITLES = {
    "equal": "equal in every region",
    "research": "like expenditure on research and development",
    "population": "like population",
    "cities": "concentrated in the two cities",
}


def as_shares(values: pd.Series, scaling: str) -> pd.Series:
    """Turn a column into shares in % whose scaled values are the same.

    Raises
    ------
    AssertionError
        Under ``log-zscore`` a value is not positive.
    """
    if scaling == "log-zscore":
        assert (values > 0).all()
    else:
        spread = values.max() - values.min()
        values = values - values.min() + 0.01 * spread
    return (values / values.sum() * 100).map(lambda x: float(f"{x:.{DIGITS}g}"))


def free_column(table: pd.DataFrame, year: int, scaling: str, given: Given) -> FreeColumn:
    """Decide for one year and scaling whether one free column can give Figure 3."""
    found = sensitivity.free_columns(
        table,
        given.published,
        seed=given.seed,
        scaling=scaling,
        most=given.choices.most_columns,
        starts=given.choices.starts,
        moves=given.choices.moves,
    )
    apart, column = found.separation, None
    if found.status == "reachable" and found.columns is not None:
        shares = as_shares(found.columns.iloc[:, 0], scaling)
        # the column is one for Ward's method and as many clusters, whatever the run does
        wanted = replace(given, k=given.published.nunique(), linkage="ward")
        assert agreement(table, shares.to_numpy()[None], scaling, wanted)[0] == 1.0
        column = {str(code): float(value) for code, value in shares.items()}
    proof = ""
    if apart.impossible:
        proof = "squares" if apart.least_squares > apart.most_squares else "extent"
    return FreeColumn(
        year=year,
        scaling=scaling,
        status=found.status,
        needed_squares=apart.least_squares,
        granted_squares=apart.most_squares,
        needed_extent=apart.least_extent,
        granted_extent=apart.most_extent,
        proof=proof,
        least_excess=found.excess,
        n_columns=None if found.columns is None else found.columns.shape[1],
        n_columns_least=found.n_least,
        column=column,
    )


def agreement(table: pd.DataFrame, columns: np.ndarray, scaling: str, given: Given) -> np.ndarray:
    """Return the adjusted Rand index with Figure 3 when each column is added to the table.

    Parameters
    ----------
    table : DataFrame, regions × indicators that have data
    columns : array, shape (B, n)
        One column for P1 in each row.
    scaling : of the table with its column
    given : Given

    Returns
    -------
    array, shape (B,)
    """
    labels = sensitivity.partitions_with(
        table, columns[:, :, None], k=given.k, scaling=scaling, method=given.linkage
    )
    wanted = pd.factorize(given.published.reindex(table.index))[0].astype(np.int64)
    return compare(labels, wanted)[0]


def prior_means(research: pd.Series, people: pd.Series, given: Given) -> dict[str, pd.Series]:
    """Return the mean share of each region under each prior."""
    cities = research.index.isin(given.cities)
    in_city = given.choices.city_share / cities.sum()
    elsewhere = (1 - given.choices.city_share) / (~cities).sum()
    means = {
        "equal": pd.Series(1.0, people.index),
        "research": research,
        "population": people,
        "cities": pd.Series(np.where(cities, in_city, elsewhere), people.index),
    }
    return {name: series / series.sum() for name, series in means.items()}


def priors(
    table: pd.DataFrame, research: pd.Series, people: pd.Series, given: Given
) -> dict[str, Prior]:
    """Draw P1 from each prior, a Dirichlet distribution, and cluster the baseline with it."""
    found = {}
    for at, (name, mean) in enumerate(prior_means(research, people, given).items()):
        rng = np.random.default_rng([given.seed, at])
        shape = given.choices.concentration * len(mean) * mean.to_numpy()
        drawn = np.maximum(rng.dirichlet(shape, given.choices.prior_draws), 1e-12)
        effect = sensitivity.column_effect(
            table, drawn[:, :, None], k=given.k, scaling=given.scaling, method=given.linkage
        )
        ari = agreement(table, drawn, given.scaling, given)
        found[name] = Prior(
            name=name,
            title=TITLES[name],
            n=given.choices.prior_draws,
            unchanged=effect.unchanged,
            mean=float(ari.mean()),
            q05=float(np.quantile(ari, 0.05)),
            q95=float(np.quantile(ari, 0.95)),
            most=float(ari.max()),
        )
    return found


def rank_correlation(columns: np.ndarray, with_: pd.Series) -> np.ndarray:
    """Return Spearman's correlation of each row of ``columns``, shape (B, n), with one series."""
    ranks = rankdata(columns, axis=1) - (columns.shape[1] + 1) / 2
    other = rankdata(with_) - (len(with_) + 1) / 2
    return (ranks @ other) / np.sqrt((ranks**2).sum(axis=1) * (other @ other))


def findings(
    tables: Mapping[int, pd.DataFrame], research: pd.Series, people: pd.Series, given: Given
) -> Patents:
    """Collect what P1 could do.

    Parameters
    ----------
    tables : year -> DataFrame, regions × indicators that have data
    research, people : expenditure on research and development, and population, of the
        baseline's year
    given : Given
    """
    cells = tuple(
        free_column(table, year, scaling, given)
        for year, table in tables.items()
        for scaling in given.scalings
    )
    statuses = [cell.status for cell in cells]
    by_scaling = {}
    for scaling in given.scalings:
        found = [cell.status for cell in cells if cell.scaling == scaling]
        by_scaling[scaling] = {kind: found.count(kind) for kind in STATUSES}
    table = tables[given.year]
    choices: dict[str, Any] = {
        "seed": given.seed,
        "scaling": given.scaling,
        "method": given.linkage,
    }
    best, _ = sensitivity.best_agreement(table, given.published, **choices)

    def related(columns: np.ndarray) -> np.ndarray:
        return rank_correlation(columns, research) >= given.choices.least_correlation

    near, column = sensitivity.best_agreement(
        table, given.published, start=research.to_numpy(), accept=related, **choices
    )
    return Patents(
        n_cells=len(cells),
        n_reachable=statuses.count("reachable"),
        n_impossible=statuses.count("impossible"),
        n_open=statuses.count("open"),
        by_scaling=by_scaling,
        baseline=next(c for c in cells if (c.year, c.scaling) == (given.year, given.scaling)),
        cells=cells,
        priors=priors(table, research, people, given),
        least_correlation=given.choices.least_correlation,
        best_any=best,
        best_related=near,
        related_correlation=float(rank_correlation(column[None], research)[0]),
    )
