"""The outlines of a map as the explorer draws them: few points, whole numbers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from hclustkit.space.maps import Outlines, Polygon
from hclustkit.space.simplify import simplify

SIDE = 2000
"""The longer side of the map in its own units; on the screen it has a quarter of that."""

MOST = 50_000
"""Characters that the steps of a map may take in the page."""


def page_map(outlines: Outlines, labels: Sequence[Hashable]) -> dict[str, object]:
    """Describe a map to the explorer.

    Parameters
    ----------
    outlines : Outlines
    labels : sequence
        The order of the cases.

    Returns
    -------
    dict, ready for JSON
        ``width`` and ``height``, and ``shapes``: of each case its ``rings``, each a place and
        the steps from there, the place of its mark (``x``, ``y``), the ``room`` and ``area`` it
        has. Borders that two cases share stay the same line.

    Examples
    --------
    >>> square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    >>> page_map(Outlines({"a": [[square]]}, in_km=False), ["a"])["shapes"][0]["rings"]
    [[0, 2000, 2000, 0, 0, -2000, -2000, 0]]
    """
    x, y, right, top = outlines.bounds()
    scale = SIDE / max(right - x, top - y)
    tolerance = 1.2 / scale
    while True:
        drawn = simplify(outlines, tolerance)
        rings = {
            label: [
                _steps((ring - (x, top)) * (scale, -scale))
                for part in _seen(drawn.shapes[label], tolerance)
                for ring in part
            ]
            for label in labels
        }
        if len(str(rings)) - sum(map(len, rings.values())) <= MOST or tolerance * scale > SIDE / 20:
            break
        tolerance *= 1.4
    centres, areas = outlines.centres(), outlines.areas()
    shapes = []
    for label in labels:
        west, _, east, _ = outlines.of(label).bounds()
        shapes.append(
            {
                "rings": rings[label],
                "x": round((centres[label][0] - x) * scale),
                "y": round((top - centres[label][1]) * scale),
                "room": round((east - west) * scale),
                "area": round(areas[label] * scale**2),
            }
        )
    return {
        "width": round((right - x) * scale),
        "height": round((top - y) * scale),
        "shapes": shapes,
    }


def _seen(parts: Sequence[Polygon], tolerance: float) -> list[Polygon]:
    """Leave out islands that are smaller than the tolerance; the largest part stays."""
    sizes = [float(np.ptp(part[0], axis=0).max()) for part in parts]
    return [
        part
        for part, size in zip(parts, sizes, strict=True)
        if size > tolerance or size == max(sizes)
    ]


def _steps(ring: np.ndarray) -> list[int]:
    """Write an open ring as a place and the steps from there, in whole numbers."""
    places = np.round(ring[:-1]).astype(int)
    steps = np.diff(places, axis=0)
    moved = steps[(steps != 0).any(axis=1)]
    return np.concatenate([places[:1], moved]).ravel().tolist()
