"""Which choices matter: shares of the variance of agreement over a grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.compiled import compiled
from hclustkit.errors import fault
from hclustkit.multiverse.engine import Result

MAX_CELLS = 2 * 10**9
"""Largest work of the exact Shapley shares, in cells of all marginal tables."""


@compiled
def _drop_axis(sums, counts, levels, inner, out_sums, out_counts):
    """Add up tables over one axis: shape (outer, levels, inner) to (outer, inner), flat."""
    outer = out_sums.shape[0] // inner
    for o in range(outer):
        for i in range(inner):
            s = 0.0
            c = 0.0
            at = o * levels * inner + i
            for _ in range(levels):
                s += sums[at]
                c += counts[at]
                at += inner
            out_sums[o * inner + i] = s
            out_counts[o * inner + i] = c


@compiled
def _between(sums, counts):
    """Sum over cells of n_cell mean_cell^2: the sum of squares between cells (mean 0)."""
    total = 0.0
    for cell in range(sums.shape[0]):
        if counts[cell] > 0:
            total += sums[cell] * sums[cell] / counts[cell]
    return total


def explained_variance(codes: np.ndarray, levels: list[int], values: np.ndarray) -> np.ndarray:
    """Compute the variance of the values' conditional mean given every set of factors.

    Parameters
    ----------
    codes : int array, shape (B, f)
        Level of each factor.
    levels : list of f ints
    values : float64 array, shape (B,)

    Returns
    -------
    float64 array, shape (2^f,)
        Sum of squares between the groups that the factors in bit mask S form, over all
        specifications with equal weight; entry 0 is 0, the last is the total when the
        factors identify a specification.
    """
    f = len(levels)
    strides = [math.prod(levels[place + 1 :]) for place in range(f)]
    cells = codes.astype(np.int64) @ np.array(strides, dtype=np.int64)
    size = math.prod(levels)
    centred = values - values.mean()
    sums = np.bincount(cells, weights=centred, minlength=size)
    counts = np.bincount(cells, minlength=size).astype(np.float64)
    out = np.zeros(1 << f)

    def descend(sums: np.ndarray, counts: np.ndarray, axes: list[int], first: int) -> None:
        """Sum the tables over ``axes``; those before place ``first`` are kept from here on."""
        out[sum(1 << axis for axis in axes)] = _between(sums, counts)
        for place in range(first, len(axes)):
            rest = axes[:place] + axes[place + 1 :]
            inner = math.prod(levels[axis] for axis in axes[place + 1 :])
            count = levels[axes[place]]
            smaller = np.empty(len(sums) // count)
            smaller_counts = np.empty(len(smaller))
            _drop_axis(sums, counts, count, inner, smaller, smaller_counts)
            descend(smaller, smaller_counts, rest, place)

    descend(sums, counts, list(range(f)), 0)
    # with no factor left there is one group, whose mean is 0 up to rounding
    out[0] = 0.0
    return out


def shapley(worth: np.ndarray) -> np.ndarray:
    """Compute the Shapley value of each of f players from the worth of all 2^f coalitions.

    Shapley (1953), A value for n-person games.

    Parameters
    ----------
    worth : float64 array, shape (2^f,), by bit mask

    Returns
    -------
    float64 array, shape (f,); they add up to ``worth[-1] - worth[0]``.
    """
    f = len(worth).bit_length() - 1
    coalitions = np.arange(len(worth))
    members = np.zeros(len(worth), dtype=np.int64)
    for player in range(f):
        members += coalitions >> player & 1
    # |S|! (f - |S| - 1)! / f!
    weight = np.array([1 / (f * math.comb(f - 1, size)) for size in range(f)])
    out = np.empty(f)
    for player in range(f):
        without = coalitions[coalitions >> player & 1 == 0]
        gain = worth[without | 1 << player] - worth[without]
        out[player] = (weight[members[without]] * gain).sum()
    return out


def variance_shares(
    result: Result, *, value: str = "ari", where: np.ndarray | pd.Series | None = None
) -> pd.DataFrame:
    """Compute the share of the variance of agreement that each choice accounts for.

    Every specification of the grid counts once. The factors are year, scaling, linkage and,
    for each indicator, its state: absent or one of its variants. They are not independent
    (a minimum number of indicators; indicators that some years lack), so main effects need
    not add up to less than one, and an ordinary analysis of variance would depend on the
    order of its terms. Both estimators are exact sums over the grid, without a model:

    - ``first_order`` = Var(E[Y | X_i]) / Var(Y), the first-order Sobol index, here the
      correlation ratio: the variance between the means of the factor's levels. For an
      indicator it is the sum of ``presence`` (absent against present) and ``variant``
      (between its variants, given that it is present).
    - ``shapley``: the Shapley value of the factor when a set S of factors is worth
      Var(E[Y | X_S]) / Var(Y), over all sets. These add up to one and give each factor its
      part of the interactions and of what it shares with others. Where factors depend on each
      other, as here, that is the definition of Song, Nelson and Staum (2016) and of Owen and
      Prieur (2017); shares describe this grid and infer nothing beyond it.
    - ``total`` = 1 - Var(E[Y | all but X_i]) / Var(Y): what would stay open if all else were
      fixed.

    Parameters
    ----------
    result : Result
    value : str
        ``ari`` or ``vi``.
    where : boolean mask over the specifications, None for all

    Returns
    -------
    DataFrame, index ``factor``: ``levels``, ``first_order``, ``presence``, ``variant``,
    ``shapley``, ``total``. A factor with one level has shares of 0.

    Raises
    ------
    InputError
        An unknown value, agreement that does not vary, or too many combinations of factors.

    References
    ----------
    Sobol', I. M. (1993). Sensitivity estimates for nonlinear mathematical models.
    Mathematical Modelling and Computational Experiments 1, 407-414.
    Owen, A. B., & Prieur, C. (2017). On Shapley value for measuring importance of dependent
    inputs. SIAM/ASA Journal on Uncertainty Quantification 5, 986-1002.
    Song, E., Nelson, B. L., & Staum, J. (2016). Shapley effects for global sensitivity
    analysis. SIAM/ASA Journal on Uncertainty Quantification 4, 1060-1083, equation 10.

    Examples
    --------
    >>> from hclustkit.multiverse import Grid, run
    >>> data = pd.DataFrame({"region": [*"ABCD"] * 2, "year": 2001, "variant": ""})
    >>> data = data.assign(indicator=[*"ppppqqqq"], value=[1, 2, 8, 9, 1, 3, 7, 2])
    >>> reference = pd.Series([1, 1, 2, 2], index=[*"ABCD"])
    >>> grid = Grid.from_data(data, k=2, min_indicators=1)
    >>> result = run(grid, data, reference, progress=False)
    >>> round(float(variance_shares(result)["shapley"].sum()), 9)
    1.0
    """
    if value not in ("ari", "vi"):
        raise fault("value", f"unknown value {value!r}: choose ari or vi", "unknown-name", value)
    rows = result._rows(where)
    grid = result.grid
    digits = grid.digits(rows["choice"].to_numpy())
    given = {
        "year": pd.factorize(rows["year"], sort=True)[0],
        "scaling": rows["scaling"].cat.codes.to_numpy(),
        "linkage": rows["linkage"].cat.codes.to_numpy(),
        **{name: digits[:, place] for place, name in enumerate(grid.indicators)},
    }
    values = rows[value].to_numpy()
    codes = {name: np.unique(column, return_inverse=True) for name, column in given.items()}
    levels = {name: len(found) for name, (found, _) in codes.items()}
    active = [name for name, count in levels.items() if count > 1]
    if not active or values.max() == values.min():
        text = f"{value} does not vary over these specifications"
        raise fault("value", text, "constant-value", value)
    if math.prod(levels[name] + 1 for name in active) > MAX_CELLS:
        text = (
            f"{len(active)} factors have too many combinations for exact Shapley shares; "
            "take fewer specifications by `where`"
        )
        raise fault("where", text, "too-many-combinations", len(active))
    columns = np.column_stack([codes[name][1] for name in active])
    worth = explained_variance(columns, [levels[name] for name in active], values)
    total = ((values - values.mean()) ** 2).sum()
    everything = len(worth) - 1
    effects = dict(zip(active, shapley(worth), strict=True))
    out = []
    for name in given:
        part = 0.0 if name in grid.indicators else np.nan  # only an indicator has parts
        row: dict[str, Any] = {"factor": name, "levels": levels[name], "first_order": 0.0}
        row.update(presence=part, variant=part, shapley=0.0, total=0.0)
        if name in effects:
            bit = 1 << active.index(name)
            row["first_order"] = worth[bit] / total
            row["shapley"] = effects[name] / total
            row["total"] = 1 - worth[everything ^ bit] / total
            if name in grid.indicators:
                present = (given[name] > 0).astype(np.int64)
                row["presence"] = explained_variance(present[:, None], [2], values)[1] / total
                if len(np.unique(given[name][present == 1])) > 1:
                    row["variant"] = row["first_order"] - row["presence"]
        out.append(row)
    return pd.DataFrame(out).set_index("factor")
