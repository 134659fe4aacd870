"""What must be true of the paper, before and after it is written."""

from __future__ import annotations

import html.parser
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pypandoc
from hclustkit.errors import InputError, refusal

from kzclusters.figures.manifest import FigureEntry
from kzclusters.publish.paper.document import Node, citations, pairs_of, text_of, walk
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.values import lookup, write_value

NAMES: Mapping[str, str] = {
    r"\bFigures? [123]\b( to 3\b)?": "the article's figures",
    r"\bS[123]\b": "numbers of the supplement",
    r"\b[CP]\d{1,2}\b": "indicators and claims",
    r"\bPDF/UA-1\b": "a standard",
    r"\bISO 3166-2\b": "a standard",
    r"\bCC BY 4\.0\b": "a licence",
    r"\bTariff Guide No\. 4\b": "a publication",
    r"\bbefore 2018\b": "the reform of the regions",
}
"""Digits that the text may hold: pattern -> what it names. All others come from findings."""
NUMBER_WORDS = re.compile(
    r"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|"
    r"hundred|thousand|dozen|три|четыре|пять|шесть|семь|восемь|девять|десять|"
    r"үш|төрт|бес|алты|жеті|сегіз|тоғыз)\b",
    re.IGNORECASE,
)
MATH_DIGITS = re.compile(r"[3-9]|\d{2}")
"""In formulas 0, 1 and 2 are exponents, indices and constants."""


class Value(NamedTuple):
    """A value as a text has it."""

    key: str
    form: str
    text: str


def check_text(document: Node, where: str = "paper.md") -> None:
    """Refuse digits, and number words above two, outside values from the findings.

    Raises
    ------
    InputError
        The digits, and the words around them.
    """
    for block in [*document["meta"].values(), *document["blocks"]]:
        text = _typed_text(block)
        for pattern in NAMES:
            text = re.sub(pattern, lambda match: "#" * len(match.group()), text)
        for found in (re.search(r"\d+", text), NUMBER_WORDS.search(text)):
            if found:
                around = text[max(0, found.start() - 40) : found.end() + 20].strip()
                message = (
                    f"{where}: {found.group()!r} is typed in '… {around} …'; "
                    "numbers come from the findings, as {{ name }}"
                )
                raise refusal(message, where, "typed-number", found.group())
    for node in walk(document["blocks"]):
        if node["t"] == "Math" and MATH_DIGITS.search(node["c"][1]):
            formula = node["c"][1]
            message = f"{where}: a number is typed in the formula {formula!r}"
            raise refusal(message, where, "typed-number", formula)


def _typed_text(node: Any) -> str:
    """Return the text without values, works, formulas and addresses."""
    if isinstance(node, list):
        return "".join(_typed_text(item) for item in node)
    if not isinstance(node, dict):
        return ""
    kind = node.get("t")
    content: Any = node.get("c")
    if kind == "Span":
        if "value" in content[0][1]:
            return "\N{OBJECT REPLACEMENT CHARACTER}"
        return _typed_text(content[1]) + " " + pairs_of(node).get("alt", "")
    if kind in ("Cite", "Math"):
        return ""
    if kind in ("Link", "Quoted", "OrderedList"):
        return _typed_text(content[1])
    if kind in ("Header", "Div", "Para", "Plain"):
        return _typed_text(content[-1] if kind in ("Header", "Div") else content) + " "
    if kind in ("Str", "Space", "SoftBreak", "LineBreak", "Code"):
        return text_of(node)
    if kind in ("RawBlock", "RawInline", "MetaString"):
        return content if kind == "MetaString" else content[1]
    return _typed_text(list(content.values()) if kind == "MetaMap" else content)


def values_in(document: Node) -> list[Value]:
    """Return the values in a document."""
    return [
        Value(pairs_of(node)["key"], pairs_of(node)["form"], text_of(node["c"][1]))
        for node in walk([*document["meta"].values(), *document["blocks"]])
        if node["t"] == "Span" and "value" in node["c"][0][1]
    ]


