"""Formulas as MathML: Sphinx's math renderer by way of pandoc.

Browsers draw MathML themselves, so a page needs no script and no font from elsewhere, and a
screen reader can read it. All formulas of the site go through one pandoc process.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pypandoc
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

Formula = tuple[str, bool]
"""TeX, and whether it stands in a line of its own."""


def convert(formulas: list[Formula]) -> dict[Formula, str]:
    """MathML of each formula; one that pandoc cannot read is left out.

    Parameters
    ----------
    formulas : pairs of TeX and whether it is displayed

    Returns
    -------
    dict, formula -> ``<math>`` element as text, with the TeX as its annotation
    """
    if not formulas:
        return {}
    blocks = [
        {
            "t": "Para",
            "c": [{"t": "Math", "c": [{"t": "DisplayMath" if shown else "InlineMath"}, tex]}],
        }
        for tex, shown in formulas
    ]
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": blocks}
    written = pypandoc.convert_text(
        json.dumps(document), "html", format="json", extra_args=["--mathml", "--wrap=none"]
    )
    paragraphs = re.findall(r"<p>(.*?)</p>", written, re.DOTALL)
    if len(paragraphs) != len(formulas):
        raise RuntimeError(f"pandoc returned {len(paragraphs)} of {len(formulas)} formulas")
    return {
        formula: found[0]
        for formula, paragraph in zip(formulas, paragraphs, strict=True)
        if (found := re.search(r"<math\b.*</math>", paragraph, re.DOTALL))
    }


def _key(node: nodes.Element) -> Formula:
    return (node.astext().strip(), isinstance(node, nodes.math_block))


def _convert_all(app: Sphinx, env: Any) -> None:
    """Once everything has been read, before anything is written."""
    wanted: dict[Formula, None] = {}
    for name in sorted(env.found_docs):
        for node in env.get_doctree(name).findall(
            lambda node: isinstance(node, (nodes.math, nodes.math_block))
        ):
            wanted.setdefault(_key(node))
    env.kzclusters_mathml = convert(list(wanted))


def _visit(self: Any, node: nodes.Element) -> None:
    tex, shown = _key(node)
    mathml = self.builder.env.kzclusters_mathml.get((tex, shown))
    if mathml is None:
        logger.warning("pandoc cannot read the formula %r", tex, location=node)
        mathml = f"<code>{self.encode(tex)}</code>"
    if shown:
        self.body.append(self.starttag(node, "div", CLASS="math notranslate"))
        self.body.append(mathml + "</div>\n")
    else:
        self.body.append(self.starttag(node, "span", "", CLASS="math notranslate"))
        self.body.append(mathml + "</span>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (_visit, None), (_visit, None))
    app.connect("env-updated", _convert_all)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
