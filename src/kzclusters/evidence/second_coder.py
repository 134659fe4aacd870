"""A second coder of the claims and of the triple helix: the forms, and Cohen's kappa.

``python -m kzclusters.evidence.second_coder forms`` writes the blank forms of ``registration/``;
``python -m kzclusters.evidence.second_coder agreement FORM`` compares a filled one with the
coding of this project. A form shows what is to be coded and never how it was coded first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from hclustkit.errors import InputError, refusal
from hclustkit.files import read_csv, write_csv

from kzclusters import paths
from kzclusters.command import command
from kzclusters.evidence import article

FOLDER = paths.ROOT / "registration"


class Form(NamedTuple):
    """A coding form: what is shown and what is coded."""

    file: str
    shown: tuple[str, ...]
    coded: str


FORMS: Mapping[str, Form] = {
    "claims": Form("coding_claims.csv", ("id", "cluster", "claim", "where"), "test"),
    "helix": Form("coding_helix.csv", ("row", "cluster", "organisation", "where"), "helix"),
}


@dataclass(frozen=True)
class Coding:
    """How two coders agree.

    Attributes
    ----------
    n : things coded by both
    observed : share coded alike
    expected : the same if each coder kept their shares of the categories and coded at random
    kappa : (observed - expected) / (1 - expected)
    differing : place, category of the first coder and of the second, where they differ
    """

    n: int
    observed: float
    expected: float
    kappa: float
    differing: tuple[tuple[str, str, str], ...]


def agreement(
    first: Sequence[str], second: Sequence[str], places: Sequence[str] | None = None
) -> Coding:
    """Compute Cohen's kappa of two codings of the same things.

    Parameters
    ----------
    first, second : sequences of str, equally long
        The category that each coder gives to each thing.
    places : sequence of str, optional
        What the things are called; their numbers from 1 on by default.

    Raises
    ------
    InputError
        There is nothing coded, the lengths differ, or both coders use one category only, so that
        kappa is undefined.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20(1), 37-46.

    Examples
    --------
    >>> found = agreement(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    >>> found.observed, found.expected, found.kappa
    (0.75, 0.5, 0.5)
    """
    n = len(first)
    if not n or n != len(second):
        text = f"{n} and {len(second)} things are coded; both coders must code the same"
        raise refusal(text, "second coder", "same-length", len(second))
    names = places or [str(at) for at in range(1, n + 1)]
    trios = zip(names, first, second, strict=True)
    differing = tuple((name, a, b) for name, a, b in trios if a != b)
    # whole numbers up to the last division, so that no digit hangs on the order of a sum
    alike = n - len(differing)
    chance = sum(list(first).count(one) * list(second).count(one) for one in set(first))
    if chance == n * n:
        text = "both coders use one category only; kappa is undefined"
        raise refusal(text, "second coder", "one-category", first[0])
    kappa = (n * alike - chance) / (n * n - chance)
    return Coding(n, alike / n, chance / n**2, kappa, differing)


def first_coding(name: str) -> pd.DataFrame:
    """Return what the form called ``name`` shows, with the coding of this project."""
    if name == "claims":
        return article.claims()
    table = article.infrastructure()
    return table.assign(row=[str(row) for row in range(2, len(table) + 2)])


def blank(name: str) -> pd.DataFrame:
    """Return a form ready to fill in."""
    form = FORMS[name]
    return first_coding(name)[list(form.shown)].assign(**{form.coded: "", "remark": ""})


def compare(path: Path) -> Coding:
    """Compare a filled form with the coding of this project.

    Raises
    ------
    InputError
        It is not a form, a row is missing or changed, or a category is unknown or left out.
    """
    name = next((key for key, form in FORMS.items() if path.name.startswith(form.file[:-4])), None)
    if name is None or not path.is_file():
        message = f"{path.name}: no form; the forms are {', '.join(f.file for f in FORMS.values())}"
        raise InputError(message, place=path.name, rule="no-form", value=path.name)
    form, first = FORMS[name], first_coding(name)
    filled = read_csv(path, dtype=str, keep_default_na=False)
    key = form.shown[0]
    if not {key, form.coded} <= set(filled) or list(filled[key]) != list(first[key]):
        message = f"{path.name}: the rows are not those of the blank form"
        raise InputError(message, place=path.name, rule="rows-of-the-form", value=len(filled))
    categories = sorted(set(first[form.coded]))
    for place, category in zip(filled[key], filled[form.coded], strict=True):
        if category not in categories:
            text = f"{path.name}: {key} {place}: {category!r} is none of {', '.join(categories)}"
            raise refusal(text, f"{path.name}: {key} {place}", "known-value", category)
    return agreement(list(first[form.coded]), list(filled[form.coded]), list(filled[key]))


@command
def main(arguments: list[str] | None = None) -> int:
    """Write the blank forms, or say how a filled one agrees."""
    parser = argparse.ArgumentParser(prog="kzclusters.evidence.second_coder", description=__doc__)
    parser.add_argument("action", choices=("forms", "agreement"))
    parser.add_argument("file", type=Path, nargs="?", help="a filled form")
    given = parser.parse_args(arguments)
    if given.action == "forms":
        for name, form in FORMS.items():
            print(paths.from_root(write_csv(FOLDER / form.file, blank(name))))
        return 0
    if given.file is None:
        parser.error("agreement needs the filled form")
    found = compare(given.file)
    print(f"{found.n} coded twice, {found.observed:.1%} alike, kappa {found.kappa:.2f}")
    for place, ours, theirs in found.differing:
        print(f"{place}: {ours} here, {theirs} there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
