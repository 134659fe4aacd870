"""The article's own setting: its agreement, what survives in it, and pairs in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import multiverse
from hclustkit.compare.partitions import together
from hclustkit.published.pairs import CASES, companions, pair_table

from kzclusters.analysis.robustness import STATISTICS, complete_rows, statistics
from kzclusters.analysis.setting_findings import (
    Case,
    Distribution,
    Own,
    PairCount,
    Plain,
    Reweighted,
    Survival,
)
from kzclusters.evidence import article

ROUNDING = 1e-12
"""Indices this close are equal."""


def own_rows(result: multiverse.Result, linkage: str = "ward") -> np.ndarray:
    """Mark the specifications of one linkage with every indicator in its main variant."""
    rows = result.specifications
    main = (result.grid.digits(rows["choice"].to_numpy()) <= 1).all(axis=1)
    return np.asarray(complete_rows(rows) & main & (rows["linkage"] == linkage).to_numpy())


def parts(result: multiverse.Result, admissible: Sequence[int]) -> dict[str, np.ndarray]:
    """Mark the specifications of every part of the grid that findings speak of.

    Parameters
    ----------
    result : the grid, computed
    admissible : years whose data the article can have used
    """
    rows = result.specifications
    own, full = own_rows(result), complete_rows(rows)
    return {
        "own": own,
        "admissible": own & rows["year"].isin(admissible).to_numpy(),
        "ward_full": full & (rows["linkage"] == "ward").to_numpy(),
        "full": full,
        "grid": np.ones(len(rows), dtype=bool),
    }


def partitions_in(result: multiverse.Result, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the partitions of some specifications, each once, and how often they occur."""
    count = np.bincount(result.specifications["partition"][where], minlength=len(result.partitions))
    return result.partitions[count > 0], count[count > 0]


def membership(result: multiverse.Result, where: np.ndarray) -> pd.DataFrame:
    """Return the partitions of some specifications, one column a year and scaling."""
    rows = result.specifications[where]
    columns = pd.MultiIndex.from_arrays(
        [rows["year"].astype(int), rows["scaling"].astype(str)], names=["year", "scaling"]
    )
    labels = result.partitions[rows["partition"]].T.astype(int) + 1
    return pd.DataFrame(labels, index=list(result.labels), columns=columns)


def distribution(result: multiverse.Result, where: np.ndarray) -> Distribution:
    """Describe the index over some specifications."""
    rows = result.specifications[where]
    ari = rows["ari"]
    return Distribution(
        n=len(ari), n_partitions=int(rows["partition"].nunique()), **statistics(ari, *STATISTICS)
    )


def describe_own(
    result: multiverse.Result,
    parts: Mapping[str, np.ndarray],
    baseline: float,
    admissible: Sequence[int],
) -> Own:
    """Describe the article's own setting.

    Parameters
    ----------
    result : the grid, computed
    parts : see `parts`
    baseline : adjusted Rand index of the baseline
    admissible : years whose data the article can have used
    """
    rows = result.specifications[parts["own"]]
    ari, year, scaling = rows["ari"], rows["year"].astype(int), rows["scaling"].astype(str)
    possible = ari[year.isin(admissible)]

    def above(values: pd.Series) -> int:
        return 1 + int((values > baseline + ROUNDING).sum())

    return Own(
        linkage="ward",
        years=tuple(dict.fromkeys(year)),
        scalings=tuple(dict.fromkeys(scaling)),
        indicators={str(y): int(n) for y, n in rows.groupby(year)["indicators"].max().items()},
        every=distribution(result, parts["own"]),
        admissible_years=tuple(admissible),
        admissible=distribution(result, parts["admissible"]),
        by_year={str(y): float(part.mean()) for y, part in ari.groupby(year)},
        by_scaling={s: float(part.mean()) for s, part in ari.groupby(scaling, sort=False)},
        index={f"{y} {s}": float(v) for y, s, v in zip(year, scaling, ari, strict=True)},
        baseline=baseline,
        baseline_rank=above(ari),
        baseline_ties=max(0, int((abs(ari - baseline) <= ROUNDING).sum()) - 1),
        baseline_rank_admissible=above(possible),
    )


