"""The lesson: its tables, sums and sentences say what the numbers say."""

from __future__ import annotations

import base64
import math
import re
from itertools import combinations
from pathlib import Path

import lesson_cases
import numpy as np
import pandas as pd
import pytest
from IPython.display import Image
from lesson_cases import (
    LESSON,
    REGIONS,
    SOLUTIONS,
    STUDY,
    TABLE,
    K,
    Worked,
    cells,
    make,
    shown,
    worked,
)
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

from kzclusters import paths
from kzclusters.lesson import answers, prose, session, steps
from kzclusters.lesson.data import CRITERIA, LessonData, comparable_tables
from kzclusters.lesson.faded import FADED
from kzclusters.lesson.session import Lesson

made = lesson_cases.made
baseline = lesson_cases.baseline


def test_merge_costs_are_differences_of_sums_of_squares(made: Lesson) -> None:
    z = made.data.z
    costs = steps.merge_costs(z)

    def ss(labels: tuple) -> float:
        return float(((z.loc[list(labels)] - z.loc[list(labels)].mean()) ** 2).to_numpy().sum())

    for _, row in costs.iterrows():
        grown = (
            ss(row["cluster_a"] + row["cluster_b"]) - ss(row["cluster_a"]) - ss(row["cluster_b"])
        )
        assert math.isclose(row["increase"], grown, rel_tol=1e-9)
    taken = costs[costs["made"]]
    assert list(taken["stage"]) == [1, 2, 3]
    assert (
        taken["increase"].to_numpy() == costs.groupby("stage")["increase"].min().to_numpy()
    ).all()
    assert np.allclose(taken["increase"], scipy_linkage(z, "ward")[:, 2] ** 2 / 2)
    assert list(costs.groupby("stage").size()) == [6, 3, 1]


def test_the_small_table_teaches_what_the_lesson_says(baseline: Lesson) -> None:
    """Scaling changes the first merge, and near is not the same as cheap."""
    assert set(baseline.data.pairs.idxmin()) != set(baseline.data.pairs_unscaled.idxmin())
    second = steps.merge_costs(baseline.data.z).query("stage == 2")
    assert second["increase"].idxmin() != second["squared_distance"].idxmin()
    shares = ((baseline.data.small - baseline.data.small.mean()) ** 2).sum()
    assert shares.max() / shares.sum() > 0.95
    assert set(baseline.data.example_pair) not in (
        set(baseline.data.asked_pair),
        set(baseline.data.pairs.idxmin()),
    )


def test_in_million_tenge_the_other_column_decides(baseline: Lesson) -> None:
    """As the lesson says of a column of GRP."""
    assert baseline.data.small.columns[0] == "P14"
    shares = ((baseline.data.small - baseline.data.small.mean()) ** 2).sum()
    assert shares.idxmax() == "P14"
    assert (shares * [1e-6, 1]).idxmax() == "P12"
    text = prose.deciding_indicator(baseline.data)
    assert "comes from P14" in text and "hardly a say" in text
    equal = LessonData(
        baseline.data.z,
        baseline.data.whole,
        baseline.data.others,
        year=2013,
        n_clusters=K,
        variables=baseline.data.variables,
    )
    assert "hardly" not in prose.deciding_indicator(equal)


def test_the_tables_shown_say_what_the_numbers_say(baseline: Lesson) -> None:
    w = worked(baseline)

    def called(pair: tuple[int, int]) -> str:
        return " and ".join(baseline.data.names[REGIONS[i]] for i in pair)

    first = baseline.data.first_merges()["nearest pair"]
    assert first["unscaled"] == called(w.nearest(w.raw))
    assert first["scaled"] == called(w.nearest(w.z))
    second = baseline.data.near_and_cheap()
    (i, j), near = w.nearest(w.z), w.from_first_pair()[0]
    gap = (w.z[i] + w.z[j]) / 2 - w.z[near]
    assert np.isclose(second.loc["nearest centroids", "squared distance"], gap @ gap)
    assert np.isclose(second.loc["smallest increase", "increase"], w.increases(w.z)[1])
    assert (baseline.data.costs()[""] != "").sum() == 3
    assert np.allclose(baseline.data.schedule(baseline.data.z)["coefficient"], w.coefficients(w.z))


