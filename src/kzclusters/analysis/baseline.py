"""What one clustering shows: distances, merges, number of clusters, stability.

Every function takes tables as notebook 2 writes them and knows no region: ``names`` maps the
labels of rows to readable names. Functions that return text escape such names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import InputError, Tree, compare, cut, linkage, read_table, validity
from hclustkit.tree.linkage import LINKAGES

from kzclusters import study, wording
from kzclusters.analysis.findings import (
    Baseline,
    Bootstrap,
    Correlation,
    Correlations,
    Distances,
    Gap,
    Linkages,
    Merges,
    Scaling,
    Silhouettes,
    Stability,
    TreeQuality,
    Votes,
)
from kzclusters.evidence import indicators
from kzclusters.wording import listing, literal

Names = Mapping[Any, str]

GAP_RULES = ("Tibs2001SEmax", "firstSEmax", "globalSEmax", "firstmax", "globalmax")
AGREEMENT = "adjusted Rand index"
"""Column of `linkage_table` that compares with the partition of the baseline."""


def read_year(path: Path, year: int, columns: str | list[str]) -> pd.DataFrame:
    """Read the table to cluster: of one year, or the whole where there are no years.

    Parameters
    ----------
    path : a table that `hclustkit.read_table` reads
    year : the year of the study, which a table without years does not have
    columns : "all" or names of columns
    """
    try:
        return read_table(path, year=year, columns=columns)
    except InputError as error:
        if error.rule != "year-without-years":
            raise
        return read_table(path, columns=columns)


def place(column: str) -> int:
    """Return the position of an indicator or variant in the article's list, from 0."""
    return list(indicators.registry()).index(column.partition(":")[0])


def indicator_name(column: str) -> str:
    """Return the name of the indicator of a column such as ``P12:manufacturing``."""
    return indicators.registry()[column.partition(":")[0]].name


def describe(
    columns: Sequence[str],
    n_regions: int,
    registry: Sequence[str],
    *,
    indicators: str | Sequence[str],
    year: int,
    scaling: str,
    linkage: str,
    n_clusters: int,
) -> Baseline:
    """Describe which analysis the numbers belong to: the study's baseline, or another run.

    Parameters
    ----------
    columns : the columns clustered, ``indicator`` or ``indicator:variant``
    n_regions : number of rows
    registry : codes of all the article's indicators
    indicators, year, scaling, linkage, n_clusters : the parameters of the study of these names
    """
    usual = study.is_baseline(
        indicators=indicators, year=year, scaling=scaling, linkage=linkage, n_clusters=n_clusters
    )
    used = {column.split(":")[0] for column in columns}
    missing = tuple(code for code in registry if code not in used)
    return Baseline(
        called="Baseline" if usual else "This run",
        year=year,
        scaling=scaling,
        scaling_text=wording.scaling(scaling),
        linkage=linkage,
        linkage_text=wording.linkage(linkage),
        n_clusters=n_clusters,
        n_regions=n_regions,
        n_indicators=len(columns),
        n_indicators_article=len(registry),
        indicators=tuple(columns),
        missing=missing,
        missing_text=listing(missing),
    )


def below_diagonal(matrix: pd.DataFrame) -> pd.Series:
    """Return the cells below the diagonal of a square table, by (row, column)."""
    below = np.tril(np.ones(matrix.shape, dtype=bool), k=-1)
    return matrix.where(below).stack().dropna()


def scaling(raw: pd.DataFrame) -> Scaling:
    """Find the indicator that rules the distance between rows of an unscaled table."""
    shares = indicators.distance_shares(raw).sort_values(ascending=False, kind="stable")
    top, following = map(str, shares.index[:2])
    return Scaling(top, indicator_name(top), top_share=float(shares[top]), next=following)


def distances(proximity: pd.DataFrame, names: Names) -> Distances:
    """Find the nearest and the farthest pair in a table of squared distances."""
    squared = below_diagonal(proximity)
    nearest, farthest = squared.idxmin(), squared.idxmax()
    return Distances(
        n_pairs=len(squared),
        nearest=tuple(str(names.get(label, label)) for label in sorted(nearest)),
        nearest_value=float(squared.min()),
        farthest=tuple(str(names.get(label, label)) for label in sorted(farthest)),
        farthest_value=float(squared.max()),
        median=float(squared.median()),
    )


