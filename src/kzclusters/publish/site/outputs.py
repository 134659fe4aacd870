"""What a notebook shows, made fit for a page: pictures with captions, tables that say more.

Nothing is added to what was executed and nothing is left out; only its form changes.
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Mapping

from nbformat import NotebookNode

CAPTION = re.compile(r"\*(?!\*)(?P<text>[^\n]+)(?<!\*)\*\s*")
"""What `kzclusters.notebook.publish` displays below a picture: one line, all in italics."""

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
HEAD = re.compile(r"<thead>(.*?)</thead>", re.DOTALL)
ROW = re.compile(r"(<tr\b[^>]*>)(.*?)(</tr>)", re.DOTALL)
CELL = re.compile(r"<(?P<tag>t[hd])(?P<given>[^>]*)>(?P<text>.*?)</(?P=tag)>", re.DOTALL)
PICTURE = re.compile(r"""<img\b[^>]*?\balt="(?P<alt>[^"]*)"[^>]*>""")

BOX = '<div class="pst-scrollable-table-container">'

SENTENCE = 40
"""Characters from which the text of a cell needs room."""

LANGUAGES = {"Russian": "ru", "Kazakh": "kk"}
"""Columns whose cells are in another language, so that a screen reader can pronounce them."""


# --- pictures -------------------------------------------------------------------------------
def parted(cell: NotebookNode) -> list[NotebookNode]:
    """The cell as cells with one picture each, the first with the source.

    MyST-NB takes alternative text and caption from the cell, which can hold but one of each.
    """
    groups: list[list[NotebookNode]] = [[]]
    for output in cell.outputs:
        if "image/png" in output.get("data", {}) and any(map(_picture, groups[-1])):
            groups.append([])
        groups[-1].append(output)
    cells = []
    for number, outputs in enumerate(groups, start=1):
        part = copy.copy(cell)
        part.metadata = copy.deepcopy(cell.metadata)
        part.outputs = outputs
        if number > 1:
            part.id = f"{cell.id[:50]}-{number}"
            part.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
        cells.append(part)
    return cells


def _picture(output: NotebookNode) -> bool:
    return "image/png" in output.get("data", {})


def captioned(cell: NotebookNode) -> bool:
    """Give MyST-NB alternative text, width and caption of the cell's picture.

    The caption is what is displayed next in italics; it then belongs to the picture.

    Returns
    -------
    bool
        Whether the picture, if there is one, has an alternative text.
    """
    for at, output in enumerate(cell.outputs):
        if not _picture(output):
            continue
        about = output.metadata.get("image/png", {})
        image = {"alt": about.get("alt", "").strip()}
        if "width" in about:
            image["width"] = f"{about['width']}px"
        cell.metadata["mystnb"] = {"image": image}
        following = cell.outputs[at + 1] if at + 1 < len(cell.outputs) else {}
        text = "".join(following.get("data", {}).get("text/markdown", ""))
        if following.get("output_type") == "display_data" and CAPTION.fullmatch(text):
            cell.metadata["mystnb"]["figure"] = {"caption": text.strip()}
            cell.outputs = [*cell.outputs[: at + 1], *cell.outputs[at + 2 :]]
        return bool(image["alt"])
    return True


def linked(markup: str, addresses: Mapping[str, str]) -> str:
    """Pictures written as HTML as links to the whole picture.

    Parameters
    ----------
    markup : HTML
    addresses : alternative text -> where the picture lies
    """

    def lead(match: re.Match[str]) -> str:
        address = addresses.get(" ".join(html.unescape(match["alt"]).split()))
        return f'<a href="{html.escape(address)}">{match[0]}</a>' if address else match[0]

    return PICTURE.sub(lead, markup)


# --- tables ---------------------------------------------------------------------------------
def readable(markup: str) -> str:
    """Tables of pandas with one row of headings where one is enough, with languages, in a box.

    pandas puts the name of the index into a second, else empty row of headings. A heading that
    stays empty becomes a plain cell: it heads nothing. The box is the theme's, which scrolls and
    can be reached by keyboard.
    """
    return TABLE.sub(lambda match: f"{BOX}{_table(match[0])}</div>", markup)


def _table(text: str) -> str:
    found = HEAD.search(text)
    if found is None:
        return text
    opening = [row[1] for row in ROW.finditer(found[1])]
    rows = [[(m["given"], m["text"]) for m in CELL.finditer(r[2])] for r in ROW.finditer(found[1])]
    if len(rows) == 2 and "colspan" not in found[1] and len(rows[0]) == len(rows[1]):
        pairs = list(zip(*rows, strict=True))
        if not any(above[1] and below[1] for above, below in pairs):
            rows = [[above if above[1] else below for above, below in pairs]]
    written = "".join(
        start
        + "".join(f"<th{given}>{said}</th>" if said else f"<td{given}></td>" for given, said in row)
        + "</tr>\n"
        for start, row in zip(opening, rows, strict=False)
    )
    body = text[found.end() :]
    spoken = {at: LANGUAGES[said] for at, (_, said) in enumerate(rows[-1]) if said in LANGUAGES}
    if spoken:
        body = ROW.sub(lambda row: row[1] + _spoken(row[2], spoken) + row[3], body)
    before = text[: found.start()]
    if any(len(cell["text"]) >= SENTENCE for cell in CELL.finditer(body)):
        before = before.replace('class="dataframe', 'class="dataframe wordy', 1)
    return f"{before}<thead>\n{written}</thead>{body}"


def _spoken(row: str, languages: Mapping[int, str]) -> str:
    """The cells of a row, those in another language marked."""
    at = -1

    def mark(cell: re.Match[str]) -> str:
        nonlocal at
        at += 1
        if at not in languages or not cell["text"]:
            return cell[0]
        return (
            f'<{cell["tag"]}{cell["given"]} lang="{languages[at]}">{cell["text"]}</{cell["tag"]}>'
        )

    return CELL.sub(mark, row)
