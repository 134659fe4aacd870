"""Text from a table never becomes markup: the pages of a report are looked at in a browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hclustkit.report.command import main

LABELS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "--><script>alert(4)</script>",
    "[a](javascript:alert(5))",
    "**bold** `code`",
    "$x^2$ and $\\frac{",
    "=HYPERLINK(A1)",
    "+1 | -2 # @3",
    "&lt;b&gt; &amp;",
    "{{label}} {% if %}",
    "</title></svg></style>",
]
COLUMNS = ["<b onclick=alert(6)>A</b>", "*B* $b$", "=C1"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("escaping")
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", *COLUMNS])
        for at, label in enumerate(LABELS):
            writer.writerow([label, at % 5, (at * 7) % 11, at % 3 + at / 10])
    assert main(["report", str(folder / "t.csv"), "-k", "3", "-o", str(folder / "out")]) == 0
    return folder / "out"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that notes what a script would do; nothing may have been done."""
    page = browser.new_context(offline=True).new_page()
    done: list[str] = []
    page.on("dialog", lambda dialog: (done.append(dialog.message), dialog.dismiss()))
    yield page
    page.context.close()
    assert not done


@pytest.mark.slow
@pytest.mark.parametrize("name", ["report.html", "explorer.html"])
def test_no_label_comes_alive_in_a_page(report: Path, page: Any, name: str) -> None:
    page.goto((report / name).as_uri())
    page.wait_for_timeout(200)
    live = "img[src=x], [onerror], [onload], [onclick], a[href^=javascript]"
    assert page.locator(live).count() == 0
    text = page.evaluate("document.body.textContent")
    for label in LABELS:
        assert label in text, label


@pytest.mark.slow
def test_no_label_comes_alive_in_a_drawing(report: Path, page: Any) -> None:
    for drawing in sorted((report / "figures").glob("*.svg")):
        page.goto(drawing.as_uri())
        assert page.locator("script, img, [onload], [onerror], [onclick]").count() == 0, (
            drawing.name
        )


@pytest.mark.slow
def test_no_label_is_a_formula_in_a_table(report: Path) -> None:
    for table in sorted(report.rglob("*.csv")):
        with table.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                for text in row:
                    number = text.lstrip("-").replace(".", "").replace("e-", "").isdigit()
                    assert number or not text.startswith(("=", "+", "-", "@")), (table.name, row)
