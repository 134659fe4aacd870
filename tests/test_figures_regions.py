"""Figures of regions and indicators: tile maps, profiles, missing values."""

from __future__ import annotations

import itertools
import re

import figure_cases
import numpy as np
import pandas as pd
import pytest
from figure_cases import COLUMNS, GRID, LABELS, NAMES, RAW, missing_cells, strings
from hclustkit.errors import InputError

from kzclusters import figures
from kzclusters.figures import regions

z = figure_cases.z
tree = figure_cases.tree
clusters = figure_cases.clusters
order = figure_cases.order
published = figure_cases.published
schedule = figure_cases.schedule
content = figure_cases.content
drawn = figure_cases.drawn


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
