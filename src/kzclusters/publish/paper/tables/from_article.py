"""Tables of what the article says: claims, errata, organisations, recommendations."""

from __future__ import annotations

import re

import pandas as pd

from kzclusters.analysis import claims
from kzclusters.evidence import article, indicators
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import Rows, Table, tabulate


def claim_table(on: Material) -> Rows:
    """Tabulate the claims and their verdicts."""
    table = on.frame("claims.csv", keep_default_na=False)
    registry = list(indicators.registry())
    rows = []
    for row in table.itertuples():
        years = f"{row.years_agreeing} of {row.years_tested}" if int(row.years_tested) else "—"
        codes = row.indicators.split()
        bears = " ".join(f"{code[1:]} reversed" if code.startswith("-") else code for code in codes)
        if [code.removeprefix("-") for code in codes] == registry:
            bears = f"{registry[0]} to {registry[-1]}"
        bears = bears.replace("grp_share", "share of GRP") or "—"
        verdict = row.verdict + (" (in part)" if row.testable == "partly" else "")
        rows.append((row.id, row.cluster, row.claim, bears, verdict, years))
    return rows


def verdict_table(on: Material) -> Rows:
    """Count the verdicts by cluster."""
    table = on.frame("claims.csv", keep_default_na=False)
    counts = pd.crosstab(table["cluster"], table["verdict"]).reindex(
        index=[*article.CLUSTERS, article.EVERY], columns=list(claims.VERDICTS), fill_value=0
    )
    members = {key: ", ".join(entry.members) for key, entry in on.found.published.items()}
    rows = [
        (key, members.get(key, "all regions"), *(str(cell) for cell in row))
        for key, row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    rows.append(("Sum", "", *(str(cell) for cell in counts.sum())))
    return rows


def evidence_table(on: Material) -> Rows:
    """Tabulate the evidence for each verdict."""
    table = on.frame("claims.csv", keep_default_na=False)
    notes = article.claims(on.project.raw).set_index("id")["note"]
    rows = []
    for row in table.itertuples():
        sentence = re.sub(r"(?<=[\s(])-(?=\d)", "\N{MINUS SIGN}", row.evidence)
        sentence = sentence.replace("grp_share", "share of GRP")
        remark = notes.get(row.id, "")
        rows.append((row.id, row.verdict, sentence + (f" Remark: {remark}" if remark else "")))
    return rows


def test_table(on: Material) -> Rows:
    """Tabulate the tests."""
    used = on.frame("claims.csv", keep_default_na=False)["test"].value_counts()
    rows = []
    for test in claims.deciding_tests(on.limits).values():
        text = f"{test.statement} {test.rule}".replace("<=", "≤")
        text = text.replace("-0.5", "\N{MINUS SIGN}0.5")
        rows.append((test.name.replace("_", " "), str(int(used.get(test.name, 0))), text))
    return rows


def errata_table(on: Material) -> Rows:
    """Tabulate the errata."""
    return [
        (row.id, row.where, row.kind, f"{row.says.removesuffix('.')}. {row.problem}", row.reading)
        for row in article.errata(on.project.raw).itertuples()
    ]


def helix_table(on: Material) -> Table:
    """Count the organisations by cluster and actor."""
    counts = article.helix_counts(on.project.raw)
    members = {key: ", ".join(entry.members) for key, entry in on.found.published.items()}
    counted = [(reading, actor) for reading in ("text", "figure") for actor in article.HELIX]
    wide = counts.pivot(index="cluster", columns=["reading", "helix"], values="entries")
    rows = [
        (key, members[key], *(str(wide.at[key, (reading, actor)]) for reading, actor in counted))
        for key in article.CLUSTERS
    ]
    heads = " | ".join(f"{actor}, {reading}" for reading, actor in counted)
    widths = (0.09, 0.23, 0.1, 0.14, 0.1, 0.1, 0.14, 0.1)
    return tabulate(f"Cluster | Members | {heads}", rows, "ll" + "r" * 6, widths)


def recommendation_table(on: Material) -> Rows:
    """Tabulate the recommendations."""
    table = article.recommendations(on.found.claims.verdicts, on.project.raw).drop(columns="no")
    return table.replace("", "—").to_numpy().tolist()


def concept_table(on: Material) -> Rows:
    """Tabulate what makes a cluster."""
    return article.concepts(on.project.raw).to_numpy().tolist()
