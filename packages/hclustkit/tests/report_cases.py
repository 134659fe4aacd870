"""Tables that stand for users' own, and a small budget."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hclustkit.draw.layout import SMALLEST
from hclustkit.draw.style import use
from hclustkit.report.budget import QUICK_INDICES, Budget
from matplotlib.figure import Figure
from matplotlib.text import Text

LONG_NAMES = (
    "Provincia Autonoma di Bolzano/Bozen",
    "Северо-Казахстанская область",
    "Itä-Suomi (NUTS 2006) Pohjois- ja Itä-Suomi sekä Ahvenanmaan maakunta ja muut x",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "$Income_{a}$ & <b>tax</b>",
)


def small(n: int, p: int, *, thorough: bool = False) -> Budget:
    """Replace `hclustkit.report.budget.budget` by next to nothing."""
    assert not thorough
    return Budget(10, n, n, QUICK_INDICES, 0, 2, 2, crossed=False, linkages=True)


def blobs(n: int, p: int, *, clusters: int = 3, names: tuple[str, ...] = ("r",)) -> pd.DataFrame:
    """Make clusters of rows that lie well apart."""
    rng = np.random.default_rng(n + p)
    centres = rng.normal(size=(clusters, p)) * 8
    x = centres[np.arange(n) % clusters] + rng.normal(size=(n, p))
    labels = [f"{names[i % len(names)]} {i}" for i in range(n)]
    return pd.DataFrame(x, index=labels, columns=[f"variable {i}" for i in range(p)])


def written(table: pd.DataFrame, path: Path, **options: object) -> Path:
    """Write a table as a user would have it."""
    table.to_csv(path, index_label="name", **options)
    return path


def drawn_texts(figure: Figure) -> list[Text]:
    """List every text that is really drawn; ticks outside the axes are not."""
    seen: list[Text] = []
    original = Text.draw

    def record(self: Text, renderer: object) -> None:
        if self.get_visible() and self.get_text().strip() and self not in seen:
            seen.append(self)
        original(self, renderer)

    with pytest.MonkeyPatch.context() as patch, use():
        patch.setattr(Text, "draw", record)
        figure.draw_without_rendering()
    return seen


def faults_of_text(figure: Figure) -> list[str]:
    """List texts that are cut off, too small or over one another."""
    seen = drawn_texts(figure)
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    placed = [(text, text.get_window_extent(renderer)) for text in seen]
    found = [
        f"{text.get_text()!r} has {text.get_fontsize()} points"
        for text, _ in placed
        if text.get_fontsize() < SMALLEST
    ]
    for text, box in placed:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1:
            found.append(f"{text.get_text()!r} is cut off")
    upright = [(text, box) for text, box in placed if text.get_rotation() % 90 == 0]
    for (one, a), (two, b) in itertools.combinations(upright, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1:
            found.append(f"{one.get_text()!r} overlaps {two.get_text()!r}")
    return found
