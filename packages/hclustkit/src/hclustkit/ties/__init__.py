"""Ties: whether the data allow other partitions, and how near another one is."""

from hclustkit.kinds import explain_type_errors
from hclustkit.ties.verdict import TiedMerge, Uniqueness, uniqueness, uniqueness_table

__all__ = ["TiedMerge", "Uniqueness", "uniqueness", "uniqueness_table"]

explain_type_errors(globals(), __all__)
