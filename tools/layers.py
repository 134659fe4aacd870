"""Draw docs/layers.svg, the picture of the layers, from the imports of the code.

Run it after an import between two folders has come or gone: ``python tools/layers.py``.
"""

from __future__ import annotations

import re
import tomllib
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
TREES = ("src", "packages/hclustkit/src")
PICTURE = ROOT / "docs" / "layers.svg"

Graph = dict[str, set[str]]
WIDTH, EDGE, ROW, BOX, GAP = 980, 16, 84, 34, 18
STYLE = """
text { font: 15px sans-serif; fill: #222; text-anchor: middle }
.title { font-weight: bold; text-anchor: start }
.note { font-size: 12px; text-anchor: start }
.panel { fill: #f3f5f7; stroke: #c8ced4 }
.room { fill: #fff; stroke: #3b5b7a; stroke-width: 1.2 }
path { fill: none; stroke: #7a8fa3; stroke-width: 1.1; marker-end: url(#tip) }
.line { marker-end: none; stroke-dasharray: 4 4 }
"""


def room(module: str) -> str | None:
    """Return the folder or loose module that a module belongs to; None for a package itself."""
    parts = module.split(".")
    depth = 3 if parts[:2] == ["kzclusters", "publish"] else 2
    return ".".join(parts[:depth]) if len(parts) >= depth else None


def imports() -> Graph:
    """Return, for each room of both distributions, the other rooms that it imports."""
    graph = grimp.build_graph("hclustkit", "kzclusters", cache_dir=None)
    rooms: Graph = {}
    for module in graph.modules:
        if importer := room(module):
            found = map(room, graph.find_modules_directly_imported_by(module))
            rooms.setdefault(importer, set()).update(name for name in found if name)
    return {name: others - {name} for name, others in sorted(rooms.items())}


def layers() -> dict[str, int]:
    """Return the place of each room that pyproject.toml puts into a layer, 0 for the lowest."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if "layers" in c)
    stated = enumerate(reversed(contract["layers"]))
    return {name: place for place, layer in stated for name in re.findall(r"\w+", layer)}


def rows(graph: Graph) -> list[list[str]]:
    """Return the rooms by floor, top first: by layer, and in it above all that a room imports.

    Raises
    ------
    graphlib.CycleError
        Two rooms import each other, directly or through others.
    """
    stated = layers()
    floor: dict[str, tuple[int, int]] = {}
    for name in TopologicalSorter(graph).static_order():
        layer = stated.get(name.split(".")[1], 0) if name.startswith("kzclusters") else 0
        inside = [floor[other][1] + 1 for other in graph[name] if floor[other][0] == layer]
        floor[name] = (layer, max(inside, default=0))
    return [
        [name for name in graph if floor[name] == level]
        for level in sorted(set(floor.values()), reverse=True)
    ]


def direct(graph: Graph) -> Graph:
    """Leave out the imports that a longer way through other rooms implies."""
    below: Graph = {}
    for name in TopologicalSorter(graph).static_order():
        below[name] = set(graph[name]).union(*(below[other] for other in graph[name]))
    return {
        name: {o for o in others if not any(o in below[via] for via in others)}
        for name, others in graph.items()
    }


def common(graph: Graph) -> list[str]:
    """Return the modules outside the folders that import only each other."""
    found: set[str] = set()
    for name in TopologicalSorter(graph).static_order():
        folder = name.replace(".", "/")
        if not any((ROOT / tree / folder).is_dir() for tree in TREES) and graph[name] <= found:
            found.add(name)
    return sorted(found)


def _box(name: str, x: int, y: int, width: int) -> str:
    label = escape(" / ".join(name.split(".")[1:]))
    return (
        f'<rect class="room" x="{x}" y="{y}" width="{width}" height="{BOX}" rx="5"/>'
        f'<text x="{x + width // 2}" y="{y + 22}">{label}</text>'
    )


def panel(title: str, graph: Graph, top: int) -> tuple[list[str], int]:
    """Return the drawing of one distribution below ``top``, and the height where it ends."""
    everywhere = common(graph)
    linked = {n: others - {*everywhere} for n, others in graph.items() if n not in everywhere}
    linked = direct(linked)
    floors = rows(linked)
    end = top + 40 + ROW * (len(floors) + bool(everywhere))
    back = [
        f'<rect class="panel" x="{EDGE}" y="{top}" width="{WIDTH - 2 * EDGE}" '
        f'height="{end - top}" rx="8"/>',
        f'<text class="title" x="{2 * EDGE}" y="{top + 26}">{escape(title)}</text>',
    ]
    boxes: list[str] = []
    place: dict[str, tuple[int, int]] = {}

    def over_its_imports(name: str) -> tuple[float, str]:
        below = [place[other][0] for other in linked.get(name, ()) if other in place]
        return (sum(below) / len(below) if below else WIDTH / 2, name)

    for level, row in reversed([*enumerate([*floors, everywhere])]):
        width = min(170, (WIDTH - 4 * EDGE) // max(len(row), 1) - GAP)
        x, y = (WIDTH - (width + GAP) * len(row) + GAP) // 2, top + 44 + ROW * level
        for name in sorted(row, key=over_its_imports):
            place[name] = (x + width // 2, y)
            boxes.append(_box(name, x, y, width))
            x += width + GAP
    if everywhere:
        line = end - ROW - 12
        back.append(f'<path class="line" d="M{2 * EDGE} {line}H{WIDTH - 2 * EDGE}"/>')
        back.append(f'<text class="note" x="{2 * EDGE}" y="{line - 6}">used by all above</text>')
    for name, others in linked.items():
        for other in sorted(others):
            (x, y), (to, below) = place[name], place[other]
            back.append(
                f'<path d="M{x} {y + BOX}C{x} {y + 64} {to} {below - 30} {to} {below - 4}"/>'
            )
    return back + boxes, end


def picture() -> str:
    """Return the picture as SVG."""
    graph = imports()
    study, method = (
        {n: {o for o in others if o.startswith(package)} for n, others in graph.items()
         if n.startswith(package)}
        for package in ("kzclusters", "hclustkit")
    )  # fmt: skip
    upper, end = panel("kzclusters: the study", study, EDGE)
    lower, bottom = panel("hclustkit: the method", method, end + 44)
    says = (
        "Two panels of boxes, one box a folder or module. Above, the study kzclusters, from what "
        "publishes down to paths; below, the method hclustkit, down to its errors. Every arrow, "
        "an import, leads downwards; one leads from the study to the method and none back."
    )
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + EDGE}" '
        'role="img" aria-labelledby="title desc">',
        '<title id="title">The layers of the code</title>',
        f'<desc id="desc">{says}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" '
        'style="fill: #7a8fa3; stroke: none; marker-end: none"/></marker></defs>',
        *upper,
        *lower,
        f'<path style="stroke-width: 3" d="M{WIDTH // 2} {end}V{end + 40}"/>',
        f'<text x="{WIDTH // 2 + 110}" y="{end + 28}">imports, never back</text>',
        "</svg>",
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
    print(f"written: {PICTURE.relative_to(ROOT).as_posix()}")
