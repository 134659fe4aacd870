"""run.py as a module in an empty project, and what it says when it refuses."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from kzclusters import paths

ROOT = paths.ROOT


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


def environment_in(folder: Path, door: ModuleType) -> None:
    """An environment made of the packages of this one, marked as complete."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True
    )
    packages = Path(door.site_packages(str(folder / ".venv")))
    (packages / "these.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    locks = [path.name for path in folder.glob("requirements*.lock")]
    door.mark(str(folder / ".venv"), locks, sys.version_info[:3])
