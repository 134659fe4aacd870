"""What the raw data must say: identities, plausible sizes, second copies, control sums.

A hash shows that a file is the sealed one, not that it is right. The rules of
``content_rules.yml`` compare series with each other, with the year before and with what was
recorded when they were read. `table` shows all of them; a broken one names the file, the row,
the column, the rule and the value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, groupby
from pathlib import Path
from typing import Any

import pandas as pd
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence import boundaries, control_sums
from kzclusters.evidence.control_sums import Cell, Suspect
from kzclusters.evidence.indicators import formula_names, series_of
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import (
    NATION,
    Resource,
    descriptor,
    raw_folder,
    second_copy_sentence,
    unknown_resource,
)

RULES = Path(__file__).with_name("content_rules.yml")
FORMULAS = ("left", "right", "upper", "lower", "value", "weight")
SHARED_CELLS = 0.5
"""Two series that have more than this share of their cells in common are the same table."""


@dataclass(frozen=True)
class Exempt:
    """An exception to a rule: its own bounds (None: not checked) and the reason."""

    low: float | None
    high: float | None
    because: str


@dataclass(frozen=True)
class Rule:
    """One rule of the table with what it is applied to."""

    kind: str
    says: str
    protects: str
    series: str
    low: float
    high: float
    unit: str = ""
    column: str = "value"
    args: Mapping[str, Any] = field(default_factory=dict)
    exceptions: Mapping[str, Exempt] = field(default_factory=dict)

    @property
    def uses(self) -> frozenset[str]:
        """Names of the series that the rule looks at, among them columns of its own series."""
        named = [self.args[key] for key in FORMULAS if key in self.args]
        found = {series_of(name) for text in named for name in formula_names(text)}
        return frozenset({self.series} | found)

    @property
    def allowed(self) -> str:
        """The tolerance in words."""
        if self.kind == "years":
            return str(self.args["years"])
        return _interval(self.low, self.high, self.unit)

    @property
    def about(self) -> str:
        """What is compared, as formulas."""
        texts = {
            "equal": "{left} = {right}",
            "not-below": "{upper} ≥ {lower}",
            "between": "{value}",
            "regions-mean": "weights: {weight}",
        }
        text = texts.get(self.kind, "").format(**self.args)
        return f"{text} ({', '.join(self.args['regions'])})" if "regions" in self.args else text


@dataclass(frozen=True)
class Data:
    """The checked raw files, as the rules look at them."""

    folder: Path
    resources: Mapping[str, Resource]
    cells: Mapping[str, list[Cell]]
    columns: Mapping[str, pd.Series]
    """Values by name of a formula, index (region, year); the year of a yearless series is 0."""


def _number(value: float) -> str:
    return f"{value:.10g}"


def _interval(low: float, high: float, unit: str) -> str:
    """Say between which bounds a measure may lie."""
    if low == -high:
        return f"within {_number(high)}{'%' if unit else ''}"
    if math.isinf(high):
        return f"at least {_number(low)}"
    return f"{_number(low)} to {_number(high)}"


def _bounds(given: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Read the two bounds of a case or of an exception; None where one is not given."""
    if "within" in given:
        return -float(given["within"]), float(given["within"])
    return given.get("low"), given.get("high")


@cache
def read_rules(path: Path = RULES) -> tuple[Rule, ...]:
    """Read the table of rules.

    Raises
    ------
    InputError
        A rule of an unknown kind, or a case or exception that lacks a part.
    """
    found = []
    for kind, entry in paths.read_yaml(path).items():
        if kind not in KINDS:
            raise rule_error(path, "known-kind", f"a rule is one of {', '.join(KINDS)}", kind)
        for number, case in enumerate(entry["cases"], start=1):
            try:
                found.append(_rule(kind, entry, case))
            except KeyError as error:
                says = "a case names its series and bounds, an exception its reason"
                lacks = f"it lacks {error}"
                raise rule_error(
                    path, "whole-case", says, more=lacks, kind=kind, case=number
                ) from None
    return tuple(found)


def _rule(kind: str, entry: Mapping[str, Any], case: Mapping[str, Any]) -> Rule:
    """Read one case of a rule; what the case does not say, its entry does."""
    low, high = (0.0, math.inf) if kind in ("not-below", "years") else _bounds(case)
    if low is None or high is None:
        raise KeyError("within")
    args = {key: case[key] for key in (*FORMULAS, "years", "regions") if key in case}
    if "years" in args:
        args["years"] = str(args["years"])
    return Rule(
        kind=kind,
        says=entry["says"],
        protects=case.get("protects", entry["protects"]),
        series=case["series"],
        low=low,
        high=high,
        unit=case.get("unit", entry.get("unit", "")),
        column=case.get("column", "value"),
        args=args,
        exceptions={
            where: Exempt(*_bounds(given), given["because"])
            for where, given in case.get("exceptions", {}).items()
        },
    )


