"""The steps of the pipeline as tasks of pytask, which knows files by their content."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from typing import Any

import pytask
from pytask import Mark

from kzclusters import paths, pipeline
from kzclusters.run.environment import environment

children: set[subprocess.Popen[str]] = set()
"""Processes of the steps that are being executed."""


MARKS = {1: "try_first", -1: "try_last"}
"""What pytask calls the urgency of a step."""


class Pause:
    """How long pytask waits between two looks at what has ended."""

    def sleep(self) -> None:
        """Wait."""
        time.sleep(0.05)

    def reset(self) -> None:
        """Stay as it is when a step begins."""

    increment = reset


class StepError(Exception):
    """A step of the pipeline failed; the message is what it printed."""


class Node:
    """A file, or the part of it that a person writes, known by its content."""

    def __init__(self, file: str) -> None:
        self.name = file
        self.attributes: dict[Any, Any] = {}

    @property
    def signature(self) -> str:
        """What pytask knows the node by."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def state(self) -> str | None:
        """Return the hash of the content; None where there is none."""
        return pipeline.fingerprint(self.name)

    def load(self, is_product: bool = False) -> str:  # noqa: ARG002
        """Return the name of the file, which no step asks for."""
        return self.name

    def save(self, value: Any) -> None:
        """Refuse to write: the programs write their files themselves."""
        raise NotImplementedError


class Code(Node):
    """The programs that a step executes, as one node: each by itself would slow every build."""

    def __init__(self, step: pipeline.Step) -> None:
        super().__init__(f"code of {step.name}")
        self.files = step.code()

    def state(self) -> str:
        """Return the hash of all their hashes."""
        found = [[file, pipeline.fingerprint(file)] for file in self.files]
        return hashlib.sha256(json.dumps(found).encode()).hexdigest()


class Task(pytask.TaskWithoutPath):
    """A step; what executes it is among the files that it depends on."""

    def state(self) -> str:
        """Return what is executed, and the names of what it reads: pytask misses no lost file."""
        return " ".join([*self.attributes["command"], *self.attributes["reads"]])


def task_of(step: pipeline.Step) -> Task:
    """Make the task of a step."""
    sources = step.sources()
    return Task(
        name=step.name,
        function=lambda **_: perform(step),
        depends_on={"needed": [Code(step), *map(Node, sources)]},
        produces={"made": [Node(file) for file in step.writes]},
        attributes={"command": step.command, "reads": sources},
        markers=[Mark(MARKS[step.urgent], (), {})] if step.urgent else [],
    )


def perform(step: pipeline.Step) -> None:
    """Execute a step in a process of its own; say how long it took.

    Raises
    ------
    StepError
        It ended with another exit code than 0, or what it reads was changed meanwhile.
    """
    before = {file: pipeline.fingerprint(file) for file in [*step.sources(), *step.code()]}
    print(f"{step.name} ...", flush=True)
    start = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", *step.command],
        cwd=paths.ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    children.add(child)
    try:
        output, errors = child.communicate()
    finally:
        children.discard(child)
    if child.returncode:
        raise StepError(errors.strip() or output.strip() or f"exit code {child.returncode}")
    for file, digest in before.items():
        if pipeline.fingerprint(file) != digest:
            raise StepError(f"{file} was changed while the step was executed; run it again")
    for file in step.writes:
        if file.startswith("build/"):  # the mark of a step that only checks
            (paths.ROOT / file).write_text("done\n", encoding="utf-8")
    if errors.strip():  # a warning, such as a wording that the results do not bear
        print(errors.strip(), file=sys.stderr)
    print(f"{step.name}: {time.monotonic() - start:.0f} s", flush=True)
