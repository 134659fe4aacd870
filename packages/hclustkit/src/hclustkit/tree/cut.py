"""Cutting a tree into clusters."""

from __future__ import annotations

from typing import Any

import numpy as np

from hclustkit.arguments import check_between, check_choice
from hclustkit.arrays import Floats, Ints, as_numbers, check_k
from hclustkit.errors import refusal
from hclustkit.tree.sizes import check_sizes, labels_of_nodes, nodes_of_sizes, tops


def check_linkage_matrix(Z: Any) -> Floats:
    """Return ``Z`` as an array of float64 if it is a linkage matrix.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        In scipy's form; n = 1 gives shape (0, 4).

    Raises
    ------
    InputError
        With rule ``linkage-shape``, or ``linkage-matrix`` and the merge, from 1, where a cluster
        is not merged once, after it was made, a height is negative or the size is not the number
        of rows. The height of the last merges is infinite where parts stay apart.
    """
    array = as_numbers(Z, "Z")
    if array.ndim != 2 or array.shape[1] != 4:
        text = f"Z: expected the shape (n - 1, 4), got {array.shape}"
        raise refusal(text, "Z", "linkage-shape", array.shape)
    n = len(array) + 1
    size, whole = [1.0] * n, n - parts_of(array)
    for t, (a, b, height, count) in enumerate(array.tolist()):
        # 0 where the number is not a node, or names one made later or merged already
        rows = [size[int(node)] if 0 <= node < n + t and node % 1 == 0 else 0.0 for node in (a, b)]
        if 0 in rows or a == b:
            wrong = f"joins {a:g} and {b:g}: each cluster must be merged once, after it was made"
        elif not 0 <= height < np.inf and not (t >= whole and height == np.inf):
            wrong = f"has the height {height:g}: it must be a number from 0"
        elif count != sum(rows):
            wrong = f"has the size {count:g}, but joins {sum(rows):g} rows"
        else:
            size[int(a)] = size[int(b)] = 0.0
            size.append(count)
            continue
        text = f"Z is not a linkage matrix: merge {t + 1} {wrong}"
        raise refusal(text, f"Z, merge {t + 1}", "linkage-matrix", array[t].tolist())
    return array


def parts_of(Z: Floats) -> int:
    """Count the trees of a forest: one, and one more for each last merge of infinite height.

    Examples
    --------
    >>> parts_of(np.array([[0, 1, 1.0, 2], [2, 3, np.inf, 3]]))
    2
    """
    apart = Z[::-1, 2] != np.inf
    return 1 + (int(np.argmax(apart)) if apart.any() else len(Z))


def check_whole_tree(Z: Floats, what: str) -> None:
    """Raise if a tree is a forest, of which ``what`` is not defined.

    Raises
    ------
    InputError
        With rule ``forest``; the value is the number of trees.
    """
    parts = parts_of(Z)
    if parts > 1:
        text = (
            f"{what} is not defined for a forest of {parts} trees: join the parts with "
            "join_components, or take one of them"
        )
        raise refusal(text, "Z", "forest", parts)


