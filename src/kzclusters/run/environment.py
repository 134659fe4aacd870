"""What all executions have in common: the environment, locks, refusals."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from hclustkit.errors import refusal

from kzclusters import paths

PERSONAL = ("PYTHON", "IPYTHON", "JUPYTER_", "MATPLOTLIB", "MPL")
"""How settings begin that change what a cell prints or draws, such as PYTHONSTARTUP."""


def environment() -> dict[str, str]:
    """Return the environment of a step: nothing of the machine may enter an output."""
    trees = [str(paths.ROOT / "src"), str(paths.ROOT / "packages" / "hclustkit" / "src")]
    found = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(PERSONAL)},
        "KZCLUSTERS_ROOT": str(paths.ROOT),
        "KZCLUSTERS_OUTPUT": "baseline",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([*trees, *found])),
        # paths in outputs, and the order of sets, do not depend on the machine
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "1420070400",
        "MPLBACKEND": "agg",
        # the matrices are small: more threads cost more than they bring
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # caches: the home folder may not be writable
        "MPLCONFIGDIR": str(paths.BUILD / "matplotlib"),
        "IPYTHONDIR": str(paths.BUILD / "ipython"),
        "NUMBA_CACHE_DIR": str(paths.BUILD / "numba"),
    }


@contextlib.contextmanager
def hold_lock(path: Path, busy: str | None = None) -> Iterator[None]:
    """Hold the lock file ``path``; where another process holds it wait, or fail with ``busy``."""
    with path.open("w") as stream:
        try:
            import fcntl
        except ImportError:  # Windows: two processes are not held apart there
            yield
            return
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if busy:
                raise refusal(busy, path.name, "busy") from None
            print("another build is under way in this folder; waiting for it", flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
