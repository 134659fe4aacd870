"""Ties: whether the data allow other partitions, and how near another one is."""

from hclustkit.ties.verdict import TiedMerge, Uniqueness, ties_at_cut, uniqueness, uniqueness_table

__all__ = ["TiedMerge", "Uniqueness", "ties_at_cut", "uniqueness", "uniqueness_table"]
