"""Where the regions lie: the map, and what the analysis says, in a small form."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from hclustkit import read_table
from hclustkit.compare import adjusted_rand_index
from hclustkit.files import read_csv
from hclustkit.multiverse import Grid
from hclustkit.space import (
    keep_pattern,
    largest_agreement,
    moran,
    moran_table,
    neighbours_from_pairs,
    run_mixed,
)
from hclustkit.space.maps import conic
from report_cases import faults_of_text
from scipy.stats import false_discovery_control

from kzclusters import figures, paths, study
from kzclusters.analysis import space, space_text, store
from kzclusters.analysis.space_findings import Space
from kzclusters.evidence import article, boundaries, sources
from kzclusters.figures.space_figures import MAPS


@pytest.fixture(scope="module")
def setting() -> space.Setting:
    chosen = study.read()
    names = sources.regions()["name_en"].to_dict()
    choices = study.SpaceChoices(
        **{**chosen.space, "moran_draws": 99, "surrogates": 4, "alpha_surrogates": 1}
    )
    raw = {
        year: read_table(paths.PROCESSED / "indicators.csv", year=year).loc[list(names)]
        for year in (2012, chosen.year)
    }
    near = neighbours_from_pairs(pd.read_csv(paths.RAW / "neighbours.csv"), list(names))
    return space.Setting(
        space.scaled_tables(raw, [chosen.scaling, "rank"]), (chosen.year, chosen.scaling),
        article.published_clusters().reindex(list(names)), near, names, chosen.linkage, 8, 1,
        choices,
    )  # fmt: skip


def test_the_map_has_the_neighbours_and_areas_of_the_tables(setting: space.Setting) -> None:
    assert "16 regions" in boundaries.check()
    placed = conic(boundaries.polygons())
    on_sphere = {
        region: sum(map(boundaries.area, parts)) for region, parts in boundaries.polygons().items()
    }
    for region, area in placed.areas().items():
        assert area == pytest.approx(on_sphere[region], rel=1e-2)  # sides are straight there
    for region, (x, y) in placed.centres().items():
        parts = (shapely.Polygon(outer, holes) for outer, *holes in placed.shapes[region])
        assert any(part.contains(shapely.Point(x, y)) for part in parts), region
    grid = pd.read_csv(paths.RAW / "tile_grid.csv")
    for maps in MAPS:
        country = figures.Country(placed, grid, setting.names, ["KZ-AST", "KZ-ALA"], maps)
        figure = country.cluster_pair(
            setting.published, pd.Series(1, index=setting.published.index), ("a", "b")
        )
        if maps == "outlines":
            assert not faults_of_text(figure)
        assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["a", "b"]
    with pytest.raises(ValueError, match="maps"):
        figures.Country(placed, grid, setting.names, [], "globe")


def test_the_best_contiguous_partition_is_the_best_of_all() -> None:
    rng = np.random.default_rng(1)
    near = neighbours_from_pairs([(0, 1), (1, 2), (2, 3), (3, 4), (0, 3)], range(5))
    for k in (2, 3):
        given = rng.integers(0, 3, 5)
        best = max(
            adjusted_rand_index(given, np.array(labels))
            for labels in itertools.product(range(k), repeat=5)
            if len(set(labels)) == k and (near.piece_count(labels) == 1).all()
        )
        assert largest_agreement(given, near, k) == pytest.approx(best)


def test_surrogates_keep_the_pattern(setting: space.Setting) -> None:
    x = setting.tables[setting.base].to_numpy()
    made = keep_pattern(x, setting.neighbours, np.random.default_rng(3))
    np.testing.assert_allclose(np.cov(made.T), np.cov(x.T), atol=1e-9)
    for column in range(x.shape[1]):
        before, after = (
            moran(values[:, column], setting.neighbours, draws=1, seed=1).value
            for values in (x, made)
        )
        assert after == pytest.approx(before)
    assert np.abs(made - x).max() > 0.1
    labels = np.array([setting.plain(x), setting.hard(x)])
    wanted = [setting.agreement(partition) for partition in labels]
    np.testing.assert_allclose(setting.agreements(labels), wanted)


def small_grid() -> tuple[Grid, pd.DataFrame]:
    """The grid of one year, z-scores and Ward's method, of sets of nine indicators or more."""
    file = paths.PROCESSED / "indicators.csv"
    long = read_csv(file, keep_default_na=False, na_values={"value": [""]})
    given = {"years": [2013], "scalings": ["zscore"], "linkages": ["ward"], "k": 8}
    return Grid.from_mapping({**given, "min_indicators": 9}, long), long


