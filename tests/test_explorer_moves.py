"""The explorer explains itself: colours that follow, what moved, the tour, words in one tap."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hclustkit import compare, cut, linkage, standardize
from hclustkit.files import write_csv
from hclustkit.tables import read_table

from kzclusters import study as studies
from kzclusters.evidence import article, indicators, sources
from kzclusters.publish import texts
from kzclusters.publish.explorer import build

Open = Callable[..., Any]
STUDY = studies.parameters()
YEARS = (STUDY["year"], STUDY["year"] + 1)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explorer") / "indicators.csv"
    return write_csv(path, indicators.build(sources.series(), YEARS))


@pytest.fixture(scope="module")
def open_page(browser: Any, values: Path) -> Iterator[Open]:
    file = build.build(values.with_name("explorer.html"), values)
    errors: list[str] = []
    contexts = []

    def opened(fragment: str = "", size: tuple[int, int] = (1280, 800), **options: Any) -> Any:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def fills(page: Any) -> dict[str, str]:
    """The pattern of the tile of every region."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('#map .region')].map((g) =>
          [g.dataset.region, g.querySelector('path[fill^="url"]').getAttribute('fill')]))"""
    )


def clusters(values: Path, year: int, k: int = STUDY["n_clusters"]) -> pd.Series:
    table = read_table(values, year=year, columns="all")
    return pd.Series(cut(linkage(standardize(table)), k), index=table.index)


def choose_year(page: Any, year: int) -> None:
    page.locator("#years label", has_text=str(year)).click()


def test_only_what_moved_changes_its_colour(open_page: Open, values: Path) -> None:
    page = open_page()
    before = fills(page)
    choose_year(page, YEARS[1])
    after = fills(page)
    one, two = (clusters(values, year) for year in YEARS)
    changed = {code for code in before if before[code] != after[code]}
    # as many as have to move; each of them now looks like the cluster that it moved to
    assert len(changed) == compare.minimum_moves(one, two) > 0
    names = sources.regions()["name_en"]
    said = page.inner_text("#moved")
    assert f"{len(changed)} regions moved" in said and all(names[code] in said for code in changed)
    assert page.locator("#map .moved").count() == len(changed)
    for code in after:
        for other in after:
            assert (after[code] == after[other]) == (two[code] == two[other])


def test_one_cluster_less_changes_one_cluster(open_page: Open, values: Path) -> None:
    page = open_page()
    before = fills(page)
    page.focus("#k")
    page.keyboard.press("ArrowLeft")
    after = fills(page)
    one, two = (
        clusters(values, YEARS[0], k) for k in (STUDY["n_clusters"], STUDY["n_clusters"] - 1)
    )
    changed = {code for code in before if before[code] != after[code]}
    assert len(changed) == compare.minimum_moves(one, two)


def test_compared_with_the_baseline_and_the_reference(open_page: Open) -> None:
    page = open_page(f"#year={YEARS[0]}")
    assert page.inner_text("#moved") == ""
    page.select_option("#against", "baseline")
    assert page.inner_text("#moved") == "Against the baseline, no region moved."
    page.select_option("#against", "reference")
    moves = re.search(r"(\d+) regions? moved", page.inner_text("#moved"))
    assert moves and moves[1] == page.inner_text("#moves").split()[0]


def test_the_tour_by_keyboard_and_by_link(open_page: Open) -> None:
    page = open_page("#tour=3")
    assert page.inner_text("#tour-place").startswith("3 of ")
    assert page.input_value("#scaling") == "rank"
    other = open_page()
    other.focus("#tour-start")
    seen = set()
    for _ in range(5):
        other.keyboard.press("Enter")
        seen.add((other.inner_text("#tour-title"), other.evaluate("location.hash")))
    assert len(seen) == 5 and other.inner_text("#tour-next") == "End"
    for _ in range(4):
        other.focus("#tour-back")
        other.keyboard.press("Enter")
    other.wait_for_timeout(50)
    assert other.is_disabled("#tour-back")
    assert other.evaluate("document.activeElement.id") == "tour-next"
    for _ in range(4):
        other.keyboard.press("Enter")
    other.keyboard.press("Enter")
    assert not other.is_visible("#tour") and other.is_visible("#tour-start")
    assert other.evaluate("document.activeElement.id") == "tour-start"


def test_a_kept_region_stays_while_another_is_pointed_at(open_page: Open) -> None:
    page = open_page("#region=KZ-ZHA", size=(1440, 900))
    page.hover('#map [data-region="KZ-ATY"]')
    assert "Zhambyl" in page.inner_text("#region-body")
    assert "Atyrau" in page.inner_text("#tip")


def test_the_tip_of_a_merge_names_members_increase_and_runner_up(open_page: Open) -> None:
    page = open_page()
    page.focus('#tree .hit[data-stage="1"]')
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    tip = page.inner_text("#tip")
    assert "Stage 3" in tip and "increase" in tip and "runner-up" in tip and "and" in tip


@pytest.mark.cases(1)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["1280", "390"])
def test_a_tip_covers_nothing_that_it_explains(open_page: Open, size: tuple[int, int]) -> None:
    page = open_page(size=size, reduced_motion="reduce")
    page.focus('#tree .hit[data-stage="1"]')
    for stage in range(1, 16):
        page.wait_for_selector("#tip", state="visible")
        tip, merge = (
            page.query_selector(selector).bounding_box()
            for selector in ("#tip", f'#tree [data-branch="{stage}"]')
        )
        assert (
            tip["x"] + tip["width"] <= merge["x"]
            or tip["x"] >= merge["x"] + merge["width"]
            or tip["y"] + tip["height"] <= merge["y"]
            or tip["y"] >= merge["y"] + merge["height"]
        ), stage
        if size[0] == 1280:  # nor anything else of the tree
            assert tip["x"] + tip["width"] <= page.query_selector("#tree svg").bounding_box()["x"]
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(50)


def test_map_and_tree_fit_one_screen(open_page: Open) -> None:
    """At the start, and at every stop of the tour, which shows both maps, in every language."""
    page = open_page("#language=en")
    shown = ["#tree svg", "#map svg"]
    for language in texts.LANGUAGES:
        for stop in range(6):
            page.evaluate(
                f"location.hash = '#{f'tour={stop}&' if stop else ''}language={language}'"
            )
            page.wait_for_function("(l) => document.documentElement.lang === l", arg=language)
            if stop:
                page.wait_for_function(
                    f"document.getElementById('tour-place').textContent.includes('{stop}')"
                )
            for picture in [*shown, *(["#published svg"] if stop else [])]:
                box = page.query_selector(picture).bounding_box()
                assert box["y"] + box["height"] <= 800, (language, stop, picture)
        page.click("#tour-close")


def test_more_recovered_with_a_lower_index_is_explained_where_it_happens(
    open_page: Open, values: Path
) -> None:
    published = article.published_clusters()
    one, two = (clusters(values, year) for year in YEARS)
    index = [compare.adjusted_rand_index(published[c.index], c) for c in (one, two)]
    recovered = [
        int((compare.best_match(published[c.index], c)["relation"] == "recovered").sum())
        for c in (one, two)
    ]
    assert index[1] < index[0] and recovered[1] > recovered[0], "choose another example"
    said = f"({recovered[1]} instead of {recovered[0]})"
    page = open_page()
    choose_year(page, YEARS[1])
    assert said in page.inner_text("#moved")
    # the same where the view is opened by its address
    assert said in open_page(f"#year={YEARS[1]}").inner_text("#moved")
    assert page.inner_text("#moved").count("instead of") == 1
    choose_year(page, YEARS[0])
    assert "instead of" not in page.inner_text("#moved")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_reduced_motion_is_respected(open_page: Open, motion: str) -> None:
    page = open_page(reduced_motion=motion)
    page.select_option("#scaling", "rank")
    name = "getComputedStyle(document.querySelector('#map .moved')).animationName"
    assert (page.evaluate(name) == "none") == (motion == "reduce")
    smooth = page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")
    assert (smooth == "auto") == (motion == "reduce")


def test_a_saved_picture_says_where_it_comes_from(open_page: Open) -> None:
    page = open_page(f"#year={YEARS[1]}&k=5", accept_downloads=True)
    with page.expect_download() as waiting:
        page.click("#save-svg")
    drawn = Path(waiting.value.path()).read_text(encoding="utf-8")
    own, _, _ = texts.explorer()
    for said in (own.source, own.credit, f"{YEARS[1]}, z-scores", "CC BY 4.0"):
        assert said in drawn
    link = re.search(r">(explorer\.html#[^<]*)<", drawn)
    assert link and f"year={YEARS[1]}" in link[1] and "k=5" in link[1]
    assert "file:" not in drawn


def test_the_page_works_inside_jupyterlab(browser: Any, values: Path) -> None:
    """Lab shows a page in a frame without an origin; it runs there once it is trusted."""
    file = build.build(values.with_name("explorer.html"), values)
    outside = browser.new_page(viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    outside.on("pageerror", lambda error: errors.append(str(error)))
    for allowed in ("allow-scripts", ""):
        outside.set_content(f'<iframe sandbox="{allowed}" width="1200" height="700"></iframe>')
        outside.evaluate(
            "(html) => { document.querySelector('iframe').srcdoc = html; }",
            file.read_text(encoding="utf-8"),
        )
        frame = outside.frame_locator("iframe")
        if allowed:
            frame.locator("#tree svg").wait_for()
            frame.locator("#scaling").select_option("rank")
            assert "moved" in frame.locator("#moved").inner_text()
            frame.locator("#language").select_option("ru")
            assert "переместил" in frame.locator("#moved").inner_text()
        else:
            # not trusted yet: it says what to press, in every language
            notice = frame.locator("noscript .notice")
            assert notice.inner_text().count("Trust HTML") == len(texts.LANGUAGES)
    outside.close()
    assert errors == []


def test_on_a_telephone_the_change_is_said_where_the_choice_is(open_page: Open) -> None:
    page = open_page(size=(390, 844), has_touch=True)
    page.select_option("#linkage", "single")
    assert page.is_visible("#phone") and "moved" in page.inner_text("#phone")
    # of what cannot be computed nothing has moved
    page.click("#indicators-box summary")
    page.click("#none")
    assert page.text_content("#moved") == ""
    assert page.text_content("#phone") == "Choose at least one indicator."


def test_the_chosen_year_is_seen_in_forced_colours(open_page: Open) -> None:
    page = open_page(forced_colors="active")
    ink, ground, adjust = page.evaluate(
        """() => {
          const s = getComputedStyle(document.querySelector('.segments label:has(:checked)'));
          return [s.color, s.backgroundColor, s.forcedColorAdjust];
        }"""
    )
    assert ink != ground and adjust == "none"


def test_words_are_one_tap_away_and_axe_is_content(open_page: Open) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page("#tour=2")
    page.click(".terms summary")
    assert "Adjusted Rand index" in page.inner_text(".terms")
    links = page.eval_on_selector_all(".terms a", "(all) => all.map((a) => a.getAttribute('href'))")
    assert {"by_hand.html", "data/glossary.html", "paper/paper.html"} <= set(links)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
