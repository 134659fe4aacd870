"""The explorer: by keyboard, finger and pointer, for everyone and everywhere."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import explorer_pages
import pytest
from explorer_pages import (
    DESKTOP,
    HANDSET,
    LAPTOP,
    TABLET,
    TELEPHONE,
    Open,
    active,
    box,
    fragment,
    settled,
)
from scale import scale

values = explorer_pages.values
file = explorer_pages.file
open_page = explorer_pages.open_page


# ------------------------------------------------------------------- everyone, everywhere


def test_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    press = page.keyboard.press

    def focused(expression: str) -> Any:
        return page.evaluate(
            f"(() => {{ const e = document.activeElement; return {expression}; }})()"
        )

    press("Tab")
    assert focused("e.id") == "skip"
    press("Enter")
    assert focused("e.id") == "main" and page.evaluate("location.hash") == ""
    page.keyboard.press("Shift+Tab")
    visited = []
    page.evaluate("document.activeElement.blur(); document.getElementById('skip').focus()")
    for _ in range(80):
        press("Tab")
        visited.append(
            focused(
                "e.dataset.place || e.id || e.tagName + (e.getAttribute('aria-labelledby') || '')"
            )
        )
    for needed in (
        *("theme", "scaling", "linkage", "k", "figure3", "in-P2", "save-svg", "save-png", "copy"),
        *(
            "axis",
            "drawn",
            "dendrogram",
            "merges",
            "cut",
            "map",
            "csv-schedule",
            "region",
            "region-body",
        ),
    ):
        assert needed in visited, needed
    # years are one group of radio buttons; its arrows choose
    page.focus("#years input:checked")
    press("ArrowRight")
    assert fragment(page)["year"] == "2014"
    # the cut line
    page.focus('[data-place="cut"]')
    press("ArrowLeft")
    assert (
        fragment(page)["k"] == "9" and focused("e.getAttribute('aria-valuetext')") == "9 clusters"
    )
    press("ArrowRight")
    press("ArrowRight")
    assert fragment(page)["k"] == "7" and focused("e.dataset.place") == "cut"
    press("Home")
    assert fragment(page)["k"] == "16"
    press("End")
    assert fragment(page)["k"] == "1"
    # a map: arrows go where they point, Enter keeps, Escape lets go
    page.select_option("#drawn", "tiles")
    assert fragment(page)["map"] == "tiles"
    page.locator('[data-place="map"][tabindex="0"]').focus()
    places = []
    for key in (
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "ArrowLeft",
        "ArrowUp",
        "Home",
        "End",
    ):
        press(key)
        places.append(focused("e.dataset.region"))
    assert places == [
        "KZ-AKM",
        "KZ-AST",
        "KZ-PAV",
        "KZ-VOS",
        "KZ-KAR",
        "KZ-AKM",
        "KZ-SEV",
        "KZ-ALA",
    ]
    assert page.inner_text("#region-body h3") == "Almaty city"
    assert page.locator("#tip").is_visible()
    press("Enter")
    assert fragment(page)["region"] == "KZ-ALA" and focused("e.dataset.region") == "KZ-ALA"
    assert "Almaty city is kept in view" in page.inner_text("#done")
    press("Escape")
    assert "region" not in fragment(page) and focused("e.dataset.region") == "KZ-ALA"
    page.locator('[data-place="dendrogram"][tabindex="0"]').focus()
    press("End")
    assert focused("e.dataset.order") == "15"
    press(" ")
    assert page.input_value("#region") == focused("e.dataset.region")


def test_the_cut_line_can_be_dragged(open_page: Open) -> None:
    page = open_page()
    box = page.locator('[data-place="cut"] .ring').bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    page.mouse.down()
    plot = page.locator("#tree svg").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] - 60, box["y"] + 100, steps=5)
    page.mouse.up()
    assert fragment(page)["k"] == "2"


@pytest.mark.cases(2)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, TELEPHONE], ids=["desktop", "telephone"])
def test_axe_finds_no_violation(open_page: Open, scheme: str, viewport: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(
        "#figure3=1&year=2012&indicators=P2,P8,P12:manufacturing&region=KZ-AST&scaling=rank",
        viewport=viewport,
        color_scheme=scheme,
    )
    assert page.get_attribute("html", "data-theme") == scheme
    page.eval_on_selector_all("details", "(all) => all.forEach((e) => (e.open = true))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    # nothing is wider than the screen
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_on_a_telephone_a_tap_brings_the_values(open_page: Open) -> None:
    page = open_page("", viewport=TELEPHONE, has_touch=True, is_mobile=True)
    assert page.locator("#inspector").is_hidden()
    page.tap('[data-place="map"][data-region="KZ-YUZ"]')
    assert page.inner_text("#region-body h3") == "South Kazakhstan"
    page.tap("#close")
    assert page.locator("#inspector").is_hidden()
    small = page.evaluate("""() => {
      const side = ({ width, height }) => Math.min(width, height);
      return [...document.querySelectorAll("button, select, summary, .segments label, .region")]
        .filter((e) => e.checkVisibility() && side(e.getBoundingClientRect()) < 24)
        .map((e) => e.outerHTML.slice(0, 80));
    }""")
    assert small == []


def test_dark_by_the_system_or_by_hand(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    assert page.get_attribute("html", "data-theme") == "dark"
    ink = page.evaluate("getComputedStyle(document.body).color")
    page.click("#theme")
    assert (
        page.get_attribute("html", "data-theme") == "light" and fragment(page)["theme"] == "light"
    )
    assert page.evaluate("getComputedStyle(document.body).color") != ink
    other = open_page(color_scheme="light")
    other.emulate_media(color_scheme="dark")
    other.wait_for_selector("html[data-theme=dark]")


@pytest.mark.long("every case", "all cases of those tests of which a short run draws some")
def test_time_from_choice_to_picture(open_page: Open) -> None:
    """Measured and printed, not judged: a busy machine says nothing about the page."""
    page = open_page("#figure3=1")
    times = page.evaluate(
        """async (count) => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const choose = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event(id === "k" ? "input" : "change", { bubbles: true }));
      };
      const times = [];
      const linkages = [...document.getElementById("linkage").options].map((o) => o.value);
      for (let i = 0; i < count; i += 1) {
        await frame();
        const start = performance.now();
        if (i % 2) choose("linkage", linkages[i % linkages.length]);
        else choose("k", 2 + (i % 14));
        await frame();
        times.push(performance.now() - start);
      }
      return times;
    }""",
        count := scale(6, 24),
    )
    assert len(times) == count
    middle, slowest = median(times), max(times)
    print(f"\nfrom a choice to its picture: median {middle:.0f} ms, slowest {slowest:.0f} ms")


# ------------------------------------------------------------------------- touch and pointer


def test_the_cut_line_follows_a_finger(open_page: Open) -> None:
    page = open_page("", viewport=HANDSET, has_touch=True, is_mobile=True)
    page.locator("#tree").scroll_into_view_if_needed()
    settled(page)
    page.evaluate("""() => {
      window.cancelled = 0;
      addEventListener("pointercancel", () => (window.cancelled += 1), true);
    }""")
    line = box(page, '[data-place="cut"] .ring')
    plot = box(page, "#tree svg")
    x, y = line["x"] + line["width"] / 2, line["y"] + 60
    end = plot["x"] + plot["width"] - 30
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (x, y))
    for step in range(1, 13):
        touch("touchMove", (x + (end - x) * step / 12, y))
    touch("touchEnd")
    assert page.evaluate("window.cancelled") == 0
    assert fragment(page)["k"] == "2"


def test_a_merge_is_described_to_finger_and_keyboard(open_page: Open) -> None:
    page = open_page("", viewport=HANDSET, has_touch=True, is_mobile=True)
    page.locator("#tree").scroll_into_view_if_needed()
    page.locator('#tree .hit[data-stage="14"]').dispatch_event("click")
    assert "Stage 14" in page.inner_text("#tip") and page.locator("#tip").is_visible()
    lit = '#schedule tr.lit, #tree [data-branch="14"].lit'
    assert page.locator(lit).count() == 2
    page.tap('#schedule tr[data-stage="12"] th')
    assert page.locator('#tree [data-branch="12"].lit').count() == 1
    page.tap("#profile-title")
    assert page.locator(".lit").count() == 0

    page = open_page()
    page.locator('[data-place="merges"][tabindex="0"]').focus()
    page.keyboard.press("End")
    assert active(page, "e.dataset.stage") == "15"
    page.keyboard.press("ArrowLeft")
    assert active(page, "e.getAttribute('aria-label')").startswith("Stage 14: Atyrau and those")
    assert "Stage 14" in page.inner_text("#tip")
    page.keyboard.press("Enter")
    assert active(page, "e.getAttribute('aria-pressed')") == "true"
    page.locator("#k").press("ArrowRight")
    assert page.get_attribute("#schedule tr.lit", "data-stage") == "14"
    page.keyboard.press("Escape")
    assert page.locator(".lit").count() == 0


@pytest.mark.cases(1)
@pytest.mark.parametrize("viewport", [HANDSET, TABLET, LAPTOP], ids=["390", "820", "1280"])
def test_the_tip_is_beside_its_region(open_page: Open, viewport: dict[str, int]) -> None:
    page = open_page("#figure3=1", viewport=viewport)

    def beside() -> None:
        tip, own = box(page, "#tip"), page.locator(".region:focus > .ring").bounding_box()
        across = max(tip["x"] - own["x"] - own["width"], own["x"] - tip["x"] - tip["width"])
        down = max(tip["y"] - own["y"] - own["height"], own["y"] - tip["y"] - tip["height"])
        assert 0 <= max(across, down) < 40, (tip, own)
        if place == "dendrogram" and viewport is not HANDSET:
            assert tip["x"] + tip["width"] <= box(page, "#tree svg")["x"]

    for place in ("dendrogram", "map", "published"):
        page.locator(f'[data-place="{place}"][tabindex="0"]').focus()
        for key in ("End", "Home", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
            settled(page)
            beside()
        page.mouse.wheel(0, 40)
        settled(page)
        beside()
    page.evaluate("window.scrollTo({ top: 1e6, behavior: 'instant' })")
    page.wait_for_selector("#tip", state="hidden")


# ----------------------------------------------------------------------------- one region


def test_a_long_region_is_scrolled_by_keyboard(open_page: Open) -> None:
    page = open_page("#region=KZ-AKM", viewport={"width": 1280, "height": 640})
    body = page.locator("#region-body")
    assert body.evaluate("(e) => e.scrollHeight > e.clientHeight + 100")
    assert body.get_attribute("role") == "group" and body.get_attribute("tabindex") == "0"
    assert body.get_attribute("aria-label") == "Akmola: values and sources"
    body.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "() => { const e = document.getElementById('region-body');"
        " return e.scrollTop + e.clientHeight >= e.scrollHeight - 1; }"
    )
    page.click("#close")
    assert "region" not in fragment(page) and page.locator("#close").is_hidden()
    assert body.get_attribute("aria-label") == "Regions of each cluster"


COVERED = """() => {
  const e = document.activeElement;
  const sheet = document.getElementById("inspector");
  if (e === document.body || sheet.contains(e)) return null;
  const own = (e.querySelector(".ring") || e).getBoundingClientRect();
  const over = sheet.getBoundingClientRect();
  const below = Math.min(own.bottom, own.top + 200) > over.top + 1;
  const beside = own.right > over.left && own.left < over.right;
  return below && beside ? e.outerHTML.slice(0, 120) : null;
}"""


@pytest.mark.cases(1)
@pytest.mark.parametrize("viewport", [HANDSET, TABLET], ids=["390", "820"])
def test_what_has_the_focus_is_not_under_the_region(
    open_page: Open, viewport: dict[str, int]
) -> None:
    page = open_page("#region=KZ-AKM&figure3=1", viewport=viewport, reduced_motion="reduce")
    assert page.locator("#inspector").is_visible()
    covered = []
    seen = set()
    page.focus("#baseline")
    for _ in range(26):
        page.keyboard.press("Tab")
        settled(page)
        covered.append(page.evaluate(COVERED))
        seen.add(active(page, "e.dataset.place || e.id"))
    assert [found for found in covered if found] == []
    assert {"map", "published", "csv-schedule"} <= seen
    page.locator('[data-place="published"][tabindex="0"]').focus()
    for key in ("End", "Home", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        settled(page)
        assert page.evaluate(COVERED) is None


@pytest.mark.parametrize("viewport", [HANDSET, TABLET], ids=["390", "820"])
def test_the_tapped_region_stays_in_sight(open_page: Open, viewport: dict[str, int]) -> None:
    page = open_page("", viewport=viewport, has_touch=True, is_mobile=True)
    tile = '[data-place="map"][data-region="KZ-ALA"]'
    bottom = page.evaluate(
        "(s) => document.querySelector(s).getBoundingClientRect().bottom + scrollY", tile
    )
    # at the foot of the window, where the region will be
    page.evaluate("(y) => scrollTo({ top: y, behavior: 'instant' })", bottom - viewport["height"])
    page.tap(f"{tile} > .ring")
    settled(page)
    own, over = box(page, f"{tile} > .ring"), box(page, "#inspector")
    assert own["y"] >= 0 and own["y"] + own["height"] <= over["y"]


@pytest.mark.parametrize("viewport", [HANDSET, LAPTOP], ids=["390", "1280"])
def test_the_focus_returns_to_the_region(open_page: Open, viewport: dict[str, int]) -> None:
    page = open_page("#figure3=1", viewport=viewport)
    there = '[data-place="published"][data-region="KZ-KAR"]'

    def leave(act: Callable[[], Any]) -> None:
        page.locator(there).focus()
        page.keyboard.press("Enter")
        assert fragment(page)["region"] == "KZ-KAR"
        act()
        assert "region" not in fragment(page)
        assert active(page, "[e.dataset.place, e.dataset.region]") == ["published", "KZ-KAR"]

    leave(lambda: page.locator("#close").press("Enter"))
    leave(lambda: page.click("#close"))
    # once is enough, wherever the focus is in the region
    leave(lambda: page.locator("#close").press("Escape"))
    leave(lambda: page.keyboard.press("Escape"))
    if viewport == HANDSET:
        leave(lambda: page.locator("#region-body").press("Escape"))
        leave(lambda: page.select_option("#region", ""))
