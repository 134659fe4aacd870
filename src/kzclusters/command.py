"""What the command-line programs have in common."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable

from hclustkit.errors import InputError


def command(program: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Turn ``program`` into one that reports an `InputError` in a line and returns 1.

    ``program`` gets the arguments as a list, or None where those of the process count.
    """

    @functools.wraps(program)
    def wrapper(arguments: Iterable[str] | None = None) -> int:
        try:
            return program(None if arguments is None else list(arguments))
        except InputError as error:
            return fail(str(error))

    return wrapper


def fail(message: str) -> int:
    """Print what is wrong to the error stream; return the exit code."""
    print(f"error: {message}", file=sys.stderr)
    return 1
