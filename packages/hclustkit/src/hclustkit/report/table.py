"""What the explorer shows of a table."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from hclustkit.arguments import as_table
from hclustkit.errors import refusal
from hclustkit.report.outlines import page_map
from hclustkit.report.page import cluster_looks
from hclustkit.space.maps import Outlines


def explorer_content(
    table: pd.DataFrame,
    *,
    reference: pd.Series | None = None,
    units: Mapping[str, str] | None = None,
    outlines: Outlines | None = None,
    k: int = 2,
    scaling: str = "zscore",
    method: str = "ward",
) -> dict[str, object]:
    """Collect what the explorer shows of a table.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        Cases × variables, numeric and without gaps.
    reference : Series, index the cases, optional
        Clusters to compare with.
    units : variable -> unit, optional
    outlines : Outlines, optional
        A map of the cases, by their labels.
    k, scaling, method : what is shown first

    Returns
    -------
    dict
        As `hclustkit.report.explorer_page` takes it.

    Raises
    ------
    InputError
        The table breaks a rule, or the reference has other cases.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [1.0, 2.0, 9.0]}, index=["a", "b", "c"])
    >>> [case["en"] for case in explorer_content(table)["regions"]]
    ['a', 'b', 'c']
    """
    table = as_table(table)
    names: list[str] = []
    membership: list[int] = []
    if reference is not None:
        lost = [label for label in table.index if label not in reference.index]
        if lost or len(reference) != len(table):
            text = "the reference and the table do not have the same cases"
            raise refusal(text, "reference", "same-labels", lost[0] if lost else None)
        codes, found = pd.factorize(reference[table.index])
        names, membership = [str(name) for name in found], [int(code) + 1 for code in codes]
    across = math.ceil(math.sqrt(len(table)))
    cases = [
        {
            "code": str(label),
            "en": str(label),
            "others": [],
            "about": "",
            "row": place // across + 1,
            "column": place % across + 1,
        }
        for place, label in enumerate(table.index)
    ]
    drawn = {"map": page_map(outlines, list(table.index))} if outlines else {}
    return {
        **drawn,
        "baseline": {
            "year": 0,
            "scaling": scaling,
            "linkage": method,
            "k": min(k, len(table)),
            "indicators": "all",
        },
        "years": [0],
        "regions": cases,
        "published": {"numerals": names, "membership": membership},
        "indicators": [_variable(table[name], (units or {}).get(name, "")) for name in table],
        "series": {},
        "looks": cluster_looks(max(32, 2 * len(table))),
    }


def _variable(column: pd.Series, unit: str) -> dict[str, object]:
    """Describe a column as the page reads it."""
    name = str(column.name)
    variant = {
        "id": name,
        "name": "",
        "label": "",
        "short": "",
        "unit": unit,
        "formula": name,
        "status": "as given",
        "differs": "",
        "series": [],
        "values": {"0": column.astype(float).tolist()},
        "gaps": {},
        "anyData": True,
    }
    return {
        "code": name,
        "group": "variables",
        "definition": "",
        "missing": "",
        "variants": [variant],
    }
