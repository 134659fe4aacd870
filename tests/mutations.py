"""Damage of 47 kinds to the files of ``data/raw``, drawn at random with a seed.

Each kind changes one file as an editor, a spreadsheet, a script or a broken disk would. `draw`
applies one; `renew` gives the changed file its hash again, so that only what the file says can
tell that it is wrong; `outcome` says what the checks made of it.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from hclustkit.errors import InputError
from hclustkit.files import sha256

from kzclusters.evidence import article, indicators, sources

YEARS = range(2010, 2016)
MOVES = 0.001
"""A relative change of an indicator that counts."""

Rows = list[list[str]]


@dataclass(frozen=True)
class Damage:
    """What was done to which file."""

    kind: str
    name: str
    path: Path


# --- helpers --------------------------------------------------------------------------------


def parse(path: Path) -> Rows:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def write(path: Path, rows: Rows) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def as_text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def scaled(text: str, factor: float) -> str:
    return as_text(float(text) * factor) if re.fullmatch(r"[\d.]+", text) else f"{text}{factor}"


def cell(change: Callable[[str, random.Random], str]) -> Callable[[Rows, random.Random], Rows]:
    """Damage of one number cell."""

    def apply(rows: Rows, rng: random.Random) -> Rows:
        at = rng.randrange(1, len(rows))
        column = rng.choice(numeric(rows))
        rows[at][column] = change(rows[at][column], rng)
        return rows

    return apply


def numeric(rows: Rows) -> list[int]:
    """Columns of numbers that are no keys."""
    found = [
        i
        for i, name in enumerate(rows[0])
        if name != "year" and all(re.fullmatch(r"-?[\d.]*", row[i]) for row in rows[1:])
    ]
    return found or [len(rows[0]) - 1]


def times(factor: float, of: str) -> Callable[[Rows, random.Random], Rows]:
    """All numbers of the file, or of one year or column, times a factor."""

    def apply(rows: Rows, rng: random.Random) -> Rows:
        columns = numeric(rows)
        if of == "file" or "year" not in rows[0]:
            chosen = rows[1:]
            columns = columns if of == "file" else [rng.choice(columns)]
        else:
            years = rows[0].index("year")
            year = rng.choice(sorted({row[years] for row in rows[1:]}))
            chosen = [row for row in rows[1:] if row[years] == year]
        for row in chosen:
            for column in columns:
                if re.fullmatch(r"[\d.]+", row[column]):
                    row[column] = as_text(float(row[column]) * factor)
        return rows

    return apply


def without(rows: Rows, rng: random.Random, column: str, value: str | None = None) -> Rows:
    at = rows[0].index(column) if column in rows[0] else 0
    value = value or rng.choice(sorted({row[at] for row in rows[1:]}))
    return [rows[0], *[row for row in rows[1:] if row[at] != value]]


def one_national_row(rows: Rows, rng: random.Random) -> Rows:
    at = [i for i, row in enumerate(rows) if row[0] == "KZ"]
    return [row for i, row in enumerate(rows) if not at or i != rng.choice(at[:1])]


def exchanged(rows: Rows, rng: random.Random, throughout: bool) -> Rows:
    codes = sorted({row[0] for row in rows[1:]} - {"KZ"})
    one, two = rng.sample(codes, 2)
    year = rng.choice([row[1] for row in rows[1:]])
    for row in rows[1:]:
        if throughout or "year" not in rows[0] or row[1] == year:
            row[0] = {one: two, two: one}.get(row[0], row[0])
    return rows


def years_exchanged(rows: Rows, rng: random.Random) -> Rows:
    if "year" not in rows[0]:
        return [[row[0], *row[:0:-1]] for row in rows]
    one, two = rng.sample(sorted({row[1] for row in rows[1:]}), 2)
    return [[row[0], {one: two, two: one}.get(row[1], row[1]), *row[2:]] for row in rows]


def digits_exchanged(text: str, rng: random.Random) -> str:
    pairs = [
        i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]
    ]
    if not pairs:
        return text + "7"
    at = rng.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def one_digit(text: str, rng: random.Random) -> str:
    at = rng.choice([i for i, sign in enumerate(text) if sign.isdigit()] or [0])
    return (
        text[:at] + rng.choice([d for d in "123456789" if d != text[at : at + 1]]) + text[at + 1 :]
    )


def row_twice(rows: Rows, rng: random.Random, other: bool) -> Rows:
    at = rng.randrange(1, len(rows))
    copied = list(rows[at])
    if other:
        copied[-1] = copied[-1] + "1"
    return [*rows[: at + 1], copied, *rows[at + 1 :]]


def row_deleted(rows: Rows, rng: random.Random) -> Rows:
    at = rng.randrange(1, len(rows))
    return [*rows[:at], *rows[at + 1 :]]


def rows_exchanged(rows: Rows, rng: random.Random) -> Rows:
    one, two = rng.sample(range(1, len(rows)), 2)
    rows[one], rows[two] = rows[two], rows[one]
    return rows


def shuffled(rows: Rows, rng: random.Random) -> Rows:
    body = rows[1:]
    rng.shuffle(body)
    return [rows[0], *body]


def at_row(change: Callable[[list[str], random.Random], list[str]]) -> Callable:
    def apply(rows: Rows, rng: random.Random) -> Rows:
        at = rng.randrange(1, len(rows))
        rows[at] = change(list(rows[at]), rng)
        return rows

    return apply


ROWS: dict[str, Callable[[Rows, random.Random], Rows]] = {
    "cell 0": cell(lambda text, rng: "0"),
    "cell negative": cell(lambda text, rng: f"-{text or 1}"),
    "cell x 1000": cell(lambda text, rng: scaled(text, 1000)),
    "cell / 1000": cell(lambda text, rng: scaled(text, 0.001)),
    "cell x 1.1": cell(lambda text, rng: scaled(text, 1.1)),
    "digits exchanged": cell(digits_exchanged),
    "one digit": cell(one_digit),
    "cell empty": cell(lambda text, rng: ""),
    "cell text": cell(lambda text, rng: rng.choice(["n/a", "-", "…", "x"])),
    "cell NaN": cell(lambda text, rng: rng.choice(["NaN", "nan", "None"])),
    "cell inf": cell(lambda text, rng: rng.choice(["inf", "1e400", "-inf"])),
    "decimal comma": cell(
        lambda text, rng: f"{text},5" if "." not in text else text.replace(".", ",")
    ),
    "thousands space": cell(lambda text, rng: f"{text[:1]} {text[1:]}"),
    "no-break space": cell(lambda text, rng: f"\u00a0{text}"),
    "Arabic-Indic digits": cell(
        lambda text, rng: text.translate({ord(str(d)): 0x0660 + d for d in range(10)})
    ),
    "cell with unit": cell(lambda text, rng: f"{text} km"),
    "row deleted": row_deleted,
    "row twice": lambda rows, rng: row_twice(rows, rng, other=False),
    "row twice, other value": lambda rows, rng: row_twice(rows, rng, other=True),
    "rows exchanged": rows_exchanged,
    "blank row": lambda rows, rng: [*rows[:3], [""] * len(rows[0]), *rows[3:]],
    "extra cell": at_row(lambda row, rng: [*row, "1"]),
    "cell left out": at_row(lambda row, rng: row[:-1]),
    "unknown region": at_row(lambda row, rng: ["KZ-XXX", *row[1:]]),
    "region in lower case": at_row(lambda row, rng: [row[0].lower(), *row[1:]]),
    "year out of range": at_row(lambda row, rng: [row[0], "1013", *row[2:]]),
    "year x 1000": times(1000, "year"),
    "year x 1.1": times(1.1, "year"),
    "year 0": times(0, "year"),
    "year deleted": lambda rows, rng: without(rows, rng, "year"),
    "years exchanged": years_exchanged,
    "regions exchanged in a year": lambda rows, rng: exchanged(rows, rng, throughout=False),
    "regions exchanged": lambda rows, rng: exchanged(rows, rng, throughout=True),
    "national rows deleted": lambda rows, rng: without(rows, rng, rows[0][0], "KZ"),
    "one national row deleted": one_national_row,
    "file x 1000": times(1000, "file"),
    "file / 1000": times(0.001, "file"),
    "header only": lambda rows, rng: rows[:1],
    "column renamed": lambda rows, rng: [[*rows[0][:-1], "Value"], *rows[1:]],
    "rows shuffled": shuffled,
}
BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "empty file": lambda content, rng: b"",
    "CRLF": lambda content, rng: content.replace(b"\n", b"\r\n"),
    "byte order mark": lambda content, rng: b"\xef\xbb\xbf" + content,
    "UTF-16": lambda content, rng: content.decode().encode("utf-16"),
    "semicolons": lambda content, rng: content.replace(b",", b";"),
    "cut": lambda content, rng: content[: rng.randrange(1, len(content) - 1)],
}
OTHER = "values of another file"
KINDS = (*ROWS, *BYTES, OTHER)


def draw(folder: Path, rng: random.Random, kind: str | None = None) -> Damage:
    """Damage one file of ``folder``; series are drawn three times out of four."""
    kind = kind or rng.choice(KINDS)
    every = [r for r in sources.resources(folder) if r["present"]]
    tables = [r for r in every if r["path"].endswith(".csv")]
    series = [r for r in tables if r["role"] == "series"]
    chosen = rng.choice(series if rng.random() < 0.75 else every if kind in BYTES else tables)
    path = folder / chosen["path"]
    if kind in BYTES:
        path.write_bytes(BYTES[kind](path.read_bytes(), rng))
    elif kind == OTHER:
        same = [
            r
            for r in tables
            if r["name"] != chosen["name"] and parse(folder / r["path"])[0] == parse(path)[0]
        ]
        path.write_bytes((folder / rng.choice(same or tables[:1])["path"]).read_bytes())
    else:
        write(path, ROWS[kind](parse(path), rng))
    return Damage(kind, chosen["name"], path)


def renew(folder: Path, name: str) -> None:
    """Write hash, size, rows and years of one file into the package, without any check."""
    descriptor = folder / sources.DESCRIPTOR
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        path = folder / resource["path"]
        if resource["name"] == name and path.is_file():
            resource["hash"] = f"sha256:{sha256(path)}"
            resource["bytes"] = path.stat().st_size
            if "rows" in resource:
                lines = path.read_bytes().splitlines()
                resource["rows"] = max(len(lines) - 1, 0)
    descriptor.write_text(json.dumps(package, ensure_ascii=False), encoding="utf-8")


def values(folder: Path) -> pd.Series:
    """All values of the indicators and of the auxiliary quantities."""
    series = sources.series(folder)
    long = indicators.build(series, YEARS).set_index(["indicator", "variant", "year", "region"])
    beside = indicators.auxiliary_values(series, YEARS).stack(future_stack=True)
    return pd.concat([long["value"], beside.reorder_levels([2, 1, 0])])


READERS = {
    "published_clusters": article.published_clusters,
    "innovation_infrastructure": article.infrastructure,
    "errata": article.errata,
    "claims": article.claims,
    "article_content": article.content,
}


def outcome(folder: Path, damage: Damage, before: pd.Series) -> tuple[str, str]:
    """Say what became of a damage: caught, harmless, silent or crash; and the message."""
    series = {r["name"] for r in sources.resources(folder) if r["role"] in ("series", "partial")}
    try:
        sources.check(folder, only=damage.name if damage.name in series | {*READERS} else None)
        if damage.name in READERS:
            READERS[damage.name](folder)
        after = values(folder)
    except InputError as error:
        return "caught", str(error)
    except Exception as error:  # what the test is after
        return "crash", f"{type(error).__name__}: {error}"
    after = after.reindex(before.index)
    gone = before.notna() & after.isna()
    moved = (after / before - 1).abs() > MOVES
    new = before.isna() & after.notna()
    worst = gone | moved.fillna(False) | new | ((before == 0) & (after != 0) & after.notna())
    if worst.any():
        return "silent", f"{damage.kind} in {damage.name} moves {np.flatnonzero(worst).size} values"
    return "harmless", f"{damage.kind} in {damage.name}"
