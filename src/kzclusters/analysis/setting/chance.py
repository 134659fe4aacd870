"""Figure 3 beside chance: every partition of its sizes, and tables with our map patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import multiverse
from hclustkit.published.chance import EveryPartition, every_partition
from hclustkit.published.surrogates import spectral_surrogates

from kzclusters.analysis.setting.own import ROUNDING, partitions_in
from kzclusters.analysis.setting_findings import Nulls, NullSet, Surrogates

TESTED = ("own", "admissible", "full", "grid")
"""Parts of the grid over which a mean is set beside chance."""
BIN = 0.02
"""Width of the bins in which the surrogates are drawn."""


def null_sets(every: EveryPartition, n_clusters: int) -> dict[str, NullSet]:
    """Count the sets of partitions that Figure 3 is set beside; see `Nulls`."""
    at = every.published
    wanted: dict[str, dict[str, int]] = {
        "all": {},
        "contiguous": {"pieces": n_clusters},
        "pieces": {"pieces": at["pieces"]},
        "neighbours": {"neighbours": at["neighbours"]},
        "cities": {"alone": at["alone"]},
        "pieces_cities": {"pieces": at["pieces"], "alone": at["alone"]},
        "every_property": dict(at),
        "contiguous_cities": {"pieces": n_clusters, "alone": at["alone"]},
    }
    found = {name: every.among(**properties) for name, properties in wanted.items()}
    return {name: NullSet(f.n, f.published, f.reached, f.share) for name, f in found.items()}


def surrogates(index: pd.DataFrame, admissible: Sequence[int]) -> Surrogates:
    """Summarise the index of the surrogate tables.

    Parameters
    ----------
    index : as `spectral_surrogates` returns it, columns (year, scaling)
    admissible : years whose data the article can have used
    """
    mean = index.mean(axis=1).to_numpy()
    some = index.loc[:, index.columns.get_level_values(0).isin(admissible)].mean(axis=1).to_numpy()
    reached = mean >= mean[0] - ROUNDING
    first, last = (int(np.floor(value / BIN + ROUNDING)) for value in (mean.min(), mean.max()))
    edges = BIN * np.arange(first, last + 2)
    return Surrogates(
        n=2 * len(mean),
        n_different=len(mean),
        observed=float(mean[0]),
        reached=2 * int(reached.sum()),
        share=float(reached.mean()),
        mean=float(mean.mean()),
        q95=float(np.quantile(mean, 0.95)),
        max=float(mean.max()),
        admissible_observed=float(some[0]),
        admissible_share=float((some >= some[0] - ROUNDING).mean()),
        edges=tuple(np.round(edges, 6).tolist()),
        counts=tuple((2 * np.histogram(mean + ROUNDING, edges)[0]).tolist()),
    )


def nulls(
    result: multiverse.Result,
    parts: Mapping[str, np.ndarray],
    tables: Mapping[tuple[int, str], pd.DataFrame],
    published: pd.Series,
    neighbours: pd.DataFrame,
    *,
    cities: Sequence[Any],
    admissible: Sequence[int],
) -> tuple[Nulls, pd.DataFrame]:
    """Set Figure 3 beside groupings, and our tables beside tables, that know nothing of it.

    Parameters
    ----------
    result : the grid, computed
    parts : see `kzclusters.analysis.setting.own.parts`
    tables : scaled tables of the setting by year and scaling
    published : clusters of the regions in Figure 3
    neighbours : pairs of regions that share a border
    cities : labels of the two cities
    admissible : years whose data the article can have used

    Returns
    -------
    findings : Nulls
    table : DataFrame
        The partitions of Figure 3's cluster sizes by their properties.
    """
    k = int(published.nunique())
    compared = {name: partitions_in(result, parts[name]) for name in TESTED}
    every = every_partition(published, compared, neighbours=neighbours, alone=cities)
    sets = null_sets(every, k)
    index = spectral_surrogates(tables, published, neighbours, k=k)
    index.columns = pd.MultiIndex.from_tuples(index.columns)
    found = surrogates(index, admissible)
    shares = {name: entry.share["own"] for name, entry in sets.items() if entry.contains_published}
    shares["surrogates"] = found.share
    largest = max(shares, key=lambda name: shares[name])
    findings = Nulls(
        pieces=every.published["pieces"],
        neighbouring_pairs=every.published["neighbours"],
        observed=every.observed,
        sets=sets,
        surrogates=found,
        largest=shares[largest],
        largest_of=largest,
    )
    return findings, every.table
