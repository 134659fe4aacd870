"""Deciding every claim in every year: verdicts, the numbers behind them, and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hclustkit.distances import proximity_matrix
from hclustkit.errors import refusal

from kzclusters.analysis.claims.groups import (
    all_groups,
    exact_group_test,
    is_connected,
    nearest_distances,
)
from kzclusters.analysis.claims.levels import (
    BY_INDICATOR,
    IN_SHORT,
    SCORE,
    Level,
    combine,
    verdict_of,
)
from kzclusters.analysis.claims.reading import (
    Borders,
    Claim,
    YearTable,
    indicators_present,
    indicators_used,
    parse_claims,
    prepare_year,
    shared_borders,
)
from kzclusters.analysis.claims.rules import NOT_SUPPORTED, PARTLY, SUPPORTED, UNTESTABLE, Limits
from kzclusters.wording import listing

OUT_OF_REACH = "a yardstick within reach"
"""What a claim lacks that no group of its size could meet, whatever the cluster."""

_EMPTY_TEXT = {
    "indicator": "",
    "reversed": False,
    "region": "",
    "reference_is": "",
    "verdict": "",
    "missing": "",
}

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


class Audit(NamedTuple):
    """What `decide` returns."""

    evidence: pd.DataFrame
    summary: pd.DataFrame


class _Setting(NamedTuple):
    """What all claims share.

    Attributes
    ----------
    limits, names, borders : as they are given to `decide`
    n_single : number of regions that are clusters of their own in the article
    several : the other regions, in clusters of several
    beyond : ids of the claims that no data of any year could meet
    """

    limits: Limits
    names: Mapping[str, str]
    borders: Borders | None
    n_single: int
    several: tuple[str, ...]
    beyond: frozenset[str] = frozenset()

    def names_of(self, labels: Iterable[str]) -> str:
        return listing([self.names.get(label, label) for label in labels])


class _Decided(NamedTuple):
    """One claim in one year: its verdict, the rows behind it and a sentence about them."""

    verdict: str
    missing: tuple[str, ...]
    rows: list[dict[str, Any]]
    sentence: str
    in_short: str


def _number(value: float) -> str:
    """Write a number with three or four significant digits, thousands separated."""
    digits = 2
    if abs(value) >= 10:
        digits = 0 if abs(value) >= 100 else 1
    return f"{value:,.{digits}f}"


def _p(value: float) -> str:
    """Write a p with three decimals, or with one significant digit where it is small."""
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1g}"


def _member_rows(claim: Claim, data: YearTable, indicator: str) -> list[dict[str, Any]]:
    """Return the rows of the evidence on one indicator, one for each member."""
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


def _decide_close(claim: Claim, data: YearTable, present: list[str], setting: _Setting) -> _Decided:
    """Decide by the test ``close_values``."""
    rows = []
    for indicator in present:
        one = exact_group_test(data.scores[[indicator]], claim.members)
        rows += _member_rows(claim, data, indicator)
        rows.append(
            {"level": "indicator", "indicator": indicator, "statistic": one.statistic, "p": one.p}
        )
    joint = exact_group_test(data.scores[present], claim.members)
    limits = setting.limits
    verdict = verdict_of(joint.p <= limits.tight, joint.p <= limits.partly_tight)
    rows.append({"level": "claim", "statistic": joint.statistic, "p": joint.p})
    tight = joint.at_least_as_tight
    sentence = (
        f"{setting.names_of(claim.members)} have a mean squared spread of "
        f"{joint.statistic:.2f} in {listing(present)}; {tight:,} of the {joint.groups:,} groups "
        f"of {len(claim.members)} regions {'is' if tight == 1 else 'are'} at least as tight "
        f"(p = {_p(joint.p)})"
    )
    return _Decided(verdict, (), rows, sentence, f"p = {_p(joint.p)}")


def _decide_isolated(
    claim: Claim, data: YearTable, present: list[str], setting: _Setting
) -> _Decided:
    """Decide by the test ``isolated``."""
    (member,) = claim.members
    nearest = nearest_distances(data.scores[present])
    rank = int(nearest.rank(method="min", ascending=False)[member])
    verdict = verdict_of(rank <= setting.n_single, rank <= len(nearest) / 4)
    rows = [row for indicator in present for row in _member_rows(claim, data, indicator)]
    rows.append({"level": "claim", "statistic": nearest[member], "rank": rank})
    squared = proximity_matrix(data.scores[present]).drop(columns=member).loc[member]
    sentence = (
        f"the region nearest to {setting.names_of([member])} in {len(present)} indicators is "
        f"{setting.names_of([squared.idxmin()])}, at {nearest[member]:.2f} standard "
        f"deviations per indicator; by this distance it is rank {rank} of {len(nearest)}"
    )
    return _Decided(verdict, (), rows, sentence, f"rank {rank} of {len(nearest)}")


def _within_reach(claim: Claim, data: YearTable, indicator: str, setting: _Setting) -> bool:
    """Tell whether a group of that size, of regions in clusters of several, could meet it."""
    if claim.test not in ("high", "low") or len(claim.members) == 1:
        return True
    sign = claim.sign(indicator) * (1 if claim.test == "high" else -1)
    regions = list(setting.several)
    z = sign * data.scores.loc[regions, indicator]
    beyond = sign * data.values.loc[regions, indicator] > sign * data.reference[indicator]
    best = z[beyond].nlargest(len(claim.members))
    return len(best) == len(claim.members) and best.mean() >= setting.limits.margin


def _beyond_reach(
    parsed: Sequence[Claim], prepared: Mapping[int, YearTable], setting: _Setting
) -> frozenset[str]:
    """Return the ids of the claims with data that no group of their size could meet in any year.

    A year in which no group meets a claim is a finding where another year shows that one can.
    """
    beyond = set()
    for claim in parsed:
        pairs = [
            (data, name) for data in prepared.values() for name in indicators_present(claim, data)
        ]
        if pairs and not any(_within_reach(claim, data, name, setting) for data, name in pairs):
            beyond.add(claim.id)
    return frozenset(beyond)


def _decide_beyond_reach(
    claim: Claim, data: YearTable, present: list[str], setting: _Setting
) -> _Decided:
    """Call a claim untestable that no group of its size could meet."""
    rows = [row for name in present for row in _member_rows(claim, data, name)]
    sentence = (
        f"in no year could {len(claim.members)} of the {len(setting.several)} regions in "
        f"clusters of several be {claim.test} in {listing(present)}: the regions that are "
        "clusters of their own set the yardstick"
    )
    return _Decided(UNTESTABLE, (OUT_OF_REACH,), [*rows, {"level": "claim"}], sentence, "")


def _decide_levels(
    claim: Claim, data: YearTable, present: list[str], setting: _Setting
) -> _Decided:
    """Decide by one of the tests of `BY_INDICATOR`, indicator by indicator."""
    rows, verdicts, sentences = [], {}, []
    in_short = ""
    members = list(claim.members)
    for indicator in present:
        sign = claim.sign(indicator)
        x = sign * data.values.loc[members, indicator].to_numpy()
        z = sign * data.scores.loc[members, indicator].to_numpy()
        spread = float(data.values[indicator].std(ddof=1))
        level = Level(x, z, sign * data.reference[indicator], spread, setting.limits.margin)
        statistic, verdict = BY_INDICATOR[claim.test](level)
        verdicts[indicator] = verdict
        in_short = IN_SHORT[claim.test].format(statistic)
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
            f"{setting.names_of([row['region']])} {_number(row['value'])} "
            f"(rank {row['rank']} of {len(data.values)}, z {row['z']:+.2f})"
            for row in of_members
        )
        sentences.append(
            f"{indicator}: {places}; {data.reference_is[indicator]} "
            f"{_number(data.reference[indicator])}" + (f" ({verdict})" if len(present) > 1 else "")
        )
    decided = list(verdicts.values())
    score = float(np.mean([SCORE[verdict] for verdict in decided]))
    rows.append({"level": "claim", "statistic": score})
    sentence = ". ".join(sentences) if len(sentences) <= 3 else _by_verdict(claim, data, verdicts)
    if len(present) > 1:
        in_short = f"{decided.count(SUPPORTED)} of {len(present)} supported"
    return _Decided(combine(decided, setting.limits.majority), (), rows, sentence, in_short)


def _by_verdict(claim: Claim, data: YearTable, verdicts: Mapping[str, str]) -> str:
    """Sum up many indicators in a sentence: which support the claim, with the members' mean z."""
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
            parts.append(f"{wanted} by {listing(hit)}")
    return "; ".join(parts)