SUM = re.compile(
    r"(?<![\d.,])(−?[\d,]+(?:\.\d+)?) ([+−×/]) (−?[\d,]+(?:\.\d+)?) = \**(−?[\d,]+(?:\.\d+)?)"
)


def check_sums(text: str) -> int:
    """Every printed "a + b = c" adds up to the last digit printed; how many there are."""
    found = [
        match.groups()
        for match in SUM.finditer(text)
        if text[: match.start()].rstrip()[-1:] not in ("+", "−", "×", "/")
    ]
    for a, sign, b, c in found:
        one, two, three = (float(x.replace(",", "").replace("−", "-")) for x in (a, b, c))
        value = {"+": one + two, "−": one - two, "×": one * two, "/": one / two}[sign]
        digits = len(c.partition(".")[2])
        assert abs(value - three) < 0.5 * 10**-digits + 1e-9, (a, sign, b, c)
    return len(found)


def test_worked_examples_add_up_as_printed(made: Lesson) -> None:
    w = worked(made)
    assert f"{w.z[0, 0]:.2f}".replace("-", "\N{MINUS SIGN}") in FADED["z_score"](made.data).worked
    a, b = (REGIONS.index(code) for code in made.data.example_pair)
    one, two = np.round(w.z[a], 2), np.round(w.z[b], 2)
    steps = np.round((one - two) ** 2, 4)
    text = FADED["squared_distance"](made.data).worked
    for gap, square in zip(one - two, steps, strict=True):
        assert f"{gap:.2f} in ".replace("-", "\N{MINUS SIGN}") in text and f"{square:.4f}" in text
    assert f"sum, {steps.sum():.4f}, or {steps.sum():.2f}." in text
    assert f"{w.pairs(w.z)[a, b]:.2f}; the checks allow" in text
    assert abs(steps.sum() - w.pairs(w.z)[a, b]) < answers.ABSOLUTE + answers.RELATIVE * steps.sum()
    text = FADED["first_increase"](made.data).worked
    assert check_sums(text) == 1 and f"0.5 × {steps.sum():.4f}" in text
    apart, together = re.search(r"it are (.*), together ([\d.]+)\.", text).groups()
    assert math.isclose(sum(map(float, apart.split(" and "))), float(together), abs_tol=1e-9)
    assert abs(float(together) - steps.sum() / 2) < 3e-4


def test_printed_sums_in_the_notebooks_add_up() -> None:
    lines = {name: "\n".join(map(shown, cells(name))) for name in (LESSON, SOLUTIONS)}
    assert check_sums(lines[LESSON]) >= 1
    assert check_sums(lines[SOLUTIONS]) >= 5
    with pytest.raises(AssertionError):
        check_sums("0.5 × 0.621 = 0.310; 2.649 − 0.310 = 2.338")


def test_criteria_are_the_known_ones(baseline: Lesson) -> None:
    z = Worked.whole_z(worked(baseline).whole)
    found = baseline.data.criteria()
    assert list(found.columns) == list(CRITERIA) and list(found.index) == list(range(2, 11))
    heights = scipy_linkage(z, "ward")[:, 2]
    for k in found.index:
        labels = fcluster(scipy_linkage(z, "ward"), k, "maxclust")
        assert np.allclose(
            found.loc[k],
            [
                heights[len(z) - k] ** 2 / 2,
                silhouette_score(z, labels),
                calinski_harabasz_score(z, labels),
                davies_bouldin_score(z, labels),
            ],
        )


def test_years_are_compared_as_groupings(baseline: Lesson) -> None:
    assert list(baseline.data.by_year) == [2013, 2014, 2015]
    moved = baseline.data.moves_by_year()
    assert not moved[2013].any()
    assert moved[2014].sum() == worked(baseline).moves()


def test_turning_a_joint_keeps_the_tree(baseline: Lesson) -> None:
    labels = list(baseline.data.whole.index)
    usual, other = (
        steps.leaf_labels(baseline.data.tree_whole, labels),
        steps.rotate_last_joint(baseline.data.tree_whole, labels),
    )
    assert sorted(usual) == sorted(other) and usual != other
    clusters = [{label} for label in labels]
    for a, b in baseline.data.tree_whole[:, :2].astype(int):
        clusters.append(clusters[a] | clusters[b])
    for members in clusters:
        places = sorted(other.index(label) for label in members)
        assert places == list(range(places[0], places[0] + len(members))), "branches cross"


