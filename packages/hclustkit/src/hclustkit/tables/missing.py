"""Missing cells: a choice that is always stated.

``error`` refuses them; ``listwise`` leaves out their rows, so every scaled value changes;
``drop-columns`` leaves out their columns; ``impute-median`` and ``impute-knn`` fill them, before
any scaling, and one fill shrinks the spread of its column; ``gower`` keeps them for
`gower_distances`, which compares each pair on the columns both have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arrays import Bools, Floats, check_pairs, check_weights, refuse_distances
from hclustkit.errors import one, refusal
from hclustkit.tables.checks import check_frame, check_table

POLICIES = ("error", "listwise", "drop-columns", "impute-median", "impute-knn", "gower")
NEIGHBOURS = 5
"""Rows that ``impute-knn`` averages."""

FEW_COLUMNS = 0.5
"""Pairs compared on at most this share of the columns are named."""


def check_policy(policy: str) -> str:
    """Return a known policy for missing cells, or raise `InputError`."""
    if not isinstance(policy, str) or policy not in POLICIES:
        text = f"unknown policy for missing cells {policy!r}: choose one of {', '.join(POLICIES)}"
        raise refusal(text, "missing", "unknown-policy", policy)
    return policy


def gaps_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """List the missing cells of a table as (label, column), row by row."""
    where = np.argwhere(table.isna().to_numpy())
    return [(str(table.index[i]), str(table.columns[j])) for i, j in where]


def treat_missing(table: pd.DataFrame, policy: str) -> tuple[pd.DataFrame, str]:
    """Apply a policy to the missing cells of a table.

    Parameters
    ----------
    table : DataFrame of float, shape (n objects, p variables)
        NaN where a cell is missing; not scaled yet.
    policy : str
        ``error``, ``listwise``, ``drop-columns``, ``impute-median``, ``impute-knn`` or
        ``gower``.

    Returns
    -------
    table : DataFrame
    note : str
        What was done and what it does to the result; empty where nothing was missing.

    Raises
    ------
    InputError
        An unknown policy; missing cells under ``error``; nothing left, or a column without
        any value, under the others.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, 4.0]}, index=list("xyz"))
    >>> treat_missing(table, "impute-median")[0]["a"].tolist()
    [1.0, 2.0, 3.0]
    >>> list(treat_missing(table, "listwise")[0].index)
    ['x', 'z']
    """
    check_policy(policy)
    check_frame(table)
    gaps = gaps_of(table)
    if not gaps or policy == "gower":
        note = f"{len(gaps)} missing cells are kept for Gower's distance"
        return table.copy(), one(note) if gaps else ""
    cells = "; ".join(f"row {row!r}, column {column!r}" for row, column in gaps)
    if policy == "error":
        text = f"{len(gaps)} cells are empty: {cells}; choose with missing= what to do"
        raise refusal(text, f"row {gaps[0][0]}, column {gaps[0][1]}", "missing-value", gaps)
    _refuse_distances(table)
    if policy == "listwise":
        kept = table.dropna()
        gone = len(table) - len(kept)
        note = f"{gone} rows are left out for missing cells, which changes every scaled value"
    elif policy == "drop-columns":
        kept = table.dropna(axis=1)
        gone = table.shape[1] - kept.shape[1]
        note = f"{gone} columns are left out for missing cells"
    else:
        kept = _impute(table, policy)
        note = (
            f"{len(gaps)} missing cells are filled ({policy}: {cells}), which shrinks the "
            "spread of each column concerned; compare with the result without these rows"
        )
    if kept.size == 0:
        text = f"missing={policy!r} leaves nothing: {cells}"
        raise refusal(text, "missing", "nothing-left", policy)
    return kept, one(note)


def _refuse_distances(table: pd.DataFrame) -> None:
    if all(kind.kind in "iuf" for kind in table.dtypes):
        refuse_distances(table.to_numpy(dtype=np.float64, na_value=np.nan))


def refuse_empty_columns(table: pd.DataFrame) -> None:
    """Raise if a column has no value to fill its cells from."""
    empty = table.columns[table.isna().all()]
    if len(empty):
        text = f"column {empty[0]!r} has no value to fill its cells from"
        raise refusal(text, f"column {empty[0]}", "empty-column", empty[0])


def _impute(table: pd.DataFrame, policy: str) -> pd.DataFrame:
    refuse_empty_columns(table)
    table = check_table(table, gaps=True)
    if policy == "impute-median":
        return table.fillna(table.median())
    from sklearn.impute import KNNImputer

    # neighbours are looked for among standardised columns, whatever their units
    exponent = np.frexp(table.abs().max().to_numpy())[1]
    scaled = np.ldexp(table, -exponent)
    centre, spread = scaled.mean(), scaled.std().where(lambda s: s > 0, 1.0)
    filled = KNNImputer(n_neighbors=NEIGHBOURS).fit_transform((scaled - centre) / spread)
    filled = pd.DataFrame(filled, index=table.index, columns=table.columns) * spread + centre
    return table.where(table.notna(), np.ldexp(filled, exponent))


def gower_distances(
    table: pd.DataFrame,
    *,
    ordinal: Mapping[str, Sequence[object]] | None = None,
    asymmetric: Sequence[str] = (),
    variable_weights: Mapping[str, float] | pd.Series[float] | None = None,
) -> pd.DataFrame:
    """Compute Gower's distance of all pairs of rows, of mixed types and with gaps.

    A numeric or ordinal column gives ``|a - b| / range``, any other 0 for equal and 1 for
    different values; the distance is the weighted mean over the columns both rows have. With
    gaps it need not be Euclidean: use average or complete linkage, not Ward's method. An ordered
    categorical column is ordinal.

    Parameters
    ----------
    table : DataFrame, shape (n objects, p variables)
        Numbers, booleans and text; NaN or None where a cell is missing.
    ordinal : dict, optional
        Column to its values from low to high; their ranks are compared.
    asymmetric : sequence of str
        True/false columns in which two false do not count as alike.
    variable_weights : dict or Series, optional
        Column to its weight, from 0; 1 by default.

    Returns
    -------
    DataFrame, shape (n, n)
        In 0..1, the labels on both sides; ``attrs["few_columns"]`` lists the pairs compared
        on at most half of the columns.

    Raises
    ------
    InputError
        Two rows without a common column, an unknown column or value, an infinite number, a
        column of dates, one of ``asymmetric`` that is not true/false.

    References
    ----------
    Gower, J. C. (1971). Biometrics 27, 857-871.

    Examples
    --------
    >>> table = pd.DataFrame({"income": [1.0, 3.0, None], "coast": ["yes", "no", "no"]})
    >>> gower_distances(table).round(2).values.tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    check_frame(table)
    check_pairs(len(table), "the distances")
    orders = _by_column(ordinal, "ordinal")
    weight = dict.fromkeys(table.columns, 1.0) | _by_column(variable_weights, "variable_weights")
    for column in (*weight, *orders, *asymmetric):
        if column not in table.columns:
            raise refusal(f"there is no column {column!r}", "column", "unknown-column", column)
    weighing = check_weights(list(weight.values()), len(weight), "variable_weights")
    _refuse_distances(table)
    n = len(table)
    total, counted, common = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    for column, share in zip(table.columns, weighing, strict=True):
        apart, known = _gower_column(table[column], orders.get(column))
        if column in asymmetric:
            if not table[column].dropna().isin([True, False]).all():
                text = f"column {column!r} is asymmetric, and so must be true or false"
                raise refusal(text, f"column {column!r}", "true-or-false", column)
            present = table[column].isin([True]).to_numpy(dtype=bool)
            known = known & (present[:, None] | present)
        total += share * np.where(known, apart, 0.0)
        counted += share * known
        common += known
    alone = np.argwhere(np.triu(counted == 0, 1))
    if len(alone):
        pair = tuple(table.index[i] for i in alone[0])
        text = f"rows {pair[0]!r} and {pair[1]!r} have no column in common"
        raise refusal(text, f"rows {pair[0]}, {pair[1]}", "no-common-column", pair)
    distances = np.divide(total, counted, out=np.zeros((n, n)), where=counted > 0)
    result = pd.DataFrame(distances, index=table.index, columns=table.index)
    few = np.argwhere(np.triu(common <= FEW_COLUMNS * table.shape[1], 1))
    gapped = bool(table.isna().to_numpy().any())
    result.attrs["few_columns"] = [(table.index[i], table.index[j]) for i, j in few if gapped]
    return result