def _decide_contiguous(
    claim: Claim, regions: Sequence[str], borders: Borders, setting: _Setting
) -> _Decided:
    """Decide by the test ``contiguous``."""
    if len(claim.members) < 2:
        return _untestable(claim, ("a second member",))
    pairs = [frozenset(pair) for pair in combinations(claim.members, 2)]
    shared = sum(pair in borders for pair in pairs)
    verdict = verdict_of(shared == len(pairs), is_connected(claim.members, borders))
    groups = all_groups(len(regions), len(claim.members))
    adjacent = np.array([[frozenset((a, b)) in borders for b in regions] for a in regions])
    counts = sum(
        adjacent[groups[:, a], groups[:, b]].astype(int)
        for a, b in combinations(range(len(claim.members)), 2)
    )
    p = float((counts >= shared).mean())
    rows = [{"level": "claim", "statistic": shared / len(pairs), "p": p}]
    sentence = (
        f"{setting.names_of(claim.members)}: {shared} of {len(pairs)} pairs of "
        f"members share a border; the share of groups of {len(claim.members)} regions with at "
        f"least as many is {_p(p)}"
    )
    in_short = f"{shared} of {len(pairs)} borders shared, p = {_p(p)}"
    return _Decided(verdict, (), rows, sentence, in_short)


