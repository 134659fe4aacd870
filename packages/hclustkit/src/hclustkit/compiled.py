"""Compiling loops: kept on disk between processes, and announced."""

from __future__ import annotations

import hashlib
import logging
import re
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
    process compiles again.

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
        kept._cache_file._source_stamp = _sources(Path(function.__code__.co_filename))
        _tag(kept, [kept._cache_file._source_stamp, function.__module__, function.__qualname__])
        kept.load_overload = _announcing_loader(kept)
    return dispatcher


def _tag(kept: Any, mark: list[str]) -> None:
    """Write into the file of a compiled function which one it is, and read no other.

    numba writes its index before that file: killed in between, it would take what an earlier
    source was compiled to for the new one.
    """
    reduce, rebuild = kept._impl.reduce, kept._impl.rebuild

    def checked(target: Any, content: Any) -> Any:
        if content[0] != mark:
            raise ValueError("the file holds another function")
        return rebuild(target, content[1])

    kept._impl.reduce = lambda result: (mark, reduce(result))
    kept._impl.rebuild = checked


@cache
def _sources(path: Path) -> str:
    """Digest a source with compiled loops and those that it imports."""
    digest = hashlib.sha256()
    for each in sorted(_find_imports(path)):
        content = each.read_bytes()
        if b"@compiled" in content:
            digest.update(content)
    return digest.hexdigest()


def _find_imports(path: Path) -> set[Path]:
    """Return a source and those of this package that it imports, directly or not."""
    root = Path(__file__).parent
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        content = path.read_text("utf-8")
        for module in re.findall(r"^ *from hclustkit\.([\w.]+) import", content, re.M):
            named = root.joinpath(*module.split("."))
            files = named.with_suffix(".py"), named / "__init__.py"
            waiting += [each for each in files if each.exists()]
    return found


def _announcing_loader(kept: Any) -> Callable[..., Any]:
    """Make a function that loads what was compiled, and announces compiling where it cannot."""
    load = kept.load_overload

    def load_overload(*given: Any) -> Any:
        try:
            found = load(*given)
        except Exception:  # whatever the bytes of a damaged file happen to mean
            found = kept.flush()  # the index as well: it is compiled and stored again
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
