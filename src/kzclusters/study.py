"""The study file, ``study.yml``: every choice of the analysis, read only here."""

from __future__ import annotations

import functools
import types
import typing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hclustkit.errors import fault, refusal

from kzclusters import paths

PLACES = ("out_dir", "figures_dir")
"""Parameters that say where results go; the folder of a run is chosen by its name."""

_KINDS = {int: "a whole number", float: "a number", str: "text", list: "a list", dict: "a mapping"}


@dataclass(frozen=True)
class Thresholds:
    """Limits behind words such as "stable"; what is at the limit counts as above it.

    Attributes
    ----------
    stable : mean Jaccard similarity from which a cluster is called stable (Hennig 2007)
    supported : AU or SI from which a merge is called supported (Suzuki and Shimodaira 2006)
    solid : share of all specifications from which the recovery of a cluster is called solid
    fragile : share below which it is called fragile
    alone : share from which a region is called mostly a cluster of its own
    apart : distance from the mean, in standard deviations, that sets a cluster apart
    claim_tight, claim_partly_tight : share of tighter groups up to which a claim that a cluster
        is alike is supported, or partly supported
    claim_margin : distance from the mean, in standard deviations, that "high" or "low" needs
    claim_majority : mean score over several indicators below which a claim is not supported
    """

    stable: float
    supported: float
    solid: float
    fragile: float
    alone: float
    apart: float
    claim_tight: float
    claim_partly_tight: float
    claim_margin: float
    claim_majority: float


@dataclass(frozen=True)
class MissingChoices:
    """Draws and limits of the analysis of what is missing, notebook 6.

    Attributes
    ----------
    points, corners : possible values of P10 and P11 in a cell, and corners of their bounds
    boxes : parts that bounds may be cut into for a proof
    claim_points, claim_corners : the same for the claims on business concentration
    starts, moves, most_columns : of the search for free columns that give Figure 3
    prior_draws, concentration, city_share : of the priors of P1
    least_correlation : rank correlation with regional R&D that counts as related
    proxy_draws : of proxies within their range of error
    pooled : proxies of which all years are compared at once
    without : the region without which proxies are compared once more
    headline : set of values and columns of the summary that texts put first
    """

    points: int
    corners: int
    boxes: int
    claim_points: int
    claim_corners: int
    starts: int
    moves: int
    most_columns: int
    prior_draws: int
    concentration: float
    city_share: float
    least_correlation: float
    proxy_draws: int
    pooled: list[str]
    without: str
    headline: list[str]


@dataclass(frozen=True)
class SpaceChoices:
    """Choices of the analysis of where the regions lie, notebook 7.

    Attributes
    ----------
    moran_draws, level : random orders of each test of association, false discovery rate
    surrogates, alpha_surrogates : tables of each kind of reference; of each share of space
    scale : how features and space are scaled, see `hclustkit.space.soft.SCALES`
    location : the indicator that is location itself
    classes : of the maps of indicators
    """

    moran_draws: int
    level: float
    surrogates: int
    alpha_surrogates: int
    scale: str
    location: str
    classes: int


@dataclass(frozen=True)
class OwnChoices:
    """Choices of the analysis of the article's own setting, notebook 4.

    Attributes
    ----------
    cities : the regions whose standing apart is followed
    alike, exact : indicators that are nearly one, and those without error
    error_of_one : relative error of one indicator alone
    kmeans_starts, components : of k-means; principal components before Ward
    other_margin : of "high" and "low", beside the threshold
    power_factors, power_tables, power_references : of the power of the gap statistic
    """

    cities: list[str]
    alike: list[list[str]]
    exact: list[str]
    error_of_one: float
    kmeans_starts: int
    components: list[int]
    other_margin: float
    power_factors: list[float]
    power_tables: int
    power_references: int


@dataclass(frozen=True)
class Study:
    """The parameters of the study file, under their names there.

    Attributes
    ----------
    years, year : the years of the study, and the one of the baseline
    indicators : "all", or names such as ``P12:manufacturing``
    scaling, linkage, n_clusters : of the baseline
    seed : of every random draw
    grid : settings of `hclustkit.multiverse.Grid`
    own_setting : choices of `kzclusters.analysis.setting`
    draws : random references of each permutation test
    resamples : resamples of the cluster-wise bootstrap
    n_boot : resamples at each scale of the multiscale bootstrap
    gap_references : reference tables of the gap statistic
    null_draws, null_level : tables without clusters, of each kind, for the choice of k, and p
        below which the table is told apart from them
    noise_levels, survival_draws : disturbed copies of the baseline, at each relative error
    noise_draws, grid_noise_level : disturbed copies for every specification, at one error
    lesson_regions, lesson_indicators, lesson_draws : of the lesson
    missing : see `MissingChoices`
    maps : whether regions are drawn as "outlines" or as "tiles"
    space : see `SpaceChoices`
    thresholds : limits behind words
    table_path, names_path, out_dir, figures_dir : from the root of the project
    """

    years: list[int]
    year: int
    indicators: str | list[str]
    scaling: str
    linkage: str
    n_clusters: int
    seed: int
    grid: dict[str, Any]
    own_setting: dict[str, Any]
    draws: int
    resamples: int
    n_boot: int
    gap_references: int
    null_draws: int
    null_level: float
    noise_levels: list[float]
    survival_draws: int
    noise_draws: int
    grid_noise_level: float
    missing: dict[str, Any]
    maps: str
    space: dict[str, Any]
    thresholds: Thresholds
    lesson_regions: list[str]
    lesson_indicators: list[str]
    lesson_draws: int
    table_path: str
    names_path: str
    out_dir: str
    figures_dir: str


