"""Every index on five rows, worked by hand from its published formula.

The values 0, 2, 10, 14, 24 have the mean 10 and the total sum of squares T = 376. Ward's method
joins 0 and 2, then 10 and 14, then 24 to these two:

    k = 2: {0, 2}, {10, 14, 24}    W = 2 + 104 = 106, centroids 1 and 16
    k = 3: {0, 2}, {10, 14}, {24}  W = 2 + 8 = 10, centroids 1, 12 and 24

At k = 2 the distances within are 2, 4, 10, 14 (sum 30), between 8, 10, 12, 14, 22, 24 (sum 90).
"""

from __future__ import annotations

from math import log, pi, sqrt

import pandas as pd
import pytest
from hclustkit.validity import INDICES, gap_statistic, indices, silhouette

LINE = pd.DataFrame({"x": [0.0, 2.0, 10.0, 14.0, 24.0]}, index=list("abcde"))
PLANE = LINE.assign(y=[0.0, 2.0, 0.0, 4.0, 2.0])
# variances of the two clusters, about their means and over their sizes: 1 and 104 / 3
SCAT = (1 + 104 / 3) / 2 / (376 / 5)
# one uniform dimension, cut into two pieces: R squared is expected to be this
EXPECTED = 1 - (1 / (5 + 2)) / 2**2 * (5 - 2) ** 2 / 5 * (1 + 4 / 5)

AT_TWO = {
    "kl": abs((376 - 4 * 106) / (4 * 106 - 9 * 10)),
    "ch": (270 / 1) / (106 / 3),
    "hartigan": (106 / 10 - 1) * (5 - 2 - 1),
    "ccc": log((1 - EXPECTED) / (106 / 376)) * sqrt(5 / 2) / (0.001 + EXPECTED) ** 1.2,
    "scott": 5 * log(376 / 106),
    "marriot": 2**2 * 106,
    "tracew": 106,
    "friedman": 270 / 106,
    "rubin": 376 / 106,
    # the four smallest are 2, 4, 8, 10, the four largest 24, 22, 14, 14
    "cindex": (30 - 24) / (74 - 24),
    "db": (1 + sqrt(104 / 3)) / 15,
    "silhouette": (14 / 16 + 12 / 14 + 0 + 6 / 13 + 11 / 23) / 5,
    "duda": 8 / 104,
    "pseudot2": (104 - 8) / (8 / 1),
    "beale": ((104 - 8) / 8) / (2 / 1 * 2**2 - 1),
    "ratkowsky": sqrt(270 / 376) / sqrt(2),
    "ball": 106 / 2,
    # all ten: mean 12, squares 1880
    "ptbiserial": (90 / 6 - 30 / 4) * sqrt(4 * 6) / 10 / sqrt((1880 - 10 * 12**2) / 9),
    "frey": (114 / 8 - 90 / 6) / (6 / 2 - 30 / 4),
    "mcclain": (30 / 4) / (90 / 6),
    # 2 and 4 are below all six, 10 below four and above one, 14 below two and above three
    "gamma": (18 - 4) / (18 + 4),
    "gplus": 2 * 4 / (10 * 9),
    "tau": (18 - 4) / sqrt(4 * 6 * 45),
    "dunn": 8 / 14,
    "hubert": 90 * 15 / 10,
    # at most three clusters: their centroids are 11, 12 and 23 apart
    "sdindex": 23 / 11 * (1 / 34 + 1 / 23 + 1 / 35) * SCAT + (1 / 15 + 1 / 15),
    "dindex": (1 + (6 + 2 + 8) / 3) / 2,
    # within sqrt(1 + 104/3) / 2 = 2.99 of 8.5 lies 10; of 1 the first two, of 16 only 14
    "sdbw": SCAT + 1 / 2,
}


@pytest.mark.parametrize("index", AT_TWO)
def test_on_a_line(index: str) -> None:
    found = indices(LINE, [2, 3], only=[index]).set_index("k")["value"]
    assert found[2] == pytest.approx(AT_TWO[index], rel=1e-12)


def test_the_critical_value_of_duda() -> None:
    found = indices(LINE, [2], only=["duda", "pseudot2"]).set_index("index")["critical"]
    limit = 1 - 2 / pi - 3.2 * sqrt(2 * (1 - 8 / pi**2) / 3)
    assert found["duda"] == pytest.approx(limit, rel=1e-12)
    assert found["pseudot2"] == pytest.approx((1 - limit) / limit, rel=1e-12)


def test_the_trace_of_the_covariance_of_w() -> None:
    # residuals (-1, -1), (1, 1) and (-6, -2), (-2, 2), (8, 0): W = [[106, 10], [10, 10]]
    found = indices(PLANE, [2], only=["trcovw"])["value"]
    assert found.tolist() == [pytest.approx((106 - 10) ** 2 / 2, rel=1e-12)]


def test_the_gap_with_two_reference_sets() -> None:
    # {0, 1, 10, 12} and {30}: squares 0.5 + 2 + 110.25, distances 45 / 4; the second is twice it
    sets = [[[x * c] for x in (0.0, 1.0, 10.0, 12.0, 30.0)] for c in (1, 2)]
    squared = gap_statistic(LINE, [2], references=sets, power=2.0)["gap"]
    assert squared.tolist() == [pytest.approx(log(112.75 / 106) + log(4) / 2, rel=1e-12)]
    plain = gap_statistic(LINE, [2], references=sets)
    # 2 / 2 + (4 + 14 + 10) / 3
    expected = log(45 / 4) - log(31 / 3) + log(2) / 2
    assert plain["gap"].tolist() == [pytest.approx(expected, rel=1e-12)]
    # both logarithms are log(2) / 2 off their mean; sqrt(1 + 1 / 2) for two sets
    assert plain["SE"].tolist() == [pytest.approx(log(2) / sqrt(2) * sqrt(1.5), rel=1e-12)]


def test_no_index_is_left_out() -> None:
    assert {*AT_TWO, "trcovw", "gap"} == set(INDICES)
    widths = silhouette(LINE, [1, 1, 2, 2, 3])["width"]
    assert widths["e"] == 0 and widths["a"] == pytest.approx(1 - 2 / 12, rel=1e-12)