def strongest_correlations(table: pd.DataFrame, n: int = 5) -> list[tuple[str, str, float]]:
    """Return the ``n`` pairs of columns with the largest absolute correlation."""
    r = below_diagonal(table.corr())
    order = r.abs().sort_values(ascending=False, kind="stable").index[:n]
    return [(first, second, float(r[first, second])) for first, second in order]


def correlations(z: pd.DataFrame) -> Correlations:
    """Find the strongest correlations between indicators."""
    pairs = []
    for a, b, r in strongest_correlations(z):
        first, second = sorted((a, b), key=place)
        pairs.append(Correlation(first, second, indicator_name(first), indicator_name(second), r))
    return Correlations(tuple(pairs))


def merges(schedule: pd.DataFrame, names: Names, n_clusters: int) -> Merges:
    """Read the agglomeration schedule: its ends, and the last merge made and the first refused.

    Parameters
    ----------
    schedule : as `hclustkit.Tree.schedule` returns it
    names : label -> name, in case order
    n_clusters : number of clusters of the cut
    """
    n = len(schedule) + 1
    coefficient = schedule["coefficient"]
    increase = coefficient.diff().fillna(coefficient)
    by_stage = increase.set_axis(schedule["stage"])
    first = schedule.iloc[0]
    made = n - n_clusters
    return Merges(
        n=len(schedule),
        first=(names[first["label_1"]], names[first["label_2"]]),
        first_coefficient=float(first["coefficient"]),
        last_coefficient=float(coefficient.iloc[-1]),
        n_minus_1=n - 1,
        last_made_members=members_of_stage(schedule, made, names),
        last_made=float(by_stage[made]),
        first_refused=float(by_stage[made + 1]),
        final_jump=float(increase.iloc[-1]),
        final_share=float(increase.iloc[-1] / coefficient.iloc[-1]),
        ties=int(schedule["tie"].sum()),
    )


def members_of_stage(schedule: pd.DataFrame, stage: int, names: Names) -> tuple[str, ...]:
    """Return the names of the objects in the cluster that a stage makes, in case order."""
    clusters = {label: {label} for label in names}
    joined: set[Any] = set()
    for row in schedule[schedule["stage"] <= stage].itertuples():
        joined = clusters[row.label_1] | clusters[row.label_2]
        clusters[row.label_1] = joined
    return tuple(name for label, name in names.items() if label in joined)


def tree_quality(z: pd.DataFrame, clusters: pd.Series, method: str) -> TreeQuality:
    """Measure the tree and its clusters: cophenetic correlation, silhouette, sums of squares."""
    total, within = float(validity.total_ss(z)), float(validity.within_ss(z, clusters))
    return TreeQuality(
        cophenetic_correlation=Tree.from_table(z, method).cophenetic_correlation(),
        mean_silhouette=validity.mean_silhouette(z, clusters),
        total_ss=total,
        within_ss=within,
        explained=1 - within / total,
    )


def linkage_table(z: pd.DataFrame, clusters: pd.Series, n_clusters: int) -> pd.DataFrame:
    """Compare every linkage with a partition: cophenetic correlation, adjusted Rand index."""
    rows = [
        {
            "linkage": method,
            "cophenetic correlation": Tree.from_table(z, method).cophenetic_correlation(),
            AGREEMENT: compare.adjusted_rand_index(clusters, cut(linkage(z, method), n_clusters)),
        }
        for method in LINKAGES
    ]
    return pd.DataFrame(rows)


def linkages(table: pd.DataFrame, method: str) -> Linkages:
    """Read `linkage_table`: which linkages give the same partition as ``method``."""
    table = table.set_index("linkage")
    others = table.drop(index=method)
    same = others.index[np.isclose(others[AGREEMENT], 1)]
    return Linkages(
        same=tuple(same),
        n_same=len(same),
        different=tuple(others.index.drop(same)),
        lowest=float(others[AGREEMENT].min()),
        best_cophenetic=str(table["cophenetic correlation"].idxmax()),
        best_cophenetic_value=float(table["cophenetic correlation"].max()),
    )


