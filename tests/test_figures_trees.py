"""Figures of trees: heights, clusters and their looks, distances, silhouettes."""

from __future__ import annotations

import itertools

import figure_cases
import numpy as np
import pandas as pd
import pytest
from figure_cases import LABELS, NAMES, cut, strings, texts
from hclustkit.draw import style
from hclustkit.errors import InputError
from hclustkit.tree.geometry import dendrogram_geometry
from matplotlib import colors as matplotlib_colors
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage

from kzclusters import figures

z = figure_cases.z
tree = figure_cases.tree
clusters = figure_cases.clusters
order = figure_cases.order
published = figure_cases.published
schedule = figure_cases.schedule
content = figure_cases.content
drawn = figure_cases.drawn


def test_dendrogram_has_the_spss_axis_and_all_names(drawn, tree):
    axes = drawn["dendrogram"].axes[0]
    assert axes.get_xlim() == (0, 25)
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        NAMES[label] for label in _leaves(tree)
    ]
    assert sorted(label.get_text() for label in axes.get_yticklabels()) == sorted(NAMES.values())


def test_dendrogram_merges_at_the_rescaled_heights(tree, clusters):
    axes = figures.dendrogram(tree, LABELS, clusters, scale="height").axes[0]
    tops = {
        round(float(vertices[:, 0].max()), 9)
        for collection in axes.collections
        for path in collection.get_paths()
        for vertices in [path.vertices]
        if len(vertices) == 4
    }
    expected = {round(float(h), 9) for h in 25 * tree[:, 2] / tree[-1, 2]}
    assert tops == expected


def test_dendrogram_cut_line_gives_the_clusters(tree, clusters):
    for k in (2, 5, 6, 9):
        figure = figures.dendrogram(tree, LABELS, cut(tree, k), scale="height")
        assert f"cut: {k} clusters" in strings(figure)
        dashed = [
            line
            for line in figure.axes[0].lines
            if line.get_linestyle() == "--" and len(set(line.get_xdata())) == 1
        ]
        height = dashed[0].get_xdata()[0] * tree[-1, 2] / 25
        again = fcluster(tree, height, "distance")
        assert len(set(zip(again, cut(tree, k), strict=True))) == k == len(set(again))


def test_dendrogram_of_another_grouping_has_no_cut_line(tree, published):
    foreign = style.cluster_numbers(published)
    figure = figures.dendrogram(tree, LABELS, foreign)
    assert not [text for text in strings(figure) if text.startswith("cut")]
    # the strip then has a block for every stretch of equal clusters
    numbers = [foreign[label] for label in _leaves(tree)]
    stretches = 1 + sum(a != b for a, b in itertools.pairwise(numbers))
    assert len(_blocks(figure)) == stretches


def test_dendrogram_strip_carries_colour_hatch_and_number(drawn, tree, clusters):
    blocks = _blocks(drawn["dendrogram"])
    assert len(blocks) == 6
    numbers = [clusters[label] for label in _leaves(tree)]
    for block, number in zip(blocks, dict.fromkeys(numbers), strict=True):
        look = figures.cluster_style(int(number))
        assert matplotlib_colors.to_hex(block.get_facecolor()).upper() == look.color
        assert (block.get_hatch() or "") == look.hatch
    badges = [text.get_text() for text in texts(drawn["dendrogram"]) if text.get_bbox_patch()]
    assert badges == [str(n) for n in dict.fromkeys(numbers)]


def _leaves(tree: np.ndarray) -> list[str]:
    return list(dendrogram_geometry(tree, LABELS).labels)


