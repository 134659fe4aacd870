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

import yaml

from hclustkit.draw.style import cluster_style
from hclustkit.errors import InputError, refusal

HERE = Path(__file__).parent / "explorer"

SCRIPTS = (
    "compute.js",
    "state.js",
    "model.js",
    "markup.js",
    "texts.js",
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
    "cutting.js",
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
    terms : words that need explaining, each with a sentence; ``[words](address)`` is a link
    tour : title and text of each view of the tour; ``{year}`` is the year of the view
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
    tour: tuple[tuple[str, str], ...] = ()
    map: str = "Tile map"
    reference: str = "the reference"
    reference_title: str = "The reference"
    reference_full: str = "the reference"
    adjective: str = "reference"
    of_year: str = ""
    home: str = ""


Spoken = dict[str, str | list[str]]
"""Texts by name; a list has the forms for one thing and for several."""

_FIELD = re.compile(r"\{(\w+)\}")
_IN_FILES = ("case", "cases", "variable", "adjective", "file")
_SHOWN = ("title", "source", "about", "licence", "credit", "reference_title")


def page_texts(texts: ExplorerTexts) -> Spoken:
    """List every text that the explorer shows, in English: what a translation must contain.

    Parameters
    ----------
    texts : ExplorerTexts

    Returns
    -------
    dict
        Texts by name. Braces are filled in by the page.

    Examples
    --------
    >>> page_texts(ExplorerTexts("Voters", case="voter", cases="voters"))["keep_one"]
    'Keep a voter…'
    """
    own = asdict(texts)
    fields = {name: value for name, value in own.items() if isinstance(value, str)}
    fields |= {_capital(name): _capital(value) for name, value in fields.items()}

    def filled(text: str) -> str:
        return _FIELD.sub(lambda found: fields.get(found[1], found[0]), text)

    general: Spoken = yaml.safe_load(read_part("texts.yml"))
    found: Spoken = {
        key: filled(text) if isinstance(text, str) else [filled(form) for form in text]
        for key, text in general.items()
    }
    found |= {name: own[name] for name in _SHOWN}
    for place, heading in enumerate(texts.definition, 1):
        found[f"definition_{place}"] = heading
    for name, pairs in (("terms", texts.terms), ("tour", texts.tour)):
        for place, (word, text) in enumerate(pairs, 1):
            found[f"{name}_{place}"] = word
            found[f"{name}_{place}_text"] = text
    return found


def _capital(text: str) -> str:
    """Write the first letter as a capital."""
    return text[:1].upper() + text[1:]


def check_translation(wanted: Mapping[str, object], own: Mapping[str, object], place: str) -> None:
    """Check that a translation has the texts it needs, with the same fields to fill in.

    Parameters
    ----------
    wanted, own : texts by name, in the first language and in another
    place : of the translation, for messages

    Raises
    ------
    InputError
        A text is missing or one too many (rule ``text``), is not a list as the first is
        (``text-kind``), or fills in other things (``text-fields``).

    Examples
    --------
    >>> check_translation({"a": "{n} times"}, {"a": "{n}-mal"}, "German")
    """
    for key in [*wanted, *own]:
        if key not in wanted or key not in own:
            fault = "is missing" if key in wanted else "is not a text of the page"
            raise InputError(f"{place}: {key} {fault}", place=place, rule="text", value=key)
        if isinstance(own[key], str) != isinstance(wanted[key], str):
            text = f"{place}: {key} is a text in one language and a list in the other"
            raise refusal(text, place, "text-kind", key)
        if set(_FIELD.findall(str(own[key]))) != set(_FIELD.findall(str(wanted[key]))):
            text = f"{place}: {key} fills in other things than the first language"
            raise refusal(text, place, "text-fields", key)


def cluster_looks(count: int = 32) -> list[dict[str, str]]:
    """List colours and hatches of clusters for the page, which draws its own strokes.

    Parameters
    ----------
    count : int
        Two partitions of n cases need at most 2 n.

    Returns
    -------
    list of dict

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

    Parameters
    ----------
    name : str

    Returns
    -------
    str

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
        of ``words``, which are markup already. An element with ``data-t="name"`` holds that word,
        one with ``data-t-label="name"`` is labelled by it.
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
    # comments are for readers of the files, and a page is to be small
    css = _concatenate(styles)
    script = _concatenate(re.sub(r"(?m)^ *//.*\n", "", part) for part in scripts)
    if "</script" in script.lower() or "</style" in css.lower():
        raise refusal("a script or style of the page holds its own end tag", "page", "end-tag")
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
    template = re.sub(r'(<[^<>]* data-t="([\w-]+)"[^<>]*>)', r"\1{{\2}}", template)
    template = re.sub(r'( data-t-label="(\w+)")', r'\1 aria-label="{{\2}}"', template)
    return re.sub(r"\{\{([\w-]+)\}\}", lambda found: parts[found[1]], template)


def _concatenate(parts: Iterable[str]) -> str:
    """Join the parts of a style sheet or program, one after the other."""
    return "\n".join(part.rstrip() for part in parts) + "\n"


def every_noscript(spoken: Mapping[str, Mapping[str, object]]) -> str:
    """Write what a page says where it cannot run, in every language.

    Parameters
    ----------
    spoken : texts by language, each with a ``noscript``

    Examples
    --------
    >>> every_noscript({"en": {"noscript": "Sorry."}})
    '<p lang="en">Sorry.</p>'
    """
    return "".join(
        f'<p lang="{language}">{html.escape(str(own["noscript"]))}</p>'
        for language, own in spoken.items()
    )


def _terms(count: int) -> str:
    listed = "".join(
        f'<dt data-t="terms_{place}"></dt><dd data-t-links="terms_{place}_text"></dd>'
        for place in range(1, count + 1)
    )
    summary = '<summary data-t="terms_title"></summary>'
    return f'<details class="terms">{summary}<dl>{listed}</dl></details>' if listed else ""


def explorer_page(
    content: Mapping[str, object],
    texts: ExplorerTexts,
    translations: Mapping[str, Spoken] | None = None,
) -> str:
    """Write the page.

    Parameters
    ----------
    content : mapping, ready for JSON
        ``baseline``, ``years``, ``regions`` (the cases), ``published`` (the reference),
        ``indicators`` (the variables), ``series`` (their sources) and ``looks``, as
        `hclustkit.report.explorer_content` makes them; ``map``, if there is one, as
        `hclustkit.report.outlines.page_map` makes it; ``tour``, if there is one, lists its views,
        each the fragment of an address; ``names``, if there are translations, gives words of the
        table in other languages: ``{"income": {"ru": ...}}``.
    texts : what the page calls things
    translations : by language ("ru"), the texts that `page_texts` names

    Returns
    -------
    str
        HTML that can be opened from disk and requests nothing.

    Raises
    ------
    InputError
        A translation lacks a text, has one too many, or fills in other things.

    Examples
    --------
    >>> import pandas as pd
    >>> from hclustkit.report import explorer_content
    >>> table = pd.DataFrame({"x": [1.0, 2.0, 9.0]}, index=["a", "b", "c"])
    >>> explorer_page(explorer_content(table), ExplorerTexts("Three cases"))[:15]
    '<!doctype html>'
    """
    said = page_texts(texts)
    spoken = {"en": said}
    for language, own in (translations or {}).items():
        check_translation(said, own, language)
        spoken[language] = own
    words = {name: html.escape(str(value)) for name, value in said.items()}
    words["description"] = html.escape(texts.description)
    words["noscript"] = every_noscript(spoken)
    home = f'<p id="home" hidden><a href="{html.escape(texts.home)}" data-t="pages"></a></p>'
    template = read_part("template.html").replace("{{home}}", home if texts.home else "")
    return inline_page(
        template.replace("{{terms}}", _terms(len(texts.terms))),
        map(read_part, STYLES),
        map(read_part, SCRIPTS),
        {**content, "texts": spoken, "columns": {name: getattr(texts, name) for name in _IN_FILES}},
        words,
    )
