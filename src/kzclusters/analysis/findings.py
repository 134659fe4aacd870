"""Findings: every published number, as one typed tree.

Notebook 3 writes all of it except ``robustness``, ``setting``, ``missing`` and ``space`` to
``results.json``; notebooks 4, 6 and 7 write these to the file of their name. Captions, README,
paper and site take their numbers only from here. A field keeps its name in the files, so that
``{agreement.rand_index}`` in a caption is ``Findings.agreement.rand_index``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kzclusters.analysis.grid_findings import Robustness
from kzclusters.analysis.missing.findings import Missing
from kzclusters.analysis.setting_findings import Setting
from kzclusters.analysis.space_findings import Space

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
class Uniqueness:
    """Whether ties allow other partitions, and the merge nearest to another one.

    ``margin`` is the share of its height by which the merge of ``other`` would have to be lower
    to come before that of ``merged`` and change the partition; None where no single one does.
    """

    verdict: str
    n_partitions: int
    margin: float | None
    stage: int
    merged: Texts
    other: Texts


@dataclass(frozen=True)
class NullOfK:
    """The mean silhouette beside that of tables without clusters, by kind of table.

    ``p`` is for the number of clusters that the silhouette chooses, the choice repeated for each
    table; ``p_fixed`` for the number that was given.
    """

    draws: int
    chosen: int
    silhouette: float
    p: Mapping[str, float]
    fixed: int
    silhouette_fixed: float
    p_fixed: Mapping[str, float]


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
    """The errata by kind, without the ``n_copy`` that are faults of the copy that was read."""

    n: int
    kinds: Mapping[str, int]
    n_kinds: int
    n_copy: int


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
    uniqueness: Uniqueness
    null_of_k: NullOfK
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
    setting: Setting | None = None
    missing: Missing | None = None
    space: Space | None = None
