"""The compiled tree with a tolerance decides, and reports, ties as the single analysis does."""

from __future__ import annotations

import numpy as np
import pytest
from hclustkit.tree import kernels, merges
from scipy.spatial.distance import pdist, squareform


def tree(x, method, tolerance):
    n = len(x)
    d = squareform(pdist(x, "sqeuclidean" if method in kernels.SQUARED_METHODS else "euclidean"))
    merge_a, merge_b = np.empty(n - 1, dtype=np.int64), np.empty(n - 1, dtype=np.int64)
    height, tied = np.empty(n - 1), np.zeros(n - 1, dtype=bool)
    code = kernels.method_code(method)
    kernels.agglomerate(d, code, tolerance, merge_a, merge_b, height, tied)
    return merge_a, merge_b, height, tied


def named_by_lowest_case(z):
    """Merges of a scipy tree as pairs of lowest cases."""
    lowest = list(range(len(z) + 1))
    pairs = []
    for left, right in z[:, :2].astype(int):
        pairs.append(tuple(sorted((lowest[left], lowest[right]))))
        lowest.append(min(pairs[-1]))
    return pairs


@pytest.mark.parametrize("method", ["ward", "average", "complete", "single", "weighted"])
@pytest.mark.parametrize("ranks", [True, False])
def test_ties_by_the_rule(method, ranks):
    rng = np.random.default_rng(len(method))
    decided = 0
    for _ in range(150):
        n, p = rng.integers(3, 17), rng.integers(1, 5)
        if ranks:
            x = np.column_stack([rng.permutation(n) for _ in range(p)]).astype(float)
        else:
            # thirds cannot be held exactly, so ties differ in the last digits
            x = rng.integers(0, 4, size=(n, p)) / 3
        merge_a, merge_b, height, tied = tree(x, method, merges.TIE_TOLERANCE)
        z, tie = merges.merge_tree(x, method)
        assert list(zip(merge_a.tolist(), merge_b.tolist(), strict=True)) == named_by_lowest_case(z)
        np.testing.assert_allclose(height, z[:, 2], rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(tied, tie)
        decided += tied.any()
    assert decided > 50


def test_no_tolerance_ties_equal_numbers_only():
    x = np.array([[0.0], [1.0], [3.0], [4.0 + 1e-12], [9.0]])
    near = tree(x, "complete", 1e-10)
    exact = tree(x, "complete", 0.0)
    assert near[3].tolist() == [True, False, False, False]
    assert not exact[3].any()
    assert (near[0][0], near[1][0]) == (exact[0][0], exact[1][0]) == (0, 1)
    # a little closer, the second pair is the nearest, but not by more than the tolerance
    x[3] = 4.0 - 1e-12
    assert tree(x, "complete", 1e-10)[0][0] == 0
    assert tree(x, "complete", 0.0)[0][0] == 2
