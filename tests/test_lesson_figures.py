"""Figures of the lesson: they draw the numbers they are given, and refuse what does not fit."""

from __future__ import annotations

from pathlib import Path

import hclustkit
import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, cut
from hclustkit.draw.save import save, settle
from hclustkit.draw.style import aligned_styles, cluster_style
from hclustkit.errors import InputError
from hclustkit.tree.geometry import dendrogram_geometry, leaf_order
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scale import scale
from scipy.cluster.hierarchy import linkage

from kzclusters.figures import lesson_figures as drawn
from kzclusters.figures.lesson_figures import growth


@pytest.fixture
def points() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.normal(size=(4, 2)), index=list("abcd"), columns=["u", "v"])


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame(rng.normal(size=(9, 3)), index=[f"o{i}" for i in range(9)])


def words(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def ticks(axes: object) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def segments(axes: object) -> list[np.ndarray]:
    return [
        np.asarray(line)
        for collection in axes.collections
        if isinstance(collection, LineCollection)
        for line in collection.get_segments()
    ]


# ------------------------------------------------------------------------------- scaling


def scaling(points: pd.DataFrame, nearest: tuple = ("a", "b")) -> Figure:
    raw = points * [1000, 1] + [5000, 3]
    return drawn.scaling_pair(
        raw, points, nearest, axis_labels=["U, units", "V, units"], names={"a": "Alpha"}
    )


def test_scaling_pair_draws_both_tables_on_equal_units(points: pd.DataFrame) -> None:
    figure = scaling(points)
    left, right = figure.axes
    for axes, expected in ((left, points * [1000, 1] + [5000, 3]), (right, points)):
        offsets = np.asarray(axes.collections[0].get_offsets())
        assert np.allclose(offsets, expected)
        assert axes.get_aspect() == 1
        assert np.isclose(np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim()))
        assert np.allclose(np.column_stack(axes.lines[0].get_data()), expected.loc[["a", "b"]])
    assert sorted(words(figure)) == sorted(["Alpha", "b", "c", "d"] * 2)
    assert left.get_xlabel() == "U, units" and right.get_ylabel() == "v, z-score"


def test_names_cover_neither_points_nor_each_other(points: pd.DataFrame) -> None:
    figure = scaling(points)
    settle(figure)
    renderer = figure.canvas.get_renderer()
    for axes in figure.axes:
        boxes = [text.get_window_extent(renderer) for text in axes.texts]
        for i, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[:i])
            at = axes.transData.transform(np.asarray(axes.collections[0].get_offsets()))
            assert not any(one.contains(*point) for point in at)


@pytest.mark.parametrize("nearest", [("a", "z"), ("a",), ("a", "a")])
def test_scaling_pair_refuses_a_pair_that_is_none(points: pd.DataFrame, nearest: tuple) -> None:
    with pytest.raises(InputError, match="nearest pair"):
        scaling(points, nearest)


def test_scatter_plots_refuse_more_than_two_columns(table: pd.DataFrame) -> None:
    small = table.iloc[:4]
    with pytest.raises(InputError, match="two columns"):
        drawn.merge_stages(small, linkage(small, "ward"))
    with pytest.raises(InputError, match="two columns"):
        drawn.scaling_pair(small, small, ("o0", "o1"), axis_labels=["a", "b", "c"])


# --------------------------------------------------------------------------- growing trees


def test_merge_stages_shows_every_stage(points: pd.DataFrame) -> None:
    tree = hclustkit.linkage(points)
    figure = drawn.merge_stages(points, tree, names={"a": "Alpha", "b": "B"})
    upper, lower = figure.axes[:4], figure.axes[4:]
    assert [axes.get_title(loc="left") for axes in upper] == [
        "Start",
        "Stage 1",
        "Stage 2",
        "Stage 3",
    ]
    coefficients = [0.0, *Tree.from_table(points).schedule()["coefficient"]]
    assert [axes.get_xlabel() for axes in lower] == [f"coefficient {c:.2f}" for c in coefficients]
    assert "Alpha" in ticks(lower[0]) and not any(ticks(lower[1]))
    assert words(figure).count("B") == 4


