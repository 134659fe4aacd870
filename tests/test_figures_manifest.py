"""The manifest of the figures: placeholders, rules, completeness."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from figure_cases import ROOT
from hclustkit.errors import InputError

from kzclusters.figures import manifest

ENTRY = {
    "name": "one",
    "title": "One",
    "notebook": "01",
    "data": "one.csv",
    "caption": "Of {baseline.year}, {agreement.ari:.2f}.",
    "alt": "A chart of {baseline.year}.",
}


def write_manifest(path: Path, *entries: dict) -> Path:
    path.write_text(yaml.safe_dump({"figures": list(entries)}), encoding="utf-8")
    return path


def test_placeholders_are_filled(tmp_path):
    entries = manifest.read(write_manifest(tmp_path / "m.yml", ENTRY))
    filled = manifest.fill(entries, {"baseline": {"year": 2013}, "agreement": {"ari": -0.456}})[
        "one"
    ]
    assert filled.caption == "Of 2013, \N{MINUS SIGN}0.46." and filled.alt == "A chart of 2013."


def test_lists_are_written_in_words(tmp_path):
    entry = {**ENTRY, "caption": "Moved: {moved}.", "alt": "A"}
    entries = manifest.read(write_manifest(tmp_path / "m.yml", entry))
    for given, expected in ((["x"], "x"), (["x", "y", "z"], "x, y and z"), ([], "none")):
        assert manifest.fill(entries, {"moved": given})["one"].caption == f"Moved: {expected}."


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"alt": None}, "missing-field"),
        ({"alt": "  "}, "missing-field"),
        ({"caption": ""}, "missing-field"),
        ({"extra": "x"}, "unknown-field"),
        ({"caption": "In 2013."}, "typed-digits"),
        ({"caption": "{year"}, "placeholder"),
        ({"caption": "{a[0]}"}, "dotted-name"),
        ({"caption": "{}"}, "dotted-name"),
        ({"caption": "{a!r}"}, "plain-format"),
    ],
)
def test_a_broken_entry_is_refused(tmp_path, change, rule):
    entry = {**ENTRY, **change}
    entry = {key: value for key, value in entry.items() if value is not None}
    with pytest.raises(InputError) as caught:
        manifest.read(write_manifest(tmp_path / "m.yml", entry))
    assert caught.value.rule == rule and caught.value.place


def test_names_may_hold_digits(tmp_path):
    entry = {**ENTRY, "caption": "Figure 3 with P12 and P1."}
    assert manifest.read(write_manifest(tmp_path / "m.yml", entry))


def test_a_repeated_name_or_broken_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="repeated"):
        manifest.read(write_manifest(tmp_path / "m.yml", ENTRY, ENTRY))
    with pytest.raises(InputError, match="the file is missing"):
        manifest.read(tmp_path / "absent.yml")
    (tmp_path / "bad.yml").write_text("figures: {", encoding="utf-8")
    with pytest.raises(InputError, match="YAML"):
        manifest.read(tmp_path / "bad.yml")


@pytest.mark.parametrize(
    ("results", "rule"),
    [
        ({"baseline": {"year": 2013}}, "missing-result"),
        ({"baseline": 3, "agreement": {"ari": 0.1}}, "missing-result"),
        ({"baseline": {"year": None}, "agreement": {"ari": 0.1}}, "printable"),
        ({"baseline": {"year": 2013}, "agreement": {"ari": "high"}}, "format"),
    ],
)
def test_a_missing_result_is_named(tmp_path, results, rule):
    entries = manifest.read(write_manifest(tmp_path / "m.yml", ENTRY))
    with pytest.raises(InputError) as caught:
        manifest.fill(entries, results)
    assert caught.value.rule == rule and caught.value.place


def test_the_manifest_is_complete():
    entries = manifest.read(ROOT / "figures" / "manifest.yml")
    assert {"figure1", "figure2", "figure3"} <= set(entries)
    for entry in entries.values():
        assert entry.data in (f"{entry.name}.csv", f"{entry.name}.json")
        assert entry.alt != entry.caption and len(entry.alt) > 80 and len(entry.caption) > 60
        assert re.fullmatch(r"0\d_\w+", entry.notebook)
    pictures = {path.stem for path in (ROOT / "figures").glob("*.svg")}
    assert pictures <= set(entries)
