"""Ties: whether the data allow other partitions, and how near another one is."""

from hclustkit.kinds import explained
from hclustkit.ties.verdict import TiedMerge, Uniqueness, uniqueness, uniqueness_table

__all__ = ["TiedMerge", "Uniqueness", "uniqueness", "uniqueness_table"]

explained(globals(), __all__)
