"""The figure manifest: what each figure is, where it comes from, its caption and alt text.

Numbers in texts are never typed: they are placeholders such as
``{agreement.adjusted_rand_index:.2f}``, filled from the results. A digit outside a
placeholder is refused, but for names: "Figure 3", "P12".
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from hclustkit.errors import fault

from kzclusters import paths
from kzclusters.wording import listing

TEXTS = ("title", "caption", "alt")
"""The fields that may hold placeholders."""

NAMES_WITH_DIGITS = re.compile(r"\bFigures? \d+\b|\bP\d{1,2}\b")

_FORMATTER = string.Formatter()


@dataclass(frozen=True)
class FigureEntry:
    """One figure.

    Attributes
    ----------
    name : file name without extension
    title : short name, for headings and the ``<title>`` of the SVG
    notebook : path of the notebook that draws it
    data : path of the data drawn, beside the figure
    caption : what a reader should see in it
    alt : what it shows, for those who cannot see it
    """

    name: str
    title: str
    notebook: str
    data: str
    caption: str
    alt: str


def read(path: str | Path) -> dict[str, FigureEntry]:
    """Read a manifest; the texts keep their placeholders.

    Parameters
    ----------
    path : YAML file
        ``figures:`` a list of mappings, each with exactly the fields of `FigureEntry`.

    Returns
    -------
    dict, name -> FigureEntry, in the order of the file

    Raises
    ------
    InputError
        The file is missing or has no such list; a field is missing, empty or unknown; a name is
        repeated; a placeholder is malformed; a text has a typed digit.
    """
    path = Path(path)
    try:
        content = paths.read_yaml(path)
    except FileNotFoundError:
        raise fault(path.name, "the file is missing", "missing-file") from None
    if not isinstance(content.get("figures"), Sequence):
        raise fault(path.name, "expected a list under 'figures'", "list-of-figures")
    entries: dict[str, FigureEntry] = {}
    known = [field.name for field in fields(FigureEntry)]
    for number, given in enumerate(content["figures"], start=1):
        if not isinstance(given, Mapping):
            raise fault(path.name, f"entry {number} is not a mapping", "mapping", number)
        where = f"{path.name}: figure {given.get('name', number)!r}"
        unknown = [key for key in given if key not in known]
        if unknown:
            raise fault(where, f"unknown field {unknown[0]!r}", "unknown-field", unknown[0])
        for key in known:
            if not isinstance(given.get(key), str) or not given[key].strip():
                raise fault(where, f"{key!r} is missing or empty", "missing-field", key)
        entry = FigureEntry(**{key: " ".join(given[key].split()) for key in known})
        for key in TEXTS:
            _check_text(f"{where}, {key}", getattr(entry, key))
        if entry.name in entries:
            raise fault(where, "the name is repeated", "duplicate-label", entry.name)
        entries[entry.name] = entry
    return entries


def fill(
    manifest: Mapping[str, FigureEntry], results: Mapping[str, Any], *, texts: Sequence[str] = TEXTS
) -> dict[str, FigureEntry]:
    """Fill every placeholder of the manifest.

    Parameters
    ----------
    manifest : as `read` returns it
    results : nested mapping
        ``{a.b:.2f}`` takes ``results["a"]["b"]``; a list is written as "x, y and z".
    texts : which of "title", "caption" and "alt" to fill; the others keep their placeholders

    Raises
    ------
    InputError
        A placeholder that the results do not hold, or whose value is empty or cannot be
        written in the format asked for.
    """
    filled = {}
    for name, entry in manifest.items():
        changed = {}
        for key in texts:
            changed[key] = _fill_text(f"figure {name!r}, {key}", getattr(entry, key), results)
        filled[name] = replace(entry, **changed)
    return filled


def _check_text(where: str, text: str) -> None:
    """Refuse a malformed placeholder, and a digit that is typed."""
    try:
        parts = list(_FORMATTER.parse(text))
    except ValueError as error:
        raise fault(where, f"malformed placeholder: {error}", "placeholder", text) from None
    for literal, field, spec, conversion in parts:
        if field is not None and not re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", field):
            raise fault(where, f"{{{field}}} is not a dotted name", "dotted-name", field)
        if conversion or (spec and "{" in spec):
            message = f"{{{field}}}: only a plain format is allowed"
            raise fault(where, message, "plain-format", field)
        typed = re.search(r"\d+", NAMES_WITH_DIGITS.sub("", literal))
        if typed:
            message = (
                f"the digits {typed[0]!r} are typed; numbers come from the results, as {{name}}"
            )
            raise fault(where, message, "typed-digits", typed[0])


def _fill_text(where: str, text: str, results: Mapping[str, Any]) -> str:
    """Fill the placeholders of one text."""
    pieces = []
    for literal, field, spec, _ in _FORMATTER.parse(text):
        pieces.append(literal)
        if field is None:
            continue
        value: Any = results
        for key in field.split("."):
            if not isinstance(value, Mapping) or key not in value:
                raise fault(where, f"the results have no {field!r}", "missing-result", field)
            value = value[key]
        if value is None or isinstance(value, Mapping):
            raise fault(where, f"{field!r} cannot be printed: {value!r}", "printable", value)
        pieces.append(_format_field(where, field, value, spec or ""))
    return "".join(pieces)


def _format_field(where: str, field: str, value: Any, spec: str) -> str:
    if isinstance(value, (list, tuple)):
        return listing([_format_field(where, field, item, spec) for item in value])
    try:
        return format(value, spec).replace("-", "\N{MINUS SIGN}") if spec else str(value)
    except (TypeError, ValueError):
        message = f"{field!r} is {value!r}, which cannot be written as {spec!r}"
        raise fault(where, message, "format", value) from None
