"""The tables of the paper, from the tables of the analysis.

A table is header and cells; its caption is in the manuscript. Heads that do not depend on the data,
alignment and widths are in ``layout.yml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hclustkit.errors import refusal

from kzclusters import paths
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables import (
    clustering,
    data,
    from_article,
    missing,
    robustness,
    setting,
)
from kzclusters.publish.paper.tables.table import Rows, Table, tabulate

__all__ = ["TABLES", "Table", "build"]

TABLES: Mapping[str, Callable[[Material], Rows | Table]] = {
    "indicators": data.indicator_table,
    "formulas": data.formula_table,
    "series": data.series_table,
    "licences": data.licence_table,
    "provenance": data.provenance_table,
    "missing": data.missing_table,
    "checks": data.checks_table,
    "regions": data.region_table,
    "values": data.value_table,
    "standardized": clustering.standardized_table,
    "proximity_matrix": clustering.proximity_table,
    "agglomeration_schedule": clustering.schedule_table,
    "cluster_membership": clustering.membership_table,
    "profiles": clustering.profile_table,
    "apart": clustering.apart_table,
    "published_clusters": clustering.fate_table,
    "agreement": clustering.agreement_table,
    "stability": clustering.stability_table,
    "votes": clustering.vote_table,
    "bootstrap": clustering.bootstrap_table,
    "grid": robustness.grid_table,
    "spread": robustness.spread_table,
    "exact": robustness.exact_table,
    "recovery": robustness.recovery_table,
    "permutation": robustness.permutation_table,
    "leave_out": robustness.leave_out_table,
    "own": setting.own_table,
    "survival": setting.survival_table,
    "nulls": setting.null_table,
    "methods": setting.method_table,
    "once": setting.once_table,
    "errors": setting.error_table,
    "breaks": setting.break_table,
    "dated_facts": missing.dated_fact_table,
    "assumptions": missing.assumption_table,
    "ranges": missing.range_table,
    "patents": missing.patent_table,
    "patent_column": missing.patent_column_table,
    "proxies": missing.proxy_table,
    "claim_ranges": missing.claim_range_table,
    "claims": from_article.claim_table,
    "verdicts": from_article.verdict_table,
    "evidence": from_article.evidence_table,
    "tests": from_article.test_table,
    "errata": from_article.errata_table,
    "helix": from_article.helix_table,
    "concepts": from_article.concept_table,
    "recommendations": from_article.recommendation_table,
    "software": data.software_table,
}
"""Every table, by the name after ``tbl:``."""


LAYOUT = Path(__file__).with_name("layout.yml")


def build(material: Material, wanted: Iterable[str]) -> dict[str, Table]:
    """Make the tables named in ``wanted``.

    Raises
    ------
    InputError
        There is no table of that name, or what it is made from is missing.
    """
    layout = paths.read_yaml(LAYOUT)
    made = {}
    for name in wanted:
        if name not in TABLES:
            text = f"paper.md: there is no table {name!r}; there are {', '.join(TABLES)}"
            raise refusal(text, "paper.md", "unknown-table", name)
        content = TABLES[name](material)
        made[name] = (
            content if isinstance(content, Table) else tabulate(rows=content, **layout[name])
        )
    return made
