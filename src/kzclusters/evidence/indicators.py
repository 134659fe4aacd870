"""From official series to the indicators P1 to P14.

The registry ``indicators.yml`` holds every definition; a formula is evaluated as it is
written there, so what is shown is what is computed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from hclustkit.errors import refusal

from kzclusters import paths
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.series import NATION

STATUSES = ("as defined", "proxy", "missing")
COLUMNS = ["region", "year", "indicator", "variant", "value", "unit", "status"]
DERIVED = {
    "pop": ("population_1_january", "mean of the two"),
    "astana_almaty": ("rail_distance", "{file}, KZ-AST, km_to_almaty"),
    "grp_nation": ("grp", "{file}, KZ, {year}"),
    "km_to_astana": ("rail_distance", "{file}, {region}, km_to_astana"),
    "km_to_almaty": ("rail_distance", "{file}, {region}, km_to_almaty"),
}
"""Names in formulas that are not those of a series: the series behind, and where in its file."""


def formula_names(formula: str) -> tuple[str, ...]:
    """List the names that a formula uses: series, columns of series, and `DERIVED`.

    Functions and methods are not among them.

    Examples
    --------
    >>> formula_names("employed * 1000 / pop")
    ('employed', 'pop')
    """
    tree = ast.parse(formula, mode="eval")
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called
    }
    return tuple(sorted(names))


def series_of(name: str) -> str:
    """Return the series of ``data/raw`` behind a name of a formula.

    Examples
    --------
    >>> series_of("pop"), series_of("employed")
    ('population_1_january', 'employed')
    """
    return DERIVED[name][0] if name in DERIVED else name


@dataclass(frozen=True)
class Variant:
    """One way to build an indicator."""

    name: str
    label: str
    unit: str
    formula: str
    status: str
    differs: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names that the formula uses: series, columns of series, and `DERIVED`."""
        return formula_names(self.formula)

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series of ``data/raw`` behind the formula."""
        return tuple(sorted({series_of(name) for name in self.names}))


@dataclass(frozen=True)
class Indicator:
    """One of the article's indicators, with the ways it is built here."""

    code: str
    group: str
    name: str
    definition: str
    missing: str
    variants: tuple[Variant, ...]
    national: bool = True
    """Whether its value for the whole country is a yardstick for a region."""

    @property
    def main(self) -> Variant:
        """The variant that enters the baseline."""
        return self.variants[0]

    def variant(self, name: str) -> Variant:
        """Return the variant of that name; the main one is named ``""``.

        Raises
        ------
        InputError
            There is no such variant.
        """
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(repr(variant.name) for variant in self.variants)
        text = f"indicator {self.code} has no variant {name!r}; it has {known}"
        raise refusal(text, f"indicator {self.code}", "known-variant", name)


def _read_variant(path: Path, code: str, given: dict[str, str]) -> Variant:
    """Read one way to build an indicator; refuse it where it breaks a rule of the registry."""
    try:
        variant = Variant(**given)
        formula_names(variant.formula)
    except (TypeError, SyntaxError) as error:
        says = "a variant has the known keys and a formula"
        raise rule_error(path, "variant", says, more=str(error), indicator=code) from None
    if variant.status not in STATUSES:
        says = f"the status is one of {', '.join(STATUSES)}"
        raise rule_error(path, "known-status", says, variant.status, indicator=code)
    if variant.status == "proxy" and not variant.differs:
        raise rule_error(path, "proxy-differs", "a proxy says what differs", indicator=code)
    return variant


def _read(path: Path, section: str, groups: Mapping[str, str]) -> dict[str, Indicator]:
    """Read a section of the registry; ``groups`` has the group of each code."""
    content = paths.read_yaml(path)
    found = {}
    for code, entry in content[section].items():
        variants = [_read_variant(path, code, given) for given in entry["variants"]]
        names = [variant.name for variant in variants]
        if not names or names[0] != "" or len(set(names)) < len(names):
            says = "the first variant is named '' and the others differ"
            raise rule_error(path, "variant-names", says, names, indicator=code)
        found[code] = Indicator(
            code,
            groups.get(code, ""),
            entry["name"],
            entry["definition"],
            entry.get("missing", ""),
            tuple(variants),
            entry.get("national", True),
        )
    return found


