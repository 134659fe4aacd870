"""Read a table, check it, and decide about missing cells before anything is computed.

Every method takes such a table: one row an object, one column a variable, the index the
labels.
"""

from hclustkit.arrays import check_k
from hclustkit.kinds import explain_type_errors
from hclustkit.tables.cells import MAX_BYTES
from hclustkit.tables.checks import ColumnNote, check_table, column_notes
from hclustkit.tables.labels import read_names
from hclustkit.tables.missing import POLICIES, gower_distances, treat_missing
from hclustkit.tables.read import read_table
from hclustkit.tables.reading import Reading

__all__ = [
    "MAX_BYTES",
    "POLICIES",
    "ColumnNote",
    "Reading",
    "check_k",
    "check_table",
    "column_notes",
    "gower_distances",
    "read_names",
    "read_table",
    "treat_missing",
]

explain_type_errors(globals(), __all__)
