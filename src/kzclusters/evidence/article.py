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

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import yaml

from kzclusters import paths
from kzclusters.evidence import sources
from kzclusters.evidence.indicators import registry
from kzclusters.evidence.rules import broken, validate

CLUSTERS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
"""The clusters in the order of Figure 3, which does not number them."""

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
ERRATUM_BASES = ("article", "copy read", "general knowledge", "project data")
"""What shows the error: the article itself, the copy at hand, outside knowledge, our series."""

AUXILIARY = {
    "density": "inhabitants per square kilometre",
    "agriculture": "employed in agriculture per 1,000 employed",
    "construction": "employed in construction per 1,000 employed",
    "grp_share": "gross regional product, share of the national total",
}
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise broken(path, "the file is there") from None
    except UnicodeDecodeError as error:
        raise broken(path, "the file is UTF-8", f"byte {error.start}") from None


def _cells(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """All cells as text; the header and the length of every row are right."""
    lines = list(csv.reader(_text(path).splitlines(keepends=True)))
    header = lines[0] if lines else []
    if header != list(columns):
        raise broken(path, f"the columns are {', '.join(columns)}", ", ".join(header), row=1)
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(columns):
            raise broken(path, f"a row has {len(columns)} cells", len(line), row=number)
    return pd.DataFrame(lines[1:], columns=list(columns), dtype=str)


def _column(*, optional: bool = False, unique: str = "", **checks: pa.Check) -> pa.Column:
    """A column of text; ``checks`` are named for reading only."""
    rules = list(checks.values())
    tidy = pa.Check(
        lambda cells: cells == cells.str.strip(), error="no space at the ends of a cell"
    )
    filled = pa.Check(lambda cells: cells.str.strip() != "", error="the cell is not empty")
    once = pa.Check(lambda cells: ~cells.duplicated(), error=unique)
    rules += [tidy] + ([] if optional else [filled]) + ([once] if unique else [])
    return pa.Column(str, rules)


def _one_of(allowed: Any, what: str) -> pa.Check:
    return pa.Check.isin(list(allowed), error=what)


def _read(path: Path, columns: Mapping[str, pa.Column]) -> pd.DataFrame:
    """The cells of a CSV file, every column checked."""
    frame = _cells(path, tuple(columns))
    if frame.empty:
        raise broken(path, "there is at least one row")
    return validate(path, pa.DataFrameSchema(dict(columns)), frame)


def _each_row(path: Path, frame: pd.DataFrame, column: str, rule: str, holds: Callable) -> None:
    """Stop at the first row for which ``holds(row)`` is false."""
    for number, row in enumerate(frame.to_dict("records"), start=2):
        if not holds(row):
            raise broken(path, rule, row[column], row=number, column=column)


def _folder(folder: Path | None) -> Path:
    return paths.RAW if folder is None else Path(folder)


def _is_cluster() -> pa.Check:
    return _one_of(CLUSTERS, f"cluster is one of {', '.join(CLUSTERS)}")


def _is_region(folder: Path, *extra: str) -> pa.Check:
    codes = [*sources.regions(folder).index, *extra]
    return _one_of(codes, "region is one of the 16 codes of regions.csv")


def published_clusters(folder: Path | None = None) -> pd.Series:
    """The article's eight clusters.

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
    folder = _folder(folder)
    path = folder / "published_clusters.csv"
    frame = _read(
        path,
        {
            "cluster": _column(known=_is_cluster()),
            "region": _column(known=_is_region(folder), unique="every region stands once"),
        },
    )
    for column, expected, rule in (
        ("region", sources.regions(folder).index, "every region has a cluster"),
        ("cluster", CLUSTERS, "every cluster has a region"),
    ):
        absent = [code for code in expected if code not in set(frame[column])]
        if absent:
            raise broken(path, rule, absent[0], column=column)
    return frame.set_index("region")["cluster"]


def infrastructure(folder: Path | None = None) -> pd.DataFrame:
    """Innovation infrastructure, one row an organisation and reading.

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
    folder = _folder(folder)
    path = folder / "innovation_infrastructure.csv"
    readings = (*READINGS, "both")
    frame = _read(
        path,
        {
            "cluster": _column(known=_is_cluster()),
            "region": _column(optional=True, known=_is_region(folder, "")),
            "organisation": _column(),
            "count": _column(
                optional=True,
                number=pa.Check.str_matches(
                    r"^([1-9][0-9]*)?$", error="count is a whole number above 0, or empty"
                ),
            ),
            "form": _column(known=_one_of(FORMS, f"form is one of {', '.join(FORMS)}")),
            "kind": _column(
                known=_one_of(HELIX_OF_KIND, f"kind is one of {', '.join(HELIX_OF_KIND)}")
            ),
            "helix": _column(known=_one_of(HELIX, f"helix is one of {', '.join(HELIX)}")),
            "reading": _column(known=_one_of(readings, f"reading is one of {', '.join(readings)}")),
            "where": _column(),
            "note": _column(optional=True),
        },
    )
    _each_row(
        path,
        frame,
        "helix",
        "a helix other than its kind's has a note that begins with Coded",
        lambda row: (
            row["helix"] == HELIX_OF_KIND[row["kind"]]
            or row["note"].startswith("Coded")
            or " Coded " in row["note"]
        ),
    )
    _each_row(
        path,
        frame,
        "count",
        "only several organisations have a count",
        lambda row: not row["count"] or row["form"] == "several",
    )
    _each_row(
        path,
        frame,
        "reading",
        "where names the figure and the text as the reading says",
        lambda row: (
            ("Figure 3, box" in row["where"]) == (row["reading"] != "text")
            and ("text after" in row["where"]) == (row["reading"] != "figure")
        ),
    )
    own = published_clusters(folder)
    for reading in READINGS:
        used = set(frame.loc[frame["reading"].isin([reading, "both"]), "cluster"])
        absent = [cluster for cluster in CLUSTERS if cluster not in used]
        if absent:
            raise broken(
                path,
                f"every cluster has organisations in the reading '{reading}'",
                absent[0],
                column="cluster",
            )
    _each_row(
        path,
        frame,
        "region",
        "the text places an organisation in a region of its own cluster",
        lambda row: (
            not row["region"] or row["reading"] == "figure" or own[row["region"]] == row["cluster"]
        ),
    )
    frame["count"] = pd.to_numeric(frame["count"].where(frame["count"] != "")).astype("Int64")
    return frame


def helix_counts(folder: Path | None = None) -> pd.DataFrame:
    """Organisations by reading, cluster and actor of the triple helix.

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


def errata(folder: Path | None = None) -> pd.DataFrame:
    """Slips and contradictions of the article.

    Returns
    -------
    DataFrame
        id, where, kind (`ERRATUM_KINDS`), says (what the article says; a few of its words stand
        in curled quotation marks), problem, reading (how this project reads it), basis
        (`ERRATUM_BASES`).
    """
    path = _folder(folder) / "errata.csv"
    frame = _read(
        path,
        {
            "id": _column(unique="every id stands once"),
            "where": _column(),
            "kind": _column(
                known=_one_of(ERRATUM_KINDS, f"kind is one of {', '.join(ERRATUM_KINDS)}")
            ),
            "says": _column(),
            "problem": _column(),
            "reading": _column(),
            "basis": _column(
                known=_one_of(ERRATUM_BASES, f"basis is one of {', '.join(ERRATUM_BASES)}")
            ),
        },
    )
    _check_ids(path, frame, "E", 3)
    return frame


def _check_ids(path: Path, frame: pd.DataFrame, letter: str, digits: int) -> None:
    for position, given in enumerate(frame["id"], start=1):
        expected = f"{letter}{position:0{digits}d}"
        if given != expected:
            raise broken(
                path,
                f"ids count up from {letter}{1:0{digits}d}; here {expected}",
                given,
                row=position + 1,
                column="id",
            )


def claims(folder: Path | None = None) -> pd.DataFrame:
    """What the article says about its clusters, each with the test that decides it.

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
    path = _folder(folder) / "claims.csv"
    frame = _read(
        path,
        {
            "id": _column(unique="every id stands once"),
            "cluster": _column(known=_is_cluster()),
            "claim": _column(),
            "where": _column(),
            "indicators": _column(optional=True),
            "direction": _column(),
            "test": _column(),
            "needs": _column(optional=True),
            "note": _column(optional=True),
        },
    )
    _check_ids(path, frame, "C", 2)
    known = {*registry(), *AUXILIARY}
    _each_row(
        path,
        frame,
        "indicators",
        f"indicators are among P1 to P14, {', '.join(AUXILIARY)}",
        lambda row: {name.removeprefix("-") for name in row["indicators"].split()} <= known,
    )
    _each_row(
        path,
        frame,
        "indicators",
        "tests none and contiguous take no indicator, the others do",
        lambda row: bool(row["indicators"]) != (row["test"] in ("none", "contiguous")),
    )
    _each_row(
        path,
        frame,
        "needs",
        "a claim without indicators says what it needs, others do not",
        lambda row: bool(row["needs"]) != bool(row["indicators"]),
    )
    return frame


def _check_entry(path: Path, section: str, position: int, entry: Any, extra: frozenset) -> None:
    place = {"section": section, "entry": position}
    if not isinstance(entry, dict):
        raise broken(path, "an entry has keys", entry, **place)
    keys = {"id", "where", "text", *extra}
    if set(entry) != keys:
        odd = sorted(set(entry) ^ keys, key=str)[0]
        raise broken(path, f"the keys are {', '.join(sorted(keys))}", odd, **place)
    for key in ("id", "where", "text"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise broken(path, "it is text and not empty", entry[key], **place, key=key)
    for key in ("types", "members"):
        if key in entry and not (isinstance(entry[key], list) and entry[key]):
            raise broken(path, "it is a list and not empty", entry[key], **place, key=key)


def _check_once(path: Path, section: str, entries: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for position, entry in enumerate(entries, start=1):
        if entry["id"] in seen:
            raise broken(
                path, "every id stands once", entry["id"], section=section, entry=position, key="id"
            )
        seen.add(entry["id"])


def _check_list(path: Path, section: str, entries: Any, extra: frozenset) -> None:
    if not isinstance(entries, list) or not entries:
        raise broken(path, "it is a list and not empty", entries, section=section)
    for position, entry in enumerate(entries, start=1):
        _check_entry(path, section, position, entry, extra)
    _check_once(path, section, entries)


def _check_diagram(path: Path, section: str, diagram: Any) -> None:
    if not isinstance(diagram, dict) or set(diagram) != {"nodes", "edges"}:
        raise broken(path, "a diagram has nodes and edges", section=section)
    _check_list(path, f"{section}.nodes", diagram["nodes"], frozenset())
    nodes = {node["id"] for node in diagram["nodes"]}
    for position, edge in enumerate(diagram["edges"], start=1):
        place = {"section": f"{section}.edges", "entry": position}
        if not isinstance(edge, dict) or set(edge) != {"from", "to", "text", "basis"}:
            raise broken(path, "the keys are from, to, text, basis", edge, **place)
        for key in ("from", "to"):
            if edge[key] not in nodes:
                raise broken(path, "an edge joins two nodes", edge[key], **place, key=key)
        if edge["basis"] not in EDGE_BASES:
            rule = f"basis is one of {', '.join(EDGE_BASES)}"
            raise broken(path, rule, edge["basis"], **place, key="basis")


def content(folder: Path | None = None) -> dict[str, Any]:
    """The article's definitions, lists, diagrams and recommendations, in our words.

    Returns
    -------
    dict
        ``source`` and ``helix_coding``; the lists of `SECTIONS`; ``figure1`` and ``figure2``
        with nodes and edges. Each recommendation names the indicators and claims that bear
        on it.

    Raises
    ------
    InputError
        The file is no YAML, a section or key is missing, an id repeats, an edge ends
        nowhere, a recommendation names an unknown indicator or claim.
    """
    folder = _folder(folder)
    path = folder / "article_content.yml"
    try:
        found = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = {} if mark is None else {"row": mark.line + 1}
        raise broken(path, "the file is YAML", getattr(error, "problem", None), **place) from None
    sections = {"source", "helix_coding", *SECTIONS, *DIAGRAMS}
    if not isinstance(found, dict) or set(found) != sections:
        given = set(found) if isinstance(found, dict) else set()
        odd = sorted(sections ^ given, key=str)[0]
        raise broken(path, f"the sections are {', '.join(sorted(sections))}", odd)
    for section, keys in (("source", {"title", "authors", "note"}), ("helix_coding", {"rule"})):
        if not isinstance(found[section], dict) or set(found[section]) != keys:
            raise broken(path, f"the keys are {', '.join(sorted(keys))}", section=section)
    for section, extra in SECTIONS.items():
        _check_list(path, section, found[section], extra)
    for section in DIAGRAMS:
        _check_diagram(path, section, found[section])
    known = {"indicators": {*registry(), *AUXILIARY}, "claims": set(claims(folder)["id"])}
    for position, entry in enumerate(found["recommendations"], start=1):
        for key, allowed in known.items():
            for name in entry[key]:
                if name not in allowed:
                    raise broken(
                        path,
                        f"it is one of the {key}",
                        name,
                        section="recommendations",
                        entry=position,
                        key=key,
                    )
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
    """What a cluster is, by the article's lists: columns list, no, text, remark."""
    given = content(folder)
    rows = [
        (title, entry["id"], entry["text"], _remark(entry))
        for section, title in CONCEPTS.items()
        for entry in given[section]
    ]
    return pd.DataFrame(rows, columns=["list", "no", "text", "remark"])


def _remark(entry: Mapping[str, Any]) -> str:
    """What an entry of a list says besides its text."""
    if "fits" in entry:
        return f"fits {entry['fits']}"
    if "types" in entry:
        return (
            f"from {' to '.join(entry['types'])}"
            if len(entry["types"]) == 2
            else ("; ".join(entry["types"]))
        )
    if entry.get("precondition"):
        return "a precondition"
    return {"condition": "a condition"}.get(entry.get("role", ""), entry.get("role", ""))


def recommendations(verdicts: Mapping[str, str], folder: Path | None = None) -> pd.DataFrame:
    """The recommendations with the claims that bear on them and what became of these.

    Parameters
    ----------
    verdicts : claim to verdict

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
