"""Is the agreement luck? The whole search repeated on random references.

Searching a grid for the best agreement finds some by chance. So the search is repeated with
references that know nothing of the data, and the best and the mean agreement of each are
set beside the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import check_choice, check_seed, check_whole
from hclustkit.compare.partitions import together
from hclustkit.errors import InputError, refusal
from hclustkit.multiverse.contiguous import contiguous_partitions, every_contiguous_partition
from hclustkit.multiverse.engine import Result

NULLS = ("relabel", "contiguous")
EVERY = "every one"
"""How references were drawn when all of them were taken."""
BLOCK = 2**24
"""Numbers in the largest intermediate array: 64 MiB."""
ROUNDING = 1e-12
"""Means this close are equal: they are sums in another order."""


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """Agreement of a grid with its reference, beside that with random references.

    Attributes
    ----------
    null : str
    sampler : str
        How references were drawn.
    draws, seed : int
    specifications : int
        How many the maximum and the mean were taken over.
    observed_max, observed_mean : float
        Adjusted Rand index with the real reference.
    null_max, null_mean : float64 arrays, shape (n,)
        The same with each random reference.
    """

    null: str
    sampler: str
    draws: int
    seed: int
    specifications: int
    observed_max: float
    observed_mean: float
    null_max: np.ndarray
    null_mean: np.ndarray

    @property
    def p_max(self) -> float:
        """(1 + draws whose maximum reaches the observed one) / (n + 1).

        Davison and Hinkley (1997), Bootstrap Methods and their Application, equation 4.11. Where
        nothing is drawn and every reference is there, the share of them that reach it.
        """
        return self._p(self.null_max >= self.observed_max - ROUNDING)

    @property
    def p_mean(self) -> float:
        """As `p_max`, for the mean."""
        return self._p(self.null_mean >= self.observed_mean - ROUNDING)

    def _p(self, reached: np.ndarray) -> float:
        added = 0 if self.sampler == EVERY else 1  # the real reference, beside those drawn
        return float((added + np.count_nonzero(reached)) / (self.draws + added))

    def summary(self) -> dict[str, Any]:
        """Return plain values for a results file."""
        out: dict[str, Any] = {
            "null": self.null,
            "sampler": self.sampler,
            "draws": self.draws,
            "seed": self.seed,
            "specifications": self.specifications,
        }
        for name, observed, null, p in (
            ("max", self.observed_max, self.null_max, self.p_max),
            ("mean", self.observed_mean, self.null_mean, self.p_mean),
        ):
            out[name] = {
                "observed": observed,
                "p": p,
                "null_mean": float(null.mean()),
                "null_median": float(np.median(null)),
                "null_95": float(np.quantile(null, 0.95)),
                "null_largest": float(null.max()),
            }
        return out


def agreement_with_draws(
    partitions: np.ndarray, weights: np.ndarray, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the largest and the mean adjusted Rand index of partitions with each draw.

    The index is a straight line in the number of pairs that are together in both, with
    coefficients that depend only on how many pairs each of the two puts together. So all
    common pairs are one matrix product, of whole numbers and therefore exact, and the
    maximum is taken among partitions with equally many pairs before the line is applied.

    Parameters
    ----------
    partitions : integer array, shape (U, n)
        Unique partitions.
    weights : int array, shape (U,)
        How many specifications have each, at least 1.
    draws : integer array, shape (D, n)
        All with equally many pairs together.

    Returns
    -------
    largest, mean : float64 arrays, shape (D,)
    """
    n = partitions.shape[1]
    pairs = n * (n - 1) // 2
    if pairs >= 2**24:
        text = f"{n} objects have too many pairs to count them in single precision"
        raise refusal(text, "objects", "too-many-objects", n)
    drawn = np.ascontiguousarray(together(draws).T, dtype=np.float32)
    of_draw = drawn[:, 0].sum(dtype=np.float64)
    per_block = max(1, BLOCK // max(len(draws), pairs))
    blocks = [partitions[low : low + per_block] for low in range(0, len(partitions), per_block)]
    own_pairs = np.concatenate([together(block).sum(axis=1) for block in blocks])
    order = np.argsort(own_pairs, kind="stable")
    largest = np.full(len(draws), -np.inf)
    # sum over partitions of weight * slope * common pairs, gathered pair by pair
    slope_by_pair = np.zeros(pairs)
    constant = 0.0
    for low in range(0, len(order), per_block):
        rows = order[low : low + per_block]
        mine = together(partitions[rows])
        size = own_pairs[rows].astype(np.float64)
        expected = size * of_draw / pairs
        room = (size + of_draw) / 2 - expected
        common = mine.astype(np.float32) @ drawn
        bounds = np.flatnonzero(np.r_[True, size[1:] != size[:-1], True])
        for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
            if room[start] == 0:
                # both all singletons, or both one cluster
                np.maximum(largest, 1.0, out=largest)
            else:
                best = common[start:stop].max(axis=0).astype(np.float64)
                np.maximum(largest, (best - expected[start]) / room[start], out=largest)
        weight = weights[rows].astype(np.float64)
        fixed = room == 0
        room[fixed] = 1.0
        slope = np.where(fixed, 0.0, weight / room)
        slope_by_pair += slope @ mine
        constant += weight[fixed].sum() - (slope * expected).sum()
    total = slope_by_pair @ drawn.astype(np.float64) + constant
    return largest, total / weights.sum()


def permutation_test(
    result: Result,
    *,
    seed: int,
    draws: int = 10_000,
    null: str = "relabel",
    neighbours: pd.DataFrame | None = None,
    where: np.ndarray | pd.Series | None = None,
    sampler: str = "auto",
) -> PermutationTest:
    """Repeat the whole search of a run with random references of the same cluster sizes.

    Parameters
    ----------
    result : Result
    seed : int
    draws : int
        Number of random references.
    null : str
        ``relabel``: the labels of the reference in random order. ``contiguous``: a random
        partition into groups that are connected on a neighbour graph.
    neighbours : DataFrame
        Edge list, for ``contiguous``; see `hclustkit.multiverse.contiguous.neighbours_of`.
    where : boolean mask over the specifications, None for all
    sampler : str
        For ``contiguous``: ``every`` takes every contiguous partition once, whatever ``draws``,
        and p is a share of them; else see `hclustkit.multiverse.contiguous_partitions`.

    Returns
    -------
    PermutationTest

    Raises
    ------
    InputError
        An unknown null, no draws, a bad seed, no neighbours, no specification left by the mask,
        or no contiguous partition of these sizes.

    References
    ----------
    Westfall, P. H., & Young, S. S. (1993). Resampling-based multiple testing. Wiley (the
    distribution of the maximum over a search).

    Examples
    --------
    >>> from hclustkit.multiverse import Grid, run
    >>> data = pd.DataFrame({"region": [*"ABCD"] * 2, "year": 2001, "variant": ""})
    >>> data = data.assign(indicator=[*"ppppqqqq"], value=[1, 2, 8, 9, 1, 3, 7, 9])
    >>> reference = pd.Series([1, 1, 2, 2], index=[*"ABCD"])
    >>> grid = Grid.from_data(data, k=2, min_indicators=1)
    >>> result = run(grid, data, reference, progress=False)
    >>> permutation_test(result, seed=1, draws=99).observed_max
    1.0
    """
    check_choice(null, NULLS, "null")
    draws = check_whole(draws, "draws", 1)
    seed = check_seed(seed)
    counts = np.bincount(
        result._rows(where)["partition"].to_numpy(), minlength=len(result.partitions)
    )
    kept = np.flatnonzero(counts)
    if len(kept) == 0:
        raise InputError("where: no specification is left", place="where", rule="no-specification")
    if null == "relabel":
        rng = np.random.default_rng(seed)
        references = rng.permuted(np.tile(result.reference, (draws, 1)), axis=1)
        used = "random order"
    else:
        if neighbours is None:
            raise refusal("the contiguous null needs a list of neighbours", "neighbours", "missing")
        labels, sizes = result.labels, np.bincount(result.reference)
        if sampler == "every":
            references, used = every_contiguous_partition(neighbours, labels, sizes), EVERY
            draws = len(references)
        else:
            references, used = contiguous_partitions(
                neighbours, labels, sizes, draws, seed, sampler=sampler
            )
    # the real reference first, through the same arithmetic
    largest, mean = agreement_with_draws(
        result.partitions[kept], counts[kept], np.vstack([result.reference[None, :], references])
    )
    return PermutationTest(
        null=null,
        sampler=used,
        draws=draws,
        seed=seed,
        specifications=int(counts.sum()),
        observed_max=float(largest[0]),
        observed_mean=float(mean[0]),
        null_max=largest[1:],
        null_mean=mean[1:],
    )
