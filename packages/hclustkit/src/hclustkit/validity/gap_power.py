"""How often the gap statistic sees clusters that are there, in tables of a given size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hclustkit.arguments import as_table, check_seed, check_whole
from hclustkit.arrays import Floats
from hclustkit.compare.partitions import canonical, compare
from hclustkit.errors import refusal
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import linkage
from hclustkit.validity.gap import gap_choice, gap_statistic


@dataclass(frozen=True, eq=False)
class GapPower:
    """What `gap_power` found.

    Attributes
    ----------
    choices : DataFrame of int, one row a table, one column a factor
        The number of clusters that the rule chose.
    recovered : DataFrame of float, the same shape
        Adjusted Rand index of the tree's cut into the true number of clusters with these.
    n_clusters : int
        The true number.
    """

    choices: pd.DataFrame
    recovered: pd.DataFrame
    n_clusters: int

    def summary(self) -> pd.DataFrame:
        """Give, by factor, the shares that say more than one and the true number."""
        return pd.DataFrame(
            {
                "more_than_one": (self.choices > 1).mean(),
                "right": (self.choices == self.n_clusters).mean(),
                "recovered": self.recovered.mean(),
            }
        )


def gap_power(
    table: Any,
    clusters: npt.ArrayLike,
    *,
    factors: Sequence[float] = (1.0, 2.0, 3.0),
    tables: int = 100,
    draws: int = 50,
    most: int | None = None,
    seed: int,
    method: str = "ward",
    rule: str = "Tibs2001SEmax",
) -> GapPower:
    """Apply the gap statistic to tables that do have clusters.

    The tables are drawn around the means of the given clusters, each variable normal with the
    pooled standard deviation within them. A factor multiplies the distances of the means from the
    mean of all, so at 1 the clusters are as far apart as the given ones and above 1 farther.
    Where the rule still says one cluster, "one" means that it cannot tell.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Scaled already.
    clusters : sequence of n labels
    factors : sequence of float
    tables : int
        Tables drawn for each factor; the same random numbers serve all factors.
    draws : int
        References of each gap statistic.
    most : int, optional
        The largest number of clusters tried; by default two more than there are, at most n - 1.
    seed : int
    method, rule : str
        See `hclustkit.validity.gap_statistic` and `hclustkit.validity.gap_choice`.

    Returns
    -------
    GapPower

    Raises
    ------
    InputError
        As these functions; clusters that are all single objects, so that nothing spreads.

    References
    ----------
    Tibshirani, R., Walther, G. and Hastie, T. (2001). J. R. Stat. Soc. B 63, 411-423, section 5.

    Examples
    --------
    >>> apart = [[0.0], [0.2], [0.1], [0.3], [9.0], [9.2], [9.1], [9.3]]
    >>> gap_power(apart, [1] * 4 + [2] * 4, factors=[1.0], tables=5, seed=1).choices[1.0].tolist()
    [2, 2, 2, 2, 2]
    """
    frame = as_table(table)
    x, labels = frame.to_numpy(), canonical(np.asarray(clusters))
    k = int(labels.max()) + 1
    if len(labels) != len(x) or k == len(x):
        text = (
            f"{len(labels)} labels in {k} clusters for {len(x)} rows: one label a row is needed, "
            "and a cluster of two or more"
        )
        raise refusal(text, "clusters", "clusters-of-the-table", (len(labels), k))
    count, seed = check_whole(tables, "tables", 1), check_seed(seed)
    means = np.array([x[labels == c].mean(axis=0) for c in range(k)])[labels]
    spread = np.sqrt(((x - means) ** 2).sum(axis=0) / (len(x) - k))
    ks = range(1, min(len(x) - 1, most or k + 2) + 1)
    noise = np.random.default_rng(seed).standard_normal((count, *x.shape)) * spread

    def judge(drawn: Floats, number: int) -> tuple[int, float]:
        frame = pd.DataFrame(drawn)
        gap = gap_statistic(frame, ks, draws, seed=seed + number, method=method)
        found = canonical(cut(linkage(drawn, method), k))[None, :]
        return gap_choice(gap, rule), float(compare(found, labels)[0][0])

    choices: dict[float, Any] = {}
    recovered: dict[float, Any] = {}
    for factor in factors:
        centre = x.mean(axis=0) + factor * (means - x.mean(axis=0))
        pairs = [judge(centre + draw, number) for number, draw in enumerate(noise)]
        choices[factor], recovered[factor] = zip(*pairs, strict=True)
    return GapPower(pd.DataFrame(choices), pd.DataFrame(recovered), k)
