"""Missing cells carried into the result.

Need: "missing cells: crash, or an error that names no cell" and "which fill harms least"
(scipy #6774; scikit-learn PR#8478).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hclustkit import cut, linkage, standardize
from hclustkit.sensitivity import cell_effects
from refusals import refused

TABLE = pd.DataFrame(
    {"x": [0.0, 1.0, 2.0, np.nan, 20.0, 21.0, 26.0], "y": [0.0, np.nan, 0.2, 0.1, 0.2, 0.1, 0.0]},
    index=list("abcmuvw"),
)


def test_the_cell_that_decides_is_named_and_the_others_are_not() -> None:
    found = cell_effects(TABLE, 2, scaling="none", donors="column", draws=120, seed=3)
    assert found.cells == [("b", "y"), ("m", "x")]
    deciding = found.deciding()
    assert set(deciding["column"]) == {"x"} and set(deciding["row"]) == {"m"}
    own = deciding.set_index("label").loc["m"]
    assert own["alone"] and 10 < own["at_low"] < own["at_high"] < 15
    assert own["influence"] > 0.6
    # everybody's companions change with m
    assert set(deciding["label"]) == set(TABLE.index)


def test_cells_that_decide_alone_come_first_then_the_most_influential() -> None:
    found = cell_effects(TABLE, 4, scaling="none", donors="column", draws=120, seed=3).deciding()
    order = list(zip(found["alone"], found["influence"], strict=True))
    assert order == sorted(order, reverse=True)
    assert found["alone"].tolist() == [True] * 7 + [False] * 3
    assert found["influence"].idxmax() == 7  # more influential, but not alone


def test_co_membership_with_its_range() -> None:
    found = cell_effects(TABLE, 2, scaling="none", donors="column", draws=120, seed=3)
    pairs = found.pairs().set_index(["label_1", "label_2"])
    assert pairs.loc[("a", "b"), ["share", "low", "high", "together"]].tolist() == [
        1,
        1,
        1,
        "every",
    ]
    assert pairs.loc[("a", "u"), "together"] == "no"
    mixed = pairs.loc[("a", "m")]
    assert mixed["together"] == "some" and mixed["low"] < 0.2 < mixed["share"] < mixed["high"]
    assert mixed["se"] == pytest.approx(np.sqrt(mixed["share"] * (1 - mixed["share"]) / 120))
    assert found.together.loc["a", "m"] == mixed["share"] == found.together.loc["m", "a"]
    certain = found.certain()
    assert certain["m"] == certain.min() < 1


@pytest.mark.parametrize("method", ["ward", "average"])
@pytest.mark.parametrize("scaling", ["zscore", "rank"])
def test_every_partition_is_that_of_its_completed_table(method: str, scaling: str) -> None:
    found = cell_effects(TABLE, 3, method, scaling=scaling, draws=6, seed=1)
    for values, labels in zip(found.filled, found.partitions, strict=True):
        whole = TABLE.copy()
        for (row, column), value in zip(found.cells, values, strict=True):
            whole.loc[row, column] = value
        assert (
            cut(linkage(standardize(whole, scaling), method), 3) - 1
        ).tolist() == labels.tolist()
    medians = TABLE.fillna(TABLE.median())
    for (row, column), tried, partitions in zip(
        found.cells, found.tried, found.tried_partitions, strict=True
    ):
        whole = medians.copy()
        whole.loc[row, column] = tried[-1]
        expected = cut(linkage(standardize(whole, scaling), method), 3) - 1
        assert partitions[-1].tolist() == expected.tolist()


def test_values_come_from_donors_and_bounds_from_the_user() -> None:
    near = cell_effects(TABLE.assign(z=[0.0, 0, 0, 0, 9, 9, 9]), 2, draws=60, seed=2)
    assert set(near.filled[:, 1]) <= {0.0, 1.0, 2.0, 20.0, 21.0, 26.0}
    assert near.bounds.tolist() == [[0.0, 0.2], [0.0, 26.0]]
    wide = cell_effects(TABLE, 2, draws=5, bounds={"x": (-5, 40)}, seed=2)
    assert wide.bounds[1].tolist() == [-5, 40] and wide.tried[1, [0, -1]].tolist() == [-5, 40]
    again = cell_effects(TABLE, 2, draws=5, bounds={"x": (-5, 40)}, seed=2)
    assert (again.partitions == wide.partitions).all() and (again.filled == wide.filled).all()


def test_refusals() -> None:
    with refused("nothing-missing"):
        cell_effects(TABLE.fillna(0.0), 2, seed=1)
    with refused("empty-column", value="x"):
        cell_effects(TABLE.assign(x=np.nan), 2, seed=1)
    for bounds in ((2, 1), (2,), ("a", 3), None, (0, np.inf)):
        with refused("bounds", place="x", value=bounds):
            cell_effects(TABLE, 2, bounds={"x": bounds}, seed=1)
    with refused("unknown-column", value="q"):
        cell_effects(TABLE, 2, bounds={"q": (1, 2)}, seed=1)
    with refused("unknown-name", value="nobody"):
        cell_effects(TABLE, 2, donors="nobody", seed=1)
    with refused("k-range", value=8):
        cell_effects(TABLE, 8, seed=1)
