"""Findings on what is missing: every number of notebook 6, as one typed tree.

Notebook 6 writes it to ``missing.json``; `Findings.missing` is where texts read it. A *cell* is
one reading of "businesses", year, scaling, set of values and choice of columns; all cells are in
``missing_ranges.csv``, all partitions in ``missing_partitions.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One reading of "businesses": ``legal`` (legal entities) or ``sme``.

    Attributes
    ----------
    name, title : of the reading
    main : whether it is the main reading
    n_known, n_unknown : regions with and without a value
    known, unknown : their names in case order
    """

    name: str
    title: str
    main: bool
    n_known: int
    n_unknown: int
    known: Texts
    unknown: Texts


@dataclass(frozen=True)
class ValueSet:
    """A set of values that the unknown may have; each set lies inside the one before it.

    Attributes
    ----------
    name : ``logical``, ``double``, ``half`` or ``seen``
    factor : by how much the range seen is widened on both sides; None for ``logical``
    assumption : what is assumed, as the data file says it
    """

    name: str
    factor: float | None
    assumption: str


@dataclass(frozen=True)
class BothCounts:
    """How the two counts go together in the regions that have both, in one year and measure.

    Attributes
    ----------
    year, measure : ``operating`` or ``registered``
    n : regions
    per_area, per_inhabitant : rank correlations (Spearman) of the counts over land area and
        over population
    ratio_low, ratio_high : legal entities per unit of the other count
    """

    year: int
    measure: str
    n: int
    per_area: float
    per_inhabitant: float
    ratio_low: float
    ratio_high: float


@dataclass(frozen=True)
class RangeCell:
    """What P10 and P11 can change in one cell.

    Attributes
    ----------
    reading, year, scaling, values, columns : which cell; ``values`` names a `ValueSet`,
        ``columns`` is ``P10``, ``P11`` or ``P10 P11``
    n_points : points drawn, operating counts uniform in the logarithm and their shares of the
        registered ones uniform; shares of points are taken from these
    n_corners : further points with every unknown value at an end of its range; these, and the
        points of the sets inside, add partitions and widen ranges but enter no share
    unchanged : share of the points with the partition without P10 and P11
    n_partitions : partitions that occur at all
    commonest : share of the points with the commonest partition
    figure3_low, figure3_high : adjusted Rand index with Figure 3 over all that occurs
    figure3_mean : its mean over the points
    own_low, own_high : the same with the partition without P10 and P11
    figure3_without : adjusted Rand index of that partition with Figure 3
    changed_always : pairs of regions whose togetherness differs from that partition at every
        point: what the known values change
    changed_sometimes : pairs for which it differs at some points: what the unknown ones change
    rank_correlation : of the two counts in the regions that have both (the smaller one where
        the cell has both columns)
    verdict : ``insensitive`` (proved for every value of the set), ``no change seen``,
        ``same change`` (one other partition at every point) or ``depends``
    proved : whether the verdict is proved, not only seen at points and corners
    cities_single : share of the points in which each of the two cities is a cluster of its own
    cities_apart : share in which no other region is in a cluster with either city
    """

    reading: str
    year: int
    scaling: str
    values: str
    columns: str
    n_points: int
    n_corners: int
    unchanged: float
    n_partitions: int
    commonest: float
    figure3_low: float
    figure3_high: float
    figure3_mean: float
    own_low: float
    own_high: float
    figure3_without: float
    changed_always: int
    changed_sometimes: int
    rank_correlation: float
    verdict: str
    proved: bool
    cities_single: float
    cities_apart: float


@dataclass(frozen=True)
class RangeSummary:
    """The cells of one reading, set of values and choice of columns: years × scalings.

    Attributes
    ----------
    n_cells : cells, and of them by verdict ``n_insensitive`` and so on
    n_proved : cells with one partition only for which that is proved
    unchanged_mean, unchanged_least : share of points without change, over the cells
    figure3_low, figure3_high : range of the index with Figure 3 over all cells
    figure3_mean : mean over the cells of the mean over the points
    figure3_without : mean over the cells without P10 and P11
    n_exact_cells : cells in which some point gives Figure 3 exactly
    cities_apart, cities_apart_least : share of points with the two cities apart from all other
        regions, over the cells
    cities_single : mean share with each a cluster of its own
    """

    reading: str
    values: str
    columns: str
    n_cells: int
    n_insensitive: int
    n_no_change_seen: int
    n_same_change: int
    n_depends: int
    n_proved: int
    unchanged_mean: float
    unchanged_least: float
    figure3_low: float
    figure3_high: float
    figure3_mean: float
    figure3_without: float
    n_exact_cells: int
    cities_apart: float
    cities_apart_least: float
    cities_single: float


@dataclass(frozen=True)
class FreeColumn:
    """Whether one free column beside the others can give Figure 3, in one year and scaling.

    Attributes
    ----------
    status : ``reachable``, ``impossible`` or ``open``
    needed_squares, granted_squares : the smallest sum of squares that holds apart what must be,
        and what the scaling grants a column
    needed_extent, granted_extent : the same for the distance of the outermost cluster means
    proof : ``squares`` or ``extent`` where it is impossible, else empty
    least_excess : smallest summed excess cost found of forcing Figure 3's merges; 0 if reachable
    n_columns : smallest number of free columns for which values were found; None where none was
    n_columns_least : smallest number not proved impossible
    column : where it is reachable, a column that does it, by region, as shares in %
    """

    year: int
    scaling: str
    status: str
    needed_squares: float
    granted_squares: float
    needed_extent: float
    granted_extent: float
    proof: str
    least_excess: float
    n_columns: int | None
    n_columns_least: int
    column: Mapping[str, float] | None


