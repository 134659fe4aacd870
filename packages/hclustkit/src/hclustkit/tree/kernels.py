"""The earlier home of some names, until every caller has moved."""

from hclustkit.compiled import compiled

__all__ = ["compiled"]
