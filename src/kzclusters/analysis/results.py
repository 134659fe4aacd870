"""The results of a run, collected and as texts read them: plain values and the headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit import standardize
from hclustkit.files import read_csv

from kzclusters import paths
from kzclusters.analysis import audit, baseline, certainty, store
from kzclusters.analysis import comparison as comparing
from kzclusters.analysis.comparison import profile
from kzclusters.analysis.findings import Baseline, Claims, Findings
from kzclusters.analysis.missing.text import SETS
from kzclusters.evidence import article, sources
from kzclusters.wording import MINUS, listing, share

__all__ = ["Run", "collect", "comparison", "headline", "listing", "load", "profile"]


def load(folder: Path | None = None) -> dict[str, Any]:
    """Load the findings of a run as nested plain values, for the placeholders of texts.

    Raises
    ------
    InputError
        ``results.json`` is missing: the analysis has not been run.
    """
    found: dict[str, Any] = store.as_mapping(store.load(folder))
    return {name: part for name, part in found.items() if part is not None}


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
    """Return the sections ``baseline``, ``agreement``, ``published`` and ``recovered`` alone.

    Parameters
    ----------
    columns, registry, **choices
        As for `kzclusters.analysis.baseline.describe`.
    published, clusters, names
        As for `kzclusters.analysis.comparison.compare`.
    order : the published clusters in the order in which they are shown
    """
    fates = comparing.fates(published, clusters, names, order)
    sections = {
        "baseline": baseline.describe(columns, len(clusters), registry, **choices),
        "agreement": comparing.compare(published, clusters, names),
        "published": fates,
        "recovered": comparing.find_recovered(fates),
    }
    return {name: store.as_mapping(section) for name, section in sections.items()}


@dataclass(frozen=True)
class Run:
    """A run of the study, as notebook 3 has it.

    Attributes
    ----------
    folder : where notebook 2 wrote its tables
    raw, z : the table clustered, in units and scaled, index the regions
    clusters, published : our partition and the article's
    base : which analysis it is
    claims : the verdicts on the claims
    years : the years of the study
    stable, supported : limits for clusters and merges under resampling
    apart : standard deviations from the mean that set a cluster apart
    """

    folder: Path
    raw: pd.DataFrame
    z: pd.DataFrame
    clusters: pd.Series
    published: pd.Series
    base: Baseline
    claims: Claims
    years: list[int]
    stable: float
    supported: float
    apart: float

    def table(self, name: str, **options: Any) -> pd.DataFrame:
        """Read one of the tables that notebook 2 wrote."""
        return read_csv(self.folder / name, **options)


def collect(run: Run) -> Findings:
    """Collect every number of the baseline and of its comparison with the article."""
    regions = sources.regions()
    names = regions["name_en"].to_dict()
    fates = comparing.fates(run.published, run.clusters, names, article.CLUSTERS)
    profiles = profile(run.raw, standardize(run.raw, "zscore"), run.clusters)
    clusters = comparing.describe_clusters(profiles, run.clusters, names, run.apart)
    votes = run.table("validity_votes.csv")
    content = article.content()
    return Findings(
        baseline=run.base,
        agreement=comparing.compare(run.published, run.clusters, names),
        published=fates,
        recovered=comparing.find_recovered(fates),
        contrasts=comparing.contrasts(run.z, fates, names),
        clusters=clusters,
        profile=comparing.sizes(clusters),
        scaling=baseline.scaling(run.raw),
        distances=baseline.distances(run.table("proximity_matrix.csv", index_col=0), names),
        correlations=baseline.correlations(run.z),
        merges=baseline.merges(run.table("agglomeration_schedule.csv"), names, run.base.n_clusters),
        tree=baseline.tree_quality(run.z, run.clusters, run.base.linkage),
        linkages=baseline.linkages(run.table("linkages.csv"), run.base.linkage),
        votes=baseline.votes(votes, run.base.n_clusters),
        gap=baseline.gap(run.table("gap_statistic.csv"), votes),
        uniqueness=certainty.uniqueness(run.table("uniqueness.csv"), run.base.n_clusters, names),
        null_of_k=certainty.null_of_k(run.table("null_for_k.csv")),
        silhouettes=baseline.silhouettes(run.table("silhouettes.csv", index_col=0), names),
        stability=baseline.stability(run.table("cluster_stability.csv"), run.stable),
        bootstrap=baseline.bootstrap(run.table("multiscale_bootstrap.csv"), run.supported),
        sources=audit.series(run.years),
        regions=audit.regions(regions, pd.read_csv(paths.RAW / "neighbours.csv")),
        groups=audit.group_texts(),
        concepts=audit.concept_counts(content),
        infrastructure=audit.infrastructure(article.infrastructure()),
        helix=audit.helix(article.helix_counts(), content["helix_coding"]["rule"]),
        claims=run.claims,
        errata=audit.errata(article.errata()),
    )


def headline(found: Findings | Mapping[str, Any]) -> str:
    """Write the result in a few lines of Markdown."""
    if not isinstance(found, Findings):
        found = store.from_mapping(Findings, found, "results")
    base, agree, wide = found.baseline, found.agreement, found.robustness
    setting, missing = found.setting, found.missing
    baseline_line = (
        f"* **{base.called}** ({base.year}, {base.scaling_text}, {base.n_indicators} of "
        f"{base.n_indicators_article} indicators, {base.linkage_text}, {base.n_clusters} "
        f"clusters): adjusted Rand index **{agree.adjusted_rand_index:.2f}** with Figure 3. "
        f"{_exact(found, ': ', '')}. To turn the published grouping into ours, at least "
        f"{agree.minimum_moves} of {base.n_regions} regions have to move, for instance "
        f"{listing(agree.moved)}."
    )
    lines = []
    if setting is not None:
        own, cities, pairs = setting.own, setting.survival["own"], setting.plain
        two = listing([found.published[key].members[0] for key in ("VII", "VIII")])
        lines += [
            f"* **The article's own setting** (Ward's method, every indicator that has data, "
            f"{len(own.years)} years, {len(own.scalings)} scalings: {own.every.n} specifications, "
            f"{own.every.n_partitions} distinct partitions): adjusted Rand index with Figure 3 "
            f"**{own.every.mean:.2f}** on average, median {own.every.median:.2f}, from "
            f"{own.every.min:.2f} to {own.every.max:.2f}.",
            f"* **What survives**: {two} stand apart from all other regions in "
            f"{cities.n_cities_apart} of {cities.n} specifications. Together in all, of the "
            f"article's {pairs.n_published} pairs: {'; '.join(pairs.always) or 'none'}. Whether "
            f"the cities are one cluster ({cities.n_cities_together}) or two "
            f"({cities.n_cities_single}), and where other lines run, depends on choices that the "
            "article does not report.",
        ]
        baseline_line += (
            f" Of the {pairs.n_published} pairs of regions that the article puts together, "
            f"{pairs.n_found} are found, and {pairs.n_added} others are put together."
        )
    lines.append(baseline_line)
    if missing is not None:
        main = missing.headline
        lines.append(
            f"* **What is missing**: P10 and P11 are known for "
            f"{missing.readings[main.reading].n_known} of {base.n_regions} regions. With the "
            f"others drawn at random ({SETS[main.values]}), in {main.n_cells} combinations of "
            f"year and scaling, the partition is unchanged in {share(main.unchanged_mean)} of "
            f"the draws, and the two cities stand apart in {share(main.cities_apart)}, in each "
            f"combination in at least {share(main.cities_apart_least)}. P1 is unknown."
        )
    if wide is not None:
        sizes = wide.agreement
        lines.append(
            f"* **All analyses of the grid** ({wide.grid.n_specifications:,} specifications): mean "
            f"adjusted Rand index {sizes.mean:.2f}, from {sizes.min:.2f} to {sizes.max:.2f}; "
            f"{sizes.n_exact} recover Figure 3 exactly. Where no indicator with data is left out "
            f"the mean is {wide.full.mean:.2f}."
        )
    counts = ", ".join(f"{n} {verdict}" for verdict, n in found.claims.counts.items())
    lines.append(
        f"* **The article's {found.claims.n} claims about its clusters**: {counts}"
        + (f", by the data of {base.year}." if base.called == "Baseline" else ".")
    )
    return "\n".join(lines).replace(" -0", f" {MINUS}0") + "\n"


def in_short(found: Mapping[str, Any]) -> str:
    """Write the result in two sentences of Markdown.

    Parameters
    ----------
    found : the results as they are stored
    """
    whole = store.from_mapping(Findings, found, "results")
    text = (
        f"With the numbers of {whole.baseline.year}, {_exact(whole, ' (', ')')}, and at least "
        f"{whole.agreement.minimum_moves} of {whole.baseline.n_regions} regions have to move "
        "to turn one grouping into the other."
    )
    if whole.setting is not None:
        every, cities = whole.setting.own.every, whole.setting.survival["own"]
        text += (
            f" In the article's own setting, {every.n} specifications, the agreement is "
            f"{every.mean:.2f} on average, where 1 is the same and 0 is chance, and the two cities "
            f"stand apart from all other regions in {cities.n_cities_apart} of them."
        )
    return text + "\n"


def _exact(found: Findings, before: str, after: str) -> str:
    """Say how many published clusters come out exactly, and which, between two marks."""
    at = found.recovered
    which = "; ".join("{" + ", ".join(found.published[key].members) + "}" for key in at.clusters)
    verb = "comes" if at.n == 1 else "come"
    clause = f"{at.n} of {at.n_published} published clusters {verb} out exactly"
    return f"{clause}{before}{which}{after}" if which else clause
