"""Ward's tree among neighbours beside scikit-learn's, on the cells of a square grid.

Both run in turn in one process on one core; memory is the peak of a process of its own above a
bare interpreter. The other linkages are ours alone: scikit-learn's heights are not the linkage.
"""

from __future__ import annotations

import sys
from functools import partial

from bench_trees import COLUMNS, PEAK, _row, in_a_process, medians

SIDES = (55, 224)
"""Cells along a side: 3,025 and 50,176 cells."""
OTHERS = ("average", "complete", "single", "weighted", "centroid", "median")
SIDE_OF_OTHERS = 70

MAKE = """
import numpy as np
from scipy import sparse
def cells(side):
    line = sparse.diags_array([1.0], offsets=[1], shape=(side, side))
    one = sparse.eye_array(side)
    near = sparse.kron(one, line) + sparse.kron(line, one)
    near = (near + near.T).tocsr()
    return np.random.default_rng(1).normal(size=(side * side, 14)), near
"""

CHILD = f"""
{PEAK}
{MAKE}
from hclustkit import linkage
x, near = cells(int(sys.argv[1]))
linkage(x[:9], connectivity=near[:9, :9])
linkage(x, connectivity=near)
print(json.dumps(peak() - bare))
"""


def memory(side: int) -> float:
    """MiB of a process that builds one tree, above a bare interpreter; of Linux only."""
    return float(in_a_process(CHILD, side))


def rows(quick: bool = False) -> list[dict]:
    """One row a comparison, as in `bench_trees`."""
    from hclustkit import linkage
    from sklearn.cluster import ward_tree

    made: dict = {}
    exec(MAKE, made)  # the same lines that the process of its own runs
    found = []
    for side in SIDES[: 1 if quick else None]:
        x, near = made["cells"](side)
        peer = partial(ward_tree, x, connectivity=near, return_distance=True)
        ours, theirs = medians(partial(linkage, x, connectivity=near), peer)
        note = f"{memory(side):.0f} MiB above a bare interpreter, goal 300"
        what = f"Ward among neighbours, {side * side} cells x {COLUMNS}"
        found.append(_row(what, ours, "scikit-learn ward_tree", theirs, 0.5, note))
    x, near = made["cells"](SIDE_OF_OTHERS)
    for method in OTHERS[: 1 if quick else None]:
        ours, _ = medians(partial(linkage, x, method, connectivity=near), lambda: None)
        what = f"{method} linkage among neighbours, {SIDE_OF_OTHERS**2} cells x {COLUMNS}"
        found.append(_row(what, ours, "", 0.0, None))
    return found


if __name__ == "__main__":
    for row in rows("--quick" in sys.argv):
        print(row)
