"""The pictures of a report, readable whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hclustkit import draw
from hclustkit.compare.two_trees import untangle
from hclustkit.draw.clusters import number_plot, profile_heatmap
from hclustkit.draw.layout import drawable
from hclustkit.report.budget import MATRIX, WHOLE
from hclustkit.report.clusters import silhouette_widths
from hclustkit.tree.linkage import linkage_name
from hclustkit.tree.tree import Tree
from hclustkit.tree.truncate import top_of_tree

if TYPE_CHECKING:
    from hclustkit.report.analysis import Analysis

WHOLE_TREE = 100
"""Most rows of a dendrogram that shows each of them."""
WHOLE_ICICLE = 60
TOP = 30
"""Leaves of a tree of which only the last merges are drawn."""
MOST_VARIABLES = 60
NUMBERED = "each with its row number"
"""What an alternative text says where names do not fit."""
MOST_BYTES = 400_000
"""Largest SVG that a page holds; a larger one is a PNG there."""
MOST_STAGES = 30
FACING = 60
"""Most rows of two trees drawn face to face."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: file name, title, alternative text, figure, data, and the files drawn."""

    name: str
    title: str
    alt: str
    figure: Figure
    data: pd.DataFrame
    files: tuple[Path, ...] = ()

    def content(self) -> tuple[bytes, str]:
        """Return the picture for a page and its kind: SVG, or PNG where that is large."""
        svg, png = (path.read_bytes() for path in self.files[:2])
        return (svg, "svg+xml") if len(svg) <= MOST_BYTES else (png, "png")


def _top(shown: Analysis, most: int) -> tuple[np.ndarray, list[str], pd.Series[int], str]:
    """Return the tree, or its last merges with counts, and what an alternative text says."""
    n = shown.prepared.n
    index = [str(label) for label in shown.prepared.table.index]
    if n <= most:
        return shown.tree.Z, index, pd.Series(shown.labels, index=index), f"{n} rows"
    p = min(n, max(TOP, shown.k) if shown.k <= most else most)
    top = top_of_tree(shown.tree.Z, p)
    leaves = top.names(index)
    if len(set(leaves)) < p or not drawable(leaves):
        leaves = top.names([f"row {row}" for row in range(1, n + 1)])
    said = (
        f"the last {p - 1} merges of {n:,} rows; each of {p} leaves is named after its first row, "
        "followed by the number of further rows"
    )
    return top.Z, leaves, pd.Series(shown.labels[top.first], index=leaves), said


def _naming(figure: Figure) -> str:
    """Say how the rows of a picture are named."""
    printed = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    if not printed:
        return "not named"
    return NUMBERED if all(map(str.isdigit, printed)) else "each named"


def _dendrogram(shown: Analysis) -> Picture:
    Z, leaves, clusters, said = _top(shown, WHOLE_TREE)
    method = str(shown.tree.method)
    scale = (
        "cumulative"
        if shown.prepared.n <= WHOLE_TREE and shown.prepared.choices.euclidean
        else "height"
    )
    figure = draw.dendrogram(
        Z, leaves, clusters if shown.k <= len(leaves) else None, scale=scale, method=method
    )
    if shown.prepared.n <= WHOLE_TREE:
        said += f", {_naming(figure)}"
    alt = (
        f"Dendrogram of {linkage_name(method)}: {said}. Branches are coloured by {shown.k} "
        "clusters, whose numbers are beside the leaves."
    )
    rows = shown.tree.Z[len(shown.tree.Z) - len(Z) :, 3]
    data = pd.DataFrame({"left": Z[:, 0], "right": Z[:, 1], "height": Z[:, 2], "rows": rows})
    return Picture("dendrogram", "Dendrogram", alt, figure, data)


def _icicle(shown: Analysis) -> Picture | None:
    Z, leaves, clusters, said = _top(shown, WHOLE_ICICLE)
    if len(leaves) > WHOLE_ICICLE or shown.k > len(leaves):
        return None
    alt = f"Icicle plot: {said}. Down the page the number of clusters grows."
    data = pd.DataFrame({"leaf": leaves, "cluster": clusters.to_numpy()})
    return Picture("icicle", "Icicle plot", alt, draw.icicle(Z, leaves, clusters), data)


def _profile(shown: Analysis) -> Picture | None:
    found = shown.profile
    if found is None or shown.k > MOST_STAGES:
        return None
    differences = found.differences
    order = found.between().fillna(0).sort_values(ascending=False, kind="stable").index
    kept = set(order[:MOST_VARIABLES])
    differences = differences[[name for name in differences.columns if name in kept]]
    said = f"{differences.shape[1]} variables"
    if len(order) > MOST_VARIABLES:
        said = f"the {MOST_VARIABLES} of {len(order)} variables that differ most"
    alt = (
        f"Heat map: {said} down, {shown.k} clusters across; blue is below the mean of all rows, "
        "brown above."
    )
    figure = profile_heatmap(differences)
    if _naming(figure) == NUMBERED:
        alt += f" From the top: {'; '.join(map(str, differences.columns))}."
    return Picture("profile", "What each cluster is", alt, figure, differences.T.reset_index())


