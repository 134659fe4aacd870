"""From a table, or from distances, to the merges of a hierarchical clustering.

Ties
----
When two pairs of clusters are equally near, the criterion does not say which to merge. The
rule here: **the pair with the lowest case numbers goes first**, the lower first number, then
the lower second one, where a cluster is known by its lowest case. Two distances count as
equal when they differ by less than `TIE_TOLERANCE` (relative) plus what rounding does to the
coordinates themselves (``4 eps max|x| sqrt(p)``). The rule holds for every linkage and every
size. Where nothing is tied, the order of the rows changes nothing but the last rounding.
R's hclust takes the lowest pair too, but compares the rounded numbers: on whole numbers it
gives the same stages, on values such as 0.1 and 0.3 rounding may settle a tie there.

References
----------
Ward, J. H. (1963), Hierarchical grouping to optimize an objective function. JASA 58, 236-244.
Murtagh, F., Legendre, P. (2014), Ward's hierarchical agglomerative clustering method: which
algorithms implement Ward's criterion? Journal of Classification 31, 274-295.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import as_array, check_choice
from hclustkit.arrays import Bools, Floats, Ints, check_weights, refuse_distances
from hclustkit.errors import refusal
from hclustkit.tree.engine import (
    CENTROID,
    CHAIN_ROWS,
    EPS,
    LINKAGES,
    SINGLE,
    SQUARED,
    TIE_TOLERANCE,
    WARD,
    Merges,
    agglomerate,
    condensed_distances,
    follow_chain,
    span,
    square_matrix,
)
from hclustkit.tree.ordering import (
    linkage_matrix,
    merge_edges,
    put_in_order,
    scaled_columns,
    settle_heights,
)

__all__ = ["LINKAGES", "TIE_TOLERANCE", "linkage", "linkage_name", "merges"]

MATRIX_ROWS = 20_000
"""A linkage that holds all distances at once is refused above this many rows."""

POINTS = 2000
"""Above this many rows Ward's method does without a matrix of distances."""


def linkage_name(method: str) -> str:
    """Name a linkage in words.

    Examples
    --------
    >>> linkage_name("ward"), linkage_name("average")
    ("Ward's method", 'average linkage')
    """
    return "Ward's method" if method == "ward" else f"{method} linkage"


def linkage(
    X: Any,
    method: str = "ward",
    *,
    metric: str = "euclidean",
    weights: Any = None,
    variable_weights: Any = None,
    connectivity: Any = None,
    join_components: bool = False,
    non_euclidean: bool = False,
    minimum: float | None = None,
    totals: Any = None,
) -> Floats:
    """Compute the merges of a hierarchical clustering, in the form scipy uses.

    Parameters
    ----------
    X : DataFrame or array, shape (n, p)
        Taken as it is: standardize it first. With ``metric="precomputed"`` the distances,
        square (n, n) or condensed (n (n - 1) / 2,).
    method : {"ward", "average", "complete", "single", "weighted", "centroid", "median"}
    metric : str
        "euclidean", "precomputed", or a metric that `scipy.spatial.distance.pdist` knows.
        ``ward``, ``centroid`` and ``median`` take Euclidean distances only.
    weights : array, shape (n,), optional
        How much each row counts: a whole number has the effect of repeating the row.
    variable_weights : array, shape (p,), optional
        How much the squared difference in each column counts.
    connectivity : Neighbours, matrix or other, optional
        Which rows are neighbours: then only neighbours merge. See
        `hclustkit.tree.neighbours.as_neighbours` for the forms it may have.
    join_components : bool
        Whether the parts of a disconnected graph are merged at the end, by the linkage.
    minimum : float, optional
        With ``connectivity``: the least size of a cluster. As long as a cluster is smaller and
        has neighbours, the nearest pair of which one is too small merges. `hclustkit.cut` with
        the same minimum takes the clusters that reach it.
    totals : array, shape (n,), optional
        What each row adds to the size of its cluster, such as its population; by default 1.
    non_euclidean : bool
        Let ``ward``, ``centroid`` and ``median`` take other metrics, and given distances that
        no set of points has. The formula is then applied unchanged, as in scipy and R, and
        the heights no longer measure sums of squares.

    Returns
    -------
    array of float64, shape (n - 1, 4)
        Row t: the two clusters merged (0..n-1 cases, n + t the cluster of row t; the lower
        number first), the height, and the number of cases in the new cluster.

        ``ward``: sqrt(2 x increment of the within-cluster sum of squares), as R's ward.D2 on
        Euclidean distances. ``average``, ``complete``, ``single``, ``weighted`` (McQuitty,
        WPGMA): Euclidean distances. ``centroid``, ``median``: Euclidean distance of the
        centroids (of the midpoints); R prints its square when it is given squared distances.
        These two can invert: a merge may be below an earlier one. With ``connectivity`` every
        linkage can, and the rows are in the order of the merges. Parts of a graph that are
        not joined have merges of infinite height at the end, which no cut keeps.

    Raises
    ------
    InputError
        If the method or metric is unknown, the table breaks a rule or looks like a matrix of
        distances, the neighbours do not fit it, distances are given to ``ward``, ``centroid``
        or ``median`` that are not Euclidean (the value is the smallest eigenvalue of their
        centred matrix), or there are more than 20,000 rows for a linkage other than ``ward``:
        their distances would fill the memory.

    Examples
    --------
    >>> linkage([[0.0], [1.0], [5.0]], "single").tolist()
    [[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 3.0]]
    """
    return merges(
        X,
        method,
        metric=metric,
        weights=weights,
        variable_weights=variable_weights,
        connectivity=connectivity,
        join_components=join_components,
        non_euclidean=non_euclidean,
        minimum=minimum,
        totals=totals,
    )[0]