def test_the_findings_are_what_the_tables_say(setting: space.Setting) -> None:
    values = setting.tables[setting.base]
    table = moran_table(values, setting.neighbours, draws=99, seed=1)
    local = space.local_table(values, setting)
    ours = pd.Series(setting.plain(values.to_numpy()), index=values.index)
    mixed = space.mixtures(setting)
    compared, curve = space.agreements(setting, mixed), space.by_alpha(setting, mixed)
    dealt = space.by_alpha_dealt(setting)
    pulled, drawn = space.pulls(setting)
    near = setting.neighbours
    mixed_grid = [
        run_mixed(*small_grid(), setting.published, pd.DataFrame(near.steps(), near.labels,
                  near.labels), seed=seed) for seed in (None, 1)
    ]  # fmt: skip
    shares = space.grid_shares(*mixed_grid)
    assert shares.plain == pytest.approx(mixed_grid[0].index[0.0].mean())
    assert shares.best == pytest.approx(mixed_grid[0].index.mean().max())
    assert shares.any_max >= shares.plain_max and 0 <= shares.raised <= 1
    found = space.findings(setting, table, local, ours, compared, curve, dealt, pulled, shares)
    assert store.from_mapping(Space, store.as_mapping(found)) == found
    np.testing.assert_allclose(curve.loc[0.0], compared["plain"])
    assert found.plain.baseline == pytest.approx(setting.agreement(ours))
    said = space_text.association_text(found)
    assert f" local tests {space_text.listing(found.association.local)} pass" in said
    ends = table[(table["objects"] == "two or more") & (table["weights"] == "binary")]
    passed = ends["column"][false_discovery_control(ends["p"]) <= found.association.level]
    assert set(found.association.without) == set(passed)
    other = dataclasses.replace(found.association, clustered=("P9",), without=("P9", "P14"))
    said = space_text.association_text(dataclasses.replace(found, association=other))
    assert "Without the regions of one neighbour these are P9 and P14." in said
    assert found.published.n_scattered == 1 and "Akmola" in found.published.scattered[0]
    assert found.hard.max <= found.largest <= 1
    assert set(drawn["kind"]) == set(found.pulls) and len(drawn) == 4 * 4
    for name, pull in found.pulls.items():
        part = drawn[drawn["kind"] == name]
        assert pull.chance_constrained == pytest.approx(part["constrained"].mean())
        assert pull.gain == pytest.approx(pull.constrained - pull.plain)
        reached = (part["constrained"] >= pull.constrained - 1e-12).sum()
        assert pull.p_constrained == (1 + reached) / 5
    assert found.pulls["permuted"].plain == pytest.approx(compared["plain"].mean())
    ours_text = space_text.contiguity_text("Ours", found.ours)
    written = (space_text.summary_text, space_text.association_text, space_text.alpha_text,
               space_text.grid_text)  # fmt: skip
    texts = [ours_text, *(write(found) for write in written)]
    assert all(text and "nan" not in text for text in texts)
    by_alpha = [one.by_alpha() for one in mixed_grid]
    assert space_text.grid_table(*by_alpha).columns[-1] == "all, rows dealt"
    assert len(space_text.pull_table(found)) == 4 and len(space_text.agreement_table(found)) == 3
    drawn_figures = [
        figures.association_plot(table, {"P9": "Remoteness"}),
        figures.mixing_curves(mixed[setting.base].table, found.alpha, curve, dealt, "2013 rank"),
        figures.indicator_maps(
            conic(boundaries.polygons()),
            values,
            classes=4,
            units={"P2": "KZT"},
            titles={},
            cities={"KZ-AST": "Astana"},
        ),
    ]
    assert not any(map(faults_of_text, drawn_figures))
    whole = dataclasses.replace(found.published, scattered=(), n_scattered=0)
    assert "each cluster is one piece" in space_text.contiguity_text("It", whole)
