"""Exercises 15 to 27: right answers by other means than the package's, and their slips."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hclustkit.draw.style import cluster_numbers, cluster_style
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.preprocessing import StandardScaler
from typed_answers import read_typed

from kzclusters import study as studies
from kzclusters.lesson import answers
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.exercises import EXERCISES, meaning
from kzclusters.lesson.faded import FADED, GAP
from kzclusters.lesson.session import Lesson
from kzclusters.publish.exercises import pictures

STUDY = studies.parameters()
K = STUDY["n_clusters"]


@pytest.fixture(scope="module", params=[2013, 2014])
def lesson(request: pytest.FixtureRequest) -> Lesson:
    data = LessonData.read(
        "data/processed/indicators.csv",
        year=request.param,
        years=STUDY["years"],
        regions=STUDY["lesson_regions"],
        indicators=STUDY["lesson_indicators"],
        n_clusters=K,
    )
    return Lesson(data)


def scaled(table: pd.DataFrame) -> pd.DataFrame:
    return (table - table.mean()) / table.std()


def by_scipy(table: pd.DataFrame) -> np.ndarray:
    return fcluster(scipy_linkage(scaled(table), "ward"), K, "maxclust")


def moves(one: Any, other: Any) -> int:
    counts = pd.crosstab(np.asarray(one), np.asarray(other)).to_numpy()
    rows, columns = linear_sum_assignment(-counts)
    return int(counts.sum() - counts[rows, columns].sum())


def twin(data: LessonData) -> str:
    """The second of the two most correlated columns."""
    r = np.corrcoef(data.whole.to_numpy().T)
    pairs = [(abs(r[i, j]), j) for i in range(len(r)) for j in range(i + 1, len(r))]
    return str(data.whole.columns[max(pairs, key=lambda p: p[0])[1]])


def claims(z: pd.DataFrame, ward: np.ndarray) -> list[str]:
    """Claims on the second largest cluster; of equals the one with the first case."""
    sizes = np.bincount(ward)
    first = {c: int(np.flatnonzero(ward == c)[0]) for c in np.unique(ward)}
    second = sorted(first, key=lambda c: (-sizes[c], first[c]))[1]
    means = z[ward == second].mean()
    return [f"{c} {'high' if m > 0 else 'low'}" for c, m in means.items() if abs(m) >= 0.5]


def lesson_names(data: LessonData) -> dict[str, str]:
    return dict(pd.read_csv("data/raw/regions.csv", index_col=0)["name_en"][list(data.whole.index)])


def on_the_map(
    names: dict[str, str], data: LessonData, z: pd.DataFrame, ward: np.ndarray
) -> list[Any]:
    """Neighbours, the cluster in pieces and moves, by networks and scikit-learn."""
    pairs = pd.read_csv("data/raw/neighbours.csv").to_numpy().tolist()
    near: dict[str, set[str]] = {label: set() for label in names}
    for one, two in pairs:
        near[one].add(two)
        near[two].add(one)
    asked = max(data.small.index, key=lambda label: len(near[label]))
    published = pd.read_csv("data/raw/published_clusters.csv").groupby("cluster")["region"]
    apart = []
    for members in published.agg(set):
        reached = {min(members)}
        while step := {x for label in reached for x in near[label] & members} - reached:
            reached |= step
        if reached != members:
            apart.append(sorted(names[label] for label in members))
    matrix = np.array([[b in near[a] for b in z.index] for a in z.index]).astype(int)
    model = AgglomerativeClustering(K, connectivity=matrix)
    return [
        [names[label] for label in near[asked]],
        apart[0],
        moves(ward, model.fit(z.to_numpy()).labels_),
    ]


def wrong_joints(data: LessonData) -> list[int]:
    """The joints that are drawn nearer to the names than one that hangs from them."""
    drawn = meaning.broken_tree(data)[0].to_numpy()
    n = len(data.whole)
    return [
        stage
        for stage, below in enumerate(data.tree_whole[:, :2].astype(int), start=1)
        if any(drawn[joint - n] > drawn[stage - 1] for joint in below if joint >= n)
    ]


def worked(data: LessonData) -> list[Any]:
    z, ward = scaled(data.whole), by_scipy(data.whole)
    n = len(z)
    heights = [
        scipy_linkage(x, "ward")[-1, 2] for x in (StandardScaler().fit_transform(data.whole), z)
    ]
    start = z.groupby(ward).mean().to_numpy()
    largest = pd.Series(ward).groupby(ward).transform("size").to_numpy() == np.bincount(ward).max()
    first = ward[np.flatnonzero(largest)[0]]
    inside = np.flatnonzero(ward == first)
    named = z.iloc[inside].mean().abs().idxmax()
    again = by_scipy(data.whole.drop(columns=named))[inside]
    return [
        heights[0] / heights[1],
        moves(ward, by_scipy(data.whole.drop(columns=twin(data)))),
        float((z**2).to_numpy().max() / (n - 1)),
        moves(ward, KMeans(K, init=start, n_init=1).fit(z.to_numpy()).labels_),
        ["a", "c"],
        claims(z, ward),
        int(np.bincount(again).max()),
        *on_the_map(lesson_names(data), data, z, ward),
        wrong_joints(data)[0],
        ("c", "B"),
        ["a", "c"],
    ]


def test_worked_answers_are_right(lesson: Lesson) -> None:
    found = worked(lesson.data)
    assert len(found) == lesson.n_exercises - 14
    for number, answer in enumerate(found, start=15):
        assert lesson.check(number, answer).state == answers.RIGHT, (number, answer)


def swapped(claim: str) -> str:
    column, side = claim.split()
    return f"{column} {'low' if side == 'high' else 'high'}"


def near_zero(data: LessonData) -> str:
    return str(meaning.largest_cluster(data, 1)[1].index[-1])


def test_several_names_can_be_defended(lesson: Lesson) -> None:
    held = worked(lesson.data)[5]
    column, side = held[-1].split()
    for name in (held[0], held[:1], held[-1:], held[::-1], [f"{side.upper()} {column}"]):
        assert lesson.check(20, name).state == answers.RIGHT, name


def test_slips_are_recognised_and_give_nothing_away(lesson: Lesson) -> None:
    n = len(lesson.data.whole)
    right = worked(lesson.data)
    for number, answer, diagnosis in [
        (15, n / (n - 1), "squared"),
        (15, 1, "none"),
        (15, math.sqrt((n - 1) / n), "inverse"),
        (16, n - right[1], "stayed"),
        (17, right[2] * (n - 1), "square"),
        (17, math.sqrt(right[2] * (n - 1)), "z-score"),
        (17, 1 - right[2], "complement"),
        (18, n - right[3], "stayed"),
        (19, ["a", "b", "c"], "b"),
        (19, ["a", "c", "d"], "d"),
        (19, ["a", "f"], "unknown name"),
        (19, ["a", "c", "e"], "e"),
        (19, ["b"], "b"),
        (19, "a", "missing"),
        (19, [], "count"),
        (20, ["P1 high"], "unknown name"),
        (20, [swapped(right[5][0])], "sign"),
        (20, [*right[5], swapped(right[5][-1])], "sign"),
        (20, f"{near_zero(lesson.data)} high", "near zero"),
        (22, right[7][:-1], ""),
        (22, [*right[7], "Almaty region"], "itself"),
        (22, [*right[7], "Aktobe"], "farther"),
        (23, ["Atyrau", "Mangystau"], "one piece"),
        (23, ["Atyrau", "Akmola"], ""),
        (23, "Astana", "one piece"),
        (24, n - right[9], "stayed"),
        (24, K, "clusters"),
        (25, meaning.broken_tree(lesson.data)[2], "below"),
        (25, right[10] + 1, "after"),
        (26, ["a", "b", "c"], "a"),
        (26, "b", "missing"),
        (27, ["a", "b"], "b"),
        (27, "d)", "d"),
    ]:
        verdict = lesson.check(number, answer)
        assert (verdict.state, verdict.diagnosis) == (answers.WRONG, diagnosis), (number, answer)
        assert verdict.message
        if isinstance(right[number - 15], float):
            assert f"{right[number - 15]:.3f}" not in verdict.message


def test_the_statements_on_the_profile_are_as_the_data_say(lesson: Lesson) -> None:
    members, means = meaning.largest_cluster(lesson.data)
    z = scaled(lesson.data.whole).loc[members].mean()
    question = lesson.exercise(19).question
    for letter, true in (("a", True), ("c", True), ("d", False)):
        line = next(line for line in question.split("\n") if line.startswith(f"{letter})"))
        column = line[line.rindex("(") + 1 : line.rindex(")")]
        assert (("above" in line) == (z[column] > 0)) == true
    assert list(means.abs()) == pytest.approx(sorted(z.abs(), reverse=True))


def test_only_one_joint_of_the_tree_is_wrong(lesson: Lesson) -> None:
    assert wrong_joints(lesson.data) == [meaning.broken_tree(lesson.data)[1]]


def test_pictures_tell_those_who_cannot_see_them(lesson: Lesson) -> None:
    for make in pictures.PICTURES.values():
        image = make(lesson.data)
        assert len(image.data) < 40_000 and len(image.alt) > 500
    assert "Akmola and Astana" in pictures.map_of_clusters(lesson.data).alt


def test_the_map_has_the_looks_of_the_other_maps(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    draw = pictures.cluster_maps
    monkeypatch.setattr(
        pictures, "cluster_maps", lambda *of, **look: given.update(look) or draw(*of, **look)
    )
    pictures.map_of_clusters(lesson.data)
    (looks,) = given["styles"]
    ours, published = lesson.data.clusters, cluster_numbers(lesson.data.published)
    same = {
        (at, int(ours[region]))
        for region, at in published.items()
        if set(ours.index[ours == ours[region]]) == set(ours.index[published == at])
    }
    assert same and all(looks[at] == cluster_style(own) for at, own in same)


def test_faded_examples_go_on_as_they_began(lesson: Lesson) -> None:
    data = lesson.data
    for number, function in enumerate(EXERCISES, start=1):
        if function.__name__ not in FADED:
            continue
        found = FADED[function.__name__](data)
        assert found.worked.startswith("**Worked example.**") and GAP in found.half and found.rest
        assert GAP not in found.worked + found.rest
        shown = str(lesson.example(number).data)
        assert shown.index(found.half) < shown.index("<summary>The rest</summary>")
        right = getattr(function(data).find, "right")  # noqa: B009 - a judge of any kind
        if isinstance(right, float):
            assert f"{right:.3f}" not in shown and f"{right:.4f}" not in shown
        if found.after:
            assert shown.startswith(f"<details><summary>Open after exercise {found.after}")


def test_the_correlation_of_the_last_exercise_is_that_of_the_table(lesson: Lesson) -> None:
    r = np.corrcoef(lesson.data.whole.to_numpy().T)
    strongest = max(abs(v) for v in r[np.triu_indices_from(r, 1)] if abs(v) < meaning.ALIKE)
    question = lesson.exercise(27).question.replace("\N{MINUS SIGN}", "-")
    said = float(question.split("correlation of ")[1].split(".\n")[0].split(". ")[0])
    assert abs(said) == pytest.approx(strongest, abs=0.005)
    assert ("have more of the other\n" in question) == (said > 0)


def test_letters_that_look_alike_are_read_alike(lesson: Lesson) -> None:
    for number, cyrillic in ((19, "\u0410, \u0441)"), (27, "\u0430 and \u0441")):
        assert lesson.check(number, read_typed(cyrillic)).state == answers.RIGHT
    assert lesson.check(20, f"\u0420{near_zero(lesson.data)[1:]} low").diagnosis == "near zero"


def test_a_correlation_keeps_its_sign(lesson: Lesson) -> None:
    data, (one, two, r) = lesson.data, meaning.most_correlated(lesson.data)
    turned = data.whole.assign(**{two: -data.whole[two]})
    other = LessonData(data.small, turned, {2000: turned}, year=data.year, n_clusters=K)
    assert meaning.most_correlated(other) == (one, two, pytest.approx(-r))
    assert f"correlation of \N{MINUS SIGN}{r:.4f}" in meaning.counted_twice(other).question
