"""Agglomerative hierarchical clustering: from a table to the tree, its schedule and its cuts.

Ward's method stands first; six other linkages serve comparison. A table has one row an
object (a *case*), one column a variable. A cluster is named by its lowest case.

Ties
----
When two pairs are equally near, the criterion does not say which to merge. The rule here:
**the pair with the lowest case numbers goes first** - the lower ``cluster_1``, then the lower
``cluster_2``. Two distances count as equal when they differ by less than `TIE_TOLERANCE`
(relative) plus what rounding does to the coordinates themselves (``4 eps max|x| sqrt(p)``).
The rule holds for every linkage and every size. `agglomeration_schedule` marks each stage at
which it decided something. Where nothing is tied, the order of the rows changes nothing but
the last rounding. R's hclust takes the lowest pair too, but compares the rounded numbers: on
whole numbers it gives the same stages, on values such as 0.1 and 0.3 rounding may settle a tie
there.

How the merges are found is in `hclustkit.tree.merges`.

References
----------
Ward, J. H. (1963), Hierarchical grouping to optimize an objective function. JASA 58, 236-244.
Murtagh, F., Legendre, P. (2014), Ward's hierarchical agglomerative clustering method: which
algorithms implement Ward's criterion? Journal of Classification 31, 274-295.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cophenet
from scipy.spatial.distance import pdist, squareform

from hclustkit.errors import InputError
from hclustkit.tables import check_k, check_table
from hclustkit.tree.merges import LINKAGES, TIE_TOLERANCE, merge_tree

SCALINGS = ("zscore", "range", "rank", "log-zscore", "none")
"""What `standardize` offers."""

AXES = ("cumulative", "increment", "height")
"""What the axis of `dendrogram_geometry` can show."""

AXIS_END = 25.0
"""Where the axis of a rescaled dendrogram ends."""

_EPS = np.finfo(np.float64).eps


# --------------------------------------------------------------------------- preparation


def standardize(table: pd.DataFrame, method: str = "zscore") -> pd.DataFrame:
    """Bring the columns of ``table`` to a common scale.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
    method : {"zscore", "range", "rank", "log-zscore", "none"}
        - ``zscore``: (x - mean) / s, with s over n - 1. No unit.
        - ``range``: (x - min) / (max - min), within 0..1.
        - ``rank``: the rank 1..n, equal values sharing the average of their ranks; ranks are
          not standardised again, so a column with many equal values varies less.
        - ``log-zscore``: ``zscore`` of the natural logarithm.
        - ``none``: the numbers as they are.

    Returns
    -------
    DataFrame of float64, shape (n, p), the same labels and columns. The values of an object
    do not depend on the order of the rows, to the last digit.

    Raises
    ------
    InputError
        A column is constant (up to rounding), a value has no logarithm, the method is
        unknown, or the table breaks a rule of `hclustkit.tables.check_table`.
    """
    _check_choice(method, SCALINGS, "scaling")
    table = check_table(table)
    x = table.to_numpy(dtype=np.float64, copy=True)
    if method != "none":
        if method == "log-zscore":
            bad = np.argwhere(x <= 0)
            if len(bad):
                i, j = bad[0]
                raise InputError(
                    f"row {table.index[i]!r}, column {table.columns[j]!r}: "
                    f"{float(x[i, j])!r} has no logarithm (log-zscore needs values above 0)"
                )
        for j, column in enumerate(table.columns):
            x[:, j] = _standardize_column(x[:, j], method, column)
    return pd.DataFrame(x, index=table.index, columns=table.columns)


def _standardize_column(x: np.ndarray, method: str, column: object) -> np.ndarray:
    """One column on the scale ``method``; ``column`` is its name, for the message."""
    _check_varies(x, method, column)
    if method == "rank":
        return pd.Series(x).rank(method="average").to_numpy()
    if method == "log-zscore":
        x = np.log(x)
        _check_varies(x, method, column)
    # a power of two changes no digit and keeps squares and differences in range
    x = np.ldexp(x, -_exponent(x))
    if method == "range":
        return (x - x.min()) / (x.max() - x.min())
    # fsum is exact, so the order of the rows cannot show
    n = len(x)
    d = x - math.fsum(x) / n
    return d / math.sqrt(math.fsum(d * d) / (n - 1))


def _check_varies(x: np.ndarray, method: str, column: object) -> None:
    """Raise unless ``x`` varies by more than its own rounding."""
    low, high = x.min(), x.max()
    # halves: the difference of two huge values must not overflow
    if high / 2 - low / 2 <= 2 * _EPS * max(abs(low), abs(high)):
        raise InputError(
            f"column {column!r} is constant ({float(x[0])!r} in every row): "
            f"{method} needs values that differ"
        )


def _exponent(x: np.ndarray) -> int:
    """The power of two just above the largest absolute value (0 for zeros)."""
    return int(np.frexp(np.abs(x).max(initial=0.0))[1])


def proximity_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Squared Euclidean distances between the rows of ``table``, taken as it is.

    Returns
    -------
    DataFrame, shape (n, n), labelled on both sides, symmetric, with exact zeros on the
    diagonal; in squared units of the table.

    Raises
    ------
    InputError
        A distance is too large for a float, or the table breaks a rule.
    """
    table = check_table(table)
    squares = squareform(pdist(table.to_numpy(), "sqeuclidean"))
    if not np.isfinite(squares).all():
        raise InputError("a squared distance exceeds 1.8e308: standardise the table first")
    return pd.DataFrame(squares, index=table.index, columns=table.index)


