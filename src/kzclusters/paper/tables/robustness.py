"""Tables of the grid, the permutation tests and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kzclusters import article, indicators
from kzclusters.paper.facts import frame, indicator_name, names
from kzclusters.paper.project import Project
from kzclusters.paper.tables.table import Table, number, percent


def grid_table(project: Project, found: Mapping[str, Any]) -> Table:
    grid = found["robustness"]["grid"]
    described = indicators.describe()
    base = [column.partition(":")[0] for column in found["baseline"]["indicators"]]
    variants = described[described["indicator"].isin(base) & (described["variant"] != "")]
    rows = [
        ("Year", ", ".join(str(year) for year in grid["years"])),
        ("Indicators", f"every set of at least {grid['min_indicators']} of those that have data in "
         f"the year, among {', '.join(base)}"),
        ("Variant of an indicator", "; ".join(
            f"{row['indicator']}: {indicators.registry()[row['indicator']].main.label}, or "
            f"{row['built here']}" for _, row in variants.iterrows())),
        ("Scaling", ", ".join(SCALINGS.get(name, name) for name in grid["scalings"])),
        ("Linkage", ", ".join(LINKAGES.get(name, name) for name in grid["linkages"])),
        ("Number of clusters", f"{grid['k']}, as in the article"),
    ]  # fmt: skip
    return Table(("Choice", "Options"), rows, "ll", (0.25, 0.75), "small")


SCALINGS = {
    "zscore": "z-scores", "range": "range from the lowest to the highest region",
    "rank": "ranks", "log-zscore": "z-scores of logarithms",
}  # fmt: skip
LINKAGES = {"ward": "Ward", "average": "average", "complete": "complete"}
NULLS = {"relabel": "regions relabelled at random", "contiguous": "random groups of neighbours"}


def spread_table(project: Project, found: Mapping[str, Any]) -> Table:
    agree = found["robustness"]["agreement"]
    rows = [("all", f"{found['robustness']['grid']['n_specifications']:,}", number(agree["mean"]),
             number(agree["max"]))]  # fmt: skip
    counts = found["robustness"]["grid"]["n_by_linkage"]
    for name in found["robustness"]["grid"]["linkages"]:
        entry = agree["by_linkage"][name]
        rows.append((f"linkage: {LINKAGES.get(name, name)}", f"{counts[name]:,}",
                     number(entry["mean"]), number(entry["max"])))  # fmt: skip
    for kind, label in (("by_year", "year"), ("by_scaling", "scaling")):
        for name, mean in agree[kind].items():
            rows.append((f"{label}: {SCALINGS.get(name, name)}", "", number(mean), ""))
    return Table(("Specifications", "Number", "Mean index", "Largest"), rows, "lrrr", None, "small")


def exact_table(project: Project, found: Mapping[str, Any]) -> Table:
    rows = [
        (str(entry["year"]), SCALINGS.get(entry["scaling"], entry["scaling"]),
         LINKAGES.get(entry["linkage"], entry["linkage"]), str(entry["n_indicators"]),
         entry["indicators"].replace(":manufacturing", " (manufacturing)"))
        for entry in found["robustness"]["exact"]
    ] or [("none", "", "", "", "")]  # fmt: skip
    return Table(
        ("Year", "Scaling", "Linkage", "Number", "Indicators"), rows, "lllrl",
        (0.08, 0.24, 0.12, 0.1, 0.46), "small",
    )  # fmt: skip


def recovery_table(project: Project, found: Mapping[str, Any]) -> Table:
    by_linkage = frame(project, "recovery.csv").pivot(
        index="cluster", columns="linkage", values="share"
    )
    verdict = {
        key: word
        for word, keys in found["robustness"]["verdict"].items()
        for key in keys
    }
    words = {"solid": "solid", "fragile": "fragile", "depends": "depends on choices"}
    shares = found["robustness"]["recovery"]
    linkages = found["robustness"]["grid"]["linkages"]
    rows = [
        (key, ", ".join(shares[key]["members"]), percent(shares[key]["share"]),
         *(percent(by_linkage.at[key, name]) for name in linkages), words[verdict[key]])
        for key in article.CLUSTERS
    ]  # fmt: skip
    return Table(
        ("Cluster", "Members", "All", *(LINKAGES.get(name, name) for name in linkages), "Reading"),
        rows, "ll" + "r" * (1 + len(linkages)) + "l", None, "small",
    )  # fmt: skip


def permutation_table(project: Project, found: Mapping[str, Any]) -> Table:
    rows = []
    for null, test in found["robustness"]["permutation"].items():
        for statistic, label in (("max", "largest"), ("mean", "mean")):
            entry = test[statistic]
            rows.append(
                (NULLS.get(null, null), label, number(entry["observed"]), number(entry["null_mean"]),
                 number(entry["null_95"]), number(entry["null_largest"]), number(entry["p"], 4))
            )  # fmt: skip
    return Table(
        ("Random reference", "Index over the grid", "Figure 3", "Null mean", "Null 95%",
         "Null largest", "p"),
        rows, "llrrrrr", (0.27, 0.16, 0.11, 0.12, 0.11, 0.12, 0.11), "small",
    )  # fmt: skip


def leave_out_table(project: Project, found: Mapping[str, Any]) -> Table:
    table = frame(project, "leave_out.csv", keep_default_na=False)
    named = names(project)
    kinds = {"indicator": "indicator", "group": "group", "object": "region"}
    rows = []
    for row in table.itertuples():
        left = row.left_out
        if row.kind == "object":
            left = named[left]
        elif row.kind == "indicator":
            left = f"{left} {indicator_name(left)}"
        rows.append((kinds[row.kind], left, number(row.ari_reference), number(row.ari_baseline),
                     str(row.clusters_changed)))  # fmt: skip
    return Table(
        ("Kind", "Left out", "With Figure 3", "With the baseline", "Clusters changed"), rows, "llrrr",
        None, "small",
    )  # fmt: skip
