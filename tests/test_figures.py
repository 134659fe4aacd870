"""Figures: the same bytes every time, the data beside them, and what they print and draw."""

from __future__ import annotations

import io as standard_io
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
import yaml
from hclustkit import compare
from hclustkit.draw import pairs as pair_drawing
from hclustkit.draw import plots, style, trees
from hclustkit.draw.layout import SMALLEST, text_width, wrap
from hclustkit.draw.save import png_bytes, svg_bytes
from hclustkit.errors import InputError
from hclustkit.published import companions, pair_table
from hclustkit.tree.geometry import dendrogram_geometry
from matplotlib import colors as matplotlib_colors
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from report_cases import drawn_texts
from scale import scale
from scipy.cluster.hierarchy import dendrogram as scipy_dendrogram
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage

from kzclusters import figures
from kzclusters.figures import (
    article_figures,
    claim_figures,
    manifest,
    missing_figures,
    multiverse_figures,
    regions,
)

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
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

# ------------------------------------------------------------------------------ made-up data

LABELS = [f"KZ-{letter}{letter}{letter}" for letter in "ABCDEFGHIJKLMNOP"]
NAMES = dict(
    zip(
        LABELS,
        (
            "North Kazakhstan",
            "Alpha",
            "South Kazakhstan",
            "Beta",
            "Gamma",
            "Delta",
            "Mangystau",
            "Epsilon",
            "West Kazakhstan",
            "Zeta",
            "Eta",
            "Theta",
            "Iota",
            "Kappa",
            "Lambda",
            "My",
        ),
        strict=True,
    )
)
COLUMNS = [f"P{i}" for i in (2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14)]


@pytest.fixture(scope="module")
def z() -> pd.DataFrame:
    generator = np.random.default_rng(7)
    centres = np.repeat(generator.normal(0, 3, size=(6, len(COLUMNS))), [4, 3, 3, 3, 2, 1], axis=0)
    table = pd.DataFrame(centres + generator.normal(size=(16, len(COLUMNS))), LABELS, COLUMNS)
    return (table - table.mean()) / table.std()


@pytest.fixture(scope="module")
def tree(z) -> np.ndarray:
    return scipy_linkage(z.to_numpy(), "ward")


def cut(tree: np.ndarray, k: int) -> pd.Series:
    """Clusters numbered by first case, made by scipy alone."""
    return pd.Series(pd.factorize(fcluster(tree, k, "maxclust"))[0] + 1, index=LABELS)


@pytest.fixture(scope="module")
def clusters(tree) -> pd.Series:
    return cut(tree, 6)


@pytest.fixture(scope="module")
def order(tree) -> list[str]:
    return [LABELS[i] for i in scipy_dendrogram(tree, no_plot=True)["leaves"]]


