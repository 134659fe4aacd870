"""Tables of the grid, the permutation tests and what is left out."""

from __future__ import annotations

from kzclusters import wording as words
from kzclusters.analysis.baseline import indicator_name
from kzclusters.analysis.grid_findings import Spread
from kzclusters.evidence import article, indicators
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import Rows, Table, number, percent, tabulate


def grid_table(on: Material) -> Rows:
    """Tabulate the choices of the grid."""
    grid = on.robustness.grid
    described = indicators.describe()
    base = [column.partition(":")[0] for column in on.found.baseline.indicators]
    variants = described[described["indicator"].isin(base) & (described["variant"] != "")]
    return [
        ("Year", ", ".join(str(year) for year in grid.years)),
        (
            "Indicators",
            f"every set of at least {grid.min_indicators} of those that have data in "
            f"the year, among {', '.join(base)}",
        ),
        (
            "Variant of an indicator",
            "; ".join(
                f"{row['indicator']}: {indicators.registry()[row['indicator']].main.label}, or "
                f"{row['built here']}"
                for _, row in variants.iterrows()
            ),
        ),
        ("Scaling", ", ".join(words.scaling(name) for name in grid.scalings)),
        ("Linkage", ", ".join(words.linkage(name) for name in grid.linkages)),
        ("Number of clusters", f"{grid.k}, as in the article"),
    ]


def spread_table(on: Material) -> Rows:
    """Tabulate the agreement over parts of the grid."""
    agree, grid = on.robustness.agreement, on.robustness.grid
    full = on.robustness.full
    whole = Spread(grid.n_specifications, agree.mean, agree.max)
    every = Spread(full.n, full.mean, full.max)
    entries = {"all": whole, "every indicator that has data": every}
    entries |= {f"{size} indicators": entry for size, entry in agree.by_number.items()}
    entries |= {words.linkage(name).capitalize(): agree.by_linkage[name] for name in grid.linkages}
    entries |= {f"year {name}": entry for name, entry in agree.by_year.items()}
    entries |= {words.scaling(name): agree.by_scaling[name] for name in grid.scalings}
    return [
        (name, f"{entry.n:,}", number(entry.mean), number(entry.max))
        for name, entry in entries.items()
    ]


def exact_table(on: Material) -> Rows:
    """Tabulate the exact specifications."""
    return [
        (
            str(entry.year),
            words.scaling(entry.scaling),
            words.linkage(entry.linkage),
            str(entry.n_indicators),
            entry.indicators.replace(":manufacturing", " (manufacturing)"),
        )
        for entry in on.robustness.exact
    ] or [("none", "", "", "", "")]


def recovery_table(on: Material) -> Table:
    """Tabulate how often each published cluster is recovered."""
    by_linkage = on.frame("recovery.csv").pivot(index="cluster", columns="linkage", values="share")
    verdict = on.robustness.verdict
    reading = dict.fromkeys(verdict.solid, "solid") | dict.fromkeys(verdict.fragile, "fragile")
    full = on.robustness.full.recovery
    shares = on.robustness.recovery
    linkages = on.robustness.grid.linkages
    rows = [
        (
            key,
            ", ".join(shares[key].members),
            percent(shares[key].share),
            *(percent(by_linkage.at[key, name]) for name in linkages),
            percent(full[key]),
            reading.get(key, "depends on choices"),
        )
        for key in article.CLUSTERS
    ]
    heads = " | ".join(words.linkage(name).capitalize() for name in linkages)
    align = "ll" + "r" * (2 + len(linkages)) + "l"
    return tabulate(f"Cluster | Members | All | {heads} | Every indicator | Reading", rows, align)


def permutation_table(on: Material) -> Rows:
    """Tabulate the permutation tests."""
    rows = []
    for null, test in on.robustness.permutation.items():
        for entry, label in ((test.max, "largest"), (test.mean, "mean")):
            by_chance = (entry.null_mean, entry.null_95, entry.null_largest)
            indices = map(number, (entry.observed, *by_chance))
            rows.append((words.NULLS[null], label, *indices, number(entry.p, 4)))
    return rows


def leave_out_table(on: Material) -> Rows:
    """Tabulate the agreement without one indicator, group or region."""
    table = on.frame("leave_out.csv", keep_default_na=False)
    named = on.names
    kinds = {"indicator": "indicator", "group": "group", "object": "region"}
    rows = []
    for row in table.itertuples():
        left = row.left_out
        if row.kind == "object":
            left = named[left]
        elif row.kind == "indicator":
            left = f"{left} {indicator_name(left)}"
        indices = (number(row.ari_reference), number(row.ari_baseline))
        rows.append((kinds[row.kind], left, *indices, str(row.clusters_changed)))
    return rows
