"""The explorer: its address, what is saved, the line of the cut, and the way back."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import explorer_pages
import hclustkit
import numpy as np
import pandas as pd
import pytest
from explorer_pages import Open, active, box, downloaded, fragment, results
from hclustkit import Tree, compare, cut, standardize
from hclustkit.tables import read_table

from kzclusters.analysis.results import profile
from kzclusters.evidence import article, sources

values = explorer_pages.values
file = explorer_pages.file
open_page = explorer_pages.open_page


def test_the_address_carries_the_whole_state(open_page: Open) -> None:
    page = open_page()
    page.locator("#years label", has_text="2014").click()
    page.select_option("#scaling", "log-zscore")
    page.select_option("#linkage", "average")
    page.locator("#k").fill("5")
    page.check("#figure3")
    page.uncheck("#in-P9")
    page.locator('[data-place="map"][data-region="KZ-ATY"]').click()
    page.click("#theme")
    page.mouse.move(5, 5)
    address = page.evaluate("location.hash")
    other = open_page(address)
    assert other.evaluate("location.hash") == address
    assert results(other) == results(page)
    assert other.inner_text("#inspector") == page.inner_text("#inspector")
    assert (
        other.get_attribute("html", "data-theme")
        == page.get_attribute("html", "data-theme")
        == "dark"
    )
    assert not other.is_checked("#in-P9") and other.is_checked("#in-P8")
    # a year without P8: named, left out, and back with its year
    other.evaluate("location.hash = location.hash.replace('2014', '2012')")
    other.wait_for_selector("#notice:not([hidden])")
    assert other.inner_text("#notice p") == "P8 has no data in 2012 and takes no part."
    other.locator("#years label", has_text="2014").click()
    assert other.locator("#notice").is_hidden() and results(other) == results(page)


BAD_ADDRESSES = {
    "#year=1999": "“1999” is not a value of year; 2013 is used.",
    "#k=0&linkage=ward": "“0” is not a value of k; 8 is used.",
    "#k=8.5": "“8.5” is not a value of k; 8 is used.",
    "#linkage=constructor": "“constructor” is not a value of linkage; ward is used.",
    "#indicators=P2,P99": "There is no indicator “P99”; left out.",
    "#indicators=P99,P2,P98": "There are no indicators “P99”, “P98”; left out.",
    "#indicators=all,P99": "There is no indicator “P99”; left out.",
    "#theme=blue": "“blue” is not a value of theme; that of the system is used.",
    "#figure3=yes": "“yes” is not a value of figure3; 0 is used.",
    "#indicators=,,": "No known indicator was named; all with data take part.",
    "#year=2014&year=2015": "“year” is given twice; the first counts.",
    "#__proto__=1": "“__proto__” is not known and was left out.",
    "#scaling=%E0%A4%A": "“%E0%A4%A” is not a value of scaling; zscore is used.",
    "#region=<img src=x>": "“<img src=x>” is not a value of region; none is used.",
    "#linkage=single&axis=increment": (
        "The increment axis is defined for Ward only; the cumulative one is used."
    ),
    "#" + "x" * 5000: "“" + "x" * 60 + "” is not known and was left out.",
}


def test_a_bad_address_is_named_and_the_page_works(open_page: Open) -> None:
    page = open_page("#year=&k=&=&&==")
    for bad, said in BAD_ADDRESSES.items():
        page.evaluate("(hash) => { location.hash = hash; }", bad)
        page.wait_for_selector(f'#notice p:text-is("{said}")')
        assert page.locator("#tree svg").is_visible() and page.locator("#notice img").count() == 0
        # the address says again what is shown
        assert fragment(page)["k"] == "8"
    page.click("#dismiss")
    assert page.locator("#notice").is_hidden()
    other = open_page("#k=99")
    assert BAD_ADDRESSES["#k=0&linkage=ward"].replace("0", "99", 1) in other.inner_text("#notice")


def test_a_view_is_saved(open_page: Open, values: Path) -> None:
    page = open_page("#figure3=1&k=7", accept_downloads=True)
    name, content = downloaded(page, "#save-svg")
    assert name == "kazakhstan-regions-2013-zscore-ward-k7-all-figure3.svg"
    svg = ElementTree.fromstring(content)
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    for expected in (
        "Regions of Kazakhstan in 7 clusters",
        "VIII",
        "7 clusters",
        "Figure 3 as published",
        "Dendrogram, axis: coefficient, rescaled 0 to 25",
    ):
        assert expected in texts
    assert texts.count("Pavlodar") == 3  # dendrogram, map, published map
    references = set(re.findall(r"url\(#([\w-]+)\)", content.decode()))
    assert references <= {element.get("id") for element in svg.iter()} - {None}
    assert not re.search(r"(?:href|tabindex|role=\"button)", content.decode())
    name, content = downloaded(page, "#save-png")
    assert name.endswith(".png") and content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == tuple(round(2 * float(svg.get(side))) for side in ("width", "height"))
    assert len(content) > 50_000

    table = read_table(values, year=2013, columns="all")
    scaled = standardize(table)
    membership = pd.Series(cut(hclustkit.linkage(scaled), 7), table.index)
    names = sources.regions()

    def csv(button: str) -> pd.DataFrame:
        name, content = downloaded(page, button)
        assert name.startswith("kazakhstan-regions-2013-zscore-ward-k7-all-")
        assert name.endswith(".csv") and content.startswith("\ufeff".encode())
        return pd.read_csv(io.BytesIO(content))

    def without_choices(frame: pd.DataFrame) -> pd.DataFrame:
        chosen = ["year", "scaling", "linkage", "n_clusters", "indicators"]
        assert list(frame.columns[-5:]) == chosen
        rows = frame[chosen].drop_duplicates().to_numpy().tolist()
        assert rows == [[2013, "zscore", "ward", 7, " ".join(table.columns)]]
        return frame.drop(columns=chosen)

    regions = without_choices(csv("#save-csv")).set_index("region")
    assert list(regions.index) == list(table.index)
    assert list(regions["cluster"]) == list(membership)
    assert list(regions["name_kk"]) == list(names["name_kk"])
    assert list(regions["published_cluster"]) == list(article.published_clusters()[table.index])
    np.testing.assert_allclose(regions[table.columns], table, rtol=1e-11)
    pd.testing.assert_frame_equal(
        without_choices(csv("#csv-schedule")),
        Tree.from_table(scaled).schedule(),
        check_dtype=False,
        check_index_type=False,
        rtol=1e-9,
    )
    saved = without_choices(csv("#csv-profile"))
    expected = profile(table, scaled, membership)
    order = expected.sort_values("cluster", kind="stable")
    assert list(saved["indicator"]) == list(order["indicator"])
    assert list(saved["cluster"]) == list(order["cluster"])
    np.testing.assert_allclose(
        saved[["mean", "mean_z"]], order[["mean", "z"]], rtol=1e-9, atol=1e-12
    )
    measures = csv("#csv-agreement").set_index("measure")["value"]
    ari = compare.adjusted_rand_index(article.published_clusters()[table.index], membership)
    assert float(measures["adjusted Rand index"]) == pytest.approx(ari, rel=1e-9)
    assert measures["indicators"] == " ".join(table.columns)
    page.select_option("#language", "kk")  # what a program reads is in English
    assert csv("#csv-agreement").set_index("measure")["value"].equals(measures)
    fates = compare.best_match(article.published_clusters()[table.index], membership)
    for numeral, fate in fates.iterrows():
        said, *company = measures[f"published cluster {numeral}"].split(" + ")
        assert said == f"{fate['relation']}: {' '.join(map(str, sorted(fate['parts'])))}"
        assert sorted(company) == sorted(fate["joined_by"])


# ------------------------------------------------------------------------------- the cut

NO_LINE = {
    "#year=2013&scaling=zscore&linkage=centroid&k=9": "Heights invert",
    # ranks of one indicator: every merge of single linkage has the same height
    "#scaling=rank&linkage=single&indicators=P2&k=8": "Two merges of the same height",
}


@pytest.mark.parametrize(("address", "reason"), NO_LINE.items())
def test_where_no_line_cuts_the_page_and_the_file_say_so(
    open_page: Open, address: str, reason: str
) -> None:
    page = open_page(address, accept_downloads=True)
    k = fragment(page)["k"]
    assert reason in page.inner_text("#tree-note")
    assert page.locator(".cut path").count() == 0
    assert page.get_attribute(".cut", "aria-valuetext") == f"{k} clusters: no line"
    _, content = downloaded(page, "#save-svg")
    assert reason in content.decode() and f"{k} clusters: no line" in content.decode()


def test_the_keys_go_on_where_the_line_vanishes(open_page: Open) -> None:
    page = open_page("#year=2013&scaling=zscore&linkage=centroid&k=10")
    assert page.locator(".cut path").count() == 2
    page.locator(".cut").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".cut path").count() == 0
    assert active(page, "e.dataset.place") == "cut"
    page.keyboard.press("ArrowLeft")
    assert fragment(page)["k"] == "10" and active(page, "e.dataset.place") == "cut"


def test_the_cut_line_strikes_through_no_number(open_page: Open) -> None:
    page = open_page()
    struck = 0
    for k in range(1, 17):
        page.locator("#k").fill(str(k))
        found = page.evaluate("""() => {
          const lines = [...document.querySelectorAll(".cut path")];
          const numbers = [...document.querySelectorAll("#tree svg > text")];
          const box = (e) => e.getBoundingClientRect();
          const meet = (a, b) => a.left < b.right && b.left < a.right + 1 &&
            a.top < b.bottom - 3 && b.top + 3 < a.bottom;
          const near = (a, b) => a.left < b.right && b.left < a.right + 1;
          const some = (test) => lines.some((l) => numbers.some((t) => test(box(l), box(t))));
          return [some(meet), some(near)];
        }""")
        assert not found[0], k
        struck += found[1]
    assert struck  # some line is under a number


# ------------------------------------------------------------------- history and the address


def test_back_undoes_a_choice(open_page: Open) -> None:
    page = open_page()
    page.select_option("#linkage", "average")
    page.check("#figure3")
    for _ in range(4):
        page.locator("#k").press("ArrowRight")
    page.select_option("#scaling", "rank")
    expected = [
        {"k": "12", "scaling": "zscore", "figure3": "1"},
        {"k": "8", "figure3": "1", "linkage": "average"},
        {"figure3": "0", "linkage": "average"},
    ]
    for found in expected:
        page.go_back()
        page.wait_for_selector(f'#k-shown:text-is("{found.get("k", "8")}")')
        assert found.items() <= fragment(page).items()
        assert page.is_checked("#figure3") == (found["figure3"] == "1")
    page.go_back()
    page.wait_for_function("document.getElementById('linkage').value === 'ward'")
    page.go_forward()
    page.wait_for_function("document.getElementById('linkage').value === 'average'")


def test_a_drag_is_one_step_back(open_page: Open) -> None:
    page = open_page()
    before = page.evaluate("history.length")
    line, plot = box(page, '[data-place="cut"] .ring'), box(page, "#tree svg")
    page.mouse.move(line["x"] + line["width"] / 2, line["y"] + 100)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] - 60, line["y"] + 100, steps=12)
    page.mouse.up()
    assert fragment(page)["k"] == "2" and page.evaluate("history.length") == before + 1
    page.go_back()
    page.wait_for_selector('#k-shown:text-is("8")')


def test_all_indicators_and_one_more(open_page: Open) -> None:
    page = open_page("#indicators=all,P3:per_million&year=2010")
    assert page.locator("#notice").is_hidden()
    assert page.is_checked("#in-P3-per_million") and page.is_checked("#in-P2")
    assert page.inner_text("#indicators-count") == "11 take part"


def test_the_way_to_the_other_pages(open_page: Open, file: Path) -> None:
    assert open_page().locator("#home").is_hidden()  # this file lies alone
    folder = file.parent / "site"
    folder.mkdir(exist_ok=True)
    beside = folder / "explorer.html"
    beside.write_bytes(file.read_bytes())
    page = open_page(path=beside)
    assert page.locator("#home a").is_visible()
    assert page.get_attribute("#home a", "href") == "index.html"
