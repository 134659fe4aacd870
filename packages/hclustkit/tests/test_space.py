"""Mixed dissimilarities, spatial association and maps: against their definitions and peers."""

from __future__ import annotations

import itertools
import json
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, cut, linkage, standardize
from hclustkit.compare import adjusted_rand_index
from hclustkit.draw import cluster_maps, save, value_maps
from hclustkit.multiverse import Grid, run
from hclustkit.space import (
    Neighbours,
    choose_alpha,
    join_counts,
    local_moran,
    mixed_linkage,
    mixing_table,
    moran,
    moran_table,
    neighbours_from_pairs,
    neighbours_from_points,
    neighbours_from_polygons,
    read_map,
    run_mixed,
)
from hclustkit.space.maps import Outlines, class_breaks, conic, outlines
from hclustkit.space.soft import ALPHAS, SCALES, inertia
from refusals import refused
from scale import scale
from scipy.spatial.distance import pdist, squareform
from scipy.stats import false_discovery_control

GRID = [(i, i + 1) for i in range(16) if i % 4 < 3] + [(i, i + 4) for i in range(12)]
SQUARES = neighbours_from_pairs(GRID, range(16))


# --- the soft constraint ---------------------------------------------------------------------
def slow_inertia(d: np.ndarray, w: np.ndarray, members: frozenset) -> float:
    pairs = itertools.product(members, repeat=2)
    return sum(w[i] * w[j] * d[i, j] ** 2 for i, j in pairs) / (2 * sum(w[i] for i in members))


def two_dissimilarities(seed: int, n: int = 11) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    space = 1 - np.triu(rng.random((n, n)) < 0.3, 1).astype(float)  # not Euclidean
    space = np.triu(space, 1) + np.triu(space, 1).T
    return pdist(rng.normal(size=(n, 3))), squareform(space), rng.integers(1, 5, n) / 7


@pytest.mark.parametrize("alpha", [0, 0.25, 0.6, 1])
def test_every_merge_makes_the_mixed_inertia_grow_least(alpha: float) -> None:
    for seed in range(scale(3, 40)):
        d0, d1, w = two_dissimilarities(seed)
        if alpha == 1:  # ties, which the rule and not the definition decides
            d1 = d1 + np.random.default_rng(seed).random(len(d1)) / 10
        Z = mixed_linkage(d0, d1, alpha, weights=w)
        one, two = squareform(d0 / d0.max()), squareform(d1 / d1.max())

        def mixed(members: frozenset, one=one, two=two, w=w) -> float:
            return (1 - alpha) * slow_inertia(one, w, members) + alpha * slow_inertia(
                two, w, members
            )

        clusters = {i: frozenset([i]) for i in range(len(w))}
        for stage, (a, b, height, _) in enumerate(Z):
            growth = {
                pair: mixed(clusters[pair[0]] | clusters[pair[1]])
                - mixed(clusters[pair[0]]) - mixed(clusters[pair[1]])
                for pair in itertools.combinations(clusters, 2)
            }  # fmt: skip
            pair = (int(a), int(b))
            assert growth[tuple(sorted(pair))] == pytest.approx(min(growth.values()), abs=1e-12)
            assert height**2 / 2 == pytest.approx(min(growth.values()), abs=1e-12)
            clusters[len(w) + stage] = clusters.pop(pair[0]) | clusters.pop(pair[1])
        everything = mixed(frozenset(range(len(w))))
        assert (Z[:, 2] ** 2 / 2).sum() == pytest.approx(everything)


def test_alpha_0_is_plain_ward_and_alpha_1_is_ward_on_space() -> None:
    x = np.random.default_rng(1).normal(size=(20, 4))
    near = pdist(np.random.default_rng(2).random((20, 2)))
    ones = np.ones(20)
    for alpha, plain in ((0, x), (1, near)):
        Z = mixed_linkage(pdist(x), near, alpha, weights=ones, scale="none")
        metric = "euclidean" if alpha == 0 else "precomputed"
        np.testing.assert_allclose(Z, linkage(plain, metric=metric), rtol=1e-9)
    halves = [mixed_linkage(pdist(x), near, 0.5, scale=name) for name in SCALES]
    assert len({cut(Z, 4).tobytes() for Z in halves}) > 1


