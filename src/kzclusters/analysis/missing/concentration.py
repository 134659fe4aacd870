"""The claims on business concentration, judged by P10 and P11 over all their possible values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from kzclusters.analysis.claims import Limits
from kzclusters.analysis.claims.draws import verdicts_over
from kzclusters.analysis.missing import counts as counting
from kzclusters.analysis.missing.counts import Counts
from kzclusters.analysis.missing.findings import ClaimRange

UNDECIDED = "undecided within the ranges"


def concerned_claims(claims: pd.DataFrame) -> tuple[str, ...]:
    """Return the claims that rest on P10 and P11 alone."""
    return tuple(claims.loc[claims["indicators"] == " ".join(counting.COLUMNS), "id"])


def claim_ranges(
    counts: Counts,
    claims: pd.DataFrame,
    published: pd.Series,
    years: Sequence[int],
    baseline_year: int,
    limits: Limits,
    *,
    seed: int,
    points: int,
    corners: int,
) -> tuple[ClaimRange, ...]:
    """Judge each claim at every point; one verdict for a set only where all points agree.

    Parameters
    ----------
    counts : Counts
    claims : the claims of the article, one row each
    published : region -> published cluster
    years, baseline_year : of the study
    limits : limits of the tests
    seed, points, corners : of the draws

    Returns
    -------
    tuple of ClaimRange
        By claim, reading and set. The national figure is that of all regions together.
    """
    stated = claims.set_index("id")
    order = list(counts.names)
    shares: dict[tuple[str, str, str], dict[int, pd.Series]] = {}
    sets = counting.describe_sets(counts)
    for reading, values, year in product(counts.known, sets, years):
        rng = np.random.default_rng([seed, year, list(counts.known).index(reading)])
        bounds = counting.bounds(counts, reading, year, values)
        drawn = np.concatenate([bounds.draw(rng, points), bounds.draw(rng, corners, corners=True)])
        columns = counting.columns_of(counts, reading, year, drawn)
        per = np.stack([counts.area[year].to_numpy(), counts.people[year].to_numpy()], axis=-1)
        # units over the whole country are those of its regions
        national = (columns * per).sum(axis=1) / per.sum(axis=0)
        for claim in concerned_claims(claims):
            row = stated.loc[claim]
            members = [order.index(code) for code in published.index[published == row["cluster"]]]
            verdicts = verdicts_over(row["test"], columns, national, members, limits)
            by_verdict = pd.Series(verdicts).value_counts(normalize=True)
            shares.setdefault((claim, reading, values), {})[year] = by_verdict
    found = []
    for claim, (at, values), reading in product(
        concerned_claims(claims), enumerate(sets), counts.known
    ):
        # each set lies inside the one before it, so that its points are points of both
        nested = [shares[claim, reading, inner] for inner in list(sets)[at:]]
        at_baseline = shares[claim, reading, values][baseline_year]
        found.append(
            ClaimRange(
                claim,
                reading,
                values,
                _verdict([by_year[baseline_year] for by_year in nested]),
                {str(verdict): float(share) for verdict, share in at_baseline.items()},
                {str(year): _verdict([by_year[year] for by_year in nested]) for year in years},
            )
        )
    return tuple(found)


def _verdict(shares: Sequence[pd.Series]) -> str:
    """Return the one verdict of all points of several sets, or that there are several."""
    found = {verdict for share in shares for verdict in share.index}
    return str(found.pop()) if len(found) == 1 else UNDECIDED
