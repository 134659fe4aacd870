"""Tables of the baseline: distances, merges, clusters."""

from __future__ import annotations

from kzclusters.analysis.baseline import indicator_name
from kzclusters.evidence import indicators
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import (
    Rows,
    Table,
    by_region,
    number,
    percent,
    significant,
    tabulate,
)
from kzclusters.wording import signed


def standardized_table(on: Material) -> Table:
    """Tabulate the z-scores of the baseline."""
    z = on.frame("standardized.csv", index_col=0)
    return by_region(z.rename(index=on.names), lambda cell: number(cell, 3), "tiny")


def proximity_table(on: Material) -> Table:
    """Tabulate the squared distances below the diagonal."""
    squared = on.frame("proximity_matrix.csv", index_col=0)
    named = on.names
    rows = []
    for at, code in enumerate(squared.index):
        below = [number(value) for value in squared.loc[code].iloc[:at]]
        above = [""] * (len(squared) - at - 1)
        rows.append((named[code], *below, "0", *above))
    heads = ("Region", *squared.columns.str.removeprefix("KZ-"))
    return Table(heads, rows, "l" + "r" * len(squared), None, "small")


def schedule_table(on: Material) -> Rows:
    """Tabulate the merges in the form of SPSS."""
    schedule = on.frame("agglomeration_schedule.csv")
    named = on.names
    increase = schedule["coefficient"].diff().fillna(schedule["coefficient"])
    return [
        (
            str(row.stage),
            f"{row.cluster_1} ({named[row.label_1]})",
            f"{row.cluster_2} ({named[row.label_2]})",
            number(row.coefficient, 3),
            number(increase[row.Index], 3),
            str(row.first_appears_1),
            str(row.first_appears_2),
            str(row.next_stage),
        )
        for row in schedule.itertuples()
    ]


def membership_table(on: Material) -> Table:
    """Tabulate the clusters for every number of them."""
    membership = on.frame("cluster_membership.csv", index_col=0)
    first, *others = membership.columns
    membership = membership.set_axis([f"{first} clusters", *map(str, others)], axis=1)
    return by_region(membership.rename(index=on.names), str, "small")


def profile_table(on: Material) -> Table:
    """Tabulate the means of the indicators by cluster."""
    profile = on.frame("cluster_profiles.csv")
    means = profile.pivot(index="indicator", columns="cluster", values="mean")
    z = profile.pivot(index="indicator", columns="cluster", values="z")
    units = {
        item.code + (f":{variant.name}" if variant.name else ""): variant.unit
        for item in indicators.registry().values()
        for variant in item.variants
    }
    rows = [
        (
            f"{column} {indicator_name(column)}, {units[column]}",
            *(
                f"{significant(means.at[column, k])} ({signed(z.at[column, k], 2)})"
                for k in means.columns
            ),
        )
        for column in on.found.baseline.indicators
    ]
    n = means.shape[1]
    widths = [0.2] + [0.8 / n] * n
    return Table(("Indicator, unit", *map(str, means.columns)), rows, "l" + "r" * n, widths, "tiny")


def apart_table(on: Material) -> Rows:
    """Tabulate what sets each of our clusters apart."""
    return [
        (key, ", ".join(entry.members), "; ".join(entry.apart_text) or "nothing that far")
        for key, entry in on.found.clusters.items()
    ]


def fate_table(on: Material) -> Rows:
    """Tabulate where each published cluster is found."""
    return [
        (
            key,
            ", ".join(fate.members),
            fate.relation,
            ", ".join(str(k) for k in fate.ours),
            ", ".join(fate.joined_by) or "—",
            number(fate.best_jaccard),
        )
        for key, fate in on.found.published.items()
    ]


def agreement_table(on: Material) -> Rows:
    """Tabulate the measures of agreement."""
    agree, varies = on.found.agreement, "depends on the sizes"
    return [
        ("Adjusted Rand index", number(agree.adjusted_rand_index), "1", "0"),
        ("Rand index", number(agree.rand_index), "1", varies),
        ("Adjusted mutual information", number(agree.adjusted_mutual_information), "1", "0"),
        ("Fowlkes–Mallows index", number(agree.fowlkes_mallows), "1", varies),
        ("Variation of information, nats", number(agree.variation_of_information), "0", varies),
        ("Regions that have to move", str(agree.minimum_moves), "0", varies),
    ]


def stability_table(on: Material) -> Table:
    """Tabulate the evidence for each of our clusters."""
    stability = on.frame("cluster_stability.csv").set_index("cluster")
    silhouettes = on.frame("silhouettes.csv").groupby("cluster")["width"].mean()
    noise = on.frame("noise_survival.csv")
    levels = sorted(noise["level"].unique())
    survived = noise.pivot(index="cluster", columns="level", values="survived")
    rows = [
        (
            str(key),
            ", ".join(on.found.clusters[str(key)].members),
            number(silhouettes[key]),
            number(row["jaccard_mean"]),
            number(row["ceiling"]),
            *(percent(survived.at[key, level], 0) for level in levels),
        )
        for key, row in stability.iterrows()
    ]
    errors = " | ".join(f"{100 * level:g}% error" for level in levels)
    heads = f"No. | Members | Silhouette | Jaccard, resampled | Its ceiling | {errors}"
    widths = [0.05, 0.31, 0.11, 0.13, 0.1] + [0.3 / len(levels)] * len(levels)
    return tabulate(heads, rows, "ll" + "r" * (3 + len(levels)), widths)


def vote_table(on: Material) -> Rows:
    """Tabulate the number of clusters that each index recommends."""
    votes = on.frame("validity_votes.csv", keep_default_na=False)
    return [
        (
            row["index"],
            row["best_k"] or "—",
            row["rule"].replace(" - ", " − "),
            row["reason"].replace("|z|", "z") if row["status"] != "vote" else "",
        )
        for _, row in votes.iterrows()
    ]


def bootstrap_table(on: Material) -> Rows:
    """Tabulate the support of each merge."""
    table = on.frame("multiscale_bootstrap.csv").iloc[:-1]
    named = on.names
    return [
        (
            str(row.stage),
            ", ".join(named[code] for code in row.members.split()),
            number(row.au),
            number(row.bp),
            number(row.si),
        )
        for row in table.itertuples()
    ]
