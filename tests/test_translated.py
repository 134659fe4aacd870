"""The map of Figure 3 in other languages: every word of it is one of that language."""

from __future__ import annotations

import re
from pathlib import Path

from matplotlib.text import Text

from kzclusters.publish import texts
from kzclusters.publish.site import translated


def test_no_english_is_left_on_the_map() -> None:
    spoken = texts.section("map")
    for language in ("ru", "kk"):
        drawn = {
            text.get_text()
            for text in translated.draw(language, spoken[language]).findobj(Text)
            if text.get_visible() and text.get_text()
        }
        latin = {word for text in drawn for word in re.findall("[A-Za-z]+", text)}
        assert latin == {"I", "II", "III", "IV", "V", "VI", "VII", "VIII"}
        assert any(text.endswith(f" {spoken[language]['km']}") for text in drawn)


def test_each_language_but_english_gets_a_file(tmp_path: Path) -> None:
    made_up = {key: f"@{value}" for key, value in texts.section("map")["kk"].items()}
    (written,) = translated.build(tmp_path, {"en": {}, "kk": made_up})
    text = written.read_text(encoding="utf-8")
    assert written.name == "cluster_maps.kk.svg" and len(text) < 600_000
    assert made_up["title"] in text and made_up["alt"] in text
