"""Figures of robustness, of scaling and of space, drawn once more from their data."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from hclustkit.files import read_csv
from matplotlib.figure import Figure

from kzclusters import figures, paths, wording
from kzclusters.analysis import store
from kzclusters.publish.site.redrawn import Material


def _null_shares(given: Material) -> Figure:
    stored = store.read_json(paths.FIGURES, "null_shares.json")
    sets, bins = (pd.DataFrame(stored[part]) for part in ("sets", "surrogates"))
    real = given.facts["setting"]["nulls"]["surrogates"]["observed"]
    return figures.null_shares(sets, bins, real)


def _leave_out(given: Material) -> Figure:
    named = {code: f"{code} {name}" for code, name in given.indicator_names.items()}
    base = given.facts["agreement"]["adjusted_rand_index"]
    return figures.leave_out_plot(given.table("leave_out"), base, names={**given.names, **named})


def _noise_survival(given: Material) -> Figure:
    table, ours = given.table("noise_survival"), given.groupings["ours"]
    return figures.noise_survival_plot(table, ours, names=given.names)


def _mixing_curves(given: Material) -> Figure:
    curve = read_csv(paths.PROCESSED / "agreement_by_alpha.csv", index_col=0)
    base, alpha = given.facts["baseline"], given.facts["space"]["alpha"]
    chosen, dealt = f"{base['year']} {given.choices['scaling']}", curve.pop("dealt")
    return figures.mixing_curves(given.table("mixing_curves"), alpha, curve, dealt, chosen)


def _scaling_shares(given: Material) -> Figure:
    shares = given.data("scaling_shares").rename(columns=wording.scaling)
    return figures.scaling_comparison(shares, indicator_names=given.indicator_names)


def _variance_shares(given: Material) -> Figure:
    shares = given.data("variance_shares")
    return figures.variance_share_bars(shares, factor_names=given.indicator_names)


def _agreement_distribution(given: Material) -> Figure:
    base = given.facts["agreement"]["adjusted_rand_index"]
    below = given.facts["robustness"]["agreement"]["share_below_baseline"]
    return figures.agreement_distribution(given.table("agreement_distribution"), base, below=below)


def _missing_ranges(given: Material) -> Figure:
    stored = store.read_json(paths.FIGURES, "missing_ranges.json")
    cells, free = (pd.DataFrame(stored[part]) for part in ("cells", "free"))
    readings = {key: each["title"] for key, each in given.facts["missing"]["readings"].items()}
    return figures.missing_ranges(cells, free, readings=readings)


FIGURES: dict[str, Callable[[Material], Figure]] = {
    "null_shares": _null_shares,
    "leave_out": _leave_out,
    "noise_survival": _noise_survival,
    "mixing_curves": _mixing_curves,
    "missing_ranges": _missing_ranges,
    "scaling_shares": _scaling_shares,
    "variance_shares": _variance_shares,
    "agreement_distribution": _agreement_distribution,
}
"""Those of robustness, of scaling and of space."""
