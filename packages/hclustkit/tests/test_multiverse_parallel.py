"""The same numbers whatever computes them: threads, chunks, resumed runs, a Dask cluster."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from hclustkit.multiverse import engine, parallel, run, run_noise
from hclustkit.progress import shows_progress
from multiverse_cases import grid_of, long_frame, reference
from refusals import refused

TESTS = Path(__file__).parent


def chunks_in(folder):
    """The files of finished chunks."""
    return list(folder.rglob("output.pkl"))


def assert_same(one, other):
    """Every number of two results, to the last bit."""
    pd.testing.assert_frame_equal(one.specifications, other.specifications, check_exact=True)
    np.testing.assert_array_equal(one.partitions, other.partitions)
    assert one.joined.keys() == other.joined.keys()
    for linkage in one.joined:
        np.testing.assert_array_equal(one.joined[linkage], other.joined[linkage])


@pytest.fixture(scope="module")
def frame():
    return long_frame()


@pytest.fixture(scope="module")
def grid(frame):
    return grid_of(frame, scalings=["zscore", "rank"], linkages=["ward", "average"])


@pytest.fixture(scope="module")
def whole(grid, frame):
    """The result on one thread, in large chunks, without a cache."""
    return run(grid, frame, reference(), n_jobs=1)


@pytest.mark.parametrize(("n_jobs", "chunk_size"), [(2, 20_000), (1, 7), (3, 100)])
def test_threads_and_chunks_change_nothing(grid, frame, whole, n_jobs, chunk_size):
    assert_same(run(grid, frame, reference(), n_jobs=n_jobs, chunk_size=chunk_size), whole)


def test_second_run_takes_every_chunk_from_the_cache(grid, frame, whole, tmp_path):
    first = run(grid, frame, reference(), cache=tmp_path, chunk_size=100)
    chunks = chunks_in(tmp_path)
    second = run(grid, frame, reference(), cache=tmp_path, chunk_size=100)
    assert (first.resumed, second.resumed) == (0, len(chunks))
    assert len(chunks) > 20
    assert_same(first, whole)
    assert_same(second, whole)


class Counted:
    """A task that knows how often it was read to make a digest of it."""

    read = 0

    def __getstate__(self):
        Counted.read += 1
        return {"rows": 3}


def three(_):
    return {"a": np.arange(3)}


def test_a_task_is_read_once_for_its_name(tmp_path):
    for kept in (0, 1):
        Counted.read = 0
        (result,), resumed = parallel.compute(three, [Counted()], weights=[1], cache=tmp_path)
        assert (resumed, Counted.read) == (kept, 1) and result["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "damage", ["cut short", "one byte changed", "emptied", "of another task", "of something else"]
)
def test_damaged_chunk_is_computed_again(grid, frame, whole, tmp_path, damage, capfd):
    run(grid, frame, reference(), cache=tmp_path, chunk_size=500)
    chunks = sorted(chunks_in(tmp_path))
    content = chunks[2].read_bytes()
    if damage == "cut short":
        chunks[2].write_bytes(content[: len(content) // 2])
    elif damage == "one byte changed":
        # in the middle of the stored numbers: only the checksum can tell
        place = len(content) // 2
        changed = bytes([content[place] ^ 1])
        chunks[2].write_bytes(content[:place] + changed + content[place + 1 :])
    elif damage == "of another task":
        chunks[2].write_bytes(chunks[3].read_bytes())
    elif damage == "of something else":
        joblib.dump({"partitions": None}, chunks[2], compress=1)
    else:
        chunks[2].write_bytes(b"")
    assert_same(run(grid, frame, reference(), cache=tmp_path, chunk_size=500), whole)
    # it was computed again and kept
    assert chunks[2].stat().st_size == len(content)
    assert capfd.readouterr().err == "", "a notebook would show it"


def test_what_other_data_grids_or_references_find_is_not_what_was_kept(grid, frame, tmp_path):
    run(grid, frame, reference(), cache=tmp_path)
    changed = frame.copy()
    changed.loc[5, "value"] *= 1 + 1e-12
    other_grid = grid_of(frame, **{**grid.to_mapping(), "k": 7})
    other_reference = reference((4, 2, 2, 2, 2, 2, 1, 1))
    for arguments in (
        (grid, changed, reference()),
        (other_grid, frame, reference()),
        (grid, frame, other_reference),
    ):
        assert_same(run(*arguments, cache=tmp_path), run(*arguments))
    # chunks of another number of clusters are other chunks
    assert (
        run(
            grid_of(frame, **{**grid.to_mapping(), "k": 6}), frame, reference(), cache=tmp_path
        ).resumed
        == 0
    )


def test_changed_code_never_meets_old_chunks(grid, frame, tmp_path, monkeypatch):
    run(grid, frame, reference(), cache=tmp_path)
    monkeypatch.setattr(parallel, "code_version", lambda: "another")
    assert run(grid, frame, reference(), cache=tmp_path).resumed == 0


SLOW_RUN = """
    import sys, time
    sys.path.insert(0, {tests!r})
    from multiverse_cases import grid_of, long_frame, reference
    from hclustkit.multiverse import engine, run

    quick = engine.trees

    def slow(*given):
        time.sleep(0.05)
        return quick(*given)

    engine.trees = slow
    frame = long_frame()
    grid = grid_of(frame, scalings=["zscore", "rank"], linkages=["ward", "average"])
    run(grid, frame, reference(), cache={cache!r}, chunk_size=100, n_jobs=2)
