"""The checksums and the rebuild in a clone, on small repositories with a make of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.publish.metadata import checksums, verify

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of "abc", from the standard that defines it (FIPS 180-4)."""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with computed files, and others that are none."""
    root = tmp_path / "small"
    for name in (
        "data/processed/a b.csv",
        "data/raw/x.csv",
        "figures/f.svg",
        "figures/f.png",
        "figures/manifest.yml",
        "notebooks/1.ipynb",
        "notebooks/solutions/2.ipynb",
        "notebooks/.ipynb_checkpoints/1.ipynb",
        "data/processed/.a.csv.tmp",
        "README.md",
        "paper/paper.pdf",
        "paper/paper.md",
        "REPRODUCING.md",
        "ro-crate-metadata.json",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("abc", encoding="utf-8")
    return root


LISTED = [
    "README.md",
    "data/processed/a b.csv",
    "figures/f.png",
    "figures/f.svg",
    "notebooks/1.ipynb",
    "notebooks/solutions/2.ipynb",
    "paper/paper.pdf",
]


# --- checksums ------------------------------------------------------------------------------
def test_the_list_is_that_of_sha256sum(small: Path) -> None:
    assert checksums.main(["write", "--root", str(small)]) == 0
    content = (small / "checksums.sha256").read_text(encoding="utf-8")
    assert content == "".join(f"{ABC}  {name}\n" for name in LISTED)
    if shutil.which("sha256sum"):
        subprocess.run(
            ["sha256sum", "-c", "--strict", "--quiet", checksums.NAME], cwd=small, check=True
        )


def test_check_names_what_differs_is_missing_and_is_new(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checksums.main(["write", "--root", str(small)])
    assert checksums.main(["check", "--root", str(small)]) == 0
    (small / "figures/f.svg").write_text("abd", encoding="utf-8")
    (small / "README.md").unlink()
    (small / "data/processed/z.csv").write_text("abc", encoding="utf-8")
    (small / "data/raw/x.csv").write_text("raw files are sealed elsewhere", encoding="utf-8")
    capsys.readouterr()
    assert checksums.main(["check", "--root", str(small)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "missing: README.md",
        "new: data/processed/z.csv",
        "differs: figures/f.svg",
    ]
    assert err == "error: 3 files are not as checksums.sha256 lists them\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{ABC} README.md\n", "line 1: not '<64 hex digits>  <path>'"),
        (f"{ABC}  a\n{ABC}  a\n", "line 2: a stands twice"),
        (None, "the file is missing; run `make`"),
    ],
)
def test_a_list_that_cannot_be_read_is_told(
    small: Path, content: str | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (small / checksums.NAME).write_text(content, encoding="utf-8")
    assert checksums.main(["check", "--root", str(small)]) == 1
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1


def test_an_empty_folder_has_nothing_to_list(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no computed file"):
        checksums.compute(tmp_path)


def test_a_second_write_leaves_the_list_alone(small: Path) -> None:
    checksums.main(["write", "--root", str(small)])
    before = (small / checksums.NAME).stat()
    checksums.main(["write", "--root", str(small)])
    after = (small / checksums.NAME).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


# --- the rebuild ----------------------------------------------------------------------------
MAKEFILE = """\
ifneq ($(YEAR)$(TABLE)$(MAKELEVEL)$(KZCLUSTERS_ROOT),0)
$(error led by the caller: $(YEAR) $(TABLE) $(MAKELEVEL) $(KZCLUSTERS_ROOT))
endif
all:
\t@mkdir -p data/processed build
\t@tr a-z A-Z < source.txt > data/processed/made.csv
\t@echo scratch > build/ignored
\t@echo progress
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
    """A committed repository that its make builds again exactly; temporary folders are watched."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    root = tmp_path / "a repository"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "source.txt").write_text("abc\n", encoding="utf-8")
    (root / ".gitignore").write_text("build/\n", encoding="utf-8")
    (root / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    make = {"cwd": root, "env": verify.environment(), "check": True, "capture_output": True}
    subprocess.run(["make"], **make)
    checksums.main(["write", "--root", str(root)])
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
        "\t@echo more > data/processed/more.csv\n"  # new, and not ignored
        "\t@echo changed > kept.md\n"  # not in the list of checksums, but committed
        "\t@rm gone.md\n"
    )
    (repository / "Makefile").write_text(MAKEFILE + lines, encoding="utf-8")
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


def test_a_failing_build_is_told(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "Makefile").write_text("all:\n\t@echo broken >&2; false\n", encoding="utf-8")
    commit(repository)
    assert verify.main(["--root", str(repository)]) == 1
    err = capfd.readouterr().err
    assert "broken" in err and "`make` failed in the clone" in err and "Traceback" not in err
    assert not left_over(repository)


def test_a_commit_without_the_list_is_told(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / checksums.NAME).unlink()
    commit(repository)
    assert verify.main(["--root", str(repository)]) == 1
    assert "holds no checksums.sha256" in capfd.readouterr().err


def test_a_folder_that_is_no_repository_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(["--root", str(tmp_path)]) == 1
    err = capfd.readouterr().err
    assert err.startswith("error: git status:") and "Traceback" not in err


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


def test_the_parameters_of_the_makefile_are_kept_from_the_clone() -> None:
    """A parameter of this project's make that the environment holds would change the study."""
    text = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    block = re.search(r"^overrides := (?:.*\\\n)*.*$", text, re.MULTILINE)
    assert block
    named = set(re.findall(r"\$\(call given,(\w+)\)", block[0]))
    assert named
    assert not named & set(verify.environment(dict.fromkeys([*named, *os.environ], "x")))
