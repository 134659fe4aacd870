"""The tables of the lesson and what is computed from them: no text, no session.

Everything is computed when it is first asked for; nothing is stored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from hclustkit import Tree, compare, cut, linkage, standardize, validity
from hclustkit.errors import InputError, refusal
from hclustkit.space import Neighbours, neighbours_from_pairs
from hclustkit.tables import check_k, check_table, read_table

from kzclusters import paths
from kzclusters import study as studies
from kzclusters.analysis import results
from kzclusters.evidence import article, sources
from kzclusters.evidence import indicators as definitions
from kzclusters.lesson.steps import Cluster, merge_costs, merges, pair_distances

MAX_K = 10
"""The largest number of clusters tried where that number is in question."""

_KIND = re.compile(r"\b(г\.|область|облысы|қаласы|region|city)(?!\w)")
"""What a region is, in its name; without it the name is short."""
_RUSSIAN = str.maketrans("әғқңөұүһі", "агкноууги")
"""Kazakh letters as they are written on a Russian keyboard."""

CRITERIA: Mapping[str, str] = {
    "Jump refused": "largest",
    "Mean silhouette": "largest",
    "Calinski–Harabasz": "largest",
    "Davies–Bouldin": "smallest",
}
"""Criteria for the number of clusters that the lesson compares, and which value is best."""


def comparable_tables(path: str | Path, year: int, years: Iterable[int]) -> dict[int, pd.DataFrame]:
    """Read the table of ``year`` and those of the years that have all its indicators, in order."""
    path = paths.resolve(path)
    found = {at: read_table(path, year=at, columns="all") for at in [year, *years]}
    columns = list(found[year].columns)
    return {at: found[at][columns] for at in sorted(found) if {*columns} <= {*found[at].columns}}


class LessonData:
    """The data of one lesson: three tables, and what is computed from them.

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
    n_clusters : int, 2..n - 1
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
        self.year = year
        self._check_fit()
        # the next year, or else the last one before
        self.other_year = min(self.others, key=lambda at: (at < year, abs(at - year)))
        n = len(self.whole)
        self.n_clusters = check_k(n_clusters, n)
        if not 1 < n_clusters < n:
            text = f"the lesson needs from 2 to {n - 1} clusters, got {n_clusters}"
            raise refusal(text, "n_clusters", "k-range", n_clusters)
        known = names or {}
        self.spellings = {label: [*known.get(label, []), str(label)] for label in self.whole.index}
        self.names = {label: str(found[0]) for label, found in self.spellings.items()}
        self.variables = {
            column: (variables or {}).get(column, str(column))
            for column in [*self.whole.columns, *self.small.columns]
        }
        self.small_in_country = small_in_country

    def _check_fit(self) -> None:
        """Raise an `InputError` where the tables do not fit each other."""
        columns = self.small.shape[1]
        if columns != 2:
            said = f"the small table needs 2 columns and has {columns}"
            raise InputError(said, place="lesson_indicators", rule="column-count", value=columns)
        outside = [label for label in self.small.index if label not in self.whole.index]
        if outside:
            said = f"the small table has the region {outside[0]!r}, which the whole table lacks"
            raise InputError(said, place="lesson_regions", rule="unknown-region", value=outside[0])
        if not self.others:
            said = f"no other year has all the indicators of {self.year}"
            raise InputError(said, place="years", rule="comparable-year", value=self.year)
        for at, table in self.others.items():
            if not (
                table.index.equals(self.whole.index) and table.columns.equals(self.whole.columns)
            ):
                text = f"the tables of {self.year} and {at} differ in their rows or columns"
                raise refusal(text, f"table of {at}", "same-labels", at)

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
    ) -> LessonData:
        """Read the data of the lesson from the indicators that notebook 1 writes.

        Parameters
        ----------
        table_path : path of ``indicators.csv``
        year : of the lesson
        years : the years of the study; those with all indicators of ``year`` are compared
        regions, indicators : codes of the small table
        n_clusters : where the whole tree is cut

        Raises
        ------
        InputError
            A region, an indicator or a second year is missing.
        """
        path = paths.resolve(table_path)
        tables = comparable_tables(path, year, years)
        whole = tables.pop(year)
        country = read_table(path, year=year, columns=list(indicators))
        for code in regions:
            wrong = "unknown-region" if code not in whole.index else "duplicate-label"
            if code not in whole.index or list(regions).count(code) > 1:
                said = "is not in the table" if wrong == "unknown-region" else "is repeated"
                message = f"lesson_regions: {code!r} {said} ({path.name})"
                raise InputError(message, place="lesson_regions", rule=wrong, value=code)
        registry = definitions.registry()
        every = [*whole.columns, *indicators]
        spelled = {
            code: [row["name_en"], row["name_ru"], row["name_kk"]]
            for code, row in sources.regions().iterrows()
        }
        known = {code: registry.get(code.split(":")[0]) for code in every}
        variables = {code: found.name for code, found in known.items() if found}
        return cls(
            country.loc[list(regions)],
            whole,
            tables,
            year=year,
            n_clusters=n_clusters,
            names=spelled,
            variables=variables,
            small_in_country=country,
        )

    # ------------------------------------------------------------------ the small table

    @cached_property
    def z(self) -> pd.DataFrame:
        """The small table as z-scores."""
        return standardize(self.small)

    @property
    def digits(self) -> int:
        """Decimals of the small table as printed: enough for z-scores with two decimals."""
        return max(1, math.ceil(2.3 - math.log10(self.small.std().min())))

    @cached_property
    def stages(self) -> list[tuple[Cluster, Cluster]]:
        """The two clusters of the small table merged at each stage."""
        return merges(self.z)

    @cached_property
    def pairs(self) -> pd.Series:
        """Squared distances of the pairs of the small table, scaled."""
        return pair_distances(self.z)

    @cached_property
    def pairs_unscaled(self) -> pd.Series:
        """Squared distances of the pairs of the small table in their own units."""
        return pair_distances(self.small)

    @cached_property
    def first_pair(self) -> list[Hashable]:
        """The two regions of the first merge, in the order of the table."""
        one, two = self.stages[0]
        return [label for label in self.z.index if label in one | two]

    @property
    def asked_pair(self) -> tuple[Hashable, Hashable]:
        """The two regions whose distance an exercise asks for."""
        return self.small.index[-2], self.small.index[-1]

    @property
    def third(self) -> Hashable:
        """The region that joins the first pair in an exercise: the farthest from its centroid.

        There every slip leads to a different number; near it some hardly differ from the truth.
        """
        gap = self.z.drop(index=self.first_pair) - self.z.loc[self.first_pair].mean()
        return (gap**2).sum(axis=1).idxmax()

    @property
    def example_pair(self) -> tuple[Hashable, Hashable]:
        """The pair of the worked examples: the farthest that gives no exercise away."""
        rest = self.pairs.drop([self.pairs.idxmin()])
        rest = rest[[set(pair) != set(self.asked_pair) for pair in rest.index]]
        return rest.idxmax()

    def small_otherwise_scaled(self) -> dict[str, pd.DataFrame]:
        """Give the small table under each wrong scaling that a learner may choose."""

        def z_scores(by: pd.DataFrame, ddof: int) -> pd.DataFrame:
            return (self.small - by.mean()) / by.std(ddof=ddof)

        found = {"unscaled": self.small, "ddof": z_scores(self.small, 0)}
        if self.small_in_country is not None:
            found["other sample"] = z_scores(self.small_in_country, 1)
        return found

    # ------------------------------------------------------------------ the whole table

    @cached_property
    def z_whole(self) -> pd.DataFrame:
        """The whole table as z-scores."""
        return standardize(self.whole)

    @cached_property
    def tree_whole(self) -> np.ndarray:
        """The linkage matrix of the whole table."""
        return linkage(self.z_whole)

    def cut(self, method: str = "ward", k: int | None = None) -> pd.Series:
        """Cut the tree of the whole table under a linkage into ``n_clusters``, or k."""
        tree = self.tree_whole if method == "ward" else linkage(self.z_whole, method)
        k = self.n_clusters if k is None else k
        return pd.Series(cut(tree, k), index=self.whole.index, name="cluster")

    @cached_property
    def clusters(self) -> pd.Series:
        """Ward's clusters of the whole table at ``n_clusters``."""
        return self.cut()

    @cached_property
    def claim_margin(self) -> float:
        """How far from the mean "high" and "low" are, in standard deviations."""
        return float(studies.parameters()["thresholds"]["claim_margin"])

    @cached_property
    def by_year(self) -> pd.DataFrame:
        """The clusters at ``n_clusters``, one column a year, the years in order."""
        tables = {self.year: self.whole, **self.others}
        trees = {at: linkage(standardize(tables[at])) for at in sorted(tables)}
        cuts = {at: cut(tree, self.n_clusters) for at, tree in trees.items()}
        return pd.DataFrame(cuts, index=self.whole.index)

    @property
    def other_clusters(self) -> pd.Series:
        """The clusters of the other year at ``n_clusters``."""
        return self.by_year[self.other_year].rename("cluster")

    def moves_by_year(self) -> pd.DataFrame:
        """Mark the regions that have moved since the year of the lesson, shaped as `by_year`."""
        here = self.by_year[self.year]
        moved = {at: here.index.isin(compare.moves(here, self.by_year[at])) for at in self.by_year}
        return pd.DataFrame(moved, index=here.index)

    @property
    def ks(self) -> range:
        """The numbers of clusters tried where that number is in question."""
        return range(2, min(MAX_K, len(self.whole) - 1) + 1)

    def by_k(self, index: Callable[[pd.DataFrame, pd.Series], float]) -> pd.Series:
        """Compute an index of Ward's clusters of the whole table for every number of clusters."""
        values = [index(self.z_whole, self.cut(k=k)) for k in self.ks]
        return pd.Series(values, index=pd.Index(self.ks, name="k"))

    def jumps(self) -> pd.Series:
        """Give the increase of the merge that a cut into k clusters refuses, for every k."""
        coefficients = Tree.from_table(self.z_whole).schedule()["coefficient"]
        steps, n = np.diff([0.0, *coefficients]), len(self.whole)
        return pd.Series([steps[n - k] for k in self.ks], index=pd.Index(self.ks, name="k"))

    def criteria(self) -> pd.DataFrame:
        """Tabulate the `CRITERIA` for Ward's clusters of the whole table, by number of clusters."""
        n = len(self.whole)

        def calinski_harabasz(table: pd.DataFrame, clusters: pd.Series) -> float:
            k = clusters.nunique()
            between = validity.between_ss(table, clusters) / (k - 1)
            return between / (validity.within_ss(table, clusters) / (n - k))

        columns = [
            self.jumps(),
            self.by_k(validity.mean_silhouette),
            self.by_k(calinski_harabasz),
            self.by_k(validity.davies_bouldin),
        ]
        return pd.DataFrame(dict(zip(CRITERIA, columns, strict=True)))

    # ------------------------------------------------------------------ the map

    @cached_property
    def neighbours(self) -> Neighbours:
        """The pairs of regions with a common border."""
        labels = list(self.whole.index)
        pairs = pd.read_csv(paths.RAW / "neighbours.csv")
        inside = pairs[pairs.isin(labels).all(axis=1)]
        return neighbours_from_pairs(inside, labels, rule="common border")

    def borders_on(self, region: Hashable) -> list[Hashable]:
        """List the neighbours of a region."""
        row = self.neighbours.matrix().toarray()[self.whole.index.get_loc(region)]
        return list(self.whole.index[row > 0])

    @cached_property
    def published(self) -> pd.Series:
        """The clusters of Figure 3."""
        return article.published_clusters().reindex(self.whole.index)

    # ------------------------------------------------------------------ names

    def spelled(self, labels: Iterable[Hashable]) -> dict[str, Hashable]:
        """Map every way to write a region, in lower case, to its label; short ones of one alone."""
        whole: dict[str, Hashable] = {}
        short: dict[str, set[Hashable]] = {}
        for label in labels:
            for word in self.spellings[label]:
                text = " ".join(str(word).split()).casefold()
                whole[text] = label
                name = _KIND.sub("", text).strip()
                for form in (name, name.translate(_RUSSIAN)):
                    short.setdefault(form, set()).add(label)
        alone = {form: next(iter(found)) for form, found in short.items() if len(found) == 1}
        return alone | whole

    def list_names(self, labels: Iterable[Hashable]) -> str:
        """Write readable names as "a, b and c"; "none" where there are none."""
        return results.listing([self.names[label] for label in labels])

    def with_names(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give a table readable row names."""
        return frame.rename(index=self.names).rename_axis(index=None)

    # ------------------------------------------------------------------ tables shown

    def first_merges(self) -> pd.DataFrame:
        """Tabulate the nearest pair of the small table, unscaled and scaled."""
        pairs = {"unscaled": self.pairs_unscaled.idxmin(), "scaled": self.pairs.idxmin()}
        return pd.DataFrame(
            {"nearest pair": {key: self.list_names(pair) for key, pair in pairs.items()}}
        )

    def costs(self) -> pd.DataFrame:
        """Tabulate `merge_costs` of the small table with readable names, by stage."""
        found = merge_costs(self.z)
        for column in ("cluster_a", "cluster_b"):
            found[column] = found[column].map(self.list_names)
        found["made"] = found["made"].map({True: "◀ merged", False: ""})
        titles = {name: name.replace("_", " ") for name in found if not name.startswith("n_")}
        found = found.rename(columns={**titles, "made": ""}).set_index("stage")
        sizes = ["n_a", "n_b"]
        return found[
            ["cluster a", "cluster b", "squared distance", *sizes, "factor", "increase", ""]
        ]

    def near_and_cheap(self) -> pd.DataFrame:
        """Tabulate the second merge: the nearest centroids beside the smallest increase."""
        second = self.costs().loc[[2]].drop(columns="").reset_index(drop=True)
        rows = [second["squared distance"].idxmin(), second["increase"].idxmin()]
        return second.loc[rows].set_axis(["nearest centroids", "smallest increase"])

    def matching(self) -> pd.DataFrame:
        """Match the clusters of the year with those of the other year so that the fewest move.

        Returns
        -------
        DataFrame
            Columns ``cluster in <year>``, ``cluster in <other year>`` (members, empty without a
            partner), ``stay``: how many both have.
        """
        a, b = self.clusters, self.other_clusters
        gone = set(compare.moves(a, b))
        rows = []
        for number in sorted(a.unique()):
            members = list(a.index[a == number])
            stay = [label for label in members if label not in gone]
            partner = list(b.index[b == b[stay[0]]]) if stay else []
            partner_names = self.list_names(partner) if partner else ""
            rows.append((self.list_names(members), partner_names, len(stay)))
        years = [f"cluster in {self.year}", f"cluster in {self.other_year}"]
        return pd.DataFrame(rows, columns=[*years, "stay"])

    def schedule(self, z: pd.DataFrame) -> pd.DataFrame:
        """Tabulate the agglomeration schedule of a scaled table with readable names."""
        found = Tree.from_table(z).schedule().drop(columns="tie").set_index("stage")
        for column in ("label_1", "label_2"):
            found[column] = found[column].map(self.names)
        return found
