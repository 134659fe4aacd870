"""What the paper says and ``results.json`` does not hold: derived from the tables, never typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import yaml
from hclustkit import validity
from hclustkit.errors import InputError

from kzclusters.analysis import claims, results
from kzclusters.evidence import article, indicators, sources
from kzclusters.publish.paper.project import Project
from kzclusters.publish.paper.values import WORDS, listing

RECOVERED = 0.75
"""Mean Jaccard similarity from which a cluster counts as stable (Hennig 2007, as in fpc)."""
STRONG = 0.95
"""AU value usually read as strong support (Suzuki and Shimodaira 2006)."""


def everything(project: Project) -> dict[str, Any]:
    """Results of the notebooks and, under ``facts``, what is derived here."""
    found = results.load(project.processed)
    if "robustness" not in found:
        raise InputError("data/processed/robustness.json: the file is missing; run `make`")
    return {**found, "facts": facts(project, found)}


def frame(project: Project, name: str, **options: Any) -> pd.DataFrame:
    """A table of ``data/processed``.

    Raises
    ------
    InputError
        It is missing.
    """
    path = project.processed / name
    if not path.is_file():
        raise InputError(f"{project.shown(path)}: the file is missing; run `make`")
    return pd.read_csv(path, **options)


def names(project: Project) -> dict[str, str]:
    """Code of a region → its English name."""
    return sources.regions(project.raw)["name_en"].to_dict()


def facts(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    """All derived values, by subject."""
    return {
        "study": _study(project),
        "sources": _sources(project),
        "regions": _regions(project),
        "scaling": _scaling(project, found),
        "distances": _distances(project),
        "correlations": _correlations(project),
        "merges": _merges(project, found),
        "silhouettes": _silhouettes(project),
        "stability": _stability(project),
        "bootstrap": _bootstrap(project),
        "gap": _gap(project),
        "votes": _votes(found),
        "linkages": _linkages(project),
        "published": _published(project, found),
        "relations": _relations(found),
        "clusters": _clusters(found),
        "contrasts": _contrasts(project, found),
        "grid": _grid(project, found),
        "exact": _exact(found),
        "recovery": _recovery(found),
        "pairs": _pairs(project, found),
        "shares": _shares(project, found),
        "apart": _apart(found),
        "by_number": _by_number(found),
        "permutation": _permutation(found),
        "noise": _noise(project),
        "leave_out": _leave_out(project),
        "claims": _claims(project, found),
        "errata": {"n_kinds": len(found["errata"]["kinds"])},
        "groups": _groups(),
        "concepts": {
            section: len(entries)
            for section, entries in article.content(project.raw).items()
            if isinstance(entries, list)
        },
        "helix": _helix(project),
    }


def _study(project: Project) -> dict[str, Any]:
    study = yaml.safe_load((project.root / "study.yml").read_text(encoding="utf-8"))
    years = study["parameters"]["years"]
    citation = yaml.safe_load((project.root / "CITATION.cff").read_text(encoding="utf-8"))
    return {
        "first_year": min(years),
        "last_year": max(years),
        "n_years": len(years),
        "draws": study["parameters"]["draws"],
        "version": str(citation["version"]),
        "authors": [author["name"] for author in citation["authors"]],
    }


def _sources(project: Project) -> dict[str, Any]:
    every = sources.resources(project.raw)
    series = [entry for entry in every if entry["role"] == "series"]
    present = [entry for entry in series if entry["present"]]
    return {
        "n_series": len(present),
        "n_absent": len(series) - len(present),
        "absent": [f"`{entry['path']}`" for entry in series if not entry["present"]],
        "n_sums": len(sources.descriptor(project.raw).get("rules", [])),
        "n_from_publisher": sum("kazstat/" in entry["read_from"] for entry in present),
        "n_from_others": sum("kazstat/" not in entry["read_from"] for entry in present),
    }


def _regions(project: Project) -> dict[str, Any]:
    kinds = sources.regions(project.raw)["kind"]
    neighbours = pd.read_csv(project.raw / "neighbours.csv")
    return {
        "n_oblasts": int((kinds == "oblast").sum()),
        "n_cities": int((kinds == "city").sum()),
        "n_borders": len(neighbours),
        "borders": [
            f"{a.removeprefix('KZ-')}–{b.removeprefix('KZ-')}"
            for a, b in neighbours.iloc[:, :2].itertuples(index=False)
        ],
    }


def baseline_values(project: Project, found: Mapping[str, Any]) -> pd.DataFrame:
    """Regions × indicators of the baseline, in their own units."""
    base = found["baseline"]
    long = frame(project, "indicators.csv", keep_default_na=False, na_values={"value": [""]})
    chosen = long[long["year"] == base["year"]]
    columns = {}
    for column in base["indicators"]:
        code, _, variant = column.partition(":")
        rows = chosen[(chosen["indicator"] == code) & (chosen["variant"] == variant)]
        columns[column] = rows.set_index("region")["value"]
    return pd.DataFrame(columns).reindex(list(names(project)))


def indicator_name(column: str) -> str:
    return indicators.registry()[column.partition(":")[0]].name


def _scaling(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    shares = indicators.distance_shares(baseline_values(project, found))
    top = shares.idxmax()
    return {
        "top": top,
        "top_name": indicator_name(top),
        "top_share": float(shares[top]),
        "next": shares.drop(index=top).idxmax(),
    }


def _pairs_of(table: pd.DataFrame) -> pd.Series:
    """The cells below the diagonal, by (row, column)."""
    below = np.tril(np.ones(table.shape, dtype=bool), k=-1)
    return table.where(below).stack().dropna()


def _distances(project: Project) -> dict[str, Any]:
    squared = _pairs_of(frame(project, "proximity_matrix.csv", index_col=0))
    named = names(project)
    nearest, farthest = squared.idxmin(), squared.idxmax()
    return {
        "n_pairs": len(squared),
        "nearest": [named[code] for code in sorted(nearest)],
        "nearest_value": float(squared.min()),
        "farthest": [named[code] for code in sorted(farthest)],
        "farthest_value": float(squared.max()),
        "median": float(squared.median()),
    }


def _correlations(project: Project) -> dict[str, Any]:
    r = _pairs_of(frame(project, "standardized.csv", index_col=0).corr())
    order = r.abs().sort_values(ascending=False, kind="stable").index
    return {
        "pairs": [
            {
                "first": min(pair, key=_place),
                "second": max(pair, key=_place),
                "first_name": indicator_name(min(pair, key=_place)),
                "second_name": indicator_name(max(pair, key=_place)),
                "r": float(r[pair]),
            }
            for pair in order[:5]
        ]
    }


def _place(column: str) -> int:
    return list(indicators.registry()).index(column.partition(":")[0])


def _merges(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    schedule = frame(project, "agglomeration_schedule.csv")
    n, k = found["baseline"]["n_regions"], found["baseline"]["n_clusters"]
    increase = schedule["coefficient"].diff().fillna(schedule["coefficient"])
    named = names(project)
    last_made, first_refused = n - k, n - k + 1
    first = schedule.iloc[0]
    return {
        "n": len(schedule),
        "first": [named[first["label_1"]], named[first["label_2"]]],
        "first_coefficient": float(first["coefficient"]),
        "last_coefficient": float(schedule["coefficient"].iloc[-1]),
        "n_minus_1": n - 1,
        "last_made_members": _members_after(schedule, last_made, named),
        "last_made": float(increase[schedule["stage"] == last_made].iloc[0]),
        "first_refused": float(increase[schedule["stage"] == first_refused].iloc[0]),
        "final_jump": float(increase.iloc[-1]),
        "final_share": float(increase.iloc[-1] / schedule["coefficient"].iloc[-1]),
        "ties": int(schedule["tie"].sum()),
    }


def _members_after(schedule: pd.DataFrame, stage: int, named: Mapping[str, str]) -> list[str]:
    """The members of the cluster that a stage makes, in case order."""
    order = list(named)
    inside: dict[str, set[str]] = {code: {code} for code in order}
    for row in schedule[schedule["stage"] <= stage].itertuples():
        inside[row.label_1] = inside[row.label_1] | inside[row.label_2]
        made = inside[row.label_1]
    return [named[code] for code in sorted(made, key=order.index)]


def _silhouettes(project: Project) -> dict[str, Any]:
    table = frame(project, "silhouettes.csv", index_col=0)
    named = names(project)
    return {
        "negative": [named[code] for code in table.index[table["width"] < 0]],
        "best": named[table["width"].idxmax()],
        "best_width": float(table["width"].max()),
    }


def _stability(project: Project) -> dict[str, Any]:
    table = frame(project, "cluster_stability.csv")
    many = table[table["size"] > 1]
    best, worst = many["jaccard_mean"].idxmax(), many["jaccard_mean"].idxmin()
    single = table[table["size"] == 1]
    resamples, used = int(table["n_resamples"].iloc[0]), int(table["n_used"].min())
    return {
        "n_resamples": resamples,
        "n_left_out": resamples - used,
        "n_many": len(many),
        "n_single": len(single),
        "threshold": RECOVERED,
        "stable": [int(k) for k in many.loc[many["jaccard_mean"] >= RECOVERED, "cluster"]],
        "n_stable": int((many["jaccard_mean"] >= RECOVERED).sum()),
        "best": int(table.loc[best, "cluster"]),
        "best_jaccard": float(table.loc[best, "jaccard_mean"]),
        "worst": int(table.loc[worst, "cluster"]),
        "worst_jaccard": float(table.loc[worst, "jaccard_mean"]),
        "single_ceiling": float(single["ceiling"].max()),
    }


def _bootstrap(project: Project) -> dict[str, Any]:
    table = frame(project, "multiscale_bootstrap.csv").iloc[:-1]
    strong = table[table["au"] >= STRONG]
    return {
        "n_merges": len(table),
        "threshold": STRONG,
        "n_strong": len(strong),
        "lowest_bp_among_strong": float(strong["bp"].min()) if len(strong) else None,
        "highest_bp": float(table["bp"].max()),
    }


def _gap(project: Project) -> dict[str, Any]:
    table = frame(project, "gap_statistic.csv")
    votes = frame(project, "validity_votes.csv").set_index("index")
    return {
        "best": int(table.set_index("k")["gap"].idxmax()),
        "largest_tried": int(table["k"].max()),
        "first_rule": validity.gap_choice(table, "Tibs2001SEmax"),
        "in_the_vote": int(votes.at["gap", "best_k"]),
    }


def _votes(found: Mapping[str, Any]) -> dict[str, Any]:
    votes = found["votes"]
    by_k = {int(k): n for k, n in votes["by_k"].items()}
    others = [k for k in by_k if k != votes["favourite"]] or [votes["favourite"]]
    second = max(others, key=lambda k: (by_k[k], -k))
    return {"second": second, "n_second": by_k[second]}


def _linkages(project: Project) -> dict[str, Any]:
    table = frame(project, "linkages.csv", index_col=0)
    column = next(name for name in table.columns if name.startswith("adjusted Rand"))
    others = table.drop(index="ward")
    same = others.index[np.isclose(others[column], 1)]
    different = others.drop(index=same)
    return {
        "same": list(same),
        "n_same": len(same),
        "different": list(different.index),
        "lowest": float(others[column].min()),
        "best_cophenetic": str(table["cophenetic correlation"].idxmax()),
        "best_cophenetic_value": float(table["cophenetic correlation"].max()),
    }


def _published(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    sizes = article.published_clusters(project.raw).value_counts()
    return {
        "n_single": int((sizes == 1).sum()),
        "largest": int(sizes.max()),
        "multi_recovered": [
            key
            for key, fate in found["published"].items()
            if fate["recovered_exactly"] and len(fate["members"]) > 1
        ],
    }


def _relations(found: Mapping[str, Any]) -> dict[str, Any]:
    """Published clusters by what became of them."""
    groups: dict[str, list[str]] = {}
    for key, fate in found["published"].items():
        groups.setdefault(fate["relation"].replace(" ", "_"), []).append(key)
    wanted = ("recovered", "merged", "split", "split_and_merged")
    return {name: groups.get(name, []) for name in wanted} | {
        f"n_{name}": len(groups.get(name, [])) for name in wanted
    }


def _clusters(found: Mapping[str, Any]) -> dict[str, Any]:
    """What sets each of our clusters apart, in words."""
    plain = [key for key, entry in found["clusters"].items() if not entry["sets_apart"]]
    return {
        "apart": {
            key: [
                f"{'high' if item['z'] > 0 else 'low'} "
                f"{_lower(indicator_name(item['indicator']))} ({item['z']:+.2f})".replace(
                    "-", "\N{MINUS SIGN}"
                )
                for item in entry["sets_apart"]
            ]
            for key, entry in found["clusters"].items()
        },
        "plain": plain,
        "n_plain": len(plain),
        "single": [
            entry["members"][0] for entry in found["clusters"].values() if entry["size"] == 1
        ],
        "n_single": sum(entry["size"] == 1 for entry in found["clusters"].values()),
        "n_many": sum(entry["size"] > 1 for entry in found["clusters"].values()),
        "many_sizes": [
            WORDS[size] if size < len(WORDS) else str(size)
            for size in sorted({e["size"] for e in found["clusters"].values()} - {1})
        ],
        "mean_size": found["baseline"]["n_regions"] / found["baseline"]["n_clusters"],
    }


def _contrasts(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    """In what the members of each published cluster differ most and least."""
    z = frame(project, "standardized.csv", index_col=0).rename(index=names(project))
    made = {}
    for key, fate in found["published"].items():
        if len(fate["members"]) < 2:
            continue
        inside = z.loc[fate["members"]]
        spread = (inside.max() - inside.min()).sort_values(kind="stable")
        squared = [
            float(((inside.iloc[i] - inside.iloc[j]) ** 2).sum())
            for i in range(len(inside))
            for j in range(i)
        ]
        made[key] = {
            "most": [_lower(indicator_name(column)) for column in spread.index[:-4:-1]],
            "least": [_lower(indicator_name(column)) for column in spread.index[:3]],
            "largest_distance": max(squared),
        }
    return made


def _lower(name: str) -> str:
    """A name inside a sentence: "Private investment" → "private investment", "GRP" stays."""
    return name if re.match(r"[A-Z&]{2,}|R&D", name) else name[0].lower() + name[1:]


def _grid(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    study = yaml.safe_load((project.root / "study.yml").read_text(encoding="utf-8"))
    described = indicators.describe()
    base = {column.partition(":")[0] for column in found["baseline"]["indicators"]}
    other = described[(described["variant"] != "") & described["indicator"].isin(base)]
    ks = study["parameters"]["grid"]["consensus_ks"]
    return {
        "n_years": len(found["robustness"]["grid"]["years"]),
        "n_scalings": len(found["robustness"]["grid"]["scalings"]),
        "n_linkages": len(found["robustness"]["grid"]["linkages"]),
        "n_variants": len(other),
        "with_variants": sorted(set(other["indicator"]), key=_place),
        "k_min": min(ks),
        "k_max": max(ks),
    }


def _exact(found: Mapping[str, Any]) -> dict[str, Any]:
    exact = found["robustness"]["exact"]
    return {
        "years": sorted({entry["year"] for entry in exact}),
        "scalings": sorted({entry["scaling"] for entry in exact}),
        "linkages": sorted({entry["linkage"] for entry in exact}),
        "fewest": min((entry["n_indicators"] for entry in exact), default=0),
        "most": max((entry["n_indicators"] for entry in exact), default=0),
    }


def _recovery(found: Mapping[str, Any]) -> dict[str, Any]:
    verdict, recovery = found["robustness"]["verdict"], found["robustness"]["recovery"]

    def told(keys: list[str]) -> list[str]:
        return [f"{key} ({listing(recovery[key]['members'])})" for key in keys]

    between = sorted(verdict["depends"], key=lambda key: -recovery[key]["share"])
    return {
        "solid": told(verdict["solid"]),
        "depends": told(between),
        "fragile": told(verdict["fragile"]),
        "n_solid": len(verdict["solid"]),
        "n_depends": len(verdict["depends"]),
        "n_fragile": len(verdict["fragile"]),
        "solid_sizes": sorted({len(recovery[key]["members"]) for key in verdict["solid"]}),
        "highest_depends": max((recovery[key]["share"] for key in between), default=0.0),
        "lowest_depends": min((recovery[key]["share"] for key in between), default=0.0),
    }


def _groups() -> list[str]:
    """The article's groups of indicators with their codes."""
    groups: dict[str, list[str]] = {}
    for item in indicators.registry().values():
        groups.setdefault(item.group, []).append(item.code)
    return [
        f"{name} ({codes[0]})"
        if len(codes) == 1
        else f"{name} ({codes[0]} to {codes[-1]})"
        if len(codes) > 2
        else f"{name} ({codes[0]} and {codes[1]})"
        for name, codes in groups.items()
    ]


