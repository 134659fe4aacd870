"""The page "Your own table in five minutes": its tables, its commands, its words."""

from __future__ import annotations

import importlib.util
import re
import shlex

import numpy as np
import pandas as pd
import pytest
from hclustkit import Tree, standardize
from hclustkit.errors import InputError
from hclustkit.published import every_partition, spectral_surrogates
from hclustkit.report.command import parse_arguments, read_as_asked

from kzclusters import paths

PAGE = (paths.ROOT / "docs" / "own_table.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def examples():
    path = paths.ROOT / "docs" / "examples" / "tables.py"
    specification = importlib.util.spec_from_file_location("examples", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_russian_table_is_read_as_the_page_says(examples, tmp_path):
    path = tmp_path / "регионы.csv"
    path.write_text(examples.regions(), encoding="utf-8", newline="")
    with pytest.raises(InputError) as caught:
        read_as_asked(path, {})
    assert (caught.value.rule, caught.value.value) == ("total-row", "Всего")
    assert str(caught.value).startswith(re.search(r"error: (.*), \.\.\. leave", PAGE)[1])
    table, _ = read_as_asked(path, {"drop": "Всего"})
    reading = table.attrs["reading"]
    assert (reading.separator, reading.decimal, len(reading.footnotes)) == (";", ",", 1)
    names = pd.read_csv(paths.RAW / "regions.csv").set_index("name_ru")["region"]
    raw = pd.read_csv(paths.RAW / "grp_per_capita.csv").set_index(["region", "year"])["value"]
    assert table.iloc[:, 0].tolist() == [raw[names[label], examples.YEAR] for label in table.index]
    assert len(table) == len(names)


def test_the_large_table_is_read_as_the_page_says(examples):
    path = examples.COUNTIES
    assert path.stat().st_size < 300_000 and path.with_suffix(".md").is_file()
    with pytest.raises(InputError) as caught:
        read_as_asked(path, {})
    assert caught.value.rule == "missing-value" and len(caught.value.value) == 18
    first, second = re.search(r"error: (us_counties.*), \.\.\. (.*)", PAGE).groups()
    assert str(caught.value).startswith(first) and second in str(caught.value)
    table, _ = read_as_asked(path, {"missing": "listwise", "drop": "Labour force 2018"})
    reading = table.attrs["reading"]
    rows = int(re.search(r"of ([0-9,]+) counties", PAGE)[1].replace(",", ""))
    assert table.shape == (rows - 3, 5) and reading.left_out["FIPS"] == "holds identifiers"
    assert len(table.attrs["whole"].labels) == rows


def test_every_option_of_the_page_exists():
    for line in re.findall(r"^hclustkit (report .*)$", PAGE, re.MULTILINE):
        if "--help" not in line:
            parse_arguments(shlex.split(line))
    known = {"--help", *(f"--{name}" for name in vars(parse_arguments(["report", "x"])))}
    assert set(re.findall(r"--[a-z]+", PAGE)) <= known


def test_the_lines_about_a_published_grouping_run(tmp_path, monkeypatch, capsys):
    page = (paths.ROOT / "docs" / "own_article.md").read_text(encoding="utf-8")
    whole, sample = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(whole, "own_article.md", "exec"), names)
    assert (tmp_path / "pairs.png").stat().st_size > 1000
    # one of the 15 groupings of six into pairs agrees as well: the published one itself
    assert names["share"] == pytest.approx(1 / 15) and 0 < names["surrogates"] < 1
    assert names["audit"].summary["verdict"].tolist() == ["supported", "partly", "not supported"]
    assert "of all groupings" in capsys.readouterr().out
    exec(compile(sample, "own_article.md", "exec"), names)
    assert names["drawn"].among().share["mean"] == pytest.approx(1 / 15, abs=0.01)
    assert names["connected"].among().n == 2001 and len(names["some"]) == 2001


def test_a_published_grouping_of_twenty_regions_is_set_beside_chance():
    """Too many groupings to list, and a map with regions that have the same neighbours."""
    rng = np.random.default_rng(7)
    labels = [f"region {at}" for at in range(20)]
    published = pd.Series(list("AAAABBBCCCDDDEEFFGHI"), index=labels)
    places = {at: (at // 5, at % 5) for at in range(20)}
    pairs = [
        (labels[a], labels[b])
        for a, (x, y) in places.items()
        for b, (v, w) in places.items()
        if a < b and abs(x - v) + abs(y - w) == 1
    ]
    borders = pd.DataFrame(pairs, columns=["one", "other"])
    centres = rng.normal(0, 2, (9, 4))[pd.factorize(published)[0]]
    table = standardize(pd.DataFrame(centres + rng.normal(0, 0.5, (20, 4)), index=labels), "zscore")
    found = Tree.from_table(table).cut(9)[None, :]
    with pytest.raises(InputError) as error:
        every_partition(published, {"mine": (found, [1])}, neighbours=borders)
    assert error.value.rule == "too-many-partitions"
    drawn = every_partition(
        published, {"mine": (found, [1])}, neighbours=borders, draws=5000, seed=1
    )
    assert drawn.among().share["mine"] == 1 / 5001
    assert drawn.published["neighbours"] == sum(published[a] == published[b] for a, b in pairs)
    flipped = spectral_surrogates({"mine": table}, published, borders, k=9, draws=200, seed=1)
    assert (flipped["mine"] >= flipped["mine"].iloc[0]).mean() < 0.05
