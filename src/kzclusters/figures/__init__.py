"""Figures: they draw what they are given and compute no statistics.

Every function takes tables and returns a matplotlib ``Figure``; nothing touches pyplot.
`save` writes it, and the data it draws, the same bytes every time.
"""

from hclustkit.draw import (
    ClusterStyle,
    aligned_styles,
    cluster_style,
    dendrogram,
    icicle,
    pair_picture,
    proximity_heatmap,
    save,
    scree,
    silhouette_plot,
    tanglegram,
)
from hclustkit.draw.style import use

from kzclusters.figures.article_figures import figure1, figure2, figure3, figure3_data
from kzclusters.figures.claim_figures import claim_matrix, claim_strips
from kzclusters.figures.missing_figures import missing_ranges
from kzclusters.figures.multiverse_figures import (
    agreement_distribution,
    coassociation_pair,
    leave_out_plot,
    noise_survival_plot,
    null_shares,
    recovery_bars,
    specification_curve,
    variance_share_bars,
)
from kzclusters.figures.regions import (
    cluster_profiles,
    correlation_heatmap,
    distributions,
    indicator_heatmap,
    missingness_grid,
    scaling_comparison,
    tile_map_pair,
    tile_value_map,
)
from kzclusters.figures.space_figures import (
    Country,
    agreement_map,
    association_plot,
    contiguous_maps,
    indicator_maps,
    mixing_curves,
    region_map_pair,
)

__all__ = [
    "ClusterStyle",
    "Country",
    "agreement_distribution",
    "agreement_map",
    "aligned_styles",
    "association_plot",
    "claim_matrix",
    "claim_strips",
    "cluster_profiles",
    "cluster_style",
    "coassociation_pair",
    "contiguous_maps",
    "correlation_heatmap",
    "dendrogram",
    "distributions",
    "figure1",
    "figure2",
    "figure3",
    "figure3_data",
    "icicle",
    "indicator_heatmap",
    "indicator_maps",
    "leave_out_plot",
    "missing_ranges",
    "missingness_grid",
    "mixing_curves",
    "noise_survival_plot",
    "null_shares",
    "pair_picture",
    "proximity_heatmap",
    "recovery_bars",
    "region_map_pair",
    "save",
    "scaling_comparison",
    "scree",
    "silhouette_plot",
    "specification_curve",
    "tanglegram",
    "tile_map_pair",
    "tile_value_map",
    "use",
    "variance_share_bars",
]