# ------------------------------------------------------------------------------ the tree


def linkage(table: pd.DataFrame, method: str = "ward") -> np.ndarray:
    """The merges of a hierarchical clustering, in the form scipy uses.

    Parameters
    ----------
    table : DataFrame, shape (n, p), n >= 2
        Taken as it is: standardise it first.
    method : {"ward", "average", "complete", "single", "weighted", "centroid", "median"}

    Returns
    -------
    ndarray, shape (n - 1, 4)
        Row t: the two clusters merged (0..n-1 cases, n + t the cluster of row t; the lower
        number first), the height, and the number of cases in the new cluster.

        ``ward``: sqrt(2 x increment of the within-cluster sum of squares), as R's ward.D2 on
        Euclidean distances. ``average``, ``complete``, ``single``, ``weighted`` (McQuitty,
        WPGMA): Euclidean distances. ``centroid``, ``median``: Euclidean distance of the
        centroids (of the midpoints); R prints its square when it is given squared distances.
        These two can invert: a merge may lie below an earlier one.

    Raises
    ------
    InputError
        The method is unknown, the table breaks a rule, or a linkage that needs all distances
        at once is asked for more than 20,000 rows.

    Notes
    -----
    Ties are decided by the rule at the head of this module. Ward, centroid and median need
    memory in proportion to n p, so does single linkage without ties; the others n x n.
    """
    _check_choice(method, LINKAGES, "linkage")
    return merge_tree(check_table(table).to_numpy(), method)[0]


# ------------------------------------------------------------------ what is read off the tree


def agglomeration_schedule(table: pd.DataFrame, method: str = "ward") -> pd.DataFrame:
    """The merges stage by stage, as SPSS prints them.

    Parameters
    ----------
    table : DataFrame, shape (n, p), n >= 2
    method : str, one of `LINKAGES`

    Returns
    -------
    DataFrame, n - 1 rows:

    ``stage``
        1..n-1.
    ``cluster_1``, ``cluster_2``
        The clusters merged, each named by its lowest case (1..n in row order);
        ``cluster_1 < cluster_2``, and the new cluster is called ``cluster_1``.
    ``coefficient``
        Ward: the total within-cluster sum of squares after the merge. Other linkages: the
        height of the merge, as `linkage` gives it.
    ``first_appears_1``, ``first_appears_2``
        The stage that made the cluster, 0 for a single case.
    ``next_stage``
        The stage at which the new cluster is merged, 0 for the last.
    ``label_1``, ``label_2``
        The labels of the cases ``cluster_1`` and ``cluster_2``.
    ``tie``
        True where another pair was equally near and the rule of this module decided.

    Raises
    ------
    InputError
        As `linkage`; also if a sum of squares is too large for a float.
    """
    _check_choice(method, LINKAGES, "linkage")
    table = check_table(table)
    Z, tie = merge_tree(table.to_numpy(), method)
    n = len(table)
    name = list(range(n))
    follows = [0] * (2 * n - 1)
    one, two, made_1, made_2 = [], [], [], []
    for t, (a, b) in enumerate(Z[:, :2].astype(int).tolist()):
        if name[a] > name[b]:
            a, b = b, a
        one.append(name[a])
        two.append(name[b])
        made_1.append(max(a - n + 1, 0))
        made_2.append(max(b - n + 1, 0))
        follows[a] = follows[b] = t + 1
        name.append(name[a])
    return pd.DataFrame(
        {
            "stage": np.arange(1, n),
            "cluster_1": np.array(one) + 1,
            "cluster_2": np.array(two) + 1,
            "coefficient": _coefficients(Z, method),
            "first_appears_1": made_1,
            "first_appears_2": made_2,
            "next_stage": follows[n:],
            "label_1": table.index.take(one),
            "label_2": table.index.take(two),
            "tie": tie,
        }
    )


