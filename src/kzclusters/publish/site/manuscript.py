"""The paper inside the site: the way back, pictures that open, and its text for the search.

The paper is one file that needs no other. Its copy in the site gains links to what lies beside
it; the file in ``paper/`` stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag
from hclustkit.errors import refusal

from kzclusters import paths

FORMS = {
    "paper.html": "Web page",
    "paper.pdf": "PDF",
    "paper.docx": "Word",
    "supplement.html": "Supplement",
    "supplement.pdf": "Supplement as PDF",
    "supplement.docx": "Supplement as Word",
}
"""The files of paper and supplement and what they are."""

PICTURE = re.compile(r'(<figure id="fig:(?P<name>\w+)"[^>]*>\s*)(?P<image><img\b[^>]*>)')


def exists(file: str) -> bool:
    """Say whether the paper has been built in this form."""
    return (paths.PAPER / file).is_file()


def read() -> str:
    """Read the paper as a web page."""
    return (paths.PAPER / "paper.html").read_text(encoding="utf-8")


def _soup(page: str) -> BeautifulSoup:
    """Parse the paper without its formulas."""
    soup = BeautifulSoup(page, "html.parser")
    for formula in soup.find_all("math"):
        formula.replace_with(" ")
    return soup


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def abstract(page: str) -> list[str]:
    """Give the paragraphs of the abstract."""
    found = _soup(page).find(class_="abstract")
    return [_text(one) for one in found.find_all("p")] if found else []


def sections(page: str) -> list[tuple[str, str, str]]:
    """Give identifier, title and text of every section and subsection, in order.

    The text of a section is what is before its first subsection.
    """
    found = []
    for section in _soup(page).find_all("section", id=True):
        heading = section.find(re.compile(r"^h\d$"), recursive=False)
        if heading is None:
            continue
        rest = [
            part
            for part in heading.next_siblings
            if not (isinstance(part, Tag) and part.name == "section" and part.get("id"))
        ]
        text = " ".join(part.get_text(" ") for part in rest)
        found.append((str(section["id"]), _text(heading), " ".join(text.split())))
    return found


def in_site(page: str, figures: Iterable[str], files: Iterable[str]) -> str:
    """Link the paper to the site, to its other forms, and each picture to the drawing.

    Parameters
    ----------
    page : the paper as it was written
    figures : names of the figures that the site has
    files : forms of the paper that the site has, of `FORMS`

    Raises
    ------
    InputError
        The page is not built as expected.
    """
    known = set(figures)
    links = [
        '<a href="../index.html">Site of the project</a>',
        '<a href="../paper.html">About the paper</a>',
        *(f'<a href="{file}">{FORMS[file]}</a>' for file in files if file != "paper.html"),
    ]
    way = f'<nav aria-label="Site" style="padding-top: .9rem"><p>{" · ".join(links)}</p></nav>\n'

    def lead(match: re.Match[str]) -> str:
        if match["name"] not in known:
            return match[0]
        return f'{match[1]}<a href="../figures/{match["name"]}.svg">{match["image"]}</a>'

    if page.count("<header>") != 1:
        text = "paper/paper.html: <header> is expected once; the site's links go there"
        raise refusal(text, "paper/paper.html", "one-header", page.count("<header>"))
    return PICTURE.sub(lead, page.replace("<header>", f"{way}<header>"))
