"""Thin long results to tables that a page can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from hclustkit.errors import refusal


def bin_counts(values: Sequence[float], edges: Sequence[float], **labels: object) -> pd.DataFrame:
    """Count values between edges, as a table to draw and to keep.

    Parameters
    ----------
    values : floats
    edges : rising bin edges; a bin holds its left edge, the last one also its right
    labels : constant columns put in front, e.g. ``group="ward"``

    Returns
    -------
    DataFrame with the labels, ``left``, ``right``, ``count``.

    Raises
    ------
    InputError
        Edges that do not rise, or a value outside of them.
    """
    numbers, bounds = np.asarray(values, dtype=float), np.asarray(edges, dtype=float)
    if len(bounds) < 2 or not (np.diff(bounds) > 0).all():
        text = "bin edges must rise, and there must be at least two"
        raise refusal(text, "edges", "rising-edges", bounds.tolist())
    outside = numbers[(numbers < bounds[0]) | (numbers > bounds[-1])]
    if len(outside):
        text = f"the value {outside[0]:g} lies outside the bins {bounds[0]:g} to {bounds[-1]:g}"
        raise refusal(text, "values", "inside-the-bins", float(outside[0]))
    count, _ = np.histogram(numbers, bounds)
    table = pd.DataFrame({"left": bounds[:-1], "right": bounds[1:], "count": count})
    for place, (name, value) in enumerate(labels.items()):
        table.insert(place, name, value)
    return table


def specification_bins(
    agreement: pd.Series,
    choices: pd.DataFrame,
    *,
    bins: int = 60,
    baseline: object = None,
    omit: Sequence[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Thin a specification curve to bins of equally many specifications.

    Agreement takes few values, so many specifications are tied and their order means nothing.
    A bin that holds a part of tied specifications counts all of them, each for that part: no
    pattern comes from the order of the grid.

    Parameters
    ----------
    agreement : Series, one value per specification
    choices : DataFrame, same index
        One column per dimension ("year", "scaling", "P3" …), cells the option taken.
    bins : int
    baseline : index label of the baseline specification, optional; its bin is marked (of the
        bins over which its ties spread, the middle one)
    omit : options that get no row, e.g. ``("absent",)``

    Returns
    -------
    curve : DataFrame ``bin, low, median, high, specifications, baseline``
    shares : DataFrame ``dimension, option, bin, share, overall``
        As `specification_curve` takes them. Options are in sorted order.

    Raises
    ------
    InputError
        The two do not hold the same specifications, or there are none.
    """
    if not agreement.index.equals(choices.index):
        text = "agreement and choices do not hold the same specifications"
        raise refusal(text, "choices", "same-labels")
    n = len(agreement)
    if n == 0 or bins < 1:
        text = f"{n} specifications cannot be put into {bins} bins"
        raise refusal(text, "bins", "bin-count", bins)
    bins = min(bins, n)
    values = agreement.to_numpy(dtype=float)
    edges = np.arange(bins + 1) * n // bins
    group, levels = pd.factorize(values, sort=True)
    many = np.bincount(group, minlength=len(levels))
    last = np.cumsum(many)
    first = last - many
    curve = _curve(np.sort(values), edges)
    if baseline is not None:
        tied = group[agreement.index.get_loc(baseline)]
        middle = (first[tied] + last[tied] - 1) // 2
        curve.loc[np.searchsorted(edges, middle, side="right") - 1, "baseline"] = True
    # the part of every group of ties that lies in every bin
    inside = np.minimum(edges[1:, None], last) - np.maximum(edges[:-1, None], first)
    part_of = np.clip(inside, 0, None) / many
    return curve, _option_shares(choices, group, part_of, np.diff(edges), omit)


def _curve(ordered: np.ndarray, edges: np.ndarray) -> pd.DataFrame:
    """Describe the sorted values of each bin."""
    parts = np.split(ordered, edges[1:-1])
    return pd.DataFrame(
        {
            "bin": np.arange(len(parts)),
            "low": [part[0] for part in parts],
            "median": [float(np.median(part)) for part in parts],
            "high": [part[-1] for part in parts],
            "specifications": np.diff(edges),
            "baseline": False,
        }
    )


def _option_shares(
    choices: pd.DataFrame,
    group: np.ndarray,
    part_of: np.ndarray,
    size: np.ndarray,
    omit: Sequence[str],
) -> pd.DataFrame:
    """Compute how often each bin takes each option.

    Parameters
    ----------
    group : shape (n,), the group of ties of each specification
    part_of : shape (bins, groups), the part of each group that lies in each bin
    size : shape (bins,), specifications in each bin
    """
    n, bins, groups = len(group), *part_of.shape
    tables = []
    for dimension in choices.columns:
        codes, options = pd.factorize(choices[dimension], sort=True)
        counts = np.zeros((groups, len(options)))
        np.add.at(counts, (group, codes), 1)
        share = part_of @ counts / size[:, None]
        for j, option in enumerate(options):
            if str(option) in omit:
                continue
            column = {
                "dimension": str(dimension),
                "option": str(option),
                "bin": np.arange(bins),
                "share": share[:, j],
                "overall": counts[:, j].sum() / n,
            }
            tables.append(pd.DataFrame(column))
    return pd.concat(tables, ignore_index=True)
