"""The front doors: whole builds through both of them, and builds that are killed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import listed
from door_cases import ROOT, environment_in
from hclustkit.files import sha256

from kzclusters import pipeline
from kzclusters.publish.metadata import verify


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
