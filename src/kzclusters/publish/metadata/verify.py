"""Build the committed state again in a fresh clone, and name every file that comes out different.

``make verify`` clones HEAD into a new temporary folder, builds it there through the front door,
which sets up an environment of its own, and compares the outcome with the committed
``checksums.sha256`` and with the commit itself. ``make matrix`` does so for every Python that is
found and every kernel of the linear algebra, and keeps what it saw in ``docs/machines.csv``. The
folders are removed afterwards, also after a failure or an interruption.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from hclustkit.errors import InputError, refusal
from hclustkit.files import read_csv, write_csv

from kzclusters import paths
from kzclusters.command import command
from kzclusters.publish.metadata import checksums
from kzclusters.publish.metadata.checksums import Difference

# What would lead git, make or Python back to the checkout that this was started from.
_LEADING_PREFIXES = ("GIT_", "KZCLUSTERS_", "MAKE", "PYTHON", "OPENBLAS_", "OMP_", "NUMBA_", "MPL")
_LEADING_NAMES = frozenset({"MFLAGS", "GNUMAKEFLAGS", "VIRTUAL_ENV", "IPYTHONDIR"})

PYTHONS = ("python3.11", "python3.12", "python3.13")
MACHINES = "docs/machines.csv"
LIKE = ("system", "processor", "python", "kernel")
SAME = "the same bytes"
KERNELS: Mapping[str, Mapping[str, str]] = {
    "as it is": {},
    "Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    "numpy without AVX": {
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "AVX512_ICL X86_V4 X86_V3",
    },
}
"""Settings of the linear algebra on x86-64, by name."""


def environment() -> dict[str, str]:
    """Return the environment without what would change the build or lead back here."""
    return {
        name: value
        for name, value in os.environ.items()
        if (not name.startswith(_LEADING_PREFIXES) and name not in _LEADING_NAMES)
        or name == "PYTHON"  # which interpreter to set up with
    }


def _git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return what it prints."""
    # Settings of the user must not change what a checkout or a status is.
    settings = (
        "core.autocrlf=false",
        "core.excludesFile=/dev/null",
        "status.showUntrackedFiles=all",
        "advice.detachedHead=false",
    )
    command = ["git", *(word for each in settings for word in ("-c", each)), *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment(), check=True, capture_output=True, text=True
        )
    except FileNotFoundError:
        text = "git was not found; it is needed to clone the commit"
        raise refusal(text, "git", "not-found") from None
    except subprocess.CalledProcessError as error:
        raise refusal(f"git {arguments[0]}: {error.stderr.strip()}", "git", "git-failed") from None
    return done.stdout


_STATUS = {"??": "new", " D": "missing", "D ": "missing"}


def against_commit(folder: Path) -> list[Difference]:
    """Return the files that are not as committed, by ``git status``; ignored ones excepted."""
    # -z: names as they are, one entry each; nothing is staged here, so nothing is renamed
    entries = _git(folder, "status", "--porcelain", "-z").split("\0")
    return [Difference(line[3:], _STATUS.get(line[:2], "differs")) for line in entries if line]


@contextmanager
def clone(root: Path) -> Iterator[tuple[Path, str]]:
    """Clone HEAD of ``root`` into a temporary folder; yield it and the commit."""
    with tempfile.TemporaryDirectory(prefix="kzclusters-verify-") as folder:
        found = Path(folder) / "clone"
        _git(root, "clone", "--quiet", "--no-hardlinks", str(root), str(found))
        yield found, _git(found, "rev-parse", "--short", "HEAD").strip()


