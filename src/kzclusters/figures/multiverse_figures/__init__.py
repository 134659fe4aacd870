"""Figures of the whole grid of specifications. They draw tables, and compute no agreement.

`bin_counts` and `specification_bins` thin a long result to what a page can show; their
tables are what the figures draw and what is stored beside them as data.
"""

from kzclusters.figures.multiverse_figures.bins import bin_counts, specification_bins
from kzclusters.figures.multiverse_figures.chance import null_shares
from kzclusters.figures.multiverse_figures.clusters import (
    coassociation_pair,
    noise_survival_plot,
    recovery_bars,
)
from kzclusters.figures.multiverse_figures.curve import agreement_distribution, specification_curve
from kzclusters.figures.multiverse_figures.influence import leave_out_plot, variance_share_bars

__all__ = [
    "agreement_distribution",
    "bin_counts",
    "coassociation_pair",
    "leave_out_plot",
    "noise_survival_plot",
    "null_shares",
    "recovery_bars",
    "specification_bins",
    "specification_curve",
    "variance_share_bars",
]
