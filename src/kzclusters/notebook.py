"""What the notebooks use to show things: figures with alternative text, tables, sentences."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import InputError
from IPython.display import HTML, Image, Markdown, display
from matplotlib.figure import Figure
from PIL import Image as Raster

from kzclusters import figures, paths
from kzclusters.figures import manifest
from kzclusters.wording import literal

WIDTH = 900
"""Largest width of a picture inside a notebook, in pixels."""
COLOURS = 64
"""Colours of a picture inside a notebook; the files of the figures keep all of theirs."""


class CaptionedImage(Image):
    """A picture that shows its caption below it, and where the full picture is.

    Attributes
    ----------
    caption : str
        What a reader should see in the figure.
    link : str
        Address of the vector drawing, seen from the folder of the notebook; may be empty.
    """

    def __init__(self, *, caption: str, link: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.caption, self.link = caption, link
        self.plain = Image(**options)

    def _ipython_display_(self) -> None:
        display(self.plain)
        display(Markdown(f"*{self.caption}*"))
        if self.link:
            display(Markdown(f"[The figure in full size]({self.link})"))


def small(png: bytes) -> bytes:
    """Return a picture at most `WIDTH` pixels wide with a palette of `COLOURS`, as PNG."""
    picture = Raster.open(io.BytesIO(png)).convert("RGB")
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Raster.Resampling.LANCZOS)
    palette = Raster.Quantize.MAXCOVERAGE
    buffer = io.BytesIO()
    picture.quantize(COLOURS, method=palette, kmeans=2, dither=Raster.Dither.NONE).save(
        buffer, "png", optimize=True
    )
    return buffer.getvalue()


def publish(
    figure: Figure,
    name: str,
    data: pd.DataFrame | Mapping[str, Any],
    folder: str | Path,
    facts: Mapping[str, Any],
) -> CaptionedImage:
    """Save a figure with its data, and return it small, with its caption, for display.

    Parameters
    ----------
    figure, name, data
        As in `hclustkit.draw.save`.
    folder : str or Path
        Where the figures of this run are written.
    facts : nested mapping
        Numbers for the placeholders of title, caption and alternative text in the manifest.

    Raises
    ------
    InputError
        The manifest has no such figure, or a placeholder that ``facts`` does not fill.
    """
    entries = manifest.read(paths.FIGURES / "manifest.yml")
    if name not in entries:
        raise InputError(
            f"figures/manifest.yml has no figure {name!r}",
            place="figures/manifest.yml",
            rule="unknown-figure",
            value=name,
        )
    entry = manifest.fill({name: entries[name]}, facts)[name]
    folder = paths.resolve(folder)
    written = figures.save(figure, name, data, folder, title=entry.title, alt=entry.alt)
    png = next(path for path in written if path.suffix == ".png")
    return CaptionedImage(
        caption=entry.caption,
        link=f"../{folder.name}/{name}.svg",
        data=small(png.read_bytes()),
        format="png",
        width=min(WIDTH, round(figure.get_size_inches()[0] * 100)),
        alt=entry.alt,
    )


def table(frame: pd.DataFrame, decimals: int | None = None, *, index: bool = True) -> HTML:
    """Show a whole table, numbers rounded for reading only, empty cells empty."""
    form = None if decimals is None else f"{{:,.{decimals}f}}".format
    return HTML(frame.to_html(float_format=form, na_rep="", index=index, border=0))


def folded(
    frame: pd.DataFrame, summary: str, decimals: int | None = None, *, index: bool = True
) -> HTML:
    """Show a long table behind a line that opens it."""
    shown = table(frame, decimals, index=index).data
    return HTML(f"<details><summary>{html.escape(summary)}</summary>\n{shown}\n</details>")


def say(text: str) -> Markdown:
    """Show sentences; what comes from a table has passed through `kzclusters.wording.literal`."""
    return Markdown(text)


def bullets(items: Mapping[Any, str]) -> Markdown:
    """Show a list, one line an item, its head in bold; heads and texts are taken literally."""
    return say("\n".join(f"* **{literal(k)}**: {literal(text)}" for k, text in items.items()))
