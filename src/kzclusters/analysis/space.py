"""Where the regions lie: neighbours that are alike, contiguous clusters, geography's part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import Tree, cut, linkage, standardize
from hclustkit.compare import adjusted_rand_index
from hclustkit.compare.partitions import compare
from hclustkit.space import (
    Neighbours,
    choose_alpha,
    join_counts,
    keep_pattern,
    largest_agreement,
    local_moran,
    mixed_partitions,
    mixing_table,
)
from hclustkit.space.mixed_grid import MixedGrid
from scipy.spatial.distance import pdist
from scipy.stats import false_discovery_control

from kzclusters.analysis.baseline import indicator_name
from kzclusters.analysis.space_findings import (
    Agreement,
    Association,
    Contiguity,
    GridShares,
    Pull,
    Space,
)
from kzclusters.study import SpaceChoices
from kzclusters.wording import listing, signed


@dataclass(frozen=True)
class Setting:
    """What the analysis is given.

    Attributes
    ----------
    tables : scaled table by (year, scaling), all indexed by the same regions
    base : the year and scaling of the baseline
    published : Series, index the regions
    neighbours : in the same order
    names : region -> name
    linkage, k, seed : of the study
    choices : see `kzclusters.study.SpaceChoices`
    """

    tables: Mapping[tuple[int, str], pd.DataFrame]
    base: tuple[int, str]
    published: pd.Series
    neighbours: Neighbours
    names: Mapping[str, str]
    linkage: str
    k: int
    seed: int
    choices: SpaceChoices

    def plain(self, x: np.ndarray) -> np.ndarray:
        """Cluster without a constraint."""
        return cut(linkage(x, self.linkage), self.k)

    def hard(self, x: np.ndarray) -> np.ndarray:
        """Cluster so that only neighbours merge."""
        return cut(linkage(x, self.linkage, connectivity=self.neighbours), self.k)

    def agreements(self, partitions: np.ndarray) -> np.ndarray:
        """Compare partitions with Figure 3, one a row, all at once."""
        wanted = pd.factorize(self.published)[0].astype(np.int64)
        return compare(partitions.astype(np.int64) - 1, wanted)[0]

    def agreement(self, partition: Any) -> float:
        """Compare a partition with Figure 3."""
        return float(adjusted_rand_index(self.published.to_numpy(), np.asarray(partition)))


def scaled_tables(
    tables: Mapping[int, pd.DataFrame], scalings: list[str]
) -> dict[tuple[int, str], pd.DataFrame]:
    """Scale the table of each year in each way."""
    return {
        (year, scaling): standardize(table, scaling)
        for year, table in tables.items()
        for scaling in scalings
    }


# --- are neighbours alike? -------------------------------------------------------------------
def local_table(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Test every region and indicator; adjust over all of these tests together."""
    draws, seed = setting.choices.moran_draws, setting.seed
    found = pd.concat(
        {
            column: local_moran(table[column], setting.neighbours, draws=draws, seed=seed)
            for column in table
        },
        names=["indicator", "region"],
    ).reset_index()
    found["p_adjusted"] = false_discovery_control(found["p"])
    return found


def association(moran: pd.DataFrame, local: pd.DataFrame, setting: Setting) -> Association:
    """Read the tests of association; `moran` as `hclustkit.space.moran_table` returns it."""
    tests = moran.set_index("column").groupby(["objects", "weights"])
    binary = tests.get_group(("all", "binary"))
    standardized = tests.get_group(("all", "standardized"))["value"]
    level = setting.choices.level

    def passed(rows: pd.DataFrame) -> tuple[str, ...]:
        rows = rows[false_discovery_control(rows["p"]) <= level]
        return tuple(rows.sort_values("value", ascending=False, kind="stable").index)

    turned = tuple(binary.index[(binary["value"] * standardized[binary.index]) < 0])
    found = local[local["p_adjusted"] <= level]
    return Association(
        n=len(binary),
        draws=setting.choices.moran_draws,
        level=level,
        clustered=passed(binary),
        n_clustered=len(passed(binary)),
        without=passed(tests.get_group(("two or more", "binary"))),
        highest=str(binary["value"].idxmax()),
        highest_name=indicator_name(str(binary["value"].idxmax())),
        highest_value=float(binary["value"].max()),
        critical_low=float(binary["critical"].min()),
        critical_high=float(binary["critical"].max()),
        turned=turned,
        n_turned=len(turned),
        n_local=len(found),
        n_local_tests=len(local),
        local=tuple(f"{setting.names[row.region]} ({row.indicator})" for row in found.itertuples()),
    )


