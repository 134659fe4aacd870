"""Every series is read again from a small recorded file of the publisher's layout."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hclustkit.errors import InputError
from hclustkit.report.xlsx import write_xlsx

from kzclusters import paths
from kzclusters.evidence import books, provenance, sources

RECORDED = Path(__file__).parent / "provenance"
ORIGINS = provenance.origins()
SCRIPTED = [name for name, origin in ORIGINS.items() if origin.layout]


def test_every_series_has_a_script_or_a_reason() -> None:
    wanted = {
        entry["name"]
        for entry in sources.resources()
        if entry["role"] in ("series", "partial") and entry["present"]
    }
    assert set(ORIGINS) == wanted
    assert all(bool(origin.layout) != bool(origin.by_hand) for origin in ORIGINS.values())
    assert {path.name for path in RECORDED.iterdir()} == {ORIGINS[n].recorded for n in SCRIPTED}


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_recorded_file_gives_the_series(name: str) -> None:
    text = provenance.convert(name, RECORDED / ORIGINS[name].recorded)
    assert provenance.sha256(text) == ORIGINS[name].sha256
    sealed = (paths.RAW / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    if ORIGINS[name].layout in provenance.FOLDERS:
        assert text.splitlines() == sealed  # all of it: the recorded books have every year
        return
    years = {line.split(",")[1] for line in text.splitlines()[1:]}
    assert text.splitlines() == [sealed[0], *(s for s in sealed[1:] if s.split(",")[1] in years)]


def test_the_command_says_that_a_part_is_not_the_series(capsys: pytest.CaptureFixture[str]) -> None:
    assert provenance.main(["researchers_per_million", str(RECORDED / "researchers.csv")]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("region,year,value\nKZ-AKM,2013,")
    assert printed.err == "This is not the series of data/raw.\n"


@pytest.mark.parametrize(
    ("name", "file", "rule"),
    [
        ("land_area", "researchers.csv", "no-script"),
        ("nothing", "researchers.csv", "no-script"),
        ("employed", "absent.xlsx", "unreadable"),
        ("employed", "grp.xlsx", "unreadable"),
        ("employed", "researchers.csv", "unreadable"),
        ("researchers_per_million", "absent.csv", "unreadable"),
        ("researchers_per_million", "fixed_investment.csv", "unreadable"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, file: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        provenance.convert(name, RECORDED / file)
    assert (caught.value.rule, caught.value.place) == (rule, name if rule == "no-script" else file)


def book(path: Path, rows: list[list[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ["label", *(str(year) for year in range(2010, 2017))]
    write_xlsx(path, pd.DataFrame([row + [""] * (8 - len(row)) for row in rows], columns=columns))


def test_a_row_of_a_book_is_known_by_its_label(tmp_path: Path) -> None:
    """A dash is zero, another sign nothing; footnotes go; a heading belongs to the label."""
    options = {"rows": {"value": "^firms / of these"}, "books": {"KZ-AKM": ["A"]}}
    counts = ["1 23424)", "56\xa0789", "-", "…", 7, None, " 8 "]
    book(tmp_path / "A.xlsx", [["firms"], ["of these", *counts], ["shops"], ["of these", *[9] * 7]])
    lines = books.partial_series(tmp_path, options, (2010, 2016))
    expected = ["2010,1234", "2011,56789", "2012,0", "2014,7", "2016,8"]
    assert lines == ["region,year,value", *(f"KZ-AKM,{line}" for line in expected)]


@pytest.mark.parametrize(
    ("place", "make"),
    [
        ("nothing", lambda folder: folder.mkdir()),
        ("nothing", lambda folder: book(folder / "A.xlsx", [["other", *[1] * 7]])),
        ("A.xlsx", lambda folder: (folder.mkdir(), (folder / "A.xlsx").write_text("no book"))),
    ],
)
def test_books_that_cannot_be_read_are_named(tmp_path: Path, place: str, make: object) -> None:
    make(tmp_path / "nothing")
    options = {"rows": {"value": "firms"}, "books": {"KZ-AKM": ["A"]}}
    with pytest.raises(InputError) as caught:
        books.partial_series(tmp_path / "nothing", options, (2010, 2016))
    assert (caught.value.rule, caught.value.place) == ("unreadable", place)


def test_rail_distances_are_shortest_ways(tmp_path: Path) -> None:
    """Through a connecting line that passes by a transit point; an absent station is named."""
    for file in (RECORDED / "rail_guide").iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    options = ORIGINS["rail_distance"].options
    wanted = {**options, "stations": {"KZ-ATY": "Атырау"}}
    assert books.rail_distances(tmp_path, wanted)[1] == "KZ-ATY,1832,2673"
    sections = tmp_path / "1-Kzh.csv"
    before, line = sections.read_text("utf-8").split('" 93)')
    assert "Атырау" in line
    sections.write_text(before, "utf-8")
    assert books.rail_distances(tmp_path, wanted)[1] == "KZ-ATY,1839,2680"
    with pytest.raises(InputError) as caught:
        absent = {"KZ-ATY": "Nowhere", "KZ-MAN": "Elsewhere"}
        books.rail_distances(tmp_path, {**options, "stations": absent})
    assert (caught.value.rule, caught.value.place) == ("unreadable", tmp_path.name)
    assert "there is no station Nowhere" in str(caught.value)


def test_a_dash_is_left_out_and_parts_of_a_region_add_up(tmp_path: Path) -> None:
    source = (RECORDED / "researchers.csv").read_text(encoding="utf-8").splitlines()
    changed = [line.replace("2013,KZONT,", "2013,KZYUZ,") for line in source]
    changed += ["2013,KZYUZ,5", "2013,KZAKM,-", "2013,KZXXX,7"]
    file = tmp_path / "changed.csv"
    file.write_text("\n".join(changed) + "\n", encoding="utf-8")
    before = provenance.convert("researchers_per_million", RECORDED / "researchers.csv")
    after = provenance.convert("researchers_per_million", file)
    different = set(after.splitlines()) - set(before.splitlines())
    (line,) = different
    old = next(s for s in before.splitlines() if s.startswith("KZ-YUZ,2013,"))
    assert line.startswith("KZ-YUZ,2013,")
    assert int(line.split(",")[2]) == int(old.split(",")[2]) + 5
