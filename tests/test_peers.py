"""The page "Where programs disagree": what programs answer, and what happens when one changes."""

from __future__ import annotations

import json
import re

import pytest
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.publish.site import peer_pictures, peers

SLOW = ("order-of-rows", "inversions")


@pytest.fixture(scope="module")
def answers():
    return json.loads(peers.RECORDED.read_text("utf-8"))["answers"]


@pytest.fixture
def quick(monkeypatch, answers):
    """The quick traps only, and a record of their answers."""
    kept = {name: probes for name, probes in peers.TRAPS.items() if name not in SLOW}
    monkeypatch.setattr(peers, "TRAPS", kept)
    return {name: answers[name] for name in kept}


def record(monkeypatch, tmp_path, found):
    path = tmp_path / "peers.json"
    path.write_text(json.dumps({"answers": found}), "utf-8")
    monkeypatch.setattr(peers, "RECORDED", path)


def test_programs_answer_as_recorded(quick):
    assert peers.ask() == quick


def test_a_program_that_changed_stops_the_build_with_both_answers(
    quick, monkeypatch, tmp_path, answers
):
    record(monkeypatch, tmp_path, {**answers, "last-digit": {"scipy": "before"}})
    with pytest.raises(InputError) as caught:
        peers.check(answers)
    assert caught.value.rule == "peer-changed" and caught.value.place == "docs/peers.json"
    assert caught.value.value["last-digit, scipy"] == ("before", answers["last-digit"]["scipy"])
    assert "'before'" in str(caught.value) and answers["last-digit"]["scipy"] in str(caught.value)
    # an answer that nobody recorded, and one that nobody gives any more
    assert caught.value.value["last-digit, fastcluster"][0] is None
    record(monkeypatch, tmp_path, {**answers, "gone": {"scipy": "x"}})
    with pytest.raises(InputError) as caught:
        peers.check(answers)
    assert caught.value.value == {"gone, scipy": ("x", None)}


def test_the_page_shows_every_answer(monkeypatch, tmp_path, answers):
    monkeypatch.setattr(peers, "ask", lambda: answers)
    text = (paths.ROOT / "docs" / f"{peers.PAGE}.md").read_text("utf-8")
    page = peers.page(text)
    assert "| R.ward.D | Ward's method on distances, heights: the distances themselves |" in page
    page = peer_pictures.place(page, tmp_path)
    for name in peer_pictures.PICTURES:
        assert f"(disagree_{name}.svg)" in page and (tmp_path / f"disagree_{name}.svg").is_file()
    again = peer_pictures.PICTURES["wards"]()[1]
    assert again in page and "0, 1 from 7, 15" in again and "0, 1, 7 from 15" in again
    assert "<!--" not in page and page.count("| program | answer |") == len(peers.TRAPS)
    for program, known in peers.versions().items():
        assert program == "hclustkit" or f"{program} {known}" in page
    for found in answers.values():
        for answer in found.values():
            assert peers._cell(answer) in page
    with pytest.raises(InputError) as caught:
        peers.page(text.replace("<!-- trap: one-row -->", ""))
    assert caught.value.rule == "trap-marks" and caught.value.value == ["one-row"]


def test_the_method_is_right_in_every_trap(answers):
    right = {trap: found["hclustkit"] for trap, found in answers.items()}
    assert right["k-under-ties"] == "3 clusters"
    assert right["inversions"] == "0 of 200 trees"
    assert right["list-of-k"] == "one at a time 1, 2, 3; as a list 1, 2, 3"
    assert right["order-of-rows"] == "verdict for every order: more than 1000 partitions"
    tenths, whole = right["last-digit"].split(" and ")
    assert tenths == whole
    assert right["which-ward"].endswith("ward.D: 1, 8, 16.5")
    for trap, rule in (
        ("distances-for-data", "distances-or-observations"),
        ("not-euclidean", "euclidean-only"),
        ("missing-cell", "missing-value"),
    ):
        assert rule in right[trap]
    assert "value -16" in right["not-euclidean"] and "row 1, column 1" in right["missing-cell"]
    assert right["eleven-colours"].startswith("11 ") and right["deep-tree"] == "done"
    assert float(right["best-order"]) < float(answers["best-order"]["scipy"])
    assert "(0, 4)" in right["one-row"] and right["lone-silhouette"] == "0.99, 0.9899, 0"


def test_the_peers_are_pinned_for_the_site():
    lock = (paths.ROOT / "requirements-docs.lock").read_text("utf-8")
    lock += (paths.ROOT / "requirements.lock").read_text("utf-8")
    for program in peers.PROGRAMS[1:]:
        assert re.search(rf"^{program}==", lock, re.MULTILINE), program