def _scree(shown: Analysis) -> Picture:
    schedule = shown.tree.schedule()[["stage", "coefficient"]]
    n = len(schedule) + 1
    last = MOST_STAGES if n - 1 > MOST_STAGES else None
    k = shown.k if shown.k <= min(n - 1, last or n) else None
    squares = shown.tree.method == "ward"
    measure = "Coefficient (within-cluster sum of squares)" if squares else "Coefficient (distance)"
    drawn = f"the last {MOST_STAGES} of {n - 1:,} merges" if last else f"{n - 1} merges"
    alt = f"Scree plot: coefficients of {drawn} and what each adds."
    if k:
        alt += f" {k} clusters are marked."
    figure = draw.scree(schedule, k, measure=measure, last=last)
    return Picture("scree", "Coefficients of the merges", alt, figure, schedule.tail(last or n))


def _number(shown: Analysis) -> Picture | None:
    evidence = shown.number.evidence
    if len(evidence) < 2 or evidence["silhouette"].isna().all():
        return None
    figure = number_plot(evidence, shown.number.ballot, shown.k)
    votes = ", and the votes of indices below" if len(shown.number.ballot) else ""
    ks = evidence["k"]
    alt = f"Mean silhouette for {ks.iloc[0]} to {ks.iloc[-1]} clusters{votes}."
    return Picture("number_of_clusters", "Number of clusters", alt, figure, evidence)


def _silhouettes(shown: Analysis) -> Picture | None:
    n = shown.prepared.n
    if n > MATRIX or not 1 < shown.k <= min(60, n - 1):
        return None
    index = shown.prepared.table.index
    widths = pd.Series(silhouette_widths(shown.prepared.between(), shown.labels), index=index)
    figure = draw.silhouette_plot(widths, shown.clusters, mean=float(widths.mean()))
    alt = f"Silhouettes of {n:,} rows in {shown.k} clusters, widest first; the line is their mean."
    data = pd.DataFrame({"cluster": shown.clusters, "silhouette": widths})
    data = data.reset_index(names="label" if index.name in data else index.name)
    return Picture("silhouettes", "Silhouettes", alt, figure, data)


def _proximity(shown: Analysis) -> Picture | None:
    n = shown.prepared.n
    if n > WHOLE * 5:
        return None
    index = shown.prepared.table.index
    between = pd.DataFrame(shown.prepared.between(), index=index, columns=index)
    given = shown.prepared.choices.distance
    measure = "Distance" if given != "euclidean" else "Euclidean distance"
    figure = draw.proximity_heatmap(
        between, shown.tree.leaf_order(), shown.clusters if shown.k < n else None, measure=measure
    )
    values = ", the value printed in every cell" if n <= 20 else ""
    named = _naming(figure)
    alt = (
        f"Heat map of the distances between {n:,} rows, {named}, in the order of the tree"
        f"{values}; dark is near, frames are clusters."
    )
    data = pd.DataFrame({"row": shown.tree.leaf_order()})
    return Picture("proximity", "Distances", alt, figure, data)


def _two_trees(shown: Analysis) -> Picture | None:
    n, prepared = shown.prepared.n, shown.prepared
    if n > FACING or n < 3:
        return None
    method = str(shown.tree.method)
    other_method = "average" if method != "average" else "complete"
    other = Tree.from_table(prepared.between(), other_method, metric="precomputed")
    index = list(prepared.table.index)
    turned = untangle(shown.tree.Z, other.Z)
    orders = [[index[i] for i in order] for order in (turned.order1, turned.order2)]
    names = (linkage_name(method), linkage_name(other_method))
    figure = draw.tanglegram(
        shown.tree.Z,
        other.Z,
        index,
        shown.clusters,
        left_title=names[0],
        right_title=names[1],
        methods=(method, other_method),
        left_order=orders[0],
        right_order=orders[1],
        entanglement=turned.entanglement_after,
    )
    alt = (
        f"Two trees of the same {n} rows face to face, {names[0]} and {names[1]}; lines join "
        "equal rows, coloured by cluster."
    )
    data = pd.DataFrame({"left": orders[0], "right": orders[1]})
    return Picture("two_trees", "Two linkages face to face", alt, figure, data)


MAKERS: tuple[Callable[[Analysis], Picture | None], ...] = (
    _dendrogram,
    _profile,
    _number,
    _scree,
    _silhouettes,
    _icicle,
    _proximity,
    _two_trees,
)


def pictures(shown: Analysis) -> Iterator[Picture]:
    """Draw all pictures that this table can have, one after the other."""
    for make in MAKERS:
        picture = make(shown)
        if picture is not None:
            yield picture
