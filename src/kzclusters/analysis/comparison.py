"""The published clusters and ours: agreement, fate of each, what sets each apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from hclustkit import compare as measures
from scipy.spatial.distance import pdist

from kzclusters import wording
from kzclusters.analysis.baseline import indicator_name
from kzclusters.analysis.findings import (
    Agreement,
    Apart,
    Baseline,
    Cluster,
    Contrast,
    Fate,
    Profile,
    Recovered,
    Stability,
)
from kzclusters.wording import listing, lower_first, signed


def compare(published: pd.Series, clusters: pd.Series, names: Mapping[str, str]) -> Agreement:
    """Measure the agreement of the published partition and ours.

    Parameters
    ----------
    published, clusters : Series, index the labels
    names : label -> readable name
    """
    return Agreement(
        adjusted_rand_index=measures.adjusted_rand_index(published, clusters),
        rand_index=measures.rand_index(published, clusters),
        adjusted_mutual_information=measures.adjusted_mutual_information(published, clusters),
        fowlkes_mallows=measures.fowlkes_mallows(published, clusters),
        variation_of_information=measures.variation_of_information(published, clusters),
        minimum_moves=measures.minimum_moves(published, clusters),
        moved=tuple(names[str(label)] for label in measures.moves(published, clusters)),
    )


def fates(
    published: pd.Series, clusters: pd.Series, names: Mapping[str, str], order: Sequence[str]
) -> dict[str, Fate]:
    """Find each published cluster in our partition, in the given order."""
    matched = measures.best_match(published, clusters).reindex(list(order))
    return {
        str(numeral): Fate(
            members=tuple(names[label] for label in row["members"]),
            ours=tuple(sorted(int(number) for number in row["parts"])),
            best_jaccard=float(row["jaccard"]),
            recovered_exactly=bool(row["recovered_exactly"]),
            relation=row["relation"],
            joined_by=tuple(names[label] for label in row["joined_by"]),
        )
        for numeral, row in matched.iterrows()
    }


def find_recovered(published: Mapping[str, Fate]) -> Recovered:
    """Sort the published clusters by their fate."""
    by_relation: dict[str, list[str]] = defaultdict(list)
    for numeral, fate in published.items():
        by_relation[fate.relation].append(numeral)
    exact = [numeral for numeral, fate in published.items() if fate.recovered_exactly]
    sizes = [len(fate.members) for fate in published.values()]
    return Recovered(
        n=len(exact),
        n_published=len(published),
        clusters=tuple(exact),
        text=listing(exact),
        multi_recovered=tuple(key for key in exact if len(published[key].members) > 1),
        n_single=sizes.count(1),
        largest=max(sizes),
        merged=tuple(by_relation["merged"]),
        split=tuple(by_relation["split"]),
        split_and_merged=tuple(by_relation["split and merged"]),
    )


def profile(values: pd.DataFrame, z: pd.DataFrame, clusters: pd.Series) -> pd.DataFrame:
    """Average the indicators by cluster, in units and as z-scores.

    Returns
    -------
    DataFrame
        Columns ``cluster, indicator, mean, z``; one row a cluster and indicator.
    """
    means = values.groupby(clusters).mean().rename_axis(index="cluster", columns="indicator")
    mean_z = z.groupby(clusters).mean().rename_axis(index="cluster", columns="indicator")
    long = pd.DataFrame({"mean": means.stack(), "z": mean_z.stack()}).reset_index()
    order = {code: place for place, code in enumerate(values.columns)}
    return long.sort_values(
        ["cluster", "indicator"],
        key=lambda column: column.map(order) if column.name == "indicator" else column,
        kind="stable",
    ).reset_index(drop=True)


def describe_clusters(
    profile_rows: pd.DataFrame, clusters: pd.Series, names: Mapping[str, str], apart: float
) -> dict[str, Cluster]:
    """Describe our clusters: members, and the indicators that set them apart, largest first.

    Parameters
    ----------
    profile_rows : as `profile` returns it
    clusters : Series, index the labels
    names : label -> readable name
    apart : standard deviations from the mean of all regions that set a cluster apart
    """
    found = {}
    for number, rows in profile_rows.groupby("cluster"):
        far = rows[rows["z"].abs() >= apart]
        far = far.reindex(far["z"].abs().sort_values(ascending=False, kind="stable").index)
        sets = tuple(Apart(row.indicator, float(row.z)) for row in far.itertuples())
        members = tuple(names[label] for label in clusters.index[clusters == number])
        found[str(number)] = Cluster(
            members=members,
            size=len(members),
            sets_apart=sets,
            apart_text=tuple(
                f"{'high' if item.z > 0 else 'low'} {lower_first(indicator_name(item.indicator))} "
                f"({signed(item.z, 2)})"
                for item in sets
            ),
        )
    return found


def sizes(clusters: Mapping[str, Cluster]) -> Profile:
    """Count our clusters by size, and those that nothing sets apart."""
    plain = tuple(key for key, cluster in clusters.items() if not cluster.sets_apart)
    counts = [cluster.size for cluster in clusters.values()]
    number = dict(enumerate(wording.NUMBERS))
    return Profile(
        plain=plain,
        n_plain=len(plain),
        single=tuple(cluster.members[0] for cluster in clusters.values() if cluster.size == 1),
        n_single=counts.count(1),
        n_many=len(counts) - counts.count(1),
        many_sizes=tuple(number.get(size, str(size)) for size in sorted(set(counts) - {1})),
        mean_size=float(np.mean(counts)),
    )


def contrasts(
    z: pd.DataFrame, published: Mapping[str, Fate], names: Mapping[str, str]
) -> dict[str, Contrast]:
    """Find the indicators in which the members of each published cluster differ most and least.

    Parameters
    ----------
    z : DataFrame, regions × indicators, scaled
    published : as `fates` returns it; clusters of one region are left out
    names : label -> readable name
    """
    z = z.rename(index=names)
    found = {}
    for numeral, fate in published.items():
        if len(fate.members) > 1:
            inside = z.loc[list(fate.members)]
            spread = (inside.max() - inside.min()).sort_values(kind="stable")
            columns = [lower_first(indicator_name(column)) for column in spread.index]
            squared = pdist(inside.to_numpy(), "sqeuclidean")
            found[numeral] = Contrast(
                most=tuple(columns[::-1][:3]),
                least=tuple(columns[:3]),
                largest_distance=float(squared.max()),
            )
    return found


# --- tables and sentences of notebook 3 -------------------------------------------------------
def opening_text(base: Baseline) -> str:
    """Say which analysis is compared."""
    return (
        f"{base.called}: {base.year}, {base.scaling_text}, {base.n_indicators} of the article's "
        f"{base.n_indicators_article} indicators (missing: {base.missing_text}), "
        f"{base.linkage_text}, cut into {base.n_clusters} clusters."
    )


def agreement_text(found: Agreement, n_regions: int) -> str:
    """Say how far the two partitions agree."""
    return (
        f"The **adjusted Rand index** is **{found.adjusted_rand_index:.2f}**: 1 would be the same "
        "grouping, 0 what chance gives for clusters of these sizes (Hubert and Arabie 1985). The "
        f"variation of information is {found.variation_of_information:.2f} nats (0 for the same "
        f"grouping). At least **{found.minimum_moves}** of {n_regions} regions have to move to get "
        f"from the published grouping to ours, for instance {listing(found.moved)}."
    )


def fate_table(published: Mapping[str, Fate]) -> pd.DataFrame:
    """Tabulate the fate of each published cluster."""
    rows = [
        {
            "published": numeral,
            "members": ", ".join(fate.members),
            "came out as": fate.relation,
            "our clusters": ", ".join(map(str, fate.ours)),
            "together with": ", ".join(fate.joined_by),
            "best Jaccard": fate.best_jaccard,
        }
        for numeral, fate in published.items()
    ]
    return pd.DataFrame(rows)


def stable_text(stable: Stability, clusters: Mapping[str, Cluster]) -> str:
    """Say which of our clusters last when the regions are resampled."""
    lasting = "; ".join(", ".join(clusters[str(number)].members) for number in stable.stable)
    return (
        "A cluster that comes out exactly need not be a firm one. Of our clusters with several "
        f"members, those that keep a mean Jaccard similarity of {stable.threshold:g} or more when "
        f"the regions are resampled (notebook 2) are: {lasting or 'none'}. Notebook 4 asks the "
        "same of every published cluster over all specifications."
    )


def apart_text(clusters: Mapping[str, Cluster], apart: float) -> str:
    """Say what sets each of our clusters apart."""
    return (
        f"Indicators whose cluster mean lies at least {apart:g} standard deviation from the mean "
        "of all regions:\n\n"
    ) + "\n".join(
        f"* **{key}** ({', '.join(entry.members)}): {'; '.join(entry.apart_text) or 'none'}"
        for key, entry in clusters.items()
    )
