"""What a notebook shows, made fit for a page: pictures with captions, tables that say more.

Nothing is added to what was executed and nothing is left out; only its form changes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode

from kzclusters.notebook import FULL_SIZE

CAPTION = re.compile(r"\*(?!\*)(?P<text>[^\n]+)(?<!\*)\*\s*")
"""What `kzclusters.notebook.publish` displays below a picture: one line, all in italics."""

BOX = "pst-scrollable-table-container"

SENTENCE = 36
"""Characters from which the text of a cell needs room."""

LANGUAGES = {"Russian": "ru", "Kazakh": "kk"}
"""Columns whose cells are in another language, so that a screen reader can pronounce them."""


# --- pictures -------------------------------------------------------------------------------
def _is_picture(output: NotebookNode) -> bool:
    return "image/png" in output.get("data", {})


def _markdown(output: Mapping[str, Any]) -> str:
    return "".join(output.get("data", {}).get("text/markdown", ""))


def split_pictures(cell: NotebookNode) -> list[NotebookNode]:
    """Split a cell into cells with one picture each, the first with the source.

    MyST-NB takes alternative text and caption from the cell, which can hold only one of each.
    """
    groups: list[list[NotebookNode]] = [[]]
    for output in cell.outputs:
        if _is_picture(output) and any(map(_is_picture, groups[-1])):
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


def attach_caption(cell: NotebookNode) -> bool:
    """Give MyST-NB alternative text, width and caption of the cell's picture.

    The caption is what is displayed next in italics; it then belongs to the picture.

    Returns
    -------
    bool
        Whether the picture, if there is one, has an alternative text.
    """
    for at, output in enumerate(cell.outputs):
        if not _is_picture(output):
            continue
        about = output.metadata.get("image/png", {})
        image = {"alt": about.get("alt", "").strip()}
        if "width" in about:
            image["width"] = f"{about['width']}px"
        cell.metadata["mystnb"] = {"image": image}
        following = cell.outputs[at + 1] if at + 1 < len(cell.outputs) else {}
        text = _markdown(following)
        if following.get("output_type") == "display_data" and CAPTION.fullmatch(text):
            cell.metadata["mystnb"]["figure"] = {"caption": text.strip()}
            rest = cell.outputs[at + 2 :]
            if rest and _markdown(rest[0]).startswith(f"[{FULL_SIZE}]"):
                rest = rest[1:]  # the picture itself is that link; MyST-NB would caption it too
            cell.outputs = [*cell.outputs[: at + 1], *rest]
        return bool(image["alt"])
    return True


# --- HTML -----------------------------------------------------------------------------------
def improve(markup: str, addresses: Mapping[str, str]) -> str:
    """Make pictures links to the whole picture, and tables of pandas readable.

    A table gets one row of headings where one is enough, languages, and a box that scrolls and
    can be reached by keyboard (the theme's). pandas puts the name of the index into a second,
    otherwise empty row of headings. A heading that stays empty becomes a plain cell, because it
    heads nothing.

    Parameters
    ----------
    markup : HTML
    addresses : alternative text -> where the picture is
    """
    soup = BeautifulSoup(markup, "html.parser")
    for picture in soup.find_all("img", alt=True):
        address = addresses.get(" ".join(str(picture["alt"]).split()))
        if address:
            picture.wrap(soup.new_tag("a", href=address))
    for table in soup.find_all("table"):
        _improve_table(table)
        table.wrap(soup.new_tag("div", attrs={"class": BOX}))
    return soup.decode(formatter="minimal")


def _improve_table(table: Tag) -> None:
    """Make the headings of a table one row, and mark languages and long cells."""
    if table.thead is None:
        return
    rows = table.thead.find_all("tr")
    heads = [row.find_all(["th", "td"]) for row in rows]
    plain = not table.thead.find(colspan=True)
    if len(rows) == 2 and plain and len(heads[0]) == len(heads[1]):
        pairs = list(zip(*heads, strict=True))
        if not any(above.get_text() and below.get_text() for above, below in pairs):
            for above, below in pairs:
                if below.get_text():
                    above.replace_with(below.extract())
            rows[1].decompose()
    for head in table.thead.find_all("th"):
        if not head.get_text():
            head.name = "td"
    last = table.thead.find_all("tr")[-1].find_all(["th", "td"])
    spoken = {at: LANGUAGES.get(head.get_text()) for at, head in enumerate(last)}
    for row in table.tbody.find_all("tr") if table.tbody else []:
        for at, cell in enumerate(row.find_all(["th", "td"])):
            language = spoken.get(at)
            if language and cell.get_text():
                cell["lang"] = language
    cells = table.tbody.find_all(["th", "td"]) if table.tbody else []
    if any(len(cell.decode_contents()) >= SENTENCE for cell in cells):
        table["class"] = " ".join([*table.get_attribute_list("class"), "wordy"])
