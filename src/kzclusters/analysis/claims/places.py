"""Where the members of each claim lie among the regions: what a picture of it shows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kzclusters.analysis.claims.groups import nearest_distances
from kzclusters.analysis.claims.reading import (
    Claim,
    YearTable,
    indicators_present,
    indicators_used,
    parse_claims,
    prepare_year,
)
from kzclusters.analysis.claims.rules import Limits

PLACE_COLUMNS = ("claim", "row", "kind", "region", "z", "low", "high")
NEAREST = "nearest"
"""Row of `places` that holds the distance of every region to its nearest other."""


def places(
    claims: pd.DataFrame,
    table: pd.DataFrame,
    national: pd.Series | None,
    published: pd.Series,
    year: int,
    limits: Limits,
) -> pd.DataFrame:
    """Return where the members of each claim lie among the regions, for a picture of it.

    Parameters
    ----------
    claims, published, limits
        As for `decide`.
    table, national
        Those of one ``year``.

    Returns
    -------
    DataFrame, `PLACE_COLUMNS`
        ``row``: an indicator, with a leading ``-`` where it is turned because less is more, or
        `NEAREST` for the test ``isolated``. ``kind``: *member*, *other* (both with ``region``),
        *national* or *mean of regions* (the reference, without region). ``z``: standard
        deviations of the regions from their mean; for `NEAREST` the distance that the test
        ranks. ``low``, ``high``: the bounds between which the test wants the members' mean z
        (`high`, `low`) or every member (the others); NaN where a side is open, both NaN where
        the test has no bounds. A claim that no indicator decides has no rows, one that is
        `isolated` has the row `NEAREST` alone.

    Raises
    ------
    InputError
        As `decide`.
    """
    parsed = parse_claims(claims, published)
    used = indicators_used(parsed)
    data = prepare_year(year, table, national, published, used)
    parts = [
        line.assign(claim=claim.id)
        for claim in parsed
        if claim.test != "close_values" or len(claim.members) > 1
        for line in _lines(claim, data, limits.margin)
    ]
    if not parts:
        return pd.DataFrame(columns=list(PLACE_COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(PLACE_COLUMNS)]


def _lines(claim: Claim, data: YearTable, margin: float) -> list[pd.DataFrame]:
    """Return the rows of `places` of one claim, one table for each indicator."""
    present = indicators_present(claim, data)
    if claim.test == "isolated" and present:
        return [_line(claim, NEAREST, nearest_distances(data.scores[present]))]
    lines = []
    for indicator in present:
        sign, values = claim.sign(indicator), data.values[indicator]
        reference = sign * (data.reference[indicator] - values.mean()) / values.std(ddof=1)
        low, high = {
            "high": (margin, math.nan),
            "low": (math.nan, -margin),
            "average": (-margin, margin),
            "above_average": (reference, math.nan),
            "below_average": (math.nan, reference),
        }.get(claim.test, (math.nan, math.nan))
        name = f"{'-' if sign < 0 else ''}{indicator}"
        line = _line(claim, name, sign * data.scores[indicator])
        line.loc[len(line)] = {
            "row": name,
            "kind": data.reference_is[indicator],
            "region": "",
            "z": reference,
        }
        lines.append(line.assign(low=low, high=high))
    return lines


def _line(claim: Claim, row: str, scores: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": row,
            "kind": np.where(scores.index.isin(claim.members), "member", "other"),
            "region": scores.index,
            "z": scores.to_numpy(),
            "low": math.nan,
            "high": math.nan,
        }
    )
