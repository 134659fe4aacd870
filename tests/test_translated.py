"""Figures in other languages: they are the tracked ones, and every word is of the language."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hclustkit.draw.save import settle, svg_bytes
from hclustkit.errors import InputError
from matplotlib.figure import Figure
from matplotlib.text import Text
from scale import scale

from kzclusters import paths
from kzclusters.analysis import results
from kzclusters.evidence import series
from kzclusters.figures import manifest
from kzclusters.publish import texts
from kzclusters.publish.site import translated
from kzclusters.publish.site.redrawn import Material
from kzclusters.publish.site.translated import FIGURES

OTHERS = texts.LANGUAGES[1:]
NAMES = scale(("agreement_map",), tuple(FIGURES))


def shown(figure: Figure) -> list[str]:
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_ticklabels()  # brings the texts of the ticks up to date without drawing
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible()]


def test_every_figure_can_be_drawn_in_every_language() -> None:
    assert set(FIGURES) == set(manifest.read(paths.FIGURES / "manifest.yml"))


@pytest.mark.long("figures in other languages", "redrawn in English they are the tracked ones")
@pytest.mark.parametrize("name", NAMES)
def test_with_english_names_the_figure_is_the_tracked_one(name: str) -> None:
    entry = manifest.fill(manifest.read(paths.FIGURES / "manifest.yml"), results.load())[name]
    figure = FIGURES[name](Material(series.regions()["name_en"].to_dict(), results.load()))
    settle(figure)
    drawn = svg_bytes(figure, name, entry.title, entry.alt)
    assert drawn == (paths.FIGURES / f"{name}.svg").read_bytes()


@pytest.mark.cases(4)
@pytest.mark.parametrize("name", FIGURES)
def test_a_made_up_language_leaves_no_english(name: str) -> None:
    def made_up(text: str) -> str:
        return re.sub(r"\{\w+\}|[A-Za-z]", lambda m: m[0] if len(m[0]) > 1 else "ж", text)

    english = texts.section("figures")["en"]
    spoken = translated.speaker("ru", {key: made_up(text) for key, text in english.items()})
    spoken = replace(spoken, words={word: made_up(word) for word in spoken.words})
    figure = FIGURES[name](translated.material("ru"))
    spoken.relabel(figure)
    found = shown(figure)
    words = {word for text in found for word in re.findall("[A-Za-z]{2,}", text)}
    assert not {word for word in words if not re.fullmatch("[IVX]+", word)}
    assert any("ж" in text for text in found)


@pytest.mark.parametrize(
    ("english", "own"),
    [
        ("1,234.50", "1\N{NO-BREAK SPACE}234,50"),
        ("P10", "P10"),
        ("2013, 0.5", "2013, 0,5"),
        ("−0.5", "−0,5"),
        ("0.28 to 1,000", "от 0,28 до 1\N{NO-BREAK SPACE}000"),
        ("scaling: z-scores of logarithms", "шкала: z-оценки логарифмов"),
        ("P6 Private investment: main reading", "P6 Частные инвестиции: основной вариант"),
        (
            "P14 GRP per inhabitant\nthousand KZT per person",
            "P14 ВРП на жителя\nтыс. тенге на человека",
        ),
        ("100% of members above", "выше: 100\N{NO-BREAK SPACE}% членов"),
        ("JSC\xa0– joint-stock company", "АО\N{NO-BREAK SPACE}— акционерное общество"),
        ("nobody has said this", "nobody has said this"),
    ],
)
def test_what_a_figure_says_is_put_together_from_its_texts(english: str, own: str) -> None:
    assert translated.speaker("ru").say(english) == own


def test_before_the_sign_of_percent_is_a_no_break_space() -> None:
    for language in OTHERS:
        said = list(texts.read(language)["figures"].values())
        said += [entry.alt for entry in translated.captions(language).values()]
        assert not re.findall(r".*[\d}](?!\N{NO-BREAK SPACE})\s?%.*", "\n".join(said))


def test_axes_that_share_their_ticks_are_translated_once() -> None:
    figure = Figure()
    first, second = figure.subplots(1, 2, sharex=True)
    first.set_xticks([-2.5, 0, 2.5])
    translated.speaker("ru").relabel(figure)
    for axes in (first, second):
        assert [label.get_text() for label in axes.get_xticklabels()] == ["−2,5", "0,0", "2,5"]


def test_a_missing_text_is_named() -> None:
    own = dict(texts.read("kk")["captions"])
    del own["scree_alt"]
    with pytest.raises(InputError) as missing:
        translated.captions("kk", own)
    fault = missing.value
    assert (fault.place, fault.rule, fault.value) == ("kk.yml: captions", "text", "scree_alt")


def test_captions_take_their_numbers_from_the_results() -> None:
    for language in OTHERS:
        said = texts.read(language)["captions"]
        assert not [
            key
            for key, text in said.items()
            if re.search(r"\d", re.sub(r"\{.*?\}|\b3\b", "", text))
        ]
        latin = re.findall(
            "[A-Za-z]{2,}", " ".join(re.sub(r"\{.*?\}", "", t) for t in said.values())
        )
        assert set(latin) <= {"SPSS"}
    facts = results.load()
    filled = translated.captions("ru")
    assert str(facts["baseline"]["year"]) in filled["cluster_maps"].alt
    index = f"{facts['agreement']['adjusted_rand_index']:.2f}"
    assert index.replace(".", ",") in filled["leave_out"].alt
    assert "«Удалённость»" in filled["moran"].alt
    assert not re.search(r"\d\.\d", " ".join(entry.alt for entry in filled.values()))


def test_the_page_of_a_language_shows_all_of_them_and_each_gets_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in OTHERS:
        page = translated.page(language)
        assert page.count("<img") == len(FIGURES) and f'<div lang="{language}">' in page
    assert 'scree.kk.svg" lang="kk"' in translated.links("scree")
    entries = {"scree": translated.captions("kk")["scree"]}
    monkeypatch.setattr(translated, "captions", lambda _: entries)
    (written,) = translated.build(tmp_path, ["kk"])
    text = written.read_text(encoding="utf-8")
    assert written.name == "scree.kk.svg" and entries["scree"].alt in text and len(text) < 300_000
