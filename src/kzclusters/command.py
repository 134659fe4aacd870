"""What the command-line programs have in common."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

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
            return fail(
                f"{paths.from_root(error.filename or 'writing')}: {error.strerror or error}"
            )

    return wrapper


def page_program(
    prog: str, description: str, out: str, build: Callable[[str], Path]
) -> Callable[..., int]:
    """Make the program that writes one page to ``--out``, and says how large it is."""

    @command
    def main(arguments: list[str] | None = None) -> int:
        parser = argparse.ArgumentParser(prog=prog, description=description)
        parser.add_argument("--out", default=out, help=f"the file to write (default {out})")
        path = build(parser.parse_args(arguments).out)
        print(f"{paths.from_root(path)}: {path.stat().st_size / 1024:.0f} KiB")
        return 0

    return main


def fail(message: str) -> int:
    """Print what is wrong to the error stream; return the exit code."""
    print(f"error: {message}", file=sys.stderr)
    return 1
