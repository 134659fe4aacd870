"""What breaks in the series do to the result: without their regions, without their years."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd
from hclustkit import standardize
from hclustkit.compare import adjusted_rand_index

from kzclusters.analysis.setting.methods import Tables
from kzclusters.analysis.setting_findings import Break
from kzclusters.evidence.breaks import SeriesBreak, values_of


def without_regions(at: Tables, regions: Collection[str]) -> tuple[float, bool]:
    """Cluster the baseline's table without some regions.

    Returns
    -------
    index : float
        Adjusted Rand index with Figure 3 among the regions left, cut into as many clusters as
        the baseline has among them.
    same : bool
        Whether these keep their clusters.
    """
    ours = at.cut(at.scaled[at.baseline])
    year, scaling = at.baseline
    raw = at.raw[year]
    left = raw[~raw.index.isin(regions)]
    known = ours.loc[left.index]
    found = Tables({}, {}, at.baseline, at.published.loc[left.index], int(known.nunique()))
    clusters = found.cut(standardize(left, scaling))
    return found.index(clusters), bool(adjusted_rand_index(known, clusters) == 1)


def without_years(index: Mapping[str, float], years: Collection[int]) -> float:
    """Average the index over the setting without some years.

    Parameters
    ----------
    index : by year and scaling, see `kzclusters.analysis.setting_findings.Own`
    years : left out
    """
    values = [v for key, v in index.items() if int(key.split()[0]) not in years]
    return sum(values) / len(values)


def breaks(
    at: Tables,
    index: Mapping[str, float],
    entries: Mapping[str, SeriesBreak],
    series: Mapping[str, pd.DataFrame],
) -> dict[str, Break]:
    """Describe each break and what leaving its regions or its years out does.

    Parameters
    ----------
    at : the tables of the setting
    index : of the setting, by year and scaling
    entries : as `kzclusters.evidence.breaks.breaks` returns them
    series : as `kzclusters.evidence.sources.series` returns it
    """
    found = {}
    for name, entry in entries.items():
        left, same = without_regions(at, entry.regions)
        found[name] = Break(
            series=entry.values,
            regions=entry.regions,
            years=entry.years,
            what=" ".join(entry.what.split()),
            values=values_of(entry, series),
            index=left,
            same=same,
            left_out=entry.leave,
            own_mean=without_years(index, entry.leave),
        )
    return found