@dataclass(frozen=True)
class Prior:
    """The baseline with P1 drawn from a stated prior.

    Attributes
    ----------
    name, title : ``equal``, ``research``, ``population`` or ``cities``
    n : draws
    unchanged : share of draws with the baseline's partition
    mean, q05, q95, most : adjusted Rand index with Figure 3
    """

    name: str
    title: str
    n: int
    unchanged: float
    mean: float
    q05: float
    q95: float
    most: float


@dataclass(frozen=True)
class Patents:
    """P1, the unknown.

    Attributes
    ----------
    n_cells, n_reachable, n_impossible, n_open : years × scalings by status
    by_scaling : scaling -> status -> number of years
    baseline : the cell of the baseline
    cells : every cell
    priors : by name, for the baseline
    best_any, best_related : largest index found for the baseline over all columns, and over
        columns whose rank correlation with regional R&D expenditure is at least
        ``least_correlation`` (the largest found, not the largest there is)
    related_correlation : rank correlation of the latter
    """

    n_cells: int
    n_reachable: int
    n_impossible: int
    n_open: int
    by_scaling: Mapping[str, Mapping[str, int]]
    baseline: FreeColumn
    cells: tuple[FreeColumn, ...]
    priors: Mapping[str, Prior]
    least_correlation: float
    best_any: float
    best_related: float
    related_correlation: float


@dataclass(frozen=True)
class ProxyTest:
    """A proxy against its published words, where both exist.

    Attributes
    ----------
    indicator : ``P3``, ``P6`` or ``P7``
    words : what the article's words count
    year : of the comparison; None where all years are pooled
    n, n_without_city : values compared, and without Almaty city
    ratio_low, ratio_median, ratio_high : proxy over published words
    pearson, spearman : correlation
    pearson_without, spearman_without : the same without Almaty city
    """

    indicator: str
    words: str
    year: int | None
    n: int
    n_without_city: int
    ratio_low: float
    ratio_median: float
    ratio_high: float
    pearson: float
    spearman: float
    pearson_without: float
    spearman_without: float


@dataclass(frozen=True)
class ProxyError:
    """The baseline with a proxy replaced by its range of error.

    Each region's value is divided by a ratio drawn from the range seen.

    Attributes
    ----------
    indicators : ``P3``, ``P6``, ``P7`` or all three
    n : draws
    unchanged : share with the baseline's partition
    n_partitions : partitions that occur
    figure3_mean, figure3_low, figure3_high : adjusted Rand index with Figure 3
    own_mean : mean adjusted Rand index with the baseline
    """

    indicators: str
    n: int
    unchanged: float
    n_partitions: int
    figure3_mean: float
    figure3_low: float
    figure3_high: float
    own_mean: float


@dataclass(frozen=True)
class ClaimRange:
    """A claim on business concentration, judged over the whole set of values by P10 and P11.

    Attributes
    ----------
    claim, reading, values : which claim, reading and set
    verdict : ``supported``, ``partly``, ``not supported`` where every point of the baseline's
        year, in this set and the sets inside it, says so, else ``undecided within the ranges``
    shares : verdict -> share of the points of the baseline's year, corners included
    by_year : year -> verdict
    """

    claim: str
    reading: str
    values: str
    verdict: str
    shares: Mapping[str, float]
    by_year: Mapping[str, str]


@dataclass(frozen=True)
class ArticleDate:
    """When the article can have been written, by the bodies, zones and names in it.

    Attributes
    ----------
    earliest : ISO date of the latest firm fact that came before it; ``earliest_by`` names it
    latest : ISO date of the first fact that came after it, indicative ones included
    latest_firm : the same without the indicative ones
    n_facts : dated facts
    admissible : years of the study that end before ``latest``
    certain : those that end before ``earliest``, so that they precede the article for certain
    unread : facts from memory, which could not be read at a source
    same_without_unread : whether every bound is the same without them
    """

    earliest: str
    earliest_by: str
    latest: str
    latest_by: str
    latest_firm: str
    latest_firm_by: str
    n_facts: int
    admissible: tuple[int, ...]
    certain: tuple[int, ...]
    unread: Texts
    same_without_unread: bool


@dataclass(frozen=True)
class Missing:
    """What is missing, and what it could change.

    Attributes
    ----------
    readings, value_sets : by name
    both_counts : by year and measure
    outside_cities : scaling -> indicator -> share of its squared distance between regions that
        are both outside the two cities, in the baseline's year; P10 and P11 at the middle of
        ``seen`` under the main reading
    summaries : one for each reading, set of values and choice of columns, over all years
    admissible : the same over the years that the article's date admits
    baseline : the cells of the baseline's year and scaling
    headline : of ``admissible`` that of the main reading, the set ``half`` and both columns
    patents_admissible : status -> number of years and scalings, over the admissible years
    patents, proxies, proxy_errors, claims, date : as their classes say
    """

    readings: Mapping[str, Reading]
    value_sets: Mapping[str, ValueSet]
    both_counts: tuple[BothCounts, ...]
    outside_cities: Mapping[str, Mapping[str, float]]
    summaries: tuple[RangeSummary, ...]
    admissible: tuple[RangeSummary, ...]
    baseline: tuple[RangeCell, ...]
    headline: RangeSummary
    patents: Patents
    patents_admissible: Mapping[str, int]
    proxies: tuple[ProxyTest, ...]
    proxy_errors: tuple[ProxyError, ...]
    claims: tuple[ClaimRange, ...]
    date: ArticleDate
