"""Finished chunks on disk, so that an interrupted run goes on where it stopped.

Each chunk is one ``.npz`` file, written whole or not at all, in a folder named by a digest
of everything its content depends on. Other settings, data or code mean another folder, so
nothing stale is ever read.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np

from hclustkit.files import write_bytes
from hclustkit.tree import batch, engine, linkage
from hclustkit.tree.linkage import TIE_TOLERANCE

Arrays = dict[str, np.ndarray]


@cache
def code_version() -> str:
    """SHA-256 of the source behind a chunk and the versions of what computes it."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    others = [Path(module.__file__) for module in (batch, engine, linkage)]
    for path in (*others, *sorted(here.glob("*.py"))):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    versions = f"numpy {np.__version__} numba {numba.__version__} ties {TIE_TOLERANCE}"
    digest.update(versions.encode())
    return digest.hexdigest()


def key_of(parts: Mapping[str, Any]) -> str:
    """SHA-256 of settings given as plain values, and of `code_version`."""
    text = json.dumps({**parts, "code": code_version()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class ChunkStore:
    """Chunks of one run in one folder.

    Parameters
    ----------
    folder : path
        The cache; each run has a folder of its own in it.
    key : str
        Digest of everything the chunks depend on.
    """

    def __init__(self, folder: str | Path, key: str) -> None:
        self.folder = Path(folder) / key[:16]
        self.key = key

    def path(self, number: int) -> Path:
        return self.folder / f"chunk-{number:06d}.npz"

    def _stamp(self, number: int) -> np.ndarray:
        return np.frombuffer(f"{self.key} {number}".encode(), dtype=np.uint8)

    def save(self, number: int, arrays: Arrays) -> None:
        """Write one chunk; the file appears only when it is whole."""
        stream = io.BytesIO()
        np.savez(stream, stamp=self._stamp(number), **arrays)
        write_bytes(self.path(number), stream.getvalue())

    def load(self, number: int) -> Arrays | None:
        """The arrays of a chunk, or None where there is none or its file is damaged."""
        try:
            # read first: np.load leaves a file open that is no zip
            content = io.BytesIO(self.path(number).read_bytes())
            with np.load(content, allow_pickle=False) as file:
                # a zip member carries a checksum, tested when it is read to its end
                arrays = {name: file[name] for name in file.files}
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
            return None
        stamp = arrays.pop("stamp", None)
        if stamp is None or not np.array_equal(stamp, self._stamp(number)):
            return None
        return arrays
