"""Texts of the pages that speak several languages: one file a language.

English is the language of the project; the translations are the project's own.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from hclustkit.errors import InputError

from kzclusters import paths

LANGUAGES = ("en", "ru", "kk")
"""The first is that of the files themselves."""
FILLED = re.compile(r"\{\w+\}")

Texts = dict[str, str]


@cache
def read(language: str) -> dict[str, Texts]:
    """Read the texts of a language, by page."""
    path = Path(__file__).with_name(f"{language}.yml")
    return paths.read_yaml(path)


def section(page: str, languages: tuple[str, ...] = LANGUAGES) -> dict[str, Texts]:
    """Give the texts of a page in every language.

    Raises
    ------
    InputError
        A language lacks a text, has one too many, or fills in other things.
    """
    found = {language: read(language)[page] for language in languages}
    wanted = found[languages[0]]
    for language, own in found.items():
        for key in sorted(wanted.keys() ^ own.keys()):
            raise InputError(
                f"{language}.yml: {page}: {key}", place=language, rule="text", value=key
            )
        for key, text in own.items():
            if sorted(set(FILLED.findall(text))) != sorted(set(FILLED.findall(wanted[key]))):
                raise InputError(
                    f"{language}.yml: {page}: {key} fills in other things than English",
                    place=language,
                    rule="text-fields",
                    value=key,
                )
    return found
