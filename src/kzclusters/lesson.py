"""Ward's method by hand: the lesson's tables, worked examples and answers checked.

`kzclusters.exercises` holds the exercises, `kzclusters.answers` judges. Nothing is stored: all
is computed from the tables of the lesson when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from kzclusters import agreement, answers, paths, results, sources, validity, ward
from kzclusters import indicators as definitions
from kzclusters.answers import Verdict
from kzclusters.errors import InputError
from kzclusters.exercises import EXERCISES, Exercise
from kzclusters.tables import check_k, check_table, read_table

MAX_K = 10
"""The most clusters tried where the number of clusters is in question."""

CRITERIA: Mapping[str, str] = {
    "Jump refused": "largest",
    "Mean silhouette": "largest",
    "Calinski–Harabasz": "largest",
    "Davies–Bouldin": "smallest",
}
"""Criteria for the number of clusters that the lesson compares, and which value is best."""


def merges(table: pd.DataFrame, method: str = "ward") -> list[tuple[frozenset, frozenset]]:
    """The two clusters merged at each stage, as sets of labels."""
    clusters = [frozenset([label]) for label in table.index]
    pairs = []
    for a, b in ward.linkage(table, method)[:, :2].astype(int).tolist():
        pairs.append((clusters[a], clusters[b]))
        clusters.append(clusters[a] | clusters[b])
    return pairs


def merge_costs(table: pd.DataFrame) -> pd.DataFrame:
    """Every merge that is possible at every stage of Ward's method, and what it would cost.

    Parameters
    ----------
    table : DataFrame, shape (n, p), scaled

    Returns
    -------
    DataFrame
        ``stage``; ``cluster_a``, ``cluster_b`` (tuples of labels); ``n_a``, ``n_b``;
        ``squared_distance`` of the centroids; ``factor`` n_a n_b / (n_a + n_b); ``increase`` of
        the within-cluster sum of squares, their product (Ward 1963); ``made``, whether the tree
        makes this merge.
    """
    table = check_table(table)
    place = {label: i for i, label in enumerate(table.index)}
    clusters = [(label,) for label in table.index]
    rows = []
    for stage, (one, two) in enumerate(merges(table), start=1):
        for a, b in combinations(clusters, 2):
            gap = table.loc[list(a)].mean() - table.loc[list(b)].mean()
            squared, factor = float((gap**2).sum()), len(a) * len(b) / (len(a) + len(b))
            rows.append({
                "stage": stage, "cluster_a": a, "cluster_b": b, "n_a": len(a), "n_b": len(b),
                "squared_distance": squared, "factor": factor, "increase": factor * squared,
                "made": {frozenset(a), frozenset(b)} == {one, two},
            })
        rest = [c for c in clusters if frozenset(c) not in (one, two)]
        joined = tuple(sorted(one | two, key=place.__getitem__))
        clusters = sorted([*rest, joined], key=lambda c: place[c[0]])
    return pd.DataFrame(rows)


def turned(Z: np.ndarray, labels: Sequence) -> list:
    """The leaf order after turning the last joint round: the same tree, drawn otherwise."""
    n = len(labels)
    order = [labels[i] for i in ward.leaf_order(Z)]
    left = int(min(Z[-1, :2]))
    size = 1 if left < n else int(Z[left - n, 3])
    return order[size:] + order[:size]


def shuffled(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every column shuffled by itself: the same values, and no relation between the columns.

    The rows are no objects any more and are called "row 1", "row 2", ...
    """
    rng = np.random.default_rng(seed)
    values = {column: rng.permutation(table[column].to_numpy()) for column in table.columns}
    return pd.DataFrame(values, index=[f"row {i}" for i in range(1, len(table) + 1)])