def _coefficients(Z: np.ndarray, method: str) -> np.ndarray:
    """Ward: cumulative within-cluster sum of squares; otherwise the heights."""
    if method != "ward":
        return Z[:, 2].copy()
    with np.errstate(over="ignore"):
        total = np.cumsum(Z[:, 2] ** 2 / 2)
    if not np.isfinite(total[-1]):
        raise InputError("a sum of squares exceeds 1.8e308: standardise the table first")
    return total


def cut(Z: np.ndarray, k: int) -> np.ndarray:
    """Undo the last k - 1 merges: exactly k clusters, whatever the heights.

    Parameters
    ----------
    Z : ndarray, shape (n - 1, 4)
    k : int, 1..n

    Returns
    -------
    ndarray of int, shape (n,): clusters 1..k, numbered in order of their first case.

    Raises
    ------
    InputError
        ``Z`` is no linkage matrix or k lies outside 1..n.
    """
    pairs = _pairs(Z)
    return _cut(pairs, check_k(k, len(pairs) + 1))


def _cut(pairs: list[list[int]], k: int) -> np.ndarray:
    n = len(pairs) + 1
    top = list(range(2 * n - 1))
    for t in range(n - k - 1, -1, -1):
        a, b = pairs[t]
        top[a] = top[b] = top[n + t]
    number: dict[int, int] = {}
    return np.array([number.setdefault(c, len(number) + 1) for c in top[:n]], dtype=np.int64)


def cluster_membership(
    table: pd.DataFrame, ks: Iterable[int] = range(2, 11), method: str = "ward"
) -> pd.DataFrame:
    """The cluster of each case for several numbers of clusters.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
    ks : iterable of int
        Numbers of clusters, each within 1..n and given once.
    method : str, one of `LINKAGES`

    Returns
    -------
    DataFrame of int, shape (n, len(ks)): the index the labels, the columns the k; clusters
    numbered as `cut` does.

    Raises
    ------
    InputError
        As `linkage`; a k outside 1..n or repeated; no k at all.
    """
    _check_choice(method, LINKAGES, "linkage")
    table = check_table(table)
    if not isinstance(ks, Iterable):
        raise InputError(f"ks must list numbers of clusters, got {ks!r}")
    wanted = [check_k(k, len(table)) for k in ks]
    if not wanted:
        raise InputError("ks is empty: give at least one number of clusters")
    if len(set(wanted)) < len(wanted):
        raise InputError(f"ks names a number of clusters more than once: {wanted}")
    pairs = _pairs(merge_tree(table.to_numpy(), method)[0])
    return pd.DataFrame({k: _cut(pairs, k) for k in wanted}, index=table.index)


