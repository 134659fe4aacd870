"""The thirty indices of the NbClust family, over a range of numbers of clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from hclustkit.arguments import check_choice, check_seed
from hclustkit.validity import centres, pairs, scatter, split
from hclustkit.validity.gap import gap_statistic
from hclustkit.validity.partition import Levels, Partition
from hclustkit.validity.silhouettes import silhouette_index
from hclustkit.validity.values import BEYOND_FLOATS, FLAT, IndexValue, no_value

Rule: TypeAlias = Callable[[Levels, int], IndexValue]


def _alone(function: Callable[[Partition], IndexValue]) -> Rule:
    """Make a rule of an index of one partition."""
    return lambda levels, k: function(levels.at(k))


def _split(function: Callable[[Partition, Partition | None], IndexValue]) -> Rule:
    """Make a rule of an index of a partition and the next finer one."""
    return lambda levels, k: function(levels.at(k), levels.find(k + 1))


def _steps(levels: Levels, k: int) -> IndexValue:
    return scatter.krzanowski_lai(levels.find(k - 1), levels.at(k), levels.find(k + 1))


def _with_finest(levels: Levels, k: int) -> IndexValue:
    return centres.sd_index(levels.at(k), levels.at(levels.ks[-1]))


LARGEST = "largest"
SMALLEST = "smallest"
LARGEST_STEP = "largest step from k - 1 to k"
LARGEST_SECOND = "largest second difference"
SMALLEST_SECOND = "smallest second difference"
AT_LEAST = "smallest k not below the critical value"
AT_MOST = "smallest k not above the critical value"
NOT_REJECTED = "smallest k whose split is not significant"
GAP_RULE = "smallest k whose gap is not below the next gap less its standard error"
BEFORE_ONE = "k before the ratio first falls below 1"
GRAPH = "read from a plot"

PUBLISHED: dict[str, tuple[Rule | None, str]] = {
    "kl": (_steps, LARGEST),
    "ch": (_alone(scatter.calinski_harabasz), LARGEST),
    "hartigan": (_split(scatter.hartigan), LARGEST_STEP),
    "ccc": (_alone(scatter.cubic_clustering_criterion), LARGEST),
    "scott": (_alone(scatter.scott), LARGEST_STEP),
    "marriot": (_alone(scatter.marriot), LARGEST_SECOND),
    "trcovw": (_alone(scatter.tr_cov_w), LARGEST_STEP),
    "tracew": (_alone(scatter.trace_w), LARGEST_SECOND),
    "friedman": (_alone(scatter.friedman), LARGEST_STEP),
    "rubin": (_alone(scatter.rubin), SMALLEST_SECOND),
    "cindex": (_alone(pairs.c_index), SMALLEST),
    "db": (_alone(centres.db), SMALLEST),
    "silhouette": (_alone(silhouette_index), LARGEST),
    "duda": (_split(split.duda), AT_LEAST),
    "pseudot2": (_split(split.pseudo_t2), AT_MOST),
    "beale": (_split(split.beale), NOT_REJECTED),
    "ratkowsky": (_alone(scatter.ratkowsky), LARGEST),
    "ball": (_alone(scatter.ball), LARGEST_STEP),
    "ptbiserial": (_alone(pairs.point_biserial), LARGEST),
    # drawn for all k at once, see `indices`
    "gap": (None, GAP_RULE),
    "frey": (_split(pairs.frey), BEFORE_ONE),
    "mcclain": (_alone(pairs.mcclain), SMALLEST),
    "gamma": (_alone(pairs.gamma), LARGEST),
    "gplus": (_alone(pairs.g_plus), SMALLEST),
    "tau": (_alone(pairs.tau), LARGEST),
    "dunn": (_alone(pairs.dunn), LARGEST),
    "hubert": (_alone(pairs.hubert), GRAPH),
    "sdindex": (_with_finest, SMALLEST),
    "dindex": (_alone(centres.d_index), GRAPH),
    "sdbw": (_alone(centres.s_dbw), SMALLEST),
}
"""Index -> how to compute it and how it chooses, in the order of NbClust; the choices are those of
Charrad et al. (2014), Table 2."""

INDICES = tuple(PUBLISHED)
RULES = {name: rule for name, (_, rule) in PUBLISHED.items()}
"""How each index chooses."""


def _gap_values(levels: Levels, draws: int, seed: int) -> dict[int, IndexValue]:
    """Gap of Tibshirani et al. (2001): squared distances, box along the variables.

    ``critical`` is gap(k) - (gap(k + 1) - SE(k + 1)).
    """
    # W of n clusters, and of as many as there are different objects, is zero
    most = levels.ks[0] - 1
    while most <= levels.ks[-1] and most + 1 < levels.space.n and levels.at(most + 1).within > 0:
        most += 1
    low = levels.ks[0]
    if most < low:
        return dict.fromkeys(levels.ks, no_value(FLAT))
    found = gap_statistic(
        levels.table,
        range(low, most + 1),
        draws,
        seed=seed,
        space="original",
        method=levels.method,
        power=2.0,
    ).set_index("k")
    gap, error, values = found["gap"], found["SE"], {}
    for k in levels.ks:
        if k > most:
            values[k] = no_value(FLAT)
        elif k + 1 > most:
            values[k] = no_value(f"log W of {k + 1} clusters, which the rule needs, is undefined")
        else:
            margin = gap[k] - (gap[k + 1] - error[k + 1])
            values[k] = IndexValue(float(gap[k]), critical=float(margin))
    return values


def indices(
    table: Any,
    ks: Iterable[int] | None = None,
    method: str = "ward",
    *,
    seed: int | None = None,
    draws: int = 500,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Compute the thirty indices for every number of clusters.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
        As it is to be clustered: standardize it first.
    ks : iterable of int, optional
        Numbers of clusters, 1..n; by default 2 to 10.
    method : str
        Linkage, as in `hclustkit.linkage`. Partitions into k - 1 and k + 1 clusters,
        which some indices need, are cut from the same tree, also outside ``ks``.
    seed : int
        Seed of the gap statistic; required unless ``only`` leaves the gap out.
    draws : int
        Reference sets of the gap statistic.
    only : iterable of str, optional
        Names from `INDICES`; all thirty by default.

    Returns
    -------
    DataFrame
        Columns ``index``, ``k``, ``value``, ``critical``, ``reason``; one row an index and k,
        in the order of `INDICES`. ``value`` is NaN where the index is undefined and
        ``reason`` then says why; ``critical`` is the critical value of duda and pseudot2, the
        p-value of beale, the margin gap(k) - (gap(k+1) - SE(k+1)). Wide:
        ``.pivot(index="index", columns="k", values="value")``.

    Raises
    ------
    InputError
        An unusable table, k outside 1..n, an unknown linkage or index, no seed.

    References
    ----------
    Charrad, M., Ghazzali, N., Boiteau, V. and Niknafs, A. (2014). J. Stat. Softw. 61(6);
    Milligan, G. W. and Cooper, M. C. (1985). Psychometrika 50, 159-179.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 20.0, 21.0, 40.0, 41.5]})
    >>> found = indices(table, [2, 3], only=["silhouette"])
    >>> found["value"].round(3).tolist()
    [0.645, 0.942]
    """
    wanted = INDICES if only is None else tuple(only)
    for name in wanted:
        check_choice(name, PUBLISHED, "index")
    levels = Levels(table, ks, method)
    gaps: Mapping[int, IndexValue] = {}
    if "gap" in wanted:
        gaps = _gap_values(levels, draws, check_seed(seed))
    rules = {name: rule for name, (rule, _) in PUBLISHED.items() if name in wanted}
    return tabulate(rules, levels, gaps)


def tabulate(
    rules: Mapping[str, Rule | None], levels: Levels, gaps: Mapping[int, IndexValue]
) -> pd.DataFrame:
    """Evaluate every rule at every k, as `indices` returns it; None takes from ``gaps``."""
    rows = []
    for name, rule in rules.items():
        for k in levels.ks:
            with np.errstate(over="ignore", invalid="ignore"):
                found = gaps[k] if rule is None else rule(levels, k)
            if not (found.reason or np.isfinite(found.value)):
                found = no_value(BEYOND_FLOATS)
            rows.append((name, k, found.value, found.critical, found.reason))
    return pd.DataFrame(rows, columns=["index", "k", "value", "critical", "reason"])
