"""Multiscale bootstrap and cluster-wise stability beside a plain loop and beside R.

    python benchmarks/bench_bootstrap.py

The plain loop does the same work on the same resamples with scipy, one at a time; it runs
on every twentieth and the time is scaled up. R is run only where ``Rscript`` and the
packages are installed. Times are medians; compiling (once a machine, then read from the
cache) is timed apart.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from stopwatch import seconds

TABLE = (
    Path(__file__).resolve().parents[1]
    / "packages/hclustkit/tests/reference/data/states16x14_used.csv"
)
N_BOOT = 1000
SAMPLED = 20
"""The plain loop takes every so-manieth resample."""
K = 4
SEED = 1

R_MULTISCALE = """
library(pvclust)
x <- t(as.matrix(read.csv("{table}", row.names = 1)))
time <- system.time(pvclust(x, method.hclust = "ward.D2", method.dist = "euclidean",
                            nboot = {n_boot}, quiet = TRUE))
cat(time[["elapsed"]])
"""
R_STABILITY = """
library(fpc)
x <- as.matrix(read.csv("{table}", row.names = 1))
time <- system.time(clusterboot(x, B = {n_boot}, bootmethod = "boot", k = {k},
                                clustermethod = hclustCBI, method = "ward.D2",
                                scaling = FALSE, count = FALSE))
cat(time[["elapsed"]])
"""


def plain_multiscale(values: np.ndarray, sizes: np.ndarray) -> None:
    """Count returning clusters with one scipy call and sets for every tree."""

    def clusters(table: np.ndarray) -> list[frozenset]:
        sets = [frozenset([case]) for case in range(len(table))]
        for left, right in linkage(table, "ward")[:, :2].astype(int):
            sets.append(sets[left] | sets[right])
        return sets[len(table) :]

    rng = np.random.default_rng(SEED)
    counts = dict.fromkeys(clusters(values), 0)
    for size in sizes:
        for draw in rng.integers(values.shape[1], size=(N_BOOT, size))[::SAMPLED]:
            for cluster in clusters(values[:, draw]):
                if cluster in counts:
                    counts[cluster] += 1


def plain_stability(values: np.ndarray, k: int) -> None:
    """Jaccard similarities with one scipy call and loops over clusters."""
    rng = np.random.default_rng(SEED)
    original = fcluster(linkage(values, "ward"), k, "maxclust")
    for draw in rng.integers(len(values), size=(N_BOOT, len(values)))[::SAMPLED]:
        chosen = np.unique(draw)
        found = fcluster(linkage(values[chosen], "ward"), k, "maxclust")
        for cluster in range(1, k + 1):
            inside = original[chosen] == cluster
            max(
                (inside & (found == other)).sum() / (inside | (found == other)).sum()
                for other in range(1, k + 1)
            )


def seconds_of_r(program: str) -> float | None:
    """Elapsed time as R measures it, or None without R or the package."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "time.R"
        file.write_text(
            program.format(table=TABLE.as_posix(), n_boot=N_BOOT, k=K), encoding="utf-8"
        )
        run = subprocess.run([rscript, str(file)], capture_output=True, text=True, check=False)
    return float(run.stdout.split()[-1]) if run.returncode == 0 and run.stdout else None


def rows() -> list[dict]:
    """One row per comparison: what, our seconds, the other's seconds, the ratio."""
    start = time.perf_counter()
    from hclustkit import stability as bootstrap

    imported = time.perf_counter() - start
    table = pd.read_csv(TABLE, index_col=0)
    values = table.to_numpy()
    shape = f"{table.shape[0]} x {table.shape[1]}"

    def multiscale() -> object:
        return bootstrap.multiscale_bootstrap(table, N_BOOT, seed=SEED)

    def stability() -> object:
        return bootstrap.cluster_stability(table, K, draws=N_BOOT, seed=SEED)

    first_call = {}
    for work in (multiscale, stability):
        start = time.perf_counter()
        work()
        first_call[work] = time.perf_counter() - start
    sizes = bootstrap.multiscale_counts(table, 1, seed=SEED).sizes
    cases = [
        (
            f"multiscale bootstrap, {N_BOOT} x {len(sizes)} trees of {shape}",
            multiscale,
            lambda: plain_multiscale(values, sizes),
            R_MULTISCALE,
            "pvclust",
        ),
        (
            f"stability, {N_BOOT} resamples of {shape}, k = {K}",
            stability,
            lambda: plain_stability(values, K),
            R_STABILITY,
            "fpc::clusterboot",
        ),
    ]
    found = []
    for what, ours, plain, program, package in cases:
        own = seconds(ours)
        beside = [
            (
                "plain loop with scipy",
                seconds(plain, repeats=3) * SAMPLED,
                f"timed on every {SAMPLED}th resample and scaled up",
            )
        ]
        of_r = seconds_of_r(program)
        if of_r is not None:
            beside.append((f"R {package}", of_r, "one run, as R measures it"))
        found += [
            {
                "what": what,
                "seconds": own,
                "first_call_seconds": first_call[ours],
                "import_seconds": imported,
                "other": other,
                "other_seconds": theirs,
                "ratio": theirs / own,
                "note": note,
            }
            for other, theirs, note in beside
        ]
    return found


if __name__ == "__main__":
    for row in rows():
        print(
            f"{row['what']}: {row['seconds'] * 1e3:.1f} ms (first call "
            f"{row['first_call_seconds']:.2f} s, import {row['import_seconds']:.2f} s); "
            f"{row['other']}: {row['other_seconds']:.2f} s, "
            f"{row['ratio']:.0f} times as long ({row['note']})"
        )