def cut(
    Z: Any,
    k: int | None = None,
    *,
    height: float | None = None,
    min_size: int | None = None,
    max_size: int | None = None,
    inverted: str = "refuse",
    minimum: float | None = None,
    totals: Any = None,
) -> Ints:
    """Cut a tree into clusters, by their number, at a height, or by their sizes.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
        In scipy's form.
    k : int, 1..n
        The last k - 1 merges are undone, which gives exactly k clusters whatever the
        heights: inversions and ties included. A forest has as many clusters as trees, or more.
    height : float
        The merges at heights up to and including this one (<=) are kept.
    min_size, max_size : int, optional
        The fewest and the most rows of a cluster. Clusters are always whole branches of the
        tree; Notes says which.
    inverted : {"refuse", "all", "last"}
        What a cut by height means in a tree with inversions: ``all`` merges of a cluster are
        at or below the height, or only its ``last`` one is.
    minimum : float, optional
        With ``k``: the least size of a cluster, every row assigned. A merge is not undone
        where one of its two clusters would be smaller; the last of the others is undone in
        its place.
    totals : array, shape (n,), optional
        What each row adds to the size of its cluster, such as its population; by default 1.

    Returns
    -------
    array of int64, shape (n,)
        The cluster of each row, 1..k by first appearance; 0 for a row that stays unassigned,
        which only ``min_size`` together with k, a height or ``max_size`` can cause.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix, k is outside 1..n or below the number of trees, the
        tree is inverted (for a cut by height), there is nothing to cut by or k and a height,
        or no clusters of the tree have these sizes.

    Notes
    -----
    With ``min_size`` alone: the most clusters that hold all rows and have at least that many
    each. With ``max_size`` alone: the fewest that have at most that many each. With both, or
    with a height: clusters that are too large are divided as little as needed, and the rows
    of those that are then too small stay unassigned. With k and ``min_size`` the merges are
    undone from the last one on until k clusters are large enough, and the rows of smaller
    ones stay unassigned; a merge is kept if neither part is large enough without the other.

    Examples
    --------
    >>> Z = [[0, 1, 1.0, 2], [2, 3, 4.0, 3]]
    >>> cut(Z, 2).tolist(), cut(Z, height=4).tolist()
    ([1, 1, 2], [1, 1, 1])
    >>> cut(Z, max_size=2).tolist(), cut(Z, min_size=2, max_size=2).tolist()
    ([1, 1, 2], [1, 1, 0])
    >>> cut([[0, 1, 1, 2], [2, 3, 2, 2], [4, 5, 3, 4]], 2, minimum=2).tolist()
    [1, 1, 2, 2]
    """
    array = check_linkage_matrix(Z)
    n = len(array) + 1
    sized = min_size is not None or max_size is not None
    totalled = minimum is not None or totals is not None
    if (k is not None and height is not None) or (k is None and height is None and not sized):
        raise refusal("give either a number of clusters k or a height", "k", "k-or-height")
    if totalled and (k is None or sized):
        text = "minimum and totals need k, and neither a height nor min_size or max_size"
        raise refusal(text, "minimum", "k-or-height")
    parts = parts_of(array)
    if k is not None:
        k = check_k(k, n)
        _check_parts(k, parts, n)
        if not sized:
            return _cut_of_size(array, k, minimum, totals) if totalled else labels_of_cut(array, k)
    labels = labels_of_cut(array, parts) if height is None else at_height(array, height, inverted)
    if not sized:
        return labels
    least, most = check_sizes(min_size, max_size, n)
    finest = k is None and height is None and max_size is None
    return labels_of_nodes(
        array, nodes_of_sizes(array, tops(array, labels), k, least, most, finest=finest)
    )


def _check_parts(k: int, parts: int, n: int) -> None:
    if k < parts:
        text = (
            f"the neighbours form {parts} separate parts, which cannot be {k} clusters: "
            f"k must be {parts} to {n}, or the parts be joined with join_components"
        )
        raise refusal(text, "k", "components", parts)


def at_height(Z: Floats, height: float, inverted: str) -> Ints:
    """Cut a tree or forest at a height; see `cut`."""
    level = check_between(height, "height", -np.inf, np.inf)
    check_choice(inverted, ("refuse", "all", "last"), "inverted")
    n = len(Z) + 1
    heights = Z[: n - parts_of(Z), 2]
    fall = np.diff(heights) < 0
    if not fall.any():
        return labels_of_cut(Z, n - int(np.searchsorted(heights, level, side="right")))
    if inverted == "refuse":
        stage = int(np.argmax(fall)) + 2
        text = (
            f"the tree is inverted (merge {stage} is below the one before it), so a cut by "
            "height is not defined: cut by k, or say what is meant by inverted='all' or 'last'"
        )
        raise refusal(text, f"Z, merge {stage}", "inverted-tree", float(heights[stage - 1]))
    pairs = Z[:, :2].astype(np.int64).tolist()
    reach = [-np.inf] * n
    for (a, b), h in zip(pairs, Z[:, 2].tolist(), strict=True):
        reach.append(max(h, reach[a], reach[b]) if inverted == "all" else h)
    nodes, waiting = [], [2 * n - 2]
    while waiting:
        node = waiting.pop()
        if reach[node] <= level:
            nodes.append(node)
        else:
            waiting += pairs[node - n]
    return labels_of_nodes(Z, nodes)


def totals_of(totals: Any, n: int, minimum: float | None) -> tuple[Floats, float]:
    """Return what each row adds to the total of its cluster, and the least total; checked."""
    least = 0.0 if minimum is None else check_between(minimum, "minimum", 0.0, np.inf)
    each = np.ones(n) if totals is None else as_numbers(totals, "totals").copy()
    if each.shape != (n,) or not (np.isfinite(each) & (each >= 0)).all():
        raise refusal(f"totals must be {n} numbers from 0", "totals", "totals", totals)
    return each, least


