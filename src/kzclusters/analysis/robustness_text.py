"""Tables and sentences of notebook 4, from the numbers of the robustness analysis."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from hclustkit import multiverse

from kzclusters import wording
from kzclusters.analysis.grid_findings import Robustness, Unmerged
from kzclusters.evidence import indicators

VARIANTS = {
    "main": "main reading",
    "per_million": "per million inhabitants",
    "total": "total investment",
    "manufacturing": "manufacturing alone",
}
"""The variants of indicators by name."""


def option_names(grid: multiverse.Grid) -> dict[str, str]:
    """Return readable names of the options of a grid."""
    registry = indicators.registry()
    return {
        **{code: f"{code} {registry[code].name}" for code in grid.indicators if code in registry},
        **{name: wording.scaling(name) for name in grid.scalings},
        **{name: wording.linkage(name) for name in grid.linkages},
        **VARIANTS,
    }


def grid_table(grid: multiverse.Grid) -> pd.DataFrame:
    """Tabulate the choices of a grid and their options."""
    names = option_names(grid)
    rows = []
    for key, value in grid.to_mapping().items():
        if key == "indicators":
            continue
        options = [names.get(item, str(item)) for item in value] if isinstance(value, list) else []
        rows.append((key.replace("_", " "), ", ".join(options) or value))
    readings = (
        " | ".join([code, *(variant for variant in variants if variant)])
        for code, variants in grid.indicators.items()
    )
    rows.append(("indicators", ", ".join(readings)))
    return pd.DataFrame(rows, columns=["choice", "options"])


def size_text(size: int, n_excluded: int) -> str:
    """Say how large the grid is."""
    excluded = (
        f"Excluded, with the reason: {n_excluded} kinds." if n_excluded else "None is excluded."
    )
    return f"The grid has **{size:,} specifications**. {excluded}"


def place_text(row: int | None, columns: pd.Index, year: int, scaling: str, linkage: str) -> str:
    """Say whether a run is one of the specifications of the grid."""
    if row is not None:
        return (
            "The baseline, or this run, is one of the specifications of the grid, with the same "
            "result."
        )
    return (
        f"This run ({year}, {wording.scaling(scaling)}, {wording.linkage(linkage)}, {len(columns)} "
        "indicators) is not a specification of the grid; it is compared with the grid all the same."
    )


def agreement_text(found: Robustness, called: str) -> str:
    """Say how the agreement with Figure 3 is distributed over the grid."""
    at = found.agreement
    this = "The baseline" if called == "Baseline" else called
    return (
        f"Over {found.grid.n_specifications:,} specifications the adjusted Rand index with "
        f"Figure 3 has mean **{at.mean:.2f}** and median {at.median:.2f}, and runs from "
        f"{wording.decimal(at.min, 2)} to "
        f"{at.max:.2f}; nine in ten lie between {at.q05:.2f} and {at.q95:.2f}. {this}, "
        f"{at.baseline:.2f}, agrees better than {wording.share(at.share_below_baseline)} of them. "
        f"The mean variation of information is {at.vi_mean:.2f} nats. In "
        f"{found.grid.n_order_dependent:,} specifications distances tie and the partition depends "
        "on the order of the rows; the documented tie rule decides."
    )


def agreement_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Describe the agreement over the grid, and by linkage."""
    groups = {"all": rows["ari"]}
    for name, group in rows.groupby(rows["linkage"].astype(str))["ari"]:
        groups[wording.linkage(str(name))] = group
    columns = ["count", "mean", "std", "min", "5%", "50%", "95%", "max"]
    table = pd.DataFrame({k: v.describe(percentiles=[0.05, 0.5, 0.95]) for k, v in groups.items()})
    return table.T[columns].astype({"count": int})


