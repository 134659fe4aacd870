"""The paths of the engine against each other, against scipy, and against their promises."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import tracemalloc
from pathlib import Path

import numba
import numpy as np
import pytest
import scipy.cluster.hierarchy as sch
from hclustkit import Tree, compiled, cut
from hclustkit.distances import squared_differences
from hclustkit.errors import InputError
from hclustkit.tree import batch, engine, ordering, points
from hclustkit.tree import linkage as paths
from hclustkit.tree.linkage import LINKAGES, MATRIX_ROWS, POINTS, linkage, merges
from hypothesis import given, settings
from hypothesis import strategies as st
from scale import scale

CHAINS = ("ward", "average", "complete", "weighted")


def by_rule(columns, noise, code):
    found = paths.empty_merges(columns.shape[1])
    d = engine.condensed_distances(columns, code)
    engine.agglomerate(d, np.ones(columns.shape[1]), code, noise, *found)
    return found


def every_path(x, method):
    """The tree by the plain search, and by each quicker path that does not refuse the table."""
    columns, noise, _ = ordering.scaled_columns(np.ascontiguousarray(x))
    code = LINKAGES.index(method)
    others = {}
    if method == "single":
        others["spanning tree"] = paths._by_spanning_tree(columns.copy(), noise)
    if method in CHAINS:
        others["chain"] = paths._by_chain(engine.square_matrix(columns, code), code, noise)
    if method == "ward":
        others["chain of points"] = points._by_chain(columns, noise)
        others["points by the rule"] = points._by_rule(columns, noise)
    return by_rule(columns, noise, code), {k: v for k, v in others.items() if v is not None}


def assert_same(found, expected):
    for ours, theirs in zip(found[:2], expected[:2], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(found[2], expected[2], rtol=1e-8, atol=1e-14)
    np.testing.assert_array_equal(found[3], expected[3])


def one_ulp_table(rng):
    """A small table full of duplicates and ties that differ in their last digit or not at all."""
    n, p = int(rng.integers(2, 40)), int(rng.integers(1, 4))
    kind = rng.integers(3)
    if kind == 0:
        return rng.choice([0.1, 0.2, 0.3, 0.1 + 0.2, 0.7, 0.1 * 7], size=(n, p))
    if kind == 1:
        x = rng.integers(1, 5, size=(n, p)) / 3
        return np.where(rng.random(x.shape) < 0.3, np.nextafter(x, 9), x)
    return rng.normal(size=(n, p)).round(1)


@pytest.mark.parametrize("method", LINKAGES)
def test_the_first_merges_do_not_depend_on_how_many_are_asked_for(method):
    rng, code = np.random.default_rng(5), LINKAGES.index(method)
    for _ in range(scale(10, 1000)):
        columns, noise, _ = ordering.scaled_columns(one_ulp_table(rng))
        n = columns.shape[1]
        every, stages = by_rule(columns, noise, code), int(rng.integers(n))
        first = paths.empty_merges(stages + 1)
        d = engine.condensed_distances(columns, code)
        engine.agglomerate(d, np.ones(n), code, noise, *first)
        for whole, part in zip(every, first, strict=True):
            np.testing.assert_array_equal(whole[:stages], part)


@pytest.mark.parametrize("method", LINKAGES)
def test_one_ulp_is_a_tie_on_every_path(method):
    x = np.array([[0.1 + 0.2], [0.3], [0.3], [5], [9]])
    Z, ties = merges(x, method)
    assert Z[0].tolist() == [0, 1, 0, 2] and ties.tolist() == [True, False, False, False]
    plain, others = every_path(x, method)
    for found in others.values():
        assert_same(found, plain)


@pytest.mark.parametrize("method", LINKAGES)
def test_every_path_gives_the_same_tree(method):
    rng = np.random.default_rng(LINKAGES.index(method))
    met = set()
    for _ in range(scale(60, 300)):
        x = one_ulp_table(rng)
        plain, others = every_path(x, method)
        for name, found in others.items():
            assert_same(found, plain)
            met.add(name)
        # the batch on sums of squared differences
        n, scaled = len(x), x
        labels, joined = np.empty((1, n), dtype=np.uint8), np.zeros((n * (n - 1) // 2, 2), int)
        k = int(rng.integers(1, n + 1))
        batch.trees_of_sums(
            squared_differences(scaled),
            np.abs(scaled).max(axis=0),
            np.arange(x.shape[1], dtype=np.int32)[None],
            LINKAGES.index(method),
            k,
            False,
            labels,
            np.zeros(1, dtype=bool),
            joined,
        )
        np.testing.assert_array_equal(labels[0] + 1, cut(linkage(x, method), k))
    if method in CHAINS:
        assert "chain" in met
    if method == "ward":
        assert {"chain of points", "points by the rule"} <= met
    if method == "single":
        assert "spanning tree" in met


@pytest.mark.parametrize("method", LINKAGES)
@given(st.integers(0, 10**6))
@settings(max_examples=scale(12, 40), deadline=None)
def test_row_order_changes_the_partition_only_where_a_tie_is_reported(method, seed):
    rng = np.random.default_rng(seed)
    x = one_ulp_table(rng)
    order = rng.permutation(len(x))
    Z, ties = merges(x, method)
    shuffled, again = merges(x[order], method)
    first = int(np.argmax(ties)) if ties.any() else len(ties)
    assert ties.any() == again.any()
    # up to the first tie both orders make the same clusters
    for k in range(len(x) - first, len(x) + 1):
        back = np.empty(len(x), dtype=int)
        back[order] = cut(shuffled, k)
        ours = cut(Z, k)
        assert len(set(zip(ours.tolist(), back.tolist(), strict=True))) == k


@pytest.mark.parametrize("n", [2, 3, 23, 24, 25, 26, 150])
@pytest.mark.parametrize("method", LINKAGES)
def test_the_tree_of_scipy(method, n):
    x = np.random.default_rng(n).normal(size=(n, 4))
    Z, expected = linkage(x, method), sch.linkage(x, method)
    np.testing.assert_array_equal(Z[:, [0, 1, 3]], expected[:, [0, 1, 3]])
    np.testing.assert_allclose(Z[:, 2], expected[:, 2], rtol=1e-10)


@pytest.mark.cases(1)
@pytest.mark.parametrize("unit", [1.0, 1e-4])
def test_large_ward_trees_are_those_of_scipy(unit):
    # tight groups far apart: single precision is off by more than the distances differ
    rng = np.random.default_rng(11)
    n = POINTS + 200
    x = rng.normal(size=(n, 6)) * unit + rng.integers(0, 3, size=(n, 1)) * 100.0
    Z, ties = merges(x)
    expected = sch.linkage(x, "ward")
    np.testing.assert_allclose(Z[:, 2], expected[:, 2], rtol=1e-7)
    for k in (2, 3, 10, 100):
        assert len(set(zip(cut(Z, k), cut(expected, k), strict=True))) == k
    assert not ties.any()


def test_a_large_table_full_of_ties_follows_the_rule():
    x = np.random.default_rng(7).normal(size=(POINTS + 100, 2)).round(1)
    columns, noise, _ = ordering.scaled_columns(x)
    found = points.ward_of_points(columns, noise)
    assert found[3].any()
    assert_same(found, by_rule(columns, noise, engine.WARD))


def test_ward_holds_no_matrix_of_all_distances():
    x = np.random.default_rng(2).normal(size=(POINTS + 500, 14))
    linkage(x[: POINTS + 1])  # compiling is not what is measured
    tracemalloc.start()
    linkage(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(x) ** 2 * 8 / 10


@pytest.mark.parametrize("method", LINKAGES[1:])
def test_what_would_not_fit_is_refused_with_its_bytes(method):
    x = np.zeros((MATRIX_ROWS + 1, 1))
    with pytest.raises(InputError) as caught:
        linkage(x, method)
    assert caught.value.rule == "memory" and caught.value.value == 8 * (MATRIX_ROWS + 1) ** 2


@pytest.mark.parametrize("method", LINKAGES)
def test_every_value_of_a_float_is_looked_at(method):
    for bad in (np.nan, np.inf):
        x = np.zeros((30, 2))
        x[17, 1] = bad
        with pytest.raises(InputError):
            linkage(x, method)
    assert (linkage(np.full((30, 2), 0.1), method)[:, 2] == 0).all()
    tiny = np.array([[0.0], [5e-324], [1e-320]])
    assert linkage(tiny, method)[0, :2].tolist() == [0, 1]


def test_cut_labels_is_cut():
    rng = np.random.default_rng(3)
    for n in (1, 2, 9):
        x = rng.normal(size=(n, 2))
        columns, noise, _ = ordering.scaled_columns(x)
        merge_a, merge_b, _, _ = by_rule(columns, noise, engine.AVERAGE)
        for k in range(1, n + 1):
            labels = np.empty(n, dtype=np.int64)
            batch.cut_labels(merge_a, merge_b, k, labels)
            np.testing.assert_array_equal(labels + 1, Tree.from_table(x, "average").cut(k))


def test_without_a_place_for_the_cache_it_compiles_all_the_same(monkeypatch):
    real = numba.njit

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(compiled.numba, "njit", njit)
    assert compiled.compiled(lambda x: x + 1)(2) == 3


def said_by(program, **variables):
    """Run a program twice, and return what each run wrote to its error stream."""
    return [
        subprocess.run(
            [sys.executable, program],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for _ in range(2)
    ]


@pytest.mark.slow
def test_it_says_once_that_it_compiles_and_keeps_the_code(tmp_path):
    trees = """
        from hclustkit import linkage
        linkage([[0.0], [1.0], [3.0]])
        linkage([[0.0], [1.0], [3.0]], "average")
        """
    small = """
        from hclustkit.compiled import compiled
        @compiled
        def one(x):
            return x + 1
        @compiled
        def two(x):
            return one(x) * 2
        one(1.0), two(1.0)
        """
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(scale(small, trees)))
    said = said_by(program, NUMBA_CACHE_DIR=str(tmp_path))
    assert said[0].count("compiling") == 1 and said[1] == ""


@pytest.mark.slow
@pytest.mark.long("damaged code", "compiled code cut short or of another function is made anew")
def test_a_damaged_cache_is_made_anew_and_another_function_is_never_taken(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent("""
        import sys
        from hclustkit.compiled import compiled
        @compiled
        def one(x):
            return x + 1
        @compiled
        def two(x):
            return x * 5
        print(one(2), two(2), file=sys.stderr)
        """)
    )
    cache = tmp_path / "cache"

    def result():
        return said_by(program, NUMBA_CACHE_DIR=str(cache))[-1].splitlines()

    assert result() == ["3 10"]
    (code,), (other,), (index,) = (
        list(cache.rglob(name)) for name in ("*.one-*.nbc", "*.two-*.nbc", "*.one-*.nbi")
    )
    damage = (
        (code, other.read_bytes()),
        (code, code.read_bytes()[:-100]),
        (code, b""),
        (index, index.read_bytes()[:-10]),
    )
    for damaged, content in scale(damage[:2], damage):
        damaged.write_bytes(content)
        assert result() == ["3 10"]


@pytest.mark.slow
def test_where_the_package_cannot_be_written_the_code_is_kept_in_the_home_folder(tmp_path):
    site, home = tmp_path / "site", tmp_path / "home"
    installed = Path(compiled.__file__).parent
    shutil.copytree(installed, site / "hclustkit", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [site, *(path for path in site.rglob("*") if path.is_dir())]:
        (folder / "__pycache__").touch()  # not even root can make a folder of this name
    program = site / "program.py"
    program.write_text(
        "from hclustkit.tree import engine\n"
        f"assert engine.__file__.startswith({str(site)!r})\n"
        "engine.tie_limit(1.0, True, 0.0)\n"
    )
    places = {"HOME": home, "XDG_CACHE_HOME": home / ".cache", "PYTHONPATH": site}
    said = said_by(program, NUMBA_CACHE_DIR="", **{key: str(at) for key, at in places.items()})
    assert said[0].count("compiling") == 1 and said[1] == ""
    kept = list(tmp_path.rglob("*.nbi"))
    assert kept and all(path.is_relative_to(home) for path in kept)


def test_importing_is_quick_and_loads_nothing_heavy():
    program = (
        "import sys, hclustkit; "
        "print([m for m in ('numba', 'sklearn', 'matplotlib', 'pandas') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_flag_loads_nothing_more() -> None:
    """Neither the call nor the look at its flag needs pandas."""
    code = "import sys, numpy, hclustkit; "
    code += "hclustkit.linkage(numpy.eye(3)[:2], join_components=False); "
    code += "print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
