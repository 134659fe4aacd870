"""A reviewer's one screen: its facts by other libraries, and what it says of faults."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment
from scipy.stats import entropy, zscore
from sklearn.metrics import adjusted_rand_score, mutual_info_score

from kzclusters import paths, study
from kzclusters.evidence import article
from kzclusters.publish.metadata import figure3

Found = tuple[dict[str, Any], pd.Series, pd.Series]


@pytest.fixture(scope="module")
def computed() -> Found:
    return figure3.compute()


@pytest.fixture(scope="module")
def other() -> pd.DataFrame:
    """Published cluster and ours of every region, by pandas and scipy from the committed table."""
    chosen = study.parameters()
    assert (chosen["scaling"], chosen["linkage"], chosen["indicators"]) == ("zscore", "ward", "all")
    long = pd.read_csv(paths.PROCESSED / "indicators.csv")
    rows = long[(long["year"] == chosen["year"]) & long["variant"].isna()]
    wide = rows.pivot(index="region", columns="indicator", values="value").dropna(axis=1)
    tree = linkage(zscore(wide.to_numpy(), ddof=1), "ward")
    published = pd.read_csv(paths.RAW / "published_clusters.csv", index_col="region")["cluster"]
    names = pd.read_csv(paths.RAW / "regions.csv", index_col="region")["name_en"]
    return pd.DataFrame(
        {
            "published": published.reindex(wide.index),
            "ours": fcluster(tree, chosen["n_clusters"], "maxclust"),
            "name": names.reindex(wide.index),
        }
    )


def groups(frame: pd.DataFrame, column: str) -> dict[Any, set[str]]:
    return {key: set(rows["name"]) for key, rows in frame.groupby(column)}


def test_the_screen_says_what_other_libraries_find(computed: Found, other: pd.DataFrame) -> None:
    text = figure3.screen(computed[0])
    number = float(re.search(r"^adjusted Rand index +(-?[\d.]+)", text, re.MULTILINE)[1])
    assert number == pytest.approx(adjusted_rand_score(other["published"], other["ours"]), abs=6e-4)

    information = (
        entropy(other["published"].value_counts())
        + entropy(other["ours"].value_counts())
        - 2 * mutual_info_score(other["published"], other["ours"])
    )
    number = float(re.search(r"^variation of information +([\d.]+)", text, re.MULTILINE)[1])
    assert number == pytest.approx(information, abs=6e-4)

    shared = pd.crosstab(other["published"], other["ours"]).to_numpy()
    kept = shared[linear_sum_assignment(-shared)].sum()
    moved = re.search(r"^regions that have to move (\d+) \((.+?)\)", text, re.MULTILINE | re.DOTALL)
    assert int(moved[1]) == len(other) - kept
    instance = " ".join(moved[2].removeprefix("for instance ").split())
    assert len(re.split(r", | and ", instance)) == len(other) - kept

    ours = [frozenset(members) for members in groups(other, "ours").values()]
    exact = {key for key, members in groups(other, "published").items() if members in ours}
    line = re.search(r"^recovered exactly +(\d+) of (\d+) \((.+)\)", text, re.MULTILINE)
    assert (int(line[1]), int(line[2])) == (len(exact), other["published"].nunique())
    assert set(re.split(r", | and ", line[3])) == exact


def test_every_published_cluster_has_its_members_and_fate(
    computed: Found, other: pd.DataFrame
) -> None:
    lines = figure3.screen(computed[0]).splitlines()
    mine, theirs = groups(other, "ours"), groups(other, "published")
    assert list(computed[0]["published"]) == list(article.CLUSTERS)
    for numeral, members in theirs.items():
        (place,) = [i for i, line in enumerate(lines) if line.split(maxsplit=1)[:1] == [numeral]]
        row = lines[place]
        assert all(name in row for name in members)
        touching = [part for part in mine.values() if part & members]
        whole = all(part <= members for part in touching)
        expected = {
            (True, True): "recovered",
            (True, False): "merged",
            (False, True): "split",
            (False, False): "split and merged",
        }[len(touching) == 1, whole]
        shown = re.search(r"  (recovered|merged|split|split and merged) +[\d, ]+$", row)
        assert shown and shown[1] == expected, row
        assert len(re.findall(r"\d+", row)) == len(touching)
        together = set().union(*touching) - members
        following = lines[place + 1] if place + 1 < len(lines) else ""
        assert following.startswith("     together with ") == bool(together)
        assert all(name in following for name in together)


def test_it_fits_on_one_screen(computed: Found) -> None:
    lines = figure3.screen(computed[0]).splitlines()
    assert len(lines) + 4 <= 40 and max(map(len, lines)) <= 80


def test_the_clusters_are_those_that_were_drawn(computed: Found, other: pd.DataFrame) -> None:
    _, published, clusters = computed
    assert adjusted_rand_score(other["ours"].reindex(clusters.index), clusters) == 1
    assert (published == other["published"].reindex(published.index)).all()


def test_nothing_is_said_of_what_is_not_there(computed: Found) -> None:
    """Full agreement and a full set of indicators: no empty brackets, no 'none'."""
    found = computed[0]
    found = found | {
        "baseline": found["baseline"] | {"missing": [], "missing_text": "none"},
        "agreement": found["agreement"] | {"moved": [], "minimum_moves": 0},
        "recovered": found["recovered"] | {"n": 0, "text": "none"},
    }
    text = figure3.screen(found)
    assert "Missing" not in text and "none" not in text and "()" not in text


def test_the_study_names_the_indicators(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = study.parameters() | {"indicators": ["P2", "P12:manufacturing", "P14"]}
    monkeypatch.setattr(study, "parameters", lambda path=None: chosen)
    assert figure3.compute()[0]["baseline"]["indicators"] == ["P2", "P12:manufacturing", "P14"]


# --- the program ----------------------------------------------------------------------------
@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Raw data and the committed figure 3 in a folder of their own."""
    shutil.copytree(paths.RAW, tmp_path / "raw")
    (tmp_path / "figures").mkdir()
    for name in ("manifest.yml", "figure3.svg", "figure3.png", "figure3.json"):
        shutil.copy(paths.FIGURES / name, tmp_path / "figures" / name)
    monkeypatch.setattr(paths, "RAW", tmp_path / "raw")
    monkeypatch.setattr(paths, "FIGURES", tmp_path / "figures")
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    return tmp_path


