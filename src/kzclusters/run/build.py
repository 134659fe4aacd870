"""Bring the files of the pipeline up to date with pytask, two steps side by side."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytask
from hclustkit.errors import InputError

from kzclusters import paths, pipeline
from kzclusters.run.environment import environment, locked, refusal

children: set[subprocess.Popen[str]] = set()
"""Processes of the steps that are being executed."""


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


class Task(pytask.TaskWithoutPath):
    """A step; what executes it is among the files that it depends on."""

    def state(self) -> str:
        """Return what is executed; it is stale when that changes."""
        return " ".join(self.attributes["command"])


def _task(step: pipeline.Step) -> Task:
    needed = dict.fromkeys([*step.sources(), *step.code()])
    return Task(
        name=step.name,
        function=lambda **_: perform(step),
        depends_on={"needed": [Node(file) for file in needed]},
        produces={"made": [Node(file) for file in step.writes]},
        attributes={"command": step.command},
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


def needed(wanted: Sequence[str]) -> list[pipeline.Step]:
    """Return the wanted steps and those that write what they read, in order.

    Raises
    ------
    InputError
        There is no step of that name.
    """
    known = pipeline.steps()
    for name in wanted:
        if name not in known:
            raise refusal(
                f"there is no step {name!r}; there are {', '.join(known)}", "step", "unknown", name
            )
    names = set(wanted) or {name for name, step in known.items() if step.default}
    for step in reversed(known.values()):
        if step.name in names:
            read = set(step.sources())
            names |= {other.name for other in known.values() if read.intersection(other.writes)}
    return [step for name, step in known.items() if name in names]


def build(wanted: Sequence[str] = ()) -> int:
    """Bring the wanted steps, or all that belong to ``make``, up to date.

    Returns
    -------
    int
        Number of steps that were executed.

    Raises
    ------
    InputError
        A step is not known, or one failed: the message is its own.
    """
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    with locked(paths.BUILD / "lock"):
        if not list((paths.BUILD / "matplotlib").glob("fontlist*")):
            # a notebook that had to scan the fonts would carry the notice of it
            scan = [sys.executable, "-c", "import matplotlib.font_manager"]
            subprocess.run(scan, env=environment(), capture_output=True, check=False)
        # pytask keeps its state in the folder of its configuration
        config = paths.BUILD / "pytask.toml"
        config.write_text("[tool.pytask.ini_options]\n", encoding="utf-8")
        pytask.console.quiet = True
        session = pytask.build(
            tasks=[_task(step) for step in needed(wanted)],
            config=config,
            paths=paths.BUILD,
            capture="no",
            n_workers=2,
            parallel_backend="threads",
            stop_after_first_failure=True,
        )
    reports = session.execution_reports
    failed = [report for report in reports if report.outcome is pytask.TaskOutcome.FAIL]
    if failed:
        causes = [report.exc_info[1] if report.exc_info else "failed" for report in failed]
        message = "\n".join(
            f"{r.task.name}: {cause}" for r, cause in zip(failed, causes, strict=True)
        )
        raise InputError(message, place=failed[0].task.name, rule="step-failed")
    if session.exit_code:
        raise InputError("the build did not finish", place="build", rule="build-stopped")
    return sum(report.outcome is pytask.TaskOutcome.SUCCESS for report in reports)