def _by_column(given: Any, what: str) -> dict[Any, Any]:
    """Return what is given for columns, by name, as a dictionary."""
    if given is not None and not hasattr(given, "keys"):
        raise refusal(f"{what} must map columns, got {given!r}", what, "mapping", given)
    return {} if given is None else dict(given)


def _gower_column(values: pd.Series[Any], order: Sequence[object] | None) -> tuple[Floats, Bools]:
    """Compute the difference of each pair in one column, and whether both have a value."""
    have = values.notna().to_numpy()
    if values.dtype == object:
        values = values.convert_dtypes()
    if values.dtype.kind in "cMm":
        text = f"column {values.name!r} holds {values.dtype}, not numbers, true/false or text"
        raise refusal(text, f"column {values.name!r}", "not-a-number", str(values.dtype))
    if order is None and getattr(values.dtype, "ordered", False):
        order = list(values.cat.categories)
    if order is not None:
        ranks = {value: rank for rank, value in enumerate(order)}
        unknown = [value for value in values.dropna() if value not in ranks]
        if unknown:
            text = f"column {values.name!r}: {unknown[0]!r} is not among its ordered values"
            raise refusal(text, f"column {values.name}", "unknown-value", unknown[0])
        values = pd.Series([ranks.get(value, np.nan) for value in values], name=values.name)
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if numeric:
        x = values.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(x).any():
            text = f"column {values.name!r}: a number is infinite"
            raise refusal(text, f"column {values.name!r}", "not-finite")
        x = np.ldexp(x, -np.frexp(np.abs(x[have]).max(initial=0.0))[1])  # no overflow
        spread = np.nanmax(x) - np.nanmin(x) if have.any() else 0.0
        apart = np.abs(x[:, None] - x) / (spread if spread > 0 else 1.0)
    else:
        codes = pd.factorize(values)[0]
        apart = (codes[:, None] != codes).astype(np.float64)
    return apart, have[:, None] & have
