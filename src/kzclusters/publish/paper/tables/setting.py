"""Tables of the article's own setting: the index, what survives, nulls, other methods, breaks."""

from __future__ import annotations

from kzclusters import wording as words
from kzclusters.evidence import article
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import (
    Rows,
    Table,
    number,
    percent,
    significant,
    tabulate,
)

OVER = {
    "own": "own setting",
    "admissible": "own setting, admissible years",
    "ward_full": "Ward, every indicator, all variants",
    "full": "every indicator, all linkages",
    "grid": "whole grid",
}
"""Sets of specifications, as tables call them."""
SETS = {
    "all": "all groupings of these sizes",
    "pieces": "as many pieces on the map",
    "neighbours": "as many pairs of neighbours together",
    "cities": "both cities single",
    "pieces_cities": "both cities single, as many pieces",
    "every_property": "all of these properties",
    "contiguous": "every cluster in one piece",
    "contiguous_cities": "both cities single, every cluster in one piece",
}
"""Sets of groupings, as the table of nulls calls them, in its order."""


def own_table(on: Material) -> Table:
    """Tabulate the index by year and scaling."""
    own = on.setting.own
    rows = [
        (
            f"{year}" + (" *" if year in own.admissible_years else ""),
            str(own.indicators[str(year)]),
            *(number(own.index[f"{year} {scaling}"]) for scaling in own.scalings),
            number(own.by_year[str(year)]),
        )
        for year in own.years
    ]
    means = (number(own.by_scaling[scaling]) for scaling in own.scalings)
    rows.append(("Mean", "", *means, number(own.every.mean)))
    heads = " | ".join(words.scaling(scaling) for scaling in own.scalings)
    align = "lr" + "r" * (len(own.scalings) + 1)
    return tabulate(f"Year | Indicators | {heads} | Mean", rows, align)


def survival_table(on: Material) -> Table:
    """Tabulate what becomes of the cities and of the published clusters."""
    found = on.setting.survival
    kept = [name for name in OVER if name in found]
    lines = {
        "the cities apart from all others": [found[name].cities_apart for name in kept],
        "the cities in one cluster": [found[name].cities_together for name in kept],
        "each city a cluster of its own": [found[name].cities_single for name in kept],
    }
    for cluster in article.CLUSTERS:
        members = ", ".join(on.found.published[cluster].members)
        lines[f"{cluster}: {members}"] = [found[name].recovered[cluster] for name in kept]
    rows = [("specifications", *(f"{found[name].n:,}" for name in kept))]
    rows += [(name, *(percent(share, 0) for share in shares)) for name, shares in lines.items()]
    heads = " | ".join(OVER[name] for name in kept)
    widths = [0.35] + [0.65 / len(kept)] * len(kept)
    return tabulate(f"Share with | {heads}", rows, "l" + "r" * len(kept), widths)


def null_table(on: Material) -> Table:
    """Tabulate the shares of groupings, and of surrogate tables, that agree as well."""
    nulls = on.setting.nulls
    over = list(nulls.observed)
    means = (number(nulls.observed[part]) for part in over)
    rows = [("the published grouping: mean index", "", *means)]
    for name, label in SETS.items():
        if name in nulls.sets:
            entry = nulls.sets[name]
            mark = "" if entry.contains_published else "\N{NO-BREAK SPACE}†"
            shares = (percent(entry.share[part], 3) for part in over)
            rows.append((label + mark, f"{entry.n:,}", *shares))
    surrogates = nulls.surrogates
    shown = {"own": surrogates.share, "admissible": surrogates.admissible_share}
    cells = (percent(shown[part], 3) if part in shown else "" for part in over)
    rows.append(("surrogate tables", f"{surrogates.n:,}", *cells))
    heads = " | ".join(OVER.get(part, part) for part in over)
    widths = [0.32, 0.14] + [0.54 / len(over)] * len(over)
    return tabulate(f"References | Number | {heads}", rows, "lr" + "r" * len(over), widths)


def method_table(on: Material) -> Rows:
    """Tabulate other methods on the same tables."""
    base, own = number(on.setting.own.baseline), on.setting.own.every
    means = (number(own.mean), number(own.median), number(own.max))
    rows = [("Ward", base, "1.00", *means, str(own.n))]
    for entry in on.setting.methods.values():
        index, with_ward = number(entry.index), number(entry.index_ward)
        means = (number(entry.own_mean), number(entry.own_median), number(entry.own_max))
        rows.append((entry.name, index, with_ward, *means, str(entry.n_same)))
    return rows


def once_table(on: Material) -> Rows:
    """Tabulate the result with pairs of indicators counted once, or one left out."""
    names = {"all": "every such pair counted once"}
    return [
        (
            names.get(key, key if key.startswith("without") else f"{key} counted once"),
            "" if entry.r is None else number(entry.r, 4),
            number(entry.index),
            number(entry.index_baseline),
            number(entry.own_mean),
            number(entry.own_median),
        )
        for key, entry in on.setting.once.items()
    ]


def error_table(on: Material) -> Table:
    """Tabulate the share of disturbed copies of the baseline that keep its grouping."""
    errors = on.setting.errors
    kinds = {
        "of a standard deviation": errors.sd,
        "of a standard deviation, like indicators together, exact ones kept": errors.sd_joint,
        "of the value": errors.relative,
    }
    levels = list(errors.sd)
    rows = [
        (name, *(percent(found[level].unchanged, 0) for level in levels))
        for name, found in kinds.items()
    ]
    heads = " | ".join(f"{100 * float(level):g}%" for level in levels)
    return tabulate(f"Error, as a share | {heads}", rows, "l" + "r" * len(levels))


def break_table(on: Material) -> Rows:
    """Tabulate the breaks in the series, and what leaving them out does."""
    return [
        (
            entry.series.replace("_", " ").replace(":", ", "),
            entry.what,
            "; ".join(
                f"{on.names.get(code, code)}: {', '.join(significant(v) for v in values)}"
                for code, values in entry.values.items()
            ),
            number(entry.index) + ("" if entry.same else " (other clusters)"),
            number(entry.own_mean),
        )
        for entry in on.setting.breaks.values()
    ]
