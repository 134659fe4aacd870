"""What ``REPRODUCING.md`` says in its tables: which file comes from where, and what it must be.

Every function returns a header and rows; `kzclusters.publish.metadata.readme` writes them into the file. Hashes are
those of ``checksums.sha256``, shortened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import yaml
from hclustkit.errors import InputError

from kzclusters import paths, run
from kzclusters.analysis import results
from kzclusters.evidence import sources
from kzclusters.figures import manifest
from kzclusters.publish.metadata import checksums

DIGITS = 16
"""Hexadecimal digits of a hash that are printed."""

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]

_WRITES = re.compile(r"\bwrite_(?:csv|json)\(\s*[\w.()]+ / \"([^\"]+)\"")
_LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def stamp(notebook: str) -> str:
    """The target of the Makefile that executes a notebook, ``solutions/05_x`` included."""
    return f"build/{notebook.rpartition('/')[2]}.done"


def _link(path: str) -> str:
    return f"[{path.rpartition('/')[2]}]({path})"


def _command(target: str) -> str:
    return f"`make {target}`"


def _short(digests: dict[str, str], path: str) -> str:
    if path not in digests:
        raise InputError(f"{checksums.NAME}: {path} is not listed; run `make`")
    return f"`{digests[path][:DIGITS]}`"


def writers(folder: Path | None = None) -> dict[str, str]:
    """File of `results.OUTPUTS` → notebook that writes it, read from the notebooks' code.

    What a notebook writes only with other parameters than the study's is not among them.

    Raises
    ------
    InputError
        A file is written by two notebooks, or a file of `results.OUTPUTS` by none.
    """
    found: dict[str, str] = {}
    for notebook in run.study()["notebooks"]:
        path = (folder or paths.NOTEBOOKS) / f"{notebook}.ipynb"
        if not path.is_file():
            raise InputError(f"{paths.shown(path)}: the file is missing")
        for cell in nbformat.read(path, as_version=4).cells:
            for name in _WRITES.findall(cell.source) if cell.cell_type == "code" else ():
                if found.setdefault(name, notebook) != notebook:
                    raise InputError(f"{name}: written by {found[name]} and by {notebook}")
    for name in results.OUTPUTS:
        if name not in found:
            raise InputError(f"data/processed/{name}: no notebook writes it")
    return {name: found[name] for name in results.OUTPUTS}


def figures() -> Table:
    """Figure → notebook → data drawn → command → expected hashes of the picture and its data."""
    digests = checksums.read()
    filled = manifest.fill(manifest.read(paths.FIGURES / "manifest.yml"), results.load())
    return (
        (
            "figure",
            "notebook",
            "data drawn",
            "rebuilt by",
            "SHA-256 of the SVG",
            "SHA-256 of the data",
        ),
        [
            (
                f"[{entry.title}](figures/{entry.name}.svg)",
                _link(f"notebooks/{entry.notebook}.ipynb"),
                _link(f"figures/{entry.data}"),
                _command(stamp(entry.notebook)),
                _short(digests, f"figures/{entry.name}.svg"),
                _short(digests, f"figures/{entry.data}"),
            )
            for entry in filled.values()
        ],
    )


PAPER = {
    "paper/paper.pdf": "the paper as PDF",
    "paper/paper.html": "the paper as one web page",
    "paper/paper.docx": "the paper as a Word document",
}


def tables() -> Table:
    """Table or paper → what made it → command → expected hash."""
    digests = checksums.read()
    written = writers()
    rows = [
        (
            _link(f"data/processed/{name}"),
            what,
            _link(f"notebooks/{written[name]}.ipynb"),
            _command(stamp(written[name])),
            _short(digests, f"data/processed/{name}"),
        )
        for name, what in results.OUTPUTS.items()
    ]
    rows += [
        (_link(name), what, _link("paper/paper.md"), _command("paper"), _short(digests, name))
        for name, what in PAPER.items()
        if (paths.ROOT / name).is_file()
    ]
    return ("file", "what", "made by", "rebuilt by", "SHA-256"), rows


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """Package asked for by name in ``requirements.in`` → its version in ``requirements.lock``.

    Raises
    ------
    InputError
        The lock lacks a package, or holds two versions of it.
    """
    versions: dict[str, set[str]] = {}
    lock = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name, version in _LOCKED.findall(lock):
        versions.setdefault(_normal(name), set()).add(version)
    found = {}
    for line in (paths.ROOT / "requirements.in").read_text(encoding="utf-8").splitlines():
        name = line.split("[")[0].strip()
        if not name or name.startswith("#"):
            continue
        known = versions.get(_normal(name), set())
        if len(known) != 1:
            raise InputError(
                f"requirements.lock: one version of {name} is needed, got {sorted(known)}"
            )
        (found[name],) = known
    return found


def software() -> Table:
    """The packages that the project uses by name, with the versions that are installed."""
    return ("package", "version"), list(locked().items())


def seeds() -> Table:
    """Parameters of the study that rule the random draws, and the notebooks that take them."""
    content = run.study()
    meaning = {
        "seed": "start of every random draw",
        "draws": "random references of the permutation tests",
        "noise_draws": "disturbed copies of the data for every specification",
    }
    rows = []
    for name, what in meaning.items():
        if name in content["parameters"]:
            taken = [n for n, declared in content["notebooks"].items() if name in declared]
            rows.append((f"`{name}`", content["parameters"][name], what, ", ".join(taken)))
    return ("parameter of study.yml", "value", "what it rules", "notebooks"), rows


def runtime() -> Table:
    """How long each notebook takes, in words, from the study file."""
    content = yaml.safe_load(paths.STUDY.read_text(encoding="utf-8"))
    return (
        ("notebook", "takes"),
        [
            (_link(f"notebooks/{name}.ipynb"), words)
            for name, words in (content.get("index") or {}).items()
        ],
    )


def _joined(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def rights() -> Table:
    """Rights in each part: the licences of the project, then those of the raw data."""
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
    rows += [(f"`data/raw/`: {_joined(names)}", title) for title, names in by_title.items()]
    return ("part", "rights"), rows
