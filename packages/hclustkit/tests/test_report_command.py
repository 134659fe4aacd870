"""The command ``hclustkit report``: real kinds of tables, and work that is never lost."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.compare import adjusted_rand_index
from hclustkit.errors import InputError
from hclustkit.report import analysis as analysis_module
from hclustkit.report import write as write_module
from hclustkit.report.analysis import analyse
from hclustkit.report.choices import Choices
from hclustkit.report.command import (
    main,
    parse_arguments,
    read_and_analyse,
    read_as_asked,
    read_partition,
    split_names,
)
from hclustkit.report.folder import RECORD, check_folder, folder_name, new_folder
from hclustkit.tables import read_table, treat_missing
from refusals import refused
from report_cases import blobs, small, written
from scale import scale
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist, squareform
from scipy.stats import zscore
from sklearn.cluster import AgglomerativeClustering

OWN = Path(__file__).parent / "own_tables"


@pytest.fixture(autouse=True)
def _little(monkeypatch, tmp_path):
    monkeypatch.setattr(analysis_module, "budget", small)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr(write_module, "pictures", lambda _: iter(()))


# ------------------------------------------------------- the eleven public tables, look-alikes


CHANCE = np.random.default_rng(5).integers(1, 10_000, 60).tolist()
"""Numbers without the pattern that would tie distances."""


def _census(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.integers(10, 10**6, (n, 20)), columns=[f"C{i}" for i in range(20)])
    table.insert(0, "District code", range(1, n + 1))
    table.insert(1, "State name", [f"STATE {i // 8}" for i in range(n)])
    table.insert(2, "District name", [f"District {i % 38}" for i in range(n)])
    return table


def _economy() -> str:
    rows = ["Регион;Округ;Year;ВРП;Безработица"]
    for year in (2010, 2011):
        rows += [
            f"Область {i};О{i % 3};{year};{CHANCE[i]},{i};{CHANCE[i + 20] % 90},25"
            for i in range(9)
        ]
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


def _transposed() -> str:
    regions = [f"Region {i}" for i in range(6)]
    rows = [",".join(["", "Russian Federation", *regions])]
    for year in range(2009, 2014):
        values = [(i * 13 + year * 7) % 31 + 0.5 for i in range(6)]
        rows.append(",".join(map(str, [f"{year}-12-31", sum(values), *values])))
    return "\n".join(rows) + "\n"


def _quoted_last() -> str:
    rows = ['"Murder","Assault","UrbanPop","Rape","State"']
    rows += [
        f'"{i % 7 + 0.5}","{i * 37 % 100}","{i * 11 % 90}","{i % 5}","State {i}"' for i in range(12)
    ]
    return "\n".join(rows)


def _hate() -> str:
    rows = ["state,median_income,share,gini"]
    for i in range(15):
        rows.append(
            f"State {i},{40000 + CHANCE[i]},{'' if i in (3, 7) else CHANCE[i + 15] / 20},"
            f"{CHANCE[i + 30] / 1000}"
        )
    return "\n".join(rows)


def _drivers() -> str:
    heads = [
        "State",
        "Number of drivers involved in fatal collisions per billion miles",
        "Car Insurance Premiums ($)",
        "Losses incurred by insurance companies for collisions ($)",
    ]
    rows = [",".join(heads)]
    rows += [f"S{i},{10 + i % 6}.5,{700 + i * 31 % 400},{100 + i * 17 % 90}.25" for i in range(12)]
    return "\n".join(rows)


def _city(gap: bool) -> str:
    rows = ["ID,Город,Население,Доход,Школы"]
    for i in range(10):
        income = "" if gap and i == 4 else 90 + CHANCE[i] % 130
        rows.append(f"{i + 1},Город {i},{50000 + CHANCE[i + 10]},{income},{CHANCE[i + 20]}")
    return "\n".join(rows)


def _rating() -> str:
    rows = [f"{i + 1},Край {i},{i * 7 % 10}.5,{i % 4}" for i in range(8)]
    return "\n".join(["Место,Субъект,Рейтинг,Доход", *rows])


def _dates() -> str:
    days = [f"2020-0{m}-15" for m in range(3, 8)]
    rows = ["\t".join(["region", *days])]
    rows += [
        "\t".join([f"Обл {i}", *(str((i * 7 + j * 3) % 19) for j in range(5))]) for i in range(9)
    ]
    return "\n".join(rows)


def _texts() -> str:
    rows = ["subject,okrug,capital,population,area"]
    rows += [
        f"Subject {i},FO {i % 2},City {i},{i * 97 % 41 + 3}.5,{i * 31 % 17}" for i in range(10)
    ]
    return "\n".join(rows)


ELEVEN = {
    "india.csv": (_census().to_csv(index=False), {"label": "District code"}, 40),
    "ru_econ.csv": (_economy(), {"year": "2011"}, 9),
    "ria.csv": (_rating(), {}, 8),
    "rosp.tsv": (_dates(), {}, 9),
    "ru_regions.csv": (_texts(), {}, 10),
    "rosstat806.csv": (_transposed(), {"transpose": True, "drop": "Russian Federation"}, 6),
    "kz_cleaned.csv": (_city(False), {}, 10),
    "kz_merged.csv": (_city(True), {"missing": "listwise"}, 9),
    "hate.csv": (_hate(), {"missing": "impute-median"}, 15),
    "drivers.csv": (_drivers(), {}, 12),
    "arrests.csv": (_quoted_last(), {}, 12),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEVEN)
def test_a_public_table_runs_with_at_most_two_options(name, tmp_path):
    text, options, rows = ELEVEN[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    assert len(options) <= 2
    table, _ = read_as_asked(path, options)
    found = analyse(table, Choices(missing=options.get("missing", "error")))
    assert len(found.clusters) == rows and 2 <= found.k < rows
    scaled = zscore(table.drop(columns=found.prepared.constant), ddof=1)
    Z = hierarchy.linkage(scaled, "ward")
    assert np.allclose(found.tree.Z[:, 2], Z[:, 2])
    other = AgglomerativeClustering(found.k).fit_predict(scaled)
    for labels in (hierarchy.fcluster(Z, found.k, "maxclust"), other):
        assert adjusted_rand_index(found.labels, labels) == 1


# ----------------------------------------------------------------------------------- the result


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    table = blobs(9, 3, names=("<img src=x onerror=alert(7)>", "*Берлин*", "$a_b$"))
    table.columns = ["Income ($), Tax ($)", "B<b>", "=C"]
    path = written(table, folder / "регионы & co.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis_module, "budget", small)
        assert main(["report", str(path), "-k", "3", "-o", str(folder / "out")]) == 0
    return folder / "out"


def test_the_page_is_one_file_that_requests_nothing(made):
    text = (made / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:image/|#)""", text)
    assert "default-src 'none'" in text and "<script" not in text
    assert "<img src=x" not in text and "B<b>" not in text
    for part in (
        "How the table was read",
        "The method in",
        "What each cluster is",
        "Stability",
        "Sensitivity",
        "Warnings",
        "citation",
        "nothing left it",
    ):
        assert part in text
    assert not re.search("kazakh|казах|oblast|Figure 3|article", text, re.IGNORECASE)