@pytest.fixture(scope="module")
def published() -> pd.Series:
    return pd.Series([style.roman(1 + i // 2) for i in range(16)], index=LABELS)


@pytest.fixture(scope="module")
def schedule(tree) -> pd.DataFrame:
    return pd.DataFrame({"stage": np.arange(1, 16), "coefficient": np.cumsum(tree[:, 2] ** 2 / 2)})


GRID = pd.DataFrame(
    {"region": LABELS, "row": 1 + np.arange(16) // 4, "column": 1 + np.arange(16) % 4}
)
UNITS = dict.fromkeys(COLUMNS, "thousand KZT per person")
INDICATOR_NAMES = dict.fromkeys(COLUMNS, "Private investment")


def infrastructure(published: pd.Series) -> pd.DataFrame:
    rows = []
    for place, cluster in enumerate(sorted(published.unique(), key=style.from_roman)):
        for reading, many in (("both", 6), ("figure", place % 3), ("text", place % 2)):
            rows += [
                {
                    "cluster": cluster,
                    "organisation": f'JSC "NC" SEC "Organisation {reading} {i}"',
                    "count": 4 if i == 1 else None,
                    "reading": reading,
                }
                for i in range(many)
            ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def content() -> dict:
    return {
        "figure1": {
            "nodes": [
                {"id": "business", "text": "Companies and industries"},
                {"id": "government", "text": "Local and regional government"},
                {"id": "science", "text": "Research"},
                {"id": "cluster", "text": "Clusters and innovation system"},
            ]
        },
        "triple_helix": [
            {"id": "business", "text": "firms", "members": ["large enterprises", "associations"]},
            {"id": "government", "text": "authorities", "members": ["local authorities"]},
            {"id": "science", "text": "scholars", "members": ["universities", "institutes"]},
            {"id": "others", "text": "Others", "members": ["financial institutions"]},
        ],
        "figure2": {
            "nodes": [
                {"id": f"s{i}", "text": f"Step {word}: it goes on for a while"}
                for i, word in enumerate(("one", "two", "three", "four"))
            ],
            "edges": [
                {
                    "from": f"s{i}",
                    "to": f"s{(i + 1) % 4}",
                    "text": f"way {i}",
                    "basis": "stated" if i % 2 else "formula",
                }
                for i in range(4)
            ],
        },
    }


def multiverse_tables(published: pd.Series) -> dict[str, pd.DataFrame]:
    generator = np.random.default_rng(3)
    n = 3000
    agreement = pd.Series(generator.uniform(-0.1, 1, n))
    choices = pd.DataFrame(
        {
            "year": generator.integers(2010, 2016, n),
            "linkage": generator.choice(["ward", "average"], n),
            "P3": generator.choice(["absent", "main", "per_million"], n),
        }
    )
    edges = np.linspace(-0.1, 1, 23)
    curve, shares = multiverse_figures.specification_bins(agreement, choices, bins=40, baseline=5)
    numerals = sorted(published.unique(), key=style.from_roman)
    draws = generator.normal(0.2, 0.05, 500).clip(-0.1, 1)
    pair = generator.uniform(0, 1, (16, 16))
    return {
        "agreement": agreement,
        "choices": choices,
        "curve": curve,
        "shares": shares,
        "histogram": pd.concat(
            [
                multiverse_figures.bin_counts(
                    agreement[choices["linkage"] == name], edges, group=name
                )
                for name in ("ward", "average")
            ]
        ),
        "coassociation": pd.DataFrame((pair + pair.T) / 2, LABELS, LABELS),
        "recovery": pd.DataFrame(
            [
                {"cluster": numeral, "linkage": name, "share": generator.uniform()}
                for name in ("ward", "average")
                for numeral in numerals
            ]
        ),
        "variance": pd.DataFrame(
            {"shapley": [0.5, 0.3, 0.2], "first_order": [0.4, 0.2, 0.1], "total": [0.7, 0.5, 0.3]},
            index=["P3", "year", "linkage"],
        ),
        "sets": pd.DataFrame(
            [
                {"null": null, "n": 4996, "holds_real": real, "over": over, "share": 0.002}
                for null, real in (("all", True), ("every cluster in one piece", False))
                for over in ("own setting", "the whole grid")
            ]
        ),
        "surrogates": multiverse_figures.bin_counts(draws, edges),
        "leave": pd.DataFrame(
            [
                {
                    "kind": kind,
                    "left_out": f"{kind} {i}",
                    "ari_reference": generator.uniform(),
                    "ari_baseline": generator.uniform(),
                }
                for kind in ("indicator", "group", "object")
                for i in range(4)
            ]
        ),
    }


CLAIMS = pd.DataFrame(
    [
        (
            "I",
            "They are alike in everything that was measured, and in more.",
            "supported",
            "p = 0.011",
        ),
        ("I", "They are high.", "partly", "1 of 2 supported"),
        ("II", "They are low.", "not supported", "mean z +0.108"),
        ("II", "They share a border.", "supported", "1 of 1 borders shared, p = 0.2"),
        ("I", "They share a past.", "untestable", ""),
        ("III", "It is alone.", "supported", "rank 1 of 16"),
    ],
    columns=["cluster", "claim", "verdict", "in_short"],
    index=[f"C{i}" for i in range(1, 7)],
).assign(reason="Needed: a measure of a common past")


def verdicts_by_year() -> pd.DataFrame:
    other = list(claim_figures.VERDICT_LOOKS)
    return pd.DataFrame(
        {2012: [other[i % 4] for i in range(6)], 2013: CLAIMS["verdict"].to_numpy()}, CLAIMS.index
    )


def claim_places() -> pd.DataFrame:
    """Two rows for C1 and C2, one for C3 and C6, none for C4 and C5."""
    rows = []
    for at, row, low, high in (
        ("C1", "P2", None, None),
        ("C1", "-P9", None, None),
        ("C2", "P2", 0.5, None),
        ("C2", "density", 0.5, None),
        ("C3", "P4", None, -0.5),
        ("C6", "nearest", None, None),
    ):
        for i, z in enumerate(np.linspace(-1.5, 2.5, 16)):
            rows.append((at, row, "member" if i in (3, 5) else "other", z, low, high))
        if row != "nearest":
            kind = "mean of regions" if row == "-P9" else "national"
            rows.append((at, row, kind, 0.25, low, high))
    return pd.DataFrame(rows, columns=["claim", "row", "kind", "z", "low", "high"]).astype(
        {"low": float, "high": float}
    )


def missing_cells():
    """Cells of one reading, and what one free column can do."""
    rows = [
        (
            "legal",
            columns,
            scaling,
            year,
            share,
            share == 1,
            "insensitive" if share == 1 else "depends",
        )
        for columns, share in (("P10", 1.0), ("P11", 0.37), ("P10 P11", 0.0))
        for scaling in ("zscore", "rank")
        for year in (2012, 2013)
    ]
    names = ["reading", "columns", "scaling", "year", "unchanged", "proved", "verdict"]
    statuses = [
        ("zscore", 2012, "impossible"),
        ("zscore", 2013, "open"),
        ("rank", 2013, "reachable"),
    ]
    free = pd.DataFrame(statuses, columns=["scaling", "year", "status"])
    return pd.DataFrame(rows, columns=names), free


@pytest.fixture(scope="module")
def drawn(z, tree, clusters, order, published, schedule, content) -> dict[str, Figure]:
    """Every figure once, from made-up data."""
    tables = multiverse_tables(published)
    other = scipy_linkage(z.to_numpy(), "average")
    proximity = pd.DataFrame(
        ((z.to_numpy()[:, None] - z.to_numpy()) ** 2).sum(axis=2), LABELS, LABELS
    )
    silhouettes = pd.Series(np.linspace(-0.3, 0.8, 16), index=LABELS)
    survival = pd.DataFrame(
        [
            {"level": level, "cluster": number, "survived": 1 - 5 * level, "jaccard": 1 - 3 * level}
            for level in (0.01, 0.05, 0.1)
            for number in sorted(clusters.unique())
        ]
    )
    values = z * 100 + 500
    status = pd.DataFrame(
        [["as defined", "proxy"], ["missing", "as defined"]], ["P1", "P2"], [2012, 2013]
    )
    shares = pd.DataFrame({"none": [0.9, 0.1], "z-score": [0.5, 0.5]}, index=["P2", "P3"])
    return {
        "dendrogram": figures.dendrogram(tree, LABELS, clusters, names=NAMES),
        "icicle": figures.icicle(tree, LABELS, clusters, names=NAMES),
        "proximity_heatmap": figures.proximity_heatmap(proximity, order, clusters, names=NAMES),
        "scree": figures.scree(schedule, 6),
        "silhouette_plot": figures.silhouette_plot(silhouettes, clusters, mean=0.2, names=NAMES),
        "tanglegram": figures.tanglegram(
            tree,
            other,
            LABELS,
            clusters,
            left_title="ward",
            right_title="average",
            methods=("ward", "average"),
            entanglement=0.25,
            names=NAMES,
        ),
        "tile_map_pair": figures.tile_map_pair(
            GRID, published, clusters, titles=("Left", "Right"), names=NAMES
        ),
        "tile_value_map": figures.tile_value_map(
            GRID, values[["P2"]], units={"P2": "KZT"}, titles=INDICATOR_NAMES
        ),
        "indicator_heatmap": figures.indicator_heatmap(
            z,
            order,
            clusters,
            columns=["P1", *COLUMNS],
            names=NAMES,
            indicator_names=INDICATOR_NAMES,
        ),
        "cluster_profiles": figures.cluster_profiles(
            z, clusters, z.groupby(clusters).mean(), names=NAMES
        ),
        "missing_ranges": figures.missing_ranges(*missing_cells()),
        "missingness_grid": figures.missingness_grid(status),
        "distributions": figures.distributions(values, units=UNITS, names=NAMES),
        "correlation_heatmap": figures.correlation_heatmap(z.corr()),
        "scaling_comparison": figures.scaling_comparison(shares),
        "claim_matrix": figures.claim_matrix(
            verdicts_by_year(), CLAIMS, baseline=2013, members={"I": ["North Kazakhstan", "Alpha"]}
        ),
        "claim_strips": figures.claim_strips(CLAIMS, claim_places()),
        "figure1": figures.figure1(content),
        "figure2": figures.figure2(content),
        "figure3": figures.figure3(published, infrastructure(published), clusters, names=NAMES),
        "agreement_distribution": figures.agreement_distribution(
            tables["histogram"], 0.5, below=0.7
        ),
        "specification_curve": figures.specification_curve(
            tables["curve"], tables["shares"], baseline=0.5
        ),
        "coassociation_pair": figures.coassociation_pair(
            tables["coassociation"], published, names=NAMES
        ),
        "recovery_bars": figures.recovery_bars(tables["recovery"], published, names=NAMES),
        "variance_share_bars": figures.variance_share_bars(tables["variance"]),
        "null_shares": figures.null_shares(tables["sets"], tables["surrogates"], 0.8),
        "noise_survival_plot": figures.noise_survival_plot(survival, clusters, names=NAMES),
        "leave_out_plot": figures.leave_out_plot(tables["leave"], 0.5),
        "pair_picture": pair_picture(published),
    }


def pair_picture(published: pd.Series) -> Figure:
    """Twenty-four partitions in six groups: as wide as the one that is published."""
    rng = np.random.default_rng(4)
    columns = pd.MultiIndex.from_product(
        [range(2010, 2016), ["z-scores", "0 to 1", "ranks", "log z-scores"]]
    )
    found = pd.DataFrame(rng.integers(0, 5, (16, 24)), index=published.index, columns=columns)
    pairs, cases = pair_table(published, found), companions(published, found)
    return figures.pair_picture(pairs, cases, published=published, names=NAMES)


def texts(figure: Figure) -> list[Text]:
    """Visible, non-empty text artists."""
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def strings(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def boxes(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """Every text that is really drawn: text, box, rotation."""
    seen = drawn_texts(figure)
    renderer = figure.canvas.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_rotation()) for text in seen
    ]


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


# -------------------------------------------------------------------------------------- trees


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
    with pytest.raises(InputError, match="16 clusters"):
        figures.scree(schedule, 16)


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


# ------------------------------------------------------------------------------------ regions


def test_tile_map_prints_code_name_and_number_of_every_region(drawn, clusters):
    axes = drawn["tile_map_pair"].axes[1]
    found = [text.get_text() for text in axes.texts]
    for label in LABELS:
        assert label.removeprefix("KZ-") in found
    words = " ".join(found)
    assert all(word in words for name in NAMES.values() for word in name.split())
    badges = [text.get_text() for text in axes.texts if text.get_bbox_patch()]
    assert sorted(badges) == sorted(map(str, clusters))
    heads = [patch for patch in axes.patches if patch.get_hatch()]
    hatched = [n for n in clusters if figures.cluster_style(int(n)).hatch]
    assert len(heads) == len(hatched)


def test_tile_map_pair_uses_roman_numerals_for_the_published(drawn, published, clusters):
    left, right = drawn["tile_map_pair"].axes
    for axes, expected in ((left, published), (right, clusters.map(str))):
        badges = [text.get_text() for text in axes.texts if text.get_bbox_patch()]
        assert sorted(badges) == sorted(expected)


def test_tile_grid_is_checked(clusters):
    crowded = GRID.copy()
    crowded.loc[1, ["row", "column"]] = crowded.loc[0, ["row", "column"]]
    with pytest.raises(InputError, match="'KZ-BBB' is already taken"):
        figures.tile_map_pair(crowded, clusters, clusters, titles=("", ""))
    with pytest.raises(InputError, match="missing"):
        figures.tile_map_pair(GRID.iloc[1:], clusters, clusters, titles=("", ""))


def test_an_empty_value_is_drawn_as_no_data():
    values = pd.Series(np.arange(16.0), index=LABELS, name="P2")
    values.iloc[3] = np.nan
    figure = figures.tile_value_map(GRID, values.to_frame(), units={"P2": "KZT"})
    assert strings(figure).count("no data") == 1
    assert (
        sum(patch.get_hatch() is not None for patch in figure.axes[0].patches if patch.get_hatch())
        == 1
    )


def test_heatmap_hatches_missing_indicators(drawn, z, clusters):
    figure = drawn["indicator_heatmap"]
    assert strings(figure).count("no data") == 1
    cells = [text for text in strings(figure) if re.fullmatch(r"\N{MINUS SIGN}?\d\.\d", text)]
    assert len(cells) == z.size
    low = figure.axes[0].collections[0].norm
    assert low.vmin == -low.vmax and low(0.0) == 0.5
    with pytest.raises(InputError, match="'P2'"):
        figures.indicator_heatmap(z, LABELS, columns=COLUMNS[1:])


def test_profiles_draw_the_means_they_are_given(z, clusters):
    means = z.groupby(clusters).mean()
    figure = figures.cluster_profiles(z, clusters, means, names=NAMES)
    panels = [axes for axes in figure.axes if axes.patches]
    assert len(panels) == clusters.nunique()
    for axes, number in zip(panels, means.index, strict=True):
        np.testing.assert_allclose([bar.get_width() for bar in axes.patches], means.loc[number])
        members = (clusters == number).sum()
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        assert len(dots) == (members if members > 1 else 0)
    with pytest.raises(InputError):
        figures.cluster_profiles(z, clusters, means.iloc[1:])


def test_missingness_has_colour_and_symbol(drawn):
    figure = drawn["missingness_grid"]
    symbols = [text.get_text() for text in figure.axes[0].texts]
    assert sorted(symbols) == sorted(
        regions.STATUS_LOOKS[s][2] for s in ("as defined", "proxy", "missing", "as defined")
    )
    with pytest.raises(InputError, match="'guess'"):
        figures.missingness_grid(pd.DataFrame({2013: ["guess"]}, index=["P1"]))


def test_missing_ranges_print_every_share_and_frame_what_is_proved(drawn):
    cells, free = missing_cells()
    left, right = drawn["missing_ranges"].axes[:2]
    printed = [text.get_text() for text in left.texts]
    for share in cells["unchanged"]:
        assert f"{share * 100:.0f}" in printed
    frames = [patch for patch in left.patches if patch.get_width() < 1]
    assert len(frames) == (cells["proved"] & (cells["verdict"] != "depends")).sum()
    assert {"can", "cannot", "open"} == {text.get_text() for text in right.texts}
    with pytest.raises(InputError) as caught:
        figures.missing_ranges(cells, free.assign(status="maybe"))
    assert (caught.value.rule, caught.value.value) == ("unknown-status", "maybe")


def test_distributions_name_the_extremes_and_ties():
    values = pd.DataFrame({"P9": [1.0, 1.0, 2.0, 3.0, 4.0]}, index=list("abcde"))
    found = strings(figures.distributions(values, units={"P9": "ratio"}))
    assert "a, b" in found and "e" in found and "ratio" in found


def test_correlations_are_printed_once(z):
    correlation = z.corr()
    figure = figures.correlation_heatmap(correlation)
    cells = [text.get_text() for text in figure.axes[0].texts]
    assert len(cells) == 11 * 10 // 2
    assert cells[0].replace("\N{MINUS SIGN}", "-") == f"{correlation.iloc[1, 0]:.2f}"


def test_scaling_shares_must_sum_to_one():
    with pytest.raises(InputError, match="'z-score' sum to 0.9"):
        figures.scaling_comparison(pd.DataFrame({"z-score": [0.5, 0.4]}, index=["P2", "P3"]))


# ------------------------------------------------------------------------------------ article


def test_figure1_prints_all_actors_and_says_that_it_is_redrawn(drawn, content):
    found = " ".join(strings(drawn["figure1"])).lower()
    for actor in content["triple_helix"]:
        for member in actor["members"]:
            assert member in found
    assert article_figures.REDRAWN.lower() in found
    assert "clusters and" in found
    with pytest.raises(InputError, match="three actors"):
        figures.figure1({**content, "triple_helix": content["triple_helix"][:2]})


def test_figure2_is_a_cycle_of_four(drawn, content):
    found = strings(drawn["figure2"])
    assert article_figures.REDRAWN in found
    for word in ("Step one", "Step two", "Step three", "Step four", "way 0", "way 3"):
        assert word in found
    framed = [
        patch for patch in drawn["figure2"].axes[0].patches if isinstance(patch, FancyBboxPatch)
    ]
    assert len(framed) == 4
    broken = {"figure2": {**content["figure2"], "edges": [{"from": "s0", "to": "nowhere"}]}}
    with pytest.raises(InputError, match="'nowhere'"):
        figures.figure2(broken)


def test_figure3_says_how_each_published_cluster_is_recovered():
    published = pd.Series(["I", "I", "II", "II", "III", "IV"], index=list("abcdef"))
    ours = pd.Series([2, 2, 1, 3, 3, 4], index=list("abcdef"))
    table = pd.DataFrame({"cluster": ["I", "II", "III", "IV"], "organisation": list("wxyz")})
    figure = figures.figure3(published, table, ours)
    found = strings(figure)
    assert found.count("Recovered") == 2 and found.count("exactly") == 2
    assert found.count("Split") == 1 and "over our 1 and 3" in found
    assert found.count("Merged") == 2 and "with e" in found and "with d" in found
    badges = {text.get_text() for text in texts(figure) if text.get_bbox_patch()}
    assert badges == {"I", "II", "III", "IV", "1", "2", "3", "4"}


def test_figure3_prints_every_organisation_and_both_readings(drawn, published):
    table = infrastructure(published)
    found = re.sub(r"\s+", " ", " ".join(strings(drawn["figure3"])))
    for kind in ("both", "figure", "text"):
        for i in range((table["reading"] == kind).groupby(table["cluster"]).sum().max()):
            assert f"Organisation {kind} {i}" in found
    assert "Printed in the figure only:" in found and "Listed in the text only:" in found
    assert "4 JSC" in found
    assert "SEC – Social Entrepreneurial Corporation" in found and "SEZ –" not in found


def test_figure3_from_the_article_fits_a_page():
    published = pd.read_csv(RAW / "published_clusters.csv").set_index("region")["cluster"]
    table = pd.read_csv(RAW / "innovation_infrastructure.csv")
    names = pd.read_csv(RAW / "regions.csv").set_index("region")["name_en"].to_dict()
    worst = pd.Series(1 + np.arange(16) % 8, index=published.index)
    for ours in (style.cluster_numbers(published), worst):
        figure = figures.figure3(published, table, ours, names=names)
        width, height = figure.get_size_inches()
        assert width == 7.0 and height <= 9.5
        page = width * figure.dpi, height * figure.dpi
        placed = boxes(figure)
        for text, box, _ in placed:
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page[0] and box.y1 <= page[1], text
        for (one, a, _), (two, b, _) in itertools.combinations(placed, 2):
            assert (
                min(a.x1, b.x1) - max(a.x0, b.x0) <= 1 or min(a.y1, b.y1) - max(a.y0, b.y0) <= 1
            ), f"{one!r} overlaps {two!r}"
        words = re.sub(r"\s+", " ", " ".join(strings(figure)))
        assert all(name in words for name in names.values())


# -------------------------------------------------------------------------------- claims


def look_of(line) -> str:
    """The verdict that a mark stands for."""
    for verdict, look in claim_figures.VERDICT_LOOKS.items():
        if line.get_marker() == look["marker"] and (
            line.get_marker() == "_"
            or (
                line.get_fillstyle() == look.get("fillstyle", "full")
                and line.get_markerfacecolor() == look["markerfacecolor"]
            )
        ):
            return verdict
    raise AssertionError(line)


def test_claim_matrix_marks_every_claim_in_every_year(drawn):
    axes = drawn["claim_matrix"].axes[0]
    year_of = {
        text.get_position()[0]: int(text.get_text())
        for text in axes.texts
        if text.get_text() in ("2012", "2013")
    }
    row_of = {
        round(text.get_position()[1], 6): text.get_text()
        for text in axes.texts
        if text.get_text() in CLAIMS.index
    }
    seen = {}
    for line in axes.lines:
        if line.get_linestyle() == "None":
            (x,), (y,) = line.get_data()
            seen[row_of[round(y, 6)], year_of[x]] = look_of(line)
    expected = verdicts_by_year()
    assert seen == {(at, year): expected.at[at, year] for at in expected.index for year in expected}
    # a cluster appears once, with all its claims: the fifth claim is one of the first cluster
    order = sorted(row_of, key=float)
    assert [row_of[y] for y in order] == ["C1", "C2", "C5", "C3", "C4", "C6"]
    bold = {text.get_text() for text in axes.texts if text.get_fontweight() == "bold"}
    assert "2013" in bold and "2012" not in bold


def test_claim_strips_draw_members_others_and_reference(drawn):
    charts = drawn["claim_strips"].axes[1:]
    labels = [[tick.get_text() for tick in axes.get_yticklabels()] for axes in charts]
    assert labels == [["P2", "-P9"], ["P2", "density"], ["P4"], ["nearest"]]
    places = claim_places()
    for axes, at in zip(charts, ("C1", "C2", "C3", "C6"), strict=True):
        own = places[places["claim"] == at]
        for y, row in enumerate(dict.fromkeys(own["row"])):
            part = own[own["row"] == row]
            drawn_at = {
                kind: sorted(np.ravel(line.get_xdata()).tolist())
                for line in axes.lines
                if line.get_linestyle() == "None" and set(np.ravel(line.get_ydata())) == {y}
                for kind in [
                    "member"
                    if line.get_marker() != "|"
                    else "other"
                    if line.get_markersize() < 6
                    else "reference"
                ]
            }
            kinds = part["kind"].replace({"national": "reference", "mean of regions": "reference"})
            assert drawn_at == {k: sorted(z.tolist()) for k, z in part["z"].groupby(kinds)}
    bands = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in charts[1].patches]
    assert bands == [(0.5, charts[1].get_xlim()[1])] * 2
    assert charts[2].patches[0].get_x() + charts[2].patches[0].get_width() == -0.5
    assert not charts[0].patches and not charts[3].patches


def test_claim_figures_refuse_what_does_not_fit():
    verdicts = verdicts_by_year()
    with pytest.raises(InputError, match="perhaps"):
        figures.claim_matrix(verdicts.replace("partly", "perhaps"), CLAIMS)
    with pytest.raises(InputError, match="'C6' is missing"):
        figures.claim_matrix(verdicts, CLAIMS.drop(index="C6"))
    with pytest.raises(InputError, match="2020"):
        figures.claim_matrix(verdicts, CLAIMS, baseline=2020)
    with pytest.raises(InputError, match="column 'in_short' is missing"):
        figures.claim_strips(CLAIMS.drop(columns="in_short"), claim_places())
    with pytest.raises(InputError, match="column 'low' is missing"):
        figures.claim_strips(CLAIMS, claim_places().drop(columns="low"))


def test_figure3_refuses_what_does_not_fit(published, clusters):
    table = infrastructure(published)
    with pytest.raises(InputError, match="missing"):
        figures.figure3(published, table[table["cluster"] != "II"], clusters)
    with pytest.raises(InputError, match="missing"):
        figures.figure3(published, table, clusters.iloc[1:])
    with pytest.raises(InputError, match="'organisation'"):
        figures.figure3(published, table.drop(columns="organisation"), clusters)


# --------------------------------------------------------------------------------- multiverse


def test_bins_hold_every_value_once():
    table = multiverse_figures.bin_counts([0.0, 0.1, 0.25, 1.0], [0, 0.25, 0.5, 1], group="ward")
    assert table.columns.tolist() == ["group", "left", "right", "count"]
    assert table["count"].tolist() == [2, 1, 1]
    with pytest.raises(InputError, match="outside"):
        multiverse_figures.bin_counts([2.0], [0, 1])
    with pytest.raises(InputError, match="rise"):
        multiverse_figures.bin_counts([0.5], [0, 0])


def test_thinning_keeps_counts_order_and_shares(published):
    tables = multiverse_tables(published)
    curve, shares = tables["curve"], tables["shares"]
    assert curve["specifications"].sum() == 3000 and len(curve) == 40
    assert (curve["high"].to_numpy()[:-1] <= curve["low"].to_numpy()[1:]).all()
    total = shares.groupby(["dimension", "bin"])["share"].sum()
    np.testing.assert_allclose(total, 1)
    overall = shares.drop_duplicates(["dimension", "option"]).set_index(["dimension", "option"])
    assert overall.loc[("year", "2012"), "overall"] == (tables["choices"]["year"] == 2012).mean()
    weighted = (shares["share"] * 75).groupby([shares["dimension"], shares["option"]]).sum()
    np.testing.assert_allclose(weighted, overall["overall"].sort_index() * 3000)
    assert curve["baseline"].sum() == 1
    row = curve[curve["baseline"]].iloc[0]
    assert row["low"] <= tables["agreement"][5] <= row["high"]
    _, fewer = multiverse_figures.specification_bins(
        tables["agreement"], tables["choices"], omit=("absent",)
    )
    assert "absent" not in set(fewer["option"])


def test_thinning_makes_no_pattern_of_the_order_of_ties():
    """With all specifications tied, every bin has the composition of the whole grid."""
    agreement = pd.Series([0.5] * 60 + [0.9] * 20)
    choices = pd.DataFrame({"year": [2010] * 30 + [2011] * 30 + [2010] * 5 + [2011] * 15})
    curve, shares = multiverse_figures.specification_bins(agreement, choices, bins=8, baseline=0)
    of_2010 = shares[shares["option"] == "2010"].set_index("bin")["share"]
    np.testing.assert_allclose(of_2010, [0.5] * 6 + [0.25] * 2)
    assert curve["specifications"].tolist() == [10] * 8
    assert curve.index[curve["baseline"]].tolist() == [2]  # the middle of the bins 0 to 5


def test_agreement_distribution_shares_and_baseline(drawn, published):
    histogram = multiverse_tables(published)["histogram"]
    axes = drawn["agreement_distribution"].axes
    assert len([a for a in axes if a.patches]) == 2
    part = histogram[histogram["group"] == "ward"]
    heights = [patch.get_height() for patch in axes[0].patches]
    np.testing.assert_allclose(heights, part["count"] / part["count"].sum())
    assert any("baseline 0.50" in text for text in strings(drawn["agreement_distribution"]))


def test_specification_curve_has_a_row_for_every_option(drawn):
    lower = drawn["specification_curve"].axes[1]
    labels = [label.get_text() for label in lower.get_yticklabels()]
    assert labels[:2] == ["year: 2010", "year: 2011"] and len(labels) == 6 + 2 + 3
    assert "3,000 specifications in 40 bins" in lower.get_xlabel()


def test_coassociation_is_ordered_by_the_published_clusters(published):
    matrix = pd.DataFrame(0.25, LABELS, LABELS)
    shuffled = published.sample(frac=1, random_state=1)
    figure = figures.coassociation_pair(matrix, shuffled)
    left, right = figure.axes[:2]
    block = left.collections[0].get_array().reshape(16, 16)
    expected = np.kron(np.eye(8), np.ones((2, 2)))
    off = ~np.eye(16, dtype=bool)
    np.testing.assert_array_equal(block[off], expected[off])
    assert sum(text.get_text() == "25" for text in right.texts) == 16 * 15


def test_recovery_prints_shares_without_rounding_to_nothing(published):
    numerals = sorted(published.unique(), key=style.from_roman)
    table = pd.DataFrame(
        {
            "cluster": numerals,
            "linkage": "ward",
            "share": [0, 0.0001, 0.5, 0.9999, 1, 0.1, 0.2, 0.3],
        }
    )
    found = strings(figures.recovery_bars(table, published))
    assert {"0%", "under 0.1%", "50.0%", "over 99.9%", "100%"} <= set(found)
    assert not re.search(r"\d\s%", " ".join(found)), "English has no space before the sign"
    with pytest.raises(InputError):
        figures.recovery_bars(table.iloc[1:], published)


def test_null_shares_mark_what_cannot_hold_the_real_grouping(published):
    tables = multiverse_tables(published)
    figure = figures.null_shares(tables["sets"], tables["surrogates"], 0.8)
    found = strings(figure)
    assert {"all", "every cluster in one piece \N{DAGGER}", "4,996", "real: 0.800"} <= set(found)
    rows = figure.axes[0]
    assert [len(line.get_xdata()) for line in rows.lines] == [2, 2] and rows.get_xscale() == "log"


def test_missing_columns_are_named(published, clusters):
    tables = multiverse_tables(published)
    leave = tables["leave"].drop(columns="kind")
    variance = tables["variance"].drop(columns="shapley")
    histogram = tables["histogram"].drop(columns="count")
    for call, column in (
        (lambda: figures.leave_out_plot(leave, 0.5), "kind"),
        (lambda: figures.variance_share_bars(variance), "shapley"),
        (lambda: figures.agreement_distribution(histogram), "count"),
        (lambda: figures.noise_survival_plot(pd.DataFrame({"level": [0.1]}), clusters), "cluster"),
        (lambda: figures.scree(pd.DataFrame({"stage": [1]})), "coefficient"),
    ):
        with pytest.raises(InputError, match=repr(column)):
            call()


# ----------------------------------------------------------------------------------- manifest

ENTRY = {
    "name": "one",
    "title": "One",
    "notebook": "01",
    "data": "one.csv",
    "caption": "Of {baseline.year}, {agreement.ari:.2f}.",
    "alt": "A chart of {baseline.year}.",
}


def write_manifest(path: Path, *entries: dict) -> Path:
    path.write_text(yaml.safe_dump({"figures": list(entries)}), encoding="utf-8")
    return path


def test_placeholders_are_filled(tmp_path):
    entries = manifest.read(write_manifest(tmp_path / "m.yml", ENTRY))
    filled = manifest.fill(entries, {"baseline": {"year": 2013}, "agreement": {"ari": -0.456}})[
        "one"
    ]
    assert filled.caption == "Of 2013, \N{MINUS SIGN}0.46." and filled.alt == "A chart of 2013."


def test_lists_are_written_in_words(tmp_path):
    entry = {**ENTRY, "caption": "Moved: {moved}.", "alt": "A"}
    entries = manifest.read(write_manifest(tmp_path / "m.yml", entry))
    for given, expected in ((["x"], "x"), (["x", "y", "z"], "x, y and z"), ([], "none")):
        assert manifest.fill(entries, {"moved": given})["one"].caption == f"Moved: {expected}."


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"alt": None}, "missing-field"),
        ({"alt": "  "}, "missing-field"),
        ({"caption": ""}, "missing-field"),
        ({"extra": "x"}, "unknown-field"),
        ({"caption": "In 2013."}, "typed-digits"),
        ({"caption": "{year"}, "placeholder"),
        ({"caption": "{a[0]}"}, "dotted-name"),
        ({"caption": "{}"}, "dotted-name"),
        ({"caption": "{a!r}"}, "plain-format"),
    ],
)
def test_a_broken_entry_is_refused(tmp_path, change, rule):
    entry = {**ENTRY, **change}
    entry = {key: value for key, value in entry.items() if value is not None}
    with pytest.raises(InputError) as caught:
        manifest.read(write_manifest(tmp_path / "m.yml", entry))
    assert caught.value.rule == rule and caught.value.place


