"""Figures 1–3 of the article: two redrawn from its text, the third beside our clusters."""

from kzclusters.figures.article_figures.figure3 import figure3, figure3_data
from kzclusters.figures.article_figures.redrawn import REDRAWN, figure1, figure2

__all__ = ["REDRAWN", "figure1", "figure2", "figure3", "figure3_data"]
