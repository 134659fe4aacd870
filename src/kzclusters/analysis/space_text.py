"""Sentences and tables of notebook 7, from its findings."""

from __future__ import annotations

import pandas as pd

from kzclusters.analysis.space_findings import Contiguity, Space
from kzclusters.wording import decimal, linkage, listing, share, signed

RECIPES = {"plain": "all may merge", "hard": "only neighbours merge", "soft": "space is mixed in"}
"""The recipes by name."""

SURROGATES = {
    "permuted": "values dealt to the regions at random",
    "pattern": "the pattern kept, in other places",
}
"""The kinds of surrogate tables by name."""


def association_text(found: Space) -> str:
    """Say which indicators are alike among neighbours."""
    one = found.association
    turned = (
        f" The sign of {listing(one.turned)} depends on the weights: it turns when those of each "
        "region are made to add up to one, so that regions of few neighbours count more."
        if one.n_turned
        else ""
    )
    return (
        f"At a false discovery rate of {one.level:g}, **{one.n_clustered} of {one.n}** indicators "
        f"are more alike among neighbours than by chance: {listing(one.clustered)}. "
        f"Without the regions of one neighbour these are {listing(one.without)}. The "
        f"largest index is that of {one.highest} ({one.highest_name}), "
        f"{decimal(one.highest_value, 2)}. With so few regions an index below "
        f"{decimal(one.critical_low, 2)} to {decimal(one.critical_high, 2)}, depending on the "
        f"indicator, would look like chance.{turned} Of {one.n_local_tests} local tests "
        f"{listing(one.local)} {'passes' if len(one.local) == 1 else 'pass'}."
    )


def contiguity_text(what: str, found: Contiguity) -> str:
    """Say how contiguous a partition is."""
    pieces = (
        f"not one piece: {listing(found.scattered)}"
        if found.n_scattered
        else "each cluster is one piece"
    )
    return (
        f"{what} keeps {found.same} of {found.pairs} pairs of neighbours together, where "
        f"{found.expected:.1f} would be expected by chance (p = {found.p:.5f}); {pieces}."
    )


def agreement_table(found: Space) -> pd.DataFrame:
    """Tabulate the agreement with Figure 3 by recipe."""
    rows = {RECIPES[name]: vars(getattr(found, name)) for name in ("plain", "hard", "soft")}
    return pd.DataFrame(rows).T.rename_axis("adjusted Rand index")


def pull_table(found: Space) -> pd.DataFrame:
    """Tabulate what the constraint adds, on the real tables and on surrogates."""
    rows = []
    for name, pull in found.pulls.items():
        kind, _, without = name.partition("_")
        rows.append(
            {
                "surrogates": SURROGATES[kind],
                "indicators": f"without {found.location}" if without else "all",
                "plain": pull.plain,
                "contiguous": pull.constrained,
                "gain": pull.gain,
                "plain, surrogates": pull.chance_plain,
                "contiguous, surrogates": pull.chance_constrained,
                "gain, surrogates": pull.chance_gain,
                "p of the index": pull.p_constrained,
                "p of the gain": pull.p_gain,
            }
        )
    return pd.DataFrame(rows)


def alpha_text(found: Space) -> str:
    """Say which share of space the rule chooses, and what other scales would choose."""
    scales = listing([f"{value:g} ({name})" for name, value in found.alpha_by_scale.items()])
    best = f"{found.best_alpha:.2f}"
    return (
        f"In the baseline the rule chooses a share of space of **{found.alpha:g}**. By the way in "
        f"which the two dissimilarities are scaled first it chooses {scales}: the scale is a "
        "choice of its own. The mean agreement with Figure 3, which the rule does not see, is "
        f"largest at {found.best_alpha:g}, {found.by_alpha[best]:.2f}; without space it is "
        f"{found.by_alpha['0.00']:.2f}, with space alone {found.by_alpha['1.00']:.2f}. Where the "
        f"rows are dealt to the regions at random it is {found.by_alpha_dealt[best]:.2f} at the "
        "same share: that much comes from the map and not from the indicators."
    )


def grid_text(found: Space) -> str:
    """Say what the share of space does over the grid, beside the grid without space."""
    grid = found.grid
    return (
        f"Every one of the {grid.n:,} specifications of the grid is run again with every share of "
        f"space. Without space their mean index is {grid.plain:.2f}. At the share that the rule "
        f"chooses for each, half of them at most {grid.median_alpha:g}, it is {grid.rule:.2f}, "
        f"higher than without space in {share(grid.raised)} of the specifications; with the rows "
        f"dealt to the regions at random, anew for each, {grid.dealt_rule:.2f}. The share with the "
        f"largest mean, which the rule does not see, is {grid.best_alpha:g}, with {grid.best:.2f}, "
        f"and {grid.dealt_best:.2f} for rows dealt at random. The nearest specification comes to "
        f"{grid.plain_max:.2f} without space and to {grid.any_max:.2f} over all shares. These "
        "figures are given apart from those of notebook 4: space was not among the article's "
        "indicators."
    )


def grid_table(by_alpha: pd.DataFrame, dealt: pd.DataFrame) -> pd.DataFrame:
    """Tabulate the mean index over the grid by share of space and linkage."""
    shown = by_alpha.assign(**{"all, rows dealt": dealt["all"]}).iloc[::2]
    named = {column: linkage(column) for column in by_alpha if column != "all"}
    return shown.rename(columns=named).rename_axis("share of space")


def summary_text(found: Space) -> str:
    """Sum up the notebook."""
    lines = [
        *found.judged,
        f"At {found.n_specifications} combinations of year and scaling the mean index is "
        f"{found.plain.mean:.2f} where all may merge, {found.hard.mean:.2f} where only neighbours "
        f"merge and {found.soft.mean:.2f} where space is mixed in.",
        f"Over the whole grid of {found.grid.n:,} specifications it is {found.grid.plain:.2f} "
        f"without space and {found.grid.rule:.2f} at the share that the rule chooses for each.",
        f"Without {found.location}, which is location itself, letting only neighbours merge "
        f"changes the mean of the combinations by "
        f"{signed(found.pulls['permuted_without'].gain, 2)}.",
    ]
    return "\n".join(f"* {line}" for line in lines)
