"""A folder of results that appears completely or not at all, and never replaces anything else."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hclustkit.errors import InputError, refusal
from hclustkit.files import sha256, write_json

RECORD = "run.json"
"""In a folder of results: the SHA-256 of each of its files."""


def folder_name(stem: str, content: bytes) -> str:
    """Name a folder after a table and what decides the results, in any script.

    Examples
    --------
    >>> folder_name("regions 2010", b"x")
    'regions 2010-2d711642'
    """
    text = re.sub(r"[\x00-\x1f/\\:*?\"<>|]", "-", stem).strip(" .") or "table"
    while len(text.encode()) > 120:
        text = text[:-1]
    return f"{text}-{hashlib.sha256(content).hexdigest()[:8]}"


def _inside(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(name for name in found if name != RECORD)


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that holds an earlier result, or anything that no run wrote.

    Parameters
    ----------
    folder : Path
        Missing, empty, or with results.
    overwrite : bool
        An earlier result may be replaced, if it is as it was written.

    Raises
    ------
    InputError
        Rule ``earlier-result``, ``folder-in-use``, ``not-a-folder`` or ``link``.
    """
    if folder.is_symlink():
        raise InputError(f"{folder}: a link leads elsewhere", place=str(folder), rule="link")
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise InputError(f"{path} is a file", place=str(path), rule="not-a-folder")
    if not folder.exists():
        return
    try:
        listed = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
        hashes = dict(listed)
    except (OSError, ValueError, KeyError, TypeError):
        hashes = {}
    there = _inside(folder)
    parents = {str(Path(name).parent.as_posix()) for name in hashes}
    for name in there:
        path = folder / name
        own = name in parents if path.is_dir() else hashes.get(name) == _hash(path)
        if path.is_symlink() or not own:
            text = f"{folder} holds what no run wrote, such as {name}: name another folder"
            raise refusal(text, str(folder), "folder-in-use", name)
    if there and not overwrite:
        text = f"{folder} holds an earlier result: name another folder, or overwrite it"
        raise refusal(text, str(folder), "earlier-result", folder.name)


def _hash(path: Path) -> str:
    try:
        return sha256(path)
    except OSError:
        return ""


@contextlib.contextmanager
def new_folder(folder: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give the body a hidden folder to fill, and move it into place when the body succeeds.

    Parameters
    ----------
    folder : path
        Its parents are made where they are missing.
    overwrite : bool
        Replace an earlier result.

    Yields
    ------
    Path
        The folder to fill.

    Raises
    ------
    InputError
        As `check_folder`, before the body and after it.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "result"
    >>> with new_folder(place) as inside:
    ...     _ = (inside / "a.txt").write_text("a")
    >>> sorted(path.name for path in place.iterdir())
    ['a.txt', 'run.json']
    """
    folder = Path(folder)
    hidden = hashlib.sha256(folder.name.encode()).hexdigest()[:16]
    earlier = folder.with_name(f".{hidden}.earlier")
    if earlier.exists() and not folder.exists():
        earlier.rename(folder)  # killed between the two renames below
    check_folder(folder, overwrite=overwrite)
    made = folder.parent
    made.mkdir(parents=True, exist_ok=True)
    inside = Path(tempfile.mkdtemp(dir=made, prefix=f".{hidden}.unfinished-"))
    try:
        yield inside
        files = {
            name: sha256(inside / name) for name in _inside(inside) if (inside / name).is_file()
        }
        write_json(inside / RECORD, {"files": files})
        check_folder(folder, overwrite=overwrite)
        umask = os.umask(0o077)
        os.umask(umask)
        inside.chmod(0o777 & ~umask)
        if folder.exists():
            shutil.rmtree(earlier, ignore_errors=True)
            folder.rename(earlier)
        inside.rename(folder)
    except BaseException:
        shutil.rmtree(inside, ignore_errors=True)
        if earlier.exists() and not folder.exists():
            earlier.rename(folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)
