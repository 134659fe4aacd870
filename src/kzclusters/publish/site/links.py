"""Links between files of the project, made links between pages of the site."""

from __future__ import annotations

import html
import posixpath
import re
from urllib.parse import urlsplit

from hclustkit.errors import refusal

from kzclusters import paths
from kzclusters.publish.site import reference

MADE = (
    "data/indicators.md",
    "data/series.md",
    "data/glossary.md",
    "figures/index.md",
    "paper.md",
    "paper_text.md",
    "explore.md",
    "teach.md",
)
"""Pages of the site that are not files of the project."""

LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")


def page_of(path: str) -> str | None:
    """Find the page of the site that shows a file of the project, or None where it is carried.

    Parameters
    ----------
    path : from the root of the project, with ``/``
    """
    if path in MADE or re.fullmatch(r"docs/\w+\.md", path):
        return path
    if path == "data/README.md":
        return "data/index.md"
    if path == "README.md":
        return "index.md"
    if re.fullmatch(r"notebooks/(solutions/)?\w+\.ipynb", path):
        return path
    if path in ("packages/hclustkit", "src/kzclusters"):
        return f"api/{posixpath.basename(path)}.rst"
    if path.endswith(".py") and "src/" in path:
        module = path.rpartition("src/")[2].removesuffix(".py").removesuffix("/__init__")
        module = module.replace("/", ".")
        return f"api/{module}.rst" if module in reference.all_modules() else "api/index.md"
    return None


def relink(text: str, folder: str, carried: set[str]) -> str:
    """Make links, seen from ``folder`` of the project, lead to the same in the site.

    Parameters
    ----------
    text : Markdown
    folder : where the text is, from the root of the project; "" is the root itself
    carried : files that links lead to are added, from the root of the project

    Raises
    ------
    InputError
        A relative link leads to a file that is not there.
    """

    def lead(match: re.Match[str]) -> str:
        parts = urlsplit(match["target"])
        if parts.scheme or parts.netloc or not parts.path:
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, parts.path))
        here = folder or "."
        page = page_of(path)
        if page:
            anchor = f"#{parts.fragment}" if parts.fragment else ""
            return f"[{match['text']}]({posixpath.relpath(page, here)}{anchor})"
        if path.startswith("site/"):
            path = path.removeprefix("site/")
        elif not (paths.ROOT / path).is_file():
            text = f"{here}: the link {match['target']} leads to no file"
            raise refusal(text, here, "dead-link", match["target"])
        else:
            carried.add(path)
        address = posixpath.relpath(path, here) + (f"#{parts.fragment}" if parts.fragment else "")
        return f'<a href="{html.escape(address)}">{match["text"]}</a>'

    return LINK.sub(lead, text)


def link_figures(text: str) -> str:
    """Link figures to the drawing, which can be enlarged on a small screen."""
    return re.sub(r"!\[[^\]]*\]\((figures/\w+)\.png\)", r'<a href="\1.svg">\g<0></a>', text)
