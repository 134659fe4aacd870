"""Release both distributions under one version: ``python tools/release.py 0.2.0``.

Sets the version and the date where they appear, builds the study and the distribution files, then
commits and tags. Nothing is published: the last lines say what to push and upload.
"""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ("src/kzclusters/__init__.py", "packages/hclustkit/src/hclustkit/__init__.py")
CHANGES = ("CHANGELOG.md", "packages/hclustkit/CHANGELOG.md")
UNRELEASED = "## Unreleased\n"


class Refusal(Exception):  # noqa: N818 - a decision, not a fault of the program
    """A reason not to release, in one sentence."""


def numbers(version: str) -> tuple[int, ...]:
    """Return ``(0, 2, 0)`` for ``"0.2.0"``."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise Refusal(f"{version!r} is not a version of three numbers, such as 0.2.0")
    return tuple(map(int, version.split(".")))


def replace_once(text: str, pattern: str, new: str, name: str) -> str:
    """Replace the only match of ``pattern``; refuse if there is none or more than one."""
    text, count = re.subn(pattern, new, text, flags=re.MULTILINE)
    if count != 1:
        raise Refusal(f"{name}: {count} places match {pattern!r} instead of one")
    return text


def new_texts(root: Path, version: str, date: str) -> dict[str, str]:
    """Return, by file, the texts that carry the new version.

    Raises
    ------
    Refusal
        The version is not newer, or a changelog has nothing under "Unreleased".
    """
    texts = {name: (root / name).read_text(encoding="utf-8") for name in (*CODE, *CHANGES)}
    for name in CODE:
        old = re.search(r'^__version__ = "(.*)"$', texts[name], re.MULTILINE)
        if old and numbers(old[1]) >= numbers(version):
            raise Refusal(f"{name}: {old[1]} is not older than {version}")
        line = f'__version__ = "{version}"'
        texts[name] = replace_once(texts[name], r'^__version__ = ".*"$', line, name)
    for name in CHANGES:
        entries = texts[name].partition(UNRELEASED)[2].partition("\n## ")[0]
        if not entries.strip():
            raise Refusal(f'{name}: nothing is written under "Unreleased"')
        heading = f"{UNRELEASED}\n## {version} ({date})\n"
        texts[name] = replace_once(texts[name], f"^{UNRELEASED}", heading, name)
    name = "CITATION.cff"
    cited = (root / name).read_text(encoding="utf-8")
    cited = replace_once(cited, r"^version: .*$", f"version: {version}", name)
    texts[name] = replace_once(cited, r"^date-released: .*$", f'date-released: "{date}"', name)
    return texts


def run(*command: str, root: Path) -> str:
    """Run a command at the root; its output without the last line break."""
    return subprocess.run(
        command, cwd=root, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def release(root: Path, version: str, date: str, *, build: bool) -> None:
    """Write the version, build, commit and tag; a refusal leaves what is tracked as it was."""
    tag = f"v{version}"
    if run("git", "status", "--porcelain", root=root):
        raise Refusal("there are changes that are not committed (git status lists them)")
    if run("git", "tag", "--list", tag, root=root):
        raise Refusal(f"the tag {tag} exists")
    for name, text in new_texts(root, version, date).items():
        (root / name).write_text(text, encoding="utf-8", newline="\n")
    try:
        if build:
            run(sys.executable, "run.py", "all", root=root)
            for folder in (".", "packages/hclustkit"):
                run(sys.executable, "-m", "build", "--outdir", "dist", folder, root=root)
    except subprocess.CalledProcessError as error:
        run("git", "checkout", "--quiet", "--", ".", root=root)
        raise Refusal(f"not built, and nothing is changed: {' '.join(error.cmd)}") from None
    run("git", "commit", "--all", "--quiet", "--message", f"Release {version}", root=root)
    run("git", "tag", "--annotate", tag, "--message", f"Version {version}", root=root)


def main(arguments: list[str] | None = None) -> int:
    """Release from the command line; 1 after a refusal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("version")
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--no-build", action="store_true", help="leave study and dist/ as they are")
    chosen = parser.parse_args(arguments)
    try:
        release(chosen.root, chosen.version, chosen.date, build=not chosen.no_build)
    except Refusal as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 1
    print(f"Released v{chosen.version} in this repository. To publish it:")
    print("  git push --follow-tags")
    print(f"  twine upload dist/*-{chosen.version}*   # the distributions, to PyPI")
    return 0


if __name__ == "__main__":
    sys.exit(main())