def test_merge_stages_names_its_axes_and_regions(points: pd.DataFrame) -> None:
    figure = drawn.merge_stages(points, hclustkit.linkage(points), names={"a": "Alpha"})
    assert [axes.get_xlabel() for axes in figure.axes[:4]] == ["u, z-score"] * 4
    assert [axes.get_ylabel() for axes in figure.axes[:4]] == ["v, z-score", "", "", ""]
    assert words(figure).count("Alpha") == 4 and "a" not in words(figure)


def test_the_ticks_of_a_growing_tree_are_where_they_say(table: pd.DataFrame) -> None:
    tree = hclustkit.linkage(table)
    last = drawn.growing_dendrogram(tree, list(table.index)).axes[7]
    end = Tree.from_table(table).schedule()["coefficient"].iloc[-1]
    marks = dict(
        zip([t.get_text() for t in last.get_xticklabels()], last.get_xticks(), strict=True)
    )
    assert len(marks) == 4 and marks["0"] == 0
    for text, at in list(marks.items())[:-1]:
        assert float(text) == at, "a rounded label at a place that is not round"
    assert list(marks.values())[-1] == pytest.approx(end)
    assert [growth._round_down(x) for x in (10.3, 41.25, 0.078, 7.0, 100.0)] == [
        10,
        40,
        0.07,
        7,
        100,
    ]


def test_a_name_is_nearer_to_its_own_point_than_to_another() -> None:
    raw = pd.DataFrame(
        {"u": [886.2, 1983.0, 3592.7, 4374.3], "v": [52.8, 99.4, 331.5, 85.7]}, index=list("abcd")
    )
    names = {"a": "Almaty region", "b": "Kyzylorda", "c": "Mangystau", "d": "Astana"}
    figure = drawn.scaling_pair(
        raw, (raw - raw.mean()) / raw.std(), ("c", "d"), axis_labels=["U", "V"], names=names
    )
    settle(figure)
    renderer = figure.canvas.get_renderer()
    for axes, table in zip(figure.axes, (raw, (raw - raw.mean()) / raw.std()), strict=True):
        at = axes.transData.transform(table.to_numpy())
        for text in axes.texts:
            box = text.get_window_extent(renderer)
            edge = np.clip(at, [box.x0, box.y0], [box.x1, box.y1])
            away = np.hypot(*(at - edge).T)
            own = list(names.values()).index(text.get_text())
            assert away[own] < 0.7 * np.delete(away, own).min(), text.get_text()


def test_squared_spokes_are_the_coefficient(points: pd.DataFrame) -> None:
    """What the picture says: the squared lengths of the spokes add up to the sum of squares."""
    figure = drawn.merge_stages(points, hclustkit.linkage(points))
    coefficients = [0.0, *Tree.from_table(points).schedule()["coefficient"]]
    for axes, coefficient in zip(figure.axes[:4], coefficients, strict=True):
        lengths = [float(((line[1] - line[0]) ** 2).sum()) for line in segments(axes)]
        assert np.isclose(sum(lengths), coefficient)


def test_a_tree_grows_by_one_link_a_stage(table: pd.DataFrame) -> None:
    tree = hclustkit.linkage(table)
    figure = drawn.growing_dendrogram(tree, list(table.index), names={"o0": "Zero"})
    coefficients = Tree.from_table(table).schedule()["coefficient"].tolist()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == 8
    for stage, axes in enumerate(shown, start=1):
        assert axes.get_title(loc="left") == f"Stage {stage}"
        links = [line for line in segments(axes) if len(line) == 4]
        assert sorted(link[:, 0].max() for link in links) == pytest.approx(coefficients[:stage])
        fresh = axes.collections[2].get_segments()
        assert len(fresh) == 1 and fresh[0][:, 0].max() == pytest.approx(coefficients[stage - 1])
        # every cluster that waits is drawn up to the present coefficient
        waiting = [line for line in segments(axes) if len(line) == 2]
        assert all(line[1, 0] == pytest.approx(coefficients[stage - 1]) for line in waiting)
        assert len(waiting) == len(table) - stage - 1
    assert "Zero" in ticks(figure.axes[0]) and not any(ticks(figure.axes[1]))


