"""Multiscale bootstrap of a dendrogram: approximately unbiased values of its clusters.

The variables are drawn with replacement, fewer or more than there are; at each size it is
counted how often every cluster of the dendrogram is found again. How that share changes
with the size tells the curvature of the region of data in which the cluster appears, and
with it a less biased measure of support than the share itself.

References
----------
Shimodaira, H. (2002). An approximately unbiased test of phylogenetic tree selection.
Systematic Biology 51, 492-508.
Shimodaira, H. (2004). Approximately unbiased tests of regions using multistep-multiscale
bootstrap resampling. Annals of Statistics 32, 2616-2641.
Suzuki, R., & Shimodaira, H. (2006). Pvclust: an R package for assessing the uncertainty in
hierarchical clustering. Bioinformatics 22, 1540-1542.
Terada, Y., & Shimodaira, H. (2017). Selective inference for the problem of regions via
multiscale bootstrap. arXiv:1711.00949.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, log_ndtr, ndtr, ndtri

from hclustkit.arguments import as_table, check_between, check_choice, check_seed, check_whole
from hclustkit.arrays import as_numbers
from hclustkit.errors import fault
from hclustkit.tree import batch
from hclustkit.tree.linkage import LINKAGES, linkage
from hclustkit.tree.ordering import scaled_columns

DEFAULT_SCALES = tuple(0.5 + 0.1 * step for step in range(10))
"""Sample sizes as multiples of the number of variables: 0.5, 0.6, ..., 1.4."""

EDGE_SHARE = 0.001
"""A scale is used for the fit only if the share lies between this and 1 minus this."""
FEWEST_SCALES = 3
"""With fewer usable scales nothing is fitted."""

_DRAWS_AT_ONCE = 10_000
"""Resamples drawn in one block, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class MultiscaleCounts:
    """How often each cluster of a dendrogram was found again.

    Attributes
    ----------
    members : list of tuple
        The labels of each cluster, in the order of the merges and, within, of the table.
    height : float array, shape (n - 1,)
        Heights of the merges.
    sizes : int array, shape (S,)
        Numbers of variables drawn.
    r : float array, shape (S,)
        ``sizes`` divided by the number of variables.
    counts : int array, shape (n - 1, S)
    draws : int
        Resamples at each size.
    """

    members: list[tuple[Any, ...]]
    height: np.ndarray
    sizes: np.ndarray
    r: np.ndarray
    counts: np.ndarray
    draws: int


def _sample_sizes(scales: Sequence[float], p: int) -> np.ndarray:
    """List the different whole sizes floor(scale * p), in the order of ``scales``."""
    sizes = []
    for scale in scales:
        size = int(np.floor(p * check_between(scale, "scale", 0, 1e6)))
        if size < 1:
            text = f"{scale:g} of {p} variables leave no variable to draw"
            raise fault("scales", text, "no-variable", scale)
        if size not in sizes:
            sizes.append(size)
    if not sizes:
        raise fault("scales", "at least one is needed", "empty-list")
    return np.array(sizes, dtype=np.int64)


def _intervals(tree: np.ndarray) -> tuple[list[list[int]], tuple[np.ndarray, ...]]:
    """List the clusters of a dendrogram, and the same as intervals of leaf places.

    Parameters
    ----------
    tree : float array, shape (n - 1, 4)
        In scipy's form.

    Returns
    -------
    members : list of list of int
        Cases of each cluster, ascending.
    tuple of int arrays
        ``place``, ``first``, ``last``, ``by_first``, ``by_last`` as
        `hclustkit.tree.batch.count_clusters` takes them.
    """
    n = len(tree) + 1
    leaves = [[case] for case in range(n)]
    is_left = np.ones(n - 1, dtype=bool)  # the root counts as a left branch
    for left, right in tree[:, :2].astype(np.int64).tolist():
        leaves.append(leaves[left] + leaves[right])
        if right >= n:
            is_left[right - n] = False
    place = np.empty(n, dtype=np.int64)
    place[leaves[-1]] = np.arange(n)
    first = np.array([place[cluster[0]] for cluster in leaves[n:]], dtype=np.int64)
    last = np.array([place[cluster[-1]] for cluster in leaves[n:]], dtype=np.int64)
    number = np.arange(n - 1)
    by_first = np.full(n, -1, dtype=np.int64)
    by_last = np.full(n, -1, dtype=np.int64)
    by_first[first[~is_left]] = number[~is_left]
    by_last[last[is_left]] = number[is_left]
    return [sorted(cluster) for cluster in leaves[n:]], (place, first, last, by_first, by_last)


