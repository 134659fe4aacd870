"""Pictures for the page "Where programs disagree", drawn from the data of its traps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import cut, linkage, uniqueness
from hclustkit.draw import cluster_style, dendrogram
from hclustkit.draw.save import svg_bytes
from hclustkit.draw.style import styled
from hclustkit.programs import program_tree
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kzclusters.publish.site.peers import LINE, SQUARE, TRIANGLE

MARK = re.compile(r"<!-- picture: ([\w-]+) -->")

Picture = tuple[Figure, str]
"""A figure and its alternative text."""


def _clusters(axes: Axes, points: Iterable[Any], labels: Iterable[int], title: str) -> None:
    """Draw points with the marks of their clusters."""
    for (x, y), label in zip(points, labels, strict=True):
        look = cluster_style(int(label))
        axes.plot(x, y, look.marker, color=look.color, markersize=9)
    axes.set_title(title, fontsize=9, loc="left")
    axes.margins(0.3)
    axes.set_yticks([])


@styled
def square() -> Picture:
    """Draw the partitions of the unit square into three clusters."""
    found = uniqueness(SQUARE, 3)
    figure = Figure(figsize=(1.3 * found.count, 1.4), layout="constrained")
    panels = figure.subplots(1, found.count)
    for number, (axes, labels) in enumerate(zip(panels, found.partitions, strict=True), 1):
        _clusters(axes, SQUARE, labels, str(number))
        axes.set_xticks([])
        axes.set_aspect("equal")
    alt = (
        f"The four corners of a square, {found.count} times. Each time another side "
        "joins two corners into a cluster, and the other two corners are alone."
    )
    return figure, alt


def triangle() -> Picture:
    """Draw a tree in which the second merge lies below the first."""
    Z = linkage(TRIANGLE, "centroid")
    labels = ["a", "b", "c"]
    clusters = pd.Series(cut(Z, 2), labels)
    figure = dendrogram(Z, labels, clusters, method="centroid", scale="height")
    figure.set_size_inches(4.5, 1.8)
    share = f"{Z[1, 2] / Z[0, 2]:.0%}"
    return figure, (
        "Dendrogram of three cases, heights to the right: a and b merge at the end of the axis, "
        f"and c joins them at {share} of that height, so the last merge lies left of the first."
    )


@styled
def wards() -> Picture:
    """Draw two clusters of four values by both of R's Wards."""
    figure = Figure(figsize=(5.2, 1.9), layout="constrained")
    said = []
    for axes, name in zip(figure.subplots(2, 1, sharex=True), ("ward.D", "ward.D2"), strict=True):
        labels = cut(program_tree(LINE, f"R.{name}").Z, 2)
        values = np.ravel(LINE)
        _clusters(axes, [(x, 0) for x in values], labels, name)
        axes.set_xticks(values)
        parts = [", ".join(f"{x:g}" for x in values[labels == c]) for c in (1, 2)]
        said.append(f"{name} separates {parts[0]} from {parts[1]}")
    return figure, f"The values on a line in two clusters: {' and '.join(said)}."


PICTURES: dict[str, Callable[[], Picture]] = {
    "square": square,
    "triangle": triangle,
    "wards": wards,
}


def place(text: str, folder: Path) -> str:
    """Draw the pictures that a page has marks for, and put them there.

    Parameters
    ----------
    text : str
        Markdown with marks ``<!-- picture: NAME -->``.
    folder : Path
        Of the page.

    Returns
    -------
    str
    """

    def drawn(mark: re.Match[str]) -> str:
        name = f"disagree_{mark[1]}"
        figure, alt = PICTURES[mark[1]]()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.svg").write_bytes(svg_bytes(figure, name, mark[1], alt))
        return f"![{alt}]({name}.svg)"

    return MARK.sub(drawn, text)
