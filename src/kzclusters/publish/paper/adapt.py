"""What each format needs of a finished document before pandoc writes it."""

from __future__ import annotations

import struct
from pathlib import Path

from hclustkit.errors import InputError

from kzclusters.publish.paper.document import (
    Node,
    attribute,
    div,
    pairs_of,
    raw,
    rewrite,
    text_of,
    walk,
)

FLOAT = {"paper": "auto", "supplement": "none"}
"""Where a figure of each goes; among the long tables of the supplement none breaks one."""
OVERHANG = 20
"""How far a picture in its own size, and so with type of its own size, may reach into a margin."""
WHOLE = 30
"""Lines up to which a table is kept on one page; those of the paper always are."""
LETTERS = {"normal": 92, "small": 105, "tiny": 118}
"""About how many letters of a table's type go across the text."""


def _texts(table: Node) -> list[list[str]]:
    """Return the texts of the cells of a table, the head first."""
    (_, head), bodies = table["c"][3], table["c"][4]
    rows = [*head, *(row for body in bodies for row in body[3])]
    return [[text_of(cell[4]) for cell in row[1]] for row in rows]


def _lines(table: Node, rows: int | None = None) -> int:
    """Estimate how many lines a table takes, or its heading and first rows."""
    letters = LETTERS[table["c"][0][1][0]]
    shares = [width.get("c", 1.0) for _, width in table["c"][2]]
    return sum(
        max(1 + int(len(text) / (letters * share)) for text, share in zip(row, shares, strict=True))
        for row in _texts(table)[:rows]
    )


def _fit_columns(table: Node, size: str) -> list[float]:
    """Compute the shares of the text width that fit the columns to their content."""
    longest = [
        max(1.25 * len(head), *(len(text) for text in cells)) + 3
        for head, *cells in zip(*_texts(table), strict=True)
    ]
    return [length / max(LETTERS[size], sum(longest)) for length in longest]


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _inline(text: str) -> Node:
    return raw("typst", text, inline=True)


def _figure_for_typst(node: Node, images: str, name: str) -> Node:
    """Turn a figure into typst, with its vector image and alternative text."""
    identifier = node["c"][0][0]
    image = next(item for item in walk(node) if item["t"] == "Image")
    alt = text_of(image["c"][1])
    if not alt.strip():
        raise InputError(f"{identifier}: there is no alternative text")
    source = f"{images}/{identifier.partition(':')[2]}.svg"
    start = (
        f"#figure(kind: image, placement: {FLOAT[name]}, pad(x: -{OVERHANG}pt, "
        f"image({_quote(source)}, alt: {_quote(alt)})), caption: ["
    )
    inside = [_inline(start), *node["c"][1][1][0]["c"], _inline(f"]) <{identifier}>")]
    return {"t": "Para", "c": inside}


def for_typst(document: Node, images: str, name: str = "paper") -> Node:
    """Adapt a document to typst: vector images, alternative texts, formulas in words, languages.

    Parameters
    ----------
    document : as pandoc has it
    images : folder of the figures as typst sees it
    name : "paper" or "supplement"

    Raises
    ------
    InputError
        A figure without alternative text, or a formula without words.
    """

    def change(node: Node) -> Node | list[Node] | None:
        kind = node["t"]
        if kind == "Span":
            keys = pairs_of(node)
            inside = node["c"][1]
            if "alt" in keys and len(inside) == 1 and inside[0]["t"] == "Math":
                start = f"#[#set math.equation(alt: {_quote(keys['alt'])});"
                return [_inline(start), {"t": "Marked", "c": inside[0]}, _inline("]")]
            if "lang" in keys:
                return [_inline(f"#text(lang: {_quote(keys['lang'])})["), *inside, _inline("]")]
            return inside
        if kind == "Figure":
            return _figure_for_typst(node, images, name)
        if kind == "Div" and "lang" in pairs_of(node):
            language = _quote(pairs_of(node)["lang"])
            start = f"#[#set text(size: 9pt, lang: {language})"
            return [raw("typst", start), *node["c"][1], raw("typst", "]")]
        if kind == "Table":
            size = node["c"][0][1][0]
            start = f"#room({60 + 13 * _lines(node, 4)}pt)#["
            if name == "paper" or _lines(node) <= WHOLE:
                start = "#floating[" if name == "paper" else "#whole["
            start += f"#show table: set text(size: table-{size})"
            return [raw("typst", start), node, raw("typst", "]")]
        return None

    changed = rewrite(document, change)
    for node in walk(changed):
        if node["t"] == "Math":
            message = f"{name}.md: the formula {node['c'][1]!r} is not said in words (alt)"
            raise InputError(message, place=f"{name}.md", rule="formula-in-words")
        if node["t"] == "Marked":
            node.update(node.pop("c"))
    return changed


def png_size(path: Path) -> tuple[int, int]:
    """Read width and height in pixels from the head of a file."""
    head = path.read_bytes()[:24]
    if head[:8] != b"\x89PNG\r\n\x1a\n":
        raise InputError(f"{path.name}: not a PNG")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def for_html(document: Node, root: Path) -> Node:
    """Adapt a document to HTML: tables scroll by themselves, values say what they are.

    Parameters
    ----------
    document : as pandoc has it
    root : from which the paths of the images are seen
    """

    def change(node: Node) -> Node | list[Node] | None:
        if node["t"] == "Span":
            keys = pairs_of(node)
            inside = node["c"][1]
            if "alt" in keys:
                if inside[0]["t"] == "Math" and inside[0]["c"][0]["t"] == "DisplayMath":
                    # a long formula scrolls by itself on a narrow screen
                    node["c"][0] = attribute(
                        "", ["formula"], role="group", tabindex="0", aria_label=keys["alt"]
                    )
                    return node
                return inside
            if "value" in node["c"][0][1]:
                shown = {"data-key": "key", "data-form": "form", "title": "key"}
                node["c"][0][2] = [[name, keys[key]] for name, key in shown.items()]
                return node
        if node["t"] == "Image":
            # known before it is shown, so that nothing jumps while the page loads
            width, height = png_size(root / node["c"][2][0])
            node["c"][0] = attribute("", None, width=str(width), height=str(height))
            return node
        if node["t"] == "Table":
            identifier, classes, _ = node["c"][0]
            caption = node["c"][1]
            label = f"{identifier.replace(':', '-')}-caption"
            node["c"][0] = attribute("", classes, aria_labelledby=label)
            node["c"][1] = [None, []]
            scroll = div([node], "table-scroll", role="region", tabindex="0", aria_labelledby=label)
            caption_block = {"t": "Div", "c": [attribute(label, ["table-caption"]), caption[1]]}
            return {
                "t": "Div",
                "c": [attribute(identifier, ["table-block"]), [caption_block, scroll]],
            }
        return None

    return rewrite(document, change)


def for_docx(document: Node) -> Node:
    """Adapt a document to Word: spans of a language only, and a width for every column.

    Word says formulas in words by itself.
    """

    def change(node: Node) -> Node | list[Node] | None:
        if node["t"] == "Table" and any("c" not in width for _, width in node["c"][2]):
            size, *rest = node["c"][0][1]
            widths = _fit_columns(node, "tiny" if "crowded" in rest else size)
            node["c"][2] = [
                [align, {"t": "ColWidth", "c": width}]
                for (align, _), width in zip(node["c"][2], widths, strict=True)
            ]
            return node
        if node["t"] == "Span" and "lang" not in pairs_of(node):
            return node["c"][1]
        return None

    return rewrite(document, change)