def multiscale_counts(
    table: Any,
    draws: int = 1000,
    scales: Sequence[float] = DEFAULT_SCALES,
    *,
    seed: int,
    method: str = "ward",
) -> MultiscaleCounts:
    """Count how often each cluster returns when variables are drawn with replacement.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
        Already standardized if it is to be: a variable drawn keeps its values.
    draws : int
        Resamples at each size.
    scales : sequence of float
        The sizes are the different values of ``floor(scale * p)``.
    seed : int
    method : str
        Linkage on Euclidean distances, see `hclustkit.linkage`.

    Returns
    -------
    MultiscaleCounts

    Raises
    ------
    InputError
        A bad table, a scale that leaves no variable, an unknown method.

    Notes
    -----
    Ties in a resample (equal distances, as when the few variables drawn take few values)
    are resolved as in `hclustkit.tree.linkage`: the pair with the lowest cases goes first.

    Examples
    --------
    >>> table = [[0.0, 1.0, 2.0, 1.0], [1.0, 1.0, 2.0, 0.0], [8.0, 9.0, 7.0, 8.0]]
    >>> found = multiscale_counts(table, 50, [0.5, 1.0], seed=1)
    >>> found.members, found.counts.tolist()
    ([(0, 1), (0, 1, 2)], [[50, 50], [50, 50]])
    """
    table = as_table(table, min_rows=2)
    n, p = table.shape
    draws = check_whole(draws, "draws", 1)
    rng = np.random.default_rng(check_seed(seed))
    sizes = _sample_sizes(scales, p)
    code = LINKAGES.index(check_choice(method, LINKAGES, "linkage"))
    tree = linkage(table, method)
    members, intervals = _intervals(tree)
    # a copy: pandas lends read-only views, for which everything would be compiled twice
    columns = scaled_columns(table.to_numpy().copy(order="C"))[0]
    largest = float(np.abs(columns).max())
    counts = np.zeros((len(sizes), n - 1), dtype=np.int64)
    for scale, size in enumerate(sizes.tolist()):
        for start in range(0, draws, _DRAWS_AT_ONCE):
            count = min(_DRAWS_AT_ONCE, draws - start)
            chosen = rng.integers(p, size=(count, size))
            noise = batch.coordinate_noise(largest, size)
            batch.count_clusters(columns, chosen, code, noise, *intervals, counts[scale])
    labels = table.index.tolist()
    return MultiscaleCounts(
        members=[tuple(labels[case] for case in cluster) for cluster in members],
        height=tree[:, 2].copy(),
        sizes=sizes,
        r=sizes / p,
        counts=np.ascontiguousarray(counts.T),
        draws=draws,
    )


def _density(z: np.ndarray) -> np.ndarray:
    density: np.ndarray = np.exp(_log_density(z))
    return density


def _log_density(z: np.ndarray) -> np.ndarray:
    density: np.ndarray = -0.5 * z * z - 0.5 * np.log(2 * np.pi)
    return density


