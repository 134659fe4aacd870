"""Another partition, such as a published one, beside the clusters of a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hclustkit.arrays import Ints
from hclustkit.compare import adjusted_rand_index, minimum_moves, moves
from hclustkit.compare.partitions import canonical, compare, together
from hclustkit.draw.layout import drawable
from hclustkit.draw.pairs import pair_picture
from hclustkit.errors import InputError, refusal
from hclustkit.published import (
    companions,
    count_partitions,
    every_partition,
    pair_table,
    spectral_surrogates,
)
from hclustkit.published.enumeration import MOST_OBJECTS
from hclustkit.report.firmness import Sensitivity
from hclustkit.report.pictures import NUMBERED, Picture
from hclustkit.tree.neighbours import Neighbours

ENUMERATED = 400_000_000
"""Up to this many partitions all of them are gone through; above it a sample is drawn."""
DRAWS = 9_999
MOST_PAIRS = 5_000
"""Pairs of the other partition up to which each is listed."""
MOST_DRAWN = 110
"""Pairs and rows together up to which they are drawn."""
LONGEST = 28
"""Characters of the longest name that two of fit beside the picture."""
MOST_FLIPPED = 18
"""Rows up to which every table with the same map pattern is clustered: 65,536 of them."""
MOST_SAMPLED, FLIPS = 60, 1_999
"""Rows up to which a sample of these tables is clustered instead, and its size."""
HEADS = ("beside", "partitions", "adjusted_rand_index", "compared", "at_least", "share")
CHOSEN, ALL = "the clusters of this report", "all scalings and linkages, mean"


@dataclass(frozen=True, eq=False)
class Agreement:
    """The clusters beside another partition.

    Attributes
    ----------
    name : str
    other : Series
        By label, of the rows that both have.
    missing, moved : list of str
        Rows that the other partition does not have, and those that would have to change.
    ari : float
    moves : int
        Rows that would have to change their cluster.
    counts : DataFrame
        Clusters down, the other partition across.
    groups : DataFrame
        What is found again of each cluster of the other partition: here, and over all
        specifications.
    pairs, cases : DataFrame or None
        See `hclustkit.published.pair_table` and `companions`; a column for each specification.
    chance : DataFrame
        How many partitions with clusters of the same sizes agree at least as well.
    """

    name: str
    other: pd.Series[str]
    missing: list[str]
    moved: list[str]
    ari: float
    moves: int
    counts: pd.DataFrame
    groups: pd.DataFrame
    pairs: pd.DataFrame | None
    cases: pd.DataFrame | None
    chance: pd.DataFrame

    def tables(self) -> dict[str, tuple[pd.DataFrame, str]]:
        """Return the tables by file name, each with what it holds."""
        found = {"published_clusters.csv": (self.groups, "what is found of the other partition")}
        if self.pairs is not None and self.cases is not None:
            flat = [" ".join(map(str, name)) for name in self.pairs.columns]
            pairs = self.pairs.set_axis(flat, axis=1).astype(int).reset_index()
            found["published_pairs.csv"] = (pairs, "where each of its pairs is together")
            cases = self.cases.set_axis(flat, axis=1).rename_axis("label").reset_index()
            found["published_rows.csv"] = (cases, "whom each row is with, beside its companions")
        return found


def compare_with(
    clusters: pd.Series[int],
    other: pd.Series[str],
    tried: Sensitivity | None,
    neighbours: Neighbours | None = None,
    *,
    scaled: pd.DataFrame | None = None,
    linkage: str = "ward",
    seed: int = 1,
    say: Callable[[str], object] = lambda _: None,
) -> Agreement:
    """Set another partition beside the clusters of a report.

    Parameters
    ----------
    clusters : Series, label -> cluster
    other : Series, label -> cluster
        Of some or all of the same rows.
    tried : Sensitivity or None
        Other scalings and linkages.
    neighbours : Neighbours, optional
        With them partitions into equally many connected parts are counted separately.
    scaled : DataFrame, optional
        What was clustered by ``linkage``; with neighbours of up to 18 rows it is set beside
        every table with its map pattern and correlations.
    seed : int
        Seed of the draws, where there are too many partitions to go through.
    say : callable

    Returns
    -------
    Agreement

    Raises
    ------
    InputError
        Fewer than two rows in common.

    Examples
    --------
    >>> mine = pd.Series([1, 1, 2, 2], index=list("abcd"))
    >>> found = compare_with(mine, pd.Series(list("IIJK"), index=list("abcd")), None)
    >>> found.moves, found.chance["at_least"].tolist()
    (1, [2])
    """
    missing = [str(label) for label in clusters.index if label not in other.index]
    kept = clusters.index.isin(other.index)
    both = clusters.index[kept]
    if len(both) < 2:
        text = "the partition to compare with has fewer than two of the rows"
        raise refusal(text, "compare", "no-common-rows", missing[:1])
    mine, theirs = clusters[both], other[both].astype(str)
    rows, names = clusters[both].to_numpy()[None, :], [("chosen", "clusters")]
    if tried is not None:
        whole = (tried.specifications["left_out"] == "").to_numpy()
        rows = tried.partitions[whole][:, kept]
        names = list(
            tried.specifications.loc[whole, ["scaling", "linkage"]].itertuples(False, None)
        )
    partitions = np.array([canonical(row) for row in rows])
    columns = pd.DataFrame(partitions.T, both, pd.MultiIndex.from_tuples(names))
    listed = 0 < together(canonical(theirs)[None, :]).sum() <= MOST_PAIRS
    near = neighbours if kept.all() else None
    chance = _count_by_chance(theirs, partitions, near, seed, say)
    if near is not None and scaled is not None and len(theirs) <= MOST_SAMPLED:
        k = int(clusters.max())
        flipped = _count_flips(theirs, scaled, near, k, linkage, seed)
        chance = pd.concat([chance, flipped], ignore_index=True)
    return Agreement(
        name=str(other.name or "other"),
        other=theirs,
        missing=missing,
        moved=[str(label) for label in moves(mine, theirs)],
        ari=adjusted_rand_index(mine, theirs),
        moves=minimum_moves(mine, theirs),
        counts=pd.crosstab(mine, theirs),
        groups=_groups(theirs, partitions),
        pairs=pair_table(theirs, columns) if listed else None,
        cases=companions(theirs, columns) if listed else None,
        chance=chance,
    )


def _groups(theirs: pd.Series[str], partitions: Ints) -> pd.DataFrame:
    """Tabulate how much of each cluster of the other partition is found again."""
    codes, names = pd.factorize(theirs)
    jaccard = compare(partitions, codes)[3]
    table = []
    for at, name in enumerate(names):
        inside = partitions[:, codes == at]
        same = together(inside)
        pairs = same.shape[1]
        share = same.mean() if pairs else np.nan
        whole = float((jaccard[:, at] == 1).mean())
        here = int(same[0].sum())
        table.append((name, inside.shape[1], pairs, here, share, jaccard[0, at], whole))
    heads = ["cluster", "rows", "pairs", "pairs_here", "pairs_mean_share", "jaccard_here"]
    return pd.DataFrame(table, columns=[*heads, "share_with_this_very_cluster"])


def _count_by_chance(
    theirs: pd.Series[str],
    partitions: Ints,
    neighbours: Neighbours | None,
    seed: int,
    say: Callable[[str], object],
) -> pd.DataFrame:
    """Count the partitions with clusters of the same sizes that agree at least as well."""
    codes = pd.factorize(theirs)[0]
    sizes, n = np.bincount(codes).tolist(), len(codes)
    sets: dict[str, tuple[Ints, Ints]] = {CHOSEN: (partitions[:1], np.ones(1, np.int64))}
    if len(partitions) > 1:
        sets[ALL] = np.unique(partitions, axis=0, return_counts=True)
    rows: list[tuple[str, str, float, int, int, float]] = []
    count = count_partitions(sizes) if n <= MOST_OBJECTS else ENUMERATED + 1
    if count <= ENUMERATED:
        if count > 10**8:
            say(f"going through {count:,} partitions, about {count / 2.5e7:,.0f} s")
        near = None if neighbours is None else _borders(theirs, neighbours)
        every = every_partition(theirs, sets, neighbours=near)
        among: dict[str, dict[str, int]] = {"every partition of these sizes": {}}
        if near is not None:
            parts = every.published["pieces"]
            among[f"those in {parts} connected parts"] = {"pieces": parts}
        for which, properties in among.items():
            found = every.among(**properties)
            for name, index in every.observed.items():
                reached = found.reached[name]
                rows.append((name, which, index, found.n, reached, found.share[name]))
    else:
        draws = min(DRAWS, max(99, 2_000_000 // n))
        say(f"drawing {draws:,} partitions of the same sizes")
        drawn = np.random.default_rng(seed).permuted(np.tile(codes, (draws, 1)), axis=1)
        for name, (found_rows, weights) in sets.items():
            seen, own = np.zeros(draws), 0.0
            for row, weight in zip(found_rows, weights / weights.sum(), strict=True):
                seen += weight * compare(drawn, row)[0]
                own += weight * float(compare(codes[None, :], row)[0][0])
            reached = int((seen >= own - 1e-12).sum())
            share = (reached + 1) / (draws + 1)
            rows.append((name, "drawn at random", own, draws, reached, share))
    return pd.DataFrame(rows, columns=list(HEADS))


def _borders(theirs: pd.Series[str], neighbours: Neighbours) -> pd.DataFrame:
    """List the pairs of neighbours by their labels."""
    return pd.DataFrame(theirs.index.to_numpy()[neighbours.pairs], columns=["a", "b"])


def _count_flips(
    theirs: pd.Series[str],
    scaled: pd.DataFrame,
    neighbours: Neighbours,
    k: int,
    method: str,
    seed: int,
) -> pd.DataFrame:
    """Count the tables with the same map pattern whose clusters agree at least as well."""
    what = "tables with the same map pattern and correlations"
    some: dict[str, int] = {}
    if len(theirs) > MOST_FLIPPED:
        what, some = f"a sample of {what}", {"draws": FLIPS, "seed": seed}
    try:
        index = spectral_surrogates(
            {CHOSEN: scaled}, theirs, _borders(theirs, neighbours), k=k, method=method, **some
        )[CHOSEN].to_numpy()
    except InputError as error:
        row = (CHOSEN, f"no {what}: {error}", np.nan, 0, 0, np.nan)
    else:
        reached = int((index >= index[0] - 1e-12).sum())
        row = (CHOSEN, what, float(index[0]), len(index), reached, reached / len(index))
    return pd.DataFrame([row], columns=list(HEADS))


def published_picture(found: Agreement | None, labels: pd.Index) -> list[Picture]:
    """Draw where the pairs of the other partition are together, where there is room.

    Long names, and those that the font lacks, give way to the numbers of their rows.
    """
    if found is None or found.pairs is None or found.cases is None:
        return []
    if len(found.pairs) + len(found.cases) > MOST_DRAWN or found.pairs.shape[1] > MOST_DRAWN // 4:
        return []
    texts, kept = [str(label) for label in labels], found.pairs.shape[1]
    plain = drawable(texts) and max(map(len, texts)) <= LONGEST
    named = None if plain else {label: str(at) for at, label in enumerate(labels, 1)}
    figure = pair_picture(found.pairs, found.cases, published=found.other, noun="row", names=named)
    alt = (
        f"{len(found.pairs)} pairs that {found.name} puts together, and the companions of each of "
        f"{len(found.cases)} rows, over {kept} choices of scaling and linkage; a filled cell is a "
        "pair together, and the right edge counts them."
    ) + ("" if plain else f" Rows are {NUMBERED}.")
    data = found.pairs.set_axis([" ".join(map(str, c)) for c in found.pairs.columns], axis=1)
    return [Picture("published_pairs", "Pair by pair", alt, figure, data.reset_index())]