def contiguity(partition: pd.Series, setting: Setting) -> Contiguity:
    """Count joins and pieces of a partition."""
    found = join_counts(
        partition, setting.neighbours, draws=setting.choices.moran_draws, seed=setting.seed
    )
    scattered = [key for key, pieces in found.pieces.items() if pieces > 1]
    members = {
        key: [setting.names[region] for region in partition.index[partition == key]]
        for key in scattered
    }
    return Contiguity(
        same=found.same,
        pairs=found.pairs,
        expected=found.expected,
        p=found.p,
        scattered=tuple(f"{key} ({listing(members[key])})" for key in scattered),
        n_scattered=len(scattered),
        n_clusters=len(found.pieces),
    )


# --- contiguous clusters ---------------------------------------------------------------------
def mixtures(setting: Setting) -> dict[tuple[int, str], Any]:
    """Mix features and borders to cross in every year and scaling."""
    steps = setting.neighbours.steps()
    return {
        key: mixing_table(pdist(table.to_numpy()), steps, setting.k, scale=setting.choices.scale)
        for key, table in setting.tables.items()
    }


def agreements(setting: Setting, mixed: Mapping[tuple[int, str], Any]) -> pd.DataFrame:
    """Compare the partitions by every recipe with Figure 3, one row a year and scaling.

    Returns
    -------
    DataFrame
        ``year``, ``scaling``, ``plain``, ``hard``, ``soft`` at the share of space that the rule
        chooses, this ``alpha``, and ``inversions`` of the constrained tree.
    """
    rows = []
    for (year, scaling), table in setting.tables.items():
        tree = Tree.from_table(table, setting.linkage, connectivity=setting.neighbours)
        mixture = mixed[year, scaling]
        alpha = choose_alpha(mixture.table)
        rows.append(
            {
                "year": year,
                "scaling": scaling,
                "plain": setting.agreement(setting.plain(table.to_numpy())),
                "hard": setting.agreement(tree.cut(setting.k)),
                "soft": setting.agreement(mixture.partitions[alpha]),
                "alpha": alpha,
                "inversions": len(tree.inversions()),
            }
        )
    return pd.DataFrame(rows)


def by_alpha(setting: Setting, mixed: Mapping[tuple[int, str], Any]) -> pd.DataFrame:
    """Return the agreement with Figure 3 by share of space, one column a year and scaling."""
    return pd.DataFrame(
        {
            f"{year} {scaling}": mixture.partitions.apply(setting.agreement)
            for (year, scaling), mixture in mixed.items()
        }
    ).rename_axis("alpha")


def by_alpha_dealt(setting: Setting) -> pd.Series:
    """Return the mean agreement by share of space where rows are dealt to regions at random."""
    steps, choices = setting.neighbours.steps(), setting.choices
    labels = [
        mixed_partitions(
            pdist(surrogate("permuted", table.to_numpy(), setting, setting.seed + i)),
            steps,
            setting.k,
            scale=choices.scale,
        )
        for i in range(choices.alpha_surrogates)
        for table in setting.tables.values()
    ]
    together = np.array([found.to_numpy().T for found in labels])
    count, alphas, n = together.shape
    index = setting.agreements(together.reshape(-1, n)).reshape(count, alphas)
    return pd.Series(index.mean(axis=0), index=labels[0].columns).rename_axis("alpha")


