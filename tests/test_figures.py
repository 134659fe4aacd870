"""Figures: legible, the same bytes every time, the data beside them, one style."""

from __future__ import annotations

import io as standard_io
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree

import figure_cases
import matplotlib
import numpy as np
import pandas as pd
import pytest
from figure_cases import LABELS, NAMES, boxes, infrastructure, texts
from hclustkit import compare
from hclustkit.draw import pairs as pair_drawing
from hclustkit.draw import plots, style, trees
from hclustkit.draw.layout import SMALLEST, text_width, wrap
from hclustkit.draw.save import png_bytes, svg_bytes
from hclustkit.errors import InputError
from PIL import Image
from scale import scale

from kzclusters import figures
from kzclusters.figures import (
    article_figures,
    claim_figures,
    missing_figures,
    multiverse_figures,
    regions,
)

z = figure_cases.z
tree = figure_cases.tree
clusters = figure_cases.clusters
order = figure_cases.order
published = figure_cases.published
schedule = figure_cases.schedule
content = figure_cases.content
drawn = figure_cases.drawn

DRAWING = (
    pair_drawing,
    plots,
    trees,
    regions,
    article_figures,
    claim_figures,
    missing_figures,
    multiverse_figures,
)
EVERY = [
    "agreement_distribution",
    "claim_matrix",
    "claim_strips",
    "cluster_profiles",
    "coassociation_pair",
    "correlation_heatmap",
    "dendrogram",
    "distributions",
    "figure1",
    "figure2",
    "figure3",
    "icicle",
    "indicator_heatmap",
    "leave_out_plot",
    "missing_ranges",
    "missingness_grid",
    "noise_survival_plot",
    "null_shares",
    "pair_picture",
    "proximity_heatmap",
    "recovery_bars",
    "scaling_comparison",
    "scree",
    "silhouette_plot",
    "specification_curve",
    "tanglegram",
    "tile_map_pair",
    "tile_value_map",
    "variance_share_bars",
]


# ------------------------------------------------------------------------------- every figure


