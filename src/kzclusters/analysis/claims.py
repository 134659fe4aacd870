"""Audit of what the article says about its clusters, by tests stated before they are run.

A claim names a cluster, the indicators that bear on it and one of the `TESTS`. `decide` knows
tables only: one a year, rows the regions, columns the indicators; a claim whose indicators
are not in the table is untestable and becomes testable when they are, without other changes.

Scales
------
z-scores are taken over the regions of one year (n - 1), so they are unweighted: a city that
stands far out, in population density for one, pushes all others below the mean. Ranks count
from the highest value, 1, and equal values share the better rank.

Several indicators
------------------
`close_values` and `isolated` look at all indicators of the claim at once, as the article does
when it speaks of human capital. The other tests decide indicator by indicator; supported
counts 1, partly 0.5, not supported 0. The claim is supported when every indicator is, not
supported when the mean is below `MAJORITY`, and partly supported in between. Indicators
without data are left out and named; such a claim is partly testable.

Close values
------------
The permutation test is exact: every group of the same size takes the place of the cluster
(Good, P. (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd edition). The
published cluster is one of them, so p is at least 1 / C(n, m). The article formed its clusters
from the same indicators by a method that looks for close values: a tight cluster shows that
its data and ours agree, not that the group is special beyond them. No correction is made for
the number of claims.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hclustkit.errors import InputError
from hclustkit.tables import check_table
from hclustkit.tree.ward import proximity_matrix, standardize

SUPPORTED, PARTLY, NOT_SUPPORTED, UNTESTABLE = "supported", "partly", "not supported", "untestable"
VERDICTS = (SUPPORTED, PARTLY, NOT_SUPPORTED, UNTESTABLE)
TESTABLE = ("fully", "partly", "no")

P_SUPPORTED = 0.05
"""Level at or below which a cluster is called tight: the usual one."""
P_PARTLY = 0.25
"""Level at or below which it is called partly tight: the tightest quarter of all groups."""
Z_MARGIN = 0.5
"""Distance from the mean, in standard deviations, that makes a value high, low or average."""
MAJORITY = 0.5
"""Mean score over several indicators below which a claim is not supported."""
MAX_GROUPS = 5_000_000
"""Largest number of groups that is enumerated."""

_SCORE = {SUPPORTED: 1.0, PARTLY: 0.5, NOT_SUPPORTED: 0.0}

_EMPTY_TEXT = {
    "indicator": "",
    "reversed": False,
    "region": "",
    "reference_is": "",
    "verdict": "",
    "missing": "",
}

CLAIM_COLUMNS = ("id", "cluster", "indicators", "test")
"""Columns of the claims that `decide` needs; it also uses ``needs`` where there is one."""
EVIDENCE_COLUMNS = (
    "claim",
    "cluster",
    "test",
    "year",
    "level",
    "indicator",
    "reversed",
    "region",
    "value",
    "reference",
    "reference_is",
    "z",
    "rank",
    "statistic",
    "p",
    "verdict",
    "missing",
)
PLACE_COLUMNS = ("claim", "row", "kind", "region", "z", "low", "high")
SUMMARY_COLUMNS = (
    "claim",
    "cluster",
    "test",
    "verdict",
    "testable",
    "missing",
    "years_agreeing",
    "years_tested",
    "in_short",
    "evidence",
)


@dataclass(frozen=True)
class DecidingTest:
    """A way to decide a claim, in words, with the direction of the claims it is for."""

    name: str
    direction: str
    statement: str
    rule: str
    statistic: str


TESTS: dict[str, DecidingTest] = {
    test.name: test
    for test in (
        DecidingTest(
            "close_values",
            "similar",
            "The members lie closer together than groups of regions of that size usually do.",
            "The spread is compared with that of every group of the same size; p is the share of "
            f"groups at least as tight. Supported at p <= {P_SUPPORTED}, partly at p <= "
            f"{P_PARTLY}. A cluster of one has no spread: untestable.",
            "mean squared deviation of the members' z-scores from their mean, over members and "
            "indicators",
        ),
        DecidingTest(
            "high",
            "high",
            "The members stand high among the regions and above the country.",
            "Two conditions: every member is above the national figure, and the members' mean z "
            f"is at least {Z_MARGIN}. Both: supported; one: partly; none: not supported.",
            "mean z of the members",
        ),
        DecidingTest(
            "low",
            "low",
            "The members stand low among the regions and below the country.",
            "Two conditions: every member is below the national figure, and the members' mean z "
            f"is at most -{Z_MARGIN}. Both: supported; one: partly; none: not supported.",
            "mean z of the members",
        ),
        DecidingTest(
            "average",
            "average",
            "The members are near the middle of the regions and near the country.",
            f"Two conditions: every member is less than {Z_MARGIN} standard deviations of the "
            "regions from the national figure, and every member's z is between "
            f"-{Z_MARGIN} and {Z_MARGIN}. Both: supported; one: partly; none: not supported.",
            "largest |z| of a member",
        ),
        DecidingTest(
            "above_average",
            "above",
            "The members are above the national figure.",
            "Every member is above it: supported; some: partly; none: not supported.",
            "share of the members above the national figure",
        ),
        DecidingTest(
            "below_average",
            "below",
            "The members are below the national figure.",
            "Every member is below it: supported; some: partly; none: not supported.",
            "share of the members below the national figure",
        ),
        DecidingTest(
            "isolated",
            "apart",
            "The region, a cluster of its own, is far from every other region.",
            "Regions are ranked by the distance to their nearest other region. Supported when "
            "the rank is within the number of clusters of one that the article publishes, partly "
            "when it is in the upper quarter, otherwise not supported.",
            "Euclidean distance to the nearest other region in z-scores, divided by the square "
            "root of the number of indicators",
        ),
        DecidingTest(
            "contiguous",
            "close",
            "The members border one another.",
            "Every pair of members shares a border: supported; the members hang together through "
            "shared borders among themselves: partly; otherwise not supported. p is the share of "
            "groups of the same size with at least as many shared borders.",
            "share of the pairs of members that share a border",
        ),
        DecidingTest(
            "none",
            "none",
            "No series of the study bears on the claim.",
            "Untestable; what would be needed is named with the claim.",
            "",
        ),
    )
}
"""The closed list of tests, by name. Where no national figure exists, the mean of the regions
takes its place."""


class GroupTest(NamedTuple):
    """Outcome of `exact_group_test`."""

    statistic: float
    p: float
    at_least_as_tight: int
    groups: int


class Audit(NamedTuple):
    """What `decide` returns."""

    evidence: pd.DataFrame
    summary: pd.DataFrame


def registry() -> pd.DataFrame:
    """The tests as a table: name, direction, statement, rule, statistic."""
    return pd.DataFrame([vars(test) for test in TESTS.values()])


def _groups(n: int, m: int) -> np.ndarray:
    """All groups of m of n objects, shape (C(n, m), m)."""
    count = math.comb(n, m)
    if count > MAX_GROUPS:
        raise InputError(
            f"{n} objects form {count} groups of {m}; more than {MAX_GROUPS} are not enumerated"
        )
    flat = np.fromiter(chain.from_iterable(combinations(range(n), m)), dtype=np.int64)
    return flat.reshape(count, m)


def _positions(index: pd.Index, members: Sequence[Any]) -> list[int]:
    members = list(members)
    strange = [member for member in members if member not in index]
    if strange:
        raise InputError(f"group: {strange[0]!r} is not a row of the table")
    if len(set(members)) < len(members):
        raise InputError("group: a member stands more than once")
    return [index.get_loc(member) for member in members]


def exact_group_test(scores: pd.DataFrame, members: Sequence[Any]) -> GroupTest:
    """Are ``members`` closer together than groups of their size usually are?

    Parameters
    ----------
    scores : DataFrame, shape (n, p)
        Standardised values, one row an object.
    members : sequence of labels, length m, 2 <= m <= n

    Returns
    -------
    GroupTest
        ``statistic``: the mean over members and columns of the squared deviation from the
        group's mean; ``p``: the share of all C(n, m) groups, the given one included, whose
        statistic is not larger; the two counts.

    Raises
    ------
    InputError
        Unknown or repeated members, fewer than two, or too many groups to enumerate.

    Notes
    -----
    The sum of squares about the mean is the sum of squared distances over the pairs, divided
    by m (Huygens' theorem), so all groups need one proximity matrix only. Groups that differ
    by rounding alone count as equal.
    """
    scores = check_table(scores, name="scores")
    chosen = _positions(scores.index, members)
    m = len(chosen)
    if m < 2:
        raise InputError(f"group: {m} member(s) have no spread, at least 2 are needed")
    squared = proximity_matrix(scores).to_numpy()
    groups = _groups(len(scores), m)
    total = np.zeros(len(groups))
    own = 0.0
    for a, b in combinations(range(m), 2):
        total += squared[groups[:, a], groups[:, b]]
        own += squared[chosen[a], chosen[b]]
    tolerance = 1e-9 * (own + float(squared.mean()))
    tight = int(np.count_nonzero(total <= own + tolerance))
    return GroupTest(own / (m * m * scores.shape[1]), tight / len(groups), tight, len(groups))


@dataclass(frozen=True)
class _Year:
    """One year's table, made ready: complete columns only."""

    year: int
    values: pd.DataFrame
    scores: pd.DataFrame
    reference: pd.Series
    reference_is: pd.Series


@dataclass(frozen=True)
class _Claim:
    id: str
    cluster: str
    members: tuple[str, ...]
    test: str
    indicators: tuple[str, ...]
    reversed: frozenset[str]
    needs: str

    def sign(self, indicator: str) -> float:
        return -1.0 if indicator in self.reversed else 1.0


def _cell(value: Any) -> str:
    """The text of a cell; an empty one may have been read as NaN."""
    return "" if value is None or value != value else str(value)


def _parse_claims(claims: pd.DataFrame, published: pd.Series) -> list[_Claim]:
    absent = [column for column in CLAIM_COLUMNS if column not in claims.columns]
    if absent:
        raise InputError(f"claims: column {absent[0]!r} is missing")
    repeated = claims["id"][claims["id"].duplicated()]
    if len(repeated):
        raise InputError(f"claims: id {repeated.iloc[0]!r} stands more than once")
    parsed = []
    for row in claims.to_dict("records"):
        place = f"claims: {row['id']}"
        if row["test"] not in TESTS:
            raise InputError(f"{place}, column 'test': unknown test {row['test']!r}")
        members = tuple(published.index[published == row["cluster"]])
        if not members:
            raise InputError(f"{place}, column 'cluster': no region is in {row['cluster']!r}")
        tokens = _cell(row["indicators"]).split()
        names = [token.removeprefix("-") for token in tokens]
        if len(set(names)) < len(names):
            raise InputError(f"{place}, column 'indicators': one stands more than once")
        if bool(names) == (row["test"] in ("none", "contiguous")):
            raise InputError(
                f"{place}, column 'indicators': test {row['test']!r} "
                f"{'takes none' if names else 'needs at least one'}"
            )
        if row["test"] == "isolated" and len(members) > 1:
            raise InputError(f"{place}: test 'isolated' is for a cluster of one region")
        parsed.append(
            _Claim(
                str(row["id"]),
                str(row["cluster"]),
                members,
                row["test"],
                tuple(names),
                frozenset(token[1:] for token in tokens if token.startswith("-")),
                _cell(row.get("needs")),
            )
        )
    return parsed


def _prepare(
    year: int,
    table: pd.DataFrame,
    national: pd.Series | None,
    published: pd.Series,
    used: Iterable[str],
) -> _Year:
    """Complete columns of ``table`` that a claim uses, their z-scores and reference values.

    A column with an empty cell is no data: a rank among a part of the regions says little.
    """
    name = f"table of {year}"
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{name}: expected a DataFrame, got {type(table).__name__}")
    if set(table.index) != set(published.index) or len(table) != len(published):
        different = sorted(set(table.index) ^ set(published.index), key=str)
        raise InputError(
            f"{name}: its rows are not the regions of the published clusters"
            + (f" ({different[0]!r} is in one of the two only)" if different else "")
        )
    table = table.loc[published.index]
    complete = [column for column in used if column in table and table[column].notna().all()]
    if not complete:
        empty = pd.DataFrame(index=table.index)
        return _Year(year, empty, empty, pd.Series(dtype=float), pd.Series(dtype=object))
    values = check_table(table[complete], name=name)
    given = pd.Series(dtype=float) if national is None else national
    reference = pd.to_numeric(given.reindex(complete), errors="coerce").astype(float)
    is_national = np.isfinite(reference)
    return _Year(
        year,
        values,
        standardize(values),
        reference.where(is_national, values.mean()),
        pd.Series(np.where(is_national, "national", "mean of regions"), index=complete),
    )


def _two(first: bool, second: bool) -> str:
    return (NOT_SUPPORTED, PARTLY, SUPPORTED)[int(first) + int(second)]


def _share(true: np.ndarray) -> tuple[float, str]:
    share = float(true.mean())
    return share, SUPPORTED if share == 1 else PARTLY if share > 0 else NOT_SUPPORTED


# What one indicator says. x, z: values and z-scores of the members, turned so that more is
# more; reference: the national figure turned likewise; spread: standard deviation of regions.
def _high(x: np.ndarray, z: np.ndarray, reference: float, spread: float) -> tuple[float, str]:
    mean = float(z.mean())
    return mean, _two(bool((x > reference).all()), mean >= Z_MARGIN)


def _low(x: np.ndarray, z: np.ndarray, reference: float, spread: float) -> tuple[float, str]:
    mean = float(z.mean())
    return mean, _two(bool((x < reference).all()), mean <= -Z_MARGIN)


def _average(x: np.ndarray, z: np.ndarray, reference: float, spread: float) -> tuple[float, str]:
    near = bool((np.abs(x - reference) < Z_MARGIN * spread).all())
    largest = float(np.abs(z).max())
    return largest, _two(near, largest < Z_MARGIN)


def _above(x: np.ndarray, z: np.ndarray, reference: float, spread: float) -> tuple[float, str]:
    return _share(x > reference)


def _below(x: np.ndarray, z: np.ndarray, reference: float, spread: float) -> tuple[float, str]:
    return _share(x < reference)


_BY_INDICATOR: dict[str, Callable[..., tuple[float, str]]] = {
    "high": _high,
    "low": _low,
    "average": _average,
    "above_average": _above,
    "below_average": _below,
}
_IN_SHORT = {
    "high": "mean z {:+.3f}",
    "low": "mean z {:+.3f}",
    "average": "largest |z| {:.2f}",
    "above_average": "{:.0%} of members above",
    "below_average": "{:.0%} of members below",
}


def combine(verdicts: Sequence[str]) -> str:
    """The verdict over several indicators: see *Several indicators* at the head of the module."""
    if all(verdict == SUPPORTED for verdict in verdicts):
        return SUPPORTED
    mean = sum(_SCORE[verdict] for verdict in verdicts) / len(verdicts)
    return NOT_SUPPORTED if mean < MAJORITY else PARTLY


def nearest_distances(scores: pd.DataFrame) -> pd.Series:
    """Distance of each object to its nearest other, per root of the number of columns."""
    squared = proximity_matrix(scores).to_numpy().copy()
    np.fill_diagonal(squared, np.inf)
    return pd.Series(np.sqrt(squared.min(axis=1) / scores.shape[1]), index=scores.index)


class _Decided(NamedTuple):
    """One claim in one year: its verdict, the rows behind it and the words that tell them."""

    verdict: str
    missing: tuple[str, ...]
    rows: list[dict[str, Any]]
    sentence: str
    in_short: str


def _number(value: float) -> str:
    """Three to four significant digits, thousands separated."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    return f"{value:,.{digits}f}"


def _listed(parts: Sequence[str]) -> str:
    parts = list(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1g}"


def _member_rows(claim: _Claim, data: _Year, indicator: str) -> list[dict[str, Any]]:
    ranks = data.values[indicator].rank(method="min", ascending=False)
    return [
        {
            "level": "member",
            "indicator": indicator,
            "reversed": indicator in claim.reversed,
            "region": member,
            "value": data.values.at[member, indicator],
            "reference": data.reference[indicator],
            "reference_is": data.reference_is[indicator],
            "z": data.scores.at[member, indicator],
            "rank": int(ranks[member]),
        }
        for member in claim.members
    ]


def _decide_close(claim: _Claim, data: _Year, present: list[str], names: Mapping) -> _Decided:
    rows = []
    for indicator in present:
        one = exact_group_test(data.scores[[indicator]], claim.members)
        rows += _member_rows(claim, data, indicator)
        rows.append(
            {"level": "indicator", "indicator": indicator, "statistic": one.statistic, "p": one.p}
        )
    joint = exact_group_test(data.scores[present], claim.members)
    verdict = (
        SUPPORTED if joint.p <= P_SUPPORTED else PARTLY if joint.p <= P_PARTLY else NOT_SUPPORTED
    )
    rows.append({"level": "claim", "statistic": joint.statistic, "p": joint.p})
    tight = joint.at_least_as_tight
    sentence = (
        f"{_listed([names.get(m, m) for m in claim.members])} have a mean squared spread of "
        f"{joint.statistic:.2f} in {_listed(present)}; {tight:,} of the {joint.groups:,} groups "
        f"of {len(claim.members)} regions {'is' if tight == 1 else 'are'} at least as tight "
        f"(p = {_p(joint.p)})"
    )
    return _Decided(verdict, (), rows, sentence, f"p = {_p(joint.p)}")


def _decide_isolated(
    claim: _Claim, data: _Year, present: list[str], names: Mapping, allowed: int
) -> _Decided:
    (member,) = claim.members
    nearest = nearest_distances(data.scores[present])
    rank = int(nearest.rank(method="min", ascending=False)[member])
    verdict = (
        SUPPORTED if rank <= allowed else PARTLY if rank <= len(nearest) / 4 else NOT_SUPPORTED
    )
    rows = [row for indicator in present for row in _member_rows(claim, data, indicator)]
    rows.append({"level": "claim", "statistic": nearest[member], "rank": rank})
    squared = proximity_matrix(data.scores[present]).drop(columns=member).loc[member]
    sentence = (
        f"the region nearest to {names.get(member, member)} in {len(present)} indicators is "
        f"{names.get(squared.idxmin(), squared.idxmin())}, at {nearest[member]:.2f} standard "
        f"deviations per indicator; by this distance it is rank {rank} of {len(nearest)}"
    )
    return _Decided(verdict, (), rows, sentence, f"rank {rank} of {len(nearest)}")


def _decide_levels(claim: _Claim, data: _Year, present: list[str], names: Mapping) -> _Decided:
    rows, verdicts, told = [], {}, []
    in_short = ""
    for indicator in present:
        sign = claim.sign(indicator)
        members = list(claim.members)
        x = sign * data.values.loc[members, indicator].to_numpy()
        z = sign * data.scores.loc[members, indicator].to_numpy()
        spread = float(data.values[indicator].std(ddof=1))
        statistic, verdict = _BY_INDICATOR[claim.test](
            x, z, sign * data.reference[indicator], spread
        )
        verdicts[indicator] = verdict
        in_short = _IN_SHORT[claim.test].format(statistic)
        of_members = _member_rows(claim, data, indicator)
        rows += of_members
        rows.append(
            {
                "level": "indicator",
                "indicator": indicator,
                "reversed": indicator in claim.reversed,
                "reference": data.reference[indicator],
                "reference_is": data.reference_is[indicator],
                "statistic": statistic,
                "verdict": verdict,
            }
        )
        places = "; ".join(
            f"{names.get(row['region'], row['region'])} {_number(row['value'])} "
            f"(rank {row['rank']} of {len(data.values)}, z {row['z']:+.2f})"
            for row in of_members
        )
        told.append(
            f"{indicator}: {places}; {data.reference_is[indicator]} "
            f"{_number(data.reference[indicator])}" + (f" ({verdict})" if len(present) > 1 else "")
        )
    score = float(np.mean([_SCORE[verdict] for verdict in verdicts.values()]))
    rows.append({"level": "claim", "statistic": score})
    sentence = ". ".join(told) if len(told) <= 3 else _by_verdict(claim, data, verdicts)
    if len(present) > 1:
        in_short = f"{list(verdicts.values()).count(SUPPORTED)} of {len(present)} supported"
    return _Decided(combine(list(verdicts.values())), (), rows, sentence, in_short)


def _by_verdict(claim: _Claim, data: _Year, verdicts: Mapping[str, str]) -> str:
    """Many indicators in one sentence: which support the claim, with the members' mean z."""
    mean_z = data.scores.loc[list(claim.members)].mean()
    parts = []
    for wanted in (SUPPORTED, PARTLY, NOT_SUPPORTED):
        hit = [
            f"{indicator}{' reversed' if indicator in claim.reversed else ''} "
            f"(z {mean_z[indicator]:+.2f})"
            for indicator, verdict in verdicts.items()
            if verdict == wanted
        ]
        if hit:
            parts.append(f"{wanted} by {_listed(hit)}")
    return "; ".join(parts)


def _decide_contiguous(
    claim: _Claim, regions: Sequence[str], borders: frozenset[frozenset[str]], names: Mapping
) -> _Decided:
    if len(claim.members) < 2:
        return _untestable(claim, ("a second member",), names)
    pairs = [frozenset(pair) for pair in combinations(claim.members, 2)]
    shared = sum(pair in borders for pair in pairs)
    reached, todo = {claim.members[0]}, [claim.members[0]]
    while todo:
        at = todo.pop()
        for other in claim.members:
            if other not in reached and frozenset((at, other)) in borders:
                reached.add(other)
                todo.append(other)
    verdict = (
        SUPPORTED
        if shared == len(pairs)
        else PARTLY
        if len(reached) == len(claim.members)
        else NOT_SUPPORTED
    )
    groups = _groups(len(regions), len(claim.members))
    adjacent = np.array([[frozenset((a, b)) in borders for b in regions] for a in regions])
    counts = sum(
        adjacent[groups[:, a], groups[:, b]].astype(int)
        for a, b in combinations(range(len(claim.members)), 2)
    )
    p = float((counts >= shared).mean())
    rows = [{"level": "claim", "statistic": shared / len(pairs), "p": p}]
    sentence = (
        f"{_listed([names.get(m, m) for m in claim.members])}: {shared} of {len(pairs)} pairs of "
        f"members share a border; the share of groups of {len(claim.members)} regions with at "
        f"least as many is {_p(p)}"
    )
    in_short = f"{shared} of {len(pairs)} borders shared, p = {_p(p)}"
    return _Decided(verdict, (), rows, sentence, in_short)


def _untestable(claim: _Claim, missing: tuple[str, ...], names: Mapping) -> _Decided:
    if claim.test in ("none", "contiguous"):
        sentence = f"nothing in the data bears on it; needed: {_listed(missing)}"
    elif claim.test == "close_values" and len(claim.members) == 1:
        sentence = "a cluster of one region has no spread"
    else:
        sentence = f"no data for {_listed(missing)}"
    return _Decided(UNTESTABLE, missing, [{"level": "claim"}], sentence, "")


def _present(claim: _Claim, data: _Year) -> list[str]:
    """The claim's indicators that have data in the year."""
    return [indicator for indicator in claim.indicators if indicator in data.values]


def _used(parsed: Sequence[_Claim]) -> list[str]:
    """Every indicator that a claim names, once."""
    return list(dict.fromkeys(name for claim in parsed for name in claim.indicators))


def _decide_year(
    claim: _Claim,
    data: _Year,
    allowed: int,
    borders: frozenset[frozenset[str]] | None,
    names: Mapping[str, str],
) -> _Decided:
    if claim.test == "none" or (claim.test == "contiguous" and borders is None):
        return _untestable(claim, (claim.needs or "a series that bears on it",), names)
    if claim.test == "contiguous":
        return _decide_contiguous(claim, list(data.values.index), borders, names)
    if claim.test == "close_values" and len(claim.members) == 1:
        return _untestable(claim, ("a second member",), names)
    present = _present(claim, data)
    missing = tuple(indicator for indicator in claim.indicators if indicator not in data.values)
    if not present:
        return _untestable(claim, missing, names)
    if claim.test == "close_values":
        decided = _decide_close(claim, data, present, names)
    elif claim.test == "isolated":
        decided = _decide_isolated(claim, data, present, names, allowed)
    else:
        decided = _decide_levels(claim, data, present, names)
    return decided._replace(missing=missing)


def _borders(
    neighbours: Iterable[tuple[str, str]] | pd.DataFrame | None, published: pd.Series
) -> frozenset[frozenset[str]] | None:
    if neighbours is None:
        return None
    if isinstance(neighbours, pd.DataFrame):
        neighbours = neighbours.iloc[:, :2].itertuples(index=False, name=None)
    pairs = [tuple(pair) for pair in neighbours]
    for pair in pairs:
        if len(set(pair)) != 2 or not set(pair) <= set(published.index):
            raise InputError(f"neighbours: {pair!r} is not a pair of two of the regions")
    return frozenset(frozenset(pair) for pair in pairs)


def decide(
    claims: pd.DataFrame,
    tables: Mapping[int, pd.DataFrame],
    national: Mapping[int, pd.Series],
    published: pd.Series,
    baseline_year: int,
    *,
    neighbours: Iterable[tuple[str, str]] | pd.DataFrame | None = None,
    names: Mapping[str, str] | None = None,
) -> Audit:
    """Decide every claim in every year.

    Parameters
    ----------
    claims : DataFrame
        One row a claim, with `CLAIM_COLUMNS`: ``id``; ``cluster``, a value of ``published``;
        ``indicators``, names separated by spaces, a leading ``-`` where less is more;
        ``test``, a name of `TESTS`. ``needs`` says what an untestable claim would need.
    tables : mapping, year -> DataFrame
        Rows the regions, columns the indicators. A column that is absent or has an empty
        cell is missing in that year.
    national : mapping, year -> Series
        The national figure by indicator; where there is none, the unweighted mean of the
        regions stands in.
    published : Series, index the regions
        The cluster of each region.
    baseline_year : int
        The year whose verdict is the verdict of the claim; one of ``tables``.
    neighbours : pairs of regions that share a border, or a DataFrame with two columns
        For the test ``contiguous``; without it such a claim is untestable.
    names : mapping, optional
        How the evidence sentences call the regions; their labels otherwise.

    Returns
    -------
    Audit
        ``evidence``, long, `EVIDENCE_COLUMNS`, rows of three levels: *member* (one region,
        one indicator: value, reference, z, rank), *indicator* (statistic, exact p for
        ``close_values``, verdict for the tests that decide by indicator) and *claim* (the
        year's verdict, statistic and p; the statistic is the mean score where indicators are
        decided one by one). ``summary``, one row a claim, `SUMMARY_COLUMNS`: verdict at the
        baseline, whether all its indicators had data (`TESTABLE`), what was missing, in how
        many of the years in which it can be tested the verdict is the same (the baseline
        included; 0 of the tested years if the baseline is untestable), the number that decided
        it in short, and a sentence.

    Raises
    ------
    InputError
        A column, cluster or test that does not exist, a table with other regions, a constant
        indicator, a baseline year without a table.
    """
    if baseline_year not in tables:
        raise InputError(f"baseline year {baseline_year}: there is no table of that year")
    if published.isna().any() or published.index.has_duplicates:
        raise InputError("published clusters: every region needs exactly one cluster")
    parsed = _parse_claims(claims, published)
    borders = _borders(neighbours, published)
    names = dict(names or {})
    allowed = int((published.value_counts() == 1).sum())
    used = _used(parsed)
    evidence: list[dict[str, Any]] = []
    decided: dict[tuple[str, int], _Decided] = {}
    for year in sorted(tables):
        data = _prepare(year, tables[year], national.get(year), published, used)
        for claim in parsed:
            result = _decide_year(claim, data, allowed, borders, names)
            decided[claim.id, year] = result
            fixed = {
                "claim": claim.id,
                "cluster": claim.cluster,
                "test": claim.test,
                "year": year,
                **_EMPTY_TEXT,
            }
            own = {"verdict": result.verdict, "missing": "; ".join(result.missing)}
            for row in result.rows:
                evidence.append({**fixed, **row, **(own if row["level"] == "claim" else {})})
    summary = []
    for claim in parsed:
        baseline = decided[claim.id, baseline_year]
        tested = [
            decided[claim.id, year].verdict
            for year in sorted(tables)
            if decided[claim.id, year].verdict != UNTESTABLE
        ]
        sentence = f"{baseline_year}: {baseline.sentence}."
        testable = "no"
        if baseline.verdict != UNTESTABLE:
            testable = "partly" if baseline.missing else "fully"
            if baseline.missing:
                sentence += f" No data for {_listed(baseline.missing)}."
        summary.append(
            {
                "claim": claim.id,
                "cluster": claim.cluster,
                "test": claim.test,
                "verdict": baseline.verdict,
                "testable": testable,
                "missing": "; ".join(baseline.missing),
                "years_agreeing": tested.count(baseline.verdict),
                "years_tested": len(tested),
                "in_short": baseline.in_short,
                "evidence": sentence,
            }
        )
    order = {claim.id: position for position, claim in enumerate(parsed)}
    frame = pd.DataFrame(evidence, columns=list(EVIDENCE_COLUMNS))
    frame = frame.sort_values("claim", key=lambda ids: ids.map(order), kind="stable")
    numbers = ["value", "reference", "z", "statistic", "p"]
    frame[numbers] = frame[numbers].astype(float)
    frame["rank"] = frame["rank"].astype("Int64")
    return Audit(frame.reset_index(drop=True), pd.DataFrame(summary, columns=list(SUMMARY_COLUMNS)))


NEAREST = "nearest"
"""Row of `places` that holds the distance of every region to its nearest other."""

_BANDS: dict[str, tuple[float, float]] = {
    "high": (Z_MARGIN, math.nan),
    "low": (math.nan, -Z_MARGIN),
    "average": (-Z_MARGIN, Z_MARGIN),
}


def places(
    claims: pd.DataFrame,
    table: pd.DataFrame,
    national: pd.Series | None,
    published: pd.Series,
    year: int,
) -> pd.DataFrame:
    """Where the members of each claim stand among the regions: what a picture of it shows.

    Parameters
    ----------
    claims, published
        As for `decide`.
    table, national
        Those of one ``year``.

    Returns
    -------
    DataFrame, `PLACE_COLUMNS`
        ``row``: an indicator, with a leading ``-`` where it is turned because less is more, or
        `NEAREST` for the test ``isolated``. ``kind``: *member*, *other* (both with ``region``),
        *national* or *mean of regions* (the reference, without region). ``z``: standard
        deviations of the regions from their mean; for `NEAREST` the distance that the test
        ranks. ``low``, ``high``: the bounds between which the test wants the members' mean z
        (`high`, `low`) or every member (the others); NaN where a side is open, both NaN where
        the test has no bounds. A claim that no indicator decides has no rows, one that is
        `isolated` has the row `NEAREST` alone.

    Raises
    ------
    InputError
        As `decide`.
    """
    parsed = _parse_claims(claims, published)
    used = _used(parsed)
    data = _prepare(year, table, national, published, used)
    parts = [
        line.assign(claim=claim.id)
        for claim in parsed
        if claim.test != "close_values" or len(claim.members) > 1
        for line in _lines(claim, data)
    ]
    if not parts:
        return pd.DataFrame(columns=list(PLACE_COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(PLACE_COLUMNS)]


def _lines(claim: _Claim, data: _Year) -> list[pd.DataFrame]:
    """The rows of `places` of one claim, a table an indicator."""
    present = _present(claim, data)
    if claim.test == "isolated" and present:
        return [_line(claim, NEAREST, nearest_distances(data.scores[present]))]
    lines = []
    for indicator in present:
        sign, values = claim.sign(indicator), data.values[indicator]
        reference = sign * (data.reference[indicator] - values.mean()) / values.std(ddof=1)
        low, high = _BANDS.get(claim.test, (math.nan, math.nan))
        if claim.test == "above_average":
            low = reference
        if claim.test == "below_average":
            high = reference
        name = f"{'-' if sign < 0 else ''}{indicator}"
        line = _line(claim, name, sign * data.scores[indicator])
        line.loc[len(line)] = {
            "row": name,
            "kind": data.reference_is[indicator],
            "region": "",
            "z": reference,
        }
        lines.append(line.assign(low=low, high=high))
    return lines


def _line(claim: _Claim, row: str, scores: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": row,
            "kind": np.where(scores.index.isin(claim.members), "member", "other"),
            "region": scores.index,
            "z": scores.to_numpy(),
            "low": math.nan,
            "high": math.nan,
        }
    )