def _untestable(claim: Claim, missing: tuple[str, ...]) -> _Decided:
    """Say what an untestable claim lacks."""
    if claim.test in ("none", "contiguous"):
        sentence = f"nothing in the data bears on it; needed: {listing(missing)}"
    elif claim.test == "close_values" and len(claim.members) == 1:
        sentence = "a cluster of one region has no spread"
    else:
        sentence = f"no data for {listing(missing)}"
    return _Decided(UNTESTABLE, missing, [{"level": "claim"}], sentence, "")


def _decide_year(claim: Claim, data: YearTable, setting: _Setting) -> _Decided:
    """Decide one claim in one year by the test that it names."""
    borders = setting.borders
    if claim.test == "none" or (claim.test == "contiguous" and borders is None):
        return _untestable(claim, (claim.needs or "a series that bears on it",))
    if claim.test == "contiguous" and borders is not None:
        return _decide_contiguous(claim, list(data.values.index), borders, setting)
    if claim.test == "close_values" and len(claim.members) == 1:
        return _untestable(claim, ("a second member",))
    present = indicators_present(claim, data)
    missing = tuple(indicator for indicator in claim.indicators if indicator not in data.values)
    if not present:
        return _untestable(claim, missing)
    if claim.test == "close_values":
        decided = _decide_close(claim, data, present, setting)
    elif claim.test == "isolated":
        decided = _decide_isolated(claim, data, present, setting)
    elif claim.id in setting.beyond:
        decided = _decide_beyond_reach(claim, data, present, setting)
    else:
        decided = _decide_levels(claim, data, present, setting)
    return decided._replace(missing=missing + decided.missing)


def _check_given(
    tables: Mapping[int, pd.DataFrame], published: pd.Series, baseline_year: int
) -> None:
    """Refuse a baseline year without a table, and regions without exactly one cluster."""
    if baseline_year not in tables:
        text = f"baseline year {baseline_year}: there is no table of that year"
        raise refusal(text, "baseline_year", "year-without-table", baseline_year)
    if published.isna().any() or published.index.has_duplicates:
        text = "published clusters: every region needs exactly one cluster"
        raise refusal(text, "published", "one-cluster-a-region")


