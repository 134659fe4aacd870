"""The gap statistic: log W(k) against its expectation for data without clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.errors import InputError
from hclustkit.tables import check_table
from hclustkit.tree.merges import merge_tree
from hclustkit.tree.ward import cut, linkage
from hclustkit.validity.partition import Space, check_ks
from hclustkit.validity.r_random import RUniform, check_seed

SPACES = ("scaledPCA", "original")
GENERATORS = ("numpy", "R")
RULES = ("firstSEmax", "Tibs2001SEmax", "globalSEmax", "firstmax", "globalmax")


def _spreads(x: np.ndarray, tree: np.ndarray, ks: list[int], power: float) -> np.ndarray:
    """W(k) for every k: all cuts of one tree.

    W(k) = 1/2 sum over clusters of (sum of d_ij^power over its pairs) / size. The sums of the
    coarser cuts are those of the finest one, added up along the last merges of the tree.
    """
    n, most = len(x), ks[-1]
    codes = np.asarray(cut(tree, most), dtype=np.int64) - 1
    finest = (codes[:, None] == np.arange(most)).astype(np.float64)
    # [r, s]: distances from cluster r to cluster s; the diagonal holds each pair twice
    sums = finest.T @ (squareform(pdist(x)) ** power) @ finest
    sizes = finest.sum(axis=0)

    # block[node]: the row of ``sums`` in which the cluster of that node is kept
    block = codes.tolist()
    pairs = tree[:, :2].astype(np.int64).tolist()
    spread = np.empty(most + 1)
    for left, right in pairs[: n - most]:
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


def _log_spreads(
    x: np.ndarray, tree: np.ndarray, ks: list[int], power: float, name: str
) -> np.ndarray:
    spread = _spreads(x, tree, ks, power)
    if (spread <= 0).any():
        k = ks[int(np.flatnonzero(spread <= 0)[0])]
        raise InputError(
            f"gap statistic: with {k} clusters of the {name} every cluster holds identical "
            "objects only, so log W is undefined: compare fewer clusters"
        )
    return np.log(spread)


def _axes(centred: np.ndarray, kind: str, generator: str) -> np.ndarray:
    """Directions of the box, one a column: the variables or the principal components.

    The sign of a component is arbitrary. It only mirrors the box, but with the same random
    numbers another mirror image is another set, so it is fixed: the first sizeable weight is
    positive. R leaves it as LAPACK returns it, and so do we with the numbers of R.
    """
    if kind == "original":
        return np.eye(centred.shape[1])
    axes = np.linalg.svd(centred, full_matrices=False)[2].T
    if generator == "numpy":
        sizeable = np.abs(axes) > np.abs(axes).max(axis=0) / 2
        axes = axes * np.sign(axes[sizeable.argmax(axis=0), np.arange(axes.shape[1])])
    return axes


def _uniform(
    space: Space, kind: str, n_references: int, seed: int, generator: str
) -> Iterator[np.ndarray]:
    """Reference sets: uniform in a box around the data."""
    mean = space.x.mean(axis=0)
    axes = _axes(space.x - mean, kind, generator)
    turned = (space.x - mean) @ axes
    low, width = turned.min(axis=0), np.ptp(turned, axis=0)
    if generator == "R":
        stream = RUniform(seed)
        draws = (stream(turned.size).reshape(turned.shape[::-1]).T for _ in range(n_references))
    else:
        rng = np.random.default_rng(seed)
        draws = (rng.random(turned.shape) for _ in range(n_references))
    for draw in draws:
        yield (low + draw * width) @ axes.T + mean


def _given(references: npt.ArrayLike, shape: tuple[int, int]) -> np.ndarray:
    sets = np.asarray(references, dtype=np.float64)
    if sets.ndim != 3 or sets.shape[1:] != shape:
        raise InputError(
            f"references: shape {sets.shape}, (sets, {shape[0]}, {shape[1]}) is needed"
        )
    if not np.isfinite(sets).all():
        raise InputError("references: a number is empty or infinite")
    return sets


def gap_statistic(
    table: pd.DataFrame,
    ks: Iterable[int] = range(1, 11),
    n_references: int = 500,
    seed: int = 1,
    space: str = "scaledPCA",
    method: str = "ward",
    references: npt.ArrayLike | None = None,
    *,
    power: float = 1.0,
    generator: str = "numpy",
) -> pd.DataFrame:
    """Gap statistic of the cuts of one tree.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
    ks : iterable of int
        Numbers of clusters, 1..n-1.
    n_references : int
        B, the number of reference sets, at least 2.
    seed : int
        Of the generator. The first B sets are the same for every larger B.
    space : {"scaledPCA", "original"}
        The box the reference sets are uniform in: along the principal components of the
        data (choice b of the paper) or along the variables (choice a).
    method : str
        Linkage of data and references, as in `hclustkit.tree.ward.linkage`.
    references : array, shape (B, n, p), optional
        The reference sets themselves, in place of ``n_references``, ``seed``, ``space``.
    power : float
        Of the Euclidean distances in W: 1 as in cluster::clusGap, 2 as in the paper, where
        W is the pooled within-cluster sum of squares.
    generator : {"numpy", "R"}
        `numpy.random.default_rng` or the numbers of R after ``set.seed(seed)``. With "R" the
        result is that of cluster::clusGap with that seed, digit for digit (in scaledPCA as
        long as LAPACK gives the components the same sign as in R).

    Returns
    -------
    DataFrame, one row a k, columns ``k``, ``logW``, ``E_logW``, ``gap``, ``SE``
        W(k) = 1/2 sum over clusters of (sum of d^power over the pairs) / size;
        E_logW the mean over the references, gap = E_logW - logW,
        SE = sd sqrt(1 + 1/B) with sd the standard deviation (divisor B - 1). The half is
        that of clusGap; it cancels in the gap.

    Raises
    ------
    InputError
        k outside 1..n-1, clusters of identical objects only, an unknown space or generator,
        fewer than two references, references of another shape.

    References
    ----------
    Tibshirani, Walther and Hastie (2001), J. R. Stat. Soc. B 63, 411-423; cluster::clusGap.
    """
    table = check_table(table)
    frame = Space(table)
    ks = check_ks(ks, frame.n)
    if not power > 0:
        raise InputError(f"gap statistic: power must be positive, got {power!r}")
    if references is not None:
        sets: Iterable[np.ndarray] = _given(references, frame.x.shape)
        count = len(sets)
    else:
        if space not in SPACES:
            raise InputError(f"unknown space {space!r}: choose one of {', '.join(SPACES)}")
        if isinstance(n_references, bool) or not isinstance(n_references, (int, np.integer)):
            raise InputError(f"n_references must be a whole number, got {n_references!r}")
        if generator not in GENERATORS:
            raise InputError(
                f"unknown generator {generator!r}: choose one of {', '.join(GENERATORS)}"
            )
        count = int(n_references)
        sets = _uniform(frame, space, count, check_seed(seed), generator)
    if count < 2:
        raise InputError(f"gap statistic: {count} reference set(s), at least 2 are needed")

    observed = _log_spreads(frame.x, linkage(table, method), ks, power, "data")
    expected = np.array(
        [_log_spreads(x, merge_tree(x, method)[0], ks, power, "reference sets") for x in sets]
    )
    mean = expected.mean(axis=0)
    return pd.DataFrame(
        {
            "k": ks,
            "logW": observed,
            "E_logW": mean,
            "gap": mean - observed,
            "SE": np.sqrt(1 + 1 / count) * expected.std(axis=0, ddof=1),
        }
    )


def gap_choice(gap_table: pd.DataFrame, rule: str = "Tibs2001SEmax", se_factor: float = 1.0) -> int:
    """The number of clusters a rule reads from a gap table.

    Parameters
    ----------
    gap_table : DataFrame
        Columns ``k`` (successive numbers), ``gap``, ``SE``, as from `gap_statistic`.
    rule : str
        ``globalmax``: the largest gap. ``firstmax``: the first gap not below the next.
        ``Tibs2001SEmax``: the smallest k with gap(k) >= gap(k+1) - f SE(k+1).
        ``globalSEmax`` and ``firstSEmax``: the smallest k whose gap is within f SE of the
        global or of the first maximum, SE taken at that maximum. Where no k qualifies, the
        largest k is returned.
    se_factor : float
        f of the rules above.

    Raises
    ------
    InputError
        An unknown rule, missing columns, an empty table, numbers that do not follow each other.

    References
    ----------
    Tibshirani, Walther and Hastie (2001), section 3; manual of cluster::maxSE.
    """
    if rule not in RULES:
        raise InputError(f"unknown rule {rule!r}: choose one of {', '.join(RULES)}")
    missing = [name for name in ("k", "gap", "SE") if name not in gap_table.columns]
    if missing:
        raise InputError(f"gap table: column {missing[0]!r} is missing")
    if len(gap_table) == 0:
        raise InputError("gap table: there is no row")
    k = gap_table["k"].to_numpy()
    gap = gap_table["gap"].to_numpy(dtype=np.float64)
    allowance = se_factor * gap_table["SE"].to_numpy(dtype=np.float64)
    if (np.diff(k) != 1).any():
        raise InputError(f"gap table: k must rise by 1 from row to row, got {k.tolist()}")
    if not (np.isfinite(gap).all() and np.isfinite(allowance).all()):
        raise InputError("gap table: a gap or a standard error is empty or infinite")

    def first(true: np.ndarray, otherwise: int) -> int:
        return int(np.flatnonzero(true)[0]) if true.any() else otherwise

    last = len(gap) - 1
    if rule == "Tibs2001SEmax":
        return int(k[first(gap[:-1] >= (gap - allowance)[1:], last)])
    peak = int(gap.argmax()) if rule.startswith("global") else first(np.diff(gap) <= 0, last)
    if rule.endswith("SEmax"):
        peak = first(gap[:peak] >= gap[peak] - allowance[peak], peak)
    return int(k[peak])
