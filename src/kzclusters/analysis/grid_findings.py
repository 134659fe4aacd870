"""Findings of notebook 4: every number about the grid of specifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = tuple[str, ...]


@dataclass(frozen=True)
class GridSize:
    """The grid of specifications."""

    n_specifications: int
    years: tuple[int, ...]
    scalings: Texts
    linkages: Texts
    min_indicators: int
    k: int
    n_excluded: int
    n_partitions: int
    n_order_dependent: int
    order_dependent_on_ranks: float
    n_variants: int
    with_variants: Texts
    k_min: int
    k_max: int


@dataclass(frozen=True)
class Spread:
    """The adjusted Rand index over a part of the grid."""

    n: int
    mean: float
    max: float


@dataclass(frozen=True)
class GridAgreement:
    """The adjusted Rand index with Figure 3 over the grid."""

    mean: float
    median: float
    sd: float
    min: float
    max: float
    q05: float
    q95: float
    vi_mean: float
    baseline: float
    share_below_baseline: float
    n_exact: int
    share_exact: float
    by_number: Mapping[str, Spread]
    by_linkage: Mapping[str, Spread]
    by_year: Mapping[str, Spread]
    by_scaling: Mapping[str, Spread]


@dataclass(frozen=True)
class Full:
    """The specifications that leave out no indicator with data in their year."""

    n: int
    mean: float
    median: float
    min: float
    max: float
    recovery: Mapping[str, float]


@dataclass(frozen=True)
class BySize:
    """The mean index with the fewest and with the most indicators."""

    fewest: int
    fewest_mean: float
    most: int
    most_mean: float


@dataclass(frozen=True)
class Null:
    """One statistic under random references."""

    observed: float
    p: float
    null_mean: float
    null_median: float
    null_95: float
    null_largest: float


@dataclass(frozen=True)
class Permutation:
    """A permutation test over the whole grid."""

    null: str
    sampler: str
    draws: int
    seed: int
    specifications: int
    max: Null
    mean: Null


@dataclass(frozen=True)
class Luck:
    """The permutation tests together."""

    largest_p: float
    floor: float
    draws: int


@dataclass(frozen=True)
class NoiseLevel:
    """The baseline under measurement error of one size."""

    unchanged: float
    ari_mean: float


@dataclass(frozen=True)
class NoiseRange:
    """How often clusters survive measurement error."""

    levels: Texts
    smallest: float
    middle: float
    largest: float
    single_lowest: float | None
    many_lowest: float | None
    many_highest: float | None


@dataclass(frozen=True)
class LeftOut:
    """The result without one indicator, group or region at a time."""

    min: float
    max: float
    min_baseline: float
    n: int
    n_unchanged: int
    unchanged: Texts
    lowest: Texts
    highest: Texts


@dataclass(frozen=True)
class Share:
    """A choice of the analysis and its share of the variance of agreement."""

    name: str
    shapley: float


@dataclass(frozen=True)
class Recovery:
    """How often a published cluster is recovered."""

    share: float
    members: Texts


@dataclass(frozen=True)
class KeptApart:
    """How often regions and groups of them are joined with no other region."""

    regions: Mapping[str, float]
    clusters: Mapping[str, float]
    cities: float
    single: Texts
    n_single: int
    single_text: Texts
    highest_other: float


@dataclass(frozen=True)
class Verdict:
    """The published clusters by how often they are recovered, with their members as text."""

    solid: Texts
    fragile: Texts
    depends: Texts
    n_depends: int
    solid_at: float
    fragile_below: float
    solid_text: Texts
    fragile_text: Texts
    depends_text: Texts
    solid_sizes: tuple[int, ...]
    highest_depends: float
    lowest_depends: float


@dataclass(frozen=True)
class ExactSpecification:
    """A specification that recovers Figure 3 exactly."""

    year: int
    scaling: str
    linkage: str
    n_indicators: int
    indicators: str


@dataclass(frozen=True)
class ExactRange:
    """The choices of the specifications that recover Figure 3 exactly."""

    years: tuple[int, ...]
    scalings: Texts
    linkages: Texts
    fewest: int
    most: int


@dataclass(frozen=True)
class Unmerged:
    """The grid under Ward's method when repetitions of a specification count."""

    n_specifications: int
    n_exact: int


@dataclass(frozen=True)
class Pairs:
    """How often two regions are together."""

    inside: float
    outside: float
    ratio: float
    pac: float
    strongest_apart: str
    strongest_apart_share: float
    cities_together: float


@dataclass(frozen=True)
class Robustness:
    """What notebook 4 finds over the grid."""

    grid: GridSize
    agreement: GridAgreement
    full: Full
    by_size: BySize
    permutation: Mapping[str, Permutation]
    luck: Luck
    noise_draws: int
    noise: Mapping[str, NoiseLevel]
    noise_range: NoiseRange
    leave_out: Mapping[str, LeftOut]
    shares: Mapping[str, float]
    ranked_shares: tuple[Share, ...]
    first_order_sum: float
    recovery: Mapping[str, Recovery]
    apart: KeptApart
    verdict: Verdict
    exact: tuple[ExactSpecification, ...]
    exact_range: ExactRange
    unmerged: Unmerged
    pairs: Pairs
    scattered: Texts