def test_shuffling_keeps_columns_and_breaks_rows(baseline: Lesson) -> None:
    mixed = steps.shuffle_columns(baseline.data.z_whole, 5)
    for column in mixed.columns:
        assert sorted(mixed[column]) == sorted(baseline.data.z_whole[column])
    assert mixed.equals(steps.shuffle_columns(baseline.data.z_whole, 5))
    assert not mixed.equals(steps.shuffle_columns(baseline.data.z_whole, 6))
    rows = {tuple(row) for row in baseline.data.z_whole.to_numpy()}
    assert not any(tuple(row) in rows for row in mixed.to_numpy())


def test_linkages_differ_in_their_second_merge(baseline: Lesson) -> None:
    z = worked(baseline).z

    def second(method: str) -> set[int]:
        clusters = [{i} for i in range(len(z))]
        for a, b in scipy_linkage(z, method)[:2, :2].astype(int):
            clusters.append(clusters[a] | clusters[b])
        return clusters[-1]

    methods = ["single", "complete", "average", "centroid"]
    same = [m for m in methods if second(m) == second("ward")]
    assert same == ["complete"]
    assert prose.compare_second_merges(baseline.data) == (
        "Single, average and centroid linkage would not join the same clusters as Ward's method "
        "here; complete linkage would."
    )


def test_groupings_are_counted_without_their_numbers(baseline: Lesson) -> None:
    labels = list(baseline.data.whole.index)
    z = Worked.whole_z(worked(baseline).whole)
    cuts = {
        m: pd.Series(fcluster(scipy_linkage(z, m), K, "maxclust"), index=labels)
        for m in ("ward", "single", "complete", "average")
    }
    equal = {(a, b): adjusted_rand_score(cuts[a], cuts[b]) == 1 for a, b in combinations(cuts, 2)}
    assert [pair for pair, same in equal.items() if same] == [
        ("ward", "complete"),
        ("single", "average"),
    ]
    assert steps.equal_partitions(cuts) == [["ward", "complete"], ["single", "average"]]
    text = prose.compare_linkages(baseline.data, cuts)
    assert text.startswith(
        f"At {K} clusters the 4 trees give 2 groupings: Ward's method and complete"
    )
    assert "single linkage and average linkage give the same." in text and "lowest" in text
    two = {m: cuts[m] for m in ("ward", "single")}
    assert "give 2 groupings. Ward" in prose.compare_linkages(baseline.data, two)
    same = dict.fromkeys(cuts, cuts["ward"])
    assert "trees give one grouping: Ward's" in prose.compare_linkages(baseline.data, same)


def test_years_are_compared_in_words(baseline: Lesson) -> None:
    tables = {
        at: worked(baseline).cut(Worked.whole_z(t))
        for at, t in {2013: baseline.data.whole, **baseline.data.others}.items()
    }
    blocks = {
        at: {frozenset(np.flatnonzero(found == c)) for c in found} for at, found in tables.items()
    }
    held = set.intersection(*blocks.values())
    assert len(held) == 4 and all(len(cluster) == 1 for cluster in held)
    assert blocks[2014] == blocks[2015] != blocks[2013]
    labels = list(baseline.data.whole.index)
    text = " ".join(prose.compare_years(baseline.data))
    lone = sorted(labels.index(baseline.data.whole.index[i]) for cluster in held for i in cluster)
    alone = baseline.data.list_names(labels[i] for i in lone)
    assert f"Only the 4 clusters of one region hold in every year: {alone}." in text
    assert "Kyzylorda and Pavlodar change sides." in text
    assert "Almaty region and Zhambyl, the closest pair of all, move together." in text
    assert "The clusters of 2014 and 2015 are the same." in text
    z = Worked.whole_z(baseline.data.whole)
    first = scipy_linkage(z, "ward")[0, :2].astype(int)
    assert {baseline.data.names[labels[i]] for i in first} == {"Almaty region", "Zhambyl"}


def test_the_matching_adds_up(made: Lesson) -> None:
    found = made.data.matching()
    assert len(found) == made.data.n_clusters
    assert len(made.data.whole) - found["stay"].sum() == worked(made).moves()
    partners = [names for names in found.iloc[:, 1] if names]
    assert len(partners) == len(set(partners)), "a cluster is matched once"


