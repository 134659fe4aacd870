"""The sentences of the lesson whose numbers and names come from its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from hclustkit import Tree, validity

from kzclusters import wording
from kzclusters.analysis import results
from kzclusters.evidence import indicators as definitions
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.steps import (
    Cluster,
    blocks,
    equal_partitions,
    explained_share,
    merges,
    shuffled_shares,
)


def format_number(value: float, digits: int = 2) -> str:
    """Write a number for a sentence, with a typographic minus."""
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def round_as_printed(value: float, digits: int = 2) -> float:
    """Round a number as it is printed, so that what is printed adds up."""
    return float(f"{value:.{digits}f}")


def describe_indicator(column: str) -> str:
    """Describe an indicator in words with its unit."""
    code, _, name = column.partition(":")
    variant = definitions.registry()[code].variant(name)
    label = f"people {variant.label}" if variant.label.startswith("employed ") else variant.label
    return label if variant.unit in label else f"{label}, in {variant.unit}"


def deciding_indicator(data: LessonData) -> str:
    """Say which indicator decides the distances of the small table while nothing is scaled."""
    share = definitions.distance_shares(data.small)
    most, least = share.idxmax(), share.idxmin()
    say = "a say"
    if share.max() > 0.6:
        say = "hardly a say" if share.max() > 0.9 else "less of a say"
    return (
        f"Of the sum of all squared distances in this table, **{share.max():.1%}** comes from "
        f"{most} ({data.variables[most]}) alone. The nearest pair is "
        f"**{data.list_names(data.pairs_unscaled.idxmin())}**; {data.variables[least]} had {say} "
        "in it."
    )


def compare_second_merges(data: LessonData) -> str:
    """Say which other linkages make the second merge of the small table as Ward's method does."""
    ours = frozenset.union(*data.stages[1])
    methods = ("single", "complete", "average", "centroid")
    same = [method for method in methods if frozenset.union(*merges(data.z, method)[1]) == ours]
    other = [method for method in methods if method not in same]
    if not other or not same:
        joins = "would not join" if other else "would join"
        names = results.listing(methods).capitalize()
        return f"{names} linkage {joins} the same clusters as Ward's method here."
    return (
        f"{results.listing(other).capitalize()} linkage would not join the same clusters as Ward's "
        f"method here; {results.listing(same)} linkage would."
    )


def read_row_aloud(data: LessonData) -> str:
    """Read the first row of the whole schedule that joins a cluster as a sentence."""
    schedule = Tree.from_table(data.z_whole).schedule().set_index("stage")
    stage = (schedule[["first_appears_1", "first_appears_2"]].max(axis=1) > 0).idxmax()
    row = schedule.loc[stage]

    def cluster(i: int) -> str:
        case, made = int(row[f"cluster_{i}"]), int(row[f"first_appears_{i}"])
        name = data.names[row[f"label_{i}"]]
        if made:
            return f"the cluster of case {case} ({name}), formed at stage {made}"
        return f"case {case} ({name}), a single region until now"

    follows = int(row["next_stage"])
    last = f"The new cluster is merged again at stage {follows}." if follows else "All are one."
    return (
        f"At stage {stage}, {cluster(1)}, and {cluster(2)}, are joined, and the sum of squares "
        f"reaches {row['coefficient']:.3f}. {last}"
    )


def compare_linkages(data: LessonData, cuts: Mapping[str, pd.Series]) -> str:
    """Say how many groupings several linkages give, and which give the same.

    Parameters
    ----------
    cuts : linkage → clusters of the whole table
    """
    groups = equal_partitions(cuts)
    alike = [
        results.listing(list(map(wording.linkage, group))) for group in groups if len(group) > 1
    ]
    trees = {method: Tree.from_table(data.z_whole, method) for method in cuts}
    correlations = {method: tree.cophenetic_correlation() for method, tree in trees.items()}
    said = f"{len(groups)} groupings" if len(groups) > 1 else "one grouping"
    text = f"At {data.n_clusters} clusters the {len(cuts)} trees give {said}"
    text += f": {'; '.join(f'{names} give the same' for names in alike)}." if alike else "."
    if min(correlations, key=lambda method: correlations[method]) == "ward":
        text += (
            " Ward's method has the lowest cophenetic correlation: this measures how faithfully a "
            "tree keeps the distances, which is not what Ward's method aims for."
        )
    return text


def compare_years(data: LessonData) -> list[str]:
    """Say which clusters hold in every year, which regions move and which years agree."""
    found = [_lasting_clusters(data), *_region_moves(data)]
    for group in equal_partitions({str(at): data.by_year[at] for at in data.by_year}):
        if len(group) > 1:
            found.append(f"The clusters of {results.listing(group)} are the same.")
    return found