def test_large_trees_are_drawn_at_some_stages_only() -> None:
    table = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 2)))
    table.index = table.index.map(str)
    figure = drawn.growing_dendrogram(hclustkit.linkage(table), list(table.index))
    shown = [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]
    assert len(shown) == 15 and shown[0] == "Stage 1" and shown[-1] == "Stage 39"


def test_merge_stages_is_for_a_few_objects(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="at most 6 objects, got 9"):
        drawn.merge_stages(table.iloc[:, :2], hclustkit.linkage(table.iloc[:, :2]))


# ---------------------------------------------------------------------- trees side by side


def test_panels_draw_each_tree_with_its_own_order_and_cut(table: pd.DataFrame) -> None:
    labels = list(table.index)
    panels = []
    for method in ("ward", "single"):
        tree = hclustkit.linkage(table, method)
        membership = pd.Series(cut(tree, 3), index=labels)
        panels.append(drawn.TreePanel(method, tree, labels, method=method, partition=membership))
    plain = hclustkit.linkage(table)
    order = [labels[i] for i in leaf_order(plain)]
    size = 1 if plain[-1, :2].min() < 9 else int(plain[int(plain[-1, :2].min()) - 9, 3])
    turned = order[size:] + order[:size]
    panels.append(drawn.TreePanel("turned", plain, labels, order=turned, names={"o1": "One"}))
    figure = drawn.dendrogram_panels(panels, axis_label="axis")
    visible = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in visible] == ["ward", "single", "turned"]
    for axes, panel in zip(visible[:2], panels[:2], strict=True):
        assert ticks(axes) == list(dendrogram_geometry(panel.Z, labels).labels)
        # the cut runs between the last merge made and the first refused
        heights = (
            dendrogram_geometry(panel.Z, labels, method=panel.method)
            .links.sort_values("stage")["y_2"]
            .to_numpy()
        )
        at = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
        assert len(at) == 1 and heights[5] < at[0] < heights[6]
    assert ticks(visible[2]) == ["One" if label == "o1" else label for label in turned]
    assert figure.get_supxlabel() == "axis"


def test_colours_of_panels_follow_the_styles_given(table: pd.DataFrame) -> None:
    labels = list(table.index)
    tree = hclustkit.linkage(table)
    membership = pd.Series(cut(tree, 2), index=labels)
    look = {1: cluster_style(5), 2: cluster_style(6)}
    panel = drawn.TreePanel("t", tree, labels, partition=membership, styles=look)
    figure = drawn.dendrogram_panels([panel])
    blocks = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    assert {to_hex(p.get_facecolor()).upper() for p in blocks} == {look[1].color, look[2].color}


def test_panels_refuse_what_does_not_fit(table: pd.DataFrame) -> None:
    tree, labels = hclustkit.linkage(table), list(table.index)
    with pytest.raises(InputError, match="there is no tree"):
        drawn.dendrogram_panels([])
    with pytest.raises(InputError, match="branches would cross"):
        order = [labels[i] for i in leaf_order(tree)]
        order[0], order[-1] = order[-1], order[0]
        drawn.dendrogram_panels([drawn.TreePanel("t", tree, labels, order=order)])
    with pytest.raises(InputError, match="partition"):
        drawn.dendrogram_panels(
            [drawn.TreePanel("t", tree, labels, partition=pd.Series([1], index=["o0"]))]
        )


# ---------------------------------------------------------------------- criteria and years


