"""The sentences of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from hclustkit.draw.layout import with_minus
from hclustkit.report.analysis import Analysis
from hclustkit.scaling import scaling_name
from hclustkit.tree.linkage import linkage_name

DISTANCE_NAMES = {
    "euclidean": "Euclidean distances",
    "squared-euclidean": "squared Euclidean distances",
    "manhattan": "Manhattan distances",
    "correlation": "correlation distances (1 - r)",
    "gower": "Gower's distances",
    "precomputed": "distances as given",
}


def several(items: Sequence[object]) -> str:
    """Join words: "a", "a and b", "a, b and c"."""
    words = list(map(str, items))
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def plain(value: float, decimals: int = 0) -> str:
    """Write a number for a table: four significant digits or more decimals, thousands apart."""
    if pd.isna(value):
        return ""
    if value != 0 and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.3e}".replace("-", "\N{MINUS SIGN}")
    small = max(f"{value:.4g}", f"{value:.{decimals}f}", key=len)
    text = f"{value:,.0f}" if abs(value) >= 1000 else small
    return text.replace("-", "\N{MINUS SIGN}")


def most_decimals(values: Iterable[float]) -> int:
    """Count the decimals with which the numbers of a column end below each other."""
    texts = [text for text in map(plain, values) if "e" not in text]
    return max((len(text.partition(".")[2]) for text in texts), default=0)


def method_sentences(found: Analysis) -> str:
    """Write the method, and what ties allow, in sentences to paste into a paper."""
    choices = found.prepared.choices
    n, p = found.table.shape
    rows = f"{n:,} rows of {found.reading.source}"
    if choices.distance == "precomputed":
        first = (
            f"The distances between {rows} were clustered by {linkage_name(str(choices.linkage))}"
        )
    else:
        used = p - len(found.prepared.constant)
        scaled = scaling_name(str(choices.scaling))
        distance = DISTANCE_NAMES[choices.distance]
        if choices.linkage == "ward":
            distance = DISTANCE_NAMES["squared-euclidean"]
        weighed = ", with weights" if choices.weights or choices.groups else ""
        first = (
            f"The {rows} were clustered by {linkage_name(str(choices.linkage))}"
            f" on {distance} over {used} variable{'s' if used != 1 else ''} ({scaled}{weighed})"
        )
    if found.reading.missing != "error" and found.reading.gaps:
        count = len(found.reading.gaps)
        first += f"; {count} missing cells were treated by {found.reading.missing}"
    how = "was given" if found.number.rule == "given" else f"follows from: {found.number.rule}"
    second = (
        f"The tree was cut into {found.k} cluster{'s' if found.k != 1 else ''}; this number {how}"
    )
    if found.stability is not None:
        mean = found.stability["jaccard_mean"]
        second += (
            f"; over {int(found.stability['n_resamples'].iloc[0]):,} resamples the clusters' mean "
            f"Jaccard similarities are {mean.min():.2f} to {mean.max():.2f}"
        )
    from hclustkit import __version__

    verdict = f" {found.ties}" if found.ties else ""
    return f"{first}. {second} (hclustkit {__version__}).{verdict}"


def reading_rows(found: Analysis) -> list[tuple[str, str]]:
    """Say how the table was read, line by line."""
    reading, table = found.reading, found.table
    rows: list[tuple[str, str]] = [("File", reading.source)]
    if reading.sheet:
        rows.append(("Sheet", reading.sheet))
    separator = {"\t": "tab", ";": "semicolon", ",": "comma"}.get(
        reading.separator or "", reading.separator
    )
    for name, value in (
        ("Separator", separator),
        ("Decimal mark", reading.decimal),
        ("Thousands mark", reading.thousands),
        ("Encoding", reading.encoding),
    ):
        if value:
            rows.append((name, str(value).replace(" ", "blank")))
    rows.append(("Shape", reading.shape + (f", year {reading.year}" if reading.year else "")))
    rows.append(("Labels", reading.label or "row numbers"))
    rows.append(("Rows", f"{len(table):,}"))
    rows.append((f"Variables ({table.shape[1]:,})", several([_unit(found, c) for c in table])))
    for head, left in (("Columns left out", reading.left_out), ("Rows left out", reading.dropped)):
        if left:
            texts = [f"{name or 'no name'} ({reason})" for name, reason in left.items()]
            rows.append((head, "; ".join(texts)))
    if reading.markers:
        marks = [f"{mark!r} {count}" for mark, count in reading.markers.items()]
        rows.append(("Markers of missing cells", several(marks)))
    if reading.gaps:
        cells = [f"{row}, {column}" for row, column in reading.gaps]
        rows.append((f"Missing cells ({reading.missing})", "; ".join(cells)))
    for name, texts in (("Text above", reading.titles), ("Text below", reading.footnotes)):
        if texts:
            rows.append((name, " ".join(texts)))
    return rows


def _unit(found: Analysis, column: object) -> str:
    unit = found.reading.units.get(str(column))
    return f"{column} ({unit})" if unit else str(column)


def apart(found: Analysis, cluster: int) -> list[str]:
    """Say what sets a cluster apart from all rows, a line for each variable."""
    if found.profile is None:
        return []
    rows = found.profile.distinguishing(3)
    rows = rows[rows["cluster"] == cluster]
    parts = [
        f"{row.variable}: {plain(row.mean)} ({with_minus(row.difference)} sd; all rows "
        f"{plain(row.overall_mean)})"
        for row in rows.itertuples()
    ]
    return parts or ["no variable differs from the mean of all rows"]


def sensitivity_sentences(found: Analysis) -> list[str]:
    """Say what other choices give."""
    other = found.sensitivity
    if other is None:
        return []
    specs = other.specifications
    same = int(specs["same"].sum())
    said = [
        f"{len(specs):,} specifications were clustered into {found.k}: {same:,} of them give "
        f"these very clusters, and their median adjusted Rand index with them is "
        f"{specs['ari'].median():.2f} (lowest {with_minus(specs['ari'].min(), 2)})."
    ]
    groups = other.always.value_counts()
    joined = groups[groups > 1]
    if len(joined):
        said.append(
            f"{int(joined.sum()):,} of {len(other.always):,} rows form {len(joined):,} "
            f"group{'s' if len(joined) > 1 else ''} of rows that are together in every "
            "specification."
        )
    else:
        said.append("No two rows are together in every specification.")
    moved = other.left_out_rows
    if len(moved):
        changing = int((moved["moved"] > 0).sum())
        said.append(
            "Rows that move others to another cluster when they are left out of the chosen "
            f"specification, one at a time: {changing:,} of {len(moved):,}."
        )
    if len(other.refused):
        names = other.refused.drop_duplicates("scaling")["scaling"].tolist()
        said.append(f"Impossible for this table: {several(names)}.")
    return said
