"""The front doors, run.py and make: what they understand, refuse and hand over."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import door_cases
import pytest
from door_cases import ROOT, refused

from kzclusters import pipeline
from kzclusters.publish.metadata import verify

door = door_cases.door

Call = Callable[..., "subprocess.CompletedProcess[str]"]


# --- what is understood ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (["TABEL=x.csv"], "TABLE"),
        (["year=2014"], "YEAR"),
        (["YAER=2014"], "YEAR"),
        (["SCALNG=rank"], "SCALING"),
        (["OUT_DIR=x"], ""),
        (["tets"], "test"),
        (["YEAR=2014", "YEAR=2015"], "twice"),
        (["K=3", "N_CLUSTERS=4"], "twice"),
        (["TABLE=x.csv", "COLUMNS=a", "INDICATORS=b"], "twice"),
        (["TABLE=x.csv", "COMPARE="], "COMPARE is empty"),
        (["YEAR= "], "YEAR is empty"),
        (["test", "YEAR=2014"], "YEAR"),
        (["NAME=x"], "NAME"),
        (["ACCEPT=grp"], "seal"),
        (["check", "ACCEPT=grp"], "seal"),
        (["YEAR=2014", "OVERWRITE=perhaps"], "OVERWRITE"),
        (["../notebooks/x"], ""),
        (["TABLE=x.csv", "LABLE=name"], "LABEL"),
        (["LABEL=name"], "TABLE"),
        (["TABLE=x.csv", "TRANSPOSE=perhaps"], "TRANSPOSE"),
    ],
)
def test_what_is_not_known_is_refused(
    door: ModuleType, given: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hint in refused(lambda: door.read_words(given), capsys)


def test_a_study_file_that_cannot_be_read_is_one_line(
    door: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(door.ROOT) / "study.yml"
    path.write_bytes("parameters:".encode("utf-16"))
    assert "study.yml" in refused(lambda: door.main([]), capsys)
    path.unlink()
    assert "study.yml" in refused(lambda: door.main([]), capsys)


def test_every_parameter_of_the_study_is_one_of_the_door(door: ModuleType) -> None:
    from kzclusters import study

    assert set(door.parameters().values()) == set(study.kinds()) - {*study.PLACES}
    words, given = door.read_words(["YEAR=2014", "K=6", "OVERWRITE=yes"])
    changed = ["--set", "year=2014", "--set", "n_clusters=6"]
    assert not words and door.study(given) == ["study", *changed, "--overwrite"]


def test_a_table_of_your_own_takes_the_options_of_the_report(door: ModuleType) -> None:
    from hclustkit.report.command import parse_arguments

    asked = ["TABLE=it's; a=b.csv", "K=auto", "YEAR=2014", "DROP=a; b", "TRANSPOSE=yes"]
    words, given = door.read_words([*asked, "THOROUGH=no", "NAME=mine", "RESAMPLES=5"])
    found = door.study(given)
    at = found.index("--")
    assert found[:at] == ["table", "--set", "resamples=5", "--name=mine"]
    options = vars(parse_arguments(["report", *found[at + 1 :]]))
    assert (options["file"], options["k"], options["year"]) == ("it's; a=b.csv", "auto", "2014")
    assert options["drop"] == "a; b" and options["transpose"] and not options["thorough"]
    known = {name.upper() for name in options} - {"COMMAND", "FILE", "OUTPUT", "OVERWRITE"}
    assert set(door.OWN) == known


def test_the_words_of_the_readme_exist(door: ModuleType) -> None:
    import re

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z][\w-]*)`", text)) | set(
        re.findall(r"^make ([a-z][\w-]*)", text, re.MULTILINE)
    )
    assert len(named) > 4 and named <= {*door.WORDS, *pipeline.steps()}


@pytest.mark.cases(1)
@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="Windows has no such signal")
@pytest.mark.parametrize(
    ("words", "unbuffered"),
    [
        ("run.py help", ""),
        ("run.py help", "1"),
        ("-m hclustkit report --help", ""),
        ("-m kzclusters.evidence.sources check", "1"),
    ],
)
def test_a_reader_may_leave(words: str, unbuffered: str) -> None:
    """As in ``python run.py help | head -1``."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, *words.split()]
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.stderr == b""


# --- no parameter reaches a shell --------------------------------------------------------------
@pytest.fixture
def make(tmp_path: Path) -> Call:
    """Our Makefile with a run.py that notes its arguments."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "run.py").write_text(
        "import json, sys; print(json.dumps(sys.argv[1:]))", encoding="utf-8"
    )
    (tmp_path / "data").mkdir()

    def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=tmp_path,
            env=verify.environment() | more,
            capture_output=True,
            text=True,
        )

    return call


@pytest.mark.cases(12)
@pytest.mark.parametrize(
    "value",
    [
        "x'; touch pwned; '",
        "3;touch pwned",
        "`touch pwned`",
        "$(touch pwned)",
        "$$(touch pwned)",
        "$(shell touch pwned)",
        "${shell touch pwned}",
        '"; touch pwned; "',
        ">pwned",
        "a|touch pwned",
        "a&touch pwned&",
        "two\nlines\ntouch pwned",
        "it's.csv",
        "Область, 2014 \\ (ә).csv",
        "#not a comment",
        "--help",
        "a=b",
        "%",
    ],
)
@pytest.mark.parametrize("name", ["TABLE", "NAME", "K"])
def test_a_parameter_is_data(make: Call, tmp_path: Path, name: str, value: str) -> None:
    done = make(f"{name}={value}", f"TABEL={value}")
    assert done.returncode == 0, done.stderr
    received = json.loads(done.stdout)
    wanted = value.replace("\n", " ")
    # a doubled dollar is make's own way to write one
    assert sorted(received) == sorted([f"{name}={wanted}", f"TABEL={wanted}"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Makefile", "data", "run.py"]


def test_a_word_is_handed_over_and_the_environment_is_not(make: Call) -> None:
    assert json.loads(make("test", YEAR="2014", TABLE="$(shell touch pwned)").stdout) == ["test"]
    assert json.loads(make("data").stdout) == ["data"], "also where a folder has its name"
    assert json.loads(make(YEAR="2014").stdout) == []
    assert json.loads(make("tets").stdout) == ["tets"]


def test_the_makefile_is_a_front_door() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60 and "python -m" not in text