def test_each_criterion_marks_its_favourite() -> None:
    curves = pd.DataFrame(
        {"up": [1.0, 3.0, 2.0, 0.0], "down": [4.0, 3.0, 2.0, 5.0]}, index=[2, 3, 4, 5]
    )
    figure = drawn.criterion_panels(curves, {"up": "largest", "down": "smallest"}, n_clusters=5)
    for axes, column, best in zip(figure.axes, ("up", "down"), (3, 4), strict=True):
        curve, mark, line = axes.lines
        assert np.allclose(curve.get_ydata(), curves[column])
        assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (best, curves.loc[best, column])
        assert line.get_xdata()[0] == 5
        assert [text.get_text() for text in axes.texts] == [f"k = {best}"]
        assert axes.get_title(loc="left").startswith(column)
    without = drawn.criterion_panels(curves, {"up": "largest", "down": "smallest"}, n_clusters=9)
    assert len(without.axes[0].lines) == 2


def test_criteria_need_a_direction() -> None:
    curves = pd.DataFrame({"x": [1.0, 2.0]}, index=[2, 3])
    with pytest.raises(InputError, match="criterion 'x'"):
        drawn.criterion_panels(curves, {"x": "best"})
    with pytest.raises(InputError, match="no criterion"):
        drawn.criterion_panels(curves.iloc[:0], {"x": "largest"})


def test_years_show_number_look_and_move() -> None:
    labels = ["a", "b", "c"]
    by_year = pd.DataFrame({2001: [1, 1, 2], 2002: [1, 2, 2]}, index=labels)
    moved = pd.DataFrame({2001: [False] * 3, 2002: [False, True, False]}, index=labels)
    looks = {at: aligned_styles(by_year[2001], by_year[at]) for at in by_year}
    figure = drawn.membership_by_year(
        by_year, ["c", "a", "b"], styles=looks, moved=moved, names={"a": "Alpha"}
    )
    axes = figure.axes[0]
    assert ticks(axes) == ["c", "Alpha", "b"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2001", "2002"]
    assert words(figure) == ["2", "1", "1", "2", "1", "2 \N{BLACK DIAMOND}"]
    assert sum(not patch.get_fill() for patch in axes.patches) == 1
    with pytest.raises(InputError, match="moved"):
        drawn.membership_by_year(by_year, labels, styles=looks, moved=moved.drop(columns=2002))
    with pytest.raises(InputError, match="order"):
        drawn.membership_by_year(by_year, labels[:2], styles=looks, moved=moved)


# ----------------------------------------------------------------------------- all of them


def every(points: pd.DataFrame, table: pd.DataFrame) -> dict[str, Figure]:
    labels, tree = list(table.index), hclustkit.linkage(table)
    by_year = pd.DataFrame({1: cut(tree, 3)}, index=labels)
    curves = pd.DataFrame({"x": [1.0, 2.0]}, index=[2, 3])
    return {
        "scaling": scaling(points),
        "merges": drawn.merge_stages(points, hclustkit.linkage(points)),
        "growth": drawn.growing_dendrogram(tree, labels),
        "panels": drawn.dendrogram_panels([drawn.TreePanel("t", tree, labels)]),
        "criteria": drawn.criterion_panels(curves, {"x": "largest"}),
        "years": drawn.membership_by_year(
            by_year, labels, styles={1: aligned_styles(by_year[1], by_year[1])}, moved=by_year > 9
        ),
    }


@pytest.mark.long("figures saved twice", "SVG, PNG and data of every figure are the same bytes")
def test_figures_are_the_same_bytes_every_time(
    points: pd.DataFrame, table: pd.DataFrame, tmp_path: Path
) -> None:
    names = [*every(points, table)][:: scale(3, 1)]
    for folder in ("one", "two"):
        for name, figure in every(points, table).items():
            if name in names:
                save(figure, name, table, tmp_path / folder)
    for name in names:
        for kind in ("svg", "png"):
            one, two = (tmp_path / at / f"{name}.{kind}" for at in ("one", "two"))
            assert one.read_bytes() == two.read_bytes(), (name, kind)


def test_no_text_is_too_small(points: pd.DataFrame, table: pd.DataFrame) -> None:
    for name, figure in every(points, table).items():
        settle(figure)
        for text in figure.findobj(lambda item: hasattr(item, "get_fontsize")):
            if text.get_text().strip() and text.get_visible():
                assert text.get_fontsize() >= 6.5, (name, text.get_text())