def test_the_committed_figure_is_drawn_again(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figure3.main([]) == 0
    out, err = capsys.readouterr()
    assert not err and out.startswith("Figure 3 rebuilt: ")
    assert out.endswith("the same, byte for byte, as the committed figure\n")
    for kind in ("svg", "png", "json"):
        drawn = (elsewhere / "build" / f"figure3.{kind}").read_bytes()
        assert drawn == (elsewhere / "figures" / f"figure3.{kind}").read_bytes()


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("kind", "how"),
    [("svg", "altered"), ("png", "altered"), ("json", "altered"), ("svg", "missing")],
)
def test_another_committed_figure_is_reported(
    kind: str,
    how: str,
    elsewhere: Path,
    computed: Found,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = elsewhere / "figures" / f"figure3.{kind}"
    if how == "altered":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    else:
        path.unlink()
    monkeypatch.setattr(figure3, "compute", lambda: computed)
    assert figure3.main([]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("Figure 3 rebuilt: ")  # the comparison is shown all the same
    assert err.startswith("error: not the same as the committed ") and err.count("\n") == 1
    assert err.count("figure3.") == 1 and f"figures/figure3.{kind}" in err


def test_clusters_that_moved_are_reported(
    elsewhere: Path,
    computed: Found,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, published, clusters = computed
    other = pd.Series(np.roll(clusters.to_numpy(), 1), index=clusters.index, name="cluster")
    monkeypatch.setattr(figure3, "compute", lambda: (found, published, other))
    assert figure3.main([]) == 1
    assert "figure3.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("grp.csv", r"^(KZ-AKM,2013),.*$", r"\1,-5", "grp.csv"),
        ("published_clusters.csv", r"^(\w+),KZ-AKM$", r"\1,KZ-XYZ", "published_clusters.csv"),
    ],
)
def test_a_broken_raw_file_is_one_message(
    file: str, old: str, new: str, message: str, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = elsewhere / "raw" / file
    text = path.read_text(encoding="utf-8")
    changed = re.sub(old, new, text, flags=re.MULTILINE)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert figure3.main([]) == 1
    out, err = capsys.readouterr()
    assert not out and err.startswith("error: ") and err.count("\n") == 1 and message in err
    assert not (elsewhere / "build").exists()