@cache
def registry(path: Path = paths.REGISTRY) -> dict[str, Indicator]:
    """Read the indicators in the order of the article, by code.

    Raises
    ------
    InputError
        An entry breaks a rule of the registry.
    """
    content = paths.read_yaml(path)
    groups = {code: group for group, codes in content["groups"].items() for code in codes}
    found = _read(path, "indicators", groups)
    if list(groups) != list(found):
        says = "groups and indicators name the same codes in the same order"
        raise rule_error(path, "same-codes", says)
    return found


def check_series(known: Collection[str]) -> None:
    """Refuse a formula with a series that the data package does not describe.

    Raises
    ------
    InputError
        With rule ``known-series``; the value is the name of the series.
    """
    for code, indicator in {**registry(), **auxiliary()}.items():
        for name in [name for variant in indicator.variants for name in variant.series]:
            if name not in known:
                says = "formulas name series that datapackage.json describes"
                raise rule_error(paths.REGISTRY, "known-series", says, name, indicator=code)


def groups() -> dict[str, list[str]]:
    """Return the codes of each group of indicators, in the order of the article."""
    found: dict[str, list[str]] = {}
    for indicator in registry().values():
        found.setdefault(indicator.group, []).append(indicator.code)
    return found


@cache
def auxiliary(path: Path = paths.REGISTRY) -> dict[str, Indicator]:
    """Read the quantities that claims mention and that take no part in the clustering."""
    return _read(path, "auxiliary", {})


def serves(code: Callable[[Indicator, Variant], str]) -> dict[str, list[str]]:
    """List what each series serves, by the name of the series: each ``code`` once."""
    found: dict[str, dict[str, None]] = {}
    for item in [*registry().values(), *auxiliary().values()]:
        for variant in item.variants:
            for name in variant.series:
                found.setdefault(name, {})[code(item, variant)] = None
    return {name: list(codes) for name, codes in found.items()}


def check_year(year: int, years: Iterable[int]) -> int:
    """Return ``year`` if it is one of the years of the study, else raise `InputError`."""
    years = list(years)
    if year not in years:
        text = f"year {year!r} is not one of the years of the study: {years}"
        raise refusal(text, "year", "study-year", year)
    return year


