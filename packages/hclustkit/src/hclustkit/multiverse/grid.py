"""The grid of analyses: what is declared, what the data allow, how many there are.

A specification is a year, for each indicator one of its variants or none, a scaling and a
linkage. `Grid` declares what may vary; `prepare` compares it with the data, and keeps an
account of what cannot enter and why.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hclustkit.arguments import check_choice, check_whole
from hclustkit.arrays import check_k
from hclustkit.distances import squared_differences
from hclustkit.errors import InputError, fault
from hclustkit.multiverse.long_table import Cube, column_name, cube_of
from hclustkit.scaling import SCALINGS, standardize
from hclustkit.tree.linkage import LINKAGES

MAX_CODE = 2**62
"""Choices of a slice are numbered in an int64."""


def _sequence(value: Any, what: str) -> tuple[Any, ...]:
    """Return ``value`` as a tuple without repetitions, at least one long."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise fault(f"grid: {what}", f"expected a list, got {value!r}", "list", value)
    values = tuple(value)
    if not values:
        raise fault(f"grid: {what}", "the list is empty", "empty-list")
    for place, entry in enumerate(values):
        if entry in values[:place]:
            raise fault(f"grid: {what}", f"{entry!r} appears more than once", "repeated", entry)
    return values


@dataclass(frozen=True)
class Grid:
    """What may vary from one analysis to the next.

    Parameters
    ----------
    years : sequence of int
    indicators : mapping of indicator to its variants
        ``""`` is the main variant. In each specification an indicator is absent or has
        one of its variants.
    k : int
        Number of clusters at which partitions are compared with the reference.
    scalings : sequence of str
        Names in `hclustkit.scaling.SCALINGS`.
    linkages : sequence of str
        Names in `hclustkit.tree.linkage.LINKAGES`.
    min_indicators : int
        Fewest indicators in a specification.
    consensus_ks : sequence of int
        Numbers of clusters over which pairs are counted as well; by default ``k`` alone.

    Raises
    ------
    InputError
        A setting that is empty, repeated, of the wrong kind or unknown.
    """

    years: tuple[int, ...]
    indicators: Mapping[str, tuple[str, ...]]
    k: int
    scalings: tuple[str, ...] = ("zscore", "range", "rank", "log-zscore")
    linkages: tuple[str, ...] = ("ward", "average", "complete")
    min_indicators: int = 1
    consensus_ks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        years = _sequence(self.years, "years")
        put("years", tuple(check_whole(year, "grid: years", -MAX_CODE) for year in years))
        if not isinstance(self.indicators, Mapping) or not self.indicators:
            text = "expected a mapping of indicator to variants"
            raise fault("grid: indicators", text, "mapping")
        indicators = {}
        for indicator, given in self.indicators.items():
            variants = _sequence(given, f"indicators: {indicator}")
            indicators[str(indicator)] = tuple("" if v is None else str(v) for v in variants)
        put("indicators", indicators)
        scalings = _sequence(self.scalings, "scalings")
        put("scalings", tuple(check_choice(name, SCALINGS, "scaling") for name in scalings))
        linkages = _sequence(self.linkages, "linkages")
        put("linkages", tuple(check_choice(name, LINKAGES, "linkage") for name in linkages))
        put("min_indicators", check_whole(self.min_indicators, "grid: min_indicators", 1))
        put("k", check_whole(self.k, "grid: k", 1))
        ks = _sequence(self.consensus_ks or (self.k,), "consensus_ks")
        put("consensus_ks", tuple(check_whole(k, "grid: consensus_ks", 1) for k in ks))
        if math.prod(len(variants) + 1 for variants in self.indicators.values()) > MAX_CODE:
            text = f"grid: {len(self.indicators)} indicators have too many combinations"
            raise fault("grid: indicators", text, "too-many-combinations", len(self.indicators))

    @classmethod
    def from_data(cls, frame: pd.DataFrame, *, label: str | None = None, **settings: Any) -> Grid:
        """Make the grid of everything the data hold.

        Parameters
        ----------
        frame : DataFrame
            Long; see `hclustkit.multiverse.long_table.check_long`.
        label : str
        **settings
            Any field of `Grid`. ``years`` left out: those in which at least
            ``min_indicators`` indicators are complete. ``indicators`` left out, or given as
            a list of names: every variant that is complete in one of the years, so what is
            added to the data enters automatically.

        Raises
        ------
        InputError
            An unknown setting, or a year or indicator that the data do not have.
        """
        known = {field.name for field in fields(cls)}
        for name in settings:
            check_choice(name, sorted(known), "setting of the grid")
        if "k" not in settings:
            raise fault("grid: k", "the number of clusters is missing", "missing")
        cube = cube_of(frame, label)
        minimum = check_whole(
            settings.get("min_indicators", cls.min_indicators), "grid: min_indicators", 1
        )
        years = settings.get("years")
        if years is None:
            years = [year for year in cube.years if len(cube.indicators(year)) >= minimum]
            if not years:
                text = f"no year has {minimum} complete indicators"
                raise fault("data", text, "no-complete-year", minimum)
        years = _sequence(years, "years")
        for year in years:
            if year not in cube.years:
                raise fault("grid: years", f"the data have no year {year!r}", "unknown-year", year)
        indicators = settings.get("indicators")
        if not isinstance(indicators, Mapping):
            found: dict[str, list[str]] = {}
            for name, variant in cube.columns:
                if any(cube.complete(year, name, variant) for year in years):
                    found.setdefault(name, []).append(variant)
            if indicators is None:
                indicators = found
            else:
                wanted = _sequence(indicators, "indicators")
                for name in wanted:
                    if name not in found:
                        text = f"{name!r} is not complete in any of the years"
                        raise fault("grid: indicators", text, "incomplete-indicator", name)
                indicators = {name: found[name] for name in wanted}
        settings.update(years=years, indicators=indicators)
        return cls(**settings)

    @classmethod
    def from_mapping(
        cls, settings: Mapping[str, Any], frame: pd.DataFrame, *, label: str | None = None
    ) -> Grid:
        """Do as `from_data`, with settings in a mapping such as a section of a study file."""
        if not isinstance(settings, Mapping):
            text = f"expected a mapping of settings, got {settings!r}"
            raise fault("grid", text, "mapping", settings)
        named = {str(name): value for name, value in settings.items()}
        return cls.from_data(frame, label=label, **named)

    @classmethod
    def from_yaml(cls, path: str | Path, frame: pd.DataFrame, *, label: str | None = None) -> Grid:
        """Do as `from_mapping`, with settings read from a YAML file."""
        import yaml

        path = Path(path)
        if not path.is_file():
            raise fault(path.name, "the file is missing", "file-missing", str(path))
        try:
            settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            reason = " ".join(str(error).split())
            raise fault(path.name, f"not a YAML file: {reason}", "yaml", reason) from None
        return cls.from_mapping(settings or {}, frame, label=label)

    def to_mapping(self) -> dict[str, Any]:
        """Return plain lists and numbers, as `from_mapping` reads them."""
        return {
            "years": list(self.years),
            "indicators": {name: list(variants) for name, variants in self.indicators.items()},
            "scalings": list(self.scalings),
            "linkages": list(self.linkages),
            "min_indicators": self.min_indicators,
            "k": self.k,
            "consensus_ks": list(self.consensus_ks),
        }

    @property
    def weights(self) -> tuple[int, ...]:
        """What one step of each indicator adds to a choice number (see `encode`)."""
        sizes = [len(variants) + 1 for variants in self.indicators.values()]
        return tuple(math.prod(sizes[:place]) for place in range(len(sizes)))

    def encode(self, chosen: Mapping[str, str]) -> int:
        """Number a choice of variants such as ``{"P2": "", "P12": "manufacturing"}``.

        In mixed radix: the digit of an indicator is 0 when it is absent, else the place of
        its variant from 1; the first indicator is the lowest digit.

        Raises
        ------
        InputError
            An indicator or variant that the grid does not have.
        """
        number = 0
        for name, variant in chosen.items():
            if name not in self.indicators or variant not in self.indicators[name]:
                text = f"the grid has no indicator {column_name(name, variant)!r}"
                raise fault("indicators", text, "unknown-indicator", column_name(name, variant))
            place = list(self.indicators).index(name)
            number += (self.indicators[name].index(variant) + 1) * self.weights[place]
        return number

    def digits(self, choices: np.ndarray) -> np.ndarray:
        """Return the digits of choice numbers: int16 array, shape (B, indicators); 0 is absent."""
        out = np.empty((len(choices), len(self.indicators)), dtype=np.int16)
        rest = np.asarray(choices, dtype=np.int64)
        for place, variants in enumerate(self.indicators.values()):
            rest, out[:, place] = np.divmod(rest, len(variants) + 1)
        return out


