"""Figures 1–3 of the article: two redrawn from its text, the third set beside our clusters."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hclustkit.draw import style
from hclustkit.draw.layout import (
    badge,
    canvas,
    check_columns,
    check_labels,
    cluster_patch,
    shown,
    text_width,
    unbroken,
    wrap,
)
from hclustkit.draw.style import (
    ClusterStyle,
    aligned_styles,
    cluster_styles,
    numbered,
    roman,
    styled,
)
from hclustkit.errors import InputError
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from scipy.optimize import isotonic_regression

REDRAWN = "Redrawn from the text; the source image is not available."

ABBREVIATIONS = {
    "FEZ": "free economic zone",
    "JSC": "joint-stock company",
    "LLP": "limited liability partnership",
    "NC": "National Company",
    "RSE": "republican state enterprise",
    "SEC": "Social Entrepreneurial Corporation",
    "SEZ": "special economic zone",
}
"""Short forms in the names of organisations; those that occur are explained under the figure."""

MOST_NAMED = 4
"""Figure 3 names the regions that a cluster is merged with up to this number, then counts them."""

GAPS = (0, (3, 1.6))
"""Dashes of a line between clusters that are not the same."""

LEADING = 1.24
"""Line height by type size."""


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure with one axes over all of it, measured in points from the lower left."""
    return canvas(width, height, (0, 72 * width), (0, 72 * height))


def _lines(
    axes: Axes,
    x: float,
    top: float,
    lines: Sequence[str],
    size: float,
    *,
    weight: str = "normal",
    slant: str = "normal",
    align: str = "left",
    color: str = style.INK,
) -> float:
    """Print lines downwards from ``top``; return where the next one would start."""
    for line in lines:
        axes.text(
            x,
            top - size * LEADING / 2,
            line,
            fontsize=size,
            fontweight=weight,
            fontstyle=slant,
            ha=align,
            va="center_baseline",
            color=color,
            zorder=5,
        )
        top -= size * LEADING
    return top


