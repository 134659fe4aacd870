"""The word list finds dialect, leaves plain English alone, and finds nothing in the project."""

from __future__ import annotations

import dialect
import pytest


@pytest.mark.parametrize(
    "text",
    [
        "a bad table is told, with file and row",
        "def test_a_bad_row_is_told() -> None:",
        "{col} stands more than once",
        "Z is no\n        # linkage matrix",
        "A run of one's own",
        "What became of an answer",
        "Fill a folder from nothing, whole or not at all",
    ],
)
def test_the_word_list_finds_dialect(text: str) -> None:
    assert list(dialect.phrases(text))


@pytest.mark.parametrize(
    "text",
    [
        "digits that tell clusters apart are told apart",
        "AU stands for approximately unbiased",
        "there is no linkage matrix; it is no longer read",
        "understanding the standard",
        "it stands high on all indicators",
    ],
)
def test_the_word_list_leaves_plain_english_alone(text: str) -> None:
    assert not list(dialect.phrases(text))


def test_prose_and_names_are_plain_english() -> None:
    wrong = [found for found in dialect.findings(dialect.files()) if not dialect.allowed(found)]
    assert not wrong, "\n".join(map(str, wrong))


def test_every_exception_to_the_word_list_is_used() -> None:
    found = dialect.findings(dialect.files()) if dialect.ALLOWED else ()
    used = {dialect.allowed(each) for each in found}
    assert set(dialect.ALLOWED) <= used