class Lesson:
    """The lesson on one study: three tables, the exercises and their check.

    Parameters
    ----------
    small : DataFrame, shape (3 or more, 2)
        A few regions and two indicators, in their units.
    whole : DataFrame, shape (n, p)
        All regions and indicators; its rows include those of ``small``.
    others : year → DataFrame, shape (n, p)
        The same regions and indicators in other years, at least one.
    year : int
        The year of ``small`` and ``whole``.
    n_clusters : int, 1..n
        Where the tree of ``whole`` is cut.
    names : label → every name that a learner may write, the readable one first
    variables : indicator → readable name
    small_in_country : DataFrame, shape (n, 2), optional
        The two indicators for all regions, to recognise a scaling over all of them.

    Raises
    ------
    InputError
        A table breaks a rule or does not fit the others.
    """

    def __init__(
        self,
        small: pd.DataFrame,
        whole: pd.DataFrame,
        others: Mapping[int, pd.DataFrame],
        *,
        year: int,
        n_clusters: int,
        names: Mapping[str, Sequence[str]] | None = None,
        variables: Mapping[str, str] | None = None,
        small_in_country: pd.DataFrame | None = None,
    ) -> None:
        self.small = check_table(small, min_rows=3, name="small table")
        self.whole = check_table(whole, min_rows=4, name="whole table")
        self.others = {
            at: check_table(table, min_rows=4, name=f"table of {at}")
            for at, table in sorted(others.items())
        }
        if self.small.shape[1] != 2:
            raise InputError(f"the small table has {self.small.shape[1]} column(s), 2 are needed")
        if not self.small.index.isin(self.whole.index).all():
            raise InputError("the small table has a region that the whole table does not have")
        if not self.others:
            raise InputError(f"no other year has all the indicators of {year}")
        for at, table in self.others.items():
            if list(table.index) != list(whole.index) or list(table.columns) != list(whole.columns):
                raise InputError(f"the tables of {year} and {at} differ in their rows or columns")
        self.year = year
        # the next year, or else the last one before
        self.other_year = min(self.others, key=lambda at: (at < year, abs(at - year)))
        self.n_clusters = check_k(n_clusters, len(self.whole))
        known = names or {}
        self.called = {
            label: [*known.get(label, []), str(label)] for label in self.whole.index
        }
        self.names = {label: str(spelled[0]) for label, spelled in self.called.items()}
        self.variables = {
            column: (variables or {}).get(column, str(column))
            for column in [*self.whole.columns, *self.small.columns]
        }
        self.small_in_country = small_in_country

    @classmethod
    def read(
        cls,
        table_path: str | Path,
        *,
        year: int,
        years: Iterable[int],
        regions: Sequence[str],
        indicators: Sequence[str],
        n_clusters: int,
    ) -> Lesson:
        """The lesson on the indicators that notebook 1 wrote.

        Parameters
        ----------
        table_path : path of ``indicators.csv``
        year : of the lesson
        years : the years of the study; those are compared in which all indicators of ``year``
            exist
        regions, indicators : codes of the small table
        n_clusters : where the whole tree is cut

        Raises
        ------
        InputError
            A region, an indicator or a second year is missing.
        """
        path = paths.resolve(table_path)
        whole = read_table(path, year=year)
        country = read_table(path, year=year, columns=list(indicators))
        unknown = [code for code in regions if code not in whole.index]
        if unknown:
            raise InputError(f"{path.name}: there is no region {unknown[0]!r}")
        if len(set(regions)) < len(list(regions)):
            raise InputError("lesson_regions names a region more than once")
        listed = sources.regions()
        registry = definitions.registry()
        every = [*whole.columns, *indicators]
        return cls(
            country.loc[list(regions)],
            whole,
            {
                at: read_table(path, year=at, columns=list(whole.columns))
                for at in comparable_years(path, year, years)
            },
            year=year,
            n_clusters=n_clusters,
            names={
                code: [row["name_en"], row["name_ru"], row["name_kk"]]
                for code, row in listed.iterrows()
            },
            variables={
                code: registry[code.split(":")[0]].name
                for code in every
                if code.split(":")[0] in registry
            },
            small_in_country=country,
        )

    # ------------------------------------------------------------------ what is computed

    @cached_property
    def z(self) -> pd.DataFrame:
        """The small table as z-scores."""
        return ward.standardize(self.small)

    @cached_property
    def z_whole(self) -> pd.DataFrame:
        """The whole table as z-scores."""
        return ward.standardize(self.whole)

    @cached_property
    def tree_whole(self) -> np.ndarray:
        """The linkage matrix of the whole table."""
        return ward.linkage(self.z_whole)

    @cached_property
    def clusters(self) -> pd.Series:
        """The clusters of the whole table at ``n_clusters``."""
        return pd.Series(
            ward.cut(self.tree_whole, self.n_clusters), index=self.whole.index, name="cluster"
        )

    @cached_property
    def by_year(self) -> pd.DataFrame:
        """The clusters at ``n_clusters``, one column a year, the years in order."""
        tables = {self.year: self.whole, **self.others}
        return pd.DataFrame(
            {
                at: ward.cut(ward.linkage(ward.standardize(tables[at])), self.n_clusters)
                for at in sorted(tables)
            },
            index=self.whole.index,
        )

    @property
    def other_clusters(self) -> pd.Series:
        """The clusters of the other year at ``n_clusters``."""
        return self.by_year[self.other_year].rename("cluster")

    def moved(self) -> pd.DataFrame:
        """Which regions have moved since the year of the lesson, shaped as `by_year`."""
        here = self.by_year[self.year]
        return pd.DataFrame(
            {at: here.index.isin(agreement.moves(here, self.by_year[at])) for at in self.by_year},
            index=here.index,
        )

    @cached_property
    def stages(self) -> list[tuple[frozenset, frozenset]]:
        """The two clusters of the small table merged at each stage, as sets of labels."""
        return merges(self.z)

    @cached_property
    def pairs(self) -> pd.Series:
        """Squared distances of the pairs of the small table, scaled; the index the pairs."""
        return _pair_distances(self.z)

    @cached_property
    def pairs_unscaled(self) -> pd.Series:
        """The same without scaling."""
        return _pair_distances(self.small)

    @property
    def asked_pair(self) -> tuple[Any, Any]:
        """The two regions whose distance is an exercise."""
        return self.small.index[-2], self.small.index[-1]

    @property
    def example_pair(self) -> tuple[Any, Any]:
        """The pair of the worked examples: the farthest that gives no exercise away."""
        rest = self.pairs.drop([self.pairs.idxmin()])
        rest = rest[[set(pair) != set(self.asked_pair) for pair in rest.index]]
        return rest.idxmax()

    @property
    def ks(self) -> range:
        """The numbers of clusters tried where that number is in question."""
        return range(2, min(MAX_K, len(self.whole) - 1) + 1)

    def criteria(self) -> pd.DataFrame:
        """The `CRITERIA` for Ward's clusters of the whole table, by number of clusters."""
        coefficients = ward.agglomeration_schedule(self.z_whole)["coefficient"]
        jumps, n = np.diff([0.0, *coefficients]), len(self.whole)
        values = validity.indices(self.z_whole, self.ks).pivot(
            index="k", columns="index", values="value"
        )
        # Davies-Bouldin in the form of scikit-learn, which a reader may want to recompute
        db = [validity.davies_bouldin(self.z_whole, ward.cut(self.tree_whole, k)) for k in self.ks]
        columns = [[jumps[n - k] for k in self.ks], values["silhouette"], values["ch"], db]
        return pd.DataFrame(
            dict(zip(CRITERIA, columns, strict=True)), index=pd.Index(self.ks, name="k")
        )

    def name(self, label: Any) -> str:
        """The readable name of a region."""
        return self.names[label]

    def spelled(self, labels: Iterable[Any]) -> dict[str, Any]:
        """Every way to write a region, in lower case → its label."""
        return {
            " ".join(str(word).split()).casefold(): label
            for label in labels for word in self.called[label]
        }

    def listed(self, labels: Iterable[Any]) -> str:
        """Readable names, "a, b and c"; "none" where there is none."""
        return results.listing([self.names[label] for label in labels])

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table with readable row names."""
        return frame.rename(index=self.names).rename_axis(index=None)

    # ----------------------------------------------------------------- shown in the lesson

    def example_scaling(self) -> str:
        """A z-score worked in a sentence: the first region in the first indicator."""
        region, column = self.small.index[0], self.small.columns[0]
        x = self.small[column]
        value, mean, s = x[region], x.mean(), x.std()
        return (
            f"**Worked example.** {self.name(region)} in {column}: the value is {value:,.1f}, the "
            f"mean of the {len(x)} regions {mean:,.1f}, the standard deviation {s:,.1f}. So "
            f"z = ({value:,.1f} − {mean:,.1f}) / {s:,.1f} = {written((value - mean) / s)}."
        )

    def example_distance(self) -> str:
        """A squared distance worked in a sentence."""
        a, b = self.example_pair
        gap = self.z.loc[a] - self.z.loc[b]
        parts = [f"{written(value)} in {column}" for column, value in gap.items()]
        squares = [f"{value**2:.2f}" for value in gap]
        return (
            f"**Worked example.** {self.name(a)} and {self.name(b)} differ by "
            f"{' and by '.join(parts)}. Squared: {' and '.join(squares)}. The squared distance is "
            f"their sum, {(gap**2).sum():.2f}."
        )

    def example_increase(self) -> str:
        """The increase of the sum of squares worked both ways."""
        pair = list(self.example_pair)
        centroid = self.z.loc[pair].mean()
        apart = ((self.z.loc[pair] - centroid) ** 2).sum(axis=1)
        distance = self.pairs[self.example_pair]
        return (
            f"**Worked example.** {self.listed(pair)}.\n\n"
            f"* *The long way.* Their centroid is ({', '.join(map(written, centroid))}). The "
            f"squared distances to it are {' and '.join(f'{value:.3f}' for value in apart)}, together "
            f"{apart.sum():.3f}. Before the merge there was nothing, so the increase is "
            f"{apart.sum():.3f}.\n"
            f"* *The short cut.* The squared distance of the two is {distance:.3f}, the factor "
            f"(1 × 1) / (1 + 1) = 0.5, and the increase 0.5 × {distance:.3f} = {distance / 2:.3f}."
        )

    def first_merges(self) -> pd.DataFrame:
        """The nearest pair of the small table, unscaled and scaled."""
        pairs = {"unscaled": self.pairs_unscaled.idxmin(), "scaled": self.pairs.idxmin()}
        return pd.DataFrame(
            {"nearest pair": {key: self.listed(pair) for key, pair in pairs.items()}}
        )

    def costs(self) -> pd.DataFrame:
        """`merge_costs` of the small table with readable names; the index the stages."""
        found = merge_costs(self.z)
        return pd.DataFrame(
            {
                "cluster a": found["cluster_a"].map(self.listed),
                "cluster b": found["cluster_b"].map(self.listed),
                "squared distance": found["squared_distance"],
                "n_a": found["n_a"],
                "n_b": found["n_b"],
                "factor": found["factor"],
                "increase": found["increase"],
                "": found["made"].map({True: "◀ merged", False: ""}),
            }
        ).set_index(found["stage"])

    def near_and_cheap(self) -> pd.DataFrame:
        """At the second merge: the nearest centroids beside the smallest increase."""
        second = self.costs().loc[[2]].drop(columns="").reset_index(drop=True)
        rows = [second["squared distance"].idxmin(), second["increase"].idxmin()]
        return second.loc[rows].set_axis(["nearest centroids", "smallest increase"])

    def schedule(self, z: pd.DataFrame) -> pd.DataFrame:
        """The agglomeration schedule of a scaled table with readable names; the index the stages."""
        found = ward.agglomeration_schedule(z).drop(columns="tie").set_index("stage")
        for column in ("label_1", "label_2"):
            found[column] = found[column].map(self.names)
        return found

    # -------------------------------------------------------------------- asking, checking

    def ask(self, exercise: int) -> Markdown:
        """The question of an exercise, with the names of the regions filled in."""
        return Markdown(f"**Exercise {exercise}.** {self._exercise(exercise).question}")

    def check(self, exercise: int, answer: Any) -> Verdict:
        """Say whether ``answer`` is right, or what is wrong with it; None is not answered yet."""
        made = self._exercise(exercise)
        return answers.judge(exercise, answer, made.find, made.praise)

    def progress(self, *given: Any) -> Markdown:
        """How many of the answers, in the order of the exercises, are right."""
        states = [self.check(number, answer) for number, answer in enumerate(given, start=1)]
        counts = {state: sum(v.state == state for v in states) for state in
                  (answers.RIGHT, answers.WRONG, answers.UNANSWERED)}
        again = [str(v.exercise) for v in states if v.state == answers.WRONG]
        text = (
            f"**{counts[answers.RIGHT]} of {self.n_exercises} right**, {counts[answers.WRONG]} to "
            f"look at again, {self.n_exercises - len(states) + counts[answers.UNANSWERED]} not "
            "answered yet."
        )
        return Markdown(text + (f" Look again at {', '.join(again)}." if again else ""))

    @property
    def n_exercises(self) -> int:
        """How many exercises there are."""
        return len(EXERCISES)

    def _exercise(self, number: int) -> Exercise:
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not (
            1 <= number <= self.n_exercises
        ):
            raise InputError(f"there is no exercise {number!r}: they are 1..{self.n_exercises}")
        if number not in self._made:
            self._made[int(number)] = EXERCISES[number - 1](self)
        return self._made[int(number)]

    @cached_property
    def _made(self) -> dict[int, Exercise]:
        return {}


def comparable_years(path: str | Path, year: int, years: Iterable[int]) -> list[int]:
    """The other years of the study in which all indicators of ``year`` exist, in order."""
    path = paths.resolve(path)
    needed = set(read_table(path, year=year).columns)
    return [
        at for at in sorted(set(years))
        if at != year and needed <= set(read_table(path, year=at).columns)
    ]


def written(value: float, digits: int = 2) -> str:
    """A number for a sentence, with a typographic minus."""
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _pair_distances(table: pd.DataFrame) -> pd.Series:
    """Squared distances of all pairs of rows; the index holds the pairs in row order."""
    proximity = ward.proximity_matrix(table)
    pairs = list(combinations(table.index, 2))
    return pd.Series(
        [float(proximity.loc[a, b]) for a, b in pairs], index=pd.Index(pairs, tupleize_cols=False)
    )
