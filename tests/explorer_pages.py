"""The explorer in one file and opened in a browser, for its tests."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from hclustkit.files import write_csv
from hclustkit.scaling import SCALINGS
from hclustkit.tables import read_table
from hclustkit.tree.geometry import AXES
from hclustkit.tree.linkage import LINKAGES

from kzclusters.evidence import indicators, sources
from kzclusters.publish.explorer import build

YEARS = range(2010, 2016)
DESKTOP = {"width": 1440, "height": 900}
TELEPHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 900}
TABLET = {"width": 820, "height": 1000}
HANDSET = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The long table of indicators, written as the notebook writes it; once in a process."""
    path = tmp_path_factory.getbasetemp() / "explorer" / "indicators.csv"
    if path.exists():
        return path
    path.parent.mkdir()
    return write_csv(path, indicators.build(sources.series(), YEARS))


@pytest.fixture(scope="module")
def file(values: Path) -> Path:
    path = values.with_name("explorer.html")
    return path if path.exists() else build.build(path, values)


@pytest.fixture(scope="module")
def html(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def blocks(html: str) -> dict[str, str]:
    """The inline style, data and program of the page."""
    return {
        "style": re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1),
        "data": re.search(
            r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL
        ).group(1),
        "script": re.search(r"<script>(.*?)</script>", html, re.DOTALL).group(1),
    }


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, file: Path) -> Iterator[Open]:
    """Opens the page from the disk with the network off; afterwards: no request, no error."""
    contexts, requests, errors = [], [], []

    def opened(
        fragment: str = "", *, path: Path = file, viewport: dict[str, int] = DESKTOP, **options: Any
    ) -> Any:
        context = browser.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                errors.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        page.goto(path.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
    # pictures on their way to a PNG are data inside the page
    outside = [url for url in requests if not url.startswith(("data:", "blob:"))]
    assert all(
        url.startswith("file:///") and url.split("#")[0].endswith(".html") for url in outside
    ), outside
    assert len(outside) <= len(contexts) + sum("#" in url for url in outside)


def fragment(page: Any) -> dict[str, str]:
    text = unquote(page.evaluate("location.hash")).removeprefix("#")
    return dict(part.split("=", 1) for part in text.split("&") if part)


def results(page: Any) -> str:
    """The pictures and tables, without what the focus, the width and the view before leave."""
    left = (
        r' (?:tabindex|data-left|data-right|fill|stroke)="[^"]*"|<path [^>]*class="moved"></path>'
    )
    return re.sub(left, "", page.inner_html("#results"))


@functools.cache
def year_table(path: Path, year: int) -> pd.DataFrame:
    """All main indicators and variants that have data, read as the notebooks read them."""
    long = pd.read_csv(path).fillna({"variant": ""}).query("year == @year")
    names = long["indicator"] + np.where(long["variant"] == "", "", ":" + long["variant"])
    complete = long["value"].notna().groupby(names, sort=False).all()
    columns = list(complete.index[complete])
    return read_table(path, year=year, columns=columns)


def random_specifications(path: Path, count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(20131231)
    found = []
    for _ in range(count):
        year = int(rng.integers(YEARS.start, YEARS.stop))
        there = list(year_table(path, year).columns)
        size = int(rng.integers(1, len(there) + 1))
        chosen = set(rng.choice(there, size, replace=False))
        linkage = str(rng.choice(LINKAGES))
        axes = [axis for axis in AXES if axis != "increment" or linkage == "ward"]
        found.append(
            {
                "year": year,
                "scaling": str(rng.choice(SCALINGS)),
                "linkage": linkage,
                "k": int(rng.integers(1, 17)),
                "indicators": [column for column in there if column in chosen],
                "axis": str(rng.choice(axes)),
            }
        )
    return found


def as_fragment(specification: dict[str, Any]) -> str:
    given = {**specification, "indicators": ",".join(specification["indicators"])}
    return "#" + "&".join(f"{key}={value}" for key, value in given.items())


def downloaded(page: Any, button: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.click(button)
    download = waiting.value
    return download.suggested_filename, Path(download.path()).read_bytes()


def box(page: Any, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


def active(page: Any, expression: str) -> Any:
    """An expression over ``e``, the element that has the focus."""
    return page.evaluate(f"(() => {{ const e = document.activeElement; return {expression}; }})()")


def settled(page: Any) -> None:
    """Wait until a smooth scroll has come to rest."""
    page.evaluate("""async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      for (let still = 0, last = -1; still < 5; ) {
        await frame();
        still = scrollY === last ? still + 1 : 0;
        last = scrollY;
      }
    }""")
