"""Trees in which only neighbours merge.

The rows of Z are in the order of the merges, which is not always that of the heights: a merge
of neighbours can bring the new cluster nearer to a third than its parts were to each other.
`hclustkit.tree.cut.inversions` lists such merges; a cut by number undoes the last merges.

Where the graph falls apart, the last rows of Z join its parts at an infinite height: they are
there so that Z has the form of any other tree, and no cut undoes fewer of them than there are.

References
----------
Gordon, A. D. (1996), A survey of constrained classification. Computational Statistics and Data
Analysis 21, 17-29.
Guo, D. (2008), Regionalization with dynamically constrained agglomerative clustering and
partitioning (REDCAP). International Journal of Geographical Information Science 22, 801-823.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import as_array
from hclustkit.arrays import Bools, Floats, check_weights
from hclustkit.errors import refusal
from hclustkit.tree.constrained_loops import merge_neighbours
from hclustkit.tree.cut import totals_of
from hclustkit.tree.engine import EPS, LINKAGES, WARD, Merges, agglomerate
from hclustkit.tree.linkage import check_memory, empty_merges, scaled_distances, weigh
from hclustkit.tree.neighbours import as_neighbours
from hclustkit.tree.ordering import linkage_matrix, scaled_columns


def merges_of_neighbours(
    X: Any,
    code: int,
    connectivity: Any,
    *,
    metric: str,
    weights: Any,
    variable_weights: Any,
    non_euclidean: bool,
    join_components: bool,
    minimum: float | None,
    totals: Any,
) -> tuple[Floats, Bools]:
    """Compute the merges of a tree in which only neighbours merge; see `hclustkit.linkage`.

    Returns
    -------
    Z : array of float64, shape (n - 1, 4)
    ties : array of bool, shape (n - 1,)
    """
    if connectivity is None:
        text = "join_components, minimum and totals need neighbours: give connectivity"
        raise refusal(text, "connectivity", "connectivity-missing")
    method = LINKAGES[code]
    if metric == "euclidean" and code == WARD:
        table = as_array(X)
        n = len(table)
        if variable_weights is not None:
            p = table.shape[1]
            table = table * np.sqrt(check_weights(variable_weights, p, "variable_weights"))
        columns, noise, exponent = scaled_columns(np.array(table, order="C"))
        centre, d = np.ascontiguousarray(columns.T), np.empty(0)
    else:
        from hclustkit.tree.given_distances import distances_between

        given, n = distances_between(
            X, method, metric, variable_weights, non_euclidean=non_euclidean
        )
        d, noise, exponent = scaled_distances(given, code)
        centre = np.empty((0, 0))
    size = np.ones(n) if weights is None else check_weights(weights, n, "weights", least=EPS)
    size = size.copy()
    if code == WARD and len(d):
        weigh(d, size)
    graph = as_neighbours(connectivity, n, X.index if hasattr(X, "iloc") else None)
    starts, ends = graph.both_ways()
    total, least = totals_of(totals, n, minimum)
    clusters = centre, d, size
    found = empty_merges(max(n, 1))
    made = merge_neighbours(starts, ends, clusters, code, noise, total, least, *found)
    _join_parts(made, clusters, code, noise, found, join=join_components)
    return _finish(found, noise, exponent)


def _join_parts(
    made: int,
    clusters: tuple[Floats, Floats, Floats],
    code: int,
    noise: float,
    found: Merges,
    *,
    join: bool,
) -> None:
    """Write the merges of the parts of the graph: by the linkage, or at an infinite height."""
    merge_a, merge_b, height, tied = found
    centre, d, size = clusters
    n = len(size)
    if made == n - 1:
        return
    is_root = np.ones(n, dtype=bool)
    is_root[merge_b[:made]] = False
    roots = np.flatnonzero(is_root)
    if not join:
        merge_a[made:], merge_b[made:] = roots[0], roots[1:]
        height[made:], tied[made:] = np.inf, False
        return
    check_memory(len(roots), LINKAGES[code])
    one, two = np.triu_indices(len(roots), 1)
    a, b = roots[one], roots[two]
    if len(d):
        between = d[a * (2 * n - a - 3) // 2 + b - 1]
    else:
        square = sum(((column[a] - column[b]) ** 2 for column in centre.T), np.zeros(len(a)))
        between = 2 * square * (size[a] * size[b] / (size[a] + size[b]))
    parts = empty_merges(len(roots))
    agglomerate(between, size[roots].copy(), code, noise, *parts)
    merge_a[made:], merge_b[made:] = roots[parts[0]], roots[parts[1]]
    height[made:], tied[made:] = parts[2], parts[3]


def _finish(found: Merges, noise: float, exponent: int) -> tuple[Floats, Bools]:
    merge_a, merge_b, height, tied = found
    joined = np.isfinite(height)
    height[height <= noise] = 0.0
    height[:] = np.ldexp(np.ldexp(height, exponent // 2), exponent - exponent // 2)
    if not np.isfinite(height[joined]).all():
        text = "a distance exceeds 1.8e308: standardize the table first"
        raise refusal(text, "table", "overflow")
    Z = np.empty((len(height), 4))
    linkage_matrix(merge_a, merge_b, height, Z)
    return Z, tied
