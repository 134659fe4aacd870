"""Fill a folder from nothing, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hclustkit.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: two runs of one name are not told from one another there
    fcntl = None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """``folder`` is in the hands of this process, under whatever name; the lock ends with it."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("another run of the same name is under way") from None
        yield
    finally:
        os.close(handle)


def _put_back(earlier: Path, folder: Path) -> None:
    """``folder`` as it was before `anew`, or gone if there was none."""
    if folder.exists():
        shutil.rmtree(folder)
    if any(earlier.iterdir()):
        earlier.rename(folder)
    else:
        earlier.rmdir()


@contextmanager
def anew(folder: Path) -> Iterator[None]:
    """Let the body fill ``folder`` from nothing; if it fails, all is as it was before.

    Meanwhile the earlier content lies beside it in a hidden folder, empty where there was none.
    A hidden folder that nobody holds is what a killed run has left: it is put back first.
    """
    earlier = folder.with_name(f".{folder.name}.earlier")
    over = folder.with_name(f".{folder.name}.over")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if earlier.exists():
        with _locked(earlier):
            _put_back(earlier, folder)
    if not folder.exists():
        earlier.mkdir()
    with _locked(earlier if earlier.exists() else folder):
        if folder.exists():
            folder.rename(earlier)
        try:
            yield
        except BaseException:
            _put_back(earlier, folder)
            raise
        # renamed first: half removed, it must not be taken for what is to be put back
        shutil.rmtree(over, ignore_errors=True)
        earlier.rename(over)
        shutil.rmtree(over)
