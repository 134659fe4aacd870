"""What P10 and P11 change, over all that their unknown values may be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import sensitivity, standardize
from hclustkit.compare.partitions import compare

from kzclusters.analysis.missing import counts as counting
from kzclusters.analysis.missing.counts import COLUMNS, Counts
from kzclusters.analysis.missing.findings import RangeCell, RangeSummary
from kzclusters.analysis.missing.given import Given

CHOICES = ("P10", "P11", "P10 P11")
VERDICTS = ("insensitive", "no change seen", "same change", "depends")
KEYS = ["reading", "year", "scaling", "values", "columns"]


@dataclass(frozen=True)
class Explored:
    """All cells, and the partitions that occur in each.

    Attributes
    ----------
    cells : tuple of RangeCell
    partitions : DataFrame
        `KEYS`, ``share`` of the points (0 where only a corner gives it), ``figure3``, the
        adjusted Rand index, and ``partition``, a letter for each region in case order.
    """

    cells: tuple[RangeCell, ...]
    partitions: pd.DataFrame


def explore(
    counts: Counts,
    tables: Mapping[int, pd.DataFrame],
    given: Given,
    sets: Sequence[str] | None = None,
) -> Explored:
    """Draw, cluster and prove, cell by cell.

    Parameters
    ----------
    counts : Counts
    tables : year -> DataFrame, regions × indicators that have data
    given : Given
    sets : names of sets of values; all by default
    """
    sets = list(counting.describe_sets(counts)) if sets is None else sets
    both = {(row.year, row.measure): row for row in counting.both_counts(counts)}
    cells: list[RangeCell] = []
    partitions: list[pd.DataFrame] = []
    for reading, year in product(counts.known, tables):
        rank = {
            "P10": both[year, "operating"].per_area,
            "P11": both[year, "registered"].per_inhabitant,
        }
        # the narrowest set first: what occurs in it can occur in the wider ones
        inside: dict[tuple[str, str], np.ndarray] = {}
        by_set = {
            values: list(_set(counts, tables[year], (reading, year, values), inside, given))
            for values in reversed(sets)
        }
        for values in sets:
            for cell, rows in by_set[values]:
                lower = min(rank[column] for column in cell.columns.split())
                cells.append(replace(cell, rank_correlation=lower))
                partitions.append(rows)
    return Explored(tuple(cells), pd.concat(partitions, ignore_index=True))


def _set(
    counts: Counts,
    table: pd.DataFrame,
    key: tuple[str, int, str],
    inside: dict[tuple[str, str], np.ndarray],
    given: Given,
) -> Iterator[tuple[RangeCell, pd.DataFrame]]:
    """Yield the cells of one reading, year and set; add what occurs to ``inside``."""
    reading, year, values = key
    # the same numbers in every set, so that sets differ by themselves alone
    rng = np.random.default_rng([given.seed, year, list(counts.known).index(reading)])
    bounds = counting.bounds(counts, reading, year, values)
    drawn = np.concatenate(
        [
            bounds.draw(rng, given.choices.points),
            bounds.draw(rng, given.choices.corners, corners=True),
        ]
    )
    drawn = counting.columns_of(counts, reading, year, drawn)
    ends = counting.ends_of(counts, reading, year, bounds.table)
    for scaling, columns in product(given.scalings, CHOICES):
        at = [COLUMNS.index(column) for column in columns.split()]
        choices: dict[str, Any] = {
            "k": given.k,
            "scaling": scaling,
            "method": given.linkage,
            "counted": given.choices.points,
        }
        effect = sensitivity.column_effect(table, drawn[..., at], **choices)
        drawn_here = {tuple(row) for row in effect.partitions}
        more = [row for row in inside.get((scaling, columns), ()) if tuple(row) not in drawn_here]
        if more:
            partitions = np.vstack([effect.partitions, more])
            counted = np.append(effect.counts, [0] * len(more))
            effect = replace(effect, partitions=partitions, counts=counted)
        inside[scaling, columns] = effect.partitions
        cell_key = (reading, year, scaling, values, columns)
        yield _cell(cell_key, table, effect, [end[:, at] for end in ends], given)


def _cell(
    key: tuple[str, int, str, str, str],
    table: pd.DataFrame,
    effect: sensitivity.ColumnEffect,
    ends: list[np.ndarray],
    given: Given,
) -> tuple[RangeCell, pd.DataFrame]:
    """Describe what occurs in one cell; the rank correlation is that of its reading and year."""
    found, share = effect.partitions, effect.counts / given.choices.points
    figure3 = pd.factorize(given.published.reindex(table.index))[0].astype(np.int64)
    agree, own = compare(found, figure3)[0], compare(found, effect.without)[0]
    always, sometimes = effect.changed_pairs()
    single, apart = cities_of(found, [table.index.get_loc(code) for code in given.cities])
    same = found == effect.without
    verdict, proved = _verdict(table, found, bool(same.all()), ends, key[2], given)
    cell = RangeCell(
        *key,
        n_points=given.choices.points,
        n_corners=given.choices.corners,
        unchanged=effect.unchanged,
        n_partitions=len(found),
        commonest=float(share[0]),
        figure3_low=float(agree.min()),
        figure3_high=float(agree.max()),
        figure3_mean=float(share @ agree),
        own_low=float(own.min()),
        own_high=float(own.max()),
        figure3_without=float(compare(effect.without[None], figure3)[0][0]),
        changed_always=int(np.triu(always).sum()),
        changed_sometimes=int(np.triu(sometimes).sum()),
        rank_correlation=math.nan,
        verdict=verdict,
        proved=proved,
        cities_single=float(share @ single),
        cities_apart=float(share @ apart),
    )
    rows = pd.DataFrame([dict(zip(KEYS, key, strict=True))] * len(found))
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return cell, rows.assign(
        share=share, figure3=agree.round(6), partition=["".join(letters[row]) for row in found]
    )


def _verdict(
    table: pd.DataFrame,
    found: np.ndarray,
    same: bool,
    ends: list[np.ndarray],
    scaling: str,
    given: Given,
) -> tuple[str, bool]:
    """Judge a cell by the partitions ``found`` in it, and say whether the verdict is proved.

    ``same`` says whether all of them are the partition without P10 and P11.
    """
    if len(found) > 1:
        return "depends", True
    proved = given.linkage == "ward" and sensitivity.keeps_partition(
        table,
        ends[0],
        ends[1],
        pd.Series(found[0], table.index),
        scaling=scaling,
        max_boxes=given.choices.boxes,
    )
    if not same:
        return "same change", proved
    return "insensitive" if proved else "no change seen", proved


def cities_of(partitions: np.ndarray, cities: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Mark the partitions in which both cities are single, and those in which no other joins them.

    Parameters
    ----------
    partitions : array of int, shape (B, n)
    cities : columns of the two cities

    Returns
    -------
    single, apart : arrays of bool, shape (B,)
    """
    sizes = (partitions[:, :, None] == partitions[:, None, :]).sum(axis=2)[:, list(cities)]
    together = partitions[:, cities[0]] == partitions[:, cities[1]]
    single = (sizes == 1).all(axis=1)
    return single, single | (together & (sizes[:, 0] == 2))


