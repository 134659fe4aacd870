"""Counts of businesses: what is known by each reading, and within which bounds the rest lies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from hclustkit.errors import refusal

from kzclusters import paths
from kzclusters.analysis.missing.findings import BothCounts, Reading, ValueSet
from kzclusters.evidence import sources
from kzclusters.evidence.indicators import inputs
from kzclusters.evidence.rules import rule_error
from kzclusters.evidence.text_tables import check_all, read_columns, text_column

MEASURES = ("operating", "registered")
COLUMNS = ("P10", "P11")
LOGICAL = "logical"
SETS = (LOGICAL, "double", "half", "seen")
BASES = ("other count", "inhabitants")


@dataclass(frozen=True)
class Counts:
    """Counts of businesses by every reading, with what their bounds are taken from.

    Attributes
    ----------
    known : reading -> measure -> DataFrame, regions × years; empty where unknown
    area, people, active : DataFrame, regions × years: km², inhabitants, active persons
    floor : measure -> DataFrame, regions × years: units that could be read
    sets : as ``value_sets.csv`` has them
    readings : as ``readings.csv`` has them, index the name
    names : code -> name of a region
    """

    known: dict[str, dict[str, pd.DataFrame]]
    area: pd.DataFrame
    people: pd.DataFrame
    active: pd.DataFrame
    floor: dict[str, pd.DataFrame]
    sets: pd.DataFrame
    readings: pd.DataFrame
    names: dict[str, str]

    @property
    def years(self) -> list[int]:
        """The years that could be read."""
        return [int(year) for year in self.area.columns]

    def other(self, reading: str) -> str:
        """Return the name of the other reading."""
        return next(name for name in self.known if name != reading)

    def regions_without(self, reading: str, year: int) -> pd.Index:
        """Return the regions without one of the two counts, in case order."""
        pair = pd.DataFrame({m: table[year] for m, table in self.known[reading].items()})
        return pair.index[pair.isna().any(axis=1)]


def read(years: list[int], folder: Path | None = None, *, year: int | None = None) -> Counts:
    """Read the partial series and the assumptions of ``data/raw``.

    A year in which area, inhabitants or active persons of a region are not known is left out: P10
    and P11 have no bounds there.

    Parameters
    ----------
    years : of the study
    folder : of the raw data; the project's own by default
    year : that of the baseline, if it must be among those that can be read

    Raises
    ------
    InputError
        ``year`` has to be left out, or a rule of a file is broken.
    """
    folder = folder or paths.RAW
    regions = sources.regions(folder)
    frame = inputs(sources.series(folder), years)[["land_area", "pop", "labour_force"]]
    whole = frame.notna().all(axis=1).groupby("year").all()
    years = [each for each in years if whole[each]]
    if year is not None and year not in years:
        text = f"{year}: area, inhabitants or active persons of a region are not known, "
        raise refusal(text + "so that P10 and P11 have no bounds", "year", "no-bounds", year)
    partial = sources.partial_series(folder)
    readings, sets = _assumptions(folder, partial)

    def wide(name: str) -> pd.DataFrame:
        return frame[name].unstack("year").loc[regions.index, years]

    def pivoted(table: pd.DataFrame, values: str) -> pd.DataFrame:
        cells = table.pivot(index="region", columns="year", values=values)
        return cells.reindex(index=regions.index, columns=years)

    lower = partial["legal_entities_lower_bounds"]
    return Counts(
        known={
            str(name): {
                measure: pivoted(partial[row[measure]], "value").astype(float)
                for measure in MEASURES
            }
            for name, row in readings.iterrows()
        },
        area=wide("land_area"),
        people=wide("pop"),
        active=wide("labour_force") * 1000,
        floor={
            measure: pivoted(lower[lower["measure"] == measure], "lower_bound").fillna(1.0)
            for measure in MEASURES
        },
        sets=sets,
        readings=readings,
        names=regions["name_en"].to_dict(),
    )


def _assumptions(folder: Path, partial: Collection[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read readings and sets of values: one main reading, known series, a factor for each set."""
    path = folder / "readings.csv"
    readings = read_columns(
        path,
        {
            "reading": text_column(once=True),
            "main": text_column(("yes", "no")),
            "title": text_column(),
            **dict.fromkeys(MEASURES, text_column(partial)),
            "reason": text_column(),
        },
    ).set_index("reading")
    main = list(readings["main"]).count("yes")
    if main != 1:
        raise rule_error(path, "one-main", "one reading is the main one", main, column="main")
    path = folder / "value_sets.csv"
    sets = read_columns(
        path,
        {
            "values": text_column(SETS),
            "factor": text_column(optional=True, form=r"^([1-9][0-9]*(\.[0-9]+)?)?$"),
            "basis": text_column(("any", *BASES)),
            "assumption": text_column(),
        },
    )
    rows = [f"{LOGICAL}: any", *(f"{name}: {basis}" for name in SETS[1:] for basis in BASES)]
    check_all(path, "basis", sets["values"] + ": " + sets["basis"], rows, "every set is whole")
    sets["factor"] = pd.to_numeric(sets["factor"])
    for name, factors in sets.groupby("values")["factor"]:
        if factors.isna().any() != (name == LOGICAL) or factors.nunique() > 1:
            says = f"all rows of a set have one factor, those of {LOGICAL} none"
            raise rule_error(path, "one-factor", says, name, column="factor")
    return readings, sets