def size_table(found: Robustness) -> pd.DataFrame:
    """Tabulate the agreement by the number of indicators."""
    rows = {int(n): vars(entry) for n, entry in found.agreement.by_number.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicators")
    return table.rename(columns={"n": "specifications", "max": "largest"})


def full_text(found: Robustness) -> str:
    """Say what leaving indicators out costs."""
    at, size = found.full, found.by_size
    in_years = ", ".join(f"{y}: {entry.n:,}" for y, entry in found.agreement.by_year.items())
    back = wording.listing([f"{k} {wording.share(at.recovery[k])}" for k in found.recovery])
    return (
        f"The mean runs from {size.fewest_mean:.2f} with {size.fewest} indicators to "
        f"{size.most_mean:.2f} with {size.most}. With every indicator that has data in its year "
        f"the {at.n} specifications have mean **{at.mean:.2f}** and median {at.median:.2f}, "
        f"from {at.min:.2f} to {at.max:.2f}, where the whole grid has the mean "
        f"{found.agreement.mean:.2f}. The published clusters come back in these shares of them: "
        f"{back}. The years weigh unequally ({in_years}): one indicator more makes more sets."
    )


def exact_table(found: Robustness, names: Mapping[str, str]) -> pd.DataFrame:
    """Tabulate the specifications that recover Figure 3 exactly."""
    return pd.DataFrame([vars(entry) for entry in found.exact]).replace(dict(names))


def exact_text(found: Robustness) -> str:
    """Say how many specifications recover Figure 3 exactly, and what they have in common."""
    at = found.exact_range
    scalings, linkages = map(wording.scaling, at.scalings), map(wording.linkage, at.linkages)
    parts = (f"data of {wording.listing(at.years)}", *scalings, *linkages)
    count = f"of {found.grid.n_specifications:,} specifications recover Figure 3 exactly"
    if not found.exact:
        return f"**0** {count}."
    return (
        f"**{len(found.exact)}** {count}, with {wording.listing(parts)}. That any specification "
        "matches exactly would be rare for a random grouping, as the permutation test below shows; "
        "it does not say that this was the one used."
    )


def unmerged_text(found: Unmerged) -> str:
    """Say what counting repetitions of a specification would give."""
    return (
        f"With repetitions Ward's part of the grid has {found.n_specifications:,} combinations, of "
        f"which **{found.n_exact}** recover Figure 3 exactly: the analyses above, counted as often "
        "as they are repeated."
    )


def apart_text(found: Robustness) -> str:
    """Say which regions are most often clusters of their own."""
    alone = sorted(found.apart.regions.items(), key=lambda item: -item[1])[:4]
    return (
        "The regions that are most often single clusters: "
        + ", ".join(f"{name} ({wording.share(share)})" for name, share in alone)
        + ". The cities are joined with no other region, each alone or the two together, in "
        f"{wording.share(found.apart.cities)} of the specifications."
    )


def pairs_text(found: Robustness) -> str:
    """Say how often two regions are together."""
    at = found.pairs
    return (
        f"Two regions that share a published cluster are together in {wording.share(at.inside)} "
        f"of the specifications, two that do not in {wording.share(at.outside)}. The pair apart in "
        f"Figure 3 that is most often together is {at.strongest_apart} "
        f"({wording.share(at.strongest_apart_share)})."
    )


def scattered_text(found: Robustness) -> str:
    """Say which published clusters are not groups of neighbours."""
    if not found.scattered:
        return (
            "Every published cluster is a group of neighbours, as the groupings of the second null "
            "are."
        )
    clusters = "; ".join(f"{k} ({', '.join(found.recovery[k].members)})" for k in found.scattered)
    return (
        f"Not every published cluster is a group of neighbours: {clusters}. No contiguous grouping "
        "can therefore equal Figure 3."
    )


def permutation_table(found: Robustness) -> pd.DataFrame:
    """Tabulate the permutation tests."""
    rows = [
        {
            "null": wording.NULLS[name],
            "how drawn": test.sampler,
            "statistic": statistic,
            "observed": at.observed,
            "null mean": at.null_mean,
            "null 95%": at.null_95,
            "null largest": at.null_largest,
            "p": at.p,
        }
        for name, test in found.permutation.items()
        for statistic, at in (("max", test.max), ("mean", test.mean))
    ]
    return pd.DataFrame(rows)


def permutation_text(found: Robustness) -> str:
    """Say with which p the real agreement is reached by chance."""
    return "\n".join(
        f"* **{wording.NULLS[name]}**: the real maximum, {test.max.observed:.2f}, is reached by "
        f"chance with p = {test.max.p:.4f}; the real mean, {test.mean.observed:.2f}, with "
        f"p = {test.mean.p:.4f} ({test.draws:,} references)."
        for name, test in found.permutation.items()
    )


def summary_text(found: Robustness, names: Mapping[str, str]) -> str:
    """Sum up the robustness analysis in plain words."""

    def clusters(keys: tuple[str, ...]) -> str:
        entries = ((key, found.recovery[key]) for key in keys)
        texts = (f"{k} ({', '.join(e.members)}; {wording.share(e.share, 1)})" for k, e in entries)
        return "; ".join(texts) or "none"

    verdict, noise = found.verdict, found.noise
    top = list(found.shares.items())[:3]
    back = ", ".join(
        f"with one of {float(level):.0%} in {wording.share(entry.unchanged)}"
        for level, entry in noise.items()
    )
    return (
        f"Over the {found.grid.n_specifications:,} specifications of the whole grid the mean index "
        f"is {found.agreement.mean:.2f}. There, by published cluster and by choice:\n\n"
        f"* **Solid**: {clusters(verdict.solid)}.\n"
        f"* **Depends on choices**: {clusters(verdict.depends)}.\n"
        f"* **Fragile**: {clusters(verdict.fragile)}.\n"
        f"* With every indicator that has data ({found.full.n} specifications) the mean is "
        f"{found.full.mean:.2f} and the largest index {found.full.max:.2f}.\n"
        "* The choices that move agreement most: "
        + ", ".join(f"{names.get(name, name)} ({wording.share(share)})" for name, share in top)
        + ".\n* With an error in every value the whole grouping comes back in part of the draws: "
        f"{back}."
    )
