"""From official series to the indicators P1 to P14.

The registry ``indicators.yml`` holds every definition; a formula is evaluated as it is
written there, so what is shown is what is computed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from hclustkit.errors import InputError

from kzclusters import paths
from kzclusters.evidence.sources import NATION

STATUSES = ("as defined", "proxy", "missing")
COLUMNS = ["region", "year", "indicator", "variant", "value", "unit", "status"]
DERIVED = ("pop", "astana_almaty", "grp_nation")


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
        tree = ast.parse(self.formula, mode="eval")
        return tuple(sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}))

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series of ``data/raw`` behind the formula."""
        meaning = {
            "pop": "population_1_january",
            "astana_almaty": "rail_distance",
            "grp_nation": "grp",
            "km_to_astana": "rail_distance",
            "km_to_almaty": "rail_distance",
        }
        return tuple(sorted({meaning.get(name, name) for name in self.names}))


@dataclass(frozen=True)
class Indicator:
    """One of the article's indicators, with the ways it is built here."""

    code: str
    group: str
    name: str
    definition: str
    missing: str
    variants: tuple[Variant, ...]

    @property
    def main(self) -> Variant:
        """The variant that enters the baseline."""
        return self.variants[0]

    def variant(self, name: str) -> Variant:
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(repr(variant.name) for variant in self.variants)
        raise InputError(f"indicator {self.code} has no variant {name!r}; it has {known}")


def _read(path: Path, section: str, groups: Mapping[str, str]) -> dict[str, Indicator]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = {}
    for code, entry in content[section].items():
        variants = []
        for given in entry["variants"]:
            try:
                variant = Variant(**given)
                variant.names
            except (TypeError, SyntaxError) as error:
                raise InputError(f"{path.name}: {code}: {error}") from None
            if variant.status not in STATUSES:
                raise InputError(f"{path.name}: {code}: status {variant.status!r} is not known")
            if variant.status == "proxy" and not variant.differs:
                raise InputError(f"{path.name}: {code}: a proxy must say what differs")
            variants.append(variant)
        names = [variant.name for variant in variants]
        if not names or names[0] != "" or len(set(names)) < len(names):
            raise InputError(
                f"{path.name}: {code}: the first variant is named '', the others differ"
            )
        found[code] = Indicator(
            code,
            groups.get(code, ""),
            entry["name"],
            entry["definition"],
            entry.get("missing", ""),
            tuple(variants),
        )
    return found


@cache
def registry(path: Path = paths.REGISTRY) -> dict[str, Indicator]:
    """The indicators in the order of the article, by code.

    Raises
    ------
    InputError
        An entry breaks a rule of the registry.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    groups = {code: group for group, codes in content["groups"].items() for code in codes}
    found = _read(path, "indicators", groups)
    if list(groups) != list(found):
        raise InputError(f"{path.name}: groups and indicators do not name the same codes in order")
    return found


def groups() -> dict[str, list[str]]:
    """Group of indicators → codes, in the order of the article."""
    found: dict[str, list[str]] = {}
    for indicator in registry().values():
        found.setdefault(indicator.group, []).append(indicator.code)
    return found


@cache
def auxiliary(path: Path = paths.REGISTRY) -> dict[str, Indicator]:
    """Quantities that claims speak of and that take no part in the clustering."""
    return _read(path, "auxiliary", {})


def check_year(year: int, years: Iterable[int]) -> int:
    """Return ``year`` if it is one of the years of the study, else raise `InputError`."""
    years = list(years)
    if year not in years:
        raise InputError(f"year {year!r} is none of the years of the study: {years}")
    return year


def inputs(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """All series in one frame, with the names of `DERIVED`.

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
    codes = list(series["population_1_january"].index)
    index = pd.MultiIndex.from_product([codes, years], names=["region", "year"])
    columns = {}
    for name, frame in series.items():
        if all(isinstance(column, (int, np.integer)) for column in frame.columns):
            cells = frame.reindex(index=codes, columns=years).stack(future_stack=True)
            columns[name] = cells.reindex(index).astype(float)
        else:
            for column in frame.columns:
                by_region = frame[column].reindex(index.get_level_values("region"))
                columns[column] = pd.Series(by_region.to_numpy(dtype=float), index=index)
    population = series["population_1_january"]
    mean = {
        year: (population[year] + population[year + 1]) / 2
        for year in years
        if {year, year + 1} <= set(population.columns)
    }
    mean_population = pd.DataFrame(mean).reindex(index=codes, columns=years)
    columns["pop"] = mean_population.stack(future_stack=True).reindex(index)
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
    """Values of one variant: index (region, year); all missing where a series is absent."""
    if not set(variant.names) <= set(frame.columns):
        return pd.Series(np.nan, index=frame.index)
    values = frame.eval(variant.formula, engine="python")
    return pd.Series(values, index=frame.index, dtype=float)


