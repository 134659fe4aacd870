"""A report on any table: choices with meaning, results as scipy and scikit-learn have them."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hclustkit.compare import adjusted_rand_index
from hclustkit.distances import pairwise
from hclustkit.report import analysis as analysis_module
from hclustkit.report.analysis import analyse
from hclustkit.report.body import table_html
from hclustkit.report.choices import Choices, column_weights, settle
from hclustkit.report.clusters import prepare, silhouette_widths
from hclustkit.report.command import read_as_asked
from hclustkit.report.words import sensitivity_sentences
from hclustkit.report.write import script_of
from hclustkit.scaling import standardize
from hclustkit.tables.missing import gower_distances
from refusals import refused
from report_cases import blobs, small, written
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from scipy.stats import median_abs_deviation, zscore
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import silhouette_samples


@pytest.fixture(autouse=True)
def _little(monkeypatch):
    monkeypatch.setattr(analysis_module, "budget", small)


# ------------------------------------------------------------------------------ what is chosen

SENSELESS = [
    ({"distance": "manhattan", "linkage": "ward"}, "euclidean-only", "linkage"),
    ({"distance": "correlation", "linkage": "centroid"}, "euclidean-only", "linkage"),
    ({"distance": "gower", "linkage": "median"}, "euclidean-only", "linkage"),
    ({"distance": "gower", "scaling": "rank"}, "no-scaling", "scaling"),
    ({"distance": "precomputed", "scaling": "zscore"}, "no-scaling", "scaling"),
    ({"distance": "precomputed", "weights": {"a": 2.0}}, "precomputed", "weights"),
    ({"distance": "precomputed", "missing": "listwise"}, "precomputed", "missing"),
    ({"missing": "gower", "linkage": "ward"}, "euclidean-only", "linkage"),
    ({"missing": "gower", "linkage": "single"}, "gaps", "linkage"),
    ({"missing": "gower", "distance": "manhattan"}, "gaps-need-gower", "missing"),
    ({"distance": "manhattan", "rule": "ch"}, "euclidean-only", "rule"),
    ({"scaling": "z-score"}, "unknown-choice", "scaling"),
    ({"linkage": "wards"}, "unknown-choice", "linkage"),
    ({"rule": "silhouettes"}, "unknown-choice", "rule"),
    ({"k": 0}, "range", "k"),
]


@pytest.mark.parametrize(("given", "rule", "place"), SENSELESS)
def test_choices_without_meaning_are_refused(given, rule, place):
    with refused(rule, place=place):
        settle(Choices(**given))


def test_what_is_not_chosen_follows_from_what_is():
    assert dataclasses.astuple(settle(Choices()))[1:4] == ("zscore", "euclidean", "ward")
    assert settle(Choices(distance="manhattan")).linkage == "average"
    assert settle(Choices(missing="gower")).distance == "gower"
    assert settle(Choices(distance="gower")).scaling == "none"


def test_scalings_are_those_of_their_definitions():
    x = np.random.default_rng(1).gamma(2, 3, (20, 3))
    assert np.allclose(standardize(x, "zscore-population"), zscore(x))
    spread = median_abs_deviation(x, scale="normal")
    assert np.allclose(standardize(x, "robust"), (x - np.median(x, axis=0)) / spread, rtol=1e-6)
    with refused("zero-deviation", place="0"):
        standardize([[1.0], [1.0], [1.0], [5.0]], "robust")


def test_distances_are_those_of_their_definitions():
    x = np.random.default_rng(2).normal(size=(8, 4))
    i, j = np.triu_indices(8, 1)
    assert np.allclose(
        pairwise(x, "manhattan", [1, 2, 1, 1]), (abs(x[i] - x[j]) * [1, 2, 1, 1]).sum(1)
    )
    assert np.allclose(pairwise(x, "correlation"), 1 - np.corrcoef(x)[i, j])
    assert np.allclose(pairwise(x, "squared-euclidean"), pairwise(x) ** 2)
    with refused("constant-row", place="0"):
        pairwise([[1.0, 1.0], [1.0, 2.0]], "correlation")
    with refused("unknown-name"):
        pairwise(x, "chebyshev")


def test_a_weight_counts_as_repeated_columns_and_a_group_as_one():
    table = blobs(12, 3)
    twice = standardize(table.assign(again=table["variable 0"]))
    choices = settle(Choices(weights={"variable 0": 2.0}))
    assert np.allclose(prepare(table, choices).tree().Z, hierarchy.linkage(twice, "ward"))
    grouped = Choices(groups={"g": ["variable 0", "variable 1"]}, weights={"g": 3.0})
    assert column_weights(grouped, list(table.columns)).tolist() == [1.5, 1.5, 1.0]
    for weights, groups, rule in (
        ({"x": 2.0}, {}, "unknown-column"),
        ({"variable 0": -1.0}, {}, "weight"),
        ({}, {"g": ["x"]}, "unknown-column"),
        ({}, {"g": ["variable 0"], "h": ["variable 0"]}, "two-groups"),
    ):
        with refused(rule):
            column_weights(Choices(weights=weights, groups=groups), list(table.columns))


# ------------------------------------------------------------- as scipy and scikit-learn have it


@pytest.mark.parametrize("distance", ["euclidean", "squared-euclidean", "manhattan", "correlation"])
@pytest.mark.parametrize("linkage", ["ward", "average", "complete", "single"])
def test_clusters_and_silhouettes_are_those_of_scipy_and_sklearn(distance, linkage):
    if linkage == "ward" and "euclidean" not in distance:
        return
    table = blobs(30, 5)
    found = prepare(table, settle(Choices(distance=distance, linkage=linkage)))
    d = pairwise(standardize(table), "euclidean" if linkage == "ward" else distance)
    Z = hierarchy.linkage(d, linkage)
    assert np.allclose(found.tree().Z[:, 2], Z[:, 2])
    labels = found.tree().cut(3)
    assert adjusted_rand_index(labels, hierarchy.fcluster(Z, 3, "maxclust")) == 1
    if linkage != "ward":
        other = AgglomerativeClustering(3, metric="precomputed", linkage=linkage)
        assert adjusted_rand_index(labels, other.fit_predict(squareform(d))) == 1
    between = found.between()
    expected = silhouette_samples(between, labels, metric="precomputed")
    assert np.allclose(silhouette_widths(between, labels), expected)


def test_gower_and_given_distances_make_the_same_tree():
    table = blobs(12, 3)
    matrix = gower_distances(table)
    one = analyse(table, Choices(k=3, distance="gower"))
    two = analyse(matrix, Choices(k=3, distance="precomputed"))
    assert np.allclose(one.tree.Z, two.tree.Z)
    assert one.clusters.tolist() == two.clusters.tolist()
    assert two.profile is None and two.sensitivity is not None
    with refused("same-labels"):
        analyse(table, Choices(distance="precomputed"))
    with refused("distances-or-observations"):
        analyse(matrix, Choices(k=3))


# --------------------------------------------------------------------------------- small tables


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_few_rows_are_clustered_as_far_as_that_means_something(n):
    found = analyse(blobs(n, 2, clusters=2))
    assert 1 <= found.k <= n
    assert any("few" in warning for warning in found.warnings)
    if n == 3:
        assert found.number.note.startswith("Too few rows") and "only one" in found.number.rule


def test_repeated_rows_are_counted_and_stop_nothing():
    table = pd.DataFrame(
        {"a": [0.0, 0, 0, 5, 5, 9], "b": [1.0, 1, 1, 7, 7, 2]}, index=list("abcdef")
    )
    found = analyse(table)
    assert found.k == 2 and any("3 of 6 differ" in warning for warning in found.warnings)
    assert len(set(found.clusters[["a", "b", "c"]])) == 1
    assert analyse(table.iloc[:5], Choices(k=4)).k == 4
    two = analyse(table.iloc[:5])
    assert two.k == 2 and "2 different rows" in two.number.rule


def test_a_constant_column_is_left_out_and_named():
    found = analyse(blobs(12, 2).assign(same=4.0))
    assert found.prepared.constant == ["same"]
    assert any("same" in warning for warning in found.warnings)
    with refused("constant-table"):
        analyse(pd.DataFrame({"a": [1.0, 1.0]}, index=["x", "y"]))
    with refused("too-few-rows"):
        analyse(pd.DataFrame({"a": [1.0]}, index=["x"]))


# ------------------------------------------------------------------------------ what is computed


def test_clusters_that_lie_apart_are_found_by_every_rule():
    table = blobs(60, 4)
    for rule in ("silhouette", "votes", "ch"):
        found = analyse(table, Choices(rule=rule))
        assert found.k == 3, rule
        assert adjusted_rand_index(found.labels, np.arange(60) % 3) == 1
    assert (found.stability["jaccard_mean"] > 0.9).all()
    assert " is unique" in found.ties
    assert not any("Another order" in warning for warning in found.warnings)
    said = found.plan.sentences(60)[0]
    assert said == f"Bootstrap: {found.plan.draws:,} draws of 60 rows with replacement."
    assert found.number.evidence["explained"].is_monotonic_increasing
    with refused("k-range", place="k"):
        analyse(table, Choices(k=61))


def test_rows_together_in_every_specification_share_a_group():
    found = analyse(blobs(20, 3))
    other = found.sensitivity
    groups = other.always.value_counts()
    joined = groups[groups > 1]
    said = f"{joined.sum()} of 20 rows form {len(joined)} group"
    assert any(one.startswith(said) for one in sensitivity_sentences(found))
    together = other.pairs().to_numpy() == 1
    groups = other.always.to_numpy()
    assert (together == (groups[:, None] == groups)).all()
    assert other.specifications["same"].iloc[0] and other.specifications["ari"].iloc[0] == 1
    assert other.rows.between(0, 1).all()
    assert {"scaling", "linkage", "left_out", "ari"} <= set(other.specifications)
    assert other.specifications["left_out"].nunique() == 1 + found.plan.columns_left_out > 1


def test_a_specification_that_is_impossible_is_named_with_its_reason():
    other = analyse(blobs(12, 2)).sensitivity
    assert set(other.refused["scaling"]) == {"log-zscore"}
    assert other.refused["reason"].str.contains("logarithm").all()


def test_filled_cells_come_with_a_check(tmp_path):
    table = blobs(15, 3)
    table.iloc[4, 1] = np.nan
    path = written(table, tmp_path / "gaps.csv")
    read, _ = read_as_asked(path, {"missing": "impute-median"})
    found = analyse(read, Choices(k=3, missing="impute-median"))
    assert found.imputed["ari_without_them"].tolist() == [1.0]
    gower, _ = read_as_asked(path, {"missing": "gower"})
    kept = analyse(gower, Choices(k=3, missing="gower"))
    assert adjusted_rand_index(kept.labels, found.labels) == 1
    assert list(kept.profile.means) == ["variable 0", "variable 2"]


def test_text_counts_in_gowers_distance(tmp_path):
    table = blobs(12, 2).assign(kind=["coast", "hill"] * 6)
    path = written(table, tmp_path / "mixed.csv")
    read, reading = read_as_asked(path, {"categories": "kind"})
    choices = settle(Choices(k=3, distance="gower", weights={"kind": 9.0}))
    found = analyse(read, choices)
    expected = gower_distances(table, variable_weights={"kind": 9.0})
    assert np.allclose(found.prepared.between(), expected)
    assert list(found.profile.means) == ["variable 0", "variable 1"]
    with refused("unknown-column"):
        read_as_asked(path, {"categories": "knid"})
    text = script_of(found, reading)
    check = f"assert table['cluster'].tolist() == {found.clusters.tolist()}\n"
    (tmp_path / "s.py").write_text(text + check, encoding="utf-8")
    subprocess.run([sys.executable, "s.py"], cwd=tmp_path, check=True, capture_output=True)


# --------------------------------------------------------------------------------- its script

SCRIPTS = [
    {},
    {"scaling": "robust", "linkage": "complete"},
    {"weights": {"variable 1": 2.0}},
    {"distance": "manhattan", "weights": {"variable 1": 2.0}},
    {"distance": "gower", "weights": {"variable 1": 2.0}},
]


def test_the_script_repeats_the_clusters(tmp_path):
    table = blobs(15, 3).assign(same=1.0)
    path = written(table, tmp_path / "it's mine.csv")
    lines = []
    for given in SCRIPTS:
        read, reading = read_as_asked(path, {"drop": "r 3"})
        found = analyse(read, Choices(k=4, **given))
        text = script_of(found, reading)
        assert len(text.splitlines()) <= 12
        lines.append(f"{text}\nprint('clusters', table['cluster'].tolist())\n")
        lines.append(f"assert table['cluster'].tolist() == {found.clusters.tolist()}\n")
    (tmp_path / "all.py").write_text("\n".join(lines), encoding="utf-8")
    subprocess.run([sys.executable, "all.py"], cwd=tmp_path, check=True, capture_output=True)


def test_the_numbers_of_a_column_end_below_each_other():
    frame = pd.DataFrame(
        {"index": [0.38, 0.395, 1.0, np.nan], "k": [2, 3, 4, 5], "tie": [True, False, True, True]}
    )
    assert '<td><span class="swatch c2">2</span></td>' in table_html(
        pd.DataFrame({"cluster": [2]}), swatch="cluster"
    )
    page = table_html(frame.assign(mixed=[-0.5, 1234.5, 0.25, 1e-7]))
    rows = [re.findall(r'<td( class="n")?>(.*?)</td>', row) for row in page.split("<tr>")[2:]]
    assert [[text for _, text in column] for column in zip(*rows, strict=True)] == [
        ["0.380", "0.395", "1.000", ""],
        ["2", "3", "4", "5"],
        ["True", "False", "True", "True"],
        ["−0.50", "1,234", "0.25", "1.000e−07"],
    ]
    assert [bool(right) for right, _ in rows[0]] == [True, True, False, True]
    assert re.findall(r'"col"( class="n")?', page) == [' class="n"', ' class="n"', "", ' class="n"']
