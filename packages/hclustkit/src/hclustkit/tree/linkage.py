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

from hclustkit.arguments import Bools, Floats, as_array, check_choice
from hclustkit.errors import InputError
from hclustkit.tree.merges import LINKAGES, TIE_TOLERANCE, merge_tree

__all__ = ["LINKAGES", "TIE_TOLERANCE", "linkage", "linkage_name", "merge_tree"]


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
) -> Floats:
    """Compute the merges of a hierarchical clustering, in the form scipy uses.

    Parameters
    ----------
    X : DataFrame or array, shape (n, p)
        Taken as it is: standardize it first.
    method : {"ward", "average", "complete", "single", "weighted", "centroid", "median"}
    metric : str

    Returns
    -------
    array of float64, shape (n - 1, 4)
        Row t: the two clusters merged (0..n-1 cases, n + t the cluster of row t; the lower
        number first), the height, and the number of cases in the new cluster.

        ``ward``: sqrt(2 x increment of the within-cluster sum of squares), as R's ward.D2 on
        Euclidean distances. ``average``, ``complete``, ``single``, ``weighted`` (McQuitty,
        WPGMA): Euclidean distances. ``centroid``, ``median``: Euclidean distance of the
        centroids (of the midpoints); R prints its square when it is given squared distances.
        These two can invert: a merge may be below an earlier one.

    Raises
    ------
    InputError
        The method is unknown, the table breaks a rule, or a linkage that needs all distances
        at once is asked for more than 20,000 rows.

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
    )[0]


def merges(X: Any, method: str = "ward", **settings: Any) -> tuple[Floats, Bools]:
    """Compute what `linkage` does, and at which merges the rule for ties decided.

    Returns
    -------
    Z : array of float64, shape (n - 1, 4)
    ties : array of bool, shape (n - 1,)
    """
    check_choice(method, LINKAGES, "linkage")
    if settings.pop("metric", "euclidean") != "euclidean" or any(
        value not in (None, False) for value in settings.values()
    ):
        raise InputError("not available yet", rule="not-available")
    x = as_array(X)
    if len(x) == 1:
        return np.empty((0, 4)), np.empty(0, dtype=bool)
    return merge_tree(x, method)