def summaries(cells: Sequence[RangeCell]) -> tuple[RangeSummary, ...]:
    """Sum up each reading, set of values and choice of columns over the years and scalings."""
    groups = by_cell(cells).groupby(["reading", "values", "columns"], sort=False)
    found = []
    for (reading, values, columns), rows in groups:
        verdicts = rows["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
        found.append(
            RangeSummary(
                reading,
                values,
                columns,
                n_cells=len(rows),
                n_insensitive=int(verdicts["insensitive"]),
                n_no_change_seen=int(verdicts["no change seen"]),
                n_same_change=int(verdicts["same change"]),
                n_depends=int(verdicts["depends"]),
                n_proved=int((rows["proved"] & (rows["n_partitions"] == 1)).sum()),
                unchanged_mean=float(rows["unchanged"].mean()),
                unchanged_least=float(rows["unchanged"].min()),
                figure3_low=float(rows["figure3_low"].min()),
                figure3_high=float(rows["figure3_high"].max()),
                figure3_mean=float(rows["figure3_mean"].mean()),
                figure3_without=float(rows["figure3_without"].mean()),
                n_exact_cells=int((rows["figure3_high"] > 1 - 1e-12).sum()),
                cities_apart=float(rows["cities_apart"].mean()),
                cities_apart_least=float(rows["cities_apart"].min()),
                cities_single=float(rows["cities_single"].mean()),
            )
        )
    return tuple(found)


def outside_cities(
    counts: Counts, table: pd.DataFrame, given: Given
) -> dict[str, dict[str, float]]:
    """Find which share of each indicator's squared distance lies outside the two cities.

    ``table`` is that of the baseline. P10 and P11 are taken under the main reading, in the middle
    of the narrowest set.
    """
    reading = str(counts.readings.index[counts.readings["main"] == "yes"][0])
    bounds = counting.bounds(counts, reading, given.year, "seen").table
    middle = [
        np.sqrt(bounds[f"{measure}_low"] * bounds[f"{measure}_high"]).to_numpy()
        for measure in counting.MEASURES
    ]
    added = counting.columns_of(counts, reading, given.year, np.stack(middle, axis=-1)[None])[0]
    whole = table.assign(P10=added[:, 0], P11=added[:, 1])
    outside = ~whole.index.isin(given.cities)
    found = {}
    for scaling in given.scalings:
        z = standardize(whole, scaling)
        share = _pair_squares(z[outside]) / _pair_squares(z)
        found[scaling] = {str(name): float(value) for name, value in share.items()}
    return found


def _pair_squares(z: pd.DataFrame) -> pd.Series:
    """Sum (x_i - x_j)² over all pairs of rows: n times the centred sum of squares."""
    return len(z) * ((z - z.mean()) ** 2).sum()


def by_cell(cells: Sequence[RangeCell]) -> pd.DataFrame:
    """Return the cells as a table."""
    return pd.DataFrame([vars(cell) for cell in cells])


def select(cells: Sequence[RangeCell], **wanted: object) -> Iterator[RangeCell]:
    """Yield the cells with the given fields."""
    for cell in cells:
        if all(getattr(cell, name) == value for name, value in wanted.items()):
            yield cell
