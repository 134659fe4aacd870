"""What the study hands to the analysis of what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kzclusters.study import MissingChoices


@dataclass(frozen=True)
class Given:
    """Figure 3, the baseline and the grid, and the draws and limits of this analysis.

    Attributes
    ----------
    published : region -> published cluster, in case order
    cities : codes of the two cities
    years, scalings : of the study and of the grid
    year, scaling, linkage, k : of the baseline
    seed : of every draw
    choices : draws and limits
    """

    published: pd.Series
    cities: Sequence[str]
    years: Sequence[int]
    scalings: Sequence[str]
    year: int
    scaling: str
    linkage: str
    k: int
    seed: int
    choices: MissingChoices
