"""Errors in the data, indicators that count twice, and other methods on the same tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import Tree, standardize
from hclustkit.compare import adjusted_rand_index
from hclustkit.flat import k_means, k_medoids, least_squares
from hclustkit.multiverse import NoiseSurvival, noise_survival
from hclustkit.validity import within_ss
from hclustkit.validity.exact import principal_axes, product
from scipy.spatial.distance import pdist, squareform

from kzclusters.analysis.missing import collect
from kzclusters.analysis.robustness import noise_levels
from kzclusters.analysis.setting_findings import ErrorLevel, Errors, KMeans, Method, Reduced

Key = tuple[int, str]
"""Year and scaling."""


@dataclass(frozen=True)
class Tables:
    """The tables of the setting, and what they are compared with.

    Attributes
    ----------
    raw : unscaled tables by year
    scaled : scaled tables by year and scaling
    baseline : the year and scaling of the baseline
    published : clusters of the regions in Figure 3
    k : number of clusters
    """

    raw: Mapping[int, pd.DataFrame]
    scaled: Mapping[Key, pd.DataFrame]
    baseline: Key
    published: pd.Series
    k: int

    def cut(self, table: pd.DataFrame, linkage: str = "ward") -> pd.Series:
        """Cut the tree of a scaled table."""
        return pd.Series(Tree.from_table(table, linkage).cut(self.k), index=table.index)

    def index(self, clusters: pd.Series) -> float:
        """Compute the adjusted Rand index with Figure 3."""
        return float(adjusted_rand_index(self.published, clusters))


def tables(
    long: pd.DataFrame,
    published: pd.Series,
    years: Sequence[int],
    scalings: Sequence[str],
    baseline: Key,
) -> Tables:
    """Build the tables of the setting: main variants that have data in every region.

    Parameters
    ----------
    long : the long table of indicators
    published : clusters of the regions in Figure 3
    years, scalings : of the setting
    baseline : the year and scaling of the baseline
    """
    raw = collect.tables(long, years, published.index)
    scaled = {(y, s): standardize(raw[y], s) for y in years for s in scalings}
    return Tables(raw, scaled, baseline, published, int(published.nunique()))


# --- errors ---------------------------------------------------------------------------------
def _levels(found: NoiseSurvival) -> dict[str, ErrorLevel]:
    return noise_levels(found.partitions, ErrorLevel)


def errors(
    at: Tables,
    levels: Sequence[float],
    *,
    one_level: float,
    draws: int,
    seed: int,
    exact: Sequence[str],
    alike: Sequence[Sequence[str]],
) -> Errors:
    """Disturb the baseline in units of a standard deviation, relatively, and one by one.

    Parameters
    ----------
    at : the tables
    levels : sizes of the error
    one_level : relative error of one indicator alone
    draws : disturbed copies at each level
    seed : of the draws
    exact : indicators without error
    alike : indicators that are nearly the same
    """
    year, scaling = at.baseline
    raw = at.raw[year]
    settings: dict[str, Any] = {"k": at.k, "seed": seed, "draws": draws, "scaling": scaling}
    columns = list(raw.columns)
    without = [code for code in exact if code in columns]
    joint: dict[str, Any] = {"exact": without, "alike": alike}
    alone = {
        code: noise_survival(
            raw, levels=[one_level], exact=[c for c in columns if c != code], **settings
        )
        for code in columns
    }
    variation = raw.std(ddof=1) / raw.mean()
    return Errors(
        draws=draws,
        sd=_levels(noise_survival(raw, levels=levels, unit="sd", **settings)),
        sd_joint=_levels(noise_survival(raw, levels=levels, unit="sd", **joint, **settings)),
        relative=_levels(noise_survival(raw, levels=levels, **settings)),
        one_level=one_level,
        one={code: float(found.partitions["unchanged"].iloc[0]) for code, found in alone.items()},
        in_sd={code: float(one_level / variation[code]) for code in columns},
        exact=tuple(without),
    )


# --- indicators that count twice ----------------------------------------------------------------
def weigh_columns(table: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Multiply columns so that their squared differences carry weights; others keep theirs."""
    return table * np.sqrt([weights.get(column, 1.0) for column in table.columns])


