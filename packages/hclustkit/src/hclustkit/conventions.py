"""Conventions of programs: what their linkages work on, and what they print as heights."""

from __future__ import annotations

from dataclasses import dataclass

from hclustkit.tree.linkage import linkage_name


@dataclass(frozen=True)
class Convention:
    """What the linkage of a program works on, and what it prints as heights.

    Attributes
    ----------
    method : str
        The linkage, by the name it has here.
    power : int
        The update formula works on Euclidean distances (1) or on their squares (2).
    heights : str
        ``distance``: what the formula gives; ``root``: its square root; ``sum``: half of it,
        summed over the merges so far, which is the within-cluster sum of squares.
    """

    method: str
    power: int
    heights: str

    def __str__(self) -> str:
        """Return the convention in words."""
        what = {
            "distance": "the distances themselves",
            "root": "their square roots",
            "sum": "cumulative sums of squares",
        }[self.heights]
        given = "squared distances" if self.power == 2 else "distances"
        return f"{linkage_name(self.method)} on {given}, heights: {what}"


_ROOTED = {name: Convention(name, 2, "root") for name in ("ward", "centroid", "median")}
_PLAIN = {name: Convention(name, 1, "distance") for name in ("average", "complete", "single")}
_SCIPY = {**_ROOTED, **_PLAIN, "weighted": Convention("weighted", 1, "distance")}

PROGRAMS: dict[str, Convention] = {
    "R.ward.D2": _ROOTED["ward"],
    "R.ward.D": Convention("ward", 1, "distance"),
    "R.agnes.ward": _ROOTED["ward"],
    **{f"R.{name}": each for name, each in _PLAIN.items()},
    "R.mcquitty": _SCIPY["weighted"],
    "R.centroid": Convention("centroid", 1, "distance"),
    "R.median": Convention("median", 1, "distance"),
    "SPSS.ward": Convention("ward", 2, "sum"),
    **{
        f"SPSS.{name}": Convention(name, 2, "distance")
        for name in ("average", "complete", "single", "centroid", "median")
    },
    **{f"scipy.{name}": each for name, each in _SCIPY.items()},
    **{f"fastcluster.{name}": each for name, each in _SCIPY.items()},
    **{f"scikit-learn.{name}": each for name, each in {**_PLAIN, "ward": _ROOTED["ward"]}.items()},
}
"""Programs with their defaults: R's hclust on dist(x) and agnes, SPSS's CLUSTER on its default
measure, the squared Euclidean distance (average is its BAVERAGE), and the Python packages."""

DIVISORS = {"R": "n - 1", "SPSS": "n - 1", "scipy": "n", "fastcluster": "n", "scikit-learn": "n"}
"""What the standard deviation divides by where each program standardizes: R's scale, SPSS's
DESCRIPTIVES, scipy.stats.zscore, scikit-learn's StandardScaler."""
