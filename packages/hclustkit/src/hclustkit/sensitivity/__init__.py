"""What a column that is missing, entirely or in part, could change.

    cell_effects(table, k=8, seed=1)                 # trees for many ways to fill missing cells
    column_effect(table, drawn, k=8)                 # partitions over possible values
    keeps_partition(table, low, high, partition)     # proof that values within bounds change none
    free_columns(table, partition, seed=1)           # could columns nobody has seen give it?

The first takes any linkage; the proofs and the search are for Ward's method, under which the
cost of a merge is a sum over the columns.
"""

from hclustkit.kinds import explain_type_errors
from hclustkit.sensitivity.boxes import keeps_partition
from hclustkit.sensitivity.cells import CellEffects, cell_effects
from hclustkit.sensitivity.columns import ColumnEffect, column_effect, partitions_with
from hclustkit.sensitivity.free import FreeColumns, best_agreement, free_columns
from hclustkit.sensitivity.separation import Separation, separation

__all__ = [
    "CellEffects",
    "ColumnEffect",
    "FreeColumns",
    "Separation",
    "best_agreement",
    "cell_effects",
    "column_effect",
    "free_columns",
    "keeps_partition",
    "partitions_with",
    "separation",
]

explain_type_errors(globals(), __all__)
