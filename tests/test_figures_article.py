"""Figures of the article, redrawn, and of the claims it makes."""

from __future__ import annotations

import itertools
import re

import figure_cases
import numpy as np
import pandas as pd
import pytest
from figure_cases import (
    CLAIMS,
    RAW,
    boxes,
    claim_places,
    infrastructure,
    strings,
    texts,
    verdicts_by_year,
)
from hclustkit.draw import style
from hclustkit.errors import InputError
from matplotlib.patches import FancyBboxPatch

from kzclusters import figures
from kzclusters.figures import article_figures, claim_figures

z = figure_cases.z
tree = figure_cases.tree
clusters = figure_cases.clusters
order = figure_cases.order
published = figure_cases.published
schedule = figure_cases.schedule
content = figure_cases.content
drawn = figure_cases.drawn


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
