"""Objects that have neighbours: contiguous clusters, space as a second table, association.

`soft` mixes two dissimilarities (ClustGeo), `association` measures whether neighbours are alike,
`map_files` reads polygons, `maps` lays them on a plane and `polygons` finds which of them meet.
Who is next to whom, and the merging of neighbours only, belong to `hclustkit.tree`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hclustkit.kinds import explain_type_errors

if TYPE_CHECKING:
    from hclustkit.space.association import join_counts, local_moran, moran, moran_table
    from hclustkit.space.map_files import read_map
    from hclustkit.space.mixed_grid import run_mixed
    from hclustkit.space.polygons import neighbours_from_polygons
    from hclustkit.space.reach import keep_pattern, largest_agreement
    from hclustkit.space.soft import choose_alpha, mixed_linkage, mixed_partitions, mixing_table
    from hclustkit.tree.neighbours import Neighbours, neighbours_from_pairs, neighbours_from_points

_HOMES = {
    "tree.neighbours": ("Neighbours", "neighbours_from_pairs", "neighbours_from_points"),
    "space.polygons": ("neighbours_from_polygons",),
    "space.soft": ("mixed_linkage", "mixed_partitions", "mixing_table", "choose_alpha"),
    "space.mixed_grid": ("run_mixed",),
    "space.association": ("moran", "moran_table", "local_moran", "join_counts"),
    "space.map_files": ("read_map",),
    "space.reach": ("largest_agreement", "keep_pattern"),
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
    for home, names in _HOMES.items():
        if name in names:
            globals()[name] = getattr(import_module(f"hclustkit.{home}"), name)
            explain_type_errors(globals(), [name])
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