def test_every_public_figure_is_drawn_here(drawn):
    public = {
        name
        for name in figures.__all__
        if getattr(figures, name).__module__.startswith(
            tuple(module.__name__ for module in DRAWING)
        )
        and getattr(figures, name).__annotations__.get("return") == "Figure"
    }
    assert set(drawn) == public == set(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_type_is_large_enough_in_print(drawn, name):
    small = [
        (text.get_text(), text.get_fontsize())
        for text in texts(drawn[name])
        if text.get_fontsize() < SMALLEST
    ]
    assert not small
    assert drawn[name].get_size_inches()[0] <= 7.0


@pytest.mark.cases(10)
@pytest.mark.parametrize("name", EVERY)
def test_no_text_is_cut_or_overlaps(drawn, name):
    figure = drawn[name]
    width, height = figure.get_size_inches() * figure.dpi
    placed = boxes(figure)
    for text, box, _ in placed:
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, text
    # the boxes of slanted text overlap where the letters do not
    upright = [(text, box) for text, box, rotation in placed if rotation % 90 == 0]
    for (one, a), (two, b) in itertools.combinations(upright, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or down <= 1, f"{one!r} overlaps {two!r}"


@pytest.mark.long("figures saved twice", "SVG, PNG and data of every figure are the same bytes")
@pytest.mark.parametrize("name", scale(EVERY[::10], EVERY))
def test_svg_and_png_are_the_same_on_every_drawing(drawn, name, tmp_path):
    data = pd.DataFrame({"x": [1.5]})
    first = figures.save(drawn[name], name, data, tmp_path / "a", title="T", alt="Some text.")
    again = figures.save(drawn[name], name, data, tmp_path / "b", title="T", alt="Some text.")
    assert [path.name for path in first] == [f"{name}.svg", f"{name}.png", f"{name}.csv"]
    for one, two in zip(first, again, strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_a_figure_drawn_again_has_the_same_bytes(tree, clusters, published):
    for draw, written in (
        (lambda: figures.dendrogram(tree, LABELS, clusters, names=NAMES), png_bytes),
        (lambda: figures.dendrogram(tree, LABELS, clusters, names=NAMES), svg_bytes),
        (lambda: figures.figure3(published, infrastructure(published), clusters), svg_bytes),
    ):
        assert written(draw(), "one") == written(draw(), "one")


def test_the_settings_of_the_user_do_not_matter(tree, clusters):
    usual = svg_bytes(figures.dendrogram(tree, LABELS, clusters), "tree")
    with matplotlib.rc_context(
        {
            "font.size": 20,
            "lines.linewidth": 9,
            "svg.hashsalt": "x",
            "axes.grid": True,
            "savefig.facecolor": "red",
        }
    ):
        assert svg_bytes(figures.dendrogram(tree, LABELS, clusters), "tree") == usual


def test_drawing_leaves_no_global_state(tree, clusters):
    import matplotlib.pyplot as plt

    before, others = dict(matplotlib.rcParams), plt.get_fignums()  # other tests may use pyplot
    figures.dendrogram(tree, LABELS, clusters)
    assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == others


# --------------------------------------------------------------------------------------- save


def test_data_beside_the_figure_is_what_was_passed(drawn, tmp_path):
    table = pd.DataFrame(
        {"share": [0.1, np.nan], "name": ["a", "ü"]}, index=pd.Index(["x", "y"], name="region")
    )
    path = figures.save(drawn["scree"], "scree", table, tmp_path)[-1]
    assert path.name == "scree.csv"
    pd.testing.assert_frame_equal(pd.read_csv(path, index_col="region"), table)
    plain = pd.DataFrame({"a": [1, 2]})
    assert figures.save(drawn["scree"], "plain", plain, tmp_path)[-1].read_text() == "a\n1\n2\n"


def test_a_dict_is_written_as_json(drawn, tmp_path):
    data = {
        "published": pd.Series({"KZ-A": "I"}),
        "table": pd.DataFrame({"x": [1, 2]}),
        "value": np.float64(0.5),
        "none": np.nan,
        "list": (1, 2),
    }
    path = figures.save(drawn["scree"], "some", data, tmp_path)[-1]
    assert json.loads(path.read_text()) == {
        "published": {"KZ-A": "I"},
        "table": [{"x": 1}, {"x": 2}],
        "value": 0.5,
        "none": None,
        "list": [1, 2],
    }


def test_an_unchanged_file_is_not_touched(drawn, tmp_path):
    first = figures.save(drawn["scree"], "scree", pd.DataFrame({"a": [1]}), tmp_path)
    times = [path.stat().st_mtime_ns for path in first]
    figures.save(drawn["scree"], "scree", pd.DataFrame({"a": [1]}), tmp_path)
    assert [path.stat().st_mtime_ns for path in first] == times
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".png", ".svg"]


def test_the_svg_carries_its_alternative_text(drawn):
    svg = svg_bytes(drawn["scree"], "scree", "Jumps & more", "A chart with a < b.")
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    title, description = root.find(f"{space}title"), root.find(f"{space}desc")
    assert root.get("role") == "img"
    assert (title.text, description.text) == ("Jumps & more", "A chart with a < b.")
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    # title and description come first, as the SVG specification asks for
    assert list(root)[:2] == [title, description]


def test_no_date_program_or_machine_in_the_files(drawn):
    svg = svg_bytes(drawn["scree"], "scree", "T", "A.").decode()
    assert "<metadata" not in svg and "Matplotlib v" not in svg and "date" not in svg
    image = Image.open(standard_io.BytesIO(png_bytes(drawn["scree"], "scree", "T", "Alt.")))
    assert image.text == {"Title": "T", "Description": "Alt."}
    assert image.size[0] == 1400


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alt": None}, "both a title and an alternative text"),
        ({"alt": "  "}, "alternative text is empty"),
        ({"title": ""}, "title is empty"),
        ({"name": "../x"}, "figure name"),
        ({"formats": ("gif",)}, "'gif'"),
        ({"data": [1, 2]}, "data must be a DataFrame or a dict"),
    ],
)
def test_save_refuses(drawn, tmp_path, change, message):
    given = {
        "figure": drawn["scree"],
        "name": "scree",
        "data": {},
        "folder": tmp_path,
        "title": "T",
        "alt": "A",
        **change,
    }
    with pytest.raises(InputError, match=re.escape(message)):
        figures.save(**given)
    assert list(tmp_path.iterdir()) == []


