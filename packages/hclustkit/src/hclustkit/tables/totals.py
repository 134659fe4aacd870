"""Rows that sum up or average the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hclustkit.errors import InputError

TOTALS = frozenset(
    ["total", "totals", "grand total", "subtotal", "sum", "all", "overall", "average", "mean"]
    + ["gesamt", "insgesamt", "summe", "durchschnitt", "ensemble", "moyenne", "promedio"]
    + [
        "\u0438\u0442\u043e\u0433\u043e",
        "\u0432\u0441\u0435\u0433\u043e",
        "\u0441\u0440\u0435\u0434\u043d\u0435\u0435",
        "\u0432 \u0441\u0440\u0435\u0434\u043d\u0435\u043c",
        "\u0431\u0430\u0440\u043b\u044b\u0493\u044b",
    ]
)
"""Labels of rows that sum up the others, in lower case."""


def refuse_totals(table: pd.DataFrame, name: str) -> None:
    """Refuse rows that sum up or average the others."""
    found = [label for label in table.index if str(label).lower().rstrip(":") in TOTALS]
    if not found and len(table) > 3:
        values = table.to_numpy()
        varied = np.ptp(values, axis=0) > 0
        if varied.sum() >= 2:
            others = values.sum(axis=0) - values
            for sums in (others, others / (len(table) - 1)):
                same = np.isclose(values, sums, rtol=1e-9, atol=0)[:, varied].all(axis=1)
                found += list(table.index[same])
    if found:
        label = found[0]
        raise InputError(
            f"{name}: row {label!r} is a total or an average of the others, not an object to "
            f"cluster: leave it out with drop={label!r}",
            place=f"{name}, row {label!r}",
            rule="total-row",
            value=label,
        )
