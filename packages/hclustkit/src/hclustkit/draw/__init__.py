"""Draw results: trees, proximities, scree plots, silhouettes, maps and pairs.

Every function takes tables and returns a matplotlib ``Figure``; `save` writes it, and the data it
draws, with the same bytes every time. Text with ``$`` is drawn as it is.
"""

from hclustkit.draw.maps import cluster_maps, value_maps
from hclustkit.draw.pairs import pair_picture
from hclustkit.draw.plots import proximity_heatmap, scree, silhouette_plot
from hclustkit.draw.save import save
from hclustkit.draw.style import ClusterStyle, aligned_styles, cluster_style
from hclustkit.draw.trees import dendrogram, icicle, tanglegram
from hclustkit.kinds import explain_type_errors

__all__ = [
    "ClusterStyle",
    "aligned_styles",
    "cluster_maps",
    "cluster_style",
    "dendrogram",
    "icicle",
    "pair_picture",
    "proximity_heatmap",
    "save",
    "scree",
    "silhouette_plot",
    "tanglegram",
    "value_maps",
]

explain_type_errors(globals(), __all__)
