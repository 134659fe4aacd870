"""What ``REPRODUCING.md`` says in its tables: which file comes from where, and what it must be.

Every function returns a header and rows; `kzclusters.publish.metadata.readme` writes them into the
file. Hashes are read from ``checksums.sha256`` and shortened.
"""

from __future__ import annotations

import re
from typing import Any

from hclustkit.errors import refusal
from hclustkit.files import read_csv

from kzclusters import paths, pipeline, study
from kzclusters.analysis import results
from kzclusters.evidence import sources
from kzclusters.figures import manifest
from kzclusters.publish.metadata import checksums, verify

DIGITS = 16
"""Hexadecimal digits of a hash that are printed."""

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]

_LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def _link(path: str) -> str:
    return f"[{path.rpartition('/')[2]}]({path})"


def _command(target: str) -> str:
    return f"`make {target}`"


def _short(digests: dict[str, str], path: str) -> str:
    if path not in digests:
        text = f"{checksums.NAME}: {path} is not listed; run `make`"
        raise refusal(text, checksums.NAME, "not-listed", path)
    return f"`{digests[path][:DIGITS]}`"


def fill_manifest() -> dict[str, manifest.FigureEntry]:
    """Read the manifest of the figures, its texts filled in from the results."""
    return manifest.fill(manifest.read(paths.FIGURES / "manifest.yml"), results.load())


def figures() -> Table:
    """List figure, notebook, data drawn, command, expected hashes of the picture and its data."""
    digests = checksums.read()
    rows = [
        (
            f"[{entry.title}](figures/{entry.name}.svg)",
            _link(f"notebooks/{entry.notebook}.ipynb"),
            _link(f"figures/{entry.data}"),
            _command(entry.notebook),
            _short(digests, f"figures/{entry.name}.svg"),
            _short(digests, f"figures/{entry.data}"),
        )
        for entry in fill_manifest().values()
    ]
    hashes = ("SHA-256 of the SVG", "SHA-256 of the data")
    return ("figure", "notebook", "data drawn", "rebuilt by", *hashes), rows


def tables() -> Table:
    """List table or paper, what made it, command, expected hash."""
    digests = checksums.read()
    rows = [
        (
            _link(f"data/processed/{name}"),
            what,
            _link(pipeline.writer(f"data/processed/{name}").file),
            _command(pipeline.writer(f"data/processed/{name}").name),
            _short(digests, f"data/processed/{name}"),
        )
        for name, what in pipeline.OUTPUTS.items()
    ]
    for name, what in pipeline.PAPER.items():
        kept = name in digests
        shown = _link(name) if kept else f"`{name}`"
        digest = _short(digests, name) if kept else "built, not committed"
        source = _link(f"{name.partition('.')[0]}.md")
        rows.append((shown, what, source, _command("paper"), digest))
    return ("file", "what", "made by", "rebuilt by", "SHA-256"), rows


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_versions() -> dict[str, str]:
    """Read the version in the locks of each package that a ``requirements*.in`` names.

    Raises
    ------
    InputError
        The locks lack a package, or hold two versions of it.
    """
    versions: dict[str, set[str]] = {}
    for lock in paths.ROOT.glob("requirements*.lock"):
        for name, version in _LOCKED.findall(lock.read_text(encoding="utf-8")):
            versions.setdefault(_normal(name), set()).add(version)
    found = {}
    for wanted in sorted(paths.ROOT.glob("requirements*.in"), key=lambda path: path.stem):
        for line in wanted.read_text(encoding="utf-8").splitlines():
            name = re.split(r"[\[<>=;~ ]", line)[0]
            if not name or name.startswith(("#", "-")):
                continue
            known = versions.get(_normal(name), set())
            if len(known) != 1:
                text = f"requirements.lock: one version of {name} is needed, got {sorted(known)}"
                raise refusal(text, "requirements.lock", "one-version", name)
            (found[name],) = known
    return found


def software() -> Table:
    """List the packages that the project uses by name, with their locked versions."""
    return ("package", "version"), list(locked_versions().items())


SEEDS = {
    "seed": "start of every random draw",
    "draws": "random references of the permutation tests",
    "resamples": "resamples of the cluster-wise bootstrap",
    "n_boot": "resamples at each scale of the multiscale bootstrap",
    "gap_references": "reference tables of the gap statistic",
    "null_draws": "tables without clusters of each kind, for the choice of k",
    "survival_draws": "disturbed copies of the baseline at each level of noise",
    "noise_draws": "disturbed copies of the data for every specification",
    "lesson_draws": "tables with shuffled columns in the lesson",
}
"""Parameters of the study that rule the random draws."""


def seeds() -> Table:
    """List the parameters of the study that rule the random draws."""
    values = study.parameters()
    rows = [(f"`{name}`", values[name], what) for name, what in SEEDS.items()]
    return ("parameter of study.yml", "value", "what it rules"), rows


def runtime() -> Table:
    """List how long each notebook takes, in words."""
    rows = [(_link(step.file), step.takes) for step in pipeline.notebooks().values()]
    return ("notebook", "takes"), rows


def machines() -> Table:
    """List where a build was seen to give the committed bytes, and where it was not."""
    found = read_csv(paths.ROOT / verify.MACHINES, dtype=str)
    return tuple(found.columns), list(found.itertuples(index=False, name=None))


def rights() -> Table:
    """List the rights in each part: licences of the project, then those of the raw data."""
    by_title: dict[str, list[str]] = {}
    for resource in sources.resources():
        if resource["present"]:
            for licence in resource["licenses"]:
                by_title.setdefault(licence["title"], []).append(resource["path"])
    rows = [
        ("program code, and the code in the notebooks", "MIT, [LICENSE](LICENSE)"),
        (
            "texts, the notebooks' prose, figures, the paper",
            "CC BY 4.0, [LICENSE-TEXT-AND-FIGURES](LICENSE-TEXT-AND-FIGURES)",
        ),
        (
            "`data/processed/`: computed from the series in `data/raw/`",
            "; ".join(licence["title"] for licence in sources.descriptor()["licenses"]),
        ),
    ]
    for title, names in by_title.items():
        rows.append((f"`data/raw/`: {', '.join(f'`{name}`' for name in names)}", title))
    return ("part", "rights"), rows
