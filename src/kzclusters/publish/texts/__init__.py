"""Texts of the pages that speak several languages: one file a language.

English is the language of the project; the translations are the project's own. The general texts of
the explorer in English are those of hclustkit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import refusal
from hclustkit.report import ExplorerTexts, check_translation, page_texts
from hclustkit.report.page import Spoken

from kzclusters import paths

LANGUAGES = ("en", "ru", "kk")
"""The first is that of the files themselves."""

PAGES = {"by_hand", "map", "gallery", "figures", "explorer"}
"""What every language has texts of; translations have captions and words of the data besides."""

Texts = dict[str, str]


@cache
def read(language: str) -> dict[str, dict[str, Any]]:
    """Read the texts of a language, by page.

    Raises
    ------
    InputError
        The file is not YAML, a page is missing or unknown, or a text is empty or not a text.
    """
    path = Path(__file__).with_name(f"{language}.yml")
    found = paths.read_yaml(path)
    wanted = PAGES if language == LANGUAGES[0] else PAGES | {"captions", "data"}
    for page in sorted(wanted ^ set(found)):
        raise refusal(f"{path.name}: {page} is missing or unknown", path.name, "pages", page)
    for page in found:
        for key, text in found[page].items() if isinstance(found[page], dict) else [("", None)]:
            if not _is_filled(text):
                said = f"{path.name}: {page}: {key} must be a text or a list of texts, got {text!r}"
                raise refusal(said, path.name, "text", text)
    return dict(found)


def _is_filled(text: Any) -> bool:
    """Tell whether this is a text that says something, or a list of such texts."""
    if isinstance(text, list):
        return bool(text) and all(map(_is_filled, text))
    return isinstance(text, str) and text.strip(" ") != ""


def section(page: str, languages: tuple[str, ...] = LANGUAGES) -> dict[str, Texts]:
    """Give the texts of a page in every language.

    Raises
    ------
    InputError
        A language lacks a text, has one too many, or fills in other things.
    """
    found = {language: read(language)[page] for language in languages}
    for language, own in found.items():
        check_translation(found[languages[0]], own, f"{language}.yml: {page}")
    return found


def explorer() -> tuple[ExplorerTexts, dict[str, Spoken], dict[str, Texts]]:
    """Give what the explorer calls things, its translations, and words of the data.

    Returns
    -------
    tuple
        The English texts of the study; all texts of the page by language; and for each word of the
        registry and the sources its translations by language, where there is one.

    Raises
    ------
    InputError
        A language lacks a text, has one too many, or fills in other things.
    """
    own = ExplorerTexts(**read(LANGUAGES[0])["explorer"])
    translations = {language: read(language)["explorer"] for language in LANGUAGES[1:]}
    wanted = page_texts(own)
    for language, said in translations.items():
        check_translation(wanted, said, f"{language}.yml: explorer")
    return own, translations, words()


def words() -> dict[str, Texts]:
    """Give each word of the registry and the sources in the languages that have one for it."""
    found: dict[str, Texts] = {}
    for language in LANGUAGES[1:]:
        for word, translated in read(language)["data"].items():
            found.setdefault(word, {})[language] = translated
    return found


def without_kind(names: pd.Series, said: Mapping[str, str]) -> pd.Series:
    """Take the words for an oblast out of names; ``said`` are the texts of the map."""
    for word in said["left_out"].split("|"):
        names = names.str.replace(word, "", regex=False)
    return names


def short_names(language: str, names: pd.Series) -> dict[str, dict[str, str]]:
    """Give names without the word for an oblast, and shorter ones for a small place.

    Parameters
    ----------
    language : of the names
    names : full names by code

    Returns
    -------
    dict
        For each code ``short`` and ``shorter``.
    """
    said = section("map")[language]
    found = {}
    for code, without in without_kind(names, said).items():
        # "Almaty" alone would be the city
        others = names.drop(code)
        short = names[code] if others.str.startswith(f"{without} ").any() else without
        shorter = short
        for pair in said["shorter"].split("; "):
            shorter = shorter.replace(*pair.split("|"))
        found[code] = {"short": short, "shorter": shorter}
    return found
