"""Pages that report on a table: the explorer, in which a reader chooses and sees the clusters."""

from hclustkit.report.page import (
    ExplorerTexts,
    cluster_looks,
    explorer_page,
    inline_page,
    read_part,
)
from hclustkit.report.table import explorer_content

__all__ = [
    "ExplorerTexts",
    "cluster_looks",
    "explorer_content",
    "explorer_page",
    "inline_page",
    "read_part",
]