def grid_shares(real: MixedGrid, dealt: MixedGrid) -> GridShares:
    """Read the share of space over the grid; `dealt` is with rows dealt to regions at random."""
    plain, rule, means = real.index[0.0], real.at_rule(), real.by_alpha()["all"]
    best = float(means.round(9).idxmax())
    return GridShares(
        n=len(plain),
        plain=math.fsum(plain) / len(plain),
        rule=math.fsum(rule) / len(rule),
        dealt_rule=math.fsum(dealt.at_rule()) / len(rule),
        median_alpha=float(real.specifications["alpha"].median()),
        raised=float((rule > plain + 1e-9).mean()),
        best_alpha=best,
        best=float(means[best]),
        dealt_best=float(dealt.by_alpha().loc[best, "all"]),
        plain_max=float(plain.max()),
        any_max=float(real.index.to_numpy().max()),
    )


# --- what of it is trivial -------------------------------------------------------------------
def surrogate(kind: str, x: np.ndarray, setting: Setting, seed: int) -> np.ndarray:
    """Make a table without the places of the values: permuted, or with the pattern kept."""
    rng = np.random.default_rng(seed)
    if kind == "permuted":
        return x[rng.permutation(len(x))]
    return keep_pattern(x, setting.neighbours, rng)


def pulls(setting: Setting) -> tuple[dict[str, Pull], pd.DataFrame]:
    """Measure what the constraint adds, on the real tables and on surrogates of them.

    Returns
    -------
    pulls : by kind of surrogate, with and without the indicator of location
    drawn : DataFrame, one row a surrogate: ``kind``, ``plain``, ``constrained``
    """
    found, parts = {}, []
    location = setting.choices.location
    for without in (False, True):
        arrays = [
            table.loc[:, [c for c in table if not (without and c.startswith(location))]].to_numpy()
            for table in setting.tables.values()
        ]
        real_plain, real_constrained = _means(setting, [arrays])[0]
        for kind in ("permuted", "pattern"):
            name = f"{kind}_without" if without else kind
            made = [
                [surrogate(kind, x, setting, setting.seed + i) for x in arrays]
                for i in range(setting.choices.surrogates)
            ]
            plain, constrained = _means(setting, made).T
            parts.append(pd.DataFrame({"kind": name, "plain": plain, "constrained": constrained}))
            found[name] = _pull(real_plain, real_constrained, plain, constrained)
    return found, pd.concat(parts, ignore_index=True)


def _pull(
    plain: float, constrained: float, drawn_plain: np.ndarray, drawn_constrained: np.ndarray
) -> Pull:
    """Compare the agreement on the real tables with that on surrogates, shape (B,)."""
    gain, drawn_gain, count = constrained - plain, drawn_constrained - drawn_plain, len(drawn_plain)

    def reached(drawn: np.ndarray, real: float) -> float:
        return (1 + int((drawn >= real - 1e-12).sum())) / (1 + count)

    return Pull(
        plain=float(plain),
        constrained=float(constrained),
        gain=float(gain),
        chance_plain=math.fsum(drawn_plain) / count,
        chance_constrained=math.fsum(drawn_constrained) / count,
        chance_gain=math.fsum(drawn_gain) / count,
        p_constrained=reached(drawn_constrained, constrained),
        p_gain=reached(drawn_gain, gain),
    )


def _means(setting: Setting, made: list[list[np.ndarray]]) -> np.ndarray:
    """Return the mean agreement over each list of tables, without and with the constraint.

    Returns
    -------
    array, shape (lists, 2)
    """
    shape = len(made), len(made[0])
    columns = []
    for recipe in (setting.plain, setting.hard):
        labels = np.array([recipe(x) for arrays in made for x in arrays])
        columns.append(setting.agreements(labels).reshape(shape).mean(axis=1))
    return np.column_stack(columns)


