"""One Ward tree beside scipy, scikit-learn, fastcluster and R: time and memory.

    python benchmarks/bench_ward.py            # all sizes
    python benchmarks/bench_ward.py --quick    # without what needs gigabytes

Every case runs in a process of its own, on one core. Our functions take a table, check it and
settle ties; the others are given the bare array. Seconds are processor seconds, which other
work on the machine lengthens less than the clock's; the best of several runs for small sizes,
one run for large ones. Memory is the highest resident size of the process:
above a bare interpreter, so with all imports, and above what was there before the call. R is
run where ``Rscript`` is found.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = ((16, 14), (1000, 14), (5000, 14), (20_000, 14))
OURS = ("linkage", "agglomeration_schedule", "cluster_membership")
OTHERS = ("fastcluster linkage_vector", "scipy linkage", "sklearn AgglomerativeClustering")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
GIGABYTES = 10_000
"""From this many rows on scipy and scikit-learn hold more than a gigabyte."""

CHILD = """
import json, resource, sys, time
if hasattr(__import__("os"), "sched_setaffinity"):
    import os
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
kibi = 1024 if sys.platform != "darwin" else 1024 * 1024

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / kibi

program, n, p, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if program == "nothing":
    print(json.dumps({"peak": peak()}))
    raise SystemExit
import numpy as np
x = np.random.default_rng(1).normal(size=(n, p))
if kind == "rounded":
    x = x.round(1)
if program == "linkage_vector":
    import fastcluster
    work = lambda: fastcluster.linkage_vector(x, method="ward")
elif program == "scipy":
    from scipy.cluster.hierarchy import linkage
    work = lambda: linkage(x, "ward")
elif program == "sklearn":
    from sklearn.cluster import AgglomerativeClustering
    work = lambda: AgglomerativeClustering(n_clusters=1, compute_full_tree=True).fit(x)
else:
    import pandas as pd
    from hclustkit.tree import ward
    table = pd.DataFrame(x)
    work = lambda: getattr(ward, program)(table)
before = peak()
best, spent, runs = float("inf"), 0.0, 0
while runs == 0 or (spent < 1 and runs < 1000):
    start = time.process_time()
    work()
    took = time.process_time() - start
    best, spent, runs = min(best, took), spent + took, runs + 1
print(json.dumps({"seconds": best, "runs": runs, "before": before, "peak": peak()}))
"""

R_TREE = """
x <- as.matrix(read.csv("{table}", header = FALSE))
runs <- if (nrow(x) <= 16) 1000 else 1
time <- system.time(for (i in 1:runs) hclust(dist(x), "ward.D2"))
cat((time[["user.self"]] + time[["sys.self"]]) / runs)
"""


def measured(program: str, n: int, p: int, kind: str = "normal") -> dict:
    """Seconds and memory of one program in a process of its own."""
    short = {
        "fastcluster linkage_vector": "linkage_vector",
        "scipy linkage": "scipy",
        "sklearn AgglomerativeClustering": "sklearn",
    }.get(program, program)
    run = subprocess.run(
        [sys.executable, "-c", CHILD, short, str(n), str(p), kind],
        env=os.environ | ONE_CORE,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def seconds_of_r(n: int, p: int) -> float | None:
    """Processor time as R measures it, distances included; None without R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        table, program = Path(folder) / "table.csv", Path(folder) / "time.R"
        np.savetxt(table, np.random.default_rng(1).normal(size=(n, p)), delimiter=",")
        program.write_text(R_TREE.format(table=table.as_posix()), encoding="utf-8")
        run = subprocess.run(
            [rscript, str(program)],
            capture_output=True,
            text=True,
            env=os.environ | ONE_CORE,
            check=False,
        )
    return float(run.stdout.split()[-1]) if run.returncode == 0 and run.stdout else None


def rows(quick: bool = False) -> list[dict]:
    """One row per comparison: what, our seconds, the other's seconds, the ratio, memory."""
    bare = measured("nothing", 1, 1)["peak"]
    found = []
    for n, p in SIZES:
        ours = {name: measured(name, n, p) for name in OURS}
        beside = {}
        for other in OTHERS:
            if quick and n >= GIGABYTES and not other.startswith("fastcluster"):
                continue
            beside[other] = measured(other, n, p)
        of_r = None if quick and n >= GIGABYTES else seconds_of_r(n, p)
        if of_r is not None:
            beside["R hclust(dist(x))"] = {"seconds": of_r, "runs": 1}
        # the same table to one decimal is full of ties, which the rule must settle
        ours_tied = measured("linkage", n, p, "rounded")
        own = ours["linkage"]
        for name, other in (
            [(f"our {name}", ours[name]) for name in OURS[1:]]
            + [("our linkage, values to one decimal", ours_tied)]
            + list(beside.items())
        ):
            found.append(
                {
                    "what": f"Ward tree of {n} x {p}",
                    "seconds": own["seconds"],
                    "other": name,
                    "other_seconds": other["seconds"],
                    "ratio": other["seconds"] / own["seconds"],
                    "mib": own["peak"] - bare,
                    "mib_of_the_call": own["peak"] - own["before"],
                    "other_mib": other["peak"] - bare if "peak" in other else None,
                    "other_mib_of_the_call": (
                        other["peak"] - other["before"] if "peak" in other else None
                    ),
                    "note": f"one core; best of {own['runs']} and of {other['runs']} run(s)",
                }
            )
    return found


def _mib(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick",
        action="store_true",
        help="leave out scipy, scikit-learn and R at 20,000 rows (3 GiB, minutes)",
    )
    print(f"{'what':<26}{'program':<38}{'seconds':>10}{'ratio':>8}{'MiB':>7}{'of the call':>13}")
    last = None
    for row in rows(parser.parse_args().quick):
        if row["what"] != last:
            last = row["what"]
            print(
                f"{last:<26}{'our linkage':<38}{row['seconds']:>10.5f}{1:>8.2f}"
                f"{_mib(row['mib']):>7}{_mib(row['mib_of_the_call']):>13}"
            )
        print(
            f"{'':<26}{row['other']:<38}{row['other_seconds']:>10.5f}{row['ratio']:>8.2f}"
            f"{_mib(row['other_mib']):>7}{_mib(row['other_mib_of_the_call']):>13}"
        )
