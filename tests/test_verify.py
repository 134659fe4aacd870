"""The checksums and the rebuild in a clone, on small repositories with a door of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hclustkit.errors import InputError
from hclustkit.files import read_csv

from kzclusters.publish.metadata import checksums, verify

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of "abc", from the standard that defines it (FIPS 180-4)."""


# --- checksums ------------------------------------------------------------------------------
@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with two listed files."""
    for name in ("data/processed/a b.csv", "figures/f.svg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("abc", encoding="utf-8")
    return tmp_path


NAMES = ["figures/f.svg", "data/processed/a b.csv", "gone.csv"]


def test_the_list_is_that_of_sha256sum(small: Path) -> None:
    content = checksums.text(checksums.compute(NAMES, small))
    assert content == f"{ABC}  data/processed/a b.csv\n{ABC}  figures/f.svg\n"
    assert checksums.parse(content) == dict.fromkeys(NAMES[:2], ABC)
    (small / checksums.NAME).write_text(content, encoding="utf-8")
    if shutil.which("sha256sum"):
        command = ["sha256sum", "-c", "--strict", "--quiet", checksums.NAME]
        subprocess.run(command, cwd=small, check=True)


def test_what_differs_is_missing_and_is_new_is_named(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = {"data/processed/a b.csv": ABC, "figures/f.svg": ABC, "gone.csv": ABC}
    (small / "figures/f.svg").write_text("abd", encoding="utf-8")
    (small / "z.csv").write_text("abc", encoding="utf-8")
    found = checksums.compute([*NAMES, "z.csv"], small)
    assert checksums.report(checksums.compare(listed, found), "as listed") == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["differs: figures/f.svg", "missing: gone.csv", "new: z.csv"]
    assert err == "error: 3 files are not as listed\n"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (f"{ABC} README.md\n", "checksum-line"),
        (f"{ABC}  a\n{ABC}  a\n", "duplicate"),
        (None, "missing-file"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(small: Path, content: str | None, rule: str) -> None:
    if content is not None:
        (small / checksums.NAME).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        checksums.read(small)
    assert caught.value.rule == rule and checksums.NAME in caught.value.place


# --- the rebuild ----------------------------------------------------------------------------
DOOR = """\
import os, pathlib
for name in ("YEAR", "MAKELEVEL", "KZCLUSTERS_ROOT", "OPENBLAS_CORETYPE"):
    if name in os.environ and name != "YEAR":
        raise SystemExit(f"led by the caller: {name}")
