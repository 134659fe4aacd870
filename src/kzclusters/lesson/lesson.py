"""Ward's method by hand: the lesson's tables, worked examples and answers checked.

`kzclusters.lesson.exercises` holds the exercises, `kzclusters.lesson.answers` judges. Nothing is stored: all
is computed from the tables of the lesson when it is asked for.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hclustkit import validity
from hclustkit.compare import agreement
from hclustkit.errors import InputError
from hclustkit.tables import check_k, check_table, read_table
from hclustkit.tree import ward
from IPython.display import Image, Markdown

from kzclusters import paths, study
from kzclusters import wording as words
from kzclusters.analysis import results
from kzclusters.evidence import indicators as definitions
from kzclusters.evidence import sources
from kzclusters.lesson import answers
from kzclusters.lesson.answers import Verdict
from kzclusters.lesson.exercises import EXERCISES, Exercise

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
            rows.append(
                {
                    "stage": stage,
                    "cluster_a": a,
                    "cluster_b": b,
                    "n_a": len(a),
                    "n_b": len(b),
                    "squared_distance": squared,
                    "factor": factor,
                    "increase": factor * squared,
                    "made": {frozenset(a), frozenset(b)} == {one, two},
                }
            )
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


def shuffled(table: pd.DataFrame, seed: int | np.random.Generator) -> pd.DataFrame:
    """Every column shuffled by itself: the same values, and no relation between the columns.

    The rows are no objects any more and are called "row 1", "row 2", ...
    """
    rng = np.random.default_rng(seed)
    values = {column: rng.permutation(table[column].to_numpy()) for column in table.columns}
    return pd.DataFrame(values, index=[f"row {i}" for i in range(1, len(table) + 1)])


def explained_share(Z: np.ndarray, k: int) -> float:
    """Share of the sum of squares that lies between the k clusters of a tree of Ward's method."""
    increases = np.asarray(Z)[:, 2] ** 2 / 2
    return float(1 - increases[: len(increases) + 1 - k].sum() / increases.sum())


def shuffled_shares(table: pd.DataFrame, k: int, seed: int, draws: int = 1000) -> np.ndarray:
    """`explained_share` of shuffled tables; the first is that of ``shuffled(table, seed)``.

    Returns
    -------
    ndarray, shape (draws,)
    """
    rng = np.random.default_rng(seed)
    return np.array([explained_share(ward.linkage(shuffled(table, rng)), k) for _ in range(draws)])


def groupings(cuts: Mapping[str, pd.Series]) -> list[list[str]]:
    """Names of the partitions that are the same but for their numbers, in their order."""
    found: list[list[str]] = []
    for name, clusters in cuts.items():
        same = [group for group in found if _blocks(clusters) == _blocks(cuts[group[0]])]
        if same:
            same[0].append(name)
        else:
            found.append([name])
    return found


def figures_folder(folder: str, given: Mapping[str, Any]) -> str:
    """Where the lesson's figures go: a changed lesson must not write over those of the study.

    Parameters
    ----------
    folder : as the notebook declares it
    given : the other parameters of the notebook

    Returns
    -------
    str
        ``folder``; but ``build/lesson`` if that is the study's and a parameter differs.
    """
    usual = study.parameters()
    changed = any(usual[name] != value for name, value in given.items())
    ours = paths.resolve(folder).resolve() == paths.resolve(usual["figures_dir"]).resolve()
    return paths.shown(paths.BUILD / "lesson") if ours and changed else folder


