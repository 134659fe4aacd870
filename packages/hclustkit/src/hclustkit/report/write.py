"""Write everything a report consists of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from hclustkit.draw.save import save
from hclustkit.files import round_significant, write_csv, write_json, write_text
from hclustkit.report.analysis import Analysis, Say
from hclustkit.report.beside import published_picture
from hclustkit.report.body import page
from hclustkit.report.budget import PROXIMITY, WHOLE
from hclustkit.report.page import ExplorerTexts, explorer_page
from hclustkit.report.pictures import Picture, pictures
from hclustkit.report.table import explorer_content
from hclustkit.report.words import method_sentences, reading_rows, sensitivity_sentences
from hclustkit.report.xlsx import write_xlsx
from hclustkit.scaling import SCALINGS
from hclustkit.tables.numerals import parse

MEMBERSHIP = 10
"""Partitions into 2 to this many clusters are written."""


def script_of(found: Analysis, reading: Mapping[str, Any]) -> str:
    """Write a script that repeats the clustering.

    Parameters
    ----------
    found : Analysis
    reading : dict
        The options with which `hclustkit.read_table` read the file.

    Returns
    -------
    str
        Python; it expects the table in the folder where it is run.
    """
    choices, prepared = found.prepared.choices, found.prepared
    given = "".join(f", {name}={value!r}" for name, value in reading.items() if value is not None)
    lines = [f"table = read_table({found.reading.source!r}{given})"]
    names = ["Tree", "read_table"]
    source = "table"
    weights = _weights(found)
    listed = list(weights.values())
    if prepared.constant:
        lines.append(f"used = table.drop(columns={prepared.constant!r})")
        source = "used"
    extra = ""
    if choices.distance == "gower":
        if found.table.attrs.get("categories"):
            lines.append(f'mixed = {source}.join(pd.DataFrame(table.attrs["categories"]))')
            source, extra = "mixed", "import pandas as pd\n"
        option = f", variable_weights={weights}" if weights else ""
        lines.append(f"distances = gower_distances({source}{option})")
        extra += "from hclustkit.tables import gower_distances\n"
    elif choices.distance == "precomputed":
        lines.append("distances = table")
    else:
        names.append("standardize")
        lines.append(f"scaled = standardize({source}, {choices.scaling!r})")
        if prepared.distances is not None:
            extra = "from hclustkit.distances import pairwise\n"
            option = f", weights={listed}" if weights else ""
            lines.append(f"distances = pairwise(scaled, {choices.distance!r}{option})")
        elif weights:
            lines.append(f"scaled = scaled * np.sqrt({listed})")
            extra = "import numpy as np\n"
    if prepared.distances is None:
        lines.append(f"tree = Tree.from_table(scaled, {choices.linkage!r})")
    else:
        lines.append(
            f'tree = Tree.from_table(distances, {choices.linkage!r}, metric="precomputed")'
        )
    lines += [
        f'table["cluster"] = tree.cut({found.k})',
        'table.to_csv("clusters_again.csv")',
        "print(tree.schedule().to_string(index=False))",
    ]
    return f"{extra}from hclustkit import {', '.join(names)}\n\n" + "\n".join(lines) + "\n"


def _weights(found: Analysis) -> dict[str, float]:
    """Return the weight of each column used; empty where all count the same."""
    from hclustkit.report.choices import column_weights

    columns = [str(name) for name in found.table.columns]
    if found.prepared.choices.distance == "gower":
        columns += found.table.attrs.get("categories", {})
    weights = column_weights(found.prepared.choices, columns)
    if weights is None:
        return {}
    return {
        name: float(value)
        for name, value in zip(columns, weights, strict=True)
        if name not in found.prepared.constant
    }


def _add_labels(found: Analysis, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the labels in a first column whose name no other has."""
    name = _free(str(found.table.index.name or "label"), frame.columns)
    frame = frame.copy()
    frame.insert(0, name, [str(label) for label in found.table.index])
    return frame


