"""What the grid of specifications says: agreement, recovery, choices, chance, errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from hclustkit import compare as measures
from hclustkit import multiverse
from hclustkit.errors import InputError
from hclustkit.multiverse.permutation import EVERY

from kzclusters.analysis.baseline import below_diagonal, indicator_name, place
from kzclusters.analysis.claims.groups import is_connected
from kzclusters.analysis.grid_findings import (
    BySize,
    ExactRange,
    ExactSpecification,
    Full,
    GridAgreement,
    GridSize,
    KeptApart,
    LeftOut,
    Luck,
    NoiseLevel,
    NoiseRange,
    Null,
    Pairs,
    Permutation,
    Recovery,
    Robustness,
    Share,
    Spread,
    Unmerged,
    Verdict,
)
from kzclusters.evidence import article, indicators
from kzclusters.wording import listing, lower_first

L = TypeVar("L")

STATISTICS = {"mean": "mean", "median": "median", "sd": "std", "min": "min", "max": "max"}
"""Fields of findings about a distribution, and the methods of pandas that compute them."""

SPREAD_BY = {
    "by_number": "indicators",
    "by_linkage": "linkage",
    "by_year": "year",
    "by_scaling": "scaling",
}
"""Fields of `GridAgreement` and the columns of the specifications that they group by."""


@dataclass(frozen=True)
class Parts:
    """What notebook 4 computes, from which `findings` reads the numbers.

    Attributes
    ----------
    result : the grid, computed
    tests : permutation tests by the name of their null
    noise : clusters of the baseline under measurement error
    noise_draws : disturbed copies at each level
    left : the result without one indicator, group or region
    shares : shares of the variance of agreement, index the choices
    together : co-association matrix at the article's number of clusters
    consensus : the same over all numbers of clusters
    """

    result: multiverse.Result
    tests: Mapping[str, multiverse.PermutationTest]
    noise: multiverse.NoiseSurvival
    noise_draws: int
    left: pd.DataFrame
    shares: pd.DataFrame
    together: pd.DataFrame
    consensus: pd.DataFrame


@dataclass(frozen=True)
class Setting:
    """What the study hands to `findings`.

    Attributes
    ----------
    published : Series, index the regions
    baseline : the adjusted Rand index of the baseline
    columns : columns of the baseline's table
    regions : as `kzclusters.evidence.sources.regions` returns it
    neighbours : pairs of regions that share a border
    solid : share of the specifications from which a cluster is solid
    fragile : share below which it is fragile
    alone : share from which a region is mostly a cluster of its own
    """

    published: pd.Series
    baseline: float
    columns: Sequence[str]
    regions: pd.DataFrame
    neighbours: pd.DataFrame
    solid: float
    fragile: float
    alone: float

    @property
    def names(self) -> dict[str, str]:
        """Names of the regions by label."""
        return self.regions["name_en"].to_dict()

    @property
    def clusters(self) -> dict[str, list[str]]:
        """Labels of the members of each published cluster, in the article's order."""
        order = sorted(self.published.unique(), key=article.CLUSTERS.index)
        return {key: list(self.published.index[self.published == key]) for key in order}


# --- the grid and the agreement over it -------------------------------------------------------
def locate(
    result: multiverse.Result, columns: Sequence[str], year: int, scaling: str, linkage: str, k: int
) -> int | None:
    """Return the row of the specification that a run is, or None if the grid does not have it."""
    chosen = {column.partition(":")[0]: column.partition(":")[2] for column in columns}
    if k != result.grid.k:
        return None
    try:
        return result.locate(year, scaling, linkage, chosen)
    except InputError:
        return None


def complete_rows(specifications: pd.DataFrame) -> np.ndarray:
    """Mark the specifications that leave out no indicator with data in their year."""
    most = specifications.groupby("year")["indicators"].transform("max")
    return (specifications["indicators"] == most).to_numpy()


def statistics(values: pd.Series, *names: str) -> dict[str, Any]:
    """Compute some of `STATISTICS`, by the names of the fields."""
    return {name: float(getattr(values, STATISTICS[name])()) for name in names}


def spread(values: pd.Series, by: pd.Series) -> dict[str, Spread]:
    """Summarise the agreement by one choice."""
    groups = values.groupby(by if pd.api.types.is_integer_dtype(by) else by.astype(str))
    return {
        str(option): Spread(len(group), **statistics(group, "mean", "max"))
        for option, group in groups
    }


