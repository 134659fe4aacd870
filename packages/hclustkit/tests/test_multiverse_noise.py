"""Measurement error, omissions and the plan, against single analyses one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hclustkit.distances import proximity_matrix, squared_differences
from hclustkit.errors import InputError
from hclustkit.multiverse import leave_out, noise_survival, plan, run, run_noise
from hclustkit.scaling import SCALINGS, standardize
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import linkage as tree_of
from multiverse_cases import LABELS, grid_of, long_frame, planted_frame, reference
from refusals import refused
from sklearn.metrics import adjusted_rand_score


def single(table, scaling, linkage, k):
    """One analysis by the functions for one analysis."""
    return cut(tree_of(standardize(table, scaling), linkage), k)


def blocks(labels):
    labels = np.asarray(labels)
    return {frozenset(np.flatnonzero(labels == name)) for name in np.unique(labels)}


def wide(frame, year=2002):
    rows = frame[(frame["year"] == year) & (frame["variant"] == "")]
    return rows.pivot(index="region", columns="indicator", values="value").dropna(axis=1)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_scaling_of_many_is_that_of_one(scaling):
    rng = np.random.default_rng(1)
    values = rng.lognormal(size=(5, 9, 4)).round(1) + 0.1
    expected = [standardize(pd.DataFrame(table), scaling).to_numpy() for table in values]
    np.testing.assert_allclose(standardize(values, scaling), expected, rtol=1e-12, atol=1e-13)


def test_squared_differences_add_up_to_distances():
    table = wide(long_frame())
    expected = proximity_matrix(table).to_numpy()[np.triu_indices(16, 1)]
    squares = squared_differences(table.to_numpy())
    np.testing.assert_allclose(squares.sum(axis=0), expected)


@pytest.mark.parametrize(
    ("scaling", "linkage"), [("zscore", "ward"), ("rank", "average"), ("log-zscore", "complete")]
)
def test_noise_survival_one_draw_at_a_time(scaling, linkage):
    table = wide(long_frame(seed=2))
    found = noise_survival(
        table, levels=[0.02, 0.2], draws=40, seed=9, scaling=scaling, method=linkage, k=6
    )
    base = single(table, scaling, linkage, 6)
    assert found.baseline.tolist() == base.tolist()
    z = np.stack(
        [np.random.default_rng([9, c]).standard_normal((40, 16)) for c in range(table.shape[1])],
        axis=-1,
    )
    for place, level in enumerate((0.02, 0.2)):
        cuts = [single(table * np.abs(1 + level * draw), scaling, linkage, 6) for draw in z]
        rows = found.clusters[found.clusters["level"] == level]
        for cluster, survived, jaccard in zip(
            rows["cluster"], rows["survived"], rows["jaccard"], strict=True
        ):
            members = frozenset(np.flatnonzero(base == cluster))
            best = [max(len(members & b) / len(members | b) for b in blocks(c)) for c in cuts]
            assert survived == pytest.approx(np.mean([members in blocks(c) for c in cuts]))
            assert jaccard == pytest.approx(np.mean(best))
        scores = [adjusted_rand_score(base, cut) for cut in cuts]
        row = found.partitions.iloc[place]
        assert row["ari_mean"] == pytest.approx(np.mean(scores))
        assert row["unchanged"] == pytest.approx(np.mean([blocks(c) == blocks(base) for c in cuts]))
        assert row["ari_05"] == pytest.approx(np.quantile(scores, 0.05))


def test_clusters_far_apart_survive_and_noise_does_not():
    target = reference()
    planted = noise_survival(wide(planted_frame(target)), k=8, levels=[0.005], draws=100, seed=1)
    assert (planted.clusters["survived"] == 1).all()
    assert (planted.clusters["jaccard"] == 1).all()
    assert planted.partitions.loc[0, "unchanged"] == 1
    assert set(planted.clusters["members"]) == {
        "; ".join(target.index[target == name]) for name in target.unique()
    }
    noise = noise_survival(wide(long_frame()), k=8, levels=[0.1, 0.5], draws=200, seed=1)
    small, large = noise.partitions["ari_mean"]
    assert large < small < 1
    assert (noise.clusters["survived"] <= noise.clusters["jaccard"]).all()


def test_an_error_in_standard_deviations_leaves_logarithms_defined():
    """They take it: a value near zero and an error of half a deviation may add up to less."""
    table = pd.DataFrame(np.random.default_rng(3).lognormal(0, 2, (12, 3)), columns=list("abc"))
    given = {"k": 3, "seed": 4, "levels": [0.5], "draws": 30, "unit": "sd"}
    found = noise_survival(table, scaling="log-zscore", **given)
    of_logs = noise_survival(np.log(table), scaling="zscore", **given)
    pd.testing.assert_frame_equal(found.clusters, of_logs.clusters)
    assert 0 < found.clusters["survived"].mean() < 1


def test_noise_for_every_specification_one_by_one():
    frame = long_frame(seed=4, years=(2002, 2003), indicators=5)
    target = reference()
    grid = grid_of(
        frame, scalings=["range", "log-zscore"], linkages=["ward", "average"], min_indicators=4, k=5
    )
    n, level, seed = 6, 0.1, 3
    found = run_noise(grid, frame, target, level=level, draws=n, seed=seed)
    plain = run(grid, frame, target)
    pd.testing.assert_frame_equal(
        found[["year", "scaling", "linkage", "choice"]],
        plain.specifications[["year", "scaling", "linkage", "choice"]],
    )
    order = [(name, variant) for name, some in grid.indicators.items() for variant in some]
    columns = {
        key: part["value"].to_numpy()
        for key, part in frame.groupby(["year", "indicator", "variant"], sort=False)
    }
    described = plain.describe().to_dict("records")
    for row in range(0, len(found), 37):
        words = described[row]
        table, noise = {}, {}
        for number, (name, variant) in enumerate(order):
            if words[name] == (variant or "main"):
                table[name] = columns[words["year"], name, variant]
                stream = np.random.default_rng([seed, words["year"], number])
                noise[name] = np.abs(1 + level * stream.standard_normal((n, 16)))
        table = pd.DataFrame(table, index=LABELS)
        base = single(table, words["scaling"], words["linkage"], 5)
        cuts = [
            single(
                table * np.column_stack([noise[name][draw] for name in table]),
                words["scaling"],
                words["linkage"],
                5,
            )
            for draw in range(n)
        ]
        values = found.iloc[row]
        assert values["unchanged"] == pytest.approx(
            np.mean([blocks(c) == blocks(base) for c in cuts])
        )
        assert values["kept"] == pytest.approx(
            np.mean([len(blocks(c) & blocks(base)) / 5 for c in cuts])
        )
        assert values["ari_baseline"] == pytest.approx(
            np.mean([adjusted_rand_score(base, c) for c in cuts])
        )
        assert values["ari_reference"] == pytest.approx(
            np.mean([adjusted_rand_score(target, c) for c in cuts])
        )
        members = frozenset(np.flatnonzero(target == "C"))
        assert values["recovered_C"] == pytest.approx(np.mean([members in blocks(c) for c in cuts]))


@pytest.mark.parametrize("block", [2**21, 100])
def test_noise_does_not_depend_on_chunks_threads_or_blocks(block, monkeypatch, tmp_path):
    frame = long_frame(seed=4, years=(2002,), indicators=5)
    grid = grid_of(frame, linkages=["ward"], min_indicators=4)
    expected = run_noise(grid, frame, reference(), level=0.05, draws=7, seed=1, n_jobs=1)
    monkeypatch.setattr("hclustkit.multiverse.noise.BLOCK", block)
    for _ in range(2):
        again = run_noise(
            grid,
            frame,
            reference(),
            level=0.05,
            draws=7,
            seed=1,
            n_jobs=2,
            chunk_size=13,
            cache=tmp_path,
        )
        pd.testing.assert_frame_equal(again, expected, check_exact=True)
    other = run_noise(
        grid, frame, reference(), level=0.05, draws=7, seed=2, chunk_size=13, cache=tmp_path
    )
    assert not other.equals(expected)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"levels": [0]}, "range"),
        ({"levels": [1.0]}, "range"),
        ({"levels": [1.5]}, "range"),
        ({"levels": []}, "empty-list"),
        ({"draws": 0}, "range"),
        ({"seed": -1}, "range"),
        ({"k": 17}, "k-range"),
        ({"scaling": "other"}, "unknown-name"),
        ({"method": "other"}, "unknown-name"),
    ],
)
def test_bad_noise(arguments, rule):
    with pytest.raises(InputError) as caught:
        noise_survival(wide(long_frame()), **{"k": 8, "seed": 1, **arguments})
    assert caught.value.rule == rule and caught.value.place


def test_leave_out_one_by_one():
    table = wide(long_frame(seed=6))
    target = reference()
    groups = {name: "odd" if int(name[1]) % 2 else "even" for name in table}
    found = leave_out(table, target, groups=groups, k=6)
    base = single(table, "zscore", "ward", 6)
    assert found["kind"].tolist() == ["indicator"] * 7 + ["group"] * 2 + ["object"] * 16
    for row in found.to_dict("records"):
        kept = np.ones(16, dtype=bool)
        if row["kind"] == "indicator":
            rest = table.drop(columns=row["left_out"])
        elif row["kind"] == "group":
            rest = table[[name for name in table if groups[name] != row["left_out"]]]
        else:
            rest = table.drop(index=row["left_out"])
            kept = table.index != row["left_out"]
        k = len(set(base[kept]))
        assert row["k"] == k
        cut = single(rest, "zscore", "ward", k)
        assert row["ari_baseline"] == pytest.approx(adjusted_rand_score(base[kept], cut))
        assert row["ari_reference"] == pytest.approx(adjusted_rand_score(target[kept], cut))
        lost = blocks(base[kept]) - blocks(cut)
        assert row["clusters_changed"] == len(lost)
        names = table.index[kept]
        shown = {frozenset(text.split("; ")) for text in row["changed"].split(" | ") if text}
        assert shown == {frozenset(names[sorted(block)]) for block in lost}


def test_leaving_out_a_cluster_of_one_leaves_fewer_clusters():
    target = reference()
    table = wide(planted_frame(target))
    found = leave_out(table, target, k=8)
    objects = found[found["kind"] == "object"].set_index("left_out")
    assert (objects["ari_reference"] == 1).all()
    assert (objects["clusters_changed"] == 0).all()
    assert objects["k"].tolist() == [8] * 14 + [7] * 2
    assert "group" not in set(found["kind"])


@pytest.mark.parametrize(
    ("table", "arguments", "rule", "place"),
    [
        (lambda t: t, {"groups": {"I1": "a"}}, "missing-column", "groups"),
        (lambda t: t[["I1"]], {"groups": {"I1": "a", "x": "b"}}, "unknown-column", "groups"),
        (lambda t: t.head(2), {"k": 2}, "too-few-rows", "table"),
        (lambda t: t.assign(I1=[5.0] + [1.0] * 15), {}, "constant-column", "column 'I1'"),
    ],
)
def test_bad_omissions(table, arguments, rule, place):
    table = table(wide(long_frame()))
    target = reference().loc[table.index]
    with refused(rule, place=place):
        leave_out(table, target, **{"k": 8, **arguments})


def test_plan_counts_what_a_run_will_do():
    frame = long_frame()
    grid = grid_of(frame)
    result = run(grid, frame, reference())
    simple = plan(grid, frame, reference(), levels=3, n_jobs=4)  # of no noise
    assert simple.chunks == 12 * 3
    assert simple.specifications == simple.clusterings == len(result.specifications)
    assert result.resumed == 0  # nothing is kept
    assert simple.seconds_per_clustering > 0
    noisy = plan(grid, frame, reference(), noise_draws=50, levels=3, n_jobs=4, chunk_size=100)
    assert noisy.clusterings == 150 * len(result.specifications)
    assert noisy.seconds == pytest.approx(noisy.clusterings * noisy.seconds_per_clustering / 4)
    # per year and scaling, 288 combinations, or 144 in the first year
    assert noisy.chunks == 3 * 12 * (3 + 3 + 2)
    assert noisy.bytes > simple.bytes > 0
    assert noisy.result_bytes > 3 * simple.result_bytes  # three levels, and more of each
    assert f"{noisy.clusterings:,} clusterings" in str(noisy)
    assert "(2.5 µs each)" in str(replace(noisy, seconds_per_clustering=2.5e-6))
    # the largest chunk counts, and not the rest of 288 or 144 combinations
    longer = plan(grid, frame, reference(), noise_draws=50, levels=3, chunk_size=110)
    assert longer.chunk_bytes > noisy.chunk_bytes
    with refused("range", place="noise_draws"):
        plan(grid, frame, reference(), noise_draws=-1)