def merges(
    X: Any,
    method: str = "ward",
    *,
    metric: str = "euclidean",
    weights: Any = None,
    variable_weights: Any = None,
    non_euclidean: bool = False,
    join_components: bool = False,
    connectivity: Any = None,
    minimum: float | None = None,
    totals: Any = None,
) -> tuple[Floats, Bools]:
    """Compute what `linkage` does, and tell at which merges the rule for ties decided.

    Returns
    -------
    Z : array of float64, shape (n - 1, 4)
    ties : array of bool, shape (n - 1,)
        True where another pair was equally near and the rule decided.
    """
    code = LINKAGES.index(check_choice(method, LINKAGES, "linkage"))
    if hasattr(X, "iloc"):  # of pandas: other tables have no labels
        # imported here so that clustering an array does not load pandas
        from hclustkit.tree.neighbours import by_label

        weights = by_label(weights, X.index, "weights")
        totals = by_label(totals, X.index, "totals")
        variable_weights = by_label(variable_weights, X.columns, "variable_weights")
    if join_components or any(given is not None for given in (connectivity, minimum, totals)):
        from hclustkit.tree.constrained import merges_of_neighbours

        return merges_of_neighbours(
            X,
            code,
            connectivity,
            metric=metric,
            weights=weights,
            variable_weights=variable_weights,
            non_euclidean=non_euclidean,
            join_components=join_components,
            minimum=minimum,
            totals=totals,
        )
    if metric == "euclidean":
        x = X
        # an array of floats is checked later, where it is scaled in any case
        if not (type(x) is np.ndarray and x.dtype == np.float64 and x.ndim == 2 and x.shape[1]):
            x = as_array(X)
        refuse_distances(x)
        if variable_weights is not None:
            x = x * np.sqrt(check_weights(variable_weights, x.shape[1], "variable_weights"))
        if weights is None:
            return _merges_of_table(x, code)
        return _merges_of_weighted_rows(as_array(x), weights, code)
    from hclustkit.tree.given_distances import distances_between

    d, n = distances_between(X, method, metric, variable_weights, non_euclidean=non_euclidean)
    size = np.ones(n) if weights is None else check_weights(weights, n, "weights", least=EPS)
    return merges_of_distances(d, size, code)


def _merges_of_weighted_rows(x: Floats, weights: Any, code: int) -> tuple[Floats, Bools]:
    n = len(x)
    size = check_weights(weights, n, "weights", least=EPS)
    if n < 2:
        return np.empty((0, 4)), np.empty(0, dtype=bool)
    check_memory(n, LINKAGES[code])
    columns, noise, exponent = scaled_columns(np.array(x, order="C"))
    return _merges_of_weights(condensed_distances(columns, code), size, code, noise, exponent)


def weigh(d: Floats, size: Floats) -> None:
    """Turn squared distances of single cases into those of weighted ones, in place."""
    if (size != 1).any():
        first, second = np.triu_indices(len(size), 1)
        d *= 2 / (1 / size[first] + 1 / size[second])


def empty_merges(n: int) -> Merges:
    """Make the arrays that the engine writes."""
    return (
        np.empty(n - 1, dtype=np.int64),
        np.empty(n - 1, dtype=np.int64),
        np.empty(n - 1),
        np.empty(n - 1, dtype=bool),
    )