def own_table(found: Analysis) -> pd.DataFrame:
    """Return the table as it was, all rows and columns, with a column of clusters at its end.

    Rows that were left out have no cluster, and cells that were filled are as empty as before.
    """
    whole = found.table.attrs.get("whole")
    if whole is None:
        last = _free("cluster", [*found.table.columns, found.table.index.name])
        return _add_labels(found, found.table.assign(**{last: found.labels}))
    used = set(map(str, found.table.columns))
    columns: dict[str, list[Any]] = {}
    for name, cells in whole.columns.items():
        if name in used:
            read = [parse(cell, found.reading.decimal or ".") for cell in cells]
            cells = [c if v is None else v for c, v in zip(cells, read, strict=True)]
        elif name == whole.label:
            cells = whole.labels
        columns[name or _free("label", whole.columns)] = list(map(_plain_cell, cells))
    cluster = {str(label): int(at) for label, at in found.clusters.items()}
    columns[_free("cluster", columns)] = [cluster.get(label, "") for label in whole.labels]
    frame = pd.DataFrame(columns, dtype=object)
    if whole.label is None:
        frame.insert(0, _free("label", columns), whole.labels)
    return frame


def _plain_cell(cell: str | float) -> str | float:
    """Return a text without blanks around it, a whole number as int, another one rounded."""
    if isinstance(cell, str):
        return cell.strip()
    return int(cell) if cell.is_integer() else round_significant(cell)


def write_tables(found: Analysis, folder: Path) -> dict[str, str]:
    """Write the tables of a report; return file name to what it holds."""
    n, own, other = len(found.table), own_table(found), found.sensitivity
    whole = "the table as it was, every column of it, with a cluster column"
    ks = list(range(2, min(MEMBERSHIP, n) + 1))
    membership = found.tree.membership(ks)
    membership.columns = [f"k={k}" for k in membership.columns]
    tables = {
        "clusters.csv": (own, whole),
        "clusters.xlsx": (own, whole),
        "schedule.csv": (found.tree.schedule(), "the agglomeration schedule"),
        "membership.csv": (_add_labels(found, membership), f"clusters for k = 2 to {ks[-1]}"),
    }
    if n <= PROXIMITY:
        between = pd.DataFrame(
            found.prepared.between(), columns=[str(label) for label in found.table.index]
        )
        tables["proximity.csv"] = _add_labels(found, between), "the distances of all pairs of rows"
    if found.profile is not None:
        what = "means, deviations and differences of each cluster and variable"
        tables["profile.csv"] = found.profile.table(), what
    if other is not None:
        if n <= WHOLE:
            what = "the share of specifications in which each pair is together"
            tables["pairs.csv"] = _add_labels(found, other.pairs()), what
        what = "every other specification and its agreement"
        tables["sensitivity.csv"] = other.specifications, what
        rows = pd.DataFrame({"cluster": found.labels, "stays": other.rows.to_numpy()})
        rows["always_together"] = other.always.to_numpy()
        what = "how often each row stays with its cluster, and its firm group"
        tables["rows.csv"] = _add_labels(found, rows), what
    if found.agreement is not None:
        tables |= found.agreement.tables()
    if found.places is not None:
        tables["moran.csv"] = found.places.moran, "Moran's I of each variable"
        if found.places.contiguous is not None:
            both = {"cluster": found.labels, "contiguous": found.places.contiguous.to_numpy()}
            what = "the contiguous clusters beside those of the report"
            tables["contiguous.csv"] = _add_labels(found, pd.DataFrame(both)), what
    for name, (frame, _) in tables.items():
        write = write_xlsx if name.endswith(".xlsx") else write_csv
        write(folder / name, frame)
    return {name: what for name, (_, what) in tables.items()}


def _free(name: str, taken: Iterable[object]) -> str:
    """Return a name that no column has."""
    while name in taken:
        name += "_"
    return name


