"""A published partition beside a table: pair by pair, and beside partitions by chance.

pair_table(published, partitions), companions(published, partitions)
every_partition(published, {"mine": (partitions, counts)}, neighbours=edges)
spectral_surrogates(tables, published, edges, k=8)
"""

from hclustkit.published.chance import Among, EveryPartition, every_partition
from hclustkit.published.enumeration import count_partitions
from hclustkit.published.pairs import companions, pair_table
from hclustkit.published.surrogates import map_components, spectral_surrogates

__all__ = [
    "Among",
    "EveryPartition",
    "companions",
    "count_partitions",
    "every_partition",
    "map_components",
    "pair_table",
    "spectral_surrogates",
]
