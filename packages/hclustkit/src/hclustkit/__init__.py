"""Hierarchical clustering of a table, and how far to trust it."""

__version__ = "0.1.0"
