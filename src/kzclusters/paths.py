"""Where the files of the project are, and how its YAML is read.

This is the only module that knows the folders.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import yaml
from hclustkit.errors import refusal

ROOT = Path(os.environ.get("KZCLUSTERS_ROOT") or Path(__file__).resolve().parents[2])
"""The checkout. Another one can be named by the environment variable KZCLUSTERS_ROOT."""

RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
FIGURES = ROOT / "figures"
NOTEBOOKS = ROOT / "notebooks"
PAPER = ROOT / "paper"
RUNS = ROOT / "runs"
BUILD = ROOT / "build"
STUDY = ROOT / "study.yml"
REGISTRY = Path(__file__).parent / "evidence" / "indicators.yml"


def resolve(path: str | Path) -> Path:
    """Return ``path`` itself when absolute or at ``~``, else seen from the root of the project."""
    path = Path(os.path.expanduser(path))
    return path if path.is_absolute() else ROOT / path


def from_root(path: str | Path) -> str:
    """Return ``path`` as a reader should see it: from the root of the project where it is there.

    Outputs and messages must not carry the path of one machine.
    """
    path = Path(path)
    # a folder of the project may be a link to another disk
    for each, root in ((Path(os.path.abspath(path)), ROOT), (path.resolve(), ROOT.resolve())):
        if each.is_relative_to(root):
            return each.relative_to(root).as_posix()
    return path.as_posix()


def output_folders(out_dir: str, figures_dir: str) -> tuple[Path, Path]:
    """Return the folders that a notebook writes its tables and its figures to.

    The build writes the baseline. A notebook that is executed by hand writes under
    ``runs/by-hand/``, which starts with the tables of the baseline, and prints so. Where the
    environment variable KZCLUSTERS_OUTPUT names a folder, that one takes its place.

    Parameters
    ----------
    out_dir, figures_dir : str
        As the parameters of the notebook say.

    Returns
    -------
    tables, figures : Path
        Absolute paths.
    """
    given = (resolve(out_dir), resolve(figures_dir))
    chosen = os.environ.get("KZCLUSTERS_OUTPUT")
    if chosen == "baseline" or given != (PROCESSED, FIGURES):
        return given
    folder = Path(chosen) if chosen else RUNS / "by-hand"
    folders = (folder / "processed", folder / "figures")
    for source, target in zip(given, folders, strict=True):
        target.mkdir(parents=True, exist_ok=True)
        for path in source.glob("*.*"):
            copy = target / path.name
            # what a notebook has written here since is newer
            if path.is_file() and not (
                copy.is_file() and copy.stat().st_mtime >= path.stat().st_mtime
            ):
                shutil.copy2(path, copy)
    if not chosen:
        print(f"Executed by hand: results go to {from_root(folder)}/, the baseline stays as it is.")
    return folders


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that refuses a key given twice, of which YAML keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping."""
        names = [key.value for key, _ in node.value if isinstance(key.value, str)]
        for name in set(names):
            if names.count(name) > 1:
                raise yaml.YAMLError(f"{name!r} is given twice")
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, text: str | None = None) -> Any:
    """Read a YAML file of the project; libyaml does it ten times faster than Python.

    Parameters
    ----------
    path : Path
    text : str, optional
        Its content, where that has been read.

    Raises
    ------
    OSError
        The file cannot be read.
    InputError
        It is not UTF-8 or not YAML, a key is given twice, or there are no keys.
    """
    try:
        text = path.read_text(encoding="utf-8") if text is None else text
        found = yaml.load(text, Loader=Loader)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = from_root(path) + (f", row {mark.line + 1}" if mark else "")
        said = " ".join(str(error).replace('in "<unicode string>", ', "in ").split())
        raise refusal(f"{place}: the file is not YAML: {said}", place, "yaml", said) from None
    if not isinstance(found, dict):
        place = from_root(path)
        raise refusal(f"{place}: keys with values are needed", place, "keys", found)
    return found
