"""Write the explorer: one HTML file with data, style and program inside.

The page computes; nothing is computed here. What it needs to know is handed in as data. A
content security policy that allows only the two inline blocks, by their hashes, forbids the page
any request.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hclustkit.draw.style import cluster_style
from hclustkit.errors import InputError

HERE = Path(__file__).parent / "explorer"

SCRIPTS = (
    "compute.js",
    "state.js",
    "model.js",
    "markup.js",
    "words.js",
    "moved.js",
    "outlines.js",
    "pictures.js",
    "tables.js",
    "saving.js",
    "page.js",
    "tour.js",
    "address.js",
    "notes.js",
    "controls.js",
    "tip.js",
    "walk.js",
    "scrolls.js",
    "explorer.js",
)
"""The parts of the program in the order in which they need each other."""

STYLES = ("explorer.css", "print.css")


@dataclass(frozen=True)
class ExplorerTexts:
    """What the page calls things.

    Attributes
    ----------
    title, description : of the page
    case, cases : one row of the table, and several
    variable, variables : one column, and several
    definition : headings of the table of definitions after the first
    whole : all cases, in the title of a saved picture
    file : first part of the names of saved files
    source : a sentence on the data under a saved picture
    about : a paragraph on how the page computes
    licence : a sentence on rights
    credit : project and licence, under a saved picture
    terms : words that need explaining, each with a sentence in HTML
    map : heading of the map of tiles
    reference : name of the partition to compare with, "Figure 3"
    reference_title : the same over a picture, "Figure 3 as published"
    reference_full : the same in a heading, "the published Figure 3"
    adjective : of the clusters of the reference, "published"
    of_year : appended to "all cases" where there are several years, " of the year"
    home : address of the page that leads to all others; empty for none
    """

    title: str
    description: str = "Hierarchical clustering of a table. Works without a network."
    case: str = "case"
    cases: str = "cases"
    variable: str = "variable"
    variables: str = "variables"
    definition: tuple[str, ...] = ("Meaning", "Column", "Formula", "Status")
    whole: str = "All cases"
    file: str = "clusters"
    source: str = ""
    about: str = (
        "The page holds the table and computes scaling, tree, schedule and clusters by the "
        "definitions of the package hclustkit. Tests compare the two on several thousand random "
        "choices."
    )
    licence: str = "Colours after Okabe and Ito (2008). Program under the MIT License."
    credit: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    map: str = "Tile map"
    reference: str = "the reference"
    reference_title: str = "The reference"
    reference_full: str = "the reference"
    adjective: str = "reference"
    of_year: str = ""
    home: str = ""

    def for_page(self) -> dict[str, object]:
        """Give the texts by the names that the program of the page uses."""
        return {_camel(name): value for name, value in asdict(self).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def cluster_looks(count: int = 32) -> list[dict[str, str]]:
    """List colours and hatches of clusters for the page, which draws its own strokes.

    Parameters
    ----------
    count : how many; two partitions of n cases need at most 2 n

    Examples
    --------
    >>> cluster_looks(2)[0]["color"]
    '#E69F00'
    """
    looks = [cluster_style(number) for number in range(1, count + 1)]
    ink = {"white": "#ffffff", "black": "#000000"}
    return [
        {
            "color": look.color,
            "hatch": look.hatch[:1],
            "hatchColor": look.hatch_color,
            "text": ink[look.text_color],
        }
        for look in looks
    ]


def read_part(name: str) -> str:
    """Read a script, style or template of the explorer, to use it in another page.

    Examples
    --------
    >>> read_part("compute.js").splitlines()[2]
    '"use strict";'
    """
    return (HERE / name).read_text(encoding="utf-8")


def block_hash(text: str) -> str:
    """Write the source expression by which a policy allows an inline block."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def inline_page(
    template: str,
    styles: Iterable[str],
    scripts: Iterable[str],
    data: Mapping[str, object],
    words: Mapping[str, str],
) -> str:
    """Write a page that holds its style, data and program and may request nothing.

    Parameters
    ----------
    template : str
        HTML with ``{{policy}}``, ``{{css}}``, ``{{data}}`` and ``{{script}}``, and with the names
        of ``words``, which are markup already.
    styles, scripts : iterable of str
        The parts of the style sheet and of the program, in order.
    data : mapping, ready for JSON
    words : mapping of str to str

    Returns
    -------
    str
        The page; its policy allows the two blocks, by their hashes, and nothing else.

    Raises
    ------
    InputError
        A part holds the end tag of its block.

    Examples
    --------
    >>> inline_page("<style>{{css}}</style>{{title}}", ["p {}"], [], {}, {"title": "Hello"})
    '<style>p {}\\n</style>Hello'
    """
    css, script = ("\n".join(part.rstrip() for part in parts) + "\n" for parts in (styles, scripts))
    if "</script" in script.lower() or "</style" in css.lower():
        raise InputError(
            "a script or style of the page holds its own end tag", place="page", rule="end-tag"
        )
    # "<" could end the block early; in JSON strings the escape means the same
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    policy = [
        "default-src 'none'",
        f"script-src {block_hash(script)}",
        f"style-src {block_hash(css)}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    parts = {
        **words,
        "policy": "; ".join(policy),
        "css": css,
        "data": text.replace("<", "\\u003c"),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def _terms(terms: Iterable[tuple[str, str]]) -> str:
    listed = "".join(f"<dt>{html.escape(term)}</dt><dd>{text}</dd>" for term, text in terms)
    if not listed:
        return ""
    return (
        f'<details class="terms"><summary>What the words mean</summary><dl>{listed}</dl></details>'
    )


def explorer_page(content: Mapping[str, object], texts: ExplorerTexts) -> str:
    """Write the page.

    Parameters
    ----------
    content : mapping, ready for JSON
        ``baseline``, ``years``, ``regions`` (the cases), ``published`` (the reference),
        ``indicators`` (the variables), ``series`` (their sources) and ``looks``, as
        `hclustkit.report.explorer_content` makes them; ``map``, if there is one, as
        `hclustkit.report.outlines.page_map` makes it; ``tour``, if there is one, is a list of
        views with ``title``, ``text`` and ``view``, the fragment of an address.
    texts : what the page calls things

    Returns
    -------
    str
        HTML that can be opened from disk and requests nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from hclustkit.report import explorer_content
    >>> table = pd.DataFrame({"x": [1.0, 2.0, 9.0]}, index=["a", "b", "c"])
    >>> explorer_page(explorer_content(table), ExplorerTexts("Three cases"))[:15]
    '<!doctype html>'
    """
    named = texts.for_page()
    words = {name: html.escape(str(value)) for name, value in named.items()}
    words |= {
        f"{name[:1].upper()}{name[1:]}": f"{value[:1].upper()}{value[1:]}"
        for name, value in words.items()
    }
    home = f'<p id="home" hidden><a href="{words["home"]}">All pages of the project</a></p>'
    words["home"] = home if texts.home else ""
    words["terms"] = _terms(texts.terms)
    return inline_page(
        read_part("template.html"),
        map(read_part, STYLES),
        map(read_part, SCRIPTS),
        {**content, "texts": named},
        words,
    )