def votes(table: pd.DataFrame, n_clusters: int) -> Votes:
    """Count the votes of the indices.

    Parameters
    ----------
    table : as `hclustkit.validity.cast_votes` returns it
    n_clusters : the number of clusters of the baseline
    """
    cast = table.loc[table["status"] == "vote", "best_k"].astype(int)
    by_k = cast.value_counts().sort_index()
    ranked = by_k.sort_values(ascending=False, kind="stable")
    favourite, second = int(ranked.index[0]), int(ranked.index[min(1, len(ranked) - 1)])
    return Votes(
        n_voting=len(cast),
        n_silent=len(table) - len(cast),
        favourite=favourite,
        n_favourite=int(by_k[favourite]),
        second=second,
        n_second=int(by_k[second]),
        for_n_clusters=int((cast == n_clusters).sum()),
        by_k={str(k): int(n) for k, n in by_k.items()},
    )


def gap(table: pd.DataFrame, vote_table: pd.DataFrame) -> Gap:
    """Read the gap statistic in its original form, and the vote cast by NbClust's form."""
    by_rule = {rule: int(validity.gap_choice(table, rule)) for rule in GAP_RULES}
    vote = vote_table.set_index("index")["best_k"].get("gap")
    return Gap(
        best=int(table.set_index("k")["gap"].idxmax()),
        largest_tried=int(table["k"].max()),
        first_rule=by_rule["Tibs2001SEmax"],
        in_the_vote=None if vote is None or pd.isna(vote) else int(vote),
        by_rule=by_rule,
    )


def silhouettes(table: pd.DataFrame, names: Names) -> Silhouettes:
    """Read the silhouettes: objects with a negative one, and the largest."""
    best = table["width"].idxmax()
    return Silhouettes(
        negative=tuple(str(names.get(at, at)) for at in table.index[table["width"] < 0]),
        best=str(names.get(best, best)),
        best_width=float(table["width"].max()),
    )


def stability(table: pd.DataFrame, threshold: float) -> Stability:
    """Read the cluster-wise bootstrap.

    Parameters
    ----------
    table : as `hclustkit.stability.cluster_stability` returns it
    threshold : mean Jaccard similarity from which a cluster counts as stable
    """
    single, many = table[table["size"] == 1], table[table["size"] > 1]
    many = many.set_index("cluster")["jaccard_mean"]
    stable = many.index[many >= threshold]
    resamples = int(table["n_resamples"].iloc[0])
    return Stability(
        n_resamples=resamples,
        n_left_out=resamples - int(table["n_used"].min()),
        n_many=len(many),
        n_single=len(single),
        threshold=threshold,
        stable=tuple(int(k) for k in stable),
        n_stable=len(stable),
        best=int(many.idxmax()) if len(many) else None,
        best_jaccard=float(many.max()) if len(many) else None,
        worst=int(many.idxmin()) if len(many) else None,
        worst_jaccard=float(many.min()) if len(many) else None,
        single_ceiling=float(single["ceiling"].max()) if len(single) else None,
    )


def bootstrap(table: pd.DataFrame, threshold: float) -> Bootstrap:
    """Read the multiscale bootstrap, without the last merge, which joins everything.

    Parameters
    ----------
    table : as `hclustkit.stability.multiscale_bootstrap` returns it; may be empty
    threshold : AU or SI from which a merge counts as supported
    """
    inner = table.iloc[:-1]
    strong = inner[inner["au"] >= threshold]
    return Bootstrap(
        n_merges=len(inner),
        threshold=threshold,
        n_strong=len(strong),
        n_strong_si=int((inner["si"] >= threshold).sum()),
        lowest_bp_among_strong=float(strong["bp"].min()) if len(strong) else None,
        highest_bp=float(inner["bp"].max()) if len(inner) else None,
    )