def test_names_may_hold_digits(tmp_path):
    entry = {**ENTRY, "caption": "Figure 3 with P12 and P1."}
    assert manifest.read(write_manifest(tmp_path / "m.yml", entry))


def test_a_repeated_name_or_broken_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="repeated"):
        manifest.read(write_manifest(tmp_path / "m.yml", ENTRY, ENTRY))
    with pytest.raises(InputError, match="the file is missing"):
        manifest.read(tmp_path / "absent.yml")
    (tmp_path / "bad.yml").write_text("figures: {", encoding="utf-8")
    with pytest.raises(InputError, match="YAML"):
        manifest.read(tmp_path / "bad.yml")


@pytest.mark.parametrize(
    ("results", "rule"),
    [
        ({"baseline": {"year": 2013}}, "missing-result"),
        ({"baseline": 3, "agreement": {"ari": 0.1}}, "missing-result"),
        ({"baseline": {"year": None}, "agreement": {"ari": 0.1}}, "printable"),
        ({"baseline": {"year": 2013}, "agreement": {"ari": "high"}}, "format"),
    ],
)
def test_a_missing_result_is_named(tmp_path, results, rule):
    entries = manifest.read(write_manifest(tmp_path / "m.yml", ENTRY))
    with pytest.raises(InputError) as caught:
        manifest.fill(entries, results)
    assert caught.value.rule == rule and caught.value.place