def describe_readings(counts: Counts, year: int) -> dict[str, Reading]:
    """Say which regions each reading knows."""
    found = {}
    for name, row in counts.readings.iterrows():
        unknown = counts.regions_without(str(name), year)
        known = [code for code in counts.names if code not in unknown]
        found[str(name)] = Reading(
            name=str(name),
            title=row["title"],
            main=row["main"] == "yes",
            n_known=len(known),
            n_unknown=len(unknown),
            known=tuple(counts.names[code] for code in known),
            unknown=tuple(counts.names[code] for code in unknown),
        )
    return found


def describe_sets(counts: Counts) -> dict[str, ValueSet]:
    """Return the sets with their assumptions, the widest first."""
    return {
        str(name): ValueSet(
            str(name),
            None if pd.isna(rows["factor"].iloc[0]) else float(rows["factor"].iloc[0]),
            " ".join(dict.fromkeys(rows["assumption"])),
        )
        for name, rows in counts.sets.groupby("values", sort=False)
    }


def both_counts(counts: Counts) -> tuple[BothCounts, ...]:
    """Compare the two counts in the regions that have both."""
    first, second = counts.known
    found = []
    for year in counts.years:
        for measure in MEASURES:
            pair = pd.DataFrame(
                {name: counts.known[name][measure][year] for name in (first, second)}
            ).dropna()
            ratio = pair[first] / pair[second]
            found.append(
                BothCounts(
                    year=year,
                    measure=measure,
                    n=len(pair),
                    per_area=_rank_correlation(pair, counts.area[year]),
                    per_inhabitant=_rank_correlation(pair, counts.people[year]),
                    ratio_low=float(ratio.min()),
                    ratio_high=float(ratio.max()),
                )
            )
    return tuple(found)


def _rank_correlation(pair: pd.DataFrame, per: pd.Series) -> float:
    """Return Spearman's correlation of two columns, each divided by the same."""
    return float(pair.div(per.loc[pair.index], axis=0).corr("spearman").iloc[0, 1])


def ratios(counts: Counts, year: int) -> pd.DataFrame:
    """Return the ratio of the two counts in each region that has both, measures across."""
    first, second = counts.known
    found = {m: counts.known[first][m][year] / counts.known[second][m][year] for m in MEASURES}
    return pd.DataFrame(found).dropna().rename(index=counts.names)


@dataclass(frozen=True)
class Bounds:
    """Bounds of the unknown counts of one reading, year and set, one row a region.

    Attributes
    ----------
    table : DataFrame
        ``operating_low``, ``operating_high``, ``registered_low``, ``registered_high``,
        ``share_low``, ``share_high`` (operating of registered) and ``basis``.
    """

    table: pd.DataFrame

    def draw(self, rng: np.random.Generator, n: int, *, corners: bool = False) -> np.ndarray:
        """Draw operating counts and their shares of the registered ones.

        Returns
        -------
        array, shape (n, regions, 2)
            Operating counts, uniform in the logarithm, and registered ones, from a share that
            is uniform within what the bounds leave; at ``corners`` both are at an end.
        """
        at = {name: column.to_numpy() for name, column in self.table.items()}
        low, high = np.log(at["operating_low"]), np.log(at["operating_high"])
        u = rng.random((2, n, len(low)))
        if corners:
            u = np.round(u)
        operating = np.exp(low + u[0] * (high - low))
        least = np.maximum(at["share_low"], operating / at["registered_high"])
        most = np.minimum(at["share_high"], operating / at["registered_low"])
        share = least + u[1] * (most - least)
        return np.stack([operating, operating / share], axis=-1)


