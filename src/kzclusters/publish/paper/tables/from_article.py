"""Tables of what the article says: claims, errata, organisations, recommendations."""

from __future__ import annotations

import re

import pandas as pd

from kzclusters.analysis import claims
from kzclusters.evidence import article, indicators
from kzclusters.publish.paper.material import Material
from kzclusters.publish.paper.tables.table import Table, tabulate


def claim_table(on: Material) -> Table:
    """Tabulate the claims and their verdicts."""
    table = on.frame("claims.csv", keep_default_na=False)
    rows = []
    for row in table.itertuples():
        years = f"{row.years_agreeing} of {row.years_tested}" if int(row.years_tested) else "—"
        bears = " ".join(
            f"{code.removeprefix('-')} reversed" if code.startswith("-") else code
            for code in row.indicators.split()
        )
        verdict = row.verdict + (" (in part)" if row.testable == "partly" else "")
        codes = row.indicators.split()
        everything = list(indicators.registry())
        if [code.removeprefix("-") for code in codes] == everything:
            bears = f"{everything[0]} to {everything[-1]}"
        rows.append(
            (
                row.id,
                row.cluster,
                row.claim,
                bears.replace("grp_share", "share of GRP") or "—",
                verdict,
                years,
            )
        )
    return tabulate(
        "Claim | Cluster | What the article says, in our words | Indicators | Verdict | Years",
        rows,
        "llllll",
        (0.07, 0.09, 0.43, 0.15, 0.15, 0.11),
    )


def verdict_table(on: Material) -> Table:
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
    return tabulate(
        "Cluster | Members | Supported | Partly | Not supported | Untestable", rows, "llrrrr"
    )


def evidence_table(on: Material) -> Table:
    """Tabulate the evidence for each verdict."""
    table = on.frame("claims.csv", keep_default_na=False)
    notes = article.claims(on.project.raw).set_index("id")["note"]
    rows = []
    for row in table.itertuples():
        sentence = re.sub(r"(?<=[\s(])-(?=\d)", "\N{MINUS SIGN}", row.evidence)
        sentence = sentence.replace("grp_share", "share of GRP")
        remark = notes.get(row.id, "")
        rows.append((row.id, row.verdict, sentence + (f" Remark: {remark}" if remark else "")))
    return tabulate("Claim | Verdict | Evidence", rows, "lll", (0.07, 0.15, 0.78))


def test_table(on: Material) -> Table:
    """Tabulate the tests."""
    used = on.frame("claims.csv", keep_default_na=False)["test"].value_counts()
    rows = [
        (
            test.name.replace("_", " "),
            str(int(used.get(test.name, 0))),
            f"{test.statement} {test.rule}",
        )
        for test in claims.deciding_tests(on.limits).values()
    ]
    rows = [
        (name, n, rule.replace("<=", "≤").replace("-0.5", "\N{MINUS SIGN}0.5"))
        for name, n, rule in rows
    ]
    return tabulate("Test | Claims | Statement and rule", rows, "lrl", (0.16, 0.09, 0.75))


def errata_table(on: Material) -> Table:
    """Tabulate the errata."""
    rows = [
        (row.id, row.where, row.kind, f"{row.says} {row.problem}", row.reading)
        for row in article.errata(on.project.raw).itertuples()
    ]
    return tabulate(
        "No. | Where | Kind | What it says, and what is wrong with it | Read here as",
        rows,
        "lllll",
        (0.07, 0.17, 0.13, 0.41, 0.22),
    )


def helix_table(on: Material) -> Table:
    """Count the organisations by cluster and actor."""
    counts = article.helix_counts(on.project.raw)
    members = {key: ", ".join(entry.members) for key, entry in on.found.published.items()}
    wide = counts.pivot(index="cluster", columns=["reading", "helix"], values="entries")
    rows = [
        (
            key,
            members[key],
            *(str(wide.at[key, ("text", actor)]) for actor in article.HELIX),
            *(str(wide.at[key, ("figure", actor)]) for actor in article.HELIX),
        )
        for key in article.CLUSTERS
    ]
    return Table(
        (
            "Cluster",
            "Members",
            *(f"{actor}, text" for actor in article.HELIX),
            *(f"{actor}, figure" for actor in article.HELIX),
        ),
        rows,
        "ll" + "r" * 6,
        (0.09, 0.23, 0.1, 0.14, 0.1, 0.1, 0.14, 0.1),
        "small",
    )


def recommendation_table(on: Material) -> Table:
    """Tabulate the recommendations."""
    rows = (
        article.recommendations(on.found.claims.verdicts, on.project.raw)[
            ["recommendation", "indicators", "claims", "remark"]
        ]
        .replace("", "—")
        .to_numpy()
        .tolist()
    )
    return tabulate(
        "Recommendation, in our words | Indicators | "
        "Claims that bear on it, and their verdicts | Remark",
        rows,
        "llll",
        (0.24, 0.1, 0.46, 0.2),
    )


def concept_table(on: Material) -> Table:
    """Tabulate what makes a cluster."""
    rows = article.concepts(on.project.raw).to_numpy().tolist()
    return tabulate("List | No. | In our words | Remark", rows, "llll", (0.17, 0.07, 0.42, 0.34))
