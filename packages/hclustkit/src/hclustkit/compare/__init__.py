"""Compare partitions and trees: two partitions, two trees, many partitions."""

from hclustkit.compare.partitions import coassociation, pac
from hclustkit.compare.two_partitions import (
    adjusted_mutual_information,
    adjusted_rand_index,
    agreement_table,
    best_match,
    contingency_table,
    fowlkes_mallows,
    matching,
    minimum_moves,
    moves,
    rand_index,
    renumber,
    variation_of_information,
)
from hclustkit.compare.two_trees import (
    Untangled,
    bakers_gamma,
    cophenetic_correlation_between,
    crossings,
    entanglement,
    fowlkes_mallows_bk,
    untangle,
)
from hclustkit.kinds import explain_type_errors

__all__ = [
    "Untangled",
    "adjusted_mutual_information",
    "adjusted_rand_index",
    "agreement_table",
    "bakers_gamma",
    "best_match",
    "coassociation",
    "contingency_table",
    "cophenetic_correlation_between",
    "crossings",
    "entanglement",
    "fowlkes_mallows",
    "fowlkes_mallows_bk",
    "matching",
    "minimum_moves",
    "moves",
    "pac",
    "rand_index",
    "renumber",
    "untangle",
    "variation_of_information",
]

explain_type_errors(globals(), __all__)