def as_json(found: Analysis) -> dict[str, Any]:
    """Collect the results for a program to read, as `write_json` takes them."""
    from hclustkit import __version__

    other = found.sensitivity
    return {
        "hclustkit": __version__,
        "method": method_sentences(found),
        "reading": dataclasses.asdict(found.reading),
        "choices": dataclasses.asdict(found.prepared.choices),
        "budget": dataclasses.asdict(found.plan),
        "rows": len(found.table),
        "variables": [str(name) for name in found.table.columns],
        "constant": found.prepared.constant,
        "k": found.k,
        "rule": found.number.rule,
        "clusters": found.clusters,
        "evidence": found.number.evidence,
        "votes": found.number.votes,
        "profile": None if found.profile is None else found.profile.table(),
        "stability": found.stability,
        "sensitivity": None
        if other is None
        else {
            "sentences": sensitivity_sentences(found),
            "clusters": other.clusters,
            "specifications": other.specifications,
            "refused": other.refused,
            "rows_left_out": other.left_out_rows,
        },
        "agreement": None
        if found.agreement is None
        else {
            "with": found.agreement.name,
            "adjusted_rand_index": found.agreement.ari,
            "moves": found.agreement.moves,
            "missing": found.agreement.missing,
            "clusters": found.agreement.groups,
            "chance": found.agreement.chance,
        },
        "places": None
        if found.places is None
        else {
            "sentences": found.places.sentences,
            "neighbours": found.places.spots.neighbours.rule,
            "moran": found.places.moran,
            "contiguous": found.places.contiguous,
        },
        "filled": found.imputed,
        "warnings": found.warnings,
        "read": dict(reading_rows(found)),
    }


def _explorer(found: Analysis, folder: Path) -> dict[str, str]:
    """Write the explorer of the table, where it can show it."""
    choices = found.prepared.choices
    if len(found.table) > WHOLE or found.prepared.scaled is None or not choices.euclidean:
        return {}
    outlines = found.places.spots.outlines if found.places else None
    if outlines:  # the names of a map are texts, those of a table may be numbers
        shapes = zip(found.table.index, outlines.shapes.values(), strict=True)
        outlines = dataclasses.replace(outlines, shapes=dict(shapes))
    content = explorer_content(
        found.table.drop(columns=found.prepared.constant),
        units=found.reading.units,
        outlines=outlines,
        k=found.k,
        scaling=str(choices.scaling) if choices.scaling in SCALINGS else "zscore",
        method=str(choices.linkage),
    )
    texts = ExplorerTexts(f"Clusters of {found.reading.source}", source=found.reading.source)
    write_text(folder / "explorer.html", explorer_page(content, texts))
    return {"explorer.html": "a page to choose variables, scaling, linkage and k, and see"}


def _map_of(found: Analysis) -> list[Picture]:
    """Draw the map of the clusters, if there is one."""
    if found.places is None:
        return []
    from hclustkit.report.places import map_picture

    picture = map_picture(found.places, found.clusters)
    return [] if picture is None else [picture]


def write_report(
    found: Analysis, folder: Path, reading: Mapping[str, Any], say: Say = lambda _: None
) -> Path:
    """Write a report into a folder.

    Parameters
    ----------
    found : Analysis
    folder : Path
        As `hclustkit.report.folder.new_folder` gives it.
    reading : dict
        The options with which the file was read, for the script.
    say : callable
        Called with a sentence before each part.

    Returns
    -------
    Path
        The file to open, ``report.html``.

    Examples
    --------
    >>> write_report(analyse(table), Path("report"), {})  # doctest: +SKIP
    """
    say("writing tables")
    files = write_tables(found, folder)
    files |= _explorer(found, folder)
    drawn: list[Picture] = []
    say("drawing")
    for picture in (
        *_map_of(found),
        *published_picture(found.agreement, found.table.index),
        *pictures(found),
    ):
        said = {"title": picture.title, "alt": picture.alt}
        made = save(picture.figure, picture.name, picture.data, folder / "figures", **said)
        drawn.append(dataclasses.replace(picture, files=tuple(made)))
    if drawn:
        files["figures/"] = "every picture as SVG and PNG, and the data it draws"
    script = script_of(found, reading)
    write_text(folder / "repeat.py", script)
    files |= {"repeat.py": "the script below", "results.json": "the results for a program"}
    write_json(folder / "results.json", as_json(found))
    write_text(folder / "report.html", page(found, drawn, files, script))
    return folder / "report.html"
