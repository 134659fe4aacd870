"""Every division of a graph into connected parts, one after the other, without dead ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def components(near: Sequence[int], within: int) -> list[int]:
    """Collect the components of some vertices, by their lowest one; sets are bits.

    Examples
    --------
    >>> components([0b010, 0b101, 0b010], 0b101)
    [1, 4]
    """
    found = []
    while within:
        whole = edge = within & -within
        while edge:
            lowest = edge & -edge
            new = near[lowest.bit_length() - 1] & within & ~whole
            whole |= new
            edge = edge & ~lowest | new
        found.append(whole)
        within &= ~whole
    return found


def connected_divisions(near: Sequence[int], parts: int) -> Iterator[list[int] | None]:
    """List the divisions of a graph into a number of connected parts, each once.

    The part of the lowest vertex grows by one neighbour at a time, which it takes or never
    takes, as long as what it leaves can still be divided: every way that is begun leads to a
    division. Between two divisions a None is given for each step, so that a caller can count.

    Parameters
    ----------
    near : sequence of int
        The neighbours of each vertex, as bits.
    parts : int

    Yields
    ------
    list of int, or None
        The parts, as bits.

    Examples
    --------
    >>> path = [0b0010, 0b0101, 0b1010, 0b0100]
    >>> sorted(sorted(each) for each in connected_divisions(path, 2) if each)
    [[1, 14], [3, 12], [7, 8]]
    """
    start = (1 << len(near)) - 1
    if not len(components(near, start)) <= parts <= len(near):
        return
    waiting: list[tuple[Any, int, int, int, int, int]] = [(None, start, parts, 0, 0, 0)]
    while waiting:
        done, rest, left, part, around, never = waiting.pop()
        yield None
        if not part:
            pieces = components(near, rest)
            if left == rest.bit_count():
                pieces = [1 << at for at in range(rest.bit_length()) if rest >> at & 1]
            if left == len(pieces):
                while done:
                    done, piece = done
                    pieces.append(piece)
                yield pieces
                continue
            part = rest & -rest
            around = near[part.bit_length() - 1]
        open_ = around & rest & ~part & ~never
        if not open_:
            waiting.append(((done, part), rest & ~part, left - 1, 0, 0, 0))
            continue
        new = open_ & -open_
        grown = around | near[new.bit_length() - 1]
        for mine, reach, others in ((part | new, grown, never), (part, around, never | new)):
            outside = rest & ~mine
            # what holds no vertex that stays outside can still be taken whole
            apart = sum(
                bool(each & others or not each & reach) for each in components(near, outside)
            )
            if apart < left <= outside.bit_count() + 1:
                waiting.append((done, rest, left, mine, reach, others))
