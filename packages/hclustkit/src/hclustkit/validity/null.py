"""A null for the choice of k: the same recipe on matched tables without clusters.

What is tested is the index at the chosen number of clusters, its best value over all that were
compared: choosing the best of several is part of the recipe, so it is part of the null as well.
The chosen number itself is discrete and says little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import as_table, check_between, check_seed, check_whole
from hclustkit.arrays import Floats, Ints
from hclustkit.errors import InputError, refusal
from hclustkit.validity import exact
from hclustkit.validity.recipe import OwnRecipe, Recipe
from hclustkit.validity.references import REFERENCES, null_tables

__all__ = [
    "REFERENCES",
    "NullTest",
    "null_for_k",
    "null_tables",
    "plant_clusters",
    "power_table",
    "rejection_rates",
]

ROUNDING = 1e-12
"""Values this close are equal, and count against the data."""


@dataclass(frozen=True, eq=False)
class NullTest:
    """How the best value of an index compares with tables without clusters.

    Attributes
    ----------
    recipe : Recipe or callable
    reference : str
    draws, seed : int
    chosen_k : int
        The number of clusters that the recipe chooses for the table.
    observed : float
        The index there, turned so that larger is better.
    null, null_k : arrays, shape (draws,)
        The same for each table without clusters.
    values : Series, index k
        The index of the table at each k; empty for your own recipe.
    null_values : array, shape (draws, K)
    alpha : float
        The table is told apart where p is below this.
    power : DataFrame
        As `power_table` returns it; empty where it was not needed or not asked for.
    """

    recipe: Recipe | OwnRecipe
    reference: str
    draws: int
    seed: int
    chosen_k: int
    observed: float
    null: Floats
    null_k: Ints
    values: pd.Series[float]
    null_values: Floats
    alpha: float = 0.05
    power: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def p(self) -> float:
        """(1 + tables without clusters whose best value reaches the observed) / (draws + 1)."""
        return _p(self.observed, self.null)

    def p_at(self, k: int) -> float:
        """Compute p for the index at one k that was fixed beforehand.

        Raises
        ------
        InputError
            If k was not compared.
        """
        if k not in self.values.index:
            raise InputError(f"k = {k} was not compared", place="k", rule="unknown-k", value=k)
        at = self.values.index.get_loc(k)
        return _p(float(self.values.iloc[at]), self.null_values[:, at])

    @property
    def also_chose(self) -> float:
        """Share of the tables without clusters for which the recipe chose the same k."""
        return float((self.null_k == self.chosen_k).mean())

    @property
    def told_apart(self) -> bool:
        """Whether p is below ``alpha``."""
        return self.p < self.alpha

    def sentence(self) -> str:
        """Say the result; "one cluster" is never proved, only not told apart."""
        beside = f"{self.draws:,} tables without clusters ({REFERENCES[self.reference]})"
        if self.told_apart:
            text = (
                f"The index at k = {self.chosen_k} is told apart from {beside}: p = {self.p:.3g}."
            )
        else:
            text = f"Not told apart from {beside}: p = {self.p:.3g} at k = {self.chosen_k}."
            if len(self.power):
                powers = ", ".join(
                    f"{row.power:.0%} at a distance of {row.distance:g}"
                    for row in self.power.itertuples()
                )
                text += (
                    f" In tables of this size the test finds {self.power['groups'].iloc[0]} "
                    f"planted clusters in {powers} standard deviations."
                )
            else:
                text += " Its power was not computed."
        if isinstance(self.recipe, Recipe) and not self.recipe.has_one:
            text += (
                f" The index {self.recipe.index} has no value at k = 1, so the rule cannot "
                "choose one cluster by itself."
            )
        return text


def _p(observed: float, null: Floats) -> float:
    # an undefined index counts against the data
    reached = ~(null < observed - ROUNDING * max(1.0, abs(observed)))
    return float((1 + np.count_nonzero(reached)) / (len(null) + 1))


def null_for_k(
    table: Any,
    recipe: Recipe | OwnRecipe | None = None,
    *,
    reference: str = "independent",
    draws: int = 999,
    seed: int,
    alpha: float = 0.05,
    separations: Sequence[float] = (2.0, 4.0, 6.0),
    power_tables: int | None = None,
) -> NullTest:
    """Rerun a recipe on matched tables without clusters and compare its best index.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Not scaled: scaling belongs to the recipe.
    recipe : Recipe or callable
        A callable takes a DataFrame and returns the chosen k and the value tested, larger for
        clearer clusters.
    reference : str, one of `REFERENCES`
    draws : int
        B. With 999 p can be 0.001 at least.
    seed : int
    alpha : float
    separations : sequence of float
        Where the table is not told apart, `power_table` is computed for clusters this far apart.
    power_tables : int, optional
        Tables for each of these; by default 100 for the silhouette, else 0, which leaves the
        power out.

    Returns
    -------
    NullTest

    Raises
    ------
    InputError
        As `Recipe.for_rows` and `hclustkit.scaling.standardize`; an index that is undefined at
        every k of the table.

    References
    ----------
    Davison, A. C., Hinkley, D. V. (1997). Bootstrap methods and their application, 4.11: p.
    Tibshirani, R., Walther, G., Hastie, T. (2001). J. R. Stat. Soc. B 63, 411-423: the box.

    Examples
    --------
    >>> two = np.r_[np.arange(8.0), np.arange(8.0) + 100][:, None]
    >>> found = null_for_k(two, reference="gaussian", draws=99, seed=1)
    >>> found.chosen_k, found.p
    (2, 0.01)
    """
    frame = as_table(table, min_rows=3)
    draws = check_whole(draws, "draws", 1)
    check_between(alpha, "alpha", 0, 1, open_top=True)
    recipe = Recipe() if recipe is None else recipe
    if isinstance(recipe, Recipe):
        recipe = recipe.for_rows(len(frame))
    observed, chosen, values = _best(recipe, frame.to_numpy()[None], frame, first=True)
    null, null_k, null_values = _null(recipe, frame, reference, draws, seed)
    labels = list(recipe.ks or ()) if isinstance(recipe, Recipe) else []
    test = NullTest(
        recipe,
        reference,
        draws,
        seed,
        int(chosen[0]),
        float(observed[0]),
        null,
        null_k,
        pd.Series(values[0], index=pd.Index(labels, name="k"), dtype=np.float64),
        null_values,
        alpha,
    )
    quick = isinstance(recipe, Recipe) and recipe.index == "silhouette"
    wanted = (100 if quick else 0) if power_tables is None else power_tables
    if test.told_apart or not check_whole(wanted, "power_tables", 0) or not len(separations):
        return test
    power = power_table(
        len(frame),
        frame.shape[1],
        separations,
        recipe,
        reference=reference,
        tables=wanted,
        seed=seed,
        alpha=alpha,
    )
    return replace(test, power=power)


def _null(
    recipe: Recipe | OwnRecipe, frame: pd.DataFrame, reference: str, draws: int, seed: int
) -> tuple[Floats, Ints, Floats]:
    """Draw tables without clusters and apply the recipe to them."""
    if not isinstance(recipe, Recipe):
        drawn = null_tables(frame, reference, draws, seed)
        # back into the units of the table, which the recipe may depend on
        return _best(recipe, drawn * frame.std().to_numpy() + frame.mean().to_numpy(), frame)
    drawn = null_tables(frame, reference, draws, seed, recipe.scaling)
    again = "zscore" if recipe.scaling == "log-zscore" else recipe.scaling
    return _best(replace(recipe, scaling=again), drawn, frame)


def _best(
    recipe: Recipe | OwnRecipe, tables: Floats, like: pd.DataFrame, *, first: bool = False
) -> tuple[Floats, Ints, Floats]:
    """Apply a recipe to tables: best value, the k it is at, and all values.

    With ``first`` an index that is undefined at every k is refused, otherwise NaN.
    """
    if not isinstance(recipe, Recipe):
        pairs = [recipe(pd.DataFrame(x, like.index, like.columns)) for x in tables]
        values = np.array([[value] for _, value in pairs], dtype=np.float64)
        return values[:, 0], np.array([k for k, _ in pairs], dtype=np.int64), values[:, :0]
    values = recipe.values(tables)
    undefined = np.isnan(values).all(axis=1)
    if first and undefined.any():
        text = f"the index {recipe.index} is undefined at every k of the table"
        raise refusal(text, "table", "undefined-index", recipe.index)
    filled = np.where(np.isnan(values), -np.inf, values)
    best = np.where(undefined, np.nan, filled.max(axis=1))
    return best, np.asarray(recipe.ks, dtype=np.int64)[filled.argmax(axis=1)], values


def rejection_rates(
    make: Callable[[np.random.Generator], Floats],
    recipe: Recipe | OwnRecipe | None = None,
    *,
    reference: str = "independent",
    tables: int = 100,
    draws: int = 99,
    alphas: Sequence[float] = (0.01, 0.05, 0.1),
    seed: int,
) -> pd.DataFrame:
    """Estimate how often the test rejects for tables of a kind: its error, or its power.

    Parameters
    ----------
    make : callable
        Draws one table, shape (n, p), with the generator that it is given.
    recipe, reference, draws
        As in `null_for_k`.
    tables : int
    alphas : sequence of float
    seed : int

    Returns
    -------
    DataFrame
        ``alpha``, ``rate`` (share of the tables with p <= alpha) and ``se``, its standard error.

    Examples
    --------
    >>> def two(rng):
    ...     return rng.normal(size=(10, 2)) + np.repeat([0, 50], 5)[:, None]
    >>> rejection_rates(two, reference="gaussian", tables=5, seed=1)["rate"].tolist()
    [1.0, 1.0, 1.0]
    """
    rng = np.random.default_rng(check_seed(seed))
    seeds = np.random.SeedSequence(seed).generate_state(check_whole(tables, "tables", 1))
    p = np.array(
        [
            null_for_k(
                make(rng), recipe, reference=reference, draws=draws, seed=int(each), separations=()
            ).p
            for each in seeds
        ]
    )
    rate = np.array([(p <= alpha + ROUNDING).mean() for alpha in alphas])
    return pd.DataFrame(
        {"alpha": list(alphas), "rate": rate, "se": np.sqrt(rate * (1 - rate) / len(p))}
    )


def plant_clusters(n: int, p: int, groups: int, distance: float) -> Callable[..., Floats]:
    """Make a function that draws a table with normal clusters.

    Parameters
    ----------
    n, p : int
    groups : int
        Clusters of equal size, as far as n allows; at most p + 1.
    distance : float
        Between the centres of any two, in standard deviations within a cluster. All variables
        take part: a cluster that only one of many shows is hard to find.

    Returns
    -------
    callable
        Generator -> array, shape (n, p).
    """
    groups = check_whole(groups, "groups", 1, min(n, p + 1))
    # the corners of a regular simplex with edges of length 1, turned so that all columns differ
    corners = (np.eye(groups) - 1 / groups) / np.sqrt(2)
    axes = exact.principal_axes(corners)[1][:, : groups - 1]
    waves = np.cos(np.pi * np.outer(np.arange(groups - 1), np.arange(p) + 0.5) / p)
    waves /= np.sqrt((waves**2).sum(axis=1, keepdims=True))
    centres = exact.product(exact.product(corners, axes), waves)
    member = np.arange(n) * groups // n
    return lambda rng: rng.standard_normal((n, p)) + distance * centres[member]


def power_table(
    n: int,
    p: int,
    separations: Sequence[float],
    recipe: Recipe | OwnRecipe | None = None,
    *,
    reference: str = "independent",
    groups: int = 2,
    tables: int = 100,
    draws: int = 99,
    alpha: float = 0.05,
    seed: int,
) -> pd.DataFrame:
    """Estimate the power of the test on planted clusters.

    Parameters
    ----------
    n, p : int
        The size of the table.
    separations : sequence of float
        Between the centres, in standard deviations within a cluster.
    recipe : Recipe or callable
        As in `null_for_k`, like the next two.
    reference : str
    draws : int
    groups, tables : int
    alpha : float
    seed : int

    Returns
    -------
    DataFrame
        ``n``, ``p``, ``groups``, ``distance``, ``power`` and ``se``.

    Examples
    --------
    >>> power_table(12, 2, [0.0, 30.0], reference="gaussian", tables=5, seed=1)["power"].tolist()
    [0.0, 1.0]
    """
    rows = []
    for distance in separations:
        rate = rejection_rates(
            plant_clusters(n, p, groups, distance),
            recipe,
            reference=reference,
            tables=tables,
            draws=draws,
            alphas=(alpha,),
            seed=seed,
        )
        rows.append((n, p, groups, distance, rate["rate"][0], rate["se"][0]))
    return pd.DataFrame(rows, columns=["n", "p", "groups", "distance", "power", "se"])
