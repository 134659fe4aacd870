"""Docstrings as reStructuredText: what reads well in the source must also read well as a page.

The docstrings follow numpydoc in plain English. Two habits of plain English mean something else
in reStructuredText and are translated before Sphinx reads them: a bar outside of code, and a
section "Returns" that is a sentence, not a type.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

LITERAL = re.compile(r"(``.+?``|`[^`]+?`)", re.DOTALL)
HEADING = re.compile(r"-{3,}\s*$")
BEFORE_NAPOLEON = 400


def translate(text: str) -> str:
    """``text`` with bars escaped outside of code, and code without blanks at its ends."""
    parts = LITERAL.split(text)
    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = part.replace("|", r"\|")
        elif part.startswith("``"):
            parts[i] = f"``{part[2:-2].strip()}``"
    return "".join(parts)


def sentences(lines: list[str]) -> list[str]:
    """``lines`` in which a "Returns" of several plain lines is one field, not a list of types."""
    out: list[str] = []
    i = 0
    while i < len(lines):
        heading = i + 1 < len(lines) and HEADING.match(lines[i + 1])
        if not heading or lines[i].strip() != "Returns":
            out.append(lines[i])
            i += 1
            continue
        end = i + 2
        while end < len(lines) and not (end + 1 < len(lines) and HEADING.match(lines[end + 1])):
            end += 1
        body = lines[i + 2 : end]
        spoken = [line for line in body if line.strip()]
        if len(spoken) > 1 and not any(line.startswith(" ") for line in spoken):
            out += ["", ":returns: " + " ".join(line.strip() for line in spoken), ""]
        else:
            out += lines[i:end]
        i = end
    return out


def _process(app: Sphinx, what: str, name: str, item: Any, options: Any, lines: list[str]) -> None:
    lines[:] = sentences(translate("\n".join(lines)).split("\n"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _process, priority=BEFORE_NAPOLEON)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
