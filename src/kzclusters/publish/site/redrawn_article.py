"""Figures of the article and of its claims, drawn once more from their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hclustkit import Tree, compare
from hclustkit.files import read_csv
from matplotlib.figure import Figure

from kzclusters import figures, paths, wording
from kzclusters.analysis import claims, coverage, store
from kzclusters.evidence import article, indicators, series
from kzclusters.publish.site.redrawn import Material


def _tanglegram(given: Material) -> Figure:
    ours, method = given.groupings["ours"], given.choices["linkage"]
    other = next(name for name in given.table("tanglegram") if name != method)
    left, right = given.tree, Tree.from_table(given.zscores, other)
    return figures.tanglegram(
        left.Z,
        right.Z,
        list(left.labels),
        ours,
        methods=(method, other),
        names=given.short,
        left_title=wording.linkage(method).capitalize(),
        right_title=wording.linkage(other).capitalize(),
        entanglement=compare.entanglement(list(left.leaf_order()), list(right.leaf_order())),
    )


def _distributions(given: Material) -> Figure:
    stored, registry = given.data("indicator_distributions"), indicators.registry()
    year = given.facts["baseline"]["year"]
    # what is stored is rounded, and a dot of the drawing shows it in its last digit
    built = indicators.build(series.series(), [year])
    values = coverage.values_of_year(built, year, stored.index)[list(stored)]
    return figures.distributions(
        values,
        units={code: given.say(registry[code].main.unit) for code in values},
        indicator_names={code: given.say(name) for code, name in given.indicator_names.items()},
        names=given.short,
    )


def _members(given: Material) -> dict[str, list[str]]:
    """Name the regions of each published cluster."""
    published = given.groupings["published"]
    return {
        key: [given.names[at] for at in group]
        for key, group in published.groupby(published).groups.items()
    }


def _claim_verdicts(given: Material) -> Figure:
    table = given.data("claim_verdicts")
    stated, verdicts = table[["cluster", "claim"]], table.drop(columns=["cluster", "claim"])
    stated = stated.assign(claim=stated["claim"].map(given.say))
    year = str(given.facts["baseline"]["year"])
    return figures.claim_matrix(verdicts, stated, baseline=year, members=_members(given))


def _claim_charts(name: str, *, alone: bool) -> Callable[[Material], Figure]:
    """Draw the charts of the claims about one region, or about several."""

    def draw(given: Material) -> Figure:
        places = given.table(name)
        places["row"] = places["row"].str.removeprefix("'")
        stated = read_csv(paths.PROCESSED / "claims.csv", index_col="id", keep_default_na=False)
        single = stated["cluster"].map(given.groupings["published"].value_counts()) == 1
        stated = stated[(single == alone) & (stated["verdict"] != claims.UNTESTABLE)]
        stated["claim"] = stated["claim"].map(given.say)
        stated["reason"] = given.say("Decided by shared borders, not by an indicator.")
        rows = {row: row.replace("-", "\N{MINUS SIGN}") for row in places["row"]}
        rows = {row: given.say(text) for row, text in (rows | {"grp_share": "GRP share"}).items()}
        return figures.claim_strips(stated, places, row_names=rows)

    return draw


def _said(part: Any, say: Callable[[str], str]) -> Any:
    """Translate every text of a nested content."""
    if isinstance(part, dict):
        return {key: _said(value, say) for key, value in part.items()}
    return [_said(value, say) for value in part] if isinstance(part, list) else say(part)


def _content(given: Material, name: str) -> Any:
    """Read what a figure of the article says, translated."""
    return _said(store.read_json(paths.FIGURES, f"{name}.json"), given.say)


def _figure1(given: Material) -> Figure:
    drawn = _content(given, "figure1")
    return figures.figure1({"figure1": drawn, "triple_helix": drawn["actors"]})


def _figure2(given: Material) -> Figure:
    return figures.figure2({"figure2": _content(given, "figure2")})


def _figure3(given: Material) -> Figure:
    published, ours = (given.groupings[name] for name in ("published", "ours"))
    listed = article.infrastructure()
    counts = listed.pop("count").astype("string").add(" ").fillna("")
    listed["organisation"] = (counts + listed["organisation"]).map(given.say)
    return figures.figure3(published, listed, ours, names=given.short, say=given.say)


FIGURES: dict[str, Callable[[Material], Figure]] = {
    "tanglegram": _tanglegram,
    "indicator_distributions": _distributions,
    "figure1": _figure1,
    "figure2": _figure2,
    "figure3": _figure3,
    "claim_verdicts": _claim_verdicts,
    "claim_charts_groups": _claim_charts("claim_charts_groups", alone=False),
    "claim_charts_cities": _claim_charts("claim_charts_cities", alone=True),
}
"""Those of the article, of its claims and of what is beside them."""
