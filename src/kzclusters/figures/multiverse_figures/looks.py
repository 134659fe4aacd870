"""Colours, hatches and markers of the figures of the grid."""

from __future__ import annotations

from hclustkit.draw import style

BLUE, RED = style.OKABE_ITO["blue"], style.OKABE_ITO["vermillion"]

_LOOKS = (
    ("blue", "", "o"),
    ("orange", "////", "s"),
    ("bluish green", "....", "^"),
    ("reddish purple", "xxxx", "D"),
    ("sky blue", "----", "v"),
    ("yellow", "\\\\\\\\", "P"),
    ("grey", "++++", "X"),
)


def group_look(i: int) -> tuple[str, str, str]:
    """Give colour, hatch and marker of the i-th group."""
    color, hatch, marker = _LOOKS[i % len(_LOOKS)]
    return style.OKABE_ITO[color], hatch, marker
