"""The package of the method where it is installed alone, with the oldest versions allowed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from test_portable import interpreter

PACKAGE = Path(__file__).resolve().parents[1] / "packages/hclustkit"
OLDEST = PACKAGE / "oldest.txt"


def test_the_lower_bounds_are_the_oldest_versions() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["tables"], *extras["geo"], *extras["dask"]]
    bounds = {found.name: found.specifier for found in map(Requirement, wanted)}
    pinned = {found.name: found for found in map(Requirement, _lines())}
    assert set(bounds) <= set(pinned)
    for name, bound in bounds.items():
        (low,), (exact,) = bound, pinned[name].specifier
        assert low.operator == ">=" and Version(low.version) == Version(exact.version), name


def _lines() -> list[str]:
    return re.findall(r"^[^#\n].*$", OLDEST.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.long("oldest dependencies", "the tests of hclustkit, installed alone", only=True)
def test_its_tests_pass_on_the_oldest_versions(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Nothing but the package, its tests and the oldest versions is there."""
    subprocess.run([interpreter("3.11"), "-m", "venv", tmp_path / "empty"], check=True)
    own = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    shutil.copytree(PACKAGE, tmp_path / "package")
    alone = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    install += ["-r", OLDEST, f"{tmp_path / 'package'}[tests]"]
    if subprocess.run(install, check=False, env=alone).returncode:
        pytest.skip("the packages cannot be had here")
    shutil.rmtree(tmp_path / "package/src")
    command = [own, "-m", "pytest", "-q", "-m", "not slow and not long", "tests"]
    done = subprocess.run(
        command, cwd=tmp_path / "package", env=alone, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:]
    record_property("result", done.stdout.strip().splitlines()[-1].strip("= "))


@pytest.mark.long(
    "bounds of arrays", "the tests of hclustkit, every index of a loop checked", only=True
)
def test_no_compiled_loop_leaves_its_arrays(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Compiled loops do not look whether an index is inside; here they do."""
    checked = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    checked.pop("LONG_FORMS", None)
    command = [sys.executable, "-m", "pytest", "-q", PACKAGE / "tests", "-p", "no:xdist"]
    done = subprocess.run(command, env=checked, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    record_property("result", done.stdout.strip().splitlines()[-1].strip("= "))
