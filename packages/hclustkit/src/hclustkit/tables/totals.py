"""Rows that sum up or average the others."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter

import numpy as np
import pandas as pd

from hclustkit.arrays import Floats
from hclustkit.errors import refusal
from hclustkit.tables.words import WORDS


def _plain(label: str) -> str:
    label = unicodedata.normalize("NFC", label).replace("\u0130", "i")  # the Turkish capital of i
    return " ".join(re.sub(r"[^\w\s]|_", " ", label).lower().split())


TOTALS = frozenset(map(_plain, WORDS["totals"]))
"""Labels of rows that sum up the others, in lower case, with or without blanks."""

_BEGIN, _END = ("|".join(WORDS[f"{part} of totals"]) for part in ("beginnings", "ends"))
_PHRASE = re.compile(rf"({_BEGIN})\b.*|.*(\b|\B(?=durchschnitt))({_END})", re.IGNORECASE)
"""Longer labels: with one of these words first or last."""

_COUNTRIES = frozenset(WORDS["countries"])
"""Countries, as the Unicode CLDR and they themselves name them, but for those that are also regions
of another one; and words for a nation."""
_UNION = re.compile("|".join(WORDS["unions"]))
_PART = re.compile(rf"({'|'.join(WORDS['beginnings of parts'])})\b")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9-]*|\d{2,}")

CHANCE = 0.01
"""A row nearer to the mean than any other is named where chance does this less often."""
DIGITS = 4.0
"""A sum is beyond chance where its columns have this many digits in all, in addition to those of
the number of rows that are tried."""
MOST_ROWS = 5_000
"""Rows up to which sums of neighbouring rows are looked for."""


@np.errstate(over="ignore", invalid="ignore")
def refuse_totals(table: pd.DataFrame, name: str) -> None:
    """Refuse rows that sum up or average the others, all of them or those beside them."""
    found = [label for label in table.index if _says_total(str(label))]
    values = table.to_numpy()
    varied = np.ptp(np.nan_to_num(values), axis=0) > 0
    known = varied & np.isfinite(values).all(axis=0)
    if not found and len(table) > 3 and varied.sum() >= 2:
        x = values[:, varied]
        others = x.sum(axis=0) - x
        digits = np.log10(np.maximum(np.abs(x) / _steps(x), 1)).sum(axis=1)
        # two answers from 1 to 5 may be the mean of the others by chance
        for sums, least in ((others, 0), (others / (len(table) - 1), 1.5)):
            same = np.isclose(x, sums, rtol=1e-9, atol=0).all(axis=1) & (digits >= least)
            found += list(table.index[same])
        if not found and known.any():
            x = values[:, known]
            places = _mixed_total(x) or _subtotals(x)
            found = [table.index[at] for at in places]
    if found:
        label, drop = found[0], "; ".join(map(str, found))
        text = (
            f"{name}: row {label!r} is a total or an average of others, not an object to "
            f"cluster: leave it out with drop={drop!r}"
        )
        raise refusal(text, f"{name}, row {label!r}", "total-row", label)


@np.errstate(all="ignore")
def total_notes(table: pd.DataFrame) -> list[str]:
    """Name the rows that may stand for all others, as a row of national rates does.

    A country or a union among regions; a code that all or some others begin with; a first or
    last row that is nearer to the mean of the others, in all columns together, than chance
    allows. None of this is proof, so the rows stay.
    """
    labels = [str(label) for label in table.index]
    names = [_names(label) for label in labels]
    why: dict[int, str] = {}
    for is_whole, most in ((_COUNTRIES.__contains__, 0.1), (_UNION.fullmatch, 0.34)):
        called = [at for at, each in enumerate(names) if any(map(is_whole, each))]
        if len(called) <= max(1, most * (len(labels) - len(called))):
            why |= dict.fromkeys(called, "is called like a whole of which the others may be parts")
    why |= {
        labels.index(code): f"has a code with which {count} others begin"
        for code, count in _parents(labels).items()
    }
    part = "is called like a part of another row"
    why |= dict.fromkeys([at for at, each in enumerate(names) if any(map(_PART.match, each))], part)
    for at in {0, len(labels) - 1} - set(why):
        if _is_central(table.to_numpy(), at):
            why[at] = "lies nearer to the mean of the others than chance allows"
    shown = [f"{labels[at]!r} {text}" for at, text in sorted(why.items())]
    x = table.to_numpy()
    sums = _subtotals(x[np.isfinite(x).all(axis=1)].T)
    doubled = [
        f"{table.columns[at]!r} is the sum of columns beside it, which count twice with it: leave "
        f"it or them out with drop={str(table.columns[at])!r}"
        for at in sums
    ]
    if not shown:
        return doubled
    return doubled + [
        f"{'; '.join(shown[:5])}{'; and others' * (len(shown) > 5)}: a total, an average or "
        "a part of another row is not an object to cluster: leave it out with "
        f"drop={labels[min(why)]!r}"
    ]


def _parents(labels: list[str]) -> dict[str, int]:
    """Count the codes that begin with another, where every code is of one kind or the other."""
    if not all(map(_CODE.fullmatch, labels)):
        return {}
    known = set(labels)
    heads = [[code[:end] for end in range(1, len(code)) if code[:end] in known] for code in labels]
    counts = Counter(head for each in heads for head in each)
    whole = all(each or code in counts for each, code in zip(heads, labels, strict=True))
    return dict(counts) if whole and min(counts.values(), default=0) > 1 else {}


def _is_central(x: Floats, at: int) -> bool:
    """Tell whether a row lies so near to the mean of the others that chance does not do it."""
    others, row = np.delete(x, at, axis=0), x[at]
    varied = np.isfinite(x).all(axis=0) & (np.ptp(others, axis=0) > 0)
    if len(others) < 5 or varied.sum() < 3:
        return False
    others, row = others[:, varied], row[varied]
    away = np.abs(np.vstack([row, others]) - others.mean(axis=0)) / others.std(axis=0, ddof=1)
    farthest = away.max(axis=1)
    # independent columns with the same sum of squared correlations for each
    related = np.atleast_2d(np.corrcoef(others.T))
    independent = len(related) ** 2 / (related**2).sum()
    chance = math.erf(float(farthest[0]) / 2**0.5) ** independent
    return bool(farthest[0] < farthest[1:].min() and chance <= CHANCE)


def _names(label: str) -> list[str]:
    """List a label and its names in two languages, in lower case, with and without blanks."""
    parts = list(map(_plain, [label, *label.split("/")]))
    return parts + [part.replace(" ", "") for part in parts]


def _says_total(label: str) -> bool:
    return any(name in TOTALS or _PHRASE.fullmatch(name) for name in _names(label))


def _steps(x: Floats) -> Floats:
    """Return the unit of the last digit of each column."""
    steps: Floats = np.zeros(x.shape[1])
    for digits in range(-6, 9):
        rounded = np.round(x, digits)
        exact = np.isclose(x, rounded, rtol=1e-12, atol=0).all(axis=0)
        steps = np.where((steps == 0) & exact, 10.0**-digits, steps)
    return np.where(steps == 0, 1e-9, steps)


def _mixed_total(x: Floats) -> list[int]:
    """Find a row that is the sum of the others in some columns and lies among them elsewhere."""
    others = x.sum(axis=0) - x
    step = _steps(x)
    near = np.abs(x - others) <= step * np.where(np.abs(x) >= 1e4 * step, 0.7 * len(x) ** 0.5, 0.5)
    near &= x != 0
    digits = np.where(near, np.log10(np.maximum(np.abs(x) / step, 1)), 0).sum(axis=1)
    found = []
    # a total is usually first or last
    digits[[0, -1]] += 1
    for at in np.flatnonzero(digits >= DIGITS):
        rest = np.delete(x, at, axis=0)
        among = (x[at] >= rest.min(axis=0)) & (x[at] <= rest.max(axis=0))
        if (near[at] | among).all():
            found.append(int(at))
    return found


def _subtotals(x: Floats) -> list[int]:
    """Find rows that are the sums of the rows right below or above them, in every column."""
    n = len(x)
    if x.shape[1] < 2 or n > MOST_ROWS:
        return []
    step = _steps(x)
    digits = np.log10(np.maximum(np.abs(x) / step, 1)).sum(axis=1) - 2 * np.log10(n)
    found = []
    for at in np.flatnonzero((digits > 0) & (x != 0).all(axis=1)):
        for beside in (x[at + 1 :], x[:at][::-1]):
            sums = beside.cumsum(axis=0)[1:]
            if len(sums) and (np.abs(sums - x[at]) <= step * 0.5).all(axis=1).any():
                found.append(int(at))
                break
    return found if found and digits[found].sum() >= DIGITS / 2 else []
