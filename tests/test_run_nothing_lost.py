"""The runner: a run that fails or ends leaves nothing, and nobody's work is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import run_cases
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.run import __main__ as front
from kzclusters.run import own

same_environment = run_cases.same_environment
project = run_cases.project


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def shown(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    return tmp_path / "runs"


def write(
    folder: Path, text: str, then: Callable[[], object] = lambda: None, *, overwrite: bool = True
) -> Path:
    with own.whole(folder, overwrite=overwrite):
        for name in ("a.txt", "b.txt"):
            (folder / name).write_text(text)
        then()
    return folder


def fails(error: BaseException) -> Callable[[], None]:
    def then() -> None:
        raise error

    return then


@pytest.mark.parametrize("error", [RuntimeError("full"), InputError("odd"), KeyboardInterrupt()])
def test_a_failed_run_leaves_nothing(runs: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        write(runs / "mine", "bad", fails(error))
    assert shown(runs) == []
    whole = files(write(runs / "mine", "good"))
    with pytest.raises(type(error)):
        write(runs / "mine", "bad", fails(error))
    assert shown(runs) == ["mine"] and files(runs / "mine") == whole


def test_an_earlier_result_is_replaced_only_when_asked(runs: Path) -> None:
    whole = files(write(runs / "mine", "first", overwrite=False))
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "second", overwrite=False)
    assert caught.value.rule == "earlier-result" and files(runs / "mine") == whole
    assert files(write(runs / "mine", "second"))["a.txt"] == "second"
    assert shown(runs) == ["mine"]


@pytest.mark.parametrize("what", ["added", "edited", "foreign"])
def test_what_no_run_wrote_is_never_removed(runs: Path, what: str) -> None:
    folder = runs / "mine"
    if what == "foreign":
        folder.mkdir(parents=True)
        (folder / "thesis.docx").write_text("mine")
    else:
        write(folder, "first")
        (folder / ("notes.txt" if what == "added" else "a.txt")).write_text("my notes")
    before = files(folder)
    with pytest.raises(InputError) as caught:
        write(folder, "second")
    assert caught.value.rule == "folder-in-use" and files(folder) == before


@pytest.mark.parametrize("what", ["runs", "folder"])
def test_a_symbolic_link_is_refused(runs: Path, tmp_path: Path, what: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if what == "runs":
        runs.symlink_to(elsewhere)
    else:
        runs.mkdir()
        (runs / "mine").symlink_to(elsewhere)
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "x")
    assert caught.value.rule == "link" and list(elsewhere.iterdir()) == []


def test_a_file_in_the_place_of_a_run_is_kept(runs: Path) -> None:
    runs.mkdir()
    (runs / "mine").write_text("precious")
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "x", overwrite=True)
    assert caught.value.rule == "link" and (runs / "mine").read_text() == "precious"


@pytest.mark.parametrize("what", ["broken link", "link to a folder", "record"])
def test_what_no_run_wrote_is_kept(runs: Path, tmp_path: Path, what: str) -> None:
    write(runs / "mine", "x")
    if what == "record":
        (runs / "mine" / own.RECORD).write_text('{"files": [1]}')
    else:
        (runs / "mine" / "link").symlink_to(tmp_path if "folder" in what else tmp_path / "gone")
    with pytest.raises(InputError) as caught:
        write(runs / "mine", "y", overwrite=True)
    assert caught.value.rule == "folder-in-use" and shown(runs) != []


def test_what_a_killed_run_left_is_put_aside(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = runs / "mine"
    for earlier in ({}, {"a.txt": "first"}):
        if earlier:
            write(folder, "first")
        code = (
            "import os\nfrom pathlib import Path\nfrom kzclusters import paths\n"
            "from kzclusters.run import own\n"
            f"paths.RUNS = Path({str(runs)!r})\n"
            f"with own.whole(Path({str(folder)!r}), overwrite=True):\n"
            f"    Path({str(folder / 'half.txt')!r}).write_text('half')\n"
            "    os.kill(os.getpid(), 9)\n"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode
        assert (folder / "half.txt").exists()
        (folder / "notes.txt").write_text("mine")
        with pytest.raises(RuntimeError):
            write(folder, "third", fails(RuntimeError()))
        found = files(folder) if folder.exists() else {}
        assert {name: found.get(name) for name in earlier} == earlier and "half.txt" not in found
        (aside,) = [name for name in shown(runs) if name != "mine"]
        assert f"runs/{aside}" in capsys.readouterr().err
        left = {own.UNFINISHED: "", "half.txt": "half", "notes.txt": "mine"}
        assert files(runs / aside) == left
        assert shown(runs) == sorted([aside, *(["mine"] if earlier else [])])
        shutil.rmtree(runs / aside)


def test_two_runs_of_one_name_do_not_meet(runs: Path) -> None:
    def again() -> None:
        with pytest.raises(InputError) as caught:
            write(runs / "mine", "again")
        assert caught.value.rule == "busy"

    for text in ("first", "second"):
        assert files(write(runs / "mine", text, again))["a.txt"] == text


def test_an_interrupt_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own, "_check_table", lambda *_, **__: None)
    monkeypatch.setattr(own, "execute", lambda *_: fails(KeyboardInterrupt())())
    assert front.main(["study", "--set", "year=2014"]) == 130
    assert capsys.readouterr().err == "01_one ...\nerror: interrupted\n"
    assert shown(project / "runs") == []


def test_an_ended_run_leaves_nothing(runs: Path) -> None:
    folder = runs / "mine"
    code = (
        "import signal, sys, time\nfrom pathlib import Path\nfrom kzclusters import paths\n"
        "from kzclusters.run import __main__ as front, own\n"
        "signal.signal(signal.SIGTERM, front._end)\n"
        f"paths.RUNS = Path({str(runs)!r})\n"
        f"with own.whole(Path({str(folder)!r})):\n    time.sleep(600)\n"
    )
    begun = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
    until = time.monotonic() + 120
    while not (folder / own.UNFINISHED).exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert begun.poll() is None and folder.exists()
    begun.send_signal(signal.SIGTERM)
    assert begun.wait(60) != 0 and shown(runs) == []
