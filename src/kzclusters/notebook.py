"""What the notebooks use to show things: figures with alternative text, tables, sentences."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import InputError
from IPython.display import HTML, Image, Markdown, display
from matplotlib.figure import Figure

from kzclusters import figures, paths
from kzclusters.figures import manifest


class CaptionedImage(Image):
    """A picture that shows its caption below it."""

    def __init__(self, *, caption: str, **options: Any) -> None:
        super().__init__(**options)
        self.caption = caption
        self.plain = Image(**options)

    def _ipython_display_(self) -> None:
        display(self.plain)
        display(Markdown(f"*{self.caption}*"))


def publish(
    figure: Figure,
    name: str,
    data: pd.DataFrame | Mapping[str, Any],
    folder: str | Path,
    facts: Mapping[str, Any],
) -> CaptionedImage:
    """Save a figure with its data, and return it with its caption for display.

    Parameters
    ----------
    figure, name, data
        As in `hclustkit.draw.save`.
    folder : the folder of figures of this run.
    facts : nested mapping
        Numbers for the placeholders of title, caption and alternative text in the manifest.

    Raises
    ------
    InputError
        The manifest has no such figure, or a placeholder that ``facts`` does not fill.
    """
    entries = manifest.read(paths.FIGURES / "manifest.yml")
    if name not in entries:
        raise InputError(f"figures/manifest.yml has no figure {name!r}")
    entry = manifest.fill({name: entries[name]}, facts)[name]
    written = figures.save(
        figure, name, data, paths.resolve(folder), title=entry.title, alt=entry.alt
    )
    png = next(path for path in written if path.suffix == ".png")
    width = round(figure.get_size_inches()[0] * 100)
    return CaptionedImage(
        caption=entry.caption, data=png.read_bytes(), format="png", width=width, alt=entry.alt
    )


def table(frame: pd.DataFrame, decimals: int | None = None, *, index: bool = True) -> HTML:
    """A whole table as HTML, numbers rounded for reading only; empty cells stay empty."""
    form = None if decimals is None else f"{{:,.{decimals}f}}".format
    return HTML(frame.to_html(float_format=form, na_rep="", index=index, border=0))


def folded(
    frame: pd.DataFrame, summary: str, decimals: int | None = None, *, index: bool = True
) -> HTML:
    """A long table behind a line that opens it."""
    shown = table(frame, decimals, index=index).data
    return HTML(f"<details><summary>{html.escape(summary)}</summary>\n{shown}\n</details>")


def say(text: str) -> Markdown:
    """A sentence whose numbers were filled in by the caller."""
    return Markdown(text)
