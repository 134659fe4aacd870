"""Reports on any table: one page with everything, and the explorer.

The command ``hclustkit report FILE`` does all of it; `analyse` and `write_report` are its two
halves.
"""

from hclustkit.kinds import explain_type_errors
from hclustkit.report.analysis import Analysis, analyse
from hclustkit.report.choices import Choices
from hclustkit.report.page import (
    ExplorerTexts,
    check_translation,
    cluster_looks,
    explorer_page,
    inline_page,
    page_texts,
    read_part,
)
from hclustkit.report.table import explorer_content
from hclustkit.report.write import write_report

__all__ = [
    "Analysis",
    "Choices",
    "ExplorerTexts",
    "analyse",
    "check_translation",
    "cluster_looks",
    "explorer_content",
    "explorer_page",
    "inline_page",
    "page_texts",
    "read_part",
    "write_report",
]

explain_type_errors(globals(), __all__)