def compare_changed(
    at: Tables, change: Callable[[pd.DataFrame], pd.DataFrame], codes: Sequence[str]
) -> Reduced:
    """Cluster changed tables and compare them with Figure 3 and with the baseline."""
    base = at.scaled[at.baseline]
    ours = at.cut(change(base))
    indices = [at.index(at.cut(change(table))) for table in at.scaled.values()]
    r = float(base[list(codes)].corr().iloc[0, 1]) if len(codes) == 2 else None
    return Reduced(
        codes=tuple(codes),
        r=r,
        index=at.index(ours),
        index_baseline=float(adjusted_rand_index(at.cut(base), ours)),
        own_mean=float(np.mean(indices)),
        own_median=float(np.median(indices)),
    )


def once(at: Tables, alike: Sequence[Sequence[str]], without: Sequence[str]) -> dict[str, Reduced]:
    """Count indicators that are nearly the same once, and leave indicators out.

    Returns
    -------
    dict, key -> Reduced
        ``P4 P5`` for a pair counted once, ``all`` for all pairs, ``without P9`` for one left out.
    """
    weights_of = {" ".join(pair): {code: 1 / len(pair) for code in pair} for pair in alike}
    weights_of["all"] = {code: 1 / len(pair) for pair in alike for code in pair}
    found = {
        name: compare_changed(at, partial(weigh_columns, weights=weights), tuple(weights))
        for name, weights in weights_of.items()
    }
    for code in without:
        found[f"without {code}"] = compare_changed(
            at, partial(pd.DataFrame.drop, columns=code), (code,)
        )
    return found


# --- other methods ------------------------------------------------------------------------------
def components(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """Compute the first principal components of a table."""
    centred = (table - table.mean()).to_numpy()
    axes = principal_axes(centred)[1][:, :n]
    return pd.DataFrame(product(centred, axes), index=table.index)


def _medoids(table: pd.DataFrame, k: int) -> pd.Series:
    """Cluster around medoids by the distances between the rows."""
    distances = pd.DataFrame(squareform(pdist(table)), index=table.index, columns=table.index)
    return k_medoids(distances, k)


def _on_components(table: pd.DataFrame, at: Tables, n: int) -> pd.Series:
    """Cut Ward's tree of the first principal components."""
    return at.cut(components(table, n))


def methods(
    at: Tables, groups: Mapping[str, str], n_components: Sequence[int]
) -> dict[str, Method]:
    """Cluster the tables of the setting by other methods.

    Parameters
    ----------
    at : the tables
    groups : group of each indicator, for groups that weigh the same
    n_components : numbers of principal components
    """

    def groups_equal(table: pd.DataFrame) -> pd.Series:
        sizes = pd.Series([groups[code] for code in table]).value_counts()
        return at.cut(weigh_columns(table, {code: 1 / sizes[groups[code]] for code in table}))

    ways: dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]] = {
        "kmeans": ("k-means, least sum of squares", partial(least_squares, k=at.k)),
        "kmedoids": ("k-medoids, every set of medoids", partial(_medoids, k=at.k)),
        "average": ("average linkage", partial(at.cut, linkage="average")),
        "complete": ("complete linkage", partial(at.cut, linkage="complete")),
        "groups": ("Ward, groups of indicators weighed equally", groups_equal),
    }
    for n in n_components:
        way = partial(_on_components, at=at, n=n)
        ways[f"pca_{n}"] = (f"Ward on {n} principal components", way)
    ward = {key: at.cut(table) for key, table in at.scaled.items()}
    found = {}
    for name, (title, cluster) in ways.items():
        clusters = {key: cluster(table) for key, table in at.scaled.items()}
        index = {key: at.index(labels) for key, labels in clusters.items()}
        with_ward = {key: adjusted_rand_index(ward[key], own) for key, own in clusters.items()}
        values = list(index.values())
        found[name] = Method(
            name=title,
            index=index[at.baseline],
            index_ward=float(with_ward[at.baseline]),
            own_mean=float(np.mean(values)),
            own_median=float(np.median(values)),
            own_max=max(values),
            n_same=sum(value == 1 for value in with_ward.values()),
        )
    return found


def kmeans(at: Tables, starts: int, seed: int) -> KMeans:
    """Compare k-means from many starts with the proven optimum, Ward's cut and Figure 3."""
    table = at.scaled[at.baseline]
    found = k_means(table, at.k, starts=starts, seed=seed)
    from_published = k_means(table, at.k, start=at.published)
    return KMeans(
        starts=starts,
        best=found.sum_of_squares,
        reached=found.reached,
        optimum=within_ss(table, least_squares(table, at.k)),
        ward=within_ss(table, at.cut(table)),
        published=within_ss(table, at.published),
        from_published=from_published.sum_of_squares,
        from_published_index=at.index(from_published.clusters),
    )