def _pairs(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    pairs = found["robustness"]["pairs"]
    together = frame(project, "coassociation.csv", index_col=0)
    cities = sources.regions(project.raw).query("kind == 'city'").index
    return {
        "ratio": pairs["inside"] / pairs["outside"],
        "cities_together": float(together.loc[cities[0], cities[1]]),
    }


def _shares(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    table = frame(project, "variance_shares.csv", index_col=0)
    ranked = sorted(found["robustness"]["shares"].items(), key=lambda item: -item[1])
    registry = indicators.registry()
    return {
        "top": [
            {
                "name": f"{code} ({_lower(registry[code].name)})" if code in registry else code,
                "shapley": share,
            }
            for code, share in ranked
        ],
        "first_order_sum": float(table["first_order"].sum()),
    }


def _by_number(found: Mapping[str, Any]) -> dict[str, Any]:
    """The index with the smallest and with the largest sets of indicators."""
    by_number = {
        int(size): entry["mean"]
        for size, entry in found["robustness"]["agreement"]["by_number"].items()
    }
    fewest, most = min(by_number), max(by_number)
    return {
        "fewest": fewest,
        "fewest_mean": by_number[fewest],
        "most": most,
        "most_mean": by_number[most],
    }


def _apart(found: Mapping[str, Any]) -> dict[str, Any]:
    """Regions that are most often a cluster of their own."""
    regions = found["robustness"]["apart"]["regions"]
    single = [name for name, share in regions.items() if share >= 0.5]
    single.sort(key=lambda name: -regions[name])
    return {
        "single": single,
        "n_single": len(single),
        "told": [f"{name} ({100 * regions[name]:.0f}%)" for name in single],
        "highest_other": max(share for name, share in regions.items() if name not in single),
    }


def _permutation(found: Mapping[str, Any]) -> dict[str, Any]:
    tests = found["robustness"]["permutation"].values()
    return {
        "largest_p": max(test[statistic]["p"] for test in tests for statistic in ("max", "mean")),
        "floor": max(1 / (test["draws"] + 1) for test in tests),
        "draws": max(test["draws"] for test in tests),
    }


def _noise(project: Project) -> dict[str, Any]:
    table = frame(project, "noise_survival.csv")
    single, many = table[table["size"] == 1], table[table["size"] > 1]
    levels = sorted(table["level"].unique())
    middle = many[many["level"] == levels[len(levels) // 2]]
    return {
        "levels": [f"{100 * level:g}%" for level in levels],
        "smallest": levels[0],
        "middle": levels[len(levels) // 2],
        "largest": levels[-1],
        "single_lowest": float(single["survived"].min()),
        "many_lowest": float(middle["survived"].min()),
        "many_highest": float(middle["survived"].max()),
    }


def _leave_out(project: Project) -> dict[str, Any]:
    table = frame(project, "leave_out.csv", keep_default_na=False)
    named = names(project)

    def told(kind: str, code: str) -> str:
        if kind == "object":
            return named[code]
        return f"{code} ({_lower(indicator_name(code))})" if kind == "indicator" else code

    found = {}
    for kind, rows in table.groupby("kind", sort=False):
        ari = rows["ari_reference"]
        low, high = ari[np.isclose(ari, ari.min())].index, ari[np.isclose(ari, ari.max())].index
        unchanged = rows[rows["clusters_changed"] == 0]["left_out"]
        found[kind] = {
            "n": len(rows),
            "n_unchanged": len(unchanged),
            "unchanged": [told(kind, code) for code in unchanged],
            "lowest": [told(kind, code) for code in rows.loc[low, "left_out"]],
            "lowest_value": float(ari.min()),
            "highest": [told(kind, code) for code in rows.loc[high, "left_out"]],
            "highest_value": float(ari.max()),
        }
    return found


def _claims(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    table = frame(project, "claims.csv", keep_default_na=False)
    testable = table[table["verdict"] != claims.UNTESTABLE]
    same = testable[testable["years_agreeing"] == testable["years_tested"]]
    close = table[table["test"] == "close_values"]
    by_year = frame(project, "claims_evidence.csv", keep_default_na=False)
    by_year = by_year[by_year["level"] == "claim"].groupby("year")["verdict"].value_counts()
    by_year = by_year.unstack(fill_value=0)
    partly_tested = table[(table["verdict"] == claims.SUPPORTED) & (table["testable"] == "partly")]
    return {
        "supported_lowest": int(by_year[claims.SUPPORTED].min()),
        "supported_highest": int(by_year[claims.SUPPORTED].max()),
        "not_lowest": int(by_year[claims.NOT_SUPPORTED].min()),
        "not_highest": int(by_year[claims.NOT_SUPPORTED].max()),
        "n_supported_partly_tested": len(partly_tested),
        "chance": claims.P_SUPPORTED * len(close),
        "close_partly": int((close["verdict"] == claims.PARTLY).sum()),
        "close_not": int((close["verdict"] == claims.NOT_SUPPORTED).sum()),
        "years_of": {row.id: int(row.years_agreeing) for row in table.itertuples()},
        "n_testable": len(testable),
        "n_every_year": len(same),
        "n_close": len(close),
        "close_supported": int((close["verdict"] == claims.SUPPORTED).sum()),
        "p_supported": claims.P_SUPPORTED,
        "p_partly": claims.P_PARTLY,
        "z_margin": claims.Z_MARGIN,
        "supported_share": found["claims"]["counts"]["supported"] / len(testable),
        "needs_missing": sorted(
            {
                code
                for cell in table.loc[table["testable"] != "fully", "missing"]
                for code in re.findall(r"P\d+", cell)
            },
            key=_place,
        ),
        "n_waiting": int(
            ((table["verdict"] == claims.UNTESTABLE) & table["missing"].str.match(r"P\d")).sum()
        ),
    }


def _helix(project: Project) -> dict[str, Any]:
    counts = article.helix_counts(project.raw)
    text = counts[counts["reading"] == "text"]
    totals = text.groupby("helix")["entries"].sum()
    business = text[text["helix"] == "business"].set_index("cluster")["entries"]
    return {
        "total": {name: int(totals[name]) for name in article.HELIX},
        "no_business": list(business.index[business == 0]),
        "n_no_business": int((business == 0).sum()),
        "rule": " ".join(article.content(project.raw)["helix_coding"]["rule"].split()),
    }