def reweigh(result: multiverse.Result) -> Reweighted:
    """Show the weights that the grid gives by accident, and its mean under two others."""
    rows = result.specifications
    ari, years = rows["ari"], rows["year"].astype(int)
    present = result.grid.digits(rows["choice"].to_numpy()) > 0
    share = years.value_counts(normalize=True).sort_index()
    latest = tuple(int(year) for year in share.index[-3:])
    sets = ari.groupby(rows["subset"]).mean()
    return Reweighted(
        n=len(rows),
        as_counted=float(ari.mean()),
        years_equal=float(ari.groupby(years).mean().mean()),
        sets_equal=float(sets.mean()),
        n_sets=len(sets),
        year_share={str(year): float(part) for year, part in share.items()},
        latest_years=latest,
        latest_share=float(share[list(latest)].sum()),
        indicator_share=dict(
            zip(result.grid.indicators, present.mean(axis=0).tolist(), strict=True)
        ),
        incomplete_share=float((~complete_rows(rows)).mean()),
        not_ward_share=float((rows["linkage"] != "ward").mean()),
    )


def survival(
    result: multiverse.Result, where: np.ndarray, cities: Sequence[Any], names: Mapping[Any, str]
) -> Survival:
    """Say what becomes of the cities and the published clusters over some specifications.

    Parameters
    ----------
    result : the grid, computed
    where : marks the specifications
    cities : labels of the two
    names : names of the regions by label
    """
    partitions, weight = partitions_in(result, where)
    first, second = (result.labels.index(city) for city in cities)
    inside = np.isin(np.arange(len(result.labels)), [first, second])
    mixed = (partitions[:, inside, None] == partitions[:, None, ~inside]).any(axis=(1, 2))
    joined = partitions[:, first] == partitions[:, second]
    n = int(weight.sum())
    apart, both = int(weight[~mixed].sum()), int(weight[joined].sum())
    single = int(weight[~mixed & ~joined].sum())
    return Survival(
        n=n,
        cities_apart=apart / n,
        cities_together=both / n,
        cities_single=single / n,
        n_cities_apart=apart,
        n_cities_together=both,
        n_cities_single=single,
        single={str(label): result.kept_apart([label], where) for label in names},
        recovered={str(k): float(v) for k, v in result.recovery(where)["share"].items()},
    )


def plain(
    published: pd.Series, ours: pd.Series, found: pd.DataFrame, names: Mapping[Any, str]
) -> Plain:
    """Say in pairs of regions what the index means.

    Parameters
    ----------
    published, ours : clusters of the regions, of the article and of the baseline
    found : partitions of the setting, one a column, see `membership`
    names : names of the regions by label
    """
    order = [label for key in article.CLUSTERS for label in published.index[published == key]]
    published = published.loc[order]
    base = pair_table(published, ours.to_frame())[ours.name]
    over = pair_table(published, found)
    back = pair_table(ours, published.to_frame())[published.name]
    cases = companions(published, found)
    sizes = together(found.to_numpy().T).sum(axis=1)

    def pair(entry: tuple[Any, ...]) -> str:
        return f"{names[entry[1]]} and {names[entry[2]]}"

    return Plain(
        n_all=len(published) * (len(published) - 1) // 2,
        n_published=len(base),
        n_ours=len(back),
        n_found=int(base.sum()),
        n_added=int((~back).sum()),
        found=tuple(pair(entry) for entry in base.index[base]),
        lost=tuple(pair(entry) for entry in base.index[~base]),
        added=tuple(pair(entry) for entry in back.index[~back]),
        mean_found=float(over.sum().mean()),
        mean_ours=float(sizes.mean()),
        pairs=tuple(
            PairCount(
                cluster=str(entry[0]),
                names=(names[entry[1]], names[entry[2]]),
                baseline=bool(base[entry]),
                n=int(row.sum()),
                share=float(row.mean()),
            )
            for entry, row in over.iterrows()
        ),
        cases={
            str(label): Case(**{case: int((row == case).sum()) for case in CASES})
            for label, row in cases.iterrows()
        },
        never=tuple(pair(entry) for entry in over.index[~over.any(axis=1)]),
        always=tuple(pair(entry) for entry in over.index[over.all(axis=1)]),
    )


def long_form(pairs: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """List the cells of the picture of pairs and companions: its data.

    Parameters
    ----------
    pairs : as `hclustkit.published.pair_table` returns it
    cases : as `hclustkit.published.companions` returns it
    """
    together = pairs.replace({True: "together", False: "apart"}).astype(object)
    together.index = [f"{first} {second}" for _, first, second in pairs.index]
    rows = [
        (kind, name, year, scaling, value)
        for kind, frame in (("pair", together), ("region", cases))
        for name, row in frame.iterrows()
        for (year, scaling), value in row.items()
    ]
    return pd.DataFrame(rows, columns=["kind", "name", "year", "scaling", "value"])
