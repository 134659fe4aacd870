"""Tables and sentences of notebook 6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from kzclusters import wording
from kzclusters.analysis.missing.findings import (
    ArticleDate,
    ClaimRange,
    Missing,
    Patents,
    ProxyError,
    ProxyTest,
    RangeCell,
    RangeSummary,
    Reading,
    ValueSet,
)
from kzclusters.wording import decimal, listing, share

SETS = {
    "logical": "logical bounds",
    "double": "range seen, widened by the factor two",
    "half": "range seen, widened by half",
    "seen": "range seen",
}
"""What tables call the sets of values."""


def _tabulate(entries: Iterable[Any], heads: str, **changed: Sequence[str]) -> pd.DataFrame:
    """Tabulate fields of findings.

    Parameters
    ----------
    entries : findings of one class, a row each
    heads : the fields in their order, each as ``field=head`` or, where the two are equal, ``field``
    **changed : what is shown in place of the values of a field
    """
    names = {}
    for column in heads.split(", "):
        field, _, head = column.partition("=")
        names[field] = head or field
    frame = pd.DataFrame([vars(entry) for entry in entries]).assign(**changed)
    return frame[list(names)].rename(columns=names)


def readings_table(readings: Mapping[str, Reading]) -> pd.DataFrame:
    """Tabulate which regions each reading knows."""
    return _tabulate(
        readings.values(),
        "name=reading, title=counts, n_known=regions known, unknown",
        unknown=[listing(reading.unknown) for reading in readings.values()],
    )


def sets_table(sets: Mapping[str, ValueSet]) -> pd.DataFrame:
    """Tabulate the sets of values with their assumptions."""
    rows = [{"set": SETS[name], "assumption": each.assumption} for name, each in sets.items()]
    return pd.DataFrame(rows)


def cells_table(cells: Sequence[RangeCell]) -> pd.DataFrame:
    """Tabulate cells for reading: what changes, and what that is due to."""
    seen = f"no change seen in {cells[0].n_points} points"
    return _tabulate(
        cells,
        "reading, values=set, columns, unchanged, n_partitions=partitions, figure3_low=index from, "
        "figure3_high=to, changed_always=pairs changed at every point, changed_sometimes=at some "
        "points, rank_correlation=rank correlation of the counts, verdict",
        values=[SETS[cell.values] for cell in cells],
        verdict=[seen if cell.verdict == "no change seen" else cell.verdict for cell in cells],
    )


def summaries_table(summaries: Sequence[RangeSummary]) -> pd.DataFrame:
    """Tabulate summaries over years and scalings."""
    return _tabulate(
        summaries,
        "reading, values=set, columns, n_insensitive=cells insensitive, "
        "n_no_change_seen=no change seen, n_same_change=same change, n_depends=depends, "
        "unchanged_mean=points unchanged, figure3_mean=mean index, cities_apart=cities apart",
        values=[SETS[each.values] for each in summaries],
    )


def headline_text(found: Missing) -> str:
    """Say what P10 and P11 change, under the main reading and the other."""
    head = found.headline
    other = next(
        each
        for each in found.admissible
        if (each.values, each.columns) == (head.values, head.columns)
        and each.reading != head.reading
    )
    parts = [
        f"under `{each.reading}` {share(each.unchanged_mean)} of the points leave the partition as "
        "it is without them, and the index with Figure 3 runs from "
        f"{decimal(each.figure3_low, 2)} to {decimal(each.figure3_high, 2)}, on average "
        f"{decimal(each.figure3_mean, 2)}"
        for each in (head, other)
    ]
    return (
        f"With both columns and the {SETS[head.values]}, over the {head.n_cells} combinations of a "
        "scaling and a year that the article's date admits: "
        f"{'; '.join(parts)}. Without P10 and P11 the average is "
        f"{decimal(head.figure3_without, 2)}. The two cities are apart from all other regions in "
        f"{share(head.cities_apart)} and {share(other.cities_apart)} of the points, and in every "
        f"combination in at least {share(min(head.cities_apart_least, other.cities_apart_least))}."
    )


def proved_text(found: Missing) -> str:
    """Say where insensitivity is proved."""
    counted = [
        f"{each.n_insensitive} of {each.n_cells} with {each.columns.replace(' ', ' and ')}"
        for each in found.admissible
        if (each.reading, each.values) == (found.headline.reading, found.headline.values)
    ]
    return (
        f"Under the main reading and the {SETS[found.headline.values]}, it is proved that no value "
        f"changes the partition, counted over years and scalings, in {listing(counted)}."
    )


def cities_text(found: Missing, scaling: str) -> str:
    """Say which share of P10 and P11 lies outside the two cities."""
    shares = dict(found.outside_cities[scaling])
    marks = {code: shares.pop(code) for code in ("P10", "P11")}
    words = [
        f"{'less than 0.1%' if part < 0.001 else f'{share(part)}'} in {code}"
        for code, part in marks.items()
    ]
    return (
        f"Under {wording.scaling(scaling)} the part of the squared distance that lies between "
        f"regions outside the two cities is {listing(words)}, against "
        f"{share(min(shares.values()))} to {share(max(shares.values()))} in the other indicators. "
        "Where next to nothing does, the column only marks the cities."
    )


def patents_table(found: Patents) -> pd.DataFrame:
    """Tabulate what one free column can do, years down, scalings across."""
    frame = pd.DataFrame([vars(cell) for cell in found.cells])
    order = list(dict.fromkeys(frame["scaling"]))
    return frame.pivot(index="year", columns="scaling", values="status")[order].rename(
        columns=wording.SCALINGS
    )


def needed_table(found: Patents) -> pd.DataFrame:
    """Tabulate what a column would have to do, beside what its scaling grants it."""
    return _tabulate(
        found.cells,
        "year, scaling, needed_squares=squares needed, granted_squares=granted, "
        "needed_extent=extent needed, granted_extent=extent granted, status=one column, "
        "n_columns=columns found, n_columns_least=not excluded from",
        scaling=[wording.scaling(cell.scaling) for cell in found.cells],
        n_columns=["" if c.n_columns is None else str(c.n_columns) for c in found.cells],
    )


def columns_frame(found: Patents) -> pd.DataFrame:
    """Return the columns that give Figure 3, one row each, as shares in %."""
    rows = [
        {"year": cell.year, "scaling": cell.scaling, **cell.column}
        for cell in found.cells
        if cell.column is not None
    ]
    return pd.DataFrame(rows)


def patents_text(missing: Missing) -> str:
    """Say in how many years and scalings a free column can give Figure 3."""
    found, admitted = missing.patents, missing.patents_admissible
    base = found.baseline
    return (
        f"Of {found.n_cells} years and scalings, one free column beside the others can give "
        f"Figure 3 in {found.n_reachable}, cannot in {found.n_impossible}, and {found.n_open} are "
        f"open; over the years that the article's date admits these are {admitted['reachable']}, "
        f"{admitted['impossible']} and {admitted['open']}. At the baseline it is {base.status}: "
        f"the column would need a sum of squares of {decimal(base.needed_squares, 1)}, and its "
        f"scaling grants {base.granted_squares:g}. "
        + (
            f"The fewest columns found that give it there are {wording.NUMBERS[base.n_columns]}."
            if base.n_columns is not None
            else "No set of columns was found that gives it there."
        )
    )


def priors_table(found: Patents) -> pd.DataFrame:
    """Tabulate the priors of P1."""
    return _tabulate(
        found.priors.values(),
        "title=P1, n=draws, unchanged, mean=mean index, q05=5%, q95=95%, most=largest",
    )


def best_text(found: Patents) -> str:
    """Say how large an index a search found."""
    return (
        f"The largest index that a search found is {decimal(found.best_any, 2)} for any column, "
        f"and {decimal(found.best_related, 2)} for a column whose rank correlation with regional "
        f"expenditure on R&D is at least {found.least_correlation:g} (that one has "
        f"{decimal(found.related_correlation, 2)}). A search shows what there is, not what there "
        "is not."
    )


def proxies_table(tests: Sequence[ProxyTest]) -> pd.DataFrame:
    """Tabulate the tests of the proxies."""
    return _tabulate(
        tests,
        "indicator=proxy, words=published words, year, n, ratio_low=ratio from, ratio_high=to, "
        "pearson=r, spearman=rank r, pearson_without=r without Almaty city, "
        "spearman_without=rank r without",
        year=["all" if test.year is None else str(test.year) for test in tests],
    )


def errors_table(errors: Sequence[ProxyError]) -> pd.DataFrame:
    """Tabulate what the errors of the proxies do to the partition."""
    return _tabulate(
        errors,
        "indicators=replaced, unchanged, n_partitions=partitions, "
        "own_mean=mean index with the baseline, figure3_mean=with Figure 3, figure3_low=from, "
        "figure3_high=to",
    )


def claims_table(claims: Sequence[ClaimRange]) -> pd.DataFrame:
    """Tabulate the verdicts, claims and sets down, readings across."""
    frame = pd.DataFrame([vars(claim) for claim in claims])
    wide = frame.pivot(index=["claim", "values"], columns="reading", values="verdict")
    order = [(claim, values) for claim in dict.fromkeys(frame["claim"]) for values in SETS]
    wide = wide.loc[order].reset_index().rename_axis(columns=None)
    return wide.assign(values=wide["values"].map(SETS)).rename(columns={"values": "set"})


def claims_frame(claims: Sequence[ClaimRange]) -> pd.DataFrame:
    """Return every verdict of every year, one row each."""
    rows = [
        (claim.claim, claim.reading, claim.values, int(year), verdict)
        for claim in claims
        for year, verdict in claim.by_year.items()
    ]
    return pd.DataFrame(rows, columns=["claim", "reading", "values", "year", "verdict"])


def date_text(found: ArticleDate) -> str:
    """Say between which dates the article was written, and which years of data that admits."""
    same = "are the same" if found.same_without_unread else "are others"
    return (
        f"The article was written after {wording.day(found.earliest)} "
        f"({wording.lower_first(found.earliest_by)}) and, by what is firm, before "
        f"{wording.day(found.latest_firm)} ({found.latest_firm_by}); an indication puts it before "
        f"{wording.day(found.latest)} ({found.latest_by}). Data of {listing(found.admissible)} end "
        f"before that; those of {listing(found.certain)} ended before the article for certain. "
        f"From memory: {'; '.join(map(wording.lower_first, found.unread)) or 'nothing'}. "
        f"Without that the bounds {same}."
    )