def build(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """The long table of indicators, `COLUMNS`; missing values are there, empty.

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
    """Values of the whole country: rows the years, columns the codes (main variants).

    The formulas on the national rows. P9 has none, and neither has a share of the national
    total, which is 100 % there and no yardstick for a region.
    """
    frame = inputs(series, years).xs(NATION, level="region")
    values = {}
    for code, indicator in {**registry(), **auxiliary()}.items():
        values[code] = evaluate(indicator.main, frame)
        if indicator.definition.endswith("share of the national total"):
            values[code][:] = np.nan
    return pd.DataFrame(values)


def auxiliary_values(series: Mapping[str, pd.DataFrame], years: Iterable[int]) -> pd.DataFrame:
    """The auxiliary quantities: index (region, year) without the nation."""
    frame = inputs(series, years).drop(index=NATION, level="region")
    return pd.DataFrame({code: evaluate(item.main, frame) for code, item in auxiliary().items()})


def coverage(long: pd.DataFrame) -> pd.DataFrame:
    """Status of each main indicator by year: rows the codes, columns the years."""
    main = long[long["variant"].fillna("") == ""]
    status = main.groupby(["indicator", "year"], sort=False)["status"].agg(
        lambda cells: "missing" if (cells == "missing").any() else cells.iloc[0]
    )
    return status.unstack("year")


def available(long: pd.DataFrame, year: int) -> list[str]:
    """Codes of the indicators that have a value in every region in ``year``."""
    complete = coverage(long)[year] != "missing"
    return [code for code in complete.index if complete[code]]


def describe() -> pd.DataFrame:
    """The registry as a table, one row a variant."""
    return pd.DataFrame(
        [
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
    )


def worked_example(
    series: Mapping[str, pd.DataFrame], code: str, region: str, year: int
) -> pd.DataFrame:
    """One value followed from the raw cells: what a reader would write on paper.

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
                rows.append(
                    {
                        "step": f"population on 1 January {at}",
                        "from": f"population_1_january.csv, {region}, {at}",
                        "value": float(population[at]),
                    }
                )
        place = {
            "pop": "mean of the two",
            "astana_almaty": "rail_distance.csv, KZ-AST, km_to_almaty",
            "km_to_astana": f"rail_distance.csv, {region}, km_to_astana",
            "km_to_almaty": f"rail_distance.csv, {region}, km_to_almaty",
        }.get(name, f"{name}.csv, {region}, {year}")
        value = frame[name].loc[(region, year)] if name in frame else np.nan
        rows.append({"step": name, "from": place, "value": value})
    rows.append(
        {
            "step": f"{code} = {variant.formula}",
            "from": variant.unit,
            "value": evaluate(variant, frame).loc[(region, year)],
        }
    )
    return pd.DataFrame(rows)


def distance_shares(standardized: pd.DataFrame) -> pd.Series:
    """Share of each column in the sum of all squared Euclidean distances between rows.

    The sum over pairs of (x_i - x_j)^2 is n times the centred sum of squares of the column.
    """
    squares = ((standardized - standardized.mean()) ** 2).sum()
    return squares / squares.sum()
