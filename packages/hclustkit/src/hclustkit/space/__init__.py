"""Objects that have neighbours: contiguous clusters, space as a second table, association.

`neighbours` says who is next to whom, `constrained` merges neighbours only, `soft` mixes two
dissimilarities (ClustGeo), `association` measures whether neighbours are alike, `maps` reads
the polygons.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Neighbours": "neighbours",
    "neighbours_from_pairs": "neighbours",
    "neighbours_from_points": "neighbours",
    "neighbours_from_polygons": "neighbours",
    "mixed_linkage": "soft",
    "mixed_partitions": "soft",
    "mixing_table": "soft",
    "choose_alpha": "soft",
    "moran": "association",
    "moran_table": "association",
    "local_moran": "association",
    "join_counts": "association",
    "read_map": "maps",
    "largest_agreement": "reach",
    "keep_pattern": "reach",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"hclustkit.space.{_HOMES[name]}"), name)
