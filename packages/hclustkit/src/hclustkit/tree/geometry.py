"""Where the leaves and the links of a dendrogram are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import check_choice
from hclustkit.arrays import Ints
from hclustkit.errors import refusal
from hclustkit.tree.cut import check_linkage_matrix, check_whole_tree
from hclustkit.tree.linkage import LINKAGES
from hclustkit.tree.schedule import coefficients

AXES = ("cumulative", "increment", "height")
"""What the axis of a dendrogram can show."""

AXIS_END = 25
"""Where the axis of a rescaled dendrogram ends, as SPSS draws it."""


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """Where to draw a tree.

    Attributes
    ----------
    order : array of int, shape (n,)
        The cases (from 0) from left to right.
    labels : list, length n
        Their labels in that order.
    links : DataFrame, n - 1 rows
        ``stage``; ``left`` and ``right``, the branches, numbered as in the linkage matrix;
        ``x_1 .. x_4`` and ``y_1 .. y_4``: up from the left branch, across, down to the right
        branch; ``value``: what was rescaled to give the height of the link. Leaves are at
        x = 1..n, y = 0.
    scale : str
        What the axis shows, one of `AXES`.
    """

    order: Ints
    labels: list[Any]
    links: pd.DataFrame
    scale: str


def dendrogram_geometry(
    Z: Any, labels: Sequence[Any] | pd.Index, scale: str = "cumulative", method: str = "ward"
) -> Dendrogram:
    """Place the leaves and links of a dendrogram whose axis runs from 0 to 25.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    labels : sequence, length n
    scale : {"cumulative", "increment", "height"}
        SPSS shows "rescaled distances" 0..25, which can be read in two ways:
        ``cumulative``: the coefficients the schedule prints (for Ward the within-cluster sum
        of squares; for other linkages the heights); ``increment``: what a merge adds to that
        sum (Ward only). ``height``: the heights of ``Z``. Each is divided by its largest
        value and multiplied by 25.
    method : str, one of `hclustkit.tree.linkage.LINKAGES`
        The linkage that made ``Z``.

    Returns
    -------
    Dendrogram
        Of two branches the one that was complete earlier is on the left, a single case before
        a cluster, of two cases the lower: the order R draws.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix, the number of labels differs from n, or a name is
        unknown.

    Examples
    --------
    >>> dendrogram_geometry([[0, 2, 1.0, 2], [1, 3, 2.0, 3]], ["a", "b", "c"]).labels
    ['b', 'a', 'c']
    """
    check_choice(scale, AXES, "scale")
    check_choice(method, LINKAGES, "linkage")
    Z = check_linkage_matrix(Z)
    check_whole_tree(Z, "a dendrogram")
    n = len(Z) + 1
    if len(labels) != n:
        text = f"{len(labels)} labels for a tree of {n} cases"
        raise refusal(text, "labels", "label-count", len(labels))
    labels = list(labels)
    if scale == "increment" and method != "ward":
        text = f"scale 'increment' is defined for ward linkage only, not {method!r}"
        raise refusal(text, "scale", "ward-only", method)
    if scale == "height":
        value = Z[:, 2].copy()
    elif scale == "cumulative":
        value = coefficients(Z, method)
    else:
        value = Z[:, 2] ** 2 / 2
    end = value.max(initial=0.0)
    y = AXIS_END * (value / end) if end > 0 else value

    order = leaf_order(Z).tolist()
    at_x, at_y = [0.0] * n, [0.0] * n
    for place, case in enumerate(order, start=1):
        at_x[case] = float(place)
    rows = []
    for t, pair in enumerate(Z[:, :2].astype(np.int64).tolist()):
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


def leaf_order(Z: Any, *, inner: bool = False) -> Ints:
    """List the cases (from 0) from left to right as `dendrogram_geometry` draws them.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    inner : bool
        List all clusters instead, each before its branches and the left branch first,
        numbered as in the linkage matrix.

    Returns
    -------
    array of int, shape (n,), or (2 n - 1,) with ``inner``

    Examples
    --------
    >>> leaf_order([[0, 2, 1.0, 2], [1, 3, 2.0, 3]]).tolist()
    [1, 0, 2]
    """
    # the lower number first: a single case, or the cluster that was complete earlier
    return walk(np.sort(check_linkage_matrix(Z)[:, :2].astype(np.int64), axis=1), inner=inner)


def walk(pairs: Ints, *, inner: bool = False) -> Ints:
    """List the leaves below merges, from left to right; with ``inner`` each merge before them."""
    n = len(pairs) + 1
    branches = pairs.tolist()
    order, waiting = [], [2 * n - 2]
    while waiting:
        node = waiting.pop()
        if node >= n:
            left, right = branches[node - n]
            waiting += [right, left]
        if inner or node < n:
            order.append(node)
    return np.array(order, dtype=np.int64)
