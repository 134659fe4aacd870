"""The lesson of a year, and its answers worked out by other means.

What is right is worked out here with numpy, scipy and scikit-learn alone, from the table that
notebook 1 wrote.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import silhouette_score

from kzclusters import paths, study
from kzclusters.lesson.data import LessonData
from kzclusters.lesson.session import Lesson

STUDY = study.parameters()
TABLE = paths.PROCESSED / "indicators.csv"
REGIONS, INDICATORS = STUDY["lesson_regions"], STUDY["lesson_indicators"]
K = STUDY["n_clusters"]
YEARS = [2011, 2013, 2014]
WORKED = 14
"""Exercises worked here; tests/test_lesson_meaning.py has the others."""
GIVEN = {
    "year": STUDY["year"],
    "years": STUDY["years"],
    "regions": REGIONS,
    "indicators": INDICATORS,
    "n_clusters": K,
}
"""What the lesson of the study is made from."""
LESSON = "05_ward_by_hand"
SOLUTIONS = "solutions/05_solutions"


def make(year: int, regions: list[str] = REGIONS, columns: list[str] = INDICATORS) -> Lesson:
    given = {"year": year, "regions": regions, "indicators": columns}
    return Lesson(LessonData.read(TABLE, **{**GIVEN, **given}))


@cache
def of_year(year: int) -> Lesson:
    """Make the lesson of a year once, whichever files of tests ask for it."""
    return make(year)


@pytest.fixture(scope="module", params=YEARS)
def made(request: pytest.FixtureRequest) -> Lesson:
    return of_year(request.param)


@pytest.fixture(scope="module")
def baseline() -> Lesson:
    return of_year(STUDY["year"])


class Worked:
    """The exercises worked from the table, by other means than the package's."""

    def __init__(self, year: int, other_year: int) -> None:
        frame = pd.read_csv(TABLE, keep_default_na=False, na_values={"value": [""]})
        frame = frame[frame["variant"] == ""]
        order = list(dict.fromkeys(frame["region"]))

        def wide(at: int) -> pd.DataFrame:
            found = frame[frame["year"] == at].pivot(
                index="region", columns="indicator", values="value"
            )
            return found.loc[order].dropna(axis="columns")

        self.whole = wide(year)
        self.other = wide(other_year)[self.whole.columns]
        self.raw = self.whole.loc[REGIONS, INDICATORS].to_numpy()
        self.country = self.whole[INDICATORS]
        self.z = self.scaled(1)

    def scaled(self, ddof: int) -> np.ndarray:
        return (self.raw - self.raw.mean(axis=0)) / self.raw.std(axis=0, ddof=ddof)

    def by_country(self) -> np.ndarray:
        return (self.raw - self.country.mean().to_numpy()) / self.country.std().to_numpy()

    @staticmethod
    def whole_z(table: pd.DataFrame) -> np.ndarray:
        x = table.to_numpy()
        return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)

    @staticmethod
    def pairs(x: np.ndarray) -> dict[tuple[int, int], float]:
        return {
            (i, j): float(((x[i] - x[j]) ** 2).sum()) for i, j in combinations(range(len(x)), 2)
        }

    def nearest(self, x: np.ndarray) -> tuple[int, int]:
        found = self.pairs(x)
        return min(found, key=found.__getitem__)

    def farthest(self, x: np.ndarray) -> tuple[int, int]:
        found = self.pairs(x)
        return max(found, key=found.__getitem__)

    def from_first_pair(self) -> list[int]:
        """The other regions, the nearest to the centroid of the first pair first."""
        i, j = self.nearest(self.z)
        middle = (self.z[i] + self.z[j]) / 2
        return sorted(
            (k for k in range(len(self.z)) if k not in (i, j)),
            key=lambda k: ((self.z[k] - middle) ** 2).sum(),
        )

    def third(self) -> int:
        """The region that exercise 5 asks for."""
        return self.from_first_pair()[-1]

    def gap(self, x: np.ndarray) -> float:
        """Squared distance of the first pair's centroid to the third region."""
        i, j = self.nearest(self.z)
        return float((((x[i] + x[j]) / 2 - x[self.third()]) ** 2).sum())

    def increases(self, x: np.ndarray) -> list[float]:
        return (scipy_linkage(x, "ward")[:, 2] ** 2 / 2).tolist()

    def coefficients(self, x: np.ndarray) -> list[float]:
        return np.cumsum(self.increases(x)).tolist()

    def second(self) -> list[int]:
        tree = scipy_linkage(self.z, "ward")
        n = len(self.z)
        clusters = [[i] for i in range(n)]
        for a, b in tree[:2, :2].astype(int):
            clusters.append(clusters[a] + clusters[b])
        return clusters[-1]

    def cut(self, x: np.ndarray, k: int = K, method: str = "ward") -> np.ndarray:
        return fcluster(scipy_linkage(x, method), k, "maxclust")

    def explained(self, k: int) -> float:
        z = self.whole_z(self.whole)
        labels = self.cut(z, k)
        within = sum(
            ((z[labels == c] - z[labels == c].mean(axis=0)) ** 2).sum() for c in np.unique(labels)
        )
        return float(1 - within / (z**2).sum())

    def lone(self, method: str) -> int:
        return int((np.bincount(self.cut(self.whole_z(self.whole), method=method)) == 1).sum())

    def silhouettes(self, x: np.ndarray) -> dict[int, float]:
        return {k: float(silhouette_score(x, self.cut(x, k))) for k in range(2, 11)}

    def both_years(self) -> tuple[np.ndarray, np.ndarray]:
        return self.cut(self.whole_z(self.whole)), self.cut(self.whole_z(self.other))

    def moves(self) -> int:
        counts = pd.crosstab(*self.both_years()).to_numpy()
        rows, columns = linear_sum_assignment(-counts)
        return int(counts.sum() - counts[rows, columns].sum())

    def right(self) -> list[Any]:
        n, p = self.whole.shape
        silhouettes = self.silhouettes(self.whole_z(self.whole))
        return [
            float(self.z[-1, -1]),
            float(((self.z[-2] - self.z[-1]) ** 2).sum()),
            tuple(REGIONS[i] for i in self.nearest(self.z)),
            self.increases(self.z)[0],
            2 / 3 * self.gap(self.z),
            [REGIONS[i] for i in self.second()],
            self.coefficients(self.z),
            p * (n - 1),
            self.explained(K),
            self.lone("single"),
            max(silhouettes, key=silhouettes.__getitem__),
            self.moves(),
            2 ** (n - 1),
            2,
        ]


def worked(made: Lesson) -> Worked:
    return Worked(made.data.year, made.data.other_year)


def numbers_in(text: str) -> list[float]:
    text = re.sub(r"(?:exercises?|Hint) \d+", "", text.replace(",", ""))
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def cells(name: str) -> list:
    return nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells


def shown(cell: Any) -> str:
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/markdown", "")
        for output in cell.get("outputs", [])
    )
