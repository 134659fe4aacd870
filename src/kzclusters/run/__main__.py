"""``python -m kzclusters.run build | execute | study | do``; ``--help`` of each says how."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from typing import Any

from kzclusters import paths
from kzclusters.command import command, fail
from kzclusters.run.environment import environment

DONE = """
Done. The results:
  data/processed/   indicators, proximity matrix, agglomeration schedule, membership, results.json
  figures/          every figure as SVG and PNG with the data it draws
  notebooks/        the executed notebooks; read 03_results.ipynb first, or run: make lab"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kzclusters.run", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    everything = commands.add_parser("build", help="bring what is stale up to date")
    everything.add_argument("steps", nargs="*")
    one = commands.add_parser("execute", help="execute one notebook in its place")
    one.add_argument("notebook")
    other = commands.add_parser("study", help="execute with other parameters, under runs/")
    table = commands.add_parser("table", help="a table of your own: its report, under runs/")
    for run, source in ((other, "parameters"), (table, "table")):
        run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
        run.add_argument("--name", help=f"of the folder; made of the {source} by default")
        run.add_argument("--overwrite", action="store_true", help="replace an earlier result")
    table.add_argument("words", nargs=argparse.REMAINDER, help="as hclustkit report takes them")
    commands.add_parser("do", help="python with the arguments that follow, as a step has it")
    return parser


def _do(given: argparse.Namespace) -> int:
    # each is imported where it is needed: a build that has nothing to do is quick
    if given.command == "build":
        from kzclusters.run.build import build

        done = build(given.steps)
        print("Nothing to be done: every file is up to date." if not done else DONE)
    elif given.command == "execute":
        from kzclusters.run.execution import execute_in_place

        print(f"executed: {paths.from_root(execute_in_place(given.notebook))}")
    elif given.command == "table":
        from kzclusters.run.own import assignments
        from kzclusters.run.table import run_table

        words = given.words[1:] if given.words[:1] == ["--"] else given.words
        changed = assignments(given.set)
        print(paths.from_root(run_table(words, changed, given.name, overwrite=given.overwrite)))
    else:
        from kzclusters.run.own import assignments, run_study

        folder = run_study(assignments(given.set), given.name, overwrite=given.overwrite)
        print(f"results of this run: {paths.from_root(folder)}/")
    return 0


@command
def main(arguments: list[str] | None = None) -> int:
    """Execute what the command line asks for; 1 with one message when something is wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    # what follows "do" belongs to Python and is not read here
    given = _parser().parse_args(words[:1] if words[:1] == ["do"] else words)
    own = environment() | _chosen()  # kernels are children of this process
    for name in os.environ.keys() - own.keys():
        del os.environ[name]
    os.environ.update(own)
    try:
        if given.command == "do":
            return subprocess.run([sys.executable, *words[1:]], cwd=paths.ROOT).returncode
        return _do(given)
    except KeyboardInterrupt:
        fail("interrupted")
        return 128 + signal.SIGINT


def _chosen() -> dict[str, str]:
    """Return the folder of output that was chosen, such as for the tests of the notebooks."""
    name = "KZCLUSTERS_OUTPUT"
    return {name: os.environ[name]} if os.environ.get(name) else {}


def _end(number: int, _: Any) -> None:
    """End the children too, so that no half run is left behind."""
    if "kzclusters.run.tasks" in sys.modules:
        for child in list(sys.modules["kzclusters.run.tasks"].children):
            child.terminate()
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
