"""Audit of what the article says about its clusters, by tests stated before they are run.

A claim names a cluster, the indicators that bear on it and one of the tests of
`kzclusters.analysis.claims.rules`. `decide` knows tables only: one a year, rows the regions,
columns the indicators; a claim whose indicators are not in the table is untestable and becomes
testable when they are, without other changes.

Scales
------
z-scores are taken over the regions of one year (n - 1), so they are unweighted: a city that
lies far out, in population density for one, pushes all others below the mean. Ranks count
from the highest value, 1, and equal values share the better rank.

Several indicators
------------------
`close_values` and `isolated` look at all indicators of the claim at once, as the article does
when it speaks of human capital. The other tests decide indicator by indicator; supported
counts 1, partly 0.5, not supported 0. The claim is supported when every indicator is, not
supported when the mean is below the limit for it, and partly supported in between. Indicators
without data are left out and named; such a claim is partly testable.

Close values
------------
The permutation test is exact: every group of the same size takes the place of the cluster
(Good, P. (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd edition). The
published cluster is one of them, so p is at least 1 / C(n, m). The article formed its clusters
from the same indicators by a method that looks for close values: a tight cluster shows that
its data and ours agree, not that the group is special beyond them. No correction is made for
the number of claims.
"""

from __future__ import annotations

from kzclusters.analysis.claims.decide import EVIDENCE_COLUMNS, SUMMARY_COLUMNS, Audit, decide
from kzclusters.analysis.claims.groups import GroupTest, exact_group_test, nearest_distances
from kzclusters.analysis.claims.levels import combine
from kzclusters.analysis.claims.places import NEAREST, PLACE_COLUMNS, places
from kzclusters.analysis.claims.reading import CLAIM_COLUMNS
from kzclusters.analysis.claims.rules import (
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    TESTS,
    UNTESTABLE,
    VERDICTS,
    DecidingTest,
    Limits,
    deciding_tests,
    test_table,
)

__all__ = [
    "CLAIM_COLUMNS",
    "EVIDENCE_COLUMNS",
    "NEAREST",
    "NOT_SUPPORTED",
    "PARTLY",
    "PLACE_COLUMNS",
    "SUMMARY_COLUMNS",
    "SUPPORTED",
    "TESTS",
    "UNTESTABLE",
    "VERDICTS",
    "Audit",
    "DecidingTest",
    "GroupTest",
    "Limits",
    "combine",
    "decide",
    "deciding_tests",
    "exact_group_test",
    "nearest_distances",
    "places",
    "test_table",
]