def _check_counts(
    counts: np.ndarray, draws: int | Sequence[int], r: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts, resamples at each size and relative sizes as floats that fit together."""
    found = np.atleast_2d(as_numbers(counts, "counts"))
    ratio = as_numbers(r, "r")
    if ratio.ndim != 1 or found.ndim != 2 or found.shape[1] != len(ratio):
        text = f"their shape {np.shape(counts)} does not fit {ratio.size} relative sizes"
        raise fault("counts", text, "counts-shape", np.shape(counts))
    try:
        total = np.broadcast_to(as_numbers(draws, "draws"), ratio.shape)
    except ValueError:
        text = f"it must be one number or {len(ratio)}, got {np.size(draws)}"
        raise fault("draws", text, "draws-shape", np.size(draws)) from None
    if len(ratio) == 0 or not (np.isfinite(ratio) & (ratio > 0)).all():
        text = f"they must be positive numbers, got {list(ratio)}"
        raise fault("relative sizes", text, "range", list(ratio))
    if not (np.isfinite(total) & (total >= 1)).all():
        raise fault("draws", f"it must be at least 1, got {draws!r}", "range", draws)
    if not ((found >= 0) & (found <= total)).all():
        raise fault("counts", "they must be between 0 and draws", "range")
    return found, total, ratio


def fit_multiscale(
    counts: np.ndarray, draws: int | Sequence[int], r: Sequence[float] | np.ndarray
) -> pd.DataFrame:
    """Fit the scaling law of bootstrap shares; no random numbers.

    With BP(r) the share at relative size r, z(r) = -Phi^-1(BP(r)) is modelled as
    v sqrt(r) + c / sqrt(r) (Shimodaira 2002; Suzuki & Shimodaira 2006) by least squares
    weighted with the inverse variances of z(r), BP (1 - BP) / (draws phi(z)^2). Then
    AU = Phi(-(v - c)), BP = Phi(-(v + c)) and, given that the cluster was found,
    SI = 1 - (1 - AU) / Phi(-c), not below 0 (Terada & Shimodaira 2017).

    Parameters
    ----------
    counts : int array, shape (E, S) or (S,)
        How often each of E clusters was found at each of S sizes.
    draws : int or sequence of S int
        Resamples at each size.
    r : sequence of S float
        Relative sizes.

    Returns
    -------
    DataFrame, E rows
        ``si``, ``au``, ``bp``, their standard errors ``se_si``, ``se_au``, ``se_bp`` (by the
        delta method; 0 for an ``si`` at its bound), ``v``, ``c``, ``pchi`` (p-value of the
        fit), ``df``, ``rss`` (weighted residual sum of squares), ``note``.

    Raises
    ------
    InputError
        Shapes that do not fit, counts outside 0..draws, r not positive, usable scales that
        are all the same.

    Notes
    -----
    As in pvclust 2.2-0, a scale is used only if its share lies strictly between 0.001 and
    0.999. With fewer than three usable scales nothing is fitted: ``si``, ``au`` and ``bp``
    are all 0 if the mean share over all scales is below 0.5, else all 1, and the other
    numbers are 0; ``note`` says so.

    Examples
    --------
    >>> found = fit_multiscale(np.array([[40, 60, 80]]), 100, [0.5, 1.0, 1.5])
    >>> found[["au", "bp"]].round(3).to_numpy().tolist()
    [[0.972, 0.641]]
    """
    found, total, ratio = _check_counts(counts, draws, r)
    share = found / total
    usable = (share > EDGE_SHARE) & (share < 1 - EDGE_SHARE)
    fitted = usable.sum(axis=1) >= FEWEST_SCALES
    for row in np.flatnonzero(fitted):
        if len(np.unique(ratio[usable[row]])) < 2:
            text = "all usable scales have the same relative size"
            raise fault(f"row {row + 1}", text, "one-scale")
    # a share of one half at unused scales keeps the arithmetic finite; their weight is 0
    safe = np.where(usable, share, 0.5)
    z = -ndtri(safe)
    weight = np.where(usable, total * _density(z) ** 2 / (safe * (1 - safe)), 0.0)
    # normal equations of the two regressors sqrt(r) and 1 / sqrt(r), whose product is 1
    a11 = np.where(fitted, weight @ ratio, 2.0)
    a22 = np.where(fitted, weight @ (1 / ratio), 2.0)
    a12 = np.where(fitted, weight.sum(axis=1), 1.0)
    b1 = (weight * z) @ np.sqrt(ratio)
    b2 = (weight * z) @ (1 / np.sqrt(ratio))
    determinant = a11 * a22 - a12 * a12
    v = (a22 * b1 - a12 * b2) / determinant
    c = (a11 * b2 - a12 * b1) / determinant
    var_v, var_c, cov = a22 / determinant, a11 / determinant, -a12 / determinant
    residual = z - v[:, None] * np.sqrt(ratio) - c[:, None] / np.sqrt(ratio)
    rss = (weight * residual**2).sum(axis=1)
    df = np.where(fitted, usable.sum(axis=1) - 2, 0)

    z_au, z_bp = v - c, v + c
    with np.errstate(over="ignore", invalid="ignore"):
        selective = 1 - np.exp(log_ndtr(z_au) - log_ndtr(-c))
        by_v = np.exp(_log_density(z_au) - log_ndtr(-c))
        by_c = np.exp(log_ndtr(z_au) + _log_density(c) - 2 * log_ndtr(-c)) - by_v
        var_si = by_v**2 * var_v + 2 * by_v * by_c * cov + by_c**2 * var_c
    inside = (selective > 0) & (selective < 1)
    sure = np.where(share.mean(axis=1) < 0.5, 0.0, 1.0)
    columns: dict[str, tuple[Any, Any]] = {
        "si": (np.clip(selective, 0, 1), sure),
        "au": (ndtr(-z_au), sure),
        "bp": (ndtr(-z_bp), sure),
        "se_si": (np.sqrt(np.where(inside, var_si, 0)), 0),
        "se_au": (_density(z_au) * np.sqrt(var_v + var_c - 2 * cov), 0),
        "se_bp": (_density(z_bp) * np.sqrt(var_v + var_c + 2 * cov), 0),
        "v": (v, 0),
        "c": (c, 0),
        "pchi": (chdtrc(np.maximum(df, 1), rss), 0),
        "df": (df, 0),
        "rss": (rss, 0),
    }
    frame = pd.DataFrame(
        {name: np.where(fitted, fit, without) for name, (fit, without) in columns.items()}
    )
    frame["note"] = [
        "" if fit else f"no fit, usable scales: {count}; {one:g} by the mean share of {mean:.3g}"
        for fit, count, one, mean in zip(
            fitted, usable.sum(axis=1), sure, share.mean(axis=1), strict=True
        )
    ]
    return frame


def multiscale_bootstrap(
    table: Any,
    draws: int = 1000,
    scales: Sequence[float] = DEFAULT_SCALES,
    *,
    seed: int,
    method: str = "ward",
) -> pd.DataFrame:
    """Compute AU, BP and SI values of every cluster of a dendrogram.

    An AU value of, say, 0.95 says that the hypothesis "this cluster does not exist" is
    rejected at the level 0.05. It takes the variables as a sample of those that could have
    been measured, and the cluster as one named before the data were seen. SI allows for the
    cluster having been found in the same data; with few variables AU is clearly the more
    generous of the two.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
        Already standardized if it is to be: a variable drawn keeps its values.
    draws : int
        Resamples at each size.
    scales : sequence of float
        The sizes are the different values of ``floor(scale * p)``, at least three.
    seed : int
        The same seed gives the same result everywhere.
    method : str
        Linkage on Euclidean distances, see `hclustkit.linkage`.

    Returns
    -------
    DataFrame, one row per merge in order
        ``stage`` from 1, ``members`` (tuple of labels), ``size``, ``height``, and the
        columns of `fit_multiscale`. The last cluster holds every object and is always
        found: its values are 1 without meaning anything.

    Raises
    ------
    InputError
        A bad table, fewer than three different sample sizes, an unknown method.

    Examples
    --------
    >>> table = [[0.0, 1.0, 2.0, 1.0], [1.0, 1.0, 2.0, 0.0], [8.0, 9.0, 7.0, 8.0]]
    >>> multiscale_bootstrap(table, 50, seed=1)[["members", "au"]].to_numpy().tolist()
    [[(0, 1), 1.0], [(0, 1, 2), 1.0]]
    """
    table = as_table(table, min_rows=2)
    sizes = _sample_sizes(scales, table.shape[1])
    if len(sizes) < FEWEST_SCALES:
        text = (
            f"{table.shape[1]} variables at these scales give samples of "
            f"{', '.join(map(str, sizes.tolist()))}: at least {FEWEST_SCALES} are needed"
        )
        raise fault("scales", text, "too-few-scales", sizes.tolist())
    found = multiscale_counts(table, draws, scales, seed=seed, method=method)
    frame = fit_multiscale(found.counts, found.draws, found.r)
    frame.insert(0, "stage", np.arange(1, len(frame) + 1))
    frame.insert(1, "members", found.members)
    frame.insert(2, "size", [len(cluster) for cluster in found.members])
    frame.insert(3, "height", found.height)
    return frame