def test_a_row_is_read_aloud_without_the_last_coefficient(made: Lesson) -> None:
    text = prose.read_row_aloud(made.data)
    schedule = steps.schedule(made.data.z_whole)
    made_before = schedule[["first_appears_1", "first_appears_2"]].max(axis=1)
    row = schedule[made_before > 0].iloc[0]
    assert f"At stage {row['stage']}" in text and f"{row['coefficient']:.3f}" in text
    assert f"case {row['cluster_1']} ({made.data.names[row['label_1']]})" in text
    assert f"merged again at stage {row['next_stage']}" in text
    assert f"{schedule['coefficient'].iloc[-1]:.0f}" not in text


def test_shuffled_tables_explain_less_than_the_regions(baseline: Lesson) -> None:
    w = worked(baseline)
    shares = steps.shuffled_shares(baseline.data.z_whole, K, 5, draws=40)
    assert np.array_equal(shares, steps.shuffled_shares(baseline.data.z_whole, K, 5, draws=40))
    assert len(set(shares)) == 40 and shares.max() < w.explained(K)
    assert math.isclose(steps.explained_share(baseline.data.tree_whole, K), w.explained(K))
    first = scipy_linkage(steps.shuffle_columns(baseline.data.z_whole, 5), "ward")[:, 2] ** 2
    assert math.isclose(shares[0], 1 - first[: len(baseline.data.whole) - K].sum() / first.sum())
    text = prose.compare_with_shuffles(baseline.data, 5, draws=40)
    assert f"In 40 shuffled tables the share is mostly {np.quantile(shares, 0.025):.0%} to" in text
    assert "none of them reaches" in text and "are related" in text
    chance = steps.shuffle_columns(baseline.data.z_whole, 99).set_axis(baseline.data.whole.index)
    other = LessonData(baseline.data.small, chance, {2014: chance}, year=2013, n_clusters=K)
    assert "does not tell the real table from shuffled ones" in prose.compare_with_shuffles(
        other, 5, draws=40
    )


def test_votes_are_counted(baseline: Lesson) -> None:
    text = prose.count_votes(baseline.data, STUDY["seed"])
    votes = [int(v) for v in re.findall(r"k = \d+ \((\d+)\)", text)]
    assert f" {sum(votes)} of them vote" in text
    assert f"For k = {K}, the number of this lesson: none." in text


def test_a_changed_lesson_draws_elsewhere(tmp_path: Path) -> None:
    given = {name: STUDY[name] for name in ("year", "lesson_regions", "seed")}
    usual = STUDY["figures_dir"]
    assert session.figures_folder(usual, given) == usual
    assert session.figures_folder(str(paths.FIGURES), given) == str(paths.FIGURES)
    changed = given | {"lesson_regions": REGIONS[::-1]}
    for folder in (usual, str(paths.FIGURES)):
        assert session.figures_folder(folder, changed) == "build/lesson"
    assert session.figures_folder(str(tmp_path), changed) == str(tmp_path)


def test_a_folded_figure_keeps_picture_text_and_sentences() -> None:
    picture = (paths.FIGURES / "lesson_years.png").read_bytes()
    image = Image(data=picture, format="png", width=300, alt='a "picture" & more')
    data, about = session.Folded(image, "Open <later>", "One & two.")._repr_mimebundle_()
    assert about == {"image/png": {"alt": 'a "picture" & more', "width": 300}}
    assert base64.b64decode(data["image/png"]) == picture
    assert data["text/html"].startswith("<details><summary>Open &lt;later&gt;</summary>")
    assert 'alt="a &quot;picture&quot; &amp; more"' in data["text/html"]
    assert data["image/png"] in data["text/html"] and "<p>One &amp; two.</p>" in data["text/html"]
    assert "<em>" not in data["text/html"]
    image.caption = "What it shows"
    folded, _ = session.Folded(image, "Open")._repr_mimebundle_()
    assert "<p><em>What it shows</em></p>" in folded["text/html"]


def test_comparable_years_have_the_same_indicators() -> None:
    found = comparable_tables(TABLE, 2013, STUDY["years"])
    assert list(found) == [2013, 2014, 2015]
    assert list(found[2014].columns) == list(found[2013].columns)
    assert list(comparable_tables(TABLE, 2010, STUDY["years"])) == STUDY["years"]
    assert make(2015).data.other_year == make(2013).data.other_year == 2014