def grid_size(design: Any, result: multiverse.Result, columns: Sequence[str]) -> GridSize:
    """Describe the grid: its choices and its size."""
    declared, rows = result.grid, result.specifications
    on_ranks = rows.loc[rows["order_dependent"], "scaling"] == "rank"
    described = indicators.describe()
    base = {column.partition(":")[0] for column in columns}
    variants = described[(described["variant"] != "") & described["indicator"].isin(base)]
    return GridSize(
        n_specifications=len(rows),
        years=tuple(declared.years),
        scalings=tuple(declared.scalings),
        linkages=tuple(declared.linkages),
        min_indicators=declared.min_indicators,
        k=declared.k,
        n_excluded=len(design.excluded),
        n_partitions=len(result.partitions),
        n_order_dependent=len(on_ranks),
        order_dependent_on_ranks=float(on_ranks.mean()) if len(on_ranks) else 0.0,
        n_variants=len(variants),
        with_variants=tuple(sorted(set(variants["indicator"]), key=place)),
        k_min=min(declared.consensus_ks),
        k_max=max(declared.consensus_ks),
    )


def grid_agreement(rows: pd.DataFrame, baseline: float, n_exact: int) -> GridAgreement:
    """Summarise the agreement with the published clusters over the grid.

    Parameters
    ----------
    rows : the specifications
    baseline : adjusted Rand index of the baseline
    n_exact : number of specifications that agree exactly
    """
    ari = rows["ari"]
    by_choice = {field: spread(ari, rows[column]) for field, column in SPREAD_BY.items()}
    return GridAgreement(
        **statistics(ari, *STATISTICS) | by_choice,
        q05=float(ari.quantile(0.05)),
        q95=float(ari.quantile(0.95)),
        vi_mean=float(rows["vi"].mean()),
        baseline=baseline,
        share_below_baseline=float((ari < baseline).mean()),
        n_exact=n_exact,
        share_exact=n_exact / len(rows),
    )


def full(result: multiverse.Result) -> Full:
    """Summarise the specifications that leave out no indicator with data in their year."""
    rows = complete_rows(result.specifications)
    ari = result.specifications["ari"][rows]
    return Full(
        n=len(ari),
        **statistics(ari, "mean", "median", "min", "max"),
        recovery={str(k): float(v) for k, v in result.recovery(rows)["share"].items()},
    )


def by_size(agreement: GridAgreement) -> BySize:
    """Return the mean agreement with the fewest and with the most indicators."""
    means = {int(size): entry.mean for size, entry in agreement.by_number.items()}
    fewest, most = min(means), max(means)
    return BySize(fewest, means[fewest], most, means[most])


# --- exact recovery ---------------------------------------------------------------------------
def exact(result: multiverse.Result) -> tuple[ExactSpecification, ...]:
    """List the specifications that recover the published clusters exactly."""
    return tuple(
        ExactSpecification(
            year=int(row["year"]),
            scaling=str(row["scaling"]),
            linkage=str(row["linkage"]),
            n_indicators=int(row["n_indicators"]),
            indicators=row["indicators"],
        )
        for row in result.exact().to_dict("records")
    )


def exact_range(found: Sequence[ExactSpecification]) -> ExactRange:
    """Return the choices that the exact specifications make."""
    sizes = [entry.n_indicators for entry in found]
    return ExactRange(
        years=tuple(sorted({entry.year for entry in found})),
        scalings=tuple(sorted({entry.scaling for entry in found})),
        linkages=tuple(sorted({entry.linkage for entry in found})),
        fewest=min(sizes, default=0),
        most=max(sizes, default=0),
    )


def count_unmerged(result: multiverse.Result, linkage: str = "ward") -> Unmerged:
    """Count the specifications of one linkage as if each variant of an absent indicator counted."""
    rows = result.describe()
    rows = rows[rows["linkage"] == linkage]
    times = np.ones(len(rows), dtype=np.int64)
    for code, variants in result.grid.indicators.items():
        times = times * np.where(rows[code] == "absent", len(variants), 1)
    return Unmerged(int(times.sum()), int(times[(rows["ari"] == 1).to_numpy()].sum()))


# --- clusters and pairs -----------------------------------------------------------------------
def recovery_by_linkage(result: multiverse.Result) -> pd.DataFrame:
    """Return how often each published cluster is recovered, by linkage."""
    used = result.specifications["linkage"]
    parts = {name: result.recovery((used == name).to_numpy()) for name in result.grid.linkages}
    return pd.concat(parts, names=["linkage"]).reset_index()


