"""Claims and the tables of the years, checked and made ready for the tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hclustkit.errors import InputError, fault
from hclustkit.scaling import standardize
from hclustkit.tables import check_table

from kzclusters.analysis.claims.rules import TESTS
from kzclusters.evidence.article import EVERY

Borders = frozenset[frozenset[Any]]
"""Pairs of regions that share a border."""

CLAIM_COLUMNS = ("id", "cluster", "indicators", "test")
"""Columns of the claims that `decide` needs; it also uses ``needs`` where there is one."""


@dataclass(frozen=True)
class YearTable:
    """One year's table, made ready: complete columns only."""

    year: int
    values: pd.DataFrame
    scores: pd.DataFrame
    reference: pd.Series
    reference_is: pd.Series


@dataclass(frozen=True)
class Claim:
    """A claim, read: its cluster, its test, and the indicators that bear on it."""

    id: str
    cluster: str
    members: tuple[str, ...]
    test: str
    indicators: tuple[str, ...]
    reversed: frozenset[str]
    needs: str

    def sign(self, indicator: str) -> float:
        """Return -1 for an indicator of which less is more, else 1."""
        return -1.0 if indicator in self.reversed else 1.0


def _cell(value: Any) -> str:
    """Return the text of a cell; an empty one may have been read as NaN."""
    return "" if pd.isna(value) else str(value)


def parse_claims(claims: pd.DataFrame, published: pd.Series) -> list[Claim]:
    """Read the claims: each names a test that exists, a cluster, and what the test needs.

    A column ``direction``, where there is one, must be that of the test.
    """
    absent = [column for column in CLAIM_COLUMNS if column not in claims.columns]
    if absent:
        raise fault("claims", f"column {absent[0]!r} is missing", "missing-column", absent[0])
    repeated = claims["id"][claims["id"].duplicated()]
    if len(repeated):
        id_ = repeated.iloc[0]
        raise fault("claims", f"id {id_!r} is given more than once", "duplicate-id", id_)
    return [_parse_claim(row, published) for row in claims.to_dict("records")]


def _parse_claim(row: dict[Any, Any], published: pd.Series) -> Claim:
    """Read one claim; refuse the first column of it that breaks a rule."""

    def wrong(column: str, rule: str, text: str) -> InputError:
        return fault(f"claims: {row['id']}, column {column!r}", text, rule, row[column])

    test, cluster, tokens = row["test"], row["cluster"], _cell(row["indicators"]).split()
    names = tuple(token.removeprefix("-") for token in tokens)
    members = tuple(published.index if cluster == EVERY else published.index[published == cluster])
    if test not in TESTS:
        known = ", ".join(TESTS)
        raise wrong("test", "unknown-test", f"unknown test {test!r}; there are {known}")
    direction = TESTS[test].direction
    if row.get("direction", direction) != direction:
        text = f"test {test!r} is for the direction {direction!r}"
        raise wrong("direction", "direction-of-test", text)
    if not members:
        raise wrong("cluster", "unknown-cluster", f"no region is in {cluster!r}")
    if test == "isolated" and len(members) > 1:
        raise wrong("cluster", "one-region", f"test {test!r} is for a cluster of one region")
    if len(set(names)) < len(names):
        raise wrong("indicators", "duplicate-indicator", "one is given more than once")
    if bool(names) == (test in ("none", "contiguous")):
        text = f"test {test!r} {'takes none' if names else 'needs at least one'}"
        raise wrong("indicators", "indicators-of-test", text)
    turned = frozenset(token[1:] for token in tokens if token.startswith("-"))
    needs = _cell(row.get("needs"))
    return Claim(str(row["id"]), str(cluster), members, test, names, turned, needs)


def prepare_year(
    year: int,
    table: pd.DataFrame,
    national: pd.Series | None,
    published: pd.Series,
    used: Iterable[str],
) -> YearTable:
    """Take the complete columns that a claim uses, with their z-scores and reference values.

    A column with an empty cell counts as missing: a rank among a part of the regions says little.
    """
    name = f"table of {year}"
    if not isinstance(table, pd.DataFrame):
        kind = type(table).__name__
        raise fault(name, f"expected a DataFrame, got {kind}", "not-a-table", kind)
    if set(table.index) != set(published.index) or len(table) != len(published):
        different = sorted(set(table.index) ^ set(published.index), key=str)
        one = f" ({different[0]!r} is in only one of the two)" if different else ""
        text = f"its rows are not the regions of the published clusters{one}"
        raise fault(name, text, "rows-are-the-regions", different[:1])
    table = table.loc[published.index]
    complete = [column for column in used if column in table and table[column].notna().all()]
    if not complete:
        empty = pd.DataFrame(index=table.index)
        return YearTable(year, empty, empty, pd.Series(dtype=float), pd.Series(dtype=object))
    values = check_table(table[complete], name=name)
    given = pd.Series(dtype=float) if national is None else national
    reference = pd.to_numeric(given.reindex(complete), errors="coerce").astype(float)
    is_national = np.isfinite(reference)
    return YearTable(
        year,
        values,
        standardize(values),
        reference.where(is_national, values.mean()),
        pd.Series(np.where(is_national, "national", "mean of regions"), index=complete),
    )


def indicators_present(claim: Claim, data: YearTable) -> list[str]:
    """List the claim's indicators that have data in the year."""
    return [indicator for indicator in claim.indicators if indicator in data.values]


def indicators_used(parsed: Sequence[Claim]) -> list[str]:
    """List every indicator that a claim names, once."""
    return list(dict.fromkeys(name for claim in parsed for name in claim.indicators))


def shared_borders(
    neighbours: Iterable[tuple[str, str]] | pd.DataFrame | None, published: pd.Series
) -> Borders | None:
    """Read the borders as unordered pairs.

    Raises
    ------
    InputError
        A pair is not one of two of the regions.
    """
    if neighbours is None:
        return None
    if isinstance(neighbours, pd.DataFrame):
        neighbours = neighbours.iloc[:, :2].itertuples(index=False, name=None)
    pairs = [tuple(pair) for pair in neighbours]
    for pair in pairs:
        if len(set(pair)) != 2 or not set(pair) <= set(published.index):
            text = f"{pair!r} is not a pair of two regions"
            raise fault("neighbours", text, "pair-of-regions", pair)
    return frozenset(frozenset(pair) for pair in pairs)
