"""The gap statistic of NbClust 3.0, defects included, digit for digit.

The program means to draw ten reference sets, uniform in the box of the data, but it restarts
the random numbers of R at seed 1 for every variable of every set. So all sets are the same,
and in it every variable is the same column stretched to another range: n points on a straight
line. The spread around a mean that this hides is then made up by two further slips: the first
set is averaged with divisor n_r - 1 and the other nine with n_r, and a cluster of one object
counts with the whole part of the variance of its own coordinates. `gap_statistic` is the
statistic as published.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hclustkit import cut, linkage
from hclustkit.validity.partition import Levels
from hclustkit.validity.values import FLAT, IndexValue, beyond, no_value

from oracles.r_random import RUniform

_SETS = 10


def _pooled(x: np.ndarray, codes: np.ndarray, k: int, less: int) -> float:
    """Sum over clusters of total variance x (size - less), over n - k."""
    total = 0.0
    for code in range(1, k + 1):
        rows = x[codes == code]
        if len(rows) == 1:
            total += math.floor(rows[0].var(ddof=1)) * (1 - less)
        else:
            total += rows.var(axis=0, ddof=1).sum() * (len(rows) - less)
    return float(total / (len(x) - k))


def gap_values(levels: Levels) -> dict[int, IndexValue]:
    """NbClust's gap and margin for every k of ``levels``."""
    space = levels.space
    if space.p < 2:
        return dict.fromkeys(levels.ks, no_value("NbClust's gap needs two variables"))
    x = space.x
    line = x.min(axis=0) + np.outer(RUniform(1)(space.n), np.ptp(x, axis=0))
    tree = linkage(pd.DataFrame(line), levels.method)

    def gap(k: int) -> tuple[float, float] | None:
        if k == space.n:
            return None
        codes = cut(tree, k)
        own = _pooled(x, levels.at(k).codes + 1, k, 1)
        first = _pooled(line, codes, k, 1)
        # one cluster takes another path in the program, with the same divisor for all sets
        others = _pooled(line, codes, k, 0) if k > 1 else first
        if min(own, first, others) <= 0:
            return None
        logs = np.log([first] + [others] * (_SETS - 1))
        return float(logs.mean() - math.log(own)), float(math.sqrt(1 + 1 / _SETS) * logs.std())

    values = {}
    for k in levels.ks:
        if k + 1 > space.n:
            values[k] = beyond(k + 1, space.n)
            continue
        this, after = gap(k), gap(k + 1)
        if this is None or after is None:
            values[k] = no_value(FLAT)
        else:
            values[k] = IndexValue(this[0], critical=this[0] - (after[0] - after[1]))
    return values
