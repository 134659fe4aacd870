"""A tree in the forms of other programs: Newick, R's hclust, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from hclustkit.arguments import Floats, Ints
from hclustkit.errors import InputError
from hclustkit.files import round_significant
from hclustkit.tree.cut import check_linkage_matrix, check_whole_tree
from hclustkit.tree.geometry import leaf_order


class Hclust(TypedDict):
    """The parts of R's hclust object: ``merge`` (n - 1, 2), ``height``, ``order`` (from 1)."""

    merge: Ints
    height: Floats
    order: Ints


def newick(Z: Floats, labels: Sequence[object], *, half: bool = True) -> str:
    """Write a tree in Newick format.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    labels : sequence, length n
        Quoted where they hold anything but letters, digits, full stops and hyphens.
    half : bool
        Draw each merge at half its height, so that the path between two leaves is as long
        as the height at which they meet (R's ape does the same). Otherwise at its height.
        Branches of an inverted tree can be negative.

    Returns
    -------
    str
        Lengths have 12 significant digits.

    Examples
    --------
    >>> newick(np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]]), ["a", "b", "c d"])
    "('c d':2,(a:0.5,b:0.5):1.5);"
    """
    check_whole_tree(Z, "one Newick tree")
    n = len(Z) + 1
    height = np.concatenate([np.zeros(n), Z[:, 2] / 2 if half else Z[:, 2]]).tolist()
    pairs = [sorted(pair) for pair in Z[:, :2].astype(np.int64).tolist()]
    parts: list[str] = []
    # what is still to be written: a node with the height of its parent, or a mark
    waiting: list[tuple[int, float | None] | str] = [";", (2 * n - 2, None)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        node, above = item
        length = "" if above is None else f":{round_significant(above - height[node]):.12g}"
        if node < n:
            parts.append(_quote(str(labels[node])) + length)
        else:
            left, right = pairs[node - n]
            parts.append("(")
            waiting += [")" + length, (right, height[node]), ",", (left, height[node])]
    return "".join(parts)


def _quote(label: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.\-]+", label):
        return label
    return "'" + label.replace("'", "''") + "'"


def to_hclust(Z: Any) -> Hclust:
    """Write a tree as R's hclust holds it.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)

    Returns
    -------
    Hclust
        In ``merge`` -i is the case i and i the cluster of merge i, cases before clusters,
        the lower number first.

    Examples
    --------
    >>> to_hclust([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])["merge"].tolist()
    [[-1, -2], [-3, 1]]
    """
    Z = check_linkage_matrix(Z)
    check_whole_tree(Z, "an hclust object")
    n = len(Z) + 1
    nodes = np.sort(Z[:, :2], axis=1).astype(np.int64)
    merge = np.where(nodes < n, -nodes - 1, nodes - n + 1)
    return {"merge": merge, "height": Z[:, 2].copy(), "order": leaf_order(Z) + 1}


def from_hclust(merge: Any, height: Any) -> Floats:
    """Read a tree as R's hclust holds it; the reverse of `to_hclust`.

    Parameters
    ----------
    merge : array of int, shape (n - 1, 2)
    height : array, shape (n - 1,)

    Returns
    -------
    array of float64, shape (n - 1, 4)

    Raises
    ------
    InputError
        If the merges do not form a tree.

    Examples
    --------
    >>> from_hclust([[-1, -2], [-3, 1]], [1, 4]).tolist()
    [[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 4.0, 3.0]]
    """
    merge, height = np.asarray(merge), np.asarray(height, dtype=np.float64)
    if merge.ndim != 2 or merge.shape[1] != 2 or height.shape != (len(merge),):
        raise InputError(
            f"expected merge (n - 1, 2) and n - 1 heights, got {merge.shape} and {height.shape}",
            place="merge",
            rule="hclust-shape",
            value=merge.shape,
        )
    n = len(merge) + 1
    nodes = np.sort(np.where(merge < 0, -merge - 1, merge + n - 1), axis=1)
    return check_linkage_matrix(np.column_stack([nodes, height, _sizes(nodes, n)]))


def _sizes(nodes: Ints, n: int) -> list[int]:
    """Count the cases of each new cluster; zeros where the nodes do not form a tree."""
    size = [1] * n
    for a, b in nodes.tolist():
        size.append(size[int(a)] + size[int(b)] if 0 <= max(a, b) < len(size) else 0)
    return size[n:]


def to_json(Z: Any, labels: Sequence[object], method: str | None = None) -> str:
    """Write a tree as JSON: labels, linkage, and one object for each merge.

    Examples
    --------
    >>> to_json([[0, 1, 1.0, 2]], ["a", "b"])
    '{"labels": ["a", "b"], "method": null, "merges": [[0, 1, 1.0, 2]]}'
    """
    check_whole_tree(check_linkage_matrix(Z), "one tree as JSON")
    rows = [
        [int(a), int(b), round_significant(h), int(size)]
        for a, b, h, size in check_linkage_matrix(Z).tolist()
    ]
    return json.dumps(
        {"labels": [str(label) for label in labels], "method": method, "merges": rows},
        ensure_ascii=False,
    )
