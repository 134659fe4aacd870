"""The earlier home of some names, until every caller has moved."""

from hclustkit.tree.linkage import LINKAGES, TIE_TOLERANCE
from hclustkit.tree.linkage import merges as merge_tree

__all__ = ["LINKAGES", "TIE_TOLERANCE", "merge_tree"]
