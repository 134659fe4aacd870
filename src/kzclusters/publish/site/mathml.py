"""Formulas as MathML: Sphinx's math renderer by way of latex2mathml.

Browsers draw MathML themselves, so a page needs no script and no font from elsewhere, and a
screen reader can read it.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def to_mathml(tex: str, displayed: bool) -> str | None:
    """Convert a formula to a ``<math>`` element.

    Parameters
    ----------
    tex : the formula in TeX
    displayed : whether it has a line of its own

    Returns
    -------
    str or None
        None where the formula cannot be read.
    """
    bare = re.sub(r"\\[{}]", "", tex)
    if bare.count("{") != bare.count("}"):
        return None  # latex2mathml closes what is open
    try:
        found = convert(tex, display="block" if displayed else "inline")
    except Exception:  # latex2mathml raises a dozen unrelated classes
        return None
    # an unknown command is passed through
    return None if "\\" in found else found


def _visit(self: Any, node: nodes.Element) -> None:
    """Write a formula; warn where it cannot be read, and show its TeX."""
    tex, displayed = node.astext().strip(), isinstance(node, nodes.math_block)
    mathml = to_mathml(tex, displayed)
    if mathml is None:
        logger.warning("the formula %r cannot be read", tex, location=node)
        mathml = f"<code>{self.encode(tex)}</code>"
    if displayed:
        self.body.append(self.starttag(node, "div", CLASS="math notranslate") + f"{mathml}</div>\n")
    else:
        self.body.append(self.starttag(node, "span", "", CLASS="math notranslate"))
        self.body.append(f"{mathml}</span>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer("mathml", (_visit, None), (_visit, None))
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