def _items(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = content.get(key)
    if not found:
        raise InputError(f"article content: {key!r} is missing")
    return list(found)


# ---------------------------------------------------------------------------------- figure 1


@styled
def figure1(content: Mapping[str, Any]) -> Figure:
    """The triple helix: business, government and science, and what lies in their overlap.

    Parameters
    ----------
    content : mapping, as ``data/raw/article_content.yml``
        ``figure1.nodes`` (``id``, ``text``: the labels printed in the article, among them
        ``cluster`` for the overlap) and ``triple_helix`` (``id``, ``members``; an entry whose
        id is no node stands beside the circles).

    Raises
    ------
    InputError
        A part is missing, or there are not three circles and one overlap.
    """
    nodes = {node["id"]: node for node in _items(content.get("figure1", {}), "nodes")}
    actors = {actor["id"]: actor for actor in _items(content, "triple_helix")}
    circles = [key for key in nodes if key in actors]
    middle = [key for key in nodes if key not in actors]
    if len(circles) != 3 or len(middle) != 1:
        raise InputError(
            "article content: figure 1 needs three actors and one overlap, got "
            f"{len(circles)} and {len(middle)}"
        )
    width, height = 6.6, 5.35
    figure, axes = _canvas(width, height)
    axes.set_aspect("equal")
    center = np.array([72 * width * 0.5 + 42, 72 * height * 0.445])
    radius, offset = 117.0, 72.0
    colors = [style.OKABE_ITO[name] for name in ("orange", "blue", "bluish green")]
    for angle, key, color in zip((90, 210, 330), circles, colors, strict=True):
        way = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
        at = center + offset * way
        axes.add_patch(Circle(at, radius, facecolor=color, alpha=0.25, linewidth=0))
        axes.add_patch(Circle(at, radius, fill=False, edgecolor=color, linewidth=2.0, zorder=3))
        text_at = center + (offset + (55 if angle == 90 else 62)) * way
        heading = wrap(nodes[key]["text"], 100, 9, "bold")
        actor = key[:1].upper() + key[1:]
        body = [
            line
            for member in actors[key]["members"]
            for line in wrap(member[:1].upper() + member[1:], 92, 7.5)
        ]
        total = 7.5 * LEADING + len(heading) * 9 * LEADING + 4 + len(body) * 7.5 * LEADING
        top = text_at[1] + total / 2
        top = _lines(
            axes,
            text_at[0],
            top,
            [actor.upper()],
            7.5,
            weight="bold",
            align="center",
            color=style.MUTED,
        )
        top = _lines(axes, text_at[0], top, heading, 9, weight="bold", align="center") - 4
        _lines(axes, text_at[0], top, body, 7.5, align="center")
    overlap = wrap(nodes[middle[0]]["text"], 66, 8.5, "bold")
    top = center[1] + len(overlap) * 8.5 * LEADING / 2
    _lines(axes, center[0], top, overlap, 8.5, weight="bold", align="center")
    others = [actor for key, actor in actors.items() if key not in nodes]
    if others:
        left = 12.0
        top = 72 * height - 26
        for actor in others:
            head = wrap(actor["text"], 112, 7.5, "bold")
            body = [
                line
                for member in actor["members"]
                for line in wrap(member[:1].upper() + member[1:], 112, 7.5)
            ]
            tall = (len(head) + len(body)) * 7.5 * LEADING + 14
            axes.add_patch(
                FancyBboxPatch(
                    (left, top - tall),
                    126,
                    tall,
                    boxstyle="round,pad=0,rounding_size=5",
                    facecolor="white",
                    edgecolor=style.MUTED,
                    linewidth=0.9,
                    linestyle=(0, (4, 2.5)),
                )
            )
            bottom = _lines(axes, left + 7, top - 6, head, 7.5, weight="bold")
            _lines(axes, left + 7, bottom, body, 7.5)
            axes.add_patch(
                FancyArrowPatch(
                    (left + 70, top - tall),
                    center + np.array([-40.0, 6.0]),
                    shrinkA=0,
                    shrinkB=0,
                    connectionstyle="arc3,rad=0.2",
                    arrowstyle="-|>",
                    mutation_scale=9,
                    color=style.MUTED,
                    linewidth=0.9,
                    linestyle=(0, (4, 2.5)),
                    zorder=2,
                )
            )
            top -= tall + 8
    _lines(axes, 12, 14, [REDRAWN], 7, slant="italic", color=style.MUTED)
    return figure


# ---------------------------------------------------------------------------------- figure 2


@styled
def figure2(content: Mapping[str, Any]) -> Figure:
    """The cycle tradition – investment – innovation – investment, redrawn from the text.

    Parameters
    ----------
    content : mapping, as ``data/raw/article_content.yml``
        ``figure2.nodes`` (``id``, ``text`` as "Name: explanation", four of them in order) and
        ``figure2.edges`` (``from``, ``to``, ``text``, ``basis``: "stated" is drawn solid, any
        other basis dashed).
    """
    part = content.get("figure2", {})
    nodes, edges = _items(part, "nodes"), _items(part, "edges")
    if len(nodes) != 4:
        raise InputError(f"article content: figure 2 needs four steps, got {len(nodes)}")
    number = {node["id"]: i for i, node in enumerate(nodes)}
    for edge in edges:
        for end in ("from", "to"):
            if edge[end] not in number:
                raise InputError(f"article content: figure 2 has no step {edge[end]!r}")
    width, height = 6.6, 4.25
    figure, axes = _canvas(width, height)
    w, h = 72 * width, 72 * height
    box_w, box_h = 142.0, 74.0
    middle = np.array([w / 2, h * 0.535])
    # clockwise from the left
    spots = [middle + np.array(d) for d in ((-155, 0), (0, 100), (155, 0), (0, -100))]
    colors = [style.OKABE_ITO[name] for name in ("sky blue", "orange", "bluish green", "orange")]
    for spot, node, color in zip(spots, nodes, colors, strict=True):
        x, y = spot - np.array([box_w, box_h]) / 2
        axes.add_patch(
            FancyBboxPatch(
                (x, y),
                box_w,
                box_h,
                facecolor="white",
                boxstyle="round,pad=0,rounding_size=7",
                edgecolor=color,
                linewidth=2.0,
                zorder=3,
            )
        )
        head, _, body = node["text"].partition(":")
        lines = wrap(body.strip(), box_w - 16, 7.5)
        total = 9.5 * LEADING + 3 + len(lines) * 7.5 * LEADING
        top = spot[1] + total / 2
        top = _lines(axes, spot[0], top, [head], 9.5, weight="bold", align="center") - 3
        _lines(
            axes,
            spot[0],
            top,
            [line[:1].upper() + line[1:] if i == 0 else line for i, line in enumerate(lines)],
            7.5,
            align="center",
        )
    bases: dict[str, tuple[float, tuple[float, ...]] | str] = {}
    for edge in edges:
        a, b = number[edge["from"]], number[edge["to"]]
        start, end = spots[a], spots[b]
        solid = edge.get("basis") == "stated"
        dashes = "solid" if solid else (0, (4, 2.5))
        bases[edge.get("basis", "")] = dashes
        # leave through the side that faces up or down, arrive through the one that faces in
        side = np.sign(end - start)
        if abs(start[0] - middle[0]) > abs(start[1] - middle[1]):
            begin = start + np.array([0, side[1] * box_h / 2])
            finish = end - np.array([side[0] * box_w / 2, 0])
            corner = np.array([begin[0], finish[1]])
        else:
            begin = start + np.array([side[0] * box_w / 2, 0])
            finish = end - np.array([0, side[1] * box_h / 2])
            corner = np.array([finish[0], begin[1]])
        path = Outline([begin, corner, finish], [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3])
        axes.add_patch(
            FancyArrowPatch(
                path=path,
                arrowstyle="-|>",
                mutation_scale=11,
                color=style.INK,
                linewidth=1.2,
                linestyle=dashes,
                shrinkA=0,
                shrinkB=0,
            )
        )
        outward = np.sign(corner - middle)
        lines = wrap(edge.get("text", ""), 92, 7.5, slant="italic")
        tall = len(lines) * 7.5 * LEADING
        at = corner + outward * np.array([-3, 0])
        top = at[1] + (tall + 3 if outward[1] > 0 else -3)
        _lines(axes, at[0], top, lines, 7.5, slant="italic", align="center")
    steps = [node["text"].partition(":")[0] for node in nodes]
    formula = wrap(" \N{EN DASH} ".join(steps).lower(), 120, 8, "bold")
    top = middle[1] + len(formula) * 8 * LEADING / 2
    _lines(axes, middle[0], top, formula, 8, weight="bold", align="center", color=style.MUTED)
    names = {"stated": "step stated in the text", "formula": "step taken from the formula"}
    x = w - 150.0
    for i, (basis, dashes) in enumerate(bases.items()):
        y = 12 + 11 * (len(bases) - 1 - i)
        axes.plot((x, x + 24), (y, y), color=style.INK, linewidth=1.2, linestyle=dashes)
        axes.text(x + 29, y, names.get(basis, basis), fontsize=7, va="center_baseline")
    _lines(axes, 12, 18, [REDRAWN], 7, slant="italic", color=style.MUTED)
    return figure


# ---------------------------------------------------------------------------------- figure 3


@dataclass
class _Row:
    """One published cluster, measured: what stands left and in the middle, and how tall."""

    number: int
    regions: list[str]
    names: list[str]
    verdict: list[tuple[str, str]]
    lists: list[tuple[str, str]]
    height: float
    top: float = 0.0

    @property
    def center(self) -> float:
        return self.top - self.height / 2


def _organisation(row: Mapping[str, Any]) -> str:
    count = row.get("count")
    text = str(row["organisation"]).strip()
    text = re.sub(
        r'"([^"]*)"', "\N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}", text
    )
    return text if count is None or pd.isna(count) else f"{int(count)} {text}"


def _readings(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """(heading, organisations) for what both readings share, then for each of them alone."""
    reading = rows["reading"] if "reading" in rows else pd.Series("both", index=rows.index)
    result = []
    for kind, heading in (
        ("both", ""),
        ("figure", "Printed in the figure only"),
        ("text", "Listed in the text only"),
    ):
        chosen = rows[reading == kind]
        if len(chosen):
            texts = [_organisation(row) for row in chosen.to_dict("records")]
            result.append((heading, "; ".join(texts)))
    return result


def _verdict(
    number: int, published: pd.Series, membership: pd.Series, names: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    """What became of a published cluster: (word in bold, explanation)."""
    own = set(published.index[published == number])
    targets = sorted(membership[list(own)].unique())
    company = [
        region
        for target in targets
        for region in published.sort_values(kind="stable").index
        if membership[region] == target and region not in own
    ]
    if len(targets) == 1 and not company:
        return [("Recovered", "exactly")]
    result = []
    if len(targets) > 1:
        listed = f"{', '.join(map(str, targets[:-1]))} and {targets[-1]}"
        result.append(("Split", f"over our {listed}"))
    if len(company) > MOST_NAMED:
        result.append(("Merged", f"with {len(company)} other regions"))
    elif company:
        result.append(("Merged", f"with {unbroken(shown(company, names))}"))
    return result


def _run_in(bold: str, text: str, width: float, size: float) -> list[str]:
    """Lines of a paragraph that opens with a bold word; measured as if all were bold."""
    return wrap(f"{bold} {text}".strip(), width, size, "bold")


def figure3_data(
    published: pd.Series, infrastructure: pd.DataFrame, clusters: pd.Series
) -> dict[str, Any]:
    """What `figure3` draws, as `hclustkit.draw.save` writes it."""
    return {
        "published": published,
        "ours": clusters,
        "infrastructure": infrastructure[["cluster", "organisation", "reading"]],
    }


@styled
def figure3(
    published: pd.Series,
    infrastructure: pd.DataFrame,
    membership: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    styles: Mapping[int, ClusterStyle] | None = None,
    titles: tuple[str, str, str] = (
        "Published clusters",
        "Innovation infrastructure as the article lists it",
        "Our clusters",
    ),
) -> Figure:
    """Published clusters with their innovation infrastructure, linked to our clusters.

    Every region is a line from its published cluster to ours: solid where the published cluster
    is recovered exactly, dashed where it is split or merged.

    Parameters
    ----------
    published : Series, index the regions
        The article's clusters: Roman numerals ("I" …) or numbers from 1.
    infrastructure : DataFrame, one row an organisation, in the article's order
        Columns ``cluster`` (as in ``published``) and ``organisation``; optional ``count``
        (printed before the name) and ``reading`` ("both", "figure" or "text": whether the
        article's figure, its text or both list it).
    membership : Series of int, index the regions
        Our clusters.
    names : region -> printed name, optional
    styles : our cluster number -> look, optional; the published clusters take the looks of ours
        that they match
    titles : headings of the three columns

    Raises
    ------
    InputError
        Regions or clusters that differ between the inputs, or a missing column.
    """
    published, membership = numbered(published), numbered(membership)
    check_labels("our clusters", membership.index, published.index)
    check_columns("innovation infrastructure", infrastructure, ["cluster", "organisation"])
    table = infrastructure.assign(cluster=numbered(infrastructure["cluster"]))
    check_labels(
        "innovation infrastructure", sorted(table["cluster"].unique()), sorted(published.unique())
    )
    ours = cluster_styles(membership, styles)
    looks = cluster_styles(published, aligned_styles(membership, published))

    size, small = 7.0, 6.5
    page = 72 * style.WIDTH
    margin, pad = 5.0, 4.0
    chip, links_w, right_w = 24.0, 52.0, 106.0
    step, line = size * LEADING, small * LEADING
    free = page - 2 * margin - chip - links_w - right_w
    left_x, right_x = margin + chip, page - margin - right_w

    def measured(left_w: float) -> list[_Row]:
        rows = []
        for number in looks:
            regions = [str(r) for r in published.index[published == number]]
            printed = [
                text
                for r in regions
                for text in wrap(shown([r], names)[0], left_w - 2 * pad, size, "bold")
            ]
            verdict = _verdict(number, published, membership, names)
            said = sum(len(_run_in(b, t, left_w - 2 * pad, small)) for b, t in verdict)
            lists = _readings(table[table["cluster"] == number])
            listed = sum(
                len(wrap(text, free - left_w - 2 * pad, small)) + bool(heading)
                for heading, text in lists
            )
            tall = max(len(printed) * step + 3 + said * line, listed * line) + 2 * pad
            rows.append(_Row(number, regions, printed, verdict, lists, tall))
        return rows

    # the division between regions and organisations that makes the figure least tall
    left_w = min(
        (92.0, 104.0, 116.0, 128.0), key=lambda width: sum(row.height for row in measured(width))
    )
    rows = measured(left_w)
    middle_w = free - left_w
    middle_x = left_x + left_w

    gap, head = 4.0, 20.0
    found = sorted(
        word
        for word in ABBREVIATIONS
        if table["organisation"].str.contains(rf"\b{word}\b", regex=True).any()
    )
    note = "; ".join(f"{word} {ABBREVIATIONS[word]}" for word in found)
    note_lines = wrap(note, page - 2 * margin, small)
    foot = 18.0 + len(note_lines) * line + 6
    body = sum(row.height for row in rows) + gap * (len(rows) - 1)

    # our clusters, as near as can be to the published ones they come from
    box_pad = 4.0
    boxes = {
        number: [str(r) for row in rows for r in row.regions if membership[r] == number]
        for number in ours
    }
    tall_of = {number: len(r) * step + 2 * box_pad for number, r in boxes.items()}
    body = max(body, sum(tall_of.values()) + gap * (len(boxes) - 1))
    height = body + head + foot + 2 * margin
    figure, axes = _canvas(style.WIDTH, height / 72)

    top = height - margin - head
    spare = (body - sum(r.height for r in rows) - gap * (len(rows) - 1)) / max(1, len(rows) - 1)
    for row in rows:
        row.top = top
        top -= row.height + gap + spare
    start = {region: row for row in rows for region in row.regions}
    wish = {
        number: float(np.mean([start[r].center for r in members]))
        for number, members in boxes.items()
    }
    order = sorted(boxes, key=lambda number: (-wish[number], number))
    box_top = _spread(
        order, wish, tall_of, gap, height - margin - head, height - margin - head - body
    )

    for x, title in ((margin, titles[0]), (middle_x + pad, titles[1]), (right_x, titles[2])):
        axes.text(
            x,
            height - margin - head / 2 + 2,
            title,
            fontsize=8,
            fontweight="bold",
            va="center_baseline",
            ha="left",
        )

    for row in rows:
        bottom = row.top - row.height
        look = looks[row.number]
        axes.add_patch(
            Rectangle(
                (left_x, bottom),
                left_w + middle_w,
                row.height,
                facecolor="white",
                edgecolor=style.INK,
                linewidth=0.6,
            )
        )
        axes.add_patch(Rectangle((margin, bottom), chip, row.height, **cluster_patch(look)))
        axes.plot((middle_x, middle_x), (bottom + 3, row.top - 3), color=style.FAINT, linewidth=0.6)
        badge(axes, margin + chip / 2, row.center, roman(row.number), size=8)
        y = _lines(axes, left_x + pad, row.top - pad, row.names, size, weight="bold") - 3
        for bold, text in row.verdict:
            for i, part in enumerate(_run_in(bold, text, left_w - 2 * pad, small)):
                if i == 0:
                    _run(axes, left_x + pad, y, bold, part[len(bold) :], small)
                else:
                    _lines(axes, left_x + pad, y, [part], small)
                y -= line
        y = row.top - pad
        for heading, text in row.lists:
            if heading:
                y = _lines(
                    axes,
                    middle_x + pad,
                    y,
                    [heading + ":"],
                    small,
                    slant="italic",
                    color=style.MUTED,
                )
            y = _lines(axes, middle_x + pad, y, wrap(text, middle_w - 2 * pad, small), small)

    for number, members in boxes.items():
        look, top = ours[number], box_top[number]
        bottom = top - tall_of[number]
        axes.add_patch(
            Rectangle(
                (right_x, bottom),
                right_w - chip,
                tall_of[number],
                facecolor="white",
                edgecolor=style.INK,
                linewidth=0.6,
                zorder=4,
            )
        )
        axes.add_patch(
            Rectangle(
                (right_x + right_w - chip, bottom),
                chip,
                tall_of[number],
                zorder=4,
                **cluster_patch(look),
            )
        )
        badge(axes, right_x + right_w - chip / 2, (top + bottom) / 2, str(number), size=8)
        _lines(axes, right_x + pad, top - box_pad, shown(members, names), size)

    begin_x, end_x = middle_x + middle_w, right_x
    for row in rows:
        exact = row.verdict == [("Recovered", "exactly")]
        spread = np.linspace(0.5, -0.5, len(row.regions)) if len(row.regions) > 1 else [0.0]
        ends = {
            region: box_top[int(membership[region])]
            - box_pad
            - step * (boxes[int(membership[region])].index(region) + 0.5)
            for region in row.regions
        }
        for offset, region in zip(
            spread, sorted(ends, key=ends.__getitem__, reverse=True), strict=True
        ):
            y0 = row.center + offset * min(row.height * 0.5, 8.0 * len(row.regions))
            y1 = ends[region]
            third = (end_x - begin_x) * 0.5
            path = Outline(
                [(begin_x, y0), (begin_x + third, y0), (end_x - third, y1), (end_x, y1)],
                [Outline.MOVETO, Outline.CURVE4, Outline.CURVE4, Outline.CURVE4],
            )
            color = looks[row.number].color
            # white between the dashes: on the dark edge those of a dark cluster would not show
            layers = [(style.INK, 2.8, "solid"), ("white", 1.6, "solid"), (color, 1.6, GAPS)]
            if exact:
                layers[1:] = [(color, 1.6, "solid")]
            for ink, width, dashes in layers:
                axes.add_patch(
                    PathPatch(
                        path,
                        fill=False,
                        edgecolor=ink,
                        linewidth=width,
                        capstyle="butt",
                        linestyle=dashes,
                    )
                )

    y = margin + foot - 8
    x = margin
    for dashes, text in (
        ("solid", "a region of a cluster recovered exactly"),
        (GAPS, "a region of a cluster split or merged"),
    ):
        for ink, width in ((style.INK, 2.8), ("white", 1.6)):
            axes.plot((x, x + 26), (y - 4,) * 2, color=ink, linewidth=width, solid_capstyle="butt")
        axes.plot(
            (x, x + 26),
            (y - 4,) * 2,
            color=style.OKABE_ITO["sky blue"],
            linewidth=1.6,
            linestyle=dashes,
            solid_capstyle="butt",
            dash_capstyle="butt",
        )
        axes.text(x + 31, y - 4, text, fontsize=size, va="center_baseline")
        x += 210
    _lines(axes, margin, y - 12, note_lines, small, color=style.MUTED)
    return figure


def _run(axes: Axes, x: float, top: float, bold: str, rest: str, size: float) -> None:
    """One line whose first word is bold."""
    _lines(axes, x, top, [bold], size, weight="bold")
    if rest.strip():
        shift = text_width(bold, size, "bold") + text_width("\N{NO-BREAK SPACE}", size) + 0.5
        _lines(axes, x + shift, top, [rest.strip()], size)


def _spread(
    order: Sequence[int],
    wish: Mapping[int, float],
    tall: Mapping[int, float],
    gap: float,
    ceiling: float,
    floor: float,
) -> dict[int, float]:
    """Tops of boxes in ``order`` from above, near their wished centres, without overlap."""
    # what the boxes above take is subtracted, so that "no overlap" becomes "no increase"
    above = np.cumsum([0.0] + [tall[number] + gap for number in order[:-1]])
    wanted = np.array([wish[number] + tall[number] / 2 for number in order]) + above
    settled = isotonic_regression(wanted, increasing=False).x
    lowest = floor + above[-1] + tall[order[-1]]
    settled = np.clip(settled, lowest, ceiling) - above
    return dict(zip(order, settled.tolist(), strict=True))