def cophenetic_correlation(table: pd.DataFrame, method: str = "ward") -> float:
    """Pearson correlation of the heights at which two cases meet and their distances.

    Sokal and Rohlf (1962), Taxon 11, 33-40. Distances are Euclidean; for ``centroid`` and
    ``median``, which are defined through squares, both sides are squared. NaN where it is
    not defined (two cases, or all distances equal). Needs memory n x n.
    """
    _check_choice(method, LINKAGES, "linkage")
    table = check_table(table)
    x = table.to_numpy()
    x = np.ldexp(x, -_exponent(x))
    distances, meet = pdist(x), cophenet(merge_tree(x, method)[0])
    if method in ("centroid", "median"):
        distances, meet = distances**2, meet**2
    return pearson(distances, meet)


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation; NaN if either side is constant up to rounding."""
    for side in (a, b):
        if len(side) < 2 or np.ptp(side) <= 64 * _EPS * np.abs(side).max():
            return math.nan
    return float(np.corrcoef(a, b)[0, 1])


def agglomerative_coefficient(table: pd.DataFrame, method: str = "ward") -> float:
    """Mean over the cases of 1 - (height of the case's first merge) / (last height).

    Kaufman and Rousseeuw (1990), Finding Groups in Data, ch. 5: near 1 a clear structure, but
    it grows with n. Heights are those of `linkage`, squared for ``centroid`` and ``median``.
    NaN where heights invert or all are zero.
    """
    Z = linkage(table, method)
    h = Z[:, 2] ** 2 if method in ("centroid", "median") else Z[:, 2]
    if h[-1] == 0 or (np.diff(h) < 0).any():
        return math.nan
    n = len(Z) + 1
    first = np.empty(n)
    for a, b, height in zip(*Z[:, :2].astype(int).T.tolist(), h, strict=True):
        for case in (a, b):
            if case < n:
                first[case] = height
    return float(np.mean(1 - first / h[-1]))


@dataclass(frozen=True)
class Dendrogram:
    """Where to draw a tree.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        The cases (from 0) from left to right.
    labels : list, length n
        Their labels in that order.
    links : DataFrame, n - 1 rows
        ``stage``; ``left`` and ``right``, the branches, numbered as in the linkage matrix;
        ``x_1 .. x_4`` and ``y_1 .. y_4``: up from the left branch, across, down to the right
        branch; ``value``: what was rescaled to give the height of the link. Leaves stand at
        x = 1..n, y = 0.
    scale : str
        What the axis shows, one of `AXES`.
    """

    order: np.ndarray
    labels: list
    links: pd.DataFrame
    scale: str


def dendrogram_geometry(
    Z: np.ndarray, labels: Sequence, scale: str = "cumulative", method: str = "ward"
) -> Dendrogram:
    """Leaf order and link points of a dendrogram whose axis runs 0..25.

    Parameters
    ----------
    Z : ndarray, shape (n - 1, 4)
    labels : sequence, length n
    scale : {"cumulative", "increment", "height"}
        SPSS shows "rescaled distances" 0..25, which can be read in two ways:
        ``cumulative``: the coefficients the schedule prints (for Ward the within-cluster sum
        of squares; for other linkages the heights); ``increment``: what a merge adds to that
        sum (Ward only). ``height``: the heights of ``Z``. Each is divided by its largest
        value and multiplied by 25.
    method : str, one of `LINKAGES`
        What made ``Z``.

    Returns
    -------
    Dendrogram
        Of two branches the one that was complete earlier stands left, a single case before a
        cluster, of two cases the lower: the order R draws.

    Raises
    ------
    InputError
        ``Z`` is no linkage matrix, the number of labels differs from n, a name is unknown.
    """
    _check_choice(scale, AXES, "scale")
    _check_choice(method, LINKAGES, "linkage")
    pairs = _pairs(Z)
    n = len(pairs) + 1
    if len(labels) != n:
        raise InputError(f"{len(labels)} labels for a tree of {n} cases")
    labels = list(labels)
    h = np.asarray(Z, dtype=np.float64)[:, 2]
    if scale == "height":
        value = h.copy()
    elif scale == "cumulative":
        value = _coefficients(np.asarray(Z, dtype=np.float64), method)
    elif method != "ward":
        raise InputError(f"scale 'increment' is defined for ward linkage only, not {method!r}")
    else:
        value = h**2 / 2
    end = value.max()
    y = AXIS_END * (value / end) if end > 0 else value

    order = leaf_order(Z).tolist()
    at_x, at_y = [0.0] * n, [0.0] * n
    for place, case in enumerate(order, start=1):
        at_x[case] = float(place)
    rows = []
    for t, pair in enumerate(pairs):
        a, b = sorted(pair)
        top = float(y[t])
        rows.append((t + 1, a, b, at_x[a], at_x[a], at_x[b], at_x[b], at_y[a], top, top, at_y[b]))
        at_x.append((at_x[a] + at_x[b]) / 2)
        at_y.append(top)
    links = pd.DataFrame(
        rows,
        columns=["stage", "left", "right", "x_1", "x_2", "x_3", "x_4", "y_1", "y_2", "y_3", "y_4"],
    )
    links["value"] = value
    return Dendrogram(np.array(order), [labels[case] for case in order], links, scale)


def leaf_order(Z: np.ndarray, *, inner: bool = False) -> np.ndarray:
    """The cases (from 0) from left to right as `dendrogram_geometry` draws them.

    With ``inner`` all clusters, each before its branches and the left branch first, numbered
    as in the linkage matrix. Raises `InputError` if ``Z`` is none.
    """
    pairs = _pairs(Z)
    n = len(pairs) + 1
    order, waiting = [], [2 * n - 2]
    while waiting:
        node = waiting.pop()
        if node >= n:
            # the lower number: a single case, or the cluster that was complete earlier
            left, right = sorted(pairs[node - n])
            waiting += [right, left]
        if inner or node < n:
            order.append(node)
    return np.array(order)


# ---------------------------------------------------------------------------------- checks


def _check_choice(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise InputError(f"unknown {what} {value!r}: choose one of {', '.join(allowed)}")


def _pairs(Z: np.ndarray) -> list[list[int]]:
    """The merged clusters of each row of a linkage matrix, checked."""
    array = np.asarray(Z)
    if array.ndim != 2 or array.shape[1] != 4 or len(array) == 0:
        raise InputError(f"Z: expected the shape (n - 1, 4), got {array.shape}")
    nodes = array[:, :2]
    n = len(array) + 1
    # every cluster but the last is merged once, after it was made
    if not (
        np.isfinite(array).all()
        and np.array_equal(np.sort(nodes, axis=None), np.arange(2 * n - 2))
        and (nodes < np.arange(n, 2 * n - 1)[:, None]).all()
    ):
        raise InputError(
            "Z is no linkage matrix: each cluster must be merged once, after it was made"
        )
    return nodes.astype(np.intp).tolist()
