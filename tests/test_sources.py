"""The raw data: the committed files pass, and every way of breaking one is reported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mutations
import pandas as pd
import pytest
import source_cases
from hclustkit.errors import InputError
from source_cases import PARTIAL, RESOURCES, SERIES, TABLES, broken, place, rows_of, write_rows

from kzclusters import paths
from kzclusters.evidence import indicators, sources

folder = source_cases.folder


def test_the_committed_data_pass() -> None:
    lines = sources.check()
    present = [r for r in RESOURCES.values() if r["present"]]
    assert lines[0].startswith(f"{len(present)} files")
    assert len(lines) == 6


def test_every_file_is_described_and_sealed() -> None:
    described = {r["path"] for r in RESOURCES.values()}
    there = {path.name for path in paths.RAW.iterdir()} - {sources.DESCRIPTOR}
    assert there <= described
    for resource in RESOURCES.values():
        if not resource.get("absent"):
            assert resource["hash"].startswith("sha256:"), resource["name"]
            assert resource["bytes"] == (paths.RAW / resource["path"]).stat().st_size


def test_the_descriptor_says_where_every_series_comes_from() -> None:
    for resource in RESOURCES.values():
        for key in ("title", "publisher", "official_table", "read_from", "licenses"):
            assert resource[key], (resource["name"], key)
        if resource["role"] in ("series", "partial"):
            assert resource["unit"]
            assert resource["checks_made"] or resource.get("absent")


@pytest.mark.cases(8)
@pytest.mark.parametrize("name", TABLES)
def test_a_changed_file_is_known_by_its_seal(folder: Path, name: str) -> None:
    path = folder / f"{name}.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))  # the same cells, other bytes
    assert broken(folder, name).rule == "seal"


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_file_is_reported(folder: Path, name: str) -> None:
    (folder / f"{name}.csv").unlink()
    assert broken(folder, name).rule == "file-present"


CELLS = {"minimum": "-4", "plain-number": "n/a", "empty-cell": ""}


@pytest.mark.cases(20)
@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("rule", CELLS)
def test_a_wrong_cell_is_named(folder: Path, name: str, rule: str) -> None:
    rows = rows_of(folder, name)
    rows[3][-1] = CELLS[rule]
    write_rows(folder, name, rows)
    error = broken(folder, name)
    assert error.rule == rule and place(error) == f"row 4, column {rows[0][-1]}"
    assert error.value == (CELLS[rule] or None)


@pytest.mark.parametrize(
    "text",
    [
        "\u00a012",
        "\u0661\u0662",
        "1 234",
        "1,5",
        "+12",
        "12 km",
        "NaN",
        "inf",
        "0x1F",
        "1_000",
        "²",
    ],
)
def test_a_number_that_programs_read_in_different_ways_is_named(folder: Path, text: str) -> None:
    rows = rows_of(folder, "grp")
    rows[7][-1] = text
    write_rows(folder, "grp", rows)
    error = broken(folder, "grp")
    assert (error.rule, place(error), error.value) == ("plain-number", "row 8, column value", text)


@pytest.mark.parametrize("text", ["1e400", "1e-400"])
def test_a_number_out_of_range_is_reported(folder: Path, text: str) -> None:
    rows = rows_of(folder, "grp")
    rows[7][-1] = text
    write_rows(folder, "grp", rows)
    mutations.renew(folder, "grp")
    assert "row 8" in place(broken(folder, "grp"))


@pytest.mark.parametrize("name", SERIES)
def test_a_cell_left_out_is_reported(folder: Path, name: str) -> None:
    rows = rows_of(folder, name)
    rows[2][-1:] = []
    write_rows(folder, name, rows)
    error = broken(folder, name)
    assert (error.rule, place(error)) == ("empty-cell", f"row 3, column {rows[0][-1]}")


def test_an_extra_cell_and_a_blank_row_are_reported(folder: Path) -> None:
    rows = rows_of(folder, "grp")
    write_rows(folder, "grp", [*rows[:4], [*rows[4], "1"], *rows[5:]])
    assert (broken(folder, "grp").rule, place(broken(folder, "grp"))) == ("extra-cell", "row 5")
    write_rows(folder, "grp", [*rows[:4], ["", "", ""], *rows[4:]])
    error = broken(folder, "grp")
    assert error.rule in ("blank-row", "empty-cell") and "row 5" in place(error)


@pytest.mark.parametrize("name", SERIES)
def test_a_lost_region_is_reported(folder: Path, name: str) -> None:
    rows = rows_of(folder, name)
    lost = rows.pop(1)
    write_rows(folder, name, rows)
    mutations.renew(folder, name)
    error = broken(folder, name)
    assert (error.rule, error.value) == ("all-regions", lost[0])
    assert ("year" in rows[0]) == (f"missing in {lost[1]}" in str(error))


@pytest.mark.parametrize("name", SERIES)
def test_a_region_given_twice_is_reported(folder: Path, name: str) -> None:
    """Also where the values differ: which of them holds cannot be known."""
    rows = rows_of(folder, name)
    rows.insert(5, [*rows[4][:-1], "5"])
    write_rows(folder, name, rows)
    key = f"region {rows[4][0]}" + (f", year {rows[4][1]}" if "year" in rows[0] else "")
    error = broken(folder, name)
    assert (error.rule, error.value, place(error)) == ("duplicate-key", key, "row 6")


@pytest.mark.cases(8)
@pytest.mark.parametrize("name", [*SERIES, "tile_grid", "neighbours", *PARTIAL])
def test_an_unknown_region_is_reported(folder: Path, name: str) -> None:
    rows = rows_of(folder, name)
    rows.append(["KZ-XXX", *rows[-1][1:]])
    write_rows(folder, name, rows)
    mutations.renew(folder, name)
    error = broken(folder, name)
    assert (error.rule, error.value) == ("known-region", "KZ-XXX")
    assert place(error) == f"row {len(rows)}, column {rows[0][0]}"


HEADERS = {
    "Region,year,value": "header",
    "year,region,value": "header",
    "region,year,amount": "header",
    "region,year,": "header",
    "region,year": "header",
    "region,year,value,note": "header",
    "region;year;value": "separator",
    "region\tyear\tvalue": "separator",
}


@pytest.mark.parametrize("header", HEADERS)
def test_another_header_is_reported(folder: Path, header: str) -> None:
    path = folder / "grp.csv"
    text = path.read_text(encoding="utf-8").replace("region,year,value", header, 1)
    if HEADERS[header] == "separator":
        text = text.replace(",", header[6])
    path.write_text(text, encoding="utf-8")
    error = broken(folder, "grp")
    assert (error.rule, place(error)) == (HEADERS[header], "row 1")


def test_a_file_without_rows_is_reported(folder: Path) -> None:
    write_rows(folder, "grp", [["region", "year", "value"]])
    mutations.renew(folder, "grp")
    assert broken(folder, "grp").rule == "any-row"


def test_codes_that_look_like_numbers_are_reported(folder: Path) -> None:
    rows = [[str(number), "2013", "1"] for number in range(16)]
    write_rows(folder, "grp", [["region", "year", "value"], *rows])
    mutations.renew(folder, "grp")
    error = broken(folder, "grp")
    assert (error.rule, place(error)) == ("known-region", "row 2, column region")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not-empty"),
        (b" \n", "not-empty"),
        (b"\xff\xfe\x00bad", "utf-8"),
        ("region,year,value\n".encode("utf-16"), "utf-8"),
        ("region,year,value\n".encode("utf-16-le"), "utf-8"),
        (b"region,year,value\nKZ-AKM,2010,caf\xe9\n", "utf-8"),
        (b'region,year,value\n"KZ-AKM,2010', "readable-table"),
    ],
)
def test_an_unreadable_file_is_reported(folder: Path, content: bytes, rule: str) -> None:
    (folder / "grp.csv").write_bytes(content)
    assert broken(folder, "grp").rule == rule
    mutations.renew(folder, "grp")
    with pytest.raises(InputError):
        sources.seal(folder)


def test_a_declared_absent_series_is_not_checked_but_named(folder: Path) -> None:
    assert "declared absent" in str(broken(folder, "patents"))
    sources.seal(folder)
    sources.check(folder)


def test_a_declared_absent_series_is_checked_once_it_is_there(folder: Path) -> None:
    codes = list(sources.regions(folder).index)
    rows = [["region", "year", "value"], *[[code, "2013", "6.25"] for code in codes]]
    write_rows(folder, "patents", rows)
    sources.check(folder, only="patents")
    assert "patents" in sources.series(folder)
    rows[4][2] = "170"
    write_rows(folder, "patents", rows)
    error = broken(folder, "patents")
    assert (error.rule, place(error), error.value) == ("maximum", "row 5, column value", "170")


def test_a_broken_descriptor_is_reported(folder: Path) -> None:
    path = folder / sources.DESCRIPTOR
    for text, rule in (('{"resources": [\n', "json"), ("[1]", "data-package")):
        path.write_text(text, encoding="utf-8")
        assert broken(folder, None).rule == rule
    path.unlink()
    assert broken(folder, None).rule == "file-present"
    with pytest.raises(InputError) as caught:
        sources.check(only="nothing")
    assert (caught.value.rule, caught.value.value) == ("known-resource", "nothing")


def test_the_command_prints_one_message_and_fails(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(paths.RAW, root / "data" / "raw")
    grp = root / "data" / "raw" / "grp.csv"
    grp.write_text(grp.read_text(encoding="utf-8").replace("477641.1", "-1"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kzclusters.evidence.sources", "check", "--only", "grp"],
        env={"KZCLUSTERS_ROOT": str(root), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: data/raw/grp.csv, row 2, column value: rule")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_check_says_what_it_checked_and_seals_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "check", lambda only: [f"{only}.csv"])
    monkeypatch.setattr(sources, "seal", lambda **_: pytest.fail("sealed"))
    assert sources.main(["check", "--only", "grp"]) == 0
    assert capsys.readouterr().out == "raw data checked: grp.csv\n"


# --- partial series -------------------------------------------------------------------------


def test_partial_series_are_read_apart_and_never_enter_an_indicator(folder: Path) -> None:
    partial = sources.partial_series()
    assert set(partial) == {name.removeprefix("partial_") for name in PARTIAL}
    assert not set(sources.series()) & {*partial, *PARTIAL}
    assert len(set(partial["operating_legal_entities"]["region"])) == 11
    assert len(set(partial["active_smes"]["region"])) == 10
    assert partial["rd_degree_holders"]["phd"].isna().any()
    for name in PARTIAL:
        (folder / f"{name}.csv").unlink()
    years = range(2010, 2016)
    with_them = indicators.build(sources.series(), years)
    pd.testing.assert_frame_equal(with_them, indicators.build(sources.series(folder), years))
    for item in [*indicators.registry().values(), *indicators.auxiliary().values()]:
        for variant in item.variants:
            assert not any(name in PARTIAL for name in variant.series)


@pytest.mark.parametrize("name", [n for n in PARTIAL if "covers" in RESOURCES[n]])
def test_a_partial_series_has_exactly_the_regions_it_covers(folder: Path, name: str) -> None:
    covers = RESOURCES[name]["covers"]
    rows = rows_of(folder, name)
    assert sorted({row[0] for row in rows[1:]}) == sorted(covers)
    write_rows(folder, name, [*rows[:3], *rows[4:]])
    error = broken(folder, name)
    assert (error.rule, error.value) == ("all-regions", rows[3][0])
    other = next(code for code in sources.regions().index if code not in covers)
    write_rows(folder, name, [*rows, [other, *rows[-1][1:]]])
    error = broken(folder, name)
    assert (error.rule, error.value) == ("covered-region", other)


# --- the description of the files ---------------------------------------------------------------


def described(change: Callable[[dict], object]) -> Callable[[str], str]:
    def changed(text: str) -> str:
        package = json.loads(text)
        change({resource["name"]: resource for resource in package["resources"]} | {"": package})
        return json.dumps(package)

    return changed


DESCRIPTIONS: dict[str, tuple[Callable[[str], str], str]] = {
    "no path": (described(lambda r: r["grp"].pop("path")), "grp lacks path"),
    "no name": (described(lambda r: r["grp"].pop("name")), "lacks name"),
    "no role": (described(lambda r: r["grp"].pop("role")), "grp lacks role"),
    "other role": (described(lambda r: r["grp"].update(role="seres")), "role is 'seres'"),
    "no schema": (described(lambda r: r["grp"].pop("schema")), "grp lacks primaryKey"),
    "no key": (described(lambda r: r["grp"]["schema"].pop("primaryKey")), "primaryKey"),
    "one key": (described(lambda r: r["grp"]["schema"].update(primaryKey="region")), "'region'"),
    "no type": (described(lambda r: r["grp"]["schema"]["fields"][2].pop("type")), "lacks type"),
    "text for yes": (described(lambda r: r["grp"].update(national_row="no")), "national_row"),
    "null hash": (described(lambda r: r["grp"].update(hash=None)), "hash is None"),
    "paths": (described(lambda r: r["grp"].update(path=["grp.csv"])), "path is"),
    "elsewhere": (described(lambda r: r["grp"].update(path="../raw/grp.csv")), "grp.csv"),
    "twice": (described(lambda r: r[""]["resources"].append(r["grp"])), "twice"),
    "null": (described(lambda r: r[""]["resources"].append(None)), "resources"),
    "unknown series": (described(lambda r: r[""]["resources"].remove(r["grp"])), "grp.csv"),
    "no boundaries": (described(lambda r: r[""]["resources"].remove(r["boundaries"])), "geojson"),
    "no copies": (described(lambda r: r["grp_per_capita"].update(second_copy={})), "lacks"),
    "key twice": (lambda text: text.replace('"role":', '"role": "partial", "role":', 1), "twice"),
    "NaN": (lambda text: text.replace('"minimum": 0', '"minimum": NaN', 1), "NaN"),
    "deep": (lambda text: "[" * 100_000, "JSON"),
}


@pytest.mark.cases(8)
@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_a_wrong_description_is_named(folder: Path, kind: str) -> None:
    change, says = DESCRIPTIONS[kind]
    path = folder / sources.DESCRIPTOR
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert says in str(broken(folder, None))
    with pytest.raises(InputError):
        sources.seal(folder)


def test_a_series_that_a_rule_needs_is_there(folder: Path) -> None:
    path = folder / sources.DESCRIPTOR
    change = described(lambda r: r[""]["resources"].remove(r["land_area"]))
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "land_area.csv").unlink()
    assert broken(folder, None).rule == "known-resource"


@pytest.mark.cases(1)
@pytest.mark.parametrize("key", ["hash", "bytes"])
def test_a_file_without_a_seal_is_not_sealed(folder: Path, key: str) -> None:
    path = folder / sources.DESCRIPTOR
    before = path.read_bytes()
    change = described(lambda r: r["grp"].pop(key))
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert broken(folder, None).rule == "seal"
    sources.seal(folder)
    assert json.loads(path.read_bytes()) == json.loads(before)


# --- tables that no identity reaches ------------------------------------------------------------


@pytest.mark.cases(3)
@pytest.mark.parametrize(
    ("name", "before", "after", "rule"),
    [
        ("tile_grid", "KZ-AKT,3,2", "KZ-AKT,2,3", "own-cells"),
        ("tile_grid", "KZ-AKM,2,3\n", "", "all-regions"),
        ("glossary", "cluster,кластер", "NaN,кластер", "empty-cell"),
        ("neighbours", "KZ-AKM,KZ-AST\n", "KZ-AKM,KZ-AST\nKZ-AST,KZ-AKM\n", "once"),
        ("claims", "P3 P4 P5", "P3 P4 P55", "known-indicator"),
        ("claims", "C02", "C20", "duplicate-key"),
        ("published_clusters", "II,KZ-AKM\n", "", "complete"),
        ("errata", "E002", "E200", "ids-count-up"),
    ],
)
def test_a_sealed_mistake_in_a_small_table_is_named(
    folder: Path, name: str, before: str, after: str, rule: str
) -> None:
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        sources.seal(folder)
    assert caught.value.rule == rule and f"{name}.csv" in str(caught.value)


@pytest.mark.parametrize("name", ["tile_grid", "neighbours"])
def test_a_small_table_without_rows_is_reported(folder: Path, name: str) -> None:
    write_rows(folder, name, rows_of(folder, name)[:1])
    assert broken(folder, name).rule == "any-row"
