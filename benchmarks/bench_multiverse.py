"""The whole grid of analyses beside a plain loop over them.

    python benchmarks/bench_multiverse.py

The plain loop clusters each specification with `scipy.cluster.hierarchy.linkage` and
`fcluster` and compares it by scikit-learn's `adjusted_rand_score`. It and ours take the same
specifications (one year, one scaling, Ward) on one core, and must find the same agreement.
The whole default grid is timed on all cores, with its permutation tests and shares of
variance, once for time and once in a process of its own for peak memory and compiling. Times
are medians. Without the built indicators a random table of the same shape is used.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score
from stopwatch import seconds

ROOT = Path(__file__).resolve().parents[1]
INDICATORS = ROOT / "data" / "processed" / "indicators.csv"
CLUSTERS = ROOT / "data" / "raw" / "published_clusters.csv"
NEIGHBOURS = ROOT / "data" / "raw" / "neighbours.csv"
SETTINGS = {"k": 8, "min_indicators": 5, "consensus_ks": range(2, 11)}
YEARS = list(range(2010, 2016))
SAMPLED_YEAR = 2013
DRAWS = 10_000
PASSES = 3
"""Times the plain loop goes over the sample; ours goes seven times."""


def case() -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Long data, reference partition and neighbours: the study's own where they are built."""
    if INDICATORS.is_file() and CLUSTERS.is_file() and NEIGHBOURS.is_file():
        frame = pd.read_csv(INDICATORS, keep_default_na=False)
        frame["value"] = pd.to_numeric(frame["value"])
        clusters = pd.read_csv(CLUSTERS)
        reference = clusters.set_index("region")["cluster"]
        return frame, reference, pd.read_csv(NEIGHBOURS)
    rng = np.random.default_rng(0)
    labels = [f"r{number}" for number in range(16)]
    rows = [
        (label, year, f"P{number}", variant, value)
        for year in YEARS
        for number in range(1, 12)
        if number != 11 or year >= 2013
        for variant in (("", "other") if number < 4 else ("",))
        for label, value in zip(labels, rng.lognormal(size=16), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["region", "year", "indicator", "variant", "value"])
    reference = pd.Series(np.repeat(np.arange(8), 2), index=labels)
    ring = pd.DataFrame({"a": labels, "b": [*labels[1:], labels[0]]})
    return frame, reference, ring


def plain_loop(tables: list[np.ndarray], reference: np.ndarray, k: int) -> np.ndarray:
    """Agreement of each table's Ward clusters with the reference, one at a time."""
    return np.array(
        [
            adjusted_rand_score(reference, fcluster(linkage(table, "ward"), k, "maxclust"))
            for table in tables
        ]
    )


def tables_of(result, frame: pd.DataFrame) -> list[np.ndarray]:
    """The standardised table of every specification."""
    from hclustkit import standardize

    columns = {}
    for (indicator, variant), part in frame[frame["year"] == SAMPLED_YEAR].groupby(
        ["indicator", "variant"]
    ):
        if part["value"].notna().all():
            values = part.set_index("region")[["value"]].loc[list(result.labels)]
            columns[indicator, variant or "main"] = standardize(values).to_numpy()[:, 0]
    names = list(result.grid.indicators)
    words = result.describe()[names].to_dict("records")
    return [
        np.column_stack([columns[name, row[name]] for name in names if row[name] != "absent"])
        for row in words
    ]


def in_fresh_process(cache: str) -> dict[str, float]:
    """Seconds of import, first and second run, and peak MiB, with numba's cache in ``cache``."""
    run = subprocess.run(
        [sys.executable, __file__, "--report"],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    names = ("import", "first", "second", "tests", "peak")
    return dict(zip(names, map(float, run.stdout.split()), strict=True))


def report() -> None:
    """What `in_fresh_process` reads: the work of a study, timed step by step."""
    times = [time.perf_counter()]
    from hclustkit.multiverse import Grid, permutation_test, run, variance_shares

    times.append(time.perf_counter())
    frame, reference, neighbours = case()
    grid = Grid.from_data(frame, years=YEARS, **SETTINGS)
    times.append(time.perf_counter())
    for _ in range(2):
        result = run(grid, frame, reference)
        times.append(time.perf_counter())
    permutation_test(result, draws=DRAWS, seed=1)
    permutation_test(result, draws=DRAWS, seed=1, null="contiguous", neighbours=neighbours)
    variance_shares(result)
    times.append(time.perf_counter())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    steps = np.diff(times)
    print(steps[0], *steps[2:], peak)


def rows() -> list[dict]:
    """One row per comparison: what, our seconds, the other's seconds, the ratio."""
    start = time.perf_counter()
    from hclustkit.multiverse import Grid, permutation_test, run, variance_shares

    imported = time.perf_counter() - start
    frame, reference, neighbours = case()
    grid = Grid.from_data(frame, years=YEARS, **SETTINGS)
    with tempfile.TemporaryDirectory() as cache:
        compiling = in_fresh_process(cache)
        loading = in_fresh_process(cache)

    small = Grid.from_data(
        frame, years=[SAMPLED_YEAR], scalings=["zscore"], linkages=["ward"], **SETTINGS
    )
    sample = run(small, frame, reference, n_jobs=1)
    tables = tables_of(sample, frame)
    target = sample.reference
    found = plain_loop(tables, target, small.k)
    if not np.allclose(found, sample.specifications["ari"]):
        raise RuntimeError("the plain loop and the grid disagree")
    ours = seconds(lambda: run(small, frame, reference, n_jobs=1))
    plain = seconds(lambda: plain_loop(tables, target, small.k), PASSES)

    result = run(grid, frame, reference)
    size = len(result.specifications)
    whole = seconds(lambda: run(grid, frame, reference))
    one_core = seconds(lambda: run(grid, frame, reference, n_jobs=1), 3)
    tests = seconds(lambda: permutation_test(result, draws=DRAWS, seed=1), 3)
    contiguous = seconds(
        lambda: permutation_test(
            result, draws=DRAWS, seed=1, null="contiguous", neighbours=neighbours
        ),
        3,
    )
    shares = seconds(lambda: variance_shares(result), 3)
    each = plain / len(tables)
    linkages = len(grid.linkages)
    common = {"first_call_seconds": loading["first"], "import_seconds": imported}
    loop = "plain loop with scipy and scikit-learn"
    return [
        {
            "what": f"{len(tables):,} specifications on one core",
            "seconds": ours,
            **common,
            "other": loop,
            "other_seconds": plain,
            "ratio": plain / ours,
            "note": f"{each * 1e3:.2f} ms against {ours / len(tables) * 1e6:.1f} µs each; "
            "same agreement found",
        },
        {
            "what": f"whole grid, {size:,} specifications, {linkages} linkages, one core",
            "seconds": one_core,
            **common,
            "other": loop,
            "other_seconds": each * size,
            "ratio": each * size / one_core,
            "note": "the loop's time scaled up from the sample",
        },
        {
            "what": f"whole grid, {size:,} specifications, {linkages} linkages, all cores",
            "seconds": whole,
            **common,
            "other": loop,
            "other_seconds": each * size,
            "ratio": each * size / whole,
            "note": "the loop's time scaled up from the sample, one core. First run when all has "
            f"to be compiled: {compiling['first']:.1f} s. Then {DRAWS:,} relabelled references "
            f"{tests:.2f} s, as many contiguous ones {contiguous:.2f} s, shares of variance "
            f"{shares:.2f} s; peak memory of all of it {loading['peak']:.0f} MiB",
        },
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ["--report"]:
        report()
        raise SystemExit
    for row in rows():
        print(
            f"{row['what']}: {row['seconds']:.3f} s (first call {row['first_call_seconds']:.2f} s,"
            f" import {row['import_seconds']:.2f} s); {row['other']}: "
            f"{row['other_seconds']:.1f} s, {row['ratio']:.0f} times as long ({row['note']})"
        )
