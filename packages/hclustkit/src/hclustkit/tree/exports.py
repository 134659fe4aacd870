"""A tree in the forms of other programs: Newick, R's hclust, JSON."""

from __future__ import annotations

import heapq
import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

import numpy as np

from hclustkit.arrays import Floats, Ints
from hclustkit.errors import InputError, fault, refusal
from hclustkit.files import round_significant
from hclustkit.tree.cut import check_linkage_matrix, check_whole_tree
from hclustkit.tree.geometry import leaf_order


class Hclust(TypedDict):
    """The parts of R's hclust object: ``merge`` (n - 1, 2), ``height``, ``order`` (from 1)."""

    merge: Ints
    height: Floats
    order: Ints


def newick(Z: Floats, labels: Iterable[object], *, half: bool = True) -> str:
    """Write a tree in Newick format.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    labels : sequence, length n
        Quoted where they hold anything but letters, digits, full stops and hyphens. As text
        they must differ.
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
    Z = check_linkage_matrix(Z)
    check_whole_tree(Z, "one Newick tree")
    n = len(Z) + 1
    names = _names(labels, n)
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
            parts.append(_quote(names[node]) + length)
        else:
            left, right = pairs[node - n]
            parts.append("(")
            waiting += [")" + length, (right, height[node]), ",", (left, height[node])]
    return "".join(parts)


def _quote(label: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.\-]+", label):
        return label
    return "'" + label.replace("'", "''") + "'"


_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\[[^\]]*\]|[(),;:]|[^\s'\[\](),;:]+)")


def from_newick(text: str, *, half: bool = True) -> tuple[Floats, list[str]]:
    """Read a tree in Newick format; the reverse of `newick`.

    Parameters
    ----------
    text : str
        A rooted tree with two branches at every node and a length at each; names of inner
        nodes and comments in brackets are passed over. An underscore outside quotes is a
        blank, as the format has it.
    half : bool
        As in `newick`: whether a node is at half the height of its merge.

    Returns
    -------
    Z : array of float64, shape (n - 1, 4)
        The merges by ascending height, each after those below it.
    labels : list of str, length n
        In the order of the text, which is the order of the rows in ``Z``.

    Raises
    ------
    InputError
        If the text is not such a tree, or its leaves are not equally far from the root.

    Examples
    --------
    >>> Z, labels = from_newick("('c d':2,(a:0.5,b:0.5):1.5);")
    >>> Z.tolist(), labels
    ([[1.0, 2.0, 1.0, 2.0], [0.0, 3.0, 4.0, 3.0]], ['c d', 'a', 'b'])
    """
    labels: list[str] = []
    parts: list[list[int]] = []  # the branches of each inner node
    length: dict[int, float] = {}  # of the branch above a leaf i >= 0, or an inner node -1 - i
    for node, name, branches, above in _newick_nodes(text):
        length[node] = above
        if node >= 0:
            labels.append(name)
        else:
            parts.append(branches)
    n = len(labels)
    depth = {-len(parts): 0.0} if parts else {0: 0.0}
    for at in range(len(parts) - 1, -1, -1):
        for branch in parts[at]:
            depth[branch] = depth[-1 - at] + length[branch]
    far = max((depth[leaf] for leaf in range(n)), default=0.0)
    for leaf in range(n):
        if abs(depth[leaf] - far) > 1e-9 * abs(far):
            text = (
                f"leaf {labels[leaf]!r} is {depth[leaf]:.6g} from the root, another {far:.6g}: "
                "in a tree of merges all are equally far"
            )
            raise refusal(text, f"Newick, leaf {labels[leaf]!r}", "not-ultrametric", depth[leaf])
    factor = 2 if half else 1
    height = [factor * (far - depth[-1 - at]) for at in range(len(parts))]
    return _in_merge_order(parts, height, n), labels


def _newick_nodes(text: str) -> Iterator[tuple[int, str, list[int], float]]:
    """Yield the nodes of a Newick tree, branches before what they belong to."""
    tokens = _newick_tokens(text)
    open_nodes: list[list[int]] = []
    leaves = inner = at = 0
    while True:
        token, at = tokens[at], at + 1
        if token == "(":
            open_nodes.append([])
            continue
        if token in "),:;":
            raise _newick_fault(f"there is nothing before {token!r}", token)
        node, branches = leaves, list[int]()
        leaves += 1
        name = token[1:] if token[0] == "'" else token.replace("_", " ")
        while True:
            above = 0.0
            if tokens[at] == ":":
                above, at = _number(tokens[at + 1]), at + 2
            elif open_nodes:
                raise _newick_fault(f"{name or 'a node'} has no length", name)
            yield node, name, branches, above
            if open_nodes:
                open_nodes[-1].append(node)
            token, at = tokens[at], at + 1
            if token != ")":
                break
            if not open_nodes or len(open_nodes[-1]) != 2:
                count = len(open_nodes[-1]) if open_nodes else 0
                raise _newick_fault(f"a node has {count} branches, not two", count)
            branches = open_nodes.pop()
            inner += 1
            node, name = -inner, ""
            if tokens[at] not in "(),:;":
                name, at = tokens[at], at + 1
        if token == ";" and not open_nodes and at == len(tokens):
            return
        if token != "," or not open_nodes:
            raise _newick_fault(f"{token!r} is out of place", token)


def _newick_tokens(text: str) -> list[str]:
    if not isinstance(text, str):
        raise _newick_fault(f"expected text, got {type(text).__name__}", type(text).__name__)
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise _newick_fault(f"{text[at : at + 20]!r} cannot be read", text[at : at + 20])
        at = token.end()
        word = token[1]
        if word[0] == "'":
            # marked, so that a quoted bracket is read as text
            found.append("'" + word[1:-1].replace("''", "'"))
        elif word[0] != "[":
            found.append(word)
    if not found or found[-1] != ";":
        raise _newick_fault("the tree does not end with a semicolon", text[-20:])
    return found


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _newick_fault(f"{text!r} is not a length", text)
    return value


def _newick_fault(text: str, value: object) -> InputError:
    return fault("Newick", text, "newick", value)


def _in_merge_order(parts: list[list[int]], height: list[float], n: int) -> Floats:
    """Sort inner nodes by height, each after its branches, as a linkage matrix."""
    above, missing = {}, []
    for at, branches in enumerate(parts):
        missing.append(sum(branch < 0 for branch in branches))
        for branch in branches:
            above[branch] = at
    ready = [(height[at], at) for at in range(len(parts)) if not missing[at]]
    heapq.heapify(ready)
    number: dict[int, int] = {leaf: leaf for leaf in range(n)}
    rows: list[tuple[int, int, float]] = []
    while ready:
        h, at = heapq.heappop(ready)
        a, b = sorted(number[branch] for branch in parts[at])
        number[-1 - at] = n + len(rows)
        rows.append((a, b, h))
        over = above.get(-1 - at)
        if over is not None:
            missing[over] -= 1
            if not missing[over]:
                heapq.heappush(ready, (height[over], over))
    nodes = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
    heights = np.array([row[2] for row in rows])
    return np.column_stack([nodes, heights, np.array(_sizes(nodes, n), dtype=float)])


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
        text = f"expected merge (n - 1, 2) and n - 1 heights, got {merge.shape} and {height.shape}"
        raise refusal(text, "merge", "hclust-shape", merge.shape)
    n = len(merge) + 1
    nodes = np.sort(np.where(merge < 0, -merge - 1, merge + n - 1), axis=1)
    return check_linkage_matrix(np.column_stack([nodes, height, _sizes(nodes, n)]))


def _sizes(nodes: Ints, n: int) -> list[int]:
    """Count the cases of each new cluster; zeros where the nodes do not form a tree."""
    size = [1] * n
    for a, b in nodes.tolist():
        size.append(size[int(a)] + size[int(b)] if 0 <= max(a, b) < len(size) else 0)
    return size[n:]


def to_json(Z: Any, labels: Iterable[object], method: str | None = None) -> str:
    """Write a tree as JSON: labels, linkage, and one row for each merge.

    Parameters
    ----------
    Z : array, shape (n - 1, 4)
    labels : sequence, length n
        As text they must differ.
    method : str, optional
        The linkage that made ``Z``.

    Returns
    -------
    str
        Heights have 12 significant digits.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix or is a forest, or the labels do not fit.

    Examples
    --------
    >>> to_json([[0, 1, 1.0, 2]], ["a", "b"])
    '{"labels": ["a", "b"], "method": null, "merges": [[0, 1, 1.0, 2]]}'
    """
    Z = check_linkage_matrix(Z)
    check_whole_tree(Z, "one tree as JSON")
    rows = [[int(a), int(b), round_significant(h), int(size)] for a, b, h, size in Z.tolist()]
    content = {"labels": _names(labels, len(Z) + 1), "method": method, "merges": rows}
    return json.dumps(content, ensure_ascii=False)


def _names(labels: Iterable[object], n: int) -> list[str]:
    """Return n labels as text; raise if there are others, or two are the same text."""
    names = [str(label) for label in labels]
    if len(names) != n or len(set(names)) < n:
        text = f"labels: {n} that differ as text are needed, got {names}"
        raise refusal(text, "labels", "labels-as-text", names)
    return names


def from_json(text: str) -> tuple[Floats, list[str], str | None]:
    """Read what `to_json` wrote.

    Parameters
    ----------
    text : str

    Returns
    -------
    Z : array of float64, shape (n - 1, 4)
    labels : list of str, length n
    method : str or None

    Raises
    ------
    InputError
        If it is not JSON, or not a tree.

    Examples
    --------
    >>> Z, labels, method = from_json(to_json([[0, 1, 1.0, 2]], ["a", "b"], "ward"))
    >>> Z.tolist(), labels, method
    ([[0.0, 1.0, 1.0, 2.0]], ['a', 'b'], 'ward')
    """
    try:
        content = json.loads(text)
        merges = np.array(content["merges"], dtype=np.float64).reshape(-1, 4)
        labels = [str(label) for label in content["labels"]]
        method = content["method"]
    except (ValueError, TypeError, KeyError) as error:
        text = f"this JSON does not hold a tree: {error}"
        raise refusal(text, "JSON", "json", str(error)) from None
    return check_linkage_matrix(merges), labels, method
