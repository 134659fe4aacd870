"""Proof that unknown values change nothing: every scaled value is bounded, every merge followed.

An unknown value moves the mean and the spread of its column, and with them every scaled value.
For values within given bounds the distances of all clusters are bounded, and with these the
merges that Ward's method may take; if in every order of merges one that leads to the partition
is surely cheaper than all that lead away, no values within the bounds change it. Bounds that
are too wide for that are halved, and both halves looked at.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.arguments import as_table, check_whole
from hclustkit.arrays import Floats, Ints, as_numbers, check_squares
from hclustkit.errors import refusal
from hclustkit.scaling import standardize
from hclustkit.sensitivity.columns import wanted_partition
from hclustkit.sensitivity.interval_merges import advance

MAX_STATES = 4_000
"""States of clusters looked at before bounds count as too wide."""
MAX_CORNERS = 12
"""Unknown values of a column up to which the largest spread is looked for at every corner."""


def keeps_partition(
    table: pd.DataFrame,
    low: Floats,
    high: Floats,
    partition: pd.Series,
    *,
    scaling: str = "zscore",
    max_boxes: int = 64,
) -> bool:
    """Prove that Ward's method gives a partition for all values of further columns within bounds.

    Parameters
    ----------
    table : DataFrame, shape (n, p), unscaled
        The columns that are known.
    low, high : arrays, shape (n, q), unscaled
        Bounds of the further columns, equal where a value is known.
    partition : Series, label -> cluster
    scaling : {"zscore", "range", "rank", "log-zscore", "none"}
    max_boxes : int
        How many parts the bounds may be cut into.

    Returns
    -------
    bool
        True is a proof. False: none was found with at most that number of parts.

    Raises
    ------
    InputError
        Bounds of another shape, crossed or not finite, or not positive under ``log-zscore``.

    References
    ----------
    Moore, R. E., Kearfott, R. B., Cloud, M. J. (2009), Introduction to Interval Analysis, SIAM.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 8.0, 9.5]})
    >>> wanted = pd.Series([0, 0, 1, 1])
    >>> low = np.array([[0.0], [1.0], [7.0], [9.0]])
    >>> keeps_partition(table, low, low + [[0.0], [0.5], [0.0], [0.0]], wanted)
    True
    >>> keeps_partition(table, low, low + [[9.0], [0.0], [0.0], [0.0]], wanted)
    False
    """
    table = as_table(table, min_rows=2)
    low, high = as_numbers(low, "low"), as_numbers(high, "high")
    _check_bounds(low, high, len(table), scaling)
    if scaling == "log-zscore":
        low, high = np.log(low), np.log(high)
    check_squares(np.stack((low, high)))
    squares = squareform(pdist(standardize(table, scaling).to_numpy(), "sqeuclidean"))
    wanted = wanted_partition(partition, table)
    waiting, used = [(low.T.copy(), high.T.copy())], 1
    max_boxes = check_whole(max_boxes, "max_boxes", 1)
    while waiting:
        box = waiting.pop()
        if _holds(squares, *box, wanted, scaling):
            continue
        used += 1
        halves = _halves(*box)
        if used > max_boxes or not halves:
            return False
        waiting += halves
    return True


def _check_bounds(low: Floats, high: Floats, n: int, scaling: str) -> None:
    if low.shape != high.shape or low.ndim != 2 or len(low) != n:
        text = f"bounds: expected ({n}, columns) twice, got {low.shape} and {high.shape}"
        raise refusal(text, "low, high", "shape", (low.shape, high.shape))
    wrong = ~np.isfinite(low) | ~np.isfinite(high) | (low > high)
    rule = "bounds"
    if not wrong.any() and scaling == "log-zscore":
        wrong, rule = low <= 0, "positive"
    if wrong.any():
        i, c = np.argwhere(wrong)[0].tolist()
        text = f"bounds of row {i}, column {c}: {low[i, c]!r} to {high[i, c]!r}"
        raise refusal(text, f"row {i}, column {c}", rule, (float(low[i, c]), float(high[i, c])))


def _halves(low: Floats, high: Floats) -> list[tuple[Floats, Floats]]:
    """Cut a box in two across the value that is least known, measured by its column."""
    if not low.size:
        return []
    length = np.maximum(high.max(axis=1) - low.min(axis=1), np.finfo(float).tiny)
    width = (high - low) / length[:, None]
    at = np.unravel_index(int(np.argmax(width)), width.shape)
    middle = low[at] + (high[at] - low[at]) / 2
    if not low[at] < middle < high[at]:
        return []
    below, above = high.copy(), low.copy()
    below[at] = above[at] = middle
    return [(above, high), (low, below)]


def _holds(squares: Floats, low: Floats, high: Floats, wanted: Ints, scaling: str) -> bool:
    """Follow every merge that values within one box may bring about."""
    n = len(wanted)
    below, above = np.empty(low.shape), np.empty(low.shape)
    widest, narrowest = np.empty(len(low)), np.empty(len(low))
    for c in range(len(low)):
        below[c], above[c], widest[c], narrowest[c] = _scaled_bounds(low[c], high[c], scaling)
    if (narrowest <= 0).any():
        return False
    states = np.arange(n)[None]
    for _ in range(n - 1 - int(wanted.max())):
        held, states = advance(states, squares, below, above, widest, narrowest, wanted)
        if not held:
            return False
        states = np.unique(states, axis=0)
        if len(states) > MAX_STATES:
            return False
    return True


def _scaled_bounds(low: Floats, high: Floats, scaling: str) -> tuple[Floats, Floats, float, float]:
    """Bound a column and its spread: values between, the widest and the narrowest spread."""
    if scaling == "rank":
        # ties share the mean of their ranks
        under = (high[None] < low[:, None]).sum(axis=1)
        level = (high[None] <= low[:, None]).sum(axis=1) - (high <= low)
        over = (low[None] > high[:, None]).sum(axis=1)
        equal = (low[None] >= high[:, None]).sum(axis=1) - (high <= low)
        n = len(low)
        return 1 + (under + level) / 2, n - (over + equal) / 2, 1.0, 1.0
    if scaling == "none":
        return low, high, 1.0, 1.0
    if scaling == "range":
        widest = high.max() - low.min()
        return low, high, float(widest), float(max(low.max() - high.min(), 0.0))
    n = len(low)
    free = np.flatnonzero(low < high)
    middle = float(np.mean((low + high) / 2))
    for _ in range(50):
        middle = float(np.clip(middle, low, high).mean())
    near = np.clip(middle, low, high)
    # distances to one centre are least at a centre that is their own mean; until then the sum
    # of squares is less than this by at most its slope times the whole length
    slope = 2 * n * abs(middle - near.mean()) * (high.max() - low.min())
    narrowest = np.sqrt(max(((near - middle) ** 2).sum() - slope, 0.0) / (n - 1))
    if len(free) > MAX_CORNERS:
        away = np.where(high - middle > middle - low, high, low)
        widest = np.sqrt(((away - middle) ** 2).sum() / (n - 1))
        return low, high, float(widest), float(narrowest)
    corners = np.repeat(low[None], 2 ** len(free), axis=0)
    corners[:, free] = list(product(*[(low[i], high[i]) for i in free]))
    return low, high, float(corners.std(axis=1, ddof=1).max()), float(narrowest)
