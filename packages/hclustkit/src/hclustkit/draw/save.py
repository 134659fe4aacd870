"""Write a figure, the same bytes every time, and the data it draws beside it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from hclustkit import files
from hclustkit.draw import style
from hclustkit.errors import InputError, refusal

DPI = 200
"""Dots per inch of the PNG: 1,400 pixels across a full-width figure."""

FORMATS = ("svg", "png")


def save(
    figure: Figure,
    name: str,
    data: pd.DataFrame | Mapping[str, Any],
    folder: str | Path,
    *,
    formats: Sequence[str] = FORMATS,
    title: str | None = None,
    alt: str | None = None,
) -> list[Path]:
    """Write ``figure``, and the data that it draws, into ``folder``.

    Parameters
    ----------
    figure : matplotlib Figure
        Its layout is settled first, so that every later drawing is the same.
    name : str
        File name without extension: letters, digits, ``_`` and ``-``.
    data : DataFrame or dict
        What the figure draws: ``<name>.csv`` (with the index, unless it is the plain row
        number) or ``<name>.json``. A dict may hold DataFrames (written as lists of rows) and
        Series (written as objects).
    folder : path
        Made where it is missing.
    formats : sequence of {"svg", "png"}
        The pictures to write.
    title, alt : str, optional
        Title and alternative text. They become ``<title>`` and ``<desc>`` of the SVG, which
        then says ``role="img"``, and text entries of the PNG. Both or neither.

    Returns
    -------
    list of Path
        The pictures in the order of ``formats``, then the data file. A file whose content
        would not change is not touched.

    Raises
    ------
    InputError
        A bad name or format, empty alternative text, or data that is neither of the two.

    Examples
    --------
    >>> import tempfile
    >>> from hclustkit.draw import scree
    >>> schedule = pd.DataFrame({"stage": [1, 2], "coefficient": [0.5, 40.0]})
    >>> written = save(scree(schedule), "scree", schedule, tempfile.mkdtemp(), formats=["svg"])
    >>> [path.name for path in written]
    ['scree.svg', 'scree.csv']
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        message = f"figure name {name!r}: letters, digits, '_' and '-' only"
        raise refusal(message, "name", "figure-name", name)
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown:
        message = f"figure {name}: format {unknown[0]!r} is none of {FORMATS}"
        raise refusal(message, "formats", "unknown-name", unknown[0])
    if (title is None) != (alt is None):
        message = f"figure {name}: give both a title and an alternative text, or neither"
        raise refusal(message, "title", "title-and-alternative")
    for what, text in (("title", title), ("alternative text", alt)):
        if text is not None and not text.strip():
            raise InputError(f"figure {name}: the {what} is empty", place=what, rule="empty-text")
    if not isinstance(data, (pd.DataFrame, Mapping)):
        message = f"figure {name}: data must be a DataFrame or a dict, got {type(data).__name__}"
        raise refusal(message, "data", "table-type", type(data).__name__)
    folder = Path(folder)
    settle(figure)
    draw = {"svg": svg_bytes, "png": png_bytes}
    written = [
        files.write_bytes(folder / f"{name}.{kind}", draw[kind](figure, name, title, alt))
        for kind in formats
    ]
    written.append(write_data(name, data, folder))
    return written


def settle(figure: Figure) -> None:
    """Lay the figure out once and keep that layout, so that every later drawing is the same."""
    if figure.get_layout_engine() is None:
        return
    with style.use():
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        # the solver of the layout differs in the last digits from process to process
        place = axes.get_position(original=True).bounds
        rounded = Bbox.from_bounds(*(round(edge, 7) for edge in place))
        axes.set_position(rounded, which="original")


def write_data(name: str, data: pd.DataFrame | Mapping[str, Any], folder: str | Path) -> Path:
    """Write the data of figure ``name`` as CSV (DataFrame) or JSON (dict)."""
    folder = Path(folder)
    if isinstance(data, pd.DataFrame):
        return files.write_csv(
            folder / f"{name}.csv", data, index=not files.has_default_index(data)
        )
    return files.write_json(folder / f"{name}.json", data)


def svg_bytes(figure: Figure, name: str, title: str | None = None, alt: str | None = None) -> bytes:
    """Write the figure as SVG, without date, program name or random identifiers."""
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with style.use(), matplotlib.rc_context({"svg.hashsalt": f"hclustkit-{name}"}):
        drawn = _print(FigureCanvasSVG(figure).print_svg, figure, figure.dpi, metadata)
    text = re.sub(r'(?<= d=")[^"]*', _short_path, drawn.decode("utf-8"))
    if title is not None and alt is not None:
        head = re.search(r"<svg\b[^>]*>", text)
        if head is None:  # matplotlib always writes one
            raise RuntimeError(f"figure {name}: no <svg> element")
        tag = head.group()[:-1] + (
            f' role="img" aria-labelledby="{name}-title {name}-desc">\n'
            f' <title id="{name}-title">{escape(_one_line(title))}</title>\n'
            f' <desc id="{name}-desc">{escape(_one_line(alt))}</desc>'
        )
        text = text[: head.start()] + tag + text[head.end() :]
    return text.encode("utf-8")


def _print(printer: Callable[..., Any], figure: Figure, dpi: float, metadata: Any) -> bytes:
    """Draw a settled figure once; `Figure.savefig` would draw it unseen before, to lay it out."""
    buffer, kept = io.BytesIO(), figure.dpi
    figure.dpi = dpi
    printer(buffer, metadata=metadata)
    figure.dpi = kept
    return buffer.getvalue()


def _short_path(found: re.Match[str]) -> str:
    """Write a path in steps of a hundredth of a point, each from the place before."""
    parts = re.findall(r"([MLQCz])([^MLQCz]*)", found[0])
    at = start = (0, 0)
    text, last = [], ""
    for letter, given in parts:
        flat = [round(float(number) * 100) for number in given.split()]
        places = list(zip(flat[::2], flat[1::2], strict=True))
        steps = [one for x, y in places for one in (x - at[0], y - at[1])]
        numbers = " ".join(map(_hundredths, steps))
        text.append((" " if letter == last and places else letter.lower()) + numbers)
        at = places[-1] if places else start
        start, last = (at if letter == "M" else start), letter
    return re.sub(" (?=-)", "", "".join(text))


def _hundredths(number: int) -> str:
    """Write a number of hundredths as short as SVG allows: ".5" for 50, "-3" for -300."""
    whole, rest = divmod(abs(number), 100)
    sign = "-" if number < 0 else ""
    text = f"{whole or ''}.{rest:02d}".rstrip("0") if rest else str(whole)
    return sign + text


def png_bytes(
    figure: Figure,
    name: str,  # noqa: ARG001
    title: str | None = None,
    alt: str | None = None,
) -> bytes:
    """Write the figure as PNG at `DPI`, without program name or date."""
    metadata: dict[str, str | None] = {"Software": None}
    if title is not None and alt is not None:
        metadata |= {"Title": _one_line(title), "Description": _one_line(alt)}
    with style.use():
        return _print(FigureCanvasAgg(figure).print_png, figure, DPI, metadata)


def _one_line(text: str) -> str:
    return " ".join(text.split())
