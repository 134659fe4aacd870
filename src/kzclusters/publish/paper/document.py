"""The document between pandoc's reading and writing: insert, number, refer.

Everything works on pandoc's JSON form of a document (pandoc-types 1.23): a node is
``{"t": kind, "c": content}``, an attribute is ``[id, classes, [[key, value], ...]]``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pypandoc
from hclustkit.errors import fault

from kzclusters.figures.manifest import FigureEntry
from kzclusters.publish.paper.tables import Table

Node = dict[str, Any]
READER = "markdown+smart-auto_identifiers-implicit_figures"
LABELS = {"fig": "Figure", "tbl": "Table"}
PREFIXES = {"paper": "", "supplement": "S"}
"""Each document, and what its numbers begin with."""


def parse(markdown: str, name: str = "paper") -> Node:
    """Parse Markdown as a document.

    Raises
    ------
    InputError
        Pandoc cannot read it.
    """
    try:
        return json.loads(pypandoc.convert_text(markdown, "json", format=READER))
    except RuntimeError as error:
        raise fault(f"{name}.md", f"pandoc cannot read it: {error}", "pandoc", "") from None


# --- small parts --------------------------------------------------------------------------------


def words(text: str) -> list[Node]:
    """Return the inlines of a plain text."""
    found: list[Node] = []
    for part in text.split(" "):
        if found:
            found.append({"t": "Space"})
        if part:
            found.append({"t": "Str", "c": part})
    return found


def attribute(identifier: str = "", classes: list[str] | None = None, **pairs: str) -> list[Any]:
    """Make an attribute of a node."""
    return [
        identifier,
        classes or [],
        [[key.replace("_", "-"), value] for key, value in pairs.items()],
    ]


def raw(form: str, text: str, *, inline: bool = False) -> Node:
    """Make a node in the language of one format."""
    return {"t": "RawInline" if inline else "RawBlock", "c": [form, text]}


def div(blocks: list[Node], *classes: str, **pairs: str) -> Node:
    """Make a division."""
    return {"t": "Div", "c": [attribute("", list(classes), **pairs), blocks]}


def text_of(node: Any) -> str:
    """Return the text of inlines and blocks, without markup."""
    if isinstance(node, list):
        return "".join(text_of(item) for item in node)
    if not isinstance(node, dict):
        return ""
    kind = node.get("t")
    content: Any = node.get("c")
    if kind == "Str":
        return content
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("Code", "Math"):
        return content[1]
    return text_of(content) if isinstance(content, (list, dict)) else ""


def walk(node: Any) -> Iterator[Node]:
    """Yield every node, parents first."""
    if isinstance(node, list):
        for item in node:
            yield from walk(item)
    elif isinstance(node, dict):
        if "t" in node:
            yield node
        yield from walk(list(node.values()))


def rewrite(node: Any, change: Callable[[Node], Node | list[Node] | None]) -> Any:
    """Return a copy in which ``change`` has replaced nodes, children first; None keeps one."""
    if isinstance(node, list):
        made: list[Any] = []
        for item in node:
            new = rewrite(item, change)
            if isinstance(item, dict) and isinstance(new, list):
                made.extend(new)
            else:
                made.append(new)
        return made
    if isinstance(node, dict):
        new = {key: rewrite(value, change) for key, value in node.items()}
        if "t" in new:
            changed = change(new)
            return new if changed is None else changed
        return new
    return node


def pairs_of(node: Node) -> dict[str, str]:
    """Return the key-value attributes of a Div, Span or Link."""
    return dict(node["c"][0][2])


# --- insert figures and tables --------------------------------------------------------------------


def list_placed(document: Node) -> list[tuple[str, str]]:
    """List figures and tables in their order: ("fig" or "tbl", name)."""
    found = []
    for block in document["blocks"]:
        if block["t"] == "Div":
            kind, _, name = block["c"][0][0].partition(":")
            if kind in ("fig", "tbl"):
                found.append((kind, name))
    return found


def figure_block(name: str, entry: FigureEntry, folder: str) -> Node:
    """Make a figure with its caption."""
    image = {"t": "Image", "c": [attribute(), words(entry.alt), [f"{folder}/{name}.png", ""]]}
    caption = [None, [{"t": "Plain", "c": words(entry.caption)}]]
    return {"t": "Figure", "c": [attribute(f"fig:{name}"), caption, [{"t": "Plain", "c": [image]}]]}


def _cell(cell: Any, align: str) -> list[Any]:
    """Make a cell of a table from a text, or from a language and a text."""
    kinds = {"l": "AlignLeft", "r": "AlignRight", "c": "AlignCenter"}
    if isinstance(cell, tuple):
        language, text = cell
        inlines = [{"t": "Span", "c": [attribute("", None, lang=language), words(text)]}]
    else:
        inlines = words(cell)
    blocks = [{"t": "Plain", "c": inlines}] if inlines else []
    return [attribute(), {"t": kinds[align]}, 1, 1, blocks]


def table_block(name: str, table: Table, caption: list[Node]) -> Node:
    """Make a table with its caption; the first column holds the heads of the rows."""
    widths: Sequence[float | None] = table.widths or [None] * len(table.header)
    kinds = ({"t": "ColWidthDefault"} if w is None else {"t": "ColWidth", "c": w} for w in widths)
    columns = [[{"t": "AlignDefault"}, kind] for kind in kinds]

    def row(cells: Any) -> list[Any]:
        aligned = zip(cells, table.align, strict=True)
        return [attribute(), [_cell(cell, align) for cell, align in aligned]]

    head = [attribute(), [row(table.header)]]
    body = [attribute(), 1, [], [row(cells) for cells in table.rows]]
    own = attribute(f"tbl:{name}", [table.size, *(["crowded"] if table.crowded else [])])
    said = [None, [{"t": "Plain", "c": caption}]]
    return {"t": "Table", "c": [own, said, columns, head, [body], [attribute(), []]]}


def insert(
    document: Node,
    figures: Mapping[str, FigureEntry],
    tables: Mapping[str, Table],
    folder: str,
    of: str = "paper",
) -> Node:
    """Put figures and tables in place of their divisions."""
    blocks = []
    for block in document["blocks"]:
        identifier = block["c"][0][0] if block["t"] == "Div" else ""
        kind, _, name = identifier.partition(":")
        if kind == "fig":
            if block["c"][1]:
                message = f"figure {name!r}: its caption is in the manifest"
                raise fault(f"{of}.md", message, "caption", name)
            blocks.append(figure_block(name, figures[name], folder))
        elif kind == "tbl":
            inside = block["c"][1]
            if len(inside) != 1 or inside[0]["t"] != "Para":
                message = f"table {name!r}: one paragraph, its caption, is expected"
                raise fault(f"{of}.md", message, "caption", name)
            blocks.append(table_block(name, tables[name], inside[0]["c"]))
        else:
            blocks.append(block)
    return {**document, "blocks": blocks}


# --- numbers and references -------------------------------------------------------------------


def number(documents: Mapping[str, Node]) -> dict[str, Node]:
    """Number sections, figures and tables, and give every reference its text.

    Those of the supplement are called S1, S2 and so on. A reference to the other document is text
    without a link, since each is a file of its own.

    Raises
    ------
    InputError
        A reference goes nowhere, or an identifier is given twice.
    """
    copies = json.loads(json.dumps(documents))  # a copy, faster than copy.deepcopy
    labels: dict[str, tuple[str, str]] = {}
    for name, document in copies.items():
        _label(document, name, labels)

    def refer(name: str, node: Node) -> Node | None:
        if node["t"] != "Link" or node["c"][1]:
            return None
        target = node["c"][2][0].removeprefix("#")
        if target not in labels:
            message = f"the reference to {target!r} goes nowhere"
            raise fault(f"{name}.md", message, "reference", target)
        home, label = labels[target]
        text = {"t": "Str", "c": label.replace(" ", "\N{NO-BREAK SPACE}")}
        if home != name:
            of_paper = [{"t": "Space"}, *words("of the paper")] if home == "paper" else []
            return {"t": "Span", "c": [attribute(), [text, *of_paper]]}
        node["c"][1] = [text]
        return node

    return {name: rewrite(copy, functools.partial(refer, name)) for name, copy in copies.items()}


def _label(document: Node, name: str, labels: dict[str, tuple[str, str]]) -> None:
    """Write numbers into heads and captions, and enter what each identifier is called."""
    prefix = PREFIXES[name]
    section = [0, 0]
    counts = {"fig": 0, "tbl": 0}

    def enter(identifier: str, label: str) -> None:
        if identifier in labels:
            message = f"the identifier {identifier!r} is given twice"
            raise fault(f"{name}.md", message, "twice", identifier)
        labels[identifier] = (name, label)

    for block in document["blocks"]:
        if block["t"] == "Header":
            level, (identifier, classes, _), inlines = block["c"]
            if "unnumbered" in classes:
                continue
            section = [section[0] + 1, 0] if level == 1 else [section[0], section[1] + 1]
            shown = f"{prefix}{section[0]}" + (f".{section[1]}" if level > 1 else "")
            head = {"t": "Span", "c": [attribute("", ["number"]), words(shown)]}
            inlines[:0] = [head, {"t": "Space"}]
            if identifier:
                enter(identifier, f"Section {shown}")
        elif block["t"] in ("Figure", "Table"):
            kind = "fig" if block["t"] == "Figure" else "tbl"
            counts[kind] += 1
            label = f"{LABELS[kind]} {prefix}{counts[kind]}"
            enter(block["c"][0][0], label)
            caption = block["c"][1][1][0]["c"]
            caption[:0] = [{"t": "Strong", "c": words(f"{label}.")}, {"t": "Space"}]


def citations(document: Any) -> set[str]:
    """Return the keys of the works cited."""
    return {
        item["citationId"]
        for node in walk(document)
        if node["t"] == "Cite"
        for item in node["c"][0]
    }
