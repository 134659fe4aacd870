"""What the command-line programs have in common."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable

from hclustkit.errors import InputError
from hclustkit.progress import end_quietly

from kzclusters import paths


def command(program: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Turn ``program`` into one that reports `InputError` and `OSError` in a line, returning 1.

    ``program`` gets the arguments as a list, or None where those of the process count.
    """

    @functools.wraps(program)
    def wrapper(arguments: Iterable[str] | None = None) -> int:
        end_quietly()
        try:
            return program(None if arguments is None else list(arguments))
        except InputError as error:
            return fail(str(error))
        except BrokenPipeError:
            return 141  # as where SIGPIPE ends a program
        except OSError as error:  # a full disk, a folder that cannot be written
            return fail(f"{paths.shown(error.filename or 'writing')}: {error.strerror or error}")

    return wrapper


def fail(message: str) -> int:
    """Print what is wrong to the error stream; return the exit code."""
    print(f"error: {message}", file=sys.stderr)
    return 1