def decide(
    claims: pd.DataFrame,
    tables: Mapping[int, pd.DataFrame],
    national: Mapping[int, pd.Series],
    published: pd.Series,
    baseline_year: int,
    limits: Limits,
    *,
    neighbours: Iterable[tuple[str, str]] | pd.DataFrame | None = None,
    names: Mapping[str, str] | None = None,
    years: Sequence[int] | None = None,
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
        regions takes its place.
    published : Series, index the regions
        The cluster of each region.
    baseline_year : int
        The year whose verdict is the verdict of the claim; one of ``tables``.
    limits : Limits
        Limits of the tests.
    neighbours : pairs of regions that share a border, or a DataFrame with two columns
        For the test ``contiguous``; without it such a claim is untestable.
    names : mapping, optional
        How the evidence sentences call the regions; their labels otherwise.
    years : optional
        The years that are decided; the others only say what could be met. All by default.

    Returns
    -------
    Audit
        ``evidence``, long, `EVIDENCE_COLUMNS`, rows of three levels: *member* (one region,
        one indicator: value, reference, z, rank), *indicator* (statistic, exact p for
        ``close_values``, verdict for the tests that decide by indicator) and *claim* (the
        year's verdict, statistic and p; the statistic is the mean score where indicators are
        decided one by one). ``summary``, one row a claim, `SUMMARY_COLUMNS`: verdict at the
        baseline, whether all its indicators had data ("fully", "partly" or "no"), what was
        missing, in how many of the years in which it can be tested the verdict is the same (the
        baseline included; 0 of the tested years if the baseline is untestable), the number that
        decided it in short, and a sentence.

    Raises
    ------
    InputError
        A column, cluster or test that does not exist, a table with other regions, a constant
        indicator, a baseline year without a table.
    """
    _check_given(tables, published, baseline_year)
    parsed = parse_claims(claims, published)
    setting = _Setting(
        limits,
        dict(names or {}),
        shared_borders(neighbours, published),
        int((published.value_counts() == 1).sum()),
        tuple(published.index[published.duplicated(keep=False)]),
    )
    used = indicators_used(parsed)
    prepared = {
        year: prepare_year(year, tables[year], national.get(year), published, used)
        for year in sorted(tables)
    }
    setting = setting._replace(beyond=_beyond_reach(parsed, prepared, setting))
    wanted = {year: data for year, data in prepared.items() if years is None or year in years}
    decided = {
        claim: {year: _decide_year(claim, data, setting) for year, data in wanted.items()}
        for claim in parsed
    }
    summary = [_summary_row(claim, baseline_year, by_year) for claim, by_year in decided.items()]
    rows = [
        row
        for claim, by_year in decided.items()
        for year, found in by_year.items()
        for row in _evidence_rows(claim, year, found)
    ]
    frame = pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))
    numbers = ["value", "reference", "z", "statistic", "p"]
    frame[numbers] = frame[numbers].astype(float)
    frame["rank"] = frame["rank"].astype("Int64")
    return Audit(frame, pd.DataFrame(summary, columns=list(SUMMARY_COLUMNS)))


def _evidence_rows(claim: Claim, year: int, decided: _Decided) -> list[dict[str, Any]]:
    """Return the rows of the evidence on one claim in one year."""
    fixed = {"claim": claim.id, "cluster": claim.cluster, "test": claim.test, "year": year}
    outcome = {"verdict": decided.verdict, "missing": "; ".join(decided.missing)}
    rows = [{**fixed, **_EMPTY_TEXT, **row} for row in decided.rows]
    return [row | outcome if row["level"] == "claim" else row for row in rows]


def _summary_row(
    claim: Claim, baseline_year: int, decided: Mapping[int, _Decided]
) -> dict[str, Any]:
    """Return the row of the summary on one claim, from what each year says."""
    baseline = decided[baseline_year]
    tested = [result.verdict for result in decided.values() if result.verdict != UNTESTABLE]
    sentence = f"{baseline_year}: {baseline.sentence}."
    testable = "no"
    if baseline.verdict != UNTESTABLE:
        testable = "partly" if baseline.missing else "fully"
        if baseline.missing:
            sentence += f" No data for {listing(baseline.missing)}."
    return {
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
