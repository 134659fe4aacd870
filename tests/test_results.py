"""The findings: known answers by hand, other libraries, reading and writing."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.errors import InputError

from kzclusters import paths, study, wording
from kzclusters.analysis import (
    audit,
    baseline,
    claims,
    comparison,
    coverage,
    results,
    robustness,
    robustness_text,
    store,
)
from kzclusters.analysis.findings import Findings
from kzclusters.analysis.grid_findings import Recovery, Robustness
from kzclusters.analysis.setting import text as setting_text
from kzclusters.evidence import article
from kzclusters.wording import literal

FOUND = store.load(robustness=True)
WIDE = FOUND.robustness
NAMES = {label: label.upper() for label in "abcd"}
SCHEDULE = pd.DataFrame(
    {
        "stage": [1, 2, 3],
        "cluster_1": [1, 3, 1],
        "cluster_2": [2, 4, 3],
        "coefficient": [1.0, 3.0, 13.0],
        "label_1": ["a", "c", "a"],
        "label_2": ["b", "d", "c"],
        "tie": [False, True, False],
    }
)


# --- by other libraries -----------------------------------------------------------------------
def test_the_results_are_recomputed_by_other_libraries() -> None:
    """scipy and scikit-learn from the long table, without the packages of this repository."""
    from scipy.cluster.hierarchy import cophenet, fcluster, linkage
    from scipy.spatial.distance import pdist
    from scipy.stats import zscore
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    base = FOUND.baseline
    long = pd.read_csv(paths.PROCESSED / "indicators.csv")
    rows = long[(long["year"] == base.year) & long["variant"].isna()]
    wide = rows.pivot(index="region", columns="indicator", values="value").dropna(axis=1)
    assert sorted(wide.columns) == sorted(base.indicators)
    z = zscore(wide.to_numpy(), ddof=1)
    tree = linkage(z, "ward")
    labels = fcluster(tree, base.n_clusters, "maxclust")
    published = pd.read_csv(paths.RAW / "published_clusters.csv", index_col="region")["cluster"]
    score = adjusted_rand_score(published.reindex(wide.index), labels)
    assert FOUND.agreement.adjusted_rand_index == pytest.approx(score, rel=1e-9)
    assert FOUND.tree.mean_silhouette == pytest.approx(silhouette_score(z, labels), rel=1e-9)
    r = np.corrcoef(pdist(z), cophenet(tree))[0, 1]
    assert FOUND.tree.cophenetic_correlation == pytest.approx(r, rel=1e-9)
    squared = pdist(z, "sqeuclidean")
    assert FOUND.distances.median == pytest.approx(np.median(squared), rel=1e-9)
    assert FOUND.distances.farthest_value == pytest.approx(squared.max(), rel=1e-9)
    assert FOUND.merges.final_jump == pytest.approx(tree[-1, 2] ** 2 / 2, rel=1e-9)


# --- the baseline -----------------------------------------------------------------------------
def test_merges_of_a_schedule_written_by_hand() -> None:
    found = baseline.merges(SCHEDULE, NAMES, 2)
    assert (found.n, found.n_minus_1, found.ties) == (3, 3, 1)
    assert found.first == ("A", "B")
    assert (found.last_made, found.first_refused, found.final_jump) == (2.0, 10.0, 10.0)
    assert found.final_share == pytest.approx(10 / 13)
    assert found.last_made_members == ("C", "D")
    assert baseline.members_of_stage(SCHEDULE, 3, NAMES) == ("A", "B", "C", "D")


def test_votes_are_counted_and_silence_is_not_a_vote() -> None:
    table = pd.DataFrame({"status": ["vote"] * 4 + ["undefined"], "best_k": [3, 3, 5, 2, np.nan]})
    found = baseline.votes(table, 5)
    assert (found.n_voting, found.n_silent, found.favourite, found.n_favourite) == (4, 1, 3, 2)
    assert (found.second, found.n_second, found.for_n_clusters) == (2, 1, 1)
    assert found.by_k == {"2": 1, "3": 2, "5": 1}


def test_stability_counts_what_reaches_the_limit() -> None:
    table = pd.DataFrame(
        {
            "cluster": [1, 2, 3],
            "size": [3, 2, 1],
            "jaccard_mean": [0.75, 0.5, 0.6],
            "ceiling": [0.9, 0.8, 0.64],
            "n_resamples": 100,
            "n_used": [98, 97, 99],
        }
    )
    found = baseline.stability(table, 0.75)
    assert found.stable == (1,)
    assert (found.best, found.worst, found.n_left_out, found.single_ceiling) == (1, 2, 3, 0.64)


def test_a_table_of_single_clusters_has_no_best() -> None:
    table = pd.DataFrame(
        {
            "cluster": [1],
            "size": [1],
            "jaccard_mean": [0.6],
            "ceiling": [0.64],
            "n_resamples": 10,
            "n_used": [10],
        }
    )
    found = baseline.stability(table, 0.75)
    assert (found.n_many, found.best, found.worst_jaccard) == (0, None, None)


def test_the_gap_of_the_vote_has_the_seed_of_the_study() -> None:
    """One seed for every draw: the indices are those that the seed of the study gives."""
    from hclustkit import validity

    z = pd.read_csv(paths.PROCESSED / "standardized.csv", index_col=0)
    table = pd.read_csv(paths.PROCESSED / "validity_indices.csv")
    seed = WIDE.permutation["relabel"].seed
    values = validity.indices(z, [2], seed=seed).set_index("index")["value"]
    written = table[table["k"] == 2].set_index("index")["value"]
    assert written["gap"] == pytest.approx(values["gap"], rel=1e-10)


def test_every_vote_is_cast_from_the_indices_that_were_written() -> None:
    from hclustkit import validity

    table = pd.read_csv(paths.PROCESSED / "validity_indices.csv", keep_default_na=False)
    for column in ("value", "critical"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    cast = validity.cast_votes(table).set_index("index")["best_k"]
    votes = pd.read_csv(paths.PROCESSED / "validity_votes.csv").set_index("index")["best_k"]
    pd.testing.assert_series_equal(cast.astype(float), votes.astype(float))


# --- the comparison ---------------------------------------------------------------------------
def test_fates_and_what_is_recovered() -> None:
    published = pd.Series(["I", "I", "II", "II"], index=list("abcd"))
    ours = pd.Series([1, 1, 2, 3], index=list("abcd"))
    fates = comparison.fates(published, ours, NAMES, ["I", "II"])
    assert fates["I"].recovered_exactly and fates["I"].members == ("A", "B")
    assert fates["II"].ours == (2, 3) and fates["II"].best_jaccard == 0.5
    found = comparison.find_recovered(fates)
    assert (found.n, found.clusters, found.split) == (1, ("I",), ("II",))
    assert (found.multi_recovered, found.n_single, found.largest) == (("I",), 0, 2)


def test_clusters_are_described_by_what_is_far_from_the_mean() -> None:
    z = pd.DataFrame({"P2": [1.5, 1.7, -3.2], "P3": [0.9, 0.1, -1.0]}, index=list("abc"))
    clusters = pd.Series([1, 1, 2], index=list("abc"))
    found = comparison.describe_clusters(comparison.profile(z, z, clusters), clusters, NAMES, 1.0)
    assert [item.indicator for item in found["1"].sets_apart] == ["P2"]
    assert found["1"].apart_text == ("high R&D expenditure (+1.60)",)
    assert [item.indicator for item in found["2"].sets_apart] == ["P2", "P3"]
    sizes = comparison.sizes(found)
    assert (sizes.single, sizes.n_many, sizes.many_sizes) == (("C",), 1, ("two",))
    assert sizes.mean_size == 1.5


# --- coverage and claims ----------------------------------------------------------------------
def test_the_baseline_year_is_the_first_complete_one() -> None:
    status = pd.DataFrame(
        {
            2010: ["proxy", "missing", "missing"],
            2011: ["proxy", "exact", "missing"],
            2012: ["exact", "exact", "missing"],
        },
        index=["P1", "P2", "P3"],
    )
    found = coverage.baseline_year(status)
    assert (found.year, found.set_by, found.with_data) == (2011, ("P2",), ("P1", "P2"))
    assert found.complete == (2011, 2012)
    missing = coverage.missing_table(status)["missing in"].tolist()
    assert missing == ["2010", "2010, 2011, 2012"]


def test_no_year_is_named_where_none_is_complete() -> None:
    status = pd.DataFrame({2010: ["proxy", "missing"], 2011: ["missing", "exact"]}, ["P1", "P2"])
    found = coverage.baseline_year(status)
    assert (found.year, found.complete, found.set_by) == (None, (), ())
    assert "names none" in coverage.baseline_year_text(found, 2011)


def test_every_claim_names_a_test_that_exists_and_its_direction() -> None:
    stated = article.claims()
    assert set(stated["test"]) <= set(claims.TESTS)
    for row in stated.itertuples():
        assert row.direction == claims.TESTS[row.test].direction, row.id


def test_verdicts_are_counted() -> None:
    summary = pd.read_csv(paths.PROCESSED / "claims.csv", keep_default_na=False)
    assert FOUND.claims.counts == summary["verdict"].value_counts().to_dict()
    assert sum(FOUND.claims.counts.values()) == FOUND.claims.n == len(article.claims())
    limits = claims.Limits(
        FOUND.claims.p_supported,
        FOUND.claims.p_partly,
        FOUND.claims.z_margin,
        FOUND.claims.majority,
    )
    evidence = pd.read_csv(paths.PROCESSED / "claims_evidence.csv", keep_default_na=False)
    found = audit.claims(summary, evidence, limits)
    share = FOUND.claims.supported_share
    assert found.supported_share == pytest.approx(share, rel=1e-10)
    assert dataclasses.replace(found, supported_share=share) == FOUND.claims


# --- robustness -------------------------------------------------------------------------------
def test_verdicts_on_clusters_at_and_beside_the_limits() -> None:
    shares = {"I": 0.5, "II": 0.05, "III": 0.049, "IV": 0.3}
    found = robustness.verdict(
        {key: Recovery(share, ("x",)) for key, share in shares.items()}, 0.5, 0.05
    )
    assert (found.solid, found.fragile, found.depends) == (("I",), ("III",), ("IV", "II"))
    assert (found.highest_depends, found.lowest_depends, found.n_depends) == (0.3, 0.05, 2)
    assert found.solid_text == ("I (x)",)


def test_no_number_of_the_robustness_analysis_contradicts_another() -> None:
    grid, at = WIDE.grid, WIDE.agreement
    for part in (at.by_number, at.by_linkage, at.by_year, at.by_scaling):
        assert sum(entry.n for entry in part.values()) == grid.n_specifications
        mean = sum(entry.n * entry.mean for entry in part.values()) / grid.n_specifications
        assert mean == pytest.approx(at.mean, rel=1e-9)
    assert sum(WIDE.shares.values()) == pytest.approx(1, rel=1e-9)
    verdict = WIDE.verdict
    keys = [*verdict.solid, *verdict.depends, *verdict.fragile]
    assert sorted(keys) == sorted(WIDE.recovery) == sorted(article.CLUSTERS)
    assert len(WIDE.exact) == at.n_exact <= WIDE.unmerged.n_exact
    assert at.baseline == FOUND.agreement.adjusted_rand_index


def test_pairs_that_share_a_cluster_are_recounted_from_the_matrix() -> None:
    together = pd.read_csv(paths.PROCESSED / "coassociation.csv", index_col=0)
    published = article.published_clusters().reindex(together.index).to_numpy()
    same = published[:, None] == published[None, :]
    lower = np.tril(np.ones_like(same), k=-1).astype(bool)
    matrix = together.to_numpy()
    assert WIDE.pairs.inside == pytest.approx(matrix[lower & same].mean(), rel=1e-9)
    assert WIDE.pairs.outside == pytest.approx(matrix[lower & ~same].mean(), rel=1e-9)


def test_scattered_clusters_are_found_by_another_library() -> None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    published = article.published_clusters()
    pairs = pd.read_csv(paths.RAW / "neighbours.csv").iloc[:, :2]
    scattered = []
    for key in article.CLUSTERS:
        members = list(published.index[published == key])
        near = np.zeros((len(members), len(members)))
        for a, b in pairs.itertuples(index=False):
            if a in members and b in members:
                near[members.index(a), members.index(b)] = 1
        if connected_components(csr_array(near), directed=False)[0] > 1:
            scattered.append(key)
    assert WIDE.scattered == tuple(scattered)
    said = robustness_text.scattered_text(WIDE)
    assert said.startswith(
        f"Not every published cluster is a group of neighbours: {scattered[0]} ("
    )
    none = robustness_text.scattered_text(dataclasses.replace(WIDE, scattered=()))
    assert none.startswith("Every published cluster is a group of neighbours")


# --- reading and writing ----------------------------------------------------------------------
def test_findings_survive_being_written_and_read(tmp_path: Path) -> None:
    store.save(FOUND, tmp_path)
    for name in store.PARTS:
        store.save(getattr(FOUND, name), tmp_path)
    assert store.load(tmp_path) == FOUND
    assert "robustness" not in json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        ({"votes": None}, "field-type", "results.json.votes"),
        ({"weather": 1}, "unknown-field", "results.json"),
        ({"groups": "a"}, "field-type", "results.json.groups"),
        ({"groups": [1]}, "field-type", "results.json.groups.0"),
        ({"concepts": {"features": 1.5}}, "field-type", "results.json.concepts.features"),
    ],
)
def test_a_file_of_another_form_is_refused(
    tmp_path: Path, change: dict, rule: str, place: str
) -> None:
    content = store.as_mapping(dataclasses.replace(FOUND, robustness=None))
    content.pop("robustness")
    (tmp_path / "results.json").write_text(json.dumps(content | change), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        store.load(tmp_path)
    assert (caught.value.rule, caught.value.place) == (rule, place)


def test_a_missing_file_or_field_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        store.load(tmp_path)
    assert caught.value.rule == "missing-file"
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        store.load(tmp_path)
    assert (caught.value.rule, caught.value.value) == ("missing-field", "baseline")
    (tmp_path / "results.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        store.load(tmp_path)
    assert caught.value.rule == "json"


def test_every_field_is_typed() -> None:
    """No part of the tree is a plain dict, list or Any."""
    for kind in (Findings, Robustness):
        for field in dataclasses.fields(kind):
            assert not re.search(r"\b(Any|dict|list)\b", str(field.type)), field.name


# --- texts ------------------------------------------------------------------------------------
def test_the_headline_says_what_the_findings_say() -> None:
    text = results.headline(FOUND)
    assert f"**{FOUND.agreement.adjusted_rand_index:.2f}**" in text
    assert f"{WIDE.grid.n_specifications:,} specifications" in text
    assert f"{FOUND.claims.counts['supported']} supported" in text
    assert text == results.headline(store.as_mapping(FOUND))


@pytest.mark.parametrize(
    ("clusters", "said"),
    [
        ((), "0 of 8 published clusters come out exactly. To turn"),
        (("VII",), "1 of 8 published clusters comes out exactly: {Astana}. To turn"),
    ],
)
def test_the_headline_of_another_run_counts_what_came_out(clusters: tuple, said: str) -> None:
    recovered = dataclasses.replace(FOUND.recovered, n=len(clusters), clusters=clusters)
    other = dataclasses.replace(FOUND, recovered=recovered)
    assert said in results.headline(other)
    assert said.partition(" exactly")[0] in results.in_short(store.as_mapping(other))


def test_sentences_hold_where_nothing_is_found_and_where_there_are_ties() -> None:
    text = robustness_text.exact_text(dataclasses.replace(WIDE, exact=()))
    assert (
        text == f"**0** of {WIDE.grid.n_specifications:,} specifications recover Figure 3 exactly."
    )
    plain = dataclasses.replace(FOUND.setting.plain, never=(), always=())
    own = dataclasses.replace(FOUND.setting.own, baseline_ties=3)
    other = dataclasses.replace(FOUND.setting, plain=plain, own=own)
    assert "on average, never: no pair; always: no pair." in setting_text.plain_text(other)
    assert "of 24, with 3 more at the same index." in setting_text.own_text(other)
    votes = baseline.votes(pd.DataFrame({"status": ["vote"] * 4, "best_k": [4, 4, 9, 9]}), 3)
    said = baseline.vote_text(votes, 3)
    assert "Most votes, 2, go to **k = 4 and k = 9**; **k = 3** gets none." in said
    asked = dataclasses.replace(votes, for_n_clusters=2)
    assert "**k = 4** gets 2." in baseline.vote_text(asked, 4)
    assert said.endswith("All votes by number of clusters: 2 for k = 4 and 2 for k = 9.")
    nearly = dataclasses.replace(FOUND.setting.grid, not_ward_share=0.999)
    near = setting_text.grid_text(dataclasses.replace(FOUND.setting, grid=nearly))
    assert "99.9% do not use Ward's method" in near  # 100% is said of all alone
    assert "exactly, with data of 2012, z-scores of logarithms and Ward's method. That" in (
        robustness_text.exact_text(WIDE)
    )


def test_a_rounded_correlation_does_not_call_two_columns_one() -> None:
    x = np.arange(8.0)
    table = pd.DataFrame({"P4": x, "P5": x + np.tile([0.05, -0.05], 4)})
    assert "r = 0.999" in coverage.correlation_text(table)


def test_none_and_all_are_said_only_of_none_and_all() -> None:
    for value, decimals, said in (
        (0, 0, "0%"), (1, 1, "100.0%"), (0.9999, 1, "99.99%"), (0.00001, 0, "0.001%"),
        (0.004, 1, "0.4%"), (0.5, 0, "50%"),
    ):  # fmt: skip
        assert wording.share(value, decimals) == said


@pytest.mark.parametrize(
    "label", ["<script>x</script>", "[a](javascript:b)", "**b**", "`c`", "$x$", "a\nb", "#h", "|"]
)
def test_a_label_never_becomes_markup(label: str) -> None:
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(f"x {literal(label)}")
    inside = shown.removeprefix("<p>").removesuffix("</p>\n")
    assert "<" not in inside, shown


def test_texts_of_notebook_2_escape_labels() -> None:
    raw = pd.DataFrame({"<b>v</b>": [1.0, 2.0, 4.0]}, index=["<i>r</i>", "*s*", "t"])
    square = pd.DataFrame([[0.0, 1, 9], [1, 0, 4], [9, 4, 0]], raw.index, raw.index)
    texts = [
        baseline.opening_text(raw, "zscore", "ward", 2),
        baseline.distance_text(baseline.distances(square, {})),
    ]
    for text in texts:
        assert "<b>" not in text and "<i>" not in text and " *s*" not in text


@pytest.mark.parametrize("other", [{}, {"year": 2014}, {"indicators": ["P2", "P5"]}])
def test_a_run_knows_whether_it_is_the_baseline(other: dict) -> None:
    names = ("indicators", "year", "scaling", "linkage", "n_clusters")
    chosen = {name: study.parameters()[name] for name in names} | other
    found = baseline.describe(["P2", "P5"], 16, ["P1", "P2", "P5"], **chosen)
    assert found.called == ("This run" if other else "Baseline") and found.missing == ("P1",)