# --- what is measured: a value for each (region, year), to lie within the bounds of the rule ---


def _evaluate(data: Data, formula: str) -> Any:
    """Return the values of a formula, or the number that it is."""
    names = formula_names(formula)
    if not names:
        return float(formula)
    return pd.DataFrame({name: data.columns[name] for name in names}).eval(formula, engine="python")


def _gap(rule: Rule, left: pd.Series, right: pd.Series | float) -> pd.Series:
    """Return by how much the left side exceeds the right one, in the unit of the rule."""
    return (left / right - 1) * 100 if rule.unit == "%" else left - right


def _regions_sum(data: Data, rule: Rule) -> pd.Series:
    """Return the gap between the regions and the national row.

    The regions are averaged where the rule has a weight, else summed.
    """
    table = data.columns[rule.series].unstack("year")
    regions = table.drop(index=NATION, errors="ignore")
    total = regions.sum(min_count=len(regions))
    if "weight" in rule.args:
        weights = _evaluate(data, rule.args["weight"]).unstack("year").reindex_like(regions)
        total = (regions * weights).sum(min_count=len(regions)) / weights.sum()
    gap = _gap(rule, total, table.reindex([NATION]).loc[NATION])
    return pd.concat({NATION: gap}, names=["region", "year"])


def _equal(data: Data, rule: Rule) -> pd.Series:
    left, right = (_evaluate(data, rule.args[key]) for key in ("left", "right"))
    gap = _gap(rule, left, right)
    return gap.reindex(rule.args["regions"], level="region") if "regions" in rule.args else gap


def _not_below(data: Data, rule: Rule) -> pd.Series:
    upper, lower = (_evaluate(data, rule.args[key]) for key in ("upper", "lower"))
    return pd.Series(upper - lower)


def _between(data: Data, rule: Rule) -> pd.Series:
    return pd.Series(_evaluate(data, rule.args["value"]))


def _step(data: Data, rule: Rule) -> pd.Series:
    """Return each value as a multiple of that of the year before."""
    table = data.columns[rule.series].unstack("year")
    before = table.shift(axis=1)
    # 0 after 0 has no factor; it breaks the rule as well
    return (table / before).mask((table == 0) & (before == 0), 0.0).stack(future_stack=True)


def _years(data: Data, rule: Rule) -> pd.Series:
    """Return 1 where a row is there, -1 where it is not: a negative number breaks the rule."""
    first, last = map(int, rule.args["years"].split("-"))
    there = {(cell.region, cell.year) for cell in data.cells[rule.series]}
    national = data.resources[rule.series].get("national_row")
    codes = dict.fromkeys([region for region, _ in there] + ([NATION] if national else []))
    every = [(region, year) for region in sorted(codes) for year in range(first, last + 1)]
    index = pd.MultiIndex.from_tuples(every, names=["region", "year"])
    return pd.Series([1.0 if key in there else -1.0 for key in every], index=index)


KINDS: dict[str, Callable[[Data, Rule], pd.Series]] = {
    "years": _years,
    "regions-sum": _regions_sum,
    "regions-mean": _regions_sum,
    "equal": _equal,
    "not-below": _not_below,
    "between": _between,
    "step": _step,
}


def breaches(data: Data, rule: Rule) -> Iterator[tuple[str, int, float]]:
    """Yield region, year and measure of every cell that breaks the rule, in the order of rows."""
    measured = KINDS[rule.kind](data, rule).dropna()
    for where, exempt in rule.exceptions.items():
        exempt_region, exempt_year = where.split()
        key = (exempt_region, int(exempt_year))
        low, high = exempt.low, exempt.high
        if key in measured.index and (
            low is None or high is None or low - 1e-6 <= measured[key] <= high + 1e-6
        ):
            measured = measured.drop(index=[key])
    outside = measured[(measured < rule.low - 1e-6) | (measured > rule.high + 1e-6)]
    for (region, year), value in outside.items():
        yield region, int(year), float(value)


# --- running the rules ----------------------------------------------------------------------