def count_choices(variants: Iterable[int], minimum: int) -> int:
    """Count the choices with at least ``minimum`` indicators, by a generating polynomial.

    An indicator with m variants is absent in one way and present in m, so the coefficient of
    x^s in the product of (1 + m x) counts the choices with s indicators.

    Parameters
    ----------
    variants : iterable of int
        For each indicator, its number of variants.
    minimum : int

    Returns
    -------
    int

    Examples
    --------
    Of two indicators, the second with two variants, there are three pairs and three single ones:

    >>> count_choices([1, 2], 2), count_choices([1, 2], 1)
    (2, 5)
    """
    coefficients = [1]
    for m in variants:
        shifted = [0, *(m * c for c in coefficients)]
        coefficients = [a + b for a, b in itertools.zip_longest(coefficients, shifted, fillvalue=0)]
    return sum(coefficients[minimum:])


@dataclass(frozen=True, eq=False)
class Slice:
    """All specifications of one year and one scaling.

    Attributes
    ----------
    year, scaling
    options : for each indicator of the grid, the digits it may take besides 0
    rows : for each indicator, the row of ``squares`` behind each of its options
    values : float64 array, shape (n objects, columns), unscaled
    squares : float64 array, shape (columns, n (n - 1) / 2)
        Squared differences of the scaled columns.
    largest : float64 array, shape (columns,)
        The largest absolute value of each scaled column.
    """

    year: int
    scaling: str
    options: tuple[tuple[int, ...], ...]
    rows: tuple[tuple[int, ...], ...]
    values: np.ndarray
    squares: np.ndarray
    largest: np.ndarray

    @property
    def codes(self) -> int:
        """Number of combinations of options, those with too few indicators included."""
        return math.prod(len(options) + 1 for options in self.options)

    def enumerate(
        self, low: int, high: int, minimum: int, weights: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """List the combinations ``low``..``high`` - 1 that have enough indicators.

        Returns
        -------
        choices : int64 array, shape (B,)
            As numbered by `Grid.encode`, ascending.
        addends : int32 array, shape (B, indicators)
            Rows of ``squares`` that add up to the distances; -1 where absent.
        """
        rest = np.arange(low, high, dtype=np.int64)
        choices = np.zeros(len(rest), dtype=np.int64)
        present = np.zeros(len(rest), dtype=np.int64)
        addends = np.empty((len(rest), len(self.options)), dtype=np.int32)
        for place, (options, rows) in enumerate(zip(self.options, self.rows, strict=True)):
            rest, digit = np.divmod(rest, len(options) + 1)
            present += digit > 0
            choices += np.array([0, *options], dtype=np.int64)[digit] * weights[place]
            addends[:, place] = np.array([-1, *rows], dtype=np.int32)[digit]
        enough = present >= minimum
        return choices[enough], addends[enough]


@dataclass(frozen=True, eq=False)
class Design:
    """A grid compared with the data: the specifications that exist.

    Attributes
    ----------
    grid : Grid
    labels : labels of the objects, in the order of their first appearance in the data;
        where distances tie, that order decides (see `hclustkit.tree.linkage`)
    slices : one for each year and scaling
    columns : DataFrame
        For each year, scaling, indicator and variant of the grid: ``status`` (``used``,
        ``missing`` where not all labels have a value, ``excluded`` where the scaling
        cannot take it) and ``reason``.
    counts : DataFrame
        For each year, scaling and linkage: ``indicators`` available, ``specifications``,
        and ``excluded``, the specifications lost to excluded columns.
    """

    grid: Grid
    labels: tuple[Hashable, ...]
    slices: tuple[Slice, ...]
    columns: pd.DataFrame
    counts: pd.DataFrame

    @property
    def size(self) -> int:
        """Number of specifications."""
        return int(self.counts["specifications"].sum())

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows of ``columns`` that the scaling cannot take."""
        return self.columns[self.columns["status"] == "excluded"].reset_index(drop=True)

    def ranges(self, chunk_size: int) -> Iterator[tuple[Slice, str, int, int]]:
        """Yield slice, linkage and range of combinations of each chunk, in order."""
        for part in self.slices:
            for linkage in self.grid.linkages:
                for low in range(0, part.codes, chunk_size):
                    yield part, linkage, low, min(low + chunk_size, part.codes)


def _check_against(grid: Grid, cube: Cube) -> None:
    """Refuse a grid that asks for what the data do not have."""
    n = len(cube.labels)
    if n < 2:
        raise fault("data", f"{n} labels, at least 2 are needed", "too-few-rows", n)
    check_k(grid.k, n, "grid: k")
    for k in grid.consensus_ks:
        check_k(k, n, "grid: consensus_ks")
    for year in grid.years:
        if year not in cube.years:
            raise fault("grid: years", f"the data have no year {year}", "unknown-year", year)
    for indicator, variants in grid.indicators.items():
        for variant in variants:
            if (indicator, variant) not in cube.columns:
                name = column_name(indicator, variant)
                text = f"the data have no {name!r}"
                raise fault("grid: indicators", text, "unknown-indicator", name)


def _scale_column(
    cube: Cube, year: int, indicator: str, variant: str, scaling: str
) -> tuple[np.ndarray | None, str, str]:
    """Scale one column: its values where it can be used, its status and the reason."""
    column = cube.column(year, indicator, variant)
    n = len(cube.labels)
    absent = n if column is None else int(np.isnan(column).sum())
    if absent:
        return None, "missing", f"{absent} of {n} labels have no value"
    name = column_name(indicator, variant)
    one = pd.DataFrame({name: column}, index=list(cube.labels))
    try:
        return standardize(one, scaling)[name].to_numpy(), "used", ""
    except InputError as error:
        return None, "excluded", str(error)


def _slice(
    grid: Grid, cube: Cube, year: int, scaling: str
) -> tuple[Slice, list[tuple[Any, ...]], list[int]]:
    """Build a slice; with it the account of its columns, and how many variants are complete."""
    n = len(cube.labels)
    options, rows, complete = [], [], []
    columns: list[np.ndarray | None] = []
    scaled, account = [], []
    for indicator, variants in grid.indicators.items():
        digits, places, available = [], [], 0
        for digit, variant in enumerate(variants, start=1):
            values, status, reason = _scale_column(cube, year, indicator, variant, scaling)
            available += status != "missing"
            if values is not None:
                scaled.append(values)
                digits.append(digit)
                places.append(len(columns))
                columns.append(cube.column(year, indicator, variant))
            account.append((year, scaling, indicator, variant, status, reason))
        options.append(tuple(digits))
        rows.append(tuple(places))
        complete.append(available)
    scaled_columns = np.array(scaled).reshape(-1, n)
    part = Slice(
        year=year,
        scaling=scaling,
        options=tuple(options),
        rows=tuple(rows),
        values=np.array(columns).reshape(-1, n).T,
        squares=squared_differences(scaled_columns.T),
        largest=np.abs(scaled_columns).max(axis=1, initial=0.0),
    )
    return part, account, complete


def prepare(grid: Grid, frame: pd.DataFrame, *, label: str | None = None) -> Design:
    """Compare a grid with the data and list the specifications that exist.

    An (indicator, variant) is available in a year if every label has a value. A column that a
    scaling cannot take (constant; zero or negative under logarithms) is left out under
    that scaling, and the account says so.

    Parameters
    ----------
    grid : Grid
    frame : DataFrame
        Long data; see `hclustkit.multiverse.long_table.check_long`.
    label : str, optional
        The column of labels in ``frame``; by default the first.

    Returns
    -------
    Design

    Raises
    ------
    InputError
        Bad data (see `hclustkit.multiverse.long_table.check_long`); a declared year or variant
        that the data do not have; a number of clusters that the objects cannot form; no
        specification at all.

    Examples
    --------
    >>> data = pd.DataFrame({"region": [*"ABCD"] * 2, "year": 2001, "variant": ""})
    >>> data = data.assign(indicator=[*"ppppqqqq"], value=[1, 2, 8, 9, 1, 3, 7, 9])
    >>> grid = Grid.from_data(data, k=2, min_indicators=1)
    >>> prepare(grid, data).size
    36
    """
    cube = cube_of(frame, label)
    _check_against(grid, cube)
    slices, account, counts = [], [], []
    for year in grid.years:
        for scaling in grid.scalings:
            part, columns, complete = _slice(grid, cube, year, scaling)
            slices.append(part)
            account += columns
            size = count_choices(map(len, part.options), grid.min_indicators)
            whole = count_choices(complete, grid.min_indicators)
            indicators = sum(1 for digits in part.options if digits)
            for linkage in grid.linkages:
                counts.append((year, scaling, linkage, indicators, size, whole - size))
    heads = ["year", "scaling", "indicator", "variant", "status", "reason"]
    of_columns = pd.DataFrame(account, columns=heads)
    heads = ["year", "scaling", "linkage", "indicators", "specifications", "excluded"]
    of_slices = pd.DataFrame(counts, columns=heads)
    design = Design(grid, cube.labels, tuple(slices), of_columns, of_slices)
    if design.size == 0:
        text = (
            f"no specification: in no year do {grid.min_indicators} indicators "
            "have a value for every label"
        )
        raise fault("grid: min_indicators", text, "no-specification", grid.min_indicators)
    return design
