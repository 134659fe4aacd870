"""What the notebooks use to show things: figures with alternative text, tables, sentences."""

from __future__ import annotations

import html
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import fault, refusal
from IPython.display import HTML, Image, Markdown, display
from matplotlib.figure import Figure
from PIL import Image as Raster

from kzclusters import figures, paths
from kzclusters.figures import manifest
from kzclusters.wording import MINUS, literal

WIDTH = 800
"""Largest width of a picture inside a notebook, in pixels."""
COLOURS = 64
"""Colours of a picture inside a notebook; the files of the figures keep all of theirs."""

FULL_SIZE = "The figure in full size"
"""What the link below a picture says."""


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
            display(Markdown(f"[{FULL_SIZE}]({self.link})"))


def small(png: bytes) -> bytes:
    """Return a picture at most `WIDTH` pixels wide with a palette of `COLOURS`, as PNG."""
    picture = Raster.open(io.BytesIO(png)).convert("RGB")
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Raster.Resampling.LANCZOS)
    few = picture.quantize(COLOURS, method=Raster.Quantize.FASTOCTREE, dither=Raster.Dither.NONE)
    colours, ground = few.getpalette() or [], 3 * few.tobytes()[0]
    colours[ground : ground + 3] = picture.tobytes()[:3]  # each is a mean of several
    few.putpalette(colours)
    buffer = io.BytesIO()
    few.save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _entry(name: str, facts: Mapping[str, Any]) -> manifest.FigureEntry:
    """Read what the manifest says of a figure, its placeholders filled."""
    entries = manifest.read(paths.FIGURES / "manifest.yml")
    if name not in entries:
        place = "figures/manifest.yml"
        raise refusal(f"{place} has no figure {name!r}", place, "unknown-figure", name)
    return manifest.fill({name: entries[name]}, facts)[name]


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
    entry = _entry(name, facts)
    folder = paths.resolve(folder)
    by_hand = folder.is_relative_to(paths.RUNS / "by-hand")
    seen = os.path.relpath(folder, paths.NOTEBOOKS) if by_hand else f"../{folder.name}"
    written = figures.save(figure, name, data, folder, title=entry.title, alt=entry.alt)
    png = next(path for path in written if path.suffix == ".png")
    return CaptionedImage(
        caption=entry.caption,
        link=f"{seen}/{name}.svg",
        data=small(png.read_bytes()),
        format="png",
        width=min(WIDTH, round(figure.get_size_inches()[0] * 100)),
        alt=entry.alt,
    )


def show(name: str, folder: str | Path, facts: Mapping[str, Any]) -> Image:
    """Show a figure that another notebook has drawn.

    Parameters
    ----------
    name, folder, facts
        As in `publish`.

    Raises
    ------
    InputError
        The figure is not there or not in the manifest, or the facts do not fill its text.
    """
    path = paths.resolve(folder) / f"{name}.png"
    entry = _entry(name, facts)
    if not path.is_file():
        raise fault(paths.from_root(path), "the figure is missing; run `make`", "missing-file")
    return Image(data=small(path.read_bytes()), format="png", width=700, alt=entry.alt)


def sketch(figure: Figure, alt: str) -> Image:
    """Show a figure that explains a step and is not one of the published figures.

    Parameters
    ----------
    figure : matplotlib figure
    alt : what it shows, for those who cannot see it
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    width = round(figure.get_size_inches()[0] * 100)
    return Image(data=small(buffer.getvalue()), format="png", width=width, alt=alt)


def table(frame: pd.DataFrame, decimals: int | None = None, *, index: bool = True) -> HTML:
    """Show a whole table, numbers rounded for reading only, empty cells empty.

    The thousands of whole numbers are set apart in columns that reach ten thousand: no years.
    """
    form = None if decimals is None else f"{{:,.{decimals}f}}".format
    large = frame.select_dtypes("integer").abs().max() >= 10_000
    apart = dict.fromkeys(large.index[large], "{:,}".format)
    return HTML(
        frame.to_html(float_format=form, formatters=apart, na_rep="", index=index, border=0)
    )


def fold(
    frame: pd.DataFrame, summary: str, decimals: int | None = None, *, index: bool = True
) -> HTML:
    """Show a long table behind a line that opens it."""
    shown = table(frame, decimals, index=index).data
    return HTML(f"<details><summary>{html.escape(summary)}</summary>\n{shown}\n</details>")


def say(text: str) -> Markdown:
    """Show sentences with a true minus; what comes from a table has passed through `literal`."""
    return Markdown(re.sub(r"(?<= )-(?=\d)", MINUS, text))


def bullets(items: Mapping[Any, str]) -> Markdown:
    """Show a list, one line an item, its head in bold; heads and texts are taken literally."""
    return say("\n".join(f"* **{literal(k)}**: {literal(text)}" for k, text in items.items()))
