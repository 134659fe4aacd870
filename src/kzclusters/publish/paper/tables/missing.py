"""Tables of what is missing and what it could change."""

from __future__ import annotations

from kzclusters import wording as words
from kzclusters.analysis.missing import dates
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.data import break_path
from kzclusters.publish.paper.tables.table import Rows, Table, number, percent, tabulate


def dated_fact_table(_: Material) -> Rows:
    """Tabulate the facts that bound the date of the article."""
    facts = dates.read().fillna({"read": "from memory"})
    return [
        (fact.fact, f"{fact.bound} {words.day(fact.date)}", fact.strength, break_path(fact.read))
        for fact in facts.itertuples()
    ]


def assumption_table(on: Material) -> Rows:
    """Tabulate the nested sets of values and what each assumes."""
    return [(entry.name, entry.assumption) for entry in on.missing.value_sets.values()]


def range_table(on: Material) -> Rows:
    """Tabulate what P10 and P11 can change, by reading, set and columns."""
    return [
        (
            entry.reading,
            entry.values,
            entry.columns,
            str(entry.n_insensitive),
            str(entry.n_no_change_seen),
            str(entry.n_same_change),
            str(entry.n_depends),
            percent(entry.unchanged_mean, 0),
            f"{number(entry.figure3_low)} to {number(entry.figure3_high)}",
            str(entry.n_exact_cells),
            percent(entry.cities_apart, 0),
        )
        for entry in on.missing.summaries
    ]


def patent_table(on: Material) -> Rows:
    """Tabulate whether one free column can give the published grouping."""
    return [
        (
            str(cell.year),
            words.scaling(cell.scaling),
            cell.status,
            number(cell.needed_squares),
            number(cell.granted_squares),
            "" if cell.n_columns is None else str(cell.n_columns),
            str(cell.n_columns_least),
        )
        for cell in on.missing.patents.cells
    ]


def patent_column_table(on: Material) -> Table:
    """Tabulate a column that would give the published grouping, where one was found."""
    columns = {
        f"{cell.year}, {words.scaling(cell.scaling)}": cell.column
        for cell in on.missing.patents.cells
        if cell.column
    }
    heads = list(columns)[:4]
    rows = [
        (name, *(number(columns[head].get(code)) for head in heads))
        for code, name in on.names.items()
    ]
    return tabulate(" | ".join(["Region", *heads]), rows, "l" + "r" * len(heads))


def proxy_table(on: Material) -> Rows:
    """Tabulate the proxies against their published words."""
    return [
        (
            entry.indicator,
            entry.words,
            "all" if entry.year is None else str(entry.year),
            str(entry.n),
            f"{number(entry.ratio_low)} to {number(entry.ratio_high)}",
            number(entry.pearson, 3),
            number(entry.spearman),
            number(entry.pearson_without, 3),
            number(entry.spearman_without),
        )
        for entry in on.missing.proxies
    ]


def claim_range_table(on: Material) -> Rows:
    """Tabulate the claims on business concentration over the ranges."""
    return [
        (
            entry.claim,
            entry.reading,
            entry.values,
            entry.verdict,
            "; ".join(f"{name} {percent(share, 0)}" for name, share in entry.shares.items()),
        )
        for entry in on.missing.claims
    ]