# --- the findings ----------------------------------------------------------------------------
def findings(
    setting: Setting,
    moran: pd.DataFrame,
    local: pd.DataFrame,
    ours: pd.Series,
    table: pd.DataFrame,
    curve: pd.DataFrame,
    dealt: pd.Series,
    pulled: Mapping[str, Pull],
    grid: GridShares,
) -> Space:
    """Read the numbers of the notebook.

    Parameters
    ----------
    setting : Setting
    moran, local : as `hclustkit.space.moran_table` and `local_table` return them
    ours : the baseline's partition
    table, curve, dealt, pulled, grid : as `agreements`, `by_alpha`, `by_alpha_dealt`, `pulls` and
        `grid_shares` return them
    """
    base = setting.base
    features = pdist(setting.tables[base].to_numpy())
    scales = {
        scale: choose_alpha(
            mixing_table(features, setting.neighbours.steps(), setting.k, scale=scale).table
        )
        for scale in ("max", "mean", "inertia")
    }
    means = {alpha: math.fsum(row) / len(row) for alpha, row in curve.iterrows()}
    at_base = table.set_index(["year", "scaling"]).loc[base]
    published = contiguity(setting.published, setting)
    largest = largest_agreement(setting.published, setting.neighbours, setting.k)
    return Space(
        association=association(moran, local, setting),
        published=published,
        ours=contiguity(ours, setting),
        plain=_agreement(table["plain"], at_base["plain"]),
        hard=_agreement(table["hard"], at_base["hard"]),
        soft=_agreement(table["soft"], at_base["soft"]),
        n_specifications=len(table),
        inversions=int(at_base["inversions"]),
        alpha=float(at_base["alpha"]),
        alpha_by_scale=scales,
        by_alpha={f"{alpha:.2f}": value for alpha, value in means.items()},
        by_alpha_dealt={f"{alpha:.2f}": float(value) for alpha, value in dealt.items()},
        best_alpha=float(max(means, key=lambda alpha: (round(means[alpha], 9), -alpha))),
        grid=grid,
        largest=largest,
        pulls=dict(pulled),
        surrogates=setting.choices.surrogates,
        location=setting.choices.location,
        judged=_judge(published, largest, pulled["permuted"], means, dealt),
    )


def _agreement(values: pd.Series, at_base: float) -> Agreement:
    """Summarise the index of one recipe over the years and scalings."""
    return Agreement(
        baseline=float(at_base),
        mean=math.fsum(values) / len(values),
        min=float(values.min()),
        max=float(values.max()),
    )


def _judge(
    published: Contiguity,
    largest: float,
    pull: Pull,
    by_alpha: Mapping[float, float],
    dealt: pd.Series,
) -> tuple[str, ...]:
    """Say what the findings mean for the article's talk of regional clusters.

    Parameters
    ----------
    published, largest : pieces of Figure 3, and the largest index of contiguous clusters
    pull : of the constraint, beside permuted tables
    by_alpha, dealt : mean index by share of space, and where rows are dealt at random
    """
    best, map_or_table = max(by_alpha.values()), max(by_alpha[0.0], by_alpha[1.0])
    pieces = "Every cluster of Figure 3 is one connected piece of land."
    if published.n_scattered:
        verb = "is" if published.n_scattered == 1 else "are"
        pieces = (
            f"Not every cluster of Figure 3 is one connected piece of land: "
            f"{published.n_scattered} of {published.n_clusters} {verb} not, "
            f"{listing(published.scattered)}. No contiguous clusters reach an index above "
            f"{largest:.2f}."
        )
    constraint = (
        f"Letting only neighbours merge changes the mean agreement with Figure 3 by "
        f"{signed(pull.gain, 2)}; where the same values are dealt to the regions at random, it "
        f"changes it by {signed(pull.chance_gain, 2)} on average, without any geography in the "
        "data."
    )
    mixed = (
        f"Indicators and map together come nearer to Figure 3, {best:.2f} at the share of space "
        f"that Figure 3 itself favours, than either alone, {by_alpha[0.0]:.2f} and "
        f"{by_alpha[1.0]:.2f}; the map and indicators dealt at random come to {dealt.max():.2f} at "
        "most."
    )
    return (pieces, constraint, mixed) if best > map_or_table else (pieces, constraint)
