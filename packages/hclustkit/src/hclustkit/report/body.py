"""The report as one HTML file that requests nothing."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hclustkit.draw.layout import with_minus
from hclustkit.draw.style import cluster_style
from hclustkit.errors import one
from hclustkit.report.analysis import Analysis
from hclustkit.report.page import block_hash
from hclustkit.report.pictures import NUMBERED, Picture
from hclustkit.report.words import (
    apart,
    method_sentences,
    most_decimals,
    plain,
    reading_rows,
    sensitivity_sentences,
)
from hclustkit.stability import DISSOLVED, RECOVERED

MOST_NAMED = 30
"""Most members of a cluster shown at once; the others open on demand."""
MOST_LISTED = 300
"""Most further members in the page; a printed page leaves out longer lists."""
MOST_ACROSS = 8
"""Most clusters beside one another in a table of means."""
MOST_ROWS = 200
"""Most rows of a table in the page; the files hold all."""
MOST_COLUMNS = 60

CITATION = (
    "hclustkit {version}, MIT licence, with numpy, scipy, pandas, scikit-learn, numba and "
    "matplotlib. Please cite it with its version, and Ward, J. H. (1963), Journal of the American "
    "Statistical Association 58, 236-244, where Ward's method was used."
)
ABOUT = (
    "Everything was computed on the machine where the table is: nothing left it, and this page "
    "requests nothing."
)


def page(found: Analysis, drawn: Sequence[Picture], files: Mapping[str, str], script: str) -> str:
    """Write the page.

    Parameters
    ----------
    found : Analysis
    drawn : sequence of Picture
    files : dict
        File name to what it holds.
    script : str
        The script that repeats the clustering.

    Returns
    -------
    str
        HTML.
    """
    looks = "\n".join(_look(number) for number in range(1, found.k + 1))
    css = (Path(__file__).parent / "report.css").read_text(encoding="utf-8") + looks + "\n"
    policy = f"default-src 'none'; style-src {block_hash(css)}; img-src data:"
    title = f"Clusters of {found.reading.source}"
    parts = [(name, text) for name, text in _parts(found, drawn, files, script) if text]
    links = "".join(
        f'<li><a href="#part{at}">{_text(name)}</a></li>' for at, (name, _) in enumerate(parts)
    )
    body = "\n".join(
        f'<section><h2 id="part{at}">{_text(name)}</h2>\n{text}\n</section>'
        for at, (name, text) in enumerate(parts)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{css}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_text(title)}</h1>\n{_key(found)}\n<nav><ul>{links}</ul></nav>\n{body}\n</main>\n"
        f"<footer><p>{_text(ABOUT)}</p></footer>\n</body>\n</html>\n"
    )


def _look(number: int) -> str:
    look = cluster_style(number)
    return f".c{number} {{ background: {look.color}; color: {look.text_color}; }}"


def _text(value: object) -> str:
    return html.escape(str(value))


def _paragraphs(sentences: Iterable[str]) -> str:
    return "".join(f"<p>{_text(one(sentence))}</p>" for sentence in sentences if sentence)


def _swatch(number: int) -> str:
    return f'<span class="swatch c{number}">{number}</span>'


def _key(found: Analysis) -> str:
    n, p = found.table.shape
    sizes = np.bincount(found.labels)[1:].tolist()
    shown = " ".join(
        f'<span class="size">{_swatch(at)}\u00a0{size:,}</span>' for at, size in enumerate(sizes, 1)
    )
    rows = f"{n:,} rows, {p:,} variables" if found.profile is not None else f"{n:,} rows"
    return (
        f'<div class="key"><p><strong>{one(f"{found.k} clusters of {rows}")}.</strong> '
        f"Rows in each: {shown}</p><p>Number of clusters: {_text(found.number.rule)}.</p></div>"
    )


def table_html(
    frame: pd.DataFrame, caption: str = "", *, swatch: str = "", most: int = MOST_ROWS
) -> str:
    """Write a table; numbers to the right, the column ``swatch`` in the looks of clusters."""
    numeric = [pd.api.types.is_any_real_numeric_dtype(frame[name]) for name in frame.columns]
    looks = [' class="n"' if right else "" for right in numeric]
    ends = [most_decimals(frame.iloc[:, at]) if right else 0 for at, right in enumerate(numeric)]
    head = "".join(
        f'<th scope="col"{look}>{_text(name)}</th>'
        for name, look in zip(frame.columns, looks, strict=True)
    )
    lines = []
    for row in frame.head(most).itertuples(index=False, name=None):
        cells = []
        for name, value, right, decimals in zip(frame.columns, row, numeric, ends, strict=True):
            if name == swatch:
                cells.append(f"<td>{_swatch(int(value))}</td>")
            elif right:
                cells.append(f'<td class="n">{plain(value, decimals)}</td>')
            else:
                cells.append(f"<td>{_text(value)}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    if len(frame) > most:
        caption += f" (the first {most:,} of {len(frame):,} rows)"
    title = f"<caption>{_text(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide" tabindex="0"><table>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _figure(picture: Picture | None) -> str:
    if picture is None:
        return ""
    content, kind = picture.content()
    data, alt = base64.b64encode(content).decode("ascii"), _text(one(picture.alt))
    return (
        f'<figure><div class="wide" tabindex="0"><img src="data:image/{kind};base64,{data}" '
        f'alt="{alt}"></div><figcaption>{alt}</figcaption></figure>'
    )


def _parts(
    found: Analysis, drawn: Sequence[Picture], files: Mapping[str, str], script: str
) -> list[tuple[str, str]]:
    at = {picture.name: _figure(picture) for picture in drawn}
    numbered = any(NUMBERED in picture.alt for picture in drawn)
    reading = "".join(
        f'<tr><th scope="row">{_text(name)}</th><td>{_text(value)}</td></tr>'
        for name, value in reading_rows(found)
    )
    listed = "".join(
        f"<li><code>{_text(name)}</code>: {_text(what)}</li>" for name, what in files.items()
    )
    from hclustkit import __version__

    return [
        ("How the table was read", f'<table class="reading"><tbody>{reading}</tbody></table>'),
        ("The method in sentences", f"<p>{_text(method_sentences(found))}</p>"),
        ("Dendrogram", at.get("dendrogram", "")),
        (
            "What each cluster is",
            _clusters(found, numbered) + at.get("profile", "") + _means(found),
        ),
        ("Where they lie", _places(found) + at.get("map", "")),
        ("Number of clusters", _number(found) + at.get("number_of_clusters", "")),
        ("Merges", at.get("scree", "") + at.get("icicle", "")),
        ("Silhouettes", at.get("silhouettes", "")),
        ("Stability: would the clusters come again?", _stability(found)),
        ("Sensitivity: what do other choices give?", _sensitivity(found)),
        ("Distances", at.get("proximity", "")),
        ("Two linkages face to face", at.get("two_trees", "")),
        ("Beside another partition", _agreement(found) + at.get("published_pairs", "")),
        ("Warnings", _warnings(found)),
        ("What was computed", _paragraphs(found.plan.sentences(len(found.table)))),
        ("Files beside this page", f"<ul>{listed}</ul>"),
        ("Repeat it in Python", f"<pre>{_text(script)}</pre>"),
        ("Software and citation", f"<p>{_text(CITATION.format(version=__version__))}</p>"),
    ]


def _name_rows(rows: Iterable[object]) -> str:
    """Name rows; a long list ends with the number of those that are in ``rows.csv`` only."""
    names = list(map(str, rows))
    rest = names[MOST_NAMED:]
    more = f"; {len(rest):,} more, see always_together in rows.csv" if rest else ""
    return "; ".join(names[:MOST_NAMED]) + more


def _members(found: Analysis, number: int, numbered: bool) -> str:
    filled = {row for row, _ in found.reading.filled}
    labels = [
        (f"{at}: " if numbered else "") + (f"{label}*" if str(label) in filled else str(label))
        for at, label in enumerate(found.table.index, 1)
        if found.labels[at - 1] == number
    ]
    shown, rest = labels[:MOST_NAMED], labels[MOST_NAMED:]
    text = _text("; ".join(shown))
    if rest:
        listed, kind, where = _text("; ".join(rest[:MOST_LISTED])), "", ""
        if len(rest) > MOST_LISTED:
            listed, kind, where = f"{listed} ...", ' class="many"', ", all in clusters.csv"
        text += f"<details{kind}><summary>{len(rest):,} more{where}</summary>{listed}</details>"
    return text


def _clusters(found: Analysis, numbered: bool) -> str:
    rows = []
    for number in range(1, found.k + 1):
        size = int((found.labels == number).sum())
        lines = "<br>".join(map(_text, apart(found, number)))
        rows.append(
            f'<tr><td>{_swatch(number)}</td><td class="n">{size:,}</td>'
            f'<td class="apart">{lines}</td><td>{_members(found, number, numbered)}</td></tr>'
        )
    note = "<p>* with a cell that was filled.</p>" if found.reading.filled else ""
    if numbered:
        note += "<p>The number before a name is that of its row; some pictures show it alone.</p>"
    return (
        '<div class="wide" tabindex="0"><table class="clusters"><thead><tr>'
        '<th scope="col">Cluster</th><th scope="col" class="n">Rows</th>'
        '<th scope="col">What sets it apart: mean (distance from the mean of all rows, in '
        'standard deviations)</th><th scope="col">Members</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{note}"
    )


def _means(found: Analysis) -> str:
    if found.profile is None:
        return ""
    means, differences = found.profile.means, found.profile.differences
    columns = list(means.columns)[:MOST_COLUMNS]
    clusters = list(means.index)[:MOST_ROWS]
    first = pd.DataFrame({"Variable": [str(name) for name in columns]})
    first["All rows"] = [plain(found.profile.overall["mean"][name]) for name in columns]
    text, caption = "", "Means in units, and in standard deviations from the mean of all rows"
    for at in range(0, len(clusters), MOST_ACROSS):
        frame = first.copy()
        for number in clusters[at : at + MOST_ACROSS]:
            frame[f"Cluster {number}"] = [
                f"{plain(means.loc[number, name])} ({with_minus(differences.loc[number, name])})"
                if not np.isnan(differences.loc[number, name])
                else plain(means.loc[number, name])
                for name in columns
            ]
        text += table_html(frame, caption)
    if len(columns) < means.shape[1]:
        text += f"<p>{means.shape[1] - len(columns)} more variables are in profile.csv.</p>"
    return text


def _number(found: Analysis) -> str:
    number = found.number
    text = _paragraphs([f"{found.k} clusters: {number.rule}.", number.note])
    if len(number.evidence):
        shown = number.evidence.rename(
            columns={
                "k": "Clusters",
                "silhouette": "Mean silhouette",
                "explained": "Sum of squares between clusters, share",
            }
        ).dropna(axis=1, how="all")
        if len(number.ballot):
            shown["Votes"] = [int(number.ballot.get(k, 0)) for k in number.evidence["k"]]
        text += table_html(shown.round(3), "The evidence for each number")
    if len(number.votes):
        votes = number.votes.assign(
            best_k=[("" if pd.isna(k) else str(k)) for k in number.votes["best_k"]]
        )[["index", "best_k", "rule", "reason"]]
        votes.columns = ["Index", "Chooses", "Rule", "Why it has no vote"]
        text += f"<details><summary>Every index</summary>{table_html(votes)}</details>"
    return text


def _stability(found: Analysis) -> str:
    if found.stability is None:
        return "<p>Not computed.</p>"
    table = found.stability
    frame = pd.DataFrame(
        {
            "Cluster": table["cluster"],
            "Rows": table["size"],
            "Mean Jaccard": table["jaccard_mean"],
            "Highest to be expected": table["ceiling"],
        }
    )
    for name in ("recovered", "dissolved"):
        pairs = zip(table[name], table["n_used"], strict=True)
        frame[name.capitalize()] = [f"{count:,} of {used:,}" for count, used in pairs]
    said = (
        "Each cluster is looked for in resampled rows; 1 means found again whole every time. "
        f"Recovered: a similarity above {RECOVERED}. Dissolved: {DISSOLVED} or less."
    )
    return _paragraphs([said]) + table_html(frame.round(2), swatch="Cluster")


def _sensitivity(found: Analysis) -> str:
    other = found.sensitivity
    if other is None:
        return "<p>Not computed.</p>"
    text = _paragraphs(sensitivity_sentences(found))
    clusters = other.clusters.rename(
        columns={
            "cluster": "Cluster",
            "found": "Mean Jaccard",
            "exact": "Share of specifications with this very cluster",
        }
    )
    text += table_html(clusters.round(2), swatch="Cluster")
    specs = other.specifications
    wide = specs[specs["left_out"] == ""].pivot(index="scaling", columns="linkage", values="ari")
    wide = wide.reindex(specs["scaling"].unique())[list(specs["linkage"].unique())]
    wide.insert(0, "Scaling", wide.index)
    text += table_html(wide.round(2), "Adjusted Rand index with the chosen clusters")
    chosen = found.prepared.choices
    mine = (specs["scaling"] == chosen.scaling) & (specs["linkage"] == chosen.linkage)
    left = specs.loc[mine & (specs["left_out"] != ""), ["left_out", "ari"]]
    left = left.sort_values("ari", kind="stable")
    left.columns = ["Variable left out", "Adjusted Rand index"]
    text += table_html(left.round(2), "The chosen specification without one variable", most=20)
    groups = other.always.map(other.always.value_counts())
    together = pd.DataFrame(
        [
            (number, _name_rows(rows.index))
            for number, rows in other.always[groups > 1].groupby(other.always, sort=True)
        ],
        columns=["Group", "Together in every specification"],
    ).astype({"Group": str})
    text += table_html(together, most=40)
    lowest = other.rows[other.rows < 1].sort_values(kind="stable").head(20)
    loose = pd.DataFrame(
        {"Row": lowest.index.astype(str), "Stays with its cluster": lowest.to_numpy()}
    )
    text += table_html(loose.round(2), "Rows that change most often")
    moving = other.left_out_rows[other.left_out_rows["moved"] > 0]
    moving = moving.sort_values("moved", ascending=False, kind="stable").head(20)
    if len(moving):
        moving.columns = ["Row left out", "Adjusted Rand index", "Other rows that move"]
        text += table_html(moving.round(2), "Rows whose absence moves others")
    return text


def _agreement(found: Analysis) -> str:
    other = found.agreement
    if other is None:
        return ""
    said = [
        f"With {other.name}: adjusted Rand index {other.ari:.2f}; {other.moves:,} rows would have "
        "to change their cluster to make the two equal.",
        f"Not in {other.name}: {'; '.join(other.missing[:20])}." if other.missing else "",
        f"They are: {'; '.join(other.moved[:40])}." if other.moved else "",
    ]
    k = other.counts.shape[1]
    if k != found.k:
        said.append(f"It has {k} clusters, this report {found.k}: -k {k} compares like with like.")
    counts = other.counts.reset_index()
    counts.columns = ["Cluster", *map(str, other.counts.columns)]
    text = _paragraphs(said) + table_html(counts, "Rows in both", swatch="Cluster")
    groups = other.groups.round(2)
    groups.columns = pd.Index(
        ["Its cluster", "Rows", "Pairs", "Together here", "Together, mean share over choices"]
        + ["Jaccard similarity here", "Share of choices with this very cluster"]
    )
    text += table_html(groups, "What is found of each of its clusters")
    chance = other.chance.assign(adjusted_rand_index=other.chance["adjusted_rand_index"].round(3))
    chance.columns = pd.Index(
        ["Compared with", "Partitions", "Its index", "Number", "At least as good", "Share"]
    )
    text += table_html(chance, "Partitions with clusters of the same sizes that agree as well")
    return text + _paragraphs(
        [
            "The share is the p-value of the test that deals its clusters out anew: how special "
            "the other partition is among partitions of its sizes, not which of the two is right."
        ]
    )


def _places(found: Analysis) -> str:
    if found.places is None:
        return ""
    text = _paragraphs(found.places.sentences)
    shown = found.places.moran
    if len(shown):
        shown = shown.loc[shown["objects"] == "all", ["column", "weights", "value", "p"]].round(4)
        shown.columns = ["Variable", "Weights", "Moran's I", "p"]
        caption = "Are neighbours alike? Near 1: very; about 0: no more than others"
        text += table_html(shown, caption)
    return text


def _warnings(found: Analysis) -> str:
    if not found.warnings:
        return "<p>None.</p>"
    return f'<ul class="warnings">{"".join(f"<li>{_text(w)}</li>" for w in found.warnings)}</ul>'