def gather(folder: Path, names: Iterable[str] | None = None) -> Data:
    """Read the series that the rules look at, all of them by default, their form checked."""
    every = {resource["name"]: resource for resource in descriptor(folder)["resources"]}
    cells: dict[str, list[Cell]] = {}
    values: dict[str, dict[tuple[str, int], float]] = {}
    for name, resource in every.items():
        wanted = control_sums.has_sums(resource) and (names is None or name in names)
        if wanted and (folder / resource["path"]).is_file():
            cells[name] = control_sums.cells(folder, resource)
            for cell in cells[name]:
                column = cell.quantity.replace(" ", "_") or name
                values.setdefault(column, {})[(cell.region, cell.year)] = float(cell.value)
    columns = {
        name: pd.Series(found).rename_axis(["region", "year"]) for name, found in values.items()
    }
    if "population_1_january" in columns:
        table = columns["population_1_january"].unstack("year")
        columns["pop"] = ((table + table.shift(-1, axis=1)) / 2).stack()
    return Data(folder, every, cells, columns)


def _place(data: Data, name: str, region: str, year: int, column: str) -> Cell | None:
    """Return the cell of a region and year, in a column if it is there, or None."""
    cells = [cell for cell in data.cells[name] if (cell.region, cell.year) == (region, year)]
    in_column = [cell for cell in cells if cell.field == column]
    return next(iter(in_column or cells), None)


def _suspects(data: Data, names: Iterable[str]) -> dict[str, Suspect]:
    """Return what the recorded sums point to, for each series whose sums are not as recorded."""
    known = control_sums.read_recorded(data.folder)
    found = {}
    for name in names:
        if name in data.cells and name in known:
            suspect = control_sums.suspect(data.cells[name], known[name])
            if suspect is not None:
                found[name] = suspect
    return found


def _error(data: Data, rule: str, says: str, name: str, cell: Cell | None, more: str) -> InputError:
    """Build the error for a broken rule, at a cell where one is known."""
    path = data.folder / data.resources[name]["path"]
    if cell is None:
        return rule_error(path, rule, says, more=more)
    value = int(cell.value) if cell.value == cell.value.to_integral() else float(cell.value)
    return rule_error(path, rule, says, value, more=more, row=cell.row, column=cell.field)


def _breach_error(
    data: Data, rule: Rule, breach: tuple[str, int, float], suspects: Mapping[str, Suspect]
) -> InputError:
    """Build the error for a breach; the recorded sums move the place to the cell they point to."""
    region, year, measure = breach
    unit = "%" if rule.unit else ""
    where = f"{region}, {year}" if year else region
    if rule.kind == "years":
        path = data.folder / data.resources[rule.series]["path"]
        mine = [cell.row for cell in data.cells[rule.series] if cell.region == region]
        more = f"{region} is missing in {year}"
        row = mine[0] if mine else None
        return rule_error(path, "years", rule.says, year, more=more, row=row, column="year")
    more = f"{where}: {_number(float(f'{measure:.6g}'))}{unit}, allowed is {rule.allowed}"
    says = f"{rule.says}: {rule.about}" if rule.about else rule.says
    name, cell = rule.series, _place(data, rule.series, region, year, rule.column)
    for other in [rule.series, *sorted(rule.uses)]:
        if other in suspects:
            name = other
            cell = suspects[other].cell or (cell if other == rule.series else None)
            more += f"; {suspects[other].words}"
            break
    return _error(data, rule.kind, says, name, cell, more)


def _check_own_values(data: Data, only: str | None) -> None:
    """Check that no series holds the values of another one."""
    values = {
        name: {(cell.region, cell.column): cell.value for cell in cells}
        for name, cells in data.cells.items()
    }
    for one, two in combinations(values, 2):
        both = values[one].keys() & values[two].keys()
        same = sum(values[one][at] == values[two][at] for at in both)
        if only in (None, one, two) and same > SHARED_CELLS * len(both):
            later = two if only in (None, two) else one
            says = "no file holds the values of another one"
            other = data.resources[one if later == two else two]["path"]
            more = f"{same} of {len(both)} cells are those of {other}"
            raise _error(data, "own-values", says, later, data.cells[later][0], more)


def _check_control_sums(data: Data, suspects: Mapping[str, Suspect]) -> None:
    for name, suspect in suspects.items():
        more = (
            f"{suspect.words}; once the change has been compared with the source, run "
            f"`python run.py seal ACCEPT={name}`"
        )
        says = "regions and years have the sums that were recorded when the table was read"
        raise _error(data, "control-sums", says, name, suspect.cell, more)