PARTS = {
    "thresholds": Thresholds,
    "missing": MissingChoices,
    "own_setting": OwnChoices,
    "space": SpaceChoices,
}
"""Parameters that are mappings, with what each holds."""
ABOVE_1 = ("apart", "claim_margin", "other_margin", "concentration", "power_factors")
"""Numbers that may exceed 1; the others are shares."""
NONE_TOO = ("seed", "noise_draws")
"""Whole numbers that may be 0."""


def parameters(path: Path | None = None) -> dict[str, Any]:
    """Read the parameters of the study file as plain values, such as notebooks take.

    Raises
    ------
    InputError
        The file is missing or malformed, a parameter is missing, unknown or of another kind.
    """
    path = path or paths.STUDY
    try:
        content = paths.read_yaml(path)
        found = dict(content["parameters"])
    except FileNotFoundError:
        raise refusal(f"{path.name}: the file is missing", path.name, "missing-file") from None
    except (KeyError, TypeError, ValueError) as error:
        text = f"{path.name}: a mapping 'parameters' is needed: {' '.join(str(error).split())}"
        raise refusal(text, path.name, "study-file") from None
    check(path.name, found)
    return found


def check(place: str, found: Any, kind: type = Study) -> None:
    """Refuse a name that ``kind`` does not have or lacks, and a value that is not of its kind.

    Parameters
    ----------
    place : str
        Where the values are listed, for the message.
    found : mapping
        Values by name.
    kind : type
        The dataclass that they fill.

    Raises
    ------
    InputError
        The first value that does not fit.
    """
    if not isinstance(found, dict):
        text = f"{place} must be a mapping, got {found!r}"
        raise refusal(text, place, "parameter-kind", found)
    hints = typing.get_type_hints(kind)
    for name in [*hints, *found]:
        if name not in found or name not in hints:
            what, rule = ("missing", "missing") if name in hints else ("not a parameter", "unknown")
            raise fault(place, f"{name!r} is {what}", f"{rule}-parameter", name)
        if name in PARTS:
            check(f"{place}: {name}", found[name], PARTS[name])
        elif not fits(found[name], hints[name]):
            text = f"{place}: {name} must be {describe_kind(hints[name])}, got {found[name]!r}"
            raise refusal(text, name, "parameter-kind", found[name])
        elif wrong := _out_of_range(name, found[name], hints[name]):
            text = f"{place}: {name} must be {wrong}, got {found[name]!r}"
            raise refusal(text, name, "range", found[name])


def _out_of_range(name: str, value: Any, kind: Any) -> str:
    """Say what numbers and lists of a parameter must be; empty where they are."""
    each = value if isinstance(value, list) else [value]
    if not each or any(each.count(one) > 1 for one in each):
        return "a list with each entry once"
    whole = float not in (kind, *typing.get_args(kind))
    least = 1 if whole and name not in NONE_TOO else 0
    most = 1e6 if name in ABOVE_1 else 1
    if whole:
        most = 2**63
    if all(least <= one <= most for one in each if isinstance(one, int | float)):
        return ""
    return f"{least} to {most:g}"


def fits(value: Any, kind: Any) -> bool:
    """Tell whether a value is of a kind, a type such as ``list[int]`` or ``str | list[str]``."""
    if isinstance(kind, types.UnionType):
        return any(fits(value, one) for one in typing.get_args(kind))
    if typing.get_origin(kind) is list:
        (item,) = typing.get_args(kind)
        return isinstance(value, list) and all(fits(one, item) for one in value)
    plain = typing.get_origin(kind) or kind
    if plain is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    return isinstance(value, plain) and (plain is bool or not isinstance(value, bool))


def describe_kind(kind: Any) -> str:
    """Say in words what a value of ``kind`` is."""
    if isinstance(kind, types.UnionType):
        return " or ".join(describe_kind(one) for one in typing.get_args(kind))
    if typing.get_origin(kind) is list:
        words = {int: "whole numbers", float: "numbers", str: "names"}
        return f"a list of {words.get(typing.get_args(kind)[0], 'lists of names')}"
    return _KINDS[typing.get_origin(kind) or kind]


def read(path: Path | None = None) -> Study:
    """Read the study file.

    Raises
    ------
    InputError
        As `parameters`.

    Examples
    --------
    >>> read().scaling
    'zscore'
    """
    found = parameters(path)
    found["thresholds"] = Thresholds(**found["thresholds"])
    return Study(**found)


@functools.cache
def kinds() -> dict[str, Any]:
    """Return the type of each parameter, by name, in the order of the study file."""
    return {field.name: typing.get_type_hints(Study)[field.name] for field in fields(Study)}


def is_baseline(**choices: Any) -> bool:
    """Say whether ``choices``, such as ``year=2013``, are those of the study file.

    Raises
    ------
    InputError
        The file has no parameter of that name.
    """
    usual = parameters()
    for name in choices:
        if name not in usual:
            text = f"{paths.STUDY.name} has no parameter {name!r}"
            raise refusal(text, paths.STUDY.name, "unknown-parameter", name)
    return all(usual[name] == value for name, value in choices.items())