# -------------------------------------------------------------------------------------- style


def test_cluster_looks_are_told_apart_twice():
    looks = [figures.cluster_style(number) for number in range(1, 82)]
    assert len({(look.color, look.hatch) for look in looks}) == 81
    first = looks[:9]
    for cue in ("color", "hatch", "marker"):
        assert len({getattr(look, cue) for look in first}) == 9
    # the number's look does not depend on how many clusters there are
    few, many = pd.Series([1, 2]), pd.Series(range(1, 12))
    assert style.cluster_styles(few)[2] == style.cluster_styles(many)[2]


def test_text_on_a_cluster_colour_is_readable():
    for number in range(1, 10):
        look = figures.cluster_style(number)
        light, dark = sorted(
            (style.luminance(look.color), style.luminance(look.text_color)), reverse=True
        )
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_colour_maps_have_even_ends():
    for name, shift in (("DIVERGING", 0.0), ("SEQUENTIAL", None)):
        light = [style.luminance(getattr(style, name)(x)) for x in np.linspace(0, 1, 21)]
        if shift is None:
            assert all(np.diff(light) < 0)
        else:
            assert np.argmax(light) == 10 and abs(light[0] - light[-1]) < 0.05


def test_matched_clusters_share_a_look():
    reference = pd.Series([1, 1, 1, 2, 2, 3], index=list("abcdef"))
    other = pd.Series([2, 2, 3, 1, 1, 4], index=list("abcdef"))
    looks = figures.aligned_styles(reference, other)
    assert looks[2] == figures.cluster_style(1)
    assert looks[1] == figures.cluster_style(2)
    assert looks[4] == figures.cluster_style(3)
    assert looks[3] == figures.cluster_style(4)  # a look that the reference does not use
    with pytest.raises(InputError):
        figures.aligned_styles(reference, other.drop("a"))


def test_looks_and_moves_follow_one_matching():
    """What keeps its colour is what need not move, ties included."""
    generator = np.random.default_rng(4)
    tied = (pd.Series([1, 1, 2], index=list("abc")), pd.Series([1, 2, 3], index=list("abc")))
    drawn = [
        tuple(pd.Series(generator.integers(1, 5, 12), index=list("abcdefghijkl")) for _ in range(2))
        for _ in range(50)
    ]
    for published, ours in [tied, *drawn]:
        looks = figures.aligned_styles(ours, published)
        stay = [
            at for at in ours.index if looks[published[at]] == figures.cluster_style(int(ours[at]))
        ]
        moved = compare.moves(published, ours)
        assert sorted([*stay, *moved]) == list(ours.index)


def test_roman_numerals():
    assert [style.roman(n) for n in (1, 4, 8, 9, 14, 40, 1994)] == [
        "I",
        "IV",
        "VIII",
        "IX",
        "XIV",
        "XL",
        "MCMXCIV",
    ]
    assert all(style.from_roman(style.roman(n)) == n for n in range(1, 400))
    for wrong in ("", "IIII", "A", "VX"):
        with pytest.raises(InputError):
            style.from_roman(wrong)
    with pytest.raises(InputError):
        figures.cluster_style(0)


def test_wrapped_lines_fit_their_width():
    text = "Research and Education Agribusiness Complex; Incomprehensibilities and more"
    for width in (40, 90, 200):
        lines = wrap(text, width, 7)
        assert all(text_width(line, 7) <= width for line in lines)
        assert "".join(lines).replace("-", "").replace(" ", "") == text.replace(" ", "")
