"""Outlines with fewer points: a border that two regions share stays one line.

References
----------
Douglas, D. H., Peucker, T. K. (1973), Algorithms for the reduction of the number of points
required to represent a digitized line or its caricature. Cartographica 10, 112-122.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hclustkit.arrays import Bools, Floats, Ints
from hclustkit.space.maps import Outlines, rings_of, with_rings


def simplify(outlines: Outlines, tolerance: float) -> Outlines:
    """Leave out points as long as no border moves by more than a tolerance.

    A border is a line between two places where three lines meet. It is simplified once and
    given to the regions on both sides, so that no gap opens. Every ring keeps three points.

    Parameters
    ----------
    outlines : Outlines
        Regions share the points of their borders.
    tolerance : float
        In the units of the outlines; 0 keeps all points that are not on a straight line.

    Returns
    -------
    Outlines

    Examples
    --------
    >>> steps = np.array([[0, 0], [4, 0], [4, 1], [4.1, 2], [4, 3], [0, 3], [0, 0]])
    >>> len(simplify(Outlines({"a": [[steps]]}, in_km=False), 0.2).shapes["a"][0][0])
    5
    """
    rings = rings_of(outlines.shapes)
    points, places = np.unique(np.concatenate(rings), axis=0, return_inverse=True)
    stops = np.cumsum([len(ring) for ring in rings])[:-1]
    lines = [_open(line) for line in np.split(places.ravel(), stops)]
    size = float(np.ptp(points, axis=0).max()) or 1.0
    unit = (points - points[0]) / size  # squares stay in range
    ends = _ends(lines, unit)
    kept: dict[tuple[int, ...], Ints] = {}
    made = [points[_rebuild(line, ends, unit, tolerance / size, kept)] for line in lines]
    return Outlines(with_rings(outlines.shapes, made), outlines.in_km)


def _open(line: Ints) -> Ints:
    """Return a closed ring without its last point and without repetitions in a row."""
    kept: Ints = line[:-1][line[:-1] != line[1:]]
    return kept if len(kept) else line[:1]


def _ends(lines: list[Ints], points: Floats) -> Bools:
    """Mark where borders end: at points with other than two neighbours, three in each ring."""
    steps = np.concatenate([np.column_stack([line, np.roll(line, -1)]) for line in lines])
    edges = np.unique(np.sort(steps, axis=1), axis=0)
    ends: Bools = np.bincount(edges.ravel(), minlength=len(points)) != 2
    for line in lines:
        while ends[line].sum() < min(3, len(line)):
            at = points[np.sort(line)]
            fixed = points[line[ends[line]]]
            if not len(fixed):
                ends[line.min()] = True
                continue
            far = _distances(at, fixed[0], fixed[-1])
            far[ends[np.sort(line)]] = -1
            ends[np.sort(line)[int(far.argmax())]] = True
    return ends


def _distances(at: Floats, one: Floats, two: Floats) -> Floats:
    """Return squared distances of points from the stretch between two others."""
    along = two - one
    length = float(along @ along)
    share = np.clip((at - one) @ along / length, 0, 1) if length else np.zeros(len(at))
    far: Floats = ((at - one - share[:, None] * along) ** 2).sum(axis=1)
    return far


def _rebuild(
    line: Ints, ends: Bools, points: Floats, tolerance: float, kept: dict[tuple[int, ...], Ints]
) -> Ints:
    """Put a ring together from its simplified borders, each of which is kept for the other side."""
    stops = np.flatnonzero(ends[line])
    turned = np.roll(line, -stops[0])
    cuts = [*(stops - stops[0]).tolist(), len(line)]
    turned = np.append(turned, turned[0])
    whole = []
    for start, stop in pairwise(cuts):
        border = turned[start : stop + 1]
        forward, backward = tuple(border.tolist()), tuple(border[::-1].tolist())
        key = min(forward, backward)
        if key not in kept:
            kept[key] = np.array(key)[_mark_needed(points[list(key)], tolerance**2)]
        whole.append((kept[key] if key == forward else kept[key][::-1])[:-1])
    ring = np.concatenate(whole)
    return np.append(ring, ring[0])


def _mark_needed(border: Floats, tolerance: float) -> Bools:
    """Mark the points of a line that Douglas and Peucker keep; the tolerance is squared."""
    needed = np.zeros(len(border), dtype=bool)
    needed[[0, -1]] = True
    waiting = [(0, len(border) - 1)]
    while waiting:
        start, stop = waiting.pop()
        if stop - start < 2:
            continue
        far = _distances(border[start + 1 : stop], border[start], border[stop])
        if far.max() > tolerance:
            middle = start + 1 + int(far.argmax())
            needed[middle] = True
            waiting += [(start, middle), (middle, stop)]
    return needed