def build(
    folder: Path, command: Sequence[str], extra: Mapping[str, str] | None = None
) -> list[Difference]:
    """Build a clone and compare the outcome with its commit.

    Returns
    -------
    list of Difference
        Sorted by path; empty when everything is as committed.

    Raises
    ------
    InputError
        The commit holds no list of checksums, or the build failed.
    """
    listed = checksums.read(folder)  # before the build, which writes it anew
    try:
        done = subprocess.run(command, cwd=folder, env=environment() | dict(extra or {}))
    except FileNotFoundError:
        raise refusal(f"{command[0]} was not found", command[0], "not-found") from None
    if done.returncode:
        text = (
            f"`{' '.join(command)}` failed in the clone with exit code {done.returncode}; "
            "its messages are above"
        )
        raise refusal(text, "build", "build-failed", done.returncode)
    found = {*checksums.compare(listed, checksums.compute(listed, folder)), *against_commit(folder)}
    return sorted(found, key=lambda difference: (difference.path, difference.what))


def verify(root: Path, command: Sequence[str] | None = None) -> list[Difference]:
    """Clone HEAD of ``root``, build it there with ``command``, and compare.

    Raises
    ------
    InputError
        No git, no commit, no committed list of checksums, or the build failed.
    """
    with clone(root) as (folder, commit):
        print(f"building commit {commit} in {folder}", flush=True)
        return build(folder, command or [sys.executable, "run.py", "all"])


def _cell(folder: Path, python: str, settings: Mapping[str, str]) -> str:
    """Build a clone for one cell of the matrix; say which files differ."""
    try:
        differences = build(folder, [python, "run.py", "all", f"PYTHON={python}"], settings)
    except InputError as error:
        return f"no build: {error.rule}"
    return ", ".join(map(str, differences)) or SAME


def record(root: Path, seen: Mapping[str, str]) -> None:
    """Keep what one build gave in the table of machines, in place of an earlier one like it."""
    path = root / MACHINES
    rows = read_csv(path, dtype=str).to_dict("records") if path.is_file() else []
    rows = [row for row in rows if any(row[part] != seen[part] for part in LIKE)]
    found = pd.DataFrame([*rows, dict(seen)], columns=[*LIKE, "commit", "outcome"])
    write_csv(path, found.sort_values(list(LIKE), kind="stable"))


def matrix(root: Path) -> int:
    """Build HEAD for each Python and each kernel; print and record what differs.

    Returns
    -------
    int
        In how many cells something differs or could not be built.
    """
    failed = 0
    pythons = [found for name in PYTHONS if (found := shutil.which(name))]
    for python in pythons or [sys.executable]:
        ask = [python, "-c", "import platform; print(platform.python_version())"]
        version = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
        with clone(root) as (folder, commit):
            for kernel, settings in KERNELS.items():
                _git(folder, "checkout", "--quiet", "--force", commit)
                _git(folder, "clean", "--quiet", "-d", "--force")
                shutil.rmtree(folder / "build", ignore_errors=True)
                outcome = _cell(folder, python, settings)
                print(f"Python {version}, {kernel}: {outcome}", flush=True)
                cell = (platform.system(), platform.machine(), version, kernel)
                at = dict(zip(LIKE, cell, strict=True))
                record(root, at | {"commit": commit, "outcome": outcome})
                if outcome != SAME:
                    failed += 1
    return failed


@command
def main(arguments: list[str] | None = None) -> int:
    """Verify this checkout; 1 when anything differs or cannot be built."""
    parser = argparse.ArgumentParser(prog="kzclusters.publish.metadata.verify", description=__doc__)
    parser.add_argument("--root", type=Path, default=paths.ROOT, help="another checkout")
    parser.add_argument("--matrix", action="store_true", help="for each Python and kernel")
    given = parser.parse_args(arguments)
    root = given.root.resolve()
    if not (root / ".git").exists():
        text = (
            "this copy has no git history, so no commit can be verified; `sha256sum -c "
            f"{checksums.NAME}` compares its files with the published hashes"
        )
        raise refusal(text, "git", "no-history")
    pending = against_commit(root)
    if pending:
        print(
            f"note: the last commit is verified; {len(pending)} uncommitted changes are not, "
            f"such as {pending[0].path}",
            flush=True,
        )
    if given.matrix:
        return 1 if matrix(root) else 0
    if checksums.report(verify(root), "as committed"):
        return 1
    print("everything was built again, byte for byte as committed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