def test_the_table_of_mixtures_holds_the_explained_inertias() -> None:
    d0, d1, w = two_dissimilarities(3, 14)
    found = mixing_table(d0, d1, 4, weights=w, scale="inertia")
    table = found.table
    assert table["alpha"].tolist() == [round(step * 0.05, 2) for step in range(21)]
    for alpha, row in zip(found.partitions, table.to_dict("records"), strict=True):
        partition = found.partitions[alpha].to_numpy()
        assert partition.max() == 4
        for name, d in (("features", d0), ("space", d1)):
            within = sum(
                slow_inertia(squareform(d), w, frozenset(np.flatnonzero(partition == c)))
                for c in range(1, 5)
            )
            assert row[name] == pytest.approx(1 - within / inertia(d, w))
    assert table["features_kept"].iloc[0] == 1 and table["space_kept"].iloc[-1] == 1
    worse = table[["features_kept", "space_kept"]].min(axis=1)
    chosen = table.loc[table["alpha"] == choose_alpha(table)].index[0]
    assert worse[chosen] == pytest.approx(worse.max())


@pytest.mark.parametrize("method", ["ward", "average"])
def test_space_is_mixed_into_every_specification_of_a_grid(method: str) -> None:
    names, rng = [f"r{i}" for i in range(9)], np.random.default_rng(5)
    frame = pd.DataFrame(
        [
            (r, 2000, c, "", v)
            for c in "abc"
            for r, v in zip(names, rng.normal(size=9), strict=True)
        ],
        columns=["label", "year", "indicator", "variant", "value"],
    )
    grid = Grid.from_data(
        frame, k=3, scalings=["zscore", "range"], linkages=[method], min_indicators=2
    )
    reference = pd.Series([1, 1, 1, 2, 2, 2, 3, 3, 3], names)
    far = squareform(pdist(rng.random((9, 2))))
    space = pd.DataFrame(far, names, names)
    found = run_mixed(grid, frame, reference, space.loc[names[::-1], names[::-1]], n_jobs=1)
    assert len(found.index) == 2 * 4 and list(found.index.columns) == list(ALPHAS)
    table = frame.pivot(index="label", columns="indicator", values="value").loc[names]
    for at, row in found.specifications.iterrows():
        present = (grid.digits(np.array([row["choice"]]))[0] > 0).nonzero()[0]
        x = pdist(standardize(table, str(row["scaling"])).iloc[:, present])
        if method == "ward":
            mixture = mixing_table(x, far, 3, scale="inertia")
            partitions = mixture.partitions.to_numpy().T
            assert row["alpha"] == choose_alpha(mixture.table)
        else:
            one, two = x**2 / (x**2).sum(), squareform(far) ** 2 / (far**2).sum() * 2
            mixed = [np.sqrt((1 - alpha) * one + alpha * two) for alpha in ALPHAS]
            partitions = [cut(linkage(d, method, metric="precomputed"), 3) for d in mixed]
        wanted = [adjusted_rand_index(reference.to_numpy(), labels) for labels in partitions]
        np.testing.assert_allclose(found.index.loc[at], wanted)
        assert found.at_rule()[at] == found.index.loc[at, row["alpha"]]
    np.testing.assert_allclose(found.by_alpha()["all"], found.index.mean())
    # without space nothing changes; dealt rows are as far from the reference as chance
    plain = run(grid, frame, reference)
    np.testing.assert_allclose(found.index[0.0], plain.specifications["ari"])
    dealt = run_mixed(grid, frame, reference, space, seed=1)
    assert not np.allclose(dealt.index, found.index)
    np.testing.assert_array_equal(
        dealt.index, run_mixed(grid, frame, reference, space, seed=1).index
    )
    for rule, given, more in (
        ("range", space, {"alphas": [0, 0.5]}), ("range", space, {"alphas": [0, 0.5, 0.5, 1]}),
        ("same-labels", space.iloc[:8, :8], {}),
        ("all-zero", space * 0, {}),
    ):  # fmt: skip
        with refused(rule):
            run_mixed(grid, frame, reference, given, **more)


