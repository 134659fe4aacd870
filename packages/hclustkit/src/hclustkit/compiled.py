"""Compiling loops: kept on disk between processes, and announced."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

_LOG = logging.getLogger("hclustkit")


def compiled(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Compile a function without the interpreter lock, cached on disk where possible.

    numba keeps what it compiled beside the source, or in the user's cache folder where that
    is read-only; ``NUMBA_CACHE_DIR`` names another place. Without any such place each
    process compiles anew.

    Parameters
    ----------
    function : callable
    **options
        Passed to `numba.njit`.

    Returns
    -------
    callable
    """
    if function is None:
        return lambda inner: compiled(inner, **options)
    options = {"nogil": True, "error_model": "numpy", **options}
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)
    kept: Any = getattr(dispatcher, "_cache", None)
    if kept is not None and hasattr(kept, "_cache_file"):
        # numba looks at the function's own file only, not at those of the functions it calls
        kept._cache_file._source_stamp = _sources()
        kept.load_overload = _announced(kept.load_overload)
    return dispatcher


@cache
def _sources() -> str:
    """Digest the sources that hold compiled loops."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        content = path.read_bytes()
        if b"@compiled" in content:
            digest.update(content)
    return digest.hexdigest()


def _announced(load: Callable[..., Any]) -> Callable[..., Any]:
    def load_overload(*given: Any) -> Any:
        found = load(*given)
        if found is None:
            _announce()
        return found

    return load_overload


@cache
def _announce() -> None:
    """Say, once a process, that compiling takes a while."""
    text = "hclustkit: compiling for this machine, some seconds, only this once"
    _LOG.info(text)
    # not into a notebook, whose outputs must be the same on every run
    if sys.stderr is sys.__stderr__ and sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)
