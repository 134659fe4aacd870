"""Findings about the article's own setting: what it finds, what survives, and against what.

The setting: Ward's method, every indicator that has data in its main variant, years × scalings.
Notebook 4 writes this part to ``setting.json``; texts read it as ``Findings.setting``. "The
index" is the adjusted Rand index with Figure 3; names of regions are printed names; keys of
mappings are codes of regions, indicators and clusters, years or names of scalings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = tuple[str, ...]


# --- 1 · the setting, and what the grid weighs ---------------------------------------------------
@dataclass(frozen=True)
class Distribution:
    """The index over a set of specifications, each counted once."""

    n: int
    n_partitions: int
    mean: float
    median: float
    sd: float
    min: float
    max: float


@dataclass(frozen=True)
class Own:
    """The article's own setting.

    ``baseline_rank`` counts specifications with a higher index, plus one; ``baseline_ties`` are
    others with the same. ``indicators`` is the number of indicators with data in each year.
    """

    linkage: str
    years: tuple[int, ...]
    scalings: Texts
    indicators: Mapping[str, int]
    every: Distribution
    admissible_years: tuple[int, ...]
    admissible: Distribution
    by_year: Mapping[str, float]
    by_scaling: Mapping[str, float]
    index: Mapping[str, float]
    baseline: float
    baseline_rank: int
    baseline_ties: int
    baseline_rank_admissible: int


@dataclass(frozen=True)
class Reweighted:
    """The grid's mean index by its accidental weights and by two others.

    ``as_counted``: each specification once. ``years_equal``: the years weigh the same.
    ``sets_equal``: the sets of indicators weigh the same. ``year_share`` and ``indicator_share``
    are the accidental weights: the share of the specifications in each year, and in which each
    indicator takes part; ``incomplete_share`` leaves out an indicator that has data,
    ``not_ward_share`` is not Ward's method.
    """

    n: int
    as_counted: float
    years_equal: float
    sets_equal: float
    n_sets: int
    year_share: Mapping[str, float]
    latest_years: tuple[int, ...]
    latest_share: float
    indicator_share: Mapping[str, float]
    incomplete_share: float
    not_ward_share: float


# --- 2 · what survives ----------------------------------------------------------------------
@dataclass(frozen=True)
class Survival:
    """What becomes of the two cities and of every published cluster over some specifications.

    ``cities_apart``: no cluster holds a city and another region. ``cities_together``: the two
    are in one cluster. ``cities_single``: each is a cluster of its own. ``single``: the shares
    in which a region is a cluster of its own; ``recovered``: in which a published cluster is a
    cluster. Shares; in the own setting of ``n`` specifications the counts are ``n`` times these.
    """

    n: int
    cities_apart: float
    cities_together: float
    cities_single: float
    n_cities_apart: int
    n_cities_together: int
    n_cities_single: int
    single: Mapping[str, float]
    recovered: Mapping[str, float]


# --- 3 · plain words -----------------------------------------------------------------------
@dataclass(frozen=True)
class PairCount:
    """A pair that Figure 3 puts together, and in how many specifications it is together."""

    cluster: str
    names: Texts
    baseline: bool
    n: int
    share: float


@dataclass(frozen=True)
class Case:
    """In how many specifications a region has which companions, beside those of Figure 3.

    ``same``: the same; ``more``: these and others; ``fewer``: some of these and no other;
    ``other``: others, and not all of these.
    """

    same: int
    more: int
    fewer: int
    other: int


@dataclass(frozen=True)
class Plain:
    """What the index means in pairs of regions, in the baseline and over the setting."""

    n_all: int
    n_published: int
    n_ours: int
    n_found: int
    n_added: int
    found: Texts
    lost: Texts
    added: Texts
    mean_found: float
    mean_ours: float
    pairs: tuple[PairCount, ...]
    cases: Mapping[str, Case]
    never: Texts
    always: Texts


# --- 4 · nulls -----------------------------------------------------------------------------
@dataclass(frozen=True)
class NullSet:
    """All partitions of Figure 3's cluster sizes with one property, counted.

    ``reached``: how many of them have a mean index at least as high as Figure 3's, ties
    included, by the specifications over which the mean is taken (``own``, ``admissible``,
    ``full``, ``grid``); ``share``: the same as shares. Figure 3 is one of them where
    ``contains_published``.
    """

    n: int
    contains_published: bool
    reached: Mapping[str, int]
    share: Mapping[str, float]


@dataclass(frozen=True)
class Surrogates:
    """Tables with the map pattern of every indicator and all correlations of ours.

    Signs of the coefficients on the eigenvectors of the centred neighbour matrix are flipped,
    the same flips in every indicator and specification; all flips are taken. ``share``: with a
    mean index over the setting at least as high as the real one, the real table among them.
    ``counts`` are the tables in each bin of that mean, between ``edges``.
    """

    n: int
    n_different: int
    observed: float
    reached: int
    share: float
    mean: float
    q95: float
    max: float
    admissible_observed: float
    admissible_share: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Nulls:
    """Figure 3 beside groupings that know nothing of the data.

    ``sets`` by name: ``all``; ``contiguous``, each cluster hangs together on the map;
    ``pieces``, as many pieces as Figure 3; ``neighbours``, as many pairs of neighbours together;
    ``cities``, both cities single; ``pieces_cities``, the last and as many pieces;
    ``every_property``, these and as many pairs of neighbours; ``contiguous_cities``. ``largest``
    is over the sets that contain Figure 3 and the surrogates, for the mean over the own setting.
    """

    pieces: int
    neighbouring_pairs: int
    observed: Mapping[str, float]
    sets: Mapping[str, NullSet]
    surrogates: Surrogates
    largest: float
    largest_of: str


# --- 5 · errors, indicators that count twice --------------------------------------------------
@dataclass(frozen=True)
class ErrorLevel:
    """Disturbed copies of the baseline: share with the same partition, mean index with it."""

    unchanged: float
    index_baseline: float


@dataclass(frozen=True)
class Errors:
    """Measurement error in units of a standard deviation of the indicator, and relative error.

    ``sd``, ``relative``: every value; ``sd_joint``: as ``sd``, but indicators that are nearly
    the same take the same error and exact ones none. ``one``: relative error of ``one_level`` in
    one indicator alone; ``in_sd``: what that level is in its standard deviations.
    """

    draws: int
    sd: Mapping[str, ErrorLevel]
    sd_joint: Mapping[str, ErrorLevel]
    relative: Mapping[str, ErrorLevel]
    one_level: float
    one: Mapping[str, float]
    in_sd: Mapping[str, float]
    exact: Texts


@dataclass(frozen=True)
class Reduced:
    """The result when an indicator is left out, or two are counted once.

    ``r`` is the correlation of the two, in the baseline; a pair counted once keeps both, each
    with half its weight in the squared distance.
    """

    codes: Texts
    r: float | None
    index: float
    index_baseline: float
    own_mean: float
    own_median: float


# --- 6 · other methods -----------------------------------------------------------------------
@dataclass(frozen=True)
class Method:
    """Another method on the same tables: the baseline's, then all of the setting.

    ``index_ward`` is with Ward's partition of the same table; ``n_same`` in how many
    specifications of the setting the partition is Ward's.
    """

    name: str
    index: float
    index_ward: float
    own_mean: float
    own_median: float
    own_max: float
    n_same: int


@dataclass(frozen=True)
class KMeans:
    """k-means on the baseline's table: sums of squares within clusters.

    ``optimum`` is over all partitions into as many clusters, by dynamic programming;
    ``reached``: starts that end there.
    """

    starts: int
    best: float
    reached: int
    optimum: float
    ward: float
    published: float
    from_published: float
    from_published_index: float


# --- 7 · breaks ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Break:
    """A break in a series: its values, and what leaving it out does.

    ``series`` is the indicator, auxiliary quantity or series; ``values`` by region, in the order
    of ``years`` (KZ: the national row less the sum of the regions). ``index`` is the baseline's
    without the regions, among the others; ``same``: whether these keep their clusters.
    ``own_mean`` is the mean over the setting without the years ``left_out``.
    """

    series: str
    regions: Texts
    years: tuple[int, ...]
    what: str
    values: Mapping[str, tuple[float, ...]]
    index: float
    same: bool
    left_out: tuple[int, ...]
    own_mean: float


# --- verdicts that depend on the test, and the gap's power --------------------------------------
@dataclass(frozen=True)
class Hanging:
    """A claim whose verdict in the baseline year changes under another reading of its test.

    ``others``: the other verdicts by reading: ``n``, n in place of n - 1 in the standard
    deviation; ``margin``, another margin; ``log`` and ``rank``, of the values.
    """

    verdict: str
    others: Mapping[str, str]


@dataclass(frozen=True)
class Power:
    """How often the gap statistic sees clusters that are there.

    Tables are drawn around the baseline's clusters with their spread, the distances of the
    clusters' means from the mean of all multiplied by a factor (the key). ``more_than_one``: the
    share of the tables in which the published rule says more than one cluster; ``right``: in
    which it says as many as there are; ``recovered``: mean index of Ward's partition with the
    clusters drawn.
    """

    tables: int
    references: int
    n_clusters: int
    more_than_one: Mapping[str, float]
    right: Mapping[str, float]
    recovered: Mapping[str, float]


@dataclass(frozen=True)
class Setting:
    """What the article's own setting finds."""

    own: Own
    grid: Reweighted
    survival: Mapping[str, Survival]
    plain: Plain
    nulls: Nulls
    errors: Errors
    once: Mapping[str, Reduced]
    methods: Mapping[str, Method]
    kmeans: KMeans
    breaks: Mapping[str, Break]
    without_year: Mapping[str, float]
    without_region: Mapping[str, float]
    hanging: Mapping[str, Hanging]
    gap_power: Power
