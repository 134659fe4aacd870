"""A release: one command sets the version everywhere, commits and tags, or leaves all as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import release  # noqa: E402

CHANGES = "# Changelog\n\n## Unreleased\n\n- A change.\n\n## 0.1.0 (2026-11-23)\n\n- The first.\n"
FILES = {
    "CITATION.cff": 'cff-version: 1.2.0\nversion: 0.1.0\ndate-released: "2026-11-23"\n',
    **dict.fromkeys(release.CODE, '"""A package."""\n\n__version__ = "0.1.0"\n'),
    **dict.fromkeys(release.CHANGES, CHANGES),
}


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "A tester")
    git(tmp_path, "config", "user.email", "tester@example.org")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "All")
    return tmp_path


def call(root: Path, version: str) -> int:
    return release.main([version, "--date", "2027-01-31", "--root", str(root), "--no-build"])


def test_a_release_sets_versions_citation_and_changelogs_and_tags(repository: Path) -> None:
    assert call(repository, "0.2.0") == 0
    for name in release.CODE:
        assert '__version__ = "0.2.0"' in (repository / name).read_text(encoding="utf-8")
    cited = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert cited == 'cff-version: 1.2.0\nversion: 0.2.0\ndate-released: "2027-01-31"\n'
    for name in release.CHANGES:
        text = (repository / name).read_text(encoding="utf-8")
        assert "## Unreleased\n\n## 0.2.0 (2027-01-31)\n\n- A change.\n\n## 0.1.0" in text
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "describe") == "v0.2.0"


@pytest.mark.parametrize("version", ["0.1.0", "0.0.9", "0.2", "v0.2.0"])
def test_a_version_that_is_not_newer_is_refused(repository: Path, version: str) -> None:
    before = git(repository, "rev-parse", "HEAD")
    assert call(repository, version) == 1
    assert git(repository, "rev-parse", "HEAD") == before
    assert git(repository, "status", "--porcelain") == ""


def test_a_release_without_entries_in_the_changelog_is_refused(repository: Path) -> None:
    path = repository / release.CHANGES[1]
    path.write_text(CHANGES.replace("- A change.\n\n", ""), encoding="utf-8")
    git(repository, "commit", "--all", "--quiet", "--message", "Empty")
    assert call(repository, "0.2.0") == 1
    assert git(repository, "status", "--porcelain") == ""


def test_a_release_with_uncommitted_changes_is_refused(repository: Path) -> None:
    (repository / "new.txt").write_text("not committed", encoding="utf-8")
    assert call(repository, "0.2.0") == 1
    assert git(repository, "tag") == ""


def test_a_release_that_cannot_be_built_changes_nothing(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["0.2.0", "--root", str(repository)]) == 1  # there is no run.py
    assert "run.py all" in capfd.readouterr().err.splitlines()[-1]
    assert git(repository, "status", "--porcelain") == git(repository, "tag") == ""


def test_this_project_can_be_released() -> None:
    """The places that a release writes exist, and carry one version."""
    texts = release.new_texts(ROOT, "999.0.0", "2030-01-01")
    assert all("999.0.0" in text for text in texts.values())