def bounds(counts: Counts, reading: str, year: int, values: str) -> Bounds:
    """Find the bounds of the unknown counts.

    Parameters
    ----------
    counts : Counts
    reading, values : names of a reading and of a set of values
    year : one of the years that could be read
    """
    unknown = counts.regions_without(reading, year)
    active = counts.active[year].loc[unknown]
    floor = {measure: counts.floor[measure][year].loc[unknown] for measure in MEASURES}
    if counts.readings.loc[reading, "main"] != "yes":
        # the units that could be read are legal entities, the main reading
        floor = dict.fromkeys(MEASURES, pd.Series(1.0, unknown))
    share_low, share_high = pd.Series(0.0, unknown), pd.Series(1.0, unknown)
    low, high = dict(floor), {measure: active.copy() for measure in MEASURES}
    basis = pd.Series(LOGICAL, unknown)
    if values != LOGICAL:
        factor = float(counts.sets.loc[counts.sets["values"] == values, "factor"].iloc[0])
        known = counts.known[reading]
        seen = known["operating"][year] / known["registered"][year]
        share_low += seen.min() / factor
        share_high *= min(1.0, seen.max() * factor)
        for measure in MEASURES:
            under, over, basis = _seen(counts, reading, year, measure)
            low[measure] = np.maximum(floor[measure], under / factor)
            high[measure] = np.minimum(active, over * factor)
    for measure, table in counts.known[reading].items():
        # where a region has one of the two counts, that one is not drawn
        given = table[year].loc[unknown]
        low[measure], high[measure] = given.fillna(low[measure]), given.fillna(high[measure])
    # the bounds of the share bound each count by the other
    operating = counts.known[reading]["operating"][year].loc[unknown]
    table = pd.DataFrame(
        {
            "operating_low": operating.fillna(
                np.maximum(low["operating"], share_low * low["registered"])
            ),
            "operating_high": operating.fillna(
                np.minimum(high["operating"], share_high * high["registered"])
            ),
            "registered_low": low["registered"],
            "registered_high": high["registered"],
            "share_low": share_low,
            "share_high": share_high,
            "basis": basis,
        }
    )
    least = table["operating_low"] / table["share_high"]
    most = table["operating_high"] / table["share_low"].clip(lower=1e-9)
    table["registered_low"] = np.maximum(table["registered_low"], least)
    table["registered_high"] = np.minimum(table["registered_high"], most)
    return Bounds(table)


def _seen(
    counts: Counts, reading: str, year: int, measure: str
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return the lowest and highest count by what is seen elsewhere, and the basis of both."""
    mine = counts.known[reading][measure][year]
    other = counts.known[counts.other(reading)][measure][year]
    people = counts.people[year]
    ratio, rate = (mine / other).dropna(), (mine / people).dropna()
    unknown = counts.regions_without(reading, year)
    has = other.loc[unknown].notna()
    per = other.loc[unknown].where(has, people.loc[unknown])
    low = per * np.where(has, ratio.min(), rate.min())
    high = per * np.where(has, ratio.max(), rate.max())
    return low, high, pd.Series(np.where(has, "other count", "inhabitants"), unknown)


def columns_of(counts: Counts, reading: str, year: int, drawn: np.ndarray) -> np.ndarray:
    """Turn drawn counts into P10 and P11 of all regions.

    Parameters
    ----------
    counts : Counts
    reading, year : which known values to take
    drawn : array, shape (n, unknown regions, 2)

    Returns
    -------
    array, shape (n, regions, 2)
        Operating units per 1,000 km² and registered units per 100,000 inhabitants.
    """
    known = np.stack([counts.known[reading][m][year].to_numpy() for m in MEASURES], axis=-1)
    values = np.repeat(known[None], len(drawn), axis=0)
    values[:, np.isnan(known).any(axis=1)] = drawn
    values[..., 0] *= 1000 / counts.area[year].to_numpy()
    values[..., 1] *= 100_000 / counts.people[year].to_numpy()
    return values


def ends_of(counts: Counts, reading: str, year: int, table: pd.DataFrame) -> list[np.ndarray]:
    """Return the bounds of P10 and P11 of all regions: two arrays, shape (regions, 2)."""
    found = []
    for end in ("low", "high"):
        bound = table[[f"{measure}_{end}" for measure in MEASURES]].to_numpy()
        found.append(columns_of(counts, reading, year, bound[None])[0])
    return found
