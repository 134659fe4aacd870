"""Read a built site as a browser would: links, pictures, and what a page loads.

`problems` needs only the folder. It reads the HTML and CSS files and returns what is wrong in
words; it does not ask the network whether outside links still answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
    "form": ("action",),
}
"""Attributes whose address a browser asks for, or sends to, without a click on a link."""

REMOTE = re.compile(r"\s*(?:[a-z][a-z+.-]*:)?//", re.IGNORECASE)
CSS_LOAD = re.compile(
    r"@import\s+(?:url\()?\s*[\"']?([^\"')\s;]+)|url\(\s*[\"']?([^\"')]+)", re.IGNORECASE
)


@dataclass
class Page:
    """What one HTML file says."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[tuple[str, str]] = field(default_factory=list)
    images: list[dict[str, str | None]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects what a page says and loads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.page.ids.add(str(given["id"]))
        if tag in ("a", "area"):
            if given.get("name"):
                self.page.ids.add(str(given["name"]))
            if given.get("href") is not None:
                self.page.links.append(str(given["href"]))
        if tag == "img":
            self.page.images.append(given)
        if given.get("style"):
            self.page.styles.append(str(given["style"]))
        self._style = tag == "style"
        for name in LOADS.get(tag, ()):
            value = given.get(name)
            if value:
                addresses = [value]
                if name == "srcset":
                    addresses = [part.split()[0] for part in value.split(",") if part.strip()]
                self.page.loads += [(tag, address) for address in addresses]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the name is that of the base class
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style:
            self.page.styles.append(data)


def read(path: Path) -> Page:
    """Read what an HTML file holds."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader.page


def _css_loads(text: str) -> Iterator[str]:
    """Yield the addresses that a style sheet loads."""
    for first, second in CSS_LOAD.findall(text):
        yield (first or second).strip()


def problems(folder: Path) -> list[str]:
    """List what is wrong with the site in ``folder``, one sentence each; empty when nothing is.

    Checked: no page and no style sheet loads anything from another host; every relative
    address leads to a file inside the folder, and every fragment to an element of it; every
    picture has an alternative text, or an empty one and ``role="presentation"``.
    """
    root = folder.resolve()
    pages = {path.resolve(): read(path) for path in sorted(folder.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(root).as_posix()
        for tag, address in page.loads:
            if REMOTE.match(address):
                found.append(f"{name}: <{tag}> loads {address}")
        for style in page.styles:
            found += [f"{name}: a style loads {a}" for a in _css_loads(style) if REMOTE.match(a)]
        for image in page.images:
            alt = image.get("alt")
            if not (alt and alt.strip()) and image.get("role") != "presentation":
                found.append(f"{name}: no alternative text: {str(image.get('src'))[:60]}")
        for address in [*page.links, *(address for _, address in page.loads)]:
            wrong = _wrong(address, path, root, pages)
            if wrong:
                found.append(f"{name}: {address}: {wrong}")
    for path in sorted(folder.rglob("*.css")):
        for address in _css_loads(path.read_text(encoding="utf-8")):
            name = path.resolve().relative_to(root).as_posix()
            if REMOTE.match(address):
                found.append(f"{name}: loads {address}")
            elif not address.startswith(("data:", "#")):
                target = path.parent / unquote(urlsplit(address).path)
                if not target.is_file():
                    found.append(f"{name}: {address}: there is no such file")
    return list(dict.fromkeys(found))


def _wrong(address: str, path: Path, root: Path, pages: dict[Path, Page]) -> str | None:
    """Say why a relative address leads nowhere, or None; outside links are not followed."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        return "leads to a folder, which opens only where a server runs"
    if not target.is_file():
        return "there is no such file"
    if not target.is_relative_to(root):
        return "leads out of the site"
    fragment = unquote(parts.fragment)
    # pages whose address holds a state read their fragment themselves
    if fragment and target in pages and "=" not in fragment and fragment not in pages[target].ids:
        return "there is no such place in the page"
    return None
