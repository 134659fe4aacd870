"""What a user chooses for a report; choices that have no meaning together are refused."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from hclustkit.arguments import check_seed, check_whole
from hclustkit.arrays import Floats
from hclustkit.distances import DISTANCES
from hclustkit.errors import refusal
from hclustkit.scaling import ALL_SCALINGS
from hclustkit.tables.missing import POLICIES
from hclustkit.tree.engine import LINKAGES, SQUARED
from hclustkit.validity import INDICES

ALL_DISTANCES = (*DISTANCES, "gower", "precomputed")
EUCLIDEAN = ("euclidean", "squared-euclidean")
RULES = ("silhouette", "votes", *(name for name in INDICES if name != "silhouette"))
"""Rules for k: the largest mean silhouette, the most votes, or the vote of one index."""


@dataclass(frozen=True)
class Choices:
    """What a report is made with.

    Attributes
    ----------
    k : int or None
        Number of clusters; None to have it chosen by ``rule``.
    scaling, linkage : str or None
        None for z-scores and Ward's method, or where these have no meaning with the
        distance, no scaling and average linkage.
    distance : str
        One of `ALL_DISTANCES`; ``precomputed`` for a square table of distances.
    weights : dict
        Column or group to how much it counts; 1 for those not named.
    groups : dict
        Group to its columns, which together count as one column.
    rule : str
        One of `RULES`.
    missing : str
        See `hclustkit.tables.treat_missing`.
    seed : int
        Of every random draw.
    thorough : bool
        Compute everything, whatever the size of the table.
    """

    k: int | None = None
    scaling: str | None = None
    distance: str = "euclidean"
    linkage: str | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rule: str = "silhouette"
    missing: str = "error"
    seed: int = 1
    thorough: bool = False

    @property
    def euclidean(self) -> bool:
        """Whether the distance is Euclidean, squared or not."""
        return self.distance in EUCLIDEAN


def suggestion(value: object, known: Sequence[str]) -> str:
    """Suggest the known word that is closest, or list them all."""
    found = difflib.get_close_matches(str(value), known, 1, 0.5)
    return f"did you mean {found[0]!r}?" if found else f"there are {', '.join(known)}"


def settle(choices: Choices) -> Choices:
    """Check the choices by themselves and fill in what follows from them.

    Raises
    ------
    InputError
        An unknown word, a number out of range, or choices without meaning together, with
        the reason.

    Examples
    --------
    >>> settle(Choices(distance="manhattan")).linkage
    'average'
    """
    for what, known in (
        ("scaling", ALL_SCALINGS),
        ("distance", ALL_DISTANCES),
        ("linkage", LINKAGES),
        ("rule", RULES),
        ("missing", POLICIES),
    ):
        value = getattr(choices, what)
        if value is not None and value not in known:
            text = f"unknown {what} {value!r}: {suggestion(value, known)}"
            raise refusal(text, what, "unknown-choice", value)
    check_seed(choices.seed)
    if choices.k is not None:
        check_whole(choices.k, "k", 1)
    if choices.missing == "gower" and choices.distance not in ("gower", "euclidean"):
        text = "missing='gower' keeps the gaps, which only distance='gower' can compare"
        raise refusal(text, "missing", "gaps-need-gower", choices.distance)
    distance = "gower" if choices.missing == "gower" else choices.distance
    plain = distance in ("gower", "precomputed")
    scaling = choices.scaling or ("none" if plain else "zscore")
    linkage = choices.linkage or ("ward" if distance in EUCLIDEAN else "average")
    _check_meaning(choices, distance, scaling, linkage)
    return dataclasses.replace(choices, distance=distance, scaling=scaling, linkage=linkage)


def _check_meaning(choices: Choices, distance: str, scaling: str, linkage: str) -> None:
    if linkage in SQUARED and distance not in (*EUCLIDEAN, "precomputed"):
        text = (
            f"{linkage} linkage with {distance} distances has no meaning: it merges by sums of "
            "squares about means, which only Euclidean distances have; choose average or "
            "complete linkage"
        )
        raise refusal(text, "linkage", "euclidean-only", linkage)
    if distance == "gower" and linkage not in ("average", "complete", "single", "weighted"):
        text = "Gower's distance goes with average or complete linkage"
        raise refusal(text, "linkage", "euclidean-only", linkage)
    if choices.missing == "gower" and linkage not in ("average", "complete"):
        text = (
            "with gaps pairs are compared on different columns, so that a chain of near pairs "
            "may hold far ones: average or complete linkage only"
        )
        raise refusal(text, "linkage", "gaps", linkage)
    if distance in ("gower", "precomputed") and scaling != "none":
        why = "divides each column by its range itself" if distance == "gower" else "has no columns"
        text = f"distance {distance!r} {why}: scaling {scaling!r} has no meaning with it"
        raise refusal(text, "scaling", "no-scaling", scaling)
    if distance == "precomputed" and (choices.weights or choices.groups):
        text = "a table of distances has no columns to weigh"
        raise refusal(text, "weights", "precomputed", dict(choices.weights))
    if distance == "precomputed" and choices.missing != "error":
        text = "a missing distance cannot be filled in"
        raise refusal(text, "missing", "precomputed", choices.missing)
    if choices.rule not in ("silhouette", "votes") and distance not in EUCLIDEAN:
        text = f"the index {choices.rule!r} is defined for Euclidean distances only"
        raise refusal(text, "rule", "euclidean-only", choices.rule)


def column_weights(choices: Choices, columns: Sequence[str]) -> Floats | None:
    """Return how much each column counts, or None where all count alike.

    Parameters
    ----------
    choices : Choices
    columns : sequence of p names

    Returns
    -------
    array, shape (p,), or None
        A column of a group has the weight of the group divided by the number of its columns.

    Raises
    ------
    InputError
        A name that no column or group has, a weight that is not positive, a column in two
        groups.

    Examples
    --------
    >>> column_weights(Choices(weights={"a": 2.0}), ["a", "b"]).tolist()
    [2.0, 1.0]
    """
    if not choices.weights and not choices.groups:
        return None
    known = [*columns, *choices.groups]
    found = pd.Series(1.0, index=list(columns))
    for name, value in choices.weights.items():
        if name not in known:
            message = f"there is no column or group {name!r}; {suggestion(name, known)}"
            raise refusal(message, "weights", "unknown-column", name)
        if not (np.isfinite(value) and value > 0):
            text = f"the weight of {name!r} must be a positive number, got {value!r}; to leave it"
            raise refusal(f"{text} out use drop", "weights", "weight", value)
        if name in found.index:
            found[name] = value
    grouped: dict[str, str] = {}
    for group, members in choices.groups.items():
        for column in members:
            if column not in found.index:
                text = f"there is no column {column!r}; {suggestion(column, columns)}"
                raise refusal(f"group {group!r}: {text}", "groups", "unknown-column", column)
            if column in grouped:
                text = f"column {column!r} is in two groups, {grouped[column]!r} and {group!r}"
                raise refusal(text, "groups", "two-groups", column)
            grouped[column] = group
        found[list(members)] *= choices.weights.get(group, 1.0) / len(members)
    weights: Floats = found.to_numpy(dtype=np.float64)
    return weights