def _blocks(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def test_icicle_joins_neighbours_as_long_as_they_are_together(tree):
    figure = figures.icicle(tree, LABELS)
    order = _leaves(tree)
    deepest = {}
    for patch in figure.axes[0].patches:
        if abs(patch.get_width() - 0.4) < 1e-9:
            gap = round(patch.get_x() - 0.3)
            deepest[gap] = max(deepest.get(gap, 0), round(patch.get_y() + patch.get_height() - 0.5))
    for gap in range(15):
        together = [
            k for k in range(1, 16) if cut(tree, k)[order[gap]] == cut(tree, k)[order[gap + 1]]
        ]
        assert deepest[gap] == max(together)
    # a gap that no row has gets no outline
    outlines = [path.vertices for lines in figure.axes[0].collections for path in lines.get_paths()]
    assert len(outlines) == 14 and all(np.ptp(line[:, 1]) > 0.5 for line in outlines)


def test_proximity_heatmap_prints_every_distance_and_outlines_clusters(drawn, z, clusters):
    found = strings(drawn["proximity_heatmap"])
    largest = max(((z.loc[a] - z.loc[b]) ** 2).sum() for a in LABELS for b in LABELS)
    digits = 1 if largest < 100 else 0
    value = ((z.iloc[0] - z.iloc[5]) ** 2).sum()
    assert found.count(f"{value:.{digits}f}") >= 2
    frames = [
        patch
        for patch in drawn["proximity_heatmap"].axes[0].patches
        if isinstance(patch, Rectangle) and not patch.get_fill()
    ]
    assert sorted(frame.get_width() for frame in frames) == sorted(clusters.value_counts())


def test_scree_draws_coefficients_and_jumps(drawn, schedule):
    upper, lower = drawn["scree"].axes[:2]
    line = upper.lines[0]
    np.testing.assert_array_equal(line.get_xdata(), np.arange(15, 0, -1))
    np.testing.assert_allclose(line.get_ydata(), schedule["coefficient"])
    heights = [patch.get_height() for patch in lower.patches]
    np.testing.assert_allclose(np.cumsum(heights), schedule["coefficient"])
    assert "k = 6" in strings(drawn["scree"])
    with pytest.raises(InputError, match="16 clusters") as caught:
        figures.scree(schedule, 16)
    assert caught.value.place == "k"


def test_silhouettes_are_sorted_within_clusters(clusters):
    widths = pd.Series(np.linspace(0.9, -0.4, 16), index=LABELS)
    figure = figures.silhouette_plot(widths, clusters, mean=0.25)
    axes = figure.axes[0]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    drawn = [bar.get_width() for bar in sorted(bars, key=lambda bar: bar.get_y())]
    expected = [
        value
        for number in sorted(clusters.unique())
        for value in sorted(widths[clusters == number], reverse=True)
    ]
    np.testing.assert_allclose(drawn, expected)
    assert "mean 0.25" in strings(figure)


def test_a_single_member_is_said_to_be_one(clusters):
    alone = clusters.copy()
    alone.iloc[0] = 7
    widths = pd.Series(0.5, index=LABELS)
    widths.iloc[0] = 0.0
    assert (
        strings(figures.silhouette_plot(widths, alone)).count("single member: 0 by definition") == 1
    )


def test_tanglegram_joins_equal_leaves(drawn, tree, clusters):
    left, middle, right = drawn["tanglegram"].axes
    assert left.get_xlim() == (25, 0) and right.get_xlim() == (0, 25)
    assert len(middle.lines) == 2 * 16
    assert "entanglement 0.25" in strings(drawn["tanglegram"])
    wanted = [LABELS[i] for i in range(16)]
    with pytest.raises(InputError, match="would cross"):
        figures.tanglegram(
            tree,
            tree,
            LABELS,
            clusters,
            left_title="a",
            right_title="b",
            left_order=wanted[::2] + wanted[1::2],
        )


@pytest.mark.cases(2)
@pytest.mark.parametrize("n", [2, 3, 70, 200])
def test_trees_of_any_size_can_be_drawn(n):
    table = np.random.default_rng(n).normal(size=(n, 3))
    labels = [f"case {i}" for i in range(n)]
    tree = scipy_linkage(table, "ward")
    k = min(4, n)
    numbers = pd.Series(pd.factorize(fcluster(tree, k, "maxclust"))[0] + 1, index=labels)
    for figure in (
        figures.dendrogram(tree, labels, numbers),
        figures.icicle(tree, labels, numbers),
        figures.tanglegram(tree, tree, labels, numbers, left_title="a", right_title="b"),
    ):
        assert figure.get_size_inches()[1] <= 18
        figure.draw_without_rendering()


def test_trees_refuse_labels_that_do_not_fit(tree, clusters):
    with pytest.raises(InputError):
        figures.dendrogram(tree, LABELS[:-1])
    with pytest.raises(InputError, match="more than once"):
        figures.dendrogram(tree, [LABELS[0], *LABELS[:-1]])
    with pytest.raises(InputError, match="'KZ-AAA' is missing"):
        figures.dendrogram(tree, LABELS, clusters.drop("KZ-AAA"))