class Folded:
    """A figure behind a line that opens it, with sentences that belong to it.

    Parameters
    ----------
    image : as `kzclusters.notebook.publish` returns it; its caption is folded, too
    summary : the line that opens it
    sentences : plain text below the figure
    """

    def __init__(self, image: Image, summary: str, *sentences: str) -> None:
        self.image, self.summary, self.sentences = image, summary, sentences

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        # the picture stands there by itself as well, for what shows no HTML
        png = base64.b64encode(self.image.data).decode("ascii")
        alt = html.escape(self.image.alt or "")
        caption = getattr(self.image, "caption", "")
        below = f"\n<p><em>{html.escape(caption)}</em></p>" if caption else ""
        below += "".join(f"\n<p>{html.escape(sentence)}</p>" for sentence in self.sentences)
        shown = (
            f"<details><summary>{html.escape(self.summary)}</summary>\n"
            f'<img src="data:image/png;base64,{png}" alt="{alt}" width="{self.image.width}">'
            f"{below}\n</details>"
        )
        about = {"alt": self.image.alt, "width": self.image.width}
        return (
            {"text/html": shown, "image/png": png, "text/plain": self.summary},
            {"image/png": about},
        )


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
        self.called = {label: [*known.get(label, []), str(label)] for label in self.whole.index}
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
    def joining(self) -> Any:
        """The region that joins the first pair in an exercise: the one farthest from its centroid.

        There every slip leads to another number; near it some hardly differ from the truth.
        """
        pair = list(self.stages[0][0] | self.stages[0][1])
        gap = self.z.drop(index=pair) - self.z.loc[pair].mean()
        return (gap**2).sum(axis=1).idxmax()

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
            for label in labels
            for word in self.called[label]
        }

    def listed(self, labels: Iterable[Any]) -> str:
        """Readable names, "a, b and c"; "none" where there is none."""
        return results.listing([self.names[label] for label in labels])

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table with readable row names."""
        return frame.rename(index=self.names).rename_axis(index=None)

    # ----------------------------------------------------------------- shown in the lesson

    def described(self, column: str) -> str:
        """An indicator in words with its unit."""
        variant = definitions.registry()[column.split(":")[0]].variant(column.partition(":")[2])
        label = (
            f"people {variant.label}" if variant.label.startswith("employed ") else variant.label
        )
        return label if variant.unit in label else f"{label}, in {variant.unit}"

    def decided(self) -> str:
        """Which indicator decides the distances of the small table as long as nothing is scaled."""
        share = definitions.distance_shares(self.small)
        most, least = share.idxmax(), share.idxmin()
        say = (
            "hardly a say"
            if share.max() > 0.9
            else "less of a say"
            if share.max() > 0.6
            else "a say"
        )
        return (
            f"Of the sum of all squared distances in this table, **{share.max():.1%}** comes from "
            f"{most} ({self.variables[most]}) alone. The nearest pair is "
            f"**{self.listed(self.pairs_unscaled.idxmin())}**; {self.variables[least]} had {say} in it."
        )

    def example_scaling(self) -> str:
        """A z-score worked in a sentence: the first region in the first indicator."""
        region, column = self.small.index[0], self.small.columns[0]
        x = self.small[column]
        value, mean, s = (rounded(number, 1) for number in (x[region], x.mean(), x.std()))
        return (
            f"**Worked example.** {self.name(region)} in {column}: the value is {value:,.1f}, the "
            f"mean of the {len(x)} regions {mean:,.1f}, the standard deviation {s:,.1f}. So "
            f"z = ({value:,.1f} − {mean:,.1f}) / {s:,.1f} = {written((value - mean) / s)}."
        )

    def example_distance(self) -> str:
        """A squared distance worked in a sentence, every step from the numbers printed."""
        a, b = self.example_pair
        gap, squares, total = self._example_steps()
        parts = [f"{written(value)} in {column}" for column, value in gap.items()]
        return (
            f"**Worked example.** With two decimals, the z-scores of {self.name(a)} and "
            f"{self.name(b)} differ by {' and by '.join(parts)}. Squared: "
            f"{' and '.join(f'{value:.4f}' for value in squares)}. The squared distance is their sum, "
            f"{total:.4f}, or {total:.2f}. Without rounding the z-scores it would be "
            f"{self.pairs[self.example_pair]:.2f}; the checks allow for such a difference."
        )

    def example_increase(self) -> str:
        """The increase of the sum of squares worked both ways, from the numbers printed."""
        pair = list(self.example_pair)
        z = self.z.loc[pair].map(rounded)
        centroid = z.mean().map(lambda value: rounded(value, 3))
        apart = [rounded(value, 4) for value in ((z - centroid) ** 2).sum(axis=1)]
        total = self._example_steps()[2]
        return (
            f"**Worked example.** {self.listed(pair)}, from z-scores with two decimals.\n\n"
            f"* *The long way.* Their centroid is "
            f"({', '.join(written(value, 3) for value in centroid)}). The squared distances to it are "
            f"{' and '.join(f'{value:.4f}' for value in apart)}, together {sum(apart):.4f}. Before the "
            f"merge there was nothing, so the increase is {sum(apart):.4f}.\n"
            f"* *The short cut.* The squared distance of the two is {total:.4f}, the factor "
            f"(1 × 1) / (1 + 1) = 0.5, and the increase 0.5 × {total:.4f} = {total / 2:.4f}."
        )

    def _example_steps(self) -> tuple[pd.Series, list[float], float]:
        """Differences, their squares and the sum of these, as they are printed."""
        a, b = self.example_pair
        gap = (self.z.loc[a].map(rounded) - self.z.loc[b].map(rounded)).map(rounded)
        squares = [rounded(value, 4) for value in gap**2]
        return gap, squares, rounded(sum(squares), 4)

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

    def second_merges(self) -> str:
        """Which other linkages make the second merge of the small table that Ward's method makes."""
        ours = frozenset.union(*self.stages[1])
        methods = ("single", "complete", "average", "centroid")
        same = [m for m in methods if frozenset.union(*merges(self.z, m)[1]) == ours]
        other = [m for m in methods if m not in same]
        if not other or not same:
            joins = "other clusters than" if other else "the same clusters as"
            return f"{results.listing(methods).capitalize()} linkage would join {joins} Ward's method here."
        return (
            f"{results.listing(other).capitalize()} linkage would join other clusters than Ward's "
            f"method here, {results.listing(same)} linkage the same."
        )

    def row_aloud(self) -> str:
        """A row of the schedule of the whole table as a sentence: the first that joins a cluster."""
        schedule = ward.agglomeration_schedule(self.z_whole).set_index("stage")
        stage = (schedule[["first_appears_1", "first_appears_2"]].max(axis=1) > 0).idxmax()
        row = schedule.loc[stage]

        def cluster(i: int) -> str:
            case, made = int(row[f"cluster_{i}"]), int(row[f"first_appears_{i}"])
            name = self.name(row[f"label_{i}"])
            return (
                f"the cluster of case {case} ({name}), made at stage {made}"
                if made
                else f"case {case} ({name}), alone until now"
            )

        follows = int(row["next_stage"])
        return (
            f"At stage {stage}, {cluster(1)}, and {cluster(2)}, are joined, and the sum of squares "
            f"reaches {row['coefficient']:.3f}. "
            + (
                f"The new cluster is merged again at stage {follows}."
                if follows
                else "All are one."
            )
        )

    def compared(self, cuts: Mapping[str, pd.Series]) -> str:
        """How many groupings several linkages give, and which give the same.

        Parameters
        ----------
        cuts : linkage → clusters of the whole table
        """
        found = groupings(cuts)
        alike = [
            results.listing(list(map(words.linkage, group))) for group in found if len(group) > 1
        ]
        correlations = {m: ward.cophenetic_correlation(self.z_whole, m) for m in cuts}
        text = f"At {self.n_clusters} clusters the {len(cuts)} trees give {len(found)} groupings"
        text += f": {'; '.join(f'{names} give the same' for names in alike)}." if alike else "."
        if min(correlations, key=correlations.__getitem__) == "ward":
            text += (
                " Ward's method has the lowest cophenetic correlation: that measures how faithful a "
                "tree is to the distances, at which Ward's method does not aim."
            )
        return text

    def told_by_year(self) -> list[str]:
        """What the clusters year by year show: what holds, who moves, which years agree."""
        blocks = {at: _blocks(self.by_year[at]) for at in self.by_year}
        held = [
            c
            for c in sorted(blocks[self.year], key=self._place)
            if all(c in found for found in blocks.values())
        ]
        lone = [c for c in held if len(c) == 1]
        if not held:
            told = ["No cluster holds in every year."]
        elif len(held) == len(lone):
            members = self.listed([label for c in held for label in c])
            told = [f"Only the {len(lone)} clusters of one region hold in every year: {members}."]
        else:
            members = "; ".join(self.listed(sorted(c, key=self._row)) for c in held)
            told = [f"{len(held)} of {self.n_clusters} clusters hold in every year: {members}."]
        moved = self.moved().any(axis=1)
        paths_taken: dict[tuple, list] = {}
        for label in self.by_year.index[moved]:
            paths_taken.setdefault(tuple(self.by_year.loc[label]), []).append(label)
        alone = [labels[0] for labels in paths_taken.values() if len(labels) == 1]
        if alone:
            verb = "changes" if len(alone) == 1 else "change"
            told.append(f"{self.listed(alone)} {verb} sides.")
        nearest = frozenset.union(*merges(self.z_whole)[0])
        for labels in paths_taken.values():
            if len(labels) > 1:
                apposition = ", the closest pair of all," if nearest == set(labels) else ""
                told.append(f"{self.listed(labels)}{apposition} move together.")
        for group in groupings({str(at): self.by_year[at] for at in self.by_year}):
            if len(group) > 1:
                told.append(f"The clusters of {results.listing(group)} are the same.")
        return told

    def against_shuffles(self, seed: int, draws: int = 1000) -> str:
        """What the clusters explain, beside what they explain of shuffled tables."""
        k, ours = self.n_clusters, explained_share(self.tree_whole, self.n_clusters)
        shares = shuffled_shares(self.z_whole, k, seed, draws)
        low, high = np.quantile(shares, [0.025, 0.975])
        reach = int((shares >= ours).sum())
        text = (
            f"{k} clusters explain **{ours:.0%}** of the sum of squares of the regions. Of the shuffled "
            f"table above they explain {shares[0]:.0%}. In {draws:,} shuffled tables it is mostly "
            f"{low:.0%} to {high:.0%} (19 of 20 lie there; all lie between {shares.min():.0%} and "
            f"{shares.max():.0%}), and {reach or 'none'} of them {'reach' if reach > 1 else 'reaches'} "
            "the share of the regions."
        )
        return text + (
            " So the columns of the real table are related: shuffling undoes that, and nothing else."
            if reach < draws / 20
            else " So the real table is no more clustered than chance would have it."
        )

    def votes(self) -> str:
        """How all criteria for the number of clusters vote, in a sentence."""
        ballots = validity.votes(self.z_whole, self.ks)
        count = validity.vote_table(ballots)
        ours = int(count.get(self.n_clusters, 0)) or "none"
        return (
            f"Notebook 2 has {len(ballots)} criteria. {int(count.sum())} of them vote: they are defined "
            "for such a table and choose a number of clusters by a rule. The others are not defined "
            "here, find no number that meets their rule, or are read from a plot. The votes: "
            + ", ".join(f"k = {k} ({votes})" for k, votes in count.items())
            + f". For k = {self.n_clusters}, the number in the article: {ours}."
        )

    def matching(self) -> pd.DataFrame:
        """Clusters of the year matched with those of the other year so that the fewest move.

        Returns
        -------
        DataFrame
            Columns ``cluster in <year>``, ``cluster in <other year>`` (members, empty without a
            partner), ``stay``: how many both have.
        """
        a, b = self.clusters, self.other_clusters
        gone = set(agreement.moves(a, b))
        rows = []
        for number in sorted(a.unique()):
            members = list(a.index[a == number])
            stay = [label for label in members if label not in gone]
            partner = list(b.index[b == b[stay[0]]]) if stay else []
            rows.append((self.listed(members), self.listed(partner) if partner else "", len(stay)))
        years = [f"cluster in {self.year}", f"cluster in {self.other_year}"]
        return pd.DataFrame(rows, columns=[*years, "stay"])

    def _row(self, label: Any) -> int:
        return self.whole.index.get_loc(label)

    def _place(self, cluster: Iterable[Any]) -> int:
        return min(map(self._row, cluster))

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
        counts = {
            state: sum(v.state == state for v in states)
            for state in (answers.RIGHT, answers.WRONG, answers.UNANSWERED)
        }
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
        if (
            isinstance(number, bool)
            or not isinstance(number, (int, np.integer))
            or not (1 <= number <= self.n_exercises)
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
        at
        for at in sorted(set(years))
        if at != year and needed <= set(read_table(path, year=at).columns)
    ]


def written(value: float, digits: int = 2) -> str:
    """A number for a sentence, with a typographic minus."""
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def rounded(value: float, digits: int = 2) -> float:
    """The number that is printed with so many digits, so that what is printed adds up."""
    return float(f"{value:.{digits}f}")


def _blocks(clusters: pd.Series) -> set[frozenset[Hashable]]:
    """A partition without its numbers."""
    return {frozenset(labels) for labels in clusters.groupby(clusters).groups.values()}


def _pair_distances(table: pd.DataFrame) -> pd.Series:
    """Squared distances of all pairs of rows; the index holds the pairs in row order."""
    proximity = ward.proximity_matrix(table)
    pairs = list(combinations(table.index, 2))
    return pd.Series(
        [float(proximity.loc[a, b]) for a, b in pairs], index=pd.Index(pairs, tupleize_cols=False)
    )
