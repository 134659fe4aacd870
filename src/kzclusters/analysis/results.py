"""The results file: what the notebooks found, and what every text reads.

Notebook 3 writes ``results.json``, notebook 4 ``robustness.json``. README, captions and paper take
their numbers from here and from nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.compare import agreement
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters import wording as words

OUTPUTS: Mapping[str, str] = {
    "indicators.csv": "P1 to P14 for every region and year, variants and status; missing ones are there, empty",
    "standardized.csv": "the baseline's table after scaling",
    "proximity_matrix.csv": "squared Euclidean distances between the regions",
    "agglomeration_schedule.csv": "the merges, in the form of SPSS",
    "cluster_membership.csv": "membership for every number of clusters tried",
    "linkages.csv": "other linkages: cophenetic correlation, agreement with the baseline",
    "validity_indices.csv": "indices of validity by number of clusters, with the reason where one is undefined",
    "validity_votes.csv": "the number of clusters for which each index speaks",
    "gap_statistic.csv": "the gap statistic with its standard error",
    "silhouettes.csv": "silhouette of every region",
    "cluster_stability.csv": "Jaccard stability of every cluster under resampling of the regions",
    "multiscale_bootstrap.csv": "AU and BP values of every merge under resampling of the indicators",
    "published_clusters.csv": "each published cluster and what became of it",
    "cluster_profiles.csv": "means of the indicators by cluster, in units and as z-scores",
    "claims_evidence.csv": "every claim of the article, year by year, with its numbers",
    "claims.csv": "the verdict on every claim",
    "results.json": "the numbers that the texts read",
    "exact_specifications.csv": "every specification that recovers Figure 3 exactly",
    "recovery.csv": "how often each published cluster is recovered exactly, by linkage",
    "coassociation.csv": "share of specifications in which two regions are together",
    "consensus.csv": "the same over all numbers of clusters",
    "variance_shares.csv": "share of the variance of agreement that each choice accounts for",
    "noise_survival.csv": "how often each cluster survives measurement error",
    "leave_out.csv": "the result without one indicator, group of indicators or region",
    "robustness.json": "the numbers of the robustness analysis",
}
"""Files in ``data/processed`` and what they hold, in the order in which they are made."""


def load(folder: Path | None = None) -> dict[str, Any]:
    """All results: the content of ``results.json`` and, where it is there, ``robustness.json``.

    Raises
    ------
    InputError
        ``results.json`` is missing: the analysis has not been run.
    """
    folder = folder or paths.PROCESSED
    path = folder / "results.json"
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing; run `make`")
    found = json.loads(path.read_text(encoding="utf-8"))
    more = folder / "robustness.json"
    if more.is_file():
        found["robustness"] = json.loads(more.read_text(encoding="utf-8"))
    return found


def listing(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    items = list(items)
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else "none"


def compare(published: pd.Series, clusters: pd.Series, names: Mapping[str, str]) -> dict[str, Any]:
    """The section ``agreement``: our partition beside the published one.

    Parameters
    ----------
    published, clusters : Series, index the labels
    names : label → readable name
    """
    moved = agreement.moves(published, clusters)
    return {
        "adjusted_rand_index": agreement.adjusted_rand_index(published, clusters),
        "rand_index": agreement.rand_index(published, clusters),
        "adjusted_mutual_information": agreement.adjusted_mutual_information(published, clusters),
        "fowlkes_mallows": agreement.fowlkes_mallows(published, clusters),
        "variation_of_information": agreement.variation_of_information(published, clusters),
        "minimum_moves": agreement.minimum_moves(published, clusters),
        "moved": [names[label] for label in moved],
    }


def baseline(
    columns: Sequence[str],
    n_regions: int,
    registry: Sequence[str],
    *,
    year: int,
    scaling: str,
    linkage: str,
    n_clusters: int,
    called: str = "Baseline",
) -> dict[str, Any]:
    """The section ``baseline``: which analysis the numbers belong to.

    Parameters
    ----------
    columns : the columns clustered, ``indicator`` or ``indicator:variant``
    n_regions : number of rows
    registry : codes of all the article's indicators
    called : how a text calls the analysis
    """
    used = {column.split(":")[0] for column in columns}
    missing = [code for code in registry if code not in used]
    return {
        "called": called,
        "year": year,
        "scaling": scaling,
        "scaling_text": words.scaling(scaling),
        "linkage": linkage,
        "linkage_text": words.linkage(linkage),
        "n_clusters": n_clusters,
        "n_regions": n_regions,
        "n_indicators": len(columns),
        "n_indicators_article": len(registry),
        "indicators": list(columns),
        "missing": missing,
        "missing_text": listing(missing),
    }


def fates(
    published: pd.Series, clusters: pd.Series, names: Mapping[str, str], order: Sequence[str]
) -> dict[str, Any]:
    """The section ``published``: what became of each published cluster, in the given order."""
    matched = agreement.best_match(published, clusters).reindex(list(order))
    return {
        numeral: {
            "members": [names[label] for label in fate["members"]],
            "ours": sorted(int(number) for number in fate["parts"]),
            "best_jaccard": float(fate["jaccard"]),
            "recovered_exactly": bool(fate["recovered_exactly"]),
            "relation": fate["relation"],
            "joined_by": [names[label] for label in fate["joined_by"]],
        }
        for numeral, fate in matched.iterrows()
    }


def recovered(published_fates: Mapping[str, Any]) -> dict[str, Any]:
    """The section ``recovered``: which published clusters come out exactly."""
    exact = [numeral for numeral, fate in published_fates.items() if fate["recovered_exactly"]]
    return {
        "n": len(exact),
        "n_published": len(published_fates),
        "clusters": exact,
        "text": listing(exact),
    }


def comparison(
    columns: Sequence[str],
    published: pd.Series,
    clusters: pd.Series,
    names: Mapping[str, str],
    *,
    order: Sequence[str],
    registry: Sequence[str],
    **choices: Any,
) -> dict[str, Any]:
    """The sections ``baseline``, ``agreement``, ``published`` and ``recovered`` in one.

    Parameters
    ----------
    columns, registry, **choices
        As for `baseline`.
    published, clusters, names
        As for `compare`.
    order : the published clusters in the order in which they are told
    """
    became = fates(published, clusters, names, order)
    return {
        "baseline": baseline(columns, len(clusters), registry, **choices),
        "agreement": compare(published, clusters, names),
        "published": became,
        "recovered": recovered(became),
    }


def profile(values: pd.DataFrame, z: pd.DataFrame, clusters: pd.Series) -> pd.DataFrame:
    """Means of the indicators by cluster, in units and as z-scores.

    Returns
    -------
    DataFrame
        Columns ``cluster, indicator, mean, z``; one row a cluster and indicator.
    """
    means = values.groupby(clusters).mean().rename_axis(index="cluster", columns="indicator")
    mean_z = z.groupby(clusters).mean().rename_axis(index="cluster", columns="indicator")
    long = pd.DataFrame({"mean": means.stack(), "z": mean_z.stack()}).reset_index()
    order = {code: place for place, code in enumerate(values.columns)}
    return long.sort_values(
        ["cluster", "indicator"],
        key=lambda column: column.map(order) if column.name == "indicator" else column,
        kind="stable",
    ).reset_index(drop=True)


def sets_apart(
    profile_rows: pd.DataFrame, threshold: float = 1.0
) -> dict[int, list[tuple[str, float]]]:
    """Indicators whose cluster mean is at least ``threshold`` standard deviations off, per cluster.

    The largest first. A threshold of one standard deviation is a convention, stated with the table.
    """
    found: dict[int, list[tuple[str, float]]] = {}
    for cluster, rows in profile_rows.groupby("cluster"):
        far = rows[rows["z"].abs() >= threshold]
        far = far.reindex(far["z"].abs().sort_values(ascending=False, kind="stable").index)
        found[int(cluster)] = list(zip(far["indicator"], far["z"].astype(float), strict=True))
    return found


def headline(found: Mapping[str, Any]) -> str:
    """The result in a few lines of Markdown."""
    base, agree, fates = found["baseline"], found["agreement"], found["published"]
    exact = [key for key, fate in fates.items() if fate["recovered_exactly"]]
    members = "; ".join("{" + ", ".join(fates[key]["members"]) + "}" for key in exact)
    lines = [
        f"* **{base['called']}** ({base['year']}, {base['scaling_text']}, {base['n_indicators']} of "
        f"{base['n_indicators_article']} indicators, {base['linkage_text']}, {base['n_clusters']} clusters): "
        f"adjusted Rand index **{agree['adjusted_rand_index']:.2f}** with Figure 3. "
        f"{len(exact)} of {len(fates)} published clusters come out exactly: {members}. "
        f"To turn the published grouping into ours, at least {agree['minimum_moves']} of "
        f"{base['n_regions']} regions have to move, for instance {listing(agree['moved'])}."
    ]
    if "robustness" in found:
        wide = found["robustness"]

        def told(keys: Sequence[str]) -> str:
            return (
                "; ".join(f"{key} ({', '.join(fates[key]['members'])})" for key in keys) or "none"
            )

        lines.append(
            f"* **All analyses of the grid** ({wide['grid']['n_specifications']:,} specifications): mean "
            f"adjusted Rand index {wide['agreement']['mean']:.2f}, from {wide['agreement']['min']:.2f} to "
            f"{wide['agreement']['max']:.2f}; {wide['agreement']['n_exact']} recover Figure 3 exactly. Where no "
            f"indicator with data is left out the mean is {wide['full']['mean']:.2f}. Recovered in at least half "
            f"of all: {told(wide['verdict']['solid'])}; in fewer than one in twenty: "
            f"{told(wide['verdict']['fragile'])}; the others depend on the choices made."
        )
    if "claims" in found:
        counts = found["claims"]["counts"]
        lines.append(
            f"* **The article's {found['claims']['n']} claims about its clusters**: "
            + ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
            + (f", by the data of {base['year']}." if base["called"] == "Baseline" else ".")
        )
    return "\n".join(lines).replace(" -0", " \N{MINUS SIGN}0") + "\n"
