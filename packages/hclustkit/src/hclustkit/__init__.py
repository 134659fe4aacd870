"""Hierarchical clustering of a table, and how far to trust it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hclustkit.errors import InputError
from hclustkit.kinds import explain_type_errors

if TYPE_CHECKING:
    from hclustkit.estimator import HierarchicalClustering
    from hclustkit.scaling import standardize
    from hclustkit.tables import read_table
    from hclustkit.ties import uniqueness
    from hclustkit.tree.cut import cut
    from hclustkit.tree.linkage import linkage
    from hclustkit.tree.tree import Tree

__version__ = "0.1.0"

__all__ = [
    "HierarchicalClustering",
    "InputError",
    "Tree",
    "cut",
    "linkage",
    "read_table",
    "standardize",
    "uniqueness",
]

# imported when first used, so that `import hclustkit` is quick
_HOMES = {
    "HierarchicalClustering": "hclustkit.estimator",
    "Tree": "hclustkit.tree.tree",
    "cut": "hclustkit.tree.cut",
    "linkage": "hclustkit.tree.linkage",
    "read_table": "hclustkit.tables",
    "standardize": "hclustkit.scaling",
    "uniqueness": "hclustkit.ties",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(_HOMES[name]), name)
    explain_type_errors(globals(), [name])
    return globals()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
