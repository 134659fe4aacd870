"""One look for every figure: colours, the second cue of each cluster, fonts, colour maps.

Colours are those of Okabe and Ito (2008), "Color Universal Design". Eight or nine are the most
that an eye can tell apart, so no figure relies on colour alone: a cluster also has a hatch,
a marker and, always, its printed number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.typing import ColorType

from hclustkit.compare import renumber
from hclustkit.errors import refusal

P = ParamSpec("P")
R = TypeVar("R")

OKABE_ITO: dict[str, str] = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "bluish green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "reddish purple": "#CC79A7",
    "black": "#000000",
    "grey": "#999999",
}
"""The palette of Okabe and Ito with the grey that R adds, in the order clusters take it."""

HATCHES: tuple[str, ...] = ("", "////", "...", "\\\\\\\\", "xxxx", "----", "||||", "++++", "oo")
MARKERS: tuple[str, ...] = ("o", "s", "^", "D", "v", "P", "X", "h", "<")

WIDTH = 7.0
"""Width of a full-width figure, inches."""

INK = "#1A1A1A"
MUTED = "#595959"
FAINT = "#BFBFBF"
PALE = "#EFEFEF"

DASHED: dict[str, Any] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (4, 2.5))}
"""The line that marks a chosen number or a mean."""

PARAMS: dict[str, Any] = {
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "figure.constrained_layout.use": False,
    "savefig.facecolor": "white",
    "savefig.bbox": None,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.0,
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    # letters are where they were measured, at every resolution and in the SVG
    "text.hinting": "no_hinting",
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "legend.fontsize": 7.5,
    "legend.title_fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "hclustkit",
    "svg.image_inline": True,
    "path.simplify": True,
}
"""matplotlib settings of every figure; text is at least 7 points at the final width."""

DIVERGING = LinearSegmentedColormap.from_list(
    "diverging", ["#0B3C6F", "#2F79B5", "#8FC0E0", "#F7F7F7", "#F2B482", "#D1701F", "#8A3A00"]
)
"""Blue, white, brown: told apart under every common colour blindness, zero in white."""

SEQUENTIAL = LinearSegmentedColormap.from_list(
    "sequential", ["#F7FBFF", "#C9DDEF", "#86B7DA", "#3F87BF", "#135794", "#08305F"]
)
"""Pale to dark blue: lightness falls evenly, so it also reads in grey."""


CLASS_BORDER = "#8C8C8C"
"""Between values in classes: seen on the palest of them and on the darkest."""

NO_DATA_HATCH = "xxxxx"


def class_fills(count: int) -> list[ColorType]:
    """Return the colours of values in classes, the lowest first and palest.

    Examples
    --------
    >>> [round(luminance(fill), 2) for fill in class_fills(3)]
    [0.85, 0.3, 0.04]
    """
    return [SEQUENTIAL(0.08 + 0.88 * (i / max(1, count - 1))) for i in range(count)]


@dataclass(frozen=True)
class ClusterStyle:
    """How a cluster looks: fill colour, second cues, and a text colour that reads on the fill."""

    color: str
    hatch: str
    marker: str
    text_color: str

    @property
    def hatch_color(self) -> str:
        """A shade of the fill, darker or lighter, that shows the hatch without shouting."""
        rgb = np.array(to_rgb(self.color))
        target = np.ones(3) if self.text_color == "white" else np.zeros(3)
        mixed = rgb + 0.45 * (target - rgb)
        return matplotlib.colors.to_hex(mixed)


def luminance(color: ColorType) -> float:
    """Compute the relative luminance of a colour, 0 black to 1 white (WCAG 2.1)."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def text_on(color: ColorType) -> str:
    """Return ``"white"`` or ``"black"``: the one with more contrast on a colour (WCAG 2.1)."""
    light = luminance(color)
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "black"


