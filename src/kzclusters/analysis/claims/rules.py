"""The closed list of tests that decide claims, with their limits, stated before they are run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import pandas as pd

SUPPORTED, PARTLY, NOT_SUPPORTED, UNTESTABLE = "supported", "partly", "not supported", "untestable"
VERDICTS = (SUPPORTED, PARTLY, NOT_SUPPORTED, UNTESTABLE)


@dataclass(frozen=True)
class Limits:
    """Limits of the tests; the study states them in ``study.yml``.

    Attributes
    ----------
    tight : level of p at or below which a cluster is called tight
    partly_tight : level at or below which it is called partly tight
    margin : distance from the mean, in standard deviations, that makes a value high or low
    majority : mean score over several indicators below which a claim is not supported
    """

    tight: float
    partly_tight: float
    margin: float
    majority: float


@dataclass(frozen=True)
class DecidingTest:
    """A way to decide a claim, in words, with the direction of the claims it is for."""

    name: str
    direction: str
    statement: str
    rule: str
    statistic: str


TESTS: dict[str, DecidingTest] = {
    test.name: test
    for test in (
        DecidingTest(
            "close_values",
            "similar",
            "The members lie closer together than groups of regions of that size usually do.",
            "The spread is compared with that of every group of the same size; p is the share of "
            "groups at least as tight. Supported at p <= {limits.tight}, partly at p <= "
            "{limits.partly_tight}. A cluster of one has no spread: untestable.",
            "mean squared deviation of the members' z-scores from their mean, over members and "
            "indicators",
        ),
        DecidingTest(
            "high",
            "high",
            "The members rank high among the regions and above the country.",
            "Two conditions: every member is above the national figure, and the members' mean z "
            "is at least {limits.margin}. Both: supported; one: partly; none: not supported."
            " Where in no year a group of that size in clusters of several could meet both: "
            "untestable.",
            "mean z of the members",
        ),
        DecidingTest(
            "low",
            "low",
            "The members rank low among the regions and below the country.",
            "Two conditions: every member is below the national figure, and the members' mean z "
            "is at most -{limits.margin}. Both: supported; one: partly; none: not supported."
            " Where in no year a group of that size in clusters of several could meet both: "
            "untestable.",
            "mean z of the members",
        ),
        DecidingTest(
            "average",
            "average",
            "The members are near the middle of the regions and near the country.",
            "Two conditions: every member is less than {limits.margin} standard deviations of the "
            "regions from the national figure, and every member's z is between "
            "-{limits.margin} and {limits.margin}. Both: supported; one: partly; none: not "
            "supported.",
            "largest |z| of a member",
        ),
        DecidingTest(
            "above_average",
            "above",
            "The members are above the national figure.",
            "Every member is above it: supported; some: partly; none: not supported.",
            "share of the members above the national figure",
        ),
        DecidingTest(
            "below_average",
            "below",
            "The members are below the national figure.",
            "Every member is below it: supported; some: partly; none: not supported.",
            "share of the members below the national figure",
        ),
        DecidingTest(
            "isolated",
            "apart",
            "The region, a cluster of its own, is far from every other region.",
            "Regions are ranked by the distance to their nearest other region. Supported when "
            "the rank is within the number of clusters of one that the article publishes, partly "
            "when it is in the upper quarter, otherwise not supported.",
            "Euclidean distance to the nearest other region in z-scores, divided by the square "
            "root of the number of indicators",
        ),
        DecidingTest(
            "contiguous",
            "close",
            "The members border one another.",
            "Every pair of members shares a border: supported; the members hang together through "
            "shared borders among themselves: partly; otherwise not supported. p is the share of "
            "groups of the same size with at least as many shared borders.",
            "share of the pairs of members that share a border",
        ),
        DecidingTest(
            "none",
            "none",
            "No series of the study bears on the claim.",
            "Untestable; what would be needed is named with the claim.",
            "",
        ),
    )
}
"""The tests by name; the limits in their rules are placeholders that `deciding_tests` fills.
Where no national figure exists, the mean of the regions takes its place."""


def deciding_tests(limits: Limits) -> dict[str, DecidingTest]:
    """Return the tests by name, worded with their limits."""
    return {
        name: replace(test, rule=test.rule.format(limits=limits)) for name, test in TESTS.items()
    }


def test_table(limits: Limits) -> pd.DataFrame:
    """Return the tests as a table: name, direction, statement, rule, statistic."""
    return pd.DataFrame([asdict(test) for test in deciding_tests(limits).values()])
