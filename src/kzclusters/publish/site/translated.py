"""Figures in the other languages: tracked figures are English, these the site draws."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hclustkit.draw.save import settle, svg_bytes
from hclustkit.files import write_bytes
from hclustkit.report import check_translation
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter

from kzclusters import paths
from kzclusters.analysis import results
from kzclusters.evidence import series
from kzclusters.figures import manifest
from kzclusters.publish import texts
from kzclusters.publish.site import (
    redrawn,
    redrawn_article,
    redrawn_clusters,
    redrawn_lesson,
    redrawn_robustness,
)
from kzclusters.publish.site.redrawn import Material

FIGURES = {
    **redrawn.FIGURES,
    **redrawn_clusters.FIGURES,
    **redrawn_robustness.FIGURES,
    **redrawn_lesson.FIGURES,
    **redrawn_article.FIGURES,
}
"""How each figure is drawn in other languages."""
FIELDS = ("title", "alt")
WIDTH = 6.6
"""Of maps with names, inches: the names are longer than the English ones."""
LONG = 13
"""Letters of a name that leave no room for another beside it."""
LATIN = re.compile(r"(?!(?:[IVX]+|P\d+)\b)[A-Za-z]")
"""A letter of a word; Roman numerals and codes of indicators are the same everywhere."""
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
"""A number as the figures write it in English."""
CODE = re.compile(r"(P\d+) (.+)", re.DOTALL)


@dataclass(frozen=True)
class Speaker:
    """One language.

    Attributes
    ----------
    said : English texts of figures, with the fields that are filled in, to those of the language
    words : words of the data in English to those of the language
    decimal, thousands : signs in numbers
    """

    said: Mapping[str, str]
    words: Mapping[str, str]
    decimal: str
    thousands: str

    def say(self, text: str) -> str:
        """Translate what a figure says; a text that the language lacks stays as it is."""
        if not LATIN.search(text):
            return self.numbers(text)
        if text in self.words:
            return self.words[text]
        for pattern, own in self._patterns:
            if found := pattern.fullmatch(text):
                return own.format(
                    **{key: self.say(part) for key, part in found.groupdict().items()}
                )
        if found := CODE.fullmatch(text):
            return f"{found[1]} {self.say(found[2])}"
        for mark in ("\n", ": "):
            if mark in text:
                return mark.join(map(self.say, text.split(mark)))
        return text

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """The English texts as patterns, each with the text of the language."""
        field = re.compile(r"\\\{(\w+)\\\}")
        return [
            (re.compile(field.sub(r"(?P<\1>.+?)", re.escape(english)), re.DOTALL), own)
            for english, own in self.said.items()
        ]

    def numbers(self, text: str) -> str:
        """Write the numbers of a text in the form of the language."""
        # a space before the sign in Russian and Kazakh alike: GOST 8.417
        text = re.sub(r"(?<=\d)\s?%", "\N{NO-BREAK SPACE}%", text)
        signs = str.maketrans({".": self.decimal, ",": self.thousands})
        return NUMBER.sub(lambda number: number[0].translate(signs), text)

    def facts(self, found: Any) -> Any:
        """Give results with those that are words of the data in the language."""
        if isinstance(found, Mapping):
            return {key: self.facts(each) for key, each in found.items()}
        return self.words.get(found, found) if isinstance(found, str) else found

    def relabel(self, figure: Figure) -> None:
        """Translate every text of a figure."""
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                # axes that share their ticks share the formatter too
                inner = axis.get_major_formatter()
                if not isinstance(inner, _Spoken):
                    axis.set_major_formatter(_Spoken(inner, self))
        for text in dict.fromkeys(figure.findobj(Text)):
            # a space after a hyphen only let a map break the name there
            text.set_text(self.say(text.get_text().replace("- ", "-")))


class _Spoken(Formatter):
    """What another formatter writes, in a language."""

    def __init__(self, inner: Formatter, speaker: Speaker) -> None:
        self.inner, self.speaker = inner, speaker

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.speaker.say(self.inner(x, pos))

    def set_locs(self, locs: Any) -> None:
        self.inner.set_locs(locs)


def speaker(language: str, said: Mapping[str, str] | None = None) -> Speaker:
    """Give the speaker of a language; ``said`` are other texts than those of the project."""
    english = texts.section("figures")[texts.LANGUAGES[0]]
    own = said or texts.section("figures")[language]
    form = texts.read(language)["explorer"]
    return Speaker(
        {english[key]: own[key] for key in english},
        texts.read(language)["data"],
        form["decimal"],
        form["thousands"],
    )


def material(language: str) -> Material:
    """Give what the figures are drawn from, with the names of the regions in a language."""
    regions, said = series.regions(), texts.section("map")[language]
    names = regions[f"name_{language}"]
    plain = texts.without_kind(names, said).str.strip()
    short, (city, shorter) = texts.short_names(language, names), said["city"].split("|")
    long = plain.index[(plain.str.len() > LONG) | (regions["kind"] == "city")]
    tight = {code: short[code]["shorter"].replace(city, shorter) for code in long}
    say = speaker(language).say
    return Material(plain.to_dict(), results.load(), width=WIDTH, tight=tight, say=say)


def captions(
    language: str, said: Mapping[str, str] | None = None
) -> dict[str, manifest.FigureEntry]:
    """Give title and alternative text of the figures in a language, numbers filled in."""
    own = said or texts.read(language)["captions"]
    listed = manifest.read(paths.FIGURES / "manifest.yml")
    entries = {name: entry for name, entry in listed.items() if name in FIGURES}
    wanted = {
        f"{name}_{field}": getattr(entry, field)
        for name, entry in entries.items()
        for field in FIELDS
    }
    check_translation(wanted, own, f"{language}.yml: captions")
    spoken = {
        name: replace(entry, **{field: own[f"{name}_{field}"] for field in FIELDS})
        for name, entry in entries.items()
    }
    voice = speaker(language)
    filled = manifest.fill(spoken, voice.facts(results.load()), texts=FIELDS)
    return {
        name: replace(entry, **{field: voice.numbers(getattr(entry, field)) for field in FIELDS})
        for name, entry in filled.items()
    }


def build(folder: Path, languages: Sequence[str] = texts.LANGUAGES[1:]) -> list[Path]:
    """Write the figures in each language; ``folder`` is that of the figures of the site."""
    written = []
    for language in languages:
        voice, given = speaker(language), material(language)
        for name, entry in captions(language).items():
            figure = FIGURES[name](given)
            voice.relabel(figure)
            settle(figure)
            drawn = svg_bytes(figure, f"{name}-{language}", entry.title, entry.alt)
            written.append(write_bytes(folder / f"{name}.{language}.svg", drawn))
    return written


def links(name: str) -> str:
    """Link a figure to its drawings in other languages, if it has some."""
    if name not in FIGURES:
        return ""
    return "".join(
        f' · <a href="{name}.{language}.svg" lang="{language}">{said["language"]}</a>'
        for language, said in list(texts.section("gallery").items())[1:]
    )


def page(language: str) -> str:
    """Write the page of the figures in a language."""
    said = texts.section("gallery")[language]
    parts = [f"<p>{said['note']}</p>"]
    for name, entry in captions(language).items():
        alt, drawing = html.escape(entry.alt), f"{name}.{language}.svg"
        parts += [
            f'<h2 id="{name}">{html.escape(entry.title)}</h2><figure class="gallery">',
            f'<a href="{drawing}"><img src="{drawing}" loading="lazy" alt="{alt}"></a>',
            f"<details><summary>{said['description']}</summary><p>{alt}</p></details></figure>",
            f'<p><a href="index.html#figure-{name.replace("_", "-")}">{said["english"]}</a></p>',
        ]
    body = "\n".join(parts)
    head = f"---\norphan: true\n---\n\n# {said['title']}\n\n"
    return f'{head}```{{raw}} html\n<div lang="{language}">\n{body}\n</div>\n```\n'
