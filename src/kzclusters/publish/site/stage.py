"""Put the sources of the site together: ``docs/``, notebooks, and pages made from the data.

Nothing is written by hand twice: the data dictionary comes from the data package and the
registry, the gallery from the figure manifest, the glossary from its table, and the reference
from the packages.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kzclusters import paths, pipeline
from kzclusters.publish.metadata import notebook_index, readme
from kzclusters.publish.metadata.reproducing import fill_manifest
from kzclusters.publish.site import (
    data_pages,
    manuscript,
    notebooks,
    peer_pictures,
    peers,
    reference,
    results_pages,
    translated,
)
from kzclusters.publish.site.links import link_figures, relink
from kzclusters.publish.texts import LANGUAGES

COPIED = (".csv", ".json", ".geojson", ".svg", ".png", ".yml")
"""Kinds of files that the site carries from ``figures``, ``data/raw`` and ``data/processed``."""

FRONT = ("index.md", "paper.md", "explore.md", "teach.md")
"""Pages of ``docs`` at the front of the site."""


def stage(folder: Path) -> set[str]:
    """Write all sources of the site into the empty ``folder``.

    Returns
    -------
    set of str
        Files that the site carries at the place they have in the project.

    Raises
    ------
    InputError
        A file is missing or breaks a rule.
    """
    carried: set[str] = set()
    docs = paths.ROOT / "docs"
    ignored = shutil.ignore_patterns("__pycache__", "*.md")
    shutil.copytree(docs, folder, dirs_exist_ok=True, ignore=ignored)

    def write(name: str, text: str) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            relink(text, target.parent.relative_to(folder).as_posix(), carried), "utf-8"
        )

    for path in sorted(docs.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if path.stem == peers.PAGE:
            text = peer_pictures.place(peers.page(text), folder / "docs")
        # the front pages are written as seen from the root of the project
        write(path.name if path.name in FRONT else f"docs/{path.name}", text)
    for picture in docs.glob("*.svg"):
        shutil.copy(picture, folder / "docs" / picture.name)
    start = (docs / "index.md").read_text(encoding="utf-8")
    write("index.md", link_figures(readme.render(start, "docs/index.md")))
    write("paper.md", results_pages.paper_page())
    if manuscript.exists("paper.html"):
        write("paper_text.md", results_pages.paper_text_page())
    write("data/series.md", data_pages.series_page())
    write("data/indicators.md", data_pages.indicator_page())
    write("data/glossary.md", data_pages.glossary_page())
    write("data/index.md", data_pages.data_page())
    write("figures/index.md", results_pages.figure_page())
    for language in LANGUAGES[1:]:
        write(f"figures/{language}.md", translated.page(language))
    reference.write_pages(folder)

    names = [name for name in pipeline.notebooks() if name != notebook_index.START]
    drawn = {" ".join(entry.alt.split()): name for name, entry in fill_manifest().items()}
    for name in names:
        notebooks.write_page(name, folder, carried, drawn=drawn)
    notebooks.write_page(notebook_index.START, folder, carried, listed=names)
    carried |= {f"notebooks/{name}.ipynb" for name in pipeline.notebooks()}
    for place in (paths.FIGURES, paths.RAW, paths.PROCESSED):
        for path in place.iterdir():
            if path.is_file() and path.suffix in COPIED:
                carried.add(paths.from_root(path))
    # the figure of the first page is a source, not only carried
    for name in ("cluster_maps.png", "figure3.png"):
        shutil.copy(paths.FIGURES / name, folder / "figures" / name)
    return carried
