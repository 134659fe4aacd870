"""Names and words among the choices of the study: each must exist before anything is executed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hclustkit import multiverse
from hclustkit.errors import InputError, refusal
from hclustkit.scaling import SCALINGS
from hclustkit.space.soft import SCALES
from hclustkit.tree.linkage import LINKAGES

from kzclusters.analysis.missing.counts import COLUMNS, SETS
from kzclusters.evidence import indicators, sources
from kzclusters.figures.space_figures import MAPS

IN_ORDER = (("fragile", "solid"), ("claim_tight", "claim_partly_tight"))
"""Limits of which the first is at most the second."""


def allowed_values() -> dict[str, Sequence[Any]]:
    """Return what may stand for each choice, or in its list, by name."""
    regions = list(sources.regions().index)
    present = {resource["name"] for resource in sources.resources() if resource["present"]}
    built = [
        f"{code}:{variant.name}" if variant.name else code
        for code, indicator in indicators.registry().items()
        for variant in indicator.variants
        if present.issuperset(variant.series)
    ]
    return {
        **dict.fromkeys(("scaling", "scalings"), list(SCALINGS)),
        **dict.fromkeys(("linkage", "linkages"), list(LINKAGES)),
        **dict.fromkeys(("lesson_regions", "cities", "without"), regions),
        **dict.fromkeys(("lesson_indicators", "pooled", "location"), built),
        **dict.fromkeys(("alike", "exact"), [code for code in built if ":" not in code]),
        "indicators": ["all", *built],
        "maps": list(MAPS),
        "scale": list(SCALES),
        "n_clusters": range(2, len(regions)),
        "components": range(1, len({code.split(":")[0] for code in built}) + 1),
        "headline": [[name, columns] for name in SETS for columns in (*COLUMNS, " ".join(COLUMNS))],
    }


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        yield from _leaves(value) if isinstance(value, Mapping) else ((name, value),)


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _each(one)
    else:
        yield value


def check(values: Mapping[str, Any], place: str = "") -> None:
    """Refuse a name that does not exist, a year outside the study, limits out of order, a bad grid.

    Parameters
    ----------
    values : mapping
        Choices of the study by name, all or some.
    place : str
        Where they are listed, for the message.

    Raises
    ------
    InputError
        The first choice that breaks a rule.
    """
    indicators.check_series({resource["name"] for resource in sources.resources()})
    allowed, found = allowed_values(), dict(_leaves(values))
    if "years" in values:
        allowed["year"] = values["years"]
    if "grid" in values and set(values["grid"]["scalings"]) <= set(SCALINGS):
        # notebook 6 asks what a missing column could do, which a scaling must limit
        allowed["scaling"] = values["grid"]["scalings"]
    for name, value in found.items():
        for one in [value] if name == "headline" else _each(value):
            if one not in allowed.get(name, [one]):
                near = difflib.get_close_matches(str(one), map(str, allowed[name]), 1, 0.7)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                text = f"{name} must be one of {', '.join(map(str, allowed[name]))}, got {one!r}"
                raise refusal(place + text + hint, name, "unknown-choice", one)
    for low, high in IN_ORDER:
        if {low, high} <= found.keys() and found[low] > found[high]:
            text = f"{place}{low} must be at most {high}, {found[high]}, got {found[low]}"
            raise refusal(text, low, "order", found[low])
    pairs = found.get("alike", [])
    if any(len(pair) != 2 for pair in pairs) or len({*_each(pairs)}) < len([*_each(pairs)]):
        text = f"{place}alike must be pairs, each indicator in one of them, got {pairs!r}"
        raise refusal(text, "alike", "pairs", pairs)
    if "grid" in values:
        sources.check()  # before they are read: its errors name file, row and rule
        long = indicators.build(sources.series(), values["years"])
        try:
            multiverse.prepare(multiverse.Grid.from_mapping(values["grid"], long), long)
        except InputError as error:
            raise refusal(f"{place}{error}", error.place, error.rule, error.value) from None
