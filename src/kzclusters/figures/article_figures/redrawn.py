"""Figures 1 and 2 of the article, redrawn from its text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hclustkit.draw import style
from hclustkit.draw.layout import wrap
from hclustkit.draw.style import styled
from hclustkit.errors import InputError, refusal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path as Outline

from kzclusters.figures.article_figures.text import LEADING, point_sheet, print_lines
from kzclusters.figures.marks import DASHES, Look

REDRAWN = "Redrawn from the text; the source image is not available."

Node = Mapping[str, Any]


def _entries(content: Mapping[str, Any], key: str) -> list[Node]:
    """Give a list of the article's content, or raise an `InputError` where it is missing."""
    found = content.get(key)
    if not found:
        text = f"article content: {key!r} is missing"
        raise refusal(text, f"article content, {key}", "missing-entry")
    return list(found)


def _count_check(what: str, needed: str, got: object) -> InputError:
    text = f"article content: {what} needs {needed}, got {got}"
    return refusal(text, f"article content, {what}", "entry-count", got)


def _capitalize(text: str) -> str:
    """Make the first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def _member_lines(members: Sequence[str], width: float) -> list[str]:
    return [line for member in members for line in wrap(_capitalize(member), width, 7.5)]


def _source_note(axes: Axes, top: float) -> None:
    print_lines(axes, 12, top, [REDRAWN], 7, slant="italic", color=style.MUTED)


# ---------------------------------------------------------------------------------- figure 1


@styled
def figure1(content: Mapping[str, Any]) -> Figure:
    """Draw the triple helix: business, government and science, and what lies in their overlap.

    Parameters
    ----------
    content : mapping, as ``data/raw/article_content.yml``
        ``figure1.nodes`` (``id``, ``text``: the labels printed in the article, among them
        ``cluster`` for the overlap) and ``triple_helix`` (``id``, ``members``; an entry whose
        id is not a node is drawn beside the circles).

    Raises
    ------
    InputError
        A part is missing, or there are not three circles and one overlap.
    """
    nodes = {node["id"]: node for node in _entries(content.get("figure1", {}), "nodes")}
    actors = {actor["id"]: actor for actor in _entries(content, "triple_helix")}
    circles = [key for key in nodes if key in actors]
    overlap = [key for key in nodes if key not in actors]
    if len(circles) != 3 or len(overlap) != 1:
        got = (len(circles), len(overlap))
        raise _count_check("figure 1", "three actors and one overlap", got)
    width, height = 6.6, 5.35
    figure, axes = point_sheet(width, height)
    axes.set_aspect("equal")
    center = np.array([72 * width * 0.5 + 42, 72 * height * 0.445])
    colors = [style.OKABE_ITO[name] for name in ("orange", "blue", "bluish green")]
    for angle, key, color in zip((90, 210, 330), circles, colors, strict=True):
        heading = wrap(nodes[key]["text"], 100, 9, "bold")
        body = _member_lines(actors[key]["members"], 92)
        _draw_actor(axes, center, angle, color, _capitalize(key).upper(), heading, body)
    lines = wrap(nodes[overlap[0]]["text"], 66, 8.5, "bold")
    top = center[1] + len(lines) * 8.5 * LEADING / 2
    print_lines(axes, center[0], top, lines, 8.5, weight="bold", align="center")
    top = 72 * height - 26
    for key, actor in actors.items():
        if key not in nodes:
            top = _draw_outsider(axes, top, actor, center)
    _source_note(axes, 14)
    return figure


def _draw_actor(
    axes: Axes,
    center: np.ndarray,
    angle: float,
    color: str,
    actor: str,
    heading: Sequence[str],
    body: Sequence[str],
) -> None:
    """Draw one circle of the helix with its texts, in a direction from the centre."""
    radius, offset = 117.0, 72.0
    way = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    at = tuple(center + offset * way)
    axes.add_patch(Circle(at, radius, facecolor=color, alpha=0.25, linewidth=0))
    axes.add_patch(Circle(at, radius, fill=False, edgecolor=color, linewidth=2.0, zorder=3))
    x, y = center + (offset + (55 if angle == 90 else 62)) * way
    total = 7.5 * LEADING + len(heading) * 9 * LEADING + 4 + len(body) * 7.5 * LEADING
    look: Look = {"weight": "bold", "align": "center"}
    top = print_lines(axes, x, y + total / 2, [actor], 7.5, color=style.MUTED, **look)
    top = print_lines(axes, x, top, heading, 9, **look) - 4
    print_lines(axes, x, top, body, 7.5, align="center")


def _draw_outsider(axes: Axes, top: float, actor: Node, center: np.ndarray) -> float:
    """Draw an actor beside the circles with an arrow; return where the next one would start."""
    left, width = 12.0, 126
    head = wrap(actor["text"], 112, 7.5, "bold")
    body = _member_lines(actor["members"], 112)
    tall = (len(head) + len(body)) * 7.5 * LEADING + 14
    dashed: Look = {"linewidth": 0.9, "linestyle": DASHES}
    shape: Look = {"boxstyle": "round,pad=0,rounding_size=5", "facecolor": "white"}
    corner = (left, top - tall)
    axes.add_patch(FancyBboxPatch(corner, width, tall, edgecolor=style.MUTED, **shape, **dashed))
    bottom = print_lines(axes, left + 7, top - 6, head, 7.5, weight="bold")
    print_lines(axes, left + 7, bottom, body, 7.5)
    tip: Look = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 0, "shrinkB": 0}
    bend: Look = {"connectionstyle": "arc3,rad=0.2", "color": style.MUTED, "zorder": 2}
    start, end = (left + 70, top - tall), center + np.array([-40.0, 6.0])
    axes.add_patch(FancyArrowPatch(start, end, **tip, **bend, **dashed))
    return top - tall - 8


# ---------------------------------------------------------------------------------- figure 2

BOX = np.array([142.0, 74.0])
"""Width and height of a step, points."""

BASES = {"stated": "step stated in the text", "formula": "step taken from the formula"}


@styled
def figure2(content: Mapping[str, Any]) -> Figure:
    """Draw the cycle tradition – investment – innovation – investment.

    Parameters
    ----------
    content : mapping, as ``data/raw/article_content.yml``
        ``figure2.nodes`` (``id``, ``text`` as "Name: explanation", four of them in order) and
        ``figure2.edges`` (``from``, ``to``, ``text``, ``basis``: "stated" is drawn solid, any
        other basis dashed).
    """
    part = content.get("figure2", {})
    nodes, edges = _entries(part, "nodes"), _entries(part, "edges")
    if len(nodes) != 4:
        raise _count_check("figure 2", "four steps", len(nodes))
    number = {node["id"]: i for i, node in enumerate(nodes)}
    for edge in edges:
        for end in ("from", "to"):
            if edge[end] not in number:
                text = f"article content: figure 2 has no step {edge[end]!r}"
                raise refusal(text, "article content, figure 2, edges", "unknown-step", edge[end])
    width, height = 6.6, 4.25
    figure, axes = point_sheet(width, height)
    middle = np.array([72 * width / 2, 72 * height * 0.535])
    # clockwise from the left
    spots = [middle + np.array(d) for d in ((-155, 0), (0, 100), (155, 0), (0, -100))]
    colors = [style.OKABE_ITO[name] for name in ("sky blue", "orange", "bluish green", "orange")]
    for spot, node, color in zip(spots, nodes, colors, strict=True):
        _draw_step(axes, spot, node["text"], color)
    dashes: dict[str, Any] = {}
    for edge in edges:
        basis = edge.get("basis", "")
        dashes[basis] = "solid" if basis == "stated" else DASHES
        ends = (spots[number[edge["from"]]], spots[number[edge["to"]]])
        _draw_edge(axes, *ends, middle, edge.get("text", ""), dashes[basis])
    steps = [node["text"].partition(":")[0] for node in nodes]
    formula = wrap(" \N{EN DASH} ".join(steps).lower(), 120, 8, "bold")
    top = middle[1] + len(formula) * 8 * LEADING / 2
    look: Look = {"weight": "bold", "align": "center", "color": style.MUTED}
    print_lines(axes, middle[0], top, formula, 8, **look)
    x = 72 * width - 150.0
    for i, (basis, line) in enumerate(dashes.items()):
        y = 12 + 11 * (len(dashes) - 1 - i)
        axes.plot((x, x + 24), (y, y), color=style.INK, linewidth=1.2, linestyle=line)
        axes.text(x + 29, y, BASES.get(basis, basis), fontsize=7, va="center_baseline")
    _source_note(axes, 18)
    return figure


def _draw_step(axes: Axes, spot: np.ndarray, text: str, color: str) -> None:
    """Draw the box of a step: its name and what it means."""
    shape: Look = {"boxstyle": "round,pad=0,rounding_size=7", "facecolor": "white"}
    (left, bottom), (width, height) = spot - BOX / 2, BOX
    edge: Look = {"edgecolor": color, "linewidth": 2.0}
    axes.add_patch(FancyBboxPatch((left, bottom), width, height, zorder=3, **shape, **edge))
    head, _, body = text.partition(":")
    lines = wrap(body.strip(), BOX[0] - 16, 7.5)
    top = spot[1] + (9.5 * LEADING + 3 + len(lines) * 7.5 * LEADING) / 2
    top = print_lines(axes, spot[0], top, [head], 9.5, weight="bold", align="center") - 3
    print_lines(axes, spot[0], top, [*map(_capitalize, lines[:1]), *lines[1:]], 7.5, align="center")


def _draw_edge(
    axes: Axes, start: np.ndarray, end: np.ndarray, middle: np.ndarray, text: str, dashes: object
) -> None:
    """Draw an arrow from step to step, bent away from the middle, with its text outside."""
    # leave through the side that faces up or down, arrive through the one that faces in
    side = np.sign(end - start)
    if abs(start[0] - middle[0]) > abs(start[1] - middle[1]):
        begin = start + np.array([0, side[1] * BOX[1] / 2])
        finish = end - np.array([side[0] * BOX[0] / 2, 0])
        corner = np.array([begin[0], finish[1]])
    else:
        begin = start + np.array([side[0] * BOX[0] / 2, 0])
        finish = end - np.array([0, side[1] * BOX[1] / 2])
        corner = np.array([finish[0], begin[1]])
    path = Outline([begin, corner, finish], [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3])
    line: Look = {"color": style.INK, "linewidth": 1.2, "linestyle": dashes}
    head: Look = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(path=path, **head, **line))
    outward = np.sign(corner - middle)
    lines = wrap(text, 92, 7.5, slant="italic")
    at = corner + outward * np.array([-3, 0])
    top = at[1] + (len(lines) * 7.5 * LEADING + 3 if outward[1] > 0 else -3)
    print_lines(axes, at[0], top, lines, 7.5, slant="italic", align="center")
