"""Clusters alike in two ways: two dissimilarities, mixed by a share alpha.

The inertia of a cluster C of total weight m is ``sum over i, j in C of w_i w_j d_ij^2 / (2 m)``,
computed from dissimilarities that need not be Euclidean. A mixture has the inertia
``(1 - alpha) I_0 + alpha I_1``, so that two clusters merge at the least growth of it; two
objects at ``w_i w_j / (w_i + w_j) ((1 - alpha) d_0^2 + alpha d_1^2)``. The share of the inertia
of each dissimilarity that a partition explains says what a little more alpha costs and brings.

References
----------
Chavent, M., Kuentz-Simonet, V., Labenne, A., Saracco, J. (2018), ClustGeo: an R package for
hierarchical clustering with spatial constraints. Computational Statistics 33, 1799-1822.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from hclustkit.arguments import check_between, check_choice, check_columns
from hclustkit.arrays import Floats, check_k, check_squares, check_weights
from hclustkit.errors import InputError, refusal
from hclustkit.tree.cut import labels_of_cut
from hclustkit.tree.engine import WARD
from hclustkit.tree.given_distances import distances_between
from hclustkit.tree.linkage import merges_of_distances
from hclustkit.tree.neighbours import by_label

SCALES = ("max", "mean", "inertia", "none")
"""What a dissimilarity is divided by: its largest value, as in the paper, which depends on one
distant pair; its mean; the square root of its inertia, so that both have inertia 1; or nothing."""

ALPHAS = tuple(step / 20 for step in range(21))


@dataclass(frozen=True, eq=False)
class Mixture:
    """What each share of space does to the clusters.

    Attributes
    ----------
    table : DataFrame
        By ``alpha``: the share of the inertia that the clusters explain in the ``features`` and
        in ``space``; the same divided by the share at alpha 0 (``features_kept``) and at alpha
        1 (``space_kept``).
    partitions : DataFrame of int, shape (n, number of alphas)
        The clusters, numbered as by `hclustkit.cut`.
    scale : str
        One of `SCALES`.
    """

    table: pd.DataFrame
    partitions: pd.DataFrame
    scale: str


def _condense(given: Any, what: str) -> tuple[Floats, int]:
    try:
        return distances_between(given, "average", "precomputed")
    except InputError as error:
        raise refusal(f"{what}: {error}", what, error.rule, error.value) from None


def _prepare(features: Any, space: Any, weights: Any, scale: str) -> tuple[Floats, Floats, Floats]:
    """Return both dissimilarities condensed and scaled, and the weights."""
    check_choice(scale, SCALES, "scale")
    if isinstance(features, pd.DataFrame):
        weights = by_label(weights, features.index, "weights")
        if isinstance(space, pd.DataFrame) and space.shape == (len(features), len(features)):
            places = pd.Series(range(len(space)), index=space.index)
            order = list(by_label(places, features.index, "space"))
            space = space.iloc[order, order]
    (d0, n), (d1, m) = _condense(features, "features"), _condense(space, "space")
    if n != m or n < 2:
        text = f"features has {n} objects and space {m}: the same 2 or more are needed"
        raise refusal(text, "space", "same-objects", (n, m))
    w = np.full(n, 1 / n) if weights is None else check_weights(weights, n, "weights", least=1e-300)
    scaled = []
    for d, what in ((d0, "features"), (d1, "space")):
        if d.max() == 0:
            raise refusal(f"{what}: all dissimilarities are zero", what, "all-zero", 0.0)
        if scale == "inertia":
            divisor = inertia(d, w) ** 0.5
        else:
            divisor = {"max": float(d.max()), "mean": float(d.mean()), "none": 1.0}[scale]
        scaled.append(check_squares(d / divisor))
    return scaled[0], scaled[1], w


def inertia(d: Floats, weights: Floats, partition: Any = None) -> float:
    """Compute the inertia within the clusters of a partition from dissimilarities.

    Parameters
    ----------
    d : array, shape (n (n - 1) / 2,)
        Condensed.
    weights : array, shape (n,)
    partition : array of int, shape (n,), optional
        One cluster by default: the total inertia.

    Returns
    -------
    float
        In squared units of ``d`` times that of the weights.

    Examples
    --------
    >>> inertia(np.array([2.0]), np.array([1.0, 1.0]))
    2.0
    """
    cluster = np.zeros(len(weights), dtype=np.int64) if partition is None else np.asarray(partition)
    square = squareform(check_squares(d)) ** 2 * np.outer(weights, weights)
    total = 0.0
    for number in np.unique(cluster):
        inside = cluster == number
        total += square[np.ix_(inside, inside)].sum() / (2 * weights[inside].sum())
    return float(total)


def mixed_linkage(
    features: Any, space: Any, alpha: float, *, weights: Any = None, scale: str = "max"
) -> Floats:
    """Compute Ward's tree of a mixture of two dissimilarities.

    Parameters
    ----------
    features, space : array, square or condensed
        Dissimilarities of the same objects.
    alpha : float, 0..1
        The share of space; 0 is Ward's method on the features.
    weights : array, shape (n,), optional
        1 / n each by default.
    scale : {"max", "mean", "inertia", "none"}
        See `SCALES`.

    Returns
    -------
    array of float64, shape (n - 1, 4)
        The height is sqrt(2 x growth of the mixed inertia).

    Raises
    ------
    InputError
        A dissimilarity breaks a rule, the numbers of objects differ, or alpha is not in 0..1.

    Examples
    --------
    >>> near = np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> alike = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    >>> [mixed_linkage(alike, near, alpha)[0, :2].tolist() for alpha in (0, 1)]
    [[0.0, 1.0], [1.0, 2.0]]
    """
    d0, d1, w = _prepare(features, space, weights, scale)
    return _tree(d0, d1, w, _share(alpha))


def _share(alpha: object) -> float:
    """Return a share of space if it is in 0..1."""
    return 0.0 if alpha == 0 else check_between(alpha, "alpha", 0.0, 1.0)


def _tree(d0: Floats, d1: Floats, w: Floats, alpha: float) -> Floats:
    """Build Ward's tree of the mixture of what `_prepare` has returned."""
    mixed = np.sqrt((1 - alpha) * d0**2 + alpha * d1**2)
    return merges_of_distances(mixed, w, WARD)[0]


