"""Objects that have neighbours: contiguous clusters, space as a second table, association.

`soft` mixes two dissimilarities (ClustGeo), `association` measures whether neighbours are alike,
`map_files` reads polygons, `maps` lays them on a plane and `polygons` finds which of them meet.
Who is next to whom, and the merging of neighbours only, belong to `hclustkit.tree`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hclustkit.kinds import explained

if TYPE_CHECKING:
    from hclustkit.space.association import join_counts, local_moran, moran, moran_table
    from hclustkit.space.map_files import read_map
    from hclustkit.space.mixed_grid import run_mixed
    from hclustkit.space.polygons import neighbours_from_polygons
    from hclustkit.space.reach import keep_pattern, largest_agreement
    from hclustkit.space.soft import choose_alpha, mixed_linkage, mixed_partitions, mixing_table
    from hclustkit.tree.neighbours import Neighbours, neighbours_from_pairs, neighbours_from_points

_HOMES = {
    "Neighbours": "tree.neighbours",
    "neighbours_from_pairs": "tree.neighbours",
    "neighbours_from_points": "tree.neighbours",
    "neighbours_from_polygons": "space.polygons",
    "mixed_linkage": "space.soft",
    "mixed_partitions": "space.soft",
    "mixing_table": "space.soft",
    "choose_alpha": "space.soft",
    "run_mixed": "space.mixed_grid",
    "moran": "space.association",
    "moran_table": "space.association",
    "local_moran": "space.association",
    "join_counts": "space.association",
    "read_map": "space.map_files",
    "largest_agreement": "space.reach",
    "keep_pattern": "space.reach",
}

__all__ = [
    "Neighbours",
    "choose_alpha",
    "join_counts",
    "keep_pattern",
    "largest_agreement",
    "local_moran",
    "mixed_linkage",
    "mixed_partitions",
    "mixing_table",
    "moran",
    "moran_table",
    "neighbours_from_pairs",
    "neighbours_from_points",
    "neighbours_from_polygons",
    "read_map",
    "run_mixed",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"hclustkit.{_HOMES[name]}"), name)
    explained(globals(), [name])
    return globals()[name]