def test_dissimilarities_that_cannot_be_mixed_are_refused() -> None:
    d0, d1, _ = two_dissimilarities(4)
    for rule, call in (
        ("same-objects", lambda: mixed_linkage(d0, d1[:3], 0.5)),
        ("range", lambda: mixed_linkage(d0, d1, 1.5)),
        ("unknown-name", lambda: mixed_linkage(d0, d1, 0.5, scale="median")),
        ("all-zero", lambda: mixed_linkage(d0, d1 * 0, 0.5)),
        ("distance", lambda: mixed_linkage(-d0, d1, 0.5)),
        ("weights", lambda: mixed_linkage(d0, d1, 0.5, weights=[1])),
        ("k-range", lambda: mixing_table(d0, d1, 99)),
        ("distance-shape", lambda: mixing_table(*[pd.DataFrame(np.ones((9, 2)))] * 2, 3)),
    ):
        with refused(rule):
            call()


# --- association -----------------------------------------------------------------------------
def test_moran_follows_its_definition_and_its_null_is_complete_on_a_small_graph() -> None:
    near = neighbours_from_pairs([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)], range(5))
    x = np.array([1.0, 2.0, 4.0, 3.0, 9.0])
    for rows in (False, True):
        W = near.matrix(standardize=rows).toarray()

        def index(values: np.ndarray, W: np.ndarray = W) -> float:
            z = values - values.mean()
            return len(z) / W.sum() * (z @ W @ z) / (z @ z)

        every = np.array([index(np.array(order)) for order in itertools.permutations(x)])
        found = moran(x, near, draws=20_000, seed=1, standardize=rows)
        assert found.value == pytest.approx(index(x))
        assert found.expected == pytest.approx(every.mean())
        assert found.p == pytest.approx((every >= found.value - 1e-12).mean(), abs=0.02)
        assert found.critical == pytest.approx(np.quantile(every, 0.95), abs=0.03)
        assert found == moran(x, near, draws=20_000, seed=1, standardize=rows)
    # which of the two kinds of weights is used can turn the sign
    star = neighbours_from_pairs([(0, i) for i in range(1, 6)] + [(1, 2), (3, 4)], range(6))
    y = [2.0, 1.0, 2.0, 1.0, 1.0, 6.0]
    signs = [moran(y, star, draws=9, seed=1, standardize=kind).value for kind in (False, True)]
    assert signs[0] != pytest.approx(signs[1])


def test_local_tests_go_through_all_sets_of_neighbours() -> None:
    x = np.random.default_rng(5).normal(size=16)
    x[:4] += 3
    found = local_moran(x, SQUARES, draws=99, seed=1)
    z = x - x.mean()
    assert found["exact"].all()
    for i in range(16):
        near = [b if a == i else a for a, b in GRID if i in (a, b)]
        others = [j for j in range(16) if j != i]
        lags = [z[list(group)].mean() for group in itertools.combinations(others, len(near))]
        lag = z[near].mean()
        tail = min(np.mean(np.array(lags) >= lag - 1e-12), np.mean(np.array(lags) <= lag + 1e-12))
        assert found["p"][i] == pytest.approx(min(1, 2 * tail))
        assert found["value"][i] == pytest.approx(15 * z[i] * lag / (z @ z))
    np.testing.assert_allclose(found["p_adjusted"], false_discovery_control(found["p"]))
    assert found["kind"][0] == "high-high"
    # more sets than can be gone through, and an island
    n = 120
    big = neighbours_from_points(np.random.default_rng(1).random((n, 2)), k=5)
    pairs = big.pairs[(big.pairs != 7).all(axis=1)]
    drawn = local_moran(np.arange(n), Neighbours(big.labels, pairs, "k"), draws=999, seed=2)
    assert not drawn["exact"].any() and math.isnan(drawn["p"][7]) and drawn["kind"][7] == ""
    assert drawn["p"].min() >= 2 / 1000


