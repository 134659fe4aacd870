"""Why two programs give different trees: their conventions, side by side.

The update formulas of the linkages are the same everywhere (Lance and Williams 1967, Computer
Journal 9, 373-380; Ward's: Murtagh and Legendre 2014, Journal of Classification 31, 274-295).
Programs differ in what they put in, distances or their squares, in the heights that they print, in
whether standard deviations divide by n or by n - 1, and in which of equally near pairs they merge
first. The last is documented nowhere, so nothing is said about it but that it may differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from hclustkit.arguments import as_table, check_between, check_choice
from hclustkit.arrays import Bools, Floats, check_squares
from hclustkit.conventions import DIVISORS, PROGRAMS, Convention
from hclustkit.errors import refusal
from hclustkit.kinds import explain_type_errors
from hclustkit.scaling import standardize
from hclustkit.tree.cut import check_linkage_matrix
from hclustkit.tree.engine import SQUARED, TIE_TOLERANCE
from hclustkit.tree.given_distances import distances_between
from hclustkit.tree.linkage import check_memory, merges
from hclustkit.tree.schedule import schedule

Joined = tuple[list[Any], list[Any]]
"""The labels of two clusters that a merge joins."""

__all__ = ["PROGRAMS", "Difference", "ProgramTree", "identify", "program_tree", "why_differ"]

REPLAYED_ROWS = 2_000
"""A tree is followed merge by merge up to this many rows."""


@dataclass(frozen=True, eq=False)
class ProgramTree:
    """The tree of a program.

    Attributes
    ----------
    name : str
        The program, or those whose convention a given tree follows.
    convention : Convention or None
        None where no known one makes this tree.
    data : str
        What it was made from: ``as given``, ``standardized, n - 1``, ``standardized, n``, or
        ``distances taken for data``.
    Z : array, shape (n - 1, 4)
        With the heights that the program prints.
    labels : Index
    tied : array of bool, shape (n - 1,)
        True at merges where another pair was as near: there the choice of the program is not
        known.
    follows : int
        Merges of a given tree that the convention explains; n - 1 for all.
    """

    name: str
    convention: Convention | None
    data: str
    Z: Floats
    labels: pd.Index
    tied: Bools
    follows: int

    def __str__(self) -> str:
        """Name the tree."""
        return f"{self.name} ({self.convention}; {self.data})"


@dataclass(frozen=True)
class Difference:
    """Why two trees of the same rows differ.

    Attributes
    ----------
    one, other : ProgramTree
    first : int or None
        The first merge (from 1) that is not the same; None where all are.
    one_joins, other_joins : tuple of two lists of labels, or None
        The clusters that each joins there.
    same_clusters : bool
        Both make the same clusters, if in another order.
    causes : tuple of str
        ``distances-taken-for-data``, ``standardized``, ``n-or-n-1``, ``linkage``, ``squared``,
        ``tie``, ``heights`` (printed in another way), ``unknown``; empty where nothing differs.
    text : str
        All this in words.
    """

    one: ProgramTree
    other: ProgramTree
    first: int | None
    one_joins: Joined | None
    other_joins: Joined | None
    same_clusters: bool
    causes: tuple[str, ...]
    text: str


def program_tree(
    table: Any,
    program: str,
    *,
    metric: str = "euclidean",
    standardized: bool = False,
    non_euclidean: bool = False,
) -> ProgramTree:
    """Compute the tree that a program gives, in its own heights.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Observations; with ``metric="precomputed"`` distances, square or condensed.
    program : str, one of `PROGRAMS`
    metric : {"euclidean", "precomputed"}
    standardized : bool
        Bring the columns to z-scores as the program does, over n or over n - 1.
    non_euclidean : bool
        Let Ward's method, centroid and median take distances that no points have, as the
        programs do without a word.

    Returns
    -------
    ProgramTree
        Where merges are tied the rule of `hclustkit.tree.linkage` decides; the program may
        decide otherwise.

    Raises
    ------
    InputError
        As `hclustkit.linkage`, or if the program is unknown.

    Examples
    --------
    >>> x = [[0.0], [1.0], [7.0], [15.0]]
    >>> program_tree(x, "R.ward.D").Z[:, 2].round(4).tolist()
    [1.0, 8.0, 16.5]
    >>> program_tree(x, "SPSS.ward").Z[:, 2].round(4).tolist()
    [0.5, 28.6667, 142.75]
    """
    convention = PROGRAMS[check_choice(program, PROGRAMS, "program")]
    data = "as given"
    if metric == "precomputed" and convention.method in SQUARED:
        distances_between(table, convention.method, metric, non_euclidean=non_euclidean)
    if standardized:
        data = f"standardized, {DIVISORS[program.split('.', 1)[0]]}"
    d, labels = _distances(table, metric, data)
    Z, tied = _build_tree(d, convention)
    return ProgramTree(program, convention, data, Z, labels, tied, len(Z))


def why_differ(
    table: Any,
    one: Any,
    other: Any,
    *,
    metric: str = "euclidean",
    standardized: bool = False,
    non_euclidean: bool = False,
    tolerance: float = 1e-6,
) -> Difference:
    """Say why two programs give different trees of the same table.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Observations; with ``metric="precomputed"`` distances, square or condensed.
    one, other : str or array of shape (n - 1, 4)
        A program, one of `PROGRAMS`, or the tree that a program gave, in scipy's form. For a
        given tree the convention is found that explains its merges and heights.
    metric : {"euclidean", "precomputed"}
    standardized : bool
        Whether named programs bring the columns to z-scores first, each in its own way.
    non_euclidean : bool
        As in `program_tree`.
    tolerance : float
        How exactly the heights of a given tree are known, relative to the highest.

    Returns
    -------
    Difference

    Raises
    ------
    InputError
        As `hclustkit.linkage`; if a program is unknown, or a given tree has another number of
        rows.

    Examples
    --------
    >>> found = why_differ([[0.0], [1.0], [7.0], [15.0]], "R.ward.D", "scipy.ward")
    >>> found.first, found.causes, found.one_joins, found.other_joins
    (2, ('squared',), ([2], [3]), ([0, 1], [2]))
    """

    def tree_of(given: Any) -> ProgramTree:
        if not isinstance(given, str):
            return identify(table, given, metric=metric, tolerance=tolerance)
        return program_tree(
            table, given, metric=metric, standardized=standardized, non_euclidean=non_euclidean
        )

    a, b = tree_of(one), tree_of(other)
    first = _first_difference(a.Z, b.Z)
    found = Difference(
        one=a,
        other=b,
        first=first,
        one_joins=None if first is None else _joined_labels(a, first),
        other_joins=None if first is None else _joined_labels(b, first),
        same_clusters=set(_rows_below(a.Z)) == set(_rows_below(b.Z)),
        causes=_causes(a, b, first),
        text="",
    )
    return replace(found, text=_in_words(found))


def identify(
    table: Any, Z: Any, *, metric: str = "euclidean", tolerance: float = 1e-6
) -> ProgramTree:
    """Find the convention by which a given tree was made from a table.

    The merges of the tree are followed under every convention of `PROGRAMS` and every way to
    take the table. A merge fits if no pair is nearer than the one merged, which lets ties fall
    either way, and if its height is the one the convention prints.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
    Z : array, shape (n - 1, 4)
        In scipy's form.
    metric : {"euclidean", "precomputed"}
    tolerance : float
        Relative to the highest merge.

    Returns
    -------
    ProgramTree
        With the convention that explains most merges from the first on; ``convention`` is None
        unless it explains all.

    Raises
    ------
    InputError
        If ``Z`` is not a linkage matrix of as many rows as the table, or has more than 2,000.

    Examples
    --------
    >>> x = [[0.0], [1.0], [7.0], [15.0]]
    >>> found = identify(x, program_tree(x, "R.ward.D").Z)
    >>> found.name, found.data
    ('R.ward.D', 'as given')
    """
    Z = check_linkage_matrix(Z).copy()
    tolerance = check_between(tolerance, "tolerance", -1e-300, 1)
    _, labels = _distances(table, metric, "as given")
    n = len(labels)
    if len(Z) + 1 != n or n > REPLAYED_ROWS:
        text = f"a tree of {len(Z) + 1} cases for a table of {n} rows (at most {REPLAYED_ROWS:,})"
        rule = "tree-sizes-differ" if len(Z) + 1 != n else "too-many-rows"
        raise refusal(text, "Z", rule, len(Z) + 1)
    follows, convention, data, tied = _best_fit(table, Z, metric, tolerance)
    if follows < len(Z):
        return ProgramTree("unknown", None, data, Z, labels, tied, follows)
    names = " = ".join(name for name, each in PROGRAMS.items() if each == convention)
    return ProgramTree(names, convention, data, Z, labels, tied, follows)


def _best_fit(
    table: Any, Z: Floats, metric: str, tolerance: float
) -> tuple[int, Convention, str, Bools]:
    """Find the convention and the data that explain most merges; the first that explain all."""
    found = []
    for data in _ways(table, metric):
        d, _ = _distances(table, metric, data)
        for convention in dict.fromkeys(PROGRAMS.values()):
            follows, tied = _replay(d, Z, convention, tolerance)
            found.append((follows, convention, data, tied))
            if follows == len(Z):
                return found[-1]
    return max(found, key=lambda each: each[0])


def _ways(table: Any, metric: str) -> list[str]:
    """List the ways in which a program may have taken a table."""
    if metric == "precomputed":
        return ["as given"] + (["distances taken for data"] if np.ndim(table) == 2 else [])
    ways = ["as given"]
    x = as_table(table)
    if len(x) > 1 and (x.max() > x.min()).all():
        ways += ["standardized, n - 1", "standardized, n"]
    return ways


def _distances(table: Any, metric: str, data: str) -> tuple[Floats, pd.Index]:
    """Return Euclidean or given distances, condensed, and the labels."""
    check_choice(metric, ("euclidean", "precomputed"), "metric")
    named = table.index if isinstance(table, pd.DataFrame) else None
    if metric == "precomputed" and data == "as given":
        d, n = distances_between(table, "single", metric)
        return d, pd.RangeIndex(n) if named is None else named
    x = as_table(table, distances=data == "distances taken for data")
    values = x.to_numpy()
    check_memory(len(x), "", work="the tree of a program")
    if data.startswith("standardized"):
        values = standardize(x).to_numpy()
        if data.endswith(" n"):
            values = values * np.sqrt(len(x) / (len(x) - 1))
    return (pdist(check_squares(values)) if len(x) > 1 else np.empty(0)), x.index


def _build_tree(d: Floats, convention: Convention) -> tuple[Floats, Bools]:
    """Compute a tree with the heights of a convention."""
    method, given = convention.method, d**convention.power
    if method in SQUARED:
        given = np.sqrt(given)  # which the engine squares
    Z, tied = merges(given, method, metric="precomputed", non_euclidean=True)
    Z = Z.copy()
    if method in SQUARED:
        Z[:, 2] **= 2
    Z[:, 2] = _printed_heights(Z[:, 2], convention)
    return Z, tied


def _printed_heights(heights: Floats, convention: Convention) -> Floats:
    """Turn the heights of the formula into those that the program prints."""
    if convention.heights == "sum":
        return np.cumsum(heights / 2)
    return np.sqrt(np.maximum(heights, 0.0)) if convention.heights == "root" else heights


def _replay(d: Floats, Z: Floats, convention: Convention, tolerance: float) -> tuple[int, Bools]:
    """Count the merges of a tree, from the first on, that a convention could have made."""
    n = len(Z) + 1
    tied = np.zeros(n - 1, dtype=bool)
    if n == 1:
        return 0, tied
    near = squareform(d**convention.power)
    np.fill_diagonal(near, np.inf)
    size, place = np.ones(n), list(range(n))
    slack = tolerance * max(float(np.abs(Z[:, 2]).max()), np.finfo(float).tiny)
    found = np.empty(n - 1)
    for t, (a, b) in enumerate(Z[:, :2].astype(np.int64).tolist()):
        i, j = place[a], place[b]
        found[t] = near[i, j]
        least = float(near.min())
        limit = least + TIE_TOLERANCE * abs(least)
        tied[t] = np.count_nonzero(near <= limit) > 2
        height = _printed_heights(found[: t + 1], convention)[-1]
        if found[t] > limit + 1e-9 * abs(least) or abs(height - Z[t, 2]) > slack:
            return t, tied
        near[i] = near[:, i] = _merged_distances(near, i, j, size, convention.method)
        near[j] = near[:, j] = near[i, i] = np.inf
        size[i] += size[j]
        place.append(i)
    return n - 1, tied


def _merged_distances(near: Floats, i: int, j: int, size: Floats, method: str) -> Floats:
    """Return the distances of two clusters joined, by the formula of Lance and Williams."""
    one, two, h, p, q = near[i], near[j], near[i, j], size[i], size[j]
    match method:
        case "ward":
            new = ((p + size) * one + (q + size) * two - size * h) / (p + q + size)
        case "average":
            new = (p * one + q * two) / (p + q)
        case "complete":
            new = np.maximum(one, two)
        case "single":
            new = np.minimum(one, two)
        case "centroid":
            new = (p * one + q * two - p * q * h / (p + q)) / (p + q)
        case "median":
            new = (one + two) / 2 - h / 4
        case _:
            new = (one + two) / 2
    return np.where(np.isfinite(one) & np.isfinite(two), new, np.inf)


def _first_difference(one: Floats, other: Floats) -> int | None:
    """Return the first merge (from 1) that joins other clusters; None where all are the same."""
    names = range(len(one) + 1)
    columns = ["cluster_1", "cluster_2"]
    pairs = [schedule(Z, None, names, None)[columns].to_numpy() for Z in (one, other)]
    apart = (pairs[0] != pairs[1]).any(axis=1)
    return int(apart.argmax()) + 1 if apart.any() else None


def _rows_below(Z: Floats) -> list[int]:
    """Return the rows of each node as the bits of a number."""
    found = [1 << row for row in range(len(Z) + 1)]
    for a, b in Z[:, :2].astype(np.int64).tolist():
        found.append(found[a] | found[b])
    return found


def _joined_labels(tree: ProgramTree, merge: int) -> Joined:
    """Return the labels of the two clusters that a merge joins, the one of the lower row first."""
    below = _rows_below(tree.Z)
    parts = []
    for node in tree.Z[merge - 1, :2].astype(np.int64).tolist():
        parts.append([row for row in range(len(tree.labels)) if below[node] >> row & 1])
    first, second = sorted(parts)
    return tree.labels.take(first).tolist(), tree.labels.take(second).tolist()


def _causes(one: ProgramTree, other: ProgramTree, first: int | None) -> tuple[str, ...]:
    """Name the causes of a difference; see `Difference`."""
    a, b = one.convention, other.convention
    if a is None or b is None:
        return ("unknown",)
    found = []
    if one.data != other.data:
        both = one.data + other.data
        if "taken" in both:
            found.append("distances-taken-for-data")
        elif "as given" in both:
            found.append("standardized")
        else:
            found.append("n-or-n-1")
    if a.method != b.method:
        found.append("linkage")
    # the largest or smallest of several squares is the square of the largest or smallest
    if a.power != b.power and {a.method, b.method} - {"single", "complete"}:
        found.append("squared")
    if first is None:
        same = np.allclose(one.Z[:, 2], other.Z[:, 2], rtol=1e-9, atol=0.0)
        return () if same else tuple(found) or ("heights",)
    if (one.tied[:first] | other.tied[:first]).any() and set(found) <= {"n-or-n-1"}:
        found.append("tie")
    return tuple(found) or ("unknown",)


_WHY = {
    "distances-taken-for-data": "one reads the matrix of distances as observations",
    "standardized": "one standardizes the columns and the other does not",
    "n-or-n-1": "standard deviations divide by n in one and by n - 1 in the other, which "
    "changes the heights by a factor and no merge",
    "linkage": "they use different linkages",
    "squared": "the formula works on squared distances in one and on distances in the other",
    "tie": "several pairs are equally near, and which one a program merges first is not known",
    "heights": "the heights are printed in another way, and nothing else differs",
    "unknown": "no known convention makes one of the trees from this table",
}


def _in_words(found: Difference) -> str:
    """Write the sentences of a difference."""
    one, other = found.one, found.other
    parts = [f"{one}; {other}."]
    if found.first is None:
        parts.append("All merges are the same.")
    else:
        joins = f"{found.one_joins} against {found.other_joins}"
        parts.append(f"They part at merge {found.first}: {joins}.")
        if found.same_clusters:
            parts.append("They make the same clusters in another order.")
    parts += [f"{_WHY[cause][0].upper()}{_WHY[cause][1:]}." for cause in found.causes]
    for tree in (one, other):
        if tree.convention is None:
            parts.append(f"Its first {tree.follows} merges can be explained ({tree.data}).")
    tied = np.flatnonzero(one.tied | other.tied) + 1
    if len(tied) and "tie" not in found.causes:
        parts.append(
            f"Merge {tied[0]} is tied: which of the equally near pairs a program takes is not "
            "known, so its own tree may differ from there on."
        )
    return " ".join(parts)


explain_type_errors(globals(), __all__)
