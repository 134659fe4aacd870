"""Objects that have neighbours: contiguous clusters, space as a second table, association.

`soft` mixes two dissimilarities (ClustGeo), `association` measures whether neighbours are alike,
`maps` reads polygons and `polygons` finds which of them meet. Who is next to whom, and the merging
of neighbours only, belong to `hclustkit.tree`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Neighbours": "tree.neighbours",
    "neighbours_from_pairs": "tree.neighbours",
    "neighbours_from_points": "tree.neighbours",
    "neighbours_from_polygons": "space.polygons",
    "mixed_linkage": "space.soft",
    "mixed_partitions": "space.soft",
    "mixing_table": "space.soft",
    "choose_alpha": "space.soft",
    "moran": "space.association",
    "moran_table": "space.association",
    "local_moran": "space.association",
    "join_counts": "space.association",
    "read_map": "space.maps",
    "largest_agreement": "space.reach",
    "keep_pattern": "space.reach",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"hclustkit.{_HOMES[name]}"), name)