def cluster_style(number: int) -> ClusterStyle:
    """Return the look of cluster ``number``, counted from 1.

    The nine colours repeat, the hatch and the marker then move on by one, so that the first
    81 numbers differ in colour or in hatch. The look of a number never depends on how many
    clusters there are.

    Parameters
    ----------
    number : int
        From 1.

    Returns
    -------
    ClusterStyle

    Examples
    --------
    >>> cluster_style(1).color, cluster_style(1).text_color
    ('#E69F00', 'black')
    """
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
        text = f"a cluster number is a whole number from 1, got {number!r}"
        raise refusal(text, "number", "cluster-number", number)
    index = int(number) - 1
    colors = tuple(OKABE_ITO.values())
    color = colors[index % len(colors)]
    step = index + index // len(colors)
    hatch, marker = HATCHES[step % len(HATCHES)], MARKERS[step % len(MARKERS)]
    return ClusterStyle(color, hatch, marker, text_on(color))


def cluster_styles(
    membership: pd.Series[Any], styles: Mapping[int, ClusterStyle] | None = None
) -> dict[int, ClusterStyle]:
    """Return the look of every cluster in ``membership``; ``styles`` takes precedence."""
    given = styles or {}
    return {
        int(number): given.get(int(number), cluster_style(int(number)))
        for number in sorted(membership.unique())
    }


def aligned_styles(reference: pd.Series[Any], other: pd.Series[Any]) -> dict[int, ClusterStyle]:
    """Choose looks for the clusters of ``other`` that follow those of ``reference``.

    Cluster numbers mean nothing across two partitions. Each cluster of ``other`` takes the
    look of the cluster of ``reference`` with which `hclustkit.compare.matching` pairs it;
    clusters left over get looks that ``reference`` does not use.

    Parameters
    ----------
    reference, other : Series of int, index the labels
        Two partitions of the same labels, clusters numbered from 1.

    Returns
    -------
    dict
        Cluster of ``other`` to its look.

    Examples
    --------
    >>> one = pd.Series([1, 1, 2], index=list("abc"))
    >>> looks = aligned_styles(one, pd.Series([2, 2, 1], index=list("abc")))
    >>> looks[2] == cluster_style(1)
    True
    """
    if set(reference.index) != set(other.index):
        raise refusal("the two partitions do not hold the same labels", "other", "same-labels")
    numbers = zip(other, renumber(reference, other), strict=True)
    return {int(one): cluster_style(int(two)) for one, two in sorted(set(numbers))}


def roman(number: int) -> str:
    """Write a number from 1 to 3999 in Roman numerals."""
    if not 1 <= int(number) <= 3999:
        text = f"there is no Roman numeral for {number!r}"
        raise refusal(text, "number", "roman-numeral", number)
    rest, text = int(number), ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += sign * (rest // value)
        rest %= value
    return text


def from_roman(text: str) -> int:
    """Return the number that a Roman numeral writes."""
    sign = str(text).strip().upper()
    for number in range(1, 4000):
        if roman(number) == sign:
            return number
    raise refusal(f"{text!r} is not a Roman numeral", "text", "roman-numeral", text)


def cluster_numbers(membership: pd.Series[Any]) -> pd.Series[int]:
    """Return cluster numbers as int, whether given as numbers or as Roman numerals."""
    if pd.api.types.is_integer_dtype(membership):
        return membership.astype(int)
    return membership.map(from_roman).astype(int)


def use() -> Any:
    """Return a context manager that sets `PARAMS` on top of matplotlib's own defaults.

    A ``matplotlibrc`` of the user has no say, so that figures come out the same everywhere.
    """
    settings: dict[Any, Any] = {
        key: value
        for key, value in matplotlib.rcParamsDefault.items()
        if not key.startswith(("backend", "webagg", "interactive"))
    }
    settings.update(PARAMS)
    return matplotlib.rc_context(settings)


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` under `use`."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with use():
            return function(*args, **kwargs)

    return wrapper
