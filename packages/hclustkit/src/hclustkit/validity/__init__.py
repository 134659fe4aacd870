"""Judge a partition, and choose a number of clusters.

Public functions take a table (objects x variables) and either the cluster labels of its
objects or a range of numbers of clusters to cut one dendrogram into. All distances are
Euclidean. An index that the data leave undefined comes with the reason and never votes.
"""

from hclustkit.kinds import explain_type_errors
from hclustkit.validity.centres import davies_bouldin
from hclustkit.validity.gap import gap_choice, gap_statistic
from hclustkit.validity.index_table import INDICES, indices
from hclustkit.validity.null import null_for_k, power_table
from hclustkit.validity.recipe import Recipe
from hclustkit.validity.silhouettes import mean_silhouette, silhouette
from hclustkit.validity.stats import cluster_stats
from hclustkit.validity.sums import between_ss, total_ss, within_ss
from hclustkit.validity.voting import cast_votes, vote_table

__all__ = [
    "INDICES",
    "Recipe",
    "between_ss",
    "cast_votes",
    "cluster_stats",
    "davies_bouldin",
    "gap_choice",
    "gap_statistic",
    "indices",
    "mean_silhouette",
    "null_for_k",
    "power_table",
    "silhouette",
    "total_ss",
    "vote_table",
    "within_ss",
]

explain_type_errors(globals(), __all__)
