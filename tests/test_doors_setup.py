"""The front doors: the environment they set up, repair or leave alone."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path
from types import ModuleType

import door_cases
import pytest
from door_cases import ROOT, environment_in, refused

door = door_cases.door


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
