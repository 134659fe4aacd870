"""Build the committed state again in a fresh clone, and name every file that comes out different.

``python -m kzclusters.publish.metadata.verify`` (``make verify``) clones HEAD into a new temporary folder, runs
``make`` there, which sets up an environment of its own, and compares the outcome with the
committed ``checksums.sha256`` and with the commit itself. The folder is removed afterwards, also
after a failure or an interruption.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.command import command
from kzclusters.publish.metadata import checksums
from kzclusters.publish.metadata.checksums import Difference

# What would lead git, make or Python back to the checkout that this was started from.
_LEADING_PREFIXES = ("GIT_", "KZCLUSTERS_", "MAKE", "PYTHON")
_LEADING_NAMES = frozenset({"MFLAGS", "GNUMAKEFLAGS", "VIRTUAL_ENV", "VENV"})
# Parameters of the Makefile, which make also takes from the environment.
_PARAMETERS = frozenset(
    {"YEAR", "SCALING", "LINKAGE", "K", "INDICATORS", "NOISE_DRAWS", "TABLE", "NAME"}
)


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """``given`` (the environment) without what would change the build or lead back here."""
    given = os.environ if given is None else given
    return {
        name: value
        for name, value in given.items()
        if not name.startswith(_LEADING_PREFIXES)
        and name not in _LEADING_NAMES | _PARAMETERS
        or name == "PYTHON"  # which interpreter to set up with: tools/environment reads it
    }


def _git(folder: Path, *arguments: str) -> str:
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
        raise InputError("git was not found; it is needed to clone the commit") from None
    except subprocess.CalledProcessError as error:
        raise InputError(f"git {arguments[0]}: {error.stderr.strip()}") from None
    return done.stdout


_STATUS = {"??": "new", " D": "missing", "D ": "missing"}


def against_commit(folder: Path) -> list[Difference]:
    """Files of a checkout that are not as committed, by ``git status``; ignored ones excepted."""
    # -z: names as they are, one entry each; nothing is staged here, so nothing is renamed
    entries = _git(folder, "status", "--porcelain", "-z").split("\0")
    return [Difference(line[3:], _STATUS.get(line[:2], "differs")) for line in entries if line]


def verify(root: Path, command: Iterable[str] = ("make",)) -> list[Difference]:
    """Clone HEAD of ``root``, build it there, and compare.

    Parameters
    ----------
    root : a git checkout
    command : what builds it; its output goes to the terminal

    Returns
    -------
    list of Difference, sorted by path; empty when everything is as committed.

    Raises
    ------
    InputError
        No git, no commit, no committed list of checksums, or the build failed.
    """
    command = list(command)
    with tempfile.TemporaryDirectory(prefix="kzclusters-verify-") as folder:
        clone = Path(folder) / "clone"
        _git(root, "clone", "--quiet", "--no-hardlinks", str(root), str(clone))
        commit = _git(clone, "rev-parse", "--short", "HEAD").strip()
        if not (clone / checksums.NAME).is_file():
            raise InputError(f"commit {commit} holds no {checksums.NAME}; run `make` and commit it")
        listed = checksums.read(clone)  # before the build, which writes it anew
        print(f"building commit {commit} in {clone}", flush=True)
        try:
            done = subprocess.run(command, cwd=clone, env=environment())
        except FileNotFoundError:
            raise InputError(f"{command[0]} was not found") from None
        if done.returncode:
            raise InputError(
                f"`{' '.join(command)}` failed in the clone of {commit} with exit code "
                f"{done.returncode}; its messages stand above"
            )
        found = {*checksums.compare(listed, checksums.compute(clone)), *against_commit(clone)}
    return sorted(found, key=lambda difference: (difference.path, difference.what))


@command
def main(arguments: list[str] | None = None) -> int:
    """Verify this checkout; 1 when anything differs or cannot be built."""
    parser = argparse.ArgumentParser(
        prog="kzclusters.publish.metadata.verify", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--root", type=Path, default=None, help="another checkout than this one")
    given = parser.parse_args(arguments)
    root = (given.root or paths.ROOT).resolve()
    pending = against_commit(root)
    if pending:
        print(
            f"note: the last commit is verified; {len(pending)} uncommitted changes are not, "
            f"such as {pending[0].path}",
            flush=True,
        )
    if checksums.tell(verify(root), "as committed"):
        return 1
    print("everything was built again, byte for byte as committed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
