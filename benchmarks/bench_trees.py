"""One tree beside scipy and fastcluster: time as ratios, memory, and the first call.

Both run in turn in one process on one core, and medians of processor time are compared, so that
what else the machine does counts little. Memory is the peak resident size of a process of its
own, above the same process before the call, and above a bare interpreter.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

COLUMNS = 14
LINKAGES = ("ward", "average", "complete", "single", "weighted", "centroid", "median")
SIZES = (16, 100, 300, 1000, 3000)
LARGE = (3000, 5000, 10_000, 20_000)
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

PEAK = """
import json, pathlib, re, sys, time
def peak():
    # the peak of this program; what getrusage gives begins with that of the parent
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024
bare = peak()
"""
"""MiB that a process has had at most, from its first line on; of Linux only."""

CHILD = f"""
{PEAK}
import numpy as np
from hclustkit import linkage
n = int(sys.argv[1])
x = np.random.default_rng(1).normal(size=(n, 14))
start = time.process_time()
linkage(x[:2500] if n > 2000 else x[:16])
first = time.process_time() - start
before = peak()
start = time.process_time()
linkage(x)
print(json.dumps({{"first": first, "seconds": time.process_time() - start,
                  "bare": bare, "before": before, "peak": peak()}}))
"""


def medians(*works: Callable[[], object], least: float = 0.3) -> list[float]:
    """Median processor seconds of each piece of work, run in turn."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    end = time.perf_counter() + least * len(works)
    while len(times[0]) < 3 or (time.perf_counter() < end and len(times[0]) < 500):
        for taken, work in zip(times, works, strict=True):
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
    return [statistics.median(taken) for taken in times]


def _row(
    what: str, ours: float, other: str, theirs: float, goal: float | None, note: str = ""
) -> dict:
    if goal is not None:
        note = f"goal {goal:g}" + (f"; {note}" if note else "")
    return {
        "what": what,
        "seconds": ours,
        "other": other,
        "other_seconds": theirs,
        "note": note,
        "goal": goal,
    }


def in_a_process(code: str, n: int, **environment: str) -> Any:
    """What a program prints for the size ``n``, in a process of its own on one core."""
    run = subprocess.run(
        [sys.executable, "-c", code, str(n)],
        env=os.environ | ONE_CORE | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def rows(quick: bool = False) -> list[dict]:
    """One row per comparison: what, our seconds, the other's seconds, the goal."""
    import fastcluster
    import numpy as np
    from hclustkit import linkage
    from scipy.cluster import hierarchy as sch

    rng = np.random.default_rng(1)
    found = []
    for n in SIZES[: 3 if quick else None]:
        x = rng.normal(size=(n, COLUMNS))
        for method in LINKAGES:
            goal = 1.0 if n == 16 or method == "single" else 0.8
            ours, theirs = medians(partial(linkage, x, method), partial(sch.linkage, x, method))
            found.append(_row(f"{n} x {COLUMNS}, {method}", ours, "scipy", theirs, goal))
    answers = rng.integers(1, 6, size=(300, 10)).astype(float)
    for method in LINKAGES:
        ours, theirs = medians(
            partial(linkage, answers, method), partial(sch.linkage, answers, method)
        )
        found.append(_row(f"300 x 10 answers 1-5, {method}", ours, "scipy", theirs, 1.5))
    for n in LARGE[: 1 if quick else None]:
        x = rng.normal(size=(n, COLUMNS))
        ours, theirs = medians(
            partial(linkage, x), partial(fastcluster.linkage_vector, x, "ward"), least=0.1
        )
        found.append(_row(f"{n} x {COLUMNS}, ward", ours, "fastcluster", theirs, 0.6))
    for n in () if quick else (20_000, 100_000):
        done = in_a_process(CHILD, n)
        row = _row(f"{n} x {COLUMNS}, ward, a process of its own", done["seconds"], "", 0.0, None)
        row["note"] = (
            f"{done['peak'] - done['before']:.0f} MiB for the call, "
            f"{done['peak'] - done['bare']:.0f} MiB above a bare interpreter"
        )
        found.append(row)
    with tempfile.TemporaryDirectory() as folder:
        fresh, cached = (in_a_process(CHILD, 16, NUMBA_CACHE_DIR=folder)["first"] for _ in range(2))
    found.append(
        _row("first call, 16 rows", fresh, "the same, already compiled", cached, None, "goal 10 s")
    )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small tables only")
    for row in rows(parser.parse_args().quick):
        ratio = row["seconds"] / row["other_seconds"] if row["other_seconds"] else float("nan")
        print(
            f"{row['what']:<46}{row['seconds']:>11.6f} s{ratio:>8.2f} x "
            f"{row['other']:<14} {row['note']}",
            flush=True,
        )
