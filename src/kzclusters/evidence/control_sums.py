"""Control sums: the sum of every region and of every year, recorded when a table was read.

Identities between series cannot reach every cell: no other table says what a rail distance or
the researchers of a small region should be. For these the recorded sums are the last guard. A
single wrong cell breaks the sum of its region and that of its year, which names the cell and
the value that it had; two exchanged regions, a multiplied year and a multiplied file have
patterns of their own. A renewed hash does not renew the sums: that takes
``run.py seal ACCEPT=NAME``, for the series that it names. A year that is added gets its sums with
the next seal.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hclustkit.files import write_text

from kzclusters.evidence.series import Resource

FILE = "control_sums.csv"
COLUMNS = ("series", "over", "key", "sum")

Sums = dict[tuple[str, str], Decimal]
"""Sum by (``"region"`` or ``"column"``, key of it); a column is a year or a quantity."""


@dataclass(frozen=True)
class Cell:
    """One number of a raw file and its place."""

    region: str
    year: int
    """0 in a series without years."""
    quantity: str
    """What is counted, where a file has several; empty in a file with one."""
    row: int
    field: str
    value: Decimal

    @property
    def column(self) -> str:
        """The year and the quantity, as far as the file has them."""
        return " ".join(filter(None, (str(self.year or ""), self.quantity)))


@dataclass(frozen=True)
class Suspect:
    """What the recorded sums point to; ``cell`` is None where what they miss is gone."""

    cell: Cell | None
    words: str


def has_sums(resource: Resource) -> bool:
    """Tell whether a file has control sums, as the series have, whole and partial."""
    return resource["role"] in ("series", "partial")


def cells(folder: Path, resource: Resource) -> list[Cell]:
    """Read the number cells of a checked file; empty ones are left out."""
    fields = resource["schema"]["fields"]
    others = [key for key in resource["schema"]["primaryKey"] if key not in ("region", "year")]
    numeric = [
        field["name"]
        for field in fields
        if field["type"] in ("integer", "number") and field["name"] != "year"
    ]
    found = []
    with open(folder / resource["path"], encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            for name in numeric:
                if row[name]:
                    parts = [row[key] for key in others] + ([name] if len(numeric) > 1 else [])
                    year, value = int(row.get("year") or 0), Decimal(row[name])
                    found.append(Cell(row["region"], year, " ".join(parts), number, name, value))
    return found


def add_up(found: Iterable[Cell]) -> Sums:
    """Add up exactly by region and by column."""
    sums: Sums = {}
    for cell in found:
        for key in (("region", cell.region), ("column", cell.column)):
            sums[key] = sums.get(key, Decimal(0)) + cell.value
    return sums


def read_recorded(folder: Path) -> dict[str, Sums]:
    """Read the recorded sums by name of the series; empty without the file."""
    path = folder / FILE
    found: dict[str, Sums] = {}
    if path.is_file():
        with open(path, encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                sums = found.setdefault(row["series"], {})
                sums[(row["over"], row["key"])] = Decimal(row["sum"])
    return found


def record(folder: Path, chosen: Iterable[Resource]) -> None:
    """Write the sums of the chosen resources anew; those of the others stay."""
    every = read_recorded(folder)
    for resource in chosen:
        every[resource["name"]] = add_up(cells(folder, resource))
    lines = [",".join(COLUMNS)]
    for name in sorted(every):
        lines += [f"{name},{over},{key},{total:f}" for (over, key), total in every[name].items()]
    write_text(folder / FILE, "\n".join(lines) + "\n")


def is_enlarged(found: list[Cell], known: Sums) -> bool:
    """Tell whether years were added and all else is as recorded."""
    old = [cell for cell in found if ("column", cell.column) in known]
    return len(old) < len(found) and suspect(old, known) is None


def suspect(found: list[Cell], known: Sums) -> Suspect | None:
    """Find what the recorded sums point to; None where all of them are as recorded."""
    now = add_up(found)
    gone = [key for key in known if key not in now]
    new = [key for _, key in now.keys() - known.keys()]
    if gone or new:
        cell = next((cell for cell in found if {cell.region, cell.column} & set(new)), None)
        words = f"{gone[0][1]} is gone" if gone else f"{sorted(new)[0]} has no recorded sum"
        return Suspect(cell, words)
    gaps = {key: now[key] - known[key] for key in known if now[key] != known[key]}
    if not gaps:
        return None
    regions = {key: gap for (over, key), gap in gaps.items() if over == "region"}
    columns = {key: gap for (over, key), gap in gaps.items() if over == "column"}
    return (
        _one_cell(found, regions, columns)
        or _find_exchanged(found, regions, columns)
        or _find_multiplied(found, now, known, regions, columns)
        or _several(found, regions, columns)
    )


def _one_cell(
    found: list[Cell], regions: dict[str, Decimal], columns: dict[str, Decimal]
) -> Suspect | None:
    """Find the one wrong cell: the sum of one region and that of one column differ."""
    if len(regions) != 1 or len(columns) != 1:
        return None
    (region,), (column,) = regions, columns
    for cell in found:
        if (cell.region, cell.column) == (region, column):
            return Suspect(cell, f"by the recorded sums it was {cell.value - columns[column]:f}")
    return None


def _find_exchanged(
    found: list[Cell], regions: dict[str, Decimal], columns: dict[str, Decimal]
) -> Suspect | None:
    """Find two regions exchanged in one column or in all, or two columns exchanged."""
    for off, others, rows in ((regions, columns, True), (columns, regions, False)):
        if len(off) != 2 or others or sum(off.values()):
            continue
        one, two = off
        pairs: dict[str, list[Cell]] = {}
        for cell in found:
            key, across = (cell.region, cell.column) if rows else (cell.column, cell.region)
            if key in off:
                pairs.setdefault(across, []).append(cell)
        differ = {}
        for across, pair in pairs.items():
            if len(pair) == 2:
                first, second = pair if one in (pair[0].region, pair[0].column) else pair[::-1]
                differ[across] = first.value - second.value
        for across, difference in differ.items():
            if difference == off[one]:
                return Suspect(pairs[across][0], f"{one} and {two} are exchanged in {across}")
        if sum(differ.values()) == off[one]:
            return Suspect(pairs[next(iter(pairs))][0], f"{one} and {two} are exchanged throughout")
    return None


def _find_multiplied(
    found: list[Cell],
    now: Sums,
    known: Sums,
    regions: dict[str, Decimal],
    columns: dict[str, Decimal],
) -> Suspect | None:
    """Find that all cells of the columns that differ were multiplied by one factor, perhaps 0."""
    mine = [cell for cell in found if cell.column in columns]
    before = sum((known[("column", key)] for key in columns), Decimal(0))
    if not mine or not before:
        return None
    factor = float(sum((cell.value for cell in mine), Decimal(0)) / before)
    tolerance = 1e-3 * max(abs(float(gap)) for gap in [*regions.values(), *columns.values()])
    shift = 0.0 if not factor else 1 - 1 / factor
    by_region: dict[str, float] = {}
    for cell in mine:
        by_region[cell.region] = by_region.get(cell.region, 0) + float(cell.value)
    fits = not factor or all(
        abs(float(now[("region", key)] - known[("region", key)]) - value * shift) <= tolerance
        for key, value in by_region.items()
    )
    if fits and (factor or not any(cell.value for cell in mine)):
        whole = len(columns) == len({cell.column for cell in found})
        what = "every value" if whole else f"every value of {', '.join(columns)}"
        return Suspect(mine[0], f"{what} is {factor:.4g} times the recorded one")
    return None


def _several(
    found: list[Cell], regions: dict[str, Decimal], columns: dict[str, Decimal]
) -> Suspect:
    """Say how many sums differ, at the first cell that any of them can be due to."""
    both = [cell for cell in found if cell.region in regions and cell.column in columns]
    either = [cell for cell in found if cell.region in regions or cell.column in columns]
    words = f"{len(regions)} sums of regions and {len(columns)} of columns differ from the recorded"
    return Suspect((both or either)[0], words)