def check(
    folder: Path | None = None, only: str | None = None, accepted: Iterable[str] | None = None
) -> list[str]:
    """Check what the raw data say; return a line for each kind of rule.

    Parameters
    ----------
    folder : Path, optional
        The raw folder, its form already checked; the project's own by default.
    only : str, optional
        Name of one resource: only the rules that look at it are run.
    accepted : iterable of str, optional
        When sealing: the series whose control sums are about to be recorded anew; so are those
        to which a year has been added.

    Raises
    ------
    InputError
        The first broken rule, with file, row, column, rule and value.
    """
    folder = raw_folder(folder)
    every = {
        resource["name"]: folder / resource["path"]
        for resource in descriptor(folder)["resources"]
        if control_sums.has_sums(resource)
    }
    for rule in read_rules():
        if rule.series not in every:
            raise unknown_resource(folder, rule.series)
    chosen = [
        rule
        for rule in read_rules()
        if (only is None or only in rule.uses)
        and all(every[name].is_file() for name in rule.uses if name in every)
    ]
    wanted = None if only is None else {only}.union(*(rule.uses for rule in chosen))
    data = gather(folder, wanted)
    suspects = _suspects(data, sorted(data.cells))
    _check_own_values(data, only)
    for rule in chosen:
        for breach in breaches(data, rule):
            raise _breach_error(data, rule, breach, suspects)
    known = control_sums.read_recorded(data.folder)
    mine = {name: one for name, one in suspects.items() if only in (None, name)}
    if accepted is not None:
        grown = {name for name in mine if control_sums.is_enlarged(data.cells[name], known[name])}
        mine = {name: one for name, one in mine.items() if name not in grown | set(accepted)}
    _check_control_sums(data, mine)
    lines = [f"{len(chosen)} identities, bounds and steps between rows, years and series"]
    counted = sum(len(known[name]) for name in data.cells if name in known and only in (None, name))
    return [*lines, f"{counted} recorded sums of regions and years"]


def count() -> int:
    """Count the identities, bounds and steps that every check verifies."""
    return len(read_rules())


def table(folder: Path | None = None) -> pd.DataFrame:
    """Show all rules with their tolerance, their exceptions and what they protect.

    Returns
    -------
    DataFrame of str
        Columns rule, holds, for (series with what is allowed), exceptions, protects.
        Agreements with a second copy are recorded, not recomputed: the copy is not part of the
        project.
    """
    rows = []
    for (kind, about, protects), group in groupby(
        read_rules(), lambda rule: (rule.kind, rule.about, rule.protects)
    ):
        mine = list(group)
        allowed = "; ".join(f"{rule.series}: {rule.allowed}" for rule in mine)
        excused = "; ".join(filter(None, map(_list_exceptions, mine)))
        rows.append((kind, about or mine[0].says, allowed, excused, protects))
    copies = "transcription; recorded, for the copy is not here"
    for resource in descriptor(raw_folder(folder))["resources"]:
        if "second_copy" in resource:
            sentence = second_copy_sentence(resource["second_copy"])
            rows.append(("second-copy", sentence, resource["name"], "", copies))
    areas = [f"{at}: within {bound}%, {why}" for at, (bound, why) in boundaries.EXCEPTIONS.items()]
    shared = f"all series: at most {SHARED_CELLS:.0%} of the cells in common"
    rows += [
        ("own-values", "no file holds the values of another one", shared, "", "files exchanged"),
        (
            "control-sums",
            "every region and every year has its recorded sum",
            "all series: exactly",
            "",
            "cells that no identity reaches",
        ),
        (
            "boundaries",
            "valid polygons, each region once, borders as in neighbours.csv, areas as in land_area",
            f"boundaries: areas within {boundaries.WITHIN}%",
            "; ".join(areas),
            "the map",
        ),
    ]
    return pd.DataFrame(rows, columns=["rule", "holds", "for", "exceptions", "protects"])


def _list_exceptions(rule: Rule) -> str:
    """List the exceptions to a rule, each with its own bounds and the reason."""
    parts = []
    for where, exempt in rule.exceptions.items():
        bounds = "not checked"
        if exempt.low is not None and exempt.high is not None:
            bounds = _interval(exempt.low, exempt.high, rule.unit)
        parts.append(f"{rule.series}, {where}: {bounds}, {exempt.because}")
    return "; ".join(parts)