def test_the_manifest_is_complete():
    entries = manifest.read(ROOT / "figures" / "manifest.yml")
    assert {"figure1", "figure2", "figure3"} <= set(entries)
    for entry in entries.values():
        assert entry.data in (f"{entry.name}.csv", f"{entry.name}.json")
        assert entry.alt != entry.caption and len(entry.alt) > 80 and len(entry.caption) > 60
        assert re.fullmatch(r"0\d_\w+", entry.notebook)
    pictures = {path.stem for path in (ROOT / "figures").glob("*.svg")}
    assert pictures <= set(entries)


# ----------------------------------------------------------------------------------- raw data


def test_tile_grid_keeps_west_and_north():
    """Along every row the regions run from west to east, along every column southwards."""
    # rough centres, degrees east and north
    centre = {
        "ZAP": (50.5, 49.9),
        "ATY": (52.5, 47.4),
        "MAN": (53.5, 43.8),
        "AKT": (58.0, 48.5),
        "KUS": (63.5, 51.5),
        "KZY": (64.0, 45.0),
        "SEV": (69.0, 54.0),
        "AKM": (70.0, 51.8),
        "AST": (71.4, 51.2),
        "KAR": (71.0, 48.5),
        "PAV": (76.5, 52.0),
        "VOS": (81.5, 48.5),
        "YUZ": (68.5, 42.8),
        "ZHA": (72.0, 44.3),
        "ALM": (78.0, 44.8),
        "ALA": (76.9, 43.2),
    }
    grid = pd.read_csv(RAW / "tile_grid.csv")
    known = pd.read_csv(RAW / "regions.csv")["region"]
    assert sorted(grid["region"]) == sorted(known)
    assert not grid.duplicated(["row", "column"]).any()
    place = grid.set_index(grid["region"].str[3:])
    for a, b in itertools.combinations(place.index, 2):
        one, two = place.loc[a], place.loc[b]
        if one["row"] == two["row"]:
            assert (one["column"] < two["column"]) == (centre[a][0] < centre[b][0]), (a, b)
        if one["column"] == two["column"]:
            assert (one["row"] < two["row"]) == (centre[a][1] > centre[b][1]), (a, b)
    for city, oblast in (("AST", "AKM"), ("ALA", "ALM")):
        step = (place.loc[city, ["row", "column"]] - place.loc[oblast, ["row", "column"]]).abs()
        assert step.sum() == 1


