"""The word list: phrases that are grammatical, but that no copy editor would let pass.

Run it for a list by file, line and phrase: ``python tests/dialect.py [FILE OR FOLDER ...]``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from checkout import listed

ROOT = Path(__file__).resolve().parents[1]

PHRASES: dict[str, str] = {
    r"told(?! apart)": "reported, stated, named, described",
    r"tells an?(?! [a-z]+ from)": "reports",
    r"(stands?|stood)(?! (for|out|up|alone|apart|high))": "is, appears, is written, is listed",
    r"(?<!there )(?<!there_)(is|are|was|were) no(?! (longer|more|less|fewer|better|worse|other))":
        "is not a; there is no; has no",
    r"for want of": "because there is no, for lack of",
    r"(a|an|the) [a-z]+ of one's own": "your own",
    r"(is|are) a name of (its|their) own": "is different, is unique",
    r"(speaks?|spoke) (for|against)": "supports, contradicts, favours",
    r"(stays?|stayed|is|are) silent": "gives no vote, does not mention",
    r"(?<!, )so many(?! that)": "this number of, as many as, the number of",
    r"(what )?became of": "the outcome for, how ... is recovered",
    r"whole or not at all": "completely or not at all",
    r"from nothing": "from an empty folder, from scratch",
    r"how [a-z]+( and [a-z]+)? (is|are) called": "the names of",
    r"favou?rite number": "the number that ... recommends",
    r"companions than": "members of the same cluster",
    r"(where )?things lie": "where files are",
    r"lies there": "is there, exists",
    r"does? alike": "have in common",
    r"meant to read": "is shown",
    r"an? own": "its own",
    r"(once )?for all times": "for ever",
    r"(is|are) wanting": "is missing",
    r"nowhere else": "only there",
    r"(written|drawn|computed|taken|built|read|asked) anew": "again",
    r"at one height": "at the same height",
    r"by heart": "from memory",
    r"in so far as": "where, if",
    r"[0-9}] %(?!.?[0-9({])": "no space before the sign",
    r"(stays?|starts?|begins?|ends?) at nothing": "at zero",
    r"(is|are) called by": "is named by",
    r"consists? nearly": "consists almost entirely",
    r"(better|worse) [a-z]+ of both": "of the two",
    r"one as good as the other": "either",
    r"figures? of the press": "from the press",
    r"so besides": "so there are also",
    r"clustered anew": "clustered again",
    r"data lie in": "are in",
    r"beside it lies?": "beside it is, beside it are",
    r"takes? the place of lists": "replace lists",
    r"would join different [a-z]+ from": "would not join the same ... as",
    r"(these|those) pass: none": "none passes",
}  # fmt: skip
"""Phrases as regular expressions, where a blank also matches a line break or ``_``; and better."""

ALLOWED: tuple[tuple[str, str, str], ...] = ()
"""Exceptions: files (a glob), the words around the phrase, and why they are right there."""

SUFFIXES = {".py", ".md", ".yml", ".yaml", ".js", ".html", ".css", ".toml", ".ipynb", ".cff"}
NAMES = {"Makefile"}
SKIPPED = (
    "tests/dialect.py",
    "tests/test_dialect.py",
    "data/raw/*",  # evidence: words of the sources
    "packages/hclustkit/tests/reference/*",
    "*/vendor/*",
    "paper/*.html",
    "ro-crate-metadata.json",
)

_GAP = r"(?:[\s_#*`>|]|//)+"
_COMPILED = {
    phrase: re.compile(
        "(?<![A-Za-z])(?:" + re.sub(r"(?<!\\) (?!\))", lambda _: _GAP, phrase) + ")(?![A-Za-z])",
        re.IGNORECASE,
    )
    for phrase in PHRASES
}

_ANY = re.compile(
    "(?<![a-z])(?:"
    + "|".join(re.sub(r"(?<!\\) (?!\))", lambda _: _GAP, phrase) for phrase in PHRASES)
    + ")(?![a-z])"
)
"""Any of them, in lower case: most files have none, and are done with one search."""


@dataclass(frozen=True)
class Finding:
    """A phrase of the list in a file: its line, the words around it, and what to write."""

    file: str
    line: int
    words: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: ...{self.words}...  ({self.instead})"


def _blank(text: str) -> str:
    return re.sub(_GAP, " ", text)


def phrases(text: str, file: str = "") -> Iterator[Finding]:
    """Yield the phrases of the list in a text, with 30 characters on both sides."""
    if not _ANY.search(text.lower()):
        return
    for phrase, pattern in _COMPILED.items():
        for match in pattern.finditer(text):
            around = _blank(text[max(0, match.start() - 30) : match.end() + 30])
            line = text.count("\n", 0, match.start()) + 1
            yield Finding(file, line, around, PHRASES[phrase])


def _source(path: Path) -> str:
    """Return the text of a file as people write it: of a notebook the cells, not the outputs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


def files(root: Path = ROOT) -> tuple[Path, ...]:
    """List the files under version control, or about to be, that hold prose or code."""
    return tuple(
        root / name
        for name in sorted(set(listed("-co", "--exclude-standard", root=root)))
        if (Path(name).suffix in SUFFIXES or Path(name).name in NAMES)
        and not any(fnmatch(name, skipped) for skipped in SKIPPED)
        and (root / name).is_file()
    )


def allowed(finding: Finding) -> tuple[str, str, str] | None:
    """Return the exception that a finding falls under, or None."""
    for entry in ALLOWED:
        if fnmatch(finding.file, entry[0]) and entry[1].lower() in finding.words.lower():
            return entry
    return None


@cache
def findings(paths: tuple[Path, ...], root: Path = ROOT) -> list[Finding]:
    """List the phrases in some files, exceptions included, sorted by file and line."""
    found = [
        finding
        for path in paths
        for finding in phrases(_source(path), path.relative_to(root).as_posix())
    ]
    return sorted(found, key=lambda finding: (finding.file, finding.line, finding.words))


if __name__ == "__main__":
    asked = [Path(name).resolve() for name in sys.argv[1:]]
    chosen = [
        path
        for path in files()
        if not asked or any(path == one or one in path.parents for one in asked)
    ]
    wrong = [finding for finding in findings(tuple(chosen)) if not allowed(finding)]
    print(*wrong, sep="\n")
    print(f"{len(wrong)} phrases in {len({finding.file for finding in wrong})} files")
    sys.exit(bool(wrong))
