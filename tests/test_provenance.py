"""Every series is read again from a small recorded file of the publisher's layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence import provenance, sources

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
        ("rail_distance", "researchers.csv", "no-script"),
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