def test_neighbours_are_pairs_of_regions_once_each():
    pairs = pd.read_csv(RAW / "neighbours.csv")
    known = set(pd.read_csv(RAW / "regions.csv")["region"])
    assert set(pairs["region_a"]) | set(pairs["region_b"]) == known
    assert (pairs["region_a"] < pairs["region_b"]).all()
    assert not pairs.duplicated().any()
    assert pairs.equals(pairs.sort_values(["region_a", "region_b"], ignore_index=True))
    near = pd.concat([pairs, pairs.set_axis(["region_b", "region_a"], axis=1)])
    near = near.groupby("region_a")["region_b"].agg(lambda codes: {code[3:] for code in codes})
    # as the regions' own pages describe their borders
    assert near["KZ-KAR"] == {"AKM", "PAV", "VOS", "ALM", "ZHA", "YUZ", "KZY", "AKT", "KUS"}
    assert near["KZ-PAV"] == {"AKM", "SEV", "KAR", "VOS"}
    assert near["KZ-MAN"] == {"ATY", "AKT"}
    assert near["KZ-KUS"] == {"AKT", "SEV", "AKM", "KAR"}
    assert near["KZ-AKM"] == {"KUS", "SEV", "PAV", "KAR", "AST"}
    assert near["KZ-AST"] == {"AKM"} and near["KZ-ALA"] == {"ALM"}