def test_the_table_has_both_weights_with_and_without_ends() -> None:
    path = neighbours_from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("b", "d")], "abcd")
    table = pd.DataFrame({"x": [4.0, 1.0, 2.0, 3.0], "same": 1.0}, index=list("dabc"))
    found = moran_table(table, path, draws=99, seed=1)
    assert found[["column", "weights", "objects", "n"]].values.tolist() == [
        ["x", "binary", "all", 4], ["x", "standardized", "all", 4],
        ["x", "binary", "two or more", 3], ["x", "standardized", "two or more", 3],
    ]  # fmt: skip
    order = [1.0, 2.0, 3.0, 4.0]
    assert found["value"][0] == moran(order, path, draws=9, seed=1).value


def test_join_counts_and_pieces_of_a_partition() -> None:
    halves = [1] * 8 + [2] * 8
    found = join_counts(halves, SQUARES, draws=scale(999, 9999), seed=3)
    assert (found.same, found.pairs, found.pieces) == (20, 24, {1: 1, 2: 1})
    assert found.expected == pytest.approx(24 * 2 * 8 * 7 / (16 * 15))
    assert found.p <= 0.01
    board = [(i + i // 4) % 2 for i in range(16)]
    assert join_counts(board, SQUARES, draws=99, seed=3).pieces == {0: 8, 1: 8}
    for rule, call in (
        ("values", lambda: moran([1, 2], SQUARES, draws=9, seed=1)),
        ("constant", lambda: moran([0.1] * 16, SQUARES, draws=9, seed=1)),
        ("not-finite", lambda: moran([*range(15), np.nan], SQUARES, draws=9, seed=1)),
        ("no-neighbours", lambda: moran([1, 2], neighbours_from_pairs([], "ab"), draws=9, seed=1)),
        ("same-objects", lambda: join_counts([1], SQUARES, draws=9, seed=1)),
        ("range", lambda: moran(range(16), SQUARES, draws=0, seed=1)),
    ):
        with refused(rule):
            call()


# --- points and polygons ---------------------------------------------------------------------
def test_nearest_points_and_points_within_a_distance() -> None:
    x = np.array([[0.0, 0], [1, 0], [1, 0], [5, 0], [7, 0]])
    assert neighbours_from_points(x, k=1).pairs.tolist() == [[0, 1], [1, 2], [3, 4]]
    near = neighbours_from_points(x, distance=4)
    assert near.pairs.tolist() == [[0, 1], [0, 2], [1, 2], [1, 3], [2, 3], [3, 4]]
    assert near.rule == "within 4"
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.random((60, 2)), index=[f"p{i}" for i in range(60)])
    found, d = neighbours_from_points(points, k=4), squareform(pdist(points))
    nearest = np.argsort(d, axis=1)[:, 1:5]
    pairs = {tuple(sorted((i, int(j)))) for i in range(60) for j in nearest[i]}
    assert {tuple(pair) for pair in found.pairs.tolist()} == pairs
    assert Tree.from_table(points, connectivity=found).neighbours.rule == "4 nearest"
    for rule, given in (
        ("k-or-distance", {}), ("range", {"k": 60}), ("range", {"distance": 0}),
        ("whole-number", {"k": 1.5}),
    ):  # fmt: skip
        with refused(rule):
            neighbours_from_points(points, **given)


def square(x: float, y: float, side: float = 1.0) -> list[list[float]]:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def test_a_conic_map_keeps_areas_and_crosses_the_date_line() -> None:
    def area(west: float, south: float, side: float) -> float:
        low, high = np.radians([south, south + side])
        return float(6371.0072**2 * np.radians(side) * (np.sin(high) - np.sin(low)))

    def dense(x: float, y: float, side: float = 4.0) -> list[np.ndarray]:
        corners = np.array(square(x, y, side))
        steps = np.linspace(0, 1, 200)[:, None]
        lines = [a + (b - a) * steps for a, b in itertools.pairwise(corners)]
        return [np.concatenate(lines)]

    for south in (-60, -2, 30, 70):
        placed = conic({"a": [dense(60, south)], "b": [dense(64, south + 5)]})
        assert placed.areas()["a"] == pytest.approx(area(60, south, 4), rel=1e-4)
        assert placed.areas()["b"] == pytest.approx(area(64, south + 5, 4), rel=1e-4)
    across = conic({"west": [dense(176, 50)], "east": [dense(-180, 50)]})
    x, _, right, _ = across.bounds()
    assert right - x < 1000
    # the widest gap is the one from a to b: no line leads from the end of a ring to the next
    around = conic({"a": [dense(-170, -2)], "b": [dense(-20, -2)], "c": [dense(90, -2)]})
    placed_at = {label: centre[0] for label, centre in around.centres().items()}
    assert placed_at["b"] < placed_at["c"] < placed_at["a"]
    hole = np.array(square(2, 2, 6))
    ring = Outlines({"a": [[np.array(square(0, 0, 10)), hole]]}, in_km=False)
    assert ring.areas() == {"a": 64}
    at = ring.centres()["a"]
    assert not (2 <= at[0] <= 8 and 2 <= at[1] <= 8) and 0 < at[0] < 10 and 0 < at[1] < 10


def test_maps_are_drawn_with_every_region_and_a_key(tmp_path: Path) -> None:
    placed = Outlines(
        {i: [[np.array(square(i % 4, i // 4))]] for i in range(15)}
        | {15: [[np.array(square(3.4, 3.4, 0.1))]]},
        in_km=True,
    )
    membership = pd.Series([1 + i // 6 for i in range(16)])
    figure = cluster_maps(placed, {"ours": membership, "II": membership}, enlarge=[15],
                          numerals=["arabic", "roman"], names={0: "a $name$"})  # fmt: skip
    assert len(figure.axes) == 2 and len(figure.axes[0].patches) == 16
    texts = {text.get_text() for text in figure.axes[1].texts}
    assert {"I", "II", "III", "a $name$", "1 km"} <= texts
    assert save(figure, "clusters", membership.to_frame("cluster"), tmp_path)
    table = pd.DataFrame({"v": range(16), "w": [np.nan] + [1.0] * 15}, dtype=float)
    breaks = {column: class_breaks(table[column], 4) for column in table}
    figure = value_maps(placed, table, breaks, rule="quarters", units={"v": "%"})
    legend = figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()][0].startswith("0")
    assert figure.axes[1].get_legend().get_texts()[-1].get_text() == "no data"
    assert save(figure, "values", table, tmp_path)
    with pytest.raises(ValueError, match="missing"):
        cluster_maps(placed, {"": membership[:-1]})


def test_classes_hold_equally_many_values_and_end_on_values() -> None:
    x = np.random.default_rng(1).normal(size=40)
    edges = class_breaks(x, 4)
    counts = np.histogram(x, [edges[0], *np.nextafter(edges[1:], np.inf)])[0]
    assert counts.tolist() == [10, 10, 10, 10]
    assert set(edges) <= set(x)
    assert class_breaks([5, 5, 5], 3) == [5, 5] and class_breaks([np.nan], 3) == [0, 0]


# --- map files -------------------------------------------------------------------------------
def geojson(path: Path, shapes: dict[str, object], **more: object) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": name, "code": f"c{i}"}, "geometry": shape}
        for i, (name, shape) in enumerate(shapes.items())
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return path


def polygon(*rings: list[list[float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_map_gives_neighbours_by_both_rules(geo: object, tmp_path: Path) -> None:
    ring_around = polygon(square(0, 2, 3), square(1, 3))
    shapes = {
        "a": polygon(square(0, 0)), "b": polygon(square(1, 0)), "c": polygon(square(2, 1)),
        "around": ring_around, "inside": polygon(square(1, 3)),
        "far": {"type": "MultiPolygon", "coordinates": [[square(20, 20)], [square(22, 20)]]},
    }  # fmt: skip
    file = geojson(tmp_path / "map.geojson", shapes)
    found = read_map(file, "name")
    assert list(found.index) == list(shapes)
    queen, rook = (neighbours_from_polygons(found, rule) for rule in ("queen", "rook"))
    with refused("unknown-name", place="rule", value="bishop"):
        neighbours_from_polygons(found, "bishop")
    lacks = found.geometry.where(found.index != found.index[0])
    with refused("missing-geometry", value=[found.index[0]]):
        neighbours_from_polygons(lacks)
    names = lambda near: [tuple(near.labels[pair]) for pair in near.pairs]  # noqa: E731
    assert names(rook) == [("a", "b"), ("c", "around"), ("around", "inside")]
    assert names(queen) == [("a", "b"), ("b", "c"), ("c", "around"), ("around", "inside")]
    assert queen.islands() == ["far"] and queen.rule == "queen"
    tree = Tree.from_table(pd.DataFrame({"x": range(6)}, index=list("abc") + list(shapes)[3:]),
                           connectivity=rook)  # fmt: skip
    assert tree.cut(3).tolist() == [1, 1, 2, 2, 2, 3]
    placed = outlines(found)
    assert placed.in_km and len(placed.shapes["far"]) == 2 and len(placed.shapes["around"][0]) == 2
    for suffix, options in ((".gpkg", {"driver": "GPKG"}), (".shp", {})):
        copy = tmp_path / f"copy{suffix}"
        geo.GeoDataFrame({"name": list(found.index)}, geometry=list(found), crs=4326).to_crs(
            3857
        ).to_file(copy, **options)
        again = neighbours_from_polygons(read_map(copy), "rook")
        assert names(again) == names(rook)


def test_maps_that_break_a_rule_are_refused_by_the_name_of_the_region(
    geo: object, tmp_path: Path
) -> None:
    bow_tie = polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])
    good = polygon(square(0, 0))
    file = tmp_path / "map.geojson"

    def read(shapes: dict[str, object], label: str | None = "name", **more: object) -> object:
        return read_map(geojson(file, shapes), label, **more)

    with refused("missing-file"):
        read_map(tmp_path / "none.geojson")
    with refused("unknown-field", value="nam"):
        read({"a": good}, "nam")
    with refused("map-label"):
        read({"a": good, "b": good}, None)
    with refused("invalid-polygon") as caught:
        read({"a": good, "crossed": bow_tie})
    assert list(caught.value.value) == ["crossed"]
    assert read({"a": good, "crossed": bow_tie}, repair=True)["crossed"].area == pytest.approx(0.5)
    with refused("polygons", value={"p": "Point"}):
        read({"p": {"type": "Point", "coordinates": [1, 2]}, "a": good})
    with refused("missing-geometry", value=["b"]):
        read({"a": good, "b": None})
    with refused("mixed-coordinates", value=["b"]):
        read({"a": good, "b": polygon(square(500_000, 6_000_000, 1000))})
    (tmp_path / "bad.geojson").write_text("{")
    with refused("map-format"):
        read_map(tmp_path / "bad.geojson")
    with refused("map-format") as caught:
        read({"a": polygon(square(0, 0)[:-1])})
    assert "repair closes its rings" in str(caught.value)
    with refused("missing-label", value=2):
        read_map(geojson(file, {"a": good, None: good}), "name")
    # 90 and 360 degrees are within the earth
    for x, y in ((0, 80), (350, 0)):
        assert read({"a": polygon(square(x, y, 10))})["a"].area == pytest.approx(100)
    with refused("exchanged-coordinates", value=360):
        read({"a": polygon(square(0, 350, 10))})


def test_no_coordinate_system_the_date_line_and_names_that_repeat(
    geo: object, tmp_path: Path
) -> None:
    frame = geo.GeoDataFrame({"id": ["a", "b", "a"]}, geometry=[None] * 3)
    from shapely import Polygon

    for factor, in_km in ((1, True), (100_000, False)):
        frame.geometry = [Polygon(np.array(square(x, 3)) * factor) for x in (0, 1, 2)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame.to_file(tmp_path / "plain.shp")
        found = read_map(tmp_path / "plain.shp", "id")
        assert list(found.index) == ["a", "b"] and found["a"].geom_type == "MultiPolygon"
        assert outlines(found).in_km is in_km
    shapes = {
        "west": polygon(square(179, 50)), "east": polygon(square(-180, 50)),
        "over": polygon([[179.5, 51], [-179.5, 51], [-179.5, 52], [179.5, 52], [179.5, 51]]),
    }  # fmt: skip
    near = neighbours_from_polygons(read_map(geojson(tmp_path / "line.geojson", shapes), "name"))
    assert near.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]


# --- peers -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("example", "file"),
    [
        ("columbus", "columbus.shp"), ("georgia", "G_utm.shp"), ("mexico", "mexicojoin.shp"),
        ("sids2", "sids2.shp"), ("stl", "stl_hom.shp"), ("virginia", "virginia.shp"),
        ("us_income", "us48.shp"), ("chicago", "Chicago77.shp"),
    ],
)  # fmt: skip
def test_the_examples_of_libpysal(geo: object, example: str, file: str) -> None:
    libpysal = pytest.importorskip("libpysal")
    from sklearn.cluster import ward_tree

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = geo.read_file(libpysal.examples.load_example(example).get_path(file))
        peers = {
            "queen": libpysal.graph.Graph.build_contiguity(data, rook=False),
            "rook": libpysal.graph.Graph.build_contiguity(data, rook=True),
        }
    for rule, peer in peers.items():
        ours = neighbours_from_polygons(data.geometry, rule)
        assert (ours.matrix().toarray() == peer.sparse.toarray()).all()
    # libpysal's own object is taken as it is
    numbers = data.select_dtypes("number")
    x = numbers.loc[:, numbers.std() > 0].iloc[:, :6]
    x = (x - x.mean()) / x.std() + np.random.default_rng(0).normal(scale=1e-6, size=x.shape)
    tree = Tree.from_table(x, connectivity=peers["queen"], join_components=True)
    near = tree.neighbours
    if len(near.components()) == 1:
        children, _, _, _, height = ward_tree(
            x.to_numpy(), connectivity=near.matrix(), return_distance=True
        )
        np.testing.assert_array_equal(np.sort(children, axis=1), tree.Z[:, :2])
        np.testing.assert_allclose(tree.Z[:, 2], height, rtol=1e-8)
    partition = tree.cut(max(7, len(near.components())))
    assert (near.piece_count(partition) == 1).all()
    assert adjusted_rand_index(partition, Tree.from_table(x).cut(partition.max())) < 1


@pytest.mark.long("spatial association", "Moran's I, global and local, as esda has it", only=True)
def test_esda_gives_the_same_indices(geo: object) -> None:
    pytest.importorskip("esda")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import libpysal
        from esda import Moran as Peer
        from esda import Moran_Local

        w = libpysal.weights.W({i: SQUARES.labels[row.indices].tolist() for i, row in
                                enumerate(SQUARES.matrix())}, silence_warnings=True)  # fmt: skip
        x = np.random.default_rng(9).normal(size=16).cumsum()
        for kind, standardize in (("b", False), ("r", True)):
            peer = Peer(x, w, transformation=kind, permutations=4999)
            ours = moran(x, SQUARES, draws=4999, seed=1, standardize=standardize)
            assert ours.value == pytest.approx(peer.I)
            assert ours.p == pytest.approx(peer.p_sim, abs=0.03)
        local = local_moran(x, SQUARES, draws=9, seed=1)
        np.testing.assert_allclose(local["value"], Moran_Local(x, w, permutations=9).Is)