def _lasting_clusters(data: LessonData) -> str:
    """Say which clusters hold in every year."""
    row = data.whole.index.get_loc

    def first(cluster: Iterable) -> int:
        return min(map(row, cluster))

    years = [blocks(data.by_year[at]) for at in data.by_year]
    held: list[Cluster] = sorted(set.intersection(*years), key=first)
    if not held:
        return "No cluster holds in every year."
    if all(len(cluster) == 1 for cluster in held):
        members = data.list_names([label for cluster in held for label in cluster])
        return f"Only the {len(held)} clusters of one region hold in every year: {members}."
    members = "; ".join(data.list_names(sorted(cluster, key=row)) for cluster in held)
    return f"{len(held)} of {data.n_clusters} clusters hold in every year: {members}."


def _region_moves(data: LessonData) -> list[str]:
    """Say which regions move alone, and which together."""
    moved = data.moves_by_year().any(axis=1)
    together: dict[tuple, list] = {}
    for label in data.by_year.index[moved]:
        together.setdefault(tuple(data.by_year.loc[label]), []).append(label)
    found = []
    if alone := [labels[0] for labels in together.values() if len(labels) == 1]:
        verb = "changes" if len(alone) == 1 else "change"
        found.append(f"{data.list_names(alone)} {verb} sides.")
    nearest = frozenset.union(*merges(data.z_whole)[0])
    for labels in together.values():
        if len(labels) > 1:
            apposition = ", the closest pair of all," if nearest == set(labels) else ""
            found.append(f"{data.list_names(labels)}{apposition} move together.")
    return found


def compare_with_shuffles(data: LessonData, seed: int, draws: int = 1000) -> str:
    """Compare what the clusters explain with what they explain of shuffled tables."""
    k, ours = data.n_clusters, explained_share(data.tree_whole, data.n_clusters)
    shares = shuffled_shares(data.z_whole, k, seed, draws)
    low, high = np.quantile(shares, [0.025, 0.975])
    reach = int((shares >= ours).sum())
    text = (
        f"{k} clusters explain **{ours:.0%}** of the sum of squares of the regions. Of the "
        f"shuffled table above they explain {shares[0]:.0%}. In {draws:,} shuffled tables the "
        f"share is mostly {low:.0%} to {high:.0%} (19 in 20 lie there; all lie between "
        f"{shares.min():.0%} and {shares.max():.0%}), and {reach or 'none'} of them "
        f"{'reach' if reach > 1 else 'reaches'} the share of the regions."
    )
    return text + (
        " So the columns of the real table are related: shuffling undoes that, and nothing else."
        if reach < draws / 20
        else " So the share does not tell the real table from shuffled ones."
    )


def count_votes(data: LessonData, seed: int) -> str:
    """Say how all criteria for the number of clusters vote.

    Parameters
    ----------
    seed : of the random tables of the gap statistic
    """
    ballots = validity.cast_votes(validity.indices(data.z_whole, data.ks, seed=seed))
    count = validity.vote_table(ballots)
    ours = int(count.get(data.n_clusters, 0)) or "none"
    return (
        f"Notebook 2 has {len(ballots)} criteria. {int(count.sum())} of them vote: they are "
        "defined for such a table and choose a number of clusters by a rule. The others are not "
        "defined here, find no number that meets their rule, or are read from a plot. The votes: "
        + ", ".join(f"k = {k} ({votes})" for k, votes in count.items())
        + f". For k = {data.n_clusters}, the number of this lesson: {ours}."
    )


def describe_joints(data: LessonData, coefficients: pd.Series) -> str:
    """Describe a dendrogram joint by joint to those who cannot see it."""
    clusters = [data.names[label] for label in data.whole.index]
    joints = []
    for stage, (a, b) in enumerate(data.tree_whole[:, :2].astype(int).tolist(), start=1):
        joints.append(f"{stage} joins {clusters[a]} and {clusters[b]} at {coefficients[stage]:.2f}")
        clusters.append(f"joint {stage}")
    return f"Dendrogram with numbered joints. Joint {'; '.join(joints)}."


def describe_map(data: LessonData) -> str:
    """Say which regions make up the clusters of Figure 3, and who borders on whom."""
    groups = data.published.groupby(data.published).groups
    members = [f"{k}, {data.list_names(labels)}" for k, labels in groups.items()]
    borders = [
        f"{data.names[a]} and {data.names[b]}"
        for a, b in data.neighbours.labels.to_numpy()[data.neighbours.pairs]
    ]
    return (
        f"Map of the regions with the clusters of Figure 3: {'; '.join(members)}. "
        f"These regions have a common border: {'; '.join(borders)}."
    )