def inputs(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """Put all series into one frame, with the names of `DERIVED`.

    Parameters
    ----------
    series : mapping of DataFrame
        From `sources.series`: regions × years, or regions × named columns.
    years : iterable of int

    Returns
    -------
    DataFrame
        Index (region, year) for all regions and the nation; one column a name that a formula
        may use; missing where the source has nothing.
    """
    years = list(years)
    codes = [*series["population_1_january"].index.drop(NATION, errors="ignore"), NATION]
    index = pd.MultiIndex.from_product([codes, years], names=["region", "year"])
    columns = {}
    for name, frame in series.items():
        if all(isinstance(column, (int, np.integer)) for column in frame.columns):
            cells = frame.reindex(index=codes, columns=years).to_numpy(dtype=float)
            columns[name] = pd.Series(cells.ravel(), index=index)
        else:
            for column in frame.columns:
                by_region = frame[column].reindex(index.get_level_values("region"))
                columns[column] = pd.Series(by_region.to_numpy(dtype=float), index=index)
    population = series["population_1_january"]
    mean = (population + population.rename(columns=lambda year: year - 1)) / 2
    mean = mean.reindex(index=codes, columns=years)
    columns["pop"] = mean.stack(future_stack=True).reindex(index)
    if "rail_distance" in series:
        columns["astana_almaty"] = pd.Series(
            float(series["rail_distance"].loc["KZ-AST", "km_to_almaty"]), index=index
        )
    if "grp" in columns:
        nation = series["grp"].loc[NATION].reindex(years).to_numpy(dtype=float)
        columns["grp_nation"] = pd.Series(np.tile(nation, len(codes)), index=index)
    if "land_area" in columns and columns["land_area"].loc[NATION].isna().all():
        # no source prints the area of the whole country: it is that of its regions
        area = columns["land_area"].drop(index=NATION, level="region")
        for year, total in area.groupby(level="year").sum(min_count=len(codes) - 1).items():
            columns["land_area"].loc[(NATION, year)] = total
    return pd.DataFrame(columns)


def evaluate(variant: Variant, frame: pd.DataFrame) -> pd.Series:
    """Evaluate one variant for every region and year; all is missing where a series is absent."""
    if not set(variant.names) <= set(frame.columns):
        return pd.Series(np.nan, index=frame.index)
    values = frame.eval(variant.formula, engine="python")
    return pd.Series(values, index=frame.index, dtype=float)


def build(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """Build the long table of indicators, with `COLUMNS`; a missing value is an empty cell.

    Sorted by indicator and variant as in the registry, then year, then region in case order.
    A value is missing with status ``missing``; the national row is left out.
    """
    years = list(years)
    frame = inputs(series, years)
    codes = [code for code in series["population_1_january"].index if code != NATION]
    index = pd.MultiIndex.from_product([years, codes], names=["year", "region"])
    parts = []
    for indicator in registry().values():
        for variant in indicator.variants:
            values = evaluate(variant, frame).reorder_levels(["year", "region"]).reindex(index)
            part = values.rename("value").reset_index()
            part["indicator"] = indicator.code
            part["variant"] = variant.name
            part["unit"] = variant.unit
            part["status"] = np.where(part["value"].isna(), "missing", variant.status)
            parts.append(part[COLUMNS])
    return pd.concat(parts, ignore_index=True)


def national(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """Evaluate the main variants for the whole country: rows the years, columns the codes.

    The formulas on the national rows. P9 has none; an indicator that the registry marks with
    ``national: false`` (a share of the national total) has no value, for 100% is not a comparison.
    """
    frame = inputs(series, years).xs(NATION, level="region")
    values = {}
    for code, indicator in {**registry(), **auxiliary()}.items():
        found = evaluate(indicator.main, frame)
        values[code] = found if indicator.national else found * np.nan
    return pd.DataFrame(values)


def auxiliary_values(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """Evaluate the auxiliary quantities: index (region, year) without the nation."""
    frame = inputs(series, years).drop(index=NATION, level="region")
    return pd.DataFrame({code: evaluate(item.main, frame) for code, item in auxiliary().items()})


def coverage(long: pd.DataFrame) -> pd.DataFrame:
    """Return the status of each main indicator: rows the codes, columns the years."""
    main = long[long["variant"].fillna("") == ""]
    status = main.groupby(["indicator", "year"], sort=False)["status"].agg(
        lambda cells: "missing" if (cells == "missing").any() else cells.iloc[0]
    )
    return status.unstack("year")


def available(long: pd.DataFrame, year: int) -> list[str]:
    """List the indicators that have a value in every region in ``year``, by code."""
    complete = coverage(long)[year] != "missing"
    return [code for code in complete.index if complete[code]]


def describe() -> pd.DataFrame:
    """Tabulate the registry, one row for each variant."""
    rows = [
        {
            "indicator": indicator.code,
            "group": indicator.group,
            "article": indicator.definition,
            "variant": variant.name,
            "built here": variant.label,
            "unit": variant.unit,
            "formula": variant.formula,
            "series": ", ".join(variant.series),
            "status": variant.status,
            "differs": variant.differs,
            "missing": indicator.missing,
        }
        for indicator in registry().values()
        for variant in indicator.variants
    ]
    return pd.DataFrame(rows)


def worked_example(
    series: Mapping[str, pd.DataFrame], code: str, region: str, year: int
) -> pd.DataFrame:
    """Follow one value from the raw cells, as a reader would on paper.

    Returns
    -------
    DataFrame
        Columns ``step`` (name of a cell, or the formula), ``from`` (file and place), ``value``.
        The last row is the indicator. Without a series the value stays empty.
    """
    variant = registry()[code].main
    frame = inputs(series, [year])
    rows = []
    for name in variant.names:
        if name == "pop":
            population = series["population_1_january"].loc[region]
            for at in (year, year + 1):
                cell = f"population_1_january.csv, {region}, {at}"
                rows.append((f"population on 1 January {at}", cell, float(population[at])))
        file, place = DERIVED.get(name, (name, "{file}, {region}, {year}"))
        place = place.format(file=f"{file}.csv", region=region, year=year)
        value = frame[name].loc[(region, year)] if name in frame else np.nan
        rows.append((name, place, value))
    last = evaluate(variant, frame).loc[(region, year)]
    rows.append((f"{code} = {variant.formula}", variant.unit, last))
    return pd.DataFrame(rows, columns=["step", "from", "value"])


def distance_shares(standardized: pd.DataFrame) -> pd.Series:
    """Return the share of each column in the sum of all squared distances between rows.

    The sum over pairs of (x_i - x_j)^2 is n times the centred sum of squares of the column.
    """
    squares = ((standardized - standardized.mean()) ** 2).sum()
    return squares / squares.sum()
