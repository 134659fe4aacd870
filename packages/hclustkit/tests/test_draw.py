"""Drawings of any table: true whatever the labels are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hclustkit import cut, linkage
from hclustkit.draw import dendrogram, icicle, proximity_heatmap, scree, silhouette_plot, tanglegram
from hclustkit.draw.save import png_bytes
from hclustkit.draw.style import use
from hclustkit.errors import InputError
from hclustkit.tree.geometry import leaf_order
from matplotlib.figure import Figure
from matplotlib.text import Text

NAMES = {
    "short": "r",
    "wide": "Северо-Казахстанская область",
    "longer": "Provincia Autonoma di Bolzano/Bozen",
    "80 characters": "Itä-Suomi (NUTS 2006) Pohjois- ja Itä-Suomi sekä Ahvenanmaan maakunta ja muut x",  # noqa: E501
    "no blanks": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "dollars": "Income ($), Tax ($)",
}


def facing(name: str, n: int) -> tuple[Figure, list[str], pd.Series, tuple[np.ndarray, np.ndarray]]:
    x = np.random.default_rng(n).normal(size=(n, 3))
    labels = [f"{name} {i}" for i in range(n)]
    trees = linkage(x, "ward"), linkage(x, "average")
    clusters = pd.Series(cut(trees[0], min(4, n)), index=labels)
    figure = tanglegram(
        *trees,
        labels,
        clusters,
        left_title="Ward",
        right_title="average",
        methods=("ward", "average"),
    )
    with use():
        figure.draw_without_rendering()
    return figure, labels, clusters, trees


def flat(text: str) -> str:
    """A name without the breaks and hyphens of its lines."""
    return "".join(text.split()).replace("-", "")


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_of_a_tanglegram_is_beside_its_own_cluster_number(kind):
    figure, labels, clusters, trees = facing(NAMES[kind], 9)
    middle = figure.axes[1]
    renderer = figure.canvas.get_renderer()
    badges = [text for text in middle.texts if text.get_text().isdigit()]
    names = [text for text in middle.texts if not text.get_text().isdigit()]
    assert len(badges) == len(names) == 2 * len(labels)
    where = {flat(label): label for label in labels}
    for side, tree in (("left", trees[0]), ("right", trees[1])):
        order = [labels[i] for i in leaf_order(tree)]
        for text in (name for name in names if name.get_ha() == side):
            label = where[flat(text.get_text())]
            place = text.get_position()[1]
            assert place == order.index(label)
            box = text.get_window_extent(renderer)
            beside = [b for b in badges if b.get_position()[1] == place]
            left, right = sorted(beside, key=lambda b: b.get_position()[0])
            own = left if side == "left" else right
            assert int(own.get_text()) == clusters[label]
            frame = own.get_window_extent(renderer)
            assert box.x1 <= frame.x0 if side == "left" else frame.x1 <= box.x0
            assert middle.get_window_extent(renderer).padded(1).contains(box.x0, box.y0)
    for line in middle.lines:
        start, end = line.get_xdata()
        assert start < end
        assert end - start > 0.15, "the lines need room"


@pytest.mark.cases(1)
@pytest.mark.parametrize("n", [3, 60, 640])
def test_lines_of_a_tanglegram_join_equal_leaves(n):
    figure, labels, _, trees = facing("Северо-Казахстанская область", n)
    places = [np.argsort(leaf_order(tree)) for tree in trees]
    drawn = [tuple(line.get_ydata()) for line in figure.axes[1].lines[::2]]
    assert drawn == [(places[0][i], places[1][i]) for i in range(n)]
    for line in figure.axes[1].lines:
        assert line.get_xdata()[0] < line.get_xdata()[1]


def overlaps(texts: list[Text], figure: Figure) -> bool:
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in texts if text.get_text()]
    return any(
        a.overlaps(b)
        and min(a.x1, b.x1) - max(a.x0, b.x0) > 1
        and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
    )


@pytest.mark.parametrize("n", [3, 16, 60, 85])
def test_values_of_a_scree_plot_do_not_overlap(n):
    rng = np.random.default_rng(1)
    schedule = pd.DataFrame(
        {"stage": range(1, n), "coefficient": np.cumsum(np.sort(rng.gamma(1, 3, n - 1)))}
    )
    figure = scree(schedule, 2)
    with use():
        figure.draw_without_rendering()
    assert not overlaps(list(figure.axes[1].texts), figure)


def test_dollars_are_drawn_as_they_are():
    label = NAMES["dollars"]
    tree = linkage([[0.0], [1.0], [9.0]])
    labels = [label, "b", "c"]
    clusters = pd.Series([1, 1, 2], index=labels)
    for figure in (
        dendrogram(tree, labels, clusters, title=label),
        icicle(tree, labels, clusters),
        silhouette_plot(pd.Series([0.5, 0.4, 0.0], index=labels), clusters),
    ):
        texts = [text for text in figure.findobj(Text) if label in text.get_text()]
        assert texts and not any(text.get_parse_math() for text in texts)


def drawings(membership):
    """Draw a table of five rows in each way that takes clusters, as bytes."""
    labels, x = list("edcba"), [[0.0], [9.0], [1.0], [10.0], [30.0]]
    one, two = linkage(x), linkage(x, "single")
    matrix = pd.DataFrame(np.abs(np.subtract.outer(x, x)[:, 0, :, 0]), labels, labels)
    widths = pd.Series([0.9, 0.8, 0.7, 0.6, 0.0], labels)
    figures = [
        dendrogram(one, labels, membership),
        icicle(one, labels, membership),
        tanglegram(one, two, labels, membership, left_title="W", right_title="S"),
        proximity_heatmap(matrix, list("abcde"), membership),
        silhouette_plot(widths, membership),
    ]
    return [png_bytes(figure, "x") for figure in figures]


def test_the_clusters_of_an_array_are_in_row_order():
    clusters = cut(linkage([[0.0], [9.0], [1.0], [10.0], [30.0]]), 3)
    by_label = pd.Series(clusters, list("edcba"))
    assert drawings(clusters) == drawings(by_label.sort_index())
    with pytest.raises(InputError) as caught:
        drawings(clusters[:4])
    assert caught.value.rule == "partition-length"