def mixed_partitions(
    features: Any,
    space: Any,
    k: int,
    *,
    alphas: Sequence[float] = ALPHAS,
    weights: Any = None,
    scale: str = "max",
) -> pd.DataFrame:
    """Cut the trees of several shares of space.

    Parameters
    ----------
    features, space : array, square or condensed
        Dissimilarities of the same objects; the index of a DataFrame gives the labels.
    k : int
        Number of clusters.
    alphas : sequence of float
        Shares of space, by default 0 to 1 in steps of 0.05.
    weights : array, shape (n,), optional
        1 / n each by default.
    scale : {"max", "mean", "inertia", "none"}
        See `SCALES`.

    Returns
    -------
    DataFrame of int, shape (n, number of alphas)
        The clusters, numbered as by `hclustkit.cut`; the columns are the shares.

    Raises
    ------
    InputError
        As `mixed_linkage`.

    Examples
    --------
    >>> near = np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> alike = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    >>> mixed_partitions(alike, near, 2, alphas=[0, 1]).T.to_numpy().tolist()
    [[1, 1, 2], [1, 2, 2]]
    """
    d0, d1, w = _prepare(features, space, weights, scale)
    return _cuts(features, d0, d1, w, k, alphas)


def _cuts(
    features: Any, d0: Floats, d1: Floats, w: Floats, k: int, alphas: Sequence[float]
) -> pd.DataFrame:
    """Cut the trees of several shares of what `_prepare` has returned."""
    check_k(k, len(w))
    labels = features.index if isinstance(features, pd.DataFrame) else pd.RangeIndex(len(w))
    return pd.DataFrame(
        {alpha: labels_of_cut(_tree(d0, d1, w, _share(alpha)), k) for alpha in alphas}, index=labels
    )


def mixing_table(
    features: Any,
    space: Any,
    k: int,
    *,
    alphas: Sequence[float] = ALPHAS,
    weights: Any = None,
    scale: str = "max",
) -> Mixture:
    """Compute what every share of space costs and brings, at k clusters.

    Parameters
    ----------
    features, space : array, square or condensed
        Dissimilarities of the same objects; the index of a DataFrame gives the labels.
    k : int
        Number of clusters.
    alphas : sequence of float
        Shares of space, by default 0 to 1 in steps of 0.05.
    weights : array, shape (n,), optional
        1 / n each by default.
    scale : {"max", "mean", "inertia", "none"}
        See `SCALES`.

    Returns
    -------
    Mixture

    Raises
    ------
    InputError
        As `mixed_linkage`.

    Examples
    --------
    >>> near = np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> alike = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    >>> mixing_table(alike, near, 2, alphas=[0, 1]).table["features"].tolist()
    [1.0, 0.25]
    """
    d0, d1, w = _prepare(features, space, weights, scale)
    shares = [_share(alpha) for alpha in alphas]
    found = _cuts(features, d0, d1, w, k, sorted({*shares, 0.0, 1.0}))

    def explained(d: Floats, alpha: float) -> float:
        return 1 - inertia(d, w, found[alpha]) / inertia(d, w)

    table = pd.DataFrame(
        {
            "alpha": shares,
            "features": [explained(d0, alpha) for alpha in shares],
            "space": [explained(d1, alpha) for alpha in shares],
        }
    )
    for column, d, end in (("features", d0, 0.0), ("space", d1, 1.0)):
        most = explained(d, end)
        table[f"{column}_kept"] = table[column] / most if most > 0 else np.nan
    return Mixture(table, found[shares], scale)


def choose_alpha(table: pd.DataFrame) -> float:
    """Choose the share of space at which the worse served of the two sides is served best.

    The rule looks at ``features_kept`` and ``space_kept`` alone: of each alpha the smaller one
    counts, the largest of these decides, and of equal ones (to 9 digits) the least alpha.

    Parameters
    ----------
    table : DataFrame
        As `Mixture.table`.

    Returns
    -------
    float

    Examples
    --------
    >>> kept = {"features_kept": [1, 0.9, 0.5], "space_kept": [0.4, 0.8, 1.0]}
    >>> choose_alpha(pd.DataFrame({"alpha": [0, 0.5, 1], **kept}))
    0.5
    """
    check_columns("table", table, ("alpha", "features_kept", "space_kept"))
    worse = table[["features_kept", "space_kept"]].min(axis=1).round(9)
    return float(table["alpha"].iloc[int(worse.to_numpy().argmax())])
