"""Figures of regions and indicators: tile maps, heat maps, profiles, distributions, gaps."""

from kzclusters.figures.regions.indicators import (
    STATUS_LOOKS,
    distributions,
    missingness_grid,
    scaling_comparison,
)
from kzclusters.figures.regions.maps import tile_map_pair, tile_value_map
from kzclusters.figures.regions.tables import (
    cluster_profiles,
    correlation_heatmap,
    indicator_heatmap,
)

__all__ = [
    "STATUS_LOOKS",
    "cluster_profiles",
    "correlation_heatmap",
    "distributions",
    "indicator_heatmap",
    "missingness_grid",
    "scaling_comparison",
    "tile_map_pair",
    "tile_value_map",
]
