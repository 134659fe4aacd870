"""A reviewer's shortest way: Figure 3 from the raw data, and how it compares, on one screen.

``python -m kzclusters.reviewer`` reads and checks ``data/raw``, computes the baseline of the study
file without the notebooks, writes ``build/figure3.svg`` and ``.png``, and says whether the committed
figure shows the same.
"""

from __future__ import annotations

import sys
import textwrap
from typing import Any

import pandas as pd

from kzclusters import article, figures, indicators, paths, results, run, sources, ward
from kzclusters.errors import InputError
from kzclusters.figures import manifest


def compute() -> tuple[dict[str, Any], pd.Series, pd.Series]:
    """Sections of the results, the published clusters and ours, from the raw files."""
    sources.check()
    chosen = run.study()["parameters"]
    long = indicators.build(sources.series(), [chosen["year"]])
    codes = indicators.available(long, chosen["year"])
    wide = long[long["variant"] == ""].pivot(index="region", columns="indicator", values="value")
    names = sources.regions()["name_en"]
    raw = wide.loc[names.index, codes]
    tree = ward.linkage(ward.standardize(raw, chosen["scaling"]), chosen["linkage"])
    clusters = pd.Series(ward.cut(tree, chosen["n_clusters"]), index=raw.index, name="cluster")
    published = article.published_clusters().reindex(raw.index)
    found: dict[str, Any] = {
        "baseline": results.baseline(
            codes, len(raw), list(indicators.registry()),
            **{key: chosen[key] for key in ("year", "scaling", "linkage", "n_clusters")},
        ),
        "agreement": results.compare(published, clusters, names),
        "published": results.fates(published, clusters, names, article.CLUSTERS),
    }
    found["recovered"] = results.recovered(found["published"])
    return found, published, clusters


def screen(found: dict[str, Any], width: int = 78) -> str:
    """The comparison as text for one screen."""
    base, agree = found["baseline"], found["agreement"]
    lines = [
        f"Figure 3 rebuilt: {base['year']}, {base['n_indicators']} of {base['n_indicators_article']} "
        f"indicators, {base['scaling']}, {base['linkage']}, {base['n_clusters']} clusters",
        "",
        f"{'published':<46}{'came out':<18}ours",
    ]
    for numeral, fate in found["published"].items():
        name = f"{numeral:<5}{', '.join(fate['members'])}"
        lines.append(f"{name:<46}{fate['relation']:<18}{', '.join(map(str, fate['ours']))}")
        if fate["joined_by"]:
            lines.append(f"{'':<5}together with {', '.join(fate['joined_by'])}")
    lines += [
        "",
        f"recovered exactly              {found['recovered']['n']} of {found['recovered']['n_published']}: "
        f"{found['recovered']['text']}",
        f"adjusted Rand index            {agree['adjusted_rand_index']:.3f}   (same grouping 1, chance 0)",
        f"variation of information       {agree['variation_of_information']:.3f}   nats (same grouping 0)",
        f"regions that have to move      {agree['minimum_moves']}: {results.listing(agree['moved'])}",
    ]
    missing = (
        f"Missing indicators: {base['missing_text']}. Why, and what else differs from the article: "
        "data/README.md. How far the result depends on the choices: notebooks/04_robustness.ipynb."
    )
    return "\n".join([*lines, "", *textwrap.wrap(missing, width)]) + "\n"


def main() -> int:
    """Compute, draw, print."""
    try:
        found, published, clusters = compute()
        entries = manifest.read(paths.FIGURES / "manifest.yml")
        entry = manifest.fill({"figure3": entries["figure3"]}, found)["figure3"]
        names = sources.regions()["name_en"].to_dict()
        written = figures.save(
            figures.figure3(published, article.infrastructure(), clusters, names=names),
            "figure3", {"published": published, "ours": clusters},
            paths.BUILD, title=entry.title, alt=entry.alt,
        )
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(screen(found))
    print("drawn: " + ", ".join(paths.shown(path) for path in written[:2]))
    for path in written[:2]:
        kept = paths.FIGURES / path.name
        if not kept.is_file() or kept.read_bytes() != path.read_bytes():
            print(f"differs from the committed {paths.shown(kept)}", file=sys.stderr)
            return 1
    print("the same, byte for byte, as the committed figure")
    return 0


if __name__ == "__main__":
    sys.exit(main())
