"""The gap statistic: log W(k) against its expectation for data without clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import pdist

from hclustkit.arguments import as_table, check_between, check_choice, check_seed, check_whole
from hclustkit.arrays import Bools, Floats, as_numbers
from hclustkit.errors import InputError, refusal
from hclustkit.tree.cut import cut
from hclustkit.tree.linkage import linkage
from hclustkit.validity import exact
from hclustkit.validity.partition import Space, check_ks

SPACES = ("scaledPCA", "original")
RULES = ("firstSEmax", "Tibs2001SEmax", "globalSEmax", "firstmax", "globalmax")


def _spreads(x: Floats, tree: Floats, ks: list[int], power: float) -> Floats:
    """Compute W(k) for every k: all cuts of one tree.

    W(k) = 1/2 sum over clusters of (sum of d_ij^power over its pairs) / size. The sums of the
    coarser cuts are those of the finest one, added up along the last merges of the tree.
    """
    n, most = len(x), ks[-1]
    codes = np.asarray(cut(tree, most), dtype=np.int64) - 1
    # [r, s]: distances from cluster r to cluster s; the diagonal holds each pair twice
    sums, to_clusters = np.zeros((most, most)), np.zeros((most, n))
    np.add.at(to_clusters, codes, exact.square(pdist(x)) ** power)
    np.add.at(sums, codes, to_clusters.T)
    sizes = np.bincount(codes, minlength=most).astype(np.float64)

    # block[node]: the row of ``sums`` in which the cluster of that node is kept
    block = codes.tolist()
    pairs = tree[:, :2].astype(np.int64).tolist()
    spread = np.empty(most + 1)
    for left, _ in pairs[: n - most]:
        block.append(block[left])
    for k in range(most, 0, -1):
        spread[k] = (sums.diagonal() / 4 / sizes).sum()
        if k == ks[0]:
            break
        left, right = pairs[n - k]
        a, b = block[left], block[right]
        block.append(a)
        sums[a] += sums[b]
        sums[:, a] += sums[:, b]
        sums[b, b], sizes[a] = 0.0, sizes[a] + sizes[b]
    return spread[ks]


def _log_spreads(x: Floats, tree: Floats, ks: list[int], power: float, name: str) -> Floats:
    spread = _spreads(x, tree, ks, power)
    if (spread <= 0).any():
        k = ks[int(np.flatnonzero(spread <= 0)[0])]
        text = (
            f"gap statistic: with {k} clusters of the {name} every cluster holds identical "
            "objects only, so log W is undefined: compare fewer clusters"
        )
        raise refusal(text, "ks", "identical-objects", k)
    return np.asarray(np.log(spread))


def uniform_sets(space: Space, kind: str, draws: int, seed: int) -> Iterator[Floats]:
    """Draw reference sets, uniform in a box around the data.

    Parameters
    ----------
    space : Space
    kind : {"scaledPCA", "original"}
        The box is aligned with the principal components or with the variables. The sign of
        a component only mirrors the box, but with the same random numbers another mirror
        image is another set, so `exact.principal_axes` fixes it.
    draws, seed : int

    Yields
    ------
    array, shape (n, p)
    """
    centred = space.x - space.mean
    axes = np.eye(space.p) if kind == "original" else exact.principal_axes(centred)[1]
    turned = exact.product(centred, axes)
    low, width = turned.min(axis=0), np.ptp(turned, axis=0)
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        draw = low + rng.random(turned.shape) * width
        yield exact.product(draw, axes.T) + space.mean


def _given(references: npt.ArrayLike, shape: tuple[int, ...]) -> Floats:
    sets = as_numbers(references, "references")
    if sets.ndim != 3 or sets.shape[1:] != shape:
        text = f"references: shape {sets.shape}, (sets, {shape[0]}, {shape[1]}) is needed"
        raise refusal(text, "references", "references-shape", sets.shape)
    if not np.isfinite(sets).all():
        raise refusal("references: a number is empty or infinite", "references", "not-finite")
    return sets


def _draw_references(space: Space, kind: str, draws: int, seed: int | None) -> list[Floats]:
    check_choice(kind, SPACES, "space")
    count = check_whole(draws, "draws", 2)
    return list(uniform_sets(space, kind, count, check_seed(seed)))


def gap_statistic(
    table: Any,
    ks: Iterable[int] = range(1, 11),
    draws: int = 500,
    *,
    seed: int | None = None,
    space: str = "scaledPCA",
    method: str = "ward",
    references: npt.ArrayLike | None = None,
    power: float = 1.0,
) -> pd.DataFrame:
    """Compute the gap statistic of the cuts of one tree.

    Parameters
    ----------
    table : DataFrame or array, shape (n objects, p variables)
        As it is to be clustered: standardize it first.
    ks : iterable of int
        Numbers of clusters, 1..n-1.
    draws : int
        B, the number of reference sets, at least 2.
    seed : int
        Seed of the random numbers; required unless ``references`` are given. The first B sets are
        the same for every larger B.
    space : {"scaledPCA", "original"}
        The box the reference sets are uniform in: along the principal components of the
        data (choice b of the paper) or along the variables (choice a).
    method : str
        Linkage of data and references, as in `hclustkit.linkage`.
    references : array, shape (B, n, p), optional
        The reference sets themselves, in place of ``draws``, ``seed``, ``space``.
    power : float
        Power of the Euclidean distances in W: 1 as in cluster::clusGap, 2 as in the paper, where
        W is the pooled within-cluster sum of squares.

    Returns
    -------
    DataFrame
        One row a k, columns ``k``, ``logW``, ``E_logW``, ``gap``, ``SE``:
        W(k) = 1/2 sum over clusters of (sum of d^power over the pairs) / size;
        E_logW the mean over the references, gap = E_logW - logW,
        SE = sd sqrt(1 + 1/B) with sd the standard deviation (divisor B - 1). The half is
        that of clusGap; it cancels in the gap.

    Raises
    ------
    InputError
        k outside 1..n-1, clusters of identical objects only, an unknown space, no seed,
        fewer than two references, references of another shape.

    References
    ----------
    Tibshirani, R., Walther, G. and Hastie, T. (2001). J. R. Stat. Soc. B 63, 411-423;
    manual of cluster::clusGap.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 20.0, 21.0, 40.0, 41.5]})
    >>> gap = gap_statistic(table, range(1, 5), 50, seed=1)
    >>> int(gap.loc[gap["gap"].idxmax(), "k"])
    3
    """
    table = as_table(table, min_rows=2)
    frame = Space(table)
    numbers = check_ks(ks, frame.n)
    check_between(power, "power", 0.0, 100.0)
    if references is not None:
        sets = list(_given(references, frame.x.shape))
    else:
        sets = _draw_references(frame, space, draws, seed)
    count = len(sets)
    if count < 2:
        text = f"gap statistic: {count} reference sets, at least 2 are needed"
        raise refusal(text, "references", "too-few-references", count)
    observed = _log_spreads(frame.x, linkage(table, method), numbers, power, "data")
    expected = np.array(
        [_log_spreads(x, linkage(x, method), numbers, power, "reference sets") for x in sets]
    )
    mean = expected.mean(axis=0)
    return pd.DataFrame(
        {
            "k": numbers,
            "logW": observed,
            "E_logW": mean,
            "gap": mean - observed,
            "SE": np.sqrt(1 + 1 / count) * expected.std(axis=0, ddof=1),
        }
    )


def gap_choice(gap_table: pd.DataFrame, rule: str = "Tibs2001SEmax", se_factor: float = 1.0) -> int:
    """Choose the number of clusters from a table of gaps.

    Parameters
    ----------
    gap_table : DataFrame
        Columns ``k`` (rising by 1), ``gap``, ``SE``, as `gap_statistic` returns it.
    rule : str
        ``globalmax``: the largest gap. ``firstmax``: the first gap not below the next.
        ``Tibs2001SEmax``: the smallest k with gap(k) >= gap(k+1) - f SE(k+1).
        ``globalSEmax`` and ``firstSEmax``: the smallest k whose gap is within f SE of the
        global or of the first maximum, SE taken at that maximum. Where no k qualifies, the
        largest k is returned.
    se_factor : float
        f of the rules above.

    Returns
    -------
    int
        One of the k of the table.

    Raises
    ------
    InputError
        An unknown rule, missing columns, an empty table, numbers that do not follow each other.

    References
    ----------
    Tibshirani, R., Walther, G. and Hastie, T. (2001), section 3; manual of cluster::maxSE.

    Examples
    --------
    >>> table = pd.DataFrame({"k": [1, 2, 3], "gap": [0.1, 0.5, 0.4], "SE": [0.05] * 3})
    >>> gap_choice(table), gap_choice(table, "globalmax")
    (2, 2)
    """
    check_choice(rule, RULES, "rule")
    missing = [name for name in ("k", "gap", "SE") if name not in gap_table.columns]
    if missing or len(gap_table) == 0:
        fault = f"column {missing[0]!r} is missing" if missing else "there is no row"
        raise InputError(f"gap table: {fault}", place="gap table", rule="table-shape")
    k = gap_table["k"].to_numpy()
    gap = gap_table["gap"].to_numpy(dtype=np.float64)
    allowance = se_factor * gap_table["SE"].to_numpy(dtype=np.float64)
    if (np.diff(k) != 1).any():
        text = f"gap table: k must rise by 1 from row to row, got {k.tolist()}"
        raise refusal(text, "gap table, k", "k-not-successive", k.tolist())
    if not (np.isfinite(gap).all() and np.isfinite(allowance).all()):
        text = "gap table: a gap or a standard error is empty or infinite"
        raise refusal(text, "gap table", "not-finite")

    def first(true: Bools, otherwise: int) -> int:
        return int(np.flatnonzero(true)[0]) if true.any() else otherwise

    last = len(gap) - 1
    if rule == "Tibs2001SEmax":
        return int(k[first(gap[:-1] >= (gap - allowance)[1:], last)])
    peak = int(gap.argmax()) if rule.startswith("global") else first(np.diff(gap) <= 0, last)
    if rule.endswith("SEmax"):
        peak = first(gap[:peak] >= gap[peak] - allowance[peak], peak)
    return int(k[peak])
