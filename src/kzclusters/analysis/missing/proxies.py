"""Proxies against their published words, in the regions where both are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import sensitivity
from hclustkit.compare.partitions import compare

from kzclusters.analysis.missing.findings import ProxyError, ProxyTest
from kzclusters.analysis.missing.given import Given
from kzclusters.evidence import indicators, sources

WORDS = {
    "P3": "holders of advanced degrees per 1,000 employed",
    "P6": "fixed investment in industry per inhabitant",
    "P7": "fixed investment from the budgets per inhabitant",
}
DEGREES = ["doctors_of_science", "doctors_by_profile", "phd", "candidates_of_science"]


def pairs(years: Sequence[int], folder: Path | None = None) -> pd.DataFrame:
    """Return every region and year in which proxy and published words are both known.

    Returns
    -------
    DataFrame
        ``indicator``, ``region``, ``year``, ``proxy``, ``words``, in the same unit.
    """
    frame = indicators.inputs(sources.series(folder), years)
    partial = sources.partial_series(folder)
    holders = partial["rd_degree_holders"]
    # a blank in the workbook is one that the source leaves out, a dash is written 0
    counted = holders.assign(value=holders[DEGREES].sum(axis=1))
    given = {
        "P3": (counted, frame["employed"]),
        "P6": (partial["industry_investment"], frame["pop"] / 1000),
        "P7": (partial["budget_financed_investment"], frame["pop"] / 1000),
    }
    found = []
    for code, (table, per) in given.items():
        proxy = indicators.evaluate(indicators.registry()[code].main, frame)
        rows = table[table["year"].isin(years)].set_index(["region", "year"])["value"]
        both = pd.DataFrame({"proxy": proxy, "words": rows / per}).dropna()
        found.append(both.reset_index().assign(indicator=code))
    return pd.concat(found, ignore_index=True)[["indicator", "region", "year", "proxy", "words"]]


def compare_proxy(rows: pd.DataFrame, city: str, *, pooled: bool) -> ProxyTest:
    """Compare a proxy with its published words: ratio and correlation.

    Parameters
    ----------
    rows : some rows of `pairs`, of one indicator
    city : code of Almaty city
    pooled : whether the rows are of several years
    """
    code = str(rows["indicator"].iloc[0])
    rest = rows[rows["region"] != city]
    ratio = rows["proxy"] / rows["words"]

    def correlation(part: pd.DataFrame, kind: str) -> float:
        return float(part[["proxy", "words"]].corr(kind).iloc[0, 1])

    return ProxyTest(
        indicator=code,
        words=WORDS[code],
        year=None if pooled else int(rows["year"].iloc[0]),
        n=len(rows),
        n_without_city=len(rest),
        ratio_low=float(ratio.min()),
        ratio_median=float(ratio.median()),
        ratio_high=float(ratio.max()),
        pearson=correlation(rows, "pearson"),
        spearman=correlation(rows, "spearman"),
        pearson_without=correlation(rest, "pearson"),
        spearman_without=correlation(rest, "spearman"),
    )


def by_indicator(table: pd.DataFrame, city: str, pooled: Sequence[str]) -> tuple[ProxyTest, ...]:
    """Compare each proxy year by year, or all years at once where few regions are known.

    Parameters
    ----------
    table : as `pairs` returns it
    city : code of Almaty city
    pooled : indicators of which all years are taken together
    """
    found = []
    for code, rows in table.groupby("indicator", sort=False):
        groups = [rows] if code in pooled else [group for _, group in rows.groupby("year")]
        found += [compare_proxy(group, city, pooled=code in pooled) for group in groups]
    return tuple(found)


def errors(
    table: pd.DataFrame, tested: Sequence[ProxyTest], given: Given
) -> tuple[ProxyError, ...]:
    """Replace each proxy of the baseline by its range of error, alone and all together.

    Parameters
    ----------
    table : DataFrame, regions × indicators of the baseline
    tested : as `by_indicator` returns it; where a proxy is tested year by year, the test of the
        baseline's year is taken
    given : Given
    """
    ratios = {
        test.indicator: (test.ratio_low, test.ratio_high)
        for test in tested
        if test.year in (None, given.year) and test.indicator in table
    }
    alone = [error_of(table, {code: ratio}, given) for code, ratio in ratios.items()]
    return (*alone, error_of(table, ratios, given))


def error_of(
    table: pd.DataFrame, ratios: Mapping[str, tuple[float, float]], given: Given
) -> ProxyError:
    """Divide every value of some proxies by a ratio drawn from the range seen."""
    codes = list(ratios)
    rng = np.random.default_rng([given.seed, *(int(code[1:]) for code in codes)])
    low, high = np.log([ratios[code] for code in codes]).T
    n = given.choices.proxy_draws
    drawn = np.exp(low + rng.random((n, len(table), len(codes))) * (high - low))
    values = table[codes].to_numpy() / drawn
    choices: dict[str, Any] = {"k": given.k, "scaling": given.scaling, "method": given.linkage}
    effect = sensitivity.column_effect(table.drop(columns=codes), values, **choices)
    none = np.empty((1, len(table), 0))
    base = sensitivity.partitions_with(table, none, **choices).astype(np.int64)[0]
    wanted = pd.factorize(given.published.reindex(table.index))[0].astype(np.int64)
    share = effect.counts / effect.counts.sum()
    agree, own = compare(effect.partitions, wanted)[0], compare(effect.partitions, base)[0]
    return ProxyError(
        indicators=" ".join(codes),
        n=n,
        unchanged=float(share[(effect.partitions == base).all(axis=1)].sum()),
        n_partitions=len(effect.partitions),
        figure3_mean=float(share @ agree),
        figure3_low=float(agree.min()),
        figure3_high=float(agree.max()),
        own_mean=float(share @ own),
    )
