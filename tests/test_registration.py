"""The registered plan: code frozen by its hash, the second coder's forms, Cohen's kappa."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hclustkit.errors import InputError
from sklearn.metrics import cohen_kappa_score

from kzclusters import paths
from kzclusters.evidence import second_coder
from kzclusters.evidence.second_coder import FORMS, agreement, blank, compare, first_coding

FOLDER = paths.ROOT / "registration"
sys.path.insert(0, str(paths.ROOT / "tools"))
import freeze  # noqa: E402


def test_kappa_of_a_table_of_two_by_two_worked_by_hand() -> None:
    """20 both yes, 5 and 10 differ, 15 both no: 0.7 alike, 0.3 + 0.2 by chance, kappa 0.4."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = agreement(first, second)
    assert (found.n, found.observed, found.expected) == (50, 0.7, 0.5)
    assert found.kappa == 0.4
    assert len(found.differing) == 15 and found.differing[0] == ("21", "yes", "no")


@pytest.mark.parametrize(
    ("first", "second"),
    [("aabbc", "aabbc"), ("aabbc", "abbcc"), ("abab", "baba"), ("aaab", "aaaa")],
)
def test_kappa_is_that_of_scikit_learn(first: str, second: str) -> None:
    assert agreement(first, second).kappa == pytest.approx(cohen_kappa_score([*first], [*second]))


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [("", "", "same-length"), ("ab", "a", "same-length"), ("aa", "aa", "one-category")],
)
def test_kappa_that_is_undefined_is_refused(first: str, second: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        agreement(first, second)
    assert caught.value.rule == rule


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_are_blank_and_show_what_there_is_now(name: str) -> None:
    form = FORMS[name]
    kept = pd.read_csv(FOLDER / form.file, dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(kept, blank(name).astype(str), check_dtype=False)
    assert not kept[form.coded].any()


@pytest.mark.parametrize("name", FORMS)
def test_every_category_is_in_the_instructions(name: str) -> None:
    said = re.findall(r"`(\w+)`", (FOLDER / "coding.md").read_text(encoding="utf-8"))
    assert set(first_coding(name)[FORMS[name].coded]) <= set(said)


def test_a_filled_form_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filled = blank("helix").assign(helix=list(first_coding("helix")["helix"]))
    filled.loc[0, "helix"] = "business"
    file = tmp_path / "coding_helix_AB.csv"
    filled.to_csv(file, index=False)
    found = compare(file)
    assert found.differing == (("2", "government", "business"),)
    assert found.observed == 1 - 1 / len(filled) and 0.9 < found.kappa < 1
    assert second_coder.main(["agreement", str(file)]) == 0
    assert "2: government here, business there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("notes.csv", lambda form: form, "no-form"),
        ("coding_helix.csv", lambda form: form, "known-value"),
        ("coding_helix.csv", lambda form: form[1:], "rows-of-the-form"),
        ("coding_helix.csv", lambda form: form.drop(columns="helix"), "rows-of-the-form"),
    ],
)
def test_a_form_that_is_not_filled_is_refused(
    tmp_path: Path, name: str, change: object, rule: str
) -> None:
    file = tmp_path / name
    change(blank("helix")).to_csv(file, index=False)  # type: ignore[operator]
    with pytest.raises(InputError) as caught:
        compare(file)
    assert caught.value.rule == rule


# --- the frozen code ------------------------------------------------------------------------


def in_git() -> bool:
    """Whether the history goes back to the frozen commit; that of a shallow clone may not."""
    commit = json.loads(freeze.RECORD.read_text(encoding="utf-8"))["commit"]
    command = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(command, cwd=paths.ROOT, capture_output=True).returncode == 0


@pytest.mark.skipif(not in_git(), reason="a copy without its history has no hashes to compare")
def test_the_record_has_the_hashes_of_its_commit() -> None:
    record = json.loads(freeze.RECORD.read_text(encoding="utf-8"))
    assert freeze.hashes(record["commit"]) == record["parts"]
    assert set(record["parts"]) == set(freeze.PARTS)


@pytest.mark.skipif(not in_git(), reason="a copy without its history has no hashes to compare")
def test_a_change_since_then_shows() -> None:
    record = json.loads(freeze.RECORD.read_text(encoding="utf-8"))
    assert freeze.changed(record, record["commit"]) == []
    record["parts"]["study.yml"] = "0" * 40
    assert freeze.changed(record, record["commit"]) == ["study.yml"]


def test_the_plan_is_dated_and_says_what_counts() -> None:
    plan = (FOLDER / "plan.md").read_text(encoding="utf-8")
    assert re.search(r"Registered on \d{1,2} [A-Z][a-z]+ \d{4}", plan)
    for heading in ("What is still unknown", "What will be computed", "What would count as what"):
        assert f"## {heading}" in plan
    for part in ("plan.md", "frozen.json", "coding_claims.csv", "coding_helix.csv", "coding.md"):
        assert (FOLDER / part).is_file() and part in plan + "plan.md"