# --- tables and sentences of notebook 2 -------------------------------------------------------
def members_text(clusters: pd.Series, names: Names) -> dict[int, str]:
    """Return the members of each cluster as text, by cluster number."""
    return {
        int(number): ", ".join(str(names.get(label, label)) for label in group.index)
        for number, group in clusters.groupby(clusters)
    }


def opening_text(raw: pd.DataFrame, scaling: str, linkage: str, n_clusters: int) -> str:
    """Say what is clustered and how."""
    n, p = raw.shape
    return (
        f"**{n}** objects, **{p}** variables: {', '.join(map(literal, raw.columns))}. "
        f"Scaling: **{wording.scaling(scaling)}**. Linkage: **{wording.linkage(linkage)}**. "
        f"Cut into **{n_clusters}** clusters."
    )


def distance_text(found: Distances) -> str:
    """Say which pairs are nearest and farthest."""
    nearest, farthest = map(literal, found.nearest), map(literal, found.farthest)
    return (
        f"Nearest pair: {' and '.join(nearest)} ({found.nearest_value:.3f}); "
        f"farthest pair: {' and '.join(farthest)} ({found.farthest_value:.3f})."
    )


def schedule_text(z: pd.DataFrame, schedule: pd.DataFrame, scaling: str, linkage: str) -> str:
    """Say what the last coefficient is, after checking it against the total sum of squares.

    Raises
    ------
    AssertionError
        Under Ward's method the last coefficient is not the total sum of squares.
    """
    n, p = z.shape
    last = float(schedule["coefficient"].iloc[-1])
    ties = f"Ties broken: {int(schedule['tie'].sum())}."
    if linkage != "ward":
        return f"The last merge is at height {last:.6g}. {ties}"
    total = float(((z - z.mean()) ** 2).to_numpy().sum())
    assert np.isclose(last, total, rtol=1e-9), (last, total)
    text = f"The last coefficient, {last:.6g}, is the total sum of squares"
    if scaling in ("zscore", "log-zscore"):
        assert np.isclose(total, p * (n - 1), rtol=1e-9), (total, p, n)
        text += f"; for z-scores that is p(n − 1) = {p} × {n - 1} = {p * (n - 1)}"
    return f"{text}. {ties}"


def vote_text(found: Votes, n_clusters: int) -> str:
    """Say for which numbers of clusters the indices vote."""
    by_k = listing([f"{n} for k = {k}" for k, n in found.by_k.items()])
    most = listing([f"k = {k}" for k, n in found.by_k.items() if n == found.n_favourite])
    return (
        f"{found.n_voting} indices vote; {found.n_silent} do not, because they are undefined "
        f"here or are read from a plot. Most votes, {found.n_favourite}, go to "
        f"**{most}**; **k = {n_clusters}** gets {found.for_n_clusters or 'none'}. "
        f"All votes by number of clusters: {by_k}."
    )


def gap_text(found: Gap) -> str:
    """Say which numbers of clusters the gap statistic recommends."""
    return (
        "Number of clusters by its usual rules: "
        + ", ".join(f"{rule} {k}" for rule, k in found.by_rule.items())
        + ". A maximum at the largest k tried means that no maximum was found. The vote above is "
        "cast by NbClust's form of the gap, which takes squared distances and starts at two "
        "clusters; this is the original form, from one."
    )


def summary_text(
    quality: TreeQuality, stable: Stability, support: Bootstrap, linkage: str, n_clusters: int
) -> str:
    """Sum up notebook 2 in a list."""
    lines = [
        f"* At k = {n_clusters} the mean silhouette is {quality.mean_silhouette:.2f}.",
        f"* Of {stable.n_many} clusters with more than one member, {stable.n_stable} reached a "
        f"mean Jaccard similarity of {stable.threshold:g}.",
    ]
    if support.n_merges:
        lines.append(
            f"* Of {support.n_merges} merges below the last, {support.n_strong} have an AU of "
            f"{support.threshold:g} or more, {support.n_strong_si} an SI of {support.threshold:g} "
            "or more."
        )
    lines.append(
        f"* The cophenetic correlation of the tree ({wording.linkage(linkage)}) is "
        f"{quality.cophenetic_correlation:.2f}."
    )
    return "\n".join(lines)
