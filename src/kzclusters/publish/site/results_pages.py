"""Pages made from the results: the gallery of figures and the way to the paper."""

from __future__ import annotations

import html
import posixpath
import re

from kzclusters import paths, pipeline
from kzclusters.publish.metadata.reproducing import fill_manifest
from kzclusters.publish.site import manuscript, translated
from kzclusters.publish.site.data_pages import plain


def figure_page() -> str:
    """Write the gallery: every figure with caption, alternative text, data and notebook."""
    filled = fill_manifest()
    intro = (
        "Every figure of the notebooks, with the data that it draws. The description is what "
        "a screen reader reads."
    )
    parts = ["# Figures", "", intro, ""]
    for name, step in pipeline.notebooks().items():
        mine = [entry for entry in filled.values() if entry.notebook == name]
        if not mine:
            continue
        parts += [f"## {plain(step.title)}", ""]
        for entry in mine:
            kind = posixpath.splitext(entry.data)[1].lstrip(".").upper()
            parts += [
                f"(figure-{entry.name.replace('_', '-')})=",
                f"### {plain(entry.title)}",
                "",
                "```{raw} html",
                '<figure class="gallery">',
                f'<a href="{entry.name}.svg"><img src="{entry.name}.png" loading="lazy" '
                f'alt="{html.escape(entry.alt)}"></a>',
                f"<figcaption>{html.escape(entry.caption)}</figcaption>",
                f"<details><summary>Description</summary><p>{html.escape(entry.alt)}</p></details>",
                "</figure>",
                "```",
                "",
                f"[SVG](../figures/{entry.name}.svg) · [PNG](../figures/{entry.name}.png) · "
                f"[data ({kind})](../figures/{entry.data}) · "
                f"drawn in [{plain(step.title)}](../notebooks/{entry.notebook}.ipynb)"
                + translated.links(entry.name),
                "",
            ]
    return "\n".join(parts) + "\n"


def paper_page() -> str:
    """Write where the paper can be read, its abstract and its sections."""
    text = (paths.ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
    forms = [
        f"* [{kind}](paper/{name}), {(paths.PAPER / name).stat().st_size / 2**20:.1f} MiB"
        for name, kind in manuscript.FORMS.items()
        if manuscript.exists(name)
    ] or ["The paper has not been built in this copy of the project: `make paper` does it."]
    about: list[str] = []
    if manuscript.exists("paper.html"):
        page = manuscript.read()
        paragraphs = manuscript.abstract(page)
        if paragraphs:
            about += ["## Abstract", ""]
            for paragraph in paragraphs:
                about += [plain(paragraph), ""]
        # as deep as the numbers go: 4.2 below 4
        listed = []
        for name, heading, _ in manuscript.sections(page):
            indent = "  " if re.match(r"[0-9]+[.][0-9]", heading) else ""
            listed.append(f"{indent}* [{plain(heading)}](paper/paper.html#{name})")
        if listed:
            search = "The search of this site finds their [text](paper_text.md)."
            about += ["## Sections", "", *listed, "", search]
            about += ["", "```{toctree}", ":hidden:", "", "paper_text", "```"]
    for place, lines in (("forms", forms), ("abstract", about)):
        text = text.replace(f"<!-- {place} -->", "\n".join(lines))
    return text


def paper_text_page() -> str:
    """Write the text of the paper section by section, so that the search of the site finds it."""
    intro = (
        "The sections of the paper without formulas and pictures, as the search of this site reads "
        "them. To read the paper, follow the link of a section."
    )
    lines = ["# The text of the paper", "", intro, ""]
    for name, heading, text in manuscript.sections(manuscript.read()):
        link = f"[{plain(heading)} in the paper](paper/paper.html#{name})"
        lines += [f"## {plain(heading)}", "", link, "", plain(text), ""]
    return "\n".join(lines)
