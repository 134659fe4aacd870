"""Progress bars on a terminal, and a quiet end where the output is no longer read."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PROGRESS = "HCLUSTKIT_PROGRESS"


def shows_progress(wanted: bool | None = None) -> bool:
    """Decide whether to draw a progress bar.

    As ``wanted``, else as the environment variable ``HCLUSTKIT_PROGRESS`` says (0 or 1), else
    where standard error is a terminal.
    """
    if wanted is not None:
        return wanted
    given = os.environ.get(PROGRESS)
    return given != "0" if given else bool(sys.stderr and sys.stderr.isatty())


@contextmanager
def progress_bar(
    total: int, unit: str, wanted: bool | None = None
) -> Iterator[Callable[[int], object]]:
    """Show a progress bar for work that takes longer than a second.

    Yields
    ------
    callable
        To be called with what was done since the last call.
    """
    if not shows_progress(wanted):
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(
        total=total,
        unit=f" {unit}",
        unit_scale=True,
        file=sys.stderr,
        delay=0 if wanted or os.environ.get(PROGRESS) else 1,
    ) as bar:
        yield bar.update


def end_quietly() -> None:
    """Let a process end without a message where its output is no longer read, as in ``| head``.

    Only its end: before that a broken pipe is an exception, so that files are cleaned up.
    """
    if hasattr(signal, "SIGPIPE"):
        atexit.register(signal.signal, signal.SIGPIPE, signal.SIG_DFL)
