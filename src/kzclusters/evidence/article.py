"""What the article says, as data: Figure 3, the infrastructure, its claims, its slips.

The files are our own paraphrase, in ``data/raw``. Each reader checks its file first and stops
with one message that names file, row, column, rule and value; rows count as a spreadsheet
counts them, the header being row 1.

Two readings
------------
Figure 3 and the text after it do not always list the same organisations. A row of the
infrastructure belongs to the reading ``figure``, ``text`` or ``both``; nothing is dropped.

Triple helix
------------
Each organisation is coded business, government or science by its kind (`HELIX_OF_KIND`),
after the members that the article gives the three actors. A row that departs from its kind
says why in its note, which begins with ``Coded``; the rule in words is in
``article_content.yml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kzclusters import paths
from kzclusters.evidence.indicators import auxiliary, registry
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import raw_folder, regions
from kzclusters.evidence.text_tables import (
    RowRule,
    check_all,
    check_rows,
    read_columns,
    read_text,
    text_column,
)

CLUSTERS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
"""The clusters in the order of Figure 3, which does not number them."""

EVERY = "all"
"""In place of a cluster: a claim about all of them."""
HELIX = ("business", "government", "science")
READINGS = ("figure", "text")
FORMS = ("named", "generic", "several")
"""A proper name; one organisation without a name; several without names."""

HELIX_OF_KIND = {
    "social-entrepreneurial corporation": "government",
    "special economic zone": "government",
    "industrial park or zone": "government",
    "technopark": "business",
    "design bureau": "business",
    "business incubator": "business",
    "venture fund": "business",
    "company": "business",
    "technology transfer or commercialisation": "science",
    "university": "science",
    "research institute": "science",
}
ERRATUM_KINDS = (
    "contradiction",
    "method",
    "missing",
    "name",
    "numbering",
    "place",
    "terminology",
    "unit",
    "wording",
)
COPY = "copy read"
ERRATUM_BASES = ("article", COPY, "general knowledge", "project data")
"""What shows the error: the article itself, the copy at hand, outside knowledge, our series."""

PLACES = {
    "I": "first cluster",
    "II": "second cluster",
    "III": "third cluster",
    "IV": "fourth cluster",
    "V": "fifth cluster",
    "VI": "sixth cluster",
    "VII": "Astana",
    "VIII": "Almaty",
}
"""How the text after Figure 3 heads its paragraph on each cluster."""

AUXILIARY = tuple(auxiliary())
"""Quantities besides P1 to P14 that a claim may name."""

SECTIONS: dict[str, frozenset[str]] = {
    "definitions": frozenset({"fits"}),
    "essential_features": frozenset(),
    "common_features": frozenset(),
    "five_characteristics": frozenset({"precondition"}),
    "oecd_1999": frozenset({"role"}),
    "oecd_2007": frozenset({"types"}),
    "innovation_cluster_features": frozenset(),
    "triple_helix": frozenset({"members"}),
    "models": frozenset(),
    "recommendations": frozenset({"indicators", "claims", "note"}),
}
"""Lists of ``article_content.yml``; every entry has id, where and text, and these besides."""
DIAGRAMS = ("figure1", "figure2")
EDGE_BASES = ("stated", "formula", "redrawn from the text")


def published_clusters(folder: Path | None = None) -> pd.Series:
    """Read the article's eight clusters.

    Returns
    -------
    Series of str, length 16, named ``cluster``
        Index the regions, cluster by cluster as in Figure 3; values of `CLUSTERS`.

    Raises
    ------
    InputError
        A rule of the file is broken, a region is missing or in two clusters, a cluster is
        empty.
    """
    folder = raw_folder(folder)
    path = folder / "published_clusters.csv"
    codes = list(regions(folder).index)
    frame = read_columns(
        path, {"cluster": text_column(CLUSTERS), "region": text_column(codes, once=True)}
    )
    check_all(path, "region", frame["region"], codes, "every region has a cluster")
    check_all(path, "cluster", frame["cluster"], CLUSTERS, "every cluster has a region")
    return frame.set_index("region")["cluster"]


def _where(row: Mapping[str, str]) -> str:
    """Say where the article lists an organisation, by its cluster and its reading."""
    figure = f"Figure 3, box of cluster {row['cluster']}"
    text = f"text after Figure 3, {PLACES[row['cluster']]}"
    return {"figure": figure, "text": text, "both": f"{figure}; {text}"}[row["reading"]]


def infrastructure(folder: Path | None = None) -> pd.DataFrame:
    """Read the innovation infrastructure, one row for each organisation and reading.

    Returns
    -------
    DataFrame
        cluster, region (empty where neither stated nor evident from the name), organisation,
        count (Int64, the number the article prints, else missing), form (`FORMS`), kind,
        helix, reading (``figure``, ``text`` or ``both``), where, note.

    Raises
    ------
    InputError
        A rule of the file is broken; a helix other than the kind's needs a note.
    """
    folder = raw_folder(folder)
    path = folder / "innovation_infrastructure.csv"
    columns = {
        "cluster": text_column(CLUSTERS),
        "region": text_column([*regions(folder).index, ""], optional=True),
        "organisation": text_column(),
        "count": text_column(optional=True, form=r"^([1-9][0-9]*)?$"),
        "form": text_column(FORMS),
        "kind": text_column(HELIX_OF_KIND),
        "helix": text_column(HELIX),
        "reading": text_column((*READINGS, "both")),
        "where": text_column(),
        "note": text_column(optional=True),
    }
    frame = read_columns(path, columns)
    own = published_clusters(folder)
    row_rules: list[RowRule] = [
        (
            "helix",
            "coded-note",
            "a helix other than its kind's has a note that begins with Coded",
            lambda row: (
                row["helix"] == HELIX_OF_KIND[row["kind"]] or " Coded " in f" {row['note']}"
            ),
        ),
        (
            "count",
            "count-of-several",
            "only several organisations have a count",
            lambda row: not row["count"] or row["form"] == "several",
        ),
        (
            "where",
            "place-of-reading",
            "where names the cluster's box in the figure and its paragraph as the reading says",
            lambda row: row["where"] == _where(row),
        ),
        (
            "region",
            "own-cluster",
            "the text places an organisation in a region of its own cluster",
            lambda row: (
                not row["region"]
                or row["reading"] == "figure"
                or own[row["region"]] == row["cluster"]
            ),
        ),
    ]
    check_rows(path, frame, row_rules)
    for reading in READINGS:
        given = frame.loc[frame["reading"].isin([reading, "both"]), "cluster"]
        says = f"every cluster has organisations in the reading '{reading}'"
        check_all(path, "cluster", given, CLUSTERS, says)
    frame["count"] = pd.to_numeric(frame["count"].where(frame["count"] != "")).astype("Int64")
    return frame


def helix_counts(folder: Path | None = None) -> pd.DataFrame:
    """Count organisations by reading, cluster and actor of the triple helix.

    Returns
    -------
    DataFrame, one row for each of 2 readings x 8 clusters x 3 actors
        reading, cluster, helix; ``entries``: how many entries the list has;
        ``organisations``: the same with the printed numbers, an entry without a number
        counting as one, so it is a lower bound; ``unnumbered``: how many entries are plurals
        without a number.
    """
    frame = infrastructure(folder)
    frame["organisations"] = frame["count"].fillna(1).astype(int)
    frame["unnumbered"] = (frame["form"].eq("several") & frame["count"].isna()).astype(int)
    frame["entries"] = 1
    parts = []
    for reading in READINGS:
        chosen = frame[frame["reading"].isin([reading, "both"])]
        grid = pd.MultiIndex.from_product([CLUSTERS, HELIX], names=["cluster", "helix"])
        sums = chosen.groupby(["cluster", "helix"])[["entries", "organisations", "unnumbered"]]
        table = sums.sum().reindex(grid, fill_value=0).reset_index()
        table.insert(0, "reading", reading)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _id_rule(frame: pd.DataFrame, letter: str, digits: int) -> RowRule:
    """Build the rule that ids are a letter and a number that counts up from 1."""
    expected = {
        given: f"{letter}{position:0{digits}d}"
        for position, given in enumerate(frame["id"], start=1)
    }
    says = f"ids count up from {letter}{1:0{digits}d}"
    return ("id", "ids-count-up", says, lambda row: row["id"] == expected[row["id"]])


def errata(folder: Path | None = None) -> pd.DataFrame:
    """Read the slips and contradictions of the article.

    Returns
    -------
    DataFrame
        id, where, kind (`ERRATUM_KINDS`), says (what the article says; a few of its words are
        in curled quotation marks), problem, reading (how this project reads it), basis
        (`ERRATUM_BASES`).
    """
    path = raw_folder(folder) / "errata.csv"
    columns = {
        "id": text_column(once=True),
        "where": text_column(),
        "kind": text_column(ERRATUM_KINDS),
        "says": text_column(),
        "problem": text_column(),
        "reading": text_column(),
        "basis": text_column(ERRATUM_BASES),
    }
    frame = read_columns(path, columns)
    check_rows(path, frame, [_id_rule(frame, "E", 3)])
    return frame


def claims(folder: Path | None = None) -> pd.DataFrame:
    """Read what the article says about its clusters, each with the test that decides it.

    Returns
    -------
    DataFrame
        id, cluster, claim, where, indicators (codes separated by spaces; ``-`` before one
        for which less is more), direction, test (the name of the test that decides it), needs
        (what an untestable claim would need), note. Ready for `kzclusters.analysis.claims.decide`.

    Raises
    ------
    InputError
        A rule of the file is broken, or an unknown indicator. Tests and directions are checked
        where the claims are decided.
    """
    path = raw_folder(folder) / "claims.csv"
    columns = {
        "id": text_column(once=True),
        "cluster": text_column((*CLUSTERS, EVERY)),
        "claim": text_column(),
        "where": text_column(),
        "indicators": text_column(optional=True),
        "direction": text_column(),
        "test": text_column(),
        "needs": text_column(optional=True),
        "note": text_column(optional=True),
    }
    frame = read_columns(path, columns)
    known = {*registry(), *AUXILIARY}
    row_rules: list[RowRule] = [
        _id_rule(frame, "C", 2),
        (
            "indicators",
            "known-indicator",
            f"indicators are among P1 to P14, {', '.join(AUXILIARY)}",
            lambda row: {name.removeprefix("-") for name in row["indicators"].split()} <= known,
        ),
        (
            "indicators",
            "indicators-of-test",
            "tests none and contiguous take no indicator, the others do",
            lambda row: bool(row["indicators"]) != (row["test"] in ("none", "contiguous")),
        ),
        (
            "needs",
            "needs-or-indicators",
            "a claim without indicators says what it needs, others do not",
            lambda row: bool(row["needs"]) != bool(row["indicators"]),
        ),
    ]
    check_rows(path, frame, row_rules)
    return frame


# --- article_content.yml --------------------------------------------------------------------


def _check_keys(path: Path, given: object, keys: Iterable[str], **where: Any) -> None:
    """Refuse what is not a mapping, and a mapping with other keys."""
    wanted = set(keys)
    found = set(given) if isinstance(given, dict) else set()
    if found != wanted:
        odd = sorted(map(str, wanted ^ found))[0]
        raise rule_error(path, "keys", f"the keys are {', '.join(sorted(wanted))}", odd, **where)


def _check_list(path: Path, section: str, entries: Any, extra: frozenset[str]) -> None:
    """Check a list of entries: their keys, filled texts and lists, ids given once."""
    if not isinstance(entries, list) or not entries:
        raise rule_error(path, "filled", "it is a list and not empty", entries, section=section)
    seen: set[str] = set()
    for position, entry in enumerate(entries, start=1):
        where: dict[str, Any] = {"section": section, "entry": position}
        _check_keys(path, entry, {"id", "where", "text", *extra}, **where)
        for key in ("id", "where", "text"):
            if not isinstance(entry[key], str) or not entry[key].strip():
                says = "it is text and not empty"
                raise rule_error(path, "filled", says, entry[key], **where, key=key)
        for key in extra & {"types", "members"}:
            if not isinstance(entry[key], list) or not entry[key]:
                says = "it is a list and not empty"
                raise rule_error(path, "filled", says, entry[key], **where, key=key)
        if entry["id"] in seen:
            raise rule_error(path, "once", "every id is given once", entry["id"], **where, key="id")
        seen.add(entry["id"])


def _check_diagram(path: Path, section: str, diagram: Any) -> None:
    """Check a diagram: its nodes as a list, and that every edge joins two of them."""
    _check_keys(path, diagram, {"nodes", "edges"}, section=section)
    _check_list(path, f"{section}.nodes", diagram["nodes"], frozenset())
    nodes = {node["id"] for node in diagram["nodes"]}
    for position, edge in enumerate(diagram["edges"], start=1):
        where: dict[str, Any] = {"section": f"{section}.edges", "entry": position}
        _check_keys(path, edge, {"from", "to", "text", "basis"}, **where)
        for key in ("from", "to"):
            if edge[key] not in nodes:
                says = "an edge joins two nodes"
                raise rule_error(path, "known-node", says, edge[key], **where, key=key)
        if edge["basis"] not in EDGE_BASES:
            says = f"basis is one of {', '.join(EDGE_BASES)}"
            raise rule_error(path, "known-value", says, edge["basis"], **where, key="basis")


def content(folder: Path | None = None) -> dict[str, Any]:
    """Read the article's definitions, lists, diagrams and recommendations, in our words.

    Returns
    -------
    dict
        ``source`` and ``helix_coding``; the lists of `SECTIONS`; ``figure1`` and ``figure2``
        with nodes and edges. Each recommendation names the indicators and claims that bear
        on it.

    Raises
    ------
    InputError
        The file is not YAML, a section or key is missing, an id repeats, an edge ends
        nowhere, a recommendation names an unknown indicator or claim.
    """
    folder = raw_folder(folder)
    path = folder / "article_content.yml"
    found = paths.read_yaml(path, read_text(path))
    _check_keys(path, found, {"source", "helix_coding", *SECTIONS, *DIAGRAMS})
    _check_keys(path, found["source"], {"title", "authors", "note"}, section="source")
    _check_keys(path, found["helix_coding"], {"rule"}, section="helix_coding")
    for section, extra in SECTIONS.items():
        _check_list(path, section, found[section], extra)
    for section in DIAGRAMS:
        _check_diagram(path, section, found[section])
    known = {"indicators": {*registry(), *AUXILIARY}, "claims": set(claims(folder)["id"])}
    for position, entry in enumerate(found["recommendations"], start=1):
        where: dict[str, Any] = {"section": "recommendations", "entry": position}
        for key, allowed in known.items():
            for name in entry[key]:
                if name not in allowed:
                    says = f"it is one of the {key}"
                    raise rule_error(path, "known-value", says, name, **where, key=key)
    return found


CONCEPTS = {
    "definitions": "Three definitions",
    "essential_features": "Essential features",
    "common_features": "Common features",
    "five_characteristics": "Five characteristics",
    "oecd_1999": "OECD, 1999",
    "oecd_2007": "OECD, 2007",
    "innovation_cluster_features": "Innovation clusters",
}
"""Sections that say what a cluster is, in the order of the article, with their titles."""


def concepts(folder: Path | None = None) -> pd.DataFrame:
    """Tabulate what a cluster is by the article's lists: columns list, no, text, remark."""
    given = content(folder)
    rows = [
        (title, entry["id"], entry["text"], _remark(entry))
        for section, title in CONCEPTS.items()
        for entry in given[section]
    ]
    return pd.DataFrame(rows, columns=["list", "no", "text", "remark"])


def _remark(entry: Mapping[str, Any]) -> str:
    """Say what an entry of a list has besides its text."""
    if "fits" in entry:
        return f"fits {entry['fits']}"
    if "types" in entry:
        two = len(entry["types"]) == 2
        return f"from {' to '.join(entry['types'])}" if two else "; ".join(entry["types"])
    if entry.get("precondition"):
        return "a precondition"
    role = entry.get("role", "")
    return "a condition" if role == "condition" else role


def recommendations(verdicts: Mapping[str, str], folder: Path | None = None) -> pd.DataFrame:
    """Tabulate the recommendations with the claims that bear on them and their verdicts.

    Parameters
    ----------
    verdicts : id of a claim -> verdict

    Returns
    -------
    DataFrame of text: no, recommendation, indicators, claims, remark; empty where there is none.
    """
    said = claims(folder).set_index("id")["claim"]
    rows = [
        (
            entry["id"],
            entry["text"],
            ", ".join(entry["indicators"]),
            " ".join(f"{at}: {said[at]} {verdicts[at].capitalize()}." for at in entry["claims"]),
            entry["note"],
        )
        for entry in content(folder)["recommendations"]
    ]
    return pd.DataFrame(rows, columns=["no", "recommendation", "indicators", "claims", "remark"])
