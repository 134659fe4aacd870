"""What all tests share: the long forms and their record, and the browser."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from browser import found
from checks_page import record
from scale import long_form

ROOT = Path(__file__).resolve().parent
RECORD = ROOT / "docs" / "checks.md"
BROWSER_COMMAND = "python run.py browser"
NEEDED = "BROWSER_NEEDED"
if os.environ.pop("CI", "") == "true":
    # pytest would show where two files differ in full: for a PDF it looks for hours
    os.environ[NEEDED] = "yes"
EVERY_CASE = ("every case", "all cases of those tests of which a short run draws some")


# --- long forms ------------------------------------------------------------------------------
def _long_marker(item: pytest.Item) -> tuple[str, str, bool] | None:
    """Return name, purpose and ``only`` of a test with a long form, or None."""
    marker = item.get_closest_marker("long")
    if marker is None:
        return None
    if len(marker.args) != 2 or set(marker.kwargs) - {"only"}:
        raise pytest.UsageError(f'{item.nodeid}: write @pytest.mark.long("name", "what it checks")')
    return *marker.args, marker.kwargs.get("only", False)


def _not_drawn(items: Sequence[pytest.Item], named: Sequence[str]) -> set[pytest.Item]:
    """Draw, by a seed, the cases of a test marked ``cases``; return those that stay out.

    All of them run in the long form, and where their file or test is named in the command.
    """
    by_test: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if (marker := item.get_closest_marker("cases")) is None:
            continue
        if long_form():
            item.add_marker(pytest.mark.long(*EVERY_CASE))
        elif not any(Path(path.split("::")[0]).name == item.path.name for path in named):
            by_test[f"{item.nodeid.split('[')[0]} {marker.args[0]}"].append(item)
    out: set[pytest.Item] = set()
    for test, cases in by_test.items():
        count = int(test.rpartition(" ")[2])
        if count >= len(cases):
            raise pytest.UsageError(f"{test}: there are no more cases than that; take the mark off")
        out.update(set(cases).difference(random.Random(test).sample(cases, count)))
    return out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what starts a browser; leave out what has a long form only; what is slow comes first.

    Workers share the build of the site; built first, none of them waits for it. The files with
    slow tests follow: a long test that begins last leaves the other workers idle.
    """
    kept, left_out = [], []
    not_drawn = _not_drawn(items, config.args)
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        long = _long_marker(item)
        if long:
            item.user_properties.append(("check", long[:2]))
        only_long = bool(long and long[2] and not long_form())
        (left_out if only_long or item in not_drawn else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    slow = {item.path for item in kept if item.get_closest_marker("slow")}

    def late(item: pytest.Item) -> tuple[bool, bool]:
        return "site" not in getattr(item, "fixturenames", ()), item.path not in slow

    items[:] = sorted(kept, key=late)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave most notebooks to the long form, which takes all: every build executes them too."""
    named = any(Path(given).name == collection_path.name for given in config.args)
    if collection_path.suffix != ".ipynb" or named or long_form():
        return None
    from kzclusters import pipeline

    quick = [step.file for step in pipeline.notebooks().values() if step.quick]
    return None if collection_path.relative_to(ROOT).as_posix() in quick[1::2] else True


class _Recorder:
    """Collects the outcomes of the long forms and writes them down at the end of the run."""

    def __init__(self) -> None:
        self.outcomes: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        if "check" in properties and (report.when == "call" or report.outcome != "passed"):
            name, purpose = properties["check"]
            result = str(properties.get("result", ""))
            self.outcomes.setdefault((name, purpose), []).append((report.outcome, result))

    def pytest_sessionfinish(self) -> None:
        if self.outcomes:
            text = RECORD.read_text(encoding="utf-8")
            RECORD.write_text(record(text, self.outcomes), encoding="utf-8", newline="\n")


def pytest_configure(config: pytest.Config) -> None:
    if long_form() and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(), "long-forms")


# --- browser ---------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium without a window; without one skip, or fail where ``CI`` is ``true``."""
    from playwright.sync_api import sync_playwright

    path = found()
    if path is None:
        message = f"no Chromium; this command brings one: {BROWSER_COMMAND}"
        if NEEDED in os.environ:
            pytest.fail(message)
        pytest.skip(message)
    arguments = (
        "--no-sandbox --headless=new --disable-gpu --in-process-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync"
    )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments.split())
        yield started
        started.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests were left out for lack of a browser, and how to have them."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report for report in skipped if BROWSER_COMMAND in str(report.longrepr)]
    if left_out:
        terminalreporter.write_line(
            f"{len(left_out)} browser tests were left out: there is no Chromium. "
            f"To run them too:  {BROWSER_COMMAND}",
            yellow=True,
        )