"""


def test_killed_run_goes_on_where_it_stopped(grid, frame, whole, tmp_path):
    script = textwrap.dedent(SLOW_RUN).format(tests=str(TESTS), cache=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script])
    try:
        deadline = time.monotonic() + 120
        while len(chunks_in(tmp_path)) < 5:
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL
    kept = len(chunks_in(tmp_path))
    resumed = run(grid, frame, reference(), cache=tmp_path, chunk_size=100)
    total = len(chunks_in(tmp_path))
    assert 5 <= kept < total
    assert resumed.resumed == kept
    assert_same(resumed, whole)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A Dask scheduler and two workers as processes of their own, on the loopback."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    log = (tmp_path / "dask.log").open("w")
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(engine.__file__).parents[2]),
        "DASK_TEMPORARY_DIRECTORY": str(tmp_path),
    }
    environment.pop("DASK_SCHEDULER_ADDRESS", None)

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            stdout=log,
            stderr=log,
            cwd=tmp_path,
            env=environment,
        )

    scheduler = start(
        "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
    )
    workers = [
        start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        for _ in range(2)
    ]
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    try:
        from distributed import Client

        with Client(address, set_as_default=False, timeout=120) as client:
            client.wait_for_workers(2, timeout=120)
        yield workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
        log.close()


def test_dask_gives_the_same_numbers_though_a_worker_dies(grid, frame, whole, tmp_path, cluster):
    cache = tmp_path / "cache"
    at_death = []

    def kill_one_worker():
        while len(chunks_in(cache)) < 5:
            time.sleep(0.002)
        cluster[0].kill()
        at_death.append(len(chunks_in(cache)))

    killer = threading.Thread(target=kill_one_worker, daemon=True)
    killer.start()
    result = run(grid, frame, reference(), cache=cache, chunk_size=20)
    killer.join(timeout=10)
    total = len(chunks_in(cache))
    assert at_death
    assert at_death[0] < total
    assert_same(result, whole)

    # the worker that is left does the noise draws
    small = grid_of(frame, years=[2002], scalings=["range"], linkages=["ward"])
    arguments = {"level": 0.05, "draws": 20, "seed": 4, "chunk_size": 50}
    by_dask = run_noise(small, frame, reference(), **arguments)
    os.environ.pop("DASK_SCHEDULER_ADDRESS")
    here = run_noise(small, frame, reference(), **arguments)
    pd.testing.assert_frame_equal(by_dask, here, check_exact=True)


def test_progress_bar_only_where_someone_looks(grid, frame, capsys, monkeypatch):
    monkeypatch.delenv("HCLUSTKIT_PROGRESS", raising=False)
    run(grid, frame, reference())
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("HCLUSTKIT_PROGRESS", "1")
    run(grid, frame, reference())
    assert "100%" in capsys.readouterr().err
    monkeypatch.setenv("HCLUSTKIT_PROGRESS", "0")
    assert not shows_progress()
    assert shows_progress(True)


def test_chunk_size_and_threads_are_checked(grid, frame):
    with refused("range", place="chunk_size"):
        run(grid, frame, reference(), chunk_size=0)
    with refused("range", place="n_jobs"):
        run(grid, frame, reference(), n_jobs=0)


def test_no_scheduler_behind_the_address(grid, frame, monkeypatch):
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "nowhere")
    monkeypatch.setattr("distributed.Client", _no_client)
    with refused("scheduler", place="DASK_SCHEDULER_ADDRESS"):
        run(grid, frame, reference())


def _no_client(*_, **__):
    raise OSError("timed out")
