"""Made-up regions, claims about them, and what is decided on a claim."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from kzclusters.analysis import claims

REGIONS = [f"r{number:02d}" for number in range(16)]
PUBLISHED = pd.Series(
    ["A"] * 3 + ["B"] * 2 + ["C"] * 2 + ["D"] * 7 + ["S"] + ["T"], index=REGIONS, name="cluster"
)
YEARS = (2012, 2013, 2014)
LIMITS = claims.Limits(tight=0.05, partly_tight=0.25, margin=0.5, majority=0.5)


def make_table(seed: int = 0) -> pd.DataFrame:
    """Noise, with a tight cluster A, a high B, a low C and a far-off S planted in it."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(16, 4)), index=REGIONS, columns=["P1", "P2", "P3", "P4"])
    table.iloc[0:3, 0:2] = rng.normal([0.2, -0.3], 0.01, size=(3, 2))
    table.loc[PUBLISHED == "B", "P3"] = [4.0, 4.4]
    table.loc[PUBLISHED == "C", "P3"] = [-4.0, -4.4]
    table.loc["r14"] = [9.0, -9.0, 0.0, 9.0]
    return table


def claim(cluster: str, test: str, indicators: str, name: str = "C01", **more) -> pd.DataFrame:
    row = {"id": name, "cluster": cluster, "indicators": indicators, "test": test, **more}
    return pd.DataFrame([row])


def decide(asked: pd.DataFrame, table: pd.DataFrame, national: dict | None = None, **more):
    figures = {} if national is None else {year: pd.Series(national) for year in YEARS}
    return claims.decide(
        asked, dict.fromkeys(YEARS, table), figures, PUBLISHED, 2013, LIMITS, **more
    )


def verdict(*arguments, **more) -> str:
    return decide(*arguments, **more).summary["verdict"].item()


def column(values: dict[str, float], others: float = 0.0) -> pd.DataFrame:
    """One indicator ``P1`` with the given values; the rest alternate about ``others``."""
    table = pd.DataFrame({"P1": others + 0.01 * (-1.0) ** np.arange(16)}, index=REGIONS)
    for region, value in values.items():
        table.loc[region, "P1"] = value
    return table


def brute_force(scores: pd.DataFrame, members: list[str]) -> tuple[float, int, int]:
    def spread(group) -> float:
        part = scores.loc[list(group)].to_numpy()
        return float(((part - part.mean(axis=0)) ** 2).mean())

    own = spread(members)
    groups = list(combinations(scores.index, len(members)))
    tight = sum(spread(group) <= own + 1e-9 * (1 + own) for group in groups)
    return own, tight, len(groups)