def test_every_picture_has_an_alternative_text(made):
    text = (made / "report.html").read_text(encoding="utf-8")
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', text)
    assert len(alts) == len(list((made / "figures").glob("*.svg"))) >= 7
    assert all(len(alt) > 30 for alt in alts)


def test_her_table_comes_back_with_its_clusters(made):
    results = json.loads((made / "results.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(made / "clusters.csv")
    assert dict(zip(frame["name"], frame["cluster"], strict=True)) == results["clusters"]
    book = read_table(made / "clusters.xlsx", label="name")
    assert np.allclose(book, frame.set_index("name")) and list(book.index) == frame["name"].tolist()
    assert zipfile.ZipFile(made / "clusters.xlsx").testzip() is None
    cuts = list(pd.read_csv(made / "membership.csv"))[1:]
    assert cuts == [f"k={k}" for k in range(2, min(10, len(frame)) + 1)]
    assert results["k"] == 3 and results["rule"] == "given"
    listed_files = set(json.loads((made / RECORD).read_text(encoding="utf-8"))["files"])
    assert {
        "report.html",
        "explorer.html",
        "schedule.csv",
        "membership.csv",
        "proximity.csv",
        "repeat.py",
        "pairs.csv",
        "figures/dendrogram.png",
    } <= listed_files


def test_the_same_command_gives_the_same_bytes(made, undrawn):
    table = made.parent / "регионы & co.csv"
    for name in ("one", "two"):
        assert main(["report", str(table), "-k", "3", "-o", name]) == 0
    names = sorted(path.name for path in Path("one").iterdir() if path.is_file())
    assert all((Path("one") / n).read_bytes() == (Path("two") / n).read_bytes() for n in names)


def test_another_partition_is_set_beside(undrawn, tmp_path, capsys):
    table = blobs(9, 2)
    written(table, tmp_path / "t.csv")
    groups = pd.DataFrame(
        {"no": range(8), "name": table.index[:8], "cluster": ["I", "II", "III"] * 2 + ["I", "I"]}
    )
    groups.to_csv("published.csv", index=False, sep=";")
    assert read_partition(Path("published.csv"), table.index).iloc[2] == "III"
    assert main(["report", "t.csv", "-k", "3", "--compare", "published.csv", "-o", "out"]) == 0
    found = json.loads(Path("out/results.json").read_text(encoding="utf-8"))["agreement"]
    assert found["missing"] == ["r 8"] and found["moves"] == 1
    assert capsys.readouterr().out.splitlines()[0] == str(Path("out/report.html"))
    assert found["clusters"][0] == {
        "cluster": "I",
        "rows": 4,
        "pairs": 6,
        "pairs_here": 3,
        "pairs_mean_share": 0.5,
        "jaccard_here": 0.75,
        "share_with_this_very_cluster": 0,
    }
    every = found["chance"][0]
    assert every["partitions"] == "every partition of these sizes" and every["compared"] == 210
    assert 1 <= every["at_least"] < 10 and every["share"] == pytest.approx(every["at_least"] / 210)
    pairs = pd.read_csv("out/published_pairs.csv")
    assert len(pairs) == 8 and pairs.iloc[:, 3].sum() == 5
    Path("none.csv").write_text("a,b\nx,1\ny,2\n")
    with refused("no-common-rows"):
        read_partition(Path("none.csv"), table.index)


@pytest.mark.parametrize("option", ["label", "year", "columns", "drop"])
def test_an_option_of_reading_is_one_of_the_program(tmp_path, option):
    path = tmp_path / "t.csv"
    path.write_text("name,a\nu,1\nv,2\nw,9\n")
    with refused(None, place=option):
        read_and_analyse(parse_arguments(["report", str(path), f"--{option}", "1999"]), print)
    assert parse_arguments(["report", str(path), "--repair-map"]).repair_map is True


def test_another_partition_is_read_without_guessing(tmp_path):
    path = tmp_path / "other.csv"

    def read(*rows, head="name,cluster"):
        path.write_text("\n".join([head, *rows]) + "\n")
        return read_partition(path, pd.Index(list("abcd"))).to_dict()

    assert read("a,1", "b,2", "c,", "d,n/a", "a,1") == {"a": "1", "b": "2"}
    with refused("duplicate-label", place="row 4 (a)", value="a"):
        read("a,1", "b,2", "a,2")
    with refused("no-header", place="row 1", value="a"):
        read("b,x", "c,y", head="a,x")
    with refused("no-column", value=["people", "Kluster"]):
        read("a,5,1", "b,6,2", head="name,people,Kluster")


def test_a_table_of_distances_is_clustered_as_it_is(undrawn, tmp_path):
    x = blobs(9, 2)
    square = pd.DataFrame(squareform(pdist(x)), index=x.index, columns=x.index)
    written(square, tmp_path / "d.csv")
    assert main(["report", "d.csv", "-k", "3"]) == 1, "it has to be said"
    assert main(["report", "d.csv", "-k", "3", "--distance", "precomputed", "-o", "out"]) == 0
    results = json.loads(Path("out/results.json").read_text(encoding="utf-8"))
    assert len(set(results["clusters"].values())) == 3 and not results["profile"]
    assert not any("skewed" in warning for warning in results["warnings"])
    assert results["choices"]["linkage"] == "average"
    page = Path("out/report.html").read_text(encoding="utf-8")
    # trees of other linkages than Ward's have no sums of squares: no empty column
    assert "Mean silhouette" in page and "Sum of squares between clusters" not in page


def test_a_terminated_run_leaves_nothing(tmp_path, monkeypatch):
    written(blobs(6, 2), tmp_path / "t.csv")

    def ended(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(write_module, "write_tables", ended)
    try:
        assert main(["report", "t.csv", "-k", "2", "-o", "out"]) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


# ------------------------------------------------------------------------------------- its words


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["--lable", "x"], "--label"),
        (["--sheets=2"], "--sheet"),
        (["--Drop", "Total"], "--drop"),
        (["--linkages", "ward"], "--linkage"),
        (["--k=3"], "-k"),
    ],
)  # fmt: skip
def test_a_misspelt_option_is_refused_with_the_nearest(words, near):
    with refused("unknown-option") as caught:
        parse_arguments(["report", "t.csv", *words])
    assert f"did you mean {near}?" in str(caught.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["absent.csv"], "absent.csv"),
        (["t.csv", "--linkage", "wards"], "'ward'"),
        (["t.csv", "-k", "many"], "k is a whole number or auto"),
        (["t.csv", "-k", "99"], "99"),
        (["t.csv", "--weights", "a"], "NAME=NUMBER"),
        (["t.csv", "--groups", "a"], "NAME=COLUMN"),
        (["t.csv", "--columns", "varable 0"], "'variable 0'"),
        (["t.csv", "--distance", "manhattan", "--linkage", "ward"], "sums of squares"),
        (["t.csv", "more.csv"], "more.csv'; a report is of one table"),
        (["t.csv", "-k", "²"], "k is a whole number or auto"),
        (["t.csv", "--seed", "1_0"], "seed must be a whole number, got '1_0'"),
        (["t.csv", "--seed", "-1"], "seed must be at least 0, got -1"),
        (["t.csv", "--weights", "variable 0=2; variable 0=3"], "each name once"),
        (["t.csv", "--weights", "variable 0=1_0"], "got 'variable 0=1_0'"),
        (["t.csv", "--groups", "g=variable 0 | g=variable 1"], "names once"),
        (["t.csv", "-o", "t.csv/new"], "t.csv is a file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(words, said, tmp_path, capsys):
    written(blobs(6, 2), tmp_path / "t.csv")
    assert main(["report", *words]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ") and said in error
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize("cell", ["{}e300", "{}e-300", "{}.500", "{} km", '"{}', "9{}_0"])
def test_a_cell_that_is_refused_leaves_one_message_and_no_file(cell, tmp_path, capsys):
    cells = [cell.format(at * at) for at in range(2, 8)]
    rows = [f"row {at},{one}\n" for at, one in enumerate(cells)]
    (tmp_path / "t.csv").write_text("name,a\n" + "".join(rows), encoding="utf-8")
    assert main(["report", str(tmp_path / "t.csv"), "--scaling", "none"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("error: ") == 1 and "Warning" not in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_an_option_is_named_as_it_is_typed(tmp_path, capsys):
    written(blobs(6, 2).mask(np.eye(6, 2, dtype=bool)), tmp_path / "t.csv")
    assert main(["report", "t.csv"]) == 1
    assert "choose with --missing what to do" in capsys.readouterr().err
    one_gap = blobs(6, 2)
    one_gap.iloc[0, 0] = np.nan
    assert treat_missing(one_gap, "listwise")[1].startswith("1 row is left out for missing cells")


def test_names_with_commas_are_tried_whole_first(tmp_path):
    path = written(blobs(5, 2).set_axis(["a, b", "c"], axis=1), tmp_path / "t.csv")
    assert list(read_as_asked(path, {"columns": "a, b"})[0]) == ["a, b"]
    assert list(read_as_asked(path, {"columns": "a, b; c"})[0]) == ["a, b", "c"]
    plain = written(blobs(5, 3).set_axis(["a", "b", "c"], axis=1), tmp_path / "p.csv")
    table, reading = read_as_asked(plain, {"columns": "a, b", "drop": "r 1, r 2"})
    assert list(table) == ["a", "b"] and len(table) == 3 and reading["drop"] == ["r 1", "r 2"]
    assert split_names('["a;b", "c"]') == ["a;b", "c"]


def test_the_command_is_installed_by_its_name():
    project = Path(__file__).parents[1] / "pyproject.toml"
    with project.open("rb") as stream:
        scripts = tomllib.load(stream)["project"]["scripts"]
    module, _, name = scripts["hclustkit"].partition(":")
    assert getattr(importlib.import_module(module), name) is main


def test_help_shows_every_option_and_examples(capsys):
    for words in (["report", "--help"], []):
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == 0
    text = capsys.readouterr().out
    assert all(option in text for option in ("--label", "--missing", "--compare", "--thorough"))
    assert "hclustkit report regions.csv -k 4" in text


# ------------------------------------------------------------------------------ work is never lost


def test_equal_names_and_other_scripts_do_not_collide(tmp_path, undrawn):
    for place in ("2010", "2011"):
        (tmp_path / place).mkdir()
        written(blobs(6, 2) * int(place), tmp_path / place / "регионы.csv")
    for place in ("2010", "2011"):
        assert main(["report", f"{place}/регионы.csv", "-k", "2", "--scaling", "none"]) == 0
    made = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("регионы-"))
    assert len(made) == 2
    assert main(["report", "2010/регионы.csv", "-k", "2", "--scaling", "none"]) == 1
    assert folder_name("a$b", b"1") != folder_name("a#b", b"1")
    assert len(folder_name("ж" * 300, b"1").encode()) < 200


def test_an_earlier_result_is_replaced_only_when_asked(tmp_path):
    place = tmp_path / "out"
    with new_folder(place) as inside:
        (inside / "a.txt").write_text("one")
    with refused("earlier-result"), new_folder(place):
        pytest.fail("the body must not run")
    with new_folder(place, overwrite=True) as inside:
        (inside / "b.txt").write_text("two")
    assert sorted(path.name for path in place.iterdir()) == ["b.txt", RECORD]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["a file of hers", "a changed result", "an empty folder of hers"])
def test_a_folder_with_anything_else_is_never_emptied(kind, tmp_path):
    place = tmp_path / "out"
    with new_folder(place) as inside:
        (inside / "a.txt").write_text("one")
    if kind == "a file of hers":
        (place / "notes.txt").write_text("mine")
    elif kind == "a changed result":
        (place / "a.txt").write_text("mine")
    else:
        (place / "my folder").mkdir()
    with refused("folder-in-use"):
        check_folder(place, overwrite=True)


def test_a_run_that_fails_leaves_what_was_there(tmp_path):
    place = tmp_path / "out"
    with new_folder(place) as inside:
        (inside / "a.txt").write_text("one")
    with pytest.raises(KeyboardInterrupt), new_folder(place, overwrite=True) as inside:
        (inside / "half").write_text("x")
        raise KeyboardInterrupt
    assert sorted(path.name for path in place.iterdir()) == ["a.txt", RECORD]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_results_never_replace_a_file_nor_follow_a_link(tmp_path):
    (tmp_path / "f").write_text("x")
    (tmp_path / "l").symlink_to(tmp_path)
    for name, rule in (("f", "not-a-folder"), ("l", "link")):
        with refused(rule):
            check_folder(tmp_path / name, overwrite=True)


FEW = ["two_identical_rows.csv", "likert_30x3.csv", "numbers_only.csv"]


@pytest.mark.parametrize("name", scale(FEW, sorted(path.name for path in OWN.iterdir())))
def test_every_own_table_that_is_read_is_clustered(name):
    try:
        table = read_table(OWN / name)
    except InputError:
        return
    assert analyse(table).k >= 2
