"""A column that is missing as a whole, P1: what it would need to give Figure 3."""

from __future__ import annotations

import math
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from missing_cases import PUBLISHED, REGIONS, SCALED, SCALINGS, STUDY, found, settings, tables, ward
from scale import scale
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score

from kzclusters.analysis.missing import patents


def needed(z: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    """Lower bounds over all orders on a line, from the definition and by plain enumeration.

    A pair of clusters lacks what separates it from the cheapest last merge inside a cluster;
    in a given order, gaps add up along chains, and the sum of squares is at least the sum over
    pairs of n_i n_j d_ij² / n with the longest chains as d_ij.
    """

    def cost(a: np.ndarray, b: np.ndarray) -> float:
        apart = z[a].mean(axis=0) - z[b].mean(axis=0)
        return len(a) * len(b) / (len(a) + len(b)) * float(apart @ apart)

    groups = [np.flatnonzero(wanted == g) for g in range(wanted.max() + 1)]
    last = [0.0]
    for rows in groups:
        splits = [np.array(s) for s in product([0, 1], repeat=len(rows)) if 0 < sum(s) < len(rows)]
        last += [min(cost(rows[s == 0], rows[s == 1]) for s in splits)] if splits else []
    k, sizes = len(groups), np.array([len(rows) for rows in groups], dtype=float)
    gaps = np.zeros((k, k))
    for i, j in product(range(k), repeat=2):
        if i != j:
            lack = max(last) - cost(groups[i], groups[j])
            gaps[i, j] = math.sqrt(max(0.0, lack) * (1 / sizes[i] + 1 / sizes[j]))
    orders = np.array([o for o in permutations(range(k)) if o[0] < o[-1]])
    chains = np.zeros((k, k, len(orders)))
    squares = np.zeros(len(orders))
    for width in range(1, k):
        for a in range(k - width):
            b = a + width
            steps = [chains[a, c] + chains[c, b] for c in range(a + 1, b)]
            chains[a, b] = np.max([gaps[orders[:, a], orders[:, b]], *steps], axis=0)
            squares += sizes[orders[:, a]] * sizes[orders[:, b]] * chains[a, b] ** 2
    return float(squares.min() / sizes.sum()), float(chains[0, k - 1].min())


@pytest.mark.long("impossible columns", "every proof again, over all orders on a line")
def test_impossible_columns_are_proved_again_by_enumeration() -> None:
    wanted = pd.factorize(PUBLISHED)[0]
    impossible = [cell for cell in found().patents.cells if cell.status == "impossible"]
    assert impossible
    for cell in impossible[:: scale(4, 1)]:
        z = SCALED[cell.scaling](tables()[cell.year].to_numpy())
        squares, extent = needed(z, wanted)
        assert squares <= cell.needed_squares * (1 + 1e-9)
        assert extent == pytest.approx(cell.needed_extent)
        assert squares > cell.granted_squares or extent > cell.granted_extent


def test_what_a_scaling_grants_is_what_a_column_has() -> None:
    x = np.random.default_rng(1).lognormal(size=(16, 1))
    for cell in found().patents.cells[:4]:
        z = SCALED[cell.scaling](x)[:, 0]
        assert ((z - z.mean()) ** 2).sum() <= cell.granted_squares * (1 + 1e-12)
        assert np.ptp(z) <= cell.granted_extent * (1 + 1e-12)


def test_printed_columns_give_figure_3() -> None:
    reachable = [cell for cell in found().patents.cells if cell.status == "reachable"]
    assert reachable and all(cell.column is not None for cell in reachable)
    for cell in reachable:
        shares = np.array([cell.column[code] for code in REGIONS.index])
        assert shares.min() > 0 and shares.sum() == pytest.approx(100, abs=0.01)
        labels = ward(np.hstack([tables()[cell.year], shares[:, None]]), cell.scaling)
        assert adjusted_rand_score(PUBLISHED, labels) == 1


def test_a_column_gives_figure_3_whatever_a_run_cuts_into() -> None:
    cell = next(cell for cell in found().patents.cells if cell.status == "reachable")
    setting = settings(k=6)
    made = patents.free_column(tables()[cell.year], cell.year, cell.scaling, setting)
    assert (made.status, made.column) == (cell.status, cell.column)


def test_shares_change_no_scaled_value() -> None:
    values = pd.Series([-1.0, 0.5, 3.0, 2.0])
    for scaling, column in product(SCALINGS, (values, np.exp(values))):
        if scaling == "log-zscore" and column.min() <= 0:
            continue
        shares = patents.as_shares(column, scaling)
        assert shares.sum() == pytest.approx(100, abs=1e-3) and (shares > 0).all()
        expected = SCALED[scaling](column.to_numpy()[:, None])
        np.testing.assert_allclose(SCALED[scaling](shares.to_numpy()[:, None]), expected, atol=1e-4)


def test_priors_have_their_means_and_counts_add_up() -> None:
    unknown = found().patents
    assert unknown.n_reachable + unknown.n_impossible + unknown.n_open == unknown.n_cells == 24
    assert sum(sum(kinds.values()) for kinds in unknown.by_scaling.values()) == 24
    research, people = (
        pd.Series(x, REGIONS.index) for x in np.random.default_rng(1).random((2, 16)) + 0.1
    )
    means = patents.prior_means(research, people, settings())
    assert {name: series.sum() for name, series in means.items()} == pytest.approx(
        dict.fromkeys(patents.TITLES, 1)
    )
    assert means["cities"][["KZ-AST", "KZ-ALA"]].sum() == pytest.approx(STUDY.missing["city_share"])


def test_the_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(2)
    columns, other = rng.integers(0, 5, size=(3, 9)).astype(float), pd.Series(rng.random(9))
    expected = [spearmanr(column, other).statistic for column in columns]
    np.testing.assert_allclose(patents.rank_correlation(columns, other), expected)
