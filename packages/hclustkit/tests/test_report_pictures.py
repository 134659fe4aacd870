"""Pictures of a report: readable from 3 to 5,000 rows, whatever the names are."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pandas as pd
import pytest
from hclustkit import linkage, standardize
from hclustkit.draw.clusters import number_plot, profile_heatmap
from hclustkit.draw.layout import drawable, fit_columns, fit_rows, spread
from hclustkit.profiles import profile
from hclustkit.report.analysis import Analysis, analyse
from hclustkit.report.beside import compare_with, published_picture
from hclustkit.report.body import _clusters
from hclustkit.report.budget import budget
from hclustkit.report.choices import Choices, settle
from hclustkit.report.clusters import prepare
from hclustkit.report.number import Number
from hclustkit.report.pictures import NUMBERED, Picture, pictures
from hclustkit.tables import Reading
from hclustkit.tree.cut import labels_of_cut
from hclustkit.tree.neighbours import neighbours_from_pairs
from hclustkit.tree.truncate import top_of_tree
from report_cases import LONG_NAMES, blobs, faults_of_text
from scale import scale

KINDS = {"short": ("r",), "long": LONG_NAMES, "other scripts": ("東京都", "محافظة", "दिल्ली")}


@functools.cache
def drawn(n: int, kind: str, k: int) -> dict[str, Picture]:
    table = blobs(n, 4, names=KINDS[kind])
    table.columns = ["a", "GDP per head, thousand tenge in prices of 2010", "$x$", "d"]
    prepared = prepare(table, settle(Choices()))
    tree = prepared.tree()
    labels = tree.cut(k)
    evidence = pd.DataFrame({"k": range(2, 6), "silhouette": [0.3, 0.5, 0.4, 0.2]})
    number = Number(k, "given", evidence, pd.DataFrame(), pd.Series({2: 3, 3: 9}))
    what = prepared, Reading("frame", "frame"), budget(n, 4), tree, labels, number
    made = Analysis(*what, profile(table, labels), None, None, None, pd.DataFrame(), "", [])
    return {picture.name: picture for picture in pictures(made)}


SIZES = scale([3, 60, 640], [3, 16, 60, 100, 640, 2000, 5000])


@pytest.mark.cases(1)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", scale(["long"], list(KINDS)))
def test_no_text_is_over_another_or_cut_off(n, kind):
    for name, picture in drawn(n, kind, min(5, n - 1)).items():
        assert faults_of_text(picture.figure) == [], name


def test_names_in_other_scripts_are_numbered_without_a_warning():
    assert NUMBERED in drawn(16, "other scripts", 3)["proximity"].alt


def test_a_large_tree_shows_its_last_merges_and_says_so():
    alt = drawn(640, "long", 5)["dendrogram"].alt
    assert "640 rows" in alt and "last" in alt
    assert "each named" in drawn(60, "long", 5)["dendrogram"].alt
    ticks = drawn(640, "long", 5)["dendrogram"].figure.axes[0].get_yticklabels()
    counts = [
        int(t.get_text().rpartition("+")[2].replace(",", "")) + 1 if "+" in t.get_text() else 1
        for t in ticks
    ]
    assert sum(counts) == 640


def test_names_that_the_font_lacks_have_their_key_in_the_members():
    table = blobs(4, 2, clusters=2, names=("東京都",))
    found = analyse(table, Choices(k=2))
    picture = next(pictures(found))
    assert picture.alt.count(NUMBERED) == 1
    table.columns = ["人口", "نسبة"]
    shown = analyse(table, Choices(k=2))
    heat = next(one for one in pictures(shown) if one.name == "profile")
    assert "From the top: 人口; نسبة." in heat.alt
    members = _clusters(found, numbered=True)
    printed = [text.get_text() for text in picture.figure.axes[0].get_yticklabels()]
    assert sorted(printed) == ["1", "2", "3", "4"]
    assert all(f"{row}: {label}" in members for row, label in enumerate(table.index, 1))


def test_every_picture_that_a_table_can_have_is_drawn():
    assert set(drawn(60, "long", 5)) == {
        "dendrogram",
        "profile",
        "number_of_clusters",
        "scree",
        "silhouettes",
        "icicle",
        "proximity",
        "two_trees",
    }
    assert {"dendrogram", "profile", "scree", "silhouettes"} <= set(drawn(640, "long", 5))


def test_labels_may_be_called_like_a_column_of_the_data():
    table = pd.DataFrame({"v": [1.0, 2, 9, 11]}, index=pd.Index(list("abcd"), name="cluster"))
    found = analyse(table, Choices(k=2))
    made = {picture.name: picture.data for picture in pictures(found)}
    assert list(made["silhouettes"]) == ["label", "cluster", "silhouette"]
    assert made["dendrogram"]["rows"].tolist() == [2, 2, 4]


@pytest.mark.parametrize("p", [1, 2, 7, 50])
def test_the_top_of_a_tree_is_the_tree_above_its_cut(p):
    Z = linkage(np.random.default_rng(5).normal(size=(50, 3)))
    top = top_of_tree(Z, p)
    assert (top.Z[:, 2] == Z[50 - p :, 2]).all()
    assert top.sizes.sum() == 50
    for k in range(1, p + 1):
        whole = labels_of_cut(Z, k)
        if p > 1:
            above = labels_of_cut(top.Z, k)[top.leaf_of]
            assert len(set(zip(whole, above, strict=True))) == k


def test_names_that_do_not_fit_are_broken_or_numbered():
    printed, height, _ = fit_rows([LONG_NAMES[2]] * 3, None, 0.2)
    assert "\n" in printed[0] and height > 0.2
    assert "".join(printed[0].split()).replace("-", "") == "".join(LONG_NAMES[2].split()).replace(
        "-", ""
    )
    assert fit_rows(["東京都", "b"], None, 0.2)[0] == ["1", "2"]
    assert fit_columns([LONG_NAMES[3]] * 60, None, 7.4, 6.5)[0][0] == "1"
    assert drawable(["Ақмола", "Åland"]) and not drawable(["عمان"])


def test_places_are_moved_apart_as_little_as_possible():
    assert spread([1, 2, 10], 0.5) == [1, 2, 10]
    moved = spread([1, 1, 1, 10], 2)
    assert moved == [-1, 1, 3, 10]


def test_values_of_a_profile_are_printed_while_there_is_room():
    few = pd.DataFrame(np.zeros((2, 5)), index=[1, 2], columns=list("abcde"))
    many = pd.DataFrame(np.zeros((2, 50)), index=[1, 2], columns=[f"v{i}" for i in range(50)])
    assert "0.0" in {text.get_text() for text in profile_heatmap(few).axes[0].texts}
    assert "0.0" not in {text.get_text() for text in profile_heatmap(many).axes[0].texts}


def test_the_evidence_has_a_panel_for_votes_only_where_there_are_votes():
    evidence = pd.DataFrame({"k": [2, 3], "silhouette": [0.4, 0.6]})
    assert len(number_plot(evidence, pd.Series(dtype=int), 3).axes) == 1


def test_up_to_200_rows_nothing_is_cut():
    one = budget(200, 118)
    assert (one.draws, one.references, one.rows_left_out, one.columns_left_out) == (
        1000,
        500,
        200,
        118,
    )
    assert one.crossed and len(one.indices) == 30
    assert budget(201, 118).rows_left_out == 50 and not budget(201, 118).crossed


@pytest.mark.parametrize("names", [("r",), LONG_NAMES])
def test_the_pairs_of_another_partition_have_room(names):
    table = blobs(12, 4, names=names)
    other = pd.Series(list("IIJJIJKKLLLI"), index=table.index, name="published")
    found = compare_with(pd.Series([1, 2, 3] * 4, index=table.index), other, None)
    (picture,) = published_picture(found, table.index)
    assert faults_of_text(picture.figure) == []
    assert (NUMBERED in picture.alt) == (names is LONG_NAMES)


def test_neighbours_add_the_partitions_in_as_many_parts_and_the_same_map_pattern():
    table = blobs(9, 3)
    chain = neighbours_from_pairs(list(itertools.pairwise(table.index)), list(table.index))
    mine = pd.Series([1, 1, 1, 2, 2, 2, 3, 3, 3], index=table.index)
    found = compare_with(mine, mine.astype(str), None, chain, scaled=standardize(table, "zscore"))
    rows = found.chance.set_index("partitions")
    assert rows["compared"].tolist() == [280, 1, 128]
    assert rows["at_least"].tolist()[:2] == [1, 1] and 0 < rows["share"].iloc[2] <= 1


def test_partitions_too_many_to_go_through_are_drawn():
    labels = [f"r{at}" for at in range(30)]
    mine = pd.Series([1, 2, 3] * 10, index=labels)
    found = compare_with(mine, mine.rename("same"), None, seed=3)
    assert found.ari == 1 and found.moves == 0 and len(found.chance) == 1
    row = found.chance.iloc[0]
    assert row["partitions"] == "drawn at random" and row["compared"] == 9_999
    assert row["share"] == (row["at_least"] + 1) / 10_000 < 0.001