def _cut_of_size(Z: Floats, k: int, minimum: float | None, totals: Any) -> Ints:
    """Undo the last merges both of whose clusters reach a size, until there are k clusters."""
    n = len(Z) + 1
    each, least = totals_of(totals, n, 1 if minimum is None else minimum)
    total = each.tolist()
    pairs = Z[:, :2].astype(np.int64).tolist()
    for a, b in pairs:
        total.append(total[a] + total[b])
    apart = parts_of(Z) - 1
    # a cluster is kept whole, or taken apart where both parts are large enough
    whole = {2 * n - 2}
    for t in range(n - 2, -1, -1):
        forced = t > n - 2 - apart
        if n + t not in whole or (len(whole) == k and not forced):
            continue
        if forced or min(total[node] for node in pairs[t]) >= least:
            whole.remove(n + t)
            whole.update(pairs[t])
    small = [node for node in whole if total[node] < least]
    if len(whole) < k or small:
        most = "no cut" if small else f"at most {len(whole)} clusters"
        text = f"{most} of {least:g} or more: k = {k} is not possible"
        raise refusal(text, "minimum", "minimum", 0 if small else len(whole))
    return labels_of_nodes(Z, list(whole))


def labels_of_cut(Z: Floats, k: int) -> Ints:
    """Number the clusters that are left after n - k merges; nothing is checked."""
    n = len(Z) + 1
    top = list(range(2 * n - 1))
    pairs = Z[: n - k, :2].astype(np.int64).tolist()
    for t in range(n - k - 1, -1, -1):
        a, b = pairs[t]
        top[a] = top[b] = top[n + t]
    number: dict[int, int] = {}
    return np.array([number.setdefault(c, len(number) + 1) for c in top[:n]], dtype=np.int64)


def inversions(Z: Floats) -> Ints:
    """List the merges that are below one of the two clusters they join.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)

    Returns
    -------
    array of int64
        Merges from 0. A difference within 1e-10 of the height is rounding.

    Examples
    --------
    >>> inversions(np.array([[0, 1, 2.0, 2], [2, 3, 1.0, 3]])).tolist()
    [1]
    """
    heights = np.concatenate([np.zeros(len(Z) + 1), Z[:, 2]])
    below = heights[Z[:, :2].astype(np.int64)].max(axis=1, initial=0.0)
    return np.flatnonzero(Z[:, 2] < below * (1 - 1e-10))


def inherited_numbers(Z: Floats, k: int) -> Ints:
    """Number k clusters so that the larger part keeps its number whenever one is divided.

    The smaller part of the cluster that is divided to make j clusters of j - 1 gets the number
    j; of two equal parts the one with the lower case keeps the old one. A number thus stands
    for the same branch at every k at which it occurs. Nothing is checked.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    k : int, 1..n

    Returns
    -------
    array of int64, shape (n,)

    Examples
    --------
    >>> Z = np.array([[1, 2, 1.0, 2], [0, 3, 4.0, 3]])
    >>> inherited_numbers(Z, 2).tolist(), inherited_numbers(Z, 3).tolist()
    ([2, 1, 1], [2, 1, 3])
    """
    n = len(Z) + 1
    pairs = Z[:, :2].astype(np.int64).tolist()
    size = [1] * n + Z[:, 3].astype(np.int64).tolist()
    lowest = list(range(n))
    for a, b in pairs:
        lowest.append(min(lowest[a], lowest[b]))
    number = [1] * (2 * n - 1)
    for t in range(n - 2, -1, -1):
        large, small = sorted(pairs[t], key=lambda node: (-size[node], lowest[node]))
        number[large] = number[n + t]
        number[small] = n - t if n - t <= k else number[n + t]
    return np.array(number[:n], dtype=np.int64)


def cut_in_tie(Z: Any, k: int) -> bool:
    """Tell whether a cut lies inside a tie.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    k : int, 1..n

    Returns
    -------
    bool
        Whether the last merge kept and the first one undone are at the same height, so that
        another one might have been kept; `hclustkit.uniqueness` says what ties allow.

    Examples
    --------
    >>> Z = [[0, 1, 1.0, 2], [2, 3, 1.0, 3]]
    >>> cut_in_tie(Z, 2), cut_in_tie(Z, 1)
    (True, False)
    """
    # imported here so that cutting a tree loads no compiled loops
    from hclustkit.tree.engine import TIE_TOLERANCE

    heights = check_linkage_matrix(Z)[:, 2]
    n = len(heights) + 1
    k = check_k(k, n)
    if not 1 < k < n:
        return False
    low, high = heights[n - k - 1], heights[n - k]
    return bool(abs(high - low) <= TIE_TOLERANCE * max(abs(low), abs(high)))
