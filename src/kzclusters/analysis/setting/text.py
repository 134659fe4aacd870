"""Tables and sentences of notebook 4 about the article's own setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kzclusters import wording
from kzclusters.analysis.setting_findings import Setting
from kzclusters.wording import listing

SETS = {
    "all": "all",
    "contiguous": "every cluster in one piece",
    "pieces": "as many pieces as Figure 3",
    "neighbours": "as many pairs of neighbours together as in Figure 3",
    "cities": "both cities single",
    "pieces_cities": "both cities single, as many pieces",
    "every_property": "pieces, pairs of neighbours and single cities as in Figure 3",
    "contiguous_cities": "both cities single, every cluster in one piece",
}
"""The sets of partitions in words."""
SURROGATES = "tables with our map patterns"
PARTS = {
    "own": "own setting",
    "admissible": "own setting, admissible years",
    "ward_full": "Ward, every indicator with data",
    "full": "every indicator with data",
    "grid": "the whole grid",
}
"""The parts of the grid in words."""
READINGS = {
    "n": "n in place of n − 1",
    "margin": "other margin",
    "log": "logarithms",
    "rank": "ranks",
}
"""The other readings of the tests of claims in words."""


def _rows(entries: Mapping[str, Any], names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Tabulate findings, a row each, with words for some of their keys."""
    frame = pd.DataFrame({key: vars(entry) for key, entry in entries.items()}).T
    return frame.rename(index=dict(names or {})).infer_objects()


def own_text(found: Setting) -> str:
    """Say how much the article's own setting agrees with Figure 3."""
    at, every, some = found.own, found.own.every, found.own.admissible
    ties = f", with {at.baseline_ties} more at the same index" if at.baseline_ties else ""
    return (
        f"Ward's method with every indicator that has data, {len(at.years)} years × "
        f"{len(at.scalings)} scalings: {every.n} specifications with {every.n_partitions} "
        "different partitions. The adjusted Rand index with Figure 3 has mean "
        f"**{every.mean:.2f}** and median {every.median:.2f}, from {every.min:.2f} to "
        f"{every.max:.2f}; in the {some.n} specifications of the admissible years "
        f"({at.admissible_years[0]}–{at.admissible_years[-1]}) mean {some.mean:.2f} and "
        f"median {some.median:.2f}. The baseline, {at.baseline:.2f}, is number "
        f"{at.baseline_rank} of {every.n}{ties}."
    )


def grid_text(found: Setting) -> str:
    """Say what the grid weighs by accident, and its mean by other weights."""
    at = found.grid
    often = sorted(at.indicator_share.items(), key=lambda item: -item[1])
    return (
        f"Of the {at.n:,} specifications of the grid {wording.share(at.incomplete_share, 1)} leave "
        f"out an indicator that has data and {wording.share(at.not_ward_share)} do not use Ward's "
        f"method. {listing(at.latest_years)} make up {wording.share(at.latest_share)} of them, and "
        f"an indicator takes part in {wording.share(often[-1][1])} ({often[-1][0]}) to "
        f"{wording.share(often[0][1])} ({often[0][0]}): none of these weights was chosen. The mean "
        f"index, {at.as_counted:.3f}, is {at.years_equal:.3f} with years weighed equally and "
        f"{at.sets_equal:.3f} with the {at.n_sets:,} sets of indicators weighed equally."
    )


def survival_table(found: Setting) -> pd.DataFrame:
    """Tabulate what becomes of the two cities over the parts of the grid."""
    table = _rows(found.survival, PARTS)[["n", "cities_apart", "cities_together", "cities_single"]]
    table.columns = ["specifications", "apart from all others", "one cluster", "each single"]
    return table.astype({"specifications": int})


def survival_text(found: Setting) -> str:
    """Say what survives in the own setting."""
    at = found.survival["own"]
    return (
        f"In {at.n_cities_apart} of {at.n} specifications the two cities share a cluster with no "
        f"other region; in {at.n_cities_together} they are one cluster, in {at.n_cities_single} "
        "each is its own. Where other lines run depends on choices."
    )


def plain_text(found: Setting) -> str:
    """Say in pairs what the index of the baseline means."""
    at = found.plain
    return (
        f"Of the {at.n_all} pairs of regions Figure 3 puts {at.n_published} together. The baseline "
        f"puts {at.n_ours} together, among them {at.n_found} of these {at.n_published}: "
        f"{'; '.join(at.found)}. Single regions add nothing to the index. Over the "
        f"setting {at.mean_found:.1f} of the {at.n_published} pairs are found on average, "
        f"never: {'; '.join(at.never) or 'no pair'}; always: {'; '.join(at.always) or 'no pair'}."
    )


def null_frame(found: Setting) -> pd.DataFrame:
    """Return the share of every null over every part, one a row; the surrogates last."""
    flips = found.nulls.surrogates
    rows = [
        {
            "null": SETS[name],
            "n": entry.n,
            "holds_real": entry.contains_published,
            "over": PARTS[part],
            "share": share,
        }
        for name, entry in found.nulls.sets.items()
        for part, share in entry.share.items()
    ]
    last = {"null": SURROGATES, "n": flips.n, "holds_real": True}
    for part, share in (("own", flips.share), ("admissible", flips.admissible_share)):
        rows.append({**last, "over": PARTS[part], "share": share})
    return pd.DataFrame(rows)


