"""Three languages: every text is there, and a made-up fourth shows that none was forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hclustkit.errors import InputError
from hclustkit.files import write_csv, write_text
from hclustkit.report import ExplorerTexts, explorer_page, page_texts

from kzclusters import study as studies
from kzclusters.evidence import indicators, sources
from kzclusters.publish import texts
from kzclusters.publish.by_hand import build as by_hand
from kzclusters.publish.explorer import build

YEAR = studies.parameters()["year"]
OTHERS = ("ru", "kk")

EVERYTHING = """() => {
  const own = (e) => !e.closest('body [lang], code, script, style, noscript');
  const found = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (own(walk.currentNode.parentElement)) found.push(walk.currentNode.textContent);
  }
  for (const e of document.querySelectorAll('body *')) {
    if (!own(e)) continue;
    for (const name of ['title', 'aria-label', 'alt', 'placeholder', 'aria-valuetext']) {
      if (e.hasAttribute(name)) found.push(e.getAttribute(name));
    }
  }
  return found;
}"""
"""Every text that a reader may see or hear, what is hidden at the moment included."""

SAME_EVERYWHERE = {"SVG", "PNG", "CSV", "WPGMA", "scipy", "hclust", "SPSS", "ward"}


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("languages") / "indicators.csv"
    return write_csv(path, indicators.build(sources.series(), (YEAR - 1, YEAR, YEAR + 1)))


@pytest.fixture(scope="module")
def content(values: Path) -> dict[str, Any]:
    return build.payload(values)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def made_up(text: Any) -> Any:
    """Put a letter that English does not have in the place of each, links and braces apart."""
    if isinstance(text, list):
        return [made_up(form) for form in text]
    return re.sub(
        r"\{\w+\}|\]\([^)]*\)|[^\W\d_]", lambda m: m[0] if len(m[0]) > 1 else "ж", str(text)
    )


def english(page: Any) -> set[str]:
    """The Latin words that are left; codes and Roman numerals are none."""
    words = set(re.findall(r"[A-Za-z]{3,}", " ".join(page.evaluate(EVERYTHING))))
    return {w for w in words if not re.fullmatch("[IVX]+", w)} - SAME_EVERYWHERE


def words_of(content: dict[str, Any]) -> set[str]:
    """What the explorer shows of the registry and of the sources."""
    found = {region["about"] for region in content["regions"]}
    for entry in content["indicators"]:
        found |= {entry["group"], entry["definition"], entry["missing"]}
        for variant in entry["variants"]:
            found |= {variant[key] for key in ("label", "short", "unit", "status", "differs")}
    for series in content["series"].values():
        found |= set(series.values())
    return found - {""}


# --- the files --------------------------------------------------------------------------------
def test_every_language_has_every_text() -> None:
    own, translations, words = texts.explorer()
    spoken = {"en": page_texts(own), **translations}
    assert list(spoken) == ["en", *OTHERS]
    pages = [spoken, *(texts.section(name) for name in ("by_hand", "map"))]
    for page in pages:
        for language in OTHERS:
            said = page[language]
            same = [key for key, text in page["en"].items() if text == said[key]]
            kept = [key for key in same if len(re.findall(r"[A-Za-z]{3,}", str(said[key]))) > 1]
            assert not [key for key in kept if "{" not in str(said[key])], kept
    for word, translated in words.items():
        assert list(translated) == list(OTHERS) and word not in translated.values(), word


def texts_of(language: str) -> Iterator[str]:
    for page in texts.read(language).values():
        for text in page.values():
            yield from [text] if isinstance(text, str) else text


def test_no_kazakh_ending_depends_on_what_is_filled_in() -> None:
    """Some endings and words follow the last sound: 15-ке but 16-ға, «E» мен but «F» пен."""
    ending = re.compile(
        r"\{\w+\}[ -](?:[мбп]ен|[дт][ае]н?|[гғкқ][ае]|[ндт][ыі]ң|с?[ыі]|[нт]?[ыі])\b"
    )
    found = [text for text in texts_of("kk") if ending.search(text)]
    assert [ending.search(text)[0] for text in found] == ["{value}-ы"]  # a percentage: пайызы


def test_what_belongs_together_stays_on_one_line() -> None:
    apart = re.compile(r" —|№ |[\d}] (?:год|жыл|км)|\b[А-ЯӘҚ]\. [А-ЯӘҚ]|исун\w+ 3")
    for language in OTHERS:
        assert not [text for text in texts_of(language) if apart.search(text)]


def test_a_thing_has_one_name_and_two_things_have_two() -> None:
    for language in OTHERS:
        drawn, page = (texts.read(language)[name] for name in ("figures", "explorer"))
        for method in ("single", "average", "complete"):
            assert drawn[f"{method}_linkage"] == page[f"method_{method}"]
        for one, other in (("log", "scaling_log-zscore"), ("baseline_plain", "the_baseline")):
            assert drawn[one] == page[other]
        # both of each are in one picture
        assert drawn["main"] != drawn["baseline_plain"] and drawn["total"] != drawn["in_all"]


def test_every_word_of_the_data_is_translated(content: dict[str, Any]) -> None:
    _, _, words = texts.explorer()
    assert set(words) == words_of(content)


def test_a_missing_text_is_named() -> None:
    content = {"years": [1], "regions": []}
    said = {**page_texts(ExplorerTexts("A title"))}
    del said["copy"]
    with pytest.raises(InputError) as missing:
        explorer_page(content, ExplorerTexts("A title"), {"ru": said})
    assert (missing.value.place, missing.value.rule, missing.value.value) == ("ru", "text", "copy")
    said["copy"] = "{other}"
    with pytest.raises(InputError) as other:
        explorer_page(content, ExplorerTexts("A title"), {"ru": said})
    assert (other.value.rule, other.value.value) == ("text-fields", "copy")


# --- in the browser ---------------------------------------------------------------------------
def test_another_language_leaves_no_english_in_the_explorer(
    page: Any, values: Path, content: dict[str, Any]
) -> None:
    own, _, words = texts.explorer()
    said = {key: made_up(text) for key, text in page_texts(own).items()}
    given = content | {"names": {w: {"kk": made_up(w)} for w in words}}
    path = write_text(values.with_name("made_up.html"), explorer_page(given, own, {"kk": said}))
    kept = "figure3=1&region=KZ-ATY&language=kk"
    for view in (
        f"year={YEAR}&{kept}",
        f"year={YEAR - 1}&indicators=P2,P8,P6:total&linkage=median&k=9&map=tiles&{kept}",
        "language=kk&q&k=99&indicators=P99,P98,P2&linkage=single&axis=increment",
        "language=kk&indicators=none",
        f"year={YEAR + 1}&scaling=rank&linkage=complete&k=3&{kept}",
    ):
        page.goto(f"{path.as_uri()}#{view}")
        page.wait_for_function("document.documentElement.lang === 'kk'")
        assert english(page) == set(), view
    for stage in (1, 12):
        page.locator(f'#tree .hit[data-stage="{stage}"]').dispatch_event("pointerover")
        assert page.is_visible("#tip") and english(page) == set()
    page.hover('#map [data-region="KZ-PAV"]')
    page.click('#map [data-region="KZ-PAV"]')
    page.keyboard.press("Escape")
    page.select_option("#against", "reference")
    page.click("#tour-start")
    for _ in range(4):
        assert english(page) == set()
        page.click("#tour-next")
    with page.expect_download() as waiting:
        page.click("#save-svg")
    drawn = Path(waiting.value.path()).read_text(encoding="utf-8")
    seen = " ".join(re.findall(r"<(?:text|title|desc)[^>]*>([^<]*)<", drawn))
    left = set(re.findall(r"[A-Za-z]{3,}", re.sub(r"\S*#\S*", "", seen)))
    assert {w for w in left if not re.fullmatch("[IVX]+", w)} == set()


def test_another_language_leaves_no_english_by_hand(page: Any, values: Path) -> None:
    said = {key: made_up(text) for key, text in texts.read("en")["by_hand"].items()}
    path = write_text(values.with_name("by_hand.html"), by_hand.page(values, {"kk": said}))
    for view in ("unequal&step=9&linkage=average", "regions&step=2", "tie&step=1"):
        page.goto(f"{path.as_uri()}#preset={view}")
        page.wait_for_function(
            f"document.getElementById('preset').value === '{view.split('&')[0]}'"
        )
        assert english(page) == set(), view
    page.check("#predict")
    page.select_option("#pick-a", "0")
    page.select_option("#pick-b", "3")
    page.click("#guess")
    assert english(page) == set()


def test_numbers_and_names_are_those_of_the_language(page: Any, values: Path) -> None:
    path = build.build(values.with_name("explorer.html"), values)
    page.goto(path.as_uri())
    plain = page.inner_text("#ari").split("\n")[0]
    assert re.fullmatch(r"−?\d\.\d{3}", plain)
    assert re.search(r"\d%", page.text_content("#indicators"))
    thousands = page.inner_text("#profile")
    assert re.search(r"\d\u202f\d{3}", thousands)
    for language in OTHERS:
        page.select_option("#language", language)
        assert page.inner_text("#ari").split("\n")[0] == plain.replace(".", ",")
        assert not re.search("[A-Za-z]", " ".join(page.locator("#map text").all_text_contents()))
        assert re.search(r"\d\u00a0%", page.text_content("#indicators"))
        shown = page.inner_text("#profile")
        assert re.search(r"\d\u00a0\d{3}", shown) and not re.search(r"\d\.\d", shown)
        assert f"language={language}" in page.evaluate("location.hash")
        # what was chosen is there when the page is opened again
        page.goto(path.as_uri())
        page.reload()
        assert page.get_attribute("html", "lang") == language
        names = sources.regions()[f"name_{language}"]
        page.focus('#tree [data-region="KZ-PAV"]')
        spoken = page.get_attribute('#tree [data-region="KZ-PAV"]', "aria-label")
        assert spoken.split(",")[0] in names["KZ-PAV"]
    unknown = ",".join(f"Q{n}" for n in range(21))  # 21 has the form of 1 in Russian
    page.evaluate(f"location.hash = 'language=ru&indicators=P2,{unknown}'")
    page.wait_for_selector("#notice:not([hidden])")
    assert page.inner_text("#notice p").startswith("Неизвестно и пропущено: «Q0», «Q1», ")
    forms = page.evaluate("""() => {
      const data = JSON.parse(document.getElementById('data').textContent);
      const speech = Texts(data.texts);
      speech.choose('ru');
      return [1, 2, 5, 21].map((k) => speech.t('clusters', { k }, k));
    }""")
    assert forms == ["1 кластер", "2 кластера", "5 кластеров", "21 кластер"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda text: "", "keys"),
        (lambda text: "- a\n", "keys"),
        (lambda text: text.replace("\nfigures:", "\nfigure:"), "pages"),
        (lambda text: text + 'x: "', "yaml"),
        (lambda text: text.replace("\n  cut:", "\n  cut: x\n  cut:"), "yaml"),
        (lambda text: text.replace("\n  left_out:", "\n  left_out: 3 #"), "text"),
        (lambda text: text.replace("\n  left_out:", "\n  left_out: #"), "text"),
        (lambda text: text.replace("\n  left_out:", "\n  left_out: [a, b] #"), "text-kind"),
    ],
)
def test_a_damaged_file_of_texts_is_named(tmp_path, monkeypatch, change, rule) -> None:
    for language in texts.LANGUAGES:
        file = Path(texts.__file__).with_name(f"{language}.yml")
        text = file.read_text(encoding="utf-8")
        wrong = change(text) if language == "kk" else text
        (tmp_path / file.name).write_text(wrong, encoding="utf-8")
    monkeypatch.setattr(texts, "__file__", str(tmp_path / "__init__.py"))
    texts.read.cache_clear()
    try:
        with pytest.raises(InputError) as caught:
            texts.section("map")
    finally:
        texts.read.cache_clear()
    assert caught.value.rule == rule and "kk.yml" in str(caught.value)
