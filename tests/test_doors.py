"""The front doors, run.py and make: what they understand, refuse, set up and build."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from checkout import listed
from hclustkit.files import sha256

from kzclusters import paths, pipeline
from kzclusters.publish.metadata import verify

ROOT = paths.ROOT
Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module, in an empty project."""
    specification = importlib.util.spec_from_file_location("door", ROOT / "run.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "MARK", str(tmp_path / ".venv" / ".complete"))
    shutil.copy(ROOT / "study.yml", tmp_path)
    (tmp_path / "requirements.lock").write_text("a==1\n")
    return module


def refused(call: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on the error stream of a refusal."""
    with pytest.raises(SystemExit) as caught:
        call()
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    return said


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


# --- set-up ------------------------------------------------------------------------------------
def test_a_python_that_is_named_is_never_passed_over(
    door: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no Python starts" in refused(lambda: door.interpreter("/no/such"), capsys)
    # a placeholder without a Python behind it, as pyenv and the shop of Windows have
    for name, said in (("silent", "exit 1"), ("talking", "echo 'no | such | thing'")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{said}\n")
        (tmp_path / name).chmod(0o755)
        there = str(tmp_path / name)
        assert "no Python starts" in refused(lambda there=there: door.interpreter(there), capsys)
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\necho '3|8|10|/usr/bin/python3.8'\n")
    old.chmod(0o755)
    assert "3.8.10" in refused(lambda: door.interpreter(str(old)), capsys)
    found, version = door.interpreter(sys.executable)
    assert version == sys.version_info[:3] and Path(found).exists()


def test_no_python_is_one_line(
    door: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "version_of", lambda _: (None, None))
    assert "3.11 to 3.13" in refused(lambda: door.interpreter(None), capsys)


def test_an_old_python_can_read_the_door() -> None:
    """Python 3.6 is what `python3` starts on many servers, also where a newer one is installed."""
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = {word.arg for call in calls for word in call.keywords}
    assert not given & {"capture_output", "text", "dirs_exist_ok", "missing_ok"}


def environment_in(folder: Path, door: ModuleType) -> None:
    """An environment made of the packages of this one, marked as complete."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True
    )
    packages = Path(door.site_packages(str(folder / ".venv")))
    (packages / "these.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    locks = [path.name for path in folder.glob("requirements*.lock")]
    door.mark(str(folder / ".venv"), locks, sys.version_info[:3])


@pytest.fixture
def installing(door: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the set-up would execute; nothing is."""
    done: list[list[str]] = []
    monkeypatch.setattr(door, "execute", done.append)
    monkeypatch.setattr(door, "uv", lambda: None)
    monkeypatch.delenv("PYTHON", raising=False)
    return done


def test_a_complete_environment_is_left_alone(
    door: ModuleType, tmp_path: Path, installing: list[list[str]]
) -> None:
    environment_in(tmp_path, door)
    assert door.prepare((), None) == door.python_of(str(tmp_path / ".venv"))
    assert installing == []
    assert door.prepare((), sys.executable) and installing == [], "the same Python, named"


def test_what_is_missing_is_installed(
    door: ModuleType, tmp_path: Path, installing: list[list[str]]
) -> None:
    environment_in(tmp_path, door)
    (tmp_path / "requirements-checks.lock").write_text("b==1\n")
    door.prepare(("checks",), None)
    assert len(installing) == 2 and "--require-hashes" in installing[0]
    assert str(tmp_path / "requirements-checks.lock") in installing[0]
    assert door.noted()["locks"].keys() == {"requirements.lock", "requirements-checks.lock"}
    installing.clear()
    door.prepare((), None)
    assert installing == []
    (tmp_path / "requirements.lock").write_text("a==2\n")
    door.prepare((), None)
    assert len(installing) == 2, "a changed lock is installed, with what was there"


@pytest.mark.parametrize("what", ["package", "mark", "python"])
def test_damage_is_repaired(
    door: ModuleType,
    tmp_path: Path,
    installing: list[list[str]],
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment_in(tmp_path, door)
    packages = Path(door.site_packages(str(tmp_path / ".venv")))
    (packages / "tool").mkdir()
    (packages / "tool" / "__init__.py").touch()
    (packages / "tool-1.dist-info").mkdir()
    (packages / "tool-1.dist-info" / "RECORD").write_text("tool/__init__.py,,\n../bin/x,,\n")
    door.mark(str(tmp_path / ".venv"), ["requirements.lock"], sys.version_info[:3])
    assert door.prepare((), None) and installing == []
    if what == "package":
        shutil.rmtree(packages / "tool")
    elif what == "mark":
        (tmp_path / ".venv" / ".complete").write_text("{ cut")
    else:
        Path(door.python_of(str(tmp_path / ".venv"))).unlink()
        monkeypatch.setattr(door, "mark", lambda *_: None)
    door.prepare((), None)
    assert len(installing) == (3 if what == "python" else 2)
    assert (packages / "tool-1.dist-info").exists() == (what == "mark")


@pytest.mark.parametrize(
    ("what", "commands"),
    [
        ("{}", 2),
        ('{"packages": {}, "python": "3.11.7"}', 2),
        ('{"packages": {}, "locks": ["x"], "python": "3.11.7"}', 2),
        ('{"packages": {"tool": 3}, "locks": {}, "python": "3.11.7"}', 2),
        ("folder", 2),
        ("lib", 3),
        ("file", 3),
        ("link", 3),
        ("foreign", 0),
    ],
)
def test_an_odd_environment_is_completed_or_made_anew(
    door: ModuleType,
    tmp_path: Path,
    installing: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    commands: int,
) -> None:
    environment_in(tmp_path, door)
    venv, mark = tmp_path / ".venv", tmp_path / ".venv" / ".complete"
    Path(door.site_packages(str(venv))).mkdir(exist_ok=True)
    door.mark(str(venv), ["requirements.lock"], sys.version_info[:3])
    monkeypatch.setattr(door, "mark", lambda *_: None)
    if what == "folder":
        mark.unlink()
        mark.mkdir()
    elif what == "lib":
        shutil.rmtree(door.site_packages(str(venv)))
    elif what in ("file", "link"):
        shutil.rmtree(venv)
        venv.write_text("x") if what == "file" else venv.symlink_to(tmp_path / "gone")
    elif what == "foreign":
        (venv / "lib" / "python3.99").mkdir(parents=True)
    else:
        mark.write_text(what)
    door.prepare((), None)
    assert len(installing) == commands
    assert not mark.is_dir() and not venv.is_symlink()


def test_another_python_makes_the_environment_again(
    door: ModuleType,
    tmp_path: Path,
    installing: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment_in(tmp_path, door)
    monkeypatch.setattr(door, "interpreter", lambda _: ("/opt/python", (3, 13, 9)))
    monkeypatch.setattr(door, "mark", lambda *_: None)
    door.prepare((), "/opt/python")
    assert installing[0] == ["/opt/python", "-m", "venv", str(tmp_path / ".venv")]
    assert "3.13.9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("ERROR: No matching distribution found for accessible-pygments==0.0.5", "registry"),
        ("WARNING: NewConnectionError: ...\nERROR: failed", "registry"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "HASHES"),
    ],
)
def test_a_failing_set_up_is_one_line(
    door: ModuleType, said: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", f"print({said!r}); raise SystemExit(1)"]
    assert hint in refused(lambda: door.execute(command), capsys)


def test_what_the_environment_names_leads_to_no_other_checkout(
    door: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = ("PYTHONHOME", "PYTHONINSPECT", "PYTHONOPTIMIZE", "PYTHONSTARTUP", "PYTHONWARNINGS")
    for name in ("KZCLUSTERS_ROOT", "KZCLUSTERS_OUTPUT", "VIRTUAL_ENV", *lost):
        monkeypatch.setenv(name, "/elsewhere")
    assert "/elsewhere" not in door.environment().values()


# --- both doors --------------------------------------------------------------------------------
def copied(target: Path) -> Path:
    """A fresh checkout of the files of this one, with their outputs in place."""
    for name in listed():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    specification = importlib.util.spec_from_file_location("door", ROOT / "run.py")
    door = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(door)
    door.ROOT = str(target)
    environment_in(target, door)
    return target


def hashes(root: Path, names: list[str]) -> dict[str, str | None]:
    return {name: sha256(root / name) if (root / name).is_file() else None for name in names}


def through(command: list[str], root: Path, *words: str) -> str:
    done = subprocess.run(
        [*command, *words], cwd=root, env=verify.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


DOORS = {"make": ["make"], "run.py": [sys.executable, "run.py"]}


@pytest.mark.slow
def test_the_same_comes_through_both_doors(tmp_path: Path) -> None:
    """The short form: one notebook, whose outputs are in place and which is executed all the same.

    What one door has made is nothing to do for the other, which then repairs the damage of a step
    that takes less long.
    """
    step = pipeline.notebooks()["01_indicators"]
    second = DOORS["run.py"]
    first = DOORS["make"] if shutil.which("make") else second
    root = copied(tmp_path / "study")
    wanted = hashes(ROOT, [*step.writes])
    assert f"{step.name}: " in through(first, root, step.name), "a fresh clone computes"
    assert hashes(root, [*step.writes]) == wanted
    assert "Nothing to be done" in through(second, root, step.name)
    damaged = root / "build/raw.checked"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:1])
    said = through(second, root, step.name)
    assert "raw: " in said and f"{step.name}: " not in said, "damage is repaired, and no more"
    assert damaged.read_bytes() == whole


@pytest.mark.long(
    "both doors", "the baseline through make and through run.py, every hash", only=True
)
def test_the_baseline_comes_through_both_doors(tmp_path: Path, record_property) -> None:
    names = [*pipeline.tracked_files(), *pipeline.RECORDS]
    for name, command in DOORS.items():
        root = copied(tmp_path / name)
        said = through(command, root)
        for notebook in pipeline.notebooks():
            assert f"{notebook}: " in said, "a clone with its outputs in place executes it"
        assert hashes(root, names) == hashes(ROOT, names)
        assert "Nothing to be done" in through(command, root)
    record_property("result", f"2 builds, {len(names)} files, 0 differ")


RUNS = {
    "few": ["YEAR=2010", "K=2", "LINKAGE=single"],
    "many": ["YEAR=2015", "K=15", "SCALING=range"],
    "narrow": ["INDICATORS=P2,P3,P4", "K=4", "LINKAGE=centroid"],
    "odd": ["LINKAGE=median", "SCALING=log-zscore", "K=12"],
    "old": ["YEAR=2011", "K=3", "LINKAGE=average", "SCALING=range"],
    "ranks": ["YEAR=2014", "K=6", "SCALING=rank", "LINKAGE=weighted"],
}
"""Runs with other parameters, by name."""


@pytest.mark.long("other runs", "whole runs with other parameters end well", only=True)
@pytest.mark.parametrize("name", RUNS)
def test_other_parameters_run_to_the_end(tmp_path: Path, name: str, record_property) -> None:
    root = copied(tmp_path / "study")
    through(DOORS["run.py"], root, *RUNS[name], f"NAME={name}")
    made = {path.name for path in (root / "runs" / name).rglob("*") if path.is_file()}
    assert {Path(file).name for file in pipeline.OUTPUTS} <= made
    record_property("result", f"{' '.join(RUNS[name])}: {len(made)} files")


KILLS, BETWEEN = 50, 5
"""How often a build is killed, and after how many kills one is left to finish."""
LATEST = float(os.environ.get("LATEST_KILL", "45"))
"""Within how many seconds of its beginning a build is killed: as long as a long step takes."""
WRITTEN_IN_PART = (".ipynb", ".md")
"""Outputs that are sources too: what a person wrote in them cannot be made again."""


@pytest.mark.long("kills", "builds killed at random moments, then completed", only=True)
def test_a_killed_build_is_completed(tmp_path: Path, record_property) -> None:
    """Before each, a step lost its outputs, or one of them was cut short. No kill leaves a file
    half written, and the next build completes what is left.
    """
    root = copied(tmp_path / "clone")
    names = [*pipeline.tracked_files(), *pipeline.RECORDS]
    wanted = hashes(ROOT, names)
    through(DOORS["run.py"], root)
    assert hashes(root, names) == wanted
    outputs = {
        step.name: [n for n in step.writes if n in names and not n.endswith(WRITTEN_IN_PART)]
        for step in pipeline.steps().values()
    }
    draw = random.Random(12)
    struck, cut = 0, set[str]()
    for turn in range(KILLS):
        files = outputs[draw.choice([step for step, made in outputs.items() if made])]
        if turn % 2:
            for name in files:
                (root / name).unlink(missing_ok=True)
        else:
            cut.add(name := draw.choice(files))
            (root / name).write_bytes((ROOT / name).read_bytes()[:-20])
        begun = subprocess.Popen(
            DOORS["run.py"], cwd=root, env=verify.environment(), start_new_session=True
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            begun.wait(draw.uniform(0.5, LATEST))
        struck += begun.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(begun.pid, signal.SIGKILL)
        begun.wait()
        there = [name for name in names if (root / name).exists() and name not in cut]
        assert hashes(root, there) == {name: wanted[name] for name in there}, f"kill {turn + 1}"
        if turn % BETWEEN == BETWEEN - 1:
            through(DOORS["run.py"], root)
            assert hashes(root, names) == wanted
            assert not [path for path in root.rglob("*.tmp") if ".venv" not in path.parts]
            cut.clear()
    record_property("result", f"{KILLS} builds, {struck} of them killed: every file right after it")