def _merges_of_table(x: Floats, code: int) -> tuple[Floats, Bools]:
    n = len(x)
    if n < 2:
        as_array(x)
        return np.empty((0, 4)), np.empty(0, dtype=bool)
    if code != WARD:
        check_memory(n, LINKAGES[code])
    # one layout, and writable, or everything would be compiled again
    x = np.ascontiguousarray(x)
    if not x.flags.writeable:
        x = x.copy()
    columns, noise, exponent = scaled_columns(x)
    if np.isnan(noise):
        as_array(x)  # says which value is not finite
    found = None
    if code == WARD and n > POINTS:
        from hclustkit.tree.points import ward_of_points

        found = ward_of_points(columns, noise)
    elif code == SINGLE:
        found = _by_spanning_tree(columns.copy(), noise)
    elif n > CHAIN_ROWS and code < CENTROID:
        found = _by_chain(square_matrix(columns, code), code, noise)
    if found is None:
        found = empty_merges(n)
        agglomerate(condensed_distances(columns, code), np.ones(n), code, noise, *found)
    return _finish(found, code, noise, exponent)


def _by_spanning_tree(columns: Floats, noise: float) -> Merges | None:
    n = columns.shape[1]
    ends, length = np.empty((n - 1, 2), dtype=np.int64), np.empty(n - 1)
    span(columns, ends, length)
    found = empty_merges(n)
    order = np.argsort(length, kind="stable")
    return found if merge_edges(order, ends, length, noise, *found) else None


def _by_chain(d: Floats, code: int, noise: float) -> Merges | None:
    n = len(d)
    merge_a, merge_b, height, _ = empty_merges(n)
    made = np.empty((n - 1, 2), dtype=np.int64)
    if not follow_chain(d, code, noise, merge_a, merge_b, height, made):
        return None
    return in_order(merge_a, merge_b, height, made, noise)


def in_order(
    merge_a: Ints, merge_b: Ints, height: Floats, made: Ints, noise: float
) -> Merges | None:
    """Sort the merges of a chain, or give None if the rule has to decide one by one."""
    found = empty_merges(len(height) + 1)
    order = np.argsort(height, kind="stable")
    done = put_in_order(order, merge_a, merge_b, height, made, noise, *found)
    return found if done else None


def merges_of_distances(d: Floats, size: Floats, code: int) -> tuple[Floats, Bools]:
    """Compute the merges from condensed distances; nothing is checked."""
    n = len(size)
    if n < 2:
        return np.empty((0, 4)), np.empty(0, dtype=bool)
    d, noise, exponent = scaled_distances(d, code)
    return _merges_of_weights(d, size, code, noise, exponent)


def _merges_of_weights(
    d: Floats, size: Floats, code: int, noise: float, exponent: int
) -> tuple[Floats, Bools]:
    """Compute the merges of weighted cases from scaled distances, which are overwritten."""
    if code == WARD:
        weigh(d, size)
    found = empty_merges(len(size))
    agglomerate(d, size.copy(), code, noise, *found)
    return _finish(found, code, noise, exponent)


def scaled_distances(d: Floats, code: int) -> tuple[Floats, float, int]:
    """Scale distances by a power of two to what the linkage takes; with their rounding."""
    largest, exponent = np.frexp(d.max(initial=0.0))
    d = np.ldexp(d, -exponent)
    return d**2 if LINKAGES[code] in SQUARED else d, 4 * EPS * float(largest), int(exponent)


def _finish(found: Merges, code: int, noise: float, exponent: int) -> tuple[Floats, Bools]:
    merge_a, merge_b, height, tied = found
    settle_heights(code, noise, exponent, height)
    Z = np.empty((len(height), 4))
    linkage_matrix(merge_a, merge_b, height, Z)
    if not np.isfinite(height).all():
        text = "a distance exceeds 1.8e308: standardize the table first"
        raise refusal(text, "table", "overflow")
    return Z, tied


def check_memory(n: int, method: str, *, work: str = "", matrices: int = 1) -> None:
    """Refuse what would fill the memory with distances, before anything is done.

    That is a linkage, or other ``work`` that holds ``matrices`` numbers for each pair.
    """
    needed = 8 * matrices * n * n
    if needed > 8 * MATRIX_ROWS**2:
        most = int(MATRIX_ROWS / matrices**0.5)
        text = (
            f"{n:,} rows: {work or f'{method} linkage'} holds all distances at once, "
            f"{needed / 1e9:,.1f} GB ({needed:,} bytes), and is limited to {most:,} rows"
            + ("" if work else "; ward is not")
        )
        raise refusal(text, "table", "memory", needed)