def surrogate_bins(found: Setting) -> pd.DataFrame:
    """Return the surrogate tables by their mean index."""
    flips = found.nulls.surrogates
    return pd.DataFrame({"left": flips.edges[:-1], "right": flips.edges[1:], "count": flips.counts})


def null_table(found: Setting) -> pd.DataFrame:
    """Tabulate how many partitions reach the real mean index."""
    frame = null_frame(found)
    rows = [
        {
            "set": null,
            "how many": part["n"].iloc[0],
            "Figure 3 among them": "yes" if part["holds_real"].all() else "no",
            **{row.over: f"{row.share:.2g}" for row in part.itertuples()},
        }
        for null, part in frame.groupby("null", sort=False)
    ]
    return pd.DataFrame(rows).fillna("")


def null_text(found: Setting) -> str:
    """Say how special Figure 3 is among groupings that know nothing of the data."""
    at, flips = found.nulls, found.nulls.surrogates
    return (
        f"Figure 3 has {at.pieces} pieces on the map, more than clusters, so it is not among the "
        f"contiguous partitions. Of {flips.n:,} tables with the map pattern of every indicator and "
        f"all correlations of ours, {flips.reached:,} reach the real mean index "
        f"(p = {flips.share:.4f}). The largest p over the sets that contain Figure 3 and these "
        f"tables is **{at.largest:.4f}**."
    )


def error_table(found: Setting) -> pd.DataFrame:
    """Tabulate how often the baseline's partition comes back under errors."""
    at = found.errors
    kinds = {
        "in standard deviations": at.sd,
        "the same, alike ones alike and exact ones exact": at.sd_joint,
        "relative": at.relative,
    }
    columns = {}
    for kind, levels in kinds.items():
        columns[kind] = {f"{float(level):.0%}": entry.unchanged for level, entry in levels.items()}
    return pd.DataFrame(columns).rename_axis("error")


def one_table(found: Setting) -> pd.DataFrame:
    """Tabulate what the same relative error does in one indicator alone."""
    at = found.errors
    frame = pd.DataFrame({"in standard deviations": at.in_sd, "partition unchanged": at.one})
    return frame.rename_axis("indicator")


HEADS = {
    "index": "index with Figure 3",
    "index_ward": "with Ward's method",
    "index_baseline": "with the baseline",
    "own_mean": "mean over the setting",
    "own_median": "median",
    "own_max": "largest",
    "n_same": "times Ward's partition",
}
"""What the columns of two tables are called; mean, median and largest are with Figure 3."""


def once_table(found: Setting) -> pd.DataFrame:
    """Tabulate what counting indicators once, or leaving one out, does."""
    pairs = [key for key in found.once if key != "all" and not key.startswith("without")]
    names = {key: f"{key.replace(' ', ' and ')} counted once" for key in pairs}
    table = _rows(found.once, {**names, "all": "both pairs counted once"})
    columns = ["r", "index", "index_baseline", "own_mean", "own_median"]
    return table[columns].astype(float).rename(columns=HEADS)


def method_table(found: Setting) -> pd.DataFrame:
    """Tabulate other methods on the same tables."""
    return _rows(found.methods).set_index("name").astype({"n_same": int}).rename(columns=HEADS)


def kmeans_text(found: Setting) -> str:
    """Say what k-means finds on the baseline's table."""
    at = found.kmeans
    same = "is" if abs(at.ward - at.optimum) < 1e-9 * at.optimum else "is not"
    return (
        f"On the baseline's table Ward's partition {same} the one with the least sum of squares of "
        f"all ({at.optimum:.2f}, proven by going through all subsets); {at.reached} of "
        f"{at.starts:,} starts of k-means reach it. Figure 3 has {at.published:.2f}; k-means "
        f"started there ends at {at.from_published:.2f} with an index of "
        f"{at.from_published_index:.2f}."
    )


def break_table(found: Setting, names: Mapping[Any, str]) -> pd.DataFrame:
    """Tabulate what leaving the regions or the years of a break out does."""
    rows = [
        {
            "break": entry.what,
            "series": entry.series,
            "without the regions": listing([names.get(r, "none") for r in entry.regions]),
            "index": entry.index,
            "others keep their clusters": "yes" if entry.same else "no",
            "without the years": listing([str(year) for year in entry.left_out]),
            "mean over the setting": entry.own_mean,
        }
        for entry in found.breaks.values()
    ]
    return pd.DataFrame(rows)


def hanging_table(found: Setting) -> pd.DataFrame:
    """Tabulate the claims whose verdict changes when their test is read in another way."""
    rows = [
        {"claim": claim, "verdict": entry.verdict}
        | {READINGS[reading]: entry.others.get(reading, "same") for reading in READINGS}
        for claim, entry in found.hanging.items()
    ]
    return pd.DataFrame(rows)


def power_text(found: Setting) -> str:
    """Say what the gap statistic can show with so few regions."""
    at = found.gap_power
    parts = [f"{wording.share(p)} with our distances × {f}" for f, p in at.more_than_one.items()]
    return (
        f"Tables of as many regions drawn around the {at.n_clusters} clusters of the baseline: the "
        f"gap statistic finds more than one cluster in {listing(parts)}, although Ward's method "
        f"finds the clusters there (mean index {wording.decimal(min(at.recovered.values()), 2)} to "
        f'{max(at.recovered.values()):.2f}). With so few regions "one" means that it cannot tell.'
    )
