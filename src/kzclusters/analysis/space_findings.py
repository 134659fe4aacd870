"""Findings of notebook 7: where the regions lie, written to ``space.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Association:
    """Which indicators are alike among neighbours, by Moran's I with binary weights.

    Attributes
    ----------
    n, draws, level : indicators, random orders, and the false discovery rate
    clustered : indicators whose adjusted p is at most the level, the largest I first
    n_clustered : how many these are
    without : those of the same tests without the regions that have one neighbour
    highest, highest_name, highest_value : the indicator with the largest I
    critical_low, critical_high : the least I that one random order in twenty reaches, over the
        indicators
    turned : indicators whose I has another sign with standardized weights, all regions counted
    n_turned : how many these are
    n_local, n_local_tests : local tests that pass the false discovery rate, of how many
    local : region and indicator of those
    """

    n: int
    draws: int
    level: float
    clustered: Texts
    n_clustered: int
    without: Texts
    highest: str
    highest_name: str
    highest_value: float
    critical_low: float
    critical_high: float
    turned: Texts
    n_turned: int
    n_local: int
    n_local_tests: int
    local: Texts


@dataclass(frozen=True)
class Contiguity:
    """How many neighbours a partition keeps together, and which clusters are not one piece.

    Attributes
    ----------
    same, pairs, expected, p : see `hclustkit.space.association.JoinCounts`
    scattered : clusters of several pieces, with their members
    n_scattered, n_clusters : how many these are, and all
    """

    same: int
    pairs: int
    expected: float
    p: float
    scattered: Texts
    n_scattered: int
    n_clusters: int


@dataclass(frozen=True)
class Agreement:
    """Agreement with Figure 3 over the years and scalings, by one recipe.

    Attributes
    ----------
    baseline : adjusted Rand index in the baseline's year and scaling
    mean, min, max : over all of them
    """

    baseline: float
    mean: float
    min: float
    max: float


@dataclass(frozen=True)
class Pull:
    """What the neighbour constraint adds to the agreement, beside tables without the pattern.

    Attributes
    ----------
    plain, constrained, gain : mean adjusted Rand index over the years and scalings, without
        and with the constraint, and the difference
    chance_plain, chance_constrained, chance_gain : the same on surrogate tables, their mean
    p_constrained, p_gain : share of the surrogate tables, the observed one added, with an
        index or a gain as large
    """

    plain: float
    constrained: float
    gain: float
    chance_plain: float
    chance_constrained: float
    chance_gain: float
    p_constrained: float
    p_gain: float


@dataclass(frozen=True)
class GridShares:
    """What the share of space does over the grid of notebook 4, beside the grid without it.

    Attributes
    ----------
    n : specifications, each with every share
    plain, rule : mean index without space, and at the share that the rule chooses for each
    dealt_rule : the same where rows are dealt to the regions at random
    median_alpha : the median of the chosen shares
    raised : share of specifications whose index is higher at the rule's share than without space
    best_alpha, best, dealt_best : share with the largest mean index, and that mean; the mean at
        the same share where rows are dealt
    plain_max, any_max : largest index without space, and at any share
    """

    n: int
    plain: float
    rule: float
    dealt_rule: float
    median_alpha: float
    raised: float
    best_alpha: float
    best: float
    dealt_best: float
    plain_max: float
    any_max: float


@dataclass(frozen=True)
class Space:
    """Everything that notebook 7 finds.

    Attributes
    ----------
    association, published, ours : neighbours that are alike; contiguity of Figure 3 and of ours
    plain, hard, soft : agreement with Figure 3 without constraint, among neighbours, and mixed
    n_specifications : years and scalings
    inversions : merges of the constrained tree of the baseline below one of their clusters
    alpha : the share of space chosen by the rule, in the baseline
    alpha_by_scale : the same when the dissimilarities are scaled in other ways
    by_alpha : mean agreement with Figure 3 by share of space
    by_alpha_dealt : the same where rows are dealt to the regions at random
    best_alpha : the share with the largest mean agreement, which the rule does not see
    grid : the share of space as one more choice of every specification of the grid
    largest : the largest index that contiguous clusters can reach
    pulls : by kind of surrogate ("permuted", "pattern"), with and without the indicator of
        location
    surrogates : surrogate tables of each kind
    location : the indicator that is location itself
    judged : what this says about the article's regional clusters, one sentence each
    """

    association: Association
    published: Contiguity
    ours: Contiguity
    plain: Agreement
    hard: Agreement
    soft: Agreement
    n_specifications: int
    inversions: int
    alpha: float
    alpha_by_scale: Mapping[str, float]
    by_alpha: Mapping[str, float]
    by_alpha_dealt: Mapping[str, float]
    best_alpha: float
    grid: GridShares
    largest: float
    pulls: Mapping[str, Pull]
    surrogates: int
    location: str
    judged: Texts
