"""Sealing the raw data: what changed is explained, and accepted before it is sealed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import source_cases
from hclustkit.errors import InputError
from source_cases import broken, rows_of, write_rows

from kzclusters.evidence import control_sums, sources

folder = source_cases.folder


def test_a_sealed_folder_stays_byte_for_byte(folder: Path) -> None:
    before = (folder / sources.DESCRIPTOR).read_bytes()
    assert sources.seal(folder) == []
    assert (folder / sources.DESCRIPTOR).read_bytes() == before


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def test_sealing_explains_what_changed_cell_by_cell(folder: Path) -> None:
    """A changed value needs its series to be accepted; nothing is written before that."""
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "sealed")
    rows = rows_of(folder, "rail_distance")
    at = next(row for row in rows if row[0] == "KZ-KAR")
    at[1] = "243"
    write_rows(folder, "rail_distance", rows)
    before = (folder / sources.DESCRIPTOR).read_bytes()
    with pytest.raises(InputError) as caught:
        sources.seal(folder)
    assert (caught.value.rule, caught.value.value) == ("control-sums", 243)
    assert "it was 241" in str(caught.value)
    assert (folder / sources.DESCRIPTOR).read_bytes() == before
    lines = sources.seal(folder, accept=["rail_distance"])
    assert [line.split("rail_distance.csv: ")[1] for line in lines] == [
        "KZ-KAR, km_to_astana: '241' -> '243'"
    ]
    sources.check(folder)
    with pytest.raises(InputError):
        sources.seal(folder, accept=["nothing"])


def test_sealing_explains_order_and_new_rows(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "sealed")
    rows = rows_of(folder, "grp")
    write_rows(folder, "grp", [rows[0], *rows[:0:-1]])
    write_rows(folder, "glossary", rows_of(folder, "glossary")[:-1])
    lines = sources.seal(folder)
    assert any("grp.csv: no cell" in line for line in lines)
    gone = [line for line in lines if "glossary.csv" in line]
    assert gone and all(line.endswith("-> gone") for line in gone)


def test_sealing_without_history_says_so(folder: Path) -> None:
    path = folder / "glossary.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (line,) = sources.seal(folder)
    assert "not in git's history" in line


def test_an_arriving_series_gets_its_control_sums_with_its_seal(folder: Path) -> None:
    codes = list(sources.regions(folder).index)
    rows = [[code, "2013", "6.25"] for code in codes]
    write_rows(folder, "patents", [["region", "year", "value"], *rows])
    path = folder / sources.DESCRIPTOR
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        if resource["name"] == "patents":
            del resource["absent"]
    path.write_text(json.dumps(package), encoding="utf-8")
    assert any("patents.csv: new" in line for line in sources.seal(folder))
    assert len(control_sums.read_recorded(folder)["patents"]) == 17
    sources.check(folder)


def test_an_added_year_gets_its_control_sums_with_the_seal(folder: Path) -> None:
    """A year that is added needs no acceptance; a changed value beside it does."""
    rows = rows_of(folder, "land_area")
    more = [[row[0], "2017", row[2]] for row in rows[1:] if row[1] == "2016"]
    write_rows(folder, "land_area", [*rows, *more])
    assert broken(folder, "land_area").rule == "control-sums"
    sources.seal(folder)
    sources.check(folder, only="land_area")
    sums = control_sums.read_recorded(folder)["land_area"]
    assert ("column", "2017") in sums
    rows[2][2] = "146220"
    write_rows(folder, "land_area", [*rows, *more])
    with pytest.raises(InputError) as caught:
        sources.seal(folder)
    assert caught.value.rule == "control-sums"
