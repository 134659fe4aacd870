"""The explorer: its words, narrow windows, paper and contrast."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import explorer_pages
import hclustkit
import pandas as pd
import pytest
from explorer_pages import HANDSET, LAPTOP, TELEPHONE, Open, blocks, box, downloaded, year_table
from hclustkit import compare, cut, standardize
from hclustkit.tables import read_table
from hclustkit.tree.linkage import LINKAGES
from PIL import Image

from kzclusters import wording as words
from kzclusters.evidence import article, sources
from kzclusters.publish import texts

values = explorer_pages.values
file = explorer_pages.file
html = explorer_pages.html
open_page = explorer_pages.open_page


# ------------------------------------------------------------------------------ the words


def test_scalings_and_linkages_are_called_as_in_the_package(open_page: Open) -> None:
    found = open_page().evaluate("""() => {
      const { t } = Texts(JSON.parse(document.getElementById("data").textContent).texts);
      const names = Compute.SCALINGS.map((key) => [key, t(`scaling_${key}`)]);
      const methods = Compute.LINKAGES.map((key) => [key, t(`method_${key}`)]);
      return { scalings: Object.fromEntries(names), linkages: Object.fromEntries(methods) };
    }""")
    assert found["scalings"] == words.SCALINGS
    assert found["linkages"] == {name: words.linkage(name) for name in LINKAGES}


def test_equal_colours_are_explained_and_ties_go_to_the_first(
    open_page: Open, values: Path
) -> None:
    page = open_page("#figure3=1")
    fills = {
        place: dict(
            page.eval_on_selector_all(
                f'[data-place="{place}"]',
                "(all) => all.map((e) => [e.dataset.region,"
                " e.querySelector('path').getAttribute('fill')])",
            )
        )
        for place in ("map", "published")
    }
    table = standardize(read_table(values, year=2013, columns="all"))
    ours = pd.Series(cut(hclustkit.linkage(table), 8), table.index)
    published = article.published_clusters()[table.index]
    # VI is Atyrau, here cluster 4, and Mangystau, here cluster 6
    assert compare.matching(published, ours)["VI"] == 4
    for region in ("KZ-ATY", "KZ-MAN"):
        assert fills["published"][region] == fills["map"]["KZ-ATY"] != fills["map"]["KZ-MAN"]
    note = page.inner_text("#map-note")
    alone = sorted(set(published) - set(compare.matching(published, ours)))
    assert "Same colour and hatching" in note
    assert f"{alone[0]} has no partner and a look that no cluster here has." in note
    page.uncheck("#figure3")
    assert "hatching" not in page.inner_text("#map-note")


def test_statuses_are_not_said_again(open_page: Open) -> None:
    page = open_page()
    assert page.get_attribute("#k-shown", "aria-live") == "off"
    page.evaluate("""() => {
      window.rewritten = [];
      for (const id of ["summary", "notice", "problem", "k-shown"]) {
        const note = () => window.rewritten.push(id);
        new MutationObserver(note).observe(document.getElementById(id),
          { childList: true, characterData: true, subtree: true });
      }
    }""")
    page.select_option("#region", "KZ-PAV")
    page.check("#figure3")
    page.select_option("#axis", "height")
    page.click("#theme")
    page.wait_for_timeout(50)
    assert page.evaluate("window.rewritten") == []
    page.locator("#k").press("ArrowRight")
    page.wait_for_timeout(50)
    assert set(page.evaluate("window.rewritten")) == {"summary", "k-shown"}


def test_notes_fit_the_choices(open_page: Open) -> None:
    page = open_page("#linkage=average&axis=height&indicators=P3:per_million,P4")
    note = page.inner_text("#tree-note")
    assert "distances at which clusters are merged" in note and "squares" not in note
    # a unit is not repeated
    for text in (page.text_content("#definitions"), page.text_content("#profile")):
        for unit in ("per 1,000 inhabitants", "per million inhabitants"):
            assert unit in text and f"{unit}, {unit}" not in text and unit * 2 not in text


def test_the_profile_names_the_members(open_page: Open, values: Path) -> None:
    page = open_page("#linkage=single&k=5", viewport=HANDSET)
    table = standardize(read_table(values, year=2013, columns="all"))
    ours = pd.Series(cut(hclustkit.linkage(table, "single"), 5), table.index)
    names = sources.regions()["name_en"]
    assert page.locator("#profile .members").all_text_contents() == [
        ", ".join(names[code] for code in table.index[ours == cluster]) for cluster in range(1, 6)
    ]


def test_a_button_without_use_looks_so(open_page: Open) -> None:
    page = open_page()

    def look(selector: str) -> dict[str, str]:
        return page.eval_on_selector(
            selector,
            "(e) => { const s = getComputedStyle(e);"
            " return { cursor: s.cursor, border: s.borderStyle, opacity: s.opacity }; }",
        )

    before = look("#save-svg")
    page.click("#none")
    after = look("#save-svg")
    assert all(after[key] != before[key] for key in before)
    assert page.locator("#region").is_hidden()


# ------------------------------------------------------------------- narrow, paper, contrast


@pytest.mark.cases(3)
@pytest.mark.parametrize("width", [320, 390, 640, 820, 1024, 1280, 1440])
def test_tiles_carry_whole_names(open_page: Open, width: int) -> None:
    page = open_page("#figure3=1&map=tiles", viewport={"width": width, "height": 900})
    names = dict(sources.regions()["name_en"])
    for place in ("map", "published"):
        tiles = page.eval_on_selector_all(
            f'[data-place="{place}"]',
            """(all) => all.map((e) => {
              const [, ...name] = e.querySelectorAll("text");
              const tile = e.querySelector("rect").getBoundingClientRect();
              const widest = Math.max(...name.map((t) => t.getBoundingClientRect().width));
              return [e.dataset.region, name.map((t) => t.textContent).join(" "),
                widest <= tile.width, Math.min(...name.map((t) => t.getAttribute("font-size")))];
            })""",
        )
        assert len(tiles) == len(names)
        for code, text, fits, size in tiles:
            assert text.replace("Kaz.", "Kazakhstan") == names[code] and fits and size >= 10
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    one, other = box(page, "#map svg"), box(page, "#published svg")
    # side by side they are level, and wide enough for the names
    assert one["y"] == other["y"] if one["x"] != other["x"] else one["y"] < other["y"]
    assert one["width"] >= 290 or width < 390


@pytest.mark.cases(1)
@pytest.mark.parametrize("width", [320, 1280])
def test_the_map_shows_every_region_and_its_number(open_page: Open, html: str, width: int) -> None:
    data = json.loads(blocks(html)["data"])
    assert len(json.dumps(data["map"])) < 60_000 and len(html.encode()) < 300_000
    page = open_page("#figure3=1", viewport={"width": width, "height": 900})
    frames = page.eval_on_selector_all(
        "#map svg, #published svg", "(all) => all.map((e) => e.getAttribute('viewBox'))"
    )
    for place, frame in zip(("map", "published"), frames, strict=True):
        boxes = page.eval_on_selector_all(
            f'[data-place="{place}"] > path:first-child',
            "(all) => all.map((e) => ['x', 'y', 'width', 'height'].map((s) => e.getBBox()[s]))",
        )
        assert len(boxes) == 16
        across, down = map(float, frame.split()[2:])
        for x, y, w, h in boxes:
            assert x >= 0 and y >= 0 and x + w <= across + 0.1 and y + h <= down + 0.1
        # numbers and names lie apart from each other
        texts = page.eval_on_selector_all(
            f"#{place} text",
            "(all) => all.map((e) => [e.textContent, ...['x', 'y', 'width', 'height'].map("
            "(side) => e.getBoundingClientRect()[side])])",
        )
        assert {"Astana", "Almaty city"} <= {text for text, *_ in texts}
        for (_, x, y, w, h), (_, X, Y, W, H) in itertools.combinations(texts, 2):
            beside = x + w <= X + 1 or x + 1 >= X + W
            assert beside or y + h <= Y + 4 or y + 4 >= Y + H
    # the arrow keys reach every region
    page.locator('[data-place="map"][tabindex="0"]').focus()
    reached, waiting = set(), [page.evaluate("document.activeElement.dataset.region")]
    while waiting:
        at = waiting.pop()
        if at in reached:
            continue
        reached.add(at)
        for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
            page.locator(f'[data-place="map"][data-region="{at}"]').focus()
            page.keyboard.press(key)
            waiting.append(page.evaluate("document.activeElement.dataset.region"))
    assert len(reached) == 16


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_region_has_a_name_on_the_map(open_page: Open, html: str, language: str) -> None:
    page = open_page(f"#language={language}", viewport={"width": 1280, "height": 900})
    lines = "#map svg > g[aria-hidden] > text"
    shown = " ".join(page.eval_on_selector_all(lines, "(all) => all.map((e) => e.textContent)"))
    for region in json.loads(blocks(html)["data"])["regions"]:
        own = {other["lang"]: other for other in region["others"]}.get(
            language, {"short": region["en"], "shorter": region["shorter"], "name": region["en"]}
        )
        names = (own["short"], own["shorter"], own["name"], own["name"][:3].upper())
        assert any(name in shown.replace("- ", "-") for name in names), region


def test_what_lies_beyond_an_edge_is_marked(open_page: Open) -> None:
    page = open_page("#k=12", viewport=HANDSET)
    wide = page.locator(".wide:has(#profile)")
    page.wait_for_selector(".wide[data-right]:has(#profile)")
    assert wide.get_attribute("data-left") is None
    mark = "(e) => getComputedStyle(e, '::after').borderRightWidth"
    assert wide.evaluate(mark) == "2px"
    page.eval_on_selector(".scroll:has(#profile)", "(e) => e.scrollTo(1e6, 0)")
    page.wait_for_selector(".wide[data-left]:not([data-right]):has(#profile)")
    # the coefficients are seen without scrolling
    schedule = box(page, ".scroll:has(#schedule)")
    for row in page.locator("#schedule tr[data-stage]").all():
        cell = row.locator("td").nth(2).bounding_box()
        assert cell["x"] + cell["width"] <= schedule["x"] + schedule["width"]
    # on a narrow telephone and in the longest words too
    for language in texts.LANGUAGES:
        narrow = open_page(f"#language={language}", viewport=TELEPHONE)
        schedule = box(narrow, ".scroll:has(#schedule)")
        cell = box(narrow, "#schedule thead th:nth-child(4)")
        assert cell["x"] + cell["width"] <= schedule["x"] + schedule["width"], language
    # where there is room nothing is cut off
    other = open_page("#k=8", viewport=LAPTOP)
    other.wait_for_timeout(100)
    assert other.locator(".wide[data-right]").count() == 0


PAPER = {"width": 700, "height": 1000}  # A4 between the margins


@pytest.mark.parametrize(
    ("k", "region"), [(16, ""), (9, ""), (8, "&region=KZ-AKM")], ids=["k16", "k9", "kept"]
)
def test_on_paper(open_page: Open, values: Path, k: int, region: str) -> None:
    everything = ",".join(year_table(values, 2013).columns)
    page = open_page(
        f"#k={k}&figure3=1&theme=dark&indicators={everything}{region}",
        viewport=PAPER,
        color_scheme="dark",
    )
    page.emulate_media(media="print", color_scheme="dark")
    hidden = [
        "#save-svg",
        "#axis",
        "#region",
        "#close",
        "#theme",
        "#language",
        ".terms",
        ".controls",
        ".bar .note",
        ".screen",
    ]
    assert [selector for selector in hidden if page.locator(selector).is_visible()] == []
    styles = "(all) => [...new Set(all.map((e) => getComputedStyle(e).fill))]"
    dark_ink = page.eval_on_selector_all(
        '#tree [data-place="dendrogram"] > text:last-child', styles
    )
    assert dark_ink == ["rgb(26, 26, 26)"]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 26, 26)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # everything is between the margins
    beyond = page.evaluate("""() =>
      [...document.querySelectorAll("table, svg, th, td")]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => e.outerHTML.slice(0, 80))""")
    assert beyond == []
    inspector = page.locator("#inspector")
    assert inspector.is_visible() == bool(region)
    if region:
        assert inspector.evaluate("(e) => getComputedStyle(e).position") == "static"
        assert inspector.evaluate(
            "(e) => e.scrollHeight <= e.clientHeight"
            " && e.lastElementChild.scrollHeight <= e.lastElementChild.clientHeight"
        )


def test_what_is_saved_is_light(open_page: Open) -> None:
    dark, light = (
        open_page(f"#theme={theme}", accept_downloads=True) for theme in ("dark", "light")
    )
    assert downloaded(dark, "#save-svg") == downloaded(light, "#save-svg")
    _, content = downloaded(dark, "#save-svg")
    assert b"var(" not in content and b"#ffffff" in content


def test_file_names_tell_the_choices_apart(open_page: Open) -> None:
    addresses = [
        "#",
        "#figure3=1",
        "#axis=increment",
        "#indicators=P2,P3",
        "#indicators=P2,P12:manufacturing",
    ]
    names = [
        downloaded(open_page(address, accept_downloads=True), "#save-svg")[0]
        for address in addresses
    ]
    assert len(set(names)) == len(addresses)
    assert names[-1] == "kazakhstan-regions-2013-zscore-ward-k8-P2_P12.manufacturing.svg"


def test_the_choice_is_seen_in_forced_colours(open_page: Open) -> None:
    page = open_page(forced_colors="active")
    # what is painted: the computed style does not know of the forced colours
    with Image.open(io.BytesIO(page.screenshot())) as shown:
        places = page.eval_on_selector_all(
            ".segments label",
            """(all) => all.map((e) => {
              const { left, top, height } = e.getBoundingClientRect();
              return [Math.round(left + 8), Math.round(top + height / 2)];
            })""",
        )
        colours = [shown.getpixel(tuple(place)) for place in places]
    chosen = page.eval_on_selector_all(
        ".segments input", "(all) => all.findIndex((e) => e.checked)"
    )
    assert colours.count(colours[chosen]) == 1
    # text and ground of a picture are those of the system as well
    ink, ground = page.evaluate("""() => [
      getComputedStyle(document.querySelector("#tree .region > text")).fill,
      getComputedStyle(document.querySelector(".panel")).backgroundColor,
    ]""")
    assert ink == page.evaluate("getComputedStyle(document.body).color") != ground
