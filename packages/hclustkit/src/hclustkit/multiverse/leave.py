"""Leave one thing out: an indicator, a group of indicators, an object."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table
from hclustkit.arrays import check_k
from hclustkit.compare.partitions import canonical, check_reference, compare
from hclustkit.errors import fault
from hclustkit.multiverse.noise import partition_of


def leave_out(
    table: pd.DataFrame,
    reference: pd.Series,
    *,
    k: int,
    groups: Mapping[str, Hashable] | None = None,
    scaling: str = "zscore",
    method: str = "ward",
) -> pd.DataFrame:
    """Cluster again without one indicator, one group of indicators or one object.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p indicators), unscaled
    reference : Series, label -> cluster
    k : int
        Number of clusters. Without an object, the objects left are cut into as many
        clusters as the baseline has among them: one fewer when it was alone.
    groups : mapping of column to the name of its group, or None for no groups
    scaling, method : str

    Returns
    -------
    DataFrame
        One row per omission (columns, then groups, then objects, each in order): ``kind``
        (``indicator``, ``group`` or ``object``), ``left_out``, ``k``, ``ari_baseline`` and
        ``ari_reference`` (adjusted Rand index to the baseline and to the reference, both
        restricted to the objects left), ``clusters_changed`` (how many baseline clusters, so
        restricted, are no longer clusters), ``changed`` (their members, clusters separated by
        bars). Where a group holds every indicator, it cannot be left out and has no row.

    Raises
    ------
    InputError
        A bad table, reference, scaling, linkage or number of clusters; a column without a
        group or a group for an unknown column; fewer than three objects; a column that is
        constant without one of them.

    Examples
    --------
    >>> table = pd.DataFrame({"p": [1, 2, 8, 9], "q": [1, 3, 7, 9]}, index=list("ABCD"))
    >>> found = leave_out(table, pd.Series([1, 1, 2, 2], index=table.index), k=2)
    >>> found[["kind", "left_out", "ari_reference"]].iloc[:3].to_numpy().tolist()
    [['indicator', 'p', 1.0], ['indicator', 'q', 1.0], ['object', 'A', 1.0]]
    """
    table = as_table(table, min_rows=3)
    k = check_k(k, len(table))
    target, _ = check_reference(reference, list(table.index))
    columns = list(table.columns)
    if groups is not None:
        for column in columns:
            if column not in groups:
                raise fault("groups", f"column {column!r} has no group", "missing-column", column)
        for column in groups:
            if column not in columns:
                text = f"the table has no column {column!r}"
                raise fault("groups", text, "unknown-column", column)
    base = partition_of(table, scaling, method, k)
    everyone = np.ones(len(table), dtype=bool)

    def row(kind: str, name: Hashable, kept: np.ndarray, smaller: pd.DataFrame) -> dict[str, Any]:
        """Compare the partition of what is left with what is left of the partitions."""
        rest = canonical(base[kept])
        count = int(rest.max()) + 1
        found = partition_of(smaller, scaling, method, count)[None, :]
        to_base, _, _, jaccard = compare(found, rest)
        to_reference = compare(found, canonical(target[kept]))[0]
        # a Jaccard coefficient of 1 means equal sets
        changed = np.flatnonzero(jaccard[0] < 1)
        labels = table.index[kept]
        return {
            "kind": kind,
            "left_out": name,
            "k": count,
            "ari_baseline": to_base[0],
            "ari_reference": to_reference[0],
            "clusters_changed": len(changed),
            "changed": " | ".join(
                "; ".join(str(label) for label in labels[rest == cluster]) for cluster in changed
            ),
        }

    out = []
    if len(columns) > 1:
        for column in columns:
            out.append(row("indicator", column, everyone, table.drop(columns=column)))
    if groups is not None:
        for group in dict.fromkeys(groups[column] for column in columns):
            rest = [column for column in columns if groups[column] != group]
            if rest:
                out.append(row("group", group, everyone, table[rest]))
    for place, label in enumerate(table.index):
        kept = everyone.copy()
        kept[place] = False
        out.append(row("object", label, kept, table[kept]))
    return pd.DataFrame(out)