pathlib.Path("data/processed").mkdir(parents=True, exist_ok=True)
pathlib.Path("build").mkdir(exist_ok=True)
text = pathlib.Path("source.txt").read_text().upper()
pathlib.Path("data/processed/made.csv").write_text(text)
pathlib.Path("build/ignored").write_text("scratch")
print("progress", flush=True)
"""


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [
            "git",
            "-c",
            "user.name=A Tester",
            "-c",
            "user.email=tester@example.org",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=/dev/null",
            *arguments,
        ],
        cwd=folder,
        env=verify.environment(),
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed repository that its door builds again exactly; temporary folders are watched."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    root = tmp_path / "a repository"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "source.txt").write_text("abc\n", encoding="utf-8")
    (root / ".gitignore").write_text("build/\n", encoding="utf-8")
    (root / "run.py").write_text(DOOR, encoding="utf-8")
    build = {"cwd": root, "env": verify.environment(), "check": True, "capture_output": True}
    subprocess.run([sys.executable, "run.py"], **build)
    made = checksums.compute(["data/processed/made.csv"], root)
    (root / checksums.NAME).write_text(checksums.text(made), encoding="utf-8")
    commit(root)
    return root


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "state")


def left_over(root: Path) -> list[Path]:
    return list((root.parent / "temporary").iterdir())


def test_a_reproducible_commit_passes(
    repository: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # what a surrounding `make YEAR=2014 verify` or a git hook would hand down
    for name, value in {
        "YEAR": "2014",
        "TABLE": "mine.csv",
        "MAKELEVEL": "1",
        "OPENBLAS_CORETYPE": "Haswell",
        "MAKEFLAGS": "n -- YEAR=2014",
        "KZCLUSTERS_ROOT": "/nowhere",
        "GIT_DIR": "/nowhere/.git",
    }.items():
        monkeypatch.setenv(name, value)
    assert verify.main(["--root", str(repository)]) == 0
    out, err = capfd.readouterr()
    assert "progress" in out and "byte for byte as committed" in out and not err
    assert not left_over(repository)


def test_every_difference_is_named(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = (
        "pathlib.Path('data/processed/more.csv').write_text('more')\n"  # new, and not ignored
        "pathlib.Path('kept.md').write_text('changed')\n"  # not in the list, but committed
        "pathlib.Path('gone.md').unlink()\n"
    )
    (repository / "run.py").write_text(DOOR + lines, encoding="utf-8")
    for name in ("kept.md", "gone.md"):
        (repository / name).write_text("as committed\n", encoding="utf-8")
    (repository / "source.txt").write_text("abd\n", encoding="utf-8")  # its output was not rebuilt
    commit(repository)
    assert verify.main(["--root", str(repository)]) == 1
    out, err = capfd.readouterr()
    assert re.findall(r"^(?:differs|new|missing): .*$", out, re.MULTILINE) == [
        "differs: data/processed/made.csv",
        "new: data/processed/more.csv",
        "missing: gone.md",
        "differs: kept.md",
    ]
    assert err == "error: 4 files are not as committed\n"
    assert not left_over(repository)


def test_a_stale_list_is_seen(repository: Path) -> None:
    """The committed output is rebuilt, but the committed list says something else."""
    (repository / checksums.NAME).write_text(f"{ABC}  data/processed/made.csv\n", encoding="utf-8")
    commit(repository)
    assert [str(d) for d in verify.verify(repository)] == ["differs: data/processed/made.csv"]


def test_only_the_commit_counts(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "source.txt").write_text("not committed\n", encoding="utf-8")
    assert verify.main(["--root", str(repository)]) == 0
    assert "1 uncommitted changes are not, such as source.txt" in capfd.readouterr().out


def test_a_failing_build_is_reported(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "run.py").write_text("raise SystemExit('broken')\n", encoding="utf-8")
    commit(repository)
    assert verify.main(["--root", str(repository)]) == 1
    err = capfd.readouterr().err
    assert "broken" in err and "failed in the clone" in err and "Traceback" not in err
    assert not left_over(repository)


def test_a_commit_without_the_list_is_reported(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / checksums.NAME).unlink()
    commit(repository)
    assert verify.main(["--root", str(repository)]) == 1
    assert "checksums.sha256" in capfd.readouterr().err


def test_a_folder_that_is_not_a_repository_is_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(["--root", str(tmp_path)]) == 1
    err = capfd.readouterr().err
    assert err.startswith("error: this copy has no git history") and "sha256sum -c" in err


def test_an_archive_within_another_repository_is_reported(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The commit of the surrounding repository is not the project's."""
    (repository / "unpacked").mkdir()
    assert verify.main(["--root", str(repository / "unpacked")]) == 1
    out, err = capfd.readouterr()
    assert err.startswith("error: this copy has no git history") and not out


def test_the_checkout_is_left_alone(repository: Path) -> None:
    def state() -> dict[str, tuple[int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.read_bytes())
            for path in repository.rglob("*")
            if path.is_file() and ".git" not in path.parts
        }

    before = state()
    verify.verify(repository)
    assert state() == before


def test_the_matrix_names_the_files_that_differ(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The door of this repository writes another digit on one kernel."""
    door = DOOR.replace(', "OPENBLAS_CORETYPE"', "").replace(
        ".upper()", ".upper() + ('x' if os.environ.get('OPENBLAS_CORETYPE') == 'Haswell' else '')"
    )
    (repository / "run.py").write_text(door, encoding="utf-8")
    commit(repository)
    monkeypatch.setattr(verify, "PYTHONS", (sys.executable,))
    assert verify.matrix(repository) == 1
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("Python")]
    assert len(lines) == len(verify.KERNELS)
    for line in lines:
        expected = "differs: data/processed/made.csv" if ", Haswell" in line else "the same bytes"
        assert line.endswith(expected)
    kept = read_csv(repository / verify.MACHINES, dtype=str)
    assert list(kept["kernel"]) == sorted(verify.KERNELS)
    assert set(kept.loc[kept["kernel"] != "Haswell", "outcome"]) == {verify.SAME}
    seen = kept.loc[kept["kernel"] == "Haswell"].iloc[0].to_dict()
    assert seen["outcome"] == "differs: data/processed/made.csv"
    verify.record(repository, seen | {"outcome": verify.SAME})
    again = read_csv(repository / verify.MACHINES, dtype=str)
    assert len(again) == len(kept) and set(again["outcome"]) == {verify.SAME}
