"""Findings: every published number, as one typed tree.

Notebook 3 writes all of it but ``robustness`` to ``results.json``, notebook 4 writes that part to
``robustness.json``. Captions, README, paper and site take their numbers from here and from
nowhere else. A field keeps its name in the files, so that ``{agreement.rand_index}`` in a caption
is ``Findings.agreement.rand_index``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = tuple[str, ...]


# --- the baseline -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Baseline:
    """Which analysis the numbers belong to."""

    called: str
    year: int
    scaling: str
    scaling_text: str
    linkage: str
    linkage_text: str
    n_clusters: int
    n_regions: int
    n_indicators: int
    n_indicators_article: int
    indicators: Texts
    missing: Texts
    missing_text: str


@dataclass(frozen=True)
class Scaling:
    """The indicator that rules the distance before scaling, its share, and the next one."""

    top: str
    top_name: str
    top_share: float
    next: str


@dataclass(frozen=True)
class Distances:
    """Squared distances over the pairs of regions."""

    n_pairs: int
    nearest: Texts
    nearest_value: float
    farthest: Texts
    farthest_value: float
    median: float


@dataclass(frozen=True)
class Correlation:
    """The correlation of two indicators."""

    first: str
    second: str
    first_name: str
    second_name: str
    r: float


@dataclass(frozen=True)
class Correlations:
    """The strongest correlations between indicators, the strongest first."""

    pairs: tuple[Correlation, ...]


@dataclass(frozen=True)
class Merges:
    """The agglomeration schedule: first and last merges, those at the cut, ties."""

    n: int
    first: Texts
    first_coefficient: float
    last_coefficient: float
    n_minus_1: int
    last_made_members: Texts
    last_made: float
    first_refused: float
    final_jump: float
    final_share: float
    ties: int


@dataclass(frozen=True)
class TreeQuality:
    """How faithful the tree is and how tight its clusters are."""

    cophenetic_correlation: float
    mean_silhouette: float
    total_ss: float
    within_ss: float
    explained: float


@dataclass(frozen=True)
class Linkages:
    """Other linkages: which give the baseline's partition, which follow the distances best."""

    same: Texts
    n_same: int
    different: Texts
    lowest: float
    best_cophenetic: str
    best_cophenetic_value: float


@dataclass(frozen=True)
class Votes:
    """The numbers of clusters for which the indices vote."""

    n_voting: int
    n_silent: int
    favourite: int
    n_favourite: int
    second: int
    n_second: int
    for_n_clusters: int
    by_k: Mapping[str, int]


@dataclass(frozen=True)
class Gap:
    """The numbers of clusters that the gap statistic recommends."""

    best: int
    largest_tried: int
    first_rule: int
    in_the_vote: int | None
    by_rule: Mapping[str, int]


@dataclass(frozen=True)
class Silhouettes:
    """Regions that lie nearer to another cluster, and the one that lies best."""

    negative: Texts
    best: str
    best_width: float


@dataclass(frozen=True)
class Stability:
    """Clusters when the regions are resampled."""

    n_resamples: int
    n_left_out: int
    n_many: int
    n_single: int
    threshold: float
    stable: tuple[int, ...]
    n_stable: int
    best: int | None
    best_jaccard: float | None
    worst: int | None
    worst_jaccard: float | None
    single_ceiling: float | None


@dataclass(frozen=True)
class Bootstrap:
    """Merges below the last when the indicators are resampled."""

    n_merges: int
    threshold: float
    n_strong: int
    n_strong_si: int
    lowest_bp_among_strong: float | None
    highest_bp: float | None


# --- the comparison ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Agreement:
    """The published partition and ours: how far they agree."""

    adjusted_rand_index: float
    rand_index: float
    adjusted_mutual_information: float
    fowlkes_mallows: float
    variation_of_information: float
    minimum_moves: int
    moved: Texts


@dataclass(frozen=True)
class Fate:
    """A published cluster in our partition."""

    members: Texts
    ours: tuple[int, ...]
    best_jaccard: float
    recovered_exactly: bool
    relation: str
    joined_by: Texts


@dataclass(frozen=True)
class Recovered:
    """The published clusters that come out exactly, and the others by what happened to them."""

    n: int
    n_published: int
    clusters: Texts
    text: str
    multi_recovered: Texts
    n_single: int
    largest: int
    merged: Texts
    split: Texts
    split_and_merged: Texts


@dataclass(frozen=True)
class Contrast:
    """In what the members of a published cluster differ most and least."""

    most: Texts
    least: Texts
    largest_distance: float


@dataclass(frozen=True)
class Apart:
    """An indicator whose cluster mean lies far from the mean of all regions."""

    indicator: str
    z: float


@dataclass(frozen=True)
class Cluster:
    """One of our clusters."""

    members: Texts
    size: int
    sets_apart: tuple[Apart, ...]
    apart_text: Texts


@dataclass(frozen=True)
class Profile:
    """Our clusters by size, and those that nothing sets apart."""

    plain: Texts
    n_plain: int
    single: Texts
    n_single: int
    n_many: int
    many_sizes: Texts
    mean_size: float


# --- the evidence and what the article says ---------------------------------------------------
@dataclass(frozen=True)
class Sources:
    """The years and series of the study."""

    first_year: int
    last_year: int
    n_years: int
    n_series: int
    n_absent: int
    absent: Texts
    n_sums: int
    n_from_publisher: int
    n_from_others: int


@dataclass(frozen=True)
class Regions:
    """The regions by kind, and the borders between them."""

    n_oblasts: int
    n_cities: int
    n_borders: int
    borders: Texts


@dataclass(frozen=True)
class Infrastructure:
    """Entries of the article's lists of organisations, by where they are printed."""

    n_entries: int
    n_both: int
    n_figure: int
    n_text: int


@dataclass(frozen=True)
class Helix:
    """Entries by actor of the triple helix, in the reading of the text."""

    total: Mapping[str, int]
    no_business: Texts
    n_no_business: int
    rule: str


@dataclass(frozen=True)
class Claims:
    """The verdicts on the article's claims."""

    n: int
    n_years: int
    counts: Mapping[str, int]
    verdicts: Mapping[str, str]
    years_of: Mapping[str, int]
    n_testable: int
    n_every_year: int
    n_steady: int
    supported_share: float
    supported_lowest: int
    supported_highest: int
    not_lowest: int
    not_highest: int
    n_supported_partly_tested: int
    n_close: int
    close_supported: int
    close_partly: int
    close_not: int
    chance: float
    p_supported: float
    p_partly: float
    z_margin: float
    majority: float
    needs_missing: Texts
    n_waiting: int


@dataclass(frozen=True)
class Errata:
    """The errata by kind."""

    n: int
    kinds: Mapping[str, int]
    n_kinds: int


# --- robustness -------------------------------------------------------------------------------
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


@dataclass(frozen=True)
class Findings:
    """Every published number."""

    baseline: Baseline
    agreement: Agreement
    published: Mapping[str, Fate]
    recovered: Recovered
    contrasts: Mapping[str, Contrast]
    clusters: Mapping[str, Cluster]
    profile: Profile
    scaling: Scaling
    distances: Distances
    correlations: Correlations
    merges: Merges
    tree: TreeQuality
    linkages: Linkages
    votes: Votes
    gap: Gap
    silhouettes: Silhouettes
    stability: Stability
    bootstrap: Bootstrap
    sources: Sources
    regions: Regions
    groups: Texts
    concepts: Mapping[str, int]
    infrastructure: Infrastructure
    helix: Helix
    claims: Claims
    errata: Errata
    robustness: Robustness | None = None
