"""How scalings and linkages are called in titles, captions and sentences."""

from __future__ import annotations

SCALINGS = {
    "zscore": "z-scores",
    "range": "range 0 to 1",
    "rank": "ranks",
    "log-zscore": "z-scores of logarithms",
    "none": "no scaling",
}
"""The scalings of `hclustkit.tree.ward.standardize` by name."""

NULLS = {"relabel": "regions relabelled at random", "contiguous": "random groups of neighbours"}
"""The random references of `hclustkit.multiverse.permutation_test` by name."""

LINKAGES = {"ward": "Ward's method"}
"""Linkages that are not simply called by their name."""


def scaling(name: str) -> str:
    """``"z-scores"`` for ``"zscore"``; a name without words of its own stands for itself."""
    return SCALINGS.get(name, name)


def linkage(name: str) -> str:
    """``"Ward's method"`` for ``"ward"``, ``"average linkage"`` for ``"average"``."""
    return LINKAGES.get(name, f"{name} linkage")
