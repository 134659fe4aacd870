"""Bring the files of the pipeline up to date with pytask, two steps side by side."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence

from hclustkit.errors import InputError, refusal
from hclustkit.files import write_text

from kzclusters import paths, pipeline, study
from kzclusters.run.environment import environment, hold_lock

FINISHED = "finished.json"
"""What the last build left, by step: where nothing has changed pytask is not asked."""


def needed_steps(wanted: Sequence[str]) -> list[pipeline.Step]:
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
        A step or a choice of the study is not known, or a step failed: the message is its own.
    """
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    steps = needed_steps(wanted)
    with hold_lock(paths.BUILD / "lock"):
        if _finished_content().items() >= _contents(steps).items():
            return 0
        from kzclusters.run import choices

        choices.check(study.parameters(), f"{paths.STUDY.name}: ")
        if not list((paths.BUILD / "matplotlib").glob("fontlist*")):
            # a notebook that had to scan the fonts would carry the notice of it
            scan = [sys.executable, "-c", "import matplotlib.font_manager"]
            subprocess.run(scan, env=environment(), capture_output=True, check=False)
        done = _execute(steps)
        write_text(
            paths.BUILD / FINISHED, json.dumps(_finished_content() | _contents(steps), indent=1)
        )
    return done


def _finished_content() -> dict[str, str]:
    """Return the content of each step as the last build left it; nothing where it is damaged."""
    try:
        return dict(json.loads((paths.BUILD / FINISHED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _contents(steps: Sequence[pipeline.Step]) -> dict[str, str]:
    """Return a hash of all that each step reads, executes and writes."""
    found = {}
    for step in steps:
        files = [*step.sources(), *step.code(), *step.writes]
        content = [step.command, [[file, pipeline.fingerprint(file)] for file in files]]
        found[step.name] = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return found


def _execute(steps: Sequence[pipeline.Step]) -> int:
    """Execute the steps that are stale; return their number."""
    import pytask
    import pytask_parallel.execute

    from kzclusters.run.tasks import Pause, task_of

    # its own sleeps for a second whenever a step has ended
    pytask_parallel.execute._Sleeper = Pause  # type: ignore[assignment,misc]
    # pytask keeps its state in the folder of its configuration
    config = paths.BUILD / "pytask.toml"
    config.write_text("[tool.pytask.ini_options]\n", encoding="utf-8")
    pytask.console.quiet = True
    session = pytask.build(
        tasks=[task_of(step) for step in steps],
        config=config,
        database_url="sqlite://",  # in memory: its state is in pytask.lock
        paths=paths.BUILD,
        capture="no",
        n_workers=2,
        parallel_backend="threads",
        stop_after_first_failure=True,
    )
    state = list(paths.BUILD.glob("pytask.lock*"))
    if session.exit_code == pytask.ExitCode.CONFIGURATION_FAILED and state:
        for file in state:  # damaged, or of another version: nothing is known of earlier builds
            file.unlink()
        return _execute(steps)
    reports = session.execution_reports
    failed = [report for report in reports if report.outcome is pytask.TaskOutcome.FAIL]
    if failed:
        said = [str(r.exc_info[1] if r.exc_info else "failed") for r in failed]
        named = zip(failed, said, strict=True)
        message = "\n".join(f"{r.task.name}: {why.removeprefix('error: ')}" for r, why in named)
        raise InputError(message, place=failed[0].task.name, rule="step-failed")
    if session.exit_code:
        raise InputError("the build did not finish", place="build", rule="build-stopped")
    return sum(report.outcome is pytask.TaskOutcome.SUCCESS for report in reports)
