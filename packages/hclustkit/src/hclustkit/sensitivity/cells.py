"""Missing cells carried into the result: a tree for each way to fill them.

One fill hides what is not known. Here many completed tables are clustered; in addition each cell
alone is moved through its bounds with the others at the medians of their columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_frame, as_table, check_choice, check_seed, check_whole
from hclustkit.arrays import Floats, Ints, check_k, refuse_distances
from hclustkit.errors import InputError, refusal
from hclustkit.scaling import standardize
from hclustkit.tables.missing import NEIGHBOURS, refuse_empty_columns
from hclustkit.tree.batch import coordinate_noise, labels_of_tables
from hclustkit.tree.engine import LINKAGES

DONORS = ("neighbours", "column")
"""Whose value fills a cell: one of the rows most alike, or any row with a value."""
STEPS = 21
"""Values at which each cell is tried between its bounds."""


@dataclass(frozen=True, eq=False)
class CellEffects:
    """Partitions of a table with missing cells, for many ways to fill them.

    Attributes
    ----------
    k : int
    labels : Index, length n
    cells : list of (row label, column), length m
    filled : array of float64, shape (draws, m)
        The values drawn for the cells, in units of the table.
    partitions : array of int64, shape (draws, n)
        The partition of each completed table, clusters from 0 by first row.
    bounds : array of float64, shape (m, 2)
    tried : array of float64, shape (m, STEPS)
        The values at which each cell was tried alone.
    tried_partitions : array of int64, shape (m, STEPS, n)
    """

    k: int
    labels: pd.Index
    cells: list[tuple[Any, Any]]
    filled: Floats
    partitions: Ints
    bounds: Floats
    tried: Floats
    tried_partitions: Ints

    @property
    def together(self) -> pd.DataFrame:
        """Share of the completed tables in which two rows are together, shape (n, n)."""
        total = sum((row[:, None] == row).astype(np.int64) for row in self.partitions)
        return pd.DataFrame(total / len(self.partitions), self.labels, self.labels)

    def pairs(self) -> pd.DataFrame:
        """List the pairs of rows with the range of their co-membership.

        Returns
        -------
        DataFrame, n (n - 1) / 2 rows
            ``label_1``, ``label_2``; ``share`` of the completed tables in which they are
            together, ``se`` its standard error; ``low`` and ``high``, the smallest and largest
            share among tables in which one cell is in the lower or upper half of what was
            drawn for it; ``together``: "every", "some" or "no" of all trees, those with one cell
            moved through its bounds included.
        """
        i, j = np.triu_indices(len(self.labels), 1)
        drawn = self.partitions[:, i] == self.partitions[:, j]
        moved = self.tried_partitions.reshape(-1, len(self.labels))
        every = np.vstack([drawn, moved[:, i] == moved[:, j]])
        share = drawn.mean(axis=0)
        halves = np.array([drawn[half].mean(axis=0) for half in self._halves()] or [share])
        words = np.where(every.all(axis=0), "every", np.where(every.any(axis=0), "some", "no"))
        return pd.DataFrame(
            {
                "label_1": self.labels.take(i),
                "label_2": self.labels.take(j),
                "share": share,
                "se": np.sqrt(share * (1 - share) / len(drawn)),
                "low": halves.min(axis=0),
                "high": halves.max(axis=0),
                "together": words,
            }
        )

    def _halves(self) -> list[Any]:
        """List masks of the draws in which a cell is low, and high, cell after cell."""
        found = []
        for values in self.filled.T:
            high = values > np.median(values)
            found += [half for half in (~high, high) if half.any()]
        return found

    def deciding(self) -> pd.DataFrame:
        """List which missing cells decide the cluster of which rows.

        Returns
        -------
        DataFrame
            One row for each row of the table and cell that decides: ``label``; ``row`` and
            ``column`` of the cell; ``alone``: whether moving it through its bounds, the others
            at their medians, gives the row other companions; ``at_low``, ``at_high``: the two
            values between which that first happens (NaN where it does not); ``influence``: by
            how much the share of draws with its usual companions differs between the cell's
            lower and upper half, 0 below three standard errors. Cells with neither are left
            out; those that decide alone and the most influential come first.
        """
        usual = self._usual()
        same = self._has(self.partitions, usual)
        rows = []
        for c, (row, column) in enumerate(self.cells):
            high = self.filled[:, c] > np.median(self.filled[:, c])
            influence = np.zeros(len(self.labels))
            if high.any() and not high.all():
                share = same.mean(axis=0)
                counted = 1 / high.sum() + 1 / (~high).sum()
                influence = np.abs(same[high].mean(axis=0) - same[~high].mean(axis=0))
                influence[influence <= 3 * np.sqrt(share * (1 - share) * counted)] = 0.0
            alone = _companions(self.tried_partitions[c])
            differs = (alone[1:] != alone[:-1]).any(axis=2)
            for i, label in enumerate(self.labels):
                at = [np.nan, np.nan]
                if differs[:, i].any():
                    first = int(np.argmax(differs[:, i]))
                    at = self.tried[c, first : first + 2].tolist()
                elif influence[i] == 0:
                    continue
                rows.append((label, row, column, not np.isnan(at[0]), *at, float(influence[i])))
        names = ["label", "row", "column", "alone", "at_low", "at_high", "influence"]
        table = pd.DataFrame(rows, columns=names)
        return table.sort_values(
            ["alone", "influence"], ascending=False, kind="stable", ignore_index=True
        )

    def certain(self) -> pd.Series[float]:
        """Compute the share of the completed tables in which each row has its usual companions."""
        return pd.Series(self._has(self.partitions, self._usual()).mean(axis=0), index=self.labels)

    def _usual(self) -> Ints:
        """Find the most common partition; the first of several."""
        found, first, counts = np.unique(
            self.partitions, axis=0, return_index=True, return_counts=True
        )
        best: Ints = found[np.lexsort([first, -counts])[0]]
        return best

    def _has(self, partitions: Ints, usual: Ints) -> Any:
        """Tell whether each row has the companions of a partition, shape (B, n)."""
        return (_companions(partitions) == (usual[:, None] == usual)).all(axis=2)


def _companions(partitions: Ints) -> Any:
    """Tell which rows are together in each partition, shape (B, n, n)."""
    return partitions[:, :, None] == partitions[:, None, :]


def cell_effects(
    table: Any,
    k: int,
    method: str = "ward",
    *,
    scaling: str = "zscore",
    draws: int = 200,
    donors: str = "neighbours",
    bounds: Mapping[Any, tuple[float, float]] | None = None,
    seed: int,
) -> CellEffects:
    """Cluster a table with missing cells for many ways to fill them.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Not scaled; NaN where a cell is missing. Each completed table is scaled by itself.
    k : int, 1..n
    method, scaling : str
    draws : int
        Completed tables.
    donors : {"neighbours", "column"}
        A cell takes the value of one of the `hclustkit.tables.missing.NEIGHBOURS` rows most
        alike that have one (standardised, over the columns both have), or of any.
    bounds : dict, optional
        Column -> smallest and largest possible value; by default those observed.
    seed : int

    Returns
    -------
    CellEffects

    Raises
    ------
    InputError
        No missing cell, a column without any value, bounds that cross or an unknown column.

    References
    ----------
    Rubin, D. B. (1987), Multiple imputation for nonresponse in surveys. Wiley.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0.0, 1.0, np.nan, 9.0, 10.0]}, index=list("abcde"))
    >>> found = cell_effects(table, 2, scaling="none", draws=50, donors="column", seed=1)
    >>> found.deciding().query("label == 'c'")[["row", "column", "alone"]].values.tolist()
    [['c', 'x', True]]
    >>> found.pairs().query("label_1 == 'a' and label_2 == 'b'")["together"].item()
    'every'
    """
    frame = _check_gaps(table)
    k = check_k(k, len(frame))
    code = LINKAGES.index(check_choice(method, LINKAGES, "linkage"))
    check_choice(donors, DONORS, "donors")
    rng = np.random.default_rng(check_seed(seed))
    x = frame.to_numpy(dtype=np.float64)
    gaps = np.argwhere(np.isnan(x))
    filled = np.empty((check_whole(draws, "draws", 1), len(gaps)))
    for c, (i, j) in enumerate(gaps.tolist()):
        rows = np.flatnonzero(~np.isnan(x[:, j]))
        if donors == "neighbours":
            rows = rows[np.argsort(_differences(frame, i)[rows], kind="stable")[:NEIGHBOURS]]
        filled[:, c] = x[rng.choice(rows, size=len(filled)), j]
    limits = _limits(frame, gaps, bounds or {})
    tried = np.linspace(limits[:, 0], limits[:, 1], STEPS, axis=1)
    centre = np.tile(np.nanmedian(x, axis=0)[gaps[:, 1]], (len(gaps), STEPS, 1))
    for c in range(len(gaps)):
        centre[c, :, c] = tried[c]
    values = np.vstack([filled, centre.reshape(-1, len(gaps))])
    tables = np.repeat(x[None], len(values), axis=0)
    tables[:, gaps[:, 0], gaps[:, 1]] = values
    labels = _partitions(tables, code, scaling, k)
    return CellEffects(
        k=k,
        labels=frame.index,
        cells=[(frame.index[i], frame.columns[j]) for i, j in gaps.tolist()],
        filled=filled,
        partitions=labels[: len(filled)],
        bounds=limits,
        tried=tried,
        tried_partitions=labels[len(filled) :].reshape(len(gaps), STEPS, len(frame)),
    )


def _check_gaps(table: Any) -> pd.DataFrame:
    """Return a table with missing cells, and nothing else wrong, as floats."""
    frame = as_frame(table)
    refuse_empty_columns(frame)
    gaps = frame.isna()
    # everything else is checked as in a table without gaps
    whole = as_table(frame.where(~gaps, frame.bfill().ffill()), min_rows=2)
    if not gaps.to_numpy().any():
        raise InputError("no cell is missing", place="table", rule="nothing-missing")
    checked = whole.mask(gaps)
    refuse_distances(checked.to_numpy())
    return checked


def _differences(frame: pd.DataFrame, i: int) -> Floats:
    """Compute the mean squared difference of rows from row i, standardized, over common columns."""
    spread = frame.std().where(lambda s: s > 0, 1.0)
    squares = (((frame - frame.iloc[i]) / spread) ** 2).mean(axis=1)
    apart: Floats = squares.fillna(np.inf).to_numpy()
    return apart


def _limits(frame: pd.DataFrame, gaps: Ints, bounds: Mapping[Any, tuple[float, float]]) -> Floats:
    """Return the smallest and the largest possible value of each missing cell, shape (m, 2)."""
    for column, ends in bounds.items():
        if column not in frame.columns:
            raise refusal(f"there is no column {column!r}", "bounds", "unknown-column", column)
        try:
            low, high = map(float, ends)
        except (TypeError, ValueError):
            low = high = np.nan
        if not (np.isfinite([low, high]).all() and low <= high):
            text = f"bounds of column {column!r} are two finite numbers that rise, got {ends!r}"
            raise refusal(text, f"bounds, {column}", "bounds", ends)
    found = [bounds.get(c, (frame[c].min(), frame[c].max())) for c in frame.columns[gaps[:, 1]]]
    return np.array(found, dtype=np.float64)


def _partitions(tables: Floats, code: int, scaling: str, k: int) -> Ints:
    """Scale and cluster each of many tables, shape (B, n, p)."""
    scaled = np.asarray(standardize(tables, scaling))
    columns = np.ascontiguousarray(np.swapaxes(scaled, 1, 2))
    labels = np.empty((len(tables), tables.shape[1]), dtype=np.int64)
    noise = coordinate_noise(float(np.abs(columns).max()), columns.shape[1])
    labels_of_tables(columns, code, noise, k, labels)
    return labels