def recovery(result: multiverse.Result, setting: Setting) -> dict[str, Recovery]:
    """Return how often each published cluster is recovered, in the article's order."""
    share = result.recovery()["share"]
    names = setting.names
    return {
        key: Recovery(float(share[key]), tuple(names[label] for label in members))
        for key, members in setting.clusters.items()
    }


def verdict(found: Mapping[str, Recovery], solid: float, fragile: float) -> Verdict:
    """Sort the published clusters into solid, fragile and dependent on choices.

    Parameters
    ----------
    found : share of the specifications that recover each cluster
    solid : share from which a cluster is solid
    fragile : share below which it is fragile
    """
    firm = tuple(key for key, entry in found.items() if entry.share >= solid)
    weak = tuple(key for key, entry in found.items() if entry.share < fragile)
    others = [key for key in found if key not in firm + weak]
    between = tuple(sorted(others, key=lambda key: -found[key].share))

    def texts(keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{key} ({listing(found[key].members)})" for key in keys)

    return Verdict(
        solid=firm,
        fragile=weak,
        depends=between,
        n_depends=len(between),
        solid_at=solid,
        fragile_below=fragile,
        solid_text=texts(firm),
        fragile_text=texts(weak),
        depends_text=texts(between),
        solid_sizes=tuple(sorted({len(found[key].members) for key in firm})),
        highest_depends=max((found[key].share for key in between), default=0.0),
        lowest_depends=min((found[key].share for key in between), default=0.0),
    )


def kept_apart(result: multiverse.Result, setting: Setting) -> KeptApart:
    """Return how often regions, clusters and the two cities are joined with no other region."""
    regions = {name: float(result.kept_apart([code])) for code, name in setting.names.items()}
    mostly = [name for name in regions if regions[name] >= setting.alone]
    single = sorted(mostly, key=lambda name: -regions[name])
    cities = list(setting.regions.query("kind == 'city'").index)
    return KeptApart(
        regions=regions,
        clusters={key: float(result.kept_apart(group)) for key, group in setting.clusters.items()},
        cities=float(result.kept_apart(cities)),
        single=tuple(single),
        n_single=len(single),
        single_text=tuple(f"{name} ({100 * regions[name]:.0f}%)" for name in single),
        highest_other=max((regions[name] for name in regions if name not in single), default=0.0),
    )


def pair_table(together: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """List all pairs of regions with the share of specifications in which they are together."""
    published, names = setting.published, setting.names
    order = list(published.index)
    shares = below_diagonal(together.loc[order, order])
    rows = [
        (f"{names[a]} – {names[b]}", published[a] == published[b], share)
        for (a, b), share in shares.items()
    ]
    table = pd.DataFrame(rows, columns=["pair", "together in Figure 3", "share of specifications"])
    return table.sort_values("share of specifications", ascending=False, kind="stable")


def pairs(together: pd.DataFrame, consensus: pd.DataFrame, setting: Setting) -> Pairs:
    """Compare pairs that share a published cluster with pairs that do not."""
    table = pair_table(together, setting)
    same = table["together in Figure 3"].astype(bool)
    # in the order of the regions: another order would change the last digit of a sum
    share = table["share of specifications"].sort_index()
    together_there = same.sort_index()
    inside, outside = float(share[together_there].mean()), float(share[~together_there].mean())
    apart = table[~same].iloc[0]
    cities = setting.regions.query("kind == 'city'").index
    return Pairs(
        inside=inside,
        outside=outside,
        ratio=inside / outside,
        pac=measures.pac(consensus),
        strongest_apart=apart["pair"],
        strongest_apart_share=float(apart["share of specifications"]),
        cities_together=float(together.loc[cities[0], cities[1]]),
    )


def scattered_clusters(setting: Setting) -> tuple[str, ...]:
    """Return the published clusters that are not groups of neighbours."""
    borders = {frozenset(pair) for pair in setting.neighbours.iloc[:, :2].itertuples(index=False)}
    return tuple(key for key, group in setting.clusters.items() if not is_connected(group, borders))


# --- chance, errors, what is left out ---------------------------------------------------------
def permutation(test: multiverse.PermutationTest) -> Permutation:
    """Read a permutation test."""
    summary = test.summary()
    largest, mean = summary.pop("max"), summary.pop("mean")
    return Permutation(**summary, max=Null(**largest), mean=Null(**mean))


def luck(tests: Mapping[str, Permutation]) -> Luck:
    """Read the permutation tests together: the largest p, and the least that was possible."""
    drawn = [test for test in tests.values() if test.sampler != EVERY]
    return Luck(
        largest_p=max(max(test.max.p, test.mean.p) for test in tests.values()),
        floor=max((1 / (test.draws + 1) for test in drawn), default=0.0),
        draws=max(test.draws for test in tests.values()),
    )


def noise_levels(partitions: pd.DataFrame, kind: Callable[[float, float], L]) -> dict[str, L]:
    """Return how often the whole grouping comes back, and its agreement, by the size of error.

    Parameters
    ----------
    partitions : as `hclustkit.multiverse.NoiseSurvival.partitions`
    kind : the class of findings to make of each row: `NoiseLevel`, or one of its two fields
    """
    return {
        f"{row['level']:.2f}": kind(float(row["unchanged"]), float(row["ari_mean"]))
        for row in partitions.to_dict("records")
    }


def noise_range(clusters: pd.DataFrame) -> NoiseRange:
    """Return how often clusters of one and of several regions survive measurement error."""
    single, many = clusters[clusters["size"] == 1], clusters[clusters["size"] > 1]
    levels = sorted(float(level) for level in clusters["level"].unique())
    middle = levels[len(levels) // 2]
    survived = many.loc[many["level"] == middle, "survived"]
    return NoiseRange(
        levels=tuple(f"{100 * level:g}%" for level in levels),
        smallest=levels[0],
        middle=middle,
        largest=levels[-1],
        single_lowest=float(single["survived"].min()) if len(single) else None,
        many_lowest=float(survived.min()) if len(survived) else None,
        many_highest=float(survived.max()) if len(survived) else None,
    )


def left_out(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, LeftOut]:
    """Read the table of what is left out, by kind: indicator, group or region (object)."""

    def text(kind: str, label: str) -> str:
        if kind == "object":
            return names[label]
        return f"{label} ({lower_first(indicator_name(label))})" if kind == "indicator" else label

    found = {}
    for kind, rows in table.groupby("kind"):
        ari = rows["ari_reference"]
        labels = pd.Series([text(str(kind), label) for label in rows["left_out"]], index=rows.index)
        unchanged = labels[rows["clusters_changed"] == 0]
        found[str(kind)] = LeftOut(
            **statistics(ari, "min", "max"),
            min_baseline=float(rows["ari_baseline"].min()),
            n=len(rows),
            n_unchanged=len(unchanged),
            unchanged=tuple(unchanged),
            lowest=tuple(labels[np.isclose(ari, ari.min())]),
            highest=tuple(labels[np.isclose(ari, ari.max())]),
        )
    return found


def ranked_shares(shares: pd.DataFrame) -> tuple[Share, ...]:
    """Return the choices by their share of the variance of agreement, the largest first."""
    registry = indicators.registry()
    ranked = shares["shapley"].sort_values(ascending=False, kind="stable")
    return tuple(
        Share(f"{k} ({lower_first(registry[k].name)})" if k in registry else str(k), float(v))
        for k, v in ranked.items()
    )


def findings(design: Any, parts: Parts, setting: Setting) -> Robustness:
    """Read every number of the robustness analysis from what notebook 4 computed."""
    result = parts.result
    exactly = exact(result)
    agreement = grid_agreement(result.specifications, setting.baseline, len(exactly))
    tests = {name: permutation(test) for name, test in parts.tests.items()}
    recovered = recovery(result, setting)
    ranked = parts.shares["shapley"].sort_values(ascending=False, kind="stable")
    return Robustness(
        grid=grid_size(design, result, setting.columns),
        agreement=agreement,
        full=full(result),
        by_size=by_size(agreement),
        permutation=tests,
        luck=luck(tests),
        noise_draws=parts.noise_draws,
        noise=noise_levels(parts.noise.partitions, NoiseLevel),
        noise_range=noise_range(parts.noise.clusters),
        leave_out=left_out(parts.left, setting.names),
        shares={str(choice): float(share) for choice, share in ranked.items()},
        ranked_shares=ranked_shares(parts.shares),
        first_order_sum=float(parts.shares["first_order"].sum()),
        recovery=recovered,
        apart=kept_apart(result, setting),
        verdict=verdict(recovered, setting.solid, setting.fragile),
        exact=exactly,
        exact_range=exact_range(exactly),
        unmerged=count_unmerged(result),
        pairs=pairs(parts.together, parts.consensus, setting),
        scattered=scattered_clusters(setting),
    )
