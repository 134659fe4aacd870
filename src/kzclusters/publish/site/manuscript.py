"""The paper inside the site: the way back, pictures that open, and its text in the search.

The paper is one file that needs no other. Its copy in the site gains links to what lies beside
it; the file in ``paper/`` stays as it was written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from docutils import nodes
from docutils.utils import new_document
from hclustkit.errors import InputError
from sphinx.application import Sphinx

from kzclusters import paths

FORMS = {"paper.html": "Web page", "paper.pdf": "PDF", "paper.docx": "Word"}
"""The files of the paper and what they are."""

PLACE = "paper/paper"
"""The page of the site that is the paper itself, as the search names it."""

PICTURE = re.compile(r'(<figure id="fig:(?P<name>\w+)"[^>]*>\s*)(?P<image><img\b[^>]*>)')
SECTION = re.compile(
    r'<section id="(?P<id>[^"]+)"[^>]*>\s*<h\d[^>]*>(?P<title>.*?)</h\d>', re.DOTALL
)
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)


def exists(file: str) -> bool:
    """Whether the paper has been built in this form."""
    return (paths.PAPER / file).is_file()


def read() -> str:
    """The paper as a web page."""
    return (paths.PAPER / "paper.html").read_text(encoding="utf-8")


def words(markup: str) -> str:
    """The text of a piece of HTML, without formulas."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", FORMULA.sub(" ", markup))).split())


def title(page: str) -> str:
    """The paper's title."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    return words(found[1]) if found else "Paper"


def abstract(page: str) -> list[str]:
    """The paragraphs of the abstract."""
    found = re.search(r'<(\w+) class="abstract".*?>(.*?)</\1>', page, re.DOTALL)
    return [words(one) for one in re.findall(r"<p>(.*?)</p>", found[2], re.DOTALL)] if found else []


def sections(page: str) -> list[tuple[str, str, str]]:
    """Identifier, title and text of every section and subsection, in order."""
    found = list(SECTION.finditer(page))
    ends = [match.start() for match in found[1:]] + [len(page)]
    return [
        (match["id"], words(match["title"]), words(page[match.end() : end]))
        for match, end in zip(found, ends, strict=True)
    ]


# --- the copy in the site -------------------------------------------------------------------
def in_site(page: str, figures: Iterable[str], files: Iterable[str]) -> str:
    """The paper with links to the site, to its other forms, and from each picture to the drawing.

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

    # the role is what the search looks for when it quotes a page
    for place, put in (
        ("<header>", f"{way}<header>"),
        ('<main id="text">', '<main id="text" role="main">'),
    ):
        if page.count(place) != 1:
            raise InputError(
                f"paper/paper.html: {place} is expected once; the site's links go there"
            )
        page = page.replace(place, put)
    return PICTURE.sub(lead, page)


# --- the search -----------------------------------------------------------------------------
def document(page: str) -> nodes.document:
    """The paper as far as the search reads it: headings with their places, and text."""
    made = new_document(PLACE)
    # the first heading is taken for the whole page's
    for identifier, heading, text in [
        ("text", title(page), " ".join(abstract(page))),
        *sections(page),
    ]:
        made += nodes.section(
            "", nodes.title("", heading), nodes.paragraph("", text), ids=[identifier]
        )
    return made


def _feed(app: Sphinx) -> list[Any]:
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None and exists("paper.html"):
        page = read()
        indexer.feed(PLACE, f"{PLACE}.html", f"The paper: {title(page)}", document(page))
        # what is no document of Sphinx is taken out of the index before it is written
        prune = indexer.prune
        indexer.prune = lambda documents: prune([*documents, PLACE])
    return []


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    # the last event before the index of the search is written
    app.connect("html-collect-pages", _feed)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