class _Values(html.parser.HTMLParser):
    """Collects the spans of the class ``value``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Value] = []
        self._open: list[tuple[str, str, list[str]] | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "span":
            given = dict(attrs)
            inside = "value" in (given.get("class") or "").split()
            self._open.append(
                (given.get("data-key") or "", given.get("data-form") or "", []) if inside else None
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self._open:
            closed = self._open.pop()
            if closed is not None:
                self.found.append(Value(closed[0], closed[1], "".join(closed[2])))

    def handle_data(self, data: str) -> None:
        for entry in self._open:
            if entry is not None:
                entry[2].append(data)


def values_in_html(text: str) -> list[Value]:
    """Return the values in the HTML of the paper."""
    parser = _Values()
    parser.feed(text)
    return parser.found


def check_values(
    values: Iterable[Value], results: Mapping[str, Any], where: str = "paper.md"
) -> None:
    """Refuse a value that is not what the findings hold.

    Raises
    ------
    InputError
        One is not, with both.
    """
    for value in values:
        expected = write_value(lookup(results, value.key), value.form)
        if " ".join(value.text.split()) != expected:
            text = f"{where}: {value.key} is written {value.text!r}; the findings say {expected!r}"
            raise refusal(text, f"{where}: {value.key}", "value-of-the-findings", value.text)


def bibliography(project: Project) -> list[dict[str, Any]]:
    """Read the works of ``references.bib`` as CSL items.

    Raises
    ------
    InputError
        The file is missing or not BibTeX.
    """
    path = project.paper / "references.bib"
    if not path.is_file():
        raise InputError(f"{project.from_root(path)}: the file is missing")
    try:
        return json.loads(
            pypandoc.convert_text(path.read_text(encoding="utf-8"), "csljson", format="biblatex")
        )
    except RuntimeError as error:
        raise InputError(f"{project.from_root(path)}: {error}") from None


def check_citations(documents: Mapping[str, Node], project: Project) -> None:
    """Refuse a work that is cited but not in the bibliography, or there but not cited.

    Raises
    ------
    InputError
        One is not; a work has no author or title, or no year and no word on why; a DOI is
        malformed.
    """
    works = {work["id"]: work for work in bibliography(project)}
    cited = citations(list(documents.values()))
    for key in sorted(cited - works.keys()):
        raise InputError(f"paper.md: the work {key!r} is not in references.bib")
    for key in sorted(works.keys() - cited):
        raise InputError(f"references.bib: the work {key!r} is not cited")
    for key, work in works.items():
        for field in ("author", "title"):
            if not work.get(field):
                raise InputError(f"references.bib: {key}: {field} is missing")
        if "issued" not in work and "year" not in work.get("publisher", ""):
            text = f"references.bib: {key}: neither a year nor the reason why there is none"
            raise refusal(text, None, None)
        if "DOI" in work and not re.fullmatch(r"10\.\d{4,9}/\S+", work["DOI"]):
            raise InputError(f"references.bib: {key}: {work['DOI']!r} is not a DOI")


def check_figures(figures: Mapping[str, FigureEntry], project: Project) -> None:
    """Refuse a figure that is missing, or that was drawn from other texts or data.

    A figure carries its title and alternative text since it was drawn; they hold numbers of the
    results. Data drawn that are also a table of the analysis are that table.

    Raises
    ------
    InputError
        A file is missing; the picture was drawn from other results than the present ones.
    """
    for name, entry in figures.items():
        drawn = project.figures / f"{name}.svg"
        for path in (drawn, drawn.with_suffix(".png"), project.figures / entry.data):
            if not path.is_file():
                raise InputError(f"{project.from_root(path)}: the figure is missing; run `make`")
        head = drawn.read_text(encoding="utf-8")[:20_000]
        for tag, expected in (("title", entry.title), ("desc", entry.alt)):
            match = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", head, re.DOTALL)
            text = " ".join(html.unescape(match[1]).split()) if match else ""
            if text != " ".join(expected.split()):
                raise InputError(
                    f"{project.from_root(drawn)}: the figure is stale: it was drawn with the {tag} "
                    f"{text[:60]!r}…; the manifest and the results say {expected[:60]!r}…"
                )
        table = project.processed / entry.data
        if table.is_file() and table.read_bytes() != (project.figures / entry.data).read_bytes():
            raise InputError(
                f"{project.from_root(project.figures / entry.data)}: the figure is stale: its data "
                f"are not those of {project.from_root(table)}"
            )
